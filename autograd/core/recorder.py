"""Records, and the recorders that keep them: who needs the derivative of what runs.

Which recorders are active stands beside the tracer, in `autograd.core.tracing`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ContextDecorator
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from autograd.arrays.scopes import explain_lost_value
from autograd.arrays.source_lines import Line, adding_lines
from autograd.core.tracing import Listening, active_tracer, listeners
from autograd.errors import OperandError
from autograd.registry.entries import RULES, Entry, Spec, name_of


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


class TangentId(int):
    """The identity of a value that may have tangents. They live as long as somebody knows the value.

    Attributes
    ----------
    tangents : mapping
        The tangent of the value in each forward differentiation that follows it.
    """

    tangents: Mapping[Any, Any] = MappingProxyType({})

    def carry(self, key: Any, tangent: Any) -> None:
        """Set the tangent in one forward differentiation."""
        self.tangents = {**self.tangents, key: tangent}

    def drop(self, key: Any) -> None:
        """Forget the tangent in one forward differentiation."""
        self.tangents = {k: t for k, t in self.tangents.items() if k is not key}


NOTHING: frozenset[int] = frozenset()


class Recorder:
    """Listens to operations: knows which values it tracks, and keeps a record of each operation on one of them.

    Attributes
    ----------
    tracked : set of int, or what answers as one
        The identities of the values that are watched or were computed from watched ones.
    heard : set of int, or what answers as one
        The identities whose operations are recorded: those of ``tracked``, until the recorder is left.
    records : list of tuple
        In the order of execution, with the fields of a `Record`.
    add : callable
        Takes one record.
    keep_values : bool
        Whether records keep every value, and not only those that a rule needs.
    needs_note : bool
        Whether every operation must come to `note`. Otherwise operators add the record of a plain case themselves.
    lines : list of (str, int) or None
        The file and the line of the program from which each recorded operation was called, where that was asked for.
    scopes : list of (str, int, int)
        The name of each `name_scope` that was left, the number of records when it was entered and when it was left.
    """

    def __init__(self, keep_values: bool = False, keep_lines: bool = False, tracked: Any = None) -> None:
        self.keep_values = keep_values
        self.needs_note = keep_values or type(self).note is not Recorder.note
        self.tracked: Any = set() if tracked is None else tracked
        self.heard: Any = self.tracked
        self.records: list[tuple[Any, ...]] = []
        self.scopes: list[tuple[str, int, int]] = []
        self.lines: list[Line] | None = [] if keep_lines else None
        self.add: Callable[[tuple[Any, ...]], None] = self.records.append
        if self.lines is not None:
            self.add = adding_lines(self.records, self.lines)

    def identity(self, number: int) -> int:
        """Return the identity that a new value gets: a number that no other value has, or a subclass of int."""
        return number

    def see_variable(self, variable: Any, identity: int) -> None:
        """Take note that an operation reads a variable that is not tracked yet."""

    def follow(self, records: list[tuple[Any, ...]], cotangents: dict[int, Any]) -> list[tuple[Any, ...]]:
        """Return the list of records from which a sweep takes them off. A recorder that follows sweeps overrides it."""
        return records

    def tracks(self, identity: Any) -> bool:
        """Whether operations on a value are recorded, or on one of a tuple of values."""
        if identity.__class__ is tuple:
            return any(self.tracks(each) for each in identity)
        return identity in self.heard

    def _track_outputs(self, outputs: tuple[int, ...], arrays: list[Any]) -> bool:
        """Track those of several outputs that can have a derivative. Tell whether there are any."""
        differentiable = [i for i, array in zip(outputs, arrays, strict=True) if array.dtype.kind in "fc"]
        self.tracked.update(differentiable)
        return bool(differentiable)

    def _plan(self, rules: Entry | None, argnums: tuple[int, ...], count: int) -> tuple[Any, ...]:
        """Return what the record of an operation must hold. See `Plan`."""
        if self.keep_values:
            return True, (True,) * count, None
        if rules is None:
            return False, (False,) * count, None
        return rules.plans.get((argnums, count)) or rules.plan(argnums, count)

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
        tracked = self.heard
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
        elif not self._track_outputs(output, ans):  # type: ignore[arg-type]
            return

        uses_ans, uses, steps = self._plan(rules, argnums, len(values))
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
            kwargs = _kept_keywords(kwargs)
        if not uses_ans:
            ans = None if single else list(map(_spec_of, ans))
        self.add((fn, args, kwargs, ids, argnums, ans, output, steps))


def is_inexact(fn: Callable[..., Any], ans: Any) -> bool:
    """Whether what a function returned of a tracked value can have a derivative. Python objects are refused."""
    if ans.dtype.kind == "O":
        raise OperandError(
            f"{name_of(fn)} returned Python objects (dtype=object, shape {ans.shape}) of a tracked tensor, whose "
            "derivative would be lost. autograd.numpy.vectorize calls a Python function for each element and keeps "
            "the derivative."
        )
    return ans.dtype.kind in "fc"


# Nobody can change a value of these types.
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


def _kept_keywords(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the keyword arguments that a record keeps."""
    return {name: value if value.__class__ in _ATOMS else _kept(value, 0, True) for name, value in kwargs.items()}


def _spec_of(array: np.ndarray[Any, Any]) -> Spec:
    return Spec(array.shape, array.dtype)


def _copied(value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    copy = value.copy()
    if (tracer := active_tracer()) is not None:
        tracer.see_copy(value, copy)
    return copy


# ---------------------------------------------------------------------------------------- which recorders are active
def active_recorders() -> tuple[Recorder, ...]:
    """Return the recorders that are active, innermost last. A tracer is none of them (see `listening`)."""
    return listeners()[0]


class recording(Listening):
    """Make a recorder active for the length of a block. One that was left records nothing any more."""

    __slots__ = ("_recorder",)

    def __init__(self, recorder: Recorder) -> None:
        self._open = None
        self._recorder = recorder

    def _change(self, recorders: tuple[Any, ...], tracer: Any) -> Any:
        return (*recorders, self._recorder), tracer

    def _leave(self) -> None:
        Listening._leave(self)
        self._recorder.heard = NOTHING

    def _failed(self, error: BaseException) -> None:
        explain_lost_value(error)


class recording_on(Listening):
    """Replace the active recorders for the length of a block. A tracer stays."""

    __slots__ = ("_recorders",)

    def __init__(self, recorders: tuple[Recorder, ...]) -> None:
        self._open = None
        self._recorders = recorders

    def _change(self, recorders: tuple[Any, ...], tracer: Any) -> Any:
        return self._recorders, tracer


class stop_recording(ContextDecorator, Listening):
    """Record nothing on any tape for the length of a block. Values that are written there into a tensor from outside
    are constants to the tapes.

    Parameters
    ----------
    tape : Recorder, optional
        The only one that is stopped.

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

    def __init__(self, tape: Recorder | None = None) -> None:
        self._open = None
        self._tape = tape

    def _recreate_cm(self) -> stop_recording:
        return stop_recording(self._tape)

    def _change(self, recorders: tuple[Any, ...], tracer: Any) -> Any:
        return () if self._tape is None else tuple([r for r in recorders if r is not self._tape]), tracer


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
        recorders, tracer, _ = listeners()
        heard: tuple[Any, ...] = recorders if tracer is None else (*recorders, tracer)
        self._starts = [(each, len(each.records)) for each in heard]

    def __exit__(self, *exc_info: object) -> None:
        for each, start in self._starts:
            each.scopes.append((self.name, start, len(each.records)))
