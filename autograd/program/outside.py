"""What a function finds outside by name: globals, what closures hold, attributes of objects, items of lists and dicts.

A program holds what these were when it was traced. Where one of them is another object now, the trace does not hold, as behind a guard. What is
looked at is what the text of the function names, and that of the functions that it finds so; not the functions of libraries.
"""

from __future__ import annotations

import dis
import functools
import inspect
import operator
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from autograd.tensor import Tensor
from autograd.variable import Variable

_PYTHON = os.path.dirname(os.__file__)
# The packages of this distribution: networks look after their own settings.
_OURS = tuple(os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), name, "") for name in ("autograd", "nn"))
# What has no parts that are looked at.
_ATOMS = (int, float, complex, bool, str, bytes, type(None), np.generic, np.ndarray, Variable)
_NESTS = (list, tuple, dict, set, frozenset, deque)
_MISSING = object()
# How many things are looked at: what holds more is data.
_MOST = 10_000


class _Found(NamedTuple):
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


class _Items(NamedTuple):
    """The items of a list or a dict."""

    holder: Any
    keys: list[Any]
    values: list[Any]
    ids: list[int]
    name: str


class Outside:
    """What a function finds outside.

    Parameters
    ----------
    f : callable
    named : dict of str to Any
        What its parameters are given.
    before : Outside, optional
        What it found before it ran. What has changed since then, it changes itself: that is left out here.
    effects : sequence of callable
        Functions that a program calls at each run. What they find is left out too: they may change it.

    Attributes
    ----------
    changed_inside : list of str
        The names of what the function itself changes.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        named: dict[str, Any],
        before: Outside | None = None,
        effects: Sequence[Callable[..., Any]] = (),
    ) -> None:
        self._found: dict[Any, _Found] = {}
        self._items: dict[Any, _Items] = {}
        self._seen: set[Any] = set()
        self._alive: list[Any] = []  # whose identities are known
        self._package = str(getattr(f, "__module__", "")).partition(".")[0]
        self._visit(f, "", named)
        self._seen.clear()
        changed = before._changes() if before is not None else {}
        theirs: set[Any] = set()
        for effect in effects:
            other = Outside(effect, {})
            theirs.update(other._found, other._items)
        self.changed_inside = list(dict.fromkeys([name for key, name in changed.items() if key not in theirs]))
        for key in theirs.union(changed):
            self._found.pop(key, None)
            self._items.pop(key, None)
        self._prepare()

    def changed(self) -> str:
        """Return the name of something that is another object than it was, or an empty text."""
        if self._is_as_it_was():
            return ""
        return next(iter(self._changes().values()), "")

    def _is_as_it_was(self) -> bool:
        """Whether everything is the very object that it was: quick, since that is asked at each call."""
        try:
            for read, holder, values in self._dicts:
                if not all(map(operator.is_, read(holder), values)):
                    return False
            if not all(map(operator.is_, map(_content_of, self._cells), self._contents)):
                return False
        except (KeyError, ValueError):  # it is not there any more
            return False
        for read_one, holder, key, value, _ in self._others:
            if read_one(holder, key, _MISSING) is not value:
                return False
        return all(map(_is_as_before, self._items.values()))

    def _prepare(self) -> None:
        """Put together what is read at once."""
        cells = [each for each in self._found.values() if each.read is _read_cell and each.value is not _MISSING]
        self._cells, self._contents = [each.holder for each in cells], [each.value for each in cells]
        self._others = [each for each in self._found.values() if each.read is getattr or each.value is _MISSING]
        dicts: dict[int, list[_Found]] = {}
        for each in self._found.values():
            if each.read is dict.get and each.value is not _MISSING:
                dicts.setdefault(id(each.holder), []).append(each)
        self._dicts = []
        for group in dicts.values():
            group.append(group[0])  # of a single key, the value would come alone
            self._dicts.append((operator.itemgetter(*[each.key for each in group]), group[0].holder, [each.value for each in group]))

    def _changes(self) -> dict[Any, str]:
        """Return the names of all that is another object than it was, by what tells them apart."""
        found = {key: each.name for key, each in self._found.items() if not _is_same(each.read(each.holder, each.key, _MISSING), each.value)}
        return found | {key: each.name for key, each in self._items.items() if not _is_as_before(each)}

    # ------------------------------------------------------------------------------------------- finding
    def _note(self, read: Callable[[Any, Any, Any], Any], holder: Any, key: Any, name: str) -> Any:
        """Take note of what is found in a place, and return it."""
        value = read(holder, key, _MISSING)
        self._found[id(holder), key] = _Found(read, holder, key, value, name)
        return value

    def _is_new(self, *things: Any) -> bool:
        key = tuple(map(id, things))
        if key in self._seen or len(self._seen) > _MOST:
            return False
        self._alive.extend(things)
        self._seen.add(key)
        return True

    def _visit(self, thing: Any, name: str, named: dict[str, Any] | None = None) -> None:
        """Look at something that was found, under a name."""
        if isinstance(thing, (*_ATOMS, ModuleType, type)) or thing is _MISSING:
            return
        if isinstance(thing, FunctionType):
            self._visit_function(thing, named or {})
        elif isinstance(thing, MethodType):
            self._visit_method(thing.__func__, thing.__self__)
        elif not self._is_new(thing):
            return
        elif isinstance(thing, Tensor):
            self._note(getattr, thing, "_value", name)
        elif isinstance(thing, functools.partial):
            self._visit(thing.func, name)
            self._visit([*thing.args, *thing.keywords.values()], name)
        elif isinstance(thing, _NESTS):
            keys, values = (list(thing), list(thing.values())) if isinstance(thing, dict) else ([], list(thing))
            if len(values) <= _MOST:
                self._items[id(thing)] = _Items(thing, keys, values, list(map(id, values)), name)
                for value in values:
                    self._visit(value, name)
        elif "__wrapped__" in _own(thing):
            self._visit(_own(thing)["__wrapped__"], name, named)
        elif not self._is_of_library(type(thing)):
            self._visit_method(inspect.getattr_static(type(thing), "__call__", None), thing)

    def _visit_method(self, method: Any, owner: Any) -> None:
        """Look at a function that is given an object first."""
        if isinstance(method, FunctionType) and self._is_new(method, owner):
            self._visit_function(method, dict(zip(method.__code__.co_varnames[:1], (owner,), strict=False)))

    def _visit_function(self, fn: FunctionType, named: dict[str, Any]) -> None:
        if not named and not self._is_new(fn):
            return
        names, library = dict(named), self._is_library(fn.__code__.co_filename, fn.__module__)
        for name, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True):
            names[name] = self._note(_read_cell, cell, 0, name)
            if library:
                self._visit(names[name], name)
        if library:
            return
        for is_global, (name, *attributes) in _chains(fn.__code__):
            if is_global and name in fn.__globals__:
                self._follow(self._note(dict.get, fn.__globals__, name, name), attributes, name)
            elif not is_global and name in names:
                self._follow(names[name], attributes, name)

    def _follow(self, value: Any, attributes: list[str], name: str) -> None:
        """Look at attributes of attributes of what was found, and at what they are."""
        for attribute in attributes:
            if not self._has_parts(value):
                break
            found = self._attribute(value, attribute, f"{name}.{attribute}")
            if found is _MISSING and isinstance(value, _NESTS):  # a method of theirs
                break
            name, value = f"{name}.{attribute}", found
        self._visit(value, name)

    def _has_parts(self, value: Any) -> bool:
        """Whether attributes of something are looked at."""
        if isinstance(value, ModuleType):
            return not self._is_library(getattr(value, "__file__", None) or "", value.__name__)
        return not isinstance(value, (*_ATOMS, Tensor)) and value is not _MISSING

    def _attribute(self, value: Any, attribute: str, name: str) -> Any:
        """Return an attribute of an object, a class or a module, as far as it is found there without running anything."""
        own = _own(value)
        if own is not _NOTHING:
            owned = self._note(dict.get, own, attribute, name)
            if owned is not _MISSING or isinstance(value, ModuleType):
                return owned
        if self._is_of_library(_kind(value)):
            return _MISSING
        found = inspect.getattr_static(_kind(value), attribute, _MISSING)
        if isinstance(found, (FunctionType, property)):
            self._visit_method(found.fget if isinstance(found, property) else found, value)
            return _MISSING
        if isinstance(found, (staticmethod, classmethod)):
            return found.__func__
        if found is _MISSING:
            return _MISSING
        return self._note(getattr, value if isinstance(found, MemberDescriptorType) else _kind(value), attribute, name)

    def _is_library(self, path: str, module: str | None) -> bool:
        """Whether code belongs to Python, to this distribution, or to a package that is installed and is not that of the function."""
        if not path or path.startswith(_OURS):
            return True
        installed = path.startswith(_PYTHON) or "site-packages" in path or "dist-packages" in path
        return installed and str(module).partition(".")[0] != self._package

    def _is_of_library(self, kind: type) -> bool:
        module = sys.modules.get(kind.__module__)
        return kind.__module__ == "builtins" or self._is_library(getattr(module, "__file__", None) or "?", kind.__module__)


_NOTHING: dict[str, Any] = {}


def _own(value: Any) -> dict[str, Any]:
    """Return the dict in which an object or a module keeps its attributes, or `_NOTHING` where there is none."""
    try:
        own = object.__getattribute__(value, "__dict__")
    except (AttributeError, TypeError):
        return _NOTHING
    return own if own.__class__ is dict else _NOTHING


def _kind(value: Any) -> type:
    return value if isinstance(value, type) else type(value)


_content_of = operator.attrgetter("cell_contents")


def _read_cell(cell: Any, key: Any, default: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing is in it yet
        return default


def _is_same(now: Any, before: Any) -> bool:
    """Whether something is the object that it was, or an equal number or text."""
    if now is before:
        return True
    return now.__class__ is before.__class__ and isinstance(now, (*_ATOMS[:7], np.generic)) and repr(now) == repr(before)


def _is_as_before(items: _Items) -> bool:
    values = items.holder.values() if isinstance(items.holder, dict) else items.holder
    if list(map(id, values)) != items.ids and not (len(values) == len(items.ids) and all(map(_is_same, values, items.values))):
        return False
    return not items.keys or list(items.holder) == items.keys


@functools.lru_cache(1024)
def _chains(code: CodeType) -> list[tuple[bool, tuple[str, ...]]]:
    """Return the names that a function reads or gives another value, with the attributes of each: whether it is global, and the chain."""
    found: dict[tuple[bool, tuple[str, ...]], None] = {}
    for is_global, chain in _named_in(code):
        # A parameter is an argument, whose attributes alone are outside.
        if len(chain) > 1 or is_global or chain[0] in code.co_freevars:
            found[is_global, chain] = None
    for constant in code.co_consts:
        if isinstance(constant, CodeType):  # a function inside, which may read the parameters of this one
            found.update(dict.fromkeys(each for each in _chains(constant) if each[0] or each[1][0] in constant.co_freevars))
    return list(found)


def _named_in(code: CodeType) -> Iterator[tuple[bool, tuple[str, ...]]]:
    current: tuple[bool, tuple[str, ...]] | None = None
    for instruction in dis.get_instructions(code):
        name, argument = instruction.opname, instruction.argval
        if name in ("CACHE", "PUSH_NULL", "EXTENDED_ARG", "NOP", "COPY_FREE_VARS"):
            continue
        if current is not None and name in ("LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR"):
            current = current[0], (*current[1], argument)
            continue
        if current is not None:
            yield current
        current = None
        if name in ("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL"):
            current = True, (argument,)
        elif name.startswith(("LOAD_FAST", "LOAD_DEREF", "STORE_DEREF", "LOAD_CLASSDEREF")):
            current = False, (argument[-1] if isinstance(argument, tuple) else argument,)
    if current is not None:
        yield current
