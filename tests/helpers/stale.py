"""Functions that read something outside of them, each with what changes it: a program must not go on with the old
value. The cases of the review, and those beside them."""

import array
import collections
import configparser
import contextvars
import dataclasses
import decimal
import enum
import functools
import importlib
import operator
import os
import sys
import types

import numpy as np

import autograd

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


# The cases of the review that found them.
REVIEW = [
    "simple_namespace",
    "chainmap",
    "slots",
    "itemgetter",
    "dataclass_in_dict",
    "custom_iter",
    "lru_cleared",
    "array_in_place",
    "missing",
    "enum_attr",
    "partial_of_method",
    "singledispatch",
    "set_add",
    "counter",
    "tensor_item",
    "dunder_float",
    "environ",
    "attrgetter",
    "config_parser",
    "globals_item",
    "eval_g",
    "array_item",
    "array_float_sum",
    "array_times_2",
    "structured",
    "decimal_getcontext",
    "contextvar",
    "mappingproxy",
    "object_array",
    "generator_send",
    "metaclass_property",
    "forwarding",
    "bound_get",
    "long_list",
    "dict_of_objects",
    "import_module",
    "bytearray_",
    "array_array",
    "move_to_end",
]
