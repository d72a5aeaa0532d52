"""Distributions of `scipy.stats`, differentiable: ``norm.logpdf(x, loc, scale)`` and its like.

They are differentiable in the variable and in every continuous parameter, except where a cumulative distribution function has no closed
derivative (the shape parameters of beta and t): that is refused. Where the value is constant (a density of 0 outside the
support) so is the derivative 0. Single precision stays single precision, where SciPy itself computes in double precision.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special, stats

from autograd.errors import OperandError, ShapeError
from autograd.registry import defcomposite, defvjp, operation
from autograd.rules.shape import array_of
from autograd.scipy.door import function
from autograd.scipy.linalg import _cholesky, _solve_triangular
from autograd.tensor import Tensor

LOG_2PI = math.log(2 * math.pi)


def _array(x: Any) -> Any:
    """Make a tensor of a list, in which tensors may stand; leave numbers, arrays and tensors as they are."""
    return Tensor(x) if isinstance(x, (list, tuple)) else x


def _positive(p: Any, or_zero: bool = False) -> Any:
    """Return a parameter with NaN where it is not positive, as SciPy answers for such parameters."""
    compare = np.greater_equal if or_zero else np.greater
    if isinstance(p, (int, float)):
        return p if compare(p, 0) else math.nan
    return np.where(compare(p, 0), p, math.nan)


# --------------------------------------------------------------------------------------------------- families
_SCALED: dict[str, Callable[[Any, Any], Any]] = {"pdf": lambda value, scale: value / scale, "logpdf": lambda value, scale: value - np.log(scale)}


def _family(dist: Any, shapes: Sequence[str], discrete: bool = False, **standard: Callable[..., Any]) -> SimpleNamespace:
    """Define the methods of a distribution by those of its standard form, with location 0 and scale 1.

    Parameters
    ----------
    dist : scipy.stats distribution
    shapes : sequence of str
        The names of its shape parameters.
    discrete : bool, default False
        Whether it has no scale.
    **standard : callable
        For each method a function of the standardised variable and of the shape parameters.
    """
    doors = {}
    for name, of_standard in standard.items():
        method = getattr(dist, name)
        defcomposite(method)(_moved(name, of_standard, shapes, discrete))
        doors[name] = function(method)
    return SimpleNamespace(**doors)


def _moved(name: str, of_standard: Callable[..., Any], shapes: Sequence[str], discrete: bool) -> Callable[..., Any]:
    """Give a method of a standard distribution its location and its scale."""
    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    variable = "k" if discrete else "q" if name in ("ppf", "isf") else "x"
    places = [inspect.Parameter("loc", either, default=0)]
    if not discrete:
        places.append(inspect.Parameter("scale", either, default=1))
    signature = inspect.Signature([*[inspect.Parameter(each, either) for each in (variable, *shapes)], *places])

    def moved(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        x, *parameters = map(_array, bound.arguments.values())
        shape_parameters = parameters[: len(shapes)]
        if discrete:
            y: Any = np.subtract(x, parameters[-1])
            value = of_standard(y, *shape_parameters)
        elif variable == "q":
            y = array_of(x)
            value = of_standard(y, *shape_parameters) * _positive(parameters[-1]) + parameters[-2]
        else:
            scale = _positive(parameters[-1])
            y = np.subtract(x, parameters[-2]) / scale
            value = of_standard(y, *shape_parameters)
            value = _SCALED[name](value, scale) if name in _SCALED else value
        return value.astype(_precision(y, *parameters))

    return moved


def _precision(*operands: Any) -> Any:
    """Return the dtype of a result: a function of Python numbers alone would make it double precision."""
    dtype = np.result_type(*operands)
    return dtype if dtype.kind == "f" else np.dtype(float)


def _density(log_density: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: np.exp(log_density(*args))


# --------------------------------------------------------------------------------------------------- normal, Student's t
def _norm_logpdf(y: Any) -> Any:
    return -0.5 * y * y - 0.5 * LOG_2PI


def _t_logpdf(y: Any, df: Any) -> Any:
    """The beta function stays accurate where the gamma functions of its definition cancel. At infinitely many degrees it is the normal one."""
    df = _positive(df)
    normal = np.isinf(df)
    finite = (1.0 if normal else df) if isinstance(df, (int, float)) else np.where(normal, 1, df)
    constant = special.betaln(finite * 0.5, 0.5) + 0.5 * np.log(finite)
    return np.where(normal, _norm_logpdf(y), -constant - (finite + 1) * 0.5 * np.log1p(y * y / finite))


@operation
def _t_cdf(y: Any, df: Any) -> Any:
    return special.stdtr(df, y)


defvjp(_t_cdf, lambda g, _, y, df: g * np.exp(_t_logpdf(y, df)), None, elementwise=True)


# --------------------------------------------------------------------------------------------------- gamma, chi-squared, beta
def _gamma_logpdf(y: Any, a: Any) -> Any:
    a = _positive(a)
    outside = np.less(y, 0) & ~np.isnan(a)
    y = np.where(outside, 1, y)
    return np.where(outside, -math.inf, special.xlogy(a - 1, y) - y - special.gammaln(a))


def _gamma_cdf(y: Any, a: Any) -> Any:
    return special.gammainc(_positive(a), np.where(np.less(y, 0), 0, y))


def _gamma_sf(y: Any, a: Any) -> Any:
    return special.gammaincc(_positive(a), np.where(np.less(y, 0), 0, y))


def _chi2_logpdf(y: Any, df: Any) -> Any:
    return _gamma_logpdf(y * 0.5, _array(df) * 0.5) - math.log(2)


def _beta_logpdf(y: Any, a: Any, b: Any) -> Any:
    a, b = _positive(a), _positive(b)
    outside = (np.less(y, 0) | np.greater(y, 1)) & ~np.isnan(a + b)
    y = np.where(outside, 0.5, y)
    return np.where(outside, -math.inf, special.xlogy(a - 1, y) + special.xlog1py(b - 1, -y) - special.betaln(a, b))


def _beta_cdf(y: Any, a: Any, b: Any) -> Any:
    return special.betainc(_positive(a), _positive(b), np.clip(y, 0, 1))


def _beta_sf(y: Any, a: Any, b: Any) -> Any:
    return special.betaincc(_positive(a), _positive(b), np.clip(y, 0, 1))


# --------------------------------------------------------------------------------------------------- Poisson
def _poisson_logpmf(k: Any, mu: Any) -> Any:
    mu = _positive(mu, or_zero=True)
    count = np.floor(k)
    outside = (np.less(k, 0) | np.not_equal(k, count)) & ~np.isnan(k + mu)
    count = np.where(outside, 0, count)
    return np.where(outside, -math.inf, special.xlogy(count, mu) - special.gammaln(count + 1) - mu)


def _poisson_cdf(k: Any, mu: Any) -> Any:
    mu = _positive(mu, or_zero=True)
    outside = np.less(k, 0) & ~np.isnan(mu)
    return np.where(outside, 0, special.gammaincc(np.where(outside, 0, np.floor(k)) + 1, mu))


def _poisson_sf(k: Any, mu: Any) -> Any:
    mu = _positive(mu, or_zero=True)
    outside = np.less(k, 0) & ~np.isnan(mu)
    return np.where(outside, 1, special.gammainc(np.where(outside, 0, np.floor(k)) + 1, mu))


norm = _family(
    stats.norm,
    (),
    pdf=_density(_norm_logpdf),
    logpdf=_norm_logpdf,
    cdf=special.ndtr,
    logcdf=special.log_ndtr,
    sf=lambda y: special.ndtr(-y),
    logsf=lambda y: special.log_ndtr(-y),
    ppf=special.ndtri,
    isf=lambda q: -special.ndtri(q),
)
t = _family(
    stats.t,
    ("df",),
    pdf=_density(_t_logpdf),
    logpdf=_t_logpdf,
    cdf=lambda y, df: _t_cdf(y, _positive(df)),
    sf=lambda y, df: _t_cdf(-y, _positive(df)),
)
gamma = _family(stats.gamma, ("a",), pdf=_density(_gamma_logpdf), logpdf=_gamma_logpdf, cdf=_gamma_cdf, sf=_gamma_sf)
chi2 = _family(
    stats.chi2,
    ("df",),
    pdf=_density(_chi2_logpdf),
    logpdf=_chi2_logpdf,
    cdf=lambda y, df: _gamma_cdf(y * 0.5, _array(df) * 0.5),
    sf=lambda y, df: _gamma_sf(y * 0.5, _array(df) * 0.5),
)
beta = _family(stats.beta, ("a", "b"), pdf=_density(_beta_logpdf), logpdf=_beta_logpdf, cdf=_beta_cdf, sf=_beta_sf)
poisson = _family(
    stats.poisson, ("mu",), discrete=True, pmf=_density(_poisson_logpmf), logpmf=_poisson_logpmf, cdf=_poisson_cdf, sf=_poisson_sf
)


# --------------------------------------------------------------------------------------------------- Dirichlet
@operation
def _dirichlet(x: Any, alpha: Any) -> Any:
    return stats.dirichlet.logpdf(x, alpha)


def _all_but_last(x: Any, alpha: Any) -> bool:
    return bool(np.shape(x)[0] == np.shape(alpha)[0] - 1)


def _dirichlet_x(g: Any, _: Any, x: Any, alpha: Any) -> Any:
    """``(alpha - 1) / x``; the last component, where it is not given, is 1 less all others."""
    powers = np.reshape(alpha - 1, (-1,) + (1,) * (np.ndim(x) - 1))
    if _all_but_last(x, alpha):
        return g * (powers[:-1] / x - powers[-1:] / (1 - np.sum(x, axis=0, keepdims=True)))
    return g * powers / x


def _dirichlet_alpha(g: Any, _: Any, x: Any, alpha: Any) -> Any:
    """``log(x) - psi(alpha) + psi(sum of alpha)``, over all points."""
    if _all_but_last(x, alpha):
        x = np.concatenate([x, 1 - np.sum(x, axis=0, keepdims=True)], axis=0)
    over = tuple(range(1, np.ndim(x)))
    return np.sum(g * np.log(x), axis=over) + np.sum(g) * (special.psi(np.sum(alpha)) - special.psi(alpha))


defvjp(_dirichlet, _dirichlet_x, _dirichlet_alpha)


@defcomposite(stats.dirichlet.logpdf)
def _dirichlet_logpdf(x: Any, alpha: Any) -> Any:
    return _dirichlet(array_of(_array(x)), array_of(_array(alpha)))


@defcomposite(stats.dirichlet.pdf)
def _dirichlet_pdf(x: Any, alpha: Any) -> Any:
    return np.exp(_dirichlet_logpdf(x, alpha))


dirichlet = SimpleNamespace(pdf=function(stats.dirichlet.pdf), logpdf=function(stats.dirichlet.logpdf))


# --------------------------------------------------------------------------------------------------- multivariate normal
def _matrix(mean: Any, cov: Any) -> tuple[Any, Any]:
    """Return the mean as a vector and the covariance as a matrix: a number stands for a multiple of 1, a vector for a diagonal."""
    cov = 1.0 if cov is None else cov
    cov = array_of(_array(cov))
    n = np.size(mean) if mean is not None else 1 if not np.ndim(cov) else np.shape(cov)[0]
    if np.ndim(cov) < 2:
        cov = np.eye(n, dtype=cov.dtype if cov.dtype.kind == "f" else float) * cov
    mean = np.zeros(n, cov.dtype) if mean is None else np.reshape(array_of(_array(mean)), (-1,))
    if np.ndim(mean) != 1 or np.shape(cov) != (n, n):
        raise ShapeError(f"multivariate_normal with a mean of {n} components needs a covariance of shape {(n, n)}: received shape {np.shape(cov)}.")
    return mean, cov


def _regular(allow_singular: bool) -> None:
    if allow_singular:
        raise OperandError("multivariate_normal has derivatives where the covariance is regular: allow_singular=True is not taken. Leave it out.")


@defcomposite(stats.multivariate_normal.logpdf)
def _multivariate_logpdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """By the Cholesky factor ``L`` of the covariance: ``-(n log(2 pi) + |L^-1 (x - mean)|^2) / 2 - log det L``."""
    _regular(allow_singular)
    mean, cov = _matrix(mean, cov)
    n = np.shape(mean)[0]
    x = array_of(_array(x))
    if np.ndim(x) < 2 and n == 1:
        x = np.reshape(x, (*np.shape(x), 1))
    factor = _cholesky(cov)
    shape = np.broadcast_shapes(np.shape(x), (n,))
    deviation = np.reshape(np.broadcast_to(x - mean, shape), (-1, n))
    z = _solve_triangular(factor, np.swapaxes(deviation, 0, 1), trans=0, lower=True, unit_diagonal=False)
    value = -0.5 * (n * LOG_2PI + np.sum(z * z, axis=0)) - np.sum(np.log(np.diagonal(factor)))
    return np.squeeze(np.reshape(value, shape[:-1]))


@defcomposite(stats.multivariate_normal.pdf)
def _multivariate_pdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    return np.exp(_multivariate_logpdf(x, mean, cov, allow_singular))


@defcomposite(stats.multivariate_normal.entropy)
def _multivariate_entropy(mean: Any = None, cov: Any = 1) -> Any:
    mean, cov = _matrix(mean, cov)
    return 0.5 * np.shape(mean)[0] * (LOG_2PI + 1) + np.sum(np.log(np.diagonal(_cholesky(cov))))


multivariate_normal = SimpleNamespace(
    pdf=function(stats.multivariate_normal.pdf),
    logpdf=function(stats.multivariate_normal.logpdf),
    entropy=function(stats.multivariate_normal.entropy),
)


if not TYPE_CHECKING:  # a type checker takes this for a promise of every name

    def __getattr__(name: str) -> Any:
        if hasattr(stats, name):
            raise AttributeError(f"autograd.scipy.stats has no {name}: scipy.stats.{name} computes it, without a derivative.")
        raise AttributeError(f"neither autograd.scipy.stats nor scipy.stats has a {name}.")
