"""Run a function once with a recorder that sees everything, and write down what it computes."""

from __future__ import annotations

import operator
import sys
import warnings
from collections.abc import Callable, Sequence
from types import FrameType, FunctionType
from typing import Any

import numpy as np

from autograd.arrays.ownership import ALONE, references
from autograd.arrays.source_lines import Line, calling_line, file_of, is_ours
from autograd.core.recorder import recording_on
from autograd.core.tensor import Tensor, tensor_of
from autograd.core.tracing import tracing_with
from autograd.core.value import next_id
from autograd.core.variable import Variable
from autograd.errors import CompileWarning
from autograd.program.captured import StandIns
from autograd.program.codegen.literals import clipped
from autograd.program.draws import GeneratorWatch
from autograd.program.failing import may_fail
from autograd.program.given import Argument, Given
from autograd.program.ir import Array, Call, Guard, Program, Var, map_values, values_in
from autograd.program.memory import in_known_order, order_of
from autograd.program.places import LARGEST_COMPARED
from autograd.program.readings import READS, content_guard
from autograd.registry.entries import facts_of, name_of
from autograd.registry.operations import getitem, scatter, setitem
from autograd.registry.paths import Path


class Tracer:
    """Hears of every operation, whatever tapes are there and whatever stops them, and notes a call for each that
    depends on an argument, a variable or a draw.

    Arrays are known by themselves: what an operation returned, the next one reads. Each is kept alive, so that no other
    takes its address."""

    def __init__(
        self, dry: bool = False, exact: bool = False, drawn: Sequence[Any] = (), generators: Sequence[Any] = ()
    ) -> None:
        self.makes_variables = False
        self._drawn = list(drawn)
        self._draws: list[Any] = []
        self.watch = GeneratorWatch(generators)
        self.dry = dry
        self.exact = exact
        self.calls: list[Call] = []
        self.records = self.calls  # whose length the scopes of names note
        self.scopes: list[tuple[str, int, int]] = []
        self.inputs: list[Var] = []
        self.is_turned = False  # whether one of the arrays among the arguments lies in another order than C's
        self.variables: dict[int, tuple[Variable, Var]] = {}
        self.assigned: dict[int, tuple[Variable, Var]] = {}
        self.after: list[Callable[[], Any]] = []
        self._known: dict[int, Var] = {}  # by the address of the array
        self._arrays: dict[Var, Array] = {}
        self._alive: list[Array] = []
        self._captured: dict[int, Array] = {}  # captured arrays by the identity of the view that stands for each
        self._owners: set[int] = set()  # of the memory of these
        self._lines: dict[int, Line | None] = {}  # of the operation that made each tensor, by its identity
        self._followed: Line | None = None
        self._inside: set[Any] = set()  # operations whose body runs to be noted in their place
        # Calls are told how to treat floating-point errors where that is not as around, or errors are raised there.
        self._around: Any = {} if "raise" in np.geterr().values() else np.geterr()
        self.refused = ""

    # -- what comes in
    def input(self, array: Array) -> Tensor:
        """Return the tensor that stands for an argument."""
        self.is_turned = self.is_turned or not array.flags.c_contiguous
        array = np.array(array, order="C")
        array.flags.writeable = False
        self.inputs.append(self._know(array, Var(array.shape, array.dtype)))
        return tensor_of(array, next_id())

    def stand_for(self, array: Array) -> Tensor:
        """Return the tensor that stands for a captured array."""
        view = array.view(np.ndarray)
        view.flags.writeable = False
        self._know(view, Var(view.shape, view.dtype, captured=array))
        self._captured[id(view)] = array
        self._owners.update((id(view.base), id(array)))
        return Argument.of(tensor_of(view, next_id()))

    def see_variable(self, variable: Variable) -> None:
        """Take note of the value of a variable, at its first reading."""
        if id(variable) not in self.variables:
            array = variable._value
            self.variables[id(variable)] = (variable, self._know(array, Var(array.shape, array.dtype)))

    def _know(self, array: Array, value: Var) -> Var:
        self._known[id(array)] = value
        self._arrays[value] = array
        self._alive.append(array)
        return value

    def value_of(self, array: Array, ours: bool = False) -> Var:
        """Return the value that an array is: one that was computed, or else one that comes from outside."""
        value = self._known.get(id(array))
        if value is None:
            fixed = ours or not array.flags.writeable
            value = Var(array.shape, array.dtype, array if fixed else None, None if fixed else array)
            self._know(array, value)
        return value

    # -- what is done
    def note(
        self,
        fn: Callable[..., Any],
        values: list[Any],
        kwargs: dict[str, Any],
        ids: list[Any],
        ans: Any,
        output: Any,
    ) -> None:
        """Note a call, if it depends on something that is not the same in every run."""
        if fn in _INDEXING and any(map(_holds_path, (*values, *kwargs.values()))):
            if fn is getitem:
                self._note_path(values[0], values[1], ids[0], ans, output)
                return
            values = [_as_indices(value, np.shape(ans)) for value in values]
            kwargs = {name: _as_indices(value, np.shape(ans)) for name, value in kwargs.items()}
        if fn in (np.ravel, np.reshape) and kwargs.get("order") in ("A", "K"):
            values, ids, kwargs = in_known_order(self, fn, values, ids, kwargs, ans)
        args = tuple([self._read(value, identity != 0) for value, identity in zip(values, ids, strict=True)])
        kwargs = {name: self._read(value) for name, value in kwargs.items()}
        single = output.__class__ is not tuple
        answers = [ans] if single else ans
        if facts_of(fn).reads != "values" or not any(map(_varies, values_in((args, kwargs), []))):
            return
        line = self._followed or _line_inside()
        if not answers:
            self._note_answer(fn, args, kwargs, line)
            return
        self._lines[output if single else output[0]] = line
        if all(id(each) in self._known for each in answers):  # the very arrays that came in, or were computed inside
            if may_fail(fn, args, kwargs):
                outs = tuple([Var(each.shape, each.dtype) for each in answers])
                self.calls.append(self._call(fn, args, kwargs, outs, not single, line=line))
            return
        if (
            single
            and id(ans.base) in self._owners
            and all(_is_captured(each) for each in values_in((args, kwargs), []))
        ):
            self._know(ans, Var(ans.shape, ans.dtype, captured=ans))  # a view of a captured array
            return
        if (
            single
            and fn.__class__ is FunctionType
            and fn.__module__ != "autograd.registry.operations"
            and self._inlined(fn, values, kwargs, ans, line)
        ):
            return
        outs = tuple([self._know(each, Var(each.shape, each.dtype)) for each in answers])
        if self.exact:
            for out, each in zip(outs, answers, strict=True):
                out.order = order_of(each)
        self.calls.append(self._call(fn, args, kwargs, outs, not single, line=line))

    def _note_path(self, x: Any, path: Path, identity: Any, ans: Array, output: Any) -> None:
        """Note the steps to a view as operations of their own, the last one with the output."""
        for step in path.steps:
            before, x = x, step.take(x)
            last = step is path.steps[-1]
            fn = getitem if step.fn is operator.getitem else step.fn
            ids = [*(0 for _ in step.before), identity, *(0 for _ in step.after)]
            identity = output if last else next_id()
            self.note(fn, [*step.before, before, *step.after], step.kwargs, ids, ans if last else x, identity)

    def see_step(self, output: Any) -> None:
        """Take note of which operation a sweep runs the rules: they stand beside its line."""
        identity = output[0] if output.__class__ is tuple else output
        self._followed = self._lines.get(identity)

    def _inlined(self, fn: Any, values: list[Any], kwargs: dict[str, Any], ans: Array, line: Line | None) -> bool:
        """Note the calls inside an operation of ours in its place, where it is written in functions of NumPy alone."""
        body = getattr(fn, "__wrapped__", None)
        if body is None or fn in self._inside:  # some bodies call the operation again, as NumPy's function
            return False
        opaque = facts_of(fn).opaque
        if opaque or (opaque is None and body.__module__.split(".")[0] not in ("autograd", "nn")):
            return False
        count, followed, self._followed = len(self.calls), self._followed, line
        refused = self.refused
        self._inside.add(fn)
        try:
            with recording_on(()):
                found = body(*[tensor_of(v, next_id()) if v.__class__ is np.ndarray else v for v in values], **kwargs)
            traced = isinstance(found, Tensor) and all(call.kind == "plain" for call in self.calls[count:])
        except Exception:  # a body that was written for arrays may raise anything on tensors: it stays one operation
            traced = False
        finally:
            self._followed = followed
            self._inside.discard(fn)
        if traced and found.shape == ans.shape and found.dtype == ans.dtype:
            self._know(ans, self.value_of(found._value, ours=True))
            return True
        del self.calls[count:]
        self.refused = refused  # by an error of the body on tensors, which the operation does not meet
        return False

    def _call(
        self,
        fn: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        outs: tuple[Var, ...],
        several: bool = False,
        kind: str = "plain",
        line: Line | None = None,
    ) -> Call:
        errstate: dict[str, Any] = dict(np.geterr())
        return Call(
            fn,
            args,
            kwargs,
            outs,
            several,
            line or self._followed or _line_inside(),
            None if errstate == self._around else errstate,
            kind,
        )

    def _read(self, value: Any, ours: bool = False) -> Any:
        kind = value.__class__
        if kind is np.ndarray:
            return self.value_of(value, ours)
        if kind is tuple or kind is list or kind is slice:
            return map_values(value, lambda leaf: self.value_of(leaf) if isinstance(leaf, np.ndarray) else leaf)
        return value

    def _note_answer(
        self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], line: Line | None
    ) -> None:
        """Note what Python was told of values, such as whether all of them are close: it steers the function as an
        ``if`` does.
        """
        raw_args, raw_kwargs = map_values(
            (args, kwargs), lambda leaf: self._arrays[leaf] if leaf.__class__ is Var else leaf
        )
        self.calls.append(self._call(Guard(fn(*raw_args, **raw_kwargs), fn), args, kwargs, (), False, "guard", line))

    def see_new(self, variable: Variable) -> None:
        """Take note that a variable is made: another run makes another one, or finds this one."""
        self.makes_variables = True

    def drawn(self, fn: Callable[[], Any]) -> Any:
        """Return what was drawn before a program found that it does not hold, or else what ``fn()`` draws."""
        found = self._drawn.pop(0) if self._drawn else self.watch.during(fn)
        self._draws.append(found)
        if isinstance(found, Exception):
            raise found
        return found

    def all_drawn(self) -> list[Any]:
        """Return what was drawn until now, and what remains of what was drawn before."""
        return [*self._draws, *self._drawn]

    def draw(self, fn: Callable[[], Any], drawn: Array) -> None:
        """Note a value that is another one at each run: ``fn()`` returns it, as an array or a number."""
        value = self._know(drawn, Var(drawn.shape, drawn.dtype))
        self.calls.append(self._call(fn, (), {}, (value,), False, "draw"))

    def see_read(self, tensor: Tensor, how: str) -> None:
        """Take note that Python reads a value: another one may lead elsewhere."""
        if isinstance(tensor, Variable):
            self.see_variable(tensor)
        value = self._known.get(id(tensor._value))
        if value is None or not _varies(value):
            return
        if how == "array" and value.captured is not None and value.nbytes > LARGEST_COMPARED:
            self.refuse("NumPy reads a captured array of more than 65536 bytes, which cannot be compared at each call")
        if how == "print":
            warnings.warn(
                "a compiled function prints a tensor: it is printed when the function is traced, and not at each call. "
                "Return the value, and print it outside.",
                CompileWarning,
                stacklevel=4,
            )
            return
        try:
            answer = Guard(READS[how][0](tensor._value), *READS[how])
        except Exception as error:  # NaN is no integer
            if tensor.size == 1:  # several numbers are none in any run
                self.see_error(READS[how][0], error)
            raise
        self.calls.append(self._call(answer, (value,), {}, (), False, "guard"))

    def see_error(
        self, fn: Callable[..., Any], error: Exception, args: list[Any] | None = None, kwargs: Any = None
    ) -> None:
        """Take note that an operation failed: if the function catches that, it would go another way where the operation
        does not fail. Where it depends on shapes and dtypes alone, it fails in every run.
        """
        by_shape = args is not None and not isinstance(error, _BY_CHANCE) and not may_fail(fn, args, kwargs or {})
        if not by_shape:
            self.refuse(
                f"it goes on after an error of {name_of(fn)}: {type(error).__name__}: {clipped(str(error), 80)}"
            )

    def keywords(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the keywords of a record for its rules, with tensors for arrays that differ from run to run."""
        return {name: map_values(value, self._restored) for name, value in kwargs.items()}

    def _restored(self, leaf: Any) -> Any:
        known = self._known.get(id(leaf)) if leaf.__class__ is np.ndarray else None
        return leaf if known is None or not _varies(known) else tensor_of(leaf, next_id())

    def see_copy(self, array: Array, copy: Array) -> None:
        """Take note that a record keeps a copy of an array."""
        if id(array) in self._known:
            self._known[id(copy)] = self._known[id(array)]
            self._alive.append(copy)

    def see_assign(self, variable: Variable, array: Array, ours: bool) -> None:
        """Take note of the value that a variable was given: ``array``, which it holds as a copy. It is that of a tensor
        if it is ``ours``.
        """
        value = self.value_of(array, ours)
        if value.dtype == variable.dtype:
            self.see_copy(array, variable._value)
        else:
            converted = self._know(variable._value, Var(value.shape, variable.dtype))
            self.calls.append(self._call(np.astype, (value, variable.dtype), {}, (converted,), False))
            value = converted
        self.assigned[id(variable)] = variable, value

    def refuse(self, what: str) -> None:
        """Take note that the function does what no program can repeat."""
        path, number = calling_line()
        self.refused = self.refused or f"{what} (at {file_of(path)}:{number})"

    def undo(self) -> None:
        """Give the variables that were assigned the values back that they had."""
        for variable, _ in self.assigned.values():
            variable._rebind(self._arrays[self.variables[id(variable)][1]], next_id())

    # -- what comes out
    def program(self, outputs: Any) -> Program:
        """Return what was noted, for a function that returned ``outputs``."""
        self._settle()
        return Program(
            self.calls,
            self.inputs,
            list(self.variables.values()),
            list(self.assigned.values()),
            map_values(outputs, self._output),
            self.after,
        )

    def _settle(self) -> None:
        """Find out which arrays that came from outside stay as they are: those that nobody else holds, and short
        indices, which are guarded.
        """
        guards = []
        used = {value for call in self.calls for value in call.operands()}
        for i in reversed(range(len(self._alive))):
            alone = self._holds_alone(i)
            array = self._alive[i]
            value = self._known[id(array)]
            if id(array) in self._captured:
                if array.dtype.kind in "iub" and array.nbytes <= LARGEST_COMPARED and value in used:
                    guards.append(content_guard(value, self._captured[id(array)]))
                continue
            if value.captured is not array or id(array.base) in self._owners:  # not from outside, or a copy, or a view
                continue
            if alone:
                value.captured, value.constant = None, array
            elif array.dtype.kind in "iub" and array.nbytes <= LARGEST_COMPARED:
                guards.append(content_guard(value, array))
        self.calls[:0] = guards[::-1]

    def _holds_alone(self, i: int) -> bool:
        """Tell whether only this tracer holds an array from outside (in `_alive`, in `_arrays` and as what a variable
        of the program captured), and nobody else the array that it is a view of.
        """
        held: list[Any] = self._alive
        if references(held[i]) > ALONE + 2:
            return False
        if held[i].base is None:
            return True
        owns = held[i].base.__class__ is np.ndarray and held[i].base.base is None
        return owns and references(held[i].base) <= ALONE

    def _output(self, leaf: Any) -> Any:
        if isinstance(leaf, Variable):
            return leaf
        if isinstance(leaf, Tensor):
            return self.value_of(leaf._value, ours=True)
        if isinstance(leaf, np.ndarray):
            return self.value_of(leaf)
        if not isinstance(leaf, _PLAIN):
            self.refuse(f"it returns a {type(leaf).__name__}, which a program cannot make again")
        return leaf


# Errors that depend on more than the operands, or on their values: `numpy.errstate`, warnings that are errors.
_BY_CHANCE = (FloatingPointError, MemoryError, RecursionError, Warning)
# The results besides arrays that a function may return: the same in every run.
_PLAIN = (int, float, complex, bool, str, bytes, type(None), np.generic, np.dtype, type, type(Ellipsis), slice)


def _is_captured(value: Var) -> bool:
    return value.captured is not None or value.constant is not None


def _varies(value: Var) -> bool:
    return value.constant is None


_INDEXING = frozenset((getitem, setitem, scatter))


def _holds_path(value: Any) -> bool:
    return value.__class__ is Path or (value.__class__ is list and any(map(_holds_path, value)))


def _as_indices(value: Any, shape: tuple[int, ...]) -> Any:
    """Return arrays of integers in place of paths in an array of a shape."""
    if value.__class__ is Path:
        return value.as_index(shape)
    return [_as_indices(each, shape) for each in value] if value.__class__ is list else value


def trace(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    dry: bool = False,
    exact: bool = False,
    drawn: Sequence[Any] = (),
    generators: Sequence[Any] = (),
    stand_ins: StandIns | None = None,
) -> tuple[Any, Program | None, str]:
    """Run a function. Return what it returned, and its program, or None and why there is none.

    Arrays, NumPy scalars and tensors among the arguments become tensors; everything else stays as it is. For captured
    arrays tensors stand, unless the function fails with these. Of a dry run variables keep their values."""
    tracer = Tracer(dry, exact, drawn, generators)
    if stand_ins is not None and stand_ins.used:
        try:
            return _traced(tracer, f, args, kwargs, stand_ins)
        except Exception:  # whatever it is: the run without stand-ins raises it again, unless they were to blame
            stand_ins.give_up()
            tracer.undo()
            tracer = Tracer(dry, exact, tracer.all_drawn(), generators)
    return _traced(tracer, f, args, kwargs, None)


def _traced(
    tracer: Tracer, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], stand_ins: StandIns | None
) -> tuple[Any, Program | None, str]:
    given = Given(args, kwargs, tracer.input)
    written: list[str] = []
    try:
        with tracing_with(tracer):
            if stand_ins is not None:
                stand_ins.hand_in(tracer.stand_for)
            result = f(*given.args, **given.kwargs)
            program = tracer.program(result)
    finally:
        if stand_ins is not None:
            written = stand_ins.take_back(not tracer.dry)
        if tracer.dry:
            tracer.undo()
        elif given.are_changed():
            given.hand_back()
    if not tracer.refused and tracer.watch.look():
        tracer.refused = (
            "it draws random numbers from NumPy or Python, which would be the same in every run: "
            "draw them from autograd.numpy.random"
        )
    if given.are_changed():
        tracer.refused = "it changes its arguments: compute what is new from a copy, and return it"
    if written:
        tracer.refused = f"it writes into {written[0]!r}, an array outside of it: return the value, or use a Variable"
    return result, None if tracer.refused or tracer.makes_variables else program, tracer.refused


def _line_inside() -> Line | None:
    """Return the line inside the function that is traced which called into this package. None where that function is
    itself one of ours.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not _traced.__code__:
        if not is_ours(frame.f_code.co_filename):
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None
