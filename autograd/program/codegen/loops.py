"""Writes loops over blocks: the function that computes one block, and the call that runs it on all blocks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.program.codegen.names import empty_text
from autograd.program.codegen.statements import Statements
from autograd.program.codegen.text import Function
from autograd.program.ir import Call, Var
from autograd.program.passes.blocks import Loop
from autograd.program.passes.fuse import Fused
from autograd.program.passes.lower import is_elementwise

# The shape and the dtype of a scratch array.
Kind = tuple[tuple[int, ...], Any]


class LoopWriter:
    """Writes one loop.

    Parameters
    ----------
    writer : Statements
        Writes the module.
    position : int
        Of the loop in the program.
    loop : Loop
    """

    def __init__(self, writer: Statements, position: int, loop: Loop) -> None:
        self.writer = writer
        self.position = position
        self.loop = loop
        self.name = writer.new("block")
        self._lines: list[tuple[str, Call | None]] = []
        self._parts: dict[Var, str] = {}  # the expression of each value in a block
        self._passed: dict[str, str] = {}  # the parameters of the function, and their arguments
        self._known: dict[str, str] = {}  # the names of flat views and slices
        self._last = {value: i for i, call in enumerate(loop.body) for value in call.operands()}
        self._scratch: list[tuple[str, Kind]] = []
        self._free: dict[Kind, list[str]] = {}
        self._held: dict[Var, tuple[Kind, str]] = {}  # the scratch array that a value is in

    def write(self) -> None:
        """Write the function of a block, and the statements that run the loop."""
        loop, writer = self.loop, self.writer
        for value in loop.args:
            writer.expr(value)
        for value in loop.args:
            self._parts[value] = self._sliced(value, "x") if loop.is_sliced(value) else self._whole(value)
        after = self._write_outputs()
        for i, call in enumerate(loop.body):
            self._write_call(i, call)
        parameters = ["k", "start", "stop", *[name for name, _ in self._scratch], *self._passed]
        arrays = [empty_text(*kind) for _, kind in self._scratch]
        writer.module.blocks.append(Function(self.name, parameters, self._lines, arrays))
        writer.module.nbytes += sum(math.prod(shape) * dtype.itemsize for _, (shape, dtype) in self._scratch)
        scratch = f"{self.name}_scratch" if arrays else "[]"
        passed = tuple_text(self._passed.values())
        writer.line(f"in_blocks({self.name}, {loop.length}, {loop.rows}, {scratch}, {passed})", loop)
        for text in after:
            writer.line(text, loop)

    def _write_outputs(self) -> list[str]:
        """Make the outputs of the loop. Return the statements that combine partial sums after it."""
        loop, writer = self.loop, self.writer
        after: list[str] = []
        for value in loop.outs:
            out = writer.out(self.position, loop, value)
            if value in loop.sums:
                partial = self._parts[value] = writer.new("p")
                writer.make(partial, (-(-loop.length // loop.rows), *value.shape), value.dtype)
                after.append(f"{writer.function(loop.sums[value].reduce)}({partial}, 0, None, {out})")
            else:
                self._parts[value] = self._sliced(value, "y")
        return after

    # ------------------------------------------------------------------------------------------- operands
    def _whole(self, value: Var) -> str:
        """Return the expression of an array in a block: a parameter, unless the array is placed."""
        text = self.writer.name[value]
        flat = self.loop.flat and value.ndim > 1
        if value not in self.writer.placed or (flat and value in self.writer.scattered):
            self._passed[text] = f"{text}.reshape(-1)" if flat else text
            return text
        if not flat:
            return text
        if text not in self._known:
            self._known[text] = self.writer.new("b")
            self.writer.derive(self._known[text], text, f"{text}.reshape(-1)")
        return self._known[text]

    def _sliced(self, value: Var, kind: str) -> str:
        """Return the name of the slice of an array in a block."""
        text = f"{self._whole(value)}[start:stop]"
        if text not in self._known:
            self._known[text] = self.writer.new(kind)
            self._lines.append((f"{self._known[text]} = {text}", None))
        return self._known[text]

    def _expr(self, arg: Any) -> str:
        return self._parts[arg] if arg in self._parts else self.writer.literal(arg)

    # ------------------------------------------------------------------------------------------- calls
    def _write_call(self, i: int, call: Call) -> None:
        """Write a call of a block."""
        dying = [each for each in dict.fromkeys(call.operands()) if self._last[each] == i and each in self._held]
        value, loop = call.outs[0], self.loop
        if call.__class__ is Fused:
            operands = [self._expr(each) for each in call.args]
            outs = [self._array(each, call, dying) for each in call.outs]
            self._lines.append((self.writer.machine_code(call, operands, outs), call))
        elif value in loop.sums:
            part = call.like(kwargs={"axis": None, "keepdims": False}) if loop.flat else call
            text = self.writer.statement(part, self._expr, None)[0]
            self._lines.append((f"{self._parts[value]}[k] = {text}", call))
        elif call.fn is np.where or call.fn is np.reshape:
            self._write_new(call)
        else:
            out, rows = self._array(value, call, dying), loop.rows if loop.flat else 0
            self._lines.extend((text, call) for text in self.writer.statement(call, self._expr, out, rows))
        for each in dying:
            if not self._shares_memory(each):
                kind, name = self._held.pop(each)
                self._free.setdefault(kind, []).append(name)

    def _write_new(self, call: Call) -> None:
        """Write a call that cannot write into a given array."""
        value = call.outs[0]
        if call.fn is np.where:
            text = f"{self.writer.numpy('where')}({', '.join(map(self._expr, call.args))})"
        else:
            text = f"{self._expr(call.args[0])}.reshape({(-1, *value.shape[1:])})"
        if value in self._parts:
            self._lines.append((f"{self._parts[value]}[...] = {text}", call))
        else:
            self._parts[value] = self.writer.new("x")
            self._lines.append((f"{self._parts[value]} = {text}", call))

    def _array(self, value: Var, call: Call, dying: list[Var]) -> str:
        """Return the array that a call writes into: an output of the loop, the scratch array of an operand that dies
        here, a free one, or a new one.
        """
        if value in self._parts:
            return self._parts[value]
        loop = self.loop
        kind = ((loop.rows,) if loop.flat else (loop.rows, *value.shape[1:])), value.dtype
        # NumPy rounds single complex numbers otherwise in place.
        in_place = call.__class__ is Fused or (is_elementwise(call) and value.dtype.kind != "c")
        reused = next((each for each in dying if self._held[each][0] == kind and in_place), None)
        if reused is not None and not self._shares_memory(reused):
            name = self._held.pop(reused)[1]
            dying.remove(reused)
        elif self._free.get(kind):
            name = self._free[kind].pop()
        else:
            name = self.writer.new("t")
            self._scratch.append((name, kind))
        self._parts[value] = name
        self._held[value] = kind, name
        return name

    def _shares_memory(self, value: Var) -> bool:
        """Whether a reshape shares the memory of a value."""
        return any(call.fn is np.reshape and call.args[0] is value for call in self.loop.body)


def tuple_text(texts: Iterable[str]) -> str:
    """Return the text of a tuple."""
    texts = list(texts)
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"
