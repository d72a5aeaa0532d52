"""Whole programs as Keras users write them, with the numbers that Keras gave (see record_programs.py)."""

import json
from pathlib import Path

import numpy as np
import pytest
from program_data import plain, program

import nn

HERE = Path(__file__).parent
RECORDED = json.loads((HERE / "keras.json").read_text(encoding="utf-8"))["programs"]
PROGRAMS = sorted((HERE / "programs").glob("*.py"))


def differences(found, expected, where):
    """Yield where two nests of numbers differ by more than 1e-5 of their size."""
    if isinstance(expected, dict):
        if list(found) != list(expected):
            yield f"{where}: keys {list(found)}, Keras has {list(expected)}"
        for key in expected.keys() & found.keys():
            yield from differences(found[key], expected[key], f"{where}[{key!r}]")
    elif isinstance(expected, list) and any(isinstance(each, (dict, list, str)) for each in expected):
        if len(found) != len(expected):
            yield f"{where}: {len(found)} items, Keras has {len(expected)}"
        for i, (a, b) in enumerate(zip(found, expected, strict=False)):
            yield from differences(a, b, f"{where}[{i}]")
    elif isinstance(expected, str) or expected is None:
        if found != expected:
            yield f"{where}: {found!r}, Keras has {expected!r}"
    elif np.shape(found) != np.shape(expected) or not np.allclose(found, expected, rtol=1e-5, atol=2e-6):
        yield f"{where}: {found}, Keras has {expected}"


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_program_gives_the_numbers_of_keras(path):
    found = json.loads(json.dumps(plain(program(path).run(nn))))
    assert list(differences(found, RECORDED[path.stem], path.stem)) == []


def test_a_difference_is_found():
    found, expected = {"a": [1.0, {"b": 2.0}]}, {"a": [1.0, {"b": 2.1}]}
    assert list(differences(found, expected, "x")) == ["x['a'][1]['b']: 2.0, Keras has 2.1"]
