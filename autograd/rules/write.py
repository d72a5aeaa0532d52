"""NumPy's functions that write into their first argument: on a tensor's handle, each is ``x[index] = value``.

The handle gets another value, as by an assignment; what was computed from the old value keeps it, and a tape records
the writing."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import DtypeError, OperandError, ShapeError
from autograd.registry.define import defwriter
from autograd.rules.index import along_axis_index


def _cycled(values: Any, n: int) -> Any:
    """Return ``n`` values: those that are given, as often as needed."""
    flat = np.reshape(values, (-1,))
    return flat[np.arange(n) % np.size(flat)] if np.size(flat) else flat


@defwriter(np.copyto)
def _copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    dtype = np.result_type(src)
    if hasattr(src, "dtype") and not np.can_cast(dtype, dst.dtype, casting):
        raise DtypeError(
            f"copyto cannot cast from {dtype} to {dst.dtype} with casting={casting!r}: convert the source with .astype "
            f"first."
        )
    dst[...] = src if where is True else np.where(where, src, dst)


@defwriter(np.put_along_axis)
def _put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    if axis is None:
        arr[np.unravel_index(np.ravel(indices) % np.size(arr), np.shape(arr))] = (
            np.ravel(values) if np.ndim(values) else values
        )
    else:
        arr[along_axis_index(np.shape(arr), indices, axis)] = values


@defwriter(np.fill_diagonal)
def _fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    shape = np.shape(a)
    if len(shape) < 2:
        raise ShapeError(f"fill_diagonal needs 2 axes or more: received shape {shape}.")
    if len(shape) == 2:
        step = shape[1] + 1
        end = np.size(a) if wrap else shape[1] * shape[1]
        places = np.unravel_index(np.arange(0, min(end, np.size(a)), step), shape)
    else:
        if len(set(shape)) > 1:
            raise ShapeError(
                f"fill_diagonal needs axes of one length where there are more than 2: received shape {shape}."
            )
        places = (np.arange(shape[0]),) * len(shape)
    a[places] = _cycled(val, len(places[0]))


@defwriter(np.put)
def _put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    places = np.ravel(np.asarray(ind, np.intp))
    n = np.size(a)
    if mode == "wrap":
        places = places % n
    elif mode == "clip":
        places = np.clip(places, 0, n - 1)
    elif np.any((places < -n) | (places >= n)):
        raise OperandError(
            f'put: {n} elements have the numbers {-n} to {n - 1} (or pass mode="wrap" or mode="clip"): received '
            f"{ind!r}."
        )
    a[np.unravel_index(places % n if n else places, np.shape(a))] = _cycled(v, places.size)


@defwriter(np.place)
def _place(arr: Any, mask: Any, vals: Any) -> None:
    chosen = np.reshape(np.asarray(mask, bool), np.shape(arr))
    count = int(np.sum(chosen))
    if count and not np.size(vals):
        raise ShapeError("place cannot fill elements from no values at all.")
    arr[chosen] = _cycled(vals, count)


@defwriter(np.putmask)
def _putmask(a: Any, mask: Any, values: Any) -> None:
    chosen = np.reshape(np.asarray(mask, bool), np.shape(a))
    if np.size(values):
        a[chosen] = _cycled(values, np.size(a))[np.ravel(chosen)]
