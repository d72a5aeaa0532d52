"""Optimizers that divide each element of a gradient by a measure of its own past size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn import checks
from nn.optimizers.base import Array, Optimizer, Schedule, zeros_like


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

    Raises
    ------
    ArgumentError
        If an argument is out of its range.

    Examples
    --------
    >>> w = autograd.Variable([1.0])
    >>> RMSprop(0.1).apply_gradients([(np.array([2.0]), w)])
    >>> w.numpy().round(4).tolist()  # by 0.1 / sqrt(1 - rho)
    [0.6838]
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
        self.rho = checks.fraction("rho", rho)
        self.momentum = checks.fraction("momentum", momentum, closed=True)
        self.epsilon = checks.positive("epsilon", epsilon)
        self.centered = bool(centered)
        self.scratch_count = 2 if self.centered else 1

    def make_state(self, weight: Array) -> list[Array]:
        return [zeros_like(weight) for _ in range(1 + self.centered + bool(self.momentum))]

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

    Raises
    ------
    ArgumentError
        If an argument is out of its range.

    Examples
    --------
    >>> w = autograd.Variable([1.0])
    >>> Adagrad(0.1, initial_accumulator_value=0.0).apply_gradients([(np.array([2.0]), w)])
    >>> w.numpy().round(4).tolist()
    [0.9]
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.initial_accumulator_value = checks.not_negative("initial_accumulator_value", initial_accumulator_value)
        self.epsilon = checks.positive("epsilon", epsilon)

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

    Raises
    ------
    ArgumentError
        If an argument is out of its range.

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
        self.beta_1 = checks.fraction("beta_1", beta_1)
        self.beta_2 = checks.fraction("beta_2", beta_2)
        self.epsilon = checks.positive("epsilon", epsilon)
        self.amsgrad = bool(amsgrad)

    def make_state(self, weight: Array) -> list[Array]:
        return [zeros_like(weight) for _ in range(2 + self.amsgrad)]

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
