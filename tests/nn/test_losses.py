"""Losses and metrics against their formulas, their tails and their errors."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograd import GradientTape, Tensor, Variable, grad
from autograd.errors import DtypeError, OperandError, ShapeError
from nn import activations, losses, metrics
from nn.errors import ArgumentError

RNG = np.random.default_rng(1)
P = np.array([[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]])
ONE_HOT = np.array([[1, 0, 0], [0, 0, 1]])
LABELS = np.array([0, 2])


def close(found, expected, rtol=1e-12):
    np.testing.assert_allclose(found.numpy() if isinstance(found, Tensor) else found, expected, rtol=rtol)


# --------------------------------------------------------------------------------------------------- values
def test_losses_return_one_number_per_sample():
    y, p = RNG.normal(size=(4, 2, 3)), RNG.normal(size=(4, 2, 3))
    close(losses.mean_squared_error(y, p), ((y - p) ** 2).mean(axis=-1))
    close(losses.mean_absolute_error(y, p), np.abs(y - p).mean(axis=-1))
    y, p = RNG.uniform(size=(4, 3)), RNG.uniform(0.1, 0.9, size=(4, 3))
    close(losses.binary_crossentropy(y, p), -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(axis=-1))
    close(losses.categorical_crossentropy(ONE_HOT, P), -np.log([0.7, 0.5]))
    close(losses.sparse_categorical_crossentropy(LABELS, P), -np.log([0.7, 0.5]))
    close(losses.sparse_categorical_crossentropy(LABELS[:, None].astype(float), P), -np.log([0.7, 0.5]))


def test_probabilities_of_classes_are_divided_by_their_sum():
    close(losses.categorical_crossentropy(ONE_HOT, P / 2), -np.log([0.7, 0.5]))
    close(losses.sparse_categorical_crossentropy(LABELS, P / 4), -np.log([0.7, 0.5]))
    assert np.isfinite(losses.categorical_crossentropy([[1.0, 0.0]], [[0.0, 0.0]]).numpy()).all()


def test_along_another_axis():
    close(losses.categorical_crossentropy(ONE_HOT.T, P.T, axis=0), -np.log([0.7, 0.5]))
    close(losses.sparse_categorical_crossentropy(LABELS, P.T, axis=0), -np.log([0.7, 0.5]))
    close(losses.categorical_crossentropy(ONE_HOT.T, np.log(P).T, from_logits=True, axis=0), -np.log([0.7, 0.5]))


def test_label_smoothing():
    close(
        losses.categorical_crossentropy(ONE_HOT, P, label_smoothing=0.3),
        -((ONE_HOT * 0.7 + 0.1) * np.log(P)).sum(axis=1),
    )
    p = np.array([[0.2, 0.9]])
    y = np.array([[0.1, 0.9]])
    close(
        losses.binary_crossentropy([[0, 1]], p, label_smoothing=0.2),
        -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(axis=1),
    )


def test_ignored_class():
    close(losses.sparse_categorical_crossentropy([0, -1], P, ignore_class=-1), [-math.log(0.7), 0])


def test_from_logits():
    z = RNG.normal(size=(2, 3)) * 4
    e = np.exp(z)
    close(
        losses.categorical_crossentropy(ONE_HOT, z, from_logits=True),
        -np.log((e / e.sum(1, keepdims=True))[[0, 1], LABELS]),
    )
    close(
        losses.sparse_categorical_crossentropy(LABELS, z, from_logits=True),
        -np.log((e / e.sum(1, keepdims=True))[[0, 1], LABELS]),
    )
    p = 1 / (1 + np.exp(-z))
    expected = -(ONE_HOT * np.log(p) + (1 - ONE_HOT) * np.log(1 - p)).mean(axis=1)
    close(losses.binary_crossentropy(ONE_HOT, z, from_logits=True), expected)


def test_classes_reduce():
    each = -np.log([0.7, 0.5])
    weights = np.array([2.0, 0.5])
    loss = losses.SparseCategoricalCrossentropy
    close(loss()(LABELS, P), each.mean())
    close(loss(reduction="sum")(LABELS, P), each.sum())
    close(loss(reduction=None)(LABELS, P), each)
    close(loss()(LABELS, P, sample_weight=weights), (each * weights).sum() / 2)
    close(loss(reduction="sum")(LABELS, P, sample_weight=weights[:, None]), (each * weights).sum())
    y, p = RNG.normal(size=(4, 2, 3)), RNG.normal(size=(4, 2, 3))
    w = np.arange(4.0)
    close(losses.MeanSquaredError()(y, p, w), (((y - p) ** 2).mean(-1) * w[:, None]).mean())


def test_dtype_is_that_of_the_predictions():
    p = Tensor(P, dtype=np.float32)
    for loss in (
        losses.categorical_crossentropy(ONE_HOT.astype(np.float64), p),
        losses.mean_squared_error(P, p),
        losses.BinaryCrossentropy()(P, p),
    ):
        assert loss.dtype == np.float32
    assert losses.mean_squared_error([[1]], np.array([[3]])).dtype == np.float32


# --------------------------------------------------------------------------------------------------- tails
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_loss_after_its_activation_is_exact_in_the_tails(dtype):
    z = Variable(np.array([[1e4, -1e4, 0]], dtype))
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        with GradientTape(persistent=True) as tape:
            p = activations.softmax(z)
            found = [losses.categorical_crossentropy([[0, 1, 0]], p), losses.sparse_categorical_crossentropy([1], p)]
            binary = losses.binary_crossentropy([[0, 1, 1]], activations.sigmoid(z))
        for each in found:
            assert each.numpy() == 2e4
            np.testing.assert_array_equal(tape.gradient(each, z).numpy(), [[1, -1, 0]])
        close(binary, [(2e4 + math.log(2)) / 3], rtol=1e-6)
        np.testing.assert_allclose(tape.gradient(binary, z).numpy(), [[1 / 3, -1 / 3, -1 / 6]], rtol=1e-6)


def test_a_changed_probability_is_not_computed_from_the_old_logits():
    p = activations.softmax(Tensor([[0.0, 0.0]]))
    p[0] = [0.25, 0.75]
    close(losses.sparse_categorical_crossentropy([1], p), [-math.log(0.75)])
    close(
        losses.sparse_categorical_crossentropy([1], activations.softmax(Tensor([[0.0, 0.0]])) * [[0.5, 1.5]]),
        [-math.log(0.75)],
    )


@pytest.mark.parametrize(("dtype", "worst"), [(np.float32, 87.33654), (np.float64, 708.3964185322641)])
def test_probabilities_of_zero_and_one_are_finite(dtype, worst):
    p = np.array([[0.0, 1.0]], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        close(losses.categorical_crossentropy([[0, 1]], p), [0])
        close(losses.categorical_crossentropy([[1, 0]], p), [worst], rtol=1e-6)
        close(losses.sparse_categorical_crossentropy([0], p), [worst], rtol=1e-6)
        close(losses.binary_crossentropy([[1, 0]], p), [worst], rtol=1e-6)
        close(losses.binary_crossentropy([[0, 1]], p), [0])
        for f in (
            lambda p: losses.binary_crossentropy([[1, 0]], p)[0],
            lambda p: losses.categorical_crossentropy([[1, 0]], p)[0],
        ):
            assert np.isfinite(grad(f)(p)).all()


def test_a_tiny_probability_is_exact_and_has_its_gradient():
    f = lambda p: losses.binary_crossentropy([[1.0]], p)[0]  # noqa: E731
    p = np.array([[1e-12]])
    close(f(p), -math.log(1e-12))
    close(grad(f)(p), [[-1e12]])


# --------------------------------------------------------------------------------------------------- errors
def test_a_label_out_of_range_names_itself_and_the_range():
    p = np.full((3, 10), 0.1)
    with pytest.raises(
        ArgumentError,
        match=r"labels are from 0 to 9 for 10 classes \(y_pred has shape \(3, 10\)\): received 10 at position 1",
    ):
        losses.sparse_categorical_crossentropy([0, 10, 3], p)
    with pytest.raises(ArgumentError, match=r"received -1 at position 0"):
        losses.sparse_categorical_crossentropy([-1, 1, 3], p)
    with pytest.raises(
        DtypeError, match=r"labels are whole numbers: received y_true of dtype float64 with the value 0.5"
    ):
        losses.sparse_categorical_crossentropy([0, 0.5, 3], p)


def test_shapes_that_do_not_fit():
    with pytest.raises(
        ShapeError, match=r"mean_squared_error compares .* y_true of shape \(3,\) and y_pred of shape \(2, 3\)"
    ):
        losses.mean_squared_error(np.ones(3), np.ones((2, 3)))
    with pytest.raises(ShapeError, match=r"Integer labels go with sparse_categorical_crossentropy"):
        losses.categorical_crossentropy(LABELS, P)
    with pytest.raises(ShapeError, match=r"One-hot targets go with categorical_crossentropy"):
        losses.sparse_categorical_crossentropy(ONE_HOT, P)
    with pytest.raises(
        ShapeError,
        match=r"sample_weight has one number for each sample: received shape \(3,\) for values of shape \(2,\)",
    ):
        losses.MeanSquaredError()(P, P, sample_weight=np.ones(3))
    with pytest.raises(ShapeError, match=r"at least one axis"):
        losses.mean_squared_error(1.0, 2.0)


def test_a_missing_last_axis_is_added_and_nothing_is_broadcast():
    close(losses.mean_squared_error([1.0, 2.0], [[1.0], [4.0]]), [0, 4])


def test_one_rank_for_functions_of_ones_own():
    y, p = np.array([1.0, 2.0, 4.0]), np.array([[1.5], [2.0], [3.0]])
    loss = losses.get(lambda y, p: np.square(y - p))
    metric = metrics.get(lambda y, p: np.abs(y - p))
    for target in (y, y[:, None], y.tolist(), Tensor(y)):
        close(loss(target, Tensor(p)), (0.25 + 0 + 1) / 3)
        close(loss(Tensor(y)[:, None], Tensor(p[:, 0])), (0.25 + 0 + 1) / 3)
        assert metric(target, p) == pytest.approx(0.5)
        metric.reset_state()
    # A sequence of one step has labels (samples, 1) for logits (samples, 1, classes): these are no broadcast, whatever
    # they look like.
    assert losses.get(lambda y, p: p[..., 0])(np.zeros((5, 1), int), Tensor(np.ones((5, 1, 4)))).item() == 1
    for target, prediction in (((5,), (5, 4, 1)), ((5, 2), (5, 1, 2)), ((5, 1), (1, 5)), ((5, 2, 1), (5,))):
        with pytest.raises(
            ShapeError,
            match=r"the loss 'mine' would compare targets with the predictions of other samples: y_true of shape",
        ):
            losses.LossFunctionWrapper(lambda y, p: y - p, name="mine")(np.ones(target), Tensor(np.ones(prediction)))


def test_logits_taken_for_probabilities():
    with pytest.raises(ArgumentError, match=r"values from -2 to 3. If these are logits, pass from_logits=True"):
        losses.binary_crossentropy([[0, 1]], [[-2.0, 3.0]])


def test_names_of_losses():
    assert isinstance(losses.get("mse"), losses.MeanSquaredError)
    assert isinstance(losses.get("SparseCategoricalCrossentropy"), losses.SparseCategoricalCrossentropy)
    assert losses.get(losses.binary_crossentropy).fn is losses.binary_crossentropy
    with pytest.raises(
        ArgumentError,
        match=r"there is no loss named 'hinge'. Those there are: bce, binary_crossentropy, categorical_crossentropy",
    ):
        losses.get("hinge")
    with pytest.raises(ArgumentError, match=r"reduction is"):
        losses.MeanSquaredError(reduction="average")
    with pytest.raises(ArgumentError, match=r"label_smoothing is from 0 to 1: received 2"):
        losses.CategoricalCrossentropy(label_smoothing=2)
    loss = losses.get(lambda y, p: np.abs(y - p.numpy()).mean(axis=-1))
    with pytest.raises(OperandError, match=r"returned a ndarray"):
        loss(P, Tensor(P))


def test_configuration_of_a_loss():
    loss = losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1, reduction="sum")
    again = losses.CategoricalCrossentropy.from_config(loss.get_config())
    assert again.get_config() == loss.get_config()


# --------------------------------------------------------------------------------------------------- metrics
def test_mean_is_exact_over_batches():
    mean = metrics.Mean()
    for part in (np.arange(5), np.arange(5, 7), [7.0]):
        mean.update_state(part)
    assert mean.result() == 3.5
    mean.reset_state()
    assert mean.result() == 0.0
    mean.update_state([[1.0, 2.0], [3.0, 4.0]], sample_weight=[3.0, 1.0])
    assert mean.result() == (3 * 1.0 + 3 * 2.0 + 3.0 + 4.0) / 8


@pytest.mark.parametrize(
    ("metric", "y_true", "y_pred", "expected"),
    [
        (metrics.Accuracy(), [1, 2, 3, 4], [1, 2, 0, 4], 0.75),
        (metrics.BinaryAccuracy(), [1, 0, 1, 0], [[0.6], [0.5], [0.4], [0.9]], 0.5),
        (metrics.BinaryAccuracy(threshold=0.95), [1, 0], [0.9, 0.9], 0.5),
        (metrics.CategoricalAccuracy(), [[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]], 0.5),
        (metrics.SparseCategoricalAccuracy(), [2, 1, 1], [[0.1, 0.9, 0.8], [0.05, 0.95, 0], [0, 1, 0]], 2 / 3),
        (metrics.get("accuracy"), [1, 0], [[0.7], [0.8]], 0.5),
        (metrics.get("accuracy"), [[1], [0]], [[0.7, 0.3], [0.8, 0.2]], 0.5),
        (metrics.get("acc"), [[0, 1], [1, 0]], [[0.7, 0.3], [0.8, 0.2]], 0.5),
        (metrics.get("accuracy", losses.BinaryCrossentropy(from_logits=True)), [1, 0], [[0.3], [-0.8]], 1.0),
        (metrics.get("mae"), [[1.0], [2.0]], [[2.0], [2.0]], 0.5),
        (metrics.get(lambda y, p: p[:, 0]), [0, 0], np.array([[1.0], [2.0]]), 1.5),
    ],
)
def test_metrics(metric, y_true, y_pred, expected):
    assert metric(y_true, y_pred) == pytest.approx(expected, rel=1e-15)
    metric.reset_state()
    assert metric.result() == 0


def test_accuracy_with_sample_weight():
    metric = metrics.SparseCategoricalAccuracy()
    metric.update_state([0, 1], [[1.0, 0], [1.0, 0]], sample_weight=[3, 1])
    assert metric.result() == 0.75


def test_unknown_metric():
    with pytest.raises(
        ArgumentError,
        match=r"there is no metric named 'accurracy'. Those there are: acc, accuracy, bce, binary_accuracy",
    ):
        metrics.get("accurracy")
    with pytest.raises(ShapeError, match=r"categorical_accuracy compares .* \(2,\) and y_pred of shape \(2, 3\)"):
        metrics.CategoricalAccuracy()(LABELS, P)
