"""Convolution, interpolation, differences on a grid, and windows: by brute force, and at their edges."""

import itertools

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, grad
from autograd.errors import DetachedError, NoDerivativeError, OperandError, ShapeError
from autograd.rules.signal import bessel


def drawn(n, dtype, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return x + 1j * rng.normal(size=n) if dtype == "complex128" else x


def cotangents(fn, operands, u):
    """The cotangents of all operands for the cotangent u: without conjugates, where a tape has them on both sides."""
    operands = [Tensor(x) for x in operands]
    with GradientTape() as tape:
        tape.watch(operands)
        y = fn(*operands)
    return [np.conj(g.numpy()) for g in tape.gradient(y, operands, np.conj(u))]


# ----------------------------------------------------------------------------------------------------- convolution
@pytest.mark.parametrize("name", ["convolve", "correlate"])
@pytest.mark.parametrize("mode", ["full", "same", "valid", 0, 1, 2])
@pytest.mark.parametrize("dtypes", list(itertools.product(["float64", "complex128"], repeat=2)), ids="-".join)
def test_convolution_by_brute_force(name, mode, dtypes):
    """It is real-linear in each operand, so a product of its cotangent with a tangent is the function of that
    tangent.
    """
    fn, ours = getattr(np, name), getattr(anp, name)
    for n, m in itertools.product((1, 2, 3, 4, 7), repeat=2):
        a, v = drawn(n, dtypes[0], 1), drawn(m, dtypes[1], 2)
        y = fn(a, v, mode)
        np.testing.assert_allclose(ours(a, v, mode).numpy(), y, rtol=1e-12, atol=1e-14)
        u, da, dv = drawn(y.shape, y.dtype.name, 3), drawn(n, dtypes[0], 4), drawn(m, dtypes[1], 5)
        ca, cv = cotangents(lambda s, t: ours(s, t, mode), [a, v], u)
        assert (ca.shape, ca.dtype, cv.shape, cv.dtype) == (a.shape, a.dtype, v.shape, v.dtype)
        np.testing.assert_allclose(np.real(np.sum(ca * da)), np.real(np.sum(u * fn(da, v, mode))), atol=1e-11)
        np.testing.assert_allclose(np.real(np.sum(cv * dv)), np.real(np.sum(u * fn(a, dv, mode))), atol=1e-11)


def test_convolution_takes_lists_and_one_number():
    assert anp.convolve([1, 2], [1.0, 3.0]).tolist() == [1.0, 5.0, 6.0]
    assert grad(lambda t: anp.sum(anp.convolve(t, [1.0, 2.0])))(3.0) == 3.0
    assert anp.convolve(np.float32([1, 2]), np.float32([1, 2])).dtype == np.float32
    with pytest.raises(ValueError, match="v cannot be empty"):
        anp.convolve(Tensor([1.0]), Tensor(np.zeros(0)))


# ----------------------------------------------------------------------------------------------------- interpolation
def hat(x, xp, fp, left=None, right=None):
    """One point by the definition."""
    if x < xp[0]:
        return fp[0] if left is None else left
    if x > xp[-1]:
        return fp[-1] if right is None else right
    j = max(j for j in range(len(xp)) if xp[j] <= x)
    return fp[j] if j == len(xp) - 1 else fp[j] + (fp[j + 1] - fp[j]) * (x - xp[j]) / (xp[j + 1] - xp[j])


@pytest.mark.parametrize(
    "form", [{}, {"left": 2.0}, {"right": -3.0}, {"left": 1.0, "right": 5.0}, {"period": 4.0}, {"period": -3.5}]
)
def test_values_of_interpolation_are_those_of_numpy(form):
    rng = np.random.default_rng(0)
    xp, fp = np.array([0.0, 0.5, 1.75, 3.0]), rng.normal(size=4)
    x = np.concatenate([rng.uniform(-6, 8, 30), xp, [np.nan]])
    for each in (fp, fp + 1j * fp[::-1], fp.astype(np.float32), np.arange(4)):
        for points in (x, x.reshape(5, 7), x.astype(np.float32), 1.0, 2, [0.25, 0.75]):
            expected = np.interp(points, xp, each, **form)
            result = anp.interp(points, xp, each, **form)
            assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
            np.testing.assert_array_equal(result.numpy(), expected)
    if "period" not in form:
        np.testing.assert_allclose(anp.interp(x[:-1], xp, fp, **form).numpy(), [hat(t, xp, fp, **form) for t in x[:-1]])


def test_a_knot_belongs_to_the_piece_that_begins_there():
    xp, fp = np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, -2.0])
    x = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0])
    slopes, of_knots, of_values = grad(lambda x, xp, fp: anp.sum(anp.interp(x, xp, fp)), (0, 1, 2))(x, xp, fp)
    np.testing.assert_array_equal(slopes, [0.0, 2.0, 2.0, -2.0, -2.0, -2.0, 0.0])
    np.testing.assert_array_equal(of_values, [2.5, 2.0, 2.5])
    np.testing.assert_array_equal(of_knots, [-3.0, 2.0 - 1.0 + 1.0, 3.0])


def test_a_jump_and_a_single_point():
    jump, f = np.array([0.0, 1.0, 1.0, 2.0]), np.array([0.0, 1.0, 5.0, 7.0])
    assert grad(lambda t: anp.sum(anp.interp(np.array([1.0, 0.5]), jump, t)))(f).tolist() == [0.5, 0.5, 1.0, 0.0]
    end, f = np.array([0.0, 1.0, 1.0]), np.array([0.0, 1.0, 5.0])
    with GradientTape() as tape:
        operands = [Tensor([1.0, 0.5]), Tensor(end), Tensor(f)]
        tape.watch(operands)
        y = anp.interp(*operands)
    assert y.tolist() == np.interp([1.0, 0.5], end, f).tolist() == [5.0, 0.5]
    assert [g.tolist() for g in tape.gradient(y, operands)] == [[0.0, 1.0], [-0.5, -0.5, 0.0], [0.5, 0.5, 1.0]]
    assert grad(lambda t: anp.sum(anp.interp(np.array([1.0, 2.0, 3.0]), [2.0], t, left=7.0)))(
        np.array([4.0])
    ).tolist() == [2.0]


def test_left_and_right_get_what_lies_outside():
    gradients = grad(
        lambda low, high: anp.sum(anp.interp(np.array([-1.0, 0.5, 2.0, 3.0]), [0.0, 1.0], [1.0, 2.0], low, high)),
        (0, 1),
    )(5.0, 6.0)
    assert gradients == (1.0, 2.0)
    assert grad(lambda high: anp.sum(anp.interp(np.array([-1.0, 2.0]), [0.0, 1.0], [1.0, 2.0], right=high)))(6.0) == 1.0


def test_the_period_is_differentiable():
    def f(period):
        return anp.interp(7.3, np.array([0.1, 1.0, 2.2]), np.array([1.0, 3.0, 0.0]), period=period)

    numerical = (f(3.0 + 1e-6).item() - f(3.0 - 1e-6).item()) / 2e-6
    assert grad(f)(3.0) == pytest.approx(numerical, rel=1e-6)


def test_points_of_interpolation_that_do_not_fit_are_refused():
    with pytest.raises(
        ShapeError, match=r"as many points xp as values fp, on one axis: received shapes \(2,\) and \(3,\)"
    ):
        anp.interp(Tensor(0.0), [0.0, 1.0], [1.0, 2.0, 3.0])
    with pytest.raises(ShapeError, match="one point at least"):
        anp.interp(Tensor(0.0), [], [])
    with pytest.raises(OperandError, match="a period that is not 0"):
        anp.interp(Tensor(0.0), [0.0, 1.0], [1.0, 2.0], period=0)


# ----------------------------------------------------------------------------------------------------- grids
@pytest.mark.parametrize("edge_order", [1, 2])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128", "int64"])
def test_values_of_gradient_are_those_of_numpy(edge_order, dtype):
    f = (drawn((3, 5), "complex128" if dtype == "complex128" else "float64", 0) * 4).astype(dtype)
    x, y = np.array([0.0, 1.0, 3.0]), np.array([0, 1, 2, 5, 6])
    forms = [
        ((), {}),
        ((0.5,), {}),
        ((2, 0.5), {}),
        ((x, y), {}),
        ((x, 2.0), {}),
        ((y,), {"axis": 1}),
        ((x,), {"axis": -2}),
    ]
    forms += [((y, x), {"axis": (1, 0)})]
    forms += [
        ((), {"axis": 0}),
        ((3.0,), {"axis": (0,)}),
        ((np.arange(3.0) / 7,), {"axis": 0}),
        ((list(x),), {"axis": 0}),
        ((), {"axis": ()}),
    ]
    for spacings, form in forms:
        expected = np.gradient(f, *spacings, edge_order=edge_order, **form)
        result = anp.gradient(f, *spacings, edge_order=edge_order, **form)
        assert isinstance(result, tuple) == isinstance(expected, tuple)
        for found, value in zip(
            *[each if isinstance(each, tuple) else (each,) for each in (result, expected)], strict=True
        ):
            assert (found.shape, found.dtype) == (value.shape, value.dtype)
            tolerance = 1e-5 if dtype == "float32" else 1e-12
            np.testing.assert_allclose(found.numpy(), value, rtol=tolerance, atol=tolerance)


def test_coordinates_that_happen_to_be_even_have_their_own_derivatives():
    """NumPy takes the first distance for all of them then; a change of one coordinate changes two."""
    f, x = np.array([0.0, 1.0, 4.0, 9.0]), np.arange(4.0)
    found = grad(lambda t: anp.gradient(f, t)[1])(x)
    numerical = [(np.gradient(f, x + e)[1] - np.gradient(f, x - e)[1]) / 2e-6 for e in 1e-6 * np.eye(4)]
    np.testing.assert_allclose(found, numerical, atol=1e-8)


@pytest.mark.parametrize(
    ("call_it", "kind", "message"),
    [
        (
            lambda t: anp.gradient(t, 1.0, 2.0, 3.0),
            OperandError,
            "one spacing for all axes, or one for each of the 2: received 3",
        ),
        (lambda t: anp.gradient(t, edge_order=3), OperandError, "edge_order=1 or edge_order=2: received 3"),
        (
            lambda t: anp.gradient(t, edge_order=2),
            ShapeError,
            r"edge_order=2 needs 3 elements along an axis at least: received shape \(2, 3\)",
        ),
        (
            lambda t: anp.gradient(t, [1.0, 2.0], axis=1),
            ShapeError,
            r"each of the 3 places along axis 1: received shape \(2,\)",
        ),
        (lambda t: anp.gradient(t, axis=2), IndexError, "axis 2 is out of bounds"),
        (lambda t: anp.gradient(t, axis=(0, 0)), ValueError, "repeated axis"),
        (lambda t: anp.trapezoid(t, axis=2), IndexError, "axis 2 is out of bounds"),
        (
            lambda t: anp.ediff1d(anp.round(t).astype(int), 0.5),
            OperandError,
            "to_end that fits the dtype int64 of the array: received dtype float64",
        ),
    ],
)
def test_what_does_not_fit_a_grid_is_refused(call_it, kind, message):
    with pytest.raises(kind, match=message):
        call_it(Tensor(np.ones((2, 3))))


def test_values_of_trapezoid_are_those_of_numpy():
    y = drawn((3, 4), "float64", 0)
    x = np.array([0, 1, 3, 4])
    for args, form in [
        ((), {}),
        ((x,), {}),
        ((None, 0.5), {}),
        ((), {"dx": 2, "axis": 0}),
        ((x * y,), {}),
        ((x[:3],), {"axis": 0}),
    ]:
        for each in (y, y.astype(np.float32), (9 * y).astype(int), y.tolist()):
            expected = np.trapezoid(each, *args, **form)
            result = anp.trapezoid(each, *args, **form)
            assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
            np.testing.assert_allclose(result.numpy(), expected, rtol=1e-5)


def test_the_derivative_passes_unwrap_by():
    phases = np.array([[0.0, 3.0, 6.5, -2.0], [1.0, -3.0, 3.0, 9.0]])
    np.testing.assert_array_equal(anp.unwrap(phases, axis=0).numpy(), np.unwrap(phases, axis=0))
    weights = np.arange(8.0).reshape(2, 4)
    assert grad(lambda t: anp.sum(anp.unwrap(t) * weights))(phases).tolist() == weights.tolist()
    with GradientTape() as tape:
        period = Tensor(3.0)
        tape.watch(period)
        with pytest.raises(OperandError, match="tracked tensor as the keyword argument 'period'"):
            anp.unwrap(phases, period=period)


# ----------------------------------------------------------------------------------------------------- windows
def test_the_bessel_function_and_its_derivatives():
    """Against its power series: the sum of (x / 2)**2k / k!**2, in whole numbers over a power of two."""
    from fractions import Fraction

    def series(x, order):
        total, term_power = Fraction(0), Fraction(x)
        coefficient = Fraction(1)
        for k in range(160):
            coefficient = coefficient / (4 * k * k) if k else coefficient
            if 2 * k >= order:
                falling = 1
                for i in range(order):
                    falling *= 2 * k - i
                total += coefficient * falling * term_power ** (2 * k - order)
        return float(total)

    for x in (0.0, 2.0**-30, 0.5, 1.0, 3.75, 8.0, 20.0, 60.0):
        for order in range(4):
            assert bessel(np.array(x), order) == pytest.approx(series(x, order), rel=2e-15, abs=0)
            assert bessel(np.array(-x), order) == pytest.approx((-1) ** order * series(x, order), rel=2e-15, abs=0)
    for x in (100.0, 400.0, 700.0):
        assert bessel(np.array(x), 0) == pytest.approx(np.i0(x), rel=1e-13)
    d = np.i0
    for order in range(4):
        assert float(d(2.5)) == pytest.approx(series(2.5, order), rel=1e-14)
        d = grad(d)
    x = np.float32([0.5, 9.0])
    assert grad(lambda t: anp.sum(anp.i0(t)))(x).dtype == np.float32


@pytest.mark.parametrize("name", ["bartlett", "blackman", "hamming", "hanning", "kaiser"])
def test_windows(name):
    more = (8.6,) if name == "kaiser" else ()
    for M in (-1, 0, 1, 2, 5, 8):
        result, expected = getattr(anp, name)(M, *more), getattr(np, name)(M, *more)
        assert type(result) is Tensor
        assert result.dtype == expected.dtype
        np.testing.assert_allclose(result.numpy(), expected, rtol=1e-12, atol=1e-15)
    with GradientTape() as tape:
        M = Tensor(5.0)
        tape.watch(M)
        with pytest.raises((NoDerivativeError, DetachedError)):
            tape.gradient(getattr(anp, name)(M, *more), M)


def test_the_derivative_of_kaisers_window():
    beta, step = 8.6, 1e-5
    found = [grad(lambda b, i=i: anp.kaiser(9, b)[i])(beta) for i in range(9)]
    np.testing.assert_allclose(found, (np.kaiser(9, beta + step) - np.kaiser(9, beta - step)) / (2 * step), atol=1e-9)
    assert grad(lambda b: anp.sum(anp.kaiser(4, b)))(0.0) == 0.0
    assert anp.kaiser(4, np.float32(2)).dtype == np.float64
