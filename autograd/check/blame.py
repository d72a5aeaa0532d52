"""Find the operation whose rule is wrong: compare each operation of a tape on its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd.arrays.source_lines import line_of
from autograd.check.compare import Comparison, Point
from autograd.check.differences import flat
from autograd.check.probe import bands
from autograd.check.problem import Problem, RuleFailed
from autograd.check.report import GradientReport
from autograd.core import nest
from autograd.core.recorder import Record, Recorder
from autograd.core.tensor import apply
from autograd.registry.entries import name_of


class Suspect(NamedTuple):
    """An operation with a finding, and the line that called it."""

    kind: str
    operation: str
    line: str
    text: str


def suspects(
    problem: Problem, order: int, rng: np.random.Generator, mode: str, rtol: float | None = None
) -> Iterator[Suspect]:
    """Compare each operation of a function on its own, up to an order, and yield those with a finding."""
    trace = Recorder(keep_values=True, keep_lines=True)
    problem.record(problem.values, trace)
    yield from examine(trace, order, rng, rtol=rtol, mode=mode)


def examine(
    recorder: Recorder,
    order: int,
    rng: np.random.Generator,
    report: GradientReport | None = None,
    rtol: float | None = None,
    mode: str = "reverse",
    most: int = 50,
) -> Iterator[Suspect]:
    """Compare each operation of a recorder that kept values and lines, and yield those with a finding.

    Of an operation in a loop the first ``most`` calls are compared. A report counts the comparisons.
    """
    seen: dict[Any, int] = {}
    for fields, called in zip(recorder.records, recorder.lines or (), strict=True):
        record = Record._make(fields)
        key = record.fn, called
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > most:
            continue
        suspect = _examine_one(record, line_of(called), order, rng, report, rtol, mode)
        if suspect is not None:
            yield suspect


def _examine_one(
    record: Record,
    line: str,
    order: int,
    rng: np.random.Generator,
    report: GradientReport | None,
    rtol: float | None,
    mode: str,
) -> Suspect | None:
    """Compare one operation, and return what is wrong with its rule, or None."""
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
            point = Point(problem, rtol, rng, point, (mode,))
            if not (np.all(np.isfinite(point.centre)) and np.all(np.isfinite(point.point))):
                return kink
            for where in [*point.leaf_slices(), slice(0, point.point.size)]:
                for comparison in comparisons(point, where, 3):
                    if report is not None:
                        report.count(comparison)
                    if comparison.verdict == "wrong":
                        text = f"{what} is wrong. {describe(comparison, where)}"
                        cause = _cause(orders, rng, mode, rtol)
                        if cause is not None:
                            return Suspect(
                                "wrong",
                                cause.operation,
                                line,
                                f"{text} Its rule calls {cause.operation}.{called}\n{cause.text}",
                            )
                        return Suspect("wrong", operation, line, f"{text}{called}")
                    if comparison.verdict == "kink" and kink is None:
                        kink = Suspect("kink", operation, line, f"  {operation} has a kink there.{called}")
            if mode == "reverse" and point.follows and any(relative > 1 for relative in point.narrowing()):
                return Suspect("wrong", operation, line, f"{what} is wrong in the precision of its operands.{called}")
        except RuleFailed as failure:
            cause_of = failure.__cause__
            return Suspect("broken", operation, line, f"{what} fails: {type(cause_of).__name__}.{called}")
        problem = problem.gradient(point.cotangent)
    return kink


def _reads_a_triangle(record: Record, argnum: int) -> bool:
    """Whether an operation reads only one triangle of a symmetric matrix, as `numpy.linalg.eigh` does.

    Its rule then holds for symmetric changes of the matrix.
    """
    matrix = record.args[argnum]
    if (
        not isinstance(matrix, np.ndarray)
        or matrix.ndim < 2
        or not np.array_equal(matrix, np.conj(np.swapaxes(matrix, -1, -2)))
    ):
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


def _cause(orders: list[Problem], rng: np.random.Generator, mode: str, rtol: float | None) -> Suspect | None:
    """Return an operation that the rule calls and whose own rule is wrong, at first order or else at higher ones."""
    for order, problem in enumerate(reversed(orders[1:]), 1):
        for suspect in suspects(problem, order, rng, mode, rtol):
            if suspect.kind != "kink":
                return suspect
    return None


def comparisons(point: Point, where: slice, directions: int) -> Iterator[Comparison]:
    """Compare in random directions, and then in directions of the small elements of the gradient."""
    if where.start == where.stop:
        return
    first = None
    for comparison in point.compare(where):
        first = first or comparison
        yield comparison
    for _ in range(directions - 1):
        yield from point.compare(where)
    for mask in bands(first.contributions[where]) if first else ():
        yield from point.compare(where, mask)


def describe(comparison: Comparison, where: slice) -> str:
    """Write the direction and the numbers of a comparison as text."""
    analytic, numerical, error = comparison.in_units()
    shown = np.array2string(comparison.direction[where], precision=4, threshold=6, edgeitems=3, separator=", ").replace(
        "\n", ""
    )
    weighed = "" if comparison.unit else " (its outputs weighed at random)"
    return (
        f"In the direction {shown} its derivative{weighed} is {analytic:.12g} by the rules and {numerical:.12g} by "
        f"differences (+- {error:.1g}): a relative difference of {comparison.relative:.2g}."
    )
