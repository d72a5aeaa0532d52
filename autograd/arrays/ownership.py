"""Count the references to an array, to know whether it may be written in place: nobody else can see a change."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

# Apply it to an expression that reads one place (`x._value`, `mapping[key]`, `items[i]`) and not to a local name, but
# for `PASSED`: how the interpreter counts a name differs from version to version.
references = sys.getrefcount


def references_of_each(items: list[Any]) -> list[int]:
    """Count the references to each item of a list, as `references` does: one that the list alone holds has `ALONE`."""
    return list(map(references, items))


class _Place:
    __slots__ = ("value",)
    value: np.ndarray[Any, Any]


def _calibrated() -> int:
    """Return what `references` counts for an array that one place holds, or 0 (which no array has, so that every write
    goes to a copy) where the interpreter does not count a second reference.
    """
    place = _Place()
    place.value = np.empty(0)
    alone = references(place.value)
    second = [place.value]
    return alone if references(place.value) == alone + len(second) else 0


# The count of an array that is held by the place alone from which it is read.
ALONE = _calibrated()


class _Sequence:
    __slots__ = ("count",)

    def __setitem__(self, index: int, value: object) -> None:
        self.count = references(value)


_sequence = _Sequence()
_sequence[0] = object()
# The count in a `__setitem__` of a value that only its caller holds.
PASSED = _sequence.count
