"""Random numbers that a function draws behind the back of its program: they would be the same in every run."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


class GeneratorWatch:
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


def _same(one: Any, other: Any) -> bool:
    """Whether two states, of dictionaries and arrays, are equal."""
    if isinstance(one, dict):
        return all(_same(each, other[name]) for name, each in one.items())
    if isinstance(one, list):
        return all(map(_same, one, other))
    return bool(one.tobytes() == other.tobytes()) if hasattr(one, "tobytes") else bool(one == other)
