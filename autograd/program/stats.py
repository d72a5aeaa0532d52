"""Measures a program: its operations, its memory, and the time of each statement."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd.arrays.show import html_table, in_bytes, in_seconds, text_table
from autograd.program.codegen.literals import clipped
from autograd.program.codegen.text import shown_line
from autograd.program.run import Executable

# How many statements are printed.
_MOST = 20


class Statement(NamedTuple):
    """A statement of a program.

    Attributes
    ----------
    seconds : float
        Its time in one run, the least of several runs; of a statement in a loop, that of all blocks together.
    text : str
    line : str
        The line of the user's program that it comes from, with its text; empty if it belongs to none.
    """

    seconds: float
    text: str
    line: str


class Stats(NamedTuple):
    """The effect of compilation on a function, in numbers.

    Attributes
    ----------
    operations : dict of str to int
        How many operations there were after each pass. A loop over blocks counts as one.
    bytes_eager : int
        The memory that the function allocates in one run without compilation.
    bytes_planned : int
        The memory of the program, which is made once.
    statements : list of Statement
        In the order of the text; loops are measured on one thread.

    Examples
    --------
    >>> stats = autograd.compile(lambda x: np.exp(x) + np.exp(x)).stats(np.ones(3))
    >>> stats.operations["traced"], len(stats.statements) < 3
    (3, False)
    """

    operations: dict[str, int]
    bytes_eager: int
    bytes_planned: int
    statements: list[Statement]

    @property
    def seconds(self) -> float:
        """The time of all statements."""
        return sum(statement.seconds for statement in self.statements)

    def _summary(self) -> list[str]:
        counts = list(self.operations.items())
        changes = [counts[0], *[now for before, now in itertools.pairwise(counts) if now[1] != before[1]]]
        return [
            "operations: " + ", ".join(f"{count} {name}" for name, count in changes),
            f"memory: {in_bytes(self.bytes_planned)} planned, {in_bytes(self.bytes_eager)} eager",
            f"time: {in_seconds(self.seconds)} in {len(self.statements)} statements",
        ]

    def _rows(self, most: int | None = None) -> list[list[str]]:
        """Return the statements as a table, the longest first."""
        rows = sorted(self.statements, key=lambda each: -each.seconds)[:most]
        share = 100 / (self.seconds or 1)
        return [
            [in_seconds(each.seconds), f"{each.seconds * share:.0f}%", clipped(each.text, 70).ljust(30), each.line]
            for each in rows
        ]

    def __repr__(self) -> str:
        rows = self._rows(_MOST)
        width = max((len(row[2]) for row in rows), default=0)
        table = text_table(
            ["time", "share", "statement".ljust(width), "line"],
            [[*row[:2], row[2].ljust(width), row[3]] for row in rows],
        )
        rest = [f"and {len(self.statements) - _MOST} more"] if len(self.statements) > _MOST else []
        return "\n".join([*self._summary(), table, *rest])

    def _repr_html_(self) -> str:
        return html_table("; ".join(self._summary()), ("time", "share", "statement", "line"), self._rows())


def stats_of(executable: Executable, arrays: Sequence[Any]) -> Stats:
    """Measure a program on arrays."""
    module = executable.module
    texts = {
        node.lineno: ast.unparse(node).partition("\n")[0]
        for node in ast.walk(ast.parse(module.text))
        if isinstance(node, ast.stmt)
    }
    statements = [
        Statement(seconds, texts[number], shown_line(module.lines[number]) if number in module.lines else "")
        for number, seconds in sorted(executable.timed(arrays).items())
    ]
    return Stats(executable.counts, executable.eager_bytes, module.nbytes, statements)
