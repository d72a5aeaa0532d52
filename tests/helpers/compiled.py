"""Programs run before and after a pass, calls of the table of samples as functions, and bit-for-bit comparison."""

import os

import numpy as np

import autograd
import autograd.numpy as anp
from autograd import Tensor
from autograd.core import nest
from autograd.program.codegen.emit import write
from autograd.program.codegen.lifetimes import aligned
from autograd.program.passes.lower import lowered
from autograd.program.threads import in_blocks
from autograd.program.trace import trace
from autograd.samples import SAMPLES

# Whether compiled functions run beside their programs in the tests too.
CHECK = bool(os.environ.get("TAPEGRAD_THOROUGH"))
CASES = [(fn, i) for fn, samples in SAMPLES.items() for i in range(len(samples))]


def same(found, expected, exact):
    """Assert that two nests of arrays are equal: in shape, dtype, and bit for bit but for what NaN holds, or within
    rounding.
    """
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
            np.testing.assert_allclose(
                f, e, rtol=rounding, atol=rounding * (1 + np.max(np.abs(e[np.isfinite(e)]), initial=0))
            )


def problem(fn, i, dtype, rng):
    """Draw a call. Return functions of arrays, which give its value, and its derivatives, and the arrays."""
    f, xs = SAMPLES[fn][i].problem(fn, rng, dtype)
    ys = f(*map(Tensor, xs))
    ys = ys if isinstance(ys, (tuple, list)) else [ys]
    weights = [
        np.asarray(rng.normal(size=np.shape(y)), np.result_type(y)) if np.result_type(y).kind in "fc" else None
        for y in ys
    ]

    def total(*xs):
        ys = f(*xs)
        ys = ys if isinstance(ys, (tuple, list)) else [ys]
        return sum(anp.sum(anp.real(w * y)) for w, y in zip(weights, ys, strict=True) if w is not None)

    return f, autograd.value_and_grad(total, tuple(range(len(xs)))), xs


def traced(f, *args):
    """Return the program of a function in the few kinds of calls that the passes know."""
    _, program, refused = trace(f, args, {})
    assert not refused
    return lowered(program)


def names(program):
    return [name_of(call.fn) for call in program.calls]


def name_of(fn):
    ufunc = getattr(fn, "__self__", None)
    return f"{ufunc.__name__}.reduce" if isinstance(ufunc, np.ufunc) else fn.__name__


def results(program, *arrays, exact=False):
    """Run a program as it is."""
    module = write(program, "f", [f"x{i}" for i in range(len(arrays))], exact)
    found = module.names | {
        "aligned": aligned,
        "in_blocks": in_blocks,
        "fresh": lambda _, shape, dtype: np.empty(shape, dtype),
    }
    exec(module.text, found)
    return found["f"](*arrays)


def check(run, f, *args, exact=True):
    """Run a pass, compare the program before and after it, and return the names of the calls after it."""
    before = traced(f, *args)
    after = run(before)
    for old, new in zip(results(before, *args, exact=exact), results(after, *args, exact=exact), strict=True):
        if exact:
            np.testing.assert_array_equal(old, new)
            np.testing.assert_array_equal(np.signbit(old) | np.isnan(old), np.signbit(new) | np.isnan(new))
        else:
            np.testing.assert_allclose(old, new, rtol=1e-12, atol=1e-12)
    return names(after)
