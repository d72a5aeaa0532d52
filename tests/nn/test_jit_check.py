"""`model.compile(jit="check")` runs each step of `fit` beside its program."""

import numpy as np
import pytest

import nn
from autograd.errors import CompileCheckError
from autograd.program import run


def fitted(jit, optimizer="adam"):
    nn.random.set_random_seed(3)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 4)), rng.integers(0, 3, 200)
    model = nn.Sequential([nn.layers.Dense(8, "tanh"), nn.layers.Dropout(0.3), nn.layers.Dense(3, "softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], jit=jit)
    history = model.fit(x, y, batch_size=4, epochs=3, verbose=0, shuffle=False)
    model.evaluate(x, y, batch_size=4, verbose=0)
    return history.history["loss"], model.get_weights()


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
def test_a_checked_fit_is_the_same_fit(optimizer):
    (losses, weights), (expected, others) = fitted("check", optimizer), fitted(True, optimizer)
    np.testing.assert_array_equal(losses, expected)
    for one, other in zip(weights, others, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_wrong_step_is_found(monkeypatch):
    optimized = run.optimized

    def spoiled(program, *args):
        program, counts = optimized(program, *args)
        for call in program.calls:
            call.fn = np.add if call.fn is np.subtract else call.fn
        return program, counts

    monkeypatch.setattr(run, "optimized", spoiled)
    with pytest.raises(CompileCheckError):
        fitted("check", "sgd")
