"""A multi-layer perceptron: a list of pairs of arrays as parameters, adam, a callback that prints."""

import itertools

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad
from autograd.misc.flatten import flatten
from autograd.misc.optimizers import adam
from autograd.scipy.special import logsumexp


def init_random_params(scale, layer_sizes, rs=npr.RandomState(0)):  # noqa: B008 - as programs are written
    return [(scale * rs.randn(m, n), scale * rs.randn(n)) for m, n in itertools.pairwise(layer_sizes)]


def predict(params, inputs):
    for W, b in params:
        outputs = np.dot(inputs, W) + b
        inputs = np.tanh(outputs)
    return outputs - logsumexp(outputs, axis=1, keepdims=True)


def l2_norm(params):
    flattened, _ = flatten(params)
    return np.dot(flattened, flattened)


def log_posterior(params, inputs, targets, l2_reg):
    return np.sum(predict(params, inputs) * targets) - l2_reg * l2_norm(params)


def accuracy(params, inputs, targets):
    return np.mean(np.argmax(targets, axis=1) == np.argmax(predict(params, inputs), axis=1))


def two_rings(rs, n):
    radius = np.concatenate([0.5 + 0.1 * rs.randn(n), 1.5 + 0.1 * rs.randn(n)])
    angle = rs.rand(2 * n) * 2 * np.pi
    labels = np.concatenate([np.zeros(n), np.ones(n)]).astype(int)
    one_hot = np.array(labels[:, None] == np.arange(2)[None, :], dtype=int)
    return np.vstack([radius * np.cos(angle), radius * np.sin(angle)]).T, one_hot


def run():
    params = init_random_params(0.3, [2, 16, 2])
    x, y = two_rings(npr.RandomState(1), 50)
    batch_size, batches = 20, 5

    def batch(step):
        start = step % batches
        return slice(start * batch_size, (start + 1) * batch_size)

    order = npr.RandomState(2).permutation(len(x))
    x, y = x[order], y[order]

    def objective(params, step):
        idx = batch(step)
        return -log_posterior(params, x[idx], y[idx], 1e-3) / batch_size

    history = []

    def callback(params, step, gradient):
        if step % 50 == 0:
            history.append(accuracy(params, x, y))
            print(f"{step:6}|{history[-1]:12.3f}")

    found = adam(grad(objective), params, step_size=0.05, num_iters=200, callback=callback)
    assert accuracy(found, x, y) > 0.95
    return {
        "accuracy": accuracy(found, x, y),
        "posterior": log_posterior(found, x, y, 1e-3),
        "first bias": found[0][1],
        "history": history,
    }
