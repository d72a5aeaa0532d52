"""Runs of elementwise calls as machine code, where numba is installed: one loop over the elements, without arrays in
between.

What numba does better than NumPy is arithmetic, which it does at one reading of the operands, and everything on short
arrays, which cost NumPy more to begin than to do. The `exp` and `tanh` of long arrays stay with NumPy: it has them as
vector instructions, and numba's package has not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.program.codegen.native import has_numba
from autograd.program.ir import Call, Program, Var
from autograd.program.passes.lower import is_elementwise, is_view
from autograd.program.passes.sink import FusedGroup, Schedule, Step

# The elements up to which the functions of `_SLOW` are quicker one by one than NumPy is to begin.
_SHORT = 64
# How many calls become one function, which takes about 5 ms each to compile for the first time.
_MOST_CALLS = 1000
_MOST_WAITING = 256
# From how many elements on, made by the arithmetic of a loop in all, it is compiled unasked: NumPy takes half a
# millisecond for them.
_WORTH_COMPILING = 1 << 20

_ARITHMETIC: dict[Any, str] = {
    np.add: "{} + {}",
    np.subtract: "{} - {}",
    np.multiply: "{} * {}",
    np.true_divide: "{} / {}",
    np.negative: "-{}",
    np.square: "{0} * {0}",
    np.absolute: "abs({})",
    np.sqrt: "math.sqrt({})",
    np.maximum: "np.maximum({}, {})",
    np.minimum: "np.minimum({}, {})",
    np.greater: "{} > {}",
    np.greater_equal: "{} >= {}",
    np.less: "{} < {}",
    np.less_equal: "{} <= {}",
    np.equal: "{} == {}",
    np.not_equal: "{} != {}",
    np.logical_not: "not {}",
    np.where: "{1} if {0} else {2}",
    np.astype: "{}",
}
# Of two zeros that differ in their sign, NumPy itself takes one or the other.
_EITHER_ZERO = (np.maximum, np.minimum)
_SLOW: dict[Any, str] = {
    np.exp: "math.exp({})",
    np.expm1: "math.expm1({})",
    np.log: "math.log({})",
    np.log1p: "math.log1p({})",
    np.sin: "math.sin({})",
    np.cos: "math.cos({})",
    np.tan: "math.tan({})",
    np.arctan: "math.atan({})",
    np.sinh: "math.sinh({})",
    np.cosh: "math.cosh({})",
    np.tanh: "math.tanh({})",
    np.power: "{} ** {}",
}
_DTYPES = ("float32", "float64", "bool")


class Fused(Call):
    """A run of elementwise calls, done element by element.

    Attributes
    ----------
    body : list of Call
    flat : bool
        Whether arrays have one axis there, whatever shape they have in the program: it stands in a loop over blocks.
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
        """Return a function of the operands and the outputs as Python. Its names do not depend on the program, so that
        equal runs share it.

        Parameters
        ----------
        shared : dict of int to int
            The outputs that take the place of an operand. They are one argument: two would keep the compiler from
            vector instructions.
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
        """Return the index of the element that belongs to one of the output."""
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
    """Join runs of elementwise calls of one shape. To the bit only arithmetic is the same.

    Parameters
    ----------
    program : Program
    exact : bool
    everywhere : bool
        Otherwise only in loops over blocks, and only in those that soon make up for the seconds that it takes to
        compile them.
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
    """Whether NumPy writes so much in a loop that it is worth compiling where nobody asked for it."""
    return sum(call.outs[0].size for call in loop.body if _is_fit(call, loop.flat, exact)) >= _WORTH_COMPILING


def _lasting(program: Program) -> set[Var]:
    """Return what a program makes for others, with what that is a view of."""
    found = set(program.results())
    for call in reversed(program.calls):
        if is_view(call) and call.outs[0] in found:
            found.add(call.args[0])
    return found


def _fused(calls: list[Call], wanted: set[Var], flat: bool, exact: bool) -> list[Call]:
    """Return calls with those that are done element by element in runs, each run as one call."""
    steps = Schedule(_runs(calls, flat, exact), wanted)
    steps.sink()
    fused: list[Call] = []
    for step in steps.steps:
        if isinstance(step, FusedGroup):
            fused.append(Fused(step.body, steps.written(step), flat) if len(step.body) > 1 else step.body[0])
        else:
            fused.append(step)
    return fused


def _runs(calls: list[Call], flat: bool, exact: bool) -> list[Step]:
    """Return calls with runs of those that are done sooner element by element, each as early as it can be done, in
    another order where needed.
    """
    steps: list[Step] = []
    todo: list[Step] = [*calls[::-1]]
    while todo:
        first = todo.pop()
        if isinstance(first, FusedGroup) or not _is_fit(first, flat, exact):
            steps.append(first)
            continue
        taken, before, body, after = _gathered(first, todo, flat, exact)
        if len(body) < 2:
            before, after = [], taken
        todo.extend(after[::-1])
        todo.append(FusedGroup(body))
        todo.extend(before[::-1])  # among them may be runs of other shapes
    return steps


def _gathered(
    first: Call, todo: list[Step], flat: bool, exact: bool
) -> tuple[list[Call], list[Call], list[Call], list[Call]]:
    """Take calls from the end of a list. Return all that were taken, and of these what comes before, in and after a
    run.
    """
    taken: list[Call] = []
    before: list[Call] = []
    body: list[Call] = [first]
    after: list[Call] = []
    inside: set[Var] = set(first.outs)
    late: set[Var] = set()
    while todo and len(after) < _MOST_WAITING and len(body) < _MOST_CALLS:
        call = todo[-1]
        if (
            isinstance(call, FusedGroup) or call.kind == "guard"
        ):  # what stands behind a guard may be meant for other values, and fail
            break
        taken.append(call)
        todo.pop()
        operands = call.operands()
        waits = any(value in late for value in operands)
        if not waits and call.outs and call.outs[0].shape == first.outs[0].shape and _is_fit(call, flat, exact):
            body.append(call)
            inside.update(call.outs)
        elif waits or call.kind != "plain" or any(value in inside for value in operands):
            after.append(call)
            late.update(call.outs)
        else:
            before.append(call)
    return taken, before, body, after


def _is_number(value: Var) -> bool:
    return value.constant is not None and value.size == 1 and value.ndim == 0 and value.dtype.name in _DTYPES


def _is_fit(call: Call, flat: bool, exact: bool) -> bool:
    """Whether a call is done sooner element by element."""
    if (
        not is_elementwise(call)
        or call.errstate is not None
        or any(value.dtype.name not in _DTYPES for value in (*call.outs, *call.operands()))
    ):
        return False
    if (call.fn.__class__ is np.ufunc and not all(arg.__class__ is Var for arg in call.args)) or not call.outs[0].size:
        return False
    if exact and call.fn in _EITHER_ZERO:
        return False
    if call.fn not in _ARITHMETIC:
        return (
            call.fn in _SLOW
            and not exact
            and not flat
            and call.outs[0].size <= _SHORT
            and call.outs[0].dtype.kind == "f"
        )
    if call.fn is np.where or call.fn is np.astype:
        return all(arg.__class__ is Var for arg in call.args[: 3 if call.fn is np.where else 1])
    # Truth values are added and compared in other ways than numbers.
    return any(arg.dtype.kind == "f" for arg in call.args) or call.fn is np.logical_not


def _expression(call: Call, names: dict[Var, str]) -> str:
    """Return the text of one element of a call."""
    out = call.outs[0]
    values = [arg for arg in call.args if arg.__class__ is Var]
    if call.fn.__class__ is np.ufunc:
        dtypes = call.fn.resolve_dtypes(
            (*[value.dtype for value in values], call.kwargs.get("dtype") and np.dtype(call.kwargs["dtype"]))
        )
    else:
        dtypes = (np.dtype(bool), out.dtype, out.dtype) if call.fn is np.where else (values[0].dtype,)
    operands = [_as(value, dtype, names) for value, dtype in zip(values, dtypes, strict=False)]
    text = (_ARITHMETIC.get(call.fn) or _SLOW[call.fn]).format(*operands)
    return (
        text
        if out.dtype.name == "float64" and call.fn is not np.astype
        else f"np.{'bool_' if out.dtype.kind == 'b' else out.dtype.name}({text})"
    )


def _as(value: Var, dtype: Any, names: dict[Var, str]) -> str:
    """Return the text of an element in a dtype."""
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
