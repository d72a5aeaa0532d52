"""Open the arguments of an operation to raw values and identities, and refuse what cannot be an argument."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd.arrays.intake import refuse_depth, refuse_kind
from autograd.core.recorder import active_recorders
from autograd.core.tracing import listeners
from autograd.core.value import TensorBase
from autograd.errors import DtypeError, OperandError
from autograd.registry.entries import name_of
from autograd.registry.paths import Path

_ndarray = np.ndarray
# Values of these types pass through `apply` as they are. Everything else is looked at.
PLAIN = frozenset({float, int, bool, complex, type(None), str, slice, type(Ellipsis), np.float64, np.float32, Path})


def unwrap(arg: Any) -> tuple[Any, Any]:
    """Return the raw value of one argument, and its identity: 0 for what is no tensor, a tuple for a list of
    tensors.
    """
    if isinstance(arg, TensorBase):
        value, identity = arg._value, arg._id
        arg._announce(*listeners()[:2], identity)
        return value, identity
    if type(arg) in PLAIN:
        return arg, 0
    if type(arg) is _ndarray:
        if arg.dtype.hasobject:
            raise OperandError(
                f"an array of Python objects (dtype=object, shape {arg.shape}) cannot be an operand. "
                f"Give it a numeric dtype with .astype(float), or np.stack its tensors."
            )
        return arg, 0
    if isinstance(arg, (list, tuple)):
        pairs = [unwrap(item) for item in arg]
        ids = tuple([identity for _, identity in pairs])
        values = [value for value, _ in pairs]
        return (tuple(values) if isinstance(arg, tuple) else values), (ids if any(ids) else 0)
    refuse_kind(arg)
    if isinstance(arg, numbers.Number) and not isinstance(arg, (np.generic, float, int, complex)):
        raise OperandError(f"a {type(arg).__name__} cannot be an operand (received {arg!r}): convert it with float().")
    if hasattr(arg, "__array__") and not isinstance(arg, (np.generic, type)):
        return np.asarray(arg), 0
    return arg, 0


def unwrap_keyword(fn: Callable[..., Any], key: str, value: Any) -> Any:
    """Return the raw value of a keyword argument, and refuse one that has a derivative."""
    kind = value.__class__
    if kind in PLAIN or (kind is tuple and are_plain(value)):
        return value
    raw, identity = unwrap(value)
    if identity and any(recorder.tracks(identity) for recorder in active_recorders()):
        raise OperandError(
            f"{name_of(fn)} received a tracked tensor as the keyword argument {key!r}, through which it has no "
            "derivative. Pass the operand by position, or detach it with .numpy() if it is meant to be constant."
        )
    return raw


class Interceptor:
    """A value that takes over every call of which it is an operand, as one that stands for a batch does.

    Examples
    --------
    >>> class Named(Interceptor):
    ...     def intercept(self, fn, args, kwargs):
    ...         return fn.__name__
    >>> autograd.numpy.sin(Named())
    'sin'
    """

    __slots__ = ()

    def intercept(self, fn: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
        """Call a function on arguments among which this value is."""
        raise NotImplementedError

    def write_into(self, tensor: Any, index: Any, value: Any) -> None:
        """Do ``tensor[index] = value``, where this value is among the index and the value."""
        raise NotImplementedError


def interceptor_in(arg: Any) -> Interceptor | None:
    """Return the value that takes a call over and that an argument is or holds, or None."""
    if isinstance(arg, (list, tuple)):
        try:
            for each in arg:
                if each.__class__ not in PLAIN and (found := interceptor_in(each)) is not None:
                    return found
        except RecursionError:
            refuse_depth()
        return None
    return arg if isinstance(arg, Interceptor) else None


def holds_array(value: Any) -> bool:
    """Whether a raw value is an array, or a list in which one stands."""
    return value.__class__ is _ndarray or (isinstance(value, (list, tuple)) and any(map(holds_array, value)))


def is_tensor(value: Any) -> bool:
    """Whether a value is a tensor, or takes calls over as one does."""
    return isinstance(value, (TensorBase, Interceptor))


def holds_tensor(value: Any) -> bool:
    """Whether a value is a tensor, or takes calls over as one does, or is a list in which one of these stands."""
    if isinstance(value, (list, tuple)):
        try:
            return any(map(holds_tensor, value))
        except RecursionError:
            refuse_depth()
    return is_tensor(value)


def are_plain(values: Iterable[Any]) -> bool:
    """Whether values are NumPy's arrays, numbers, and lists and tuples of these: no tensor among them, nothing that is
    refused.
    """
    for value in values:
        kind = value.__class__
        if kind is _ndarray:
            if value.dtype.hasobject:
                return False
        elif kind is tuple or kind is list:
            try:
                if not are_plain(value):
                    return False
            except RecursionError:
                refuse_depth()
        elif kind not in PLAIN:
            return False
    return True


def is_operand(other: Any) -> bool:
    """Whether an operator of a tensor takes what stands on its other side. Other libraries' arrays that know
    tensors compute themselves.
    """
    if isinstance(other, (TensorBase, _ndarray, np.generic, numbers.Number, list, tuple)):
        return True
    return hasattr(other, "__array__") and not hasattr(other, "__array_ufunc__")


def refuse_loss(dtype: np.dtype[Any], raw: Any, identity: Any) -> None:
    """Refuse to write a value into a tensor whose dtype would lose its derivative, or its imaginary part."""
    if dtype.kind not in "fc" and any(recorder.tracks(identity) for recorder in active_recorders()):
        raise DtypeError(
            f"a tracked value cannot be written into a tensor of dtype {dtype}: its derivative would be lost. "
            f"Convert the tensor with .astype(float) first."
        )
    if dtype.kind != "c" and (
        raw.dtype.kind == "c" if isinstance(raw, (_ndarray, np.generic)) else isinstance(raw, complex)
    ):
        raise DtypeError(
            f"a complex value cannot be written into a tensor of dtype {dtype}: the imaginary part would be lost. "
            f"Write its real part, or convert the tensor with .astype(complex) first."
        )
