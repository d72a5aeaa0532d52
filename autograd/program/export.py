"""A program as a file that needs NumPy alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autograd.errors import OperandError
from autograd.program.run import Runner

_LOOP = '''
def in_blocks(body, length, rows, scratch, args):
    """Run a loop over blocks."""
    for k, start in enumerate(range(0, length, rows)):
        stop = min(start + rows, length)
        body(k, start, stop, *[each[: stop - start] for each in scratch], *args)
'''
_CHANGED = '''
class Changed(Exception):
    """The program was traced with values that led another way."""
'''


def shown(runner: Runner, f: Callable[..., Any]) -> str:
    """Return the text of a program, with what it needs besides NumPy said at its head."""
    return _text(runner, f, None, runner.module.text)


def export(runner: Runner, f: Callable[..., Any], path: Any) -> None:
    """Write a program as a module, and its arrays beside it. Nothing is written if something of it cannot be."""
    path = Path(path)
    if path.suffix != ".py":
        raise OperandError(f"a program is exported as a Python module, whose name ends in .py: received {str(path)!r}.")
    module = runner.module
    asked = [call for call in runner.program.calls if call.kind == "draw"]
    if asked or runner.program.after:
        where = f" (at {':'.join(map(str, asked[0].line))})" if asked and asked[0].line else ""
        raise OperandError(
            f"the program asks for values that are not in it, such as random draws or a learning rate{where}: pass them as arguments, and export "
            f"the function that takes them."
        )
    functions = _sources(module.functions)
    arrays = {name: module.names[name] for name in module.arrays}
    arrays.update((name, variable._value) for variable, name in module.stores)
    parameters = runner.module.reads
    reads = {f"variable{i}": variable._value for i, variable in enumerate(parameters)}
    text = _text(runner, f, path.with_suffix(".npz").name if arrays or reads else None, functions + _guards(runner) + module.text)
    path.write_text(text, encoding="utf-8")
    if arrays or reads:
        np.savez(path.with_suffix(".npz"), **arrays, **reads)


def _guards(runner: Runner) -> str:
    return ""


def _text(runner: Runner, f: Callable[..., Any], constants: str | None, text: str) -> str:
    return text


def _sources(functions: dict[str, Any]) -> str:
    return ""
