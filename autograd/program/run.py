"""A program that runs: its module, the memory of it, and the variables that live there."""

from __future__ import annotations

import ast
import linecache
import operator
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd.core.recorder import line_of
from autograd.core.value import next_id
from autograd.program.codegen.emit import write
from autograd.program.codegen.lifetimes import aligned
from autograd.program.codegen.names import Module
from autograd.program.ir import Array, Program
from autograd.program.passes import optimized
from autograd.program.passes.fuse import has_machine_code
from autograd.program.threads import in_blocks, in_blocks_alone

# How often a program is run to measure it: at least, at most, and in between until so many seconds are gone.
_LEAST_RUNS, _MOST_RUNS, _LONG_ENOUGH = 3, 50, 0.1
# How floating-point errors may be treated in machine code, which does not tell them.
_WARNS_AT_MOST = frozenset({"ignore", "warn"})


class Changed(Exception):
    """A program met a value, or a shape that depends on values, with which its function would have done something else.

    Attributes
    ----------
    drawn : sequence
        What was drawn until then; in place of what could not be drawn the error.
    """

    drawn: Sequence[Any] = ()


class Failed(Changed):
    """A program met an error, which its function may treat in its own way.

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
        Of the function.
    arguments : list of str
        The names of its inputs.
    exact : bool
        Whether it gives the bits that the function gives, and so adds in the same order.
    taken : iterable of str
        Names that must not stand for anything else in its text: the parameters of the function.
    numba : bool or None
        Whether runs of elementwise calls become machine code; None: those in loops for which it pays, if numba is
        there.

    Attributes
    ----------
    program : Program
        What is left of it.
    module : Module
    counts : dict of str to int
        How many calls there were after each pass.
    eager_bytes : int
        The memory of all arrays that the function makes.
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
        # What it is written of again where machine code will not do.
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
        # Variables live in one place.
        self._alone = threading.RLock() if self.module.stores else None

    def __call__(self, arrays: Sequence[Array], drawn: Sequence[Any] = ()) -> Any:
        """Return what the function makes of arrays, and give variables their values. What was drawn already is not
        drawn again.

        Raises
        ------
        Changed
            If the program does not hold for these arrays, or meets an error. No variable has another value then.
        Exception
            Of a program that assigns variables, an error that can arise at every statement.
        """
        if self._traced is not None and not _WARNS_AT_MOST.issuperset(np.geterr().values()):
            return self.as_numpy()(arrays, drawn)
        if self._alone is not None:
            with self._alone:
                return self._run(arrays, drawn)
        return self._run(arrays, drawn)

    def _run(self, arrays: Sequence[Array], drawn: Sequence[Any]) -> Any:
        try:
            workspace = self._idle.pop()
        except IndexError:
            workspace = self.workspace()
        try:
            return workspace.run(arrays, drawn)
        except Changed as changed:
            changed.drawn = [*workspace.drawn, *workspace.remaining]
            if isinstance(changed, Failed):
                self._point_at(changed.error)
                # Such an error ends a run anywhere, also where variables are written over: what the function would read
                # is lost.
                if self._alone is not None and (
                    isinstance(changed.error, MemoryError) or "raise" in np.geterr().values()
                ):
                    raise changed.error from None
            raise
        finally:
            self._idle.append(workspace)

    def workspace(self, code: Any = None) -> Workspace:
        """Return the program with memory of its own."""
        return Workspace(self.module, self._code if code is None else code, self.name, self.program.after)

    def as_numpy(self) -> Executable:
        """Return the program without machine code."""
        if self._traced is None:
            return self
        if self._plain is None:
            self._plain = Executable(*self._traced)
            self._plain._alone = self._alone
        return self._plain

    def _point_at(self, error: Exception) -> None:
        """Tell at which line of the user's program an error arose."""
        found = None
        traceback = error.__traceback__
        while traceback is not None:  # of a loop, the innermost frame is that of a block
            if traceback.tb_frame.f_code.co_filename == self.filename:
                found = self.module.lines.get(traceback.tb_lineno, found)
            traceback = traceback.tb_next
        if found is not None:
            error.add_note(f"in a compiled function, at {line_of(found)}")

    def timed(self, arrays: Sequence[Array]) -> dict[int, float]:
        """Measure the statements of the program: seconds by the number of the line in its text, the least of several
        runs.

        Those of loops are measured on one thread. Variables keep their values.
        """
        tree = ast.parse(self.module.text)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                node.body = [_asking_clock(0), *_with_clock(node.body)]
        workspace = self.workspace(compile(ast.fix_missing_locations(tree), self.filename, "exec"))
        workspace.names["in_blocks"] = in_blocks_alone
        times: dict[int, float] = {}
        begin, runs = time.perf_counter(), 0
        while runs < _LEAST_RUNS or (runs < _MOST_RUNS and time.perf_counter() - begin < _LONG_ENOUGH):
            runs += 1
            run = _Clock()
            workspace.names["clock_"] = run
            workspace.take_in()
            workspace.function(*arrays, *[variable._value for variable in self.module.reads])
            for number, seconds in run.times.items():
                times[number] = min(seconds, times.get(number, seconds))
        return times


def _asking_clock(number: int) -> ast.stmt:
    return ast.parse(f"clock_({number})").body[0]


def _with_clock(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return statements with a look at the clock behind each that is not the last."""
    written: list[ast.stmt] = []
    for statement in body:
        if isinstance(statement, ast.With):
            statement.body = _with_clock(statement.body)
        written.append(statement)
        if not isinstance(statement, (ast.With, ast.Return)):
            written.append(_asking_clock(statement.lineno))
    return written


class _Clock:
    """Notes how long it was since it was last asked."""

    def __init__(self) -> None:
        self.times: dict[int, float] = {}
        self._last = time.perf_counter()

    def __call__(self, number: int) -> None:
        now = time.perf_counter()
        if number:
            self.times[number] = self.times.get(number, 0.0) + now - self._last
        self._last = time.perf_counter()


# From how many bytes on a program counts as large, and the elements of NumPy's own buffers there: 8192 are not quicker.
_LARGE, _BUFFER = 1 << 20, 128


class _Outputs:
    """Makes the arrays that go out, of memory that went out before and that nobody holds any more."""

    def __init__(self) -> None:
        self._made: dict[str, list[Array]] = {}
        self._as_made: dict[str, tuple[Any, ...]] = {}

    def __call__(self, name: str, shape: tuple[int, ...], dtype: Any) -> Array:
        made = self._made.setdefault(name, [])
        for array, holders in zip(made, _holders(made), strict=True):
            # Who held it could give it another shape, dtype or order in place.
            if holders <= _NOBODY and (array.shape, array.strides, array.dtype) == self._as_made[name]:
                array.flags.writeable = True
                return array
        array = np.empty(shape, dtype)
        self._as_made[name] = array.shape, array.strides, array.dtype
        made.append(array)
        del made[:-_KEPT_OUTPUTS]
        return array


def _owner(array: Array) -> Array:
    """Return the array whose memory another one shows: what the views of that hold, too."""
    return array if array.base is None else array.base


def _locked_view(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view


def _holders(arrays: list[Array]) -> list[int]:
    """Count who holds each array of a list, in the one way in which all counts here are made: Python counts differently
    at every other place.
    """
    return list(map(sys.getrefcount, arrays))


# What is counted where nobody but the list holds an array. How many arrays of one output are remembered.
_NOBODY = _holders([np.empty(0)])[0]
_KEPT_OUTPUTS = 2


class Workspace:
    """The memory of a program, and its function."""

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
        self._show()

    def _show(self) -> None:
        """Make the views of the memory of variables that others get to see, and count who holds them when nobody else
        does.
        """
        self.shown = [
            (variable, self.names[name], _locked_view(self.names[name])) for variable, name in self.module.stores
        ]
        self.views = [view for _, _, view in self.shown]
        self.arenas = [_owner(self.names[arena]) for arena in self.module.arenas]
        self.holders = _holders(self.views), _holders(self.arenas)

    def take_in(self) -> None:
        """Copy in the variables that have another value than this memory."""
        for variable, memory, view in self.shown:
            if variable._value is not view:
                memory[...] = variable._value

    def _draw(self, fn: Callable[[], Any]) -> Any:
        """Return what was drawn before, or else what a function draws."""
        try:
            self.drawn.append(self.remaining.pop(0) if self.remaining else fn())
        except Exception as error:
            self.drawn.append(error)
            raise
        return self.drawn[-1]

    def run(self, arrays: Sequence[Array], drawn: Sequence[Any] = ()) -> Any:
        """Return the results for arrays, and give variables their values."""
        if drawn or self.drawn or self.remaining:  # of a run that did not come to its end
            self.drawn, self.remaining = [], list(drawn)
        if self.shown and self._is_held():
            self._move()
        self.take_in()
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
            variable._value = view
            variable._id = next_id()
        for fn in self.after:
            fn()
        return results

    def _is_held(self) -> bool:
        """Whether somebody besides the variables holds their memory, or what is shown of it: from now, or from before
        they got another value.
        """
        views, arenas = self.holders
        living = [variable._value is view for variable, _, view in self.shown]
        return any(map(operator.gt, _holders(self.views), map(operator.add, views, living))) or any(
            map(operator.gt, _holders(self.arenas), arenas)
        )

    def _run_large(self, given: Sequence[Array]) -> Any:
        """Run with little of the memory that NumPy takes by itself at each call, for operands that it broadcasts."""
        elements = np.setbufsize(_BUFFER)
        try:
            return self.function(*given)
        finally:
            np.setbufsize(elements)

    def _move(self) -> None:
        """Leave the memory of variables to others who hold it, and go on in a copy."""
        for arena, statements in self.module.arenas.items():
            self.names[arena] = aligned(self.names[arena].shape, self.names[arena].dtype)
            exec("\n".join(statements), self.names)
        self._show()
        self.take_in()
