"""PyTorch, eager: tensors that require gradients, ``torch.autograd.grad``, and its own RMSprop."""

from __future__ import annotations

import os
from typing import Any

import torch
from torch.nn import functional as F

from benchmarks.problems import Case, Problem

REQUIRES = ("torch",)
# Its RMSprop divides by ``sqrt(v) + epsilon``.
DIFFERS = {"mnist": {"epsilon_under_root": False}}

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def chain(problem: Problem) -> Case:
    """Differentiate the sum."""
    x0 = torch.tensor(problem.data["x"], requires_grad=True)
    gradients: list[Any] = [None]

    def step() -> Any:
        x = x0
        for _ in range(problem.length):
            x = torch.sin(x) * 1.01 + 0.1
        (gradients[0],) = torch.autograd.grad(x.sum(), x0)
        return gradients[0]

    return Case(step, lambda: {"gradient": gradients[0]})


def tiny(problem: Problem) -> Case:
    """The same expressions as everywhere, and the update written out, which is quicker here than ``torch.optim.SGD``.

    (With ``torch.addmm`` and ``mse_loss``, which join several operations into one, a step takes a fifth less.)
    """
    x, y, w = _tensors(problem)
    weights = W1, b1, W2, b2, W3, b3 = list(w.values())
    losses: list[Any] = [None]

    def step() -> Any:
        h1 = torch.tanh(x @ W1 + b1)
        h2 = torch.tanh(h1 @ W2 + b2)
        loss = torch.mean(torch.square(h2 @ W3 + b3 - y))
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for value, g in zip(weights, gradients, strict=True):
                value.sub_(g, alpha=problem.learning_rate)
        losses[0] = loss.detach()
        return losses[0]

    return Case(step, lambda: {"loss": losses[0], **_detached(w)})


def mnist(problem: Problem) -> Case:
    """With ``torch.optim.RMSprop`` in its ``foreach`` form."""
    x, y, w = _tensors(problem)
    weights = W1, b1, W2, b2 = list(w.values())
    optimizer = torch.optim.RMSprop(weights, lr=problem.learning_rate, alpha=problem.rho, eps=problem.epsilon, foreach=True)
    losses: list[Any] = [None]

    def step() -> Any:
        optimizer.zero_grad()
        h = torch.relu(torch.addmm(b1, x, W1))
        loss = F.cross_entropy(torch.addmm(b2, h, W2), y)
        loss.backward()
        optimizer.step()
        losses[0] = loss.detach()
        return losses[0]

    return Case(step, lambda: {"loss": losses[0], **_detached(w)})


def _tensors(problem: Problem) -> tuple[Any, Any, dict[str, Any]]:
    x, y = torch.tensor(problem.data["x"]), torch.tensor(problem.data["y"])
    return x, y, {name: torch.tensor(value, requires_grad=True) for name, value in problem.weights.items()}


def _detached(w: dict[str, Any]) -> dict[str, Any]:
    return {name: value.detach() for name, value in w.items()}
