"""Scopes: ``with`` blocks whose state ends with them, whatever interrupts them.

Python can raise KeyboardInterrupt at the first instruction of any function, ``__exit__`` among them, and then runs no
statement of it. So the ``with`` statement itself holds what keeps a scope open: the function that it will call at its
end, which nobody else holds. If the statement ends otherwise, that function is freed, and the scope is left then.
"""

from __future__ import annotations

import functools
import weakref
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from autograd.errors import AutogradError, TapeError


class _Held(weakref.ref[Any]):
    """A reference to the function that leaves a scope, which knows the scope: a method as its callback would take more
    memory.
    """

    __slots__ = ("scope",)
    scope: Any


def _freed(held: Any) -> None:
    """Leave a scope, because the ``with`` statement has ended that held the function to leave it."""
    scope: Any = getattr(held, "scope", None)
    if held is getattr(scope, "_open", None):
        scope._leave()
        scope._open = scope._next = None


class _Exit:
    """The descriptor of ``__exit__``: a function of its own for each ``with`` statement."""

    def __get__(self, scope: Any, kind: type) -> Any:
        if scope is None:
            return kind._exit  # type: ignore[attr-defined]
        function = functools.partial(kind._exit, scope)  # type: ignore[attr-defined]
        # Python looks ``__exit__`` up before it calls ``__enter__``. A program that looks it up later changes nothing.
        scope._next = held = _Held(function, _freed)
        held.scope = scope
        return function


_BY_HAND = object()  # in place of what a ``with`` statement holds, where a program calls ``__enter__`` itself


class Scope:
    """A context manager that is left at the end of its ``with`` statement, even where ``__exit__`` is interrupted.

    A subclass says how it is entered (`_enter`) and left (`_leave`). Leaving takes off what entering put on, and
    nothing else; it can be asked for at any time, after entering was interrupted and more than once.

    Raises
    ------
    TapeError
        If it is entered while a block of it is open.

    Examples
    --------
    >>> class unlocked(Scope):
    ...     def __init__(self, array):
    ...         self.array, self.before = array, array.flags.writeable
    ...     def _enter(self):
    ...         self.array.flags.writeable = True
    ...     def _leave(self):
    ...         self.array.flags.writeable = self.before
    >>> array = np.ones(2)
    >>> array.flags.writeable = False
    >>> with unlocked(array):
    ...     array[0] = 2.0
    >>> array.flags.writeable
    False
    """

    __slots__ = ("_next", "_open")
    _next: Any  # the latest function that Python looked up as ``__exit__``, by a weak reference
    _open: Any  # the one that the ``with`` statement holds, while the block lasts
    _again = "a block of this scope is open already: make another one for a block inside it."

    def _enter(self) -> Any:
        """Enter the scope, and return what stands behind ``as``."""
        raise NotImplementedError

    def _leave(self) -> None:
        """Leave the scope, if it was entered."""
        raise NotImplementedError

    def _failed(self, error: BaseException) -> None:
        """Take note of the error that ends the block."""

    def __enter__(self) -> Any:
        try:
            again = self._open is not None
        except AttributeError:  # the first time, where the constructor has not said so (which is quicker)
            again = False
        if again:
            raise TapeError(self._again)
        try:
            self._open = self._next or _BY_HAND
        except AttributeError:
            self._open = _BY_HAND
        try:
            return self._enter()
        except BaseException:  # a stack of contexts holds nothing yet
            self._leave()
            self._open = self._next = None
            raise

    if TYPE_CHECKING:

        def __exit__(self, *exc_info: object) -> None: ...

    else:
        __exit__ = _Exit()

    def _exit(self, kind: Any = None, error: BaseException | None = None, trace: Any = None) -> None:
        if error is not None:
            self._failed(error)
        self._leave()
        self._open = self._next = None


class Stacked(Scope):
    """A scope that stands in a stack: the last one counts. Threads never share a stack, and an asyncio task changes
    only its own.

    Attributes
    ----------
    stack : ContextVar
        The scopes of a class that are open, innermost last.

    Examples
    --------
    >>> from contextvars import ContextVar
    >>> class verbose(Stacked):
    ...     stack = ContextVar("verbose", default=())
    >>> with verbose():
    ...     len(verbose.stack.get())
    1
    >>> verbose.stack.get()
    ()
    """

    __slots__ = ()
    stack: ClassVar[ContextVar[tuple[Any, ...]]]

    def _enter(self) -> Any:
        self.stack.set((*self.stack.get(), self))

    def _leave(self) -> None:
        scopes = self.stack.get()
        innermost = scopes and scopes[-1] is self
        self.stack.set(scopes[:-1] if innermost else tuple([each for each in scopes if each is not self]))


class errstate(Scope):
    """Set how NumPy treats floating-point errors for the length of a block, as `numpy.errstate` does."""

    __slots__ = ("_before", "_settings")

    def __init__(self, **settings: Any) -> None:
        self._settings = settings
        self._before: Any = None

    def _enter(self) -> None:
        self._before = np.geterr()
        np.seterr(**self._settings)

    def _leave(self) -> None:
        if self._before is not None:
            np.seterr(**self._before)
            self._before = None


def explain_lost_value(error: BaseException) -> None:
    """Add what to write to NumPy's error about a tracked value that was written into an array."""
    if isinstance(error, (ValueError, TypeError)) and isinstance(error.__cause__, AutogradError):
        note = (
            f"{error.__cause__} A value with a derivative was written into an array of NumPy's: make that with "
            "autograd.numpy.zeros, or another function of autograd.numpy."
        )
        if note not in getattr(error, "__notes__", ()):  # of a scope inside
            error.add_note(note)
