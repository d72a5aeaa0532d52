"""The names of `scipy.stats.multivariate_normal`, differentiable."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from autograd.core.tensor import apply
from autograd.errors import NoDerivativeError, ShapeError
from autograd.numpy.wrapping import wrap_composite
from autograd.registry.define import defcomposite, defvjp, operation
from autograd.rules.shape import array_of
from autograd.scipy.linalg import _cholesky, _solve_triangular
from autograd.scipy.stats.families import LOG_2PI, array


def _matrix(mean: Any, cov: Any) -> tuple[Any, Any]:
    """Return the mean as a vector and the covariance as a matrix: a number stands for a multiple of 1, a vector for a
    diagonal.
    """
    cov = 1.0 if cov is None else cov
    cov = array_of(array(cov))
    n = np.size(mean) if mean is not None else 1 if not np.ndim(cov) else np.shape(cov)[0]
    if np.ndim(cov) < 2:
        cov = np.eye(n, dtype=cov.dtype if cov.dtype.kind == "f" else float) * cov
    mean = np.zeros(n, cov.dtype) if mean is None else np.reshape(array_of(array(mean)), (-1,))
    if np.ndim(mean) != 1 or np.shape(cov) != (n, n):
        raise ShapeError(
            f"multivariate_normal with a mean of {n} components needs a covariance of shape {(n, n)}: received shape "
            f"{np.shape(cov)}."
        )
    return mean, cov


@operation
def _singular_logpdf(deviation: Any, cov: Any) -> Any:
    """Return the logarithm of the density on the support of a covariance that may be singular, and -inf beside it."""
    return np.asarray(stats.multivariate_normal.logpdf(deviation, None, cov, allow_singular=True))


def _by_deviation(g: Any, ans: Any, deviation: Any, cov: Any) -> Any:
    """``-pinv(cov) @ deviation``, with SciPy's bound for what counts as zero; the density is 0 beside the support."""
    inverse = np.linalg.pinv(cov, rcond=1e6 * np.finfo(cov.dtype).eps, hermitian=True)
    inside = np.expand_dims(np.where(np.isfinite(ans), g, 0), -1)
    return np.where(np.isfinite(np.expand_dims(ans, -1)), -inside * np.matmul(deviation, inverse), 0)


def _by_covariance(g: Any, _ans: Any, _deviation: Any, _cov: Any) -> Any:
    raise NoDerivativeError(
        "multivariate_normal with allow_singular=True has no derivative with respect to cov: the density is none where "
        "the rank changes. Leave allow_singular out where the covariance is regular, or detach cov with .numpy()."
    )


defvjp(_singular_logpdf, _by_deviation, _by_covariance, static=True, fresh=True)


@defcomposite(stats.multivariate_normal.logpdf)
def _logpdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """By the Cholesky factor ``L`` of the covariance: ``-(n log(2 pi) + |L^-1 (x - mean)|^2) / 2 - log det L``."""
    mean, cov = _matrix(mean, cov)
    n = np.shape(mean)[0]
    x = array_of(array(x))
    if np.ndim(x) < 2 and n == 1:
        x = np.reshape(x, (*np.shape(x), 1))
    shape = np.broadcast_shapes(np.shape(x), (n,))
    deviation = np.reshape(np.broadcast_to(x - mean, shape), (-1, n))
    if allow_singular:
        points = apply(_singular_logpdf, deviation, cov)
        return np.squeeze(np.reshape(points, shape[:-1]))
    factor = _cholesky(cov)
    z = _solve_triangular(factor, np.swapaxes(deviation, 0, 1), trans=0, lower=True, unit_diagonal=False)
    value = -0.5 * (n * LOG_2PI + np.sum(z * z, axis=0)) - np.sum(np.log(np.diagonal(factor)))
    return np.squeeze(np.reshape(value, shape[:-1]))


@defcomposite(stats.multivariate_normal.pdf)
def _pdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    return np.exp(_logpdf(x, mean, cov, allow_singular))


@defcomposite(stats.multivariate_normal.entropy)
def _entropy(mean: Any = None, cov: Any = 1) -> Any:
    mean, cov = _matrix(mean, cov)
    return 0.5 * np.shape(mean)[0] * (LOG_2PI + 1) + np.sum(np.log(np.diagonal(_cholesky(cov))))


pdf = wrap_composite(stats.multivariate_normal.pdf)
logpdf = wrap_composite(stats.multivariate_normal.logpdf)
entropy = wrap_composite(stats.multivariate_normal.entropy)
