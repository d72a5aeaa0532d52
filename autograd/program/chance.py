"""Random numbers that a function draws behind the back of its program: they would be the same in every run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.program.ir import Call


class Watch:
    """Compares what generators of random numbers went through in a trace with what they go through in the draws of its program.

    Parameters
    ----------
    generators : sequence of numpy.random.Generator
        Those to watch, beside the global one of `numpy.random`.
    """

    def __init__(self, generators: Sequence[Any]) -> None:
        self._generators = generators
        self._before = self._states()

    def _states(self) -> list[Any]:
        # That of the global generator holds a normal number too, which it drew and keeps for the next time.
        return [np.random.get_state(legacy=False), *[each.bit_generator.state for each in self._generators]]

    def _set(self, states: list[Any]) -> None:
        np.random.set_state(states[0])
        for generator, state in zip(self._generators, states[1:], strict=True):
            generator.bit_generator.state = state

    def misses(self, calls: Sequence[Call], before: int) -> bool:
        """Whether some draw is no call of the program. The draws are repeated to find out, but for those that were made ``before`` the trace, and
        the generators go on from where they are.
        """
        after = self._states()
        if _same(after, self._before):
            return False
        draws: list[Callable[[], Any]] = [call.fn for call in calls if call.kind == "draw"][before:]
        self._set(self._before)
        try:
            for draw in draws:
                draw()
            return not _same(after, self._states())
        finally:
            self._set(after)


def _same(one: Any, other: Any) -> bool:
    """Whether two states, of dictionaries and arrays, are equal."""
    if isinstance(one, dict):
        return all(_same(each, other[name]) for name, each in one.items())
    if isinstance(one, list):
        return all(map(_same, one, other))
    return bool(one.tobytes() == other.tobytes()) if hasattr(one, "tobytes") else bool(one == other)
