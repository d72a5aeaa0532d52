"""`autograd.numpy`: NumPy's names, each of which computes what NumPy computes, and returns tensors."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, grad
from autograd.errors import OperandError
from autograd.registry.entries import RULES, name_of
from autograd.samples import SAMPLES

# The functions that stand for one of NumPy's, and those of ours that replace one.
FUNCTIONS = {
    name: value.__wrapped__
    for name, value in vars(anp).items()
    if hasattr(value, "__wrapped__") and value is not getattr(np, name)
}
OURS = {name for name in np.__all__ if getattr(vars(anp).get(name), "__module__", "").startswith("autograd.numpy")}
OURS = {name: getattr(np, name) for name in sorted(OURS) if name not in FUNCTIONS}
SAMPLED = [(name, i) for name, fn in (FUNCTIONS | OURS).items() if fn in SAMPLES for i in range(len(SAMPLES[fn]))]


def leaves(result):
    return [leaf for each in result for leaf in leaves(each)] if isinstance(result, (tuple, list)) else [result]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_name_stands_for_the_function_of_that_name(name):
    # numpy.row_stack is a function of its own, which calls vstack.
    assert FUNCTIONS[name] is getattr(np, "vstack" if name == "row_stack" else name)
    assert getattr(anp, name).__doc__ == f"See `{name_of(FUNCTIONS[name])}`. Returns tensors."


def test_every_numpy_function_that_is_known_to_the_registry_has_its_name():
    kinds = ("rule", "composite", "writer", "constant", "refused")
    derived = {fn for fn, entry in RULES.items() if entry.kind in kinds}
    known = {fn for fn in derived if name_of(fn).count(".") == 1 and name_of(fn).startswith("numpy.")}
    assert [name_of(fn) for fn in known - set(FUNCTIONS.values()) - set(OURS.values())] == []
    assert anp.linalg.norm.__wrapped__ is np.linalg.norm


def test_constants_and_dtypes_are_those_of_numpy():
    for name in (
        "pi",
        "e",
        "inf",
        "euler_gamma",
        "newaxis",
        "float32",
        "complex128",
        "int64",
        "bool",
        "dtype",
        "isdtype",
        "errstate",
    ):
        assert getattr(anp, name) is getattr(np, name)
    assert np.isnan(anp.nan)


@pytest.mark.parametrize(("name", "i"), SAMPLED, ids=lambda v: str(v))
@pytest.mark.parametrize("given", ["arrays", "tensors", "tracked"])
def test_values_are_those_of_numpy(name, i, given):
    """On arrays, on tensors and on a tape; the dtype and the shape too."""
    fn = (FUNCTIONS | OURS)[name]
    args, kwargs = SAMPLES[fn][i].make(np.random.default_rng(3), SAMPLES[fn][i].dtypes[0])
    expected = leaves(fn(*args, **kwargs))

    def tensors(arg):
        return (
            [tensors(each) for each in arg]
            if isinstance(arg, list)
            else Tensor(arg)
            if isinstance(arg, np.ndarray)
            else arg
        )

    if given == "arrays":
        results = leaves(getattr(anp, name)(*args, **kwargs))
    else:
        made = [tensors(arg) for arg in args]
        with GradientTape() as tape:
            if given == "tracked":
                tape.watch([t for t in leaves(made) if isinstance(t, Tensor) and t.dtype.kind == "f"])
            results = leaves(getattr(anp, name)(*made, **kwargs))
    assert len(results) == len(expected)
    for result, value in zip(results, expected, strict=True):
        assert type(result) is Tensor
        assert (result.shape, result.dtype) == (np.shape(value), value.dtype)
        np.testing.assert_allclose(result.numpy(), value, rtol=1e-5, atol=1e-6)


# ----------------------------------------------------------------------------------------------------- new arrays
@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("zeros", ((2, 3),)),
        ("ones", (4,)),
        ("full", ((2,), 3.0)),
        ("full", ((2,), 3)),
        ("arange", (3.0, 6.0, 0.5)),
        ("linspace", (0.0, 1.0, 5)),
        ("logspace", (0.0, 2.0, 3)),
        ("geomspace", (1.0, 8.0, 4)),
        ("eye", (3, 4, 1)),
        ("identity", (3,)),
        ("tri", (3,)),
        ("zeros_like", ([[1.0, 2.0]],)),
        ("ones_like", (np.ones((2, 2), np.float32),)),
        ("full_like", (np.zeros(3, np.float32), 2)),
        ("indices", ((2, 3),)),
        ("array", ([[1, 2], [3, 4]],)),
        ("asarray", ([1.0, 2.0],)),
    ],
)
def test_new_arrays_are_tensors(name, args):
    result, expected = getattr(anp, name)(*args), getattr(np, name)(*args)
    assert type(result) is Tensor
    assert result.dtype == expected.dtype
    np.testing.assert_array_equal(result.numpy(), expected)


def test_new_arrays_take_keywords():
    assert anp.zeros(3, dtype="float32").dtype == np.float32
    assert anp.empty((2, 0)).shape == (2, 0)
    assert anp.array([1.0, 2.0], ndmin=3).shape == (1, 1, 2)
    assert anp.array([1, 2], dtype=anp.float32).dtype == np.float32


def test_arrays_of_nested_lists_of_tensors_are_differentiable():
    gradients = grad(lambda a, b: anp.sum(anp.array([[a, 2.0], [b * b, a]]) ** 2), (0, 1))(3.0, 2.0)
    assert gradients == (12.0, 4 * 2.0**3)


def test_a_tensor_is_its_own_array():
    x = Tensor([1.0])
    assert anp.asarray(x) is x
    assert anp.asarray(x, dtype="float32").dtype == np.float32


@pytest.mark.parametrize(
    "like", [lambda t: anp.zeros_like(t), lambda t: anp.ones_like(t), lambda t: anp.floor(t), lambda t: anp.round(t)]
)
def test_constants_have_derivative_zero(like):
    assert (
        grad(lambda x: anp.sum(like(x) * x + like(x)))(np.array([1.5, 2.25])).tolist()
        == like(np.array([1.5, 2.25])).tolist()
    )


# --------------------------------------------------------------------------------------------- lists in place of arrays
def test_a_list_of_tensors_in_place_of_an_array_is_an_array():
    """Its second axis meets the second axis of the other operand, as in NumPy."""
    x = np.array([[1.0, 2.0], [3.0, 5.0]])
    gradients = grad(lambda a, b: anp.sum(anp.multiply(x, [a, b])), (0, 1))(1.0, 1.0)
    assert gradients == (4.0, 7.0)
    assert grad(lambda a: anp.sum(anp.matmul([[a, 0.0], [1.0, a]], [2.0, 3.0])))(1.0) == 5.0
    assert grad(lambda a: anp.prod([a, a, 2.0]))(3.0) == 12.0


def test_lists_inside_a_list_of_arrays_are_arrays():
    gradients = grad(lambda a, b: anp.sum(anp.concatenate([[a, b], [a]]) * np.array([1.0, 2.0, 4.0])), (0, 1))(1.0, 1.0)
    assert gradients == (5.0, 2.0)
    gradients = grad(lambda a, b: anp.sum(anp.stack([[a, b], [b, 1.0]]) * np.array([[1.0, 2.0], [4.0, 8.0]])), (0, 1))(
        1.0, 1.0
    )
    assert gradients == (1.0, 6.0)


def test_blocks():
    a, b = np.ones((2, 2)), np.full((2, 1), 2.0)
    rows = [[a, b], [np.zeros((1, 2)), 5.0]]
    np.testing.assert_array_equal(anp.block(rows).numpy(), np.block([[a, b], [np.zeros((1, 2)), np.full((1, 1), 5.0)]]))
    assert grad(lambda t: anp.sum(anp.block([[t, b], [t[:1], b[:1]]]) ** 2))(a).tolist() == [[4.0, 4.0], [2.0, 2.0]]


# ----------------------------------------------------------------------------------------------------- refusals
@pytest.mark.parametrize("fn", [anp.exp, anp.add, anp.sum, anp.clip, anp.trace, anp.concatenate])
def test_out_is_refused(fn):
    args = {anp.add: (Tensor([1.0]), 1.0), anp.trace: (Tensor([[1.0]]),), anp.concatenate: ([Tensor([1.0])],)}.get(
        fn, (Tensor([1.0]),)
    )
    with pytest.raises(
        OperandError,
        match=r"cannot write its result into out= \(received ndarray of shape \(1,.*Bind the result to a name",
    ):
        fn(*args, out=np.empty(1))


# ---------------------------------------------------------------------------------------------------- methods of ufuncs
@pytest.mark.parametrize(
    ("name", "method", "args"),
    [
        ("add", "reduce", ([[1.0, 2.0], [3.0, 4.0]],)),
        ("multiply", "reduce", ([[1.0, 2.0], [3.0, 4.0]], 1)),
        ("maximum", "reduce", ([1.0, 3.0, 2.0],)),
        ("logical_or", "reduce", ([True, False],)),
        ("add", "accumulate", ([1.0, 3.0, 2.0],)),
        ("multiply", "outer", ([1.0, 3.0], np.array([2.0, 4.0]))),
    ],
)
def test_methods_of_ufuncs(name, method, args):
    result = getattr(getattr(anp, name), method)(*args)
    assert type(result) is Tensor
    np.testing.assert_array_equal(result.numpy(), getattr(getattr(np, name), method)(*args), strict=True)


def test_methods_of_ufuncs_are_differentiable_or_refused():
    assert grad(lambda x: anp.multiply.reduce(x))(np.array([2.0, 3.0, 4.0])).tolist() == [12.0, 8.0, 6.0]
    assert grad(lambda x: anp.sum(anp.add.outer(x, x) ** 2))(np.array([1.0, 2.0])).tolist() == [20.0, 28.0]
    with pytest.raises(OperandError, match=r"add\.reduceat does not take tensors"):
        anp.add.reduceat([1.0, 2.0], [0])
    with pytest.raises(OperandError, match=r"multiply\.at does not take tensors"):
        anp.multiply.at(Tensor([1.0, 2.0]), [0], 1.0)
