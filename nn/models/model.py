"""A model: a layer that can be compiled, fitted and evaluated, with its summary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn import tree
from nn.config import Arguments
from nn.errors import ArgumentError
from nn.layers.base import Layer
from nn.models.graph import Graph
from nn.models.summary import summary_text
from nn.names import unique_name
from nn.symbolic import KerasTensor, tensors_of
from nn.training.loop import Trainable


class Model(Trainable, named=False):
    """A layer that can be compiled, fitted and evaluated.

    A model is described by symbolic tensors, ``Model(inputs, outputs)``, or by a subclass that makes layers in
    ``__init__`` and computes with them in ``call``. Both can replace `train_step`, `test_step`, `predict_step`,
    `compute_loss` and `compute_metrics` by their own.

    Parameters
    ----------
    inputs, outputs : nest of KerasTensor, optional
        Tensors, lists or dicts of them: `nn.Input`, and what layers and functions return of it.
    name : str, optional
    trainable : bool, default True
    **kwargs
        See `Layer`.

    Raises
    ------
    ArgumentError, OperandError
        If something is no symbolic tensor, or an output needs an input that is not given.

    Examples
    --------
    >>> x = nn.Input((3,))
    >>> hidden = nn.Dense(32, activation="tanh")(x)
    >>> Model(x, [nn.Dense(1)(hidden), hidden + 1.0]).predict(np.ones((5, 3)))[0].shape
    (5, 1)

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

    def __init__(
        self, inputs: Any = None, outputs: Any = None, name: str | None = None, trainable: bool = True, **kwargs: Any
    ) -> None:
        if (inputs is None) != (outputs is None):
            raise ArgumentError("a functional model takes both inputs and outputs: received one of them.")
        if inputs is not None and name is None and type(self) is Model:
            name = unique_name("functional")
        super().__init__(name=name, trainable=trainable, **kwargs)
        if inputs is not None:
            self._arguments = Arguments()  # the configuration has the graph
            self._graph = Graph(inputs, outputs, self.name)
            self._layers = self._graph.layers
            self.casts_inputs = False
            self.built = True

    _graph: Graph | None = None

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Compute the outputs: run the graph, unless a subclass defines another computation."""
        if self._graph is None:
            raise NotImplementedError(f"model {self.name!r} of class {type(self).__name__} defines no call(inputs).")
        return self._graph.run(self._graph.arranged(inputs))

    def build(self, input_shape: Any) -> None:
        """Make the weights, by a call on symbolic tensors of a shape, or of a nest of shapes.

        Parameters
        ----------
        input_shape : tuple of int or None, or nest of these
        """
        if self._graph is None:
            self.compute_output_spec(tensors_of(input_shape, self.dtype))

    def _build(self, *args: Any) -> None:
        if type(self).build is Model.build:
            self.built = True  # the call builds the layers
        else:
            super()._build(*args)

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic inputs of a functional model."""
        return tree.flatten(self.input)

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic outputs of a functional model."""
        return tree.flatten(self.output)

    @property
    def input(self) -> Any:
        return super().input if self._graph is None else self._graph.inputs

    @property
    def output(self) -> Any:
        return super().output if self._graph is None else self._graph.outputs

    def _described_outputs(self) -> Any:
        return None if self._graph is None else (self._graph.outputs, self._graph.output_names)

    def _takes_several(self) -> Any:
        graph = self._graph
        return super()._takes_several() if graph is None else (len(graph.input_layers) > 1, len(graph.ends) > 1)

    def _input_dtypes(self, x: Any) -> Any:
        if self._graph is None or not tree.is_nested(x):
            return super()._input_dtypes(x) if self._graph is None else tree.flatten(self._graph.inputs)[0].dtype
        given = self._graph.flattened(x)
        dtypes = {id(each): wanted.dtype for each, wanted in zip(given, tree.flatten(self._graph.inputs), strict=True)}
        return tree.map_structure(lambda each: dtypes.get(id(each)), x)

    @property
    def output_names(self) -> list[str]:
        """The names of the outputs: of the layers that return them."""
        return ["output"] if self._graph is None else self._graph.output_names

    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside this one, in the order in which they were assigned."""
        if self._graph is not None:
            return list(self._graph.layers)
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

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Print a table of the layers, the shapes of their outputs and the numbers of their parameters.

        Parameters
        ----------
        line_length, positions, layer_range
            Taken as Keras takes them, and not used: columns are as wide as what is in them.
        print_fn : callable, optional
            Called with the text, in place of `print`.
        expand_nested : bool, default False
            Whether to list the layers of models inside this one.
        show_trainable : bool, default False
            Whether to say which layers train.
        """
        (print_fn or print)(self.summary_text(expand_nested, show_trainable))

    def summary_text(self, expand_nested: bool = False, show_trainable: bool = False) -> str:
        """Return the table that `summary` prints.

        Parameters
        ----------
        expand_nested, show_trainable : bool, default False

        Returns
        -------
        str
        """
        return summary_text(self, expand_nested, show_trainable)
