"""The value inside a tensor, as HIPS autograd spells it."""

from __future__ import annotations

from typing import Any

from autograd.core.tensor import Tensor

__all__ = ["getval", "isbox"]


def isbox(x: Any) -> bool:
    """Whether a value is one of ours."""
    return isinstance(x, Tensor)


def getval(x: Any) -> Any:
    """Return the value of a tensor, a number where it has no axes, and anything else as it is. What is computed from it
    has no derivative.
    """
    return x.numpy()[()] if isinstance(x, Tensor) else x
