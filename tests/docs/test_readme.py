"""What the documentation shows is what happens: its Python is run, and the output beside it compared."""

import contextlib
import io
import itertools
import re
from pathlib import Path

import numpy
import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")))
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


@pytest.mark.parametrize("page", PAGES)
def test_links_of_the_page_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text(encoding="utf-8")):
        assert target.startswith("https://") or (ROOT / page).parent.joinpath(target).exists(), target


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


def test_the_conventions_are_there():
    assert len(conventions()) >= 40
