"""Checks of arguments, one word each: a number, a choice, an array of real numbers. Each returns the value to keep."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from types import NoneType
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.errors import OperandError, ShapeError
from nn.errors import ArgumentError

Array = np.ndarray[Any, Any]


# ---------------------------------------------------------------------------------------------------- numbers
def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def positive_integer(name: str, value: Any, owner: object = None) -> int:
    """Return an integer of at least 1, or raise `ArgumentError`.

    Parameters
    ----------
    name : str
        The argument's.
    value : int
    owner : object, optional
        The layer whose argument it is: the message begins with its class.
    """
    if not _is_integer(value) or value < 1:
        if owner is not None:
            raise ArgumentError(
                f"{type(owner).__name__} takes a positive integer of {name}: received {name}={value!r}."
            )
        raise ArgumentError(f"{name} is a positive integer: received {value!r}.")
    return int(value)


def natural_number(name: str, value: Any) -> int:
    """Return an integer of at least 0, or raise `ArgumentError`."""
    if not _is_integer(value) or value < 0:
        raise ArgumentError(f"{name} is an integer that is not negative: received {value!r}.")
    return int(value)


def number(name: str, value: Any, least: float = -math.inf) -> Any:
    """Return a finite number of at least a bound as it is, or raise `ArgumentError`."""
    if not _is_number(value) or not least <= value < math.inf:
        bound = "" if least == -math.inf else f" of at least {least}"
        raise ArgumentError(f"{name} is a finite number{bound}: received {value!r}.")
    return value


def positive(name: str, value: Any) -> float:
    """Return a number above 0, or raise `ArgumentError`."""
    if not _is_number(value) or not value > 0:
        raise ArgumentError(f"{name} is a positive number: received {value!r}.")
    return float(value)


def not_negative(name: str, value: Any) -> float:
    """Return a finite number of at least 0, or raise `ArgumentError`."""
    if not _is_number(value) or not 0 <= value < math.inf:
        raise ArgumentError(f"{name} is a number that is not negative: received {value!r}.")
    return float(value)


def fraction(name: str, value: Any, closed: bool = False) -> float:
    """Return a number of at least 0 and less than 1 (at most 1 if closed), or raise `ArgumentError`."""
    if not _is_number(value) or not (0 <= value < 1 or (closed and value == 1)):
        raise ArgumentError(f"{name} is at least 0 and {'at most' if closed else 'less than'} 1: received {value!r}.")
    return float(value)


def probability(name: str, value: Any, owner: object) -> float:
    """Return a probability less than 1 that a layer takes, or raise `ArgumentError` in the name of its class."""
    if not _is_number(value) or not 0 <= value < 1:
        raise ArgumentError(
            f"{type(owner).__name__} takes a probability of at least 0 and less than 1: received {name}={value!r}."
        )
    return float(value)


# ---------------------------------------------------------------------------------------------------- choices
def boolean(name: str, value: Any, owner: object) -> bool:
    """Return True or False, or raise `ArgumentError` in the name of the owner's class."""
    if not isinstance(value, (bool, np.bool_)):
        raise ArgumentError(
            f"{type(owner).__name__}: {name} is True or False: received {value!r}. Pass the arguments after the first "
            f"by name."
        )
    return bool(value)


def one_of(name: str, value: Any, allowed: Sequence[Any]) -> Any:
    """Return a value that is among those allowed, or raise `ArgumentError`, which lists them."""
    if not isinstance(value, (str, int, float, NoneType)) or value not in allowed:
        words = [f'"{each}"' if isinstance(each, str) else repr(each) for each in allowed]
        raise ArgumentError(f"{name} is {', '.join(words[:-1])} or {words[-1]}: received {value!r}.")
    return value


# ---------------------------------------------------------------------------------------------------- arrays
def real_array(name: str, value: Any) -> Array:
    """Return an array_like of real numbers as an array.

    Parameters
    ----------
    name : str
        Its name in messages: ``"x"``.
    value : array_like or Tensor
        Lists, arrays, tables of other packages: everything that NumPy makes an array of.

    Returns
    -------
    ndarray

    Raises
    ------
    OperandError, ShapeError
        If it is of another kind, or a list whose elements differ in shape.
    """
    if isinstance(value, Tensor):
        array = value.numpy()
    else:
        check_kind(name, value)
        try:
            array = np.asarray(value)
        except ValueError as error:
            advice = (
                " Samples and targets are two arguments, and not a tuple of both."
                if isinstance(value, tuple) and len(value) == 2
                else ""
            )
            received = f"a {type(value).__name__} of several: {str(error).rstrip('.')}."
            raise ShapeError(f"{name} needs samples of one shape, received {received}{advice}") from None
    if array.dtype.kind not in "biuf":
        raise OperandError(
            f"{name} needs real numbers: received {type(value).__name__} of dtype {array.dtype}{_advice(array)}"
        )
    return array


def check_kind(name: str, value: Any) -> None:
    """Raise `OperandError` for a value that NumPy would turn into an array of something else."""
    if isinstance(value, np.ma.MaskedArray):
        raise OperandError(
            f"{name} is a masked array, and its mask would be lost. Fill it by x.filled(value), leave the samples out, "
            "or give them the sample_weight 0."
        )
    if isinstance(value, np.matrix):
        raise OperandError(
            f"{name} is a numpy.matrix, whose rows and products are not those of an array. Pass np.asarray(x)."
        )
    if hasattr(value, "toarray"):
        raise OperandError(f"{name} is a sparse {type(value).__name__}. Pass x.toarray().")
    if isinstance(value, (dict, set, frozenset)) or (hasattr(value, "__next__") and not hasattr(value, "__array__")):
        raise OperandError(
            f"{name} is an array or a list with a row for each sample: received a {type(value).__name__}."
        )


def _advice(array: Array) -> str:
    """Return the end of the message about an array without real numbers: where it has none, and what to do."""
    if array.dtype.kind == "c":
        return ". Take the real part, or the magnitude."
    if array.dtype.kind in "US":
        if _converts(array):
            return ". Text of numbers becomes numbers by np.asarray(x, float)."
        return ". Labels become whole numbers by: classes, y = np.unique(y, return_inverse=True)."
    if array.dtype.kind == "O" and array.ndim:
        for index, element in np.ndenumerate(array):
            if not isinstance(element, numbers.Real):
                return f", with {element!r} at position {index[0] if len(index) == 1 else index}."
        return ", which holds Python objects. They become numbers by np.asarray(x, float)."
    return "."


def _converts(array: Array) -> bool:
    """Whether all elements are texts of numbers."""
    try:
        array.astype(float)
    except ValueError:
        return False
    return True
