"""Softmax, log-sum-exp and the cross-entropies of logits."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.extend import defjvp, defvjp, operation
from nn.ops.elementwise import sigmoid


# --------------------------------------------------------------------------------------------------- along an axis
@operation
def logsumexp(x: Any, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
    """Return ``log(sum(exp(x)))`` along axes; -inf where every element is -inf.

    Parameters
    ----------
    x : array or Tensor
    axis : int or tuple of int, optional
        All axes unless given.
    keepdims : bool, default False
        Whether the axes stay, with length 1.

    Returns
    -------
    array or Tensor

    Examples
    --------
    >>> float(logsumexp(np.array([1000.0, 1000.0])).round(4))
    1000.6931
    """
    largest = _finite(np.max(x, axis=axis, keepdims=True))
    total = np.sum(np.exp(x - largest), axis=axis, keepdims=True)
    result = np.log(total, out=np.full_like(total, -np.inf), where=total != 0) + largest
    return result if keepdims else np.squeeze(result, axis=axis)


@operation
def softmax(x: Any, axis: int | tuple[int, ...] = -1) -> Any:
    """Return ``exp(x) / sum(exp(x))`` along axes.

    Parameters
    ----------
    x : array or Tensor
    axis : int or tuple of int, default -1

    Returns
    -------
    array or Tensor, of the shape of ``x``

    Examples
    --------
    >>> softmax(np.array([1000.0, 1000.0])).tolist()
    [0.5, 0.5]
    """
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


@operation
def log_softmax(x: Any, axis: int | tuple[int, ...] = -1) -> Any:
    """Return the logarithm of `softmax`, exact where that would be 0.

    Parameters
    ----------
    x : array or Tensor
    axis : int or tuple of int, default -1

    Returns
    -------
    array or Tensor, of the shape of ``x``

    Examples
    --------
    >>> log_softmax(np.array([0.0, 1000.0])).tolist()
    [-1000.0, 0.0]
    """
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def _finite(x: Any) -> Any:
    """Replace infinities by 0, so that the result can be subtracted from one."""
    return np.where(np.isinf(x), 0, x)


def _shares(x: Any, axis: Any) -> Any:
    """Return `softmax`, and 0 where every element is -inf; not ``exp(x - logsumexp(x))``, which is rounded as coarsely
    as x is.
    """
    e = np.exp(x - _finite(np.max(x, axis=axis, keepdims=True)))
    total = np.sum(e, axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


def _logsumexp_vjp(g: Any, _: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    if not keepdims and axis is not None:
        g = np.expand_dims(g, axis)
    return g * _shares(x, axis)


def _logsumexp_jvp(t: Any, _: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.sum(t * _shares(x, axis), axis=axis, keepdims=keepdims)


defvjp(logsumexp, _logsumexp_vjp)
defjvp(logsumexp, _logsumexp_jvp)
defvjp(softmax, lambda g, ans, _x, axis=-1: ans * (g - np.sum(g * ans, axis=axis, keepdims=True)))
defjvp(softmax, lambda t, ans, _x, axis=-1: ans * (t - np.sum(t * ans, axis=axis, keepdims=True)))
defvjp(log_softmax, lambda g, ans, _x, axis=-1: g - np.exp(ans) * np.sum(g, axis=axis, keepdims=True))
defjvp(log_softmax, lambda t, ans, _x, axis=-1: t - np.sum(t * np.exp(ans), axis=axis, keepdims=True))


# --------------------------------------------------------------------------------------------------- cross-entropies
def one_hot(labels: Any, classes: int, dtype: Any) -> Any:
    """Return vectors with 1 at the label and 0 elsewhere.

    Parameters
    ----------
    labels : array of int, shape (...)
        From 0 to ``classes - 1``; others give zeros.
    classes : int
    dtype : dtype

    Returns
    -------
    ndarray, shape (..., classes)

    Examples
    --------
    >>> one_hot([0, 2], 3, np.float32).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
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

    Examples
    --------
    >>> loss = softmax_cross_entropy(np.array([[0.0, 1000.0]]), np.array([[1.0, 0.0]]))
    >>> loss.tolist()
    [1000.0]
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

    Returns
    -------
    array or Tensor, shape (...)

    Examples
    --------
    >>> sparse_softmax_cross_entropy(np.array([[0.0, 1000.0]]), np.array([0])).tolist()
    [1000.0]
    """
    chosen = np.take_along_axis(log_softmax(logits), np.expand_dims(labels, -1), axis=-1)
    return -chosen[..., 0]


@operation
def sigmoid_cross_entropy(logits: Any, targets: Any) -> Any:
    """Return ``-targets * log(p) - (1 - targets) * log(1 - p)`` with ``p = sigmoid(logits)``, element by element.

    Parameters
    ----------
    logits, targets : array or Tensor, of one shape

    Returns
    -------
    array or Tensor, of the same shape

    Examples
    --------
    >>> sigmoid_cross_entropy(np.array([1000.0, 1000.0]), np.array([1.0, 0.0])).tolist()
    [0.0, 1000.0]
    """
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
