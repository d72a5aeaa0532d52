"""Derivatives of factorisations: Cholesky, QR, eigenvalues and eigenvectors, singular values and singular vectors.

Where NumPy takes a matrix for Hermitian and reads one triangle of it (`cholesky`, `eigh`, `eigvalsh`,
``hermitian=True``), the cotangent is Hermitian, as if the matrix had been replaced by ``(a + a^H) / 2`` first.

Vectors of equal eigenvalues or singular values are defined up to a rotation among them, on which a loss must not
depend. The part of a derivative that two values contribute by their difference is 0 where that vanishes, up to the
rounding errors of the factorisation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.errors import NoDerivativeError
from autograd.registry.define import defacts, defcomposite, defjoint, defjvp, defvjp, operation
from autograd.rules.batch import defbatch, everywhere, on_stacks
from autograd.rules.linalg import adjoint, conjugated, hermitian_part, spread_spectrum, transposed, unit


def _vanishes(divisor: Any, values: Any) -> Any:
    """Tell where a divisor is 0 beside the largest of the eigenvalues or singular values, within what LAPACK's rounding
    errors come to.
    """
    largest = np.max(np.absolute(values), axis=-1, keepdims=True, initial=0)
    largest = largest[..., None] if np.ndim(divisor) > np.ndim(values) else largest
    return np.absolute(divisor) <= largest * (8 * float(np.finfo(values.dtype).eps) * np.shape(values)[-1])


def _quotient(x: Any, divisor: Any, zero: Any, mixed: Any, noise: Any) -> Any:
    """``x / divisor``. Where the divisor is ``zero``, it is 0 if ``x`` does not exceed the noise, and NaN if it does or
    the loss uses both values and vectors.

    A loss that depends on the choice among the vectors of equal values has an ``x`` that is not 0, and no derivative.
    One that does not, and uses the vectors alone (a projection), stays the same where they turn. Of one that uses both
    (a function of the matrix), the quotient has a limit, which the cotangents at the point itself do not tell. The NaN
    is a factor, so that it comes through in each mode and to each order."""
    undecided = zero & (mixed | (np.absolute(x) > noise))
    return x * np.where(undecided, math.nan, np.where(zero, 0, 1 / np.where(zero, 1, divisor)))


def _largest(x: Any) -> Any:
    """Return the largest magnitude in each matrix."""
    return np.max(np.absolute(x), axis=(-2, -1), keepdims=True, initial=0)


def _noise(g: Any) -> Any:
    """Return what the rounding errors of products with a cotangent come to."""
    return _largest(g) * (32 * float(np.finfo(g.dtype).eps) * max(np.shape(g)[-2:]))


def _columns(used: Any) -> Any:
    """Tell of which columns something is used."""
    return np.any(used, axis=-2) if np.ndim(used) else used


def _rows(used: Any) -> Any:
    """Tell of which rows something is used."""
    return np.any(used, axis=-1) if np.ndim(used) else used


def _flags(used: Any, n: int) -> Any:
    """Return one truth value for each of ``n`` values or vectors."""
    return used if np.ndim(used) else np.full(n, used)


def _both_used(values: Any, vectors: Any) -> Any:
    """Tell of which pairs a value is used, and a vector."""
    return _of_pairs(values) & _of_pairs(vectors)


def _of_pairs(used: Any) -> Any:
    return used[..., None, :] | used[..., :, None] if np.ndim(used) else used


def _differences(w: Any) -> Any:
    """``w[j] - w[i]`` in row i and column j."""
    return w[..., None, :] - w[..., :, None]


def _sums(w: Any) -> Any:
    """``w[j] + w[i]`` in row i and column j."""
    return w[..., None, :] + w[..., :, None]


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


def _where_it_exists(x: Any, exists: Any) -> Any:
    """Return a stack of matrices with NaN in those for which there is no derivative."""
    return x * np.where(exists, 1.0, math.nan).astype(np.finfo(x.dtype).dtype)[..., None, None]


def _tall_qr(gq: Any, gr: Any, q: Any, r: Any) -> Any:
    """``(gq + conj(q) T) r^-T``, where ``T`` is Hermitian, and its upper triangle is that of ``gr r^T - q^T gq``.

    S. F. Walter and L. Lehmann, "Algorithmic differentiation of linear algebra functions with application in optimum
    experimental design", arXiv:1001.1654, 2010."""
    product, n = gr @ transposed(r) - transposed(q) @ gq, np.shape(r)[-1]
    above = np.where(np.tri(n, dtype=bool), 0, product)
    symmetric = above + adjoint(above) + np.where(unit(n), np.real(product), 0)
    pivots = np.absolute(np.diagonal(r, axis1=-2, axis2=-1))
    full = ~np.any(_vanishes(pivots, pivots), axis=-1)
    return _where_it_exists(transposed(np.linalg.solve(r, transposed(gq + conjugated(q) @ symmetric))), full)


defvjp(np.linalg.qr, _qr)


# --------------------------------------------------------------------------------------------------- eigenvalues
def _eigh(g: Any, ans: Any, _a: Any, *, UPLO: Any = "L") -> Any:
    """``conj(V) (diag(gw) + X / (w[j] - w[i])) V^T``, where ``X`` is the skew part of ``V^T gv``.

    M. B. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation",
    Advances in Automatic Differentiation, 2008, 35-44, section 3.1."""
    (gw, gv, used_w, used_v), (w, v) = g, ans
    if used_v is np.False_:
        return spread_spectrum(gw, v, adjoint(v))
    x, own, apart = transposed(v) @ gv, unit(np.shape(w)[-1]), _differences(w)
    mixed = _both_used(used_w, _columns(used_v)) & ~own
    turn = _quotient((x - adjoint(x)) * 0.5, apart, _vanishes(apart, w), mixed, _noise(gv))
    return conjugated(v) @ (turn + np.where(own, gw[..., None, :], 0)) @ transposed(v)


def _eigh_tangent(t: Any, ans: Any, _a: Any, *, UPLO: Any = "L") -> Any:
    """``dw = diag(D)`` and ``dV = V (D / (w[j] - w[i]))`` with ``D = V^H dA V``: vectors of equal eigenvalues do not
    turn where ``D`` has nothing between them.
    """
    w, v = ans
    d, own, apart = adjoint(v) @ hermitian_part(t) @ v, unit(np.shape(w)[-1]), _differences(w)
    turn = _quotient(np.where(own, 0, d), apart, _vanishes(apart, w), False, _noise(d))
    return [np.real(np.diagonal(d, axis1=-2, axis2=-1)), v @ turn]


def _eig(g: Any, ans: Any, _a: Any) -> Any:
    """``V^-T (diag(gw) + x / (w[j] - w[i])) V^T``, where ``x`` is ``V^T gv`` without what would change the length of an
    eigenvector, or turn its largest component, which LAPACK makes real.

    C. Boeddeker, P. Hanebrink, L. Drude, J. Heymann and R. Haeb-Umbach, "On the computation of complex-valued gradients
    with application to statistically optimum beamforming", arXiv:1701.00392, 2017, equations 4.60 to 4.77."""
    (gw, gv, used_w, used_v), (w, v) = g, ans
    n = np.shape(w)[-1]
    vt, own = transposed(v), unit(n)
    x = vt @ gv
    along = np.diagonal(x, axis1=-2, axis2=-1)
    x = x - vt @ conjugated(v) * np.real(along)[..., None, :]
    if np.iscomplexobj(v) and n:
        place = np.argmax(np.where(np.equal(np.imag(v), 0), np.absolute(v), -1), axis=-2)
        rows = np.take_along_axis(
            v, place[..., None], axis=-2
        )  # row j holds the component of each vector that is real in vector j
        turn = 1j * np.imag(along) / np.real(np.diagonal(rows, axis1=-2, axis2=-1))
        x = x - transposed(rows) * turn[..., None, :]
    apart, mixed = _differences(w), _both_used(used_w, _columns(used_v)) & ~own
    inner = _quotient(np.where(own, 0, x), apart, _vanishes(apart, w), mixed, _noise(gv))
    return _inverse_of_vectors(vt) @ (inner + np.where(own, gw[..., None, :], 0)) @ vt


def _inverse_of_vectors(v: Any) -> Any:
    """Return the inverse of a matrix of unit vectors; NaN where they are dependent, as those of a defective matrix."""
    inverse, n = np.linalg.inv(v), np.shape(v)[-1]
    limit = 1 / (8 * max(n, 1) * float(np.finfo(v.dtype).eps))
    return _where_it_exists(inverse, _largest(inverse)[..., 0, 0] < limit)


@operation
def with_eigenvalues(g: Any, a: Any, UPLO: Any) -> Any:
    """Return ``V^-T diag(g) V^T`` of the eigenvectors: the cotangent of a matrix whose eigenvalues have ``g``. ``UPLO``
    names the triangle of a Hermitian matrix, and is None for any other.
    """
    vt, inverse = _eigenvectors(a, UPLO)[1:]
    return inverse @ (g[..., :, None] * vt)


def _eigenvectors(a: Any, UPLO: Any) -> Any:
    """Return ``w``, ``V^T`` and ``V^-T``."""
    w, v = np.linalg.eig(a) if UPLO is None else np.linalg.eigh(a, UPLO)
    return w, transposed(v), _inverse_of_vectors(transposed(v)) if UPLO is None else conjugated(v)


def _with_eigenvalues(argnums: Any, c: Any, _: Any, g: Any, a: Any, UPLO: Any) -> Any:
    """With ``Y = V^T c^T V^-T``: its diagonal for ``g``, and ``V^-T (Y (g[j] - g[i]) / (w[j] - w[i])) V^T`` for the
    matrix. Where eigenvalues are equal, the quotient is 0 if ``g`` is constant; a ``g`` that itself depends on the
    eigenvalues has a slope there which it does not tell.
    """
    w, vt, inverse = _eigenvectors(a, UPLO)
    y = vt @ transposed(c) @ inverse
    apart, steps = _differences(w), _differences(g)
    mixed = ~unit(np.shape(w)[-1]) & (len(argnums) > 1)
    slopes = _quotient(steps, apart, _vanishes(apart, w), mixed, _noise(g[..., None, :]))
    of_a = inverse @ (y * slopes) @ vt if 1 in argnums else None
    return [of_a if argnum else np.diagonal(y, axis1=-2, axis2=-1) for argnum in argnums]


@defbatch(with_eigenvalues)
def _with_eigenvalues_batch(size: int, mapped: Any, g: Any, a: Any, UPLO: Any) -> Any:
    return with_eigenvalues(everywhere(g, size, mapped[0]), everywhere(a, size, mapped[1]), UPLO)


defvjp(np.linalg.eigh, _eigh)
defjvp(np.linalg.eigh, _eigh_tangent)
defvjp(np.linalg.eigvalsh, lambda g, _, a, *, UPLO="L": with_eigenvalues(g, a, UPLO))
defvjp(np.linalg.eig, _eig)
defvjp(np.linalg.eigvals, lambda g, _, a: with_eigenvalues(g, a, None))
defjoint(with_eigenvalues, _with_eigenvalues)


# --------------------------------------------------------------------------------------------------- singular values
def _svd(
    g: Any, ans: Any, a: Any, *, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    c = _singular_vectors(g, ans) if compute_uv else with_singular_values(g, a, hermitian)
    return hermitian_part(c) if hermitian else c


def _singular_vectors(g: Any, ans: Any) -> Any:
    """``conj(U) K conj(Vh)``, with what the vectors that thin factors lack contribute.

    With ``X = x - x^H`` of ``x = U^T gu``, and ``Z`` likewise of ``z = gvh Vh^T``, the usual ``(X[i, j] s[j] - Z[i, j]
    s[i]) / (s[j]^2 - s[i]^2)`` (J. Townsend, "Differentiating the singular value decomposition", 2016; for complex
    matrices Z.-Q. Wan and S.-X. Zhang, "Automatic differentiation for complex valued SVD", arXiv:1909.02659, 2019) is
    half of ``(X - Z) / (s[j] - s[i]) + (X + Z) / (s[j] + s[i])``: what is defined where singular values are equal, as
    in ``U Vh``, remains. The phase of complex vectors is in it as well."""
    (gu, gs, gvh, used_u, used_s, used_vh), (u, s, vh) = g, ans
    k, rows, columns = np.shape(s)[-1], np.shape(u)[-1], np.shape(vh)[-2]
    if used_u is np.False_ and used_vh is np.False_:
        return spread_spectrum(gs, u[..., :k], vh[..., :k, :])
    uc, vc, own, twice = conjugated(u), conjugated(vh), unit(k), s + s
    x, z, noise = transposed(u) @ gu, gvh @ transposed(vh), np.maximum(_noise(gu), _noise(gvh))
    skew_x, skew_z = x - adjoint(x), z - adjoint(z)
    of_u, of_v = skew_x[..., :k, :k], skew_z[..., :k, :k]
    left, right = _flags(_columns(used_u), rows), _flags(_rows(used_vh), columns)
    used, zero = left[..., :k] | right[..., :k], _vanishes(s, s)
    further = np.any(left[..., k:], axis=-1, keepdims=True) | np.any(right[..., k:], axis=-1, keepdims=True)
    mixed, mixed_pairs = used_s & (used | further), _both_used(used_s, used) & ~own

    def over(skew: Any, divisor: Any) -> Any:
        return _quotient(skew, divisor, _vanishes(divisor, s), mixed_pairs, noise)

    def over_columns(skew: Any) -> Any:
        return _quotient(skew, s[..., None, :], zero[..., None, :], mixed[..., None, :], noise)

    def over_rows(skew: Any) -> Any:
        return _quotient(skew, s[..., :, None], zero[..., :, None], mixed[..., :, None], noise)

    inner = over(of_u - of_v, _differences(twice)) + over(of_u + of_v, _sums(twice))
    inner = inner + np.where(own, gs[..., None, :], 0)
    if rows > k:
        inner = np.concatenate([inner, over_columns(skew_x[..., k:, :k])], axis=-2)
        inner = _where_it_exists(inner, (_largest(skew_x[..., k:, k:]) <= noise)[..., 0, 0])
    if columns > k:
        inner = np.concatenate([inner, over_rows(skew_z[..., :k, k:])], axis=-1)
        inner = _where_it_exists(inner, (_largest(skew_z[..., k:, k:]) <= noise)[..., 0, 0])
    c = uc @ inner @ vc
    if np.shape(u)[-2] > rows:
        c = c + over_columns(gu - uc @ x) @ vc
    if np.shape(vh)[-1] > columns:
        c = c + uc @ over_rows(gvh - z @ vc)
    return c


@operation
def with_singular_values(g: Any, a: Any, hermitian: bool) -> Any:
    """Return ``conj(U) diag(g) conj(Vh)``: the cotangent of a matrix whose singular values have ``g``."""
    u, _, vh = np.linalg.svd(a, full_matrices=False, hermitian=hermitian)
    return spread_spectrum(g, u, vh)


def _with_singular_values(argnums: Any, c: Any, _: Any, g: Any, a: Any, hermitian: bool) -> Any:
    """The diagonal of ``U^H c Vh^H`` for ``g``; for the matrix what the vectors contribute (see `_singular_vectors`).
    A ``g`` that depends on the singular values has a slope where these are equal, which it does not tell.
    """
    u, s, vh = np.linalg.svd(a, full_matrices=False, hermitian=hermitian)
    cotangents = []
    for argnum in argnums:
        if argnum:
            cc, mixed = conjugated(c), np.bool_(len(argnums) > 1)
            of_u, of_vh = cc @ transposed(vh) * g[..., None, :], transposed(u * g[..., None, :]) @ cc
            of_a = _singular_vectors((of_u, np.zeros_like(s), of_vh, np.True_, mixed, np.True_), (u, s, vh))
            cotangents.append(hermitian_part(of_a) if hermitian else of_a)
        else:
            cotangents.append(np.real(np.diagonal(adjoint(u) @ c @ adjoint(vh), axis1=-2, axis2=-1)))
    return cotangents


@defbatch(with_singular_values)
def _with_singular_values_batch(size: int, mapped: Any, g: Any, a: Any, hermitian: bool) -> Any:
    return with_singular_values(everywhere(g, size, mapped[0]), everywhere(a, size, mapped[1]), hermitian)


defvjp(np.linalg.svd, _svd)
defjoint(with_singular_values, _with_singular_values)


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
defacts(with_eigenvalues, static=False, fresh=True)
defacts(with_singular_values, static=True, fresh=True)
defacts(np.linalg.svd, np.linalg.eigh, np.linalg.eig, told_used=True)
defacts(np.linalg.cholesky, np.linalg.qr, np.linalg.svd, np.linalg.eigh, np.linalg.eig, analytic=False)
defacts(np.linalg.eig, np.linalg.eigvals, static=False)  # complex numbers where a real matrix has complex eigenvalues
