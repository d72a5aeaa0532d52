"""Arrays that a function finds outside: during its trace, tensors stand for them, so that their use decides.

One that enters recorded operations is read anew at each call of the program. For one that cannot be replaced where it
stands, or that plain NumPy needs, its numbers are compared at each call.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from types import CellType, FunctionType
from typing import Any

import numpy as np

from autograd.core.tensor import Tensor
from autograd.core.value import next_id
from autograd.program.dependencies import Walker
from autograd.program.places import LARGEST_COMPARED
from autograd.program.watch import Dependencies

Place = tuple[Any, Any]
# Only one thread traces at a time: while it does, others may find what stands for an array.
TRACING = threading.RLock()
# How many seconds another thread waits for it, before it runs its function as it is.
PATIENCE = 10.0
# Who holds a stand-in when nobody but this module does: the list, the loop and the call that counts.
_HELD_HERE = 3


class StandIns:
    """Tensors that stand for captured arrays while a function is traced.

    Parameters
    ----------
    found : Dependencies
        The captured values.

    Attributes
    ----------
    plain : list of (array, str)
        Arrays that nothing stands for, and their names.
    used : bool
        Whether something stands for an array.
    """

    def __init__(self, found: Dependencies) -> None:
        self._found = found
        self._handed: list[tuple[Any, Any, Any]] = []  # array, stand-in, its identity
        self._replaced: list[tuple[Place, Any, Any]] = []
        if found.asks_for_types:
            self.give_up()
            return
        apart = {key for operation in found.operations for key in _arrays_of(operation)}
        self._arrays = {
            key: array
            for key, (array, _) in found.arrays.items()
            if type(array) in (np.ndarray, np.memmap) and key not in apart and self._can_be_replaced(key)
        }
        self.plain = [each for key, each in found.arrays.items() if key not in self._arrays]
        self.used = bool(self._arrays)

    def _can_be_replaced(self, key: int) -> bool:
        """Whether a thing can be replaced in every place where it was found: of a tuple, the tuple."""
        for place in self._found.places[key]:
            if not place:
                return False
            holder = place[0]
            if isinstance(holder, tuple) and (
                not (type(holder) is tuple or hasattr(holder, "_fields"))
                or id(holder) not in self._found.places
                or not self._can_be_replaced(id(holder))
            ):
                return False
        return True

    def give_up(self) -> None:
        """Let nothing stand for an array."""
        self.plain, self._arrays = list(self._found.arrays.values()), {}
        self.used = False

    def hand_in(self, stand_for: Callable[[Any], Tensor]) -> None:
        """Replace each array by ``stand_for(array)``."""
        made = {}
        for key, array in self._arrays.items():
            made[key] = stand_for(array)
            self._handed.append((array, made[key], made[key]._id))
        for places in list(self._found.places.values()):
            for place in places:
                if place and not isinstance(place[0], tuple):
                    before = _get(place)
                    now = _rebuilt(before, made)
                    if now is not before:
                        self._replaced.append((place, before, now))
                        _put(place, now)

    def take_back(self, write: bool) -> list[str]:
        """Put the arrays back. Return the names of those that were written, which are written if ``write``."""
        for place, before, now in reversed(self._replaced):
            if _get(place) is now:
                _put(place, before)
            elif isinstance(place[0], list) and any(each is now for each in place[0]):
                place[0][[each is now for each in place[0]].index(True)] = before
        self._replaced.clear()
        written = []
        for array, stand_in, identity in self._handed:
            if stand_in._id != identity:
                written.append(self._found.arrays[id(array)][1])
                if write:
                    array[...] = stand_in._value
            elif sys.getrefcount(stand_in) > _HELD_HERE:  # somebody keeps it, and not the array
                stand_in._value, stand_in._id = np.array(array), next_id()
        self._handed.clear()
        return written


def _arrays_of(operation: Callable[..., Any]) -> list[int]:
    """Return the identities of the arrays that the body of an operation finds outside, which sees plain arrays."""
    return list(Walker(getattr(operation, "__wrapped__", operation), {}).arrays)


def _rebuilt(value: Any, made: dict[int, Tensor]) -> Any:
    """Return what stands for an array, or a tuple with what stands for the arrays in it."""
    if id(value) in made:
        return made[id(value)]
    if not isinstance(value, tuple):
        return value
    items = [_rebuilt(each, made) for each in value]
    if all(new is old for new, old in zip(items, value, strict=True)):
        return value
    return type(value)(*items) if hasattr(value, "_fields") else tuple(items)


def _get(place: Place) -> Any:
    """Return what is in a place, or None where nothing is there any more."""
    holder, key = place
    try:
        if isinstance(holder, CellType):
            return holder.cell_contents
        if isinstance(holder, type):
            return vars(holder)[key]
        if isinstance(holder, dict):
            return dict.__getitem__(holder, key)
        if isinstance(holder, list):
            return list.__getitem__(holder, key)
        if isinstance(holder, deque):
            return deque.__getitem__(holder, key)
        return getattr(holder, key)
    except (KeyError, IndexError, AttributeError, ValueError):
        return None


def _put(place: Place, value: Any) -> None:
    """Put something into a place; no method of the user's is called for it."""
    holder, key = place
    if isinstance(holder, CellType):
        holder.cell_contents = value
    elif isinstance(holder, type):
        type.__setattr__(holder, key, value)
    elif isinstance(holder, dict):
        dict.__setitem__(holder, key, value)
    elif isinstance(holder, list):
        list.__setitem__(holder, key, value)
    elif isinstance(holder, deque):
        deque.__setitem__(holder, key, value)
    elif isinstance(holder, functools.partial):
        holder.__setstate__((holder.func, value, holder.keywords, vars(holder)))  # type: ignore[attr-defined]
    elif isinstance(holder, FunctionType):
        setattr(holder, key, value)
    else:
        object.__setattr__(holder, key, value)


def contents_of(arrays: Sequence[tuple[Any, str]]) -> list[tuple[Any, bytes]]:
    """Return the arrays whose numbers are compared at each call, and these numbers."""
    return [(array, array.tobytes()) for array, _ in arrays if array.nbytes <= LARGEST_COMPARED]


def why_not_compared(
    after: Dependencies, before: Dependencies, stand_ins: StandIns, of_effects: Sequence[Dependencies]
) -> str:
    """Say what a function found outside, or did there, that cannot be compared at each call."""
    allowed = {key for each in of_effects for key in each.iterators}
    for key, name in after.iterators.items():
        if key not in allowed:
            return f"it finds an iterator outside, {name!r}, which goes on as it is used: give it what that yields"
    for array, name in stand_ins.plain:
        if array.nbytes > LARGEST_COMPARED and not _is_locked(array):
            return (
                f"it finds {name!r} outside, an array of {array.nbytes} bytes that plain NumPy may read, which is too "
                f"large to be compared at each call: give it as an argument"
            )
    if before.contents_changed():
        return "it writes into an array outside of it: return the value, or use a Variable"
    return ""


def _is_locked(array: Any) -> bool:
    """Whether nobody can write into an array."""
    while isinstance(array, np.ndarray):
        if array.flags.writeable:
            return False
        array = array.base
    return array is None or isinstance(array, bytes)
