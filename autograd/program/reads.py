"""What the text of a function names: the chains of attributes that it reads of names, and the attributes that it reads
of anything else.
"""

from __future__ import annotations

import dis
import functools
import inspect
import sys
from collections.abc import Iterable, Iterator
from types import CodeType
from typing import NamedTuple

Chain = tuple[str, ...]
# What takes the name of an attribute as a text.
_BY_TEXT = frozenset(("getattr", "hasattr", "vars", "__dict__", "attrgetter"))


class Reads(NamedTuple):
    """What the text of a function names, and those of the functions inside it. An attribute that is called ends in
    ``()``.

    Attributes
    ----------
    outside : tuple of tuple of str
        What is read or given another value of its module: a name, and attributes of it.
    own : tuple of tuple of str
        The same of its parameters and of the variables of the functions around it.
    loose : tuple of str
        Attributes of all else: of what stands in a local variable or a list, or is returned by a call.
    modules : tuple of str
        What it imports when it runs.
    """

    outside: tuple[Chain, ...]
    own: tuple[Chain, ...]
    loose: tuple[str, ...]
    modules: tuple[str, ...]


@functools.lru_cache(1024)
def reads_of(code: CodeType) -> Reads:
    """Return what the text of a function names."""
    text = _Text(code)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            text.add(constant)
    known = {*parameters_of(code), *code.co_freevars}
    for chain in text.own:
        # What a name is given inside is not what it was outside.
        if chain[0] not in known or chain[0] in text.stored:
            text.loose.update(dict.fromkeys(chain[1:]))
    own = [chain for chain in text.own if chain[0] in known]
    return Reads(tuple(text.outside), tuple(own), tuple(text.loose), tuple(text.modules))


def parameters_of(code: CodeType) -> tuple[str, ...]:
    """Return the names of the parameters of a function."""
    stars = bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + stars]


def _texts_in(constants: Iterable[object]) -> Iterator[str]:
    for each in constants:
        if isinstance(each, str) and each.isidentifier():
            yield each
        elif isinstance(each, (tuple, frozenset)):
            yield from _texts_in(each)


class _Text:
    """Gathers what the instructions of a function name, in the order of the text."""

    def __init__(self, code: CodeType) -> None:
        self.outside: dict[Chain, None] = {}
        self.own: dict[Chain, None] = {}
        self.loose: dict[str, None] = {}
        self.modules: dict[str, None] = {}
        self.stored: set[str] = set()
        self._current: dict[Chain, None] | None = None  # where the chain belongs that is being read
        self._chain: Chain = ()
        if not _BY_TEXT.isdisjoint(code.co_names):
            self.loose.update(dict.fromkeys(_texts_in(code.co_consts)))
        for instruction in dis.get_instructions(code):
            self._take(instruction)
        self._begin(None, "")

    def add(self, code: CodeType) -> None:
        """Add what a function inside names, which may read the variables of this one."""
        inner = reads_of(code)
        self.outside.update(dict.fromkeys(inner.outside))
        self.own.update(dict.fromkeys(chain for chain in inner.own if chain[0] in code.co_freevars))
        self.loose.update(dict.fromkeys(inner.loose))
        for chain in inner.own:
            if chain[0] not in code.co_freevars:
                self.loose.update(dict.fromkeys(chain[1:]))
        self.modules.update(dict.fromkeys(inner.modules))

    def _begin(self, where: dict[Chain, None] | None, name: str) -> None:
        """Begin to read a chain, after another one or none."""
        if self._current is not None:
            self._current[self._chain] = None
        self._current, self._chain = where, (name,)

    def _take(self, instruction: dis.Instruction) -> None:
        operation, argument = instruction.opname, instruction.argval
        # Some instructions are two in one: their last name is loaded, and lies uppermost.
        names = [str(each) for each in (argument if isinstance(argument, tuple) else (argument,))]
        if operation in (
            "CACHE",
            "PUSH_NULL",
            "EXTENDED_ARG",
            "NOP",
            "COPY_FREE_VARS",
            "COPY",
        ):  # x.a += 1 copies x first
            return
        if operation in ("LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR", "DELETE_ATTR", "LOAD_SUPER_ATTR", "IMPORT_FROM"):
            # Since Python 3.12 one bit says that an attribute is called.
            called = operation == "LOAD_METHOD" or (
                operation == "LOAD_ATTR" and sys.version_info >= (3, 12) and (instruction.arg or 0) & 1
            )
            name = f"{names[0]}()" if called else names[0]
            if self._current is not None and operation != "LOAD_SUPER_ATTR":
                self._chain = (*self._chain, name)
            else:
                self.loose[name] = None
                self._begin(None, "")
            return
        if operation.startswith(("STORE_FAST", "STORE_DEREF", "DELETE_FAST", "DELETE_DEREF")):
            self.stored.update(names[:-1] if operation.endswith("LOAD_FAST") else names)
        if operation.startswith(
            (
                "LOAD_FAST",
                "STORE_FAST_LOAD_FAST",
                "LOAD_DEREF",
                "STORE_DEREF",
                "LOAD_CLASSDEREF",
                "LOAD_FROM_DICT_OR_DEREF",
            )
        ):
            self._begin(self.own, names[-1])
        elif operation in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS", "STORE_GLOBAL", "DELETE_GLOBAL"):
            self._begin(self.outside, names[-1])
        else:
            self._begin(None, "")
            if operation == "IMPORT_NAME":
                self.modules.update(dict.fromkeys(names))
