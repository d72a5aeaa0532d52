"""Whole programs as users of HIPS autograd write them run without a change, and compute what they compute there.

Each file of `programs` uses nothing but the interface of that library. The numbers beside them are those that it found
(release 1.9.1)::

    PYTHONPATH=folder/of/hips/autograd python tests/test_programs.py > tests/programs/numbers.json
"""

import json
import runpy
import sys
from pathlib import Path

import numpy
import pytest

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))
NUMBERS = Path(__file__).parent / "programs" / "numbers.json"


def numbers_of(program):
    """Run a program, which asserts that it works; return its numbers by name, as lists."""
    found = runpy.run_path(str(program))["run"]()
    return {name: numpy.asarray(value, float).tolist() for name, value in found.items()}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_program(program):
    pytest.importorskip("scipy")
    if "matplotlib" in program.read_text(encoding="utf-8"):
        pytest.importorskip("matplotlib")
    expected = json.loads(NUMBERS.read_text(encoding="utf-8"))[program.stem]
    found = numbers_of(program)
    assert found.keys() == expected.keys()
    for name, value in found.items():
        numpy.testing.assert_allclose(value, expected[name], rtol=1e-5, atol=1e-7, err_msg=name)


if __name__ == "__main__":
    printed, sys.stdout = sys.stdout, sys.stderr
    json.dump({program.stem: numbers_of(program) for program in PROGRAMS}, printed, indent=1)
