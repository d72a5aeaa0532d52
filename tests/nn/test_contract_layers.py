"""The contract of every layer: separate tests over the table of samples, which must have each class of the package."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from types import SimpleNamespace

import numpy as np
import pytest
from nn_samples import LAYERS, cases, listed, names

import autograd
from autograd import GradientTape, Tensor
from autograd.errors import DtypeError, OperandError
from nn import layers
from nn.layers.base import LAYERS as REGISTRY

CASES = cases(LAYERS)
every_layer = pytest.mark.parametrize(("kind", "sample"), CASES, ids=names(CASES))


def made(kind, sample, **others):
    """Return a layer in float64, built, and a batch for it."""
    layer = kind(**sample.arguments, **{"dtype": "float64", **others})
    x = np.random.default_rng(5).normal(size=sample.shape)
    layer(x)
    return layer, x


def takes_training(layer):
    return "training" in inspect.signature(layer.call).parameters


def test_every_layer_has_a_sample():
    assert listed(layers, layers.Layer) - LAYERS.keys() == set()
    ours = {each for each in REGISTRY.members() if getattr(layers, each.__name__, None) is each}
    assert ours - LAYERS.keys() == set()


def test_a_class_without_a_sample_is_found():
    class Extra(layers.Layer):
        pass

    module = SimpleNamespace(Dense=layers.Dense, Layer=layers.Layer, Input=layers.Input, Extra=Extra)
    module.__all__ = ["Dense", "Extra", "Input", "Layer"]
    assert listed(module, layers.Layer) - LAYERS.keys() == {Extra}


@every_layer
def test_forward_is_the_same_again_and_for_each_sample_by_itself(kind, sample):
    layer, x = made(kind, sample)
    y = layer(x)
    assert isinstance(y, Tensor)
    assert len(y) == len(x)
    np.testing.assert_array_equal(layer(x).numpy(), y.numpy())
    alone = np.concatenate([layer(x[i : i + 1]).numpy() for i in range(len(x))])
    np.testing.assert_allclose(alone, y.numpy(), rtol=1e-12)


@every_layer
def test_forward_of_no_samples(kind, sample):
    layer, x = made(kind, sample)
    assert layer(x[:0]).shape == (0, *layer(x).shape[1:])


@every_layer
def test_dtype(kind, sample):
    layer, x = made(kind, sample)
    assert layer(x).dtype == np.float64
    assert {weight.dtype for weight in layer.weights} <= {np.dtype(np.float64)}
    for dtype in (np.float32, np.float64, np.uint8, bool):
        single = kind(**sample.arguments)
        assert single(np.ones(sample.shape, dtype)).dtype == np.float32
        assert {weight.dtype for weight in single.weights} <= {np.dtype(np.float32)}


@every_layer
def test_shape_inference(kind, sample):
    layer, x = made(kind, sample)
    shape = layer(x).shape
    assert layer.compute_output_shape((None, *x.shape[1:])) == (None, *shape[1:])
    assert layer.compute_output_shape(x.shape) == shape
    fresh = kind(**sample.arguments)
    assert fresh.compute_output_shape((None, *x.shape[1:])) == (None, *shape[1:])
    if kind.keeps_shape:
        assert shape == x.shape


@every_layer
def test_weights_are_made_once_named_counted_copied_out_and_in(kind, sample):
    layer, x = made(kind, sample)
    weights = layer.weights
    layer(x)
    assert [id(each) for each in layer.weights] == [id(each) for each in weights]
    assert layer.count_params() == sum(weight.size for weight in weights)
    assert all(weight.name.startswith(f"{layer.name}/") for weight in weights)
    values = [value + 1 for value in layer.get_weights()]
    layer.set_weights(values)
    for value, expected in zip(layer.get_weights(), values, strict=True):
        np.testing.assert_array_equal(value, expected)


@every_layer
def test_frozen_layers_have_nothing_to_train(kind, sample):
    layer, _ = made(kind, sample)
    for trainable in (False, True):
        layer.trainable = trainable
        assert len(layer.trainable_weights) == (len(layer.weights) if trainable else 0)
        assert len(layer.trainable_weights) + len(layer.non_trainable_weights) == len(layer.weights)


@every_layer
def test_configuration(kind, sample):
    layer, x = made(kind, sample)
    config = layer.get_config()
    written = json.dumps(config)
    again = kind.from_config(json.loads(written))
    assert json.dumps(again.get_config()) == written
    again(x)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(x).numpy(), layer(x).numpy())
    assert again.name == layer.name
    assert again.trainable == layer.trainable
    by_name = REGISTRY.get(json.loads(json.dumps({"class_name": kind.__name__, "config": config})))
    assert type(by_name) is kind


@every_layer
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
def test_a_copy_has_weights_of_its_own(kind, sample, copied):
    layer, x = made(kind, sample)
    y = layer(x).numpy()
    again = copied(layer)
    np.testing.assert_array_equal(again(x).numpy(), y)
    assert again.get_config() == layer.get_config()
    again.set_weights([value + 1 for value in again.get_weights()])
    np.testing.assert_array_equal(layer(x).numpy(), y)


# ------------------------------------------------------------------------------------------------- derivatives
def gradients(layer, x, c, weights=None):
    """Return the gradients of ``sum(layer(x) * c)`` by the input and by each weight."""
    if weights is not None:
        layer.set_weights(weights)
    source = Tensor(x)
    with GradientTape() as tape:
        tape.watch(source)
        total = np.sum(layer(source) * c)
    return [each.numpy() for each in tape.gradient(total, [source, *layer.weights])]


@every_layer
def test_gradient_against_differences(kind, sample):
    layer, x = made(kind, sample, trainable=True) if "trainable" not in sample.arguments else made(kind, sample)
    rng = np.random.default_rng(6)
    c, values, h = rng.normal(size=layer(x).shape), layer.get_weights(), 1e-6
    found = gradients(layer, x, c)
    for i, (point, gradient) in enumerate(zip([x, *values], found, strict=True)):
        expected = np.zeros_like(point)
        for index in np.ndindex(*point.shape):
            sides = []
            for step in (h, -h):
                moved = point.copy()
                moved[index] += step
                layer.set_weights([moved if j + 1 == i else value for j, value in enumerate(values)])
                sides.append((layer(moved if i == 0 else x).numpy() * c).sum())
            expected[index] = (sides[0] - sides[1]) / (2 * h)
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-8)


@every_layer
def test_second_derivatives_against_differences_of_the_first(kind, sample):
    layer, x = made(kind, sample)
    rng = np.random.default_rng(7)
    c, values, h = rng.normal(size=layer(x).shape), layer.get_weights(), 1e-5
    points = [x, *values]
    directions = [rng.normal(size=each.shape) for each in points]
    source = Tensor(x)
    with GradientTape() as outer:
        outer.watch(source)
        with GradientTape() as inner:
            inner.watch(source)
            total = np.sum(layer(source) * c)
        first = inner.gradient(total, [source, *layer.weights])
        along = sum(np.sum(g * v) for g, v in zip(first, directions, strict=True))
    found = outer.gradient(along, [source, *layer.weights], unconnected_gradients="zero")
    ahead = gradients(layer, x + h * directions[0], c, [w + h * v for w, v in zip(values, directions[1:], strict=True)])
    back = gradients(layer, x - h * directions[0], c, [w - h * v for w, v in zip(values, directions[1:], strict=True)])
    for second, plus, minus in zip(found, ahead, back, strict=True):
        np.testing.assert_allclose(second.numpy(), (plus - minus) / (2 * h), rtol=1e-5, atol=1e-7)


# ------------------------------------------------------------------------------------------------- ways of running
@every_layer
def test_training_and_inference(kind, sample):
    layer, x = made(kind, sample)
    inference, training = layer(x, training=False).numpy(), layer(x, training=True).numpy()
    np.testing.assert_array_equal(layer(x).numpy(), inference)
    assert training.shape == inference.shape
    assert training.dtype == inference.dtype
    assert (training != inference).any() == takes_training(layer)


@every_layer
def test_compiled_against_eager(kind, sample):
    layer, x = made(kind, sample)
    forward = autograd.compile(lambda x: layer(x))
    for batch in (x, x[::-1].copy(), x):
        np.testing.assert_allclose(forward(Tensor(batch)).numpy(), layer(batch).numpy(), rtol=1e-12, atol=1e-15)
    assert forward.refused == ""

    def step(x):
        with GradientTape() as tape:
            tape.watch(x)
            total = np.sum(layer(x) ** 3) + sum(layer.losses)
        return tape.gradient(total, [x, *layer.weights])

    compiled = autograd.compile(step)
    for _ in range(2):
        for found, expected in zip(compiled(Tensor(x)), step(Tensor(x)), strict=True):
            np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-11, atol=1e-14)
    assert compiled.refused == ""


@every_layer
def test_losses_are_those_of_the_last_call(kind, sample):
    layer, x = made(kind, sample)
    layer(x)
    count = len(layer.losses)
    layer(x)
    assert len(layer.losses) == count
    assert all(loss.shape == () for loss in layer.losses)


# ------------------------------------------------------------------------------------------------- messages
@every_layer
def test_messages_name_the_layer_and_the_fix(kind, sample):
    layer, x = made(kind, sample)
    assert kind.takes_one_input
    with pytest.raises(
        OperandError, match=rf"^layer '{layer.name}' takes one array or tensor, .* received a tuple of 2"
    ):
        layer((x, x))
    with pytest.raises(OperandError, match=rf"^the input of layer '{layer.name}' needs real numbers: .* dtype <U1"):
        layer(np.full(sample.shape, "a"))
    with pytest.raises(DtypeError, match=rf"^layer '{layer.name}' computes in float64: received complex inputs"):
        layer(Tensor(x * 1j))
    with pytest.raises(OperandError, match=rf"^{kind.__name__} takes no argument 'nmae'\. .* Did you mean 'name'\?$"):
        kind(**sample.arguments, nmae="a")
