"""The names of `scipy.stats.chi2`, differentiable: a gamma distribution of half the variable and half the degrees of
freedom.
"""

from __future__ import annotations

import math
from typing import Any

from scipy import stats

from autograd.scipy.stats import gamma
from autograd.scipy.stats.families import array, density, methods


def _logpdf(y: Any, df: Any) -> Any:
    return gamma.standard_logpdf(y * 0.5, array(df) * 0.5) - math.log(2)


_method = methods(stats.chi2, "df")
pdf = _method("pdf", density(_logpdf))
logpdf = _method("logpdf", _logpdf)
cdf = _method("cdf", lambda y, df: gamma.standard_cdf(y * 0.5, array(df) * 0.5))
sf = _method("sf", lambda y, df: gamma.standard_sf(y * 0.5, array(df) * 0.5))
