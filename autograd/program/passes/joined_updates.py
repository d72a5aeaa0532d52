"""Updates variables that share one formula together, as one long array."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.program.ir import Call, Program, Var, made_by, readers
from autograd.program.passes.lower import is_elementwise
from autograd.registry.operations import getitem


class _Formula:
    """The elementwise update of a variable, from arrays of its shape and numbers.

    Attributes
    ----------
    calls : list of Call
        In order; nobody else reads their outputs.
    leaves : list of Var
        The arrays of the shape of the variable that they read, in the order in which they read them.
    key : tuple
        Equal for formulas that compute the same of their leaves.
    """

    def __init__(
        self, value: Var, makers: dict[Var, Call], counts: dict[Var, int], order: dict[Var, int], before: Var
    ) -> None:
        self.calls: list[Call] = []
        self.leaves: list[Var] = []
        self._makers, self._counts, self._shape = makers, counts, value.shape
        self._seen: dict[Var, int] = {}
        self.key = (value.dtype, self._follow(value, 1), self._place(before))
        self.calls.sort(key=lambda call: order[call.outs[0]])

    def _follow(self, value: Any, uses: int) -> Any:
        if value.__class__ is not Var or (value.size == 1 and value.shape != self._shape) or value.ndim == 0:
            return value if value.__class__ is Var else repr(value)
        maker = self._makers.get(value)
        if (
            maker is None
            or value.shape != self._shape
            or not is_elementwise(maker)
            or self._counts.get(value) != uses
            or maker.fn is np.astype
        ):
            return self._place(value) if value.shape == self._shape else ("whole", value)
        self.calls.append(maker)
        repeated = {arg: maker.args.count(arg) for arg in maker.args if arg.__class__ is Var}
        return (
            maker.fn,
            repr(maker.kwargs),
            value.dtype,
            *[self._follow(arg, repeated.get(arg, 1)) for arg in maker.args],
        )

    def _place(self, value: Var) -> Any:
        if value not in self._seen:
            self._seen[value] = len(self.leaves)
            self.leaves.append(value)
        return ("leaf", self._seen[value], value.dtype)


def joined(program: Program) -> Program:
    """Update variables of one dtype and one formula together. They share one array, and so do their gradients."""
    if len(program.assigned) < 2:
        return program
    makers, counts = made_by(program), readers(program)
    order = {value: i for i, call in enumerate(program.calls) for value in call.outs}
    initial = {id(variable): value for variable, value in program.variables}
    groups: dict[Any, list[tuple[Any, Var, _Formula]]] = {}
    for variable, value in program.assigned:
        if value in makers and value.size:
            formula = _Formula(value, makers, counts, order, initial[id(variable)])
            if formula.calls and all(leaf.dtype == value.dtype for leaf in formula.leaves):
                groups.setdefault(formula.key, []).append((variable, value, formula))
    calls, assigned = list(program.calls), {id(variable): (variable, value) for variable, value in program.assigned}
    for group in groups.values():
        if len(group) > 1 and _is_last(program, group, order):
            gone = {id(call) for _, _, formula in group for call in formula.calls}
            calls = [call for call in calls if id(call) not in gone]
            added, values = _together(group)
            calls.extend(added)
            assigned.update(
                (id(variable), (variable, value)) for (variable, _, _), value in zip(group, values, strict=True)
            )
    return Program(calls, program.inputs, program.variables, list(assigned.values()), program.outputs, program.after)


def _is_last(program: Program, group: list[tuple[Any, Var, _Formula]], order: dict[Var, int]) -> bool:
    """Whether the updates can be made at the end of the program: only the variables take their results."""
    made = {value for _, _, formula in group for call in formula.calls for value in call.outs}
    ours = {id(call) for _, _, formula in group for call in formula.calls}
    if any(value in made for call in program.calls if id(call) not in ours for value in call.operands()):
        return False
    results = program.results()
    return all(results.count(value) == (1 if any(value is new for _, new, _ in group) else 0) for value in made)


def _together(group: list[tuple[Any, Var, _Formula]]) -> tuple[list[Call], list[Var]]:
    """Return the calls that update variables together, and the new value of each."""
    first = group[0][2]
    model = first.calls[-1]
    total = sum(value.size for _, value, _ in group)
    calls: list[Call] = []
    long: dict[Var, Var] = {}
    for position, leaf in enumerate(first.leaves):
        parts = []
        for _, _, formula in group:
            each = formula.leaves[position]
            flat = Var((each.size,), each.dtype)
            calls.append(model.like(np.reshape, (each, (each.size,)), {}, (flat,)))
            parts.append(flat)
        long[leaf] = Var((total,), leaf.dtype)
        calls.append(model.like(np.concatenate, (tuple(parts),), {"axis": 0}, (long[leaf],)))
    for call in first.calls:
        out = long[call.outs[0]] = Var((total,), call.outs[0].dtype)
        calls.append(
            call.like(
                args=tuple([long.get(arg, arg) if arg.__class__ is Var else arg for arg in call.args]), outs=(out,)
            )
        )
    result, values, at = long[first.calls[-1].outs[0]], [], 0
    for _, value, _ in group:
        part, shaped = Var((value.size,), value.dtype), Var(value.shape, value.dtype)
        calls.append(model.like(getitem, (result, slice(at, at + value.size)), {}, (part,)))
        calls.append(model.like(np.reshape, (part, value.shape), {}, (shaped,)))
        values.append(shaped)
        at += value.size
    return calls, values
