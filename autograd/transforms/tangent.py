"""Compute the tangent of one operation from the rule for its cotangents: the chain rule in forward mode.

There is no second table. The rule of an elementwise function, ``g * f'(x)``, serves a tangent as it serves a cotangent.
A linear function is its own tangent. Every other rule is transposed on the spot: the cotangents of the operands are
linear in the cotangent of the output, and the transpose of that map takes tangents of the operands to the tangent of
the output. A function may declare a tangent rule where that costs less.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from autograd.arrays.scopes import errstate
from autograd.core.backward import restored, sweep
from autograd.core.recorder import Recorder, recording_on
from autograd.core.tensor import Tensor, apply, new_tensor
from autograd.core.tracing import active_tracer
from autograd.errors import RuleError
from autograd.registry.entries import RULES, Entry, Rule, name_of, rules_of
from autograd.registry.operations import astype, spread
from autograd.transforms.batched import Batched, raw_of

_ndarray = np.ndarray
_AS_IT_IS = nullcontext()


def tangents_of(
    fn: Callable[..., Any],
    values: Sequence[Any],
    kwargs: dict[str, Any],
    ids: Sequence[Any],
    tangents: dict[int, Any],
    ans: Any,
    output: Any,
    recorders: tuple[Recorder, ...],
) -> Any:
    """Return the tangent of the output of an operation, or a list of those of its outputs.

    Parameters
    ----------
    fn, values, kwargs, ids, ans, output
        As in `Recorder.note`.
    tangents : dict of int to array, Tensor or list
        The tangents of the arguments that have one, by position. For a list of operands a list, with None for items
        without one.
    recorders : tuple of Recorder
        Those that follow the tangents. Rules run on tensors for them and for a tracer, and on arrays if there is
        neither.

    Raises
    ------
    NoDerivativeError
        As in `registry.rules_of`.
    RuleError
        If a rule returns a tangent of another shape or dtype than the output.
    """
    argnums = tuple(tangents)
    rules = RULES.get(fn)
    declared = rules is not None and rules.jvps and rules.has_jvps(argnums, kwargs)
    if rules is None or (not declared and (kwargs or argnums not in rules.complete)):
        rules = rules_of(fn, argnums, kwargs)
    single = output.__class__ is not tuple
    linear = "" if declared else rules.linear
    if linear == "jointly" and rules.joint is not None and len(argnums) < len(values):
        linear = ""  # a joint rule does not tell which of the other arguments are operands
    if declared or linear or (rules.elementwise and single):
        tracer = active_tracer()
        on_tensors = bool(recorders) or tracer is not None
        with recording_on(recorders) if on_tensors else _AS_IT_IS:
            if on_tensors:
                values = [restored(value, identity) for value, identity in zip(values, ids, strict=True)]
            if kwargs and tracer is not None:
                kwargs = tracer.keywords(kwargs)
            result = restored(ans, output) if on_tensors else ans
            if linear:
                found = _linear(fn, rules, linear, values, kwargs, tangents, result)
            else:
                found = (_declared if declared else _elementwise)(rules, values, kwargs, tangents, result)
    else:
        found = _transposed(fn, values, kwargs, ids, tangents, ans, output, recorders)
    if single:
        return _fitted(found, ans, rules.elementwise, fn, recorders)
    return [_fitted(t, each, rules.elementwise, fn, recorders) for t, each in zip(found, ans, strict=True)]


def _linear(
    fn: Callable[..., Any],
    rules: Entry,
    linear: str,
    values: Sequence[Any],
    kwargs: dict[str, Any],
    tangents: dict[int, Any],
    ans: Any,
) -> Any:
    """Apply a linear function to the tangents: to each by itself, or to all together where it is linear jointly."""
    on_arrays = ans.__class__ is _ndarray or (ans.__class__ is list and ans[0].__class__ is _ndarray)
    run = fn if on_arrays else _applied(fn)
    if linear == "jointly":
        operands = tangents.keys() | {i for i, rule in enumerate(rules.vjps) if rule is not None}
        args = [_completed(tangents.get(i), v) if i in operands else v for i, v in enumerate(values)]
        return run(*args, **kwargs)
    total: Any = None
    for argnum, t in tangents.items():
        part = run(*[_completed(t, v) if i == argnum else v for i, v in enumerate(values)], **kwargs)
        if total.__class__ is _ndarray and part.__class__ is _ndarray and part.base is None:
            total = np.add(total, part, out=part)  # a product that was allocated here
        else:
            total = part if total is None else total + part
    return total


def _declared(rules: Entry, values: Sequence[Any], kwargs: dict[str, Any], tangents: dict[int, Any], ans: Any) -> Any:
    """Add up the tangents that the declared rule of each argument gives."""
    return _sum([rules.jvps[i](t, ans, *values, **kwargs) for i, t in tangents.items()])  # type: ignore[misc]


def _elementwise(
    rules: Entry, values: Sequence[Any], kwargs: dict[str, Any], tangents: dict[int, Any], ans: Any
) -> Any:
    """Add up the tangents that the cotangent rule of each argument gives: an elementwise rule is its own transpose."""
    parts = []
    for argnum, t in tangents.items():
        rule: Any = rules.vjps[argnum] if rules.joint is None else _of_joint(rules.joint, argnum)
        if (
            t.dtype is not ans.dtype
            and t.dtype != ans.dtype
            and ans.dtype.kind in "fc"
            and np.result_type(t.dtype, ans.dtype) == ans.dtype
        ):
            t = astype(t, dtype=ans.dtype)
        c = rule(t, ans, *values, **kwargs)
        if (rules.selects is not None and rules.selects(values)) or "where" in kwargs:
            c = _of_selected(rule, c, t, ans, values, kwargs)
        parts.append(c)
    return _sum(parts)


def _applied(fn: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **kwargs: apply(fn, *args, **kwargs)


def _of_joint(joint: Rule, argnum: int) -> Rule:
    return lambda g, ans, *args, **kwargs: joint((argnum,), g, ans, *args, **kwargs)[0]


def _completed(t: Any, value: Any) -> Any:
    """Return a tangent with zeros for the operands that have none."""
    if t is None and not isinstance(value, (list, tuple)):
        return 0.0 if isinstance(value, (int, float, complex)) else np.zeros(value.shape, value.dtype)
    if isinstance(value, (list, tuple)):
        return type(value)([_completed(each, v) for each, v in zip(t or [None] * len(value), value, strict=True)])
    return t


def _sum(parts: list[Any]) -> Any:
    total = parts[0]
    for part in parts[1:]:
        total = [a + b for a, b in zip(total, part, strict=True)] if isinstance(total, (list, tuple)) else total + part
    return total


def _of_selected(rule: Rule, c: Any, t: Any, ans: Any, values: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Set the tangent to 0 where a selection drops an element, even if the element's tangent is infinite or NaN."""
    if active_tracer() is None and np.isfinite(raw_of(t)).all():
        return c
    with errstate(all="ignore"):
        dropped = np.equal(rule(np.ones_like(t), ans, *values, **kwargs), 0)
    return np.where(dropped, 0, c)


def _fitted(t: Any, ans: Any, elementwise: bool, fn: Callable[..., Any], recorders: tuple[Recorder, ...]) -> Any:
    """Broadcast and cast a tangent to its output where the operation did so. Refuse any other shape or dtype."""
    if t is None or (t.__class__ is _ndarray and t.shape == ans.shape and t.dtype is ans.dtype):
        return t
    if not isinstance(t, (_ndarray, Tensor, Batched)):
        t = np.asarray(t)
    if t.shape == ans.shape and t.dtype == ans.dtype:
        return t
    with recording_on(recorders):
        if t.shape != ans.shape and elementwise:
            t = spread(t, shape=ans.shape)
        if t.dtype != ans.dtype:
            if t.dtype.kind == "c" and ans.dtype.kind == "f":
                t = np.real(t)  # for a real output the tangent is the real part of the holomorphic formula
            if np.result_type(t.dtype, ans.dtype) == ans.dtype:
                t = astype(t, dtype=ans.dtype)
    if t.shape != ans.shape or t.dtype != ans.dtype:
        raise RuleError(
            f"the tangent of {name_of(fn)} has shape {t.shape} and dtype {t.dtype}. The output has shape {ans.shape} "
            f"and dtype {ans.dtype}, and its tangent must have the same: mend the rule."
        )
    return t


def _transposed(
    fn: Callable[..., Any],
    values: Sequence[Any],
    kwargs: dict[str, Any],
    ids: Sequence[Any],
    tangents: dict[int, Any],
    ans: Any,
    output: Any,
    recorders: tuple[Recorder, ...],
) -> Any:
    """Transpose the map from cotangents of the outputs to cotangents of the operands, and apply it to the tangents.

    The map is linear, so it can be recorded at any cotangents: zeros will do.
    """
    outputs, answers = ((output,), [ans]) if output.__class__ is not tuple else (output, ans)
    us = [new_tensor(np.zeros(a.shape, a.dtype)) if a.dtype.kind in "fc" else None for a in answers]
    pulling = Recorder()
    pulling.tracked.update(u._id for u in us if u is not None)
    known: dict[int, Any] = {}
    for argnum, t in tangents.items():
        known.update(_by_identity(ids[argnum], t))
    record = (fn, values, kwargs, ids, tuple(tangents), ans, output, None)
    starts = {identity: u for identity, u in zip(outputs, us, strict=True) if u is not None}
    with recording_on((*recorders, pulling)), errstate(all="ignore"):
        found = sweep([record], set(known), starts, known, consume=True)
    seeds: dict[int, Any] = {}
    for identity, c in found.items():
        if isinstance(c, Tensor) and c._id in pulling.tracked:
            seeds[c._id] = seeds[c._id] + known[identity] if c._id in seeds else known[identity]
    with recording_on(recorders):
        pushed = sweep(pulling.records, pulling.tracked, seeds, [u._id for u in us if u is not None], consume=True)
    result = [None if u is None else pushed.get(u._id, np.zeros(u.shape, u.dtype)) for u in us]
    return result[0] if output.__class__ is not tuple else result


def _by_identity(identity: Any, t: Any) -> dict[int, Any]:
    """Return the tangents of an operand, or of each item of a list of operands, by their identity."""
    if identity.__class__ is not tuple:
        return {identity: t}
    found: dict[int, Any] = {}
    for each, part in zip(identity, t, strict=True):
        if part is not None:
            found.update(_by_identity(each, part))
    return found
