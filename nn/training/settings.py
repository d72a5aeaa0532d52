"""What a program of a model depends on besides its arguments and the values of variables.

These are the attributes of its layers, its loss, its metrics and its optimizer, and what functions of the user's own
read: variables of the functions around them, defaults, and names of their modules. All of it is compared at each step.
"""

from __future__ import annotations

import dis
import functools
import operator
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import chain
from operator import attrgetter, itemgetter
from pathlib import Path
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd import Tensor, Variable
from nn.random import generator

# Of longer lists the items are compared, but nothing that belongs to them.
_LONG = 1000
# Up to how many bytes the numbers of an array are compared, of which Python may have read some.
_SHORT = 1024
_ATOMS = frozenset({int, float, complex, bool, str, bytes, type(None)})
_NESTS = (list, tuple, set, frozenset, deque, dict)


class Settings:
    """Everything that a program of a model depends on, apart from its arguments and the values of variables.

    Settings are equal if their numbers and strings are, and all else is the same objects. Attributes that a class names
    in ``_run_state`` change as its objects run, and are no settings."""

    def __init__(self, model: Any) -> None:
        # What gives the parts of each thing that can change, in order, and what gives the numbers of each short array.
        self._views: list[Callable[[], Iterable[Any]]] = []
        self._contents: list[Callable[[], bytes]] = []
        self._key: list[Any] = []
        self._places: dict[int, int] = {}  # in which order things were found, by their identity
        # What has been added, and what of some names only, by its identity: which so can be that of nothing else.
        self._seen: dict[int, Any] = {}
        self._parted: dict[tuple[int, frozenset[str] | None], Any] = {}
        self._add(model)
        found = {**self._seen, **{identity: each for (identity, _), each in self._parted.items()}}.values()
        variables = [each for each in found if isinstance(each, Variable)]
        # The sources of random numbers that are not the shared one.
        self.generators = [each for each in found if isinstance(each, np.random.Generator) and each is not generator()]
        self._view(partial(map, attrgetter("trainable"), variables))
        self._parts, self._bytes = self._now()
        self._equal = (*self._key, *[variable.trainable for variable in variables], *self._bytes)
        self._hash = hash(self._equal)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Settings) and self._equal == other._equal

    def hold(self) -> bool:
        """Whether nothing has been assigned, added or taken away since: every part is the same object."""
        try:
            parts, contents = self._now()
        except (AttributeError, KeyError, ValueError, RuntimeError):  # something was deleted
            return False
        return len(parts) == len(self._parts) and all(map(operator.is_, parts, self._parts)) and contents == self._bytes

    def _now(self) -> tuple[list[Any], list[bytes]]:
        return list(chain.from_iterable([view() for view in self._views])), [content() for content in self._contents]

    # ------------------------------------------------------------------------------------------- finding them
    def _view(self, view: Callable[[], Iterable[Any]]) -> list[Any]:
        """Compare from now on what a function gives, and return what that is."""
        self._views.append(view)
        return list(view())

    def _add(self, value: Any, names: frozenset[str] | None = None) -> None:
        """Add a thing, and what belongs to it: all attributes, or those of some names."""
        kind = value.__class__
        if kind in _ATOMS:
            self._key.append((kind, repr(value) if kind is float or kind is complex else value))  # 0.0 and -0.0 differ
            return
        if isinstance(value, np.generic):
            self._key.append((kind, value.tobytes()))
            return
        if hasattr(kind, "_run_state"):
            names = None  # its attributes are read by methods of ours
        # A nest is known by its place, and otherwise by what is in it.
        place = self._places.setdefault(id(value), len(self._places))
        self._key.append((kind, place, len(value)) if isinstance(value, _NESTS) else (kind, id(value)))
        if id(value) in self._seen or (id(value), names) in self._parted:
            return
        if names is None:
            self._seen[id(value)] = value
        else:
            self._parted[id(value), names] = value
        if isinstance(value, dict):
            self._add_each(self._view(partial(iter, value)), names)
            self._add_each(self._view(value.values), names)
        elif isinstance(value, _NESTS):
            self._add_each(self._view(partial(iter, value)), names)
        else:
            self._add_parts(value, names)

    def _add_each(self, items: list[Any], names: frozenset[str] | None) -> None:
        if len(items) > _LONG:
            self._key.append(tuple(map(id, items)))
            return
        for each in items:
            self._add(each, names)

    def _add_parts(self, value: Any, names: frozenset[str] | None) -> None:
        """Add what belongs to a thing that is known by its identity."""
        if isinstance(value, (np.ndarray, Tensor)):
            if value.nbytes <= _SHORT and not isinstance(value, Variable) and value.dtype != object:
                self._contents.append(
                    value.tobytes if isinstance(value, np.ndarray) else lambda: value.numpy().tobytes()
                )
        elif isinstance(value, FunctionType):
            self._add_function(value)
        elif isinstance(value, MethodType):
            self._add(value.__func__)
            self._add(value.__self__, _names_in(getattr(value.__func__, "__code__", None)))
        elif isinstance(value, partial):
            self._add((value.func, value.args, value.keywords))
        elif isinstance(value, property):
            self._add(value.fget)
        elif isinstance(value, type):
            self._add_class(value, names)
        elif not isinstance(value, ModuleType):
            self._add_object(value, names)

    def _add_object(self, value: Any, names: frozenset[str] | None) -> None:
        """Add the attributes of an object, and what its classes have."""
        state = getattr(type(value), "_run_state", ())
        kinds = [kind for kind in type(value).__mro__ if not _is_library(kind.__module__)]
        names = names if names is None else _names_read(kinds, names)
        attributes = getattr(value, "__dict__", None)
        if attributes.__class__ is dict:
            self._add_names(attributes, names, names, state)
        slots = [name for kind in kinds for name in getattr(kind, "__slots__", ()) if names is None or name in names]
        if slots:
            self._add_each(self._view(lambda: [getattr(value, name, None) for name in slots]), names)
        for kind in kinds:
            if (id(kind), names) not in self._parted:
                self._parted[id(kind), names] = kind
                self._add_names(vars(kind), names, names, state)

    def _add_class(self, kind: type, names: frozenset[str] | None) -> None:
        """Add the attributes of a class that a function reads, which is one of the user's own."""
        kinds = [each for each in kind.__mro__ if not _is_library(each.__module__)]
        names = names if names is None else _names_read(kinds, names)
        for each in kinds:
            self._add_names(vars(each), names, names)

    def _add_names(
        self,
        namespace: Mapping[str, Any],
        wanted: frozenset[str] | None,
        names: frozenset[str] | None,
        state: Iterable[str] = (),
    ) -> None:
        """Add the values of the names that are wanted, or of all, but for those that are state; of objects the
        attributes of some names.
        """
        chosen = [name for name in namespace if (wanted is None or name in wanted) and name not in state]
        if len(chosen) == len(namespace):
            self._views.append(namespace.values)
        else:
            if wanted is None:
                self._views.append(partial(iter, namespace))  # so that one that is added is seen
            if chosen:
                self._views.append(partial(itemgetter(*chosen, chosen[0]), namespace))
        for name in chosen:
            self._add(namespace[name], names)

    def _add_function(self, function: FunctionType) -> None:
        """Add what a function of the user's own reads besides its arguments."""
        if _is_library(function.__module__):
            return
        names, outside = _names_in(function.__code__), _globals_in(function.__code__)
        self._add_each(self._view(partial(map, _content, function.__closure__ or ())), names)
        self._add_each(self._view(partial(attrgetter("__defaults__", "__kwdefaults__"), function)), names)
        self._add_names(function.__globals__, outside, names)
        named = [function.__globals__[name] for name in outside & function.__globals__.keys()]
        for module in (*named, *_imported_in(function.__code__, function.__globals__.get("__package__"))):
            if isinstance(module, ModuleType) and not _is_library(module.__name__):
                self._add_names(vars(module), names, names)


def _content(cell: CellType) -> Any:
    """Return the value of a variable of the function around; None before it has one."""
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _names_in(code: CodeType | None) -> frozenset[str]:
    """Return the names of attributes and of what stands outside that a function reads, those in functions that it makes
    included.
    """
    if code is None:
        return frozenset()
    return frozenset(code.co_names).union(*map(_names_in, _inner(code)))


@functools.lru_cache
def _globals_in(code: CodeType) -> frozenset[str]:
    """Return the names of its module that a function reads, those in functions that it makes included."""
    found = [each.argval for each in dis.get_instructions(code) if each.opname in ("LOAD_GLOBAL", "LOAD_NAME")]
    return frozenset(found).union(*map(_globals_in, _inner(code)))


def _imported_in(code: CodeType, package: str | None) -> list[ModuleType]:
    """Return the modules that a function of a package imports when it runs, as far as they are there, those in
    functions that it makes included.
    """
    names = [each.argval for each in dis.get_instructions(code) if each.opname == "IMPORT_NAME"]
    found = [
        sys.modules[each] for name in names for each in (name, f"{package}.{name}".rstrip(".")) if each in sys.modules
    ]
    return [*found, *chain.from_iterable(_imported_in(each, package) for each in _inner(code))]


def _inner(code: CodeType) -> list[CodeType]:
    return [each for each in code.co_consts if isinstance(each, CodeType)]


def _names_read(kinds: list[type], names: frozenset[str]) -> frozenset[str]:
    """Return names, and those that the methods of classes read which they name or which Python calls by itself."""
    methods = {
        name: each for kind in reversed(kinds) for name, each in vars(kind).items() if isinstance(each, FunctionType)
    }
    read, waiting = set(names), {*names, *[name for name in methods if name.startswith("__") and name != "__init__"]}
    while waiting:
        method = methods.pop(waiting.pop(), None)
        if method is not None:
            found = _names_in(method.__code__)
            waiting |= found
            read |= found
    return frozenset(read)


@functools.cache
def _is_library(name: str | None) -> bool:
    """Whether a module is of this package, of Python's or of an installed one: what its functions read stays as
    it is.
    """
    if name is None:
        return False
    top = name.partition(".")[0]
    if top in ("autograd", "nn", "numpy") or top in sys.stdlib_module_names:
        return True
    folders = Path(getattr(sys.modules.get(name), "__file__", None) or "").parts
    return "site-packages" in folders or "dist-packages" in folders
