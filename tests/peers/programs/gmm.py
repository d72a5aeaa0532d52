"""A mixture of Gaussians, whose parameters stand in a dict, fitted by a trust region with products with the Hessian."""

from scipy.optimize import minimize

import autograd.numpy as np
import autograd.numpy.random as npr
import autograd.scipy.stats.multivariate_normal as mvn
from autograd import hessian_vector_product, value_and_grad
from autograd.misc.flatten import flatten_func
from autograd.scipy.special import logsumexp


def init_gmm_params(num_components, D, scale, rs):
    return {
        "log proportions": rs.randn(num_components) * scale,
        "means": rs.randn(num_components, D) * scale,
        "lower triangles": np.zeros((num_components, D, D)) + np.eye(D),
    }


def log_normalize(x):
    return x - logsumexp(x)


def unpack_gmm_params(params):
    return log_normalize(params["log proportions"]), params["means"], params["lower triangles"]


def gmm_log_likelihood(params, data):
    cluster_lls = []
    for log_proportion, mean, cov_sqrt in zip(*unpack_gmm_params(params), strict=True):
        cov = np.dot(cov_sqrt.T, cov_sqrt)
        cluster_lls.append(log_proportion + mvn.logpdf(data, mean, cov))
    return np.sum(logsumexp(np.vstack(cluster_lls), axis=0))


def run():
    rs = npr.RandomState(0)
    centres = np.array([[2.0, 0.0], [-2.0, 1.0], [0.0, -3.0]])
    data = np.concatenate([centre + np.dot(rs.randn(30, 2), np.array([[0.5, 0.2], [0.0, 0.3]])) for centre in centres])
    init_params = init_gmm_params(num_components=3, D=2, scale=1.0, rs=rs)

    def objective(params):
        return -gmm_log_likelihood(params, data)

    flattened_obj, unflatten, flattened_init_params = flatten_func(objective, init_params)
    seen = []

    def callback(flattened_params):
        params = unflatten(flattened_params)
        seen.append(gmm_log_likelihood(params, data))
        print(f"Log likelihood {seen[-1]}")

    found = minimize(
        value_and_grad(flattened_obj),
        flattened_init_params,
        jac=True,
        hessp=hessian_vector_product(flattened_obj),
        method="trust-ncg",
        options={"maxiter": 8},
        callback=callback,
    )
    means = np.array(sorted(unflatten(found.x)["means"].tolist()))
    assert seen[-1] > seen[0] + 20
    return {"likelihood": seen[-1], "means": means, "first": seen[0]}
