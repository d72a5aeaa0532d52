"""The summary of a model as text, in Keras's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn import tree
from nn.errors import StateError
from nn.layers.input import InputLayer
from nn.symbolic import Function


def summary_text(model: Any, expand_nested: bool = False, show_trainable: bool = False) -> str:
    """Return a table of the layers of a model, the shapes of their outputs and the numbers of their parameters."""
    graph = getattr(model, "_graph", None)
    connected = graph is not None and not _in_a_row(graph)
    titles = ["Layer (type)", "Output Shape", "Param #"]
    titles += ["Trainable"] * show_trainable + ["Connected to"] * connected
    rows = _rows(model, expand_nested, show_trainable, connected, "")
    weights, trainable = _count(model.weights), _count(model.trainable_weights)
    totals = [
        f" Total params: {_amount(*weights)}",
        f" Trainable params: {_amount(*trainable)}",
        f" Non-trainable params: {_amount(weights[0] - trainable[0], weights[1] - trainable[1])}",
    ]
    if getattr(model, "optimizer", None) is not None and getattr(model.optimizer, "_slots", None):
        totals.insert(3, f" Optimizer params: {_amount(*_count(model.optimizer.variables))}")
    return "\n".join([f'Model: "{model.name}"', *_table(titles, rows), *totals])


def _in_a_row(graph: Any) -> bool:
    """Whether each layer is called once, on what the one before it returned."""
    operations = {id(node.operation) for node in graph.nodes}
    single = len(graph.input_layers) == 1 and len(operations) == len(graph.nodes)
    return (
        single
        and all(len(node.inputs) == 1 for node in graph.nodes)
        and len({id(node.inputs[0]) for node in graph.nodes}) == len(graph.nodes)
    )


def _rows(model: Any, expand: bool, show_trainable: bool, connected: bool, indent: str) -> list[list[str]]:
    graph = getattr(model, "_graph", None)
    operations = graph.operations if graph is not None else model.layers
    rows = []
    for operation in operations:
        kind = operation.kind if isinstance(operation, Function) else type(operation).__name__
        if kind == "Model":
            kind = "Functional"
        row = [f"{indent}{operation.name} ({kind})", _shape(model, operation), _parameters(operation)]
        if show_trainable:
            row.append("-" if not getattr(operation, "weights", []) else "Y" if operation.trainable else "N")
        if connected:
            row.append(_sources(graph, operation) if graph is not None else "")
        rows.append(row)
        if expand and hasattr(operation, "layers"):
            rows += _rows(operation, expand, show_trainable, connected, "   └ " if not indent else f"   {indent}")
    return rows


def _shape(model: Any, operation: Any) -> str:
    graph = getattr(model, "_graph", None)
    if isinstance(operation, InputLayer):
        return str(operation.batch_shape)
    if graph is not None:
        shapes = [
            tree.map_structure(lambda each: each.shape, node.outputs)
            for node in graph.nodes
            if node.operation is operation
        ]
        return str(shapes[0])
    try:
        return str(tree.map_structure(lambda each: each.shape, operation.output))
    except StateError:
        return "?"


def _parameters(operation: Any) -> str:
    if isinstance(operation, Function):
        return "0"
    if not operation.built and not operation.weights:
        return "0 (unbuilt)"
    return f"{operation.count_params():,}"


def _sources(graph: Any, operation: Any) -> str:
    """Return the layers whose outputs an operation takes, with the numbers of call and output: ``dense[0][0]``."""
    found = []
    for node in graph.nodes:
        if node.operation is operation:
            for each in node.inputs:
                if each.node is None:
                    continue
                calls = [other for other in graph.nodes if other.operation is each.node.operation]
                found.append(f"{each.node.operation.name}[{calls.index(each.node) if calls else 0}][{each.position}]")
    return ", ".join(found) or "-"


def _count(variables: Sequence[Any]) -> tuple[int, int]:
    return sum(each.size for each in variables), sum(each.size * each.dtype.itemsize for each in variables)


def _amount(count: int, size: float) -> str:
    """Return a number of parameters, and the memory that they take: ``407,050 (1.55 MB)``."""
    units = ["B", "KB", "MB", "GB", "TB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        units.pop(0)
    return f"{count:,} ({size:.2f} {units[0]})"


def _table(titles: list[str], rows: list[list[str]]) -> list[str]:
    """Return the lines of a table in a frame."""
    widths = [max(map(len, column)) + 2 for column in zip(titles, *rows, strict=True)]

    def rule(left: str, line: str, between: str, right: str) -> str:
        return left + between.join(line * width for width in widths) + right

    def row(cells: list[str], bar: str) -> str:
        aligned = [
            f" {cell:>{width - 2}} " if title == "Param #" else f" {cell:<{width - 2}} "
            for cell, width, title in zip(cells, widths, titles, strict=True)
        ]
        return bar + bar.join(aligned) + bar

    body: list[str] = []
    for cells in rows:
        body += [rule("├", "─", "┼", "┤")] * bool(body) + [row(cells, "│")]
    return [rule("┏", "━", "┳", "┓"), row(titles, "┃"), rule("┡", "━", "╇", "┩"), *body, rule("└", "─", "┴", "┘")]
