"""What all optimizers share: the learning rate, clipping, weight decay, and a step on each variable.

An optimizer is two functions: one makes the state that belongs to a weight, the other takes one step on a weight, its
gradient and its state, all in place. The step runs over blocks of the arrays that fit the cache, with scratch memory
that is reused: every element is read from memory once for each step, and nothing is allocated.

Where a program is written (`autograd.compile`), the same step is taken once on all variables of a dtype together,
joined end to end: the program keeps them so in memory, and runs over the whole in blocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np

from autograd import Tensor, Variable
from autograd.errors import DtypeError, OperandError, ShapeError, UnwatchedError
from autograd.extend import InPlace, ask, at_end, tracing, untraced
from nn import config as naming
from nn.errors import ArgumentError

Array = np.ndarray[Any, Any]
Schedule = Callable[[int], Any]

# Elements in a block: the four float32 arrays of a step take half a megabyte, which stays in the cache of one core.
# Smaller blocks cost more calls: half of this adds a tenth to the time of a step.
BLOCK = 32768


class _Followed:
    """A variable that is trained, and what belongs to it: its state, scratch memory, and how many steps it took."""

    __slots__ = ("scratch", "state", "steps", "variable")

    def __init__(self, variable: Variable, state: list[Variable], scratch: list[Array]) -> None:
        # The variable is kept alive here, so that no other object can take its identity.
        self.variable, self.state, self.scratch = variable, state, scratch
        self.steps = 0


class Optimizer:
    """Base of optimizers: subclasses define `make_state`, `constants` and `step`.

    Variables may join at any time: each has a state of its own and its own count of steps, from its first step on. A
    formula that depends on the number of the step, such as the correction of the bias in `Adam`, is that of a
    variable's own steps.

    Parameters
    ----------
    learning_rate : float or callable
        A number, or a function of the number of steps taken so far. Can be assigned at any time.
    weight_decay : float, optional
        Before each step, weights lose this fraction, times the learning rate.
    clipnorm : float, optional
        The gradient of each weight is scaled down to at most this Euclidean norm.
    clipvalue : float, optional
        Every element of a gradient is brought within plus and minus this.
    global_clipnorm : float, optional
        All gradients together are scaled down to at most this Euclidean norm. At most one of the three can be given.
    name : str, optional

    Attributes
    ----------
    iterations : int
        How often `apply_gradients` was called, for whatever variables: what a schedule of the learning rate is a
        function of.
    """

    @naming.checks_keywords
    def __init__(
        self,
        learning_rate: float | Schedule,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
    ) -> None:
        clips = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        for key, value in (clips | {"weight_decay": weight_decay}).items():
            if value is not None and not (isinstance(value, (int, float)) and value >= 0):
                raise ArgumentError(f"{key} is None or a number that is not negative: received {value!r}.")
        given = [f"{key}={value}" for key, value in clips.items() if value is not None]
        if len(given) > 1:
            raise ArgumentError(
                f"at most one of clipnorm, clipvalue and global_clipnorm can be given: received {', '.join(given)}."
            )
        self.name = name or naming.snake_case(type(self).__name__)
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.weight_decay = weight_decay
        self.iterations = 0
        self.learning_rate = learning_rate
        self._followed: dict[int, _Followed] = {}  # by the identity of the variable
        self._scratch: dict[np.dtype[Any], list[Array]] = {}

    scratch_count = 1
    # What changes from step to step, and is no setting of a program: one asks for it at each run.
    _run_state = frozenset({"_followed", "_rate", "_scratch", "iterations"})

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over the state of another optimizer, whose variables were copied too."""
        vars(self).update(state)
        self._followed = {id(each.variable): each for each in self._followed.values()}

    # ------------------------------------------------------------------------------------------- what subclasses define
    def make_state(self, weight: Array) -> list[Array]:
        """Return the state that belongs to a weight: arrays of its shape and dtype."""
        return []

    def constants(self, learning_rate: float, step: int) -> tuple[float, ...]:
        """Return the numbers that one step needs, the steps of a variable counted from 1."""
        return (learning_rate,)

    def step(self, w: Array, g: Array, state: list[Array], scratch: list[Array], constants: list[Array]) -> None:
        """Take one step on arrays of one shape, in place: everything but ``g`` may be written.

        It is called with whole weights, with parts of them, and in a program with what stands for several weights, end
        to end (`autograd.extend.InPlace`): so it works element by element, by NumPy's ufuncs, `where` and `clip`. One
        that does more runs on arrays only."""
        raise NotImplementedError(f"{type(self).__name__} defines no step.")

    # ------------------------------------------------------------------------------------------- learning rate
    @property
    def learning_rate(self) -> float:
        """The learning rate of the next step. A number or a schedule can be assigned."""
        rate = self._rate
        return _learning_rate(rate(self.iterations), " returned by the schedule") if callable(rate) else rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self._rate: Any = value if callable(value) else _learning_rate(value)

    # ------------------------------------------------------------------------------------------- steps
    def build(self, variables: Iterable[Variable]) -> None:
        """Make the state of variables now, and not at their first step."""
        for variable in variables:
            self._follow(variable)

    def _follow(self, variable: Variable) -> _Followed:
        """Return what belongs to a variable. Long variables share their scratch memory."""
        followed = self._followed.get(id(variable))
        if followed is None:
            with untraced():
                weight = variable.numpy()
                name = f"{variable.name}/{self.name}"
                state = [Variable(array, trainable=False, name=name) for array in self.make_state(weight)]
            if weight.size > BLOCK:
                scratch = self._scratch.setdefault(
                    weight.dtype, [np.empty(BLOCK, weight.dtype) for _ in range(self.scratch_count)]
                )
            else:
                scratch = [np.empty(weight.shape, weight.dtype) for _ in range(self.scratch_count)]
            followed = self._followed[id(variable)] = _Followed(variable, state, scratch)
        return followed

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Variable]) -> None:
        """Take one step: `apply_gradients` of gradients and variables in two lists."""
        gradients, variables = list(grads), list(trainable_variables)
        if len(gradients) != len(variables):
            raise ShapeError(
                f"as many gradients as variables are needed: received {len(gradients)} and {len(variables)}."
            )
        self.apply_gradients(zip(gradients, variables, strict=True))

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> None:
        """Take one step.

        Parameters
        ----------
        grads_and_vars : iterable of (gradient, Variable)
            As ``zip(tape.gradient(loss, weights), weights)`` makes it.

        Raises
        ------
        UnwatchedError
            If a gradient is None.
        OperandError, DtypeError, ShapeError, ArgumentError
            If something is no variable, has no derivative, does not fit or stands there twice. Nothing has been changed
            then.
        """
        pairs = [(variable, _checked(gradient, variable)) for gradient, variable in _pairs(grads_and_vars)]
        if not pairs:
            raise ArgumentError("apply_gradients received no variables: the list of gradients and weights is empty.")
        if len({id(variable) for variable, _ in pairs}) != len(pairs):
            raise ArgumentError("apply_gradients received a variable more than once: add its gradients up first.")
        followed = [self._follow(variable) for variable, _ in pairs]
        gradients = [gradient for _, gradient in pairs]
        if not (tracing() and self._noted(followed, gradients)):
            self._taken(followed, [g.numpy() if isinstance(g, Tensor) else g for g in gradients])

    def _numbers(self, followed: Iterable[_Followed]) -> list[tuple[float, ...]]:
        """Return the numbers of the next step of each variable: what is left of it by the decay, and the constants."""
        rate = self.learning_rate
        kept = 1 - self.weight_decay * rate if self.weight_decay else 1.0
        by_steps = {steps: (kept, *self.constants(rate, steps + 1)) for steps in {each.steps for each in followed}}
        return [by_steps[each.steps] for each in followed]

    def _count(self, followed: Iterable[_Followed]) -> None:
        """Count a step of variables."""
        for each in followed:
            each.steps += 1
        self.iterations += 1

    def _taken(self, followed: Sequence[_Followed], gradients: list[Array]) -> None:
        """Take a step on the arrays of variables, one after another."""
        numbers = self._numbers(followed)
        constants: dict[tuple[str, int], list[Array]] = {}
        for each, gradient, (kept, *rest) in zip(followed, self._clipped(gradients), numbers, strict=True):
            with ExitStack() as loans:
                weight, *state = [loans.enter_context(variable.writing()) for variable in (each.variable, *each.state)]
                kind = weight.dtype.char, each.steps
                if kind not in constants:
                    constants[kind] = [np.array(number, weight.dtype) for number in rest]
                if kept != 1:
                    weight *= kept
                if weight.size > BLOCK:
                    self._step_in_blocks(weight, gradient, state, each.scratch, constants[kind])
                else:
                    self.step(weight, gradient, state, each.scratch, constants[kind])
        self._count(followed)

    def _step_in_blocks(
        self, weight: Array, gradient: Array, state: list[Array], scratch: list[Array], constants: list[Array]
    ) -> None:
        """Run `step` over blocks of flat views."""
        flat = weight.reshape(-1)
        flat_gradient = gradient.reshape(-1)
        flat_state = [array.reshape(-1) for array in state]
        size = flat.size
        for start in range(0, size, BLOCK):
            stop = min(start + BLOCK, size)
            part = [array[: stop - start] for array in scratch] if stop - start < BLOCK else scratch
            self.step(
                flat[start:stop],
                flat_gradient[start:stop],
                [array[start:stop] for array in flat_state],
                part,
                constants,
            )

    def _noted(self, followed: Sequence[_Followed], gradients: list[Any]) -> bool:
        """Take a step by operations that a program can repeat. False, with nothing done, if `step` does what no program
        can.
        """
        rows = ask(lambda: self._rows(followed))
        # Who has taken as many steps as whom is read here, so that the program holds for these groups alone.
        groups: dict[tuple[str, float], list[int]] = {}
        for i, (each, first) in enumerate(zip(followed, rows[:, 0].numpy(), strict=True)):
            groups.setdefault((each.variable.dtype.char, first), []).append(i)
        gradients = self._clipped(gradients)
        assigned: list[tuple[Variable, Tensor]] = []
        try:
            for members in groups.values():
                assigned += self._step_joined(
                    [followed[i] for i in members], [gradients[i] for i in members], rows[members[0], 1:]
                )
        except Exception:  # whatever it was, the step on arrays says so, or does what this one could not
            return False
        for variable, value in assigned:
            variable.assign(value)
        at_end(lambda: self._count(followed))
        return True

    def _rows(self, followed: Sequence[_Followed]) -> Array:
        """Return a row for each variable: the position of the first that took as many steps as it, and the numbers of
        its next step.
        """
        steps = [each.steps for each in followed]
        return np.array([(steps.index(count), *row) for count, row in zip(steps, self._numbers(followed), strict=True)])

    def _step_joined(
        self, followed: list[_Followed], gradients: list[Any], numbers: Tensor
    ) -> list[tuple[Variable, Tensor]]:
        """Run `step` once on variables of one dtype, joined end to end, and return what each of them and of their
        states becomes.
        """
        columns = [
            [each.variable for each in followed],
            *map(list, zip(*[each.state for each in followed], strict=True)),
        ]
        w, *state = [InPlace(_end_to_end(column)) for column in columns]
        numbers = numbers.astype(w.dtype)
        kept, *constants = [InPlace(numbers[i]) for i in range(len(numbers))]
        if self.weight_decay:
            w = w * kept
        scratch = [InPlace(w.tensor) for _ in range(self.scratch_count)]
        self.step(w, InPlace(_end_to_end(gradients)), state, scratch, constants)  # type: ignore[arg-type]
        return [pair for column, long in zip(columns, (w, *state), strict=True) for pair in _parts(column, long.tensor)]

    def _clipped(self, gradients: list[Any]) -> list[Any]:
        if self.clipvalue is not None:
            return [np.clip(g, -self.clipvalue, self.clipvalue) for g in gradients]
        if self.clipnorm is not None:
            return [_scaled(g, self.clipnorm, _norm([g])) for g in gradients]
        if self.global_clipnorm is not None:
            norm = _norm(gradients)
            return [_scaled(g, self.global_clipnorm, norm) for g in gradients]
        return gradients

    # ------------------------------------------------------------------------------------------- configuration
    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which `from_config` makes an equal optimizer, with no state."""
        return {
            "name": self.name,
            "learning_rate": naming.describe(self._rate, {}) if callable(self._rate) else self._rate,
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "clipvalue": self.clipvalue,
            "global_clipnorm": self.global_clipnorm,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Make an optimizer from what `get_config` returned."""
        return cls(**config)


def _learning_rate(value: Any, origin: str = "") -> float:
    """Check a learning rate."""
    number = value.item() if isinstance(value, (Tensor, np.ndarray, np.generic)) and value.size == 1 else value
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number) or number < 0:
        raise ArgumentError(
            f"a learning rate is a finite number that is not negative, or a schedule: received {number!r}{origin}."
        )
    return float(number)


def _pairs(grads_and_vars: Any) -> list[Any]:
    """Return the pairs of gradients and variables as a list, or say what was received in their place."""
    wanted = "apply_gradients takes pairs (gradient, Variable), as zip(gradients, weights) makes them"
    if isinstance(grads_and_vars, (Tensor, np.ndarray)) or not isinstance(grads_and_vars, Iterable):
        raise OperandError(f"{wanted}: received {_kind(grads_and_vars)}.")
    pairs = list(grads_and_vars)
    for position, pair in enumerate(pairs):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise OperandError(f"{wanted}: received {_kind(pair)} at position {position}.")
    return pairs


def _kind(thing: Any) -> str:
    """Describe an argument that has no business there."""
    if isinstance(thing, (Tensor, np.ndarray)):
        return f"a {type(thing).__name__} of shape {thing.shape}"
    return f"a {type(thing).__name__} of length {len(thing)}" if isinstance(thing, (tuple, list)) else f"{thing!r}"


def _checked(gradient: Any, variable: Any) -> Any:
    """Return a gradient as an array or a tensor in the dtype of its variable, or say what is wrong with the pair."""
    if not isinstance(variable, Variable):
        raise OperandError(
            f"apply_gradients takes pairs (gradient, Variable): received a {type(variable).__name__} in the place of "
            f"the variable. "
            f"Zip gradients first, then variables."
        )
    if variable.dtype.kind not in "fc":
        raise DtypeError(
            f"variable {variable.name!r} (shape {variable.shape}) has the integer or boolean dtype {variable.dtype}, "
            f"which has no derivative: "
            f"make it with dtype=float, or leave it out of the list."
        )
    if gradient is None:
        raise UnwatchedError(
            f"there is no gradient for variable {variable.name!r} (shape {variable.shape}, "
            f"trainable={variable.trainable}): the loss does not "
            f"depend on it. Either it was not used while the tape recorded, or what was computed from it left the "
            f"tape: by .numpy(), "
            f".item() or stop_recording, by an integer dtype, or by another value that was assigned to it from NumPy. "
            f"Leave it out of the list if that is meant."
        )
    if not isinstance(gradient, Tensor):
        gradient = np.asarray(gradient)
    if gradient.shape != variable.shape:
        raise ShapeError(
            f"variable {variable.name!r} has shape {variable.shape}: received a gradient of shape {gradient.shape}."
        )
    if gradient.dtype.kind == "c" and variable.dtype.kind != "c":
        raise DtypeError(
            f"variable {variable.name!r} has the real dtype {variable.dtype}: received a gradient of dtype "
            f"{gradient.dtype}."
        )
    return gradient if gradient.dtype == variable.dtype else gradient.astype(variable.dtype)


def _norm(gradients: list[Any]) -> Any:
    """Return the Euclidean norm of all elements, added up in float64, where no square of a float32 overflows."""
    return np.sqrt(sum(np.sum(np.square(np.abs(g), dtype=np.float64)) for g in gradients))


def _scaled(gradient: Any, largest: float, norm: Any) -> Any:
    """Return a gradient times what brings a norm down to the largest; times 1 where it is no larger."""
    return gradient * (largest / np.maximum(norm, largest or 1.0)).astype(gradient.dtype)


def _end_to_end(parts: list[Any]) -> Tensor:
    """Return all elements of tensors as one long one; a single tensor as it is."""
    return parts[0] if len(parts) == 1 else np.concatenate([np.reshape(part, -1) for part in parts])  # type: ignore[return-value]


def _parts(variables: list[Variable], long: Tensor) -> Iterable[tuple[Variable, Tensor]]:
    """Yield variables, each with its part of what `_end_to_end` made of them."""
    stop = 0
    for variable in variables:
        start, stop = stop, stop + variable.size
        yield variable, long if len(variables) == 1 else long[start:stop].reshape(variable.shape)
