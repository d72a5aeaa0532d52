"""Small tables, as text and as HTML: how tensors, tapes and reports show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Rows = Sequence[Sequence[str]]

_CELL = "text-align:left;padding:2px 8px;white-space:pre-wrap"


def text_table(head: Sequence[str], rows: Rows) -> str:
    """Return a table as lines of text: numbers, which end in a digit or a unit, stand to the right, and the last column
    to the left.
    """
    every = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[i]) for row in every) for i in range(len(head))]
    last = len(head) - 1
    return "\n".join(
        "  ".join(cell if i == last else cell.rjust(widths[i]) for i, cell in enumerate(row)).rstrip() for row in every
    )


def html_table(title: str, head: Sequence[str] = (), rows: Rows = ()) -> str:
    """Return a title and a table as HTML. All texts are escaped."""
    lines = [f"<div><code>{escaped(title)}</code>"]
    if head or rows:
        lines.append("<table>")
        if head:
            lines.append("<tr>" + "".join(f'<th style="{_CELL}">{escaped(cell)}</th>' for cell in head) + "</tr>")
        lines += [
            "<tr>" + "".join(f'<td style="{_CELL}">{escaped(cell)}</td>' for cell in row) + "</tr>" for row in rows
        ]
        lines.append("</table>")
    return "\n".join([*lines, "</div>"])


def html_array(title: str, array: np.ndarray[Any, Any], most: int = 10) -> str:
    """Return an array as HTML: a table of its rows and columns, of which a large one shows the first and the last, or
    its text.
    """
    if not 0 < array.ndim < 3 or not array.size:
        return html_table(title, (), [[np.array2string(array, precision=6, threshold=most * most, separator=", ")]])
    rows = [[f"{each:.6g}" for each in _edges(row, most)] for row in _edges(np.atleast_2d(array), most)]
    for cells in rows if np.atleast_2d(array).shape[1] > most else ():
        cells.insert(most // 2, "...")
    if np.atleast_2d(array).shape[0] > most:
        rows.insert(most // 2, ["..."] * len(rows[0]))
    return html_table(title, (), rows)


def _edges(items: np.ndarray[Any, Any], most: int) -> list[Any]:
    return list(items) if len(items) <= most else [*items[: most // 2], *items[-(most // 2) :]]


def escaped(text: str) -> str:
    """Return a text in which nothing is markup."""
    for character, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(character, name)
    return text


def in_bytes(count: float) -> str:
    """Say a number of bytes: ``1.5 kB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            break
        count /= 1000
    return f"{count:.0f} B" if unit == "B" else f"{count:.3g} {unit}" if count < 1000 else f"{count:.0f} {unit}"


def in_seconds(duration: float) -> str:
    """Say a duration: ``12.3 us``."""
    for unit, size in (("us", 1e-6), ("ms", 1e-3)):
        if duration < 1000 * size:
            return f"{duration / size:.3g} {unit}"
    return f"{duration:.3g} s"
