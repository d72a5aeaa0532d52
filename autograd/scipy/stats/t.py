"""The names of `scipy.stats.t`, Student's distribution, differentiable."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special, stats

from autograd.registry.define import defvjp, operation
from autograd.scipy.slopes import log1p_beyond, psi_step
from autograd.scipy.stats import norm
from autograd.scipy.stats.families import density, methods, positive


@operation
def _log_constant(df: Any) -> Any:
    """Return the logarithm of the density at 0. The beta function stays accurate where the gamma functions of its
    definition cancel.
    """
    return -(special.betaln(df * 0.5, 0.5) + 0.5 * np.log(df))


@operation
def _log_kernel(y: Any, df: Any) -> Any:
    """Return the logarithm of the density over that at 0."""
    return (df + 1) * -0.5 * np.log1p(y * y / df)


def _log_kernel_df(g: Any, _: Any, y: Any, df: Any) -> Any:
    """``(log(1 - r) + r) / 2 + r / (2 df)`` with ``r = y^2 / (df + y^2)``: of the order of ``1 / df^2``."""
    r = y * y / (df + y * y)
    return g * (0.5 * (log1p_beyond(-r) + r / df))


defvjp(
    _log_constant,
    lambda g, _, df: g * (0.5 * psi_step(df * 0.5, 0.5, beyond=1)).astype(g.dtype),
    elementwise=True,
    static=True,
    fresh=True,
)
defvjp(
    _log_kernel,
    lambda g, _, y, df: -g * (y * (df + 1) / (df + y * y)),
    _log_kernel_df,
    elementwise=True,
    static=True,
    fresh=True,
)


def _logpdf(y: Any, df: Any) -> Any:
    """At infinitely many degrees it is the normal one."""
    df = positive(df)
    normal = np.isinf(df)
    finite = (1.0 if normal else df) if isinstance(df, (int, float)) else np.where(normal, 1, df)
    return np.where(normal, norm.standard_logpdf(y), _log_constant(finite) + _log_kernel(y, finite))


@operation
def _cdf(y: Any, df: Any) -> Any:
    return special.stdtr(df, y)


defvjp(
    _cdf,
    lambda g, _, y, df: g * np.exp(_logpdf(y, df)).astype(g.dtype),
    None,
    elementwise=True,
    static=True,
    fresh=True,
)


@operation
def _log_cdf(y: Any, df: Any) -> Any:
    """Return the logarithm of the probability of less; where that probability is too small for a number, by its
    expression as a hypergeometric function (https://dlmf.nist.gov/8.17.E8).
    """
    value = np.asarray(stats.t.logcdf(y, df))
    far = np.isneginf(value) & np.isfinite(y)
    if np.any(far):
        y, df = np.where(far, y, -1.0), np.where(far, df, 1.0)
        a, z = 0.5 * df, 1 / (1 + y / df * y)
        beyond = a * np.log(z) - np.log(df) - special.betaln(a, 0.5) + np.log(special.hyp2f1(a, 0.5, a + 1, z))
        value = np.where(far, beyond, value)
    return value


defvjp(
    _log_cdf,
    lambda g, ans, y, df: g * np.exp(_logpdf(y, df) - ans).astype(g.dtype),
    None,
    elementwise=True,
    static=True,
    fresh=True,
)


_method = methods(stats.t, "df")
pdf = _method("pdf", density(_logpdf))
logpdf = _method("logpdf", _logpdf)
cdf = _method("cdf", lambda y, df: _cdf(y, positive(df)))
logcdf = _method("logcdf", lambda y, df: _log_cdf(y, positive(df)))
logsf = _method("logsf", lambda y, df: _log_cdf(-y, positive(df)))
sf = _method("sf", lambda y, df: _cdf(-y, positive(df)))
