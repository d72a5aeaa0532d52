"""vjp, jvp, Jacobians, Hessians and their products, against differences and closed forms."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, elementwise_grad, grad, hessian, hvp, jacobian, jvp, vjp
from autograd.errors import DtypeError, OperandError, ShapeError

X = np.array([0.3, -1.2, 2.0])
W = np.random.default_rng(0).normal(size=(3, 2))


def f(x, w=W):
    return anp.sin(x @ w) * anp.sum(x * x)


def differences(f, x, h=1e-5):
    """The Jacobian by central differences."""
    columns = []
    for index in np.ndindex(np.shape(x)):
        e = np.zeros(np.shape(x))
        e[index] = h
        columns.append((f(x + e) - f(x - e)) / (2 * h))
    return np.reshape(np.stack(columns, axis=-1), np.shape(f(x)) + np.shape(x))


def plain(x):
    return np.sin(x @ W) * np.sum(x * x)


# --------------------------------------------------------------------------------------------------- products
def test_a_vjp_is_the_transposed_jacobian_times_a_cotangent():
    out, pullback = vjp(f, X, W)
    np.testing.assert_allclose(out, plain(X))
    g = np.array([1.0, -2.0])
    for _ in range(2):  # it can be called again
        x_bar, w_bar = pullback(g)
        np.testing.assert_allclose(x_bar, differences(plain, X).T @ g, rtol=1e-8)
        assert w_bar.shape == W.shape
    assert type(out) is type(x_bar) is np.ndarray


def test_a_jvp_is_the_jacobian_times_a_tangent():
    t = np.array([0.5, 1.0, -1.0])
    out, tangent = jvp(lambda x: f(x), [X], [t])
    np.testing.assert_allclose(out, plain(X))
    np.testing.assert_allclose(tangent, differences(plain, X) @ t, rtol=1e-8)


def test_one_inner_product_ties_them_together():
    rng = np.random.default_rng(1)
    t, s, u = rng.normal(size=3), rng.normal(size=(3, 2)), rng.normal(size=2)
    _, tangent = jvp(f, [X, W], [t, s])
    x_bar, w_bar = vjp(f, X, W)[1](u)
    np.testing.assert_allclose(u @ tangent, x_bar @ t + np.sum(w_bar * s), rtol=1e-12)


def test_nests_numbers_and_auxiliary_results():
    def g(p, y):
        return {"a": p["x"] * y, "b": (anp.sum(p["x"]), 3.0)}, "more"

    p, y = {"x": X}, 2.0
    out, pullback, aux = vjp(g, p, y, has_aux=True)
    assert aux == "more"
    assert out["b"][1] == 3.0
    p_bar, y_bar = pullback({"a": np.ones(3), "b": (10.0, None)})
    np.testing.assert_array_equal(p_bar["x"], [12.0, 12.0, 12.0])
    np.testing.assert_allclose(y_bar, X.sum())
    out, tangent, aux = jvp(g, [p, y], [{"x": np.ones(3)}, 0.5], has_aux=True)
    assert aux == "more"
    np.testing.assert_allclose(tangent["a"], 2.0 + 0.5 * X)
    np.testing.assert_allclose(tangent["b"], (3.0, 0.0))
    assert jvp(lambda x: x**3, [2.0], [1.0]) == (8.0, 12.0)
    assert jvp(lambda x: 1, [2.0], [1.0]) == (1, 0)
    value, tangent = jvp(lambda z: z * z, [1 + 2j], [1j])
    assert (value, tangent) == (-3 + 4j, -4 + 2j)


def test_tensors_in_tensors_out():
    out, pullback = vjp(f, Tensor(X))
    assert type(out) is type(pullback(np.ones(2))[0]) is Tensor
    assert type(jacobian(f)(Tensor(X))) is type(hessian(lambda x: anp.sum(x**3))(Tensor(X))) is Tensor
    assert jvp(f, [X.astype(np.float32)], [np.ones(3, np.float32)])[1].dtype == np.float64  # W is of double precision
    assert jacobian(anp.sin)(X.astype(np.float32)).dtype == np.float32


def test_products_are_recorded_by_tapes():
    x = Tensor(X)
    with GradientTape() as tape:
        tape.watch(x)
        _, pullback = vjp(lambda x: anp.sum(x**3), x)
        (first,) = pullback(1.0)
        total = anp.sum(first * first)
    np.testing.assert_allclose(tape.gradient(total, x).numpy(), 36 * X**3)
    np.testing.assert_allclose(grad(lambda x: anp.sum(jvp(anp.sin, [x], [x])[1]))(X), np.cos(X) - X * np.sin(X))


# --------------------------------------------------------------------------------------------------- Jacobians
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: anp.outer(x, anp.sin(x)), X),
        (lambda x: anp.prod(x, axis=0), W),
        (lambda x: anp.sum(x * x), W),
        (lambda x: x[:0], X),
        (lambda x: anp.exp(x[0, 0]) * anp.ones((2, 1)), W),
    ],
)
def test_a_jacobian_has_the_shape_of_the_output_and_the_input(f, x):
    expected = differences(lambda v: f(v).numpy(), x) if f(x).size else np.zeros((0, 3))
    found = jacobian(f)(x)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_jacobians_of_nests():
    J = jacobian(lambda p, c: {"y": p["a"] * p["b"] * c}, argnums=(0, 1))({"a": X, "b": 2.0}, 3.0)
    np.testing.assert_allclose(J["y"][0]["a"], 6.0 * np.eye(3))
    np.testing.assert_allclose(J["y"][0]["b"], 3.0 * X)
    np.testing.assert_allclose(J["y"][1], 2.0 * X)
    found, aux = jacobian(lambda x: (x * 2, "more"), has_aux=True)(3.0)
    assert (found, aux) == (2.0, "more")


def test_jacobians_of_complex_functions():
    z = np.array([1 + 2j, 3.0])
    np.testing.assert_allclose(jacobian(lambda z: z**2)(z), np.diag(2 * z))
    np.testing.assert_allclose(jacobian(lambda x: x * (1 + 2j))(X), (1 + 2j) * np.eye(3))
    np.testing.assert_allclose(jacobian(lambda z: anp.abs(z) ** 2)(z), np.diag(2 * np.conj(z)))
    with pytest.raises(DtypeError, match=r"has a Jacobian where it is holomorphic, and this one is not"):
        jacobian(anp.conj)(z)


def test_a_hessian_is_symmetric_and_right():
    def rosen(x):
        return anp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    H = hessian(rosen)(X)
    np.testing.assert_allclose(H, H.T)
    np.testing.assert_allclose(H, differences(grad(rosen), X), rtol=1e-6)
    v = np.array([1.0, -1.0, 0.5])
    np.testing.assert_allclose(hvp(rosen, [X], [v]), H @ v)
    blocks = hessian(lambda a, b: anp.sum(a * a * b), argnums=(0, 1))(X, X)
    np.testing.assert_allclose(blocks[0][1], np.diag(2 * X))
    np.testing.assert_allclose(hvp(lambda a, b: anp.sum(a * a * b), [X, X], [X, 0 * X])[1], 2 * X * X)


def test_an_elementwise_derivative():
    np.testing.assert_allclose(elementwise_grad(elementwise_grad(anp.sin))(X), -np.sin(X))
    assert elementwise_grad(lambda x, y: x**3 * y, 1)(2.0, 5.0) == 8.0
    np.testing.assert_allclose(elementwise_grad(lambda x: anp.cumsum(x))(X), [3.0, 2.0, 1.0])


def test_what_does_not_fit_is_refused():
    with pytest.raises(ShapeError, match=r"an output of shape \(2,\) needs a cotangent of that shape: received shape \(3,\)"):
        vjp(f, X)[1](np.ones(3))
    with pytest.raises(ShapeError, match=r"returned 2 arrays, each of which needs a cotangent or None: received 1"):
        vjp(lambda x: (x, x), X)[1]([X])
    with pytest.raises(ShapeError, match=r"jvp needs a tangent of the shape of each primal: received primals of shapes \[\(3,\)\]"):
        jvp(f, [X], [np.ones(2)])
    with pytest.raises(OperandError, match=r"a function that returns numbers, or a nest of these: <lambda> returned str"):
        vjp(lambda x: "text", X)
    with pytest.raises(DtypeError, match="an argument of dtype int64"):
        jacobian(f)(np.array([1, 2, 3]))
