"""How to add an operation of your own, with its derivative.

An operation is a function of arrays that does not change its arguments. :func:`operation` (also called
:func:`primitive`) lets tensors intercept it, and a rule gives its derivative: :func:`defvjp` takes one rule for each
argument, :func:`defjoint` one for all of them, :func:`defconstant` says that there is none to give,
:func:`defcomposite` that a function is made of others, and :func:`defselection` that it passes some elements on and
drops others. Rules are plain NumPy, ``rule(g, ans, *args, **kwargs)``, and are written once for all orders;
:mod:`autograd.registry.entries` describes them in full.

Examples
--------
>>> import numpy as np
>>> from autograd import grad
>>> @operation
... def cube(x):
...     return x * x * x
>>> defvjp(cube, lambda g, _, x: g * 3 * x * x)
>>> grad(cube)(2.0), grad(grad(cube))(2.0)
(12.0, 12.0)

A function that runs in C and knows arrays only is wrapped in the same way::

    library = ctypes.CDLL("libphysics.so")

    @operation
    def potential(x):
        x = np.ascontiguousarray(x, np.float64)
        out = np.empty_like(x)
        library.potential(x.ctypes, out.ctypes, x.size)
        return out

    defvjp(potential, lambda g, _, x: -g * force(x), elementwise=True)

A function of tensors whose derivative you know better is given it by :func:`custom_gradient`, without a name in the
registry.

A function asks with :func:`ask` for a value that may differ at each call, such as a learning rate, and acts on the
world with :func:`at_end`, so that `autograd.compile` can repeat both. :func:`tracing` says whether a program is being
written, and a block of :func:`untraced` is no part of it. :class:`InPlace` turns a function that computes in place into
operations.

A value of a class of yours that stands for a tensor takes calls over: an :class:`Interceptor` is given every call of
which it is an operand, and :class:`ArrayMethods` gives it the methods of an array.

The values that a compiled function captures are compared at each call; `Dependencies` finds and compares them. A class
of yours whose code is installed as a library is watched as a whole: every attribute of its objects is a reason to trace
again where it is assigned. It names those that change as its objects run in ``__program_state__``, a frozenset of
names; they are not watched.

Rules in the form of HIPS autograd are taken too. They return a function of the cotangent, ``lambda ans, x: lambda g: g
* ans``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd.arrays.methods import ArrayMethods
from autograd.arrays.scopes import Scope, Stacked
from autograd.core.arguments import Interceptor
from autograd.core.tensor import apply
from autograd.core.tracing import untraced
from autograd.effects import ask, at_end, recording_is_stopped, tracing
from autograd.errors import OperandError
from autograd.program.inplace import InPlace
from autograd.program.watch import Dependencies
from autograd.registry.define import (
    defcomposite,
    defconstant,
    defjoint,
    defjvp,
    deflinear,
    defselection,
    defvjp,
    operation,
)
from autograd.registry.elsewhere import names_of
from autograd.registry.entries import Rule, Spec, name_of
from autograd.tracer import Box, notrace_primitive
from autograd.transforms.custom import custom_gradient
from autograd.transforms.vspaces import VSpace

primitive = operation


def defvjp_argnum(fn: Callable[..., Any], maker: Rule) -> None:
    """Give the derivative by one rule for all arguments, in the form of HIPS autograd.

    Parameters
    ----------
    fn : callable
        A NumPy function, or an `operation`.
    maker : callable
        ``maker(argnum, ans, args, kwargs)(g)`` returns the cotangent of the argument at one position.

    Examples
    --------
    >>> @operation
    ... def product(x, y):
    ...     return x * y
    >>> defvjp_argnum(product, lambda argnum, ans, args, kwargs: lambda g: g * args[1 - argnum])
    >>> autograd.grad(product, (0, 1))(2.0, 3.0)
    (3.0, 2.0)
    """

    def joint(argnums: tuple[int, ...], g: Any, ans: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return [maker(argnum, ans, args, kwargs)(g) for argnum in argnums]

    defjoint(fn, joint)


def defvjp_argnums(fn: Callable[..., Any], maker: Rule) -> None:
    """Give the derivative by one rule for all arguments at once, in the form of HIPS autograd.

    Parameters
    ----------
    fn : callable
        A NumPy function, or an `operation`.
    maker : callable
        ``maker(argnums, ans, args, kwargs)(g)`` returns the cotangents of the arguments at the positions, in order.

    Examples
    --------
    >>> @operation
    ... def product(x, y):
    ...     return x * y
    >>> defvjp_argnums(product, lambda argnums, ans, args, kwargs: lambda g: [g * args[1 - i] for i in argnums])
    >>> autograd.grad(product, (0, 1))(2.0, 3.0)
    (3.0, 2.0)
    """

    def joint(argnums: tuple[int, ...], g: Any, ans: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return list(maker(argnums, ans, args, kwargs)(g))

    defjoint(fn, joint)


def defjvp_argnum(fn: Callable[..., Any], maker: Rule) -> None:
    """Give the tangents by one rule for all arguments, in the form of HIPS autograd.

    Parameters
    ----------
    fn : callable
        An `operation` with a fixed number of parameters.
    maker : callable
        ``maker(argnum, t, ans, args, kwargs)`` returns what the tangent of the argument at one position adds to that of
        the output.

    Raises
    ------
    OperandError
        If the number of parameters is not fixed.

    Examples
    --------
    >>> @operation
    ... def product(x, y):
    ...     return x * y
    >>> defjvp_argnum(product, lambda argnum, t, ans, args, kwargs: t * args[1 - argnum])
    >>> autograd.jvp(product, [2.0, 3.0], [1.0, 0.0])
    (6.0, 3.0)
    """

    def at(argnum: int) -> Rule:
        return lambda t, ans, *args, **kwargs: maker(argnum, t, ans, args, kwargs)

    defjvp(fn, *map(at, range(_count(fn))))


def defjvp_argnums(fn: Callable[..., Any], maker: Rule) -> None:
    """Give the tangents by one rule for all arguments at once, in the form of HIPS autograd.

    Parameters
    ----------
    fn : callable
        An `operation` with a fixed number of parameters.
    maker : callable
        ``maker(argnums, ts, ans, args, kwargs)`` returns the tangent of the output for the tangents of the arguments at
        some positions.

    Raises
    ------
    OperandError
        If the number of parameters is not fixed.

    Examples
    --------
    >>> @operation
    ... def product(x, y):
    ...     return x * y
    >>> def rule(argnums, ts, ans, args, kwargs):
    ...     return sum(t * args[1 - argnum] for argnum, t in zip(argnums, ts))
    >>> defjvp_argnums(product, rule)
    >>> autograd.jvp(product, [2.0, 3.0], [1.0, 1.0])
    (6.0, 5.0)
    """
    defjvp_argnum(fn, lambda argnum, t, ans, args, kwargs: maker((argnum,), (t,), ans, args, kwargs))


def def_linear(fn: Callable[..., Any]) -> None:
    """Declare that a function is linear in each argument while the others stand still, as HIPS autograd spells it.

    Parameters
    ----------
    fn : callable
        An `operation` with a fixed number of parameters.

    Raises
    ------
    OperandError
        If the number of parameters is not fixed.

    Examples
    --------
    >>> @operation
    ... def product(x, y):
    ...     return x * y
    >>> def_linear(product)
    >>> autograd.jvp(product, [2.0, 3.0], [1.0, 1.0])
    (6.0, 5.0)
    """
    rules: list[Any] = ["same"] * _count(fn)
    defjvp(fn, *rules)


def _count(fn: Callable[..., Any]) -> int:
    """Return the number of positional parameters of a function."""
    parameters = list(inspect.signature(fn).parameters.values())
    if any(each.kind is each.VAR_POSITIONAL for each in parameters):
        raise OperandError(
            f"{name_of(fn)} takes any number of arguments, so a tangent rule cannot be given to all: give rules by "
            f"defjvp, or leave them out, as the rules for cotangents serve forward mode too."
        )
    return sum(each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD) for each in parameters)


def vspace(value: Any) -> VSpace:
    """Return the vector space in which the derivatives of a value lie.

    Parameters
    ----------
    value : array, Tensor, number, or a nest of these

    Returns
    -------
    VSpace

    Examples
    --------
    >>> vspace(np.ones((2, 3)))
    VSpace(shape=(2, 3), dtype=float64)
    """
    return VSpace(value)


if not TYPE_CHECKING:  # a type checker takes this for a promise of every name
    __getattr__ = names_of(__name__)

__all__ = [
    "ArrayMethods",
    "Box",
    "Dependencies",
    "InPlace",
    "Interceptor",
    "Scope",
    "Spec",
    "Stacked",
    "VSpace",
    "apply",
    "ask",
    "at_end",
    "custom_gradient",
    "def_linear",
    "defcomposite",
    "defconstant",
    "defjoint",
    "defjvp",
    "defjvp_argnum",
    "defjvp_argnums",
    "deflinear",
    "defselection",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "notrace_primitive",
    "operation",
    "primitive",
    "recording_is_stopped",
    "tracing",
    "untraced",
    "vspace",
]
