"""A tensor answers as a NumPy array does: operators, indexing, methods, dtypes, protocols."""

import copy
import math
import operator
import pickle

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable
from autograd.errors import AutogradError, DetachedError, DtypeError, OperandError, ShapeError

SHAPES = [(), (1,), (3,), (0,), (2, 3), (0, 4), (2, 1, 3), (1, 2, 2, 3), (2, 1, 2, 1, 3), (1, 1, 2, 1, 2, 2)]
DTYPES = [
    np.bool_,
    np.int8,
    np.uint8,
    np.int32,
    np.int64,
    np.float16,
    np.float32,
    np.float64,
    np.complex64,
    np.complex128,
]
BINARY = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow,
    operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge,
    operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift, divmod,
]  # fmt: skip


def draw(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    kind = np.dtype(dtype).kind
    if kind == "b":
        return np.asarray(rng.random(shape) < 0.5)
    if kind in "iu":
        return np.asarray(rng.integers(1, 5, shape)).astype(dtype)
    values = np.asarray(rng.uniform(0.5, 2.0, shape))
    return np.asarray(values + 1j * rng.uniform(-1, 1, shape) if kind == "c" else values).astype(dtype)


def same(result, expected):
    """Compare values, shape and dtype with what NumPy gave."""
    if isinstance(expected, (tuple, list)):
        assert isinstance(result, (tuple, list))
        assert len(result) == len(expected)
        for r, e in zip(result, expected, strict=True):
            same(r, e)
        return
    assert isinstance(result, Tensor)
    expected = np.asarray(expected)
    assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
    if expected.dtype.kind in "fc":  # NumPy computes some powers in two ways, which differ in the last bit
        np.testing.assert_allclose(result.numpy(), expected, rtol=4 * np.finfo(expected.dtype).eps)
    else:
        np.testing.assert_array_equal(result.numpy(), expected)


def outcome(fn, *args):
    """Return what a call gives, or the kind of error it raises."""
    try:
        return fn(*args)
    except (TypeError, ValueError) as error:
        return "refused" if isinstance(error, TypeError) else "wrong value"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.__name__)
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: np.dtype(d).name)
def test_operators_are_numpys(op, dtype):
    x, y = draw((2, 3), dtype), draw((3,), dtype, 1)
    others = [y, 2, 2.0, np.float32(2), np.ones((2, 1), np.float64), [1, 2, 3]]
    for other in others:
        for left, right in ((x, other), (other, x)):
            expected = outcome(op, left, right)
            result = outcome(op, Tensor(left) if left is x else left, Tensor(right) if right is x else right)
            if isinstance(expected, str):
                assert result == expected
            else:
                same(result, expected)
    expected = outcome(op, x, y)
    if not isinstance(expected, str):
        same(op(Tensor(x), Tensor(y)), expected)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_unary_operators_and_attributes(shape):
    for dtype in DTYPES:
        x = draw(shape, dtype)
        t = Tensor(x)
        assert (t.shape, t.dtype, t.ndim, t.size, t.nbytes, t.itemsize) == (
            x.shape,
            x.dtype,
            x.ndim,
            x.size,
            x.nbytes,
            x.itemsize,
        )
        same(t.T, x.T)
        same(t.real, x.real)
        same(t.imag, x.imag)
        same(abs(t), abs(x))
        if dtype is not np.bool_:
            same(-t, -x)
            same(+t, +x)
        if x.ndim >= 2:
            same(t.mT, x.mT)
        if np.dtype(dtype).kind in "biu":
            same(~t, ~x)


def test_two_dimensional_products():
    x, y, v = draw((2, 3), float), draw((3, 4), float), draw((3,), float)
    same(Tensor(x) @ Tensor(y), x @ y)
    same(x @ Tensor(y), x @ y)
    same(Tensor(x) @ v, x @ v)
    same(Tensor(v) @ Tensor(v), v @ v)


POWERS = [2, 0.5, -1, 1, 0, 3, -2, 2.0, 0.0]


@pytest.mark.parametrize("power", POWERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.int64], ids=lambda d: np.dtype(d).name)
def test_powers_are_numpys(power, dtype):
    x = draw((4,), dtype)
    expected = outcome(operator.pow, x, power)
    if isinstance(expected, str):
        with pytest.raises(ValueError, match="Integers to negative integer powers are not allowed"):
            Tensor(x) ** power
    else:
        same(Tensor(x) ** power, expected)


INDICES = [
    0, -1, (1, 2), slice(None), slice(0, 0), slice(None, None, -2), Ellipsis, None, (Ellipsis, 0),
    (0, None, slice(1, 3)),
    [0, 1, 1], ([0, 1], [2, 0]), (slice(None), [2, 0, 2]), np.array([[0, 1], [1, 0]]), np.array([True, False]),
    (np.array([True, False]), 1), ([0], slice(None), None), (None, [1, 0], Ellipsis),
]  # fmt: skip


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_reading_and_writing_by_index(index):
    x = draw((2, 3), float)
    t = Tensor(x)
    same(t[index], x[index])
    value = draw(x[index].shape, float, 5)
    y, u = x.copy(), t.copy()
    y[index], u[index] = value, value
    same(u, y)
    same(t, x)


def test_a_mask_of_all_axes_and_a_tensor_index():
    x = draw((2, 3), float)
    same(Tensor(x)[Tensor(x) > 1], x[x > 1])
    same(Tensor(x)[Tensor([0, 1]), Tensor([1, 1])], x[[0, 1], [1, 1]])
    same(Tensor(x)[Tensor(1)], x[1])


METHODS = [
    ("sum", {}), ("sum", {"axis": 0}), ("sum", {"axis": (0, -1), "keepdims": True}), ("prod", {"axis": 1}),
    ("mean", {"axis": -1}),
    ("var", {"ddof": 1}), ("std", {"axis": 0}), ("max", {"axis": 1}), ("min", {}), ("argmax", {"axis": 1}),
    ("argmin", {}), ("argsort", {}),
    ("any", {}), ("all", {"axis": 0}), ("cumsum", {"axis": 1}), ("cumprod", {}), ("ravel", {}), ("flatten", {}),
    ("squeeze", {}),
    ("conj", {}), ("round", {"decimals": 1}), ("trace", {}), ("diagonal", {"offset": 1}), ("nonzero", {}),
    ("clip", {"min": 1.0, "max": 1.5}), ("repeat", {"repeats": 2, "axis": 1}), ("take", {"indices": [0, 1], "axis": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kwargs"), METHODS, ids=str)
def test_methods_are_numpys(name, kwargs):
    for dtype in (np.float32, np.float64):
        x = draw((2, 3), dtype)
        same(getattr(Tensor(x), name)(**kwargs), getattr(x, name)(**kwargs))


def test_methods_take_positions_as_numpy_does():
    x = draw((2, 3), float)
    t = Tensor(x)
    same(t.sum(0), x.sum(0))
    same(t.sum(1, np.float32), x.sum(1, np.float32))
    same(t.reshape(3, 2), x.reshape(3, 2))
    same(t.reshape((3, -1)), x.reshape((3, -1)))
    same(t.reshape(-1), x.reshape(-1))
    same(t.transpose(1, 0), x.transpose(1, 0))
    same(t.transpose((1, 0)), x.transpose((1, 0)))
    same(t.transpose(), x.transpose())
    same(t.swapaxes(0, 1), x.swapaxes(0, 1))
    same(t.clip(0.7, 1.2), x.clip(0.7, 1.2))
    same(t.dot(x.T), x.dot(x.T))
    same(t.astype(np.float32), x.astype(np.float32))


def test_numpys_functions_take_tensors():
    x = draw((2, 3), float)
    t = Tensor(x)
    same(np.exp(t), np.exp(x))
    same(np.sum(t, axis=0), np.sum(x, axis=0))
    same(np.sum(a=t, axis=1, keepdims=True), np.sum(a=x, axis=1, keepdims=True))
    same(np.concatenate([t, x], axis=1), np.concatenate([x, x], axis=1))
    same(np.concatenate((t, t)), np.concatenate((x, x)))
    same(np.where(t > 1, t, 0.0), np.where(x > 1, x, 0.0))
    same(np.add.reduce(t), np.add.reduce(x))
    same(np.add.reduce(t, axis=(0, 1)), np.add.reduce(x, axis=(0, 1)))
    same(np.maximum.reduce(t, axis=1), np.maximum.reduce(x, axis=1))
    same(np.add.accumulate(t, axis=1), np.add.accumulate(x, axis=1))
    same(np.multiply.outer(t, x), np.multiply.outer(x, x))
    same(np.linalg.svd(t), np.linalg.svd(x))
    assert np.shape(t) == (2, 3)
    assert np.ndim(t) == 2
    with pytest.raises(OperandError, match=r"add\.reduceat does not take tensors\. Those that do: add\.reduce"):
        np.add.reduceat(t, [0, 1])


def test_arrays_and_tensors_mix_on_either_side():
    x = draw((2, 3), float)
    y = x[::-1] * 1.5 + 0.25
    t = Tensor(y)
    pairs = [
        (x - t, x - y),
        (t / x, y / x),
        (np.float64(2) ** t, np.float64(2) ** y),
        (2 - t, 2 - y),
        (t // 2, y // 2),
        (x @ t.T, x @ y.T),
        ([1.0, 2.0, 3.0] - t, [1.0, 2.0, 3.0] - y),
        (x < t, x < y),
        (np.True_ & (x > t), x > y),
    ]
    for result, expected in pairs:
        assert isinstance(result, Tensor)
        assert result.dtype == expected.dtype
        np.testing.assert_array_equal(result.numpy(), expected)


def test_out_is_refused():
    x = np.ones(3)
    for write in (
        lambda: np.add(Tensor(x), 1, out=np.empty(3)),
        lambda: np.sum(Tensor(x), out=np.empty(())),
        lambda: operator.iadd(x, Tensor(x)),
    ):
        with pytest.raises(
            OperandError, match=r"cannot write its result into out= \(received ndarray of shape \(3?,?\)\)"
        ):
            write()
    np.testing.assert_array_equal(x, np.ones(3))


def test_length_iteration_and_membership():
    t = Tensor([[1.0, 2.0], [3.0, 4.0]])
    assert len(t) == 2
    same(list(t), [np.array([1.0, 2.0]), np.array([3.0, 4.0])])
    assert 3.0 in t
    assert 7.0 not in t
    for use in (len, iter):
        with pytest.raises(OperandError, match=r"its shape is \(\)"):
            use(Tensor(1.0))


def test_one_element_is_a_number():
    assert float(Tensor([[2.5]])) == 2.5
    assert int(Tensor(2.9)) == 2
    assert bool(Tensor(0.0)) is False
    assert complex(Tensor(1j)) == 1j
    assert Tensor(2.5).item() == 2.5
    assert Tensor([1, 2]).item(1) == 2
    assert Tensor([1, 2]).tolist() == [1, 2]
    assert round(Tensor(2.567), 1).item() == 2.6
    assert round(Tensor(2.5)) == 2
    assert [10, 20, 30][Tensor(1)] == 20
    assert math.sqrt(Tensor(4.0)) == 2.0
    for convert in (float, int, bool, complex):
        with pytest.raises(ShapeError, match=r"only a tensor of one element is one number: received shape \(2,\)"):
            convert(Tensor([1.0, 2.0]))


def test_repr_shows_values_shape_and_dtype():
    assert repr(Tensor([1.0, 2.5])) == "Tensor([1. , 2.5], shape=(2,), dtype=float64)"
    assert repr(Tensor([[1], [2]])) == "Tensor([[1],\n        [2]], shape=(2, 1), dtype=int64)"
    assert repr(Variable(np.float32(3), name="w")) == "Variable(3., shape=(), dtype=float32, name='w')"
    assert str(Tensor([1.0, 2.0])) == "[1. 2.]"
    assert f"{Tensor(3.14159):.2f}" == "3.14"


def test_copy_pickle_and_conversion():
    x = draw((2, 3), np.float32)
    t = Tensor(x)
    for other in (t.copy(), copy.copy(t), copy.deepcopy(t), pickle.loads(pickle.dumps(t)), Tensor(t)):
        same(other, x)
        assert other is not t
    v = Variable(x, trainable=False, name="kernel")
    for other in (copy.deepcopy(v), copy.copy(v), pickle.loads(pickle.dumps(v))):
        assert isinstance(other, Variable)
        assert other.name == "kernel"
        assert other.trainable is False
        np.testing.assert_array_equal(other.numpy(), x)
        other.assign(x * 2)
        np.testing.assert_array_equal(v.numpy(), x)
    same(Tensor(x, dtype=np.float64), x.astype(np.float64))
    same(Tensor(t, dtype=np.float64), x.astype(np.float64))
    assert np.asarray(t).dtype == np.float32
    assert np.asarray(t, dtype=np.float64).dtype == np.float64


def test_a_nest_of_tensors_becomes_one_and_keeps_its_derivative():
    x = Tensor([1.0, 2.0])
    with GradientTape() as tape:
        tape.watch(x)
        y = Tensor([[x[0] * x[1], 5.0], [x[1] * x[1], x[0]]])
    same(y, np.array([[2.0, 5.0], [4.0, 1.0]]))
    np.testing.assert_array_equal(tape.gradient(y, x).numpy(), [2.0 + 1.0, 1.0 + 4.0])


@pytest.mark.parametrize(
    "value",
    ["text", None, [object()], np.array(["a"]), np.array([1], dtype="M8[s]"), {"a": 1}],
    ids=[
        "str",
        "None",
        "object",
        "str array",
        "datetime array",
        "dict",
    ],  # no address in a name: parallel workers must agree on it
)
def test_what_is_not_numeric_is_refused(value):
    with pytest.raises(DtypeError, match="a tensor holds booleans, integers, floating-point or complex numbers"):
        Tensor(value)


def test_every_exception_is_ours_and_a_builtin():
    errors = [e for e in vars(autograd.errors).values() if isinstance(e, type) and issubclass(e, AutogradError)]
    assert len(errors) > 5
    for error in errors:
        assert error is AutogradError or len(error.__mro__) > 4
        assert error.__doc__


def test_tensors_hash_by_identity():
    t = Tensor([1.0])
    assert {t: "a"}[t] == "a"
    assert Tensor([1.0]) not in {t}
    assert (t == None) is False  # noqa: E711


@pytest.mark.parametrize(
    "use", [lambda t, m: t * m, lambda t, m: np.dot(t, m), lambda t, m: anp.add(m, m), lambda t, m: Tensor(m)]
)
@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: np.asmatrix(np.eye(2)), r"a numpy\.matrix \(shape \(2, 2\)\) cannot .* products of matrices with @"),
        (
            lambda: np.ma.masked_array(np.eye(2), np.eye(2)),
            r"a masked array \(shape \(2, 2\)\) cannot .* its mask would be lost",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_arrays_that_mean_something_else_are_refused(use, make, text):
    with pytest.raises(OperandError, match=text):
        use(Tensor(np.eye(2)), make())


def test_a_masked_array_cannot_take_a_tracked_tensor_off_the_tape():
    """numpy.ma takes what it finds under the name `_data`."""
    x = Tensor(np.eye(2))
    masked = np.ma.masked_array(np.eye(2), np.eye(2))
    with GradientTape() as tape:
        tape.watch(x)
        for compute in (lambda: masked * x, lambda: np.ma.log(x)):
            with pytest.raises(DetachedError):
                compute()


# [Tensor([1.0, 2.0]), Variable(np.float32(3.0), name="w", trainable=False)], pickled when these classes had modules of
# their own.
OLD_PICKLE = (
    b"\x80\x04\x95+\x01\x00\x00\x00\x00\x00\x00]\x94(\x8c\x0fautograd.tensor\x94\x8c\x06Tensor\x94\x93\x94\x8c"
    b"\x16numpy._core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94\x8c\x05numpy\x94\x8c\x07ndarray\x94\x93"
    b"\x94K\x00\x85\x94C\x01b\x94\x87\x94R\x94(K\x01K\x02\x85\x94h\x07\x8c\x05dtype\x94\x93\x94\x8c\x02f8\x94"
    b"\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t\x94b\x89C\x10\x00\x00"
    b"\x00\x00\x00\x00\xf0?\x00\x00\x00\x00\x00\x00\x00@\x94t\x94b\x85\x94R\x94\x8c\x11autograd.variable\x94"
    b"\x8c\x08Variable\x94\x93\x94(h\x06h\tK\x00\x85\x94h\x0b\x87\x94R\x94(K\x01)h\x10\x8c\x02f4\x94\x89\x88"
    b"\x87\x94R\x94(K\x03h\x14NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t\x94b\x89C\x04\x00\x00@@\x94t\x94b\x89"
    b"N\x8c\x01w\x94t\x94R\x94e."
)


def test_a_pickle_of_an_earlier_release_loads():
    t, v = pickle.loads(OLD_PICKLE)
    assert type(t) is Tensor
    assert type(v) is Variable
    assert t.tolist() == [1.0, 2.0]
    assert (v.item(), v.dtype, v.name, v.trainable) == (3.0, np.float32, "w", False)


def test_public_classes_name_the_public_place():
    classes = [getattr(autograd, name) for name in autograd.__all__ if isinstance(getattr(autograd, name), type)]
    assert {kind.__name__ for kind in classes} >= {"Tensor", "Variable", "GradientTape", "Compiled"}
    assert {kind.__module__ for kind in classes} == {"autograd"}
    assert b"autograd.core" not in pickle.dumps([Tensor([1.0]), Variable(2.0)])
