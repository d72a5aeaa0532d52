"""Bounds on the size of files and functions. The lists of exceptions can only shrink: an entry that is no longer needed
fails.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("autograd", "nn")

CORE_LINES = 2500  # of all files of autograd/core
TOP_LINES = 300  # of a module on the top level of autograd
FILE_LINES = 500
LINE_CHARACTERS = 120
FUNCTION_LINES = 50  # of code: without docstring, comments and blank lines
COMPLEXITY = 15  # paths through a function: McCabe's number, as ruff counts it (C901)

# Each has its reason in the module itself.
LONG_TOP_MODULES: set[str] = set()
# `apply`, the operators and the class that they make and take know each other.
LONG_FILES = {"autograd/core/tensor.py"}
LONG_FUNCTIONS = {
    "autograd/core/tensor.py:apply",
    "autograd/core/tensor.py:binary",
    "autograd/rules/statistics.py:_define_quantile",
}
COMPLEX_FUNCTIONS = {"autograd/core/tensor.py:apply", "autograd/core/tensor.py:binary"}


def lines_of(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def modules():
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def functions_of(path):
    """Yield the name of each function in a file, and its lines of code. A function inside another counts with it."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()

    def walk(node, prefix):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                body = child.body[1:] if ast.get_docstring(child) is not None else child.body
                inside = lines[body[0].lineno - 1 : child.end_lineno] if body else []
                yield (
                    f"{name_of(path)}:{prefix}{child.name}",
                    sum(1 for line in inside if line.strip() and not line.strip().startswith("#")),
                )
            elif isinstance(child, ast.ClassDef):
                yield from walk(child, f"{prefix}{child.name}.")
            else:
                yield from walk(child, prefix)

    yield from walk(ast.parse(source), "")


def test_the_core_is_read_in_an_evening():
    assert sum(lines_of(path) for path in (ROOT / "autograd" / "core").glob("*.py")) <= CORE_LINES


def test_modules_on_the_top_level_are_thin():
    assert {path.name for path in (ROOT / "autograd").glob("*.py") if lines_of(path) > TOP_LINES} == LONG_TOP_MODULES


def test_files_are_short():
    assert {name_of(path) for path in modules() if lines_of(path) > FILE_LINES} == LONG_FILES


@pytest.mark.parametrize("folder", ["tests", "benchmarks", "docs"])
def test_other_files_are_short(folder):
    assert [name_of(path) for path in sorted((ROOT / folder).rglob("*.py")) if lines_of(path) > FILE_LINES] == []


def test_functions_fit_a_screen():
    long = {name for path in modules() for name, count in functions_of(path) if count > FUNCTION_LINES}
    assert long == LONG_FUNCTIONS


def test_functions_are_simple():
    """An exception to C901 is a ``noqa`` at the function, and stands in the list."""
    marked = set()
    for path in modules():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if "noqa" in line and "C901" in line:
                assert line.lstrip().startswith(("def ", "async def ")), f"{name_of(path)}:{number}"
                marked.add(f"{name_of(path)}:{line.split('def ')[1].split('(')[0]}")
    assert marked == COMPLEX_FUNCTIONS


@pytest.mark.parametrize(("source", "expected"), [("def f():\n    '''d'''\n\n    # c\n    return 1\n", {"f": 1})])
def test_lines_of_code_are_counted_without_docstring_and_comments(tmp_path, monkeypatch, source, expected):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "m.py").write_text(source)
    assert dict(functions_of(tmp_path / "m.py")) == {f"m.py:{name}": count for name, count in expected.items()}


@pytest.mark.parametrize("folder", [*PACKAGES, "tests", "benchmarks", "docs"])
def test_no_line_is_long_behind_a_pragma(folder):
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        found += [f"{name_of(path)}:{i}" for i, line in enumerate(lines, 1) if len(line) > LINE_CHARACTERS]
    assert found == []
