"""Places outside a function and what is in them: attributes, items, closures, read without running anything."""

from __future__ import annotations

import array
import gc
import io
import operator
import sys
from collections import OrderedDict, deque
from contextvars import ContextVar
from types import CodeType, FunctionType, MappingProxyType, MemberDescriptorType, ModuleType
from typing import Any

import numpy as np

# Values that are told from each other by what they are.
NUMBERS = (int, float, complex, bool, str, bytes, type(None), np.generic)
NESTS = (list, tuple, dict, set, frozenset, deque)
MISSING = object()
NOTHING: dict[str, Any] = {}
# Up to how many bytes are compared at each call with what they were.
LARGEST_COMPARED = 1 << 16
# A walk does not look into these.
ATOMS = (type(sys._getframe()), CodeType, io.IOBase, slice, range, type(Ellipsis), type(NotImplemented))
GETTERS = (operator.attrgetter, operator.methodcaller)
# These are watched by their content, or by the objects that they refer to.
OPAQUE = (ContextVar, MappingProxyType, bytearray, array.array, memoryview)
# The attributes of a class that are none of its objects.
NO_ATTRIBUTES = frozenset(
    f"__{name}__"
    for name in (
        *("module", "doc", "dict", "weakref", "slots", "annotations", "qualname", "match_args", "parameters"),
        *("abstractmethods", "orig_bases", "firstlineno", "static_attributes", "annotate_func", "dataclass_params"),
        *("annotations_cache", "program_state"),
    )
) | {"_abc_impl"}


def own_dict(value: Any) -> dict[str, Any]:
    """Return the dict in which an object or a module keeps its attributes, or an empty one where there is none."""
    try:
        own = object.__getattribute__(value, "__dict__")
    except (AttributeError, TypeError):
        return NOTHING
    return own if own.__class__ is dict else NOTHING


def slot_names_of(kind: type) -> list[str]:
    """Return the names of the slots of a class and those above it."""
    return [
        name
        for each in kind.__mro__
        for name, found in vars(each).items()
        if isinstance(found, MemberDescriptorType) and each.__module__ != "builtins"
    ]


def slots_of(thing: Any) -> list[Any]:
    """Return what is in the slots of an object."""
    return [getattr(thing, name, None) for name in slot_names_of(type(thing))]


def items_of(nest: Any) -> tuple[list[Any], list[Any]]:
    """Return the keys and the values of a nest; of anything else its content, or what it refers to. The methods of a
    class of the user's are not called for it.
    """
    if isinstance(nest, OrderedDict):  # whose order dict's own methods do not follow
        return list(OrderedDict.keys(nest)), list(OrderedDict.values(nest))
    if isinstance(nest, dict):
        return list(dict.keys(nest)), list(dict.values(nest))
    if isinstance(nest, (bytearray, array.array, memoryview)):
        return [bytes(nest)], []
    if isinstance(nest, ContextVar):
        return [], [nest.get(MISSING)]
    if isinstance(nest, np.ndarray):
        return [], nest.ravel().tolist()
    base = next((kind for kind in NESTS if isinstance(nest, kind)), None)
    if base is not None:
        return [], list(base.__iter__(nest))
    return [], [each for each in gc.get_referents(nest) if each is not type(nest) and not isinstance(each, ModuleType)]


def read_item(holder: Any, key: Any, default: Any) -> Any:
    """Return an item of a dict, or the default."""
    return holder.get(key, default)


def read_class(holder: Any, key: Any, default: Any) -> Any:
    """Return what stands in a class under a name, or the default."""
    return vars(holder).get(key, default)


def type_of(holder: Any, key: Any, default: Any) -> Any:
    """Return the class of an object, which may be given another one."""
    return type(holder)


def read_cell(cell: Any, key: Any, default: Any) -> Any:
    """Return what a cell of a closure holds, or the default where nothing is in it yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return default


def read_referent(reference: Any, key: Any, default: Any) -> Any:
    """Return what a weak reference refers to, as long as it lives."""
    return reference()


def read_context(module: Any, key: Any, default: Any) -> Any:
    """Return the settings of the arithmetic of `decimal`, as a text."""
    context = module.getcontext()
    traps = [trap for trap, is_set in context.traps.items() if is_set]
    return f"{context.prec} {context.rounding} {context.Emin} {context.Emax} {context.clamp} {traps}"


def read_errors(module: Any, key: Any, default: Any) -> Any:
    """Return how NumPy treats floating-point errors, as a text."""
    return str(module.geterr())


def function_of(found: Any) -> Any:
    """Return the function behind what stands in a class, or None."""
    if isinstance(found, property):
        return found.fget
    found = getattr(found, "func", found) if type(found).__module__ == "functools" else found
    found = found.__func__ if isinstance(found, (staticmethod, classmethod)) else found
    return found if isinstance(found, FunctionType) else own_dict(found).get("__wrapped__")


def is_function(found: Any) -> bool:
    """Whether what stands in a class is a function in some way."""
    return function_of(found) is not None


def is_written(found: Any) -> bool:
    """Whether a method was written by somebody, and not made by `dataclass` or the like."""
    code = getattr(function_of(found), "__code__", None)
    return code is not None and not code.co_filename.startswith("<string")


def is_generator(thing: Any) -> bool:
    """Whether something draws random numbers, and has a state."""
    return hasattr(thing, "bit_generator") or hasattr(thing, "get_state") or hasattr(thing, "getstate")
