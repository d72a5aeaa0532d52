"""The names of `scipy.stats.beta`, differentiable."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special, stats

from autograd.scipy.stats.families import density, methods, positive


def _logpdf(y: Any, a: Any, b: Any) -> Any:
    a, b = positive(a), positive(b)
    outside = (np.less(y, 0) | np.greater(y, 1)) & ~np.isnan(a + b)
    y = np.where(outside, 0.5, y)
    return np.where(outside, -math.inf, special.xlogy(a - 1, y) + special.xlog1py(b - 1, -y) - special.betaln(a, b))


def _cdf(y: Any, a: Any, b: Any) -> Any:
    return special.betainc(positive(a), positive(b), np.clip(y, 0, 1))


def _sf(y: Any, a: Any, b: Any) -> Any:
    return special.betaincc(positive(a), positive(b), np.clip(y, 0, 1))


_method = methods(stats.beta, "a", "b")
pdf = _method("pdf", density(_logpdf))
logpdf = _method("logpdf", _logpdf)
cdf = _method("cdf", _cdf)
sf = _method("sf", _sf)
