"""How a function of `autograd.scipy` that is made of others stands for one of SciPy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.core.registry import name_of
from autograd.core.tensor import call


def function(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Make the function that stands for one of SciPy's: it returns tensors, and never runs SciPy's own, on arrays
    neither.

    So one call has one meaning: nothing is overwritten, what is refused is refused everywhere, and single precision
    stays."""

    def door(*args: Any, **kwargs: Any) -> Any:
        return call(fn, *args, **kwargs)

    door.__name__ = door.__qualname__ = fn.__name__
    door.__doc__ = f"See `{name_of(fn)}`. Returns tensors."
    door.__wrapped__ = fn  # type: ignore[attr-defined]
    return door
