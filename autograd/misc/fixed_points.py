"""Fixed points under the name and the signature of HIPS autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.transforms import implicit

__all__ = ["fixed_point"]


def fixed_point(
    f: Callable[[Any], Callable[[Any], Any]], a: Any, x0: Any, distance: Callable[[Any, Any], Any], tol: float
) -> Any:
    """Repeat ``x = f(a)(x)`` until it moves no more. See `autograd.fixed_point`.

    Parameters
    ----------
    f : callable
        ``f(a)`` returns a function of ``x``.
    a, x0 : Any
        The parameters, with respect to which the result is differentiated, and where to begin.
    distance : callable
        ``distance(x, before)`` is a number.
    tol : float
        The distance at which to stop.

    Returns
    -------
    Any
        The fixed point, built like ``x0``.

    Examples
    --------
    >>> newton_sqrt = lambda a: lambda x: 0.5 * (x + a / x)
    >>> autograd.grad(lambda a: fixed_point(newton_sqrt, a, 1.0, lambda x, y: abs(x - y), 1e-8))(4.0)
    0.25
    """
    return implicit.fixed_point(lambda a, x: f(a)(x), a, x0, tol, distance=distance)
