"""Checks samples once as a whole, then cuts them into batches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.errors import OperandError, ShapeError
from nn import checks, tree
from nn.checks import real_array
from nn.errors import ArgumentError
from nn.losses.targets import check_finite
from nn.random import generator

Array = np.ndarray[Any, Any]
# Samples, targets and weights: arrays, or lists and dicts of arrays.
Data = tuple[Any, Any, Any]


def samples(
    x: Any, y: Any, sample_weight: Any = None, what: str = "", several: tuple[Any, Any] = (False, False)
) -> Data:
    """Return samples, targets and weights as arrays, or nests of arrays, with as many rows each.

    Parameters
    ----------
    x, y, sample_weight : array_like, or dict or list of array_like
    what : str
        Their name in messages.
    several : tuple of bool or None
        Whether the model has several inputs, and several outputs, so that a list is one of arrays. Where that is not
        known (None), a list of arrays is.

    Raises
    ------
    OperandError, ShapeError
        If something is no array of numbers, is empty or has another length.
    """
    prefix = f"{what}: " if what else ""
    named = {"x": x, "y": y, "sample_weight": sample_weight}
    arrays = {name: _arrays(prefix + name, value, several[name != "x"]) for name, value in named.items()}
    if x is None:
        raise OperandError(f"{prefix}samples are needed: received x=None.")
    leaves = [(name, leaf) for name, nest in arrays.items() for leaf in tree.flatten(nest) if leaf is not None]
    rows = leaves[0][1]
    if not len(rows):
        raise ShapeError(f"{prefix}there are no samples: x has shape {rows.shape}.")
    for name, array in leaves:
        if len(array) != len(rows):
            shapes = ", ".join(f"{key} of shape {value.shape}" for key, value in leaves)
            with_x = "x" if name == "x" else f"x and {name}"
            raise ShapeError(f"{prefix}{with_x} have one row for each sample, as many each: received {shapes}.")
    for name, array in leaves:
        if name == "sample_weight":
            check_finite(f"{prefix}sample_weight", array)
    return arrays["x"], arrays["y"], arrays["sample_weight"]


def _arrays(name: str, value: Any, several: bool | None) -> Any:
    """Return the arrays of a nest: of a dict, and of a list or tuple that holds arrays and not numbers."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {key: _arrays(f"{name}[{key!r}]", each, several) for key, each in value.items()}
    if (
        type(value) in (list, tuple)
        and value
        and (several or (several is None and all(isinstance(each, (np.ndarray, Tensor, dict)) for each in value)))
    ):
        return type(value)([_arrays(f"{name}[{i}]", each, several) for i, each in enumerate(value)])
    if hasattr(value, "to_numpy") and hasattr(value, "columns"):
        value = value.to_numpy()
    return _array(name, value)


def count_of(data: Data) -> int:
    """Return the number of samples."""
    return len(tree.flatten(data[0])[0])


def _array(name: str, value: Any) -> Array:
    array = real_array(name, value)
    if not array.ndim:
        raise ShapeError(f"{name} has its samples along a first axis: received shape ().")
    return array


def validation_epochs(validation_freq: Any) -> Callable[[int], bool]:
    """Return the function that says whether validation follows an epoch, counted from 1."""
    if isinstance(validation_freq, Collection) and not isinstance(validation_freq, (str, bytes, Mapping)):
        wanted = {checks.positive_integer("an epoch of validation_freq", epoch) for epoch in validation_freq}
        return lambda epoch: epoch in wanted
    if isinstance(validation_freq, bool) or not isinstance(validation_freq, (int, np.integer)) or validation_freq < 1:
        raise ArgumentError(
            f"validation_freq is a positive integer, or a list of epochs counted from 1: received {validation_freq!r}."
        )
    return lambda epoch: epoch % validation_freq == 0


def split(data: Data, fraction: float) -> tuple[Data, Data]:
    """Split off the last samples, a fraction of all."""
    if isinstance(fraction, bool) or not isinstance(fraction, (int, float)) or not 0 < fraction < 1:
        raise ArgumentError(f"validation_split is at least 0 and less than 1: received {fraction!r}.")
    count = count_of(data)
    at = int(count * (1 - fraction))
    if not 0 < at < count:
        raise ArgumentError(
            f"validation_split={fraction} of {count} samples leaves none on one side: choose another, or pass "
            f"validation_data."
        )
    first = tree.map_structure(lambda array: None if array is None else array[:at], data)
    last = tree.map_structure(lambda array: None if array is None else array[at:], data)
    return first, last


def class_weights_of(data: Data, class_weight: Mapping[int, float]) -> Data:
    """Convert a factor for each class to one for each sample."""
    x, y, sample_weight = data
    if sample_weight is not None:
        raise ArgumentError("class_weight and sample_weight cannot both be given: multiply them into sample_weight.")
    if not isinstance(class_weight, Mapping):
        raise OperandError(
            "class_weight is a dict from class to weight, such as {0: 1.0, 1: 2.5}: received a "
            f"{type(class_weight).__name__}. A list of weights becomes one by dict(enumerate(weights))."
        )
    for label, factor in class_weight.items():
        if (
            not isinstance(label, (int, np.integer))
            or isinstance(factor, bool)
            or not isinstance(factor, (int, float, np.number))
        ):
            raise OperandError(
                f"class_weight is a dict from class to weight, such as {{0: 1.0, 1: 2.5}}: received {label!r}: "
                f"{factor!r} in it."
            )
    if tree.is_nested(y):
        raise ArgumentError("class_weight is for models with one output: pass sample_weight, one array for each.")
    if y is None or y.ndim > 2:
        raise ArgumentError(
            f"class_weight needs one label or one-hot vector for each sample: received y of shape "
            f"{None if y is None else y.shape}."
        )
    labels = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(len(y))
    if labels.dtype.kind == "f" and not np.array_equal(labels, np.rint(labels)):
        raise ArgumentError(
            "class_weight needs labels that are whole numbers: received y with the value "
            f"{labels[labels != np.rint(labels)][0]}."
        )
    weights = np.ones(len(labels))
    for label, factor in class_weight.items():
        weights[labels == label] = factor
    return x, y, weights


class Batches:
    """Samples in batches of tensors, optionally in a new order each time.

    Parameters
    ----------
    data : tuple of array
        As `samples` returns it.
    batch_size : int
        The last batch may be smaller.
    dtypes : nest of dtype or None
        Those of the samples in a batch; their own for None.
    shuffle : bool, default False
    """

    def __init__(self, data: Data, batch_size: int, dtypes: Any, shuffle: bool = False) -> None:
        self.data = data
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.count = count_of(data)
        self._parts = [_converted_rows(nest, dtypes if i == 0 else None) for i, nest in enumerate(data)]

    def __len__(self) -> int:
        return -(-self.count // self.batch_size)

    def sizes(self, times: int = 1) -> dict[int, int]:
        """Return the number of batches of each size, in a number of passes over the samples."""
        full, rest = divmod(self.count, self.batch_size)
        return {self.batch_size: full * times} | ({rest: times} if rest else {})

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        x, y, weights = self._parts
        order = generator().permutation(self.count) if self.shuffle else None
        for start in range(0, self.count, self.batch_size):
            rows: Any = slice(start, start + self.batch_size)
            rows = rows if order is None else order[rows]
            batch: tuple[Any, ...] = (x(rows),)
            if y is not None:
                batch += (y(rows),)
            if weights is not None:
                batch += (None,) * (2 - len(batch)) + (weights(rows),)
            yield batch


class Passes:
    """Epochs of some batches: all of them, or a number of them, each epoch going on where the one before it ended.

    Parameters
    ----------
    batches : Batches
    steps : int, optional
        The number of batches in an epoch.
    what : str
        The name of that argument, for messages.
    """

    def __init__(self, batches: Batches, steps: int | None, what: str) -> None:
        self.batches = batches
        self.steps = None if steps is None else checks.positive_integer(what, steps)
        self._open: Iterator[tuple[Any, ...]] = iter(())

    def __len__(self) -> int:
        return len(self.batches) if self.steps is None else self.steps

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        if self.steps is None:
            yield from self.batches
            return
        for _ in range(self.steps):
            batch = next(self._open, None)
            if batch is None:
                self._open = iter(self.batches)
                batch = next(self._open)
            yield batch


def _converted_rows(nest: Any, dtypes: Any) -> Any:
    """Return a function from rows to the tensors of these, for a nest of arrays; None for None."""
    if nest is None:
        return None
    if not tree.is_nested(nest):
        dtype = dtypes or nest.dtype
        return lambda rows: _tensor(nest, rows, dtype)
    arrays = tree.flatten(nest)
    kinds = tree.flatten(dtypes) if tree.is_nested(dtypes) else [dtypes] * len(arrays)

    def parts(rows: Any) -> Any:
        found = [
            None if array is None else _tensor(array, rows, kind or array.dtype)
            for array, kind in zip(arrays, kinds, strict=True)
        ]
        return tree.pack_sequence_as(nest, found)

    return parts


def _tensor(array: Array, rows: Any, dtype: Any) -> Tensor:
    """Return some rows as a tensor. They are copied once, and converted on the way."""
    part = array[rows]
    return Tensor(part.astype(dtype, copy=part.base is not None), copy=False)
