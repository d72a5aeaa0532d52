"""A generative adversarial network: two nests of parameters, trained against each other by an adam written out with
flatten.
"""

import itertools

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad
from autograd.misc import flatten


def relu(x):
    return np.maximum(0, x)


def sigmoid(x):
    return 0.5 * (np.tanh(x) + 1.0)


def logsigmoid(x):
    return x - np.logaddexp(0, x)


def init_random_params(scale, layer_sizes, rs):
    return [(scale * rs.randn(m, n), scale * rs.randn(n)) for m, n in itertools.pairwise(layer_sizes)]


def neural_net_predict(params, inputs):
    for W, b in params[:-1]:
        inputs = relu(np.dot(inputs, W) + b)
    outW, outb = params[-1]
    return np.dot(inputs, outW) + outb


def gan_objective(gen_params, dsc_params, real_data, noise):
    fake_data = neural_net_predict(gen_params, noise)
    logprobs_fake = logsigmoid(neural_net_predict(dsc_params, fake_data))
    logprobs_real = logsigmoid(neural_net_predict(dsc_params, real_data))
    return np.mean(logprobs_real) - np.mean(logprobs_fake)


def adam_minimax(grad_both, init_params_max, init_params_min, num_iters, step_size=0.001, b1=0.9, b2=0.999, eps=1e-8):
    x_max, unflatten_max = flatten(init_params_max)
    x_min, unflatten_min = flatten(init_params_min)
    m_max, v_max = np.zeros(len(x_max)), np.zeros(len(x_max))
    m_min, v_min = np.zeros(len(x_min)), np.zeros(len(x_min))
    for i in range(num_iters):
        g_max_uf, g_min_uf = grad_both(unflatten_max(x_max), unflatten_min(x_min), i)
        g_max, _ = flatten(g_max_uf)
        g_min, _ = flatten(g_min_uf)
        m_max, v_max = (1 - b1) * g_max + b1 * m_max, (1 - b2) * (g_max**2) + b2 * v_max
        m_min, v_min = (1 - b1) * g_min + b1 * m_min, (1 - b2) * (g_min**2) + b2 * v_min
        mhat, vhat = m_max / (1 - b1 ** (i + 1)), v_max / (1 - b2 ** (i + 1))
        x_max = x_max + step_size * mhat / (np.sqrt(vhat) + eps)
        mhat, vhat = m_min / (1 - b1 ** (i + 1)), v_min / (1 - b2 ** (i + 1))
        x_min = x_min - step_size * mhat / (np.sqrt(vhat) + eps)
    return unflatten_max(x_max), unflatten_min(x_min)


def run():
    rs = npr.RandomState(0)
    gen_params, dsc_params = init_random_params(0.5, [2, 8, 1], rs), init_random_params(0.5, [1, 8, 1], rs)
    real_data = 2.0 + 0.3 * rs.randn(64, 1)
    noise = rs.randn(64, 2)

    def objective(dsc_params, gen_params, iter):
        return gan_objective(gen_params, dsc_params, real_data, noise)

    both = grad(objective, argnum=(0, 1))
    g_dsc, g_gen = both(dsc_params, gen_params, 0)
    before = np.mean(neural_net_predict(gen_params, noise))
    _dsc, gen = adam_minimax(both, dsc_params, gen_params, 40, step_size=0.01)
    after = np.mean(neural_net_predict(gen, noise))
    assert abs(after - 2.0) < abs(before - 2.0)
    return {
        "before": before,
        "first": g_dsc[0][0],
        "second": g_gen[-1][0],
        "objective": objective(dsc_params, gen_params, 0),
    }
