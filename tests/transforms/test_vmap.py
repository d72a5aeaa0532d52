"""vmap: on every sample the same as a loop; nests of maps and derivatives; what is refused."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import (
    GradientTape,
    Tensor,
    argmin,
    checkpoint,
    custom_gradient,
    custom_vjp,
    fixed_point,
    grad,
    gradient_reversal,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jvp,
    linearize,
    root,
    stop_gradient,
    value_and_grad,
    vjp,
    vmap,
)
from autograd.errors import OperandError, ShapeError
from autograd.registry.entries import name_of
from autograd.samples import SAMPLES

CASES = [(fn, i) for fn, samples in SAMPLES.items() for i in range(len(samples))]
NAMES = [f"{name_of(fn)}-{i}" for fn, i in CASES]


def drawn(fn, i, dtype):
    f, xs = SAMPLES[fn][i].problem(fn, np.random.default_rng(i), dtype)
    return f, xs


def outputs(ys):
    ys = ys if isinstance(ys, (tuple, list)) else [ys]
    return [y for y in ys if np.result_type(y).kind in "fc"]


def random(rng, shape, dtype):
    u = rng.normal(size=shape)
    return np.asarray(u + 1j * rng.normal(size=shape) if np.dtype(dtype).kind == "c" else u, dtype)


def assert_same(found, expected, dtype=np.float64):
    """Equal up to what the order of the terms of a sum changes, in computations of a given precision."""
    found, expected = (each.numpy() if isinstance(each, Tensor) else np.asarray(each) for each in (found, expected))
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    eps, scale = np.finfo(dtype).eps, np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))
    np.testing.assert_allclose(found, expected, rtol=2e3 * eps, atol=2e3 * eps * scale)


@pytest.mark.parametrize(("fn", "i"), CASES, ids=NAMES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, of samples at special points
def test_a_pullback_of_many_cotangents_is_that_of_each(fn, i):
    for dtype in SAMPLES[fn][i].dtypes:
        f, xs = drawn(fn, i, dtype)
        ys, pullback = vjp(lambda *x, f=f: outputs(f(*x)), *xs)
        rng = np.random.default_rng(1)
        us = [random(rng, (3, *np.shape(y)), np.result_type(y)) for y in ys]
        found = vmap(lambda u, p=pullback: p(u))(us)
        each = [pullback([u[k] for u in us]) for k in range(3)]
        for j in range(len(xs)):
            assert_same(found[j], np.stack([row[j] for row in each]), dtype)


@pytest.mark.parametrize(("fn", "i"), CASES, ids=NAMES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_mapped_function_is_a_loop(fn, i):
    for dtype in SAMPLES[fn][i].dtypes:
        f, xs = drawn(fn, i, dtype)
        batch = [np.stack([x, x * x.dtype.type(1.015625), x * x.dtype.type(0.984375)]) for x in xs]

        def g(*x, f=f):
            return outputs(f(*x))

        each = [g(*[x[k] for x in batch]) for k in range(3)]
        for found, expected in zip(vmap(g)(*batch), zip(*each, strict=True), strict=True):
            assert_same(found, np.stack([y.numpy() if isinstance(y, Tensor) else y for y in expected]), dtype)


# ---------------------------------------------------------------------------------------- derivatives inside and around
RNG = np.random.default_rng(0)
X, Y, W = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2)), RNG.normal(size=(3, 2))


def loss(params, x, y):
    return anp.sum((anp.tanh(x @ params["w"]) + params["b"] - y) ** 2)


def rows(f, *batches):
    return np.stack([np.asarray(f(*each)) for each in zip(*batches, strict=True)])


def test_gradients_of_each_example():
    params = {"w": W, "b": np.zeros(2)}
    found = vmap(grad(loss), in_axes=(None, 0, 0))(params, X, Y)
    for key in params:
        assert_same(found[key], rows(lambda x, y, key=key: grad(loss)(params, x, y)[key], X, Y))
    value, gradient = vmap(value_and_grad(loss), in_axes=(None, 0, 0))(params, X, Y)
    assert_same(value, rows(lambda x, y: loss(params, x, y).item(), X, Y))
    assert_same(gradient["b"], found["b"])


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_jacobians_and_hessians_of_each_example(mode):
    def f(x):
        return anp.sin(x @ W) * x[0]

    assert_same(vmap(jacobian(f, mode=mode))(X), rows(jacobian(f, mode=mode), X))
    assert_same(vmap(hessian(lambda x: anp.sum(f(x) ** 2)))(X), rows(hessian(lambda x: anp.sum(f(x) ** 2)), X))
    assert_same(vmap(lambda x, u: vjp(f, x)[1](u)[0])(X, Y), rows(lambda x, u: vjp(f, x)[1](u)[0], X, Y))


def test_maps_inside_derivatives_inside_maps():
    def mapped(w, x):
        return anp.sum(vmap(grad(lambda y: anp.prod(anp.sin(w * y) + x)))(X) ** 2)

    def looped(w, x):
        return anp.sum(anp.stack([grad(lambda y: anp.prod(anp.sin(w * y) + x))(y) for y in X]) ** 2)

    assert_same(grad(mapped)(X[0], X[1]), grad(looped)(X[0], X[1]))
    assert_same(hessian(mapped)(X[0], X[1]), hessian(looped)(X[0], X[1]))
    assert_same(vmap(grad(mapped), (0, None))(X, X[1]), rows(lambda w: grad(looped)(w, X[1]), X))
    assert_same(
        vmap(grad(lambda w: grad(mapped, 1)(w, X[1])[0]))(X), rows(grad(lambda w: grad(looped, 1)(w, X[1])[0]), X)
    )


def test_no_perturbation_confusion():
    """d/dx of x * d/dy (x + y) is 1, however many are mapped."""
    f = grad(lambda x: x * grad(lambda y: x + y)(1.0))
    assert_same(vmap(f)(np.arange(3.0)), np.ones(3))
    assert_same(vmap(lambda x: vmap(lambda y: grad(lambda t: t * x * y)(x))(X[0]))(X[1]), np.outer(X[1], X[0]))


def test_maps_nest_with_different_axes():
    found = vmap(vmap(lambda x, y: x * anp.sum(y), (None, 0)), (0, None))(X, Y)
    assert_same(found, X[:, None] * Y.sum(axis=1)[None, :, None])
    found = vmap(vmap(lambda x, y: x - y, in_axes=(0, None), out_axes=-1), in_axes=(None, 1), out_axes=1)(X[:, 0], X)
    assert_same(found, np.stack([X[:, 0][None, :] - X[:, j][:, None] for j in range(3)], axis=1))


def test_tapes_outside_record_what_is_mapped():
    x = Tensor(X)
    with GradientTape() as tape:
        tape.watch(x)
        y = anp.sum(vmap(lambda row: anp.sin(row) * row[0])(x) ** 2)
    assert_same(tape.gradient(y, x), grad(lambda x: anp.sum((anp.sin(x) * x[:, :1]) ** 2))(X))


def test_what_is_computed_another_way():
    twice = custom_gradient(lambda x: (np.sin(x), lambda g: 2 * g * np.cos(x)))
    assert_same(vmap(grad(lambda x: anp.sum(twice(x))))(X), 2 * np.cos(X))
    assert_same(vmap(grad(lambda x: anp.sum(checkpoint(anp.sin)(x))))(X), np.cos(X))
    assert_same(vmap(grad(lambda x: anp.sum(x * stop_gradient(x))))(X), X)
    assert_same(jacobian(lambda x: twice(x) * x)(X[0]), np.diag(2 * np.cos(X[0]) * X[0] + np.sin(X[0])))


@pytest.mark.parametrize(
    "solve",
    [
        lambda a: root(lambda p, x: x * x - p, a, np.ones(3)),
        lambda a: fixed_point(lambda p, x: anp.cos(x) * p * 0.3, a, np.ones(3)),
        lambda a: argmin(lambda p, x: anp.sum((x - p) ** 4 + (x - p) ** 2), a, np.ones(3)),
        gradient_reversal,
    ],
)
def test_solutions_of_equations(solve):
    x = np.abs(X[:3]) + 0.5
    for f in (solve, grad(lambda a: anp.sum(solve(a) ** 2)), jacobian(solve)):
        assert_same(vmap(f)(x), np.stack([np.asarray(f(row)) for row in x]))


def test_a_derivative_in_two_parts():
    twice = custom_vjp(lambda x: np.sin(x))
    twice.defvjp(lambda x: (np.sin(x), x), lambda x, g: (2 * g * np.cos(x),))
    assert_same(vmap(grad(lambda x: anp.sum(twice(x))))(X), 2 * np.cos(X))
    assert_same(jacobian(twice)(X[0]), np.diag(2 * np.cos(X[0])))


def test_a_value_of_a_batch_is_not_lost_where_one_element_runs():
    def f(x):
        inner = custom_gradient(lambda y: (y * 2, lambda g: g * grad(lambda z: anp.sum(z * x))(y)))
        return grad(lambda y: anp.sum(inner(y)))(x)

    with pytest.raises(OperandError, match="reads a value of a batch that is not among its arguments"):
        vmap(f)(X)


# ----------------------------------------------------------------------------------------------------- axes, forms
def test_axes_in_and_out():
    assert_same(vmap(lambda x: x * 2, in_axes=1, out_axes=1)(X), X * 2)
    assert_same(vmap(lambda x: x * 2, in_axes=-1)(X), X.T * 2)
    found = vmap(
        lambda p, y: {"a": p["x"] @ W, "b": (y, 3.0)},
        in_axes=({"x": 0, "c": None}, 0),
        out_axes={"a": 1, "b": (0, None)},
    )({"x": X, "c": 1.0}, y := np.arange(5.0))
    assert_same(found["a"], (X @ W).T)
    assert_same(found["b"][0], y)
    assert found["b"][1] == 3.0
    assert_same(vmap(lambda x, y: x * y, in_axes=[0, None])(X, 2.0), 2 * X)
    assert_same(vmap(lambda x, scale: x * scale)(X, scale=np.arange(5.0)), X * np.arange(5.0)[:, None])
    assert_same(vmap(lambda x: 1.5)(X), np.full(5, 1.5))
    assert vmap(lambda x: anp.sum(x) + x[:2])(np.zeros((0, 3))).shape == (0, 2)


def test_tensors_for_tensors_and_arrays_for_arrays():
    assert type(vmap(anp.sin)(X)) is np.ndarray
    assert type(vmap(np.sin)(Tensor(X))) is Tensor
    y = vmap(lambda x: x)(X)
    assert not np.shares_memory(y, X)
    assert vmap(anp.sin)(X.astype(np.float32)).dtype == np.float32


def test_values_look_like_one_of_the_batch():
    def f(x):
        assert (x.shape, x.ndim, x.size, len(x), x.dtype) == ((3,), 1, 3, 3, np.float64)
        assert repr(x) == "Batched(shape=(3,), dtype=float64, for each of 5)"
        assert np.shape(x) == x.shape
        first, *rest = x
        x[0] = first * 2
        y = x
        y += 1
        return (
            y.T.reshape(3, 1).astype(np.float64).sum()
            + x[-1] ** 2
            + abs(x[1])
            - x.max()
            + rest[0].real * np.add.reduce(x)
        )

    def g(x):
        z = np.concatenate([[2 * x[0]], x[1:]]) + 1  # y is x, and is written in place
        return np.sum(z) + z[-1] ** 2 + abs(z[1]) - np.max(z) + x[1] * np.sum(z)

    assert_same(vmap(f)(X), rows(g, X))


def of_changed(change):
    """Return what a method that changes an array in place makes of a copy."""

    def f(x):
        y = x * 1.0
        change(y)
        return y

    return f


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x.flatten().searchsorted(0.5),
        lambda x: x.compress([True, False, True], axis=0),
        lambda x: (x > 0).astype(int, copy=False).choose([1.0, 2.0]),
        lambda x: x.argpartition(1),
        lambda x: x.mT + x.view(),
        lambda x: x.imag + x.copy(),
        of_changed(lambda y: y.sort(axis=0)),
        of_changed(lambda y: y.partition(1)),
        of_changed(lambda y: y.fill(2.0)),
        of_changed(lambda y: y.put([0, 1], [3.0, 4.0])),
    ],
)
def test_methods_are_those_of_each(f):
    values = RNG.normal(size=(4, 3, 3))
    assert_same(vmap(f)(values), rows(lambda x: f(Tensor(x)).numpy(), values))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: anp.r_[x, 1.0],
        lambda x: anp.c_[x, x],
        lambda x: anp.r_[x[0] : 9.0 : 4j],
        lambda x: sum(value * i[0] for i, value in anp.ndenumerate(x)),
        lambda x: anp.vectorize(lambda v: v * v)(x),
        lambda x: anp.count_nonzero(x > 0),
        lambda x: anp.fft.fftfreq(4, x[0]),
        lambda x: anp.from_dlpack(x),
    ],
)
def test_functions_of_the_namespace_that_make_tensors(f):
    assert_same(vmap(f)(X), rows(lambda x: f(Tensor(x)).numpy(), X))


def test_assignment_and_indices_of_each():
    def f(x, i):
        x[i] = x[0] * 2
        x[..., :1] = 7.0
        return x

    expected = X.copy()
    i = np.array([2, 1, 0, 2, 1])
    expected[np.arange(5), i] = X[:, 0] * 2
    expected[:, 0] = 7.0
    assert_same(vmap(f)(X, i), expected)
    assert_same(vmap(lambda x, i: x[i])(X, i), X[np.arange(5), i])
    assert_same(vmap(lambda x, i: anp.asarray(W)[i, 1])(X, i), W[i, 1])
    a = RNG.normal(size=(2, 3, 4, 5))
    for index in [
        (0, slice(None), [1, 0, 2]),
        ([0, 1], slice(None), [1, 2]),
        (None, ..., 1),
        a[0, :, :, 0] > 0,
        ([1, 0, 2],),
    ]:
        assert_same(vmap(lambda x, k=index: x[k])(a), np.stack([x[index] for x in a]))
        assert_same(
            vmap(grad(lambda x, k=index: anp.sum(x[k] ** 3)))(a), rows(grad(lambda x, k=index: anp.sum(x[k] ** 3)), a)
        )


def test_arrays_of_values():
    assert_same(vmap(lambda x: anp.array([x[1], -x[0], 1.0]))(X), np.stack([X[:, 1], -X[:, 0], np.ones(5)], axis=1))
    assert_same(vmap(lambda x: anp.asarray([[x[0], 2.0], [x[1], x[2]]]))(X)[:, 1], X[:, 1:])


# ----------------------------------------------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("call_it", "error", "message"),
    [
        (lambda: vmap(lambda x, y: x)(X, W), ShapeError, "needs mapped axes of one length: received the lengths 5, 3"),
        (lambda: vmap(lambda x: x)(1.0), ShapeError, r"an argument of shape \(\) has no axis 0 to map along"),
        (lambda: vmap(lambda x: x, None)(X), ShapeError, "has nothing to map"),
        (
            lambda: vmap(lambda x: x, (0, 0))(X),
            ShapeError,
            r"in_axes of <lambda>: \(0, 0\) is not built like what it is for",
        ),
        (
            lambda: vmap(lambda x: x, out_axes=None)(X),
            ShapeError,
            r"out_axes is None for an output of shape \(3,\) that differs",
        ),
        (lambda: vmap(lambda x: "text")(X), OperandError, "numbers, or a nest of these: <lambda> returned str"),
        (
            lambda: vmap(lambda x: x if x[0] > 0 else -x)(X),
            OperandError,
            r"a value of shape \(\) stands for 5 values, and one was asked for \(by if",
        ),
        (lambda: vmap(lambda x: float(x[0]))(X), OperandError, "Choose with np.where in place of `if`"),
        (lambda: vmap(lambda x: np.asarray(x))(X), OperandError, "one was asked for"),
        (
            lambda: vmap(lambda x: np.add(x, 1.0, out=np.zeros(3)))(X),
            OperandError,
            "add cannot write the values of a batch into out=",
        ),
        (lambda: vmap(lambda x: x[x > 0])(X), ShapeError, "vmap needs results of one shape for all elements"),
        (
            lambda: vmap(lambda x: Tensor([x[0], x[1]]))(X),
            OperandError,
            r"Tensor\(\[...\]\) cannot hold values of a batch",
        ),
        (
            lambda: vmap(grad(lambda x: x))(X),
            ShapeError,
            r"a gradient needs a function that returns one number: <lambda> returned shape \(3,\)",
        ),
        (lambda: vmap(lambda x: np.sum(x, axis=1))(X), ValueError, "axis 1 is out of bounds for array of dimension 1"),
    ],
)
def test_what_cannot_be_mapped_is_refused(call_it, error, message):
    with pytest.raises(error, match=message):
        call_it()


def test_forward_mode_inside_and_around_a_mapped_function():
    x, v = np.random.default_rng(0).normal(size=(2, 4, 3))

    def f(x):
        return anp.sum(anp.sin(x) * x[0])

    def outer(x):
        return anp.outer(x, x)

    def loop(g):
        return np.array([g(*each) for each in zip(x, v, strict=True)])

    for g in (
        lambda x, v: jvp(f, [x], [v])[1],
        lambda x, v: hvp(f, [x], [v]),
        lambda x, v: linearize(outer, x)[1](v),
        lambda x, v: jacfwd(outer)(x),
        lambda x, v: jvp(f, [np.ones(3)], [v])[1],
    ):
        np.testing.assert_allclose(vmap(g)(x, v), loop(g), rtol=1e-12)
    np.testing.assert_allclose(jvp(vmap(f), [x], [v])[1], loop(lambda x, v: jvp(f, [x], [v])[1]), rtol=1e-12)
