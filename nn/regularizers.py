"""Penalties on weights and activities, by Keras's names. A regularizer is called with a tensor and returns one number
to add to the loss.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as np
from autograd import Tensor
from nn import checks
from nn.config import Configured, Registry

__all__ = ["L1", "L1L2", "L2", "Regularizer", "get"]


REGULARIZERS = Registry("a regularizer")


class Regularizer(Configured, registry=REGULARIZERS):
    """Base of regularizers: subclasses define ``__call__(x)``.

    Examples
    --------
    >>> class FourthPower(Regularizer):
    ...     def __call__(self, x):
    ...         return np.sum(x**4)
    >>> FourthPower()(autograd.Tensor([1.0, 2.0])).item()
    17.0
    """

    def __call__(self, x: Tensor) -> Tensor:
        """Return the penalty.

        Parameters
        ----------
        x : Tensor

        Returns
        -------
        Tensor, shape ()
        """
        raise NotImplementedError(f"{type(self).__name__} defines no __call__(x).")


class L1(Regularizer):
    """``l1 * sum(|x|)``.

    Parameters
    ----------
    l1 : float, default 0.01
        Not negative.

    Raises
    ------
    ArgumentError
        If a factor is negative or no number.

    Examples
    --------
    >>> L1(0.5)(autograd.Tensor([1.0, -3.0])).item()
    2.0
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = checks.not_negative("l1", l1)

    def __call__(self, x: Tensor) -> Tensor:
        return self.l1 * np.sum(np.abs(x))


class L2(Regularizer):
    """``l2 * sum(x ** 2)``.

    Parameters
    ----------
    l2 : float, default 0.01
        Not negative.

    Raises
    ------
    ArgumentError
        If a factor is negative or no number.

    Examples
    --------
    >>> L2(0.5)(autograd.Tensor([1.0, 3.0])).item()
    5.0
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = checks.not_negative("l2", l2)

    def __call__(self, x: Tensor) -> Tensor:
        return self.l2 * np.sum(np.square(x))


class L1L2(Regularizer, aliases=("l1_l2",)):
    """``l1 * sum(|x|) + l2 * sum(x ** 2)``.

    Parameters
    ----------
    l1, l2 : float, default 0.0
        Not negative.

    Raises
    ------
    ArgumentError
        If a factor is negative or no number.

    Examples
    --------
    >>> L1L2(l1=0.5, l2=1.0)(autograd.Tensor([1.0, -3.0])).item()
    12.0
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1, self.l2 = checks.not_negative("l1", l1), checks.not_negative("l2", l2)

    def __call__(self, x: Tensor) -> Tensor:
        return self.l1 * np.sum(np.abs(x)) + self.l2 * np.sum(np.square(x))


def get(identifier: Any) -> Callable[[Any], Any] | None:
    """Return the regularizer that an identifier asks for.

    Parameters
    ----------
    identifier : str, dict, Regularizer, callable or None
        A name, a configuration, or a callable of a tensor, returned as it is, as None is.

    Returns
    -------
    callable or None

    Raises
    ------
    ArgumentError
        If there is no regularizer of the name.
    OperandError
        If the identifier is of another kind.

    Examples
    --------
    >>> get("l2")
    L2(l2=0.01)
    """
    return None if identifier is None else REGULARIZERS.get(identifier)
