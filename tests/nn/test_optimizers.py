"""Each optimizer against its published formula, written out in NumPy, step by step."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograd import GradientTape, Tensor, Variable
from autograd.errors import DtypeError, OperandError, ShapeError, UnwatchedError
from nn import optimizers
from nn.errors import ArgumentError
from nn.optimizers import BLOCK, SGD, Adagrad, Adam, RMSprop

RNG = np.random.default_rng(2)
# More than one block, and a last one that is not full.
SIZE = 2 * BLOCK + 77


def run(optimizer, start, gradients, dtype=np.float64):
    """Return the value of a variable after each step."""
    w = Variable(start, dtype=dtype)
    values = []
    for g in gradients:
        optimizer.apply_gradients([(Tensor(g, dtype=dtype), w)])
        values.append(w.numpy().copy())
    return values


def sgd(w, gradients, lr, momentum=0.0, nesterov=False):
    m = np.zeros_like(w)
    for g in gradients:
        m = momentum * m - lr * g
        w = w + (momentum * m - lr * g if nesterov else m)
        yield w


def rmsprop(w, gradients, lr, rho, momentum=0.0, epsilon=1e-7, centered=False):
    v, a, m = np.zeros_like(w), np.zeros_like(w), np.zeros_like(w)
    for g in gradients:
        v = rho * v + (1 - rho) * g**2
        a = rho * a + (1 - rho) * g
        step = lr * g / np.sqrt(v - a**2 + epsilon if centered else v + epsilon)
        m = momentum * m + step
        w = w - (m if momentum else step)
        yield w


def adagrad(w, gradients, lr, start, epsilon=1e-7):
    a = np.full_like(w, start)
    for g in gradients:
        a = a + g**2
        w = w - lr * g / np.sqrt(a + epsilon)
        yield w


def adam(w, gradients, lr, b1, b2, epsilon=1e-7, amsgrad=False):
    m, v, largest = np.zeros_like(w), np.zeros_like(w), np.zeros_like(w)
    for t, g in enumerate(gradients, 1):
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        largest = np.maximum(largest, v)
        alpha = lr * math.sqrt(1 - b2**t) / (1 - b1**t)
        w = w - alpha * m / (np.sqrt(largest if amsgrad else v) + epsilon)
        yield w


CASES = [
    (SGD(0.1), sgd, {"lr": 0.1}),
    (SGD(0.1, momentum=0.9), sgd, {"lr": 0.1, "momentum": 0.9}),
    (SGD(0.1, momentum=0.9, nesterov=True), sgd, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    (RMSprop(0.01), rmsprop, {"lr": 0.01, "rho": 0.9}),
    (RMSprop(0.01, rho=0.8, momentum=0.5), rmsprop, {"lr": 0.01, "rho": 0.8, "momentum": 0.5}),
    (RMSprop(0.01, centered=True, epsilon=1e-3), rmsprop, {"lr": 0.01, "rho": 0.9, "centered": True, "epsilon": 1e-3}),
    (RMSprop(0.01, centered=True, momentum=0.7), rmsprop, {"lr": 0.01, "rho": 0.9, "centered": True, "momentum": 0.7}),
    (Adagrad(0.1), adagrad, {"lr": 0.1, "start": 0.1}),
    (Adagrad(0.1, initial_accumulator_value=0.5), adagrad, {"lr": 0.1, "start": 0.5}),
    (Adam(0.01), adam, {"lr": 0.01, "b1": 0.9, "b2": 0.999}),
    (Adam(0.01, beta_1=0.5, beta_2=0.6, epsilon=1e-4), adam, {"lr": 0.01, "b1": 0.5, "b2": 0.6, "epsilon": 1e-4}),
    (Adam(0.01, beta_2=0.5, amsgrad=True), adam, {"lr": 0.01, "b1": 0.9, "b2": 0.5, "amsgrad": True}),
]
IDS = [f"{type(o).__name__}-{i}" for i, (o, _, _) in enumerate(CASES)]


@pytest.mark.parametrize("shape", [(SIZE,), (7, 5), ()])
@pytest.mark.parametrize(("optimizer", "formula", "arguments"), CASES, ids=IDS)
def test_steps_follow_the_formula(optimizer, formula, arguments, shape):
    start = RNG.normal(size=shape)
    gradients = [np.asarray(RNG.normal(size=shape) * scale) for scale in (1.0, 0.1, 3.0, 0.0, 1.0, 2.0)]
    fresh = type(optimizer).from_config(optimizer.get_config())
    for found, expected in zip(run(fresh, start, gradients), formula(start, gradients, **arguments), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    assert fresh.iterations == 6


@pytest.mark.parametrize(("optimizer", "formula", "arguments"), CASES, ids=IDS)
def test_columns_before_rows_and_float32(optimizer, formula, arguments):
    start = np.asfortranarray(RNG.normal(size=(300, 200)))
    gradients = [RNG.normal(size=(300, 200)) for _ in range(3)]
    fresh = type(optimizer).from_config(optimizer.get_config())
    for found, expected in zip(run(fresh, start, gradients), formula(start, gradients, **arguments), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    fresh = type(optimizer).from_config(optimizer.get_config())
    found = run(fresh, start, gradients, np.float32)[-1]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3)


def test_nesterov_by_hand():
    # w0 = 1, g = w: m1 = -0.1, w1 = 1 + 0.9 m1 - 0.1; m2 = 0.9 m1 - 0.1 w1, w2 = w1 + 0.9 m2 - 0.1 w1.
    w = Variable(1.0)
    optimizer = SGD(learning_rate=0.1, momentum=0.9, nesterov=True)
    expected = [1 - 0.09 - 0.1]
    m2 = 0.9 * -0.1 - 0.1 * expected[0]
    expected.append(expected[0] + 0.9 * m2 - 0.1 * expected[0])
    for value in expected:
        with GradientTape() as tape:
            loss = 0.5 * w * w
        optimizer.apply_gradients(zip([tape.gradient(loss, w)], [w], strict=True))
        assert w.item() == pytest.approx(value, rel=1e-14)


def test_state_belongs_to_its_variable():
    a, b = Variable([1.0, 2.0]), Variable([3.0])
    optimizer = SGD(0.1, momentum=0.5)
    optimizer.apply_gradients([(np.ones(2), a), (np.ones(1), b)])
    optimizer.apply_gradients([(np.ones(1), b)])
    np.testing.assert_allclose(b.numpy(), [3 - 0.1 - 0.15])
    np.testing.assert_allclose(a.numpy(), [0.9, 1.9])


@pytest.mark.parametrize(("optimizer", "formula", "arguments"), CASES, ids=IDS)
@pytest.mark.parametrize("shape", [(SIZE,), (3,)])
def test_a_variable_that_joins_late_steps_as_from_the_beginning(optimizer, formula, arguments, shape):
    fresh = type(optimizer).from_config(optimizer.get_config())
    start = RNG.normal(size=(2, *shape))
    first, late = (Variable(value) for value in start)
    gradients = RNG.normal(size=(6, 2, *shape))
    for g in gradients[:3]:
        fresh.apply_gradients([(g[0], first)])
    for g in gradients[3:]:
        fresh.apply_gradients([(g[0], first), (g[1], late)])
    np.testing.assert_allclose(
        first.numpy(), list(formula(start[0], gradients[:, 0], **arguments))[-1], rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(
        late.numpy(), list(formula(start[1], gradients[3:, 1], **arguments))[-1], rtol=1e-9, atol=1e-12
    )
    assert fresh.iterations == 6


def test_the_first_step_of_a_late_variable_is_the_learning_rate():
    # Adam's first step is learning_rate * sign(g), whatever was trained before.
    adam, old, new = Adam(0.01), Variable([1.0]), Variable([1.0])
    for _ in range(1000):
        adam.apply_gradients([(np.ones(1), old)])
    adam.apply_gradients([(np.array([123.0]), new)])
    assert new.item() == pytest.approx(1 - 0.01, abs=1e-9)


def test_a_schedule_counts_the_calls_whoever_takes_part():
    a, b = Variable([0.0]), Variable([0.0])
    optimizer = SGD(lambda step: 10.0**-step)
    for variable in (a, b, a, b):
        optimizer.apply_gradients([(np.ones(1), variable)])
    assert a.item() == pytest.approx(-1 - 0.01)
    assert b.item() == pytest.approx(-0.1 - 0.001)


def test_what_was_computed_before_a_step_keeps_its_value():
    w = Variable([1.0, 2.0])
    held, view = w * 1.0, w.numpy()
    with GradientTape() as tape:
        y = w * w
    SGD(1.0).apply_gradients([(np.ones(2), w)])
    np.testing.assert_array_equal(tape.gradient(y, w).numpy(), [2, 4])
    np.testing.assert_array_equal(view, [1, 2])
    np.testing.assert_array_equal(held.numpy(), [1, 2])
    np.testing.assert_array_equal(w.numpy(), [0, 1])


# --------------------------------------------------------------------------------------- clipping, decay, learning rate
G = [np.array([3.0, 4.0]), np.array([12.0])]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"clipvalue": 3.5}, [[3, 3.5], [3.5]]),
        ({"clipnorm": 2.5}, [[1.5, 2], [2.5]]),
        ({"clipnorm": 6.0}, [[3, 4], [6]]),
        ({"global_clipnorm": 6.5}, [[1.5, 2], [6]]),
        ({"global_clipnorm": 13.0}, G),
    ],
)
def test_clipping(arguments, expected):
    weights = [Variable([0.0, 0.0]), Variable([0.0])]
    SGD(1.0, **arguments).apply_gradients(zip(G, weights, strict=True))
    for w, g in zip(weights, expected, strict=True):
        np.testing.assert_allclose(-w.numpy(), g, rtol=1e-14)


def test_the_norm_of_large_float32_gradients_does_not_overflow():
    w = Variable(np.zeros(2, np.float32))
    SGD(1.0, clipnorm=1.0).apply_gradients([(np.array([3e30, 4e30], np.float32), w)])
    np.testing.assert_allclose(w.numpy(), [-0.6, -0.8], rtol=1e-6)


def test_weight_decay_comes_before_the_step():
    w = Variable([2.0])
    SGD(0.1, weight_decay=0.5).apply_gradients([(np.array([1.0]), w)])
    assert w.item() == pytest.approx(2 - 2 * 0.5 * 0.1 - 0.1)


def test_learning_rate_can_be_set_and_scheduled():
    w = Variable([0.0])
    optimizer = SGD(lambda step: 1.0 / (1 + step))
    for _ in range(3):
        optimizer.apply_gradients([(np.array([1.0]), w)])
    assert w.item() == pytest.approx(-(1 + 1 / 2 + 1 / 3))
    assert optimizer.learning_rate == 0.25
    optimizer.learning_rate = 0.5
    optimizer.apply([np.array([1.0])], [w])
    assert w.item() == pytest.approx(-(1 + 1 / 2 + 1 / 3) - 0.5)


# ------------------------------------------------------------------------------ errors, after which nothing has changed
def refused(pairs, kind, message):
    weights = [w for _, w in pairs if isinstance(w, Variable)]
    before = [w.numpy().copy() for w in weights]
    optimizer = Adam()
    with pytest.raises(kind, match=message):
        optimizer.apply_gradients(pairs)
    assert optimizer.iterations == 0
    for w, value in zip(weights, before, strict=True):
        np.testing.assert_array_equal(w.numpy(), value)


def test_a_missing_gradient_names_the_variable_and_why():
    used, unused = Variable([1.0], name="used"), Variable([2.0], name="bias")
    with GradientTape() as tape:
        loss = used * used
    gradients = tape.gradient(loss, [used, unused])
    refused(
        list(zip(gradients, [used, unused], strict=True)),
        UnwatchedError,
        r"no gradient for variable 'bias' \(shape \(1,\), trainable=True\): the loss does not depend on it. Either it "
        r"was not used",
    )


def test_an_integer_variable_has_no_gradient():
    refused(
        [(None, Variable([1, 2], name="steps"))],
        DtypeError,
        r"variable 'steps' \(shape \(2,\)\) has the integer or boolean dtype int64",
    )


def test_pairs_that_do_not_fit():
    w = Variable([1.0, 2.0], name="w")
    refused(
        [(np.ones(2), Variable([0.0, 0.0])), (np.ones(3), w)],
        ShapeError,
        r"variable 'w' has shape \(2,\): received a gradient of shape \(3,\)",
    )
    refused([(np.ones(2), w), (np.ones(2), w)], ArgumentError, "a variable more than once")
    refused([(w, np.ones(2))], OperandError, r"received a ndarray in the place of the variable. Zip gradients first")
    refused([(np.ones(2) * 1j, w)], DtypeError, "real dtype float64: received a gradient of dtype complex128")
    refused([], ArgumentError, "received no variables")
    for wrong, message in (
        ([w], r"received a Variable of shape \(2,\) at position 0\."),
        ([(np.ones(2), w), (w,)], r"received a tuple of length 1 at position 1\."),
        ([3], r"received 3 at position 0\."),
        (w, r"as zip\(gradients, weights\) makes them: received a Variable of shape \(2,\)\."),
        (None, r"received None\."),
    ):
        with pytest.raises(OperandError, match=message):
            SGD().apply_gradients(wrong)
    with pytest.raises(ShapeError, match=r"received 1 and 2"):
        SGD().apply([np.ones(2)], [w, w])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(-1.0), "a learning rate is a finite number that is not negative, or a schedule: received -1.0"),
        (lambda: SGD("fast"), "received 'fast'"),
        (lambda: SGD(momentum=1.5), "momentum is at least 0 and at most 1: received 1.5"),
        (lambda: Adam(beta_1=1.0), "beta_1 is at least 0 and less than 1: received 1.0"),
        (lambda: RMSprop(epsilon=0), "epsilon is a positive number: received 0"),
        (lambda: SGD(clipnorm=1.0, clipvalue=2.0), "at most one of .* received clipnorm=1.0, clipvalue=2.0"),
        (lambda: SGD(clipnorm=-1), "clipnorm is None or a number that is not negative: received -1"),
        (lambda: SGD(lambda step: -1.0).learning_rate, "finite number .* received -1.0 returned by the schedule"),
        (lambda: SGD(np.ones(2)), "a learning rate is a finite number .* received array"),
        (
            lambda: optimizers.get("adamw"),
            r"named 'adamw'. Those there are: adagrad, adam, rmsprop, sgd\. Did you mean 'adam'\?",
        ),
    ],
)
def test_arguments_that_are_not_allowed(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


def test_an_unknown_argument_is_named_with_the_class_that_was_called():
    with pytest.raises(
        OperandError,
        match=r"^SGD takes no argument 'lr'\. Those it takes: learning_rate, momentum, nesterov, weight_decay, "
        r"clipnorm, clipvalue, global_clipnorm, "
        r"name\. Did you mean 'learning_rate'\?$",
    ):
        SGD(lr=0.1)

    class Mine(Adam):
        pass

    with pytest.raises(OperandError, match=r"^Mine takes no argument 'beta1'\. .*Did you mean 'beta_1'\?$"):
        Mine(beta1=0.1)


def test_optimizers_by_name():
    assert isinstance(optimizers.get("RMSprop"), RMSprop)
    assert isinstance(optimizers.get("SGD"), SGD)
    with pytest.raises(OperandError, match=r"an optimizer is given by its name or as an object of class Optimizer"):
        optimizers.get(lambda: None)


def test_defaults_are_those_of_keras():
    assert (SGD().learning_rate, SGD().momentum, SGD().nesterov) == (0.01, 0.0, False)
    r = RMSprop()
    assert (r.learning_rate, r.rho, r.momentum, r.epsilon, r.centered) == (0.001, 0.9, 0.0, 1e-7, False)
    a = Adam()
    assert (a.learning_rate, a.beta_1, a.beta_2, a.epsilon, a.amsgrad) == (0.001, 0.9, 0.999, 1e-7, False)
    assert (Adagrad().learning_rate, Adagrad().initial_accumulator_value, Adagrad().epsilon) == (0.001, 0.1, 1e-7)
