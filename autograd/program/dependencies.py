"""Find what a function depends on besides its arguments: one walk for compiled functions, generators, training steps.

One rule: an attribute is watched, in every object that is reached, if its name stands in any code that is reached. The
objects of libraries, whose code is not read, are watched as a whole: their attributes and items, or what the garbage
collector says that they refer to. What cannot be watched is a reason to run the function as it is (``refused``).
Nothing of the user's is run.
"""

from __future__ import annotations

import builtins
import functools
import itertools
import os
import random
import sys
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from types import (
    BuiltinFunctionType,
    FunctionType,
    MemberDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
)
from typing import Any, NamedTuple

import numpy as np

from autograd.core.recorder import Recorder
from autograd.core.tensor import Tensor
from autograd.core.variable import Variable
from autograd.program import places
from autograd.program.names import Names, names_in
from autograd.program.places import (
    MISSING,
    NESTS,
    NUMBERS,
    items_of,
    own_dict,
    read_cell,
    read_class,
    read_context,
    read_item,
    read_referent,
    type_of,
)
from autograd.registry.entries import facts_of

_PYTHON = os.path.dirname(os.__file__)
# The packages of this distribution.
_OURS = tuple(
    os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), name, "") for name in ("autograd", "nn")
)
# How many things and items are looked at: a function that finds more runs as it is.
_MOST = 100_000
_COMPARING = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__")
_FORMATTING = ("__repr__", "__str__", "__format__")
# Methods that Python does not call by itself where an object is computed with. Those that `dataclass` makes name every
# field.
_QUIET = frozenset((*_COMPARING, *_FORMATTING)) | {
    f"__{name}__"
    for name in (
        *("call", "new", "init", "post_init", "init_subclass", "class_getitem", "subclasshook", "del"),
        *("delattr", "setattr", "dir", "sizeof", "copy", "deepcopy", "replace", "reduce", "reduce_ex"),
        *("getstate", "setstate", "getnewargs", "getnewargs_ex"),
    )
}
# Of these, the ones that matter where a class makes an object.
_MAKING = ("__call__", "__new__", "__init__", "__post_init__")
# Functions whose results are not told by what is reached: a function that names one runs as it is.
_UNTOLD = frozenset(
    (
        *("builtins.eval", "builtins.exec", "builtins.globals", "builtins.locals", "builtins.__import__"),
        *("builtins.input", "importlib.import_module", "sys._getframe", "inspect.currentframe", "inspect.stack"),
        *("time.time", "time.time_ns", "time.perf_counter", "time.monotonic", "posix.urandom", "nt.urandom"),
        *("uuid.uuid1", "uuid.uuid4", "secrets.token_bytes", "secrets.randbelow", "secrets.choice", "gc.get_objects"),
        *("numpy.get_printoptions", "numpy.geterr"),
    )
)
# Functions that read every attribute of what they are given.
_READS_ALL = frozenset(
    (
        *("builtins.vars", "builtins.dir", "dataclasses.asdict", "dataclasses.astuple", "dataclasses.replace"),
        *("copy.copy", "copy.deepcopy", "pickle.dumps", "_pickle.dumps", "inspect.getmembers", "json.dumps"),
        *("inspect.getmembers_static", "pprint.pformat", "dataclasses.fields"),
    )
)
_DECIMAL = frozenset(("decimal.getcontext", "decimal.localcontext", "decimal.Decimal"))
# Library objects that are told apart by what they are, and those whose state is no part of what a function computes.
_UNCHANGING = (
    *("builtins", "numpy.dtype", "numpy.ufunc", "pathlib", "pathlib._local", "datetime", "re", "uuid", "fractions"),
    *("_thread", "_io", "enum", "inspect", "zoneinfo", "typing", "abc", "numpy._globals", "_weakref"),
)
# Library objects that hold the user's attributes and read none themselves.
_BAGS = frozenset(
    ("types.SimpleNamespace", "argparse.Namespace", "_thread._local", "optparse.Values", "logging.Logger")
)
# Library classes that add no state to those below them.
_STATELESS = frozenset(
    ("abc", "typing", "enum", "collections.abc", "builtins", "types", "numbers", "contextlib", "dataclasses")
)


class Attribute(NamedTuple):
    """A place outside: an attribute, a global, what a closure holds.

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


class Container(NamedTuple):
    """The items of a list, a dict or the like."""

    holder: Any
    keys: list[Any]
    values: list[Any]
    name: str


class _Reached:
    """An object or a class whose attributes are looked at, and by how many names that was done until now."""

    __slots__ = ("looked", "name", "thing", "whole")

    def __init__(self, thing: Any, name: str) -> None:
        self.thing = thing
        self.name = name
        self.looked = 0
        self.whole = False


class Walker:
    """Walks from a function to everything that it may read.

    Parameters
    ----------
    f : callable
    given : dict of str to Any
        The arguments by the names of the parameters. Arrays, and the lists, tuples and dicts around them, are given to
        a program; other objects are walked.

    Attributes
    ----------
    attributes : dict of Any to Attribute
    containers : dict of Any to Container
    log : list of (Any, Any)
        The key of each of these, and its value in a form that is equal where a value is assigned anew but equal.
    variables, generators : dict of int to Any
    arrays : dict of int to (array, str)
        Arrays of numbers, and their names.
    places : dict of int to list
        Where each array and each tuple was found: see `autograd.program.captured`.
    operations : dict of int to Any
        Operations, which a program calls as they are: their bodies are not walked.
    iterators : dict of int to str
        Iterators, which go on as they are used, and their names.
    internal : set
        The keys of what objects of libraries keep for themselves.
    asks_for_types : bool
        Whether code asks what kind of array something is, so that nothing may stand for an array.
    refused : str
        Something that cannot be watched, or an empty text.
    """

    def __init__(self, f: Callable[..., Any], given: dict[str, Any]) -> None:
        self.attributes: dict[Any, Attribute] = {}
        self.containers: dict[Any, Container] = {}
        self.log: list[tuple[Any, Any]] = []
        self.variables: dict[int, Variable] = {}
        self.generators: dict[int, Any] = {}
        self.arrays: dict[int, tuple[Any, str]] = {}
        self.places: dict[int, list[Any]] = {}
        self.operations: dict[int, Any] = {}
        self.iterators: dict[int, str] = {}
        self.internal: set[Any] = set()
        self.asks_for_types = False
        self.refused = ""
        self.seen: dict[int, Any] = {}  # kept alive: what is known by its identity must not make room for another
        self._numbers: dict[int, int] = {}  # of nests, in the order in which they were met
        self._count = 0
        self._is_fixed = False  # whether what is visited belongs to a library, and nothing stands for arrays in it
        self._waiting: deque[tuple[Any, str, Any, bool]] = deque()
        self._objects: list[_Reached] = []
        self._classes: dict[type, _Reached] = {}
        self._callables: set[type] = set()
        self._modules: list[_Reached] = []
        self._wanted: dict[tuple[str, str], None] = {}  # names of attributes, and how they are used
        self._assigned: set[str] = set()
        self._catches = self._whole = False
        self._package = _package_of(f)
        self._wait(f, "")
        for name, value in given.items():
            self._wait_for_argument(value, name)
        self._walk()

    def _walk(self) -> None:
        before = None
        while self._waiting or before != (len(self._objects), len(self._classes), len(self._modules), self._state()):
            while self._waiting and not self.refused:
                self._visit(*self._waiting.popleft())
            if self.refused:
                return
            before = len(self._objects), len(self._classes), len(self._modules), self._state()
            for reached, look in (
                *[(each, self._look_class) for each in list(self._classes.values())],
                *[(each, self._look) for each in self._objects],
                *[(each, self._look_module) for each in self._modules],
            ):
                wanted = (
                    list(itertools.islice(self._wanted, reached.looked, None)) if reached.looked < before[3][0] else []
                )
                reached.looked = before[3][0]
                self._is_fixed = False
                look(reached, wanted)

    def _state(self) -> tuple[int, bool]:
        return len(self._wanted), self._whole

    # ------------------------------------------------------------------------------------------- what waits
    def _wait(self, thing: Any, name: str, place: Any = None, bare: bool = True) -> None:
        """Visit a thing later. It is ``bare`` where it is used for more than its attributes."""
        if thing is not MISSING and not isinstance(thing, NUMBERS):
            self._waiting.append((thing, name, place, bare))

    def _wait_for_argument(self, value: Any, name: str) -> None:
        if isinstance(value, (tuple, list, dict)):
            self.seen[id(value)] = value
            for each in value.values() if isinstance(value, dict) else value:
                self._wait_for_argument(each, name)
        elif not isinstance(value, (Tensor, np.ndarray)) or isinstance(value, Variable):
            self._wait(value, name)

    def _note(self, read: Callable[[Any, Any, Any], Any], holder: Any, key: Any, name: str) -> Any:
        """Watch a place, and return what is there."""
        entry = id(holder), key
        if entry in self.attributes:
            return self.attributes[entry].value
        value = read(holder, key, MISSING)
        self.attributes[entry] = Attribute(read, holder, key, value, name)
        self.log.append((entry, self._encoded(value)))
        return value

    def _encoded(self, value: Any) -> Any:
        """Return what tells a value from others: numbers by what they are, nests by their order, all else by itself."""
        kind = value.__class__
        if isinstance(value, NUMBERS):
            return kind, value.tobytes() if isinstance(value, np.generic) else repr(value)
        if kind in NESTS:
            return kind, self._numbers.setdefault(id(value), len(self._numbers))
        return id(value)

    def _place(self, holder: Any, key: Any) -> Any:
        """Return a place where a tensor can stand for an array, or False inside objects of libraries."""
        return False if self._is_fixed else (holder, key)

    def _refuse(self, what: str) -> None:
        self.refused = self.refused or what

    # ------------------------------------------------------------------------------------------- things
    def _visit(self, thing: Any, name: str, place: Any, bare: bool) -> None:
        if isinstance(thing, (np.ndarray, tuple)):
            self.places.setdefault(id(thing), []).append(place)
        kind = type(thing)
        if id(thing) in self.seen:
            if bare:
                self._is_called(kind)
            return
        self.seen[id(thing)] = thing
        self._count += 1
        if self._count > _MOST:
            self._refuse(f"it finds more than {_MOST} things outside, of which {name!r} is one: give them as arguments")
            return
        self._is_fixed = place is False
        visit = _visitor_of(kind)  # type: ignore[arg-type] # classes have hashes
        if visit is not None:
            visit(self, thing, name)
        if bare:
            self._is_called(kind)

    def _visit_variable(self, thing: Any, name: str) -> None:
        self.variables[id(thing)] = thing

    def _visit_tensor(self, thing: Any, name: str) -> None:
        self._note(getattr, thing, "_value", name)

    def _visit_array(self, thing: Any, name: str) -> None:
        if thing.dtype.kind in "biufc":
            self.arrays[id(thing)] = thing, name
        else:
            self._visit_nest(thing, name)

    def _visit_generator(self, thing: Any, name: str) -> None:
        if isinstance(thing, random.SystemRandom) or not places.is_generator(thing):  # which has no state
            return
        self.generators[id(thing)] = thing

    def _visit_method(self, thing: Any, name: str) -> None:
        code = getattr(thing.__func__, "__code__", None)
        first = code.co_varnames[:1] if code is not None else ()
        bare = (
            code is None
            or not first
            or first[0] in names_in(code).bare
            or self._is_library(code.co_filename, thing.__module__)
        )
        self._wait(thing.__self__, name or "".join(first), bare=bare)
        self._wait(thing.__func__, name)

    def _visit_builtin(self, thing: Any, name: str) -> None:
        self._tell_special(thing, name)
        if not isinstance(getattr(thing, "__self__", None), ModuleType):
            self._wait(getattr(thing, "__self__", None), name)

    def _visit_wrapper(self, thing: Any, name: str) -> None:
        """Visit what a property, a static method or the like calls."""
        for attribute in ("__func__", "fget", "func"):
            self._wait(getattr(thing, attribute, None), name)

    def _visit_partial(self, thing: Any, name: str) -> None:
        self._wait(thing.func, name)
        self._wait(thing.args, name, (thing, "args"))
        self._wait(thing.keywords, name)
        self._visit_wrapped(thing, name)

    def _visit_wrapped(self, thing: Any, name: str) -> None:
        if "__wrapped__" in own_dict(thing):
            self._wait(own_dict(thing)["__wrapped__"], name)

    def _visit_getter(self, thing: Any, name: str) -> None:
        """Visit `operator.attrgetter` and the like, which hold names as texts."""
        texts = [part for text in thing.__reduce__()[1] if isinstance(text, str) for part in text.split(".")]
        self._want(texts, "read")
        self._want(texts, "missing")

    def _visit_iterator(self, thing: Any, name: str) -> None:
        self.iterators[id(thing)] = name

    def _visit_reference(self, thing: Any, name: str) -> None:
        self._wait(self._note(read_referent, thing, "()", name), name)

    def _visit_nest(self, nest: Any, name: str) -> None:
        """Watch the items of a list, a dict, or of anything that `items_of` knows."""
        keys, values = items_of(nest)
        self._count += len(values)
        if keys and keys[0].__class__ is bytes and len(keys[0]) > places.LARGEST_COMPARED:
            self._refuse(
                f"it finds more than {places.LARGEST_COMPARED} bytes outside, {name!r}: give them as an argument"
            )
        self.containers[id(nest)] = Container(nest, keys, values, name)
        encoded = [each if isinstance(each, str) else self._encoded(each) for each in keys]
        self.log.append((id(nest), (type(nest), tuple(encoded), tuple(map(self._encoded, values)))))
        for value, key in zip(values, keys if len(keys) == len(values) else range(len(values)), strict=True):
            self._wait(value, name, self._place(nest, key) if isinstance(nest, (list, tuple, dict, deque)) else False)
        for key in keys:
            if not isinstance(key, str):
                self._wait(key, name)

    def _visit_object(self, thing: Any, name: str) -> None:
        kind = type(thing)
        if isinstance(thing, NESTS):
            self._visit_nest(thing, name)
        if hasattr(kind, "__program_state__"):
            self._watch_whole(thing, name, kind.__program_state__)
        elif not self._is_of_library(kind) or _name_of(kind) in _BAGS:
            self._reach(thing, name)
        elif self._file_of(kind).startswith(_OURS):
            if not kind.__module__.startswith("autograd."):
                self._watch_whole(thing, name)
            elif not isinstance(thing, NESTS):
                self._look_inside(thing, name)
        elif kind.__module__ not in _UNCHANGING and not isinstance(thing, NESTS):
            self._watch_library(thing, name)
        if callable(thing) and not isinstance(thing, type):
            self._tell_special(thing, name)

    def _look_inside(self, thing: Any, name: str) -> None:
        """Visit the functions and objects that an object of the engine holds, which may be the user's."""
        for part in (*own_dict(thing).values(), *places.slots_of(thing)):
            for each in items_of(part)[1] if isinstance(part, NESTS) else [part]:
                if not isinstance(each, (*NESTS, Tensor)):
                    self._wait(each, name)

    def _watch_library(self, thing: Any, name: str) -> None:
        """Watch an object of a library: its attributes, or what else belongs to it."""
        self._is_fixed = True
        if "__wrapped__" in own_dict(thing):
            self._visit_wrapped(thing, name)
        elif own_dict(thing) is not places.NOTHING or places.slots_of(thing):
            self._watch_whole(thing, name)
        else:
            self._visit_nest(thing, name)

    def _watch_whole(self, thing: Any, name: str, state: frozenset[str] = frozenset()) -> None:
        """Watch every attribute of an object but for its state, and all of the classes of the user's."""
        own, kinds = own_dict(thing), self._kinds(type(thing))
        if own is not places.NOTHING:
            keys = [key for key in own if key not in state]
            self.internal.update([id(own), *[(id(own), key) for key in own if not kinds or key not in self._assigned]])
            self.internal.update([id(each) for each in own.values() if isinstance(each, NESTS) and not kinds])
            self.containers[id(own)] = Container(own, list(own), None, name)  # type: ignore[arg-type]
            self.log.append(((id(own), None), tuple(keys)))
            for key in keys:
                self._wait(self._note(read_item, own, key, f"{name}.{key}"), f"{name}.{key}", self._place(own, key))
        for attribute in places.slot_names_of(type(thing)):
            if attribute not in state:
                long = f"{name}.{attribute}"
                self._wait(self._note(getattr, thing, attribute, long), long, self._place(thing, attribute))
        if kinds:
            self._note(type_of, thing, "__class__", name)
        for kind in kinds:
            for attribute in list(vars(kind)):
                if attribute not in state and attribute not in places.NO_ATTRIBUTES:
                    long = f"{name}.{attribute}"
                    self._wait(self._note(read_class, kind, attribute, long), long, (kind, attribute))

    def _visit_class(self, kind: type, name: str) -> None:
        if self._is_of_library(kind):
            self._tell_special(kind, name)
            return
        self._reach_class(kind, name)
        self._reach_class(type(kind), name)
        for each in self._kinds(kind):
            for attribute in _MAKING:
                if attribute in vars(each):
                    self._note_of_class(each, attribute, name)

    def _visit_module(self, thing: Any, name: str) -> None:
        if self._is_library_module(thing):
            if not str(getattr(thing, "__file__", "")).startswith(_OURS) or "." not in thing.__name__:
                self._modules.append(_Reached(thing, name))
        else:
            self._objects.append(_Reached(thing, name))

    def _visit_function(self, fn: FunctionType, name: str) -> None:
        if fn.__code__.co_qualname == "operation.<locals>.dispatch" and fn.__code__.co_filename.startswith(_OURS):
            if facts_of(fn).opaque is False:  # a program has the calls of its body
                self._wait(own_dict(fn)["__wrapped__"], name)
            else:
                self.operations[id(fn)] = fn  # a program calls it as it is
            return
        library = self._is_library(fn.__code__.co_filename, fn.__module__)
        names = names_in(fn.__code__)
        for variable, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True):
            if library:
                self._wait(read_cell(cell, 0, MISSING), name)
            else:
                self._wait(self._note(read_cell, cell, 0, variable), variable, (cell, 0), variable in names.bare)
        if library:
            self._tell_special(fn, name)
            return
        for kind in ("__code__", "__defaults__", "__kwdefaults__"):  # notebooks replace code where a file was edited
            if getattr(fn, kind):
                self._wait(self._note(getattr, fn, kind, fn.__name__), fn.__name__, (fn, kind))
        self._objects.append(_Reached(fn, fn.__name__))
        for variable in names.outside:
            value = self._note(read_item, fn.__globals__, variable, variable)
            if value is MISSING:
                self._tell_special(getattr(builtins, variable, None), variable)
            self._wait(value, variable, (fn.__globals__, variable), variable in names.bare)
        for module in names.modules:
            for path in (module, f"{fn.__globals__.get('__package__')}.{module}".rstrip(".")):
                self._wait(sys.modules.get(path), path)
        self._take(names)

    def _take(self, names: Names) -> None:
        """Take over what the code of a function names."""
        self._want(names.attributes, "read")
        self._want(names.called, "called")
        self._want([each for each in (*names.attributes, *names.called) if each in names.assigned], "missing")
        self._want([each for each in names.attributes if each in names.assigned], "read")
        if names.catches and not self._catches:
            self._catches = True
            self._want([name for name, _ in self._wanted], "caught")
        if self._catches:
            self._want((*names.attributes, *names.called), "caught")
        self._whole = self._whole or names.whole
        self.asks_for_types = self.asks_for_types or names.types
        for name in names.assigned - self._assigned:
            self._assigned.add(name)
            self.internal = {key for key in self.internal if key.__class__ is int or key[1] != name}
        if names.compares:
            self._wanted.update(dict.fromkeys([(each, "written") for each in _COMPARING]))
        if names.compares > 1:
            self._wanted.update(dict.fromkeys([(each, "read") for each in _COMPARING]))
        if names.formats:
            self._wanted.update(dict.fromkeys([(each, "read") for each in _FORMATTING]))

    def _want(self, names: Any, how: str) -> None:
        self._wanted.update(dict.fromkeys([(name, how) for name in names if name not in _QUIET]))

    def _tell_special(self, function: Any, name: str) -> None:
        """Treat the functions that read what no walk comes to."""
        told = f"{getattr(function, '__module__', '')}.{getattr(function, '__name__', '')}"
        if told in _UNTOLD:
            self._refuse(f"it uses {told.removeprefix('builtins.')}, whose results no program can look after")
        elif told in _READS_ALL:
            self._whole = True
        elif told in _DECIMAL:
            self._note(read_context, sys.modules["decimal"], "getcontext", "decimal.getcontext()")
        elif told == "os.getenv":
            self._wait(os.environ, "os.environ")

    # ------------------------------------------------------------------------------------------- attributes by names
    def _reach(self, thing: Any, name: str) -> None:
        """Look at attributes of an object of the user's from now on, by the names in code."""
        kind = type(thing)
        self._note(type_of, thing, "__class__", name)  # which notebooks replace too
        self._reach_class(kind, name)
        self._visit_wrapped(thing, name)
        libraries = [each for each in kind.__mro__ if self._is_of_library(each) and each.__module__ not in _STATELESS]
        if libraries and self._kinds(kind) and not issubclass(kind, NESTS) and not self._is_stateless(libraries):
            self._watch_whole(thing, name)
        self._objects.append(_Reached(thing, name))

    def _is_stateless(self, kinds: list[type]) -> bool:
        return all(_name_of(kind) in _BAGS for kind in kinds)

    def _reach_class(self, kind: type, name: str) -> None:
        """Look at attributes of a class of the user's from now on, and at what Python calls by itself."""
        kinds = self._kinds(kind)
        if kind in self._classes or not kinds:
            return
        self._classes[kind] = _Reached(kind, name)
        self.seen.setdefault(id(kind), kind)
        library = [each for each in kind.__mro__ if each not in kinds and each is not object]
        for each in kinds:
            for attribute, found in list(vars(each).items()):
                if attribute in _QUIET:
                    continue
                special = attribute.startswith("__") and isinstance(found, FunctionType)
                # Methods of the user's that a class of a library has too may be called by it.
                if special or (places.is_function(found) and any(attribute in vars(above) for above in library)):
                    self._note_of_class(each, attribute, name, kind)

    def _is_called(self, kind: type) -> None:
        """Take note that objects of a class are used by themselves: they may be called."""
        if kind in self._callables:
            return
        self._callables.add(kind)
        for each in self._kinds(kind):
            if "__call__" in vars(each):
                self._note_of_class(each, "__call__", each.__name__, kind)

    def _note_of_class(self, kind: type, attribute: str, name: str, below: type | None = None) -> Any:
        """Watch an attribute of a class, and visit it."""
        found = self._note(read_class, kind, attribute, f"{name}.{attribute}")
        self._wait(found, f"{name}.{attribute}", (kind, attribute))
        code = getattr(places.function_of(found), "__code__", None)
        if (
            below is not None
            and code is not None
            and code.co_varnames[:1]
            and code.co_varnames[0] in names_in(code).bare
        ):
            self._is_called(below)
        return found

    def _look_class(self, reached: _Reached, wanted: list[tuple[str, str]]) -> None:
        """Watch the attributes of a class that are wanted, and those that stand before them in a class below."""
        kinds = self._kinds(reached.thing)
        if self._whole and not reached.whole:
            reached.whole = True
            for kind in kinds:
                for attribute in list(vars(kind)):
                    if attribute not in places.NO_ATTRIBUTES:
                        self._note_of_class(kind, attribute, reached.name, reached.thing)
        for attribute, how in wanted:
            having = [kind for kind in kinds if attribute in vars(kind)]
            if how == "written":
                having = [kind for kind in having if places.is_written(vars(kind)[attribute])]
            if not having and how not in ("missing", "caught"):
                continue
            for kind in kinds:
                self._note_of_class(kind, attribute, reached.name, reached.thing)
                if having and kind is having[0]:
                    break
            for kind in having[1:]:  # which `super` finds
                self._note_of_class(kind, attribute, reached.name, reached.thing)

    def _look(self, reached: _Reached, wanted: list[tuple[str, str]]) -> None:
        """Watch the attributes of an object, a function or a module that are wanted."""
        thing, name, own = reached.thing, reached.name, own_dict(reached.thing)
        if self._whole and not reached.whole and not isinstance(thing, (FunctionType, ModuleType)):
            reached.whole = True
            self._watch_whole(thing, name)
        kind = type(thing)
        is_local = _name_of(kind) == "_thread._local"
        for attribute, how in wanted:
            if is_local and how != "caught":
                self._wait(self._note(getattr, thing, attribute, f"{name}.{attribute}"), name)
                continue
            there = own.get(attribute, MISSING)
            if there is MISSING:
                self._look_for_missing(thing, own, attribute, how, name)
            elif how != "called" or callable(there) or hasattr(type(there), "__get__"):
                # A number that is called is another's: layer.mean is not x.mean().
                long = f"{name}.{attribute}"
                self._wait(self._note(read_item, own, attribute, long), long, (own, attribute))

    def _look_for_missing(self, thing: Any, own: dict[str, Any], attribute: str, how: str, name: str) -> None:
        """Watch the place of an attribute that an object does not have itself, where it matters if it gets it."""
        found = MISSING
        if not isinstance(thing, (FunctionType, ModuleType)):
            found = next((vars(kind)[attribute] for kind in type(thing).__mro__ if attribute in vars(kind)), MISSING)
        long = f"{name}.{attribute}"
        if isinstance(found, MemberDescriptorType):
            self._wait(self._note(getattr, thing, attribute, long), long, (thing, attribute))
        elif own is places.NOTHING or isinstance(found, (functools.cached_property, property)):
            return
        elif how == "missing" or found is not MISSING or (how == "caught" and not isinstance(thing, FunctionType)):
            self._note(read_item, own, attribute, long)

    def _look_module(self, reached: _Reached, wanted: list[tuple[str, str]]) -> None:
        """Look at what is wanted of a module of a library: other modules, data, and functions that read the world."""
        space = vars(reached.thing)
        for attribute, _ in wanted:
            value = space.get(attribute, MISSING)
            if isinstance(value, ModuleType):
                self._wait(value, f"{reached.name}.{attribute}")
            elif callable(value):
                self._tell_special(value, attribute)
            elif value is not MISSING and not self._is_constant(reached.thing, attribute):
                long = f"{reached.name}.{attribute}"
                self._wait(self._note(read_item, space, attribute, long), long)

    def _is_constant(self, module: ModuleType, attribute: str) -> bool:
        root = module.__name__.partition(".")[0]
        return root in ("numpy", "math", "cmath", "autograd", "nn") or attribute.startswith("__")

    # ------------------------------------------------------------------------------------------- whose they are
    def _kinds(self, kind: type) -> list[type]:
        """Return the classes of the user's among a class and those above it: none where its own is a library's."""
        return [] if self._is_of_library(kind) else [each for each in kind.__mro__ if not self._is_of_library(each)]

    def _is_library(self, path: str, module: str | None) -> bool:
        """Whether code belongs to Python, to this distribution, or to a package that is installed and is not that of
        the function.
        """
        return _is_library(path, str(module).partition(".")[0] == self._package)

    def _is_library_module(self, module: ModuleType) -> bool:
        """Whether a module is a library's. One without a file was made by hand, or is the one that is run."""
        name, path = module.__name__, getattr(module, "__file__", None)
        if path is None and getattr(module, "__path__", None):
            path = next(iter(module.__path__), None)
        if path is None:
            return name.partition(".")[0] in sys.stdlib_module_names and name != "__main__"
        return self._is_library(path, name)

    def _is_of_library(self, kind: type) -> bool:
        if kind.__module__ in sys.builtin_module_names or kind.__module__ in ("builtins", "types"):
            return True
        return self._is_library(self._file_of(kind), kind.__module__)

    def _file_of(self, kind: type) -> str:
        return getattr(sys.modules.get(kind.__module__), "__file__", None) or ""


@functools.lru_cache(4096)
def _is_library(path: str, of_package: bool) -> bool:
    if path.startswith(_OURS):
        return True
    installed = path.startswith((_PYTHON, "<frozen ")) or "site-packages" in path or "dist-packages" in path
    return installed and not of_package


def _package_of(f: Any) -> str:
    """Return the name of the package of a function, which is the user's wherever it is installed."""
    while isinstance(f, functools.partial):
        f = f.func
    return str(getattr(f, "__module__", "") or type(f).__module__).partition(".")[0]


def _name_of(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


_VISITORS: tuple[tuple[Any, Callable[[Walker, Any, str], None] | None], ...] = (
    (Variable, Walker._visit_variable),
    (Tensor, Walker._visit_tensor),
    (np.ndarray, Walker._visit_array),
    (random.Random, Walker._visit_generator),
    ((*NUMBERS, np.dtype, np.ufunc, Recorder, *places.ATOMS), None),
    (FunctionType, Walker._visit_function),
    (MethodType, Walker._visit_method),
    ((BuiltinFunctionType, MethodWrapperType), Walker._visit_builtin),
    ((staticmethod, classmethod, property, functools.cached_property, functools.partialmethod), Walker._visit_wrapper),
    (functools.partial, Walker._visit_partial),
    (places.GETTERS, Walker._visit_getter),
    (type, Walker._visit_class),
    (ModuleType, Walker._visit_module),
    (weakref.ref, Walker._visit_reference),
    (places.OPAQUE, Walker._visit_nest),
)


@functools.lru_cache(4096)
def _visitor_of(kind: type) -> Callable[[Walker, Any, str], None] | None:
    """Return the method for things of a class."""
    for kinds, visit in _VISITORS:
        if issubclass(kind, kinds):
            return visit
    if any(each.__module__.startswith("numpy.random") for each in kind.__mro__):  # which is imported when it is used
        return Walker._visit_generator
    if issubclass(kind, Iterator) and kind.__module__ in (*sys.builtin_module_names, "builtins"):
        return Walker._visit_iterator
    return Walker._visit_object
