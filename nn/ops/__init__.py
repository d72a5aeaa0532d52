"""Operations of networks, each in one numerically safe piece with its derivative: activations, log-sum-exp,
cross-entropies, dense.

They take arrays and tensors, give back what they were given, keep the dtype, and neither overflow nor turn into NaN for
arguments as large as the dtype holds. Their rules are made of the same operations and of NumPy's, so they hold to any
order."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.extend import defjvp, defselection, defvjp, operation
from nn.ops import special as _erf

__all__ = [
    "affine",
    "elu",
    "erf",
    "erfc",
    "gelu",
    "leaky_relu",
    "log_complement",
    "log_probability",
    "log_softmax",
    "logsumexp",
    "normal_cdf",
    "one_hot",
    "relu",
    "selu",
    "sigmoid",
    "sigmoid_cross_entropy",
    "silu",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "sparse_softmax_cross_entropy",
]

# Klambauer et al., "Self-normalizing neural networks" (2017): the fixed point of mean 0 and variance 1.
SELU_SCALE, SELU_ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
_ROOT_2, _ROOT_2_PI = math.sqrt(2), math.sqrt(2 * math.pi)
# The density of the normal distribution is 0 beyond this in every dtype; arguments are held within it, so that no
# square overflows.
_FAR = 40.0


# ------------------------------------------------------------------------------------------------ one element at a time
@operation
def relu(x: Any) -> Any:
    """Return ``max(x, 0)``. Its derivative at 0 is 0."""
    return np.maximum(x, 0)


@operation
def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """Return ``x`` where it is positive and ``negative_slope * x`` elsewhere. Its derivative at 0 is the slope."""
    return np.where(x > 0, x, negative_slope * x)


@operation
def elu(x: Any, alpha: float = 1.0) -> Any:
    """Return ``x`` where it is positive and ``alpha * (exp(x) - 1)`` elsewhere. Its derivative at 0 is ``alpha``."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def selu(x: Any) -> Any:
    """Return `elu` with the scale and the alpha under which activations keep mean 0 and variance 1."""
    return SELU_SCALE * elu(x, SELU_ALPHA)


@operation
def sigmoid(x: Any) -> Any:
    """Return ``1 / (1 + exp(-x))``."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


@operation
def softplus(x: Any) -> Any:
    """Return ``log(1 + exp(x))``."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def silu(x: Any) -> Any:
    """Return ``x * sigmoid(x)``, also known as swish."""
    return x * sigmoid(x)


@operation
def erf(x: Any) -> Any:
    """Return the error function."""
    return _erf.erf(x)


@operation
def erfc(x: Any) -> Any:
    """Return the complementary error function, accurate where it is tiny."""
    return _erf.erfc(x)


@operation
def normal_cdf(x: Any) -> Any:
    """Return the probability that a standard normal variable is below ``x``, accurate in the lower tail."""
    return 0.5 * _erf.erfc(x * -(1 / _ROOT_2))


def gelu(x: Any, approximate: bool = False) -> Any:
    """Return ``x`` times the probability that a standard normal variable is below it.

    Parameters
    ----------
    x : array or Tensor
    approximate : bool, default False
        Whether to use the hyperbolic tangent formula of Hendrycks and Gimpel, "Gaussian error linear units" (2016),
        which differs by up to 5e-4. It is written with a sigmoid here: ``(1 + tanh(u)) / 2 = sigmoid(2 u)``.
    """
    if not approximate:
        return x * normal_cdf(x)
    held = np.clip(x, -_FAR, _FAR)
    return x * sigmoid((2 * math.sqrt(2 / math.pi)) * held * (1 + 0.044715 * held * held))


def _density(x: Any, scale: float, root: float) -> Any:
    """Return ``scale * exp(-(x / root)^2)``."""
    held = np.clip(x, -_FAR, _FAR) / root
    return scale * np.exp(-held * held)


defvjp(relu, lambda g, ans, _x: g * (ans > 0), elementwise=True)
defselection(relu)
defvjp(leaky_relu, lambda g, _, x, negative_slope=0.2: np.where(x > 0, g, negative_slope * g), elementwise=True)
defvjp(elu, lambda g, ans, x, alpha=1.0: np.where(x > 0, g, g * (ans + alpha)), elementwise=True)
defvjp(sigmoid, lambda g, ans, _x: g * ans * (1 - ans), elementwise=True)
defvjp(softplus, lambda g, _, x: g * sigmoid(x), elementwise=True)
defvjp(erf, lambda g, _, x: g * _density(x, 2 / math.sqrt(math.pi), 1.0), elementwise=True)
defvjp(erfc, lambda g, _, x: g * _density(x, -2 / math.sqrt(math.pi), 1.0), elementwise=True)
defvjp(normal_cdf, lambda g, _, x: g * _density(x, 1 / _ROOT_2_PI, _ROOT_2), elementwise=True)


# --------------------------------------------------------------------------------------------------- along an axis
@operation
def logsumexp(x: Any, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
    """Return ``log(sum(exp(x)))`` along axes; -inf where every element is -inf."""
    largest = _finite(np.max(x, axis=axis, keepdims=True))
    with np.errstate(divide="ignore"):
        result = np.log(np.sum(np.exp(x - largest), axis=axis, keepdims=True)) + largest
    return result if keepdims else np.squeeze(result, axis=axis)


@operation
def softmax(x: Any, axis: int | tuple[int, ...] = -1) -> Any:
    """Return ``exp(x) / sum(exp(x))`` along axes."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


@operation
def log_softmax(x: Any, axis: int | tuple[int, ...] = -1) -> Any:
    """Return the logarithm of `softmax`, exact where that would be 0."""
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def _finite(x: Any) -> Any:
    """Return ``x`` with 0 in place of an infinity, so that it can be subtracted from one."""
    return np.where(np.isinf(x), 0, x)


def _logsumexp_vjp(g: Any, ans: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    if not keepdims and axis is not None:
        g, ans = np.expand_dims(g, axis), np.expand_dims(ans, axis)
    return g * np.exp(x - _finite(ans))


def _logsumexp_jvp(t: Any, ans: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    each = ans if keepdims or axis is None else np.expand_dims(ans, axis)
    return np.sum(t * np.exp(x - _finite(each)), axis=axis, keepdims=keepdims)


defvjp(logsumexp, _logsumexp_vjp)
defjvp(logsumexp, _logsumexp_jvp)
defvjp(softmax, lambda g, ans, _x, axis=-1: ans * (g - np.sum(g * ans, axis=axis, keepdims=True)))
defjvp(softmax, lambda t, ans, _x, axis=-1: ans * (t - np.sum(t * ans, axis=axis, keepdims=True)))
defvjp(log_softmax, lambda g, ans, _x, axis=-1: g - np.exp(ans) * np.sum(g, axis=axis, keepdims=True))
defjvp(log_softmax, lambda t, ans, _x, axis=-1: t - np.sum(t * np.exp(ans), axis=axis, keepdims=True))


# --------------------------------------------------------------------------------------------------- cross-entropies
def one_hot(labels: Any, classes: int, dtype: Any) -> Any:
    """Return vectors with 1 at the label: shape ``(..., classes)`` for integer labels of shape ``(...)``."""
    return np.equal(np.expand_dims(labels, -1), np.arange(classes)).astype(dtype)


@operation
def softmax_cross_entropy(logits: Any, targets: Any) -> Any:
    """Return ``-sum(targets * log_softmax(logits))`` over the last axis.

    Parameters
    ----------
    logits, targets : array or Tensor, shape (..., classes)
        The targets need not add up to 1.

    Returns
    -------
    array or Tensor, shape (...)
    """
    return -np.sum(targets * log_softmax(logits), axis=-1)


@operation
def sparse_softmax_cross_entropy(logits: Any, labels: Any) -> Any:
    """Return ``-log_softmax(logits)`` at the labels.

    Parameters
    ----------
    logits : array or Tensor, shape (..., classes)
    labels : array or Tensor of integers, shape (...)
        From 0 to ``classes - 1``; not checked here.
    """
    chosen = np.take_along_axis(log_softmax(logits), np.expand_dims(labels, -1), axis=-1)
    return -chosen[..., 0]


@operation
def sigmoid_cross_entropy(logits: Any, targets: Any) -> Any:
    """Return ``-targets * log(p) - (1 - targets) * log(1 - p)`` with ``p = sigmoid(logits)``, element by element."""
    return np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))


defvjp(
    softmax_cross_entropy,
    lambda g, _, x, y: np.expand_dims(g, -1) * (softmax(x) * np.sum(y, axis=-1, keepdims=True) - y),
    lambda g, _, x, _y: -np.expand_dims(g, -1) * log_softmax(x),
)
defvjp(
    sparse_softmax_cross_entropy,
    lambda g, _, x, labels: np.expand_dims(g, -1) * (softmax(x) - one_hot(labels, x.shape[-1], g.dtype)),
    None,
)
defvjp(sigmoid_cross_entropy, lambda g, _, x, y: g * (sigmoid(x) - y), lambda g, _, x, _y: -g * x, elementwise=True)


def _tiny(dtype: Any) -> float:
    """Return the smallest normal number of a dtype."""
    return float(np.finfo(dtype).tiny)


@operation
def log_probability(p: Any) -> Any:
    """Return ``log(p)`` of a probability, exact down to the smallest normal number of the dtype, and finite at 0.

    Below that number the result is its logarithm (-87.3 in float32, -708.4 in float64) and the derivative is 0.
    """
    return np.log(np.maximum(p, _tiny(p.dtype)))


@operation
def log_complement(p: Any) -> Any:
    """Return ``log(1 - p)`` of a probability, exact also where ``p`` is tiny, and finite at 1.

    There the result is the logarithm of the smallest normal number of the dtype, as in `log_probability`, and the
    derivative is 0."""
    inside = p < 1
    return np.where(inside, np.log1p(-np.where(inside, p, 0)), math.log(_tiny(p.dtype)))


defvjp(
    log_probability,
    lambda g, _, p: np.where(p < _tiny(p.dtype), 0, g / np.maximum(p, _tiny(p.dtype))),
    elementwise=True,
)
defvjp(log_complement, lambda g, _, p: np.where(p < 1, -g / (1 - np.where(p < 1, p, 0)), 0), elementwise=True)


# --------------------------------------------------------------------------------------------------- dense
@operation
def affine(x: Any, kernel: Any, bias: Any) -> Any:
    """Return ``x @ kernel + bias`` in one array.

    Parameters
    ----------
    x : array or Tensor, shape (..., n)
    kernel : array or Tensor, shape (n, m)
    bias : array or Tensor, shape (m,)

    Returns
    -------
    array or Tensor, shape (..., m)
    """
    result = np.matmul(x, kernel)
    result += bias
    return result


def _rows(x: Any) -> Any:
    """Return an array as a matrix of its last axis."""
    return x if x.ndim == 2 else np.reshape(x, (-1, x.shape[-1]))


defvjp(
    affine,
    lambda g, _, _x, kernel, _b: np.matmul(g, kernel.T),
    lambda g, _, x, _k, _b: np.dot(_rows(x).T, _rows(g)),
    lambda g, _, _x, _k, _b: np.add.reduce(_rows(g), axis=0),
)
defjvp(
    affine,
    lambda t, _, _x, kernel, _b: np.matmul(t, kernel),
    lambda t, _, x, _k, _b: np.matmul(x, t),
    lambda t, ans, _x, _k, _b: np.broadcast_to(t, ans.shape),
)
