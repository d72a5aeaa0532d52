"""Attributes that are looked at by their names: in every object of the user's that a walk comes to, those that code
names. Objects of libraries are looked at as a whole."""

from __future__ import annotations

import functools
import os
import sys
from types import (
    FunctionType,
    MemberDescriptorType,
    ModuleType,
)
from typing import Any

import numpy as np

from autograd.program import places
from autograd.program.entries import Container, Entries, Reached
from autograd.program.names import MAKERS, names_in
from autograd.program.owners import APART, BAGS, DECIMAL, READS_ALL, READS_FILES, STATELESS, UNTOLD, Owners, full_name
from autograd.program.places import (
    MISSING,
    NESTS,
    own_dict,
    read_class,
    read_context,
    read_errors,
    read_item,
    type_of,
)

COMPARING = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__")
FORMATTING = ("__repr__", "__str__", "__format__")
# Methods that Python does not call by itself where an object is computed with. Those that `dataclass` makes name every
# field.
_QUIET = frozenset((*COMPARING, *FORMATTING)) | {
    f"__{name}__"
    for name in (
        *("call", "new", "init", "post_init", "init_subclass", "class_getitem", "subclasshook", "del"),
        *("delattr", "setattr", "dir", "sizeof", "copy", "deepcopy", "replace", "reduce", "reduce_ex"),
        *("getstate", "setstate", "getnewargs", "getnewargs_ex"),
    )
}
# Of these, the ones that matter where a class makes an object.
MAKING = ("__call__", "__new__", "__init__", "__post_init__")


class ByName(Entries):
    """The part of a walk that looks at attributes.

    Parameters
    ----------
    owners : Owners

    Attributes
    ----------
    internal : set
        The keys of what objects of libraries keep for themselves.
    """

    def __init__(self, owners: Owners) -> None:
        super().__init__()
        self._owners = owners
        self._objects: list[Reached] = []
        self._classes: dict[type, Reached] = {}
        self._callables: set[type] = set()
        self._wanted: dict[tuple[str, str], None] = {}  # names of attributes, and how they are used
        self._assigned: set[str] = set()
        self.internal: set[Any] = set()
        self._whole = False
        self._makers: list[str] = []  # of generators of random numbers, that code names

    def _want(self, names: Any, how: str) -> None:
        self._wanted.update(dict.fromkeys([(name, how) for name in names if name not in _QUIET]))

    def _tell_special(self, function: Any, name: str) -> None:
        """Treat the functions that read what no walk comes to."""
        told = f"{getattr(function, '__module__', '')}.{getattr(function, '__name__', '')}"
        if told in UNTOLD:
            self._refuse(f"it uses {told.removeprefix('builtins.')}, whose results no program can look after")
        elif told in READS_FILES:
            self._refuse(f"it reads a file by {told}, which may be another one at the next call: read it outside")
        elif told in APART:
            self._refuse(f"it uses {told}: what runs in another thread or process is not traced")
        elif told in READS_ALL:
            self._whole = True
        elif told in DECIMAL:
            self._note(read_context, sys.modules["decimal"], "getcontext", "decimal.getcontext()")
        elif told.startswith(("numpy.random", "random.")) and told.rpartition(".")[2] in MAKERS:
            self._makers.append(told.rpartition(".")[2])
        elif told.startswith(("numpy.errstate", "numpy.seterr")):
            self._note(read_errors, np, "geterr", "numpy.geterr()")
        elif told == "os.getenv":
            self._wait(os.environ, "os.environ")

    def _visit_wrapped(self, thing: Any, name: str) -> None:
        if "__wrapped__" in own_dict(thing):
            self._wait(own_dict(thing)["__wrapped__"], name)

    def _watch_whole(self, thing: Any, name: str, state: frozenset[str] = frozenset()) -> None:
        """Watch every attribute of an object but for its state, and all of the classes of the user's."""
        own, kinds = own_dict(thing), self._owners.kinds(type(thing))
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

    def _reach(self, thing: Any, name: str) -> None:
        """Look at attributes of an object of the user's from now on, by the names in code."""
        kind = type(thing)
        self._note(type_of, thing, "__class__", name)  # which notebooks replace too
        self._reach_class(kind, name)
        self._visit_wrapped(thing, name)
        libraries = [
            each for each in kind.__mro__ if self._owners.is_of_library(each) and each.__module__ not in STATELESS
        ]
        if libraries and self._owners.kinds(kind) and not issubclass(kind, NESTS) and not self._is_stateless(libraries):
            self._watch_whole(thing, name)
        self._objects.append(Reached(thing, name))

    def _is_stateless(self, kinds: list[type]) -> bool:
        return all(full_name(kind) in BAGS for kind in kinds)

    def _reach_class(self, kind: type, name: str) -> None:
        """Look at attributes of a class of the user's from now on, and at what Python calls by itself."""
        kinds = self._owners.kinds(kind)
        if kind in self._classes or not kinds:
            return
        self._classes[kind] = Reached(kind, name)
        self.seen.setdefault(id(kind), kind)
        library = [each for each in kind.__mro__ if each not in kinds and each is not object]
        for each in library:
            self._tell_special(each, name)
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
        for each in self._owners.kinds(kind):
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

    def _look_class(self, reached: Reached, wanted: list[tuple[str, str]]) -> None:
        """Watch the attributes of a class that are wanted, and those that stand before them in a class below."""
        kinds = self._owners.kinds(reached.thing)
        if self._whole and not reached.whole:
            reached.whole = True
            for kind in kinds:
                for attribute in list(vars(kind)):
                    if attribute not in places.NO_ATTRIBUTES:
                        self._note_of_class(kind, attribute, reached.name, reached.thing)
        forwards = any("__getattr__" in vars(kind) for kind in kinds)  # which may know what is missing
        for attribute, how in wanted:
            having = [kind for kind in kinds if attribute in vars(kind)]
            if how == "written":
                having = [kind for kind in having if places.is_written(vars(kind)[attribute])]
            if not having and not forwards and how not in ("missing", "caught"):
                continue
            for kind in kinds:
                self._note_of_class(kind, attribute, reached.name, reached.thing)
                if having and kind is having[0]:
                    break
            for kind in having[1:]:  # which `super` finds
                self._note_of_class(kind, attribute, reached.name, reached.thing)

    def _look(self, reached: Reached, wanted: list[tuple[str, str]]) -> None:
        """Watch the attributes of an object, a function or a module that are wanted."""
        thing, name, own = reached.thing, reached.name, own_dict(reached.thing)
        if self._whole and not reached.whole and not isinstance(thing, (FunctionType, ModuleType)):
            reached.whole = True
            self._watch_whole(thing, name)
        kind = type(thing)
        is_local = full_name(kind) == "_thread._local"
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
            if hasattr(type(thing), "__getattr__"):
                how = "missing"
        long = f"{name}.{attribute}"
        if isinstance(found, MemberDescriptorType):
            self._wait(self._note(getattr, thing, attribute, long), long, (thing, attribute))
        elif own is places.NOTHING or isinstance(found, (functools.cached_property, property)):
            return
        elif how == "missing" or found is not MISSING or (how == "caught" and not isinstance(thing, FunctionType)):
            self._note(read_item, own, attribute, long)

    def _look_module(self, reached: Reached, wanted: list[tuple[str, str]]) -> None:
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
