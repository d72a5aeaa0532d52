"""Record a completed call as one operation, and collect the tracked values that the call read.

`custom_gradient`, `checkpoint` and the implicit functions run a function off the tape and put the call on it with a
pullback of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.core import nest
from autograd.core.recorder import Recorder
from autograd.core.tensor import Tensor, apply
from autograd.core.value import next_id
from autograd.core.variable import Variable
from autograd.errors import TapeError
from autograd.registry.define import defjoint, operation
from autograd.transforms.levels import as_now

# pull(cotangents of the outputs, outputs) returns the cotangents of the operands.
Pull = Callable[[list[Any], list[Any]], list[Any]]


class CompletedCall:
    """The outputs of a call and its pullback."""

    __slots__ = ("outputs", "pullback")

    def __init__(self, outputs: list[Any], pullback: Pull) -> None:
        self.outputs = outputs
        self.pullback = pullback


@operation
def completed_call(call: CompletedCall, *operands: Any) -> Any:
    """Return the outputs of a call as functions of its operands."""
    return call.outputs


def _pull(argnums: tuple[int, ...], g: Any, ans: Any, call: Any, *_operands: Any) -> list[Any]:
    cotangents = call.pullback(g, ans)
    return [cotangents[i - 1] for i in argnums]


defjoint(completed_call, _pull, symbol="custom", static=False, fresh=False)


def record_call(pull: Pull, outputs: list[Any], operands: list[Any], out: Any) -> Any:
    """Put a completed call on the active tapes, and return its outputs as a nest built like ``out``."""
    return nest.rebuild(out, apply(completed_call, CompletedCall(outputs, as_now(pull)), *operands))


class InputCollector(Recorder):
    """Collects the values that a call reads, that existed before it, and that some tape tracks.

    Attributes
    ----------
    found : dict of int to array
        The value of each, by its identity.
    """

    def __init__(self, outer: tuple[Recorder, ...]) -> None:
        super().__init__(keep_values=True, tracked=_TrackedBefore(outer))
        self.outer = outer
        self.found: dict[int, Any] = {}

    def see_variable(self, variable: Any, identity: int) -> None:
        for recorder in self.outer:
            recorder.see_variable(variable, identity)

    def note(self, fn: Any, values: list[Any], kwargs: Any, ids: list[Any], ans: Any, output: Any) -> None:
        self._collect(values, ids)

    def _collect(self, values: Any, ids: Any) -> None:
        for value, identity in zip(values, ids, strict=True):
            if identity.__class__ is tuple:
                self._collect(value, identity)
            elif identity in self.tracked:
                self.found[identity] = value


class _TrackedBefore(set[int]):
    """The identities of earlier values that one of several recorders tracks.

    It looks them up in the recorders: a copy would take time and memory in proportion to the whole tape.
    """

    def __init__(self, outer: tuple[Recorder, ...]) -> None:
        super().__init__()
        self.sets = [recorder.tracked for recorder in outer]
        self.last = next_id()

    def __contains__(self, identity: object) -> bool:
        return identity < self.last and any(identity in each for each in self.sets)  # type: ignore[operator]


def snapshot(leaf: Any) -> Any:
    """Return the present value of an argument, which later writes by its owner do not change."""
    if isinstance(leaf, Tensor) and not isinstance(leaf, Variable):
        return Tensor.alias(leaf)
    return leaf.copy() if type(leaf) is np.ndarray else leaf


def check_deterministic(name: str, results: list[Tensor], repeated: list[Tensor]) -> None:
    """Refuse a function that returned another result when it was run again."""
    for before, after in zip(results, repeated, strict=True):
        if before.shape != after.shape or not np.allclose(
            before._value, after._value, rtol=1e-3, atol=1e-6, equal_nan=True
        ):
            raise TapeError(
                f"{name} gave another result when it was run again for the derivative. It must give the same every "
                "time: draw random numbers outside and pass them in, and assign variables after the gradient was "
                "taken."
            )
