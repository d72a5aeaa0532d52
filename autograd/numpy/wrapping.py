"""Wrap functions of NumPy and SciPy: a wrapper takes the arguments of its function, tensors among them, and returns
tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, ValuesView
from typing import Any

import numpy as np

from autograd.arrays.parameters import out_among
from autograd.core.arguments import PLAIN, are_plain
from autograd.core.tensor import Tensor, binary, call, tensor_of, unary, wrap_output
from autograd.core.value import next_id
from autograd.errors import NoDerivativeError
from autograd.numpy.creation import asarray
from autograd.registry.entries import name_of

_ndarray = np.ndarray


def wrap(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function of `autograd.numpy` that stands for one of NumPy's.

    Where no argument is a tensor, NumPy's own function computes, and its results become tensors.
    """
    if isinstance(fn, np.ufunc) and (fn.nin, fn.nout) == (1, 1):
        return _named_after(fn, unary(fn))
    if isinstance(fn, np.ufunc) and (fn.nin, fn.nout) == (2, 1):
        return _wrap_binary(fn)

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        plain = not kwargs or ("out" not in kwargs and are_plain(kwargs.values()))
        for arg in args:
            kind = arg.__class__
            if kind is Tensor or not plain:
                plain = False
                break
            if kind is _ndarray:
                plain = not arg.dtype.hasobject
            elif kind not in PLAIN:
                plain = (kind is tuple or kind is list) and are_plain(arg)
        if not plain or (len(args) > 2 and out_among(fn, args) is not None):
            return call(fn, *args, **kwargs)
        ans = fn(*args, **kwargs)
        kind = ans.__class__
        if kind is not _ndarray:
            return (
                tensor_of(np.asarray(ans), next_id())
                if kind is np.float64 or kind is np.float32
                else wrap_output(ans, args)
            )
        owned = ans.base is None
        for arg in args:
            owned = owned and ans is not arg
        return tensor_of(ans if owned else ans.copy(), next_id())

    return _named_after(fn, wrapper)


def wrap_composite(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that stands for one of SciPy's which is made of others: SciPy's own never runs, on arrays
    neither.

    So one call has one meaning: nothing is overwritten, each refusal holds everywhere, and single precision stays.
    """

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return call(fn, *args, **kwargs)

    return _named_after(fn, wrapper)


def wrap_join(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that stands for one of a list of arrays. It takes an iterator or the values of a dict too,
    which NumPy refuses.
    """
    of_list = wrap(fn)

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], (Iterator, ValuesView)):
            args = (list(args[0]), *args[1:])
        return of_list(*args, **kwargs)

    return _named_after(fn, wrapper)


def wrap_constant(fn: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return the function that stands for one without a derivative: it computes on the arrays in tensors, and returns
    what it returns, arrays as tensors. A tracked tensor is refused.
    """

    def plain(x: Any) -> Any:
        if isinstance(x, Tensor):
            if x._is_followed():
                raise NoDerivativeError(
                    f"{name} has no derivative, and an argument of shape {x.shape} is tracked. Detach it with .numpy() "
                    f"if it is meant to be constant, or write the function with others that have a derivative."
                )
            return x.numpy()
        return type(x)(map(plain, x)) if type(x) in (list, tuple) else x

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        result = fn(*map(plain, args), **{key: plain(value) for key, value in kwargs.items()})
        if type(result) in (list, tuple):
            return type(result)([Tensor(x) if isinstance(x, np.ndarray) else x for x in result])
        return Tensor(result) if isinstance(result, np.ndarray) else result

    return _named_after(fn, wrapper)


def _wrap_binary(fn: np.ufunc) -> Callable[..., Any]:
    """Wrap a ufunc of two operands."""
    operator = binary(fn)[0]

    def wrapper(x: Any, y: Any, /, *out: Any, **kwargs: Any) -> Any:
        if not kwargs and not out:
            kind, other = x.__class__, y.__class__
            if kind is Tensor:
                if other is Tensor or other is float:
                    return operator(x, y)
            elif kind is _ndarray and other is _ndarray and not (x.dtype.hasobject or y.dtype.hasobject):
                ans = fn(x, y)
                return tensor_of(ans if ans.__class__ is _ndarray else np.asarray(ans), next_id())
        return call(fn, x, y, *out, **kwargs)

    return _named_after(fn, wrapper)


def _named_after(fn: Callable[..., Any], wrapper: Callable[..., Any]) -> Callable[..., Any]:
    wrapper.__name__ = wrapper.__qualname__ = fn.__name__
    wrapper.__doc__ = f"See `{name_of(fn)}`. Returns tensors."
    wrapper.__wrapped__ = fn  # type: ignore[attr-defined]
    return wrapper


def add_ufunc_methods(wrappers: Iterable[Any]) -> None:
    """Give each wrapper of a ufunc of two operands the methods of the ufunc: ``add.reduce``, ``multiply.outer``. One
    that takes no tensor is refused when it is called.
    """
    for wrapper in wrappers:
        ufunc = getattr(wrapper, "__wrapped__", None)
        if isinstance(ufunc, np.ufunc) and (ufunc.nin, ufunc.nout) == (2, 1):
            for name in ("reduce", "accumulate", "outer", "reduceat", "at"):
                setattr(wrapper, name, _ufunc_method(ufunc, name))


def _ufunc_method(ufunc: np.ufunc, name: str) -> Callable[..., Any]:
    def method(a: Any, *args: Any, **kwargs: Any) -> Any:
        # NumPy hands the call to the tensor. The target of `at` stays the array that it is.
        return getattr(ufunc, name)(a if name == "at" else asarray(a), *args, **kwargs)

    method.__name__ = name
    method.__qualname__ = f"{ufunc.__name__}.{name}"
    method.__doc__ = f"See `numpy.ufunc.{name}`. Returns tensors."
    return method
