"""Blocks that no compiled program can repeat."""

from __future__ import annotations

from typing import Any

from autograd.core.tracing import Listening, active_tracer


class unrepeatable(Listening):
    """Run a block that computes with plain arrays, in steps whose number depends on values. A tracer is told that no
    program can repeat it, and hears nothing of what is inside.
    """

    __slots__ = ("_reason",)

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def _enter(self) -> None:
        if (tracer := active_tracer()) is not None:
            tracer.refuse(self._reason)
        super()._enter()

    def _change(self, recorders: tuple[Any, ...], tracer: Any) -> Any:
        return recorders, None
