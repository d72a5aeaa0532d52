"""Ctrl-C in a call of a layer, in evaluate, predict and fit leaves nothing behind."""

import os
import random
import signal

import numpy as np
import pytest

import autograd
import nn
from nn import layers
from tests.helpers.interrupts import injected, signalled

THOROUGH = bool(os.environ.get("TAPEGRAD_THOROUGH"))
FOLDERS = (os.path.dirname(autograd.__file__), os.path.dirname(nn.__file__))
X, Y = np.ones((6, 3), np.float32), np.ones((6, 1), np.float32)


def model():
    made = nn.Sequential([nn.Input((3,)), layers.Dense(4, activation="relu"), layers.Dropout(0.5), layers.Dense(1)])
    made.compile("adam", "mse", jit=False)
    return made


MODEL = model()
BODIES = {
    "call": lambda: MODEL(X, training=True),
    "evaluate": lambda: MODEL.evaluate(X, Y, batch_size=3, verbose=0),
    "predict": lambda: MODEL.predict(X, batch_size=3),
    "fit": lambda: MODEL.fit(X, Y, batch_size=3, validation_data=(X, Y), verbose=0),
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # in a generator that is closed
@pytest.mark.parametrize("name", BODIES)
def test_an_interrupt_between_two_bytecodes_leaves_nothing_behind(name):
    BODIES[name]()
    every = 1 if THOROUGH else {"fit": 307, "evaluate": 97, "predict": 37, "call": 7}[name]
    tried, faults = injected(BODIES[name], FOLDERS, every, first=1 if THOROUGH else random.Random(name).randrange(1, 7))
    assert faults == []
    assert tried > 10


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no timers that send signals")
@pytest.mark.parametrize("name", ["call", "evaluate", "predict"])
def test_a_signal_leaves_nothing_behind(name):
    BODIES[name]()
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        times = 100_000 if THOROUGH else 200
        received, faults = signalled(BODIES[name], times, random.Random(name), 2e-3)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert faults == []
    assert received == times
