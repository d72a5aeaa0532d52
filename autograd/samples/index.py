"""Calls of selecting and ordering."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.samples.draw import INDEX, MASK, REAL, Sample, away, normal, sample

SAMPLES: dict[Any, list[Sample]] = {
    np.take: [
        sample(normal(3, 4), INDEX),
        sample(normal(3, 4), [2, -1], axis=1),
        sample(normal(3, 4), 1, axis=0),
        *[sample(normal(3, 4), [5, -7, 0], axis=axis, mode=mode) for mode in ("wrap", "clip") for axis in (0, None)],
    ],
    np.take_along_axis: [sample(normal(3, 4), INDEX, axis=0), sample(normal(3, 4), np.array([[1, -1, 1]]).T, axis=1)],
    np.compress: [sample([True, False, True], normal(3, 4), axis=0), sample([False, True], normal(3, 4), argnums=[1])],
    np.extract: [sample(MASK, normal(3, 4), argnums=[1])],
    np.choose: [
        sample(np.array([[0, 1, 2, 0]]), [normal(3, 4), normal(4), normal(1)]),
        sample(np.array([4, -1]), [normal(2), normal(2)], mode="wrap"),
    ],
    np.select: [sample([MASK, ~MASK[::-1]], [normal(3, 4), normal(4)], 0.5), sample([MASK[0]], [normal(4)], normal(1))],
    np.sort: [sample(away(3, 4), dtypes=REAL), sample(away(3, 4), axis=0, dtypes=REAL), sample(away(3, 4), None, dtypes=REAL)],
    np.partition: [sample(away(3, 4), 2, dtypes=REAL), sample(away(3, 4), 1, axis=0, dtypes=REAL), sample(away(3, 4), 5, axis=None, dtypes=REAL)],
    np.diff: [sample(normal(3, 4)), sample(normal(4, 3), 2, axis=0), sample(normal(3, 4), prepend=0.0, append=np.ones((3, 2)))],
}
