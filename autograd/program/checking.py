"""Run a function beside its program, and compare: `compile` with ``check=True``.

The function runs first, on copies of the arguments. A witness hears what it draws or asks for, which the
program is given, and which variables it assigns, which get back the values that they had.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.core import nest
from autograd.core.convert import raw
from autograd.core.tensor import Tensor, tensor_of
from autograd.core.tracing import tracing_with
from autograd.core.value import next_id
from autograd.core.variable import Variable
from autograd.errors import AutogradError, CompileCheckError, CompileWarning
from autograd.program.captured import TRACING
from autograd.program.codegen.literals import clipped
from autograd.program.draws import GeneratorWatch
from autograd.program.given import is_dynamic
from autograd.program.watch import Dependencies

# How many units of rounding results may differ by, beside the largest of them, where no bits are promised.
_UNITS = 1000


class _Witness:
    """Hears, as a tracer, what a function draws and which variables it assigns. Its effects at the end are left out:
    the program has them.
    """

    def __init__(self, special: Any) -> None:
        self.records: list[Any] = []
        self.scopes: list[tuple[str, int, int]] = []
        self.dry = True
        self.after: list[Callable[[], Any]] = []
        self.draws: list[Any] = []
        self.assigned: dict[int, Variable] = {}
        self._before: dict[int, tuple[Variable, Any, int]] = {}
        self._arrays: dict[int, tuple[Any, Any]] = {}
        for way in special.ways:
            for variable in way.dependencies.variables.values():
                self.see_variable(variable)
            for array, _ in way.dependencies.arrays.values():
                if array.flags.writeable:
                    self._arrays[id(array)] = array, array.copy()

    def see_variable(self, variable: Variable) -> None:
        if id(variable) not in self._before:
            self._before[id(variable)] = variable, np.array(variable._value), variable._id

    def see_assign(self, variable: Variable, array: Any, ours: bool) -> None:
        self.assigned[id(variable)] = variable

    def drawn(self, fn: Callable[[], Any]) -> Any:
        try:
            self.draws.append(fn())
        except Exception as error:
            self.draws.append(error)
            raise
        return self.draws[-1]

    def keywords(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        return kwargs

    def note(self, *args: Any, **kwargs: Any) -> None:
        """Hear of something that needs no answer."""

    see_new = see_read = see_copy = see_error = see_step = draw = refuse = note

    def restore(self) -> list[tuple[Variable, Any]]:
        """Give back the values that variables and outside arrays had. Return the variables that the function assigned,
        and copies of their values.
        """
        assigned = [(variable, np.array(variable._value)) for variable in self.assigned.values()]
        for variable, before, identity in self._before.values():
            if variable._id != identity or variable._value.tobytes() != before.tobytes():
                before.flags.writeable = False
                variable._rebind(before, next_id())
        for array, before in self._arrays.values():
            if array.tobytes() != before.tobytes():
                array[...] = before
        return assigned


def checked(
    compiled: Any, special: Any, run: Callable[[Any], Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Return what a program returns, compared with what its function returns.

    Parameters
    ----------
    compiled : Compiled
    special : Special of autograd.program.ways
        The programs for these arguments.
    run : callable
        Runs the program, with what was drawn already.
    args, kwargs
        Of the call.

    Raises
    ------
    CompileCheckError
        If the two differ.
    """
    if compiled._changes:
        warnings.warn(
            f"this call of the compiled function {_name_of(compiled.f)} is not checked: the function changes "
            f"{min(compiled._changes)!r}, which is outside of it, and would do so twice.",
            CompileWarning,
            stacklevel=4,
        )
        return run(())
    with TRACING:  # nobody else runs a program that assigns the same variables
        return _compared(compiled, special, run, args, kwargs)


def _compared(
    compiled: Any, special: Any, run: Callable[[Any], Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    copies = _copied((args, kwargs), compiled.exact)
    witness = _Witness(special)
    plain, failed = None, None
    try:
        with tracing_with(witness):
            plain = _copied(compiled.f(*copies[0], **copies[1]))
    except Exception as error:
        failed = error
    finally:
        assigned = witness.restore()
    expected = [*assigned, *_left_alone(special, witness)]
    generators = [*compiled.generators, *[each for way in special.ways for each in way.dependencies.generators]]
    watch = GeneratorWatch(generators)
    try:
        result = run(witness.draws)
    except Exception as error:
        if type(error) is type(failed) or isinstance(error, AutogradError):  # which refuses aloud
            raise
        raise _error(compiled, "the result", error, plain if failed is None else failed) from error
    if failed is not None:
        raise _error(compiled, "the result", result, failed) from failed
    of_effects = {key for fn in _effects(special) for key in Dependencies(fn).variables}
    pairs = [
        ("result", result, plain),
        *[(f"variable {each.name!r}", each._value, value) for each, value in expected if id(each) not in of_effects],
        ("arguments", (args, kwargs), copies),
    ]
    unit = 0.0 if compiled.exact else _unit(special)
    for place, one, other in pairs:
        found = _difference(one, other, place, unit)
        if found is not None:
            raise _error(compiled, *found)
    if watch.look():
        raise _error(compiled, "the generators of random numbers", "more draws", "fewer")
    return result


def _unit(special: Any) -> float:
    """Return how far numbers may lie from each other where the coarsest dtype in a program decides, as in a double sum
    of single losses.
    """
    dtypes = {out.dtype for way in special.ways for call in way.executable.program.calls for out in call.outs}
    return _UNITS * max((float(np.finfo(each).eps) for each in dtypes if each.kind in "fc"), default=2.0**-52)


def _effects(special: Any) -> list[Callable[[], Any]]:
    return [fn for way in special.ways for fn in way.executable.program.after]


def _left_alone(special: Any, witness: _Witness) -> list[tuple[Variable, Any]]:
    """Return the variables that a program may store and the function did not assign, and copies of their values."""
    stored = {id(each): each for way in special.ways for each, _ in way.executable.module.stores}
    return [(each, np.array(each._value)) for key, each in stored.items() if key not in witness.assigned]


def _copied(given: Any, exact: bool = False) -> Any:
    """Return a nest with copies of its arrays and tensors; the same one stands where it stood before. An exact program
    gives the bits that the function gives of tensors in C's order: then all are made such tensors.
    """
    made: dict[int, Any] = {}

    def copy(leaf: Any) -> Any:
        if not is_dynamic(leaf) or (isinstance(leaf, np.generic) and not exact):
            return leaf
        if id(leaf) not in made:
            array = np.array(raw(leaf), order="C" if exact else "K")
            made[id(leaf)] = tensor_of(array, next_id()) if exact or isinstance(leaf, Tensor) else array
        return made[id(leaf)]

    return nest.map_leaves(copy, given)


def _difference(one: Any, other: Any, place: str, unit: float) -> tuple[str, Any, Any] | None:
    """Return the first place where two nests differ, and what is in it; None where there is none."""
    if isinstance(other, (dict, list, tuple)):
        if type(one) is not type(other) or len(one) != len(other):
            return place, one, other
        keys = list(other) if isinstance(other, dict) else range(len(other))
        if isinstance(other, dict) and list(one) != keys:
            return place, one, other
        found = (_difference(one[key], other[key], f"{place}[{key!r}]", unit) for key in keys)
        return next((each for each in found if each is not None), None)
    return None if _agree(one, other, unit) else (place, one, other)


def _agree(one: Any, other: Any, unit: float) -> bool:
    """Whether two leaves agree: in shape and dtype, and within rounding or to the bit."""
    arrays = (Tensor, np.ndarray, np.generic)
    if isinstance(one, Variable) or isinstance(other, Variable):
        return one is other
    if not (isinstance(one, arrays) or isinstance(other, arrays)):
        return one is other or (type(one) is type(other) and repr(one) == repr(other))
    one, other = np.asarray(raw(one)), np.asarray(raw(other))
    if (one.shape, one.dtype) != (other.shape, other.dtype):
        return False
    if other.dtype.kind not in "fc":
        return np.array_equal(one, other)
    if not unit:
        return all(_same_bits(part(one), part(other)) for part in (np.real, np.imag))
    unit = max(unit, _UNITS * float(np.finfo(other.dtype).eps))
    largest = np.max(np.abs(other[np.isfinite(other)]), initial=0)
    with np.errstate(all="ignore"):
        return np.allclose(one, other, rtol=unit, atol=unit * (1 + largest), equal_nan=True)


def _same_bits(one: Any, other: Any) -> bool:
    """Whether two arrays are equal, with the sign of zeros; the bits of a NaN tell nothing."""
    number = ~np.isnan(other)
    return np.array_equal(one, other, equal_nan=True) and np.array_equal(
        np.signbit(one)[number], np.signbit(other)[number]
    )


def _error(compiled: Any, place: str, one: Any, other: Any) -> CompileCheckError:
    return CompileCheckError(
        f"the program of {_name_of(compiled.f)} differs from the function at {place}: the program gives "
        f"{clipped(repr(one), 200)}, the function {clipped(repr(other), 200)}. Where the function treats arrays as it "
        "treats tensors, this is a fault of autograd.compile to report; until then call the function itself.",
        one,
        other,
        place,
    )


def _name_of(f: Callable[..., Any]) -> str:
    return str(getattr(f, "__name__", "program"))
