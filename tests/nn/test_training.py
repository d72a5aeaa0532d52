"""Training: compile, fit, evaluate, predict, and the step by hand."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

import nn
from autograd import GradientTape, Tensor, Variable
from autograd.errors import OperandError, ShapeError
from nn import layers, losses, metrics, optimizers
from nn.callbacks import EarlyStopping, LambdaCallback
from nn.errors import ArgumentError, StateError

RNG = np.random.default_rng(4)
X = RNG.normal(size=(50, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]]) + 0.3
LABELS = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)


def regression(**compile_arguments):
    model = nn.Sequential([nn.Input((3,)), nn.Dense(1)])
    model.compile(**{"optimizer": optimizers.SGD(0.1), "loss": "mse", **compile_arguments})
    return model


def classifier(optimizer="adam", **arguments):
    model = nn.Sequential(
        [nn.Input((3,)), nn.Dense(16, activation="relu"), nn.Dropout(0.2), nn.Dense(3, activation="softmax")]
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], **arguments)
    return model


# --------------------------------------------------------------------------------------------------- one step, and many
def test_an_epoch_is_gradient_descent_by_hand():
    model = regression()
    w, b = (value.astype(np.float64) for value in model.get_weights())
    history = model.fit(X, Y, batch_size=20, epochs=2, shuffle=False, verbose=0)
    seen = []
    for _ in range(2):
        total = 0.0
        for start in (0, 20, 40):
            x, y = X[start : start + 20], Y[start : start + 20]
            error = x @ w + b - y
            total += (error**2).sum()
            w = w - 0.1 * 2 * x.T @ error / len(x)
            b = b - 0.1 * 2 * error.sum(axis=0) / len(x)
        seen.append(total / 50)
    np.testing.assert_allclose(history.history["loss"], seen, rtol=1e-5)
    np.testing.assert_allclose(model.get_weights()[0], w, rtol=1e-5)
    np.testing.assert_allclose(model.get_weights()[1], b, rtol=1e-5)
    assert history.epoch == [0, 1]


def test_training_learns():
    nn.set_random_seed(0)
    model = classifier(optimizers.Adam(0.02))
    history = model.fit(X, LABELS, epochs=60, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0] / 3
    assert model.evaluate(X, LABELS, verbose=0)[1] > 0.9


def test_values_are_means_over_samples_whatever_the_batches():
    model = classifier()
    p = model.predict(X).astype(np.float64)
    expected = [-np.log(p[np.arange(50), LABELS]).mean(), (p.argmax(1) == LABELS).mean()]
    for batch_size in (7, 32, 50, 1000):
        np.testing.assert_allclose(model.evaluate(X, LABELS, batch_size=batch_size, verbose=0), expected, rtol=1e-5)
    assert model.evaluate(X, LABELS, verbose=0, return_dict=True).keys() == {"loss", "accuracy"}
    assert isinstance(regression().evaluate(X, Y, verbose=0), float)
    np.testing.assert_allclose(model.test_on_batch(X, LABELS), expected, rtol=1e-5)


def test_predict():
    model = regression()
    w, b = model.get_weights()
    for x in (X, X.tolist(), Tensor(X), X.astype(np.float32)):
        np.testing.assert_allclose(model.predict(x, batch_size=7), X @ w + b, rtol=1e-5, atol=1e-6)
    one = model.predict(X[:1])
    assert one.shape == (1, 1)
    assert one.dtype == np.float32
    one[0] = 5
    np.testing.assert_allclose(model.predict_on_batch(X), X @ w + b, rtol=1e-5, atol=1e-6)


def test_sample_weights_and_class_weights_scale_the_loss():
    weights = RNG.uniform(size=50)
    model = regression()
    error = (model.predict(X) - Y)[:, 0] ** 2
    assert model.evaluate(X, Y, sample_weight=weights, verbose=0) == pytest.approx((error * weights).mean(), rel=1e-5)
    a, b = classifier(), classifier()
    b.set_weights(a.get_weights())
    factors = {0: 2.0, 2: 0.0}
    by_class = a.train_on_batch(X, LABELS, class_weight=factors)
    by_sample = b.train_on_batch(X, LABELS, sample_weight=np.array([2.0, 1.0, 0.0])[LABELS])
    assert len(by_class) == len(by_sample) == 2
    no_dropout = [nn.Sequential([nn.Input((3,)), nn.Dense(3, "softmax")]) for _ in range(2)]
    no_dropout[1].set_weights(no_dropout[0].get_weights())
    for model in no_dropout:
        model.compile("sgd", "sparse_categorical_crossentropy")
    first = no_dropout[0].train_on_batch(X, LABELS, class_weight=factors)
    assert first == no_dropout[1].train_on_batch(X, LABELS, sample_weight=np.array([2.0, 1.0, 0.0])[LABELS])
    np.testing.assert_array_equal(no_dropout[0].get_weights()[0], no_dropout[1].get_weights()[0])


def test_penalties_are_part_of_the_loss_and_of_its_gradient():
    model = nn.Sequential([nn.Input((3,)), nn.Dense(1, use_bias=False, kernel_regularizer=nn.regularizers.L2(0.5))])
    model.compile(optimizers.SGD(0.1), "mse")
    (w,) = model.get_weights()
    error = X @ w - Y
    assert model.train_on_batch(X, Y) == pytest.approx((error**2).mean() + 0.5 * (w**2).sum(), rel=1e-5)
    np.testing.assert_allclose(model.get_weights()[0], w - 0.1 * (2 * X.T @ error / 50 + w), rtol=1e-4)


# --------------------------------------------------------------------------------------------------- repeatable
def test_a_seed_makes_a_run_repeat_bit_for_bit():
    runs = []
    for noise in (0, 3):
        RNG.normal(size=noise)
        np.random.default_rng().normal(size=noise)
        nn.Dense(noise + 1)(np.ones((1, 2)))
        nn.set_random_seed(123)
        model = classifier()
        history = model.fit(X, LABELS, epochs=3, batch_size=8, validation_split=0.2, verbose=0)
        runs.append((history.history, model.get_weights()))
    assert runs[0][0] == runs[1][0]
    for a, b in zip(runs[0][1], runs[1][1], strict=True):
        np.testing.assert_array_equal(a, b)
    nn.set_random_seed(124)
    assert (classifier().get_weights()[0] != runs[0][1][0]).any()
    with pytest.raises(ArgumentError, match=r"a seed is an integer from 0 to 2\*\*32 - 1: received -1"):
        nn.set_random_seed(-1)


def test_shuffling_changes_the_order_of_samples_only():
    class Watching(nn.Sequential):
        def train_step(self, data):
            seen.append(data[0].numpy().copy())
            np.testing.assert_allclose(data[1].numpy()[:, 0], data[0].numpy()[:, 0] * 2)
            return super().train_step(data)

    seen = []
    x = np.arange(10.0)[:, None]
    model = Watching([nn.Input((1,)), nn.Dense(1)])
    model.compile(optimizers.SGD(0.0), "mse")
    model.fit(x, 2 * x, batch_size=4, epochs=2, verbose=0)
    epochs = [np.concatenate(seen[i : i + 3])[:, 0] for i in (0, 3)]
    assert (epochs[0] != epochs[1]).any()
    for order in epochs:
        np.testing.assert_array_equal(np.sort(order), np.arange(10))
    seen.clear()
    model.fit(x, 2 * x, batch_size=4, verbose=0, shuffle=False)
    np.testing.assert_array_equal(np.concatenate(seen)[:, 0], np.arange(10))


# --------------------------------------------------------------------------------------------------- validation
def test_validation_takes_the_last_samples():
    model = regression(optimizer=optimizers.SGD(0.0))
    history = model.fit(X, Y, epochs=1, validation_split=0.3, verbose=0).history
    error = (model.predict(X) - Y) ** 2
    assert history["loss"][0] == pytest.approx(error[:35].mean(), rel=1e-5)
    assert history["val_loss"][0] == pytest.approx(error[35:].mean(), rel=1e-5)
    history = model.fit(X, Y, epochs=3, validation_data=(X[:5], Y[:5]), validation_freq=2, verbose=0).history
    assert history["val_loss"] == [pytest.approx(error[:5].mean(), rel=1e-5)]
    assert len(history["loss"]) == 3


@pytest.mark.parametrize(
    ("freq", "epochs"),
    [(1, [1, 2, 3, 4, 5]), (2, [2, 4]), ([1, 4], [1, 4]), ({5, 9}, [5]), (np.int64(3), [3]), (range(2, 4), [2, 3])],
)
def test_validation_follows_the_epochs_that_were_asked_for(freq, epochs):
    seen = []
    note = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch + 1) if "val_loss" in logs else None)
    history = (
        regression().fit(X, Y, epochs=5, validation_split=0.2, validation_freq=freq, verbose=0, callbacks=note).history
    )
    assert seen == epochs
    assert len(history["val_loss"]) == len(epochs)


# --------------------------------------------------------------------------------------- errors before anything changes
@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (
            {"x": X, "y": LABELS[:-1]},
            ShapeError,
            r"one row for each sample, as many each: received x of shape \(50, 3\), y of shape \(49,\)",
        ),
        ({"x": X[:0], "y": LABELS[:0]}, ShapeError, r"there are no samples: x has shape \(0, 3\)"),
        (
            {"x": X, "y": np.append(LABELS[:-1], 3)},
            ArgumentError,
            r"labels are from 0 to 2 for 3 classes .*: received 3 at position 49",
        ),
        ({"x": X, "y": None}, ArgumentError, "compares predictions with targets: pass y"),
        ({"x": X[:, :2], "y": LABELS}, ShapeError, r"^x of shape \(50, 2\) does not fit the model"),
        ({"x": X, "y": LABELS, "batch_size": -1}, ArgumentError, "batch_size is a positive integer: received -1"),
        ({"x": X, "y": LABELS, "epochs": 1.5}, ArgumentError, "epochs is a positive integer: received 1.5"),
        (
            {"x": X, "y": LABELS, "validation_split": 1.0},
            ArgumentError,
            "validation_split is at least 0 and less than 1: received 1.0",
        ),
        (
            {"x": X, "y": LABELS, "validation_split": 0.99},
            ArgumentError,
            "validation_split=0.99 of 50 samples leaves none on one side",
        ),
        ({"x": X, "y": LABELS, "validation_data": X}, ArgumentError, r"validation_data is \(x, y\) or"),
        ({"x": X, "y": LABELS, "validation_data": (X, LABELS + 1)}, ArgumentError, "received 3 at position"),
        ({"x": [[1, 2], [3]], "y": [0, 1]}, ShapeError, "x needs samples of one shape"),
        ({"x": np.array([["a"]]), "y": [0]}, OperandError, "x needs real numbers: received ndarray of dtype <U1"),
        ({"x": X, "y": LABELS, "callbacks": [EarlyStopping]}, OperandError, "Make it an object of the class first"),
        (
            {"x": X, "y": LABELS, "sample_weight": np.ones(50), "class_weight": {0: 1}},
            ArgumentError,
            "cannot both be given",
        ),
    ],
)
def test_errors_come_before_anything_changes(arguments, kind, message):
    model = classifier()
    before = model.get_weights()
    with pytest.raises(kind, match=message):
        model.fit(**arguments, verbose=0)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert model.optimizer.iterations == 0


def test_compile_says_what_is_wrong():
    model = nn.Sequential([nn.Dense(1)])
    for asked in (model.fit, model.evaluate, model.train_on_batch):
        with pytest.raises(StateError, match=r"is not compiled: call model.compile\(optimizer, loss, metrics\) before"):
            asked(X, Y)
    with pytest.raises(ArgumentError, match=r"has reduction=None"):
        model.compile("sgd", losses.MeanSquaredError(reduction=None))
    with pytest.raises(ArgumentError, match=r"'mae' stands there more than once"):
        model.compile("sgd", "mse", metrics=["mae", "mae"])
    model.compile("sgd")
    with pytest.raises(StateError, match=r"has nothing to minimise"):
        model.fit(X, Y, verbose=0)


# --------------------------------------------------------------------------------------------- targets meet predictions
@pytest.mark.parametrize(
    "loss", ["mse", lambda y, p: np.mean(np.square(y - p), axis=-1), lambda y, p: np.mean(np.square(y - p)), "class"]
)
def test_targets_without_the_last_axis_are_compared_with_their_own_predictions(loss):
    class Own(losses.Loss):
        def call(self, y_true, y_pred):
            shapes.add((y_true.shape, y_pred.shape))
            return np.mean(np.square(y_true - y_pred), axis=-1)

    def error(y_true, y_pred):
        shapes.add((y_true.shape, y_pred.shape))
        return np.mean(np.square(y_true - y_pred), axis=-1)

    class OwnMetric(metrics.Metric):
        total = 0.0

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.total = error(y_true, y_pred).numpy().sum()

        def result(self):
            return self.total

        def reset_state(self):
            self.total = 0.0

    shapes = set()
    a, b = (regression(loss=Own() if loss == "class" else loss, metrics=[error, OwnMetric()]) for _ in range(2))
    b.set_weights(a.get_weights())
    found = [
        model.fit(X, y, epochs=2, batch_size=25, shuffle=False, verbose=0).history
        for model, y in ((a, Y), (b, Y[:, 0]))
    ]
    assert found[0] == found[1]
    np.testing.assert_array_equal(a.get_weights()[0], b.get_weights()[0])
    assert shapes == {((25, 1), (25, 1))}
    assert a.evaluate(X, Y, verbose=0) == a.evaluate(X, Y[:, 0], verbose=0)


def test_a_loss_of_ones_own_may_take_targets_of_other_shapes():
    model = nn.Sequential([nn.Input((3,)), nn.Dense(3)])
    shapes = set()

    def sparse(y_true, y_pred):
        shapes.add(y_true.shape)
        return losses.sparse_categorical_crossentropy(y_true, y_pred, from_logits=True)

    # Three samples of three classes: the shapes (3,) and (3, 3) broadcast, and are not looked into.
    model.compile("sgd", sparse)
    model.fit(X[:3], LABELS[:3], verbose=0)
    model.fit(X[:3], LABELS[:3, None], verbose=0)
    assert shapes == {(3,), (3, 1)}
    # More numbers for a sample than are predicted.
    weighted = regression(loss=lambda y, p: np.mean(y[:, 1:] * np.square(y[:, :1] - p), axis=-1))
    assert np.isfinite(weighted.fit(X, np.hstack([Y, np.abs(Y)]), verbose=0).history["loss"]).all()


@pytest.mark.parametrize(("where", "kind"), [("loss", "loss"), ("metrics", "metric")])
def test_targets_that_would_meet_the_predictions_of_other_samples_are_refused(where, kind):
    difference = lambda y, p: np.mean(np.abs(y - p))  # noqa: E731
    model = nn.Sequential([nn.Input((4, 3)), nn.Dense(1)])  # one number for each of four steps

    class Unmoved(losses.Loss):
        def check(self, y_true, shape):
            pass

        def __call__(self, y_true, y_pred, sample_weight=None):
            return np.mean(np.square(y_pred))

    model.compile("sgd", **{"loss": Unmoved(), where: difference})
    message = (
        rf"the {kind} '<lambda>' would compare targets .* of other samples: "
        r"y_true of shape \(5,\) and y_pred of shape \(5, 4, 1\)"
    )
    with pytest.raises(ShapeError, match=message):
        model.fit(np.ones((5, 4, 3)), np.ones(5), verbose=0)
    assert model.optimizer.iterations == 0
    model.fit(np.ones((5, 4, 3)), np.ones((5, 4)), verbose=0)
    model.fit(np.ones((5, 4, 3)), np.ones((5, 1, 1)), verbose=0)


# --------------------------------------------------------------------------------------------------- interruption
class Interrupting(layers.Layer):
    """Sends Ctrl-C in the middle of a training step."""

    calls = 0

    def call(self, inputs, training=False):
        self.calls += training
        if self.calls == 7:
            os.kill(os.getpid(), signal.SIGINT)
        return inputs


def test_an_interruption_falls_between_two_steps():
    model = nn.Sequential([nn.Input((3,)), nn.Dense(1), Interrupting()])
    model.compile(optimizers.Adam(0.1), "mse")
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=10, epochs=3, shuffle=False, verbose=0)
    assert model.optimizer.iterations == 7
    assert model.history.epoch == [0]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    # The same seven steps without an interruption.
    again = nn.Sequential([nn.Input((3,)), nn.Dense(1)])
    nn.set_random_seed(1)
    again.compile(optimizers.Adam(0.1), "mse")
    start = again.get_weights()
    model.set_weights(start)
    model.compile(optimizers.Adam(0.1), "mse")
    model.layers[1].calls = 0
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=10, epochs=3, shuffle=False, verbose=0)
    for step in range(7):
        rows = slice(step % 5 * 10, step % 5 * 10 + 10)
        again.train_on_batch(X[rows], Y[rows])
    for a, b in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    model.layers[1].calls = 8
    assert len(model.fit(X, Y, epochs=2, verbose=0).epoch) == 2


@pytest.mark.parametrize("times", [1, 2, 5])
def test_no_number_of_interruptions_divides_a_step(times):
    class Insisting(layers.Layer):
        calls = 0

        def call(self, inputs, training=False):
            self.calls += training
            if self.calls == 3:
                for _ in range(times):
                    os.kill(os.getpid(), signal.SIGINT)
            return inputs

    model = nn.Sequential([nn.Input((3,)), nn.Dense(1), Insisting()])
    model.compile(optimizers.Adam(0.1), "mse")
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=10, epochs=3, shuffle=False, verbose=0)
    assert model.optimizer.iterations == 3


def test_validation_hears_an_interruption_between_its_batches():
    class Validating(layers.Layer):
        calls = 0

        def call(self, inputs, training=False):
            self.calls += not training
            if self.calls == 4:
                os.kill(os.getpid(), signal.SIGINT)
            return inputs

    model = nn.Sequential([nn.Input((3,)), nn.Dense(1), Validating()])
    model.compile(optimizers.Adam(0.1), "mse", jit=False)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=10, validation_data=(X, Y), validation_batch_size=1, verbose=0)
    assert model.layers[1].calls < 12


# --------------------------------------------------------------------------------------------------- by hand
def test_writing_it_by_hand():
    class Affine:
        def __init__(self, inputs, outputs):
            self.W = Variable(RNG.normal(size=(inputs, outputs)) * 0.1)
            self.b = Variable(np.zeros(outputs))

        def __call__(self, x):
            return x @ self.W + self.b

    net, optimizer = Affine(3, 3), optimizers.RMSprop(0.05)
    weights = [net.W, net.b]
    found = []
    for step in range(60):
        with GradientTape() as tape:
            p = nn.activations.softmax(net(X))
            loss = np.mean(losses.sparse_categorical_crossentropy(LABELS, p))
        gradients = tape.gradient(loss, weights)
        if step % 2:
            optimizer.apply_gradients(zip(gradients, weights, strict=True))
        else:
            for w, g in zip(weights, gradients, strict=True):
                w.assign_sub(0.5 * g)
        found.append(loss.item())
    assert found[-1] < 0.5 * found[0]


def test_import_brings_neither_matplotlib_nor_tqdm():
    code = "import sys, nn; print([m for m in ('matplotlib', 'tqdm', 'asyncio') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize("batch_size", [0, -1, 2.5])
def test_a_batch_holds_at_least_one_sample(batch_size):
    model = nn.Sequential([nn.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((4, 2), np.float32)
    for use in (model.fit, model.evaluate):
        with pytest.raises(nn.errors.ArgumentError, match="batch_size"):
            use(x, x[:, :1], batch_size=batch_size, verbose=0)
    with pytest.raises(nn.errors.ArgumentError, match="batch_size"):
        model.predict(x, batch_size=batch_size)
