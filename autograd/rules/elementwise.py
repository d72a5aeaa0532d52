"""Derivatives of elementwise functions: arithmetic, powers, exponentials, trigonometry, choices.

Each line is a row of the table of derivatives. Operands broadcast; the sweep sums cotangents back to their shapes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.errors import OperandError
from autograd.registry.define import defacts, defcomposite, defjvp, deflinear, defselection, defvjp, operation
from autograd.registry.operations import astype, clip, identity, nan_to_num
from autograd.rules.shape import array_of

LOG2, LOG10, DEGREE = math.log(2), math.log(10), math.pi / 180

# --------------------------------------------------------------------------------------------------- arithmetic
defvjp(identity, lambda g, _, _x: g, elementwise=True, static=True, fresh=False)
deflinear(identity)
defvjp(np.positive, lambda g, _, _x: g)
defvjp(np.negative, lambda g, _, _x: -g)
defvjp(np.add, lambda g, _, _x, _y: g, lambda g, _, _x, _y: g)
defvjp(np.subtract, lambda g, _, _x, _y: g, lambda g, _, _x, _y: -g)
defvjp(np.multiply, lambda g, _, _x, y: g * y, lambda g, _, x, _y: g * x)
defvjp(np.true_divide, lambda g, _, _x, y: g / y, lambda g, ans, _x, y: -g * ans / y)
defvjp(np.reciprocal, lambda g, ans, _: -g * ans * ans)
defvjp(np.remainder, lambda g, _, _x, _y: g, lambda g, _, x, y: -g * np.floor_divide(x, y))
defvjp(np.fmod, lambda g, _, _x, _y: g, lambda g, ans, x, y: g * np.rint((ans - x) / y))
defvjp(np.divmod, lambda g, _, _x, _y: g[1], lambda g, _, x, y: -g[1] * np.floor_divide(x, y))
defvjp(np.modf, lambda g, _, _x: g[0])
defvjp(np.frexp, lambda g, ans, _: np.ldexp(g[0], -ans[1]))
defvjp(np.ldexp, lambda g, _, _x, n: np.ldexp(g, n), None)
defvjp(np.heaviside, lambda g, _, _x, _y: np.zeros_like(g), lambda g, _, x, _y: np.where(np.equal(x, 0), g, 0))

# --------------------------------------------------------------------------------------------------- powers and roots


def _power_base(g: Any, _: Any, x: Any, y: Any) -> Any:
    """``y * x ** (y - 1)``, and 0 where both are 0, for ``x ** 0`` is 1 everywhere."""
    flat = np.logical_and(np.equal(x, 0), np.equal(y, 0))
    return g * y * np.power(x + flat, np.subtract(y, 1.0).astype(g.dtype))


def _power_exponent(g: Any, ans: Any, x: Any, _y: Any) -> Any:
    """``x ** y * log(x)``, and 0 at ``x = 0``, where the power stays 0."""
    return g * ans * np.log(np.where(np.equal(x, 0), 1, x).astype(g.dtype))


defvjp(np.power, _power_base, _power_exponent)
defvjp(np.float_power, _power_base, _power_exponent)
defvjp(np.square, lambda g, _, x: g * (x + x))
defvjp(np.sqrt, lambda g, ans, _: g * 0.5 / ans)
defvjp(np.cbrt, lambda g, ans, _: g / (3 * ans * ans))


@operation
def leg(g: Any, x: Any, y: Any, length: Any) -> Any:
    """Return ``g x / length`` with ``length = hypot(x, y)``, and 0 where that is 0."""
    return g * (x / _nonzero(length))


def _leg_slope(c: Any, turned: Any, x: Any, y: Any, length: Any) -> Any:
    """``turned y / length^2`` in factors that neither overflow nor vanish before their product; undecided at 0."""
    return undecided(c, leg(turned, y, x, length) / _nonzero(length), length)


# The length's own slope is counted in the rules of x and y, without the difference in which it would cancel: the second
# derivative of hypot by x is y^2 / length^3.
defvjp(np.hypot, lambda g, ans, x, y: leg(g, x, y, ans), lambda g, ans, x, y: leg(g, y, x, ans))
defvjp(
    leg,
    lambda c, _, _g, x, y, length: leg(c, x, y, length),
    lambda c, _, g, x, y, length: _leg_slope(c, leg(c * g, y, x, length), x, y, length),
    lambda c, _, g, x, y, length: -_leg_slope(c, leg(c * g, x, y, length), x, y, length),
    lambda c, _, _g, _x, _y, length: np.zeros_like(length),
    elementwise=True,
    static=True,
    fresh=True,
)

# ------------------------------------------------------------------------------------------ exponentials and logarithms
defvjp(np.exp, lambda g, ans, _: g * ans)
defvjp(np.exp2, lambda g, ans, _: g * (ans * LOG2))
defvjp(np.expm1, lambda g, _, x: g * np.exp(x))
defvjp(np.log, lambda g, _, x: g / x)
defvjp(np.log2, lambda g, _, x: g / (x * LOG2))
defvjp(np.log10, lambda g, _, x: g / (x * LOG10))
defvjp(np.log1p, lambda g, _, x: g / (1 + x))
defvjp(
    np.logaddexp,
    lambda g, _, x, y: g * logistic(_difference(x, y, g)),
    lambda g, _, x, y: g * logistic(_difference(y, x, g)),
)
defvjp(
    np.logaddexp2,
    lambda g, _, x, y: g * np.exp2(-np.logaddexp2(0, _difference(y, x, g))),
    lambda g, _, x, y: g * np.exp2(-np.logaddexp2(0, _difference(x, y, g))),
)


def _difference(x: Any, y: Any, g: Any) -> Any:
    """``x - y``, and 0 where both are the same infinity, so that the two share the cotangent there."""
    same = np.logical_and(np.isinf(x), np.equal(x, y))
    return np.where(same, 0, x).astype(g.dtype) - np.where(same, 0, y).astype(g.dtype)


@operation
def logistic(x: Any) -> Any:
    """Return ``1 / (1 + exp(-x))``, as accurate where that is tiny."""
    small = np.exp(-np.absolute(x))
    return np.where(x >= 0, 1, small) / (1 + small)


@operation
def logistic_density(x: Any) -> Any:
    """Return the slope of `logistic`, as accurate in its tails."""
    small = np.exp(-np.absolute(x))
    return small / np.square(1 + small)


defvjp(logistic, lambda g, _, x: g * logistic_density(x), elementwise=True, static=True, fresh=True)
defvjp(logistic_density, lambda g, ans, x: -g * ans * np.tanh(0.5 * x), elementwise=True, static=True, fresh=True)


# ------------------------------------------------------------------------------- trigonometric and hyperbolic functions
defvjp(np.sin, lambda g, _, x: g * np.cos(x))
defvjp(np.cos, lambda g, _, x: -g * np.sin(x))
defvjp(np.tan, lambda g, ans, _: g * (1 + ans * ans))
defvjp(np.arcsin, lambda g, _, x: g / np.sqrt(one_less_square(x)))
defvjp(np.arccos, lambda g, _, x: -g / np.sqrt(one_less_square(x)))
defvjp(np.arctan, lambda g, _, x: g / (1 + x * x))
defvjp(np.arctan2, lambda g, _, y, x: g * _turn(x, y), lambda g, _, y, x: -g * _turn(y, x))
defvjp(np.sinh, lambda g, _, x: g * np.cosh(x))
defvjp(np.cosh, lambda g, _, x: g * np.sinh(x))
defvjp(np.tanh, lambda g, ans, _: g * (1 - ans * ans))
defvjp(np.arcsinh, lambda g, _, x: g / _root_of_square_and_one(x))
defvjp(np.arccosh, lambda g, _, x: g / (np.sqrt(x - 1) * np.sqrt(x + 1)))
defvjp(np.arctanh, lambda g, _, x: g / one_less_square(x))
for _to_radians in (np.deg2rad, np.radians):
    defvjp(_to_radians, lambda g, _, _x: g * DEGREE)
for _to_degrees in (np.rad2deg, np.degrees):
    defvjp(_to_degrees, lambda g, _, _x: g / DEGREE)


@operation
def one_less_square(x: Any) -> Any:
    """Return ``1 - x^2`` by its factors, of which one is exact where the other is small."""
    return (1 - x) * (1 + x)


defvjp(one_less_square, lambda g, _, x: -2 * g * x, elementwise=True, static=True, fresh=True)


def _root_of_square_and_one(x: Any) -> Any:
    """``sqrt(x^2 + 1)``, without the square of a large number, whose magnitude is the root."""
    if np.iscomplexobj(x):
        return np.sqrt(x * x + 1)
    size = np.absolute(x)
    near = np.minimum(size, 1.1e18)
    return np.maximum(size, np.sqrt(near * near + 1))


def _turn(x: Any, y: Any) -> Any:
    """``x / (x^2 + y^2)``, without the squares, which are 0 or infinite long before their root is."""
    length = np.hypot(x, y)
    return x / length / length


# --------------------------------------------------------------------------------------------------- choices
# A tie shares the cotangent. A branch that is not taken passes nothing, not even a NaN.
defvjp(np.maximum, lambda g, _, x, y: _chosen(g, x > y, x >= y), lambda g, _, x, y: _chosen(g, y > x, y >= x))
defvjp(np.minimum, lambda g, _, x, y: _chosen(g, x < y, x <= y), lambda g, _, x, y: _chosen(g, y < x, y <= x))
defvjp(
    np.fmax,
    lambda g, _, x, y: _chosen(g, np.isnan(y) | (x > y), np.isnan(y) | (x >= y)),
    lambda g, _, x, y: _chosen(g, np.isnan(x) | (y > x), np.isnan(x) | (y >= x)),
)
defvjp(
    np.fmin,
    lambda g, _, x, y: _chosen(g, np.isnan(y) | (x < y), np.isnan(y) | (x <= y)),
    lambda g, _, x, y: _chosen(g, np.isnan(x) | (y < x), np.isnan(x) | (y <= x)),
)
defvjp(
    np.where,
    None,
    lambda g, _, condition, _x, _y: np.where(condition, g, 0),
    lambda g, _, condition, _x, _y: np.where(condition, 0, g),
    elementwise=True,
)
defvjp(
    clip,
    lambda g, _, x, low, high: np.where(_below(x, low) | _above(x, high), 0, g),
    lambda g, _, x, low, high: np.where(_below(x, low) & ~_above(low, high), g, 0),
    lambda g, _, x, low, high: np.where(_above(x, high) | _above(low, high), g, 0),
    elementwise=True,
)
defselection(np.maximum, np.minimum, np.fmax, np.fmin, np.where, clip)
defvjp(
    np.copysign,
    lambda g, _, x, y: np.where(np.signbit(x) == np.signbit(y), g, -g),
    lambda g, _, _x, _y: np.zeros_like(g),
)
defvjp(np.nextafter, lambda g, _, _x, _y: g, lambda g, _, _x, _y: np.zeros_like(g))


def _chosen(g: Any, wins: Any, wins_or_ties: Any) -> Any:
    """The cotangent of an operand that wins or loses; half of it at a tie. Small integers are counted and converted at
    a third of the time.
    """
    return g * (np.add(wins, wins_or_ties, dtype=np.int8).astype(g.dtype) * 0.5)


def _below(x: Any, low: Any) -> Any:
    return np.False_ if low is None else np.less(x, low)


def _above(x: Any, high: Any) -> Any:
    return np.False_ if x is None or high is None else np.greater(x, high)


@defcomposite(np.clip)
def _clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    """Take the bounds under either of their names."""
    if (a_min is not None and min is not None) or (a_max is not None and max is not None):
        raise OperandError("clip takes each bound once: a_min or min, a_max or max.")
    return clip(a, min if a_min is None else a_min, max if a_max is None else a_max)


# ------------------------------------------------------------------------------------------ magnitude and complex parts
# Real functions of complex operands have cotangents by dL = Re(c dz); see the docs on complex derivatives.
defvjp(np.absolute, lambda g, ans, x: along(g, np.conjugate(x), ans) if np.iscomplexobj(x) else g * np.sign(x))
defvjp(np.fabs, lambda g, _, x: g * np.sign(x))
defvjp(np.sign, lambda g, ans, x: _sign(g, ans, x))
defvjp(np.conjugate, lambda g, _, _x: np.conjugate(g))
defvjp(np.real, lambda g, _, _x: g)
defvjp(np.imag, lambda g, _, x: g * -1j if np.iscomplexobj(x) else np.zeros_like(g))
defvjp(
    np.angle,
    lambda g, _, x, *, deg=False: -1j * (g / DEGREE if deg else g) / x if np.iscomplexobj(x) else np.zeros_like(g),
)


def _sign(g: Any, ans: Any, x: Any) -> Any:
    """The sign of a real number is constant; ``z / |z|`` turns with ``z``."""
    if not np.iscomplexobj(x):
        return np.zeros_like(g)
    return np.where(ans == 0, 0, g - np.conjugate(ans) * np.real(g * ans)) / _nonzero(np.absolute(x))


def _nonzero(x: Any) -> Any:
    """Return ``x`` with 1 in place of 0, to divide by."""
    return np.where(x == 0, 1, x)


def undecided(c: Any, slope: Any, length: Any) -> Any:
    """Return a second derivative that divides by a length, with NaN where that is 0 and a cotangent ``c`` asks for it.

    There it is infinite, or for a function of the length's square finite: the rule cannot know which."""
    return np.where(np.equal(length, 0), np.where(np.equal(c, 0), 0, math.nan), slope).astype(slope.dtype)


@operation
def along(g: Any, x: Any, length: Any) -> Any:
    """Return ``g x / length``, and 0 where the length is 0: the slope of a length."""
    return np.where(np.equal(length, 0), 0, g / _nonzero(length)) * x


defvjp(
    along,
    lambda c, _, _g, x, length: along(c, x, length),
    lambda c, _, g, _x, length: undecided(c, c * g / _nonzero(length), length),
    lambda c, ans, _g, _x, length: undecided(c, -c * ans / _nonzero(length), length),
    elementwise=True,
    static=True,
    fresh=True,
)


def _converted(g: Any, dtype: Any) -> Any:
    """Return a cotangent in the dtype of an operand that was converted; the real part for a real one."""
    return astype(g if np.dtype(dtype).kind == "c" else np.real(g), dtype=dtype)


defvjp(astype, lambda g, _, _x, dtype: _converted(g, _x.dtype))
deflinear(astype, np.real, np.imag)
defjvp(np.sign, lambda t, ans, x: np.conjugate(_sign(np.conjugate(t), ans, x)))
defjvp(
    np.angle,
    lambda t, _, x, *, deg=False: np.imag(t / x) / (DEGREE if deg else 1) if np.iscomplexobj(x) else np.zeros_like(t),
)


# --------------------------------------------------------------------------------------------------- and others
def _finite(g: Any, _: Any, x: Any, *, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """Set the cotangent to 0 where a value was replaced: each part of a complex number by itself."""
    if not np.iscomplexobj(x):
        return np.where(np.isfinite(x), g, 0)
    return np.where(np.isfinite(np.real(x)), np.real(g), 0) + 1j * np.where(np.isfinite(np.imag(x)), np.imag(g), 0)


def _sinc(g: Any, ans: Any, x: Any) -> Any:
    """``(cos(pi x) - sinc(x)) / x``, and near 0 its power series, from which derivatives of every order follow."""
    near = np.less(np.absolute(x), 0.25)
    far_x = np.where(near, 1, x).astype(g.dtype)
    near_x = np.where(near, x, 0).astype(g.dtype)
    square = near_x * near_x
    series: Any = 0.0
    for k in range(10, 0, -1):
        series = series * square + (-1) ** k * math.pi ** (2 * k) * 2 * k / math.factorial(2 * k + 1)
    return g * np.where(near, series * near_x, (np.cos(math.pi * far_x) - np.where(near, 0, ans)) / far_x)


defvjp(np.sinc, _sinc, elementwise=True)
defvjp(nan_to_num, _finite, elementwise=True)
defselection(nan_to_num)


@defcomposite(np.real_if_close)
def _real_if_close(a: Any, tol: float = 100) -> Any:
    """The real part, where the imaginary part is as small as rounding errors: `tol` of them, or an absolute bound below
    1.
    """
    a = array_of(a)
    if not np.iscomplexobj(a):
        return a
    bound = tol * np.finfo(a.dtype).eps if tol > 1 else tol
    return np.real(a) if np.all(np.absolute(np.imag(a)) < bound) else a


@defcomposite(np.nan_to_num)
def _nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """With ``copy=False`` the result is written into ``x``, if that can be written, as in NumPy."""
    finite = nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)
    if copy or not np.ndim(x) or not hasattr(x, "__setitem__"):
        return finite
    x[...] = finite
    return x


# ----------------------------------------------------------------------------------------------- facts for other parts
defacts(np.where, clip, np.clip, np.angle, astype, np.sinc, nan_to_num, elementwise=True, static=True, fresh=True)
defacts(np.real, np.imag, elementwise=True, static=True, fresh=False)
defacts(np.clip, writes_out=True)
defacts(np.sign, np.conjugate, analytic=False)
defacts(np.maximum, np.minimum, np.fmax, np.fmin, extremum=True)
for _transcendental in (
    *(np.power, np.float_power, np.cbrt, np.hypot, np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p),
    *(np.logaddexp, np.logaddexp2, np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.arctan2, np.sinh),
    *(np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh, np.sinc, np.angle),
):
    defacts(_transcendental, transcendental=True, costly=True)
defacts(np.true_divide, np.reciprocal, np.remainder, np.fmod, np.divmod, np.sqrt, costly=True)

# In drawings
defacts(np.add, symbol="+")
defacts(np.subtract, symbol="−")  # noqa: RUF001 - a minus sign
defacts(np.multiply, symbol="×")  # noqa: RUF001 - a sign of multiplication
defacts(np.true_divide, symbol="÷")
defacts(np.negative, symbol="−( )")  # noqa: RUF001
defacts(np.square, symbol="( )²")
defacts(np.power, symbol="^")
defacts(np.reciprocal, symbol="1/( )")
defacts(np.sqrt, symbol="√")

# In machine code
defacts(np.add, scalar="{} + {}")
defacts(np.subtract, scalar="{} - {}")
defacts(np.multiply, scalar="{} * {}")
defacts(np.true_divide, scalar="{} / {}")
defacts(np.negative, scalar="-{}")
defacts(np.square, scalar="{0} * {0}")
defacts(np.absolute, scalar="abs({})")
defacts(np.sqrt, scalar="math.sqrt({})")
defacts(np.maximum, scalar="np.maximum({}, {})")
defacts(np.minimum, scalar="np.minimum({}, {})")
defacts(np.where, scalar="{1} if {0} else {2}")
defacts(np.exp, scalar="math.exp({})")
defacts(np.expm1, scalar="math.expm1({})")
defacts(np.log, scalar="math.log({})")
defacts(np.log1p, scalar="math.log1p({})")
defacts(np.sin, scalar="math.sin({})")
defacts(np.cos, scalar="math.cos({})")
defacts(np.tan, scalar="math.tan({})")
defacts(np.arctan, scalar="math.atan({})")
defacts(np.sinh, scalar="math.sinh({})")
defacts(np.cosh, scalar="math.cosh({})")
defacts(np.tanh, scalar="math.tanh({})")
defacts(np.power, scalar="{} ** {}")
