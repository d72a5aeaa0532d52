"""Losses of probabilities: cross-entropies.

Cross-entropies of probabilities that `nn.activations.softmax` or `sigmoid` returned are computed from the logits which
those remember, and so are exact however far in the tails. Of other probabilities the logarithm is taken as it is. Keras
clips them at 1e-7 first, which changes every loss and gives tiny probabilities no gradient; here a probability is exact
down to the smallest normal number of its dtype, and only below that (so at 0) it counts as that number: the loss is
finite, 87.3 in float32 and 708.4 in float64, with derivative 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import autograd.numpy as anp
from autograd import Tensor
from autograd.extend import tracing
from nn import ops
from nn.activations import logits_of
from nn.errors import ArgumentError
from nn.losses.base import LossFunctionWrapper
from nn.losses.targets import as_prediction, as_target, check_labels, check_same_shape


# ---------------------------------------------------------------------------------------------------- operands
def _check_probabilities(y_pred: Tensor, name: str) -> None:
    values: Any = y_pred if tracing() else y_pred.numpy()
    slack = 8 * float(np.finfo(y_pred.dtype).eps)
    if values.size and (values.min() < -slack or values.max() > 1 + slack):
        values = y_pred.numpy()
        raise ArgumentError(
            f"{name} needs probabilities, from 0 to 1: received y_pred with values from {values.min():.6g} to "
            f"{values.max():.6g}. If these are logits, pass from_logits=True."
        )


def _label_smoothing(value: Any) -> Any:
    if not isinstance(value, (int, float, np.number)) or not 0 <= value <= 1:
        raise ArgumentError(f"label_smoothing is from 0 to 1: received {value!r}.")
    return value


def _to_last(x: Tensor, axis: int) -> Tensor:
    return x if axis in (-1, x.ndim - 1) else anp.moveaxis(x, axis, -1)


def _normalized(y_pred: Tensor) -> Tensor:
    """Return probabilities that add up to 1 along the last axis; zeros stay zeros."""
    total = anp.sum(y_pred, axis=-1, keepdims=True)
    return y_pred / anp.maximum(total, float(np.finfo(y_pred.dtype).tiny))


# ---------------------------------------------------------------------------------------------------- functions
def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """Return the mean of ``-y log(p) - (1 - y) log(1 - p)`` over an axis.

    Parameters
    ----------
    y_true : array_like or Tensor
        0 or 1, or a probability, in the shape of ``y_pred``; a last axis of length 1 may be lacking.
    y_pred : array_like or Tensor, shape (samples, ..., n)
        Probabilities; with ``from_logits`` their logits.
    from_logits : bool, default False
    label_smoothing : float, default 0.0
        How far, from 0 to 1, targets are moved towards one half.
    axis : int, default -1

    Returns
    -------
    Tensor, of the shape of ``y_pred`` without the axis

    Raises
    ------
    ShapeError, ArgumentError
        If the shapes do not fit, or something is no probability.
    DtypeError
        If something is no array of real numbers.

    Examples
    --------
    >>> np.exp(-binary_crossentropy([1, 0], [[0.8], [0.4]])).round(6).tolist()
    [0.8, 0.6]
    """
    y_pred = as_prediction(y_pred)
    y_true = as_target(y_true, y_pred, "binary_crossentropy")
    if _label_smoothing(label_smoothing):
        y_true = y_true * (1 - label_smoothing) + 0.5 * label_smoothing
    logits = y_pred if from_logits else logits_of(y_pred, "sigmoid")
    if logits is not None:
        return anp.mean(ops.sigmoid_cross_entropy(logits, y_true), axis=axis)
    _check_probabilities(y_pred, "binary_crossentropy")
    return -anp.mean(y_true * ops.log_probability(y_pred) + (1 - y_true) * ops.log_complement(y_pred), axis=axis)


def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """Return ``-sum(y_true * log(p))`` over an axis.

    Parameters
    ----------
    y_true : array_like or Tensor, shape (samples, ..., classes)
        The probability of each class, such as one-hot vectors.
    y_pred : array_like or Tensor, shape (samples, ..., classes)
        Predicted probabilities, which are divided by their sum; with ``from_logits`` their logits.
    from_logits : bool, default False
    label_smoothing : float, default 0.0
        How far, from 0 to 1, targets are moved towards the same for every class.
    axis : int, default -1
        That of the classes.

    Returns
    -------
    Tensor, shape (samples, ...)

    Raises
    ------
    ShapeError, ArgumentError
        If the shapes do not fit, or something is no probability.
    DtypeError
        If something is no array of real numbers.

    Examples
    --------
    >>> np.exp(-categorical_crossentropy([[0, 1, 0]], [[0.25, 0.5, 0.25]])).tolist()
    [0.5]
    """
    y_pred = as_prediction(y_pred)
    y_true = _to_last(as_target(y_true, y_pred, "categorical_crossentropy"), axis)
    logits = y_pred if from_logits else logits_of(y_pred, "softmax") if axis in (-1, y_pred.ndim - 1) else None
    y_pred = _to_last(y_pred, axis)
    if _label_smoothing(label_smoothing):
        y_true = y_true * (1 - label_smoothing) + label_smoothing / y_pred.shape[-1]
    if logits is not None:
        return ops.softmax_cross_entropy(_to_last(logits, axis), y_true)
    _check_probabilities(y_pred, "categorical_crossentropy")
    return -anp.sum(y_true * ops.log_probability(_normalized(y_pred)), axis=-1)


def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Tensor:
    """Return ``-log(p)`` of the class that a label names.

    Parameters
    ----------
    y_true : array_like or Tensor, shape (samples, ...) or (samples, ..., 1)
        Labels: whole numbers from 0 to ``classes - 1``.
    y_pred : array_like or Tensor, shape (samples, ..., classes)
        Predicted probabilities, which are divided by their sum; with ``from_logits`` their logits.
    from_logits : bool, default False
    ignore_class : int, optional
        A label whose samples have loss 0.
    axis : int, default -1
        That of the classes.

    Returns
    -------
    Tensor, shape (samples, ...)

    Raises
    ------
    ShapeError, ArgumentError, DtypeError
        If the shapes do not fit, a label is out of range or no whole number, or something is no probability.

    Examples
    --------
    >>> np.exp(-sparse_categorical_crossentropy([1], [[0.25, 0.5, 0.25]])).tolist()
    [0.5]
    """
    y_pred = as_prediction(y_pred)
    logits = y_pred if from_logits else logits_of(y_pred, "softmax") if axis in (-1, y_pred.ndim - 1) else None
    y_pred = _to_last(y_pred, axis)
    labels = check_labels(y_true, y_pred.shape, ignore_class)
    counted = None
    if ignore_class is not None:
        counted = labels != ignore_class
        labels = np.where(counted, labels, 0)
    if logits is not None:
        losses = ops.sparse_softmax_cross_entropy(_to_last(logits, axis), labels)
    else:
        _check_probabilities(y_pred, "sparse_categorical_crossentropy")
        logs = ops.log_probability(_normalized(y_pred))
        losses = -anp.take_along_axis(logs, labels[..., None], axis=-1)[..., 0]
    return losses if counted is None else anp.where(counted, losses, 0)


# ---------------------------------------------------------------------------------------------------- classes
class BinaryCrossentropy(LossFunctionWrapper, function=binary_crossentropy, aliases=("bce",)):
    """The cross-entropy of targets that are true or false. See `binary_crossentropy`.

    Parameters
    ----------
    from_logits, label_smoothing, axis
        As in `binary_crossentropy`.
    reduction, name, dtype
        See `Loss`.

    Raises
    ------
    ArgumentError
        If an argument is not among those allowed.

    Examples
    --------
    >>> np.exp(-BinaryCrossentropy()([[1.0]], [[0.25]])).item()
    0.25
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        _label_smoothing(label_smoothing)
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(binary_crossentropy, reduction, name, dtype, **options)

    @classmethod
    def check_targets(cls, options: Mapping[str, Any], targets: Any, shape: tuple[int, ...], name: str) -> None:
        check_same_shape(targets.shape, shape, name)
        if targets.min() < 0 or targets.max() > 1:
            raise ArgumentError(
                f"binary_crossentropy takes targets from 0 to 1: received y_true with values from {targets.min():.6g} "
                f"to {targets.max():.6g}. Labels of -1 and 1 become 0 and 1 by (y + 1) / 2; labels of several classes "
                f"go with sparse_categorical_crossentropy."
            )


class CategoricalCrossentropy(LossFunctionWrapper, function=categorical_crossentropy):
    """The cross-entropy of one-hot targets, or of probabilities of classes. See `categorical_crossentropy`.

    Parameters
    ----------
    from_logits, label_smoothing, axis
        As in `categorical_crossentropy`.
    reduction, name, dtype
        See `Loss`.

    Raises
    ------
    ArgumentError
        If an argument is not among those allowed.

    Examples
    --------
    >>> np.exp(-CategoricalCrossentropy()([[0, 1]], [[0.75, 0.25]])).item()
    0.25
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        _label_smoothing(label_smoothing)
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(categorical_crossentropy, reduction, name, dtype, **options)


class SparseCategoricalCrossentropy(LossFunctionWrapper, function=sparse_categorical_crossentropy):
    """The cross-entropy of targets that are the numbers of classes. See `sparse_categorical_crossentropy`.

    Parameters
    ----------
    from_logits, ignore_class, axis
        As in `sparse_categorical_crossentropy`.
    reduction, name, dtype
        See `Loss`.

    Raises
    ------
    ArgumentError
        If an argument is not among those allowed.

    Examples
    --------
    >>> np.exp(-SparseCategoricalCrossentropy()([1], [[0.75, 0.25]])).item()
    0.25
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        options = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(sparse_categorical_crossentropy, reduction, name, dtype, **options)

    @classmethod
    def check_targets(cls, options: Mapping[str, Any], targets: Any, shape: tuple[int, ...], name: str) -> None:
        axis = options.get("axis", -1)
        check_labels(targets, (*shape[:axis], *shape[axis:][1:], shape[axis]), options.get("ignore_class"))
