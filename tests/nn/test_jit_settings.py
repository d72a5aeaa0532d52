"""Steps as programs: what a program depends on, wherever it is kept, and when one is written."""

import argparse
import copy
import functools
import pickle
import sys
import threading
import types
from collections import deque

import numpy as np
import pytest
from steps import LABELS, ONE_HOT, X, assert_same, both, fitted, network, programs_of

import autograd
import autograd.numpy as anp
import nn
from autograd.extend import Dependencies
from nn.callbacks import LambdaCallback
from nn.layers import Dense, Dropout, Input
from nn.layers.base import Layer
from nn.metrics import BinaryAccuracy
from nn.models import Sequential
from nn.optimizers import SGD, Adam

config = types.ModuleType("config_of_the_user")
ARGUMENTS = argparse.Namespace()
FACTOR = 1.0
TWO = [[1.0], [3.0]]


class Options:
    factor = 1.0


class Slotted:
    __slots__ = ("factor",)


class Owner:
    """An object of the user's own, with a loss that is a method, and a count that this does not read."""

    def __init__(self):
        self.factor, self.count = 1.0, 0

    def loss(self, y, p):
        return self.weighted(anp.mean((y - p) ** 2, axis=-1))

    def weighted(self, losses):
        return losses * self.factor


class Scaled(Layer):
    """Computes with what a function returns."""

    own = 1.0

    def __init__(self, factor=lambda layer: 1.0, **attributes):
        super().__init__()
        self.factor = factor
        vars(self).update(copy.deepcopy(attributes))

    def call(self, inputs):
        return inputs * self.factor(self)


def of_function(get, change):
    """Return what makes a layer that calls a function of the user's own, and what changes what this reads."""
    return lambda: ([Scaled(lambda layer: get())], "mse"), lambda model: change()


def of_attribute(get, change, **attributes):
    return lambda: ([Scaled(get, **attributes)], "mse"), lambda model: change(model.layers[1])


def set_global(value):
    global FACTOR
    FACTOR = value


def by_closure():
    factor = 1.0

    def loss(y, p):
        return anp.mean((y - p) ** 2, axis=-1) * factor

    def change(model):
        nonlocal factor
        factor = 3.0

    return lambda: ([], loss), change


def by_method():
    owner = Owner()
    return lambda: ([], owner.loss), lambda model: setattr(owner, "factor", 3.0)


def by_partial():
    options = {"factor": 1.0}

    def loss(options, y, p):
        return anp.mean((y - p) ** 2, axis=-1) * options["factor"]

    return lambda: ([], functools.partial(loss, options)), lambda model: options.update(factor=3.0)


def by_slots():
    slotted = Slotted()
    slotted.factor = 1.0
    return of_function(lambda: slotted.factor, lambda: setattr(slotted, "factor", 3.0))


def factor_of_config():
    import config_of_the_user

    return config_of_the_user.factor


def part_of_config():
    from config_of_the_user import factor

    return factor


CHANGES = {
    "closure": by_closure,
    "method": by_method,
    "partial": by_partial,
    "slots": by_slots,
    "global": lambda: of_function(lambda: FACTOR, lambda: set_global(3.0)),
    "module": lambda: of_function(lambda: config.factor, lambda: setattr(config, "factor", 3.0)),
    "import": lambda: of_function(factor_of_config, lambda: setattr(config, "factor", 3.0)),
    "part of an import": lambda: of_function(part_of_config, lambda: setattr(config, "factor", 3.0)),
    "class": lambda: of_function(lambda: Options.factor, lambda: setattr(Options, "factor", 3.0)),
    "class of a layer": lambda: of_attribute(lambda layer: layer.own, lambda layer: setattr(Scaled, "own", 3.0)),
    "iterations": lambda: of_attribute(
        lambda layer: layer.iterations, lambda layer: setattr(layer, "iterations", 3), iterations=1
    ),
    "history": lambda: of_attribute(
        lambda layer: layer.history, lambda layer: setattr(layer, "history", 3.0), history=1.0
    ),
    "keys": lambda: of_attribute(
        lambda layer: 1 + ("b" in layer.a), lambda layer: layer.a.update(b=layer.a.pop("a")), a={"a": 1}
    ),
    "set": lambda: of_attribute(lambda layer: len(layer.a), lambda layer: layer.a.add(2), a={1}),
    "deque": lambda: of_attribute(lambda layer: layer.a[0], lambda layer: layer.a.rotate(1), a=deque([1.0, 3.0])),
    "array": lambda: of_attribute(lambda layer: layer.a[1], lambda layer: layer.a.fill(3.0), a=np.ones(3)),
    "another of two lists": lambda: of_attribute(
        lambda layer: layer.b[0], lambda layer: setattr(layer, "b", layer.a[1]), a=TWO, b=TWO[0]
    ),
    "long list": lambda: of_attribute(
        lambda layer: layer.a[7], lambda layer: layer.a.__setitem__(7, 3.0), a=[1.0] * 2000
    ),
    "arguments": lambda: of_function(lambda: ARGUMENTS.factor, lambda: setattr(ARGUMENTS, "factor", 3.0)),
    "minus 0": lambda: of_attribute(
        lambda layer: 2 - np.copysign(1.0, layer.a), lambda layer: setattr(layer, "a", -0.0), a=0.0
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_changed_between_two_steps_has_its_effect(name, programs_at_once, monkeypatch):
    monkeypatch.setitem(sys.modules, config.__name__, config)

    def make(jit):
        config.factor = ARGUMENTS.factor = Options.factor = Scaled.own = 1.0
        set_global(1.0)
        ingredients, found["change"] = CHANGES[name]()
        layers, loss = ingredients()
        model = Sequential([Input((6,)), Dense(4), *layers])
        model.compile(SGD(0.01), loss, jit=jit)
        return model

    def run(model):
        losses = []
        for step in range(8):
            if step == 4:
                found["change"](model)
            losses.append(model.train_on_batch(X, ONE_HOT))
        return {"losses": losses}

    found = {}
    first, second, fast, slow = both(make, run)
    assert_same(first, second, fast, slow)
    # An array that enters recorded operations only is read anew at each step.
    assert len(programs_of(fast)) == (1 if name == "array" else 2)
    assert abs(first["losses"][4] - first["losses"][3]) > 0.05 * first["losses"][3]


def test_what_a_step_changes_itself_is_found_out(programs_at_once):
    class Counting(Layer):
        def __init__(self):
            super().__init__()
            self.calls = np.zeros(1)

        def call(self, inputs):
            self.calls += 1
            return inputs * float(self.calls[0])

    model = Sequential([Input((6,)), Counting()])
    model.layers[0].calls[:] = 0
    with pytest.warns(autograd.errors.CompileWarning, match=r"writes into 'self\._layers\.calls', an array outside"):
        found = [model.predict(np.ones((3, 6)))[0, 0].item() for _ in range(6)]
    assert found == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_what_is_assigned_anew_but_equal_needs_no_other_program(programs_at_once):
    class Remembering(Layer):
        def call(self, inputs):
            self.shape = (*inputs.shape, 0.5)
            self.sizes = {"last": [len(inputs)]}
            return inputs * np.float64(2)

    owner = Owner()
    model = Sequential([Input((6,)), Dense(4), Remembering()])
    model.compile(SGD(0.01), owner.loss)
    for _ in range(6):
        owner.count += 1  # which the loss does not read
        model.train_on_batch(X, ONE_HOT)
    (program,) = programs_of(model)
    assert program.traces == 1
    assert len(program._found) == 1


def test_a_name_of_the_module_that_is_that_of_an_attribute_is_nothing_to_it(programs_at_once):
    class Reading(Layer):
        FACTOR = 2.0

        def call(self, inputs):
            return inputs * self.FACTOR

    def made(jit):
        nn.set_random_seed(0)
        model = Sequential([Input((6,)), Dense(4), Reading()])
        model.compile(SGD(0.01), "mse", jit=jit)
        return model

    def losses(model):
        found = []
        for _ in range(6):
            found.append(float(model.train_on_batch(X, ONE_HOT)))
            set_global(found[-1])  # of this module, which the layer does not read
        return found

    compiled, plain = made(True), made(False)
    np.testing.assert_allclose(losses(compiled), losses(plain), rtol=1e-5)
    assert [program.traces for program in programs_of(compiled)] == [1]
    for model in (compiled, plain):
        model.layers[-1].FACTOR = 3.0  # the attribute, which it does read
    np.testing.assert_allclose(losses(compiled), losses(plain), rtol=1e-5)
    assert sum(program.traces for program in programs_of(compiled)) == 2


def test_metrics_are_settings_too(programs_at_once):
    def make(jit):
        found = network("sigmoid")
        found.compile(SGD(0.1), "binary_crossentropy", metrics=[BinaryAccuracy()], jit=jit)
        return found

    def run(model):
        values = []
        for step in range(8):
            if step == 4:
                model.metrics[1].options["threshold"] = 0.2
            values.append(model.train_on_batch(X, ONE_HOT)[1])
        return {"values": values}

    first, second, fast, slow = both(make, run)
    assert_same(first, second, fast, slow)
    assert first["values"][3] != first["values"][4]


def test_settings_of_functions_that_are_not_finished():
    def outer():
        def loss(y, p):
            return later(y, p)

        found = Dependencies(loss)
        assert found.hold()

        def later(y, p):
            return y - p

        return found, loss

    found, loss = outer()
    assert not found.hold()
    assert found != Dependencies(loss)


def test_things_within_things_without_end_are_compared(programs_at_once):
    model = network()
    chain = None
    for _ in range(5000):
        chain = types.SimpleNamespace(next=chain)
    model.chain = chain
    expected = model.predict(X)
    for _ in range(4):
        np.testing.assert_array_equal(model.predict(X), expected)
    assert programs_of(model)


def test_generators_of_the_user_are_watched(programs_at_once):
    rng = np.random.default_rng(0)

    class Noise(Layer):
        def call(self, inputs):
            return inputs + rng.normal()

    model = Sequential([Input((6,)), Noise()])
    with pytest.warns(UserWarning, match="draws random numbers"):
        found = [model.predict(np.ones((3, 6)))[0, 0].item() for _ in range(6)]
    assert len(set(found)) == 6


# ----------------------------------------------------------------------------------------- what is returned, and copies
def test_predictions_remember_their_logits(programs_at_once):
    """A metric of the user's own is exact in the tails, and computed as it is without a program."""

    def cross_entropy(y, p):
        return nn.losses.categorical_crossentropy(y, p)

    class Own(Sequential):
        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            return {"nested": float(np.mean(cross_entropy(y, y_pred).numpy()))}

    for kind in (Sequential, Own):

        def make(jit, kind=kind):
            found = kind(
                [
                    Input((6,)),
                    Dense(4, kernel_initializer=nn.initializers.RandomNormal(0.0, 500.0), activation="softmax"),
                ]
            )
            found.compile(SGD(0.1), "categorical_crossentropy", metrics=[cross_entropy], jit=jit)
            return found

        first, second, fast, slow = both(
            make, lambda model: {"losses": [model.train_on_batch(X, ONE_HOT) for _ in range(5)]}
        )
        assert_same(first, second, fast, slow)
        assert np.min(first["losses"]) > 87.4  # which is the most without logits
        predicted = [fast.predict_step(autograd.Tensor(X)) for _ in range(4)]
        assert [nn.activations.logits_of(each, "softmax") is not None for each in predicted] == [True] * 4


def test_nests_with_probabilities():
    p = nn.activations.softmax(ONE_HOT)
    packed = nn.activations.with_logits({"a": (p, [1, p.copy()])})
    assert type(packed["a"][0]) is nn.activations.WithLogits
    assert type(packed["a"][1][1]) is autograd.Tensor
    back = nn.activations.remembering_logits(packed)
    assert nn.activations.logits_of(back["a"][0], "softmax").tolist() == ONE_HOT.tolist()
    assert back["a"][0].tolist() == p.tolist()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_goes_on_as_the_model_does(copied):
    model = network(dropout=0.3)
    model.compile(Adam(0.05), "sparse_categorical_crossentropy")
    fitted(model)
    other = copied(model)
    found = []
    for each in (model, other):
        nn.set_random_seed(5)
        found.append([each.train_on_batch(X, LABELS) for _ in range(4)])
    assert found[0] == found[1]
    assert [each.steps for each in other.optimizer._slots.values()] == [19] * 4
    assert all(
        each.variable is weight for each, weight in zip(other.optimizer._slots.values(), other.weights, strict=True)
    )


# -------------------------------------------------------------------------------------------- when a program is written
def trained(model, steps):
    for _ in range(steps):
        model.train_on_batch(X, LABELS)
    return len(programs_of(model))


def compiled_network():
    model = network()
    model.compile(SGD(0.1), "sparse_categorical_crossentropy")
    return model


def test_few_steps_write_no_program():
    model = compiled_network()
    assert trained(model, nn.training.step.ENOUGH - 1) == 0
    assert trained(model, 1) == 1


def test_where_many_steps_are_expected_the_program_is_written_at_once():
    counts = []
    model = compiled_network()
    told = LambdaCallback(on_train_batch_end=lambda step, logs: counts.append(len(programs_of(model))))
    fitted(model, batch_size=5, epochs=4, callbacks=told, validation_split=0.1)
    assert counts[:2] == [0, 1]
    assert set(counts) == {0, 1}  # none for the validation, and none of the batches that are left over
    model = compiled_network()
    fitted(model, batch_size=5, epochs=3)
    assert not programs_of(model)


def test_settings_that_change_on_the_way_begin_to_count_anew():
    counts = []
    model = compiled_network()

    def changed(epoch, logs):
        model.optimizer.weight_decay = 0.01 * (epoch + 1)
        counts.append(len(programs_of(model)))

    fitted(model, batch_size=5, epochs=8, callbacks=LambdaCallback(on_epoch_end=changed))
    assert counts == [1] * 8


def test_several_threads_predict():
    model = network()
    expected = {count: model(X[:count]).numpy() for count in range(1, 50)}
    wrong = []

    def work(seed):
        for count in np.random.default_rng(seed).integers(1, 50, 200):
            try:
                np.testing.assert_allclose(model.predict(X[:count]), expected[count], rtol=1e-5, atol=1e-6)
            except BaseException as error:
                wrong.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_seed_of_its_own_stays_with_a_layer():
    layer = Dropout(0.5, seed=3)
    other = copy.deepcopy(layer)
    assert layer(np.ones((4, 6)), training=True).tolist() == other(np.ones((4, 6)), training=True).tolist()
