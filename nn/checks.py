"""What comes in from outside as an array: taken if it is one of real numbers, and otherwise refused with what to do
about it.
"""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.errors import OperandError, ShapeError

Array = np.ndarray[Any, Any]


def real_array(name: str, value: Any) -> Array:
    """Return an array_like of real numbers as an array.

    Parameters
    ----------
    name : str
        How the message calls it: ``"x"``.
    value : array_like or Tensor
        What NumPy makes an array of: lists, arrays, tables of other packages.

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
    """Refuse what NumPy would turn into an array of something else."""
    if isinstance(value, np.ma.MaskedArray):
        raise OperandError(
            f"{name} is a masked array, and its mask would be lost. Fill it by x.filled(value), leave the samples out, "
            f"or give them the "
            f"sample_weight 0."
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
    """Return the end of the sentence about an array of no real numbers: where it is none, and what to do."""
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
