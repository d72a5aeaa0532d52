"""Calls of factorisations.

Matrices are drawn near one, so that no vector changes its sign. The vectors of complex Hermitian matrices and the
complex singular vectors have a phase that differences do not see as smooth: tests take functions that it does not
change."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.rules.decompose import with_eigenvalues, with_singular_values
from autograd.samples.draw import REAL, Sample, normal, sample
from autograd.samples.linalg import around, definite, symmetric, turning

_SHAPES = [(3, 3), (4, 2), (2, 4), (2, 3, 2), (0, 2, 3), (1, 1)]


def _symmetric_matrix(x: Any) -> Any:
    return symmetric(x) if x.ndim == 2 else x


SAMPLES: dict[Any, list[Sample]] = {
    np.linalg.cholesky: [
        *[sample(around(*shape), through=definite) for shape in ((3, 3), (2, 2, 2), (1, 1), (2, 0, 0))],
        sample(around(3, 3), upper=True, through=definite),
    ],
    np.linalg.qr: [
        *[sample(around(*shape)) for shape in _SHAPES],
        *[sample(around(*shape), mode="r") for shape in _SHAPES],
        *[sample(around(*shape), mode="complete") for shape in ((3, 3), (2, 4))],
    ],
    np.linalg.eigh: [
        *[sample(around(*shape), dtypes=REAL, through=symmetric) for shape in ((3, 3), (2, 2, 2), (1, 1), (2, 0, 0))],
        sample(around(3, 3), UPLO="U", dtypes=REAL, through=symmetric),
    ],
    np.linalg.eigvalsh: [
        *[sample(around(*shape), through=symmetric) for shape in ((4, 4), (2, 2, 2), (2, 0, 0))],
        sample(around(3, 3), UPLO="U", through=symmetric),
    ],
    np.linalg.eig: [
        *[sample(around(*shape, spread=0.01), through=turning) for shape in ((3, 3), (2, 2, 2), (1, 1), (2, 0, 0))],
        sample(around(3, 3), through=symmetric),
    ],
    np.linalg.eigvals: [
        sample(around(*shape), through=turning) for shape in ((3, 3), (5, 5), (2, 2, 2), (1, 1), (2, 0, 0))
    ],
    np.linalg.svd: [
        *[sample(around(*shape), full_matrices=False, dtypes=REAL) for shape in _SHAPES],
        *[sample(around(*shape), compute_uv=False) for shape in _SHAPES],
        *[sample(around(3, 3), dtypes=REAL), sample(around(3, 3), hermitian=True, dtypes=REAL, through=symmetric)],
        sample(around(3, 3), compute_uv=False, hermitian=True, through=symmetric),
    ],
    with_eigenvalues: [
        sample(normal(3), around(3, 3), "L", dtypes=REAL, through=_symmetric_matrix),
        sample(normal(3), around(3, 3, spread=0.01), None, dtypes=REAL, through=_symmetric_matrix),
    ],
    with_singular_values: [
        sample(normal(3), around(3, 3), False, dtypes=REAL),
        sample(normal(2), around(2, 4), False, dtypes=REAL),
    ],
    np.linalg.svdvals: [sample(around(3, 4)), sample(around(2, 3, 3)), sample(normal(0, 2))],
}
