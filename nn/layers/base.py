"""Layer: weights, and a computation that uses them."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Self

import numpy as np

from autograd import Tensor, Variable, name_scope, stop_recording
from autograd.errors import DtypeError, OperandError, ShapeError
from autograd.extend import Stacked
from nn import initializers, regularizers
from nn.checks import real_array
from nn.config import Registry, checks_keywords, constructor_arguments, snake_case
from nn.errors import ArgumentError
from nn.layers.weights import WeightOwner, with_added_losses

Shape = tuple[int | None, ...]

LAYERS = Registry("a layer")
_name_counts: dict[str, Iterator[int]] = {}


class _running(Stacked):
    """The call of a layer: whether it is one of training, and the name for what is computed in it."""

    __slots__ = ("_name", "training")
    stack = ContextVar("nn_calls", default=())

    def __init__(self, name: str, training: bool) -> None:
        self._name = name_scope(name)
        self.training = training

    def _enter(self) -> None:
        Stacked._enter(self)
        self._name.__enter__()

    def _leave(self) -> None:
        if self in self.stack.get():
            self._name.__exit__()
            Stacked._leave(self)


def unique_name(base: str) -> str:
    """Return ``dense``, then ``dense_1``, ``dense_2`` ..."""
    number = next(_name_counts.setdefault(base, itertools.count()))
    return f"{base}_{number}" if number else base


class Layer(WeightOwner, registry=LAYERS):
    """A computation with weights.

    A subclass keeps its arguments in ``__init__``, makes its weights in ``build(input_shape)``, which runs at the first
    call, and computes in ``call(inputs)``. A ``call`` with a parameter ``training`` is told whether the network is
    being trained. The arguments of the constructor are captured: `get_config` needs no definition.

    Every `Variable` and every layer that is an attribute belongs to the layer, also in lists, tuples and dicts, in the
    order in which the attributes were first assigned.

    Parameters
    ----------
    name : str, optional
        Shown in summaries and messages; made from the class unless given.
    trainable : bool, default True
        Whether the weights are among `trainable_weights`. Can be set later.
    dtype : dtype, default float32
        Of the weights and of the computation: inputs of another dtype, integers included, are converted.
    input_shape : tuple of int, optional
        The shape of one sample; the first layer of a `Sequential` is then built at once.
    activity_regularizer : str or callable, optional
        A penalty on the output, divided by the number of samples. See `nn.regularizers`.

    Raises
    ------
    ArgumentError
        If an argument has a value that is not allowed.
    OperandError
        If there is no such argument.

    Examples
    --------
    >>> class Scale(Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factor")
    ...     def call(self, inputs):
    ...         return inputs * self.factor
    >>> Scale(name="scale")(np.array([[1.0, 2.0]])).tolist()
    [[1.0, 2.0]]
    """

    casts_inputs = True
    # Whether the layer takes one tensor, and not several in a tuple, list or dict.
    takes_one_input = False
    # Whether the output has the shape of the input, so that `compute_output_shape` need not be defined.
    keeps_shape = False

    # Attributes that change as a layer runs. Programs do not depend on them.
    __program_state__: frozenset[str] = frozenset({"_added_losses"})

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        # Here and not in __init__, so that a subclass can assign attributes before it calls super().__init__(), or
        # never call it.
        layer = super().__new__(cls, *args, **kwargs)
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
    dtype: np.dtype[Any]
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
        """The name in summaries and messages, and the first half of the names of the weights."""
        if self._name is None:
            self._name = unique_name(snake_case(type(self).__name__))
        return self._name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}: {'built' if self.built else 'not built'}>"

    # ------------------------------------------------------------------------------------------- what subclasses define
    def build(self, input_shape: Any) -> None:
        """Make the weights. Called once, at the first call.

        Parameters
        ----------
        input_shape : tuple of int or None
            The number of samples first.
        """

    def call(self, inputs: Any) -> Any:
        """Compute the outputs. Defined by subclasses."""
        raise NotImplementedError(f"layer {self.name!r} of class {type(self).__name__} defines no call(inputs).")

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the output for a shape of the input.

        A class whose outputs have the shape of the inputs declares ``keeps_shape = True``; others define this method,
        or the layer is tried on zeros.

        Parameters
        ----------
        input_shape : tuple of int or None
            None for any number of samples.

        Returns
        -------
        tuple of int or None
        """
        if self.keeps_shape:
            return tuple(input_shape)
        sample = np.zeros([1 if n is None else n for n in input_shape], self.dtype)
        with stop_recording():
            shape: tuple[int, ...] = self(sample).shape
        return (None, *shape[1:]) if input_shape and input_shape[0] is None else shape

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which `from_config` makes a layer like this one, with weights of its own.

        Returns
        -------
        dict of str to value
            See `Configured`. Name, trainability and dtype are there whether the constructor takes them or not.
        """
        config = {"name": self.name, "trainable": self.trainable, "dtype": self.dtype.name}
        config = config | {name: value for name, value in super().get_config().items() if name not in config}
        config.pop("input_shape", None)
        if self.declared_input_shape is not None:
            config["input_shape"] = self.declared_input_shape[1:]
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Make a layer from what `get_config` returned.

        Parameters
        ----------
        config : mapping of str to value

        Returns
        -------
        layer of this class
        """
        taken = constructor_arguments(cls)  # type: ignore[arg-type]
        layer = cls(**{name: value for name, value in config.items() if name in taken or name not in _GENERAL})
        layer._name, layer.trainable = config.get("name", layer._name), config.get("trainable", layer._trainable)
        return layer

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

        Raises
        ------
        OperandError, DtypeError, ShapeError
            If the inputs are no real numbers, or do not fit the layer.
        """
        inputs = self._converted(inputs)
        around = _running.stack.get()
        training = kwargs.get("training")
        if training is None:
            training = bool(around and around[-1].training)
        if _takes_training(type(self).call):
            kwargs["training"] = training
        elif "training" in kwargs:
            del kwargs["training"]
        if not around and with_added_losses:
            self._forget_losses()
        if not self.built:
            self._build(inputs)
        with _running(self.name, training):
            outputs = self.call(inputs, *args, **kwargs)
        if self.activity_regularizer is not None:
            self.add_loss(self.activity_regularizer(outputs) / (len(outputs) or 1))
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
                f"{type(inputs).__name__} of {len(inputs)}. np.stack makes one array of several samples, "
                "np.concatenate one of several batches."
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
        """Build the layer for a shape of inputs, the number of samples (or None) first, unless it is built."""
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
        shape : tuple of int, default ()
        initializer : str, callable or None
            Glorot's uniform distribution unless given, and zeros for integers and for shape ``()``. See
            `nn.initializers`.
        dtype : dtype, optional
            The layer's, unless given.
        trainable : bool, default True
        regularizer : str, callable or None
            A penalty that is among `losses`. See `nn.regularizers`.
        name : str, optional
            The second half of the variable's, after the layer's.

        Returns
        -------
        Variable

        Raises
        ------
        ShapeError
            If a length is not known, or the initializer returns another shape.
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
        """Add a number to the loss of the call that is running.

        Parameters
        ----------
        loss : Tensor, shape ()

        Raises
        ------
        ShapeError
            If it has another shape.
        """
        if np.shape(loss) != ():
            raise ShapeError(
                f"add_loss takes one number, a tensor of shape (): received shape {np.shape(loss)}. Sum it, or take "
                f"its mean."
            )
        self._added_losses.append(loss)
        with_added_losses[id(self)] = self


# Arguments of every layer that its configuration has even where its constructor does not take them.
_GENERAL = ("name", "trainable", "dtype")


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
