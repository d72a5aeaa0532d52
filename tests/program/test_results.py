"""The results of compiled functions: arrays of the receiver's own, views, nests, and every bit of NumPy's."""

import collections
from types import SimpleNamespace

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, compile
from autograd.program.passes import blocks as loops

X = np.array([1.0, 2.0, 3.0])


@pytest.fixture
def short_blocks(monkeypatch):
    monkeypatch.setattr(loops, "BLOCK", 4)
    monkeypatch.setattr(loops, "SHORTEST", 8)


def alone(results, *others):
    """Assert that no two arrays share memory."""
    arrays = [*results, *others]
    for i, x in enumerate(arrays):
        assert not any(np.shares_memory(x, y) for y in arrays[:i])
    assert all(each.flags.writeable for each in results)


def test_results_are_the_receivers_own():
    def f(a, b):
        y = a * 2
        return (
            a,
            b,
            a * 1,
            a[1:],
            a,
            a.reshape(3, 1),
            y,
            anp.flip(y),
            anp.real(y),
            y.reshape(1, 3).T,
            anp.atleast_2d(y),
            anp.broadcast_to(y, (2, 3)),
        )

    x, program = X.copy(), compile(f)
    first, second = program(x, x), program(x, x)
    alone(first, x)
    alone(second, *first, x)
    kept = [each.copy() for each in second]
    x[:] = 9
    program(x + 1, x)
    for now, before in zip(second, kept, strict=True):
        np.testing.assert_array_equal(now, before)
    assert X[0] == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda y: setattr(y, "shape", (100, 100)),
        lambda y: setattr(y, "dtype", np.int64),
        lambda y: y.resize(9, refcheck=False),
    ],
)
@pytest.mark.filterwarnings("ignore:Setting the (shape|dtype) on a NumPy array:DeprecationWarning")  # since NumPy 2.5
def test_results_may_be_changed_in_place(change):
    f, x = compile(lambda x: x * 2), np.arange(10_000.0)
    for _ in range(3):
        y = f(x)
        change(y)
        del y
        np.testing.assert_array_equal(f(x), 2 * x)


def test_views_are_of_memory_that_is_not_written_over():
    def f(x):
        y = x * 2
        back = anp.flip(y)
        z = anp.exp(x) * 3 + 1
        return back * z, x[1] * y[0], y.reshape(3, 1).T.reshape(3) + z

    equal = compile(f, exact=True)
    for x in (X, X + 1, X - 5):
        for found, expected in zip(equal(x), f(Tensor(x)), strict=True):
            np.testing.assert_array_equal(found, expected.numpy())


def test_parts_of_a_joined_array_stay():
    def f(x):
        a, b = anp.sin(x), anp.cos(x)
        c = anp.concatenate([a, b]) * 2
        d = anp.exp(x) + c[:3] * anp.log(x)
        return d * a, b.sum() + c[1]

    program = compile(f, exact=True)
    for x in (X, X + 1, X + 2):
        for found, expected in zip(program(x), f(Tensor(x)), strict=True):
            np.testing.assert_array_equal(found, expected.numpy())


def test_turned_views_are_joined_as_they_are():
    program = compile(
        lambda x: anp.concatenate([anp.sin(x)[::-1], anp.cos(x), anp.exp(x).reshape(1, 3).T.reshape(3)]) * 2
    )
    for x in (X, X + 1, X - 1):
        np.testing.assert_array_equal(program(x), 2 * np.concatenate([np.sin(x)[::-1], np.cos(x), np.exp(x)]))


def test_nests_come_back():
    pair = collections.namedtuple("pair", "a b")

    def f(x):
        return {"a": [x * 1, (1, "s", None)], "p": pair(x + 1, 2.5)}, x.shape, x.dtype

    program = compile(f)
    for x in (X, X + 1):
        nest, shape, dtype = program(x)
        assert (nest["a"][1], nest["p"].b, shape, dtype, type(nest["p"])) == (
            (1, "s", None),
            2.5,
            (3,),
            np.float64,
            pair,
        )
        np.testing.assert_array_equal(nest["p"].a, x + 1)
    made = compile(lambda x: np.zeros(2))
    for _ in range(3):
        zeros = made(X)
        assert not zeros.any()
        zeros[0] = 5


@pytest.mark.parametrize(
    "f", [lambda x: SimpleNamespace(get=lambda: x * 2).get, lambda x: {1: iter([x * 2]).__next__}[1]]
)
def test_what_hides_a_value_is_made_at_each_call(f):
    program = compile(f)
    with pytest.warns(UserWarning, match="runs as it is"):
        program(X)
    np.testing.assert_array_equal(np.asarray(program(X + 1)()), 2 * (X + 1))


def test_a_sum_of_nothing_is_0():
    f = compile(lambda x: anp.sum(anp.broadcast_to(x, (0, 1))))
    assert [f(np.array([np.inf])) for _ in range(2)] == [0, 0]


def test_differences_keep_the_sign_of_0():
    f = compile(lambda x, y: (-x - y, -x + -y, -x * y, (-x) - (-y)))
    for _ in range(2):
        assert [np.signbit(each).tolist() for each in f(np.array([1.0]), np.array([-1.0]))] == [
            [False],
            [False],
            [False],
            [True],
        ]


def test_assignment_by_item():
    def f(x, v, i):
        y = x * 1
        y[0] = v
        y[1:] = y[:-1]
        y[i] += 1
        return y

    program = compile(f)
    for v in (5.0, 6.0):
        x, i = X * v, np.array([0, 2])
        np.testing.assert_array_equal(program(x, np.float64(v), i), [v + 1, v, 2 * v + 1])
        np.testing.assert_array_equal(x, X * v)
