"""A model: a layer that can be compiled, fitted and evaluated, with its summary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn.errors import ArgumentError
from nn.layers.base import Layer, Shape
from nn.training.loop import Trainable


class Model(Trainable, named=False):
    """A layer that can be compiled, fitted and evaluated.

    A subclass makes layers in ``__init__`` and computes with them in ``call``. It can replace `train_step`,
    `test_step`, `predict_step`, `compute_loss` and `compute_metrics` by its own.

    Parameters
    ----------
    **kwargs
        See `Layer`.

    Examples
    --------
    >>> class Regression(Model):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = nn.Dense(32, activation="tanh")
    ...         self.out = nn.Dense(1)
    ...     def call(self, inputs, training=False):
    ...         return self.out(self.hidden(inputs))
    >>> Regression().predict(np.ones((5, 3))).shape
    (5, 1)
    """

    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside this one, in the order in which they were assigned."""
        return self.inner_layers()  # type: ignore[return-value]  # every owner of weights is a layer

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return the layer of a name, or at a position.

        Parameters
        ----------
        name : str, optional
        index : int, optional

        Returns
        -------
        Layer

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
            Called with the text, in place of `print`.
        """
        (print_fn or print)(self.summary_text())

    def summary_text(self) -> str:
        """Return the table that `summary` prints.

        Returns
        -------
        str
        """
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
