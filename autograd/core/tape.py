"""Tape: the block in which it records, the tensors and variables that it watches, and the gradients of these."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Literal, Self

import numpy as np

from autograd.arrays.scopes import explain_lost_value
from autograd.core import nest
from autograd.core.backward import sweep
from autograd.core.recorder import NOTHING, Recorder, active_recorders, stop_recording
from autograd.core.tensor import Tensor, new_tensor
from autograd.core.tracing import Listening, listening
from autograd.core.value import next_id
from autograd.core.variable import Variable
from autograd.errors import DtypeError, OperandError, ShapeError, TapeError, UnwatchedError


class Tape(Recorder, Listening):
    """A recorder that is used as a ``with`` block, tracks what it is told to watch and the variables that are read in
    the block, and differentiates what it recorded. `autograd.GradientTape` adds tools to it.

    Parameters
    ----------
    persistent, watch_accessed_variables, debug : bool
        See `autograd.GradientTape`.
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True, debug: bool = False) -> None:
        super().__init__(keep_values=debug, keep_lines=debug)
        self._open = None
        self.persistent = persistent or debug
        self.watch_accessed_variables = watch_accessed_variables
        self._variables: dict[int, tuple[Variable, list[int]]] = {}
        self._used = False  # whether what was recorded is used up
        self._left_at: int | None = None  # the last identity that there was when the block was left

    def __repr__(self) -> str:
        state = "used up" if self._used else "recording" if self in active_recorders() else "stopped"
        return f"<{type(self).__name__}: {len(self.records)} operations, {len(self.tracked)} values tracked, {state}>"

    _again = "this tape is recording already. For a second derivative make another tape around it."

    def _enter(self) -> Self:
        if self._used:
            self.reset()
        self.heard = self.tracked
        Listening._enter(self)
        return self

    def _change(self, recorders: tuple[Any, ...], tracer: Any) -> Any:
        return (*recorders, self), tracer

    def _leave(self) -> None:
        Listening._leave(self)
        if self.heard is not NOTHING:
            self._left_at = next_id()
            self.heard = NOTHING

    def _failed(self, error: BaseException) -> None:
        explain_lost_value(error)

    def watch(self, tensor: Any) -> None:
        """Track every operation on a tensor, or on each tensor of a nest.

        Raises
        ------
        OperandError, DtypeError
            If something is no tensor, or has an integer or boolean dtype.
        """
        found = nest.leaves(tensor)
        for leaf in found:
            check_differentiable(leaf, "watch")
        for leaf in found:
            if isinstance(leaf, Variable) and leaf._id not in self.tracked:
                self._variables.setdefault(id(leaf), (leaf, []))[1].append(leaf._id)
            self.tracked.add(leaf._id)

    def see_variable(self, variable: Variable, identity: int) -> None:
        """Watch a variable that is being read, if it is trainable. Called by operations that read a value which is not
        tracked yet.
        """
        entry = self._variables.get(id(variable))
        if entry is None:
            if not (self.watch_accessed_variables and variable.trainable) or variable._value.dtype.kind not in "fc":
                return
            self._variables[id(variable)] = (variable, [identity])
        else:  # it has another identity after each assignment
            entry[1].append(identity)
        self.tracked.add(identity)

    def watched_variables(self) -> tuple[Variable, ...]:
        """Return the variables that this tape watches, in the order in which it met them."""
        return tuple(variable for variable, _ in self._variables.values())

    def stop_recording(self) -> AbstractContextManager[None]:
        """Record nothing on this tape for the length of a block."""
        if self not in active_recorders():
            raise TapeError("stop_recording is for a tape that is recording; this one is not.")
        return stop_recording(self)

    def reset(self) -> None:
        """Forget everything: records, watched tensors and variables."""
        self.tracked.clear()
        self.records.clear()
        if self.lines is not None:
            self.lines.clear()
        self.scopes.clear()
        self._variables.clear()
        self._used = False

    def _identities(self, source: Any) -> list[int]:
        """Return the identities under which the tape tracks a source: one for a tensor, one for each value of a
        variable.
        """
        entry = self._variables.get(id(source))
        if entry is not None:
            return entry[1]
        check_differentiable(source, "differentiate with respect to")
        if source._id in self.tracked:
            return [source._id]
        if isinstance(source, Variable):
            if source.trainable and self.watch_accessed_variables:
                return []
            why = f"variable {source.name!r} (trainable={source.trainable})"
            advice = "call tape.watch(variable) inside the block"
        else:
            why = f"a tensor of shape {source.shape}"
            advice = "call tape.watch(x) before computing with it, or make it a Variable"
        raise UnwatchedError(
            f"the tape never watched {why}, so its gradient is not known: {advice}. (x[i] = v and x = x + 1 give a new "
            "value, which is another source than the one that was watched.)"
        )

    # -- differentiating
    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: Literal["none", "zero"] = "none",
    ) -> Any:
        """Differentiate the sum of all elements of the target with respect to the sources.

        Parameters
        ----------
        target : Tensor or nest of Tensors
            The outputs to differentiate, of any shape. Several targets are added up.
        sources : Tensor, Variable or nest of these
            The tensors to differentiate with respect to.
        output_gradients : array_like or nest like the target, optional
            The cotangent of each target, of its shape: ones, unless given.
        unconnected_gradients : {"none", "zero"}
            The result for a watched source on which the target does not depend: None or zeros.

        Returns
        -------
        Tensor, or nest like the sources
            The gradient of each source, with its shape and dtype.

        Raises
        ------
        TapeError
            If a tape that is not persistent was used already, if the tape never recorded, or if a target was computed
            after its block.
        UnwatchedError
            If the tape never watched a source.
        OperandError, DtypeError
            If a target or source is no tensor, or has an integer or boolean dtype.
        ShapeError
            If an output gradient has another shape than its target.
        """
        self._check_usable(unconnected_gradients)
        seeds = self._seeds(target, output_gradients)
        source_leaves = nest.leaves(sources)
        ids = [self._identities(source) for source in source_leaves]

        self._use_up()
        on_tensors = listening()
        cotangents: dict[int, Any] = (
            seeds if on_tensors else {identity: seed._value for identity, seed in seeds.items()}
        )
        found = pulled(self, cotangents, ids, consume=not self.persistent)
        gradients = [None if g is None else as_gradient(g) for g in found]
        return nest.rebuild(sources, or_zeros(gradients, source_leaves, (), unconnected_gradients))

    def _check_usable(self, unconnected_gradients: str) -> None:
        if unconnected_gradients not in ("none", "zero"):
            raise OperandError(f'unconnected_gradients is "none" or "zero": received {unconnected_gradients!r}.')
        if self._used:
            raise TapeError(
                "a tape that is not persistent gives one gradient, and this one was used already. Ask for all sources "
                "in one call, tape.gradient(y, [a, b]), or make the tape with GradientTape(persistent=True)."
            )
        if self._left_at is None and self not in active_recorders():
            raise TapeError("this tape has recorded nothing: compute the target inside its block, `with tape:`.")

    def _use_up(self) -> None:
        """End the recording of a tape that gives one gradient only."""
        if not self.persistent:
            if self.heard is not NOTHING:
                self._leave()
            self._used = True

    def _seeds(self, target: Any, output_gradients: Any) -> dict[int, Tensor]:
        """Return the cotangents to begin with."""
        targets = [target] if isinstance(target, Tensor) else nest.leaves(target)
        given = [None] * len(targets)
        if output_gradients is not None:
            given = nest.leaves(output_gradients) if isinstance(target, (list, tuple, dict)) else [output_gradients]
            if len(given) != len(targets):
                raise ShapeError(f"{len(targets)} targets need as many output_gradients: received {len(given)}.")
        seeds: dict[int, Tensor] = {}
        for t, g in zip(targets, given, strict=True):
            check_differentiable(t, "differentiate")
            if (
                t._id not in self.tracked
                and self._left_at is not None
                and t._id > self._left_at
                and self not in active_recorders()
            ):
                raise TapeError(
                    f"a target of shape {t.shape} was computed after the tape's block, so nothing of it is recorded: "
                    f"compute it inside the block."
                )
            if g is None:
                ones = np.empty(t.shape, t.dtype)
                ones.fill(1)
                seed = new_tensor(ones)
            else:
                seed = g if isinstance(g, Tensor) else Tensor(g)
                if seed.shape != t.shape:
                    raise ShapeError(
                        f"a target of shape {t.shape} needs an output gradient of that shape: received {seed.shape}."
                    )
                if seed.dtype != t.dtype:
                    seed = seed.astype(t.dtype)
                if seed.dtype.kind == "c":
                    seed = seed.conj()
            seeds[t._id] = seeds[t._id] + seed if t._id in seeds else seed
        return {identity: seed for identity, seed in seeds.items() if identity in self.tracked}


def check_differentiable(leaf: Any, asked: str) -> None:
    """Refuse what is no tensor, or has a dtype without derivatives. ``asked`` is the verb for the message."""
    if not isinstance(leaf, Tensor):
        raise OperandError(
            f"cannot {asked} a {type(leaf).__name__}: a Tensor or a Variable is needed. A value that left the "
            "tape by .numpy(), .item() or a function of another library has no derivative."
        )
    if leaf._value.dtype.kind not in "fc":
        name = f" ({leaf.name!r})" if isinstance(leaf, Variable) else ""
        raise DtypeError(
            f"cannot {asked} a tensor{name} of dtype {leaf.dtype} and shape {leaf.shape}: derivatives exist for "
            "floating-point and complex values only. Convert it first, x.astype(float), or write 3.0 in place of 3."
        )


def pulled(recorder: Recorder, cotangents: dict[int, Any], ids: list[list[int]], consume: bool) -> list[Any]:
    """Carry cotangents back to sources, each given by the identities of all values that it had. Return the sum for each
    source, or None where the outputs do not depend on it.
    """
    found = sweep(recorder.records, recorder.tracked, cotangents, [i for each in ids for i in each], consume)
    totals = []
    for identities in ids:
        g: Any = None
        for i in identities:
            if i in found:
                g = found[i] if g is None else g + found[i]
        totals.append(g)
    return totals


def or_zeros(found: list[Any], sources: list[Any], rows: tuple[int, ...], unconnected_gradients: str) -> list[Any]:
    """Put zeros in place of what there is not, if they are asked for."""
    if unconnected_gradients == "none":
        return found
    return [
        new_tensor(np.zeros(rows + x.shape, x.dtype)) if g is None else g for g, x in zip(found, sources, strict=True)
    ]


def as_gradient(g: Any) -> Tensor:
    tensor = new_tensor(g) if g.__class__ is np.ndarray else g if isinstance(g, Tensor) else new_tensor(np.asarray(g))
    return tensor.conj() if tensor._value.dtype.kind == "c" else tensor
