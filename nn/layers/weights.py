"""The weights, sub-layers and losses of a layer: found among its attributes, collected, counted, copied out and in."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from autograd import Tensor, Variable
from autograd.errors import DtypeError, OperandError, ShapeError
from nn.config import Arguments, Configured
from nn.errors import ArgumentError, StateError

# The layers that hold losses of a call, by id. Where there are none, the next call has nothing to forget.
with_added_losses: weakref.WeakValueDictionary[int, WeightOwner] = weakref.WeakValueDictionary()


class WeightOwner(Configured, named=False):
    """The part of `Layer` that knows which variables and layers belong to it."""

    name: Any
    built: bool
    _trainable: bool
    _weights: list[Variable]
    _regularized: list[tuple[Variable, Callable[[Any], Any]]]
    _added_losses: list[Tensor]

    def sublayers(self) -> Iterator[WeightOwner]:
        """Yield this layer and all layers inside it, each once, those that contain others first."""
        seen: set[int] = set()
        stack: list[WeightOwner] = [self]
        while stack:
            layer = stack.pop()
            if id(layer) in seen:
                continue
            seen.add(id(layer))
            yield layer
            stack.extend(reversed(layer.inner_layers()))

    def inner_layers(self) -> list[WeightOwner]:
        """Return the layers directly inside this one, each once, in the order in which they were assigned."""
        layers = [found for found in _gather(vars(self).values(), []) if isinstance(found, WeightOwner)]
        return list(dict.fromkeys(layers)) if len(layers) > 1 else layers

    @property
    def trainable(self) -> bool:
        """Whether the weights train. Of a layer that does not, none of the weights inside it trains either."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        if not isinstance(value, (bool, np.bool_)):
            raise ArgumentError(f"layer {self.name!r}: trainable is True or False: received {value!r}.")
        self._trainable = bool(value)

    @property
    def weights(self) -> list[Variable]:
        """All variables: the layer's own, those that train first, and then those of the layers inside it."""
        return self._collect(True)

    @property
    def trainable_weights(self) -> list[Variable]:
        """The variables that train: none of a layer whose ``trainable`` is False."""
        return [variable for variable in self._collect(False) if variable.trainable]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The variables that do not train."""
        trainable = set(map(id, self.trainable_weights))
        return [variable for variable in self.weights if id(variable) not in trainable]

    @property
    def variables(self) -> list[Variable]:
        """The same as `weights`."""
        return self.weights

    @property
    def trainable_variables(self) -> list[Variable]:
        """The same as `trainable_weights`."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The same as `non_trainable_weights`."""
        return self.non_trainable_weights

    def _collect(self, frozen: bool) -> list[Variable]:
        """Return the variables of this layer and those inside it, each once; with or without those of frozen layers."""
        found: dict[int, Variable] = {}
        stack: list[WeightOwner] = [self]
        seen: set[int] = set()
        while stack:
            layer = stack.pop()
            if id(layer) in seen or not (frozen or layer._trainable):
                continue
            seen.add(id(layer))
            leaves = _gather(vars(layer).values(), [])
            own = [leaf for leaf in leaves if isinstance(leaf, Variable)]
            found.update((id(v), v) for v in sorted(own, key=lambda v: not v.trainable) if id(v) not in found)
            stack.extend(reversed([leaf for leaf in leaves if isinstance(leaf, WeightOwner)]))
        return list(found.values())

    def count_params(self) -> int:
        """Return the number of elements of all weights.

        Returns
        -------
        int

        Raises
        ------
        StateError
            If the layer is not built.
        """
        if not self.built and not self.weights:
            raise StateError(
                f"layer {self.name!r} has no weights yet: they are made at the first call. Call it, or build it with "
                f"an input shape."
            )
        return sum(variable.size for variable in self.weights)

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Return copies of all weights as arrays, in the order of `weights`.

        Returns
        -------
        list of ndarray
        """
        return [variable.numpy().copy() for variable in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Assign all weights, from a list as `get_weights` returns it.

        Parameters
        ----------
        weights : list of array_like

        Raises
        ------
        OperandError, ShapeError, DtypeError
            If it is no list, or the number of arrays, one of their shapes or the kind of their numbers does not fit.
            Nothing is changed then.
        """
        variables = self.weights
        if not isinstance(weights, (list, tuple)):
            raise OperandError(
                f"layer {self.name!r} takes its weights as a list of arrays: received {type(weights).__name__}."
            )
        if len(weights) != len(variables):
            state = "" if self.built else " (it is not built yet: call it first)"
            raise ShapeError(
                f"layer {self.name!r} has {len(variables)} weights{state}: received {len(weights)} arrays."
            )
        arrays = [_as_weight(variable, value) for variable, value in zip(variables, weights, strict=True)]
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)

    # ------------------------------------------------------------------------------------------- losses
    @property
    def losses(self) -> list[Tensor]:
        """The terms to add to the loss: penalties of the weights as they are now, and the losses that the last call
        added, unless it ran as a program.
        """
        found: list[Tensor] = []
        for layer in self.sublayers():
            found += [
                penalty(variable) for variable, penalty in layer._regularized if variable.trainable and layer._trainable
            ]
            found += layer._added_losses
        return found

    def _forget_losses(self) -> None:
        """Forget the losses that earlier calls of this layer and of those inside it added."""
        if with_added_losses:
            for layer in self.sublayers():
                layer._added_losses.clear()
                with_added_losses.pop(id(layer), None)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without the calls on symbolic tensors, which would lead through the whole model."""
        return vars(self) | {"_nodes": []}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Set the state of a copied or unpickled layer, whose losses the next call forgets as those of others."""
        vars(self).update(state)
        if self._added_losses:
            with_added_losses[id(self)] = self


def _as_weight(variable: Variable, value: Any) -> np.ndarray[Any, Any]:
    """Return what a weight is given as an array of its dtype."""
    named = f"weight {variable.name!r} has shape {variable.shape} and dtype {variable.dtype}"
    try:
        array = value.numpy() if isinstance(value, Tensor) else np.asarray(value)
    except ValueError as error:
        raise ShapeError(f"{named}: received lists of different lengths ({error}).") from None
    if array.dtype.kind not in ("biufc" if variable.dtype.kind == "c" else "biuf"):
        kind = type(value).__name__ if array.dtype.kind == "O" and array.ndim == 0 else f"dtype {array.dtype}"
        real = "numbers" if variable.dtype.kind == "c" else "real numbers"
        raise DtypeError(f"{named}: received {kind}. Give an array of {real}.")
    if array.shape != variable.shape:
        raise ShapeError(f"{named}: received an array of shape {array.shape}.")
    with np.errstate(invalid="ignore"):  # a NaN is no integer, as told below
        given = array.astype(variable.dtype)
    if variable.dtype.kind in "biu" and not np.array_equal(given, array):
        raise DtypeError(f"{named}: received numbers of dtype {array.dtype} that it does not hold.")
    return given


def _gather(values: Iterable[Any], found: list[Any]) -> list[Any]:
    """Collect variables and layers among values, in their order, from lists, tuples and dicts to any depth."""
    for value in values:
        kind = type(value)
        if kind is list or kind is tuple:
            if value:
                _gather(value, found)
        elif kind not in _PLAIN:
            if isinstance(value, (Variable, WeightOwner)):
                found.append(value)
            elif isinstance(value, (list, tuple)):
                _gather(value, found)
            elif isinstance(value, dict):
                _gather(value.values(), found)
    return found


# Types of most attributes, which hold no weights. They are skipped quickly, because models are searched at every step.
_PLAIN = frozenset(
    {
        str,
        int,
        float,
        bool,
        type(None),
        np.dtype,
        type(np.dtype(np.float32)),
        type(np.dtype(np.float64)),
        FunctionType,
        Tensor,
        Arguments,
    }
)
