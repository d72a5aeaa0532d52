"""Compiled functions: guards, ways and kinds of arguments; threads, errors and derivatives around them."""

import dataclasses
import decimal
import enum
import fractions
import threading
import warnings

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import GradientTape, Tensor, compile
from autograd.errors import CompileWarning, OperandError
from autograd.program.passes import blocks as loops

X = np.array([1.0, 2.0, 3.0])


@pytest.fixture
def short_blocks(monkeypatch):
    monkeypatch.setattr(loops, "BLOCK", 4)
    monkeypatch.setattr(loops, "SHORTEST", 8)


# ----------------------------------------------------------------------------------------------------- guards
def equal_on(f, *arguments):
    """Assert that a compiled function returns what the function does, for arguments that lead different ways, each of
    them twice.
    """
    program = compile(f)
    for args in arguments * 2:
        args = [np.asarray(arg) for arg in args]
        found, expected = program(*args), f(*map(Tensor, args))
        np.testing.assert_array_equal(found, np.asarray(expected))
    return program


def test_truth_steers():
    program = equal_on(lambda x: x * 2 if x.sum() > 0 else x * 3, (X,), (-X,), (X + 1,))
    assert program.traces == 2


def test_numbers_steer_and_a_sign_of_zero_does():
    equal_on(lambda x: x + np.copysign(1.0, x[0].item()), ([0.0],), ([-0.0],))
    equal_on(lambda x: x * 2 if np.isnan(x[0].item()) else x * 3, ([np.nan, 1.0],), ([1.0, 2.0],), ([2.0, np.nan],))
    equal_on(
        lambda z: z * np.copysign(1.0, z[0].item().imag), ([1 + 0j],), ([complex(1, -0.0)],), ([complex(np.nan, 1)],)
    )


def test_integers_steer():
    equal_on(lambda x, n: x[: int(n)].sum() * range(9)[n], (X, np.array(1)), (X, np.array(3)), (X, np.array(2)))


def test_arrays_that_python_reads_steer():
    equal_on(lambda x: x * sum(x.tolist()) if 2.0 in x else x * len(set(x.tobytes())), (X,), (X * 5,), (X + 1,))
    equal_on(lambda x, y: x + 1 if np.allclose(x, y) else x - 1, (X, X), (X, X + 1), (X, X + 1e-12))


def test_shapes_that_depend_on_values():
    def positive(x):
        (i,) = anp.where(x > 0)
        return x[i] * 2 + x[x > 0].sum()

    equal_on(positive, (X,), (-X,), ([1.0, -1.0, -2.0],), ([-1.0, -1.0, 2.0],), ([1.0, 2.0, -1.0],))


def test_a_shape_that_depends_on_values_counts_where_the_values_do_not():
    program = compile(autograd.grad(lambda x: anp.mean(x[x > 0]) + anp.sum(x[x < 0])))
    for x in (X, X - 1.5, X - 2.5, X - 1.5, X):
        np.testing.assert_array_equal(program(x), np.where(x > 0, 1 / (x > 0).sum(), 1.0))


def test_a_dtype_that_depends_on_values():
    program = compile(lambda z: anp.real_if_close(z) * 1)
    assert [program(z).dtype.kind for z in (X + 1j, X + 0j, X + 1j, X + 0j)] == ["c", "f", "c", "f"]


def test_what_stands_behind_a_guard_waits_for_it(short_blocks):
    x = np.arange(1.0, 21)

    def f(x, m):
        y = x * 2 + 1
        if (x > 0).all():
            return (anp.log(x) + y).sum() + anp.linalg.inv(m)[0, 0]
        return y.sum()

    program = compile(f)
    program(x, np.eye(2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert program(x - 5, np.zeros((2, 2))) == ((x - 5) * 2 + 1).sum()


def test_ways_and_specialisations_are_bounded():
    program = compile(lambda x: x * int(x[0]))
    with pytest.warns(UserWarning, match="16 ways were traced"):
        found = [program(X + k)[1] for k in range(50)]
    assert found == [(2 + k) * (1 + k) for k in range(50)]
    assert program.traces <= 17
    program = compile(lambda x, k: x * k)
    with pytest.warns(UserWarning, match="is traced for the (9|33)th time, each for other arguments"):
        assert [program(X, float(k))[1] for k in range(100)] == [2.0 * k for k in range(100)]
    assert "64 specialisations" in repr(program)


# ----------------------------------------------------------------------------------------------------- arguments
def test_python_values_are_told_apart():
    f = compile(lambda x, k: x * float(k) + isinstance(k, decimal.Decimal))
    assert f(X, fractions.Fraction(1, 2))[0] == 0.5
    assert f(X, decimal.Decimal("0.5"))[0] == 1.5
    first, second = enum.IntEnum("first", "a"), enum.IntEnum("second", "b")
    f = compile(lambda x, k: x * (2 if isinstance(k, first) else 3))
    assert f(X, first.a)[0] == 2
    assert f(X, second.b)[0] == 3
    f = compile(lambda x, k: x * (2 if k is True else 3))
    assert [f(X, k)[0] for k in (True, 1, 1.0)] == [2, 3, 3]
    f = compile(lambda x, k: x + np.copysign(1, k))
    assert [f(X, k)[0] for k in (0.0, -0.0)] == [2, 0]


def test_equal_keys_and_fields_of_other_kinds_are_told_apart():
    scale = dataclasses.make_dataclass("scale", ["by"], frozen=True)
    whole = np.array([1, 2])
    f = compile(lambda x, s: x * s.by)
    assert [f(whole, scale(by)).dtype.kind for by in (2, 2.0, 2)] == ["i", "f", "i"]
    f = compile(lambda x, s: x * sum(s))
    assert [f(whole, frozenset({by})).dtype.kind for by in (2, 2.0)] == ["i", "f"]
    f = compile(lambda d: [value * key for key, value in d.items()])
    assert [f({key: whole})[0].dtype.kind for key in (1, 1.0, 1)] == ["i", "f", "i"]


def test_numbers_of_numpy_keep_their_dtype():
    def f(x):
        return (
            np.where(x > 1, x > 2, np.int8(3)),
            (x > 1) + np.int8(3),
            np.stack([(x > 1), x > 2]) * np.uint8(2),
            np.where(x > 1, True, np.True_),
        )

    program = compile(f)
    for _ in range(2):
        for found, expected in zip(program(X), f(X), strict=True):
            assert found.dtype == expected.dtype
            np.testing.assert_array_equal(found, expected)
    assert program.traces == 1


def test_integers_that_a_dtype_cannot_hold():
    f = compile(lambda x: (x < 300, x == -1, x > 1))
    for _ in range(2):
        assert [each.tolist() for each in f(np.array([0, 200], np.uint8))] == [
            [True, True],
            [False, False],
            [False, True],
        ]


def test_what_can_be_changed_between_calls_is_read_at_each():
    f, seen = compile(lambda x, s: x * len(s)), {1, 2}
    with pytest.warns(CompileWarning, match=r"it is given an object of class set.*give a dict, a tuple or a frozen"):
        assert [f(X, seen)[0] for _ in range(2)] == [2, 2]
    assert f.refused
    seen.add(3)
    assert f(X, seen)[0] == 3
    with pytest.raises(OperandError, match=r"there is no program of program for these arguments: .* class set"):
        f.source(X, seen)


@pytest.mark.parametrize(
    "static", [np.array(["a", "b"]), np.array([1, "a"], object), np.array(["2020", "2021"], "M8[Y]"), np.str_("ab")]
)
def test_arrays_of_no_numbers(static):
    f = compile(lambda x, s: x * (len(s) if isinstance(s, str) else s.size))
    with pytest.warns(CompileWarning, match="runs as it is for such arguments"):
        assert [f(X, static)[0] for _ in range(3)] == [2, 2, 2]


def test_python_numbers_are_weak():
    f = compile(lambda x, k: x * k)
    for x, k in ((np.float32([1, 2]), 2.0), (np.array([1, 2]), True), (np.array([1, 2], np.uint8), 3)):
        assert [f(x, k).dtype for _ in range(2)] == [x.dtype] * 2
    number = compile(lambda x: x * 2.0)
    assert [type(number(1.5)) for _ in range(2)] == [float] * 2


NAMES = [
    "add",
    "multiply",
    "where",
    "start",
    "stop",
    "k",
    "np",
    "empty",
    "copyto",
    "fresh",
    "in_blocks",
    "b0",
    "x0",
    "add_reduce",
    "aligned",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_users_stand_in_no_way(name, short_blocks):
    x, v = np.arange(20.0), autograd.Variable(np.ones(20), name=name)
    space = {"anp": anp, "v": v}
    exec(f"def f({name}, y):\n    return ({name} * y + {name}).sum(), {name} * 2 - y", space)
    exec(f"def {name}(x, y):\n    return (x * y + x).sum(), anp.where(x > y, x * 2 - y, x * v)", space)
    exec("def g(x, y):\n    v.assign_sub(x * v)\n    return (v * y + x).sum(), x * 2 - y", space)
    for f in (compile(space["f"]), compile(space[name])):
        f(x, x)
        total, second = f(x + 1, x)
        assert total == ((x + 1) * x + x + 1).sum()
        np.testing.assert_array_equal(second, (x + 1) * 2 - x)
    f = compile(space["g"])
    f(x, x)
    f(x, x)
    np.testing.assert_array_equal(v.numpy(), (1 - x) ** 2)


# --------------------------------------------------------------------------------------------------- arrays from around
def test_arrays_around_are_read_where_they_lie():
    a, index = np.arange(3.0), np.array([0, 1])
    locked = a.view()
    locked.flags.writeable = False
    f = compile(lambda x: (x * a + anp.sin(a) + x * locked)[index])
    for _ in range(2):
        np.testing.assert_array_equal(f(X), (2 * X * a + np.sin(a))[:2])
    a[:] = 7
    index[:] = 2
    np.testing.assert_array_equal(f(X), (2 * X * a + np.sin(a))[[2, 2]])


# ------------------------------------------------------------------------------------- within others, and others within
def test_floating_point_errors_are_treated_as_around_them():
    def f(x):
        with np.errstate(divide="raise"):
            return 1 / x

    program = compile(f)
    program(X)
    with pytest.raises(FloatingPointError):
        program(X * 0)
    np.testing.assert_array_equal(program(X), 1 / X)

    def quiet(x):
        with np.errstate(divide="ignore"):
            return 1 / x

    program = compile(quiet)
    program(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isinf(program(X * 0)).all()


def test_inside_derivatives():
    f = compile(lambda x: (x**3).sum())
    f(X)
    np.testing.assert_allclose(autograd.grad(f)(X), 3 * X**2)
    np.testing.assert_allclose(autograd.jvp(f, (X,), (X,))[1], 3 * (X**3).sum())
    np.testing.assert_allclose(autograd.vmap(f)(np.stack([X, X + 1])), [(X**3).sum(), ((X + 1) ** 3).sum()])
    with GradientTape(persistent=True) as tape:
        x = Tensor(X)
        tape.watch(x)
        y = f(x)
        with autograd.stop_recording():
            constant = f(x)
        z = (x * constant).sum()
    np.testing.assert_allclose(tape.gradient(y, x).numpy(), 3 * X**2)
    np.testing.assert_allclose(tape.gradient(z, x).numpy(), [36.0] * 3)
    within = compile(autograd.grad(lambda x: f(x) * 2))
    for x in (X, X + 1):
        np.testing.assert_allclose(within(x), 6 * x**2)


def test_recursion_and_methods():
    @compile
    def power(x, n):
        return x if n == 0 else power(x, n - 1) * 2

    class Model:
        def __init__(self, k):
            self.w = autograd.Variable(np.full(3, float(k)))

        @compile
        def step(self, x):
            self.w.assign_add(x)
            return self.w * 1

    for x in (X, X + 1):
        np.testing.assert_array_equal(power(x, 3), 8 * x)
    one, two = Model(1), Model(2)
    for k in range(1, 4):
        np.testing.assert_array_equal(one.step(X), 1 + k * X)
        np.testing.assert_array_equal(two.step(X), 2 + k * X)


def test_threads_share_a_function():
    def f(x):
        return ((x * 2).sum(), anp.sin(x)) if x.sum() > 0 else (x.sum(), anp.cos(x))

    program, wrong = compile(f), []

    def work(seed):
        rng = np.random.default_rng(seed)
        for _ in range(50):
            x = rng.normal(size=5)
            expected = ((x * 2).sum(), np.sin(x)) if x.sum() > 0 else (x.sum(), np.cos(x))
            wrong.extend(x for found, e in zip(program(x), expected, strict=True) if not np.allclose(found, e))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_method_shows_and_measures_its_program(tmp_path):
    class Scale:
        def __init__(self, factor):
            self.factor = factor

        @autograd.compile
        def by(self, x):
            return self.factor * x

    two, three = Scale(2.0), Scale(3.0)
    x = np.ones(2)
    np.testing.assert_array_equal(two.by(x), [2.0, 2.0])
    np.testing.assert_array_equal(three.by(x), [3.0, 3.0])
    assert "3.0" in three.by.source(x)
    assert "2.0" not in three.by.source(x)
    assert two.by.stats(x).operations["traced"] == 1
    three.by.export(tmp_path / "by.py", x)
    assert "3.0" in (tmp_path / "by.py").read_text()
