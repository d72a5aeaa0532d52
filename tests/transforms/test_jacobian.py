"""vjp, jvp, Jacobians, Hessians and their products, against differences and closed forms."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import (
    GradientTape,
    Tensor,
    Variable,
    custom_gradient,
    divergence,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    laplacian,
    linearize,
    vjp,
)
from autograd.errors import DtypeError, OperandError, ShapeError, TapeError, UnwatchedError

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
    assert hvp(rosen, [X.astype(np.float32)], [v]).dtype == np.float32
    assert hvp(lambda nest: nest["a"] ** 3 * anp.sum(nest["b"]), [{"a": 2.0, "b": X}], [{"a": 1.0, "b": 0 * X}])[
        "a"
    ] == 12 * np.sum(X)
    np.testing.assert_array_equal(hvp(lambda x: 3.0, [X], [v]), 0 * X)
    z, u = X + 1j * X[::-1], v - 1j * X

    def real(z):
        return anp.sum(anp.abs(z) ** 2 * anp.real(z))

    numerical = (grad(real)(z + 1e-6 * u) - grad(real)(z - 1e-6 * u)) / 2e-6
    np.testing.assert_allclose(hvp(real, [z], [u]), numerical, rtol=1e-6)
    with pytest.raises(
        ShapeError, match=r"a gradient needs a function that returns one number: squares returned shape \(3,\)"
    ):
        hvp(squares, [X], [v])


def squares(x):
    return x * x


def test_an_elementwise_derivative():
    np.testing.assert_allclose(elementwise_grad(elementwise_grad(anp.sin))(X), -np.sin(X))
    assert elementwise_grad(lambda x, y: x**3 * y, 1)(2.0, 5.0) == 8.0
    np.testing.assert_allclose(elementwise_grad(lambda x: anp.cumsum(x))(X), [3.0, 2.0, 1.0])


def test_what_does_not_fit_is_refused():
    with pytest.raises(
        ShapeError, match=r"an output of shape \(2,\) needs a cotangent of that shape: received shape \(3,\)"
    ):
        vjp(f, X)[1](np.ones(3))
    with pytest.raises(ShapeError, match=r"returned 2 arrays, each of which needs a cotangent or None: received 1"):
        vjp(lambda x: (x, x), X)[1]([X])
    with pytest.raises(
        ShapeError, match=r"jvp needs a tangent of the shape of each primal: received primals of shapes \[\(3,\)\]"
    ):
        jvp(f, [X], [np.ones(2)])
    with pytest.raises(
        OperandError, match=r"a function that returns numbers, or a nest of these: <lambda> returned str"
    ):
        vjp(lambda x: "text", X)
    with pytest.raises(DtypeError, match="an argument of dtype int64"):
        jacobian(f)(np.array([1, 2, 3]))
    with pytest.raises(OperandError, match='jacobian knows mode="reverse" and mode="forward": received mode=\'rev\''):
        jacobian(f, mode="rev")
    with pytest.raises(OperandError, match="how many rows are computed at once, 1 or more: received 0"):
        jacobian(f, chunk_size=0)


# --------------------------------------------------------------------------------------------------- many rows at once
@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("chunk_size", [None, 1, 2, 100])
def test_modes_and_chunks_agree(mode, chunk_size):
    def g(p, c):
        return {"y": anp.outer(p["a"], anp.sin(p["a"])) * p["b"] * c, "n": 3}, "more"

    p = {"a": X, "b": 2.0}
    found, aux = jacobian(g, (0, 1), has_aux=True, mode=mode, chunk_size=chunk_size)(p, 3.0)
    expected = differences(lambda a: np.outer(a, np.sin(a)) * 6.0, X)
    assert aux == "more"
    np.testing.assert_allclose(found["y"][0]["a"], expected, atol=1e-8)
    np.testing.assert_allclose(found["y"][0]["b"], np.outer(X, np.sin(X)) * 3.0)
    np.testing.assert_allclose(found["y"][1], np.outer(X, np.sin(X)) * 2.0)
    np.testing.assert_array_equal(found["n"][0]["a"], np.zeros(3))


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_modes_agree_on_complex_functions(mode):
    z = np.array([1 + 2j, 3.0])
    np.testing.assert_allclose(jacobian(lambda z: z**2, mode=mode)(z), np.diag(2 * z))
    np.testing.assert_allclose(jacobian(lambda x: x * (1 + 2j), mode=mode)(X), (1 + 2j) * np.eye(3))
    np.testing.assert_allclose(jacobian(lambda z: anp.abs(z) ** 2, mode=mode)(z), np.diag(2 * np.conj(z)))
    assert jacobian(lambda x: x * (1 + 2j), mode=mode)(X.astype(np.float32)).dtype == np.complex64
    with pytest.raises(DtypeError, match="this one is not"):
        jacobian(anp.conj, mode=mode)(z)


@pytest.mark.parametrize("mode", [None, "reverse", "forward"])
def test_the_dtype_is_that_of_the_argument_in_every_mode(mode):
    for columns in (1, 2, 5):
        matrix = np.ones((3, columns))
        assert jacobian(lambda x, m=matrix: x @ m, mode=mode)(X.astype(np.float32)).dtype == np.float32
    assert jacobian(lambda x: x[:0], mode=mode)(X).shape == (0, 3)
    assert jacobian(lambda x: anp.ones(4) * anp.sum(x), mode=mode)(X[:0]).shape == (4, 0)
    assert type(jacobian(f, mode=mode)(Tensor(X))) is Tensor
    assert jacobian(lambda x: x**3, mode=mode)(2.0) == 12.0


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_jacobians_have_derivatives(mode):
    def total(x):
        return anp.sum(jacobian(lambda x: f(x) * x[0], mode=mode)(x) ** 3)

    h = 1e-5
    expected = [(total(X + h * e) - total(X - h * e)).item() / (2 * h) for e in np.eye(3)]
    np.testing.assert_allclose(grad(total)(X), expected, rtol=1e-7)


def test_sweeps_are_as_wide_as_memory_allows(monkeypatch):
    """The widest value has 8,000 bytes: 2 rows in 16,000."""
    counts = []

    def watched(x):
        y = anp.sum(anp.tile(x, (1000, 1)) ** 2, axis=1)[:5]
        return custom_gradient(lambda y: (y, lambda g: counts.append(1) or g))(y)

    whole = jacobian(watched, mode="reverse")(X[:1])
    assert len(counts) == 1
    monkeypatch.setattr("autograd.transforms.chunks.CHUNK_BYTES", 16_000)
    np.testing.assert_array_equal(jacobian(watched, mode="reverse")(X[:1]), whole)
    assert len(counts) == 1 + 3


def test_a_pullback_that_looks_at_values_runs_in_a_loop():
    clipped = custom_gradient(lambda x: (x, lambda g: g * 2 if g[0] > 0 else g))
    np.testing.assert_array_equal(jacobian(clipped)(X), np.diag([2.0, 1.0, 1.0]))


def test_jacrev_and_hessians_with_auxiliary_results():
    np.testing.assert_allclose(jacrev(f)(X), differences(plain, X), rtol=1e-8)
    found, aux = hessian(lambda x: (anp.sum(x**3), "more"), has_aux=True)(X)
    np.testing.assert_allclose(found, np.diag(6 * X))
    assert aux == "more"
    assert hessian(lambda x: x**3)(2.0) == 12.0


def test_the_laplacian_and_the_divergence():
    np.testing.assert_allclose(
        laplacian(lambda x: anp.sum(x**4) * x[0])(X), np.trace(hessian(lambda x: anp.sum(x**4) * x[0])(X))
    )
    assert laplacian(lambda x, y: x**3 * y, argnums=0)(2.0, 5.0) == 60.0
    assert laplacian(lambda x, y: x**3 * y**2, argnums=(0, 1))(2.0, 5.0) == 316.0
    np.testing.assert_allclose(divergence(lambda x: x * anp.sum(x))(X), 4 * X.sum())
    np.testing.assert_allclose(
        divergence(lambda p: {"a": p["a"] * p["b"], "b": p["b"] ** 2})({"a": X, "b": 2.0}), 3 * 2.0 + 4.0
    )
    np.testing.assert_allclose(divergence(lambda x: anp.sin(x))(W), np.sum(np.cos(W)))
    np.testing.assert_allclose(grad(laplacian(lambda x: anp.sum(x**4)))(X), 24 * X)
    with pytest.raises(ShapeError, match=r"an argument of shapes \[\(3,\)\] and a value of shapes \[\(2,\)\]"):
        divergence(f)(X)


# --------------------------------------------------------------------------------------------------- of tapes
def test_a_jacobian_of_a_tape():
    x, w, unused = Tensor(X), Variable(W), Tensor(1.0)
    with GradientTape() as tape:
        tape.watch([x, unused])
        y = f(x, w)
    of_x, of_w, of_unused = tape.jacobian(y, [x, w, unused])
    np.testing.assert_allclose(of_x.numpy(), jacobian(f)(X, W))
    np.testing.assert_allclose(of_w.numpy(), jacobian(f, 1)(X, W))
    assert of_unused is None
    with pytest.raises(TapeError, match="this one was used already"):
        tape.jacobian(y, x)
    with GradientTape(persistent=True) as tape:
        tape.watch([x, unused])
        y = f(x, w)
        empty = y[:0]
    assert tape.jacobian(y, {"u": unused}, unconnected_gradients="zero")["u"].shape == (2,)
    np.testing.assert_allclose(tape.jacobian(y, x).numpy(), of_x.numpy())
    assert tape.jacobian(empty, x).shape == (0, 3)
    with pytest.raises(UnwatchedError):
        tape.jacobian(y, Tensor(2.0))
    with pytest.raises(OperandError, match="cannot differentiate a list"):
        tape.jacobian([y], x)


def test_a_jacobian_of_a_tape_follows_its_gradient():
    z = Tensor(np.array([1 + 2j, 3.0]))
    with GradientTape(persistent=True) as tape:
        tape.watch(z)
        y, r = z**2, anp.abs(z) ** 2
    for target in (y, r):
        found = tape.jacobian(target, z).numpy()
        for i in range(2):
            seed = np.eye(2)[i].astype(target.dtype)
            np.testing.assert_allclose(found[i], tape.gradient(target, z, seed).numpy())


def test_a_batch_jacobian():
    x = Tensor(np.random.default_rng(0).normal(size=(4, 3)))
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = anp.stack([anp.sin(x @ W), (x @ W) ** 2], axis=1)
    found = tape.batch_jacobian(y, x)
    assert found.shape == (4, 2, 2, 3)
    whole = tape.jacobian(y, x).numpy()
    np.testing.assert_allclose(found.numpy(), np.stack([whole[i, :, :, i] for i in range(4)]))
    unused = Tensor(np.ones((4, 5)))
    tape.watch(unused)
    assert tape.batch_jacobian(y, unused) is None
    assert tape.batch_jacobian(y, unused, unconnected_gradients="zero").shape == (4, 2, 2, 5)
    with pytest.raises(ShapeError, match=r"first axes of one length: received shapes \(4, 2, 2\) and \(3, 2\)"):
        tape.batch_jacobian(y, Tensor(W))


def test_a_product_with_the_hessian_of_a_tape():
    x, w = Tensor(X), Variable(W)
    v = {"x": np.array([1.0, -1.0, 0.5]), "w": np.ones((3, 2))}
    with GradientTape() as tape:
        tape.watch(x)
        y = anp.sum(f(x, w) ** 2)
        parts = [0.25 * y, 0.75 * y]
    found = tape.hvp(parts, {"x": x, "w": w}, v)
    expected = hvp(lambda x, w: anp.sum(f(x, w) ** 2), [X, W], [v["x"], v["w"]])
    np.testing.assert_allclose(found["x"].numpy(), expected[0])
    np.testing.assert_allclose(found["w"].numpy(), expected[1])
    with pytest.raises(TapeError, match="this one was used already"):
        tape.hvp(y, x, X)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = anp.sum(2.0 * x)
    assert tape.hvp(y, x, X) is None
    assert tape.hvp([y, y], x, X) is None
    np.testing.assert_array_equal(tape.hvp(y, x, X, unconnected_gradients="zero").numpy(), np.zeros(3))
    with pytest.raises(ShapeError, match=r"sources of shapes \[\(3,\)\] and vectors of shapes \[\(2,\)\]"):
        tape.hvp(y, x, np.ones(2))


def test_derivatives_of_what_tapes_computed():
    x = Tensor(X)
    with GradientTape(persistent=True) as outer:
        outer.watch(x)
        with GradientTape(persistent=True) as inner:
            inner.watch(x)
            y = x**3
            total = anp.sum(y) * x[0]
        squares = anp.sum(inner.jacobian(y, x) ** 2)
        product = anp.sum(inner.hvp(total, x, np.ones(3)) ** 2)
    np.testing.assert_allclose(outer.gradient(squares, x).numpy(), 36 * X**3)
    expected = grad(lambda x: anp.sum((hessian(lambda x: anp.sum(x**3) * x[0])(x) @ np.ones(3)) ** 2))(X)
    np.testing.assert_allclose(outer.gradient(product, x).numpy(), expected)


@pytest.mark.parametrize("transform", [jacobian, jacrev, jacfwd])
def test_jacobian_of_a_function_that_writes_into_its_argument(transform):
    def f(x):
        y = x * x
        x[0] = x[1] * 3.0
        return y * x

    # y * x is (x0² · 3 x1, x1³).
    np.testing.assert_allclose(transform(f)(np.array([1.0, 2.0])), [[12.0, 3.0], [0.0, 12.0]])
    out, f_jvp = linearize(f, np.array([1.0, 2.0]))
    np.testing.assert_allclose(f_jvp(np.array([1.0, 0.0])), [12.0, 0.0])
    np.testing.assert_allclose(out, [6.0, 8.0])
