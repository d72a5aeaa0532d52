"""Activation functions, by Keras's names. Each takes an array or a tensor and returns a tensor of the same dtype.

`softmax` and `sigmoid` return tensors that remember the logits they were computed from. A cross-entropy that gets such
a tensor is computed from the logits, which is exact where a probability has been rounded to 0 or 1. Whatever is
computed from such a tensor is an ordinary tensor, and writing an item into it makes it forget: what is remembered
always belongs to the value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import autograd.numpy as np
from autograd import Tensor
from autograd.errors import ShapeError
from nn import config as naming
from nn import ops

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
    """Probabilities that remember their logits: what `softmax` and `sigmoid` return.

    A cross-entropy depends on the logits then, and not on the probabilities: to differentiate it with respect to these,
    pass ``p.copy()``."""

    __slots__ = ("_function", "_logits")
    _logits: Tensor | None
    _function: str

    def __setitem__(self, index: Any, value: Any) -> None:
        self._logits = None
        super().__setitem__(index, value)

    def __repr__(self) -> str:
        return "Tensor" + super().__repr__().removeprefix(type(self).__name__)


def _remembering(probabilities: Tensor, logits: Tensor, function: str) -> Probabilities:
    handle = Probabilities.alias(probabilities)
    # A handle of our own: the caller may give theirs another value.
    handle._logits = Tensor.alias(logits)
    handle._function = function
    return handle


def logits_of(probabilities: Any, function: str) -> Tensor | None:
    """Return the logits that probabilities were computed from by ``"softmax"`` or ``"sigmoid"``, or None if that is not
    known.

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


class Packed(NamedTuple):
    """Probabilities, the logits that they remember, and the function of these that they are: what a program can
    return.
    """

    probabilities: Tensor
    logits: Tensor
    function: str


def packed(nest: Any) -> Any:
    """Return a nest with its probabilities packed."""
    if isinstance(nest, Probabilities) and nest._logits is not None:
        return Packed(Tensor.alias(nest), nest._logits, nest._function)
    return _mapped(packed, nest)


def unpacked(nest: Any) -> Any:
    """Return the nest of which `packed` made this one."""
    return _remembering(*nest) if isinstance(nest, Packed) else _mapped(unpacked, nest)


def _mapped(function: Callable[[Any], Any], nest: Any) -> Any:
    if isinstance(nest, dict):
        return {key: function(each) for key, each in nest.items()}
    if isinstance(nest, (tuple, list)):
        items = [function(each) for each in nest]
        return type(nest)(*items) if hasattr(nest, "_fields") else type(nest)(items)
    return nest


def _tensor(x: Any) -> Tensor:
    """Return a floating-point tensor: integers become float32."""
    x = x if isinstance(x, Tensor) else Tensor(x)
    return x.astype("float32") if x.dtype.kind in "bui" else x


def linear(x: Any) -> Tensor:
    """Return ``x``."""
    return _tensor(x)


def relu(x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    """Return ``max(x, 0)``, with derivative 0 at 0.

    Parameters
    ----------
    x : array or Tensor
    negative_slope : float, default 0.0
        The factor of ``x - threshold`` below the threshold.
    max_value : float, optional
        What larger values become.
    threshold : float, default 0.0
        From where on values pass.

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


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """Return ``x`` where it is positive, ``negative_slope * x`` elsewhere."""
    return ops.leaky_relu(_tensor(x), negative_slope)


def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """Return ``x`` where it is positive, ``alpha * (exp(x) - 1)`` elsewhere (Clevert et al., 2015)."""
    return ops.elu(_tensor(x), alpha)


def selu(x: Any) -> Tensor:
    """Return the scaled `elu` of Klambauer et al., "Self-normalizing neural networks" (2017)."""
    return ops.selu(_tensor(x))


def gelu(x: Any, approximate: bool = False) -> Tensor:
    """Return ``x`` times the standard normal distribution function of ``x``. See `nn.ops.gelu`."""
    return ops.gelu(_tensor(x), approximate)


def silu(x: Any) -> Tensor:
    """Return ``x * sigmoid(x)``, also known as swish."""
    return ops.silu(_tensor(x))


def tanh(x: Any) -> Tensor:
    """Return the hyperbolic tangent."""
    return np.tanh(_tensor(x))


def exponential(x: Any) -> Tensor:
    """Return ``exp(x)``."""
    return np.exp(_tensor(x))


def softplus(x: Any) -> Tensor:
    """Return ``log(1 + exp(x))``."""
    return ops.softplus(_tensor(x))


def sigmoid(x: Any) -> Tensor:
    """Return ``1 / (1 + exp(-x))``, as a tensor that remembers its logits ``x``."""
    x = _tensor(x)
    return _remembering(ops.sigmoid(x), x, "sigmoid")


def softmax(x: Any, axis: int = -1) -> Tensor:
    """Return ``exp(x) / sum(exp(x))`` along an axis, as a tensor that remembers its logits ``x`` where that is the last
    axis.

    Parameters
    ----------
    x : array or Tensor
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
    x = _tensor(x)
    if not x.ndim:
        raise ShapeError("softmax needs at least one axis to add up along: received shape ().")
    result = ops.softmax(x, axis=axis)
    return _remembering(result, x, "softmax") if axis in (-1, x.ndim - 1) else result


def log_softmax(x: Any, axis: int = -1) -> Tensor:
    """Return the logarithm of `softmax`."""
    return ops.log_softmax(_tensor(x), axis=axis)


ACTIVATIONS: dict[str, Activation] = {
    "linear": linear,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "selu": selu,
    "gelu": gelu,
    "silu": silu,
    "swish": silu,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "exponential": exponential,
    "softplus": softplus,
    "softmax": softmax,
    "log_softmax": log_softmax,
}


def get(identifier: str | Activation | None) -> Activation:
    """Return the activation function of a name, a callable as it is, and `linear` for None."""
    function: Activation = linear if identifier is None else naming.find("an activation", ACTIVATIONS, identifier)
    return function
