"""Write a program as a Python module of plain NumPy calls: what runs is what is shown."""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import operations
from autograd.program.ir import Call, Program, Value, map_values, values_in
from autograd.program.loops import Loop
from autograd.program.lower import is_elementwise, is_view, reduction_of
from autograd.program.memory import Joined, Lives, Pool, may_overwrite, takes_out
from autograd.recording import Line
from autograd.registry import module_of

# Functions that are not asked whether their result has the shape that it had in the trace, since that follows from the shapes of the operands.
_STATIC_MODULES = ("numpy.linalg", "numpy.fft", "scipy.special", "scipy.linalg")
_STATIC = frozenset(
    {np.where, np.take, np.take_along_axis, np.concatenate, np.stack, np.cumsum, np.cumprod, np.sort, np.argsort, np.einsum, np.tensordot, np.outer,
     np.argmax, np.argmin, np.var, np.std, np.flip, np.roll, np.pad, np.sum, np.max, np.min, np.mean, np.prod, np.real, np.imag, np.tile,
     operations.scatter, operations.setitem, operations.nan_to_num}
)  # fmt: skip
# From how many bytes on memory that is made at each run is given back as soon as nobody reads it.
_WORTH_FREEING = 1 << 20


class Module:
    """A program as the text of a Python module.

    Attributes
    ----------
    text : str
    names : dict of str to Any
        What the module finds there that its text does not make: large constants, functions, arrays of the program around.
    arrays : list of str
        Those of these names that are constant arrays.
    functions : dict of str to callable
        Those that are functions which are not NumPy's.
    reads : list of Variable
        The variables whose arrays are arguments of the function, after those of the inputs.
    stores : list of (Variable, str)
        The variables that live in an array of the module, and its name.
    arenas : dict of str to list of str
        For each array in which variables live, the statements that make views of it.
    lines : dict of int to (str, int)
        The line of the user's program for lines of the text.
    nbytes : int
        The memory that the module makes once.
    """

    def __init__(self) -> None:
        self.text = ""
        self.names: dict[str, Any] = {}
        self.arrays: list[str] = []
        self.functions: dict[str, Callable[..., Any]] = {}
        self.reads: list[Any] = []
        self.stores: list[tuple[Any, str]] = []
        self.arenas: dict[str, list[str]] = {}
        self.lines: dict[int, Line] = {}
        self.nbytes = 0


def write(program: Program, name: str, arguments: list[str], exact: bool = False) -> Module:
    """Write a program as a module with one function.

    Parameters
    ----------
    program : Program
    name : str
        Of the function.
    arguments : list of str
        The names of the inputs.
    exact : bool
        Not used by the text itself; programs that must give every bit have been kept from loops that add in another order before.
    """
    return _Writer(program, name, arguments).module


class _Writer:
    """Places every value, and writes every call."""

    def __init__(self, program: Program, function: str, arguments: list[str]) -> None:
        self.program = program
        self.module = Module()
        self.lives = Lives(program)
        self.joined = Joined(program, self.lives)
        self.pool = Pool()
        self.taken: set[str] = {"np", function, *arguments}
        self.name: dict[Value, str] = {}
        self.placed: set[Value] = set()
        self.buffer: dict[Value, tuple[int, Any]] = {}  # what a root gives back to the pool
        self.imports: set[str] = set()
        self.aliases: dict[str, str] = {}
        self.constants: dict[Any, str] = {}
        self.header: list[str] = []
        self.helpers: list[str] = []
        self.body: list[tuple[str, Call | None]] = []
        self.arena_of: dict[str, str] = {}
        self.counts: dict[str, int] = {}
        self.wanted = {value for value in values_in(program.outputs, []) if value.constant is None}
        self.last_guard = max([i for i, call in enumerate(program.calls) if call.kind == "guard" or self._is_checked(call)], default=-1)
        self.maker = {value: i for i, call in enumerate(program.calls) for value in call.outs}

        for value, argument in zip(program.inputs, arguments, strict=True):
            self.name[value] = argument
        self._lay_out_variables()
        for i, call in enumerate(program.calls):
            self._write(i, call)
            self._free(i, call)
        self._finish(function, arguments)

    # ------------------------------------------------------------------------------------------- names
    def _new(self, kind: str) -> str:
        """Return a name that is not taken: the kind and a number."""
        while True:
            number = self.counts[kind] = self.counts.get(kind, -1) + 1
            if f"{kind}{number}" not in self.taken:
                self.taken.add(f"{kind}{number}")
                return f"{kind}{number}"

    def _free_name(self, wanted: str) -> str:
        base = "".join(c if c.isalnum() else "_" for c in wanted).strip("_") or "variable"
        base = base if not base[0].isdigit() else f"v_{base}"
        if base in self.taken or base in _RESERVED:
            return self._new(f"{base}_")
        self.taken.add(base)
        return base

    def expr(self, value: Any) -> str:
        """Return what stands for an operand in the text."""
        if value.__class__ is not Value:
            return self._literal(value)
        found = self.name.get(value)
        if found is None:
            if value.captured is not None:
                found = self._given("a", value.captured)
                self.module.arrays.append(found)
            elif value.constant is not None:
                found = self._constant(value.constant)
                self.placed.add(value)
            else:
                raise KeyError(f"{value} is read before it is made")
            self.name[value] = found
        return found

    def _constant(self, array: Any) -> str:
        key = array.dtype, array.shape, array.tobytes() if array.size <= 16 else id(array)
        if key not in self.constants:
            self.constants[key] = name = self._new("c")
            if array.ndim == 0 and array.dtype.kind in "biuf" and np.isfinite(array):
                self.header.append(f"{name} = np.array({array.item()!r}, np.{array.dtype.name})")
            else:
                self.module.names[name] = array
                self.module.arrays.append(name)
        return self.constants[key]

    def _given(self, kind: str, thing: Any) -> str:
        name = self._new(kind)
        self.module.names[name] = thing
        return name

    def _literal(self, nest: Any) -> str:
        """Return the text of an argument: of a nest, with the names of the values in it."""
        kind = nest.__class__
        if kind is Value:
            return self.expr(nest)
        if kind is slice:
            return f"slice({', '.join(self._literal(each) for each in (nest.start, nest.stop, nest.step))})"
        if kind is tuple:
            return f"({', '.join(map(self._literal, nest))}{',' if len(nest) == 1 else ''})"
        if kind is list:
            return f"[{', '.join(map(self._literal, nest))}]"
        if nest is None or nest is Ellipsis or kind in (bool, int, str):
            return repr(nest)
        if kind in (float, complex) and np.isfinite(nest):
            return repr(nest)
        if isinstance(nest, np.dtype):
            return f"np.dtype({nest.name!r})" if nest.kind == "b" else f"np.{nest.name}"
        if isinstance(nest, (np.integer, np.bool_)):
            return repr(nest.item())
        key = ("given", id(nest))
        if key not in self.constants:
            self.constants[key] = self._given("k", nest)
        return self.constants[key]

    def _function(self, fn: Any) -> str:
        """Return the text that names a function, and see that the module finds it."""
        ufunc = getattr(fn, "__self__", None)
        if ufunc.__class__ is np.ufunc and fn == ufunc.reduce:
            alias = f"{ufunc.__name__}_reduce"
            self.aliases[alias] = f"np.{ufunc.__name__}.reduce"
            return alias
        path = f"{module_of(fn)}.{getattr(fn, '__name__', '')}"
        module, _, name = path.rpartition(".")
        if module.split(".")[0] in ("numpy", "scipy") and getattr(sys.modules.get(module), name, None) is fn:
            if module == "numpy":
                self.imports.add(name)
                self.taken.add(name)
                return name
            if module.startswith("scipy"):
                self.aliases.setdefault(f"import {module}", "")
                return path
            return "np" + path.removeprefix("numpy")
        for name, known in self.module.functions.items():
            if known is fn:
                return name
        name = self._free_name(getattr(fn, "__name__", "fn"))
        self.module.functions[name] = self.module.names[name] = fn
        return name

    # ------------------------------------------------------------------------------------------- memory
    def _lay_out_variables(self) -> None:
        """Give each variable that is assigned an array of the module, in which it lives; those that are joined lie side by side."""
        stored = {id(variable): variable for variable, _ in self.program.assigned}
        initial = {id(variable): value for variable, value in self.program.variables}
        for variable, value in self.program.variables:
            if id(variable) not in stored:
                self.name[value] = self._free_name(variable.name)
                self.module.reads.append(variable)
        whole: dict[Value, str] = {}
        for key, variable in stored.items():
            value = initial[key]
            name = self._free_name(variable.name)
            if value in self.joined.inside:
                joined, start, stop = self.joined.inside[value]
                if joined not in whole:
                    whole[joined] = arena = self._new("weights")
                    self._make(arena, joined.shape, joined.dtype)
                    self.name[joined] = arena
                    self.placed.add(joined)
                    self.module.arenas[arena] = []
                self._derive(name, whole[joined], f"{whole[joined]}[{start}:{stop}].reshape({value.shape})")
            else:
                self._make(name, value.shape, value.dtype)
                self.module.arenas[name] = []
            self.name[value] = name
            self.placed.add(value)
            self.module.stores.append((variable, name))
        self.storage = {id(variable): name for variable, name in self.module.stores}
        self.direct = self._written_in_place(whole, initial)

    def _written_in_place(self, whole: dict[Value, str], initial: dict[int, Value]) -> dict[Value, str]:
        """Return the values that can be written over the variables that they replace, and where."""
        found: dict[Value, str] = {}
        arenas: dict[Value, list[bool]] = {}
        for variable, value in self.program.assigned:
            before, root = initial[id(variable)], self.lives.root_of(value)
            if root not in self.maker or root in self.wanted or root in self.joined.inside:
                continue
            if before in self.joined.inside:
                joined, start, stop = self.joined.inside[before]
                if root.shape == joined.shape and self._window(value) == (start, stop):
                    arenas.setdefault((root, joined), []).append(True)  # type: ignore[arg-type]
            elif root is value and value not in found and self._may_replace(root, before):
                found[value] = self.storage[id(variable)]
        for (root, joined), parts in arenas.items():  # type: ignore[misc]
            if len(parts) == sum(inside is joined for inside, _, _ in self.joined.inside.values()) and self._may_replace(root, joined):
                found[root] = whole[joined]
        return found

    def _window(self, value: Value) -> tuple[int, int] | None:
        """Return which elements of a value of one axis a view shows, in order."""
        while value in self.maker:
            call = self.program.calls[self.maker[value]]
            if call.fn is np.reshape:
                value = call.args[0]
            elif call.fn is operations.getitem and call.args[1].__class__ is slice and call.args[1].step in (None, 1):
                start, stop, _ = call.args[1].indices(call.args[0].size)
                return start, stop
            else:
                return None
        return None

    def _may_replace(self, value: Value, before: Value) -> bool:
        """Whether a value may be written over an older one: nobody reads that later, and no guard can send the run back to the start."""
        position = self.maker[value]
        call = self.program.calls[position]
        roots = {before} | {part for part, (joined, _, _) in self.joined.inside.items() if joined is before}
        last = max(self.lives.last.get(root, -1) for root in roots)
        if position < self.last_guard or not takes_out(call) or value.shape != before.shape or value.dtype != before.dtype:
            return False
        return last < position or (last == position and may_overwrite(call, before, value) and roots.isdisjoint(set(call.operands()) - {before}))

    def _make(self, name: str, shape: tuple[int, ...], dtype: Any) -> None:
        self.header.append(f"{name} = np.empty({shape}, np.{_dtype_name(dtype)})")
        size = 1
        for n in shape:
            size *= n
        self.module.nbytes += size * dtype.itemsize

    def _derive(self, name: str, base: str, text: str) -> None:
        """Write the statement that makes a view, once and for all."""
        self.header.append(f"{name} = {text}")
        arena = self.arena_of.get(base, base)
        if arena in self.module.arenas:
            self.arena_of[name] = arena
            self.module.arenas[arena].append(f"{name} = {text}")

    def _out(self, i: int, call: Call, value: Value) -> str:
        """Return the name of the array that a call writes into, and see that there is one."""
        if value in self.joined.inside:
            joined, start, stop = self.joined.inside[value]
            if joined not in self.name:
                self._out(i, call, joined)
            name = self._new("b")
            if joined in self.placed:
                self._derive(name, self.name[joined], f"{self.name[joined]}[{start}:{stop}].reshape({value.shape})")
            else:
                self.body.append((f"{name} = {self.name[joined]}[{start}:{stop}].reshape({value.shape})", None))
        elif value in self.direct:
            name = self.direct[value]
        elif value in self.wanted:
            name = self._new("out")
            self.body.append((f"{name} = empty({value.shape}, np.{_dtype_name(value.dtype)})", None))
            self.imports.add("empty")
            self.name[value] = name
            return name
        else:
            name = self._shared(i, call, value)
        self.name[value] = name
        self.placed.add(value)
        return name

    def _shared(self, i: int, call: Call, value: Value) -> str:
        """Take the buffer of an operand that nobody reads any more, or one that is free, or a new one."""
        for operand in call.operands():
            dies = operand in self.buffer and self.lives.last[operand] == i
            shown = any(self.lives.root_of(other) is operand for other in call.operands() if other is not operand)
            if dies and not shown and may_overwrite(call, operand, value):
                self.buffer[value] = self.buffer.pop(operand)
                return self.name[operand]
        found = self.pool.take(value.nbytes)
        if found is None:
            name = self._new("b")
            self._make(name, value.shape, value.dtype)
            self.buffer[value] = (value.nbytes, (name, value.shape, value.dtype))
            return name
        base, shape, dtype = found
        nbytes = np.dtype(dtype).itemsize
        for n in shape:
            nbytes *= n
        self.buffer[value] = (nbytes, found)
        if (shape, dtype) == (value.shape, value.dtype):
            return base
        name = self._new("b")
        part = f"{base}.reshape(-1)"
        if dtype != value.dtype or nbytes != value.nbytes:
            part += f".view(np.uint8)[:{value.nbytes}].view(np.{_dtype_name(value.dtype)})"
        self._derive(name, base, f"{part}.reshape({value.shape})")
        return name

    def _free(self, i: int, call: Call) -> None:
        """Give back the memory of what nobody reads any more."""
        for value in (*call.operands(), *call.outs):
            root = self.lives.root_of(value)
            if self.lives.last.get(root) != i:
                continue
            if root in self.joined.inside:
                continue
            if root in self.buffer:
                self.pool.give(*self.buffer.pop(root))
            elif root not in self.placed and root.nbytes >= _WORTH_FREEING and self.name.get(root, "").startswith("v"):
                self.body.append((f"del {self.name[root]}", None))
                del self.name[root]

    # ------------------------------------------------------------------------------------------- calls
    def _write(self, i: int, call: Call) -> None:
        if call.__class__ is Loop:
            self._write_loop(i, call)
        elif call.kind == "guard":
            name = self._given("guard", call.fn)
            self._line(f"if not {name}({self._arguments(call)}): raise Changed({name!r})", call)
        elif call.kind == "draw":
            self._result(call, f"asarray({self._given('draw', call.fn)}())", True)
            self.imports.add("asarray")
        elif is_view(call):
            self._write_view(call)
        elif call in self.joined.rest:
            out = self.name.get(call.outs[0]) or self._out(i, call, call.outs[0])
            for part, start, stop in self.joined.rest[call]:
                self._line(f"{out}[{start}:{stop}] = {self.expr(part)}", call)
        elif takes_out(call) and (call.outs[0].size or call.fn.__class__ is np.ufunc):
            operands = [self.expr(value) for value in call.operands()]
            out = self._out(i, call, call.outs[0])
            del operands
            for text in self._statement(call, self._literal, out):
                self._line(text, call)
        else:
            self._result(call, f"{self._function(call.fn)}({self._arguments(call)})", self._is_static(call))

    def _is_checked(self, call: Call) -> bool:
        """Whether the shape of what a call returns may depend on values."""
        return call.kind == "plain" and not takes_out(call) and not is_view(call) and not self._is_static(call)

    def _is_static(self, call: Call) -> bool:
        return call.fn.__class__ is np.ufunc or call.fn in _STATIC or module_of(call.fn).startswith(_STATIC_MODULES) or (
            call.fn is operations.getitem and not any(value.dtype.kind == "b" for value in values_in(call.args[1], []))
        )

    def _result(self, call: Call, text: str, static: bool) -> None:
        """Bind what a call returns, and see that it has the shape and the dtype of the trace."""
        names = [self._new("v") for _ in call.outs]
        self.name.update(zip(call.outs, names, strict=True))
        if call.fn is operations.getitem:
            text = f"{self.expr(call.args[0])}[{self._literal(call.args[1])}]"
        if call.several:
            self._line(f"{', '.join(names)}{',' if len(names) == 1 else ''} = {text}", call)
        else:
            self._line(f"{names[0]} = {text}", call)
        if not static:
            for name, out in zip(names, call.outs, strict=True):
                self._line(f"if {name}.shape != {out.shape} or {name}.dtype != np.{_dtype_name(out.dtype)}: raise Changed({name!r})", call)

    def _arguments(self, call: Call) -> str:
        parts = [self._literal(arg) for arg in call.args]
        return ", ".join(parts + [f"{key}={self._literal(value)}" for key, value in call.kwargs.items()])

    def _write_view(self, call: Call) -> None:
        x, out = call.args[0], call.outs[0]
        base = self.expr(x)
        text = self._view_text(call, base)
        if x in self.placed or x.constant is not None:
            name = self._new("b")
            self._derive(name, base, text)
            self.placed.add(out)
        else:
            name = self._new("v")
            self._line(f"{name} = {text}", call)
        self.name[out] = name

    def _view_text(self, call: Call, base: str) -> str:
        if call.fn is operations.getitem:
            index = call.args[1]
            return f"{base}[{_index_text(index)}]"
        return f"{self._function(call.fn)}({base}, {self._literal(call.args[1])})"

    def _statement(self, call: Call, expr: Callable[[Any], str], out: str | None) -> list[str]:
        """Return the statements of a call that writes into an array, with the operands as ``expr`` names them."""
        fn, args = call.fn, [expr(arg) for arg in call.args] if call.fn is not operations.scatter else []
        if fn is np.astype:
            self.imports.add("copyto")
            return [f'copyto({out}, {args[0]}, "unsafe")']
        if fn is operations.setitem:
            same = args[0] == out
            self.imports.add("copyto")
            return [*([] if same else [f"copyto({out}, {args[0]})"]), f"{out}[{_index_text(call.args[1], expr)}] = {args[2]}"]
        if fn is operations.scatter:
            return self._scattered(call, expr, out)  # type: ignore[arg-type]
        name = self._function(fn)
        if reduction_of(call) is not None:
            keepdims = ", True" if call.kwargs["keepdims"] else ""
            if out is None:
                return [f"{name}({args[0]}, {call.kwargs['axis']}, None, None{keepdims})"]
            return [f"{name}({args[0]}, {call.kwargs['axis']}, None, {out}{keepdims})"]
        if fn.__class__ is np.ufunc or fn is np.clip:
            dtype = f", dtype={self._literal(np.dtype(call.kwargs['dtype']))}" if call.kwargs else ""
            return [f"{name}({', '.join(args)}{'' if out is None else ', ' + out}{dtype})"]
        options = [f"{key}={expr(value)}" for key, value in call.kwargs.items()]
        return [f"{name}({', '.join([*args, *options, *([] if out is None else [f'out={out}'])])})"]

    def _scattered(self, call: Call, expr: Callable[[Any], str], out: str) -> list[str]:
        parts, indices = call.args[0], call.args[1]
        lines = [f"{out}.fill(0)"]
        for part, index in zip(parts, indices, strict=True):
            if operations.is_basic(map_values(index, lambda leaf: np.empty(leaf.shape, leaf.dtype) if leaf.__class__ is Value else leaf)):
                lines.append(f"{out}[{_index_text(index, expr)}] += {expr(part)}")
            else:
                lines.append(f"np.add.at({out}, ({_index_text(index, expr)}), {expr(part)})")
        return lines

    def _line(self, text: str, call: Call | None) -> None:
        self.body.append((text, call))

    # ------------------------------------------------------------------------------------------- loops
    def _write_loop(self, i: int, loop: Loop) -> None:
        """Write the function that does one block, and the call that does all of them."""
        name = self._new("block")
        operands = [self.expr(value) for value in loop.args]
        del operands
        parts: dict[Value, str] = {}
        passed: dict[str, str] = {}  # parameters of the function, and what is passed
        lines: list[tuple[str, Call | None]] = []

        def whole(value: Value) -> str:
            text = self.name[value]
            flat = loop.flat and value.ndim > 1
            if value in self.placed:
                if flat:
                    short = self._new("b")
                    self._derive(short, text, f"{text}.reshape(-1)")
                    return short
                return text
            passed[text] = f"{text}.reshape(-1)" if flat else text
            return text

        for value in loop.args:
            source = self.expr(value) if value.size == 1 and loop.flat else None
            if source is not None and value not in self.placed:
                passed[source] = source
            text = source or whole(value)
            if loop.is_sliced(value):
                parts[value] = local = self._new("x")
                lines.append((f"{local} = {text}[start:stop]", None))
            else:
                parts[value] = text
        after: list[str] = []
        for value in loop.outs:
            out = self._out(i, loop, value)
            if value in loop.sums:
                partial = self._new("p")
                self._make(partial, (-(-loop.length // loop.rows), *value.shape), value.dtype)
                parts[value] = partial
                reduce = self._function(loop.sums[value].reduce)
                after.append(f"{reduce}({partial}, 0, None, {out})")
            else:
                parts[value] = local = self._new("y")
                lines.append((f"{local} = {whole(value)}[start:stop]", None))
        scratch = self._write_block(loop, parts, lines)
        parameters = ["k", "start", "stop", *[t for t, _, _ in scratch], *passed]
        self.helpers.append(f"def {name}({', '.join(parameters)}):")
        self.helpers.extend(f"    {text}" + (f"  # {_shown(call.line)}" if call is not None and call.line else "") for text, call in lines)
        self.helpers.append("")
        arrays = ", ".join(f"np.empty({shape}, np.{_dtype_name(dtype)})" for _, shape, dtype in scratch)
        self.helpers.append(f"{name}_scratch = [{arrays}]")
        self.helpers.extend(["", ""])
        for _, shape, dtype in scratch:
            size = dtype.itemsize
            for n in shape:
                size *= n
            self.module.nbytes += size
        self._line(f"in_blocks({name}, {loop.length}, {loop.rows}, {name}_scratch, ({''.join(f'{each}, ' for each in passed.values())}))", loop)
        for text in after:
            self._line(text, loop)

    def _write_block(self, loop: Loop, parts: dict[Value, str], lines: list[tuple[str, Call | None]]) -> list[tuple[str, tuple[int, ...], Any]]:
        """Write the calls of one block, and return the scratch arrays that they need: name, shape and dtype."""
        last = {value: i for i, call in enumerate(loop.body) for value in call.operands()}
        scratch: list[tuple[str, tuple[int, ...], Any]] = []
        free: dict[Any, list[str]] = {}
        held: dict[Value, tuple[Any, str]] = {}

        def expr(arg: Any) -> str:
            return parts[arg] if arg in parts else self._literal(arg)

        for i, call in enumerate(loop.body):
            value = call.outs[0]
            dying = [each for each in dict.fromkeys(call.operands()) if last[each] == i and each in held]
            if value in loop.sums:
                kept = call
                lines.append((f"{parts[value]}[k] = {self._statement(kept, expr, None)[0]}", call))
            elif call.fn is np.where or call.fn is np.reshape:
                if call.fn is np.where:
                    self.imports.add("where")
                    text = f"where({', '.join(map(expr, call.args))})"
                else:
                    text = f"{expr(call.args[0])}.reshape({(-1, *value.shape[1:])})"
                if value in parts:
                    lines.append((f"{parts[value]}[...] = {text}", call))
                else:
                    parts[value] = self._new("x")
                    lines.append((f"{parts[value]} = {text}", call))
            else:
                if value not in parts:
                    key = ((loop.rows,) if loop.flat else (loop.rows, *value.shape[1:])), value.dtype
                    reused = next((each for each in dying if held[each][0] == key and is_elementwise(call)), None)
                    if reused is not None and not _shown_elsewhere(loop, reused):
                        parts[value] = held.pop(reused)[1]
                        dying.remove(reused)
                    elif free.get(key):
                        parts[value] = free[key].pop()
                    else:
                        parts[value] = self._new("t")
                        scratch.append((parts[value], *key))
                    held[value] = key, parts[value]
                lines.extend((text, call) for text in self._statement(call, expr, parts[value]))
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
            root = self.lives.root_of(value)
            if self.direct.get(root) is not None and (root is value or before_is(self, variable, value)):
                continue
            copies.append((storage, source))
        if len(copies) > 1:  # a variable may get the value that another one had
            for k, (storage, source) in enumerate(copies):
                held = self._new("v")
                self._line(f"{held} = {source}.copy()" if source.isidentifier() else f"{held} = {source}", None)
                copies[k] = storage, held
        for storage, source in copies:
            self._line(f"{storage}[...] = {source}", None)
        results = []
        for value in values_in(program.outputs, []):
            text = self.expr(value)
            fresh = value in self.maker and self.lives.root_of(value) is value and value not in self.placed
            results.append(text if fresh and text not in results else f"np.array({text})")
        self._line(f"return ({''.join(f'{each}, ' for each in results)})", None)
        reads = [self.name[value] for variable, value in program.variables if id(variable) not in self.storage]
        self._assemble(function, [*arguments, *reads])

    def _assemble(self, function: str, parameters: list[str]) -> None:
        module = self.module
        lines = ["import numpy as np"]
        if self.imports:
            lines.append(f"from numpy import {', '.join(sorted(self.imports))}")
        lines.extend(key for key in self.aliases if key.startswith("import"))
        lines.append("")
        lines.extend(f"{key} = {text}" for key, text in self.aliases.items() if text)
        lines.extend(self.header)
        lines.extend(["", ""])
        lines.extend(self.helpers)
        lines.append(f"def {function}({', '.join(parameters)}):")
        errstate: Any = None
        for text, call in self.body:
            state = None if call is None else call.errstate
            if state != errstate:
                errstate = state
                if state is not None:
                    lines.append(f"    with np.errstate({', '.join(f'{key}={value!r}' for key, value in state.items())}):")
            indent = "    " if state is None else "        "
            if call is not None and call.line is not None:
                module.lines[len(lines) + 1] = call.line
                lines.append(f"{indent}{text}  # {_shown(call.line)}")
            else:
                lines.append(f"{indent}{text}")
        module.text = "\n".join(lines) + "\n"


def before_is(writer: _Writer, variable: Any, value: Value) -> bool:
    """Whether a view of what was written in place is the part of the variable that it is assigned to."""
    initial = {id(v): first for v, first in writer.program.variables}[id(variable)]
    inside = writer.joined.inside.get(initial)
    return inside is not None and writer._window(value) == inside[1:]


_RESERVED = frozenset({"in_blocks", "Changed", "k", "start", "stop"})


def _dtype_name(dtype: Any) -> str:
    return "bool_" if dtype.kind == "b" else np.dtype(dtype).name


def _shown_elsewhere(loop: Loop, value: Value) -> bool:
    """Whether a reshape shows the memory of a value under another name."""
    return any(call.fn is np.reshape and call.args[0] is value for call in loop.body)


def _index_text(index: Any, expr: Callable[[Any], str] = repr) -> str:
    """Return an index as it is written between brackets."""
    if index.__class__ is slice:
        parts = ["" if each is None else str(each) for each in (index.start, index.stop, index.step)]
        return ":".join(parts[:2] if index.step is None else parts)
    if index is Ellipsis:
        return "..."
    if isinstance(index, tuple):
        return ", ".join(_index_text(each, expr) for each in index) + ("," if len(index) == 1 else "") if index else "()"
    if isinstance(index, np.integer):
        return repr(index.item())
    return expr(index)


def _shown(line: Line) -> str:
    """Return where a statement comes from, and how it reads there."""
    path, number = line
    return f"{os.path.basename(path)}:{number}  {linecache.getline(path, number).strip()}".rstrip()
