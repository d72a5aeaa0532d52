"""Take arrays in: make an array that nobody else can change, and refuse what would lose its meaning as one."""

from __future__ import annotations

import functools
import sys
from typing import Any, NoReturn

import numpy as np
from numpy.typing import DTypeLike

from autograd.errors import DtypeError, OperandError


def numeric(value: Any, dtype: DTypeLike | None, copy: bool) -> np.ndarray[Any, Any]:
    """Turn a value into an array of ours: numeric, and such that nobody else can change it."""
    refuse_kind(value)
    if copy:
        array = np.array(value, dtype=dtype, subok=False, order="C")
    else:
        array = np.asarray(value, dtype=dtype, copy=False)
        if array.base is not None and not _is_frozen(array):
            raise OperandError(
                "copy=False takes an array that owns its memory, and locks it; received a view of shape "
                f"{array.shape}. Another array could still change it: leave copy=False out."
            )
        array.flags.writeable = False
    if array.dtype.kind not in "biufc":
        raise DtypeError(
            f"a tensor holds booleans, integers, floating-point or complex numbers: received dtype {array.dtype} "
            f"from a {type(value).__name__}."
        )
    return array


def refuse_kind(value: Any) -> None:
    """Refuse the arrays whose meaning a plain array would lose."""
    if isinstance(value, np.ma.MaskedArray):
        raise OperandError(
            f"a masked array (shape {value.shape}) cannot be an operand or become a tensor: its mask would be lost. "
            f"Use np.where with the mask."
        )
    if isinstance(value, np.matrix):
        raise OperandError(
            f"a numpy.matrix (shape {value.shape}) cannot be an operand or become a tensor: its * and ** are products "
            "of matrices, and those of a tensor work element by element. Pass np.asarray(matrix), and write products "
            "of matrices with @."
        )
    _refuse_lazy(value)


def _refuse_lazy(value: Any) -> None:
    """Refuse an array of another library whose elements are computed or read piece by piece: an array of it would be
    all of it in memory.

    Dask's protocol tells a graph to be computed. Arrays of dask, zarr and HDF5 that lie in pieces have their shapes as
    ``chunks``.
    """
    if isinstance(value, (list, tuple)):
        for each in value if value and not isinstance(value[0], (float, int, complex)) else ():
            _refuse_lazy(each)
        return
    if isinstance(value, (np.ndarray, np.generic)) or not hasattr(value, "__array__"):
        return
    graph = getattr(value, "__dask_graph__", None)
    if getattr(value, "chunks", None) is None and (graph is None or isinstance(value, type) or graph() is None):
        return
    kind = f"{type(value).__module__.partition('.')[0]}.{type(value).__name__}"
    raise OperandError(
        f"a {kind} (shape {getattr(value, 'shape', 'unknown')}) cannot be an operand or become a tensor: its elements "
        f"are computed or read piece by piece, and all of them would be loaded into memory in silence. Take the part "
        f"that is needed, x[:100], and load it on purpose with numpy.asarray(x[:100])."
    )


def _is_frozen(array: np.ndarray[Any, Any]) -> bool:
    """Whether a view is read-only, and so is all that it is a view of."""
    owner: Any = array
    while isinstance(owner, np.ndarray) and not owner.flags.writeable:
        owner = owner.base
    return owner is None


# A Python number costs a ufunc more than an array without axes does: each is made into one once.
@functools.lru_cache(maxsize=1024)
def constant64(value: float) -> np.ndarray[Any, Any]:
    """Return a number as an array of float64 without axes."""
    return _locked(np.array(value, np.float64))


@functools.lru_cache(maxsize=1024)
def constant32(value: float) -> np.ndarray[Any, Any]:
    """Return a number as an array of float32 without axes."""
    return _locked(np.array(value, np.float32))


def _locked(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    array.flags.writeable = False
    return array


def refuse_depth() -> NoReturn:
    """Refuse a nest that is too deep for Python's stack."""
    raise OperandError(
        f"containers are nested deeper than Python's stack allows (a limit of {sys.getrecursionlimit()} calls): "
        "received lists, tuples or dicts in one another, some hundreds deep. Give the leaves in one flat list or dict."
    ) from None
