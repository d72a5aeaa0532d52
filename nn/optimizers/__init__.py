"""Optimizers, by Keras's names, with its formulas, defaults and arguments. See `nn.optimizers.base` for how
they work.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.errors import OperandError
from nn import config as naming
from nn.errors import ArgumentError
from nn.optimizers.base import BLOCK, Array, Optimizer, Schedule

__all__ = ["BLOCK", "SGD", "Adagrad", "Adam", "Optimizer", "RMSprop", "get"]


def _zeros(weight: Array) -> Array:
    """Return zeros, row by row in memory whatever the weight is, so that they always have a flat view."""
    return np.zeros(weight.shape, weight.dtype)


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted.

    ``w -= learning_rate * g``; with momentum ``m = momentum * m - learning_rate * g`` and ``w += m``, or in Nesterov's
    form ``w += momentum * m - learning_rate * g`` (Sutskever et al., 2013).

    Parameters
    ----------
    learning_rate : float or callable, default 0.01
    momentum : float, default 0.0
    nesterov : bool, default False
    **kwargs
        See `Optimizer`.

    Examples
    --------
    >>> w = autograd.Variable([1.0, 2.0])
    >>> SGD(0.5).apply_gradients([(np.array([1.0, -1.0]), w)])
    >>> w.tolist()
    [0.5, 2.5]
    """

    def __init__(
        self, learning_rate: float | Schedule = 0.01, momentum: float = 0.0, nesterov: bool = False, **kwargs: Any
    ) -> None:
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

    ``v = rho * v + (1 - rho) * g ** 2``, and ``w -= learning_rate * g / sqrt(v + epsilon)``. Centered, the square of a
    moving average ``a`` of the gradients is taken off: ``sqrt(v - a ** 2 + epsilon)``. With momentum ``m = momentum * m
    + learning_rate * g / sqrt(...)`` and ``w -= m``.

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
        return super().get_config() | {
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }


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
        self,
        learning_rate: float | Schedule = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        if not isinstance(initial_accumulator_value, (int, float)) or not initial_accumulator_value >= 0:
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
        return super().get_config() | {
            "initial_accumulator_value": self.initial_accumulator_value,
            "epsilon": self.epsilon,
        }


class Adam(Optimizer):
    """Adaptive moments (Kingma and Ba, 2014), in the form just before section 2.1 of the paper.

    ``m += (1 - beta_1) * (g - m)``, ``v += (1 - beta_2) * (g ** 2 - v)``, and ``w -= alpha * m / (sqrt(v) + epsilon)``
    with ``alpha = learning_rate * sqrt(1 - beta_2 ** t) / (1 - beta_1 ** t)`` at step ``t`` of the weight: one that
    joins later, as that of a layer which is no longer frozen, begins at ``t = 1``. With ``amsgrad`` the largest ``v``
    so far takes the place of ``v`` (Reddi et al., 2018).

    Parameters
    ----------
    learning_rate : float or callable, default 0.001
    beta_1 : float, default 0.9
    beta_2 : float, default 0.999
    epsilon : float, default 1e-7
    amsgrad : bool, default False
    **kwargs
        See `Optimizer`.

    Examples
    --------
    >>> w = autograd.Variable(3.0)
    >>> optimizer = Adam(0.5)
    >>> for _ in range(100):
    ...     with autograd.GradientTape() as tape:
    ...         loss = (w - 1.0) ** 2
    ...     optimizer.apply_gradients([(tape.gradient(loss, w), w)])
    >>> bool(abs(w.item() - 1.0) < 0.01)
    True
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
        return super().get_config() | {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }


def _fraction(name: str, value: float, closed: bool = False) -> float:
    """Check that a decay is at least 0 and less than 1, or at most 1."""
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not (0 <= value < 1 or (closed and value == 1))
    ):
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
        raise OperandError(
            f"an optimizer is given by its name or as an object of class Optimizer: received {identifier!r}."
        )
    return found
