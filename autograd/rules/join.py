"""Derivatives of joining and splitting."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.registry import defcomposite, defvjp


def _parted(g: Any, _: Any, _arrays: Any, axis: int | None = 0) -> list[Any]:
    """Cut the cotangent where the arrays were joined."""
    if axis is None:
        flat, ends = g, np.cumsum([each.size for each in _arrays])
        return [np.reshape(flat[end - each.size : end], each.shape) for each, end in zip(_arrays, ends, strict=True)]
    ends = np.cumsum([each.shape[axis] for each in _arrays])
    before = (slice(None),) * (axis % np.ndim(g))
    return [g[(*before, slice(end - each.shape[axis], end))] for each, end in zip(_arrays, ends, strict=True)]


defvjp(np.concatenate, _parted)


@defcomposite(np.stack)
def _stack(arrays: Any, axis: int = 0, out: None = None, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    kwargs = {} if dtype is None else {"dtype": dtype, "casting": casting}
    return np.concatenate([np.expand_dims(each, axis) for each in arrays], axis=axis, **kwargs)


def _joined(prepare: Any, axis: Any) -> Any:
    def body(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
        kwargs = {} if dtype is None else {"dtype": dtype, "casting": casting}
        arrays = [prepare(each) for each in tup]
        return np.concatenate(arrays, axis=axis(arrays), **kwargs)

    return body


defcomposite(np.vstack)(_joined(np.atleast_2d, lambda arrays: 0))
defcomposite(np.hstack)(_joined(np.atleast_1d, lambda arrays: 0 if np.ndim(arrays[0]) == 1 else 1))
defcomposite(np.dstack)(_joined(np.atleast_3d, lambda arrays: 2))
