"""Read from the code of a function which names it uses: globals, attributes, imports, and what it does with them."""

from __future__ import annotations

import dis
import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from types import CodeType
from typing import Any, NamedTuple

# Take the name of an attribute as a text.
_BY_TEXT = frozenset(("getattr", "hasattr", "setattr", "delattr", "attrgetter", "methodcaller"))
# Read every attribute of an object, or those of a list of names.
_WHOLE = frozenset(("vars", "dir", "asdict", "astuple", "deepcopy", "getmembers", "__dict__", "__getstate__"))
_HASHING = frozenset(
    (
        *("hash", "set", "frozenset", "dict", "OrderedDict", "defaultdict", "Counter", "fromkeys", "get", "setdefault"),
        *("pop", "update", "add", "discard", "difference", "intersection", "union", "lru_cache", "cache"),
    )
)
_COMPARING = frozenset(
    (
        *("sorted", "min", "max", "index", "count", "remove", "sort", "lt", "le", "eq", "ne", "ge", "gt", "contains"),
        *("countOf", "indexOf", "heapify", "heappush", "heappop", "heapreplace", "heappushpop", "nsmallest"),
        *("nlargest", "merge", "bisect", "bisect_left", "bisect_right", "insort", "insort_left", "insort_right"),
        *("groupby", "total_ordering"),
    )
)
_FORMATTING = frozenset(
    ("str", "repr", "format", "ascii", "format_map", "substitute", "safe_substitute", "pformat", "saferepr", "fspath")
)
# Makers of generators of random numbers, which begin somewhere else each time unless they are given a seed.
MAKERS = frozenset(
    (
        *("default_rng", "RandomState", "Random", "SeedSequence", "PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"),
        "SystemRandom",
    )
)
# Operations that hash what they are given, and those that compare it.
_HASH = ("BINARY_SUBSCR", "STORE_SUBSCR", "DELETE_SUBSCR", "BUILD_SET", "BUILD_MAP", "SET_ADD", "MAP_ADD")
_COMPARE = ("COMPARE_OP", "CONTAINS_OP", "MATCH_CLASS", "MATCH_MAPPING", "MATCH_KEYS")
_LOADING = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FAST", "LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT")
_OF_OWNER = ("LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR", "DELETE_ATTR")
_ARRAYS = ("ndarray", "Tensor", "Variable", "NDArray", "ArrayLike", "hasattr")
_BETWEEN = frozenset(("CACHE", "COPY", "EXTENDED_ARG", "NOP", "PUSH_NULL"))


class Names(NamedTuple):
    """The names in the code of a function and of the functions inside it.

    Attributes
    ----------
    outside : tuple of str
        Globals.
    bare : frozenset of str
        Globals, closure variables and parameters that are used for more than to read an attribute of them.
    attributes : tuple of str
        Attributes that are read or assigned.
    called : tuple of str
        Attributes that are called as methods.
    assigned : frozenset of str
        Attributes that are assigned, and those whose name is given as a text: they may be missing.
    modules : tuple of str
        Imports.
    catches : bool
        Whether it may catch the error for a missing attribute or global.
    whole : bool
        Whether it reads attributes whose names do not stand in it.
    compares : {0, 1, 2}
        Whether it compares or hashes: 1 if only with constants, for which methods that `dataclass` writes read nothing.
    formats : bool
        Whether it makes a text of values.
    types : bool
        Whether it asks for the types of arrays.
    draws : frozenset of str
        Makers of generators of random numbers that it calls with seeds which may be None.
    """

    outside: tuple[str, ...]
    bare: frozenset[str]
    attributes: tuple[str, ...]
    called: tuple[str, ...]
    assigned: frozenset[str]
    modules: tuple[str, ...]
    catches: bool
    whole: bool
    compares: int
    formats: bool
    types: bool
    draws: frozenset[str]


@functools.lru_cache(4096)
def names_in(code: CodeType) -> Names:
    """Return the names in the code of a function."""
    instructions = [each for each in dis.get_instructions(code) if each.opname not in _BETWEEN]
    outside, attributes, called, modules = [_named(instructions, operations) for operations in _KINDS]
    assigned = {str(each.argval) for each in instructions if each.opname in ("STORE_ATTR", "DELETE_ATTR")}
    whole = not _WHOLE.isdisjoint(code.co_names)
    if not _BY_TEXT.isdisjoint(code.co_names):
        texts = dict.fromkeys(_texts_in(code.co_consts))
        attributes.update(texts)
        assigned.update(texts)
        whole = whole or _takes_computed_names(instructions)
    found = Names(
        tuple(outside),
        _bare_in(instructions),
        tuple(attributes),
        tuple(called),
        frozenset(assigned),
        tuple(modules),
        bool(code.co_exceptiontable),
        whole,
        _compares(code, instructions),
        _formats(code, instructions),
        _asks_for_types(code),
        frozenset(
            str(each.argval)
            for i, each in enumerate(instructions)
            if str(each.argval) in MAKERS and each.opname.startswith("LOAD_") and not _takes_a_seed(instructions[i:])
        ),
    )
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found = _joined(found, names_in(inner))
    return found


def _named(instructions: list[dis.Instruction], kind: Callable[[dis.Instruction], bool]) -> dict[str, None]:
    """Return the names in some instructions, in the order of the text."""
    return {str(each.argval): None for each in instructions if kind(each)}


def _bare_in(instructions: list[dis.Instruction]) -> frozenset[str]:
    """Return the names that are loaded for more than to read an attribute of them."""
    bare: set[str] = set()
    for each, then in zip(instructions, [*instructions[1:], None], strict=True):
        if each.opname.startswith(_LOADING) or each.opname.endswith("LOAD_FAST"):
            names = list(map(str, each.argval if isinstance(each.argval, tuple) else (each.argval,)))
            # Of two in one instruction the last lies uppermost.
            bare.update(names[:-1] if then is not None and then.opname in _OF_OWNER else names)
    return frozenset(bare)


def _compares(code: CodeType, instructions: list[dis.Instruction]) -> int:
    """Return how values are compared. See `Names`."""
    if not _COMPARING.isdisjoint(code.co_names):
        return 2
    found = 0 if _HASHING.isdisjoint(code.co_names) else 1
    for before, each in zip([None, *instructions[:-1]], instructions, strict=True):
        constant = before is not None and before.opname in ("LOAD_CONST", "LOAD_SMALL_INT")
        if each.opname in _COMPARE:
            found = max(found, 1 if constant else 2)
        elif each.opname in _HASH or (each.opname == "BINARY_OP" and each.argrepr == "[]"):
            found = max(found, 1)
    return found


def _formats(code: CodeType, instructions: list[dis.Instruction]) -> bool:
    """Whether a text is made of values: by ``%`` too, of which the operands are not known."""
    return not _FORMATTING.isdisjoint(code.co_names) or any(
        each.opname.startswith(("FORMAT_", "CONVERT_VALUE"))
        or (each.opname == "BINARY_OP" and each.argrepr in ("%", "%="))
        for each in instructions
    )


def _asks_for_types(code: CodeType) -> bool:
    names = set(code.co_names)
    return not names.isdisjoint(("type", "__class__")) or (
        not names.isdisjoint(("isinstance", "issubclass", "register")) and not names.isdisjoint(_ARRAYS)
    )


def _joined(one: Names, other: Names) -> Names:
    """Return the names of two functions."""
    joined: list[Any] = []
    pairs: list[tuple[Any, Any]] = list(zip(one, other, strict=True))
    for a, b in pairs:
        if isinstance(a, tuple):
            joined.append(tuple(dict.fromkeys((*a, *b))))
        else:
            joined.append(a | b if isinstance(a, frozenset) else max(a, b))
    return Names._make(joined)


def _is_called(instruction: dis.Instruction) -> bool:
    """Whether an attribute is loaded to be called as a method: since Python 3.12 one bit says so."""
    return instruction.opname == "LOAD_METHOD" or (
        instruction.opname == "LOAD_ATTR" and sys.version_info >= (3, 12) and bool((instruction.arg or 0) & 1)
    )


_GLOBALS = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS", "STORE_GLOBAL", "DELETE_GLOBAL")
_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR", "STORE_ATTR", "DELETE_ATTR", "IMPORT_FROM")
# The instructions that name globals, attributes that are read or assigned, attributes that are called, and modules.
_KINDS: tuple[Callable[[dis.Instruction], bool], ...] = (
    lambda each: each.opname in _GLOBALS,
    lambda each: each.opname in _ATTRIBUTES and not _is_called(each),
    lambda each: each.opname in _ATTRIBUTES and _is_called(each),
    lambda each: each.opname == "IMPORT_NAME",
)


def _texts_in(constants: Iterable[object]) -> Iterator[str]:
    for each in constants:
        if isinstance(each, str):
            yield from [part for part in each.split(".") if part.isidentifier()]
        elif isinstance(each, (tuple, frozenset)):
            yield from _texts_in(each)


def _takes_computed_names(instructions: list[dis.Instruction]) -> bool:
    """Whether `getattr` or one of its kin takes a name that is no constant of the code."""
    return any(
        str(each.argval) in _BY_TEXT and each.opname.startswith("LOAD_") and not _takes_constants(instructions[i:])
        for i, each in enumerate(instructions)
    )


def _arguments_of_call(instructions: list[dis.Instruction]) -> tuple[list[dis.Instruction], dis.Instruction] | None:
    """Return the instructions that load the arguments of the function that the first one loads, and the call. None
    where it is not called, or in another way.
    """
    depth = 0
    inside: list[dis.Instruction] = []
    for each in instructions[1:]:
        if each.opcode in dis.hasjrel:
            return None
        depth += dis.stack_effect(each.opcode, each.arg)
        if depth <= 0:  # the call takes its arguments off the stack, and nothing before it does
            return (inside, each) if each.opname in ("PRECALL", "CALL") else None
        if each.opname != "KW_NAMES":
            inside.append(each)
    return None


def _takes_a_seed(instructions: list[dis.Instruction]) -> bool:
    """Whether the maker of a generator that the first instruction loads is called with numbers that are constants."""
    found = _arguments_of_call(instructions)
    if found is None:
        return False
    return bool(found[0]) and all(
        each.opname == "LOAD_SMALL_INT" or (each.opname == "LOAD_CONST" and each.argval is not None)
        for each in found[0]
    )


def _takes_constants(instructions: list[dis.Instruction]) -> bool:
    """Whether the function that the first instruction loads is called with a name that is a constant."""
    found = _arguments_of_call(instructions)
    if found is None:
        return False
    inside, call = found
    is_text = [one.opname == "LOAD_CONST" and isinstance(one.argval, str) for one in inside]
    if instructions[0].argval in ("attrgetter", "methodcaller"):
        return all(is_text)
    if call.arg == 2:
        return is_text[-1]
    return call.arg == 3 and is_text[-2] and inside[-1].opname in ("LOAD_CONST", "LOAD_FAST", "LOAD_DEREF")
