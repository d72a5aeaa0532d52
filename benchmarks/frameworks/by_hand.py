"""NumPy written by hand: the derivative worked out on paper, every array made once and written into with ``out=``.

It is what a careful author writes, and no more than that: constants are Python numbers and calls name their ``out``. (Arrays without
axes for the constants, ``out`` by position and loops laid out beforehand would save the chain another two fifths, and make it unreadable.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.problems import Case, Problem

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
