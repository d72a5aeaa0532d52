"""Worked examples with the numbers that textbooks print."""

import os
from pathlib import Path

import numpy as np
import pytest

import autograd.numpy as anp
import nn
from autograd import GradientTape, Tensor, Variable
from nn.datasets import load_digits, load_mnist
from nn.optimizers import SGD


def test_a_line():
    for value in (0.0, [[0.0, 0.0], [0.0, 0.0]]):
        x = Variable(value)
        with GradientTape() as tape:
            y = 2 * x + 3
        np.testing.assert_array_equal(tape.gradient(y, x).numpy(), np.full(np.shape(value), 2.0))


def test_an_affine_map():
    rng = np.random.default_rng(0)
    W, b, x = Variable(rng.random((2, 2))), Variable(np.zeros(2)), rng.random((2, 2))
    with GradientTape() as tape:
        y = anp.matmul(x, W) + b
    dW, db = tape.gradient(y, [W, b])
    np.testing.assert_allclose(dW.numpy(), x.T @ np.ones((2, 2)), rtol=1e-15)
    np.testing.assert_array_equal(db.numpy(), [2.0, 2.0])


def test_an_apple_that_falls():
    time = Variable(0.0)
    with GradientTape() as outer:
        with GradientTape() as inner:
            position = 4.9 * time**2
        speed = inner.gradient(position, time)
    acceleration = outer.gradient(speed, time)
    assert acceleration.item() == pytest.approx(9.8, rel=1e-15)


def test_a_constant_must_be_watched():
    x = Tensor(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = anp.square(x)
    assert tape.gradient(y, x).item() == 6.0


def test_the_shop():
    price, number, tax = Variable(100.0), Variable(2.0), Variable(1.1)
    with GradientTape() as tape:
        total = price * number * tax
    assert total.item() == pytest.approx(220.0)
    derivatives = [g.item() for g in tape.gradient(total, [price, number, tax])]
    assert derivatives == pytest.approx([2.2, 110.0, 200.0])


def test_nesterov_momentum_step_by_step():
    """Minimise x^2 from 1: v <- m v - lr f'(x); x <- x + m v - lr f'(x)."""
    x, velocity, past = Variable(1.0), 0.0, 1.0
    optimizer = SGD(learning_rate=0.1, momentum=0.9, nesterov=True)
    for _ in range(20):
        with GradientTape() as tape:
            y = x * x
        optimizer.apply_gradients([(tape.gradient(y, x), x)])
        slope = 2 * past
        velocity = 0.9 * velocity - 0.1 * slope
        past = past + 0.9 * velocity - 0.1 * slope
        assert x.item() == pytest.approx(past, rel=1e-12)


class NaiveDense:
    """A dense layer with nothing but a matrix and a vector."""

    def __init__(self, inputs, outputs, activation, rng):
        self.W = Variable(rng.uniform(0, 0.1, (inputs, outputs)).astype(np.float32))
        self.b = Variable(np.zeros(outputs, np.float32))
        self.activation = activation

    def __call__(self, x):
        return self.activation(x @ self.W + self.b)


class NaiveSequential:
    """Layers one after the other."""

    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    @property
    def weights(self):
        return [w for layer in self.layers for w in (layer.W, layer.b)]


def batches(images, labels, size):
    for begin in range(0, len(images), size):
        yield images[begin : begin + size], labels[begin : begin + size]


def relu(x):
    return anp.maximum(x, 0)


def softmax(x):
    e = anp.exp(x - anp.max(x, axis=-1, keepdims=True))
    return e / anp.sum(e, axis=-1, keepdims=True)


def train(model, images, labels, epochs, size, learning_rate):
    for _ in range(epochs):
        for x, y in batches(images, labels, size):
            with GradientTape() as tape:
                loss = anp.mean(-anp.log(model(x)[np.arange(len(y)), y]))
            for w, g in zip(model.weights, tape.gradient(loss, model.weights), strict=True):
                w.assign_sub(learning_rate * g)


def accuracy(model, images, labels):
    return np.mean(np.argmax(model(images).numpy(), axis=1) == labels)


def flat(images, largest):
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(largest)


def test_a_classifier_written_by_hand_learns_the_digits():
    (images, labels), (test_images, test_labels) = load_digits()
    rng = np.random.default_rng(0)
    model = NaiveSequential([NaiveDense(64, 64, relu, rng), NaiveDense(64, 10, softmax, rng)])
    train(model, flat(images, 16), labels, epochs=30, size=32, learning_rate=0.1)
    assert accuracy(model, flat(test_images, 16), test_labels) > 0.9


@pytest.fixture
def mnist(monkeypatch):
    folder = Path(os.environ.get("TAPEGRAD_DATA", Path(__file__).parents[3] / "shared" / "data"))
    if not any((folder / sub / "train-images-idx3-ubyte.gz").exists() for sub in ("", "mnist")):
        pytest.skip(f"the files of MNIST are not in {folder}: set TAPEGRAD_DATA to their folder")
    monkeypatch.setenv("TAPEGRAD_DATA", str(folder))
    return load_mnist()


def test_a_classifier_written_by_hand_learns_mnist(mnist):
    """512 hidden units and ten epochs of plain gradient descent with a rate of 1e-3 reach 0.8."""
    (images, labels), (test_images, test_labels) = mnist
    rng = np.random.default_rng(0)
    model = NaiveSequential([NaiveDense(784, 512, relu, rng), NaiveDense(512, 10, softmax, rng)])
    train(model, flat(images, 255), labels, epochs=10, size=128, learning_rate=1e-3)
    assert accuracy(model, flat(test_images, 255), test_labels) >= 0.8


def test_a_model_of_two_dense_layers_reads_mnist(mnist):
    (images, labels), (test_images, test_labels) = mnist
    nn.set_random_seed(3)
    model = nn.Sequential([nn.layers.Dense(512, activation="relu"), nn.layers.Dense(10, activation="softmax")])
    model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(flat(images, 255), labels, epochs=5, batch_size=128, verbose=0)
    _, reached = model.evaluate(flat(test_images, 255), test_labels, verbose=0)
    assert reached >= 0.978
