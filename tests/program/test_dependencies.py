"""A compiled function never goes on with a stale value: each case is right after a change, or refused aloud."""

import decimal
import sys
import warnings

import numpy as np
import pytest
import stale
from stale import REVIEW
from stale_further import CASES, REFUSED
from steps import ONE_HOT
from steps import X as ROWS

import autograd
import nn
from autograd.errors import CompileWarning
from nn.layers import Dense, Input
from nn.optimizers import SGD

X = np.array([1.0, 2.0])


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch):
    """Give the state of the process back."""
    monkeypatch.setattr(decimal.getcontext(), "prec", 28)
    monkeypatch.setenv("TGV", "1.0")
    monkeypatch.setattr(sys, "zz_flag", 1.0, raising=False)
    monkeypatch.setattr(stale, "G", 1.0)
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
