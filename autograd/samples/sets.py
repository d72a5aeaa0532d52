"""Calls of functions that take an array for the set of its elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.samples.draw import REAL, Sample, away, normal, rows, sample

SAMPLES: dict[Any, list[Sample]] = {
    np.unique: [
        sample(normal(3, 4)),
        sample(normal(5), True, True, True),
        sample(normal(3, 4), return_inverse=True, axis=1, dtypes=REAL),
        sample(normal(4), equal_nan=False),
        sample(normal(0), dtypes=REAL),
    ],
    **rows([np.unique_all, np.unique_counts, np.unique_inverse], sample(away(2, 3), dtypes=REAL), sample(normal(4))),
    np.unique_values: [sample(normal(1))],  # NumPy leaves the order of several open
    np.union1d: [sample(normal(3), normal(2, 2))],
    np.intersect1d: [sample(normal(2, 2), normal(3)), sample(normal(3), normal(2), True, True)],
    np.setdiff1d: [sample(normal(2, 2), normal(3)), sample(normal(3), normal(2), True)],
    np.setxor1d: [sample(normal(2, 2), normal(3)), sample(normal(3), normal(2), True)],
}
