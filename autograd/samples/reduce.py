"""Calls of reductions, and of running sums and products."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.samples.draw import MASK, REAL, ZEROS, Sample, away, normal, reduced, rows, sample, values

WIDE_MASK = np.array(
    [[True, False, True, True, True], [True, True, True, True, True], [False, True, True, True, False]]
)

SAMPLES: dict[Any, list[Sample]] = {
    np.sum: reduced(
        normal,
        sample(normal(3, 4), axis=1, where=MASK),
        sample(normal(3, 4), initial=2.0, where=np.array([True, False, True, False])),
        sample(normal(3), dtype=np.float64, dtypes=REAL),
    ),
    np.mean: reduced(
        normal,
        sample(normal(3, 4), axis=0, where=MASK),
        sample(normal(3, 4), where=MASK, keepdims=True),
        sample(normal(3, 4), axis=1, dtype=np.float64, dtypes=REAL),
    ),
    **rows(
        [np.var, np.std],
        *reduced(normal)[:4],
        sample(normal(3, 4), axis=0, ddof=1),
        sample(normal(3, 4), correction=0.5, keepdims=True),
        sample(normal(3, 5), axis=1, where=WIDE_MASK, ddof=1),
        sample(normal(3, 4), where=MASK, keepdims=True),
        sample(normal(3, 4), axis=0, mean=np.array([[0.0, 0.5, 1.0, 0.25]])),
        sample(normal(3, 4), axis=1, dtype=np.float64, dtypes=REAL),
    ),
    **rows(
        [np.max, np.min, np.amax, np.amin],
        *reduced(away, dtypes=REAL),
        sample(away(3, 4), axis=1, where=MASK, initial=0.0, dtypes=REAL),
    ),
    np.ptp: [*reduced(away, dtypes=REAL)[:3]],
    np.prod: reduced(
        normal,
        *[sample(ZEROS, axis=axis) for axis in (None, 0, 1, -1)],
        sample(ZEROS, axis=1, where=MASK, initial=2.0),
        sample(normal(3, 0)),
        sample(normal(3, 4), axis=0, dtype=np.float64, dtypes=REAL),
    ),
    np.cumsum: [
        sample(normal(3, 4), axis=1),
        sample(normal(3, 4)),
        sample(normal(2, 3), -2),
        sample(values(2.0)),
        sample(normal(0)),
    ],
    np.cumprod: [
        *[sample(ZEROS, axis=axis) for axis in (None, 0, -1)],
        sample(normal(5)),
        sample(values(2.0)),
        sample(normal(0, 2), axis=0),
        sample(normal(3), dtype=np.float64, dtypes=REAL),
    ],
    np.cumulative_sum: [sample(normal(3, 4), axis=1), sample(normal(3), include_initial=True)],
    np.cumulative_prod: [sample(normal(3, 4), axis=-2, include_initial=True)],
}
