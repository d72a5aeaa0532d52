"""Ctrl-C leaves nothing behind: no active recorder, no batch level, no setting of NumPy's."""

import os
import random
import signal
import threading

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import GradientTape, Tensor, grad, hessian, hvp, jacobian, jvp, name_scope, stop_recording, vmap
from tests.helpers.interrupts import injected, left_behind, signalled

THOROUGH = bool(os.environ.get("TAPEGRAD_THOROUGH"))
FOLDER = (os.path.dirname(autograd.__file__),)
X = np.array([1.0, 2.0, 3.0])


def f(x):
    return anp.sum(anp.sin(x) * x)


def tape():
    with GradientTape() as recording:
        x = Tensor(X)
        recording.watch(x)
        y = x * x
        with stop_recording():
            y + 1.0
        with recording.stop_recording(), name_scope("inner"):
            y + 1.0
        y = y * x
    recording.gradient(y, x)


def nested():
    with GradientTape() as outer:
        x = Tensor(X)
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            y = anp.sum(x * x * x)
        slope = inner.gradient(y, x)
    outer.gradient(slope, x)


def writes():
    with GradientTape() as recording:
        x = Tensor(X)
        recording.watch(x)
        y = x * x
        part = y[1:]
        part[0] = 3.0
        y += 1
        part * 2


def anomaly():
    with autograd.anomaly_detection():
        grad(f)(X)


compiled = autograd.compile(grad(f))
BODIES = {
    "tape": tape,
    "gradient of a gradient": nested,
    "writes": writes,
    "grad": lambda: grad(f)(X),
    "jvp": lambda: jvp(f, (X,), (X,)),
    "vmap": lambda: vmap(f)(np.stack([X, X])),
    "vmap of grad": lambda: vmap(grad(f))(np.stack([X, X])),
    "jacobian": lambda: jacobian(lambda x: x * x)(X),
    "hessian": lambda: hessian(f)(X),
    "hvp": lambda: hvp(f, (X,), (X,)),
    "anomaly detection": anomaly,
    "compiled": lambda: compiled(X),
    "compile": lambda: autograd.compile(grad(f))(X),
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # in a generator that is closed
@pytest.mark.parametrize("name", BODIES)
def test_an_interrupt_between_two_bytecodes_leaves_nothing_behind(name):
    body = BODIES[name]
    body()
    points, _ = injected(body, FOLDER, every=10**9)  # one trial, which shows that the others have somewhere to go
    assert points == 1
    every = 1 if THOROUGH else {"compile": 997, "hessian": 97, "hvp": 97, "vmap of grad": 61}.get(name, 23)
    tried, faults = injected(body, FOLDER, every, first=1 if THOROUGH else random.Random(name).randrange(1, every))
    assert faults == []
    assert tried > 10


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no timers that send signals")
@pytest.mark.skipif(threading.current_thread() is not threading.main_thread(), reason="signals reach the main thread")
@pytest.mark.parametrize("name", [name for name in BODIES if name != "compile"])
def test_a_signal_leaves_nothing_behind(name):
    BODIES[name]()
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        times = 100_000 if THOROUGH else 300
        received, faults = signalled(BODIES[name], times, random.Random(name), 5e-4)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert faults == []
    assert received == times


def test_the_attack_finds_a_scope_that_is_left_by_a_method():
    class Naive:
        def __enter__(self):
            self.before = np.geterr()
            np.seterr(all="ignore")

        def __exit__(self, *exc_info):
            np.seterr(**self.before)

    def body():
        with Naive():
            pass

    tried, faults = injected(body, (os.path.dirname(__file__),))
    assert tried > 10
    assert any("__exit__ call" in where for where, _ in faults)
    assert left_behind() == set()
