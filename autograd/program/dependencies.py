"""Find what a function depends on besides its arguments: one walk for compiled functions, generators, training steps.

One rule: an attribute is watched, in every object that is reached, if its name stands in any code that is reached. The
objects of libraries, whose code is not read, are watched as a whole: their attributes and items, or what the garbage
collector says that they refer to. Anything else is a reason to run the function as it is (``refused``).
Nothing of the user's is run.
"""

from __future__ import annotations

import builtins
import functools
import itertools
import random
import sys
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from types import (
    BuiltinFunctionType,
    FunctionType,
    MethodType,
    MethodWrapperType,
    ModuleType,
)
from typing import Any

import numpy as np

from autograd.core.recorder import Recorder
from autograd.core.tensor import Tensor
from autograd.core.variable import Variable
from autograd.program import places
from autograd.program.by_name import COMPARING, FORMATTING, MAKING, ByName
from autograd.program.entries import Container, Reached
from autograd.program.names import Names, names_in
from autograd.program.owners import BAGS, OURS, UNCHANGING, Owners, full_name
from autograd.program.places import (
    MISSING,
    NESTS,
    NUMBERS,
    items_of,
    own_dict,
    read_cell,
    read_item,
    read_referent,
)
from autograd.registry.entries import facts_of

# How many things and items are looked at: a function that finds more runs as it is.
_MOST = 100_000


class Walker(ByName):
    """Walks from a function to everything that it may read.

    Parameters
    ----------
    f : callable
    given : dict of str to Any
        The arguments by the names of the parameters. Arrays, and the lists, tuples and dicts around them, are given to
        a program; other objects are walked.

    Attributes
    ----------
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
        super().__init__(Owners(f))
        self.variables: dict[int, Variable] = {}
        self.generators: dict[int, Any] = {}
        self.arrays: dict[int, tuple[Any, str]] = {}
        self.places: dict[int, list[Any]] = {}
        self.operations: dict[int, Any] = {}
        self.iterators: dict[int, str] = {}
        self.asks_for_types = False
        self._count = 0
        self._modules: list[Reached] = []
        self._catches = False
        self._draws: frozenset[str] = frozenset()  # makers of generators whose seed may be None
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
        for maker in self._draws.intersection(self._makers):
            self._refuse(
                f"it makes a generator of random numbers, {maker}, that may begin elsewhere in each run: "
                "draw from autograd.numpy.random, or give it a seed that is a number in the code"
            )
        named = {name for name, _ in self._wanted}
        if "name" in named or self._whole:
            for variable in self.variables.values():
                self._note(getattr, variable, "name", variable.name)
        treated = set(np.geterr().values())
        if not named.isdisjoint(("errstate", "seterr")) or "raise" in treated or treated == {"ignore"}:
            # A program tells the errors that are ignored inside by that, and keeps all that may raise where they are.
            self._note(places.read_errors, np, "geterr", "numpy.geterr()")

    def _state(self) -> tuple[int, bool]:
        return len(self._wanted), self._whole

    # ------------------------------------------------------------------------------------------- what waits
    def _wait_for_argument(self, value: Any, name: str) -> None:
        if isinstance(value, (tuple, list, dict)):
            self.seen[id(value)] = value
            for each in value.values() if isinstance(value, dict) else value:
                self._wait_for_argument(each, name)
        elif not isinstance(value, (Tensor, np.ndarray)) or isinstance(value, Variable):
            self._wait(value, name)

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
            or self._owners.is_library(code.co_filename, thing.__module__)
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
        elif not self._owners.is_of_library(kind) or full_name(kind) in BAGS:
            self._reach(thing, name)
        elif self._owners.file_of(kind).startswith(OURS):
            if not kind.__module__.startswith("autograd."):
                self._watch_whole(thing, name)
            elif not isinstance(thing, NESTS):
                self._look_inside(thing, name)
        elif kind.__module__ not in UNCHANGING and not isinstance(thing, NESTS):
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
        self._tell_special(type(thing), name)
        self._is_fixed = True
        if "__wrapped__" in own_dict(thing):
            self._visit_wrapped(thing, name)
        elif own_dict(thing) is not places.NOTHING or places.slots_of(thing):
            self._watch_whole(thing, name)
        else:
            self._visit_nest(thing, name)

    def _visit_class(self, kind: type, name: str) -> None:
        if self._owners.is_of_library(kind):
            self._tell_special(kind, name)
            return
        self._reach_class(kind, name)
        self._reach_class(type(kind), name)
        for each in self._owners.kinds(kind):
            for attribute in MAKING:
                if attribute in vars(each):
                    self._note_of_class(each, attribute, name)

    def _visit_module(self, thing: Any, name: str) -> None:
        if self._owners.is_library_module(thing):
            if not str(getattr(thing, "__file__", "")).startswith(OURS) or "." not in thing.__name__:
                self._modules.append(Reached(thing, name))
        else:
            self._objects.append(Reached(thing, name))

    def _visit_function(self, fn: FunctionType, name: str) -> None:
        if fn.__code__.co_qualname == "operation.<locals>.dispatch" and fn.__code__.co_filename.startswith(OURS):
            if facts_of(fn).opaque is False:  # a program has the calls of its body
                self._wait(own_dict(fn)["__wrapped__"], name)
            else:
                self.operations[id(fn)] = fn  # a program calls it as it is
            return
        library = self._owners.is_library(fn.__code__.co_filename, fn.__module__)
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
        self._objects.append(Reached(fn, fn.__name__))
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
        self._draws |= names.draws
        self.asks_for_types = self.asks_for_types or names.types
        for name in names.assigned - self._assigned:
            self._assigned.add(name)
            self.internal = {key for key in self.internal if key.__class__ is int or key[1] != name}
        if names.compares:
            self._wanted.update(dict.fromkeys([(each, "written") for each in COMPARING]))
        if names.compares > 1:
            self._wanted.update(dict.fromkeys([(each, "read") for each in COMPARING]))
        if names.formats:
            self._wanted.update(dict.fromkeys([(each, "read") for each in FORMATTING]))


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
