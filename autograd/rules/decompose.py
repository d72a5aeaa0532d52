"""Derivatives of factorisations: Cholesky, QR, eigenvalues and eigenvectors, singular values and singular vectors.

Where NumPy takes a matrix for Hermitian and reads one triangle of it (`cholesky`, `eigh`, `eigvalsh`,
``hermitian=True``), the cotangent is Hermitian, as if the matrix had been replaced by ``(a + a^H) / 2`` first.

Vectors of equal eigenvalues or singular values are defined up to a rotation among them, on which a loss must not
depend. What two values contribute by their difference is 0 where it vanishes, up to the rounding errors of the
factorisation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.errors import NoDerivativeError
from autograd.registry.define import defacts, defcomposite, defvjp
from autograd.rules.batch import on_stacks
from autograd.rules.linalg import adjoint, conjugated, hermitian_part, spread_spectrum, transposed, unit


def _quotient(x: Any, divisor: Any, scale: Any) -> Any:
    """``x / divisor``, and 0 where the divisor vanishes beside ``scale``, within what LAPACK's rounding errors
    come to.
    """
    vanishes = np.absolute(divisor) <= scale * (8 * float(np.finfo(divisor.dtype).eps) * np.shape(divisor)[-1])
    return x / np.where(vanishes, math.inf, divisor)


def _differences(w: Any) -> Any:
    """``w[j] - w[i]`` in row i and column j."""
    return w[..., None, :] - w[..., :, None]


# --------------------------------------------------------------------------------------------------- Cholesky
def _cholesky(g: Any, ans: Any, _a: Any, *, upper: bool = False) -> Any:
    """``L^-T S conj(L)^-1``, where ``S`` is the Hermitian part of the lower triangle of ``L^T g``, its diagonal halved.

    I. Murray, "Differentiation of the Cholesky decomposition", arXiv:1602.07527, 2016, equation 10. Multiplying by the
    inverse of a triangular factor twice is as accurate as solving twice, measured up to condition numbers of 1e14, and
    takes half the time."""
    lower, g = (adjoint(ans), adjoint(g)) if upper else (ans, g)
    upper_factor, n = transposed(lower), np.shape(ans)[-1]
    half = (upper_factor @ g) * (0.5 * np.tri(n) - 0.25 * np.eye(n)).astype(ans.dtype)
    inverse = np.linalg.inv(upper_factor)
    return inverse @ (half + adjoint(half)) @ adjoint(inverse)


defvjp(np.linalg.cholesky, _cholesky)


# --------------------------------------------------------------------------------------------------- QR
def _qr(g: Any, ans: Any, a: Any, *, mode: str = "reduced") -> Any:
    """The derivative of the QR decomposition of a matrix of full rank, whose first columns are independent where it is
    wide.

    A wide matrix is ``[X, Y] = Q [U, V]`` with ``V = Q^H Y`` (D. A. O. Roberts and L. R. Roberts, "QR and LQ
    decomposition matrix backpropagation algorithms for square, wide, and deep matrices", arXiv:2009.10071, 2020)."""
    m, n = np.shape(a)[-2:]
    if mode == "r":
        q, r = np.linalg.qr(a)
        gq, gr = np.zeros_like(q), g
    elif mode == "reduced" or (mode == "complete" and m <= n):
        (gq, gr), (q, r) = g, ans
    elif mode == "complete":
        raise NoDerivativeError(
            f'numpy.linalg.qr(mode="complete") of matrices with more rows than columns (received shape {np.shape(a)}) '
            f"has no derivative: the "
            f'last {m - n} columns of q are an arbitrary basis. Use mode="reduced".'
        )
    else:
        raise NoDerivativeError(
            f'numpy.linalg.qr has a derivative in the modes "reduced", "complete" and "r": received mode={mode!r}.'
        )
    if m >= n:
        return _tall_qr(gq, gr, q, r)
    gv = gr[..., m:]
    of_x = _tall_qr(gq + conjugated(a[..., m:]) @ adjoint(gv), gr[..., :m], q, r[..., :m])
    return np.concatenate([of_x, conjugated(q) @ gv], axis=-1)


def _tall_qr(gq: Any, gr: Any, q: Any, r: Any) -> Any:
    """``(gq + conj(q) T) r^-T``, where ``T`` is Hermitian, and its upper triangle is that of ``gr r^T - q^T gq``.

    S. F. Walter and L. Lehmann, "Algorithmic differentiation of linear algebra functions with application in optimum
    experimental design", arXiv:1001.1654, 2010."""
    product, n = gr @ transposed(r) - transposed(q) @ gq, np.shape(r)[-1]
    above = np.where(np.tri(n, dtype=bool), 0, product)
    symmetric = above + adjoint(above) + np.where(unit(n), np.real(product), 0)
    return transposed(np.linalg.solve(r, transposed(gq + conjugated(q) @ symmetric)))


defvjp(np.linalg.qr, _qr)


# --------------------------------------------------------------------------------------------------- eigenvalues
def _eigh(g: Any, ans: Any, _a: Any, *, UPLO: Any = "L") -> Any:
    """``conj(V) S V^T``, where ``S`` is the Hermitian part of ``diag(gw) + V^T gv / (w[j] - w[i])``.

    M. B. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation",
    Advances in Automatic Differentiation, 2008, 35-44, section 3.1."""
    (gw, gv), (w, v) = g, ans
    scale = np.max(np.absolute(w), axis=-1, keepdims=True, initial=0)[..., None]
    inner = np.where(unit(np.shape(w)[-1]), gw[..., None, :], _quotient(transposed(v) @ gv, _differences(w), scale))
    return conjugated(v) @ hermitian_part(inner) @ transposed(v)


def _eigvalsh(g: Any, _: Any, a: Any, *, UPLO: Any = "L") -> Any:
    v = np.linalg.eigh(a, UPLO)[1]
    return spread_spectrum(g, v, adjoint(v))


def _eig(g: Any, ans: Any, _a: Any) -> Any:
    """``V^-T (diag(gw) + x / (w[j] - w[i])) V^T``, where ``x`` is ``V^T gv`` without what would change the length of an
    eigenvector, or turn its largest component, which LAPACK makes real.

    C. Boeddeker, P. Hanebrink, L. Drude, J. Heymann and R. Haeb-Umbach, "On the computation of complex-valued gradients
    with application to statistically optimum beamforming", arXiv:1701.00392, 2017, equations 4.60 to 4.77."""
    (gw, gv), (w, v) = g, ans
    n = np.shape(w)[-1]
    vt = transposed(v)
    x = vt @ gv
    own = np.diagonal(x, axis1=-2, axis2=-1)
    x = x - vt @ conjugated(v) * np.real(own)[..., None, :]
    if np.iscomplexobj(v) and n:
        place = np.argmax(np.where(np.equal(np.imag(v), 0), np.absolute(v), -1), axis=-2)
        rows = np.take_along_axis(
            v, place[..., None], axis=-2
        )  # row j holds the component of each vector that is real in vector j
        turn = 1j * np.imag(own) / np.real(np.diagonal(rows, axis1=-2, axis2=-1))
        x = x - transposed(rows) * turn[..., None, :]
    scale = np.max(np.absolute(w), axis=-1, keepdims=True, initial=0)[..., None]
    inner = np.where(unit(n), gw[..., None, :], _quotient(x, _differences(w), scale))
    return np.linalg.solve(vt, inner @ vt)


def _eigvals(g: Any, _: Any, a: Any) -> Any:
    vt = transposed(np.linalg.eig(a)[1])
    return np.linalg.solve(vt, g[..., :, None] * vt)


defvjp(np.linalg.eigh, _eigh)
defvjp(np.linalg.eigvalsh, _eigvalsh)
defvjp(np.linalg.eig, _eig)
defvjp(np.linalg.eigvals, _eigvals)


# --------------------------------------------------------------------------------------------------- singular values
def _svd(
    g: Any, ans: Any, a: Any, *, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    if compute_uv:
        c = _singular_vectors(g, ans)
    else:
        u, _, vh = np.linalg.svd(a, full_matrices=False, hermitian=hermitian)
        c = spread_spectrum(g, u, vh)
    return hermitian_part(c) if hermitian else c


def _singular_vectors(g: Any, ans: Any) -> Any:
    """``conj(U) K conj(Vh)``, with what the vectors that thin factors lack contribute.

    With ``X = x - x^H`` of ``x = U^T gu``, and ``Z`` likewise of ``z = gvh Vh^T``, the usual ``(X[i, j] s[j] - Z[i, j]
    s[i]) / (s[j]^2 - s[i]^2)`` (J. Townsend, "Differentiating the singular value decomposition", 2016; for complex
    matrices Z.-Q. Wan and S.-X. Zhang, "Automatic differentiation for complex valued SVD", arXiv:1909.02659, 2019) is
    half of ``(X - Z) / (s[j] - s[i]) + (X + Z) / (s[j] + s[i])``: what is defined where singular values are equal, as
    in ``U Vh``, remains. The phase of complex vectors is in it as well, and a vector that belongs to no singular value
    has 0 for it. The skew parts are taken after the divisions, of which the first changes its sign with i and j."""
    (gu, gs, gvh), (u, s, vh) = g, ans
    k = np.shape(s)[-1]
    x, z = transposed(u) @ gu, gvh @ transposed(vh)
    of_u, of_v, scale, twice = x[..., :k, :k], z[..., :k, :k], s[..., :1, None], s + s
    apart = _quotient(of_u - of_v, _differences(twice), scale)
    apart = np.where(unit(k), 0.5 * gs[..., None, :], apart)
    total = _quotient(of_u + of_v, twice[..., None, :] + twice[..., :, None], scale)
    inner = apart + total + adjoint(apart - total)
    inverse = _quotient(1, s, s[..., :1])
    if np.shape(u)[-1] > k:
        inner = np.concatenate([inner, (x[..., k:, :k] - adjoint(x[..., :k, k:])) * inverse[..., None, :]], axis=-2)
    if np.shape(vh)[-2] > k:
        inner = np.concatenate([inner, (z[..., :k, k:] - adjoint(z[..., k:, :k])) * inverse[..., :, None]], axis=-1)
    uc, vc = conjugated(u), conjugated(vh)
    c = uc @ inner @ vc
    if np.shape(u)[-2] > np.shape(u)[-1]:
        c = c + ((gu - uc @ x) * inverse[..., None, :]) @ vc
    if np.shape(vh)[-1] > np.shape(vh)[-2]:
        c = c + uc @ ((gvh - z @ vc) * inverse[..., :, None])
    return c


defvjp(np.linalg.svd, _svd)


@defcomposite(np.linalg.svdvals)
def _svdvals(x: Any, /) -> Any:
    return np.linalg.svd(x, compute_uv=False)


# --------------------------------------------------------------------------------------------------- batches
_DECOMPOSITIONS = (
    np.linalg.cholesky,
    np.linalg.qr,
    np.linalg.svd,
    np.linalg.eigh,
    np.linalg.eigvalsh,
    np.linalg.eig,
    np.linalg.eigvals,
)
for _fn in _DECOMPOSITIONS:
    defacts(_fn, batch=on_stacks(_fn), static=True, fresh=True)
defacts(np.linalg.cholesky, np.linalg.qr, np.linalg.svd, np.linalg.eigh, np.linalg.eig, analytic=False)
defacts(np.linalg.eig, np.linalg.eigvals, static=False)  # complex numbers where a real matrix has complex eigenvalues
