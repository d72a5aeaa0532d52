"""Sort in both directions, as in the array API standard; sorted sets; counts as tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.core.tensor import Tensor, call
from autograd.numpy.creation import asarray
from autograd.numpy.wrapping import wrap

_sort = wrap(np.sort)


def sort(
    a: Any,
    axis: int | None = -1,
    kind: Any = None,
    order: None = None,
    *,
    descending: bool = False,
    stable: bool | None = None,
) -> Tensor:
    """Return a sorted copy; differentiable. See `numpy.sort`.

    Parameters
    ----------
    a : array_like
    axis : int or None, default -1
    kind : str, optional
    order : None
        Tensors have no fields.
    descending : bool, default False
        The largest first. Equal elements keep their order.
    stable : bool, optional

    Examples
    --------
    >>> sort([3.0, 1.0, 2.0], descending=True).tolist()
    [3.0, 2.0, 1.0]
    """
    if not descending:
        return _sort(a, axis, kind, order, stable=stable)
    a, axis = _along_one(a, axis)
    return call(np.flip, call(np.sort, call(np.flip, a, axis), axis=axis, stable=True), axis)


def argsort(
    a: Any,
    axis: int | None = -1,
    kind: Any = None,
    order: None = None,
    *,
    descending: bool = False,
    stable: bool | None = None,
) -> Tensor:
    """Return the indices that would sort. Equal elements keep their order, unless another ``kind`` is asked for. See
    `numpy.argsort`.

    Parameters
    ----------
    a : array_like
    axis : int or None, default -1
    kind : str, optional
    order : None
        Tensors have no fields.
    descending : bool, default False
        The largest first.
    stable : bool, optional

    Examples
    --------
    >>> argsort([3.0, 1.0, 2.0], descending=True).tolist()
    [0, 2, 1]
    """
    if not descending:
        stable = True if kind is None and stable is None else stable
        return call(np.argsort, a, axis=axis, kind=kind, order=order, stable=stable)
    a, axis = _along_one(a, axis)
    places = call(np.argsort, call(np.flip, a, axis), axis=axis, stable=True)
    return call(np.flip, np.shape(a)[axis] - 1 - places, axis)


def _along_one(a: Any, axis: int | None) -> tuple[Any, int]:
    return (call(np.ravel, a), 0) if axis is None else (a, axis)


def count_nonzero(a: Any, axis: int | tuple[int, ...] | None = None, *, keepdims: bool = False) -> Tensor:
    """Count what is not zero. See `numpy.count_nonzero`."""
    return asarray(call(np.count_nonzero, a, axis=axis, keepdims=keepdims))


def unique_values(x: Any, /) -> Tensor:
    """Return the distinct elements, sorted: NumPy's own come in no order, and other libraries count on one. See
    `numpy.unique_values`.
    """
    return call(np.unique, x, equal_nan=False)
