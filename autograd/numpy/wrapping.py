"""The doors of functions: what stands in `autograd.numpy` for a function of NumPy, takes what that takes and tensors,
and returns tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.core.arguments import PLAIN, are_raw
from autograd.core.parameters import out_among
from autograd.core.registry import name_of
from autograd.core.tensor import Tensor, binary, call, tensor_of, unary, wrapped
from autograd.core.value import next_id

_ndarray = np.ndarray


def function(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Make the function of `autograd.numpy` that stands for one of NumPy's: it takes what that takes, and returns
    tensors.

    Where no tensor comes in, NumPy's own function computes, and what it returns becomes tensors.
    """
    if isinstance(fn, np.ufunc) and (fn.nin, fn.nout) == (1, 1):
        return _named_after(fn, unary(fn))
    if isinstance(fn, np.ufunc) and (fn.nin, fn.nout) == (2, 1):
        return _pair(fn)

    def door(*args: Any, **kwargs: Any) -> Any:
        raw = not kwargs or ("out" not in kwargs and are_raw(kwargs.values()))
        for arg in args:
            kind = arg.__class__
            if kind is Tensor or not raw:
                raw = False
                break
            if kind is _ndarray:
                raw = not arg.dtype.hasobject
            elif kind not in PLAIN:
                raw = (kind is tuple or kind is list) and are_raw(arg)
        if not raw or (len(args) > 2 and out_among(fn, args) is not None):
            return call(fn, *args, **kwargs)
        ans = fn(*args, **kwargs)
        kind = ans.__class__
        if kind is not _ndarray:
            return (
                tensor_of(np.asarray(ans), next_id())
                if kind is np.float64 or kind is np.float32
                else wrapped(ans, args)
            )
        mine = ans.base is None
        for arg in args:
            mine = mine and ans is not arg
        return tensor_of(ans if mine else ans.copy(), next_id())

    return _named_after(fn, door)


def _pair(fn: np.ufunc) -> Callable[..., Any]:
    """Make the door of a ufunc of two operands."""
    both = binary(fn)[0]

    def door(x: Any, y: Any, /, *out: Any, **kwargs: Any) -> Any:
        if not kwargs and not out:
            kind, other = x.__class__, y.__class__
            if kind is Tensor:
                if other is Tensor or other is float:
                    return both(x, y)
            elif kind is _ndarray and other is _ndarray and not (x.dtype.hasobject or y.dtype.hasobject):
                ans = fn(x, y)
                return tensor_of(ans if ans.__class__ is _ndarray else np.asarray(ans), next_id())
        return call(fn, x, y, *out, **kwargs)

    return _named_after(fn, door)


def _named_after(fn: Callable[..., Any], door: Callable[..., Any]) -> Callable[..., Any]:
    door.__name__ = door.__qualname__ = fn.__name__
    door.__doc__ = f"See `{name_of(fn)}`. Returns tensors."
    door.__wrapped__ = fn  # type: ignore[attr-defined]
    return door
