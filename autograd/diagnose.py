"""What a tape can tell about itself: whether its rules are right, where a NaN was made, what takes time, and what holds memory.

All of it is read from the one list of records. `check`, `find_nonfinite` and `profile` need every value and every line, which a
tape keeps if it is made with ``debug=True``; `memory` reads any tape. `anomaly_detection` looks while the program runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from autograd.check import Finding, GradientReport, examined, line_of
from autograd.errors import AnomalyError, TapeError
from autograd.recording import Line, Record, Recorder, calling_line, start, stop, stop_recording
from autograd.registry import Spec, name_of
from autograd.rules.index import Scattered
from autograd.sweep import sweep
from autograd.table import html_table, in_bytes, in_seconds, text_table

_SHOWN = 30


# ------------------------------------------------------------------------------------------------------------- rules
def check(tape: Recorder, order: int = 1, rtol: float | None = None, seed: int | np.random.Generator = 0) -> GradientReport:
    """Compare the rule of every operation on a tape with differences. See `GradientTape.check`."""
    _need_values(tape, "check")
    report = GradientReport(f"a tape of {len(tape.records)} operations", order)
    with stop_recording(), np.errstate(all="ignore"):
        for culprit in examined(tape, order, np.random.default_rng(seed), report, rtol):
            found = Finding(culprit.kind, order, "", culprit.text.strip(), operation=culprit.operation, line=culprit.line)
            report.findings.append(found)
    return report


def _need_values(tape: Recorder, asked: str) -> None:
    if tape.lines is None or not tape.keep_values:
        raise TapeError(
            f"{asked} needs every value and every line, and this tape keeps only what derivative rules need: make it with "
            f"GradientTape(debug=True)."
        )
    if not tape.records:
        raise TapeError(f"{asked}: this tape has recorded nothing. Watch a tensor, or read a variable, and compute inside its block.")


# ------------------------------------------------------------------------------------------------------------- what is not finite
class Statistics(NamedTuple):
    """What there is to say of an array in one line. Those of finite elements only, and of magnitudes where it is complex: min, max, mean."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    min: float
    max: float
    mean: float
    nan: int
    inf: int
    zero: int

    @classmethod
    def of(cls, name: str, value: Any) -> Statistics:
        array = np.asarray(value)
        finite = np.isfinite(array)
        sizes = np.abs(array[finite]) if array.dtype.kind == "c" else array[finite].astype(float)
        numbers = (float(sizes.min()), float(sizes.max()), float(sizes.mean())) if sizes.size else (np.nan, np.nan, np.nan)
        nan = int(np.sum(np.isnan(array)))
        return cls(name, array.shape, array.dtype, *numbers, nan, array.size - int(np.sum(finite)) - nan, int(np.sum(array == 0)))

    def __str__(self) -> str:
        return (
            f"{self.name}: shape {self.shape}, {self.dtype}, min {self.min:.6g}, max {self.max:.6g}, mean {self.mean:.6g}; "
            f"{self.nan} NaN, {self.inf} infinite, {self.zero} zero"
        )


class NonFinite(NamedTuple):
    """The first operation that made a NaN or an infinity.

    Attributes
    ----------
    phase : {"forward", "backward"}
    operation : str
    line : str
        Where the program called it: ``file:line: source``. Empty where it is not known.
    made : bool
        Whether it made it of better numbers. Otherwise it is the first that received it, from outside.
    inputs : tuple of Statistics
        What went in: the operands, and backward first the cotangent of the output.
    output : Statistics
        What came out.
    """

    phase: str
    operation: str
    line: str
    made: bool
    inputs: tuple[Statistics, ...]
    output: Statistics

    def __repr__(self) -> str:
        who = f"the derivative rule of {self.operation}" if self.phase == "backward" else self.operation
        did = "made" if self.made else "received from outside, and returned,"
        nan, inf = self.output.nan, self.output.inf
        counts = [f"{nan} NaN"] * bool(nan) + [f"{inf} {'infinity' if inf == 1 else 'infinities'}"] * bool(inf)
        called = f"Called at {self.line}" if self.line else "It was called outside of the block, so its line is not known."
        head = f"{self.phase}: {who} {did} {' and '.join(counts)}."
        return "\n  ".join([head, called, *map(str, (*self.inputs, self.output))])

    def _repr_html_(self) -> str:
        head = ("", "shape", "dtype", "min", "max", "mean", "NaN", "infinite", "zero")
        rows = [
            (s.name, str(s.shape), str(s.dtype), f"{s.min:.6g}", f"{s.max:.6g}", f"{s.mean:.6g}", str(s.nan), str(s.inf), str(s.zero))
            for s in (*self.inputs, self.output)
        ]
        return html_table("\n".join(repr(self).split("\n")[:2]), head, rows)


def find_nonfinite(tape: Recorder, seeds: dict[int, Any] | None = None) -> NonFinite | None:
    """Find the first operation that made a NaN or an infinity. See `GradientTape.find_nonfinite`."""
    _need_values(tape, "find_nonfinite")
    received = None
    for fields, called in zip(tape.records, tape.lines or (), strict=True):
        record = Record._make(fields)
        made = _judged(_arrays((record.args, record.kwargs)), _arrays(record.ans))
        if made:
            return _forward(record.fn, record.args, record.kwargs, record.ans, called)
        if made is False and received is None:
            received = _forward(record.fn, record.args, record.kwargs, record.ans, called)._replace(made=False)
    if received is not None:
        return received
    lines = dict(zip((record[6] for record in tape.records), tape.lines or (), strict=True))
    cotangents = _from_the_end(tape) if seeds is None else seeds
    try:
        with stop_recording(), np.errstate(all="ignore"):
            sweep(_Checked(tape.records, cotangents, lines.get), tape.tracked, cotangents, (), consume=True)
    except AnomalyError as error:
        return error.finding if isinstance(error.finding, NonFinite) else None
    return None


@contextmanager
def anomaly_detection() -> Iterator[None]:
    """Raise at the first operation that makes a NaN or an infinity, for the length of a block.

    Forward, an operation on tensors is at fault that makes an infinity of finite numbers, or a NaN of numbers that were none. In a sweep it is the
    rule that does so with the cotangent of its output. Every operation is looked at, so everything is slower. NumPy's own warnings of these
    are off inside.

    Raises
    ------
    AnomalyError
        There and then. It names the operation, the line of the program that called it (also where its rule is at fault), and the
        statistics of what went in and came out. It is a `FloatingPointError`.

    Examples
    --------
    >>> with anomaly_detection():
    ...     autograd.grad(lambda x: np.log(x - 1))(1.0)
    Traceback (most recent call last):
    autograd.errors.AnomalyError: forward: numpy.log made 1 infinity...
    """
    watcher = _Watcher()
    start(watcher)
    try:
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            yield
    finally:
        stop(watcher)


class _Everything(set[int]):
    """All values there are, for the asking."""

    def __contains__(self, identity: object) -> bool:
        return True


class _Watcher(Recorder):
    """Looks at every operation and every step of a sweep, and keeps nothing but lines."""

    def __init__(self) -> None:
        super().__init__(keep_values=True)
        self.tracked = _Everything()
        self.called: dict[Any, Line] = {}
        self.on_sweep = self._follow

    def tracks(self, identity: Any) -> bool:
        return False

    def note(self, fn: Any, values: list[Any], kwargs: dict[str, Any], ids: list[Any], ans: Any, output: Any) -> None:
        called = self.called[output] = calling_line()
        if _judged(_arrays((values, kwargs)), _arrays(ans)):
            raise AnomalyError(_forward(fn, values, kwargs, ans, called))

    def _follow(self, records: list[tuple[Any, ...]], cotangents: dict[int, Any]) -> list[tuple[Any, ...]]:
        return _Checked(records, cotangents, self.called.get)


def _forward(fn: Any, args: Any, kwargs: Any, ans: Any, called: Line) -> NonFinite:
    outputs = [array for array in _arrays(ans) if not np.all(np.isfinite(array))]
    return NonFinite("forward", name_of(fn), line_of(called), True, _operands(args, kwargs), Statistics.of("output", outputs[0]))


def _operands(args: Any, kwargs: Any = None) -> tuple[Statistics, ...]:
    named = [(f"argument {i}", arg) for i, arg in enumerate(args)] + list((kwargs or {}).items())
    return tuple(Statistics.of(name, array) for name, arg in named for array in _arrays(arg))


def _arrays(value: Any) -> Iterator[Any]:
    """Yield the arrays and floating-point numbers in what a record holds."""
    if isinstance(value, (np.ndarray, float, complex, np.generic)):
        if np.asarray(value).dtype.kind in "biufc":
            yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _arrays(each)
    elif isinstance(value, dict):
        yield from _arrays(list(value.values()))
    elif isinstance(value, Scattered):
        yield from _arrays(value.parts)


def _judged(inputs: Iterable[Any], outputs: Iterable[Any]) -> bool | None:
    """Return None if outputs are finite; otherwise whether they are worse than the inputs: not finite, or NaN, where none of those is."""
    bad = [array for array in outputs if not np.all(np.isfinite(array))]
    if not bad:
        return None
    spoilt = [array for array in inputs if not np.all(np.isfinite(array))]
    return not spoilt or (any(np.any(np.isnan(a)) for a in bad) and not any(np.any(np.isnan(a)) for a in spoilt))


# ------------------------------------------------------------------------------------------------------------- following a sweep
class _Steps(list[tuple[Any, ...]]):
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
            for identity in _flat(record.ids[argnum]):
                if identity in self.cotangents:
                    yield argnum, identity, self.cotangents[identity]

    def before(self, record: Record) -> None:
        """Learn that a record was taken off."""

    def after(self, record: Record) -> None:
        """Learn that its step is done."""


def _flat(identity: Any) -> Iterator[int]:
    if isinstance(identity, tuple):
        for each in identity:
            yield from _flat(each)
    else:
        yield identity


class _Checked(_Steps):
    """Raises when a step makes a cotangent that is not finite of one that was."""

    def __init__(self, records: list[tuple[Any, ...]], cotangents: dict[int, Any], line: Callable[[Any], Line | None]) -> None:
        super().__init__(records, cotangents)
        self.line = line
        self.given: list[Any] = []
        self.spoilt: set[int] = set()  # the values whose cotangents were not finite before

    def before(self, record: Record) -> None:
        self.given = self.outputs(record)

    def after(self, record: Record) -> None:
        if not self.given:
            return
        for argnum, identity, c in self.operands(record):
            if identity in self.spoilt or (made := _judged(_arrays([_plain(g) for g in self.given]), _arrays(_plain(c)))) is None:
                continue
            self.spoilt.add(identity)
            if made:
                called = self.line(record.output)
                inputs = [Statistics.of("cotangent of the output", _plain(g)) for g in self.given] + list(_operands(record.args, record.kwargs))
                output = Statistics.of(f"cotangent of argument {argnum}", _plain(c))
                raise AnomalyError(
                    NonFinite("backward", name_of(record.fn), line_of(called) if called else "", True, tuple(inputs), output)
                )


def _plain(cotangent: Any) -> Any:
    """Return the array in a cotangent."""
    dense = cotangent.dense() if isinstance(cotangent, Scattered) else cotangent
    return getattr(dense, "_value", dense)


def _from_the_end(tape: Recorder) -> dict[int, Any]:
    """Return cotangents of one for the outputs of the last record."""
    record = Record._make(tape.records[-1])
    ids, values = (record.output, record.ans) if isinstance(record.output, tuple) else ((record.output,), [record.ans])
    return {i: np.ones(value.shape, value.dtype) for i, value in zip(ids, values, strict=True) if value is not None and value.dtype.kind in "fc"}


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
        return f"<Profile of {calls} operations: {in_seconds(self.forward)} forward, {in_seconds(self.backward)} backward>"

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (in_seconds(r.forward), in_seconds(r.backward), str(r.calls), in_bytes(r.forward_bytes), in_bytes(r.backward_bytes), r.operation, r.line)
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
    _need_values(tape, "profile")
    records = [Record._make(fields) for fields in tape.records]
    with stop_recording(), np.errstate(all="ignore"):
        forward = [min(_duration(record) for _ in range(repeats)) for record in records]
        sweeps = []
        for _ in range(repeats):
            cotangents = _from_the_end(tape) if seeds is None else dict(seeds)
            sweeps.append(_Timed(tape.records, cotangents))
            sweep(sweeps[-1], tape.tracked, cotangents, (), consume=True)
    backward = [min(times) for times in zip(*(each.times for each in sweeps), strict=True)]
    rows: dict[tuple[str, Line], Row] = {}
    for i, (record, called) in enumerate(zip(records, tape.lines or (), strict=True)):
        key = name_of(record.fn), called
        row = rows.get(key) or Row(key[0], line_of(called), 0, 0.0, 0.0, 0, 0)
        made = _new_bytes(_arrays(record.ans), list(_arrays(record.args)))
        rows[key] = Row(
            *row[:2], row.calls + 1, row.forward + forward[i], row.backward + backward[i], row.forward_bytes + made,
            row.backward_bytes + sweeps[0].bytes[i],
        )  # fmt: skip
    return Profile(list(rows.values()))


def _duration(record: Record) -> float:
    began = perf_counter()
    record.fn(*record.args, **(record.kwargs or {}))
    return perf_counter() - began


class _Timed(_Steps):
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
            self.bytes[len(self)] = _new_bytes(_arrays([c for _, _, c in self.operands(record)]), list(_arrays(self.given)))


def _new_bytes(made: Iterable[Any], of: list[Any]) -> int:
    """Count the bytes of arrays that are no views of others."""
    return sum(each.nbytes for each in made if isinstance(each, np.ndarray) and not any(np.may_share_memory(each, other) for other in of))


# ------------------------------------------------------------------------------------------------------------- memory
class Held(NamedTuple):
    """What the records of one operation at one line of the program keep alive. What several keep counts for the first of them."""

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
        new = [buffer for buffer in map(_buffer, _arrays((record.args, record.kwargs, record.ans))) if buffer is not None and id(buffer) not in seen]
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
    sizes = {i: _size(seed) for i, seed in seeds.items()} if seeds else dict.fromkeys(_flat(last.output), _size(last.ans))
    for index in range(len(records) - 1, -1, -1):
        record = records[index]
        given = [sizes.pop(i) for i in _flat(record.output) if i in sizes]
        if not given:
            continue
        for argnum in record.argnums:
            operand = record.args[argnum]
            parts = operand if isinstance(operand, (list, tuple)) else [operand]
            for identity, part in zip(_flat(record.ids[argnum]), parts, strict=False):
                sizes.setdefault(identity, given[0] if part is None else _size(part))
        peak = max(peak, held[-1 if persistent else index + 1] + sum(given) + sum(sizes.values()))
    return peak


def _size(value: Any) -> int:
    if isinstance(value, (Spec, np.ndarray)) or hasattr(value, "dtype"):
        return int(value.size * value.dtype.itemsize)
    return 0
