"""The arrays among the arguments of a function: their names in its program, and where they are in what it is given."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from autograd.core import nest
from autograd.program.codegen.literals import is_key, is_name, literal
from autograd.program.codegen.names import RESERVED
from autograd.program.given import is_dynamic


class Argument(NamedTuple):
    """A leaf of the arguments of a function.

    Attributes
    ----------
    name : str
        Of an array in the program; empty for what is no array.
    path : str
        The expression for it in terms of the parameters: ``params["w"][0]``.
    leaf : Any
    """

    name: str
    path: str
    leaf: Any


class _Place(NamedTuple):
    """Stands for a leaf, so that each is told from the others."""

    number: int
    leaf: Any


def parameters_of(f: Callable[..., Any]) -> list[inspect.Parameter] | None:
    """Return the parameters of a function, or None where it does not tell them by names that can be written."""
    try:
        known = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError, IndexError):  # IndexError: inspect looks at the first character of an empty name
        return None
    return known if all(is_name(each.name) for each in known) else None


def bound_arguments(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return what each parameter of a function is given: by its name, or by a number where the function does
    not tell.
    """
    known = parameters_of(f)
    try:
        if known is not None:
            return dict(inspect.Signature(known).bind(*args, **kwargs).arguments)
    except TypeError:
        pass
    named = {name if is_name(name) else f"key{i}_": value for i, (name, value) in enumerate(kwargs.items())}
    return {**{f"x{i}": value for i, value in enumerate(args)}, **named}


def arguments_of(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Argument]:
    """Return the leaves of the arguments of a call, in the order of `nest.leaves`."""
    places = [_Place(i, leaf) for i, leaf in enumerate(nest.leaves((args, kwargs)))]
    # A place is a tuple itself, so that it is wrapped in what is none.
    inner_args, inner_kwargs = nest.rebuild((args, kwargs), [lambda place=place: place for place in places])
    bound = bound_arguments(f, inner_args, inner_kwargs)
    found: dict[int, tuple[str, str]] = {}
    for parameter, value in bound.items():
        for name, path, place in _paths(parameter, parameter, value):
            found[place().number] = name, path
    taken = {
        parameter
        for parameter, value in bound.items()
        if isinstance(value, (dict, list, tuple)) or not is_dynamic(value().leaf)
    } | RESERVED
    arguments = []
    for place in places:
        base, path = found[place.number]
        name, count = base, 1
        while is_dynamic(place.leaf) and name in taken:
            count += 1
            name = f"{base}_{count}"
        if is_dynamic(place.leaf):
            taken.add(name)
        arguments.append(Argument(name if is_dynamic(place.leaf) else "", path, place.leaf))
    return arguments


def _paths(name: str, path: str, value: Any) -> Iterator[tuple[str, str, Any]]:
    if isinstance(value, dict):
        for i, (key, each) in enumerate(value.items()):
            # A key without a text makes no path: the program is not exported.
            shown = literal(key) if is_key(key) else "..."
            part = f"{name}_{key}" if type(key) in (str, int, bool) and shown != "..." else ""
            yield from _paths(part if is_name(part) else f"{name}_{i}", f"{path}[{shown}]", each)
    elif isinstance(value, (list, tuple)):
        for i, each in enumerate(value):
            field = value._fields[i] if hasattr(value, "_fields") and is_name(value._fields[i]) else None
            yield from _paths(
                f"{name}_{i if field is None else field}",
                f"{path}[{i}]" if field is None else f"{path}.{field}",
                each,
            )
    else:
        yield name, path, value
