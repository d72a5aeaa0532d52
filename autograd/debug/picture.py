"""Write nodes and edges as DOT text, and draw them with Graphviz. Nothing here knows of tapes."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike, fspath
from os.path import splitext
from typing import Any, Literal, NamedTuple

from autograd.arrays.show import escaped
from autograd.errors import MissingError, OperandError
from autograd.files import write_file

Box = tuple[int, str]
_GRADIENT, _FAINT = "#c8202f", "#8a8a8a"
_STYLES = {
    "source": "shape=plaintext, margin=0.05",
    "constant": f'shape=plaintext, margin=0.05, fontcolor="{_FAINT}"',
    "target": "shape=plaintext, margin=0.05",
    "symbol": "shape=circle, margin=0.02",
    "operation": 'shape=box, style=rounded, margin="0.1,0.05", height=0.35',
    "layer": 'shape=box, style="rounded,filled", fillcolor="#eef3f9", margin="0.12,0.06"',
    "more": f'shape=box, style="rounded,dashed", color="{_FAINT}", fontcolor="{_FAINT}"',
    "branch": "shape=point, width=0.06",
}
_HEAD = """digraph tape {
  rankdir=%s; nodesep=%s; ranksep=%s; labeljust=l
  node [fontname="Helvetica", fontsize=13, width=0, height=0]
  edge [fontname="Helvetica", fontsize=11, arrowsize=0.7]
"""


class Node(NamedTuple):
    """A node of a `Graph`.

    Attributes
    ----------
    key : str
        Its name in the DOT text.
    label : str
    kind : str
        "source", "constant", "target", "symbol", "operation", "layer", "more" (what was left out) or "branch".
    boxes : tuple of (int, str)
        The number and the name of each box that it stands in, from the outermost on.
    """

    key: str
    label: str
    kind: str
    boxes: tuple[Box, ...] = ()


class Edge(NamedTuple):
    """An arrow of a `Graph` from one node to another, and the one that goes back beside it.

    Attributes
    ----------
    tail, head : str
        The keys of the nodes.
    value : str
        The text on the arrow forward.
    gradient : str or None
        The text on the arrow back; None where there is none.
    constant : bool
        Whether what flows here is a constant.
    """

    tail: str
    head: str
    value: str = ""
    gradient: str | None = None
    constant: bool = False


class Graph:
    """A picture of a computation: what `autograd.graph` returns.

    ``str(g)`` and ``g.dot`` are DOT text, which needs nothing. `svg`, `png`, `save` and a notebook draw it by Graphviz:
    the Python package of that name (``pip install "tapegrad[graph]"``) and the program ``dot``.

    Attributes
    ----------
    nodes : list of Node
    edges : list of Edge
    direction : {"LR", "TB"}
        Whether arrows go from left to right or from top to bottom.

    Examples
    --------
    >>> x = autograd.Variable(3.0, name="x")
    >>> with autograd.GradientTape() as tape:
    ...     y = x + 2.0
    >>> [node.label for node in tape.graph(y).nodes]
    ['x', '2', '+', 'target']
    """

    def __init__(self, nodes: list[Node], edges: list[Edge], direction: Literal["LR", "TB"] = "LR") -> None:
        self.nodes = nodes
        self.edges = edges
        self.direction = direction
        self._svg: str | None = None

    def __repr__(self) -> str:
        return f"<Graph: {len(self.nodes)} nodes, {len(self.edges)} edges>"

    def __str__(self) -> str:
        return self.dot

    @property
    def dot(self) -> str:
        """The graph in the language of Graphviz, with a line for each node and each arrow."""
        lines = [_HEAD % (self.direction, *((0.35, 0.6) if self.direction == "LR" else (0.5, 0.4)))]
        lines += _boxed(self.nodes, 0)
        for edge in self.edges:
            ends = f"  {edge.tail} -> {edge.head} "
            colour = f', color="{_FAINT}"' if edge.constant else ""
            head = "" if edge.head[0] != "b" else ", arrowhead=none"
            lines.append(f"{ends}[label={_quoted(_padded(edge.value))}{colour}{head}]\n")
            if edge.gradient is not None:
                red = f'color="{_GRADIENT}", fontcolor="{_GRADIENT}"'
                back = ", arrowtail=none" if edge.tail[0] == "b" else ""
                lines.append(f"{ends}[label={_quoted(_padded(edge.gradient))}, dir=back, {red}{back}]\n")
        return "".join([*lines, "}\n"])

    def svg(self) -> str:
        """Return the picture as SVG text.

        Raises
        ------
        MissingError
            If the package ``graphviz`` or the program ``dot`` is not installed.
        """
        if self._svg is None:
            self._svg = _drawn(self.dot, "svg").decode("utf-8")
        return self._svg

    def png(self, path: str | PathLike[str]) -> None:
        """Write the picture to a PNG file. Raises as `svg` does."""
        write_file(path, _drawn(self.dot, "png"))

    def save(self, path: str | PathLike[str]) -> None:
        """Write the picture to a file whose kind its name says: ``.dot`` (or ``.gv``), ``.svg``, ``.png`` or ``.pdf``.

        Raises
        ------
        OperandError
            If the name ends in something else.
        FileError
            If the file cannot be written, which leaves what was there.
        MissingError
            If the package ``graphviz`` or the program ``dot`` is not installed, which ``.dot`` does not need.
        """
        kind = splitext(fspath(path))[1].lower().lstrip(".")
        if kind in ("dot", "gv"):
            write_file(path, self.dot.encode())
        elif kind == "svg":
            write_file(path, self.svg().encode())
        elif kind in ("png", "pdf"):
            write_file(path, _drawn(self.dot, kind))
        else:
            raise OperandError(
                f"a graph is saved as .dot, .gv, .svg, .png or .pdf: received the file name {str(path)!r}."
            )

    def _repr_svg_(self) -> str | None:
        try:
            svg = self.svg()
        except MissingError:
            return None
        return svg[svg.index("<svg") :]

    def _repr_html_(self) -> str | None:
        """Show the DOT text in a notebook that cannot have the picture."""
        try:
            self.svg()
        except MissingError as error:
            return f"<p>{escaped(str(error))}</p><pre>{escaped(self.dot)}</pre>"
        return None


def _boxed(nodes: Iterable[Node], depth: int) -> list[str]:
    """Return the DOT lines of nodes; nodes that share a box are in one cluster."""
    lines: list[str] = []
    inside: dict[Box, list[Node]] = {}
    indent = "  " * (depth + 1)
    for node in nodes:
        if len(node.boxes) > depth:
            inside.setdefault(node.boxes[depth], []).append(node)
        else:
            label = "" if node.kind == "branch" else f"label={_quoted(node.label)}, "
            lines.append(f"{indent}{node.key} [{label}{_STYLES[node.kind]}]\n")
    for (number, name), members in inside.items():
        lines.append(f"{indent}subgraph cluster_{number} {{\n")
        lines.append(
            f'{indent}  label={_quoted(name)}; style=rounded; color="{_FAINT}"; fontname="Helvetica"; fontsize=12\n'
        )
        lines += [*_boxed(members, depth + 1), f"{indent}}}\n"]
    return lines


def _padded(label: str) -> str:
    """Add space between a label and its arrow."""
    return f" {label} " if label else ""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _drawn(dot: str, kind: str) -> bytes:
    """Return the picture that Graphviz draws."""
    try:
        import graphviz
    except ImportError:
        raise MissingError(
            'drawing a graph needs the Python package graphviz, which is not installed: pip install "tapegrad[graph]". '
            "The DOT text, str(graph), needs nothing."
        ) from None
    try:
        picture: Any = graphviz.Source(dot).pipe(format=kind)
    except graphviz.ExecutableNotFound:
        raise MissingError(
            "drawing a graph needs the program dot of Graphviz, which was not found on the PATH: apt install graphviz, "
            "brew install graphviz, or https://graphviz.org/download. The DOT text, str(graph), needs nothing."
        ) from None
    return bytes(picture)
