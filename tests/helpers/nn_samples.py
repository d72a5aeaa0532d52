"""Tables of samples for the contract tests of `nn`: for each class, how to make objects of it and what to feed them.

They are no part of the package, because only the tests use them: a wheel holds nothing that only the suite needs. A
class of the package without an entry fails its contract test.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nn import initializers, layers, losses, metrics, optimizers, regularizers


class Sample(NamedTuple):
    """Arguments of a constructor, and the shape of a batch where one is needed."""

    arguments: dict[str, Any]
    shape: tuple[int, ...] = ()

    def __repr__(self) -> str:
        words = [f"{key}={getattr(value, '__name__', value)}" for key, value in self.arguments.items()]
        return "-".join([*words, *(["x".join(map(str, self.shape))] if self.shape else [])]) or "default"


LAYERS: dict[type, list[Sample]] = {
    layers.Dense: [
        Sample(
            {
                "units": 4,
                "activation": "tanh",
                "kernel_regularizer": "l2",
                "activity_regularizer": regularizers.L1(0.1),
            },
            (5, 3),
        ),
        Sample(
            {"units": 2, "use_bias": False, "kernel_initializer": initializers.RandomNormal(stddev=1.0, seed=1)},
            (5, 2, 3),
        ),
        Sample(
            {"units": 3, "activation": "gelu", "bias_initializer": "ones", "name": "out", "trainable": False}, (4, 2)
        ),
    ],
    layers.InputLayer: [Sample({"shape": (3,)}, (5, 3)), Sample({"batch_shape": (None, 2, 3), "name": "x"}, (4, 2, 3))],
    layers.Flatten: [Sample({}, (5, 2, 3)), Sample({}, (5,)), Sample({"input_shape": (2, 3)}, (5, 2, 3))],
    layers.Activation: [Sample({"activation": "softmax"}, (5, 3)), Sample({"activation": "softplus"}, (2, 3, 4))],
    layers.Dropout: [
        Sample({"rate": 0.5, "seed": 7}, (5, 3)),
        Sample({"rate": 0.5, "noise_shape": (None, 1), "seed": 1}, (9, 3)),
    ],
}


class Targets(NamedTuple):
    """Arguments of a constructor, targets, and predictions that go with them."""

    arguments: dict[str, Any]
    y_true: Any
    y_pred: Any

    def __repr__(self) -> str:
        words = [f"{key}={getattr(value, '__name__', value)}" for key, value in self.arguments.items()]
        return "-".join(words) or "default"


_RNG = np.random.default_rng(11)
_NUMBERS, _OTHERS = _RNG.normal(size=(2, 6, 3))
_LABELS = np.array([0, 2, 1, 1, 0, 2])
_LOGITS = _RNG.normal(size=(6, 3))
_LOGITS[:3] += 3 * np.eye(3)[_LABELS[:3]]  # so that some are right
_CLASSES = np.exp(_LOGITS) / np.exp(_LOGITS).sum(axis=1, keepdims=True)
_PROBABILITIES = _RNG.uniform(0.1, 0.9, size=(6, 3))
_BITS = (_RNG.uniform(size=(6, 3)) > 0.5).astype(int)
_ONE_HOT = np.eye(3)[_LABELS]

LOSSES: dict[type, list[Targets]] = {
    losses.MeanSquaredError: [Targets({}, _NUMBERS, _OTHERS), Targets({"reduction": "sum"}, _NUMBERS, _OTHERS)],
    losses.MeanAbsoluteError: [Targets({}, _NUMBERS, _OTHERS), Targets({"name": "distance"}, _NUMBERS, _OTHERS)],
    losses.BinaryCrossentropy: [
        Targets({}, _BITS, _PROBABILITIES),
        Targets({"from_logits": True, "label_smoothing": 0.1}, _BITS, _LOGITS),
    ],
    losses.CategoricalCrossentropy: [
        Targets({}, _ONE_HOT, _CLASSES),
        Targets({"from_logits": True, "label_smoothing": 0.2, "reduction": "sum"}, _ONE_HOT, _LOGITS),
    ],
    losses.SparseCategoricalCrossentropy: [
        Targets({}, _LABELS, _CLASSES),
        Targets({"from_logits": True, "ignore_class": 1}, _LABELS, _LOGITS),
    ],
}

METRICS: dict[type, list[Targets]] = {
    metrics.Accuracy: [Targets({}, _BITS, _BITS[::-1])],
    metrics.BinaryAccuracy: [Targets({}, _BITS, _PROBABILITIES), Targets({"threshold": 0.3}, _BITS, _PROBABILITIES)],
    metrics.CategoricalAccuracy: [Targets({"name": "hits"}, _ONE_HOT, _CLASSES)],
    metrics.SparseCategoricalAccuracy: [Targets({}, _LABELS, _CLASSES)],
    metrics.MeanMetricWrapper: [Targets({"fn": losses.mean_squared_error}, _NUMBERS, _OTHERS)],
}

OPTIMIZERS: dict[type, list[Sample]] = {
    optimizers.SGD: [
        Sample({"learning_rate": 0.1}),
        Sample({"learning_rate": 0.05, "momentum": 0.9, "nesterov": True, "clipnorm": 1.0}),
    ],
    optimizers.RMSprop: [
        Sample({"learning_rate": 0.05}),
        Sample({"learning_rate": 0.05, "centered": True, "momentum": 0.5}),
    ],
    optimizers.Adagrad: [Sample({"learning_rate": 0.5}), Sample({"learning_rate": 0.5, "weight_decay": 0.01})],
    optimizers.Adam: [
        Sample({"learning_rate": 0.1}),
        Sample({"learning_rate": 0.1, "amsgrad": True, "clipvalue": 0.5}),
    ],
}

INITIALIZERS: dict[type, list[Sample]] = {
    initializers.Constant: [Sample({"value": 2.5}, (3, 2))],
    initializers.Zeros: [Sample({}, (3,))],
    initializers.Ones: [Sample({}, (2, 3, 4))],
    initializers.Identity: [Sample({"gain": 2.0}, (3, 3))],
    initializers.RandomNormal: [Sample({"mean": 1.0, "stddev": 0.5, "seed": 3}, (4, 5))],
    initializers.RandomUniform: [Sample({"minval": -1.0, "maxval": 2.0, "seed": 3}, (4, 5))],
    initializers.TruncatedNormal: [Sample({"stddev": 0.5, "seed": 3}, (4, 5))],
    initializers.Orthogonal: [Sample({"gain": 0.5, "seed": 3}, (4, 3))],
    initializers.VarianceScaling: [
        Sample({"scale": 2.0, "mode": "fan_out", "distribution": "uniform", "seed": 3}, (4, 5)),
        Sample({"seed": 3}, (4, 5)),
    ],
    initializers.GlorotUniform: [Sample({"seed": 3}, (4, 5))],
    initializers.GlorotNormal: [Sample({"seed": 3}, (4, 5))],
    initializers.HeUniform: [Sample({"seed": 3}, (4, 5))],
    initializers.HeNormal: [Sample({"seed": 3}, (3, 3, 4, 5))],
    initializers.LecunUniform: [Sample({"seed": 3}, (4, 5))],
    initializers.LecunNormal: [Sample({"seed": 3}, (4, 5))],
}

REGULARIZERS: dict[type, list[Sample]] = {
    regularizers.L1: [Sample({"l1": 0.1}, (3, 4))],
    regularizers.L2: [Sample({"l2": 0.1}, (3, 4)), Sample({}, (2,))],
    regularizers.L1L2: [Sample({"l1": 0.1, "l2": 0.3}, (3, 4))],
}


def listed(module: Any, base: type) -> set[type]:
    """Return the classes of a family that a module exports, its base aside."""
    found = {getattr(module, name) for name in module.__all__}
    return {each for each in found if isinstance(each, type) and issubclass(each, base) and each is not base}


def cases(table: dict[type, list[Any]]) -> list[tuple[type, Any]]:
    """Return each class with each of its samples."""
    return [(kind, sample) for kind, samples in table.items() for sample in samples]


def names(found: list[tuple[type, Any]]) -> list[str]:
    """Return names of the cases for the reports of pytest."""
    return [f"{kind.__name__}-{sample!r}" for kind, sample in found]
