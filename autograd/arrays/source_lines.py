"""Find the line of the user's program that called into this package, and name it as messages do."""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

Line = tuple[str, int]

# The folders of this package and of NumPy.
_LIBRARIES = tuple(os.path.dirname(os.path.abspath(path)) + os.sep for path in (os.path.dirname(__file__), np.__file__))


def calling_line() -> Line:
    """Return the file and the line of the program that called into this package."""
    frame = sys._getframe(1)
    while is_ours(frame.f_code.co_filename) and frame.f_back is not None:
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def adding_lines(records: list[Any], lines: list[Line]) -> Callable[[Any], None]:
    """Return the function that adds a record, and its line. It refers to no tape, which a cycle would keep alive."""

    def add(record: Any) -> None:
        records.append(record)
        lines.append(calling_line())

    return add


def is_ours(path: str) -> bool:
    """Tell whether a file belongs to this package or to NumPy, and not to a program."""
    return path.startswith(_LIBRARIES)


def file_of(path: str) -> str:
    """Return the name to show for a file: its path, or the number of a notebook's cell as in IPython's tracebacks."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    cell = shell.compile.format_code_name(path) if shell else None
    return cell[1] if cell else path


def line_of(called: Line) -> str:
    """Write a line of the program as messages do: ``file:line: source``."""
    return f"{file_of(called[0])}:{called[1]}: {linecache.getline(*called).strip()}"
