"""The pass that puts runs of elementwise calls into loops over blocks."""

import numpy as np
import pytest
from compiled import check, results, traced

import autograd
import autograd.numpy as anp
from autograd.program import passes
from autograd.program.passes import blocks as loops

X = np.array([[0.5, -1.5, 2.0], [1.0, 0.25, -3.0]])


@pytest.fixture
def short_blocks(monkeypatch):
    monkeypatch.setattr(loops, "BLOCK", 8)
    monkeypatch.setattr(loops, "SHORTEST", 16)


def looped(f, *args, exact=False):
    before = passes.without_dead(passes.simplified(traced(f, *args), exact))
    after = loops.with_loops(before, exact)
    for old, new in zip(results(before, *args, exact=exact), results(after, *args, exact=exact), strict=True):
        np.testing.assert_allclose(old, new, rtol=0 if exact else 1e-13)
    return [call.body if isinstance(call, loops.Loop) else call for call in after.calls]


def fns(body):
    return [call.fn.__name__ for call in body]


@pytest.mark.usefixtures("short_blocks")
def test_runs_of_elementwise_calls_are_loops():
    x = np.linspace(-1, 1, 50)
    (body,) = looped(lambda x: (anp.sin(x) * 2 + x, anp.sum(anp.exp(x))), x)
    assert fns(body) == ["sin", "multiply", "add", "exp", "reduce"]


@pytest.mark.usefixtures("short_blocks")
def test_sums_over_blocks_wait_where_every_bit_counts():
    x = np.linspace(-1, 1, 50)
    body, total = looped(lambda x: anp.sum(anp.exp(anp.sin(x))), x, exact=True)
    assert fns(body) == ["sin", "exp"]
    assert total.fn == np.add.reduce


@pytest.mark.usefixtures("short_blocks")
def test_rows_are_reduced_inside_a_loop():
    x = np.random.default_rng(0).normal(size=(30, 4))

    def softmax(x):
        e = anp.exp(x - anp.max(x * 1.5, axis=1, keepdims=True))
        return e / anp.sum(e, axis=1, keepdims=True)

    (body,) = looped(softmax, x)
    assert fns(body) == ["multiply", "reduce", "subtract", "exp", "reduce", "divide"]


@pytest.mark.usefixtures("short_blocks")
def test_what_needs_the_whole_sum_comes_after_the_loop():
    x = np.linspace(0.5, 1, 50)
    found = looped(lambda x: anp.sin(x) * 2 / anp.sum(anp.sin(x) * 2), x)
    assert fns(found[0])[-1] == "reduce"
    assert found[1].fn is np.true_divide


@pytest.mark.usefixtures("short_blocks")
def test_an_operand_of_two_meanings_ends_a_loop():
    x = np.random.default_rng(0).normal(size=(20, 20))
    looped(lambda x: anp.sum(anp.sin(x) * 2, axis=1) * (anp.cos(x) * 3), x)  # the sum is a row of each column


@pytest.mark.usefixtures("short_blocks")
def test_short_arrays_are_no_loops():
    found = looped(lambda x: anp.sin(x) * 2, np.ones(10))
    assert [call.fn for call in found] == [np.sin, np.multiply]


def test_an_array_that_is_joined_with_nothing_is_no_memory_to_write_over(monkeypatch):
    monkeypatch.setattr(loops, "BLOCK", 4)
    monkeypatch.setattr(loops, "SHORTEST", 8)
    x = np.linspace(-1, 1, 5)

    def f(x):
        y = anp.sin(x)
        z = anp.concatenate([y, y, y * 2])
        return anp.sum(anp.sin(z)) + anp.sum(2 * anp.concatenate([anp.sin(z)]))

    found, expected = autograd.compile(autograd.value_and_grad(f))(x), autograd.value_and_grad(f)(x)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-14)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-14)


@pytest.mark.parametrize(("length", "inside"), [(5, True), (600, False)])
def test_products_of_small_matrices_are_done_in_a_loop(length, inside, monkeypatch):
    monkeypatch.setattr(loops, "BLOCK", 4 * length)
    monkeypatch.setattr(loops, "SHORTEST", 8)
    x, w = (
        np.random.default_rng(0).normal(size=(20, 2, length)),
        np.random.default_rng(1).normal(size=(20, length, 600)),
    )

    def f(x, w):
        return [anp.tanh(anp.sin(x) @ w) * 2]

    program = loops.with_loops(traced(f, x, w))
    calls = [call for call in program.calls if call.fn is loops.Loop]
    assert any(np.matmul in [each.fn for each in call.body] for call in calls) == inside
    check(loops.with_loops, f, x, w, exact=False)
