"""Nests of lists, tuples and dicts: flattened, mapped and packed again. The leaves of a dict come in the order of its
sorted keys, as in `keras.tree`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd.errors import ShapeError

__all__ = ["assert_same_structure", "flatten", "is_nested", "map_structure", "pack_sequence_as"]


def is_nested(structure: Any) -> bool:
    """Return whether a value is a list, tuple or dict.

    Parameters
    ----------
    structure : Any

    Returns
    -------
    bool

    Examples
    --------
    >>> is_nested([1]), is_nested(np.ones(2))
    (True, False)
    """
    return isinstance(structure, (list, tuple, dict))


def flatten(structure: Any) -> list[Any]:
    """Return the leaves of a nest.

    Parameters
    ----------
    structure : nest

    Returns
    -------
    list

    Examples
    --------
    >>> flatten({"b": 3, "a": [1, (2,)]})
    [1, 2, 3]
    """
    if not isinstance(structure, (list, tuple, dict)):
        return [structure]
    found: list[Any] = []
    _gather(structure, found)
    return found


def keys_of(structure: dict[Any, Any]) -> list[Any]:
    """Return the keys of a dict in the order of its leaves."""
    return list(structure) if isinstance(structure, OrderedDict) else sorted(structure)


def _gather(structure: Any, found: list[Any]) -> None:
    items = [structure[key] for key in keys_of(structure)] if isinstance(structure, dict) else structure
    for each in items:
        if isinstance(each, (list, tuple, dict)):
            _gather(each, found)
        else:
            found.append(each)


def pack_sequence_as(structure: Any, flat_sequence: Sequence[Any]) -> Any:
    """Return a nest of the same build, with other leaves.

    Parameters
    ----------
    structure : nest
    flat_sequence : sequence
        The leaves, as `flatten` returns them.

    Returns
    -------
    nest

    Raises
    ------
    ShapeError
        If they are not as many.

    Examples
    --------
    >>> pack_sequence_as({"b": 0, "a": [0, 0]}, [1, 2, 3])
    {'b': 3, 'a': [1, 2]}
    """
    flat = list(flat_sequence)
    count = len(flatten(structure))
    if len(flat) != count:
        raise ShapeError(f"a nest of {count} leaves cannot be packed from {len(flat)} values.")
    return _packed(structure, iter(flat))


def _packed(structure: Any, leaves: Iterator[Any]) -> Any:
    if isinstance(structure, dict):
        found = {key: _packed(structure[key], leaves) for key in keys_of(structure)}
        return type(structure)((key, found[key]) for key in structure)
    if isinstance(structure, (list, tuple)):
        items = [_packed(each, leaves) for each in structure]
        return type(structure)(*items) if hasattr(structure, "_fields") else type(structure)(items)
    return next(leaves)


def map_structure(func: Callable[..., Any], *structures: Any) -> Any:
    """Call a function on the leaves of nests of the same build, and return the nest of its results.

    Parameters
    ----------
    func : callable
        Takes a leaf of each nest.
    *structures : nest

    Returns
    -------
    nest
        Of the build of the first.

    Raises
    ------
    ShapeError
        If the nests are built differently.

    Examples
    --------
    >>> map_structure(lambda x, y: x + y, [1, (2,)], [10, (20,)])
    [11, (22,)]
    """
    first, *others = structures
    for other in others:
        assert_same_structure(first, other)
    columns = zip(*[flatten(each) for each in structures], strict=True)
    return pack_sequence_as(first, [func(*column) for column in columns])


def assert_same_structure(a: Any, b: Any) -> None:
    """Raise unless two nests are built in the same way: the same keys, and as many items.

    Parameters
    ----------
    a, b : nest

    Raises
    ------
    ShapeError
        If they differ.

    Examples
    --------
    >>> assert_same_structure({"x": 1}, {"x": 2})
    """
    if not same_structure(a, b):
        raise ShapeError(f"two nests are built differently: {outline(a)} and {outline(b)}.")


def same_structure(a: Any, b: Any) -> bool:
    """Whether two nests have the same keys, and as many items; lists and tuples are not told apart."""
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same_structure(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        both = isinstance(b, (list, tuple)) and len(a) == len(b)
        return both and all(same_structure(x, y) for x, y in zip(a, b, strict=True))
    return not is_nested(b)


def outline(structure: Any) -> str:
    """Return how a nest is built as text, with a star for each leaf: ``{'a': *, 'b': [*, *]}``."""
    if isinstance(structure, dict):
        return "{" + ", ".join(f"{key!r}: {outline(each)}" for key, each in structure.items()) + "}"
    if isinstance(structure, (list, tuple)):
        left, right = "[]" if isinstance(structure, list) else "()"
        return left + ", ".join(map(outline, structure)) + right
    return "*"
