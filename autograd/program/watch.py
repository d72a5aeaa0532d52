"""Compare the values that a function captures with those that it captured when it was traced.

Where one is another object or number now, the trace does not hold, as behind a guard."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from autograd.program.dependencies import Walker
from autograd.program.entries import Attribute, Container
from autograd.program.places import MISSING, NUMBERS, items_of, read_cell, read_class, read_item, type_of

_trainable = operator.attrgetter("trainable")


class Dependencies:
    """The captured values of a function: all that it depends on besides its arguments and the values of variables.

    Two are equal where their numbers and texts are, and all else is the same objects: also where a list or a dict was
    made anew.

    Parameters
    ----------
    f : callable
    given : dict of str to Any, optional
        The arguments by the names of the parameters: the objects among them are looked at.

    Attributes
    ----------
    refused : str
        Something that cannot be watched, or an empty text.
    arrays : dict of int to (array, str)
        Arrays of numbers, and their names.
    places : dict of int to list
        Where arrays and tuples were found.
    generators : list
        Generators of random numbers.
    operations : list
        Operations, which a program calls as they are.
    iterators : dict of int to str
        Iterators, which go on as they are used, and their names.
    internal : set
        The keys of what objects of libraries keep for themselves.
    asks_for_types : bool
        Whether code asks what kind of array something is.

    Examples
    --------
    >>> settings = {"rate": 1.0}
    >>> def scaled(x):
    ...     return x * settings["rate"]
    >>> before = Dependencies(scaled)
    >>> settings["rate"] = 2.0
    >>> before == Dependencies(scaled)
    False
    """

    def __init__(self, f: Callable[..., Any], given: dict[str, Any] | None = None) -> None:
        walker = Walker(f, given or {})
        self._attributes, self._containers = walker.attributes, walker.containers
        self._alive = walker.seen
        self._log = walker.log
        self._left_out: set[Any] = set()
        self._contents: list[tuple[Any, bytes]] = []
        self.variables = walker.variables
        self.refused = walker.refused
        self.arrays = walker.arrays
        self.places = walker.places
        self.generators = list(walker.generators.values())
        self.iterators = walker.iterators
        self.internal = walker.internal
        self.asks_for_types = walker.asks_for_types
        self.operations = list(walker.operations.values())
        self._trainable = [each.trainable for each in self.variables.values()]
        self._hash: int | None = None
        self._prepared = False

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Dependencies):
            return NotImplemented
        left_out = self._left_out | other._left_out
        return self._told(left_out) == other._told(left_out)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(self._told(set()))
        return self._hash

    def _told(self, left_out: set[Any]) -> tuple[Any, ...]:
        return (self.refused, *self._trainable, *[value for key, value in self._log if key not in left_out])

    # ------------------------------------------------------------------------------------------- what is left out
    def leave_out(self, keys: Iterable[Any]) -> None:
        """Compare some places no more: the function changes them itself, or an effect of its program may."""
        for key in keys:
            self._left_out.add(key)
            self._attributes.pop(key, None)
            self._containers.pop(key, None)
        self._prepared = False

    def keys(self) -> set[Any]:
        """Return what tells the places apart."""
        return {*self._attributes, *self._containers}

    def see(self, variables: Iterable[Any]) -> None:
        """Compare from now on whether these variables are trainable."""
        self.variables.update({id(each): each for each in variables})
        self._trainable = [each.trainable for each in self.variables.values()]
        self._hash, self._prepared = None, False

    def compare_contents(self, contents: list[tuple[Any, bytes]]) -> None:
        """Compare from now on the numbers in arrays, of which Python or plain NumPy may have read some."""
        self._contents = contents

    def take_over(self, before: Dependencies) -> None:
        """Go on for dependencies that are equal to these, but for what was made anew."""
        self.leave_out(before._left_out)
        self.see(before.variables.values())
        self._contents = before._contents

    # ------------------------------------------------------------------------------------------- comparing
    def hold(self) -> bool:
        """Whether everything is the very object that it was: quick, since that is asked at each call."""
        if not self._prepared:
            self._prepare()
        try:
            for read, holder, values in self._reads:
                if not all(map(operator.is_, read(holder), values)):
                    return False
            for read_each, holders, values in self._columns:
                if not all(map(operator.is_, map(read_each, holders), values)):
                    return False
            for nest, items, count in self._lists:
                if len(nest) != count or not all(map(operator.is_, nest, items)):
                    return False
        except (KeyError, ValueError, AttributeError, RuntimeError):  # it is not there any more
            return False
        for holder, keys in self._absent:
            if not holder.keys().isdisjoint(keys):
                return False
        for each in self._others:
            if not _is_same(each.read(each.holder, each.key, MISSING), each.value):
                return False
        for array, before in self._contents:
            if array.tobytes() != before:
                return False
        return all(map(_is_as_before, self._nests)) if self._nests else True

    def contents_changed(self) -> bool:
        """Whether the numbers in an array that is compared are others now."""
        return any(array.tobytes() != before for array, before in self._contents)

    def changes(self) -> Iterator[tuple[Any, str]]:
        """Give what tells apart each place that holds another object than it did, and its name."""
        for key, each in self._attributes.items():
            if not _is_same(each.read(each.holder, each.key, MISSING), each.value):
                yield key, each.name or each.key
        for key, nest in self._containers.items():
            if not _is_as_before(nest):
                yield key, nest.name or type(nest.holder).__name__
        for array, before in self._contents:
            if array.tobytes() != before:
                yield id(array), self.arrays[id(array)][1] if id(array) in self.arrays else "an array"

    def _prepare(self) -> None:
        """Put together what is read at once: the items of a dict, and the same attribute of all that it is noted of."""
        self._prepared = True
        self._others: list[Attribute] = []
        present: dict[int, list[Attribute]] = {}
        absent: dict[int, list[Attribute]] = {}
        columns: dict[Any, list[Attribute]] = {}
        for each in self._attributes.values():
            if each.read is read_item or each.read is read_class:
                (absent if each.value is MISSING else present).setdefault(id(each.holder), []).append(each)
            elif each.value is MISSING or each.read not in (getattr, read_cell, type_of):
                self._others.append(each)
            else:
                columns.setdefault(each.key if each.read is getattr else each.read, []).append(each)
        self._absent = [(_space(group[0]), frozenset([each.key for each in group])) for group in absent.values()]
        quick: dict[Any, Callable[[Any], Any]] = {read_cell: operator.attrgetter("cell_contents"), type_of: type}
        self._columns: list[Any] = [
            (
                quick.get(kind) or operator.attrgetter(kind),
                [each.holder for each in group],
                [each.value for each in group],
            )
            for kind, group in columns.items()
        ]
        if self.variables:
            self._columns.append((_trainable, list(self.variables.values()), self._trainable))
        self._reads = []
        for group in present.values():
            group.append(group[0])  # of a single key, the value would come alone
            read = operator.itemgetter(*[each.key for each in group])
            self._reads.append((read, _space(group[0]), [each.value for each in group]))
        self._prepare_nests([each for each in self._containers.values() if each.holder.__class__ not in _FIXED])

    def _prepare_nests(self, nests: list[Container]) -> None:
        """Take lists and dicts, whose views follow them, as they stand; of others make lists each time."""
        self._lists: list[tuple[Any, list[Any], int]] = []
        self._nests = []
        for each in nests:
            kind = each.holder.__class__
            if kind is dict:
                self._lists.append((each.holder.keys(), each.keys, len(each.keys)))
                if each.values is not None:
                    self._lists.append((each.holder.values(), each.values, len(each.keys)))
            elif kind is list:
                self._lists.append((each.holder, each.values, len(each.values)))
            else:
                self._nests.append(each)


# The items of these stay.
_FIXED = (tuple, frozenset)


def _space(each: Attribute) -> Any:
    return vars(each.holder) if each.read is read_class else each.holder


def _is_same(now: Any, before: Any) -> bool:
    """Whether something is the object that it was, or an equal number or text."""
    return now is before or (
        now.__class__ is before.__class__ and isinstance(now, NUMBERS) and repr(now) == repr(before)
    )


def _is_as_before(nest: Container) -> bool:
    keys, values = items_of(nest.holder)
    if len(keys) != len(nest.keys) or not all(map(_is_same, keys, nest.keys)):
        return False
    return nest.values is None or (len(values) == len(nest.values) and all(map(_is_same, values, nest.values)))


def why_so_many(first: Dependencies, count: int) -> str:
    """Say why there are so many programs of a function that no more are made."""
    changed = next((name for _, name in first.changes()), None)
    if changed is not None:
        return (
            f"{changed!r}, which it finds outside, keeps changing: {count} programs were made. Give it as an argument"
        )
    return (
        f"its way depends on values: {count} ways were traced, and the values that Python reads keep changing. "
        f"Compute with arrays there, or leave the reading outside"
    )
