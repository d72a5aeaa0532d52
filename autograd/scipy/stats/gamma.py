"""The names of `scipy.stats.gamma`, differentiable."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special, stats

from autograd.scipy.stats.families import density, methods, positive


def standard_logpdf(y: Any, a: Any) -> Any:
    """Return the logarithm of the density with scale 1."""
    a = positive(a)
    outside = np.less(y, 0) & ~np.isnan(a)
    y = np.where(outside, 1, y)
    return np.where(outside, -math.inf, special.xlogy(a - 1, y) - y - special.gammaln(a))


def standard_cdf(y: Any, a: Any) -> Any:
    """Return the probability of less, with scale 1."""
    return special.gammainc(positive(a), np.where(np.less(y, 0), 0, y))


def standard_sf(y: Any, a: Any) -> Any:
    """Return the probability of more, with scale 1."""
    return special.gammaincc(positive(a), np.where(np.less(y, 0), 0, y))


_method = methods(stats.gamma, "a")
pdf = _method("pdf", density(standard_logpdf))
logpdf = _method("logpdf", standard_logpdf)
cdf = _method("cdf", standard_cdf)
sf = _method("sf", standard_sf)
