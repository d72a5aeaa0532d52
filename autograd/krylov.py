"""Linear equations of which only products with the matrix are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_SPACE = 200  # vectors that are kept before a new start
_ROUNDS = 50


def gmres(product: Callable[[Any], Any], b: Any) -> tuple[Any, float]:
    """Solve ``product(x) = b`` for a vector ``x``, as precisely as the dtype allows.

    The generalised minimal residual method (Y. Saad and M. H. Schultz, SIAM J. Sci. Stat. Comput. 7, 1986), which for a vector of n numbers needs at
    most n products. It starts again from its result, which also takes away rounding errors, until that makes the residual no smaller.

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
        The norm of the residual, over that of ``b``.
    """
    x, r = np.zeros_like(b), b
    size = left = float(np.linalg.norm(b))
    if not np.isfinite(size):
        return np.full_like(b, np.nan), 0.0
    eps = float(np.finfo(b.dtype).eps)
    for _ in range(_ROUNDS):
        if left <= 4 * eps * size:
            break
        candidate = x + _round(product, r, left, eps * size)
        residual = b - product(candidate)
        after = float(np.linalg.norm(residual))
        if not after < left:
            break
        x, r, left, before = candidate, residual, after, left
        if after > 0.5 * before:
            break
    return x, left / size if size else 0.0


def _round(product: Callable[[Any], Any], r: Any, size: float, enough: float) -> Any:
    """Return the combination of ``r, product(r), product(product(r)) ...`` that makes the residual smallest.

    The basis is made orthogonal by the method of Gram and Schmidt, twice over; rotations keep the small matrix triangular.
    """
    count = min(r.size, _SPACE)
    basis = np.zeros((count + 1, r.size), r.dtype)
    basis[0] = r / size
    triangle = np.zeros((count, count), r.dtype)
    rotations: list[tuple[float, float]] = []
    right = np.zeros(count + 1, r.dtype)
    right[0] = size
    k = 0
    while k < count:
        w = np.asarray(product(basis[k]))
        scale = float(np.linalg.norm(w))
        column = np.zeros(k + 1, r.dtype)
        for _ in range(2):
            part = basis[: k + 1] @ w
            w = w - part @ basis[: k + 1]
            column += part
        below = float(np.linalg.norm(w))
        if below <= 10 * np.finfo(r.dtype).eps * scale:
            below = 0.0  # the space is closed: what is left is rounding errors
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
    return np.linalg.solve(triangle[:k, :k], right[:k]) @ basis[:k] if k else np.zeros_like(r)
