"""The call of a layer: arguments are converted, weights made, symbolic tensors noted, and the outputs computed."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, name_scope
from autograd.errors import DtypeError, OperandError
from autograd.extend import Stacked
from nn import tree
from nn.checks import real_array
from nn.errors import StateError
from nn.layers.weights import WeightOwner, with_added_losses
from nn.symbolic import KerasTensor, Node, inferred, is_symbolic


class _running(Stacked):
    """The call of a layer: whether it is one of training, and the name for what is computed in it."""

    __slots__ = ("_name", "training")
    stack = ContextVar("nn_calls", default=())

    def __init__(self, name: str, training: bool) -> None:
        self._open = None
        self._name = name_scope(name)
        self.training = training

    def _enter(self) -> None:
        self._name.__enter__()
        self.stack.set((*self.stack.get(), self))

    def _leave(self) -> None:
        calls = self.stack.get()
        if self in calls:
            self.stack.set(calls[:-1] if calls[-1] is self else tuple([each for each in calls if each is not self]))
            self._name.__exit__()


class Caller(WeightOwner, named=False):
    """The part of `Layer` that is called."""

    dtype: np.dtype[Any]
    activity_regularizer: Callable[[Any], Any] | None
    call: Callable[..., Any]
    build: Callable[..., Any]
    add_loss: Callable[[Any], None]
    compute_output_shape: Callable[[Any], Any]
    casts_inputs = True
    # Whether the layer takes one tensor, and not several in a tuple, list or dict.
    takes_one_input = False
    # Whether the output has the shape of the input, so that `compute_output_shape` need not be defined.
    keeps_shape = False
    _nodes: list[Node]
    _builds: bool

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs of a batch, or note the call on symbolic tensors.

        Parameters
        ----------
        inputs : array_like, Tensor or nest of these
            The samples along the first axis. Converted to the layer's dtype.
        training : bool, optional
            Whether dropout and the like are active. Unless given, that of the layer which calls this one, the default
            of ``call``, or False.
        *args, **kwargs
            Further arguments of ``call``.

        Returns
        -------
        Tensor, or what ``call`` returns; symbolic tensors for symbolic tensors

        Raises
        ------
        OperandError, DtypeError, ShapeError
            If the inputs are no real numbers, or do not fit the layer.
        """
        called = signature_of(type(self).call)
        if not args or len(args) > 1 or kwargs:
            args, kwargs = self._converted_arguments(called, args, kwargs)
            symbolic = any(map(is_symbolic, args)) or any(map(is_symbolic, kwargs.values()))
        else:
            inputs = self._converted(args[0])
            args = (inputs,)
            symbolic = inputs.__class__ is not Tensor and is_symbolic(inputs)
        if not self.built:
            self._build(called, args, kwargs)
        if symbolic:
            return self._noted(args, kwargs)
        around = _running.stack.get()
        training = kwargs.get("training")
        if called.training is not None:
            if training is None and len(args) > called.training:
                training = args[int(called.training)]
            elif training is None:
                training = kwargs["training"] = bool(around[-1].training if around else called.default)
        else:
            kwargs.pop("training", None)
            training = bool(around and around[-1].training) if training is None else training
        if not around and with_added_losses:
            self._forget_losses()
        with _running(self.name, bool(training)):
            outputs = self.call(*args, **kwargs)
        if self.activity_regularizer is not None:
            for each in tree.flatten(outputs):
                self.add_loss(self.activity_regularizer(each) / (len(each) or 1))
        return outputs

    def _converted_arguments(self, called: Signature, args: tuple[Any, ...], kwargs: Any) -> tuple[Any, Any]:
        """Return the arguments of a call, with tensors in the layer's dtype."""
        inputs: tuple[Any, ...] = ()
        if args:
            inputs = (self._converted(args[0]),)
        elif called.names and called.names[0] in kwargs:
            kwargs = kwargs | {called.names[0]: self._converted(kwargs[called.names[0]])}
        else:
            raise OperandError(
                f"layer {self.name!r} was called without inputs: pass {', '.join(called.names) or 'the samples'}."
            )
        return (*inputs, *map(self._operand, args[1:])), {name: self._operand(each) for name, each in kwargs.items()}

    def _operand(self, value: Any) -> Any:
        """Return a further argument: floating-point tensors and arrays in the layer's dtype, other things as they
        are.
        """
        if isinstance(value, (list, tuple, dict)):
            return tree.map_structure(self._operand, value)
        if isinstance(value, np.ndarray):
            value = Tensor(value)
        if isinstance(value, Tensor) and value.dtype.kind == "f" and value.dtype != self.dtype and self.casts_inputs:
            return value.astype(self.dtype)
        return value

    def _noted(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Note a call on symbolic tensors, and return its symbolic results."""
        node = Node(self, args, kwargs, self.compute_output_spec(*args, **kwargs))
        self._nodes.append(node)
        return node.outputs

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return symbolic tensors of the shapes and dtypes that a call returns.

        Parameters
        ----------
        *args, **kwargs
            Those of a call, with symbolic tensors among them.

        Returns
        -------
        KerasTensor, or a nest of them
        """
        if self._tells_shape and len(args) == 1 and args[0].__class__ is KerasTensor:
            return KerasTensor(self.compute_output_shape(args[0].shape), self.dtype)
        return inferred(self._unchanged(self), args, kwargs, f"layer {self.name}")

    @property
    def _tells_shape(self) -> bool:
        """Whether the class says the shape of its outputs itself."""
        return self.keeps_shape

    def _unchanged(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function whose calls leave the values of the weights and the added losses as they are."""

        def unchanged(*args: Any, **kwargs: Any) -> Any:
            before = [(variable, variable.numpy()) for variable in self.weights]
            try:
                with _running(self.name, False):
                    return function(*args, **kwargs)
            finally:
                self._forget_losses()
                for variable, value in before:
                    if variable.numpy() is not value and not np.array_equal(variable.numpy(), value, equal_nan=True):
                        variable.assign(value)

        return unchanged

    @property
    def output(self) -> Any:
        """The symbolic outputs of the first call on symbolic tensors."""
        return self._node.outputs

    @property
    def input(self) -> Any:
        """The symbolic inputs of the first call on symbolic tensors."""
        node = self._node
        return node.args[0] if len(node.args) == 1 and not node.kwargs else node.inputs

    @property
    def _node(self) -> Node:
        if not self._nodes:
            raise StateError(
                f"layer {self.name!r} was never called on a symbolic tensor, and has no input or output of its own. "
                f"Call it on nn.Input(...), or give the model that it is in an Input."
            )
        return self._nodes[0]

    def _converted(self, inputs: Any) -> Any:
        if inputs.__class__ is KerasTensor:
            return inputs
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
            isinstance(inputs, list) and any(isinstance(x, (Tensor, np.ndarray, KerasTensor)) for x in inputs)
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

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "build" in vars(cls):
            cls.build = _building_once(cls.build)

    def _build(self, called: Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Build the layer for the arguments of a call."""
        given = dict(zip(called.names, args, strict=False)) | kwargs
        parameters = signature_of(type(self).build).names
        shapes = {f"{name}_shape": value for name, value in given.items()}
        if len(parameters) > 1 and parameters[0] in shapes:
            self.build(**{name: _shape_of(shapes[name]) for name in parameters if shapes.get(name) is not None})
        else:
            self.build(_shape_of(args[0] if args else given[called.names[0]]))
        self.built = True

    def build_from_shape(self, input_shape: Any) -> None:
        """Build the layer for a shape of inputs, the number of samples (or None) first, unless it is built."""
        if not self.built:
            self.build(input_shape if isinstance(input_shape, dict) else tuple(input_shape))
            self.built = True


def _shape_of(inputs: Any) -> Any:
    if isinstance(inputs, dict):
        return {key: _shape_of(value) for key, value in inputs.items()}
    if isinstance(inputs, (list, tuple)):
        return [_shape_of(value) for value in inputs]
    return getattr(inputs, "shape", None)


class Signature(NamedTuple):
    """The names of the parameters of a method; where ``training`` stands among them, and its default."""

    names: tuple[str, ...]
    training: float | None  # infinite where it can be given by name only
    default: Any


@functools.cache
def signature_of(method: Callable[..., Any]) -> Signature:
    """Return the signature of a method of a layer."""
    parameters = list(inspect.signature(method).parameters.values())[1:]
    names = tuple(
        [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    )
    training: float | None = math.inf if any(p.kind is p.VAR_KEYWORD for p in parameters) else None
    default: Any = False
    for position, parameter in enumerate(parameters):
        if parameter.name == "training":
            training = math.inf if parameter.kind is parameter.KEYWORD_ONLY else position
            default = parameter.default is not parameter.empty and bool(parameter.default)
    return Signature(names, training, default)


def _building_once(build: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method ``build`` that leaves a layer that is built alone, and no weights behind where it fails."""

    @functools.wraps(build)
    def once(self: Caller, *args: Any, **kwargs: Any) -> None:
        inner = vars(self).get("_builds", False)  # this is the build of a base class, called by that of a subclass
        if self.built and not inner:
            return
        self._builds = True
        try:
            build(self, *args, **kwargs)
        except BaseException:
            # Weights made before the failure would stand beside those of the next attempt.
            self._weights.clear()
            self._regularized.clear()
            raise
        finally:
            if not inner:
                del self._builds
        if not inner:
            self.built = True

    return once
