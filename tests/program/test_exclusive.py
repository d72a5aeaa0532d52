"""Variables that compiled functions assign: no update is lost between threads, no reader or interrupt sees a part."""

import contextlib
import os
import random
import signal
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Variable, compile, grad
from autograd.errors import CompileWarning

THOROUGH = bool(os.environ.get("TAPEGRAD_THOROUGH"))
ROUNDS = 600 if THOROUGH else 40


@pytest.fixture(autouse=True)
def short_switches():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def run(*works):
    """Run functions, each in a thread of its own, and raise what one of them raised."""
    errors = []

    def guarded(work):
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


@pytest.mark.parametrize("size", [1, 4, 50_000])
@pytest.mark.parametrize("warm", [False, True])
def test_two_shapes_and_two_functions_on_sixteen_threads_lose_no_update(size, warm):
    v, other = Variable(np.zeros(size)), Variable(np.zeros(size))

    @compile
    def add(x):
        v.assign_add(anp.sum(x) * anp.ones(size))
        return anp.sum(x)

    @compile
    def add_both(x):
        other.assign(other + anp.sum(x))
        v.assign(v + 2.0 * anp.sum(x))
        return anp.sum(x)

    inputs = np.full(2, 0.5), np.full(4, 0.25)
    if warm:
        for f in (add, add_both):
            for x in inputs:
                f(x)
                f(x)
    start = v.numpy()[0], other.numpy()[0]

    def work(k):
        def go():
            for i in range(ROUNDS):
                (add, add_both)[(i + k) % 2](inputs[(i // 2 + k) % 2])

        return go

    run(*[work(k) for k in range(16)])
    assert np.all(v.numpy() == start[0] + 16 * ROUNDS * 1.5)
    assert np.all(other.numpy() == start[1] + 16 * ROUNDS / 2)


@pytest.mark.parametrize("assign", ["compiled", "assign", "assign_add", "writing"])
def test_a_reader_sees_a_value_as_a_whole_and_its_gradient_belongs_to_it(assign):
    v = Variable(np.zeros(100_000))
    step = compile(lambda x: (v.assign_add(x), anp.sum(x))[1])
    x = np.ones(100_000)
    step(x)

    def write():
        for i in range(150):
            if assign == "compiled":
                step(x)
            elif assign == "assign":
                v.assign(np.full(100_000, float(i)))
            elif assign == "assign_add":
                v.assign_add(x)
            else:
                with v.writing() as buffer:
                    buffer += x
        done.append(True)

    def read():
        while not done:
            with GradientTape() as tape:
                y = v * v
            square, slope = y.numpy(), tape.gradient(y, v).numpy()
            assert square.min() == square.max()
            assert slope[0] ** 2 == 4 * square[0]
            assert slope.min() == slope.max()

    done = []
    run(write, read, read)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no timers that send signals")
@pytest.mark.parametrize("way", ["compiled", "assign_add"])
def test_an_interrupted_step_is_done_or_not_done(way):
    first, second = Variable(np.zeros(200_000)), Variable(np.zeros(200_000))
    x = np.ones(200_000)

    @compile
    def step(x):
        first.assign_add(anp.tanh(x) * 0.0 + x)
        second.assign_add(first - first + x)
        return anp.sum(x)

    step(x)
    step(x)
    rng = random.Random(1)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    interrupts = 0
    try:
        for _ in range(2_000 if THOROUGH else 150):
            with contextlib.suppress(KeyboardInterrupt):
                try:
                    signal.setitimer(signal.ITIMER_REAL, rng.uniform(1e-5, 2e-3))
                    while True:
                        if way == "compiled":
                            step(x)
                        else:
                            first.assign_add(x)
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            interrupts += 1
            one, two = first.numpy(), second.numpy()
            assert one.min() == one.max()
            assert two.min() == two.max()
            if way == "compiled":
                assert one[0] == two[0]
    finally:
        signal.signal(signal.SIGALRM, before)
    assert interrupts > 100


def test_an_error_in_a_step_changes_no_variable():
    first, second = Variable(np.ones(3)), Variable(np.ones(3))

    @compile
    def step(x):
        first.assign_add(x)
        second.assign(second * anp.exp(x * 1000.0))
        return anp.sum(first + second)

    step(np.zeros(3))
    step(np.zeros(3))
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        step(np.ones(3))
    assert first.tolist() == second.tolist() == [1.0, 1.0, 1.0]
    step(np.zeros(3))
    assert first.tolist() == second.tolist() == [1.0, 1.0, 1.0]

    @compile
    def factor(x):
        first.assign_add(anp.ones(3))
        return anp.sum(np.linalg.cholesky(x))

    factor(np.eye(2))
    factor(np.eye(2))
    assert first.tolist() == [3.0, 3.0, 3.0]
    eager = Variable(np.ones(3))

    def plainly(x):
        eager.assign_add(anp.ones(3))
        return anp.sum(np.linalg.cholesky(x))

    for f, v in ((factor, first), (plainly, eager)):
        before = v.numpy().copy()
        with pytest.raises(np.linalg.LinAlgError):
            f(-np.eye(2))
        assert set(v.numpy() - before) <= {0.0, 1.0}


def test_a_user_class_of_variables_and_a_nested_step_work():
    class Named(Variable):
        pass

    v = Named(np.zeros(5000))
    inner = compile(lambda x: (v.assign_add(x), anp.sum(x))[1])
    inner(np.ones(5000))
    inner(np.ones(5000))
    with v.writing() as buffer:
        buffer += 1.0
    v.assign(v + 1.0)
    assert type(v) is Named
    assert v.numpy().tolist() == [4.0] * 5000
    assert grad(lambda x: anp.sum(x * v))(np.ones(5000)).tolist() == [4.0] * 5000


def test_a_class_that_hears_of_its_subclasses_hears_of_no_variable_that_is_changed():
    heard = []

    class Named(Variable):
        def __init_subclass__(cls, *, tag):
            heard.append(tag)

    class Weight(Named, tag="weight"):
        pass

    v = Weight(np.zeros(5000))
    v.assign_add(np.ones(5000))
    assert heard == ["weight"]
    assert type(v) is Weight
    assert v.numpy()[0] == 1.0


def test_a_function_that_waits_for_threads_is_run_outside_of_the_locks():
    v = Variable(np.zeros(3))
    step = compile(lambda x: (v.assign_add(x), anp.sum(x))[1])
    step(np.ones(3))
    step(np.ones(3))

    @compile
    def both(x):
        with ThreadPoolExecutor(2) as pool:
            return sum(pool.map(step, [x, x]))

    results = []

    def work():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CompileWarning)
            results.append(both(np.ones(3)))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()
    assert results == [6.0]
    assert v.tolist() == [4.0, 4.0, 4.0]


def test_an_assignment_of_a_short_variable_waits_for_a_program_that_stores_it():
    v = Variable(np.zeros(8))
    step = compile(lambda x: (v.assign_add(x), anp.sum(x))[1])
    step(np.ones(8))
    step(np.ones(8))
    run(
        *[lambda: [step(np.ones(8)) for _ in range(ROUNDS)], lambda: [v.assign_add(np.ones(8)) for _ in range(ROUNDS)]]
        * 4
    )
    assert v.tolist() == [2.0 + 8 * ROUNDS] * 8


def test_a_program_that_reads_what_another_one_stores_sees_it_as_a_whole():
    v = Variable(np.zeros(100_000))
    step = compile(lambda x: (v.assign_add(x), anp.sum(x))[1])
    ends = compile(lambda x: anp.stack([anp.min(v * x), anp.max(v * x)]))
    x = np.ones(100_000)
    for f in (step, step, ends, ends):
        f(x)

    def write():
        for _ in range(150):
            step(x)
        done.append(True)

    def read():
        while not done:
            least, most = ends(x)
            assert least == most

    done = []
    run(write, read, read)
