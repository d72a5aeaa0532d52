"""Pictures of a tape: what stands in them, that drawing changes nothing, and what is said where they cannot be
drawn.
"""

import re
import shutil
import subprocess
import sys
import types
from pathlib import Path

import numpy
import pytest

import autograd
import autograd.numpy as np
import nn
from autograd import GradientTape, Graph, Tensor, Variable, name_scope
from autograd.debug.graph import graph, text_of
from autograd.debug.picture import Edge, Node
from autograd.errors import AutogradError, MissingError, OperandError, TapeError
from autograd.registry.entries import Spec

ROOT = Path(__file__).parents[2]

APPLES = """digraph tape {
  rankdir=LR; nodesep=0.35; ranksep=0.6; labeljust=l
  node [fontname="Helvetica", fontsize=13, width=0, height=0]
  edge [fontname="Helvetica", fontsize=11, arrowsize=0.7]
  s1 [label="price", shape=plaintext, margin=0.05]
  s2 [label="number", shape=plaintext, margin=0.05]
  u1 [label="×", shape=circle, margin=0.02]
  s3 [label="tax", shape=plaintext, margin=0.05]
  u2 [label="×", shape=circle, margin=0.02]
  t1 [label="cost", shape=plaintext, margin=0.05]
  s1 -> u1 [label=" 100 "]
  s1 -> u1 [label=" 2.2 ", dir=back, color="#c8202f", fontcolor="#c8202f"]
  s2 -> u1 [label=" 2 "]
  s2 -> u1 [label=" 110 ", dir=back, color="#c8202f", fontcolor="#c8202f"]
  s3 -> u2 [label=" 1.1 "]
  s3 -> u2 [label=" 200 ", dir=back, color="#c8202f", fontcolor="#c8202f"]
  u1 -> u2 [label=" 200 "]
  u1 -> u2 [label=" 1.1 ", dir=back, color="#c8202f", fontcolor="#c8202f"]
  u2 -> t1 [label=" 220 "]
  u2 -> t1 [label=" 1 ", dir=back, color="#c8202f", fontcolor="#c8202f"]
}
"""  # noqa: RUF001 - a sign of multiplication


def apples(persistent=False):
    price, number, tax = Variable(100.0, name="price"), Variable(2.0, name="number"), Variable(1.1, name="tax")
    with GradientTape(persistent=persistent) as tape:
        cost = price * number * tax
    return tape, cost, [price, number, tax]


def labels(picture, kind):
    return [node.label for node in picture.nodes if node.kind == kind]


def arrows(picture):
    """Name the ends of each arrow by their labels, with what stands on it."""
    names = {node.key: node.label or node.key for node in picture.nodes}
    return {(names[e.tail], names[e.head], e.value, e.gradient) for e in picture.edges}


# ------------------------------------------------------------------------------------------------ what is drawn
def test_the_shop_of_apples():
    tape, cost, _ = apples()
    picture = autograd.graph(tape, cost, names={"cost": cost})
    assert picture.dot == str(picture) == APPLES
    assert repr(picture) == "<Graph: 6 nodes, 5 edges>"


def test_local_derivatives():
    tape, cost, _ = apples()
    gradients = [edge.gradient for edge in tape.graph(cost, local=True).edges]
    assert gradients == ["2 · 1.1 = 2.2", "100 · 1.1 = 110", "200 · 1 = 200", "1.1 · 1 = 1.1", "1"]


def test_without_a_target_there_are_no_gradients():
    tape, cost, (price, *_) = apples()
    with tape:
        price * 3.0
    picture = tape.graph(names={"cost": cost})
    assert all(edge.gradient is None for edge in picture.edges)
    assert labels(picture, "target") == ["cost", "result"]
    assert "dir=back" not in picture.dot
    assert labels(tape.graph(cost, names={"cost": cost}), "constant") == []  # 3.0 has no part in the cost


def test_the_picture_in_the_readme_is_this_one():
    picture = (ROOT / "docs" / "images" / "apples.svg").read_text(encoding="utf-8")
    texts = re.findall(r"<text [^>]*>([^<]*)</text>", picture)
    expected = [text.strip() for text in re.findall(r'label="([^"]*)"', APPLES)]
    assert sorted(text.replace("\xa0", " ").strip() for text in texts) == sorted(expected)


def test_a_value_that_goes_several_ways_branches_at_a_dot():
    x = Variable(3.0, name="x")
    with GradientTape() as tape:
        y = x * x + np.exp(x)
    picture = tape.graph(y, names={"y": y})
    e = f"{numpy.exp(3):.4g}"
    total = f"{6 + numpy.exp(3):.4g}"
    assert arrows(picture) == {
        ("x", "b1", "3", total), ("b1", "×", "", "3"), ("b1", "exp", "", e),  # noqa: RUF001
        ("×", "+", "9", "1"), ("exp", "+", e, "1"), ("+", "y", f"{9 + numpy.exp(3):.4g}", "1"),  # noqa: RUF001
    }  # fmt: skip
    assert sum(edge.gradient == "3" for edge in picture.edges) == 2  # one for each factor


def test_gradients_are_those_of_the_tape():
    rng = numpy.random.default_rng(0)
    x, w = Variable(rng.normal(size=(5, 3)), name="x"), Variable(rng.normal(size=(3, 4)), name="w")
    with GradientTape(persistent=True) as tape:
        h = np.tanh(x @ w)
        y = (
            np.sum(np.where(h > 0, np.sqrt(h), 0.0)[1:]) + np.sum(np.stack([h, 2 * h])) + np.max(h)
        )  # sqrt is NaN where it is dropped
    picture = tape.graph(y, names={"h": h, "y": y})
    gradients = {edge.tail: edge.gradient for edge in picture.edges if edge.tail[0] == "s"}
    keys = {node.label: node.key for node in picture.nodes}
    for source in (x, w, h):
        norm = f"norm {numpy.linalg.norm(tape.gradient(y, source).numpy()):.4g}"
        if source is h:
            assert any(edge.value == "h = float64 (5, 4)" and edge.gradient == norm for edge in picture.edges)
        else:
            assert gradients[keys[source.name]] == norm


test_gradients_are_those_of_the_tape = pytest.mark.filterwarnings("ignore:invalid value")(
    test_gradients_are_those_of_the_tape
)


def test_parameters_and_constants():
    x = Variable(numpy.ones((3, 4), numpy.float32), name="x")
    data = Tensor(numpy.ones((3, 4), numpy.float32))
    with GradientTape() as tape:
        y = (x * data + 2.0)[1:, ::2].astype(numpy.float64)
        y = np.clip(np.sum(y, axis=1, keepdims=True) ** 1.5, None, 9.0)
    picture = tape.graph(y, names={"data": data})
    assert labels(picture, "constant") == ["data", "2", "1.5", "9"]
    assert labels(picture, "operation") == ["[1:, ::2]", "astype\ndtype=float64", "sum\naxis=1\nkeepdims=True", "clip"]
    assert ("data", "×", "float32 (3, 4)", None) in arrows(picture)  # noqa: RUF001
    assert labels(picture, "target") == ["target"]


def test_values_that_the_tape_did_not_keep_are_computed_again():
    x = Variable(2.0, name="x")
    with GradientTape() as tape:
        y = np.sin((x + 1.0) + 3.0 - x)
    assert [edge.value for edge in tape.graph(y).edges if edge.tail[0] == "u"] == ["3", "6", "4", f"{numpy.sin(4):.4g}"]


def test_what_was_read_before_and_after_an_assignment():
    v = Variable(2.0, name="v")
    with GradientTape() as tape:
        y = v * 3.0
        v.assign(5.0)
        y = y + v
    picture = tape.graph(y)
    assert labels(picture, "source") == ["v", "v (2)"]
    assert {edge.value for edge in picture.edges if edge.tail[0] == "s"} == {
        "float64 ()",
        "5",
    }  # the first value is not needed for a gradient


def test_operations_with_several_outputs_and_lists():
    a = Variable(numpy.diag([2.0, 1.0]), name="a")
    with GradientTape() as tape:
        _, s, _ = np.linalg.svd(a)
        y = np.sum(np.concatenate([s, s[:1]]))
    picture = tape.graph(y)
    assert labels(picture, "operation")[:1] == ["svd"]
    assert ("a", "svd", "float64 (2, 2)", f"norm {5**0.5:.4g}") in arrows(picture)
    assert ("svd", "b1", "[2, 1]", "[2, 1]") in arrows(picture)


def test_complex_gradients_are_those_of_the_tape():
    z = Variable(1.0 + 2.0j, name="z")
    with GradientTape(persistent=True) as tape:
        y = np.real(z * z)
    picture = tape.graph(y, local=True)
    assert picture.edges[0].gradient == f"{tape.gradient(y, z).item():.4g}" == "2-4j"


def test_custom_gradients_are_drawn():
    @autograd.custom_gradient
    def double(x):
        return 2.0 * x, lambda g: 2.0 * g

    x = Variable(1.0, name="x")
    with GradientTape() as tape:
        y = double(x)
    assert arrows(tape.graph(y)) == {("x", "custom", "1", "2"), ("custom", "target", "2", "1")}


def test_values_in_a_few_characters():
    assert text_of(numpy.float32(0.1)) == "0.1"
    assert text_of(numpy.array([1.0, 2.5])) == "[1, 2.5]"
    assert text_of(numpy.zeros((2, 2), numpy.float32)) == "float32 (2, 2)"
    assert text_of(Spec((7,), numpy.dtype("int64"))) == "int64 (7,)"
    assert text_of(numpy.array(True)) == "True"
    assert text_of(numpy.array(numpy.nan)) == "nan"
    assert text_of(numpy.zeros(0)) == "[]"
    assert text_of(None) == "?"


def test_names_are_quoted():
    x = Variable(1.0, name='the "x" of\na \\ line')
    with GradientTape() as tape:
        y = x * 2.0
    assert r'[label="the \"x\" of\na \\ line"' in tape.graph(y).dot


def test_names_may_be_all_local_variables():
    x = Tensor([1.0, 2.0])
    with GradientTape() as tape:
        tape.watch(x)
        square = x * x
        total = np.sum(square)
    picture = tape.graph(total, names=locals())
    assert labels(picture, "source") == ["x"]
    assert labels(picture, "target") == ["total"]
    assert any(edge.value == "square = [1, 4]" for edge in picture.edges)


# ------------------------------------------------------------------------------------------------ layers
def network():
    nn.set_random_seed(0)
    layers = [nn.layers.Dense(8, activation="tanh", name="first"), nn.layers.Dense(3, name="second")]
    model = nn.Sequential(layers, name="net")
    x = numpy.ones((2, 4), numpy.float32)
    with GradientTape() as tape:
        loss = np.mean(model(x) ** 2)
    return tape, loss


def test_layers_are_boxes():
    tape, loss = network()
    picture = tape.graph(loss)
    boxes = {node.label: [name for _, name in node.boxes] for node in picture.nodes}
    assert boxes["tanh"] == ["net", "first"]
    assert boxes["mean"] == []
    assert [[name for _, name in node.boxes] for node in picture.nodes if node.label == "kernel"] == [
        ["net", "first"],
        ["net", "second"],
    ]
    assert [line.strip() for line in picture.dot.splitlines() if "subgraph" in line] == [
        f"subgraph cluster_{i} {{" for i in range(3)
    ]
    assert picture.dot.count("{") == picture.dot.count("}")


def test_layers_are_closed():
    tape, loss = network()
    picture = tape.graph(loss, depth=1)
    first, second = (node.label.split("\n") for node in picture.nodes if node.kind == "layer")
    assert first[:3] == ["first", "2 operations", first[2]]
    assert re.fullmatch(r"kernel: float32 \(4, 8\), ∂ norm [\d.e-]+", first[2])
    assert second[:2] == ["second", "1 operation"]
    whole = tape.graph(loss, depth=0)
    assert [node.label.split("\n")[:2] for node in whole.nodes if node.kind == "layer"] == [["net", "3 operations"]]
    assert labels(whole, "source") == []


def test_scopes_of_ones_own():
    x = Variable(2.0, name="x")
    with GradientTape() as tape:
        with name_scope("outer"):
            with name_scope("inner"):
                y = np.exp(x)
            y = y * 2.0
        with name_scope("outer"):
            y = y + 1.0
        with name_scope("empty"):
            pass
    paths = {node.label: [name for _, name in node.boxes] for node in tape.graph(y).nodes}
    leaves = {"x": [], "2": [], "1": [], "target": []}
    assert paths == leaves | {"exp": ["outer", "inner"], "×": ["outer"], "+": ["outer"]}  # noqa: RUF001
    assert labels(tape.graph(y, depth=0), "layer") == [
        f"outer\n2 operations\nx: 2, ∂ {2 * numpy.exp(2):.4g}",
        "outer\n1 operation",
    ]
    tape.reset()
    assert tape.scopes == []


def test_scopes_with_the_same_operations():
    x = Variable(2.0)
    with GradientTape() as tape, name_scope("outer"), name_scope("inner"):
        y = np.exp(x)
    assert [[name for _, name in node.boxes] for node in tape.graph(y).nodes if node.label == "exp"] == [
        ["outer", "inner"]
    ]


# ------------------------------------------------------------------------------------------------ what is long
def check(picture):
    """Look for arrows without ends, and for circles, which a picture of a computation does not have."""
    after = {node.key: set() for node in picture.nodes}
    assert len(after) == len(picture.nodes)
    for edge in picture.edges:
        assert edge.head in after
        after[edge.tail].add(edge.head)
    while after:
        ends = [key for key, heads in after.items() if not heads & after.keys()]
        assert ends, "the arrows go in circles"
        for key in ends:
            del after[key]


def chain(x, w, collect):
    for _ in range(170):
        x = np.tanh(w * x)
        collect.append(x)
    return x


@pytest.mark.parametrize("kind", ["chain", "all outputs", "many sources", "one operation", "layers"])
def test_five_hundred_nodes_are_readable(kind):
    w, x = Variable(1.1, name="w"), Variable(0.5, name="x")
    many = [Variable(float(i), name=f"v{i}") for i in range(500)]
    with GradientTape() as tape:
        if kind == "chain":
            y = chain(x, w, [])
        elif kind == "all outputs":
            outputs = []
            chain(x, w, outputs)
            y = np.sum(np.stack(outputs))
        elif kind == "many sources":
            y = sum(v * v for v in many)
        elif kind == "one operation":
            y = np.sum(np.stack(many))
        else:
            y = np.mean(nn.Sequential([nn.layers.Dense(4, activation="tanh") for _ in range(250)])(numpy.ones((2, 4))))
    count = len(tape.records)
    picture = tape.graph(y)
    check(picture)
    assert len(picture.nodes) <= 90
    assert len(picture.edges) <= 120
    assert picture.direction == ("TB" if kind in ("all outputs", "many sources") else "LR")
    text = "\n".join(node.label for node in picture.nodes)
    for said in {
        "chain": [f"{count - 6} operations:\ntanh, ×", "w\nin all ∂"],  # noqa: RUF001
        "all outputs": ["operations:\ntanh, ×", "w\nin all ∂"],  # noqa: RUF001
        "many sources": ["operations:\n+, ×\nand 489 sources"],  # noqa: RUF001
        "one operation": ["stack\nand 488 other operands"],
        "layers": ["244 layers\n488 operations:", "and 488 sources"],
    }[kind]:
        assert said in text
    whole = tape.graph(y, limit=5000)
    check(whole)
    assert len(whole.nodes) > count


def test_the_middle_is_left_out_at_any_limit():
    rng = numpy.random.default_rng(0)
    values = [Variable(float(i)) for i in range(3)]
    with GradientTape() as tape:
        for _ in range(300):
            i, j = rng.integers(max(0, len(values) - 20), len(values), 2)
            with name_scope(f"s{i % 3}"):
                values.append(values[i] * values[j] if i % 2 else np.sin(values[i] + values[j]))
    for limit in (3, 4, 7, 20, 50, 1000):
        for depth in (None, 0):
            picture = tape.graph(values[-3:], limit=limit, depth=depth)
            check(picture)
            assert sum(node.key[0] == "u" for node in picture.nodes) <= limit


# ---------------------------------------------------------------------------------------------- drawing changes nothing
def test_a_tape_is_as_before():
    tape, cost, sources = apples()
    outer = GradientTape()
    before = list(tape.records), set(tape.tracked), list(tape.scopes)
    with outer:
        tape.graph(cost)
    assert (tape.records, tape.tracked, tape.scopes) == before
    assert outer.records == []
    assert [g.item() for g in tape.gradient(cost, sources)] == pytest.approx([2.2, 110, 200])


def test_a_tape_that_records_is_drawn():
    x = Variable(3.0, name="x")
    with GradientTape() as tape:
        y = x * 2.0
        times = "×"  # noqa: RUF001
        assert arrows(tape.graph(y)) == {("x", times, "3", "2"), ("2", times, "", None), (times, "target", "6", "1")}
        z = y * y
    assert tape.gradient(z, x).item() == 24


# ------------------------------------------------------------------------------------------------ refusals
def test_refusals():
    tape, cost, sources = apples()
    with pytest.raises(OperandError, match="the target of a graph is a tensor or a nest of tensors: received a float"):
        tape.graph(3.0)
    with pytest.raises(TapeError, match=r"a target of shape \(2,\) is not on this tape: compute it inside the block"):
        tape.graph(Tensor([1.0, 2.0]))
    with pytest.raises(OperandError, match='direction is "LR" or "TB": received \'RL\''):
        tape.graph(cost, direction="RL")
    with pytest.raises(OperandError, match="limit is at least 3 and depth at least 0: received limit=2, depth=None"):
        tape.graph(cost, limit=2)
    tape.gradient(cost, sources)
    with pytest.raises(
        TapeError,
        match=r"gave its gradient and with it its records: draw it before, or make it with "
        r"GradientTape.persistent=True",
    ):
        tape.graph(cost)
    with pytest.raises(TapeError, match="this tape has recorded nothing that could be drawn"):
        graph(GradientTape())
    tape, cost, sources = apples(persistent=True)
    tape.gradient(cost, sources)
    assert len(tape.graph(cost).nodes) == 6


PICTURE = Graph([Node("s1", "x < 1", "source"), Node("t1", "y", "target")], [Edge("s1", "t1", "1")])


def fresh():
    return Graph(PICTURE.nodes, PICTURE.edges)


def test_without_the_package(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "graphviz", None)
    message = r'needs the Python package graphviz, which is not installed: pip install "tapegrad\[graph\]"'
    for draw in (fresh().svg, lambda: fresh().png(tmp_path / "x.png"), lambda: fresh().save(tmp_path / "x.pdf")):
        with pytest.raises(MissingError, match=message) as caught:
            draw()
        assert isinstance(caught.value, (AutogradError, ImportError))
    assert fresh()._repr_svg_() is None
    html = fresh()._repr_html_()
    assert "pip install" in html
    assert "<pre>digraph tape {" in html
    assert "x &lt; 1" in html
    assert not list(tmp_path.iterdir())
    fresh().save(tmp_path / "x.dot")
    assert (tmp_path / "x.dot").read_text(encoding="utf-8") == fresh().dot
    with pytest.raises(
        OperandError, match=r"a graph is saved as .dot, .gv, .svg, .png or .pdf: received the file name .*x.bmp"
    ):
        fresh().save(tmp_path / "x.bmp")


def graphviz_that(pipe):
    module = types.ModuleType("graphviz")
    module.ExecutableNotFound = type("ExecutableNotFound", (RuntimeError,), {})
    module.Source = lambda dot: types.SimpleNamespace(pipe=lambda format: pipe(module, dot, format))
    return module


def test_without_the_program(monkeypatch):
    def missing(module, dot, kind):
        raise module.ExecutableNotFound

    monkeypatch.setitem(sys.modules, "graphviz", graphviz_that(missing))
    with pytest.raises(
        MissingError, match="needs the program dot of Graphviz, which was not found on the PATH: apt install graphviz"
    ):
        fresh().svg()
    assert "<pre>" in fresh()._repr_html_()


def test_with_both(monkeypatch, tmp_path):
    asked = []

    def drawn(module, dot, kind):
        asked.append(kind)
        return b"<?xml?>\n<svg>picture</svg>" if kind == "svg" else dot.encode()

    monkeypatch.setitem(sys.modules, "graphviz", graphviz_that(drawn))
    picture = fresh()
    assert picture._repr_svg_() == "<svg>picture</svg>"
    assert picture._repr_html_() is None
    assert asked == ["svg"]  # drawn once
    picture.save(tmp_path / "x.svg")
    picture.save(tmp_path / "x.png")
    picture.png(tmp_path / "y.png")
    assert (tmp_path / "x.svg").read_text() == "<?xml?>\n<svg>picture</svg>"
    assert (tmp_path / "x.png").read_bytes() == (tmp_path / "y.png").read_bytes() == picture.dot.encode()


@pytest.mark.skipif(shutil.which("dot") is None, reason="the program dot of Graphviz is not installed")
def test_graphviz_takes_the_text():
    tape, loss = network()
    for depth in (None, 0, 1):
        done = subprocess.run(
            ["dot", "-Tsvg"], input=tape.graph(loss, depth=depth).dot, capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        assert "<svg" in done.stdout
