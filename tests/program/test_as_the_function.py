"""Compiled functions do at each call what the function does: where errors depend on values, arguments are equal but not
the same, methods of the user's compare, hash and format, and under each treatment of floating-point errors.
"""

import collections
import dataclasses
import datetime
import enum
import fractions
import operator
import warnings

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, Variable, compile
from autograd.errors import CompileWarning
from autograd.extend import defvjp, operation

X = np.array([1.0, 2.0, 3.0])
HOLE = np.array([0.0, 1.0, 2.0])


def outcome(f, *args):
    """Return what a call returns, or the class of its error."""
    try:
        return f(*args)
    except Exception as error:
        return type(error)


def same(f, calls, refused=False):
    """Assert that a compiled function returns and raises what the function does, call after call."""
    program = compile(f)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if refused else "error", CompileWarning)
        found = [outcome(program, *args) for args in calls]
    for y, args in zip(found, calls, strict=True):
        expected = outcome(f, *args)
        if isinstance(expected, type):
            assert y is expected
        else:
            np.testing.assert_array_equal(y, expected)
    assert bool(program.refused) == refused
    return program


# -------------------------------------------------------------------------------------------------- errors of dead code
def tried(run, error):
    """Make a function that takes another way where something fails whose value it does not use."""

    def f(*args):
        try:
            run(*args)
        except error:
            return args[0] * 3
        return args[0] * 2

    return f


DEAD = {
    "cholesky": (np.linalg.cholesky, np.linalg.LinAlgError, [(np.eye(2),), (-np.eye(2),)]),
    "inv": (np.linalg.inv, np.linalg.LinAlgError, [(np.eye(2),), (np.zeros((2, 2)),)]),
    "solve": (lambda a: np.linalg.solve(a, X[:2]), np.linalg.LinAlgError, [(np.eye(2),), (np.zeros((2, 2)),)]),
    "eigvals": (np.linalg.eigvals, np.linalg.LinAlgError, [(np.eye(2),), (np.full((2, 2), np.nan),)]),
    "index": (operator.getitem, IndexError, [(X, np.array([1])), (X, np.array([7]))]),
    "take": (anp.take, IndexError, [(X, np.array([1])), (X, np.array([7]))]),
    "counts": (anp.repeat, ValueError, [(X, np.array([1, 2, 1])), (X, np.array([1, -2, 1]))]),
    "power": (anp.power, ValueError, [(np.arange(3), np.array(2)), (np.arange(3), np.array(-2))]),
    "quantile": (anp.quantile, ValueError, [(X, np.array(0.5)), (X, np.array(1.5))]),
    "written": (lambda x, i: (x * 2).__setitem__(i, 1.0), IndexError, [(X, np.array([1])), (X, np.array([7]))]),
    "nanargmax": (anp.nanargmax, ValueError, [(X,), (np.full(3, np.nan),)]),
}


@pytest.mark.parametrize("name", DEAD)
def test_dead_code_keeps_its_errors(name):
    run, error, (good, bad) = DEAD[name]
    assert isinstance(outcome(run, *bad), type)
    same(tried(run, error), [good, good, bad, good, bad], refused=True)
    same(lambda *args: (run(*args), args[0] * 2)[1], [good, good, bad, good])


def test_an_operation_of_the_users_may_fail():
    @operation
    def checked(x):
        if np.any(x < 0):
            raise ValueError("negative")
        return x

    same(tried(checked, ValueError), [(X,), (X,), (-X,), (X,)], refused=True)


def test_dead_code_under_errstate():
    def inverse(x):
        with np.errstate(divide="raise"):
            1 / x

    same(tried(inverse, FloatingPointError), [(X,), (X,), (HOLE,), (X,)], refused=True)
    program = compile(lambda x: (1 / x, x * 2)[1])
    with np.errstate(divide="raise"):
        np.testing.assert_array_equal(program(X), X * 2)
        with pytest.raises(FloatingPointError):
            program(HOLE)


# ----------------------------------------------------------------------------------------- errors that depend on shapes
@pytest.mark.parametrize(
    "run",
    [
        lambda x: x + anp.ones(5),
        lambda x: x[7],
        lambda x: x.reshape(2, 2),
        lambda x: x @ anp.ones((5, 2)),
        lambda x: anp.sum(x, axis=3),
        lambda x: anp.concatenate([x, anp.ones((2, 2))]),
        lambda x: anp.linalg.det(x),
        lambda x: anp.stack([x, x[:2]]),
    ],
)
def test_an_error_that_depends_on_shapes_alone_is_no_reason_to_refuse(run):
    program = same(tried(run, (ValueError, IndexError, np.linalg.LinAlgError)), [(X,), (X + 1,), (-X,)])
    assert program.traces == 1


# ------------------------------------------------------------------------------------------------ floating-point errors
def inverted(x):
    with np.errstate(divide="ignore"):
        return 1 / x


def caught(x):
    with np.errstate(divide="raise"):
        try:
            return 1 / x
        except FloatingPointError:
            return x


@pytest.mark.parametrize("f", [inverted, caught, lambda x: autograd.grad(lambda x: anp.sum(anp.abs(x) ** 0.5))(x)])
@pytest.mark.parametrize("first", ["ignore", "raise", "warn"])
def test_the_same_treatment_inside_and_outside(f, first):
    program = compile(f)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CompileWarning if f is caught else UserWarning)
        for treatment in (first, first, "ignore", "raise", "ignore"):
            for x in (X, HOLE, X):
                with np.errstate(all=treatment, under="ignore"), warnings.catch_warnings():
                    warnings.simplefilter("ignore", RuntimeWarning)
                    found, expected = outcome(program, x), outcome(f, x)
                assert found is expected or np.array_equal(found, expected, equal_nan=True)
    if f is not caught:
        assert not program.refused


# -------------------------------------------------------------------------------- equal arguments that are not the same
class Named:
    def __init__(self, name, rate):
        self.name, self.rate = name, rate

    def __eq__(self, other):
        return self.name == other.name

    def __hash__(self):
        return hash(self.name)

    def __repr__(self):
        return self.name

    def scaled(self, x):
        return x * self.rate


@dataclasses.dataclass(frozen=True)
class Frozen:
    name: str
    rate: float = dataclasses.field(default=1.0, compare=False, repr=False)


class Text(str):
    __slots__ = ()

    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


class Number(int):
    pass


def number(value, rate):
    made = Number(value)
    made.rate = rate
    return made


class Level(enum.Enum):
    LOW = 1.0
    HIGH = 2.0


ARGUMENTS = {
    "named": (lambda o, x: o.scaled(x), [Named("a", 1.0), Named("a", 2.0), Named("a", 3.0)]),
    "method": (lambda o, x: o(x), [Named("a", 1.0).scaled, Named("a", 2.0).scaled]),
    "in a set": (lambda o, x: next(iter(o)).scaled(x), [frozenset([Named("a", 1.0)]), frozenset([Named("a", 2.0)])]),
    "key": (lambda o, x: next(iter(o)).scaled(x), [{Named("a", 1.0): 1}, {Named("a", 2.0): 1}]),
    "frozen": (lambda o, x: x * o.rate, [Frozen("a"), Frozen("a", 2.0), Frozen("a", 1)]),
    "frozen in frozen": (lambda o, x: x * o.name.rate, [Frozen(Frozen("a")), Frozen(Frozen("a", 2.0))]),
    "text": (lambda o, x: x * len(o), [Text("a"), Text("abc"), Text("ab")]),
    "number": (lambda o, x: x * o * o.rate, [number(2, 1.0), number(2, 2.0), number(3, 2.0)]),
    "numbers": (lambda o, x: x * float(o), [True, 1, 1.0, fractions.Fraction(1, 2), np.float32(1), 0.0, -0.0]),
    "sets": (lambda o, x: x * sum(o), [frozenset([1]), frozenset([1.0]), frozenset([True, 2])]),
    "days": (lambda o, x: x * o.day, [datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)]),
    "levels": (lambda o, x: x * o.value, [Level.LOW, Level.HIGH]),
    "keys": (lambda o, x: x * next(iter(o)), [{1: 0}, {1.0: 0}, {True: 0}, {2: 0}]),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_that_are_equal_but_not_the_same(name):
    f, others = ARGUMENTS[name]
    program = same(f, [(each, X) for each in (*others, *others)])
    assert program.traces <= len(others)


def test_equal_frozen_dataclasses_share_a_program():
    program = same(lambda o, x: x * o.rate, [(Frozen("a", 2.0), X), (Frozen("a", 2.0), X + 1), (Frozen("a", 2.0), -X)])
    assert program.traces == 1


@pytest.mark.parametrize(
    ("make", "instead"),
    [
        (lambda x: collections.OrderedDict(w=x), "give a dict"),
        (lambda x: collections.defaultdict(list, w=x), "give a dict"),
        (lambda x: type("Rows", (list,), {})([x]), "a list, a tuple or a namedtuple"),
        (lambda x: dataclasses.make_dataclass("Weights", ["w"])(x), "a frozen object"),
        (lambda x: {1, 2}, "a frozen object"),
        (lambda x: np.ma.array(x), "a NumPy array"),
        (lambda x: x.astype(object), "arrays of numbers"),
        (lambda x: [{"inner": collections.OrderedDict(w=x)}], "OrderedDict.*give a dict"),
    ],
)
def test_arguments_that_no_program_takes_are_told(make, instead):
    program = compile(lambda o, x: x * len(str(o)))
    calls = [(make(x), x) for x in (X, X + 1, X)]
    with pytest.warns(CompileWarning, match=instead) as told:
        found = [program(*args) for args in calls]
    for y, (given, x) in zip(found, calls, strict=True):
        np.testing.assert_array_equal(y, x * len(str(given)))
    assert len(told) == 1
    assert program.refused
    assert not program.traces


def test_arrays_in_files(tmp_path):
    program = compile(lambda x: x * 2)
    for i in range(3):
        x = np.memmap(tmp_path / str(i), float, "w+", shape=(3,))
        x[:] = X + i
        np.testing.assert_array_equal(program(x), (X + i) * 2)
    assert program.traces == 1
    assert not program.refused


# ------------------------------------------------------------------------------------- methods that Python calls itself
class Value:
    def __init__(self, v):
        self.v = v

    def __eq__(self, other):
        return self.v == other.v

    def __lt__(self, other):
        return self.v < other.v

    def __hash__(self):
        return hash(self.v)

    def __str__(self):
        return "abc"[: self.v]


A, B = Value(1), Value(2)
TABLE = {"a": 2.0, "ab": 5.0, "abc": 7.0}


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * len({A, B}),
        lambda x: x * len(dict.fromkeys((A, B), 1)),
        lambda x: x * len({each for each in (A, B)}),  # noqa: C416
        lambda x: x * len({A: 1, B: 2}),
        lambda x: x * {Value(1): 2.0, Value(2): 3.0, Value(3): 4.0}[A],
        lambda x: x * {Value(1): 2.0, Value(2): 3.0}.get(A, 9.0),
        lambda x: x * 2 if operator.lt(A, B) else x * 3,
        lambda x: x * 2 if A in [Value(2)] else x * 3,
        lambda x: x * [Value(1), Value(2), Value(3)].index(A),
        lambda x: x * TABLE["%s" % A],  # noqa: UP031
        lambda x: x * TABLE["{}".format(A)],  # noqa: UP032
        lambda x: x * TABLE[f"{A}"],
        lambda x: x * TABLE["".join(map(str, [A]))],
        lambda x: x * TABLE[str(min(A, Value(2)))],
    ],
)
def test_comparing_hashing_and_formatting(f):
    program = compile(f)
    try:
        for A.v in (1, 2, 3, 1):
            np.testing.assert_array_equal(program(X), f(X))
    finally:
        A.v = 1


@pytest.mark.parametrize("sort", [sorted, min, max, lambda items: sorted(items, reverse=True)])
def test_comparisons_that_dataclass_writes(sort):
    @dataclasses.dataclass(order=True)
    class Item:
        rank: int
        value: float

    items = [Item(1, 2.0), Item(2, 3.0)]

    def f(x):
        found = sorted(items) if sort is sorted else sort(items)
        return x * (found[0] if isinstance(found, list) else found).value

    program = compile(f)
    for items[0].rank in (1, 5, 1):
        np.testing.assert_array_equal(program(X), f(X))


def test_the_name_of_a_variable():
    w = Variable(2.0, name="a")
    program = compile(lambda x: x * w if w.name == "a" else x)
    for w.name in ("a", "b", "a"):
        np.testing.assert_array_equal(program(X), X * 2 if w.name == "a" else X)


# ----------------------------------------------------------------------------------------------------------- operations
def test_an_operation_that_returns_a_tensor():
    @operation
    def sine(x):
        return Tensor(np.sin(np.asarray(x)))

    defvjp(sine, lambda g, _, x: g * np.cos(x))
    for f, expected in (
        (lambda x: sine(x) * 2, lambda x: np.sin(x) * 2),
        (autograd.grad(lambda x: anp.sum(sine(x) ** 2)), lambda x: 2 * np.sin(x) * np.cos(x)),
    ):
        program = compile(f)
        for x in (X, X + 1, -X):
            np.testing.assert_allclose(program(x), expected(x), rtol=1e-14)
        assert not program.refused
