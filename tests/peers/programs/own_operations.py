"""Operations with rules of one's own, checked; a fixed point with its derivative; nests; values taken out of a
trace.
"""

import numpy as onp

import autograd.numpy as np
from autograd import grad, grad_and_aux, jacobian, make_ggnvp, make_hvp, make_jvp, make_vjp
from autograd.builtins import dict as boxed_dict
from autograd.builtins import isinstance, list, tuple
from autograd.extend import defjvp, defvjp, primitive, vspace
from autograd.misc.fixed_points import fixed_point
from autograd.test_util import check_grads
from autograd.tracer import getval


@primitive
def logsumexp(x):
    max_x = onp.max(x)
    return max_x + onp.log(onp.sum(onp.exp(x - max_x)))


def logsumexp_vjp(ans, x):
    x_shape = x.shape
    return lambda g: np.full(x_shape, g) * np.exp(x - np.full(x_shape, ans))


defvjp(logsumexp, logsumexp_vjp)
defjvp(logsumexp, lambda g, ans, x: np.sum(g * np.exp(x - ans)))


def example_func(y):
    z = y**2
    return logsumexp(z)


def newton_sqrt_iter(a):
    return lambda x: 0.5 * (x + a / x)


def distance(x, y):
    return np.abs(x - y)


def running(x):
    """Look at a value on the way."""
    seen = []
    total = 0.0
    for each in x:
        total = total + each**2
        seen.append(float(getval(total)))
    return total, seen


def branches(x):
    if isinstance(x, onp.ndarray):
        return np.sum(x**2)
    if isinstance(x, boxed_dict):
        return sum([branches(each) for each in x.values()])
    if isinstance(x, (list, tuple)):
        return sum([branches(each) for each in x])
    return x**3


def run():
    x = onp.array([1.5, 6.7, 1e-10])
    check_grads(example_func, modes=["rev"])(x)
    slope = grad(fixed_point, 1)(newton_sqrt_iter, 2.0, 1.0, distance, 1e-6)
    assert abs(slope - 0.5 / onp.sqrt(2.0)) < 1e-6
    curvature = grad(grad(fixed_point, 1), 1)(newton_sqrt_iter, 2.0, 1.0, distance, 1e-6)
    assert abs(curvature + 0.25 * 2.0**-1.5) < 1e-5
    gradient, seen = grad_and_aux(running)(x)
    nested = grad(branches)({"a": [2.0, x], "b": (x, 3.0)})
    A = onp.array([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0], [2.0, 0.3, 0.1]])

    def layer(x):
        return np.tanh(np.dot(A, x))

    v = onp.array([1.0, -1.0, 0.5])
    pullback, out = make_vjp(layer)(x)
    product, _ = make_hvp(example_func)(x)
    assert vspace(x).shape == (3,)
    return {
        "gradient": grad(example_func)(x),
        "slope": slope,
        "running": gradient,
        "seen": seen,
        "nested": [nested["a"][0], nested["b"][1], *nested["a"][1]],
        "jacobian": jacobian(layer)(x),
        "pullback": pullback(v),
        "out": out,
        "pushed": make_jvp(layer)(x)(v)[1],
        "hessian product": product(v),
        "gauss newton": make_ggnvp(layer)(x)(v),
    }
