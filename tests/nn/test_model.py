"""Sequential models and models of one's own."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import GradientTape
from autograd.errors import OperandError, ShapeError
from nn import metrics, optimizers
from nn.errors import ArgumentError, StateError

RNG = np.random.default_rng(4)
X = RNG.normal(size=(50, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]]) + 0.3
LABELS = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)


def classifier(optimizer="adam", **arguments):
    model = nn.Sequential(
        [nn.Input((3,)), nn.Dense(16, activation="relu"), nn.Dropout(0.2), nn.Dense(3, activation="softmax")]
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], **arguments)
    return model


def test_summary():
    model = nn.Sequential(
        [
            nn.Input((28, 28)),
            nn.Flatten(name="flat"),
            nn.Dense(512, "relu", name="hidden"),
            nn.Dense(10, "softmax", name="out"),
        ],
        name="digits",
    )
    model.layers[2].trainable = False
    lines = []
    model.summary(print_fn=lines.append)
    assert lines[0].splitlines() == [
        'Model: "digits"',
        "┏━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━┓",
        "┃ Layer (type)   ┃ Output Shape ┃ Param # ┃",
        "┡━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━┩",
        "│ flat (Flatten) │ (None, 784)  │       0 │",
        "├────────────────┼──────────────┼─────────┤",
        "│ hidden (Dense) │ (None, 512)  │ 401,920 │",
        "├────────────────┼──────────────┼─────────┤",
        "│ out (Dense)    │ (None, 10)   │   5,130 │",
        "└────────────────┴──────────────┴─────────┘",
        " Total params: 407,050 (1.55 MB)",
        " Trainable params: 401,920 (1.53 MB)",
        " Non-trainable params: 5,130 (20.04 KB)",
    ]


def test_a_model_that_is_not_built_says_so():
    model = nn.Sequential([nn.Dense(2, name="head")])
    assert "│ head (Dense) │ ?            │ 0 (unbuilt) │" in model.summary_text()
    model(np.ones((1, 3)))
    assert "(None, 2)" in model.summary_text()


def test_the_first_layer_may_give_the_shape():
    model = nn.Sequential([nn.Dense(2, input_shape=(3,))])
    assert model.count_params() == 8
    assert [w.shape for w in model.weights] == [(3, 2), (2,)]


def test_add_and_pop():
    model = nn.Sequential()
    model.add(nn.Input((4,)))
    for units in (3, 2):
        model.add(nn.Dense(units))
    assert model.predict(np.ones((1, 4))).shape == (1, 2)
    last = model.pop()
    assert last.units == 2
    assert model.predict(np.ones((1, 4))).shape == (1, 3)
    assert len(model.weights) == 2
    model.add(nn.Dense(7))
    assert model.predict(np.ones((1, 4))).shape == (1, 7)
    assert model.get_layer(index=0).units == 3
    assert model.get_layer(model.layers[1].name).units == 7


def test_sequential_says_what_is_wrong():
    with pytest.raises(OperandError, match=r"Make it an object of the class first"):
        nn.Sequential([nn.Flatten])
    with pytest.raises(OperandError, match=r"A function goes into Activation\(function\)"):
        nn.Sequential([np.tanh])
    with pytest.raises(OperandError, match=r"Sequential takes a list of layers"):
        nn.Sequential(nn.Flatten())
    with pytest.raises(ArgumentError, match=r"an Input comes first"):
        nn.Sequential([nn.Flatten(), nn.Input((3,))])
    with pytest.raises(ArgumentError, match=r"a layer named 'a' already"):
        nn.Sequential([nn.Dense(1, name="a"), nn.Dense(1, name="a")])
    with pytest.raises(StateError, match=r"has no layers: add some before calling it"):
        nn.Sequential()(X)
    with pytest.raises(StateError, match=r"no layer to take away"):
        nn.Sequential().pop()
    with pytest.raises(ArgumentError, match=r"has no layer named 'b'. Those it has: a"):
        nn.Sequential([nn.Dense(1, name="a")]).get_layer("b")
    model = nn.Sequential([nn.Input((4,)), nn.Dense(3)])
    with pytest.raises(ShapeError, match=r"was built for inputs of shape"):
        model(np.ones((2, 5)))


def test_configuration_of_a_model():
    model = nn.Sequential(
        [
            nn.Input((4,), dtype="float64"),
            nn.Dense(3, "gelu", kernel_initializer="he_normal"),
            nn.Dropout(0.5),
            nn.Dense(1),
        ]
    )
    again = nn.Sequential.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(np.ones((2, 4))), model.predict(np.ones((2, 4))))
    assert again.get_config() == model.get_config()


def test_a_model_inside_a_model():
    inner = nn.Sequential([nn.Dense(4, "relu"), nn.Dense(2)])
    model = nn.Sequential([nn.Input((3,)), inner, nn.Dense(1)])
    assert [w.shape for w in model.trainable_weights] == [(3, 4), (4,), (4, 2), (2,), (2, 1), (1,)]
    again = nn.Sequential.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_a_step_works_in_place():
    model = classifier("rmsprop")
    for _ in range(3):  # as it is, to write the program, and into the memory of the program
        model.train_on_batch(X, LABELS)
    before = [w.numpy().__array_interface__["data"] for w in model.weights]
    for _ in range(3):
        model.train_on_batch(X, LABELS)
    assert [w.numpy().__array_interface__["data"] for w in model.weights] == before


def test_float64_all_the_way():
    model = nn.Sequential([nn.Input((3,), dtype="float64"), nn.Dense(2, dtype="float64")])
    model.compile("sgd", "mse")
    assert model.predict(X).dtype == np.float64
    model.fit(X, np.zeros((50, 2)), verbose=0)
    assert model.weights[0].dtype == np.float64


class Net(nn.Model):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Dense(8, activation="tanh")
        self.out = nn.Dense(1)

    def call(self, inputs):
        return self.out(self.hidden(inputs))


def test_a_subclass_of_model_is_trained_and_built_at_the_first_call():
    nn.set_random_seed(0)
    model = Net()
    model.compile(optimizers.Adam(0.05), "mse", metrics=[metrics.get("mae")])
    history = model.fit(X, Y, epochs=30, verbose=0).history
    assert history["loss"][-1] < 0.1 * history["loss"][0]
    assert [layer.name for layer in model.layers] == [model.hidden.name, model.out.name]
    assert len(model.trainable_weights) == 4
    assert " Total params: 41 (" in model.summary_text()


def test_a_step_of_ones_own():
    class Halved(Net):
        def train_step(self, data):
            x, y = data
            with GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = 0.5 * self.compute_loss(y=y, y_pred=y_pred)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

    model = Halved()
    model.compile("sgd", "mse", metrics=["mae"])
    before = ((model.predict(X) - Y) ** 2).mean()
    assert model.fit(X, Y, batch_size=50, verbose=0).history["loss"][0] == pytest.approx(before / 2, rel=1e-5)


def test_frozen_layers_do_not_change():
    model = classifier()
    model.layers[0].trainable = False
    before = model.get_weights()
    model.fit(X, LABELS, verbose=0)
    after = model.get_weights()
    np.testing.assert_array_equal(before[0], after[0])
    assert (before[2] != after[2]).any()
