"""Derivatives of ten published functions agree, in every mode and order, with those of JAX (`published.jax_numbers`)
and with the textbooks.
"""

import json
from functools import partial
from pathlib import Path

import numpy
import pytest
from published.problems import CLASSES, FEATURES, PROBLEMS, SIGNS, ode_fit_by

import autograd.numpy as np
from autograd import GradientTape, Tensor, compile, grad, hessian, hvp, jacfwd, jacrev, jvp, vjp

NUMBERS = json.loads((Path(__file__).parent / "published" / "numbers.json").read_text(encoding="utf-8"))


def check(found, expected, tolerance=1e-10):
    """Compare two arrays relative to the largest element of what is expected."""
    expected = numpy.asarray(expected)
    assert found.dtype == numpy.float64
    assert found.shape == expected.shape
    assert numpy.max(numpy.abs(found - expected)) <= tolerance * numpy.max(numpy.abs(expected))


def direction(problem):
    return numpy.cos(numpy.arange(problem.point.size))


def of_tape(value, point, product_with=None):
    x = Tensor(point)
    with GradientTape() as tape:
        tape.watch(x)
        y = value(x)
    return (tape.gradient(y, x) if product_with is None else tape.hvp(y, x, product_with)).numpy()


@pytest.fixture(params=PROBLEMS)
def problem(request):
    found = PROBLEMS[request.param]
    return found._replace(outputs=partial(found.outputs, np), value=partial(found.value, np)), NUMBERS[request.param]


def test_value(problem):
    about, expected = problem
    check(about.value(about.point).numpy(), expected["value"])


@pytest.mark.parametrize(
    "way", [lambda f, x: grad(f)(x), lambda f, x: jacfwd(f)(x), of_tape], ids=["reverse", "forward", "tape"]
)
def test_gradient(problem, way):
    about, expected = problem
    check(way(about.value, about.point), expected["gradient"])


@pytest.mark.parametrize("way", [jacrev, jacfwd])
def test_jacobian(problem, way):
    about, expected = problem
    check(way(about.outputs)(about.point), expected["Jacobian"])


def test_products_with_the_jacobian(problem):
    about, expected = problem
    jacobian, v = numpy.array(expected["Jacobian"]), direction(about)
    check(jvp(about.outputs, [about.point], [v])[1], jacobian @ v)
    u = numpy.sin(1.0 + numpy.arange(len(jacobian)))
    check(vjp(about.outputs, about.point)[1](u)[0], u @ jacobian)


@pytest.mark.parametrize(
    "way",
    [hessian, lambda f: jacfwd(grad(f)), lambda f: jacrev(jacfwd(f)), lambda f: jacfwd(jacfwd(f))],
    ids=["reverse over reverse", "forward over reverse", "reverse over forward", "forward over forward"],
)
def test_hessian(problem, way):
    about, expected = problem
    check(way(about.value)(about.point), expected["Hessian"])


def test_products_with_the_hessian(problem):
    about, expected = problem
    v = direction(about)
    product = numpy.array(expected["Hessian"]) @ v
    check(hvp(about.value, [about.point], [v]), product)
    check(of_tape(about.value, about.point, v), product)


@pytest.mark.parametrize(
    ("derivative", "of", "name"),
    [
        (grad, "value", "gradient"),
        (jacfwd, "value", "gradient"),
        (jacrev, "outputs", "Jacobian"),
        (jacfwd, "outputs", "Jacobian"),
        (hessian, "value", "Hessian"),
        (lambda f: jacfwd(grad(f)), "value", "Hessian"),
    ],
    ids=[
        "gradient in reverse",
        "gradient forward",
        "Jacobian in reverse",
        "Jacobian forward",
        "Hessian in reverse",
        "Hessian forward",
    ],
)
def test_compiled(problem, derivative, of, name):
    about, expected = problem
    program = compile(derivative(getattr(about, of)))
    program(about.point + 0.01)  # is traced here, elsewhere than where it is compared
    check(program(about.point), expected[name])
    check(program(about.point), expected[name])


def test_fit_of_the_solution_itself():
    pytest.importorskip("scipy")
    from autograd.scipy.integrate import odeint

    def solve(f, y0, t, rates):
        return odeint(f, y0, t, (rates,), rtol=1e-12, atol=1e-12)

    point, value = PROBLEMS["ODE fit"].point, partial(ode_fit_by(solve), np)
    check(value(point).numpy(), NUMBERS["odeint"]["value"], 1e-8)
    check(grad(value)(point), NUMBERS["odeint"]["gradient"], 1e-8)


# The results that textbooks print, by the numbers of the problems above.


def rosenbrock(x):
    x, y = x
    return [-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)], [
        [1200 * x * x - 400 * y + 2, -400 * x],
        [-400 * x, 200],
    ]


def beale(x):
    x, y = x
    gradient, second = numpy.zeros(2), numpy.zeros((2, 2))
    for i, target in enumerate([1.5, 2.25, 2.625], start=1):
        residual, slope = target - x * (1 - y**i), numpy.array([y**i - 1, i * x * y ** (i - 1)])
        curve = numpy.array([[0, i * y ** (i - 1)], [i * y ** (i - 1), i * (i - 1) * x * y ** max(i - 2, 0)]])
        gradient += 2 * residual * slope
        second += 2 * numpy.outer(slope, slope) + 2 * residual * curve
    return gradient, second


def logistic(w):
    """Bishop (4.91) and (4.97)."""
    wrong = 1 / (1 + numpy.exp(SIGNS * (FEATURES @ w)))
    return -FEATURES.T @ (SIGNS * wrong) / 8, FEATURES.T * (wrong * (1 - wrong)) @ FEATURES / 8


def softmax(w):
    """Bishop (4.109) and (4.110)."""
    p = numpy.exp(FEATURES @ w.reshape(4, 3))
    p /= p.sum(axis=1, keepdims=True)
    blocks = p[:, :, None] * (numpy.eye(3) - p[:, None, :])
    gradient = FEATURES.T @ (p - numpy.eye(3)[CLASSES]) / 8
    return gradient.ravel(), numpy.einsum("ni,nj,nkl->ikjl", FEATURES, FEATURES, blocks).reshape(12, 12) / 8


def determinant(x):
    """Jacobi's formula, and its derivative: det(A) (B_ji B_lk - B_jk B_li) for the inverse B."""
    a = x.reshape(4, 4)
    det, inverse = numpy.linalg.det(a), numpy.linalg.inv(a)
    second = numpy.einsum("ji,lk->ijkl", inverse, inverse) - numpy.einsum("li,jk->ijkl", inverse, inverse)
    return det * inverse.T.ravel(), det * second.reshape(16, 16)


def eigenvalues(x):
    """Perturbation theory: ``d lambda_a = v_a' E v_a + sum_b (v_a' E v_b)^2 / (lambda_a - lambda_b)`` for a small
    symmetric ``E``.
    """
    a = x.reshape(4, 4)
    values, v = numpy.linalg.eigh((a + a.T) / 2)
    first, second = numpy.zeros((4, 4)), numpy.zeros((16, 16))
    for i in (2, 3):
        first += numpy.outer(v[:, i], v[:, i])
        for j in (0, 1):  # what the two largest do to each other cancels in their sum
            both = (numpy.outer(v[:, i], v[:, j]) + numpy.outer(v[:, j], v[:, i])).ravel() / 2
            second += 2 * numpy.outer(both, both) / (values[i] - values[j])
    return first.ravel(), second


CLOSED_FORMS = {
    "Rosenbrock": rosenbrock,
    "Beale": beale,
    "logistic regression": logistic,
    "softmax regression": softmax,
    "determinant": determinant,
    "eigenvalues": eigenvalues,
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_closed_form(name):
    point, value = PROBLEMS[name].point, partial(PROBLEMS[name].value, np)
    gradient, second = CLOSED_FORMS[name](point)
    check(grad(value)(point), gradient)
    check(hessian(value)(point), second)


def test_where_more_garbow_and_hillstrom_find_the_minima():
    for name, minimum, second in [
        ("Rosenbrock", [1.0, 1.0], [[802.0, -400.0], [-400.0, 200.0]]),
        ("Beale", [3.0, 0.5], [[3.15625, -11.4375], [-11.4375, 46.125]]),
    ]:
        value = partial(PROBLEMS[name].value, np)
        assert numpy.array_equal(grad(value)(numpy.array(minimum)), [0.0, 0.0])
        check(hessian(value)(numpy.array(minimum)), second)


def test_a_wrong_number_is_seen():
    expected = numpy.array(NUMBERS["Beale"]["Hessian"])
    with pytest.raises(AssertionError):
        check(expected * (1 + 1e-9), expected)
