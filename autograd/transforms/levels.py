"""The mapped functions that run now: a level for each, innermost last."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from autograd.arrays.scopes import Stacked, explain_lost_value
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


class inside(Stacked):
    """Replace the active levels for the length of a block."""

    __slots__ = ("levels",)
    stack = ContextVar("autograd_levels", default=())

    def __init__(self, levels: tuple[Level, ...]) -> None:
        self._open = None
        self.levels = levels


def active_levels() -> tuple[Level, ...]:
    """Return the levels that are active, innermost last."""
    scopes = inside.stack.get()
    return scopes[-1].levels if scopes else ()


class mapping(inside):
    """Open a level for the length of a block. It stands behind ``as``."""

    __slots__ = ()

    def __init__(self, size: int) -> None:
        super().__init__((*active_levels(), Level(size)))

    def _enter(self) -> Level:
        super()._enter()
        return self.levels[-1]

    def _failed(self, error: BaseException) -> None:
        explain_lost_value(error)


def as_now(f: Function) -> Function:
    """Return a function that runs in the levels that are active now, and in those that were opened since, but not in
    others.
    """
    levels, last = active_levels(), next_id()

    @functools.wraps(f)
    def wrapped(*args: Any) -> Any:
        active = active_levels()
        if active == levels:
            return f(*args)
        with inside((*levels, *[level for level in active if level.number > last])):
            return f(*args)

    return wrapped  # type: ignore[return-value]
