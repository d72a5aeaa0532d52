"""Variables, draws and errors in compiled functions: a call leaves behind what the function leaves, and changes nothing
that somebody holds.
"""

import random
import threading
import warnings

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable, compile
from autograd.effects import ask, at_end

X = np.array([1.0, 2.0, 3.0])


# ---------------------------------------------------------------------------------------------------- assigned and read
def test_the_old_value_comes_back():
    v = Variable(np.zeros(3))

    @compile
    def step(x):
        old = v.copy()
        v.assign(x)
        return old, v + 0

    for k in range(4):
        old, new = step(X + k)
        np.testing.assert_array_equal(old, X + k - 1 if k else np.zeros(3))
        np.testing.assert_array_equal(new, X + k)


def test_a_swap():
    v, w = Variable(X), Variable(X + 10)

    @compile
    def swap(x):
        a = v.copy()
        v.assign(w)
        w.assign(a)
        return x

    for k in range(1, 6):
        swap(X)
        np.testing.assert_array_equal(v.numpy(), X + 10 * (k % 2))
        np.testing.assert_array_equal(w.numpy(), X + 10 * (1 - k % 2))


def test_variables_get_one_value():
    def step(x, v, w, copy, other):
        v.assign(v * 0.5 + x)
        w.assign(w * 0.5 + x)
        copy.assign(v)
        other.assign(w)
        return v + 0

    ours, theirs = ([Variable(X + k) for k in range(4)] for _ in range(2))
    compiled = compile(lambda x: step(x, *ours))
    for k in range(4):
        np.testing.assert_array_equal(compiled(X + k), step(X + k, *theirs))
        np.testing.assert_array_equal(ours, theirs)


def test_a_variable_gets_a_view_of_itself():
    v = Variable(X)

    @compile
    def turn(x):
        v.assign(v[::-1])
        return v * x

    for expected in (X[::-1], X, X[::-1]):
        np.testing.assert_array_equal(turn(np.ones(3)), expected)


def test_variables_get_parts_of_parts():
    v, w = Variable(np.array([1.0, 2.0])), Variable(np.array([3.0, 4.0]))

    @compile
    def step(x):
        both = anp.concatenate([v, w]) * x
        v.assign(both[2:4][0:2])
        w.assign(both[2:4])
        return x

    for k in range(1, 4):
        step(np.float64(2))
        np.testing.assert_array_equal(v.numpy(), np.array([3.0, 4.0]) * 2**k)
        np.testing.assert_array_equal(w.numpy(), v.numpy())


def test_reading_after_assigning():
    v = Variable(0.0)

    @compile
    def twice(x):
        a = v + x
        v.assign(a)
        b = v + x
        v.assign(b)
        return a, b, v * 1

    for k in range(4):
        assert twice(np.float64(1)) == (2 * k + 1, 2 * k + 2, 2 * k + 2)
        assert v.item() == 2 * k + 2


def test_an_array_around_is_assigned_as_it_is_then():
    a, v = np.arange(3.0), Variable(np.zeros(3))

    @compile
    def copy(x):
        v.assign(a)
        return x

    copy(X)
    copy(X)
    a[:] = 9
    copy(X)
    np.testing.assert_array_equal(v.numpy(), a)


def test_a_long_array_around_is_assigned_as_it_is_then():
    a, v = np.zeros(3000), Variable(np.zeros(3000))

    @compile
    def copy(x):
        v.assign(a)
        return v * x

    for k in range(3):
        a[:] = k
        np.testing.assert_array_equal(copy(np.float64(2)), 2 * a)
        np.testing.assert_array_equal(v.numpy(), a)


@pytest.mark.parametrize("shape", [(), (2,), (3000,)])
def test_one_value_for_two_variables(shape):
    v, w, other = Variable(np.zeros(shape)), Variable(np.zeros(shape)), Variable(np.zeros(shape))

    @compile
    def step(x):
        v.assign_add(x)
        w.assign(v)
        other.assign(w)
        return v + w

    for k in range(1, 4):
        np.testing.assert_array_equal(step(np.ones(shape)), np.full(shape, 2.0 * k))
        for each in (v, w, other):
            np.testing.assert_array_equal(each.numpy(), np.full(shape, float(k)))


def test_variables_are_arguments():
    v, w = Variable(X), Variable(X * 2)
    f = compile(lambda v, x: v * x)
    for _ in range(2):
        np.testing.assert_array_equal(f(v, X), v.numpy() * X)
        np.testing.assert_array_equal(f(w, X), w.numpy() * X)
        v.assign(X + 1)


# --------------------------------------------------------------------------------------- variables that are made within
def test_variables_that_are_made_at_the_first_call():
    made = []

    @compile
    def layer(x):
        if not made:
            made.append(Variable(x * 0 + 1))
        made[0].assign_add(x)
        return made[0] * 1

    for k in range(1, 5):
        np.testing.assert_array_equal(layer(X), 1 + k * X)
    assert layer.traces == 2


def test_variables_that_are_made_at_each_call():
    def f(x):
        v = Variable(x * 2)
        v.assign_add(x)
        return v * Variable(x)

    program = compile(f)
    np.testing.assert_array_equal(program(X), 3 * X * X)
    with pytest.warns(UserWarning, match="it makes a variable at each call"):
        program(X)
    np.testing.assert_array_equal(program(X + 1), 3 * (X + 1) ** 2)


def test_a_buffer_that_is_lent_out():
    v = Variable(np.zeros(3))

    def f(x):
        with v.writing() as buffer:
            buffer += 1
        return x * v

    program = compile(f)
    with pytest.warns(UserWarning, match="lends out its buffer"):
        program(X)
    for k in (2, 3):
        np.testing.assert_array_equal(program(X), X * k)


# ------------------------------------------------------------------------------------------- who holds a value keeps it
@pytest.mark.parametrize("shape", [(), (3,), (40, 50)])
def test_what_is_held_stays(shape):
    v, w = Variable(np.ones(shape)), Variable(np.ones(shape))

    @compile
    def step(x):
        v.assign_sub(0.5 * x * v)
        w.assign_sub(0.5 * x * w)
        return v.sum()

    x = np.full(shape, 0.5)
    step(x)
    step(x)
    holds = [
        lambda: v.numpy(),
        lambda: w.numpy()[...],
        lambda: memoryview(w.numpy()),
        lambda: v.copy(),
        lambda: Tensor(w),
        lambda: v + 0,
    ]
    for hold in holds:
        held = hold()
        before = np.array(held.numpy() if isinstance(held, Tensor) else held)
        step(x)
        step(x)
        np.testing.assert_array_equal(held.numpy() if isinstance(held, Tensor) else held, before)
    with GradientTape() as tape:
        y = (v * v * w).sum()
    expected = 2 * v.numpy() * w.numpy()
    step(x)
    v.assign(x)
    step(x)
    np.testing.assert_array_equal(tape.gradient(y, v).numpy(), expected)


def test_what_was_held_before_an_assignment_from_outside_stays():
    v, w = Variable(np.zeros(4)), Variable(np.zeros(4))

    @compile
    def step(x):
        v.assign_add(x)
        w.assign_add(x)
        return v.sum()

    x = np.ones(4)
    step(x)
    step(x)
    held, tensor = v.numpy(), Tensor(w)
    v.assign(np.full(4, 50.0))
    w.assign(np.full(4, 60.0))
    step(x)
    step(x)
    np.testing.assert_array_equal(held, [2.0] * 4)
    np.testing.assert_array_equal(tensor.numpy(), [2.0] * 4)
    np.testing.assert_array_equal(v.numpy(), [52.0] * 4)
    np.testing.assert_array_equal(w.numpy(), [62.0] * 4)


def test_functions_and_specialisations_share_variables():
    v, w = Variable(np.zeros(3)), Variable(np.zeros(3))

    def f(x):
        v.assign_add(x.sum() * np.ones(3))
        w.assign_add(v)
        return w - v

    def g(x):
        v.assign(v * 2 + x.mean())
        return v + w

    f, g = compile(f), compile(g)
    rng, now, other, held = np.random.default_rng(0), np.zeros(3), np.zeros(3), []
    for k in range(16):
        x = rng.normal(size=2 + k % 2)
        if k % 3:
            now = now + x.sum()
            other = other + now
            np.testing.assert_allclose(f(x), other - now, atol=1e-9)
        else:
            now = 2 * now + x.mean()
            np.testing.assert_allclose(g(x), now + other, atol=1e-9)
        if k % 5 == 4:
            now = now * 0 + k
            v.assign(now)
        held += [(each.numpy(), each.numpy().copy()) for each in (v, w)]
        np.testing.assert_allclose(v.numpy(), now)
        np.testing.assert_allclose(w.numpy(), other)
    for array, before in held:
        np.testing.assert_array_equal(array, before)


def make_step(weights, momenta):
    def step(x, y):
        with GradientTape() as tape:
            hidden = anp.tanh(x @ weights[0] + weights[1])
            loss = ((hidden @ weights[2] + weights[3] - y) ** 2).mean()
        gradients = tape.gradient(loss, weights)
        for weight, momentum, gradient in zip(weights, momenta, gradients, strict=True):
            momentum.assign(0.9 * momentum + gradient)
            weight.assign_sub(0.1 * momentum)
        return loss, gradients[0]

    return step


def test_a_step_of_training():
    rng = np.random.default_rng(0)
    shapes = [(3, 4), (4,), (4, 2), (2,)]
    starts = [rng.normal(size=shape) for shape in shapes]
    eager, compiled = [
        ([Variable(s) for s in starts], [Variable(np.zeros(shape)) for shape in shapes]) for _ in range(2)
    ]
    one, other = make_step(*eager), compile(make_step(*compiled))
    kept = []
    for k in range(10):
        x, y = Tensor(rng.normal(size=(5 + k % 2, 3))), Tensor(rng.normal(size=(5 + k % 2, 2)))
        if k == 4:
            for weights, _ in (eager, compiled):
                weights[1].assign(weights[1] * 2)
        expected, found = one(x, y), other(x, y)
        for e, f in zip((*expected, *eager[0], *eager[1]), (*found, *compiled[0], *compiled[1]), strict=True):
            np.testing.assert_allclose(f.numpy(), e.numpy(), rtol=1e-9, atol=1e-12)
        held = [each.numpy() for each in (found[1], compiled[0][k % 4], compiled[1][-k % 4])]
        kept += [(each, each.copy()) for each in held]
    for now, before in kept:
        np.testing.assert_array_equal(now, before)


def test_threads_take_turns():
    v = Variable(np.zeros(2000))
    step, x = compile(lambda x: v.assign_add(x)[0]), np.ones(2000)
    step(x)

    def work():
        for _ in range(50):
            step(x)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_array_equal(v.numpy(), np.full(2000, 201.0))


# ----------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize("n", [2, 3000])
@pytest.mark.parametrize("kind", ["inverse", "index", "question", "division"])
def test_an_error_leaves_variables_as_they_were(kind, n):
    v, w, fails = Variable(np.ones(n)), Variable(np.ones(n)), []

    def rate():
        if fails:
            raise RuntimeError("no rate")
        return 0.5

    def f(x, m, i):
        new, newer = v * 2, w * x
        if kind == "inverse":
            y = anp.linalg.inv(m)
        elif kind == "index":
            y = x[i]
        elif kind == "question":
            y = ask(rate)
        else:
            with np.errstate(divide="raise"):
                y = 1 / m[0]
        v.assign(new)
        w.assign(newer)
        return y

    program, x, m, i = compile(f), np.full(n, 2.0), np.ones((1, 1)), np.array([0])
    program(x, m, i)
    program(x, m, i)
    fails.append(True)
    with pytest.raises((np.linalg.LinAlgError, IndexError, RuntimeError, FloatingPointError)):
        program(x, m * 0, i + n)
    for each in (v, w):
        np.testing.assert_array_equal(each.numpy(), np.full(n, 4.0))
    fails.clear()
    program(x, m, i)
    for each in (v, w):
        np.testing.assert_array_equal(each.numpy(), np.full(n, 8.0))


# ----------------------------------------------------------------------------------------------------- draws
def branching(rng):
    def f(x):
        if rng.random() < 0.5:
            return x + rng.normal()
        return x * 2 if rng.random() < 0.3 else x * rng.uniform(size=3)

    return f


def waiting(rng):
    def f(x):
        n = 0
        while rng.random() > 0.05:
            n += 1
        return x + n

    return f


def plain(rng):
    return lambda x: x * rng.normal(size=3) + rng.uniform() + rng.permutation(3)


@pytest.mark.parametrize("make", [plain, branching, waiting])
def test_generators_give_the_numbers_that_they_would_give(make):
    f, program = make(anp.random.default_rng(3)), compile(make(anp.random.default_rng(3)))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "compiled function")
        for _ in range(60):
            np.testing.assert_array_equal(np.asarray(program(X)), np.asarray(f(X)))


def test_questions_are_asked_once_in_each_call():
    asked = iter(range(100))
    program = compile(lambda x: x + 10 if ask(lambda: float(next(asked))) % 3 == 0 else x)
    assert [program(X)[0] for _ in range(9)] == [11, 1, 1] * 3
    assert next(asked) == 9


def test_questions_beside_draws_are_asked_once_too():
    asked = iter(range(100))
    program = compile(lambda x: x * 0 + anp.random.uniform() * 0 + ask(lambda: float(next(asked))))
    assert [program(X)[0] for _ in range(4)] == [0, 1, 2, 3]
    assert next(asked) == 4


def test_what_python_draws_is_drawn_at_each_call():
    program = compile(lambda x: x + random.random())
    with pytest.warns(
        UserWarning, match="it draws random numbers from NumPy or Python, which would be the same in every run"
    ):
        program(X)
    assert len({program(X)[0] for _ in range(5)}) == 5


def test_what_is_done_at_the_end():
    told, v = [], Variable(0.0)

    @compile
    def f(x):
        v.assign_add(1.0)
        at_end(lambda: told.append(1))
        return x * v

    f.source(X)
    assert (v.item(), told) == (0, [])
    f(X)
    f(X)
    assert (v.item(), told) == (2, [1, 1])


@pytest.mark.parametrize("name", ["v", "value", "variable", "w"])
def test_a_long_variable_that_is_only_read_keeps_its_name_and_its_value(name):
    """Its memory is not the program's to free, whatever its name begins with."""
    held = Variable(np.linspace(-1.0, 1.0, 100_000), name=name)
    lowest = compile(lambda v: anp.max(held * v) + anp.min(held * v))
    x = np.linspace(2.0, 1.0, 100_000)
    for factor in (1.0, 2.0, 3.0):
        held.assign(np.linspace(-factor, factor, 100_000))
        product = held.numpy() * x
        assert float(lowest(x)) == product.max() + product.min()
    assert lowest.refused == ""
