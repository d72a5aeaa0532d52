"""The walk finds all that a compiled function depends on: inherited methods, objects in lists, defaults, and methods
that Python itself calls.
"""

import collections
import dataclasses
import functools
import sys
import threading
import types
import warnings

import numpy as np
import pytest
from follows import X, follows

import autograd
import autograd.numpy as anp
import nn
from autograd import Tensor, compile
from autograd.program.names import names_in
from nn.layers import Dense, Input
from nn.models import Sequential

RATE = 2.0


class Scaled:
    shared = 1.0

    def __init__(self, rate=2.0):
        self.rate = rate
        self.inner = types.SimpleNamespace(rate=rate)

    def forward(self, x):
        return x * self.rate

    def is_set_first(self, x):
        y = x  # a store and a load that Python 3.13 makes one
        return self.rate * y

    def is_counted(self, x):
        self.steps += 1
        return x

    def __getitem__(self, i):
        return self.rate

    def __mul__(self, x):
        return x * self.rate

    @property
    def whole(self):
        return self.inner

    @classmethod
    def of_class(cls, x):
        return x * cls.shared

    @functools.cached_property
    def twice(self):
        return self.rate * 2

    times = functools.partialmethod(lambda self, x, k: x * self.rate * k, k=2.0)


class Above(Scaled):
    def forward(self, x):
        return super().forward(x) + 1.0

    def by_name(self, x):
        return Scaled.forward(self, x)

    def __call__(self, x):
        return self.forward(x)


class Slotted:
    __slots__ = ("rate",)

    def __init__(self, rate=2.0):
        self.rate = rate

    def forward(self, x):
        return x * self.rate


def scaled_by(thing, x):
    return x * thing.rate


class Passing(Scaled):
    def forward(self, x):
        return scaled_by(self, x)


class Shown:
    def __get__(self, owner, kind=None):
        if owner is None:
            raise RuntimeError("of no object")
        return owner.hidden


class Showing:
    rate = Shown()

    def __init__(self):
        self.hidden = 2.0


class Dynamic:
    def __init__(self):
        self.values = {"rate": 2.0}

    def __getattr__(self, name):
        return self.__dict__["values"][name]


# ---------------------------------------------------------------------------------- objects that are reached by no name
def in_a_loop(things, x):
    for thing in things:
        x = thing.forward(x)
    return x


LOOKS = {
    "a method above": lambda things, x: things[0].forward(x),
    "an item": lambda things, x: things[0].rate * x,
    "a loop": in_a_loop,
    "an argument of a function": lambda things, x: scaled_by(things[0], x),
    "a comprehension": lambda things, x: sum(thing.rate * x for thing in things),
    "what a function returns": lambda things, x: next(iter(things)).rate * x,
}


@pytest.mark.parametrize("kind", [Scaled, Above, Passing, Slotted])
@pytest.mark.parametrize("how", LOOKS)
def test_objects_in_lists_and_local_names(kind, how):
    things, look = [kind(), kind()], LOOKS[how]
    follows(lambda x: look(things, x), lambda: setattr(things[0], "rate", 3.0), lambda: setattr(things[0], "rate", 4.0))


@pytest.mark.parametrize(
    "look",
    [
        lambda thing, x: thing.forward(x),
        lambda thing, x: thing.by_name(x),
        lambda thing, x: thing(x),
        lambda thing, x: thing.is_set_first(x),
        lambda thing, x: thing[0] * x,
        lambda thing, x: thing * x,
        lambda thing, x: thing.times(x),
        lambda thing, x: scaled_by(thing, x),
        lambda thing, x: functools.partial(scaled_by, thing)(x),
    ],
)
def test_methods_that_are_reached_in_another_way(look):
    thing = Above()
    follows(lambda x: look(thing, x), lambda: setattr(thing, "rate", 3.0), lambda: setattr(thing, "rate", 4.0))
    follows(functools.partial(look, thing), lambda: setattr(thing, "rate", 5.0))


@pytest.mark.parametrize("how", LOOKS)
def test_objects_among_the_arguments(how):
    things, look = [Above(), Above()], LOOKS[how]
    program = compile(lambda x, *things: look(things, x))
    for rate in (2.0, 3.0):
        things[0].rate = rate
        np.testing.assert_array_equal(program(X, *things), look(things, X))


def test_what_a_property_returns():
    thing = Scaled()
    follows(
        lambda x: x * thing.whole.rate,
        lambda: setattr(thing.inner, "rate", 3.0),
        lambda: setattr(thing, "inner", Scaled(5.0)),
    )


def test_a_local_name_for_an_object():
    thing = Scaled()

    def f(x):
        inner = thing.inner
        return x * inner.rate

    follows(f, lambda: setattr(thing.inner, "rate", 3.0))


def test_a_parameter_that_gets_another_value():
    thing = Scaled()
    thing.inner = Scaled()

    def f(x, thing=thing):
        thing = thing.inner
        return x * thing.rate

    follows(f, lambda: setattr(thing.inner, "rate", 3.0))


def test_attributes_of_classes_by_class_methods(monkeypatch):
    class Below(Scaled):
        pass

    thing = Below()
    follows(
        lambda x: Below.of_class(x),
        lambda: monkeypatch.setattr(Scaled, "shared", 3.0),
        lambda: setattr(Below, "shared", 4.0),
    )
    follows(lambda x: thing.of_class(x), lambda: setattr(Below, "shared", 5.0))
    follows(lambda x: x * type(thing).shared * thing.__class__.shared, lambda: setattr(Below, "shared", 6.0))


def test_what_a_class_does_that_makes_an_object(monkeypatch):
    class Made:
        def __init__(self, x):
            self.x = x * RATE

        def get(self):
            return self.x * RATE

    follows(lambda x: Made(x).get(), lambda: monkeypatch.setitem(globals(), "RATE", 3.0))


def test_another_method_of_a_class(monkeypatch):
    thing = Above()
    follows(
        lambda x: thing(x),
        lambda: monkeypatch.setattr(Scaled, "forward", lambda self, x: x - 1),
        lambda: monkeypatch.setattr(Above, "__call__", lambda self, x: x - 2),
    )


def test_descriptors_are_not_run():
    thing = Showing()
    follows(lambda x: x * thing.rate, lambda: setattr(thing, "hidden", 3.0))


def test_attributes_that_are_computed_by_getattr():
    thing = Dynamic()
    follows(lambda x: x * thing.rate, lambda: thing.values.update(rate=3.0))


def test_attributes_whose_name_is_a_text():
    things = [Scaled()]
    follows(lambda x: x * getattr(things[0], "rate"), lambda: setattr(things[0], "rate", 3.0))  # noqa: B009
    follows(lambda x: x * sum(vars(things[0])[name] for name in ("rate",)), lambda: setattr(things[0], "rate", 4.0))


def test_attributes_of_a_thread():
    local = threading.local()
    local.rate = 2.0
    follows(lambda x: x * local.rate, lambda: setattr(local, "rate", 3.0))


def test_an_object_that_gets_another_class():
    thing = Above()
    follows(lambda x: thing.forward(x), lambda: setattr(thing, "__class__", Passing))


def test_a_property_that_is_kept():
    thing = Scaled()

    def other():
        thing.rate = 5.0
        del thing.twice

    follows(lambda x: x * thing.twice, other)


@pytest.mark.parametrize(
    "make", [collections.UserDict, collections.ChainMap, lambda given: type("Own", (dict,), {"get": None})(given)]
)
def test_dicts_of_other_kinds(make):
    params = make({"w": np.ones(2)})
    follows(lambda x: x * params["w"], lambda: params.__setitem__("w", np.array([3.0, 4.0])))


def test_the_items_of_an_object_that_is_a_list():
    class Chain(list):
        rate = 1.0

        def __call__(self, x):
            return x * self.rate * self[0]

        def scaled(self, x):
            return x * self[0]

        def __iter__(self):
            raise AssertionError

        def __len__(self):
            raise AssertionError

    chain = Chain([2.0])
    follows(lambda x: chain(x), lambda: setattr(chain, "rate", 5.0), lambda: chain.__setitem__(0, 3.0))
    follows(lambda x: chain.scaled(x), lambda: chain.__setitem__(0, 4.0))


class Factor(nn.layers.Layer):
    def __init__(self):
        super().__init__()
        self.factor = 2.0

    def call(self, inputs):
        return inputs * self.factor


@pytest.mark.parametrize("around", [lambda layer: layer, lambda layer: Sequential([Input((2,)), layer])])
def test_layers_of_the_users_own(around):
    layer = Factor()
    model = around(layer)
    follows(
        lambda x: model(x.reshape(1, 2)), lambda: setattr(layer, "factor", 3.0), lambda: setattr(layer, "factor", 4.0)
    )


def test_functions_that_layers_hold(monkeypatch):
    model = Sequential([Input((2,)), Dense(3, activation=lambda x: x * RATE)])
    follows(lambda x: model(x.reshape(1, 2)), lambda: monkeypatch.setitem(globals(), "RATE", 3.0))


# ------------------------------------------------------------------------------------------------ functions and modules
def test_defaults_and_the_code_of_functions():
    def f(x, scale=[2.0], *, more=3.0):  # noqa: B006
        return x * scale[0] * more

    follows(
        lambda x: f(x),
        lambda: f.__defaults__[0].__setitem__(0, 5.0),
        lambda: setattr(f, "__kwdefaults__", {"more": 7.0}),
        lambda: setattr(f, "__code__", (lambda x, scale, *, more: x - 1).__code__),
    )


def test_a_function_among_the_arguments(monkeypatch):
    program = compile(lambda f, x: f(x))
    f = lambda x: x * RATE  # noqa: E731
    for rate in (2.0, 3.0):
        monkeypatch.setitem(globals(), "RATE", rate)
        np.testing.assert_array_equal(program(f, X), X * rate)


def test_names_that_were_not_there(monkeypatch):
    def f(x):
        try:
            return x * NEW_NAME
        except NameError:
            return x * len([1, 2])

    follows(
        f,
        lambda: monkeypatch.setitem(globals(), "NEW_NAME", 3.0),
    )
    monkeypatch.undo()
    follows(f, lambda: monkeypatch.setitem(globals(), "len", lambda each: 7.0))


def test_modules_that_are_imported_inside(monkeypatch):
    settings = types.ModuleType("settings_of_a_test")
    settings.rate, settings.__file__ = 2.0, "settings.py"
    monkeypatch.setitem(sys.modules, "settings_of_a_test", settings)

    def whole(x):
        import settings_of_a_test as given

        return x * given.rate

    def part(x):
        from settings_of_a_test import rate

        return x * rate

    follows(whole, lambda: setattr(settings, "rate", 3.0))
    follows(part, lambda: setattr(settings, "rate", 4.0))


# ------------------------------------------------------------------------------------------------- what does not matter
def test_attributes_that_only_comparisons_and_texts_read_do_not_matter():
    @dataclasses.dataclass(order=True)
    class Config:
        rate: float = 2.0
        count: int = 0

        def __call__(self, x):
            return x * self.rate

    config = Config()
    follows(lambda x: x * config.rate, lambda: setattr(config, "count", 1), traces=False)
    follows(lambda x: config(x), lambda: setattr(config, "count", 2), traces=False)


def test_a_number_does_not_matter_where_a_method_of_that_name_is_called():
    thing = types.SimpleNamespace(mean=0.0, inner=Scaled())
    thing.inner.sum = 0.0

    def f(x):
        y = thing.inner.forward(x)
        return scaled_by(thing.inner, y) / y.sum() + sum(each.mean() for each in [y])

    follows(f, lambda: setattr(thing, "mean", 1.0), lambda: setattr(thing.inner, "sum", 1.0), traces=False)


@pytest.mark.parametrize("wrap", [np.asarray, Tensor])
def test_arrays_in_arguments_are_given_anew(wrap):
    Pair = collections.namedtuple("Pair", "w b")
    Pair.times = lambda self, x: x * self.w + self.b

    def loss(pair, params, x, *rest, **more):
        products = [value * x for value in params.values()]
        return pair.times(x) * pair.w + sum(products) + rest[rest.index(rest[0])] + sum(more.values())

    program = compile(loss)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for k in range(3):
            each = wrap(np.full(2, k + 1.0))
            args = Pair(each, each), {"w": each}, X, 1.0
            np.testing.assert_array_equal(program(*args, more=each), loss(*args, more=each))
    assert program.traces == 1


def test_objects_of_objects_without_end():
    thing = types.SimpleNamespace(rate=2.0)
    thing.me = thing.things = [thing]
    for _ in range(3000):
        thing.things = [thing.things]
    follows(lambda x: x * thing.me[0].me[0].rate * len(thing.things), lambda: setattr(thing, "rate", 3.0))


def test_lists_of_the_users_classes_run_nothing():
    class Strange(dict):
        def values(self):
            raise AssertionError

    strange = Strange(rate=2.0)
    follows(lambda x: x * strange["rate"], lambda: strange.update(rate=3.0))
    follows(autograd.grad(lambda x: anp.sum(x * strange["rate"])), lambda: strange.update(rate=4.0))


def test_a_counter_is_told():
    thing = Scaled()
    thing.steps = 0
    with pytest.warns(UserWarning, match=r"changes 'self\.steps'"):
        compile(thing.is_counted)(X)


# ------------------------------------------------------------------------------------------------ what stands in a text
def test_what_a_text_names():
    def f(self, x):
        y = x
        self.a.b += 1
        z = [each.c for each in self.d]
        y = y.e()
        return RATE, np.sin(y), (lambda: self.f.g + y.h), g(z).i

    names = names_in(f.__code__)
    assert {"RATE", "np", "g"} == set(names.outside)
    assert {"RATE", "g"} <= names.bare
    assert not {"np", "self"} & names.bare
    assert {"a", "b", "c", "d", "f", "g", "h", "i", "sin"} == {*names.attributes, "sin"}
    assert "e" in names.called
    assert names.assigned == {"b"}


def g(z):
    return types.SimpleNamespace(i=z)
