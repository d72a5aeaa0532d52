"""Derivatives by hand, by running again, and stopped."""

import functools

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import (
    GradientTape,
    Tensor,
    Variable,
    check_gradients,
    checkpoint,
    custom_gradient,
    custom_vjp,
    grad,
    gradient_reversal,
    hessian,
    jvp,
    stop_gradient,
    value_and_grad,
    vjp,
)
from autograd.errors import OperandError, RuleError, TapeError
from autograd.transforms.custom import Gathering
from benchmarks import checkpoint as chains

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


def test_what_a_function_with_a_given_derivative_reads_from_outside():
    v = Variable(2.0)
    with (
        GradientTape(),
        pytest.raises(
            OperandError, match="custom_gradient: <lambda> reads a tracked tensor or variable that is not among"
        ),
    ):
        custom_gradient(lambda x: (x * v, lambda g: g * v))(3.0)
    c = Tensor(5.0)
    with GradientTape() as tape:
        tape.watch(c)
        y = custom_gradient(lambda x: (x * stop_gradient(v), lambda g: g * stop_gradient(v)))(c)
    assert tape.gradient(y, c).item() == 2.0


# --------------------------------------------------------------------------------------------------- custom_vjp
def test_residuals_and_nests():
    @custom_vjp
    def product(p, x):
        return {"y": p["w"] * x, "n": [x]}

    def bwd(residuals, g):
        w, x = residuals
        return {"w": g["y"] * x, "unused": None}, g["y"] * w + g["n"][0]

    product.defvjp(lambda p, x: (product.f(p, x), (p["w"], x)), bwd)
    p = {"w": X, "unused": 1.0}
    assert product.__name__ == "product"
    np.testing.assert_allclose(product(p, X)["y"], X * X)
    f = lambda w, x: anp.sin(product({"w": w, "unused": x[0]}, x)["y"]) + product({"w": w, "unused": w}, x)["n"][0]  # noqa: E731
    check_gradients(f, X, X[::-1].copy(), order=2).assert_ok()
    np.testing.assert_allclose(grad(lambda p: anp.sum(product(p, X)["y"]))(p)["w"], X)


def test_arguments_without_a_derivative():
    @functools.partial(custom_vjp, nondiff_argnums=(0, -1))
    def applied(f, x, times=1):
        return f(x) * times

    applied.defvjp(
        lambda f, x, times: (f(x) * times, x),
        lambda f, times, x, g: (g * times * jvp(f, (x,), (anp.ones_like(x),))[1],),
    )
    check_gradients(lambda x: applied(anp.sin, x, times=3) * applied(anp.exp, x), 0.7, order=2).assert_ok()


def test_the_given_derivative_is_taken():
    clipped = custom_vjp(lambda x: x)
    clipped.defvjp(lambda x: (x, None), lambda _, g: (anp.clip(g, -1.0, 1.0),))
    assert grad(lambda x: 5.0 * clipped(x))(2.0) == 1.0
    _, pullback = vjp(lambda x: clipped(x), X)
    np.testing.assert_array_equal(pullback(np.array([5.0, -0.5, -9.0]))[0], [1.0, -0.5, -1.0])


def test_wrong_parts_of_a_derivative_are_refused():
    f = custom_vjp(lambda x, y: x * y)
    assert f(2.0, 3.0) == 6.0
    with pytest.raises(
        OperandError, match=r"custom_vjp: <lambda> has no derivative yet. Give it one with <lambda>.defvjp"
    ):
        grad(f)(2.0, 3.0)
    f.defvjp(lambda x, y: x * y, lambda r, g: (g, g))
    with pytest.raises(OperandError, match=r"custom_vjp: fwd of <lambda> is to return \(value, residuals\)"):
        grad(f)(2.0, 3.0)
    f.defvjp(lambda x, y: (x * y, None), lambda r, g: g)
    with pytest.raises(RuleError, match="bwd of <lambda> returned ndarray for 2 arguments"):
        grad(f)(2.0, 3.0)
    f.defvjp(lambda x, y: (x * y, None), lambda r, g: (g,))
    with pytest.raises(RuleError, match="bwd of <lambda> returned 1 cotangents for 2 arguments"):
        grad(f)(2.0, 3.0)
    f.defvjp(lambda x, y: (x * y, None), lambda r, g: ([g, g], g))
    with pytest.raises(RuleError, match="bwd of <lambda> returned a cotangent of 2 arrays for an argument of 1"):
        grad(f)(2.0, 3.0)
    v = Variable(2.0)
    f.defvjp(lambda x, y: (x * v, None), lambda r, g: (g, g))
    with pytest.raises(OperandError, match="custom_vjp: <lambda> reads a tracked tensor or variable"), GradientTape():
        f(2.0, 3.0)
    fixed = custom_vjp(lambda x, y: x * y, nondiff_argnums=(1,))
    fixed.defvjp(lambda x, y: (x * y, y), lambda y, r, g: (g * y,))
    with pytest.raises(OperandError, match="custom_vjp: <lambda> reads a tracked tensor"):
        grad(fixed, (0, 1))(2.0, 3.0)
    assert grad(fixed)(2.0, 3.0) == 3.0


# --------------------------------------------------------------------------------------------------- gradient reversal
def test_a_reversed_gradient():
    assert gradient_reversal(3.0) == 3.0
    assert grad(lambda x: gradient_reversal(x) ** 2)(3.0) == -6.0
    assert grad(lambda x: gradient_reversal({"a": [x]}, 0.5)["a"][0] ** 2)(3.0) == -3.0
    assert grad(grad(lambda x: gradient_reversal(x, 2.0) ** 3))(3.0) == 2 * 2 * 18.0
    assert grad(lambda x: anp.sum(gradient_reversal(x)))(X.astype(np.float32)).dtype == np.float32
    assert jvp(lambda x: gradient_reversal(x), (3.0,), (1.0,))[1] == -1.0


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
        gathering = Gathering((tape,))
        after = x * 2.0
        assert [before._id in gathering.tracked, after._id in gathering.tracked, 0 in gathering.tracked] == [
            True,
            False,
            False,
        ]
        assert len(gathering.tracked) == 0
