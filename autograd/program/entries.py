"""The places that a walk over a function came to, and what was in them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.program.places import MISSING, NESTS, NUMBERS


class Attribute(NamedTuple):
    """A place outside: an attribute, a global, what a closure holds.

    Attributes
    ----------
    read : callable
        ``read(holder, key, default)`` returns what is there now.
    holder, key
    value : Any
        The value that was there.
    name : str
    """

    read: Callable[[Any, Any, Any], Any]
    holder: Any
    key: Any
    value: Any
    name: str


class Container(NamedTuple):
    """The items of a list, a dict or the like."""

    holder: Any
    keys: list[Any]
    values: list[Any]
    name: str


class Reached:
    """An object or a class whose attributes are looked at, and by how many names that was done until now."""

    __slots__ = ("looked", "name", "thing", "whole")

    def __init__(self, thing: Any, name: str) -> None:
        self.thing = thing
        self.name = name
        self.looked = 0
        self.whole = False


class Entries:
    """Places outside a function that are compared at each call.

    Attributes
    ----------
    attributes : dict of Any to Attribute
    containers : dict of Any to Container
    log : list of (Any, Any)
        The key of each of these, and its value in a form that is equal where a value is assigned anew but equal.
    refused : str
        Something that cannot be watched, or an empty text.
    """

    def __init__(self) -> None:
        self.attributes: dict[Any, Attribute] = {}
        self.containers: dict[Any, Container] = {}
        self.log: list[tuple[Any, Any]] = []
        self.refused = ""
        self._numbers: dict[int, int] = {}  # of nests, in the order in which they were met
        self.seen: dict[int, Any] = {}  # kept alive: what is known by its identity must not make room for another
        self._waiting: deque[tuple[Any, str, Any, bool]] = deque()
        self._is_fixed = False  # whether what is visited belongs to a library, and nothing stands for arrays in it

    def _wait(self, thing: Any, name: str, place: Any = None, bare: bool = True) -> None:
        """Visit a thing later. It is ``bare`` where it is used for more than its attributes."""
        if thing is not MISSING and not isinstance(thing, NUMBERS):
            self._waiting.append((thing, name, place, bare))

    def _note(self, read: Callable[[Any, Any, Any], Any], holder: Any, key: Any, name: str) -> Any:
        """Watch a place, and return what is there."""
        entry = id(holder), key
        if entry in self.attributes:
            return self.attributes[entry].value
        value = read(holder, key, MISSING)
        self.attributes[entry] = Attribute(read, holder, key, value, name)
        self.log.append((entry, self._encoded(value)))
        return value

    def _encoded(self, value: Any) -> Any:
        """Return what tells a value from others: numbers by what they are, nests by their order, all else by itself."""
        kind = value.__class__
        if isinstance(value, NUMBERS):
            return kind, value.tobytes() if isinstance(value, np.generic) else _digits(value)
        if kind in NESTS:
            return kind, self._numbers.setdefault(id(value), len(self._numbers))
        return id(value)

    def _place(self, holder: Any, key: Any) -> Any:
        """Return a place where a tensor can stand for an array, or False inside objects of libraries."""
        return False if self._is_fixed else (holder, key)

    def _refuse(self, what: str) -> None:
        self.refused = self.refused or what


def _digits(value: Any) -> Any:
    """Return what tells a number or a text of Python from others. A subclass may show itself as it likes."""
    if isinstance(value, int):
        return int.__index__(value)
    if isinstance(value, float):
        return float.hex(value)
    if isinstance(value, complex):
        return float.hex(value.real), float.hex(value.imag)
    return str.__str__(value) if isinstance(value, str) else value
