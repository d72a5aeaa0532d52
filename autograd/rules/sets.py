"""Derivatives of functions that take an array for the set of its elements.

Of several equal elements the first one stands for all: its is the value, and it gets the cotangent.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.registry.define import defcomposite, defvjp
from autograd.registry.operations import Scattered
from autograd.rules.shape import along, flat_along


def _unique(
    g: Any,
    ans: Any,
    x: Any,
    *,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    return _of_values(g, ans, x, axis, equal_nan)


def _of_values(g: Any, ans: Any, x: Any, axis: int | None, equal_nan: bool) -> Any:
    """The values come first among the outputs, and where they are not ordered, their cotangents are put in
    order here.
    """
    if g.__class__ is list:
        g, ans = g[0], ans[0]
    index = np.unique(x, return_index=True, axis=axis, equal_nan=equal_nan)[1]
    if axis is not None:
        return Scattered(np.shape(x), along(axis, np.ndim(x), index), g)
    return Scattered(np.shape(x), np.unravel_index(index, np.shape(x)), g[np.argsort(ans, kind="stable")])


defvjp(np.unique, _unique, static=False, fresh=True)
for _of_the_standard in (np.unique_values, np.unique_all, np.unique_counts, np.unique_inverse):
    defvjp(_of_the_standard, lambda g, ans, x: _of_values(g, ans, x, None, False), static=False, fresh=True)


@defcomposite(np.union1d)
def _union1d(ar1: Any, ar2: Any) -> Any:
    return np.unique(_joined(ar1, ar2))


def _joined(ar1: Any, ar2: Any) -> Any:
    return np.concatenate([_flat(ar1), _flat(ar2)])


def _flat(x: Any) -> Any:
    return flat_along(x, None)[0]


@defcomposite(np.intersect1d)
def _intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """An element that stands in both comes twice among the ordered elements of both; the first one is that of
    ``ar1``.
    """
    ar1, ar2 = _flat(ar1), _flat(ar2)
    places = [np.arange(np.size(ar1)), np.arange(np.size(ar2))]
    if not assume_unique:
        (ar1, places[0]), (ar2, places[1]) = np.unique(ar1, return_index=True), np.unique(ar2, return_index=True)
    both = np.concatenate([ar1, ar2])
    order = np.argsort(both, kind="stable")
    twice = np.flatnonzero(np.equal(both[order[1:]], both[order[:-1]]))
    first, second = order[twice], order[twice + 1]
    values = both[first]
    return (values, places[0][first], places[1][second - np.size(ar1)]) if return_indices else values


@defcomposite(np.setdiff1d)
def _setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    ar1 = _flat(ar1) if assume_unique else np.unique(_flat(ar1))
    return ar1[np.isin(ar1, _flat(ar2), invert=True)]


@defcomposite(np.setxor1d)
def _setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """Select the elements that differ from both neighbours among the ordered elements of both."""
    both = np.sort(_joined(ar1, ar2) if assume_unique else _joined(np.unique(_flat(ar1)), np.unique(_flat(ar2))))
    if not np.size(both):
        return both
    differs = np.concatenate([[True], np.not_equal(both[1:], both[:-1]), [True]])
    return both[differs[1:] & differs[:-1]]
