"""Choose the nodes of a picture: the records that targets depend on, a layer as one node, long chains shortened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.core.recorder import Record
from autograd.debug.picture import Box
from autograd.registry.entries import Spec

_CHAIN = 8  # longer chains of operations, each with one successor, are shortened where the limit asks for it
_ENDS = 3  # units of a shortened chain that stay at each end


def flat(ids: Any, values: Any) -> Iterator[tuple[int, Any]]:
    """Yield identity and value of an argument, or of each item of a list of them."""
    if isinstance(values, (list, tuple)) and (
        ids.__class__ is tuple or any(isinstance(v, (np.ndarray, Spec)) for v in values)
    ):
        for identity, value in zip(ids if ids.__class__ is tuple else (0,) * len(values), values, strict=True):
            yield from flat(identity, value)
    else:
        yield ids, values


def outputs(record: Record) -> tuple[tuple[int, Any], ...]:
    """Return the identity of each output of a record, and the value, the `Spec` or None that the record keeps."""
    if isinstance(record.output, tuple):
        return tuple(zip(record.output, record.ans, strict=True))
    return ((record.output, record.ans),)


def needed(records: list[tuple[Any, ...]], wanted: set[int]) -> list[int]:
    """Return the positions of the records that some values depend on."""
    wanted = set(wanted)
    kept = []
    for i in range(len(records) - 1, -1, -1):
        record = Record._make(records[i])
        if any(output in wanted for output, _ in outputs(record)):
            kept.append(i)
            wanted.update(one for k in record.argnums for one, _ in flat(record.ids[k], record.args[k]))
    return kept[::-1]


class Unit:
    """Records that are drawn as one node."""

    def __init__(
        self, members: list[int], kind: str = "operation", name: str = "", boxes: tuple[Box, ...] = ()
    ) -> None:
        self.members = members
        self.kind = kind
        self.name = name
        self.boxes = boxes
        self.lines: list[str] = []


def boxes_of(scopes: list[tuple[str, int, int]], numbers: list[int]) -> list[tuple[Box, ...]]:
    """Return the scopes of each record, outermost first."""
    # Scopes are listed in the order of their ends: of two with the same records the later one is the outer one.
    ordered = sorted([s for s in scopes[::-1] if s[1] < s[2]], key=lambda scope: (scope[1], -scope[2]))
    result: list[tuple[Box, ...]] = []
    waiting = enumerate(ordered)
    following = next(waiting, None)
    stack: list[tuple[Box, int]] = []
    for number in numbers:
        while following is not None and following[1][1] <= number:
            while stack and stack[-1][1] <= following[1][1]:
                stack.pop()
            stack.append(((following[0], following[1][0]), following[1][2]))
            following = next(waiting, None)
        while stack and stack[-1][1] <= number:
            stack.pop()
        result.append(tuple(box for box, _ in stack))
    return result


def group(
    records: list[Record], boxes: list[tuple[Box, ...]], depth: int | None, limit: int, targets: set[int]
) -> list[Unit]:
    """Group records into at most ``limit`` nodes: shorten chains, then close layers, and at last drop the middle."""
    depths = [depth] if depth is not None else range(max(map(len, boxes), default=0), -1, -1)
    for each in depths:
        units = _closed(boxes, each)
        for grouped in (units, _chained(records, units, targets)):
            if len(grouped) <= limit:
                return grouped
    # Consecutive units have consecutive records, so replacing the middle by one node cannot create a cycle.
    first, last = limit // 4 + 1, len(units) - limit // 4
    middle = units[first:last]
    common = [box for box in middle[0].boxes if all(box in unit.boxes for unit in middle)]
    return [
        *units[:first],
        Unit([i for unit in middle for i in unit.members], "more", boxes=tuple(common)),
        *units[last:],
    ]


def _closed(boxes: list[tuple[Box, ...]], depth: int) -> list[Unit]:
    """Make one unit of each scope deeper than ``depth`` levels, and one of each operation outside of these."""
    units: list[Unit] = []
    last: Box | None = None
    for i, path in enumerate(boxes):
        closed = path[depth] if len(path) > depth else None
        if closed is not None and closed == last:
            units[-1].members.append(i)
        elif closed is not None:
            units.append(Unit([i], "layer", closed[1], path[:depth]))
        else:
            units.append(Unit([i], boxes=path))
        last = closed
    return units


def _chained(records: list[Record], units: list[Unit], targets: set[int]) -> list[Unit]:
    """Merge the middle of each long chain: units whose output goes to the next one only, and comes from no other."""
    successor = _successors(records, units, targets)
    merged_by: dict[int, Unit] = {}
    for n in sorted(successor.keys() - set(successor.values())):
        chain = [n]
        while chain[-1] in successor:
            chain.append(successor[chain[-1]])
        if len(chain) > _CHAIN:
            inner = chain[_ENDS:-_ENDS]
            name = f"{len(inner)} layers" if all(units[m].kind == "layer" for m in inner) else ""
            merged = Unit([i for m in inner for i in units[m].members], "more", name, units[n].boxes)
            merged_by.update(dict.fromkeys(inner, merged))
    shown = [merged_by.get(n, unit) for n, unit in enumerate(units)]
    return list({id(unit): unit for unit in shown}.values())


def _successors(records: list[Record], units: list[Unit], targets: set[int]) -> dict[int, int]:
    """Return, for each unit inside a chain, the number of the next one: in the same box, and with no other input."""
    maker = {output: n for n, unit in enumerate(units) for i in unit.members for output, _ in outputs(records[i])}
    after: list[set[int]] = [set() for _ in units]
    before: list[set[int]] = [set() for _ in units]
    for n, unit in enumerate(units):
        for i in unit.members:
            for k in records[i].argnums:
                for one, _ in flat(records[i].ids[k], records[i].args[k]):
                    if maker.get(one, n) != n:
                        after[maker[one]].add(n)
                        before[n].add(maker[one])
    ends = {maker[one] for one in targets if one in maker}
    successor = {}
    for n, following in enumerate(after):
        if len(following) == 1 and n not in ends:
            (m,) = following
            if len(before[m]) == 1 and units[n].boxes == units[m].boxes:
                successor[n] = m
    return successor
