"""Sample calls of each operation, at which its derivative is checked. See `autograd.samples`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.samples import REAL, Sample, away, between, normal, sample, values
from nn import ops

_LABELS = np.array([[0, 2], [1, 1], [3, 0]])

SAMPLES: dict[Callable[..., Any], list[Sample]] = {
    ops.relu: [sample(away(), dtypes=REAL)],
    ops.leaky_relu: [sample(away(), dtypes=REAL), sample(away(2, 3), 0.5, dtypes=REAL)],
    ops.elu: [sample(away(), dtypes=REAL), sample(away(2, 3), 0.5, dtypes=REAL)],
    ops.sigmoid: [sample(normal(), dtypes=REAL), sample(values([0.0]), dtypes=REAL)],
    ops.softplus: [sample(normal(), dtypes=REAL), sample(values([0.0]), dtypes=REAL)],
    ops.erf: [sample(normal(), dtypes=REAL), sample(values([0.0, 0.46875, 4.0]), dtypes=REAL)],
    ops.erfc: [sample(normal(), dtypes=REAL), sample(values([0.0, 0.46875, 4.0]), dtypes=REAL)],
    ops.normal_cdf: [sample(normal(), dtypes=REAL), sample(values([0.0]), dtypes=REAL)],
    ops.logsumexp: [
        sample(normal(2, 3, 4), dtypes=REAL),
        sample(normal(2, 3, 4), axis=-1, dtypes=REAL),
        sample(normal(2, 3, 4), axis=(0, 2), dtypes=REAL),
        sample(normal(2, 3, 4), axis=1, keepdims=True, dtypes=REAL),
        sample(values([1.0, 1.0, -1.0]), axis=0, dtypes=REAL),
    ],
    ops.softmax: [sample(normal(3, 4), dtypes=REAL), sample(normal(2, 3, 4), axis=(0, 1), dtypes=REAL)],
    ops.log_softmax: [sample(normal(3, 4), dtypes=REAL), sample(normal(2, 3, 4), axis=(0, 1), dtypes=REAL)],
    ops.softmax_cross_entropy: [sample(normal(2, 3, 4), between(0.0, 1.0, 2, 3, 4), dtypes=REAL)],
    ops.sparse_softmax_cross_entropy: [sample(normal(3, 2, 4), _LABELS, dtypes=REAL)],
    ops.sigmoid_cross_entropy: [sample(away(), between(0.0, 1.0), dtypes=REAL)],
    ops.log_probability: [sample(between(0.1, 1.0), dtypes=REAL)],
    ops.log_complement: [sample(between(0.0, 0.9), dtypes=REAL)],
    ops.affine: [
        sample(normal(5, 3), normal(3, 4), normal(4), dtypes=REAL),
        sample(normal(2, 5, 3), normal(3, 4), normal(4), dtypes=REAL),
    ],
}
