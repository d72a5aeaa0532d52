"""Who listens to operations: records, recorders, and the stack of recorders that are active.

The stack lives in a context variable, so that threads never share it and an asyncio task changes only its own.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from autograd.core.registry import RULES, Spec, name_of
from autograd.errors import OperandError

_ELSEWHERE = tuple(os.path.dirname(os.path.abspath(path)) + os.sep for path in (os.path.dirname(__file__), np.__file__))

Line = tuple[str, int]


class Record(NamedTuple):
    """One operation on a tape.

    Values are known by number: every tensor has an identity that no other tensor has, and a record names its inputs and
    its output by these. So a record keeps alive only those arrays which a derivative rule needs.

    The tape itself holds plain tuples of these fields, which are quicker to make; ``Record._make`` gives them their
    names.

    Attributes
    ----------
    fn : callable
        The function that was applied.
    args : sequence
        Its arguments: arrays, numbers, and in place of each array that no rule needs a `Spec`, or None where it has the
        shape and dtype of the output.
    kwargs : dict or None
        Its keyword arguments.
    ids : sequence
        The identity of each argument: an int, 0 for what is no tensor, a tuple of these for a list of tensors.
    argnums : tuple of int
        The positions of the arguments that the recorder tracks.
    ans : array, list or None
        The output, if a rule needs it; for several outputs a list of these, or of a `Spec` each.
    output : int or tuple of int
        The identity of the output, or of each output.
    steps : tuple of (int, rule) or None
        The rule of each tracked argument, where the sweep can run them without looking further. See `Plan`.
    """

    fn: Callable[..., Any]
    args: Sequence[Any]
    kwargs: dict[str, Any] | None
    ids: Sequence[Any]
    argnums: tuple[int, ...]
    ans: Any
    output: int | tuple[int, ...]
    steps: tuple[tuple[int, Callable[..., Any] | None], ...] | None


class Carrier(int):
    """The identity of a value that may have tangents, which it carries along: they die with the last that knows the
    value.

    Attributes
    ----------
    tangents : mapping
        The tangent of the value in each forward differentiation that follows it.
    """

    tangents: Mapping[Any, Any] = MappingProxyType({})

    def carry(self, key: Any, tangent: Any) -> None:
        """Take a tangent along."""
        self.tangents = {**self.tangents, key: tangent}

    def drop(self, key: Any) -> None:
        """Leave a tangent behind."""
        self.tangents = {k: t for k, t in self.tangents.items() if k is not key}


class Recorder:
    """Listens to operations: knows which values it tracks, and keeps a record of each operation on one of them.

    Attributes
    ----------
    tracked : set of int, or what answers as one
        The identities of the values that are watched or were computed from watched ones.
    records : list of tuple
        In the order of execution, with the fields of a `Record`.
    add : callable
        Takes one record.
    keep_values : bool
        Whether records keep every value, and not only those that a rule needs.
    lines : list of (str, int) or None
        The file and the line of the program from which each recorded operation was called, where that was asked for.
    on_sweep : callable or None
        For a recorder that follows sweeps: ``on_sweep(records, cotangents)`` returns the list of records from which the
        sweep takes them off.
    scopes : list of (str, int, int)
        The name of each `name_scope` that was left, the number of records when it was entered and when it was left.
    carries : bool
        Whether the outputs that it hears of are to have a `Carrier` as their identity.
    traces : bool
        Whether it listens to everything, to write a program of it: nothing hides an operation from it, and it takes no
        derivative itself.
    lenient : bool
        Of one that carries: whether an operation without a rule is refused only where something is computed from its
        output.
    """

    carries = False
    on_sweep: Callable[[list[tuple[Any, ...]], dict[int, Any]], list[tuple[Any, ...]]] | None = None
    traces = False
    lenient = False

    def __init__(self, keep_values: bool = False, keep_lines: bool = False) -> None:
        self.keep_values = keep_values
        self.tracked: Any = set()
        self.records: list[tuple[Any, ...]] = []
        self.scopes: list[tuple[str, int, int]] = []
        self.lines: list[Line] | None = [] if keep_lines else None
        self.add: Callable[[tuple[Any, ...]], None] = self._add_with_line if keep_lines else self.records.append

    def _add_with_line(self, record: tuple[Any, ...]) -> None:
        self.records.append(record)
        self.lines.append(calling_line())  # type: ignore[union-attr]

    def see_variable(self, variable: Any) -> None:
        """Take note that an operation reads a variable."""

    def see_read(self, tensor: Any, how: str) -> None:
        """Take note that Python looks at a value. Called on recorders that trace."""

    def see_error(self, fn: Callable[..., Any], error: Exception) -> None:
        """Take note that an operation failed. Called on recorders that trace."""

    def see_copy(self, array: Any, copy: Any) -> None:
        """Take note that a record keeps a copy of an array. Called on recorders that trace."""

    def see_assign(self, variable: Any, array: Any, ours: bool) -> None:
        """Take note that a variable was given the value of an array, of a tensor if it is ``ours``. Called on recorders
        that trace.
        """

    def tracks(self, identity: Any) -> bool:
        """Whether a value is tracked, or one of a tuple of values."""
        if identity.__class__ is tuple:
            return any(self.tracks(each) for each in identity)
        return identity in self.tracked

    def note(
        self,
        fn: Callable[..., Any],
        values: list[Any],
        kwargs: dict[str, Any],
        ids: list[Any],
        ans: Any,
        output: int | tuple[int, ...],
    ) -> None:
        """Add the record of an operation, if it has a tracked operand and its output can have a derivative.

        Parameters
        ----------
        fn : callable
        values, kwargs, ids
            Its arguments, all as raw values, and the identities of the positional ones.
        ans : array or list of arrays
            The output, or each of several outputs.
        output : int or tuple of int
            The identity of each.
        """
        tracked = self.tracked
        positions = []
        for i, identity in enumerate(ids):
            if identity in tracked or (identity.__class__ is tuple and self.tracks(identity)):
                positions.append(i)
        if not positions:
            return
        rules = RULES.get(fn)
        if rules is not None and rules.kind == "constant":
            return
        argnums = tuple(positions)
        single = output.__class__ is not tuple
        if single:
            if not is_inexact(fn, ans):
                return
            tracked.add(output)
        else:
            differentiable = [i for i, a in zip(output, ans, strict=True) if a.dtype.kind in "fc"]  # type: ignore[arg-type]
            if not differentiable:
                return
            tracked.update(differentiable)

        count = len(values)
        if self.keep_values:
            uses_ans, uses, steps = True, (True,) * count, None
        elif rules is None:
            uses_ans, uses, steps = False, (False,) * count, None
        else:
            uses_ans, uses, steps = rules.plans.get((argnums, count)) or rules.plan(argnums, count)
        args = []
        for i, value in enumerate(values):
            kind = value.__class__
            if kind is np.ndarray:
                if not uses[i]:
                    value = Spec(value.shape, value.dtype)
                elif not ids[i]:
                    value = _copied(value)
            elif kind is list or kind is tuple:
                value = _kept(value, ids[i], uses[i])
                steps = None
            args.append(value)
        if kwargs:
            steps = None
            kwargs = {
                name: value if value.__class__ in _ATOMS else _kept(value, 0, True) for name, value in kwargs.items()
            }
        if not uses_ans:
            ans = None if single else [Spec(each.shape, each.dtype) for each in ans]
        self.add((fn, args, kwargs, ids, argnums, ans, output, steps))


def is_inexact(fn: Callable[..., Any], ans: Any) -> bool:
    """Whether what a function returned of a tracked value can have a derivative. Python objects are refused."""
    if ans.dtype.kind == "O":
        raise OperandError(
            f"{name_of(fn)} returned Python objects (dtype=object, shape {ans.shape}) of a tracked tensor, whose "
            f"derivative "
            f"would be lost. autograd.numpy.vectorize calls a Python function for each element and keeps the "
            f"derivative."
        )
    return ans.dtype.kind in "fc"


# What nobody can change.
_ATOMS = frozenset({int, float, complex, bool, str, type(None)})


def _kept(value: Any, identity: Any, used: bool) -> Any:
    """Return what a record keeps of an argument: a safe copy of what others could change, a Spec of what is not
    used.
    """
    if isinstance(value, np.ndarray):
        if not used:
            return Spec(value.shape, value.dtype)
        return value if identity else _copied(value)
    if isinstance(value, (list, tuple)):
        if value.__class__ is tuple and not identity and _ATOMS.issuperset(map(type, value)):
            return value
        identities = identity if identity.__class__ is tuple else (0,) * len(value)
        return type(value)([_kept(v, i, used) for v, i in zip(value, identities, strict=True)])
    return value


def _copied(value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    copy = value.copy()
    for recorder in _active.get():
        if recorder.traces:
            recorder.see_copy(value, copy)
    return copy


def calling_line() -> Line:
    """Return the file and the line of the program that called into this package."""
    frame = sys._getframe(1)
    while is_ours(frame.f_code.co_filename) and frame.f_back is not None:
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def is_ours(path: str) -> bool:
    """Whether a file is no part of a program, but of this package or of NumPy."""
    return path.startswith(_ELSEWHERE)


def file_of(path: str) -> str:
    """Return what to call a file of a program: its path, or of a cell of a notebook the number, as in IPython's
    tracebacks.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    cell = shell.compile.format_code_name(path) if shell else None
    return cell[1] if cell else path


def line_of(called: Line) -> str:
    """Write a line of the program as messages do: ``file:line: source``."""
    return f"{file_of(called[0])}:{called[1]}: {linecache.getline(*called).strip()}"


_active: ContextVar[tuple[Recorder, ...]] = ContextVar("autograd_recorders", default=())

active_recorders: Callable[[], tuple[Recorder, ...]] = _active.get


def start(recorder: Recorder) -> None:
    """Make a recorder active, innermost."""
    _active.set((*_active.get(), recorder))


def stop(recorder: Recorder) -> None:
    """Make a recorder inactive, wherever it stands in the stack (generators can leave their tapes in any order)."""
    _active.set(tuple(r for r in _active.get() if r is not recorder))


class name_scope:
    """Give a name to what is computed in a block, by which a picture of the tape groups it (`autograd.graph`).

    Every layer of `nn` does so with its own name. Scopes nest.

    Parameters
    ----------
    name : str

    Examples
    --------
    >>> v = autograd.Variable(3.0)
    >>> with autograd.GradientTape() as tape:
    ...     with name_scope("square"):
    ...         y = v * v
    >>> tape.scopes
    [('square', 0, 1)]
    """

    __slots__ = ("_starts", "name")

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        self._starts = [(recorder, len(recorder.records)) for recorder in _active.get()]

    def __exit__(self, *exc_info: object) -> None:
        for recorder, start in self._starts:
            recorder.scopes.append((self.name, start, len(recorder.records)))


def active_tracer() -> Any:
    """Return the recorder that writes down a program, or None."""
    for recorder in _active.get():
        if recorder.traces:
            return recorder
    return None


def tell_of_error(fn: Callable[..., Any], error: Exception) -> None:
    """Let the recorder that writes down a program know that an operation failed: another run may not fail there."""
    if (tracer := active_tracer()) is not None:
        tracer.see_error(fn, error)


@contextmanager
def untraced() -> Iterator[None]:
    """Hide a block from every recorder, that of a program too: it is run when a function is traced, and is no part of
    the program.

    So state is made that lasts, such as what an optimizer keeps of a variable.

    Yields
    ------
    None

    Examples
    --------
    >>> @autograd.compile
    ... def scaled(x):
    ...     with untraced():
    ...         factor = np.sum(np.ones(2))  # runs once
    ...     return factor * x
    >>> scaled(np.ones(2)), scaled(np.ones(2))
    (array([2., 2.]), array([2., 2.]))
    """
    previous = _active.get()
    _active.set(())
    try:
        yield
    finally:
        _active.set(previous)


@contextmanager
def recording_on(recorders: tuple[Recorder, ...]) -> Iterator[None]:
    """Replace the stack of active recorders for the length of a block, but for one that traces."""
    previous = _active.get()
    _active.set((*[r for r in previous if r.traces and r not in recorders], *recorders) if previous else recorders)
    try:
        yield
    finally:
        _active.set(previous)


@contextmanager
def stop_recording() -> Iterator[None]:
    """Record nothing on any tape for the length of a block.

    Yields
    ------
    None

    Examples
    --------
    >>> v = autograd.Variable(3.0)
    >>> with autograd.GradientTape() as tape:
    ...     with stop_recording():
    ...         factor = 2.0 * v
    ...     y = factor * v
    >>> tape.gradient(y, v).item()
    6.0
    """
    with recording_on(()):
        yield
