"""A function that computes in place on arrays, as operations on tensors that a program can be written of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from autograd.core.tensor import Tensor
from autograd.registry.entries import is_elementwise


class InPlace(NDArrayOperatorsMixin):
    """Stands for an array in a function that writes into its arguments: writing gives it another tensor.

    It takes what works element by element, since it may be longer than the array that it stands for: several of them,
    end to end. It has no shape for the same reason. Whatever else is asked of it raises TypeError or AttributeError.

    Parameters
    ----------
    tensor : Tensor
        The value, now.

    Examples
    --------
    >>> def decay(w, factor):
    ...     np.multiply(w, factor, out=w)
    >>> w = InPlace(autograd.Tensor([1.0, 2.0]))
    >>> decay(w, 0.5)
    >>> w.tensor
    Tensor([0.5, 1. ], shape=(2,), dtype=float64)
    """

    __slots__ = ("tensor",)

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the tensor."""
        return self.tensor.dtype

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *args: Any, out: tuple[Any, ...] | None = None, **kwargs: Any
    ) -> InPlace:
        if method != "__call__" or not kwargs.keys() <= {"dtype", "casting"}:
            raise TypeError(
                f"{ufunc.__name__} with method {method!r} and options {sorted(kwargs)} has no place in a program."
            )
        return self._computed(ufunc, args, out[0] if out else None, kwargs)

    def __array_function__(self, fn: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> InPlace:
        if not is_elementwise(fn):
            raise TypeError(f"{fn.__name__} does not work element by element.")
        return self._computed(
            fn, args, kwargs.get("out"), {name: value for name, value in kwargs.items() if name != "out"}
        )

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("what stands for several arrays is none.")

    def __bool__(self) -> bool:
        raise TypeError("what stands for several arrays has no truth value.")

    @staticmethod
    def _computed(fn: Any, args: tuple[Any, ...], out: Any, kwargs: dict[str, Any]) -> InPlace:
        """Compute with tensors, and write the result into ``out`` if there is one."""
        result = fn(*[arg.tensor if isinstance(arg, InPlace) else arg for arg in args], **kwargs)
        if out is None:
            return InPlace(result)
        if not isinstance(out, InPlace) or not np.can_cast(result.dtype, out.dtype, "same_kind"):
            raise TypeError(f"a result of dtype {result.dtype} is not written into {out!r}.")
        if result.dtype != out.dtype:
            result = result.astype(out.dtype)
        broadcast: Any = np.broadcast_to
        out.tensor = result if result.shape == out.tensor.shape else broadcast(result, out.tensor.shape)
        return out
