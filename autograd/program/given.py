"""The arguments of a function that is traced: tensors stand for the arrays among them, and what it does to its
arguments is found out.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, Self

import numpy as np

from autograd.core import nest
from autograd.core.convert import converter, decisive, raw
from autograd.core.tensor import Tensor
from autograd.core.value import next_id
from autograd.core.variable import Variable
from autograd.program.ir import Var, map_values


def _in_place(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def method(self: Argument, other: Any) -> Argument:
        self[...] = operation(self, other)
        return self

    return method


class Argument(Tensor):
    """Stands for an array of the caller: ``x += 1`` changes that, and does not make another one as with tensors."""

    __slots__ = ()

    @classmethod
    def of(cls, tensor: Tensor) -> Self:
        """Return what stands for an array whose value is that of a tensor."""
        return cls.alias(tensor)

    __iadd__ = _in_place(operator.add)
    __isub__ = _in_place(operator.sub)
    __imul__ = _in_place(operator.mul)
    __itruediv__ = _in_place(operator.truediv)
    __ifloordiv__ = _in_place(operator.floordiv)
    __imod__ = _in_place(operator.mod)
    __imatmul__ = _in_place(operator.matmul)
    __ipow__ = _in_place(operator.pow)
    __iand__ = _in_place(operator.and_)
    __ior__ = _in_place(operator.or_)
    __ixor__ = _in_place(operator.xor)
    __ilshift__ = _in_place(operator.lshift)
    __irshift__ = _in_place(operator.rshift)


class Given:
    """The arguments of one call.

    Parameters
    ----------
    args, kwargs
        As the caller gives them.
    tensor : callable
        Returns the tensor that stands for an array.

    Attributes
    ----------
    args, kwargs
        As the function gets them.
    """

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any], tensor: Callable[[Any], Tensor]) -> None:
        self._outer = args, kwargs
        given = nest.leaves(self._outer)
        leaves = [_standing_for(leaf, tensor) for leaf in given]
        self.args, self.kwargs = nest.rebuild(self._outer, leaves)
        self._leaves = [
            (inner, outer, inner._id) for inner, outer in zip(leaves, given, strict=True) if is_dynamic(outer)
        ]
        self._containers = [
            (inner, outer, inner.copy()) for inner, outer in _containers((self.args, self.kwargs), self._outer)
        ]

    def are_changed(self) -> bool:
        """Whether the function changed an array, a list or a dict among its arguments."""
        written = any(inner._id != identity for inner, _, identity in self._leaves)
        return written or not all(_is_same(inner, before) for inner, _, before in self._containers)

    def hand_back(self) -> None:
        """Change the arguments of the caller as the function changed what stood for them."""
        as_given = converter(decisive(self._outer))
        stands_for = {id(inner): outer for inner, outer, _ in (*self._leaves, *self._containers)}

        def given(value: Any) -> Any:
            if id(value) in stands_for:
                return stands_for[id(value)]
            if isinstance(value, dict):
                return {key: given(each) for key, each in value.items()}
            if isinstance(value, (list, tuple)):
                items = [given(each) for each in value]
                return (
                    items
                    if isinstance(value, list)
                    else type(value)(*items)
                    if hasattr(value, "_fields")
                    else tuple(items)
                )
            return (
                as_given(np.array(value._value))
                if isinstance(value, Tensor) and not isinstance(value, Variable)
                else value
            )

        for inner, outer, identity in self._leaves:
            if inner._id != identity and isinstance(outer, Tensor):
                outer._rebind(inner._value, next_id())
            elif inner._id != identity:
                outer[...] = inner._value
        for inner, outer, before in self._containers:
            if _is_same(inner, before):
                continue
            items = [given(each) for each in (inner if isinstance(inner, list) else inner.values())]
            outer.clear()
            if isinstance(inner, list):
                outer.extend(items)
            else:
                outer.update(zip(inner, items, strict=True))


def _containers(inner: Any, outer: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the lists and dicts of a nest, each with the one that it stands for."""
    if isinstance(inner, (list, dict)):
        yield inner, outer
    if isinstance(inner, dict):
        for key, each in inner.items():
            yield from _containers(each, outer[key])
    elif isinstance(inner, (list, tuple)):
        for each, other in zip(inner, outer, strict=True):
            yield from _containers(each, other)


def _is_same(one: Any, other: Any) -> bool:
    """Whether two lists or dicts hold the very same things."""
    if isinstance(one, dict):
        return list(one) == list(other) and all(each is other[key] for key, each in one.items())
    return len(one) == len(other) and all(map(operator.is_, one, other))


def is_dynamic(leaf: Any) -> bool:
    """Whether an argument is an array that may be another one at each call, of the same shape and dtype."""
    if isinstance(leaf, Variable):
        return False
    return isinstance(leaf, Tensor) or (isinstance(leaf, (np.ndarray, np.generic)) and leaf.dtype.kind in "biufc")


def _standing_for(leaf: Any, tensor: Callable[[Any], Tensor]) -> Any:
    if not is_dynamic(leaf):
        return leaf
    inner = tensor(raw(leaf))
    return Argument.of(inner) if isinstance(leaf, np.ndarray) else inner


def rebuilder(outputs: Any, as_given: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the function that builds what a function returns from the arrays that its program returns."""
    if outputs.__class__ is Var:
        return lambda results: as_given(results[0])

    def rebuilt(results: Any) -> Any:
        remaining = iter(results)
        return map_values(outputs, lambda leaf: as_given(next(remaining)) if leaf.__class__ is Var else leaf)

    return rebuilt
