"""Losses, by Keras's names: as functions that return one number per sample, and as classes that reduce these.

Cross-entropies of probabilities that `nn.activations.softmax` or `sigmoid` returned are computed from the logits which
those remember, and so are exact however far in the tails. Of other probabilities the logarithm is taken as it is. Keras
clips them at 1e-7 first, which changes every loss and gives tiny probabilities no gradient; here a probability is exact
down to the smallest normal number of its dtype, and only below that (so at 0) it counts as that number: the loss is
finite, 87.3 in float32 and 708.4 in float64, with derivative 0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import autograd.numpy as anp
from autograd import Tensor
from autograd.errors import DtypeError, OperandError, ShapeError
from autograd.extend import tracing
from nn import config as naming
from nn import ops
from nn.activations import logits_of
from nn.errors import ArgumentError
from nn.losses.targets import check_alignment, check_finite, check_labels, check_same_shape, fit_weights, matched

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Loss",
    "LossFunctionWrapper",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "get",
    "mean_absolute_error",
    "mean_squared_error",
    "sparse_categorical_crossentropy",
]


# --------------------------------------------------------------------------------------------------- operands
def _prediction(y_pred: Any) -> Tensor:
    """Return predictions as a floating-point tensor, with at least one axis."""
    y_pred = y_pred if isinstance(y_pred, Tensor) else Tensor(y_pred)
    if y_pred.dtype.kind in "bui":
        y_pred = y_pred.astype(np.float32)
    if y_pred.dtype.kind != "f":
        raise DtypeError(f"a loss needs real predictions: received y_pred of dtype {y_pred.dtype}.")
    if not y_pred.ndim:
        raise ShapeError("a loss needs predictions with at least one axis, the samples: received y_pred of shape ().")
    return y_pred


def _target(y_true: Any, y_pred: Tensor, name: str) -> Tensor:
    """Return targets in the dtype and the shape of the predictions; they may lack a last axis of length 1, or have one
    too many.
    """
    y_true = y_true if isinstance(y_true, Tensor) else Tensor(y_true)
    if y_true.dtype.kind == "c":
        raise DtypeError(f"{name} needs real targets: received y_true of dtype {y_true.dtype}.")
    check_same_shape(y_true.shape, y_pred.shape, name)
    y_true = matched(y_true, y_pred, name)
    return y_true if y_true.dtype == y_pred.dtype else y_true.astype(y_pred.dtype)


def _check_probabilities(y_pred: Tensor, name: str) -> None:
    values: Any = y_pred if tracing() else y_pred.numpy()
    slack = 8 * float(np.finfo(y_pred.dtype).eps)
    if values.size and (values.min() < -slack or values.max() > 1 + slack):
        values = y_pred.numpy()
        raise ArgumentError(
            f"{name} needs probabilities, from 0 to 1: received y_pred with values from {values.min():.6g} to "
            f"{values.max():.6g}. "
            f"If these are logits, pass from_logits=True."
        )


def _smoothing(label_smoothing: float) -> float:
    if not isinstance(label_smoothing, (int, float, np.number)) or not 0 <= label_smoothing <= 1:
        raise ArgumentError(f"label_smoothing is from 0 to 1: received {label_smoothing!r}.")
    return label_smoothing


def _to_last(x: Tensor, axis: int) -> Tensor:
    return x if axis in (-1, x.ndim - 1) else anp.moveaxis(x, axis, -1)


def _normalized(y_pred: Tensor) -> Tensor:
    """Return probabilities that add up to 1 along the last axis; zeros stay zeros."""
    total = anp.sum(y_pred, axis=-1, keepdims=True)
    return y_pred / anp.maximum(total, float(np.finfo(y_pred.dtype).tiny))


# --------------------------------------------------------------------------------------------------- functions
def mean_squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """Return the mean of ``(y_true - y_pred) ** 2`` over the last axis.

    Parameters
    ----------
    y_true, y_pred : array_like or Tensor, shape (samples, ..., n)
        The targets may lack a last axis of length 1.

    Returns
    -------
    Tensor, shape (samples, ...)
        In the dtype of the predictions.

    Raises
    ------
    ShapeError
        If the shapes differ otherwise. They never broadcast.

    Examples
    --------
    >>> mean_squared_error([[1.0, 2.0], [3.0, 4.0]], [[1.0, 4.0], [3.0, 4.0]]).tolist()
    [2.0, 0.0]
    """
    y_pred = _prediction(y_pred)
    return anp.mean(anp.square(y_pred - _target(y_true, y_pred, "mean_squared_error")), axis=-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """Return the mean of ``|y_true - y_pred|`` over the last axis; its derivative at equality is 0. See
    `mean_squared_error`.
    """
    y_pred = _prediction(y_pred)
    return anp.mean(anp.abs(y_pred - _target(y_true, y_pred, "mean_absolute_error")), axis=-1)


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

    Examples
    --------
    >>> np.exp(-binary_crossentropy([1, 0], [[0.8], [0.4]])).round(6).tolist()
    [0.8, 0.6]
    """
    y_pred = _prediction(y_pred)
    y_true = _target(y_true, y_pred, "binary_crossentropy")
    if _smoothing(label_smoothing):
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

    Examples
    --------
    >>> np.exp(-categorical_crossentropy([[0, 1, 0]], [[0.25, 0.5, 0.25]])).tolist()
    [0.5]
    """
    y_pred = _prediction(y_pred)
    y_true = _to_last(_target(y_true, y_pred, "categorical_crossentropy"), axis)
    logits = y_pred if from_logits else logits_of(y_pred, "softmax") if axis in (-1, y_pred.ndim - 1) else None
    y_pred = _to_last(y_pred, axis)
    if _smoothing(label_smoothing):
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
    y_pred = _prediction(y_pred)
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


# --------------------------------------------------------------------------------------------------- classes
_REDUCTIONS = ("sum_over_batch_size", "sum", "none", None)


class Loss:
    """A loss that is reduced to one number. Subclasses define ``call(y_true, y_pred)``, one number per sample.

    Parameters
    ----------
    name : str, optional
    reduction : {"sum_over_batch_size", "sum", None}
        The mean over all samples (and all further axes of what `call` returns), the sum, or no reduction.
    dtype : dtype, optional
        To convert predictions to; they keep their dtype unless given.

    Examples
    --------
    >>> MeanSquaredError(reduction="sum")([[1.0], [3.0]], [[2.0], [5.0]]).item()
    5.0
    """

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        if reduction not in _REDUCTIONS:
            raise ArgumentError(f'reduction is "sum_over_batch_size", "sum" or None: received {reduction!r}.')
        self.name = name or naming.snake_case(type(self).__name__)
        self.reduction = None if reduction == "none" else reduction
        self.dtype = dtype

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """Return the loss of each sample."""
        raise NotImplementedError(f"{type(self).__name__} defines no call(y_true, y_pred).")

    def check(self, y_true: Any, shape: tuple[int, ...]) -> None:
        """Raise if all the targets of a training run do not fit predictions of a shape. Called before anything is
        trained.
        """
        check_alignment(np.shape(y_true), shape, f"the loss {self.name!r}")

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """Return the reduced loss.

        Parameters
        ----------
        y_true, y_pred : array_like or Tensor
            A last axis of length 1 that only one of them has is given to the targets or taken from them, for `call`
            too.
        sample_weight : array_like, optional
            A factor for each sample, of the shape of the losses or of their first axes. The mean divides by the number
            of losses all the same.
        """
        if self.dtype is not None and np.dtype(self.dtype) != getattr(y_pred, "dtype", None):
            y_pred = (y_pred if isinstance(y_pred, Tensor) else Tensor(y_pred)).astype(self.dtype)
        losses = self.call(matched(y_true, y_pred, f"the loss {self.name!r}"), y_pred)
        if sample_weight is not None:
            losses = losses * fit_weights(sample_weight, losses.shape).astype(losses.dtype)
        if self.reduction is None:
            return losses
        return anp.sum(losses) if self.reduction == "sum" else anp.mean(losses)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which `from_config` makes an equal loss."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Make a loss from what `get_config` returned."""
        return cls(**config)


class LossFunctionWrapper(Loss):
    """A function of targets and predictions as a loss.

    Parameters
    ----------
    fn : callable
        ``fn(y_true, y_pred, **kwargs)`` returns one number per sample.
    reduction : {"sum_over_batch_size", "sum", None}
    name : str, optional
        That of the function, unless given.
    dtype : dtype, optional
    **kwargs
        Passed on to the function.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", None), reduction, dtype)
        self.fn = fn
        self.options = kwargs

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        losses = self.fn(y_true, y_pred, **self.options)
        if not isinstance(losses, Tensor):
            raise OperandError(
                f"the loss {self.name!r} returned a {type(losses).__name__}. A loss is computed from y_pred with "
                f"NumPy's functions or those of "
                f"autograd.numpy and returns a Tensor, or it has no derivative."
            )
        return losses

    def check(self, y_true: Any, shape: tuple[int, ...]) -> None:
        if self.fn in FUNCTIONS:
            check_targets(self.fn, self.options, y_true, shape)
        else:
            super().check(y_true, shape)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | self.options


FUNCTIONS = (
    mean_squared_error,
    mean_absolute_error,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)


def check_targets(fn: Callable[..., Any], options: Mapping[str, Any], y_true: Any, shape: tuple[int, ...]) -> None:
    """Raise if targets are not what a function of this module takes together with predictions of a shape."""
    targets, name = np.asarray(y_true), fn.__name__
    check_finite(f"{name}, for y_true,", targets)
    if fn is sparse_categorical_crossentropy:
        axis = options.get("axis", -1)
        check_labels(targets, (*shape[:axis], *shape[axis:][1:], shape[axis]), options.get("ignore_class"))
        return
    check_same_shape(targets.shape, shape, name)
    if fn is binary_crossentropy and (targets.min() < 0 or targets.max() > 1):
        raise ArgumentError(
            f"binary_crossentropy takes targets from 0 to 1: received y_true with values from {targets.min():.6g} to "
            f"{targets.max():.6g}. "
            f"Labels of -1 and 1 become 0 and 1 by (y + 1) / 2; labels of several classes go with "
            f"sparse_categorical_crossentropy."
        )


class MeanSquaredError(LossFunctionWrapper):
    """The mean of the squares of all errors. See `mean_squared_error`, and `Loss` for the arguments."""

    @naming.checks_keywords
    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str = "mean_squared_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)


class MeanAbsoluteError(LossFunctionWrapper):
    """The mean of the magnitudes of all errors. See `mean_absolute_error`, and `Loss` for the arguments."""

    @naming.checks_keywords
    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str = "mean_absolute_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)


class BinaryCrossentropy(LossFunctionWrapper):
    """The cross-entropy of targets that are true or false. See `binary_crossentropy`.

    Parameters
    ----------
    from_logits, label_smoothing, axis
        As in `binary_crossentropy`.
    reduction, name, dtype
        See `Loss`.
    """

    @naming.checks_keywords
    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        _smoothing(label_smoothing)
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(binary_crossentropy, reduction, name, dtype, **options)


class CategoricalCrossentropy(LossFunctionWrapper):
    """The cross-entropy of one-hot targets, or of probabilities of classes. See `categorical_crossentropy`.

    Parameters
    ----------
    from_logits, label_smoothing, axis
        As in `categorical_crossentropy`.
    reduction, name, dtype
        See `Loss`.
    """

    @naming.checks_keywords
    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        _smoothing(label_smoothing)
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(categorical_crossentropy, reduction, name, dtype, **options)


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """The cross-entropy of targets that are the numbers of classes. See `sparse_categorical_crossentropy`.

    Parameters
    ----------
    from_logits, ignore_class, axis
        As in `sparse_categorical_crossentropy`.
    reduction, name, dtype
        See `Loss`.
    """

    @naming.checks_keywords
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


LOSSES: dict[str, Any] = {
    "mean_squared_error": MeanSquaredError,
    "mse": MeanSquaredError,
    "mean_absolute_error": MeanAbsoluteError,
    "mae": MeanAbsoluteError,
    "binary_crossentropy": BinaryCrossentropy,
    "categorical_crossentropy": CategoricalCrossentropy,
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
}


def get(identifier: Any) -> Loss:
    """Return the loss of a name; a `Loss` as it is; a function of targets and predictions as a loss that takes its
    mean.
    """
    if isinstance(identifier, Loss):
        return identifier
    for name, kind in LOSSES.items():
        if identifier is globals().get(name):
            return kind()
    found = naming.find("a loss", LOSSES, identifier)
    return found if isinstance(found, Loss) else LossFunctionWrapper(found)
