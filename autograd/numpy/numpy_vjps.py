"""Helpers of rules in the form of HIPS autograd, under the path that it has them.

The rules themselves stand in `autograd.rules`, in another form. Rules for functions of `numpy` are given by
`autograd.extend.defvjp`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.rules.shape import sum_to

__all__ = ["metadata", "unbroadcast", "unbroadcast_f"]


def metadata(A: Any) -> tuple[Any, ...]:
    """Return the shape, the number of axes and the dtype of an operand, and whether it is complex.

    Parameters
    ----------
    A : array, Tensor or number

    Returns
    -------
    tuple

    Examples
    --------
    >>> metadata(np.ones((2, 3)))
    ((2, 3), 2, dtype('float64'), False)
    """
    return np.shape(A), np.ndim(A), np.result_type(A), np.iscomplexobj(A)


def unbroadcast(g: Any, target_meta: tuple[Any, ...], broadcast_idx: int = 0) -> Any:
    """Sum a cotangent over the axes along which NumPy broadcast an operand, and take the real part for a real one.

    Parameters
    ----------
    g : array or Tensor
        The cotangent of an elementwise function.
    target_meta : tuple
        The result of `metadata` for the operand.
    broadcast_idx : int, default 0
        0 where the axes that are missing stand in front, as in broadcasting; -1 where they stand at the end.

    Returns
    -------
    array or Tensor

    Examples
    --------
    >>> unbroadcast(np.ones((2, 3)), ((3,), 1, np.dtype(float), False))
    array([2., 2., 2.])
    """
    shape, ndim, _, is_complex = target_meta
    while broadcast_idx != 0 and np.ndim(g) > ndim:
        g = np.sum(g, axis=broadcast_idx)
    g = sum_to(g, tuple(shape))
    return np.real(g) if np.iscomplexobj(g) and not is_complex else g


def unbroadcast_f(target: Any, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function of the cotangent that sums what ``f`` returns to the shape of an operand.

    Parameters
    ----------
    target : array, Tensor or number
        The operand.
    f : callable
        Takes the cotangent of the result.

    Returns
    -------
    callable

    Examples
    --------
    >>> unbroadcast_f(2.0, lambda g: 3.0 * g)(np.ones(4))
    np.float64(12.0)
    """
    meta = metadata(target)
    return lambda g: unbroadcast(f(g), meta)
