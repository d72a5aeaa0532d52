"""Read the records of a tape: their arrays, the rule of each operation, and a backward sweep step by step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.arrays.scopes import errstate
from autograd.check.blame import examine
from autograd.check.report import Finding, GradientReport
from autograd.core.recorder import Record, Recorder, stop_recording
from autograd.errors import TapeError
from autograd.registry.entries import Spec
from autograd.registry.operations import Scattered


def need_values(tape: Recorder, asked: str) -> None:
    """Refuse a tape that keeps too little for a tool, or that has recorded nothing."""
    if tape.lines is None or not tape.keep_values:
        raise TapeError(
            f"{asked} needs every value and every line, and this tape keeps only what derivative rules need: make it "
            "with GradientTape(debug=True)."
        )
    if not tape.records:
        raise TapeError(
            f"{asked}: this tape has recorded nothing. Watch a tensor, or read a variable, and compute inside its "
            f"block."
        )


def flat_ids(identity: Any) -> Iterator[int]:
    """Yield the identities of an operand, or of each item of a list of operands."""
    if isinstance(identity, (tuple, list)):
        for each in identity:
            yield from flat_ids(each)
    else:
        yield identity


def arrays(value: Any) -> Iterator[Any]:
    """Yield the numeric arrays and floating-point numbers in a part of a record."""
    if isinstance(value, (np.ndarray, float, complex, np.generic)):
        if np.asarray(value).dtype.kind in "biufc":
            yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from arrays(each)
    elif isinstance(value, dict):
        yield from arrays(list(value.values()))
    elif isinstance(value, Scattered):
        yield from arrays(value.parts)


def bytes_of(value: Any) -> int:
    """Return the size of an array in bytes, also of one of which a record keeps the shape and dtype only."""
    if isinstance(value, (Spec, np.ndarray)) or hasattr(value, "dtype"):
        return int(value.size * value.dtype.itemsize)
    return 0


class ObservedSweep(list[tuple[Any, ...]]):
    """Records for a sweep to consume, with a hook `before` and `after` each step."""

    def __init__(self, records: list[tuple[Any, ...]], cotangents: dict[int, Any]) -> None:
        super().__init__(records)
        self.cotangents = cotangents
        self._current: tuple[Any, ...] | None = None

    def __bool__(self) -> bool:
        if self._current is not None:
            self.after(Record._make(self._current))
            self._current = None
        return len(self) > 0

    def pop(self, *index: Any) -> tuple[Any, ...]:
        self._current = super().pop(*index)
        self.before(Record._make(self._current))
        return self._current

    def outputs(self, record: Record) -> list[Any]:
        """Return the cotangents of the outputs, with which a step begins."""
        ids = record.output if isinstance(record.output, tuple) else (record.output,)
        return [self.cotangents[i] for i in ids if i in self.cotangents]

    def operands(self, record: Record) -> Iterator[tuple[int, int, Any]]:
        """Yield position, identity and cotangent of each operand that has a cotangent."""
        for argnum in record.argnums:
            for identity in flat_ids(record.ids[argnum]):
                if identity in self.cotangents:
                    yield argnum, identity, self.cotangents[identity]

    def before(self, record: Record) -> None:
        """Do something before the rules of a record run."""

    def after(self, record: Record) -> None:
        """Do something after the rules of a record ran."""


def check_rules(
    tape: Recorder, order: int = 1, rtol: float | None = None, seed: int | np.random.Generator = 0
) -> GradientReport:
    """Compare the rule of every operation on a tape with differences. See `GradientTape.check`."""
    need_values(tape, "check")
    report = GradientReport(f"a tape of {len(tape.records)} operations", order)
    with stop_recording(), errstate(all="ignore"):
        for suspect in examine(tape, order, np.random.default_rng(seed), report, rtol):
            finding = Finding(
                suspect.kind, order, "", suspect.text.strip(), operation=suspect.operation, line=suspect.line
            )
            report.findings.append(finding)
    return report
