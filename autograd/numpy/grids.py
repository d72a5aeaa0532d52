"""Tensors made by indexing: ``r_``, ``c_``, ``mgrid``, ``ogrid``; and ``ndenumerate``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.errors import OperandError
from autograd.numpy.creation import asarray
from autograd.tensor import Tensor, call

s_ = np.s_
index_exp = np.index_exp


class _Joined:
    """Joins what stands in the brackets along an axis: ``r_[1:4, 0, x]``; tensors among it are differentiable."""

    def __init__(self, numpys: Any, axis: int, ndmin: int) -> None:
        self._numpys = numpys
        self._axis = axis
        self._ndmin = ndmin

    def __getitem__(self, key: Any) -> Tensor:
        items = key if isinstance(key, tuple) else (key,)
        if not any(isinstance(item, Tensor) for item in items):
            return Tensor(self._numpys[key])
        if any(isinstance(item, str) for item in items):
            raise OperandError(f"a directive (received {items[0]!r}) cannot stand beside tensors: use concatenate or stack.")
        return call(np.concatenate, [self._whole(item) for item in items], axis=self._axis)

    def _whole(self, item: Any) -> Tensor:
        """Make one item as many axes as all have at least."""
        tensor = asarray(np.r_[item] if isinstance(item, slice) else item)
        if tensor.ndim >= self._ndmin:
            return tensor
        return tensor.reshape(tensor.shape + (1,) * (self._ndmin - tensor.ndim))


class _Grid:
    """Makes coordinates of slices: ``mgrid[0:3, 0:1:5j]``."""

    def __init__(self, numpys: Any) -> None:
        self._numpys = numpys

    def __getitem__(self, key: Any) -> Any:
        made = self._numpys[key]
        return tuple([Tensor(each) for each in made]) if isinstance(made, tuple) else Tensor(made)


r_ = _Joined(np.r_, 0, 1)
c_ = _Joined(np.c_, -1, 2)
mgrid = _Grid(np.mgrid)
ogrid = _Grid(np.ogrid)


def ndenumerate(arr: Any) -> Iterator[tuple[tuple[int, ...], Tensor]]:
    """Yield the index of each element, and the element; differentiable. See `numpy.ndenumerate`."""
    tensor = asarray(arr)
    for index in np.ndindex(tensor.shape):
        yield index, tensor[index]
