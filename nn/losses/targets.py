"""Fits targets to predictions, for losses and metrics: kinds, dtypes, shapes, labels and weights of samples."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.errors import DtypeError, ShapeError
from autograd.extend import tracing
from nn.errors import ArgumentError

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]


def matched(y_true: Any, y_pred: Any, name: str) -> Any:
    """Give targets the shape of the predictions where the two differ by a last axis of length 1 only.

    Targets of shape ``(n,)`` and predictions of shape ``(n, 1)``, which is what a last layer of one unit returns, would
    broadcast to ``(n, n)`` in a function that subtracts them: each target would be compared with every prediction.

    Parameters
    ----------
    y_true, y_pred : array_like or Tensor
        Other things (several outputs in a tuple or dict, None) are left alone.
    name : str
        The loss or metric, for the message.

    Returns
    -------
    The targets, reshaped where that is needed.

    Raises
    ------
    ShapeError
        If they would broadcast in another way, so that a target is compared with the prediction of another sample.
        Labels of shape ``(n, ...)`` for predictions of shape ``(n, ..., classes)``, and more numbers for a sample than
        are predicted, are left to the function.
    """
    target, prediction = _shape(y_true), _shape(y_pred)
    if target is None or prediction is None or target == prediction:
        return y_true
    if differ_by_a_last_axis(target, prediction):
        return (y_true if isinstance(y_true, Tensor) else np.asarray(y_true)).reshape(prediction)
    check_alignment(target, prediction, name)
    return y_true


def differ_by_a_last_axis(target: Shape, prediction: Shape) -> bool:
    """Whether two shapes are equal but for a last axis of length 1."""
    return (*target, 1) == prediction or target == (*prediction, 1)


def check_alignment(target: Shape, prediction: Shape, name: str) -> None:
    """Raise if two shapes broadcast to more numbers than either has, and not within each sample. See `matched`."""
    if not target or not prediction or differ_by_a_last_axis(target, prediction):
        return
    same_samples = len(target) == len(prediction) and target[0] == prediction[0]
    if same_samples or target == prediction[:-1] or target[:-1] == prediction:
        return
    try:
        together = np.broadcast_shapes(target, prediction)
    except ValueError:  # the function will say so where it needs that
        return
    if math.prod(together) > max(math.prod(target), math.prod(prediction)):
        raise ShapeError(
            f"{name} would compare targets with the predictions of other samples: y_true of shape {target} and y_pred "
            f"of shape {prediction} broadcast to {together}. Give the targets as many axes as the predictions, the "
            "samples first, or flatten the predictions."
        )


def check_same_shape(target: Shape, prediction: Shape, name: str) -> None:
    """Raise if targets are not of the shape of the predictions, a last axis of length 1 apart."""
    if target == prediction or differ_by_a_last_axis(target, prediction):
        return
    advice = ""
    if target == prediction[:-1]:
        if name.startswith("categorical"):
            advice = f" Integer labels go with sparse_{name}."
        elif name.startswith("binary"):
            advice = (
                " Labels 0 and 1 go with a last layer of one unit; those of several classes with "
                "sparse_categorical_crossentropy."
            )
        else:
            advice = " One number for each sample is predicted by a last layer of one unit."
    elif target[:-1] == prediction[:-1]:
        advice = f" The last layer needs {target[-1]} units for such targets."
    received = f"received y_true of shape {target} and y_pred of shape {prediction}"
    raise ShapeError(f"{name} compares targets and predictions of one shape: {received}.{advice}")


def check_labels(y_true: Any, shape: Shape, ignore_class: int | None = None) -> Any:
    """Return labels as integers that name classes of predictions of a shape ``(samples, ..., classes)``.

    The result is an array, and a tensor while a program is traced: the program then tests all labels of a batch with
    one guard.
    """
    labels: Any = y_true if tracing() and isinstance(y_true, Tensor) else _raw(y_true)
    classes = shape[-1]
    if labels.shape == (*shape[:-1], 1):
        labels = labels[..., 0]
    if labels.shape != shape[:-1]:
        one_hot = labels.ndim == len(shape) and labels.shape[:-1] == shape[:-1]
        advice = " One-hot targets go with categorical_crossentropy." if one_hot else ""
        raise ShapeError(
            f"sparse_categorical_crossentropy needs one label for each prediction of {classes} classes: received "
            f"y_true of shape {labels.shape} and y_pred of shape {shape}.{advice}"
        )
    if labels.dtype.kind not in "bui" and (labels.dtype.kind != "f" or not np.all(labels == np.rint(labels))):
        labels = _raw(labels)
        value = f" with the value {labels[labels != np.rint(labels)].flat[0]}" if labels.dtype.kind == "f" else ""
        raise DtypeError(f"labels are whole numbers: received y_true of dtype {labels.dtype}{value}.")
    labels = labels.astype(np.int64)
    outside = (labels < 0) | (labels >= classes)
    if ignore_class is not None:
        outside &= labels != ignore_class
    if np.any(outside):
        labels, where = _raw(labels), tuple(int(i) for i in np.argwhere(_raw(outside))[0])
        binary = " One output for two classes goes with binary_crossentropy." if classes == 1 else ""
        raise ArgumentError(
            f"labels are from 0 to {classes - 1} for {classes} classes (y_pred has shape {shape}): received "
            f"{labels[where]} at position {where[0] if len(where) == 1 else where}. Widen the last layer, or number "
            f"the labels from 0.{binary}"
        )
    return labels


def check_finite(name: str, values: Array) -> None:
    """Raise if not all numbers of an array are finite."""
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        raise ArgumentError(
            f"{name} needs finite numbers: received {values[where]} at position "
            f"{where[0] if len(where) == 1 else where}."
        )


def fit_weights(sample_weight: Any, shape: Shape) -> Any:
    """Return weights of samples in a shape that broadcasts against values of the given one."""
    weights = sample_weight if isinstance(sample_weight, Tensor) else np.asarray(sample_weight)
    if weights.ndim == len(shape) + 1 and weights.shape[-1] == 1:
        weights = weights[..., 0]
    if weights.ndim > len(shape) or weights.shape != shape[: weights.ndim]:
        raise ShapeError(
            f"sample_weight has one number for each sample: received shape {weights.shape} for values of shape {shape}."
        )
    return weights.reshape(weights.shape + (1,) * (len(shape) - weights.ndim))


def _raw(x: Any) -> Array:
    return x.numpy() if isinstance(x, Tensor) else np.asarray(x)


def _shape(x: Any) -> Shape | None:
    """Return the shape of an array or of a list of numbers, and None for other things."""
    if isinstance(x, list) and not any(isinstance(each, Tensor) for each in x):
        return np.shape(x)
    shape = getattr(x, "shape", None)
    return shape if isinstance(shape, tuple) else None


# -------------------------------------------------------------------------------------------------- operands of losses
def as_prediction(y_pred: Any) -> Tensor:
    """Return predictions as a floating-point tensor, with at least one axis."""
    y_pred = y_pred if isinstance(y_pred, Tensor) else Tensor(y_pred)
    if y_pred.dtype.kind in "bui":
        y_pred = y_pred.astype(np.float32)
    if y_pred.dtype.kind != "f":
        raise DtypeError(f"a loss needs real predictions: received y_pred of dtype {y_pred.dtype}.")
    if not y_pred.ndim:
        raise ShapeError("a loss needs predictions with at least one axis, the samples: received y_pred of shape ().")
    return y_pred


def as_target(y_true: Any, y_pred: Tensor, name: str) -> Tensor:
    """Return targets in the dtype and the shape of the predictions; they may lack a last axis of length 1, or have one
    too many.
    """
    y_true = y_true if isinstance(y_true, Tensor) else Tensor(y_true)
    if y_true.dtype.kind == "c":
        raise DtypeError(f"{name} needs real targets: received y_true of dtype {y_true.dtype}.")
    check_same_shape(y_true.shape, y_pred.shape, name)
    y_true = matched(y_true, y_pred, name)
    return y_true if y_true.dtype == y_pred.dtype else y_true.astype(y_pred.dtype)
