"""Grids and joins: NumPy's objects that are indexed, not called, `r_`, `c_`, `mgrid`, `ogrid`, of tensors too and
differentiable; `meshgrid` and `broadcast_arrays`, which return lists as the array API standard has it; and
`ndenumerate`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.core.tensor import Tensor, call
from autograd.errors import OperandError
from autograd.numpy.creation import asarray

s_ = np.s_
index_exp = np.index_exp


def _is_count(step: Any) -> bool:
    """Whether the step of a slice is an imaginary number, which says how many points there are, the last one
    included.
    """
    return isinstance(step, (complex, np.complexfloating))


def _range(item: slice) -> Tensor:
    start, step = 0 if item.start is None else item.start, 1 if item.step is None else item.step
    if _is_count(step):
        return asarray(call(np.linspace, start, item.stop, num=int(abs(step))))
    return asarray(call(np.arange, start, item.stop, step))


class Joiner:
    """Joins what stands in the brackets: slices as ranges, numbers, arrays and tensors. See `numpy.r_`.

    A string that comes first says how: ``"axis, ndim, place"``, or "r" or "c" for a matrix, which here is a tensor with
    two axes.

    Parameters
    ----------
    axis : int
        Along which axis to join.
    ndim : int
        How many axes each item has at least.
    place : int
        Where the axes of an item stand among those that it gets.
    """

    __slots__ = ("axis", "ndim", "place")

    def __init__(self, axis: int = 0, ndim: int = 1, place: int = -1) -> None:
        self.axis = axis
        self.ndim = ndim
        self.place = place

    def __getitem__(self, key: Any) -> Tensor:
        items = list(key) if isinstance(key, tuple) else [key]
        axis, ndim, place, matrix = self.axis, self.ndim, self.place, ""
        if items and isinstance(items[0], str):
            directive = items.pop(0)
            if directive in ("r", "c"):
                matrix = directive
            else:
                axis, ndim, place = self._directive(directive)
        if any(isinstance(item, str) for item in items):
            raise OperandError("a directive (a string) stands first, before what is to be joined.")
        if not items:
            raise OperandError("there is nothing to join: give arrays, numbers or slices, as in r_[0.0, x, 1:5].")
        kinds = [item if _is_number(item) else None for item in items]
        parts = [self._part(item, ndim, place) for item in items]
        dtype = np.result_type(*[part.dtype if kind is None else kind for kind, part in zip(kinds, parts, strict=True)])
        joined = call(
            np.concatenate, [part if part.dtype == dtype else part.astype(dtype) for part in parts], axis=axis
        )
        if matrix and joined.ndim == 1:
            joined = joined.reshape((1, -1) if matrix == "r" else (-1, 1))
        return joined

    def _directive(self, directive: str) -> tuple[int, int, int]:
        try:
            numbers = [int(each) for each in directive.split(",")]
        except ValueError:
            numbers = []
        if not 1 <= len(numbers) <= 3:
            raise OperandError(
                f'a directive is "r", "c", or one to three whole numbers, as in "0,2,-1": received {directive!r}.'
            )
        given = [self.axis, self.ndim, self.place]
        axis, ndim, place = numbers + given[len(numbers) :]
        return axis, ndim, place

    def _part(self, item: Any, ndim: int, place: int) -> Tensor:
        if isinstance(item, slice):
            part = _range(item)
            own = part.ndim
            if ndim > 1 and place != -1:
                return part.reshape((1,) * (ndim - own) + part.shape).swapaxes(-1, place)
        else:
            part = asarray(item)
            own = part.ndim
        if own >= ndim:
            return part
        part = part.reshape((1,) * (ndim - own) + part.shape)
        if place == -1 or _is_number(item):
            return part
        new = ndim - own
        first = place + new + 1 if place < 0 else place
        axes = list(range(ndim))
        return part.transpose(axes[:first] + axes[new:] + axes[first:new])

    def __len__(self) -> int:
        return 0


def _is_number(item: Any) -> bool:
    return isinstance(item, (bool, int, float, complex, np.generic))


class Grid:
    """Makes the coordinates of a grid of the slices in the brackets. See `numpy.mgrid`.

    Parameters
    ----------
    sparse : bool
        Whether each coordinate keeps length 1 along the other axes, as in `numpy.ogrid`.
    """

    __slots__ = ("sparse",)

    def __init__(self, sparse: bool) -> None:
        self.sparse = sparse

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return _range(key)
        lines = [_range(each) for each in key]
        dtype = np.result_type(0, *[line.dtype for line in lines])
        grids = call(np.meshgrid, *[line.astype(dtype) for line in lines], indexing="ij", sparse=self.sparse)
        return tuple(grids) if self.sparse else call(np.stack, grids)


r_ = Joiner()
c_ = Joiner(-1, 2, 0)
mgrid = Grid(sparse=False)
ogrid = Grid(sparse=True)


def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> list[Tensor]:
    """Return the coordinates of a grid, one tensor for each axis; differentiable. See `numpy.meshgrid`, which returns a
    tuple.
    """
    return list(call(np.meshgrid, *xi, copy=copy, sparse=sparse, indexing=indexing))


def broadcast_arrays(*args: Any, subok: bool = False) -> list[Tensor]:
    """Return tensors that are repeated to one shape; differentiable. See `numpy.broadcast_arrays`, which returns a
    tuple.
    """
    return list(call(np.broadcast_arrays, *args, subok=subok))


def ndenumerate(arr: Any) -> Iterator[tuple[tuple[int, ...], Tensor]]:
    """Yield the index and the element, as a tensor, of each place of an array. See `numpy.ndenumerate`."""
    arr = asarray(arr)
    return ((index, arr[index]) for index in np.ndindex(arr.shape))
