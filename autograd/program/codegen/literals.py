"""Writes the texts of a program that come from outside: values, names, comments and docstrings. None becomes code."""

from __future__ import annotations

import keyword
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd.errors import OperandError

_SINGLETONS = (None, True, False, Ellipsis)
_TYPES = (bool, int, float, complex)
# Integers of more bits are written in base 16: Python refuses to write or to read so many decimal digits.
_LONG = 1024


def literal(value: Any, other: Callable[[Any], str] | None = None) -> str:
    """Return the expression of a value: numbers, texts, dtypes, and nests of these.

    Only values of exactly these classes are written: the `repr` of a subclass is what its author wants it to be.

    Parameters
    ----------
    value : Any
    other : callable, optional
        Returns the expression of a part that has no text of its own.

    Raises
    ------
    OperandError
        If there is such a part, and no ``other``.
    """
    kind = type(value)
    if kind in _WRITTEN:
        return _WRITTEN[kind](value)
    if any(value is each for each in _SINGLETONS):
        return repr(value)
    if kind is slice or kind is range:
        return f"{kind.__name__}({_items((value.start, value.stop, value.step), other)})"
    if kind is tuple:
        return f"({_items(value, other)}{',' if len(value) == 1 else ''})"
    if kind is list:
        return f"[{_items(value, other)}]"
    if kind is dict:
        return f"{{{', '.join(f'{literal(key, other)}: {literal(each, other)}' for key, each in value.items())}}}"
    if kind is set:
        return f"{{{_items(value, other) or '*()'}}}"
    text = _of_numpy(value, kind)
    if text:
        return text
    if other is None:
        raise OperandError(f"{told(value)} cannot be written as text.")
    return other(value)


def has_text(value: Any) -> bool:
    """Whether `literal` can write a value."""
    try:
        literal(value)
    except OperandError:
        return False
    return True


def is_key(value: Any) -> bool:
    """Whether the text of a value finds it in a dict: a NaN is no other NaN. An integer of more digits than Python
    shows is none, because a module shows the keys that it expects.
    """
    if type(value) is tuple:
        return all(map(is_key, value))
    return has_text(value) and bool(value == value) and not (type(value) is int and value.bit_length() > _LONG)


def _items(values: Iterable[Any], other: Callable[[Any], str] | None) -> str:
    return ", ".join([literal(each, other) for each in values])


def _of_numpy(value: Any, kind: Any) -> str:
    """Return the expression of a NumPy scalar, a dtype, or a class that stands for one, and an empty text otherwise."""
    if isinstance(value, np.generic):  # its dtype counts, unlike that of a Python number
        if not _is_scalar_type(kind) or value.dtype.kind not in "biufc" or value.dtype.char in "gG":
            return ""
        return f"np.{_name_in_numpy(kind)}({literal(value.item())})"
    if isinstance(value, np.dtype):
        if value.kind in "iufc" and value.isnative:
            return f"np.{value.name}"
        return f"np.dtype({literal(value.name if value.kind == 'b' else value.str)})" if value.kind in "biufc" else ""
    if any(value is each for each in _TYPES):
        return str(value.__name__)
    return f"np.{_name_in_numpy(value)}" if _is_scalar_type(value) else ""


def _is_scalar_type(kind: Any) -> bool:
    """Whether a class is one of NumPy's own scalar types."""
    return isinstance(kind, type) and issubclass(kind, np.generic) and getattr(np, kind.__name__, None) is kind


def _name_in_numpy(kind: type) -> str:
    return "bool_" if kind is np.bool_ else kind.__name__


def _of_text(value: str) -> str:
    """Return a string in double quotes where that needs no escape."""
    text = repr(value)
    return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text else text


def _of_integer(value: int) -> str:
    return repr(value) if value.bit_length() <= _LONG else hex(value)


def _of_number(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    name = "nan" if value != value else "inf"
    return f'float("{"-" if math.copysign(1.0, value) < 0 else ""}{name}")'


def _of_complex(value: complex) -> str:
    # Not by `repr`: an operator between the parts loses the signs of zeros.
    return f"complex({_of_number(value.real)}, {_of_number(value.imag)})"


_WRITTEN: dict[type, Callable[[Any], str]] = {
    str: _of_text,
    bytes: repr,
    int: _of_integer,
    float: _of_number,
    complex: _of_complex,
}


def is_name(text: Any) -> bool:
    """Whether a text can be a name in a program as it stands: Python reads another character for some of them."""
    return (
        type(text) is str
        and text.isidentifier()
        and not keyword.iskeyword(text)
        and not (text.startswith("__") and text.endswith("__"))
        and _normalized(text) == text
    )


def identifier(wanted: Any, default: str = "v") -> str:
    """Return the name that resembles a text, or else a default."""
    if is_name(wanted):
        return str(wanted)
    text = _normalized(str.__str__(wanted)) if isinstance(wanted, str) else ""
    text = _normalized("".join([c if f"_{c}".isidentifier() else "_" for c in text]).strip("_")) or default
    return text if is_name(text) else f"v_{text}"


def _normalized(text: str) -> str:
    """Return a text as Python reads it where it is a name."""
    if text.isascii():
        return text
    import unicodedata  # here, because it would slow the import of the package

    return unicodedata.normalize("NFKC", text)


def plain(text: str) -> str:
    """Return a text in one line of printable characters: others, as ends of lines and lone surrogates, as escapes."""
    return text if text.isprintable() else "".join([c if c.isprintable() else repr(c)[1:-1] for c in text])


def comment(text: str, width: int) -> str:
    """Return a text as a comment of at most so many characters."""
    return f"# {clipped(plain(text), width - 2)}"


def docstring(first: str, lines: Iterable[str] = ()) -> list[str]:
    """Return the lines of a docstring."""
    texts = [plain(line).replace("\\", "\\\\").replace('"""', '\\"\\"\\"') for line in (first, *lines)]
    if len(texts) == 1 and not texts[0].endswith('"'):
        return [f'"""{texts[0]}"""']
    return [f'"""{texts[0]}', *texts[1:], '"""']


def told(value: Any) -> str:
    """Return how a value shows itself in a message."""
    try:
        return clipped(repr(value), 60)
    except Exception:  # whatever its own method raises; ValueError for an integer of too many digits
        return f"a {type(value).__name__}"


def clipped(text: str, width: int) -> str:
    """Cut a text to a width."""
    return text if len(text) <= width else f"{text[: width - 3]}..."
