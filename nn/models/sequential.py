"""Layers in a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from autograd.errors import OperandError
from nn.config import Arguments, describe
from nn.errors import ArgumentError, StateError
from nn.layers.base import LAYERS, Layer
from nn.layers.input import Input, InputLayer, input_layer_of
from nn.models.model import Model
from nn.symbolic import KerasTensor


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
        if cls.__init__ is Sequential.__init__ and sum(isinstance(each, (Layer, KerasTensor)) for each in args) > 1:
            raise OperandError(
                f"Sequential takes its layers as one list, Sequential([first, second]): received {len(args)} arguments."
            )
        return super().__new__(cls, *args, **kwargs)

    def __init__(
        self, layers: Sequence[Layer | KerasTensor] | None = None, name: str | None = None, trainable: bool = True
    ) -> None:
        super().__init__(name=name, trainable=trainable)
        self._arguments = Arguments()  # the configuration has the layers as they are then
        self._layers: list[Layer] = []
        self._tensors: list[Any] = []  # the symbolic input, and the output of each layer
        self._declared = False  # whether the input was given, and is part of the configuration
        if layers is not None and not isinstance(layers, (list, tuple)):
            raise OperandError(f"Sequential takes a list of layers: received {layers!r}.")
        for layer in layers or ():
            self.add(layer)

    @property
    def layers(self) -> list[Layer]:
        return list(self._layers)

    def add(self, layer: Layer | KerasTensor) -> None:
        """Add a layer at the end.

        Parameters
        ----------
        layer : Layer or Input

        Raises
        ------
        OperandError, ArgumentError
            If it is no layer, its name is taken, or an `Input` does not come first.
        """
        input_layer = input_layer_of(layer)
        if input_layer is not None:
            if self._layers or self._tensors:
                raise ArgumentError(
                    f"an Input comes first in a Sequential model and only there: model {self.name!r} has layers "
                    f"already."
                )
            self._tensors, self.dtype, self._declared = [input_layer.made()], input_layer.dtype, True
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
        if not self._layers and not self._tensors:
            self.dtype = layer.dtype
            if layer.declared_input_shape is not None:
                self._tensors = [InputLayer(batch_shape=layer.declared_input_shape, dtype=layer.dtype).made()]
        self._layers.append(layer)
        self.built = False
        if self._tensors:
            try:
                self._extend()
            except BaseException:
                self._layers.pop()
                raise

    def _extend(self) -> None:
        """Call the layers that are new on the symbolic output of those before them, which builds them."""
        for layer in self._layers[len(self._tensors) - 1 :]:
            self._tensors.append(layer(self._tensors[-1]))
        self.built = True

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
        del self._tensors[len(self._layers) :]
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
        if len(shape) < 2:
            self._layers[0].build_from_shape(shape)  # which says that there are too few axes
        self._tensors = [InputLayer(batch_shape=shape or (None,), dtype=self.dtype).made()]
        try:
            self._extend()
        except BaseException:
            self._tensors = []
            raise

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        for layer in self._layers:
            inputs = layer(inputs)
        return inputs

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if not self._layers:
            raise StateError(f"model {self.name!r} has no layers: add some before calling it.")
        return super().__call__(inputs, *args, **kwargs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        for layer in self._layers:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    @property
    def input(self) -> Any:
        return self._symbolic()[0]

    @property
    def output(self) -> Any:
        return self._symbolic()[-1]

    def _symbolic(self) -> list[Any]:
        if not self._tensors:
            raise StateError(
                f"model {self.name!r} has no input yet: begin with nn.Input(shape), or call the model first."
            )
        return self._tensors

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without symbolic tensors, which are made again."""
        state = super().__getstate__()
        state["_tensors"] = [(each.shape, each.dtype) for each in self._tensors[:1]]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if self._tensors:
            ((shape, dtype),) = self._tensors
            self._tensors = [InputLayer(batch_shape=shape, dtype=dtype).made()]
            self._extend()

    def get_config(self) -> dict[str, Any]:
        """Return the configurations of the layers, and the shape of the input where there is an `Input`.

        Returns
        -------
        dict of str to value
        """
        layers = [describe(layer) for layer in self._layers]
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable, "layers": layers}
        if self._declared:
            config["input_shape"] = self._tensors[0].shape[1:]
            config["dtype"] = self._tensors[0].dtype.name
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
