"""Nests: lists, tuples, namedtuples and dicts, to any depth, with anything else as leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from autograd.arrays.intake import refuse_depth


def leaves(nest: Any) -> list[Any]:
    """Return the leaves of a nest, dicts in their own order."""
    found: list[Any] = []
    try:
        _gather(nest, found)
    except RecursionError:
        refuse_depth()
    return found


def _gather(nest: Any, found: list[Any]) -> None:
    if isinstance(nest, dict):
        nest = nest.values()
    elif not isinstance(nest, (list, tuple)):
        found.append(nest)
        return
    for value in nest:
        if isinstance(value, (list, tuple, dict)):
            _gather(value, found)
        else:
            found.append(value)


def rebuild(nest: Any, values: Iterable[Any]) -> Any:
    """Return a nest of the same build, with the given values as its leaves, in order."""
    try:
        return _rebuilt(nest, iter(values))
    except RecursionError:
        refuse_depth()


def _rebuilt(nest: Any, values: Iterator[Any]) -> Any:
    if isinstance(nest, dict):
        return {key: _rebuilt(value, values) for key, value in nest.items()}
    if isinstance(nest, (list, tuple)):
        items = [_rebuilt(value, values) if isinstance(value, (list, tuple, dict)) else next(values) for value in nest]
        if isinstance(nest, tuple):
            return type(nest)(*items) if hasattr(nest, "_fields") else tuple(items)
        return items
    return next(values)


def map_leaves(fn: Callable[[Any], Any], nest: Any) -> Any:
    """Return a nest of the same build, with ``fn(leaf)`` in place of each leaf."""
    return rebuild(nest, map(fn, leaves(nest)))
