"""Every rule of `autograd.scipy` against differences, to second order; and every value against SciPy's."""

import numpy as np
import pytest
from differences import EXAMPLES, compare_precisions, compare_with_differences, names, wide
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import GradientTape, Tensor
from autograd.core.tensor import call
from autograd.registry.entries import RULES, module_of, name_of
from autograd.scipy.samples import SAMPLES

CASES = [(fn, i) for fn, samples in SAMPLES.items() for i in range(len(samples))]
SINGLE = [(fn, i) for fn, i in CASES if "float32" in SAMPLES[fn][i].dtypes]


def test_every_rule_has_a_sample():
    ours = {fn for fn, entry in RULES.items() if entry.kind in ("rule", "composite") and "scipy" in module_of(fn)}
    assert len(ours) > 100
    sampled = set(SAMPLES).union(*(getattr(fn, "stands_for", ()) for fn in SAMPLES))
    assert sorted(name_of(fn) for fn in ours - sampled) == [], "write a sample for it in autograd/scipy/samples.py"
    assert sorted(name_of(fn) for fn in SAMPLES.keys() - ours) == [], "it has no rule"


@pytest.mark.parametrize(("fn", "i"), CASES, ids=names(CASES))
@settings(max_examples=EXAMPLES)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_rule_agrees_with_differences(fn, i, seed):
    compare_with_differences(fn, SAMPLES[fn][i], seed)


@pytest.mark.parametrize(("fn", "i"), SINGLE, ids=names(SINGLE))
def test_single_precision_stays(fn, i):
    compare_precisions(fn, SAMPLES[fn][i], 2e-3)


def leaves(result):
    return [leaf for each in result for leaf in leaves(each)] if isinstance(result, (tuple, list)) else [result]


@pytest.mark.parametrize(("fn", "i"), CASES, ids=names(CASES))
@pytest.mark.parametrize("given", ["arrays", "tensors", "tracked"])
def test_values_are_those_of_scipy(fn, i, given):
    """On arrays, on tensors and on a tape; the dtype and the shape too."""
    args, kwargs = SAMPLES[fn][i].make(np.random.default_rng(3), wide(SAMPLES[fn][i].dtypes)[0])
    expected = leaves(fn(*args, **kwargs))

    def tensors(arg):
        return (
            [tensors(each) for each in arg]
            if isinstance(arg, list)
            else Tensor(arg)
            if isinstance(arg, np.ndarray)
            else arg
        )

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
