"""Solve linear equations by products with the matrix alone (GMRES)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_SPACE = 200  # basis vectors before a restart
_ROUNDS = 50


def gmres(product: Callable[[Any], Any], b: Any) -> tuple[Any, float]:
    """Solve ``product(x) = b`` for a vector ``x``, as precisely as the dtype allows.

    The generalised minimal residual method (Y. Saad and M. H. Schultz, SIAM J. Sci. Stat. Comput. 7, 1986), which for a
    vector of n numbers needs at most n products. It starts again from its result, which also takes away rounding
    errors, until that makes the residual no smaller.

    Parameters
    ----------
    product : callable
        Multiplies a vector by the matrix.
    b : array of shape (n,)

    Returns
    -------
    x : array of shape (n,)
        NaN everywhere where ``b`` is not finite.
    left : float
        The norm of the residual, over that of ``b``, as far as it is no rounding error of the product with ``x``.
    """
    x, r = np.zeros_like(b), b
    size = left = float(np.linalg.norm(b))
    if not np.isfinite(size):
        return np.full_like(b, np.nan), 0.0
    eps, stretch = float(np.finfo(b.dtype).eps), 0.0
    for _ in range(_ROUNDS):
        if left <= 4 * eps * size:
            break
        step, longest = _round(product, r, left, eps * size)
        stretch, candidate = max(stretch, longest), x + step
        residual = b - product(candidate)
        after = float(np.linalg.norm(residual))
        if not after < left:
            break
        x, r, left, before = candidate, residual, after, left
        if after > 0.5 * before:
            break
    rounding = min(10 * eps * stretch * float(np.linalg.norm(x)), 0.01 * size)
    return x, max(left - rounding, 0.0) / size if size else 0.0


def _round(product: Callable[[Any], Any], r: Any, size: float, enough: float) -> tuple[Any, float]:
    """Return the combination of ``r, product(r), product(product(r)) ...`` that leaves least, and the norm of the
    longest product of a basis vector.

    The basis is made orthogonal by the method of Gram and Schmidt, twice over; rotations keep the small matrix
    triangular."""
    count = min(r.size, _SPACE)
    basis = np.zeros((count + 1, r.size), r.dtype)
    basis[0] = r / size
    triangle = np.zeros((count, count), r.dtype)
    rotations: list[tuple[float, float]] = []
    right = np.zeros(count + 1, r.dtype)
    right[0] = size
    k, longest = 0, 0.0
    while k < count:
        w = np.asarray(product(basis[k]))
        scale = float(np.linalg.norm(w))
        longest = max(longest, scale)
        column = np.zeros(k + 1, r.dtype)
        for _ in range(2):
            part = basis[: k + 1] @ w
            w = w - part @ basis[: k + 1]
            column += part
        below = float(np.linalg.norm(w))
        if below <= 10 * np.finfo(r.dtype).eps * scale:
            below = 0.0  # the Krylov space is closed: the rest is rounding error
        for i, (c, s) in enumerate(rotations):
            column[i], column[i + 1] = c * column[i] + s * column[i + 1], c * column[i + 1] - s * column[i]
        diagonal = float(np.hypot(column[k], below))
        if not diagonal > 0:  # the matrix is singular
            break
        c, s = float(column[k]) / diagonal, below / diagonal
        rotations.append((c, s))
        column[k] = diagonal
        triangle[: k + 1, k] = column
        right[k], right[k + 1] = c * right[k], -s * right[k]
        k += 1
        if below == 0 or abs(right[k]) <= enough:
            break
        basis[k] = w / below
    return (np.linalg.solve(triangle[:k, :k], right[:k]) @ basis[:k] if k else np.zeros_like(r)), longest
