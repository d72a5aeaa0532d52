"""Give wrapped ufuncs their methods: ``add.reduce``, ``maximum.accumulate``, ``multiply.outer``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd.numpy.creation import asarray


def give_methods(functions: Iterable[Any]) -> None:
    """Give each function that wraps a ufunc of two operands its methods."""
    for function in functions:
        ufunc = getattr(function, "__wrapped__", None)
        if isinstance(ufunc, np.ufunc) and (ufunc.nin, ufunc.nout) == (2, 1):
            for name in ("reduce", "accumulate", "outer", "reduceat", "at"):
                setattr(function, name, _method(ufunc, name))


def _method(ufunc: np.ufunc, name: str) -> Callable[..., Any]:
    def method(a: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(ufunc, name)(asarray(a), *args, **kwargs)  # which NumPy hands to the tensor

    method.__name__ = name
    method.__qualname__ = f"{ufunc.__name__}.{name}"
    method.__doc__ = f"See `numpy.ufunc.{name}`. Returns tensors."
    return method
