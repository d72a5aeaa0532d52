"""MyGrad, with its memory guard off, as its documentation advises where speed counts."""

from __future__ import annotations

from typing import Any

import mygrad as mg
import numpy
from mygrad.nnet.activations import relu
from mygrad.nnet.losses import softmax_crossentropy

from benchmarks.frameworks.by_hand import rmsprop_in_expressions
from benchmarks.problems import Case, Problem

REQUIRES = ("mygrad", "numpy")

mg.turn_memory_guarding_off()


def chain(problem: Problem) -> Case:
    """Differentiate the sum."""
    gradients: list[Any] = [None]
    x0 = mg.tensor(problem.data["x"])

    def step() -> Any:
        x = x0
        for _ in range(problem.length):
            x = mg.sin(x) * 1.01 + 0.1
        mg.sum(x).backward()
        gradients[0] = x0.grad
        return gradients[0]

    return Case(step, lambda: {"gradient": gradients[0]})


def tiny(problem: Problem) -> Case:
    """With SGD written out."""
    x, y = problem.data["x"], problem.data["y"]
    w = {name: mg.tensor(value) for name, value in problem.weights.items()}
    weights = W1, b1, W2, b2, W3, b3 = list(w.values())
    losses: list[Any] = [None]

    def step() -> Any:
        h1 = mg.tanh(mg.matmul(x, W1) + b1)
        h2 = mg.tanh(mg.matmul(h1, W2) + b2)
        loss = mg.mean(mg.square(mg.matmul(h2, W3) + b3 - y))
        loss.backward()
        for value in weights:
            value.data -= problem.learning_rate * value.grad
        losses[0] = loss.data
        return losses[0]

    return Case(step, lambda: {"loss": losses[0], **_arrays(w)})


def mnist(problem: Problem) -> Case:
    """With its own relu and loss, and an RMSprop in NumPy expressions."""
    x, y = problem.data["x"], problem.data["y"]
    w = {name: mg.tensor(value) for name, value in problem.weights.items()}
    v = {name: numpy.zeros_like(value) for name, value in problem.weights.items()}
    W1, b1, W2, b2 = w.values()
    losses: list[Any] = [None]

    def step() -> Any:
        h = relu(mg.matmul(x, W1) + b1)
        loss = softmax_crossentropy(mg.matmul(h, W2) + b2, y)
        loss.backward()
        for name, value in w.items():
            rmsprop_in_expressions(problem, value.data, value.grad, v[name])
        losses[0] = loss.data
        return losses[0]

    return Case(step, lambda: {"loss": losses[0], **_arrays(w)})


def _arrays(w: dict[str, Any]) -> dict[str, Any]:
    return {name: value.data for name, value in w.items()}
