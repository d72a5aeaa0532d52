"""The programs that a compiled function keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.program.keys import ATOMS, statics_in
from autograd.program.run import Executable
from autograd.program.watch import Dependencies


class Way:
    """A program for one way through a function, and what has to be as it was for it to hold."""

    __slots__ = ("dependencies", "executable", "rebuilt")

    def __init__(self, executable: Executable, rebuilt: Callable[[Any], Any], dependencies: Dependencies) -> None:
        self.executable = executable
        self.rebuilt = rebuilt
        self.dependencies = dependencies


class Special:
    """The programs for one combination of arguments: one for each way through the function."""

    __slots__ = ("kept", "makes_variables", "refused", "ways")

    def __init__(self, args: Any, kwargs: Any) -> None:
        self.ways: list[Way] = []
        self.refused = ""
        self.makes_variables = False
        # The key holds some values by their id: while they live, no other object can get that id.
        self.kept = [leaf for leaf in statics_in((args, kwargs), []) if leaf.__class__ not in ATOMS]

    def holds(self) -> bool:
        """Whether what one of the ways depends on is as it was."""
        return any(way.dependencies.hold() for way in self.ways)
