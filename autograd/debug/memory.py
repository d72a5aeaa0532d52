"""Memory of a tape: the bytes that its records keep alive, and the peak of a backward sweep."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from autograd.arrays.show import html_table, in_bytes, text_table
from autograd.arrays.source_lines import Line, line_of
from autograd.core.recorder import Record, Recorder
from autograd.debug.profile import SHOWN, rest_of
from autograd.debug.records import arrays, bytes_of, flat_ids
from autograd.registry.entries import name_of


class MemoryRow(NamedTuple):
    """The arrays that the records of one operation at one line keep alive.

    An array that several records keep counts for the first.
    """

    operation: str
    line: str
    arrays: int
    bytes: int


class Memory:
    """The arrays that a tape keeps alive, shown as a table.

    Attributes
    ----------
    rows : list of MemoryRow
        The largest first.
    held : int
        The bytes of all arrays that the tape keeps alive; others may do so as well.
    peak : int
        The most that a backward sweep needs at one time: what the tape still holds, and the cotangents on their way.
    """

    _head = ("bytes", "arrays", "operation", "line")

    def __init__(self, rows: list[MemoryRow], peak: int) -> None:
        self.rows = sorted(rows, key=lambda row: -row.bytes)
        self.held = sum(row.bytes for row in rows)
        self.peak = peak

    def _title(self) -> str:
        return f"<Memory of a tape: {in_bytes(self.held)} held, {in_bytes(self.peak)} at the peak of a backward sweep>"

    def _cells(self) -> list[tuple[str, ...]]:
        return [(in_bytes(row.bytes), str(row.arrays), row.operation, row.line) for row in self.rows[:SHOWN]]

    def __repr__(self) -> str:
        return "\n".join([self._title(), text_table(self._head, self._cells()), *rest_of(self.rows)])

    def _repr_html_(self) -> str:
        return html_table(self._title(), self._head, self._cells())


def measure_memory(tape: Recorder, seeds: dict[int, Any] | None = None, persistent: bool = False) -> Memory:
    """Measure the memory that a tape keeps alive. See `GradientTape.memory`."""
    records = [Record._make(fields) for fields in tape.records]
    lines: Iterable[Line | None] = tape.lines if tape.lines is not None else [None] * len(records)
    seen: set[int] = set()
    rows: dict[Any, MemoryRow] = {}
    held = [0]  # bytes that the first records keep alive
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
            row = rows.get(key) or MemoryRow(key[0], line_of(called) if called else "", 0, 0)
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
    """Return the largest number of bytes alive during a backward sweep, from the sizes of the cotangents alone."""
    peak = held[-1]
    if not records:
        return peak
    last = records[-1]
    sizes = (
        {i: bytes_of(seed) for i, seed in seeds.items()}
        if seeds
        else dict.fromkeys(flat_ids(last.output), bytes_of(last.ans))
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
                sizes.setdefault(identity, given[0] if part is None else bytes_of(part))
        peak = max(peak, held[-1 if persistent else index + 1] + sum(given) + sum(sizes.values()))
    return peak
