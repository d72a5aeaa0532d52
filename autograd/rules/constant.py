"""Functions whose derivative is zero wherever they have one, and new arrays.

What returns integers or truth values needs no entry: nothing of these dtypes is ever differentiated.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.operations import astype
from autograd.registry import defcomposite, defconstant, defvjp
from autograd.rules.shape import sum_to

defconstant(np.floor_divide, np.floor, np.ceil, np.trunc, np.rint, np.fix, np.round, np.around, np.spacing)
defconstant(np.zeros_like, np.ones_like, np.empty_like)


@defcomposite(np.full_like)
def _full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *, device: Any = None
) -> Any:
    """Repeat the fill value, which may be differentiated; only the shape and the dtype of ``a`` count."""
    np.empty(0, device=device)  # refuses what is no device
    shape = np.shape(a) if shape is None else shape
    dtype = dtype or (a.dtype if hasattr(a, "dtype") else np.asarray(a).dtype)
    return _full(shape, fill_value, dtype)


@defcomposite(np.full)
def _full(shape: Any, fill_value: Any, dtype: Any = None, order: str = "C", *, device: Any = None) -> Any:
    np.empty(0, device=device)  # refuses what is no device
    filled = np.broadcast_to(fill_value, shape)
    return astype(filled, dtype=np.dtype(dtype or filled.dtype))


def _fractions(g: Any, num: int, endpoint: bool) -> Any:
    """How far each point of a linspace is from its start to its stop."""
    steps = num - 1 if endpoint else num
    return np.reshape(np.arange(num).astype(g.dtype) / max(steps, 1), (num,) + (1,) * (np.ndim(g) - 1))


defvjp(
    np.linspace,
    lambda g, _, _start, _stop, *, num=50, endpoint=True, axis=0: (
        sum_to(np.sum(np.moveaxis(g, axis, 0) * (1 - _fractions(g, num, endpoint)), axis=0), np.shape(_start))
    ),
    lambda g, _, _start, _stop, *, num=50, endpoint=True, axis=0: (
        sum_to(np.sum(np.moveaxis(g, axis, 0) * _fractions(g, num, endpoint), axis=0), np.shape(_stop))
    ),
)


@defcomposite(np.astype)
def _astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    np.empty(0, device=device)  # refuses what is no device
    return astype(x, dtype=np.dtype(dtype))
