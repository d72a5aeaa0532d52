"""tapegrad as one writes it by hand: variables, a tape, an update. Nothing is compiled."""

from __future__ import annotations

from typing import Any

import autograd.numpy as np
from autograd import GradientTape, Tensor, Variable
from benchmarks.problems import Case, Problem
from nn import activations, losses, optimizers

REQUIRES = ("numpy",)


def chain(problem: Problem) -> Case:
    """Watch the vector, and differentiate the sum."""
    x0 = Tensor(problem.data["x"])
    gradients: list[Any] = [None]

    def step() -> Any:
        with GradientTape() as tape:
            tape.watch(x0)
            x = x0
            for _ in range(problem.length):
                x = np.sin(x) * 1.01 + 0.1
            total = np.sum(x)
        gradients[0] = tape.gradient(total, x0)
        return gradients[0]

    return Case(step, lambda: {"gradient": gradients[0]})


def tiny(problem: Problem) -> Case:
    """Variables and operators, and the update written out."""
    x, y = Tensor(problem.data["x"]), Tensor(problem.data["y"])
    w = {name: Variable(value, name=name) for name, value in problem.weights.items()}
    weights = W1, b1, W2, b2, W3, b3 = list(w.values())
    rate = problem.learning_rate
    loss_of: list[Any] = [None]

    def step() -> Any:
        with GradientTape() as tape:
            h1 = np.tanh(x @ W1 + b1)
            h2 = np.tanh(h1 @ W2 + b2)
            loss = np.mean(np.square(h2 @ W3 + b3 - y))
        gradients = tape.gradient(loss, weights)
        for value, g in zip(weights, gradients, strict=True):
            value.assign_sub(g * rate)
        loss_of[0] = loss
        return loss

    return Case(step, lambda: {"loss": loss_of[0], **w})


def mnist(problem: Problem) -> Case:
    """Variables and operators; relu, loss and RMSprop from `nn`."""
    x, y = Tensor(problem.data["x"]), Tensor(problem.data["y"])
    w = {name: Variable(value, name=name) for name, value in problem.weights.items()}
    weights = W1, b1, W2, b2 = list(w.values())
    optimizer = optimizers.RMSprop(problem.learning_rate, rho=problem.rho, epsilon=problem.epsilon)
    loss_of: list[Any] = [None]

    def step() -> Any:
        with GradientTape() as tape:
            h = activations.relu(x @ W1 + b1)
            loss = losses.sparse_categorical_crossentropy(y, h @ W2 + b2, from_logits=True).mean()
        gradients = tape.gradient(loss, weights)
        optimizer.apply_gradients(zip(gradients, weights, strict=True))
        loss_of[0] = loss
        return loss

    return Case(step, lambda: {"loss": loss_of[0], **w})
