"""The names of `scipy.stats.t`, Student's distribution, differentiable."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special, stats

from autograd.core.define import defvjp, operation
from autograd.scipy.stats import norm
from autograd.scipy.stats.families import density, methods, positive


def _logpdf(y: Any, df: Any) -> Any:
    """The beta function stays accurate where the gamma functions of its definition cancel. At infinitely many degrees
    it is the normal one.
    """
    df = positive(df)
    normal = np.isinf(df)
    finite = (1.0 if normal else df) if isinstance(df, (int, float)) else np.where(normal, 1, df)
    constant = special.betaln(finite * 0.5, 0.5) + 0.5 * np.log(finite)
    return np.where(normal, norm.standard_logpdf(y), -constant - (finite + 1) * 0.5 * np.log1p(y * y / finite))


@operation
def _cdf(y: Any, df: Any) -> Any:
    return special.stdtr(df, y)


defvjp(_cdf, lambda g, _, y, df: g * np.exp(_logpdf(y, df)), None, elementwise=True, static=True, fresh=True)


_method = methods(stats.t, "df")
pdf = _method("pdf", density(_logpdf))
logpdf = _method("logpdf", _logpdf)
cdf = _method("cdf", lambda y, df: _cdf(y, positive(df)))
sf = _method("sf", lambda y, df: _cdf(-y, positive(df)))
