"""Finding what a function depends on outside: what its text names, that of the functions that it finds so, and what
they belong to.

Attributes of names are followed (`self.layer.w`). An attribute of what the text does not tell (``for layer in layers:
layer.w``) is looked at in every object that was found. The functions of libraries are not looked into, and nothing of
the user's is run."""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections import ChainMap, UserDict, UserList, deque
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from autograd.core.tensor import Tensor
from autograd.core.variable import Variable
from autograd.program.reads import reads_of

_PYTHON = os.path.dirname(os.__file__)
# The packages of this distribution: networks look after their own settings.
_OURS = tuple(
    os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), name, "") for name in ("autograd", "nn")
)
# Values that are told from each other by what they are, all that has no parts that are looked at, and what has items.
NUMBERS = (int, float, complex, bool, str, bytes, type(None), np.generic)
_ATOMS = (*NUMBERS, np.ndarray, Variable)
NESTS = (list, tuple, dict, set, frozenset, deque)
_AROUND_NESTS = (ChainMap, UserDict, UserList)
MISSING = object()
# How many things are looked at: what holds more is data.
_MOST = 10_000
# Methods that Python does not call by itself where an object is computed with; those that `dataclass` makes name every
# field.
_QUIET = frozenset(
    f"__{name}__"
    for name in (
        *(
            "call",
            "new",
            "init",
            "post_init",
            "init_subclass",
            "class_getitem",
            "subclasshook",
            "del",
            "setattr",
            "delattr",
            "dir",
            "sizeof",
        ),
        *("repr", "str", "format", "hash", "eq", "ne", "lt", "le", "gt", "ge"),
        *("copy", "deepcopy", "replace", "reduce", "reduce_ex", "getstate", "setstate", "getnewargs", "getnewargs_ex"),
    )
)
# Of these, the ones that matter where a class makes an object.
_MAKING = frozenset(("__call__", "__new__", "__init__", "__post_init__"))


class Found(NamedTuple):
    """Something outside.

    Attributes
    ----------
    read : callable
        ``read(holder, key, default)`` returns what is there now.
    holder, key
    value : Any
        What was there.
    name : str
    """

    read: Callable[[Any, Any, Any], Any]
    holder: Any
    key: Any
    value: Any
    name: str


class Items(NamedTuple):
    """The items of a list, a dict or the like."""

    holder: Any
    keys: list[Any]
    values: list[Any]
    ids: list[int]
    name: str


class _Reached:
    """An object whose attributes are looked at by the names that stand loose in texts: by so many of them until now."""

    __slots__ = ("looked", "name", "thing")

    def __init__(self, thing: Any, name: str) -> None:
        self.thing = thing
        self.name = name
        self.looked = 0


class Finder:
    """Finds what a function depends on outside.

    Parameters
    ----------
    f : callable
    named : dict of str to Any
        What its parameters are given.

    Attributes
    ----------
    found : dict of Any to Found
    items : dict of Any to Items
    """

    def __init__(self, f: Callable[..., Any], named: dict[str, Any]) -> None:
        self.found: dict[Any, Found] = {}
        self.items: dict[Any, Items] = {}
        self._seen: set[Any] = set()
        self._alive: list[Any] = []  # whose identities are known
        self._waiting: deque[tuple[Any, str]] = deque()
        self._reached: dict[int, _Reached] = {}
        self._loose: dict[str, None] = {}  # in the order in which they were met
        self._given: set[int] = set()  # the nests among the arguments: what is in them is given to a program
        self._spaces: dict[type, Mapping[str, Any]] = {}  # the attributes of each class
        self._package = str(getattr(f, "__module__", "")).partition(".")[0]
        self._named = (_undone(f), named)
        self._wait(f, "")
        for name, value in named.items():
            self._wait_for_argument(value, name)
        self._find()

    def _find(self) -> None:
        """Look at everything that waits, and at what is found so."""
        before = None
        while self._waiting or before != (len(self._reached), len(self._loose)):
            while self._waiting:
                self._visit(*self._waiting.popleft())
            before = len(self._reached), len(self._loose)
            for each in list(self._reached.values()):
                wanted = list(self._loose)[each.looked :]
                each.looked += len(wanted)
                self._look(
                    each.thing,
                    each.name,
                    [attribute for attribute in wanted if attribute.removesuffix("()") not in _QUIET],
                )

    def _wait(self, thing: Any, name: str) -> None:
        if not isinstance(thing, _ATOMS) and thing is not MISSING and id(thing) not in self._given:
            self._waiting.append((thing, name))

    def _wait_for_argument(self, value: Any, name: str) -> None:
        """Look at the objects among the arguments."""
        if isinstance(value, (tuple, list, dict)):
            self._given.add(id(value))
            for each in value.values() if isinstance(value, dict) else value:
                self._wait_for_argument(each, name)
        elif not isinstance(value, Tensor):
            self._wait(value, name)

    def _note(self, read: Callable[[Any, Any, Any], Any], holder: Any, key: Any, name: str) -> Any:
        """Take note of what is found in a place, and return it."""
        value = read(holder, key, MISSING)
        self.found[id(holder), key] = Found(read, holder, key, value, name)
        return value

    def _is_new(self, *things: Any) -> bool:
        key = tuple(map(id, things))
        if key in self._seen or len(self._seen) > _MOST:
            return False
        self._alive.extend(things)
        self._seen.add(key)
        return True

    # ------------------------------------------------------------------------------------------- things
    def _visit(self, thing: Any, name: str) -> None:
        """Look at something that was found, under a name."""
        if isinstance(thing, FunctionType):
            if self._is_new(thing):
                self._visit_function(thing, self._named[1] if thing is self._named[0] else {})
        elif isinstance(thing, MethodType):
            self._visit_method(thing.__func__, thing.__self__, name)
        elif not self._is_new(thing):
            return
        elif isinstance(thing, type):
            self._reach(thing, name)
        elif isinstance(thing, Tensor):
            self._note(getattr, thing, "_value", name)
        elif isinstance(thing, functools.partial):
            for each in (thing.func, *thing.args, *thing.keywords.values()):
                self._wait(each, name)
        elif isinstance(thing, NESTS):
            self._visit_nest(thing, name)
        elif "__wrapped__" in own_dict(thing):
            self._wait(own_dict(thing)["__wrapped__"], name)
        elif isinstance(thing, _AROUND_NESTS):
            self._reach(thing, name)
            self._wait(own_dict(thing), name)
        elif not isinstance(thing, ModuleType):
            self._reach(thing, name)
            self._look(thing, name, ["__call__", *self._hooks(thing)])
            if self._is_ours(_kind(thing)):
                self._wait_for_parts(thing, name)

    def _wait_for_parts(self, thing: Any, name: str) -> None:
        """Look at what a network is made of, which may be the user's: layers, and functions of theirs."""
        for part in own_dict(thing).values():
            for each in items_of(part)[1] if isinstance(part, NESTS) else [part]:
                if not isinstance(each, (*NESTS, Tensor)):
                    self._wait(each, name)

    def _hooks(self, thing: Any) -> list[str]:
        """Return the names of methods of the user's which a class of a library has too, so that its own methods may
        call them.
        """
        kinds = self._kinds(thing)
        library = [each for each in type(thing).__mro__ if each not in kinds and each is not object] if kinds else []
        found = [
            name
            for kind in kinds
            for name, each in self._space(kind).items()
            if name not in _QUIET and _function_of(each) is not None
        ]
        return [name for name in found if any(name in vars(each) for each in library)]

    def _visit_nest(self, nest: Any, name: str) -> None:
        keys, values = items_of(nest)
        if len(values) <= _MOST:
            self.items[id(nest)] = Items(nest, keys, values, list(map(id, values)), name)
            for value in values:
                self._wait(value, name)
        self._reach(nest, name)
        self._look(nest, name, ["__call__"])

    def _visit_method(self, method: Any, owner: Any, name: str) -> None:
        """Look at a function that is given an object first."""
        method = _undone(method)
        if isinstance(method, FunctionType) and self._is_new(method, owner):
            first = method.__code__.co_varnames[:1]
            self._reach(owner, name or "".join(first))
            self._visit_function(method, dict.fromkeys(first, owner))

    def _visit_function(self, fn: FunctionType, named: dict[str, Any]) -> None:
        names, library = dict(named), self._is_library(fn.__code__.co_filename, fn.__module__)
        for name, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True):
            names[name] = self._note(read_cell, cell, 0, name)
            if library:
                self._wait(names[name], name)
        if library:
            return
        self._note(getattr, fn, "__code__", fn.__name__)  # which notebooks replace where a file was edited
        for kind in ("__defaults__", "__kwdefaults__"):
            if getattr(fn, kind):
                self._wait(self._note(getattr, fn, kind, fn.__name__), fn.__name__)
        reads = reads_of(fn.__code__)
        self._loose.update(dict.fromkeys(reads.loose))
        for name, *attributes in reads.outside:
            self._follow(self._note(read_item, fn.__globals__, name, name), attributes, name)
        for name, *attributes in reads.own:
            if name in names and not (isinstance(names[name], Tensor) and name not in fn.__code__.co_freevars):
                self._follow(names[name], attributes, name)
            else:
                self._loose.update(dict.fromkeys(attributes))
        for name in reads.modules:
            for path in (name, f"{fn.__globals__.get('__package__')}.{name}".rstrip(".")):
                self._reach(sys.modules.get(path), name)

    def _follow(self, value: Any, attributes: list[str], name: str) -> None:
        """Look at attributes of attributes of what was found, and at what they are."""
        for i, attribute in enumerate([each.removesuffix("()") for each in attributes]):
            if not self._has_parts(value):
                break
            if not isinstance(value, ModuleType):
                self._reach(value, name)
            found = self._attribute(value, attribute, f"{name}.{attribute}")
            name = f"{name}.{attribute}"
            if found is MISSING:  # or what a method makes
                self._loose.update(dict.fromkeys(attributes[i + 1 :]))
                return
            value = found
        self._wait(value, name)

    def _has_parts(self, value: Any) -> bool:
        """Whether attributes of something are looked at."""
        if isinstance(value, ModuleType):
            return not self._is_library(getattr(value, "__file__", None) or "", value.__name__)
        return not isinstance(value, (*_ATOMS, Tensor)) and value is not MISSING

    # ------------------------------------------------------------------------------------------- attributes
    def _attribute(self, value: Any, attribute: str, name: str) -> Any:
        """Return an attribute of an object, a class or a module, as far as it is found there without running
        anything.
        """
        if type(value) is threading.local:
            return self._note(getattr, value, attribute, name)
        found = self._in_classes(value, attribute, name)
        own = own_dict(value)
        if own is not _NOTHING and (attribute in own or not isinstance(found, functools.cached_property)):
            owned = self._note(read_item, own, attribute, name)
            if owned is not MISSING:
                return owned
        return self._bound(found, value, attribute, name)

    def _in_classes(self, value: Any, attribute: str, name: str) -> Any:
        """Return what the classes of the user's have under a name."""
        for kind in self._kinds(value):
            found = self._note(read_item, self._space(kind), attribute, name)
            if found is not MISSING:
                return found
        return MISSING

    def _bound(self, found: Any, value: Any, attribute: str, name: str) -> Any:
        """Return what of a class is an attribute of its object. Functions that are called for it are looked at."""
        if isinstance(found, MemberDescriptorType) and not isinstance(value, type):
            return self._note(getattr, value, attribute, name)
        function = _function_of(found)
        if function is not None and isinstance(found, staticmethod):
            self._wait(function, name)
        elif function is not None and isinstance(found, classmethod):
            self._visit_method(function, _kind(value), name)
        elif function is not None and isinstance(value, type):
            self._wait(function, name)
        elif function is not None:
            self._visit_method(function, value, name)
        elif hasattr(type(found), "__get__"):
            self._wait(found, name)
        else:
            return found
        return MISSING

    def _reach(self, thing: Any, name: str) -> None:
        """Look from now on at attributes of an object that stand loose in texts, and at what Python calls when it is
        computed with.
        """
        if id(thing) in self._reached or not self._has_parts(thing) or isinstance(thing, (FunctionType, MethodType)):
            return
        if isinstance(thing, NESTS):
            self._wait(thing, name)
        if self._is_ours(_kind(thing)) or len(self._reached) > _MOST or not (self._kinds(thing) or own_dict(thing)):
            return
        self._reached[id(thing)] = _Reached(thing, name)
        self._note(type_of, thing, "__class__", name)  # which notebooks replace too
        quiet = _QUIET - _MAKING if isinstance(thing, type) else _QUIET
        for kind in self._kinds(thing):
            for attribute, found in self._space(kind).items():
                if attribute.startswith("__") and attribute not in quiet and isinstance(found, FunctionType):
                    long = f"{name}.{attribute}"
                    self._bound(self._note(read_item, self._space(kind), attribute, long), thing, attribute, long)

    def _look(self, thing: Any, name: str, wanted: Iterable[str]) -> None:
        """Look at attributes of some names of an object, as far as it has them, and at the methods that these stand
        before.
        """
        own, spaces = own_dict(thing), [self._space(kind) for kind in self._kinds(thing)]
        for each in wanted:
            attribute = each.removesuffix("()")
            there = next((space[attribute] for space in (own, *spaces) if attribute in space), MISSING)
            if there is MISSING or (each != attribute and not callable(there) and not hasattr(type(there), "__get__")):
                continue  # a number that is called is another's: layer.mean is not x.mean()
            long = f"{name}.{attribute}"
            found = self._attribute(thing, attribute, long)
            self._wait(found, long)
            if isinstance(found, ModuleType):
                self._reach(found, long)
            for space in spaces:
                if _function_of(space.get(attribute)) is not None:
                    self._bound(self._note(read_item, space, attribute, long), thing, attribute, long)

    # ------------------------------------------------------------------------------------------- whose they are
    def _kinds(self, value: Any) -> list[type]:
        """Return the classes of an object that are no library's: none where its own is one."""
        kind = _kind(value)
        if isinstance(value, ModuleType) or self._is_of_library(kind):
            return []
        return [each for each in kind.__mro__ if not self._is_of_library(each)]

    def _space(self, kind: type) -> Mapping[str, Any]:
        return self._spaces.setdefault(kind, vars(kind))

    def _is_library(self, path: str, module: str | None) -> bool:
        """Whether code belongs to Python, to this distribution, or to a package that is installed and is not that of
        the function.
        """
        if not path or path.startswith(_OURS):
            return True
        installed = path.startswith(_PYTHON) or "site-packages" in path or "dist-packages" in path
        return installed and str(module).partition(".")[0] != self._package

    def _is_of_library(self, kind: type) -> bool:
        return kind.__module__ == "builtins" or self._is_library(self._file_of(kind) or "?", kind.__module__)

    def _is_ours(self, kind: type) -> bool:
        return self._file_of(kind).startswith(_OURS)

    def _file_of(self, kind: type) -> str:
        return getattr(sys.modules.get(kind.__module__), "__file__", None) or ""


_NOTHING: dict[str, Any] = {}


def own_dict(value: Any) -> dict[str, Any]:
    """Return the dict in which an object or a module keeps its attributes, or an empty one where there is none."""
    try:
        own = object.__getattribute__(value, "__dict__")
    except (AttributeError, TypeError):
        return _NOTHING
    return own if own.__class__ is dict else _NOTHING


def items_of(nest: Any) -> tuple[list[Any], list[Any]]:
    """Return the keys and the values of a nest; the methods of a class of the user's are not called for it."""
    if isinstance(nest, dict):
        return list(dict.keys(nest)), list(dict.values(nest))
    base = next(kind for kind in NESTS if isinstance(nest, kind))
    return [], list(base.__iter__(nest))


def read_item(holder: Any, key: Any, default: Any) -> Any:
    """Return an item of a dict, or the default."""
    return holder.get(key, default)


def type_of(holder: Any, key: Any, default: Any) -> Any:
    """Return the class of an object, which may be given another one."""
    return type(holder)


def read_cell(cell: Any, key: Any, default: Any) -> Any:
    """Return what a cell of a closure holds, or the default where nothing is in it yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return default


def _kind(value: Any) -> type:
    return value if isinstance(value, type) else type(value)


def _function_of(found: Any) -> Any:
    """Return the function behind what stands in a class, or None."""
    if isinstance(found, property):
        return found.fget
    if isinstance(found, (functools.cached_property, functools.partialmethod)):
        return found.func
    if isinstance(found, (FunctionType, staticmethod, classmethod)) or (
        found is not None and "__wrapped__" in own_dict(found)
    ):
        return found.__func__ if isinstance(found, (staticmethod, classmethod)) else found
    return None


def _undone(function: Any) -> Any:
    """Return the function that something wraps which is none itself, or it."""
    while not isinstance(function, FunctionType) and "__wrapped__" in own_dict(function):
        function = own_dict(function)["__wrapped__"]
    return function
