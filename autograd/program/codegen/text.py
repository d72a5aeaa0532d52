"""Lays out the text of a program: statements, with the lines of the user's program beside them."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from autograd.arrays.source_lines import Line, file_of
from autograd.program.codegen.literals import comment, literal
from autograd.program.ir import Call

WIDTH = 120
# Statements that end beyond this column do not move the comments of the others.
_COMMENTS = 64


class Function(NamedTuple):
    """A function of a program.

    Attributes
    ----------
    name : str
    parameters : list of str
    statements : list of (str, Call or None)
        Each with the call that it makes.
    scratch : list of str
        The expressions of its scratch arrays.
    """

    name: str
    parameters: list[str]
    statements: list[tuple[str, Call | None]]
    scratch: list[str]


class Text:
    """The lines of a module.

    Attributes
    ----------
    lines : list of str
    origins : dict of int to (str, int)
        The line of the user's program for lines of the text, which are numbered from 1.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.origins: dict[int, Line] = {}

    def __str__(self) -> str:
        return "\n".join(self.lines).rstrip("\n") + "\n"

    def add(self, *lines: str) -> None:
        for line in lines:
            self.lines.extend(wrapped(line) if len(line) > WIDTH else [line])

    def add_prose(self, *lines: str) -> None:
        """Write lines of a comment or a docstring, which have no brackets to break them at."""
        self.lines.extend(lines)

    def add_function(
        self,
        function: Function,
        errstates: bool = False,
        before: Sequence[str] = (),
        after: Sequence[str] = (),
        docstring: Sequence[str] = (),
    ) -> None:
        """Write a function.

        Parameters
        ----------
        function : Function
        errstates : bool
            Whether its statements treat floating-point errors as their calls do, and not as its caller does.
        before, after : sequence of str
            Lines of its body around its statements.
        docstring : sequence of str
        """
        self.add(f"def {function.name}({', '.join(function.parameters)}):")
        self.add_prose(*[f"    {line}" if line else "" for line in docstring])
        self.add(*[f"    {line}" for line in before])
        written = list(_indented(function.statements, errstates))
        column = max((len(text) for text, _ in written if len(text) <= _COMMENTS), default=0)
        last = None
        for text, origin in written:
            lines = [part for line in text.split("\n") for part in wrapped(line)]
            if origin is not None:
                if origin != last:
                    lines = _commented(lines, shown_line(origin), column)
                self.origins.update((len(self.lines) + i, origin) for i in range(1, len(lines) + 1))
                last = origin
            self.lines.extend(lines)
        self.add(*[f"    {line}" for line in after])
        if function.scratch:
            self.add("", "", f"{function.name}_scratch = [{', '.join(function.scratch)}]")
        self.add("", "")


def _indented(statements: Sequence[tuple[str, Call | None]], errstates: bool) -> Iterator[tuple[str, Line | None]]:
    """Yield statements with their indentation, and the lines that they come from."""
    errstate: dict[str, Any] | None = None
    for text, call in statements:
        state = call.errstate if errstates and call is not None else None
        if state is not None and state != errstate:
            yield f"    with np.errstate({', '.join(f'{key}={literal(value)}' for key, value in state.items())}):", None
        errstate = state
        indent = "    " if state is None else "        "
        yield "\n".join(indent + line for line in text.split("\n")), None if call is None else call.line


def _commented(lines: list[str], text: str, column: int) -> list[str]:
    """Add a comment behind the first line, or above it where there is no room."""
    first = lines[0].ljust(column)
    room = WIDTH - len(first) - 4
    if len(text) > room and room < 40:
        indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
        return [f"{indent}{comment(text, WIDTH - len(indent))}", *lines]
    return [f"{first}  {comment(text, room + 2)}", *lines[1:]]


def shown_line(line: Line) -> str:
    """Return a line of the user's program with its file and number."""
    path, number = line
    return f"{os.path.basename(file_of(path))}:{number}  {linecache.getline(path, number).strip()}".rstrip()


def shown(call: Call) -> str:
    """Return the line of the user's program that a call comes from, with its file and number."""
    return "" if call.line is None else shown_line(call.line)


def wrapped(line: str) -> list[str]:
    """Break a long statement at the commas of its last outermost brackets."""
    if len(line) <= WIDTH:
        return [line]
    if line.startswith("from "):
        line = f"{line.replace(' import ', ' import (', 1)})"
    indent = line[: len(line) - len(line.lstrip())]
    found = _last_brackets(line)
    if found is None:
        return [line]
    start, end, commas = found
    lines = [line[: start + 1]]
    current = ""
    for first, last in zip([start + 1, *commas], [*commas, end], strict=True):
        part = line[first:last].strip()
        if current and len(indent) + 4 + len(current) + 1 + len(part) > WIDTH:
            lines.append(f"{indent}    {current}")
            current = part
        else:
            current = f"{current} {part}".strip()
    if current:
        lines.append(f"{indent}    {current}")
    return [*lines, f"{indent}{line[end:]}"]


def _last_brackets(line: str) -> tuple[int, int, list[int]] | None:
    """Find the last outermost brackets that contain commas: where they open and close, and where each comma ends."""
    found = None
    opened: list[int] = []
    commas: list[int] = []
    quote = ""
    escaped = False
    for i, character in enumerate(line):
        if quote:
            if character == quote and not escaped:
                quote = ""
            escaped = character == "\\" and not escaped
        elif character == "#":
            break
        elif character in "'\"":
            quote = character
        elif character in "([{":
            opened.append(i)
            if len(opened) == 1:
                commas = []
        elif character in ")]}":
            start = opened.pop()
            if not opened and commas:
                found = start, i, commas
        elif character == "," and len(opened) == 1:
            commas.append(i + 1)
    return found
