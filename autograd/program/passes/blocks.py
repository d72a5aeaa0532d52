"""Puts calls on long arrays into loops over blocks that fit the cache."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.program.ir import Call, Program, Var, readers
from autograd.program.passes.fuse import Fused
from autograd.program.passes.gather import gathered
from autograd.program.passes.lower import is_elementwise, is_reshape, reduction_of

# The elements of float64 in a block, and the least elements for which a loop pays.
BLOCK = 32768
SHORTEST = 2 * BLOCK

_COMBINE = (np.add, np.maximum, np.minimum, np.multiply)
# Up to so many multiplications BLAS computes a product of matrices on one thread, and does not compete with the threads
# of the loop.
_LARGEST_PRODUCT = 1 << 18
# The most elements of a sum over blocks, of which each block keeps a partial sum.
_LONGEST_SUM = 4096


class Loop(Call):
    """A group of calls on blocks of the first axis.

    Attributes
    ----------
    body : list of Call
    length : int
        The length of the first axis.
    rows : int
        The length of a block.
    flat : bool
        Whether arrays are flattened to one axis.
    sums : dict of Var to ufunc
        The outputs that are combined from a partial result of each block.
    """

    __slots__ = ("body", "flat", "length", "rows", "sums")

    def __init__(
        self, body: list[Call], outs: tuple[Var, ...], length: int, rows: int, flat: bool, sums: dict[Var, Any]
    ) -> None:
        made = {value for call in body for value in call.outs}
        read = dict.fromkeys(value for call in body for value in call.operands() if value not in made)
        super().__init__(Loop, tuple(read), {}, outs, False, body[0].line, body[0].errstate)
        self.body = body
        self.length = length
        self.rows = rows
        self.flat = flat
        self.sums = sums

    def is_sliced(self, value: Var) -> bool:
        """Whether a block reads its slice of a value, and not all of it."""
        if self.flat:
            return value.size == self.length
        return any(sliced for call in self.body for each, sliced in uses(call, self.length) if each is value)

    def may_overwrite(self, operand: Var, out: Var) -> bool:
        """Whether the blocks of an output may be written over those of an operand."""
        if out not in self.outs or out in self.sums or not self.is_sliced(operand):
            return False
        writer = next(i for i, call in enumerate(self.body) if out in call.outs)
        if self.body[writer].__class__ is not Fused and (
            not is_elementwise(self.body[writer]) or self.body[writer].fn is np.where
        ):
            return False
        return all(i <= writer for i, call in enumerate(self.body) if operand in call.operands())


def uses(call: Call, length: int) -> list[tuple[Var, bool]]:
    """Return the operands of a call in a loop, and whether each is sliced."""
    if isinstance(call, Fused):
        return [each for part in call.body for each in uses(part, length)]
    ndim = call.outs[0].ndim
    found = []
    for arg in call.args:
        if arg.__class__ is Var:
            if is_elementwise(call):
                found.append((arg, arg.ndim == ndim and bool(ndim) and arg.shape[0] == length))
            else:
                found.append((arg, True))
    return found


def with_loops(program: Program, exact: bool = False) -> Program:
    """Put groups of calls on long arrays into loops over blocks, reordering where the operands allow it."""
    if not any(_length_of(call) for call in program.calls):
        return program
    calls: list[Call] = []
    todo = program.calls[::-1]
    counts = readers(program)
    while todo:
        call = todo.pop()
        length = _length_of(call)
        loop = None
        if length:
            taken, before, body, after = gathered(call, todo, _Rows(call, length, exact).takes, _ends)
            loop = _loop(body, length, counts)
            todo.extend((taken if loop is None else after)[::-1])
        if loop is None:
            calls.append(call)
        else:
            calls.extend(before)
            calls.append(loop)
    return program.with_calls(calls)


def _length_of(call: Call) -> int:
    """Return the length of the first axis of a call that may begin a loop, or 0."""
    if call.kind != "plain" or not is_elementwise(call) or _is_out_of_order(call):
        return 0
    out = call.outs[0]
    return out.shape[0] if out.size >= SHORTEST and out.shape[0] > 1 else 0


class _Rows:
    """The operands of the calls of a loop that is being gathered: which of the arrays that they read are sliced."""

    def __init__(self, first: Call, length: int, exact: bool) -> None:
        self.length = length
        self.exact = exact
        self.errstate = first.errstate
        self.sliced: dict[Var, bool] = dict(uses(first, length))

    def takes(self, call: Call, inside: set[Var]) -> bool:
        """Whether a call fits into the loop: as one of its rows, or as the end of a sum over them."""
        if call.kind != "plain" or call.several or call.errstate != self.errstate or _is_out_of_order(call):
            return False
        if is_elementwise(call):
            fits = self._is_elementwise_row(call, inside)
        elif not _reads(call, inside):
            fits = False
        elif reduction_of(call) is not None:
            fits = self._is_reduction(call, inside)
        elif _is_batched(call):
            fits = all(value.shape[0] == self.length for value in (*call.operands(), *call.outs))
        else:
            fits = is_reshape(call) and self._is_reshaped_row(call, inside)
        if not fits:
            return False
        found = uses(call, self.length)
        for value, sliced in found:
            if self.sliced.get(value, sliced) != sliced or (value in inside and not sliced):
                return False
        self.sliced.update(found)
        return True

    def _is_elementwise_row(self, call: Call, inside: set[Var]) -> bool:
        out = call.outs[0]
        if not out.ndim or out.shape[0] != self.length or (out.size < SHORTEST and not _reads(call, inside)):
            return False
        return all(value.ndim < out.ndim or value.shape[0] in (1, self.length) for value in call.operands())

    def _is_reduction(self, call: Call, inside: set[Var]) -> bool:
        """Whether a call reduces each row, or adds up all of them into a result of which each block keeps its part."""
        x = call.args[0]
        if x not in inside or not x.ndim or x.shape[0] != self.length:
            return False
        if not _ends(call):
            return True
        return not self.exact and reduction_of(call) in _COMBINE and call.outs[0].size <= _LONGEST_SUM

    def _is_reshaped_row(self, call: Call, inside: set[Var]) -> bool:
        x, out = call.args[0], call.outs[0]
        return x in inside and bool(x.ndim and out.ndim) and x.shape[0] == out.shape[0] == self.length


def _is_out_of_order(call: Call) -> bool:
    """Whether an array has to have another memory order than C's."""
    return any(value.order is not None for value in (*call.outs, *call.operands()))


def _is_batched(call: Call) -> bool:
    """Whether a call multiplies small matrices, one pair for each row."""
    if call.fn is not np.matmul or any(value.ndim != 3 for value in (*call.operands(), *call.outs)):
        return False
    if call.kwargs and (call.kwargs.keys() != {"axes"} or any(0 in pair for pair in call.kwargs["axes"])):
        return False
    sizes = [math.prod(value.shape[1:]) for value in (*call.operands(), *call.outs)]
    return math.prod(sizes) <= _LARGEST_PRODUCT**2  # each length is that of an axis of two of them


def _reads(call: Call, inside: set[Var]) -> bool:
    return any(value in inside for value in call.operands())


def _loop(body: list[Call], length: int, counts: dict[Var, int]) -> Loop | None:
    """Make a loop of calls, if it pays."""
    if len(body) < 2:
        return None
    inner: dict[Var, int] = {}
    for call in body:
        for value in call.operands():
            inner[value] = inner.get(value, 0) + 1
    outs = tuple([value for call in body for value in call.outs if counts.get(value, 0) > inner.get(value, 0)])
    flat = all(_is_flat(call) for call in body) and len({_domain(call) for call in body}) == 1
    widest = max(
        value.size
        for call in body
        for value in (*call.outs, *call.operands())
        if value in call.outs or dict(uses(call, length))[value]
    )
    if flat:
        length = _domain(body[0])
    itemsize = max(value.dtype.itemsize for call in body for value in call.outs)
    elements = BLOCK * 8 // itemsize
    rows = elements if flat else max(1, elements * length // max(widest, length))
    if length < 2 * rows:
        return None
    sums = {call.outs[0]: reduction_of(call) for call in body if _ends(call)}
    return Loop(body, outs, length, rows, flat, sums)


def _ends(call: Call) -> bool:
    """Whether a call reduces over the rows, so that its result is there after the last block."""
    if reduction_of(call) is None:
        return False
    axis = call.kwargs["axis"]
    return axis is None or axis == 0 or (isinstance(axis, tuple) and 0 in axis)


def _is_flat(call: Call) -> bool:
    """Whether a call computes the same on flattened arrays."""
    if is_elementwise(call):
        return all(arg.__class__ is not Var or arg.size == 1 or arg.shape == call.outs[0].shape for arg in call.args)
    return reduction_of(call) is not None and call.outs[0].size == 1


def _domain(call: Call) -> int:
    return call.outs[0].size if is_elementwise(call) else call.args[0].size
