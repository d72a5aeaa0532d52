"""tapegrad as one uses it: a compiled `nn.Sequential`, and its ``train_on_batch``, with arrays in."""

from __future__ import annotations

from typing import Any

import nn
from benchmarks.problems import Case, Problem
from nn import layers, optimizers

REQUIRES = ("numpy",)


def mnist(problem: Problem) -> Case:
    """Two dense layers, softmax and its loss, RMSprop."""
    model = nn.Sequential([layers.Input((784,)), layers.Dense(512, activation="relu"), layers.Dense(10, activation="softmax")])
    optimizer = optimizers.RMSprop(problem.learning_rate, rho=problem.rho, epsilon=problem.epsilon)
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy")
    for variable, value in zip(model.weights, problem.weights.values(), strict=True):
        variable.assign(value)
    loss_of: list[Any] = [None]

    def step() -> Any:
        loss_of[0] = model.train_on_batch(problem.data["x"], problem.data["y"])
        return loss_of[0]

    return Case(step, lambda: {"loss": loss_of[0], **dict(zip(problem.weights, model.weights, strict=True))})
