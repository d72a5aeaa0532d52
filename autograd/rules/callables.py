"""Functions that call a function of the user: along an axis, over axes, piece by piece. The operations of that function
are recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.registry.define import defcomposite
from autograd.registry.operations import setitem
from autograd.rules.index import written_as
from autograd.rules.shape import array_of


@defcomposite(np.apply_along_axis, lists=-1)
def _apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """Call the function on each row along an axis; the axes of what it returns come to stand in place of this one."""
    arr = array_of(arr)
    ndim = np.ndim(arr)
    rows = np.moveaxis(arr, axis, -1)
    batch = np.shape(rows)[:-1]
    results = [func1d(rows[place], *args, **kwargs) for place in np.ndindex(batch)]
    if not results:
        raise ShapeError(
            f"apply_along_axis calls a function for each row, and shape {np.shape(arr)} has none along axis {axis}."
        )
    first = array_of(results[0])
    stacked = np.astype(np.stack([array_of(each) for each in results]), first.dtype)
    places = range(len(batch), len(batch) + np.ndim(first))
    return np.moveaxis(
        np.reshape(stacked, batch + np.shape(first)),
        tuple(places),
        tuple([axis % ndim + i for i in range(len(places))]),
    )


@defcomposite(np.apply_over_axes, lists=-1)
def _apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """Call the function with one axis after the other; an axis that it takes away comes back with length 1."""
    a = array_of(a)
    ndim = np.ndim(a)
    for axis in np.ravel(np.asarray(axes)).tolist():
        result = func(a, axis % ndim)
        a = result if np.ndim(result) == ndim else np.expand_dims(result, axis % ndim)
        if np.ndim(a) != ndim:
            raise ShapeError(
                f"apply_over_axes takes a function that keeps the {ndim} axes of the array, or takes one away: "
                f"it returned shape {np.shape(result)} over axis {axis}."
            )
    return a


@defcomposite(np.piecewise, lists=-1)
def _piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Write into zeros what each function makes of the elements at which its condition holds: where several hold, the
    last one counts.
    """
    x = array_of(x)
    if np.ndim(condlist) == 0 or (
        np.ndim(x) > 0 and not isinstance(condlist[0], (list, tuple)) and np.ndim(condlist[0]) == 0
    ):
        condlist = [condlist]
    conditions = [np.astype(array_of(each), np.bool_) for each in condlist]
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.any(np.stack(conditions), axis=0))
    if len(funclist) != len(conditions):
        raise ShapeError(
            f"piecewise takes a function for each of the {len(conditions)} conditions, and one more for all other "
            f"elements if need be: received {len(funclist)}."
        )
    y = np.zeros_like(x)
    for condition, function in zip(conditions, funclist, strict=True):
        if np.any(condition):
            value = function(x[condition], *args, **kw) if callable(function) else function
            y = setitem(y, condition, written_as(value, y.dtype, "piecewise"))
    return y
