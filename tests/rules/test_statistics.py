"""Averages, covariances, order statistics, functions that pass over NaN, and counts: conventions, oracles and
refusals.
"""

import itertools

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, grad
from autograd.core.tensor import call
from autograd.errors import NoDerivativeError, OperandError, ShapeError
from autograd.samples.statistics import METHODS

CONTINUOUS = ("linear", "interpolated_inverted_cdf", "hazen", "weibull", "median_unbiased", "normal_unbiased")
NAN = np.nan


def near(found, expected, **tolerance):
    expected = np.asarray(expected, np.result_type(found))
    assert np.shape(found) == expected.shape
    np.testing.assert_allclose(found, expected, **({"rtol": 1e-10, "atol": 1e-10} | tolerance))
    return True


def total(fn, *args, **kwargs):
    return lambda x: anp.sum(call(fn, x, *args, **kwargs))


def slopes(f, x, h=1e-6):
    """The gradient of a real function of an array by central differences, element by element."""
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(x.shape)


# ----------------------------------------------------------------------------------------------------- order statistics
@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([3.0, 1.0, 2.0], [0, 0, 1]),
        ([8.0, 1.0, 4.0, 2.0], [0, 0, 0.5, 0.5]),
        ([1.0, 2.0, 2.0, 2.0, 3.0], [0, 1 / 3, 1 / 3, 1 / 3, 0]),
        ([2.0, 1.0, 2.0, 3.0], [0.5, 0, 0.5, 0]),
        ([2.0, 1.0, 3.0, 3.0], [0.5, 0, 0.25, 0.25]),
        ([5.0], [1]),
        ([2.0, NAN, 1.0], [0, 1, 0]),
    ],
)
def test_the_median_and_its_ties(x, expected):
    """The mean of the two in the middle where their number is even; equal elements share; a NaN is the result."""
    x = np.array(x)
    assert near(grad(np.median)(x), expected)
    assert near(grad(lambda t: np.quantile(t, 0.5))(x), expected)
    assert near(grad(lambda t: np.percentile(t, 50))(x), expected)
    assert near(grad(total(np.median, axis=1))(np.stack([x, x])), [expected, expected])


@pytest.mark.parametrize("fn", [np.quantile, np.nanquantile])
@pytest.mark.parametrize("method", METHODS)
def test_a_quantile_moves_and_grows_with_its_elements(fn, method):
    """An oracle without steps: the gradient adds up to 1, and its product with the elements is the quantile, with ties
    and at every end.
    """
    rng = np.random.default_rng(0)
    for n, q in itertools.product((1, 2, 3, 6, 7), (0.0, 0.1, 0.25, 0.5, 1 / 3, 0.77, 1.0)):
        for x in (rng.normal(size=n), rng.integers(0, 3, n).astype(float)):
            g = grad(lambda t, q=q: fn(t, q, method=method))(x)
            assert near(np.sum(g), 1.0)
            assert near(np.sum(g * x), fn(x, q, method=method))
            assert (g >= 0).all()
            assert len({(a, b) for a, b in zip(x.tolist(), np.round(g, 12).tolist(), strict=True)}) == len(
                set(x.tolist())
            )


@pytest.mark.parametrize("method", METHODS)
def test_quantiles_with_respect_to_q(method):
    """Continuous methods have a slope; in the others the quantile jumps, and the derivative is 0."""
    x = np.array([4.0, 1.0, 3.0, 9.0, 7.0])
    q = np.array([[0.01, 0.13, 0.37], [0.55, 0.81, 0.99]])
    found = grad(lambda t: np.sum(np.quantile(x, t, method=method)))(q)
    assert near(found, slopes(lambda t: np.sum(np.quantile(x, t, method=method)), q), rtol=1e-6, atol=1e-6)
    assert near(grad(lambda t: np.sum(np.percentile(x, 100 * t, method=method)))(q), found)
    assert np.any(found != 0) == (method in CONTINUOUS)


def test_q_at_its_ends_and_between_elements():
    x = np.array([1.0, 2.0, 4.0])
    slope = grad(lambda q: np.quantile(x, q))
    assert [slope(q) for q in (0.0, 0.25, 0.5, 1.0)] == [2.0, 2.0, 4.0, 4.0]
    assert grad(lambda q: np.quantile(x, q, method="hazen"))(0.05) == 0.0
    assert grad(lambda q: np.quantile(x[:1], q))(0.5) == 0.0


def test_the_mixed_second_derivative_of_a_quantile():
    x, q = np.array([1.0, 2.0, 4.0, 8.0]), 0.4
    mixed = grad(lambda t: grad(lambda q: np.quantile(t, q))(q))(x)
    assert near(mixed, [0, -3, 3, 0])
    for fn in (np.quantile, np.nanquantile):
        other = [grad(lambda q, i=i, fn=fn: grad(lambda t: fn(t, q))(x)[i])(q) for i in range(4)]
        assert near(np.array(other), mixed)


def test_nan_variants_of_order_statistics_pass_over_nan():
    x = np.array([[3.0, NAN, 1.0, 2.0], [NAN, 5.0, NAN, 7.0], [4.0, NAN, NAN, NAN]])
    expected = [[0, 0, 0, 1], [0, 0.5, 0, 0.5], [1, 0, 0, 0]]
    assert near(grad(total(np.nanmedian, axis=1))(x), expected)
    assert near(grad(total(np.nanquantile, 0.5, axis=1))(x), expected)
    assert near(grad(total(np.nanpercentile, 50, axis=1, keepdims=True))(x), expected)
    assert near(grad(lambda q: anp.sum(np.nanquantile(x, q, axis=1)))(0.7), 2 + 2 + 0)
    assert near(grad(lambda t: np.nanmedian(t))(x), [[0.5, 0, 0, 0], [0, 0, 0, 0], [0.5, 0, 0, 0]])


@pytest.mark.filterwarnings("ignore:All-NaN")
@pytest.mark.parametrize(
    "call_it", [np.nanmedian, lambda t, axis: np.nanquantile(t, 0.3, axis=axis), np.nanmax, np.nanmin]
)
def test_a_group_of_nan_alone_gets_nothing(call_it):
    x = np.array([[NAN, NAN], [1.0, NAN]])
    assert near(grad(lambda t: anp.sum(call_it(t, axis=1)))(x), [[0, 0], [1, 0]])


def test_quantiles_with_weights():
    x, w = np.array([3.0, 1.0, 2.0, 2.0]), np.array([1.0, 1.0, 5.0, 1.0])
    for fn in (np.quantile, np.nanquantile):
        g = grad(lambda t, fn=fn: fn(t, 0.5, method="inverted_cdf", weights=w))(x)
        assert near(g, [0, 0, 0.5, 0.5])
    stacked = np.stack([x, -x], axis=1)
    g = grad(lambda t: anp.sum(np.quantile(t, [0.05, 0.5], axis=0, method="inverted_cdf", weights=w)))(stacked)
    assert near(g, [[0, 1], [1, 0], [0.5, 0.5], [0.5, 0.5]])
    holed = np.array([3.0, NAN, 1.0, 2.0])
    assert near(grad(lambda t: np.quantile(t, 0.2, method="inverted_cdf", weights=w))(holed), [0, 1, 0, 0])
    assert near(grad(lambda t: np.nanquantile(t, 0.2, method="inverted_cdf", weights=w))(holed), [0, 0, 1, 0])
    assert np.quantile(x, 0.5, method="inverted_cdf", weights=Tensor(w)).item() == 2.0
    with pytest.raises(
        NoDerivativeError, match="quantile has no derivative with respect to its argument 2, which is tracked"
    ):
        grad(lambda t: np.quantile(x, 0.5, method="inverted_cdf", weights=t))(w)


@pytest.mark.parametrize(
    "fn",
    [np.median, np.nanmedian, lambda t, **k: np.quantile(t, 0.3, **k), lambda t, **k: np.nanpercentile(t, 30, **k)],
)
def test_a_tensor_is_never_overwritten(fn):
    x = Tensor(np.array([3.0, 1.0, 2.0, 0.0]))
    fn(x, overwrite_input=True)
    assert x.tolist() == [3.0, 1.0, 2.0, 0.0]
    with GradientTape() as tape:
        tape.watch(x)
        y = fn(x * 1.0, overwrite_input=True)
    assert near(np.sum(tape.gradient(y, x).numpy()), 1.0)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_order_statistics_keep_the_dtype(dtype):
    x = np.array([3.0, 1.0, 2.0, 0.0], dtype)
    for f in (
        np.median,
        np.nanmedian,
        lambda t: np.quantile(t, 0.3),
        lambda t: np.percentile(t, np.array(30.0)),
        lambda t: np.nanquantile(t, 0.3),
    ):
        assert grad(f)(x).dtype == dtype
    assert grad(lambda q: np.quantile(x, q))(dtype(0.3)).dtype == dtype


def test_a_median_of_complex_numbers():
    z = np.array([1 + 1j, 0 + 5j, 1 + 2j], np.complex64)
    g = grad(lambda t: anp.real(np.median(t)))(z)
    assert near(g, [1, 0, 0])
    assert g.dtype == np.complex64


@pytest.mark.parametrize(
    "fn",
    [np.median, np.nanmedian, np.nanmax, np.nanmin, lambda t: np.quantile(t, 0.4), lambda t: np.nanpercentile(t, 60)],
)
def test_what_was_not_selected_passes_no_nan(fn):
    """At 0 the slope of the root is infinite."""
    x = np.array([0.0, 1.0, 4.0, 9.0])
    with np.errstate(all="ignore"):
        found = grad(lambda t: fn(-anp.sqrt(t) if fn is np.nanmin else anp.sqrt(t)))(x)
    assert found[0] == 0
    assert np.isfinite(found).all()
    assert found.any()


# --------------------------------------------------------------------------------------------- averages and covariances
def test_averages():
    x, w = np.array([1.0, 2.0, 4.0]), np.array([1.0, 1.0, 2.0])
    assert near(grad(lambda t: np.average(t, weights=w))(x), [0.25, 0.25, 0.5])
    assert near(grad(lambda v: np.average(x, weights=v))(w), (x - 2.75) / 4)
    assert near(grad(lambda v: np.average(x, weights=v, returned=True)[1])(w), [1, 1, 1])
    assert near(grad(lambda t: anp.average([t[0], t[1] * t[2], 1.0]))(x), [1 / 3, 4 / 3, 2 / 3])
    for kwargs in (
        {"axis": 1},
        {"axis": 1, "weights": x[:2]},
        {"axis": (0, 1), "keepdims": True},
        {"weights": np.ones((3, 2))},
    ):
        given = np.arange(6.0).reshape(3, 2)
        for found, expected in zip(
            anp.average(given, returned=True, **kwargs), np.average(given, returned=True, **kwargs), strict=True
        ):
            assert near(found.numpy(), expected)
    assert anp.average(np.arange(3)).dtype == np.float64


def test_averages_that_cannot_be():
    x = Tensor(np.ones((2, 3)))
    with pytest.raises(ZeroDivisionError, match="the weights of a group add up to 0"):
        np.average(x, axis=1, weights=np.array([1.0, -1.0, 0.0]))
    with pytest.raises(
        OperandError, match=r"average of shape \(2, 3\) with weights of another shape, \(3,\), needs an axis"
    ):
        np.average(x, weights=np.ones(3))
    with pytest.raises(ShapeError, match=r"or of its axes \(0,\), \(2,\): received \(3,\)"):
        np.average(x, axis=0, weights=np.ones(3))


X = np.random.default_rng(5).normal(size=(3, 6))


@pytest.mark.parametrize(
    "kwargs",
    [
        {},
        {"bias": True},
        {"ddof": 0},
        {"rowvar": False},
        {"y": X[:2] ** 2},
        {"x": X[:, :2], "y": X[:, 3:4], "rowvar": False},
        {"x": X[0], "y": X[1], "rowvar": False},
        {"fweights": [1, 2, 3, 1, 0, 1]},
        {"aweights": np.arange(1.0, 7.0)},
        {"fweights": np.arange(6), "aweights": np.arange(1.0, 7.0), "ddof": 2},
        {"dtype": np.float32},
    ],
)
def test_covariances(kwargs):
    kwargs = dict(kwargs)
    x = kwargs.pop("x", X)
    rng = np.random.default_rng(0)
    expected = np.cov(x, **kwargs)
    u = rng.normal(size=np.shape(expected))
    value = np.cov(Tensor(x), **kwargs)
    assert value.dtype == expected.dtype
    tolerance = 1e-3 if "dtype" in kwargs else 1e-8
    assert near(value.numpy(), expected, rtol=tolerance)
    if "dtype" not in kwargs:
        found = grad(lambda t: np.sum(np.cov(t, **kwargs) * u))(x)
        assert near(found, slopes(lambda t: np.sum(np.cov(t, **kwargs) * u), x), rtol=1e-6, atol=1e-7)


def test_a_covariance_of_one_row_does_not_turn():
    """As in NumPy: variables in columns turn, a matrix of one row given as `y` does not."""
    x, y = np.arange(4.0) ** 2, np.array([[1.0, 3.0, 2.0, 7.0]])
    assert near(np.cov(Tensor(x), y, rowvar=False).numpy(), np.cov(x, y, rowvar=False))


def test_weights_of_observations_have_a_derivative():
    w = np.array([1.0, 0.5, 2.0, 0.3, 1.0, 0.7])
    found = grad(lambda v: np.sum(np.cov(X, aweights=v, ddof=1) ** 2))(w)
    assert near(found, slopes(lambda v: np.sum(np.cov(X, aweights=v, ddof=1) ** 2), w), rtol=1e-6)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"fweights": [1.5] * 6}, "takes whole numbers as fweights"),
        ({"fweights": [1, 2]}, r"one weight for each of the 6 observations: received fweights of shape \(2,\)"),
        ({"aweights": -np.ones(6)}, "received aweights with a negative one"),
        ({"y": np.ones((1, 2, 3))}, r"one axis or two: received shapes \(3, 6\), \(1, 2, 3\)"),
    ],
)
def test_covariances_that_cannot_be(kwargs, message):
    with pytest.raises((OperandError, ShapeError), match=message):
        np.cov(Tensor(X), **kwargs)


def test_correlations():
    u = np.random.default_rng(1).normal(size=(3, 3))
    found = grad(lambda t: np.sum(np.corrcoef(t) * u))(X)
    assert near(found, slopes(lambda t: np.sum(np.corrcoef(t) * u), X), rtol=1e-6, atol=1e-8)
    assert near(grad(lambda t: np.corrcoef(t, 2 * X[0] + 1)[0, 1])(X[0]), np.zeros(6))
    assert near(grad(lambda t: np.corrcoef(t) * 1.0)(X[0]), np.zeros(6))
    z = X[:2] + 1j * X[1:]
    assert near(np.corrcoef(Tensor(z)).numpy(), np.corrcoef(z))


# ------------------------------------------------------------------------------------------------ variance under a mask
@pytest.mark.filterwarnings("ignore:Degrees of freedom")
def test_variance_under_a_mask_is_that_of_what_is_left():
    x = np.array([[1.0, 5.0, 2.0, 9.0], [3.0, 3.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]])
    mask = np.array([[True, False, True, True], [True, True, True, False], [False, False, False, False]])
    for fn, ddof in itertools.product((np.var, np.std), (0, 1)):
        alone = grad(lambda t, fn=fn, d=ddof: fn(t, ddof=d))(x[0, mask[0]])
        with np.errstate(all="ignore"):
            found = grad(lambda t, fn=fn, d=ddof: anp.sum(call(fn, t, axis=1, ddof=d, where=mask)[:2]))(x)
        assert near(found[0], [alone[0], 0, *alone[1:]])
        assert near(found[1], np.zeros(4))
        assert near(found[2], np.zeros(4))


def test_a_mean_that_is_given_is_constant():
    x = np.array([1.0, 2.0, 6.0])
    assert near(grad(lambda t: np.var(t, mean=np.array([1.0])))(x), 2 * (x - 1) / 3)
    assert near(grad(lambda t: np.std(t, mean=np.array([1.0])))(x), (x - 1) / 3 / np.sqrt(26 / 3))
    assert near(grad(lambda t: np.std(t, mean=np.array([1.0])))(np.full(3, 2.0)), np.full(3, 1 / 3))
    with pytest.raises(OperandError, match="a tracked tensor as the keyword argument 'mean'"):
        grad(lambda t: np.var(t, mean=np.mean(t, keepdims=True)))(x)


@pytest.mark.parametrize(
    "fn",
    [np.sum, np.mean, np.prod, np.var, np.std, np.cumsum, np.cumprod, np.nansum, np.nanmean, np.nanstd, np.nancumprod],
)
def test_dtypes_of_reductions(fn):
    """The result has the dtype asked for, the gradient that of the operand."""
    for given, asked in ((np.float32, np.float64), (np.float64, np.float32), (np.float64, np.complex128)):
        if asked is np.complex128 and fn in (np.var, np.std, np.nanstd):
            continue
        x = np.array([1.5, 0.5, 2.5], given)
        assert call(fn, x, dtype=asked).dtype == asked
        g = grad(lambda t, d=asked: anp.sum(anp.real(call(fn, t, dtype=d))))(x)
        assert g.dtype == given
        assert near(g, grad(total(fn))(x.astype(np.float64)), rtol=1e-6)


# ----------------------------------------------------------------------------------------------------- passing over NaN
NAN_FUNCTIONS = [
    (np.nansum, np.sum), (np.nanprod, np.prod), (np.nanmean, np.mean), (np.nanvar, np.var), (np.nanstd, np.std),
    (np.nanmax, np.max), (np.nanmin, np.min), (np.nanmedian, np.median), (np.nancumsum, np.cumsum),
    (np.nancumprod, np.cumprod),
]  # fmt: skip


@pytest.mark.parametrize(("fn", "plain"), NAN_FUNCTIONS, ids=lambda f: f.__name__)
def test_without_nan_they_are_the_plain_functions_and_with_nan_those_of_the_rest(fn, plain):
    x = np.array([3.0, 0.5, 2.0, 2.0, -1.0])
    assert near(grad(total(fn))(x), grad(total(plain))(x))
    holed = np.insert(x, [0, 2], NAN)
    expected = np.insert(grad(total(plain))(x), [0, 2], 0.0)
    if "cum" in fn.__name__:
        weights = np.arange(1.0, 8.0)
        expected = grad(lambda t: anp.sum(call(plain, t) * weights))(
            np.nan_to_num(holed, nan=1.0 if fn is np.nancumprod else 0.0)
        )
        assert near(grad(lambda t: anp.sum(call(fn, t) * weights))(holed)[~np.isnan(holed)], expected[~np.isnan(holed)])
    else:
        assert near(grad(total(fn))(holed), expected)
        assert near(grad(lambda t: anp.sum(grad(total(fn))(t) ** 2))(holed)[[0, 3]], [0, 0])


@pytest.mark.filterwarnings("ignore:Degrees of freedom", "ignore:Mean of empty")
def test_nan_functions_where_too_little_is_left():
    x = np.array([[NAN, NAN, NAN], [1.0, NAN, 2.0]])
    for fn, kwargs in (
        (np.nanvar, {"ddof": 2}),
        (np.nanstd, {"ddof": 1}),
        (np.nanmean, {}),
        (np.nansum, {}),
        (np.nanprod, {"initial": 2.0}),
    ):
        with np.errstate(all="ignore"):
            expected = fn(x, axis=1, **kwargs)
            value = call(fn, Tensor(x), axis=1, **kwargs).numpy()
        np.testing.assert_allclose(value, expected)
        assert (np.isnan(value) == np.isnan(expected)).all()
    assert near(grad(lambda t: np.nansum(t, axis=1)[0])(x), np.zeros((2, 3)))


def test_ties_of_nan_extremes_share():
    x = np.array([2.0, NAN, 2.0, 1.0])
    assert near(grad(np.nanmax)(x), [0.5, 0, 0.5, 0])
    assert near(grad(lambda t: np.nanmin(t, initial=1.0))(x), [0, 0, 0, 0.5])
    assert near(grad(lambda t: np.nanmax(t, initial=0.0, where=np.array([False, True, True, True])))(x), [0, 0, 1, 0])


# ----------------------------------------------------------------------------------------------------- counts
def test_weighted_counts():
    x, w = np.array([0, 3, 3, 1]), np.array([1.0, 2.0, 4.0, 8.0])
    u = np.array([1.0, 10.0, 100.0, 1000.0, 5.0])
    assert near(grad(lambda t: anp.sum(np.bincount(x, weights=t, minlength=5) * u))(w), u[x])
    assert near(grad(lambda t: anp.sum(np.bincount(x, t) ** 2))(w.astype(np.float32)), [2, 12, 12, 16])
    for args in ((Tensor(x),), (Tensor(x), w), (Tensor(x), None, 7)):
        raw = [each.numpy() if isinstance(each, Tensor) else each for each in args]
        assert np.bincount(*args).dtype == np.bincount(*raw).dtype
        np.testing.assert_array_equal(np.bincount(*args).numpy(), np.bincount(*raw))
    with pytest.raises(OperandError, match=r"one axis of integers from 0 on: received shape \(2,\) and dtype float64"):
        np.bincount(Tensor([0.0, 1.0]))
    with pytest.raises(ShapeError, match=r"one weight for each of 4 numbers: received shape \(2,\)"):
        np.bincount(Tensor(x), w[:2])


@pytest.mark.parametrize(
    ("fn", "call_it"),
    [
        (np.histogram, lambda t: np.histogram(t, density=True)[0]),
        (np.histogram2d, lambda t: np.histogram2d(t, t, density=True)[0]),
        (np.histogramdd, lambda t: np.histogramdd((t, t), density=True)[0]),
        (np.histogram_bin_edges, np.histogram_bin_edges),
    ],
)
def test_histograms_compute_and_have_no_derivative(fn, call_it):
    x = np.array([0.5, 1.5, 3.0])
    np.testing.assert_array_equal(call_it(Tensor(x)).numpy(), call_it(x))
    with pytest.raises(
        NoDerivativeError,
        match=rf"numpy\.{fn.__name__} has no derivative, and .*: a histogram counts, .* Detach its input with",
    ):
        grad(lambda t: anp.sum(call_it(t)))(x)


def test_numbers_of_places_have_no_derivative():
    with GradientTape() as tape:
        x = Tensor([3.0, NAN, 1.0])
        tape.watch(x)
        outputs = [
            np.nanargmax(x),
            np.nanargmin(x),
            np.digitize(x, [2.0]),
            np.histogram(x[:1])[0],
            np.lexsort((x, x)),
            np.isin(x, [1.0]),
        ]
    assert all(each.dtype.kind in "bi" for each in outputs)
    assert not any(each._id in tape.tracked for each in outputs)


@pytest.mark.parametrize("fn", [np.median, np.nanmedian, np.nansum, np.nanmean, np.nanprod, np.nanvar])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, about means of nothing
def test_empty_arrays(fn):
    assert near(grad(total(fn, axis=0))(np.zeros((0, 3))), np.zeros((0, 3)))
    assert near(grad(total(fn, axis=1))(np.zeros((0, 3))), np.zeros((0, 3)))
    assert near(grad(total(np.quantile, 0.5, axis=1))(np.zeros((0, 3))), np.zeros((0, 3)))
