"""What a picture of a tape shows: the records that matter, those of a layer as one node, long chains shortened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.core.recorder import Record
from autograd.core.registry import Spec
from autograd.debug.picture import Box

_CHAIN = 8  # a longer chain of operations, each with one successor, is shortened where room is short
_ENDS = 3  # and so many stay at each end


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
    """Return the identity of each output of a record, and what the record keeps of it."""
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
    """Return for each record the scopes that it was made in, from the outermost on."""
    # Scopes are listed as they were left, inner ones first: of two with the same records the later one is outside.
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
    """Group records into at most ``limit`` nodes: by shortening chains, by closing layers, and at last by leaving out
    the middle.
    """
    depths = [depth] if depth is not None else range(max(map(len, boxes), default=0), -1, -1)
    for each in depths:
        units = _closed(boxes, each)
        for grouped in (units, _chained(records, units, targets)):
            if len(grouped) <= limit:
                return grouped
    # The records of a run of units are a run of records, so that no way leads out of the middle and in again.
    first, last = limit // 4 + 1, len(units) - limit // 4
    middle = units[first:last]
    common = [box for box in middle[0].boxes if all(box in unit.boxes for unit in middle)]
    return [
        *units[:first],
        Unit([i for unit in middle for i in unit.members], "more", boxes=tuple(common)),
        *units[last:],
    ]


def _closed(boxes: list[tuple[Box, ...]], depth: int) -> list[Unit]:
    """Make one node of each scope that lies deeper than ``depth`` levels, and of each operation elsewhere."""
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
    """Leave out the middle of long chains: of operations whose output goes to the next one alone, and comes from no
    other.
    """
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
    successor = {
        n: m for n, following in enumerate(after) if len(following) == 1 and n not in ends
        for m in following if len(before[m]) == 1 and units[n].boxes == units[m].boxes
    }  # fmt: skip
    taken: dict[int, Unit] = {}
    for n in sorted(successor.keys() - set(successor.values())):
        chain = [n]
        while chain[-1] in successor:
            chain.append(successor[chain[-1]])
        if len(chain) > _CHAIN:
            inner = chain[_ENDS:-_ENDS]
            name = f"{len(inner)} layers" if all(units[m].kind == "layer" for m in inner) else ""
            merged = Unit([i for m in inner for i in units[m].members], "more", name, units[n].boxes)
            taken.update(dict.fromkeys(inner, merged))
    shown = [taken.get(n, unit) for n, unit in enumerate(units)]
    return list({id(unit): unit for unit in shown}.values())
