"""The value inside a tensor, as HIPS autograd spells it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd.core.tensor import Tensor
from autograd.errors import OperandError
from autograd.registry.define import operation as primitive
from autograd.registry.elsewhere import names_of

__all__ = ["Box", "getval", "isbox", "notrace_primitive", "primitive"]


def isbox(x: Any) -> bool:
    """Whether a value is one of ours."""
    return isinstance(x, Tensor)


def getval(x: Any) -> Any:
    """Return the value of a tensor, a number where it has no axes, and anything else as it is. Nothing that is computed
    from it has a derivative.
    """
    return x.numpy()[()] if isinstance(x, Tensor) else x


def notrace_primitive(f_raw: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that gets the values of its positional arguments, so that its result has no derivative.

    Parameters
    ----------
    f_raw : callable
        Takes arrays and numbers, and returns anything.

    Returns
    -------
    callable

    Examples
    --------
    >>> @notrace_primitive
    ... def sign_of(x):
    ...     return 1.0 if x > 0 else -1.0
    >>> autograd.grad(lambda x: sign_of(x) * x**2)(-3.0)
    6.0
    """

    @functools.wraps(f_raw)
    def of_values(*args: Any, **kwargs: Any) -> Any:
        return f_raw(*map(getval, args), **kwargs)

    return of_values


class _BoxType(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isbox(instance)


class Box(metaclass=_BoxType):
    """The class of tracked values: a tensor is an instance of it. Classes of your own cannot be registered.

    Examples
    --------
    >>> isinstance(autograd.Tensor(1.0), Box), isinstance(1.0, Box)
    (True, False)
    """

    def __init_subclass__(cls) -> None:
        raise OperandError(
            f"{cls.__name__} is a subclass of Box: tensors hold arrays alone, so no class of boxes can be added. Keep "
            f"the arrays of your class in a list, tuple or dict, which are differentiated as they are."
        )

    @classmethod
    def register(cls, value_type: type) -> None:
        """Refuse to add a class of values.

        Raises
        ------
        OperandError
            Always.
        """
        raise OperandError(
            f"{value_type.__name__} cannot be registered as a class of values: tensors hold arrays alone. Convert its "
            f"objects with numpy.asarray, or keep their arrays in a list, tuple or dict."
        )


if not TYPE_CHECKING:  # a type checker takes this for a promise of every name
    __getattr__ = names_of(__name__)
