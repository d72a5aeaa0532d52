"""Gathering calls into a group that is done at once, with the calls around it in another order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from autograd.program.ir import Call, Var

# The most calls that may wait behind a group that is being gathered.
_MOST_WAITING = 256
# No call moves over these: those behind a guard may be meant for other values, and may warn or fail.
_BARRIERS = frozenset({"guard", "group"})


class Gathered(NamedTuple):
    """A group of calls, and the other calls that were looked at.

    Attributes
    ----------
    taken : list of Call
        All calls behind the first one, as they stood.
    before, body, after : list of Call
        The calls that are done before the group, in it (the first one included), and after it.
    """

    taken: list[Any]
    before: list[Call]
    body: list[Call]
    after: list[Call]


def gathered(
    first: Call,
    todo: list[Any],
    takes: Callable[[Call, set[Var]], bool],
    ends: Callable[[Call], bool] = lambda call: False,
    most: float = float("inf"),
) -> Gathered:
    """Take calls from the end of a list, and put those that fit into one group.

    Parameters
    ----------
    first : Call
        The first of the group.
    todo : list of Call and FusedGroup
        The calls behind it, the next one last.
    takes : callable
        ``takes(call, inside)`` says whether a call fits, where ``inside`` are the values that the group has made so
        far.
    ends : callable
        Whether the output of a call of the group is there only when all of the group is done.
    most : int
        The most calls of a group.
    """
    found = Gathered([], [], [first], [])
    inside = set(first.outs)
    pending: set[Var] = set()  # made when all of the group is done, or later
    while todo and len(found.after) < _MOST_WAITING and len(found.body) < most:
        if todo[-1].kind in _BARRIERS:
            break
        call = todo.pop()
        found.taken.append(call)
        operands = call.operands()
        waits = any(value in pending for value in operands)
        if not waits and takes(call, inside):
            found.body.append(call)
            (pending if ends(call) else inside).update(call.outs)
        elif waits or call.kind != "plain" or any(value in inside for value in operands):
            found.after.append(call)
            pending.update(call.outs)
        else:
            found.before.append(call)
    return found
