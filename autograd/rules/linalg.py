"""Derivatives of linear algebra."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.registry import defvjp
from autograd.rules.reduce import kept
from autograd.rules.shape import Axis


def _norm(g: Any, ans: Any, x: Any, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """``g * conj(x) / norm`` for the Euclidean norm of vectors and the Frobenius norm of matrices; 0 where the norm is 0."""
    norm = kept(ans, x, axis)
    slope = np.where(np.equal(norm, 0), 0, kept(g, x, axis) / np.where(np.equal(norm, 0), 1, norm))
    return slope * (np.conjugate(x) if np.iscomplexobj(x) else x)


defvjp(np.linalg.norm, _norm)
