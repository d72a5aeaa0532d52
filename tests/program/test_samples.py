"""Every call of the table of samples gives the same compiled as it gives eagerly: its value and its derivatives."""

import numpy as np
import pytest
from compiled import CASES, problem, same

from autograd import Tensor, compile
from autograd.program.passes import blocks as loops
from autograd.registry.entries import name_of
from autograd.samples import SAMPLES


def turned(x):
    return np.array(x, order="F")


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
