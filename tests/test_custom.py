"""Derivatives by hand, by running again, and stopped."""

import tracemalloc

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable, check_gradients, checkpoint, custom_gradient, grad, hessian, stop_gradient, value_and_grad
from autograd.errors import OperandError, RuleError, TapeError

X = np.array([0.3, -1.2, 2.0])


# --------------------------------------------------------------------------------------------------- custom_gradient
def test_the_pullback_is_the_derivative():
    @custom_gradient
    def tripled(x, y):
        return x * y, lambda g: (3.0 * g * y, None)

    assert grad(lambda x, y: anp.sum(tripled(x, y)), (0, 1))(2.0, 5.0) == (15.0, 0.0)
    assert tripled(2.0, 5.0).item() == 10.0


def test_a_second_derivative_goes_through_what_the_pullback_uses():
    @custom_gradient
    def log1pexp(x):
        e = anp.exp(x)
        return anp.log1p(e), lambda g: g * (1 - 1 / (1 + e))

    check_gradients(log1pexp, X, order=2).assert_ok()
    assert grad(log1pexp)(100.0) == 1.0


def test_several_results():
    @custom_gradient
    def both(x):
        return (x * 2.0, x * x), lambda a, b: a * 2.0 + b * 2.0 * x

    check_gradients(lambda x: both(x)[0] * anp.sin(both(x)[1]), X, order=2).assert_ok()
    with GradientTape() as tape:
        x = Tensor(X)
        tape.watch(x)
        y = both(x)[1]  # the other one has no cotangent
    np.testing.assert_allclose(tape.gradient(y, x).numpy(), 2 * X)


def test_a_straight_through_estimator():
    @custom_gradient
    def rounded(x):
        return anp.round(x), lambda g: g

    assert grad(lambda x: rounded(x) ** 2)(1.3) == 2.0
    assert grad(lambda x: (x + stop_gradient(anp.round(x) - x)) ** 2)(1.3) == 2.0


def test_wrong_pullbacks_are_refused():
    with pytest.raises(OperandError, match=r"custom_gradient: <lambda> is to return \(value, pullback\)"):
        custom_gradient(lambda x: x)(1.0)
    few = custom_gradient(lambda x, y: (x * y, lambda g: g))
    with pytest.raises(RuleError, match="the pullback of <lambda> returned 1 cotangents for 2 arguments"):
        grad(few)(1.0, 2.0)
    misshapen = custom_gradient(lambda x: (anp.sum(x), lambda g: np.ones(2)))
    with pytest.raises(RuleError, match=r"returned a cotangent of shape \(2,\)"):
        grad(misshapen)(X)


def test_a_stopped_gradient():
    assert grad(lambda x: x * stop_gradient(x))(3.0) == 3.0
    assert grad(lambda x: stop_gradient({"a": x, "b": 2.0})["a"] * x)(3.0) == 3.0
    assert grad(grad(lambda x: stop_gradient(x) * x**2))(3.0) == 6.0
    assert grad(lambda x: grad(lambda y: stop_gradient(x) * y * x)(x))(3.0) == 3.0


# --------------------------------------------------------------------------------------------------- checkpoint
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
    with pytest.raises(TapeError, match=r"gave another result when it was run again for the derivative.*draw random numbers outside"):
        grad(checkpoint(lambda x: x * rng.normal()))(1.0)
    with GradientTape() as tape:
        y = checkpoint(lambda x: x * v)(3.0)
    v.assign(5.0)
    with pytest.raises(TapeError, match="gave another result"):
        tape.gradient(y, v)


def test_a_chain_of_layers_takes_memory_of_its_square_root():
    def layers(n):
        def run(x):
            for _ in range(n):
                x = anp.sin(x)
            return x

        return run

    def peak(f):
        tracemalloc.start()
        grad(lambda x: anp.sum(f(x)))(np.ones(10_000))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    def in_pieces(x):
        for _ in range(20):
            x = checkpoint(layers(20))(x)
        return x

    assert peak(in_pieces) < 0.2 * peak(layers(400))
