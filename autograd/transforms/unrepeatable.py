"""Blocks that no compiled program can repeat."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from autograd.core.tracing import listeners, set_listeners


@contextmanager
def unrepeatable(what: str) -> Iterator[None]:
    """Run a block that computes with plain arrays, in steps whose number depends on values. A tracer is told that no
    program can repeat it, and hears nothing of what is inside.
    """
    recorders, tracer = listeners()
    if tracer is None:
        yield
        return
    tracer.refuse(what)
    try:
        set_listeners((recorders, None))
        yield
    finally:
        set_listeners((recorders, tracer))
