"""Compute many rows or columns of a Jacobian in one sweep, in chunks within a bound on memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from autograd.core import nest
from autograd.core.tape import Tape, as_gradient, check_differentiable, pulled
from autograd.core.tensor import new_tensor
from autograd.transforms.batched import Batched, NeedsOneValue, exposed
from autograd.transforms.levels import mapping

# The cotangents of the largest value, for all rows of one chunk together, stay under this many bytes.
CHUNK_BYTES = 64 * 2**20


def chunk_size_for(records: Iterable[Any], outputs: Iterable[Any]) -> int:
    """Return how many rows one sweep over records computes."""
    values = [value for record in records for value in (*record[1], record[5])]
    widest = max(
        [math.prod(value.shape) * value.dtype.itemsize for value in (*values, *outputs) if hasattr(value, "shape")],
        default=1,
    )
    return max(CHUNK_BYTES // max(widest, 1), 1)


def unit_stacks(shape: tuple[int, ...], dtype: Any, chunk: int) -> Iterator[tuple[int, Any]]:
    """Yield stacks of unit arrays, which are 1 in one place, with the number of the first of each stack."""
    size = math.prod(shape)
    for start in range(0, size, chunk):
        count = min(chunk, size - start)
        stack = np.zeros((count, size), dtype)
        stack[np.arange(count), np.arange(start, start + count)] = 1
        yield start, np.reshape(stack, (count, *shape))


def every_row(
    pull: Callable[[Any], list[Any]], shape: tuple[int, ...], dtype: Any, chunk: int, batch: tuple[int, ...] = ()
) -> list[Any] | None:
    """Call a linear function on each array that is 1 in one place of a shape, and all along a batch. Return each of its
    results (arrays, or None) with the rows in front, or None where there is no place.
    """
    parts = []
    for _, stack in unit_stacks(shape, dtype, chunk):
        count = len(stack)
        stack = np.broadcast_to(np.reshape(stack, (count, *(1,) * len(batch), *shape)), (count, *batch, *shape))
        parts.append(mapped(pull, stack))
    return [
        each[0] if len(each) == 1 or each[0] is None else np.concatenate(each) for each in zip(*parts, strict=True)
    ] or None


def mapped(pull: Callable[[Any], list[Any]], stack: Any) -> list[Any]:
    """Call a linear function on each array of a stack, and stack the arrays of the lists that it returns.

    It is called once on the whole batch, or in a loop if Python looks at a value in it.
    """
    try:
        with mapping(len(stack)) as level:
            return [each if each is None else exposed(each, level) for each in pull(Batched(stack, level))]
    except NeedsOneValue:
        return [
            each[0] if each[0] is None else np.stack(each) for each in zip(*[pull(one) for one in stack], strict=True)
        ]


def rows_of(
    tape: Tape, target: Any, sources: Any, unconnected_gradients: str, shape: tuple[int, ...], batch: tuple[int, ...]
) -> list[Any]:
    """Return, for each source of a tape, its gradients for all cotangents of the target that are 1 in one place of
    ``shape`` (and all along a batch).
    """
    tape._check_usable(unconnected_gradients)
    check_differentiable(target, "differentiate")
    leaves = nest.leaves(sources)
    tracked = bool(tape._seeds(target, None))
    ids = [tape._identities(source) for source in leaves]
    tape._use_up()
    rows = None
    if tracked:
        chunk = chunk_size_for(tape.records, [target])
        rows = every_row(lambda c: pulled(tape, {target._id: c}, ids, False), shape, target.dtype, chunk, batch)
    if not tape.persistent:
        tape.records.clear()
    if rows is None:
        return [new_tensor(np.zeros((0, *each.shape), each.dtype)) if tracked else None for each in leaves]
    return [None if each is None else as_gradient(each) for each in rows]
