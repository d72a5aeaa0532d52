"""Calls of functions that call a function of the user."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.samples.draw import REAL, Sample, away, normal, sample


def _cubes(row: Any) -> Any:
    return row * row * row


def _products(row: Any, scale: float = 1.0) -> Any:
    return np.multiply.outer(row, row[:2]) * scale


def _halved(a: Any, axis: int) -> Any:
    return np.sum(a * a, axis=axis) / 2


SAMPLES: dict[Any, list[Sample]] = {
    np.apply_along_axis: [
        sample(np.sum, 0, normal(3, 4)),
        sample(_cubes, -1, normal(2, 3, 4)),
        sample(_products, 1, normal(2, 3, 4), scale=2.0),
        sample(np.prod, 0, normal(3)),
    ],
    np.apply_over_axes: [
        sample(np.sum, normal(2, 3, 4), [0, -1]),
        sample(_halved, normal(2, 3), 1),
        sample(np.cumsum, normal(2, 3), (0,)),
    ],
    np.piecewise: [
        sample(away(3, 4), [np.eye(3, 4, dtype=bool), np.eye(3, 4, 1, dtype=bool)], [np.square, np.exp], dtypes=REAL),
        sample(normal(4), [[True, False, True, False]], [_cubes, 2.0]),
        sample(normal(4), [True, False, False, True], [np.sin, np.negative]),
        sample(normal(4), [[True, True, False, False], [False, True, True, False]], [np.square, _cubes, np.exp]),
    ],
}
