"""The base class of optimizers: the learning rate, clipping, weight decay, and a step on each variable.

An optimizer is two functions: one makes the state of a weight, the other takes one step on a weight, its gradient and
its state, all in place. The step runs over cache-sized blocks of the arrays, with scratch memory that is reused: every
element is read from memory once for each step, and nothing is allocated.

While a program is traced (`autograd.compile`), the same step is taken once on all variables of a dtype, concatenated:
the program keeps them so in memory, and runs over the whole in blocks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np

from autograd import Tensor, Variable
from autograd.errors import OperandError, ShapeError
from autograd.extend import InPlace, ask, at_end, tracing, untraced
from nn.config import Configured, Registry, checks_keywords, snake_case
from nn.errors import ArgumentError
from nn.optimizers.gradients import checked, norm_of, pairs_of, scaled

Array = np.ndarray[Any, Any]
Schedule = Callable[[int], Any]

# Elements in a block: the four float32 arrays of a step take half a megabyte, which stays in the cache of one core.
# Smaller blocks cost more calls: half of this adds a tenth to the time of a step.
BLOCK = 32768
OPTIMIZERS = Registry("an optimizer")


class Scalar(float):
    """A learning rate as a number, with the methods of a variable."""

    __slots__ = ("_optimizer",)
    _optimizer: Optimizer

    def __new__(cls, value: float, optimizer: Optimizer) -> Scalar:
        number = super().__new__(cls, value)
        number._optimizer = optimizer
        return number

    def __reduce__(self) -> tuple[Any, ...]:
        return float, (float(self),)

    def assign(self, value: Any) -> None:
        """Set the learning rate of the optimizer."""
        self._optimizer.learning_rate = value

    def numpy(self) -> np.ndarray[Any, Any]:
        """Return the number as an array."""
        return np.asarray(float(self), np.float32)


class Slot:
    """The optimizer's state of one variable: its arrays, scratch memory, and the number of its steps."""

    __slots__ = ("scratch", "state", "steps", "variable")

    def __init__(self, variable: Variable, state: list[Variable], scratch: list[Array]) -> None:
        # Holding the variable keeps its id, by which slots are found, unique.
        self.variable, self.state, self.scratch = variable, state, scratch
        self.steps = 0


class Optimizer(Configured, registry=OPTIMIZERS):
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
        Made from the class unless given.

    Attributes
    ----------
    iterations : int
        The number of calls of `apply_gradients`, for whatever variables: the argument of a schedule.

    Raises
    ------
    ArgumentError
        If an argument is out of its range, or more than one kind of clipping is asked for.

    Examples
    --------
    >>> class SignDescent(Optimizer):
    ...     def make_state(self, weight):
    ...         return []
    ...     def constants(self, learning_rate, step):
    ...         return (learning_rate,)
    ...     def step(self, w, g, state, scratch, constants):
    ...         np.sign(g, out=scratch[0])
    ...         np.multiply(scratch[0], constants[0], out=scratch[0])
    ...         np.subtract(w, scratch[0], out=w)
    >>> w = autograd.Variable([1.0, 2.0])
    >>> SignDescent(0.25).apply_gradients([(np.array([3.0, -0.1]), w)])
    >>> w.tolist()
    [0.75, 2.25]
    """

    @checks_keywords
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
        self.name = name or snake_case(type(self).__name__)
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.weight_decay = weight_decay
        self.iterations = 0
        self.learning_rate = learning_rate
        self._slots: dict[int, Slot] = {}  # by the id of the variable
        self._scratch: dict[np.dtype[Any], list[Array]] = {}

    scratch_count = 1
    _kept_as = {"learning_rate": "_rate"}  # noqa: RUF012
    # Attributes that change from step to step. Programs ask for them at each run, and do not depend on them.
    __program_state__ = frozenset({"_slots", "_rate", "_scratch", "iterations"})

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Set the state of a copied or unpickled optimizer: slots are found by the ids of the copied variables."""
        vars(self).update(state)
        self._slots = {id(each.variable): each for each in self._slots.values()}

    # ------------------------------------------------------------------------------------------- what subclasses define
    def make_state(self, weight: Array) -> list[Array]:
        """Return the state of a weight: arrays of its shape and dtype.

        Parameters
        ----------
        weight : ndarray

        Returns
        -------
        list of ndarray
        """
        return []

    def constants(self, learning_rate: float, step: int) -> tuple[float, ...]:
        """Return the numbers that one step needs.

        Parameters
        ----------
        learning_rate : float
        step : int
            The number of the variable's own step, from 1.

        Returns
        -------
        tuple of float
        """
        return (learning_rate,)

    def step(self, w: Array, g: Array, state: list[Array], scratch: list[Array], constants: list[Array]) -> None:
        """Take one step on arrays of one shape, in place: everything but ``g`` may be written.

        The arguments are whole weights, parts of them, or in a compiled step several weights concatenated
        (`autograd.extend.InPlace`). So a step works element by element, by NumPy's ufuncs, `where` and `clip`; one that
        does more runs on arrays only.

        Parameters
        ----------
        w, g : ndarray
            The weight and its gradient.
        state : list of ndarray
            As `make_state` returned it.
        scratch : list of ndarray
            As many as ``scratch_count``, with any content.
        constants : list of ndarray
            The numbers that `constants` returned, in the dtype of the weight.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no step.")

    # ------------------------------------------------------------------------------------------- learning rate
    @property
    def learning_rate(self) -> Any:
        """The learning rate of the next step. A number or a schedule can be assigned, as an attribute or by
        ``learning_rate.assign(value)``.
        """
        return Scalar(self._current_rate(), self)

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self._rate: Any = value if callable(value) else _learning_rate(value)

    def _current_rate(self) -> float:
        rate = self._rate
        return _learning_rate(rate(self.iterations), " returned by the schedule") if callable(rate) else rate

    @property
    def variables(self) -> list[Variable]:
        """The state of all variables that have taken a step, or that `build` was given."""
        return [each for slot in self._slots.values() for each in slot.state]

    # ------------------------------------------------------------------------------------------- steps
    def build(self, variables: Iterable[Variable]) -> None:
        """Make the state of variables now, and not at their first step.

        Parameters
        ----------
        variables : iterable of Variable
        """
        for variable in variables:
            self._slot(variable)

    def _slot(self, variable: Variable) -> Slot:
        """Return the slot of a variable, made at its first step. Long variables share their scratch memory."""
        slot = self._slots.get(id(variable))
        if slot is None:
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
            slot = self._slots[id(variable)] = Slot(variable, state, scratch)
        return slot

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Variable]) -> None:
        """Take one step: `apply_gradients` of gradients and variables in two lists.

        Parameters
        ----------
        grads : iterable of array or Tensor
        trainable_variables : iterable of Variable

        Raises
        ------
        ShapeError
            If they are not as many. See `apply_gradients` for the others.
        """
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
        pairs = [(variable, checked(gradient, variable)) for gradient, variable in pairs_of(grads_and_vars)]
        if not pairs:
            raise ArgumentError("apply_gradients received no variables: the list of gradients and weights is empty.")
        if len({id(variable) for variable, _ in pairs}) != len(pairs):
            raise ArgumentError("apply_gradients received a variable more than once: add its gradients up first.")
        slots = [self._slot(variable) for variable, _ in pairs]
        gradients = [gradient for _, gradient in pairs]
        if not (tracing() and self._step_traced(slots, gradients)):
            self._step_eager(slots, [g.numpy() if isinstance(g, Tensor) else g for g in gradients])

    def _numbers(self, slots: Iterable[Slot]) -> list[tuple[float, ...]]:
        """Return the numbers of each variable's next step: the factor that weight decay leaves, and the constants."""
        rate = self._current_rate()
        kept = 1 - self.weight_decay * rate if self.weight_decay else 1.0
        by_steps = {steps: (kept, *self.constants(rate, steps + 1)) for steps in {each.steps for each in slots}}
        return [by_steps[each.steps] for each in slots]

    def _count(self, slots: Iterable[Slot]) -> None:
        """Count a step of variables."""
        for each in slots:
            each.steps += 1
        self.iterations += 1

    def _step_eager(self, slots: Sequence[Slot], gradients: list[Array]) -> None:
        """Take a step on the arrays of variables, one after another."""
        numbers = self._numbers(slots)
        constants: dict[tuple[str, int], list[Array]] = {}
        for each, gradient, (kept, *rest) in zip(slots, self._clipped(gradients), numbers, strict=True):
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
        self._count(slots)

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

    def _step_traced(self, slots: Sequence[Slot], gradients: list[Any]) -> bool:
        """Take a step by recorded operations. False, with nothing done, if `step` cannot run on them."""
        rows = ask(lambda: self._rows(slots))
        # Reading which variables have taken as many steps makes a guard: the program holds for these groups alone.
        groups: dict[tuple[str, float], list[int]] = {}
        for i, (each, first) in enumerate(zip(slots, rows[:, 0].numpy(), strict=True)):
            groups.setdefault((each.variable.dtype.char, first), []).append(i)
        gradients = self._clipped(gradients)
        assigned: list[tuple[Variable, Tensor]] = []
        try:
            for members in groups.values():
                assigned += self._step_joined(
                    [slots[i] for i in members], [gradients[i] for i in members], rows[members[0], 1:]
                )
        except Exception:  # the step on arrays raises it again, or can do it
            return False
        for variable, value in assigned:
            variable.assign(value)
        at_end(lambda: self._count(slots))
        return True

    def _rows(self, slots: Sequence[Slot]) -> Array:
        """Return a row for each variable: the position of the first that took as many steps as it, and the numbers of
        its next step.
        """
        steps = [each.steps for each in slots]
        return np.array([(steps.index(count), *row) for count, row in zip(steps, self._numbers(slots), strict=True)])

    def _step_joined(self, slots: list[Slot], gradients: list[Any], numbers: Tensor) -> list[tuple[Variable, Tensor]]:
        """Run `step` once on the concatenated variables of one dtype. Return new values of these and their states."""
        columns = [
            [each.variable for each in slots],
            *map(list, zip(*[each.state for each in slots], strict=True)),
        ]
        w, *state = [InPlace(_concatenated(column)) for column in columns]
        numbers = numbers.astype(w.dtype)
        kept, *constants = [InPlace(numbers[i]) for i in range(len(numbers))]
        if self.weight_decay:
            w = w * kept
        scratch = [InPlace(w.tensor) for _ in range(self.scratch_count)]
        self.step(w, InPlace(_concatenated(gradients)), state, scratch, constants)  # type: ignore[arg-type]
        return [pair for column, long in zip(columns, (w, *state), strict=True) for pair in _parts(column, long.tensor)]

    def _clipped(self, gradients: list[Any]) -> list[Any]:
        if self.clipvalue is not None:
            return [np.clip(g, -self.clipvalue, self.clipvalue) for g in gradients]
        if self.clipnorm is not None:
            return [scaled(g, self.clipnorm, norm_of([g])) for g in gradients]
        if self.global_clipnorm is not None:
            norm = norm_of(gradients)
            return [scaled(g, self.global_clipnorm, norm) for g in gradients]
        return gradients


def _learning_rate(value: Any, origin: str = "") -> float:
    """Check a learning rate."""
    number = value.item() if isinstance(value, (Tensor, np.ndarray, np.generic)) and value.size == 1 else value
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number) or number < 0:
        raise ArgumentError(
            f"a learning rate is a finite number that is not negative, or a schedule: received {number!r}{origin}."
        )
    return float(number)


def _concatenated(parts: list[Any]) -> Tensor:
    """Concatenate the elements of tensors; a single tensor is returned as it is."""
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([np.reshape(part, -1) for part in parts])  # type: ignore[return-value]


def _parts(variables: list[Variable], long: Tensor) -> Iterable[tuple[Variable, Tensor]]:
    """Yield variables, each with its part of what `_concatenated` made of them."""
    stop = 0
    for variable in variables:
        start, stop = stop, stop + variable.size
        yield variable, long if len(variables) == 1 else long[start:stop].reshape(variable.shape)


def zeros_like(weight: Array) -> Array:
    """Return zeros of a weight's shape and dtype in C order, whatever its own, so that they have a flat view."""
    return np.zeros(weight.shape, weight.dtype)


def get(identifier: Any) -> Optimizer:
    """Return the optimizer that an identifier asks for.

    Parameters
    ----------
    identifier : str, dict or Optimizer
        A name (with the defaults), a configuration, or an `Optimizer`, returned as it is.

    Returns
    -------
    Optimizer

    Raises
    ------
    ArgumentError
        If there is no optimizer of the name.
    OperandError
        If the identifier is of another kind.

    Examples
    --------
    >>> get("sgd").learning_rate
    0.01
    """
    found = identifier if isinstance(identifier, Optimizer) else OPTIMIZERS.get(identifier)
    if not isinstance(found, Optimizer):
        raise OperandError(
            f"an optimizer is given by its name or as an object of class Optimizer: received {identifier!r}."
        )
    return found
