"""What compilation did to a function, in numbers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd.program.run import Runner
from autograd.table import html_table, in_bytes


class Stats(NamedTuple):
    """What compilation did to a function.

    Attributes
    ----------
    operations : dict of str to int
        How many calls there were after each pass.
    bytes_eager : int
        What the function itself would allocate in one run.
    bytes_planned : int
        The memory of the program, which is made once.
    statements : list of (float, str)
        The seconds of each statement, the least of some runs, and its text.
    """

    operations: dict[str, int]
    bytes_eager: int
    bytes_planned: int
    statements: list[tuple[float, str]]

    @property
    def seconds(self) -> float:
        """The time of all statements."""
        return sum(seconds for seconds, _ in self.statements)

    def __str__(self) -> str:
        lines = ["operations: " + ", ".join(f"{name} {count}" for name, count in self.operations.items())]
        lines.append(f"memory: {in_bytes(self.bytes_planned)} planned, {in_bytes(self.bytes_eager)} eager")
        lines.append(f"time: {self.seconds * 1e6:.1f} us in {len(self.statements)} statements")
        lines.extend(f"{seconds * 1e6:10.2f} us  {text}" for seconds, text in sorted(self.statements, key=lambda each: -each[0])[:20])
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [(text, f"{seconds * 1e6:.2f}") for seconds, text in sorted(self.statements, key=lambda each: -each[0])]
        title = f"{self.seconds * 1e6:.1f} us, {in_bytes(self.bytes_planned)} planned, {in_bytes(self.bytes_eager)} eager"
        return html_table(title, ("statement", "us"), rows)


def stats_of(runner: Runner, arrays: Sequence[Any]) -> Stats:
    """Measure a program."""
    times = runner.timed(arrays)
    lines = runner.module.text.splitlines()
    statements = [(seconds, os.path.basename(lines[number - 1].strip())) for number, seconds in times.items()]
    return Stats(runner.counts, runner.eager_bytes, runner.module.nbytes, statements)
