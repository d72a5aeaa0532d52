"""Every call of the table of samples gives the same compiled as it gives eagerly: its value and its derivatives."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, compile, nest
from autograd.program import loops
from autograd.registry import name_of
from autograd.samples import SAMPLES

CASES = [(fn, i) for fn, samples in SAMPLES.items() for i in range(len(samples))]


def same(found, expected, exact):
    """Assert that two nests of arrays are equal: in shape, dtype, and bit for bit but for what NaN holds, or within rounding."""
    found, expected = nest.leaves(found), nest.leaves(expected)
    assert len(found) == len(expected)
    for f, e in zip(map(np.asarray, found), map(np.asarray, expected), strict=True):
        assert (f.shape, f.dtype) == (e.shape, e.dtype)
        if exact or f.dtype.kind not in "fc":
            for part in (np.real, np.imag):
                np.testing.assert_array_equal(part(f), part(e))
                number = ~np.isnan(part(e))
                np.testing.assert_array_equal(np.signbit(part(f)[number] * 1.0), np.signbit(part(e)[number] * 1.0))
        else:
            rounding = 1000 * np.finfo(f.dtype).eps
            np.testing.assert_allclose(f, e, rtol=rounding, atol=rounding * (1 + np.max(np.abs(e[np.isfinite(e)]), initial=0)))


def turned(x):
    return np.array(x, order="F")


def problem(fn, i, dtype, rng):
    """Draw a call. Return functions of arrays, which give its value, and its derivatives, and the arrays."""
    f, xs = SAMPLES[fn][i].problem(fn, rng, dtype)
    ys = f(*map(Tensor, xs))
    ys = ys if isinstance(ys, (tuple, list)) else [ys]
    weights = [np.asarray(rng.normal(size=np.shape(y)), np.result_type(y)) if np.result_type(y).kind in "fc" else None for y in ys]

    def total(*xs):
        ys = f(*xs)
        ys = ys if isinstance(ys, (tuple, list)) else [ys]
        return sum(anp.sum(anp.real(w * y)) for w, y in zip(weights, ys, strict=True) if w is not None)

    return f, autograd.value_and_grad(total, tuple(range(len(xs)))), xs


@pytest.mark.parametrize(("fn", "i"), CASES, ids=[f"{name_of(fn)}-{i}" for fn, i in CASES])
@pytest.mark.filterwarnings("ignore:compiled function")
def test_a_call_is_the_same_compiled(fn, i, monkeypatch):
    blocks = i % 2 == 1
    if blocks:  # long enough for loops over blocks
        monkeypatch.setattr(loops, "BLOCK", 4)
        monkeypatch.setattr(loops, "SHORTEST", 8)
    rng = np.random.default_rng(i)
    dtypes = SAMPLES[fn][i].dtypes
    value, derivative, xs = problem(fn, i, dtypes[(i + len(name_of(fn))) % len(dtypes)], rng)
    before = [x.copy() for x in xs]
    moved = [np.asarray(x + 1e-3 * x, x.dtype) for x in xs]
    for f in (value, derivative):
        exact = rng.random() < 0.5
        program = compile(f, exact=exact)
        with np.errstate(all="ignore"):
            expected = f(*map(Tensor, xs))
            first, second = program(*xs), program(*xs)
            elsewhere = program(*moved)
            same(first, expected, exact)
            same(second, expected, exact)  # what was returned stays
            same(elsewhere, f(*map(Tensor, moved)), exact)
            same(program(*map(turned, xs)), f(*map(Tensor, map(turned, xs))), exact)
    for x, b in zip(xs, before, strict=True):
        np.testing.assert_array_equal(x, b)
