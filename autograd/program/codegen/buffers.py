"""Plans memory: each value gets a buffer, a part of one, or a variable's own array."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd.program.codegen.lifetimes import Concatenated, Lifetimes, Pool, may_overwrite, takes_out
from autograd.program.codegen.names import Names, dtype_name, empty_text
from autograd.program.ir import Call, Program, Var, values_in
from autograd.registry import operations

# Arrays of so many bytes, made at each run, are deleted as soon as nobody reads them.
_WORTH_FREEING = 1 << 9
# Outputs of so many bytes are written over older ones that nobody holds any more: the first touch of new memory is
# slow.
_WORTH_KEEPING = 1 << 16


class BufferPlanner(Names):
    """Assigns memory to the values of a program, call by call."""

    def __init__(self, program: Program, function: str, arguments: list[str], taken: Iterable[str] = ()) -> None:
        super().__init__(function, arguments, taken)
        self.program = program
        self.lifetimes = Lifetimes(program)
        self.concatenated = Concatenated(program, self.lifetimes)
        self._views: dict[Var, list[Var]] = {}
        for view, root in self.lifetimes.root.items():
            self._views.setdefault(root, []).append(view)
        self.maker = {value: i for i, call in enumerate(program.calls) for value in call.outs}
        # Placed values that are not contiguous: a reshape copies them.
        self.scattered: set[Var] = set()
        self._pool = Pool()
        self._buffer: dict[Var, tuple[int, Any]] = {}  # the buffer that a root returns to the pool
        self._arena_of: dict[str, str] = {}
        self._wanted = {value for value in values_in(program.outputs, []) if value.constant is None}
        for value, argument in zip(program.inputs, arguments, strict=True):
            self.name[value] = argument

    def lay_out_variables(self, last_stop: int) -> None:
        """Give each assigned variable an array of the module; concatenated ones get adjacent parts of one array."""
        self._last_stop = last_stop
        stored = {id(variable): variable for variable, _ in self.program.assigned}
        initial = {id(variable): value for variable, value in self.program.variables}
        for variable, value in self.program.variables:
            if id(variable) not in stored:
                self.name[value] = self.free_name(variable.name)
                self.module.reads.append(variable)
        whole: dict[Var, str] = {}
        for key, variable in stored.items():
            value = initial[key]
            name = self.free_name(variable.name)
            if value in self.concatenated.inside:
                joined, start, stop = self.concatenated.inside[value]
                if joined not in whole:
                    whole[joined] = arena = self.new("weights")
                    self.make(arena, joined.shape, joined.dtype)
                    self.name[joined] = arena
                    self.placed.add(joined)
                    self.module.arenas[arena] = []
                self.derive(name, whole[joined], f"{whole[joined]}[{start}:{stop}].reshape({value.shape})")
            else:
                self.make(name, value.shape, value.dtype)
                self.module.arenas[name] = []
            self.name[value] = name
            self.placed.add(value)
            self.module.stores.append((variable, name))
        self.storage = {id(variable): name for variable, name in self.module.stores}
        self.direct = self._written_in_place(whole, initial)

    def _written_in_place(self, whole: dict[Var, str], initial: dict[int, Var]) -> dict[Var, str]:
        """Return the values that can be written over the variables that they replace, with the name of the memory."""
        found: dict[Var, str] = {}
        arenas: dict[Var, list[bool]] = {}
        for variable, value in self.program.assigned:
            before, root = initial[id(variable)], self.lifetimes.root_of(value)
            if root not in self.maker or root in self._wanted or root in self.concatenated.inside:
                continue
            if before in self.concatenated.inside:
                joined, start, stop = self.concatenated.inside[before]
                if root.shape == joined.shape and self.window(value) == (start, stop):
                    arenas.setdefault((root, joined), []).append(True)  # type: ignore[arg-type]
            elif root is value and value not in found and self._may_replace(root, before):
                found[value] = self.storage[id(variable)]
        for (root, joined), parts in arenas.items():  # type: ignore[misc]
            if len(parts) == sum(
                inside is joined for inside, _, _ in self.concatenated.inside.values()
            ) and self._may_replace(root, joined):
                found[root] = whole[joined]
        return found

    def window(self, value: Var) -> tuple[int, int] | None:
        """Return which elements of a value of one axis a view shows, in order."""
        while value in self.maker:
            call = self.program.calls[self.maker[value]]
            if call.fn is np.reshape:
                value = call.args[0]
            elif call.fn is operations.getitem and call.args[1].__class__ is slice and call.args[1].step in (None, 1):
                start, stop, _ = call.args[1].indices(call.args[0].size)
                return (start, stop) if self.lifetimes.root_of(call.args[0]) is call.args[0] else None
            else:
                return None
        return None

    def _may_replace(self, value: Var, before: Var) -> bool:
        """Whether a value may be written over an older one: nobody reads that later, and no guard or error can end the
        run after it.
        """
        position = self.maker[value]
        call = self.program.calls[position]
        roots = {before} | {part for part, (joined, _, _) in self.concatenated.inside.items() if joined is before}
        last = max(self.lifetimes.last.get(root, -1) for root in roots)
        if (
            position < self._last_stop
            or not takes_out(call)
            or value.shape != before.shape
            or value.dtype != before.dtype
        ):
            return False
        shown = any(
            root in roots for other in call.operands() if other is not before for root in self.lifetimes.roots_of(other)
        )
        return last < position or (last == position and not shown and may_overwrite(call, before, value))

    def make(self, name: str, shape: tuple[int, ...], dtype: Any, order: tuple[int, ...] | None = None) -> None:
        self.header.append(f"{name} = {in_order(lambda shape: empty_text(shape, dtype), shape, order)}")
        size = 1
        for n in shape:
            size *= n
        self.module.nbytes += size * dtype.itemsize

    def derive(self, name: str, base: str, text: str) -> None:
        """Write the statement that makes a view, once and for all."""
        self.header.append(f"{name} = {text}")
        arena = self._arena_of.get(base, base)
        if arena in self.module.arenas:
            self._arena_of[name] = arena
            self.module.arenas[arena].append(f"{name} = {text}")

    def out(self, i: int, call: Call, value: Var) -> str:
        """Return the name of the array that a call writes into; make one if needed."""
        if value in self.concatenated.inside:
            joined, start, stop = self.concatenated.inside[value]
            if joined not in self.name:
                self.out(i, call, joined)
            name = self.new("b")
            if joined in self.placed:
                self.derive(name, self.name[joined], f"{self.name[joined]}[{start}:{stop}].reshape({value.shape})")
            else:
                self.line(f"{name} = {self.name[joined]}[{start}:{stop}].reshape({value.shape})")
                self.name[value] = name
                return name
        elif value in self.direct:
            name = self.direct[value]
        elif value in self._wanted:
            name = self.new("out")

            def made(shape: tuple[int, ...]) -> str:
                text = f"{shape}, np.{dtype_name(value.dtype)}"
                return f"{self.numpy('empty')}({text})" if value.nbytes < _WORTH_KEEPING else f"fresh({name!r}, {text})"

            self.line(f"{name} = {in_order(made, value.shape, value.order)}")
            self.name[value] = name
            return name
        else:
            name = self._shared(i, call, value)
        self.name[value] = name
        self.placed.add(value)
        return name

    def _shared(self, i: int, call: Call, value: Var) -> str:
        """Take the buffer of an operand that dies here, or a free one, or a new one."""
        for operand in call.operands():
            dies = operand in self._buffer and self.lifetimes.last[operand] == i
            shown = any(operand in self.lifetimes.roots_of(other) for other in call.operands() if other is not operand)
            if dies and not shown and may_overwrite(call, operand, value):
                self._buffer[value] = self._buffer.pop(operand)
                return self.name[operand]
        if value.order is not None:
            name = self.new("b")
            self.make(name, value.shape, value.dtype, value.order)
            self.scattered.add(value)
            return name
        found = self._pool.take(value.nbytes)
        if found is None:
            name = self.new("b")
            self.make(name, value.shape, value.dtype)
            self._buffer[value] = (value.nbytes, (name, value.shape, value.dtype))
            return name
        base, shape, dtype = found
        nbytes = np.dtype(dtype).itemsize
        for n in shape:
            nbytes *= n
        self._buffer[value] = (nbytes, found)
        if (shape, dtype) == (value.shape, value.dtype):
            return base
        name = self.new("b")
        part = f"{base}.reshape(-1)"
        if dtype != value.dtype or nbytes != value.nbytes:
            part += f".view(np.uint8)[:{value.nbytes}].view(np.{dtype_name(value.dtype)})"
        self.derive(name, base, f"{part}.reshape({value.shape})")
        return name

    def free(self, i: int, call: Call) -> None:
        """Free the memory of values that nobody reads any more."""
        for root in [root for value in (*call.operands(), *call.outs) for root in self.lifetimes.roots_of(value)]:
            if self.lifetimes.last.get(root) != i:
                continue
            if root in self.concatenated.inside:
                continue
            if root in self._buffer:
                self._pool.give(*self._buffer.pop(root))
            elif root not in self.placed and root.nbytes >= _WORTH_FREEING and self.name.get(root) in self.temporaries:
                names = [self.name.pop(each) for each in (root, *self._views.get(root, ())) if each in self.name]
                self.line(f"del {', '.join(names)}")

    def is_in_place(self, variable: Any, value: Var) -> bool:
        """Whether the new value of a variable was computed in the memory of the variable."""
        root = self.lifetimes.root_of(value)
        if root not in self.direct:
            return False
        initial = {id(each): first for each, first in self.program.variables}[id(variable)]
        inside = self.concatenated.inside.get(initial)
        if inside is None:  # a value that two variables get lies in the place of one
            return root is value and self.direct[root] == self.storage[id(variable)]
        return self.direct[root] == self.name[inside[0]] and self.window(value) == inside[1:]


def in_order(made: Callable[[tuple[int, ...]], str], shape: tuple[int, ...], order: tuple[int, ...] | None) -> str:
    """Return the text that makes an array with its axes in a memory order, from that of one in C's order."""
    if order is None:
        return made(shape)
    back = tuple([order.index(i) for i in range(len(order))])
    return f"{made(tuple([shape[i] for i in order]))}.transpose({back})"
