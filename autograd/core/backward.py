"""The chain rule over a tape: one loop over its records, backwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.arrays.scopes import errstate
from autograd.core.recorder import Recorder, recording_on
from autograd.core.tensor import Tensor, tensor_of
from autograd.core.tracing import Tracer, active_tracer, listeners
from autograd.errors import RuleError
from autograd.registry.entries import RULES, Rule, facts_of, name_of, rules_of
from autograd.registry.operations import Scattered, used_by

_ndarray = np.ndarray
_NONE: dict[str, Any] = {}


def sweep(
    records: list[tuple[Any, ...]], tracked: set[int], cotangents: dict[int, Any], sources: Iterable[int], consume: bool
) -> dict[int, Any]:
    """Carry cotangents of outputs back to the sources.

    Rules run on arrays. They run on tensors where a recorder is active, so that it can differentiate the gradient in
    its turn.

    Parameters
    ----------
    records : list of tuple
        Records, in the order of execution.
    tracked : set of int
        The identities of the values that have a cotangent.
    cotangents : dict of int to array or Tensor
        The cotangents to begin with. It is used up.
    sources : iterable of int
        The identities of the values whose cotangents are wanted.
    consume : bool
        Whether to take the records off the list on the way, which gives memory back as the sweep goes.

    Returns
    -------
    dict of int to array or Tensor
        The cotangents of those sources which the outputs depend on.
    """
    recorders, tracer, _ = listeners()
    if recorders and (followed := _followed(recorders, records, cotangents)):
        others, steps_of = followed
        with recording_on(others):
            result = sweep(steps_of, tracked, cotangents, sources, consume=True)
        if consume:
            records.clear()
        return result
    wanted = set(sources)
    found: dict[int, Any] = {}
    general = _General(tracked, cotangents, on_tensors=bool(recorders) or tracer is not None, tracer=tracer)
    general_step, owned, masked, on_tensors = general.step, general.owned, general.masked, general.on_tensors

    remaining = records if consume else records[:]
    g: Any
    while remaining:
        fn, args, kwargs, ids, argnums, ans, output, steps = remaining.pop()
        g = (
            _of_outputs(fn, output, ans, cotangents, wanted, found)
            if output.__class__ is tuple
            else cotangents.pop(output, None)
        )
        if g is None:
            continue
        if g.__class__ is Scattered:
            g = g.dense()
        if output in wanted:
            found[output] = g

        if steps is None or on_tensors or output in masked:
            general_step(fn, args, kwargs, ids, argnums, ans, output, g)
            continue
        for argnum, rule in steps:
            c = rule(g, ans, *args)
            operand = args[argnum] if args[argnum] is not None else g
            if c is not operand and (
                c.__class__ is not _ndarray or c.shape != operand.shape or c.dtype is not operand.dtype
            ):
                c = _fitted(c, operand, g, RULES[fn].elementwise, fn, argnum)
            identity = ids[argnum]
            if identity in cotangents:
                _accumulate(cotangents, owned, identity, c)
            else:
                cotangents[identity] = c

    if tracer is not None:
        tracer.see_step(None)
    for identity in wanted & cotangents.keys():
        g = cotangents[identity]
        found[identity] = g.dense() if g.__class__ is Scattered else g
    return found


class _General:
    """The step of a sweep for records that the quick loop does not take: rules on tensors, with keywords, of several
    arguments at once, of lists of operands, and behind a selection.

    Attributes
    ----------
    tracked, cotangents
        Those of the sweep.
    owned : set of int
        The cotangents whose buffer the sweep made: only these are added to in place.
    masked : set of int
        The values of which a selection (where, maximum, a mask) may have dropped elements.
    on_tensors : bool
        Whether rules run on tensors.
    """

    __slots__ = ("cotangents", "masked", "on_tensors", "owned", "tracer", "tracked")

    def __init__(self, tracked: set[int], cotangents: dict[int, Any], on_tensors: bool, tracer: Tracer | None) -> None:
        self.tracked, self.cotangents = tracked, cotangents
        self.owned: set[int] = set()
        self.masked: set[int] = set()
        self.on_tensors = on_tensors
        self.tracer = tracer

    def step(
        self, fn: Any, args: Any, kwargs: Any, ids: Any, argnums: tuple[int, ...], ans: Any, output: Any, g: Any
    ) -> None:
        """Add to the cotangents of the operands of one record. ``g`` is that of its output."""
        cotangents, owned = self.cotangents, self.owned
        if self.on_tensors:
            args = [restored(value, identity) for value, identity in zip(args, ids, strict=True)]
            ans = restored(ans, output)
            if self.tracer is not None:
                self.tracer.see_step(output)
                kwargs = kwargs and self.tracer.keywords(kwargs)
        rules = RULES.get(fn)
        if rules is None or kwargs or argnums not in rules.complete:
            rules = rules_of(fn, argnums, kwargs or {})
        joint = rules.joint(argnums, g, ans, *args, **(kwargs or _NONE)) if rules.joint else None
        hidden = output in self.masked
        if hidden or (rules.selects is not None and rules.selects(args)) or (kwargs and "where" in kwargs):
            self.masked.update(_flat(ids))
        for k, argnum in enumerate(argnums):
            if joint is not None:
                c = joint[k]
            elif hidden and rules.elementwise:
                c = _of_masked(rules.vjps[argnum], g, ans, args, kwargs or {})  # type: ignore[arg-type]
            elif kwargs:
                c = rules.vjps[argnum](g, ans, *args, **kwargs)  # type: ignore[misc]
            else:
                c = rules.vjps[argnum](g, ans, *args)  # type: ignore[misc]
            operand = args[argnum] if args[argnum] is not None else g
            identity = ids[argnum]
            if identity.__class__ is tuple:
                self._list(identity, c, operand, g, fn, argnum)
                continue
            if c.__class__ is not _ndarray or c.shape != operand.shape or c.dtype is not operand.dtype:
                c = _fitted(c, operand, g, rules.elementwise, fn, argnum)
            if identity in cotangents:
                _accumulate(cotangents, owned, identity, c)
            else:
                cotangents[identity] = c

    def _list(self, ids: Any, parts: Any, operands: Any, g: Any, fn: Any, argnum: int) -> None:
        """Add to the cotangents of a list of operands."""
        for identity, c, operand in _pairs(ids, parts, operands):
            if identity in self.tracked:
                c = _fitted(c, operand, g, RULES[fn].elementwise, fn, argnum)
                _accumulate(self.cotangents, self.owned, identity, c)


def _followed(
    recorders: tuple[Recorder, ...], records: list[tuple[Any, ...]], cotangents: dict[int, Any]
) -> tuple[tuple[Recorder, ...], list[tuple[Any, ...]]] | None:
    """Return the recorders that do not follow sweeps, and the list of records of the innermost that does; None if none
    does. The computations of rules are hidden from a recorder that follows the sweep.
    """
    others, innermost = [], records
    for recorder in recorders:
        watched = recorder.follow(records, cotangents)
        if watched is records:
            others.append(recorder)
        else:
            innermost = watched
    if innermost is records:
        return None
    if not others and active_tracer() is None:
        cotangents.update((i, c._value) for i, c in list(cotangents.items()) if isinstance(c, Tensor))
    return tuple(others), innermost


def _of_masked(rule: Rule, g: Any, ans: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Run an elementwise rule where a selection dropped elements: their cotangent is 0, even where the derivative is
    infinite or NaN.
    """
    with errstate(all="ignore"):
        c = rule(g, ans, *args, **kwargs)
        if c is g or (c.__class__ is _ndarray and np.isfinite(np.sum(c))):
            return c
    return np.where(np.equal(g, 0) & ~np.isfinite(c), 0, c)


def _pairs(ids: Any, parts: Any, operands: Any) -> Iterator[tuple[int, Any, Any]]:
    """Yield identity, cotangent and operand of each item of a list of operands, to any depth."""
    for identity, part, operand in zip(ids, parts, operands, strict=True):
        if identity.__class__ is tuple:
            yield from _pairs(identity, part, operand)
        else:
            yield identity, part, operand


def _flat(ids: Any) -> Iterator[int]:
    for identity in ids:
        if identity.__class__ is tuple:
            yield from _flat(identity)
        elif identity:
            yield identity


def _accumulate(cotangents: dict[int, Any], owned: set[int], identity: int, c: Any) -> None:
    """Add to a cotangent: in place, if its buffer was made here."""
    total = cotangents.get(identity)
    if total is None:
        cotangents[identity] = c
        return
    if total.__class__ is Scattered:
        if c.__class__ is Scattered:
            total.join(c)
            return
        total = total.dense()
    if c.__class__ is Scattered:
        c = c.dense()
    if identity in owned and c.__class__ is _ndarray:
        np.add(total, c, out=total)
        return
    total = cotangents[identity] = total + c
    if total.__class__ is _ndarray:
        owned.add(identity)
    else:
        owned.discard(identity)


def _of_outputs(
    fn: Any, outputs: tuple[int, ...], specs: list[Any], cotangents: dict[int, Any], wanted: set[int], found: Any
) -> list[Any] | None:
    """Collect the cotangents of an operation with several outputs; zeros for those that nothing depends on."""
    gs = [cotangents.pop(identity, None) for identity in outputs]
    if all(g is None for g in gs):
        return None
    used = [used_by(g) for g in gs] if facts_of(fn).told_used else []
    gs = [g.dense() if g.__class__ is Scattered else g for g in gs]
    found.update((identity, g) for identity, g in zip(outputs, gs, strict=True) if g is not None and identity in wanted)
    return [np.zeros(spec.shape, spec.dtype) if g is None else g for g, spec in zip(gs, specs, strict=True)] + used


def restored(value: Any, identity: Any) -> Any:
    """Make the tensor again that a record knows by its value and its identity."""
    if identity.__class__ is tuple:
        return type(value)([restored(v, i) for v, i in zip(value, identity, strict=True)])
    return tensor_of(value, identity) if identity and value.__class__ is _ndarray else value


def _fitted(c: Any, operand: Any, g: Any, elementwise: bool, fn: Callable[..., Any], argnum: int) -> Any:
    """Make a cotangent fit its operand where the operation broadcast or promoted it, and refuse it if it does not.

    An elementwise operation broadcasts: its transpose sums. An operation on operands of several dtypes promotes: its
    transpose casts back, and takes the real part where a real operand became complex.
    """
    if elementwise and c.__class__ is _ndarray and c.dtype is operand.dtype:
        c = _unbroadcast(c, operand.shape)
        if c.shape == operand.shape:
            return c
    if not hasattr(c, "shape"):
        raise RuleError(
            f"the derivative rule of {name_of(fn)} for its argument {argnum} returned {c!r}. A rule returns an array: "
            f"the cotangent of its operand, here of shape {operand.shape} and dtype {operand.dtype}."
        )
    if elementwise and c.shape != operand.shape:
        c = _unbroadcast(c, operand.shape)
    if c.dtype != operand.dtype and np.result_type(*g if g.__class__ is list else (g,)) != operand.dtype:
        if c.dtype.kind == "c" and operand.dtype.kind != "c":
            c = np.real(c)
        c = c.astype(operand.dtype)
    if c.shape != operand.shape or c.dtype != operand.dtype:
        raise RuleError(
            f"the derivative rule of {name_of(fn)} for its argument {argnum} returned a cotangent of shape {c.shape} "
            f"and dtype {c.dtype}. The operand has shape {operand.shape} and dtype {operand.dtype}, and its cotangent "
            f"must have the same: mend the rule."
        )
    return c


def _unbroadcast(c: Any, shape: tuple[int, ...]) -> Any:
    """Sum a cotangent over the axes along which an operand of the given shape was broadcast."""
    extra = c.ndim - len(shape)
    if extra < 0:
        return c
    if c.shape[extra:] == shape:
        return np.add.reduce(c, axis=0 if extra == 1 else tuple(range(extra)))
    stretched = [i + extra for i, n in enumerate(shape) if n == 1 and c.shape[i + extra] != 1]
    return np.add.reduce(c, axis=(*range(extra), *stretched)).reshape(shape)
