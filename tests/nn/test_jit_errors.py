"""Steps as programs: errors, and what no program can repeat."""

import warnings

import numpy as np
import pytest
from steps import LABELS, ONE_HOT, X, assert_same, both, fitted, network, programs_of

import autograd
import autograd.numpy as anp
import nn
from autograd.errors import CompileWarning
from autograd.extend import InPlace, ask
from nn.errors import ArgumentError
from nn.layers import Dense, Dropout, Input
from nn.layers.base import Layer
from nn.metrics import MeanMetricWrapper, Metric
from nn.models import Model, Sequential
from nn.optimizers import SGD, Optimizer

pytestmark = pytest.mark.usefixtures("programs_at_once")


# ------------------------------------------------------------------------------- errors, and what no program can repeat
def test_labels_are_checked_at_every_step():
    model = network()
    model.compile(SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    for _ in range(4):
        model.train_on_batch(X, LABELS)
    before = model.get_weights()
    with pytest.raises(
        ArgumentError, match=r"^labels are from 0 to 3 for 4 classes .*received 9 at position 3\. Widen the last layer"
    ):
        model.train_on_batch(X, np.where(np.arange(50) == 3, 9, LABELS))
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), before, strict=True))
    model.train_on_batch(X, LABELS)
    assert [program.traces for program in programs_of(model)] == [2]


def test_probabilities_are_checked_at_every_step():
    class Raw(Model):
        def call(self, inputs):
            return inputs * self.factor

        def build(self, input_shape):
            self.factor = self.add_weight(initializer="ones")

    model = Raw()
    model.compile(SGD(0.0), "binary_crossentropy")
    for _ in range(4):
        model.train_on_batch(np.full((5, 2), 0.5), np.ones((5, 2)))
    with pytest.raises(
        ArgumentError,
        match=r"^binary_crossentropy needs probabilities, from 0 to 1: received y_pred with values from 3 to 3\.",
    ):
        model.train_on_batch(np.full((5, 2), 3.0), np.ones((5, 2)))


def test_a_model_whose_way_depends_on_values():
    class Branching(Model):
        def __init__(self):
            super().__init__()
            self.small, self.large = Dense(4, activation="tanh"), Dense(4)

        def call(self, inputs):
            return (
                self.small(inputs) + self.large(inputs)
                if np.sum(inputs) > 0
                else self.large(inputs) + 0 * self.small(inputs)
            )

    def make(jit):
        found = Branching()
        found.compile(SGD(0.1), "mse", jit=jit)
        return found

    def run(model):
        return {"losses": [model.train_on_batch(X * sign, ONE_HOT) for sign in (1, 1, 1, -1, 1, -1, -1)]}

    first, second, fast, slow = both(make, run)
    assert_same(first, second, fast, slow)
    assert [program.traces for program in programs_of(fast)] == [2]


def test_a_step_that_no_program_can_repeat_runs_as_it_is_after_one_warning():
    class Counting(Layer):
        def build(self, input_shape):
            self.calls = self.add_weight(trainable=False, name="calls")

        def call(self, inputs):
            with self.calls.writing() as buffer:
                buffer += 1
            return inputs

    model = Sequential([Input((6,)), Counting(), Dense(4)])
    model.compile(SGD(0.1), "mse")
    model.layers[0].calls.assign(0.0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for step in range(6):
            model.train_on_batch(X[: 50 - step % 2], ONE_HOT[: 50 - step % 2])
    (warned,) = caught
    assert str(warned.message).startswith("compiled function _train runs as it is for these arguments")
    assert f"variable {model.layers[0].calls.name!r} lends out its buffer by writing()" in str(warned.message)
    assert model.layers[0].calls.item() == 6


def test_a_model_that_changes_its_own_attributes_runs_as_it_is():
    class Remembering(Layer):
        turn = False

        def call(self, inputs):
            self.turn = not self.turn
            return inputs * (2.0 if self.turn else 1.0)

    model = Sequential([Input((6,)), Remembering()])
    model.layers[0].turn = False
    rows = np.ones((3, 6))
    with pytest.warns(CompileWarning, match=r"it changes 'self\._layers\.turn', which is outside of it"):
        found = [model.predict(rows)[0, 0].item() for _ in range(8)]
    assert found == [2.0, 1.0] * 4


@pytest.mark.parametrize(
    ("source", "repeats"),
    [
        (lambda layer, shape: np.random.normal(size=shape), False),
        (lambda layer, shape: layer.own.normal(size=shape), False),
        (lambda layer, shape: nn.random.generator().normal(size=shape), False),
        (lambda layer, shape: anp.random.normal(size=shape), True),
        (lambda layer, shape: anp.random.normal(size=5)[0], True),
        (lambda layer, shape: anp.random.default_rng(layer.own).normal(size=shape), True),
        (lambda layer, shape: ask(lambda: layer.own.normal(size=shape)), True),
    ],
)
def test_noise_is_another_one_in_each_step(source, repeats):
    class Noise(Layer):
        own = None

        def call(self, inputs):
            return inputs + source(self, inputs.shape)

    noise = Noise()
    noise.own = np.random.default_rng(0)
    model = Sequential([Input((6,)), Dropout(0.5), noise])
    model.compile(SGD(0.1), "mse")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        losses = [model.evaluate(X, X, 50, 0) for _ in range(6)]
    assert len(set(losses)) == 6
    assert ["draws random numbers from NumPy" in str(each.message) for each in caught] == [True] * (not repeats)


def test_metrics_of_ones_own_see_every_batch():
    class Batches(Metric):
        count = 0

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.count += 1

        def result(self):
            return float(self.count)

        def reset_state(self):
            self.count = 0

    class Doubled(MeanMetricWrapper):
        def update_state(self, y_true, y_pred, sample_weight=None):
            super().update_state(y_true, y_pred, sample_weight)
            self.seen = getattr(self, "seen", 0) + 1

    def make(jit):
        found = network()
        doubled = Doubled(nn.metrics.sparse_categorical_accuracy, "doubled")
        found.compile(SGD(0.1), "sparse_categorical_crossentropy", metrics=[Batches(), "accuracy", doubled], jit=jit)
        return found

    first, second, fast, slow = both(make, fitted)
    assert_same(first, second, fast, slow)
    assert first["batches"] == [5.0] * 3
    assert fast.metrics[-1].seen == slow.metrics[-1].seen == 15


def test_methods_of_a_subclass():
    class Own(Sequential):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return super().compute_loss(x, y, y_pred, sample_weight, training) * 3.0

        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            return super().compute_metrics(x, y, y_pred, sample_weight) | {"largest": float(np.max(y_pred.numpy()))}

    def make(jit):
        found = Own([Input((6,)), Dense(4, activation="softmax")])
        found.compile(SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"], jit=jit)
        return found

    first, second, fast, slow = both(make, fitted)
    assert_same(first, second, fast, slow)
    assert set(first) == {"loss", "accuracy", "largest"}


class Lion(Optimizer):
    """Signs of a moving average, written for arrays (Chen et al., 2023)."""

    def make_state(self, weight):
        return [np.zeros_like(weight)]

    def step(self, w, g, state, scratch, constants):
        (rate,), (m,), (t,) = constants, state, scratch
        np.multiply(m, 0.9, out=t)
        t += 0.1 * g
        np.sign(t, out=t)
        np.multiply(t, rate, out=t)
        w -= t
        m *= 0.99
        np.add(m, 0.01 * g, out=m)


class Wholesale(Lion):
    """One that looks at a whole array, which a program that joins variables cannot take."""

    def step(self, w, g, state, scratch, constants):
        w -= constants[0] * g / (1 + np.sum(g * g))


@pytest.mark.parametrize(("kind", "traced"), [(Lion, True), (Wholesale, False)])
def test_an_optimizer_of_ones_own(kind, traced):
    def make(jit):
        found = network()
        found.compile(kind(0.01), "sparse_categorical_crossentropy", jit=jit)
        return found

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert_same(*both(make, fitted))
    assert len(caught) == (not traced)


def test_what_stands_for_several_arrays():
    a = InPlace(autograd.Tensor([1.0, 2.0]))
    b = InPlace(autograd.Tensor([3.0, 4.0]))
    assert np.add(a, 1, out=b) is b
    assert b.tensor.tolist() == [2.0, 3.0]
    assert np.where(a > 1.5, a, -b).tensor.tolist() == [-2.0, 2.0]
    assert np.clip(a, 1.5, 3.0, out=b).tensor.tolist() == [1.5, 2.0]
    b *= 2
    assert b.tensor.tolist() == [3.0, 4.0]
    assert np.multiply(2.0, 3.0, out=b).tensor.tolist() == [6.0, 6.0]
    for refused in (
        lambda: np.add.reduce(a),
        lambda: np.sum(a),
        lambda: np.add(a, 1, out=b, where=[True, False]),
        lambda: np.asarray(a),
        lambda: bool(a),
        lambda: np.add(a, 1j, out=b),
        lambda: np.add(a, 1, out=np.zeros(2)),
    ):
        with pytest.raises(TypeError):
            refused()
    with pytest.raises(AttributeError):
        a.shape  # noqa: B018
