"""A nest of arrays as one vector, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import nest


def flatten(value: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Join the numbers of a nest into one vector; differentiable.

    Parameters
    ----------
    value : nest of arrays, tensors and numbers

    Returns
    -------
    vector : array, or Tensor where the nest holds one
        Shape (n,).
    unflatten : callable
        Takes a vector of that shape, and returns a nest built like the value.

    Examples
    --------
    >>> vector, unflatten = flatten({"a": np.ones((2, 2)), "b": 3.0})
    >>> vector
    array([1., 1., 1., 1., 3.])
    >>> unflatten(2 * vector)["a"]
    array([[2., 2.],
           [2., 2.]])
    """
    leaves = nest.leaves(value)
    shapes = [np.shape(leaf) for leaf in leaves]
    ends = np.cumsum([np.size(leaf) for leaf in leaves]).tolist()

    def unflatten(vector: Any) -> Any:
        parts = [vector[start:end] for start, end in zip([0, *ends], ends, strict=False)]
        return nest.rebuild(value, [np.reshape(part, shape) if shape else part[0] for part, shape in zip(parts, shapes, strict=True)])

    rows = [np.reshape(leaf, (-1,)) for leaf in leaves]
    return (np.concatenate(rows) if rows else np.zeros(0)), unflatten


def flatten_func(func: Callable[..., Any], example: Any) -> tuple[Callable[..., Any], Callable[[Any], Any], Any]:
    """Return a function of nests as one of vectors: ``(function, unflatten, the example as a vector)``."""
    vector, unflatten = flatten(example)

    def flat(x: Any, *args: Any, **kwargs: Any) -> Any:
        return flatten(func(unflatten(x), *args, **kwargs))[0]

    return flat, unflatten, vector
