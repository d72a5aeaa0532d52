"""Functions that call a function of the user, and the objects that are indexed in place of being called."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, grad
from autograd.errors import DtypeError, OperandError, ShapeError

X = np.random.default_rng(0).normal(size=(2, 3, 4))


def same(found, expected):
    """Whether a tensor, or a tuple of them, has the value, shape and dtype of an array."""
    if isinstance(expected, tuple):
        assert isinstance(found, tuple)
        return len(found) == len(expected) and all(same(f, e) for f, e in zip(found, expected, strict=True))
    assert type(found) is Tensor
    assert (found.shape, found.dtype) == (np.shape(expected), np.result_type(expected))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-14, atol=1e-14)
    return True


# --------------------------------------------------------------------------------------------- along an axis, over axes
@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize(
    "function",
    [
        np.sum,
        lambda row: row[::-1],
        lambda row: np.outer(row, row[:2]),
        lambda row: 3,
        lambda row: row.sum() > 0,
        lambda row: [row[0], 1.0],
    ],
)
def test_along_an_axis_as_numpy(function, axis):
    expected = np.apply_along_axis(function, axis, X)
    assert same(anp.apply_along_axis(function, axis, X), expected)
    assert same(np.apply_along_axis(function, axis, Tensor(X)), expected)


def test_along_an_axis_is_differentiable():
    weights = np.random.default_rng(1).normal(size=(2, 4, 3))
    found = grad(
        lambda t: np.sum(np.apply_along_axis(lambda row, k: np.exp(row[::-1]) * k, 1, t, 2.0) * weights.swapaxes(1, 2))
    )(X)
    np.testing.assert_allclose(found, 2 * np.exp(X) * weights.swapaxes(1, 2)[:, ::-1])
    theta = grad(lambda theta: anp.sum(anp.apply_along_axis(lambda row: row * theta, 0, X)))(1.0)
    np.testing.assert_allclose(theta, X.sum())
    with pytest.raises(ShapeError, match=r"calls a function for each row, and shape \(0, 3\) has none along axis 1"):
        np.apply_along_axis(np.sum, 1, Tensor(np.zeros((0, 3))))


@pytest.mark.parametrize("axes", [0, [0, 2], (-1, 1), np.array([1])])
@pytest.mark.parametrize("function", [np.sum, np.cumsum, np.max])
def test_over_axes_as_numpy(function, axes):
    assert same(np.apply_over_axes(function, Tensor(X), axes), np.apply_over_axes(function, X, axes))
    found = grad(lambda t: np.sum(np.apply_over_axes(lambda a, axis: np.sum(a * a, axis), t, [0, 2])))(X)
    inner = np.sum(X * X, axis=0, keepdims=True)
    np.testing.assert_allclose(found, 4 * X * inner)


def test_over_axes_takes_no_more_than_one_axis_away():
    with pytest.raises(
        ShapeError, match=r"keeps the 3 axes of the array, or takes one away: it returned shape \(\) over axis 0"
    ):
        np.apply_over_axes(lambda a, axis: np.sum(a), Tensor(X), [0])


# ----------------------------------------------------------------------------------------------------- pieces
@pytest.mark.parametrize(
    ("x", "conditions", "functions"),
    [
        (np.linspace(-2, 2, 5), lambda x: [x < 0, x > 0], [-1, 1]),
        (np.linspace(-2, 2, 5), lambda x: [x < 0, x >= 0], [np.negative, np.sqrt]),
        (np.linspace(-2, 2, 5), lambda x: [x < 0], [np.exp, 3]),
        (np.linspace(-2, 2, 5), lambda x: x < 0, [np.exp]),
        (np.linspace(-2, 2, 5), lambda x: [x < 1, x > -1], [np.exp, np.square, 5]),
        (np.linspace(-2, 2, 6).reshape(2, 3), lambda x: [x < 0, x > 1], [np.exp, np.square, lambda v: v * 2]),
        (np.array(1.5), lambda x: [x < 0, x > 1], [-1.0, np.square]),
        (np.array(1.5), lambda x: x > 1, [np.square]),
        (np.arange(4), lambda x: [x > 1], [7]),
        (np.zeros((0, 2)), lambda x: [x > 1], [np.exp]),
    ],
)
def test_pieces_as_numpy(x, conditions, functions):
    expected = np.piecewise(x, conditions(x), functions)
    assert same(np.piecewise(Tensor(x), conditions(x), functions), expected)
    assert same(np.piecewise(Tensor(x), conditions(Tensor(x)), functions), expected)
    assert same(anp.piecewise(x, conditions(x), functions), expected)


def test_pieces_are_differentiable():
    x = np.array([-2.0, 1.0, 4.0])
    found = grad(
        lambda t: np.sum(np.piecewise(t, [t < 0, t >= 0], [lambda v, k: v * v * k, lambda v, k: np.sqrt(v)], 3.0))
    )(x)
    np.testing.assert_allclose(found, [-12, 0.5, 0.25])
    theta = grad(lambda k: anp.sum(anp.piecewise(x, [x < 0], [lambda v: v * k, k * k])))(5.0)
    np.testing.assert_allclose(theta, -2 + 2 * 10)
    second = grad(lambda t: anp.sum(grad(lambda s: np.sum(np.piecewise(s, [s < 0], [np.square, lambda v: v**3])))(t)))(
        x
    )
    np.testing.assert_allclose(second, [2, 6, 24])


def test_pieces_that_do_not_fit():
    x = Tensor(np.arange(3.0))
    with pytest.raises(ShapeError, match=r"a function for each of the 1 conditions, and one more .* received 3"):
        np.piecewise(x, [x > 0], [1, 2, 3])
    with pytest.raises(
        DtypeError, match="piecewise would cut a tensor of dtype float64 to the dtype int64 of the array"
    ):
        anp.piecewise(np.arange(3), [np.arange(3) > 0], [x[1] * 0.5])


# -------------------------------------------------------------------------------------------- a function of one element
def test_vectorize_calls_for_each_element():
    @anp.vectorize
    def smooth(a, b):
        """A doc of its own."""
        return a * b if a > b else a + b

    a, b = np.array([1.0, 5.0]), np.array([[2.0], [3.0]])
    assert same(smooth(a, b), np.vectorize(lambda a, b: a * b if a > b else a + b)(a, b))
    assert smooth.__doc__ == "A doc of its own."
    da, db = grad(lambda a, b: anp.sum(smooth(a, b)), (0, 1))(a, b)
    np.testing.assert_array_equal(da, [2.0, 5.0])
    np.testing.assert_array_equal(db, [[6.0], [6.0]])
    assert grad(lambda t: grad(lambda s: smooth(s, 2.0) * s)(t))(5.0) == 4.0


def test_vectorize_with_several_outputs_dtypes_and_arguments_by_name():
    several = anp.vectorize(lambda a, k=1: (a * k, a), otypes=["float32", float])
    found = several(np.array([1, 2]), k=np.array(3.0))
    assert same(found, (np.array([3, 6], np.float32), np.array([1.0, 2.0])))
    assert grad(lambda k: anp.sum(several(np.array([1.0, 2.0]), k=k)[0]))(3.0) == 3.0
    empty = several(np.zeros((0, 2)))
    assert same(empty, (np.zeros((0, 2), np.float32), np.zeros((0, 2))))
    mixed = anp.vectorize(lambda a: 0 if a < 0 else a * 0.5)
    assert same(mixed(np.array([-1.0, 3.0])), np.array([0.0, 1.5]))


def test_vectorize_passes_on_what_is_excluded():
    polynomial = anp.vectorize(
        lambda coefficients, x, power=1: sum(c * x**i for i, c in enumerate(coefficients)) ** power,
        excluded=[0, "power"],
    )
    x, c = np.array([1.0, 2.0]), np.array([1.0, 0.0, 3.0])
    np.testing.assert_array_equal(polynomial(c, x, power=2).numpy(), (1 + 3 * x**2) ** 2)
    dc, dx = grad(lambda c, x: anp.sum(polynomial(c, x)), (0, 1))(c, x)
    np.testing.assert_array_equal(dc, [2, 3, 5])
    np.testing.assert_array_equal(dx, 6 * x)


def test_vectorize_by_a_signature():
    product = anp.vectorize(np.dot, signature="(m,n),(n)->(m)")
    a, b = np.random.default_rng(0).normal(size=(5, 1, 2, 3)), np.random.default_rng(1).normal(size=(4, 3))
    assert same(product(a, b), np.vectorize(np.dot, signature="(m,n),(n)->(m)")(a, b))
    found = grad(lambda b: anp.sum(product(a, b)))(b)
    np.testing.assert_allclose(found, np.broadcast_to(a.sum(axis=(0, 1, 2)), (4, 3)))
    moments = anp.vectorize(lambda row: (np.mean(row), row - np.mean(row)), signature="(n) -> (), (n)")
    mean, rest = moments(b)
    assert (mean.shape, rest.shape) == ((4,), (4, 3))


@pytest.mark.parametrize(
    ("call_it", "message"),
    [
        (lambda: anp.vectorize(otypes="d")(1.0), "made without a function"),
        (lambda: anp.vectorize(np.dot, signature="(m,n)->m"), r"received '\(m,n\)->m'"),
        (lambda: anp.vectorize(np.dot, signature="(n),(n)->()")(X), "takes 2 arrays: received 1"),
        (
            lambda: anp.vectorize(np.dot, signature="(n),(n)->()")(X[0, 0], X[0, 0, :2]),
            "the axis n has one length in all arrays: received 4 and 2",
        ),
        (
            lambda: anp.vectorize(np.sum, signature="(m,n)->()")(np.ones(2)),
            r"with the axes \(m, n\) is needed: received shape \(2,\)",
        ),
        (
            lambda: anp.vectorize(np.sum, signature="(n)->(n)")(X),
            r"returns 1 axes in every call .*: received shapes \[\(\)\]",
        ),
        (lambda: anp.vectorize(lambda a: (a, a), signature="()->()")(X), "needs 1 outputs: the function returned 2"),
        (lambda: anp.vectorize(np.exp)(np.zeros(0)), r"arrays of shape \(0,\), without elements: pass otypes="),
    ],
)
def test_vectorize_refuses(call_it, message):
    with pytest.raises((OperandError, ShapeError), match=message):
        call_it()


def test_python_objects_of_a_tracked_tensor_are_refused():
    twice = np.frompyfunc(lambda v: v * 2, 1, 1)
    with pytest.raises(
        OperandError, match=r"returned Python objects \(dtype=object, shape \(2,\)\).*autograd\.numpy\.vectorize"
    ):
        grad(lambda t: anp.sum(twice(t)))(np.ones(2))


def test_functions_of_coordinates_and_the_elements_with_their_places():
    def line(i, j):
        return i * 2.0 + j

    assert same(anp.fromfunction(line, (2, 3)), np.fromfunction(line, (2, 3)))
    assert same(anp.fromfunction(lambda i: i, (3,), dtype=int), np.arange(3))
    assert grad(lambda k: anp.sum(anp.fromfunction(lambda i, j, scale: (i + j) * scale, (2, 3), scale=k)))(1.0) == 9.0
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert grad(lambda t: sum(v * (10 * i + j) for (i, j), v in anp.ndenumerate(t)))(x).tolist() == [[0, 1], [10, 11]]
    assert [(place, v.item()) for place, v in anp.ndenumerate([5, 6])] == [((0,), 5), ((1,), 6)]


# ----------------------------------------------------------------------------------------------------- what is indexed
A, B = np.arange(3.0), np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize("name", ["r_", "c_"])
@pytest.mark.parametrize(
    "key",
    [
        np.s_[A, 0, 0, A],
        np.s_[1:4],
        np.s_[A, 1:4],
        np.s_[:3:1j, A],
        np.s_[-1:1:6j, [0] * 3, 5, 6],
        np.s_[0.0:1.0:0.25],
        np.s_[np.float32(1.0), 2.5],
        np.s_[A.astype(np.float32), 2.5, 1],
        np.s_[[1, 2], [3, 4]],
        np.s_[B, B],
        np.s_["-1", B, B],
        np.s_["0", B, B],
        np.s_["0,2", A, A],
        np.s_["0,2,0", A, A],
        np.s_["1,2,0", A, A],
        np.s_["0,3,1", A, A],
        np.s_["0,3,-1", A, A],
        np.s_["1,3,-2", B, B],
        np.s_["0,3,0", B, B],
        np.s_["0,2", A, 2:5],
        np.s_["0,2,0", A, 2:5],
    ],
    ids=str,
)
def test_joining_in_brackets_as_numpy(name, key):
    try:
        expected = getattr(np, name)[key]
    except ValueError:  # shapes that do not fit together
        with pytest.raises(ValueError, match=r"dimension|shape"):
            getattr(anp, name)[key]
        return
    assert same(getattr(anp, name)[key], expected)
    items = key if isinstance(key, tuple) else (key,)
    on_tensors = tuple(Tensor(item) if isinstance(item, np.ndarray) else item for item in items)
    assert same(getattr(anp, name)[on_tensors], expected)


def test_joining_in_brackets_is_differentiable():
    weights = np.arange(8.0)
    found = grad(lambda t: anp.sum(anp.r_[0.0, t, t[0] : 5.0 : 4j] * weights))(A)
    shares = np.array([1, 2 / 3, 1 / 3, 0])
    np.testing.assert_allclose(found, weights[1:4] + np.array([np.sum(weights[4:] * shares), 0, 0]))
    found = grad(lambda t: anp.sum(anp.c_[t, 2 * t] * np.array([1.0, 10.0])))(A)
    np.testing.assert_allclose(found, [21, 21, 21])
    assert same(anp.r_["r", A, A], np.r_[A, A][None])
    assert same(anp.r_["c", A, A], np.r_[A, A][:, None])
    assert same(anp.r_["c", B, B], np.r_[B, B])
    assert anp.s_[1:2, ...] == np.s_[1:2, ...]
    assert len(anp.r_) == 0


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ((A, "0"), r"a directive \(a string\) stands first"),
        ("0,1,2,3", "one to three whole numbers, .*: received '0,1,2,3'"),
        (("x", A), "received 'x'"),
        ("0", "nothing to join"),
        ((), "nothing to join"),
    ],
)
def test_joining_in_brackets_refuses(key, message):
    with pytest.raises(OperandError, match=message):
        anp.r_[key]


@pytest.mark.parametrize(
    "key",
    [
        np.s_[0:5],
        np.s_[0:1:5j],
        np.s_[-1:1:0.5],
        np.s_[0:3, 0:2],
        np.s_[0:1:3j, 1:4],
        np.s_[:2, -1:1:2j, 0:1],
        np.s_[1.5:4, 0:1],
        np.s_[2:3:1j, 0:2],
    ],
    ids=str,
)
def test_grids_in_brackets_as_numpy(key):
    assert same(anp.mgrid[key], np.mgrid[key])
    assert same(anp.ogrid[key], np.ogrid[key])


def test_grids_in_brackets_are_differentiable():
    assert grad(lambda a: anp.sum(anp.mgrid[a : a + 2 : 3j, 0:2][0]))(1.0) == 6.0
    assert grad(lambda a: anp.sum(anp.ogrid[0:3, 0:a:5j][1]))(1.0) == 2.5


# ---------------------------------------------------------------------------------------- new arrays of tracked numbers
def test_ranges_of_tracked_numbers():
    """``start + k step``: the stop only says how many there are."""
    assert grad(lambda a: anp.sum(anp.arange(a, 5.0) ** 2))(2.5) == 2 * (2.5 + 3.5 + 4.5)
    assert grad(lambda s: anp.sum(anp.arange(1.0, 2.9, s)))(0.5) == 6.0
    assert grad(lambda b: anp.sum(anp.arange(b)))(3.5) == 0.0
    assert grad(lambda b: anp.sum(anp.arange(0.0, b, 0.5)))(3.2) == 0.0
    if (
        np.lib.NumpyVersion(np.__version__) >= "2.4.0"
    ):  # before, NumPy does not tell the names of its parameters, and a name is refused
        assert grad(lambda a: anp.sum(anp.arange(a, stop=1.0)))(3.5) == 0.0
    assert same(anp.arange(2, 11, 3), np.arange(2, 11, 3))
    assert same(anp.arange(5.0, dtype=np.float32), np.arange(5.0, dtype=np.float32))


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((1.0, 1000.0), {"num": 4}),
        ((1000, 1, 4), {"endpoint": False}),
        ((-1.0, -8.0, 4), {}),
        ((1.0, [2.0, 3.0], 3), {"axis": -1}),
        ((1j, 16j, 5), {}),
        ((1, 256, 9), {"dtype": int}),
        ((2.0, 9.0, 1), {}),
        ((2.0, 9.0, 0), {}),
        ((np.float32(1.0), np.float32(4.0), 3), {"dtype": np.float32}),
    ],
)
def test_geometric_sequences_as_numpy(args, kwargs):
    found, expected = anp.geomspace(*args, **kwargs), np.geomspace(*args, **kwargs)
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12)
    if kwargs.get("endpoint", True) and args[-1] not in (0, 1) and np.ndim(args[1]) == 0:
        assert (found.numpy()[0], found.numpy()[-1]) == (expected[0], expected[-1])


def test_geometric_sequences_do_not_begin_or_end_at_zero():
    with pytest.raises(OperandError, match="cannot begin or end at 0"):
        anp.geomspace(Tensor(0.0), 1.0)


def test_the_step_of_a_linspace():
    found = grad(lambda a, b: np.linspace(a, b, 5, retstep=True)[1], (0, 1))(1.0, 3.0)
    assert found == (-0.25, 0.25)
    with GradientTape() as tape:
        a = Tensor(1.0)
        tape.watch(a)
        y = np.linspace(a, 2.0, 3, dtype=np.float32)
    assert tape.gradient(y, a).dtype == np.float64
