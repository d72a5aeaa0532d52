"""Checks of gradients, as HIPS autograd spells them. See `autograd.check_gradients`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.check import check_gradients
from autograd.familiar import _at
from autograd.functional import Argnums

__all__ = ["check_grads"]


def check_grads(f: Callable[..., Any], argnum: Argnums | None = None, modes: Sequence[str] = ("fwd", "rev"), order: int = 2) -> Callable[..., None]:
    """Return a function that checks the derivatives of ``f`` at its arguments, and raises `GradientCheckError` where they are wrong.

    Parameters
    ----------
    f : callable
    argnum : int or sequence of int, optional
        The positions of the arguments to differentiate with respect to: the first one, unless given.
    modes : sequence of {"fwd", "rev"}
        Both come down to the rules of the reverse mode, each of which is checked.
    order : int, default 2

    Examples
    --------
    >>> check_grads(np.tanh, modes=["rev"], order=2)(0.5)
    """

    def checked(*args: Any, **kwargs: Any) -> None:
        of_these, picked = _at(f, 0 if argnum is None else argnum, args, kwargs)
        check_gradients(of_these, *picked, order=order).assert_ok()

    return checked
