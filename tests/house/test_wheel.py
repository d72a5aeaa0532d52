"""The contents of the wheel: the two packages, each module used by another one or public, and the data of `nn`."""

import ast
import itertools
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Modules that no other module of the packages imports: users do, and pickles name the old homes of classes.
ENTRIES = {
    "autograd.misc.fixed_points",
    "autograd.misc.optimizers",
    "autograd.tensor",
    "autograd.test_util",
    "autograd.util",
    "autograd.variable",
    "autograd.wrap_util",
    "nn.__main__",
    "nn.layer",
    "nn.model",
    "nn.optimizer",
}


def modules():
    """Return the path of each module of the wheel by its dotted name."""
    found = {}
    for package in ("autograd", "nn"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported_by(paths):
    """Return the names of modules, and of their attributes, that any of some files imports."""
    found = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module)
                found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found | {parent for name in found for parent in itertools.accumulate(name.split("."), "{}.{}".format)}


def test_the_wheel_holds_the_two_packages():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"] == {"packages": ["autograd", "nn"]}


def test_every_module_of_the_wheel_is_used_by_another_one_or_is_public():
    known = modules()
    assert known.keys() - imported_by(known.values()) == ENTRIES


def test_data_files_of_the_wheel():
    files = {
        path.relative_to(ROOT).as_posix()
        for package in ("autograd", "nn")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    assert files == {
        "autograd/py.typed",
        "nn/py.typed",
        "nn/data/README.md",
        "nn/data/digits-images-idx3-ubyte.gz",
        "nn/data/digits-labels-idx1-ubyte.gz",
    }
