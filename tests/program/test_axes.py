"""Arrays of short rows are stored with their longest axis innermost, where that pays."""

import numpy as np
import pytest
from compiled import CASES, check, name_of, problem, same, traced

import autograd
import autograd.numpy as anp
from autograd import Tensor, compile
from autograd.program.passes import blocks as loops
from autograd.program.passes import storage_order as axes
from autograd.program.passes.products import with_dots
from autograd.program.passes.storage_order import with_long_rows
from autograd.registry.entries import name_of as name_of_function
from autograd.samples import SAMPLES

RNG = np.random.default_rng(0)
POINTS, CENTRES, FACTORS = RNG.normal(size=(400, 4)), RNG.normal(size=(6, 4)), RNG.normal(size=(6, 4, 4))


@pytest.fixture
def everything(monkeypatch):
    """Arrays of every size are turned wherever that can be done."""
    monkeypatch.setattr(axes, "_SHORT_ROW", 1 << 30)
    monkeypatch.setattr(axes, "_LONGER", 0)
    monkeypatch.setattr(axes, "_LEAST", 2)
    monkeypatch.setattr(axes, "_COST", -1)


def longest_last(program):
    """Return the shapes of what a program makes by calls that are no views."""
    return [call.outs[0].shape for call in program.calls if name_of(call.fn) not in ("transpose", "reshape")]


def turned(f, *args):
    return longest_last(with_long_rows(traced(f, *args)))


# ----------------------------------------------------------------------------------------------- one function at a time
def distances(x, c):
    return anp.sum((x[:, None, :] - c) ** 2, axis=2)


def test_elementwise_calls_and_sums():
    shapes = turned(distances, POINTS, CENTRES)
    assert (6, 4, 400) in shapes
    assert (400, 6, 4) not in shapes
    check(with_long_rows, lambda x, c: [distances(x, c)], POINTS, CENTRES, exact=False)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, 1, 2, (0, 1), (0, 2), (1, 2), (0, 1, 2)])
def test_reductions_over_every_axis(axis, keepdims):
    def f(x, c):
        d = x[:, None, :] - c
        return [anp.sum(anp.sin(d), axis=axis, keepdims=keepdims), anp.max(d * c, axis=axis, keepdims=keepdims)]

    assert (6, 4, 400) in turned(f, POINTS, CENTRES)
    check(with_long_rows, f, POINTS, CENTRES, exact=False)


@pytest.mark.parametrize(
    "equation",
    ["kij,nkj->nki", "kij,nki->nkj", "nki,nkj->kij", "nkj,kij->nki", "nki,nkj->kji", "nkj,kij->kni", "kji,nkj->kin"],
)
def test_products_of_matrices(equation):
    def f(x, c, m):
        d = x[:, None, :] - c
        left, right = equation.split("->")[0].split(",")
        return [anp.einsum(equation, *[m if each.startswith("k") else d for each in (left, right)])]

    def run(program):
        return with_long_rows(with_dots(program))

    assert (6, 4, 400) in longest_last(run(traced(f, POINTS, CENTRES, FACTORS)))
    check(run, f, POINTS, CENTRES, FACTORS, exact=False)


def test_a_product_of_two_matrices_gives_its_transpose():
    x, w = RNG.normal(size=(2000, 30)), RNG.normal(size=(30, 8))

    def f(x, w):
        z = x @ w
        return [anp.sum(anp.exp(z - anp.max(z, axis=1, keepdims=True)), axis=1)]

    def run(program):
        return with_long_rows(with_dots(program))

    assert longest_last(run(traced(f, x, w))) == [(8, 2000), (1, 2000), (8, 2000), (8, 2000), (2000,)]
    check(run, f, x, w, exact=False)


def test_axes_of_one_element_are_put_in():
    def f(x, c):
        d = anp.sum(anp.sin(x[:, None, :] - c), axis=2)
        w = anp.exp(d - anp.max(d, axis=1, keepdims=True))
        return [anp.sum(w[:, :, None] * (x[:, None, :] - c), axis=0), anp.reshape(d, (1, 400, 1, 6)) * 2]

    assert (400, 6, 4) not in turned(f, POINTS, CENTRES)
    check(with_long_rows, f, POINTS, CENTRES, exact=False)


# ------------------------------------------------------------------------------------------------ where it does not pay
def test_short_arrays_stay():
    assert (100, 6, 4) in turned(distances, POINTS[:100], CENTRES)


def test_long_rows_stay():
    x, c = RNG.normal(size=(400, 40)), RNG.normal(size=(6, 40))
    assert (400, 6, 40) in turned(distances, x, c)


def test_rows_that_belong_together_are_long():
    """NumPy takes axes as one where no operand is broadcast along one of them and not along the other."""
    x = RNG.normal(size=(4000, 4))
    assert (4, 4000) not in turned(lambda x: [anp.sin(x) * x], x)


def test_a_result_would_be_turned_back():
    assert (400, 6, 4) in turned(lambda x, c: [x[:, None, :] - c], POINTS, CENTRES)


def test_a_result_lies_in_memory_as_ever():
    def f(x, c):
        e = (anp.sin(x[:, None, :] - c) * c + c) * c
        return [e, anp.sum(e * c, axis=2)]

    assert (6, 4, 400) in turned(f, POINTS, CENTRES)
    program = compile(f, numba=False)
    for _ in range(2):
        for found, expected in zip(program(POINTS, CENTRES), f(POINTS, CENTRES), strict=True):
            np.testing.assert_allclose(found, np.asarray(expected), rtol=1e-12, atol=1e-12)
            assert found.flags.c_contiguous


def test_a_function_that_needs_the_array_as_it_is():
    def f(x, c):
        d = x[:, None, :] - c
        return [anp.cumsum(d, axis=1), anp.sort(d, axis=0)]

    assert (400, 6, 4) in turned(f, POINTS, CENTRES)


def test_every_bit_is_that_of_the_function_with_exact():
    f = compile(autograd.grad(lambda c: anp.sum(distances(POINTS, c))), exact=True)
    np.testing.assert_array_equal(f(CENTRES), autograd.grad(lambda c: anp.sum(distances(POINTS, c)))(CENTRES))


# ------------------------------------------------------------------------------------------------- whole programs
def test_a_mixture_of_gaussians():
    def total(c, m):
        d = POINTS[:, None, :] - c
        each = -0.5 * anp.sum(anp.einsum("kij,nkj->nki", m, d) ** 2, axis=2)
        top = anp.max(each, axis=1, keepdims=True)
        return anp.sum(anp.log(anp.sum(anp.exp(each - top), axis=1)) + top[:, 0])

    gradient = autograd.grad(total, (0, 1))
    program = compile(gradient)
    assert "(6, 4, 400)" in program.source(CENTRES, FACTORS)
    for found, expected in zip(program(CENTRES, FACTORS), gradient(CENTRES, FACTORS), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("fn", "i"), CASES, ids=[f"{name_of_function(fn)}-{i}" for fn, i in CASES])
@pytest.mark.filterwarnings("ignore:compiled function")
def test_a_call_is_the_same_turned(fn, i, everything, monkeypatch):
    if i % 2:
        monkeypatch.setattr(loops, "BLOCK", 4)
        monkeypatch.setattr(loops, "SHORTEST", 8)
    dtypes = SAMPLES[fn][i].dtypes
    value, derivative, xs = problem(fn, i, dtypes[len(name_of_function(fn)) % len(dtypes)], np.random.default_rng(i))
    program = compile(derivative)
    with np.errstate(all="ignore"):
        same(program(*xs), derivative(*map(Tensor, xs)), False)
        same(compile(value)(*xs), value(*map(Tensor, xs)), False)
