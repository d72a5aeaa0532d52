"""PyTorch, eager: tensors that require gradients, ``torch.autograd.grad``, and its own optimizers.

`torch_compiled` hands over what compiles the functions.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F

from benchmarks.problems import BETA_1, BETA_2, GAMMA, Case, M, Problem

REQUIRES = ("torch",)
# Its RMSprop divides by ``sqrt(v) + epsilon``.
DIFFERS = {"mnist": {"epsilon_under_root": False}}

Function = Callable[..., Any]

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def eager(f: Function) -> Function:
    """Return the function as it is."""
    return f


def chain(problem: Problem, compiled: Callable[[Function], Function] = eager) -> Case:
    """Differentiate the sum."""

    def total(x: Any) -> Any:
        for _ in range(problem.length):
            x = torch.sin(x) * 1.01 + 0.1
        return x.sum()

    return _differentiated(compiled(total), {"gradient": problem.data["x"]})


def tiny(problem: Problem, compiled: Callable[[Function], Function] = eager) -> Case:
    """The same expressions as everywhere, and the update written out, which is quicker here than ``torch.optim.SGD``.

    (With ``torch.addmm`` and ``mse_loss``, which join several operations into one, a step takes a fifth less.)
    """
    x, y, w = _tensors(problem)
    weights = W1, b1, W2, b2, W3, b3 = list(w.values())
    losses: list[Any] = [None]

    def loss_of(x: Any, y: Any) -> Any:
        h1 = torch.tanh(x @ W1 + b1)
        h2 = torch.tanh(h1 @ W2 + b2)
        return torch.mean(torch.square(h2 @ W3 + b3 - y))

    forward = compiled(loss_of)

    def step() -> Any:
        loss = forward(x, y)
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for value, g in zip(weights, gradients, strict=True):
                value.sub_(g, alpha=problem.learning_rate)
        losses[0] = loss.detach()
        return losses[0]

    return Case(step, lambda: {"loss": losses[0], **_detached(w)})


def mnist(problem: Problem, compiled: Callable[[Function], Function] = eager) -> Case:
    """With ``torch.optim.RMSprop`` in its ``foreach`` form."""
    x, y, w = _tensors(problem)
    weights = W1, b1, W2, b2 = list(w.values())
    optimizer = torch.optim.RMSprop(
        weights, lr=problem.learning_rate, alpha=problem.rho, eps=problem.epsilon, foreach=True
    )
    losses: list[Any] = [None]

    def loss_of(x: Any, y: Any) -> Any:
        return F.cross_entropy(torch.addmm(b2, torch.relu(torch.addmm(b1, x, W1)), W2), y)

    forward, update = compiled(loss_of), compiled(optimizer.step)

    def step() -> Any:
        optimizer.zero_grad()
        loss = forward(x, y)
        loss.backward()
        update()
        losses[0] = loss.detach()
        return losses[0]

    return Case(step, lambda: {"loss": losses[0], **_detached(w)})


def elem(problem: Problem, compiled: Callable[[Function], Function] = eager) -> Case:
    """Differentiate the sum."""

    def total(x: Any) -> Any:
        return torch.sum(torch.tanh(x) * torch.exp(-(x**2)) + torch.log1p(x**2))

    return _differentiated(compiled(total), {"gradient": problem.data["x"]})


def hvp(problem: Problem) -> Case:
    """The gradient, and that of its product with the vector."""
    loss, w, v = logistic(problem)
    w.requires_grad_()
    products: list[Any] = [None]

    def step() -> Any:
        (gradient,) = torch.autograd.grad(loss(w), w, create_graph=True)
        (products[0],) = torch.autograd.grad(gradient, w, v)
        return products[0]

    return Case(step, lambda: {"product": products[0]})


def logistic(problem: Problem) -> tuple[Function, Any, Any]:
    """Return the loss of a logistic regression, its argument and a direction."""
    points, signs, w, v = (torch.tensor(problem.data[name]) for name in ("x", "y", "w", "v"))
    return lambda w: torch.mean(torch.log1p(torch.exp(-signs * (points @ w)))), w, v


def adam(problem: Problem) -> Case:
    """With ``torch.optim.Adam`` in its ``fused`` form."""
    w = torch.tensor(problem.weights["w"], requires_grad=True)
    w.grad = torch.tensor(problem.data["g"])
    optimizer = torch.optim.Adam([w], lr=problem.learning_rate, betas=(BETA_1, BETA_2), eps=problem.epsilon, fused=True)
    return Case(optimizer.step, lambda: {"w": w.detach()})


def gmm(problem: Problem, compiled: Callable[[Function], Function] = eager) -> Case:
    """As it is published, but for a constant."""
    *_, x, index = (torch.tensor(value) for value in problem.data.values())
    d = x.shape[1]

    def likelihood(alphas: Any, means: Any, factors: Any) -> Any:
        q = factors[:, :d]
        diagonals, sums = torch.exp(q), torch.sum(q, 1)
        triangles = torch.cat([factors, factors.new_zeros((len(alphas), 1))], 1)[:, index]
        centred = x[:, None, :] - means
        scaled = diagonals * centred + torch.einsum("kij,nkj->nki", triangles, centred)
        each = torch.logsumexp(alphas + sums - 0.5 * torch.sum(scaled**2, 2), 1)
        squares = torch.sum(diagonals**2) + torch.sum(factors[:, d:] ** 2)
        return torch.sum(each) - len(x) * torch.logsumexp(alphas, 0) + 0.5 * GAMMA**2 * squares - M * torch.sum(sums)

    return _differentiated(compiled(likelihood), {name: problem.data[name] for name in ("alphas", "means", "factors")})


def _differentiated(f: Function, arrays: dict[str, Any]) -> Case:
    sources = [torch.tensor(value, requires_grad=True) for value in arrays.values()]
    gradients: list[Any] = [()]

    def step() -> Any:
        gradients[0] = torch.autograd.grad(f(*sources), sources)
        return gradients[0]

    return Case(step, lambda: dict(zip(arrays, gradients[0], strict=True)))


def _tensors(problem: Problem) -> tuple[Any, Any, dict[str, Any]]:
    x, y = torch.tensor(problem.data["x"]), torch.tensor(problem.data["y"])
    return x, y, {name: torch.tensor(value, requires_grad=True) for name, value in problem.weights.items()}


def _detached(w: dict[str, Any]) -> dict[str, Any]:
    return {name: value.detach() for name, value in w.items()}
