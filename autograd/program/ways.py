"""The programs that a compiled function keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.program.arguments import bound_arguments
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


def renewed(special: Special, f: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Way]:
    """Return the ways whose dependencies are others now, but equal to what they were."""
    changed = [way for way in special.ways if not way.dependencies.hold()]
    if not changed:
        return []
    named = bound_arguments(f, args, kwargs)
    found: list[Way] = []
    now = Dependencies(f, named)
    for way in changed:
        if way.dependencies == now and not way.dependencies.contents_changed():
            fresh = Dependencies(f, named) if found else now
            fresh.take_over(way.dependencies)
            way.dependencies = fresh
            found.append(way)
    return found
