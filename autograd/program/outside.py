"""What a function finds outside, compared with what it was: globals, what closures hold, attributes of objects, items
of lists and dicts.

A program holds what these were when it was traced. Where one of them is another object now, the trace does not hold, as
behind a guard."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd.program.finding import MISSING, NUMBERS, Finder, Found, Items, items_of, read_cell, read_item, type_of


class Outside:
    """What a function finds outside.

    Parameters
    ----------
    f : callable
    named : dict of str to Any
        What its parameters are given.
    before : Outside, optional
        What it found before it ran. What has changed since then, it changes itself: that is left out here.
    effects : sequence of callable
        Functions that a program calls at each run. What they find is left out too: they may change it.

    Attributes
    ----------
    changed_inside : list of str
        The names of what the function itself changes.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        named: dict[str, Any],
        before: Outside | None = None,
        effects: Sequence[Callable[..., Any]] = (),
    ) -> None:
        finder = Finder(f, named)
        self._found, self._items = finder.found, finder.items
        changed = dict(before._changes()) if before is not None else {}
        theirs: set[Any] = set()
        for effect in effects:
            other = Finder(effect, {})
            theirs.update(other.found, other.items)
        self.changed_inside = list(dict.fromkeys([name for key, name in changed.items() if key not in theirs]))
        for key in theirs.union(changed):
            self._found.pop(key, None)
            self._items.pop(key, None)
        self._prepare()

    def changed(self) -> str:
        """Return the name of something that is another object than it was, or an empty text."""
        return "" if self._is_as_it_was() else next((name for _, name in self._changes()), "")

    def _is_as_it_was(self) -> bool:
        """Whether everything is the very object that it was: quick, since that is asked at each call."""
        try:
            for read, holder, values in self._reads:
                if not all(map(operator.is_, read(holder), values)):
                    return False
            for read_each, holders, values in self._columns:
                if not all(map(operator.is_, map(read_each, holders), values)):
                    return False
        except (KeyError, ValueError, AttributeError):  # it is not there any more
            return False
        for holder, keys in self._absent:
            if not holder.keys().isdisjoint(keys):
                return False
        for each in self._others:
            if each.read(each.holder, each.key, MISSING) is not MISSING:
                return False
        for nest, before in self._lists:
            if len(nest) != len(before) or not all(map(operator.is_, nest, before)):
                return False
        return all(map(_is_as_before, self._nests))

    def _prepare(self) -> None:
        """Put together what is read at once: the items of a dict, and the same attribute of all that it is noted of."""
        self._others: list[Found] = []
        present: dict[int, list[Found]] = {}
        absent: dict[int, list[Found]] = {}
        columns: dict[Any, list[Found]] = {}
        for each in self._found.values():
            if each.read is read_item:
                (absent if each.value is MISSING else present).setdefault(id(each.holder), []).append(each)
            elif each.value is MISSING:
                self._others.append(each)
            else:
                columns.setdefault(each.key if each.read is getattr else each.read, []).append(each)
        self._absent = [(group[0].holder, [each.key for each in group]) for group in absent.values()]
        quick: dict[Any, Callable[[Any], Any]] = {read_cell: operator.attrgetter("cell_contents"), type_of: type}
        self._columns = [
            (
                quick.get(kind) or operator.attrgetter(kind),
                [each.holder for each in group],
                [each.value for each in group],
            )
            for kind, group in columns.items()
        ]
        # The items of a tuple stay. Those of a list and of a dict, whose views follow it, are compared as they stand.
        nests = [each for each in self._items.values() if each.holder.__class__ not in (tuple, frozenset)]
        dicts = [each for each in nests if each.holder.__class__ is dict]
        self._lists = [(each.holder, each.values) for each in nests if each.holder.__class__ is list]
        self._lists += [
            pair for each in dicts for pair in ((each.holder.keys(), each.keys), (each.holder.values(), each.values))
        ]
        self._nests = [each for each in nests if each.holder.__class__ not in (list, dict)]
        self._reads = []
        for group in present.values():
            group.append(group[0])  # of a single key, the value would come alone
            self._reads.append(
                (operator.itemgetter(*[each.key for each in group]), group[0].holder, [each.value for each in group])
            )

    def _changes(self) -> Iterator[tuple[Any, str]]:
        """Give what tells apart each that is another object than it was, and its name."""
        for key, each in self._found.items():
            if not _is_same(each.read(each.holder, each.key, MISSING), each.value):
                yield key, each.name
        for key, items in self._items.items():
            if not _is_as_before(items):
                yield key, items.name


def _is_same(now: Any, before: Any) -> bool:
    """Whether something is the object that it was, or an equal number or text."""
    return now is before or (
        now.__class__ is before.__class__ and isinstance(now, NUMBERS) and repr(now) == repr(before)
    )


def _is_as_before(items: Items) -> bool:
    keys, values = items_of(items.holder)
    if list(map(id, values)) != items.ids and not (
        len(values) == len(items.ids) and all(map(_is_same, values, items.values))
    ):
        return False
    return keys == items.keys
