"""Calls of linear algebra."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.samples.draw import Sample, normal, sample

SAMPLES: dict[Any, list[Sample]] = {
    np.linalg.norm: [sample(normal(5)), sample(normal(2, 3)), sample(normal(2, 3), axis=-1), sample(normal(2, 3, 4), axis=(0, 2), keepdims=True)],
}
