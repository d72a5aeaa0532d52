"""What a tape can tell about itself: whether its rules are right, what takes time, and what holds memory.

All of it is read from the one list of records. `check` and `profile` need every value and every line, which a tape
keeps if it is made with ``debug=True``; `memory` reads any tape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from autograd.check.blame import examined
from autograd.check.report import Finding, GradientReport
from autograd.core.backward import sweep
from autograd.core.operations import Scattered
from autograd.core.recorder import Line, Record, Recorder, line_of, stop_recording
from autograd.core.registry import Spec, name_of
from autograd.core.show import html_table, in_bytes, in_seconds, text_table
from autograd.errors import TapeError

_SHOWN = 30


# ------------------------------------------------------------------------------------------------------------- rules
def check(
    tape: Recorder, order: int = 1, rtol: float | None = None, seed: int | np.random.Generator = 0
) -> GradientReport:
    """Compare the rule of every operation on a tape with differences. See `GradientTape.check`."""
    need_values(tape, "check")
    report = GradientReport(f"a tape of {len(tape.records)} operations", order)
    with stop_recording(), np.errstate(all="ignore"):
        for culprit in examined(tape, order, np.random.default_rng(seed), report, rtol):
            found = Finding(
                culprit.kind, order, "", culprit.text.strip(), operation=culprit.operation, line=culprit.line
            )
            report.findings.append(found)
    return report


def need_values(tape: Recorder, asked: str) -> None:
    """Refuse a tape that keeps too little for what was asked of it, or that has recorded nothing."""
    if tape.lines is None or not tape.keep_values:
        raise TapeError(
            f"{asked} needs every value and every line, and this tape keeps only what derivative rules need: make it "
            f"with "
            f"GradientTape(debug=True)."
        )
    if not tape.records:
        raise TapeError(
            f"{asked}: this tape has recorded nothing. Watch a tensor, or read a variable, and compute inside its "
            f"block."
        )


# ---------------------------------------------------------------------------------------------------- following a sweep
class Steps(list[tuple[Any, ...]]):
    """Records for a sweep to take off, which learn of each step: `before` it and `after` it."""

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
        """Return the cotangents that a step begins with."""
        ids = record.output if isinstance(record.output, tuple) else (record.output,)
        return [self.cotangents[i] for i in ids if i in self.cotangents]

    def operands(self, record: Record) -> Iterator[tuple[int, int, Any]]:
        """Yield argument, identity and cotangent of each operand that has one."""
        for argnum in record.argnums:
            for identity in flat_ids(record.ids[argnum]):
                if identity in self.cotangents:
                    yield argnum, identity, self.cotangents[identity]

    def before(self, record: Record) -> None:
        """Learn that a record was taken off."""

    def after(self, record: Record) -> None:
        """Learn that its step is done."""


def flat_ids(identity: Any) -> Iterator[int]:
    """Yield the identities in what a record holds of them."""
    if isinstance(identity, (tuple, list)):
        for each in identity:
            yield from flat_ids(each)
    else:
        yield identity


def arrays(value: Any) -> Iterator[Any]:
    """Yield the arrays and floating-point numbers in what a record holds."""
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


def from_the_end(tape: Recorder) -> dict[int, Any]:
    """Return cotangents of one for the outputs of the last record."""
    record = Record._make(tape.records[-1])
    ids, values = (record.output, record.ans) if isinstance(record.output, tuple) else ((record.output,), [record.ans])
    return {
        i: np.ones(value.shape, value.dtype)
        for i, value in zip(ids, values, strict=True)
        if value is not None and value.dtype.kind in "fc"
    }


# ------------------------------------------------------------------------------------------------------------- time
class Row(NamedTuple):
    """One operation at one line of the program, all its calls together: seconds, and bytes of the arrays it made."""

    operation: str
    line: str
    calls: int
    forward: float
    backward: float
    forward_bytes: int
    backward_bytes: int


class Profile:
    """Where the time of a tape goes. It shows itself as a table.

    Attributes
    ----------
    rows : list of Row
        The slowest first.
    forward, backward : float
        Seconds in all.
    """

    _head = ("forward", "backward", "calls", "made forward", "made backward", "operation", "line")

    def __init__(self, rows: list[Row]) -> None:
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
            for r in self.rows[:_SHOWN]
        ]

    def __repr__(self) -> str:
        return "\n".join([self._title(), text_table(self._head, self._cells()), *_rest(self.rows)])

    def _repr_html_(self) -> str:
        return html_table(self._title(), self._head, self._cells())


def _rest(rows: list[Any]) -> list[str]:
    return [f"... and {len(rows) - _SHOWN} more in .rows"] if len(rows) > _SHOWN else []


def profile(tape: Recorder, seeds: dict[int, Any] | None = None, repeats: int = 3) -> Profile:
    """Measure every operation of a tape, forward and backward. See `GradientTape.profile`."""
    need_values(tape, "profile")
    records = [Record._make(fields) for fields in tape.records]
    with stop_recording(), np.errstate(all="ignore"):
        forward = [min(_duration(record) for _ in range(repeats)) for record in records]
        sweeps = []
        for _ in range(repeats):
            cotangents = from_the_end(tape) if seeds is None else dict(seeds)
            sweeps.append(_Timed(tape.records, cotangents))
            sweep(sweeps[-1], tape.tracked, cotangents, (), consume=True)
    backward = [min(times) for times in zip(*(each.times for each in sweeps), strict=True)]
    rows: dict[tuple[str, Line], Row] = {}
    for i, (record, called) in enumerate(zip(records, tape.lines or (), strict=True)):
        key = name_of(record.fn), called
        row = rows.get(key) or Row(key[0], line_of(called), 0, 0.0, 0.0, 0, 0)
        made = _new_bytes(arrays(record.ans), list(arrays(record.args)))
        rows[key] = Row(
            *row[:2], row.calls + 1, row.forward + forward[i], row.backward + backward[i], row.forward_bytes + made,
            row.backward_bytes + sweeps[0].bytes[i],
        )  # fmt: skip
    return Profile(list(rows.values()))


def _duration(record: Record) -> float:
    began = perf_counter()
    record.fn(*record.args, **(record.kwargs or {}))
    return perf_counter() - began


class _Timed(Steps):
    """Takes the time of each step."""

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
    """Count the bytes of arrays that are no views of others."""
    return sum(
        each.nbytes
        for each in made
        if isinstance(each, np.ndarray) and not any(np.may_share_memory(each, other) for other in of)
    )


# ------------------------------------------------------------------------------------------------------------- memory
class Held(NamedTuple):
    """What the records of one operation at one line of the program keep alive. What several keep counts for the first
    of them.
    """

    operation: str
    line: str
    arrays: int
    bytes: int


class Memory:
    """What a tape keeps alive. It shows itself as a table.

    Attributes
    ----------
    rows : list of Held
        The largest first.
    held : int
        The bytes of all arrays that the tape keeps alive; others may do so as well.
    peak : int
        The most that a backward sweep needs at one time: what the tape still holds, and the cotangents on their way.
    """

    _head = ("bytes", "arrays", "operation", "line")

    def __init__(self, rows: list[Held], peak: int) -> None:
        self.rows = sorted(rows, key=lambda row: -row.bytes)
        self.held = sum(row.bytes for row in rows)
        self.peak = peak

    def _title(self) -> str:
        return f"<Memory of a tape: {in_bytes(self.held)} held, {in_bytes(self.peak)} at the peak of a backward sweep>"

    def _cells(self) -> list[tuple[str, ...]]:
        return [(in_bytes(row.bytes), str(row.arrays), row.operation, row.line) for row in self.rows[:_SHOWN]]

    def __repr__(self) -> str:
        return "\n".join([self._title(), text_table(self._head, self._cells()), *_rest(self.rows)])

    def _repr_html_(self) -> str:
        return html_table(self._title(), self._head, self._cells())


def memory(tape: Recorder, seeds: dict[int, Any] | None = None, persistent: bool = False) -> Memory:
    """Say what a tape keeps alive. See `GradientTape.memory`."""
    records = [Record._make(fields) for fields in tape.records]
    lines: Iterable[Line | None] = tape.lines if tape.lines is not None else [None] * len(records)
    seen: set[int] = set()
    rows: dict[Any, Held] = {}
    held = [0]
    for record, called in zip(records, lines, strict=True):
        new = [
            buffer
            for buffer in map(_buffer, arrays((record.args, record.kwargs, record.ans)))
            if buffer is not None and id(buffer) not in seen
        ]
        new = list({id(buffer): buffer for buffer in new}.values())
        seen.update(map(id, new))
        size = sum(buffer.nbytes for buffer in new)
        held.append(held[-1] + size)
        if new:
            key = name_of(record.fn), called
            row = rows.get(key) or Held(key[0], line_of(called) if called else "", 0, 0)
            rows[key] = row._replace(arrays=row.arrays + len(new), bytes=row.bytes + size)
    return Memory(list(rows.values()), _peak(records, held, seeds, persistent))


def _buffer(value: Any) -> Any:
    """Return the array that owns the memory of another one."""
    if not isinstance(value, np.ndarray):
        return None
    while isinstance(value.base, np.ndarray):
        value = value.base
    return value


def _peak(records: list[Record], held: list[int], seeds: dict[int, Any] | None, persistent: bool) -> int:
    """Walk as a sweep would, with sizes in place of cotangents."""
    peak = held[-1]
    if not records:
        return peak
    last = records[-1]
    sizes = (
        {i: _size(seed) for i, seed in seeds.items()}
        if seeds
        else dict.fromkeys(flat_ids(last.output), _size(last.ans))
    )
    for index in range(len(records) - 1, -1, -1):
        record = records[index]
        given = [sizes.pop(i) for i in flat_ids(record.output) if i in sizes]
        if not given:
            continue
        for argnum in record.argnums:
            operand = record.args[argnum]
            parts = operand if isinstance(operand, (list, tuple)) else [operand]
            for identity, part in zip(flat_ids(record.ids[argnum]), parts, strict=False):
                sizes.setdefault(identity, given[0] if part is None else _size(part))
        peak = max(peak, held[-1 if persistent else index + 1] + sum(given) + sum(sizes.values()))
    return peak


def _size(value: Any) -> int:
    if isinstance(value, (Spec, np.ndarray)) or hasattr(value, "dtype"):
        return int(value.size * value.dtype.itemsize)
    return 0
