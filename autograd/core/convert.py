"""Give results back as the arguments were given: tensors for tensors, arrays for arrays, numbers for numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.core import nest
from autograd.core.arguments import Interceptor
from autograd.core.tensor import Tensor, new_tensor


def raw(x: Any) -> Any:
    """Return the array inside a tensor, and anything else as it is. No tracer hears of it."""
    return x._value if isinstance(x, Tensor) else x


def decisive(arguments: Any) -> Any:
    """Return the leaf of a nest of arguments that results go with: the first tensor, or else the first array or number.
    Return None where there is none of these.
    """
    first = None
    for leaf in nest.leaves(arguments):
        if isinstance(leaf, Tensor):
            return leaf
        if first is None and (isinstance(leaf, (float, complex)) or hasattr(leaf, "__array__")):
            first = leaf
    return first


def converter(given: Any) -> Callable[[Any], Any]:
    """Return the function that makes of an array that nobody else holds a result that goes with an argument.

    Without axes the result is a number: of Python for a number of Python, of NumPy for a scalar or an array. It is a
    tensor for a tensor, and where there is no argument (None).
    """
    if given is None or isinstance(given, Tensor):
        return lambda array: new_tensor(np.asarray(array))
    if isinstance(given, (float, complex)) and not isinstance(given, np.generic):
        return lambda array: np.asarray(array) if np.ndim(array) else array.item()
    return lambda array: array if np.ndim(array) else array[()]


def result_like(given: Any, result: Any) -> Any:
    """Return a result of any shape as an argument was given: an array is the receiver's own, to write into.

    A result that an active recorder tracks stays a tensor, or its derivative would be lost. So does one that a program
    is traced through. A batch stays one: its mapped function converts it.
    """
    if isinstance(result, Interceptor):
        return result
    if isinstance(result, Tensor) and (given is None or isinstance(given, Tensor) or result._is_followed()):
        return result
    return converter(given)(np.array(raw(result)))


def argument_like(given: Any, value: Any) -> Any:
    """Return a value that has the shape of an argument, such as its gradient, as it was given: as `result_like` does,
    but an array without axes for an array without axes. None stands for zeros.
    """
    if given.__class__ is np.ndarray and value.__class__ is Tensor and not value._is_followed():
        return np.array(value._value)
    if value is None:
        found = converter(given)(np.zeros(np.shape(given), np.asarray(raw(given)).dtype))
    else:
        found = result_like(given, value)
    return np.asarray(found) if isinstance(given, np.ndarray) and isinstance(found, np.generic) else found
