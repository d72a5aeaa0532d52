"""HIPS autograd: ``value_and_grad``, and the update in plain NumPy, in place where that is safe.

It has our own import name, so its process has a path on which only it can be found.
"""

from __future__ import annotations

from typing import Any

import numpy

import autograd.numpy as np
from autograd import grad, hessian_vector_product, value_and_grad
from autograd.scipy.special import logsumexp
from benchmarks.frameworks.by_hand import rmsprop_in_expressions
from benchmarks.problems import GAMMA, Case, M, Problem

REQUIRES = ("autograd", "numpy", "scipy")


def chain(problem: Problem) -> Case:
    """Differentiate the sum."""
    x0 = problem.data["x"]
    gradients: list[Any] = [None]

    def total(x: Any) -> Any:
        for _ in range(problem.length):
            x = np.sin(x) * 1.01 + 0.1
        return np.sum(x)

    gradient = grad(total)

    def step() -> Any:
        gradients[0] = gradient(x0)
        return gradients[0]

    return Case(step, lambda: {"gradient": gradients[0]})


def tiny(problem: Problem) -> Case:
    """With SGD written out."""
    x, y = problem.data["x"], problem.data["y"]
    w = {name: value.copy() for name, value in problem.weights.items()}
    weights, losses = list(w.values()), [0.0]

    def loss(weights: Any) -> Any:
        W1, b1, W2, b2, W3, b3 = weights
        h1 = np.tanh(np.dot(x, W1) + b1)
        h2 = np.tanh(np.dot(h1, W2) + b2)
        return np.mean(np.square(np.dot(h2, W3) + b3 - y))

    both = value_and_grad(loss)

    def step() -> Any:
        losses[0], gradients = both(weights)
        for value, g in zip(weights, gradients, strict=True):
            value -= problem.learning_rate * g
        return losses[0]

    return Case(step, lambda: {"loss": losses[0], **w})


def mnist(problem: Problem) -> Case:
    """With an RMSprop in NumPy expressions."""
    x, y = problem.data["x"], problem.data["y"]
    w = {name: value.copy() for name, value in problem.weights.items()}
    v = {name: numpy.zeros_like(value) for name, value in w.items()}
    samples, weights, losses = numpy.arange(128), list(w.values()), [0.0]

    def loss(weights: Any) -> Any:
        W1, b1, W2, b2 = weights
        h = np.maximum(np.dot(x, W1) + b1, 0)
        z = np.dot(h, W2) + b2
        z = z - np.max(z, axis=1, keepdims=True)
        return np.mean(np.log(np.sum(np.exp(z), axis=1)) - z[samples, y])

    both = value_and_grad(loss)

    def step() -> Any:
        losses[0], gradients = both(weights)
        for name, g in zip(w, gradients, strict=True):
            rmsprop_in_expressions(problem, w[name], g, v[name])
        return losses[0]

    return Case(step, lambda: {"loss": losses[0], **w})


def elem(problem: Problem) -> Case:
    """Differentiate the sum."""

    def total(x: Any) -> Any:
        return np.sum(np.tanh(x) * np.exp(-(x**2)) + np.log1p(x**2))

    return _repeated(grad(total), ("gradient",), problem.data["x"])


def hvp(problem: Problem) -> Case:
    """Its own product, in reverse over reverse."""
    points, signs, w, v = problem.data.values()

    def loss(w: Any) -> Any:
        return np.mean(np.log1p(np.exp(-signs * np.dot(points, w))))

    return _repeated(hessian_vector_product(loss), ("product",), w, v)


def gmm(problem: Problem) -> Case:
    """As it is published, but for a constant."""
    *parameters, x, index = problem.data.values()
    d = x.shape[1]

    def likelihood(parameters: Any) -> Any:
        alphas, means, factors = parameters
        q = factors[:, :d]
        diagonals, sums = np.exp(q), np.sum(q, axis=1)
        triangles = np.concatenate([factors, numpy.zeros((len(alphas), 1))], axis=1)[:, index]
        centred = x[:, None, :] - means
        scaled = diagonals * centred + np.einsum("kij,nkj->nki", triangles, centred)
        each = logsumexp(alphas + sums - 0.5 * np.sum(scaled**2, axis=2), axis=1)
        squares = np.sum(diagonals**2) + np.sum(factors[:, d:] ** 2)
        return np.sum(each) - len(x) * logsumexp(alphas) + 0.5 * GAMMA**2 * squares - M * np.sum(sums)

    return _repeated(grad(likelihood), ("alphas", "means", "factors"), tuple(parameters))


def _repeated(f: Any, names: tuple[str, ...], *args: Any) -> Case:
    found: list[Any] = [None]

    def step() -> Any:
        found[0] = f(*args)
        return found[0]

    return Case(step, lambda: dict(zip(names, [found[0]] if len(names) == 1 else found[0], strict=True)))
