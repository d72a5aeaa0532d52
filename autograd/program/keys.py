"""Keys that tell the calls of a compiled function apart: shapes and dtypes of arrays, values of everything else."""

from __future__ import annotations

import datetime
import decimal
import fractions
import pathlib
import types
import uuid
from typing import Any

import numpy as np

from autograd.arrays.intake import refuse_depth
from autograd.core.arguments import Interceptor
from autograd.core.tensor import Tensor
from autograd.core.variable import Variable
from autograd.program.places import is_written, own_dict, slots_of

ATOMS = (int, float, complex, bool, str, bytes, type(None))
# Classes whose values are told apart by ``==``: nothing else is in them.
_BY_VALUE = frozenset(
    (
        *(range, type, types.FunctionType, types.BuiltinFunctionType, types.MethodType, type(Ellipsis)),
        *(datetime.date, datetime.time, datetime.datetime, datetime.timedelta, fractions.Fraction, uuid.UUID),
        *(type(pathlib.PurePath()), type(pathlib.Path()), np.ufunc, decimal.Decimal),
    )
)
_PARAMS = "__dataclass_params__"
# Arrays of other classes, and nests that are not built again for a program.
NO_OBJECTS = (np.ndarray, np.generic, Tensor, tuple, list, dict, Interceptor)
# Classes that no program takes, and those that it does.
_INSTEAD = (
    (np.ndarray, "a NumPy array"),
    (dict, "a dict"),
    ((list, tuple), "a list, a tuple or a namedtuple"),
    (object, "a dict, a tuple or a frozen object"),
)


def flatten(nest: Any, arrays: list[Any], key: list[Any]) -> bool:
    """Add the arrays of a nest to one list, and what a program depends on to another.

    It runs at every call: the most frequent kinds of arguments come first.

    Returns
    -------
    bool
        False if no program can take them.
    """
    for each in nest.values() if nest.__class__ is dict else nest:
        kind = each.__class__
        if kind is np.ndarray:
            if each.dtype.kind not in "biufc":
                return False
            arrays.append(each)
            key.append(each.shape)
            key.append(each.dtype)
        elif kind is Tensor:
            arrays.append(each._value)
            key.append(Tensor)
            key.append(each._value.shape)
            key.append(each._value.dtype)
        elif kind in ATOMS:
            key.append(kind)
            key.append(repr(each) if kind in (float, complex) else each)
        elif kind is tuple or kind is list or kind is dict or hasattr(kind, "_fields"):
            key.append(kind)
            if kind is dict:
                key.append(tuple(each) if _are_strings(each) else tuple(map(_identity, each)))
            else:
                key.append(len(each))
            try:
                held = flatten(each, arrays, key)
            except RecursionError:
                refuse_depth()
            if not held:
                return False
        elif not _add_other(each, kind, arrays, key):
            return False
    return True


def key_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    """Return what tells the arguments of a call from others, or None where no program can take them."""
    arrays: list[Any] = []
    key: list[Any] = []
    fits = flatten(args, arrays, key) and (not kwargs or flatten((kwargs,), arrays, key))
    return tuple(key) if fits else None


def _add_other(each: Any, kind: type, arrays: list[Any], key: list[Any]) -> bool:
    """Add a NumPy number, an array in a file, a variable, a slice, or an object that has a hash."""
    if isinstance(each, np.generic) and each.dtype.kind in "biufc":
        arrays.append(np.asarray(each))
        key.append(np.generic)
        key.append(each.dtype)
    elif kind is np.memmap and each.dtype.kind in "biufc":
        arrays.append(np.asarray(each))
        key.append(each.shape)
        key.append(each.dtype)
    elif isinstance(each, Variable):
        key.append(id(each))
    elif isinstance(each, NO_OBJECTS):
        return False
    elif kind is slice:
        key.append(kind)
        return flatten((each.start, each.stop, each.step), arrays, key)
    elif kind.__hash__ is None:  # it may be changed between two calls
        return False
    else:
        key.append(_identity(each))
    return True


def _identity(each: Any) -> Any:
    """Return what tells a value from every other that a function may treat otherwise. An object that compares equal to
    another is not the same: its class says what ``==`` means. Only the values of some classes of Python are told apart
    by that, and frozen dataclasses by what is in them.
    """
    kind = each.__class__
    if kind in ATOMS:
        return kind, repr(each) if kind in (float, complex) else each
    if kind is tuple or kind is frozenset:
        parts = tuple(map(_identity, each))
        return kind, parts if kind is tuple else frozenset(parts)
    if kind in _BY_VALUE or isinstance(each, np.dtype):
        return kind, each
    params: Any = getattr(kind, _PARAMS, None)
    if params is not None and params.frozen and not is_written(kind.__eq__):
        return kind, tuple(own_dict(each)), tuple(map(_identity, (*own_dict(each).values(), *slots_of(each))))
    return kind, id(each)


def _are_strings(keys: Any) -> bool:
    try:
        "".join(keys)  # four times quicker than to ask for the type of each
    except TypeError:
        return False
    return True


def why_no_key(nest: Any) -> str:
    """Say which of the arguments no program can take, and what to give instead; an empty text where there is none."""
    for each in nest.values() if nest.__class__ is dict else nest:
        kind = each.__class__
        if flatten((each,), [], []):
            continue
        if kind in (tuple, list, dict) or hasattr(kind, "_fields"):
            return why_no_key(each)
        if kind is slice:
            return why_no_key((each.start, each.stop, each.step))
        if isinstance(each, Interceptor):
            return ""  # the function is part of another one
        if kind is np.ndarray:
            return f"it is given an array of dtype {each.dtype}: give arrays of numbers"
        name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
        instead = next(text for kinds, text in _INSTEAD if isinstance(each, kinds))
        return f"it is given an object of class {name}, which its program could not follow: give {instead}"
    return ""


def statics_in(nest: Any, found: list[Any]) -> list[Any]:
    """Add the leaves of a nest that are no arrays, and the keys of dicts, to a list, and return it."""
    if isinstance(nest, dict):
        found.extend(nest)
    for each in nest.values() if isinstance(nest, dict) else nest:
        if isinstance(each, (tuple, list, dict)):
            statics_in(each, found)
        elif not isinstance(each, (np.ndarray, np.generic)) and each.__class__ is not Tensor:
            found.append(each)
    return found


def difference(old: tuple[Any, ...], new: tuple[Any, ...]) -> str:
    """Say where two keys differ."""
    for before, now in zip(old, new, strict=False):
        if before != now:
            return f"{before!r} became {now!r}"
    return f"{len(old)} parts became {len(new)}"
