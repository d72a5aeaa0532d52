"""The error function and its complement, on arrays, to full double precision.

The rational Chebyshev approximations of W. J. Cody, "Rational Chebyshev approximations for the error function",
Mathematics of Computation 23 (1969), 631-637, with the coefficients that he published for double precision. There are
three ranges of ``|x|``: below 0.46875 it is ``erf(x) = x R(x^2)``, up to 4 ``erfc(x) = exp(-x^2) R(x)``, and above
``erfc(x) = exp(-x^2) / x (1/sqrt(pi) + R(1/x^2)/x^2)``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

_SMALL = 0.46875
# Beyond this, erfc is below the smallest double and exp(-x^2) below the smallest in its computation.
_LARGE = 26.6

# Coefficients from the highest power down. A numerator and denominator for each of the three ranges.
_NEAR_NUMERATOR = (
    1.85777706184603153e-1,
    3.16112374387056560e0,
    1.13864154151050156e2,
    3.77485237685302021e2,
    3.20937758913846947e3,
)
_NEAR_DENOMINATOR = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
_MIDDLE_NUMERATOR = (
    2.15311535474403846e-8,
    5.64188496988670089e-1,
    8.88314979438837594e0,
    6.61191906371416295e1,
    2.98635138197400131e2,
    8.81952221241769090e2,
    1.71204761263407058e3,
    2.05107837782607147e3,
    1.23033935479799725e3,
)
_MIDDLE_DENOMINATOR = (
    1.0,
    1.57449261107098347e1,
    1.17693950891312499e2,
    5.37181101862009858e2,
    1.62138957456669019e3,
    3.29079923573345963e3,
    4.36261909014324716e3,
    3.43936767414372164e3,
    1.23033935480374942e3,
)
_FAR_NUMERATOR = (
    1.63153871373020978e-2,
    3.05326634961232344e-1,
    3.60344899949804439e-1,
    1.25781726111229246e-1,
    1.60837851487422766e-2,
    6.58749161529837803e-4,
)
_FAR_DENOMINATOR = (
    1.0,
    2.56852019228982242e0,
    1.87295284992346725e0,
    5.27905102951428412e-1,
    6.05183413124413191e-2,
    2.33520497626869185e-3,
)


def _ratio(x: Array, numerator: tuple[float, ...], denominator: tuple[float, ...]) -> Array:
    """Evaluate a quotient of two polynomials by Horner's scheme."""
    above = np.full_like(x, numerator[0])
    below = np.full_like(x, denominator[0])
    for coefficient in numerator[1:]:
        above = above * x + coefficient
    for coefficient in denominator[1:]:
        below = below * x + coefficient
    return above / below


def _gaussian(y: Array) -> Array:
    """Return ``exp(-y^2)`` without the error of rounding ``y^2``: ``y`` rounded to a sixteenth has an exact square."""
    coarse = np.trunc(y * 16) / 16
    return np.exp(-coarse * coarse) * np.exp(-(y - coarse) * (y + coarse))


def _erfc_positive(y: Array) -> Array:
    """Return the complementary error function for arguments of at least 0.46875."""
    y = np.minimum(y, _LARGE)
    # Each range is evaluated on its own arguments: large ones overflow the polynomials of the middle range, and small
    # ones are divided by in the far range.
    middle = np.minimum(y, 4)
    inverse = 1 / np.square(np.maximum(y, 4))
    far = (1 / math.sqrt(math.pi) - inverse * _ratio(inverse, _FAR_NUMERATOR, _FAR_DENOMINATOR)) * np.sqrt(inverse)
    return _gaussian(y) * np.where(y <= 4, _ratio(middle, _MIDDLE_NUMERATOR, _MIDDLE_DENOMINATOR), far)


def _erf_near(x: Array) -> Array:
    """Return the error function for arguments of at most 0.46875 in magnitude."""
    return x * _ratio(x * x, _NEAR_NUMERATOR, _NEAR_DENOMINATOR)


def _both(x: Array) -> tuple[Array, Array, Array]:
    """Return where ``|x|`` is small, erf of the small ones and erfc of the magnitude of the others."""
    magnitude = np.abs(x)
    small = magnitude <= _SMALL
    return small, _erf_near(np.where(small, x, 0)), _erfc_positive(np.maximum(magnitude, _SMALL))


def _working(x: Any) -> Array:
    """Return an array in the precision to compute in: float16 is too coarse and too narrow for the coefficients."""
    x = np.asarray(x)
    return x.astype(np.float32) if x.dtype == np.float16 else x


def erf(x: Any) -> Array:
    """Return ``2/sqrt(pi)`` times the integral of ``exp(-t^2)`` from 0 to each element of a real array, in its
    dtype.
    """
    wide = _working(x)
    small, near, complement = _both(wide)
    return np.where(small, near, np.copysign(1 - complement, wide)).astype(x.dtype)


def erfc(x: Any) -> Array:
    """Return ``1 - erf(x)``, accurate also where it is tiny."""
    wide = _working(x)
    small, near, complement = _both(wide)
    return np.where(small, 1 - near, np.where(wide < 0, 2 - complement, complement)).astype(x.dtype)
