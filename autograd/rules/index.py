"""Derivatives of indexing, and of writing into an index."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.operations import getitem, scatter, setitem
from autograd.registry import defcomposite, defvjp


class Scattered:
    """A cotangent that is zero but at some indices: what the rule of indexing returns.

    The sweep joins those of one array, and makes one full array of them all, so that indexing in a loop stays linear.
    """

    __slots__ = ("dtype", "indices", "parts", "shape")

    def __init__(self, shape: tuple[int, ...], index: Any, part: Any) -> None:
        self.shape = shape
        self.dtype = part.dtype
        self.indices = [index]
        self.parts = [part]

    def join(self, other: Scattered) -> None:
        """Take over the parts of another one."""
        self.indices += other.indices
        self.parts += other.parts

    def dense(self) -> Any:
        """Return the full array."""
        return scatter(self.parts, self.indices, self.shape)


def _sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum a cotangent over the axes along which a value of the given shape was broadcast."""
    if np.shape(g) == shape:
        return g
    extra = np.ndim(g) - len(shape)
    if extra < 0:
        return np.reshape(g, shape)
    repeated = tuple(i + extra for i, n in enumerate(shape) if n == 1)
    return np.reshape(np.sum(g, axis=(*range(extra), *repeated)), shape)


defvjp(getitem, lambda g, _, _x, index: Scattered(_x.shape, index, g))
defvjp(
    setitem,
    lambda g, _, _x, index, _value: setitem(g, index, 0),
    None,
    lambda g, _, _x, index, _value: _sum_to(getitem(g, index), np.shape(_value)),
)
defvjp(scatter, lambda g, _, _parts, indices, shape: [getitem(g, index) for index in indices])


@defcomposite(np.take)
def _take(a: Any, indices: Any, axis: int | None = None, out: None = None, mode: str = "raise") -> Any:
    """Index along one axis; the modes "wrap" and "clip" first bring the indices into range."""
    if axis is None:
        a, axis = np.reshape(a, (-1,)), 0
    n = np.shape(a)[axis]
    if mode == "wrap":
        indices = np.remainder(indices, n)
    elif mode == "clip":
        indices = np.clip(indices, 0, n - 1)
    return a[(slice(None),) * (axis % np.ndim(a)) + (indices,)]


@defcomposite(np.take_along_axis)
def _take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    if axis is None:
        return np.reshape(arr, (-1,))[indices]
    axis %= np.ndim(arr)
    shape = np.shape(indices)
    places = [np.reshape(np.arange(n), (1,) * i + (n,) + (1,) * (len(shape) - i - 1)) for i, n in enumerate(shape)]
    places[axis] = indices
    return arr[tuple(places)]


@defcomposite(np.sort)
def _sort(a: Any, axis: int | None = -1, kind: str | None = None, order: None = None, *, stable: bool | None = None) -> Any:
    if axis is None:
        a, axis = np.reshape(a, (-1,)), 0
    return np.take_along_axis(a, np.argsort(a, axis=axis, kind=kind, stable=stable), axis=axis)
