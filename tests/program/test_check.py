"""`compile(f, check=True)` runs the function beside its program, and raises where they differ."""

import pickle
import random
import time
import warnings

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Variable
from autograd.effects import ask, at_end
from autograd.errors import CompileCheckError, CompileWarning
from autograd.extend import operation
from autograd.program import run

FACTOR = np.ones(3)
SETTINGS = {"rate": 2.0}


def sines(x):
    return {"value": np.sin(x) * FACTOR, "sum": [np.sum(x), x.shape, "text", None]}


def gradient(x):
    return autograd.value_and_grad(lambda x: np.sum(np.exp(x) * x * FACTOR))(x)


def branch(x):
    return x * 2 if np.sum(x) > 0 else np.cos(x)


def settled(x):
    return x * SETTINGS["rate"]


def drawn(x):
    return x + anp.random.normal(size=3) + anp.random.uniform()


def invalid(x):
    with np.errstate(all="ignore"):
        return np.log(x - 1.0), np.sqrt(x - 2.0)


def views(x):
    y = x.copy()
    y[1:] += 1.0
    return y.T, y[::-1]


RIGHT = [sines, gradient, branch, settled, drawn, invalid, views]


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("f", RIGHT, ids=lambda f: f.__name__)
def test_right_programs_pass_with_changed_values_and_outside_arrays(f, exact):
    checked = autograd.compile(f, check=True, exact=exact)
    for i in range(4):
        FACTOR[...] = i + 1.0
        checked(np.linspace(-1.0, 1.0 + i, 3))
        checked(np.linspace(-5.0, -3.0 + i, 3))
    SETTINGS["rate"] += 1.0
    checked(np.ones(3))
    assert not checked.refused


def test_variables_are_assigned_once_a_call():
    v = Variable(np.zeros(3), name="v")
    checked = autograd.compile(lambda x: v.assign_add(x) * 1.0, check=True)
    for i in range(4):
        np.testing.assert_array_equal(checked(np.ones(3)), np.full(3, i + 1.0))
    np.testing.assert_array_equal(v.numpy(), np.full(3, 4.0))


def test_the_world_is_asked_and_told_once_a_call():
    asked, told, count = [], [], Variable(0.0)

    def answer():
        asked.append(1)
        return np.float64(len(asked))

    def tell():
        told.append(1)
        count.assign_add(1.0)

    def f(x):
        at_end(tell)
        return x * ask(answer)

    checked = autograd.compile(f, check=True)
    found = [checked(np.ones(())).item() for _ in range(4)]
    assert found == [1.0, 2.0, 3.0, 4.0]
    assert (len(asked), len(told), count.item()) == (4, 4, 4.0)


def test_draws_are_those_of_the_function():
    np.random.seed(3)
    expected = [np.random.normal(size=3) for _ in range(4)]
    np.random.seed(3)
    checked = autograd.compile(lambda x: x * 0 + anp.random.normal(size=3), check=True)
    for each in expected:
        np.testing.assert_array_equal(checked(np.ones(3)), each)


def test_errors_of_the_function_stay_its_errors():
    def f(x):
        if np.sum(x) < 0:
            raise KeyError("negative")
        return np.linalg.inv(x)

    checked = autograd.compile(f, check=True)
    checked(np.eye(2))
    checked(2 * np.eye(2))
    with pytest.raises(np.linalg.LinAlgError):
        checked(np.zeros((2, 2)))
    with pytest.raises(KeyError):
        checked(-np.eye(2))


@pytest.fixture
def wrong(monkeypatch):
    """Let programs add up what is to be subtracted."""
    optimized = run.optimized

    def spoiled(program, *args):
        program, counts = optimized(program, *args)
        for call in program.calls:
            if call.fn is np.subtract:
                call.fn = np.add
        return program, counts

    monkeypatch.setattr(run, "optimized", spoiled)


@pytest.mark.parametrize(
    ("f", "place"),
    [
        (lambda x: np.sum(x) - x, "result"),
        (lambda x: {"a": x * 2.0, "b": [np.sum(x) - x, 3.0]}, "result['b'][0]"),
        (lambda x: (x, np.sum(x) - 1.0), "result[1]"),
    ],
)
def test_a_wrong_program_is_found(wrong, f, place):
    checked = autograd.compile(f, check=True)
    checked(np.arange(3.0))  # traced
    with pytest.raises(CompileCheckError, match="differs from the function") as error:
        checked(np.arange(3.0))
    assert error.value.place == place
    assert not np.array_equal(error.value.compiled, error.value.plain)


def test_a_wrong_assignment_is_found(wrong):
    v = Variable(np.ones(3), name="weights")

    def f(x):
        v.assign(np.sum(x) - x)
        return 2.0 * x

    checked = autograd.compile(f, check=True)
    checked(np.ones(3))
    with pytest.raises(CompileCheckError, match="weights"):
        checked(np.ones(3))


def test_a_wrong_program_is_not_found_without_the_check(wrong):
    plain = autograd.compile(lambda x: np.sum(x) - x)
    plain(np.ones(3))
    np.testing.assert_array_equal(plain(np.ones(3)), np.full(3, 4.0))


def test_a_function_that_changes_what_is_outside_is_not_checked_and_says_so():
    log = []
    checked = autograd.compile(lambda x: (log.append(1), x * 2.0)[1], check=True)
    with pytest.warns(CompileWarning, match="changes"):
        checked(np.ones(2))
    with pytest.warns(CompileWarning, match="not checked"):
        checked(np.ones(2))
    assert len(log) == 1


def test_what_runs_as_it_is_runs_once():
    count = []

    def f(x):
        count.append(1)
        return x * random.random()

    checked = autograd.compile(f, check=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CompileWarning)
        checked(np.ones(2)), checked(np.ones(2))
    assert len(count) == 2


def test_a_pickle_checks_too():
    copy = pickle.loads(pickle.dumps(autograd.compile(sines, check=True)))
    assert type(copy) is type(autograd.compile(sines, check=True))


def test_stats_call_an_operation_in_one_run_of_those_that_are_measured():
    times = []

    @operation
    def slow(x):
        times.append(1)
        time.sleep(0.02)
        return x * 2.0

    compiled = autograd.compile(lambda x: slow(np.sin(x)) + slow(np.cos(x)))
    compiled(np.ones(3))
    del times[:]
    compiled.source(np.ones(3))
    assert len(times) <= 2  # the way of the function is found again
    del times[:]
    stats = compiled.stats(np.ones(3))
    assert len(times) <= 4  # that, and one run
    assert sum(each.seconds > 0.015 for each in stats.statements) == 2
