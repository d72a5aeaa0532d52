"""The registry: one entry for each function, with its derivative rules and all other facts about it.

`RULES` maps a NumPy function, or an operation of ours, to its `Entry`. It knows nothing of tensors and tapes: a rule is
plain NumPy, written once. The tables in `autograd.rules` fill it, and every other part reads it: the tape, vmap, the
compiler, the checks, the drawing.

A **rule** is ``rule(g, ans, *args, **kwargs)``. It gets the cotangent ``g`` of the output, the output ``ans`` and the
arguments of the call, and returns the cotangent of one argument::

    defvjp(np.multiply, lambda g, ans, _x, y: g * y, lambda g, ans, x, _y: g * x)

- A parameter whose name starts with ``_`` is not used by the rule. In its place comes a :class:`Spec`, which knows the
  shape and the dtype of the value and does not keep the value alive.
- A rule names every keyword argument that it understands. Another one is refused when the derivative is taken.
- Cotangents are transposes without conjugation: for holomorphic ``f`` the rule is ``g * f'(x)``.
- An elementwise function broadcasts its operands. Its rule need not know: the sweep sums a cotangent back to the
  shape of the operand. Every other rule returns the shape of the operand itself.
- The cotangent is called ``g``. A rule in the form of HIPS autograd, which returns a function of the cotangent, is
  taken too: ``lambda ans, x: lambda g: g * ans`` (see `autograd.registry.makers`).
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
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    def __repr__(self) -> str:
        return f"Spec(shape={self.shape}, dtype={self.dtype})"


class Plan(NamedTuple):
    """The values that a record must hold, so that the rules of its tracked arguments can run.

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


class Entry:
    """All that is known of one function.

    Attributes
    ----------
    kind : str
        How its derivative is found. "rule": by the rules in this entry. "composite": by those of the functions that
        ``body`` calls. "writer": a composite that writes into its first argument. "constant": it is zero wherever it
        exists. "refused": there is none, for a ``reason``. "discrete": none is asked for, because the results are
        integers, truth values, or no arrays. "maker": no array of values is among the arguments. "": nobody said.
    vjps : tuple of (rule or None)
        One rule for each positional argument; None where an argument has no derivative (an axis, a mask).
    joint : rule or None
        In place of ``vjps``: ``joint(argnums, g, ans, *args, **kwargs)`` returns the cotangents of all ``argnums``.
    jvps : tuple of (rule or None)
        The tangent rule of each positional argument, where one was declared.
    linear : {"", "jointly", "each"}
        Whether the function is linear in all its operands together (`concatenate`), or in each of them (`matmul`).
    selects : callable or None
        Whether a call with the given arguments passes some elements on and drops others. A dropped element has
        derivative 0, even where it is infinite or NaN.
    operands : int
        How many positional arguments come first; the arguments after them are passed by name.
    signatures : list of (signature or None)
        Of each rule; of a joint rule one for all.
    complete : set of tuple of int
        The combinations of arguments that are known to have rules.
    plans : dict
        The `Plan` of each combination of tracked arguments and number of arguments that was asked for.
    body : callable or None
        The function in terms of others, for a composite or a writer.
    reason : str
        Why the derivative is refused.
    elementwise : bool
        Whether the operands broadcast against each other, and each element of the output depends on one of each.
    lists : int
        How deep in lists the operands stand. 0: a list in place of an operand means the array that it makes. 1: an
        argument is a list of arrays. -1: lists are left as they are.
    batch : callable or None
        ``batch(size, mapped, *args, **kwargs)`` calls the function on operands with one more axis, in front (see
        `autograd.rules.batch`). An elementwise function needs none.
    reads : {"values", "shapes", "memory"}
        The facts about operands that decide the output: "shapes" where shapes and dtypes decide, "memory" where layout
        and addresses do.
    static : bool or None
        Whether the shape and the dtype of the output follow from those of the operands. None: unknown, taken for no.
    fresh : bool or None
        Whether the output lies in memory of its own, and is never a view of an operand. None: unknown, taken for no.
    writes_out : bool
        Whether a program can have the result written into a given array.
    analytic : bool
        Whether a complex output is an analytic function of complex operands: no conjugate, no magnitude is hidden in
        it. Taken for yes; a check that relies on it confirms its verdict by differences.
    told_used : bool
        Whether the rule of a function with several outputs gets, after their cotangents, which elements of each output
        something depends on: a mask, or one truth value for all.
    transcendental : bool
        Whether libraries may round the result in different ways.
    costly : bool
        Whether an element takes longer to compute than to write and to read.
    extremum : bool
        Whether the output is one of two operands. Of two zeros that differ in sign it may be either.
    scalar : str
        One element as a Python expression, for machine code: ``"{} + {}"``.
    symbol : str
        The sign that stands for the function in a drawing.
    reduces : ufunc or None
        The ufunc whose reduction the function is: `add` for `sum`.
    methods : dict of str to callable
        For a ufunc, the functions that do what its methods do: ``{"reduce": np.sum, "accumulate": np.cumsum}``.
    parameters : tuple of str
        The names of the positional parameters, where the function itself does not tell them.
    opaque : bool or None
        Whether a compiled program calls the function as it is, and does not take over the calls inside its body. None:
        it does so for the functions of users.
    lowering : callable or None
        Writes a call in the few kinds of calls that the compiler knows (see `autograd.program.passes.lower`).
    lowers_exactly : bool
        Whether the lowered calls give the same bits in the same order in memory.
    """

    __slots__ = (
        "analytic", "batch", "body", "complete", "costly", "elementwise", "extremum", "fresh", "joint", "jvps", "kind",
        "linear", "lists", "lowering", "lowers_exactly", "methods", "opaque", "operands", "parameters", "plans",
        "reads", "reason", "reduces", "scalar", "selects", "signatures", "static", "symbol", "told_used",
        "transcendental", "vjps", "writes_out",
    )  # fmt: skip

    def __init__(self, fn: Callable[..., Any]) -> None:
        ufunc = isinstance(fn, np.ufunc)
        self.kind = self.reason = self.linear = self.scalar = self.symbol = ""
        self.vjps: tuple[Rule | None, ...] = ()
        self.jvps: tuple[Rule | None, ...] = ()
        self.joint: Rule | None = None
        self.body: Callable[..., Any] | None = None
        self.selects: Callable[[Sequence[Any]], bool] | None = None
        self.operands = fn.nin if isinstance(fn, np.ufunc) else 1
        self.signatures: list[_Signature | None] = []
        self.complete: set[tuple[int, ...]] = set()
        self.plans: dict[tuple[tuple[int, ...], int], Plan] = {}
        self.elementwise = isinstance(fn, np.ufunc) and fn.signature is None
        self.lists = -1
        self.batch: Callable[..., Any] | None = None
        self.reads = "values"
        self.static: bool | None = ufunc or None
        self.fresh: bool | None = ufunc or None
        self.writes_out = isinstance(fn, np.ufunc) and fn.nout == 1
        self.analytic = self.lowers_exactly = True
        self.transcendental = self.costly = self.extremum = self.told_used = False
        self.opaque: bool | None = None
        self.reduces: np.ufunc | None = None
        self.methods: dict[str, Callable[..., Any]] = {}
        self.parameters: tuple[str, ...] = ()
        self.lowering: Callable[..., Any] | None = None

    def set_rules(self, vjps: tuple[Rule | None, ...], joint: Rule | None) -> None:
        """Replace the rules for cotangents. Everything else stays, tangent rules too."""
        self.kind, self.body, self.vjps, self.joint = "rule", None, vjps, joint
        self.complete, self.plans = set(), {}
        self.signatures = [_Signature(rule, 2) if rule else None for rule in vjps]
        self.operands = len(vjps)
        if joint:
            signature = _Signature(joint, 3)
            self.signatures = [signature]
            self.operands = sys.maxsize if signature.rest else len(signature.names) - len(joint.__defaults__ or ())

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
    """The parameters of a rule, by whose names it says which values it uses and which keywords it understands."""

    __slots__ = ("any_keyword", "names", "rest", "uses_ans")

    def __init__(self, rule: Rule, skip: int) -> None:
        names: list[str] = []
        self.rest: str | None = None
        self.any_keyword = False
        for name, kind in parameters_of(rule):
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


def parameters_of(rule: Rule) -> Iterator[tuple[str, str]]:
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


RULES: dict[Callable[..., Any], Entry] = {}


def entry_of(fn: Callable[..., Any]) -> Entry:
    """Return the entry of a function, and make one if there is none."""
    entry = RULES.get(fn)
    if entry is None:
        entry = RULES[fn] = Entry(fn)
    return entry


def facts_of(fn: Callable[..., Any]) -> Entry:
    """Return the entry of a function, or one in which nothing is known. That one is not kept."""
    return RULES.get(fn) or Entry(fn)


def is_elementwise(fn: Callable[..., Any]) -> bool:
    """Whether a function broadcasts its operands against each other, element by element."""
    return facts_of(fn).elementwise


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


def rules_of(fn: Callable[..., Any], argnums: tuple[int, ...], kwargs: dict[str, Any]) -> Entry:
    """Look up the rules of a call whose derivative is needed.

    Raises
    ------
    NoDerivativeError
        If there is no rule for the function, for one of the arguments, or none that knows one of the keywords.
    """
    entry = RULES.get(fn)
    name = name_of(fn)
    if entry is not None and entry.kind == "refused":
        raise NoDerivativeError(
            f"{name} has no derivative, and one through a call of it is needed: {entry.reason}. "
            f"Detach its input with .numpy() if it is meant to be constant."
        )
    if entry is None or entry.kind != "rule":
        raise NoDerivativeError(
            f"{name} has no derivative rule, and the derivative through a call of it is needed. "
            f"Write it with functions that have one, give it a rule (autograd.extend.defvjp), "
            f"or detach its input with .numpy() if it is meant to be constant."
        )
    for argnum in argnums:
        if entry.joint is None and (argnum >= len(entry.vjps) or entry.vjps[argnum] is None):
            raise NoDerivativeError(
                f"{name} has no derivative with respect to its argument {argnum}, which is tracked. "
                f"Detach it with .numpy() if it is meant to be constant."
            )
        unknown = [k for k in kwargs if not entry.accepts(argnum, k)]
        if unknown:
            raise NoDerivativeError(
                f"the derivative rule of {name} does not know the keyword argument {unknown[0]!r} "
                f"(received {unknown[0]}={kwargs[unknown[0]]!r}). Without it the gradient would be wrong: "
                f"write the call without this keyword."
            )
    entry.complete.add(argnums)
    return entry
