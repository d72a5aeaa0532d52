"""The modules of HIPS autograd that published packages import, and the forms of its rules."""

import importlib

import numpy as onp
import pytest

import autograd
import autograd.numpy as np
from autograd import Tensor, check_gradients, compile, grad, hessian, jacobian, jvp, vmap
from autograd.core import make_jvp, make_vjp
from autograd.errors import NoDerivativeError, OperandError, RuleError
from autograd.extend import (
    Box,
    VSpace,
    def_linear,
    defjoint,
    defjvp_argnum,
    defjvp_argnums,
    deflinear,
    defvjp,
    notrace_primitive,
    operation,
    primitive,
    vspace,
)
from autograd.numpy.numpy_vjps import metadata, unbroadcast, unbroadcast_f
from autograd.wrap_util import unary_to_nary

X = onp.array([0.5, 1.5, -2.0])

FORMS = {
    "maker with other names": lambda y, x: lambda v: v * 3 * x**2,
    "maker that ignores the result": lambda _, *args: lambda g: g * 3 * args[0] ** 2,
    "maker that takes anything": lambda *args, **kwargs: lambda g: g * 3 * args[1] ** 2,
    "maker with a default": lambda y, x, unused=2: lambda g: g * 3 * x**unused,
    "maker called ans": lambda ans, x: lambda g: g * 3 * x**2,
    "rule with other names": lambda ct, _, x: ct * 3 * x**2,
    "rule that takes anything": lambda ct, *rest: ct * 3 * rest[1] ** 2,
    "rule of this package": lambda g, _, x: g * 3 * x**2,
}


@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_a_rule_is_told_by_its_first_call(form):
    @primitive
    def cube(x):
        return x**3

    defvjp(cube, FORMS[form])
    onp.testing.assert_allclose(grad(lambda x: np.sum(cube(x)))(X), 3 * X**2)
    assert hessian(cube)(2.0) == pytest.approx(12.0)
    assert jvp(cube, [2.0], [1.0]) == pytest.approx((8.0, 12.0))
    onp.testing.assert_allclose(jacobian(cube)(X), onp.diag(3 * X**2))
    onp.testing.assert_allclose(vmap(grad(cube))(X), 3 * X**2)
    compiled = compile(grad(cube))
    assert [compiled(x) for x in (1.0, 2.0, 3.0)] == pytest.approx([3.0, 12.0, 27.0])
    check_gradients(cube, X, order=2).assert_ok()


@pytest.mark.parametrize("form", FORMS)
def test_the_first_call_may_be_inside_vmap_or_a_compiled_function(form):
    @primitive
    def cube(x):
        return x**3

    defvjp(cube, FORMS[form])
    onp.testing.assert_allclose(vmap(grad(cube))(X), 3 * X**2)

    @primitive
    def again(x):
        return x**3

    defvjp(again, FORMS[form])
    compiled = compile(hessian(again))
    assert [compiled(x) for x in (1.0, 2.0, 3.0)] == pytest.approx([6.0, 12.0, 18.0])


def test_an_error_inside_a_rule_of_unknown_form_is_raised():
    @primitive
    def f(x):
        return x * 2.0

    def rule(cotangent, result, x):
        raise ZeroDivisionError("mine")

    defvjp(f, rule)
    with pytest.raises(ZeroDivisionError, match="mine"):
        grad(f)(1.0)

    def maker(result, x):
        raise ZeroDivisionError("yours")

    defvjp(f, maker)
    with pytest.raises(ZeroDivisionError, match="yours"):
        grad(f)(1.0)


def test_a_rule_that_fits_no_form_says_so():
    @primitive
    def f(x):
        return x * 2.0

    defvjp(f, lambda a, b, c, d, e: a)
    with pytest.raises(RuleError, match=r"takes \(a, b, c, d, e\): a call with 1 operands"):
        grad(f)(1.0)
    defvjp(f, lambda result, x: result * x)
    with pytest.raises(RuleError, match="returned no function of the cotangent"):
        grad(f)(1.0)


def test_unused_parameters_of_a_rule_of_unknown_form_have_a_shape():
    @primitive
    def total(x, scale):
        return onp.sum(x) * scale

    defvjp(total, lambda ct, _out, _x, scale: np.broadcast_to(ct * scale, _x.shape))
    onp.testing.assert_array_equal(grad(total)(X, 2.0), [2.0, 2.0, 2.0])
    onp.testing.assert_array_equal(grad(total)(X, 3.0), [3.0, 3.0, 3.0])


def test_a_primitive_may_return_a_tensor():
    @primitive
    def sine(x):
        return np.sin(x)

    defvjp(sine, lambda ans, x: lambda g: g * np.cos(x))
    assert isinstance(sine(1.0), Tensor)
    compiled = compile(grad(sine))
    assert [compiled(x) for x in (1.0, 2.0, 3.0)] == pytest.approx(onp.cos([1.0, 2.0, 3.0]))
    check_gradients(sine, X, order=2).assert_ok()


def test_an_operation_runs_once_a_call():
    runs = []

    @operation
    def sine(x):
        runs.append(1)
        return onp.sin(x)

    defvjp(sine, lambda g, _, x: g * np.cos(x))

    def count(call):
        runs.clear()
        call()
        return len(runs)

    assert count(lambda: sine(X)) == 1
    assert count(lambda: grad(sine)(1.0)) == 1
    assert count(lambda: hessian(sine)(1.0)) == 1
    assert count(lambda: jvp(sine, [1.0], [1.0])) == 1
    compiled = compile(grad(lambda x: sine(x) ** 2))
    assert count(lambda: [compiled(float(i)) for i in range(4)]) == 4


def test_the_tangent_of_a_linear_operation_with_a_joint_rule():
    @operation
    def combined(x, y):
        return 3.0 * x + 2.0 * y

    defjoint(combined, lambda argnums, g, _, _x, _y: [(3.0, 2.0)[i] * g for i in argnums])
    deflinear(combined)
    assert jvp(combined, [20.0, 7.0], [1.0, 0.0])[1] == 3.0
    assert jvp(lambda x: combined(x, 7.0), [20.0], [1.0])[1] == 3.0
    assert jvp(lambda y: combined(7.0, y), [20.0], [1.0])[1] == 2.0
    assert compile(lambda x: jvp(lambda x: combined(x, 7.0), [x], [1.0])[1])(20.0) == 3.0
    check_gradients(combined, X, X * 2, order=2).assert_ok()


# ---------------------------------------------------------------------------------------------- modules and their names
@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("autograd.core", "primitive defvjp defjvp vspace VSpace make_vjp make_jvp getval isbox Box def_linear"),
        ("autograd.tracer", "primitive notrace_primitive getval isbox Box"),
        ("autograd.builtins", "tuple list dict isinstance type DictBox"),
        (
            "autograd.extend",
            "primitive defvjp defjvp defvjp_argnums defjvp_argnums Box VSpace vspace notrace_primitive",
        ),
        ("autograd.differential_operators", "grad jacobian hessian make_vjp make_jvp make_jvp_reversemode egrad"),
        ("autograd.numpy.numpy_boxes", "ArrayBox"),
        ("autograd.numpy.numpy_vjps", "unbroadcast unbroadcast_f metadata"),
        ("autograd.misc.optimizers", "adam sgd rmsprop unflatten_optimizer"),
        ("autograd.misc.flatten", "flatten flatten_func"),
        ("autograd.wrap_util", "unary_to_nary get_name"),
        ("autograd.util", "subval subvals"),
    ],
)
def test_names_are_where_packages_import_them(module, names):
    found = importlib.import_module(module)
    assert [name for name in names.split() if not hasattr(found, name)] == []


def test_names_that_are_reached_through_the_package():
    assert autograd.extend.defvjp is defvjp
    assert autograd.primitive is primitive
    assert np.numpy_boxes.ArrayBox is Tensor
    assert np.metadata is metadata


@pytest.mark.parametrize("name", ["VJPNode", "backward_pass", "SparseObject", "primitive_vjps"])
def test_a_name_without_a_counterpart_says_so(name):
    with pytest.raises(ImportError, match=f"autograd.core has no {name}, which HIPS autograd has there: .+"):
        exec(f"from autograd.core import {name}")
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        exec("from autograd.core import nothing")
    assert not hasattr(autograd.tracer, "nothing")


def test_the_class_of_tracked_values():
    seen = []

    def f(x):
        seen.append((isinstance(x, Box), isinstance(x, np.numpy_boxes.ArrayBox)))
        return x * 2

    grad(f)(1.0)
    assert seen == [(True, True)]
    assert not isinstance(X, Box)
    with pytest.raises(OperandError, match="ndarray cannot be registered as a class of values"):
        Box.register(onp.ndarray)
    with pytest.raises(OperandError, match="tensors hold arrays alone"):
        type("MyBox", (Box,), {})


def test_functions_without_a_trace():
    @notrace_primitive
    def bucket(x):
        return onp.floor(x) * 2

    assert grad(lambda x: bucket(x) * x)(2.5) == 4.0


# ------------------------------------------------------------------------------------------------ rules of tangents
def test_tangents_by_one_rule():
    @primitive
    def product(x, y):
        return x * y

    defjvp_argnum(product, lambda argnum, t, ans, args, kwargs: t * args[1 - argnum])
    assert jvp(product, [2.0, 3.0], [1.0, 10.0]) == (6.0, 23.0)
    with pytest.raises(NoDerivativeError):
        grad(product)(2.0, 3.0)

    @primitive
    def other(x, y):
        return x * y

    defjvp_argnums(
        other, lambda argnums, ts, ans, args, kwargs: sum(t * args[1 - i] for i, t in zip(argnums, ts, strict=True))
    )
    assert jvp(other, [2.0, 3.0], [1.0, 10.0]) == (6.0, 23.0)

    @primitive
    def third(x, y):
        return x * y

    def_linear(third)
    assert jvp(third, [2.0, 3.0], [1.0, 10.0]) == (6.0, 23.0)
    with pytest.raises(OperandError, match="takes any number of arguments"):
        def_linear(primitive(lambda *args: args[0]))


# ---------------------------------------------------------------------------------------------------------- helpers
def test_unbroadcast_against_numpy():
    g = onp.arange(24.0).reshape(2, 3, 4)
    for shape in [(4,), (3, 1), (1, 3, 4), (2, 1, 1), (), (2, 3, 4)]:
        target = onp.ones(shape)
        probe = onp.random.default_rng(0).normal(size=shape)
        # the transpose of broadcasting: the inner products agree
        expected = onp.sum(onp.broadcast_to(probe, g.shape) * g)
        assert onp.sum(unbroadcast(g, metadata(target)) * probe) == pytest.approx(expected)
        assert unbroadcast_f(target, lambda v: v)(g).shape == shape
    assert unbroadcast(g, metadata(onp.ones(2)), -1).tolist() == g.sum((1, 2)).tolist()
    assert unbroadcast(g * 1j, metadata(onp.ones(4))).dtype == float
    assert unbroadcast(g * 1j, metadata(onp.ones(4, complex))).dtype == complex


def test_operators_of_one_argument():
    @unary_to_nary
    def reverse(f, x):
        pullback, out = make_vjp(f, x)
        return np.stack([pullback(basis) for basis in vspace(out).standard_basis()])

    @unary_to_nary
    def forward(f, x):
        push = make_jvp(f, x)
        return np.stack([push(basis)[1] for basis in vspace(x).standard_basis()]).T

    def f(a, x):
        return np.sin(a @ x)

    a = onp.arange(6.0).reshape(2, 3)
    expected = onp.cos(a @ X)[:, None] * a
    onp.testing.assert_allclose(reverse(f, 1)(a, X), expected)
    onp.testing.assert_allclose(forward(f, 1)(a, X), expected)
    pulled = unary_to_nary(lambda f, x: make_vjp(f, x)[0](onp.ones(2)))(f, (0, 1))(a, X)
    onp.testing.assert_allclose(pulled[1], expected.sum(0))


def test_vector_spaces():
    nested = {"a": onp.ones(2), "b": [1.0, onp.ones((1, 2), complex)]}
    space = VSpace(nested)
    assert space.size == 2 + 1 + 4
    assert len(list(space.standard_basis())) == 7
    assert space == vspace(space.zeros())
    assert space != vspace(X)
    x, y = space.randn(), space.randn()
    left = space.inner_prod(space.add(x, space.scalar_mul(y, 2.0)), x)
    assert left == pytest.approx(space.inner_prod(x, x) + 2 * space.inner_prod(y, x))
    assert space.covector(x)["b"][1].imag.tolist() == (-x["b"][1].imag).tolist()
    flat = onp.concatenate([x["a"], [x["b"][0]], x["b"][1].real.ravel(), x["b"][1].imag.ravel()])
    assert space.inner_prod(x, x) == pytest.approx(flat @ flat)
