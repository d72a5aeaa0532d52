"""What a tape listens to: the block in which it records, and the tensors and variables that it watches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from autograd.core import nest
from autograd.core.recorder import Recorder, active_recorders, recording_on, start, stop
from autograd.core.tensor import Tensor
from autograd.core.value import next_id
from autograd.core.variable import Variable
from autograd.errors import DtypeError, OperandError, TapeError, UnwatchedError


class Watcher(Recorder):
    """A recorder that is used as a ``with`` block, and tracks what it is told to watch and the variables that are read
    in the block.

    Parameters
    ----------
    watch_accessed_variables : bool
        Whether to watch every trainable `Variable` that is read while it records.
    debug : bool
        Whether to keep every value, and the line of the program that called each operation.
    """

    def __init__(self, watch_accessed_variables: bool, debug: bool) -> None:
        super().__init__(keep_values=debug, keep_lines=debug)
        self.watch_accessed_variables = watch_accessed_variables
        self._variables: dict[int, tuple[Variable, list[int]]] = {}
        self._used = False  # whether what was recorded is used up
        self._left_at: int | None = None  # the last identity that there was when the block was left

    def __enter__(self) -> Self:
        if self in active_recorders():
            raise TapeError("this tape is recording already. For a second derivative make another tape around it.")
        if self._used:
            self.reset()
        start(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        stop(self)
        self._left_at = next_id()

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

    def see_variable(self, variable: Variable) -> None:
        """Watch a variable that is being read, if it is trainable. Called by operations that read a value which is not
        tracked yet.
        """
        entry = self._variables.get(id(variable))
        if entry is None:
            if not (self.watch_accessed_variables and variable.trainable) or variable._value.dtype.kind not in "fc":
                return
            self._variables[id(variable)] = (variable, [variable._id])
        else:  # it has another identity after each assignment
            entry[1].append(variable._id)
        self.tracked.add(variable._id)

    def watched_variables(self) -> tuple[Variable, ...]:
        """Return the variables that this tape watches, in the order in which it met them."""
        return tuple(variable for variable, _ in self._variables.values())

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Record nothing on this tape for the length of a block."""
        recorders = active_recorders()
        if self not in recorders:
            raise TapeError("stop_recording is for a tape that is recording; this one is not.")
        with recording_on(tuple(r for r in recorders if r is not self)):
            yield

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
            f"the tape never watched {why}, so its gradient is not known: {advice}. "
            f"(x[i] = v and x = x + 1 give a new value, which is another source than the one that was watched.)"
        )


def check_differentiable(leaf: Any, asked: str) -> None:
    """Refuse what is no tensor, or has a dtype without derivatives. ``asked`` is the verb for the message."""
    if not isinstance(leaf, Tensor):
        raise OperandError(
            f"cannot {asked} a {type(leaf).__name__}: a Tensor or a Variable is needed. What left the tape by "
            f".numpy(), .item() or a "
            f"function of another library has no derivative."
        )
    if leaf._value.dtype.kind not in "fc":
        name = f" ({leaf.name!r})" if isinstance(leaf, Variable) else ""
        raise DtypeError(
            f"cannot {asked} a tensor{name} of dtype {leaf.dtype} and shape {leaf.shape}: derivatives exist for "
            f"floating-point and complex "
            f"values only. Convert it first, x.astype(float), or write 3.0 in place of 3."
        )
