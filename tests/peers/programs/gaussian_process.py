"""Gaussian processes, one and then one on top of another: kernels by broadcasting, solve, densities of vectors."""

from scipy.optimize import minimize

import autograd.numpy as np
import autograd.numpy.linalg as npla
import autograd.numpy.random as npr
import autograd.scipy.stats.multivariate_normal as mvn
from autograd import grad, value_and_grad
from autograd.numpy.linalg import solve
from autograd.scipy.stats import norm


def rbf_covariance(kernel_params, x, xp):
    output_scale = np.exp(kernel_params[0])
    lengthscales = np.exp(kernel_params[1:])
    diffs = np.expand_dims(x / lengthscales, 1) - np.expand_dims(xp / lengthscales, 0)
    return output_scale * np.exp(-0.5 * np.sum(diffs**2, axis=2))


def unpack_kernel_params(params):
    mean = params[0]
    cov_params = params[2:]
    noise_scale = np.exp(params[1]) + 0.0001
    return mean, cov_params, noise_scale


def predict(params, x, y, xstar):
    mean, cov_params, noise_scale = unpack_kernel_params(params)
    cov_f_f = rbf_covariance(cov_params, xstar, xstar)
    cov_y_f = rbf_covariance(cov_params, x, xstar)
    cov_y_y = rbf_covariance(cov_params, x, x) + noise_scale * np.eye(len(y))
    pred_mean = mean + np.dot(solve(cov_y_y, cov_y_f).T, y - mean)
    pred_cov = cov_f_f - np.dot(solve(cov_y_y, cov_y_f).T, cov_y_f)
    return pred_mean, pred_cov


def log_marginal_likelihood(params, x, y):
    mean, cov_params, noise_scale = unpack_kernel_params(params)
    cov_y_y = rbf_covariance(cov_params, x, x) + noise_scale * np.eye(len(y))
    prior_mean = mean * np.ones(len(y))
    return mvn.logpdf(y, prior_mean, cov_y_y)


def by_determinant(params, x, y):
    """The same number by slogdet and solve."""
    mean, cov_params, noise_scale = unpack_kernel_params(params)
    cov_y_y = rbf_covariance(cov_params, x, x) + noise_scale * np.eye(len(y))
    sign, logdet = npla.slogdet(cov_y_y)
    r = y - mean
    return -0.5 * (np.dot(r, npla.solve(cov_y_y, r)) + sign * logdet + len(y) * np.log(2 * np.pi))


def deep(params, x, y):
    """Hidden values stand in between, as parameters with a prior of their own."""
    hidden, first, second = params[: len(x)], params[len(x) : len(x) + 4], params[len(x) + 4 :]
    return log_marginal_likelihood(first, x, hidden) + log_marginal_likelihood(second, np.atleast_2d(hidden).T, y)


def run():
    rs = npr.RandomState(0)
    x = np.atleast_2d(np.linspace(-3, 3, 14)).T
    y = np.sin(x[:, 0]) + 0.05 * rs.randn(14)
    params = 0.1 * rs.randn(4)

    def objective(params):
        return -log_marginal_likelihood(params, x, y)

    assert np.allclose(log_marginal_likelihood(params, x, y), by_determinant(params, x, y))
    assert np.allclose(grad(log_marginal_likelihood)(params, x, y), grad(by_determinant)(params, x, y))
    assert np.allclose(grad(by_determinant, 2)(params, x, y), grad(log_marginal_likelihood, 2)(params, x, y))
    found = minimize(
        value_and_grad(objective),
        params,
        jac=True,
        method="CG",
        options={"gtol": 1e-7},
        callback=lambda p: print(objective(p)),
    )
    mean, cov = predict(found.x, x, y, np.array([[0.5], [1.0]]))
    assert np.max(np.abs(mean - np.sin(np.array([0.5, 1.0])))) < 0.1
    assert np.all(np.diag(cov) < 0.1)

    start = 0.1 * rs.randn(len(x) + 8)

    def deep_objective(params):
        return -deep(params, x, y) - np.sum(norm.logpdf(params[-8:], 0.0, 1.0))

    both = minimize(value_and_grad(deep_objective), start, jac=True, method="CG", options={"maxiter": 30})
    assert both.fun < -deep(start, x, y) - 10
    return {
        "likelihood": found.fun,
        "gradient": grad(log_marginal_likelihood)(params, x, y),
        "mean": mean,
        "deep": deep(start, x, y),
        "deep gradient": grad(deep)(start, x, y),
    }
