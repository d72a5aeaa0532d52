"""Minimisers of a function of which the gradient is given, with parameters in any nest.

Each takes ``grad(x, i)``, the gradient at parameters ``x`` in step ``i``, calls ``callback(x, i, gradient)`` before
each step, and returns the parameters at the end."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.transforms.flatten import flatten

__all__ = ["adam", "rmsprop", "sgd", "unflatten_optimizer"]


def unflatten_optimizer(optimize: Callable[..., Any]) -> Callable[..., Any]:
    """Let an optimizer of vectors take parameters in any nest.

    Parameters
    ----------
    optimize : callable
        ``optimize(grad, x, callback, ...)`` takes and returns a vector.

    Returns
    -------
    callable
        Takes and returns a nest in place of the vector; ``callback`` may be left out.

    Examples
    --------
    >>> @unflatten_optimizer
    ... def one_step(grad, x, callback):
    ...     return x - 0.5 * grad(x, 0)
    >>> one_step(lambda p, i: {"a": 2.0 * p["a"]}, {"a": 3.0})
    {'a': np.float64(0.0)}
    """

    @functools.wraps(optimize)
    def of_nests(
        grad: Callable[..., Any], x0: Any, callback: Callable[..., Any] | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        vector, unflatten = flatten(x0)

        def flat_grad(x: Any, i: int) -> Any:
            return np.asarray(flatten(grad(unflatten(x), i))[0])

        def flat_callback(x: Any, i: int, g: Any) -> None:
            if callback is not None:
                callback(unflatten(x), i, unflatten(g))

        return unflatten(optimize(flat_grad, np.asarray(vector), flat_callback, *args, **kwargs))

    return of_nests


@unflatten_optimizer
def sgd(
    grad: Any, x: Any, callback: Any = None, num_iters: int = 200, step_size: float = 0.1, mass: float = 0.9
) -> Any:
    """Minimise a function by stochastic gradient descent with momentum.

    Parameters
    ----------
    grad : callable
        ``grad(x, i)`` returns the gradient at the parameters ``x`` in step ``i``.
    x : nest of arrays and numbers
        The parameters to begin with.
    callback : callable, optional
        ``callback(x, i, gradient)`` is called before each step.
    num_iters : int
        The number of steps.
    step_size : float
        The learning rate.
    mass : float, default 0.9
        The velocity keeps this part of itself, and takes ``1 - mass`` of the gradient.

    Returns
    -------
    nest
        The parameters at the end, built like ``x``.

    Examples
    --------
    >>> sgd(lambda x, i: 2.0 * (x - 3.0), np.zeros(1)).round(3)
    array([3.])
    """
    velocity = np.zeros_like(x)
    for i in range(num_iters):
        g = grad(x, i)
        callback(x, i, g)
        velocity = mass * velocity - (1.0 - mass) * g
        x = x + step_size * velocity
    return x


@unflatten_optimizer
def rmsprop(
    grad: Any,
    x: Any,
    callback: Any = None,
    num_iters: int = 100,
    step_size: float = 0.1,
    gamma: float = 0.9,
    eps: float = 1e-8,
) -> Any:
    """Minimise a function by root mean square propagation, which divides by a running size of the gradient.

    From G. Hinton, lecture 6e of Neural Networks, 2012.

    Parameters
    ----------
    grad : callable
        ``grad(x, i)`` returns the gradient at the parameters ``x`` in step ``i``.
    x : nest of arrays and numbers
        The parameters to begin with.
    callback : callable, optional
        ``callback(x, i, gradient)`` is called before each step.
    num_iters : int
        The number of steps.
    step_size : float
        The learning rate.
    gamma : float, default 0.9
        The part of the running mean square that is kept in a step.
    eps : float, default 1e-8
        Added to the root, so that nothing is divided by 0.

    Returns
    -------
    nest
        The parameters at the end, built like ``x``.

    Examples
    --------
    >>> rmsprop(lambda x, i: 2.0 * (x - 3.0), np.zeros(1), num_iters=200, step_size=0.02).round(1)
    array([3.])
    """
    mean_square = np.ones_like(x)
    for i in range(num_iters):
        g = grad(x, i)
        callback(x, i, g)
        mean_square = mean_square * gamma + g**2 * (1 - gamma)
        x = x - step_size * g / (np.sqrt(mean_square) + eps)
    return x


@unflatten_optimizer
def adam(
    grad: Any,
    x: Any,
    callback: Any = None,
    num_iters: int = 100,
    step_size: float = 0.001,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
) -> Any:
    """Minimise a function by Adam, algorithm 1 of D. P. Kingma and J. Ba, arXiv:1412.6980.

    Parameters
    ----------
    grad : callable
        ``grad(x, i)`` returns the gradient at the parameters ``x`` in step ``i``.
    x : nest of arrays and numbers
        The parameters to begin with.
    callback : callable, optional
        ``callback(x, i, gradient)`` is called before each step.
    num_iters : int
        The number of steps.
    step_size : float
        The learning rate.
    b1, b2 : float, default 0.9 and 0.999
        The parts of the running mean and mean square of the gradient that are kept in a step.
    eps : float, default 1e-8
        Added to the root, so that nothing is divided by 0.

    Returns
    -------
    nest
        The parameters at the end, built like ``x``.

    Examples
    --------
    >>> adam(lambda x, i: 2.0 * (x - 3.0), np.zeros(1), num_iters=500, step_size=0.1).round(3)
    array([3.])
    """
    m, v = np.zeros_like(x), np.zeros_like(x)
    for i in range(num_iters):
        g = grad(x, i)
        callback(x, i, g)
        m = (1 - b1) * g + b1 * m
        v = (1 - b2) * g**2 + b2 * v
        x = x - step_size * (m / (1 - b1 ** (i + 1))) / (np.sqrt(v / (1 - b2 ** (i + 1))) + eps)
    return x
