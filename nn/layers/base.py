"""Layer: weights, and a computation that uses them."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from types import FunctionType
from typing import Any, Self

import numpy as np

from autograd import Tensor, Variable, name_scope, stop_recording
from autograd.errors import DtypeError, OperandError, ShapeError
from nn import initializers, regularizers
from nn.checks import real_array
from nn.config import checks_keywords, snake_case
from nn.errors import ArgumentError, StateError

Shape = tuple[int | None, ...]

# Whether the outermost call that is running is one of training; None where no call is running.
_training: ContextVar[bool | None] = ContextVar("nn_training", default=None)
_name_counts: dict[str, Iterator[int]] = {}


def unique_name(base: str) -> str:
    """Return ``dense``, then ``dense_1``, ``dense_2`` ..."""
    number = next(_name_counts.setdefault(base, itertools.count()))
    return f"{base}_{number}" if number else base


class Layer:
    """A computation with weights.

    A subclass makes what it needs in ``__init__``, its weights in ``build(input_shape)``, which runs at the first call,
    and computes in ``call(inputs)``. A ``call`` that names a parameter ``training`` is told whether the network is
    being trained.

    Every `Variable` and every layer that is an attribute belongs to the layer, also in lists, tuples and dicts, in the
    order in which the attributes were first assigned.

    Parameters
    ----------
    name : str, optional
        Shown in summaries and messages; made from the class unless given.
    trainable : bool, default True
        Whether the weights are among `trainable_weights`. Can be set later.
    dtype : dtype, default float32
        Of the weights, and of what is computed: inputs of another dtype, integers included, are converted.
    input_shape : tuple of int, optional
        The shape of one sample; the first layer of a `Sequential` is then built at once.

    Examples
    --------
    >>> class Scale(Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factor")
    ...     def call(self, inputs):
    ...         return inputs * self.factor
    """

    casts_inputs = True
    # Whether the layer takes one tensor, and not several in a tuple, list or dict.
    takes_one_input = False

    # The attributes that change as a layer runs, and are no settings of a program.
    _run_state: frozenset[str] = frozenset({"_added_losses"})

    _weights: list[Variable]
    _regularized: list[tuple[Variable, Callable[[Any], Any]]]
    _added_losses: list[Tensor]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        # Here and not in __init__, so that a subclass may assign attributes before it calls super().__init__(), or
        # never call it.
        layer = super().__new__(cls)
        layer._name = None
        layer._trainable = True
        layer.dtype = np.dtype(np.float32)
        layer.built = False
        layer.declared_input_shape = None
        layer.activity_regularizer = None
        layer._weights = []
        layer._regularized = []
        layer._added_losses = []
        return layer

    _name: str | None
    _trainable: bool
    dtype: np.dtype[Any]
    built: bool
    declared_input_shape: Shape | None
    activity_regularizer: Callable[[Any], Any] | None

    @checks_keywords
    def __init__(
        self,
        name: str | None = None,
        trainable: bool = True,
        dtype: Any = None,
        input_shape: Sequence[int | None] | None = None,
        activity_regularizer: Any = None,
    ) -> None:
        if name is not None and (not isinstance(name, str) or not name):
            raise ArgumentError(f"the name of a layer is a string with at least one character: received {name!r}.")
        self._name = name or unique_name(snake_case(type(self).__name__))
        self.trainable = trainable
        self.dtype = float_dtype(dtype)
        self.declared_input_shape = None if input_shape is None else (None, *as_shape(input_shape))
        self.activity_regularizer = regularizers.get(activity_regularizer)

    @property
    def name(self) -> str:
        if self._name is None:
            self._name = unique_name(snake_case(type(self).__name__))
        return self._name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}: {'built' if self.built else 'not built'}>"

    # ------------------------------------------------------------------------------------------- what subclasses define
    def build(self, input_shape: Any) -> None:
        """Make the weights, once the shape of the inputs (the number of samples first) is known."""

    def call(self, inputs: Any) -> Any:
        """Compute the outputs."""
        raise NotImplementedError(f"layer {self.name!r} of class {type(self).__name__} defines no call(inputs).")

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the output for a shape of the input, with None for the number of samples.

        Unless a subclass knows better, the layer is tried out on zeros.
        """
        sample = np.zeros([1 if n is None else n for n in input_shape], self.dtype)
        with stop_recording():
            shape: tuple[int, ...] = self(sample).shape
        return (None, *shape[1:]) if input_shape and input_shape[0] is None else shape

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which `from_config` makes a layer like this one, with weights of its own."""
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable, "dtype": self.dtype.name}
        if self.declared_input_shape is not None:
            config["input_shape"] = self.declared_input_shape[1:]
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Make a layer from what `get_config` returned."""
        return cls(**config)

    # ------------------------------------------------------------------------------------------- calling
    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs of a batch.

        Parameters
        ----------
        inputs : array_like, Tensor or nest of these
            The samples along the first axis. Converted to the layer's dtype.
        training : bool, optional
            Whether dropout and the like are active. Unless given, that of the layer which calls this one, or False.

        Returns
        -------
        Tensor, or what ``call`` returns
        """
        inputs = self._converted(inputs)
        outer = _training.get()
        training = kwargs.get("training")
        if training is None:
            training = bool(outer)
        if _takes_training(type(self).call):
            kwargs["training"] = training
        elif "training" in kwargs:
            del kwargs["training"]
        if outer is None:
            self._forget_losses()
        if not self.built:
            self._build(inputs)
        token = _training.set(training)
        try:
            with name_scope(self.name):
                outputs = self.call(inputs, *args, **kwargs)
        finally:
            _training.reset(token)
        if self.activity_regularizer is not None:
            self._added_losses.append(self.activity_regularizer(outputs) / len(outputs))
        return outputs

    def _converted(self, inputs: Any) -> Any:
        if isinstance(inputs, Tensor):
            if inputs.dtype == self.dtype or not self.casts_inputs:
                return inputs
            if inputs.dtype.kind == "c":
                raise DtypeError(
                    f"layer {self.name!r} computes in {self.dtype}: received complex inputs. Take their real part or "
                    f"magnitude."
                )
            return inputs.astype(self.dtype)
        several = isinstance(inputs, (tuple, dict)) or (
            isinstance(inputs, list) and any(isinstance(x, (Tensor, np.ndarray)) for x in inputs)
        )
        if several and self.takes_one_input:
            raise OperandError(
                f"layer {self.name!r} takes one array or tensor, the samples along its first axis: received a "
                f"{type(inputs).__name__} of "
                f"{len(inputs)}. np.stack makes one array of several samples, np.concatenate one of several batches."
            )
        if isinstance(inputs, dict):
            return {key: self._converted(value) for key, value in inputs.items()}
        if several:
            return type(inputs)([self._converted(x) for x in inputs])
        return Tensor(
            real_array(f"the input of layer {self.name!r}", inputs), dtype=self.dtype if self.casts_inputs else None
        )

    def _build(self, inputs: Any) -> None:
        try:
            self.build(_shape_of(inputs))
        except BaseException:
            # Weights made before the failure would stand beside those of the next attempt.
            self._weights.clear()
            self._regularized.clear()
            raise
        self.built = True

    def build_from_shape(self, input_shape: Any) -> None:
        """Build the layer for a shape of inputs, the number of samples (or None) first."""
        if not self.built:
            self.build(tuple(input_shape))
            self.built = True

    # ------------------------------------------------------------------------------------------- weights
    def add_weight(
        self,
        shape: Sequence[int] | int = (),
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        regularizer: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Make a weight of this layer.

        Parameters
        ----------
        shape : tuple of int
        initializer : str, callable or None
            Glorot's uniform distribution unless given, and zeros for integers and for shape ``()``. See
            `nn.initializers`.
        dtype : dtype, optional
            The layer's, unless given.
        trainable : bool, default True
        regularizer : str, callable or None
            What it returns is among `losses`. See `nn.regularizers`.
        name : str, optional

        Returns
        -------
        Variable
        """
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        if any(not isinstance(n, (int, np.integer)) or n < 0 for n in shape):
            raise ShapeError(f"layer {self.name!r}: the shape of a weight is known in all its axes: received {shape}.")
        dtype = np.dtype(dtype or self.dtype)
        if initializer is None:
            initializer = "glorot_uniform" if shape and dtype.kind == "f" else "zeros"
        value = np.asarray(initializers.get(initializer)(shape, dtype))
        if value.shape != shape:
            raise ShapeError(
                f"layer {self.name!r}: the initializer of weight {name!r} returned shape {value.shape}, asked for "
                f"{shape}."
            )
        variable = Variable(value, trainable=trainable, dtype=dtype, name=f"{self.name}/{name or 'weight'}")
        self._weights.append(variable)
        regularizer = regularizers.get(regularizer)
        if regularizer is not None:
            self._regularized.append((variable, regularizer))
        return variable

    def add_loss(self, loss: Tensor) -> None:
        """Add a number to the loss of the call that is running."""
        if np.shape(loss) != ():
            raise ShapeError(
                f"add_loss takes one number, a tensor of shape (): received shape {np.shape(loss)}. Sum it, or take "
                f"its mean."
            )
        self._added_losses.append(loss)

    def sublayers(self) -> Iterator[Layer]:
        """Yield this layer and all layers inside it, each once, those that contain others first."""
        seen: set[int] = set()
        stack: list[Layer] = [self]
        while stack:
            layer = stack.pop()
            if id(layer) in seen:
                continue
            seen.add(id(layer))
            yield layer
            stack.extend(reversed(layer.inner_layers()))

    def inner_layers(self) -> list[Layer]:
        """Return the layers directly inside this one, each once, in the order in which they were assigned."""
        layers = [found for found in _gather(vars(self).values(), []) if isinstance(found, Layer)]
        return list(dict.fromkeys(layers)) if len(layers) > 1 else layers

    @property
    def trainable(self) -> bool:
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
        return self.weights

    @property
    def trainable_variables(self) -> list[Variable]:
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        return self.non_trainable_weights

    def _collect(self, frozen: bool) -> list[Variable]:
        """Return the variables of this layer and those inside it, each once; with or without those of frozen layers."""
        found: dict[int, Variable] = {}
        stack: list[Layer] = [self]
        seen: set[int] = set()
        while stack:
            layer = stack.pop()
            if id(layer) in seen or not (frozen or layer._trainable):
                continue
            seen.add(id(layer))
            leaves = _gather(vars(layer).values(), [])
            own = [leaf for leaf in leaves if isinstance(leaf, Variable)]
            found.update((id(v), v) for v in sorted(own, key=lambda v: not v.trainable) if id(v) not in found)
            stack.extend(reversed([leaf for leaf in leaves if isinstance(leaf, Layer)]))
        return list(found.values())

    def count_params(self) -> int:
        """Return how many numbers the weights hold."""
        if not self.built and not self.weights:
            raise StateError(
                f"layer {self.name!r} has no weights yet: they are made at the first call. Call it, or build it with "
                f"an input shape."
            )
        return sum(variable.size for variable in self.weights)

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Return copies of all weights as arrays, in the order of `weights`."""
        return [variable.numpy().copy() for variable in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Assign all weights, from a list as `get_weights` returns it.

        Raises
        ------
        ShapeError
            If the number of arrays or one of their shapes does not fit. Nothing is changed then.
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
        arrays = [value.numpy() if isinstance(value, Tensor) else np.asarray(value) for value in weights]
        for variable, array in zip(variables, arrays, strict=True):
            if array.shape != variable.shape:
                raise ShapeError(
                    f"weight {variable.name!r} has shape {variable.shape}: received an array of shape {array.shape}."
                )
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array.astype(variable.dtype))

    # ------------------------------------------------------------------------------------------- losses
    @property
    def losses(self) -> list[Tensor]:
        """Numbers to add to the loss: penalties of weights as they are now, and what the last call added, unless that
        ran as a program.
        """
        found: list[Tensor] = []
        for layer in self.sublayers():
            found += [
                penalty(variable) for variable, penalty in layer._regularized if variable.trainable and layer._trainable
            ]
            found += layer._added_losses
        return found

    def _forget_losses(self) -> None:
        for layer in self.sublayers():
            layer._added_losses.clear()


def _gather(values: Iterable[Any], found: list[Any]) -> list[Any]:
    """Collect variables and layers among values, in their order, from lists, tuples and dicts to any depth."""
    for value in values:
        kind = type(value)
        if kind is list or kind is tuple:
            if value:
                _gather(value, found)
        elif kind not in _PLAIN:
            if isinstance(value, (Variable, Layer)):
                found.append(value)
            elif isinstance(value, (list, tuple)):
                _gather(value, found)
            elif isinstance(value, dict):
                _gather(value.values(), found)
    return found


# What attributes mostly are, and what holds no weights: passed over quickly, since models are searched at every step.
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
    }
)


def _shape_of(inputs: Any) -> Any:
    if isinstance(inputs, dict):
        return {key: _shape_of(value) for key, value in inputs.items()}
    if isinstance(inputs, (list, tuple)):
        return [_shape_of(value) for value in inputs]
    return inputs.shape


@functools.cache
def _takes_training(call: Callable[..., Any]) -> bool:
    parameters = inspect.signature(call).parameters.values()
    return any(p.name == "training" or p.kind is p.VAR_KEYWORD for p in parameters)


def float_dtype(dtype: Any) -> np.dtype[Any]:
    """Return the dtype to compute in, float32 for None."""
    try:
        found = np.dtype(np.float32 if dtype is None else dtype)
    except TypeError:
        found = np.dtype(object)
    if found.kind != "f":
        raise ArgumentError(f"a layer computes in float16, float32 or float64: received dtype={dtype!r}.")
    return found


def as_shape(shape: Any) -> Shape:
    """Return the shape of one sample as a tuple, from a number or a sequence."""
    axes = tuple(shape) if isinstance(shape, Iterable) else (shape,)
    if any(n is not None and (isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 0) for n in axes):
        raise ArgumentError(
            f"the shape of a sample is a tuple of numbers that are not negative (None: any length): received {shape!r}."
        )
    return tuple([None if n is None else int(n) for n in axes])
