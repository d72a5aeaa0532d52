"""Calls of new arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.samples.draw import REAL, Sample, normal, sample, values

SAMPLES: dict[Any, list[Sample]] = {
    np.full: [sample((2, 3), normal(3)), sample(4, values(2.0))],
    np.full_like: [sample(np.zeros((2, 3)), normal(3), dtypes=REAL, argnums=[1])],
    np.linspace: [sample(normal(), normal(), 5), sample(normal(2), normal(3, 1), num=4, endpoint=False, axis=-1), sample(0.0, normal(2), 1)],
}
