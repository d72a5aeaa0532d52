"""Short ones: tanh and its derivatives, the banana of Rosenbrock, a sinusoid, a sine by its series, Newton's method in
a while loop.
"""

import matplotlib
import numpy as onp
from scipy.optimize import minimize

import autograd.numpy as np
from autograd import elementwise_grad as egrad
from autograd import grad, hessian, jacobian, value_and_grad

matplotlib.use("agg")
import matplotlib.pyplot as plt


def tanh(x):
    return (1.0 - np.exp(-2 * x)) / (1.0 + np.exp(-2 * x))


def fsin(x):
    """Add terms of the series until one is small: a while loop whose length depends on the value."""
    ans = currterm = x
    i = 0
    while np.abs(currterm) > 0.0001:
        currterm = -currterm * x**2 / ((2 * i + 3) * (2 * i + 2))
        ans = ans + currterm
        i += 1
    return ans


def rosenbrock(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def cube_root(a):
    x = a
    while np.abs(x**3 - a) > 1e-12:
        x = x - (x**3 - a) / (3 * x**2)
    return x


def run():
    x = np.linspace(-7, 7, 200)
    first, second = egrad(tanh), egrad(egrad(tanh))
    third, fourth = egrad(second), egrad(egrad(second))
    fifth, sixth = egrad(fourth), egrad(egrad(fourth))
    figure, axes = plt.subplots()
    axes.plot(x, tanh(x), x, first(x), x, second(x), x, third(x), x, fourth(x), x, fifth(x), x, sixth(x))
    axes.set_title(f"steepest: {np.max(first(x)):.3f}")
    plt.close(figure)
    exact = 16 * (onp.tanh(x) ** 7) * 45
    assert np.all(np.isfinite(sixth(x)))
    assert exact.shape == sixth(x).shape

    found = minimize(value_and_grad(rosenbrock), np.zeros(2), jac=True, method="CG")
    assert np.allclose(found.x, [1.0, 1.0], atol=1e-3)
    newton = minimize(
        rosenbrock, np.array([-1.0, 2.0]), jac=grad(rosenbrock), hess=hessian(rosenbrock), method="Newton-CG"
    )
    assert np.allclose(newton.x, np.ones(2), atol=1e-3)

    assert abs(grad(fsin)(np.pi / 3) - 0.5) < 1e-4
    assert abs(grad(grad(cube_root))(8.0) + 2.0 / 9.0 * 8.0 ** (-5.0 / 3.0)) < 1e-9
    spiral = jacobian(lambda t: np.array([t * np.cos(t), t * np.sin(t), t]))(2.0)
    return {
        "tanh": [f(x)[60:140:20] for f in (tanh, first, second, third, fourth, fifth, sixth)],
        "fsin": grad(fsin)(0.7),
        "spiral": spiral,
    }
