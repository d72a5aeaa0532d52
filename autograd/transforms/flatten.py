"""Join a nest of arrays to one vector, and split the vector again."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.core import nest


def flatten(value: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Join the numbers of a nest into one vector; differentiable.

    Parameters
    ----------
    value : nest of arrays, tensors and numbers
        The values of a dict come in the order of its sorted keys.

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
    order = list(_by_key(nest.rebuild(value, itertools.count())))
    leaves = [nest.leaves(value)[i] for i in order]
    shapes = [np.shape(leaf) for leaf in leaves]
    ends = np.cumsum([np.size(leaf) for leaf in leaves]).tolist()

    def unflatten(vector: Any) -> Any:
        placed = {}
        for i, shape, start, end in zip(order, shapes, [0, *ends], ends, strict=False):
            placed[i] = np.reshape(vector[start:end], shape) if shape else vector[start]
        return nest.rebuild(value, [placed[i] for i in range(len(placed))])

    rows = [np.reshape(leaf, (-1,)) for leaf in leaves]
    return (np.concatenate(rows) if rows else np.zeros(0)), unflatten


def _by_key(value: Any) -> Iterator[Any]:
    """Yield the leaves of a nest, dicts in the order of their sorted keys."""
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value)]
    if not isinstance(value, (list, tuple)):
        yield value
        return
    for each in value:
        yield from _by_key(each)


def flatten_func(func: Callable[..., Any], example: Any) -> tuple[Callable[..., Any], Callable[[Any], Any], Any]:
    """Return a function of nests as one of vectors: ``(function, unflatten, the example as a vector)``."""
    vector, unflatten = flatten(example)

    def flat(x: Any, *args: Any, **kwargs: Any) -> Any:
        return flatten(func(unflatten(x), *args, **kwargs))[0]

    return flat, unflatten, vector
