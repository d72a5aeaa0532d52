"""Who listens to operations: the recorders that are active, and at most one tracer.

A recorder keeps what derivatives need. A tracer writes down a whole program (see `autograd.compile`): it hears every
operation, whichever recorders are hidden, and takes no derivative itself. Both stand in one context variable: threads
never share them, an asyncio task changes only its own, and an operation looks once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ContextDecorator
from contextvars import ContextVar
from typing import Any, Protocol

from autograd.arrays.scopes import Scope
from autograd.arrays.views import settle


class Tracer(Protocol):
    """The methods by which a tracer hears of what runs. It is called before the recorders.

    Attributes
    ----------
    records : list
        The operations that it noted so far.
    scopes : list of (str, int, int)
        As of a `Recorder`.
    dry : bool
        Whether effects of the function are to be left out, because the run serves the tracer alone.
    after : list of callable
        The functions that a program calls at the end of each run.
    """

    records: list[Any]
    scopes: list[tuple[str, int, int]]
    dry: bool
    after: list[Callable[[], Any]]

    def note(
        self, fn: Callable[..., Any], values: list[Any], kwargs: dict[str, Any], ids: list[Any], ans: Any, output: Any
    ) -> None:
        """Take note of an operation. See `Recorder.note`."""

    def see_variable(self, variable: Any) -> None:
        """Take note that an operation reads a variable."""

    def see_new(self, variable: Any) -> None:
        """Take note that a variable is made."""

    def see_assign(self, variable: Any, array: Any, ours: bool) -> None:
        """Take note that a variable was given the value of an array, of a tensor if it is ``ours``."""

    def see_read(self, tensor: Any, how: str) -> None:
        """Take note that Python looks at a value."""

    def see_copy(self, array: Any, copy: Any) -> None:
        """Take note that a record keeps a copy of an array."""

    def see_error(
        self, fn: Callable[..., Any], error: Exception, args: list[Any] | None = None, kwargs: Any = None
    ) -> None:
        """Take note that an operation failed: another run may not fail there."""

    def see_step(self, output: Any) -> None:
        """Take note that a sweep runs the rules of the operation with this output, or None at the end of a sweep."""

    def keywords(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the keyword arguments of a record for its rules: with tensors in place of the arrays that differ from
        run to run.
        """

    def drawn(self, fn: Callable[[], Any]) -> Any:
        """Return what ``fn()`` draws, or drew when the function ran before."""

    def draw(self, fn: Callable[[], Any], drawn: Any) -> None:
        """Take note of an array that ``fn()`` returns anew at each run."""

    def refuse(self, what: str) -> None:
        """Take note that the function does what no program can repeat."""


# The active recorders, innermost last; the active tracer or None; the scope in which they listen, or None.
Listeners = tuple[tuple[Any, ...], Tracer | None, "Listening | None"]
_listeners: ContextVar[Listeners] = ContextVar("autograd_listeners", default=((), None, None))
listeners, _set_listeners = _listeners.get, _listeners.set


class Listening(Scope):
    """A scope that changes who listens."""

    __slots__ = ("_before",)
    _before: Listeners

    def _change(self, recorders: tuple[Any, ...], tracer: Tracer | None) -> tuple[tuple[Any, ...], Tracer | None]:
        """Return who listens in the block, in place of those who listen around it."""
        raise NotImplementedError

    def _enter(self) -> Any:
        settle()
        self._before = recorders, tracer, _ = listeners()
        _set_listeners((*self._change(recorders, tracer), self))

    def _leave(self) -> None:
        scope = listeners()[2]
        inner = []  # where the order is another one, as in generators
        while scope is not self:
            if scope is None:  # it was left, or entered in another context
                return
            inner.append(scope)
            scope = scope._before[2]
        settle()
        now = self._before
        for scope in reversed(inner):
            scope._before = now
            now = (*scope._change(now[0], now[1]), scope)
        _set_listeners(now)


def excluded() -> list[Any]:
    """Return the recorders that do not hear of what runs now, but will when a scope ends."""
    active, _, scope = listeners()
    found: list[Any] = []
    while scope is not None:
        found += [each for each in scope._before[0] if each not in active and each not in found]
        scope = scope._before[2]
    return found


def listening() -> bool:
    """Tell whether anybody listens: then what is computed from tensors must be computed on tensors."""
    recorders, tracer, _ = listeners()
    return bool(recorders) or tracer is not None


def active_tracer() -> Tracer | None:
    """Return the tracer that writes down a program now, or None."""
    return listeners()[1]


def report_error(
    fn: Callable[..., Any], error: Exception, args: list[Any] | None = None, kwargs: dict[str, Any] | None = None
) -> None:
    """Let the active tracer know that an operation failed, and with which arrays."""
    tracer = listeners()[1]
    if tracer is not None:
        tracer.see_error(fn, error, args, kwargs)


class tracing_with(Listening):
    """Make a tracer active for the length of a block."""

    __slots__ = ("_tracer",)

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def _change(self, recorders: tuple[Any, ...], tracer: Tracer | None) -> tuple[tuple[Any, ...], Tracer | None]:
        return recorders, self._tracer


class untraced(ContextDecorator, Listening):
    """Hide a block from the tracer and every recorder: it runs when a function is traced, and is no part of the
    program.

    So state is made that lasts, such as what an optimizer keeps of a variable.

    Examples
    --------
    >>> @autograd.compile
    ... def scaled(x):
    ...     with untraced():
    ...         factor = np.sum(np.ones(2))  # runs once
    ...     return factor * x
    >>> scaled(np.ones(2)), scaled(np.ones(2))
    (array([2., 2.]), array([2., 2.]))
    """

    def _recreate_cm(self) -> untraced:
        return untraced()

    def _change(self, recorders: tuple[Any, ...], tracer: Tracer | None) -> tuple[tuple[Any, ...], Tracer | None]:
        return (), None
