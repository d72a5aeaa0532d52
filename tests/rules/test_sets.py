"""Sets, insertion and deletion, repetition to a shape: the values of NumPy on everything, and which element gets the
cotangent.
"""

import itertools

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, grad
from autograd.core.tensor import call
from autograd.errors import DtypeError, OperandError, ShapeError


def same(found, expected):
    if isinstance(expected, tuple):
        assert type(found).__name__ == type(expected).__name__
        return all(same(f, e) for f, e in zip(found, expected, strict=True))
    assert type(found) is Tensor
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_array_equal(found.numpy(), expected)
    return True


# ----------------------------------------------------------------------------------------------------- sets
def test_the_first_of_equal_elements_stands_for_all():
    x = np.array([3.0, 1.0, 3.0, 2.0, 1.0])
    weights = np.array([1.0, 10.0, 100.0])
    expected = [100, 1, 0, 10, 0]
    for fn in (
        np.unique,
        lambda t: np.unique(t, return_index=True)[0],
        lambda t: np.unique_all(t).values,
        lambda t: np.unique_counts(t)[0],
    ):
        assert grad(lambda t, fn=fn: anp.sum(fn(t) * weights))(x).tolist() == expected
    assert grad(lambda t: anp.sum(anp.unique(t.reshape(5, 1)) * weights))(x).tolist() == expected


def test_unique_values_come_in_any_order_and_the_gradient_follows():
    x = np.array([3.0, 1.0, 3.0, 2.0, 1.0, 7.0])
    for fn in (np.unique_values, lambda t: np.unique(t, sorted=False), lambda t: np.unique(t, equal_nan=False)):
        assert grad(lambda t, fn=fn: anp.sum(fn(t) ** 3))(x).tolist() == [27, 3, 0, 12, 0, 147]
        assert grad(lambda t, fn=fn: anp.sum(grad(lambda s, fn=fn: anp.sum(fn(s) ** 3))(t)))(x).tolist() == [
            18,
            6,
            0,
            12,
            0,
            42,
        ]


def test_unique_with_nan_and_along_an_axis():
    x = np.array([np.nan, 1.0, np.nan])
    for equal_nan, expected in ((True, [1, 1, 0]), (False, [1, 1, 1])):
        assert grad(lambda t, e=equal_nan: anp.sum(np.unique(t, equal_nan=e)))(x).tolist() == expected
    rows = np.array([[2.0, 1.0], [0.0, 5.0], [2.0, 1.0]])
    assert grad(lambda t: anp.sum(np.unique(t, axis=0) * np.array([[1.0, 2.0], [3.0, 4.0]])))(rows).tolist() == [
        [3, 4],
        [1, 2],
        [0, 0],
    ]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("assume_unique", [False, True])
def test_sets_as_numpy(seed, assume_unique):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 8, (2, 3)).astype(float), rng.integers(0, 8, 5).astype(np.float32 if seed % 2 else float)
    if assume_unique:
        a, b = rng.permutation(8)[:5] * 1.0, rng.permutation(8)[:4] * 1.0
    assert same(np.union1d(Tensor(a), b), np.union1d(a, b))
    assert same(np.union1d(a, Tensor(b)), np.union1d(a, b))
    for fn in (np.intersect1d, np.setdiff1d, np.setxor1d):
        assert same(call(fn, Tensor(a), b, assume_unique), fn(a, b, assume_unique))
    assert same(
        np.intersect1d(Tensor(a), b, assume_unique, return_indices=True),
        np.intersect1d(a, b, assume_unique, return_indices=True),
    )
    assert same(np.setxor1d(Tensor([]), np.array([])), np.setxor1d([], []))


def test_gradients_of_sets():
    a, b = np.array([3.0, 1.0, 2.0, 3.0]), np.array([3.0, 5.0, 2.0, 5.0])
    square = {
        fn: grad(lambda s, t, fn=fn: anp.sum(fn(s, t) ** 2), (0, 1))(a, b)
        for fn in (np.union1d, np.intersect1d, np.setdiff1d, np.setxor1d)
    }
    expected = {
        np.union1d: ([6, 2, 4, 0], [0, 10, 0, 0]),
        np.intersect1d: ([6, 0, 4, 0], [0, 0, 0, 0]),
        np.setdiff1d: ([0, 2, 0, 0], [0, 0, 0, 0]),
        np.setxor1d: ([0, 2, 0, 0], [0, 10, 0, 0]),
    }
    for fn, (da, db) in expected.items():
        assert [g.tolist() for g in square[fn]] == [da, db]


# ----------------------------------------------------------------------------------------------- insertion and deletion
ARRAYS = [
    (np.arange(4.0), None),
    (np.arange(12.0).reshape(3, 4), 1),
    (np.arange(12.0).reshape(4, 3), 0),
    (np.arange(4).reshape(2, 2), None),
]
OBJECTS = [
    0,
    2,
    -1,
    -4,
    [1],
    [-1],
    [0, 2, 2],
    [3, 0],
    slice(None),
    slice(1, None, 2),
    slice(None, None, -1),
    np.array([True, False, True, False]),
]


@pytest.mark.parametrize("obj", OBJECTS, ids=str)
def test_deletion_as_numpy(obj):
    for x, axis in ARRAYS:
        assert same(np.delete(Tensor(x), obj, axis), np.delete(x, obj, axis))
    kept = np.delete(np.arange(4), obj)
    assert grad(lambda t: anp.sum(np.delete(t, obj)))(np.ones(4)).tolist() == [
        1.0 if i in kept else 0.0 for i in range(4)
    ]


@pytest.mark.parametrize("obj", [*OBJECTS, 4, [4, 0]], ids=str)
def test_insertion_as_numpy(obj):
    n = len(np.arange(4)[obj]) if isinstance(obj, (slice, np.ndarray)) else np.size(obj)
    tried = 0
    for (x, axis), shape in itertools.product(
        ARRAYS, ((), (1,), (2,), (3,), (n,), (3, n), (n, 3), (3, 1), (1, 3), (3, 2), (2, 3))
    ):
        values = np.arange(100.0, 100.0 + np.prod(shape, dtype=int)).reshape(shape)
        try:
            expected = np.insert(x, obj, values, axis)
        except ValueError:
            with pytest.raises((ValueError, OperandError)):
                np.insert(Tensor(x), obj, values, axis)
            continue
        assert same(np.insert(Tensor(x), obj, values, axis), expected)
        tried += 1
    assert tried >= 8


def test_what_is_inserted_has_a_derivative():
    x, v = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0])
    weights = np.array([1.0, 10.0, 100.0, 1000.0, 10000.0])
    found = grad(lambda x, v: anp.sum(np.insert(x, [0, 2], v) * weights), (0, 1))(x, v)
    assert [g.tolist() for g in found] == [[10, 100, 10000], [1, 1000]]
    assert grad(lambda v: anp.sum(np.insert(x, [0, 2], v) * weights))(1.0) == 1001.0
    with pytest.raises(DtypeError, match="insert would cut a tensor of dtype float64 to the dtype int64 of the array"):
        grad(lambda v: anp.sum(np.insert(np.arange(3), 1, v)) * 1.0)(2.0)


# ----------------------------------------------------------------------------------------------------- other places
def test_resize_repeats():
    x = np.array([1.0, 2.0, 3.0])
    for shape in (5, (2, 4), (0,), (), (2,)):
        assert same(np.resize(Tensor(x), shape), np.resize(x, shape))
    assert same(np.resize(Tensor(np.zeros((0, 2), np.float32)), (2, 2)), np.zeros((2, 2), np.float32))
    assert grad(lambda t: anp.sum(np.resize(t, (2, 4)) * np.arange(8.0).reshape(2, 4)))(x).tolist() == [9, 12, 7]
    with pytest.raises(ShapeError, match="lengths from 0 on"):
        np.resize(Tensor(x), (-1, 2))


@pytest.mark.parametrize("trim", ["f", "b", "fb", "B"])
def test_zeros_are_trimmed(trim):
    for x in ([0.0, 1.0, 0.0, 2.0, 0.0], [0.0, 0.0], [1.0], []):
        assert same(np.trim_zeros(Tensor(np.array(x)), trim), np.trim_zeros(np.array(x), trim))
    matrix = np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    for axis in (
        None,
        0,
        -1,
        *([(0, 1)] if np.lib.NumpyVersion(np.__version__) >= "2.4.0" else []),
    ):  # NumPy 2.3 takes one axis
        assert same(np.trim_zeros(Tensor(matrix), trim, axis=axis), np.trim_zeros(matrix, trim, axis=axis))
        assert same(np.trim_zeros(Tensor(0 * matrix), trim, axis=axis), np.trim_zeros(0 * matrix, trim, axis=axis))
    assert grad(lambda t: anp.sum(np.trim_zeros(t) ** 2))(np.array([0.0, 3.0, 0.0])).tolist() == [0, 6, 0]
    with pytest.raises(OperandError, match="received trim='x'"):
        np.trim_zeros(Tensor([1.0]), "x")


def test_open_meshes():
    found = np.ix_(Tensor([1.0, 2.0]), np.array([True, False, True]), [3, 4, 5])
    for f, e in zip(found, np.ix_(np.array([1.0, 2.0]), np.array([True, False, True]), [3, 4, 5]), strict=True):
        np.testing.assert_array_equal(np.asarray(f), e)
    assert anp.ix_([], [1])[0].dtype == np.intp
    assert grad(lambda a, b: anp.sum(anp.ix_(a, b)[0] * anp.ix_(a, b)[1]), (0, 1))(np.ones(2), np.ones(3))[
        0
    ].tolist() == [3, 3]
    with pytest.raises(ShapeError, match=r"arrays with one axis: received shapes \(2, 2\)"):
        np.ix_(Tensor(np.ones((2, 2))))


def test_complex_sorting_and_real_parts():
    for dtype in (np.int8, np.uint16, np.int64, np.float32, np.complex64, np.complex128):
        x = np.array([3, 1, 2], dtype)
        assert same(np.sort_complex(Tensor(x)), np.sort_complex(x))
    near_real = np.array([1 + 1e-16j, 2.0])
    assert same(np.real_if_close(Tensor(near_real)), np.real_if_close(near_real))
    assert same(np.real_if_close(Tensor(near_real + 1j)), np.real_if_close(near_real + 1j))
    assert same(
        np.real_if_close(Tensor(near_real + 0.001j), tol=0.1), np.real_if_close(near_real + 0.001j, tol=0.1 + 1e14)
    )
    assert grad(lambda t: anp.sum(anp.real(np.real_if_close(t + 0j)) ** 2))(np.array([1.0, 2.0])).tolist() == [2, 4]


def test_signs_and_neighbours():
    x, y = np.array([1.5, -2.0]), np.array([-1.0, -1.0])
    dx, dy = grad(lambda x, y: anp.sum(np.copysign(x, y)), (0, 1))(x, y)
    assert (dx.tolist(), dy.tolist()) == ([-1, 1], [0, 0])
    dx, dy = grad(lambda x, y: anp.sum(np.nextafter(x, y)), (0, 1))(x, 3.0)
    assert (dx.tolist(), dy) == ([1, 1], 0.0)


def test_lists_of_tensors_are_arrays():
    assert grad(lambda a: anp.sum(anp.delete([a, a * a, 1.0], 0)))(3.0) == 6.0
    assert grad(lambda a: anp.sum(anp.resize([[a, 1.0], [a, a]], (2, 3)) * 1.0))(3.0) == 4.0
    assert grad(lambda a: anp.sum(anp.quantile(np.array([1.0, 2.0, 4.0]), [a, 2 * a])))(0.2) == 6.0
    assert grad(lambda a: anp.sum(anp.logspace(1.0, 2.0, 2, base=[a, 1.0])))(3.0) == 1 + 2 * 3.0
    assert grad(lambda a: anp.sum(anp.sort_complex([1.0, a]).real))(3.0) == 1.0
    assert grad(lambda a: anp.sum(anp.union1d([a], [2.0])))(3.0) == 1.0
    with GradientTape() as tape:
        a = Tensor(2.0)
        tape.watch(a)
        y = anp.average([[a, 1.0], [0.0, a]], axis=0)
    assert tape.gradient(y, a).item() == 1.0
