"""Random numbers that a function draws behind the back of its program: they would be the same in every run."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd.core.value import TensorBase
from autograd.program.finding import NESTS, items_of

# How many things are looked at to find the generators that a function may draw from.
_MOST_SEEN = 1000


class Watch:
    """Looks whether generators of random numbers go on other than in the draws of a program.

    Parameters
    ----------
    generators : sequence of numpy.random.Generator, numpy.random.RandomState or random.Random
        Those to watch, beside the global ones of `numpy.random` and `random`.

    Attributes
    ----------
    missed : bool
        Whether something was drawn, before the last look, that is no draw of the program.
    """

    def __init__(self, generators: Sequence[Any]) -> None:
        self._generators = list({id(each): each for each in (np.random, random, *generators)}.values())
        self._last = self._states()
        self.missed = False

    def _states(self) -> list[Any]:
        return list(map(_state_of, self._generators))

    def look(self) -> bool:
        """Return whether something has been missed until now."""
        self.missed = self.missed or not _same(self._states(), self._last)
        return self.missed

    def during(self, draw: Callable[[], Any]) -> Any:
        """Return what a draw of the program returns."""
        self.look()
        try:
            return draw()
        finally:
            self._last = self._states()


def _state_of(generator: Any) -> Any:
    if isinstance(generator, np.random.Generator):
        return generator.bit_generator.state
    # That of the old generators of NumPy holds a normal number too, which it drew and keeps for the next time.
    return generator.get_state(legacy=False) if hasattr(generator, "get_state") else generator.getstate()


def generators_in(*things: Any) -> list[Any]:
    """Return the generators of random numbers in nests, in the attributes of objects, and in what functions find around
    them.

    It is not looked further than at so many things, nearest first.
    """
    found: list[Any] = []
    seen: dict[int, Any] = {}
    waiting = deque(things)
    while waiting and len(seen) < _MOST_SEEN:
        thing = waiting.popleft()
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing
        if isinstance(thing, (np.random.Generator, np.random.RandomState, random.Random)):
            if not isinstance(thing, random.SystemRandom):  # which has no state
                found.append(thing)
        else:
            waiting.extend(_held_by(thing))
    return found


def _held_by(thing: Any) -> Iterator[Any]:
    """Yield what may lead on to a generator."""
    if isinstance(thing, FunctionType):
        for cell in thing.__closure__ or ():
            try:
                yield cell.cell_contents
            except ValueError:  # a name that has no value yet
                continue
        yield from (thing.__globals__[name] for name in _names_in(thing.__code__) if name in thing.__globals__)
        yield from (thing.__defaults__, thing.__kwdefaults__)
    elif isinstance(thing, MethodType):
        yield from (thing.__func__, thing.__self__)
    elif isinstance(thing, partial):
        yield from (thing.func, thing.args, thing.keywords)
    elif isinstance(thing, NESTS):
        yield from items_of(thing)[1]
    elif not isinstance(thing, (type, ModuleType, TensorBase, np.ndarray)):
        with suppress(Exception):  # what stands for something else may have nothing to stand for
            yield getattr(thing, "__dict__", None)
        for kind in type(thing).__mro__:
            if kind.__module__ != "builtins":
                yield from vars(kind).values()


def _names_in(code: CodeType) -> Iterator[str]:
    """Yield the names of code, and of the functions that it makes."""
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names_in(each)


def _same(one: Any, other: Any) -> bool:
    """Whether two states, of dictionaries and arrays, are equal."""
    if isinstance(one, dict):
        return all(_same(each, other[name]) for name, each in one.items())
    if isinstance(one, list):
        return all(map(_same, one, other))
    return bool(one.tobytes() == other.tobytes()) if hasattr(one, "tobytes") else bool(one == other)
