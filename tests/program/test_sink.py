"""Elementwise calls sink into the fused groups that alone use their results."""

import numpy as np
import pytest

import autograd
from autograd import Variable
from autograd.program.ir import Call, Var
from autograd.program.passes import fuse as machine
from autograd.program.passes.sink import FusedGroup, Schedule

SHAPE = (100_000,)
UNARY = (np.negative, np.square, np.absolute, np.exp, np.tanh)
BINARY = (np.add, np.subtract, np.multiply, np.true_divide)


def value(shape=SHAPE):
    return Var(shape, np.dtype(np.float64))


def call(fn, *args):
    return Call(fn, args, {}, (value(args[0].shape),))


def late(calls, wanted):
    steps = Schedule(machine._groups(calls, True, False), set(wanted))
    steps.sink()
    return steps


def shown(steps):
    """Return what each step does, with the numbers of arrays that a run reads and writes."""
    found = []
    for step in steps.steps:
        if isinstance(step, FusedGroup):
            found.append((*[each.fn.__name__ for each in step.body], len(step.operands()), len(steps.written(step))))
        else:
            found.append(step.fn.__name__)
    return found


def test_only_what_a_call_outside_needs_is_done_early():
    x = value()
    square = call(np.multiply, x, x)
    down = call(np.negative, *square.outs)
    double = call(np.add, x, x)
    inverse = call(np.true_divide, double.outs[0], square.outs[0])
    bell = call(np.exp, *down.outs)
    product = call(np.multiply, bell.outs[0], double.outs[0])
    total = call(np.add, product.outs[0], inverse.outs[0])
    steps = late([square, down, double, inverse, bell, product, total], total.outs)
    # The square is computed twice, which is cheap, and the quotient once.
    assert shown(steps) == [
        ("multiply", "negative", 1, 1),
        "exp",
        ("multiply", "add", "divide", "multiply", "add", 2, 1),
    ]


def test_a_quotient_is_not_computed_twice():
    x = value()
    inverse = call(np.true_divide, x, x)
    wave = call(np.tanh, *inverse.outs)
    product = call(np.multiply, wave.outs[0], inverse.outs[0])
    assert shown(late([inverse, wave, product], product.outs)) == [("divide", 1, 1), "tanh", ("multiply", 2, 1)]


def test_one_array_is_not_replaced_by_many():
    parts = [value() for _ in range(4)]
    calls = [call(np.multiply, *parts[:2]), call(np.add, *parts[:2])]
    for part in parts[2:]:
        calls.extend([call(np.multiply, calls[-2].outs[0], part), call(np.add, calls[-1].outs[0], part)])
    wave = call(np.tanh, *calls[-2].outs)
    product = call(np.multiply, wave.outs[0], calls[-1].outs[0])
    assert shown(late([*calls, wave, product], product.outs)) == [
        (*["multiply", "add"] * 3, 4, 2),
        "tanh",
        ("multiply", 2, 1),
    ]


def test_results_are_computed_where_their_operands_are_read():
    x, y = value(), value()
    result = call(np.multiply, x, y)
    down = call(np.negative, x)
    bell = call(np.exp, *down.outs)
    total = call(np.add, x, y)
    product = call(np.multiply, bell.outs[0], total.outs[0])
    steps = late([result, down, bell, total, product], [*result.outs, *product.outs])
    assert shown(steps) == [("negative", 1, 1), "exp", ("multiply", "add", "multiply", 3, 2)]


def test_a_run_of_which_all_moves_is_no_more():
    x, y = value(), value()
    result, down = call(np.square, x), call(np.negative, x)
    wave = call(np.tanh, *down.outs)
    shifted = call(np.add, wave.outs[0], y)
    bell = call(np.exp, y)
    product = call(np.multiply, bell.outs[0], shifted.outs[0])
    steps = Schedule(
        [FusedGroup([result, down]), wave, FusedGroup([shifted]), bell, FusedGroup([product])],
        {*result.outs, *product.outs},
    )
    steps.sink()
    assert shown(steps) == [("square", "negative", 1, 2), "tanh", "exp", ("add", "multiply", 3, 1)]


def test_a_variable_is_not_read_after_its_new_value_is_written():
    w, x = value(), value()
    new = call(np.subtract, w, x)
    triple = call(np.add, w, w)
    bell = call(np.exp, *new.outs)
    product = call(np.multiply, bell.outs[0], triple.outs[0])
    steps = late([new, triple, bell, product], [*new.outs, *product.outs])
    assert shown(steps) == [("subtract", "add", 2, 2), "exp", ("multiply", 2, 1)]

    variable = Variable(np.linspace(0.0, 1.0, SHAPE[0]))

    @autograd.compile
    def step(x):
        triple = variable * 3.0
        variable.assign_sub(0.1 * x)
        return np.exp(variable) * triple

    for _ in range(3):
        before = variable.numpy().copy()
        np.testing.assert_allclose(step(np.ones(SHAPE)), np.exp(before - 0.1) * (before * 3.0), rtol=1e-12)


def random_program(rng):
    """Return the inputs, the calls and the wanted values of a program of two shapes."""
    inputs = [value((3,)), value((3,)), value((2, 3))]
    values, calls = list(inputs), []
    for _ in range(rng.integers(3, 40)):
        fn = (UNARY + BINARY)[rng.integers(len(UNARY + BINARY))]
        first = values[-1 - rng.integers(min(len(values), 12))]
        alike = [each for each in values if each.shape == first.shape]
        calls.append(call(fn, first, *[alike[rng.integers(len(alike))] for _ in range(fn.nin - 1)]))
        values.extend(calls[-1].outs)
    wanted = {values[i] for i in rng.integers(len(inputs), len(values), 3)}
    return inputs, calls, wanted | set(values[-1:])


@pytest.mark.parametrize("seed", [*range(200), 399, 484, 1194, 3268])
def test_random_programs(seed):
    rng = np.random.default_rng(seed)
    inputs, calls, wanted = random_program(rng)
    given = {each: rng.uniform(0.5, 1.0, each.shape) for each in inputs}
    expected = dict(given)
    with np.errstate(all="ignore"):
        for each in calls:
            expected[each.outs[0]] = each.fn(*[expected[arg] for arg in each.args])
        steps = late(calls, wanted)
        known = dict(given)
        for step in steps.steps:
            body = step.body if isinstance(step, FusedGroup) else [step]
            inside = {each: known[each] for each in step.operands()}
            for each in body:
                inside[each.outs[0]] = each.fn(*[inside[arg] for arg in each.args])
            for each in steps.written(step) if isinstance(step, FusedGroup) else step.outs:
                assert each not in known  # written once
                known[each] = inside[each]
    for each in wanted:
        np.testing.assert_array_equal(known[each], expected[each])
    before = Schedule(machine._groups(calls, True, False), wanted)
    assert traffic(steps) <= traffic(before)
    assert len(steps.steps) <= len(before.steps)


def traffic(steps):
    """Return how many bytes runs read and write."""
    return sum(
        each.nbytes
        for run in steps.steps
        if isinstance(run, FusedGroup)
        for each in (*run.operands(), *steps.written(run))
    )
