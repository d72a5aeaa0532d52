"""A Bayesian neural network by black-box stochastic variational inference, with draws that are moved and scaled."""

import itertools

import autograd.numpy as np
import autograd.numpy.random as npr
import autograd.scipy.stats.norm as norm
from autograd import grad
from autograd.misc.optimizers import adam


def black_box_variational_inference(logprob, D, num_samples):
    def unpack_params(params):
        mean, log_std = params[:D], params[D:]
        return mean, log_std

    def gaussian_entropy(log_std):
        return 0.5 * D * (1.0 + np.log(2 * np.pi)) + np.sum(log_std)

    rs = npr.RandomState(0)

    def variational_objective(params, t):
        mean, log_std = unpack_params(params)
        samples = rs.randn(num_samples, D) * np.exp(log_std) + mean
        lower_bound = gaussian_entropy(log_std) + np.mean(logprob(samples, t))
        return -lower_bound

    return variational_objective, grad(variational_objective), unpack_params


def make_nn_funs(layer_sizes, L2_reg, noise_variance, nonlinearity=np.tanh):
    shapes = list(itertools.pairwise(layer_sizes))
    num_weights = sum((m + 1) * n for m, n in shapes)

    def unpack_layers(weights):
        num_weight_sets = len(weights)
        for m, n in shapes:
            yield (
                weights[:, : m * n].reshape((num_weight_sets, m, n)),
                weights[:, m * n : m * n + n].reshape((num_weight_sets, 1, n)),
            )
            weights = weights[:, (m + 1) * n :]

    def predictions(weights, inputs):
        inputs = np.expand_dims(inputs, 0)
        for W, b in unpack_layers(weights):
            outputs = np.einsum("mnd,mdo->mno", inputs, W) + b
            inputs = nonlinearity(outputs)
        return outputs

    def logprob(weights, inputs, targets):
        log_prior = -L2_reg * np.sum(weights**2, axis=1)
        preds = predictions(weights, inputs)
        log_lik = -np.sum((preds - targets) ** 2, axis=1)[:, 0] / noise_variance
        return log_prior + log_lik

    return num_weights, predictions, logprob


def rbf(x):
    return np.exp(-(x**2))


def run():
    rs = npr.RandomState(0)
    inputs = np.concatenate([np.linspace(0, 2, num=20), np.linspace(6, 8, num=20)])
    targets = np.cos(inputs) + rs.randn(40) * 0.1
    inputs = ((inputs - 4.0) / 4.0).reshape((len(inputs), 1))
    targets = targets.reshape((len(targets), 1))
    num_weights, predictions, logprob = make_nn_funs([1, 10, 1], L2_reg=0.1, noise_variance=0.1, nonlinearity=rbf)

    objective, gradient, unpack_params = black_box_variational_inference(
        lambda weights, t: logprob(weights, inputs, targets), num_weights, 10
    )
    init_mean = npr.RandomState(1).randn(num_weights)
    init_params = np.concatenate([init_mean, -5 * np.ones(num_weights)])
    bounds = []

    def callback(params, t, g):
        if t % 50 == 0:
            bounds.append(-objective(params, t))
            print(f"Iteration {t} lower bound {bounds[-1]}")

    params = adam(gradient, init_params, step_size=0.1, num_iters=200, callback=callback)
    mean, log_std = unpack_params(params)
    error = np.mean((predictions(np.expand_dims(mean, 0), inputs)[0] - targets) ** 2)
    assert bounds[-1] > bounds[0]
    assert error < 0.05
    return {
        "bounds": bounds,
        "error": error,
        "log prior": np.sum(norm.logpdf(mean, 0.0, 1.0)),
        "entropy": np.sum(log_std),
    }
