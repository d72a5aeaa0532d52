"""Derivatives of averages, covariances, order statistics, and of functions that pass over NaN."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.errors import OperandError, ShapeError
from autograd.registry.define import defcomposite, defrefused, defselection, defvjp, operation
from autograd.registry.operations import scatter
from autograd.rules.batch import of_reduction
from autograd.rules.reduce import kept, over
from autograd.rules.shape import Axis, array_of, inverse


# --------------------------------------------------------------------------------------------------- averages
def _weights_of(weights: Any, a: Any, axis: Axis, name: str) -> Any:
    """Return weights that broadcast against an array: they have its shape, or that of the axes which they run along."""
    shape, weights = np.shape(a), array_of(weights)
    if np.shape(weights) == shape:
        return weights
    if axis is None:
        raise OperandError(
            f"{name} of shape {shape} with weights of another shape, {np.shape(weights)}, needs an axis: pass axis=."
        )
    axes = [i % len(shape) for i in (axis if isinstance(axis, tuple) else (axis,))]
    if np.shape(weights) != tuple([shape[i] for i in axes]):
        raise ShapeError(
            f"{name} takes weights of the shape of the array, {shape}, or of its axes {tuple(axes)}, "
            f"{tuple([shape[i] for i in axes])}: received {np.shape(weights)}."
        )
    along = np.transpose(weights, sorted(range(len(axes)), key=axes.__getitem__))
    return np.reshape(along, tuple([n if i in axes else 1 for i, n in enumerate(shape)]))


@defcomposite(np.average)
def _average(a: Any, axis: Axis = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    """``sum(w * a) / sum(w)``."""
    a = array_of(a)
    if weights is None:
        mean = np.mean(a, axis=axis, keepdims=keepdims)
        return (mean, np.full_like(mean, np.size(a) / np.size(mean))) if returned else mean
    weights = _weights_of(weights, a, axis, "average")
    dtype = (
        np.result_type(a.dtype, weights.dtype, np.float64)
        if a.dtype.kind in "biu"
        else np.result_type(a.dtype, weights.dtype)
    )
    total = np.sum(np.broadcast_to(weights, np.shape(a)), axis=axis, dtype=dtype, keepdims=keepdims)
    if np.any(np.equal(total, 0)):
        raise ZeroDivisionError("average: the weights of a group add up to 0, so that they cannot be normalized.")
    mean = np.sum(np.astype(a, dtype) * weights, axis=axis, dtype=dtype, keepdims=keepdims) / total
    return (mean, total) if returned else mean


@defcomposite(np.cov)
def _cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """``X diag(w) X^H / f`` of observations ``X`` without their mean; ``f`` is their number, or weight, less the
    degrees of freedom.
    """
    parts = [array_of(each) for each in (m, y) if each is not None]
    if any(np.ndim(each) > 2 for each in parts):
        raise ShapeError(
            "cov takes variables with one axis or two: received shapes "
            f"{', '.join(str(np.shape(each)) for each in parts)}."
        )
    dtype = np.result_type(*[each.dtype for each in parts], np.float64) if dtype is None else dtype
    rows = [np.astype(np.atleast_2d(each), dtype) for each in parts]
    if not rowvar:
        rows = [
            row if np.ndim(each) == 1 or (i and len(row) == 1) else row.T
            for i, (row, each) in enumerate(zip(rows, parts, strict=True))
        ]
    if np.shape(rows[0])[0] == 0:
        return np.zeros((0, 0))
    x = np.concatenate(rows, axis=0)
    ddof = (0 if bias else 1) if ddof is None else ddof
    n = np.shape(x)[1]
    frequencies, importance = _observations(fweights, "fweights", n), _observations(aweights, "aweights", n)
    if frequencies is not None and np.any(frequencies != np.around(frequencies)):
        raise OperandError(
            "cov takes whole numbers as fweights, which say how often an observation occurs: aweights take any."
        )
    if importance is None:
        weights = frequencies
        factor: Any = n - ddof if weights is None else np.sum(weights) - ddof
    else:
        weights = importance if frequencies is None else importance * frequencies
        total = np.sum(weights)
        factor = total - ddof * np.sum(weights * importance) / total if ddof else total
    factor = factor if factor > 0 else 0.0  # by which NumPy warns to divide
    deviation = x - _average(x, axis=1, weights=weights, keepdims=True)
    weighted = deviation if weights is None else deviation * weights
    product = np.matmul(deviation, np.conjugate(weighted.T))
    return np.squeeze(product * np.astype(np.true_divide(1, factor), product.real.dtype))


def _observations(weights: Any, name: str, n: int) -> Any:
    """Return the weight of each observation as real numbers, or None."""
    if weights is None:
        return None
    weights = np.astype(array_of(weights), np.float64)
    if np.shape(weights) != (n,):
        raise ShapeError(
            f"cov takes one weight for each of the {n} observations: received {name} of shape {np.shape(weights)}."
        )
    if np.any(weights < 0):
        raise OperandError(f"cov takes weights that are not negative: received {name} with a negative one.")
    return weights


@defcomposite(np.corrcoef)
def _corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """The covariance over both standard deviations."""
    c = _cov(x, y, rowvar, dtype=dtype)
    if np.ndim(c) == 0:
        return c / c
    deviation = np.sqrt(np.real(np.diagonal(c)))
    c = c / deviation[:, None] / deviation
    if not np.iscomplexobj(c):
        return np.clip(c, -1, 1)
    return np.astype(np.clip(np.real(c), -1, 1) + 1j * np.clip(np.imag(c), -1, 1), c.dtype)


# --------------------------------------------------------------------------------------------------- order statistics
# A quantile is a mean of two neighbours among the sorted elements, (1 - t) s[k] + t s[k + 1], and the place k + t
# depends on their number alone: it is the same quantile of the ranks 0, 1, 2, ... So NumPy itself says for each of its
# methods which elements take part.

# alpha and beta of the methods in which the place k + t moves with q, n q + alpha + q (1 - alpha - beta) - 1 (R. J.
# Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50 (4), 1996, 361-365). In
# the others it jumps.
_CONTINUOUS = {
    "linear": (1.0, 1.0),
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}


def _order(axis: Axis, ndim: int) -> tuple[list[int], int]:
    """Return the axes in an order that has the reduced ones at the end, and how many those are."""
    axes = (
        list(range(ndim))
        if axis is None
        else sorted([i % ndim for i in (axis if isinstance(axis, tuple) else (axis,))])
    )
    return [i for i in range(ndim) if i not in axes] + axes, len(axes)


def _as_rows(x: Any, axis: Axis) -> Any:
    """Return a matrix whose rows are the groups that a reduction takes together."""
    shape = np.shape(x)
    order, count = _order(axis, len(shape))
    groups, each = [
        math.prod([shape[i] for i in part]) for part in (order[: len(order) - count], order[len(order) - count :])
    ]
    return np.reshape(np.transpose(x, order), (groups, each))


def _from_rows(rows: Any, shape: tuple[int, ...], axis: Axis) -> Any:
    """Undo `_as_rows`: return the array of the given shape."""
    order, _ = _order(axis, len(shape))
    return np.transpose(np.reshape(rows, [shape[i] for i in order]), inverse(order))


def _shared(g: Any, rows: Any, places: Any) -> Any:
    """Give the cotangents of the elements that stand at some places of the sorted rows back to the rows; equal elements
    share.

    Parameters
    ----------
    g : array
        Of shape (k, groups).
    rows : array
        Of shape (groups, n).
    places : int array
        Of shape (k, groups).
    """
    ordered, is_nan, group = np.sort(rows, axis=-1), np.isnan(rows), np.arange(np.shape(rows)[0])
    shared: Any = 0
    for k in range(np.shape(g)[0]):  # one after the other: all at once would take k times the memory of the array
        value = ordered[group, places[k]][:, None]
        equal = np.equal(rows, value) | (is_nan & np.isnan(value))
        shared = shared + np.where(equal, over(g[k][:, None], np.sum(equal, axis=-1, keepdims=True)), 0)
    return shared


def _places(fn: Any, a: Any, rows: Any, q: Any, weights: Any, axis: Axis, method: str) -> Any:
    """Return where the quantiles stand in the sorted rows, as real numbers of shape (size of q, groups)."""
    if a.dtype.kind == "f" and isinstance(q, (int, float)):
        q = np.asarray(q, a.dtype)  # as NumPy rounds it
    q = np.reshape(q, (-1,))
    n, count = np.shape(rows)[1], np.sum(~np.isnan(rows), axis=-1)
    ranks = np.arange(n).astype(float)
    if fn is np.nanquantile:
        ranks = np.where(
            ranks < np.maximum(count, 1)[:, None], ranks, np.nan
        )  # sorting puts NaN last; one stays, where all are NaN
    if weights is not None:
        weights = _as_rows(np.broadcast_to(_weights_of(weights, a, axis, "quantile"), np.shape(a)), axis)
        weights = np.take_along_axis(weights, np.argsort(rows, axis=-1), axis=-1)
        ranks = np.broadcast_to(ranks, np.shape(rows))
    place = fn(ranks, q, axis=-1, method=method, weights=weights)
    if fn is np.nanquantile:
        return place
    place = place[:, None] if np.ndim(place) == 1 else place
    return np.where(count < n, n - 1, place)  # a NaN comes last, and makes the quantile NaN


def _define_quantile(fn: Any, quantile: Any, percentile: Any) -> None:
    def of_elements(
        g: Any,
        _: Any,
        a: Any,
        q: Any,
        weights: Any = None,
        *,
        axis: Axis = None,
        method: str = "linear",
        keepdims: Any = False,
    ) -> Any:
        if not np.size(a):
            return np.zeros_like(a)
        rows = _as_rows(a, axis)
        place = _places(fn, a, rows, q, weights, axis, method)
        low = np.floor(place).astype(int)
        high = np.minimum(low + 1, np.shape(rows)[1] - 1)
        t = (place - low).astype(g.dtype)
        g = np.reshape(g, np.shape(place))
        shared = _shared(np.concatenate([g * (1 - t), g * t]), rows, np.concatenate([low, high]))
        return _from_rows(np.where(np.isnan(rows), 0, shared) if fn is np.nanquantile else shared, np.shape(a), axis)

    def of_q(
        g: Any,
        _: Any,
        a: Any,
        q: Any,
        weights: Any = None,
        *,
        axis: Axis = None,
        method: str = "linear",
        keepdims: Any = False,
    ) -> Any:
        """The slope between the two neighbours, and to the right where the quantile is one of them; 0 where it cannot
        move on.
        """
        if method not in _CONTINUOUS or np.size(a) < 2:
            return np.zeros_like(q)
        rows = _as_rows(a, axis)
        count = np.sum(~np.isnan(rows), axis=-1)
        alpha, beta = _CONTINUOUS[method]
        slope = count + (1 - alpha - beta)
        unbounded = np.reshape(q, (-1, 1)) * slope + (alpha - 1)
        place = _places(fn, a, rows, q, weights, axis, method)
        low = np.clip(np.floor(place).astype(int), 0, np.maximum(count - 2, 0))
        high = np.minimum(low + 1, np.maximum(count - 1, 0))
        group, ordered = np.arange(len(count)), np.sort(rows, axis=-1)
        inside = (unbounded >= 0) & (unbounded <= count - 1)
        steps = np.where(inside, (ordered[group, high] - ordered[group, low]) * slope.astype(ordered.dtype), 0)
        return np.reshape(np.sum(np.reshape(g, np.shape(place)) * steps, axis=1), np.shape(q))

    defvjp(quantile, of_elements, of_q, None, static=True, fresh=True)
    defselection(quantile)

    @defcomposite(fn)
    def of_fractions(
        a: Any, q: Any, axis: Axis = None, out: None = None, overwrite_input: bool = False, method: str = "linear",
        keepdims: Any = False,
        *, weights: Any = None,
    ) -> Any:  # fmt: skip
        return quantile(
            array_of(a),
            q if isinstance(q, (int, float)) else array_of(q),
            weights,
            axis=axis,
            method=method,
            keepdims=keepdims,
        )

    @defcomposite(percentile)
    def of_percents(a: Any, q: Any, *args: Any, **kwargs: Any) -> Any:
        a = array_of(a)
        q = (
            q / 100
            if isinstance(q, (int, float))
            else np.true_divide(array_of(q), a.dtype.type(100) if a.dtype.kind == "f" else 100)
        )
        return of_fractions(a, q, *args, **kwargs)


def _define_median(fn: Any, median: Any) -> None:
    def of_elements(g: Any, _: Any, x: Any, *, axis: Axis = None, keepdims: Any = False) -> Any:
        """The one in the middle, or the mean of the two; equal elements share."""
        rows = _as_rows(x, axis)
        n = np.shape(rows)[1]
        if not n:
            return np.zeros_like(x)
        is_nan = np.isnan(rows)
        missing = np.sum(is_nan, axis=-1)
        if fn is np.nanmedian:
            middle = [np.maximum(n - missing - k, 0) // 2 for k in (1, 0)]
        else:
            middle = [np.where(missing > 0, n - 1, k) for k in ((n - 1) // 2, n // 2)]
        half = np.reshape(g, (1, -1)) * 0.5
        shared = _shared(np.concatenate([half, half]), rows, np.stack(middle))
        return _from_rows(np.where(is_nan, 0, shared) if fn is np.nanmedian else shared, np.shape(x), axis)

    defvjp(median, of_elements, static=True, fresh=True)
    defselection(median)

    @defcomposite(fn)
    def of_all(
        a: Any, axis: Axis = None, out: None = None, overwrite_input: bool = False, keepdims: Any = False
    ) -> Any:
        return median(array_of(a), axis=axis, keepdims=keepdims)


# Operations of our own, because NumPy's may overwrite their input, which no tensor allows.
@operation
def quantile(
    a: Any, q: Any, weights: Any = None, axis: Axis = None, method: Any = "linear", keepdims: Any = False
) -> Any:
    """Return ``np.quantile`` of ``a``."""
    return np.quantile(a, q, axis=axis, method=method, keepdims=keepdims, weights=weights)


@operation
def nanquantile(
    a: Any, q: Any, weights: Any = None, axis: Axis = None, method: Any = "linear", keepdims: Any = False
) -> Any:
    """Return ``np.nanquantile`` of ``a``."""
    return np.nanquantile(a, q, axis=axis, method=method, keepdims=keepdims, weights=weights)


@operation
def median(a: Any, axis: Axis = None, keepdims: Any = False) -> Any:
    """Return ``np.median`` of ``a``."""
    return np.median(a, axis=axis, keepdims=keepdims)


@operation
def nanmedian(a: Any, axis: Axis = None, keepdims: Any = False) -> Any:
    """Return ``np.nanmedian`` of ``a``."""
    return np.nanmedian(a, axis=axis, keepdims=keepdims)


_define_quantile(np.quantile, quantile, np.percentile)
_define_quantile(np.nanquantile, nanquantile, np.nanpercentile)
_define_median(np.median, median)
_define_median(np.nanmedian, nanmedian)


# ----------------------------------------------------------------------------------------- functions that pass over NaN
def _filled(a: Any, value: int) -> Any:
    a = array_of(a)
    return np.where(np.isnan(a), value, a) if a.dtype.kind in "fc" else a


@defcomposite(np.nansum)
def _nansum(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    keepdims: Any = False,
    initial: Any = 0,
    where: Any = True,
) -> Any:
    return np.sum(_filled(a, 0), axis=axis, dtype=dtype, keepdims=keepdims, initial=initial, where=where)


@defcomposite(np.nanprod)
def _nanprod(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    keepdims: Any = False,
    initial: Any = 1,
    where: Any = True,
) -> Any:
    return np.prod(_filled(a, 1), axis=axis, dtype=dtype, keepdims=keepdims, initial=initial, where=where)


@defcomposite(np.nancumsum)
def _nancumsum(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Any:
    return np.cumsum(_filled(a, 0), axis=axis, dtype=dtype)


@defcomposite(np.nancumprod)
def _nancumprod(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Any:
    return np.cumprod(_filled(a, 1), axis=axis, dtype=dtype)


@defcomposite(np.nanmean)
def _nanmean(
    a: Any, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: Any = False, *, where: Any = True
) -> Any:
    a = array_of(a)
    return np.mean(a, axis=axis, dtype=dtype, keepdims=keepdims, where=~np.isnan(a) & where)


def _define_nan_deviation(fn: Any, plain: Any) -> None:
    @defcomposite(fn)
    def nan_deviation(
        a: Any, axis: Axis = None, dtype: Any = None, out: None = None, ddof: float = 0, keepdims: Any = False, *,
        where: Any = True,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        """NaN where no more elements are left than degrees of freedom."""
        a = array_of(a)
        chosen = ~np.isnan(a) & where
        enough = np.sum(chosen, axis=axis, keepdims=keepdims) > ddof + kwargs.get("correction", 0)
        result = plain(a, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims, where=chosen, **kwargs)
        return result if np.all(enough) else np.where(enough, result, np.nan)


_define_nan_deviation(np.nanvar, np.var)
_define_nan_deviation(np.nanstd, np.std)


def _nan_extremum(
    g: Any, ans: Any, x: Any, *, axis: Axis = None, keepdims: Any = False, initial: Any = None, where: Any = True
) -> Any:
    """The elements that reach the extremum share the cotangent equally; ``initial`` is one of them, if it does."""
    chosen = np.equal(x, kept(ans, x, axis)) & where
    count = np.sum(chosen, axis=axis, keepdims=True)
    if initial is not None:
        count = count + np.equal(kept(ans, x, axis), initial)
    return np.where(chosen, over(kept(g, x, axis), np.maximum(count, 1)), 0)


for _fn in (np.nanmax, np.nanmin):
    defvjp(_fn, _nan_extremum, batch=of_reduction(_fn), static=True, fresh=True)
    defselection(_fn)


# --------------------------------------------------------------------------------------------------- counts
@defcomposite(np.bincount)
def _bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """Add the weights, or ones, at the given places."""
    x = array_of(x)
    if np.ndim(x) != 1 or np.any(np.less(x, 0)) or (x.dtype.kind not in "biu" and np.size(x)):
        raise OperandError(
            f"bincount takes one axis of integers from 0 on: received shape {np.shape(x)} and dtype {x.dtype}."
        )
    ones = np.ones(np.shape(x), int) if weights is None else np.astype(array_of(weights), np.float64)
    if np.shape(ones) != np.shape(x):
        raise ShapeError(
            f"bincount takes one weight for each of {np.shape(x)[0]} numbers: received shape {np.shape(ones)}."
        )
    return scatter([ones], [x], (max(int(np.max(x, initial=-1)) + 1, minlength),))


defrefused(
    "a histogram counts, and a count stays as it is until an element comes over the edge of a bin, where it jumps. "
    "A sum of smooth kernels has a derivative; so has np.bincount with respect to its weights",
    np.histogram,
    np.histogram2d,
    np.histogramdd,
    np.histogram_bin_edges,
    static=False,
    fresh=False,
)
