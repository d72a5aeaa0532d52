"""Slopes at special points: values by mpmath 1.4 with 50 digits (``mp.diff`` of the function), unless a line says
otherwise. `test_accuracy.py` sweeps the same functions over the whole range.
"""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import grad, hessian, vmap
from autograd.scipy import special
from autograd.scipy.integrate import odeint
from autograd.scipy.stats import norm, t
from nn import ops


def nth(f, n):
    for _ in range(n):
        f = grad(f)
    return f


@pytest.mark.parametrize(
    ("f", "order", "x", "expected"),
    [
        (anp.expm1, 1, -40.0, 4.248354255291589e-18),
        (special.expm1, 1, -40.0, 4.248354255291589e-18),
        (ops.elu, 1, -40.0, 4.248354255291589e-18),
        (anp.arcsinh, 1, 1e200, 1e-200),
        (anp.arcsin, 1, 0.9999999999, 70710.67519510883),
        (anp.arctanh, 2, 0.9999999999, 4.9999991725963927e19),
        (lambda x: anp.hypot(x, 3.0), 2, 1e6, 8.9999999998785e-18),
        (special.expit, 2, 1e-10, -1.25e-11),
        (special.log_expit, 3, 1e-10, 1.25e-11),
        (special.log_ndtr, 2, -1e4, -0.9999999900000006),
        (special.log_ndtr, 3, -1e4, 1.99999976000003e-12),
        (norm.logcdf, 3, -1e4, 1.99999976000003e-12),
        (norm.logsf, 3, 1e4, -1.99999976000003e-12),
        (special.i0e, 3, 1e5, -2.3654574373146493e-18),
        (special.erfcx, 3, 10.0, -0.00032242674768269101),
        (lambda a: special.betaln(a, 2.5), 1, 1e16, -2.5e-16),
        (lambda df: t.logpdf(1.5, df), 1, 1e6, 1.0937626562095948e-13),
        (lambda x: special.pseudo_huber(3.0, x), 2, 1e4, 2.699999635500041e-11),
        (special.ellipk, 1, -1e16, 9.4034875525361274e-24),
    ],
)
def test_a_slope_is_not_computed_from_a_rounded_result(f, order, x, expected):
    np.testing.assert_allclose(nth(f, order)(x), expected, rtol=1e-12)
    np.testing.assert_allclose(vmap(nth(f, order))(np.array([x, x])), [expected] * 2, rtol=1e-12)
    compiled = autograd.compile(nth(f, order))
    for _ in range(3):
        np.testing.assert_allclose(compiled(x), expected, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("fn", [special.logsumexp, ops.logsumexp, lambda x: anp.logaddexp(x[0], x[1])])
def test_large_terms_share_a_logarithm_of_their_sum(fn, dtype):
    """Equal shares of equal terms, whatever these are; by the definition."""
    eps, n = np.finfo(dtype).eps, 3 if fn in (special.logsumexp, ops.logsumexp) else 2
    for size in (1e6, -1e6, 1e30):
        shares = grad(fn)(np.full(n, size, dtype))
        assert shares.dtype == dtype
        np.testing.assert_allclose(shares, np.full(n, 1 / n), rtol=4 * eps)
        batch = vmap(grad(fn))(np.full((2, n), size, dtype))
        np.testing.assert_allclose(batch, np.full((2, n), 1 / n), rtol=4 * eps)


def test_large_terms_with_weights_and_signs():
    """By ``exp(a - max(a)) / sum(b * exp(a - max(a)))``, in exact arithmetic."""
    a, b = np.array([1e6, 1e6 + 1, 1e6 + 2]), np.array([1.0, -3.0, 0.0])
    total = 1 - 3 * np.e
    of_a, of_b = grad(lambda a, b: special.logsumexp(a, b=b, return_sign=True)[0], (0, 1))(a, b)
    np.testing.assert_allclose(of_a, [1 / total, -3 * np.e / total, 0], rtol=1e-14)
    np.testing.assert_allclose(of_b, np.array([1, np.e, np.e**2]) / total, rtol=1e-14)
    single = grad(lambda a: special.logsumexp(a, b=np.float32([1, 3])))(np.float32([1e6, 1e6]))
    np.testing.assert_allclose(single, [0.25, 0.75], rtol=4e-7)


def test_the_hessian_of_a_sum_of_large_terms():
    p = np.exp([0.0, 1.0, 2.0]) / np.sum(np.exp([0.0, 1.0, 2.0]))
    for fn in (special.logsumexp, ops.logsumexp):
        np.testing.assert_allclose(hessian(fn)(1e6 + np.arange(3.0)), np.diag(p) - np.outer(p, p), atol=1e-15)


LENGTHS = [
    anp.linalg.norm,
    lambda x: anp.linalg.norm(x, 3),
    anp.std,
    lambda x: anp.hypot(x[0], x[1]),
    lambda x: anp.abs(x[0] + 1j * x[1]),
]


@pytest.mark.parametrize("length", LENGTHS)
def test_a_length_of_zero_has_slope_zero_and_no_second_derivative(length):
    """It is infinite, and for the square of the length finite: NaN says that the rule cannot know."""
    zero = np.zeros(2)
    np.testing.assert_array_equal(grad(length)(zero), zero)
    np.testing.assert_array_equal(grad(lambda x: length(x) ** 2)(zero), zero)
    for f in (length, lambda x: length(x) ** 2):
        assert np.all(np.isnan(np.diagonal(hessian(f)(zero))))
        assert np.all(np.isnan(np.diagonal(vmap(hessian(f))(np.zeros((3, 2))), axis1=1, axis2=2)))


@pytest.mark.parametrize("length", [lambda x: anp.linalg.norm(x, axis=-1), lambda x: anp.hypot(x[..., 0], x[..., 1])])
def test_a_length_of_zero_leaves_the_others_alone(length):
    x = np.array([[0.0, 0.0], [3.0, 4.0]])
    second = hessian(lambda x: anp.sum(length(x)))(x)
    np.testing.assert_allclose(second[1, :, 1, :], np.array([[16.0, -12.0], [-12.0, 9.0]]) / 125, rtol=1e-14)
    np.testing.assert_array_equal(second[1, :, 0, :], np.zeros((2, 2)))
    np.testing.assert_array_equal(second[0, :, 1, :], np.zeros((2, 2)))
    assert np.all(np.isnan(np.diagonal(second[0, :, 0, :])))
    chosen = grad(lambda x: anp.sum(grad(lambda x: anp.sum(anp.where(length(x) > 0, length(x), 0.0)))(x)[1]))(x)
    np.testing.assert_array_equal(chosen[0], [0, 0])


def test_the_adjoint_of_an_equation_does_not_step_past_the_first_time():
    """``y' = -k sqrt(t) y`` from 1 is ``exp(-2 k t^1.5 / 3)``."""
    times = np.array([0.0, 0.5, 1.0])

    def last(k):
        return anp.sum(odeint(lambda y, t, k: -k * anp.sqrt(t) * y, np.array([1.0]), times, (k,))[-1])

    np.testing.assert_allclose(grad(last)(1.3), -2 / 3 * np.exp(-1.3 * 2 / 3), rtol=1e-5)
    np.testing.assert_allclose(nth(last, 2)(1.3), 4 / 9 * np.exp(-1.3 * 2 / 3), rtol=1e-5)
