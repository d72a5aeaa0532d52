"""Small things that Keras's users rely on: names, hooks, the phase of training, what is built and when."""

import numpy as np
import pytest

import nn
from autograd import GradientTape
from nn import callbacks, layers, losses, metrics, optimizers
from nn.config import snake_case
from nn.errors import ArgumentError

RNG = np.random.default_rng(1)
X, Y = RNG.normal(size=(16, 3)), RNG.normal(size=(16, 1))

# Asked of Keras 3.15: keras.src.utils.naming.to_snake_case.
NAMES = {
    "Conv2D": "conv2d",
    "LSTMCell": "lstm_cell",
    "KLDivergence": "kl_divergence",
    "PReLU": "p_re_lu",
    "RMSNormalization": "rms_normalization",
    "AUC": "auc",
    "MaxPooling2D": "max_pooling2d",
    "GlorotUniform": "glorot_uniform",
    "STFTSpectrogram": "stft_spectrogram",
    "ReLU": "re_lu",
    "ELU": "elu",
    "MeanIoU": "mean_io_u",
    "F1Score": "f1_score",
    "R2Score": "r2_score",
    "L1L2": "l1l2",
    "SGD": "sgd",
    "RMSprop": "rmsprop",  # the name that Keras gives the optimizer itself
}


@pytest.mark.parametrize("name", NAMES)
def test_names_are_those_of_keras(name):
    assert snake_case(name) == NAMES[name]


class Affine(layers.Layer):
    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1], 2), name="w")

    def call(self, inputs):
        return inputs @ self.w


def test_build_by_hand_builds_once():
    for layer in (Affine(), layers.Dense(2, use_bias=False)):
        layer.build((None, 3))
        assert layer.built
        layer.set_weights([np.ones((3, 2))])
        np.testing.assert_allclose(layer(X).numpy(), X.astype("float32") @ np.ones((3, 2)), rtol=1e-5)
        layer.build((None, 3))
        assert len(layer.weights) == 1
    model = nn.Sequential([layers.Dense(4), layers.Dense(1)])
    model.build((None, 3))
    model.set_weights([np.full(w.shape, 0.5) for w in model.weights])
    model(X)
    assert all((w == 0.5).all() for w in model.get_weights())


def test_build_of_a_subclass_runs_that_of_its_base_class():
    class More(Affine):
        def build(self, input_shape):
            self.v = self.add_weight((2,), "ones", name="v")
            super().build(input_shape)

    layer = More()
    assert layer(X).shape == (16, 2)
    assert len(layer.weights) == 2


def test_a_build_that_fails_leaves_nothing():
    class Failing(Affine):
        def build(self, input_shape):
            super().build(input_shape)
            if input_shape[-1] != 3:
                raise ValueError("three")

    layer = Failing()
    with pytest.raises(ValueError, match="three"):
        layer(X[:, :2])
    assert not layer.built
    assert layer(X).shape == (16, 2)


def test_a_subclassed_model_is_built_for_a_shape():
    class Net(nn.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2)

        def call(self, inputs):
            return self.dense(inputs)

    model = Net()
    model.build((None, 3))
    assert [w.shape for w in model.weights] == [(3, 2), (2,)]


def test_training_is_the_argument_then_the_outer_call_then_the_default():
    seen = []

    class Inner(layers.Layer):
        def call(self, inputs, training=True):
            seen.append(training)
            return inputs

    class Outer(layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = Inner()

        def call(self, inputs):
            return self.inner(inputs)

    Inner()(X)
    Inner()(X, training=False)
    Inner()(X, False)
    Outer()(X)
    Outer()(X, training=True)
    assert seen == [True, False, False, False, True]


def small(**options):
    model = nn.Sequential([nn.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse", **options)
    return model


def test_hooks_get_a_dict():
    seen = []

    class Every(callbacks.Callback):
        pass

    for name in [name for name in dir(callbacks.Callback) if name.startswith("on_")]:
        setattr(Every, name, lambda self, *args, name=name: seen.append((name, args)))
    model = small()
    model.fit(X, Y, batch_size=8, verbose=0, validation_data=(X, Y), callbacks=[Every()])
    model.predict(X, callbacks=[Every()])
    assert {name for name, _ in seen} == {
        name for name in dir(callbacks.Callback) if name.startswith("on_") and name[3:8] != "batch"
    }
    assert all(isinstance(args[-1], dict) for _, args in seen)


def test_on_batch_hooks_and_history_that_runs_last():
    class Adding(callbacks.Callback):
        def __init__(self):
            self.batches = []

        def on_batch_begin(self, batch, logs=None):
            self.batches.append(batch)

        def on_batch_end(self, batch, logs=None):
            self.batches.append(sorted(logs))

        def on_epoch_end(self, epoch, logs=None):
            logs["rate"] = 0.5

    adding = Adding()
    history = small(metrics=["mae"]).fit(X, Y, batch_size=8, verbose=0, callbacks=[adding])
    assert adding.batches == [0, ["loss", "mae"], 1, ["loss", "mae"]]
    assert history.history["rate"] == [0.5]


def test_stop_training_in_a_batch_stops_there():
    batches = []

    class Stopping(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            batches.append(batch)
            self.model.stop_training = batch == 1

    history = small().fit(X, Y, batch_size=4, epochs=3, verbose=0, callbacks=[Stopping()], validation_data=(X, Y))
    assert batches == [0, 1]
    assert list(history.history) == ["loss", "val_loss"]


@pytest.mark.parametrize("jit", [True, False])
def test_a_frozen_model_trains_nothing(jit):
    model = small(jit=jit)
    model.trainable = False
    before = model.get_weights()
    with pytest.warns(UserWarning, match=r"has no weights that train: fit changes nothing"):
        history = model.fit(X, Y, epochs=40, verbose=0)
    assert history.history["loss"][0] == pytest.approx(((model.predict(X) - Y) ** 2).mean(), rel=1e-5)
    np.testing.assert_array_equal(before[0], model.get_weights()[0])


def test_early_stopping_on_what_will_not_be_is_refused_before_the_first_step():
    model = small()
    before = model.get_weights()[0]
    with pytest.raises(ArgumentError, match=r"watches 'val_loss', and there is no such value"):
        model.fit(X, Y, verbose=0, callbacks=[callbacks.EarlyStopping()])
    np.testing.assert_array_equal(model.get_weights()[0], before)
    adding = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(mine=1.0))
    model.fit(X, Y, verbose=0, callbacks=[adding, callbacks.EarlyStopping("mine")])


def test_steps_per_epoch_go_on_where_the_last_epoch_ended():
    seen = []

    class Recording(nn.Sequential):
        def train_step(self, data):
            seen.append(data[0].numpy()[:, 0])
            return super().train_step(data)

    model = Recording([nn.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, Y, batch_size=4, steps_per_epoch=3, epochs=2, shuffle=False, verbose=0, validation_data=(X, Y))
    rows = np.concatenate([X[:, 0], X[:8, 0]]).astype("float32")
    np.testing.assert_array_equal(np.concatenate(seen), rows)


def test_words_of_compile():
    assert small(run_eagerly=True).jit is False
    assert small(jit_compile=False).jit is False
    assert small(jit_compile=True, steps_per_execution=4, auto_scale_loss=False).jit is True
    with pytest.raises(ArgumentError, match=r"steps_per_execution is a positive integer"):
        small(steps_per_execution=0)


def test_names_of_losses_and_initializers():
    assert isinstance(losses.get("bce"), losses.BinaryCrossentropy)
    assert isinstance(nn.initializers.get("normal"), nn.initializers.RandomNormal)
    assert isinstance(nn.initializers.get("uniform"), nn.initializers.RandomUniform)
    assert isinstance(nn.regularizers.get("l1_l2"), nn.regularizers.L1L2)


def test_input_dim_and_batch_input_shape():
    for options in ({"input_dim": 3}, {"input_shape": (3,)}, {"batch_input_shape": (None, 3)}):
        model = nn.Sequential([layers.Dense(2, **options)])
        assert model.count_params() == 8
        assert nn.Sequential.from_config(model.get_config()).count_params() == 8


def test_the_state_of_optimizers_and_metrics():
    optimizer = optimizers.SGD(0.1, momentum=0.9)
    model = nn.Sequential([nn.Input((3,)), layers.Dense(1)])
    optimizer.build(model.trainable_variables)
    assert [v.shape for v in optimizer.variables] == [(3, 1), (1,)]
    optimizer.learning_rate.assign(0.25)
    assert optimizer.learning_rate == 0.25
    assert optimizer.learning_rate.numpy() == np.float32(0.25)
    model.compile(optimizer, "mse")
    before = model.get_weights()
    with GradientTape() as tape:
        loss = losses.MeanSquaredError()(Y, model(X))
    gradient = tape.gradient(loss, model.weights[0]).numpy()
    model.train_on_batch(X, Y)
    np.testing.assert_allclose(model.get_weights()[0], before[0] - 0.25 * gradient, rtol=1e-5)
    mean = metrics.Mean()
    mean.update_state([1.0, 3.0])
    assert [v.item() for v in mean.variables] == [4.0, 2.0]
    assert mean.result().numpy() == 2.0


def test_a_metric_of_ones_own_with_variables():
    class Count(metrics.Metric):
        def __init__(self, name="count", **kwargs):
            super().__init__(name=name, **kwargs)
            self.total = self.add_weight(shape=(), initializer="zeros", name="total")

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.total.assign_add(float(len(y_true)))

        def result(self):
            return self.total.item()

    model = small(metrics=[Count()])
    assert model.fit(X, Y, batch_size=5, epochs=2, verbose=0).history["count"] == [16.0, 16.0]
