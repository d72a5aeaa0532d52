"""The steps of training, evaluation and prediction as programs."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from autograd import Tensor, compile
from autograd.extend import Dependencies
from nn import tree
from nn.activations import remembering_logits, with_logits
from nn.random import generator

# How many combinations of settings and shapes are remembered, those that came last: each program of training keeps the
# weights in memory of its own.
_MOST = 12
# Of how many shapes the steps are counted.
_MOST_SHAPES = 200
# How many steps it takes to pay for the writing of their program, which takes about as long as twenty-five small steps.
ENOUGH = 32
_NOTHING = object()


class _Program:
    """A step for one combination of settings and shapes, and how many of these were taken."""

    __slots__ = ("compiled", "steps")

    def __init__(self, steps: int) -> None:
        self.compiled: Any = None
        self.steps = steps


class Step:
    """A function of a model and of arrays that is called time and again: as a program, where there are steps enough
    with the same shapes.

    The program is written at the second of these, if so many are expected, and otherwise once so many were taken. It
    holds for the settings that the model had then: whatever the step depends on (`autograd.extend.Dependencies`), which
    is compared at each call, so that what is assigned, frozen or added between two calls has its effect. A model that
    changes its own attributes as it runs is run as it is."""

    def __init__(self) -> None:
        self._programs: OrderedDict[Any, _Program] = OrderedDict()
        self._recent: dict[Any, _Program] = {}  # the program that was run last, of each combination of shapes
        self._settings: Dependencies | None = None
        self._refused = False
        self._taken: OrderedDict[Any, int] = OrderedDict()  # how many steps of each shape, whatever the settings
        self._expected: dict[int, int] = {}
        self._looked = False  # at the settings, since then
        self._steady = True  # whether these have always been the same
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        return Step, ()  # a copy of a model writes programs of its own

    def expect(self, steps: Mapping[int, int]) -> None:
        """Take note of how many steps will come, by the numbers of their samples. It is forgotten when settings change
        on the way.
        """
        self._expected = dict(steps)
        self._looked = False

    def __call__(self, model: Any, function: Callable[..., Any], *arrays: Any) -> Any:
        """Return what a function returns of arrays. The model's ``jit`` says whether machine code is made of its
        program, and whether it is checked.
        """
        if self._refused:
            return function(*arrays)
        shapes = tuple([_shapes(array) for array in arrays])
        count = len(arrays[0] if isinstance(arrays[0], Tensor) else tree.flatten(arrays[0])[0])
        with self._lock:
            taken, ahead = self._count(shapes, count)
            recent = self._recent.get(shapes)
        if recent is not None:
            result = recent.compiled.attempt(_NOTHING, *arrays)
            if result is not _NOTHING:
                return remembering_logits(result)
        if taken == 1 or taken + ahead < ENOUGH:
            return function(*arrays)
        with self._lock:
            program = self._found(function, shapes, count)
        if program is None:
            return function(*arrays)
        first = program.compiled is None
        if first:
            compiled = compile(
                _packing(function), numba=True if model.jit == "numba" else None, check=model.jit == "check"
            )
            compiled.generators = [generator()]
            compiled.refuses_changes = True
            program.compiled = compiled
        result = remembering_logits(program.compiled(*arrays))
        self._refused = bool(program.compiled.refused)
        self._recent[shapes] = program
        if first:
            model._forget_losses()  # those of the trace, which no later step renews
        return result

    def _count(self, shapes: Any, count: int) -> tuple[int, int]:
        """Count a step. Return how many of its shape were taken, and how many are expected."""
        taken = self._taken[shapes] = self._taken.pop(shapes, 0) + 1
        if len(self._taken) > _MOST_SHAPES:
            self._taken.popitem(last=False)
        ahead = self._expected[count] = max(self._expected.get(count, 0) - 1, 0)
        return taken, ahead

    def _found(self, function: Callable[..., Any], shapes: Any, count: int) -> _Program | None:
        """Return the program for a step of some shapes, which may have to be written. None where it does not pay
        yet.
        """
        settings = self._current(function)
        program = self._programs.pop((settings, shapes), None) or _Program(
            self._taken[shapes] - 1 if self._steady else 0
        )
        self._programs[settings, shapes] = program
        if len(self._programs) > _MOST:
            (_, other), gone = self._programs.popitem(last=False)
            if self._recent.get(other) is gone:
                del self._recent[other]
        program.steps += 1
        pays = program.compiled is not None or program.steps + self._expected.get(count, 0) >= ENOUGH
        return program if pays else None

    def _current(self, function: Callable[..., Any]) -> Dependencies:
        """Return what a step depends on as it is."""
        settings = self._settings
        if settings is None or not settings.hold():
            before, settings = settings, Dependencies(function)
            if before is not None and settings != before:
                self._steady = False
                if self._looked:
                    self._expected = {}
            self._settings = settings
        self._looked = True
        return settings


def _shapes(nest: Any) -> Any:
    """Return the shapes and dtypes of the tensors of a nest, by which programs are found."""
    if isinstance(nest, Tensor):
        return nest.shape, nest.dtype
    if isinstance(nest, dict):
        return tuple([(key, _shapes(each)) for key, each in nest.items()])
    return None if nest is None else (type(nest), *map(_shapes, nest))


def _packing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of which a program can be written: its tensors that remember logits come with these beside
    them.
    """

    @functools.wraps(function)
    def packing(*arrays: Any) -> Any:
        return with_logits(function(*arrays))

    return packing
