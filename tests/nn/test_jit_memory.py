"""Steps as programs: the memory that they need, and what they ask the world."""

import tracemalloc

import numpy as np
import pytest
from steps import LABELS, RNG, X, network, programs_of

import autograd
import autograd.numpy as anp
from autograd import Variable
from autograd.errors import OperandError
from autograd.extend import ask, at_end, tracing, untraced
from nn.layers import Dense, Input
from nn.models import Sequential
from nn.optimizers import SGD, Adam
from nn.regularizers import L2

pytestmark = pytest.mark.usefixtures("programs_at_once")


# ------------------------------------------------------------------------------------------------------- memory
def test_weights_and_state_lie_side_by_side_and_a_step_allocates_no_array():
    model = Sequential([Input((100,)), Dense(200, activation="relu"), Dense(10, activation="softmax")])
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    batch = autograd.Tensor(RNG.normal(size=(64, 100)).astype(np.float32)), autograd.Tensor(RNG.integers(0, 10, 64))
    for _ in range(4):
        model.train_step(batch)
    addresses = [weight.numpy().__array_interface__["data"][0] for weight in model.weights]
    assert np.diff(addresses).tolist() == [weight.nbytes for weight in model.weights[:-1]]
    (program,) = programs_of(model)
    source = program.source(*batch)
    assert "copy()" not in "".join(line for line in source.splitlines() if "dense" in line)
    assert "isfinite" not in source  # which a cotangent of relu does not need
    tracemalloc.start()
    try:
        model.train_step(batch)
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        model.train_step(batch)
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    # The smallest array of weights but for the biases takes 8,000 bytes, that of a hidden layer 51,200. NumPy
    # takes a buffer of its own for an operand that is broadcast: 8,192 elements.
    assert peak < 8192 * 4 + 8000


def test_losses_that_layers_added_are_not_those_of_an_old_step():
    model = network(activity_regularizer=L2(0.1), kernel_regularizer=L2(0.1))
    model.compile(SGD(0.1), "sparse_categorical_crossentropy")
    model.train_on_batch(X, LABELS)
    assert len(model.losses) == 2
    for _ in range(3):
        model.train_on_batch(X, LABELS)
        assert len(model.losses) == 1  # that of the weights as they are
    model(X)
    assert len(model.losses) == 2


def test_batches_of_many_sizes_are_predicted_without_a_word():
    model = network()
    for count in range(1, 45):
        assert model.predict(X[:count]).shape == (count, 4)
        assert model.predict(X[:count]).shape == (count, 4)


# ---------------------------------------------------------------------------------------- what a program asks the world
def test_what_is_asked_and_what_is_hidden():
    asked, done, seen = [], [], []
    rate = Variable(0.5)

    def told():
        asked.append(rate.item())  # a read that must not steer the program
        return np.float64(asked[-1])

    @autograd.compile
    def f(x):
        seen.append(tracing())
        with untraced():
            done.append(rate.item())
        result = x * ask(told)
        at_end(lambda: rate.assign(rate.item() + 1))
        return result

    with pytest.warns(
        UserWarning, match="changes '(done|seen)'"
    ) as caught:  # and not of `asked`, which is changed at each call
        assert [f(np.float64(2.0)).item() for _ in range(3)] == [1.0, 3.0, 5.0]
    assert sorted(str(each.message).split()[4] for each in caught) == ["'done',", "'seen',"]
    assert (f.traces, asked, done, seen, rate.item()) == (1, [0.5, 1.5, 2.5], [0.5], [True], 3.5)
    assert not tracing()


def test_squares_in_another_dtype_are_added_up_in_it():
    g = np.full(8, 1e30, np.float32)
    norm = autograd.compile(lambda g: anp.sqrt(anp.sum(anp.square(g, dtype=np.float64))))
    assert [norm(g).item() for _ in range(2)] == [pytest.approx(np.sqrt(8) * 1e30, rel=1e-6)] * 2


@pytest.mark.parametrize(
    "f",
    [
        lambda x, m: anp.sum(x * m, axis=0),
        lambda x, m: x / (m + 1.0) + anp.multiply(m, 1.5, dtype=np.float32),
        lambda x, m: (x > m) & m,
        lambda x, m: anp.ldexp(x, m.astype(np.int32)),
        lambda x, m: anp.sqrt(m.astype(np.int64) + 3),
        lambda x, m: x * 1j + m,
    ],
)
def test_operands_of_several_dtypes(f):
    x, m = RNG.normal(size=(300, 70)).astype(np.float32), RNG.random((300, 70)) > 0.5
    expected = f(autograd.Tensor(x), autograd.Tensor(m)).numpy()
    program = autograd.compile(f)
    for _ in range(2):
        found = program(x, m)
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)


def test_an_optimizer_without_a_model():
    def trained(compiled):
        rng = np.random.default_rng(3)
        weights = [Variable(rng.normal(size=shape)) for shape in ((3, 2), (2,), (4,))]
        optimizer = Adam(0.1)

        def step(x):
            with autograd.GradientTape() as tape:
                loss = anp.sum((x @ weights[0] + weights[1]) ** 2) + anp.sum(weights[2] ** 2)
            optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
            return loss

        run = autograd.compile(step) if compiled else step
        losses = [float(np.asarray(run(X[:, :3].astype(float)))) for _ in range(4)]
        # One of them takes a step alone: from then on it has another count of steps.
        optimizer.apply_gradients([(np.ones(4), weights[2])])
        losses += [float(np.asarray(run(X[:, :3].astype(float)))) for _ in range(4)]
        return losses, [w.numpy().copy() for w in weights], run

    losses, weights, run = trained(True)
    expected, others, _ = trained(False)
    np.testing.assert_allclose(losses, expected, rtol=1e-12)
    for one, other in zip(weights, others, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    assert run.traces == 2


def test_pairs_that_do_not_fit_are_refused_in_a_program_too():
    optimizer = SGD(0.1)
    with pytest.raises(OperandError, match="in the place of the variable"):
        autograd.compile(lambda x: optimizer.apply_gradients([(x, x)]))(np.ones(3))
