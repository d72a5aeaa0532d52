"""Forward mode: products with the Jacobian and with the Hessian (`jvp`, `linearize`, `hvp`).

`jvp` records nothing: each operation computes the tangent of its output from the tangents of its operands at once. A
tangent lives as long as the value that it belongs to.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.arrays.ownership import ALONE, references
from autograd.arrays.scopes import Scope
from autograd.core import nest
from autograd.core.convert import decisive, raw
from autograd.core.recorder import Recorder, TangentId, active_recorders, is_inexact, recording
from autograd.core.tensor import Tensor
from autograd.core.tracing import active_tracer, listening
from autograd.errors import NoDerivativeError
from autograd.registry.entries import RULES
from autograd.registry.operations import setitem
from autograd.registry.paths import write_at
from autograd.transforms.batched import all_exposed, all_hidden
from autograd.transforms.grad import grad
from autograd.transforms.levels import active_levels
from autograd.transforms.linearization import (
    Argnums,
    Linearization,
    directions_of,
    result_of,
    source_of,
    tangent_of,
    whole_of,
)
from autograd.transforms.tangent import tangents_of


class _HaveTangent:
    """The set of identities that have a tangent in one forward differentiation."""

    __slots__ = ()

    def __contains__(self, identity: Any) -> bool:
        return identity.__class__ is TangentId and self in identity.tangents


class Forward(Recorder):
    """Computes the tangent of every value from those of its operands, and keeps no records.

    Attributes
    ----------
    outer : tuple of Recorder
        Those that were active before. They follow the tangents as they follow every other value, which gives
        derivatives of derivatives.
    on_tensors : bool
        Whether tangents are tensors, because somebody follows them.
    missing_allowed : bool
        Whether an operation without a rule is refused only where something is computed from its output.
    """

    def __init__(self) -> None:
        super().__init__(tracked=_HaveTangent())
        self.outer = active_recorders()
        self.on_tensors = listening()
        self.missing_allowed = False

    def identity(self, number: int) -> TangentId:
        """Return the identity of a new value, which can have a tangent."""
        return number if isinstance(number, TangentId) else TangentId(number)

    def set_tangent(self, primal: Tensor, tangent: Any) -> None:
        """Attach a tangent to a value."""
        primal._id = identity = self.identity(primal._id)
        identity.carry(self.tracked, tangent)

    def tangent_of(self, identity: Any) -> Any:
        """Return the tangent of a value, or None; for a list of values a list."""
        if identity.__class__ is TangentId:
            t = identity.tangents.get(self.tracked)
            if t.__class__ is NoDerivativeError and not self.missing_allowed:
                raise t
            return t
        return (
            [self.tangent_of(each) for each in identity]
            if identity.__class__ is tuple and self.tracks(identity)
            else None
        )

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
        if fn is setitem and values[0] is ans and self._writes(values, ids, output):
            return
        tangents = {}
        for i, identity in enumerate(ids):
            t = self.tangent_of(identity) if identity else None
            if t is not None:
                tangents[i] = t
        if not tangents:
            return
        entry = RULES.get(fn)
        if entry is not None and entry.kind == "constant":
            return
        single = output.__class__ is not tuple
        if not (is_inexact(fn, ans) if single else any(each.dtype.kind in "fc" for each in ans)):
            return
        recorders = self.outer
        if recorders:
            active = active_recorders()
            recorders = tuple([recorder for recorder in recorders if recorder in active])
        if self.on_tensors and not recorders and active_tracer() is None:
            tangents = {i: _detached(t) for i, t in tangents.items()}
        try:
            found = tangents_of(fn, values, kwargs, ids, tangents, ans, output, recorders)
        except NoDerivativeError as error:
            if not self.missing_allowed:
                raise
            found = error if single else [error] * len(ans)
        for identity, t in ((output, found),) if single else zip(output, found, strict=True):  # type: ignore[arg-type]
            if t is not None:
                identity.carry(self.tracked, t)  # type: ignore[union-attr]

    def _writes(self, values: list[Any], ids: list[Any], output: Any) -> bool:
        """Write into the tangent of a value that was written in place, if nothing else holds the tangent.

        So a loop over the items stays linear. Only the handle held the value, so nothing can ask for its old tangent.
        """
        before, index = ids[0], values[1]
        if self.on_tensors or before not in self.tracked or references(before.tangents[self.tracked]) > ALONE:
            return False
        t, written = self.tangent_of(before), self.tangent_of(ids[2])
        if (
            t.__class__ is not np.ndarray
            or t.base is not None
            or not (written is None or written.__class__ is np.ndarray)
        ):
            return False
        write_at(t, index, 0 if written is None else written)
        before.drop(self.tracked)
        output.carry(self.tracked, t)
        return True


class allow_missing_rules(Scope):
    """Let the active forward differentiations pass operations without a rule for the length of a block: the derivative
    is given by hand.
    """

    __slots__ = ("_strict",)

    def __init__(self) -> None:
        self._strict = [each for each in active_recorders() if isinstance(each, Forward) and not each.missing_allowed]

    def _enter(self) -> None:
        for forward in self._strict:
            forward.missing_allowed = True

    def _leave(self) -> None:
        for forward in self._strict:
            forward.missing_allowed = False


def _detached(t: Any) -> Any:
    return [_detached(each) for each in t] if t.__class__ is list else raw(t)


# ------------------------------------------------------------------------------------------- products with the Jacobian
def jvp(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False
) -> tuple[Any, ...]:
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
        ``f(*primals)``, and its derivative, built alike. Integers and truth values in it have a
        tangent of zero.
    aux : Any
        Only with ``has_aux``.

    Raises
    ------
    OperandError
        If the function returns something else than numbers.
    ShapeError, DtypeError
        If a tangent does not fit its primal, or if a primal has an integer or boolean dtype.
    NoDerivativeError
        At the operation of ``f`` that has no rule.

    Examples
    --------
    >>> jvp(lambda x: x**3, [2.0], [1.0])
    (8.0, 12.0)
    """
    primals = tuple(primals)
    forward, levels = Forward(), active_levels()
    sources = [source_of(all_exposed(leaf, levels)) for leaf in nest.leaves(primals)]
    for source, direction in zip(sources, directions_of("jvp", primals, sources, tuple(tangents), levels), strict=True):
        forward.set_tangent(source, direction)
    with recording(forward):
        result = f(*nest.rebuild(primals, [all_hidden(source, levels) for source in sources]))
    value, aux = result if has_aux else (result, None)
    whole = [whole_of(leaf, levels, f) for leaf in nest.leaves(value)]
    given = decisive(primals)
    tangents = [forward.tangent_of(leaf._id) if isinstance(leaf, Tensor) else None for leaf in whole]
    moved = [tangent_of(leaf, t, given, levels) for leaf, t in zip(whole, tangents, strict=True)]
    out = nest.rebuild(value, [result_of(given, _released(forward, leaf), levels) for leaf in whole])
    tangent = nest.rebuild(value, moved)
    return (out, tangent, aux) if has_aux else (out, tangent)


def _released(forward: Forward, leaf: Any) -> Any:
    """Return an output without its tangent."""
    if isinstance(leaf, Tensor) and leaf._id in forward.tracked:
        leaf._id.drop(forward.tracked)  # type: ignore[attr-defined]
    return leaf


def linearize(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Compute ``f``, and return a function that multiplies its Jacobian by tangents.

    For many directions at one point: ``f`` runs once, and every value that it computes is kept.

    Parameters
    ----------
    f : callable
        As in `vjp`.
    *primals
        Its arguments.
    has_aux : bool, default False

    Returns
    -------
    out : Any
        ``f(*primals)``.
    f_jvp : callable
        Takes a tangent for each primal, built like it, and returns the tangent of ``out``, built like that.
    aux : Any
        Only with ``has_aux``.

    Raises
    ------
    DtypeError
        If a primal has an integer or boolean dtype.
    OperandError
        If the function returns something else than numbers.
    ShapeError
        When ``f_jvp`` is called, if a tangent does not fit its primal.

    Examples
    --------
    >>> out, f_jvp = linearize(lambda x, y: x * y, 2.0, 3.0)
    >>> out, f_jvp(1.0, 0.0), f_jvp(0.0, 1.0)
    (6.0, 3.0, 2.0)
    """
    run = Linearization(f, range(len(primals)), primals, {}, has_aux, keep_values=True)
    out = run.result()
    return (out, run.push, run.aux) if has_aux else (out, run.push)


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Multiply the Hessian of a function by tangents: the gradient of its derivative in their direction.

    The Hessian is symmetric, so this is the derivative of its gradient in that direction, and the gradient itself need
    not be computed.

    Parameters
    ----------
    f : callable
        Returns one real number.
    primals, tangents : sequence
        Its arguments, and a direction for each, built alike.

    Returns
    -------
    tuple
        The derivative of the gradient of ``f`` in that direction, built like the primals; for one primal it stands
        alone.

    Raises
    ------
    ShapeError, DtypeError
        As in `jvp`, and if the function returns something else than one real number.

    Examples
    --------
    >>> hvp(lambda x: x**3, [2.0], [1.0])
    12.0
    """
    argnums: Argnums = 0 if len(primals) == 1 else range(len(primals))

    @functools.wraps(f)
    def slope(*at: Any) -> Any:
        return jvp(f, at, tangents)[1]

    return grad(slope, argnums)(*primals)
