"""Derivatives of special functions that have no closed form, or that their recurrences give as differences of almost
equal numbers.

Each operation returns the n-th derivative of a function, or a difference of its values, without that difference: by an
asymptotic series, by a continued fraction whose terms have one sign, or by quadrature. Its own derivative is the next
one. The formulas are those of the NIST Digital Library of Mathematical Functions (https://dlmf.nist.gov)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import special

from autograd.arrays.scopes import errstate
from autograd.registry.define import defvjp, operation

# Bernoulli numbers B[2], B[4] ... B[16], of the asymptotic series of psi (DLMF 5.11.2).
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
# From where on the asymptotic series of psi, and of Bessel functions, are accurate.
_PSI_LARGE, _LARGE = 10.0, 20.0


def _in_double(*args: Any) -> tuple[Any, ...]:
    """Return the dtype of a result, and the arguments in double precision, broadcast."""
    dtype = np.result_type(*args, np.float32)
    return dtype, *np.broadcast_arrays(*[np.asarray(each, np.float64) for each in args])


def _replaced(value: Any, where: Any, better: Callable[..., Any], *args: Any) -> Any:
    """Return an array of values with better ones where a mask says so, which are computed only there."""
    if not np.any(where):
        return value
    value = np.array(value)
    value[where] = better(*[each[where] for each in args])
    return value


def _power_series(x: Any, coefficients: Sequence[Any], first: float, step: float, n: int) -> Any:
    """Return the n-th derivative of ``sum of coefficients[k] * x ** -(first + step * k)``, for positive ``x``."""
    inverse: Any = 1 / x**step
    total: Any = 0.0
    for k in range(len(coefficients) - 1, -1, -1):
        power = first + step * k
        total = total * inverse + coefficients[k] * math.prod([-(power + i) for i in range(n)])
    return total * x ** -(first + n)


# --------------------------------------------------------------------------------------- differences of psi functions
polygamma = operation(special.polygamma)


def _polygamma(n: int, x: Any) -> Any:
    """SciPy's own computes a zeta function that it does not need for order 0."""
    return special.polygamma(n, x) if n else special.psi(x)


@operation(opaque=True)
def psi_step(a: Any, b: Any, n: int = 0, beyond: int = 0) -> Any:
    """Return ``psi(a + b) - psi(a)``, differentiated n times by ``a``; without its leading term ``b / a`` if ``beyond``
    is 1.

    Where both arguments are large it is the sum of the steps of the terms of the asymptotic series (DLMF 5.11.2)."""
    dtype, a, b = _in_double(a, b)
    leading = beyond * b * (-1) ** n * math.factorial(n) / a ** (n + 1)
    value = _polygamma(n, a + b) - _polygamma(n, a) - leading
    return _replaced(
        value, np.minimum(a, a + b) > _PSI_LARGE, lambda a, b: _large_psi_step(a, b, n, beyond), a, b
    ).astype(dtype)


def _large_psi_step(a: Any, b: Any, n: int, beyond: int) -> Any:
    z = b / a
    small = np.log1p(z)
    if n == 0:
        total = _log1p_beyond(z) if beyond else small
    else:
        # (1 + z)^-n - 1 + n z, by the binomial coefficients of (1 + z)^n (1 - n z): all terms have one sign.
        whole = sum((n * math.comb(n, j - 1) - math.comb(n, j)) * z**j for j in range(2, n + 2)) / (1 + z) ** n
        step = whole if beyond else np.expm1(-n * small)
        total = (-1) ** (n + 1) * math.factorial(n - 1) * step / a**n
    terms = [(1, -0.5), *[(2 * k, -number / (2 * k)) for k, number in enumerate(_BERNOULLI, 1)]]
    for m, coefficient in terms:
        factor = coefficient * (-1) ** n * math.prod(range(m, m + n))
        total = total + factor * np.expm1(-(m + n) * small) / a ** (m + n)
    return total


def _log1p_beyond(z: Any) -> Any:
    """``log(1 + z) - z``."""
    near = np.minimum(np.abs(z), 0.1) * np.sign(z)
    series: Any = 0.0
    for k in range(18, 1, -1):
        series = series * near + (-1) ** (k + 1) / k
    return np.where(np.abs(z) < 0.1, series * near * near, np.log1p(z) - z)


defvjp(
    psi_step,
    lambda g, _, a, b, n=0, beyond=0: g * psi_step(a, b, n=n + 1, beyond=beyond),
    lambda g, _, a, b, n=0, beyond=0: (
        g * (polygamma(n + 1, a + b).astype(g.dtype) - (beyond * _power_slope(a, n)).astype(g.dtype))
    ),
    elementwise=True,
    static=True,
    fresh=True,
)


def _power_slope(a: Any, n: int) -> Any:
    """The n-th derivative of ``1 / a``."""
    return (-1) ** n * math.factorial(n) / np.power(a, n + 1)


@operation(opaque=True)
def log1p_beyond(z: Any) -> Any:
    """Return ``log(1 + z) - z``."""
    return _log1p_beyond(np.asarray(z, np.float64)).astype(np.result_type(z, np.float32))


defvjp(log1p_beyond, lambda g, _, z: -g * z / (1 + z), elementwise=True, static=True, fresh=True)


# ------------------------------------------------------------------------------------- the gamma function's integral
_STEPS = np.linspace(-4.0, 3.6, 305)
_NODES = np.exp(math.pi / 2 * np.sinh(_STEPS))
_WEIGHTS = _NODES * np.cosh(_STEPS) * (math.pi / 2 * (_STEPS[1] - _STEPS[0]))


@operation(opaque=True)
def gamma_moment(a: Any, x: Any, n: int) -> Any:
    """Return the integral of ``(log(t) - psi(a)) ** n`` times the density of the gamma distribution from 0 to x; by
    ``a``, its derivatives close.

    In ``u = log(t)`` the integrand decays exponentially to the left, where double exponential quadrature takes it up
    (H. Takahasi and M. Mori, "Double exponential formulas for numerical integration", 1974). Nothing is left to the
    right of nine deviations. The error is about 1e-13, and 1e-11 where a is 10,000 or more and the integral near 1."""
    dtype = np.result_type(a, x, np.float32)
    a, x = (np.asarray(each, np.float64)[..., None] for each in (a, x))
    with errstate(divide="ignore", invalid="ignore"):
        scale = 1 / a + 1 / np.sqrt(a)
        u = np.log(np.minimum(x, a + 9 * np.sqrt(a) + 40)) - scale * _NODES
        # Where gamma is large, Stirling's series for it, because the powers would cancel.
        series = 0.5 * np.log(a / (2 * math.pi)) - 1 / (12 * a) + 1 / (360 * a**3) - 1 / (1260 * a**5)
        above = u - np.log(a)
        large = np.exp(a * (above - np.expm1(above)) + series)
        density = np.where(a > 50, large, np.exp(a * u - np.exp(u) - special.gammaln(a)))
        value = (
            np.sum(np.where(density == 0, 0, density * (u - special.psi(a)) ** n) * _WEIGHTS, axis=-1) * scale[..., 0]
        )
    return np.where(x[..., 0] == 0, 0, value).astype(dtype)


# ------------------------------------------------------------------------------------------- error functions of a kind
@operation(opaque=True)
def erfcx_slope(x: Any, n: int) -> Any:
    """Return the n-th derivative of ``erfcx``, ``E[n + 1] = 2 x E[n] + 2 n E[n - 1]``; right of 1 by the ratios
    ``r[n] = -E[n] / E[n - 1] = 2 n / (2 x + r[n + 1])``, a continued fraction (DLMF 7.18.4, 7.18.7).
    """
    dtype, x = _in_double(x)
    before, value = 0.0, special.erfcx(x)
    with errstate(over="ignore", invalid="ignore"):
        for k in range(n):
            before, value = value, 2 * x * value + (2 * k * before if k else -2 / math.sqrt(math.pi))
    if n > 1:  # the slope itself has lost a digit there
        value = _replaced(value, (x > 1) & (x <= 3), lambda x: _erfcx_fraction(x, n, 180), x)
    return _replaced(value, x > 3, lambda x: _erfcx_fraction(x, n, 24), x).astype(dtype)


def _erfcx_fraction(x: Any, n: int, depth: int) -> Any:
    """The error is about ``exp(-2 x sqrt(2 depth))``."""
    ratio: Any = np.sqrt(x * x + 2 * (n + depth)) - x
    product = special.erfcx(x)
    for k in range(n + depth, 0, -1):
        ratio = 2 * k / (2 * x + ratio)
        if k <= n:
            product = -product * ratio
    return product


defvjp(erfcx_slope, lambda g, _, x, *, n: g * erfcx_slope(x, n=n + 1), elementwise=True, static=True, fresh=True)

# (2k - 1)!! / 2^(k + 1)
_DAWSON = [math.prod(range(1, 2 * k, 2)) / 2.0 ** (k + 1) for k in range(34)]


@operation(opaque=True)
def dawsn_slope(x: Any, n: int) -> Any:
    """Return the n-th derivative of ``dawsn``, ``F[n + 1] = -2 x F[n] - 2 n F[n - 1]``; beyond 7 by its asymptotic
    series (DLMF 7.12.1).
    """
    dtype, x = _in_double(x)
    before, value = 0.0, special.dawsn(x)
    with errstate(over="ignore", invalid="ignore"):
        for k in range(n):
            before, value = value, (-2 * k * before if k else 1) - 2 * x * value
    sign = np.sign(x) ** (n + 1)
    size = np.abs(x)
    far = _replaced(value, size > 7, lambda size, sign: sign * _power_series(size, _DAWSON, 1, 2, n), size, sign)
    return far.astype(dtype)


defvjp(dawsn_slope, lambda g, _, x, *, n: g * dawsn_slope(x, n=n + 1), elementwise=True, static=True, fresh=True)


# --------------------------------------------------------------------------------------- Bessel functions, scaled
@operation(opaque=True)
def ive_slope(v: Any, x: Any, n: int) -> Any:
    """Return the n-th derivative of ``ive(v, x)`` by a real ``x``; where its magnitude is large, by Hankel's expansion
    (DLMF 10.40.1).
    """
    scaled = _by_order(v, special.ive, special.i0e, special.i1e)
    dtype, v, x = _in_double(v, x)
    size, sign = np.abs(x), np.sign(x)
    value: Any = 0.0
    for j in range(n + 1):
        plain = sum(math.comb(j, i) * scaled(v, 2 * i - j, x) for i in range(j + 1)) / 2.0**j
        value = value + math.comb(n, j) * (-sign) ** (n - j) * plain
    # A negative x has a real value for integer orders only, where the function is even or odd.
    parity = np.where(x < 0, np.cos(math.pi * v) * (-1.0) ** n, 1.0) / math.sqrt(2 * math.pi)
    far = _replaced(value, _is_far(v, size), lambda v, x, parity: parity * _hankel(v, x, n, -1), v, size, parity)
    return far.astype(dtype)


@operation(opaque=True)
def kve_slope(v: Any, x: Any, n: int) -> Any:
    """Return the n-th derivative of ``kve(v, x)`` by a real ``x``; where that is large, by Hankel's expansion (DLMF
    10.40.2).
    """
    scaled = _by_order(v, special.kve, special.k0e, special.k1e)
    dtype, v, x = _in_double(v, x)
    value: Any = 0.0
    for j in range(n + 1):
        plain = sum(math.comb(j, i) * scaled(v, 2 * i - j, x) for i in range(j + 1)) / (-2.0) ** j
        value = value + math.comb(n, j) * plain
    far = _replaced(value, _is_far(v, x), lambda v, x: math.sqrt(math.pi / 2) * _hankel(v, x, n, 1), v, x)
    return far.astype(dtype)


def _by_order(v: Any, any_order: Any, zero: Any, one: Any) -> Callable[..., Any]:
    """Return a function of ``v``, a step and ``x``: that of the order ``v + step``, by the quicker functions of the
    orders 0 and 1 where these are asked for, once for each order. Orders n and -n are the same.
    """
    if np.ndim(v) or v not in (0, 1):
        return lambda v, step, x: any_order(v + step, x)
    quick: dict[int, Any] = {0: zero, 1: one}
    known: dict[int, Any] = {}

    def scaled(_: Any, step: int, x: Any) -> Any:
        order = abs(int(v) + step)
        if order not in known:
            known[order] = quick[order](x) if order in quick else any_order(order, x)
        return known[order]

    return scaled


def _is_far(v: Any, x: Any) -> Any:
    return (x > _LARGE) & (x > v * v)


def _hankel(v: Any, x: Any, n: int, sign: int) -> Any:
    """The n-th derivative of ``sum of sign^k a[k](v) / x^k / sqrt(x)`` (DLMF 10.17.1)."""
    coefficients: list[Any] = [np.ones_like(x)]
    for k in range(1, 36):
        coefficients.append(coefficients[-1] * (sign * (4 * v * v - (2 * k - 1) ** 2) / (8 * k)))
    return _power_series(x, coefficients, 0.5, 1, n)


defvjp(
    ive_slope, None, lambda g, _, v, x, *, n: g * ive_slope(v, x, n=n + 1), elementwise=True, static=True, fresh=True
)
defvjp(
    kve_slope, None, lambda g, _, v, x, *, n: g * kve_slope(v, x, n=n + 1), elementwise=True, static=True, fresh=True
)
