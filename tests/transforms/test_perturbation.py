"""Derivatives inside of derivatives: no perturbation is taken for another one, in any combination of forward and
reverse.

J. M. Siskind and B. A. Pearlmutter, "Perturbation confusion and referential transparency", IFL 2005; B. A. Pearlmutter
and J. M. Siskind, "Using programming language theory to make automatic differentiation sound and efficient", AD 2008;
O. Manzyuk et al., "Perturbation confusion in forward automatic differentiation of higher-order functions", Journal of
Functional Programming 29, 2019, e12. The saddle point and the charged particle are programs of the second paper, with
the results that GradBench publishes."""

import itertools
import math
import os

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, checkpoint, custom_gradient, grad, hvp, jacfwd, jacobian, jvp, linearize, vjp


def by_jvp(f):
    return lambda x: jvp(f, [x], [1.0])[1]


def by_vjp(f):
    return lambda x: vjp(f, x)[1](1.0)[0]


def by_linearize(f):
    return lambda x: linearize(f, x)[1](1.0)


def by_tape(f):
    def at(x):
        x = Tensor(x)  # another identity, if it is a tensor
        with GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        g = tape.gradient(y, x)
        return Tensor(0.0) if g is None else g

    return at


DERIVATIVES = {"jvp": by_jvp, "grad": grad, "vjp": by_vjp, "linearize": by_linearize, "tape": by_tape, "jacfwd": jacfwd}
PAIRS = list(itertools.product(DERIVATIVES, repeat=2))


def number(x):
    return x.item() if isinstance(x, Tensor) else float(x)


# --------------------------------------------------------------------------------------------------- small programs
@pytest.mark.parametrize(("outer", "inner"), PAIRS)
def test_one_derivative_inside_another(outer, inner):
    d, e = DERIVATIVES[outer], DERIVATIVES[inner]
    # d/dx (x d/dy (x + y) at 1) = 1, and 2 where the perturbations are confused
    assert number(d(lambda x: x * e(lambda y: x + y)(1.0))(1.0)) == 1.0
    # d/dx (x d/dy (x y) at 2) = 2 x
    assert number(d(lambda x: x * e(lambda y: x * y)(2.0))(1.0)) == 2.0
    # d/dx (d/dy (x y^2) at x) = 4 x
    assert number(d(lambda x: e(lambda y: x * y * y)(x))(3.0)) == 12.0
    # of a constant inner function
    assert number(d(lambda x: x * number(e(lambda y: 0.0 * y + 5.0)(x.item())) + x)(3.0)) == 1.0
    # d/dx (d/dy (x^3 y^2 + sin(x y)) at y = x^2)
    inside = lambda x: 2 * x**3 * x**2 + x * np.cos(x**3)  # noqa: E731
    h = 1e-6
    expected = (inside(0.7 + h) - inside(0.7 - h)) / (2 * h)
    assert number(d(lambda x: e(lambda y: x**3 * y**2 + anp.sin(x * y))(x**2))(0.7)) == pytest.approx(
        expected, rel=1e-8
    )


@pytest.mark.parametrize("names", list(itertools.product(["jvp", "grad", "linearize", "tape"], repeat=3)))
def test_three_derivatives(names):
    a, b, c = (DERIVATIVES[name] for name in names)
    assert number(a(b(c(lambda x: anp.sin(2 * x))))(0.3)) == pytest.approx(-8 * math.cos(0.6), rel=1e-13)
    nested = a(
        lambda x: x * b(lambda y: x * y * c(lambda z: x * y * z * z)(y))(x)
    )  # x d/dy (2 x^2 y^3) = 6 x^3 y^2 -> 6 x^5
    assert number(nested(1.5)) == pytest.approx(30 * 1.5**4, rel=1e-13)


def test_the_offset_of_higher_order():
    """The derivative of a function that returns a function, applied to itself: (f'' (x + 2u))... of Manzyuk et al.,
    section 5.
    """

    def s(u):
        return lambda f: lambda x: f(x + u)

    def derivative_of_s(f):
        return lambda y: jvp(lambda u: s(u)(f)(y), [0.0], [1.0])[1]

    assert derivative_of_s(derivative_of_s(anp.exp))(1.0) == pytest.approx(math.e, rel=1e-14)


def test_a_closure_that_leaves():
    """A value that was computed in one differentiation is a constant of the next."""
    kept = []

    def f(x):
        kept.append(x * x)
        return x * x

    jvp(f, [3.0], [1.0])
    assert jvp(lambda x: x * kept[0], [2.0], [1.0]) == (18.0, 9.0)
    assert grad(lambda x: x * kept[0])(2.0) == 9.0


def test_a_tape_around_and_a_tape_inside():
    x = Tensor(2.0)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        out, t = jvp(lambda v: x * v * v, [Tensor(3.0)], [Tensor(1.0)])  # 2 x v
    assert tape.gradient(t, x).item() == 6.0
    assert tape.gradient(out, x).item() == 9.0

    def with_the_outer_tape(v):
        with GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = v * v * x
        return tape.gradient(y, x)

    assert jvp(with_the_outer_tape, [3.0], [1.0]) == (9.0, 6.0)

    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        moved = jvp(lambda v: tape.gradient(anp.exp(x * v), x), [Tensor(0.5)], [Tensor(1.0)])
    assert moved[0].item() == pytest.approx(0.5 * math.e)
    assert moved[1].item() == pytest.approx((1 + 1) * math.e)  # d/dv (v exp(x v)) = (1 + x v) exp(x v)


def test_derivatives_of_all_orders_through_what_is_given_by_hand():
    @custom_gradient
    def cube(x):
        return x**3, lambda g: g * 3 * x**2

    for f in (cube, checkpoint(lambda x: x**3), checkpoint(lambda x: x * checkpoint(lambda y: y * x)(x))):
        for outer, inner in itertools.product(["jvp", "grad", "linearize", "tape"], repeat=2):
            assert number(DERIVATIVES[outer](DERIVATIVES[inner](f))(2.0)) == pytest.approx(12.0, rel=1e-14)


def test_hessians_in_four_ways():
    x = np.random.default_rng(0).normal(size=(3, 3))
    f = lambda x: anp.sum(anp.tanh(x @ x) * anp.linalg.inv(x + 5 * np.eye(3)))  # noqa: E731
    expected = jacobian(grad(f))(x)
    for found in (jacfwd(grad(f))(x), jacfwd(jacfwd(f))(x), jacobian(jacfwd(f))(x)):
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)
    v = np.random.default_rng(1).normal(size=(3, 3))
    np.testing.assert_allclose(hvp(f, [x], [v]), np.tensordot(expected, v, 2), rtol=1e-10)


# ------------------------------------------------------------------------------------------- the programs of the papers
def forward_gradient(f):
    def at(x):
        return anp.stack([jvp(f, [x], [np.eye(len(x))[i]])[1] for i in range(len(x))])

    return at


GRADIENTS = {"f": forward_gradient, "r": grad}
FOUR_WAYS = pytest.mark.parametrize(("outer", "inner"), list(itertools.product("fr", repeat=2)))
THOROUGH = pytest.mark.skipif(not os.environ.get("TAPEGRAD_THOROUGH"), reason="takes minutes: set TAPEGRAD_THOROUGH=1")


def argmin(f, x, gradient, eta=1e-5):
    """Descend with steps that grow after ten that went well, and shrink after one that did not; until they are
    short.
    """
    good = 0
    fx, gx = f(x), gradient(f)(x)
    while anp.sqrt(anp.sum(gx * gx)) > 1e-5:
        if good == 10:
            eta, good = eta * 2, 0
        moved = x - eta * gx
        if anp.sqrt(anp.sum((x - moved) ** 2)) <= 1e-5:
            break
        f_moved = f(moved)
        if f_moved < fx:
            x, fx, gx, good = moved, f_moved, gradient(f)(moved), good + 1
        else:
            eta, good = eta / 2, 0
    return x


def saddle(outer, inner, eta):
    """The minimum over (a, b) of the maximum over (c, d) of (a^2 + b^2) - (c^2 + d^2)."""
    start = np.array([1.0, 1.0])

    def height(p, q):
        return (p[0] * p[0] + p[1] * p[1]) - (q[0] * q[0] + q[1] * q[1])

    def highest(p):
        q = argmin(lambda q: -height(p, q), start, inner, eta)
        return height(p, q)

    p = argmin(highest, start, outer, eta)
    return [*p, *argmin(lambda q: -height(p, q), start, outer, eta)]


@FOUR_WAYS
def test_the_saddle_point_in_large_steps(outer, inner):
    found = saddle(GRADIENTS[outer], GRADIENTS[inner], 0.1)
    np.testing.assert_allclose(found, saddle(grad, grad, 0.1), rtol=1e-12)
    assert np.all(np.abs(found) < 1e-4)


@THOROUGH
@FOUR_WAYS
def test_the_saddle_point(outer, inner):
    found = saddle(GRADIENTS[outer], GRADIENTS[inner], 1e-5)
    np.testing.assert_allclose(found, [8.246324826140356e-06] * 4, rtol=1e-9)


def particle(inner):
    """How far from the origin a charged particle hits the axis, squared; it is repelled by two others, one of which the
    control moves.
    """

    def landing(w):
        charges = [(10.0, 10.0 - w[0]), (10.0, 0.0)]

        def potential(x):
            return sum(1 / anp.sqrt((x[0] - a) ** 2 + (x[1] - b) ** 2) for a, b in charges)

        x, v, dt = anp.array([0.0, 8.0]), anp.array([0.75, 0.0]), 1e-1
        while True:
            acceleration = -1.0 * inner(potential)(x)
            moved = x + dt * v
            if moved[1] > 0:
                x, v = moved, v + dt * acceleration
                continue
            landed = x + v * (-x[1] / v[1])
            return landed[0] * landed[0]

    return landing


@FOUR_WAYS
def test_the_slope_of_the_charged_particle(outer, inner):
    landing = particle(GRADIENTS[inner])
    h = 1e-5
    for w in (0.0, 0.1):
        slope = (landing(np.array([w + h])) - landing(np.array([w - h]))) / (2 * h)
        np.testing.assert_allclose(GRADIENTS[outer](landing)(np.array([w])), [slope], rtol=1e-5)


@THOROUGH
@FOUR_WAYS
def test_the_charged_particle(outer, inner):
    found = argmin(particle(GRADIENTS[inner]), np.array([0.0]), GRADIENTS[outer])
    np.testing.assert_allclose(found, [0.2071918746486116], rtol=1e-10)
