"""Configurations, registries, and the public names of classes and modules."""

from __future__ import annotations

import copy
import importlib
import inspect
import json
import pickle

import numpy as np
import pytest

import autograd.numpy
import nn
from autograd.errors import OperandError
from nn import config, initializers, layers, losses, metrics, optimizers
from nn.errors import ArgumentError, StateError


@pytest.fixture
def registered():
    """Forget the classes that a test registers."""
    known = dict(config._REGISTERED)
    yield
    config._REGISTERED.clear()
    config._REGISTERED.update(known)


class Scaled(layers.Layer):
    def __init__(self, factor, powers=(1, 2), **kwargs):
        super().__init__(**kwargs)
        self.scale = factor  # kept under another name
        self.powers = [layers.Dense(1) for _ in powers]  # and as another thing

    def call(self, inputs):
        return inputs * self.scale


# ---------------------------------------------------------------------------------------------------- arguments
def test_arguments_of_a_users_class_are_captured_without_get_config():
    layer = Scaled(3.0, name="mine", dtype="float64", trainable=False)
    found = layer.get_config()
    assert found["factor"] == 3.0
    assert found["powers"] == (1, 2)
    assert (found["name"], found["dtype"], found["trainable"]) == ("mine", "float64", False)
    again = Scaled.from_config(json.loads(json.dumps(found)))
    assert again(np.ones((1, 2))).tolist() == [[3.0, 3.0]]
    assert (again.name, again.dtype, again.trainable) == ("mine", np.float64, False)


def test_attributes_of_our_classes_are_described_as_they_are_now():
    layer = layers.Dropout(0.5)
    layer.rate, layer.trainable = 0.25, False
    assert layer.get_config()["rate"] == 0.25
    assert layer.get_config()["trainable"] is False
    optimizer = optimizers.SGD(0.1)
    optimizer.learning_rate = 0.2
    assert optimizer.get_config()["learning_rate"] == 0.2


def test_a_constructor_without_the_general_arguments_keeps_them_in_its_configuration():
    class Plain(layers.Layer):
        def __init__(self, units):
            super().__init__(name="plain")
            self.units = 2 * units

        def call(self, inputs):
            return inputs * self.units

    layer = Plain(3)
    layer.trainable = False
    found = layer.get_config()
    assert found == {"name": "plain", "trainable": False, "dtype": "float32", "units": 3}
    again = Plain.from_config({**found, "name": "other"})
    assert (again.units, again.name, again.trainable) == (6, "other", False)


def test_a_subclass_of_ours_is_described_by_the_arguments_of_its_own_constructor():
    class Wide(layers.Dense):
        def __init__(self, factor, units=4):
            super().__init__(units * factor, "relu")

    layer = Wide(3)
    assert layer.units == 12
    assert {name: layer.get_config()[name] for name in ("factor", "units")} == {"factor": 3, "units": 4}
    assert Wide.from_config(layer.get_config()).units == 12


def test_get_config_in_the_way_of_keras():
    class Own(layers.Dense):
        def __init__(self, extra, **kwargs):
            super().__init__(**kwargs)
            self.extra = extra

        def get_config(self):
            return {**super().get_config(), "extra": self.extra}

    layer = Own(3, units=2)
    assert Own.from_config(layer.get_config()).units == 2
    assert Own.from_config(layer.get_config()).extra == 3


def test_arguments_without_names_are_refused():
    class Row(layers.Layer):
        def __init__(self, *parts):
            super().__init__()
            self.parts = parts

    assert Row().get_config()["dtype"] == "float32"
    with pytest.raises(
        StateError, match=r"^Row was made with \*parts, which a configuration cannot name: define get_co"
    ):
        Row(layers.Flatten()).get_config()

    class Described(Row):
        def get_config(self):
            return {**super().get_config(), "parts": len(self.parts)}

    assert Described(layers.Flatten()).get_config()["parts"] == 1


def test_a_function_without_a_name_stays_as_it_is_within_a_program():
    double = lambda x: 2 * x  # noqa: E731
    layer = layers.Activation(double)
    assert layer.get_config()["activation"] is double
    assert layers.Activation.from_config(layer.get_config())(np.ones((1, 1))).item() == 2
    with pytest.raises(TypeError):
        json.dumps(layer.get_config())


def test_captured_arguments_hold_no_weights_and_are_copied():
    class Around(layers.Layer):
        def __init__(self, layer):
            super().__init__()
            self.first = layers.Dense(1)
            self.layer = layer

        def call(self, inputs):
            return self.layer(self.first(inputs))

    inner = layers.Dense(2)
    around = Around(inner)
    around(np.ones((1, 3)))
    assert around.inner_layers() == [around.first, inner]  # in the order of assignment
    assert [weight.shape for weight in around.weights] == [(3, 1), (1,), (1, 2), (2,)]
    again = copy.deepcopy(around)
    assert again._arguments.args == (again.layer,)
    assert again.layer is not inner


def test_layers_that_were_taken_out_of_a_model_are_let_go():
    model = nn.Sequential([nn.Flatten(), nn.Dense(2)])
    model.pop()
    assert model._arguments.args == ()


def test_values_are_what_json_writes():
    loss = losses.MeanSquaredError(dtype=np.float32)
    assert loss.get_config()["dtype"] == "float32"
    assert optimizers.Adam(np.float32(0.5)).get_config()["learning_rate"] == 0.5
    assert initializers.Constant(np.int64(3)).get_config() == {"value": 3}
    assert type(initializers.Constant(np.int64(3)).get_config()["value"]) is int
    assert config.describe(np.arange(3)) == [0, 1, 2]
    assert config.describe({"a": (np.float64(1.5), np.dtype("float16"))}) == {"a": (1.5, "float16")}


def test_a_constructor_without_arguments_takes_none():
    with pytest.raises(TypeError):
        initializers.Zeros(3)
    with pytest.raises(OperandError, match=r"^Zeros takes no argument 'seed'\."):
        initializers.Zeros(seed=3)


# ---------------------------------------------------------------------------------------------------- registries
def test_a_users_class_of_the_name_of_ours_is_another_one(registered):
    class Dense(layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)

        def call(self, inputs):
            return inputs

    model = nn.Sequential([Dense(3)])
    described = model.get_config()["layers"][0]
    assert described["class_name"] == f"{Dense.__module__}>{Dense.__qualname__}"
    with pytest.raises(
        ArgumentError,
        match=r"there is no layer named .*Dense'\. Those there are: activation, .* registered with nn\.register\.$",
    ):
        nn.Sequential.from_config(model.get_config())
    nn.register("mine")(Dense)
    assert model.get_config()["layers"][0]["class_name"] == "mine>Dense"
    assert type(nn.Sequential.from_config(model.get_config()).layers[0]) is Dense
    assert type(layers.base.LAYERS.get({"class_name": "Dense", "config": {"units": 1}})) is layers.Dense


def test_names_of_users_do_not_collide(registered):
    @nn.register()
    class First(losses.Loss):
        def call(self, y_true, y_pred):
            return y_pred

    class Second(losses.Loss):
        pass

    assert type(losses.get("Custom>First")) is First
    with pytest.raises(
        ArgumentError, match=r"there is another class or function named 'Custom>First', .*First: give .*Second another"
    ):
        nn.register(name="First")(Second)
    for package, name in (("", None), ("a>b", None), ("a", "b>c"), (3, None)):
        with pytest.raises(ArgumentError, match="two words without '>'"):
            nn.register(package, name)(Second)
    # The same definition run again, as in a notebook, takes the place of its former self.
    again = type("First", (losses.Loss,), {"__qualname__": First.__qualname__, "__module__": First.__module__})
    nn.register()(again)
    assert type(losses.get("Custom>First")) is again
    # A class of another family is not found.
    with pytest.raises(ArgumentError, match="there is no optimizer named 'Custom>First'"):
        optimizers.get("Custom>First")


def test_a_registered_function_has_its_name_in_configurations(registered):
    @nn.register("mine")
    def twice(x):
        return 2 * x

    layer = layers.Activation(twice)
    assert layer.get_config()["activation"] == "mine>twice"
    assert layers.Activation.from_config(layer.get_config()).activation is twice


def test_our_names_are_taken_once():
    registry = config.Registry("a thing")

    @registry.add
    def one():
        pass

    with pytest.raises(ArgumentError, match=r"there is another thing named 'one'"):
        registry.add(len, "one")
    assert registry.names == ["one"]


# ---------------------------------------------------------------------------------------------------- public names
FAMILIES = nn, nn.activations, nn.initializers, nn.layers, nn.losses, nn.metrics, nn.models, nn.ops, nn.optimizers


@pytest.mark.parametrize("module", FAMILIES, ids=lambda module: module.__name__)
def test_classes_and_functions_name_the_public_place(module):
    for name in module.__all__:
        each = getattr(module, name)
        if inspect.isclass(each) or inspect.isfunction(each):
            if module is nn.ops and getattr(autograd.numpy, name, None) is each:
                continue  # one of NumPy's functions
            home = importlib.import_module(each.__module__)
            assert getattr(home, each.__name__) is each
            assert not each.__module__.startswith("nn.") or each.__module__.count(".") == 1, each.__module__
    assert pickle.loads(pickle.dumps(nn.layers.Dense)) is nn.layers.Dense


PLACES = {
    "nn.layer": ["Layer"],
    "nn.model": ["Model", "Sequential"],
    "nn.optimizer": ["Optimizer"],
    "nn.layers": ["Layer", "Dense"],
    "nn.layers.core": ["Activation", "Dense", "Dropout", "Flatten", "Input"],
    "nn.losses": ["MeanSquaredError", "mean_squared_error", "get", "Loss", "LossFunctionWrapper"],
    "nn.metrics": ["Mean", "Metric", "accuracy", "get"],
    "nn.ops": ["relu", "SELU_SCALE", "SELU_ALPHA", "affine"],
    "nn.ops.samples": ["SAMPLES"],
    "nn.optimizers": ["SGD", "BLOCK"],
    "nn.random": ["set_random_seed", "generator"],
    "nn.errors": ["ArgumentError", "StateError"],
}


@pytest.mark.parametrize("module", PLACES)
def test_places_that_stay(module):
    found = importlib.import_module(module)
    assert [name for name in PLACES[module] if not hasattr(found, name)] == []


def test_metrics_say_whether_they_can_be_compiled():
    class Own(metrics.Mean):
        pass

    class Changed(metrics.BinaryAccuracy):
        def update_state(self, y_true, y_pred, sample_weight=None):
            pass

    assert metrics.Mean().compiles
    assert metrics.get("accuracy").compiles
    assert metrics.get("mse").compiles
    assert not metrics.get(lambda y, p: y - p).compiles
    assert not Own().compiles
    assert not Changed().compiles
