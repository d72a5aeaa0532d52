"""Every rule of `autograd.scipy` against differences, to second order; and every value against SciPy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_rules import EXAMPLES, Call, assert_near, differences, names, pairing, random_like, wide

from autograd import GradientTape, Tensor
from autograd.registry import COMPOSITES, RULES, module_of, name_of
from autograd.scipy.samples import SAMPLES
from autograd.tensor import call

CASES = [(fn, i) for fn, samples in SAMPLES.items() for i in range(len(samples))]
SINGLE = [(fn, i) for fn, i in CASES if "float32" in SAMPLES[fn][i].dtypes]


def test_every_rule_has_a_sample():
    ours = {fn for fn in {**RULES, **COMPOSITES} if "scipy" in module_of(fn)}
    assert len(ours) > 100
    sampled = set(SAMPLES).union(*(getattr(fn, "stands_for", ()) for fn in SAMPLES))
    assert sorted(name_of(fn) for fn in ours - sampled) == [], "write a sample for it in autograd/scipy/samples.py"
    assert sorted(name_of(fn) for fn in SAMPLES.keys() - ours) == [], "it has no rule"


@pytest.mark.parametrize(("fn", "i"), CASES, ids=names(CASES))
@settings(max_examples=EXAMPLES)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_rule_agrees_with_differences(fn, i, seed):
    sample = SAMPLES[fn][i]
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


@pytest.mark.parametrize(("fn", "i"), SINGLE, ids=names(SINGLE))
def test_single_precision_stays(fn, i):
    """float32 in, float32 out, and the numbers that float64 gives."""
    sample = SAMPLES[fn][i]
    single, double = (Call(fn, sample, 7, dtype) for dtype in ("float32", "float64"))
    double.x = [x.astype(np.float64) for x in single.x]
    double.us = [u.astype(np.result_type(u, np.float64)) for u in single.us]
    double.vs = [v.astype(np.float64) for v in single.vs]
    for method in ("cotangents", "second"):
        for c, expected in zip(getattr(single, method)(single.x), getattr(double, method)(double.x), strict=True):
            assert c.dtype == np.float32
            np.testing.assert_allclose(c, expected, rtol=2e-3, atol=2e-3)


def leaves(result):
    return [leaf for each in result for leaf in leaves(each)] if isinstance(result, (tuple, list)) else [result]


@pytest.mark.parametrize(("fn", "i"), CASES, ids=names(CASES))
@pytest.mark.parametrize("given", ["arrays", "tensors", "tracked"])
def test_values_are_those_of_scipy(fn, i, given):
    """On arrays, on tensors and on a tape; the dtype and the shape too."""
    args, kwargs = SAMPLES[fn][i].make(np.random.default_rng(3), wide(SAMPLES[fn][i].dtypes)[0])
    expected = leaves(fn(*args, **kwargs))

    def tensors(arg):
        return [tensors(each) for each in arg] if isinstance(arg, list) else Tensor(arg) if isinstance(arg, np.ndarray) else arg

    made = args if given == "arrays" else [tensors(arg) for arg in args]
    with GradientTape() as tape:
        if given == "tracked":
            tape.watch([t for t in leaves(made) if isinstance(t, Tensor) and t.dtype.kind in "fc"])
        results = leaves(call(fn, *made, **kwargs))
    assert len(results) == len(expected)
    for result, value in zip(results, expected, strict=True):
        value = value.numpy() if isinstance(value, Tensor) else np.asarray(value)
        assert type(result) is Tensor
        assert (result.shape, result.dtype) == (value.shape, value.dtype)
        np.testing.assert_allclose(result.numpy(), value, rtol=1e-11, atol=1e-13)
