"""Runs a program: its module, the memory of each run at a time, and the variables that are stored there."""

from __future__ import annotations

import ast
import linecache
import operator
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd.arrays.exclusive import exclusive
from autograd.arrays.ownership import ALONE, references, references_of_each
from autograd.arrays.source_lines import line_of
from autograd.arrays.views import Handle
from autograd.core.value import next_id
from autograd.program.codegen.emit import is_of_user, write
from autograd.program.codegen.lifetimes import aligned
from autograd.program.codegen.names import Module
from autograd.program.ir import Array, Program
from autograd.program.passes import optimized
from autograd.program.passes.fuse import has_machine_code
from autograd.program.threads import in_blocks, in_blocks_alone

# The value of a variable that this thread changes, without asking whether another one does.
_value_of = vars(Handle)["_value"].__get__
# A measurement runs a program at least and at most so often, and in between until so many seconds have passed.
_LEAST_RUNS, _MOST_RUNS, _LONG_ENOUGH = 3, 50, 0.1
# How NumPy may treat floating-point errors while machine code runs, which does not report them.
_WARNS_AT_MOST = frozenset({"ignore", "warn"})


class Changed(Exception):
    """Tells that a program does not hold: the function would do something else with these arguments.

    Attributes
    ----------
    drawn : sequence
        The draws until then, with the error of a draw that failed.
    """

    drawn: Sequence[Any] = ()


class Failed(Changed):
    """Tells that a program met an error, which its function may catch.

    Attributes
    ----------
    error : Exception
    """

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class Executable:
    """A program as a function of arrays.

    Parameters
    ----------
    program : Program
        As it was traced.
    name : str
        The name of the function.
    arguments : list of str
        The names of its inputs.
    exact : bool
        Whether its results are those of the function to the bit, so that sums are added up in the same order.
    taken : iterable of str
        Names that its text must not use otherwise: the parameters of the function.
    numba : bool or None
        Whether elementwise calls become machine code; None: those in loops for which it pays, if numba is there.

    Attributes
    ----------
    program : Program
        The program after all passes.
    module : Module
    counts : dict of str to int
        How many calls there were after each pass.
    eager_bytes : int
        The memory of all arrays that the function makes without compilation.
    """

    def __init__(
        self,
        program: Program,
        name: str,
        arguments: list[str],
        exact: bool,
        taken: Iterable[str] = (),
        numba: bool | None = False,
    ) -> None:
        traced = program
        self.eager_bytes = sum(value.nbytes for call in program.calls for value in call.outs)
        program, self.counts = optimized(program, exact, numba)
        # Arguments for a second executable without machine code (see as_numpy).
        self._traced = (traced, name, arguments, exact, taken) if has_machine_code(program) else None
        self._plain: Executable | None = None
        self.program = program
        self.module = write(program, name, arguments, exact, taken)
        self.name = name
        self.filename = f"<compiled {name} {id(self):x}>"
        self._code = compile(self.module.text, self.filename, "exec")
        # Tracebacks and debuggers show its statements.
        linecache.cache[self.filename] = (
            len(self.module.text),
            None,
            self.module.text.splitlines(keepends=True),
            self.filename,
        )
        weakref.finalize(self, linecache.cache.pop, self.filename, None)
        self._idle: list[Workspace] = []
        # Variables are stored in one workspace, which one thread uses at a time.
        self._stored = [variable for variable, _ in self.module.stores]

    def __call__(self, arrays: Sequence[Array], drawn: Sequence[Any] = ()) -> Any:
        """Return the results for arrays, and assign variables. Numbers that were drawn already are not drawn again.

        Raises
        ------
        Changed
            If the program does not hold for these arrays, or meets an error. No variable has changed then.
        Exception
            If a program that assigns variables meets an error that can arise at every statement.
        """
        if self._traced is not None and not _WARNS_AT_MOST.issuperset(np.geterr().values()):
            return self.as_numpy()(arrays, drawn)
        if self._stored:
            with exclusive(self._stored):
                return self._run(arrays, drawn)
        return self._run(arrays, drawn)

    def _run(self, arrays: Sequence[Array], drawn: Sequence[Any]) -> Any:
        try:
            workspace = self._idle.pop()
        except IndexError:
            workspace = self.workspace()
        # Where floating-point errors are exceptions, a run can end when some variables are written over.
        raises = bool(self._stored) and "raise" in np.geterr().values()
        before = [variable._value.copy() for variable in self._stored] if raises else []
        try:
            return workspace.run(arrays, drawn)
        except Changed as changed:
            changed.drawn = [*workspace.drawn, *workspace.remaining]
            for (_, memory, _), value in zip(workspace.shown, before, strict=False):
                memory[...] = value
            if isinstance(changed, Failed):
                self._point_at(changed.error)
                if raises or (self._stored and isinstance(changed.error, MemoryError)):
                    raise changed.error from None
            raise
        finally:
            self._idle.append(workspace)

    def workspace(self, code: Any = None) -> Workspace:
        """Make memory for one run at a time."""
        return Workspace(self.module, self._code if code is None else code, self.name, self.program.after)

    def as_numpy(self) -> Executable:
        """Return the executable without machine code."""
        if self._traced is None:
            return self
        if self._plain is None:
            self._plain = Executable(*self._traced)
        return self._plain

    def _point_at(self, error: Exception) -> None:
        """Add the line of the user's program to an error."""
        found = None
        traceback = error.__traceback__
        while traceback is not None:  # the innermost frame of a loop is that of a block
            if traceback.tb_frame.f_code.co_filename == self.filename:
                found = self.module.lines.get(traceback.tb_lineno, found)
            traceback = traceback.tb_next
        if found is not None:
            error.add_note(f"in a compiled function, at {line_of(found)}")

    def timed(self, arrays: Sequence[Array]) -> dict[int, float]:
        """Measure the statements of the program: seconds by line number of its text, the least of several runs.

        Loops are measured on one thread. Variables keep their values. Operations of the user's are called in the first
        run alone, which gives their time: the others get what they returned then."""
        tree = ast.parse(self.module.text)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                node.body = [_asking_clock(0), *_with_clock(node.body)]
        workspace = self.workspace(compile(ast.fix_missing_locations(tree), self.filename, "exec"))
        workspace.names["in_blocks"] = in_blocks_alone
        theirs = [call.fn for call in self.program.calls if call.kind == "plain" and is_of_user(call.fn)]
        again = {name: _Once(fn) for name, fn in workspace.names.items() if any(fn is each for each in theirs)}
        workspace.names.update(again)
        times: dict[int, float] = {}
        begin, runs = time.perf_counter(), 0
        while runs < _LEAST_RUNS or (runs < _MOST_RUNS and time.perf_counter() - begin < _LONG_ENOUGH):
            runs += 1
            run = _Clock()
            for operation in again.values():
                operation.begin(run)
            workspace.names["clock_"] = run
            workspace.copy_in()
            workspace.function(*arrays, *[variable._value for variable in self.module.reads])
            for number, seconds in run.times.items():
                times[number] = min(seconds, times.get(number, seconds))
        return times


def _asking_clock(number: int) -> ast.stmt:
    return ast.parse(f"clock_({number})").body[0]


def _with_clock(body: list[ast.stmt]) -> list[ast.stmt]:
    """Add a reading of the clock behind each statement but the last."""
    written: list[ast.stmt] = []
    for statement in body:
        if isinstance(statement, ast.With):
            statement.body = _with_clock(statement.body)
        written.append(statement)
        if not isinstance(statement, (ast.With, ast.Return)):
            written.append(_asking_clock(statement.lineno))
    return written


class _Once:
    """Calls an operation of the user's in the first of several runs, and gives its results again in the others, with
    the time that they took.
    """

    def __init__(self, fn: Callable[..., Any]) -> None:
        self._fn = fn
        self._results: list[tuple[Any, float]] = []

    def begin(self, clock: _Clock) -> None:
        """Take note that a run begins."""
        self._clock, self._next = clock, 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._next == len(self._results):
            begin = time.perf_counter()
            result = self._fn(*args, **kwargs)
            self._results.append((result, time.perf_counter() - begin))
        else:
            result, seconds = self._results[self._next]
            self._clock.add(seconds)
        self._next += 1
        return result


class _Clock:
    """Measures the time between two calls."""

    def __init__(self) -> None:
        self.times: dict[int, float] = {}
        self._last = time.perf_counter()

    def add(self, seconds: float) -> None:
        """Count some seconds more for the statement that runs."""
        self._last -= seconds

    def __call__(self, number: int) -> None:
        now = time.perf_counter()
        if number:
            self.times[number] = self.times.get(number, 0.0) + now - self._last
        self._last = time.perf_counter()


# Programs of at least so many bytes run with NumPy buffers of so many elements: the default, 8192, is no faster there.
_LARGE, _BUFFER = 1 << 20, 128


class _Outputs:
    """Makes output arrays, of earlier outputs that nobody holds any more."""

    def __init__(self) -> None:
        self._made: dict[str, list[Array]] = {}
        self._as_made: dict[str, tuple[Any, ...]] = {}

    def __call__(self, name: str, shape: tuple[int, ...], dtype: Any) -> Array:
        made = self._made.setdefault(name, [])
        for i in range(len(made)):
            if references(made[i]) > ALONE:
                continue
            array = made[i]
            # A holder could have changed its shape, dtype or strides in place.
            if (array.shape, array.strides, array.dtype) == self._as_made[name]:
                array.flags.writeable = True
                return array
        array = np.empty(shape, dtype)
        self._as_made[name] = array.shape, array.strides, array.dtype
        made.append(array)
        del made[:-_KEPT_OUTPUTS]
        return array


def _owner(array: Array) -> Array:
    """Return the array that owns the memory of a view, and that other views of the memory hold."""
    return array if array.base is None else array.base


def _locked_view(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view


# How many arrays of one output are remembered.
_KEPT_OUTPUTS = 2


class Workspace:
    """The memory of one run at a time, and the function that computes in it."""

    def __init__(self, module: Module, code: Any, name: str, after: list[Callable[[], Any]]) -> None:
        self.module = module
        self.names: dict[str, Any] = {
            **module.names,
            "aligned": aligned,
            "in_blocks": in_blocks,
            "fresh": _Outputs(),
            "drawn": self._draw,
        }
        self.names["Changed"] = Changed
        self.drawn: list[Any] = []
        self.remaining: list[Any] = []
        exec(code, self.names)
        self.function = self.names[name]
        self.after = after
        self._make_views()

    def _make_views(self) -> None:
        """Make read-only views of the memory of variables, and count their references while nobody else holds them."""
        self.shown = [
            (variable, self.names[name], _locked_view(self.names[name])) for variable, name in self.module.stores
        ]
        self.views = [view for _, _, view in self.shown]
        self.arenas = [_owner(self.names[arena]) for arena in self.module.arenas]
        self.holders = references_of_each(self.views), references_of_each(self.arenas)

    def copy_in(self) -> None:
        """Copy in the values of variables that were assigned elsewhere."""
        for variable, memory, view in self.shown:
            if (value := _value_of(variable)) is not view:
                memory[...] = value

    def _draw(self, fn: Callable[[], Any]) -> Any:
        """Return the next value that was drawn before, or else draw."""
        try:
            found = self.remaining.pop(0) if self.remaining else fn()
        except Exception as error:
            found = error
        self.drawn.append(found)
        if isinstance(found, Exception):
            raise found
        return found

    def run(self, arrays: Sequence[Array], drawn: Sequence[Any] = ()) -> Any:
        """Return the results for arrays, and assign variables."""
        if drawn or self.drawn or self.remaining:  # left by a run that was not finished
            self.drawn, self.remaining = [], list(drawn)
        if self.shown and self._is_held():
            self._move()
        self.copy_in()
        reads = self.module.reads
        given = [*arrays, *[variable._value for variable in reads]] if reads else arrays
        try:
            results = self.function(*given) if self.module.nbytes < _LARGE else self._run_large(given)
        except Changed:
            raise
        except Exception as error:
            raise Failed(error) from None
        if self.drawn:
            self.drawn = []
        for variable, _, view in self.shown:
            variable._rebind(view, next_id())
        for fn in self.after:
            fn()
        return results

    def _is_held(self) -> bool:
        """Whether anybody besides the variables holds their memory or a view of it, also from before they were assigned
        another value.
        """
        views, arenas = self.holders
        living = [_value_of(variable) is view for variable, _, view in self.shown]
        return any(map(operator.gt, references_of_each(self.views), map(operator.add, views, living))) or any(
            map(operator.gt, references_of_each(self.arenas), arenas)
        )

    def _run_large(self, given: Sequence[Array]) -> Any:
        """Run with small buffers of NumPy, which it allocates at each call for operands that it broadcasts."""
        elements = np.setbufsize(_BUFFER)
        try:
            return self.function(*given)
        finally:
            np.setbufsize(elements)

    def _move(self) -> None:
        """Leave the memory of variables to its holders, and go on in a copy."""
        for arena, statements in self.module.arenas.items():
            self.names[arena] = aligned(self.names[arena].shape, self.names[arena].dtype)
            exec("\n".join(statements), self.names)
        self._make_views()
        self.copy_in()
