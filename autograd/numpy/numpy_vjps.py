"""Helpers of rules in the form of HIPS autograd, under the path that it has them.

The rules themselves stand in `autograd.rules`, in another form. Rules for functions of `numpy` are given by
`autograd.extend.defvjp`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import OperandError
from autograd.rules.shape import array_of, sum_to

__all__ = ["make_diagonal", "metadata", "unbroadcast", "unbroadcast_f"]


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


def make_diagonal(D: Any, offset: int = 0, axis1: int = -1, axis2: int = -2) -> Any:
    """Return matrices that hold vectors on their diagonals, and zeros elsewhere.

    Parameters
    ----------
    D : array or Tensor of shape (..., n)
        The diagonals.
    offset, axis1, axis2 : int
        0, -1 and -2: the main diagonal of matrices on the last two axes.

    Returns
    -------
    array or Tensor of shape (..., n, n)

    Raises
    ------
    OperandError
        If another diagonal or other axes are asked for.

    Examples
    --------
    >>> make_diagonal(np.array([1.0, 2.0])).tolist()
    [[1.0, 0.0], [0.0, 2.0]]
    """
    if offset != 0 or sorted((axis1, axis2)) != [-2, -1]:
        raise OperandError(
            f"make_diagonal makes main diagonals of matrices on the last two axes: received offset={offset}, "
            f"axis1={axis1}, axis2={axis2}. Use numpy.diag, or move the axes with numpy.moveaxis."
        )
    D = array_of(D)
    return np.where(np.eye(np.shape(D)[-1], dtype=bool), D[..., None], 0)


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
