"""Activation functions, by Keras's names. Each takes an array or a tensor and returns a tensor of the same dtype.

`softmax` and `sigmoid` return tensors that remember the logits they were computed from. A cross-entropy of such a
tensor is computed from the logits, which is exact where a probability has been rounded to 0 or 1. Operations on such a
tensor return ordinary tensors, and writing an item into it makes it forget: the logits always belong to the value.

>>> relu([-1.0, 2.0]).tolist()
[0.0, 2.0]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import autograd.numpy as np
from autograd import Tensor
from autograd.errors import ShapeError
from nn import ops
from nn.config import Registry
from nn.symbolic import KerasTensor

__all__ = [
    "elu",
    "exponential",
    "gelu",
    "get",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logits_of",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]

Activation = Callable[[Any], Tensor]


class Probabilities(Tensor):
    """Probabilities that remember their logits, as `softmax` and `sigmoid` return them.

    A cross-entropy then depends on the logits, and not on the probabilities: to differentiate it with respect to these,
    pass ``p.copy()``.
    """

    __slots__ = ("_function", "_logits")
    _logits: Tensor | None
    _function: str

    def _rebind(self, value: Any, identity: Any) -> None:
        self._logits = None  # a write, by whatever way, makes other numbers of them
        super()._rebind(value, identity)

    def __repr__(self) -> str:
        return "Tensor" + super().__repr__().removeprefix(type(self).__name__)


def _remembering(probabilities: Tensor, logits: Tensor, function: str) -> Probabilities:
    handle = Probabilities.alias(probabilities)
    # A new handle, because the caller's can be given another value.
    handle._logits = Tensor.alias(logits)
    handle._function = function
    return handle


def logits_of(probabilities: Any, function: str) -> Tensor | None:
    """Return the logits that probabilities were computed from.

    Parameters
    ----------
    probabilities : array or Tensor
    function : {"softmax", "sigmoid"}
        The function that computed them.

    Returns
    -------
    Tensor or None
        None if they were computed otherwise, or the logits are not known.

    Examples
    --------
    >>> p = sigmoid(Tensor([-1000.0, 0.5]))
    >>> logits_of(p, "sigmoid")
    Tensor([-1.e+03,  5.e-01], shape=(2,), dtype=float64)
    >>> logits_of(p * 1.0, "sigmoid") is None
    True
    """
    if isinstance(probabilities, Probabilities) and probabilities._function == function:
        return probabilities._logits
    return None


class WithLogits(NamedTuple):
    """Probabilities, their logits and the function between them, as a nest that a program can return."""

    probabilities: Tensor
    logits: Tensor
    function: str


def with_logits(nest: Any) -> Any:
    """Return a nest in which probabilities are `WithLogits`."""
    if isinstance(nest, Probabilities) and nest._logits is not None:
        return WithLogits(Tensor.alias(nest), nest._logits, nest._function)
    return _mapped(with_logits, nest)


def remembering_logits(nest: Any) -> Any:
    """Return the nest of which `with_logits` made this one."""
    return _remembering(*nest) if isinstance(nest, WithLogits) else _mapped(remembering_logits, nest)


def _mapped(function: Callable[[Any], Any], nest: Any) -> Any:
    if isinstance(nest, dict):
        return {key: function(each) for key, each in nest.items()}
    if isinstance(nest, (tuple, list)):
        items = [function(each) for each in nest]
        return type(nest)(*items) if hasattr(nest, "_fields") else type(nest)(items)
    return nest


def _tensor(x: Any) -> Tensor:
    """Return a floating-point tensor: integers become float32."""
    x = x if isinstance(x, (Tensor, KerasTensor)) else Tensor(x)
    return x.astype("float32") if x.dtype.kind in "bui" else x


ACTIVATIONS = Registry("an activation")


@ACTIVATIONS.add
def linear(x: Any) -> Tensor:
    """Return ``x``.

    Parameters
    ----------
    x : array_like or Tensor

    Returns
    -------
    Tensor, of the shape of ``x``

    Examples
    --------
    >>> linear([1, 2]).tolist()
    [1.0, 2.0]
    """
    return _tensor(x)


@ACTIVATIONS.add
def relu(x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    """Return ``max(x, 0)``, with derivative 0 at 0.

    Parameters
    ----------
    x : array_like or Tensor
    negative_slope : float, default 0.0
        The factor of ``x - threshold`` below the threshold.
    max_value : float, optional
        The value that larger ones are replaced by.
    threshold : float, default 0.0
        Values above it pass.

    Returns
    -------
    Tensor, of the shape of ``x``

    Examples
    --------
    >>> relu([-1.0, 0.5, 8.0], max_value=6.0).tolist()
    [0.0, 0.5, 6.0]
    """
    x = _tensor(x)
    result = (
        np.where(x > threshold, x, negative_slope * (x - threshold)) if negative_slope or threshold else ops.relu(x)
    )
    return result if max_value is None else np.where(result < max_value, result, max_value)


@ACTIVATIONS.add
def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """Return ``x`` where it is positive, ``negative_slope * x`` elsewhere.

    Parameters
    ----------
    x : array_like or Tensor
    negative_slope : float, default 0.2

    Returns
    -------
    Tensor, of the shape of ``x``

    Examples
    --------
    >>> leaky_relu([-1.0, 2.0]).tolist()
    [-0.2, 2.0]
    """
    return ops.leaky_relu(_tensor(x), negative_slope)


@ACTIVATIONS.add
def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """Return ``x`` where it is positive, ``alpha * (exp(x) - 1)`` elsewhere (Clevert et al., 2015).

    Parameters
    ----------
    x : array_like or Tensor
    alpha : float, default 1.0

    Returns
    -------
    Tensor, of the shape of ``x``

    Examples
    --------
    >>> elu([-100.0, 2.0]).tolist()
    [-1.0, 2.0]
    """
    return ops.elu(_tensor(x), alpha)


@ACTIVATIONS.add
def selu(x: Any) -> Tensor:
    """Return the scaled `elu` of Klambauer et al., "Self-normalizing neural networks" (2017).

    Parameters
    ----------
    x : array_like or Tensor

    Returns
    -------
    Tensor, of the shape of ``x``

    Examples
    --------
    >>> selu([1.0]).numpy().round(4).tolist()
    [1.0507]
    """
    return ops.selu(_tensor(x))


@ACTIVATIONS.add
def gelu(x: Any, approximate: bool = False) -> Tensor:
    """Return ``x`` times the standard normal distribution function of ``x``. See `nn.ops.gelu`.

    Parameters
    ----------
    x : array_like or Tensor
    approximate : bool, default False
        Whether to use the formula with the hyperbolic tangent.

    Returns
    -------
    Tensor, of the shape of ``x``

    Examples
    --------
    >>> gelu([-1.0, 1.0]).numpy().round(4).tolist()
    [-0.1587, 0.8413]
    """
    return ops.gelu(_tensor(x), approximate)


@ACTIVATIONS.add
def silu(x: Any) -> Tensor:
    """Return ``x * sigmoid(x)``, also known as swish.

    Parameters
    ----------
    x : array_like or Tensor

    Returns
    -------
    Tensor, of the shape of ``x``

    Examples
    --------
    >>> silu([0.0, 100.0]).tolist()
    [0.0, 100.0]
    """
    return ops.silu(_tensor(x))


@ACTIVATIONS.add
def tanh(x: Any) -> Tensor:
    """Return the hyperbolic tangent.

    Parameters
    ----------
    x : array_like or Tensor

    Returns
    -------
    Tensor, of the shape of ``x``

    Examples
    --------
    >>> tanh([0.0, 100.0]).tolist()
    [0.0, 1.0]
    """
    return np.tanh(_tensor(x))


@ACTIVATIONS.add
def exponential(x: Any) -> Tensor:
    """Return ``exp(x)``.

    Parameters
    ----------
    x : array_like or Tensor

    Returns
    -------
    Tensor, of the shape of ``x``

    Examples
    --------
    >>> exponential([0.0]).tolist()
    [1.0]
    """
    return np.exp(_tensor(x))


@ACTIVATIONS.add
def softplus(x: Any) -> Tensor:
    """Return ``log(1 + exp(x))``.

    Parameters
    ----------
    x : array_like or Tensor

    Returns
    -------
    Tensor, of the shape of ``x``

    Examples
    --------
    >>> softplus([0.0, 100.0]).numpy().round(4).tolist()
    [0.6931, 100.0]
    """
    return ops.softplus(_tensor(x))


@ACTIVATIONS.add
def sigmoid(x: Any) -> Tensor:
    """Return ``1 / (1 + exp(-x))``, as a tensor that remembers its logits ``x``.

    Parameters
    ----------
    x : array_like or Tensor

    Returns
    -------
    Tensor, of the shape of ``x``

    Examples
    --------
    >>> sigmoid([0.0, 100.0]).tolist()
    [0.5, 1.0]
    """
    if isinstance(x, KerasTensor):
        return x.intercept(sigmoid, (x,), {})
    x = _tensor(x)
    return _remembering(ops.sigmoid(x), x, "sigmoid")


@ACTIVATIONS.add
def softmax(x: Any, axis: int = -1) -> Tensor:
    """Return ``exp(x) / sum(exp(x))`` along an axis. Along the last one the tensor remembers its logits ``x``.

    Parameters
    ----------
    x : array_like or Tensor
    axis : int, default -1

    Returns
    -------
    Tensor, of the shape of ``x``

    Raises
    ------
    ShapeError
        If ``x`` has no axes.

    Examples
    --------
    >>> softmax([[0.0, 0.0], [np.log(3.0).item(), 0.0]]).numpy().round(6).tolist()
    [[0.5, 0.5], [0.75, 0.25]]
    """
    if isinstance(x, KerasTensor):
        return x.intercept(softmax, (x,), {"axis": axis})
    x = _tensor(x)
    if not x.ndim:
        raise ShapeError("softmax needs at least one axis to add up along: received shape ().")
    result = ops.softmax(x, axis=axis)
    return _remembering(result, x, "softmax") if axis in (-1, x.ndim - 1) else result


@ACTIVATIONS.add
def log_softmax(x: Any, axis: int = -1) -> Tensor:
    """Return the logarithm of `softmax`.

    Parameters
    ----------
    x : array_like or Tensor
    axis : int, default -1

    Returns
    -------
    Tensor, of the shape of ``x``

    Examples
    --------
    >>> log_softmax([0.0, 1000.0]).tolist()
    [-1000.0, 0.0]
    """
    return ops.log_softmax(_tensor(x), axis=axis)


ACTIVATIONS.add(silu, "swish")


def get(identifier: str | Activation | None) -> Activation:
    """Return the activation function that an identifier asks for.

    Parameters
    ----------
    identifier : str, callable or None
        A name, a callable, returned as it is, or None for `linear`.

    Returns
    -------
    callable

    Raises
    ------
    ArgumentError
        If there is no activation of the name.
    OperandError
        If the identifier is of another kind.

    Examples
    --------
    >>> get("relu") is relu
    True
    """
    function: Activation = linear if identifier is None else ACTIVATIONS.get(identifier)
    return function
