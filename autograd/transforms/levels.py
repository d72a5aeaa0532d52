"""The mapped functions that run now: a level for each, innermost last."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from autograd.core.value import next_id

Function = TypeVar("Function", bound=Callable[..., Any])


class Level:
    """One mapped axis: what tells the values of one mapped function from those of another that it stands in.

    Attributes
    ----------
    number : int
        Greater than that of every level around.
    size : int
        How many elements the batch has.
    """

    __slots__ = ("number", "size")

    def __init__(self, size: int) -> None:
        self.number = next_id()
        self.size = size


_levels: ContextVar[tuple[Level, ...]] = ContextVar("autograd_levels", default=())
active_levels: Callable[[], tuple[Level, ...]] = _levels.get


@contextmanager
def inside(levels: tuple[Level, ...]) -> Iterator[None]:
    """Replace the active levels for the length of a block."""
    outer = _levels.get()
    _levels.set(levels)
    try:
        yield
    finally:
        _levels.set(outer)


@contextmanager
def mapping(size: int) -> Iterator[Level]:
    """Open a level for the length of a block."""
    level = Level(size)
    with inside((*_levels.get(), level)):
        yield level


def as_now(f: Function) -> Function:
    """Return a function that runs in the levels that are active now, and in those that were opened since, but not in
    others.
    """
    levels, last = _levels.get(), next_id()

    @functools.wraps(f)
    def wrapped(*args: Any) -> Any:
        active = _levels.get()
        if active == levels:
            return f(*args)
        with inside((*levels, *[level for level in active if level.number > last])):
            return f(*args)

    return wrapped  # type: ignore[return-value]
