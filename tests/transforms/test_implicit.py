"""Solutions of equations: found, differentiated to second order against finite differences, and refused where there is
none.
"""

import numpy as np
import pytest
import scipy.optimize

import autograd.numpy as anp
from autograd import (
    GradientTape,
    Tensor,
    Variable,
    argmin,
    check_gradients,
    checkpoint,
    fixed_point,
    grad,
    hvp,
    jacobian,
    jvp,
    root,
    value_and_grad,
)
from autograd.errors import AutogradError, ConvergenceError, DtypeError, ShapeError, TapeError
from autograd.misc.fixed_points import fixed_point as hips_fixed_point
from autograd.transforms.krylov import gmres

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(3, 3)), RNG.normal(size=3)


def sqrt_step(a, x):
    return 0.5 * (x + a / x)


# --------------------------------------------------------------------------------------------------- what is found
def test_solutions_are_built_like_the_start():
    assert fixed_point(sqrt_step, 4.0, 1.0) == pytest.approx(2.0, rel=1e-14)
    assert type(fixed_point(sqrt_step, 4.0, 1.0)) is float
    assert type(fixed_point(sqrt_step, 4.0, np.float64(1.0))) is np.float64
    x = root(
        lambda p, x: (x["a"] - p, [x["b"][0] * x["a"] - 1.0]),
        2.0,
        {"a": np.ones((2, 1)), "b": [np.ones((2, 1), np.float32)]},
    )
    assert type(x["a"]) is np.ndarray
    assert x["b"][0].dtype == np.float32
    np.testing.assert_allclose(x["b"][0], [[0.5], [0.5]], rtol=1e-5)
    x = argmin(lambda p, x: anp.sum((x - p) ** 2), np.arange(3.0), Tensor(np.zeros(3)))
    assert isinstance(x, Tensor)
    np.testing.assert_allclose(x.numpy(), np.arange(3.0), atol=1e-12)
    assert isinstance(fixed_point(sqrt_step, Tensor(4.0), 1.0), float)
    assert root(lambda p, x: x - p, np.zeros((0, 2)), np.zeros((0, 2))).shape == (0, 2)


def test_newton_against_scipy():
    def f(_, x):
        return anp.stack([x[0] * anp.cos(x[1]) - 4.0, x[0] * x[1] - x[1] - 5.0])

    expected = scipy.optimize.root(lambda x: f(None, x).numpy(), [1.0, 1.0], tol=1e-14).x
    np.testing.assert_allclose(root(f, None, np.ones(2)), expected, rtol=1e-12)


def test_newton_shortens_steps_that_lead_away():
    assert root(lambda p, x: anp.arctan(x - p), 1.0, 8.0) == pytest.approx(1.0, abs=1e-12)  # full steps diverge from 8


def rosenbrock(x):
    return anp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def test_minima():
    np.testing.assert_allclose(argmin(lambda _, x: rosenbrock(x), None, np.full(20, -1.2)), np.ones(20), rtol=1e-9)
    # it begins where the function curves downwards, and does not stay on the maximum beside it
    assert argmin(lambda p, x: anp.cos(x - p), 1.0, 1.1) == pytest.approx(1.0 + np.pi, rel=1e-12)
    assert argmin(lambda p, x: (x * x - p) ** 2, 2.0, 0.1) == pytest.approx(2**0.5, rel=1e-12)


def test_float32():
    c = np.float32(8.0)
    x, slope = value_and_grad(lambda c: root(lambda c, x: x**3 - c, c, np.float32(1.0)))(c)
    assert x.dtype == slope.dtype == np.float32
    np.testing.assert_allclose([x, slope], [2.0, 1 / 12], rtol=1e-5)
    m = argmin(lambda p, x: anp.sum((x - p) ** 2) + anp.sum(x**4), np.ones(3, np.float32), np.zeros(3, np.float32))
    assert m.dtype == np.float32


# --------------------------------------------------------------------------------------------------- derivatives
def nested_step(p, x):
    joined = anp.tanh(p["A"] @ anp.concatenate([x["u"], x["v"]]))
    return {"u": 0.3 * joined[:1] + p["b"][:1], "v": 0.2 * joined[1:] + p["b"][1:]}


def joined(x):
    return anp.concatenate([x["u"], x["v"]])


X0 = {"u": np.zeros(1), "v": np.zeros(2)}


def test_derivatives_of_fixed_points():
    check_gradients(lambda a, b: joined(fixed_point(nested_step, {"A": a, "b": b}, X0)), A, B, order=2).assert_ok()


def test_derivatives_of_roots():
    def f(p, x):
        out = nested_step(p, x)
        return anp.concatenate([joined(x) - joined(out), []])  # another build, as many numbers

    check_gradients(lambda a, b: joined(root(f, {"A": a, "b": b}, X0)), A, B, order=2).assert_ok()


def test_derivatives_of_minima():
    def energy(p, x):
        y = joined(x)
        return anp.sum((y - p["b"]) ** 2) + 0.1 * anp.sum(anp.cosh(p["A"] @ y))

    check_gradients(lambda a, b: joined(argmin(energy, {"A": a, "b": b}, X0)), A, B, order=2).assert_ok()


def test_third_and_fourth_derivatives():
    f = lambda a: root(lambda a, x: x**3 - a, a, 1.0)  # noqa: E731
    expected, power = 1.0, 1 / 3
    for _ in range(4):
        f, expected, power = grad(f), expected * power, power - 1
        assert f(8.0) == pytest.approx(expected * 8.0**power, rel=1e-11)


def test_forward_and_reverse_in_any_order():
    def forward(f):
        return lambda a: jvp(f, (a,), (1.0,))[1]

    def cube_root(a):
        return root(lambda a, x: x**3 - a, a, 1.0)

    assert forward(cube_root)(8.0) == pytest.approx(1 / 12, rel=1e-12)
    for once in (forward(cube_root), grad(cube_root)):
        for twice in (forward(once), grad(once)):
            assert twice(8.0) == pytest.approx(-2 / 9 * 8.0 ** (-5 / 3), rel=1e-12)
            for thrice in (forward(twice), grad(twice)):
                assert thrice(8.0) == pytest.approx(10 / 27 * 8.0 ** (-8 / 3), rel=1e-11)


def test_forward_mode():
    f = lambda b: joined(fixed_point(nested_step, {"A": A, "b": b}, X0))  # noqa: E731
    out, tangent = jvp(f, (B,), (np.ones(3),))
    np.testing.assert_allclose(tangent, jacobian(f)(B) @ np.ones(3), rtol=1e-9)
    np.testing.assert_allclose(out, f(B))
    total = lambda b: anp.sum(f(b) ** 2)  # noqa: E731
    h = 1e-6
    np.testing.assert_allclose(
        hvp(total, (B,), (np.ones(3),)), (grad(total)(B + h) - grad(total)(B - h)) / (2 * h), rtol=1e-6
    )


def test_complex_equations_need_not_be_holomorphic():
    def f(c, z):
        return z * z + 0.3 * anp.conj(z) - c

    z = root(f, 1.0 + 1.0j, 1.0 + 0.5j)
    assert abs(f(1.0 + 1.0j, z)) < 1e-13
    check_gradients(lambda c: root(f, c, 1.0 + 0.5j), np.array(1.0 + 1.0j), order=2).assert_ok()


def test_what_is_read_from_outside_has_its_derivative():
    v, c = Variable(4.0), Tensor(2.0)
    with GradientTape() as tape:
        tape.watch(c)
        doubled = 2.0 * c
        x = fixed_point(lambda _, x: 0.5 * (x + v * doubled / x), None, 1.0)  # the root of 2 v c
    dv, dc = tape.gradient(x, [v, c])
    np.testing.assert_allclose([x.numpy(), dv.numpy(), dc.numpy()], [4.0, 0.5, 1.0], rtol=1e-12)
    assert tape.watched_variables() == (v,)


def test_equations_inside_equations():
    def inner(a):
        return root(lambda a, x: x**3 + x - a, a, 1.0)

    def difference(f, x, h=1e-4):
        return (f(x + h) - f(x - h)) / (2 * h)

    def nearest(p):
        return argmin(lambda p, a: (inner(a) - p) ** 2 + 0.1 * a**2, p, 1.0)

    def where_slope_is(p):
        return root(lambda p, a: grad(inner)(a) - p, p, 1.0)

    assert grad(nearest)(1.3) == pytest.approx(difference(nearest, 1.3), rel=1e-6)
    assert grad(where_slope_is)(0.2) == pytest.approx(difference(where_slope_is, 0.2), rel=1e-6)
    assert grad(grad(where_slope_is))(0.2) == pytest.approx(difference(grad(where_slope_is), 0.2), rel=1e-5)
    check_gradients(checkpoint(lambda p: inner(p) * inner(2.0 * p)), 1.3, order=2).assert_ok()


def test_hyperparameters_through_a_fit():
    x, y = RNG.normal(size=(30, 3)), RNG.normal(size=30)

    def fitted(log_penalty):  # ridge regression, whose solution is known
        return argmin(lambda s, w: anp.sum((x @ w - y) ** 2) + anp.exp(s) * anp.sum(w * w), log_penalty, np.zeros(3))

    w = fitted(0.7)
    matrix = x.T @ x + np.exp(0.7) * np.eye(3)
    np.testing.assert_allclose(w, np.linalg.solve(matrix, x.T @ y), rtol=1e-10)
    np.testing.assert_allclose(jacobian(fitted)(0.7), -np.exp(0.7) * np.linalg.solve(matrix, w), rtol=1e-8)


def test_a_large_system_is_never_written_as_a_matrix():
    n = 3000

    def f(c, x):  # a chain of springs
        ends = anp.concatenate([[0.0], x, [0.0]])
        return 4.0 * x + x**3 - ends[2:] - ends[:-2] - c

    c = RNG.normal(size=n)
    u = RNG.normal(size=n)
    g = grad(lambda c: anp.sum(u * root(f, c, np.zeros(n))))(c)
    v = RNG.normal(size=n)
    h = 1e-5
    difference = np.sum(u * (root(f, c + h * v, np.zeros(n)) - root(f, c - h * v, np.zeros(n)))) / (2 * h)
    np.testing.assert_allclose(np.sum(g * v), difference, rtol=1e-7)


def test_ill_conditioned_equations_have_a_derivative():
    hilbert = 1 / (np.arange(8)[:, None] + np.arange(8) + 1.0)  # its condition number is 1.5e10

    def solve(b):
        return root(lambda b, x: hilbert @ x - b, b, np.zeros(8))

    b = hilbert @ np.ones(8)
    np.testing.assert_allclose(solve(b), np.ones(8), rtol=1e-5)
    np.testing.assert_allclose(jacobian(solve)(b), np.linalg.inv(hilbert), rtol=1e-4, atol=1e3)


def test_the_name_in_hips_autograd():
    def newton_sqrt(a):
        return lambda x: 0.5 * (x + a / x)

    def f(a):
        return hips_fixed_point(newton_sqrt, a, 1.0, lambda x, y: abs(x - y), 1e-8)

    np.testing.assert_allclose([f(4.0), grad(f)(4.0), grad(grad(f))(4.0)], [2.0, 0.25, -1 / 32], rtol=1e-10)


def test_arguments_changed_afterwards_change_nothing():
    a = np.array([4.0, 9.0])
    t = Tensor(a)
    with GradientTape() as tape:
        tape.watch(t)
        x = fixed_point(lambda p, x: 0.5 * (x + p[0] * p[1] / x), [t, a], np.ones(2))
        a[:] = 1e6
    np.testing.assert_allclose(tape.gradient(x, t).numpy(), [0.5, 0.5])


# --------------------------------------------------------------------------------------------------- refusals
def test_no_convergence():
    with pytest.raises(ConvergenceError, match=r"fixed_point: after 7 steps the value still moves by 1,? and"):
        fixed_point(lambda p, x: x + p, 1.0, 0.0, max_steps=7)
    with (
        pytest.raises(ConvergenceError, match="fixed_point: came to a value that is not finite"),
        np.errstate(all="ignore"),
    ):
        fixed_point(lambda p, x: p * x * x, 2.0, 3.0)
    with pytest.raises(ConvergenceError, match=r"root: (no step|the Jacobian is singular)"):
        root(lambda p, x: x * x + p, 1.0, 3.0)
    with pytest.raises(ConvergenceError, match="root: the Jacobian is singular at x"):
        root(lambda p, x: p + 0.0 * x, 1.0, 3.0)
    with pytest.raises(ConvergenceError, match="root: after 2 steps"):
        root(lambda p, x: x**3 - p, 1e6, 1.0, max_steps=2)
    with pytest.raises(ConvergenceError, match="argmin: after 20 steps"):
        argmin(lambda p, x: p * x, 1.0, 3.0, max_steps=20)
    with pytest.raises(ConvergenceError, match="argmin: came to a value that is not finite"), np.errstate(all="ignore"):
        argmin(lambda p, x: anp.log(x) * p, 1.0, -3.0)
    with pytest.raises(ConvergenceError, match="argmin: no step downhill"):
        argmin(lambda p, x: -x * p + 100.0 * stepped(x), 1.0, 0.0)
    assert issubclass(ConvergenceError, AutogradError)
    assert issubclass(ConvergenceError, ArithmeticError)


def stepped(x):
    return anp.where(x > 0, 1.0, 0.0)


def test_no_derivative_where_the_equations_are_singular():
    assert root(lambda p, x: x * x - p, 0.0, 0.0) == 0.0
    with pytest.raises(ConvergenceError, match="root: the equations are singular at the solution"):
        grad(lambda p: root(lambda p, x: x * x - p, p, 0.0))(0.0)
    with pytest.raises(ConvergenceError, match="fixed_point: the equations are singular"):
        grad(lambda p: fixed_point(lambda p, x: x + 0.0 * p, p, 1.0))(2.0)


def test_wrong_shapes_and_dtypes():
    with pytest.raises(
        DtypeError, match=r"root: x0 must hold floating-point or complex numbers, received an array of dtype int64"
    ):
        root(lambda p, x: x - p, 1.0, 3)
    with pytest.raises(ShapeError, match=r"root: x has 2 numbers .* and f returned 3"):
        root(lambda p, x: np.ones(3), 1.0, np.ones(2))
    with pytest.raises(
        ShapeError,
        match=r"fixed_point: f must return what x is built like, arrays of shapes \[\(2,\)\]; it returned \[\(\)\]",
    ):
        fixed_point(lambda p, x: anp.sum(x), 1.0, np.ones(2))
    with pytest.raises(ShapeError, match="a gradient needs a function that returns one number"):
        argmin(lambda p, x: x * x, 1.0, np.ones(2))


def test_a_variable_assigned_meanwhile_is_an_error():
    v = Variable(8.0)
    with GradientTape() as tape:
        x = root(lambda _, x: x**3 - v, None, 1.0)
    v.assign(27.0)
    with pytest.raises(TapeError, match="root gave another result when it was run again"):
        tape.gradient(x, v)


# ------------------------------------------------------------------------------------------------- the linear equations
@pytest.mark.parametrize("n", [1, 2, 7, 60, 400])
def test_gmres_solves(n):
    m = RNG.normal(size=(n, n)) + 2 * n**0.5 * np.eye(n)
    b = RNG.normal(size=n)
    x, left = gmres(lambda v: m @ v, b)
    assert left < 1e-12
    np.testing.assert_allclose(x, np.linalg.solve(m, b), rtol=1e-9, atol=1e-12)


def test_gmres_at_its_edges():
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])  # the first product is orthogonal to what it began with
    np.testing.assert_allclose(gmres(lambda v: turn @ v, np.array([1.0, 2.0]))[0], [-2.0, 1.0])
    np.testing.assert_array_equal(gmres(lambda v: v, np.zeros(3))[0], np.zeros(3))
    assert gmres(lambda v: 0 * v, np.ones(3))[1] == 1.0
    assert gmres(lambda v: np.array([v[0], 0.0]), np.ones(2))[1] == pytest.approx(0.5**0.5)
    assert np.isnan(gmres(lambda v: v, np.array([1.0, np.nan]))[0]).all()
    ill = np.diag(np.logspace(0, -8, 20))
    x, left = gmres(lambda v: ill @ v, np.ones(20))
    assert left < 1e-8
    x, _ = gmres(lambda v: (2 * v).astype(np.float32), np.ones(3, np.float32))
    assert x.dtype == np.float32
