"""Captured names of a compiled function: where one is another object, the function is traced anew."""

import argparse
import functools
import sys
import types
import warnings
from collections import deque

import numpy as np
import pytest
from follows import X, follows

import autograd
import autograd.numpy as anp
from autograd import Tensor, Variable, compile

RATE = 2.0


def doubled(x):
    return x * RATE


class Settings:
    shared = 3.0
    __slots__ = ("extra",)


class Model:
    offset = 1.0

    def __init__(self):
        self.rate = 2.0
        self.layers = [Layer(), Layer()]
        self.steps = 0
        self.settings = Settings()
        self.settings.extra = 0.0

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x * self.rate + self.offset + self.shift

    @property
    def shift(self):
        return self.settings.extra * Settings.shared

    @staticmethod
    def scale(x):
        return x * RATE

    @compile
    def method(self, x):
        return self(x) + self.helper(x)

    def helper(self, x):
        return self.scale(x) - self.rate


class Layer:
    def __init__(self):
        self.w = np.ones(2)
        self.on = True

    def __call__(self, x):
        return x * self.w if self.on else x


# ----------------------------------------------------------------------------------------------- what is another object
def test_a_global_number(monkeypatch):
    follows(
        doubled,
        lambda: monkeypatch.setitem(globals(), "RATE", 3.0),
        lambda: monkeypatch.setitem(globals(), "RATE", -0.0),
    )


def test_an_equal_number_is_the_same(monkeypatch):
    follows(doubled, lambda: monkeypatch.setitem(globals(), "RATE", float("2.0")), traces=False)


def test_the_global_of_a_function_that_is_called(monkeypatch):
    follows(lambda x: doubled(x) + 1, lambda: monkeypatch.setitem(globals(), "RATE", 3.0))
    monkeypatch.undo()
    follows(autograd.grad(lambda x: anp.sum(doubled(x) ** 2)), lambda: monkeypatch.setitem(globals(), "RATE", 3.0))


def test_another_function_under_the_same_name(monkeypatch):
    follows(lambda x: doubled(x), lambda: monkeypatch.setitem(globals(), "doubled", lambda x: x - 1))


def test_a_variable_of_the_function_around():
    rate = 2.0

    def other():
        nonlocal rate
        rate += 1

    follows(lambda x: x * rate, other, other)


def test_an_array_of_the_function_around():
    w = np.ones(2)

    def other():
        nonlocal w
        w = w + 1

    follows(lambda x: x * w, other, other)


@pytest.mark.parametrize("make", [np.asarray, Tensor, anp.asarray])
def test_items_of_a_dict_and_of_lists_in_it(make):
    params = {"w": make(np.ones(2)), "rest": [make(np.ones(2)), 1.0]}

    def loss(x):
        return anp.sum(x * params["w"] * params["rest"][0]) * params["rest"][1]

    def step():
        params["w"] = params["w"] - 0.5

    def inner():
        params["rest"][0] = make(np.array([3.0, params["rest"][1]]))

    def number():
        params["rest"][1] += 1.0

    def name():
        params["more"] = 1

    follows(loss, step, inner, number, name, step)
    follows(autograd.grad(loss), step, inner, number)


@pytest.mark.parametrize("kind", [set, deque])
def test_items_of_sets_and_queues(kind):
    powers = kind([1, 2])
    follows(
        lambda x: sum(x**k for k in powers),
        lambda: getattr(powers, "add", getattr(powers, "append", None))(3),
        lambda: powers.remove(1),
    )


def test_items_of_a_tensor():
    t = Tensor(np.ones(2))
    follows(lambda x: x * t, lambda: t.__setitem__(0, 5.0))


def test_the_program_for_what_was_there_before_is_kept(monkeypatch):
    program = compile(lambda x: x * RATE if RATE else x)
    for rate in (2.0, 3.0, 2.0, 3.0):
        monkeypatch.setitem(globals(), "RATE", rate)
        np.testing.assert_array_equal(program(X), X * rate)
    assert program.traces == 2


# ------------------------------------------------------------------------------------------------- objects
def test_attributes_of_an_object_and_of_what_belongs_to_it(monkeypatch):
    model = Model()
    changes = [
        lambda: setattr(model, "rate", 3.0),
        lambda: setattr(model.layers[1], "on", False),
        lambda: setattr(model.layers[0], "w", np.array([3.0, 4.0])),
        lambda: model.layers.append(Layer()),
        lambda: setattr(model, "offset", 7.0),  # before the class's
        lambda: setattr(model.settings, "extra", 1.0),
        lambda: monkeypatch.setattr(Settings, "shared", 5.0),
    ]
    follows(lambda x: model(x), *changes)


def test_what_is_not_named_does_not_matter():
    model = Model()
    follows(lambda x: x * model.rate, lambda: setattr(model, "steps", 1), lambda: model.layers.clear(), traces=False)


@pytest.mark.parametrize(
    "compiled",
    [lambda m: compile(m), lambda m: compile(m.helper), lambda m: m.method, lambda m: compile(functools.partial(m))],
)
def test_objects_methods_and_partial_functions(compiled, monkeypatch):
    model = Model()
    program = compiled(model)
    given = program.f if hasattr(program, "f") else lambda x: model(x) + model.helper(x)
    for rate in (2.0, 3.0, 2.0):
        model.rate = rate
        np.testing.assert_array_equal(program(X), given(X))
    monkeypatch.setattr(Model, "helper", lambda self, x: x * 10)
    given = given if not isinstance(getattr(program, "f", None), types.MethodType) else lambda x: model.helper(x)
    if program is not given:
        model.rate = 9.0
        np.testing.assert_array_equal(program(X), program.f(X) if hasattr(program, "f") else given(X))


def test_attributes_of_an_argument():
    model = Model()
    program = compile(lambda model, x: x * model.rate)
    for rate in (2.0, 3.0):
        model.rate = rate
        np.testing.assert_array_equal(program(model, X), X * rate)


@pytest.mark.parametrize("kind", [types.SimpleNamespace, argparse.Namespace])
def test_attributes_of_objects_of_a_library(kind):
    settings = kind(rate=2.0)
    follows(lambda x: x * settings.rate, lambda: setattr(settings, "rate", 3.0))


def test_nothing_is_run_to_find_attributes():
    class Strange:
        rate = 2.0

        def __getattr__(self, name):
            raise AssertionError(name)

        @property
        def danger(self):
            raise AssertionError

    strange = Strange()
    program = compile(lambda x, ask=False: strange.danger if ask else x * strange.rate)
    np.testing.assert_array_equal(program(X), 2 * X)
    strange.rate = 3.0
    np.testing.assert_array_equal(program(X), 3 * X)


def test_attributes_of_a_module(monkeypatch):
    settings = types.ModuleType("settings_of_a_test")
    settings.rate = 2.0
    settings.__file__ = "settings.py"
    monkeypatch.setitem(sys.modules, "settings_of_a_test", settings)
    follows(lambda x: x * settings.rate, lambda: setattr(settings, "rate", 3.0))


def test_variables_and_what_their_owner_writes_are_read_anew():
    v, w = Variable(1.0), np.ones(2)
    follows(lambda x: x * v * w, lambda: v.assign(2.0), lambda: w.fill(3.0), traces=False)


# -------------------------------------------------------------------------------------------- what the function changes
def test_a_list_that_the_function_adds_to_is_told():
    seen = []

    @compile
    def f(x):
        seen.append(1)
        return x * len(seen)

    with pytest.warns(
        UserWarning, match=r"compiled function f changes 'seen', which is outside of it: that happens when it is traced"
    ):
        f(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f(X)
        f(X[:1])  # told once
    assert seen == [1, 1]


def test_an_attribute_that_is_only_given_is_told():
    model = Model()

    def f(x):
        model.last = x
        return x + 1

    with pytest.warns(UserWarning, match="changes 'model.last'"):
        compile(f)(X)


def test_what_changes_at_each_call_is_computed_without_a_program():
    state = {"w": np.zeros(2)}
    program = compile(lambda x: x + state["w"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for k in range(40):
            state["w"] = np.full(2, float(k))
            np.testing.assert_array_equal(program(X), X + k)
    assert "'state', which it finds outside, keeps changing: 16 programs were made. Give it as an argument" in str(
        caught[-1].message
    )
    assert program.refused


def test_variables_that_are_made_at_the_first_call_are_no_change():
    model = types.SimpleNamespace(w=None)

    @compile
    def f(x):
        if model.w is None:
            model.w = Variable(np.ones(2))
        return x * model.w

    for k in range(3):
        np.testing.assert_array_equal(f(X), X * (k + 1))
        model.w.assign(np.full(2, k + 2.0))


def test_source_is_of_what_is_there_now(monkeypatch):
    program = compile(doubled)
    program(X)
    assert "2.0" in program.source(X)
    monkeypatch.setitem(globals(), "RATE", 3.0)
    assert "3.0" in program.source(X)
