"""Derivatives of products of vectors, matrices and tensors.

All of them are bilinear: the cotangent of one operand is a product of the cotangent of the output with the other
operand, summed over the axes along which the operand was broadcast."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.registry.define import defacts, defcomposite, deflinear, defvjp
from autograd.rules.batch import defbatch, elementwise, widened
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


# --------------------------------------------------------------------------------------------------- batches
@defbatch(np.matmul)
def _matmul_batch(size: int, mapped: Any, x: Any, y: Any, **kwargs: Any) -> Any:
    """Of what a vector meets, and of matrices that all meet the same one, one product is enough."""
    of_x, of_y = mapped
    m, n = np.ndim(x) - of_x, np.ndim(y) - of_y
    if kwargs or not m or not n:
        return NotImplemented
    if of_x and not of_y and n == 1:
        return np.matmul(x, y)
    if of_x and not of_y and n == 2:
        shape = np.shape(x)
        return np.reshape(
            np.matmul(np.reshape(x, (math.prod(shape[:-1]), shape[-1])), y), (*shape[:-1], np.shape(y)[-1])
        )
    if of_y and not of_x and m == 1:
        return np.matmul(x, y) if n > 1 else np.matmul(y, x)
    if of_y and not of_x and (m, n) == (2, 1):
        return np.matmul(y, np.swapaxes(x, 0, 1))
    x = np.expand_dims(x, -2) if m == 1 else x
    y = np.expand_dims(y, -1) if n == 1 else y
    ndim = max(m, n, 2)
    product = np.matmul(widened(x, ndim) if of_x else x, widened(y, ndim) if of_y else y)
    return np.squeeze(product, tuple([axis for axis, width in ((-2, m), (-1, n)) if width == 1]))


@defbatch(np.dot)
def _dot_batch(size: int, mapped: Any, x: Any, y: Any) -> Any:
    of_x, of_y = mapped
    m, n = np.ndim(x) - of_x, np.ndim(y) - of_y
    if not m or not n:
        return _scaled(mapped, x, y)
    return (
        _matmul_batch(size, mapped, x, y)
        if m < 3 and n < 3
        else _tensordot_batch(size, mapped, x, y, axes=([m - 1], [max(n - 2, 0)]))
    )


@defbatch(np.inner)
def _inner_batch(size: int, mapped: Any, x: Any, y: Any) -> Any:
    of_x, of_y = mapped
    m, n = np.ndim(x) - of_x, np.ndim(y) - of_y
    return _tensordot_batch(size, mapped, x, y, axes=([m - 1], [n - 1])) if m and n else _scaled(mapped, x, y)


def _scaled(mapped: Any, x: Any, y: Any) -> Any:
    """The product with what has no axes; a Python number promotes as an array does, other than in `numpy.multiply`."""
    return elementwise(
        np.multiply, mapped, [each if hasattr(each, "dtype") else np.asarray(each) for each in (x, y)], {}
    )


@defbatch(np.tensordot)
def _tensordot_batch(size: int, mapped: Any, x: Any, y: Any, *, axes: Any = 2) -> Any:
    of_x, of_y = mapped
    m, n = np.ndim(x) - of_x, np.ndim(y) - of_y
    left, right = paired(axes, m, n)
    if not of_y:
        return np.tensordot(x, y, ([i + 1 for i in left], right))
    if not of_x:
        return np.moveaxis(np.tensordot(x, y, (left, [i + 1 for i in right])), m - len(left), 0)
    labels_x, labels_y = list(range(m)), list(range(m, m + n))
    for i, j in zip(left, right, strict=True):
        labels_y[j] = labels_x[i]
    free = [i for k, i in enumerate(labels_x) if k not in left] + [i for k, i in enumerate(labels_y) if k not in right]
    batch = m + n
    return np.einsum(x, [batch, *labels_x], y, [batch, *labels_y], [batch, *free], optimize=True)


@defbatch(np.vecdot)
def _vecdot_batch(size: int, mapped: Any, x: Any, y: Any, **kwargs: Any) -> Any:
    if kwargs:
        return NotImplemented
    return np.sum(elementwise(np.multiply, mapped, (np.conjugate(x) if np.iscomplexobj(x) else x, y), {}), axis=-1)


@defbatch(np.matvec)
def _matvec_batch(size: int, mapped: Any, x: Any, y: Any, **kwargs: Any) -> Any:
    return np.squeeze(_matmul_batch(size, mapped, x, np.expand_dims(y, -1)), -1) if not kwargs else NotImplemented


@defbatch(np.vecmat)
def _vecmat_batch(size: int, mapped: Any, x: Any, y: Any, **kwargs: Any) -> Any:
    x = np.expand_dims(np.conjugate(x) if np.iscomplexobj(x) else x, -2)
    return np.squeeze(_matmul_batch(size, mapped, x, y), -2) if not kwargs else NotImplemented


defacts(np.dot, np.outer, np.inner, np.tensordot, static=True, fresh=True)
defacts(np.matmul, symbol="@")
defacts(np.dot, np.outer, writes_out=True)
defacts(np.dot, parameters=("a", "b", "out"))  # before NumPy 2.4 it does not tell them
defacts(np.vecdot, np.vecmat, analytic=False)
