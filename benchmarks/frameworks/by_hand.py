"""NumPy written by hand: the derivative worked out on paper, every array made once and written into with ``out=``.

It is what a careful author writes, and no more than that: constants are Python numbers and calls name their ``out``.
(Arrays without axes for the constants, ``out`` by position and loops laid out beforehand would save the chain another
two fifths, and make it unreadable.)"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.problems import BETA_1, BETA_2, GAMMA, Case, M, Problem

REQUIRES = ("numpy",)


def chain(problem: Problem) -> Case:
    """Keep the 101 values of the way there; on the way back multiply by ``1.01 cos(x)``."""
    x0, n = problem.data["x"], problem.length
    xs = [np.empty_like(x0) for _ in range(n + 1)]
    slope, g = np.empty_like(x0), np.empty_like(x0)

    def step() -> Any:
        np.copyto(xs[0], x0)
        for i in range(n):
            x = xs[i + 1]
            np.sin(xs[i], out=x)
            np.multiply(x, 1.01, out=x)
            np.add(x, 0.1, out=x)
        xs[n].sum()
        g.fill(1.0)
        for i in reversed(range(n)):
            np.cos(xs[i], out=slope)
            np.multiply(slope, 1.01, out=slope)
            np.multiply(g, slope, out=g)
        return g

    return Case(step, lambda: {"gradient": g})


def tiny(problem: Problem) -> Case:
    """With ``tanh' = 1 - tanh^2`` and ``d loss / d output = 2 (output - y) / 16``."""
    x, y, rate = problem.data["x"], problem.data["y"], problem.learning_rate
    w = {name: value.copy() for name, value in problem.weights.items()}
    g = {name: np.empty_like(value) for name, value in w.items()}
    W1, b1, W2, b2, W3, b3 = w.values()
    h1, h2, error = np.empty((16, 16)), np.empty((16, 16)), np.empty((16, 1))
    d1, d2, slope = np.empty((16, 16)), np.empty((16, 16)), np.empty((16, 16))
    losses: list[Any] = [0.0]

    def step() -> Any:
        np.matmul(x, W1, out=h1)
        np.add(h1, b1, out=h1)
        np.tanh(h1, out=h1)
        np.matmul(h1, W2, out=h2)
        np.add(h2, b2, out=h2)
        np.tanh(h2, out=h2)
        np.matmul(h2, W3, out=error)
        np.add(error, b3, out=error)
        np.subtract(error, y, out=error)
        losses[0] = np.vdot(error, error) / error.size

        np.multiply(error, 2 / error.size, out=error)
        np.matmul(h2.T, error, out=g["W3"])
        np.sum(error, axis=0, out=g["b3"])
        np.matmul(error, W3.T, out=d2)
        np.multiply(h2, h2, out=slope)
        np.subtract(1, slope, out=slope)
        np.multiply(d2, slope, out=d2)
        np.matmul(h1.T, d2, out=g["W2"])
        np.sum(d2, axis=0, out=g["b2"])
        np.matmul(d2, W2.T, out=d1)
        np.multiply(h1, h1, out=slope)
        np.subtract(1, slope, out=slope)
        np.multiply(d1, slope, out=d1)
        np.matmul(x.T, d1, out=g["W1"])
        np.sum(d1, axis=0, out=g["b1"])

        for name, value in w.items():
            np.multiply(g[name], rate, out=g[name])
            np.subtract(value, g[name], out=value)
        return losses[0]

    return Case(step, lambda: {"loss": losses[0], **w})


def mnist(problem: Problem) -> Case:
    """With ``d loss / d logits = (softmax - one_hot(y)) / 128``."""
    x, y = problem.data["x"], problem.data["y"]
    w = {name: value.copy() for name, value in problem.weights.items()}
    g = {name: np.empty_like(value) for name, value in w.items()}
    v = {name: np.zeros_like(value) for name, value in w.items()}
    scratch = {name: np.empty_like(value) for name, value in w.items()}
    W1, b1, W2, b2 = w.values()
    samples = np.arange(128)
    h, d = np.empty((128, 512), np.float32), np.empty((128, 512), np.float32)
    alive = np.empty((128, 512), bool)
    z, p, column = np.empty((128, 10), np.float32), np.empty((128, 10), np.float32), np.empty((128, 1), np.float32)
    losses: list[Any] = [0.0]

    def step() -> Any:
        np.matmul(x, W1, out=h)
        np.add(h, b1, out=h)
        np.maximum(h, 0, out=h)
        np.matmul(h, W2, out=z)
        np.add(z, b2, out=z)
        np.max(z, axis=1, keepdims=True, out=column)
        np.subtract(z, column, out=z)
        np.exp(z, out=p)
        np.sum(p, axis=1, keepdims=True, out=column)
        losses[0] = (np.log(column).sum() - z[samples, y].sum()) / 128

        np.divide(p, column, out=p)
        p[samples, y] -= 1
        np.divide(p, 128, out=p)
        np.matmul(h.T, p, out=g["W2"])
        np.sum(p, axis=0, out=g["b2"])
        np.matmul(p, W2.T, out=d)
        np.greater(h, 0, out=alive)
        np.multiply(d, alive, out=d)
        np.matmul(x.T, d, out=g["W1"])
        np.sum(d, axis=0, out=g["b1"])

        for name, value in w.items():
            rmsprop(problem, value, g[name], v[name], scratch[name])
        return losses[0]

    return Case(step, lambda: {"loss": losses[0], **w})


def rmsprop(problem: Problem, w: Any, g: Any, v: Any, scratch: Any) -> None:
    """Take one step in place: ``v = rho v + (1 - rho) g^2; w = w - rate g / sqrt(v + epsilon)``."""
    np.multiply(g, g, out=scratch)
    np.multiply(scratch, 1 - problem.rho, out=scratch)
    np.multiply(v, problem.rho, out=v)
    np.add(v, scratch, out=v)
    if problem.epsilon_under_root:
        np.add(v, problem.epsilon, out=scratch)
        np.sqrt(scratch, out=scratch)
    else:
        np.sqrt(v, out=scratch)
        np.add(scratch, problem.epsilon, out=scratch)
    np.divide(g, scratch, out=scratch)
    np.multiply(scratch, problem.learning_rate, out=scratch)
    np.subtract(w, scratch, out=w)


def rmsprop_in_expressions(problem: Problem, w: Any, g: Any, v: Any) -> None:
    """Take the same step as one writes it without thought of buffers, for the frameworks that have no optimizer."""
    v[...] = problem.rho * v + (1 - problem.rho) * g * g
    root = np.sqrt(v + problem.epsilon) if problem.epsilon_under_root else np.sqrt(v) + problem.epsilon
    w -= problem.learning_rate * g / root


def elem(problem: Problem) -> Case:
    """With ``(1 - tanh(x)^2 - 2 x tanh(x)) exp(-x^2) + 2 x / (1 + x^2)``: the logarithm itself is in no derivative."""
    x = problem.data["x"]
    t, square, g = np.empty_like(x), np.empty_like(x), np.empty_like(x)

    def step() -> Any:
        np.tanh(x, out=t)
        np.multiply(x, 2, out=g)
        np.add(g, t, out=g)
        np.multiply(g, t, out=t)
        np.subtract(1, t, out=t)
        np.multiply(x, x, out=square)
        np.negative(square, out=g)
        np.exp(g, out=g)
        np.multiply(t, g, out=t)
        np.add(square, 1, out=square)
        np.divide(x, square, out=g)
        np.multiply(g, 2, out=g)
        np.add(g, t, out=g)
        return g

    return Case(step, lambda: {"gradient": g})


def hvp(problem: Problem) -> Case:
    """With the Hessian ``x' diag(s (1 - s)) x / n`` for ``s = 1 / (1 + exp(y x w))``."""
    x, y, w, v = (problem.data[name] for name in ("x", "y", "w", "v"))
    s, slope, product = np.empty(len(x)), np.empty(len(x)), np.empty(w.shape)

    def step() -> Any:
        np.matmul(x, w, out=s)
        np.multiply(s, y, out=s)
        np.exp(s, out=s)
        np.add(s, 1, out=s)
        np.divide(1, s, out=s)
        np.subtract(1, s, out=slope)
        np.multiply(slope, s, out=slope)
        np.divide(slope, len(x), out=slope)
        np.matmul(x, v, out=s)
        np.multiply(s, slope, out=s)
        np.matmul(s, x, out=product)
        return product

    return Case(step, lambda: {"product": product})


def adam(problem: Problem) -> Case:
    """In the form before section 2.1 of the paper, which corrects both biases in the learning rate."""
    g, w = problem.data["g"], problem.weights["w"].copy()
    m, v, scratch = np.zeros_like(w), np.zeros_like(w), np.empty_like(w)
    steps = [0]

    def step() -> Any:
        steps[0] += 1
        rate = problem.learning_rate * math.sqrt(1 - BETA_2 ** steps[0]) / (1 - BETA_1 ** steps[0])
        np.multiply(m, BETA_1, out=m)
        np.multiply(g, 1 - BETA_1, out=scratch)
        np.add(m, scratch, out=m)
        np.multiply(v, BETA_2, out=v)
        np.multiply(g, g, out=scratch)
        np.multiply(scratch, 1 - BETA_2, out=scratch)
        np.add(v, scratch, out=v)
        np.sqrt(v, out=scratch)
        np.add(scratch, problem.epsilon, out=scratch)
        np.divide(m, scratch, out=scratch)
        np.multiply(scratch, rate, out=scratch)
        np.subtract(w, scratch, out=w)
        return w

    return Case(step, lambda: {"w": w})


def gmm(problem: Problem) -> Case:
    """All triangles are one matrix: ``z = W x - W mu`` for each Gaussian and point is one product, and so is the
    derivative by ``W``.
    """
    alphas, means, factors, x, index = problem.data.values()
    (n, d), k = x.shape, len(alphas)
    diagonal, below = np.arange(d), index < factors.shape[1]
    W, dW = np.zeros((k, d, d)), np.empty((k, d, d))
    columns = index[below]
    q, z, shares = np.empty((k, d)), np.empty((n, k, d)), np.empty((n, k))
    shift, summed, total = np.empty((k, d, 1)), np.empty((k, d)), np.empty((n, 1))
    g = {"alphas": np.empty_like(alphas), "means": np.empty_like(means), "factors": np.empty_like(factors)}

    def step() -> Any:
        np.exp(factors[:, :d], out=q)
        W[:, below] = factors[:, columns]
        W[:, diagonal, diagonal] = q
        np.matmul(W, means[:, :, None], out=shift)
        np.matmul(x, W.reshape(k * d, d).T, out=z.reshape(n, k * d))
        np.subtract(z, shift[:, :, 0], out=z)
        np.einsum("nki,nki->nk", z, z, out=shares)
        np.multiply(shares, -0.5, out=shares)
        np.add(shares, alphas + factors[:, :d].sum(axis=1), out=shares)
        np.max(shares, axis=1, keepdims=True, out=total)
        np.subtract(shares, total, out=shares)
        np.exp(shares, out=shares)
        np.sum(shares, axis=1, keepdims=True, out=total)
        np.divide(shares, total, out=shares)

        weights = np.exp(alphas - alphas.max())
        counts = shares.sum(axis=0)
        np.subtract(counts, n / weights.sum() * weights, out=g["alphas"])
        np.multiply(z, shares[:, :, None], out=z)
        np.sum(z, axis=0, out=summed)
        np.matmul(summed[:, None, :], W, out=g["means"][:, None, :])
        np.matmul(z.reshape(n, k * d).T, x, out=dW.reshape(k * d, d))
        np.subtract(summed[:, :, None] * means[:, None, :], dW, out=dW)
        np.add(dW, GAMMA**2 * W, out=dW)
        g["factors"][:, columns] = dW[:, below]
        g["factors"][:, :d] = dW[:, diagonal, diagonal] * q + counts[:, None] - M
        return g["factors"]

    return Case(step, lambda: g)
