"""Steps of training, evaluation and prediction as programs: the same numbers as the steps themselves, whatever changes between two of them."""

import copy
import tracemalloc
import warnings

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
import nn
from autograd import Variable
from autograd.errors import OperandError
from autograd.extend import InPlace, ask, at_end, tracing, untraced
from nn.callbacks import LambdaCallback
from nn.errors import ArgumentError
from nn.layer import Layer
from nn.layers.core import Dense, Dropout, Flatten, Input
from nn.metrics import MeanMetricWrapper, Metric
from nn.model import Model, Sequential
from nn.optimizers import SGD, Adagrad, Adam, Optimizer, RMSprop
from nn.random import set_random_seed
from nn.regularizers import L1L2, L2

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 6)).astype(np.float32)
LABELS = RNG.integers(0, 4, 50)
ONE_HOT = np.eye(4, dtype=np.float32)[LABELS]


def network(last="softmax", units=4, dropout=0.0, **options):
    layers = [Input((6,)), Dense(8, activation="relu", **options), *([Dropout(dropout)] if dropout else []), Dense(units, activation=last)]
    return Sequential(layers)


def both(make, run):
    """Build, compile and run a model with programs and without, from the same seed; return what each run returned, and the two models."""
    found = []
    for jit in (True, False):
        set_random_seed(7)
        model = make(jit)
        found.append((run(model), model))
    (first, fast), (second, slow) = found
    return first, second, fast, slow


def assert_same(first, second, fast, slow):
    """Check that two runs came to the same, and that one of them did so by programs and the other not."""
    assert programs_of(fast)
    assert not programs_of(slow)
    for one, other in zip(fast.get_weights(), slow.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-6)
    assert first.keys() == second.keys()
    for name in first:
        np.testing.assert_allclose(first[name], second[name], rtol=2e-5, atol=2e-6, err_msg=name)


def programs_of(model):
    """Return the programs of a model that have been written."""
    steps = vars(model).get("_steps", {})
    return [program.compiled for step in steps.values() for program in step._programs.values() if program.compiled is not None]


def fitted(model, x=X, y=LABELS, **options):
    return model.fit(x, y, **{"batch_size": 10, "epochs": 3, "verbose": 0, **options}).history


OPTIMIZERS = [
    lambda: SGD(0.1),
    lambda: SGD(0.1, momentum=0.9),
    lambda: SGD(0.1, momentum=0.9, nesterov=True),
    lambda: RMSprop(0.01),
    lambda: RMSprop(0.01, momentum=0.5, centered=True),
    lambda: Adagrad(0.1),
    lambda: Adam(0.01),
    lambda: Adam(0.01, amsgrad=True),
    lambda: Adam(lambda step: 0.05 / (1 + step), weight_decay=0.1),
    lambda: SGD(0.1, clipvalue=0.01),
    lambda: SGD(0.1, clipnorm=0.1),
    lambda: Adam(0.01, global_clipnorm=0.1),
    lambda: SGD(0.1, clipnorm=0.0),
]


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_optimizers(make):
    def model(jit):
        found = network()
        found.compile(make(), "sparse_categorical_crossentropy", ["accuracy"], jit=jit)
        return found

    first, second, fast, slow = both(model, fitted)
    assert_same(first, second, fast, slow)
    assert fast.optimizer.iterations == slow.optimizer.iterations == 15
    for one, other in zip(fast.optimizer._followed.values(), slow.optimizer._followed.values(), strict=True):
        assert one.steps == other.steps == 15
        for a, b in zip(one.state, other.state, strict=True):
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize(
    ("loss", "last", "units", "y", "metrics"),
    [
        ("mse", None, 4, ONE_HOT, ["mae", "mse", "accuracy"]),
        ("mae", "tanh", 1, LABELS.astype(float), ["mae"]),
        ("categorical_crossentropy", "softmax", 4, ONE_HOT, ["accuracy", "categorical_crossentropy"]),
        (nn.losses.CategoricalCrossentropy(label_smoothing=0.1), "softmax", 4, ONE_HOT, ["categorical_accuracy"]),
        ("sparse_categorical_crossentropy", "softmax", 4, LABELS[:, None], ["accuracy"]),
        ("sparse_categorical_crossentropy", "softmax", 4, LABELS.astype(np.float32), ["sparse_categorical_accuracy"]),
        (nn.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=2), None, 4, LABELS, []),
        ("binary_crossentropy", "sigmoid", 1, (LABELS > 1).astype(int), ["accuracy", "binary_accuracy"]),
        (nn.losses.BinaryCrossentropy(from_logits=True), None, 4, ONE_HOT, ["accuracy"]),
        (lambda y, p: anp.mean((y - p) ** 4, axis=-1), None, 4, ONE_HOT, [lambda y, p: np.abs(np.asarray(y) - np.asarray(p)).max(axis=-1)]),
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_losses_and_metrics(loss, last, units, y, metrics, weighted):
    def model(jit):
        found = network(last, units)
        found.compile("adam", copy.deepcopy(loss), list(metrics), jit=jit)
        return found

    weights = np.linspace(0.0, 2.0, 50) if weighted else None

    def run(model):
        history = fitted(model, y=y, sample_weight=weights, validation_split=0.3, batch_size=7)
        return history | {"evaluate": model.evaluate(X, y, 16, 0), "predict": model.predict(X, 16)}

    assert_same(*both(model, run))


@pytest.mark.parametrize(
    "options",
    [
        {"dropout": 0.3},
        {"kernel_regularizer": L2(0.01), "bias_regularizer": L1L2(0.01, 0.02)},
        {"activity_regularizer": L2(0.01), "dropout": 0.5},
    ],
)
def test_layers_with_more_than_weights(options):
    def model(jit):
        found = network(**copy.deepcopy(options))
        found.compile(SGD(0.1), "sparse_categorical_crossentropy", jit=jit)
        return found

    assert_same(*both(model, lambda model: fitted(model, class_weight={0: 2.0, 3: 0.5})))


def test_dropout_draws_anew_at_each_step():
    model = Sequential([Input((1000,)), Dropout(0.5, seed=1), Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile(SGD(0.0), "mse")
    losses = [model.train_on_batch(np.ones((2, 1000)), np.zeros((2, 1))) for _ in range(6)]
    assert len(set(losses)) == 6
    assert programs_of(model)


def test_float64_weights_and_flattened_images():
    def model(jit):
        found = Sequential([Input((2, 3), dtype="float64"), Flatten(), Dense(3, activation="gelu", dtype="float64"), Dense(4, dtype="float32")])
        found.compile("adam", "mse", jit=jit)
        return found

    first, second, fast, slow = both(model, lambda model: fitted(model, X.reshape(-1, 2, 3), ONE_HOT))
    assert_same(first, second, fast, slow)
    assert [w.dtype.name for w in fast.weights] == ["float64"] * 2 + ["float32"] * 2


@pytest.mark.parametrize(("dtype", "most"), [("float32", 2e-6), ("float64", 1e-14)])
def test_arrays_that_are_computed_in_blocks(dtype, most):
    """A network of 200,000 weights, whose update is a loop over blocks of what lies side by side."""
    x, labels = RNG.normal(size=(120, 300)), RNG.integers(0, 10, 120)

    def make(jit):
        hidden = Dense(400, activation="gelu", dtype=dtype, kernel_regularizer=L2(0.01)), Dropout(0.2, dtype=dtype), Dense(200, "relu", dtype=dtype)
        found = Sequential([Input((300,), dtype=dtype), *hidden, Dense(10, activation="softmax", dtype=dtype)])
        found.compile(Adam(0.001, amsgrad=True, weight_decay=0.01, global_clipnorm=0.5), "sparse_categorical_crossentropy", ["accuracy"], jit=jit)
        return found

    first, second, fast, slow = both(make, lambda model: fitted(model, x, labels, batch_size=48))
    assert programs_of(fast)
    for one, other in zip(fast.get_weights(), slow.get_weights(), strict=True):
        assert np.abs(one - other).max() <= most * np.abs(other).max()
    np.testing.assert_allclose(first["loss"], second["loss"], rtol=most)


def test_machine_code(monkeypatch, tmp_path):
    pytest.importorskip("numba")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def make(jit):
        found = network(kernel_regularizer=L2(0.01))
        found.compile("adam", "sparse_categorical_crossentropy", ["accuracy"], jit="numba" if jit else False)
        return found

    first, second, fast, slow = both(make, fitted)
    assert_same(first, second, fast, slow)
    assert all(program.numba for program in programs_of(fast))


def test_machine_code_needs_numba(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(OperandError, match="numba"):
        network().compile(jit="numba")


# ------------------------------------------------------------------------------------------------------- what changes between steps
def test_what_callbacks_change_has_its_effect():
    def changed(step, logs):
        if step == 2:
            model.optimizer.learning_rate *= 0.1
        if step == 3:
            model.set_weights([weight * 0.5 for weight in model.get_weights()])
        if step == 4:
            model.layers[0].trainable = not model.layers[0].trainable

    def make(jit):
        found = network(kernel_regularizer=L2(0.1))
        found.compile(Adam(0.05), "sparse_categorical_crossentropy", ["accuracy"], jit=jit)
        return found

    def run(found):
        nonlocal model
        model = found
        return fitted(found, epochs=6, callbacks=LambdaCallback(on_train_batch_end=changed))

    model = None
    first, second, fast, slow = both(make, run)
    assert_same(first, second, fast, slow)
    for model in (fast, slow):
        assert [each.steps for each in model.optimizer._followed.values()] == [15] * 2 + [30] * 2


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        (lambda model: setattr(model.layers[1], "rate", 0.0), True),
        (lambda model: setattr(model.layers[0].kernel_regularizer, "l2", 5.0), True),
        (lambda model: setattr(model.layers[0], "activation", anp.tanh), True),
        (lambda model: setattr(model.layers[0], "trainable", False), True),
        (lambda model: setattr(model.layers[2].bias, "trainable", False), True),
        (lambda model: setattr(model.optimizer, "clipvalue", 1e-4), True),
        (lambda model: setattr(model.optimizer, "weight_decay", 0.5), True),
        (lambda model: model.loss.options.update(from_logits=True), True),
        (lambda model: setattr(model.layers[0].bias, "name", "other"), False),
    ],
)
def test_a_program_holds_for_the_settings_it_was_written_with(change, differs):
    def make(jit):
        found = network(dropout=0.2, kernel_regularizer=L2(0.01))
        found.compile(SGD(0.1), nn.losses.SparseCategoricalCrossentropy(), jit=jit)
        return found

    def run(model, changes):
        for step in range(8):
            if step == 4 and changes:
                change(model)
            model.train_on_batch(X, LABELS)
        return {"loss": model.evaluate(X, LABELS, 50, 0)}

    assert_same(*both(make, lambda model: run(model, True)))
    changed, *_ = both(make, lambda model: run(model, True))
    unchanged, *_ = both(make, lambda model: run(model, False))
    assert (changed != unchanged) == differs


def test_settings_that_come_back_have_their_program():
    model = network()
    model.compile(SGD(0.1), "sparse_categorical_crossentropy")
    for step in range(12):
        model.layers[0].trainable = step % 2 == 0
        model.train_on_batch(X, LABELS)
    assert [program.traces for program in programs_of(model)] == [1, 1]


def test_compile_begins_anew():
    model = network()
    model.compile(SGD(0.1), "sparse_categorical_crossentropy")
    for _ in range(3):
        model.train_on_batch(X, LABELS)
    assert len(programs_of(model)) == 1
    model.compile(SGD(0.1), "sparse_categorical_crossentropy", jit=False)
    assert not programs_of(model)
    with pytest.raises(ArgumentError, match=r"^jit is True, False or \"numba\": received 'yes'\.$"):
        model.compile(jit="yes")


def test_steps_with_and_without_a_program_share_their_state():
    def make(jit):
        found = network()
        found.compile(Adam(0.01), "sparse_categorical_crossentropy", jit=jit)
        return found

    def run(model, switches):
        for step in range(12):
            if switches:
                model.jit = step % 5 > 1
            model.train_on_batch(X[: 50 - step % 2], LABELS[: 50 - step % 2])
        return {}

    mixed, *_, slow = both(make, lambda model: run(model, not model.optimizer.iterations and model.jit))
    _, _, fast, _ = both(make, lambda model: run(model, True))
    for one, other in zip(fast.get_weights(), slow.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-6)
    assert mixed == {}


def test_a_copy_of_a_model_trains_on_its_own():
    model = network()
    model.compile(SGD(0.1), "sparse_categorical_crossentropy")
    for _ in range(3):
        model.train_on_batch(X, LABELS)
    before = model.get_weights()
    other = copy.deepcopy(model)
    for _ in range(3):
        other.train_on_batch(X, LABELS)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), before, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(other.get_weights(), before, strict=True))


# ------------------------------------------------------------------------------------------------------- errors, and what no program can repeat
def test_labels_are_checked_at_every_step():
    model = network()
    model.compile(SGD(0.1), "sparse_categorical_crossentropy", ["accuracy"])
    for _ in range(4):
        model.train_on_batch(X, LABELS)
    before = model.get_weights()
    with pytest.raises(ArgumentError, match=r"^labels are from 0 to 3 for 4 classes .*received 9 at position 3\. Widen the last layer"):
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
    with pytest.raises(ArgumentError, match=r"^binary_crossentropy needs probabilities, from 0 to 1: received y_pred with values from 3 to 3\."):
        model.train_on_batch(np.full((5, 2), 3.0), np.ones((5, 2)))


def test_a_model_whose_way_depends_on_values():
    class Branching(Model):
        def __init__(self):
            super().__init__()
            self.small, self.large = Dense(4, activation="tanh"), Dense(4)

        def call(self, inputs):
            return self.small(inputs) + self.large(inputs) if np.sum(inputs) > 0 else self.large(inputs) + 0 * self.small(inputs)

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
    assert [model.predict(rows)[0, 0].item() for _ in range(8)] == [2.0, 1.0] * 4


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
        found.compile(SGD(0.1), "sparse_categorical_crossentropy", [Batches(), "accuracy", doubled], jit=jit)
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
        found.compile(SGD(0.1), "sparse_categorical_crossentropy", ["accuracy"], jit=jit)
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


# ------------------------------------------------------------------------------------------------------- memory
def test_weights_and_state_lie_side_by_side_and_a_step_allocates_no_array():
    model = Sequential([Input((100,)), Dense(200, activation="relu"), Dense(10, activation="softmax")])
    model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])
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
    # The smallest array of weights but for the biases takes 8,000 bytes, that of a hidden layer 51,200. What there is, is a buffer of NumPy's
    # own for an operand that is broadcast: 8,192 elements.
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


# ------------------------------------------------------------------------------------------------------- what a program asks the world
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

    assert [f(np.float64(2.0)).item() for _ in range(3)] == [1.0, 3.0, 5.0]
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
