"""How the things that a network is made of are asked for (by name, by configuration, as an object or as a callable),
and their arguments.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, ParamSpec, TypeVar

from autograd.errors import OperandError
from nn.errors import ArgumentError

_P = ParamSpec("_P")
_R = TypeVar("_R")

# Arguments that are called otherwise elsewhere, and too unlike their names here to be found by likeness.
_OTHER_NAMES = {"lr": "learning_rate", "input_dim": "input_shape", "validation_frequency": "validation_freq"}


def snake_case(name: str) -> str:
    """Return ``glorot_uniform`` for ``GlorotUniform``, ``l1_l2`` for ``L1L2``, ``rmsprop`` for ``RMSprop``."""
    known = {"RMSprop": "rmsprop", "L1L2": "l1_l2", "SGD": "sgd"}
    if name in known:
        return known[name]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def find(kind: str, table: Mapping[str, Any], identifier: Any) -> Any:
    """Return the object that an identifier asks for.

    Parameters
    ----------
    kind : str
        What is looked for, with its article, for the error message: ``"an optimizer"``.
    table : mapping of str to class or function
        What the names stand for. A class is called without arguments.
    identifier : str, dict, or callable
        A name in snake or camel case; ``{"class_name": ..., "config": {...}}``; or the thing itself, returned as it is.

    Raises
    ------
    ArgumentError
        If there is no such name: the message lists those there are.
    OperandError
        If the identifier is of another kind.
    """
    config: dict[str, Any] = {}
    if isinstance(identifier, Mapping) and "class_name" in identifier:
        identifier, config = identifier["class_name"], dict(identifier.get("config", {}))
    if isinstance(identifier, str):
        found = table.get(identifier, table.get(snake_case(identifier)))
        if found is None:
            raise ArgumentError(unknown(kind.split(" ", 1)[1], identifier, sorted(table)))
        return found(**config) if isinstance(found, type) else found
    if isinstance(identifier, type):
        try:
            return identifier()
        except TypeError as error:
            raise OperandError(
                f"{kind} of class {identifier.__name__} cannot be made without arguments: {error}. Pass an object of "
                f"it."
            ) from None
    if callable(identifier):
        return identifier
    raise OperandError(
        f"{kind} is given by its name, as an object or as a callable: received {identifier!r} of type "
        f"{type(identifier).__name__}."
    )


def unknown(kind: str, name: str, names: Collection[str]) -> str:
    """Say that there is nothing of a name, what there is, and what was probably meant."""
    return f"there is no {kind} named {name!r}. Those there are: {', '.join(names)}.{meant(name, names)}"


def meant(name: str, names: Collection[str]) -> str:
    """Return the question whether a name that is most like the given one was meant; nothing if none is like it."""
    likeness = {each.lower(): each for each in names}
    near = difflib.get_close_matches(name.lower(), likeness, n=1) or [
        each for each in likeness if each == _OTHER_NAMES.get(name)
    ]
    return f" Did you mean {likeness[near[0]]!r}?" if near else ""


def checks_keywords(method: Callable[_P, _R]) -> Callable[_P, _R]:
    """Make a method refuse keyword arguments that it does not have, in the name of the class that was used, and list
    those it has.

    A constructor to which subclasses pass on what they do not know themselves lists the arguments of these too.
    """
    own = inspect.signature(method).parameters

    @functools.wraps(method)
    def checked(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        if not kwargs.keys() <= own.keys():
            kind = type(args[0])
            name = next(key for key in kwargs if key not in own)
            called, names = f"{kind.__name__}.{method.__name__}", list(own)[1:]
            if method.__name__ == "__init__":
                called, names = kind.__name__, _constructor_arguments(kind)
            raise OperandError(
                f"{called} takes no argument {name!r}. Those it takes: {', '.join(names)}.{meant(name, names)}"
            )
        return method(*args, **kwargs)

    return checked


def _constructor_arguments(kind: type) -> list[str]:
    """Return the names of the arguments of a constructor, and of those it passes others on to."""
    names: dict[str, None] = {}
    for each in kind.__mro__:
        if "__init__" in vars(each):
            parameters = list(inspect.signature(vars(each)["__init__"]).parameters.values())[1:]
            names |= dict.fromkeys(p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))
            if not any(p.kind is p.VAR_KEYWORD for p in parameters):
                break
    return list(names)


def describe(thing: Any, table: Mapping[str, Any]) -> Any:
    """Return what `find` would find a thing by: None, a name, or a class name with a configuration."""
    if thing is None:
        return None
    if hasattr(thing, "get_config"):
        return {"class_name": snake_case(type(thing).__name__), "config": thing.get_config()}
    for name, known in table.items():
        if known is thing:
            return name
    return thing


class Configured:
    """An object that is wholly described by the arguments it was made with, each kept as the attribute of its name."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which `from_config` makes an equal object."""
        return dict(vars(self))

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Make an object from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{key}={value!r}' for key, value in self.get_config().items())})"
