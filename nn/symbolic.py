"""Symbolic tensors: the operands of layers and functions where a functional model is described.

A `KerasTensor` has a shape and a dtype, and no value. A call on one is noted as a `Node`; its results are symbolic
again. Shapes and dtypes are found by running the call on small arrays, once for each of two lengths of the axes that
are not known: an axis whose length differs is not known afterwards.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

import numpy as np

from autograd import Tensor, stop_recording
from autograd.errors import AutogradError, OperandError, ShapeError
from autograd.extend import ArrayMethods, Interceptor, recording_is_stopped
from nn import tree
from nn.errors import StateError
from nn.names import unique_name

Shape = tuple[int | None, ...]
# The lengths with which a call is tried where the length of an axis is unknown. A length of 1 would broadcast.
_LENGTHS = (5, 7)
_ASKS_SHAPE: dict[Any, Callable[[Any], Any]] = {np.shape: lambda x: x.shape, np.ndim: lambda x: len(x.shape)}


def _binary(fn: Callable[..., Any]) -> tuple[Any, Any]:
    """Return an operator and its reflected form."""
    return lambda x, y: noted(fn, (x, y), {}), lambda x, y: noted(fn, (y, x), {})


class KerasTensor(ArrayMethods["KerasTensor"], Interceptor):
    """A tensor without a value, in the description of a functional model.

    Layers, models, operators, `nn.ops` and the functions of `autograd.numpy` and of NumPy take it.

    Parameters
    ----------
    shape : tuple of int or None
        None is an axis of any length.
    dtype : dtype, default float32
    name : str, optional

    Examples
    --------
    >>> x = nn.Input((3,))
    >>> np.sum(x * 2.0, axis=1)
    <KerasTensor shape=(None,), dtype=float32>
    """

    notes_calls = True  # so that `stop_gradient` is one of them
    __slots__ = ("dtype", "made_unrecorded", "name", "node", "position", "shape")

    def __init__(self, shape: Any, dtype: Any = "float32", name: str | None = None) -> None:
        self.shape: Shape = tuple(shape)
        self.dtype = np.dtype(dtype)
        self.name = name
        self.node: Node | None = None
        self.position = 0
        # A model that is built while recording is stopped around it has a graph of its own, which is recorded as usual.
        self.made_unrecorded = recording_is_stopped()

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __repr__(self) -> str:
        name = f", name={self.name}" if self.name else ""
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}{name}>"

    # -- calls
    def intercept(self, fn: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
        return noted(fn, args, kwargs)

    def _call(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return noted(fn, (self, *args[1:]), kwargs)

    def __array_function__(self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        return noted(func, args, kwargs)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if kwargs.get("out") is not None:
            raise OperandError(
                f"{ufunc.__name__}: a symbolic tensor has no memory for out=. Bind the result to a name."
            )
        return noted(ufunc if method == "__call__" else getattr(ufunc, method), inputs, kwargs)

    def __getitem__(self, index: Any) -> Any:
        return noted(operator.getitem, (self, index), {})

    # -- operators
    __hash__ = object.__hash__
    __add__, __radd__ = _binary(np.add)
    __sub__, __rsub__ = _binary(np.subtract)
    __mul__, __rmul__ = _binary(np.multiply)
    __truediv__, __rtruediv__ = _binary(np.true_divide)
    __floordiv__, __rfloordiv__ = _binary(np.floor_divide)
    __mod__, __rmod__ = _binary(np.remainder)
    __pow__, __rpow__ = _binary(operator.pow)
    __matmul__, __rmatmul__ = _binary(np.matmul)
    __and__, __rand__ = _binary(np.bitwise_and)
    __or__, __ror__ = _binary(np.bitwise_or)
    __xor__, __rxor__ = _binary(np.bitwise_xor)
    __eq__ = _binary(np.equal)[0]
    __ne__ = _binary(np.not_equal)[0]
    __lt__ = _binary(np.less)[0]
    __le__ = _binary(np.less_equal)[0]
    __gt__ = _binary(np.greater)[0]
    __ge__ = _binary(np.greater_equal)[0]

    def __neg__(self) -> Any:
        return noted(np.negative, (self,), {})

    def __abs__(self) -> Any:
        return noted(np.absolute, (self,), {})

    def __invert__(self) -> Any:
        return noted(np.invert, (self,), {})

    # -- what needs a value
    def _refuse(self, asked: str) -> NoReturn:
        raise OperandError(
            f"a symbolic tensor of shape {self.shape} has no value, and {asked} needs one. Do it in the call() of a "
            f"layer of your own, or on the outputs of the model."
        )

    def __bool__(self) -> bool:
        self._refuse("a test such as `if x`")

    def __len__(self) -> int:
        if self.shape and self.shape[0] is not None:
            return self.shape[0]
        self._refuse("len(x) of an axis of unknown length")

    def __iter__(self) -> Iterator[Any]:
        self._refuse("a loop over its items")

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        self._refuse("a NumPy array")

    def __float__(self) -> float:
        self._refuse("float(x)")

    def __int__(self) -> int:
        self._refuse("int(x)")

    def numpy(self) -> Any:
        """Raise `OperandError`: there is no value."""
        self._refuse("x.numpy()")

    def __setitem__(self, index: Any, value: Any) -> None:
        self._refuse("x[i] = value")

    def write_into(self, tensor: Any, index: Any, value: Any) -> None:
        self._refuse("writing it into a tensor")


KerasTensor._apply = KerasTensor._call


class Function:
    """A function that is called on symbolic tensors, under a name of its own in the model."""

    def __init__(self, fn: Callable[..., Any], name: str | None = None) -> None:
        self.fn = fn
        own = {"getitem": "get_item", "pow": "power"}.get(fn.__name__, fn.__name__).strip("<>")
        self.name = name or unique_name(own)
        self.kind = "".join(word.capitalize() for word in own.split("_"))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if tensors_in((args, kwargs)):
            return Node(self, args, kwargs).outputs
        return self.fn(*args, **kwargs)


class Node:
    """A call of a layer or function on symbolic tensors.

    Attributes
    ----------
    operation : Layer or Function
    args, kwargs
        As it was called.
    inputs : list of KerasTensor
        Those among the arguments.
    outputs : nest of KerasTensor
    """

    __slots__ = ("args", "inputs", "kwargs", "operation", "outputs")

    def __init__(self, operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any = None) -> None:
        self.operation, self.args, self.kwargs = operation, args, kwargs
        self.inputs = tensors_in((args, kwargs))
        if recording_is_stopped() and not all(each.made_unrecorded for each in self.inputs):
            raise StateError(
                f"{operation.name} was called on symbolic tensors inside stop_recording(), which no graph keeps: "
                "its calls are recorded whenever the model runs. Use autograd.stop_gradient on the symbolic tensor, or "
                "set trainable=False on the layers that are to stay as they are."
            )
        self.outputs = inferred(operation.fn, args, kwargs, operation.name) if outputs is None else outputs
        for position, each in enumerate(tree.flatten(self.outputs)):
            each.node, each.position = self, position

    @classmethod
    def of_input(cls, layer: Any, tensor: KerasTensor) -> None:
        """Note a symbolic tensor as the output of an input layer."""
        layer._nodes.append(cls(layer, (), {}, tensor))


def noted(fn: Callable[..., Any], args: Any, kwargs: Mapping[str, Any]) -> Any:
    """Note the call of a function on symbolic tensors, and return its symbolic results."""
    if fn in _ASKS_SHAPE:
        return _ASKS_SHAPE[fn](*args)
    return Node(Function(fn), tuple(args), dict(kwargs)).outputs


def tensors_in(nest: Any) -> list[KerasTensor]:
    """Return the symbolic tensors among the leaves of a nest."""
    return [leaf for leaf in tree.flatten(nest) if leaf.__class__ is KerasTensor]


def tensors_of(shapes: Any, dtype: Any) -> Any:
    """Return symbolic tensors for a nest of shapes."""
    if isinstance(shapes, dict):
        return {key: tensors_of(each, dtype) for key, each in shapes.items()}
    if all(n is None or isinstance(n, (int, np.integer)) for n in shapes):
        return KerasTensor(shapes, dtype)
    return [tensors_of(each, dtype) for each in shapes]


def is_symbolic(value: Any) -> bool:
    """Whether a value is a symbolic tensor, or a nest in which one stands."""
    kind = value.__class__
    if kind is KerasTensor:
        return True
    return kind in (list, tuple, dict) and any(map(is_symbolic, value.values() if kind is dict else value))


def inferred(fn: Callable[..., Any], args: Any, kwargs: Any, name: str) -> Any:
    """Return symbolic tensors of the shapes and dtypes that a call returns.

    Raises
    ------
    ShapeError, OperandError
        If it returns no tensors, or as many axes or dtypes only for some lengths of the unknown axes.
    """
    given = tensors_in((args, kwargs))
    lengths = _LENGTHS if any(None in each.shape for each in given) else _LENGTHS[:1]
    found = [_tried(fn, args, kwargs, length, name) for length in lengths]
    flat = [tree.flatten(each) for each in found]
    for each in flat[0]:
        if not hasattr(each, "shape") or not hasattr(each, "dtype"):
            raise OperandError(
                f"{name!r} was called on symbolic tensors and returned a {type(each).__name__}, which no layer can "
                f"take. It has to return tensors."
            )
    if len(found) == 2 and (not tree.same_structure(*found) or [x.ndim for x in flat[0]] != [x.ndim for x in flat[1]]):
        raise ShapeError(
            f"{name!r} returns tensors whose number or axes depend on the length of an axis that is not known: "
            f"received shapes {[each.shape for each in given]}."
        )
    outputs = [
        KerasTensor([m if m == n else None for m, n in zip(x.shape, y.shape, strict=True)], x.dtype)
        for x, y in zip(flat[0], flat[-1], strict=True)
    ]
    return tree.pack_sequence_as(found[0], outputs)


def _tried(fn: Callable[..., Any], args: Any, kwargs: Any, length: int, name: str) -> Any:
    """Call a function on small arrays in place of symbolic tensors."""

    def stand_in(leaf: Any) -> Any:
        if leaf.__class__ is not KerasTensor:
            return leaf
        shape = tuple([length if n is None else n for n in leaf.shape])
        return Tensor(np.ones(shape, leaf.dtype) if leaf.dtype.kind in "fc" else np.zeros(shape, leaf.dtype))

    tried_args, tried_kwargs = tree.map_structure(stand_in, (tuple(args), dict(kwargs)))
    try:
        with stop_recording(), np.errstate(all="ignore"):
            return fn(*tried_args, **tried_kwargs)
    except (AutogradError, ValueError, TypeError, IndexError) as error:
        shapes = ", ".join(str(each.shape) for each in tensors_in((args, kwargs)))
        kind = type(error) if isinstance(error, AutogradError) else ShapeError
        raise kind(f"{name!r}, called on symbolic tensors of shape {shapes}: {error}") from error
