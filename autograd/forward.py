"""Derivatives in a direction: products with the Jacobian and with the Hessian."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import nest
from autograd.errors import ShapeError
from autograd.functional import Argnums, grad, vjp_at


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> tuple[Any, ...]:
    """Compute ``f``, and multiply its Jacobian by tangents: the derivative of ``f`` in a direction.

    Parameters
    ----------
    f : callable
        As in `vjp`.
    primals, tangents : sequence
        Its arguments, and a direction for each, built alike.
    has_aux : bool, default False

    Returns
    -------
    out, tangent : Any
        ``f(*primals)``, and its derivative, built alike.
    aux : Any
        Only with ``has_aux``.

    Notes
    -----
    The product with the transposed Jacobian is linear in its cotangent, so its own transpose is the product with the Jacobian.

    Examples
    --------
    >>> jvp(lambda x: x**3, [2.0], [1.0])
    (8.0, 12.0)
    """
    primals, tangents = tuple(primals), tuple(tangents)
    given, directions = nest.leaves(primals), nest.leaves(tangents)
    if [np.shape(each) for each in given] != [np.shape(each) for each in directions]:
        raise ShapeError(
            f"jvp needs a tangent of the shape of each primal: received primals of shapes {[np.shape(each) for each in given]} "
            f"and tangents of shapes {[np.shape(each) for each in directions]}."
        )
    out, pullback, aux = vjp_at(f, range(len(primals)), primals, {}, has_aux)
    outputs = nest.leaves(out)

    def paired(cotangents: list[Any]) -> Any:
        each = iter(cotangents)
        pulled = pullback(nest.map_leaves(lambda leaf: next(each) if _is_inexact(leaf) else None, out))
        total: Any = 0.0
        for c, direction in zip(nest.leaves(pulled), directions, strict=True):
            total = total + np.sum(np.real(c * direction))
        return total

    found = iter(grad(paired)([_zeros(leaf) for leaf in outputs if _is_inexact(leaf)]))
    tangent = nest.map_leaves(lambda leaf: next(found) if _is_inexact(leaf) else _zeros(leaf), out)
    return (out, tangent, aux) if has_aux else (out, tangent)


def _is_inexact(leaf: Any) -> bool:
    return bool(np.result_type(leaf).kind in "fc")


def _zeros(leaf: Any) -> Any:
    """Return zero for a number, and zeros for an array."""
    return np.zeros_like(leaf) if hasattr(leaf, "shape") else type(leaf)(0)


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Multiply the Hessian of a function by tangents.

    Parameters
    ----------
    f : callable
        Returns one real number.
    primals, tangents : sequence
        Its arguments, and a direction for each, built alike.

    Returns
    -------
    tuple
        The derivative of the gradient of ``f`` in that direction, built like the primals; for one primal it stands alone.

    Examples
    --------
    >>> hvp(lambda x: x**3, [2.0], [1.0])
    12.0
    """
    argnums: Argnums = 0 if len(primals) == 1 else range(len(primals))
    return jvp(grad(f, argnums), primals, tangents)[1]
