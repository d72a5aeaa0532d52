"""Calls of new arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.samples.draw import REAL, Sample, between, normal, positive, sample, values

SAMPLES: dict[Any, list[Sample]] = {
    np.full: [sample((2, 3), normal(3)), sample(4, values(2.0))],
    np.full_like: [sample(np.zeros((2, 3)), normal(3), dtypes=REAL, argnums=[1])],
    np.linspace: [
        sample(normal(), normal(), 5),
        sample(normal(2), normal(3, 1), num=4, endpoint=False, axis=-1),
        sample(0.0, normal(2), 1),
        sample(normal(), normal(), 5, retstep=True),
        sample(normal(2), values(2.0), 4, False, True, np.float64, dtypes=REAL),
    ],
    np.arange: [
        sample(values(0.5), values(3.2), values(0.5), dtypes=REAL),
        sample(values(0.5), values(3.2), dtypes=REAL),
        sample(values(3.5), dtype=np.float64, dtypes=REAL),
        sample(values(2.0), 1.5, 0.5, dtypes=REAL),
        sample(1, values(-2.5), -1, dtypes=REAL),
    ],
    np.logspace: [
        sample(normal(), normal(), 4),
        sample(normal(2), normal(3, 1), num=3, base=2.0, endpoint=False, axis=-1),
        sample(values(0.5), normal(2), 3, True, positive(2), argnums=[0, 1, 4], dtype=np.float64, dtypes=REAL),
    ],
    np.geomspace: [
        sample(positive(), positive(), 5),
        sample(positive(2), positive(3, 1), num=4, endpoint=False, axis=-1),
        sample(between(-3, -1, 2), between(-2, -1, 2), 3, dtype=np.float64, dtypes=REAL),
        sample(positive(), positive(), 1),
        sample(positive(), 2.5, 2),
    ],
}
