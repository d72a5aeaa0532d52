"""The graph of a functional model: the calls from its inputs to its outputs, in an order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd import Tensor
from autograd.errors import DtypeError, OperandError, ShapeError
from nn import tree
from nn.errors import ArgumentError
from nn.layers.base import Layer
from nn.layers.input import InputLayer, input_layer_of
from nn.symbolic import KerasTensor, Node


class Slot(int):
    """The place of a tensor among the values of a run."""


class Step(NamedTuple):
    """A call: of an operation, on arguments in which slots stand for tensors."""

    operation: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outputs: tuple[Slot, ...]
    forgotten: tuple[Slot, ...]  # the values that no later step needs


class Graph:
    """The calls that lead from symbolic inputs to symbolic outputs.

    Parameters
    ----------
    inputs, outputs : nest of KerasTensor
    name : str
        The model's, for messages.

    Attributes
    ----------
    layers : list of Layer
        In Keras's order: by the number of calls to the outputs, those farthest away first.
    operations : list of Layer or Function
        The functions too.
    """

    def __init__(self, inputs: Any, outputs: Any, name: str) -> None:
        self.inputs, self.outputs, self.name = inputs, outputs, name
        flat, ends = _checked(inputs, "inputs", name), _checked(outputs, "outputs", name)
        if len({id(each) for each in flat}) != len(flat):
            raise ArgumentError(f"model {name!r} has one symbolic tensor among its inputs more than once.")
        self.input_layers = [_layer_of_input(each) for each in flat]
        starts = {id(tensor): layer for tensor, layer in zip(flat, self.input_layers, strict=True)}
        nodes, met = _ordered(starts, ends, name)
        self.operations = _by_depth(nodes, met, starts)
        self.layers: list[Layer] = [each for each in self.operations if isinstance(each, Layer)]
        self.nodes = nodes
        slots = {id(each): Slot(position) for position, each in enumerate(flat)}
        for node in nodes:
            for each in tree.flatten(node.outputs):
                slots.setdefault(id(each), Slot(len(slots)))
        self.slot_count = len(slots)
        self.ends = [slots[id(each)] for each in ends]
        self.steps = _steps(nodes, slots, set(self.ends))

    def __reduce__(self) -> tuple[Any, ...]:
        inputs = tree.pack_sequence_as(self.inputs, range(len(self.input_layers)))
        outputs = tree.pack_sequence_as(self.outputs, self.ends)
        return _rebuilt, (inputs, self.input_layers, self.steps, outputs, self.name)

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs, in their order."""
        return [layer.name for layer in self.input_layers]

    @property
    def output_names(self) -> list[str]:
        """The names of the operations that return the outputs, in their order."""
        return [str(each.node.operation.name if each.node else each.name) for each in tree.flatten(self.outputs)]

    def run(self, inputs: Sequence[Any], replaced: Callable[[Any], Any] | None = None) -> Any:
        """Run the calls on inputs in order, and return the nest of outputs.

        On symbolic tensors the calls are noted again: with other operations where a function replaces them.
        """
        return tree.pack_sequence_as(self.outputs, run(self.steps, inputs, self.slot_count, self.ends, replaced))

    # ------------------------------------------------------------------------------------------- inputs
    def arranged(self, inputs: Any) -> list[Any]:
        """Return inputs as a list, in the order of the symbolic inputs, with their dtypes.

        Raises
        ------
        OperandError, ShapeError, DtypeError
            If one is missing or does not fit.
        """
        given = self.flattened(inputs)
        symbolic = tree.flatten(self.inputs)
        return [
            each if each.__class__ is KerasTensor else self._fitted(position, each, expected)
            for position, (each, expected) in enumerate(zip(given, symbolic, strict=True))
        ]

    def flattened(self, inputs: Any) -> list[Any]:
        """Return a nest of inputs as a list, by the names of the inputs where it is a dict."""
        names = self.input_names
        if isinstance(inputs, dict):
            keys = tree.keys_of(self.inputs) if isinstance(self.inputs, dict) else names
            missing = [key for key in keys if key not in inputs]
            if missing and isinstance(self.inputs, dict) and not [name for name in names if name not in inputs]:
                keys, missing = names, []
            if missing:
                raise OperandError(
                    f"model {self.name!r} takes inputs named {', '.join(map(repr, keys))}: received a dict with "
                    f"{', '.join(map(repr, inputs)) or 'no keys'}. {missing[0]!r} is missing."
                )
            return tree.flatten([inputs[key] for key in keys])
        given = tree.flatten(inputs)
        if len(given) != len(names):
            raise OperandError(
                f"model {self.name!r} takes {len(names)} inputs, {', '.join(map(repr, names))}: received {len(given)}. "
                f"Pass them as a list in this order, or as a dict by their names."
            )
        return given

    def _fitted(self, position: int, value: Any, expected: KerasTensor) -> Any:
        value = value if isinstance(value, Tensor) else Tensor(value)
        shape, wanted = value.shape, expected.shape
        if len(shape) == len(wanted) - 1 and wanted[-1] == 1:
            value = value.reshape((*shape, 1))
        elif len(shape) == len(wanted) + 1 and shape[-1] == 1:
            value = value.reshape(shape[:-1])
        if value.ndim != len(wanted) or any(n not in (None, m) for n, m in zip(wanted, value.shape, strict=True)):
            raise ShapeError(
                f"input {position} of model {self.name!r}, named {self.input_names[position]!r}, has shape {wanted}: "
                f"received shape {shape}."
            )
        if value.dtype == expected.dtype:
            return value
        if value.dtype.kind == "c":
            raise DtypeError(
                f"input {self.input_names[position]!r} of model {self.name!r} has dtype {expected.dtype}: received "
                f"complex numbers. Take their real part or magnitude."
            )
        return value.astype(expected.dtype)


def run(
    steps: Sequence[Step],
    inputs: Sequence[Any],
    slot_count: int,
    ends: Sequence[Slot],
    replaced: Callable[[Any], Any] | None = None,
) -> list[Any]:
    """Run steps on inputs, and return the values in some slots."""
    values: list[Any] = [*inputs, *[None] * (slot_count - len(inputs))]

    def filled(leaf: Any) -> Any:
        return values[leaf] if leaf.__class__ is Slot else leaf

    for operation, args, kwargs, outputs, forgotten in steps:
        called = operation if replaced is None else replaced(operation)
        if len(args) == 1 and args[0].__class__ is Slot and not kwargs:
            result = called(values[args[0]])
        else:
            result = called(*tree.map_structure(filled, args), **tree.map_structure(filled, kwargs))
        if len(outputs) == 1 and not isinstance(result, (list, tuple, dict)):
            values[outputs[0]] = result
        else:
            for slot, each in zip(outputs, tree.flatten(result), strict=True):
                values[slot] = each
        for slot in forgotten:
            values[slot] = None
    return [values[slot] for slot in ends]


def _rebuilt(inputs: Any, input_layers: list[InputLayer], steps: list[Step], outputs: Any, name: str) -> Graph:
    """Return a graph from its steps, with symbolic tensors of its own."""
    starts = [layer.made() for layer in input_layers]
    ends = tree.flatten(outputs)
    count = 1 + max([*range(len(starts)), *[slot for step in steps for slot in step.outputs]], default=0)
    found = run([step._replace(forgotten=()) for step in steps], starts, count, ends)
    return Graph(tree.pack_sequence_as(inputs, starts), tree.pack_sequence_as(outputs, found), name)


def _checked(nest: Any, what: str, name: str) -> list[KerasTensor]:
    """Return the leaves of a nest, which have to be symbolic tensors."""
    found = tree.flatten(nest)
    for each in found:
        if each.__class__ is not KerasTensor:
            raise OperandError(
                f"the {what} of a functional model are symbolic tensors, as nn.Input and layers called on it return. "
                f"Model {name!r} received a {type(each).__name__}."
            )
    if not found:
        raise OperandError(f"model {name!r} received no {what}.")
    return found


def _layer_of_input(tensor: KerasTensor) -> InputLayer:
    """Return the input layer of a symbolic tensor; a new one where it is the output of another layer."""
    known = input_layer_of(tensor)
    return InputLayer(batch_shape=tensor.shape, dtype=tensor.dtype) if known is None else known


def _ordered(inputs: dict[int, InputLayer], outputs: list[KerasTensor], name: str) -> tuple[list[Node], list[Any]]:
    """Return the nodes between inputs and outputs, each after those that it needs; and the operations as they are met
    on the way from the outputs.
    """
    done: dict[int, Node] = {}
    met: dict[int, Any] = {}
    stack: list[tuple[KerasTensor, bool]] = [(each, False) for each in reversed(outputs)]
    while stack:
        tensor, complete = stack.pop()
        node = tensor.node
        if id(tensor) in inputs:
            met.setdefault(id(inputs[id(tensor)]), inputs[id(tensor)])
            continue
        if node is not None and id(node) in done:
            continue
        if node is None or not node.inputs:
            raise ArgumentError(_disconnected(tensor, inputs, name))
        if complete:
            done[id(node)] = node
            continue
        met.setdefault(id(node.operation), node.operation)
        stack.append((tensor, True))
        stack.extend((each, False) for each in reversed(node.inputs))
    return list(done.values()), list(met.values())


def _disconnected(tensor: KerasTensor, inputs: dict[int, InputLayer], name: str) -> str:
    layer = input_layer_of(tensor)
    kind = f"input {layer.name!r} of shape {tensor.shape}" if layer else f"symbolic tensor of shape {tensor.shape}"
    given = ", ".join(repr(each.name) for each in inputs.values())
    return (
        f"the outputs of model {name!r} need the {kind}, which is not among its inputs and not computed from them. Its "
        f"inputs are {given}: add the missing one, or leave out what needs it."
    )


def _by_depth(nodes: list[Node], met: list[Any], inputs: dict[int, InputLayer]) -> list[Any]:
    """Return the operations in Keras's order, which is that of the weights: by the number of calls between them and the
    outputs, the most first.
    """
    depth: dict[int, int] = {}
    depths: dict[int, int] = {id(layer): 0 for layer in inputs.values()}
    for node in reversed(nodes):
        own = depths[id(node.operation)] = max(depth.setdefault(id(node), 0), depths.get(id(node.operation), 0))
        depth[id(node)] = own
        for each in node.inputs:
            layer = inputs.get(id(each))
            if layer is not None:
                depths[id(layer)] = max(own + 1, depths[id(layer)])
            else:
                depth[id(each.node)] = max(own + 1, depth.get(id(each.node), 0))
    unused = [layer for layer in inputs.values() if all(layer is not each for each in met)]
    return sorted([*unused, *met], key=lambda each: -depths[id(each)])


def _steps(nodes: list[Node], slots: dict[int, Slot], ends: set[Slot]) -> list[Step]:
    """Return nodes as steps, with slots in place of symbolic tensors."""

    def slot_of(leaf: Any) -> Any:
        return slots[id(leaf)] if leaf.__class__ is KerasTensor else leaf

    steps: list[Step] = []
    for node in nodes:
        args, kwargs = tree.map_structure(slot_of, (node.args, node.kwargs))
        outputs = tuple([slots[id(each)] for each in tree.flatten(node.outputs)])
        steps.append(Step(node.operation, args, kwargs, outputs, ()))
    needed = set(ends)
    for position in reversed(range(len(steps))):
        step = steps[position]
        used = {leaf for leaf in tree.flatten((step.args, step.kwargs)) if leaf.__class__ is Slot} | {*step.outputs}
        steps[position] = step._replace(forgotten=tuple(sorted(used - needed)))
        needed |= used
    return steps
