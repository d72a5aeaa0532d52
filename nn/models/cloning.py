"""Copies of models with weights of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn import tree
from nn.errors import ArgumentError
from nn.layers.base import Layer
from nn.layers.input import InputLayer
from nn.models.model import Model
from nn.models.sequential import Sequential
from nn.symbolic import Function


def clone_model(
    model: Model, input_tensors: Any = None, clone_function: Callable[[Layer], Layer] | None = None
) -> Model:
    """Return a model of the same layers, with weights of its own.

    Parameters
    ----------
    model : Model
        Functional or `Sequential`.
    input_tensors : nest of KerasTensor, optional
        Of the new model; new inputs of the same shapes unless given.
    clone_function : callable, optional
        Takes a layer and returns the one that stands in its place: ``layer.from_config(layer.get_config())`` unless
        given. A layer that is used several times is asked for once.

    Returns
    -------
    Model

    Raises
    ------
    ArgumentError
        If the model is of a subclass that is described by no graph.

    Examples
    --------
    >>> x = nn.Input((3,))
    >>> model = Model(x, nn.Dense(2)(x))
    >>> [weight.shape for weight in clone_model(model).weights]
    [(3, 2), (2,)]
    """
    clone = clone_function or _cloned
    if isinstance(model, Sequential):
        layers = [clone(layer) for layer in model.layers]
        given = tree.flatten(input_tensors) if input_tensors is not None else model.inputs[:1] if model.built else []
        start = [InputLayer(batch_shape=each.shape, dtype=each.dtype).made() for each in given]
        return Sequential([*start, *layers], name=model.name, trainable=model.trainable)
    graph = model._graph
    if graph is None:
        raise ArgumentError(
            f"clone_model copies functional and Sequential models: {model.name!r} is of class {type(model).__name__}. "
            f"Make another one by {type(model).__name__}(...), or copy.deepcopy."
        )
    clones: dict[int, Any] = {}

    def replaced(operation: Any) -> Any:
        if id(operation) not in clones:
            is_function = isinstance(operation, Function)
            clones[id(operation)] = Function(operation.fn, operation.name) if is_function else clone(operation)
        return clones[id(operation)]

    if input_tensors is None:
        starts = [InputLayer.from_config(layer.get_config()).made() for layer in graph.input_layers]
        inputs = tree.pack_sequence_as(graph.inputs, starts)
    else:
        inputs, starts = input_tensors, tree.flatten(input_tensors)
    return Model(inputs, graph.run(starts, replaced), name=model.name, trainable=model.trainable)


def _cloned(layer: Any) -> Any:
    """Return a layer like another, with weights of its own; a model by `clone_model`."""
    if isinstance(layer, Model) and (isinstance(layer, Sequential) or layer._graph is not None):
        return clone_model(layer)
    return layer.from_config(layer.get_config())
