"""Check gradients against numerical derivatives, and report the operation whose rule is wrong.

If a derivative differs from the numerical one, the function is run once more on a tape that keeps every value, and each
operation is compared on its own. The report names the operation at fault and the line of the program that called it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.arrays.scopes import errstate
from autograd.check.blame import Suspect, comparisons, describe, suspects
from autograd.check.compare import Comparison, Point
from autograd.check.problem import Problem, RuleFailed
from autograd.check.report import Finding, GradientReport
from autograd.core.recorder import stop_recording
from autograd.core.tensor import Tensor
from autograd.errors import NoDerivativeError, OperandError

MODES = ("reverse", "forward")


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

    These are central differences, extrapolated, with an estimate of their error. Where that is larger than ``rtol`` and
    the function is analytic, they are sharpened by a complex step, which must agree with them.

    Before that, the value of the function on tensors is compared with that on plain arrays, if it takes these.

    Parameters
    ----------
    f : callable
        Takes tensors, and returns a tensor of any shape or a nest of these. It is called many times, and must return
        the same for the same arguments.
    *args : array, Tensor, number, or a nest of these
        Where to check. Derivatives are taken with respect to every floating-point and complex leaf; anything else is
        passed on as it is.
    order : int, default 2
        The highest order of derivatives to check.
    directions : int, default 4
        How many random directions for each leaf. The small elements of a gradient get more, of their own.
    rtol : float, optional
        The relative difference that counts as wrong, beyond ten times the estimated error of the numerical derivative.
        1e-7 in double precision, in which everything is computed that follows there, even if the arguments have less;
        otherwise 1e-3 in single and 5e-2 in half precision.
    modes : sequence of str, default ("reverse", "forward")
        The modes of differentiation to check. Of the derivatives from the second order on, the last step is taken in
        each mode.
    seed : int or numpy.random.Generator, default 0
        Draws directions and cotangents.

    Returns
    -------
    GradientReport
        True if all agree; ``check_gradients(f, x).assert_ok()`` raises if not. For a gradient that is wrong it names
        the argument, the direction, both numbers, the operation whose own rule is wrong, and the line that called it.

    Raises
    ------
    OperandError
        If there is nothing to differentiate with respect to, or for an order or a mode that does not exist. Never for a
        wrong gradient.

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
    with stop_recording(), errstate(all="ignore"):  # at a singular point rules may divide by zero
        return _Check(problem, order, directions, rtol, np.random.default_rng(seed), modes).run()


class _Check:
    """One run of `check_gradients`."""

    def __init__(
        self,
        problem: Problem,
        order: int,
        directions: int,
        rtol: float | None,
        rng: np.random.Generator,
        modes: Sequence[str],
    ) -> None:
        self.base = problem
        self.modes = modes
        self.directions = directions
        self.rtol = rtol
        self.rng = rng
        self.report = GradientReport(getattr(problem.f, "__name__", repr(problem.f)), order)
        self.arguments = list(_paths(problem))
        self.order = 1
        self._suspects: dict[tuple[int, str], list[Suspect]] = {}

    def run(self) -> GradientReport:
        if not self._is_a_function():
            return self.report
        problem, point = self.base, None
        for order in range(1, self.report.order + 1):
            self.order = order
            try:
                point = Point(problem, self.rtol, self.rng, point, self.modes)
                self._compare_all(problem, point)
                if order < self.report.order:
                    problem = problem.gradient(point.cotangent)
            except RuleFailed as failure:
                self._report_broken(failure)
            if not self.report.ok:
                break
        return self.report

    def _is_a_function(self) -> bool:
        """Report a function that returns another value when it is called again, or that is not finite."""
        first, second = (self.base.outputs(self.base.values) for _ in range(2))
        if not first:
            raise OperandError(
                f"{self.report.name} returned nothing that has a derivative: a floating-point or complex tensor, or a "
                f"nest of these, is needed."
            )
        pairs = [(a.numpy(), b.numpy()) for a, b in zip(first, second, strict=False)]
        if len(first) != len(second) or not all(
            a.shape == b.shape and np.array_equal(a, b, equal_nan=True) for a, b in pairs
        ):
            self._report(
                "noise", "", "it does not return the same for the same arguments, so differences mean nothing. Does it "
                             "draw random numbers? "
                "Make their generator inside of it, from a seed."
            )  # fmt: skip
        elif not all(np.all(np.isfinite(a)) for a, _ in pairs):
            bad = sum(int(np.sum(~np.isfinite(a))) for a, _ in pairs)
            self._report(
                "not finite",
                "",
                f"{bad} of the {sum(a.size for a, _ in pairs)} elements that it returns are not finite: check it "
                f"elsewhere.",
            )
        else:
            self._compare_values(first)
        return self.report.ok

    def _compare_values(self, outputs: list[Tensor]) -> None:
        """Report a function whose value on tensors is not that on plain arrays, where it takes these."""
        plain = self.base.outputs_of_arrays()
        if plain is None:
            return
        shapes = [[output.shape for output in each] for each in (plain, outputs)]
        if shapes[0] != shapes[1]:
            text = f"it returns the shapes {shapes[0]} on plain arrays, and {shapes[1]} on tensors."
            self._report("value", "", text)
            return
        for number, (expected, output) in enumerate(zip(plain, outputs, strict=True)):
            exact, found = expected.numpy(), output.numpy()
            off = float(np.max(np.abs(exact - found), initial=0.0))
            size = float(np.max(np.abs(exact), initial=0.0))
            eps = max(float(np.finfo(each.dtype).eps) for each in (exact, found))
            if not off <= eps**0.5 * size:  # beyond rounding, by which a function may differ
                text = (
                    f"output {number} on tensors is not that on plain arrays: they differ by {off:.3g} of {size:.3g}."
                )
                self._report("value", "", text)

    def _compare_all(self, problem: Problem, point: Point) -> None:
        for argument, where in zip(self.arguments, point.leaf_slices(), strict=True):
            self._compare(problem, argument, where, comparisons(point, where, self.directions))
        if self.report.ok and len(self.arguments) > 1:
            # At a tie of two arguments each may take any share: only a direction in both shows if they add up.
            everything = slice(0, point.point.size)
            self._compare(problem, "all arguments together", everything, point.compare(everything))
        if self.report.ok and point.follows and "reverse" in self.modes:
            for argument, relative in zip(self.arguments, point.narrowing(), strict=True):
                suspect = self._suspect("reverse", "wrong") if relative > 1 else None
                if suspect:
                    self._report(
                        "wrong",
                        argument,
                        f"the gradient in its own precision is WRONG.\n{suspect.text}",
                        suspect=suspect,
                    )

    def _compare(self, problem: Problem, argument: str, where: slice, found: Iterator[Comparison]) -> None:
        for comparison in found:
            self.report.count(comparison)
            if not self._judge(problem, argument, where, comparison):
                break

    def _judge(self, problem: Problem, argument: str, where: slice, comparison: Comparison) -> bool:
        """Report the finding of one comparison. Return whether there was none."""
        if comparison.verdict == "right":
            return True
        suspect = self._suspect(comparison.mode, "wrong", "broken")
        what = "the gradient" if comparison.mode == "reverse" else "the derivative by forward differentiation"
        if suspect:
            self._report(
                "wrong",
                argument,
                f"{what} is WRONG. {describe(comparison, where)}\n{suspect.text}",
                where,
                comparison,
                suspect,
            )
        elif comparison.verdict == "insensitive":
            return True
        elif comparison.verdict == "noisy":
            text = (
                "differences do not converge: the function is too rough or too noisy there for its derivative to be "
                "checked."
            )
            self._report("noise", argument, f"{text} {describe(comparison, where)}", where, comparison)
        elif comparison.verdict == "boundary":
            text = "there is no finite derivative, or the function ends there: check it elsewhere."
            self._report("not finite", argument, text, where, comparison)
        elif comparison.verdict == "kink" or (
            self._suspect(comparison.mode, "kink") and self._right_nearby(problem, where, comparison.mode)
        ):
            suspect = self._suspect(comparison.mode, "kink")
            text = "there is a kink: the derivatives from both sides differ, and the rules follow a convention."
            text += f"\n{suspect.text}" if suspect else ""
            self._report("kink", argument, text, where, comparison, suspect)
        else:
            text = (
                "Every operation on the tape agrees on its own, so a part of the computation is not on the tape: "
                "look for .numpy(), .item(), int() or a function of another library."
            )
            self._report(
                "wrong", argument, f"{what} is WRONG. {describe(comparison, where)}\n  {text}", where, comparison
            )
        return False

    def _right_nearby(self, problem: Problem, where: slice, mode: str) -> bool:
        """Whether the derivative is right at a random point nearby, off a kink."""
        beside = []
        for value in problem.values:
            off = 1e-3 * (float(np.max(np.abs(value), initial=0.0)) or 1.0)
            beside.append(value + np.asarray(self.rng.normal(size=value.shape) * off, value.dtype))
        (comparison,) = Point(problem.at(beside), self.rtol, self.rng, modes=(mode,)).compare(where)
        return comparison.verdict in ("right", "insensitive")

    def _suspect(self, mode: str, *kinds: str) -> Suspect | None:
        """Return the first operation with a finding of some kinds."""
        if (self.order, mode) not in self._suspects:
            self._suspects[self.order, mode] = list(suspects(self.base, self.order, self.rng, mode, self.rtol))
        return next((suspect for suspect in self._suspects[self.order, mode] if suspect.kind in kinds), None)

    def _report_broken(self, failure: RuleFailed) -> None:
        cause = failure.__cause__
        suspect = next(filter(None, (self._suspect(mode, "broken") for mode in self.modes)), None)
        text = "there is no derivative." if isinstance(cause, NoDerivativeError) else "a rule is BROKEN."
        self._report(
            "broken",
            "",
            f"{text} {type(cause).__name__}: {cause}" + (f"\n{suspect.text}" if suspect else ""),
            suspect=suspect,
        )

    def _report(
        self,
        kind: str,
        argument: str,
        text: str,
        where: slice | None = None,
        comparison: Comparison | None = None,
        suspect: Suspect | None = None,
    ) -> None:
        if kind == "kink" and any((kind, self.order, argument) == finding[:3] for finding in self.report.findings):
            return  # the other mode has reported it
        numbers: tuple[Any, ...] = ()
        if comparison is not None and where is not None:
            numbers = (comparison.direction[where], *comparison.in_units())
        message = f"order {self.order}{', ' if argument else ''}{argument}: {text}"
        operation, line = (suspect.operation, suspect.line) if suspect else (None, None)
        self.report.findings.append(
            Finding(kind, self.order, argument, message, *numbers)._replace(operation=operation, line=line)
        )


def _paths(problem: Problem) -> Iterator[str]:
    """Yield the name of each leaf that is checked: the position and the name of its argument, and its path in
    the nest.
    """
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
