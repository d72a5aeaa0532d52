"""Writes the statements of single calls, which stand in the function of a program or in that of a block."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd.program.codegen.buffers import BufferPlanner
from autograd.program.codegen.names import index_text
from autograd.program.ir import Call, Program, Var, map_values
from autograd.program.native import compiled_text
from autograd.program.passes.fuse import Fused
from autograd.program.passes.lower import Constants, reduction_of
from autograd.registry import operations
from autograd.registry.entries import facts_of

# Sums of many short rows, which are computed as products with ones.
_SHORT_ROW, _MANY_ROWS = 128, 64
# For extrema NumPy has SIMD loops for two arrays but not for array and scalar: a scalar operand is expanded to a row,
# where it has one of these lengths.
_SHORTEST_FILLED, _LONGEST_FILLED = 32, 1 << 16


class Statements(BufferPlanner):
    """Writes the statements of calls.

    Attributes
    ----------
    exact : bool
        Whether sums are those of NumPy bit for bit.
    """

    def __init__(
        self, program: Program, function: str, arguments: list[str], exact: bool, taken: Iterable[str]
    ) -> None:
        super().__init__(program, function, arguments, taken)
        self.exact = exact
        self._constants_of_sums = Constants()

    def machine_code(self, call: Fused, operands: list[str], outs: list[str]) -> str:
        """Return the statement of a fused group. An output that is written over an operand is passed once, as that."""
        shared = {k: operands.index(out) for k, out in enumerate(outs) if out in operands}
        fn = compiled_text(call.text(shared))
        found = next((name for name, known in self.module.names.items() if known is fn), None)
        given = [*operands, *[out for k, out in enumerate(outs) if k not in shared]]
        return f"{found or self.given('elements', fn)}({', '.join(given)})"

    def _operands(self, call: Call, expr: Callable[[Any], str], rows: int) -> list[str]:
        """Return the texts of the arguments of a call. ``rows`` is the length of a flat block, or 0 outside of one."""
        texts = [expr(arg) for arg in call.args]
        out = call.outs[0]
        length = rows or (out.shape[-1] if out.ndim else 0)
        # The two loops of NumPy may return another one of 0 and -0.
        if (
            self.exact
            or not facts_of(call.fn).extremum
            or out.dtype.char not in "fd"
            or not _SHORTEST_FILLED <= length <= _LONGEST_FILLED
        ):
            return texts
        for i, arg in enumerate(call.args):
            if arg.__class__ is Var and arg.constant is not None and arg.size == 1:
                texts[i] = self.filled(arg.constant, length) + ("[: stop - start]" if rows else "")
        return texts

    def statement(self, call: Call, expr: Callable[[Any], str], out: str | None, rows: int = 0) -> list[str]:
        """Return the statements of a call that writes into an array. ``expr`` returns the expression of an operand."""
        fn, args = call.fn, self._operands(call, expr, rows) if call.fn is not operations.scatter else []
        if fn is np.astype:
            return [f'{self.numpy("copyto")}({out}, {args[0]}, "unsafe")']
        if fn is operations.setitem:
            same = args[0] == out
            return [
                *([] if same else [f"{self.numpy('copyto')}({out}, {args[0]})"]),
                f"{out}[{index_text(call.args[1], expr)}] = {args[2]}",
            ]
        if fn is operations.scatter:
            return self._scattered(call, expr, out)  # type: ignore[arg-type]
        name = self.function(fn)
        if out is not None and not self.exact and self._is_short_sum(call):
            x = call.args[0]
            ones = self.expr(self._constants_of_sums.ones(x.shape[-1], x.dtype))
            return [f"{self.numpy('dot')}({args[0]}.reshape(-1, {x.shape[-1]}), {ones}, {out}.reshape(-1))"]
        if reduction_of(call) is not None:
            keepdims = ", True" if call.kwargs["keepdims"] else ""
            if out is None:
                return [f"{name}({args[0]}, {self.literal(call.kwargs['axis'])}, None, None{keepdims})"]
            return [f"{name}({args[0]}, {self.literal(call.kwargs['axis'])}, None, {out}{keepdims})"]
        if fn.__class__ is np.ufunc or fn is np.clip or fn is np.dot:
            options = [
                f"{key}={self.literal(np.dtype(each) if key == 'dtype' else each)}" for key, each in call.kwargs.items()
            ]
            # NumPy deprecates a third operand of these two by position.
            written = [] if out is None else [f"out={out}"] if fn in (np.maximum, np.minimum) else [out]
            return [f"{name}({', '.join([*args, *written, *options])})"]
        options = [f"{key}={expr(value)}" for key, value in call.kwargs.items()]
        return [f"{name}({', '.join([*args, *options, *([] if out is None else [f'out={out}'])])})"]

    def _is_short_sum(self, call: Call) -> bool:
        """Whether a call adds up many short rows. A product with ones is several times faster, and rounds no worse."""
        x = call.args[0]
        if (
            call.fn != np.add.reduce
            or x.dtype.char not in "fdFD"
            or x.dtype != call.outs[0].dtype
            or call.kwargs["axis"] != x.ndim - 1
        ):
            return False
        return x.ndim > 1 and 1 < x.shape[-1] <= _SHORT_ROW and x.size >= _MANY_ROWS * x.shape[-1]

    def _scattered(self, call: Call, expr: Callable[[Any], str], out: str) -> list[str]:
        parts, indices = call.args[0], call.args[1]
        lines = [f"{out}.fill(0)"]
        for part, index in zip(parts, indices, strict=True):
            if operations.selects_once(
                map_values(index, lambda leaf: np.empty(leaf.shape, leaf.dtype) if leaf.__class__ is Var else leaf)
            ):
                lines.append(f"{out}[{index_text(index, expr)}] += {expr(part)}")
            else:
                lines.append(f"np.add.at({out}, {self.literal(index)}, {expr(part)})")
        return lines
