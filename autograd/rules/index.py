"""Derivatives of indexing, of writing into an index, and of what selects or orders elements."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.errors import DtypeError, OperandError, ShapeError
from autograd.registry.define import defacts, defcomposite, deflinear, defselection, defvjp
from autograd.registry.operations import Scattered, getitem, scatter, selects_once, setitem
from autograd.registry.paths import Path
from autograd.rules.batch import along_axis, defbatch, everywhere, flattened, from_end, widened
from autograd.rules.shape import along, array_of, flat_along, sum_to


def _of_value(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum the cotangent of an indexed place to the shape of the value that was written there, which may have more axes,
    of length 1.
    """
    extra = max(len(shape) - np.ndim(g), 0)
    return np.reshape(sum_to(g, shape[extra:]), shape)


defvjp(getitem, lambda g, _, _x, index: Scattered(_x.shape, index, g), None)


def _has_mask(index: Any) -> bool:
    """Whether an index, or a part of it, is a boolean array: it selects elements by their values and drops the
    others.
    """
    return any(
        each.dtype.kind == "b" for each in (index if isinstance(index, tuple) else (index,)) if hasattr(each, "dtype")
    )


def _written(g: Any, x: Any, index: Any) -> Any:
    """The cotangent of what was written at an index. Where an index repeats, NumPy keeps what is written last, and only
    that counts.
    """
    part = getitem(g, index)
    if selects_once(index):
        return part
    order = np.arange(part.size).reshape(part.shape)
    kept = np.zeros(x.shape, int)
    kept = setitem(kept, index, order)
    return np.where(getitem(kept, index) == order, part, 0)


defvjp(
    setitem,
    lambda g, _, _x, index, _value: setitem(g, index, 0),
    None,
    lambda g, _, _x, index, _value: _of_value(_written(g, _x, index), np.shape(_value)),
)
defselection(getitem, setitem, when=lambda args: _has_mask(args[1]))
deflinear(getitem, setitem)
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
deflinear(scatter, np.take)


@defcomposite(np.take_along_axis)
def _take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """Index one axis by the given numbers, and every other axis by its own place."""
    arr, axis = flat_along(arr, axis)
    return arr[along_axis_index(np.shape(arr), indices, axis)]


def along_axis_index(shape: tuple[int, ...], indices: Any, axis: int) -> tuple[Any, ...]:
    """Return the index that takes numbers along one axis and, on every other axis, its own places."""
    if np.ndim(indices) != len(shape):
        raise ShapeError(
            f"numbers along an axis need as many axes as the array: received {np.ndim(indices)} and {len(shape)}."
        )
    places: list[Any] = list(np.indices(shape, sparse=True))
    places[axis] = indices
    return tuple(places)


@defcomposite(np.compress)
def _compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    a, axis = flat_along(a, axis)
    mask = array_of(condition).astype(bool)
    n = np.shape(a)[axis]
    if np.ndim(mask) != 1 or np.any(mask[n:]):
        raise ShapeError(
            f"compress takes a condition of one axis, true in none but the first {n} places: received shape "
            f"{np.shape(mask)}."
        )
    return a[along(axis, np.ndim(a), np.concatenate([mask[:n], np.zeros(max(n - np.size(mask), 0), bool)]))]


@defcomposite(np.extract)
def _extract(condition: Any, arr: Any) -> Any:
    return _compress(np.ravel(condition), arr)


@defcomposite(np.choose, lists=1)
def _choose(a: Any, choices: Any, *, mode: str = "raise") -> Any:
    """The first choice, where the number is not that of another one."""
    n = len(choices)
    if mode == "wrap":
        a = np.remainder(a, n)
    elif mode == "clip":
        a = np.clip(a, 0, n - 1)
    elif np.any(np.less(a, 0) | np.greater_equal(a, n)):
        raise OperandError(
            f'choose takes numbers from 0 to {n - 1}, as there are {n} choices (or mode="wrap" or mode="clip").'
        )
    result = np.broadcast_arrays(*choices, a)[0]
    for number, choice in enumerate(choices[1:], 1):
        result = np.where(np.equal(a, number), choice, result)
    return result


@defcomposite(np.select, lists=1)
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
    if n < 0:
        raise OperandError(f"diff takes the difference 0 times or more often: received n={n}.")
    if n == 0:
        return a
    ends = [np.broadcast_to(e, _end_shape(e, a, axis)) if e is not None else None for e in (prepend, append)]
    parts = [part for part in (ends[0], a, ends[1]) if part is not None]
    if len(parts) > 1:
        a = np.concatenate(parts, axis=axis)
    subtract = np.not_equal if a.dtype == bool else np.subtract
    for _ in range(n):
        a = subtract(a[along(axis, a.ndim, slice(1, None))], a[along(axis, a.ndim, slice(None, -1))])
    return a


def _end_shape(end: Any, a: Any, axis: int) -> tuple[int, ...]:
    """Return the shape of what is put before or after an array: a number gets the axes of the array, and length 1 along
    one.
    """
    if np.ndim(end):
        return np.shape(end)
    return tuple([1 if i == axis % a.ndim else n for i, n in enumerate(a.shape)])


# -------------------------------------------------------------------------------------------- putting in and taking out
# NumPy itself does so to the numbers of the places; the elements follow.


def written_as(value: Any, dtype: Any, name: str) -> Any:
    """Return a value in the dtype of the array that it is written into, and refuse a floating-point tensor among
    integers.
    """
    value = array_of(value)
    if dtype.kind not in "fc" and value.dtype.kind in "fc" and not isinstance(value, (np.ndarray, np.generic)):
        raise DtypeError(
            f"{name} would cut a tensor of dtype {value.dtype} to the dtype {dtype} of the array, and its derivative "
            "would be lost: convert the array with .astype(float) first."
        )
    return np.astype(value, dtype) if value.dtype != dtype else value


def _numbers(places: Any) -> Any:
    """Return the array that a list of places makes; an empty one holds no floating-point numbers, as it does
    otherwise.
    """
    numbers = np.asarray(places)
    return numbers if numbers.size or hasattr(places, "dtype") else numbers.astype(np.intp)


@defcomposite(np.delete)
def _delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    arr, axis = flat_along(arr, axis)
    places = np.delete(np.arange(np.shape(arr)[axis]), obj if isinstance(obj, slice) else _numbers(obj))
    return arr[along(axis, np.ndim(arr), places)]


@defcomposite(np.insert)
def _insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """Append the inserted values to the array; then take each element from its place."""
    arr, axis = flat_along(arr, axis)
    n, ndim = np.shape(arr)[axis], np.ndim(arr)
    where = np.arange(*obj.indices(n)) if isinstance(obj, slice) else _numbers(obj)
    values = written_as(values, arr.dtype, "insert")
    values = np.reshape(values, (1,) * (ndim - np.ndim(values)) + np.shape(values))
    if where.dtype == bool:
        where = np.flatnonzero(where)
    if where.ndim == 0:
        values = np.moveaxis(values, 0, axis)
    count = np.shape(values)[axis] if where.size == 1 else where.size
    if math.prod(np.shape(values)[: np.ndim(values) - ndim]) == 1:  # NumPy writes what has more axes, of length 1
        values = np.reshape(values, np.shape(values)[np.ndim(values) - ndim :])
    values = np.broadcast_to(
        values, tuple([count if i == axis % ndim else length for i, length in enumerate(np.shape(arr))])
    )
    new = np.arange(n, n + count)
    places = np.insert(np.arange(n), where.item(), new) if where.size == 1 else np.insert(np.arange(n), where, new)
    return np.concatenate([arr, values], axis=axis)[along(axis, ndim, places)]


@defcomposite(np.resize)
def _resize(a: Any, new_shape: Any) -> Any:
    """Repeat the elements until they fill the new shape."""
    a, size = flat_along(a, None)[0], int(np.prod(new_shape))
    if size < 0:
        raise ShapeError(f"resize takes lengths from 0 on: received the shape {new_shape}.")
    if np.size(a) == 0:
        return np.zeros(new_shape, a.dtype)
    return np.reshape(a[np.arange(size) % np.size(a)], new_shape)


@defcomposite(np.trim_zeros)
def _trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    filt, trim = array_of(filt), trim.lower()
    if trim not in ("f", "b", "fb", "bf"):
        raise OperandError(f'trim_zeros trims the front, "f", the back, "b", or both, "fb": received trim={trim!r}.')
    places = np.argwhere(filt)
    axes = (
        range(np.ndim(filt))
        if axis is None
        else [i % np.ndim(filt) for i in (axis if isinstance(axis, tuple) else (axis,))]
    )
    index = [slice(None)] * np.ndim(filt)
    for i in axes:
        first, last = (int(np.min(places[:, i])), int(np.max(places[:, i])) + 1) if len(places) else (0, 0)
        index[i] = slice(
            first if "f" in trim or not len(places) else None, last if "b" in trim or not len(places) else None
        )
    return filt[tuple(index)]


@defcomposite(np.ix_)
def _ix(*args: Any) -> Any:
    """Each array along an axis of its own; a mask stands for the places that it selects."""
    arrays = [np.flatnonzero(a) if a.dtype == bool else a for a in map(array_of, args)]
    if any(np.ndim(a) != 1 for a in arrays):
        raise ShapeError(
            f"ix_ takes arrays with one axis: received shapes {', '.join(str(np.shape(a)) for a in arrays)}."
        )
    arrays = [
        np.astype(a, np.intp) if not np.size(a) and isinstance(given, (list, tuple)) else a
        for a, given in zip(arrays, args, strict=True)
    ]
    return tuple([np.reshape(a, [np.size(a) if i == k else 1 for i in range(len(args))]) for k, a in enumerate(arrays)])


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


@defcomposite(np.sort_complex)
def _sort_complex(a: Any) -> Any:
    ordered = np.sort(array_of(a))
    small = np.result_type(ordered.dtype) in (np.int8, np.uint8, np.int16, np.uint16)
    return ordered if np.iscomplexobj(ordered) else np.astype(ordered, np.complex64 if small else np.complex128)


# --------------------------------------------------------------------------------------------------- batches
def _behind(index: Any) -> tuple[tuple[Any, ...], int] | None:
    """Return an index that selects the same behind one more axis, and where that axis then stands; None for what is not
    an index of arrays.

    NumPy puts the axes of arrays in an index first where a slice stands between two of them.
    """
    parts = [
        np.asarray(each) if isinstance(each, list) else each
        for each in (index if isinstance(index, tuple) else (index,))
    ]
    arrays = [each for each in parts if isinstance(each, np.ndarray)]
    if any(
        isinstance(each, (bool, np.bool_)) or (isinstance(each, np.ndarray) and not each.ndim and each.dtype == bool)
        for each in parts
    ):
        return None
    if not all(
        each is None or each is Ellipsis or isinstance(each, (int, np.integer, slice, np.ndarray)) for each in parts
    ):
        return None
    advanced = [i for i, each in enumerate(parts) if arrays and isinstance(each, (int, np.integer, np.ndarray))]
    if not advanced or advanced[-1] - advanced[0] == len(advanced) - 1:
        return (slice(None), *parts), 0
    shapes = [np.shape(each) if each.dtype != bool else (np.count_nonzero(each),) for each in arrays]
    return (slice(None), *parts), len(np.broadcast_shapes(*shapes))


def _path_as_index(index: Any, shape: tuple[int, ...]) -> Any:
    """Return arrays of integers in place of a path, whose steps know nothing of the axis of the batch."""
    return index.as_index(shape) if index.__class__ is Path else index


@defbatch(getitem)
def _getitem_batch(size: int, mapped: Any, x: Any, index: Any) -> Any:
    if _any(mapped[1]):
        return _picked(size, mapped, x, index)
    found = _behind(_path_as_index(index, np.shape(x)[1:]))
    if found is None:
        return NotImplemented
    result = getitem(x, found[0])
    return np.moveaxis(result, found[1], 0) if found[1] else result


def _picked(size: int, mapped: Any, x: Any, index: Any) -> Any:
    """An index of integers that differs along the axis, for every axis of ``x`` or the first ones: the axis indexes
    itself.
    """
    if not isinstance(index, tuple):
        index, flags = (index,), (mapped[1],)
    else:
        flags = mapped[1]
    if any(
        np.result_type(part).kind not in "iu" if hasattr(part, "dtype") else not isinstance(part, (int, np.integer))
        for part in index
    ):
        return NotImplemented
    if not all(isinstance(part, (int, np.integer, np.ndarray)) for part in index):
        return NotImplemented
    ndim = max(np.ndim(part) - bool(flag) for part, flag in zip(index, flags, strict=True))
    parts = [widened(part, ndim) if flag else part for part, flag in zip(index, flags, strict=True)]
    if not mapped[0]:
        return getitem(x, tuple(parts))
    return getitem(x, (np.reshape(np.arange(size), (size,) + (1,) * ndim), *parts))


@defbatch(setitem)
def _setitem_batch(size: int, mapped: Any, x: Any, index: Any, value: Any) -> Any:
    found = None if _any(mapped[1]) else _behind(_path_as_index(index, np.shape(x)[mapped[0] :]))
    if found is None or found[1]:
        return NotImplemented
    x = everywhere(x, size, mapped[0])
    if mapped[2]:
        width = np.ndim(getitem(x, found[0])) - 1
        value = (
            np.reshape(value, (size, *np.shape(value)[np.ndim(value) - width :]))
            if np.ndim(value) - 1 > width
            else widened(value, width)
        )
    return setitem(x, found[0], value)


@defbatch(scatter)
def _scatter_batch(size: int, mapped: Any, parts: Any, *, indices: Any, shape: Any) -> Any:
    behind = [_behind(_path_as_index(index, shape)) for index in indices]
    if any(found is None for found in behind):
        return NotImplemented
    parts = [everywhere(part, size, flag) for part, flag in zip(parts, mapped[0], strict=True)]
    moved = [
        np.moveaxis(part, 0, found[1]) if found and found[1] else part
        for part, found in zip(parts, behind, strict=True)
    ]
    return scatter(moved, [found[0] for found in behind if found], (size, *shape))


def _any(flags: Any) -> bool:
    return any(_any(each) for each in flags) if isinstance(flags, (tuple, list)) else flags is True


@defbatch(np.take)
def _take_batch(size: int, mapped: Any, x: Any, indices: Any, *, axis: Any = None, mode: Any = "raise") -> Any:
    if _any(mapped[1]):
        return NotImplemented
    if axis is None:
        return np.take(flattened(x), indices, -1, mode=mode)
    return np.take(x, indices, from_end(axis, np.ndim(x) - 1), mode=mode)


defacts(np.sort, batch=along_axis(np.sort, -1))

# An index may be a view, or select by values: see `autograd.program.passes.lower`.
defacts(getitem, static=True, fresh=False)
defacts(setitem, scatter, static=True, fresh=True, writes_out=True)
defacts(np.take, np.sort, static=True, fresh=True)
