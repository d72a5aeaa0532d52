"""Derivatives in a direction: products with the Jacobian and with the Hessian, by forward differentiation.

Each operation takes tangents of its operands to the tangent of its output at once, and nothing is recorded. A tangent lives as long as the
value that it belongs to.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd import nest
from autograd.errors import DtypeError, NoDerivativeError, OperandError, ShapeError
from autograd.functional import Argnums, given_back, grad, like, source_of, takes_argnum, unwrapped
from autograd.recording import Carrier, Recorder, active_recorders, is_inexact, start, stop
from autograd.registry import CONSTANTS
from autograd.tangent import tangents_of
from autograd.tensor import Tensor, new_tensor, tensor_of


class _Followed:
    """The values that have a tangent, in one forward differentiation."""

    __slots__ = ()

    def __contains__(self, identity: Any) -> bool:
        return identity.__class__ is Carrier and self in identity.tangents


class Forward(Recorder):
    """Computes the tangent of every value from those of its operands, and keeps no records.

    Attributes
    ----------
    outer : tuple of Recorder
        Those that were active before. They follow the tangents as they follow every other value, which gives derivatives of derivatives.
    lenient : bool
        Whether an operation without a rule is refused only where something is computed from its output.
    """

    carries = True

    def __init__(self) -> None:
        super().__init__(keep_values=True)
        self.tracked: Any = _Followed()
        self.outer = active_recorders()
        self.lenient = False

    def follow(self, primal: Tensor, tangent: Any) -> None:
        """Give a value its tangent."""
        if primal._id.__class__ is not Carrier:
            primal._id = Carrier(primal._id)
        primal._id.carry(self.tracked, tangent)  # type: ignore[attr-defined]

    def tangent_of(self, identity: Any) -> Any:
        """Return the tangent of a value, or None; for a list of values a list."""
        if identity.__class__ is Carrier:
            t = identity.tangents.get(self.tracked)
            if t.__class__ is NoDerivativeError and not self.lenient:
                raise t
            return t
        return [self.tangent_of(each) for each in identity] if identity.__class__ is tuple and self.tracks(identity) else None

    def note(
        self,
        fn: Callable[..., Any],
        values: list[Any],
        kwargs: dict[str, Any],
        ids: list[Any],
        ans: Any,
        output: int | tuple[int, ...],
    ) -> None:
        """Compute the tangent of what an operation returned."""
        tangents = {}
        for i, identity in enumerate(ids):
            t = self.tangent_of(identity) if identity else None
            if t is not None:
                tangents[i] = t
        if not tangents or fn in CONSTANTS:
            return
        single = output.__class__ is not tuple
        if not (is_inexact(fn, ans) if single else any(each.dtype.kind in "fc" for each in ans)):
            return
        recorders = self.outer
        if recorders:
            active = active_recorders()
            recorders = tuple([recorder for recorder in recorders if recorder in active])
            if not recorders:
                tangents = {i: _detached(t) for i, t in tangents.items()}
        try:
            found = tangents_of(fn, values, kwargs, ids, tangents, ans, output, recorders)
        except NoDerivativeError as error:
            if not self.lenient:
                raise
            found = error if single else [error] * len(ans)
        for identity, t in ((output, found),) if single else zip(output, found, strict=True):  # type: ignore[arg-type]
            if t is not None:
                identity.carry(self.tracked, t)  # type: ignore[union-attr]


def _detached(t: Any) -> Any:
    if t.__class__ is list:
        return [_detached(each) for each in t]
    return t._value if isinstance(t, Tensor) else t


# --------------------------------------------------------------------------------------------------- products with the Jacobian
def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> tuple[Any, ...]:
    """Compute ``f``, and multiply its Jacobian by tangents: the derivative of ``f`` in a direction.

    It takes a small multiple of the time of ``f``, and memory that does not grow with the number of operations.

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
        ``f(*primals)``, and its derivative, built alike. What is no floating-point or complex number in it has a tangent of zero.
    aux : Any
        Only with ``has_aux``.

    Raises
    ------
    ShapeError, DtypeError
        If a tangent does not fit its primal, or if a primal has an integer or boolean dtype.
    NoDerivativeError
        At the operation of ``f`` that has no rule.

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
    forward = Forward()
    sources = [source_of(leaf) for leaf in given]
    for source, direction in zip(sources, directions, strict=True):
        forward.follow(source, _direction(direction, source, bool(forward.outer)))
    start(forward)
    try:
        result = f(*nest.rebuild(primals, sources))
    finally:
        stop(forward)
    value, aux = result if has_aux else (result, None)
    moved = [_tangent(forward, leaf) for leaf in nest.leaves(value)]
    out = nest.map_leaves(lambda leaf: given_back(primals, _released(forward, leaf)), value)
    tangent = nest.rebuild(value, [given_back(primals, t) for t in moved])
    return (out, tangent, aux) if has_aux else (out, tangent)


def _direction(given: Any, primal: Tensor, on_tensors: bool) -> Any:
    """Return a tangent in the dtype of its primal: a tensor where somebody follows it, and otherwise an array."""
    tangent = given if isinstance(given, Tensor) else new_tensor(np.array(given))
    if tangent.dtype != primal.dtype:
        if tangent.dtype.kind == "c" or tangent.dtype.kind not in "biufc":
            raise DtypeError(f"a primal of dtype {primal.dtype} needs a tangent that it can take: received dtype {tangent.dtype}.")
        tangent = tangent.astype(primal.dtype)
    return tangent if on_tensors else tangent._value


def _tangent(forward: Forward, leaf: Any) -> Any:
    """Return the tangent of an output: a tensor, or a number where the output is one."""
    if isinstance(leaf, Tensor):
        t = forward.tangent_of(leaf._id)
        if t is None:
            t = np.zeros(leaf.shape, leaf.dtype)
        return t if isinstance(t, Tensor) else new_tensor(t)
    if np.asarray(leaf).dtype.kind not in "biufc":
        raise OperandError(f"a derivative needs a function that returns numbers, or a nest of these: it returned {type(leaf).__name__}.")
    return np.zeros_like(leaf) if hasattr(leaf, "shape") else type(leaf)(0)


def _released(forward: Forward, leaf: Any) -> Any:
    """Return an output without its tangent."""
    if isinstance(leaf, Tensor) and leaf._id in forward.tracked:
        leaf._id.drop(forward.tracked)  # type: ignore[attr-defined]
    return leaf


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Multiply the Hessian of a function by tangents: the forward derivative of its gradient.

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
