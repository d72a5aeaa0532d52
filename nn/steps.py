"""The steps of training, evaluation and prediction as programs."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from autograd import Variable, compile
from nn.layer import Layer

# How many combinations of settings and shapes are remembered.
_MOST = 32
# What changes from step to step, and is no setting: a program asks for it at each run, or has nothing to do with it.
_STATE = frozenset(
    {"_added_losses", "_followed", "_loss_tracker", "_metrics", "_rate", "_scratch", "_steps", "history", "iterations", "stop_training"}
)
# Longer lists are known by themselves and their length.
_LONG = 1000
_ATOMS = frozenset({int, float, complex, bool, str, bytes, type(None)})


class _Program:
    """A step for one combination of settings and shapes."""

    __slots__ = ("compiled", "holds", "settings")

    def __init__(self, settings: list[Any]) -> None:
        self.settings = settings  # which keeps alive what is known by its identity
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
        self._settings: list[Any] = []
        self._key: tuple[Any, ...] = ()
        self._refused = False

    def __reduce__(self) -> tuple[Any, ...]:
        return Step, ()  # a copy of a model writes programs of its own

    def __call__(self, model: Layer, function: Callable[..., Any], *arrays: Any) -> Any:
        """Return what a function returns of arrays."""
        if self._refused:
            return function(*arrays)
        settings = settings_of(model)
        if not _same(settings, self._settings):
            self._settings = settings
            self._key = tuple([(leaf.__class__, leaf if leaf.__class__ in _ATOMS else id(leaf)) for leaf in settings])
        key = self._key, *[None if array is None else (array.shape, array.dtype) for array in arrays]
        program = self._programs.get(key)
        if program is None:
            self._programs[key] = _Program(settings)
            if len(self._programs) > _MOST:
                self._programs.popitem(last=False)
            return function(*arrays)
        if not program.holds:
            return function(*arrays)
        first = program.compiled is None
        if first:
            program.compiled = compile(function)
        result = program.compiled(*arrays)
        self._refused = bool(program.compiled.refused)
        if first:
            program.holds = _same(settings_of(model), settings)
        return result


def settings_of(model: Layer) -> list[Any]:
    """Return everything that a program of a model depends on, apart from its arguments and the values of variables."""
    found: list[Any] = []
    _gather(vars(model), found, {id(model)})
    return found


def _gather(attributes: dict[str, Any], found: list[Any], seen: set[int]) -> None:
    """Add the attributes of an object, and of what belongs to it."""
    for name, value in attributes.items():
        if name not in _STATE:
            _add(value, found, seen)


def _add(value: Any, found: list[Any], seen: set[int]) -> None:
    found.append(value)
    if value.__class__ in _ATOMS:
        return
    if isinstance(value, Variable):
        found.append(value.trainable)
    elif isinstance(value, (list, tuple, dict)):
        found.append(len(value))
        if len(value) <= _LONG:
            for each in value.values() if isinstance(value, dict) else value:
                _add(each, found, seen)
    elif not isinstance(value, (FunctionType, ModuleType)) and id(value) not in seen:
        attributes = getattr(value, "__dict__", None)
        if attributes.__class__ is dict:
            seen.add(id(value))
            _gather(attributes, found, seen)


def _same(settings: list[Any], others: list[Any]) -> bool:
    """Whether settings are the same objects."""
    return len(settings) == len(others) and all(map(operator.is_, settings, others))
