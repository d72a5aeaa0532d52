"""Derivatives of reductions and of running sums and products.

The cotangent of a reduction gets the reduced axes back with length 1, and is spread over the operand.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.registry import defcomposite, defvjp

Axis = int | tuple[int, ...] | None


def _kept(g: Any, shape: tuple[int, ...], axis: Axis) -> Any:
    """Give a reduced array its reduced axes back, with length 1."""
    axes = _axes(axis, len(shape))
    return np.reshape(g, tuple([1 if i in axes else n for i, n in enumerate(shape)]))


def _axes(axis: Axis, ndim: int) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(ndim))
    return tuple([a % ndim for a in (axis if isinstance(axis, tuple) else (axis,))]) if ndim else ()


def _count(shape: tuple[int, ...], axis: Axis) -> int:
    return math.prod([shape[a] for a in _axes(axis, len(shape))])


def _spread(g: Any, shape: tuple[int, ...], axis: Axis) -> Any:
    return np.broadcast_to(_kept(g, shape, axis), shape)


# --------------------------------------------------------------------------------------------------- sums and moments
defvjp(np.sum, lambda g, _, _x, axis=None, dtype=None, keepdims=False: _spread(g, _x.shape, axis))
defvjp(np.mean, lambda g, _, _x, axis=None, dtype=None, keepdims=False: _spread(g / _count(_x.shape, axis), _x.shape, axis))
defvjp(
    np.var,
    lambda g, _, x, axis=None, ddof=0, keepdims=False: _spread(g, x.shape, axis) * _deviation(x, axis, ddof, 2),
)
defvjp(
    np.std,
    lambda g, ans, x, axis=None, ddof=0, keepdims=False: _spread(g / np.where(ans == 0, 1, ans), x.shape, axis) * _deviation(x, axis, ddof, 1),
)


def _deviation(x: Any, axis: Axis, ddof: float, factor: float) -> Any:
    """``factor * conj(x - mean(x)) / (n - ddof)``."""
    return np.conjugate(x - np.mean(x, axis=axis, keepdims=True)) * (factor / (_count(np.shape(x), axis) - ddof))


# --------------------------------------------------------------------------------------------------- extrema: ties share the cotangent
def _extremum(g: Any, ans: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    chosen = x == _kept(ans, np.shape(x), axis)
    count = np.sum(chosen, axis=axis, keepdims=True).astype(g.dtype)
    return np.where(chosen, _kept(g, np.shape(x), axis) / count, 0)


defvjp(np.max, _extremum)
defvjp(np.min, _extremum)


@defcomposite(np.ptp)
def _ptp(a: Any, axis: Axis = None, out: None = None, keepdims: bool = False) -> Any:
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


# --------------------------------------------------------------------------------------------------- products
def _prod(g: Any, _: Any, x: Any, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Any:
    """Each factor gets the product of the others, formed without a division, and so right with any number of zeros."""
    shape = np.shape(x)
    axes = _axes(axis, len(shape))
    rest = tuple([i for i in range(len(shape)) if i not in axes])
    flat = np.reshape(np.transpose(x, rest + axes), tuple([shape[i] for i in rest]) + (_count(shape, axis),))
    others = np.reshape(_product_of_others(flat), tuple([shape[i] for i in rest + axes]))
    return _kept(g, shape, axis) * np.transpose(others, tuple(np.argsort(rest + axes)))


def _product_of_others(x: Any) -> Any:
    """For each item of the last axis, the product of all others: pair the items, and ask the same of the pairs' products."""
    n = np.shape(x)[-1]
    if n <= 1:
        return np.ones_like(x)
    if n % 2:
        x = np.concatenate([x, np.ones_like(x[..., :1])], axis=-1)
    left, right = x[..., ::2], x[..., 1::2]
    others = _product_of_others(left * right)
    return np.reshape(np.stack([others * right, others * left], axis=-1), np.shape(x))[..., :n]


defvjp(np.prod, _prod)


def _along(x: Any, axis: int | None) -> tuple[Any, int]:
    """Return what a running sum or product runs along: an array and one of its axes."""
    return (np.reshape(x, (-1,)), 0) if axis is None else (x, axis)


def _cumsum(g: Any, _: Any, _x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    g, axis = _along(g, axis)
    return np.reshape(np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis), _x.shape)


def _cumprod(g: Any, _: Any, x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Horner's scheme from the end: ``s[i] = g[i] + x[i + 1] s[i + 1]``, times the product of what comes before ``i``."""
    shape = np.shape(x)
    flat, along = _along(x, axis)
    g, flat = np.moveaxis(g, along, 0), np.moveaxis(flat, along, 0)
    n = np.shape(flat)[0]
    if n == 0:
        return np.reshape(g, shape)
    sums = [g[n - 1]]
    for i in range(n - 2, -1, -1):
        sums.append(g[i] + flat[i + 1] * sums[-1])
    before = np.concatenate([np.ones_like(flat[:1]), np.cumprod(flat[:-1], axis=0)], axis=0)
    return np.reshape(np.moveaxis(before * np.stack(sums[::-1]), 0, along), shape)


defvjp(np.cumsum, _cumsum)
defvjp(np.cumprod, _cumprod)
