"""Models: layers that can be trained, in a row or in any other arrangement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from autograd.errors import OperandError
from nn import config as naming
from nn.config import checks_keywords
from nn.errors import ArgumentError, StateError
from nn.layers.base import Layer, Shape
from nn.layers.core import Activation, Dense, Dropout, Flatten, Input
from nn.training.loop import Trainable

__all__ = ["Model", "Sequential"]

LAYERS: dict[str, type[Layer]] = {"dense": Dense, "flatten": Flatten, "dropout": Dropout, "activation": Activation}


class Model(Trainable):
    """A layer that can be compiled, fitted and evaluated.

    A subclass makes layers in ``__init__`` and computes with them in ``call``. It can replace `train_step`,
    `test_step`, `predict_step`, `compute_loss` and `compute_metrics` by its own.

    Examples
    --------
    >>> class Regression(Model):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = Dense(32, activation="tanh")
    ...         self.out = Dense(1)
    ...     def call(self, inputs, training=False):
    ...         return self.out(self.hidden(inputs))
    """

    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside this one, in the order in which they were assigned."""
        return self.inner_layers()

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return the layer of a name, or at a position.

        Raises
        ------
        ArgumentError
            If there is none.
        """
        layers = self.layers
        if index is not None and -len(layers) <= index < len(layers):
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        asked = f"at position {index}" if index is not None else f"named {name!r}"
        raise ArgumentError(
            f"model {self.name!r} has no layer {asked}. Those it has: {', '.join(layer.name for layer in layers)}."
        )

    def summary(self, print_fn: Callable[[str], Any] | None = None) -> None:
        """Print a table of the layers, the shapes of their outputs and the numbers of their parameters.

        Parameters
        ----------
        print_fn : callable, optional
            What to call with the text, in place of `print`.
        """
        (print_fn or print)(self.summary_text())

    def summary_text(self) -> str:
        """Return the table that `summary` prints."""
        rows = [("Layer (type)", "Output shape", "Parameters")]
        for layer, shape in zip(self.layers, self._output_shapes(), strict=True):
            count = f"{layer.count_params():,}" if layer.built or layer.weights else "not built"
            rows.append((f"{layer.name} ({type(layer).__name__})", "?" if shape is None else str(shape), count))
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = [f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}" for row in rows]
        rule = "-" * len(lines[0])
        trainable = sum(weight.size for weight in self.trainable_weights)
        frozen = sum(weight.size for weight in self.weights) - trainable
        totals = [f"Parameters: {trainable + frozen:,}", f"  trainable: {trainable:,}", f"  not trainable: {frozen:,}"]
        return "\n".join([f"Model {self.name!r}", rule, lines[0], rule, *lines[1:], rule, *totals])

    def _output_shapes(self) -> list[Shape | None]:
        return [None] * len(self.layers)


class Sequential(Model):
    """Layers in a row: each takes what the one before it returns.

    Parameters
    ----------
    layers : sequence of Layer, optional
        An `Input` may come first; the model is then built at once, and at its first call otherwise.
    name : str, optional
    trainable : bool, default True

    Examples
    --------
    >>> model = Sequential([Input((784,)), Dense(512, activation="relu"), Dense(10, activation="softmax")])
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

    @checks_keywords
    def __init__(
        self, layers: Sequence[Layer | Input] | None = None, name: str | None = None, trainable: bool = True
    ) -> None:
        super().__init__(name=name, trainable=trainable)
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
        """Take the last layer away, and return it."""
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
        # The number of samples is left open; a single axis, which most layers refuse, is passed on as it is, for their
        # message.
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
        layers = [naming.describe(layer, {}) for layer in self._layers]
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable, "layers": layers}
        if self._input is not None:
            config["input_shape"] = self._input.shape[1:]
            config["dtype"] = self._input.dtype.name
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Make a model of the same layers, with weights of its own."""
        model = cls(name=config["name"], trainable=config["trainable"])
        if "input_shape" in config:
            model.add(Input(config["input_shape"], dtype=config["dtype"]))
        for each in config["layers"]:
            kind = LAYERS.get(each["class_name"])
            if kind is None:
                raise ArgumentError(
                    f"there is no layer of class {each['class_name']!r}. Those there are: {', '.join(sorted(LAYERS))}."
                )
            model.add(kind.from_config(each["config"]))
        return model


LAYERS["sequential"] = Sequential
