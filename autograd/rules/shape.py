"""Derivatives of changes of shape: the same elements in other places, some of them repeated or left out."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.errors import NoDerivativeError, OperandError, ShapeError
from autograd.registry.define import defacts, defcomposite, defjvp, deflinear, defvjp, operation
from autograd.registry.operations import Scattered, scatter, spread
from autograd.registry.paths import Path, Step
from autograd.rules.batch import along_axes, defbatch_of_one, flattened, from_end, widened

Axis = int | tuple[int, ...] | None


def sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum an array over the axes along which a value of the given shape was broadcast to it."""
    if np.shape(g) == shape:
        return g
    extra = np.ndim(g) - len(shape)
    repeated = tuple([i + extra for i, n in enumerate(shape) if n == 1])
    return np.reshape(np.sum(g, axis=(*range(extra), *repeated)), shape)


def array_of(x: Any) -> Any:
    """Return an array or tensor as it is, and make one of anything else, of lists in which tensors stand too."""
    if hasattr(x, "shape"):
        return x
    return np.stack([array_of(each) for each in x]) if _holds_array(x) else np.asarray(x)


def _holds_array(x: Any) -> bool:
    return isinstance(x, (list, tuple)) and any(hasattr(each, "__array_function__") or _holds_array(each) for each in x)


def along(axis: int, ndim: int, index: Any) -> tuple[Any, ...]:
    """Return the index tuple that applies an index to one axis."""
    return (slice(None),) * (axis % ndim) + (index,)


def flat_along(x: Any, axis: int | None) -> tuple[Any, int]:
    """Return an array and the axis to work along: the first one of the flattened array where the axis is None."""
    x = array_of(x)
    return (np.reshape(x, (-1,)), 0) if axis is None else (x, axis)


# --------------------------------------------------------------------------------------------------- other axes
defvjp(np.copy, lambda g, _, _x, *, order="K", subok=False: g)


def _reshape(
    g: Any, _: Any, _x: Any, *, shape: Any = None, newshape: Any = None, order: str = "C", copy: Any = None
) -> Any:
    return np.reshape(g, _x.shape, order=_known_order(order))


def _known_order(order: str) -> Any:
    """Refuse the orders that depend on the layout in memory, which a cotangent need not share with its operand."""
    if order not in ("C", "F"):
        raise NoDerivativeError(
            f'the derivative of a reshape knows the orders "C" and "F": received order={order!r}. Write one of them.'
        )
    return order


def _transpose(g: Any, _: Any, _x: Any, *, axes: Any = None) -> Any:
    return np.transpose(g) if axes is None else np.transpose(g, inverse([i % _x.ndim for i in axes]))


def inverse(permutation: Any) -> tuple[int, ...]:
    """Return the inverse of a permutation of axes."""
    return tuple(sorted(range(len(permutation)), key=permutation.__getitem__))


defvjp(np.reshape, _reshape)
defvjp(np.ravel, lambda g, _, _x, *, order="C": np.reshape(g, _x.shape, order=_known_order(order)))
defvjp(np.expand_dims, lambda g, _, _x, *, axis: np.reshape(g, _x.shape))
defvjp(np.squeeze, lambda g, _, _x, *, axis=None: np.reshape(g, _x.shape))
defvjp(np.transpose, _transpose)
defvjp(np.swapaxes, lambda g, _, _x, *, axis1, axis2: np.swapaxes(g, axis1, axis2))
defvjp(np.moveaxis, lambda g, _, _x, *, source, destination: np.moveaxis(g, destination, source))
defvjp(np.flip, lambda g, _, _x, *, axis=None: np.flip(g, axis))
defvjp(np.fliplr, lambda g, _, _x: np.fliplr(g))
defvjp(np.flipud, lambda g, _, _x: np.flipud(g))
defvjp(np.roll, lambda g, _, _x, *, shift, axis=None: np.roll(g, np.negative(shift), axis))
defvjp(np.rot90, lambda g, _, _x, *, k=1, axes=(0, 1): np.rot90(g, -k, axes))


@defcomposite(np.matrix_transpose)
def _matrix_transpose(x: Any, /) -> Any:
    return np.swapaxes(x, -1, -2)


@defcomposite(np.rollaxis)
def _rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    n = np.ndim(a)
    axis, start = axis % n, start + n if start < 0 else start
    return np.moveaxis(a, axis, start - 1 if axis < start else start)


def _at_least(ndim: int, shape: Callable[[tuple[int, ...]], tuple[int, ...]]) -> Callable[..., Any]:
    """Make ``atleast_1d`` and its like. ``shape`` takes the shape of an array with fewer axes, and returns the one that
    it gets.
    """

    def atleast(*arys: Any) -> Any:
        padded = [array_of(a) if np.ndim(a) >= ndim else np.reshape(a, shape(np.shape(a))) for a in arys]
        return padded[0] if len(padded) == 1 else tuple(padded)

    return atleast


at_least_1d = defcomposite(np.atleast_1d)(_at_least(1, lambda shape: (1,)))
at_least_2d = defcomposite(np.atleast_2d)(_at_least(2, lambda shape: (1, *shape, 1)[:2]))
at_least_3d = defcomposite(np.atleast_3d)(
    _at_least(3, lambda shape: (*shape, 1) if len(shape) == 2 else (1, *shape, 1, 1)[:3])
)


# --------------------------------------------------------------------------------------------------- repetition
def _repeat(g: Any, _: Any, _x: Any, *, repeats: Any, axis: int | None = None) -> Any:
    if axis is None:
        shape: tuple[int, ...] = (_x.size,)
        axis = 0
    else:
        shape = _x.shape or (1,)
        axis %= len(shape)
    if np.ndim(repeats) == 0:
        copies = np.reshape(g, (*shape[: axis + 1], int(repeats), *shape[axis + 1 :]))
        return np.reshape(np.sum(copies, axis=axis + 1), _x.shape)
    source = np.repeat(np.arange(shape[axis]), repeats)
    return np.reshape(scatter([g], [along(axis, len(shape), source)], shape), _x.shape)


defvjp(np.repeat, _repeat)
defvjp(np.broadcast_to, lambda g, _, _x, *, shape: sum_to(g, _x.shape))
defvjp(spread, lambda g, _, _x, *, shape: sum_to(g, _x.shape))


@defcomposite(np.broadcast_arrays)
def _broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(np.broadcast_to(a, shape) for a in args)


@defcomposite(np.meshgrid)
def _meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """Each array runs along its own axis; the first two axes change places for Cartesian indexing."""
    if indexing not in ("xy", "ij"):
        raise OperandError(f'meshgrid knows indexing="xy" and indexing="ij": received {indexing!r}.')
    axes = list(range(len(xi)))
    if indexing == "xy":
        axes[:2] = axes[:2][::-1]
    grids = [
        np.reshape(x, tuple([np.size(x) if i == axis else 1 for i in range(len(xi))]))
        for x, axis in zip(xi, axes, strict=True)
    ]
    if not sparse:
        grids = list(_broadcast_arrays(*grids))
    return tuple([np.copy(grid) for grid in grids] if copy else grids)


@defcomposite(np.tile)
def _tile(A: Any, reps: Any) -> Any:
    """Repeat along new axes, one before each axis, and join each pair."""
    reps = tuple(np.atleast_1d(reps).tolist())
    shape = np.shape(A)
    reps = (1,) * (len(shape) - len(reps)) + reps
    shape = (1,) * (len(reps) - len(shape)) + shape
    apart = np.reshape(A, tuple([k for n in shape for k in (1, n)]))
    repeated = np.broadcast_to(apart, tuple([k for pair in zip(reps, shape, strict=True) for k in pair]))
    return np.reshape(repeated, tuple([r * n for r, n in zip(reps, shape, strict=True)]))


@operation
def pad(x: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    """Return ``np.pad`` of ``x``."""
    return np.pad(x, pad_width, mode, **options)


def _pad(g: Any, _: Any, _x: Any, *, pad_width: Any, mode: Any = "constant", constant_values: Any = 0) -> Any:
    """Cut the constant margins off; give back what other margins repeat to the elements that they repeat."""
    shape = _x.shape
    if mode in ("constant", "empty") or not _x.size:
        return g[tuple([slice(before, before + n) for (before, _), n in zip(pad_width, shape, strict=True)])]
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        raise NoDerivativeError(
            f"numpy.pad has a derivative in every mode that NumPy knows by name: received mode={mode!r}, a function "
            "that writes the margins into an array. Join the margins with np.concatenate."
        )
    for axis, (width, n) in enumerate(zip(pad_width, shape, strict=True)):
        source = np.pad(np.arange(n), width, mode=mode)
        g = scatter([g], [along(axis, len(shape), source)], (*shape[: axis + 1], *np.shape(g)[axis + 1 :]))
    return g


defvjp(pad, _pad)
defjvp(
    pad,
    lambda t, _, _x, *, pad_width, mode="constant", constant_values=0: pad(
        t, pad_width, "constant" if mode == "empty" else mode
    ),
)
deflinear(np.copy, np.reshape, np.ravel, np.expand_dims, np.squeeze, np.transpose, np.swapaxes, np.moveaxis)
deflinear(np.flip, np.fliplr, np.flipud, np.roll, np.rot90, np.repeat, np.broadcast_to, spread)


@defcomposite(np.pad)
def _padded(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    """Join computed margins one axis after the other, as NumPy does: the corners are margins of margins. The others
    repeat elements.
    """
    x = array_of(array)
    if not x.ndim:
        return x
    if isinstance(pad_width, dict):
        given = {axis % x.ndim: width for axis, width in pad_width.items()}
        pad_width = [np.broadcast_to(given.get(axis, 0), 2) for axis in range(x.ndim)]
    widths = np.broadcast_to(pad_width, (x.ndim, 2))
    options = {"linear_ramp": "end_values", **dict.fromkeys(_STATISTICS, "stat_length")}
    values = kwargs.get("constant_values", 0)
    if not x.size or not (mode in options or (mode == "constant" and _holds_array([values]))):
        return pad(x, widths, mode, **kwargs)
    name = options.get(mode, "constant_values")
    if set(kwargs) - {name}:
        raise OperandError(
            f"pad in the mode {mode!r} takes the option {name!r}, and no other: received "
            f"{', '.join(map(repr, kwargs))}."
        )
    option = kwargs.get(name, None if name == "stat_length" else 0)
    pairs = [(None, None)] * x.ndim if option is None else np.broadcast_to(array_of(option), (x.ndim, 2))
    for axis, pair in enumerate(widths.tolist()):
        ends = [
            _margin(np.flip(x, axis) if i else x, axis, width, mode, pairs[axis][i]) for i, width in enumerate(pair)
        ]
        x = np.concatenate([ends[0], x, np.flip(ends[1], axis)], axis=axis)
    return x


_STATISTICS: dict[str, Callable[..., Any]] = {
    "maximum": np.max,
    "minimum": np.min,
    "mean": np.mean,
    "median": np.median,
}


def _margin(x: Any, axis: int, width: int, mode: str, option: Any) -> Any:
    """Return what comes before an array, in its dtype."""
    shape = tuple([width if i == axis else n for i, n in enumerate(np.shape(x))])
    if mode == "constant":
        margin = np.broadcast_to(option, shape)
    elif mode == "linear_ramp":
        margin = np.linspace(option, x[along(axis, x.ndim, 0)], width, endpoint=False, dtype=x.dtype, axis=axis)
    else:
        statistic = _STATISTICS[mode](
            x[along(axis, x.ndim, slice(None if option is None else int(option)))], axis=axis, keepdims=True
        )
        margin = np.broadcast_to(statistic if x.dtype.kind in "fc" else np.rint(statistic), shape)
    return margin if margin.dtype == x.dtype else np.astype(margin, x.dtype)


# ---------------------------------------------------------------------------------------------- diagonals and triangles
def _diagonal_index(shape: tuple[int, ...], offset: int) -> tuple[Any, Any]:
    """Return the rows and the columns of a diagonal of a matrix."""
    rows, columns = shape
    n = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    return np.arange(n) - min(offset, 0), np.arange(n) + max(offset, 0)


def _along_diagonal(offset: int, axis1: int, axis2: int) -> Path:
    return Path((Step(np.diagonal, (), (), {"offset": offset, "axis1": axis1, "axis2": axis2}),))


defvjp(
    np.diagonal,
    lambda g, _, _a, *, offset=0, axis1=0, axis2=1: Scattered(_a.shape, _along_diagonal(offset, axis1, axis2), g),
)
deflinear(np.diagonal)
defacts(np.diagonal, fresh=False, static=True)


@defcomposite(np.trace)
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
    return np.sum(np.diagonal(array_of(a), offset, axis1, axis2), axis=-1, dtype=dtype)


@defcomposite(np.diag)
def _diag(v: Any, k: int = 0) -> Any:
    if np.ndim(v) == 2:
        return np.diagonal(array_of(v), k)
    if np.ndim(v) != 1:
        raise ShapeError(f"diag takes one axis, or two: received shape {np.shape(v)}.")
    n = np.shape(v)[0] + abs(k)
    return scatter([array_of(v)], [_diagonal_index((n, n), k)], (n, n))


@defcomposite(np.diagflat)
def _diagflat(v: Any, k: int = 0) -> Any:
    return _diag(np.ravel(v), k)


def _lower(shape: tuple[int, ...], k: int) -> Any:
    return np.tri(shape[-2] if len(shape) > 1 else shape[-1], shape[-1], k, dtype=bool)


@defcomposite(np.tril)
def _tril(m: Any, k: int = 0) -> Any:
    return np.where(_lower(np.shape(m), k), m, 0)


@defcomposite(np.triu)
def _triu(m: Any, k: int = 0) -> Any:
    return np.where(_lower(np.shape(m), k - 1), 0, m)


# --------------------------------------------------------------------------------------------------- batches
@defbatch_of_one(np.reshape)
def _reshape_batch(
    x: Any, ndim: int, *, shape: Any = None, newshape: Any = None, order: str = "C", copy: Any = None
) -> Any:
    if order not in ("C", "F"):
        return NotImplemented
    shape = newshape if shape is None else shape
    shape = [operator.index(n) for n in (shape if isinstance(shape, (tuple, list)) else (shape,))]
    rest = math.prod([n for n in shape if n != -1])
    if -1 in shape and rest:
        shape[shape.index(-1)] = math.prod(np.shape(x)[1:]) // rest
    if order == "F":
        return _reversed_axes(np.reshape(_reversed_axes(x), (np.shape(x)[0], *shape[::-1])))
    return np.reshape(x, (np.shape(x)[0], *shape))


@defbatch_of_one(np.ravel)
def _ravel_batch(x: Any, ndim: int, *, order: str = "C") -> Any:
    if order not in ("C", "F"):
        return NotImplemented
    return flattened(x if order == "C" else _reversed_axes(x))


def _reversed_axes(x: Any) -> Any:
    """Reverse the order of the axes behind the first one."""
    return np.transpose(x, (0, *range(np.ndim(x) - 1, 0, -1)))


@defbatch_of_one(np.transpose)
def _transpose_batch(x: Any, ndim: int, *, axes: Any = None) -> Any:
    axes = range(ndim)[::-1] if axes is None else normalize_axis_tuple(axes, ndim)
    return np.transpose(x, (0, *[i + 1 for i in axes]))


@defbatch_of_one(np.expand_dims)
def _expand_dims_batch(x: Any, ndim: int, *, axis: Any) -> Any:
    return np.expand_dims(x, from_end(axis, ndim + (len(axis) if isinstance(axis, (tuple, list)) else 1)))


@defbatch_of_one(np.squeeze)
def _squeeze_batch(x: Any, ndim: int, *, axis: Any = None) -> Any:
    if axis is None:
        axis = tuple([i for i, n in enumerate(np.shape(x)[1:]) if n == 1])
    return np.squeeze(x, from_end(axis, ndim))


@defbatch_of_one(np.roll)
def _roll_batch(x: Any, ndim: int, *, shift: Any, axis: Any = None) -> Any:
    if axis is None:
        return np.reshape(np.roll(flattened(x), shift, -1), np.shape(x))
    return np.roll(x, shift, from_end(axis, ndim))


@defbatch_of_one(np.repeat)
def _repeat_batch(x: Any, ndim: int, *, repeats: Any, axis: Any = None) -> Any:
    if axis is None:
        return np.repeat(flattened(x), repeats, -1)
    return np.repeat(x, repeats, from_end(axis, ndim)) if ndim else NotImplemented


@defbatch_of_one(pad)
def _pad_batch(x: Any, ndim: int, *, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    if (
        isinstance(pad_width, dict)
        or callable(mode)
        or not all(isinstance(value, (int, float, complex, str)) for value in kwargs.values())
    ):
        return NotImplemented
    return pad(x, [(0, 0), *np.broadcast_to(pad_width, (ndim, 2)).tolist()], mode, **kwargs)


@defbatch_of_one(np.broadcast_to)
def _broadcast_to_batch(x: Any, ndim: int, *, shape: Any) -> Any:
    shape = shape if isinstance(shape, (tuple, list)) else (shape,)
    return np.broadcast_to(widened(x, max(len(shape), ndim)), (np.shape(x)[0], *shape))


@defbatch_of_one(spread)
def _spread_batch(x: Any, ndim: int, *, shape: Any) -> Any:
    return spread(widened(x, len(shape)), shape=(np.shape(x)[0], *shape))


defbatch_of_one(np.swapaxes)(
    lambda x, ndim, *, axis1, axis2: np.swapaxes(x, from_end(axis1, ndim), from_end(axis2, ndim))
)
defbatch_of_one(np.moveaxis)(
    lambda x, ndim, *, source, destination: np.moveaxis(x, from_end(source, ndim), from_end(destination, ndim))
)
defbatch_of_one(np.fliplr)(lambda x, ndim: np.flip(x, from_end(1, ndim)))
defbatch_of_one(np.flipud)(lambda x, ndim: np.flip(x, from_end(0, ndim)))
defbatch_of_one(np.rot90)(lambda x, ndim, *, k=1, axes=(0, 1): np.rot90(x, k, from_end(axes, ndim)))
defacts(np.flip, batch=along_axes(np.flip))

# Most of these return views of their operand. The length of what is repeated or padded depends on numbers.
defacts(np.reshape, np.ravel, np.expand_dims, np.squeeze, np.transpose, np.swapaxes, static=True, fresh=False)
defacts(np.moveaxis, np.flip, np.fliplr, np.flipud, np.rot90, np.broadcast_to, spread, static=True, fresh=False)
defacts(np.copy, elementwise=True, static=True, fresh=True)
defacts(np.roll, static=True, fresh=True)
defacts(np.repeat, pad, static=False, fresh=True)
