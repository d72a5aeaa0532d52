"""Gradient descent."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn import checks
from nn.optimizers.base import Array, Optimizer, Schedule, zeros_like


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

    Raises
    ------
    ArgumentError
        If an argument is out of its range.

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
        self.momentum = checks.fraction("momentum", momentum, closed=True)
        self.nesterov = bool(nesterov)

    def make_state(self, weight: Array) -> list[Array]:
        return [zeros_like(weight)] if self.momentum else []

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
