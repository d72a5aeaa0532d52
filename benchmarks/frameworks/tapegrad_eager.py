"""tapegrad as one writes it by hand: variables, a tape, an update. Nothing is compiled.

Each workload is a plain function of arrays. `tapegrad_compiled` hands over what compiles it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy as np
from autograd import GradientTape, Tensor, Variable, grad, stop_gradient
from benchmarks.problems import BETA_1, BETA_2, GAMMA, Case, M, Problem
from nn import activations, losses, optimizers

REQUIRES = ("numpy",)

Function = Callable[..., Any]


def eager(f: Function) -> Function:
    """Return the function as it is."""
    return f


def chain(problem: Problem, compiled: Callable[[Function], Function] = eager) -> Case:
    """Watch the vector, and differentiate the sum."""

    def gradient(x0: Any) -> Any:
        with GradientTape() as tape:
            tape.watch(x0)
            x = x0
            for _ in range(problem.length):
                x = np.sin(x) * 1.01 + 0.1
            total = np.sum(x)
        return tape.gradient(total, x0)

    return _repeated(compiled(gradient), Tensor(problem.data["x"]))


def tiny(problem: Problem, compiled: Callable[[Function], Function] = eager) -> Case:
    """Variables and operators, and the update written out."""
    w = {name: Variable(value, name=name) for name, value in problem.weights.items()}
    weights = W1, b1, W2, b2, W3, b3 = list(w.values())
    rate = problem.learning_rate

    def train(x: Any, y: Any) -> Any:
        with GradientTape() as tape:
            h1 = np.tanh(x @ W1 + b1)
            h2 = np.tanh(h1 @ W2 + b2)
            loss = np.mean(np.square(h2 @ W3 + b3 - y))
        gradients = tape.gradient(loss, weights)
        for value, g in zip(weights, gradients, strict=True):
            value.assign_sub(g * rate)
        return loss

    return _trained(compiled(train), problem, w)


def mnist(problem: Problem, compiled: Callable[[Function], Function] = eager) -> Case:
    """Variables and operators; relu, loss and RMSprop from `nn`."""
    w = {name: Variable(value, name=name) for name, value in problem.weights.items()}
    weights = W1, b1, W2, b2 = list(w.values())
    optimizer = optimizers.RMSprop(problem.learning_rate, rho=problem.rho, epsilon=problem.epsilon)

    def train(x: Any, y: Any) -> Any:
        with GradientTape() as tape:
            h = activations.relu(x @ W1 + b1)
            loss = losses.sparse_categorical_crossentropy(y, h @ W2 + b2, from_logits=True).mean()
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss

    return _trained(compiled(train), problem, w)


def elem(problem: Problem, compiled: Callable[[Function], Function] = eager) -> Case:
    """By `grad`, of arrays."""

    def total(x: Any) -> Any:
        return np.sum(np.tanh(x) * np.exp(-(x**2)) + np.log1p(x**2))

    return _repeated(compiled(grad(total)), problem.data["x"])


def hvp(problem: Problem, compiled: Callable[[Function], Function] = eager) -> Case:
    """By `autograd.hvp`."""
    x, y, w, v = problem.data.values()
    points, signs = Tensor(x), Tensor(y)  # values, of which a tape makes no copies

    def loss(w: Any) -> Any:
        return np.mean(np.log1p(np.exp(-signs * np.dot(points, w))))

    return _repeated(compiled(lambda w, v: autograd.hvp(loss, [w], [v])), w, v, name="product")


def adam(problem: Problem, compiled: Callable[[Function], Function] = eager) -> Case:
    """That of `nn`."""
    w, g = Variable(problem.weights["w"]), Tensor(problem.data["g"])
    optimizer = optimizers.Adam(problem.learning_rate, BETA_1, BETA_2, problem.epsilon)
    update = compiled(lambda g: optimizer.apply_gradients([(g, w)]))
    return Case(lambda: update(g), lambda: {"w": w})


def gmm(problem: Problem, compiled: Callable[[Function], Function] = eager) -> Case:
    """As it is published, but for a constant; by `grad`, of arrays."""
    *parameters, x, index = problem.data.values()
    points, d = Tensor(x), x.shape[1]

    def logsumexp(x: Any) -> Any:
        top = stop_gradient(np.max(x, axis=-1, keepdims=True))
        return np.log(np.sum(np.exp(x - top), axis=-1)) + top[..., 0]

    def likelihood(alphas: Any, means: Any, factors: Any) -> Any:
        q = factors[:, :d]
        diagonals, sums = np.exp(q), np.sum(q, axis=1)
        triangles = np.concatenate([factors, np.zeros((len(alphas), 1))], axis=1)[:, index]
        centred = points[:, None, :] - means
        scaled = diagonals * centred + np.einsum("kij,nkj->nki", triangles, centred)
        each = logsumexp(alphas + sums - 0.5 * np.sum(scaled**2, axis=2))
        squares = np.sum(diagonals**2) + np.sum(factors[:, d:] ** 2)
        return np.sum(each) - len(x) * logsumexp(alphas) + 0.5 * GAMMA**2 * squares - M * np.sum(sums)

    gradient, found = compiled(grad(likelihood, (0, 1, 2))), [()]

    def step() -> Any:
        found[0] = gradient(*parameters)
        return found[0]

    return Case(step, lambda: dict(zip(("alphas", "means", "factors"), found[0], strict=True)))


def _repeated(f: Function, *args: Any, name: str = "gradient") -> Case:
    found: list[Any] = [None]

    def step() -> Any:
        found[0] = f(*args)
        return found[0]

    return Case(step, lambda: {name: found[0]})


def _trained(train: Function, problem: Problem, w: dict[str, Variable]) -> Case:
    x, y = Tensor(problem.data["x"]), Tensor(problem.data["y"])
    loss_of: list[Any] = [None]

    def step() -> Any:
        loss_of[0] = train(x, y)
        return loss_of[0]

    return Case(step, lambda: {"loss": loss_of[0], **w})
