"""`custom_gradient`, `custom_vjp`, `stop_gradient` and `gradient_reversal`."""

import functools

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import (
    GradientTape,
    Tensor,
    Variable,
    check_gradients,
    custom_gradient,
    custom_vjp,
    grad,
    gradient_reversal,
    jvp,
    stop_gradient,
    vjp,
)
from autograd.errors import OperandError, RuleError

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

    def f(w, x):
        return anp.sin(product({"w": w, "unused": x[0]}, x)["y"]) + product({"w": w, "unused": w}, x)["n"][0]

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
