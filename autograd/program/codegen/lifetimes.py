"""Lifetimes: how long the memory of each value is needed, and which values may share it.

A value is **placed** if its array is known before the program runs: a part of a buffer, a view of that, a constant. The
other arrays are new at each run: inputs, outputs (which the caller may keep), and the results of functions that cannot
write into a given array."""

from __future__ import annotations

import bisect
import math
from typing import Any

import numpy as np

from autograd.program.ir import Call, Program, Var, values_in
from autograd.program.passes.blocks import Loop
from autograd.program.passes.fuse import Fused
from autograd.program.passes.lower import is_elementwise, is_reshape, is_view, reduction_of
from autograd.registry import operations
from autograd.registry.entries import facts_of


def takes_out(call: Call) -> bool:
    """Whether a call can write its result into a given array."""
    if call.__class__ is Loop or call.__class__ is Fused:
        return True
    if call.kind != "plain" or call.several:
        return False
    if call.fn.__class__ is np.ufunc:
        return call.fn.nout == 1 and call.kwargs.keys() <= {"dtype", "axes"}
    if call.fn is np.einsum:  # of one operand it may be a view; with `out` it adds to 0, which loses the sign of -0
        return len(call.operands()) > 1
    return facts_of(call.fn).writes_out or reduction_of(call) is not None


def is_fresh(call: Call) -> bool:
    """Whether the output of a call is new memory. NumPy's `flip`, `real` and many others return views of an operand."""
    if takes_out(call) or call.kind != "plain":
        return True
    if call.fn is operations.getitem:
        # The index that `argmax` returns is a NumPy scalar, which makes a view, as a Python number does.
        indices = values_in(call.args[1], [])
        return not is_view(call) and (not indices or any(index.ndim for index in indices))
    return bool(facts_of(call.fn).fresh)


class Lifetimes:
    """How long the memory of each value is needed.

    Attributes
    ----------
    root : dict of Var to Var
        For a view, the value that owns the memory.
    shows : dict of Var to list of Var
        For a root, the other roots whose memory it may share: those of the operands of a function that may return a
        view.
    last : dict of Var to int
        The position of the last call that reads the memory of a root; the number of calls for results of the program.
    """

    def __init__(self, program: Program) -> None:
        self.root: dict[Var, Var] = {}
        self.shows: dict[Var, list[Var]] = {}
        self.last: dict[Var, int] = {}
        self._rearranged: set[Var] = set()
        for i, call in enumerate(program.calls):
            if is_view(call):
                self.root[call.outs[0]] = self.root_of(call.args[0])
                if not is_reshape(call) or not self.is_reshaped(call.args[0]):
                    self._rearranged.add(call.outs[0])
            elif not is_fresh(call):
                shown = [root for value in call.operands() for root in self.roots_of(value)]
                self.shows.update((out, list(shown)) for out in call.outs)
            for value in call.operands():
                self._read(value, i)
            for value in call.outs:
                self.last.setdefault(self.root_of(value), i)
        for value in program.results():
            self._read(value, len(program.calls))

    def _read(self, value: Var, position: int) -> None:
        for root in self.roots_of(value):
            self.last[root] = position

    def is_reshaped(self, value: Var) -> bool:
        """Whether a value is a root or a reshape of one. The elements of a transposed view are in another order."""
        return value not in self._rearranged

    def root_of(self, value: Var) -> Var:
        return self.root.get(value, value)

    def roots_of(self, value: Var) -> list[Var]:
        """Return all roots whose memory a value may share."""
        root = self.root_of(value)
        return [root, *self.shows.get(root, ())]

    def put_inside(self, part: Var, whole: Var) -> None:
        """Record that a root is computed in the memory of another one."""
        self.last[whole] = max(self.last[whole], self.last[part])
        for shown in self.shows.values():
            if part in shown:
                shown.append(whole)
        self.shows.setdefault(part, []).append(whole)


class Concatenated:
    """Values that are computed directly in their part of the array that a `concatenate` makes of them.

    Attributes
    ----------
    inside : dict of Var to (Var, int, int)
        The array that a value is a part of, and where it starts and stops there.
    rest : dict of Call to list of (Var, int, int)
        For each such `concatenate`, the parts that have to be copied.
    """

    def __init__(self, program: Program, lifetimes: Lifetimes) -> None:
        self.inside: dict[Var, tuple[Var, int, int]] = {}
        self.rest: dict[Call, list[tuple[Var, int, int]]] = {}
        made = {value: call for call in program.calls for value in call.outs if takes_out(call)}
        wanted = {lifetimes.root_of(value) for value in values_in(program.outputs, [])}
        initial = {value: variable for variable, value in program.variables}
        stored = {id(variable) for variable, _ in program.assigned}
        for i, call in enumerate(program.calls):
            parts = _parts_of(call)
            if parts is None:
                continue
            at, rest = 0, []
            for part in parts:
                root, end = lifetimes.root_of(part), at + part.size
                maker = made.get(root)
                ours = maker is not None or (root in initial and id(initial[root]) in stored)
                # A call that reads the long array may write over it: a part that is read later keeps its own memory.
                alone = root in initial or lifetimes.last[root] <= i
                free = alone and root not in self.inside and root not in wanted
                if ours and free and root.dtype == part.dtype and lifetimes.is_reshaped(part):
                    self.inside[root] = call.outs[0], at, end
                    lifetimes.put_inside(root, call.outs[0])
                else:
                    rest.append((part, at, end))
                at = end
            self.rest[call] = rest


def _parts_of(call: Call) -> list[Var] | None:
    """Return the parts of a `concatenate` of arrays of one axis and one dtype, or None."""
    if (
        call.fn is not np.concatenate
        or call.kwargs.get("axis", 0) != 0
        or not call.kwargs.keys() <= {"axis"}
        or len(call.args) != 1
    ):
        return None
    parts = call.args[0]
    dtype = call.outs[0].dtype
    if not isinstance(parts, (tuple, list)) or any(
        part.__class__ is not Var or part.ndim != 1 or part.dtype != dtype for part in parts
    ):
        return None
    return list(parts)


class Pool:
    """The free buffers, by their size."""

    def __init__(self) -> None:
        self._free: list[tuple[int, int, Any]] = []
        self._count = 0

    def take(self, nbytes: int) -> Any:
        """Take a free buffer that is not much larger than needed, or return None."""
        i = bisect.bisect_left(self._free, (nbytes, -1, None))
        if i < len(self._free) and self._free[i][0] <= max(nbytes * 3 // 2, 64):
            return self._free.pop(i)[2]
        return None

    def give(self, nbytes: int, buffer: Any) -> None:
        self._count += 1
        bisect.insort(self._free, (nbytes, self._count, buffer))


def may_overwrite(call: Call, operand: Var, out: Var) -> bool:
    """Whether a call may write its output over an operand that nobody reads afterwards."""
    if operand.shape != out.shape or operand.dtype != out.dtype or operand.order != out.order:
        return False
    if call.__class__ is Loop:
        return call.may_overwrite(operand, out)
    if call.fn is operations.setitem:
        return call.args[0] is operand and operand not in values_in(call.args[1:], [])
    # NumPy rounds the product of single complex numbers otherwise in place.
    elementwise = is_elementwise(call) and call.fn is not np.where and not (out.dtype.kind == "c" and out.size == 1)
    return elementwise or call.__class__ is Fused


def aligned(shape: tuple[int, ...], dtype: Any) -> np.ndarray[Any, Any]:
    """Return an array that starts at a cache line: loops over blocks of it are a tenth faster."""
    dtype = np.dtype(dtype)
    raw = np.empty(math.prod(shape) * dtype.itemsize + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + math.prod(shape) * dtype.itemsize].view(dtype).reshape(shape)
