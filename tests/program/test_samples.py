"""Every call of the table of samples gives the same compiled as it gives eagerly: its value and its derivatives."""

import numpy as np
import pytest
from compiled import CASES, CHECK, problem, same

import autograd
import autograd.numpy as anp
from autograd import Tensor, compile
from autograd.core import nest
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
        program = compile(f, exact=exact, check=CHECK)
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


def is_array(leaf):
    return isinstance(leaf, np.ndarray) and leaf.dtype.kind in "biufc"


def others(fn, i):
    """Return the leaves of a call of a sample, and which of its arrays have no derivative: masks, counts, weights."""
    call = SAMPLES[fn][i]
    args, kwargs = call.make(np.random.default_rng(i), call.dtypes[0])
    leaves = nest.leaves((list(args), kwargs))
    found = [args[place[0]] if len(place) == 1 else args[place[0]][place[1]] for place in call.sources(args)]
    is_source = [any(leaf is each for each in found) for leaf in leaves if is_array(leaf)]
    return (list(args), kwargs), leaves, is_source


def elsewhere(array, k):
    """Return other values that the call takes too: integers and truths in another order, smaller numbers."""
    return np.roll(array, k, axis=-1) if array.ndim and array.dtype.kind in "biu" else array * array.dtype.type(0.9**k)


OTHERS = [(fn, i) for fn, i in CASES if not all(others(fn, i)[2])]


@pytest.mark.parametrize(("fn", "i"), OTHERS, ids=[f"{name_of(fn)}-{i}" for fn, i in OTHERS])
@pytest.mark.filterwarnings("ignore:compiled function")
def test_arrays_without_a_derivative_are_those_of_each_call(fn, i):
    structure, leaves, is_source = others(fn, i)
    arrays = [leaf for leaf in leaves if is_array(leaf)]

    def value(*arrays):
        given = iter(arrays)
        args, kwargs = nest.rebuild(structure, [next(given) if is_array(leaf) else leaf for leaf in leaves])
        return fn(*args, **kwargs)

    def number(*arrays):
        results = [leaf for leaf in nest.leaves(value(*arrays)) if hasattr(leaf, "dtype") and leaf.dtype.kind in "fc"]
        return sum(anp.sum(anp.real(y) * np.cos(np.arange(y.size)).reshape(y.shape)) for y in results)

    sources = tuple(k for k, each in enumerate(is_source) if each)
    functions = [value, *([lambda *arrays: autograd.grad(number, sources)(*arrays)] if sources else [])]
    for f in functions:
        program = compile(f)
        for k in (0, 1, 2):
            moved = [x if each or not k else elsewhere(x, k) for x, each in zip(arrays, is_source, strict=True)]
            with np.errstate(all="ignore"):
                try:
                    expected = f(*map(Tensor, moved))
                except Exception as error:  # these values it refuses
                    with pytest.raises(type(error)):
                        program(*moved)
                else:
                    same(program(*moved), expected, False)
