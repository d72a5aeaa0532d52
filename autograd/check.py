"""Gradients checked against numerical derivatives, and the search for the operation whose rule is wrong.

Where a function's derivatives differ from the numerical ones, it is run once more, every value on the tape is kept, and each operation is
compared on its own. So the report names the one whose rule is at fault, and the line of the program that called it.
"""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import nest
from autograd.compare import Comparison, Point, Problem, RuleFailed, bands
from autograd.differences import flat
from autograd.errors import GradientCheckError, NoDerivativeError, OperandError
from autograd.recording import Line, Record, Recorder, stop_recording
from autograd.registry import name_of
from autograd.table import html_table
from autograd.tensor import apply

MODES = ("reverse", "forward")


class Finding(NamedTuple):
    """One thing that a check has to say.

    Attributes
    ----------
    kind : {"wrong", "broken", "noise", "not finite", "kink"}
        A derivative that differs; a rule that raised, or that returned another shape or dtype; a function that is too noisy to check, or not the same
        when it is called again; one that is not finite there; one that has no derivative there. All but a kink make the report fail.
    order : int
        The order of the derivative.
    argument : str
        The argument: its position, its name, and the path in its nest. Empty where all are meant.
    message : str
    direction : array or None
        The direction in which the argument moved; of the shape of the argument.
    analytic, numerical, error : float
        The derivative by the rules, by differences, and the estimated error of the latter.
    operation : str or None
        The operation whose own rule is at fault.
    line : str or None
        Where the program called it: ``file:line: source``.
    """

    kind: str
    order: int
    argument: str
    message: str
    direction: Any = None
    analytic: float = np.nan
    numerical: float = np.nan
    error: float = np.nan
    operation: str | None = None
    line: str | None = None


class GradientReport:
    """What `check_gradients` found.

    Attributes
    ----------
    ok : bool
        Whether all gradients agree. The report itself is true or false likewise.
    findings : list of Finding
    order : int
        The highest order of derivatives that was to be checked.
    compared : int
        How many directional derivatives were compared.
    largest : float
        The largest relative difference among those that agree.
    """

    def __init__(self, name: str, order: int) -> None:
        self.name = name
        self.order = order
        self.findings: list[Finding] = []
        self.compared = 0
        self.largest = 0.0

    @property
    def ok(self) -> bool:
        return all(finding.kind == "kink" for finding in self.findings)

    def __bool__(self) -> bool:
        return self.ok

    def count(self, comparison: Comparison) -> None:
        """Take one comparison into account."""
        self.compared += 1
        if comparison.verdict == "right":
            self.largest = max(self.largest, comparison.relative)

    def assert_ok(self) -> GradientReport:
        """Raise `GradientCheckError`, with the report as its message, unless all gradients agree. Return the report."""
        if not self.ok:
            raise GradientCheckError(repr(self))
        return self

    def _head(self) -> str:
        verdict = "ok" if self.ok else "WRONG" if any(f.kind in ("wrong", "broken") for f in self.findings) else "NOT CHECKED"
        return (
            f"<GradientReport of {self.name}: {verdict}; {self.compared} directional derivatives to order {self.order}, "
            f"largest relative difference of those that agree {self.largest:.1e}>"
        )

    def __repr__(self) -> str:
        return "\n".join([self._head(), *(finding.message for finding in self.findings)])

    def _repr_html_(self) -> str:
        rows = [(f.kind, str(f.order), f.argument, f.operation or "", f.line or "", f.message) for f in self.findings]
        return html_table(self._head(), ("kind", "order", "argument", "operation", "line", "message") if rows else (), rows)


def check_gradients(
    f: Callable[..., Any],
    *args: Any,
    order: int = 2,
    directions: int = 4,
    rtol: float | None = None,
    modes: Sequence[str] = MODES,
    seed: int | np.random.Generator = 0,
) -> GradientReport:
    """Compare the derivatives of a function with numerical ones, in random directions.

    Parameters
    ----------
    f : callable
        Takes tensors, and returns a tensor of any shape or a nest of these. It is called many times, and must return the same for the same arguments.
    *args : array, Tensor, number, or a nest of these
        Where to check. Derivatives are taken with respect to every floating-point and complex leaf; anything else is passed on as it is.
    order : int, default 2
        The highest order of derivatives to check.
    directions : int, default 4
        How many random directions for each leaf. The small elements of a gradient get more, of their own.
    rtol : float, optional
        The relative difference that counts as wrong, beyond ten times the estimated error of the numerical derivative. 1e-7 in double precision,
        in which everything is computed that follows there, even if the arguments have less; otherwise 1e-3 in single and 5e-2 in half precision.
    modes : sequence of str, default ("reverse", "forward")
        The modes of differentiation to check. Of the derivatives from the second order on, the last step is taken in each mode.
    seed : int or numpy.random.Generator, default 0
        Draws directions and cotangents.

    Returns
    -------
    GradientReport
        True if all agree; ``check_gradients(f, x).assert_ok()`` raises if not. For a gradient that is wrong it names the argument, the direction,
        both numbers, the operation whose own rule is wrong, and the line that called it.

    Raises
    ------
    OperandError
        If there is nothing to differentiate with respect to, or for an order or a mode that does not exist. Never for a wrong gradient.

    Examples
    --------
    >>> check_gradients(lambda x: x**3, 2.0).ok
    True
    """
    if order < 1 or directions < 1:
        raise OperandError(f"order and directions are 1 or more: received order={order!r}, directions={directions!r}.")
    if not modes or isinstance(modes, str) or any(mode not in MODES for mode in modes):
        raise OperandError(f"modes is a sequence of the modes to check, which are {MODES!r}. Received {modes!r}.")
    problem = Problem(f, args)
    if not problem.spots:
        raise OperandError(
            "there is nothing to differentiate with respect to: no argument holds a floating-point or complex number "
            f"(received {', '.join(type(arg).__name__ for arg in args) or 'no argument'})."
        )
    with stop_recording(), np.errstate(all="ignore"):  # at a singular point rules may divide by zero
        return _Check(problem, order, directions, rtol, np.random.default_rng(seed), modes).run()


class _Check:
    """One run of `check_gradients`."""

    def __init__(
        self, problem: Problem, order: int, directions: int, rtol: float | None, rng: np.random.Generator, modes: Sequence[str]
    ) -> None:
        self.base = problem
        self.modes = modes
        self.mode = modes[0]
        self.directions = directions
        self.rtol = rtol
        self.rng = rng
        self.report = GradientReport(getattr(problem.f, "__name__", repr(problem.f)), order)
        self.arguments = list(_paths(problem))
        self.order = 1
        self._culprits: list[Culprit] | None = None

    def run(self) -> GradientReport:
        if not self._is_a_function():
            return self.report
        problem, point = self.base, None
        for order in range(1, self.report.order + 1):
            self.order = order
            below = point
            try:
                for mode in self.modes:
                    self.mode, self._culprits = mode, None
                    point = Point(problem, self.rtol, self.rng, below, mode)
                    self._compare_all(problem, point)
                    if not self.report.ok:
                        break
                if order < self.report.order and point is not None:
                    problem = problem.gradient(point.cotangent)
            except RuleFailed as failure:
                self._broken(failure)
            if not self.report.ok:
                break
        return self.report

    def _is_a_function(self) -> bool:
        """Say so if the function is not the same when it is called again, or not finite."""
        first, second = (self.base.outputs(self.base.values) for _ in range(2))
        if not first:
            raise OperandError(
                f"{self.report.name} returned nothing that has a derivative: a floating-point or complex tensor, or a nest of these, is needed."
            )
        pairs = [(a.numpy(), b.numpy()) for a, b in zip(first, second, strict=False)]
        if len(first) != len(second) or not all(a.shape == b.shape and np.array_equal(a, b, equal_nan=True) for a, b in pairs):
            self._say(
                "noise", "", "it does not return the same for the same arguments, so differences mean nothing. Does it draw random numbers? "
                "Make their generator inside of it, from a seed."
            )  # fmt: skip
        elif not all(np.all(np.isfinite(a)) for a, _ in pairs):
            bad = sum(int(np.sum(~np.isfinite(a))) for a, _ in pairs)
            self._say("not finite", "", f"{bad} of the {sum(a.size for a, _ in pairs)} elements that it returns are not finite: check it elsewhere.")
        return self.report.ok

    def _compare_all(self, problem: Problem, point: Point) -> None:
        parts = list(zip(self.arguments, point.leaf_slices(), strict=True))
        # At a tie of two arguments each may take any share: only moving both shows whether the shares add up.
        together = [("all arguments together", slice(0, point.point.size))] if len(parts) > 1 else []
        for argument, where in [*parts, *together]:
            if not self.report.ok and (argument, where) in together:
                break
            for comparison in comparisons(point, where, self.directions):
                self.report.count(comparison)
                if not self._judge(problem, argument, where, comparison):
                    break
        if self.report.ok and point.follows and self.mode == "reverse":
            for argument, relative in zip(self.arguments, point.narrowing(), strict=True):
                culprit = self._culprit("wrong") if relative > 1 else None
                if culprit:
                    self._say("wrong", argument, f"the gradient in its own precision is WRONG.\n{culprit.text}", culprit=culprit)

    def _judge(self, problem: Problem, argument: str, where: slice, comparison: Comparison) -> bool:
        """Say what there is to say of one comparison, and return whether all is well."""
        if comparison.verdict == "right":
            return True
        culprit = self._culprit("wrong", "broken")
        if culprit:
            self._say("wrong", argument, f"{self._what} is WRONG. {_numbers(comparison, where)}\n{culprit.text}", where, comparison, culprit)
        elif comparison.verdict == "blind":
            return True
        elif comparison.verdict == "rough":
            text = "differences do not converge: the function is too rough or too noisy there for its derivative to be checked."
            self._say("noise", argument, f"{text} {_numbers(comparison, where)}", where, comparison)
        elif comparison.verdict == "edge":
            text = "there is no finite derivative, or the function ends there: check it elsewhere."
            self._say("not finite", argument, text, where, comparison)
        elif comparison.verdict == "kink" or (self._culprit("kink") and self._right_nearby(problem, where)):
            culprit = self._culprit("kink")
            text = "there is a kink: the derivatives from both sides differ, and the rules follow a convention."
            text += f"\n{culprit.text}" if culprit else ""
            self._say("kink", argument, text, where, comparison, culprit)
        else:
            text = (
                "Every operation on the tape agrees on its own, so a part of the computation is not on the tape: "
                "look for .numpy(), .item(), int() or a function of another library."
            )
            self._say("wrong", argument, f"{self._what} is WRONG. {_numbers(comparison, where)}\n  {text}", where, comparison)
        return False

    def _right_nearby(self, problem: Problem, where: slice) -> bool:
        """Whether the derivative is right at a point beside this one, which no longer stands on a kink."""
        beside = []
        for value in problem.values:
            off = 1e-3 * (float(np.max(np.abs(value), initial=0.0)) or 1.0)
            beside.append(value + np.asarray(self.rng.normal(size=value.shape) * off, value.dtype))
        return Point(problem.at(beside), self.rtol, self.rng, mode=self.mode).compare(where).verdict in ("right", "blind")

    def _culprit(self, *kinds: str) -> Culprit | None:
        """Return the first operation of which something is to be said."""
        if self._culprits is None:
            self._culprits = list(culprits(self.base, self.order, self.rng, self.mode))
        return next((culprit for culprit in self._culprits if culprit.kind in kinds), None)

    def _broken(self, failure: RuleFailed) -> None:
        cause = failure.__cause__
        culprit = self._culprit("broken")
        text = "there is no derivative." if isinstance(cause, NoDerivativeError) else "a rule is BROKEN."
        self._say("broken", "", f"{text} {type(cause).__name__}: {cause}" + (f"\n{culprit.text}" if culprit else ""), culprit=culprit)

    @property
    def _what(self) -> str:
        return "the gradient" if self.mode == "reverse" else "the derivative by forward differentiation"

    def _say(
        self,
        kind: str,
        argument: str,
        text: str,
        where: slice | None = None,
        comparison: Comparison | None = None,
        culprit: Culprit | None = None,
    ) -> None:
        if kind == "kink" and any((kind, self.order, argument) == finding[:3] for finding in self.report.findings):
            return  # both modes stand before it
        numbers: tuple[Any, ...] = ()
        if comparison is not None and where is not None:
            numbers = (comparison.direction[where], *comparison.in_units())
        message = f"order {self.order}{', ' if argument else ''}{argument}: {text}"
        operation, line = (culprit.operation, culprit.line) if culprit else (None, None)
        self.report.findings.append(Finding(kind, self.order, argument, message, *numbers)._replace(operation=operation, line=line))


def comparisons(point: Point, where: slice, directions: int) -> Iterator[Comparison]:
    """Compare in random directions, and in further ones for the small elements of the gradient that the first has shown."""
    if where.start == where.stop:
        return
    first = point.compare(where)
    yield first
    for _ in range(directions - 1):
        yield point.compare(where)
    for mask in bands(first.contributions[where]):
        yield point.compare(where, mask)


def _numbers(comparison: Comparison, where: slice) -> str:
    """Say direction and numbers in words."""
    analytic, numerical, error = comparison.in_units()
    shown = np.array2string(comparison.direction[where], precision=4, threshold=6, edgeitems=3, separator=", ").replace("\n", "")
    weighed = "" if comparison.unit else " (its outputs weighed at random)"
    return (
        f"In the direction {shown} its derivative{weighed} is {analytic:.12g} by the rules and {numerical:.12g} by differences "
        f"(+- {error:.1g}): a relative difference of {comparison.relative:.2g}."
    )


def _paths(problem: Problem) -> Iterator[str]:
    """Yield the name of each leaf that is checked: the position and the name of its argument, and its path in the nest."""
    try:
        parameters = inspect.signature(problem.f).parameters.values()
        names = [f" ({parameter.name})" for parameter in parameters if parameter.kind is not parameter.VAR_POSITIONAL]
    except (TypeError, ValueError):
        names = []
    paths = [
        f"argument {position}{names[position] if position < len(names) else ''}{path}"
        for position, arg in enumerate(problem.args)
        for path in _walk(arg)
    ]
    for spot in problem.spots:
        yield paths[spot]


def _walk(value: Any) -> Iterator[str]:
    """Yield the path of each leaf of a nest, in its order."""
    if isinstance(value, dict):
        items: Any = value.items()
    elif isinstance(value, (list, tuple)):
        items = zip(getattr(value, "_fields", range(len(value))), value, strict=True)
    else:
        yield ""
        return
    for key, each in items:
        for rest in _walk(each):
            yield f"[{key!r}]{rest}" if not hasattr(value, "_fields") else f".{key}{rest}"


# ----------------------------------------------------------------------------------------------------- which operation it is
class Culprit(NamedTuple):
    """An operation of which something is to be said, and the line that called it."""

    kind: str
    operation: str
    line: str
    text: str


def culprits(problem: Problem, order: int, rng: np.random.Generator, mode: str) -> Iterator[Culprit]:
    """Compare each operation of a function on its own, to an order, and yield those of which something is to be said."""
    trace = Recorder(keep_values=True, keep_lines=True)
    problem.record(problem.values, trace)
    yield from examined(trace, order, rng, mode=mode)


def examined(
    recorder: Recorder,
    order: int,
    rng: np.random.Generator,
    report: GradientReport | None = None,
    rtol: float | None = None,
    mode: str = "reverse",
    most: int = 50,
) -> Iterator[Culprit]:
    """Compare each operation that a recorder with values and lines has recorded, and yield those of which something is to be said.

    A line that runs in a loop is looked at as often as ``most`` says. A report counts what is compared.
    """
    seen: dict[Any, int] = {}
    for fields, called in zip(recorder.records, recorder.lines or (), strict=True):
        record = Record._make(fields)
        key = record.fn, called
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > most:
            continue
        culprit = _examined(record, line_of(called), order, rng, report, rtol, mode)
        if culprit is not None:
            yield culprit


def line_of(called: Line) -> str:
    """Write a line of the program as messages do: ``file:line: source``."""
    return f"{called[0]}:{called[1]}: {linecache.getline(*called).strip()}"


def _examined(
    record: Record, line: str, order: int, rng: np.random.Generator, report: GradientReport | None, rtol: float | None, mode: str
) -> Culprit | None:
    """Compare one operation, and say what is wrong with its rule."""
    symmetric = [argnum for argnum in record.argnums if _reads_a_triangle(record, argnum)]

    def alone(*operands: Any) -> Any:
        args = list(record.args)
        for argnum, operand in zip(record.argnums, operands, strict=True):
            args[argnum] = (operand + np.conj(np.swapaxes(operand, -1, -2))) / 2 if argnum in symmetric else operand
        return apply(record.fn, *args, **(record.kwargs or {}))

    operation = name_of(record.fn)
    problem = Problem(alone, tuple(record.args[argnum] for argnum in record.argnums))
    called = f"\n  Called at {line}"
    kink = point = None
    orders: list[Problem] = []
    for each in range(1, order + 1):
        what = f"  The rule of {operation}" if each == 1 else f"  The derivative of order {each} of {operation}"
        try:
            orders.append(problem)
            point = Point(problem, rtol, rng, point, mode)
            if not (np.all(np.isfinite(point.centre)) and np.all(np.isfinite(point.point))):
                return kink
            for where in [*point.leaf_slices(), slice(0, point.point.size)]:
                for comparison in comparisons(point, where, 3):
                    if report is not None:
                        report.count(comparison)
                    if comparison.verdict == "wrong":
                        text = f"{what} is wrong. {_numbers(comparison, where)}"
                        cause = _cause(orders, rng, mode)
                        if cause is not None:
                            return Culprit("wrong", cause.operation, line, f"{text} Its rule calls {cause.operation}.{called}\n{cause.text}")
                        return Culprit("wrong", operation, line, f"{text}{called}")
                    if comparison.verdict == "kink" and kink is None:
                        kink = Culprit("kink", operation, line, f"  {operation} has a kink there.{called}")
            if mode == "reverse" and point.follows and any(relative > 1 for relative in point.narrowing()):
                return Culprit("wrong", operation, line, f"{what} is wrong in the precision of its operands.{called}")
        except RuleFailed as failure:
            cause_of = failure.__cause__
            return Culprit("broken", operation, line, f"{what} fails: {type(cause_of).__name__}.{called}")
        problem = problem.gradient(point.cotangent)
    return kink


def _reads_a_triangle(record: Record, argnum: int) -> bool:
    """Whether an operation reads one triangle of a symmetric matrix and takes the other one to be the same, as `numpy.linalg.eigh` does.

    Its rule then holds for what stays symmetric.
    """
    matrix = record.args[argnum]
    if not isinstance(matrix, np.ndarray) or matrix.ndim < 2 or not np.array_equal(matrix, np.conj(np.swapaxes(matrix, -1, -2))):
        return False
    before = flat(nest.leaves(record.ans))
    for other in (np.triu(np.ones(matrix.shape[-2:]), 1), np.tril(np.ones(matrix.shape[-2:]), -1)):
        args = list(record.args)
        args[argnum] = (matrix + other * np.max(np.abs(matrix), initial=0.0)).astype(matrix.dtype)
        try:
            after = flat(nest.leaves(record.fn(*args, **(record.kwargs or {}))))
        except (ArithmeticError, ValueError):
            continue
        if np.any(other) and np.array_equal(before, after):
            return True
    return False


def _cause(orders: list[Problem], rng: np.random.Generator, mode: str) -> Culprit | None:
    """Return an operation that the rule calls, and whose own rule is wrong: first one that is wrong at once, then at higher orders."""
    for order, problem in enumerate(reversed(orders[1:]), 1):
        for culprit in culprits(problem, order, rng, mode):
            if culprit.kind != "kink":
                return culprit
    return None
