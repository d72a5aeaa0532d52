"""Sinks elementwise calls into the fused groups that use their results, so that intermediates never reach memory."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from autograd.program.ir import Call, Var
from autograd.registry.entries import facts_of

# The most calls that move together; the cost of repeating a call, as a share of writing its result.
_MOST_MOVED = 16
_REPEATING = 0.25


class FusedGroup:
    """Elementwise calls of one shape, in order, computed in one loop over the elements.

    Attributes
    ----------
    body : list of Call
    kind : str
        As of a call; no call is gathered over a group.
    """

    __slots__ = ("body",)
    kind = "group"

    def __init__(self, body: list[Call]) -> None:
        self.body = body

    def operands(self) -> list[Var]:
        """Return the arrays that it reads from outside, in order."""
        made = {value for call in self.body for value in call.outs}
        return list(dict.fromkeys(value for call in self.body for value in arrays_of(call) if value not in made))


Step = Call | FusedGroup


def arrays_of(call: Call) -> list[Var]:
    """Return the operands of a call that are not constant scalars."""
    return [value for value in call.operands() if value.constant is None or value.ndim]


class Schedule:
    """A straight list of calls and fused groups.

    Parameters
    ----------
    steps : list of Call and FusedGroup
    wanted : set of Var
        The values that are read at the end.
    """

    def __init__(self, steps: list[Step], wanted: set[Var]) -> None:
        self.steps = steps
        self._groups = {i: step for i, step in enumerate(steps) if isinstance(step, FusedGroup)}
        self._wanted = wanted
        self._readers: dict[Var, set[int]] = {}
        self._lasting: dict[Var, int] = {}  # which step makes a wanted value
        for i, step in enumerate(steps):
            self._note(i, True)
            self._lasting.update((value, i) for value in _made(step) if value in wanted)

    def written(self, group: FusedGroup) -> tuple[Var, ...]:
        """Return the outputs of a group that are read outside it."""
        return tuple(
            [value for call in group.body for value in call.outs if value in self._wanted or self._readers.get(value)]
        )

    def sink(self) -> None:
        """Move calls whose results only later groups read into these, where less is then written and read. A cheap call
        may be repeated in several of them.
        """
        for i in sorted(self._groups, reverse=True):
            inside = _Inside(self._groups[i])
            for values in self._candidates(i):
                if self._move(i, inside, values):
                    inside = _Inside(self._groups[i])
        self.steps = [step for step in self.steps if not isinstance(step, FusedGroup) or step.body]

    def _note(self, i: int, reads: bool) -> None:
        """Add a step to the readers of its operands, or remove it."""
        for value in self.steps[i].operands():
            readers = self._readers.setdefault(value, set())
            (readers.add if reads else readers.discard)(i)

    def _candidates(self, i: int) -> Iterator[list[Var]]:
        """Yield outputs that may move: those with the same readers together, then one by one, the last first."""
        together: dict[tuple[int, ...], list[Var]] = {}
        for value in reversed(self.written(self._groups[i])):
            together.setdefault(self._targets(i, value), []).append(value)
        for values in together.values():
            yield values
            if len(values) > 1:
                yield from ([value] for value in values)

    def _targets(self, i: int, value: Var) -> tuple[int, ...]:
        """Return the later groups if only they read a value; the last one if it is read at the end alone."""
        readers = sorted(self._readers.get(value, ()))
        if value in self._wanted:
            return () if readers else tuple([j for j in self._groups if j > i and self._is_alike(j, value)][-1:])
        return tuple(readers) if all(self._is_alike(j, value) for j in readers) else ()

    def _is_alike(self, j: int, value: Var) -> bool:
        """Whether a step is a group whose elements have the shape of a value."""
        group = self._groups.get(j)
        return group is not None and bool(group.body) and group.body[0].outs[0].shape == value.shape

    # ------------------------------------------------------------------------------------------- one move
    def _move(self, i: int, inside: _Inside, values: Sequence[Var]) -> bool:
        """Compute values of a group in other groups, if that is cheaper."""
        targets = self._targets(i, values[0])  # as it is now: others that moved may have changed it
        if not targets or not all(value in inside.maker and self._targets(i, value) == targets for value in values):
            return False
        moved = self._needed(inside, values, targets)
        gone = inside.not_needed_without(moved)
        if len(moved) > _MOST_MOVED or not all(
            value not in self._wanted or inside.maker[value] in gone for value in values
        ):
            return False
        leaves = list(
            dict.fromkeys(leaf for call in moved for leaf in arrays_of(call) if inside.maker.get(leaf) not in moved)
        )
        if any(self._is_overwritten(leaf, targets[-1], values) for leaf in leaves):
            return False
        if self._saved_by_calls(moved, gone, targets) + self._saved_by_leaves(i, inside, leaves, gone, targets) <= 0:
            return False
        self._do(i, moved, gone, targets)
        return True

    def _needed(self, inside: _Inside, values: Sequence[Var], targets: tuple[int, ...]) -> list[Call]:
        """Return the calls that values depend on, in order. Values that the group writes anyway are read instead."""
        needed: set[Call] = set()
        todo = [inside.maker[value] for value in values]
        while todo and len(needed) <= _MOST_MOVED:
            call = todo.pop()
            if call in needed:
                continue
            needed.add(call)
            for value in call.operands():
                if (
                    value in inside.maker
                    and value not in self._wanted
                    and self._readers.get(value, set()).issubset(targets)
                ):
                    todo.append(inside.maker[value])
        return sorted(needed, key=inside.position.__getitem__)

    def _is_overwritten(self, leaf: Var, target: int, moved: Sequence[Var]) -> bool:
        """Whether a result may be written over an array (that of a variable, say) before a group would read it that is
        to read it later than now.
        """
        last = max(self._readers.get(leaf) or (target,))  # an output of this group that nobody reads yet stays
        lasting = [value for value, i in self._lasting.items() if last <= i < target and value not in moved]
        return any(value.size == leaf.size and value.dtype == leaf.dtype for value in lasting if value is not leaf)

    def _saved_by_calls(self, moved: list[Call], gone: set[Call], targets: tuple[int, ...]) -> float:
        """Return how many bytes less are written and read of the moved results, less the cost of repeated calls in
        bytes.
        """
        saved = 0.0
        for call in moved:
            value = call.outs[0]
            readers = self._readers.get(value)
            saved += value.nbytes * (1 + len(readers)) if readers else 0
            repeated = sum(call not in self._groups[j].body for j in targets) - (call in gone)
            if repeated > 0 and facts_of(call.fn).costly:
                return -math.inf
            saved -= value.nbytes * repeated * _REPEATING
        return saved

    def _saved_by_leaves(
        self, i: int, inside: _Inside, leaves: list[Var], gone: set[Call], targets: tuple[int, ...]
    ) -> int:
        """Return how many bytes less are read of the operands of moved calls.

        Less, where the group no longer reads them; more, where others begin to."""
        saved = 0
        for leaf in leaves:
            readers = self._readers.get(leaf, set())
            no_longer = i in readers and all(call in gone for call in inside.readers[leaf])
            saved += leaf.nbytes * (no_longer - sum(j not in readers for j in targets))
        return saved

    def _do(self, i: int, moved: list[Call], gone: set[Call], targets: tuple[int, ...]) -> None:
        for j in (i, *targets):
            self._note(j, False)
        self._groups[i].body = [call for call in self._groups[i].body if call not in gone]
        for j in targets:
            self._groups[j].body = moved + [call for call in self._groups[j].body if call not in moved]
        for j in (i, *targets):
            self._note(j, True)
        self._lasting.update((call.outs[0], targets[-1]) for call in moved if call.outs[0] in self._lasting)


class _Inside:
    """The dependencies among the calls of a group.

    Attributes
    ----------
    maker : dict of Var to Call
    readers : dict of Var to list of Call
    position : dict of Call to int
    """

    def __init__(self, group: FusedGroup) -> None:
        self.maker = {value: call for call in group.body for value in call.outs}
        self.position = {call: i for i, call in enumerate(group.body)}
        self.readers: dict[Var, list[Call]] = {}
        for call in group.body:
            for value in call.operands():
                self.readers.setdefault(value, []).append(call)

    def not_needed_without(self, moved: list[Call]) -> set[Call]:
        """Return those of the moved calls whose results no other call of the group reads."""
        gone: set[Call] = set()
        for call in reversed(moved):
            if all(reader in gone for reader in self.readers.get(call.outs[0], ())):
                gone.add(call)
        return gone


def _made(step: Step) -> list[Var]:
    return [value for call in step.body for value in call.outs] if isinstance(step, FusedGroup) else list(step.outs)
