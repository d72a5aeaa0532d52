"""The steps of training, evaluation and prediction as programs."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from operator import attrgetter, itemgetter
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from autograd import Variable, compile
from nn.layer import Layer
from nn.random import generator

# How many combinations of settings and shapes are remembered, those that came last: each program of training keeps the weights in memory of its own.
_MOST = 12
# What changes from step to step, and is no setting: a program asks for it at each run, or has nothing to do with it.
_STATE = frozenset(
    {"_added_losses", "_followed", "_loss_tracker", "_metrics", "_rate", "_scratch", "_steps", "history", "iterations", "stop_training"}
)
# Of longer lists the items are compared, but nothing that belongs to them.
_LONG = 1000
_ATOMS = frozenset({int, float, complex, bool, str, bytes, type(None)})


class Settings:
    """Everything that a program of a model depends on, apart from its arguments and the values of variables.

    Settings are equal if their numbers and strings are, and all else is the same objects.
    """

    def __init__(self, model: Layer) -> None:
        # What gives the parts of each object that can change, in order.
        self._views: list[Callable[[], Iterable[Any]]] = []
        self._leaves: list[Any] = []
        self._variables: list[Variable] = []
        self._gather(vars(model), {id(model)})
        self._views.append(partial(map, attrgetter("trainable"), self._variables))
        self._parts = self._now()
        leaves = (*self._leaves, *[variable.trainable for variable in self._variables])
        self._key = tuple([(leaf.__class__, leaf if leaf.__class__ in _ATOMS else id(leaf)) for leaf in leaves])
        self._hash = hash(self._key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Settings) and self._key == other._key

    def hold(self) -> bool:
        """Whether nothing has been assigned, added or taken away since: every part is the same object."""
        try:
            parts = self._now()
        except KeyError:  # an attribute was deleted
            return False
        return len(parts) == len(self._parts) and all(map(operator.is_, parts, self._parts))

    def generators(self) -> list[np.random.Generator]:
        """Return the sources of random numbers that layers have of their own."""
        kind = np.random.Generator
        return list({id(leaf): leaf for leaf in self._leaves if isinstance(leaf, kind) and leaf is not generator()}.values())

    def _now(self) -> list[Any]:
        return list(chain.from_iterable([view() for view in self._views]))

    def _gather(self, attributes: dict[str, Any], seen: set[int]) -> None:
        """Add the attributes of an object, and what belongs to it."""
        names = [name for name in attributes if name not in _STATE]
        if len(names) == len(attributes):
            self._views.append(attributes.values)
        else:
            self._views.append(partial(iter, attributes))
            if names:
                self._views.append(partial(itemgetter(*names, names[0]), attributes))
        for name in names:
            self._add(attributes[name], seen)

    def _add(self, value: Any, seen: set[int]) -> None:
        self._leaves.append(value)
        if value.__class__ in _ATOMS:
            return
        if isinstance(value, Variable):
            self._variables.append(value)
        elif isinstance(value, (list, tuple, dict)):
            self._leaves.append(len(value))
            self._views.append(value.values if isinstance(value, dict) else partial(iter, value))
            if len(value) <= _LONG:
                for each in value.values() if isinstance(value, dict) else value:
                    self._add(each, seen)
        elif not isinstance(value, (FunctionType, ModuleType)) and id(value) not in seen:
            attributes = getattr(value, "__dict__", None)
            if attributes.__class__ is dict:
                seen.add(id(value))
                self._gather(attributes, seen)


class _Program:
    """A step for one combination of settings and shapes."""

    __slots__ = ("compiled", "holds")

    def __init__(self) -> None:
        self.compiled: Any = None
        self.holds = True


class Step:
    """A function of a model and of arrays that is called time and again: as a program, from the second call with the same shapes on.

    A program holds for the settings that the model had when it was written: the attributes of its layers, its loss and its optimizer, and which
    variables train. They are compared at each call, so that whatever is assigned, frozen or added between two calls has its effect. A model that
    changes its own attributes as it runs is run as it is.
    """

    def __init__(self) -> None:
        self._programs: OrderedDict[Any, _Program] = OrderedDict()
        self._settings: Settings | None = None
        self._refused = False

    def __reduce__(self) -> tuple[Any, ...]:
        return Step, ()  # a copy of a model writes programs of its own

    def __call__(self, model: Any, function: Callable[..., Any], *arrays: Any) -> Any:
        """Return what a function returns of arrays. The model's ``jit`` says whether machine code is made of its program."""
        if self._refused:
            return function(*arrays)
        settings = self._settings
        if settings is None or not settings.hold():
            settings = self._settings = Settings(model)
        key = settings, *[None if array is None else (array.shape, array.dtype) for array in arrays]
        program = self._programs.get(key)
        if program is None:
            self._programs[key] = _Program()
            if len(self._programs) > _MOST:
                self._programs.popitem(last=False)
            return function(*arrays)
        self._programs.move_to_end(key)
        if not program.holds:
            return function(*arrays)
        first = program.compiled is None
        if first:
            program.compiled = compile(function, numba=True if model.jit == "numba" else None)
            program.compiled.generators = [generator(), *settings.generators()]
        result = program.compiled(*arrays)
        self._refused = bool(program.compiled.refused)
        if first:
            model._forget_losses()  # those of the trace, which no later step renews
            program.holds = settings.hold()
        return result
