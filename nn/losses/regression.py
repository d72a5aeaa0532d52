"""Losses of numbers: squares and magnitudes of errors."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
from autograd import Tensor
from nn.losses.base import LossFunctionWrapper
from nn.losses.targets import as_prediction, as_target


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
    DtypeError
        If something is complex.

    Examples
    --------
    >>> mean_squared_error([[1.0, 2.0], [3.0, 4.0]], [[1.0, 4.0], [3.0, 4.0]]).tolist()
    [2.0, 0.0]
    """
    y_pred = as_prediction(y_pred)
    return anp.mean(anp.square(y_pred - as_target(y_true, y_pred, "mean_squared_error")), axis=-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """Return the mean of ``|y_true - y_pred|`` over the last axis. Its derivative where they are equal is 0.

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
    DtypeError
        If something is complex.

    Examples
    --------
    >>> mean_absolute_error([[1.0, 2.0], [3.0, 4.0]], [[1.0, 4.0], [3.0, 4.0]]).tolist()
    [1.0, 0.0]
    """
    y_pred = as_prediction(y_pred)
    return anp.mean(anp.abs(y_pred - as_target(y_true, y_pred, "mean_absolute_error")), axis=-1)


class MeanSquaredError(LossFunctionWrapper, function=mean_squared_error, aliases=("mse",)):
    """The mean of the squares of all errors. See `mean_squared_error`.

    Parameters
    ----------
    reduction, name, dtype
        See `Loss`.

    Examples
    --------
    >>> MeanSquaredError()([[1.0], [3.0]], [[2.0], [5.0]]).item()
    2.5
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str = "mean_squared_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)


class MeanAbsoluteError(LossFunctionWrapper, function=mean_absolute_error, aliases=("mae",)):
    """The mean of the magnitudes of all errors. See `mean_absolute_error`.

    Parameters
    ----------
    reduction, name, dtype
        See `Loss`.

    Examples
    --------
    >>> MeanAbsoluteError(reduction="sum")([[1.0], [3.0]], [[2.0], [5.0]]).item()
    3.0
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str = "mean_absolute_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)
