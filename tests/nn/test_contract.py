"""The contracts of every loss, metric, optimizer, initializer, regularizer and activation, over tables of samples.

Each family must have every class that its package exports. The layers have a file of their own.
"""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest
from nn_samples import INITIALIZERS, LOSSES, METRICS, OPTIMIZERS, REGULARIZERS, cases, listed, names

import autograd
from autograd import GradientTape, Tensor, Variable, check_gradients
from autograd.errors import OperandError, ShapeError
from nn import activations, initializers, losses, metrics, ops, optimizers, regularizers
from nn.errors import ArgumentError

FAMILIES = {
    "losses": (losses, losses.Loss, LOSSES),
    "metrics": (metrics, metrics.Metric, METRICS),
    "optimizers": (optimizers, optimizers.Optimizer, OPTIMIZERS),
    "initializers": (initializers, initializers.Initializer, INITIALIZERS),
    "regularizers": (regularizers, regularizers.Regularizer, REGULARIZERS),
}
# Losses and metrics of a function of the user's, and the mean of values, have tests of their own.
APART = {losses.LossFunctionWrapper, metrics.MeanMetricWrapper, metrics.Mean}
CONFIGURED = [case for _, _, table in FAMILIES.values() for case in cases(table)]


def every(table):
    found = cases(table)
    return pytest.mark.parametrize(("kind", "sample"), found, ids=names(found))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_class_has_a_sample(family):
    module, base, table = FAMILIES[family]
    assert listed(module, base) - table.keys() - APART == set()
    ours = {each for each in base.registry.members() if getattr(module, each.__name__, None) is each}
    assert ours - table.keys() - APART == set()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_class_is_found_by_its_names(family):
    module, base, _ = FAMILIES[family]
    for name in base.registry.names:
        if name != "accuracy":  # which chooses by the shapes
            assert isinstance(module.get(name), base.registry.find(name))
    for kind in listed(module, base) - APART - {metrics.Accuracy}:
        assert type(module.get(kind.__name__)) is kind
        assert type(module.get({"class_name": kind.__name__, "config": kind().get_config()})) is kind
    with pytest.raises(ArgumentError, match=r"^there is no \w+ named 'nothing_like_it'\. Those there are: \w+, "):
        module.get("nothing_like_it")
    with pytest.raises(OperandError, match=r" is given by its name, as an object or as a callable: received 3\.5 of"):
        module.get(3.5)


@pytest.mark.parametrize(("kind", "sample"), CONFIGURED, ids=names(CONFIGURED))
def test_configuration(kind, sample):
    made = kind(**sample.arguments)
    config = made.get_config()
    assert config.keys() >= sample.arguments.keys()
    again = kind.from_config(config)
    assert type(again) is kind
    assert again.get_config() == config
    if "fn" not in config:  # a function that no registry knows stays as it is
        assert kind.from_config(json.loads(json.dumps(config))).get_config() == json.loads(json.dumps(config))
        assert repr(again) == repr(made)
    for name, value in sample.arguments.items():
        assert config[name] == value or callable(value)


@pytest.mark.parametrize(("kind", "sample"), CONFIGURED, ids=names(CONFIGURED))
def test_an_unknown_argument_is_named_with_those_there_are(kind, sample):
    if kind is metrics.MeanMetricWrapper:
        return  # which passes it on to its function
    with pytest.raises(OperandError, match=rf"^{kind.__name__} takes no argument 'nonsense'\. Those it takes: ?"):
        kind(**sample.arguments, nonsense=1)


# ------------------------------------------------------------------------------------------------- losses
@every(LOSSES)
def test_loss_reduces_one_number_per_sample(kind, sample):
    each = kind(**{**sample.arguments, "reduction": None})(sample.y_true, sample.y_pred).numpy()
    assert each.shape == (len(sample.y_pred),)
    assert (each >= 0).all()
    for reduction, expected in {"sum_over_batch_size": each.mean(), "sum": each.sum()}.items():
        loss = kind(**{**sample.arguments, "reduction": reduction})(sample.y_true, sample.y_pred)
        assert loss.shape == ()
        np.testing.assert_allclose(loss.numpy(), expected, rtol=1e-14)
    alone = [
        kind(**{**sample.arguments, "reduction": None})(sample.y_true[i : i + 1], sample.y_pred[i : i + 1])
        for i in range(len(each))
    ]
    np.testing.assert_allclose(np.concatenate([one.numpy() for one in alone]), each, rtol=1e-13)


@every(LOSSES)
def test_loss_with_weights_of_samples(kind, sample):
    weights = np.arange(len(sample.y_pred)) / 2
    each = kind(**{**sample.arguments, "reduction": None})(sample.y_true, sample.y_pred).numpy()
    found = kind(**{**sample.arguments, "reduction": "sum"})(sample.y_true, sample.y_pred, weights)
    np.testing.assert_allclose(found.numpy(), (each * weights).sum(), rtol=1e-13)
    with pytest.raises(ShapeError, match="sample_weight has one number for each sample"):
        kind(**sample.arguments)(sample.y_true, sample.y_pred, np.ones(len(weights) + 1))


@every(LOSSES)
def test_loss_keeps_the_dtype_of_the_predictions(kind, sample):
    for dtype in (np.float32, np.float64):
        assert kind(**sample.arguments)(sample.y_true, Tensor(sample.y_pred, dtype=dtype)).dtype == dtype
        assert kind(**sample.arguments, dtype=dtype)(sample.y_true, sample.y_pred).dtype == dtype


@every(LOSSES)
def test_loss_has_derivatives_to_second_order(kind, sample):
    loss = kind(**sample.arguments)
    report = check_gradients(lambda p: loss(sample.y_true, p), np.array(sample.y_pred), order=2)
    assert report.ok, report


@every(LOSSES)
def test_loss_compiled_against_eager(kind, sample):
    loss = kind(**sample.arguments)
    compiled = autograd.compile(autograd.value_and_grad(lambda p, y: loss(y, p)))
    y = np.array(sample.y_true)
    for p in (np.array(sample.y_pred), np.array(sample.y_pred)[::-1].copy()):
        expected = autograd.value_and_grad(lambda p: loss(y, p))(p)
        for found, one in zip(compiled(p, y), expected, strict=True):
            np.testing.assert_allclose(found, one, rtol=1e-12, atol=1e-15)
    assert compiled.refused == ""


@every(LOSSES)
def test_loss_refuses_targets_of_another_shape(kind, sample):
    with pytest.raises(ShapeError, match=r"received y_true of shape \(5"):
        kind(**sample.arguments)(np.zeros((5, 4), int), np.full((6, 3), 0.5))


# ------------------------------------------------------------------------------------------------- metrics
@every(METRICS)
def test_metric_counts_each_sample_alike_however_batches_are_cut(kind, sample):
    metric = kind(**sample.arguments)
    whole = metric(sample.y_true, sample.y_pred)
    metric.reset_state()
    assert metric.result() == 0.0
    for part in (slice(0, 1), slice(1, 4), slice(4, None)):
        metric.update_state(sample.y_true[part], sample.y_pred[part])
    assert metric.result() == pytest.approx(whole, rel=1e-14)
    assert 0 < whole < 10


@every(METRICS)
def test_metric_with_weights_of_samples(kind, sample):
    weights = np.array([1.0, 0.0, 0.0, 1.0, 0.0, 1.0])
    metric, some = kind(**sample.arguments), kind(**sample.arguments)
    metric.update_state(sample.y_true, sample.y_pred, weights)
    some.update_state(sample.y_true[weights > 0], sample.y_pred[weights > 0])
    assert metric.result() == pytest.approx(some.result(), rel=1e-14)


@every(METRICS)
def test_metric_takes_tensors_and_records_nothing(kind, sample):
    metric, p = kind(**sample.arguments), Tensor(np.array(sample.y_pred, float))
    with GradientTape() as tape:
        tape.watch(p)
        metric.update_state(Tensor(np.array(sample.y_true)), p)
        assert tape.records == []
    assert metric.result() == kind(**sample.arguments)(sample.y_true, sample.y_pred)


@every(METRICS)
def test_metric_compiled_against_eager(kind, sample):
    metric, eager = kind(**sample.arguments), kind(**sample.arguments)
    assert metric.compiles
    step = autograd.compile(lambda y, p: metric.update_state(y, p))
    y, p = np.array(sample.y_true), np.array(sample.y_pred)
    for _ in range(3):
        step(y, p)
        eager.update_state(y, p)
    assert step.refused == ""
    assert metric.result() == pytest.approx(eager.result(), rel=1e-14)


@every(METRICS)
def test_copy_of_a_metric_counts_by_itself(kind, sample):
    metric = kind(**sample.arguments)
    metric.update_state(sample.y_true, sample.y_pred)
    before = metric.result()
    again = copy.deepcopy(metric)
    assert again.result() == before
    again.reset_state()
    assert metric.result() == before


# ------------------------------------------------------------------------------------------------- optimizers
TARGET = np.array([1.0, -2.0, 0.5])


def quadratic(optimizer, weights, steps=1):
    for _ in range(steps):
        with GradientTape() as tape:
            loss = sum(np.sum((w - TARGET) ** 2) for w in weights)
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
    return [w.numpy().copy() for w in weights]


def variables(dtype=np.float64):
    return [Variable(np.zeros((2, 3)), dtype=dtype), Variable(np.ones(3), dtype=dtype)]


@every(OPTIMIZERS)
def test_optimizer_finds_a_minimum(kind, sample):
    for value in quadratic(kind(**sample.arguments), variables(), steps=600):
        np.testing.assert_allclose(value, np.broadcast_to(TARGET, value.shape), atol=0.15)


@every(OPTIMIZERS)
def test_optimizer_keeps_the_dtype(kind, sample):
    optimizer = kind(**sample.arguments)
    for value in quadratic(optimizer, variables(np.float32), steps=3):
        assert value.dtype == np.float32
        assert np.isfinite(value).all()
    assert optimizer.iterations == 3


@every(OPTIMIZERS)
def test_optimizer_compiled_against_eager(kind, sample):
    fast, slow = kind(**sample.arguments), kind(**sample.arguments)
    moved, followed = variables(), variables()
    step = autograd.compile(lambda: quadratic_step(fast, moved))
    for _ in range(5):
        step()
        quadratic(slow, followed)
    assert step.refused == ""
    assert fast.iterations == slow.iterations == 5
    for w, v in zip(moved, followed, strict=True):
        np.testing.assert_allclose(w.numpy(), v.numpy(), rtol=1e-12)


def quadratic_step(optimizer, weights):
    with GradientTape() as tape:
        loss = sum(np.sum((w - TARGET) ** 2) for w in weights)
    optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))


@every(OPTIMIZERS)
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_copy_of_an_optimizer_goes_on_alike(kind, sample, copied):
    optimizer, weights = kind(**sample.arguments), variables()
    quadratic(optimizer, weights, steps=4)
    other, others = copied((optimizer, weights))
    for one, same in zip(quadratic(optimizer, weights, 3), quadratic(other, others, 3), strict=True):
        np.testing.assert_array_equal(one, same)


# ------------------------------------------------------------------------------------------------- initializers
@every(INITIALIZERS)
def test_initializer_makes_arrays_of_the_shape_and_dtype(kind, sample):
    for dtype in (np.float32, np.float64, "float16"):
        values = kind(**sample.arguments)(sample.shape, dtype)
        assert type(values) is np.ndarray
        assert values.shape == sample.shape
        assert values.dtype == dtype
        assert np.isfinite(values).all()


@every(INITIALIZERS)
def test_initializer_repeats_with_its_seed(kind, sample):
    made = kind(**sample.arguments)
    again = kind.from_config(made.get_config())
    np.testing.assert_array_equal(made(sample.shape), made(sample.shape))
    np.testing.assert_array_equal(made(sample.shape), again(sample.shape))
    if "seed" in sample.arguments:
        free = kind(**{**sample.arguments, "seed": None})
        assert (free(sample.shape) != free(sample.shape)).any()


# ------------------------------------------------------------------------------------------------- regularizers
@every(REGULARIZERS)
def test_regularizer_is_one_number_with_derivatives_to_second_order(kind, sample):
    x = np.random.default_rng(3).normal(size=sample.shape)
    penalty = kind(**sample.arguments)
    assert penalty(Tensor(x)).shape == ()
    assert penalty(Tensor(x)).item() > 0
    assert penalty(Tensor(0 * x)).item() == 0
    assert penalty(Tensor(x, dtype="float32")).dtype == np.float32
    assert check_gradients(penalty, x, order=2).ok


@every(REGULARIZERS)
def test_regularizer_compiled_against_eager(kind, sample):
    penalty, x = kind(**sample.arguments), np.random.default_rng(3).normal(size=sample.shape)
    compiled = autograd.compile(autograd.grad(penalty))
    for point in (x, -2 * x):
        np.testing.assert_allclose(compiled(point), autograd.grad(penalty)(point), rtol=1e-14)


# ------------------------------------------------------------------------------------------------- activations
ACTIVATIONS = sorted(set(activations.__all__) - {"get", "logits_of"})


def test_every_activation_has_its_name():
    assert set(ACTIVATIONS) == set(activations.ACTIVATIONS.names) - {"swish"}
    for name in ACTIVATIONS:
        assert activations.get(name) is getattr(activations, name)
    assert activations.get(None) is activations.linear


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation(name):
    f, x = activations.get(name), np.random.default_rng(2).normal(size=(4, 3)) + 0.05
    for dtype in (np.float16, np.float32, np.float64):
        y = f(x.astype(dtype))
        assert isinstance(y, Tensor)
        assert (y.shape, y.dtype) == (x.shape, dtype)
    assert f(np.ones((2, 2), int)).dtype == np.float32
    assert check_gradients(f, x, order=2).ok
    compiled = autograd.compile(lambda x: f(x) * 1.0)
    for point in (x, x[::-1].copy()):
        np.testing.assert_allclose(compiled(Tensor(point)).numpy(), f(point).numpy(), rtol=1e-13)


def test_every_operation_has_a_sample():
    from nn.ops.samples import SAMPLES

    composed = {"gelu", "one_hot", "selu", "silu"}  # of others that have a rule
    composed |= {"cast", "convert_to_numpy", "convert_to_tensor", "is_tensor"}  # conversions
    own = {getattr(ops, name) for name in set(ops.__all__) - composed if callable(getattr(ops, name))}
    assert {each for each in own if each.__module__.startswith("nn.")} == SAMPLES.keys()
