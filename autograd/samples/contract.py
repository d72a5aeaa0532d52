"""Calls of products."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.samples.draw import Sample, each_of, normal, sample, values

_MATRICES = [(normal(3, 4), normal(4, 2)), (normal(4), normal(4)), (normal(4), normal(4, 2)), (normal(3, 4), normal(4))]
_BATCHES = [
    (normal(2, 3, 4), normal(4, 2)),
    (normal(3, 4), normal(2, 4, 2)),
    (normal(5, 1, 3, 4), normal(2, 4, 2)),
    (normal(4), normal(2, 4, 3)),
    (normal(2, 3, 4), normal(4)),
    (normal(2, 3, 0), normal(0, 4)),
]

SAMPLES: dict[Any, list[Sample]] = {
    np.matmul: each_of(*_MATRICES, *_BATCHES),
    np.dot: [
        *each_of(
            *_MATRICES, (normal(2, 3, 4), normal(5, 4, 2)), (normal(2, 3, 4), normal(4)), (normal(4), normal(2, 4, 3))
        ),
        *each_of((values(2.0), normal(3)), (values(2.0), values(3.0))),
        sample(normal(2, 3), 2.0),
    ],
    np.inner: each_of(
        (normal(4), normal(4)), (normal(3, 4), normal(2, 5, 4)), (normal(3), values(2.0)), (values(2.0), normal(2, 3))
    ),
    np.vecdot: [
        *each_of((normal(4), normal(4)), (normal(3, 1, 4), normal(2, 4))),
        sample(normal(4, 3), normal(4, 1), axis=0),
    ],
    np.vdot: each_of((normal(4), normal(4)), (normal(2, 3), normal(2, 3))),
    np.outer: each_of((normal(3), normal(4)), (normal(2, 2), normal(3)), (values(2.0), normal(3))),
    np.kron: each_of((normal(2, 3), normal(2, 2)), (normal(3), normal(2)), (normal(2, 1, 2), normal(3))),
    np.tensordot: [
        sample(normal(2, 3, 4), normal(3, 4, 5)),
        sample(normal(2, 3), normal(4), 0),
        sample(normal(2, 3, 4), normal(4, 5, 2), axes=([0, 2], [2, 0])),
        sample(normal(2, 3, 4), normal(5, 3), axes=(1, -1)),
    ],
    np.einsum: [
        sample("ij,jk->ik", normal(3, 4), normal(4, 2)),
        sample("ij, jk", normal(3, 4), normal(4, 2)),
        sample("ba", normal(3, 4)),
        sample("ii", normal(3, 3)),
        sample("ii->i", normal(3, 3)),
        sample("iij,ji->j", normal(3, 3, 2), normal(2, 3)),
        sample("...ij,...jk->...ik", normal(2, 1, 3, 4), normal(5, 4, 2)),
        sample("i...,i...", normal(3, 2), normal(3, 4, 1)),
        sample("ij,kj->i", normal(3, 4), normal(2, 4)),
        sample("ij,ij->ij", normal(3, 1), normal(1, 4)),
        sample("ij,ij->i", normal(3, 1), normal(3, 4)),
        sample("ij->j", normal(3, 4)),
        sample(",ij->ji", values(2.0), normal(2, 3)),
        sample("i,ij,jk,k->", normal(2), normal(2, 3), normal(3, 4), normal(4), optimize=True),
        sample("i,i,i->i", normal(3), normal(3), normal(3)),
        sample("aBi,iB->Ba", normal(2, 3, 4), normal(4, 3)),
        sample("ij,j->i", normal(0, 3), normal(3)),
    ],
    np.matvec: [sample(normal(3, 4), normal(4)), sample(normal(2, 1, 3, 4), normal(5, 4))],
    np.vecmat: [sample(normal(3), normal(3, 4)), sample(normal(2, 1, 3), normal(5, 3, 4))],
}
