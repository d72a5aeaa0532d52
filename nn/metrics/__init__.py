"""Metrics, by Keras's names: numbers gathered over batches, in which each sample counts the same.

>>> metric = SparseCategoricalAccuracy()
>>> metric([1, 1], [[0.2, 0.8], [0.6, 0.4]])
0.5
"""

from nn.config import export
from nn.metrics.accuracies import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    accuracy,
    binary_accuracy,
    categorical_accuracy,
    get,
    sparse_categorical_accuracy,
)
from nn.metrics.base import Mean, MeanMetricWrapper, Metric

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "Mean",
    "MeanMetricWrapper",
    "Metric",
    "SparseCategoricalAccuracy",
    "accuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "get",
    "sparse_categorical_accuracy",
]

export(__name__, globals(), __all__)
