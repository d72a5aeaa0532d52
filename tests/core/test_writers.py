"""NumPy's functions that write into their argument: on a tensor, the handle gets another value, and the writing is
recorded.
"""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable, check_gradients, grad
from autograd.errors import DetachedError, DtypeError, OperandError, ShapeError
from autograd.registry.entries import RULES

MASK = np.array([[True, False, True], [False, True, True]])
# name: (shape of the tensor, the write, shape of what is written)
WRITES = {
    "copyto": ((2, 3), lambda x, v: np.copyto(x, v), (3,)),
    "copyto, masked": ((2, 3), lambda x, v: np.copyto(x, v, where=MASK), (2, 1)),
    "copyto, mask that broadcasts": ((2, 3), lambda x, v: np.copyto(x, v, where=MASK[0]), ()),
    "put": ((2, 3), lambda x, v: np.put(x, [4, 0, -1], v), (2,)),
    "put, wrapped": ((2, 3), lambda x, v: np.put(x, [[6, 7], [-7, 2]], v, mode="wrap"), (4,)),
    "put, clipped": ((2, 3), lambda x, v: np.put(x, [9, -3], v, mode="clip"), ()),
    "place": ((2, 3), lambda x, v: np.place(x, MASK, v), (3,)),
    "place, more than needed": ((2, 3), lambda x, v: np.place(x, MASK.astype(int), v), (6,)),
    "putmask": ((2, 3), lambda x, v: np.putmask(x, MASK, v), (2, 3)),
    "putmask, repeated": ((2, 3), lambda x, v: np.putmask(x, MASK, v), (2,)),
    "fill_diagonal": ((3, 3), lambda x, v: np.fill_diagonal(x, v), ()),
    "fill_diagonal, several": ((3, 4), lambda x, v: np.fill_diagonal(x, v), (2,)),
    "fill_diagonal, tall": ((7, 3), lambda x, v: np.fill_diagonal(x, v), (3,)),
    "fill_diagonal, wrapped": ((7, 3), lambda x, v: np.fill_diagonal(x, v, wrap=True), (2,)),
    "fill_diagonal, three axes": ((3, 3, 3), lambda x, v: np.fill_diagonal(x, v), (3,)),
    "put_along_axis": ((2, 3), lambda x, v: np.put_along_axis(x, np.array([[2, 0], [1, -1]]), v, axis=1), (2, 2)),
    "put_along_axis, number": ((2, 3), lambda x, v: np.put_along_axis(x, np.array([[1, 0, 1]]), v, axis=0), ()),
    "put_along_axis, flat": ((2, 3), lambda x, v: np.put_along_axis(x, np.array([5, 1]), v, axis=None), (2,)),
    "assignment": ((2, 3), lambda x, v: x.__setitem__((slice(None), [0, 2]), v), (2, 1)),
}


@pytest.fixture(params=WRITES.values(), ids=WRITES.keys())
def write(request):
    shape, write, value_shape = request.param
    rng = np.random.default_rng(0)
    return rng.normal(size=shape), write, rng.normal(size=value_shape)


def test_the_handle_gets_what_numpy_writes(write):
    x, write, v = write
    expected = x.copy()
    write(expected, v)
    handle = Tensor(x)
    other = Tensor.alias(handle)
    before = handle * 2.0
    assert write(handle, v) is None
    np.testing.assert_array_equal(handle.numpy(), expected)
    np.testing.assert_array_equal(other.numpy(), x)
    np.testing.assert_array_equal(before.numpy(), 2.0 * x)


def test_the_derivative_is_that_of_what_is_left_and_of_what_was_written(write):
    x, write, v = write

    def f(x, v):
        y = x * x
        write(y, v * 3.0)
        return anp.sum(anp.sin(y) * np.arange(1.0, 1.0 + np.size(x)).reshape(np.shape(x)))

    check_gradients(f, x, v, order=2).assert_ok()


def test_values_of_another_dtype(write):
    x, write, v = write
    handle = Tensor(x.astype(np.float32))
    gradient = grad(lambda v: written_sum(handle, write, v))(v)
    assert handle.dtype == np.float32
    assert gradient.dtype == np.float64


def written_sum(handle, write, v):
    copy = handle.copy()
    write(copy, v)
    assert copy.dtype == np.float32
    return anp.sum(copy)


def test_every_writer_is_among_these():
    writers = {fn.__name__ for fn, entry in RULES.items() if entry.kind == "writer"}
    assert writers == {name.partition(",")[0] for name in WRITES} - {"assignment"}


def test_a_variable_is_written_into():
    v, array = Variable(np.eye(2)), np.eye(2)
    for write in (lambda x: np.fill_diagonal(x, 2.0), lambda x: np.copyto(x[0], 1.0), lambda x: np.put(x, [3], 5.0)):
        write(v)
        write(array)
    np.testing.assert_array_equal(v.numpy(), array)


def test_a_tracked_value_is_not_written_into_an_array():
    array, x = np.zeros((2, 2)), Tensor(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        with pytest.raises(DetachedError):
            np.fill_diagonal(array, x * 2.0)
        with pytest.raises(DetachedError):
            np.copyto(array, x)
    assert not array.any()


def test_what_does_not_fit_is_refused_and_changes_nothing():
    x = Tensor(np.arange(6).reshape(2, 3))
    with pytest.raises(DtypeError, match=r"copyto cannot cast from float64 to int64"):
        np.copyto(x, np.array(0.5))
    with pytest.raises(OperandError, match=r"put: 6 elements have the numbers -6 to 5 .*received \[6\]"):
        np.put(x, [6], 1)
    with pytest.raises(ShapeError, match="place cannot fill elements from no values"):
        np.place(x, MASK, [])
    with pytest.raises(ShapeError, match=r"fill_diagonal needs 2 axes or more: received shape \(3,\)"):
        np.fill_diagonal(Tensor(np.ones(3)), 1.0)
    with pytest.raises(ShapeError, match=r"axes of one length"):
        np.fill_diagonal(Tensor(np.ones((2, 2, 3))), 1.0)
    assert x.tolist() == [[0, 1, 2], [3, 4, 5]]
