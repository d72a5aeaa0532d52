"""Models and data that tests of steps as programs share."""

import numpy as np

from nn.layers import Dense, Dropout, Input
from nn.models import Sequential
from nn.random import set_random_seed

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 6)).astype(np.float32)
LABELS = RNG.integers(0, 4, 50)
ONE_HOT = np.eye(4, dtype=np.float32)[LABELS]


def network(last="softmax", units=4, dropout=0.0, **options):
    layers = [
        Input((6,)),
        Dense(8, activation="relu", **options),
        *([Dropout(dropout)] if dropout else []),
        Dense(units, activation=last),
    ]
    return Sequential(layers)


def both(make, run):
    """Build, compile and run a model with programs and without, from the same seed; return what each run returned, and
    the two models.
    """
    found = []
    for jit in (True, False):
        set_random_seed(7)
        model = make(jit)
        found.append((run(model), model))
    (first, fast), (second, slow) = found
    return first, second, fast, slow


def assert_same(first, second, fast, slow):
    """Check that two runs came to the same, and that one of them did so by programs and the other not."""
    assert programs_of(fast)
    assert not programs_of(slow)
    for one, other in zip(fast.get_weights(), slow.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-6)
    assert first.keys() == second.keys()
    for name in first:
        np.testing.assert_allclose(first[name], second[name], rtol=2e-5, atol=2e-6, err_msg=name)


def programs_of(model):
    """Return the programs of a model that have been written."""
    steps = vars(model).get("_steps", {})
    return [
        program.compiled
        for step in steps.values()
        for program in step._programs.values()
        if program.compiled is not None
    ]


def fitted(model, x=X, y=LABELS, **options):
    return model.fit(x, y, **{"batch_size": 10, "epochs": 3, "verbose": 0, **options}).history
