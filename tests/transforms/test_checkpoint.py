"""`checkpoint`: derivatives by running the function again."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import (
    GradientTape,
    Tensor,
    Variable,
    check_gradients,
    checkpoint,
    grad,
    hessian,
    value_and_grad,
)
from autograd.errors import TapeError
from autograd.transforms.completed import InputCollector
from benchmarks import checkpoint as chains

X = np.array([0.3, -1.2, 2.0])


def test_a_checkpoint_has_the_same_derivatives():
    def f(x, w):
        return anp.sin(x @ w) * anp.exp(x)

    w = np.random.default_rng(0).normal(size=(3, 3))
    check_gradients(checkpoint(f), X, w, order=2).assert_ok()
    plain = value_and_grad(lambda x, w: anp.sum(f(f(x, w), w)), (0, 1))(X, w)
    inside = value_and_grad(lambda x, w: anp.sum(checkpoint(lambda x: checkpoint(f)(f(x, w), w))(x)), (0, 1))(X, w)
    assert plain[0] == inside[0]
    for a, b in zip(plain[1], inside[1], strict=True):
        np.testing.assert_array_equal(a, b)
    h = hessian(lambda x: anp.sum(checkpoint(f)(x, w)))(X)
    np.testing.assert_allclose(h, hessian(lambda x: anp.sum(f(x, w)))(X), rtol=1e-12)


def test_what_a_checkpoint_reads_from_outside_has_its_derivative():
    v, c = Variable([1.0, 2.0, 3.0]), Tensor(X)
    with GradientTape(persistent=True) as tape:
        tape.watch(c)
        double = c * 2.0
        y = checkpoint(lambda x: {"a": anp.sum(v * x * double), "b": [3.0, v * v]})(c)
        z = y["a"] + anp.sum(y["b"][1])
    assert y["b"][0] == 3.0
    np.testing.assert_allclose(tape.gradient(z, v).numpy(), 2 * X * X + 2 * v.numpy())
    np.testing.assert_allclose(tape.gradient(z, c).numpy(), 4 * v.numpy() * X)
    assert tape.watched_variables() == (v,)


def test_a_checkpoint_keeps_its_arguments():
    x = Tensor([1.0, 2.0])
    array = np.array([1.0, 1.0])
    with GradientTape() as tape:
        tape.watch(x)
        handle = x * 3.0
        y = checkpoint(lambda h, a: h * h * a)(handle, array)
        handle[0] = 100.0
        array[:] = 7.0
    np.testing.assert_allclose(tape.gradient(y, x).numpy(), [18.0, 36.0])


def test_without_a_tape_a_checkpoint_is_the_function():
    calls = []
    assert checkpoint(lambda x: calls.append(1) or x)(2.0) == 2.0
    assert len(calls) == 1


def test_another_result_the_second_time_is_an_error():
    rng, v = np.random.default_rng(0), Variable(2.0)
    with pytest.raises(
        TapeError, match=r"gave another result when it was run again for the derivative.*draw random numbers outside"
    ):
        grad(checkpoint(lambda x: x * rng.normal()))(1.0)
    with GradientTape() as tape:
        y = checkpoint(lambda x: x * v)(3.0)
    v.assign(5.0)
    with pytest.raises(TapeError, match="gave another result"):
        tape.gradient(y, v)


def test_a_chain_of_layers_takes_memory_of_its_square_root():
    layers, size = 10_000, 10_000
    x = np.linspace(-1.0, 1.0, size)
    assert chains.peak(chains.plain(100), x) > 100 * x.nbytes  # a tape holds the value of every layer
    assert chains.peak(chains.in_pieces(layers), x) < layers * x.nbytes / 15


def test_pieces_of_a_chain_have_its_gradient():
    x = np.linspace(-1.0, 1.0, 5)
    np.testing.assert_array_equal(
        *[grad(lambda x, f=f: anp.sum(f(37)(x)))(x) for f in (chains.plain, chains.in_pieces)]
    )


def test_a_checkpoint_on_a_long_tape_looks_values_up_and_copies_nothing():
    with GradientTape() as tape:
        x = Tensor(X)
        tape.watch(x)
        before = x * 2.0
        collector = InputCollector((tape,))
        after = x * 2.0
        assert [before._id in collector.tracked, after._id in collector.tracked, 0 in collector.tracked] == [
            True,
            False,
            False,
        ]
        assert len(collector.tracked) == 0
