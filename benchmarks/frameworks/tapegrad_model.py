"""tapegrad as one uses it: a compiled `nn.Sequential`, and its ``train_on_batch``, with arrays in and the loss out."""

from __future__ import annotations

from typing import Any

import nn
from benchmarks.problems import Case, Problem
from nn import layers, optimizers

REQUIRES = ("numpy",)


def tiny(problem: Problem) -> Case:
    """Three dense layers, mean squared error, SGD."""
    dtype = "float64"
    stack = [layers.Dense(16, "tanh", dtype=dtype), layers.Dense(16, "tanh", dtype=dtype), layers.Dense(1, dtype=dtype)]
    return _trained(problem, stack, "mean_squared_error", optimizers.SGD(problem.learning_rate))


def mnist(problem: Problem) -> Case:
    """Two dense layers, softmax and its loss, RMSprop."""
    stack = [layers.Dense(512, "relu"), layers.Dense(10, "softmax")]
    optimizer = optimizers.RMSprop(problem.learning_rate, rho=problem.rho, epsilon=problem.epsilon)
    return _trained(problem, stack, "sparse_categorical_crossentropy", optimizer)


def _trained(problem: Problem, stack: list[Any], loss: str, optimizer: Any) -> Case:
    x, y = problem.data["x"], problem.data["y"]
    model = nn.Sequential([layers.Input(x.shape[1:], dtype=x.dtype), *stack])
    model.compile(optimizer=optimizer, loss=loss)
    for variable, value in zip(model.weights, problem.weights.values(), strict=True):
        variable.assign(value)
    loss_of: list[Any] = [None]

    def step() -> Any:
        loss_of[0] = model.train_on_batch(x, y)
        return loss_of[0]

    return Case(step, lambda: {"loss": loss_of[0], **dict(zip(problem.weights, model.weights, strict=True))})
