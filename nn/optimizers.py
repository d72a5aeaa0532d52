"""Optimizers, by Keras's names, with its formulas, defaults and arguments.

An optimizer is two functions: one makes the state that belongs to a weight, the other takes one step on a weight, its gradient and its
state, all in place. The step runs over blocks of the arrays that fit the cache, with scratch memory that is reused: every element is read
from memory once for each step, and nothing is allocated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from autograd import Tensor, Variable
from autograd.errors import DtypeError, OperandError, ShapeError, UnwatchedError
from nn import naming
from nn.errors import ArgumentError

__all__ = ["SGD", "Adagrad", "Adam", "Optimizer", "RMSprop", "get"]

Array = np.ndarray[Any, Any]
Schedule = Callable[[int], Any]

# Elements in a block: the four float32 arrays of a step take half a megabyte, which stays in the cache of one core. Smaller blocks cost more
# calls: half of this adds a tenth to the time of a step.
BLOCK = 32768


class Optimizer:
    """Base of optimizers: subclasses define `make_state`, `constants` and `step`.

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
        How many steps were taken.
    """

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
            raise ArgumentError(f"at most one of clipnorm, clipvalue and global_clipnorm can be given: received {', '.join(given)}.")
        self.name = name or naming.snake_case(type(self).__name__)
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.weight_decay = weight_decay
        self.iterations = 0
        self.learning_rate = learning_rate
        # By the identity of the variable, which is kept alive here, so that no other object can take it.
        self._states: dict[int, tuple[Variable, list[Array], list[Array]]] = {}
        self._scratch: dict[np.dtype[Any], list[Array]] = {}

    scratch_count = 1

    # ------------------------------------------------------------------------------------------- what subclasses define
    def make_state(self, weight: Array) -> list[Array]:
        """Return the state that belongs to a weight: arrays of its shape and dtype."""
        return []

    def constants(self, learning_rate: float, step: int) -> tuple[float, ...]:
        """Return the numbers that one step needs, the step counted from 1."""
        return (learning_rate,)

    def step(self, w: Array, g: Array, state: list[Array], scratch: list[Array], constants: list[Array]) -> None:
        """Take one step on arrays of one shape, in place: everything but ``g`` may be written."""
        raise NotImplementedError(f"{type(self).__name__} defines no step.")

    # ------------------------------------------------------------------------------------------- learning rate
    @property
    def learning_rate(self) -> float:
        """The learning rate of the next step. A number or a schedule can be assigned."""
        rate = self._rate
        return float(rate(self.iterations)) if callable(rate) else rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if not callable(value):
            value = value.item() if isinstance(value, (Tensor, np.ndarray, np.generic)) else value
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
                raise ArgumentError(f"a learning rate is a finite number that is not negative, or a schedule: received {value!r}.")
            value = float(value)
        self._rate: Any = value

    # ------------------------------------------------------------------------------------------- steps
    def build(self, variables: Iterable[Variable]) -> None:
        """Make the state of variables now, and not at their first step."""
        for variable in variables:
            self._state_of(variable)

    def _state_of(self, variable: Variable) -> tuple[Variable, list[Array], list[Array]]:
        """Return what belongs to a variable: its state, and scratch memory, which long variables share."""
        entry = self._states.get(id(variable))
        if entry is None:
            weight = variable.numpy()
            if weight.size > BLOCK:
                scratch = self._scratch.setdefault(weight.dtype, [np.empty(BLOCK, weight.dtype) for _ in range(self.scratch_count)])
            else:
                scratch = [np.empty(weight.shape, weight.dtype) for _ in range(self.scratch_count)]
            entry = self._states[id(variable)] = (variable, self.make_state(weight), scratch)
        return entry

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Variable]) -> None:
        """Take one step: `apply_gradients` of gradients and variables in two lists."""
        gradients, variables = list(grads), list(trainable_variables)
        if len(gradients) != len(variables):
            raise ShapeError(f"as many gradients as variables are needed: received {len(gradients)} and {len(variables)}.")
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
            If something is no variable, has no derivative, does not fit or stands there twice. Nothing has been changed then.
        """
        pairs = [(variable, _checked(gradient, variable)) for gradient, variable in grads_and_vars]
        if not pairs:
            raise ArgumentError("apply_gradients received no variables: the list of gradients and weights is empty.")
        if len({id(variable) for variable, _ in pairs}) != len(pairs):
            raise ArgumentError("apply_gradients received a variable more than once: add its gradients up first.")
        numbers = self.constants(self.learning_rate, self.iterations + 1)
        decay = self.weight_decay * self.learning_rate if self.weight_decay else 0.0
        gradients = self._clipped([gradient for _, gradient in pairs])
        states = [self._state_of(variable) for variable, _ in pairs]

        constants: dict[str, list[Array]] = {}
        for (variable, state, scratch), gradient in zip(states, gradients, strict=True):
            with variable.writing() as weight:
                kind = weight.dtype.char
                if kind not in constants:
                    constants[kind] = [np.array(number, weight.dtype) for number in numbers]
                if decay:
                    weight *= 1 - decay
                if weight.size > BLOCK:
                    self._step_in_blocks(weight, gradient, state, scratch, constants[kind])
                else:
                    self.step(weight, gradient, state, scratch, constants[kind])
        self.iterations += 1

    def _step_in_blocks(self, weight: Array, gradient: Array, state: list[Array], scratch: list[Array], constants: list[Array]) -> None:
        """Run `step` over blocks of flat views."""
        flat = weight.reshape(-1)
        flat_gradient = gradient.reshape(-1)
        flat_state = [array.reshape(-1) for array in state]
        size = flat.size
        for start in range(0, size, BLOCK):
            stop = min(start + BLOCK, size)
            part = [array[: stop - start] for array in scratch] if stop - start < BLOCK else scratch
            self.step(flat[start:stop], flat_gradient[start:stop], [array[start:stop] for array in flat_state], part, constants)

    def _clipped(self, gradients: list[Array]) -> list[Array]:
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


def _checked(gradient: Any, variable: Any) -> Array:
    """Return a gradient as an array in the dtype of its variable, or say what is wrong with the pair."""
    if not isinstance(variable, Variable):
        raise OperandError(
            f"apply_gradients takes pairs (gradient, Variable): received a {type(variable).__name__} in the place of the variable. "
            f"Zip gradients first, then variables."
        )
    if variable.dtype.kind not in "fc":
        raise DtypeError(
            f"variable {variable.name!r} (shape {variable.shape}) has the integer or boolean dtype {variable.dtype}, which has no derivative: "
            f"make it with dtype=float, or leave it out of the list."
        )
    if gradient is None:
        raise UnwatchedError(
            f"there is no gradient for variable {variable.name!r} (shape {variable.shape}, trainable={variable.trainable}): the loss does not "
            f"depend on it. Either it was not used while the tape recorded, or what was computed from it left the tape: by .numpy(), "
            f".item() or stop_recording, by an integer dtype, or by another value that was assigned to it from NumPy. "
            f"Leave it out of the list if that is meant."
        )
    array = gradient.numpy() if isinstance(gradient, Tensor) else np.asarray(gradient)
    if array.shape != variable.shape:
        raise ShapeError(f"variable {variable.name!r} has shape {variable.shape}: received a gradient of shape {array.shape}.")
    if array.dtype.kind == "c" and variable.dtype.kind != "c":
        raise DtypeError(f"variable {variable.name!r} has the real dtype {variable.dtype}: received a gradient of dtype {array.dtype}.")
    return array if array.dtype == variable.dtype else array.astype(variable.dtype)


def _zeros(weight: Array) -> Array:
    """Return zeros, row by row in memory whatever the weight is, so that they always have a flat view."""
    return np.zeros(weight.shape, weight.dtype)


def _norm(gradients: list[Array]) -> float:
    """Return the Euclidean norm of all elements, added up in float64, where no square of a float32 overflows."""
    return math.sqrt(sum(float(np.sum(np.square(np.abs(g), dtype=np.float64))) for g in gradients))


def _scaled(gradient: Array, largest: float, norm: float) -> Array:
    return gradient if norm <= largest else gradient * np.array(largest / norm, gradient.dtype)


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted.

    ``w -= learning_rate * g``; with momentum ``m = momentum * m - learning_rate * g`` and ``w += m``, or in Nesterov's form
    ``w += momentum * m - learning_rate * g`` (Sutskever et al., 2013).

    Parameters
    ----------
    learning_rate : float or callable, default 0.01
    momentum : float, default 0.0
    nesterov : bool, default False
    **kwargs
        See `Optimizer`.
    """

    def __init__(self, learning_rate: float | Schedule = 0.01, momentum: float = 0.0, nesterov: bool = False, **kwargs: Any) -> None:
        super().__init__(learning_rate, **kwargs)
        self.momentum = _fraction("momentum", momentum, closed=True)
        self.nesterov = bool(nesterov)

    def make_state(self, weight: Array) -> list[Array]:
        return [_zeros(weight)] if self.momentum else []

    def constants(self, learning_rate: float, step: int) -> tuple[float, ...]:
        return learning_rate, self.momentum

    def step(self, w: Array, g: Array, state: list[Array], scratch: list[Array], constants: list[Array]) -> None:
        rate, momentum = constants
        (t,) = scratch
        np.multiply(g, rate, out=t)
        if state:
            (m,) = state
            np.multiply(m, momentum, out=m)
            np.subtract(m, t, out=m)
            if not self.nesterov:
                np.add(w, m, out=w)
                return
            np.subtract(w, t, out=w)
            np.multiply(m, -momentum, out=t)
        np.subtract(w, t, out=w)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"momentum": self.momentum, "nesterov": self.nesterov}


class RMSprop(Optimizer):
    """Gradients divided by the root of a moving average of their squares (Tieleman and Hinton, 2012).

    ``v = rho * v + (1 - rho) * g ** 2``, and ``w -= learning_rate * g / sqrt(v + epsilon)``. Centered, the square of a moving average
    ``a`` of the gradients is taken off: ``sqrt(v - a ** 2 + epsilon)``. With momentum ``m = momentum * m + learning_rate * g / sqrt(...)``
    and ``w -= m``.

    Parameters
    ----------
    learning_rate : float or callable, default 0.001
    rho : float, default 0.9
    momentum : float, default 0.0
    epsilon : float, default 1e-7
    centered : bool, default False
    **kwargs
        See `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.rho = _fraction("rho", rho)
        self.momentum = _fraction("momentum", momentum, closed=True)
        self.epsilon = _positive("epsilon", epsilon)
        self.centered = bool(centered)
        self.scratch_count = 2 if self.centered else 1

    def make_state(self, weight: Array) -> list[Array]:
        return [_zeros(weight) for _ in range(1 + self.centered + bool(self.momentum))]

    def constants(self, learning_rate: float, step: int) -> tuple[float, ...]:
        return learning_rate, self.rho, 1 - self.rho, self.epsilon, self.momentum

    def step(self, w: Array, g: Array, state: list[Array], scratch: list[Array], constants: list[Array]) -> None:
        rate, rho, rest, epsilon, momentum = constants
        v, t = state[0], scratch[0]
        np.multiply(g, g, out=t)
        np.multiply(t, rest, out=t)
        np.multiply(v, rho, out=v)
        np.add(v, t, out=v)
        if self.centered:
            a, u = state[1], scratch[1]
            np.multiply(g, rest, out=t)
            np.multiply(a, rho, out=a)
            np.add(a, t, out=a)
            np.multiply(a, a, out=u)
            np.subtract(v, u, out=t)
            # The variance is at least 0, and rounding must not make it less.
            np.maximum(t, 0, out=t)
            np.add(t, epsilon, out=t)
        else:
            np.add(v, epsilon, out=t)
        np.sqrt(t, out=t)
        np.divide(g, t, out=t)
        np.multiply(t, rate, out=t)
        if self.momentum:
            m = state[-1]
            np.multiply(m, momentum, out=m)
            np.add(m, t, out=m)
            t = m
        np.subtract(w, t, out=w)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"rho": self.rho, "momentum": self.momentum, "epsilon": self.epsilon, "centered": self.centered}


class Adagrad(Optimizer):
    """Gradients divided by the root of the sum of their squares so far (Duchi et al., 2011).

    ``a += g ** 2`` and ``w -= learning_rate * g / sqrt(a + epsilon)``.

    Parameters
    ----------
    learning_rate : float or callable, default 0.001
    initial_accumulator_value : float, default 0.1
    epsilon : float, default 1e-7
    **kwargs
        See `Optimizer`.
    """

    def __init__(
        self, learning_rate: float | Schedule = 0.001, initial_accumulator_value: float = 0.1, epsilon: float = 1e-7, **kwargs: Any
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        if not initial_accumulator_value >= 0:
            raise ArgumentError(f"initial_accumulator_value is not negative: received {initial_accumulator_value!r}.")
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = _positive("epsilon", epsilon)

    def make_state(self, weight: Array) -> list[Array]:
        return [np.full(weight.shape, self.initial_accumulator_value, weight.dtype)]

    def constants(self, learning_rate: float, step: int) -> tuple[float, ...]:
        return learning_rate, self.epsilon

    def step(self, w: Array, g: Array, state: list[Array], scratch: list[Array], constants: list[Array]) -> None:
        rate, epsilon = constants
        (a,), (t,) = state, scratch
        np.multiply(g, g, out=t)
        np.add(a, t, out=a)
        np.add(a, epsilon, out=t)
        np.sqrt(t, out=t)
        np.divide(g, t, out=t)
        np.multiply(t, rate, out=t)
        np.subtract(w, t, out=w)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"initial_accumulator_value": self.initial_accumulator_value, "epsilon": self.epsilon}


class Adam(Optimizer):
    """Adaptive moments (Kingma and Ba, 2014), in the form just before section 2.1 of the paper.

    ``m += (1 - beta_1) * (g - m)``, ``v += (1 - beta_2) * (g ** 2 - v)``, and ``w -= alpha * m / (sqrt(v) + epsilon)`` with
    ``alpha = learning_rate * sqrt(1 - beta_2 ** t) / (1 - beta_1 ** t)`` at step ``t``. With ``amsgrad`` the largest ``v`` so far takes the
    place of ``v`` (Reddi et al., 2018).

    Parameters
    ----------
    learning_rate : float or callable, default 0.001
    beta_1 : float, default 0.9
    beta_2 : float, default 0.999
    epsilon : float, default 1e-7
    amsgrad : bool, default False
    **kwargs
        See `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.beta_1 = _fraction("beta_1", beta_1)
        self.beta_2 = _fraction("beta_2", beta_2)
        self.epsilon = _positive("epsilon", epsilon)
        self.amsgrad = bool(amsgrad)

    def make_state(self, weight: Array) -> list[Array]:
        return [_zeros(weight) for _ in range(2 + self.amsgrad)]

    def constants(self, learning_rate: float, step: int) -> tuple[float, ...]:
        alpha = learning_rate * math.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        return alpha, 1 - self.beta_1, 1 - self.beta_2, self.epsilon

    def step(self, w: Array, g: Array, state: list[Array], scratch: list[Array], constants: list[Array]) -> None:
        alpha, rest_1, rest_2, epsilon = constants
        m, v, t = state[0], state[1], scratch[0]
        np.subtract(g, m, out=t)
        np.multiply(t, rest_1, out=t)
        np.add(m, t, out=m)
        np.multiply(g, g, out=t)
        np.subtract(t, v, out=t)
        np.multiply(t, rest_2, out=t)
        np.add(v, t, out=v)
        if self.amsgrad:
            v = np.maximum(state[2], v, out=state[2])
        np.sqrt(v, out=t)
        np.add(t, epsilon, out=t)
        np.divide(m, t, out=t)
        np.multiply(t, alpha, out=t)
        np.subtract(w, t, out=w)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon, "amsgrad": self.amsgrad}


def _fraction(name: str, value: float, closed: bool = False) -> float:
    """Check that a decay is at least 0 and less than 1, or at most 1."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not (0 <= value < 1 or (closed and value == 1)):
        raise ArgumentError(f"{name} is at least 0 and {'at most' if closed else 'less than'} 1: received {value!r}.")
    return float(value)


def _positive(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise ArgumentError(f"{name} is a positive number: received {value!r}.")
    return float(value)


OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": SGD, "rmsprop": RMSprop, "adagrad": Adagrad, "adam": Adam}


def get(identifier: Any) -> Optimizer:
    """Return the optimizer of a name with its defaults, and an `Optimizer` as it is."""
    found = identifier if isinstance(identifier, Optimizer) else naming.find("an optimizer", OPTIMIZERS, identifier)
    if not isinstance(found, Optimizer):
        raise OperandError(f"an optimizer is given by its name or as an object of class Optimizer: received {identifier!r}.")
    return found
