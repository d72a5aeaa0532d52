"""Worked examples with the numbers that textbooks print."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable


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
    from nn.optimizers import SGD

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


def test_a_classifier_written_by_hand_learns_the_digits():
    """Dense layers, a sequence of them, batches and a loop of gradient descent, all written out."""
    from nn.datasets import load_digits

    class NaiveDense:
        def __init__(self, inputs, outputs, activation, rng):
            self.W = Variable(rng.uniform(0, 0.1, (inputs, outputs)).astype(np.float32))
            self.b = Variable(np.zeros(outputs, np.float32))
            self.activation = activation

        def __call__(self, x):
            return self.activation(x @ self.W + self.b)

    def softmax(x):
        e = anp.exp(x - anp.max(x, axis=-1, keepdims=True))
        return e / anp.sum(e, axis=-1, keepdims=True)

    rng = np.random.default_rng(0)
    layers = [NaiveDense(64, 64, lambda x: anp.maximum(x, 0), rng), NaiveDense(64, 10, softmax, rng)]
    weights = [w for layer in layers for w in (layer.W, layer.b)]

    def model(x):
        for layer in layers:
            x = layer(x)
        return x

    (images, labels), (test_images, test_labels) = load_digits()
    images = images.reshape(len(images), -1).astype(np.float32) / np.float32(16)
    test_images = test_images.reshape(len(test_images), -1).astype(np.float32) / np.float32(16)
    for _ in range(30):
        for begin in range(0, len(images), 32):
            x, y = images[begin : begin + 32], labels[begin : begin + 32]
            with GradientTape() as tape:
                loss = anp.mean(-anp.log(model(x)[np.arange(len(y)), y]))
            for w, g in zip(weights, tape.gradient(loss, weights), strict=True):
                w.assign_sub(0.1 * g)
    accuracy = np.mean(np.argmax(model(test_images).numpy(), axis=1) == test_labels)
    assert accuracy > 0.9
