"""Write a program as a Python module of plain NumPy calls: what runs is what is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd.core import operations
from autograd.program.codegen.buffers import BufferPlanner
from autograd.program.codegen.lifetimes import is_fresh, takes_out
from autograd.program.codegen.names import Module, dtype_name, empty_text, index_text
from autograd.program.codegen.native import compiled_text
from autograd.program.codegen.text import Function, Text, clipped, shown
from autograd.program.ir import Call, Program, Var, map_values, values_in
from autograd.program.passes.blocks import Loop
from autograd.program.passes.fuse import Fused
from autograd.program.passes.lower import Constants, is_elementwise, is_static, is_view, reduction_of

# The rows that are added up as products with ones.
_SHORT_ROW, _MANY_ROWS = 128, 64
# Functions that NumPy does with vector instructions for two arrays, but not for an array and a number: that stands in a
# row of such lengths.
_OF_TWO_ARRAYS = frozenset({np.maximum, np.minimum, np.fmax, np.fmin})
_SHORTEST_FILLED, _LONGEST_FILLED = 32, 1 << 16


def write(program: Program, name: str, arguments: list[str], exact: bool = False, taken: Iterable[str] = ()) -> Module:
    """Write a program as a module with one function.

    Parameters
    ----------
    program : Program
    name : str
        Of the function.
    arguments : list of str
        The names of the inputs.
    exact : bool
        Whether sums are those of NumPy bit for bit.
    taken : iterable of str
        Names that must not stand for anything else.
    """
    return _Writer(program, name, arguments, exact, taken).module


class _Writer(BufferPlanner):
    """Writes every call."""

    def __init__(
        self, program: Program, function: str, arguments: list[str], exact: bool, taken: Iterable[str]
    ) -> None:
        super().__init__(program, function, arguments, taken)
        self.exact = exact
        self._constants_of_sums = Constants()
        self.lay_out_variables(max([i for i, call in enumerate(program.calls) if _may_stop(call)], default=-1))
        for i, call in enumerate(program.calls):
            self._write(i, call)
            self.free(i, call)
        self._finish(function, arguments)

    # ------------------------------------------------------------------------------------------- calls
    def _write(self, i: int, call: Call) -> None:
        if call.__class__ is Loop:
            self._write_loop(i, call)
        elif call.kind == "guard":
            self._stop_if(*self._another(call), call)
        elif call.kind == "draw":
            # What was drawn before a guard that fails, or an error, is what the next program, or the function, goes on
            # with.
            self._result(call, f"{self.numpy('asarray')}(drawn({self.given('draw', call.fn)}))", True)
        elif call.__class__ is Fused:
            operands = [
                f"{self.numpy('asarray')}({text})" if self._may_be_number(value, text) else text
                for value, text in self._exprs(call)
            ]
            outs = [self.out(i, call, value) for value in call.outs]
            self.line(self._machine_code(call, operands, outs), call)
        elif is_view(call):
            self._write_view(call)
        elif call in self.concatenated.rest:
            out = self.name.get(call.outs[0]) or self.out(i, call, call.outs[0])
            for part, start, stop in self.concatenated.rest[call]:
                self.line(f"{out}[{start}:{stop}] = {self.expr(part)}", call)
        elif takes_out(call) and (call.outs[0].size or call.fn.__class__ is np.ufunc):
            operands = [self.expr(value) for value in call.operands()]
            out = self.out(i, call, call.outs[0])
            del operands
            for text in self._statement(call, self.literal, out):
                self.line(text, call)
        else:
            self._result(call, f"{self.function(call.fn)}({self._arguments(call)})", is_static(call))

    def _exprs(self, call: Call) -> list[tuple[Var, str]]:
        return [(value, self.expr(value)) for value in call.operands()]

    def _may_be_number(self, value: Var, text: str) -> bool:
        """Whether NumPy may have returned a number for a value, in place of an array without axes."""
        return not value.shape and value not in self.placed and text.startswith("v")

    def _machine_code(self, call: Fused, operands: list[str], outs: list[str]) -> str:
        """Return the statement that does a run of calls. An output that is written over an operand is passed as that
        alone.
        """
        shared = {k: operands.index(out) for k, out in enumerate(outs) if out in operands}
        fn = compiled_text(call.text(shared))
        found = next((name for name, known in self.module.names.items() if known is fn), None)
        given = [*operands, *[out for k, out in enumerate(outs) if k not in shared]]
        return f"{found or self.given('elements', fn)}({', '.join(given)})"

    def _another(self, call: Call) -> tuple[str, str]:
        """Return the text that asks whether Python would be told something else than in the trace, and what it was
        told.
        """
        answer: Any = call.fn
        outcome, operands = answer.outcome, self._arguments(call)
        text = answer.text.format(operands) if answer.text else f"{self.function(answer.ask)}({operands})"
        if isinstance(outcome, (bool, np.bool_)):
            return f"not {text}" if outcome else text, str(outcome)
        if isinstance(outcome, np.ndarray):
            self.module.arrays.append(known := self.given("c", outcome))
            return f"{text}.tobytes() != {known}.tobytes()", repr(outcome)
        if isinstance(outcome, complex) or (
            isinstance(outcome, float) and (not outcome or outcome != outcome)
        ):  # 0 and -0 differ, NaN is NaN
            return f"repr({text}) != {repr(outcome)!r}", repr(outcome)
        if isinstance(outcome, (int, float, complex, str)):
            return f"{text} != {self.literal(outcome)}", repr(outcome)
        return f"not {self.given('guard', answer)}({operands})", repr(outcome)

    def _stop_if(self, condition: str, outcome: str, call: Call) -> None:
        """Write a check that the program holds."""
        self.module.checks += 1
        self.line(f"if {condition}:\n    raise Changed({shown(call)!r}, {clipped(outcome, 60)!r})", call)

    def _result(self, call: Call, text: str, static: bool) -> None:
        """Bind what a call returns, and see that it has the shape and the dtype of the trace."""
        names = [self.new("v") for _ in call.outs]
        self.name.update(zip(call.outs, names, strict=True))
        if call.fn is operations.getitem:
            text = f"{self.expr(call.args[0])}[{self.literal(call.args[1])}]"
        if call.several:
            self.line(f"{', '.join(names)}{',' if len(names) == 1 else ''} = {text}", call)
        else:
            self.line(f"{names[0]} = {text}", call)
        if not static:
            for name, out in zip(names, call.outs, strict=True):
                dtype = dtype_name(out.dtype)
                self._stop_if(
                    f"{name}.shape != {out.shape} or {name}.dtype != np.{dtype}", f"{dtype} of shape {out.shape}", call
                )

    def _arguments(self, call: Call) -> str:
        parts = [self.literal(arg) for arg in call.args]
        return ", ".join(parts + [f"{key}={self.literal(value)}" for key, value in call.kwargs.items()])

    def _write_view(self, call: Call) -> None:
        x, out = call.args[0], call.outs[0]
        base = self.expr(x)
        text = self._view_text(call, base)
        if (x in self.placed or x.constant is not None) and not (call.fn is np.reshape and x in self.scattered):
            name = self.new("b")
            self.derive(name, base, text)
            self.placed.add(out)
            if x in self.scattered or not _keeps_order(call):
                self.scattered.add(out)
        else:
            name = self.new("v")
            self.line(f"{name} = {text}", call)
        self.name[out] = name

    def _view_text(self, call: Call, base: str) -> str:
        if call.fn is operations.getitem:
            index = call.args[1]
            parts = index if isinstance(index, tuple) else (index,)
            # An ellipsis makes a view of one element, too.
            return f"{base}[{index_text(parts if call.outs[0].ndim or Ellipsis in parts else (*parts, Ellipsis))}]"
        given = call.args[1]
        if call.fn is np.transpose:
            return f"{base}.T" if given == tuple(range(len(given)))[::-1] else f"{base}.transpose({given})"
        return f"{base}.reshape({given})" if call.fn is np.reshape else f"{self.function(call.fn)}({base}, {given})"

    def _operands(self, call: Call, expr: Callable[[Any], str], rows: int) -> list[str]:
        """Return the texts of the arguments of a call, which may stand in a loop over so many rows of flat arrays."""
        texts = [expr(arg) for arg in call.args]
        out = call.outs[0]
        length = rows or (out.shape[-1] if out.ndim else 0)
        # Of two zeros that differ in their sign, NumPy takes one or the other there.
        if (
            self.exact
            or call.fn not in _OF_TWO_ARRAYS
            or out.dtype.char not in "fd"
            or not _SHORTEST_FILLED <= length <= _LONGEST_FILLED
        ):
            return texts
        for i, arg in enumerate(call.args):
            if arg.__class__ is Var and arg.constant is not None and arg.size == 1:
                texts[i] = self.filled(arg.constant, length) + ("[: stop - start]" if rows else "")
        return texts

    def _statement(self, call: Call, expr: Callable[[Any], str], out: str | None, rows: int = 0) -> list[str]:
        """Return the statements of a call that writes into an array, with the operands as ``expr`` names them."""
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
                return [f"{name}({args[0]}, {call.kwargs['axis']}, None, None{keepdims})"]
            return [f"{name}({args[0]}, {call.kwargs['axis']}, None, {out}{keepdims})"]
        if fn.__class__ is np.ufunc or fn is np.clip or fn is np.dot:
            options = [
                f"{key}={self.literal(np.dtype(each) if key == 'dtype' else each)}" for key, each in call.kwargs.items()
            ]
            # NumPy discourages a third operand of these two by position.
            written = [] if out is None else [f"out={out}"] if fn in (np.maximum, np.minimum) else [out]
            return [f"{name}({', '.join([*args, *written, *options])})"]
        options = [f"{key}={expr(value)}" for key, value in call.kwargs.items()]
        return [f"{name}({', '.join([*args, *options, *([] if out is None else [f'out={out}'])])})"]

    def _is_short_sum(self, call: Call) -> bool:
        """Whether a call adds up short rows: as a product with ones this takes a fraction of the time, and rounds no
        worse.
        """
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
            if operations.is_basic(
                map_values(index, lambda leaf: np.empty(leaf.shape, leaf.dtype) if leaf.__class__ is Var else leaf)
            ):
                lines.append(f"{out}[{index_text(index, expr)}] += {expr(part)}")
            else:
                lines.append(f"np.add.at({out}, {self.literal(index)}, {expr(part)})")
        return lines

    # ------------------------------------------------------------------------------------------- loops
    def _write_loop(self, i: int, loop: Loop) -> None:
        """Write the function that does one block, and the call that does all of them."""
        name = self.new("block")
        operands = [self.expr(value) for value in loop.args]
        del operands
        parts: dict[Var, str] = {}
        passed: dict[str, str] = {}  # parameters of the function, and what is passed
        lines: list[tuple[str, Call | None]] = []
        known: dict[str, str] = {}  # flat views and blocks that have a name already

        def whole(value: Var) -> str:
            text = self.name[value]
            flat = loop.flat and value.ndim > 1
            if value in self.placed and not (flat and value in self.scattered):
                if flat and text not in known:
                    known[text] = self.new("b")
                    self.derive(known[text], text, f"{text}.reshape(-1)")
                return known[text] if flat else text
            passed[text] = f"{text}.reshape(-1)" if flat else text
            return text

        def block(value: Var, kind: str) -> str:
            text = f"{whole(value)}[start:stop]"
            if text not in known:
                known[text] = self.new(kind)
                lines.append((f"{known[text]} = {text}", None))
            return known[text]

        for value in loop.args:
            parts[value] = block(value, "x") if loop.is_sliced(value) else whole(value)
        after: list[str] = []
        for value in loop.outs:
            out = self.out(i, loop, value)
            if value in loop.sums:
                partial = self.new("p")
                self.make(partial, (-(-loop.length // loop.rows), *value.shape), value.dtype)
                parts[value] = partial
                reduce = self.function(loop.sums[value].reduce)
                after.append(f"{reduce}({partial}, 0, None, {out})")
            else:
                parts[value] = block(value, "y")
        scratch = self._write_block(loop, parts, lines)
        parameters = ["k", "start", "stop", *[t for t, _, _ in scratch], *passed]
        arrays = [empty_text(shape, dtype) for _, shape, dtype in scratch]
        self.module.blocks.append(Function(name, parameters, lines, arrays))
        for _, shape, dtype in scratch:
            size = dtype.itemsize
            for n in shape:
                size *= n
            self.module.nbytes += size
        self.line(
            f"in_blocks({name}, {loop.length}, {loop.rows}, {_scratch(name, arrays)}, {_tuple(passed.values())})", loop
        )
        for text in after:
            self.line(text, loop)

    def _write_block(
        self, loop: Loop, parts: dict[Var, str], lines: list[tuple[str, Call | None]]
    ) -> list[tuple[str, tuple[int, ...], Any]]:
        """Write the calls of one block, and return the scratch arrays that they need: name, shape and dtype."""
        last = {value: i for i, call in enumerate(loop.body) for value in call.operands()}
        scratch: list[tuple[str, tuple[int, ...], Any]] = []
        free: dict[Any, list[str]] = {}
        held: dict[Var, tuple[Any, str]] = {}

        def expr(arg: Any) -> str:
            return parts[arg] if arg in parts else self.literal(arg)

        def place(value: Var, call: Call, dying: list[Var]) -> str:
            if value not in parts:
                key = ((loop.rows,) if loop.flat else (loop.rows, *value.shape[1:])), value.dtype
                # NumPy rounds single complex numbers otherwise in place.
                in_place = call.__class__ is Fused or (is_elementwise(call) and value.dtype.kind != "c")
                reused = next((each for each in dying if held[each][0] == key and in_place), None)
                if reused is not None and not _shown_elsewhere(loop, reused):
                    parts[value] = held.pop(reused)[1]
                    dying.remove(reused)
                elif free.get(key):
                    parts[value] = free[key].pop()
                else:
                    parts[value] = self.new("t")
                    scratch.append((parts[value], *key))
                held[value] = key, parts[value]
            return parts[value]

        for i, call in enumerate(loop.body):
            dying = [each for each in dict.fromkeys(call.operands()) if last[each] == i and each in held]
            value = call.outs[0]
            if call.__class__ is Fused:
                operands = [expr(each) for each in call.args]
                outs = [place(each, call, dying) for each in call.outs]
                lines.append((self._machine_code(call, operands, outs), call))
            elif value in loop.sums:
                part = call.like(kwargs={"axis": None, "keepdims": False}) if loop.flat else call
                lines.append((f"{parts[value]}[k] = {self._statement(part, expr, None)[0]}", call))
            elif call.fn is np.where or call.fn is np.reshape:
                if call.fn is np.where:
                    text = f"{self.numpy('where')}({', '.join(map(expr, call.args))})"
                else:
                    text = f"{expr(call.args[0])}.reshape({(-1, *value.shape[1:])})"
                if value in parts:
                    lines.append((f"{parts[value]}[...] = {text}", call))
                else:
                    parts[value] = self.new("x")
                    lines.append((f"{parts[value]} = {text}", call))
            else:
                rows = loop.rows if loop.flat else 0
                lines.extend((text, call) for text in self._statement(call, expr, place(value, call, dying), rows))
            for each in dying:
                if not _shown_elsewhere(loop, each):
                    key, name = held.pop(each)
                    free.setdefault(key, []).append(name)
        return scratch

    # ------------------------------------------------------------------------------------------- the end
    def _finish(self, function: str, arguments: list[str]) -> None:
        """Write what is copied at the end, and put the text together."""
        program = self.program
        copies: list[tuple[str, str]] = []
        for variable, value in program.assigned:
            storage, source = self.storage[id(variable)], self.expr(value)
            if self.is_in_place(variable, value):
                continue
            copies.append((storage, source))
        results = self._results()
        if len(copies) > 1:  # a variable may get the value that another one had
            for k, (storage, source) in enumerate(copies):
                held = self.new("v")
                self.line(f"{held} = {source}.copy()" if source.isidentifier() else f"{held} = {source}", None)
                copies[k] = storage, held
        for storage, source in copies:
            self.line(f"{storage}[...] = {source}", None)
        self._assemble(function, arguments, results)

    def _assemble(self, function: str, arguments: list[str], results: list[str]) -> None:
        """Put the text together."""
        program, module = self.program, self.module
        module.results = results
        module.main = Function(function, arguments, self.body, [])
        module.imports = ["import numpy as np", *sorted(key for key in self.aliases if key.startswith("import"))]
        if self.imports:
            module.imports.append(f"from numpy import {', '.join(sorted(self.imports))}")
        module.memory = [*[f"{key} = {text}" for key, text in self.aliases.items() if text], *self.header]
        whole = Text()
        whole.add(*module.imports, "", *module.memory, "", "")
        for block in module.blocks:
            whole.add_function(block)
        module.read_names = [
            self.name[value] for variable, value in program.variables if id(variable) not in self.storage
        ]
        whole.add_function(
            module.main._replace(parameters=[*arguments, *module.read_names]), True, (), [f"return {_tuple(results)}"]
        )
        module.text, module.lines = str(whole), whole.origins

    def _results(self) -> list[str]:
        """Write the copies of what is returned and lies in memory that is not the receiver's, and return the names of
        all that is returned.
        """
        results: list[str] = []
        for value in values_in(self.program.outputs, []):
            text = self.expr(value)
            fresh = value in self.maker and value not in self.placed and self.lifetimes.root_of(value) is value
            if not fresh or not is_fresh(self.program.calls[self.maker[value]]) or text in results:
                text, source = self.new("out"), text
                self.line(f"{text} = np.array({source})", None)
            results.append(text)
        return results


def _may_stop(call: Call) -> bool:
    """Whether a run may end at a call: at a guard, or by an error. Variables are not written over before."""
    if call.kind != "plain" or (call.errstate is not None and "raise" in call.errstate.values()):
        return True
    if call.fn is operations.setitem:
        return bool(values_in(call.args[1], []))
    return not (takes_out(call) or is_view(call) or is_elementwise(call))


def _keeps_order(call: Call) -> bool:
    """Whether the elements of a view lie one after the other where those of its operand do."""
    if call.fn is operations.getitem:
        first = call.args[1]
        return isinstance(first, (int, np.integer)) or (isinstance(first, slice) and first.step in (None, 1))
    return call.fn is np.reshape


def _shown_elsewhere(loop: Loop, value: Var) -> bool:
    """Whether a reshape shows the memory of a value under another name."""
    return any(call.fn is np.reshape and call.args[0] is value for call in loop.body)


def _tuple(texts: Iterable[str]) -> str:
    texts = list(texts)
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def _scratch(name: str, arrays: list[str]) -> str:
    return f"{name}_scratch" if arrays else "[]"
