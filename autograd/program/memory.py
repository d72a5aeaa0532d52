"""Calls that read an array as it lies in memory. Passes decide where an array of a program lies, so that such a call is
written down with the order that the array has in the trace.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.core.value import next_id
from autograd.errors import OperandError
from autograd.program.ir import Array, Call, Guard
from autograd.registry.entries import name_of


def order_of(array: Array) -> tuple[int, ...] | None:
    """Return the axes of an array in the order in which they lie in memory, or None if that is C's."""
    if array.flags.c_contiguous:
        return None
    order = tuple(sorted(range(array.ndim), key=lambda i: -abs(array.strides[i])))
    return None if order == tuple(range(array.ndim)) else order


def in_known_order(
    tracer: Any, fn: Any, values: list[Any], ids: list[Any], kwargs: dict[str, Any], ans: Array
) -> tuple[list[Any], list[Any], dict[str, Any]]:
    """Return the values, identities and keywords of `numpy.ravel` or `numpy.reshape` with ``order="A"`` or ``"K"`` for
    a call that names the order. The program holds for arguments that lie in memory in C's order.

    Raises
    ------
    OperandError
        If an argument does not.
    """
    if tracer.is_turned:
        raise OperandError(
            f"{name_of(fn)} with order={kwargs['order']!r} reads an array as it lies in memory, and compiled it takes "
            f"arguments in C's order: received one in another order. Give np.ascontiguousarray(x), or order='C' or 'F'."
        )
    for value in tracer.inputs:
        tracer.calls.append(Call(Guard(True, _lies_in_order, "{}.flags.c_contiguous"), (value,), {}, (), kind="guard"))
    x, axes = values[0], order_of(values[0])
    kwargs = {**kwargs, "order": "F" if axes is not None and x.flags.f_contiguous else "C"}
    if fn is np.ravel and axes is not None and not x.flags.f_contiguous:
        turned, identity = np.transpose(x, axes), next_id()
        tracer.note(np.transpose, [x], {"axes": axes}, ids[:1], turned, identity)
        values, ids = [turned, *values[1:]], [identity, *ids[1:]]
    if fn(*values, **kwargs).tobytes() != ans.tobytes():
        tracer.refuse(f"{name_of(fn)} reads an array as it lies in memory")
    return values, ids, kwargs


def _lies_in_order(array: Array) -> bool:
    return array.flags.c_contiguous
