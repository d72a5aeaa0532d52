"""Functions that no program can repeat run as they are: searches for solutions, solvers of differential equations,
generators of random numbers that begin elsewhere in each run. Generators that a function seeds give the same numbers in
each run.
"""

import asyncio
import concurrent.futures
import random
import threading

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable, compile
from autograd.errors import CompileWarning, OperandError

X = [np.array([1.0, 2.0, 3.0]), np.array([3.0, -1.0, 2.0]), np.array([0.3, 0.2, 0.9])]


def cubic(a):
    return autograd.root(lambda a, x: x**3 + x - a, a, np.zeros(3))


def cubic_root(a):
    """Return the real root of x^3 + x = a by Cardano's formula."""
    d = np.sqrt(a**2 / 4 + 1 / 27)
    return np.cbrt(a / 2 + d) + np.cbrt(a / 2 - d)


SOLUTIONS = {
    "root": cubic,
    "root of a closure": lambda a: autograd.root(lambda one, x: x**3 + x - one * a, 1.0, np.zeros(3)),
    "root from there": lambda a: autograd.root(lambda a, x: x**3 + x - a, a, a),
    "fixed point": lambda a: autograd.fixed_point(lambda a, x: (a + 2 * x**3) / (3 * x**2 + 1), a, np.ones(3), 1e-12),
    "argmin": lambda a: autograd.argmin(lambda a, x: anp.sum(x**4 / 4 + x**2 / 2 - a * x), a, np.zeros(3)),
}


def in_warning(f, calls, match):
    """Return what a compiled function gives, which warns once that it runs as it is."""
    program = compile(f)
    with pytest.warns(CompileWarning, match=match) as told:
        found = [program(*args) for args in calls]
    assert len(told) == 1
    return found


@pytest.mark.parametrize("name", SOLUTIONS)
def test_solutions_of_equations(name):
    f = SOLUTIONS[name]
    calls = [(x,) for x in X]
    for found, x in zip(in_warning(f, calls, "as many steps as the values ask for"), X, strict=True):
        np.testing.assert_allclose(found, cubic_root(x), rtol=1e-7)
    slopes = in_warning(autograd.grad(lambda a: anp.sum(f(a) ** 2)), calls, "as many steps")
    pushed = in_warning(lambda a: autograd.jvp(f, (a,), (np.ones(3),))[1], calls, "as many steps")
    curved = in_warning(lambda a: autograd.hvp(lambda a: anp.sum(f(a)), (a,), (np.ones(3),)), calls, "as many steps")
    for slope, along, second, x in zip(slopes, pushed, curved, X, strict=True):
        root = cubic_root(x)
        by_a = 1 / (3 * root**2 + 1)
        np.testing.assert_allclose(slope, 2 * root * by_a, rtol=1e-6)
        np.testing.assert_allclose(along, by_a, rtol=1e-6)
        np.testing.assert_allclose(second, -6 * root * by_a**3, rtol=1e-5)


def test_solutions_by_what_is_outside():
    w, a = Variable(X[0]), X[0].copy()

    def slope():
        with GradientTape() as tape:
            y = anp.sum(cubic(w))
        return tape.gradient(y, w)

    for f in (compile(slope), compile(lambda: cubic(Tensor(a)))):
        with pytest.warns(CompileWarning, match="as many steps"):
            f()
        for x in X:
            w.assign(x)
            a[:] = x
            root = cubic_root(x)
            expected = 1 / (3 * root**2 + 1) if f.f is slope else root
            np.testing.assert_allclose(np.asarray(f()), expected, rtol=1e-6)


def test_differential_equations():
    integrate = pytest.importorskip("autograd.scipy.integrate")
    t = np.linspace(0.0, 1.0, 4)
    for f in (
        lambda k: integrate.odeint(lambda y, t, k: -k * y, np.ones(3), t, (k,)),
        lambda k: integrate.odeint(lambda y, t, k: -anp.exp(anp.log(k)) * y, np.ones(3), t, (anp.abs(k),)),
    ):
        calls = [(np.abs(x),) for x in X]
        values = in_warning(f, calls, "odeint takes as many steps")
        slopes = in_warning(autograd.grad(lambda k, f=f: anp.sum(f(k))), calls, "odeint takes as many steps")
        pushed = in_warning(lambda k, f=f: autograd.jvp(f, (k,), (np.ones(3),))[1], calls, "odeint takes as many steps")
        for value, slope, along, (k,) in zip(values, slopes, pushed, calls, strict=True):
            expected = np.exp(-k * t[:, None])
            np.testing.assert_allclose(value, expected, atol=1e-6)
            np.testing.assert_allclose(slope, np.sum(-t[:, None] * expected, axis=0), atol=1e-5)
            np.testing.assert_allclose(along, -t[:, None] * expected, atol=1e-5)
    closed = in_warning(
        lambda k: integrate.odeint(lambda y, t: -k * y, np.ones(3), t), [(x,) for x in X], "odeint takes as many steps"
    )
    for value, k in zip(closed, X, strict=True):
        np.testing.assert_allclose(value, np.exp(-k * t[:, None]), atol=1e-6)


# --- generators
@pytest.mark.parametrize(
    "draw",
    [
        lambda: np.random.default_rng().normal(size=3),
        lambda: np.random.default_rng(None).normal(size=3),
        lambda: np.random.RandomState().normal(size=3),
        lambda: np.random.Generator(np.random.PCG64()).normal(size=3),
        lambda: random.Random().random(),
    ],
)
def test_generators_that_begin_elsewhere(draw):
    found = in_warning(lambda x: x + draw(), [(X[0],)] * 3, "that may begin elsewhere in each run")
    assert len({y.tobytes() for y in found}) == 3


def test_a_generator_that_is_given_its_seed():
    def f(x, seed):
        return x[np.random.default_rng(seed).permutation(3)]

    for seed in (0, 1):
        calls = [(x, seed) for x in X]
        for found, args in zip(in_warning(f, calls, "that may begin elsewhere"), calls, strict=True):
            np.testing.assert_array_equal(found, f(*args))


@pytest.mark.parametrize(
    "draw",
    [
        lambda: np.random.default_rng(3).normal(size=3),
        lambda: np.random.RandomState(seed=3).normal(size=3),
        lambda: np.random.Generator(np.random.PCG64(3)).normal(size=3),
        lambda: random.Random(3).random(),
        lambda: anp.random.default_rng(3).normal(size=3),
        lambda: anp.random.default_rng(3).spawn(2)[1].normal(size=3),
        lambda: anp.random.default_rng([3, 4]).permutation(3),
        lambda: anp.random.RandomState(3).uniform(size=3),
        lambda: anp.random.default_rng(3).choice(anp.array([1.0, 5.0, 7.0]), 3),
    ],
)
def test_generators_that_the_function_seeds(draw):
    program = compile(lambda x: x + draw())
    for x in X:
        np.testing.assert_array_equal(program(x), x + np.asarray(draw()))
    assert program.traces == 1
    assert not program.refused


def test_fresh_generators_of_tensors_draw_at_each_call():
    program = compile(lambda x: x + anp.random.default_rng().normal(size=3))
    assert len({program(X[0]).tobytes() for _ in range(3)}) == 3
    assert not program.refused


def test_a_function_that_seeds_what_others_draw_from():
    def f(x):
        anp.random.seed(3)
        return x + anp.random.normal(size=3)

    for found, x in zip(in_warning(f, [(x,) for x in X], "it seeds a generator"), X, strict=True):
        np.testing.assert_array_equal(found, f(x))


# --- memory
@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.ravel(x.T * 2.0, order="K"),
        lambda x: np.ravel(x.T * 2.0, order="A"),
        lambda x: np.ravel(np.transpose(x * 2.0, (1, 2, 0)), order="K"),
        lambda x: np.reshape(x.T + 1.0, (-1, 2), order="A"),
        lambda x: np.ravel(np.copy(x.T, order="K"), order="K"),
        lambda x: np.ravel(np.copy(x, order="F"), order="A"),
    ],
)
def test_arrays_that_are_read_as_they_lie(f):
    program = compile(f)
    for i in range(3):
        x = np.random.default_rng(i).normal(size=(2, 3, 4))
        np.testing.assert_array_equal(program(x), f(x))
    assert not program.refused
    with pytest.raises(OperandError, match="lies in memory"):
        program(np.asfortranarray(x))
    assert not program.refused


# --- other threads
class Doubling(threading.Thread):
    def __init__(self, x):
        super().__init__()
        self.x = x

    def run(self):
        self.result = self.x * 2

    def found(self):
        self.start()
        self.join()
        return self.result


def in_a_thread(x):
    found = []
    thread = threading.Thread(target=lambda: found.append(x * 2))
    thread.start()
    thread.join()
    return found[0]


def in_a_pool(x):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: x * 2).result()


def in_an_asynchronous_thread(x):
    async def doubled():
        return await asyncio.to_thread(lambda: x * 2)

    return asyncio.run(doubled())


@pytest.mark.parametrize(
    "f", [in_a_thread, in_a_pool, in_an_asynchronous_thread, lambda x: Doubling(x).found()], ids=range(4)
)
def test_what_is_left_to_other_threads(f):
    for found, x in zip(in_warning(f, [(x,) for x in X], "in another thread or process is not traced"), X, strict=True):
        np.testing.assert_array_equal(found, x * 2)


def test_an_attribute_in_place_of_one_that_was_forwarded():
    class Forwarding:
        def __init__(self):
            self.items = {"rate": 2.0}

        def __getattr__(self, name):
            return self.items[name]

    thing = Forwarding()
    program = compile(lambda x: x * thing.rate)
    np.testing.assert_array_equal(program(X[0]), X[0] * 2)
    thing.rate = 3.0
    np.testing.assert_array_equal(program(X[0]), X[0] * 3)
    del thing.rate
    Forwarding.rate = 4.0
    np.testing.assert_array_equal(program(X[0]), X[0] * 4)
