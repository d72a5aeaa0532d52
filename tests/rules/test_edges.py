"""Calls on the edge of what NumPy takes: lists that hold tensors, options, empty arrays. Each once gave a wrong number,
or none.
"""

from __future__ import annotations

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad
from autograd.errors import NoDerivativeError, OperandError


def differences(f, x, h=1e-6):
    """The gradient of a function with one number as its value, by central differences."""
    steps = h * np.eye(x.size).reshape(-1, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(x.shape)


def agrees(f, x):
    """Whether the gradient of the sum of ``cos(f)`` is that of NumPy's own, and the value too."""
    theirs = f(np, x)
    np.testing.assert_allclose(f(anp, Tensor(x)).numpy(), theirs)
    assert f(anp, Tensor(x)).dtype == theirs.dtype
    found = grad(lambda t: anp.sum(anp.cos(f(anp, t))))(x)
    np.testing.assert_allclose(found, differences(lambda t: np.sum(np.cos(f(np, t))), x), rtol=1e-6, atol=1e-7)


def test_a_power_with_unsigned_exponents_does_not_run_below_zero():
    exponents = np.array([0, 1, 3], np.uint8)
    np.testing.assert_allclose(grad(lambda x: np.sum(anp.power(x, exponents)))(np.full(3, 1e4)), [0, 1, 3e8])


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(
    ("x", "y", "axis"), [((3, 3), (3,), 0), ((3, 4, 2), (3, 2), 0), ((3, 2), (4, 3, 2), -2), ((4, 3), (4, 1), 0)]
)
def test_vecdot_broadcasts_what_stands_beside_its_axis(x, y, axis, keepdims):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=x), rng.normal(size=y)
    agrees(lambda m, t: m.vecdot(t, b, axis=axis, keepdims=keepdims), a)
    agrees(lambda m, t: m.vecdot(a, t, axis=axis, keepdims=keepdims), b)


@pytest.mark.parametrize("order", [np.inf, -np.inf])
def test_a_norm_of_no_vectors_has_an_empty_gradient(order):
    assert grad(lambda x: np.sum(np.linalg.norm(x, order, axis=-1)))(np.zeros((0, 3))).shape == (0, 3)


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("linear_ramp", {}),
        ("linear_ramp", {"end_values": (1.0, -2.0)}),
        *[
            (mode, options)
            for mode in ("mean", "maximum", "minimum", "median")
            for options in ({}, {"stat_length": (2, 1)})
        ],
    ],
)
@pytest.mark.parametrize("width", [0, 2, (1, 5), ((0, 1), (3, 2))])
def test_margins_that_are_computed(mode, options, width):
    agrees(lambda m, x: m.pad(x, width, mode, **options), np.random.default_rng(1).normal(size=(3, 4)))


def test_margins_have_a_derivative_in_their_values():
    x = np.arange(6.0).reshape(2, 3)
    agrees(lambda m, v: m.pad(x, 2, constant_values=v), np.array([0.3, 0.7]))
    agrees(lambda m, v: m.pad(x, 2, mode="linear_ramp", end_values=v), np.array([[0.3, 0.7], [1.0, 2.0]]))
    assert grad(lambda v: np.sum(anp.pad(x, 1, constant_values=((v, 0.0), (0.0, v * v)))))(3.0) == 3 + 4 * 6


def test_margins_of_integers_are_rounded():
    x = np.array([1, 2, 4, 4])
    for mode in ("mean", "median", "linear_ramp"):
        padded = anp.pad(Tensor(x), 3, mode)
        assert padded.dtype == x.dtype
        assert padded.tolist() == np.pad(x, 3, mode).tolist()


def test_margins_refuse_what_they_cannot_do():
    x = Tensor(np.arange(3.0))
    with pytest.raises(
        OperandError, match="pad in the mode 'mean' takes the option 'stat_length', and no other: received 'end_values'"
    ):
        anp.pad(x, 1, "mean", end_values=0)
    with pytest.raises(NoDerivativeError, match="a function that writes the margins into an array"):
        grad(lambda t: np.sum(anp.pad(t, 1, lambda vector, *_: vector.fill(0))))(np.ones(2))


def test_a_difference_taken_no_times_is_the_array():
    agrees(lambda m, x: m.diff(x, 0, prepend=0.0, append=1.0), np.arange(3.0))
    with pytest.raises(OperandError, match="0 times or more often: received n=-1"):
        np.diff(Tensor([1.0, 2.0]), -1)


def test_an_empty_list_of_places_deletes_and_inserts_nothing():
    agrees(lambda m, x: m.delete(x, []), np.arange(3.0))
    agrees(lambda m, x: m.insert(x, [], 0.0), np.arange(3.0))


def test_grids_are_lists():
    x = Tensor([1.0, 2.0])
    for found in (
        anp.meshgrid(x, x),
        anp.broadcast_arrays(x, x),
        anp.meshgrid(np.ones(2)),
        anp.broadcast_arrays(np.ones(2), 1.0),
    ):
        assert type(found) is list
        assert all(isinstance(each, Tensor) for each in found)
    assert type(np.meshgrid(x, x)) is tuple


@pytest.mark.parametrize(
    "f",
    [
        lambda m, a, b: m.polyval([a, b, 2.0], np.array([1.0, 3.0])),
        lambda m, a, b: m.polymul([a, b], [1.0, b]),
        lambda m, a, b: m.polydiv([1.0, 2.0, b, a], [a, b])[0],
        lambda m, a, b: m.roots([1.0, a + 9, b]),
        lambda m, a, b: m.convolve([a, b], [b, 2.0]),
        lambda m, a, b: m.median([a, b, 1.0]),
        lambda m, a, b: m.ptp([a, b, 5.0]),
        lambda m, a, b: m.diag([a, b]),
        lambda m, a, b: m.triu([[a, b], [b, a]]),
        lambda m, a, b: m.outer([a, b], [b, 2.0]),
        lambda m, a, b: m.kron([a, b], [b, 2.0]),
        lambda m, a, b: m.vdot([a, b], [b, 2.0]),
        lambda m, a, b: m.tile([a, b], 2),
        lambda m, a, b: m.append([a, b], [1.0, b]),
        lambda m, a, b: m.trapezoid([a, b, 1.0], [b, 1.0, a]),
        lambda m, a, b: m.vstack([[a, b], [1.0, b]]),
        lambda m, a, b: m.hstack([[a, b], [1.0, b, b]]),
        lambda m, a, b: m.column_stack([[a, b], [1.0, b]]),
        lambda m, a, b: m.block([[a, b], [1.0, b]]),
        lambda m, a, b: m.choose([0, 1], [[a, b], [b, 2.0]]),
        lambda m, a, b: m.select([[True, False]], [[a, b]], [b, 2.0]),
        lambda m, a, b: m.full((3, 2), [a, b]),
        lambda m, a, b: m.cumulative_sum([a, b]),
        lambda m, a, b: m.linalg.svdvals([[a, b], [b, 2.0]]),
        lambda m, a, b: m.linalg.multi_dot([[[a, b], [b, 2.0]], [[a], [b]]]),
        lambda m, a, b: m.fft.hfft([a, b, 1.0]),
        lambda m, a, b: m.pad([a, b], 1, mode="linear_ramp", end_values=[[a, b]]),
        lambda m, a, b: m.stack(m.meshgrid([a, b], [1.0, b])),
        lambda m, a, b: m.gradient([a, b, 1.0], [0.0, 1.0, b + 9]),
    ],
)
def test_lists_that_hold_tensors_stand_for_arrays(f):
    agrees(lambda m, x: f(m, x[0], x[1]), np.array([0.3, 0.7]))


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_arctan2_of_very_small_and_very_large_numbers(scale):
    np.testing.assert_allclose(np.array(grad(np.arctan2, (0, 1))(3 * scale, 4 * scale)) * scale, (4 / 25, -3 / 25))


def test_the_third_derivative_of_a_determinant_is_exact_for_every_rank():
    def f(x):
        return anp.linalg.det(
            anp.stack([anp.stack([x, x * x, x**3]), anp.stack([x, x * x, x]), anp.stack([x * x, x, x])])
        )

    x = np.poly1d([1, 0])
    p = x * (x**2 * x - x * x) - x**2 * (x * x - x * x**2) + x**3 * (x * x - x**2 * x**2)
    for order, derivative in ((3, grad(grad(grad(f)))), (4, grad(grad(grad(grad(f)))))):
        for value in (0.4, -1.7, 0.0, 1.0):  # the last two make singular matrices, of rank 0 and of rank 1
            np.testing.assert_allclose(derivative(value), p.deriv(order)(value), rtol=1e-8, atol=1e-8)
