"""Compare derivatives of elementwise functions with mpmath, over the whole range of a dtype."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath
import numpy as np
from mpmath import mp

from autograd import GradientTape, Tensor

ORDERS = (1, 2, 3)
UNITS = (4.0, 16.0, 64.0)


class Case(NamedTuple):
    """A function of one argument, how mpmath computes it, and how far its derivatives may be off.

    Attributes
    ----------
    of : callable
        The function that has the rule.
    exact : callable
        The function of an mpmath number, or its slope.
    fn : callable, optional
        The function of a tensor, where that is not ``of``.
    slope : bool
        Whether ``exact`` is the slope.
    low, high : float
        The open interval in which the derivatives are compared.
    least, most : float
        The magnitudes between which they are compared; 0 always is.
    units : tuple of float
        The errors that are allowed at the three orders, in units in the last place.
    absolute : float
        An absolute error that is allowed as well, in units of the dtype's relative precision.
    bits : int
        The precision at which mpmath begins.
    slow : bool
        Whether mpmath takes minutes for it.
    """

    of: Callable[..., Any]
    exact: Callable[..., Any]
    fn: Callable[..., Any] | None = None
    slope: bool = False
    low: float = -math.inf
    high: float = math.inf
    least: float = 0.0
    most: float = math.inf
    units: tuple[float, float, float] = UNITS
    absolute: float = 0.0
    bits: int = 200
    slow: bool = False


_MAGNITUDES = [
    *(0.003, 0.02, 0.1, 0.25, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0, 1.01, 1.2, 1.5, 2.0, 3.0, 4.3, 6.0, 8.0, 9.0, 12.0, 16.0),
    *(20.0, 27.0, 33.0, 40.0, 55.0, 80.0, 100.0, 150.0, 300.0, 500.0, 700.0, 1e3, 3e3),
]
_POWERS = {
    np.float64: [
        *(-300, -200, -150, -100, -50, -30, -20, -16, -12, -10, -8, -7, -6, -5, -4, -3),
        *(4, 5, 6, 7, 8, 10, 12, 15, 16, 17, 20, 30, 50, 100, 150, 200, 300),
    ],
    np.float32: [-37, -30, -20, -16, -12, -10, -8, -7, -6, -5, -4, -3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 20, 30, 37],
}


def points(case: Case, dtype: Any) -> np.ndarray:
    """Return numbers of a dtype in the interval of a case: of all magnitudes, of both signs, and beside its ends."""
    sizes = np.array([*_MAGNITUDES, *(10.0**n for n in _POWERS[dtype])])
    ends = [end for end in (case.low, case.high) if math.isfinite(end)]
    beside = [end + sign * (10.0**n) for end in ends for sign in (-1, 1) for n in range(-15, 0)]
    x = np.unique(np.concatenate([sizes, -sizes, [0.0], beside]).astype(dtype))
    held = (x == 0) | ((np.abs(x) >= case.least) & (np.abs(x) <= case.most))
    return x[held & (x > case.low) & (x < case.high)]


def derivatives(fn: Callable[..., Any], x: np.ndarray) -> list[np.ndarray]:
    """Return the value of an elementwise function and its first three derivatives, by tapes within tapes."""
    t = Tensor(x)
    with GradientTape() as third:
        third.watch(t)
        with GradientTape() as second:
            second.watch(t)
            with GradientTape() as first:
                first.watch(t)
                y = fn(t)
            a = first.gradient(y, t, unconnected_gradients="zero")
        b = second.gradient(a, t, unconnected_gradients="zero")
    c = third.gradient(b, t, unconnected_gradients="zero")
    return [each.numpy() for each in (y, a, b, c)]


@functools.cache
def exact(case: Case, x: float, order: int) -> mpmath.mpf:
    """Return a derivative by central differences of mpmath, at a precision that is doubled until two agree.

    A difference of 0 counts from 12,000 bits on: less would take a value that rounds to 1 for a constant.
    """
    order -= case.slope
    before, bits = None, case.bits
    while bits < 60_000:
        with mp.workprec(bits):
            at = mpmath.mpf(x)
            if order == 0:
                value = mpmath.mpf(case.exact(at))
            else:
                step = mpmath.ldexp(min(abs(at), 1) if at else mpmath.mpf(1), -bits // (order + 2))
                values = [mpmath.mpmathify(case.exact(at + (2 * k - order) * step)) for k in range(order + 1)]
                total = sum((-1) ** (order - k) * math.comb(order, k) * value for k, value in enumerate(values))
                value = mpmath.re(total) / (2 * step) ** order
            if before is not None:
                agree = abs(value - before) <= abs(value) * mpmath.ldexp(1, -70)
                if (agree and value != 0) or (bits > 12_000 and max(abs(value), abs(before)) < 1e-320):
                    return value
        before, bits = value, 2 * bits
    raise ArithmeticError(f"the differences of order {order} at {x} do not converge: {mpmath.nstr(value, 5)}")


def error(got: float, true: mpmath.mpf, dtype: Any) -> float:
    """Return an error in units in the last place; a value below the smallest normal number counts as that.

    A value that the dtype cannot hold must become infinite or NaN."""
    info = np.finfo(dtype)
    if not math.isfinite(got) or abs(true) > float(info.max):
        return 0.0 if not math.isfinite(got) and abs(true) > float(info.max) else math.inf
    size = max(abs(true), mpmath.mpf(float(info.tiny)))
    return float(abs(got - true) / (float(info.eps) * mpmath.ldexp(1, mpmath.frexp(size)[1] - 1)))


def failures(case: Case, dtype: Any, every: int = 1) -> list[tuple[float, int, float, float, str]]:
    """Return where derivatives are off: the argument, the order, the error, what was found and what is true.

    An order is compared where the value and the orders below it are finite. Of the points, one in ``every`` is taken.
    """
    x = points(case, dtype)[::every]
    value, *found = derivatives(case.fn or case.of, x)
    wrong = []
    for i, at in enumerate(x.tolist()):
        if not np.isfinite(value[i]):
            continue
        for order, slopes, units in zip(ORDERS, found, case.units, strict=True):
            got, true = float(slopes[i]), exact(case, at, order)
            far = error(got, true, dtype)
            if far > units and not abs(got - true) <= case.absolute * float(np.finfo(dtype).eps):
                wrong.append((at, order, far, got, mpmath.nstr(true, 8)))
            if abs(true) > float(np.finfo(dtype).max):
                break
        if slopes.dtype != dtype:
            wrong.append((at, order, math.inf, got, str(slopes.dtype)))
    return wrong
