"""Checks samples once as a whole, then cuts them into batches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.errors import OperandError, ShapeError
from nn import checks
from nn.checks import real_array
from nn.errors import ArgumentError
from nn.losses.targets import check_finite
from nn.random import generator

Array = np.ndarray[Any, Any]
Data = tuple[Array, Array | None, Array | None]


def samples(x: Any, y: Any, sample_weight: Any = None, what: str = "") -> Data:
    """Return samples, targets and weights as arrays with as many rows each.

    Raises
    ------
    OperandError, ShapeError
        If something is no array of numbers, is empty or has another length.
    """
    prefix = f"{what}: " if what else ""
    named = {"x": x, "y": y, "sample_weight": sample_weight}
    arrays = {name: None if value is None else _array(prefix + name, value) for name, value in named.items()}
    rows = arrays["x"]
    if rows is None:
        raise OperandError(f"{prefix}samples are needed: received x=None.")
    if not len(rows):
        raise ShapeError(f"{prefix}there are no samples: x has shape {rows.shape}.")
    for name, array in arrays.items():
        if array is not None and len(array) != len(rows):
            shapes = ", ".join(f"{key} of shape {value.shape}" for key, value in arrays.items() if value is not None)
            raise ShapeError(f"{prefix}x and {name} have one row for each sample, as many each: received {shapes}.")
    if arrays["sample_weight"] is not None:
        check_finite(f"{prefix}sample_weight", arrays["sample_weight"])
    return rows, arrays["y"], arrays["sample_weight"]


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
    count = len(data[0])
    at = int(count * (1 - fraction))
    if not 0 < at < count:
        raise ArgumentError(
            f"validation_split={fraction} of {count} samples leaves none on one side: choose another, or pass "
            f"validation_data."
        )
    first = tuple([None if array is None else array[:at] for array in data])
    last = tuple([None if array is None else array[at:] for array in data])
    return first, last  # type: ignore[return-value]


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
    dtype : dtype or None
        That of the samples in a batch; their own for None.
    shuffle : bool, default False
    """

    def __init__(self, data: Data, batch_size: int, dtype: Any, shuffle: bool = False) -> None:
        self.data = data
        self.batch_size = batch_size
        self.dtype = dtype
        self.shuffle = shuffle

    def __len__(self) -> int:
        return -(-len(self.data[0]) // self.batch_size)

    def sizes(self, times: int = 1) -> dict[int, int]:
        """Return the number of batches of each size, in a number of passes over the samples."""
        full, rest = divmod(len(self.data[0]), self.batch_size)
        return {self.batch_size: full * times} | ({rest: times} if rest else {})

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        x, y, weights = self.data
        count = len(x)
        order = generator().permutation(count) if self.shuffle else None
        for start in range(0, count, self.batch_size):
            rows: Any = slice(start, start + self.batch_size)
            rows = rows if order is None else order[rows]
            batch: tuple[Any, ...] = (_tensor(x, rows, self.dtype or x.dtype),)
            if y is not None:
                batch += (_tensor(y, rows, y.dtype),)
            if weights is not None:
                batch += (None,) * (2 - len(batch)) + (_tensor(weights, rows, weights.dtype),)
            yield batch


def _tensor(array: Array, rows: Any, dtype: Any) -> Tensor:
    """Return some rows as a tensor. They are copied once, and converted on the way."""
    part = array[rows]
    return Tensor(part.astype(dtype, copy=part.base is not None), copy=False)
