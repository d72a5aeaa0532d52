"""Losses, by Keras's names: as functions that return one number per sample, and as classes that reduce these.

>>> loss = MeanSquaredError()
>>> loss([[1.0], [3.0]], [[2.0], [5.0]]).item()
2.5
"""

from nn.config import export
from nn.losses.base import Loss, LossFunctionWrapper, get
from nn.losses.probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from nn.losses.regression import MeanAbsoluteError, MeanSquaredError, mean_absolute_error, mean_squared_error

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

export(__name__, globals(), __all__)
