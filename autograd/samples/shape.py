"""Calls of changes of shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.registry.operations import spread
from autograd.rules.shape import pad
from autograd.samples.draw import REAL, Sample, away, normal, rows, sample, values

SAMPLES: dict[Any, list[Sample]] = {
    np.copy: [sample(normal())],
    np.meshgrid: [
        sample(normal(3), normal(4)),
        sample(normal(2), values(1.0), normal(3), indexing="ij"),
        sample(normal(3), normal(2), sparse=True),
    ],
    np.reshape: [sample(normal(3, 4), (2, -1)), sample(normal(3, 4), (4, 3), order="F"), sample(values(1.0), (1, 1))],
    np.ravel: [sample(normal(3, 4)), sample(normal(3, 4), order="F")],
    np.expand_dims: [sample(normal(3, 4), 1), sample(normal(3), (0, -1))],
    np.squeeze: [sample(normal(3, 1, 4, 1)), sample(normal(3, 1, 1), axis=-1)],
    np.transpose: [sample(normal(3, 4)), sample(normal(2, 3, 4), (1, -1, 0))],
    np.matrix_transpose: [sample(normal(2, 3, 4))],
    np.swapaxes: [sample(normal(2, 3, 4), 0, -1)],
    np.moveaxis: [sample(normal(2, 3, 4), 0, -1), sample(normal(2, 3, 4), (0, 1), (-1, 0))],
    np.rollaxis: [sample(normal(2, 3, 4), 2), sample(normal(2, 3, 4), 0, 3), sample(normal(2, 3, 4), -2, -2)],
    np.flip: [sample(normal(3, 4)), sample(normal(3, 4), 1), sample(normal(2, 3, 4), (0, -1))],
    **rows([np.fliplr, np.flipud], sample(normal(3, 4))),
    np.roll: [sample(normal(3, 4), 2), sample(normal(3, 4), -1, axis=1), sample(normal(3, 4), (1, 2), axis=(0, 1))],
    np.rot90: [sample(normal(3, 4)), sample(normal(2, 3, 4), 3, (1, 2))],
    **rows(
        [np.atleast_1d, np.atleast_2d, np.atleast_3d],
        sample(values(2.0)),
        sample(normal(3)),
        sample(normal(3, 4), normal(2)),
    ),
    spread: [sample(normal(3, 1), shape=(2, 3, 4)), sample(values(2.0), shape=(5000,)), sample(normal(1), shape=(0,))],
    np.broadcast_to: [sample(normal(3, 1), (2, 3, 4)), sample(values(2.0), (3,)), sample(normal(1), (0,))],
    np.broadcast_arrays: [sample(normal(3, 1), normal(4), 2.0)],
    np.repeat: [
        sample(normal(3, 4), 2),
        sample(normal(3, 4), 3, axis=-1),
        sample(normal(3, 4), [2, 0, 1], axis=0),
        sample(values(2.0), 3),
        sample(normal(2), 0),
    ],
    np.tile: [
        sample(normal(3, 4), 2),
        sample(normal(3), (2, 3)),
        sample(normal(2, 3), (2, 1, 2)),
        sample(values(2.0), 3),
    ],
    np.pad: [
        sample(normal(3, 4), 1),
        sample(normal(3, 4), ((1, 0), (2, 3)), constant_values=2.0),
        *[sample(normal(3, 4), ((1, 4), (2, 3)), mode=mode) for mode in ("edge", "reflect", "symmetric", "wrap")],
        sample(normal(3, 4), ((1, 0), (2, 3)), mode="linear_ramp", end_values=(1.0, 2.0)),
        sample(normal(3), 2, mode="mean", stat_length=2),
        *[
            sample(away(3, 4), ((1, 0), (2, 3)), mode=mode, stat_length=3, dtypes=REAL)
            for mode in ("maximum", "minimum", "median")
        ],
    ],
    pad: [sample(normal(3, 4), ((1, 0), (2, 3)), mode="edge"), sample(normal(3), ((1, 2),), mode="wrap")],
    np.diagonal: [sample(normal(3, 4)), sample(normal(3, 4), -1), sample(normal(2, 3, 4), 1, 0, 2)],
    np.trace: [sample(normal(3, 3)), sample(normal(3, 4), 1), sample(normal(2, 3, 4), axis1=1, axis2=2)],
    **rows([np.diag, np.diagflat], sample(normal(3)), sample(normal(2), -1)),
    **rows([np.triu, np.tril], sample(normal(3, 4)), sample(normal(2, 3, 3), 1), sample(normal(3), -1)),
}
