"""Shows the progress of a run: a bar in a terminal or a notebook, one line an epoch in a log file."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

from nn import checks
from nn.callbacks import Callback, Logs

# Seconds between two drawings of the bar. The values beside it are only formatted when it is drawn.
_INTERVAL = 0.1


def _in_notebook() -> bool:
    """Whether this program runs in a notebook's kernel: its output is no terminal, but can show a bar."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"


def show(values: Mapping[str, float]) -> str:
    """Return values as text: ``loss: 0.1234, accuracy: 0.9876``; very small ones in scientific notation."""
    return ", ".join(
        f"{name}: {value:.4f}" if value == 0 or abs(value) >= 1e-3 else f"{name}: {value:.3e}"
        for name, value in values.items()
    )


class Progress(Callback):
    """Show how far an epoch is, with the loss and metrics.

    Parameters
    ----------
    verbose : {"auto", 0, 1, 2}
        0 is silent, 1 a bar, 2 one line an epoch. Auto and 1 are a bar in a terminal or notebook and one line an epoch
        elsewhere.
    label : str, optional
        The text before the bar, in place of the number of the epoch.
    """

    def __init__(self, verbose: int | str, label: str | None = None) -> None:
        checks.one_of("verbose", verbose, ("auto", 0, 1, 2))
        self.notebook = _in_notebook()
        self.bar: Any = None
        self.as_bar = verbose in ("auto", 1) and (self.notebook or sys.stdout.isatty())
        self.label = label
        self._begun = self._drawn = 0.0

    def begin(self, label: str, steps: int) -> None:
        """Begin a new bar or line."""
        self.label, self.steps = label, steps
        self._begun = time.perf_counter()
        if self.as_bar:
            if self.notebook:
                from tqdm.auto import tqdm
            else:
                from tqdm import tqdm
            self.bar = tqdm(
                total=steps,
                desc=label,
                unit="batch",
                file=None if self.notebook else sys.stdout,
                dynamic_ncols=True,
                leave=True,
            )

    def advance(self, step: int, logs: Logs) -> None:
        """Show that a step, counted from 0, is complete."""
        if self.bar is not None:
            now = time.perf_counter()
            if now - self._drawn > _INTERVAL:
                self._drawn = now
                self.bar.set_postfix_str(show(logs or {}), refresh=False)
            self.bar.update(step + 1 - self.bar.n)

    def end(self, logs: Logs) -> None:
        """End the bar, or write the line."""
        if self.bar is not None:
            self.bar.set_postfix_str(show(logs or {}), refresh=True)
            self.close()
        elif not self.as_bar:
            seconds = time.perf_counter() - self._begun
            print(f"{self.label}: {self.steps} batches in {seconds:.1f} s, {show(logs or {})}", flush=True)

    def close(self) -> None:
        """Close the bar, so that other output goes below it."""
        if self.bar is not None:
            self.bar.close()
            self.bar = None

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        width = len(str(self.params["epochs"]))
        self.begin(f"Epoch {epoch + 1:>{width}}/{self.params['epochs']}", self.params["steps"])

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self.advance(batch, logs)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self.end(logs)
