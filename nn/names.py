"""Names that are made from classes: ``dense``, ``dense_1`` ..."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

_counts: dict[str, Iterator[int]] = {}


def unique_name(base: str) -> str:
    """Return ``dense``, then ``dense_1``, ``dense_2`` ..."""
    number = next(_counts.setdefault(base, itertools.count()))
    return f"{base}_{number}" if number else base


def clear() -> None:
    """Begin to count anew."""
    _counts.clear()
