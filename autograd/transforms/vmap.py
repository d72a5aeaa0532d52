"""vmap: from a function of one element, one of a whole batch."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.core import nest
from autograd.core.convert import decisive, result_like
from autograd.errors import OperandError, ShapeError
from autograd.registry.entries import name_of
from autograd.registry.operations import identity
from autograd.transforms.batched import Batched, exposed
from autograd.transforms.levels import Level, mapping


def vmap(f: Callable[..., Any], in_axes: Any = 0, out_axes: Any = 0) -> Callable[..., Any]:
    """Return a function that maps ``f`` over an axis of its arguments, as a loop over it would, but on all elements at
    once.

    Parameters
    ----------
    f : callable
        Takes and returns arrays, tensors and numbers, and nests of these. It may take derivatives, and be mapped
        itself.
    in_axes : int, None, or a tuple or list with one entry for each argument, default 0
        Along which axis each argument is mapped; None for one that is the same for every element. An entry may be a
        nest built like the argument, or like its outer part. Arguments that are passed by name are mapped along their
        first axis.
    out_axes : int, None, or nest like the output, default 0
        Where the axis stands in what is returned; None for what is the same for every element.

    Returns
    -------
    callable
        Takes the arguments of ``f`` with one more axis, and returns what ``f`` does, with one more axis: tensors if a
        tensor was given, and otherwise arrays.

    Raises
    ------
    ShapeError
        If the mapped axes have different lengths, or an argument has no such axis.
    OperandError
        If ``f`` asks for one value where there is one for each element (by ``if``, ``float`` ...).

    Notes
    -----
    A function without a batch rule (see `autograd.rules.batch`) runs once for each element, with the same result.

    Examples
    --------
    >>> vmap(np.dot)(np.ones((4, 3)), np.ones((4, 3)))
    array([3., 3., 3., 3.])

    The gradient of each example:

    >>> loss = lambda w, x, y: (x @ w - y) ** 2
    >>> vmap(autograd.grad(loss), in_axes=(None, 0, 0))(np.ones(2), np.eye(2), np.zeros(2))
    array([[2., 0.],
           [0., 2.]])
    """
    name = name_of(f)
    if isinstance(in_axes, list):
        in_axes = tuple(in_axes)

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        axes = [*_axes_of(in_axes, args, f"in_axes of {name}"), *[0] * len(nest.leaves(kwargs))]
        given = nest.leaves((args, kwargs))
        size = _size(given, axes, name)
        with mapping(size) as level:
            inside = [
                leaf if axis is None else Batched(_in_front(leaf, axis), level)
                for leaf, axis in zip(given, axes, strict=True)
            ]
            args, kwargs = nest.rebuild((args, kwargs), inside)
            out = f(*args, **kwargs)
        leaves = nest.leaves(out)
        found = [
            _outside(leaf, axis, level, name)
            for leaf, axis in zip(leaves, _axes_of(out_axes, out, f"out_axes of {name}"), strict=True)
        ]
        kind = decisive(given)
        return nest.rebuild(out, [result_like(kind, each) for each in found])

    return wrapped


def _axes_of(axes: Any, values: Any, what: str) -> list[Any]:
    """Return the axis of each leaf of a nest, of axes that are built like it or like its outer part."""
    if axes is None or isinstance(axes, int):
        return [axes] * len(nest.leaves(values))
    if isinstance(axes, dict):
        alike = isinstance(values, dict) and axes.keys() == values.keys()
    else:
        alike = isinstance(axes, (list, tuple)) and isinstance(values, (list, tuple)) and len(axes) == len(values)
    if not alike:
        raise ShapeError(
            f"{what}: {axes!r} is not built like what it is for, which has "
            f"{len(values) if hasattr(values, '__len__') else 1} parts. Give an int, None, or a nest with one entry "
            "for each part."
        )
    pairs = [(axes[key], values[key]) for key in values] if isinstance(axes, dict) else zip(axes, values, strict=True)
    return [axis for part, value in pairs for axis in _axes_of(part, value, what)]


def _size(leaves: list[Any], axes: list[Any], name: str) -> int:
    """Return the common length of all mapped axes."""
    sizes = []
    for leaf, axis in zip(leaves, axes, strict=True):
        if axis is not None:
            shape = np.shape(leaf)
            if not -len(shape) <= axis < len(shape):
                raise ShapeError(
                    f"vmap of {name}: an argument of shape {shape} has no axis {axis} to map along. Give in_axes None "
                    "for what is the same for every element."
                )
            sizes.append(shape[axis])
    if not sizes:
        raise ShapeError(f"vmap of {name} has nothing to map: at least one argument needs an axis in in_axes.")
    if len(set(sizes)) > 1:
        raise ShapeError(
            f"vmap of {name} needs mapped axes of one length: received the lengths {', '.join(map(str, sizes))}."
        )
    return sizes[0]


def _in_front(leaf: Any, axis: int) -> Any:
    leaf = identity(leaf) if hasattr(leaf, "shape") else np.asarray(leaf)
    return np.moveaxis(leaf, axis, 0) if axis else leaf


def _outside(leaf: Any, axis: Any, level: Level, name: str) -> Any:
    """Return one output with the axis where it is wanted."""
    if not hasattr(leaf, "dtype") and not isinstance(leaf, (bool, int, float, complex)):
        raise OperandError(
            f"vmap needs a function that returns arrays, numbers, or a nest of these: {name} returned "
            f"{type(leaf).__name__}."
        )
    if axis is None:
        if isinstance(leaf, Batched) and leaf.level is level:
            raise ShapeError(
                f"vmap of {name}: out_axes is None for an output of shape {leaf.shape} that differs from element to "
                f"element."
            )
        return leaf
    whole = exposed(leaf, level)
    return np.moveaxis(whole, 0, axis) if axis else whole
