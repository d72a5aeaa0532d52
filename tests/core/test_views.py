"""Writes mean what they mean in NumPy: through views, in place, into arguments `out=`; and their derivatives."""

import operator
import random
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import program

import autograd
import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable, grad

X = np.array([0.3, -0.5, 0.7, 0.9, 1.1, -0.2])


def differences(f, x, h=1e-6):
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(x.size)])


def assert_follows(f, x, compiled=True):
    """Compare a function ``f(np, x)`` of tensors with itself on NumPy: value, gradient, tangent, Hessian, compiled."""
    value = f(np, x.copy())
    np.testing.assert_allclose(f(anp, Tensor(x)).item(), value, rtol=1e-12)
    expected = differences(lambda x: f(np, x), x)
    on_tensors = grad(lambda x: f(anp, x))
    tolerance = {"rtol": 1e-6, "atol": 1e-6 * (1 + np.abs(expected).max())}
    np.testing.assert_allclose(on_tensors(x), expected, **tolerance)
    tangent = autograd.jvp(lambda x: f(anp, x), [x], [np.ones(x.size)])[1]
    np.testing.assert_allclose(tangent, expected.sum(), **tolerance)
    hessian = np.array([(on_tensors(x + 1e-6 * e) - on_tensors(x - 1e-6 * e)) / 2e-6 for e in np.eye(x.size)])
    np.testing.assert_allclose(
        autograd.hessian(lambda x: f(anp, x))(x), hessian, rtol=1e-5, atol=1e-5 * (1 + np.abs(hessian).max())
    )
    if compiled:
        program = autograd.compile(on_tensors)
        for point in (x, x * 0.5, x - 0.1):
            np.testing.assert_allclose(program(point), on_tensors(point), rtol=1e-9, atol=1e-9)
        assert program.refused == ""


def item_of_row(np, x):
    y = np.zeros((2, 3))
    y[0][1] = x[0]
    return np.sum(y * y)


def transpose(np, x):
    y = np.outer(x[:2], x[:3])
    y.T[0] = x[:2] ** 2
    y.T[1:][0][1] *= 3.0
    return np.sum(y**3)


def reshaped(np, x):
    y = np.outer(x[:2], x[:3])
    y.reshape(-1)[3] = x[5]
    y.ravel()[:3] = x[3:]
    y.T.reshape(-1)[0] = 100.0  # a copy, as in NumPy
    y.flatten()[0] = 100.0
    return np.sum(y**3)


def rows(np, x):
    A = np.outer(x, x) + 2.0
    for row in A:
        row[:] = row / row.sum()
    for r, v in zip(A, x, strict=True):
        r[0] = v
    return np.sum(A**2)


def sections(np, x):
    a, b = np.split(y := x * 1.0, 2)
    a[:] = b**2
    b += 1.0
    np.array_split(y, 4)[0][...] *= 2.0
    return np.sum(y**2)


def axes(np, x):
    y = np.outer(x[:2], x[:3])
    np.swapaxes(y, 0, 1)[0] = x[:2] * 5.0
    np.moveaxis(y, 0, 1)[2] -= x[1]
    np.expand_dims(y, 0)[0, 1] *= x[0]
    np.squeeze(y[None])[0, 0] = x[4]
    np.flip(y, 1)[0, 0] = x[2]
    np.rot90(y)[0, 0] = x[3]
    np.atleast_3d(y)[1, 1] = x[5]
    return np.sum(y**3)


def diagonal(np, x):
    y = np.outer(x[:3], x[:3])
    np.einsum("ii->i", y)[:] = x[3:] ** 2
    shown = np.diagonal(y)
    y[1, 1] = x[0]
    return np.sum(y**2) + np.sum(shown**3)


def complex_parts(np, x):
    z = np.outer(x[:2], x[2:5]) * (1 + 2j)
    z.real[0] = x[:3]
    z.imag[:, 1] = x[:2] ** 2
    z.T.real[2] += x[5]
    return np.sum(np.abs(z) ** 4) + np.sum(z.real * z.imag)


def read_before(np, x):
    y = x * 1.0
    z = y[:2]
    y[0] = x[5]
    z[1] = x[4]
    z += x[:2]
    w = z
    w *= x[3]
    return np.sum(y**2) + np.sum(z**3)


def aliases(np, x):
    y = x * 1.0
    alias = y
    y += x
    y *= 2.0
    y[1:] -= x[:-1]
    y **= 2
    y /= 1.5
    scalar = np.sum(x)
    other = scalar
    scalar += 1.0  # rebinds: a number
    return np.sum(alias**2) + scalar * other


def arguments_out(np, x):
    t, u = np.zeros(6), np.zeros(6)
    np.add(x, x * 2.0, out=t)
    np.multiply(t, t, out=t, where=t > 0)
    np.sum(np.outer(x, x), axis=0, out=u[::-1])
    np.exp(x, out=u[:], where=x > 0.5)
    np.clip(t, -0.9, 0.9, out=t)
    return np.sum(t**2) + np.sum(u**3)


def repeated(np, x):
    u = np.zeros(6)
    np.add.at(u, [0, 0, 1], x[:3])
    np.subtract.at(u[2:], [0, 0], x[3])
    np.put(u, [4, 5], x[4:] ** 2)
    np.copyto(u[4:], x[:2], where=x[:2] > 0)
    u[::2].fill(x[3])
    np.place(u, u > 10, x)
    return np.sum(u**2 * x)


def methods(np, x):
    u = x * 1.0
    u[1:5].sort()
    np.outer(x, x)[0].partition(1)
    v = np.outer(x, x)
    np.fill_diagonal(v[:3, :3], x[0])
    np.put_along_axis(v, np.argmax(v, axis=1)[:, None], 0.0, axis=1)
    return np.sum(u * x**2) + np.sum(v**2)


IDIOMS = [item_of_row, transpose, reshaped, rows, sections, axes, diagonal, complex_parts, read_before, aliases,
          arguments_out, repeated, methods]  # fmt: skip


@pytest.mark.parametrize("f", IDIOMS, ids=lambda f: f.__name__)
def test_an_idiom_means_what_it_means_in_numpy(f):
    assert_follows(f, X)


@given(seed=st.integers(0, 2**32 - 1))
def test_random_programs_write_what_numpy_writes(seed):
    arrays, tensors = program(np, X.copy(), seed), program(anp, Tensor(X), seed)
    assert len(arrays) == len(tensors)
    for array, tensor in zip(arrays, tensors, strict=True):
        np.testing.assert_array_equal(np.asarray(tensor), array)


@given(seed=st.integers(0, 2**32 - 1))
def test_random_programs_are_differentiated(seed):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=array.shape) for array in program(np, X.copy(), seed)]

    def f(np, x):
        return sum(np.sum(array * array * w) for array, w in zip(program(np, x, seed), weights, strict=True))

    expected = differences(lambda x: f(np, x), X)
    tolerance = {"rtol": 1e-5, "atol": 1e-5 * (1 + np.abs(expected).max())}
    np.testing.assert_allclose(grad(lambda x: f(anp, x))(X), expected, **tolerance)
    tangent = autograd.jvp(lambda x: f(anp, x), [X], [np.ones(6)])[1]
    np.testing.assert_allclose(tangent, expected.sum(), **tolerance)


@given(seed=st.integers(0, 2**32 - 1))
def test_random_programs_are_compiled(seed):
    def f(x):
        return sum(anp.sum(array * array) for array in program(anp, x, seed))

    program_of, derivative = autograd.compile(f), autograd.compile(grad(f))
    for x in (X, X * 2, X - 1):
        np.testing.assert_allclose(program_of(x).item(), f(Tensor(x)).item(), rtol=1e-9)
        np.testing.assert_allclose(derivative(x), grad(f)(x), rtol=1e-9, atol=1e-9)
    assert program_of.refused == derivative.refused == ""


def test_reshape_is_a_view_where_it_is_one_in_numpy():
    for change in (
        lambda a: a.reshape(-1),
        lambda a: a.ravel(),
        lambda a: a.T.reshape(-1),
        lambda a: a.copy().T.ravel(),
    ):
        array = np.arange(6.0).reshape(2, 3)
        tensor = Tensor(array)
        change(array)[:2] = -1.0
        change(tensor)[:2] = -1.0
        np.testing.assert_array_equal(tensor.numpy(), array)


def test_what_was_recorded_or_handed_out_stays():
    x = Tensor(X)
    with GradientTape() as tape:
        tape.watch(x)
        y = x * 2.0
        seen, row = y.numpy(), y[1:3]
        z = y * y
        row[:] = 0.0
    np.testing.assert_array_equal(seen, 2 * X)
    np.testing.assert_array_equal(z.numpy(), 4 * X * X)
    np.testing.assert_allclose(tape.gradient(z, x).numpy(), 8 * X)


def test_a_locked_view_is_refused_as_in_numpy():
    y = Tensor(np.ones((3, 3)))
    for view in (anp.diagonal(y), anp.diagonal(y)[1:], anp.broadcast_to(y, (2, 3, 3)), anp.diag(y)):
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 1.0
    np.testing.assert_array_equal(y.numpy(), np.ones((3, 3)))


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        (lambda y: y.__iadd__(np.ones((2, 6))), ValueError),
        (lambda y: y.__imul__(1j), TypeError),
        (lambda y: y[:2].__iadd__(np.ones(3)), ValueError),
    ],
)
def test_in_place_operators_keep_shape_and_dtype_or_refuse(statement, error):
    y = Tensor(X)
    with pytest.raises(error):
        statement(y)
    np.testing.assert_array_equal(y.numpy(), X)


def test_in_place_operators_keep_the_dtype():
    y = Tensor(X.astype(np.float32))
    y += np.ones(6)
    assert y.dtype == np.float32
    n = Tensor(np.arange(6))
    with pytest.raises(TypeError):
        n += 0.5
    n //= 2
    assert n.dtype == np.arange(1).dtype


@pytest.mark.parametrize(
    "shuffle",
    [
        lambda x, seed: random.Random(seed).shuffle(x),
        lambda x, seed: np.random.default_rng(seed).shuffle(x),
        lambda x, seed: np.random.RandomState(seed).shuffle(x),
    ],
)
def test_shuffling_keeps_every_row(shuffle):
    rows = np.arange(12.0).reshape(6, 2)
    for seed in range(10):
        x = Tensor(rows)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy warns of what is no sequence
            shuffle(x, seed)
        assert sorted(x.tolist()) == rows.tolist()


def test_swapping_rows_by_hand_does_what_it_does_in_numpy():
    array, tensor = np.arange(6.0).reshape(3, 2), Tensor(np.arange(6.0).reshape(3, 2))
    array[0], array[1] = array[1], array[0]
    tensor[0], tensor[1] = tensor[1], tensor[0]
    np.testing.assert_array_equal(tensor.numpy(), array)


# ------------------------------------------------------------------------------------------------------------ variables
def test_a_variable_is_written_by_parts_and_stays():
    W, E = Variable(np.ones((3, 2))), np.ones((3, 2))
    alias = W
    for w in (W, E):
        row = w[1]
        w[0] = 5.0
        w[2, 1] -= 3
        row += 7
        w.T[0] *= 2
        w -= 1.0
    assert W is alias
    assert isinstance(W, Variable)
    np.testing.assert_array_equal(W.numpy(), E)


def test_the_textbook_s_loop_learns():
    params = [Variable(np.ones((2, 2))), Variable(1.0)]
    losses = []
    for _ in range(3):
        with GradientTape() as tape:
            loss = anp.sum(params[0] ** 2) + params[1] ** 2
        gradients = tape.gradient(loss, params)
        for i in range(len(params)):
            params[i] -= 0.1 * gradients[i]
        losses.append(loss.item())
    np.testing.assert_allclose(losses, [5.0, 5.0 * 0.64, 5.0 * 0.64**2])
    assert all(isinstance(each, Variable) for each in params)


def test_a_compiled_step_writes_parts_of_a_variable():
    W, E = Variable(np.ones((3, 2))), np.ones((3, 2))

    @autograd.compile
    def step(v):
        W[0] = v
        W[1] += v
        W.T[1] *= 0.5
        return anp.sum(W)

    for value in (1.0, 2.0, 3.0):
        v = np.array([value, value])
        E[0] = v
        E[1] += v
        E.T[1] *= 0.5
        assert step(v).item() == E.sum()
        np.testing.assert_array_equal(W.numpy(), E)
    assert step.refused == ""


# ----------------------------------------------------------------------------------------------------------------- cost
def test_writing_rows_in_a_loop_copies_nothing():
    def address(tensor):
        return tensor._value.__array_interface__["data"][0]

    A = Tensor(np.ones((100, 4)))
    place = address(A)
    A.T[0] *= 2.0
    assert address(A) == place
    for row in A:
        row[:] = row / row.sum()
    for i in range(100):
        A[i][1] = 3.0
        A.T[0] *= 1.0
    flat = A.reshape(-1)
    for i in range(100):
        flat[i] = 2.0
    assert address(A) == place


# -------------------------------------------------------------------------------------------------- recorders that end
def test_a_view_that_is_returned_stale_has_its_derivative():
    def f(x):
        y = x * 2.0
        view = y[1:3]
        y[1] = x[0] * x[0]
        return view

    v = np.array([1.0, -1.0, 0.5, 2.0])
    x = np.array([1.0, 2.0, 3.0, 4.0])
    np.testing.assert_allclose(autograd.jvp(f, [x], [v])[1], [2.0, 1.0])
    np.testing.assert_allclose(autograd.jacobian(f)(x), [[2, 0, 0, 0], [0, 0, 2, 0]])
    np.testing.assert_allclose(autograd.vmap(f)(np.stack([x, 2 * x])), [[1, 6], [4, 12]])


def test_a_view_that_is_read_after_the_tape_or_while_it_is_stopped_has_its_gradient():
    x = Tensor([1.0, 2.0, 3.0])
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * 2.0
        view, other = y[:2], y[1:]
        y[1] = x[0] * 5.0
        with autograd.stop_recording():
            assert other.tolist() == [5.0, 6.0]
        total = anp.sum(other)
    assert view.tolist() == [2.0, 5.0]
    assert tape.gradient(view, x).tolist() == [7.0, 0.0, 0.0]
    assert tape.gradient(total, x).tolist() == [5.0, 0.0, 2.0]


# --------------------------------------------------------------------------------------------------------------- vmap
def test_writes_inside_vmap_are_those_of_a_loop_or_refused():
    def right(x):
        A = anp.outer(x, x) + 2.0
        for row in A:
            row[:] = row / anp.sum(row)
        A.T[0] = x
        A[1][0] = x[1] * 3
        before = A[0]
        A[0] = x * 7
        alias = A
        alias += 1.0
        return A + before

    X2 = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_allclose(autograd.vmap(right)(X2), np.stack([right(Tensor(x)).numpy() for x in X2]))

    def part(x):
        A = x * (1 + 2j)
        A.real[0] = x[1]
        return anp.abs(A)

    with pytest.raises(TypeError, match="inside vmap"):
        autograd.vmap(part)(X2)


@pytest.mark.parametrize("put", [operator.setitem, lambda x, i, v: x.__setitem__(i, v)])
def test_a_view_that_is_stored_by_a_call_has_its_present_value(put):
    results = []
    for x in (np.arange(4.0).reshape(2, 2), Tensor(np.arange(4.0).reshape(2, 2))):
        row = x[0]
        x[0] = 7.0
        put(x, 1, row)
        results.append(x.tolist())
    assert results[0] == results[1]
