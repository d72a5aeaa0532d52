"""Losses and metrics of several outputs, weights of samples, and the numbers that they come to, written by hand."""

import numpy as np
import pytest

import nn
from autograd.errors import OperandError, ShapeError
from nn import layers
from nn.errors import ArgumentError

RNG = np.random.default_rng(3)
X, P, Q = RNG.normal(size=(12, 3)), RNG.normal(size=(12, 1)), RNG.normal(size=(12, 2))
W = np.linspace(0.0, 2.0, 12)


def model(outputs="list"):
    x = nn.Input((3,))
    p, q = layers.Dense(1, name="p")(x), layers.Dense(2, name="q")(x)
    return nn.Model(x, {"list": [p, q], "dict": {"u": p, "v": q}}[outputs])


def predicted(made):
    outputs = made.predict(X)
    return list(outputs.values()) if isinstance(outputs, dict) else outputs


def errors(made):
    p, q = predicted(made)
    return (p - P) ** 2, ((q - Q) ** 2).mean(axis=1), np.abs(p - P), np.abs(q - Q).mean(axis=1)


LOSSES = {
    "one": ("mse", None, (1, 1), "mse"),
    "list": (["mse", "mae"], None, (1, 1), "mixed"),
    "dict": ({"p": "mse", "q": "mae"}, {"p": 2.0, "q": 0.5}, (2, 0.5), "mixed"),
    "objects": ([nn.losses.MeanSquaredError(), nn.losses.MeanAbsoluteError()], [2, 0.5], (2, 0.5), "mixed"),
}


@pytest.mark.parametrize("jit", [True, False])
@pytest.mark.parametrize("case", LOSSES)
def test_losses_of_two_outputs(case, jit):
    loss, loss_weights, factors, kind = LOSSES[case]
    made = model()
    made.compile("sgd", loss, loss_weights=loss_weights, metrics={"q": ["mae"]}, jit=jit)
    values = made.evaluate(X, [P, Q], batch_size=5, verbose=0, return_dict=True)
    squares_p, squares_q, _, errors_q = errors(made)
    first, second = squares_p.mean(), (squares_q if kind == "mse" else errors_q).mean()
    expected = {"loss": factors[0] * first + factors[1] * second, "p_loss": first, "q_loss": second}
    expected["q_mae"] = errors_q.mean()
    assert list(values) == sorted(expected)
    for name, value in expected.items():
        assert values[name] == pytest.approx(value, rel=1e-5)
    history = made.fit(X, {"p": P, "q": Q}, epochs=40, batch_size=4, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]


def test_a_dict_of_outputs_by_its_keys_and_one_without_a_loss():
    made = model("dict")
    made.compile("sgd", {"v": "mse"}, metrics={"u": "mae"})
    values = made.evaluate(X, {"u": P, "v": Q}, verbose=0, return_dict=True)
    _, squares_q, errors_p, _ = errors(made)
    assert values == pytest.approx({"loss": squares_q.mean(), "u_mae": errors_p.mean()}, rel=1e-5)


@pytest.mark.parametrize("weights", [W, [W, W], {"p": W, "q": W}])
def test_weights_of_samples(weights):
    made = model()
    made.compile("sgd", "mse", metrics=[["mae"], []], weighted_metrics=[["mse"], ["mae"]])
    values = made.evaluate(X, [P, Q], sample_weight=weights, verbose=0, return_dict=True)
    squares_p, squares_q, errors_p, errors_q = errors(made)
    weighted_p, weighted_q = (squares_p[:, 0] * W).mean(), (squares_q * W).mean()
    expected = {"loss": weighted_p + weighted_q, "p_loss": weighted_p, "q_loss": weighted_q}
    expected |= {"p_mae": errors_p.mean(), "p_mse": np.average(squares_p[:, 0], weights=W)}
    expected["q_mae"] = np.average(errors_q, weights=W)
    assert values == pytest.approx(expected, rel=1e-5)


def test_validation_split_of_nests():
    a, b = nn.Input((3,), name="a"), nn.Input((3,), name="b")
    made = nn.Model([a, b], layers.Dense(1)(a - b))
    made.compile("sgd", "mse")
    history = made.fit({"a": X, "b": X * 0}, P, validation_split=0.25, epochs=2, shuffle=False, verbose=0)
    np.testing.assert_allclose(
        history.history["val_loss"][-1], ((made.predict([X, X * 0]) - P)[9:] ** 2).mean(), rtol=1e-5
    )


REFUSED = {
    "an unknown output": (lambda m: m.compile("sgd", {"z": "mse"}), ArgumentError, "the output 'z', .* are 'p', 'q'"),
    "too few losses": (lambda m: m.compile("sgd", ["mse"]), ArgumentError, "loss has 1 entries for 2 outputs"),
    "flat metrics": (lambda m: m.compile("sgd", "mse", metrics=["mae"]), ArgumentError, "metrics has 1 entries for 2"),
    "weights": (
        lambda m: m.compile("sgd", "mse", ["mae"]),
        ArgumentError,
        "loss_weights are .* received 'mae'",
    ),
    "one target": (lambda m: fitted(m, P), OperandError, "has 2 outputs, 'p', 'q': pass y as a list or dict"),
    "three targets": (lambda m: fitted(m, [P, P, P]), ShapeError, "has 2 outputs, 'p', 'q': received y with 3"),
    "a missing target": (lambda m: fitted(m, {"p": P}), OperandError, "y is a dict without 'q'"),
    "rows": (lambda m: fitted(m, [P, Q[:5]]), ShapeError, "x and y have one row for each sample"),
    "a shape": (lambda m: fitted(m, [P, P]), ShapeError, "compares targets and predictions of one shape"),
    "class_weight": (lambda m: fitted(m, [P, Q], class_weight={0: 1.0}), ArgumentError, "models with one output"),
}


def fitted(made, y, **options):
    made.compile("sgd", "mse")
    made.fit(X, y, verbose=0, **options)


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused(case):
    act, kind, message = REFUSED[case]
    made = model()
    before = made.get_weights()
    with pytest.raises(kind, match=message):
        act(made)
    for old, new in zip(before, made.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
