"""`compile`: a function as a program of NumPy calls."""

from __future__ import annotations

import functools
import sys
import warnings
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, overload

import numpy as np

from autograd.arrays.exclusive import alone
from autograd.core.convert import converter, decisive, raw
from autograd.core.tensor import Tensor
from autograd.core.tracing import listening
from autograd.core.variable import Variable
from autograd.errors import CompileWarning, OperandError
from autograd.program.arguments import arguments_of, bound_arguments
from autograd.program.captured import PATIENCE, TRACING, StandIns, contents_of, why_not_compared
from autograd.program.checking import checked
from autograd.program.codegen.literals import is_name
from autograd.program.codegen.names import RESERVED
from autograd.program.export import export, source
from autograd.program.given import rebuilder
from autograd.program.ir import Program, map_values
from autograd.program.keys import difference, flatten, key_of, why_no_key
from autograd.program.native import need_numba
from autograd.program.run import Changed, Executable, Failed
from autograd.program.stats import Stats, stats_of
from autograd.program.trace import trace
from autograd.program.watch import Dependencies, why_so_many
from autograd.program.ways import Special, Way, renewed

# How many specialisations a function keeps, how many ways through each, and after how many a warning says why.
_MOST = 64
_MOST_WAYS = 16
_WARN_AT = (8, 32)
_NOTHING = object()


@overload
def compile(
    f: Callable[..., Any], *, exact: bool = False, numba: bool | None = None, check: bool = False
) -> Compiled: ...
@overload
def compile(
    f: None = None, *, exact: bool = False, numba: bool | None = None, check: bool = False
) -> Callable[[Callable[..., Any]], Compiled]: ...
def compile(
    f: Callable[..., Any] | None = None, *, exact: bool = False, numba: bool | None = None, check: bool = False
) -> Any:
    """Return a function that does the same by a program of NumPy calls, which is written when it is first called.

    The function is run once for each combination of the shapes and dtypes of the arrays among its arguments, and of the
    values of everything else (numbers, strings, variables, functions). The computation, derivatives included, becomes a
    straight list of NumPy calls: without dead ones, in memory that is made once, long arrays by blocks that fit the
    cache. From then on this list is run.

    Parameters
    ----------
    f : callable
        Takes and returns nests of arrays, tensors and Python values. It may read and assign variables, draw random
        numbers from `autograd.numpy`, and use tapes. It prints, and appends to lists and files, when it is traced, and
        not at each call.
    exact : bool, default False
        Whether results are bit for bit those of the function for tensors that lie in memory in C's order, as new ones
        do. Otherwise sums may be added up in another order.
    numba : bool, optional
        Whether runs of elementwise operations become machine code by numba (``pip install tapegrad[jit]``). Unless
        given, arithmetic in loops over blocks of long arrays does where numba is installed and a loop is long enough to
        be worth it. True: arithmetic everywhere, and on arrays of a few numbers every common function. False: nothing.

        Results are the same within rounding, and with ``exact=True`` to the bit. Floating-point errors in machine code
        give no warning; where `numpy.seterr` or `numpy.errstate` asks for more than a warning, the program runs as
        NumPy calls. To load numba takes up to half a second in each process, and to compile a loop some tenths of a
        second, once: the code is kept in ``tapegrad`` of the user's cache folder.
    check : bool, default False
        Whether each call also runs the function itself, on copies of the arguments, and compares: results, the
        variables that it assigns, and the arguments. A program that differs raises `CompileCheckError`. Draws, and the
        answers of `autograd.effects.ask`, are made once for both.

    Returns
    -------
    Compiled
        Called as ``f``. Arrays come back for arrays, tensors for tensors. While a tape records it calls ``f`` itself.

    Raises
    ------
    OperandError
        If ``f`` is no function.
    CompileCheckError
        At a call, if ``check=True`` and the program gives something else than the function.
    MissingError
        If ``numba=True`` is asked for, and numba is not installed.

    Notes
    -----
    A Python value that the function takes from an array steers it, as in ``if loss < 1``: where that would be another
    one, the function is traced another time, and the program of that way is kept beside the first.

    Examples
    --------
    >>> @compile
    ... def gradient(x):
    ...     return autograd.grad(lambda x: np.sum(np.sin(x) ** 2))(x)
    >>> gradient(np.array([0.0, 1.0]))
    array([0.        , 0.90929743])
    """
    if f is None:
        return lambda f: compile(f, exact=exact, numba=numba, check=check)
    if not callable(f):
        raise OperandError(f"compile takes a function: received a {type(f).__name__}.")
    if numba:
        need_numba()
    return (_Checked if check else Compiled)(f, exact, numba)


class Compiled:
    """A function that runs as a program of NumPy calls. See `compile`.

    Attributes
    ----------
    f : callable
        The function itself.
    traces : int
        How often it was traced.
    refused : str
        Why the function runs as it is for the arguments with which that was last found out; empty where it never was.
    generators : sequence of numpy.random.Generator
        Those that the function may draw from other than by `autograd.numpy.random`, which no program repeats: it runs
        as it is if it does. The global ones of `numpy.random` and `random` are always looked at, and those among its
        arguments and in what it finds outside.
    refuses_changes : bool
        Whether it runs as it is where it changes what is outside of it, as a list or an attribute. Otherwise a warning
        says that this is done when it is traced, and not at each call.

    Examples
    --------
    >>> square = autograd.compile(lambda x: x * x)
    >>> square(np.arange(3.0)), square(np.arange(3.0)), square.traces
    (array([0., 1., 4.]), array([0., 1., 4.]), 1)
    """

    def __init__(self, f: Callable[..., Any], exact: bool = False, numba: bool | None = None) -> None:
        self.f = f
        self.exact = exact
        self.numba = numba
        self.traces = 0
        self.refused = ""
        self.generators: Sequence[Any] = ()
        self.refuses_changes = False
        self._found: OrderedDict[Any, Special] = OrderedDict()
        self._told: set[str] = set()
        self._changes: set[str] = set()  # what is outside, and the function changes
        functools.update_wrapper(self, f, updated=())

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return self if owner is None else _Method(self, owner)

    def __reduce__(self) -> Any:
        """Pickle a function that a module holds under its name by that name. Another copy writes its own programs:
        those of this one go with its memory.
        """
        module, name = getattr(self, "__module__", None), getattr(self, "__qualname__", None)
        if name and getattr(sys.modules.get(module or ""), name, None) is self:
            return name
        state = {"generators": self.generators, "refuses_changes": self.refuses_changes}
        return type(self), (self.f, self.exact, self.numba), state

    def __repr__(self) -> str:
        return f"<compiled {_name_of(self.f)}: {len(self._found)} specialisations, {self.traces} traces>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._run(args, kwargs, _NOTHING)

    def attempt(self, default: Any, *args: Any, **kwargs: Any) -> Any:
        """Call the function if it has a program for these arguments that holds, and otherwise do nothing.

        For one who decides himself when it pays to trace.

        Parameters
        ----------
        default : Any
        *args, **kwargs
            As for a call.

        Returns
        -------
        Any
            The result of the function, or ``default`` if it would have to be traced: for other shapes, or because
            something that it depends on is another object than it was.
        """
        return self._run(args, kwargs, default)

    def _run(self, args: tuple[Any, ...], kwargs: dict[str, Any], default: Any, drawn: Sequence[Any] = ()) -> Any:
        if listening():
            return self.f(*args, **kwargs)
        arrays: list[Any] = []
        key: list[Any] = []
        if not flatten(args, arrays, key) or (kwargs and not flatten((kwargs,), arrays, key)):
            self._tell_why_not(args, kwargs)
            return self.f(*args, **kwargs)
        if self.exact:
            arrays = [np.asarray(each, order="C") for each in arrays]
        special = self._found.get(tuple(key))
        if special is None:
            if default is not _NOTHING:
                return default
            special = self._new(tuple(key), args, kwargs)
        if special.refused:
            return self.f(*args, **kwargs)
        for way in special.ways:
            if not way.dependencies.hold():
                continue
            try:
                return way.rebuilt(way.executable(arrays, drawn))
            except Failed as failed:
                return self._after_error(failed, special, args, kwargs)
            except Changed as changed:
                drawn, default = changed.drawn, _NOTHING
        if default is not _NOTHING:
            return default
        return self._missed(special, arrays, args, kwargs, drawn)

    def _tell_why_not(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Warn once that the function runs as it is for arguments of some kind."""
        why = why_no_key((args, kwargs))
        self.refused = why or self.refused
        if why and why not in self._told:
            self._told.add(why)
            told = f"compiled function {_name_of(self.f)} runs as it is for such arguments: {why}."
            warnings.warn(told, CompileWarning, stacklevel=4)

    def _missed(
        self,
        special: Special,
        arrays: list[Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        drawn: Sequence[Any],
    ) -> Any:
        """Return what the function returns, where none of its programs holds as it is."""
        failed, result = None, _NOTHING
        with alone(TRACING, PATIENCE) as ours:
            for way in renewed(special, self.f, args, kwargs) if ours else ():
                try:
                    return way.rebuilt(way.executable(arrays, drawn))
                except Failed as error:
                    failed = error
                    break
                except Changed as changed:
                    drawn = changed.drawn
            if ours and failed is None:
                result = self._traced(special, args, kwargs, drawn=drawn)
        if failed is not None:
            return self._after_error(failed, special, args, kwargs)
        # Outside the block: the function may wait for threads, which may wait for the variables.
        return self.f(*args, **kwargs) if result is _NOTHING else result

    def _after_error(self, failed: Failed, special: Special, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the function itself, which may catch an error of its program. If it raises the same, that is what tells
        where.
        """
        try:
            with alone(TRACING, PATIENCE) as ours:
                result = self._traced(special, args, kwargs, drawn=failed.drawn) if ours else _NOTHING
            if result is _NOTHING:
                return self.f(*args, **kwargs)
        except Exception as error:
            if type(error) is type(failed.error):
                raise failed.error from None
            raise
        if not special.refused:
            self._refuse(
                special,
                f"its program fails where it does not, which is a fault of autograd.compile to report: "
                f"{failed.error!r}",
                4,
            )
        return result

    def _refuse(self, special: Special, why: str, level: int) -> None:
        """Run the function as it is from here on, and tell why."""
        special.refused = self.refused = why
        special.ways.clear()
        warnings.warn(
            f"compiled function {_name_of(self.f)} runs as it is for these arguments from here on: {why}.",
            CompileWarning,
            stacklevel=level + 1,
        )

    def _new(self, key: tuple[Any, ...], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Special:
        """Make room for a specialisation."""
        if self._found and len(self._found) in _WARN_AT:
            last = next(reversed(self._found))
            warnings.warn(
                f"compiled function {_name_of(self.f)} is traced for the {len(self._found) + 1}th time, each for other "
                f"arguments: {difference(last, key)}. Give numbers that change as arrays (np.float64(x)), and arrays "
                "of few different shapes.",
                CompileWarning,
                stacklevel=3,
            )
        special = self._found[key] = Special(args, kwargs)
        if len(self._found) > _MOST:
            self._found.popitem(last=False)
        return special

    def _traced(
        self,
        special: Special,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        dry: bool = False,
        drawn: Sequence[Any] = (),
    ) -> Any:
        """Run the function itself, with the draws made already, and write its operations down. Return `_NOTHING` if it
        is refused before.
        """
        named = bound_arguments(self.f, args, kwargs)
        before = Dependencies(self.f, named)
        if before.refused:
            self._refuse(special, before.refused, 5)
            return _NOTHING
        self.traces += 1
        stand_ins = StandIns(before)
        before.compare_contents(contents_of(stand_ins.plain))
        generators = [*self.generators, *before.generators]
        result, program, refused = trace(self.f, args, kwargs, dry, self.exact, drawn, generators, stand_ins)
        as_given = converter(decisive((args, kwargs)))
        if program is None and not refused and special.makes_variables:
            refused = "it makes a variable at each call"
        if len(special.ways) >= _MOST_WAYS and not dry:
            refused = why_so_many(special.ways[0].dependencies, _MOST_WAYS)
        after = None
        if program is not None and not refused:
            after = Dependencies(self.f, named)
            refused = self._compare(after, before, program, stand_ins)
        if refused:
            self._refuse(special, refused, 5)
        elif program is None or after is None:  # it made variables, which it may find at the next call
            special.makes_variables = True
        else:
            names = [argument.name for argument in arguments_of(self.f, args, kwargs) if argument.name]
            executable = Executable(program, _name_of(self.f), names, self.exact, list(named), self.numba)
            special.ways.insert(0, Way(executable, rebuilder(program.outputs, as_given), after))

        def given(leaf: Any) -> Any:
            """Return what comes back at the other calls too: an array of the receiver's own."""
            is_made = isinstance(leaf, (Tensor, np.ndarray)) and not isinstance(leaf, Variable)
            return as_given(np.array(raw(leaf))) if is_made else leaf

        return map_values(result, given)

    def _compare(self, after: Dependencies, before: Dependencies, program: Program, stand_ins: StandIns) -> str:
        """Prepare what is compared at each call: all that the function depends on, but for what its effects, or it
        itself, may change. Return why it cannot be compared, or an empty text.
        """
        effects = [*program.after, *[call.fn for call in program.calls if call.kind == "draw"]]
        of_effects = [Dependencies(effect) for effect in effects]
        theirs = {key for each in of_effects for key in each.keys() - each.internal}
        changed = {} if before == after else {key: name for key, name in before.changes() if key not in before.internal}
        names = list(dict.fromkeys([name for key, name in changed.items() if key not in theirs]))
        refused = after.refused or why_not_compared(after, before, stand_ins, of_effects)
        if names and self.refuses_changes and not refused:
            refused = f"it changes {names[0]!r}, which is outside of it: return the value, or keep it in a Variable"
        if refused:
            return refused
        after.leave_out(theirs.union(changed))
        after.see([variable for variable, _ in program.variables])
        after.compare_contents(contents_of(stand_ins.plain))
        self._tell_changes(names)
        return ""

    def _tell_changes(self, names: list[str]) -> None:
        """Warn that a function changes what is outside of it, once for each name."""
        new = [name for name in names if name not in self._changes]
        self._changes.update(new)
        for name in new:
            warnings.warn(
                f"compiled function {_name_of(self.f)} changes {name!r}, which is outside of it: that happens when it "
                f"is traced, and not at each call. Return the value, or keep it in a Variable.",
                CompileWarning,
                stacklevel=7,
            )

    # ------------------------------------------------------------------------------------ what it can tell about itself
    def _executable(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Executable, list[Any]]:
        """Return the program for arguments; it is traced without effects on variables, if there is none yet."""
        arrays: list[Any] = []
        key: list[Any] = []
        if not flatten(args, arrays, key) or not (not kwargs or flatten((kwargs,), arrays, key)):
            why = why_no_key((args, kwargs))
            raise OperandError(f"there is no program of {_name_of(self.f)} for these arguments: {why}.")
        if self.exact:
            arrays = [np.asarray(each, order="C") for each in arrays]
        special = self._found.get(tuple(key)) or self._new(tuple(key), args, kwargs)
        first = special.ways[0] if special.ways else None
        # These values may lead another way than those before.
        if not special.refused and (first is None or first.executable.module.checks or not first.dependencies.hold()):
            with TRACING:
                self._traced(special, args, kwargs, dry=True)
            text = special.ways[0].executable.module.text if special.ways else ""
            special.ways[1:] = [way for way in special.ways[1:] if way.executable.module.text != text]
        if not special.ways:
            raise OperandError(f"there is no program of {_name_of(self.f)} for these arguments: {special.refused}.")
        return special.ways[0].executable, arrays

    def source(self, *args: Any, **kwargs: Any) -> str:
        """Return the program for arguments like these, as the text of a Python module that needs NumPy alone.

        Parameters
        ----------
        *args, **kwargs
            As for a call. Their values matter only where they steer the function, which is run once to find its way,
            with operations of yours in it; no variable gets another value.
        """
        executable, _ = self._executable(args, kwargs)
        return source(executable.as_numpy(), self.f, args, kwargs)

    def export(self, path: Any, *args: Any, **kwargs: Any) -> None:
        """Write the program for arguments like these as a module that needs NumPy alone, and its large constants beside
        it.

        Parameters
        ----------
        path : path
            Ends in ``.py``. Constants are written into the file of the same name that ends in ``.npz``, if there are
            any.
        *args, **kwargs
            As for `source`.

        Raises
        ------
        OperandError
            If the program asks for what is not in it: draws random numbers, or calls functions whose text cannot be
            found.
        """
        executable, _ = self._executable(args, kwargs)
        export(executable.as_numpy(), self.f, path, args, kwargs)

    def stats(self, *args: Any, **kwargs: Any) -> Stats:
        """Return what compilation did to the function for arguments like these, with the time of each statement.

        Parameters
        ----------
        *args, **kwargs
            As for `source`. The program is run some times to measure it, an operation of yours in the first run
            alone. Variables keep their values; generators of random numbers go on.
        """
        executable, arrays = self._executable(args, kwargs)
        return stats_of(executable, arrays)


class _Method:
    """A compiled function as the method of an object."""

    __slots__ = ("__self__", "__wrapped__")

    def __init__(self, compiled: Compiled, owner: Any) -> None:
        self.__wrapped__, self.__self__ = compiled, owner

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__wrapped__(self.__self__, *args, **kwargs)

    def source(self, *args: Any, **kwargs: Any) -> str:
        """See `Compiled.source`."""
        return self.__wrapped__.source(self.__self__, *args, **kwargs)

    def export(self, path: Any, *args: Any, **kwargs: Any) -> None:
        """See `Compiled.export`."""
        self.__wrapped__.export(path, self.__self__, *args, **kwargs)

    def stats(self, *args: Any, **kwargs: Any) -> Stats:
        """See `Compiled.stats`."""
        return self.__wrapped__.stats(self.__self__, *args, **kwargs)


class _Checked(Compiled):
    """A compiled function whose results are compared with those of the function at every call."""

    def _run(self, args: tuple[Any, ...], kwargs: dict[str, Any], default: Any, drawn: Sequence[Any] = ()) -> Any:
        special = None if listening() else self._found.get(key_of(args, kwargs))
        if special is None or not special.ways or not (default is _NOTHING or special.holds()):
            return super()._run(args, kwargs, default)
        run = super()._run
        return checked(self, special, lambda drawn: run(args, kwargs, _NOTHING, drawn), args, kwargs)


def _name_of(f: Callable[..., Any]) -> str:
    name = getattr(f, "__name__", None)
    return str(name) if is_name(name) and name not in RESERVED else "program"
