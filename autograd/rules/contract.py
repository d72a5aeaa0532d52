"""Derivatives of products of vectors, matrices and tensors.

All of them are bilinear: the cotangent of one operand is a product of the cotangent of the output with the other
operand, summed over the axes along which the operand was broadcast."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.core.registry import defcomposite, deflinear, defvjp
from autograd.rules.shape import sum_to

# --------------------------------------------------------------------------------------------- matmul and its relatives
# These ufuncs never come by the short way, which is for operands that are Python numbers, so a Spec is always there.


def _matmul_x(g: Any, _: Any, _x: Any, y: Any) -> Any:
    """``g @ y.T``, where a vector is a matrix of one row (``x``) or of one column (``y``)."""
    if _x.ndim == 2 and y.ndim == 2:
        return np.dot(g, y.T)
    if y.ndim == 1:
        return g * y if _x.ndim == 1 else sum_to(g[..., None] * y, _x.shape)
    if _x.ndim == 1:
        return np.dot(y, g) if y.ndim == 2 else sum_to(np.matmul(y, g[..., None])[..., 0], _x.shape)
    return sum_to(g @ np.swapaxes(y, -1, -2), _x.shape)


def _matmul_y(g: Any, _: Any, x: Any, _y: Any) -> Any:
    """``x.T @ g``, likewise."""
    if x.ndim == 2 and _y.ndim < 3:
        return np.dot(x.T, g)
    if x.ndim == 1:
        return sum_to(g[..., None, :] * x[:, None] if _y.ndim > 1 else g * x, _y.shape)
    if _y.ndim == 1:
        return sum_to(np.matmul(np.swapaxes(x, -1, -2), g[..., None])[..., 0], _y.shape)
    if _y.ndim == 2:  # all matrices of the batch meet the same one: one product sums over the batch
        rows = math.prod(x.shape[:-1])
        return np.reshape(x, (rows, x.shape[-1])).T @ np.reshape(g, (rows, g.shape[-1]))
    return sum_to(np.swapaxes(x, -1, -2) @ g, _y.shape)


def _last(x: Any, axis: int) -> Any:
    """Move the axis that a vecdot sums over to the end, so that the others broadcast. Each operand counts its axes for
    itself.
    """
    return np.moveaxis(x, axis, -1)


def _vecdot_cotangent(g: Any, other: Any, shape: tuple[int, ...], axis: int) -> Any:
    """``g`` times the other operand, summed to an operand of the given shape."""
    last = (*shape[: axis % len(shape)], *shape[axis % len(shape) + 1 :], shape[axis])
    return np.moveaxis(sum_to(g[..., None] * _last(other, axis), last), -1, axis)


def _vecdot_x(g: Any, _: Any, _x: Any, y: Any, *, axis: int = -1, keepdims: bool = False) -> Any:
    g = np.squeeze(g, axis) if keepdims else g
    return np.conjugate(_vecdot_cotangent(g, y, _x.shape, axis))


def _vecdot_y(g: Any, _: Any, x: Any, _y: Any, *, axis: int = -1, keepdims: bool = False) -> Any:
    g = np.squeeze(g, axis) if keepdims else g
    return _vecdot_cotangent(g, np.conjugate(x), _y.shape, axis)


defvjp(np.matmul, _matmul_x, _matmul_y)
defvjp(np.vecdot, _vecdot_x, _vecdot_y)
defvjp(
    np.matvec,
    lambda g, _, _x, y: sum_to(g[..., :, None] * y[..., None, :], _x.shape),
    lambda g, _, x, _y: sum_to(np.matmul(np.swapaxes(x, -1, -2), g[..., None])[..., 0], _y.shape),
)
defvjp(
    np.vecmat,
    lambda g, _, _x, y: sum_to(np.conjugate(np.matmul(y, g[..., None])[..., 0]), _x.shape),
    lambda g, _, x, _y: sum_to(np.conjugate(x)[..., :, None] * g[..., None, :], _y.shape),
)


# ---------------------------------------------------------------------------------------------- sums over pairs of axes
def _contracted_a(g: Any, _a: Any, b: Any, axes_a: list[int], axes_b: list[int]) -> Any:
    """The cotangent of the first operand of a tensordot: contract the free axes of the second one."""
    free_a = [i for i in range(_a.ndim) if i not in axes_a]
    free_b = [i for i in range(b.ndim) if i not in axes_b]
    c = np.tensordot(g, b, (list(range(len(free_a), np.ndim(g))), free_b))
    # The axes of c: the free ones of a, then those of b that were contracted, in the order in which b has them.
    order = free_a + [axes_a[axes_b.index(i)] for i in sorted(axes_b)]
    return np.transpose(c, sorted(range(_a.ndim), key=order.__getitem__))


def _contracted_b(g: Any, a: Any, _b: Any, axes_a: list[int], axes_b: list[int]) -> Any:
    """The cotangent of the second operand of a tensordot."""
    free_a = [i for i in range(a.ndim) if i not in axes_a]
    free_b = [i for i in range(_b.ndim) if i not in axes_b]
    c = np.tensordot(a, g, (free_a, list(range(len(free_a)))))
    order = [axes_b[axes_a.index(i)] for i in sorted(axes_a)] + free_b
    return np.transpose(c, sorted(range(_b.ndim), key=order.__getitem__))


def paired(axes: Any, ndim_a: int, ndim_b: int) -> tuple[list[int], list[int]]:
    """Read the axes of a tensordot: a number of them, or two lists."""
    if not np.ndim(axes) and not isinstance(axes, (list, tuple)):
        return list(range(ndim_a - int(axes), ndim_a)), list(range(int(axes)))
    left, right = (list(np.atleast_1d(each).astype(int).tolist()) for each in axes)
    return [i % ndim_a for i in left], [i % ndim_b for i in right]


def _axes(operand: Any) -> int:
    """How many axes an array, a Spec or a number has: as `numpy.ndim`, which takes longer and knows no Spec."""
    return getattr(operand, "ndim", 0)


def _dot_a(g: Any, _: Any, _a: Any, b: Any) -> Any:
    """A dot is a matmul, if neither operand is a number and the second one has no more axes than a matrix."""
    if not (_axes(_a) and _axes(b)):
        return sum_to(g * b, np.shape(_a))
    return _matmul_x(g, _, _a, b) if b.ndim < 3 else _contracted_a(g, _a, b, [_a.ndim - 1], [b.ndim - 2])


def _dot_b(g: Any, _: Any, a: Any, _b: Any) -> Any:
    if not (_axes(a) and _axes(_b)):
        return sum_to(g * a, np.shape(_b))
    return _matmul_y(g, _, a, _b) if _b.ndim < 3 else _contracted_b(g, a, _b, [a.ndim - 1], [_b.ndim - 2])


def _inner_a(g: Any, _: Any, _a: Any, b: Any) -> Any:
    if np.ndim(_a) == 0 or np.ndim(b) == 0:
        return sum_to(g * b, np.shape(_a))
    return _contracted_a(g, _a, b, [_a.ndim - 1], [b.ndim - 1])


def _inner_b(g: Any, _: Any, a: Any, _b: Any) -> Any:
    if np.ndim(a) == 0 or np.ndim(_b) == 0:
        return sum_to(g * a, np.shape(_b))
    return _contracted_b(g, a, _b, [a.ndim - 1], [_b.ndim - 1])


defvjp(np.dot, _dot_a, _dot_b)
defvjp(
    np.outer,
    lambda g, _, _a, b: np.reshape(np.dot(g, np.ravel(b)), np.shape(_a)),
    lambda g, _, a, _b: np.reshape(np.dot(np.ravel(a), g), np.shape(_b)),
)
defvjp(np.inner, _inner_a, _inner_b)
defvjp(
    np.tensordot,
    lambda g, _, _a, b, *, axes=2: _contracted_a(g, _a, b, *paired(axes, _a.ndim, b.ndim)),
    lambda g, _, a, _b, *, axes=2: _contracted_b(g, a, _b, *paired(axes, a.ndim, _b.ndim)),
)
deflinear(np.matmul, np.vecdot, np.matvec, np.vecmat, np.dot, np.outer, np.inner, np.tensordot, each=True)


# ------------------------------------------------------------------------------------- products that are made of others
@defcomposite(np.vdot)
def _vdot(a: Any, b: Any, /) -> Any:
    return np.dot(np.conjugate(np.ravel(a)) if np.iscomplexobj(a) else np.ravel(a), np.ravel(b))


@defcomposite(np.kron)
def _kron(a: Any, b: Any) -> Any:
    """Multiply every element of one by every element of the other, each axis of the result joining a pair of axes."""
    ndim = max(np.ndim(a), np.ndim(b))
    shape_a = (1,) * (ndim - np.ndim(a)) + np.shape(a)
    shape_b = (1,) * (ndim - np.ndim(b)) + np.shape(b)
    left = np.reshape(a, tuple([k for n in shape_a for k in (n, 1)]))
    right = np.reshape(b, tuple([k for n in shape_b for k in (1, n)]))
    return np.reshape(np.multiply(left, right), tuple([n * m for n, m in zip(shape_a, shape_b, strict=True)]))
