"""grad and value_and_grad: arguments, nests, conversions, and functions inside functions."""

from collections import namedtuple

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable, grad, value_and_grad
from autograd.errors import DtypeError, OperandError, ShapeError


def test_numbers_arrays_and_tensors_come_back_as_they_went_in():
    def f(x):
        return anp.sum(x**3)

    number = grad(f)(2.0)
    assert type(number) is float
    assert number == 12.0
    scalar = grad(f)(np.float32(2.0))
    assert type(scalar) is np.float32
    assert scalar == 12.0
    array = grad(f)(np.array([1.0, 2.0], dtype=np.float32))
    assert type(array) is np.ndarray
    assert array.dtype == np.float32
    assert array.flags.writeable
    np.testing.assert_array_equal(array, [3.0, 12.0])
    tensor = grad(f)(Tensor([1.0, 2.0]))
    assert type(tensor) is Tensor
    np.testing.assert_array_equal(tensor.numpy(), [3.0, 12.0])
    np.testing.assert_array_equal(grad(f)(Variable([1.0, 2.0])).numpy(), [3.0, 12.0])
    value, gradient = value_and_grad(f)(np.array([1.0, 2.0]))
    assert type(value) is np.float64
    assert value == 9.0
    assert type(gradient) is np.ndarray
    value, _ = value_and_grad(f)(Tensor([1.0, 2.0]))
    assert type(value) is Tensor
    assert value.item() == 9.0
    value, _ = value_and_grad(f)(2.0)
    assert type(value) is float
    assert value == 8.0


def test_argnums_and_keywords():
    def f(a, b, scale=1.0):
        return scale * a * b**2

    assert grad(f)(2.0, 3.0) == 9.0
    assert grad(f, 1)(2.0, 3.0, scale=2.0) == 24.0
    assert grad(f, argnums=(1, 0))(2.0, 3.0) == (12.0, 9.0)
    assert grad(f, argnums=-1)(2.0, 3.0) == 12.0
    with pytest.raises(OperandError, match="argnums=2: f received 2 positional arguments"):
        grad(f, 2)(2.0, 3.0)


def test_nests_of_parameters():
    Layer = namedtuple("Layer", "W b")

    def loss(params, x):
        hidden = anp.tanh(x @ params["hidden"].W + params["hidden"].b)
        return anp.sum(hidden * params["scales"][0]) + params["scales"][1][0]

    rng = np.random.default_rng(0)
    params = {"hidden": Layer(rng.normal(size=(2, 3)), np.zeros(3)), "scales": [2.0, (1.0,)]}
    x = rng.normal(size=(4, 2))
    g = grad(loss)(params, x)
    assert isinstance(g["hidden"], Layer)
    assert type(g["scales"][0]) is float
    assert g["scales"][1] == (1.0,)
    h = np.tanh(x @ params["hidden"].W)
    np.testing.assert_allclose(g["hidden"].W, x.T @ (2.0 * (1 - h**2)), rtol=1e-13)
    np.testing.assert_allclose(g["hidden"].b, (2.0 * (1 - h**2)).sum(0), rtol=1e-13)
    np.testing.assert_allclose(g["scales"][0], h.sum(), rtol=1e-13)


def test_auxiliary_output():
    def f(x):
        return anp.sum(x * x), {"seen": x.numpy().copy()}

    gradient, aux = grad(f, has_aux=True)(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(gradient, [2.0, 4.0])
    np.testing.assert_array_equal(aux["seen"], [1.0, 2.0])
    (value, aux), gradient = value_and_grad(f, has_aux=True)(np.array([1.0, 2.0]))
    assert value == 5.0


def test_higher_orders():
    f = lambda x: anp.sin(x) * anp.exp(0.5 * x)  # noqa: E731
    derivative, x, z = f, 0.8, 0.5 + 1j
    for order in range(1, 7):
        derivative = grad(derivative)
        np.testing.assert_allclose(derivative(x), (z**order * np.exp(z * x)).imag, rtol=1e-12)


def test_no_perturbation_confusion():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x + y)(x))(1.0) == 1.0
    assert grad(lambda x: grad(lambda y: x * x * y * y)(x))(3.0) == 6 * 9.0


def test_an_inner_gradient_keeps_its_dependence_on_the_outer_argument():
    data = np.array([1.0, 2.0])

    def outer(w):
        return anp.sum(grad(lambda x: anp.sum(w * x**2))(data))

    assert grad(outer)(3.0) == 2 * 3.0


def test_functions_with_variables_and_tapes_inside():
    w = Variable(2.0)
    with GradientTape() as tape:
        inner = grad(lambda x: w * w * x**2)(Tensor(3.0))
    assert inner.item() == 24.0
    assert tape.gradient(inner, w).item() == 2 * 2.0 * 6.0


def test_python_control_flow():
    def f(x):
        total = x * 0.0
        for i in range(5):
            total = total + (x**i if i % 2 else -x)
        while total > 1.0:
            total = total / 2
        return total

    def numeric(x, h=1e-6):
        return (f(Tensor(x + h)).item() - f(Tensor(x - h)).item()) / (2 * h)

    for x in (0.5, 1.7, 3.0):
        np.testing.assert_allclose(grad(f)(x), numeric(x), rtol=1e-8)
    assert grad(lambda x: x if x > 0 else 0.0)(-1.0) == 0.0


def test_writing_into_the_argument_changes_neither_the_caller_nor_the_derivative():
    def f(x):
        x[0] = x[1] * x[1]
        x += x
        return anp.sum(x)

    x = np.array([5.0, 3.0])
    np.testing.assert_array_equal(grad(f)(x), [0.0, 2 * (2 * 3.0 + 1.0)])
    np.testing.assert_array_equal(x, [5.0, 3.0])
    t = Tensor(x)
    np.testing.assert_array_equal(grad(f)(t).numpy(), [0.0, 14.0])
    np.testing.assert_array_equal(t.numpy(), [5.0, 3.0])


def test_complex_arguments_have_the_plain_derivative():
    z = 1.5 - 0.5j
    np.testing.assert_allclose(grad(lambda z: abs(z) ** 2)(z), 2 * np.conj(z), rtol=1e-15)
    np.testing.assert_allclose(grad(lambda z: anp.real(z**3))(z), 3 * z**2, rtol=1e-14)


def test_an_argument_without_influence_has_gradient_zero():
    np.testing.assert_array_equal(grad(lambda x, y: anp.sum(y))(np.ones((2, 3)), np.ones(4)), np.zeros((2, 3)))
    assert grad(lambda x: 3.0)(1.0) == 0.0


def test_refusals():
    with pytest.raises(DtypeError, match=r"an argument of dtype int64 and shape \(\)"):
        grad(lambda x: x * x)(3)
    with pytest.raises(DtypeError, match=r"an argument of dtype bool and shape \(2,\)"):
        grad(anp.sum)(np.array([True, False]))
    with pytest.raises(ShapeError, match=r"needs a function that returns one number: square returned shape \(2,\)"):
        grad(anp.square)(np.ones(2))
    with pytest.raises(ShapeError, match="<lambda> returned tuple"):
        grad(lambda x: (x, x))(1.0)
    with pytest.raises(DtypeError, match="returns a real floating-point number: <lambda> returned dtype complex128"):
        grad(lambda x: x * 1j)(1.0)


@pytest.mark.parametrize("returned", [None, "a", {"a": 1.0}, (1.0, 2.0)], ids=repr)
def test_a_function_that_returns_no_number_is_refused(returned):
    with pytest.raises(
        ShapeError, match=f"needs a function that returns one number: <lambda> returned {type(returned).__name__}"
    ):
        grad(lambda x: returned)(2.0)
