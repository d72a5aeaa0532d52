"""Registries of classes and functions by name, and the base of everything that its constructor's arguments describe."""

from __future__ import annotations

import difflib
import functools
import inspect
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from types import FunctionType
from typing import Any, ClassVar, ParamSpec, Self, TypeVar

import numpy as np

from autograd.errors import OperandError
from nn.errors import ArgumentError, StateError

_P = ParamSpec("_P")
_R = TypeVar("_R")
_T = TypeVar("_T")

# Arguments that other libraries call otherwise, and too unlike their names here to be found by likeness.
_OTHER_NAMES = {"lr": "learning_rate", "validation_frequency": "validation_freq"}
# Names by which other classes than the rule would give are known.
_SNAKE_CASE = {"RMSprop": "rmsprop"}
# Classes and functions of users, by the names under which `register` put them: "package>name".
_REGISTERED: dict[str, Any] = {}
# The names of the functions of this library that are members of a registry.
_FUNCTION_NAMES: dict[Any, str] = {}


def snake_case(name: str) -> str:
    """Return a name as Keras makes it from a class: ``conv2d`` for ``Conv2D``, ``lstm_cell`` for ``LSTMCell``."""
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return _SNAKE_CASE.get(name) or re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()


def export(package: str, namespace: Mapping[str, Any], names: Iterable[str]) -> None:
    """Make the classes and functions that a package exports name the package as their module.

    So `repr`, messages and pickles name the public place, whichever file holds the definition.
    """
    for name in names:
        if getattr(namespace[name], "__module__", "").startswith(f"{package}."):
            namespace[name].__module__ = package


class Registry:
    """The classes or functions of one family, by name.

    Parameters
    ----------
    kind : str
        One member with its article, for messages: ``"an optimizer"``.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.base: type | None = None  # of the classes, where they have one
        self._members: dict[str, Any] = {}

    def add(self, member: _T, *names: str) -> _T:
        """Enter a class or function under names, that of itself in snake case unless given, and return it.

        Raises
        ------
        ArgumentError
            If another one has the name.
        """
        for name in names or (snake_case(member.__name__),):  # type: ignore[attr-defined]
            _enter(self._members, name, member, self.kind.split(" ", 1)[1])
            if not isinstance(member, type):
                _FUNCTION_NAMES.setdefault(member, name)
        return member

    @property
    def names(self) -> list[str]:
        """All names in alphabetical order."""
        return sorted(self._members)

    def members(self) -> list[Any]:
        """Return the classes or functions, each once, in the order in which they were entered."""
        return list(dict.fromkeys(self._members.values()))

    def find(self, name: str) -> Any:
        """Return the class or function of a name in snake or camel case, or registered by the user; None if none is."""
        own = self._members.get(name) or self._members.get(snake_case(name))
        registered = _REGISTERED.get(name)
        if isinstance(registered, type) and self.base is not None and not issubclass(registered, self.base):
            registered = None  # a class of another family
        return own or registered

    def get(self, identifier: Any) -> Any:
        """Return the object that an identifier asks for.

        Parameters
        ----------
        identifier : str, dict, class or callable
            A name in snake or camel case; ``{"class_name": ..., "config": {...}}``; or the thing itself, returned as it
            is. Classes are called without arguments.

        Raises
        ------
        ArgumentError
            If there is no such name: the message lists those there are.
        OperandError
            If the identifier is of another kind.
        """
        config: Mapping[str, Any] | None = None
        if isinstance(identifier, Mapping) and "class_name" in identifier:
            identifier, config = identifier["class_name"], identifier.get("config", {})
        if isinstance(identifier, str):
            found = self.find(identifier)
            if found is None:
                raise ArgumentError(self.unknown(identifier))
            if not isinstance(found, type):
                return found
            return found() if config is None else found.from_config(config)  # type: ignore[attr-defined]
        if isinstance(identifier, type):
            try:
                return identifier()
            except TypeError as error:
                raise OperandError(
                    f"{self.kind} of class {identifier.__name__} cannot be made without arguments: {error}. Pass an "
                    f"object of it."
                ) from None
        if callable(identifier):
            return identifier
        raise OperandError(
            f"{self.kind} is given by its name, as an object or as a callable: received {identifier!r} of type "
            f"{type(identifier).__name__}."
        )

    def unknown(self, name: str, *others: str) -> str:
        """Return the message that nothing has a name. Other names that are understood there are listed too."""
        advice = " Classes of your own are registered with nn.register." if ">" in name else ""
        return unknown(self.kind.split(" ", 1)[1], name, sorted({*self.names, *others})) + advice


def _enter(table: dict[str, Any], name: str, member: Any, kind: str) -> None:
    """Enter a member in a table, in place of itself as an earlier run of its definition made it."""
    known = table.get(name, member)
    if known is not member and _place(known) != _place(member):
        raise ArgumentError(f"there is another {kind} named {name!r}, {_place(known)}: give {_place(member)} another.")
    table[name] = member


def _place(thing: Any) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"


def register(package: str = "Custom", name: str | None = None) -> Callable[[_T], _T]:
    """Register a class or function of your own, so that configurations can name it.

    Parameters
    ----------
    package : str, default "Custom"
        The first half of the name, ``package>name``, which keeps it apart from those of this library and of others.
    name : str, optional
        The second half; the name of the class or function unless given.

    Returns
    -------
    callable
        A decorator.

    Raises
    ------
    ArgumentError
        If a half of the name is empty or holds ``>``, or another class has the name.

    Examples
    --------
    >>> @register("my_layers")
    ... class Double(nn.Layer):
    ...     def call(self, inputs):
    ...         return 2.0 * inputs
    >>> model = nn.Sequential([Double(name="twice")])
    >>> model.get_config()["layers"][0]["class_name"]
    'my_layers>Double'
    >>> nn.Sequential.from_config(model.get_config()).predict(np.ones((1, 2))).tolist()
    [[2.0, 2.0]]
    """

    def enter(member: _T) -> _T:
        halves = package, name or member.__name__  # type: ignore[attr-defined]
        if not all(isinstance(half, str) and half and ">" not in half for half in halves):
            raise ArgumentError(f"a registered name is package>name, two words without '>': received {halves}.")
        _enter(_REGISTERED, ">".join(halves), member, "class or function")
        return member

    return enter


def name_of(member: Any) -> str | None:
    """Return the name of a class or function in configurations; None for a function that has none.

    A class of the user's that is not registered has the name of its module and its own, which no configuration of ours
    can be confused with, and which nothing is found by until it is registered.
    """
    for name, known in _REGISTERED.items():
        if known is member:
            return name
    if not isinstance(member, type):
        return _FUNCTION_NAMES.get(member)
    return snake_case(member.__name__) if is_ours(member) else f"{member.__module__}>{member.__qualname__}"


def is_ours(member: Any) -> bool:
    """Whether a class or function is of this library."""
    return member.__module__.partition(".")[0] == "nn"


def describe(value: Any) -> Any:
    """Convert a value to the form that configurations hold, which JSON can write.

    Numbers, strings and nests of these are as they are, dtypes are names, and objects are class names with
    configurations. A function is the name under which a registry or the user knows it; one without a name stays as it
    is, so that a configuration can be used within a program.
    """
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, type) and (issubclass(value, np.generic) or value in (bool, int, float, complex)):
        return np.dtype(value).name
    if type(value) in (list, tuple):
        return type(value)(describe(each) for each in value)
    if isinstance(value, dict):
        return {key: describe(each) for key, each in value.items()}
    if hasattr(value, "get_config") and not isinstance(value, type):
        return {"class_name": name_of(type(value)), "config": value.get_config()}
    if isinstance(value, (type, FunctionType)):
        return name_of(value) or value
    return value


# ---------------------------------------------------------------------------------------------------- messages
def unknown(kind: str, name: str, names: Collection[str]) -> str:
    """Say that nothing of a kind has a name, list the names there are, and guess which one was meant."""
    return f"there is no {kind} named {name!r}. Those there are: {', '.join(names)}.{meant(name, names)}"


def meant(name: str, names: Collection[str]) -> str:
    """Return the question whether the name most like the given one was meant; nothing if none is like it."""
    likeness = {each.lower(): each for each in names}
    near = difflib.get_close_matches(name.lower(), likeness, n=1) or [
        each for each in likeness if each == _OTHER_NAMES.get(name)
    ]
    return f" Did you mean {likeness[near[0]]!r}?" if near else ""


def checks_keywords(method: Callable[_P, _R]) -> Callable[_P, _R]:
    """Make a method refuse keyword arguments that it does not have, and list those it has.

    The message names the class that was used. A constructor to which subclasses pass on keyword arguments lists the
    arguments of these too.
    """
    own = inspect.signature(method).parameters

    @functools.wraps(method)
    def checked(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        if not kwargs.keys() <= own.keys():
            raise OperandError(_no_argument(type(args[0]), method, next(key for key in kwargs if key not in own)))
        return method(*args, **kwargs)

    return checked


def checks_names(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Make a function refuse keyword arguments that it does not have, and list those it has."""
    names = list(inspect.signature(function).parameters)

    @functools.wraps(function)
    def checked(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        for name in kwargs:
            if name not in names:
                raise OperandError(
                    f"{function.__name__} takes no argument {name!r}. Those it takes: {', '.join(names)}."
                    f"{meant(name, names)}"
                )
        return function(*args, **kwargs)

    return checked


def _no_argument(kind: type, method: Callable[..., Any], name: str) -> str:
    called, names = f"{kind.__name__}.{method.__name__}", list(inspect.signature(method).parameters)[1:]
    if method.__name__ == "__init__":
        called, names = kind.__name__, list(constructor_arguments(kind))
    return f"{called} takes no argument {name!r}. Those it takes: {', '.join(names)}.{meant(name, names)}"


# ---------------------------------------------------------------------------------------------------- configurations
@functools.cache
def constructor_arguments(kind: Any) -> dict[str, type]:
    """Return the arguments of a constructor, and of those it passes others on to, each with the class that names it."""
    found: dict[str, type] = {}
    for each in kind.__mro__:
        if "__init__" in vars(each):
            parameters = list(inspect.signature(vars(each)["__init__"]).parameters.values())[1:]
            for parameter in parameters:
                if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                    found.setdefault(parameter.name, each)
            if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
                break
    return found


@functools.cache
def _keywords(kind: Any) -> frozenset[str] | None:
    """Return the arguments that a constructor takes by name; None if it takes any."""
    parameters = inspect.signature(kind.__init__).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return None
    return frozenset(parameter.name for parameter in parameters)


class Arguments:
    """The arguments that an object was made with. No tuple or dict: a layer's are searched for weights."""

    __slots__ = ("args", "kwargs")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args = args
        self.kwargs = kwargs

    def by_name(self, kind: type) -> dict[str, Any]:
        """Return the arguments of a class by their names, with the defaults of those not given.

        Arguments that have no names are an error, unless the class defines a configuration that can hold them.
        """
        signature = inspect.signature(kind.__init__)  # type: ignore[misc]
        bound = signature.bind(None, *self.args, **self.kwargs)
        bound.apply_defaults()
        found: dict[str, Any] = {}
        for parameter in list(signature.parameters.values())[1:]:
            value = bound.arguments[parameter.name]
            if parameter.kind is parameter.VAR_KEYWORD:
                found |= value
            elif parameter.kind is not parameter.VAR_POSITIONAL:
                found[parameter.name] = value
            elif value and is_ours(kind.get_config):  # type: ignore[attr-defined]
                raise StateError(
                    f"{kind.__name__} was made with *{parameter.name}, which a configuration cannot name: define "
                    f"get_config and from_config."
                )
        return found


class Configured:
    """Base of objects that the arguments of their constructor describe: layers, losses, optimizers ...

    The arguments are captured when an object is made; `get_config` returns them and `from_config` makes an equal
    object. A class of this library keeps an argument as the attribute of its name where it can be changed later: the
    configuration has the attribute as it is then. Classes enter the registry of their family by themselves; those of
    users by `register`.

    Parameters
    ----------
    registry : Registry, keyword of the class statement
        Given by the base class of a family.
    aliases : tuple of str, keyword of the class statement
        Further names of the class.
    named : bool, keyword of the class statement
        Whether the class is found by name.
    """

    registry: ClassVar[Registry]
    # The attributes of arguments that are kept under another name.
    _kept_as: ClassVar[Mapping[str, str]] = {}
    _arguments: Arguments

    def __init_subclass__(
        cls, registry: Registry | None = None, aliases: tuple[str, ...] = (), named: bool = True, **options: Any
    ) -> None:
        super().__init_subclass__(**options)
        if registry is not None:
            cls.registry = registry
            registry.base = cls
        elif named and is_ours(cls) and not cls.__name__.startswith("_"):
            cls.registry.add(cls, snake_case(cls.__name__), *aliases)

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        keywords = _keywords(cls) if kwargs else None  # type: ignore[arg-type]
        if keywords is not None and not kwargs.keys() <= keywords:
            raise OperandError(_no_argument(cls, cls.__init__, next(key for key in kwargs if key not in keywords)))
        made = super().__new__(cls)
        made._arguments = Arguments(*args, **kwargs)
        return made

    def __init__(self) -> None:
        """Take no arguments, unless a subclass does."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which `from_config` makes an equal object, as JSON can write them.

        Returns
        -------
        dict of str to value
            An object among them is its class name with its configuration. A function without a registered name stays
            as it is.

        Raises
        ------
        StateError
            If the constructor took arguments that no name stands for (``*layers``).
        """
        values = self._arguments.by_name(type(self))
        for name, kind in constructor_arguments(type(self)).items():  # type: ignore[arg-type]
            attribute = self._kept_as.get(name, name)
            if is_ours(kind) and hasattr(self, attribute):
                values[name] = getattr(self, attribute)
        return {name: describe(value) for name, value in values.items()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Make an object from what `get_config` returned.

        Parameters
        ----------
        config : mapping of str to value

        Returns
        -------
        object of this class
        """
        return cls(**config)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{key}={value!r}' for key, value in self.get_config().items())})"
