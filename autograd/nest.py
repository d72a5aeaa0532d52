"""Nests: lists, tuples, namedtuples and dicts, to any depth, with anything else as leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def leaves(nest: Any) -> Iterator[Any]:
    """Yield the leaves of a nest, dicts in their own order."""
    if isinstance(nest, dict):
        for value in nest.values():
            yield from leaves(value)
    elif isinstance(nest, (list, tuple)):
        for value in nest:
            yield from leaves(value)
    else:
        yield nest


def map_leaves(fn: Callable[..., Any], nest: Any) -> Any:
    """Return a nest of the same build, with ``fn(leaf)`` in place of each leaf."""
    if isinstance(nest, dict):
        return {key: map_leaves(fn, value) for key, value in nest.items()}
    if isinstance(nest, tuple) and hasattr(nest, "_fields"):
        return type(nest)(*[map_leaves(fn, value) for value in nest])
    if isinstance(nest, (list, tuple)):
        return type(nest)([map_leaves(fn, value) for value in nest])
    return fn(nest)


def rebuild(nest: Any, values: list[Any]) -> Any:
    """Return a nest of the same build, with the given values as its leaves, in order."""
    remaining = iter(values)
    return map_leaves(lambda _: next(remaining), nest)
