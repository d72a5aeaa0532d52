"""Vector spaces of values: zeros, ones and basis vectors of the derivatives of a nest, as HIPS autograd has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.core import nest


class VSpace:
    """The space in which the derivatives of a value lie: that of arrays of one shape and dtype, or of a nest of these.

    Parameters
    ----------
    value : array, Tensor, number, or a nest of these

    Attributes
    ----------
    shape : tuple of int, or nest of VSpace
        Of an array its shape. Of a nest the spaces of its parts.
    dtype : numpy.dtype or None
        Of an array. None of a nest.

    Examples
    --------
    >>> space = VSpace(np.ones((2, 3)))
    >>> space.size, space.zeros().shape
    (6, (2, 3))
    >>> VSpace({"a": 1.0, "b": np.ones(2)}).ones()
    {'a': array(1.), 'b': array([1., 1.])}
    """

    def __init__(self, value: Any) -> None:
        self.dtype: np.dtype[Any] | None = None
        if isinstance(value, (list, tuple, dict)):
            self.shape: Any = nest.map_leaves(VSpace, value)
        else:
            self.shape, self.dtype = np.shape(value), np.result_type(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VSpace) and (self.shape, self.dtype) == (other.shape, other.dtype)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"VSpace(shape={self.shape}" + (")" if self.dtype is None else f", dtype={self.dtype})")

    @property
    def ndim(self) -> int:
        """The number of axes, of an array."""
        return len(self.shape)

    @property
    def iscomplex(self) -> bool:
        """Whether an array is complex."""
        return self.dtype is not None and self.dtype.kind == "c"

    @property
    def size(self) -> int:
        """The dimension over the real numbers: a complex number counts twice."""
        if self.dtype is None:
            return sum(each.size for each in nest.leaves(self.shape))
        return int(np.prod(self.shape)) * (1 + self.iscomplex)

    def _map(self, on_arrays: Any, *values: Any) -> Any:
        """Apply a function to each array of values that are built alike, with its space in front."""
        if self.dtype is not None:
            return on_arrays(self, *values)
        spaces = nest.leaves(self.shape)
        return nest.rebuild(
            self.shape, [on_arrays(*each) for each in zip(spaces, *map(nest.leaves, values), strict=True)]
        )

    def zeros(self) -> Any:
        """Return a value of zeros."""
        return self._map(lambda space: np.zeros(space.shape, space.dtype))

    def ones(self) -> Any:
        """Return a value of ones; of complex numbers 1 + 1j."""
        return self._map(lambda space: np.full(space.shape, 1 + 1j if space.iscomplex else 1, space.dtype))

    def randn(self) -> Any:
        """Return a value of standard normal numbers, drawn from NumPy's global generator."""

        def drawn(space: VSpace) -> Any:
            parts = [np.array(np.random.randn(*space.shape)) for _ in range(1 + space.iscomplex)]
            return (parts[0] + 1j * parts[1] if space.iscomplex else parts[0]).astype(space.dtype)

        return self._map(drawn)

    def standard_basis(self) -> Iterator[Any]:
        """Yield the vectors of the standard basis, one at a time. Of a complex number 1 and the imaginary unit."""
        spaces = nest.leaves(self.shape) if self.dtype is None else [self]
        for i, space in enumerate(spaces):
            for place in np.ndindex(*space.shape):
                for unit in (1.0, 1j) if space.iscomplex else (1.0,):
                    vector = [each.zeros() for each in spaces]
                    vector[i][place] = unit
                    yield vector[0] if self.dtype is not None else nest.rebuild(self.shape, vector)

    def add(self, x: Any, y: Any) -> Any:
        """Return ``x + y``."""
        return self._map(lambda _, x, y: x + y, x, y)

    def scalar_mul(self, x: Any, a: Any) -> Any:
        """Return ``x`` times a number."""
        return self._map(lambda _, x: x * a, x)

    def covector(self, x: Any) -> Any:
        """Return the conjugate, which pairs with a vector to a real inner product."""
        return self._map(lambda space, x: np.conjugate(x) if space.iscomplex else x, x)

    def inner_prod(self, x: Any, y: Any) -> Any:
        """Return the real inner product: the sum of ``x * y``, of complex arrays the real part of ``conj(x) * y``."""
        return sum(nest.leaves(self._map(lambda _, x, y: np.sum(np.real(np.conjugate(x) * y)), x, y)))
