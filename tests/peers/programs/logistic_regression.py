"""Logistic regression: steps along the gradient, then scipy.optimize on the same loss; the gradient is checked."""

from scipy.optimize import minimize

import autograd.numpy as np
from autograd import grad, value_and_grad
from autograd.test_util import check_grads

inputs = np.array([[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30], [0.74, -2.49, 1.39]])
targets = np.array([True, True, False, True])


def sigmoid(x):
    return 0.5 * (np.tanh(x / 2.0) + 1)


def predictions(weights, inputs):
    return sigmoid(np.dot(inputs, weights))


def loss(weights):
    p = predictions(weights, inputs)
    likelihoods = p * targets + (1 - p) * (1 - targets)
    return -np.sum(np.log(likelihoods))


def penalized(weights):
    return loss(weights) + 0.1 * np.dot(weights, weights)


def run():
    weights = np.array([0.0, 0.0, 0.0])
    check_grads(loss, modes=["rev"])(weights)
    slope = grad(loss)
    start = loss(weights)
    for _ in range(100):
        weights -= slope(weights) * 0.01
    best = minimize(value_and_grad(penalized), np.zeros(3), jac=True, method="BFGS", options={"gtol": 1e-9})
    print("trained: {:.4f}, weights {}".format(loss(weights), weights))  # noqa: UP032 - as programs are written
    assert loss(weights) < start / 2
    assert np.all(predictions(best.x, inputs) > 0.5) == np.all(targets)
    return {"start": start, "loss": loss(weights), "weights": weights, "best": best.fun}
