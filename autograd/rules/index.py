"""Derivatives of indexing, of writing into an index, and of what selects or orders elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import OperandError, ShapeError
from autograd.operations import getitem, is_basic, scatter, setitem
from autograd.registry import defcomposite, defselection, defvjp
from autograd.rules.shape import along, array_of, flat_along, sum_to


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


def _of_value(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum the cotangent of an indexed place to the shape of the value that was written there, which may have more axes, of length 1."""
    extra = max(len(shape) - np.ndim(g), 0)
    return np.reshape(sum_to(g, shape[extra:]), shape)


defvjp(getitem, lambda g, _, _x, index: Scattered(_x.shape, index, g), None)



def _has_mask(index: Any) -> bool:
    return any(each.dtype.kind == "b" for each in (index if isinstance(index, tuple) else (index,)) if hasattr(each, "dtype"))


def _written(g: Any, x: Any, index: Any) -> Any:
    """The cotangent of what was written at an index. Where an index repeats, NumPy keeps what is written last, and only that counts."""
    part = getitem(g, index)
    if is_basic(index):
        return part
    order = np.arange(part.size).reshape(part.shape)
    kept = np.zeros(x.shape, int)
    kept[index] = order
    return np.where(kept[index] == order, part, 0)


defvjp(
    setitem,
    lambda g, _, _x, index, _value: setitem(g, index, 0),
    None,
    lambda g, _, _x, index, _value: _of_value(_written(g, _x, index), np.shape(_value)),
)
defselection(getitem, setitem, when=lambda args: _has_mask(args[1]))
defvjp(scatter, lambda g, _, _parts, indices, shape: [getitem(g, index) for index in indices])


# --------------------------------------------------------------------------------------------------- selecting
def _take(g: Any, _: Any, _a: Any, indices: Any, *, axis: int | None = None, mode: str = "raise") -> Any:
    n = _a.size if axis is None else _a.shape[axis]
    if mode == "wrap":
        indices = np.remainder(indices, n)
    elif mode == "clip":
        indices = np.clip(indices, 0, n - 1)
    indices = np.asarray(indices, np.intp)
    if axis is None:
        return Scattered(_a.shape, np.unravel_index(np.where(indices < 0, indices + n, indices), _a.shape), g)
    return Scattered(_a.shape, along(axis, _a.ndim, indices), g)


defvjp(np.take, _take, None)


@defcomposite(np.take_along_axis)
def _take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """Index one axis by the given numbers, and every other axis by its own place."""
    arr, axis = flat_along(arr, axis)
    return arr[along_axis_index(np.shape(arr), indices, axis)]


def along_axis_index(shape: tuple[int, ...], indices: Any, axis: int) -> tuple[Any, ...]:
    """Return the index that takes numbers along one axis and, on every other axis, its own places."""
    if np.ndim(indices) != len(shape):
        raise ShapeError(f"numbers along an axis need as many axes as the array: received {np.ndim(indices)} and {len(shape)}.")
    places: list[Any] = list(np.indices(shape, sparse=True))
    places[axis] = indices
    return tuple(places)


@defcomposite(np.compress)
def _compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    a, axis = flat_along(a, axis)
    mask = array_of(condition).astype(bool)
    n = np.shape(a)[axis]
    if np.ndim(mask) != 1 or np.any(mask[n:]):
        raise ShapeError(f"compress takes a condition of one axis, true in none but the first {n} places: received shape {np.shape(mask)}.")
    return a[along(axis, np.ndim(a), np.concatenate([mask[:n], np.zeros(max(n - np.size(mask), 0), bool)]))]


@defcomposite(np.extract)
def _extract(condition: Any, arr: Any) -> Any:
    return _compress(np.ravel(condition), arr)


@defcomposite(np.choose)
def _choose(a: Any, choices: Any, *, mode: str = "raise") -> Any:
    """The first choice, where the number is not that of another one."""
    n = len(choices)
    if mode == "wrap":
        a = np.remainder(a, n)
    elif mode == "clip":
        a = np.clip(a, 0, n - 1)
    elif np.any(np.less(a, 0) | np.greater_equal(a, n)):
        raise OperandError(f'choose takes numbers from 0 to {n - 1}, as there are {n} choices (or mode="wrap" or mode="clip").')
    result = np.broadcast_arrays(*choices, a)[0]
    for number, choice in enumerate(choices[1:], 1):
        result = np.where(np.equal(a, number), choice, result)
    return result


@defcomposite(np.select)
def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """The choice of the first condition that holds."""
    if len(condlist) != len(choicelist):
        raise ShapeError(f"select takes as many choices as conditions: received {len(choicelist)} and {len(condlist)}.")
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = np.where(condition, choice, result)
    return result


@defcomposite(np.diff)
def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    a = array_of(a)
    ends = [np.broadcast_to(e, _end_shape(e, a, axis)) if e is not None else None for e in (prepend, append)]
    parts = [part for part in (ends[0], a, ends[1]) if part is not None]
    if len(parts) > 1:
        a = np.concatenate(parts, axis=axis)
    subtract = np.not_equal if a.dtype == bool else np.subtract
    for _ in range(n):
        a = subtract(a[along(axis, a.ndim, slice(1, None))], a[along(axis, a.ndim, slice(None, -1))])
    return a


def _end_shape(end: Any, a: Any, axis: int) -> tuple[int, ...]:
    """Return the shape of what is put before or after an array: a number gets the axes of the array, and length 1 along one."""
    if np.ndim(end):
        return np.shape(end)
    return tuple([1 if i == axis % a.ndim else n for i, n in enumerate(a.shape)])


# --------------------------------------------------------------------------------------------------- ordering
def _sort(g: Any, _: Any, x: Any, *, axis: int | None = -1, kind: Any = None, stable: Any = None) -> Any:
    """Each element gets the cotangent of the place that it came to; equal ones keep their order."""
    rows, along_axis = flat_along(x, axis)
    places = np.argsort(np.argsort(rows, axis=along_axis, kind="stable"), axis=along_axis)
    return np.reshape(np.take_along_axis(g, places, axis=along_axis), np.shape(x))


defvjp(np.sort, _sort)


@defcomposite(np.partition)
def _partition(a: Any, kth: Any, axis: int | None = -1, kind: Any = "introselect") -> Any:
    a, axis = flat_along(a, axis)
    return np.take_along_axis(a, np.argpartition(a, kth, axis=axis, kind=kind), axis=axis)
