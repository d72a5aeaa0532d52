"""Operations, and the declaration of derivatives and other facts: what fills the registry."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from autograd.registry.entries import Entry, Rule, entry_of
from autograd.registry.makers import as_rule

_FACTS = frozenset(Entry.__slots__)


def operation(fn: Callable[..., Any] | None = None, *, opaque: bool | None = None) -> Callable[..., Any]:
    """Make a function of arrays into an operation: one that tensors can intercept, as they intercept NumPy's own.

    The function itself sees plain arrays only, and must not change them. Give it a rule with :func:`defvjp`.

    Parameters
    ----------
    fn : callable
        Takes arrays and numbers, and lists of these, and returns an array, or a tuple or list of arrays. Without it a
        decorator is returned.
    opaque : bool, optional
        Whether a compiled program calls the function as it is, once for each of its calls. With False the program takes
        over the calls of NumPy inside, where there is nothing else, and fuses them with those around: the function then
        runs a second time where it is traced. True unless given, except for functions of `autograd` and `nn`.

    Returns
    -------
    callable
        Returns arrays for arrays and tensors for tensors.

    Examples
    --------
    >>> @operation
    ... def cube(x):
    ...     return x * x * x
    >>> defvjp(cube, lambda g, _, x: g * 3 * x * x)
    >>> autograd.grad(cube)(2.0)
    12.0
    """
    if fn is None:
        return functools.partial(operation, opaque=opaque)
    body = fn

    @functools.wraps(body)
    def dispatch(*args: Any, **kwargs: Any) -> Any:
        for arg in args:
            for each in arg if isinstance(arg, (list, tuple)) else (arg,):
                kind = type(each)
                if kind is not np.ndarray and hasattr(kind, "__array_function__"):
                    return each.__array_function__(dispatch, (kind,), args, kwargs)
        return body(*args, **kwargs)

    if opaque is not None:
        defacts(dispatch, opaque=opaque)
    return dispatch


def defacts(*fns: Callable[..., Any], **facts: Any) -> None:
    """State facts about functions besides their derivative: any attributes of an `Entry`."""
    if unknown := facts.keys() - _FACTS:
        raise TypeError(f"an entry of the registry has no fact {min(unknown)!r}: see autograd.registry.entries.Entry.")
    for fn in fns:
        entry = entry_of(fn)
        for name, value in facts.items():
            setattr(entry, name, value)


def defvjp(
    fn: Callable[..., Any],
    *vjps: Rule | None,
    argnums: Sequence[int] | None = None,
    elementwise: bool | None = None,
    lists: bool = False,
    **facts: Any,
) -> None:
    """Give the derivative of a function: one rule for each positional argument.

    Parameters
    ----------
    fn : callable
        A NumPy function, or an :func:`operation`.
    *vjps : rule or None
        ``rule(g, ans, *args, **kwargs) -> cotangent``, or in the form of HIPS autograd ``rule(ans, *args, **kwargs)(g)
        -> cotangent``. A first parameter ``g`` tells the one, ``ans`` the other; of a rule with other names the form is
        told by what its first call returns. None for an argument without a derivative.
    argnums : sequence of int, optional
        The positions that the rules are for, if not the first ones.
    elementwise : bool, optional
        Whether operands broadcast against each other. True for ufuncs, False for everything else, unless given.
    lists : bool, default False
        Whether an argument of a NumPy function is a list of arrays, whose rule returns a list of cotangents. (An
        :func:`operation` gets every list as it is.)
    **facts
        Other facts about the function: attributes of `autograd.registry.entries.Entry`, such as ``symbol="+"``.

    Raises
    ------
    TypeError
        If there is no fact of a name.

    Examples
    --------
    >>> @operation
    ... def cube(x):
    ...     return x * x * x
    >>> defvjp(cube, lambda g, _, x: g * 3 * x * x, elementwise=True)
    >>> autograd.grad(cube)(2.0)
    12.0
    """
    rules = tuple([as_rule(rule) if rule else rule for rule in vjps])
    _define(fn, _placed(rules, argnums), None, elementwise, lists, facts)


def defjoint(
    fn: Callable[..., Any], joint: Rule, elementwise: bool | None = None, lists: bool = False, **facts: Any
) -> None:
    """Give the derivative of a function by one rule for all its arguments.

    Parameters
    ----------
    fn : callable
    joint : rule
        ``joint(argnums, g, ans, *args, **kwargs)`` returns a sequence: one cotangent for each position in ``argnums``.
    elementwise, lists, **facts
        As in `defvjp`.

    Examples
    --------
    >>> @operation
    ... def product(x, y):
    ...     return x * y
    >>> defjoint(product, lambda argnums, g, _, x, y: [g * (x if argnum else y) for argnum in argnums])
    >>> autograd.grad(product, (0, 1))(2.0, 3.0)
    (3.0, 2.0)
    """
    _define(fn, (), joint, elementwise, lists, facts)


def _define(
    fn: Callable[..., Any],
    vjps: tuple[Rule | None, ...],
    joint: Rule | None,
    elementwise: bool | None,
    lists: bool,
    facts: dict[str, Any],
) -> None:
    entry = entry_of(fn)
    entry.set_rules(vjps, joint)
    entry.elementwise = isinstance(fn, np.ufunc) and fn.signature is None if elementwise is None else elementwise
    if isinstance(fn, np.ufunc) or str(getattr(fn, "__module__", "")).split(".")[0] == "numpy":
        entry.lists = int(lists)
    defacts(fn, **facts)


def _placed(rules: tuple[Any, ...], argnums: Sequence[int] | None) -> tuple[Any, ...]:
    """Return rules by the positions of their arguments, with None for the others."""
    if argnums is None:
        return rules
    placed = dict(zip(argnums, rules, strict=True))
    return tuple([placed.get(i) for i in range(max(placed, default=-1) + 1)])


def defselection(*fns: Callable[..., Any], when: Callable[[Sequence[Any]], bool] = lambda args: True) -> None:
    """Declare that functions with rules pass some elements of their operands on and drop others (`where`, `maximum`).

    The sweep then lets no NaN through from what was dropped: in ``where(x > 0, log(x), 0)`` the derivative of the
    logarithm at 0 is infinite, the cotangent there is 0, and their product would be NaN. A NaN or an infinity that was
    selected is passed on. Every call with a mask, ``where=``, counts as a selection without being told.

    Parameters
    ----------
    *fns : callable
        NumPy functions, or operations, that have rules.
    when : callable, optional
        Whether a call with the given list of arguments does so.

    Examples
    --------
    >>> @operation
    ... def positive_part(x):
    ...     return np.where(x > 0, x, 0.0)
    >>> defvjp(positive_part, lambda g, _, x: g * (x > 0), elementwise=True)
    >>> defselection(positive_part)
    >>> autograd.grad(lambda x: positive_part(np.sqrt(x)))(0.0)  # the slope of the root is infinite there
    0.0
    """
    for fn in fns:
        entry = entry_of(fn)
        entry.selects, entry.plans = when, {}


def defjvp(fn: Callable[..., Any], *jvps: Rule | Literal["same"] | None, argnums: Sequence[int] | None = None) -> None:
    """Give tangent rules to a function, where its tangent costs less by them than by transposing what `defvjp` gave.

    Parameters
    ----------
    fn : callable
    *jvps : rule, "same" or None
        One for each positional argument: ``rule(t, ans, *args, **kwargs)`` takes the tangent of that argument, and
        returns what it adds to the tangent of the output (for several outputs a list). The rule of an elementwise
        function may leave the broadcasting to be done. "same" for an argument in which the function is linear: it is
        its own tangent. None where there is none.
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
    entry, rules = entry_of(fn), _placed(jvps, argnums)
    if not entry.kind:
        entry.set_rules((None,) * len(rules), None)
    entry.jvps = tuple([_itself(fn, i) if rule == "same" else rule for i, rule in enumerate(rules)])


def _itself(fn: Callable[..., Any], argnum: int) -> Rule:
    return lambda t, _, *args, **kwargs: fn(*args[:argnum], t, *args[argnum + 1 :], **kwargs)


def deflinear(*fns: Callable[..., Any], each: bool = False) -> None:
    """Declare that functions with rules are linear in all their operands together: the tangent is the function of the
    tangents.

    Parameters
    ----------
    *fns : callable
    each : bool, default False
        Whether they are linear in each operand while the others stand still, as products are. An operand is an argument
        that has a rule.

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
    defacts(*fns, linear="each" if each else "jointly")


def defconstant(*fns: Callable[..., Any], **facts: Any) -> None:
    """Declare that functions have derivative zero wherever they have one (`floor`, `rint`, `zeros_like` ...).

    Parameters
    ----------
    *fns : callable
        NumPy functions, or operations.
    **facts
        As in `defvjp`.

    Examples
    --------
    >>> @operation
    ... def step(x):
    ...     return np.sign(x) + 1.0
    >>> defconstant(step)
    >>> autograd.grad(lambda x: x * step(x))(3.0)
    2.0
    """
    defacts(*fns, kind="constant", **facts)


def defrefused(reason: str, *fns: Callable[..., Any], **facts: Any) -> None:
    """Give the reason why functions have no derivative, for the error where one is needed: "it counts"."""
    defacts(*fns, kind="refused", reason=reason, **facts)


def defcomposite(
    fn: Callable[..., Any], lists: int = 0, **facts: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Define, as a decorator, a function by others that have rules of their own.

    Parameters
    ----------
    fn : callable
    lists : int, default 0
        How deep in lists its operands stand: 0 where a list in place of an operand means the array that it makes, 1
        where an argument is a list of arrays, -1 where lists are left as they are.
    **facts
        As in `defvjp`.

    Returns
    -------
    callable
        The decorator. It returns the function that it is given, which takes the arguments of ``fn``.

    Examples
    --------
    >>> @operation
    ... def hypotenuse(x, y):
    ...     return np.sqrt(x * x + y * y)
    >>> @defcomposite(hypotenuse)
    ... def of_others(x, y):
    ...     return np.hypot(x, y)
    >>> autograd.grad(hypotenuse)(3.0, 4.0)
    0.6
    """

    def define(body: Callable[..., Any]) -> Callable[..., Any]:
        defacts(fn, kind="composite", body=body, lists=lists)
        defacts(fn, **facts)
        return body

    return define


def defwriter(fn: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Define, as a decorator, a function that writes into its first argument by ``x[index] = value``."""
    return defcomposite(fn, kind="writer")
