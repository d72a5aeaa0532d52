"""Blocks that change variables in place: one thread at a time, whole for readers, and with no interrupt inside."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` converts what it takes and returns: ten times as slow
import functools
import itertools
import operator
import signal
import threading
import time
import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.arrays.scopes import Scope
from autograd.arrays.views import Handle, set_class
from autograd.errors import OperandError, TapeError

_VALUE, _ID = vars(Handle)["_value"], vars(Handle)["_id"]
# The signals whose handlers can raise in the middle of a block.
_SIGNALS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)
]
_BETWEEN_LOOKS = 0.1  # seconds between two looks whether a signal was received
_PATIENCE = 60.0  # seconds that a thread waits for a variable
_NUMBER = operator.attrgetter("number")


class _Lock:
    """The lock of one variable. Locks are taken in the order of their numbers, so that no two threads wait for each
    other.
    """

    __slots__ = ("__weakref__", "lock", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.lock = threading.RLock()


_numbers = itertools.count()
_locks: weakref.WeakValueDictionary[int, _Lock] = weakref.WeakValueDictionary()
_making = threading.Lock()


def _lock_of(variable: Any) -> _Lock:
    try:
        found: _Lock = variable._lock
    except AttributeError:
        with _making:
            found = getattr(variable, "_lock", None) or _Lock(next(_numbers))
            variable._lock = _locks[found.number] = found
    return found


class _Unannounced:
    __slots__ = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Tell nobody."""


@functools.cache
def _busy(kind: type) -> type:
    """Return the class of a variable that is being changed: who reads it in another thread waits."""

    def reader(place: Any) -> Any:
        def read(self: Any) -> Any:
            lock = self._lock.lock
            if lock._is_owned():  # by the thread that changes the variable
                return place.__get__(self)
            with lock:
                return place.__get__(self)

        return property(read, place.__set__)

    # Its own bases come first, so that making it is no news to a class that hears of its subclasses.
    body = {"__slots__": (), "_value": reader(_VALUE), "_id": reader(_ID), "__class__": property(lambda self: kind)}
    return type(kind.__name__, (_Unannounced, kind), body)


class uninterrupted(Scope):
    """Hold back signals until the end of a block. Their handlers are called then.

    Python calls handlers in the main thread alone. In others nothing is held back.
    """

    __slots__ = ("_handlers", "_received")

    def __init__(self) -> None:
        self._open = None
        self._handlers: list[tuple[int, Any]] = []
        self._received: tuple[int, ...] = ()

    def _enter(self) -> Any:
        if threading.get_ident() == threading.main_thread().ident:
            for number in _SIGNALS:
                handler = _signal.getsignal(number)
                if callable(handler):
                    self._handlers.append((number, handler))
                    _signal.signal(number, self._hold)
        return self

    def _leave(self) -> None:
        while self._handlers:
            _signal.signal(*self._handlers[-1])
            self._handlers.pop()
        while self._received:
            number, *rest = self._received
            self._received = tuple(rest)
            signal.raise_signal(number)

    def _hold(self, number: int, frame: Any) -> None:
        if number not in self._received:
            self._received = (*self._received, number)

    def acquire(self, lock: Any, patience: float) -> bool:
        """Take a lock, if it can be had in so many seconds. Signals are heard while it waits."""
        if lock.acquire(False):
            return True
        end = time.monotonic() + patience
        while not lock.acquire(timeout=_BETWEEN_LOOKS):
            if time.monotonic() > end:
                return False
            while self._received:
                number, *rest = self._received
                self._received = tuple(rest)
                dict(self._handlers)[number](number, None)
        return True


def _release(lock: Any) -> None:
    """Release a lock, unless an interrupt came before it was taken or after it was released."""
    try:  # noqa: SIM105 - contextlib.suppress takes as long as all else here
        lock.release()
    except RuntimeError:
        pass


class exclusive(uninterrupted):
    """Change the values of variables in place for the length of a block."""

    __slots__ = ("_changed", "_locks", "_taken", "_variables")

    def __init__(self, variables: Sequence[Any]) -> None:
        super().__init__()
        self._variables = variables
        self._locks: list[_Lock] = []
        self._taken = 0
        self._changed: list[Any] = []

    def _enter(self) -> Any:
        super()._enter()
        self._locks = sorted(map(_lock_of, self._variables), key=_NUMBER)
        for each in self._locks:
            self._taken += 1  # before: see `_release`
            if not self.acquire(each.lock, _PATIENCE):
                raise TapeError(
                    f"a variable was to be changed, which another thread has kept to itself for {_PATIENCE:.0f} "
                    "seconds: a function that is being compiled, and waits for this thread, perhaps. Run that function "
                    "once before the threads are started, or do not compile it."
                )
        for variable in self._variables:
            kind = type(variable)
            if kind is variable.__class__:  # and not busy already, for a block around this one
                self._changed.append(variable)
                set_class(variable, _busy(kind))

    def _leave(self) -> None:
        while self._changed:
            set_class(self._changed[-1], self._changed[-1].__class__)
            self._changed.pop()
        while self._taken:
            _release(self._locks[self._taken - 1].lock)
            self._taken -= 1
        super()._leave()


class lending(exclusive):
    """The block of `Variable.writing`."""

    __slots__ = ("buffer",)
    buffer: np.ndarray[Any, Any]

    def __init__(self, variable: Any) -> None:
        super().__init__([variable])

    def _enter(self) -> np.ndarray[Any, Any]:
        super()._enter()
        self.buffer = self._variables[0]._own()
        return self.buffer

    def _exit(self, kind: Any = None, error: BaseException | None = None, trace: Any = None) -> None:
        variable = self._variables[0]
        self.buffer.flags.writeable = False
        # The variable, this block, and one name for the buffer: whoever else holds it has seen a value that could still
        # change.
        kept = False
        try:
            kept = variable._value is self.buffer and not variable._is_sole_owner(others=2)
        finally:
            super()._exit(kind, error, trace)
        if kind is None and kept:
            raise OperandError(
                f"variable {variable.name!r}: while writing() lent out its buffer, an operation on a tape read it, or "
                "somebody kept the buffer or a view of it. Such a value could change behind the tape: read the "
                "variable before or after the block, and keep nothing of the buffer."
            )


class alone(Scope):
    """Take a lock for the length of a block, in which no other thread changes a variable in place. Whether it could be
    had stands behind ``as``.

    Parameters
    ----------
    lock : RLock
    patience : float
        How many seconds to wait for it.
    """

    __slots__ = ("_lock", "_patience", "_taken")

    def __init__(self, lock: Any, patience: float) -> None:
        self._lock, self._patience = lock, patience
        self._taken: list[Any] = []

    def _enter(self) -> bool:
        with uninterrupted() as held:
            had = self._take(held, self._lock)
            if had:
                with _making:  # no program begins to store a variable while this lock is held
                    found = [each.lock for each in sorted(_locks.values(), key=_NUMBER)]
                had = all(map(functools.partial(self._take, held), found))
            if not had:
                self._leave()
            return had

    def _take(self, held: uninterrupted, lock: Any) -> bool:
        self._taken.append(lock)  # before: see `_release`
        taken = held.acquire(lock, self._patience)
        if not taken:
            self._taken.pop()
        return taken

    def _leave(self) -> None:
        while self._taken:
            _release(self._taken[-1])
            self._taken.pop()
