"""JAX: the whole step under ``jit``, weights donated, and waited for."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp

from benchmarks.problems import BETA_1, BETA_2, GAMMA, Case, M, Problem

REQUIRES = ("jax", "jaxlib")

jax.config.update("jax_enable_x64", True)


def chain(problem: Problem) -> Case:
    """Differentiate the sum; the loop is unrolled."""
    x0 = jnp.asarray(problem.data["x"])
    gradients: list[Any] = [None]

    def total(x: Any) -> Any:
        for _ in range(problem.length):
            x = jnp.sin(x) * 1.01 + 0.1
        return x.sum()

    gradient = jax.jit(jax.grad(total))

    def step() -> Any:
        gradients[0] = gradient(x0).block_until_ready()
        return gradients[0]

    return Case(step, lambda: {"gradient": gradients[0]})


def tiny(problem: Problem) -> Case:
    """With SGD written out."""

    def loss(w: Any, x: Any, y: Any) -> Any:
        h1 = jnp.tanh(x @ w["W1"] + w["b1"])
        h2 = jnp.tanh(h1 @ w["W2"] + w["b2"])
        return jnp.mean(jnp.square(h2 @ w["W3"] + w["b3"] - y))

    def update(w: Any, x: Any, y: Any) -> Any:
        value, g = jax.value_and_grad(loss)(w, x, y)
        return value, {name: w[name] - problem.learning_rate * g[name] for name in w}

    compiled = jax.jit(update, donate_argnums=0)
    x, y = jnp.asarray(problem.data["x"]), jnp.asarray(problem.data["y"])
    state = [None, {name: jnp.array(value) for name, value in problem.weights.items()}]

    def step() -> Any:
        state[:] = jax.block_until_ready(compiled(state[1], x, y))
        return state[0]

    return Case(step, lambda: {"loss": state[0], **state[1]})


def mnist(problem: Problem) -> Case:
    """With RMSprop written out."""
    rate, rho, epsilon = problem.learning_rate, problem.rho, problem.epsilon

    def loss(w: Any, x: Any, y: Any) -> Any:
        h = jax.nn.relu(x @ w["W1"] + w["b1"])
        logits = h @ w["W2"] + w["b2"]
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1))

    def update(w: Any, v: Any, x: Any, y: Any) -> Any:
        value, g = jax.value_and_grad(loss)(w, x, y)
        v = {name: rho * v[name] + (1 - rho) * jnp.square(g[name]) for name in v}
        return value, {name: w[name] - rate * g[name] / jnp.sqrt(v[name] + epsilon) for name in w}, v

    compiled = jax.jit(update, donate_argnums=(0, 1))
    x, y = jnp.asarray(problem.data["x"]), jnp.asarray(problem.data["y"])
    w = {name: jnp.array(value) for name, value in problem.weights.items()}
    state = [None, w, {name: jnp.zeros_like(value) for name, value in w.items()}]

    def step() -> Any:
        state[:] = jax.block_until_ready(compiled(state[1], state[2], x, y))
        return state[0]

    return Case(step, lambda: {"loss": state[0], **state[1]})


def elem(problem: Problem) -> Case:
    """Differentiate the sum."""

    def total(x: Any) -> Any:
        return jnp.sum(jnp.tanh(x) * jnp.exp(-(x**2)) + jnp.log1p(x**2))

    return _repeated(jax.grad(total), ("gradient",), [problem.data["x"]])


def hvp(problem: Problem) -> Case:
    """The forward derivative of the gradient."""
    points, signs, w, v = (jnp.asarray(problem.data[name]) for name in ("x", "y", "w", "v"))

    def product(points: Any, signs: Any, w: Any, v: Any) -> Any:
        def loss(w: Any) -> Any:
            return jnp.mean(jnp.log1p(jnp.exp(-signs * (points @ w))))

        return jax.jvp(jax.grad(loss), (w,), (v,))[1]

    return _repeated(product, ("product",), [points, signs, w, v])


def adam(problem: Problem) -> Case:
    """Written out, as optax computes it, with both biases corrected in the learning rate."""

    def update(t: Any, w: Any, m: Any, v: Any, g: Any) -> Any:
        t = t + 1
        m, v = BETA_1 * m + (1 - BETA_1) * g, BETA_2 * v + (1 - BETA_2) * jnp.square(g)
        rate = (problem.learning_rate * jnp.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)).astype(w.dtype)
        return t, w - rate * m / (jnp.sqrt(v) + problem.epsilon), m, v

    compiled = jax.jit(update, donate_argnums=(0, 1, 2, 3))
    w, g = jnp.array(problem.weights["w"]), jnp.asarray(problem.data["g"])
    state = [jnp.zeros(()), w, jnp.zeros_like(w), jnp.zeros_like(w)]

    def step() -> Any:
        state[:] = jax.block_until_ready(compiled(*state, g))
        return state[1]

    return Case(step, lambda: {"w": state[1]})


def gmm(problem: Problem) -> Case:
    """As it is published, but for a constant."""
    *parameters, x, index = problem.data.values()
    d = x.shape[1]

    def likelihood(alphas: Any, means: Any, factors: Any, x: Any) -> Any:
        q = factors[:, :d]
        diagonals, sums = jnp.exp(q), jnp.sum(q, axis=1)
        triangles = jnp.concatenate([factors, jnp.zeros((len(alphas), 1))], axis=1)[:, index]
        centred = x[:, None, :] - means
        scaled = diagonals * centred + jnp.einsum("kij,nkj->nki", triangles, centred)
        each = logsumexp(alphas + sums - 0.5 * jnp.sum(scaled**2, axis=2), axis=1)
        squares = jnp.sum(diagonals**2) + jnp.sum(factors[:, d:] ** 2)
        return jnp.sum(each) - len(x) * logsumexp(alphas) + 0.5 * GAMMA**2 * squares - M * jnp.sum(sums)

    return _repeated(jax.grad(likelihood, (0, 1, 2)), ("alphas", "means", "factors"), [*parameters, x])


def _repeated(f: Any, names: tuple[str, ...], arrays: list[Any]) -> Case:
    compiled, args, found = jax.jit(f), [jnp.asarray(each) for each in arrays], [None]

    def step() -> Any:
        found[0] = jax.block_until_ready(compiled(*args))
        return found[0]

    return Case(step, lambda: dict(zip(names, [found[0]] if len(names) == 1 else found[0], strict=True)))
