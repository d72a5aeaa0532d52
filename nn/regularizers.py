"""Penalties on weights and activities, by Keras's names. A regularizer is called with a tensor and returns one number
to add to the loss.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import autograd.numpy as np
from autograd import Tensor
from nn import config as naming
from nn.config import Configured
from nn.errors import ArgumentError

__all__ = ["L1", "L1L2", "L2", "Regularizer", "get"]


class Regularizer(Configured):
    """Base of regularizers: subclasses define ``__call__(x)``."""

    def __call__(self, x: Tensor) -> Tensor:
        """Return the penalty, a tensor of shape ``()``."""
        raise NotImplementedError(f"{type(self).__name__} defines no __call__(x).")


class L1(Regularizer):
    """``l1 * sum(|x|)``.

    Parameters
    ----------
    l1 : float, default 0.01
        Not negative.
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _factor("l1", l1)

    def __call__(self, x: Tensor) -> Tensor:
        return self.l1 * np.sum(np.abs(x))


class L2(Regularizer):
    """``l2 * sum(x ** 2)``.

    Parameters
    ----------
    l2 : float, default 0.01
        Not negative.

    Examples
    --------
    >>> L2(0.5)(autograd.Tensor([1.0, 3.0])).item()
    5.0
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _factor("l2", l2)

    def __call__(self, x: Tensor) -> Tensor:
        return self.l2 * np.sum(np.square(x))


class L1L2(Regularizer):
    """``l1 * sum(|x|) + l2 * sum(x ** 2)``.

    Parameters
    ----------
    l1, l2 : float, default 0.0
        Not negative.
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1, self.l2 = _factor("l1", l1), _factor("l2", l2)

    def __call__(self, x: Tensor) -> Tensor:
        return self.l1 * np.sum(np.abs(x)) + self.l2 * np.sum(np.square(x))


def _factor(name: str, value: float) -> float:
    if not (isinstance(value, (int, float)) and math.isfinite(value) and value >= 0):
        raise ArgumentError(f"{name} is a number that is not negative: received {value!r}.")
    return float(value)


REGULARIZERS: dict[str, type[Regularizer]] = {"l1": L1, "l2": L2, "l1_l2": L1L2}


def get(identifier: Any) -> Callable[[Any], Any] | None:
    """Return the regularizer of a name, a regularizer or another callable of a tensor as it is, and None for None."""
    return None if identifier is None else naming.find("a regularizer", REGULARIZERS, identifier)
