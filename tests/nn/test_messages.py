"""Plausible mistakes, and what a newcomer is told: the text is part of the interface. Nothing has been trained when it
appears.
"""

from __future__ import annotations

import re
import warnings
from decimal import Decimal

import numpy as np
import pytest

import nn
from autograd import Tensor, Variable
from autograd.errors import AutogradError, OperandError, ShapeError
from nn import callbacks, initializers, losses, metrics
from nn.errors import ArgumentError

RNG = np.random.default_rng(8)
X = RNG.normal(size=(50, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]]) + 0.3
LABELS = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
ONE_HOT = np.eye(3)[LABELS]
HOLED = np.where(np.arange(50)[:, None] == 7, np.nan, Y)

with warnings.catch_warnings():
    warnings.simplefilter("ignore", PendingDeprecationWarning)
    MATRIX_X, MATRIX_Y = np.matrix(X), np.matrix(Y)


class Table:
    """As tables of other packages are: known to NumPy by its method alone."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)


class Sparse:
    def toarray(self):
        return X


def model(*layers, loss="mse", built=True, metrics=None):
    made = nn.Sequential([*([nn.Input((3,))] if built else []), *(layers or [nn.Dense(1, name="out")])], name="net")
    made.compile("sgd", loss, metrics=metrics)
    return made


def classifier(loss="sparse_categorical_crossentropy", units=3):
    return model(nn.Dense(units, activation="softmax"), loss=loss)


def fitted(made, x=X, y=Y, **arguments):
    return made.fit(x, y, **{"verbose": 0, **arguments})


UNBUILT = r"layer 'out' takes inputs of shape \(samples, ..., length\), where the length is known: received shape "
BUILT = r"layer 'out' was built for inputs of shape \(samples, ..., 3\): received shape "
TRIED = "does not fit the model, which was tried with its first sample: "
COLUMN = r"One sample x is the batch x\[None\]; samples of one number each are the column x\[:, None\]\."
SWAPPED = r" y has shape \(50, 3\): do x and y stand in each other's place\?$"
SEVERAL = "takes one array or tensor, the samples along its first axis: received a "

MISTAKES = {
    # Samples
    "one sample": (lambda: model(built=False)(X[0]), ShapeError, f"^{UNBUILT}" + r"\(3,\)\. " + COLUMN),
    "one sample, built": (lambda: model()(X[0]), ShapeError, f"^{BUILT}" + r"\(3,\)\. " + COLUMN),
    "one number": (
        lambda: model(built=False)(3.0),
        ShapeError,
        f"^{UNBUILT}" + r"\(\)\. One sample of one number x is the batch \[\[x\]\]\.$",
    ),
    "one number, built": (lambda: model()(3), ShapeError, f"^{BUILT}" + r"\(\)\. One sample of one number"),
    "predict of one sample": (
        lambda: model().predict(X[0]),
        ShapeError,
        r"x of shape \(3,\) does not fit the model, in batches of 32: .*" + COLUMN,
    ),
    "predict of others": (
        lambda: model().predict(X[:, :2]),
        ShapeError,
        r"^x of shape \(50, 2\) does not fit the model, in batches of 32: layer",
    ),
    "evaluate of others": (
        lambda: model().evaluate(X[:, :2], Y),
        ShapeError,
        r"^x of shape \(50, 2\) " + TRIED + BUILT,
    ),
    "swapped": (
        lambda: fitted(model(), Y, X),
        ShapeError,
        r"^x of shape \(50, 1\) " + TRIED + BUILT + r"\(1, 1\)\." + SWAPPED,
    ),
    "swapped labels": (
        lambda: fitted(model(), LABELS, X),
        ShapeError,
        r"^x of shape \(50,\) " + TRIED + BUILT + ".*" + SWAPPED,
    ),
    "swapped, not built": (
        lambda: fitted(model(built=False), LABELS, X),
        ShapeError,
        r"^x of shape \(50,\) " + TRIED + UNBUILT + ".*" + SWAPPED,
    ),
    "other validation": (
        lambda: fitted(model(), validation_data=(X[:, :2], Y)),
        ShapeError,
        r"^validation_data: x of shape \(50, 2\) does not fit",
    ),
    "a tuple": (lambda: model(built=False)((X, X)), OperandError, f"^layer 'net' {SEVERAL}tuple of 2"),
    "a list of rows": (
        lambda: nn.Dense(1, name="out")([X[0], X[1]]),
        OperandError,
        f"^layer 'out' {SEVERAL}list of 2\\. np.stack makes one array",
    ),
    "a dict": (lambda: nn.Flatten(name="f")({"a": X}), OperandError, f"^layer 'f' {SEVERAL}dict of 1"),
    "x and y in a tuple": (
        lambda: fitted(model(), (X, LABELS)),
        ShapeError,
        r"Samples and targets are two arguments, and not a tuple of both\.$",
    ),
    "a generator": (
        lambda: fitted(model(), (row for row in X)),
        OperandError,
        "x is an array or a list with a row for each sample: received a generator",
    ),
    "a dict of columns": (lambda: fitted(model(), {"a": X}), OperandError, "received a dict"),
    "matrix": (lambda: fitted(model(), MATRIX_X), OperandError, r"^x is a numpy.matrix, .* Pass np.asarray\(x\)\.$"),
    "matrix of targets": (lambda: fitted(model(), y=MATRIX_Y), OperandError, "^y is a numpy.matrix"),
    "matrix into a layer": (lambda: model()(MATRIX_X), OperandError, "^the input of layer 'net' is a numpy.matrix"),
    "masked": (
        lambda: fitted(model(), np.ma.array(X)),
        OperandError,
        r"^x is a masked array, and its mask would be lost\. Fill it by x.filled\(value\)",
    ),
    "masked targets": (lambda: fitted(model(), y=np.ma.array(Y)), OperandError, "^y is a masked array"),
    "masked into a layer": (
        lambda: model()(np.ma.array(X)),
        OperandError,
        "^the input of layer 'net' is a masked array",
    ),
    "masked into a metric": (
        lambda: metrics.BinaryAccuracy()(np.ma.array([1]), [1]),
        OperandError,
        "is a masked array",
    ),
    "sparse": (lambda: fitted(model(), Sparse()), OperandError, r"^x is a sparse Sparse\. Pass x.toarray\(\)\.$"),
    "objects": (
        lambda: fitted(model(), X.astype(object)),
        OperandError,
        r"dtype object, which holds .* numbers by np.asarray\(x, float\)\.$",
    ),
    "a missing number": (
        lambda: fitted(model(), Table([[1, 2], [3, None]])),
        OperandError,
        r"received Table of dtype object, with None at position \(1, 1\)",
    ),
    "decimals": (lambda: fitted(model(), y=[Decimal(1)]), OperandError, r"with Decimal\('1'\) at position 0\.$"),
    "text of numbers": (
        lambda: fitted(model(), [["1", "2"]]),
        OperandError,
        r"dtype <U1\. Text of numbers becomes numbers by np.asarray\(x, float\)\.$",
    ),
    "complex": (
        lambda: fitted(model(), X * 1j),
        OperandError,
        r"x needs real numbers: received ndarray of dtype complex128\. Take the real part",
    ),
    # Targets
    "text labels": (
        lambda: fitted(classifier(), y=np.array(list("abc"))[LABELS]),
        OperandError,
        r"^y needs .* by: classes, y = np.unique\(y, return_inv",
    ),
    "not a number": (
        lambda: fitted(model(), y=HOLED),
        ArgumentError,
        r"for y_true, needs finite numbers: received nan at position \(7, 0\)\.$",
    ),
    "one-hot": (
        lambda: fitted(classifier(), y=ONE_HOT),
        ShapeError,
        "One-hot targets go with categorical_crossentropy",
    ),
    "labels": (
        lambda: fitted(classifier("categorical_crossentropy"), y=LABELS),
        ShapeError,
        "Integer labels go with sparse_categorical_crossentropy",
    ),
    "labels of two": (
        lambda: fitted(classifier("binary_crossentropy"), y=LABELS),
        ShapeError,
        "Labels 0 and 1 go with a last layer of one unit",
    ),
    "labels for numbers": (
        lambda: fitted(classifier("mse"), y=LABELS),
        ShapeError,
        r"\(50,\) and .* \(50, 3\)\. One number for each sample is predicted",
    ),
    "too few units": (
        lambda: fitted(model(), y=ONE_HOT),
        ShapeError,
        r"and y_pred of shape \(50, 1\)\. The last layer needs 3 units",
    ),
    "one class": (
        lambda: fitted(classifier(units=1), y=LABELS),
        ArgumentError,
        "One output for two classes goes with binary_crossentropy",
    ),
    "minus one": (
        lambda: fitted(classifier("binary_crossentropy"), y=2 * ONE_HOT - 1),
        ArgumentError,
        r"from -1 to 1\. .* 0 and 1 by \(y \+ 1\) / 2",
    ),
    "no targets": (
        lambda: model().evaluate(X),
        ArgumentError,
        r"^the loss 'mean_squared_error' compares predictions with targets: pass y\.$",
    ),
    "no targets of a batch": (lambda: model().train_on_batch(X), ArgumentError, r"pass y\.$"),
    "no targets of a test": (lambda: model().test_on_batch(X), ArgumentError, r"pass y\.$"),
    "a metric alone": (
        lambda: model(loss=None, metrics=["mae"]).evaluate(X),
        ArgumentError,
        r"^the metric 'mae' compares predictions with .*: pass y\.$",
    ),
    "a metric that does not fit": (
        lambda: fitted(model(metrics=["sparse_categorical_accuracy"])),
        Exception,
        "labels are whole numbers",
    ),
    "class_weight": (
        lambda: fitted(classifier(), y=LABELS, class_weight=[1, 2, 3]),
        OperandError,
        r"^class_weight is a dict from class to weight, such as \{0: 1.0, 1: 2.5\}: received a list\. .* by "
        r"dict\(enumerate\(weights\)\)\.$",
    ),
    "class_weight of text": (
        lambda: fitted(classifier(), y=LABELS, class_weight={"a": 1}),
        OperandError,
        "received 'a': 1 in it",
    ),
    "class_weight of numbers": (
        lambda: fitted(model(), class_weight={0: 2.0}),
        ArgumentError,
        "class_weight needs labels that are whole numbers",
    ),
    "sample_weight": (
        lambda: fitted(model(), sample_weight=HOLED[:, 0]),
        ArgumentError,
        "sample_weight needs finite numbers: received nan at position 7",
    ),
    # Training
    "epochs": (lambda: fitted(model(), epochs=-1), ArgumentError, "epochs is a positive integer: received -1"),
    "initial_epoch": (
        lambda: fitted(model(), initial_epoch=-1),
        ArgumentError,
        "initial_epoch is an integer that is not negative: received -1",
    ),
    "validation_freq": (
        lambda: fitted(model(), validation_freq="2"),
        ArgumentError,
        "a positive integer, or a list of epochs counted from 1: received '2'",
    ),
    "validation_freq 0": (
        lambda: fitted(model(), validation_freq=0),
        ArgumentError,
        "a positive integer, or a list of epochs counted from 1: received 0",
    ),
    "an epoch 0": (
        lambda: fitted(model(), validation_freq=[0]),
        ArgumentError,
        "an epoch of validation_freq is a positive integer: received 0",
    ),
    "verbose": (lambda: fitted(model(), verbose="no"), ArgumentError, "verbose is \"auto\", 0, 1 or 2: received 'no'"),
    "metrics in a dict": (
        lambda: fitted(model(metrics={"a": "mae"})),
        ArgumentError,
        "metrics names the output 'a', and there is none: the outputs are 0",
    ),
    "a metric of nothing": (
        lambda: fitted(model(metrics=[lambda y, p: None])),
        OperandError,
        "the metric '<lambda>' is a mean of real numbers: received N",
    ),
    "patience": (
        lambda: callbacks.EarlyStopping(patience="3"),
        ArgumentError,
        "are numbers that are not negative: received patience='3'",
    ),
    "monitor": (lambda: callbacks.EarlyStopping(3), ArgumentError, "monitor is the name of a value"),
    "misspelt monitor": (
        lambda: fitted(model(), callbacks=callbacks.EarlyStopping("los")),
        ArgumentError,
        r"are: loss\. Did you mean 'loss'\?$",
    ),
    "hook": (
        lambda: callbacks.LambdaCallback(on_epoch_end=3),
        OperandError,
        "the hook on_epoch_end is a function: received 3",
    ),
    # Names
    "metric": (
        lambda: model(metrics=["acuracy"]),
        ArgumentError,
        r"no metric named 'acuracy'\. Those there are: acc, .*\. Did you mean 'accuracy'\?$",
    ),
    "loss": (lambda: model(loss="mean_square_error"), ArgumentError, r"Did you mean 'mean_squared_error'\?$"),
    "optimizer": (lambda: model().compile("adm"), ArgumentError, r"Did you mean 'adam'\?$"),
    "activation": (lambda: nn.Dense(3, "rleu"), ArgumentError, r"Did you mean 'relu'\?$"),
    "class": (
        lambda: nn.Dense(3, nn.Activation),
        OperandError,
        "an activation of class Activation cannot be made without arguments",
    ),
    # Keyword arguments
    "Dense": (
        lambda: nn.Dense(3, activaton="relu"),
        OperandError,
        r"^Dense takes no .* 'activaton'\. Those it takes: units, .*, input_shape, .*\. .*'activation'\?$",
    ),
    "input_shap": (
        lambda: nn.Dense(3, input_shap=3),
        OperandError,
        r"^Dense takes no argument 'input_shap'.* Did you mean 'input_shape'\?$",
    ),
    "Sequential": (
        lambda: nn.Sequential([], nam="a"),
        OperandError,
        r"takes no argument 'nam'\. Those it takes: layers, name, trainable\. .*'name'\?$",
    ),
    "fit": (
        lambda: fitted(model(), epoch=3),
        OperandError,
        r"^Sequential.fit takes no argument 'epoch'\. .* Did you mean 'epochs'\?$",
    ),
    "compile": (
        lambda: model().compile("sgd", metric=[]),
        OperandError,
        r"^Sequential.compile takes no argument 'metric'\. .*'metrics'\?$",
    ),
    "loss class": (
        lambda: losses.MeanSquaredError(reduce=None),
        OperandError,
        r"^MeanSquaredError takes no argument 'reduce'\. .*'reduction'\?$",
    ),
    "metric class": (
        lambda: metrics.BinaryAccuracy(treshold=1),
        OperandError,
        r"^BinaryAccuracy takes no argument 'treshold'\. .*'threshold'\?$",
    ),
    "initializer class": (
        lambda: initializers.GlorotUniform(sed=1),
        OperandError,
        r"^GlorotUniform takes no argument 'sed'\. Those it takes: seed\.",
    ),
    "Input": (lambda: nn.Input((3,), nme="a"), OperandError, r"^Input takes no argument 'nme'\."),
    # Layers
    "two layers": (
        lambda: nn.Sequential(nn.Dense(1), nn.Dense(1)),
        OperandError,
        r"as one list, Sequential\(\[first, second\]\): received 2 arguments",
    ),
    "five layers": (
        lambda: nn.Sequential(*map(nn.Dense, range(1, 6))),
        OperandError,
        "Sequential takes its layers as one list",
    ),
    "units": (lambda: nn.Dense(3.0), ArgumentError, "Dense takes a positive integer of units: received units=3.0"),
    "use_bias": (lambda: nn.Dense(3, "relu", "zeros"), ArgumentError, "use_bias is True or False: received 'zeros'"),
    "rate": (
        lambda: nn.Dropout(-0.1),
        ArgumentError,
        "a probability of at least 0 and less than 1: received rate=-0.1",
    ),
    "noise_shape": (
        lambda: nn.Dropout(0.5, 3),
        ArgumentError,
        "noise_shape is a tuple of lengths or None, one for each axis of the input: received 3",
    ),
    "noise_shape of another length": (
        lambda: nn.Dropout(0.5, (3,))(X, training=True),
        ShapeError,
        r"\(3,\), which does not .* inputs of shape \(50, 3\)",
    ),
    "seed": (
        lambda: nn.Dropout(0.5, seed="a"),
        ArgumentError,
        "a seed is an integer that is not negative, or None: received 'a'",
    ),
    "shape": (
        lambda: nn.Input(3.0),
        ArgumentError,
        "the shape of a sample is a tuple of numbers that are not negative .* received 3.0",
    ),
    "batch_size of Input": (lambda: nn.Input((3,), "a"), ArgumentError, r"received \('a',\)"),
    "set_weights": (
        lambda: model().set_weights(3),
        OperandError,
        "layer 'net' takes its weights as a list of arrays: received int",
    ),
    "stddev": (
        lambda: initializers.RandomNormal(stddev=-1),
        ArgumentError,
        "stddev is a finite number of at least 0: received -1",
    ),
    "scale": (lambda: initializers.VarianceScaling("a"), ArgumentError, "scale is a finite number: received 'a'"),
    "constant": (lambda: initializers.Constant("a"), ArgumentError, "value is a finite number: received 'a'"),
    "smoothing": (
        lambda: losses.BinaryCrossentropy(label_smoothing="a"),
        ArgumentError,
        "label_smoothing is from 0 to 1: received 'a'",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_explained(mistake):
    run, kind, message = MISTAKES[mistake]
    with pytest.raises(kind) as caught:
        run()
    assert isinstance(caught.value, AutogradError)
    assert re.search(message, str(caught.value)), str(caught.value)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (X.tolist(), Y.tolist()),
        (X, Y[:, 0]),
        (Table(X), Table(Y)),
        (X.astype(np.uint8), Y),
        (X > 0, Y > 0),
        (Tensor(X), Tensor(Y)),
        (list(X), Y),
        (X.astype(np.float16), Y.astype(np.longdouble)),
    ],
)
def test_what_holds_real_numbers_is_taken(x, y):
    assert np.isfinite(fitted(model(), x, y, batch_size=1000).history["loss"]).all()


def test_a_metric_that_does_not_fit_is_found_before_a_step():
    made = classifier()
    made.compile("sgd", "sparse_categorical_crossentropy", metrics=["categorical_accuracy"])
    before = made.get_weights()
    with pytest.raises(ShapeError, match=r"categorical_accuracy compares targets and predictions of one shape"):
        fitted(made, y=LABELS)
    np.testing.assert_array_equal(before[0], made.get_weights()[0])


def test_a_layer_of_ones_own_may_take_several_inputs_and_other_arguments():
    class Sum(nn.Layer):
        def __init__(self, **kwargs):
            self.factor = kwargs.pop("factor")
            super().__init__(**kwargs)

        def call(self, inputs):
            return self.factor * (inputs[0] + inputs[1])

    layer = Sum(factor=2.0, name="sum")
    np.testing.assert_allclose(layer((X, X)).numpy(), (4 * X).astype(np.float32))
    with pytest.raises(
        OperandError,
        match=r"^Sum takes no argument 'nam'\. Those it takes: name, trainable, dtype, .*\. Did you mean 'name'\?$",
    ):
        Sum(factor=1.0, nam="a")


def test_a_model_of_ones_own_takes_layers_as_it_likes():
    class Pair(nn.Sequential):
        def __init__(self, first, second):
            super().__init__([first, second])

    assert len(Pair(nn.Flatten(), nn.Dense(1)).layers) == 2


def test_targets_may_be_left_out_where_a_subclass_does_not_compare():
    class Own(nn.Sequential):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return np.mean(np.square(y_pred - x[:, :1]))

    made = Own([nn.Input((3,)), nn.Dense(1)])
    made.compile("sgd", "mse")
    first, second = fitted(made, y=None, epochs=2).history["loss"]
    assert second < first
    by_hand = np.mean(np.square(made.predict(X, verbose=0) - X[:, :1]))
    np.testing.assert_allclose(made.evaluate(X, verbose=0), by_hand, rtol=1e-5)


def test_a_variable_is_no_pair():
    with pytest.raises(OperandError, match=r"pairs \(gradient, Variable\)"):
        nn.optimizers.SGD().apply_gradients([Variable([1.0, 2.0])])
