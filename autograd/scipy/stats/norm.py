"""The names of `scipy.stats.norm`, differentiable."""

from __future__ import annotations

from typing import Any

from scipy import special, stats

from autograd.scipy.stats.families import LOG_2PI, density, methods


def standard_logpdf(y: Any) -> Any:
    """Return the logarithm of the density with mean 0 and standard deviation 1."""
    return -0.5 * y * y - 0.5 * LOG_2PI


_method = methods(stats.norm)
pdf = _method("pdf", density(standard_logpdf))
logpdf = _method("logpdf", standard_logpdf)
cdf = _method("cdf", special.ndtr)
logcdf = _method("logcdf", special.log_ndtr)
sf = _method("sf", lambda y: special.ndtr(-y))
logsf = _method("logsf", lambda y: special.log_ndtr(-y))
ppf = _method("ppf", special.ndtri)
isf = _method("isf", lambda q: -special.ndtri(q))
