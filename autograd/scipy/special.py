"""The names of `scipy.special`, differentiable.

Each line is a row of the table of derivatives, most of them from the NIST Digital Library of Mathematical Functions
(https://dlmf.nist.gov). An order or a parameter whose derivative has no closed form has none here either:
differentiation with respect to it is refused."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from autograd.core.tensor import Tensor
from autograd.errors import NoDerivativeError
from autograd.numpy.wrapping import wrap
from autograd.registry.define import defacts, defcomposite, defconstant, defjvp, defvjp, operation
from autograd.registry.entries import Rule
from autograd.rules import elementwise
from autograd.rules.reduce import kept
from autograd.rules.shape import Axis, array_of
from autograd.scipy import slopes

LOG2, LOG10, ROOT_PI, ROOT_2PI = math.log(2), math.log(10), math.sqrt(math.pi), math.sqrt(2 * math.pi)


def _defined(fn: Any, *vjps: Rule | None) -> Any:
    """Give an elementwise function its rules, and return the one of its name that makes tensors."""
    defvjp(fn, *vjps, elementwise=True, static=True, fresh=True)
    return wrap(fn)


def _real(g: Any, value: Any) -> Any:
    """Return a value that may come of Python numbers alone in the precision of the cotangent."""
    return value.astype(g.dtype)


# --------------------------------------------------------------------------------------- the gamma function and its kin
_zeta = operation(special.zeta)
_polygamma = slopes.polygamma
_gamma_moment = slopes.gamma_moment
_multigammaln = operation(special.multigammaln)
_factorial = operation(special.factorial)
_comb = operation(special.comb)


def _rgamma(g: Any, ans: Any, x: Any) -> Any:
    """``-psi(x) / gamma(x)``; left of 1/2 by the reflection ``1 / gamma(x) = gamma(1 - x) sin(pi x) / pi``, where no
    pole is in the way.
    """
    left = np.less(np.real(x), 0.5)
    mirrored = 1 - np.where(left, x, 0)
    slope = np.cos(math.pi * x) - special.psi(mirrored) * np.sin(math.pi * x) / math.pi
    return g * np.where(
        left, special.gamma(mirrored) * slope, -np.where(left, 0, ans) * special.psi(np.where(left, 1, x))
    )


def _gamma_density(g: Any, a: Any, x: Any) -> Any:
    """``x ** (a - 1) exp(-x) / gamma(a)``."""
    return _real(g, np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a)))


def _gamma_moment_a(g: Any, _: Any, a: Any, x: Any, *, n: int) -> Any:
    lower = special.gammainc(a, x) if n == 1 else _gamma_moment(a, x, n=n - 1)
    return g * (_gamma_moment(a, x, n=n + 1) - n * _real(g, _zeta(2, a) * lower))


defvjp(
    _gamma_moment,
    _gamma_moment_a,
    lambda g, _, a, x, *, n: g * _gamma_density(g, a, x) * _real(g, (np.log(x) - special.psi(a)) ** n),
    elementwise=True,
    static=True,
    fresh=True,
)


def _inverse_gamma_a(g: Any, ans: Any, a: Any, _y: Any) -> Any:
    """How far the quantile moves so that the probability stays."""
    return -g * _real(g, _gamma_moment(a, ans, n=1)) / _gamma_density(g, a, ans)


def _beta_density(g: Any, a: Any, b: Any, x: Any) -> Any:
    """``x ** (a - 1) (1 - x) ** (b - 1) / beta(a, b)``."""
    powers = special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x)
    return _real(g, np.exp(powers - special.betaln(a, b)))


def _binomial_by_n(g: Any, ans: Any, n: Any, k: Any) -> Any:
    """``ans * (psi(n + 1) - psi(n - k + 1))``, and 0 where the coefficient is 0 because a set is too small."""
    none = np.equal(ans, 0)
    return g * ans * _real(g, slopes.psi_step(np.where(none, 0, n - k) + 1, np.where(none, 0, k)))


def _binomial_by_k(g: Any, ans: Any, n: Any, k: Any) -> Any:
    """``ans * (psi(n - k + 1) - psi(k + 1))``, and 0 likewise."""
    none = np.equal(ans, 0)
    slope = special.psi(np.where(none, 0, n - k) + 1) - special.psi(np.where(none, 0, k) + 1)
    return g * ans * _real(g, slope)


gamma = _defined(special.gamma, lambda g, ans, x: g * ans * special.psi(x))
gammaln = _defined(special.gammaln, lambda g, _, x: g * special.psi(x))
loggamma = _defined(special.loggamma, lambda g, _, x: g * special.psi(x))
gammasgn = wrap(special.gammasgn)
defconstant(special.gammasgn)
rgamma = _defined(special.rgamma, _rgamma)
psi = digamma = _defined(special.psi, lambda g, _, x: g * _zeta(2, x))
polygamma = _defined(_polygamma, None, lambda g, _, n, x: g * _real(g, _polygamma(np.add(n, 1), x)))
multigammaln = _defined(_multigammaln, lambda g, _, a, *, d: g * sum(special.psi(a - 0.5 * j) for j in range(d)))
gammainc = _defined(
    special.gammainc,
    lambda g, _, a, x: g * _real(g, _gamma_moment(a, x, n=1)),
    lambda g, _, a, x: g * _gamma_density(g, a, x),
)
gammaincc = _defined(
    special.gammaincc,
    lambda g, _, a, x: -g * _real(g, _gamma_moment(a, x, n=1)),
    lambda g, _, a, x: -g * _gamma_density(g, a, x),
)
gammaincinv = _defined(special.gammaincinv, _inverse_gamma_a, lambda g, ans, a, _y: g / _gamma_density(g, a, ans))
gammainccinv = _defined(special.gammainccinv, _inverse_gamma_a, lambda g, ans, a, _y: -g / _gamma_density(g, a, ans))
beta = _defined(
    special.beta,
    lambda g, ans, a, b: -g * ans * _real(g, slopes.psi_step(a, b)),
    lambda g, ans, a, b: -g * ans * _real(g, slopes.psi_step(b, a)),
)
betaln = _defined(
    special.betaln,
    lambda g, _, a, b: -g * _real(g, slopes.psi_step(a, b)),
    lambda g, _, a, b: -g * _real(g, slopes.psi_step(b, a)),
)
betainc = _defined(special.betainc, None, None, lambda g, _, a, b, x: g * _beta_density(g, a, b, x))
betaincc = _defined(special.betaincc, None, None, lambda g, _, a, b, x: -g * _beta_density(g, a, b, x))
betaincinv = _defined(special.betaincinv, None, None, lambda g, ans, a, b, _y: g / _beta_density(g, a, b, ans))
betainccinv = _defined(special.betainccinv, None, None, lambda g, ans, a, b, _y: -g / _beta_density(g, a, b, ans))
poch = _defined(
    special.poch,
    lambda g, ans, z, m: g * ans * _real(g, slopes.psi_step(z, m)),
    lambda g, ans, z, m: g * ans * _real(g, special.psi(z + m)),
)
factorial = _defined(_factorial, lambda g, ans, n: g * ans * special.psi(n + 1))
binom = _defined(
    special.binom,
    _binomial_by_n,
    _binomial_by_k,
)
comb = _defined(
    _comb,
    _binomial_by_n,
    _binomial_by_k,
)
zeta = _defined(_zeta, None, lambda g, _, x, q: -g * _real(g, x * _zeta(np.add(x, 1), q)))


# --------------------------------------------------------------------------------------- the error function and its kin
def _dawsn(g: Any, ans: Any, x: Any) -> Any:
    return g * (1 - 2 * x * ans if np.iscomplexobj(x) else slopes.dawsn_slope(x, n=1))


def _erfcx(g: Any, ans: Any, x: Any) -> Any:
    return g * (2 * x * ans - 2 / ROOT_PI if np.iscomplexobj(x) else slopes.erfcx_slope(x, n=1))


@operation
def _hazard(x: Any) -> Any:
    """Return the density of the normal distribution over its distribution function: the slope of `log_ndtr`."""
    return math.sqrt(2 / math.pi) / special.erfcx(x * -math.sqrt(0.5))


def _hazard_slope(g: Any, ans: Any, x: Any) -> Any:
    """``-h (x + h)``; left of -1, where that is a difference, the second derivative of ``log(ndtr(x))``, which is
    ``log(erfcx(y) / 2) - y^2`` with ``y = -x / sqrt(2)``.
    """
    if np.iscomplexobj(x):
        return -g * ans * (x + ans)
    left = np.less(x, -1)
    y = np.where(left, x, -1) * -math.sqrt(0.5)
    value = special.erfcx(y)
    slope = slopes.erfcx_slope(y, n=1) / value
    return g * np.where(left, 0.5 * (slopes.erfcx_slope(y, n=2) / value - slope * slope) - 1, -ans * (x + ans))


defvjp(_hazard, _hazard_slope, elementwise=True, static=True, fresh=True)

erf = _defined(special.erf, lambda g, _, x: g * (2 / ROOT_PI) * np.exp(-x * x))
erfc = _defined(special.erfc, lambda g, _, x: g * (-2 / ROOT_PI) * np.exp(-x * x))
erfcx = _defined(special.erfcx, _erfcx)
erfi = _defined(special.erfi, lambda g, _, x: g * (2 / ROOT_PI) * np.exp(x * x))
erfinv = _defined(special.erfinv, lambda g, ans, _: g * (ROOT_PI / 2) * np.exp(ans * ans))
erfcinv = _defined(special.erfcinv, lambda g, ans, _: g * (-ROOT_PI / 2) * np.exp(ans * ans))
dawsn = _defined(special.dawsn, _dawsn)
wofz = _defined(special.wofz, lambda g, ans, x: g * (2j / ROOT_PI - 2 * x * ans))
ndtr = _defined(special.ndtr, lambda g, _, x: g * (1 / ROOT_2PI) * np.exp(-0.5 * x * x))
ndtri = _defined(special.ndtri, lambda g, ans, _: g * ROOT_2PI * np.exp(0.5 * ans * ans))
log_ndtr = _defined(special.log_ndtr, lambda g, _, x: g * _hazard(x))

# ---------------------------------------------------------------------------------- Bessel functions (DLMF 10.6, 10.29)
# In their argument, of any order: twice the slope is the difference, or the sum, of the functions of the orders beside
# it.


def _damped(g: Any, ans: Any, v: Any, x: Any) -> Any:
    """The slope of `ive`; with the factor ``exp(-abs(real(x)))``, which is not holomorphic, for complex numbers."""
    if not np.iscomplexobj(x):
        return g * _real(g, slopes.ive_slope(v, x, n=1))
    return g * _real(g, _beside(special.ive, v, x, 1)) - np.sign(np.real(x)) * np.real(g * ans)


def _grown(g: Any, ans: Any, v: Any, x: Any) -> Any:
    """The slope of `kve`."""
    if not np.iscomplexobj(x):
        return g * _real(g, slopes.kve_slope(v, x, n=1))
    return g * (ans - _real(g, _beside(special.kve, v, x, 1)))


def _beside(fn: Any, v: Any, x: Any, sign: float) -> Any:
    return 0.5 * (fn(v - 1, x) + sign * fn(v + 1, x))


j0 = _defined(special.j0, lambda g, _, x: -g * special.j1(x))
j1 = _defined(special.j1, lambda g, _, x: g * _beside(special.jv, 1.0, x, -1))
y0 = _defined(special.y0, lambda g, _, x: -g * special.y1(x))
y1 = _defined(special.y1, lambda g, _, x: g * _beside(special.yv, 1.0, x, -1))
i0 = _defined(special.i0, lambda g, _, x: g * special.i1(x))
i1 = _defined(special.i1, lambda g, _, x: g * _beside(special.iv, 1.0, x, 1))
i0e = _defined(special.i0e, lambda g, ans, x: _damped(g, ans, 0.0, x))
i1e = _defined(special.i1e, lambda g, ans, x: _damped(g, ans, 1.0, x))
k0 = _defined(special.k0, lambda g, _, x: -g * special.k1(x))
k1 = _defined(special.k1, lambda g, _, x: -g * _beside(special.kv, 1.0, x, 1))
k0e = _defined(special.k0e, lambda g, ans, x: _grown(g, ans, 0.0, x))
k1e = _defined(special.k1e, lambda g, ans, x: _grown(g, ans, 1.0, x))
jv = jn = _defined(special.jv, None, lambda g, _, v, x: g * _real(g, _beside(special.jv, v, x, -1)))
yv = _defined(special.yv, None, lambda g, _, v, x: g * _real(g, _beside(special.yv, v, x, -1)))
yn = _defined(special.yn, None, lambda g, _, n, x: g * _real(g, _beside(special.yv, n, x, -1)))
iv = _defined(special.iv, None, lambda g, _, v, x: g * _real(g, _beside(special.iv, v, x, 1)))
ive = _defined(special.ive, None, _damped)
defacts(special.ive, analytic=False)
defjvp(
    special.ive,
    None,
    lambda t, ans, v, x: (
        t * _real(t, _beside(special.ive, v, x, 1)) - np.sign(np.real(x)) * ans * np.real(t)
        if np.iscomplexobj(x)
        else _damped(t, ans, v, x)
    ),
)
kv = _defined(special.kv, None, lambda g, _, v, x: -g * _real(g, _beside(special.kv, v, x, 1)))
kn = _defined(special.kn, None, lambda g, _, n, x: -g * _real(g, _beside(special.kv, n, x, 1)))
kve = _defined(special.kve, None, _grown)
hankel1 = _defined(special.hankel1, None, lambda g, _, v, x: g * _real(g, _beside(special.hankel1, v, x, -1)))
hankel2 = _defined(special.hankel2, None, lambda g, _, v, x: g * _real(g, _beside(special.hankel2, v, x, -1)))
airy = _defined(special.airy, lambda g, ans, x: g[0] * ans[1] + g[1] * x * ans[0] + g[2] * ans[3] + g[3] * x * ans[2])

# --------------------------------------------------------------------------------------------------- logistic functions
expit = _defined(special.expit, lambda g, _, x: g * elementwise.logistic_density(x))
logit = _defined(special.logit, lambda g, _, x: g / (x * (1 - x)))
log_expit = _defined(special.log_expit, lambda g, _, x: g * special.expit(-x))


@operation
def _logsumexp(a: Any, b: Any, axis: Axis, keepdims: bool, return_sign: bool) -> Any:
    return special.logsumexp(a, axis=axis, b=b, keepdims=keepdims, return_sign=return_sign)


def _shares(g: Any, a: Any, b: Any, axis: Axis, return_sign: bool) -> tuple[Any, Any]:
    """Return what the slopes for ``a`` and for ``b`` have in common: the cotangent over the sum of the terms, and the
    terms; the terms are divided by the largest of them, which a logarithm of the sum would lose in rounding.

    Where the largest is infinite, those terms count that are as infinite as it is.
    """
    if return_sign and (np.iscomplexobj(a) or np.iscomplexobj(b)):
        raise NoDerivativeError(
            "logsumexp with return_sign has a derivative for real numbers only. Leave return_sign out."
        )
    counted = np.real(a) if b is None else np.where(np.equal(b, 0), -math.inf, np.real(a))
    largest = np.max(counted, axis=axis, keepdims=True, initial=-math.inf)
    same = np.isinf(largest) & np.equal(a, largest)
    terms = np.exp(np.where(same, 0, a) - np.where(same, 0, largest))
    # A weight of 0 drops its term, which may be infinite beside the largest of the others.
    parts = terms if b is None else np.where(np.equal(b, 0), 0, b * np.where(np.equal(b, 0), 0, terms))
    total = np.sum(parts, axis=axis, keepdims=True)
    return kept(g[0] if return_sign else g, a, axis) / total, terms


def _logsumexp_a(g: Any, _: Any, a: Any, b: Any, *, axis: Axis, keepdims: bool, return_sign: bool) -> Any:
    c, terms = _shares(g, a, b, axis, return_sign)
    return c * terms if b is None else np.where(np.equal(b, 0), 0, b * np.where(np.equal(b, 0), 0, c * terms))


def _logsumexp_b(g: Any, _: Any, a: Any, b: Any, *, axis: Axis, keepdims: bool, return_sign: bool) -> Any:
    c, terms = _shares(g, a, b, axis, return_sign)
    return c * terms


defvjp(_logsumexp, _logsumexp_a, _logsumexp_b, static=True, fresh=True)


@defcomposite(special.logsumexp)
def _logsumexp_of(a: Any, axis: Axis = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    a = Tensor(a) if isinstance(a, (list, tuple)) else array_of(a)
    if b is not None:
        shape = np.broadcast_shapes(np.shape(a), np.shape(b))
        a, b = np.broadcast_to(a, shape), np.broadcast_to(b, shape)
    return _logsumexp(a, b, axis=axis, keepdims=keepdims, return_sign=return_sign)


def _softmax_vjp(g: Any, ans: Any, _x: Any, *, axis: Axis = None) -> Any:
    c = g * ans
    return c - ans * np.sum(c, axis=axis, keepdims=True)


_softmax, _log_softmax = operation(special.softmax), operation(special.log_softmax)
defvjp(_softmax, _softmax_vjp, static=True, fresh=True)
defvjp(
    _log_softmax,
    lambda g, ans, _x, *, axis=None: g - np.exp(ans) * np.sum(g, axis=axis, keepdims=True),
    static=True,
    fresh=True,
)

logsumexp = wrap(special.logsumexp)
softmax = wrap(_softmax)
log_softmax = wrap(_log_softmax)


# ------------------------------------------------------------------------------------------------- entropies and losses
def _ratio(x: Any, y: Any) -> Any:
    """``x / y``, and 0 where ``x`` is 0: there the function is 0 for every ``y``."""
    none = np.equal(x, 0)
    return x / np.where(none, 1, y)


def _log_ratio(x: Any, y: Any, at_zero: float) -> Any:
    """``log(x / y)``, and another number where both are 0."""
    both = np.equal(x, 0) & np.equal(y, 0)
    return np.where(both, at_zero, np.log(np.where(both, 1, x) / np.where(both, 1, y)))


def _pseudo_huber_delta(g: Any, delta: Any, r: Any) -> Any:
    """``(length - delta)^2 / length`` with ``length = hypot(r, delta)``, without the difference; 0 where delta is."""
    none = np.equal(delta, 0)
    delta = np.where(none, 1, delta)
    length = np.hypot(r, delta)
    one = np.ones_like(length)
    across, along = elementwise.leg(one, r, delta, length), elementwise.leg(one, delta, r, length)
    return g * _real(g, np.where(none, 0, length * np.square(across * across / (1 + along))))


xlogy = _defined(special.xlogy, lambda g, _, _x, y: g * _real(g, np.log(y)), lambda g, _, x, y: g * _ratio(x, y))
xlog1py = _defined(
    special.xlog1py, lambda g, _, _x, y: g * _real(g, np.log1p(y)), lambda g, _, x, y: g * _ratio(x, y + 1)
)
entr = _defined(special.entr, lambda g, _, x: -g * (np.log(x) + 1))
rel_entr = _defined(
    special.rel_entr,
    lambda g, _, x, y: g * _real(g, _log_ratio(x, y, -1) + 1),
    lambda g, _, x, y: -g * _real(g, _ratio(x, y)),
)
kl_div = _defined(
    special.kl_div,
    lambda g, _, x, y: g * _real(g, _log_ratio(x, y, 0)),
    lambda g, _, x, y: g * _real(g, 1 - _ratio(x, y)),
)
huber = _defined(
    special.huber,
    lambda g, _, delta, r: g * np.maximum(np.absolute(r) - delta, 0),
    lambda g, _, delta, r: g * np.where(np.less_equal(np.absolute(r), delta), r, delta * np.sign(r)),
)
pseudo_huber = _defined(
    special.pseudo_huber,
    lambda g, _, delta, r: _pseudo_huber_delta(g, delta, r),
    lambda g, _, delta, r: _real(g, elementwise.leg(g * delta, r, delta, np.hypot(r, delta))),
)

# ------------------------------------------------------------------------------------------------- elementary functions
expm1 = _defined(special.expm1, lambda g, _, x: g * np.exp(x))
log1p = _defined(special.log1p, lambda g, _, x: g / (1 + x))
cbrt = _defined(special.cbrt, lambda g, ans, _: g / (3 * ans * ans))
exp2 = _defined(special.exp2, lambda g, ans, _: g * (ans * LOG2))
exp10 = _defined(special.exp10, lambda g, ans, _: g * (ans * LOG10))
cosm1 = _defined(special.cosm1, lambda g, _, x: -g * np.sin(x))
sinc = wrap(special.sinc)


# --------------------------------------------------------------------------------------------------- integrals
def _over(c: Any, x: Any) -> Any:
    """``c / x``, and 0 where both are: an output that nothing depends on passes nothing, not even a NaN."""
    none = np.equal(c, 0) & np.equal(x, 0)
    return c / np.where(none, 1, x)


def _over_x(fn: Any, x: Any, near: Any) -> Any:
    """``fn(x) / x``, and within 1 of 0 the smooth function that is given."""
    if np.iscomplexobj(x):
        return near(x)
    far = np.greater(np.absolute(x), 1)
    beyond = np.where(far, x, 1)
    return np.where(far, fn(beyond) / beyond, near(np.where(far, 0, x)))


def _sinc(x: Any) -> Any:
    """``sin(x) / x``, smooth at 0."""
    return np.sinc(x * (1 / math.pi))


def _sinhc(x: Any) -> Any:
    """``sinh(x) / x``, smooth at 0."""
    quotient = np.sinc(x * (1j / math.pi))
    return quotient if np.iscomplexobj(x) else np.real(quotient)


def _expn(g: Any, ans: Any, n: Any, x: Any) -> Any:
    """``-E[n - 1]``; and ``E[0] = exp(-x) / x`` has an elementary slope."""
    return -g * _real(g, np.where(np.equal(n, 0), ans * (1 + 1 / x), special.expn(np.maximum(n - 1, 0), x)))


def _log_quotient(x: Any) -> Any:
    """``log(x) / (1 - x)``, and near 1 its power series, from which derivatives of every order follow."""
    near = np.less(np.absolute(x - 1), 0.1)
    u = np.where(near, 1 - x, 0)
    series: Any = 0.0
    for k in range(17, -1, -1):
        series = series * u + 1 / (k + 1)
    far = np.where(near, 2, x)
    return np.where(near, -series, np.log(far) / (1 - far))


exp1 = _defined(special.exp1, lambda g, _, x: -g * np.exp(-x) / x)
expi = _defined(special.expi, lambda g, _, x: g * np.exp(x) / x)
expn = _defined(special.expn, None, _expn)
sici = _defined(special.sici, lambda g, _, x: g[0] * _over_x(np.sin, x, _sinc) + _over(g[1] * np.cos(x), x))
shichi = _defined(special.shichi, lambda g, _, x: g[0] * _over_x(np.sinh, x, _sinhc) + _over(g[1] * np.cosh(x), x))
fresnel = _defined(
    special.fresnel, lambda g, _, x: g[0] * np.sin(math.pi / 2 * x * x) + g[1] * np.cos(math.pi / 2 * x * x)
)
spence = _defined(special.spence, lambda g, _, x: g * _log_quotient(x))
ellipk = _defined(special.ellipk, lambda g, _, m: g * _ellipk(m, g))
ellipe = _defined(special.ellipe, lambda g, _, m: g * _ellipe(m, g))


def _ellipk(m: Any, g: Any) -> Any:
    """``(E - (1 - m) K) / (2 m (1 - m))`` (DLMF 19.4.1), and where that cancels, the series that it is."""
    far = np.greater(np.absolute(m), 0.5)
    n = np.where(far, m, 0.5)
    return np.where(
        far,
        (special.ellipe(n) / (1 - n) - special.ellipk(n)) / (2 * n),
        _real(g, special.hyp2f1(1.5, 1.5, 2.0, np.where(far, 0, m))) * (math.pi / 8),
    )


def _ellipe(m: Any, g: Any) -> Any:
    """``(E - K) / (2 m)`` (DLMF 19.4.2), and where that cancels, the series that it is."""
    far = np.greater(np.absolute(m), 0.5)
    n = np.where(far, m, 0.5)
    return np.where(
        far,
        (special.ellipe(n) - special.ellipk(n)) / (2 * n),
        _real(g, special.hyp2f1(0.5, 1.5, 2.0, np.where(far, 0, m))) * (-math.pi / 8),
    )


# -------------------------------------------------------------------------------- hypergeometric functions, Lambert's W
_lambertw = operation(special.lambertw)

hyp0f1 = _defined(special.hyp0f1, None, lambda g, _, v, x: g * _real(g, 1 / v * special.hyp0f1(v + 1, x)))
hyp1f1 = _defined(
    special.hyp1f1, None, None, lambda g, _, a, b, x: g * _real(g, a / b * special.hyp1f1(a + 1, b + 1, x))
)
hyp2f1 = _defined(
    special.hyp2f1,
    None,
    None,
    None,
    lambda g, _, a, b, c, x: g * _real(g, a * b / c * special.hyp2f1(a + 1, b + 1, c + 1, x)),
)


def _lambertw_slope(g: Any, ans: Any, z: Any, *, k: Any = 0, tol: Any = 1e-8) -> Any:
    """``exp(-w) / (1 + w)``, of which the exponential is ``w / z`` where both are large."""
    far = np.greater(np.absolute(z), 1)
    w, divisor = np.where(far, 0, ans), np.where(far, z, 1)
    return g * np.where(far, ans / divisor, np.exp(-w)) / (1 + ans)


lambertw = _defined(_lambertw, _lambertw_slope)


if not TYPE_CHECKING:  # a type checker takes this for a promise of every name

    def __getattr__(name: str) -> Any:
        if hasattr(special, name):
            raise AttributeError(
                f"autograd.scipy.special has no {name}: scipy.special.{name} computes it, without a derivative."
            )
        raise AttributeError(f"neither autograd.scipy.special nor scipy.special has a {name}.")
