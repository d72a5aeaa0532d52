"""Derivatives of joining and of splitting arrays."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.registry.define import defacts, defcomposite, deflinear, defvjp
from autograd.rules.batch import defbatch, everywhere, flattened, from_end
from autograd.rules.shape import along, array_of, at_least_1d, at_least_2d, at_least_3d

# --------------------------------------------------------------------------------------------------- joining


def _shapes(arrays: Any) -> list[tuple[int, ...]]:
    """Return the shape of each of the arrays that are joined: a list of them, or the rows of one array."""
    if isinstance(arrays, (list, tuple)):
        return [np.shape(a) for a in arrays]
    return [np.shape(arrays)[1:]] * np.shape(arrays)[0]


def _like_operand(parts: list[Any], arrays: Any) -> Any:
    return parts if isinstance(arrays, (list, tuple)) else np.stack(parts)


def _concatenate(
    g: Any, _: Any, _arrays: Any, axis: int | None = 0, *, dtype: Any = None, casting: str = "same_kind"
) -> Any:
    """Cut the cotangent where the arrays were joined."""
    shapes = _shapes(_arrays)
    if axis is None:
        ends = list(itertools.accumulate([math.prod(shape) for shape in shapes]))
        parts = [np.reshape(g[start:end], shape) for start, end, shape in zip([0, *ends], ends, shapes, strict=False)]
    else:
        ends = list(itertools.accumulate([shape[axis] for shape in shapes]))
        parts = [g[along(axis, np.ndim(g), slice(start, end))] for start, end in zip([0, *ends], ends, strict=False)]
    return _like_operand(parts, _arrays)


def _stack(g: Any, _: Any, _arrays: Any, *, axis: int = 0, dtype: Any = None, casting: str = "same_kind") -> Any:
    parts = [g[along(axis, np.ndim(g), i)] for i in range(g.shape[axis])]
    return _like_operand(parts, _arrays)


defvjp(np.concatenate, _concatenate, lists=True)
defvjp(np.stack, _stack, lists=True)
deflinear(np.concatenate, np.stack)


@defcomposite(np.vstack, lists=1)
def _vstack(tup: Sequence[Any], *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    return np.concatenate([at_least_2d(a) for a in tup], axis=0, dtype=dtype, casting=casting)


@defcomposite(np.hstack, lists=1)
def _hstack(tup: Sequence[Any], *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    arrays = [at_least_1d(a) for a in tup]
    return np.concatenate(arrays, axis=0 if arrays and np.ndim(arrays[0]) == 1 else 1, dtype=dtype, casting=casting)


@defcomposite(np.dstack, lists=1)
def _dstack(tup: Sequence[Any]) -> Any:
    return np.concatenate([at_least_3d(a) for a in tup], axis=2)


@defcomposite(np.column_stack, lists=1)
def _column_stack(tup: Sequence[Any]) -> Any:
    return np.concatenate([np.reshape(a, (-1, 1)) if np.ndim(a) < 2 else a for a in tup], axis=1)


@defcomposite(np.append)
def _append(arr: Any, values: Any, axis: int | None = None) -> Any:
    if axis is None:
        arr, values, axis = np.ravel(arr), np.ravel(values), 0
    return np.concatenate([arr, values], axis=axis)


@defcomposite(np.block, lists=-1)
def _block(arrays: Any) -> Any:
    """Join the innermost lists along the last axis, the lists around them along the axis before, and so on."""
    depth, ndim = _depth(arrays)
    return _joined(arrays, depth, max(depth, ndim))


def _depth(arrays: Any) -> tuple[int, int]:
    """Return how deep the lists are nested, and the largest number of axes of what stands in them."""
    if not isinstance(arrays, list):
        return 0, np.ndim(arrays)
    depths, ndims = zip(*map(_depth, arrays), strict=True)
    if len(set(depths)) > 1:
        raise ShapeError(
            f"block takes lists that are all nested to the same depth: received depths {sorted(set(depths))}."
        )
    return depths[0] + 1, max(ndims)


def _joined(arrays: Any, depth: int, ndim: int) -> Any:
    if not isinstance(arrays, list):
        return np.reshape(arrays, (1,) * (ndim - np.ndim(arrays)) + np.shape(arrays))
    return np.concatenate([_joined(a, depth - 1, ndim) for a in arrays], axis=-depth)


# --------------------------------------------------------------------------------------------------- splitting
@defcomposite(np.array_split)
def _array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Cut at the given places, or into a number of sections of which the first ones are longer by 1 if need be."""
    ary = array_of(ary)
    n = np.shape(ary)[axis]
    if np.ndim(indices_or_sections):
        cuts = [int(i) for i in indices_or_sections]
    else:
        sections = int(indices_or_sections)
        if sections <= 0:
            raise ShapeError(f"an array splits into 1 section or more: received {sections}.")
        cuts = [i * (n // sections) + min(i, n % sections) for i in range(1, sections)]
    return [
        ary[along(axis, np.ndim(ary), slice(start, end))] for start, end in zip([0, *cuts], [*cuts, n], strict=True)
    ]


@defcomposite(np.split)
def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    if not np.ndim(indices_or_sections) and np.shape(ary)[axis] % int(indices_or_sections):
        raise ShapeError(
            f"axis {axis} of length {np.shape(ary)[axis]} does not split into {int(indices_or_sections)} equal "
            "sections: np.array_split makes sections of different lengths."
        )
    return _array_split(ary, indices_or_sections, axis)


@defcomposite(np.hsplit)
def _hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    return _split(ary, indices_or_sections, axis=0 if np.ndim(ary) == 1 else 1)


@defcomposite(np.vsplit)
def _vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    return _split(ary, indices_or_sections, axis=0)


@defcomposite(np.dsplit)
def _dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    return _split(ary, indices_or_sections, axis=2)


@defcomposite(np.unstack)
def _unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
    x = array_of(x)
    return tuple(x[along(axis, np.ndim(x), i)] for i in range(np.shape(x)[axis]))


# --------------------------------------------------------------------------------------------------- batches
@defbatch(np.concatenate)
def _concatenate_batch(size: int, mapped: Any, arrays: Any, *, axis: Any = 0, **kwargs: Any) -> Any:
    if mapped[0] is True:  # one array in place of a list
        return NotImplemented
    arrays = [everywhere(x, size, flag) for x, flag in zip(arrays, mapped[0], strict=True)]
    if axis is None:
        return np.concatenate([flattened(x) for x in arrays], axis=-1, **kwargs)
    return np.concatenate(arrays, axis=from_end(axis, np.ndim(arrays[0]) - 1), **kwargs)


@defbatch(np.stack)
def _stack_batch(size: int, mapped: Any, arrays: Any, *, axis: Any = 0, **kwargs: Any) -> Any:
    if mapped[0] is True:  # one array in place of a list
        return NotImplemented
    arrays = [everywhere(x, size, flag) for x, flag in zip(arrays, mapped[0], strict=True)]
    return np.stack(arrays, axis=from_end(axis, np.ndim(arrays[0])), **kwargs)


# Before NumPy 2.4 concatenate does not tell the names of its parameters.
defacts(np.concatenate, np.stack, static=True, fresh=True, writes_out=True)
defacts(np.concatenate, parameters=("arrays", "axis", "out"))
