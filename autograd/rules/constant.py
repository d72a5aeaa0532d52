"""Functions whose derivative is zero wherever they have one, and new arrays.

A function that returns integers or truth values needs no entry: nothing of these dtypes is ever differentiated.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import OperandError
from autograd.registry.define import defacts, defcomposite, defconstant, deflinear, defvjp
from autograd.registry.operations import astype
from autograd.rules.shape import array_of, sum_to

defconstant(np.floor_divide, np.floor, np.ceil, np.trunc, np.rint, np.spacing)
defconstant(np.fix, np.round, np.around, elementwise=True, static=True, fresh=True)
defconstant(np.zeros_like, np.ones_like, np.empty_like, reads="shapes", static=True, fresh=True)


@defcomposite(np.full_like)
def _full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Any:
    """Repeat the fill value, which may be differentiated; only the shape and the dtype of ``a`` count."""
    np.empty(0, device=device)  # refuses what is no device
    shape = np.shape(a) if shape is None else shape
    dtype = dtype or (a.dtype if hasattr(a, "dtype") else np.asarray(a).dtype)
    return _full(shape, fill_value, dtype)


@defcomposite(np.full)
def _full(shape: Any, fill_value: Any, dtype: Any = None, order: str = "C", *, device: Any = None) -> Any:
    np.empty(0, device=device)  # refuses what is no device
    filled = np.broadcast_to(fill_value, shape)
    return astype(filled, dtype=np.dtype(dtype or filled.dtype))


def _fractions(g: Any, num: int, endpoint: bool) -> Any:
    """How far each point of a linspace is from its start to its stop."""
    steps = num - 1 if endpoint else num
    return np.reshape(np.arange(num).astype(g.dtype) / max(steps, 1), (num,) + (1,) * (np.ndim(g) - 1))


def _linspace(end: int, g: Any, _start: Any, _stop: Any, num: int, endpoint: bool, retstep: bool, axis: int) -> Any:
    """Each point moves with an end by its share of the way; the step, where it is returned, by one part of the way."""
    points, step = g if retstep else (g, None)
    shares = _fractions(points, num, endpoint)
    c = np.sum(np.moveaxis(points, axis, 0) * (shares if end else 1 - shares), axis=0)
    if step is not None:
        c = c + step * ((1 if end else -1) / max(num - 1 if endpoint else num, 1))
    return sum_to(c, np.shape(_stop if end else _start))


defvjp(
    np.linspace,
    lambda g, _, _start, _stop, *, num=50, endpoint=True, retstep=False, dtype=None, axis=0: _linspace(
        0, g, _start, _stop, num, endpoint, retstep, axis
    ),
    lambda g, _, _start, _stop, *, num=50, endpoint=True, retstep=False, dtype=None, axis=0: _linspace(
        1, g, _start, _stop, num, endpoint, retstep, axis
    ),
)
deflinear(np.linspace)
defacts(np.linspace, static=True, fresh=True)


def _of_step(g: Any, _: Any, _start: Any, _stop: Any, _step: Any, *, dtype: Any = None) -> Any:
    return np.sum(g * np.arange(np.shape(g)[0]).astype(g.dtype))


defvjp(
    np.arange,
    lambda g, _, _start, _stop=None, _step=1, *, dtype=None: np.zeros_like(np.sum(g)) if _stop is None else np.sum(g),
    lambda g, _, _start, _stop, _step=1, *, dtype=None: np.zeros_like(np.sum(g)),
    _of_step,
)


defacts(np.arange, static=False, fresh=True)


@defcomposite(np.logspace)
def _logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    base = base if isinstance(base, (int, float)) else array_of(base)
    if np.ndim(base):
        start, stop = array_of(start), array_of(stop)
        ndim = max(map(np.ndim, (start, stop, base)))
        start, stop, base = [
            np.reshape(each, (1,) * (ndim - np.ndim(each)) + np.shape(each)) for each in (start, stop, base)
        ]
        base = np.expand_dims(base, axis)
    points = np.power(base, np.linspace(start, stop, num, endpoint, axis=axis))
    return points if dtype is None else np.astype(points, dtype)


@defcomposite(np.geomspace)
def _geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """Powers between the logarithms of the ends, which are turned so that the first is positive."""
    start, stop = array_of(start), array_of(stop)
    if np.any(np.equal(start, 0)) or np.any(np.equal(stop, 0)):
        raise OperandError("geomspace cannot begin or end at 0, from which no factor leads to another number.")
    computed = np.result_type(start.dtype, stop.dtype, np.dtype(dtype or float))
    start, stop = np.broadcast_arrays(np.astype(start, computed), np.astype(stop, computed))
    direction = np.sign(start)
    points = _logspace(np.log10(start / direction), np.log10(stop / direction), num, endpoint) * direction
    ends = [start[None]] if num else [], [stop[None]] if num > 1 and endpoint else []
    points = np.concatenate([*ends[0], points[len(ends[0]) : num - len(ends[1])], *ends[1]])
    return np.astype(np.moveaxis(points, 0, axis), np.dtype(dtype or computed))


@defcomposite(np.astype, elementwise=True, static=True, fresh=True, writes_out=True, scalar="{}")
def _astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    np.empty(0, device=device)  # refuses what is no device
    return x if not copy and np.dtype(dtype) == x.dtype else astype(x, dtype=np.dtype(dtype))
