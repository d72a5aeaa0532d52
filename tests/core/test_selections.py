"""An element that a selection drops (where, maximum, a mask) has derivative 0, whatever slope it has there."""

import numpy as np
import pytest

import autograd.numpy as anp
import nn
from autograd import grad, hvp


def written(x, index, value):
    x[index] = value
    return x


def quietly(f):
    def wrapped(*args):
        with np.errstate(all="ignore"):
            return f(*args)

    return wrapped


SELECTIONS = {
    "where": lambda x: anp.sum(anp.where(x > 0, anp.log(x) * anp.sqrt(x), 0.0)),
    "where, then a product": lambda x: anp.sum(2.0 * anp.where(x > 0, anp.log(x) * anp.sqrt(x), 0.0)) / 2.0,
    "mask": lambda x: anp.sum((anp.log(x) * anp.sqrt(x))[x > 0]),
    "mask of rows": lambda x: anp.sum((anp.log(x) * anp.sqrt(x))[:, None][np.array([False, True, True]), 0]),
    "compress": lambda x: anp.sum(anp.compress(x > 0, anp.log(x) * anp.sqrt(x))),
    "extract": lambda x: anp.sum(anp.extract(x > 0, anp.log(x) * anp.sqrt(x))),
    "choose": lambda x: anp.sum(anp.choose((x > 0).astype(int), [0.0, anp.log(x) * anp.sqrt(x)])),
    "select": lambda x: anp.sum(anp.select([x > 0], [anp.log(x) * anp.sqrt(x)])),
    "sum with a mask": lambda x: anp.sum(anp.log(x) * anp.sqrt(x), where=x > 0),
    "mean with a mask": lambda x: 2.0 * anp.mean(anp.log(x) * anp.sqrt(x), where=x > 0),
    "writing where a mask is true": lambda x: anp.sum(written(anp.log(x) * anp.sqrt(x), x <= 0, 0.0)),
    "nan_to_num": lambda x: anp.sum(anp.nan_to_num(anp.log(x) * anp.sqrt(x))),
    "fmax": lambda x: anp.sum(anp.fmax(anp.log(x) * anp.sqrt(x), -10.0)),
}


@pytest.mark.parametrize("f", SELECTIONS.values(), ids=SELECTIONS.keys())
def test_what_a_selection_drops_passes_no_nan(f):
    """At 0 the logarithm is infinite and so is the slope of the root; neither was selected."""
    x = np.array([0.0, 1.0, 4.0])
    first = grad(quietly(f))(x)
    np.testing.assert_allclose(first, [0.0, 1.0, np.log(4) / 4 + 0.5], rtol=1e-12)
    second = grad(lambda x: anp.sum(grad(quietly(f))(x)))(x)
    np.testing.assert_allclose(second, [0.0, 0.0, -np.log(4) / 32], atol=1e-12)
    np.testing.assert_allclose(hvp(quietly(f), [x], [np.ones(3)]), second, atol=1e-12)


def test_a_whole_branch_that_is_not_taken():
    x = np.array([0.0, 2.0])
    np.testing.assert_array_equal(grad(quietly(lambda x: anp.where(True, x[1], anp.sum(1 / x))))(x), [0.0, 1.0])
    np.testing.assert_array_equal(grad(quietly(lambda x: anp.sum(anp.clip(1 / x, None, 0.25))))(x), [0.0, 0.0])
    np.testing.assert_array_equal(grad(quietly(lambda x: anp.sum(anp.minimum(1 / x, 0.25))))(x), [0.0, 0.0])
    np.testing.assert_array_equal(grad(quietly(lambda x: anp.min(1 / x)))(x), [0.0, -0.25])
    np.testing.assert_array_equal(grad(quietly(lambda x: anp.sum(nn.activations.relu(anp.log(x)))))(x), [0.0, 0.5])


def test_an_infinity_that_was_selected_is_passed_on():
    assert np.isinf(grad(quietly(lambda x: anp.sum(anp.where(x >= 0, anp.sqrt(x), 0.0))))(np.array([0.0]))).all()
    assert np.isnan(grad(lambda x: anp.sum(anp.where(x > 0, x * np.nan, 0.0)))(np.array([1.0]))).all()
