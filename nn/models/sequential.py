"""Layers in a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from autograd.errors import OperandError
from nn.config import Arguments, describe
from nn.errors import ArgumentError, StateError
from nn.layers.base import LAYERS, Layer, Shape
from nn.layers.core import Input
from nn.models.model import Model


class Sequential(Model):
    """Layers in a row: each takes what the one before it returns.

    Parameters
    ----------
    layers : sequence of Layer, optional
        An `Input` can come first; the model is then built at once, and at its first call otherwise.
    name : str, optional
    trainable : bool, default True

    Raises
    ------
    OperandError, ArgumentError
        If something is no layer, two layers have one name, or an `Input` does not come first.

    Examples
    --------
    >>> model = Sequential([nn.Input((784,)), nn.Dense(512, "relu"), nn.Dense(10, "softmax")])
    >>> model.count_params()
    407050
    """

    takes_one_input = True

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        if cls.__init__ is Sequential.__init__ and sum(isinstance(each, (Layer, Input)) for each in args) > 1:
            raise OperandError(
                f"Sequential takes its layers as one list, Sequential([first, second]): received {len(args)} arguments."
            )
        return super().__new__(cls, *args, **kwargs)

    def __init__(
        self, layers: Sequence[Layer | Input] | None = None, name: str | None = None, trainable: bool = True
    ) -> None:
        super().__init__(name=name, trainable=trainable)
        self._arguments = Arguments()  # the configuration has the layers as they are then
        self._layers: list[Layer] = []
        self._input: Input | None = None
        self._input_shape: Shape | None = None
        if layers is not None and not isinstance(layers, (list, tuple)):
            raise OperandError(f"Sequential takes a list of layers: received {layers!r}.")
        for layer in layers or ():
            self.add(layer)

    @property
    def layers(self) -> list[Layer]:
        return list(self._layers)

    def add(self, layer: Layer | Input) -> None:
        """Add a layer at the end.

        Parameters
        ----------
        layer : Layer or Input

        Raises
        ------
        OperandError, ArgumentError
            If it is no layer, its name is taken, or an `Input` does not come first.
        """
        if isinstance(layer, Input):
            if self._layers or self._input is not None:
                raise ArgumentError(
                    f"an Input comes first in a Sequential model and only there: model {self.name!r} has layers "
                    f"already."
                )
            self._input, self._input_shape, self.dtype = layer, layer.shape, layer.dtype
            return
        if not isinstance(layer, Layer):
            advice = (
                " Make it an object of the class first."
                if isinstance(layer, type)
                else " A function goes into Activation(function)."
            )
            raise OperandError(f"Sequential takes layers: received {layer!r}.{advice if callable(layer) else ''}")
        if any(layer.name == other.name for other in self._layers):
            raise ArgumentError(
                f"model {self.name!r} has a layer named {layer.name!r} already: layers of one model need different "
                f"names."
            )
        if not self._layers and self._input is None:
            self.dtype = layer.dtype
            if layer.declared_input_shape is not None:
                self._input_shape = layer.declared_input_shape
        self._layers.append(layer)
        self.built = False
        if self._input_shape is not None:
            try:
                self.build_from_shape(self._input_shape)
            except BaseException:
                self._layers.pop()
                raise

    def pop(self) -> Layer:
        """Remove the last layer.

        Returns
        -------
        Layer

        Raises
        ------
        StateError
            If there is none.
        """
        if not self._layers:
            raise StateError(f"model {self.name!r} has no layer to take away.")
        return self._layers.pop()

    @property
    def casts_inputs(self) -> bool:  # type: ignore[override]
        return not self._layers or self._layers[0].casts_inputs

    def build(self, input_shape: Any) -> None:
        """Build all layers for inputs of a shape, the number of samples (or None) first."""
        if not self._layers:
            return
        # The number of samples is left open. A single axis, which most layers refuse, stays as it is in their message.
        shape = (None, *input_shape[1:]) if len(input_shape) > 1 else tuple(input_shape)
        self._input_shape = shape
        for layer in self._layers:
            layer.build_from_shape(shape)
            shape = layer.compute_output_shape(shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        for layer in self._layers:
            inputs = layer(inputs, training=training)
        return inputs

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if not self._layers:
            raise StateError(f"model {self.name!r} has no layers: add some before calling it.")
        return super().__call__(inputs, *args, **kwargs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        for layer in self._layers:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def _output_shapes(self) -> list[Shape | None]:
        if self._input_shape is None:
            return [None] * len(self._layers)
        shapes: list[Shape | None] = []
        shape: Any = self._input_shape
        for layer in self._layers:
            shape = layer.compute_output_shape(shape)
            shapes.append(shape)
        return shapes

    def get_config(self) -> dict[str, Any]:
        """Return the configurations of the layers, and the shape of the input where there is an `Input`.

        Returns
        -------
        dict of str to value
        """
        layers = [describe(layer) for layer in self._layers]
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable, "layers": layers}
        if self._input is not None:
            config["input_shape"] = self._input.shape[1:]
            config["dtype"] = self._input.dtype.name
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Make a model of the same layers, with weights of its own.

        Parameters
        ----------
        config : mapping of str to value
            As `get_config` returned it.

        Returns
        -------
        Sequential
        """
        model = cls(name=config["name"], trainable=config["trainable"])
        if "input_shape" in config:
            model.add(Input(config["input_shape"], dtype=config["dtype"]))
        for each in config["layers"]:
            model.add(LAYERS.get(each))
        return model
