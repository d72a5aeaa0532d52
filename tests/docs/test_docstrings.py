"""Run the examples in the docstrings, and ask for the sections of numpydoc in the docstring of every public name."""

import ast
import doctest
import importlib
import inspect
import re
import textwrap
from pathlib import Path
from types import FunctionType, ModuleType

import numpy
import pytest

import autograd
import autograd.numpy as anp
import nn
from autograd import effects, errors, extend, test_util
from autograd.compat import egrad
from autograd.errors import DtypeError, ShapeError
from autograd.misc import fixed_points, flatten, optimizers
from autograd.registry.entries import RULES

ROOT = Path(__file__).parents[2]
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in ("autograd", "nn")
    for path in sorted((ROOT / package).rglob("*.py"))
    if ">>>" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(name)
    finder = doctest.DocTestFinder(exclude_empty=True)
    names = {
        "autograd": importlib.import_module("autograd"),
        "nn": importlib.import_module("nn"),
        "np": importlib.import_module("numpy"),
        "__name__": "example",  # so that no registry takes its classes for ours
    }
    before = set(RULES)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for test in finder.find(module, extraglobs=names):
        runner.run(test)
    for fn in RULES.keys() - before:  # the operations of examples
        del RULES[fn]
    assert runner.failures == 0


# ----------------------------------------------------------------------------------------- docstrings of public names
ERRORS = "autograd.errors", "nn.errors"
SECTIONS = "Parameters", "Returns", "Yields", "Raises", "Attributes", "Examples"


def own(module):
    """Yield the path and the object of each public name that a module lists, or defines if it lists none."""
    listed = getattr(module, "__all__", None)
    for name in listed or vars(module):
        each = getattr(module, name)
        if module is nn.ops and getattr(autograd.numpy, name, None) is each:
            continue  # one of NumPy's functions, which have a page of their own
        if callable(each) and (listed or (not name.startswith("_") and each.__module__ == module.__name__)):
            yield f"{module.__name__}.{name}", each


def public_names():
    """Return all public callables that are ours, by the first path that leads to each."""
    found = {"autograd.compat.egrad": egrad, "autograd.misc.flatten": flatten}
    modules = [each for each in map(nn.__dict__.get, nn.__all__) if isinstance(each, ModuleType)]
    for module in (autograd, extend, effects, errors, fixed_points, optimizers, test_util, nn, *modules):
        found.update(own(module))
    seen = set()
    return {path: each for path, each in found.items() if not (id(each) in seen or seen.add(id(each)))}


PUBLIC = public_names()


def sections(docstring):
    """Return the text of each section of a docstring by its title; that in front of the first as ``""``."""
    parts = re.split(rf"^({'|'.join(SECTIONS)})\n-+$", docstring, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def documented(section):
    """Return the names in front of the colons of a section: ``x, y : array`` gives x and y."""
    heads = re.findall(r"^(\S.*?)(?: :.*)?$", section, re.MULTILINE)
    return {name.strip("* ") for head in heads for name in head.split(",")}


def parsed(function):
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


def raised(function, depth=1):
    """Return the public errors that a function raises by a ``raise`` in its text, functions inside included, or in
    that of a function of the project that it calls by name. (Errors from further below are not seen.)
    """
    function = inspect.unwrap(function)
    if not isinstance(function, FunctionType) or function.__module__.partition(".")[0] not in ("autograd", "nn"):
        return set()
    found = set()
    for node in ast.walk(parsed(function)):
        call = node.exc if isinstance(node, ast.Raise) else node
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            target = function.__globals__.get(call.func.id)
            if isinstance(node, ast.Raise) and isinstance(target, type) and target.__module__ in ERRORS:
                found.add(target.__name__)
            elif isinstance(node, ast.Call) and depth:
                found |= raised(target, depth - 1) if isinstance(target, FunctionType) else set()
    return found


def returns(function):
    """Whether a function returns or yields something."""
    annotation = inspect.unwrap(function).__annotations__.get("return")
    return annotation not in (None, "None", "NoReturn")


def gaps(each):
    """List what the docstring of a public name lacks."""
    docstring = inspect.getdoc(each) or ""
    found = sections(docstring)
    missing = [] if docstring else ["a docstring"]
    if ">>>" not in found.get("Examples", ""):
        missing.append("an example")
    if isinstance(each, type) and issubclass(each, BaseException):
        return missing
    is_class = isinstance(each, type)
    code = inspect.unwrap(each.__init__ if is_class else each)
    parameters = [] if not isinstance(code, FunctionType) else [*inspect.signature(code).parameters][is_class:]
    if is_class and "__init__" not in vars(each):
        parameters, code = [], None  # the base says what its constructor takes
    if is_class and "Attributes" in found and "Parameters" not in found:
        parameters = []  # a result, which users do not make themselves
    unnamed = set(parameters) - documented(found.get("Parameters", ""))
    if unnamed:
        missing.append(f"Parameters: {', '.join(sorted(unnamed))}")
    if not is_class and returns(each) and not found.keys() & {"Returns", "Yields"}:
        missing.append("Returns")
    unnamed = {error for error in raised(code) if error not in found.get("Raises", "")}
    if unnamed:
        missing.append(f"Raises: {', '.join(sorted(unnamed))}")
    return missing


@pytest.mark.parametrize("path", PUBLIC)
def test_docstring_is_complete(path):
    assert gaps(PUBLIC[path]) == []


@pytest.mark.parametrize("path", [path for path, each in PUBLIC.items() if isinstance(each, type)])
def test_methods_have_a_docstring(path):
    for name, each in vars(PUBLIC[path]).items():
        if not name.startswith("_") and (callable(each) or isinstance(each, property)):
            assert inspect.getdoc(getattr(PUBLIC[path], name)), name


def undocumented(x: float, *rest: float) -> float:
    """Do something."""

    def inside() -> None:
        raise ShapeError("no")

    return refusing(x)


def refusing(x: float) -> float:
    raise DtypeError("no")


def test_the_search_for_gaps_finds_them(monkeypatch):
    for function in (undocumented, refusing):
        monkeypatch.setattr(function, "__module__", "autograd.here")
    assert gaps(undocumented) == ["an example", "Parameters: rest, x", "Returns", "Raises: DtypeError, ShapeError"]
    complete = """Do something.

    Parameters
    ----------
    x, *rest : float

    Returns
    -------
    float

    Raises
    ------
    ShapeError, DtypeError
        Always.

    Examples
    --------
    >>> undocumented(1.0)
    """
    monkeypatch.setattr(undocumented, "__doc__", complete)
    assert gaps(undocumented) == []


def stand_ins():
    """Yield each callable of ours that has the name of one of NumPy's."""
    for ours, theirs in ((anp, numpy), (anp.linalg, numpy.linalg), (anp.fft, numpy.fft), (anp.random, numpy.random)):
        for name in dir(theirs):
            each = getattr(ours, name, None)
            if callable(each) and not name.startswith("_") and each is not getattr(theirs, name):
                yield f"{theirs.__name__}.{name}", each


@pytest.mark.parametrize(("name", "each"), [*stand_ins()])
def test_a_function_under_the_name_of_one_of_numpy_points_to_it_and_says_how_it_differs(name, each):
    docstring = inspect.getdoc(each) or ""
    assert "`numpy." in docstring, name
    assert len(re.sub(r"See `numpy.*?`\.?", "", docstring).split()) > 1, name
