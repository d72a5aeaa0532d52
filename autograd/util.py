"""Helpers for sequences, under the path that HIPS autograd has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["subval", "subvals"]


def subvals(x: Sequence[Any], ivs: Iterable[tuple[int, Any]]) -> tuple[Any, ...]:
    """Return a sequence as a tuple, with other values at some positions.

    Examples
    --------
    >>> subvals([1, 2, 3], [(0, 10), (2, 30)])
    (10, 2, 30)
    """
    replaced = list(x)
    for i, value in ivs:
        replaced[i] = value
    return tuple(replaced)


def subval(x: Sequence[Any], i: int, v: Any) -> tuple[Any, ...]:
    """Return a sequence as a tuple, with another value at one position.

    Examples
    --------
    >>> subval([1, 2, 3], 1, 20)
    (1, 20, 3)
    """
    return subvals(x, [(i, v)])
