"""The notebooks run as they stand and print what is stored in them, and what is stored holds nothing of the machine
that ran them.
"""

import contextlib
import copy
import io
import json
import linecache
import re
from pathlib import Path

import numpy
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def printed_by(cell):
    """Return what a cell has printed, as it is stored."""
    return "".join(
        "".join(output["text"])
        for output in cell["outputs"]
        if output["output_type"] == "stream" and output["name"] == "stdout"
    )


def run(notebook):
    """Run the code cells in one namespace. Each prints what it printed when it was stored, unless it is tagged
    "varies".
    """
    namespace = {"__name__": "__main__"}
    for cell in code_cells(notebook):
        name, source = f"In[{cell['execution_count']}]", "".join(cell["source"])
        linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(source, name, "exec"), namespace)
        if "varies" not in cell["metadata"].get("tags", []):
            assert printed.getvalue() == printed_by(cell), f"{name} printed something else"


@pytest.fixture
def drawing():
    """Let matplotlib draw nothing on a screen, and leave NumPy's random numbers as they were."""
    matplotlib = pytest.importorskip(
        "matplotlib", reason="the notebooks draw with matplotlib, the extra plot, which is not installed"
    )
    matplotlib.use("Agg")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    state = numpy.random.get_state()
    yield
    numpy.random.set_state(state)
    pyplot.close("all")
    for name in [name for name in linecache.cache if name.startswith("In[")]:
        del linecache.cache[name]


@each_notebook
def test_the_notebook_runs(path, drawing):
    run(load(path))


def test_there_are_notebooks():
    assert [path.stem for path in NOTEBOOKS] == ["compile", "derivatives", "training"]


def test_this_test_can_fail():
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": ["x = 1\n", "print(x)"], "outputs": []}
    cell["outputs"].append({"output_type": "stream", "name": "stdout", "text": ["1\n"]})
    run({"cells": [cell]})
    other = copy.deepcopy(cell) | {"execution_count": 2, "source": ["print(x + 1)"]}
    with pytest.raises(AssertionError, match=r"In\[2\] printed something else"):
        run({"cells": [cell, other]})
    run({"cells": [cell, other | {"metadata": {"tags": ["varies"]}}]})


@each_notebook
def test_what_is_stored(path):
    notebook = load(path)
    assert notebook["metadata"] == {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    assert [cell["execution_count"] for cell in code_cells(notebook)] == list(range(1, len(code_cells(notebook)) + 1))
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"tags"}
        shown = [output for output in cell.get("outputs", []) if output["output_type"] != "stream"]
        assert all(output["output_type"] in ("display_data", "execute_result") for output in shown), (
            "an error is stored"
        )
        assert not any(
            output["output_type"] == "stream" and output["name"] == "stderr" for output in cell.get("outputs", [])
        )
        texts = [printed_by(cell)] if cell["cell_type"] == "code" else []
        texts += ["".join(text) for output in shown for kind, text in output["data"].items() if kind != "image/png"]
        for text in texts:
            assert not re.search(r"/(tmp|home|root|Users|usr|work)/|\\Users\\|ipykernel| at 0x", text), text
    assert path.stat().st_size < 600_000


@each_notebook
def test_links_of_the_notebook_lead_somewhere(path):
    for cell in load(path)["cells"]:
        if cell["cell_type"] == "markdown":
            for target in re.findall(r"\]\(([^)#]+)", "".join(cell["source"])):
                assert target.startswith("https://") or (path.parent / target).exists(), target
