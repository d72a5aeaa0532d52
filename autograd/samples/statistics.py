"""Calls of averages, covariances, order statistics, and of functions that pass over NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.rules.statistics import median, nanmedian, nanquantile, quantile
from autograd.samples.draw import (
    ALL,
    MASK,
    REAL,
    ZEROS,
    Draw,
    Generator,
    Sample,
    away,
    between,
    normal,
    positive,
    reduced,
    rows,
    sample,
    values,
)


def holed(*shape: int) -> Draw:
    """Numbers as `away` draws them, and a NaN in some places, the same ones every time."""

    def numbers(rng: Generator, s: tuple[int, ...]) -> Any:
        drawn = away().numbers(rng, s)
        return np.where(np.arange(drawn.size).reshape(s) % 8 == 3, np.nan, drawn)

    return Draw(numbers, shape or None)


METHODS = (
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "interpolated_inverted_cdf",
    "hazen",
    "weibull",
    "linear",
    "median_unbiased",
    "normal_unbiased",
    "lower",
    "higher",
    "midpoint",
    "nearest",
)
WEIGHTS = np.array([[1.0, 2.0, 0.5, 3.0], [0.2, 0.7, 0.1, 0.4], [1.0, 1.5, 2.0, 3.0]])
COUNTS = np.array([2, 1, 0, 3])


def quantiles(draw: Any, scale: float) -> list[Sample]:
    """The forms of a quantile; a percentile has them with q up to 100. An array q hits no element, whatever number of
    them is NaN.
    """
    return [
        *[
            sample(draw(3, 5), between(0.34 * scale, 0.36 * scale, 2), axis=1, method=method, dtypes=REAL)
            for method in METHODS
        ],
        sample(draw(3, 5), 0.5 * scale, dtypes=REAL),
        sample(draw(3, 5), 0.33 * scale, axis=0, keepdims=True, dtypes=REAL),
        sample(draw(2, 3, 5), values([[0.13 * scale, 0.77 * scale]]), axis=(0, -1), dtypes=REAL),
        sample(draw(2, 3, 5), values([0.87 * scale]), axis=(2, 1), keepdims=True, dtypes=REAL),
        sample(draw(5), values(0.02 * scale), method="hazen", dtypes=REAL),
        sample(draw(5), 1.0 * scale, dtypes=REAL),
        sample(values(2.0), 0.25 * scale, dtypes=REAL),
        sample(
            draw(3, 4),
            values([0.17 * scale, 0.59 * scale]),
            axis=1,
            method="inverted_cdf",
            weights=WEIGHTS,
            dtypes=REAL,
        ),
    ]


def pierced(*more: Sample, dtypes: Any = ALL) -> list[Sample]:
    """The forms of a reduction, but for that of each element by itself, of which a NaN leaves nothing."""
    return [*[form for form in reduced(holed, dtypes=dtypes) if form.kwargs.get("axis") != ()], *more]


NAN_REDUCTIONS = (sample(holed(3, 4), axis=1, where=MASK), sample(holed(3, 4), where=MASK, keepdims=True))

SAMPLES: dict[Any, list[Sample]] = {
    np.average: [
        sample(normal(3, 4)),
        sample(normal(3, 4), (0, 1), keepdims=True, returned=True),
        sample(normal(3, 4), 1, positive(4)),
        sample(normal(3, 4), -1, positive(3, 4), True),
        sample(normal(2, 3, 4), (2, 0), positive(4, 2), keepdims=True),
        sample(np.arange(4), None, positive(4), argnums=[2]),
    ],
    np.cov: [
        sample(normal(3, 5)),
        sample(normal(5), normal(5)),
        sample(normal(5, 2), normal(5, 3), False, dtypes=REAL),
        sample(normal(3, 5), bias=True, dtype=np.float64, dtypes=REAL),
        sample(normal(4)),
        sample(normal(3, 4), None, True, False, 0, COUNTS),
        sample(normal(3, 4), None, True, False, None, COUNTS, positive(4), argnums=[0, 6], dtypes=REAL),
        sample(normal(4), normal(2, 4), aweights=np.array([1.0, 0.5, 2.0, 0.2]), ddof=2),
    ],
    np.corrcoef: [
        sample(normal(3, 5)),
        sample(normal(5), normal(5)),
        sample(normal(5, 2), normal(5, 1), False, dtypes=REAL),
        sample(normal(4), dtypes=REAL),
    ],
    np.quantile: quantiles(away, 1),
    np.nanquantile: quantiles(holed, 1),
    np.percentile: quantiles(away, 100),
    np.nanpercentile: quantiles(holed, 100),
    np.median: [*reduced(away), sample(away(4))],
    np.nanmedian: pierced(sample(holed(4), dtypes=REAL), dtypes=REAL),
    **rows([quantile, nanquantile], sample(away(3, 4), 0.4, axis=1, dtypes=REAL)),
    **rows([median, nanmedian], sample(away(3, 4), dtypes=REAL)),
    np.nansum: pierced(
        sample(holed(3, 4), initial=2.0), sample(holed(3, 4), dtype=np.float64, dtypes=REAL), *NAN_REDUCTIONS
    ),
    np.nanprod: reduced(normal, sample(ZEROS, axis=1, initial=2.0), sample(holed(3, 4), axis=0), *NAN_REDUCTIONS),
    np.nanmean: pierced(sample(holed(3, 4), dtype=np.float64, dtypes=REAL), *NAN_REDUCTIONS),
    **rows(
        [np.nanvar, np.nanstd],
        *[sample(holed(4, 7), **axes) for axes in ({}, {"axis": 1}, {"axis": (0, 1), "keepdims": True})],
        sample(holed(3, 5), axis=1, ddof=1, where=np.array([True, True, False, True, True])),
        sample(holed(3, 5), correction=0.5),
        sample(holed(3, 5), mean=np.array([[0.5]]), dtype=np.float64, dtypes=REAL),
    ),
    **rows(
        [np.nanmax, np.nanmin], *pierced(dtypes=REAL), sample(holed(3, 4), axis=1, where=MASK, initial=0.0, dtypes=REAL)
    ),
    **rows(
        [np.nancumsum, np.nancumprod],
        sample(holed(3, 4), axis=1),
        sample(holed(3, 4)),
        sample(holed(5), dtype=np.float64, dtypes=REAL),
    ),
    np.bincount: [
        sample(np.array([0, 2, 2, 5]), normal(4), dtypes=REAL),
        sample(np.array([1, 1]), normal(2), 4, dtypes=REAL),
    ],
}
