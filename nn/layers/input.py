"""The inputs of a model: a layer without a computation, and the function that returns its symbolic tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.errors import OperandError
from nn.config import checks_names
from nn.errors import ArgumentError
from nn.layers.base import Layer, as_shape
from nn.symbolic import KerasTensor, Node, Shape


class InputLayer(Layer):
    """The layer at an input of a model: it passes on what it is given.

    Parameters
    ----------
    shape : tuple of int or None
        Of one sample. None is any length.
    batch_size : int, optional
    dtype : dtype, default float32
        Of any kind; samples are converted to it.
    batch_shape : tuple of int or None, optional
        The shape with the number of samples in front, in place of ``shape`` and ``batch_size``.
    name : str, optional
    **kwargs
        See `Layer`.

    Raises
    ------
    ArgumentError
        If it is no shape or no dtype, or both shapes are given.

    Examples
    --------
    >>> InputLayer((3,), name="x").output
    <KerasTensor shape=(None, 3), dtype=float32, name=x>
    """

    takes_one_input = True
    keeps_shape = True

    def __init__(
        self,
        shape: Sequence[int | None] | int | None = None,
        batch_size: int | None = None,
        dtype: Any = None,
        batch_shape: Sequence[int | None] | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        if (shape is None) == (batch_shape is None):
            raise ArgumentError("an Input takes one of shape and batch_shape: received both or neither.")
        if batch_shape is None:
            batch_shape = (*as_shape((batch_size,)), *as_shape(shape))
        self.batch_shape: Shape = as_shape(batch_shape)
        self.shape, self.batch_size = self.batch_shape[1:], self.batch_shape[0]
        self.dtype = _any_dtype(dtype)
        self.built = True
        self.made()

    def made(self) -> KerasTensor:
        """Return the symbolic tensor that is this layer's output."""
        if not self._nodes:
            Node.of_input(self, KerasTensor(self.batch_shape, self.dtype, self.name))
        made: KerasTensor = self._nodes[0].outputs
        return made

    def call(self, inputs: Tensor) -> Tensor:
        return inputs

    def get_config(self) -> dict[str, Any]:
        """Return the shape, the dtype and the name.

        Returns
        -------
        dict of str to value
        """
        return {
            "batch_shape": self.batch_shape,
            "dtype": self.dtype.name,
            "name": self.name,
            "trainable": self.trainable,
        }


def _any_dtype(dtype: Any) -> np.dtype[Any]:
    """Return a dtype of numbers, float32 for None."""
    try:
        found = np.dtype(np.float32 if dtype is None else dtype)
    except TypeError:
        found = np.dtype(object)
    if found.kind not in "biufc":
        raise ArgumentError(f"an input has a dtype of numbers, such as float32 or int32: received dtype={dtype!r}.")
    return found


@checks_names
def Input(
    shape: Sequence[int | None] | int | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
    tensor: KerasTensor | None = None,
) -> KerasTensor:
    """Return a symbolic tensor: an input of a functional model, or the first item of a `Sequential`.

    Parameters
    ----------
    shape : tuple of int or None
        Of one sample. None is any length.
    batch_size : int, optional
    dtype : dtype, default float32
        Of any kind; samples are converted to it.
    batch_shape : tuple of int or None, optional
        The shape with the number of samples in front, in place of ``shape`` and ``batch_size``.
    name : str, optional
    tensor : KerasTensor, optional
        Returned as it is.

    Returns
    -------
    KerasTensor

    Raises
    ------
    ArgumentError, OperandError
        If it is no shape or no dtype, or both shapes are given.

    Examples
    --------
    >>> x = Input((3,))
    >>> model = nn.Model(x, nn.layers.Dense(2)(x))
    >>> model(np.ones((5, 3))).shape
    (5, 2)
    """
    if tensor is not None:
        if not isinstance(tensor, KerasTensor):
            raise OperandError(f"Input takes a symbolic tensor as tensor: received a {type(tensor).__name__}.")
        return tensor
    made = InputLayer(shape, batch_size, dtype, batch_shape, name)
    return made.made()


def input_layer_of(tensor: Any) -> InputLayer | None:
    """Return the input layer that a symbolic tensor is the output of, or None."""
    if isinstance(tensor, InputLayer):
        return tensor
    node = tensor.node if isinstance(tensor, KerasTensor) else None
    return node.operation if node is not None and isinstance(node.operation, InputLayer) else None
