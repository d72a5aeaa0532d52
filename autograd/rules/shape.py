"""Derivatives of changes of shape: the same items in other places."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.registry import defcomposite, defvjp

Axes = int | tuple[int, ...]

defvjp(np.reshape, lambda g, _, _x, shape=None, order="C", copy=None: np.reshape(g, _x.shape, order=order))
defvjp(np.ravel, lambda g, _, _x, order="C": np.reshape(g, _x.shape, order=order))
defvjp(np.expand_dims, lambda g, _, _x, axis: np.reshape(g, _x.shape))
defvjp(np.squeeze, lambda g, _, _x, axis=None: np.reshape(g, _x.shape))
defvjp(np.transpose, lambda g, _, _x, axes=None: np.transpose(g, None if axes is None else np.argsort([a % _x.ndim for a in axes])))
defvjp(np.swapaxes, lambda g, _, _x, axis1, axis2: np.swapaxes(g, axis1, axis2))
defvjp(np.moveaxis, lambda g, _, _x, source, destination: np.moveaxis(g, destination, source))
defvjp(np.flip, lambda g, _, _x, axis=None: np.flip(g, axis))
defvjp(np.roll, lambda g, _, _x, shift, axis=None: np.roll(g, np.negative(shift), axis))
defvjp(np.broadcast_to, lambda g, _, _x, shape: _summed(g, _x.shape))


def _summed(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum over the axes along which a value of the given shape was broadcast."""
    extra = np.ndim(g) - len(shape)
    axes = (*range(extra), *(i + extra for i, n in enumerate(shape) if n == 1))
    return np.reshape(np.sum(g, axis=axes), shape)


@defcomposite(np.repeat)
def _repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    if axis is None:
        a, axis = np.reshape(a, (-1,)), 0
    index = np.repeat(np.arange(np.shape(a)[axis]), repeats)
    return np.take(a, index, axis=axis)


@defcomposite(np.tile)
def _tile(A: Any, reps: Any) -> Any:
    reps = tuple(reps) if isinstance(reps, (tuple, list, np.ndarray)) else (reps,)
    shape = np.shape(A)
    reps = (1,) * (len(shape) - len(reps)) + reps
    shape = (1,) * (len(reps) - len(shape)) + shape
    pairs = [n for pair in zip(reps, shape, strict=True) for n in pair]
    spread = np.broadcast_to(np.reshape(A, tuple([n for size in shape for n in (1, size)])), pairs)
    return np.reshape(spread, tuple([r * n for r, n in zip(reps, shape, strict=True)]))


@defcomposite(np.diagonal)
def _diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    a = np.moveaxis(a, (axis1, axis2), (-2, -1))
    rows, columns = np.shape(a)[-2:]
    n = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    index = np.arange(n)
    return a[..., index - min(offset, 0), index + max(offset, 0)]


@defcomposite(np.trace)
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: None = None) -> Any:
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)
