"""Functions that read something outside of them, each with what changes it: a program must not go on with the old
value. Cases in the like of those of `stale`."""

import collections
import dataclasses
import datetime
import functools
import itertools
import logging
import operator
import sys
import threading
import types
import weakref

import numpy as np
from stale import CASES, case

import autograd


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

__all__ = ["CASES", "REFUSED"]
