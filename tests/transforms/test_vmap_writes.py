"""Inside `vmap` a write of batched values, indices or masks means what it means in a loop over the batch."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import grad, jvp, vmap

X = np.array([[1.0, 2.2, 3.0], [4.0, 5.0, 6.0]])
PLACES = np.array([0, 2])


def _writing(make, write):
    def f(v, i, lib):
        b = make(lib)
        changed = write(b, v, i)
        return b if changed is None else changed

    return f


def _zeros(*shape, **kwargs):
    return lambda lib: lib.zeros(shape, **kwargs)


def _by_closure(b, v, i):
    def put():
        b[i] = v[0]

    put()
    return b * v


def _two(b, v, i):
    b[1:] = v[:2]
    b[0] = 3.0


def _row(b, v, i):
    row = b[0]
    row[:] = v
    b[1, i] = 2.0
    return b * row


def _transposed(b, v, i):
    b.T[0] = v[:2]
    turned = b.T
    turned[1] = v[1]


def _view_before(b, v, i):
    before = b[:2]
    b[1:] = v[:2]
    before[0] = 7.0 * v[0]
    return b + np.sum(before)


def _augmented(b, v, i):
    b += v
    b[0] *= 2


def _masked(b, v, i):
    b[v > 2] = 1.0
    return b * v


def _sorted(b, v, i):
    b[np.arange(3)[::-1]] = v
    b.sort()


def _nested(b, v, i):
    b[0][1] = v
    b.reshape(-1)[3] = v[0]


def _recurrence(b, v, i):
    for k in range(3):
        b[k] = b[k - 1] + v[k] * v[k]


def _halves(b, v, i):
    first, second = np.split(b, 2)
    first[:] = v
    return np.concatenate([first, second * 2, b])


def _real(b, v, i):
    b.real[:] = v
    return abs(b)


three, rows, square = _zeros(3), _zeros(2, 3), _zeros(3, 3)
WRITES = {
    "item at a batched place": _writing(three, lambda b, v, i: b.__setitem__(i, v[0])),
    "slice, then a number": _writing(three, _two),
    "put": _writing(_zeros(5), lambda b, v, i: np.put(b, [1, 3], v[:2])),
    "put at batched places": _writing(three, lambda b, v, i: np.put(b, i, v[0])),
    "put_along_axis": _writing(rows, lambda b, v, i: np.put_along_axis(b, np.array([[0], [2]]), v[:1], 1)),
    "put_along_axis at batched places": _writing(
        _zeros(1, 3), lambda b, v, i: np.put_along_axis(b, np.reshape(i, (1, 1)), v[:1], 1)
    ),
    "putmask": _writing(three, lambda b, v, i: np.putmask(b, np.array([True, False, True]), v)),
    "putmask with a batched mask": _writing(three, lambda b, v, i: np.putmask(b, v > 2, v)),
    "place": _writing(three, lambda b, v, i: np.place(b, np.array([True, False, True]), v)),
    "place with a batched mask": _writing(three, lambda b, v, i: np.place(b, v > 2, v)),
    "copyto": _writing(three, lambda b, v, i: np.copyto(b, v)),
    "copyto with a batched mask": _writing(three, lambda b, v, i: np.copyto(b, v, where=v > 2)),
    "fill_diagonal": _writing(square, lambda b, v, i: np.fill_diagonal(b, v)),
    "fill": _writing(square, lambda b, v, i: b.fill(v[1])),
    "add.at": _writing(three, lambda b, v, i: np.add.at(b, [0, 0, 1], v)),
    "subtract.at a batched place": _writing(three, lambda b, v, i: np.subtract.at(b, i, v[0])),
    "out=": _writing(three, lambda b, v, i: np.add(b, v, out=b)),
    "out= with where=": _writing(three, lambda b, v, i: np.multiply(v, 2, out=b, where=np.array([True, False, True]))),
    "by a closure": _writing(three, _by_closure),
    "row": _writing(rows, _row),
    "transposed": _writing(rows, _transposed),
    "a view taken before": _writing(three, _view_before),
    "augmented": _writing(three, _augmented),
    "batched mask": _writing(three, _masked),
    "sort": _writing(three, _sorted),
    "view of a view": _writing(_zeros(2, 2, 3), _nested),
    "recurrence": _writing(three, _recurrence),
    "halves": _writing(_zeros(6), _halves),
    "real parts": _writing(_zeros(3, dtype=complex), _real),
}


def _central_differences(f, x, step=1e-6):
    gradient = np.empty_like(x)
    for place in np.ndindex(x.shape):
        there = np.zeros_like(x)
        there[place] = step
        gradient[place] = (f(x + there) - f(x - there)) / (2 * step)
    return gradient


@pytest.mark.parametrize("name", WRITES)
def test_a_write_inside_vmap_is_that_of_a_loop(name):
    f = WRITES[name]

    def loop(x):
        return np.stack([np.asarray(f(x[k].copy(), int(PLACES[k]), np)) for k in range(len(x))])

    def loss(x):
        return anp.sum(vmap(lambda v, i: f(v * 1.0, i, anp))(x, PLACES) ** 2)

    np.testing.assert_allclose(vmap(lambda v, i: f(v * 1.0, i, anp))(X, PLACES), loop(X))
    right = _central_differences(lambda x: np.sum(loop(x) ** 2), X)
    np.testing.assert_allclose(grad(loss)(X), right, atol=1e-5)
    np.testing.assert_allclose(jvp(loss, (X,), (np.ones_like(X),))[1], np.sum(right), atol=1e-4)
    compiled = autograd.compile(grad(loss))
    compiled(X + 0.1)
    np.testing.assert_allclose(compiled(X), right, atol=1e-5)
    assert compiled.refused == ""


def test_a_write_of_the_inner_of_two_batches_is_that_of_two_loops():
    def table(v):
        def row(w):
            b = anp.zeros(3)
            b[0] = w
            b[1] = v[1]
            return b

        return vmap(row)(v)

    right = [[[w, v[1], 0.0] for w in v] for v in X]
    np.testing.assert_array_equal(vmap(table)(X), right)


def test_a_batch_is_not_written_into_what_is_one_for_all_elements():
    outer = anp.zeros(3)

    def into_a_tensor_from_outside(v):
        outer[0] = v[0]
        return outer * 1.0

    with pytest.raises(TypeError, match="made before the mapped function was called"):
        vmap(into_a_tensor_from_outside)(X)
    assert outer.tolist() == [0.0, 0.0, 0.0]

    def into_an_array(write):
        def f(v):
            array = np.zeros(3)
            write(array, v)
            return array

        return f

    for write in (lambda b, v: b.__setitem__(slice(None), v), lambda b, v: np.copyto(b, v)):
        with pytest.raises(TypeError, match=r"autograd\.numpy\.zeros"):
            vmap(into_an_array(write))(X)
    with pytest.raises(TypeError, match=r"autograd\.numpy\.empty"):
        vmap(into_an_array(lambda b, v: np.add(v, v, out=b)))(X)
