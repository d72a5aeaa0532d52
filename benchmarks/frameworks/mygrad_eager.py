"""MyGrad, with its memory guard off, as its documentation advises where speed counts."""

from __future__ import annotations

from typing import Any

import mygrad as mg
import numpy
from mygrad.nnet.activations import relu
from mygrad.nnet.losses import softmax_crossentropy

from benchmarks.frameworks.by_hand import rmsprop_in_expressions
from benchmarks.problems import GAMMA, Case, M, Problem

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


def elem(problem: Problem) -> Case:
    """Differentiate the sum."""
    x = mg.tensor(problem.data["x"])

    def step() -> Any:
        mg.sum(mg.tanh(x) * mg.exp(-(x**2)) + mg.log1p(x**2)).backward()
        return x.grad

    return Case(step, lambda: {"gradient": x.grad})


def gmm(problem: Problem) -> Case:
    """As it is published, but for a constant."""
    *arrays, x, index = problem.data.values()
    alphas, means, factors = parameters = [mg.tensor(each) for each in arrays]
    d, zeros = x.shape[1], numpy.zeros((len(alphas), 1))

    def step() -> Any:
        q = factors[:, :d]
        diagonals, sums = mg.exp(q), mg.sum(q, axis=1)
        triangles = mg.concatenate([factors, zeros], axis=1)[:, index]
        centred = x[:, None, :] - means
        scaled = diagonals * centred + mg.einsum("kij,nkj->nki", triangles, centred)
        each = _logsumexp(alphas + sums - 0.5 * mg.sum(scaled**2, axis=2), axis=1)
        squares = mg.sum(diagonals**2) + mg.sum(factors[:, d:] ** 2)
        (mg.sum(each) - len(x) * _logsumexp(alphas) + 0.5 * GAMMA**2 * squares - M * mg.sum(sums)).backward()
        return alphas.grad

    return Case(
        step, lambda: {name: each.grad for name, each in zip(("alphas", "means", "factors"), parameters, strict=True)}
    )


def _logsumexp(x: Any, axis: int = 0) -> Any:
    top = numpy.max(x.data, axis=axis, keepdims=True)
    return mg.log(mg.sum(mg.exp(x - top), axis=axis)) + numpy.squeeze(top, axis)


def _arrays(w: dict[str, Any]) -> dict[str, Any]:
    return {name: value.data for name, value in w.items()}
