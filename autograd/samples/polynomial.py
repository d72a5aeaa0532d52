"""Calls of functions of polynomials."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.samples.draw import REAL, Draw, Sample, between, each_of, normal, positive, sample, values
from autograd.samples.linalg import around


def apart(*numbers: float, real: bool = False) -> Draw:
    """Numbers near some that are given."""
    return Draw(lambda rng, s: np.asarray(numbers) + rng.uniform(-0.1, 0.1, size=len(numbers)), (len(numbers),), real)


_POINTS = apart(-1.0, -0.4, 0.3, 0.8, 1.5, 2.0, real=True)
_PAIRS = [(normal(4), normal(4)), (normal(2), normal(4)), (normal(4), normal(1))]

SAMPLES: dict[Any, list[Sample]] = {
    np.polyadd: each_of(*_PAIRS),
    np.polysub: each_of(*_PAIRS),
    np.polymul: each_of(*_PAIRS),
    # The length of the remainder depends on its rounding errors, which NumPy takes for 0 below 1e-8.
    np.polydiv: each_of((normal(5), positive(3)), (normal(2), positive(3)), dtypes=("float64", "complex128")),
    np.polyval: each_of((normal(4), normal()), (normal(3), values(0.0)), (normal(1), normal(2))),
    np.polyder: [sample(normal(5)), sample(normal(5), m=2), sample(normal(3), 0), sample(normal(2), 3)],
    np.polyint: [
        sample(normal(4)),
        sample(normal(4), m=2),
        sample(normal(3), 2, [1.0, 2.0]),
        sample(normal(3), 2, 3.0),
        sample(normal(3), 0),
    ],
    np.vander: [
        *each_of((normal(3),), (normal(0),)),
        *[
            sample(normal(3), 2),
            sample(normal(3), N=4, increasing=True),
            sample(values([0.0, 1.0]), 4),
            sample(normal(2), 0),
        ],
    ],
    np.poly: [sample(apart(1.0, -2.0, 3.0)), sample(around(3, 3))],
    np.roots: [
        *each_of((apart(1.0, 0.5, 4.0),), (apart(1.0, -14.0, 49.0, -36.0),), (normal(1),)),
        sample(apart(2.0, 1.0, 5.0, 1.0, 7.0), dtypes=REAL),
    ],
    np.polyfit: [
        sample(_POINTS, normal(6), 2),
        sample(_POINTS, normal(6, 2), 2),
        sample(_POINTS, normal(6), 0),
        sample(_POINTS, normal(6), 3, w=np.array([1.0, 2.0, 0.5, 1.0, 3.0, 1.0])),
        sample(_POINTS, normal(6), 1, None, False, between(0.5, 2.0, 6, real=True)),
        sample(_POINTS, normal(6), 2, cov=True),
        sample(_POINTS, normal(6, 2), 1, cov=True),
        sample(_POINTS, normal(6), 2, cov="unscaled"),
        sample(_POINTS, normal(6), 2, full=True),
    ],
}
