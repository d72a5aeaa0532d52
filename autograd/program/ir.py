"""The intermediate representation of a compiled function: values (`Var`), and the calls that make them, in order.

A program is in static single assignment form: each value is made once, by one call or from outside. A pass reads a
program and returns another one. The records of a tape do not serve as such a form: they identify tensors, and a
program has to follow plain arrays too (cotangents, the arrays inside rules)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.arrays.source_lines import Line

Array = np.ndarray[Any, Any]


class Var:
    """A value of a program: an array, known by its shape and dtype.

    Attributes
    ----------
    shape : tuple of int
    dtype : numpy.dtype
    constant : array or None
        Its value, where that is the same in every run.
    captured : array or None
        An array outside the program. It is read where it lies, since its owner may write into it between two runs.
    order : tuple of int or None
        The axes in the order of their strides, where that is not C's and matters: sums are added up in it.
    """

    __slots__ = ("captured", "constant", "dtype", "order", "shape")

    def __init__(
        self, shape: tuple[int, ...], dtype: np.dtype[Any], constant: Array | None = None, captured: Array | None = None
    ) -> None:
        self.shape = shape
        self.dtype = dtype
        self.constant = constant
        self.captured = captured
        self.order: tuple[int, ...] | None = None

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        size = 1
        for n in self.shape:
            size *= n
        return size

    @property
    def nbytes(self) -> int:
        return self.size * self.dtype.itemsize

    def __repr__(self) -> str:
        kind = "constant" if self.constant is not None else "captured" if self.captured is not None else "value"
        return f"<{kind} {self.dtype}{list(self.shape)} at {id(self):x}>"


class Call:
    """One call of a function.

    Attributes
    ----------
    fn : callable
        A NumPy function, an operation of this package, a `Guard`, or a function that draws or asks for a value.
    args, kwargs
        Values of the program, Python values, and lists, tuples and slices of these.
    outs : tuple of Var
        The outputs: one value, or the items of the sequence that it returns.
    several : bool
        Whether it returns a sequence.
    line : (str, int) or None
        The file and the line of the user's program.
    errstate : dict or None
        How it treats floating-point errors, where that is not as around the program.
    kind : {"plain", "draw", "guard"}
        A plain call depends on its operands alone. A draw gives another value at each run, and is neither left out nor
        repeated. A guard compares its operand with the trace: where they differ, the program does not hold.
    """

    __slots__ = ("args", "errstate", "fn", "kind", "kwargs", "line", "outs", "several")

    def __init__(
        self,
        fn: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        outs: tuple[Var, ...],
        several: bool = False,
        line: Line | None = None,
        errstate: dict[str, Any] | None = None,
        kind: str = "plain",
    ) -> None:
        self.fn = fn
        self.args = args
        self.kwargs = kwargs
        self.outs = outs
        self.several = several
        self.line = line
        self.errstate = errstate
        self.kind = kind

    def operands(self) -> list[Var]:
        """Return the values that it reads, in order."""
        found: list[Var] = []
        for arg in self.args:
            if arg.__class__ is Var:
                found.append(arg)
            else:
                values_in(arg, found)
        for arg in self.kwargs.values():
            values_in(arg, found)
        return found

    def like(
        self, fn: Callable[..., Any] | None = None, args: Any = None, kwargs: Any = None, outs: Any = None
    ) -> Call:
        """Return a copy with another function, other arguments or outputs."""
        return Call(
            self.fn if fn is None else fn,
            self.args if args is None else args,
            self.kwargs if kwargs is None else kwargs,
            self.outs if outs is None else outs,
            self.several,
            self.line,
            self.errstate,
            self.kind,
        )

    def rewired(self, replaced: dict[Var, Var]) -> Call:
        """Return the call with its operands replaced."""
        if not replaced or not any(value in replaced for value in self.operands()):
            return self
        return self.like(args=replace(self.args, replaced), kwargs=replace(self.kwargs, replaced))

    def __repr__(self) -> str:
        return f"{self.outs} = {getattr(self.fn, '__name__', self.fn)}({self.args}, {self.kwargs})"


class Guard:
    """A comparison with what Python was told of a value in the trace: called with the operands of another run, it says
    whether Python would be told the same.

    Attributes
    ----------
    outcome : Any
        The answer in the trace.
    ask : callable
        The question.
    text : str
        The question as text, with a place for the operand; empty where it is a call of ``ask``.
    """

    def __init__(self, outcome: Any, ask: Callable[..., Any], text: str = "") -> None:
        self.outcome = outcome
        self.ask = ask
        self.text = text

    def __call__(self, *args: Any, **kwargs: Any) -> bool:
        found = self.ask(*args, **kwargs)
        if isinstance(self.outcome, np.ndarray):
            return found.tobytes() == self.outcome.tobytes()
        if isinstance(self.outcome, (float, complex)):  # 0 and -0 differ, and NaN is NaN
            return repr(found) == repr(self.outcome)
        return found == self.outcome


class Program:
    """The computation of a function as a straight list of calls.

    Attributes
    ----------
    calls : list of Call
    inputs : list of Var
        The arrays among the arguments.
    variables : list of (Variable, Var)
        The variables that are read, with the value that each has at the beginning.
    assigned : list of (Variable, Var)
        The variables that are assigned at the end.
    outputs : Any
        The result of the function: a nest of values and of constants.
    after : list of callable
        Called at the end of a run.
    """

    def __init__(
        self,
        calls: list[Call],
        inputs: list[Var],
        variables: list[tuple[Any, Var]],
        assigned: list[tuple[Any, Var]],
        outputs: Any,
        after: list[Callable[[], Any]],
    ) -> None:
        self.calls = calls
        self.inputs = inputs
        self.variables = variables
        self.assigned = assigned
        self.outputs = outputs
        self.after = after

    def results(self) -> list[Var]:
        """Return the values that are returned or assigned at the end."""
        found = values_in(self.outputs, [])
        found.extend(value for _, value in self.assigned)
        return found

    def with_calls(self, calls: list[Call], replaced: dict[Var, Var] | None = None) -> Program:
        """Return the program with other calls, and with some values replaced in its results."""
        if not replaced:
            return Program(calls, self.inputs, self.variables, self.assigned, self.outputs, self.after)
        assigned = [(variable, final(value, replaced)) for variable, value in self.assigned]
        return Program(calls, self.inputs, self.variables, assigned, replace(self.outputs, replaced), self.after)


def values_in(nest: Any, found: list[Var]) -> list[Var]:
    """Add the values of a nest of lists, tuples, dicts and slices to a list, and return it."""
    kind = nest.__class__
    if kind is Var:
        found.append(nest)
    elif kind is slice:
        values_in((nest.start, nest.stop, nest.step), found)
    elif isinstance(nest, (tuple, list)):
        for each in nest:
            values_in(each, found)
    elif isinstance(nest, dict):
        for each in nest.values():
            values_in(each, found)
    return found


def map_values(nest: Any, change: Callable[[Any], Any]) -> Any:
    """Replace each leaf of a nest by ``change(leaf)``: each value, and everything that is no list, tuple, dict or
    slice.
    """
    kind = nest.__class__
    if kind is Var:
        return change(nest)
    if kind is slice:
        return slice(*[map_values(each, change) for each in (nest.start, nest.stop, nest.step)])
    if isinstance(nest, (tuple, list)):
        items = [map_values(each, change) for each in nest]
        if isinstance(nest, tuple):
            return type(nest)(*items) if hasattr(nest, "_fields") else tuple(items)
        return items
    if isinstance(nest, dict):
        return {key: map_values(each, change) for key, each in nest.items()}
    return change(nest)


def final(value: Var, replaced: dict[Var, Var]) -> Var:
    """Follow replacements to the last one."""
    while value in replaced:
        value = replaced[value]
    return value


def replace(nest: Any, replaced: dict[Var, Var]) -> Any:
    """Replace values in a nest."""
    if not replaced or not any(value in replaced for value in values_in(nest, [])):
        return nest
    return map_values(nest, lambda leaf: final(leaf, replaced) if leaf.__class__ is Var else leaf)


def readers(program: Program) -> dict[Var, int]:
    """Count how often each value is read, by calls and as a result."""
    counts: dict[Var, int] = {}
    for call in program.calls:
        for value in call.operands():
            counts[value] = counts.get(value, 0) + 1
    for value in program.results():
        counts[value] = counts.get(value, 0) + 1
    return counts


def made_by(program: Program) -> dict[Var, Call]:
    """Return the call that makes each value."""
    return {value: call for call in program.calls for value in call.outs}
