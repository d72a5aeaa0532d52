"""How to add an operation of your own, with its derivative.

An operation is a function of arrays that does not change its arguments. :func:`operation` (also called
:func:`primitive`) lets tensors intercept it, and a rule gives its derivative: :func:`defvjp` takes one rule for each
argument, :func:`defjoint` one for all of them, :func:`defconstant` says that there is none to give,
:func:`defcomposite` that a function is made of others, and :func:`defselection` that it passes some elements on and
drops others. Rules are plain NumPy, ``rule(g, ans, *args, **kwargs)``, and are written once for all orders;
:mod:`autograd.core.registry` describes them in full.

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

What a function takes from the world at each call, such as a learning rate, it asks for with :func:`ask`, and what it
does there it does with :func:`at_end`: so `autograd.compile` can repeat it. :func:`tracing` says whether a program is
being written, and what a block of :func:`untraced` does is no part of it. :class:`InPlace` turns a function that
computes in place into operations.

Rules in the form of HIPS autograd are taken too: one whose first parameter is called ``ans`` returns a function of the
cotangent, ``lambda ans, x: lambda g: g * ans``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from autograd.core import registry
from autograd.core.recorder import untraced
from autograd.core.registry import Rule, Spec, defcomposite, defconstant, defjoint, defselection, operation
from autograd.core.tensor import apply
from autograd.effects import ask, at_end, tracing
from autograd.program.inplace import InPlace
from autograd.transforms.custom import custom_gradient

primitive = operation


def defvjp(
    fn: Callable[..., Any],
    *vjps: Rule | None,
    elementwise: bool | None = None,
    lists: bool = False,
    argnums: Sequence[int] | None = None,
) -> None:
    """Give the derivative of a function: one rule for each positional argument. See `autograd.core.registry.defvjp`.

    Parameters
    ----------
    fn : callable
        A NumPy function, or an `operation`.
    *vjps : rule or None
        ``rule(g, ans, *args, **kwargs) -> cotangent``, or in the form of HIPS autograd ``rule(ans, *args, **kwargs)(g)
        -> cotangent``, which is known by the name of its first parameter. None for an argument without a derivative.
    elementwise : bool, optional
        Whether operands broadcast against each other. True for ufuncs, False for everything else, unless given.
    lists : bool, default False
        Whether an argument of a NumPy function is a list of arrays, whose rule returns a list of cotangents.
    argnums : sequence of int, optional
        The positions that the rules are for, if not the first ones.

    Examples
    --------
    >>> @operation
    ... def cube(x):
    ...     return x * x * x
    >>> defvjp(cube, lambda g, _, x: g * 3 * x * x, elementwise=True)
    >>> autograd.grad(cube)(2.0)
    12.0
    """
    rules = [_from_maker(rule) if rule and _is_maker(rule) else rule for rule in vjps]
    if argnums is not None:
        placed = dict(zip(argnums, rules, strict=True))
        rules = [placed.get(i) for i in range(max(placed, default=-1) + 1)]
    registry.defvjp(fn, *rules, elementwise=elementwise, lists=lists)


def _is_maker(rule: Rule) -> bool:
    code = getattr(rule, "__code__", None)
    return code is not None and code.co_varnames[:1] == ("ans",)


def _from_maker(maker: Rule) -> Rule:
    return lambda g, ans, *args, **kwargs: maker(ans, *args, **kwargs)(g)


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


def vspace(value: Any) -> Spec:
    """Return the shape and the dtype of the cotangents of a value.

    Parameters
    ----------
    value : array, Tensor or number

    Returns
    -------
    Spec

    Examples
    --------
    >>> vspace(np.ones((2, 3)))
    Spec(shape=(2, 3), dtype=float64)
    """
    return Spec(np.shape(value), np.result_type(value))


def defjvp(fn: Callable[..., Any], *jvps: Rule | Literal["same"] | None, argnums: Sequence[int] | None = None) -> None:
    """Give a function tangent rules, where its tangent costs less by them than by what `defvjp` gave. See
    `autograd.core.registry.defjvp`.

    Parameters
    ----------
    fn : callable
        A NumPy function, or an `operation`.
    *jvps : rule, "same" or None
        ``rule(t, ans, *args, **kwargs) -> tangent`` for each positional argument. "same" for a function that is linear
        in that argument: it is its own tangent.
    argnums : sequence of int, optional
        The positions that the rules are for, if not the first ones.

    Examples
    --------
    >>> @operation
    ... def total(x):
    ...     return np.sum(x)
    >>> defjvp(total, "same")
    >>> autograd.jvp(total, [np.ones(2)], [np.array([1.0, 2.0])])
    (np.float64(2.0), np.float64(3.0))
    """
    positions = range(len(jvps)) if argnums is None else argnums
    placed = {i: _itself(fn, i) if rule == "same" else rule for i, rule in zip(positions, jvps, strict=True)}
    registry.defjvp(fn, *[placed.get(i) for i in range(max(placed, default=-1) + 1)])


def _itself(fn: Callable[..., Any], argnum: int) -> Rule:
    return lambda t, _, *args, **kwargs: fn(*args[:argnum], t, *args[argnum + 1 :], **kwargs)


def deflinear(*fns: Callable[..., Any], each: bool = False) -> None:
    """Say that functions, which have rules, are linear: the tangent is the function of the tangents. See
    `autograd.core.registry.deflinear`.

    Parameters
    ----------
    *fns : callable
        NumPy functions, or operations.
    each : bool, default False
        Whether they are linear in each operand while the others stand still, as products are, and not in all operands
        together.

    Examples
    --------
    >>> @operation
    ... def product(x, y):
    ...     return x * y
    >>> defvjp(product, lambda g, _, _x, y: g * y, lambda g, _, x, _y: g * x)
    >>> deflinear(product, each=True)
    >>> autograd.jvp(product, [2.0, 3.0], [1.0, 0.0])
    (6.0, 3.0)
    """
    registry.deflinear(*fns, each=each)


__all__ = [
    "InPlace",
    "Spec",
    "apply",
    "ask",
    "at_end",
    "custom_gradient",
    "defcomposite",
    "defconstant",
    "defjoint",
    "defjvp",
    "deflinear",
    "defselection",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "operation",
    "primitive",
    "tracing",
    "untraced",
    "vspace",
]
