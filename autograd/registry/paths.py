"""Paths: the way from an array to a view of it, which stands where an index can stand.

`getitem`, `setitem` and `scatter` take a `Path` in place of an index, so every rule for indexing holds for a view.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

_ndarray = np.ndarray


class Step(NamedTuple):
    """One function that takes a view of its operand.

    Attributes
    ----------
    fn : callable
    before, after : tuple
        The positional arguments on both sides of the operand.
    kwargs : dict
    """

    fn: Callable[..., Any]
    before: tuple[Any, ...]
    after: tuple[Any, ...]
    kwargs: dict[str, Any]

    def take(self, x: Any) -> Any:
        """Take the view of an array."""
        return self.fn(*self.before, x, *self.after, **self.kwargs)


class Path:
    """Steps that lead from an array to a view of it."""

    __slots__ = ("steps",)

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.steps = steps

    def __repr__(self) -> str:
        return "".join(f".{getattr(step.fn, '__name__', step.fn)}{step.after}" for step in self.steps)

    def take(self, x: Any) -> Any:
        """Follow the steps from an array."""
        for step in self.steps:
            x = step.take(x)
        return x

    def as_index(self, shape: tuple[int, ...]) -> tuple[Any, ...]:
        """Return arrays of integers, one an axis, that select the same elements of an array of a shape."""
        numbers = np.arange(math.prod(shape)).reshape(shape)
        return tuple([_locked(each) for each in np.unravel_index(self.take(numbers), shape)])


def path_of(fn: Callable[..., Any], args: Any, kwargs: dict[str, Any], position: int) -> Path:
    """Return the path of one step, a call of a function on the operand at a position."""
    return Path((Step(fn, tuple(args[:position]), tuple(args[position + 1 :]), kwargs),))


def frozen(value: Any) -> Any:
    """Return an argument in which no list can be changed later: tuples in their places."""
    return tuple(map(frozen, value)) if value.__class__ in (list, tuple) else value


def read_at(x: Any, index: Any) -> Any:
    """Return ``x[index]``, where the index can be a path."""
    return index.take(x) if index.__class__ is Path else x[index]


def write_at(x: _ndarray[Any, Any], index: Any, value: Any) -> None:
    """Do ``x[index] = value`` in place, where the index can be a path."""
    if index.__class__ is Path:
        index, x = _writeable(index, x)
    x[index] = value


def add_at(x: _ndarray[Any, Any], path: Path, value: Any) -> None:
    """Add a value to the elements at a path, in place: to one that the path shows several times, the sum."""
    index, x = _writeable(path, x)
    np.add.at(x, index, value)


def _writeable(path: Path, x: _ndarray[Any, Any]) -> tuple[Any, _ndarray[Any, Any]]:
    """Return an index and an array by which the elements at a path can be written.

    There is no view to write through where NumPy locks it, or where ``x`` lies otherwise in memory than the array whose
    view was taken, so that a step makes a copy.
    """
    part = path.take(x)
    return (..., part) if part.flags.writeable and np.may_share_memory(part, x) else (path.as_index(x.shape), x)


def is_static(index: Any) -> bool:
    """Whether an index takes a view, and always the same one: a path, or integers, slices of these, None and
    an ellipsis.
    """
    if index.__class__ is tuple:
        return all(map(is_static, index))
    if index.__class__ is slice:
        return all(each is None or _is_integer(each) for each in (index.start, index.stop, index.step))
    return index is None or index is Ellipsis or index.__class__ is Path or _is_integer(index)


def _is_integer(index: Any) -> bool:
    return index.__class__ is int or isinstance(index, np.integer)


def composed(shape: tuple[int, ...], outer: Any, inner: Any) -> Any:
    """Return the index or the path that stands for ``x[outer][inner]`` in an array ``x`` of a shape, both static.

    Examples
    --------
    >>> composed((6, 4), slice(1, 5), (0, slice(None, None, -1)))
    (1, slice(3, None, -1))
    """
    index = None if Path in (outer.__class__, inner.__class__) else _composed_index(shape, outer, inner)
    return Path((*_steps_of(outer), *_steps_of(inner))) if index is None else index


def _steps_of(index: Any) -> tuple[Step, ...]:
    return index.steps if index.__class__ is Path else (Step(operator.getitem, (), (index,), {}),)


def _composed_index(shape: tuple[int, ...], outer: Any, inner: Any) -> Any:
    """Return the index of ``x[outer][inner]``, or None where no single index selects that."""
    parts = _by_axis(outer, shape)
    lengths = [1 if part is None else len(part) for part in parts if part.__class__ is not int]
    replacing = iter(_by_axis(inner, tuple(lengths)))
    found: list[Any] = []
    for part in parts:
        if part.__class__ is int:
            found.append(part)
            continue
        for new in replacing:
            if new is None:
                found.append(None)
                continue
            if part is None:
                if new.__class__ is not int and len(new) == 1:
                    found.append(None)
                elif new.__class__ is not int:
                    return None
            else:
                found.append(part[new] if new.__class__ is int else part[_slice_of(new)])
            break
    found += list(replacing)
    return tuple([each if each is None or each.__class__ is int else _slice_of(each) for each in found])


def _by_axis(index: Any, shape: tuple[int, ...]) -> list[Any]:
    """Return an int, a range, or None (a new axis) for each part of a static index, with every axis of the shape."""
    parts = list(index) if index.__class__ is tuple else [index]
    count = sum(part is not None and part is not Ellipsis for part in parts)
    at = next((i for i, part in enumerate(parts) if part is Ellipsis), len(parts))
    parts[at : at + 1] = [slice(None)] * (len(shape) - count)
    lengths = iter(shape)
    return [
        None if part is None else range(n)[part] for part in parts for n in ([0] if part is None else [next(lengths)])
    ]


def _slice_of(numbers: range) -> slice:
    """Return the slice that selects what a range of non-negative numbers counts."""
    if not len(numbers):
        return slice(0, 0)
    stop = numbers[-1] + (1 if numbers.step > 0 else -1)
    return slice(numbers.start, stop if stop >= 0 else None, numbers.step)


def _locked(array: _ndarray[Any, Any]) -> _ndarray[Any, Any]:
    array = np.array(array)
    array.flags.writeable = False
    return array
