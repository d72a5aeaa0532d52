"""Conversions between arrays and tensors, and between dtypes, by the names of `keras.ops`."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd.numpy as anp
from autograd import Tensor
from autograd.extend import Interceptor


def cast(x: Any, dtype: Any) -> Any:
    """Return a tensor with another dtype.

    Parameters
    ----------
    x : array_like or Tensor
    dtype : dtype

    Returns
    -------
    Tensor

    Examples
    --------
    >>> cast([1, 2], "float32").dtype.name
    'float32'
    """
    return (x if is_tensor(x) else Tensor(x)).astype(dtype)


def convert_to_tensor(x: Any, dtype: Any = None) -> Any:
    """Return a tensor as it is, and make one of anything else; Python's floats become float32.

    Parameters
    ----------
    x : array_like or Tensor
    dtype : dtype, optional

    Returns
    -------
    Tensor

    Examples
    --------
    >>> convert_to_tensor([1.0, 2.0]).dtype.name
    'float32'
    """
    if dtype is None and not hasattr(x, "dtype") and not is_tensor(x) and np.asarray(x).dtype == np.float64:
        dtype = np.float32
    return anp.asarray(x) if dtype is None else cast(x, dtype)


def convert_to_numpy(x: Any) -> np.ndarray[Any, Any]:
    """Return the value of a tensor as an array, without its derivative.

    Parameters
    ----------
    x : array_like or Tensor

    Returns
    -------
    ndarray

    Examples
    --------
    >>> convert_to_numpy(autograd.Tensor([1.0, 2.0])).tolist()
    [1.0, 2.0]
    """
    return x.numpy() if isinstance(x, Tensor) else np.asarray(x)


def is_tensor(x: Any) -> bool:
    """Return whether a value is a tensor, with a value or symbolic.

    Parameters
    ----------
    x : Any

    Returns
    -------
    bool

    Examples
    --------
    >>> is_tensor(np.ones(2)), is_tensor(autograd.Tensor(1.0))
    (False, True)
    """
    return isinstance(x, (Tensor, Interceptor))
