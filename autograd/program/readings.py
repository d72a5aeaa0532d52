"""How Python reads values while a function is traced. Each reading becomes a guard of the program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.program.ir import Array, Call, Guard, Var

# How Python reads a value: as a function, and as a text.
READS: dict[str, tuple[Callable[[Array], Any], str]] = {
    "bool": (bool, "{}"),
    "item": (lambda array: array.item(), "{}.item()"),
    "int": (int, "int({})"),
    "array": (np.array, "{}"),
    "truth": (lambda array: bool(np.any(array)), "{}.any()"),
}


def content_guard(value: Var, array: Array) -> Call:
    """Make a captured array a constant, and return the call that compares the numbers in it."""
    value.captured, value.constant = None, array.copy()
    seen = Var(array.shape, array.dtype, captured=array)
    return Call(Guard(value.constant, np.asarray), (seen,), {}, (), kind="guard")
