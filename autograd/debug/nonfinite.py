"""Find the operation that made a NaN or an infinity: on a recorded tape, or while the program runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ContextDecorator
from typing import Any, NamedTuple

import numpy as np

from autograd.arrays.scopes import errstate
from autograd.arrays.show import html_table
from autograd.arrays.source_lines import Line, calling_line, line_of
from autograd.core.backward import sweep
from autograd.core.convert import raw
from autograd.core.recorder import Record, Recorder, recording, stop_recording
from autograd.debug.records import ObservedSweep, arrays, flat_ids, need_values
from autograd.errors import AnomalyError
from autograd.registry.entries import name_of
from autograd.registry.operations import Scattered


class Statistics(NamedTuple):
    """Statistics of an array. Minimum, maximum and mean are of its finite elements, of magnitudes if it is complex."""

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
        numbers = (
            (float(sizes.min()), float(sizes.max()), float(sizes.mean())) if sizes.size else (np.nan, np.nan, np.nan)
        )
        nan = int(np.sum(np.isnan(array)))
        return cls(
            name,
            array.shape,
            array.dtype,
            *numbers,
            nan,
            array.size - int(np.sum(finite)) - nan,
            int(np.sum(array == 0)),
        )

    def __str__(self) -> str:
        return (
            f"{self.name}: shape {self.shape}, {self.dtype}, min {self.min:.6g}, max {self.max:.6g}, mean "
            f"{self.mean:.6g}; {self.nan} NaN, {self.inf} infinite, {self.zero} zero"
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
        The operands; backward, the cotangent of the output before them.
    output : Statistics
        The result.
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
        called = (
            f"Called at {self.line}" if self.line else "It was called outside of the block, so its line is not known."
        )
        head = f"{self.phase}: {who} {did} {' and '.join(counts)}."
        return "\n  ".join([head, called, *map(str, (*self.inputs, self.output))])

    def _repr_html_(self) -> str:
        head = ("", "shape", "dtype", "min", "max", "mean", "NaN", "infinite", "zero")
        rows = [
            (
                s.name,
                str(s.shape),
                str(s.dtype),
                f"{s.min:.6g}",
                f"{s.max:.6g}",
                f"{s.mean:.6g}",
                str(s.nan),
                str(s.inf),
                str(s.zero),
            )
            for s in (*self.inputs, self.output)
        ]
        return html_table("\n".join(repr(self).split("\n")[:2]), head, rows)


def find_nonfinite(tape: Recorder, seeds: dict[int, Any] | None = None) -> NonFinite | None:
    """Find the first operation that made a NaN or an infinity. See `GradientTape.find_nonfinite`."""
    need_values(tape, "find_nonfinite")
    received = None
    for fields, called in zip(tape.records, tape.lines or (), strict=True):
        record = Record._make(fields)
        made = _made_nonfinite(arrays((record.args, record.kwargs)), arrays(record.ans))
        if made:
            return _forward(record.fn, record.args, record.kwargs, record.ans, called)
        if made is False and received is None:
            received = _forward(record.fn, record.args, record.kwargs, record.ans, called)._replace(made=False)
    if received is not None:
        return received
    lines = dict(zip((record[6] for record in tape.records), tape.lines or (), strict=True))
    cotangents = _from_every_end(tape) if seeds is None else seeds
    try:
        with stop_recording(), errstate(all="ignore"):
            sweep(_CheckedSweep(tape.records, cotangents, lines.get), tape.tracked, cotangents, (), consume=True)
    except AnomalyError as error:
        return error.finding if isinstance(error.finding, NonFinite) else None
    return None


def _from_every_end(tape: Recorder) -> dict[int, Any]:
    """Return cotangents of ones for all values that no operation uses: a loss is among them, wherever it stands."""
    records = [Record._make(fields) for fields in tape.records]
    taken = {identity for record in records for identity in flat_ids(record.ids)}
    ends: dict[int, Any] = {}
    for record in records:
        values = record.ans if isinstance(record.output, tuple) else [record.ans]
        for identity, value in zip(flat_ids(record.output), values, strict=True):
            if identity in tape.tracked and identity not in taken:
                ends[identity] = np.ones(value.shape, value.dtype)
    return ends


class anomaly_detection(ContextDecorator, recording):
    """Raise at the first operation that makes a NaN or an infinity, for the length of a block.

    Forward, an operation on tensors is at fault that makes an infinity of finite numbers, or a NaN of numbers that were
    none. In a sweep it is the rule that does so with the cotangent of its output. Every operation is looked at, so
    everything is slower. NumPy's own warnings of these are off inside.

    Raises
    ------
    AnomalyError
        There and then. It names the operation, the line of the program that called it (also where its rule is at
        fault), and the statistics of what went in and came out. It is a `FloatingPointError`.

    Examples
    --------
    >>> with anomaly_detection():
    ...     autograd.grad(lambda x: np.log(x - 1))(1.0)
    Traceback (most recent call last):
    autograd.errors.AnomalyError: forward: numpy.log made 1 infinity...
    """

    def __init__(self) -> None:
        super().__init__(NonFiniteDetector())
        self._quiet = errstate(divide="ignore", over="ignore", invalid="ignore")

    def _recreate_cm(self) -> anomaly_detection:
        return anomaly_detection()

    def _enter(self) -> None:
        super()._enter()
        self._quiet._enter()

    def _leave(self) -> None:
        self._quiet._leave()
        super()._leave()


class _AllValues(set[int]):
    """A set that contains every identity."""

    def __contains__(self, identity: object) -> bool:
        return True


class NonFiniteDetector(Recorder):
    """Checks the result of every operation and of every step of a sweep. It keeps lines only."""

    def __init__(self) -> None:
        super().__init__(keep_values=True, tracked=_AllValues())
        self.called: dict[Any, Line] = {}

    def tracks(self, identity: Any) -> bool:
        return False

    def note(self, fn: Any, values: list[Any], kwargs: dict[str, Any], ids: list[Any], ans: Any, output: Any) -> None:
        called = self.called[output] = calling_line()
        if _made_nonfinite(arrays((values, kwargs)), arrays(ans)):
            raise AnomalyError(_forward(fn, values, kwargs, ans, called))

    def follow(self, records: list[tuple[Any, ...]], cotangents: dict[int, Any]) -> list[tuple[Any, ...]]:
        return _CheckedSweep(records, cotangents, self.called.get)


def _forward(fn: Any, args: Any, kwargs: Any, ans: Any, called: Line) -> NonFinite:
    outputs = [array for array in arrays(ans) if not np.all(np.isfinite(array))]
    return NonFinite(
        "forward", name_of(fn), line_of(called), True, _operands(args, kwargs), Statistics.of("output", outputs[0])
    )


def _operands(args: Any, kwargs: Any = None) -> tuple[Statistics, ...]:
    named = [(f"argument {i}", arg) for i, arg in enumerate(args)] + list((kwargs or {}).items())
    return tuple(Statistics.of(name, array) for name, arg in named for array in arrays(arg))


def _made_nonfinite(inputs: Iterable[Any], outputs: Iterable[Any]) -> bool | None:
    """Return None if all outputs are finite, and otherwise whether the operation made the bad values.

    It made them if all inputs are finite, or if it returned NaN without receiving any.
    """
    bad = [array for array in outputs if not np.all(np.isfinite(array))]
    if not bad:
        return None
    spoilt = [array for array in inputs if not np.all(np.isfinite(array))]
    return not spoilt or (any(np.any(np.isnan(a)) for a in bad) and not any(np.any(np.isnan(a)) for a in spoilt))


class _CheckedSweep(ObservedSweep):
    """Raises when a step makes a cotangent that is not finite from finite ones."""

    def __init__(
        self, records: list[tuple[Any, ...]], cotangents: dict[int, Any], line: Callable[[Any], Line | None]
    ) -> None:
        super().__init__(records, cotangents)
        self.line = line
        self.given: list[Any] = []
        self.spoilt: set[int] = set()  # values whose cotangents are not finite already

    def before(self, record: Record) -> None:
        self.given = self.outputs(record)

    def after(self, record: Record) -> None:
        if not self.given:
            return
        for argnum, identity, c in self.operands(record):
            if (
                identity in self.spoilt
                or (made := _made_nonfinite(arrays([_plain(g) for g in self.given]), arrays(_plain(c)))) is None
            ):
                continue
            self.spoilt.add(identity)
            if made:
                called = self.line(record.output)
                inputs = [Statistics.of("cotangent of the output", _plain(g)) for g in self.given] + list(
                    _operands(record.args, record.kwargs)
                )
                output = Statistics.of(f"cotangent of argument {argnum}", _plain(c))
                raise AnomalyError(
                    NonFinite(
                        "backward", name_of(record.fn), line_of(called) if called else "", True, tuple(inputs), output
                    )
                )


def _plain(cotangent: Any) -> Any:
    """Return a cotangent as an array."""
    return raw(cotangent.dense() if isinstance(cotangent, Scattered) else cotangent)
