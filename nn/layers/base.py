"""Layer: weights, and a computation that uses them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from autograd import Tensor, Variable
from autograd.errors import ShapeError
from nn import initializers, regularizers, tree
from nn.config import Registry, checks_keywords, constructor_arguments, snake_case
from nn.errors import ArgumentError
from nn.layers.calls import Caller
from nn.layers.weights import with_added_losses
from nn.names import unique_name
from nn.symbolic import Shape, tensors_of

LAYERS = Registry("a layer")


class Layer(Caller, registry=LAYERS):
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
    input_dim : int, optional
        The length of a sample with one axis.
    batch_input_shape : tuple of int or None, optional
        The shape with the number of samples in front.
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

    # Attributes that change as a layer runs. Programs do not depend on them.
    __program_state__: frozenset[str] = frozenset({"_added_losses", "_nodes"})

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
        layer._nodes = []
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
        input_dim: int | None = None,
        batch_input_shape: Sequence[int | None] | None = None,
    ) -> None:
        if name is not None and (not isinstance(name, str) or not name):
            raise ArgumentError(f"the name of a layer is a string with at least one character: received {name!r}.")
        self._name = name or unique_name(snake_case(type(self).__name__))
        self.trainable = trainable
        self.dtype = float_dtype(dtype)
        if batch_input_shape is None and (input_shape is not None or input_dim is not None):
            batch_input_shape = (None, *as_shape(input_dim if input_shape is None else input_shape))
        self.declared_input_shape = None if batch_input_shape is None else as_shape(batch_input_shape)
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
        self.build_from_shape(input_shape)
        inputs = tensors_of(input_shape, self.dtype)
        return tree.map_structure(lambda tensor: tensor.shape, self.compute_output_spec(inputs))

    @property
    def _tells_shape(self) -> bool:
        return self.keeps_shape or type(self).compute_output_shape is not Layer.compute_output_shape

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which `from_config` makes a layer like this one, with weights of its own.

        Returns
        -------
        dict of str to value
            See `Configured`. Name, trainability and dtype are there whether the constructor takes them or not.
        """
        config = {"name": self.name, "trainable": self.trainable, "dtype": self.dtype.name}
        config = config | {name: value for name, value in super().get_config().items() if name not in config}
        for name in ("input_shape", "input_dim", "batch_input_shape"):
            config.pop(name, None)
        shape = self.declared_input_shape
        if shape is not None:
            config |= {"input_shape": shape[1:]} if shape[0] is None else {"batch_input_shape": shape}
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
