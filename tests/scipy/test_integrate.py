"""Differential equations: the solution is SciPy's, and its derivatives are those of differences and of formulas."""

import numpy as np
import pytest
import scipy.integrate

import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable, grad
from autograd.errors import AutogradError, DtypeError, OperandError, ShapeError
from autograd.scipy.integrate import odeint

TIGHT = {"rtol": 1e-11, "atol": 1e-12}


def predator_and_prey(y, t, rates, more):
    a, b = rates[0], rates[1]
    return anp.array([a * y[0] - b * y[0] * y[1] + more["drive"] * anp.sin(t), -y[1] + 0.5 * y[0] * y[1]])


RATES, MORE, Y0, T = (
    np.array([1.1, 0.4]),
    {"drive": 0.3, "label": "spring"},
    np.array([2.0, 1.0]),
    np.array([0.2, 0.5, 1.1, 1.6]),
)


def by_differences(f, x, step=1e-4):
    x = np.asarray(x, float)
    result = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[i] = step
        result[i] = (8 * (f(x + e) - f(x - e)) - (f(x + 2 * e) - f(x - 2 * e))) / (12 * step)
    return result


def test_the_solution_is_that_of_scipy():
    def plain(y, t, rates):
        return [rates[0] * y[0] - rates[1] * y[0] * y[1], -y[1] + t]

    expected = scipy.integrate.odeint(plain, Y0, T, (RATES,))
    for given in ((Y0, T, (RATES,)), (Tensor(Y0), Tensor(T), (Tensor(RATES),)), ([2.0, 1.0], list(T), ([1.1, 0.4],))):
        found = odeint(plain, *given)
        assert type(found) is Tensor
        assert found.dtype == np.float64
        np.testing.assert_array_equal(found.numpy(), expected)
    np.testing.assert_array_equal(
        odeint(lambda t, y, r: plain(y, t, r), Y0, T, (RATES,), tfirst=True).numpy(), expected
    )
    np.testing.assert_array_equal(
        odeint(lambda y, t: -y, 2, [0.0, 1.0]).numpy(), scipy.integrate.odeint(lambda y, t: -y, 2, [0.0, 1.0])
    )


WEIGHTS = np.random.default_rng(0).normal(size=(4, 2))


def total(y0, t, rates, drive):
    return anp.sum(
        WEIGHTS * odeint(predator_and_prey, y0, t, (rates, {"drive": drive, "label": "spring"}), **TIGHT) ** 2
    )


def test_gradients_are_those_of_differences():
    points = [Y0, T, RATES, 0.3]
    found = grad(total, (0, 1, 2, 3))(*points)
    for i, (gradient, point) in enumerate(zip(found, points, strict=True)):
        expected = by_differences(lambda x, i=i: float(total(*points[:i], x, *points[i + 1 :]).item()), point)
        assert np.shape(gradient) == expected.shape
        np.testing.assert_allclose(gradient, expected, rtol=2e-7, atol=2e-7)


def test_second_derivatives_are_those_of_differences():
    points = [Y0, T, RATES, 0.3]
    v = np.array([0.7, -1.2])

    def along(*x):
        by_y, by_rates, by_t = grad(total, (0, 2, 1))(*x)
        return anp.sum(v * by_y) + anp.sum(v * by_rates) + by_t[2] + 2 * by_t[0]

    found = grad(along, (0, 1, 2, 3))(*points)
    for i, (gradient, point) in enumerate(zip(found, points, strict=True)):
        expected = by_differences(lambda x, i=i: float(along(*points[:i], x, *points[i + 1 :])), point, 1e-3)
        np.testing.assert_allclose(gradient, expected, rtol=2e-5, atol=2e-5)


def test_decay_has_the_derivatives_of_its_formula():
    """``y = y0 exp(-k (t - s))``."""
    y0, k, s, t = 2.0, 0.7, 0.3, 1.5

    def last(y0, k, s, t):
        return odeint(lambda y, _, k: -k * y, anp.reshape(y0, (1,)), anp.array([s, t]), (k,), **TIGHT)[1, 0]

    y = y0 * np.exp(-k * (t - s))
    np.testing.assert_allclose(grad(last, (0, 1, 2, 3))(y0, k, s, t), [y / y0, -(t - s) * y, k * y, -k * y], rtol=1e-8)
    np.testing.assert_allclose(
        grad(grad(last, 1), (0, 1))(y0, k, s, t), [-(t - s) * y / y0, (t - s) ** 2 * y], rtol=1e-7
    )
    np.testing.assert_allclose(
        grad(last, (0, 1))(y0, k, t, s), [y0 / y0 * np.exp(k * (t - s)), (t - s) * y0 * np.exp(k * (t - s))], rtol=1e-8
    )


def test_variables_are_arguments():
    k = Variable(0.5)
    with GradientTape() as tape:
        y = odeint(lambda y, _, k: -k * y, [1.0], [0.0, 2.0], (k,), **TIGHT)
        loss = anp.sum(y[-1])
    np.testing.assert_allclose(tape.gradient(loss, k).numpy(), -2 * np.exp(-1.0), rtol=1e-8)


def test_single_precision_arguments_have_single_precision_gradients():
    found = grad(lambda y, k: anp.sum(odeint(lambda y, _, k: -k * y, y, [0.0, 1.0], (k,))), (0, 1))(
        np.ones(2, np.float32), np.float32(0.5)
    )
    assert [each.dtype for each in found] == [np.float32, np.float32]
    np.testing.assert_allclose(found[0], 1 + np.exp(-0.5), rtol=1e-6)


def test_one_time_and_no_time():
    assert grad(lambda y: anp.sum(odeint(lambda y, t: -y, y, [0.3])))(np.array([1.0, 2.0])).tolist() == [1.0, 1.0]
    assert grad(lambda t: anp.sum(odeint(lambda y, t: -y, [1.0], t)))(np.array([0.3])).tolist() == [0.0]
    assert grad(lambda y: anp.sum(odeint(lambda y, t: -y, y, np.zeros(0))))(np.array([1.0])).tolist() == [0.0]
    assert odeint(lambda y, t: -y, [1.0], []).shape == (0, 1)


def test_a_derivative_that_would_be_lost_is_refused():
    k = Variable(0.5)
    with GradientTape(), pytest.raises(OperandError, match=r"not among its arguments.*Pass it in args="):
        odeint(lambda y, _: -k * y, [1.0], [0.0, 2.0])
    with pytest.raises(OperandError, match="not among its arguments"):
        grad(lambda c: anp.sum(odeint(lambda y, _: -c * y, [1.0], [0.0, 2.0])))(0.5)


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"full_output": 1}, OperandError, "odeint takes the options rtol, atol,.* received 'full_output'"),
        ({"rtol": np.ones(1)}, ShapeError, "one rtol and one atol"),
        ({"y0": np.ones((1, 1))}, ShapeError, r"takes a vector y0 and a vector t: received shapes \(1, 1\) and \(2,\)"),
        ({"y0": np.ones(1, complex)}, DtypeError, "real numbers: received y0 of dtype complex128"),
    ],
)
def test_refusals(kwargs, error, message):
    with pytest.raises(error, match=message) as caught:
        odeint(lambda y, t: -y, **{"y0": [1.0], "t": [0.0, 1.0]} | kwargs)
    assert isinstance(caught.value, AutogradError)
