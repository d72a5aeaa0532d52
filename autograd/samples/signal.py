"""Calls of convolution, interpolation, differences on a grid, and windows."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.rules.signal import bessel, interpolate
from autograd.samples.draw import REAL, Draw, Sample, away, between, normal, rows, sample, values


def knots(n: int, real: bool = True) -> Draw:
    """Numbers that increase, each near its place."""
    return Draw(lambda rng, s: np.arange(n) + rng.uniform(-0.2, 0.2, s), (n,), real)


def off_knots(*places: int) -> Draw:
    """Numbers in the pieces between knots, and outside of them."""
    return Draw(lambda rng, s: np.add(places, 0.5) + rng.uniform(-0.2, 0.2, s), np.shape(places), real=True)


_FULL = [sample(normal(n), normal(m), "full") for n, m in ((5, 3), (3, 4), (1, 1))]
_CUT = [
    sample(normal(n), normal(m), mode=mode)
    for mode in ("same", "valid")
    for n, m in ((6, 3), (6, 4), (3, 6), (4, 7), (4, 2), (1, 3))
]

SAMPLES: dict[Any, list[Sample]] = {
    np.convolve: [*_FULL, *_CUT, sample(normal(4), values(2.0)), sample(normal(4), [1.0, 2.0])],
    np.correlate: [*_FULL, *_CUT, sample(normal(4), [1.0, 2.0])],
    interpolate: [sample(off_knots(-2, 0, 2, 3, 7), knots(5), normal(5))],
    np.interp: [
        sample(off_knots(-2, 0, 2, 3, 7), knots(5), normal(5)),
        sample(Draw(lambda rng, s: rng.uniform(1.3, 1.7, s), (2, 3), real=True), knots(4), normal(4)),
        sample(values(1.5), knots(3), normal(3), dtypes=REAL),
        sample(off_knots(-2, 1, 7), knots(3), normal(3), values(2.0), values(-1.0), dtypes=REAL),
        sample(off_knots(-2, 1, 7), knots(3), normal(3), right=0.5),
        sample(off_knots(-2, 0, 2, 8), knots(4), normal(4), period=5.0),
        sample(off_knots(-2, 0, 2), knots(4), normal(4), None, None, values(-5.0), dtypes=REAL),
        sample(off_knots(-2, 1), knots(1), normal(1)),
    ],
    np.trapezoid: [
        sample(normal(5)),
        sample(normal(3, 4), normal(4), dtypes=REAL),
        sample(normal(3, 4), normal(3), axis=0),
        sample(normal(3, 4), normal(3, 4), 1.0, 0),
        sample(normal(2, 3), None, values(0.5)),
        sample(normal(2, 1), dx=0.3),
    ],
    np.gradient: [
        sample(normal(5)),
        sample(normal(2), 0.5),
        sample(normal(3, 4), edge_order=2),
        sample(normal(3, 4), values(0.5), axis=(1, 0)),
        sample(normal(3, 4), values(0.5), knots(4), edge_order=2),
        sample(normal(3, 4), knots(3), axis=0),
        sample(normal(2, 3), knots(2), axis=-2),
        sample(normal(4), [0.0, 1.0, 3.0, 4.0], edge_order=2),
    ],
    np.ediff1d: [
        sample(normal(3, 4)),
        sample(normal(4), normal(2), normal(2, 1)),
        sample(normal(4), to_end=2),
        sample(normal(1)),
    ],
    np.unwrap: [
        sample(away(6), dtypes=REAL),
        sample(
            Draw(lambda rng, s: 5 * rng.permutation(12).reshape(s) + rng.uniform(0, 0.3, s), (3, 4)),
            axis=0,
            dtypes=REAL,
        ),
        sample(away(4), 1.3, -1, period=0.9, dtypes=REAL),
    ],
    **rows([np.i0], sample(normal(), dtypes=REAL), sample(values([0.0, 8.5, -20.0]), dtypes=REAL)),
    bessel: [sample(between(-9, 9), order=order, dtypes=REAL) for order in (0, 1, 2)],
    np.kaiser: [sample(5, values(8.6), dtypes=REAL), sample(4, values(0.0), dtypes=REAL)],
}
