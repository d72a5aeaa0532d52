"""Draws by way of standard ones: a mixture of Gaussians approached by one, weights on the simplex, a natural
gradient.
"""

import autograd.numpy as np
import autograd.numpy.random as npr
import autograd.scipy.stats.multivariate_normal as mvn
import autograd.scipy.stats.norm as norm
from autograd import elementwise_grad, grad
from autograd.misc.optimizers import adam, sgd
from autograd.scipy.special import gammaln, logsumexp
from autograd.scipy.stats import dirichlet


def log_density(x):
    """A funnel: the second component is as wide as the first says."""
    mu, log_sigma = x[:, 0], x[:, 1]
    sigma_density = norm.logpdf(log_sigma, 0, 1.35)
    mu_density = norm.logpdf(mu, 0, np.exp(log_sigma))
    return sigma_density + mu_density


def lower_bound(params, noise):
    mean, log_std = params[:2], params[2:]
    samples = noise * np.exp(log_std) + mean
    return 0.5 * 2 * (1.0 + np.log(2 * np.pi)) + np.sum(log_std) + np.mean(log_density(samples))


def softmax(x):
    return np.exp(x - logsumexp(x))


def run():
    rs = npr.RandomState(0)
    noise = rs.randn(400, 2)
    gradient = grad(lower_bound)
    start = np.array([-1.0, -1.0, -1.0, -1.0])
    plain = sgd(lambda p, i: -gradient(p, noise), start, step_size=0.1, num_iters=100, callback=None)

    fisher_diag = lambda log_std: np.concatenate([np.exp(-2.0 * log_std), np.ones(len(log_std)) * 2])  # noqa: E731
    natural = sgd(lambda p, i: -gradient(p, noise) / fisher_diag(p[2:]), start, step_size=0.05, num_iters=100)
    assert lower_bound(plain, noise) > lower_bound(start, noise)
    assert lower_bound(natural, noise) > lower_bound(start, noise)

    # A mean and a factor of a covariance, learnt from draws alone.
    target_mean, target_cov = np.array([1.0, -1.0]), np.array([[1.0, 0.6], [0.6, 2.0]])

    def divergence(params, step):
        mean, factor = params
        L = np.tril(factor)
        samples = mean + np.dot(noise, L.T)
        return -np.mean(mvn.logpdf(samples, target_mean, target_cov)) - np.sum(np.log(np.abs(np.diag(L))))

    mean, factor = adam(grad(divergence), (np.zeros(2), np.eye(2)), step_size=0.05, num_iters=300)
    L = np.tril(factor)
    assert np.max(np.abs(mean - target_mean)) < 0.15
    assert np.max(np.abs(np.dot(L, L.T) - target_cov)) < 0.4

    # The concentrations of a Dirichlet distribution, from the weights it drew.
    weights = rs.dirichlet(np.array([4.0, 1.5, 0.8]), size=200)

    def nll(log_alpha, step=0):
        alpha = np.exp(log_alpha)
        return -np.mean((gammaln(np.sum(alpha)) - np.sum(gammaln(alpha))) + np.dot(np.log(weights), alpha - 1.0))

    log_alpha = adam(grad(nll), np.zeros(3), step_size=0.05, num_iters=300)
    assert np.max(np.abs(np.exp(log_alpha) - np.array([4.0, 1.5, 0.8]))) < 0.6
    one = weights[0] / np.sum(weights[0])
    by_alpha = grad(lambda alpha: dirichlet.logpdf(one, alpha))(np.array([4.0, 1.5, 0.8]))
    by_logits = elementwise_grad(lambda z: np.log(softmax(z))[0])(np.array([0.1, 0.2, 0.3]))
    return {
        "plain": plain,
        "natural": natural,
        "mean": mean,
        "factor": factor,
        "alpha": np.exp(log_alpha),
        "by alpha": by_alpha,
        "by logits": by_logits,
    }
