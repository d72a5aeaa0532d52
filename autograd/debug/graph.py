"""Draw the computational graph of a tape: values on the arrows forward, gradients on the arrows back."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol

import numpy as np

from autograd.arrays.scopes import errstate
from autograd.core import nest
from autograd.core.backward import sweep
from autograd.core.recorder import Record, recording_on
from autograd.core.tensor import Tensor
from autograd.core.variable import Variable
from autograd.debug.outline import Unit, boxes_of, flat, group, needed, outputs
from autograd.debug.picture import Box, Edge, Graph, Node
from autograd.errors import OperandError, TapeError
from autograd.registry.entries import RULES, Spec, facts_of, module_of
from autograd.registry.operations import getitem, identity, setitem
from autograd.transforms.completed import completed_call

_SMALL = 10_000  # values that the tape did not keep are recomputed up to this many elements
_COPIES = 3  # a source that more operations use is drawn beside each of them
_SOURCES = 12  # the most sources of one operation that are drawn


class Tape(Protocol):
    """The attributes of a tape that a picture is drawn from."""

    records: list[tuple[Any, ...]]
    scopes: list[tuple[str, int, int]]
    tracked: set[int]
    _used: bool
    _variables: dict[int, tuple[Variable, list[int]]]


def graph(
    tape: Tape,
    target: Any = None,
    *,
    names: Mapping[str, Any] | None = None,
    depth: int | None = None,
    limit: int = 40,
    local: bool = False,
    direction: Literal["LR", "TB"] | None = None,
) -> Graph:
    """Draw what a tape recorded: operations, with an arrow for each value that flows from one to another.

    An arrow forward bears the value: a number, a few numbers, or the dtype and the shape of an array. With a target, a
    red arrow beside it goes back, and bears the gradient of the target that flows there: a number, or the norm of an
    array. Where a value goes to several operations its arrow branches at a dot: before the dot stands its whole
    gradient, behind it the part that comes from each.

    The tape is not changed and not used up.

    Parameters
    ----------
    tape : GradientTape
        One that is not used up.
    target : Tensor or nest of Tensors, optional
        Only what these were computed from is drawn, with the gradients of the sum of their elements. Without it all is
        drawn, and no gradients.
    names : mapping of str to Tensor, optional
        How to call tensors; ``locals()`` will do, since what is no tensor is passed over. A `Variable` has a name of
        its own besides.
    depth : int, optional
        How many levels of layers (or of `name_scope`) are opened: 0 draws each outermost one as one node, 1 draws it as
        a box with its layers as one node each. Unless given, all are open as long as the limit allows it.
    limit : int, default 40
        How many operations are drawn. Where there are more, long chains are shortened, then layers
        closed, and at last all is left out but half as many at the two ends.
    local : bool, default False
        Whether the arrow back between numbers says how its gradient comes about: the derivative of the operation times
        what comes in.
    direction : {"LR", "TB"}, optional
        From left to right or from top to bottom. From left to right unless the graph is long.

    Returns
    -------
    Graph

    Raises
    ------
    TapeError
        If the tape is used up, or recorded nothing, or not the target.
    OperandError
        If a target is no tensor, or an option has a value that it cannot have.

    Examples
    --------
    >>> x = autograd.Variable(3.0, name="x")
    >>> with autograd.GradientTape() as tape:
    ...     y = x * 2.0
    >>> graph(tape, y, names={"y": y})
    <Graph: 4 nodes, 3 edges>
    """
    if tape._used:
        raise TapeError(
            "this tape gave its gradient and with it its records: draw it before, or make it with "
            "GradientTape(persistent=True)."
        )
    if not tape.records:
        raise TapeError(
            "this tape has recorded nothing that could be drawn: compute inside its block with what it watches."
        )
    if direction not in ("LR", "TB", None):
        raise OperandError(f'direction is "LR" or "TB": received {direction!r}.')
    if limit < 3 or (depth is not None and depth < 0):
        raise OperandError(f"limit is at least 3 and depth at least 0: received limit={limit!r}, depth={depth!r}.")
    targets: list[Tensor] = [] if target is None else nest.leaves(target)
    for each in targets:
        if not isinstance(each, Tensor):
            raise OperandError(
                f"the target of a graph is a tensor or a nest of tensors: received a {type(each).__name__}."
            )
        if each._id not in tape.tracked:
            raise TapeError(
                f"a target of shape {each.shape} is not on this tape: compute it inside the block, from what the tape "
                f"watches."
            )

    numbers = needed(tape.records, {each._id for each in targets}) if targets else list(range(len(tape.records)))
    records = [Record._make(tape.records[i]) for i in numbers]
    boxes = boxes_of(tape.scopes, numbers)
    units = group(records, boxes, depth, limit, {each._id for each in targets})
    sketch = _Sketch(tape, records, targets, dict(names or {}), local)
    sketch.draw(units)
    return Graph(sketch.nodes, sketch.edges, direction or ("LR" if len(units) <= 14 else "TB"))


# ---------------------------------------------------------------------------------------------------- records
def _uses(record: Record, tracked: set[int]) -> list[tuple[int, Any]]:
    """List the identity and the value of each tracked operand, as often as it occurs."""
    return [pair for i in record.argnums for pair in flat(record.ids[i], record.args[i]) if pair[0] in tracked]


def _values(records: list[Record], known: dict[int, np.ndarray[Any, Any]]) -> dict[int, Any]:
    """Return each value that the tape kept or that is cheap to recompute, and the `Spec` of all others."""
    values: dict[int, Any] = dict(known)

    def learn(one: int, value: Any) -> None:
        if one and value is not None and not isinstance(values.get(one), np.ndarray):
            values[one] = value

    for record in reversed(records):
        for output, ans in outputs(record):
            learn(output, ans)
        same = None if isinstance(record.output, tuple) else values.get(record.output)
        for ids, args in zip(record.ids, record.args, strict=True):
            for one, value in flat(ids, args):
                learn(one, Spec(same.shape, same.dtype) if value is None and same is not None else value)
    for record in records:
        if not isinstance(record.output, tuple) and not isinstance(values.get(record.output), np.ndarray):
            learn(record.output, _again(record, values))
    return values


def _again(record: Record, values: dict[int, Any]) -> np.ndarray[Any, Any] | None:
    """Recompute the output of a record if its operands are known and small. Functions of the user are not called."""
    fn = record.fn
    if module_of(fn).split(".")[0] not in ("numpy", "autograd", "scipy", "nn"):
        return None
    if fn is completed_call or fn.__name__.startswith("_") or any(ids.__class__ is tuple for ids in record.ids):
        return None
    args = [values.get(i, value) if i else value for i, value in zip(record.ids, record.args, strict=True)]
    if any(
        isinstance(a, Spec) or (a is None and i) or np.size(a) > _SMALL for i, a in zip(record.ids, args, strict=True)
    ):
        return None
    with errstate(all="ignore"):
        return np.asarray(fn(*args, **(record.kwargs or {})))


def _gradients(
    records: Iterable[Record], tracked: set[int], seeds: dict[int, Any]
) -> tuple[dict[int, Any], list[list[Any]]]:
    """Return the cotangent of every value, and for each record the part that flows back to each of its `_uses`.

    A record of the identity function before each use gives that use an identity of its own, a negative number. One
    ordinary sweep then gives the parts and their sums.
    """
    fresh = itertools.count(-1, -1)
    rule = RULES[identity].plan((0,), 1).steps
    split: list[tuple[Any, ...]] = []
    branches: list[list[int]] = []

    def renamed(ids: Any, value: Any) -> Any:
        if ids.__class__ is tuple:
            return tuple([renamed(i, v) for i, v in zip(ids, value, strict=True)])
        if ids not in tracked:
            return ids
        branch = next(fresh)
        split.append((identity, (value,), None, (ids,), (0,), None, branch, rule))
        branches[-1].append(branch)
        return branch

    for record in records:
        branches.append([])
        ids = [
            renamed(i, a) if k in record.argnums else i
            for k, (i, a) in enumerate(zip(record.ids, record.args, strict=True))
        ]
        split.append(tuple(record._replace(ids=ids)))
    tracked = tracked | {branch for each in branches for branch in each}
    with recording_on(()):
        found = sweep(split, tracked, dict(seeds), tracked, consume=True)
    found = {i: np.conjugate(g) if g.dtype.kind == "c" else g for i, g in found.items()}
    return found, [[found.get(branch) for branch in each] for each in branches]


# ---------------------------------------------------------------------------------------------------- nodes and arrows
class _Sketch:
    """Collects the nodes and the arrows of a graph."""

    def __init__(
        self, tape: Tape, records: list[Record], targets: list[Tensor], names: dict[str, Any], local: bool
    ) -> None:
        self.records = records
        self.tracked = tape.tracked
        self.targets = {each._id: each for each in targets}
        self.local = local
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.names = _names(tape, names)
        known = {variable._id: variable._value for variable, _ in tape._variables.values()}
        known |= {t._id: t._value for t in (*targets, *names.values()) if isinstance(t, Tensor)}
        self.values = _values(records, known)
        self.totals: dict[int, Any] = {}
        self.parts: list[list[Any]] = [[None] * len(_uses(r, self.tracked)) for r in records]
        self.seeds = {
            i: np.full(t.shape, sum(each._id == i for each in targets), t.dtype) for i, t in self.targets.items()
        }
        if targets:
            self.totals, self.parts = _gradients(records, self.tracked, self.seeds)

    def draw(self, units: list[Unit]) -> None:
        """Make all nodes, sources before the operation that first uses them, and all arrows."""
        maker = {
            output: n for n, unit in enumerate(units) for i in unit.members for output, _ in outputs(self.records[i])
        }
        arrows = self._arrows(units, maker)
        folded = self._folded(units, maker, arrows)
        sources = {one: ways for one, ways in arrows.items() if one not in maker and one not in folded}
        for n, unit in enumerate(units):
            for one, ways in sources.items():
                self._draw_source(one, ways, n, unit)
            self._add_unit(n, unit)
        self._draw_outputs(units, maker, arrows)

    def _arrows(self, units: list[Unit], maker: dict[int, int]) -> dict[int, dict[Any, Any]]:
        """Return the arrows of each value: the end of each, and the gradient that flows back along it."""
        arrows: dict[int, dict[Any, Any]] = {i: {} for i in maker}
        for n, unit in enumerate(units):
            for i in unit.members:
                for place, (one, _) in enumerate(_uses(self.records[i], self.tracked)):
                    if maker.get(one) != n:
                        way = (n, i, place) if unit.kind == "operation" else (n,)
                        before = arrows.setdefault(one, {}).get(way)
                        g = self.parts[i][place]
                        arrows[one][way] = g if before is None else before + g
        return arrows

    def _draw_source(self, one: int, ways: dict[Any, Any], n: int, unit: Unit) -> None:
        """Draw a source before the first unit that uses it; one with many uses beside each of them."""
        if len(ways) <= _COPIES:
            if next(iter(ways))[0] == n:
                self._add_arrows(one, self._add_source(one, unit), ways)
            return
        for way in [way for way in ways if way[0] == n]:
            first = one in self.totals and way == next(iter(ways))
            total = f"\nin all ∂ {gradient_of(self.totals[one])}" if first else ""
            self._add_arrow(self._add_source(one, unit, total), way, text_of(self.values.get(one)), ways[way])

    def _draw_outputs(self, units: list[Unit], maker: dict[int, int], arrows: dict[int, dict[Any, Any]]) -> None:
        """Draw the arrows from the units. Values from one node of many operations to another share one arrow."""
        bundles: dict[tuple[int, Any], list[tuple[int, Any]]] = {}
        for one, n in maker.items():
            if units[n].kind == "operation" or one in self.targets or one in self.names:
                if arrows[one] or one in self.targets or not self.targets:
                    self._add_arrows(one, f"u{n + 1}", arrows[one], units[n].boxes)
            else:
                for way in arrows[one]:
                    bundles.setdefault((n, way[0]), []).append((one, arrows[one][way]))
        for (n, head), values in bundles.items():
            text, g = text_of(self.values.get(values[0][0])), values[0][1]
            if len(values) > 1:
                gs = [np.ravel(g) for _, g in values if g is not None]
                text, g = f"{len(values)} values", np.concatenate(gs) if gs else None
            self._add_arrow(f"u{n + 1}", (head,), text, g)

    def _add_source(self, one: int, unit: Unit, addition: str = "") -> str:
        """Make the node of a source of a unit: inside the box of the layer that it belongs to."""
        key = f"s{sum(node.kind == 'source' for node in self.nodes) + 1}"
        name = self.names.get(one, "tensor")
        layer = name.rpartition("/")[0]
        inside = bool(layer and unit.boxes and unit.boxes[-1][1] == layer)
        self.nodes.append(
            Node(
                key,
                (name.removeprefix(layer + "/") if inside else name) + addition,
                "source",
                unit.boxes if inside else (),
            )
        )
        return key

    def _folded(self, units: list[Unit], maker: dict[int, int], arrows: dict[int, dict[Any, Any]]) -> set[int]:
        """Write sources as text into the one node that uses them, if it stands for many operations or has many sources.

        Return the identities of these sources.
        """
        own: dict[int, list[int]] = {}
        for one, ways in arrows.items():
            if one not in maker and one not in self.targets and len({way[0] for way in ways}) == 1:
                own.setdefault(next(iter(ways))[0], []).append(one)
        folded: set[int] = set()
        for n, sources in own.items():
            unit = units[n]
            if unit.kind == "layer":
                sources = [one for one in sources if one in self.names and self.values.get(one) is not None]
                for one in sources[:6]:
                    line = f"{self.names[one].removeprefix(unit.name + '/')}: {text_of(self.values[one])}"
                    unit.lines.append(line + (f", ∂ {gradient_of(self.totals[one])}" if one in self.totals else ""))
                unit.lines += [f"and {len(sources) - 6} more"] if len(sources) > 6 else []
            elif unit.kind == "operation":
                sources = sources[_SOURCES // 2 : -_SOURCES // 2] if len(sources) > _SOURCES else []
                unit.lines += [f"and {len(sources)} other operands"] if sources else []
            else:
                unit.lines += [f"and {len(sources)} sources"]
            folded.update(sources)
        return folded

    def _add_unit(self, n: int, unit: Unit) -> None:
        key = f"u{n + 1}"
        records = [self.records[i] for i in unit.members]
        if unit.kind != "operation":
            count = len(records)
            what = f"{count} operation{'s' if count > 1 else ''}"
            if unit.kind == "more":
                common = Counter(_name(record.fn) for record in records).most_common(4)
                what += ":\n" + ", ".join([*(name for name, _ in common), *(["…"] if len(common) == 4 else [])])
            self.nodes.append(
                Node(key, "\n".join([unit.name] * bool(unit.name) + [what, *unit.lines]), unit.kind, unit.boxes)
            )
            return
        record = records[0]
        operands, parameters = _sorted_out(record)
        label = "\n".join([*_label(record, parameters), *unit.lines])
        for one, value in operands:
            name = self.names.get(one)
            tail = f"c{len(self.nodes) + 1}"
            self.nodes.append(Node(tail, name or text_of(value), "constant"))
            self.edges.append(Edge(tail, key, text_of(value) if name else "", constant=True))
        self.nodes.append(Node(key, label, "symbol" if len(label) <= 2 else "operation", unit.boxes))

    def _add_arrows(self, one: int, tail: str, ways: dict[Any, Any], boxes: tuple[Box, ...] = ()) -> None:
        """Draw the arrows of a value to its uses, branching at a dot if there are several."""
        ways = dict(ways)
        if one in self.targets or not ways:
            end = f"t{sum(node.kind == 'target' for node in self.nodes) + 1}"
            ways[(end,)] = self.seeds.get(one)
            self.nodes.append(Node(end, self.names.get(one, "target" if one in self.targets else "result"), "target"))
        value = text_of(self.values.get(one))
        if tail[0] == "u" and one in self.names and one not in self.targets:
            value = f"{self.names[one]} = {value}"
        if len(ways) > 1:
            dot = f"b{sum(node.kind == 'branch' for node in self.nodes) + 1}"
            self.nodes.append(Node(dot, "", "branch", boxes))
            self.edges.append(Edge(tail, dot, value, gradient_of(self.totals.get(one))))
            tail, value = dot, ""
        for way, g in ways.items():
            self._add_arrow(tail, way, value, g)

    def _add_arrow(self, tail: str, way: tuple[Any, ...], value: str, g: Any) -> None:
        back = gradient_of(g)
        if self.local and len(way) == 3 and back is not None:
            back = self._product(way[1], way[2]) + back
        self.edges.append(Edge(tail, way[0] if isinstance(way[0], str) else f"u{way[0] + 1}", value, back))

    def _product(self, number: int, place: int) -> str:
        """Write the gradient of a number as a product: the derivative of the operation times the gradient of its
        output.
        """
        record = self.records[number]
        if isinstance(record.output, tuple):
            return ""
        g = self.totals.get(record.output)
        if g is None or np.ndim(g) or np.ndim(self.parts[number][place]) or g.dtype.kind == "c":
            return ""
        _, [parts] = _gradients([record], self.tracked, {record.output: np.ones((), g.dtype)})
        return f"{gradient_of(parts[place])} · {gradient_of(g)} = "


def _names(tape: Tape, names: Mapping[str, Any]) -> dict[int, str]:
    """Return the names of values."""
    result = {}
    given = {id(value): name for name, value in reversed(list(names.items())) if isinstance(value, Tensor)}
    for variable, identities in tape._variables.values():
        name = given.get(id(variable), variable.name)
        # A variable has a new value under the same name after each assignment.
        result.update({one: f"{name} ({k})" if k > 1 else name for k, one in enumerate(identities, 1)})
    return {value._id: name for name, value in reversed(list(names.items())) if isinstance(value, Tensor)} | result


def _name(fn: Callable[..., Any]) -> str:
    """Return the label of a function in a picture."""
    return facts_of(fn).symbol or str(getattr(fn, "__name__", "f"))


def _sorted_out(record: Record) -> tuple[list[tuple[int, Any]], list[str]]:
    """Separate the untracked operands of a record from its parameters, which are returned as text."""
    rules = RULES.get(record.fn)
    operands: list[tuple[int, Any]] = []
    parameters = []
    for i, (ids, value) in enumerate(zip(record.ids, record.args, strict=True)):
        if i in record.argnums and ids.__class__ is not tuple:
            continue
        ruled = rules is None or rules.joint is not None or (i < len(rules.vjps) and rules.vjps[i] is not None)
        pairs = list(flat(ids, value))
        if ruled and all(
            isinstance(v, (np.ndarray, Spec, np.number, float, int, complex)) for _, v in pairs if v is not None
        ):
            operands += [(one, v) for one, v in pairs if v is not None and (i not in record.argnums or not one)]
        elif record.fn is not completed_call:
            parameters.append(_shown(value))
    return operands, parameters + [f"{key}={_shown(value)}" for key, value in (record.kwargs or {}).items()]


def _label(record: Record, parameters: list[str]) -> Sequence[str]:
    if record.fn is getitem:
        return [f"[{', '.join(parameters)}]"]
    if record.fn is setitem:
        return [f"[{', '.join(parameters)}] ←"]
    return [_name(record.fn), *parameters]


def _shown(value: Any) -> str:
    """Write a parameter in a few characters."""
    if isinstance(value, slice):
        step = "" if value.step is None else f":{value.step}"
        return f"{'' if value.start is None else value.start}:{'' if value.stop is None else value.stop}{step}"
    if isinstance(value, (np.ndarray, Spec)):
        return text_of(value)
    if isinstance(value, tuple) and any(isinstance(v, (slice, np.ndarray, Spec, type(...))) for v in value):
        return ", ".join(map(_shown, value))
    text = "…" if value is ... else str(value) if isinstance(value, np.dtype) else repr(value)
    return text if len(text) <= 24 else text[:23] + "…"


def text_of(value: Any) -> str:
    """Write a value in a few characters: a number, up to four numbers, or the dtype and the shape of an array."""
    if value is None:
        return "?"
    if isinstance(value, Spec) or np.size(value) > 4 or np.ndim(value) > 1:
        return f"{value.dtype} {value.shape}"
    if np.ndim(value):
        return "[" + ", ".join(_number(v) for v in np.asarray(value)) + "]"
    return _number(value)


def gradient_of(g: Any) -> str | None:
    """Write a gradient in a few characters: numbers as they are, and the norm of an array."""
    if g is None or (np.size(g) <= 4 and np.ndim(g) <= 1):
        return None if g is None else text_of(g)
    return f"norm {_number(np.linalg.norm(g))}"


def _number(value: Any) -> str:
    return str(value) if np.asarray(value).dtype.kind == "b" else f"{np.asarray(value)[()]:.4g}"
