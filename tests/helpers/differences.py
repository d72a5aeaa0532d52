"""An independent oracle for derivative rules: central differences of fourth order, to second order, and comparisons of
precisions.
"""

import numpy as np
from hypothesis import settings

import autograd.numpy as anp
from autograd import GradientTape, Tensor
from autograd.core.tensor import call
from autograd.registry.entries import name_of

EXAMPLES = max(2, settings().max_examples // 15)  # of each sample, of which there are some hundreds
STEP = 2.0**-14


def differences(f, x, direction):
    """The derivative of a real function of a list of arrays in a direction, by the central difference of fourth
    order.
    """

    def at(t):
        return f([each + t * d for each, d in zip(x, direction, strict=True)])

    return (8 * (at(STEP) - at(-STEP)) - (at(2 * STEP) - at(-2 * STEP))) / (12 * STEP)


def random_like(rng, array):
    u = rng.normal(size=array.shape)
    return np.asarray(u + 1j * rng.normal(size=array.shape) if array.dtype.kind == "c" else u, array.dtype)


def flat(outputs):
    """The outputs of a call that can have a derivative."""
    outputs = outputs if isinstance(outputs, (tuple, list)) else [outputs]
    return [y if isinstance(y, Tensor) else np.asarray(y) for y in outputs if np.result_type(y).kind in "fc"]


def pairing(us, ys):
    """Re(sum of u * y): the real number that a cotangent makes of outputs. Without conjugates."""
    return sum(float(np.sum(np.real(u * y))) for u, y in zip(us, ys, strict=True))


class Call:
    """One drawn call, as a function of the arrays that are differentiated."""

    def __init__(self, fn, sample, seed, dtype):
        self.fn, self.sample, self.rng = fn, sample, np.random.default_rng(seed)
        self.args, self.kwargs = sample.make(self.rng, dtype)
        self.places = sample.sources(self.args)
        self.x = [self.args[place[0]] if len(place) == 1 else self.args[place[0]][place[1]] for place in self.places]
        self.us = [random_like(self.rng, y) for y in self.on_arrays(self.x)]
        self.vs = [random_like(self.rng, x) for x in self.x]

    def on_arrays(self, x):
        return flat(self.fn(*self.sample.filled(self.args, self.places, x), **self.kwargs))

    def cotangents(self, x):
        """The vector-Jacobian product of `us`, by a tape, as arrays; a tape conjugates complex numbers on both
        sides.
        """
        x = [Tensor(each) for each in x]
        with GradientTape() as tape:
            tape.watch(x)
            ys = flat(call(self.fn, *self.sample.filled(self.args, self.places, x), **self.kwargs))
        gradients = tape.gradient(ys, x, [np.conj(u) for u in self.us], unconnected_gradients="zero")
        return [np.conj(g.numpy()) for g in gradients]

    def second(self, x):
        """The cotangents of ``Re(sum of v * cotangent(x))``, by a tape around the tape."""
        x = [Tensor(each) for each in x]
        with GradientTape() as outer:
            outer.watch(x)
            with GradientTape() as inner:
                inner.watch(x)
                ys = flat(call(self.fn, *self.sample.filled(self.args, self.places, x), **self.kwargs))
            gradients = inner.gradient(ys, x, [np.conj(u) for u in self.us], unconnected_gradients="zero")
            total = sum(anp.sum(anp.real(np.conj(v) * g)) for v, g in zip(self.vs, gradients, strict=True))
        return [np.conj(g.numpy()) for g in outer.gradient(total, x, unconnected_gradients="zero")]


def assert_near(found, expected, scale):
    assert abs(found - expected) <= 1e-7 * (1 + scale), (found, expected)


def names(cases):
    return [f"{name_of(fn)}-{i}" for fn, i in cases]


def wide(dtypes):
    return sorted({np.result_type(dtype, "float64").name for dtype in dtypes})


def compare_with_differences(fn, sample, seed):
    for dtype in wide(sample.dtypes):
        drawn = Call(fn, sample, seed, dtype)
        assert drawn.places, "nothing to differentiate with respect to"
        direction = [random_like(drawn.rng, x) for x in drawn.x]

        c = drawn.cotangents(drawn.x)
        assert [(each.shape, each.dtype) for each in c] == [(x.shape, x.dtype) for x in drawn.x]
        numerical = differences(lambda x, d=drawn: pairing(d.us, d.on_arrays(x)), drawn.x, direction)
        assert_near(pairing(c, direction), numerical, sum(np.abs(each).sum() for each in c))

        c2 = drawn.second(drawn.x)
        numerical = differences(lambda x, d=drawn: pairing(d.vs, d.cotangents(x)), drawn.x, direction)
        assert_near(pairing(c2, direction), numerical, sum(np.abs(each).sum() for each in c2))


def compare_precisions(fn, sample, tolerance):
    """float32 in, float32 out, and the numbers that float64 gives."""
    single, double = (Call(fn, sample, 7, dtype) for dtype in ("float32", "float64"))
    double.x = [x.astype(np.float64) for x in single.x]
    double.us = [u.astype(np.result_type(u, np.float64)) for u in single.us]
    double.vs = [v.astype(np.float64) for v in single.vs]
    for method in ("cotangents", "second"):
        for c, expected in zip(getattr(single, method)(single.x), getattr(double, method)(double.x), strict=True):
            assert c.dtype == np.float32
            np.testing.assert_allclose(c, expected, rtol=tolerance, atol=tolerance)
