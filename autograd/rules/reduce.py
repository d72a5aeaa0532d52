"""Derivatives of reductions, and of running sums and products.

A reduced axis comes back with length 1, and broadcasting does the rest.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.registry.define import defacts, defcomposite, defjvp, deflinear, defselection, defvjp
from autograd.registry.entries import Rule
from autograd.registry.operations import spread
from autograd.rules.batch import along_axis, of_reduction
from autograd.rules.elementwise import along
from autograd.rules.shape import Axis, flat_along, inverse


def _axes(axis: Axis, ndim: int) -> tuple[int, ...]:
    """Return the axes that a reduction runs over, none of them negative."""
    if axis is None:
        return tuple(range(ndim))
    return tuple([i % ndim for i in (axis if isinstance(axis, tuple) else (axis,))]) if ndim else ()


def kept(reduced: Any, x: Any, axis: Axis) -> Any:
    """Give a reduced array its reduced axes back, each with length 1; an array without axes broadcasts as it is."""
    if reduced.ndim == 0:
        return reduced
    axes = _axes(axis, x.ndim)
    return np.reshape(reduced, tuple([1 if i in axes else n for i, n in enumerate(x.shape)]))


def _spread(reduced: Any, x: Any, axis: Axis, where: Any = True) -> Any:
    """Give each element of ``x`` the value of the group that it was reduced with, and 0 where a mask left it out."""
    each = spread(kept(reduced, x, axis), x.shape)
    return each if where is True else np.where(where, each, 0)


def _count(x: Any, axis: Axis, where: Any = True) -> Any:
    """How many elements each group has: a number, or with a mask an array."""
    if where is not True:
        return np.sum(np.broadcast_to(where, x.shape), axis=axis)
    if axis is None:
        return x.size
    count = 1
    for i in _axes(axis, x.ndim):
        count *= x.shape[i]
    return count


def over(x: Any, count: Any) -> Any:
    """Divide by a count: in single precision where half precision, which ends at 65,504, might not hold it."""
    single = np.float32 if x.dtype == np.float16 else x.dtype
    divisor = count.astype(single) if hasattr(count, "dtype") else count
    return x / divisor if single is x.dtype else (x.astype(single) / divisor).astype(x.dtype)


# --------------------------------------------------------------------------------------------------- sums and means
def _mean(
    g: Any, _: Any, _x: Any, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False, where: Any = True
) -> Any:
    if where is True:
        return _spread(over(g, max(_count(_x, axis), 1)), _x, axis)
    count = np.maximum(_count(_x, axis, where), 1)
    return _spread(over(kept(g, _x, axis), kept(count, _x, axis)), _x, axis, where)


defvjp(
    np.sum,
    lambda g, _, _x, *, axis=None, dtype=None, keepdims=False, initial=0, where=True: _spread(g, _x, axis, where),
)
defvjp(np.mean, _mean)
defjvp(
    np.sum,
    lambda t, _, _x, *, axis=None, dtype=None, keepdims=False, initial=0, where=True: np.sum(
        t, axis=axis, dtype=dtype, keepdims=keepdims, where=where
    ),
)
deflinear(np.mean)


def reduced(rule: Rule) -> Rule:
    """Make the tangent rule of a reduction of its rule, which gives each element the cotangent of its group times a
    weight.

    The tangent is the sum of the tangents of a group with these weights. An element that a mask left out adds nothing,
    even if it is NaN."""

    def pushed(
        t: Any, ans: Any, x: Any, *, axis: Axis = None, keepdims: bool = False, where: Any = True, **kwargs: Any
    ) -> Any:
        if where is not True:
            kwargs["where"] = where
        weights = rule(np.ones_like(ans), ans, x, axis=axis, keepdims=keepdims, **kwargs)
        parts = weights * t
        return np.sum(parts if np.iscomplexobj(ans) else np.real(parts), axis=axis, keepdims=keepdims, where=where)

    return pushed


# --------------------------------------------------------------------------------------------------- variance
def _deviation(x: Any, axis: Axis, ddof: float, correction: float) -> Any:
    """``conj(x - mean(x)) / (n - ddof)``."""
    divisor = max(_count(x, axis) - ddof - correction, 0)
    deviation = x - np.mean(x, axis=axis, keepdims=True)
    return over(np.conjugate(deviation) if np.iscomplexobj(x) else deviation, divisor)


def _deviation_from(x: Any, axis: Axis, ddof: float, correction: float, where: Any, mean: Any) -> Any:
    """`_deviation` of what a mask selects, and 0 elsewhere; from a mean that is given, which is a constant."""
    if where is True and mean is None:
        return _deviation(x, axis, ddof, correction)
    count = kept(np.asarray(_count(x, axis, where)), x, axis)
    if mean is None:
        mean = np.sum(over(np.where(where, x, 0), np.maximum(count, 1)), axis=axis, keepdims=True)
    divisor = np.where(count == 0, 1, np.maximum(count - ddof - correction, 0))
    return np.where(where, over(np.conjugate(x - mean), divisor), 0)


def _constant(x: Any, axis: Axis, where: Any) -> Any:
    """Whether a group has no two different elements, which is asked of themselves: the deviation may be rounding errors
    of the mean.
    """
    low, high = (x, x) if where is True else (np.where(where, x, np.inf), np.where(where, x, -np.inf))
    return np.less_equal(np.max(high, axis=axis, keepdims=True), np.min(low, axis=axis, keepdims=True))


def _std(
    g: Any,
    ans: Any,
    x: Any,
    *,
    axis: Axis = None,
    dtype: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    correction: float = 0,
    where: Any = True,
    mean: Any = None,
) -> Any:
    """``g * conj(x - mean(x)) / ((n - ddof) * std)``, and 0 where all elements are equal."""
    if not x.size:
        return np.zeros_like(x)
    std = kept(ans, x, axis)
    flat = np.equal(std, 0) | _constant(x, axis, where) if mean is None else np.equal(std, 0)
    deviation = _deviation_from(x, axis, ddof, correction, where, mean)
    return along(kept(g, x, axis), deviation, np.where(flat, 0, std))


def _var(
    g: Any,
    _: Any,
    x: Any,
    *,
    axis: Axis = None,
    dtype: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    correction: float = 0,
    where: Any = True,
    mean: Any = None,
) -> Any:
    return 2 * _spread(g, x, axis, where) * _deviation_from(x, axis, ddof, correction, where, mean)


defvjp(np.var, _var)
defvjp(np.std, _std)
defjvp(np.var, reduced(_var))
defjvp(np.std, reduced(_std))


# ---------------------------------------------------------------------------------------- largest and smallest elements
def _reaching(ans: Any, x: Any, axis: Axis, initial: Any, where: Any) -> tuple[Any, Any]:
    """Return which elements reach the extremum, and how many of a group do (1 if none does); ``initial`` is one of
    them, if it does.

    Where the extremum is NaN, every NaN reaches it.
    """
    chosen = np.equal(x, kept(ans, x, axis)) | np.not_equal(x, x)
    if where is not True:
        chosen = chosen & where
    count = np.sum(chosen, axis=axis, keepdims=True)
    if initial is not None:
        count = count + np.equal(kept(ans, x, axis), initial)
    return chosen, np.maximum(count, 1)


def _extremum(
    g: Any, ans: Any, x: Any, *, axis: Axis = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """The elements that reach the extremum share the cotangent equally."""
    chosen, count = _reaching(ans, x, axis, initial, where)
    return np.where(chosen, over(kept(g, x, axis), count), 0)


def _extremum_pushed(
    t: Any, ans: Any, x: Any, *, axis: Axis = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """The tangent of an extremum is the mean of the tangents of the elements that reach it."""
    chosen, count = _reaching(ans, x, axis, initial, where)
    total = np.sum(np.where(chosen, t, 0), axis=axis, keepdims=keepdims)
    return over(total, np.reshape(count, np.shape(ans)))


_EXTREMA: tuple[Any, ...] = (np.max, np.amax, np.min, np.amin)
for _extreme in _EXTREMA:
    defvjp(_extreme, _extremum)
    defjvp(_extreme, _extremum_pushed)
    defselection(_extreme)


@defcomposite(np.ptp)
def _ptp(a: Any, axis: Axis = None, *, keepdims: Any = False) -> Any:
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


# --------------------------------------------------------------------------------------------------- products
def _prod(
    g: Any,
    _: Any,
    x: Any,
    *,
    axis: Axis = None,
    dtype: Any = None,
    keepdims: bool = False,
    initial: Any = 1,
    where: Any = True,
) -> Any:
    """Each element gets the product of the others, which is formed without a division: any element may be 0."""
    factors = x if where is True else np.where(where, x, 1)
    shape, axes = np.shape(x), _axes(axis, np.ndim(x))
    order = [i for i in range(len(shape)) if i not in axes] + list(axes)
    rows = np.reshape(
        np.transpose(factors, order), (*[shape[i] for i in order[: len(shape) - len(axes)]], _count(x, axis))
    )
    others = np.transpose(np.reshape(_product_of_others(rows), [shape[i] for i in order]), inverse(order))
    return _spread(g * np.asarray(initial, g.dtype), x, axis, where) * others


def _product_of_others(x: Any) -> Any:
    """Multiply, for each element of the last axis, all others.

    Pair the elements: what an element lacks is its partner, and what the pair lacks, which is the same question about
    the products of the pairs. That takes two multiplications for each element in all, and only multiplications."""
    n = np.shape(x)[-1]
    if n < 2:
        return np.ones_like(x)
    if n % 2:
        x = np.concatenate([x, np.ones_like(x[..., :1])], axis=-1)
    left, right = x[..., ::2], x[..., 1::2]
    others = _product_of_others(left * right)
    return np.reshape(np.stack([others * right, others * left], axis=-1), np.shape(x))[..., :n]


defvjp(np.prod, _prod)
defjvp(np.prod, reduced(_prod))


# -------------------------------------------------------------------------------------------- running sums and products
def _cumsum(g: Any, _: Any, _x: Any, *, axis: int | None = None, dtype: Any = None) -> Any:
    """The running sum from the other end."""
    axis = 0 if axis is None or not _x.shape else axis
    return np.reshape(np.flip(np.cumsum(np.flip(g, axis), axis), axis), _x.shape)


def _cumprod(g: Any, _: Any, x: Any, *, axis: int | None = None, dtype: Any = None) -> Any:
    """``c[i] = x[0] ... x[i - 1] * s[i]`` with ``s[i] = g[i] + x[i + 1] * s[i + 1]``: no division, so any element may
    be 0.
    """
    rows = np.moveaxis(x, axis, -1) if axis is not None and np.ndim(x) else np.reshape(x, (-1,))
    g = np.moveaxis(g, axis, -1) if axis is not None and np.ndim(x) else g
    one = np.ones_like(rows[..., :1])
    before = np.concatenate([one, np.cumprod(rows, axis=-1)[..., :-1]], axis=-1)
    sums = _linear_recurrence(g, np.concatenate([rows[..., 1:], one], axis=-1)) if np.shape(rows)[-1] else g
    return np.reshape(
        before * sums if axis is None or not np.ndim(x) else np.moveaxis(before * sums, -1, axis), np.shape(x)
    )


def _linear_recurrence(s: Any, a: Any) -> Any:
    """Solve ``s[i] += a[i] * s[i + 1]`` from the end of the last axis.

    The steps are joined by twos, then fours, and so on, so that n elements take log2(n) operations on arrays (W. D.
    Hillis and G. L. Steele, "Data parallel algorithms", Communications of the ACM 29 (12), 1986, 1170-1183)."""
    n, step = np.shape(s)[-1], 1
    while step < n:
        s = np.concatenate([s[..., :-step] + a[..., :-step] * s[..., step:], s[..., -step:]], axis=-1)
        a = np.concatenate([a[..., :-step] * a[..., step:], a[..., -step:]], axis=-1)
        step *= 2
    return s


defvjp(np.cumsum, _cumsum)
deflinear(np.cumsum)
defvjp(np.cumprod, _cumprod)


def _define_cumulative(fn: Any, running: Any, neutral: Any) -> None:
    """Give the running sum or product of the array API standard, which may begin with the neutral element."""

    @defcomposite(fn)
    def cumulative(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any:
        if axis is None and np.ndim(x) > 1:
            raise ShapeError(f"{fn.__name__} of shape {np.shape(x)} needs an axis: pass axis=.")
        x, axis = flat_along(x, axis)
        result = running(x, axis) if dtype is None else running(x, axis, dtype)
        if not include_initial:
            return result
        shape = tuple([1 if i == axis % np.ndim(x) else n for i, n in enumerate(np.shape(x))])
        return np.concatenate([np.full(shape, neutral, result.dtype), result], axis=axis)


_define_cumulative(np.cumulative_sum, np.cumsum, 0)
_define_cumulative(np.cumulative_prod, np.cumprod, 1)


# --------------------------------------------------------------------------------------------------- other facts
for _fn in (np.sum, np.prod, np.mean, np.var, np.std, *_EXTREMA):
    defacts(_fn, batch=of_reduction(_fn), static=True, fresh=True)
for _fn in (np.cumsum, np.cumprod):
    defacts(_fn, batch=along_axis(_fn, None), static=True, fresh=True, writes_out=True)
for _ufunc, _reducing, _methods in (
    (np.add, (np.sum,), {"reduce": np.sum, "accumulate": np.cumsum}),
    (np.multiply, (np.prod,), {"reduce": np.prod, "accumulate": np.cumprod}),
    (np.maximum, (np.max, np.amax), {"reduce": np.max}),
    (np.minimum, (np.min, np.amin), {"reduce": np.min}),
    (np.logical_and, (np.all,), {"reduce": np.all}),
    (np.logical_or, (np.any,), {"reduce": np.any}),
):
    defacts(*_reducing, reduces=_ufunc)
    defacts(_ufunc, methods=_methods)
