"""Rules for sentences that a test can see."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("autograd", "nn", "tests", "benchmarks", "docs")
# At the beginning of a line, a docstring, a comment or a table cell, or behind the end of a sentence.
RIDDLE = re.compile(r'(^ *(""")?|# |\| |[.:;] |["(])' + "What ", re.MULTILINE)


def texts():
    for folder in FOLDERS:
        for pattern in ("*.py", "*.md"):
            yield from sorted((ROOT / folder).rglob(pattern))
    yield from (ROOT / "README.md", ROOT / "CONTRIBUTING.md")


def beginnings(text):
    """Return the numbers of the lines that begin a sentence with the object of a relative clause."""
    return [text.count("\n", 0, found.end()) + 1 for found in RIDDLE.finditer(text)]


@pytest.mark.parametrize("folder", [*FOLDERS, "README.md", "CONTRIBUTING.md"])
def test_the_subject_comes_first(folder):
    found = []
    for path in texts():
        name = path.relative_to(ROOT).as_posix()
        if name.split("/")[0] == folder and path != Path(__file__):
            found += [f"{name}:{line}" for line in beginnings(path.read_text(encoding="utf-8"))]
    assert found == []


def test_this_test_can_fail():
    assert beginnings('"""What it holds."""\nx = 1  # What is left\nIt is. What is not, is not.\n') == [1, 2, 3]
    assert beginnings("It says what it holds. Somewhat What\n") == []
