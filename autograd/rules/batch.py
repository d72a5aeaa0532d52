"""Helpers for batch rules: how a function is called on operands that got one more axis, in front.

A batch rule is ``rule(size, mapped, *args, **parameters)``. The flags in ``mapped`` say which arguments have the axis,
whose length is ``size``. It runs on arrays, or on anything that speaks NumPy's protocols, and returns the result with
that axis in front again; or NotImplemented, and then the call is made once for each element of the batch. Axes are
counted from the end, where one more in front changes nothing. The rules stand beside the derivatives of their functions
(`Entry.batch`); an elementwise function needs none."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd.registry.define import defacts


def elementwise(fn: Callable[..., Any], mapped: Sequence[bool], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Call an elementwise function: give every operand with the axis as many axes as the widest one has."""
    widths = [np.ndim(x) - flag if x is not None else 0 for x, flag in zip(args, mapped, strict=True)]
    ndim = max(widths)
    return fn(
        *[widened(x, ndim) if flag and n < ndim else x for x, flag, n in zip(args, mapped, widths, strict=True)],
        **kwargs,
    )


def defbatch(*fns: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare, as a decorator, the batch rule of functions."""

    def define(rule: Callable[..., Any]) -> Callable[..., Any]:
        defacts(*fns, batch=rule)
        return rule

    return define


def defbatch_of_one(*fns: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare, as a decorator, the batch rule of functions of one operand: ``rule(x, ndim, **parameters)``, where ndim
    counts the other axes.
    """

    def define(rule: Callable[..., Any]) -> Callable[..., Any]:
        defacts(*fns, batch=_of_one(rule))
        return rule

    return define


def _of_one(rule: Callable[..., Any]) -> Callable[..., Any]:
    def batched(size: int, mapped: Any, x: Any, *rest: Any, **kwargs: Any) -> Any:
        return rule(x, np.ndim(x) - 1, **kwargs) if mapped[0] is True and not rest else NotImplemented

    return batched


def of_reduction(fn: Any) -> Callable[..., Any]:
    """Make the batch rule of a function that reduces axes, or all of them."""

    def rule(x: Any, ndim: int, *, axis: Any = None, **kwargs: Any) -> Any:
        if np.ndim(kwargs.get("where", True)) > ndim or (not ndim and axis not in (None, ())):
            return NotImplemented
        return fn(x, axis=tuple(range(-ndim, 0)) if axis is None else from_end(axis, ndim), **kwargs)

    return _of_one(rule)


def along_axis(fn: Any, default: int | None, name: str = "axis") -> Callable[..., Any]:
    """Make the batch rule of a function along one axis, or along the only one of the flattened array."""

    def rule(x: Any, ndim: int, **kwargs: Any) -> Any:
        axis = kwargs.pop(name, default)
        if not ndim or (axis is None and "keepdims" in kwargs):
            return NotImplemented
        if axis is None:
            return fn(flattened(x), **{name: -1}, **kwargs)
        return fn(x, **{name: from_end(axis, ndim)}, **kwargs)

    return _of_one(rule)


def along_axes(fn: Any, name: str = "axis") -> Callable[..., Any]:
    """Make the batch rule of a function that keeps the shape and runs along several axes, or along all."""

    def rule(x: Any, ndim: int, **kwargs: Any) -> Any:
        axes = kwargs.pop(name, None)
        return fn(x, **{name: tuple(range(-ndim, 0)) if axes is None else from_end(axes, ndim)}, **kwargs)

    return _of_one(rule)


def on_stacks(fn: Any) -> Callable[..., Any]:
    """Make the batch rule of a function that works on stacks of matrices as it does on one."""
    return _of_one(lambda x, ndim, **kwargs: fn(x, **kwargs))


def widened(x: Any, ndim: int) -> Any:
    """Insert axes of length 1 after the first one, until ``ndim`` follow it."""
    shape = np.shape(x)
    return np.reshape(x, (shape[0], *(1,) * (ndim + 1 - len(shape)), *shape[1:]))


def everywhere(x: Any, size: int, flag: Any) -> Any:
    """Return an operand with the axis, whether it had it or not. Lists of numbers had it not."""
    return x if flag is True else np.broadcast_to(x, (size, *np.shape(x)))


def from_end(axis: Any, ndim: int) -> Any:
    """Count an axis, or several, from the end."""
    if isinstance(axis, (tuple, list)):
        return tuple([each - ndim for each in normalize_axis_tuple(axis, ndim)])
    return normalize_axis_index(operator.index(axis), ndim) - ndim


def flattened(x: Any) -> Any:
    """Return an array with the axis in front and one more, for all other axes."""
    shape = np.shape(x)
    return np.reshape(x, (shape[0], math.prod(shape[1:])))
