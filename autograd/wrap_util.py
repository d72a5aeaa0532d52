"""Helpers for functions of functions, under the path that HIPS autograd has them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from autograd.transforms.grad import at_positions
from autograd.transforms.linearization import Argnums

__all__ = ["get_name", "unary_to_nary"]


def get_name(f: Callable[..., Any]) -> str:
    """Return the name of a function."""
    return getattr(f, "__name__", "[unknown name]")


def unary_to_nary(unary_operator: Callable[..., Any]) -> Callable[..., Any]:
    """Let an operator on functions of one argument choose the argument of a function of several.

    Parameters
    ----------
    unary_operator : callable
        ``unary_operator(f, x, *args, **kwargs)`` takes a function of one argument, and that argument.

    Returns
    -------
    callable
        ``operator(f, argnum=0, *args, **kwargs)`` returns a function of the arguments of ``f``. For a sequence of
        positions ``x`` is a tuple.

    Examples
    --------
    >>> @unary_to_nary
    ... def doubled_gradient(f, x):
    ...     return 2 * autograd.grad(f)(x)
    >>> doubled_gradient(lambda x, y: x * y, 1)(3.0, 4.0)
    6.0
    """

    @functools.wraps(unary_operator)
    def operator(f: Callable[..., Any], argnum: Argnums = 0, *op_args: Any, **op_kwargs: Any) -> Callable[..., Any]:
        single = isinstance(argnum, int)

        def of_all(*args: Any, **kwargs: Any) -> Any:
            of_these, picked = at_positions(f, argnum, args, kwargs)
            of_one = of_these if single else lambda values: of_these(*values)
            return unary_operator(of_one, picked[0] if single else picked, *op_args, **op_kwargs)

        of_all.__name__ = f"{get_name(unary_operator)}_of_{get_name(f)}_wrt_argnum_{argnum}"
        return of_all

    return operator
