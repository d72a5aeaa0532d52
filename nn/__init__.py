"""Neural networks on `autograd`, with Keras's interface.

>>> import nn
>>> model = nn.Sequential([nn.layers.Dense(512, activation="relu"), nn.layers.Dense(10, activation="softmax")])
>>> model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

Everything in float32 unless a layer is told otherwise; ``fit``, ``evaluate`` and ``predict`` take arrays.
"""

from nn import (
    activations,
    callbacks,
    datasets,
    initializers,
    layers,
    losses,
    metrics,
    models,
    ops,
    optimizers,
    random,
    regularizers,
)
from nn.config import register
from nn.errors import ArgumentError, StateError
from nn.layers import Activation, Dense, Dropout, Flatten, Input, Layer
from nn.models import Model, Sequential
from nn.random import set_random_seed

__all__ = [
    "Activation",
    "ArgumentError",
    "Dense",
    "Dropout",
    "Flatten",
    "Input",
    "Layer",
    "Model",
    "Sequential",
    "StateError",
    "activations",
    "callbacks",
    "datasets",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "ops",
    "optimizers",
    "random",
    "register",
    "regularizers",
    "set_random_seed",
]
