"""Calls of joining and splitting."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.samples.draw import Sample, normal, rows, sample, values

SAMPLES: dict[Any, list[Sample]] = {
    np.concatenate: [
        sample([normal(2, 3), normal(1, 3)]),
        sample([normal(2, 3), normal(2, 1), np.arange(4).reshape(2, 2)], axis=-1),
        sample([normal(2, 3), normal(4), values(3.0)], axis=None),
        sample(normal(2, 3, 4)),
    ],
    np.stack: [
        sample([normal(2, 3), normal(2, 3)], 1),
        sample([normal(3), normal(3)], axis=-1),
        sample(normal(2, 3), axis=1),
    ],
    **rows([np.vstack, np.column_stack], sample([normal(3), normal(3)]), sample([normal(3, 2), normal(3, 2)])),
    np.hstack: [sample([normal(3), normal(2)]), sample([normal(3, 1), normal(3, 2)])],
    np.dstack: [sample([normal(3), normal(3)]), sample([normal(3, 2), normal(3, 2)])],
    np.append: [sample(normal(2, 3), normal(2)), sample(normal(2, 3), normal(1, 3), axis=0)],
    np.block: [sample([normal(2, 3), normal(2, 1)])],
    **rows([np.split, np.array_split], sample(normal(4, 6), 2), sample(normal(4, 6), [1, 3], axis=1)),
    **rows([np.hsplit, np.vsplit], sample(normal(4, 6), 2)),
    np.dsplit: [sample(normal(2, 3, 4), [1, 3])],
    np.unstack: [sample(normal(3, 4)), sample(normal(3, 4), axis=-1)],
}
