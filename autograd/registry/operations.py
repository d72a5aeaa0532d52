"""Operations of our own: what NumPy writes as syntax (indexing, assignment) and what it does in place.

Plain functions of arrays, which tensors intercept. They never change an argument.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.errors import DtypeError
from autograd.registry.define import operation
from autograd.registry.paths import Path, add_at, read_at, write_at


@operation
def identity(x: Any) -> Any:
    """Return the same value under a new identity."""
    return x


@operation
def astype(x: Any, dtype: Any) -> Any:
    """Return ``x`` with another dtype."""
    if np.iscomplexobj(x) and np.dtype(dtype).kind != "c":
        raise DtypeError(
            f"a complex tensor (dtype {x.dtype}) cannot become {np.dtype(dtype)}: the imaginary part would be lost. "
            f"Take x.real, x.imag or abs(x)."
        )
    return x.astype(dtype)


@operation
def clip(x: Any, low: Any, high: Any) -> Any:
    """Return ``x`` between two bounds, of which None is none."""
    return np.clip(x, low, high)


@operation
def nan_to_num(x: Any, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """Return a copy of ``x`` with numbers in place of NaN and infinities."""
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


@operation
def spread(x: Any, shape: tuple[int, ...]) -> Any:
    """Return ``x`` broadcast to a shape: as a view where that is large, written out where it is small, which is three
    times as quick.
    """
    if math.prod(shape) > 4096:
        return np.broadcast_to(x, shape)
    result = np.empty(shape, x.dtype)
    result[...] = x
    return result


@operation
def getitem(x: Any, index: Any) -> Any:
    """Return ``x[index]``. The index can be a `Path`."""
    return read_at(x, index)


@operation
def setitem(x: Any, index: Any, value: Any) -> Any:
    """Return a copy of ``x`` in which ``x[index]`` is ``value``."""
    result = np.array(x)
    write_at(result, index, value)
    return result


@operation
def scatter(parts: Any, indices: Any, shape: Any) -> Any:
    """Return zeros of a shape, to which each part is added at its index (as often as an index repeats)."""
    result = np.zeros(shape, dtype=np.result_type(*parts))
    for part, index in zip(parts, indices, strict=True):
        if index.__class__ is Path:
            add_at(result, index, part)
        elif selects_once(index):
            result[index] += part
        else:
            np.add.at(result, index, part)
    return result


def is_basic(index: Any) -> bool:
    """Whether an index takes a view: it is a path, or made of numbers, slices, None and an ellipsis."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        i is None or i is Ellipsis or (isinstance(i, (int, np.integer, slice, Path)) and not isinstance(i, bool))
        for i in parts
    )


def selects_once(index: Any) -> bool:
    """Whether an index selects no element twice, as far as its form tells: a basic index, or one boolean mask."""
    return is_basic(index) or (isinstance(index, np.ndarray) and index.dtype == bool)


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


def used_by(g: Any) -> Any:
    """Return of which elements of an output a cotangent tells that something depends on them: as a mask, or as one
    truth value for all.
    """
    if isinstance(g, Scattered):
        return scatter([np.ones_like(part, dtype=bool) for part in g.parts], g.indices, g.shape)
    return np.bool_(g is not None)
