"""What tells the calls of a compiled function apart: shapes and dtypes of arrays, and the values of everything else."""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import Any

import numpy as np

from autograd.core.arguments import Interceptor
from autograd.core.tensor import Tensor
from autograd.core.variable import Variable

ATOMS = (int, float, complex, bool, str, bytes, type(None))


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
            key.append(tuple(each) if kind is dict else len(each))
            if kind is dict and not _are_strings(each):  # 1 and 1.0 are equal
                key.append(tuple(map(type, each)))
            if not flatten(each, arrays, key):
                return False
        elif not _add_other(each, kind, arrays, key):
            return False
    if nest.__class__ is dict:
        key.append(tuple(nest))
    return True


def _add_other(each: Any, kind: type, arrays: list[Any], key: list[Any]) -> bool:
    """Add a NumPy number, a variable, a slice, or anything that has a hash."""
    if isinstance(each, np.generic) and each.dtype.kind in "biufc":
        arrays.append(np.asarray(each))
        key.append(np.generic)
        key.append(each.dtype)
    elif isinstance(each, Variable):
        key.append(id(each))
    elif isinstance(each, (np.ndarray, Tensor, tuple, list, dict, Interceptor)):
        return False
    elif kind is slice:
        key.append(kind)
        return flatten((each.start, each.stop, each.step), arrays, key)
    else:
        try:
            hash(each)
        except TypeError:  # it may be changed between two calls
            return False
        key.append(kind)
        key.append(each)
        # With 2 in it, it equals one with 2.0.
        if kind is frozenset or (kind.__eq__ is not object.__eq__ and is_dataclass(kind)):
            key.append(repr(each))
    return True


def _are_strings(keys: Any) -> bool:
    try:
        "".join(keys)  # four times quicker than to ask for the type of each
    except TypeError:
        return False
    return True


def statics_in(nest: Any, found: list[Any]) -> list[Any]:
    """Add the leaves of a nest that are no arrays to a list, and return it."""
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
