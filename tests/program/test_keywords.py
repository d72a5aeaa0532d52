"""Arrays that are no operands: masks, counts, shifts, indices, weights, bounds. A program computes with those of each
call, in its derivatives too.
"""

import warnings

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import compile

RNG = np.random.default_rng(7)
ROWS = [RNG.normal(size=(4, 3)) for _ in range(3)]
MASKS = [np.vstack([np.ones((1, 3), bool), RNG.uniform(size=(3, 3)) < 0.5]) for _ in range(3)]
HOLES = [np.where(mask, rows, np.nan) for mask, rows in zip(MASKS, ROWS, strict=True)]
X = [np.array([1.0, 2.0, 3.0]), np.array([3.0, -1.0, 2.5]), np.array([-2.0, 5.0, 0.5])]
COUNTS = [np.array([1, 2, 1]), np.array([2, 1, 1]), np.array([0, 2, 2])]
PICKS = [np.array([0, 1, 2]), np.array([2, 1, 0]), np.array([1, 1, 0])]
KNOTS = [np.sort(x) for x in X]


def swapped(function):
    """Make a function that writes into its first operand one that returns it."""

    def f(m, x, *args):
        y = x * 2
        function(m, y, x, *args)
        return y

    return f


# By name: the function of a namespace, its operand, and the other arrays.
CASES = {
    **{
        name: (lambda m, x, name=name: getattr(m, name)(x, axis=0), HOLES)
        for name in ("nanmean", "nanvar", "nanstd", "nansum", "nanprod", "nanmax", "nanmedian", "nancumsum")
    },
    **{
        f"{name}(where=)": (lambda m, x, where, name=name: getattr(m, name)(x, axis=0, where=where), ROWS, MASKS)
        for name in ("mean", "var", "std", "sum", "prod")
    },
    "where of itself": (
        lambda m, x: m.var(m.vstack([x, m.ones((2, 3))]), axis=0, where=m.vstack([x, x[:2]]) < 2),
        ROWS,
    ),
    "max(where=)": (lambda m, x, where: m.max(x, axis=0, where=where, initial=-9.0), ROWS, MASKS),
    "average": (lambda m, x, w: m.average(x, axis=0, weights=w), ROWS, [np.abs(rows[:, 0]) + 0.1 for rows in ROWS]),
    "cov": (lambda m, x, w: m.cov(x, rowvar=False, aweights=w), ROWS, [np.abs(rows[:, 0]) + 0.1 for rows in ROWS]),
    "repeat": (lambda m, x, n: m.repeat(x, n), X, COUNTS),
    "repeat by itself": (lambda m, x: m.repeat(x, (x > 0) * 2 + 1), X),
    "roll": (lambda m, x, n: m.roll(x, n) * m.array([1.0, 2.0, 3.0]), X, [np.array(i) for i in (1, 2, 0)]),
    "median": (lambda m, x: m.median(x, axis=0), ROWS),
    "quantile": (lambda m, x, q: m.quantile(x, q, axis=0), ROWS, [np.array([q, 0.4]) for q in (0.2, 0.6, 0.9)]),
    "nanquantile": (lambda m, x, q: m.nanquantile(x, q, axis=0), HOLES, [np.float64(q) for q in (0.2, 0.6, 0.9)]),
    "percentile": (lambda m, x, q: m.percentile(x, q, axis=0), ROWS, [np.float64(q) for q in (20, 60, 90)]),
    "nanpercentile": (lambda m, x: m.nanpercentile(x, 30, axis=0), HOLES),
    "clip": (lambda m, x, a, b: m.clip(x, a, b), ROWS, [r[1] - 0.2 for r in ROWS], [r[1] + 0.3 for r in ROWS]),
    "interp": (lambda m, x, xp, fp: m.interp(x, xp, fp), X, [k + 0.1 for k in KNOTS], X[::-1]),
    "searchsorted": (lambda m, x, a: x * m.searchsorted(a, x), X, [k + 0.1 for k in KNOTS]),
    "digitize": (lambda m, x, a: x * m.digitize(x, a), X, [k + 0.1 for k in KNOTS]),
    "select": (lambda m, x: m.select([x < 0, x > 1.5], [x * 2, x**2], x * 5), X),
    "choose": (lambda m, x, i: m.choose(i, [x, x * 2, x**2]), X, PICKS),
    "piecewise": (lambda m, x: m.piecewise(x, [x < 0, x >= 0], [lambda v: v * 2, lambda v: v**2]), X),
    "bincount": (lambda m, x, i: m.bincount(i, weights=x, minlength=4), X, PICKS),
    "take": (lambda m, x, i: m.take(x, i), X, PICKS),
    "take_along_axis": (lambda m, x, i: m.take_along_axis(x, i, 0), ROWS, [np.argsort(r, axis=0) for r in ROWS]),
    "delete": (lambda m, x, i: m.delete(x, i), X, [np.array([i]) for i in (2, 0, 1)]),
    "gradient": (lambda m, x, at: m.gradient(x, at), X, KNOTS),
    "trapezoid": (lambda m, x, at: m.trapezoid(x, at), X, KNOTS),
    "nan_to_num": (lambda m, x, value: m.nan_to_num(x, nan=value), HOLES, [np.float64(i) for i in (1, 2, 3)]),
    "compress": (lambda m, x: m.sum(m.compress(x > 0, x)), X),
    "argmax": (lambda m, x: x[m.argmax(x[:, 0])], ROWS),
    "put": (swapped(lambda m, y, x, i: m.put(y, i, x)), X, PICKS[:2] * 2),
    "put_along_axis": (swapped(lambda m, y, x: m.put_along_axis(y, m.argmax(x, axis=0)[None], 1.5, 0)), ROWS),
    "putmask": (swapped(lambda m, y, x, mask: m.putmask(y, mask, x * 9)), ROWS, MASKS),
    "place": (swapped(lambda m, y, x: m.place(y, x > 0, x[:1])), X),
    "copyto": (swapped(lambda m, y, x, mask: m.copyto(y, x, where=mask)), ROWS, MASKS),
    "add.at": (swapped(lambda m, y, x, i: m.add.at(y, i, x)), X, PICKS),
    "out= and where=": (lambda m, x: m.divide(1.0, x, out=m.zeros(3), where=x > 0), X),
    "ldexp": (lambda m, x, i: m.ldexp(x, i), X, PICKS),
}


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives_of_each_call(name):
    """Values are NumPy's, derivatives differences of NumPy's values."""
    function, *arrays = CASES[name]
    calls = list(zip(*arrays, strict=False))
    total = {m: lambda *args, m=m: m.sum(function(m, *args) ** 2) for m in (np, anp)}
    value = compile(lambda *args: function(anp, *args))
    slope = compile(autograd.grad(total[anp]))
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "compiled function")
        values = [value(*args) for args in calls]
        slopes = [slope(*args) for args in calls]
        pushed = compile(lambda x, *rest: autograd.jvp(lambda x: total[anp](x, *rest), (x,), (anp.ones_like(x),))[1])
        directions = [pushed(*args) for args in calls]
    for found, args in zip(values, calls, strict=True):
        np.testing.assert_allclose(found, function(np, *args), rtol=1e-12)
    for found, along, args in zip(slopes, directions, calls, strict=True):
        numerical = differences(lambda x, args=args: total[np](x, *args[1:]), args[0])
        np.testing.assert_allclose(found, numerical, rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(along, np.sum(numerical), rtol=1e-6, atol=1e-6)


def differences(f, x, h=1e-6):
    """Return central differences by each element; 0 by one that is NaN."""
    found = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        if not np.isnan(x[i]):
            moved = [x.copy(), x.copy()]
            moved[0][i] += h
            moved[1][i] -= h
            found[i] = (f(moved[0]) - f(moved[1])) / (2 * h)
    return found
