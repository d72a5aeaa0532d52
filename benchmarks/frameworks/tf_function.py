"""TensorFlow: the whole step under ``tf.function``, with variables, and its own kernels for the updates."""

from __future__ import annotations

import os
from typing import Any

import tensorflow as tf

from benchmarks.problems import BETA_1, BETA_2, GAMMA, Case, M, Problem

REQUIRES = ("tensorflow",)

_THREADS = int(os.environ["OMP_NUM_THREADS"])
tf.config.threading.set_intra_op_parallelism_threads(_THREADS)
tf.config.threading.set_inter_op_parallelism_threads(_THREADS)


def chain(problem: Problem) -> Case:
    """Differentiate the sum; the loop is unrolled."""

    def total(x: Any) -> Any:
        for _ in range(problem.length):
            x = tf.sin(x) * 1.01 + 0.1
        return tf.reduce_sum(x)

    return _differentiated(total, {"gradient": problem.data["x"]})


def tiny(problem: Problem) -> Case:
    """With SGD written out."""
    w = {name: tf.Variable(value) for name, value in problem.weights.items()}
    weights = W1, b1, W2, b2, W3, b3 = list(w.values())

    def train(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            h1 = tf.tanh(x @ W1 + b1)
            h2 = tf.tanh(h1 @ W2 + b2)
            loss = tf.reduce_mean(tf.square(h2 @ W3 + b3 - y))
        for value, g in zip(weights, tape.gradient(loss, weights), strict=True):
            value.assign_sub(problem.learning_rate * g)
        return loss

    return _trained(train, problem, w)


def mnist(problem: Problem) -> Case:
    """With the kernel of RMSprop."""
    w = {name: tf.Variable(value) for name, value in problem.weights.items()}
    weights = W1, b1, W2, b2 = list(w.values())
    squares, momenta = ([tf.Variable(tf.zeros_like(value)) for value in weights] for _ in range(2))

    def train(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            logits = tf.nn.relu(x @ W1 + b1) @ W2 + b2
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        for value, g, v, m in zip(weights, tape.gradient(loss, weights), squares, momenta, strict=True):
            tf.raw_ops.ResourceApplyRMSProp(
                var=value.handle,
                ms=v.handle,
                mom=m.handle,
                lr=problem.learning_rate,
                rho=problem.rho,
                momentum=0.0,
                epsilon=problem.epsilon,
                grad=g,
            )
        return loss

    return _trained(train, problem, w)


def elem(problem: Problem) -> Case:
    """Differentiate the sum."""

    def total(x: Any) -> Any:
        return tf.reduce_sum(tf.tanh(x) * tf.exp(-(x**2)) + tf.math.log1p(x**2))

    return _differentiated(total, {"gradient": problem.data["x"]})


def hvp(problem: Problem) -> Case:
    """The forward derivative of the gradient, as its guide advises."""
    points, signs, w0, v0 = (tf.constant(problem.data[name]) for name in ("x", "y", "w", "v"))

    @tf.function
    def product(w: Any, v: Any) -> Any:
        with tf.autodiff.ForwardAccumulator(w, v) as forward:
            with tf.GradientTape() as tape:
                tape.watch(w)
                loss = tf.reduce_mean(tf.math.log1p(tf.exp(-signs * tf.linalg.matvec(points, w))))
            gradient = tape.gradient(loss, w)
        return forward.jvp(gradient)

    products: list[Any] = [None]

    def step() -> Any:
        products[0] = product(w0, v0)
        return products[0]

    return Case(step, lambda: {"product": products[0]})


def adam(problem: Problem) -> Case:
    """With the kernel of Adam, which adds epsilon to the root before the bias is corrected."""
    w, g = tf.Variable(problem.weights["w"]), tf.constant(problem.data["g"])
    m, v = tf.Variable(tf.zeros_like(w)), tf.Variable(tf.zeros_like(w))
    power_1, power_2 = tf.Variable(BETA_1), tf.Variable(BETA_2)

    @tf.function
    def update(g: Any) -> None:
        tf.raw_ops.ResourceApplyAdam(
            var=w.handle,
            m=m.handle,
            v=v.handle,
            beta1_power=power_1.read_value(),
            beta2_power=power_2.read_value(),
            lr=problem.learning_rate,
            beta1=BETA_1,
            beta2=BETA_2,
            epsilon=problem.epsilon,
            grad=g,
        )
        power_1.assign(power_1 * BETA_1)
        power_2.assign(power_2 * BETA_2)

    return Case(lambda: update(g), lambda: {"w": w})


def gmm(problem: Problem) -> Case:
    """As it is published, but for a constant."""
    x, index = tf.constant(problem.data["x"]), tf.constant(problem.data["index"])
    d = x.shape[1]

    def likelihood(alphas: Any, means: Any, factors: Any) -> Any:
        q = factors[:, :d]
        diagonals, sums = tf.exp(q), tf.reduce_sum(q, 1)
        triangles = tf.gather(tf.pad(factors, [[0, 0], [0, 1]]), index, axis=1)
        centred = x[:, None, :] - means
        scaled = diagonals * centred + tf.einsum("kij,nkj->nki", triangles, centred)
        each = tf.reduce_logsumexp(alphas + sums - 0.5 * tf.reduce_sum(scaled**2, 2), 1)
        squares = tf.reduce_sum(diagonals**2) + tf.reduce_sum(factors[:, d:] ** 2)
        return (
            tf.reduce_sum(each)
            - x.shape[0] * tf.reduce_logsumexp(alphas)
            + 0.5 * GAMMA**2 * squares
            - M * tf.reduce_sum(sums)
        )

    return _differentiated(likelihood, {name: problem.data[name] for name in ("alphas", "means", "factors")})


def _differentiated(f: Any, arrays: dict[str, Any]) -> Case:
    sources = [tf.constant(value) for value in arrays.values()]
    gradients: list[Any] = [()]

    @tf.function
    def gradient(*sources: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(sources)
            y = f(*sources)
        return tape.gradient(y, sources)

    def step() -> Any:
        gradients[0] = gradient(*sources)
        return gradients[0]

    return Case(step, lambda: dict(zip(arrays, gradients[0], strict=True)))


def _trained(train: Any, problem: Problem, w: dict[str, Any]) -> Case:
    x, y = tf.constant(problem.data["x"]), tf.constant(problem.data["y"])
    compiled, losses = tf.function(train), [None]

    def step() -> Any:
        losses[0] = compiled(x, y)
        return losses[0]

    return Case(step, lambda: {"loss": losses[0], **w})
