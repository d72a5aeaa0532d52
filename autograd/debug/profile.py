"""Profile of a tape: the time and the new memory of each operation, forward and backward."""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from autograd.arrays.scopes import errstate
from autograd.arrays.show import html_table, in_bytes, in_seconds, text_table
from autograd.arrays.source_lines import Line, line_of
from autograd.core.backward import sweep
from autograd.core.recorder import Record, Recorder, stop_recording
from autograd.debug.records import ObservedSweep, arrays, need_values
from autograd.registry.entries import name_of

SHOWN = 30  # rows of a table


class ProfileRow(NamedTuple):
    """All calls of one operation at one line: seconds, and bytes of the arrays that it allocated."""

    operation: str
    line: str
    calls: int
    forward: float
    backward: float
    forward_bytes: int
    backward_bytes: int


class Profile:
    """The time that each operation of a tape takes, shown as a table.

    Attributes
    ----------
    rows : list of ProfileRow
        The slowest first.
    forward, backward : float
        Seconds in all.
    """

    _head = ("forward", "backward", "calls", "made forward", "made backward", "operation", "line")

    def __init__(self, rows: list[ProfileRow]) -> None:
        self.rows = sorted(rows, key=lambda row: -(row.forward + row.backward))
        self.forward = sum(row.forward for row in rows)
        self.backward = sum(row.backward for row in rows)

    def _title(self) -> str:
        calls = sum(row.calls for row in self.rows)
        return (
            f"<Profile of {calls} operations: {in_seconds(self.forward)} forward, {in_seconds(self.backward)} backward>"
        )

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                in_seconds(r.forward),
                in_seconds(r.backward),
                str(r.calls),
                in_bytes(r.forward_bytes),
                in_bytes(r.backward_bytes),
                r.operation,
                r.line,
            )
            for r in self.rows[:SHOWN]
        ]

    def __repr__(self) -> str:
        return "\n".join([self._title(), text_table(self._head, self._cells()), *rest_of(self.rows)])

    def _repr_html_(self) -> str:
        return html_table(self._title(), self._head, self._cells())


def rest_of(rows: list[Any]) -> list[str]:
    """Return the line that stands below a table for the rows that it leaves out."""
    return [f"... and {len(rows) - SHOWN} more in .rows"] if len(rows) > SHOWN else []


def measure_time(tape: Recorder, seeds: dict[int, Any] | None = None, repeats: int = 3) -> Profile:
    """Measure every operation of a tape, forward and backward. See `GradientTape.profile`."""
    need_values(tape, "profile")
    records = [Record._make(fields) for fields in tape.records]
    with stop_recording(), errstate(all="ignore"):
        forward = [min(_duration(record) for _ in range(repeats)) for record in records]
        sweeps = []
        for _ in range(repeats):
            cotangents = _last_cotangents(tape) if seeds is None else dict(seeds)
            sweeps.append(_TimedSweep(tape.records, cotangents))
            sweep(sweeps[-1], tape.tracked, cotangents, (), consume=True)
    backward = [min(times) for times in zip(*(each.times for each in sweeps), strict=True)]
    rows: dict[tuple[str, Line], ProfileRow] = {}
    for i, (record, called) in enumerate(zip(records, tape.lines or (), strict=True)):
        key = name_of(record.fn), called
        row = rows.get(key) or ProfileRow(key[0], line_of(called), 0, 0.0, 0.0, 0, 0)
        made = _new_bytes(arrays(record.ans), list(arrays(record.args)))
        rows[key] = ProfileRow(
            *row[:2], row.calls + 1, row.forward + forward[i], row.backward + backward[i], row.forward_bytes + made,
            row.backward_bytes + sweeps[0].bytes[i],
        )  # fmt: skip
    return Profile(list(rows.values()))


def _last_cotangents(tape: Recorder) -> dict[int, Any]:
    """Return cotangents of ones for the outputs of the last record."""
    record = Record._make(tape.records[-1])
    ids, values = (record.output, record.ans) if isinstance(record.output, tuple) else ((record.output,), [record.ans])
    return {
        i: np.ones(value.shape, value.dtype)
        for i, value in zip(ids, values, strict=True)
        if value is not None and value.dtype.kind in "fc"
    }


def _duration(record: Record) -> float:
    began = perf_counter()
    record.fn(*record.args, **(record.kwargs or {}))
    return perf_counter() - began


class _TimedSweep(ObservedSweep):
    """Measures the time and the new memory of each step."""

    def __init__(self, records: list[tuple[Any, ...]], cotangents: dict[int, Any]) -> None:
        super().__init__(records, cotangents)
        self.times = [0.0] * len(records)
        self.bytes = [0] * len(records)
        self.given: list[Any] = []
        self._began = 0.0

    def before(self, record: Record) -> None:
        self.given = self.outputs(record)
        self._began = perf_counter()

    def after(self, record: Record) -> None:
        self.times[len(self)] = perf_counter() - self._began
        if self.given:
            self.bytes[len(self)] = _new_bytes(
                arrays([c for _, _, c in self.operands(record)]), list(arrays(self.given))
            )


def _new_bytes(made: Iterable[Any], of: list[Any]) -> int:
    """Count the bytes of arrays that share no memory with others."""
    return sum(
        each.nbytes
        for each in made
        if isinstance(each, np.ndarray) and not any(np.may_share_memory(each, other) for other in of)
    )
