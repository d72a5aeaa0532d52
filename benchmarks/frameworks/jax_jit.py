"""JAX: the whole step under ``jit``, weights donated, and waited for."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.problems import Case, Problem

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
