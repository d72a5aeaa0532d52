"""Fits by likelihood and decompositions: negative binomial counts, independent components, factors of a matrix with
gaps.
"""

from scipy.optimize import minimize

import autograd.numpy as np
import autograd.numpy.random as npr
import autograd.scipy.stats.poisson as poisson
import autograd.scipy.stats.t as t
from autograd import grad, hessian, value_and_grad
from autograd.scipy.special import gammaln


def negbin_loglike(r, p, x):
    return gammaln(r + x) - gammaln(r) - gammaln(x + 1) + x * np.log(p) + r * np.log(1 - p)


def fit_negbin(x):
    def loglike(params):
        r, p = np.exp(params[0]), 1.0 / (1.0 + np.exp(-params[1]))
        return -np.sum(negbin_loglike(r, p, x))

    return minimize(
        loglike,
        np.array([0.0, 0.0]),
        jac=grad(loglike),
        hess=hessian(loglike),
        method="Newton-CG",
        options={"xtol": 1e-10},
    ), loglike


def unmix(data):
    n = data.shape[0]

    def log_likelihood(flat):
        W = np.reshape(flat, (n, n))
        z = np.dot(W, data)
        return -(np.sum(t.logpdf(z, 3.0, 0.0, 1.0)) / data.shape[1] + np.linalg.slogdet(W)[1])

    return minimize(value_and_grad(log_likelihood), np.eye(n).ravel(), jac=True, method="L-BFGS-B"), log_likelihood


def factorise(data, rank, rs):
    mask = ~np.isnan(data)
    filled = np.nan_to_num(data)
    n, m = data.shape

    def loss(flat):
        U, V = flat[: n * rank].reshape((n, rank)), flat[n * rank :].reshape((rank, m))
        return np.sum(np.where(mask, np.dot(U, V) - filled, 0.0) ** 2) + 1e-4 * np.sum(flat**2)

    return minimize(loss, 0.5 * rs.randn((n + m) * rank), jac=grad(loss), method="BFGS")


def run():
    rs = npr.RandomState(0)
    counts = rs.negative_binomial(5, 0.6, size=300)
    found, nll = fit_negbin(counts)
    assert np.linalg.norm(grad(nll)(found.x)) < 1e-3
    assert found.fun < -np.sum(poisson.logpmf(counts, np.mean(counts)))

    sources = np.array(rs.standard_t(3, size=(3, 400)))
    mixing = np.array([[1.0, 0.4, 0.2], [0.3, 1.0, -0.5], [0.1, -0.2, 1.0]])
    unmixed, cost = unmix(np.dot(mixing, sources))
    product = np.abs(np.dot(np.reshape(unmixed.x, (3, 3)), mixing))
    assert np.all(np.max(product, axis=1) > 4 * np.partition(product, 1, axis=1)[:, 1])

    true = np.outer(np.arange(1.0, 6.0), np.array([1.0, -1.0, 2.0, 0.5]))
    holes = true.copy()
    holes[0, 0] = holes[2, 1] = holes[4, 3] = np.nan
    factors = factorise(holes, 1, rs)
    completed = np.dot(factors.x[:5].reshape((5, 1)), factors.x[5:].reshape((1, 4)))
    assert np.max(np.abs(completed - true)) < 0.01
    return {
        "negbin": found.fun,
        "curvature": hessian(nll)(np.array([1.0, 0.3])),
        "unmix": cost(np.eye(3).ravel()),
        "loss": factors.fun,
    }
