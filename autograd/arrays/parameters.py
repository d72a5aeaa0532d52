"""The parameters of NumPy's functions: which argument of a call stands for which, whether it came by position or by
name.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from autograd.errors import OperandError
from autograd.registry.entries import RULES, name_of


def canonical(
    fn: Callable[..., Any], operands: int, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Put operands where they have a position, everything else where it has a name, and drop what says the default.

    Parameters
    ----------
    fn : callable
    operands : int
        How many positional arguments are operands: those that come first.
    args, kwargs
        The arguments of the call, as a user wrote them.
    """
    defaults = _parameters_of(fn)
    if defaults is None:
        return args, kwargs
    if len(args) > operands:
        kwargs = dict(zip(_names_of(fn)[operands:], args[operands:], strict=False)) | kwargs
        args = args[:operands]
    elif len(args) < operands:
        kwargs = dict(kwargs)
        for name in _names_of(fn)[len(args) : operands]:
            if name not in kwargs:
                break
            args = (*args, kwargs.pop(name))
    return args, {name: value for name, value in kwargs.items() if defaults.get(name, _NO_DEFAULT) is not value}


_NO_DEFAULT = object()


def out_among(fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Return what stands among positional arguments in the place of ``out``, or None."""
    if isinstance(fn, np.ufunc):
        return args[fn.nin :] or None
    entry = RULES.get(fn)
    names = (entry.parameters if entry is not None else ()) or _names_of(fn)
    position = names.index("out") if "out" in names else len(args)
    return args[position] if position < len(args) else None


@functools.cache
def _names_of(fn: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(_parameters_of(fn) or ())


@functools.cache
def _parameters_of(fn: Callable[..., Any]) -> dict[str, Any] | None:
    """Return the default of each parameter of a function, or None where positions have no names."""
    try:
        parameters = inspect.signature(fn).parameters
    except ValueError:
        return None
    if any(p.kind is p.VAR_POSITIONAL for p in parameters.values()):
        return None
    return {name: p.default for name, p in parameters.items()}


def refuse_out(fn: Callable[..., Any], out: Any) -> NoReturn:
    """Refuse an argument ``out=``."""
    raise OperandError(
        f"{name_of(fn)} cannot write its result into out= (received {_kinds(out)}): an array would lose the "
        "derivative. Bind the result to a name, `y = f(x)`, or give tensors as out=."
    )


def _kinds(out: Any) -> str:
    items = out if isinstance(out, tuple) else (out,)
    return ", ".join(f"{type(item).__name__} of shape {np.shape(item)}" for item in items if item is not None)
