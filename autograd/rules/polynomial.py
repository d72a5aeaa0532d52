"""Polynomials as arrays of coefficients, the highest power first: all made of functions that have rules."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from autograd.errors import OperandError, ShapeError
from autograd.registry.define import defcomposite
from autograd.rules.shape import array_of, at_least_1d


def _coefficients(p: Any) -> Any:
    """Return coefficients as an array with one axis at least."""
    if isinstance(p, np.poly1d):
        raise OperandError(
            "functions of polynomials take arrays of coefficients here, and no numpy.poly1d: pass p.coeffs."
        )
    return at_least_1d(p)


def _line(p: Any, name: str) -> Any:
    p = _coefficients(p)
    if p.ndim != 1:
        raise ShapeError(f"{name} takes coefficients along one axis: received shape {p.shape}.")
    return p


def _aligned(a: Any, b: Any) -> tuple[Any, Any]:
    """Put zeros before the shorter one of two polynomials."""
    n = max(len(a), len(b))
    return tuple(
        each if len(each) == n else np.concatenate([np.zeros(n - len(each), each.dtype), each]) for each in (a, b)
    )  # type: ignore[return-value]


def _without_leading_zeros(p: Any) -> Any:
    """Drop the zeros before the first other coefficient; of zeros alone the last one stays."""
    places = np.flatnonzero(p)
    return p[int(places[0]) if len(places) else -1 :]


def _times_linear(p: Any, root: Any) -> Any:
    """Multiply by ``x - root``."""
    zero = np.zeros(1, p.dtype)
    return np.concatenate([p, zero]) - root * np.concatenate([zero, p])


# --------------------------------------------------------------------------------------------------- arithmetic
@defcomposite(np.polyadd)
def _polyadd(a1: Any, a2: Any) -> Any:
    a1, a2 = _aligned(_coefficients(a1), _coefficients(a2))
    return a1 + a2


@defcomposite(np.polysub)
def _polysub(a1: Any, a2: Any) -> Any:
    a1, a2 = _aligned(_coefficients(a1), _coefficients(a2))
    return a1 - a2


@defcomposite(np.polymul)
def _polymul(a1: Any, a2: Any) -> Any:
    """Sum the products of all pairs over their diagonals, which are columns where each row stands one further to the
    right.
    """
    a1, a2 = (_without_leading_zeros(_line(each, "polymul")) for each in (a1, a2))
    n, m = len(a1), len(a2)
    products = np.concatenate([a1[:, None] * a2, np.zeros((n, n), a1.dtype)], axis=1)
    return np.sum(np.reshape(np.ravel(products)[:-n], (n, n + m - 1)), axis=0)


@defcomposite(np.polydiv)
def _polydiv(u: Any, v: Any) -> Any:
    """Divide by hand: subtract multiples of the divisor, and drop what of the remainder vanishes."""
    u, v = _line(u, "polydiv") + 0.0, _line(v, "polydiv") + 0.0
    dtype = np.result_type(u, v)
    scale, rest, quotient = 1.0 / v[0], u.astype(dtype), []
    n = len(v)
    for k in range(len(u) - n + 1):
        factor = scale * rest[k]
        quotient.append(factor)
        rest = np.concatenate([rest[:k], rest[k : k + n] - factor * v, rest[k + n :]])
    while len(rest) > 1 and bool(np.absolute(rest[0]) <= 1e-8):
        rest = rest[1:]
    return np.stack(quotient) if quotient else np.zeros(1, dtype), rest


@defcomposite(np.polyder)
def _polyder(p: Any, m: Any = 1) -> Any:
    p = _coefficients(p)
    if m < 0:
        raise OperandError(f"polyder takes an order of 0 or more: received {m}. See polyint.")
    for _ in range(int(m)):
        p = np.multiply(p[:-1], np.arange(max(len(p) - 1, 0), 0, -1))
    return p


@defcomposite(np.polyint)
def _polyint(p: Any, m: Any = 1, k: Any = None) -> Any:
    p, m = _coefficients(p), int(m)
    if m < 0:
        raise OperandError(f"polyint takes an order of 0 or more: received {m}. See polyder.")
    k = np.zeros(m) if k is None else at_least_1d(k)
    if len(k) == 1 and m > 1:
        k = k * np.ones(m)
    if len(k) < m:
        raise ShapeError(f"polyint takes one constant, or one for each of {m} integrations: received {len(k)}.")
    for i in range(m):
        p = np.concatenate([np.true_divide(p, np.arange(len(p), 0, -1)), k[i : i + 1]])
    return p


# --------------------------------------------------------------------------------------------------- values and roots
@defcomposite(np.polyval)
def _polyval(p: Any, x: Any) -> Any:
    """Horner's scheme."""
    if isinstance(x, np.poly1d):
        raise OperandError(
            "polyval takes numbers as x, and no numpy.poly1d: compose polynomials with np.polymul and np.polyadd."
        )
    p, x = _coefficients(p), array_of(x)
    y = np.zeros_like(x)
    for i in range(len(p)):
        y = y * x + p[i]
    return y


@defcomposite(np.vander)
def _vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    x = array_of(x)
    if x.ndim != 1:
        raise ShapeError(f"vander takes one axis: received shape {x.shape}.")
    n = len(x) if N is None else int(N)
    x = x.astype(np.promote_types(x.dtype, int))
    powers = np.concatenate(
        [
            np.ones((len(x), min(n, 1)), x.dtype),
            np.cumprod(np.broadcast_to(x[:, None], (len(x), max(n - 1, 0))), axis=1),
        ],
        axis=1,
    )
    return powers if increasing else np.flip(powers, 1)


@defcomposite(np.poly)
def _poly(seq_of_zeros: Any) -> Any:
    """Multiply ``x - root`` of all roots, or of the eigenvalues of a matrix."""
    roots = at_least_1d(seq_of_zeros)
    if roots.ndim == 2 and roots.shape[0] == roots.shape[1] != 0:
        roots = np.linalg.eigvals(roots)
    elif roots.ndim != 1:
        raise ShapeError(f"poly takes roots along one axis, or a square matrix: received shape {roots.shape}.")
    if not len(roots):
        return 1.0
    if roots.dtype.kind not in "fc":
        roots = roots.astype(float)
    p = np.ones(1, roots.dtype)
    for i in range(len(roots)):
        p = _times_linear(p, roots[i])
    paired = roots.dtype.kind == "c" and bool(np.all(np.equal(np.sort(roots), np.sort(np.conjugate(roots)))))
    return np.real(p) if paired else p


@defcomposite(np.roots)
def _roots(p: Any) -> Any:
    """The eigenvalues of the companion matrix; and 0 for each zero at the end."""
    p = _line(p, "roots")
    places = np.flatnonzero(p)
    if not len(places):
        return np.zeros(0)
    first, last = int(places[0]), int(places[-1])
    zeros, p = len(p) - 1 - last, p[first : last + 1]
    if p.dtype.kind not in "fc":
        p = p.astype(float)
    n = len(p) - 1
    if not n:
        return np.zeros(zeros)
    found = np.linalg.eigvals(np.concatenate([-(p[1:] / p[0])[None, :], np.eye(n - 1, n, dtype=p.dtype)]))
    if np.iscomplexobj(found) and not np.iscomplexobj(p) and not np.any(np.imag(found)):
        found = np.real(found)  # since NumPy 2.5 eigenvalues are always complex, and roots are not
    return np.concatenate([found, np.zeros(zeros, found.dtype)])


# --------------------------------------------------------------------------------------------------- fits
@defcomposite(np.polyfit)
def _polyfit(x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    """Least squares by the powers of ``x``, each scaled to length 1."""
    order, x, y = int(deg) + 1, array_of(x) + 0.0, array_of(y) + 0.0
    if deg < 0 or x.ndim != 1 or y.ndim not in (1, 2) or not x.size or len(x) != len(y):
        raise ShapeError(
            "polyfit takes points along one axis, as many values of them (in columns, if there are several), and a "
            f"degree of 0 or more: received shapes {x.shape} and {y.shape}, and deg={deg}."
        )
    rcond = len(x) * np.finfo(x.dtype).eps if rcond is None else rcond
    columns = _vander(x, order)
    if w is not None:
        w = array_of(w) + 0.0
        if w.shape != x.shape:
            raise ShapeError(f"polyfit takes one weight for each point: received shape {w.shape} for {len(x)} points.")
        columns, y = columns * w[:, None], y * (w[:, None] if y.ndim == 2 else w)
    scale = np.sqrt(np.sum(columns * columns, axis=0))
    columns = columns / scale
    c, squares, rank, s = np.linalg.lstsq(columns, y, rcond)
    c = np.transpose(np.transpose(c) / scale)
    if full:
        return c, squares, rank, s, rcond
    if int(rank) != order:
        warnings.warn("Polyfit may be poorly conditioned", np.exceptions.RankWarning, stacklevel=4)
    if not cov:
        return c
    covariance = np.linalg.inv(columns.T @ columns) / np.outer(scale, scale)
    if cov != "unscaled":
        if len(x) <= order:
            raise ShapeError(
                f"cov=True takes more points than coefficients, which are {order}: received {len(x)}. Pass "
                f"cov='unscaled'."
            )
        squares = squares / (len(x) - order)
        return c, covariance * squares if y.ndim == 1 else covariance[:, :, None] * squares
    return c, covariance if y.ndim == 1 else covariance[:, :, None]
