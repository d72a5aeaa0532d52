"""The findings of a check of gradients, and their report."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.arrays.show import html_table
from autograd.check.compare import Comparison
from autograd.errors import GradientCheckError


class Finding(NamedTuple):
    """One finding of a check.

    Attributes
    ----------
    kind : {"value", "wrong", "broken", "noise", "not finite", "kink"}
        A value on tensors that is not that on plain arrays; a derivative that differs; a rule that raised, or that
        returned another shape or dtype; a function that is too noisy to check, or not the same when it is called again;
        one that is not finite there; one that has no derivative there. All but a kink make the report fail.
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
    """The findings of `check_gradients`.

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

    Examples
    --------
    >>> report = autograd.check_gradients(np.abs, 0.0)
    >>> report.ok, [finding.kind for finding in report.findings]
    (True, ['kink'])
    """

    def __init__(self, name: str, order: int) -> None:
        self.name = name
        self.order = order
        self.findings: list[Finding] = []
        self.compared = 0
        self.largest = 0.0

    @property
    def ok(self) -> bool:
        """Whether nothing was found but kinks."""
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
        verdict = (
            "ok" if self.ok else "WRONG" if any(f.kind in ("wrong", "broken") for f in self.findings) else "NOT CHECKED"
        )
        return (
            f"<GradientReport of {self.name}: {verdict}; {self.compared} directional derivatives to order "
            f"{self.order}, largest relative difference of those that agree {self.largest:.1e}>"
        )

    def __repr__(self) -> str:
        return "\n".join([self._head(), *(finding.message for finding in self.findings)])

    def _repr_html_(self) -> str:
        rows = [(f.kind, str(f.order), f.argument, f.operation or "", f.line or "", f.message) for f in self.findings]
        return html_table(
            self._head(), ("kind", "order", "argument", "operation", "line", "message") if rows else (), rows
        )
