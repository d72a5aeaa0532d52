"""The names of `scipy.stats.poisson`, differentiable."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special, stats

from autograd.scipy.stats.families import density, methods, positive


def _logpmf(k: Any, mu: Any) -> Any:
    mu = positive(mu, or_zero=True)
    count = np.floor(k)
    outside = (np.less(k, 0) | np.not_equal(k, count)) & ~np.isnan(k + mu)
    count = np.where(outside, 0, count)
    return np.where(outside, -math.inf, special.xlogy(count, mu) - special.gammaln(count + 1) - mu)


def _cdf(k: Any, mu: Any) -> Any:
    mu = positive(mu, or_zero=True)
    outside = np.less(k, 0) & ~np.isnan(mu)
    return np.where(outside, 0, special.gammaincc(np.where(outside, 0, np.floor(k)) + 1, mu))


def _sf(k: Any, mu: Any) -> Any:
    mu = positive(mu, or_zero=True)
    outside = np.less(k, 0) & ~np.isnan(mu)
    return np.where(outside, 1, special.gammainc(np.where(outside, 0, np.floor(k)) + 1, mu))


_method = methods(stats.poisson, "mu", discrete=True)
pmf = _method("pmf", density(_logpmf))
logpmf = _method("logpmf", _logpmf)
cdf = _method("cdf", _cdf)
sf = _method("sf", _sf)
