"""Steps of training, evaluation and prediction as programs: the same numbers as the steps themselves, whatever changes
between two of them.
"""

import copy

import numpy as np
import pytest
from steps import LABELS, ONE_HOT, RNG, X, assert_same, both, fitted, network, programs_of

import autograd.numpy as anp
import nn
from autograd.errors import OperandError
from nn.callbacks import LambdaCallback
from nn.errors import ArgumentError
from nn.layers import Dense, Dropout, Flatten, Input
from nn.models import Sequential
from nn.optimizers import SGD, Adagrad, Adam, RMSprop
from nn.regularizers import L1L2, L2

pytestmark = pytest.mark.usefixtures("programs_at_once")

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
        found.compile(make(), "sparse_categorical_crossentropy", metrics=["accuracy"], jit=jit)
        return found

    first, second, fast, slow = both(model, fitted)
    assert_same(first, second, fast, slow)
    assert fast.optimizer.iterations == slow.optimizer.iterations == 15
    for one, other in zip(fast.optimizer._slots.values(), slow.optimizer._slots.values(), strict=True):
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
        (
            lambda y, p: anp.mean((y - p) ** 4, axis=-1),
            None,
            4,
            ONE_HOT,
            [lambda y, p: np.abs(np.asarray(y) - np.asarray(p)).max(axis=-1)],
        ),
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_losses_and_metrics(loss, last, units, y, metrics, weighted):
    def model(jit):
        found = network(last, units)
        found.compile("adam", copy.deepcopy(loss), metrics=list(metrics), jit=jit)
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
        found = Sequential(
            [
                Input((2, 3), dtype="float64"),
                Flatten(),
                Dense(3, activation="gelu", dtype="float64"),
                Dense(4, dtype="float32"),
            ]
        )
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
        hidden = (
            Dense(400, activation="gelu", dtype=dtype, kernel_regularizer=L2(0.01)),
            Dropout(0.2, dtype=dtype),
            Dense(200, "relu", dtype=dtype),
        )
        found = Sequential([Input((300,), dtype=dtype), *hidden, Dense(10, activation="softmax", dtype=dtype)])
        found.compile(
            Adam(0.001, amsgrad=True, weight_decay=0.01, global_clipnorm=0.5),
            "sparse_categorical_crossentropy",
            metrics=["accuracy"],
            jit=jit,
        )
        return found

    first, second, fast, slow = both(make, lambda model: fitted(model, x, labels, batch_size=48))
    assert [program.numba for program in programs_of(fast)] == [None] * len(programs_of(fast)) != []
    for one, other in zip(fast.get_weights(), slow.get_weights(), strict=True):
        assert np.abs(one - other).max() <= most * np.abs(other).max()
    np.testing.assert_allclose(first["loss"], second["loss"], rtol=most)


def test_machine_code(monkeypatch, tmp_path):
    pytest.importorskip("numba")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def make(jit):
        found = network(kernel_regularizer=L2(0.01))
        found.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], jit="numba" if jit else False)
        return found

    first, second, fast, slow = both(make, fitted)
    assert_same(first, second, fast, slow)
    assert all(program.numba for program in programs_of(fast))


def test_machine_code_needs_numba(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(OperandError, match="numba"):
        network().compile(jit="numba")


# ------------------------------------------------------------------------------------------- what changes between steps
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
        found.compile(Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"], jit=jit)
        return found

    def run(found):
        nonlocal model
        model = found
        return fitted(found, epochs=6, callbacks=LambdaCallback(on_train_batch_end=changed))

    model = None
    first, second, fast, slow = both(make, run)
    assert_same(first, second, fast, slow)
    for model in (fast, slow):
        assert [each.steps for each in model.optimizer._slots.values()] == [15] * 2 + [30] * 2


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
    with pytest.raises(ArgumentError, match=r"^jit is True, False, \"numba\" or \"check\": received 'yes'\.$"):
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
