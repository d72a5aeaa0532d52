"""Checks of gradients, as HIPS autograd spells them. See `autograd.check_gradients`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.check.gradients import check_gradients
from autograd.errors import OperandError
from autograd.transforms.grad import at_positions
from autograd.transforms.linearization import Argnums

__all__ = ["check_grads"]

_MODES = {"fwd": "forward", "rev": "reverse"}


def check_grads(
    f: Callable[..., Any], argnum: Argnums | None = None, modes: str | Sequence[str] = ("fwd", "rev"), order: int = 2
) -> Callable[..., None]:
    """Return a function that checks the derivatives of ``f`` at its arguments, and raises `GradientCheckError` where
    they are wrong.

    Parameters
    ----------
    f : callable
    argnum : int or sequence of int, optional
        The positions of the arguments to differentiate with respect to: the first one, unless given.
    modes : {"fwd", "rev"}, or a sequence of these
        Whether to check forward mode, reverse mode, or both, as unless given.
    order : int, default 2
        The highest order of derivatives to check.

    Returns
    -------
    callable
        Takes the arguments of ``f``, and returns nothing.

    Raises
    ------
    OperandError
        If there is no such mode, or none is given.

    Examples
    --------
    >>> check_grads(np.tanh, modes=["rev"], order=2)(0.5)
    """
    asked = [modes] if isinstance(modes, str) else list(modes)
    if not asked or any(mode not in _MODES for mode in asked):
        raise OperandError(
            f'modes is "fwd", "rev", or a sequence of these: received {modes!r}. Leave it out to check both.'
        )

    def checked(*args: Any, **kwargs: Any) -> None:
        of_these, picked = at_positions(f, 0 if argnum is None else argnum, args, kwargs)
        check_gradients(of_these, *picked, order=order, modes=[_MODES[mode] for mode in asked]).assert_ok()

    return checked
