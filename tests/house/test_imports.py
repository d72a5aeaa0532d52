"""The order of the house: which module may import which, and what importing the packages pulls in."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

import autograd

ROOT = Path(__file__).parents[2]

# A module imports from those that stand before it. A folder stands here as one name; inside it, imports only must not
# go in circles.
AUTOGRAD = [
    "errors",
    "files",
    "registry",
    "arrays",
    "core",
    "rules",
    "numpy",
    "program",
    "samples",
    "transforms",
    "check",
    "debug",
    "tape",
    "effects",
    "tracer",
    "extend",
    "misc",
    "compat",
    "differential_operators",
    "util",
    "wrap_util",
    "builtins",
    "test_util",
    "scipy",
    "tensor",
    "variable",
]
NN = [
    "errors",
    "config",
    "random",
    "datasets",
    "plots",
    "checks",
    "tree",
    "names",
    "symbolic",
    "ops",
    "activations",
    "initializers",
    "regularizers",
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "saving",
    "callbacks",
    "training",
    "models",
    "layer",
    "model",
    "optimizer",
    "__main__",
]

# `nn` may use of autograd the names of the package itself, and those of these modules that begin with no
# underscore.
PUBLIC_MODULES = {
    *("autograd.errors", "autograd.extend", "autograd.files", "autograd.numpy", "autograd.samples"),
    "autograd.scipy.samples",
}


def modules_of(package):
    """Yield the dotted name and the source of each module of a package."""
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield (
            ".".join(parts[:-1] if parts[-1] == "__init__" else parts),
            path.read_text(encoding="utf-8"),
            path.name == "__init__.py",
        )


def imports_of(module, source, is_package=False):
    """Yield (line, module, name or None) of every import statement at any depth, relative ones resolved."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, None
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                parts = module.split(".")
                base = parts[: len(parts) - node.level + is_package]
                origin = ".".join([*base, node.module] if node.module else base)
            for alias in node.names:
                yield node.lineno, origin, alias.name


def target_of(origin, name, known):
    """Name the module that an import statement reaches: ``from a import b`` reaches a.b where that is a module,
    and otherwise a.
    """
    return f"{origin}.{name}" if f"{origin}.{name}" in known else origin


def upward(package, order, sources):
    """List the imports that do not point down the order, of the modules of one package among themselves."""
    known = {module for module, _, _ in sources}
    found = []
    for module, source, is_package in sources:
        if module == package:
            continue  # the package itself stands above all its modules
        group = module.split(".")[1]
        if group not in order:
            found.append(f"{module} has no place in the order of this test")
            continue
        for line, origin, name in imports_of(module, source, is_package):
            target = target_of(origin, name, known)
            if target == package:
                found.append(f"{module}:{line} imports {package} itself, which stands above it")
            elif target.startswith(package + "."):
                other = target.split(".")[1]
                if other != group and (other not in order or order.index(other) > order.index(group)):
                    found.append(f"{module}:{line} imports {target}, which stands above it")
    return found


def circle(sources):
    """Return the modules of an import circle, or None. A package that imports its own modules is none."""
    known = {module for module, _, _ in sources}
    graph = {}
    for module, source, is_package in sources:
        reached = {target_of(origin, name, known) for _, origin, name in imports_of(module, source, is_package)}
        graph[module] = (reached & known) - {module}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return None


@pytest.mark.parametrize(("package", "order"), [("autograd", AUTOGRAD), ("nn", NN)], ids=["autograd", "nn"])
def test_imports_point_down(package, order):
    sources = list(modules_of(package))
    assert len(sources) > 5
    assert upward(package, order, sources) == []
    assert circle(sources) is None


def floors(package, room_of, sources):
    """Return the number of floors of the rooms of a package: a room stands one above the highest that it imports.

    ``room_of`` names the room of a module, or None for one that is not counted.
    """
    known = {module for module, _, _ in sources}
    below = {}
    for module, source, is_package in sources:
        room = room_of(module)
        if room is None:
            continue
        targets = {target_of(origin, name, known) for _, origin, name in imports_of(module, source, is_package)}
        rooms = {room_of(target) for target in targets & known} - {room, None}
        below.setdefault(room, set()).update(rooms)
    floor = {}
    for room in graphlib.TopologicalSorter(below).static_order():
        floor[room] = 1 + max((floor[each] for each in below.get(room, ())), default=0)
    return max(floor.values(), default=0)


def part(depth):
    """Name the room of a module by the part of its dotted name at a depth."""
    return lambda module: (module.split(".") + [None] * depth)[depth]


@pytest.mark.parametrize("package", ["autograd", "nn"])
def test_the_house_has_few_floors(package):
    sources = list(modules_of(package))
    assert floors(package, part(1), sources) <= 12
    for folder in {module.split(".")[1] for module, _, is_package in sources if is_package and "." in module}:
        inside = [each for each in sources if each[0].startswith(f"{package}.{folder}.")]
        assert floors(package, part(2), inside) <= 8, folder


def test_this_test_can_fail():
    sources = [
        ("p", "from p import a, b", True),
        ("p.a", "def f():\n    if x:\n        from p.b import y", False),
        ("p.b", "from . import a\nfrom .c import z", False),
        ("p.c", "import p", False),
        ("p.d", "", False),
        ("p.e", "from p import f", False),
        ("p.f", "", False),
    ]
    assert upward("p", ["a", "b", "c", "f", "e"], sources) == [
        "p.a:3 imports p.b, which stands above it",
        "p.b:2 imports p.c, which stands above it",
        "p.c:1 imports p itself, which stands above it",
        "p.d has no place in the order of this test",
    ]
    assert circle(sources) is not None
    assert set(circle(sources[1:3])) == {"p.a", "p.b"}
    assert circle(sources[4:]) is None
    private = (
        "from autograd import tape, Tensor\nfrom autograd.tensor import apply\nfrom autograd.extend import _x\n"
        "import autograd as ag\nag._y(ag.Tensor)"
    )
    assert private_uses("nn.x", private) == [
        "nn.x:1 uses autograd.tape",
        "nn.x:2 uses autograd.tensor.apply",
        "nn.x:3 uses autograd.extend._x",
        "nn.x:5 uses autograd._y",
    ]
    assert private_uses(
        "nn.x", "import autograd.numpy as np\nfrom autograd import extend, GradientTape\nimport autograd.sweep"
    ) == ["nn.x:3 uses autograd.sweep"]


def test_rules_import_numpy_and_the_registry_alone():
    allowed = {"__future__", "itertools", "math", "operator", "typing", "warnings", "collections.abc", "numpy"}
    allowed |= {
        "autograd.errors",
        "autograd.registry.define",
        "autograd.registry.entries",
        "autograd.registry.operations",
        "autograd.registry.paths",
    }
    known = {module for module, _, _ in modules_of("autograd")}
    for module, source, is_package in modules_of("autograd"):
        if module.startswith("autograd.rules"):
            for line, origin, name in imports_of(module, source, is_package):
                target = target_of(origin, name, known)
                assert target in allowed or target.startswith(("autograd.rules", "numpy.")), (
                    f"{module}:{line} imports {target}"
                )


def private_uses(module, source, is_package=False):
    """List what a module takes from autograd without it being public."""
    names = {*autograd.__all__, *(public.split(".")[1] for public in PUBLIC_MODULES)}
    found = []
    handles = set()  # the names under which the package itself is known
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            handles |= {alias.asname or "autograd" for alias in node.names if alias.name == "autograd"}
    for line, origin, name in imports_of(module, source, is_package):
        if origin.split(".")[0] != "autograd" or (origin == "autograd" and name is None):
            continue
        public = (
            name in names if origin == "autograd" else origin in PUBLIC_MODULES or origin.startswith("autograd.numpy.")
        )
        if not public or (name or "").startswith("_"):
            found.append(f"{module}:{line} uses {origin}{'.' + name if name else ''}")
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in handles
            and node.attr not in names
        ):
            found.append(f"{module}:{node.lineno} uses autograd.{node.attr}")
    return found


def test_networks_use_public_names_alone():
    assert [use for module in modules_of("nn") for use in private_uses(*module)] == []


@pytest.mark.parametrize(("package", "allowed"), [("autograd", {"autograd"}), ("nn", {"autograd", "nn", "tqdm"})])
def test_importing_pulls_in_nothing_but_numpy(package, allowed):
    program = f"import sys, numpy; before = set(sys.modules); import {package}; print(*(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    pulled_in = {name.split(".")[0] for name in done.stdout.split()}
    assert package in pulled_in
    assert pulled_in - set(sys.stdlib_module_names) - {"numpy"} <= allowed
