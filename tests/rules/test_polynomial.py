"""Polynomials: values on numbers of every kind, what roots and fits must satisfy, refusals."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad
from autograd.errors import OperandError, ShapeError


def same(found, expected):
    """Whether results are those of NumPy, in shape and dtype too."""
    found, expected = (each if isinstance(each, tuple) else (each,) for each in (found, expected))
    for f, e in zip(found, expected, strict=True):
        assert (np.shape(f), np.result_type(f)) == (np.shape(e), np.result_type(e))
        np.testing.assert_allclose(np.asarray(f), e, rtol=1e-10, atol=1e-10)
    return True


@pytest.mark.parametrize("dtype", [int, np.float32, float, complex])
@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("polyadd", ([1, 2, 3], [4, 5])),
        ("polysub", ([4], [1, 2, 3])),
        ("polymul", ([0, 0, 1, 2], [3, 4, 5])),
        ("polymul", ([0, 0], [1, 2])),
        ("polydiv", ([1, 5, 6, 2], [2, 1])),
        ("polydiv", ([1, 2], [1, 2, 3])),
        ("polydiv", ([2, 4, 2], [1, 1])),
        ("polyder", ([1, 2, 3], 2)),
        ("polyder", ([1, 2, 3], 5)),
        ("polyint", ([3, 2, 1], 2, 3)),
        ("polyint", ([3, 2, 1],)),
        ("polyval", ([1, 2, 3], 5)),
        ("polyval", ([1, 2, 3], [[1, 2], [3, 4]])),
        ("polyval", ([], [1, 2])),
        ("vander", ([1, 2, 3],)),
        ("vander", ([1, 2, 3], 1, True)),
        ("poly", ([1, 2, 3],)),
        ("poly", ([[0, 1], [-1, 0]],)),
        ("poly", ([],)),
        ("roots", ([0, 0, 1, -3, 2, 0],)),
        ("roots", ([0, 0],)),
        ("roots", ([2, 0],)),
    ],
)
def test_values_and_dtypes_are_those_of_numpy(name, args, dtype):
    args = [np.array(arg, dtype) if isinstance(arg, list) else arg for arg in args]
    expected = getattr(np, name)(*args)
    assert same(getattr(anp, name)(*args), expected)
    assert same(getattr(anp, name)(*[Tensor(arg) if isinstance(arg, np.ndarray) else arg for arg in args]), expected)


def test_roots_that_come_in_pairs_make_real_coefficients():
    roots = np.array([1 + 2j, 1 - 2j, 3.0])
    assert same(anp.poly(roots), np.poly(roots))
    assert anp.poly(roots).dtype == float
    assert same(grad(lambda r: anp.poly(r)[-1])(roots), np.array([-3 * (1 - 2j), -3 * (1 + 2j), -5]))


def test_roots_move_against_the_value_of_their_polynomial():
    """``d root = -root ** k / p'(root) dp[k]``."""
    p = np.array([1.0, -6.0, 11.0, -6.0])
    roots = np.roots(p)
    for i, root in enumerate(roots):
        expected = -(root ** np.arange(3, -1, -1)) / np.polyval(np.polyder(p), root)
        np.testing.assert_allclose(grad(lambda c, i=i: anp.roots(c)[i])(p), expected, rtol=1e-8)


def test_a_fit_is_linear_in_the_values():
    x, y = np.linspace(-1, 1, 7), np.sin(np.linspace(-1, 1, 7))
    jacobian = np.stack([grad(lambda t, i=i: anp.polyfit(x, t, 3)[i])(y) for i in range(4)])
    np.testing.assert_allclose(jacobian, np.linalg.pinv(np.vander(x, 4)), rtol=1e-8, atol=1e-12)


def test_a_fit_that_is_not_determined_warns():
    with pytest.warns(np.exceptions.RankWarning, match="poorly conditioned"):
        anp.polyfit(np.ones(3), np.ones(3), 1)


@pytest.mark.parametrize(
    ("call_it", "error", "message"),
    [
        (lambda t: anp.polyadd(np.poly1d([1.0, 2.0]), t), OperandError, r"no numpy\.poly1d: pass p\.coeffs"),
        (lambda t: anp.polyval(t, np.poly1d([1.0, 2.0])), OperandError, "polyval takes numbers as x"),
        (
            lambda t: anp.polymul(t[:, None], t),
            ShapeError,
            r"polymul takes coefficients along one axis: received shape \(3, 1\)",
        ),
        (lambda t: anp.polyder(t, -1), OperandError, "an order of 0 or more: received -1. See polyint"),
        (lambda t: anp.polyint(t, -1), OperandError, "an order of 0 or more: received -1. See polyder"),
        (lambda t: anp.polyint(t, 3, [1.0, 2.0]), ShapeError, "one for each of 3 integrations: received 2"),
        (lambda t: anp.vander(t[:, None]), ShapeError, r"vander takes one axis: received shape \(3, 1\)"),
        (lambda t: anp.poly(t[:, None]), ShapeError, r"or a square matrix: received shape \(3, 1\)"),
        (lambda t: anp.polyfit(t, t[:2], 1), ShapeError, r"received shapes \(3,\) and \(2,\), and deg=1"),
        (
            lambda t: anp.polyfit(t, t, 1, w=t[:2]),
            ShapeError,
            r"one weight for each point: received shape \(2,\) for 3 points",
        ),
        (
            lambda t: anp.polyfit(t, t, 2, cov=True),
            ShapeError,
            "more points than coefficients, which are 3: received 3",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call_it, error, message):
    with pytest.raises(error, match=message):
        call_it(Tensor([1.0, 2.0, 4.0]))
