"""A compiled function never goes on with a stale value: each case is right after a change, or refused aloud."""

import array
import collections
import configparser
import contextvars
import dataclasses
import datetime
import decimal
import enum
import functools
import importlib
import itertools
import logging
import operator
import os
import sys
import threading
import types
import warnings
import weakref

import numpy as np
import pytest
from steps import ONE_HOT
from steps import X as ROWS

import autograd
import nn
from autograd.errors import CompileWarning
from nn.layers.core import Dense, Input
from nn.optimizers import SGD

X = np.array([1.0, 2.0])
G = 1.0

CASES = {}


def case(make):
    """Add a case: a function of ``x``, and what changes something that it reads."""
    CASES[make.__name__] = make
    return make


@case
def simple_namespace():
    o = types.SimpleNamespace(v=1.0)
    return (lambda x: x * o.v), (lambda: setattr(o, "v", 5.0))


@case
def chainmap():
    a = {}
    m = collections.ChainMap(a, {"v": 1.0})
    return (lambda x: x * m["v"]), (lambda: a.update(v=5.0))


@case
def slots():
    class S:
        __slots__ = ("v",)

    s = S()
    s.v = 1.0
    return (lambda x: x * s.v), (lambda: setattr(s, "v", 5.0))


@case
def itemgetter():
    d = {"v": 1.0}
    g = operator.itemgetter("v")
    return (lambda x: x * g(d)), (lambda: d.update(v=5.0))


@case
def dataclass_in_dict():
    @dataclasses.dataclass
    class D:
        v: float = 1.0

    d = {"a": D()}
    return (lambda x: x * d["a"].v), (lambda: setattr(d["a"], "v", 5.0))


@case
def custom_iter():
    class Items:
        def __init__(self):
            self.items = [1.0]

        def __iter__(self):
            return iter(self.items)

    i = Items()
    return (lambda x: x * sum(i)), (lambda: i.items.append(4.0))


@case
def lru_cleared():
    box = [1.0]

    @functools.lru_cache
    def get():
        return box[0]

    def ch():
        box[0] = 5.0
        get.cache_clear()

    return (lambda x: x * get()), ch


@case
def array_in_place():
    a = np.ones(2)
    return (lambda x: x * a), (lambda: a.fill(5.0))


@case
def missing():
    class M(dict):
        def __missing__(self, k):
            return self.default

    m = M()
    m.default = 1.0
    return (lambda x: x * m["a"]), (lambda: setattr(m, "default", 5.0))


@case
def enum_attr():
    class E(enum.Enum):
        A = 1

    E.A.scale = 1.0
    return (lambda x: x * E.A.scale), (lambda: setattr(E.A, "scale", 5.0))


@case
def partial_of_method():
    class P:
        v = 1.0

        def m(self, x):
            return x * self.v

    p = P()
    f = functools.partial(p.m)
    return (lambda x: f(x)), (lambda: setattr(p, "v", 5.0))


@case
def singledispatch():
    @functools.singledispatch
    def s(v):
        return 1.0

    return (lambda x: x * s(1)), (lambda: s.register(int, lambda v: 5.0))


@case
def set_add():
    s = {1.0}
    return (lambda x: x * sum(s)), (lambda: s.add(4.0))


@case
def counter():
    c = collections.Counter(a=1)
    return (lambda x: x * c["a"]), (lambda: c.update(a=4))


@case
def tensor_item():
    t = autograd.Tensor(np.ones(2))
    return (lambda x: x * t), (lambda: t.__setitem__(0, 5.0))


@case
def dunder_float():
    class F:
        v = 1.0

        def __float__(self):
            return self.v

    o = F()
    return (lambda x: x * float(o)), (lambda: setattr(o, "v", 5.0))


@case
def environ():
    os.environ["TGV"] = "1.0"
    return (lambda x: x * float(os.environ["TGV"])), (lambda: os.environ.__setitem__("TGV", "5.0"))


@case
def getenv():
    os.environ["TGV"] = "1.0"
    return (lambda x: x * float(os.getenv("TGV"))), (lambda: os.environ.__setitem__("TGV", "5.0"))


@case
def attrgetter():
    o = types.SimpleNamespace(q=types.SimpleNamespace(z=1.0))
    g = operator.attrgetter("q.z")
    return (lambda x: x * g(o)), (lambda: setattr(o.q, "z", 5.0))


@case
def config_parser():
    c = configparser.ConfigParser()
    c["a"] = {"v": "1.0"}
    return (lambda x: x * float(c["a"]["v"])), (lambda: c["a"].__setitem__("v", "5.0"))


@case
def globals_item():
    global G
    G = 1.0
    return (lambda x: x * globals()["G"]), (lambda: globals().__setitem__("G", 5.0))


@case
def eval_g():
    global G
    G = 1.0
    return (lambda x: x * eval("G")), (lambda: globals().__setitem__("G", 5.0))


@case
def array_item():
    a = np.ones(2)
    return (lambda x: x * a[0]), (lambda: a.fill(5.0))


@case
def array_float_sum():
    a = np.ones(2)
    return (lambda x: x * float(a.sum())), (lambda: a.fill(5.0))


@case
def array_times_2():
    a = np.ones(2)
    return (lambda x: x * (a * 2)), (lambda: a.fill(5.0))


@case
def structured():
    a = np.ones(2, dtype=[("field", float)])
    return (lambda x: x * a["field"][0]), (lambda: a["field"].fill(5.0))


@case
def decimal_prec():
    decimal.getcontext().prec = 28
    return (lambda x: x * float(decimal.Decimal(1) / decimal.Decimal(3))), (
        lambda: setattr(decimal.getcontext(), "prec", 2)
    )


@case
def decimal_getcontext():
    decimal.getcontext().prec = 28
    return (lambda x: x * decimal.getcontext().prec), (lambda: setattr(decimal.getcontext(), "prec", 2))


@case
def contextvar():
    v = contextvars.ContextVar("v")
    v.set(1.0)
    return (lambda x: x * v.get()), (lambda: v.set(5.0))


@case
def mappingproxy():
    d = {"v": 1.0}
    m = types.MappingProxyType(d)
    return (lambda x: x * m["v"]), (lambda: d.update(v=5.0))


@case
def object_array():
    o = types.SimpleNamespace(v=1.0)
    a = np.array([o], dtype=object)
    return (lambda x: x * a[0].v), (lambda: setattr(o, "v", 5.0))


@case
def generator_send():
    def gen():
        v = 1.0
        while True:
            got = yield v
            v = got if got is not None else v

    g = gen()
    next(g)
    return (lambda x: x * next(g)), (lambda: g.send(5.0))


@case
def metaclass_property():
    class M(type):
        @property
        def v(cls):
            return cls._v

    class C(metaclass=M):
        _v = 1.0

    return (lambda x: x * C.v), (lambda: setattr(C, "_v", 5.0))


@case
def forwarding():
    class F:
        def __init__(self, i):
            self._inner = i

        def __getattr__(self, n):
            return getattr(self._inner, n)

    o = types.SimpleNamespace(v=1.0)
    f = F(o)
    return (lambda x: x * f.v), (lambda: setattr(o, "v", 5.0))


@case
def bound_get():
    d = {"v": 1.0}
    get = d.get
    return (lambda x: x * get("v")), (lambda: d.update(v=5.0))


@case
def long_list():
    things = [1.0] * 20000
    return (lambda x: x * things[3]), (lambda: things.__setitem__(3, 5.0))


@case
def dict_of_objects():
    d = {i: types.SimpleNamespace(v=1.0) for i in range(20000)}
    return (lambda x: x * d[3].v), (lambda: setattr(d[3], "v", 5.0))


@case
def import_module():
    m = types.ModuleType("cfgz")
    m.V = 1.0
    sys.modules["cfgz"] = m
    return (lambda x: x * importlib.import_module("cfgz").V), (lambda: setattr(m, "V", 5.0))


@case
def bytearray_():
    b = bytearray(b"\x01")
    return (lambda x: x * b[0]), (lambda: b.__setitem__(0, 5))


@case
def array_array():
    b = array.array("d", [1.0])
    return (lambda x: x * b[0]), (lambda: b.__setitem__(0, 5.0))


@case
def move_to_end():
    od = collections.OrderedDict(a=1.0, b=2.0)
    return (lambda x: x * next(iter(od.values()))), (lambda: od.move_to_end("a"))


# names that were not there
@case
def getattr_default():
    o = types.SimpleNamespace()
    return (lambda x: x * getattr(o, "scale", 1.0)), (lambda: setattr(o, "scale", 5.0))


@case
def getattr_default_class():
    class C:
        pass

    o = C()
    return (lambda x: x * getattr(o, "scale", 1.0)), (lambda: setattr(C, "scale", 5.0))


@case
def hasattr_():
    o = types.SimpleNamespace()
    return (lambda x: x * (5.0 if hasattr(o, "scale") else 1.0)), (lambda: setattr(o, "scale", 5.0))


@case
def key_in():
    d = {}
    return (lambda x: x * (5.0 if "k" in d else 1.0)), (lambda: d.update(k=1))


@case
def vars_():
    o = types.SimpleNamespace(a=1.0)
    return (lambda x: x * len(vars(o))), (lambda: setattr(o, "b", 5.0))


@case
def dir_():
    class C:
        pass

    o = C()
    return (lambda x: x * len(dir(o))), (lambda: setattr(o, "b", 5.0))


@case
def asdict():
    @dataclasses.dataclass
    class D:
        v: float = 1.0

    d = D()
    return (lambda x: x * dataclasses.asdict(d)["v"]), (lambda: setattr(d, "v", 5.0))


@case
def try_attribute():
    class C:
        pass

    o = C()

    def f(x):
        try:
            return x * o.scale
        except AttributeError:
            return x

    return f, (lambda: setattr(o, "scale", 5.0))


@case
def try_in_other():
    class C:
        pass

    o = C()

    def inner(x):
        return x * o.scale

    def f(x):
        try:
            return inner(x)
        except AttributeError:
            return x

    return f, (lambda: setattr(o, "scale", 5.0))


@case
def module_type():
    m = types.ModuleType("mm")
    m.v = 1.0
    return (lambda x: x * m.v), (lambda: setattr(m, "v", 5.0))


@case
def module_exec():
    m = types.ModuleType("mm2")
    exec("v=1.0\ndef f(x): return x*v\n", vars(m))
    return m.f, (lambda: setattr(m, "v", 5.0))


@case
def module_exec_class():
    m = types.ModuleType("mm3")
    exec("class C:\n    v=1.0\n    def f(self,x): return x*self.v\nc=C()\n", vars(m))
    return (lambda x: m.c.f(x)), (lambda: setattr(m.c, "v", 5.0))


@case
def computed_getattr():
    class C:
        pass

    o = C()
    o.rate_1 = 1.0
    return (lambda x: x * sum(getattr(o, f"rate_{i}") for i in (1,))), (lambda: setattr(o, "rate_1", 5.0))


@case
def partial_keywords():
    def g(x, k):
        return x * k

    p = functools.partial(g, k=1.0)
    return (lambda x: p(x)), (lambda: p.keywords.update(k=5.0))


@case
def class_change():
    class A:
        v = 1.0

    class B:
        v = 5.0

    o = A()
    return (lambda x: x * o.v), (lambda: setattr(o, "__class__", B))


@case
def compare_eq():
    class E:
        def __init__(s, n):
            s.n = n

        def __eq__(s, o):
            return s.n == o.n

        def __hash__(s):
            return 1

    a, b = E(1), E(1)
    return (lambda x: x * (1.0 if a == b else 5.0)), (lambda: setattr(a, "n", 2))


@case
def dataclass_eq():
    @dataclasses.dataclass
    class E:
        n: int = 1

    a, b = E(1), E(1)
    return (lambda x: x * (1.0 if a == b else 5.0)), (lambda: setattr(a, "n", 2))


@case
def hashing():
    class E:
        n = 1

        def __hash__(s):
            return s.n

    e = E()
    return (lambda x: x * hash(e)), (lambda: setattr(e, "n", 5))


@case
def formatting():
    class E:
        n = 1

        def __repr__(s):
            return str(s.n)

    e = E()
    return (lambda x: x * float(f"{e!r}")), (lambda: setattr(e, "n", 5))


@case
def decorator_state():
    def deco(f):
        @functools.wraps(f)
        def w(x):
            return f(x) * w.scale

        w.scale = 1.0
        return w

    g = deco(lambda x: x)
    return (lambda x: g(x)), (lambda: setattr(g, "scale", 5.0))


@case
def decorator_class():
    class Deco:
        def __init__(s, f):
            functools.update_wrapper(s, f)
            s.f = f
            s.scale = 1.0

        def __call__(s, x):
            return s.f(x) * s.scale

    g = Deco(lambda x: x)
    return (lambda x: g(x)), (lambda: setattr(g, "scale", 5.0))


@case
def variable_trainable():
    v = autograd.Variable(2.0)

    def f(x):
        with autograd.GradientTape() as t:
            np.sum(x * v)
        return x * len(t.watched_variables())

    return f, (lambda: setattr(v, "trainable", False))


@case
def weakref_():
    class Held:
        v = 1.0

    o = Held()
    r = weakref.ref(o)

    def f(x):
        return x * r().v

    f.keep = o
    return f, (lambda: setattr(o, "v", 5.0))


@case
def large_array_recorded():
    a = np.ones(20000)
    return (lambda x: x * np.sum(a) / 20000), (lambda: a.fill(5.0))


@case
def tuple_of_arrays():
    t = (np.ones(20000), np.ones(2))

    def f(x):
        a, b = t
        return x * b * a[0]

    return f, (lambda: (t[0].fill(5.0), t[1].fill(2.0)))


@case
def default_array():
    a = np.ones(20000)

    def f(x, w=a):
        return x * w[0]

    return f, (lambda: a.fill(5.0))


@case
def partial_array():
    a = np.ones(2)

    def g(w, x):
        return x * float(w.sum())

    return functools.partial(g, a), (lambda: a.fill(5.0))


@case
def itertools_count():
    c = itertools.count()
    return (lambda x: x * next(c)), (lambda: None)


@case
def list_iterator():
    it = iter([1.0] * 3 + [5.0] * 100)
    return (lambda x: x * next(it)), (lambda: None)


@case
def array_method_bound():
    a = np.ones(3)
    s = a.sum
    return (lambda x: x * s()), (lambda: a.fill(5.0))


@case
def memoryview_():
    b = bytearray(b"\x01")
    m = memoryview(b)
    return (lambda x: x * m[0]), (lambda: b.__setitem__(0, 5))


@case
def threading_local():
    things = threading.local()
    things.v = 1.0
    return (lambda x: x * things.v), (lambda: setattr(things, "v", 5.0))


@case
def user_getitem_proxy():
    class P:
        def __init__(s, d):
            s._d = d

        def __getitem__(s, k):
            return s._d[k]

    d = {"v": 1.0}
    p = P(d)
    return (lambda x: x * p["v"]), (lambda: d.update(v=5.0))


@case
def logging_level():
    lg = logging.getLogger("zz")
    lg.setLevel(10)
    return (lambda x: x * lg.level), (lambda: lg.setLevel(50))


@case
def np_printoptions():
    np.set_printoptions(precision=8)
    return (lambda x: x * np.get_printoptions()["precision"]), (lambda: np.set_printoptions(precision=3))


@case
def sys_attr():
    sys.zz_flag = 1.0
    return (lambda x: x * sys.zz_flag), (lambda: setattr(sys, "zz_flag", 5.0))


@case
def descriptor():
    class D:
        def __get__(s, o, k=None):
            return o._v

    class C:
        v = D()

        def __init__(s):
            s._v = 1.0

    c = C()
    return (lambda x: x * c.v), (lambda: setattr(c, "_v", 5.0))


@case
def user_list_subclass():
    class L(list):
        def total(s):
            return sum(s)

    things = L([1.0])
    return (lambda x: x * things.total()), (lambda: things.append(4.0))


@case
def user_dict():
    u = collections.UserDict(v=1.0)
    return (lambda x: x * u["v"]), (lambda: u.update(v=5.0))


@case
def defaultdict_():
    u = collections.defaultdict(lambda: 1.0)
    return (lambda x: x * u.get("v", 1.0)), (lambda: u.update(v=5.0))


@case
def datetime_ok():
    class B:
        when = datetime.date(2020, 1, 1)

    return (lambda x: x * B.when.day), (lambda: setattr(B, "when", datetime.date(2020, 1, 5)))


@case
def method_wrapper():
    d = {"v": 1.0}
    g = d.__getitem__
    return (lambda x: x * g("v")), (lambda: d.update(v=5.0))


@case
def map_builtin():
    o = [types.SimpleNamespace(v=1.0)]
    return (lambda x: x * sum(map(operator.attrgetter("v"), o))), (lambda: setattr(o[0], "v", 5.0))


@case
def shape_in_place():
    a = np.ones((1, 2))

    def ch():
        a[...] = 5.0

    return (lambda x: x * a.reshape(-1)), ch


@case
def array_len_branch():
    things = [np.ones(2)]
    return (lambda x: sum(x * a for a in things)), (lambda: things.append(np.ones(2)))


@case
def namedtuple_replace():
    N = collections.namedtuple("N", "v")
    b = [N(1.0)]
    return (lambda x: x * b[0].v), (lambda: b.__setitem__(0, N(5.0)))


@case
def class_attr_array():
    class C:
        w = np.ones(2)

    return (lambda x: x * C.w[0]), (lambda: C.w.fill(5.0))


@case
def asarray_plain():
    a = np.ones(3)
    return (lambda x: x * np.asarray(a).max()), (lambda: a.fill(5.0))


@case
def isinstance_array():
    a = np.ones(3)
    return (lambda x: x * (a.max() if isinstance(a, np.ndarray) else 7.0)), (lambda: a.fill(5.0))


@case
def out_buffer():
    a = np.ones(2)
    b = np.empty(2)

    def f(x):
        np.multiply(a, 2.0, out=b)
        return x * b

    return f, (lambda: a.fill(5.0))


@case
def momentum_write():
    m = np.zeros(2)

    def f(x):
        m[:] = 0.9 * m + 1
        return x * m

    return f, (lambda: None)


@case
def grad_closure_array():
    D = np.ones((2, 2))
    return autograd.grad(lambda w: np.sum((D @ w) ** 2)), (lambda: D.fill(3.0))


# Those that no program can look after, and those that change by being used.
REFUSED = {
    "globals_item",
    "eval_g",
    "import_module",
    "generator_send",
    "itertools_count",
    "list_iterator",
    "momentum_write",
    "np_printoptions",
    "out_buffer",
}
# The cases of the review that found them.
REVIEW = [
    *(
        [
            "simple_namespace",
            "chainmap",
            "slots",
            "itemgetter",
            "dataclass_in_dict",
            "custom_iter",
            "lru_cleared",
            "array_in_place",
        ]
    ),
    *(
        [
            "missing",
            "enum_attr",
            "partial_of_method",
            "singledispatch",
            "set_add",
            "counter",
            "tensor_item",
            "dunder_float",
        ]
    ),
    *(
        [
            "environ",
            "attrgetter",
            "config_parser",
            "globals_item",
            "eval_g",
            "array_item",
            "array_float_sum",
            "array_times_2",
        ]
    ),
    *(["structured", "decimal_getcontext", "contextvar", "mappingproxy", "object_array", "generator_send"]),
    *(["metaclass_property", "forwarding", "bound_get", "long_list", "dict_of_objects", "import_module", "bytearray_"]),
    *(["array_array", "move_to_end"]),
]


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch):
    """Give the state of the process back."""
    monkeypatch.setattr(decimal.getcontext(), "prec", 28)
    monkeypatch.setenv("TGV", "1.0")
    monkeypatch.setattr(sys, "zz_flag", 1.0, raising=False)
    monkeypatch.setitem(globals(), "G", 1.0)
    with np.printoptions():
        yield
    sys.modules.pop("cfgz", None)


def test_the_cases_of_the_review_are_there():
    assert len(REVIEW) == len(set(REVIEW)) == 39
    assert set(REVIEW) <= CASES.keys()
    assert len(set(REVIEW) - REFUSED) >= 26


@pytest.mark.parametrize("name", sorted(CASES.keys() - REFUSED))
def test_compiled_and_right_after_a_change(name):
    f, change = CASES[name]()
    program = autograd.compile(f)
    for _ in range(3):
        np.testing.assert_array_equal(program(X), f(X))
    change()
    for _ in range(3):
        np.testing.assert_array_equal(program(X), f(X))
    assert not program.refused


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused_with_a_warning(name):
    f, change = CASES[name]()
    program = autograd.compile(f)
    with pytest.warns(CompileWarning, match="runs as it is"):
        program(X)
    change()
    assert program.refused


# ------------------------------------------------------------------------------------------------------------ in fit
def model_with(loss, jit):
    nn.set_random_seed(3)
    model = nn.Sequential([Input((6,)), Dense(4)])
    model.compile(SGD(0.0), loss, jit=jit)
    return model


@pytest.mark.parametrize("name", sorted(CASES.keys() - {"dict_of_objects", "variable_trainable"}))
def test_a_loss_that_reads_it_is_right_in_training(name, programs_at_once):
    found = []
    for jit in (True, False):
        f, change = CASES[name]()

        def loss(y, p, f=f):
            return np.mean((y - p) ** 2, axis=-1) * np.sum(f(np.ones(2)))

        model = model_with(loss, jit)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CompileWarning)
            losses = [float(model.train_on_batch(ROWS, ONE_HOT)) for _ in range(3)]
            change()
            losses += [float(model.train_on_batch(ROWS, ONE_HOT)) for _ in range(3)]
        found.append(losses)
    np.testing.assert_allclose(*found, rtol=1e-5)
