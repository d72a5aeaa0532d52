"""Results come back as the arguments were given, and an array among them is the receiver's own."""

import functools
import itertools

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable
from autograd.core import nest
from autograd.core.convert import argument_like, converter, decisive, raw, result_like

GIVEN = {
    "tensor": Tensor([1.0, 2.0]),
    "variable": Variable([1.0, 2.0]),
    "tensor without axes": Tensor(3.0),
    "array": np.array([1.0, 2.0]),
    "array without axes": np.array(3.0),
    "scalar": np.float64(3.0),
    "scalar of float32": np.float32(3.0),
    "float": 3.0,
    "complex": 3.0 + 1j,
}
TENSORS = {"tensor", "variable", "tensor without axes"}
NUMBERS = {"float", "complex"}
RESULTS = [np.array(5.0), np.float32(5.0), np.array([5.0, 6.0]), np.array([[5j]]), Tensor(5.0), Tensor([5.0, 6.0]), 5.0]


@pytest.mark.parametrize("name", GIVEN)
@pytest.mark.parametrize("result", RESULTS, ids=lambda result: f"{type(result).__name__}-{np.shape(result)}")
def test_a_result_goes_with_what_was_given(name, result):
    found = result_like(GIVEN[name], result)
    if name in TENSORS:
        expected = Tensor
    elif np.shape(result):
        expected = np.ndarray
    elif name in NUMBERS:
        expected = float
    else:
        expected = np.asarray(result).dtype.type
    assert type(found) is expected
    assert np.shape(found) == np.shape(result)
    assert name in NUMBERS or found.dtype == np.asarray(result).dtype
    assert np.all(np.asarray(found) == np.asarray(result))


@pytest.mark.parametrize("name", GIVEN)
@pytest.mark.parametrize("as_tensor", [False, True])
def test_a_gradient_has_the_type_of_its_argument(name, as_tensor):
    given = GIVEN[name]
    value = np.full(np.shape(given), 7.0, np.result_type(given))
    found = argument_like(given, Tensor(value) if as_tensor else value)
    assert type(found) is (Tensor if name in TENSORS else type(given))
    assert np.shape(found) == np.shape(given)
    assert np.result_type(found) == np.result_type(given)
    assert np.all(np.asarray(found) == 7)
    zeros = argument_like(given, None)
    assert type(zeros) is type(found)
    assert np.result_type(zeros) == np.result_type(given)
    assert not np.any(np.asarray(zeros))


def test_the_first_tensor_decides_or_else_the_first_array_or_number():
    array, tensor = np.ones(2), Tensor(1.0)
    assert decisive([3, "a", None, 2.0, array, tensor]) is tensor
    assert decisive([3, None, 2.0, array]) == 2.0
    assert decisive([True, array, 2.0]) is array
    assert decisive([1, "a", None, len]) is None
    assert type(converter(None)(np.ones(2))) is Tensor


def test_raw_takes_a_tensor_off_and_nothing_else():
    value = [Tensor(1.0)]
    assert raw(value) is value
    assert raw(Tensor([1.0, 2.0])).tolist() == [1.0, 2.0]


def test_a_tracked_result_stays_a_tensor():
    x = Tensor([1.0, 2.0])
    with GradientTape() as tape:
        tape.watch(x)
        y = x * x
        assert result_like(np.ones(2), y) is y
        assert argument_like(np.ones(2), y) is y
        assert type(result_like(np.ones(2), Tensor([1.0]))) is np.ndarray


A, B = np.array([0.5, 2.0]), np.array([3.0, 4.0])
CAPTURED = np.array([5.0, 6.0])
HELD = Tensor([7.0, 8.0])


def several(x, y):
    """Return values that share memory with each other, with the arguments, or with what a record keeps."""
    z = anp.exp(x)
    return {"same": (x, x, y), "moved": (x + 1, x + 2), "kept": z, "square": z * z, "held": HELD, "row": z[1:]}


CALLS = {
    "vjp": lambda: autograd.vjp(several, A, B)[0],
    "pullback": lambda: autograd.vjp(lambda x, y: (x + y, x), A, B)[1]((B, B)),
    "jvp": lambda: autograd.jvp(several, (A, B), (B, A)),
    "linearize": lambda: autograd.linearize(several, A, B)[1](B, A),
    "grad": lambda: autograd.grad(lambda x, y: anp.sum(x * CAPTURED + y * CAPTURED), (0, 1))(A, B),
    "value_and_grad": lambda: autograd.value_and_grad(lambda x: anp.sum(x, keepdims=True) * HELD[:1])(A),
    "hvp": lambda: autograd.hvp(lambda x: anp.sum(x * x) / 2, (A,), (B,)),
    "jacobian by rows": lambda: autograd.jacobian(several, (0, 1), mode="reverse")(A, B),
    "jacobian by columns": lambda: autograd.jacobian(several, (0, 1), mode="forward")(A, B),
    "hessian": lambda: autograd.hessian(lambda x, y: anp.sum(x * y), (0, 1))(A, B),
    "elementwise_grad": lambda: autograd.elementwise_grad(lambda x, y: x + y, (0, 1))(A, B),
    "vmap": lambda: autograd.vmap(lambda x: (x, x, HELD, anp.exp(x)), out_axes=(0, 0, None, 0))(A),
    "fixed_point": lambda: autograd.fixed_point(lambda p, x: (x + p) / 2, A, B),
    "numerical_gradient": lambda: autograd.numerical_gradient(lambda x: anp.sum(x), A),
}


def arrays(results):
    return [leaf for leaf in nest.leaves(results) if isinstance(leaf, np.ndarray)]


@pytest.mark.parametrize("name", CALLS)
def test_an_array_of_a_result_shares_memory_with_nothing(name):
    found = arrays(CALLS[name]())
    assert found
    assert all(array.flags.writeable for array in found)
    for one, other in itertools.combinations([*found, A, B, CAPTURED, HELD._value], 2):
        assert not np.shares_memory(one, other)


def test_writing_into_a_value_does_not_change_the_derivative():
    out, pullback = autograd.vjp(anp.exp, A)
    out[:] = 100.0
    assert np.allclose(pullback(np.ones(2))[0], np.exp(A))
    out, push = autograd.linearize(anp.exp, A)
    out[:] = 100.0
    assert np.allclose(push(np.ones(2)), np.exp(A))


def test_writing_into_a_value_does_not_change_a_tensor_that_the_function_returned():
    out, _ = autograd.vjp(lambda x: HELD, A)
    out[:] = 100.0
    assert HELD.tolist() == [7.0, 8.0]


@pytest.mark.parametrize("name", ["tensor", "array", "scalar", "float"])
@pytest.mark.parametrize("traced_before", [False, True])
def test_a_compiled_function_gives_what_goes_with_its_arguments(name, traced_before):
    f = autograd.compile(lambda s, x: {"a": [s * anp.sum(x), s * x], "b": 3})
    s = {"tensor": Tensor(2.0), "array": np.array(2.0), "scalar": np.float64(2.0), "float": 2.0}[name]
    x = np.array([1.0, 2.0])
    for _ in range(1 + traced_before):
        found = f(s, x)
    number, array = found["a"]
    assert type(number) is {"tensor": Tensor, "float": float}.get(name, np.float64)
    assert type(array) is (Tensor if name == "tensor" else np.ndarray)
    assert found["b"] == 3


def test_a_tensor_behind_a_number_gives_tensors_compiled_or_not():
    def f(s, x):
        return s * x

    for g in (f, autograd.compile(f), autograd.vmap(f, in_axes=(None, 0))):
        for _ in range(2):
            assert type(g(2.0, Tensor([1.0, 2.0]))) is Tensor
    assert type(autograd.vjp(f, 2.0, Tensor([1.0, 2.0]))[0]) is Tensor


@pytest.mark.parametrize("solver", [autograd.root, autograd.argmin])
@pytest.mark.parametrize("name", ["tensor", "array", "array without axes", "scalar", "float"])
def test_a_solution_is_built_like_the_start(solver, name):
    start = {"a": GIVEN[name]}
    f = (lambda _, d: {"a": d["a"] - 4.0}) if solver is autograd.root else (lambda _, d: anp.sum((d["a"] - 4.0) ** 2))
    found = solver(f, None, start)["a"]
    assert type(found) is type(GIVEN[name])
    assert np.shape(found) == np.shape(GIVEN[name])
    assert np.allclose(np.asarray(found), 4.0)


@pytest.mark.parametrize("name", ["tensor", "array", "array without axes", "scalar", "scalar of float32", "float"])
@pytest.mark.parametrize("build", [lambda x: x, lambda x: [x, x], lambda x: (x, x), lambda x: {"a": (x,)}])
def test_gradients_are_built_like_nests(name, build):
    argument = build(GIVEN[name])

    def f(value):
        return functools.reduce(lambda total, leaf: total + anp.sum(leaf * leaf), nest.leaves(value), 0.0)

    for found in (autograd.grad(f)(argument), autograd.numerical_gradient(f, argument)):
        assert type(found) is type(argument)
        for leaf, given in zip(nest.leaves(found), nest.leaves(argument), strict=True):
            assert type(leaf) is type(given)
            assert np.shape(leaf) == np.shape(given)
            assert np.result_type(leaf) == np.result_type(given)
            assert np.allclose(np.asarray(leaf), 2 * np.asarray(given), rtol=1e-5)
