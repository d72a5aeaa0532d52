"""Which derivative belongs to which function.

One table maps a NumPy function, or one of our own, to what is known about its derivative. It knows nothing of tensors
and tapes: a rule is plain NumPy, written once.

A **rule** is ``rule(g, ans, *args, **kwargs)``. It gets the cotangent ``g`` of the output, the output ``ans`` and the
arguments of the call, and returns the cotangent of one argument::

    defvjp(np.multiply, lambda g, ans, _x, y: g * y, lambda g, ans, x, _y: g * x)

- A parameter whose name starts with ``_`` is not used by the rule. In its place comes a :class:`Spec`, which knows the
  shape and the dtype of the value and does not keep the value alive.
- A rule names every keyword argument that it understands. Another one is refused when the derivative is taken.
- Cotangents are transposes without conjugation: for holomorphic ``f`` the rule is ``g * f'(x)``.
- An elementwise function broadcasts its operands. Its rule need not know: the sweep sums a cotangent back to the
  shape of the operand. Every other rule returns the shape of the operand itself.
"""

from __future__ import annotations

import functools
import inspect
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import NoDerivativeError

Rule = Callable[..., Any]


class Spec:
    """The shape and dtype of a value, standing in for the value itself.

    Attributes
    ----------
    shape : tuple of int
    dtype : numpy.dtype

    Examples
    --------
    >>> Spec((2, 3), np.dtype("float32"))
    Spec(shape=(2, 3), dtype=float32)
    """

    __slots__ = ("dtype", "shape")

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.shape = shape
        self.dtype = dtype

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def __repr__(self) -> str:
        return f"Spec(shape={self.shape}, dtype={self.dtype})"


class Plan(NamedTuple):
    """What a record must hold, so that the rules of its tracked arguments can run.

    Attributes
    ----------
    uses_ans : bool
        Whether a rule needs the output.
    uses : tuple of bool
        Whether a rule needs the value, for each argument.
    steps : tuple of (int, rule) or None
        The rule of each tracked argument, where there is nothing else to it: no joint rule, no selection, no rule that
        is missing.
    """

    uses_ans: bool
    uses: tuple[bool, ...]
    steps: tuple[tuple[int, Rule | None], ...] | None


class Rules:
    """All that is known of the derivative of one function.

    Attributes
    ----------
    vjps : tuple of (rule or None)
        One rule for each positional argument; None where an argument has no derivative (an axis, a mask).
    joint : rule or None
        In place of ``vjps``: ``joint(argnums, g, ans, *args, **kwargs)`` returns the cotangents of all ``argnums``.
    elementwise : bool
        Whether the function broadcasts its operands against each other, element by element.
    lists : bool or None
        Whether an argument may be a list of arrays. Otherwise a list in place of an operand means the array that it
        makes. None for an operation of ours, which gets lists as they are.
    selects : callable or None
        Whether a call with the given arguments passes some elements on and drops others. What was computed for a
        dropped element has derivative 0, even where it is infinite or NaN.
    operands : int
        How many positional arguments come first; what follows them is passed by name.
    linear : {"", "jointly", "each"}
        Whether the function is linear in all its operands together (`concatenate`), or in each of them (`matmul`).
    jvps : tuple of (rule or None)
        The tangent rule of each positional argument, where one was declared.
    signatures : list of (signature or None)
        What the parameter names of each rule say; of a joint rule one for all.
    complete : set of tuple of int
        The combinations of arguments that are known to have rules.
    plans : dict
        The `Plan` for each combination of tracked arguments and number of arguments that was asked for.
    """

    __slots__ = (
        "complete",
        "elementwise",
        "joint",
        "jvps",
        "linear",
        "lists",
        "operands",
        "plans",
        "selects",
        "signatures",
        "vjps",
    )

    def __init__(
        self, vjps: tuple[Rule | None, ...], joint: Rule | None, elementwise: bool, lists: bool | None
    ) -> None:
        self.vjps = vjps
        self.joint = joint
        self.elementwise = elementwise
        self.lists = lists
        self.linear = ""
        self.jvps: tuple[Rule | None, ...] = ()
        self.selects: Callable[[Sequence[Any]], bool] | None = None
        self.signatures = [_Signature(rule, 2) if rule else None for rule in vjps]
        self.operands = len(vjps)
        if joint:
            signature = _Signature(joint, 3)
            self.signatures = [signature]
            self.operands = sys.maxsize if signature.rest else len(signature.names) - len(joint.__defaults__ or ())
        self.complete: set[tuple[int, ...]] = set()
        self.plans: dict[tuple[tuple[int, ...], int], Plan] = {}

    def signature(self, argnum: int) -> _Signature | None:
        if self.joint:
            return self.signatures[0]
        return self.signatures[argnum] if argnum < len(self.signatures) else None

    def plan(self, argnums: tuple[int, ...], count: int) -> Plan:
        """Say what a record of a call with ``count`` arguments must hold, some of which are tracked. Kept in
        ``plans``.
        """
        signatures = [s for s in map(self.signature, argnums) if s is not None]
        uses = tuple([any(s.uses(i) for s in signatures) for i in range(count)])
        steps = tuple([(i, self.vjps[i]) for i in argnums if i < len(self.vjps) and self.vjps[i] is not None])
        plain = len(steps) == len(argnums) and self.joint is None and self.selects is None
        plan = Plan(any(s.uses_ans for s in signatures), uses, steps if plain else None)
        self.plans[argnums, count] = plan
        return plan

    def accepts(self, argnum: int, keyword: str) -> bool:
        signature = self.signature(argnum)
        return signature is None or signature.accepts(keyword)

    def has_jvps(self, argnums: tuple[int, ...], kwargs: dict[str, Any]) -> bool:
        """Whether tangent rules were declared that serve a call."""
        for argnum in argnums:
            rule = self.jvps[argnum] if argnum < len(self.jvps) else None
            if rule is None or (kwargs and not all(map(_tangent_signature(rule).accepts, kwargs))):
                return False
        return True


class _Signature:
    """What the parameter names of a rule say: which values it uses, which keywords it understands."""

    __slots__ = ("any_keyword", "names", "rest", "uses_ans")

    def __init__(self, rule: Rule, skip: int) -> None:
        names: list[str] = []
        self.rest: str | None = None
        self.any_keyword = False
        for name, kind in _parameters(rule):
            if kind == "rest":
                self.rest = name
            elif kind == "keywords":
                self.any_keyword = True
            else:
                names.append(name)
        self.uses_ans = not names[skip - 1].startswith("_")
        self.names = names[skip:]

    def uses(self, position: int) -> bool:
        name = self.names[position] if position < len(self.names) else self.rest
        return name is not None and not name.startswith("_")

    def accepts(self, keyword: str) -> bool:
        return self.any_keyword or keyword in self.names


@functools.cache
def _tangent_signature(rule: Rule) -> _Signature:
    return _Signature(rule, 2)


def _parameters(rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield (name, kind) of each parameter; read off the code object, because `inspect` would slow the import."""
    code = getattr(rule, "__code__", None)
    if code is None:
        for p in inspect.signature(rule).parameters.values():
            yield p.name, "rest" if p.kind is p.VAR_POSITIONAL else "keywords" if p.kind is p.VAR_KEYWORD else "plain"
        return
    count = code.co_argcount + code.co_kwonlyargcount
    for name in code.co_varnames[:count]:
        yield name, "plain"
    if code.co_flags & inspect.CO_VARARGS:
        yield code.co_varnames[count], "rest"
        count += 1
    if code.co_flags & inspect.CO_VARKEYWORDS:
        yield code.co_varnames[count], "keywords"


RULES: dict[Callable[..., Any], Rules] = {}
CONSTANTS: set[Callable[..., Any]] = set()
COMPOSITES: dict[Callable[..., Any], Callable[..., Any]] = {}
LISTS: dict[Callable[..., Any], int] = {}
WRITERS: set[Callable[..., Any]] = set()
REFUSALS: dict[Callable[..., Any], str] = {}


def defvjp(fn: Callable[..., Any], *vjps: Rule | None, elementwise: bool | None = None, lists: bool = False) -> None:
    """Give the derivative of a function: one rule for each positional argument.

    Parameters
    ----------
    fn : callable
        A NumPy function, or an :func:`operation`.
    *vjps : rule or None
        ``rule(g, ans, *args, **kwargs) -> cotangent``. None for an argument without a derivative.
    elementwise : bool, optional
        Whether operands broadcast against each other. True for ufuncs, False for everything else, unless given.
    lists : bool, default False
        Whether an argument of a NumPy function is a list of arrays, whose rule returns a list of cotangents. (An
        :func:`operation` gets every list as it is.)
    """
    if elementwise is None:
        elementwise = isinstance(fn, np.ufunc) and fn.signature is None
    RULES[fn] = Rules(vjps, None, elementwise, lists if _is_numpy(fn) else None)


def defjoint(fn: Callable[..., Any], joint: Rule, elementwise: bool = False, lists: bool = False) -> None:
    """Give the derivative of a function by one rule for all its arguments.

    Parameters
    ----------
    fn : callable
    joint : rule
        ``joint(argnums, g, ans, *args, **kwargs)`` returns a sequence: one cotangent for each position in ``argnums``.
    elementwise, lists : bool, default False
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
    RULES[fn] = Rules((), joint, elementwise, lists if _is_numpy(fn) else None)


def _is_numpy(fn: Callable[..., Any]) -> bool:
    return isinstance(fn, np.ufunc) or str(getattr(fn, "__module__", "")).split(".")[0] == "numpy"


def defselection(*fns: Callable[..., Any], when: Callable[[Sequence[Any]], bool] = lambda args: True) -> None:
    """Say that functions, which have rules, pass some elements of their operands on and drop others (`where`,
    `maximum`).

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
        RULES[fn].selects = when
        RULES[fn].plans.clear()


def defjvp(fn: Callable[..., Any], *jvps: Rule | None) -> None:
    """Give tangent rules to a function, where its tangent costs less by them than by transposing what `defvjp` gave.

    Parameters
    ----------
    fn : callable
    *jvps : rule or None
        One for each positional argument: ``rule(t, ans, *args, **kwargs)`` takes the tangent of that argument, and
        returns what it adds to the tangent of the output (for several outputs a list). The rule of an elementwise
        function may leave the broadcasting to be done. None where there is none.
    """
    RULES.setdefault(fn, Rules((None,) * len(jvps), None, False, None)).jvps = jvps


def deflinear(*fns: Callable[..., Any], each: bool = False) -> None:
    """Say that functions, which have rules, are linear in all their operands together: the tangent is the function of
    the tangents.

    Parameters
    ----------
    *fns : callable
    each : bool, default False
        Whether they are linear in each operand while the others stand still, as products are. An operand is an argument
        that has a rule.
    """
    for fn in fns:
        RULES[fn].linear = "each" if each else "jointly"


def defconstant(*fns: Callable[..., Any]) -> None:
    """Say that functions have derivative zero wherever they have one (`floor`, `rint`, `zeros_like` ...).

    Parameters
    ----------
    *fns : callable
        NumPy functions, or operations.

    Examples
    --------
    >>> @operation
    ... def step(x):
    ...     return np.sign(x) + 1.0
    >>> defconstant(step)
    >>> autograd.grad(lambda x: x * step(x))(3.0)
    2.0
    """
    CONSTANTS.update(fns)


def defrefused(reason: str, *fns: Callable[..., Any]) -> None:
    """Say why functions have no derivative rule, for the error where one is needed: "it counts"."""
    REFUSALS.update(dict.fromkeys(fns, reason))


def defcomposite(fn: Callable[..., Any], lists: int = 0) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Say (as a decorator) how a function is made of others, which have rules of their own.

    Parameters
    ----------
    fn : callable
    lists : int, default 0
        How deep in lists its operands stand: 0 where a list in place of an operand means the array that it makes, 1
        where an argument is a list of arrays, -1 where lists are left as they are.

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
        COMPOSITES[fn] = body
        LISTS[fn] = lists
        return body

    return define


def defwriter(fn: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Say (as a decorator) how a function that writes into its first argument is made of ``x[index] = value``."""
    WRITERS.add(fn)
    return defcomposite(fn)


def operation(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function of arrays into an operation: one that tensors can intercept, as they intercept NumPy's own.

    The function itself sees plain arrays only, and must not change them. Give it a rule with :func:`defvjp`.

    Parameters
    ----------
    fn : callable
        Takes arrays and numbers, and lists of these, and returns an array, or a tuple or list of arrays.

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

    @functools.wraps(fn)
    def dispatch(*args: Any, **kwargs: Any) -> Any:
        for arg in args:
            for each in arg if isinstance(arg, (list, tuple)) else (arg,):
                kind = type(each)
                if kind is not np.ndarray and hasattr(kind, "__array_function__"):
                    return each.__array_function__(dispatch, (kind,), args, kwargs)
        return fn(*args, **kwargs)

    return dispatch


def module_of(fn: Callable[..., Any]) -> str:
    """Return the module in which users find a function. A ufunc does not know its own: NumPy's have their name there,
    SciPy's in `special`.
    """
    module = getattr(fn, "__module__", None)
    if module is None and isinstance(fn, np.ufunc):
        return next((m for m in ("numpy", "scipy.special") if getattr(sys.modules.get(m), fn.__name__, None) is fn), "")
    return ".".join(part for part in (module or "").split(".") if not part.startswith("_"))


def name_of(fn: Callable[..., Any]) -> str:
    """Return the name of a function as an error message should say it: ``numpy.linalg.inv``."""
    module = module_of(fn)
    name = getattr(fn, "__name__", repr(fn))
    return f"{module}.{name}" if module.split(".")[0] in ("numpy", "scipy") else name


def rules_of(fn: Callable[..., Any], argnums: tuple[int, ...], kwargs: dict[str, Any]) -> Rules:
    """Look up the rules of a call whose derivative is needed.

    Raises
    ------
    NoDerivativeError
        If there is no rule for the function, for one of the arguments, or none that knows one of the keywords.
    """
    rules = RULES.get(fn)
    name = name_of(fn)
    if rules is None and fn in REFUSALS:
        raise NoDerivativeError(
            f"{name} has no derivative, and one through a call of it is needed: {REFUSALS[fn]}. "
            f"Detach its input with .numpy() if it is meant to be constant."
        )
    if rules is None:
        raise NoDerivativeError(
            f"{name} has no derivative rule, and the derivative through a call of it is needed. "
            f"Write it with functions that have one, give it a rule (autograd.extend.defvjp), "
            f"or detach its input with .numpy() if it is meant to be constant."
        )
    for argnum in argnums:
        if rules.joint is None and (argnum >= len(rules.vjps) or rules.vjps[argnum] is None):
            raise NoDerivativeError(
                f"{name} has no derivative with respect to its argument {argnum}, which is tracked. "
                f"Detach it with .numpy() if it is meant to be constant."
            )
        unknown = [k for k in kwargs if not rules.accepts(argnum, k)]
        if unknown:
            raise NoDerivativeError(
                f"the derivative rule of {name} does not know the keyword argument {unknown[0]!r} "
                f"(received {unknown[0]}={kwargs[unknown[0]]!r}). Without it the gradient would be wrong: "
                f"write the call without this keyword."
            )
    rules.complete.add(argnums)
    return rules
