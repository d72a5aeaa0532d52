"""How functions work on a whole batch at once: tables of what becomes of a call whose operands got one more axis, in
front.

A rule runs on arrays, or on anything that speaks NumPy's protocols, and returns the result with that axis in front
again; or NotImplemented, which means that the call is made once for each element of the batch. Axes are counted from
the end, where one more in front changes nothing."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd.core import operations
from autograd.core.registry import RULES, Spec
from autograd.rules.contract import paired
from autograd.rules.einsum import written_out

# Of one operand, which has the axis: ``rule(x, ndim, **parameters)``, where ndim counts the other axes.
OF_ONE: dict[Callable[..., Any], Callable[..., Any]] = {}
# Of several: ``rule(size, mapped, *args, **parameters)``; the flags in ``mapped`` say which arguments have the axis.
OF_SEVERAL: dict[Callable[..., Any], Callable[..., Any]] = {}


def is_elementwise(fn: Callable[..., Any]) -> bool:
    """Whether a function broadcasts its operands against each other, element by element."""
    if isinstance(fn, np.ufunc):
        return fn.signature is None
    return fn in _ELEMENTWISE or (fn in RULES and RULES[fn].elementwise)


_ELEMENTWISE = {
    operator.pow,
    operations.identity,
    operations.astype,
    np.copy,
    np.real,
    np.imag,
    np.angle,
    np.round,
    np.around,
    np.fix,
    np.isclose,
}


def elementwise(fn: Callable[..., Any], mapped: Sequence[bool], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Call an elementwise function: give every operand with the axis as many axes as the widest one has."""
    widths = [np.ndim(x) - flag if x is not None else 0 for x, flag in zip(args, mapped, strict=True)]
    ndim = max(widths)
    return fn(
        *[widened(x, ndim) if flag and n < ndim else x for x, flag, n in zip(args, mapped, widths, strict=True)],
        **kwargs,
    )


def widened(x: Any, ndim: int) -> Any:
    """Insert axes of length 1 after the first one, until ``ndim`` follow it."""
    shape = np.shape(x)
    return np.reshape(x, (shape[0], *(1,) * (ndim + 1 - len(shape)), *shape[1:]))


def _everywhere(x: Any, size: int, flag: Any) -> Any:
    """Return an operand with the axis, whether it had it or not. Lists of numbers had it not."""
    return x if flag is True else np.broadcast_to(x, (size, *np.shape(x)))


def _from_end(axis: Any, ndim: int) -> Any:
    """Count an axis, or several, from the end."""
    if isinstance(axis, (tuple, list)):
        return tuple([each - ndim for each in normalize_axis_tuple(axis, ndim)])
    return normalize_axis_index(operator.index(axis), ndim) - ndim


def _flat(x: Any) -> Any:
    shape = np.shape(x)
    return np.reshape(x, (shape[0], math.prod(shape[1:])))


# --------------------------------------------------------------------------------------------------- along axes
def _define_reduction(fn: Any) -> None:
    def rule(x: Any, ndim: int, *, axis: Any = None, **kwargs: Any) -> Any:
        if np.ndim(kwargs.get("where", True)) > ndim or (not ndim and axis not in (None, ())):
            return NotImplemented
        return fn(x, axis=tuple(range(-ndim, 0)) if axis is None else _from_end(axis, ndim), **kwargs)

    OF_ONE[fn] = rule


def _define_along(fn: Any, default: int | None, name: str = "axis") -> None:
    """Of functions along one axis, or along the only one of the flattened array."""

    def rule(x: Any, ndim: int, **kwargs: Any) -> Any:
        axis = kwargs.pop(name, default)
        if not ndim or (axis is None and "keepdims" in kwargs):
            return NotImplemented
        return (
            fn(_flat(x), **{name: -1}, **kwargs) if axis is None else fn(x, **{name: _from_end(axis, ndim)}, **kwargs)
        )

    OF_ONE[fn] = rule


def _define_same_shape(fn: Any, name: str = "axis") -> None:
    """Of functions along several axes, or along all."""

    def rule(x: Any, ndim: int, **kwargs: Any) -> Any:
        axes = kwargs.pop(name, None)
        return fn(x, **{name: tuple(range(-ndim, 0)) if axes is None else _from_end(axes, ndim)}, **kwargs)

    OF_ONE[fn] = rule


_fn: Any
for _fn in (
    np.sum,
    np.prod,
    np.mean,
    np.var,
    np.std,
    np.max,
    np.amax,
    np.min,
    np.amin,
    np.any,
    np.all,
    np.count_nonzero,
    np.nanmax,
    np.nanmin,
):
    _define_reduction(_fn)
for _fn in (np.cumsum, np.cumprod, np.argmax, np.argmin):
    _define_along(_fn, None)
for _fn in (np.sort, np.argsort, np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft):
    _define_along(_fn, -1)
_define_same_shape(np.flip)
_define_same_shape(np.fft.fftshift, "axes")
_define_same_shape(np.fft.ifftshift, "axes")


# --------------------------------------------------------------------------------------------------- other shapes
def _reshape(x: Any, ndim: int, *, shape: Any = None, newshape: Any = None, order: str = "C", copy: Any = None) -> Any:
    if order not in ("C", "F"):
        return NotImplemented
    shape = newshape if shape is None else shape
    shape = [operator.index(n) for n in (shape if isinstance(shape, (tuple, list)) else (shape,))]
    rest = math.prod([n for n in shape if n != -1])
    if -1 in shape and rest:
        shape[shape.index(-1)] = math.prod(np.shape(x)[1:]) // rest
    if order == "F":
        return _turned(np.reshape(_turned(x), (np.shape(x)[0], *shape[::-1])))
    return np.reshape(x, (np.shape(x)[0], *shape))


def _turned(x: Any) -> Any:
    """Reverse the order of the axes behind the first one."""
    return np.transpose(x, (0, *range(np.ndim(x) - 1, 0, -1)))


def _transpose(x: Any, ndim: int, *, axes: Any = None) -> Any:
    axes = range(ndim)[::-1] if axes is None else normalize_axis_tuple(axes, ndim)
    return np.transpose(x, (0, *[i + 1 for i in axes]))


def _expand_dims(x: Any, ndim: int, *, axis: Any) -> Any:
    return np.expand_dims(x, _from_end(axis, ndim + (len(axis) if isinstance(axis, (tuple, list)) else 1)))


def _squeeze(x: Any, ndim: int, *, axis: Any = None) -> Any:
    if axis is None:
        axis = tuple([i for i, n in enumerate(np.shape(x)[1:]) if n == 1])
    return np.squeeze(x, _from_end(axis, ndim))


def _roll(x: Any, ndim: int, *, shift: Any, axis: Any = None) -> Any:
    return (
        np.roll(x, shift, _from_end(axis, ndim))
        if axis is not None
        else np.reshape(np.roll(_flat(x), shift, -1), np.shape(x))
    )


def _repeat(x: Any, ndim: int, *, repeats: Any, axis: Any = None) -> Any:
    return (
        np.repeat(_flat(x), repeats, -1)
        if axis is None
        else np.repeat(x, repeats, _from_end(axis, ndim))
        if ndim
        else NotImplemented
    )


def _pad(x: Any, ndim: int, *, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    if (
        isinstance(pad_width, dict)
        or callable(mode)
        or not all(isinstance(value, (int, float, complex, str)) for value in kwargs.values())
    ):
        return NotImplemented
    return np.pad(x, [(0, 0), *np.broadcast_to(pad_width, (ndim, 2)).tolist()], mode, **kwargs)


def _broadcast_to(x: Any, ndim: int, *, shape: Any) -> Any:
    shape = shape if isinstance(shape, (tuple, list)) else (shape,)
    return np.broadcast_to(widened(x, max(len(shape), ndim)), (np.shape(x)[0], *shape))


def _spread(x: Any, ndim: int, *, shape: Any) -> Any:
    return operations.spread(widened(x, len(shape)), shape=(np.shape(x)[0], *shape))


def _take(x: Any, ndim: int, *, indices: Any, axis: Any = None, mode: Any = "raise") -> Any:
    return (
        np.take(_flat(x), indices, -1, mode=mode)
        if axis is None
        else np.take(x, indices, _from_end(axis, ndim), mode=mode)
    )


OF_ONE |= {
    np.reshape: _reshape,
    np.ravel: lambda x, ndim, *, order="C": (
        _flat(x) if order == "C" else _flat(_turned(x)) if order == "F" else NotImplemented
    ),
    np.transpose: _transpose,
    np.swapaxes: lambda x, ndim, *, axis1, axis2: np.swapaxes(x, _from_end(axis1, ndim), _from_end(axis2, ndim)),
    np.moveaxis: lambda x, ndim, *, source, destination: np.moveaxis(
        x, _from_end(source, ndim), _from_end(destination, ndim)
    ),
    np.expand_dims: _expand_dims,
    np.squeeze: _squeeze,
    np.roll: _roll,
    np.fliplr: lambda x, ndim: np.flip(x, _from_end(1, ndim)),
    np.flipud: lambda x, ndim: np.flip(x, _from_end(0, ndim)),
    np.rot90: lambda x, ndim, *, k=1, axes=(0, 1): np.rot90(x, k, _from_end(axes, ndim)),
    np.repeat: _repeat,
    np.pad: _pad,
    np.broadcast_to: _broadcast_to,
    operations.spread: _spread,
    np.take: _take,
}


def _concatenate(size: int, mapped: Any, arrays: Any, *, axis: Any = 0, **kwargs: Any) -> Any:
    if mapped[0] is True:  # one array in place of a list
        return NotImplemented
    arrays = [_everywhere(x, size, flag) for x, flag in zip(arrays, mapped[0], strict=True)]
    if axis is None:
        return np.concatenate([_flat(x) for x in arrays], axis=-1, **kwargs)
    return np.concatenate(arrays, axis=_from_end(axis, np.ndim(arrays[0]) - 1), **kwargs)


def _stack(size: int, mapped: Any, arrays: Any, *, axis: Any = 0, **kwargs: Any) -> Any:
    if mapped[0] is True:  # one array in place of a list
        return NotImplemented
    arrays = [_everywhere(x, size, flag) for x, flag in zip(arrays, mapped[0], strict=True)]
    return np.stack(arrays, axis=_from_end(axis, np.ndim(arrays[0])), **kwargs)


OF_SEVERAL |= {np.concatenate: _concatenate, np.stack: _stack}


# --------------------------------------------------------------------------------------------------- linear algebra
for _fn in (
    *(
        np.linalg.inv,
        np.linalg.pinv,
        np.linalg.det,
        np.linalg.slogdet,
        np.linalg.cond,
        np.linalg.cholesky,
        np.linalg.qr,
        np.linalg.svd,
    ),
    *(np.linalg.eigh, np.linalg.eigvalsh, np.linalg.eig, np.linalg.eigvals),
):
    OF_ONE[_fn] = lambda x, ndim, fn=_fn, **kwargs: fn(x, **kwargs)


def _norm(x: Any, ndim: int, *, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if axis is None and ord is None:
        return np.linalg.norm(_flat(x), axis=-1) if not keepdims else NotImplemented
    axis = tuple(range(ndim)) if axis is None else axis
    axis = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
    return np.linalg.norm(x, ord, _from_end(axis, ndim), keepdims)


def _solve(size: int, mapped: Any, a: Any, b: Any) -> Any:
    of_a, of_b = mapped
    widths = np.ndim(a) - of_a, np.ndim(b) - of_b
    if widths == (2, 1):
        return (
            np.linalg.solve(a, b[..., None])[..., 0]
            if of_a
            else np.swapaxes(np.linalg.solve(a, np.swapaxes(b, 0, 1)), 0, 1)
        )
    if widths[1] < 2:
        return NotImplemented
    ndim = max(widths)
    return np.linalg.solve(widened(a, ndim) if of_a else a, widened(b, ndim) if of_b else b)


OF_ONE[np.linalg.norm] = _norm
OF_SEVERAL[np.linalg.solve] = _solve


def _matmul(size: int, mapped: Any, x: Any, y: Any, **kwargs: Any) -> Any:
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


def _dot(size: int, mapped: Any, x: Any, y: Any) -> Any:
    of_x, of_y = mapped
    m, n = np.ndim(x) - of_x, np.ndim(y) - of_y
    if not m or not n:
        return _scaled(mapped, x, y)
    return (
        _matmul(size, mapped, x, y)
        if m < 3 and n < 3
        else _tensordot(size, mapped, x, y, axes=([m - 1], [max(n - 2, 0)]))
    )


def _inner(size: int, mapped: Any, x: Any, y: Any) -> Any:
    of_x, of_y = mapped
    m, n = np.ndim(x) - of_x, np.ndim(y) - of_y
    return _tensordot(size, mapped, x, y, axes=([m - 1], [n - 1])) if m and n else _scaled(mapped, x, y)


def _scaled(mapped: Any, x: Any, y: Any) -> Any:
    """The product with what has no axes; a Python number promotes as an array does, other than in `numpy.multiply`."""
    return elementwise(
        np.multiply, mapped, [each if hasattr(each, "dtype") else np.asarray(each) for each in (x, y)], {}
    )


def _tensordot(size: int, mapped: Any, x: Any, y: Any, *, axes: Any = 2) -> Any:
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


def _einsum(size: int, mapped: Any, *operands: Any, optimize: Any = False) -> Any:
    """One more label, which the operands with the axis and the result have in front."""
    written = written_out(
        tuple([Spec(np.shape(x)[1:], x.dtype) if flag is True else x for x, flag in zip(operands, mapped, strict=True)])
    )
    known = {
        label: i
        for i, label in enumerate(
            dict.fromkeys([label for term in [*written.inputs, written.output] for label in term])
        )
    }
    batch = len(known)
    if batch > 50:
        return NotImplemented
    call: list[Any] = []
    for position, term in zip(written.positions, written.inputs, strict=True):
        labels = [known[label] for label in term]
        call += [operands[position], [batch, *labels] if mapped[position] is True else labels]
    return np.einsum(*call, [batch, *[known[label] for label in written.output]], optimize=optimize or True)


OF_SEVERAL |= {np.matmul: _matmul, np.dot: _dot, np.inner: _inner, np.tensordot: _tensordot, np.einsum: _einsum}


def _vecdot(size: int, mapped: Any, x: Any, y: Any, **kwargs: Any) -> Any:
    if kwargs:
        return NotImplemented
    return np.sum(elementwise(np.multiply, mapped, (np.conjugate(x) if np.iscomplexobj(x) else x, y), {}), axis=-1)


def _matvec(size: int, mapped: Any, x: Any, y: Any, **kwargs: Any) -> Any:
    return np.squeeze(_matmul(size, mapped, x, np.expand_dims(y, -1)), -1) if not kwargs else NotImplemented


def _vecmat(size: int, mapped: Any, x: Any, y: Any, **kwargs: Any) -> Any:
    x = np.expand_dims(np.conjugate(x) if np.iscomplexobj(x) else x, -2)
    return np.squeeze(_matmul(size, mapped, x, y), -2) if not kwargs else NotImplemented


OF_SEVERAL |= {np.vecdot: _vecdot, np.matvec: _matvec, np.vecmat: _vecmat}


# --------------------------------------------------------------------------------------------------- indices
def _behind(index: Any) -> tuple[tuple[Any, ...], int] | None:
    """Return an index that selects the same behind one more axis, and where that axis then stands; None for what is not
    an index of arrays.

    NumPy puts the axes of arrays in an index first where a slice stands between two of them.
    """
    parts = [
        np.asarray(each) if isinstance(each, list) else each
        for each in (index if isinstance(index, tuple) else (index,))
    ]
    arrays = [each for each in parts if isinstance(each, np.ndarray)]
    if any(
        isinstance(each, (bool, np.bool_)) or (isinstance(each, np.ndarray) and not each.ndim and each.dtype == bool)
        for each in parts
    ):
        return None
    if not all(
        each is None or each is Ellipsis or isinstance(each, (int, np.integer, slice, np.ndarray)) for each in parts
    ):
        return None
    advanced = [i for i, each in enumerate(parts) if arrays and isinstance(each, (int, np.integer, np.ndarray))]
    if not advanced or advanced[-1] - advanced[0] == len(advanced) - 1:
        return (slice(None), *parts), 0
    shapes = [np.shape(each) if each.dtype != bool else (np.count_nonzero(each),) for each in arrays]
    return (slice(None), *parts), len(np.broadcast_shapes(*shapes))


def _getitem(size: int, mapped: Any, x: Any, index: Any) -> Any:
    if _any(mapped[1]):
        return _picked(size, mapped, x, index)
    found = _behind(index)
    if found is None:
        return NotImplemented
    result = operations.getitem(x, found[0])
    return np.moveaxis(result, found[1], 0) if found[1] else result


def _picked(size: int, mapped: Any, x: Any, index: Any) -> Any:
    """An index of integers that differs along the axis, for every axis of ``x`` or the first ones: the axis indexes
    itself.
    """
    if not isinstance(index, tuple):
        index, flags = (index,), (mapped[1],)
    else:
        flags = mapped[1]
    if any(
        np.result_type(part).kind not in "iu" if hasattr(part, "dtype") else not isinstance(part, (int, np.integer))
        for part in index
    ):
        return NotImplemented
    if not all(isinstance(part, (int, np.integer, np.ndarray)) for part in index):
        return NotImplemented
    ndim = max(np.ndim(part) - bool(flag) for part, flag in zip(index, flags, strict=True))
    parts = [widened(part, ndim) if flag else part for part, flag in zip(index, flags, strict=True)]
    if not mapped[0]:
        return operations.getitem(x, tuple(parts))
    return operations.getitem(x, (np.reshape(np.arange(size), (size,) + (1,) * ndim), *parts))


def _setitem(size: int, mapped: Any, x: Any, index: Any, value: Any) -> Any:
    found = None if _any(mapped[1]) else _behind(index)
    if found is None or found[1]:
        return NotImplemented
    x = _everywhere(x, size, mapped[0])
    if mapped[2]:
        width = np.ndim(operations.getitem(x, found[0])) - 1
        value = (
            np.reshape(value, (size, *np.shape(value)[np.ndim(value) - width :]))
            if np.ndim(value) - 1 > width
            else widened(value, width)
        )
    return operations.setitem(x, found[0], value)


def _scatter(size: int, mapped: Any, parts: Any, *, indices: Any, shape: Any) -> Any:
    behind = [_behind(index) for index in indices]
    if any(found is None for found in behind):
        return NotImplemented
    parts = [_everywhere(part, size, flag) for part, flag in zip(parts, mapped[0], strict=True)]
    moved = [
        np.moveaxis(part, 0, found[1]) if found and found[1] else part
        for part, found in zip(parts, behind, strict=True)
    ]
    return operations.scatter(moved, [found[0] for found in behind if found], (size, *shape))


def _any(flags: Any) -> bool:
    return any(_any(each) for each in flags) if isinstance(flags, (tuple, list)) else flags is True


OF_SEVERAL |= {operations.getitem: _getitem, operations.setitem: _setitem, operations.scatter: _scatter}
