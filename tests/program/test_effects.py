"""Compiled functions that do more than compute: they catch errors, write into arguments, draw unseen, are copied."""

import copy
import functools
import pickle
import random
import warnings

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable, checkpoint, compile, grad
from autograd.effects import ask
from autograd.errors import OperandError

X = np.array([1.0, 2.0, 3.0])


# ----------------------------------------------------------------------------------------------- errors that are caught
def inverse(x):
    m = anp.diag(x)
    try:
        return anp.linalg.inv(m)
    except np.linalg.LinAlgError:
        return anp.linalg.pinv(m)


def root(x):
    with np.errstate(invalid="raise"):
        try:
            return anp.sqrt(x)
        except FloatingPointError:
            return x * 0 - 1


def whole(x):
    try:
        return x * int(x[0])
    except ValueError:
        return x * 0 + 7


def element(x):
    try:
        return x[x.astype(int)]
    except IndexError:
        return x * 2


@pytest.mark.parametrize("f", [inverse, root, whole, element])
@pytest.mark.parametrize("order", [[0, 1, 0, 1], [1, 0, 1, 0]])
def test_errors_that_a_function_catches(f, order):
    choices = {inverse: (X, X * 0), root: (X, -X), whole: (X, X * np.nan), element: (np.array([0.0, 1, 2]), X)}[f]
    program = compile(f)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "compiled function .* it goes on after an error of")
        for i in order:
            np.testing.assert_array_equal(program(choices[i]), np.asarray(f(choices[i])))


def test_questions_that_fail():
    answers = iter([1.0, None, 3.0, None, 5.0])

    def question():
        answer = next(answers)
        if answer is None:
            raise OSError("no answer")
        return answer

    def f(x):
        try:
            return x * ask(question)
        except OSError:
            return x * 0

    program = compile(f)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "compiled function .* it goes on after an error of")
        found = [program(X)[0] for _ in range(4)]
    assert found == [1, 0, 3, 0]


def test_what_was_drawn_before_an_error_is_not_drawn_again():
    def f(x):
        noise = anp.random.normal()
        return noise, anp.linalg.inv(anp.diag(x))

    program, found = compile(f), []
    for function in (program, f):
        anp.random.seed(3)
        for x in (X, X, X * 0, X):
            try:
                found.append(float(function(x)[0]))
            except np.linalg.LinAlgError:
                found.append(None)
    assert found[:4] == found[4:]


def test_a_program_that_fails_where_its_function_does_not_is_told():
    program = compile(lambda x: x * 2)
    program(X)
    program(X)
    executable = next(iter(program._found.values())).ways[0].executable
    executable._idle[0].function = lambda x: x.none
    with pytest.warns(UserWarning, match="a fault of autograd.compile to report: AttributeError"):
        np.testing.assert_array_equal(program(X), 2 * X)
    np.testing.assert_array_equal(program(X), 2 * X)
    assert program.traces == 2


def test_what_an_error_leaves_of_variables():
    v, w = Variable(0.0), Variable(0.0)

    @compile
    def step(m):
        v.assign_add(1.0)
        inverted = anp.linalg.inv(m)
        w.assign_add(1.0)
        return inverted

    for m, expected in ((np.eye(2), (1, 1)), (np.eye(2), (2, 2)), (np.zeros((2, 2)), (3, 2)), (np.eye(2), (4, 3))):
        if m.any():
            step(m)
        else:
            with pytest.raises(np.linalg.LinAlgError):
                step(m)
        assert (v.item(), w.item()) == expected
    assert not step.refused


# -------------------------------------------------------------------------------------- arguments that are written into
def added(x):
    x += 1
    return x * 2


def written(x):
    x[0] = 5
    return x * 2


def arranged(x):
    x.sort()
    return x[0]


@pytest.mark.parametrize("f", [added, written, arranged])
def test_arrays_that_a_function_writes_into(f):
    program = compile(f)
    for k in range(3):
        x, y = (X[::-1] * (k + 1), X[::-1] * (k + 1))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = program(x)
        np.testing.assert_array_equal(found, f(y))
        np.testing.assert_array_equal(x, y)
        assert ["changes its arguments" in str(each.message) for each in caught] == [True] * (k == 0)
    with pytest.raises(OperandError, match="changes its arguments"):
        program.source(X.copy())


def test_tensors_that_a_function_writes_into():
    program, x = compile(written), Tensor(X)
    with pytest.warns(UserWarning, match="changes its arguments"):
        program(x)
    np.testing.assert_array_equal(x.numpy(), [5, 2, 3])
    program, x = compile(added), Tensor(X)
    with pytest.warns(UserWarning, match="changes its arguments"):
        program(x)
    array = X.copy()
    added(array)
    np.testing.assert_array_equal(x.numpy(), array)


def test_nests_that_a_function_changes():
    def f(params, seen):
        params["w"] = params["w"] * 2
        params["new"] = [params["w"], {"again": params["b"]}]
        seen.append(params["b"])
        return params["b"] + 1

    program = compile(f)
    for k in range(2):
        given, expected = [({"w": X + k, "b": X * 2}, []) for _ in range(2)]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            np.testing.assert_array_equal(program(*given), f(*expected))
        assert len(caught) == (k == 0)
        for found, wanted in (
            (given[0]["w"], expected[0]["w"]),
            (given[0]["new"][0], expected[0]["w"]),
            (given[1][0], expected[1][0]),
        ):
            assert type(found) is np.ndarray
            np.testing.assert_array_equal(found, wanted)
        assert given[1][0] is given[0]["b"] is given[0]["new"][1]["again"]


def test_what_is_written_into_inside_is_no_argument():
    def loss(v):
        v[0] = 0
        v += 1
        return (v * v).sum()

    program, x = compile(lambda x: (grad(loss)(x), loss(x.copy()))), X.copy()
    for _ in range(2):
        np.testing.assert_array_equal(program(x)[0], [0, 6, 8])
    np.testing.assert_array_equal(x, X)
    assert not program.refused


def test_an_argument_that_is_held_for_later_is_held_as_it_was():
    def f(x):
        with GradientTape() as tape:
            tape.watch(x)
            y = checkpoint(lambda z: z**3)(x).sum()
            before = Tensor.alias(x)
            x[0] = 10
        return tape.gradient(y, before)

    program = compile(f)
    with pytest.warns(UserWarning, match="changes its arguments"):
        np.testing.assert_allclose(program(X.copy()), 3 * X**2)


# ------------------------------------------------------------------------------------------ draws from other generators
class Model:
    shared = None

    def __init__(self, rng):
        self.rng = rng

    def __call__(self, x):
        return x * self.rng.normal()

    def method(self, x):
        return x * self.shared.normal()


def as_argument():
    rng = np.random.default_rng(3)
    return lambda program, x: program(x, rng), lambda x, rng: x * rng.normal()


def in_a_closure():
    rngs = [np.random.RandomState(3), random.Random(3)]
    return lambda program, x: program(x), lambda x: x * rngs[0].normal() * rngs[1].random()


def in_an_object():
    return lambda program, x: program(x), Model(np.random.default_rng(3))


def in_a_class():
    Model.shared = np.random.default_rng(3)
    return lambda program, x: program(x), Model(None).method


def in_a_partial():
    return lambda program, x: program(x), functools.partial(lambda rng, x: x * rng.random(), np.random.default_rng(3))


def of_python():
    random.seed(3)
    return lambda program, x: program(x), lambda x: x * random.random()


@pytest.mark.parametrize("make", [as_argument, in_a_closure, in_an_object, in_a_class, in_a_partial, of_python])
def test_generators_that_no_program_draws_from(make):
    call, f = make()
    expected = [call(f, X) for _ in range(4)]
    call, f = make()
    program = compile(f)
    with pytest.warns(UserWarning, match="draws random numbers"):
        found = [call(program, X)]
    found.extend(call(program, X) for _ in range(3))
    np.testing.assert_array_equal(found, expected)


# ----------------------------------------------------------------------------------------------------- copies
@compile
def doubled(x):
    return x * 2


def tripled(x):
    return x * 3


def test_copies():
    program, v = compile(tripled, exact=True), Variable(0.0)
    program(X)
    doubled(X)
    for original, factor in ((program, 3), (doubled, 2)):
        for copied in (copy.copy(original), copy.deepcopy(original), pickle.loads(pickle.dumps(original))):
            np.testing.assert_array_equal(copied(X), factor * X)
            assert copied.exact is original.exact
    count = compile(lambda: v.assign_add(1.0) * 1)
    count()
    other = copy.deepcopy(count)
    assert [count().item(), other().item(), count().item(), other().item(), v.item()] == [2, 3, 4, 5, 5]
