"""Calls of selecting and ordering."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.samples.draw import INDEX, MASK, REAL, Sample, away, normal, sample, values

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
    np.delete: [
        sample(normal(3, 4), 5),
        sample(normal(3, 4), [0, -1], axis=1),
        sample(normal(3, 4), slice(None, None, 2), axis=0),
        sample(normal(4), np.array([True, False, False, True])),
    ],
    np.insert: [
        sample(normal(3, 4), 5, values(2.0)),
        sample(normal(3, 4), 1, normal(4), axis=0),
        sample(normal(3, 4), -1, normal(2, 3), axis=1),
        sample(normal(3, 4), [1], normal(3, 1), axis=1),
        sample(normal(3, 4), [1, 1, 3], normal(3), axis=1),
        sample(normal(5), [2], normal(3)),
        sample(normal(4), slice(0, 3, 2), normal(2)),
        sample(normal(4), np.array([True, False, True, False]), 1),
    ],
    np.resize: [sample(normal(3), (2, 4)), sample(normal(2, 3), 4), sample(normal(0), (2, 2))],
    np.trim_zeros: [sample(normal(4)), sample(normal(3, 4), "f", axis=1)],
    np.ix_: [sample(normal(2), normal(3)), sample(normal(3))],
    np.sort_complex: [sample(away(3, 4))],
    np.sort: [
        sample(away(3, 4), dtypes=REAL),
        sample(away(3, 4), axis=0, dtypes=REAL),
        sample(away(3, 4), None, dtypes=REAL),
    ],
    np.partition: [
        sample(away(3, 4), 2, dtypes=REAL),
        sample(away(3, 4), 1, axis=0, dtypes=REAL),
        sample(away(3, 4), 5, axis=None, dtypes=REAL),
    ],
    np.diff: [
        sample(normal(3, 4)),
        sample(normal(4, 3), 2, axis=0),
        sample(normal(3, 4), prepend=0.0, append=np.ones((3, 2))),
    ],
}
