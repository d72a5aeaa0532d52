"""Programs for HIPS autograd run as they are."""

import numpy as onp
import pytest

import autograd.numpy as np
from autograd import (
    checkpoint,
    deriv,
    elementwise_grad,
    grad,
    grad_and_aux,
    grad_named,
    hessian,
    hessian_tensor_product,
    hessian_vector_product,
    holomorphic_grad,
    jacobian,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_vjp,
    multigrad_dict,
    tensor_jacobian_product,
    value_and_grad,
    vector_jacobian_product,
)
from autograd.builtins import dict as boxed_dict
from autograd.builtins import isinstance as boxed_isinstance
from autograd.builtins import type as boxed_type
from autograd.errors import GradientCheckError, NoDerivativeError, OperandError, RuleError
from autograd.extend import defjvp, defvjp, defvjp_argnum, defvjp_argnums, primitive, vspace
from autograd.misc import flatten
from autograd.misc.flatten import flatten_func
from autograd.misc.optimizers import adam, rmsprop, sgd
from autograd.test_util import check_grads
from autograd.tracer import getval, isbox

RNG = onp.random.default_rng(0)
A = RNG.normal(size=(3, 3))
X, V = RNG.normal(size=3), RNG.normal(size=3)


def energy(x, scale=1.0):
    return scale * np.sum(np.sin(np.dot(A, x)) ** 2)


def layers(x):
    return np.tanh(np.dot(A, x))


# --------------------------------------------------------------------------------------------------- transforms
def test_argnum_names_the_position():
    f = lambda a, b: a * b**2  # noqa: E731
    assert grad(f, argnum=1)(2.0, 3.0) == 12.0
    assert grad(f, argnum=(0, 1))(2.0, 3.0) == (9.0, 12.0)
    assert value_and_grad(f, argnum=0)(2.0, 3.0) == (18.0, 9.0)
    assert jacobian(f, argnum=1)(2.0, 3.0) == 12.0
    assert hessian(f, argnum=1)(2.0, 3.0) == 4.0
    assert elementwise_grad(f, argnum=1)(2.0, 3.0) == 12.0
    with pytest.raises(OperandError, match="grad takes its positions once: argnums or argnum"):
        grad(f, 1, argnum=0)


def test_an_output_of_one_element_is_a_number():
    assert grad(lambda x: np.reshape(x**2, (1, 1)))(3.0) == 6.0
    assert grad(lambda w: np.dot(w, X.reshape(3, 1)))(V).tolist() == X.tolist()


def test_products_with_jacobians_and_hessians():
    H, J = hessian(energy)(X), jacobian(layers)(X)
    pullback, out = make_vjp(layers)(X)
    onp.testing.assert_allclose(out, layers(X).numpy())
    onp.testing.assert_allclose(pullback(V), V @ J)
    out, tangent = make_jvp(layers)(X)(V)
    onp.testing.assert_allclose(tangent, J @ V)
    product, gradient = make_hvp(energy)(X, scale=2.0)
    onp.testing.assert_allclose(product(V), 2.0 * H @ V)
    onp.testing.assert_allclose(gradient, 2.0 * grad(energy)(X))
    onp.testing.assert_allclose(hessian_vector_product(energy)(X, V), H @ V)
    onp.testing.assert_allclose(hessian_tensor_product(energy)(X, V), H @ V)
    onp.testing.assert_allclose(vector_jacobian_product(layers)(X, V), V @ J)
    expected = onp.ones(3) @ J * X.sum() + layers(X).numpy().sum()
    onp.testing.assert_allclose(
        tensor_jacobian_product(lambda m: np.outer(layers(m), m))(X, onp.ones((3, 3))), expected
    )
    onp.testing.assert_allclose(make_ggnvp(layers)(X)(V), J.T @ J @ V)
    onp.testing.assert_allclose(
        make_ggnvp(layers, lambda y: np.sum(y**4))(X)(V), J.T @ onp.diag(12 * layers(X).numpy() ** 2) @ J @ V
    )
    pull, _ = make_vjp(lambda a, b: a * b, (0, 1))(X, V)
    onp.testing.assert_allclose(pull(onp.ones(3)), [V, X])


def test_gradients_in_other_forms():
    assert deriv(lambda t: np.sin(t) * 2.0)(0.0) == 2.0
    onp.testing.assert_allclose(deriv(lambda t: t * X)(2.0), X)
    assert holomorphic_grad(lambda z: z**3)(1 + 2j) == pytest.approx(3 * (1 + 2j) ** 2)
    assert grad_and_aux(lambda x: (x**2, "more"))(3.0) == (6.0, "more")
    f = lambda a, b=2.0, *, c=3.0: a * b * c  # noqa: E731
    assert grad_named(lambda a, b: a * b**2, "b")(2.0, 3.0) == 12.0
    assert multigrad_dict(f)(5.0) == {"a": 6.0, "b": 15.0, "c": 10.0}
    assert multigrad_dict(f)(5.0, c=1.0)["b"] == 5.0
    onp.testing.assert_array_equal(grad(checkpoint(energy))(X), grad(energy)(X))


# --------------------------------------------------------------------------------------------------- rules
def test_primitives_with_rules_that_return_functions():
    @primitive
    def logsumexp(x):
        top = onp.max(x)
        return top + onp.log(onp.sum(onp.exp(x - top)))

    def logsumexp_vjp(ans, x):
        shape = x.shape
        return lambda g: np.full(shape, g) * np.exp(x - np.full(shape, ans))

    defvjp(logsumexp, logsumexp_vjp)
    defjvp(logsumexp, lambda g, ans, x: np.sum(g * np.exp(x - ans)))
    check_grads(logsumexp)(X)
    check_grads(lambda x: logsumexp(np.sin(x)), modes=["rev"])(X)
    onp.testing.assert_allclose(hessian(logsumexp)(X).sum(), 0.0, atol=1e-12)


def test_rules_for_some_arguments():
    @primitive
    def scaled(x, name, y):
        assert name == "name"
        return x * y

    defvjp(scaled, lambda ans, x, name, y: lambda g: g * y, lambda ans, x, name, y: lambda g: g * x, argnums=(0, 2))
    assert grad(scaled, (0, 2))(2.0, "name", 5.0) == (5.0, 2.0)

    @primitive
    def product(x, y):
        return x * y

    defvjp_argnum(product, lambda argnum, ans, args, kwargs: lambda g: g * args[1 - argnum])
    check_grads(product, (0, 1))(X, V)


def test_a_rule_of_the_wrong_form_is_an_error():
    @primitive
    def f(x):
        return x * 2.0

    defvjp(f, lambda g, x, y=0: lambda v: v)  # the name says that it is no maker
    with pytest.raises(RuleError, match="returned <function"):
        grad(f)(1.0)
    defjvp(primitive(lambda x: x), lambda g, ans, x: g)  # accepted
    g = primitive(lambda x: x * 3.0)
    with pytest.raises(NoDerivativeError):
        grad(g)(1.0)


def test_wrong_gradients_are_found():
    @primitive
    def cube(x):
        return x**3

    defvjp(cube, lambda ans, x: lambda g: g * 2 * x**2)
    with pytest.raises(GradientCheckError):
        check_grads(cube)(2.0)


def test_a_mode_that_is_not_asked_for_is_not_checked():
    @primitive
    def cube(x):
        return x**3

    defvjp(cube, lambda ans, x: lambda g: g * 3 * x**2)
    defjvp(cube, lambda t, ans, x: t * x**2)  # three times as much is right
    check_grads(cube, modes=["rev"], order=1)(2.0)
    check_grads(cube, modes="rev", order=1)(2.0)
    for modes in ({}, {"modes": ["fwd"]}, {"modes": ("rev", "fwd")}):
        with pytest.raises(GradientCheckError):
            check_grads(cube, order=1, **modes)(2.0)


@pytest.mark.parametrize("modes", [["reverse"], "fwd, rev", (), ["rev", None]])
def test_modes_that_do_not_exist_are_refused(modes):
    with pytest.raises(
        OperandError, match=r'^modes is "fwd", "rev", or a sequence of these: received .*Leave it out to check both\.$'
    ):
        check_grads(np.sin, modes=modes)


# --------------------------------------------------------------------------------------------------- odds and ends
def test_nests_as_vectors():
    value = {"w": [onp.ones((2, 3)), 2.0], "b": (X,)}
    vector, unflatten = flatten(value)
    assert vector.shape == (10,)
    again = unflatten(vector)
    assert again["w"][1] == 2.0
    onp.testing.assert_array_equal(again["w"][0], onp.ones((2, 3)))
    gradient = grad(lambda v: np.sum(flatten(value)[0] * v) + np.sum(unflatten(v)["b"][0] ** 2))(vector)
    onp.testing.assert_allclose(gradient, onp.concatenate([3 * X, vector[3:]]))  # sorted by key: b, then w
    flat, _, x = flatten_func(lambda p: {"y": p["w"][1] * p["b"][0]}, value)
    onp.testing.assert_allclose(flat(x), 2 * X)
    assert boxed_isinstance(boxed_dict(a=1), dict)


@pytest.mark.parametrize(("optimize", "step"), [(sgd, 0.1), (rmsprop, 0.05), (adam, 0.1)])
def test_optimizers_of_nests(optimize, step):
    seen = []
    gradient = grad(lambda p, i: np.sum((p["a"] - X) ** 2) + (p["b"] - 3.0) ** 2)
    found = optimize(
        gradient, {"a": onp.zeros(3), "b": 0.0}, lambda p, i, g: seen.append((i, g["b"])), num_iters=300, step_size=step
    )
    onp.testing.assert_allclose(found["a"], X, atol=0.05)
    assert found["b"] == pytest.approx(3.0, abs=0.05)
    assert [i for i, _ in seen] == list(range(300))
    assert seen[0][1] == -6.0


def test_a_look_at_the_value_inside():
    seen = []

    def f(x):
        seen.extend(
            [
                boxed_isinstance(x, onp.ndarray),
                boxed_isinstance(x, (list, float)),
                boxed_type(x),
                isbox(x),
                type(getval(x[0])),
            ]
        )
        return np.sum(x * getval(x))

    onp.testing.assert_array_equal(grad(f)(X), X)
    assert seen == [True, False, onp.ndarray, True, onp.float64]
    assert getval("text") == "text"
    assert (vspace(X).shape, vspace(2.0).dtype) == ((3,), onp.float64)


def test_rules_for_all_arguments_at_once():
    @primitive
    def product(x, y):
        return x * y

    defvjp_argnums(product, lambda argnums, ans, args, kwargs: lambda g: [g * args[1 - i] for i in argnums])
    check_grads(product, (0, 1))(X, V)
