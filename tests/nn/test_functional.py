"""Functional models: symbolic tensors, graphs, shared and nested parts, and what is refused."""

import copy
import pickle

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
import nn
from autograd import GradientTape, Tensor
from autograd.errors import DtypeError, OperandError, ShapeError
from nn import layers, ops
from nn.errors import ArgumentError, StateError

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(6, 3)).astype("float32"), RNG.normal(size=(6, 4)).astype("float32")


def two_inputs():
    a, b = nn.Input((3,), name="a"), nn.Input((4,), name="b")
    hidden = layers.Dense(5, activation="tanh", name="h")(a)
    both = np.concatenate([hidden, b], axis=-1)
    return nn.Model([a, b], [layers.Dense(1, name="p")(both), layers.Dense(2, name="q")(both * 2.0)])


FUNCTIONS = {
    "operators": lambda x, y: (x + y) * 2.0 - 1.0 / (x * x + 1.0) + (-x) ** 2 + abs(y) // 1.0,
    "reflected": lambda x, y: 1.0 - (2.0 + x) * (3.0 / (y * y + 2.0)) + 2.0**x,
    "matmul": lambda x, y: x @ np.ones((3, 2)) + np.ones((1, 2)),
    "comparison": lambda x, y: anp.where(x > y, x, y) + (x == y) * 1.0,
    "index": lambda x, y: x[:, 1:] + y[..., :2] + x[:, None, 0],
    "numpy": lambda x, y: np.exp(x) + np.sum(y, axis=1, keepdims=True),
    "autograd.numpy": lambda x, y: anp.stack([anp.sin(x), y], axis=1).mean(axis=1),
    "nn.ops": lambda x, y: ops.softmax(x) + ops.relu(y) + ops.logsumexp(x, axis=-1, keepdims=True),
    "activations": lambda x, y: nn.activations.gelu(x) + nn.activations.softmax(y),
    "methods": lambda x, y: x.reshape(-1, 3, 1).transpose(0, 2, 1).squeeze(1).clip(-1, 1) + y.astype("float32"),
    "shape": lambda x, y: x * float(x.shape[1]) + np.ndim(y),
    "array first": lambda x, y: np.arange(3.0, dtype="float32") * x + Tensor(np.ones(3, "float32")) * y,
    "augmented": lambda x, y: _augmented(x, y),
    "keyword": lambda x, y: np.concatenate((x, y), axis=1) + np.tensordot(x, np.ones((3, 6)), axes=1),
    "stopped": lambda x, y: ops.stop_gradient(x) * y + x,
    "cast": lambda x, y: ops.cast(x, "float64") + y,
}


def _augmented(x, y):
    z = x * 1.0
    z += y
    z *= 2.0
    return z + x


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_on_symbolic_tensors_are_those_on_arrays(name):
    function = FUNCTIONS[name]
    x, y = nn.Input((3,)), nn.Input((3,))
    symbolic = function(x, y)
    model = nn.Model([x, y], symbolic)
    c = B[:, :3]
    expected = function(Tensor(A), Tensor(c).copy())
    found = model([A, c])
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-6)
    assert found.dtype == expected.dtype == symbolic.dtype
    assert symbolic.shape == (None, *expected.shape[1:])
    source = Tensor(A)
    with GradientTape(persistent=True) as tape:
        tape.watch(source)
        first, second = np.sum(model([source, c]) ** 2), np.sum(function(source, Tensor(c).copy()) ** 2)
    np.testing.assert_allclose(tape.gradient(first, source).numpy(), tape.gradient(second, source).numpy(), rtol=1e-5)
    compiled = autograd.compile(lambda p, q: model([p, q]))
    np.testing.assert_allclose(compiled(Tensor(A), Tensor(c)).numpy(), expected.numpy(), rtol=1e-5)
    assert compiled.refused == ""


def test_inputs_by_position_and_by_name():
    model = two_inputs()
    expected = [each.numpy() for each in model([A, B])]
    for given in ((A, B), {"a": A, "b": B}, {"b": B, "a": A, "more": B}, [Tensor(A), B.astype(float)]):
        for found, value in zip(model(given), expected, strict=True):
            np.testing.assert_allclose(found.numpy(), value, rtol=1e-6)
    x = nn.Input((3,))
    as_dict = nn.Model({"u": x}, {"v": x * 2.0, "w": [x + 1.0]})
    found = as_dict({"u": A})
    assert list(found) == ["v", "w"]
    np.testing.assert_array_equal(found["w"][0].numpy(), A + 1)
    np.testing.assert_array_equal(as_dict.predict({"u": A})["v"], A * 2)


def test_layers_with_several_operands_by_name():
    class Scaled(layers.Layer):
        def build(self, query_shape, value_shape):
            self.shapes = query_shape, value_shape
            self.w = self.add_weight((value_shape[-1],), "ones")

        def call(self, query, value, factor=1.0, training=False):
            return query * factor + value[:, :3] * self.w[:3] + (100.0 if training else 0.0)

    q, v = nn.Input((3,)), nn.Input((4,))
    layer = Scaled()
    model = nn.Model([q, v], layer(value=v, query=q, factor=2.0))
    assert layer.shapes == ((None, 3), (None, 4))
    np.testing.assert_allclose(model([A, B]).numpy(), A * 2 + B[:, :3], rtol=1e-6)
    np.testing.assert_allclose(model([A, B], training=True).numpy(), A * 2 + B[:, :3] + 100, rtol=1e-6)
    np.testing.assert_allclose(layer(A, B, 3.0).numpy(), A * 3 + B[:, :3], rtol=1e-6)
    np.testing.assert_allclose(layer(A, value=B, training=True).numpy(), A + B[:, :3] + 100, rtol=1e-6)


def test_shared_layers_have_one_set_of_weights():
    x, y = nn.Input((3,)), nn.Input((3,))
    dense = layers.Dense(2, name="shared")
    model = nn.Model([x, y], dense(x) + dense(y))
    assert len(model.weights) == 2
    np.testing.assert_allclose(model([A, A]).numpy(), 2 * dense(A).numpy(), rtol=1e-6)
    assert "shared[0][0], shared[1][0]" in model.summary_text()


def test_models_inside_models_and_inner_outputs():
    inner = two_inputs()
    a, b = nn.Input((3,)), nn.Input((4,))
    p, q = inner([a * 2.0, b])
    outer = nn.Model([a, b], p * q)
    found, expected = outer([A, B]).numpy(), inner([2 * A, B])
    np.testing.assert_allclose(found, (expected[0] * expected[1]).numpy(), rtol=1e-6)
    assert [w.shape for w in outer.weights] == [w.shape for w in inner.weights]
    part = nn.Model(inner.inputs[0], inner.get_layer("h").output)
    np.testing.assert_allclose(part(A).numpy(), np.tanh(A @ part.weights[0].numpy()), rtol=1e-5)
    start = nn.Model(inner.get_layer("h").output, inner.get_layer("h").output * 3.0)
    np.testing.assert_array_equal(start(np.ones((2, 5), "float32")).numpy(), np.full((2, 5), 3.0))


def test_a_sequential_gives_its_inner_outputs():
    model = nn.Sequential([layers.Dense(4, "relu", name="a"), layers.Dense(2, name="b")])
    with pytest.raises(StateError, match=r"has no input yet"):
        model.inputs  # noqa: B018
    model(A)
    features = nn.Model(model.inputs, model.get_layer("a").output)
    np.testing.assert_allclose(model.get_layer("b")(features(A)).numpy(), model(A).numpy(), rtol=1e-6)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies(copied):
    x = nn.Input((3,))
    y = x
    for _ in range(150):  # deeper than Python's stack
        y = layers.Dense(3, activation="tanh")(y) + x
    for model in (nn.Model(x, y), nn.Sequential([nn.Input((3,)), *[layers.Dense(3, "tanh") for _ in range(150)]])):
        again = copied(model)
        np.testing.assert_array_equal(again(A).numpy(), model(A).numpy())
        again.set_weights([w + 1 for w in again.get_weights()])
        assert (again(A).numpy() != model(A).numpy()).any()
        assert again.layers[3].output.shape == (None, 3)


def test_clones():
    model = two_inputs()
    seen = []

    def wider(layer):
        seen.append(layer.name)
        config = layer.get_config()
        return type(layer).from_config(config | {"units": 7} if layer.name == "h" else config)

    clone = nn.models.clone_model(model, clone_function=wider)
    assert seen == ["h", "p", "q"]
    assert clone.get_layer("h").units == 7
    assert [y.shape for y in clone([A, B])] == [(6, 1), (6, 2)]
    same = nn.models.clone_model(model)
    same.set_weights(model.get_weights())
    np.testing.assert_array_equal(same([A, B])[0].numpy(), model([A, B])[0].numpy())
    own = two_inputs()
    own.__class__ = type("Own", (nn.Model,), {"call": lambda self, x: x})
    own._graph = None
    with pytest.raises(ArgumentError, match=r"is of class Own"):
        nn.models.clone_model(own)


def test_a_custom_layer_is_tried_without_effects():
    class Counting(layers.Layer):
        def build(self, input_shape):
            self.count = self.add_weight((), "zeros", trainable=False)

        def call(self, inputs):
            self.count.assign_add(1.0)
            self.add_loss(np.sum(inputs))
            return inputs[:, None] * 2.0

    layer, x = Counting(), nn.Input((None, 3), dtype="float64")
    y = layer(x)
    assert (y.shape, y.dtype) == ((None, 1, None, 3), np.float32)
    assert layer.count.item() == 0
    assert layer.losses == []
    assert nn.Model(x, y)(np.ones((2, 5, 3))).shape == (2, 1, 5, 3)


def test_dtypes_of_inputs():
    x = nn.Input((2,), dtype="int32", batch_size=4)
    assert (x.dtype, x.shape) == (np.int32, (4, 2))
    model = nn.Model(x, x * 2)
    assert model(np.ones((4, 2))).dtype == np.int32
    assert nn.Sequential([nn.Input((2,), dtype="int32"), layers.Dense(1)]).predict(np.ones((3, 2))).dtype == np.float32
    with pytest.raises(DtypeError, match=r"input 'input_layer\w*' of model .* received complex numbers"):
        model(Tensor(np.ones((4, 2)) * 1j))


X, Z = nn.Input((3,), name="x"), nn.Input((4,), name="z")
REFUSED = {
    "disconnected": (
        lambda: nn.Model(X, layers.Dense(1)(X) + layers.Dense(1)(Z)),
        ArgumentError,
        "the input 'z' of sh",
    ),
    "a later tensor": (lambda: nn.Model(layers.Dense(2)(X), X * 2.0), ArgumentError, "need the input 'x' of shape"),
    "an array": (lambda: nn.Model(X, A), OperandError, "the outputs of a functional .* a ndarray"),
    "twice": (lambda: nn.Model([X, X], X * 2.0), ArgumentError, "among its inputs more than once"),
    "one of them": (lambda: nn.Model(X), ArgumentError, "takes both inputs and outputs"),
    "none": (lambda: nn.Model([], X), OperandError, "received no inputs"),
    "one input": (lambda: two_inputs()([A]), OperandError, "takes 2 inputs, 'a', 'b': received 1"),
    "a name": (lambda: two_inputs()({"a": A}), OperandError, "received a dict with 'a'. 'b' is missing"),
    "a shape": (lambda: two_inputs()([A, A]), ShapeError, r"named 'b', has shape \(None, 4\): received shape \(6, 3\)"),
    "reshape": (
        lambda: (X * 2.0).reshape(-1, 2),
        ShapeError,
        r"'reshape\w*', called on symbolic tensors of shape \(None, 3",
    ),
    "add": (lambda: X + Z, ShapeError, r"'add\w*', called on .* \(None, 3\), \(None, 4\)"),
    "a layer": (lambda: layers.Dense(2)(nn.Input((None,))), ShapeError, "where the length is known"),
    "if": (lambda: 1 if X > 0 else 0, OperandError, "has no value, and a test such as `if x` needs one"),
    "loop": (lambda: list(X), OperandError, "a loop over its items"),
    "float": (lambda: float(X), OperandError, r"float\(x\)"),
    "array of it": (lambda: np.asarray(X), OperandError, "a NumPy array"),
    "len": (lambda: len(X), OperandError, "axis of unknown length"),
    "write": (lambda: X.__setitem__(0, 1.0), OperandError, r"x\[i\] = value"),
    "write into": (lambda: Tensor(A).__setitem__(0, X[0]), OperandError, "writing it into a tensor"),
    "out": (lambda: np.exp(X, out=np.ones(3)), OperandError, "no memory for out="),
    "tensor in Input": (lambda: nn.Input(tensor=A), OperandError, "Input takes a symbolic tensor"),
    "both shapes": (lambda: nn.Input((3,), batch_shape=(None, 3)), ArgumentError, "one of shape and batch_shape"),
    "dtype": (lambda: nn.Input((3,), dtype="text"), ArgumentError, "received dtype='text'"),
    "no output": (lambda: layers.Dense(2).output, StateError, "was never called on a symbolic tensor"),
    "no call": (lambda: nn.Model()(A), NotImplementedError, r"defines no call\(inputs\)"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused(name):
    build, kind, message = REFUSED[name]
    with pytest.raises(kind, match=message):
        build()


def test_summary_of_a_graph():
    model = two_inputs()
    model.get_layer("h").trainable = False
    lines = model.summary_text(show_trainable=True).splitlines()
    assert lines[0].startswith('Model: "functional')
    assert "Connected to" in lines[2]
    assert "Trainable" in lines[2]
    assert any("│ a (InputLayer)" in line and "│ -" in line for line in lines)
    assert any("concatenate" in line and "h[0][0], b[0][0]" in line for line in lines)
    assert lines[-2:] == [" Trainable params: 30 (120.00 B)", " Non-trainable params: 20 (80.00 B)"]
    x = nn.Input((3,))
    outer = nn.Model(x, nn.Sequential([layers.Dense(2, name="deep")], name="inner")(x))
    assert "deep (Dense)" not in outer.summary_text()
    assert "   └ deep (Dense)" in outer.summary_text(expand_nested=True)


def test_a_hundred_layers_start_quickly():
    x = y = nn.Input((8,))
    for _ in range(100):
        y = layers.Dense(8, activation="relu")(y)
    model = nn.Model(x, y)
    model.compile("sgd", "mse")
    assert len(model.layers) == 101
    assert np.isfinite(model.train_on_batch(np.ones((2, 8)), np.ones((2, 8))))


def test_a_symbolic_call_inside_stop_recording_is_refused_since_a_graph_would_lose_the_stop():
    x = nn.Input((3,))
    with autograd.stop_recording(), pytest.raises(nn.errors.StateError, match="stop_gradient"):
        layers.Dense(2)(x)
    with autograd.stop_recording(), pytest.raises(nn.errors.StateError, match="stop_gradient"):
        x * 2.0
    model = nn.Model(x, layers.Dense(2)(x))
    with autograd.stop_recording():
        assert model(np.ones((1, 3))).shape == (1, 2)
