"""Operations that work element by element: activations, error functions, logarithms of probabilities."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.extend import defselection, defvjp, operation
from nn.ops import special

# Klambauer et al., "Self-normalizing neural networks" (2017): the fixed point of mean 0 and variance 1.
SELU_SCALE, SELU_ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
_ROOT_2, _ROOT_2_PI = math.sqrt(2), math.sqrt(2 * math.pi)
# The normal density is 0 beyond this in every dtype. Arguments are clipped to it, so that no square overflows.
_FAR = 40.0


@operation
def relu(x: Any) -> Any:
    """Return ``max(x, 0)``. Its derivative at 0 is 0.

    Parameters
    ----------
    x : array or Tensor

    Returns
    -------
    array or Tensor, of the shape of ``x``

    Examples
    --------
    >>> relu(np.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """
    return np.maximum(x, 0)


@operation
def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """Return ``x`` where it is positive and ``negative_slope * x`` elsewhere. Its derivative at 0 is the slope.

    Parameters
    ----------
    x : array or Tensor
    negative_slope : float, default 0.2

    Returns
    -------
    array or Tensor, of the shape of ``x``

    Examples
    --------
    >>> leaky_relu(np.array([-1.0, 2.0])).tolist()
    [-0.2, 2.0]
    """
    return np.where(x > 0, x, negative_slope * x)


@operation
def elu(x: Any, alpha: float = 1.0) -> Any:
    """Return ``x`` where it is positive and ``alpha * (exp(x) - 1)`` elsewhere. Its derivative at 0 is ``alpha``.

    Parameters
    ----------
    x : array or Tensor
    alpha : float, default 1.0

    Returns
    -------
    array or Tensor, of the shape of ``x``

    Examples
    --------
    >>> elu(np.array([-np.inf, 2.0])).tolist()
    [-1.0, 2.0]
    """
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def selu(x: Any) -> Any:
    """Return `elu` with the scale and the alpha under which activations keep mean 0 and variance 1.

    Parameters
    ----------
    x : array or Tensor

    Returns
    -------
    array or Tensor, of the shape of ``x``

    Examples
    --------
    >>> selu(np.array([1.0])).round(4).tolist()
    [1.0507]
    """
    return SELU_SCALE * elu(x, SELU_ALPHA)


@operation
def sigmoid(x: Any) -> Any:
    """Return ``1 / (1 + exp(-x))``.

    Parameters
    ----------
    x : array or Tensor

    Returns
    -------
    array or Tensor, of the shape of ``x``

    Examples
    --------
    >>> sigmoid(np.array([0.0, 1000.0])).tolist()
    [0.5, 1.0]
    """
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


@operation
def softplus(x: Any) -> Any:
    """Return ``log(1 + exp(x))``.

    Parameters
    ----------
    x : array or Tensor

    Returns
    -------
    array or Tensor, of the shape of ``x``

    Examples
    --------
    >>> softplus(np.array([-1000.0, 1000.0])).tolist()
    [0.0, 1000.0]
    """
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def silu(x: Any) -> Any:
    """Return ``x * sigmoid(x)``, also known as swish.

    Parameters
    ----------
    x : array or Tensor

    Returns
    -------
    array or Tensor, of the shape of ``x``

    Examples
    --------
    >>> silu(np.array([0.0, 1000.0])).tolist()
    [0.0, 1000.0]
    """
    return x * sigmoid(x)


@operation
def erf(x: Any) -> Any:
    """Return the error function, ``2 / sqrt(pi)`` times the integral of ``exp(-t ** 2)`` from 0 to ``x``.

    Parameters
    ----------
    x : array or Tensor

    Returns
    -------
    array or Tensor, of the shape of ``x``

    Examples
    --------
    >>> erf(np.array([0.0, 1.0])).round(6).tolist()
    [0.0, 0.842701]
    """
    return special.erf(x)


@operation
def erfc(x: Any) -> Any:
    """Return ``1 - erf(x)``, accurate where it is tiny.

    Parameters
    ----------
    x : array or Tensor

    Returns
    -------
    array or Tensor, of the shape of ``x``

    Examples
    --------
    >>> float(erfc(np.array(10.0)))  # doctest: +ELLIPSIS
    2.08848758376254...e-45
    """
    return special.erfc(x)


@operation
def normal_cdf(x: Any) -> Any:
    """Return the probability that a standard normal variable is below ``x``, accurate in the lower tail.

    Parameters
    ----------
    x : array or Tensor

    Returns
    -------
    array or Tensor, of the shape of ``x``

    Examples
    --------
    >>> normal_cdf(np.array([0.0, 1.96])).round(3).tolist()
    [0.5, 0.975]
    """
    return 0.5 * special.erfc(x * -(1 / _ROOT_2))


def gelu(x: Any, approximate: bool = False) -> Any:
    """Return ``x`` times the probability that a standard normal variable is below it.

    Parameters
    ----------
    x : array or Tensor
    approximate : bool, default False
        Whether to use the hyperbolic tangent formula of Hendrycks and Gimpel, "Gaussian error linear units" (2016),
        which differs by up to 5e-4. It is written with a sigmoid here: ``(1 + tanh(u)) / 2 = sigmoid(2 u)``.

    Returns
    -------
    array or Tensor, of the shape of ``x``

    Examples
    --------
    >>> gelu(np.array([-1.0, 0.0, 1.0])).round(4).tolist()
    [-0.1587, 0.0, 0.8413]
    """
    if not approximate:
        return x * normal_cdf(x)
    clipped = np.clip(x, -_FAR, _FAR)
    return x * sigmoid((2 * math.sqrt(2 / math.pi)) * clipped * (1 + 0.044715 * clipped * clipped))


def _density(x: Any, scale: float, root: float) -> Any:
    """Return ``scale * exp(-(x / root)^2)``."""
    clipped = np.clip(x, -_FAR, _FAR) / root
    return scale * np.exp(-clipped * clipped)


def _elu(g: Any, x: Any, alpha: float) -> Any:
    slope = np.exp(np.minimum(x, 0))
    return g * slope if alpha == 1 else np.where(x > 0, g, g * (alpha * slope))


defvjp(relu, lambda g, ans, _x: g * (ans > 0), elementwise=True)
defselection(relu)
defvjp(leaky_relu, lambda g, _, x, negative_slope=0.2: np.where(x > 0, g, negative_slope * g), elementwise=True)
defvjp(elu, lambda g, _, x, alpha=1.0: _elu(g, x, alpha), elementwise=True)
defvjp(sigmoid, lambda g, ans, _x: g * ans * (1 - ans), elementwise=True)
defvjp(softplus, lambda g, _, x: g * sigmoid(x), elementwise=True)
defvjp(erf, lambda g, _, x: g * _density(x, 2 / math.sqrt(math.pi), 1.0), elementwise=True)
defvjp(erfc, lambda g, _, x: g * _density(x, -2 / math.sqrt(math.pi), 1.0), elementwise=True)
defvjp(normal_cdf, lambda g, _, x: g * _density(x, 1 / _ROOT_2_PI, _ROOT_2), elementwise=True)


# ---------------------------------------------------------------------------------------------------- probabilities
def _tiny(dtype: Any) -> float:
    """Return the smallest normal number of a dtype."""
    return float(np.finfo(dtype).tiny)


@operation
def log_probability(p: Any) -> Any:
    """Return ``log(p)``, exact down to the smallest normal number of the dtype, and finite at 0.

    Below that number the result is its logarithm (-87.3 in float32, -708.4 in float64) and the derivative is 0.

    Parameters
    ----------
    p : array or Tensor
        Probabilities, from 0 to 1.

    Returns
    -------
    array or Tensor, of the shape of ``p``

    Examples
    --------
    >>> log_probability(np.array([0.0, 1.0])).round(1).tolist()
    [-708.4, 0.0]
    """
    return np.log(np.maximum(p, _tiny(p.dtype)))


@operation
def log_complement(p: Any) -> Any:
    """Return ``log(1 - p)``, exact also where ``p`` is tiny, and finite at 1.

    There the result is the logarithm of the smallest normal number of the dtype, as in `log_probability`, and the
    derivative is 0.

    Parameters
    ----------
    p : array or Tensor
        Probabilities, from 0 to 1.

    Returns
    -------
    array or Tensor, of the shape of ``p``

    Examples
    --------
    >>> log_complement(np.array([1e-20, 1.0])).tolist()
    [-1e-20, -708.3964185322641]
    """
    inside = p < 1
    return np.where(inside, np.log1p(-np.where(inside, p, 0)), math.log(_tiny(p.dtype)))


defvjp(
    log_probability,
    lambda g, _, p: np.where(p < _tiny(p.dtype), 0, g / np.maximum(p, _tiny(p.dtype))),
    elementwise=True,
)
defvjp(log_complement, lambda g, _, p: np.where(p < 1, -g / (1 - np.where(p < 1, p, 0)), 0), elementwise=True)
