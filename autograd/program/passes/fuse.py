"""Fuses elementwise calls into machine code, where numba is installed: one loop over the elements, without
intermediate arrays.

Numba is faster than NumPy at arithmetic, since it reads each operand once, and at everything on short arrays, where a
call of NumPy costs more than its elements. The `exp` and `tanh` of long arrays stay with NumPy, which has vector
instructions for them; numba has not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.program.ir import Call, Program, Var
from autograd.program.native import has_numba
from autograd.program.passes.gather import gathered
from autograd.program.passes.lower import is_elementwise, is_view
from autograd.program.passes.sink import FusedGroup, Schedule, Step
from autograd.registry.entries import facts_of

# Up to how many elements the transcendental functions take less than the overhead of a NumPy call.
_SHORT = 64
# The most calls in one function. Each takes about 5 ms to compile for the first time.
_MOST_CALLS = 1000
# A loop is compiled unasked if its arithmetic makes so many elements in all, for which NumPy takes half a millisecond.
_WORTH_COMPILING = 1 << 20

_DTYPES = ("float32", "float64", "bool")


class Fused(Call):
    """A group of elementwise calls, computed element by element.

    Attributes
    ----------
    body : list of Call
    flat : bool
        Whether its arrays have one axis, whatever their shape in the program: it stands in a loop over flat blocks.
    """

    __slots__ = ("body", "flat")

    def __init__(self, body: list[Call], outs: tuple[Var, ...], flat: bool) -> None:
        made = {value for call in body for value in call.outs}
        read = dict.fromkeys(
            value for call in body for value in call.operands() if value not in made and not _is_number(value)
        )
        super().__init__(Fused, tuple(read), {}, outs, False, body[0].line, body[0].errstate)
        self.body = body
        self.flat = flat

    def text(self, shared: dict[int, int]) -> str:
        """Return a Python function of the operands and the outputs.

        Its names do not depend on the program, so that equal groups share it.

        Parameters
        ----------
        shared : dict of int to int
            The outputs that are written over an operand, with its number. Both are one argument: two would alias,
            which keeps the compiler from vector instructions.
        """
        names: dict[Var, str] = {}
        ndim = 1 if self.flat else self.outs[0].ndim
        lines: list[str] = []
        before: list[str] = []
        for i, value in enumerate(self.args):
            names[value] = f"x{i}"
            (before if value.size == 1 else lines).append(f"x{i} = a{i}[{self._index(value, ndim)}]")
        for i, call in enumerate(self.body):
            lines.append(f"t{i} = {_expression(call, names)}")
            names[call.outs[0]] = f"t{i}"
        every = ", ".join(f"i{k}" for k in range(ndim)) or "()"
        written = [f"a{shared[i]}" if i in shared else f"o{i}" for i in range(len(self.outs))]
        lines.extend(f"{name}[{every}] = {names[value]}" for name, value in zip(written, self.outs, strict=True))
        parameters = ", ".join(
            [*[f"a{i}" for i in range(len(self.args))], *[name for name in written if name.startswith("o")]]
        )
        begin = [
            "import math",
            "",
            "import numpy as np",
            "",
            "",
            f"def elements({parameters}):",
            *["    " + line for line in before],
        ]
        begin.extend(f"{'    ' * (k + 1)}for i{k} in range({written[0]}.shape[{k}]):" for k in range(ndim))
        return "\n".join([*begin, *["    " * (ndim + 1) + line for line in lines]]) + "\n"

    def _index(self, value: Var, ndim: int) -> str:
        """Return the index of the element of an operand that belongs to one of the output."""
        if value.size == 1:
            return ", ".join("0" for _ in value.shape) or "()"
        if self.flat:
            return "i0"
        before = ndim - value.ndim
        whole = self.outs[0].shape[before:]
        return (
            ", ".join(
                f"i{before + k}" if n == m else "0" for k, (n, m) in enumerate(zip(value.shape, whole, strict=True))
            )
            or "()"
        )


def with_machine_code(program: Program, exact: bool, everywhere: bool) -> Program:
    """Fuse elementwise calls of one shape. With ``exact`` arithmetic only, which alone is the same to the bit.

    Parameters
    ----------
    program : Program
    exact : bool
    everywhere : bool
        Otherwise only in loops over blocks whose gain soon exceeds the time to compile them.
    """
    loops: list[Any] = [call for call in program.calls if _is_loop(call) and (everywhere or _pays(call, exact))]
    if not everywhere and (not loops or not has_numba()):
        return program
    for loop in loops:
        loop.body = _fused(loop.body, set(loop.outs), loop.flat, exact)
    return program.with_calls(_fused(program.calls, _lasting(program), False, exact)) if everywhere else program


def has_machine_code(program: Program) -> bool:
    """Whether a part of a program is machine code."""
    return any(each.__class__ is Fused for call in program.calls for each in (call, *getattr(call, "body", ())))


def _is_loop(call: Call) -> bool:
    return call.__class__ is not Fused and hasattr(call, "body")


def _pays(loop: Any, exact: bool) -> bool:
    """Whether a loop writes so much that compiling it pays where nobody asked for it."""
    return sum(call.outs[0].size for call in loop.body if _is_fit(call, loop.flat, exact)) >= _WORTH_COMPILING


def _lasting(program: Program) -> set[Var]:
    """Return the results of a program, and the values that they are views of."""
    found = set(program.results())
    for call in reversed(program.calls):
        if is_view(call) and call.outs[0] in found:
            found.add(call.args[0])
    return found


def _fused(calls: list[Call], wanted: set[Var], flat: bool, exact: bool) -> list[Call]:
    """Replace groups of calls that are computed element by element by one call each."""
    schedule = Schedule(_groups(calls, flat, exact), wanted)
    schedule.sink()
    fused: list[Call] = []
    for step in schedule.steps:
        if isinstance(step, FusedGroup):
            fused.append(Fused(step.body, schedule.written(step), flat) if len(step.body) > 1 else step.body[0])
        else:
            fused.append(step)
    return fused


def _groups(calls: list[Call], flat: bool, exact: bool) -> list[Step]:
    """Return calls with groups of those that are faster element by element, each as early as its operands allow."""
    steps: list[Step] = []
    todo: list[Step] = [*calls[::-1]]
    while todo:
        first = todo.pop()
        if isinstance(first, FusedGroup) or not _is_fit(first, flat, exact):
            steps.append(first)
            continue

        def takes(call: Call, inside: set[Var], shape: tuple[int, ...] = first.outs[0].shape) -> bool:
            return bool(call.outs) and call.outs[0].shape == shape and _is_fit(call, flat, exact)

        taken, before, body, after = gathered(first, todo, takes, most=_MOST_CALLS)
        if len(body) < 2:
            before, after = [], taken
        todo.extend(after[::-1])
        todo.append(FusedGroup(body))
        todo.extend(before[::-1])  # among them may be groups of other shapes
    return steps


def _is_number(value: Var) -> bool:
    return value.constant is not None and value.size == 1 and value.ndim == 0 and value.dtype.name in _DTYPES


def _is_fit(call: Call, flat: bool, exact: bool) -> bool:
    """Whether a call is faster element by element in machine code."""
    if (
        not is_elementwise(call)
        or call.errstate is not None
        or any(value.dtype.name not in _DTYPES for value in (*call.outs, *call.operands()))
    ):
        return False
    if (call.fn.__class__ is np.ufunc and not all(arg.__class__ is Var for arg in call.args)) or not call.outs[0].size:
        return False
    entry = facts_of(call.fn)
    if not entry.scalar or (exact and (entry.extremum or entry.transcendental)):
        return False
    if entry.transcendental:
        return not flat and call.outs[0].size <= _SHORT and call.outs[0].dtype.kind == "f"
    if call.fn is np.where or call.fn is np.astype:
        return all(arg.__class__ is Var for arg in call.args[: 3 if call.fn is np.where else 1])
    # Booleans are added and compared in another way than numbers.
    return any(arg.dtype.kind == "f" for arg in call.args) or call.fn is np.logical_not


def _expression(call: Call, names: dict[Var, str]) -> str:
    """Return the expression of one element of a call."""
    out = call.outs[0]
    values = [arg for arg in call.args if arg.__class__ is Var]
    if call.fn.__class__ is np.ufunc:
        dtypes = call.fn.resolve_dtypes(
            (*[value.dtype for value in values], call.kwargs.get("dtype") and np.dtype(call.kwargs["dtype"]))
        )
    else:
        dtypes = (np.dtype(bool), out.dtype, out.dtype) if call.fn is np.where else (values[0].dtype,)
    operands = [_as(value, dtype, names) for value, dtype in zip(values, dtypes, strict=False)]
    text = facts_of(call.fn).scalar.format(*operands)
    return (
        text
        if out.dtype.name == "float64" and call.fn is not np.astype
        else f"np.{'bool_' if out.dtype.kind == 'b' else out.dtype.name}({text})"
    )


def _as(value: Var, dtype: Any, names: dict[Var, str]) -> str:
    """Return the expression of an element, converted to a dtype."""
    if not _is_number(value):
        return (
            names[value]
            if value.dtype == dtype
            else f"np.{'bool_' if dtype.kind == 'b' else dtype.name}({names[value]})"
        )
    number = np.asarray(value.constant).astype(dtype).item()
    text = (
        repr(number)
        if math.isfinite(number)
        else "np.nan"
        if number != number
        else f"({'-' if number < 0 else ''}np.inf)"
    )
    return f"np.{dtype.name}({text})" if dtype.name == "float32" else f"({text})" if text.startswith("-") else text
