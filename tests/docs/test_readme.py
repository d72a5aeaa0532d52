"""Run the Python of the documentation, compare its output with what the page shows, and check links and references."""

import ast
import contextlib
import io
import itertools
import re
from pathlib import Path

import numpy
import pytest

ROOT = Path(__file__).parents[2]
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [path.relative_to(ROOT).as_posix() for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS)]
CONVENTIONS = ROOT / "docs" / "conventions.md"


def blocks(text):
    """Yield the line, the language and the content of each fenced block."""
    for match in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, match.start()) + 2, match[1], match[2]


def run(text, name):
    """Run the Python blocks of a page in one namespace; a text block behind one is what it should have printed."""
    namespace = {"__name__": "__main__"}
    for (line, language, content), (_, next_language, shown) in itertools.pairwise([*blocks(text), (0, "", "")]):
        if language == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile("\n" * (line - 1) + content, name, "exec"), namespace)
            assert printed.getvalue() == (shown if next_language == "text" else ""), (
                f"{name}:{line} printed something else"
            )


@pytest.mark.parametrize("page", PAGES)
def test_code_on_the_page(page):
    run((ROOT / page).read_text(encoding="utf-8"), page)


def test_this_test_can_fail():
    page = "A page.\n\n```python\nx = 1\nprint(x)\n```\n\n```text\n{}\n```\n\n```python\nassert x == 1\n```\n"
    run(page.format(1), "page")
    with pytest.raises(AssertionError, match="page:4 printed something else"):
        run(page.format(2), "page")
    with pytest.raises(AssertionError):
        run(page.format(1).replace("x == 1", "x == 2"), "page")


def links(path):
    """List the targets of the links of a page: (file or address, heading or "")."""
    return re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", path.read_text(encoding="utf-8"))


def anchors(path):
    """List the headings of a page as GitHub makes anchors of them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("page", PAGES)
def test_links_of_the_page_lead_somewhere(page):
    for target, heading in links(ROOT / page):
        if not target.startswith("https://"):
            path = (ROOT / page).parent / target if target else ROOT / page
            assert path.exists(), target
            assert not heading or heading in anchors(path), f"{target}#{heading}"


def test_the_index_leads_to_every_page():
    named = {(ROOT / "docs" / target).resolve() for target, _ in links(ROOT / "docs" / "index.md")}
    pages = {*(ROOT / page for page in PAGES), *(ROOT / "notebooks").glob("*.ipynb")}
    assert pages - named == {ROOT / "docs" / "index.md"}


def names_in(path):
    """List the names that a module defines at its top, and those of its classes as ``Class.name``."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        found.update(defined(node))
        if isinstance(node, ast.ClassDef):
            found.update(f"{node.name}.{name}" for each in node.body for name in defined(each))
    return found


def defined(node):
    """List the names that a statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def source(path):
    """Return the file or folder that a page names: from the root, or inside ``autograd``. (A run makes ``runs/``.)"""
    if path == "runs/":
        return ROOT
    return next((base / path for base in (ROOT, ROOT / "autograd") if (base / path).exists()), None)


@pytest.mark.parametrize("page", PAGES)
def test_sources_that_the_page_names_are_there(page):
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for path in re.findall(r"`((?:\w+/)+(?:\w+\.py)?)`", text):
        assert source(path), path
    for path, name in re.findall(r"`((?:\w+/)*\w+\.py)`,\s+`([\w.]+)`", text):
        assert name in names_in(source(path)), f"{path}, {name}"


def test_each_step_inside_says_where_it_stands_in_the_package():
    steps = re.split(r"^## ", (ROOT / "docs" / "inside.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:-1]
    assert [step[0] for step in steps] == list("12345678")
    for step in steps:
        assert re.search(r"\*\*In the package:\*\* .*`\w+/\w+\.py`,\s+`\w+`", step, re.DOTALL), step[:40]
        assert 10 <= max(content.count("\n") for _, language, content in blocks(step) if language == "python") <= 30


def conventions():
    """List the expressions in the first two cells of each row of the tables of conventions."""
    return re.findall(r"^\| `(.+?)` \| `(.+?)` \|", CONVENTIONS.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("expression", "value"), conventions())
def test_convention(expression, value):
    namespace = {}
    _, _, setup = next(block for block in blocks(CONVENTIONS.read_text(encoding="utf-8")) if block[1] == "python")
    exec(setup, namespace)
    if value.endswith("Error"):
        with pytest.raises(namespace[value]):
            eval(expression, namespace)
        return
    result, expected = eval(expression, namespace), eval(value, namespace)
    if expected is None:
        assert result is None
    elif isinstance(expected, tuple):
        for one, other in zip(result, expected, strict=True):
            numpy.testing.assert_allclose(one, other, rtol=1e-14, atol=0)
    else:
        numpy.testing.assert_allclose(result, expected, rtol=1e-14, atol=0)


def test_every_row_of_the_conventions_is_evaluated():
    text = CONVENTIONS.read_text(encoding="utf-8")
    rows = [line for line in text.split("\n") if line.startswith("| ") and not line.startswith("| Expression |")]
    rows = [line for line in rows if not line.startswith("| --- |")]
    assert len(conventions()) == len(rows) >= 90
    assert text.count("| Expression | Value | Why |") == text.count("\n| --- ")
