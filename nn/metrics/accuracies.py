"""How often predictions are right: functions of each sample, and metrics that are their means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nn import losses
from nn.errors import ArgumentError
from nn.losses.base import LOSSES, Loss, LossFunctionWrapper
from nn.losses.base import get as get_loss
from nn.losses.targets import check_labels
from nn.metrics.base import METRICS, Array, MeanMetricWrapper, Metric, as_operand, as_operands


# ---------------------------------------------------------------------------------------------------- functions
def accuracy(y_true: Any, y_pred: Any) -> Array:
    """Return for each sample the share of predictions that equal the target.

    Parameters
    ----------
    y_true, y_pred : array_like or Tensor, shape (samples, ..., n) or (samples,)

    Returns
    -------
    ndarray, shape (samples, ...)

    Raises
    ------
    ShapeError
        If the shapes differ otherwise than by a last axis of length 1.

    Examples
    --------
    >>> accuracy([1, 2, 3], [1, 2, 0]).tolist()
    [1.0, 1.0, 0.0]
    """
    target, prediction = as_operands(y_true, y_pred, "accuracy")
    hits = target == prediction
    return np.mean(hits, axis=-1) if hits.ndim > 1 else hits.astype(float)


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Array:
    """Return for each sample the share of predictions on the same side of a threshold as the target.

    Parameters
    ----------
    y_true : array_like or Tensor, shape (samples, ..., n) or (samples,)
        0 or 1.
    y_pred : array_like or Tensor
        Of the same shape.
    threshold : float, default 0.5
        Of the predictions.

    Returns
    -------
    ndarray, shape (samples, ...)

    Raises
    ------
    ShapeError
        If the shapes differ otherwise than by a last axis of length 1.

    Examples
    --------
    >>> binary_accuracy([[1, 0], [1, 1]], [[0.9, 0.2], [0.8, 0.1]]).tolist()
    [1.0, 0.5]
    """
    target, prediction = as_operands(y_true, y_pred, "binary_accuracy")
    hits = (target > 0.5) == (prediction > threshold)
    return np.mean(hits, axis=-1) if hits.ndim > 1 else hits.astype(float)


def categorical_accuracy(y_true: Any, y_pred: Any) -> Array:
    """Return for each sample 1.0 if the largest prediction is at the largest target, and 0.0 otherwise.

    Parameters
    ----------
    y_true, y_pred : array_like or Tensor, shape (samples, ..., classes)

    Returns
    -------
    ndarray, shape (samples, ...)

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> categorical_accuracy([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]]).tolist()
    [1.0, 0.0]
    """
    target, prediction = as_operands(y_true, y_pred, "categorical_accuracy")
    return (target.argmax(axis=-1) == prediction.argmax(axis=-1)).astype(float)


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Array:
    """Return for each sample 1.0 if the largest prediction is that of the label's class, and 0.0 otherwise.

    Parameters
    ----------
    y_true : array_like or Tensor, shape (samples, ...) or (samples, ..., 1)
        Labels: whole numbers from 0 to ``classes - 1``.
    y_pred : array_like or Tensor, shape (samples, ..., classes)

    Returns
    -------
    ndarray, shape (samples, ...)

    Raises
    ------
    ShapeError, ArgumentError, DtypeError
        If the shapes do not fit, or a label is out of range or no whole number.

    Examples
    --------
    >>> sparse_categorical_accuracy([1, 1], [[0.2, 0.8], [0.6, 0.4]]).tolist()
    [1.0, 0.0]
    """
    prediction = as_operand(y_pred)
    return (check_labels(y_true, prediction.shape) == prediction.argmax(axis=-1)).astype(float)


# ---------------------------------------------------------------------------------------------------- classes
class Accuracy(MeanMetricWrapper, function=accuracy):
    """How often predictions equal the targets.

    Parameters
    ----------
    name : str, default "accuracy"

    Examples
    --------
    >>> Accuracy()([1, 2, 3, 4], [1, 2, 0, 4])
    0.75
    """

    def __init__(self, name: str = "accuracy") -> None:
        super().__init__(accuracy, name)


class BinaryAccuracy(MeanMetricWrapper, function=binary_accuracy):
    """How often a prediction is on the right side of a threshold: 0.5 for probabilities, 0 for logits.

    Parameters
    ----------
    name : str, default "binary_accuracy"
    threshold : float, default 0.5

    Examples
    --------
    >>> BinaryAccuracy()([1, 0, 1], [0.9, 0.2, 0.3])
    0.6666666666666666
    """

    def __init__(self, name: str = "binary_accuracy", threshold: float = 0.5) -> None:
        super().__init__(binary_accuracy, name, threshold=threshold)


class CategoricalAccuracy(MeanMetricWrapper, function=categorical_accuracy):
    """How often the largest prediction is at the largest target, such as that of a one-hot vector.

    Parameters
    ----------
    name : str, default "categorical_accuracy"

    Examples
    --------
    >>> CategoricalAccuracy()([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]])
    0.5
    """

    def __init__(self, name: str = "categorical_accuracy") -> None:
        super().__init__(categorical_accuracy, name)


class SparseCategoricalAccuracy(MeanMetricWrapper, function=sparse_categorical_accuracy):
    """How often the largest prediction is that of the label's class.

    Parameters
    ----------
    name : str, default "sparse_categorical_accuracy"

    Examples
    --------
    >>> SparseCategoricalAccuracy()([1, 1], [[0.2, 0.8], [0.6, 0.4]])
    0.5
    """

    def __init__(self, name: str = "sparse_categorical_accuracy") -> None:
        super().__init__(sparse_categorical_accuracy, name)

    @classmethod
    def check_targets(cls, options: Mapping[str, Any], targets: Any, shape: tuple[int, ...], name: str) -> None:
        check_labels(targets, shape)


# ---------------------------------------------------------------------------------------------------- by name
_CHOSEN_BY_SHAPE = ("accuracy", "acc")


class ChosenAccuracy(Metric, named=False):
    """``"accuracy"``: the accuracy that fits the targets and predictions, chosen by their shapes at the first batch.

    One prediction per sample: `BinaryAccuracy`. Targets of fewer axes than predictions, or with a last axis of length
    1: `SparseCategoricalAccuracy`. Otherwise `CategoricalAccuracy`, or `BinaryAccuracy` for a binary cross-entropy of
    several outputs.

    Parameters
    ----------
    name : str
    loss : Loss, optional
        The loss of the training. The threshold of binary predictions is 0 where it takes logits.
    """

    __program_state__ = frozenset({"chosen"})

    def __init__(self, name: str, loss: Loss | None = None) -> None:
        super().__init__(name)
        self.loss = loss
        self.chosen: MeanMetricWrapper | None = None

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if self.chosen is None:
            self.chosen = self._choice(np.shape(y_true), np.shape(y_pred))
        self.chosen.update_state(y_true, y_pred, sample_weight)

    def check(self, y_true: Array, shape: tuple[int, ...]) -> None:
        self._choice(y_true.shape, shape).check(y_true, shape)

    def _choice(self, target: tuple[int, ...], prediction: tuple[int, ...]) -> MeanMetricWrapper:
        options = getattr(self.loss, "options", {})
        binary = getattr(self.loss, "fn", None) is losses.binary_crossentropy
        if binary or len(prediction) < 2 or prediction[-1] == 1:
            return BinaryAccuracy(self.name, threshold=0.0 if binary and options.get("from_logits") else 0.5)
        if len(target) < len(prediction) or target[-1] == 1:
            return SparseCategoricalAccuracy(self.name)
        return CategoricalAccuracy(self.name)

    def result(self) -> float:
        return 0.0 if self.chosen is None else self.chosen.result()

    def reset_state(self) -> None:
        if self.chosen is not None:
            self.chosen.reset_state()

    @property
    def compiles(self) -> bool:
        return type(self) is ChosenAccuracy


def get(identifier: Any, loss: Loss | None = None) -> Metric:
    """Return the metric that an identifier asks for.

    Parameters
    ----------
    identifier : str, dict, Metric or callable
        The name of a metric or of a loss; ``"accuracy"``, which chooses by the shapes of targets and predictions; a
        configuration; a `Metric`, returned as it is; or a function of targets and predictions that returns one number
        per sample (as the mean of these).
    loss : Loss, optional
        That of the training, from which ``"accuracy"`` knows about logits.

    Returns
    -------
    Metric

    Raises
    ------
    ArgumentError
        If there is no metric of the name.
    OperandError
        If the identifier is of another kind.

    Examples
    --------
    >>> get("mae")([[1.0], [2.0]], [[2.0], [2.0]])
    0.5
    """
    if isinstance(identifier, Metric):
        return identifier
    if isinstance(identifier, str):
        if identifier in _CHOSEN_BY_SHAPE:
            return ChosenAccuracy(identifier, loss)
        named_loss = LOSSES.find(identifier)
        if isinstance(named_loss, type) and issubclass(named_loss, LossFunctionWrapper):
            return MeanMetricWrapper(get_loss(identifier).fn, identifier)  # type: ignore[attr-defined]
        if METRICS.find(identifier) is None:
            raise ArgumentError(METRICS.unknown(identifier, *_CHOSEN_BY_SHAPE, *LOSSES.names))
    found = METRICS.get(identifier)
    return found if isinstance(found, Metric) else MeanMetricWrapper(found)
