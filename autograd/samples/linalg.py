"""Calls of linear algebra."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.rules.linalg import cofactors, second_cofactors
from autograd.samples.draw import REAL, Draw, Sample, away, each_of, normal, sample, values


def around(*shape: int, spread: float = 0.1) -> Draw:
    """Matrices near one of full rank: what jumps somewhere (the sign of an eigenvector, a rank) does so far
    from there.
    """
    centre = np.random.default_rng(7).normal(size=shape) + 2 * np.eye(shape[-2], shape[-1])
    return Draw(lambda rng, s: centre + rng.uniform(-spread, spread, size=shape), shape)


def regular(*shape: int) -> Draw:
    """Stacks of matrices far from singular ones."""
    return Draw(lambda rng, s: 3.0 * np.eye(shape[-1]) + rng.uniform(-0.8, 0.8, size=shape), shape)


def folded(n: int, *shape: int) -> Draw:
    """A matrix of n rows far from singular ones, in another shape."""
    return Draw(lambda rng, s: np.reshape(3.0 * np.eye(n) + rng.uniform(-0.8, 0.8, size=(n, n)), shape), shape)


def symmetric(x: Any) -> Any:
    """The Hermitian part of a matrix, with eigenvalues apart."""
    return (x + np.conjugate(np.swapaxes(x, -1, -2))) * 0.5 + np.diag(np.arange(x.shape[-1]) * 3.0).astype(x.dtype)


def definite(x: Any) -> Any:
    """``x x^H + 1``: Hermitian and positive definite."""
    return x @ np.conjugate(np.swapaxes(x, -1, -2)) + np.eye(x.shape[-1]).astype(x.dtype)


def turning(x: Any) -> Any:
    """A matrix whose eigenvalues are apart, some of them complex where it is real."""
    n = x.shape[-1]
    return x + (np.diag(np.arange(n) // 2 * 4.0) + 4 * np.eye(n, k=1) - 2 * np.eye(n, k=-1)).astype(x.dtype)


_SINGULAR = values([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
_RANK_ONE = values([[1.0, 2.0, -1.0], [2.0, 4.0, -2.0], [0.5, 1.0, -0.5]])
_SQUARES = each_of((regular(3, 3),), (regular(2, 3, 3),), (regular(1, 1),), (normal(0, 3, 3),), (normal(2, 0, 0),))
_AXES: tuple[dict[str, Any], ...] = ({"axis": -1}, {"axis": (2, 0), "keepdims": True}, {"axis": (0, 1)})
_VECTORS = [sample(away(5), ord=ord) for ord in (2, 1, np.inf, -np.inf, 0, 3, -1.5, 2.5)]
_MATRICES = [sample(around(3, 4, spread=0.01), ord=ord) for ord in ("fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf)]

SAMPLES: dict[Any, list[Sample]] = {
    np.linalg.solve: [
        *each_of(
            (regular(3, 3), normal(3)),
            (regular(3, 3), normal(3, 2)),
            (regular(2, 3, 3), normal(3)),
            (regular(2, 3, 3), normal(3, 2)),
        ),
        *each_of(
            (regular(3, 3), normal(2, 3, 1)), (regular(2, 1, 3, 3), normal(4, 3, 2)), (normal(0, 0), normal(0, 2))
        ),
    ],
    np.linalg.inv: _SQUARES,
    np.linalg.pinv: [
        *each_of((around(4, 3),), (around(3, 4),), (around(2, 3, 2),), (regular(3, 3),), (normal(3, 0),)),
        sample(around(4, 3), rcond=1e-10),
        sample(around(4, 3), rtol=1e-10),
        sample(around(3, 3), hermitian=True, through=definite),
    ],
    np.linalg.det: [
        *_SQUARES,
        *each_of((_SINGULAR,), (_RANK_ONE,), (normal(4, 4),), (values(np.zeros((2, 2))),), (values(np.eye(3)),)),
    ],
    cofactors: [*_SQUARES, sample(_SINGULAR, dtypes=REAL)],
    second_cofactors: each_of(
        (regular(3, 3), normal(3, 3)), (_RANK_ONE, normal(3, 3)), (normal(2, 5, 5), normal(2, 5, 5))
    ),
    np.linalg.slogdet: _SQUARES,
    np.linalg.norm: [
        *[
            sample(normal(5)),
            sample(normal(2, 3)),
            sample(normal(2, 3), axis=-1),
            sample(normal(2, 3, 4), axis=(0, 2), keepdims=True),
        ],
        *[sample(normal(2, 3, 2)), *_VECTORS, *_MATRICES],
        *[sample(around(2, 3, 4, spread=0.01), ord=ord, **axes) for ord in (1, -np.inf) for axes in _AXES],
        *[sample(around(4, 2, 3, spread=0.01), ord=ord, **axes) for ord in (2, "nuc") for axes in _AXES[1:]],
        sample(away(3, 4), 3, 0, True),
    ],
    np.linalg.cond: [sample(around(3, 3, spread=0.01), p) for p in (None, 2, -2, "fro", 1, -1, np.inf, -np.inf)],
    np.linalg.lstsq: [
        *each_of(
            (around(4, 2), normal(4)),
            (around(4, 2), normal(4, 3)),
            (around(2, 4), normal(2)),
            (regular(3, 3), normal(3, 2)),
        ),
        *each_of((around(4, 2), normal(4, 0)), dtypes=REAL),
        sample(around(4, 2), normal(4), rcond=-1),
    ],
    np.linalg.matrix_power: [sample(regular(3, 3), n) for n in (3, 1, -1, -2, 6)] + [sample(regular(2, 2, 2), 2)],
    np.linalg.multi_dot: [
        sample([normal(2, 3), normal(3, 4)]),
        sample([normal(4), normal(4, 3), normal(3, 5), normal(5, 2)]),
        sample([normal(4), normal(4, 3), normal(3)]),
        sample([normal(10, 2), normal(2, 8), normal(8, 3), normal(3)]),
    ],
    np.linalg.tensorsolve: [
        *each_of((folded(6, 2, 3, 2, 3), normal(2, 3)), (folded(6, 3, 2, 6), normal(3, 2))),
        sample(folded(6, 2, 3, 6), normal(6), axes=(0, 1)),
    ],
    np.linalg.tensorinv: [sample(folded(6, 2, 3, 2, 3)), sample(folded(6, 6, 2, 3), ind=1)],
    np.cross: [
        *each_of((normal(3), normal(3)), (normal(2, 1, 3), normal(4, 3))),
        sample(normal(3, 4), normal(4, 3), axisa=0, axisc=0),
        sample(normal(3, 4), normal(3, 4), axis=0),
        sample(normal(4, 3, 2), normal(4, 2, 3), axisa=1, axisb=-1, axisc=-2),
    ],
    np.linalg.cross: [sample(normal(3), normal(3)), sample(normal(3, 1), normal(3, 4), axis=0)],
    np.linalg.outer: [sample(normal(3), normal(4))],
    np.linalg.vector_norm: [
        *[
            sample(normal(2, 3)),
            sample(away(2, 3, 4), axis=(0, -1), ord=3),
            sample(away(2, 3, 4), axis=(2, 0), keepdims=True, ord=1),
        ],
        *[sample(normal(3, 2), axis=0, keepdims=True), sample(normal(2, 3), axis=None, keepdims=True)],
    ],
    np.linalg.matrix_norm: [
        sample(normal(2, 3, 4)),
        sample(around(3, 3), ord="nuc"),
        sample(away(2, 3, 4), ord=-1, keepdims=True),
    ],
    np.linalg.matmul: [sample(normal(2, 3, 4), normal(4, 2))],
    np.linalg.tensordot: [
        sample(normal(2, 3), normal(4, 2), axes=([0], [1])),
        sample(normal(2, 3), normal(3, 4), axes=1),
    ],
    np.linalg.vecdot: [sample(normal(2, 3), normal(3)), sample(normal(3, 2), normal(3, 2), axis=0)],
    np.linalg.matrix_transpose: [sample(normal(2, 3, 4))],
    np.linalg.diagonal: [sample(normal(2, 3, 4), offset=1), sample(normal(3, 3))],
    np.linalg.trace: [sample(normal(2, 3, 3)), sample(normal(3, 4), offset=-1)],
}
