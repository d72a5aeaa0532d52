"""Writes a program as a Python module of plain NumPy calls: the text that runs is the text that is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd.program.codegen.lifetimes import is_fresh, takes_out
from autograd.program.codegen.literals import clipped, literal
from autograd.program.codegen.loops import LoopWriter, tuple_text
from autograd.program.codegen.names import Module, dtype_name, index_text
from autograd.program.codegen.statements import Statements
from autograd.program.codegen.text import Function, Text, shown
from autograd.program.ir import Call, Guard, Program, Var, values_in
from autograd.program.passes.blocks import Loop
from autograd.program.passes.fuse import Fused
from autograd.program.passes.lower import is_elementwise, is_static, is_view
from autograd.registry import operations
from autograd.registry.entries import module_of

# Packages whose functions return arrays for arrays.
_RETURN_ARRAYS = frozenset({"numpy", "scipy", "autograd", "nn"})


def is_of_user(fn: Callable[..., Any]) -> bool:
    """Whether a function is an operation of the user's."""
    return module_of(fn).partition(".")[0] not in _RETURN_ARRAYS


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
        Names that the text must not use otherwise: the parameters of the function.
    """
    return _Writer(program, name, arguments, exact, taken).module


class _Writer(Statements):
    """Writes a program call by call."""

    def __init__(
        self, program: Program, function: str, arguments: list[str], exact: bool, taken: Iterable[str]
    ) -> None:
        super().__init__(program, function, arguments, exact, taken)
        self.lay_out_variables(max([i for i, call in enumerate(program.calls) if _may_stop(call)], default=-1))
        for i, call in enumerate(program.calls):
            self._write(i, call)
            self.free(i, call)
        self._finish(function, arguments)

    # ------------------------------------------------------------------------------------------- calls
    def _write(self, i: int, call: Call) -> None:
        if call.__class__ is Loop:
            LoopWriter(self, i, call).write()
        elif call.kind == "guard":
            self._stop_if(*self._condition(call), call)
        elif call.kind == "draw":
            # After a guard that fails, or an error, the next program or the function goes on with the drawn values.
            self._result(call, f"{self.numpy('asarray')}(drawn({self.given('draw', call.fn)}))", True)
        elif call.__class__ is Fused:
            operands = [
                f"{self.numpy('asarray')}({text})" if self._may_be_number(value) else text
                for value, text in self._exprs(call)
            ]
            outs = [self.out(i, call, value) for value in call.outs]
            self.line(self.machine_code(call, operands, outs), call)
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
            for text in self.statement(call, self.literal, out):
                self.line(text, call)
        else:
            self._result(call, f"{self.function(call.fn)}({self._arguments(call)})", is_static(call))

    def _exprs(self, call: Call) -> list[tuple[Var, str]]:
        return [(value, self.expr(value)) for value in call.operands()]

    def _may_be_number(self, value: Var) -> bool:
        """Whether a value may be a NumPy scalar in place of an array without axes."""
        return not value.shape and value not in self.placed and self.name.get(value) in self.temporaries

    def _condition(self, call: Call) -> tuple[str, str]:
        """Return the condition under which a guard fails, and what Python was told in the trace."""
        guard: Guard = call.fn  # type: ignore[assignment]
        outcome, operands = guard.outcome, self._arguments(call)
        text = guard.text.format(operands) if guard.text else f"{self.function(guard.ask)}({operands})"
        if isinstance(outcome, (bool, np.bool_)):
            return f"not {text}" if outcome else text, str(outcome)
        if isinstance(outcome, np.ndarray):
            self.module.arrays.append(known := self.given("c", outcome))
            return f"{text}.tobytes() != {known}.tobytes()", repr(outcome)
        if isinstance(outcome, complex) or (
            isinstance(outcome, float) and (not outcome or outcome != outcome)
        ):  # 0 and -0 differ, NaN is NaN
            return f"repr({text}) != {literal(repr(outcome))}", repr(outcome)
        if isinstance(outcome, (int, float, complex, str)):
            return f"{text} != {self.literal(outcome)}", repr(outcome)
        return f"not {self.given('guard', guard)}({operands})", repr(outcome)

    def _stop_if(self, condition: str, outcome: str, call: Call) -> None:
        """Write a check that ends the run where the program does not hold."""
        self.module.checks += 1
        self.line(f"if {condition}:\n    raise Changed({literal(shown(call))}, {literal(clipped(outcome, 60))})", call)

    def _result(self, call: Call, text: str, static: bool) -> None:
        """Bind the output of a call to a name; unless static, check its shape and dtype."""
        names = [self.temporary() for _ in call.outs]
        self.name.update(zip(call.outs, names, strict=True))
        if call.fn is operations.getitem:
            text = f"{self.expr(call.args[0])}[{self.literal(call.args[1])}]"
            # A tensor copies what it picks from a view to C's order, in which a sum is then added up.
            if self.exact and call.outs[0].ndim > 1 and call.outs[0].order is None:
                text = f"{self.numpy('ascontiguousarray')}({text})"
        if call.several:
            self.line(f"{', '.join(names)}{',' if len(names) == 1 else ''} = {text}", call)
        else:
            self.line(f"{names[0]} = {text}", call)
        if call.kind == "plain" and is_of_user(call.fn):
            for name in names:  # an operation of the user's may return tensors
                self.line(f"{name} = {self.numpy('asarray')}({name})", call)
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
            name = self.temporary()
            self.line(f"{name} = {text}", call)
        self.name[out] = name

    def _view_text(self, call: Call, base: str) -> str:
        if call.fn is operations.getitem:
            index = call.args[1]
            parts = index if isinstance(index, tuple) else (index,)
            # With an ellipsis one element is a view, too.
            return f"{base}[{index_text(parts if call.outs[0].ndim or Ellipsis in parts else (*parts, Ellipsis))}]"
        given = call.args[1]
        if call.fn is np.transpose:
            return f"{base}.T" if given == tuple(range(len(given)))[::-1] else f"{base}.transpose({literal(given)})"
        name = f"{base}.reshape(" if call.fn is np.reshape else f"{self.function(call.fn)}({base}, "
        return f"{name}{self.literal(given)})"

    # ------------------------------------------------------------------------------------------- the end
    def _finish(self, function: str, arguments: list[str]) -> None:
        """Copy new values into the variables, and put the text together."""
        program = self.program
        copies: list[tuple[str, str]] = []
        for variable, value in program.assigned:
            storage, source = self.storage[id(variable)], self.expr(value)
            if self.is_in_place(variable, value):
                continue
            copies.append((storage, source))
        results = self._results()
        if len(copies) > 1:  # a variable may get the old value of another one
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
            module.main._replace(parameters=[*arguments, *module.read_names]),
            True,
            (),
            [f"return {tuple_text(results)}"],
        )
        module.text, module.lines = str(whole), whole.origins

    def _results(self) -> list[str]:
        """Copy results whose memory the program keeps. Return the names of all results."""
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
    """Whether a run may end at a call, by a guard or an error. Variables are not written over before."""
    if call.kind != "plain" or (call.errstate is not None and "raise" in call.errstate.values()):
        return True
    if call.fn is operations.setitem:
        return bool(values_in(call.args[1], []))
    return not (takes_out(call) or is_view(call) or is_elementwise(call))


def _keeps_order(call: Call) -> bool:
    """Whether a view of a contiguous operand is contiguous."""
    if call.fn is operations.getitem:
        first = call.args[1]
        return isinstance(first, (int, np.integer)) or (isinstance(first, slice) and first.step in (None, 1))
    return call.fn is np.reshape
