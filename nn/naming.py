"""How the things that a network is made of are asked for: by name, by configuration, as an object or as a callable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from autograd.errors import OperandError
from nn.errors import ArgumentError


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
            raise ArgumentError(f"there is no {kind.split(' ', 1)[1]} named {identifier!r}. Those there are: {', '.join(sorted(table))}.")
        return found(**config) if isinstance(found, type) else found
    if isinstance(identifier, type):
        return identifier()
    if callable(identifier):
        return identifier
    raise OperandError(f"{kind} is given by its name, as an object or as a callable: received {identifier!r} of type {type(identifier).__name__}.")


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


