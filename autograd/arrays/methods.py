"""The methods of NumPy's arrays, written with NumPy's functions: what stands for an array has them from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from autograd.errors import OperandError, ShapeError
from autograd.registry.entries import name_of
from autograd.registry.operations import astype, identity

Array = TypeVar("Array")


def _method(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Make a method of a NumPy function whose first argument is the array."""

    def method(self: ArrayMethods[Any], *args: Any, **kwargs: Any) -> Any:
        return self._call(fn, self, *args, **kwargs)

    method.__doc__ = f"See `{name_of(fn)}`."
    return method


class ArrayMethods(Generic[Array]):
    """The methods of an array, for a class that says how it calls NumPy's functions. ``Array`` is the class of what
    they return.

    NumPy writes its methods in C and its functions around them. Here it is the other way round, since functions are
    what has rules.

    Examples
    --------
    >>> class Names(ArrayMethods):
    ...     def _call(self, fn, *args, **kwargs):
    ...         return fn.__name__
    >>> Names().sum()
    'sum'
    """

    __slots__ = ()
    shape: Any
    dtype: Any
    __setitem__: Callable[[Any, Any], None]
    # A class that inherits from this one says how it calls a function: on arguments as a user writes them, and on
    # operands by position and everything else by name, which is quicker.
    _call: Callable[..., Any]
    _apply: Callable[..., Any]

    sum = _method(np.sum)
    prod = _method(np.prod)
    mean = _method(np.mean)
    var = _method(np.var)
    std = _method(np.std)
    max = _method(np.max)
    min = _method(np.min)
    any = _method(np.any)
    all = _method(np.all)
    argmax = _method(np.argmax)
    argmin = _method(np.argmin)
    argsort = _method(np.argsort)
    argpartition = _method(np.argpartition)
    cumsum = _method(np.cumsum)
    cumprod = _method(np.cumprod)
    clip = _method(np.clip)
    round = _method(np.round)
    dot = _method(np.dot)
    trace = _method(np.trace)
    diagonal = _method(np.diagonal)
    ravel = _method(np.ravel)
    squeeze = _method(np.squeeze)
    swapaxes = _method(np.swapaxes)
    repeat = _method(np.repeat)
    take = _method(np.take)
    nonzero = _method(np.nonzero)
    searchsorted = _method(np.searchsorted)
    choose = _method(np.choose)

    @property
    def T(self) -> Array:
        """The transpose."""
        return self._apply(np.transpose, self)

    @property
    def mT(self) -> Array:
        """The array with its last two axes swapped."""
        if len(self.shape) < 2:
            raise ShapeError(f"mT swaps the last two axes: at least 2 are needed, received shape {self.shape}.")
        return self._apply(np.swapaxes, self, axis1=-1, axis2=-2)

    @property
    def real(self) -> Array:
        """The real part."""
        return self._apply(np.real, self)

    @property
    def imag(self) -> Array:
        """The imaginary part."""
        return self._apply(np.imag, self)

    def reshape(self, *shape: Any, order: str = "C") -> Array:
        """See `numpy.reshape`. The shape may be given as several numbers."""
        return self._call(np.reshape, self, shape[0] if len(shape) == 1 else shape, order=order)

    def flatten(self, order: Any = "C") -> Array:
        """Return a copy with one axis. See `numpy.ndarray.flatten`."""
        return self._call(np.ravel, self.copy(), order=order)

    def transpose(self, *axes: Any) -> Array:
        """See `numpy.transpose`. The axes may be given as several numbers."""
        return self._call(np.transpose, self, axes[0] if len(axes) == 1 else axes or None)

    def compress(self, condition: Any, axis: int | None = None) -> Array:
        """See `numpy.compress`."""
        return self._call(np.compress, condition, self, axis=axis)

    def astype(self: Any, dtype: DTypeLike, copy: bool = True) -> Any:
        """Return the value with another dtype. The derivative passes between floating-point and complex dtypes.

        With ``copy=False`` a tensor that has the dtype is returned itself, as in NumPy.
        """
        same = not copy and np.dtype(dtype) == self.dtype
        return self if same else self._apply(astype, self, dtype=np.dtype(dtype))

    def conj(self: Any) -> Any:
        """Return the complex conjugate. A real tensor is returned itself, as in NumPy."""
        return self._apply(np.conjugate, self) if self.dtype.kind == "c" else self

    conjugate = conj

    def view(self: Any, dtype: DTypeLike | None = None) -> Any:
        """Return a view of the same elements. Bytes read as another dtype have no derivative:
        ``x.numpy().view(dtype)`` reads them.
        """
        if dtype is None or np.dtype(dtype) == self.dtype:
            return self[...]
        raise OperandError(
            f"a view of {self.dtype} as {np.dtype(dtype)} reads bytes, through which nothing is differentiable: "
            f"convert with .astype(...), or take x.numpy().view(...)."
        )

    def copy(self) -> Array:
        """Return an array of the same value, whose derivative passes to this one."""
        return self._apply(identity, self)

    # -- what changes an array in NumPy gives this handle another value, as ``x[...] = value`` does
    def sort(self, axis: int = -1, kind: Any = None, order: None = None, *, stable: bool | None = None) -> None:
        """Give this handle the sorted value. See `numpy.ndarray.sort`."""
        self[...] = self._call(np.sort, self, axis=axis, kind=kind, order=order, stable=stable)

    def partition(self, kth: Any, axis: int = -1, kind: str = "introselect") -> None:
        """Give this handle the partitioned value. See `numpy.ndarray.partition`."""
        self[...] = self._call(np.partition, self, kth, axis=axis, kind=kind)

    def fill(self, value: Any) -> None:
        """Give this handle a value of equal elements. See `numpy.ndarray.fill`."""
        self[...] = value

    def put(self, indices: Any, values: Any, mode: str = "raise") -> None:
        """Write values at places of the flattened value. See `numpy.ndarray.put`."""
        self._call(np.put, self, indices, values, mode=mode)
