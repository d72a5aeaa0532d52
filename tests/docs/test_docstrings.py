"""The examples in the docstrings give what they say."""

import doctest
import importlib
from pathlib import Path

import pytest

from autograd.core.registry import COMPOSITES, LISTS, RULES

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
    }
    tables = (RULES, COMPOSITES, LISTS)
    before = [set(table) for table in tables]
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for test in finder.find(module, extraglobs=names):
        runner.run(test)
    for table, known in zip(tables, before, strict=True):
        for fn in table.keys() - known:  # the operations of examples
            del table[fn]
    assert runner.failures == 0
