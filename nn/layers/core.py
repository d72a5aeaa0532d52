"""Dense, flatten, dropout and activation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Tensor, Variable
from autograd.errors import ShapeError
from autograd.extend import ask
from nn import activations, checks, initializers, ops, regularizers
from nn.errors import ArgumentError
from nn.layers.base import Layer, Shape
from nn.layers.input import Input as Input
from nn.random import generator


class Dense(Layer):
    """``activation(inputs @ kernel + bias)``, along the last axis.

    Parameters
    ----------
    units : int
        The length of the output.
    activation : str or callable, optional
        See `nn.activations`. None is linear.
    use_bias : bool, default True
    kernel_initializer, bias_initializer : str or callable
        Glorot's uniform distribution, and zeros. See `nn.initializers`.
    kernel_regularizer, bias_regularizer, activity_regularizer : str or callable, optional
        Penalties on the kernel, the bias and the output, that of the output divided by the number of samples. See
        `nn.regularizers`.
    **kwargs
        See `Layer`.

    Attributes
    ----------
    kernel : Variable, shape (inputs, units)
    bias : Variable, shape (units,), or None

    Raises
    ------
    ArgumentError
        If an argument has a value that is not allowed.
    ShapeError
        When it is built or called, if the inputs have fewer than two axes, or another length than those that it was
        built for.

    Examples
    --------
    >>> layer = Dense(3, activation="relu", kernel_initializer="ones")
    >>> layer(np.array([[1.0, 2.0], [-3.0, 1.0]])).tolist()
    [[3.0, 3.0, 3.0], [0.0, 0.0, 0.0]]
    """

    takes_one_input = True

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = checks.positive_integer("units", units, self)
        self.activation = activations.get(activation)
        self.use_bias = checks.boolean("use_bias", use_bias, self)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.bias: Variable | None = None

    def build(self, input_shape: Shape) -> None:
        length = _known_length(self.name, input_shape)
        kernel, bias = self.kernel_regularizer, self.bias_regularizer
        self.kernel = self.add_weight((length, self.units), self.kernel_initializer, regularizer=kernel, name="kernel")
        if self.use_bias:
            self.bias = self.add_weight((self.units,), self.bias_initializer, regularizer=bias, name="bias")

    def call(self, inputs: Tensor) -> Tensor:
        _check_length(self.name, inputs.shape, self.kernel.shape[0])
        outputs = inputs @ self.kernel if self.bias is None else ops.affine(inputs, self.kernel, self.bias)
        return outputs if self.activation is activations.linear else self.activation(outputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        if self.built:
            _check_length(self.name, input_shape, self.kernel.shape[0])
        return (*input_shape[:-1], self.units)


def _known_length(name: str, shape: Shape) -> int:
    """Return the length of the last axis for which a layer is built, or raise that it is not known."""
    if len(shape) < 2 or shape[-1] is None:
        raise ShapeError(
            f"layer {name!r} takes inputs of shape (samples, ..., length), where the length is known: received shape "
            f"{tuple(shape)}.{_no_batch(shape)}"
        )
    return shape[-1]


def _check_length(name: str, shape: Shape, length: int) -> None:
    """Raise unless inputs have the length along the last axis that a layer was built for."""
    if len(shape) < 2 or shape[-1] != length:
        advice = _no_batch(shape)
        if len(shape) > 2 and math.prod(n or 1 for n in shape[1:]) == length:
            advice = " Flatten the samples first (layer Flatten)."
        raise ShapeError(
            f"layer {name!r} was built for inputs of shape (samples, ..., {length}): received shape "
            f"{tuple(shape)}.{advice}"
        )


def _no_batch(shape: Shape) -> str:
    """Return the advice how inputs of too few axes become a batch."""
    if len(shape) == 1:
        return " One sample x is the batch x[None]; samples of one number each are the column x[:, None]."
    return "" if shape else " One sample of one number x is the batch [[x]]."


class Flatten(Layer):
    """Join all axes of a sample into one: ``(samples, 28, 28)`` becomes ``(samples, 784)``.

    Parameters
    ----------
    **kwargs
        See `Layer`.

    Raises
    ------
    ShapeError
        If the inputs have no axis for the samples.

    Examples
    --------
    >>> Flatten()(np.ones((5, 28, 28))).shape
    (5, 784)
    """

    takes_one_input = True

    def call(self, inputs: Tensor) -> Tensor:
        shape = self.compute_output_shape(inputs.shape)
        return inputs if inputs.shape == shape else inputs.reshape(shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        if not input_shape:
            raise ShapeError(f"layer {self.name!r} needs samples along a first axis: received shape ().")
        axes = input_shape[1:]
        return (input_shape[0], None if None in axes else math.prod(n for n in axes if n is not None))


class Activation(Layer):
    """An activation function as a layer.

    Parameters
    ----------
    activation : str or callable
        See `nn.activations`.
    **kwargs
        See `Layer`.

    Raises
    ------
    ArgumentError
        If there is no activation of the name.

    Examples
    --------
    >>> Activation("relu")(np.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    takes_one_input = True
    keeps_shape = True

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Tensor) -> Tensor:
        return self.activation(inputs)


class Dropout(Layer):
    """In training, set each element to 0 with a probability, and divide the others by the probability to be kept
    (Srivastava et al., 2014).

    Parameters
    ----------
    rate : float
        The probability, from 0 up to but not including 1.
    noise_shape : tuple of int or None, optional
        The shape of the mask, which broadcasts against the input: an axis of length 1 is dropped or kept as a whole.
        None in an axis stands for the length of the input there.
    seed : int, optional
        For a generator of its own; the shared one (`nn.set_random_seed`) unless given.
    **kwargs
        See `Layer`.

    Raises
    ------
    ArgumentError
        If the rate is no such probability.
    ShapeError
        When it is called, if ``noise_shape`` does not broadcast against the input.

    Examples
    --------
    >>> layer = Dropout(0.5, seed=0)
    >>> layer(np.ones(4)).tolist()
    [1.0, 1.0, 1.0, 1.0]
    >>> sorted(set(layer(np.ones(100), training=True).tolist()))
    [0.0, 2.0]
    """

    takes_one_input = True
    keeps_shape = True

    def __init__(
        self, rate: float, noise_shape: Sequence[int | None] | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        if noise_shape is not None and (isinstance(noise_shape, str) or not isinstance(noise_shape, Sequence)):
            raise ArgumentError(
                f"noise_shape is a tuple of lengths or None, one for each axis of the input: received {noise_shape!r}."
            )
        super().__init__(**kwargs)
        self.rate = checks.probability("rate", rate, self)
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)
        self.seed = seed
        # None stands for the shared generator: a copy of the layer must not copy that.
        self._generator = None if seed is None else generator(seed)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or self.rate == 0:
            return inputs
        shape = inputs.shape
        if self.noise_shape is not None:
            if len(shape) != len(self.noise_shape) or any(
                m not in (None, 1, n) for n, m in zip(shape, self.noise_shape, strict=True)
            ):
                raise ShapeError(
                    f"layer {self.name!r} has noise_shape={self.noise_shape}, which does not broadcast against inputs "
                    f"of shape {shape}: as many axes are needed, each None, 1 or the length of the input there."
                )
            shape = tuple([n if m is None else m for n, m in zip(shape, self.noise_shape, strict=True)])
        rng = generator() if self._generator is None else self._generator
        kept = ask(lambda: rng.random(shape, np.float32)) >= self.rate
        return inputs * np.multiply(kept, 1 / (1 - self.rate), dtype=inputs.dtype)
