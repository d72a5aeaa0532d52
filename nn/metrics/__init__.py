"""Metrics, by Keras's names: numbers that are gathered over batches.

Each sample counts the same, however the batches are cut. Nothing here is recorded on a tape.

What is gathered lies in variables, so that a program can go on with it (`autograd.compile`): where one is being
written, these functions compute with tensors, and elsewhere with arrays, which is quicker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Tensor, Variable, stop_recording
from autograd.errors import OperandError
from autograd.extend import tracing
from nn import config as naming
from nn import losses
from nn.checks import check_kind
from nn.errors import ArgumentError
from nn.losses.targets import check_alignment, check_labels, check_same_shape, fit_weights, matched

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "Mean",
    "MeanMetricWrapper",
    "Metric",
    "SparseCategoricalAccuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "get",
    "sparse_categorical_accuracy",
]

Array = np.ndarray[Any, Any]


def _array(x: Any) -> Any:
    """Return what a metric takes as an array, and as a tensor where a program is written."""
    check_kind("what a metric takes", x)
    if isinstance(x, Tensor):
        return x if tracing() else x.numpy()
    return np.asarray(x)


def _operands(y_true: Any, y_pred: Any, name: str) -> tuple[Any, Any]:
    """Return targets and predictions in one shape."""
    target, prediction = _array(y_true), _array(y_pred)
    check_same_shape(target.shape, prediction.shape, name)
    return target.reshape(prediction.shape), prediction


# --------------------------------------------------------------------------------------------------- functions
def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Array:
    """Return for each sample the share of predictions that are on the same side of the threshold as the target, of
    shape (samples, ...).
    """
    target, prediction = _operands(y_true, y_pred, "binary_accuracy")
    hits = (target > 0.5) == (prediction > threshold)
    return np.mean(hits, axis=-1) if hits.ndim > 1 else hits.astype(float)


def categorical_accuracy(y_true: Any, y_pred: Any) -> Array:
    """Return for each sample whether the largest prediction is that of the largest target, as 1.0 or 0.0, of shape
    (samples, ...).
    """
    target, prediction = _operands(y_true, y_pred, "categorical_accuracy")
    return (target.argmax(axis=-1) == prediction.argmax(axis=-1)).astype(float)


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Array:
    """Return for each sample whether the largest prediction is that of the class which the label names, as 1.0
    or 0.0.
    """
    prediction = _array(y_pred)
    return (check_labels(y_true, prediction.shape) == prediction.argmax(axis=-1)).astype(float)


def accuracy(y_true: Any, y_pred: Any) -> Array:
    """Return for each sample the share of predictions that equal the target."""
    target, prediction = _operands(y_true, y_pred, "accuracy")
    hits = target == prediction
    return np.mean(hits, axis=-1) if hits.ndim > 1 else hits.astype(float)


_ACCURACIES = (accuracy, binary_accuracy, categorical_accuracy, sparse_categorical_accuracy)


# --------------------------------------------------------------------------------------------------- classes
class Metric:
    """Base of metrics: subclasses define `update_state`, `result` and `reset_state`.

    Parameters
    ----------
    name : str, optional
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name or naming.snake_case(type(self).__name__)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch."""
        raise NotImplementedError(f"{type(self).__name__} defines no update_state.")

    def result(self) -> float:
        """Return the value over everything that was taken in since the last reset."""
        raise NotImplementedError(f"{type(self).__name__} defines no result.")

    def reset_state(self) -> None:
        """Forget everything that was taken in."""
        raise NotImplementedError(f"{type(self).__name__} defines no reset_state.")

    def check(self, y_true: Array, shape: tuple[int, ...]) -> None:
        """Raise if all the targets of a training run do not fit predictions of a shape. Called before anything is
        trained.
        """
        check_alignment(y_true.shape, shape, f"the metric {self.name!r}")

    def __call__(self, *args: Any, **kwargs: Any) -> float:
        """Take in one batch, and return the value so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}: {self.result():.6g}>"

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which a metric like this one is made."""
        return {"name": self.name}


class Mean(Metric):
    """The weighted mean of values; 0.0 of none.

    Parameters
    ----------
    name : str, optional

    Examples
    --------
    >>> mean = Mean()
    >>> mean.update_state([1.0, 2.0])
    >>> mean.update_state(6.0, sample_weight=2.0)
    >>> mean.result()
    3.75
    """

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self.total = Variable(0.0, trainable=False, name=f"{self.name}/total")
        self.count = Variable(0.0, trainable=False, name=f"{self.name}/count")

    def reset_state(self) -> None:
        self.total.assign(0.0)
        self.count.assign(0.0)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in values of any shape, with weights of the same shape or of its first axes."""
        array = _array(values)
        if array.dtype.kind not in "biuf":
            raise OperandError(f"the metric {self.name!r} is a mean of real numbers: received {values!r}.")
        if sample_weight is None:
            self.total.assign_add(np.sum(array.astype(np.float64)))
            self.count.assign_add(array.size)
            return
        weights = np.broadcast_to(fit_weights(_array(sample_weight), array.shape), array.shape)
        self.total.assign_add(np.sum((array * weights).astype(np.float64)))
        self.count.assign_add(np.sum(weights.astype(np.float64)))

    def result(self) -> float:
        count: float = self.count.item()
        return self.total.item() / count if count else 0.0


class MeanMetricWrapper(Mean):
    """The mean of a function of targets and predictions.

    Parameters
    ----------
    fn : callable
        ``fn(y_true, y_pred, **kwargs)`` returns one number per sample.
    name : str, optional
    **kwargs
        Passed on to the function.
    """

    def __init__(self, fn: Callable[..., Any], name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name or getattr(fn, "__name__", None))
        self.fn = fn
        self.options = kwargs

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in one batch. A last axis of length 1 that only targets or predictions have is given to the targets or
        taken from them.
        """
        with stop_recording():
            y_true = matched(y_true, y_pred, f"the metric {self.name!r}")
            super().update_state(self.fn(y_true, y_pred, **self.options), sample_weight)

    def check(self, y_true: Array, shape: tuple[int, ...]) -> None:
        if self.fn is sparse_categorical_accuracy:
            check_labels(y_true, shape)
        elif self.fn in (binary_accuracy, categorical_accuracy, accuracy):
            check_same_shape(y_true.shape, shape, self.fn.__name__)
        elif self.fn in losses.FUNCTIONS:
            losses.check_targets(self.fn, self.options, y_true, shape)
        else:
            super().check(y_true, shape)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | self.options


class Accuracy(MeanMetricWrapper):
    """How often predictions equal the targets.

    Parameters
    ----------
    name : str
    """

    @naming.checks_keywords
    def __init__(self, name: str = "accuracy") -> None:
        super().__init__(accuracy, name)


class BinaryAccuracy(MeanMetricWrapper):
    """How often a prediction is on the right side of a threshold: 0.5 for probabilities, 0 for logits.

    Parameters
    ----------
    name : str
    threshold : float, default 0.5

    Examples
    --------
    >>> accuracy = BinaryAccuracy()
    >>> accuracy([1, 0, 1], [0.9, 0.2, 0.3])
    0.6666666666666666
    """

    @naming.checks_keywords
    def __init__(self, name: str = "binary_accuracy", threshold: float = 0.5) -> None:
        super().__init__(binary_accuracy, name, threshold=threshold)


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is that of the largest target, such as that of a one-hot vector.

    Parameters
    ----------
    name : str
    """

    @naming.checks_keywords
    def __init__(self, name: str = "categorical_accuracy") -> None:
        super().__init__(categorical_accuracy, name)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is that of the class which the label names.

    Parameters
    ----------
    name : str
    """

    @naming.checks_keywords
    def __init__(self, name: str = "sparse_categorical_accuracy") -> None:
        super().__init__(sparse_categorical_accuracy, name)


def compiles(metric: Metric) -> bool:
    """Whether a metric gathers in variables what is computed by functions of this package, and so can be part of a
    program.
    """
    if type(metric) in (ChosenAccuracy, Mean):
        return True
    ours = isinstance(metric, MeanMetricWrapper) and type(metric).update_state is MeanMetricWrapper.update_state
    return ours and metric.fn in (*_ACCURACIES, *losses.FUNCTIONS)  # type: ignore[attr-defined]


METRICS: dict[str, type[Metric]] = {
    "mean": Mean,
    "binary_accuracy": BinaryAccuracy,
    "categorical_accuracy": CategoricalAccuracy,
    "sparse_categorical_accuracy": SparseCategoricalAccuracy,
}
_CHOSEN_BY_SHAPE = ("accuracy", "acc")


class ChosenAccuracy(Metric):
    """``"accuracy"``: the accuracy that fits the targets and predictions, chosen by their shapes at the first batch.

    One prediction per sample: `BinaryAccuracy`. Targets of fewer axes than predictions, or with a last axis of length
    1: `SparseCategoricalAccuracy`. Otherwise `CategoricalAccuracy`, or `BinaryAccuracy` for a binary cross-entropy of
    several outputs.

    Parameters
    ----------
    name : str
    loss : Loss, optional
        What the model is trained with. The threshold of binary predictions is 0 where it takes logits.
    """

    _run_state = frozenset({"chosen"})

    def __init__(self, name: str, loss: losses.Loss | None = None) -> None:
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


def get(identifier: Any, loss: losses.Loss | None = None) -> Metric:
    """Return the metric of a name, a `Metric` as it is, and a function of targets and predictions as the mean of its
    values.

    Names are those of the metrics, ``"accuracy"``, which chooses by the shapes of targets and predictions, and those of
    the losses."""
    if isinstance(identifier, Metric):
        return identifier
    if isinstance(identifier, str):
        if identifier in _CHOSEN_BY_SHAPE:
            return ChosenAccuracy(identifier, loss)
        named_loss = losses.LOSSES.get(identifier, losses.LOSSES.get(naming.snake_case(identifier)))
        if named_loss is not None:
            return MeanMetricWrapper(named_loss().fn, identifier)
        if identifier not in METRICS and naming.snake_case(identifier) not in METRICS:
            raise ArgumentError(
                naming.unknown("metric", identifier, sorted([*METRICS, *_CHOSEN_BY_SHAPE, *losses.LOSSES]))
            )
    found = naming.find("a metric", METRICS, identifier)
    return found if isinstance(found, Metric) else MeanMetricWrapper(found)
