"""Make tensors of arrays, buffers and files. NumPy's own functions do not dispatch on their argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from autograd.core.arguments import interceptor_in, is_tensor
from autograd.core.tensor import Tensor, call, new_tensor, stack_nested
from autograd.errors import OperandError


def array(
    object: ArrayLike | Tensor,
    dtype: DTypeLike | None = None,
    *,
    copy: bool | None = True,
    order: str = "K",
    ndmin: int = 0,
) -> Tensor:
    """Make a tensor of numbers, arrays, tensors, or nested lists of these; differentiable. See `numpy.array`.

    Parameters
    ----------
    object : array_like
    dtype : dtype, optional
    copy : bool or None, default True
        False takes an array without a copy and locks it. See `Tensor`. None copies where a tensor would not be safe
        without.
    order : str
        The order in memory, which is no part of a value: taken, and not used.
    ndmin : int, default 0
        The least number of axes: new ones, of length 1, come first.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> autograd.jacobian(lambda x: array([[x[0], 0.0], [1.0, x[1] ** 2]]))(np.array([2.0, 3.0]))[..., 1].tolist()
    [[0.0, 0.0], [0.0, 6.0]]
    """
    tensor = asarray(object, dtype, order, copy=copy)
    return tensor if tensor.ndim >= ndmin else tensor.reshape((1,) * (ndmin - tensor.ndim) + tensor.shape)


def asarray(
    a: ArrayLike | Tensor,
    dtype: DTypeLike | None = None,
    order: str | None = None,
    *,
    device: str | None = None,
    copy: bool | None = None,
) -> Tensor:
    """Return a tensor as it is, and make one of anything else; differentiable. See `numpy.asarray`.

    Parameters
    ----------
    a : array_like
    dtype : dtype, optional
    order : str, optional
        The order in memory, which is no part of a value: taken, and not used.
    device : str, optional
        There is one: "cpu".
    copy : bool, optional
        True makes a new tensor of a tensor too. False takes an array without a copy and locks it (see `Tensor`), and
        refuses what cannot be done so. None copies everything but a tensor, which is a value that nobody changes.

    Returns
    -------
    Tensor

    Raises
    ------
    ValueError
        If there is no such device, or ``copy=False`` and another dtype are asked for.
    DtypeError, OperandError
        As `Tensor`.

    Examples
    --------
    >>> asarray([1.0, 2.0])
    Tensor([1., 2.], shape=(2,), dtype=float64)
    """
    check_device(device)
    tensor: Any = a if isinstance(a, Tensor) or interceptor_in(a) is None else stack_nested(a)
    if is_tensor(tensor):
        if dtype is None or tensor.dtype == np.dtype(dtype):
            return call(np.copy, tensor, order or "K") if copy else tensor
        if copy is False:
            raise ValueError(
                f"a copy is needed to turn {tensor.dtype} into {np.dtype(dtype)}, and copy=False forbids it."
            )
        return tensor.astype(dtype)
    return Tensor(a, dtype, copy=copy is not False)


def check_device(device: str | None) -> None:
    """Refuse every device but the one there is."""
    if device not in (None, "cpu"):
        raise ValueError(f"tensors live on the device 'cpu': received device={device!r}.")


def asanyarray(
    a: ArrayLike | Tensor, dtype: DTypeLike | None = None, order: str | None = None, **kwargs: Any
) -> Tensor:
    """Return a tensor as it is, and make one of anything else; differentiable. See `numpy.asanyarray`."""
    return asarray(a, dtype, order, **kwargs)


def ascontiguousarray(a: ArrayLike | Tensor, dtype: DTypeLike | None = None) -> Tensor:
    """Return a tensor of one axis at least; how it lies in memory is no part of its value. See
    `numpy.ascontiguousarray`.
    """
    return array(a, dtype, copy=None, ndmin=1)


def asfortranarray(a: ArrayLike | Tensor, dtype: DTypeLike | None = None) -> Tensor:
    """Return a tensor of one axis at least; how it lies in memory is no part of its value. See
    `numpy.asfortranarray`.
    """
    return array(a, dtype, copy=None, ndmin=1)


def asarray_chkfinite(a: ArrayLike | Tensor, dtype: DTypeLike | None = None, order: str | None = None) -> Tensor:
    """Return a tensor as `asarray` does, and refuse infinities and NaN. See `numpy.asarray_chkfinite`."""
    tensor = asarray(a, dtype)
    if not np.isfinite(tensor._value).all():
        raise ValueError(f"every element must be finite: received infinities or NaN, in shape {tensor.shape}.")
    return tensor


def require(a: ArrayLike | Tensor, dtype: DTypeLike | None = None, requirements: Any = None) -> Tensor:
    """Return a tensor as `asarray` does; a requirement that it be writeable is refused. See `numpy.require`."""
    asked = {str(each).upper() for each in requirements or ()}
    if asked & {"W", "WRITEABLE"}:
        raise OperandError(
            "a tensor is a value, which cannot be required to be writeable. Write x[index] = value, which makes a new "
            "one."
        )
    return asarray(a, dtype)


def astype(x: ArrayLike | Tensor, dtype: DTypeLike, /, *, copy: bool = True, device: str | None = None) -> Tensor:
    """Return a tensor of another dtype; differentiable between floating-point and complex dtypes. See `numpy.astype`.

    Parameters
    ----------
    x : array_like
    dtype : dtype
    copy : bool, default True
        False gives a tensor back as it is where it has the dtype already.
    device : str, optional
        There is one: "cpu".
    """
    check_device(device)
    tensor = asarray(x)
    return tensor if not copy and tensor.dtype == np.dtype(dtype) else tensor.astype(dtype)


def from_dlpack(x: Any, /, *, device: str | None = None, copy: bool | None = None) -> Tensor:
    """Make a tensor of the array of another library, by the DLPack protocol. See `numpy.from_dlpack`.

    Parameters
    ----------
    x : object with ``__dlpack__`` and ``__dlpack_device__``
        A tensor is returned as it is.
    device : str, optional
        There is one: "cpu".
    copy : bool, optional
        Unless it is False the memory is copied: a tensor is a value, and the other library could change its array. With
        False no byte is copied, and whoever passes it promises that nobody writes into that memory as long as the
        tensor, or a tape that saw it, lives. A gradient would be wrong otherwise.
    """
    check_device(device)
    if is_tensor(x):
        return x.copy() if copy else x
    taken = np.from_dlpack(x, copy=False if copy is False else None)
    if copy is not False:
        return Tensor(taken)
    taken.flags.writeable = False
    return new_tensor(taken)


def _reader(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Make the function that reads as one of NumPy's does, and returns tensors."""

    def read(*args: Any, **kwargs: Any) -> Any:
        return _tensors(fn(*args, **kwargs))

    read.__name__ = read.__qualname__ = fn.__name__
    read.__doc__ = f"See `numpy.{fn.__name__}`. Returns tensors."
    read.__wrapped__ = fn  # type: ignore[attr-defined]
    return read


def _tensors(found: Any) -> Any:
    """Make tensors of arrays that were read; copies where a file or a buffer could still change them."""
    if isinstance(found, list):
        return [_tensors(each) for each in found]
    if isinstance(found, np.ndarray):
        return Tensor(found, copy=not found.flags.owndata)
    return found


frombuffer = _reader(np.frombuffer)
fromfile = _reader(np.fromfile)
fromiter = _reader(np.fromiter)
fromregex = _reader(np.fromregex)
fromstring = _reader(np.fromstring)
genfromtxt = _reader(np.genfromtxt)
load = _reader(np.load)
loadtxt = _reader(np.loadtxt)
