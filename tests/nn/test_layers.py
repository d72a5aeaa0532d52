"""Layers, initializers and regularizers. Their contracts are in test_contract_layers.py and test_contract.py."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

import nn
from autograd import GradientTape, Tensor, Variable
from autograd.errors import DtypeError, OperandError, ShapeError
from nn import initializers, layers, regularizers
from nn.errors import ArgumentError, StateError

RNG = np.random.default_rng(3)


# ---------------------------------------------------------------------------------------------- dense, flatten, dropout
def test_dense_is_its_formula():
    x = RNG.normal(size=(6, 3)).astype(np.float32)
    layer = layers.Dense(4, activation="relu", bias_initializer="ones")
    y = layer(x)
    np.testing.assert_allclose(y.numpy(), np.maximum(x @ layer.kernel.numpy() + 1, 0), rtol=1e-6)
    assert [w.name for w in layer.weights] == [f"{layer.name}/kernel", f"{layer.name}/bias"]


def test_float64_input_leaves_float32_as_it_is():
    layer = layers.Dense(2)
    for x in (np.ones((2, 3)), Tensor(np.ones((2, 3))), [[1, 2, 3]], np.ones((2, 3), np.uint8)):
        assert layer(x).dtype == np.float32


def test_dense_refuses_other_shapes():
    layer = layers.Dense(2, name="head")
    layer(np.ones((4, 6)))
    with pytest.raises(
        ShapeError, match=r"layer 'head' was built for inputs of shape \(samples, ..., 6\): received shape \(4, 5\)"
    ):
        layer(np.ones((4, 5)))
    with pytest.raises(ShapeError, match=r"Flatten the samples first"):
        layer(np.ones((4, 2, 3)))
    with pytest.raises(ShapeError, match=r"One sample x is the batch x\[None\]"):
        layers.Dense(2)(np.ones(3))
    with pytest.raises(ArgumentError, match=r"units=0"):
        layers.Dense(0)
    with pytest.raises(DtypeError, match=r"complex"):
        layer(Tensor(np.ones((4, 6)) * 1j))
    with pytest.raises(OperandError, match=r"real numbers"):
        layer(np.array([["a"]]))


def test_dropout_keeps_the_mean_and_works_in_training_only():
    layer = layers.Dropout(0.4, seed=1)
    x = np.ones((200, 500), np.float32)
    np.testing.assert_array_equal(layer(x).numpy(), x)
    y = layer(x, training=True).numpy()
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.6)}
    assert abs((y == 0).mean() - 0.4) < 0.01
    assert (layer(x, training=True).numpy() != y).any()
    np.testing.assert_array_equal(layers.Dropout(0.4, seed=1)(x, training=True).numpy(), y)
    rows = layers.Dropout(0.5, noise_shape=(None, 1), seed=0)(x, training=True).numpy()
    assert (rows == rows[:, :1]).all()
    with pytest.raises(ArgumentError, match=r"rate=1"):
        layers.Dropout(1)


def test_gradient_of_dropout_is_its_mask():
    layer, x = layers.Dropout(0.5, seed=1, dtype="float64"), Tensor(np.ones((3, 4)))
    with GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=True)
    np.testing.assert_array_equal(tape.gradient(y, x).numpy(), y.numpy())


# --------------------------------------------------------------------------------------------------- the base class
class Block(layers.Layer):
    def __init__(self):
        super().__init__()
        self.first = layers.Dense(3)
        self.rest = [layers.Dense(2), {"head": layers.Dense(1)}]
        self.scale = Variable(2.0, dtype="float32", name="scale")
        self.counter = Variable(0, trainable=False, name="counter")
        self.again = self.first

    def call(self, inputs, training=False):
        self.mode = training
        hidden = self.rest[0](self.first(inputs))
        return self.rest[1]["head"](hidden) * self.scale


def test_weights_are_tracked_in_the_order_of_assignment():
    block = Block()
    block(np.ones((1, 4)))
    names = [w.name.split("/")[-1] for w in block.weights]
    assert names == ["scale", "counter", *["kernel", "bias"] * 3]
    assert [w.shape for w in block.trainable_weights] == [(), (4, 3), (3,), (3, 2), (2,), (2, 1), (1,)]
    assert block.non_trainable_weights == [block.counter]
    block.rest.append(layers.Dense(5))
    block.rest[-1](np.ones((1, 2)))
    assert len(block.weights) == 10
    block.first.trainable = False
    assert len(block.trainable_weights) == 7
    assert [layer.name for layer in block.inner_layers()] == [
        x.name for x in (block.first, block.rest[0], block.rest[1]["head"], block.rest[2])
    ]


def test_training_reaches_layers_inside():
    class Outer(layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = Block()
            self.drop = layers.Dropout(0.9, seed=0)

        def call(self, inputs):
            return self.drop(self.inner(inputs))

    outer = Outer()
    outer(np.ones((1, 4)), training=True)
    assert outer.inner.mode is True
    outer(np.ones((1, 4)))
    assert outer.inner.mode is False


def test_super_init_may_be_late_or_missing():
    class Late(layers.Layer):
        def __init__(self):
            self.dense = layers.Dense(2)
            super().__init__(name="late")

    class Never(layers.Layer):
        def __init__(self):
            self.dense = layers.Dense(2)

        def call(self, inputs):
            return self.dense(inputs)

    assert [w.name for w in Late().inner_layers()] != []
    assert len(Never()(np.ones((1, 3)))) == 1


def test_readable_unique_names():
    first, second = layers.Dense(1), layers.Dense(1)
    prefix, _, number = second.name.rpartition("_")
    assert prefix == "dense"
    assert int(number) >= 1
    assert first.name != second.name
    assert layers.Dense(1, name="head").name == "head"
    with pytest.raises(ArgumentError, match=r"the name of a layer"):
        layers.Dense(1, name=3)


def test_a_failed_build_leaves_no_weights():
    class Fragile(layers.Layer):
        def build(self, input_shape):
            self.a = self.add_weight((2,), name="a")
            if input_shape[-1] != 2:
                raise ShapeError("two columns are needed.")

        def call(self, inputs):
            return inputs * self.a

    layer = Fragile()
    with pytest.raises(ShapeError):
        layer(np.ones((1, 3)))
    layer(np.ones((1, 2)))
    assert len(layer.weights) == 1


def test_weights_that_do_not_fit():
    layer = layers.Dense(2, name="fit")
    with pytest.raises(StateError, match=r"layer 'fit' has no weights yet"):
        layer.count_params()
    with pytest.raises(ShapeError, match=r"has 0 weights \(it is not built yet: call it first\): received 1 arrays"):
        layer.set_weights([np.ones(2)])
    layer(np.ones((1, 3)))
    before = layer.get_weights()
    message = r"weight 'fit/bias' has shape \(2,\) and dtype float32: received an array of shape \(3,\)"
    with pytest.raises(ShapeError, match=message):
        layer.set_weights([np.ones((3, 2)), np.ones(3)])
    np.testing.assert_array_equal(layer.get_weights()[0], before[0])
    with pytest.raises(NotImplementedError, match=r"defines no call"):
        layers.Layer()(np.ones(2))


def test_losses_of_regularizers():
    layer = layers.Dense(
        2, kernel_regularizer=regularizers.L2(0.5), bias_regularizer="l1", activity_regularizer=regularizers.L1(0.1)
    )
    layer.bias_initializer = initializers.Constant(-3.0)
    x = np.ones((4, 3), np.float32)
    for _ in range(2):
        y = layer(x)
    found = [loss.item() for loss in layer.losses]
    kernel = layer.kernel.numpy()
    np.testing.assert_allclose(found, [0.5 * (kernel**2).sum(), 0.01 * 6, 0.1 * np.abs(y.numpy()).sum() / 4], rtol=1e-5)
    layer.trainable = False
    assert len(layer.losses) == 1


def test_gradients_of_regularizers():
    w = Variable([1.0, -2.0, 0.0])
    with GradientTape() as tape:
        penalty = regularizers.L1L2(0.1, 0.2)(w)
    assert penalty.item() == pytest.approx(0.1 * 3 + 0.2 * 5)
    np.testing.assert_allclose(tape.gradient(penalty, w).numpy(), [0.1 + 0.4, -0.1 - 0.8, 0])
    with pytest.raises(ArgumentError, match=r"l2 is a number that is not negative: received -1"):
        regularizers.L2(-1)
    with pytest.raises(
        ArgumentError, match=r"there is no regularizer named 'l3'. Those there are: l1, l1_l2, l1l2, l2"
    ):
        regularizers.get("l3")
    assert isinstance(regularizers.get("L1L2"), regularizers.L1L2)


def test_add_loss():
    class Sparse(layers.Layer):
        def call(self, inputs):
            self.add_loss(np.sum(inputs))
            return inputs

    layer = Sparse()
    layer(np.ones((2, 2)))
    layer(np.ones((2, 3)))
    assert [loss.item() for loss in layer.losses] == [6.0]
    with pytest.raises(ShapeError, match=r"add_loss takes one number, a tensor of shape \(\): received shape \(2,\)"):
        layer.add_loss(np.ones(2))


def test_an_outer_call_forgets_the_losses_of_all_layers_inside_and_of_no_others():
    penalised = lambda: layers.Dense(1, activity_regularizer="l1", kernel_initializer="ones")  # noqa: E731

    class Branches(layers.Layer):
        def __init__(self):
            super().__init__()
            self.left, self.right, self.go_right = penalised(), penalised(), True

        def call(self, inputs):
            return self.right(inputs) if self.go_right else self.left(inputs)

    one, other, x = Branches(), Branches(), np.ones((2, 1))
    one(x), other(x)
    one.left(3 * x)  # called by itself, as in a step of one's own: the loss of the other branch stays
    assert [loss.item() for loss in one.losses] == pytest.approx([0.03, 0.01])
    one.go_right = False
    one(2 * x)
    assert [loss.item() for loss in one.losses] == pytest.approx([0.02])
    assert [loss.item() for loss in other.losses] == pytest.approx([0.01])
    again = copy.deepcopy(one)
    again(x)
    assert [loss.item() for loss in again.losses] == pytest.approx([0.01])
    assert [loss.item() for loss in one.losses] == pytest.approx([0.02])


# --------------------------------------------------------------------------------------------------- initializers
N, M = 400, 300
STD = {
    "glorot_uniform": math.sqrt(2 / (N + M)),
    "glorot_normal": math.sqrt(2 / (N + M)),
    "he_uniform": math.sqrt(2 / N),
    "he_normal": math.sqrt(2 / N),
    "lecun_uniform": math.sqrt(1 / N),
    "lecun_normal": math.sqrt(1 / N),
    "random_normal": 0.05,
    "random_uniform": 0.05 / math.sqrt(3),
    "truncated_normal": 0.05 * 0.87962566103423978,
}


@pytest.mark.parametrize("name", STD)
def test_random_initializers_have_their_mean_spread_and_bounds(name):
    nn.set_random_seed(0)
    values = initializers.get(name)((N, M), "float32")
    assert values.dtype == np.float32
    # Of 120,000 values the mean and the spread are known to a few parts in a thousand.
    assert abs(values.mean()) < 0.015 * STD[name]
    assert values.std() == pytest.approx(STD[name], rel=0.01)
    largest = {"uniform": math.sqrt(3), "normal": 2 / 0.87962566103423978}[name.split("_")[-1]]
    if name != "random_normal":
        assert np.abs(values).max() <= largest * STD[name] * 1.0001
        assert np.abs(values).max() > largest * STD[name] * 0.98
    # The shape of the distribution: the fourth moment.
    kurtosis = ((values / values.std()) ** 4).mean()
    expected = 1.8 if "uniform" in name else 3.0 if name == "random_normal" else 2.37
    assert kurtosis == pytest.approx(expected, rel=0.03)


def test_receptive_fields_count():
    values = initializers.HeNormal(seed=0)((3, 3, 50, 100), "float64")
    assert values.std() == pytest.approx(math.sqrt(2 / 450), rel=0.02)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (2, 2, 4)])
def test_orthogonal(shape):
    q = initializers.Orthogonal(gain=2.0, seed=0)(shape, "float64").reshape(-1, shape[-1])
    gram = q.T @ q if q.shape[0] >= q.shape[1] else q @ q.T
    np.testing.assert_allclose(gram, 4 * np.eye(len(gram)), atol=1e-12)


def test_plain_initializers():
    np.testing.assert_array_equal(initializers.get("zeros")((2, 2)), np.zeros((2, 2)))
    np.testing.assert_array_equal(initializers.get("Ones")((2,)), np.ones(2))
    np.testing.assert_array_equal(initializers.Constant(3)((2,)), [3, 3])
    np.testing.assert_array_equal(initializers.Identity(2.0)((2, 3)), [[2, 0, 0], [0, 2, 0]])
    for bad in (initializers.Identity(), initializers.Orthogonal()):
        with pytest.raises(ArgumentError, match=r"received shape \(3,\)"):
            bad((3,))


def test_seeds_of_initializers():
    seeded = initializers.GlorotUniform(seed=5)
    np.testing.assert_array_equal(seeded((3, 3)), seeded((3, 3)))
    free = initializers.GlorotUniform()
    assert (free((3, 3)) != free((3, 3))).any()
    np.testing.assert_array_equal(initializers.GlorotUniform.from_config(seeded.get_config())((3, 3)), seeded((3, 3)))
    np.testing.assert_array_equal(
        initializers.get({"class_name": "glorot_uniform", "config": {"seed": 5}})((3, 3)), seeded((3, 3))
    )


def test_names_of_initializers():
    with pytest.raises(
        ArgumentError,
        match=r"there is no initializer named 'xavier'. Those there are: constant, glorot_normal, glorot_uniform",
    ):
        initializers.get("xavier")
    with pytest.raises(
        OperandError,
        match=r"an initializer is given by its name, as an object or as a callable: received 3 of type int",
    ):
        initializers.get(3)
    layer = layers.Dense(2, kernel_initializer=lambda shape, dtype: np.full(shape, 7, dtype))
    assert layer(np.ones((1, 2))).numpy().tolist() == [[14, 14]]
    wrong = layers.Dense(2, kernel_initializer=lambda shape, dtype: np.ones(3))
    with pytest.raises(ShapeError, match=r"returned shape \(3,\), asked for \(2, 2\)"):
        wrong(np.ones((1, 2)))
