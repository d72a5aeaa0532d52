"""The operation of dense layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.extend import defjvp, defvjp, operation


@operation
def affine(x: Any, kernel: Any, bias: Any) -> Any:
    """Return ``x @ kernel + bias`` in one array.

    Parameters
    ----------
    x : array or Tensor, shape (..., n)
    kernel : array or Tensor, shape (n, m)
    bias : array or Tensor, shape (m,)

    Returns
    -------
    array or Tensor, shape (..., m)

    Examples
    --------
    >>> affine(np.array([[1.0, 2.0]]), np.array([[1.0], [1.0]]), np.array([0.5])).tolist()
    [[3.5]]
    """
    result = np.matmul(x, kernel)
    result += bias
    return result


def _rows(x: Any) -> Any:
    """Reshape an array to a matrix, whose rows are its last axis."""
    return x if x.ndim == 2 else np.reshape(x, (-1, x.shape[-1]))


defvjp(
    affine,
    lambda g, _, _x, kernel, _b: np.matmul(g, kernel.T),
    lambda g, _, x, _k, _b: np.dot(_rows(x).T, _rows(g)),
    lambda g, _, _x, _k, _b: np.add.reduce(_rows(g), axis=0),
)
defjvp(
    affine,
    lambda t, _, _x, kernel, _b: np.matmul(t, kernel),
    lambda t, _, x, _k, _b: np.matmul(x, t),
    lambda t, ans, _x, _k, _b: np.broadcast_to(t, ans.shape),
)
