"""The right hand side of a differential equation is a neural network: its weights are found that follow a spiral."""

import itertools

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad
from autograd.builtins import tuple
from autograd.misc.optimizers import adam
from autograd.scipy.integrate import odeint


def func(y, t0, A):
    return np.dot(y**3, A)


def nn_predict(inputs, t, params):
    for W, b in params:
        outputs = np.dot(inputs, W) + b
        inputs = np.maximum(0, outputs)
    return outputs


def init_nn_params(scale, layer_sizes, rs):
    return [(rs.randn(m, n) * scale, rs.randn(n) * scale) for m, n in itertools.pairwise(layer_sizes)]


def ode_pred(params, y0, t):
    return odeint(nn_predict, y0, t, tuple((params,)), rtol=1e-8, atol=1e-8)


def L1_loss(pred, targets):
    return np.mean(np.abs(pred - targets))


def run():
    t = np.linspace(0.0, 1.0, 4)
    true_A = np.array([[-0.1, 2.0], [-2.0, -0.1]])
    true_y0 = np.array([2.0, 0.0])
    true_y = odeint(func, true_y0, t, args=(true_A,))
    params = init_nn_params(0.5, [2, 8, 2], npr.RandomState(0))

    def train_loss(params, iter):
        return L1_loss(ode_pred(params, true_y0, t), true_y)

    start = train_loss(params, 0)
    gradient = grad(train_loss)(params, 0)
    through_matrix = grad(lambda A: np.sum(odeint(func, true_y0, t, tuple((A,))) ** 2))(true_A)
    best = adam(
        grad(train_loss), params, step_size=0.05, num_iters=4, callback=lambda p, i, g: print(i, train_loss(p, i))
    )
    end = train_loss(best, 0)
    assert end < start
    return {"start": start, "gradient": gradient[0][0], "through the matrix": through_matrix}
