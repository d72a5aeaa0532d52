"""Pictures of training and of predictions, drawn with matplotlib (the extra ``plot``).

Each function returns a `matplotlib.figure.Figure` that belongs to no window and to no global state:
`save_figure` writes it, and a notebook shows it."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from os.path import splitext
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.files import replacing
from nn.errors import StateError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["digit_sheet", "learning_curves", "save_figure"]

_INK, _FAINT, _TRAIN, _HELD_OUT, _WRONG = "#222222", "#8a8a8a", "#1f6fb4", "#e07b1f", "#c8202f"


def _figure(width: float, height: float) -> Figure:
    """Make an empty figure of the given size in inches; an error says how to get matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise StateError("plotting needs matplotlib, which is not installed: pip install 'tapegrad[plot]'.") from None

    class Shown(Figure):
        """Shows itself in a notebook, which others do once pyplot is imported."""

        def _repr_png_(self) -> bytes:
            png = io.BytesIO()
            self.savefig(png, format="png")
            return png.getvalue()

    return Shown(figsize=(width, height), dpi=150, layout="constrained", facecolor="white")


def save_figure(figure: Figure, path: str | PathLike[str]) -> None:
    """Write a figure in the format of the suffix of a file; what was there is there still where that fails.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : str or PathLike
        Without a suffix the format is PNG, and ``.png`` is added.

    Raises
    ------
    FileError
        If the file cannot be written.

    Examples
    --------
    >>> import os, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> save_figure(learning_curves({"loss": [2.0, 1.0]}), os.path.join(folder, "curves.svg"))
    >>> os.listdir(folder)
    ['curves.svg']
    """
    stem, suffix = splitext(fspath(path))
    with replacing(f"{stem}{suffix or '.png'}") as file:
        figure.savefig(file, format=suffix[1:] or "png")


def learning_curves(history: Mapping[str, Sequence[float]], title: str = "") -> Figure:
    """Draw each quantity of a training run over its epochs, on training data and on held-out data.

    Parameters
    ----------
    history : mapping of str to sequence of float
        One number for each epoch under each name, as ``fit`` gives it in ``History.history``; ``"val_loss"`` is drawn
        into the panel of ``"loss"``, and so on, at the last of the epochs where it has fewer of them.
    title : str
        A line above the panels.

    Returns
    -------
    matplotlib.figure.Figure
        One panel for each quantity.

    Raises
    ------
    StateError
        If matplotlib is not installed.
    """
    names = sorted((name for name in history if not name.startswith("val_")), key=lambda name: name != "loss")
    epochs = np.arange(1, max(map(len, history.values()), default=0) + 1)
    figure = _figure(max(5.0 * len(names), 5.0), 3.6)
    if title:
        figure.suptitle(title, color=_INK, fontsize=12, x=0.01, ha="left")
    for position, name in enumerate(names, start=1):
        axes = figure.add_subplot(1, len(names), position)
        _curve(axes, epochs, history[name], "training", _TRAIN)
        if f"val_{name}" in history:
            _curve(axes, epochs, history[f"val_{name}"], "held out", _HELD_OUT)
            axes.legend(frameon=False, fontsize=9, labelcolor=_INK)
        _tidy(axes, name.replace("_", " "))
    return figure


def _curve(axes: Axes, epochs: np.ndarray[Any, Any], values: Sequence[float], label: str, colour: str) -> None:
    """Draw one line over the last epochs, with points where they are few."""
    marker = "o" if len(values) <= 30 else ""
    axes.plot(
        epochs[len(epochs) - len(values) :],
        values,
        color=colour,
        label=label,
        linewidth=1.8,
        marker=marker,
        markersize=3.5,
    )


def _tidy(axes: Axes, title: str) -> None:
    """Remove idle lines, and number the epochs in whole steps."""
    from matplotlib.ticker import MaxNLocator

    axes.set_title(title, color=_INK, fontsize=11, loc="left")
    axes.set_xlabel("epoch", color=_FAINT, fontsize=9)
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))
    axes.tick_params(colors=_FAINT, labelsize=9)
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color("#cccccc")


def digit_sheet(
    images: np.ndarray[Any, Any],
    labels: np.ndarray[Any, Any],
    predicted: np.ndarray[Any, Any],
    title: str = "",
    count: int = 60,
) -> Figure:
    """Draw digits with the label that each has and the one that was predicted. The misread ones come first, framed in
    red.

    Parameters
    ----------
    images : ndarray, shape (n, height, width)
        The digits, ink as large values.
    labels, predicted : ndarray of int, shape (n,)
        The true and the predicted label of each.
    title : str
        A line above; how many were read correctly stands behind it.
    count : int
        How many to draw at most; of these at most half are misread ones, as long as there are others.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    StateError
        If matplotlib is not installed.
    """
    wrong, right = np.flatnonzero(labels != predicted), np.flatnonzero(labels == predicted)
    few = wrong[: max(count // 2, count - len(right))]
    shown = np.concatenate([few, right[: count - len(few)]])
    columns = 10
    rows = max(math.ceil(len(shown) / columns), 1)
    figure = _figure(columns * 0.95, rows * 1.12 + 0.6)
    correct = f"{len(right):,} of {len(labels):,} read correctly ({len(right) / max(len(labels), 1):.1%})"
    figure.suptitle(f"{title}: {correct}" if title else correct, color=_INK, fontsize=12, x=0.01, ha="left")
    for position, index in enumerate(shown, start=1):
        axes = figure.add_subplot(rows, columns, position, xticks=[], yticks=[])
        axes.imshow(images[index], cmap="gray_r", vmin=0, vmax=images.max())
        misread = labels[index] != predicted[index]
        axes.set_xlabel(
            f"read {predicted[index]}, is {labels[index]}",
            fontsize=8,
            labelpad=3,
            color=_WRONG if misread else _FAINT,
            fontweight="bold" if misread else "normal",
        )
        for spine in axes.spines.values():
            spine.set_color(_WRONG if misread else "#dddddd")
            spine.set_linewidth(2.2 if misread else 0.8)
    return figure
