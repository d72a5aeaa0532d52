"""Callbacks: objects whose hooks a run calls, with Keras's names."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from autograd.errors import OperandError
from nn import checks
from nn.config import meant, unknown
from nn.errors import ArgumentError, StateError
from nn.plots import learning_curves, save_figure

__all__ = ["Callback", "CallbackList", "EarlyStopping", "History", "LambdaCallback"]

Logs = Mapping[str, float] | None


class Callback:
    """Base of callbacks: a subclass defines the hooks that it needs.

    Attributes
    ----------
    model : Model
        The model that runs.
    params : dict
        ``epochs``, ``steps`` (batches in an epoch), ``verbose`` and ``validation``: whether there is data to validate
        on.

    Examples
    --------
    >>> class Impatient(Callback):
    ...     def on_train_batch_end(self, batch, logs=None):
    ...         self.model.stop_training = logs["loss"] < 0.1
    """

    model: Any = None
    params: dict[str, Any]

    def set_model(self, model: Any) -> None:
        """Keep the model as ``self.model``. Called by `fit` before training."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Keep the settings of the run as ``self.params``. Called by `fit` before training."""
        self.params = params

    def on_train_begin(self, logs: Logs = None) -> None:
        """Called before the first epoch of `fit`."""

    def on_train_end(self, logs: Logs = None) -> None:
        """Called at the end of `fit`, with the values of the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Called before an epoch, counted from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Called after an epoch, with the loss and metrics of training, and those of validation (``val_...``)."""

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before a training step. Calls `on_batch_begin` unless a subclass defines it."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after a training step, with the loss and metrics over the epoch so far. Calls `on_batch_end` unless a
        subclass defines it.
        """
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """The same as `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """The same as `on_train_batch_end`."""

    def on_test_begin(self, logs: Logs = None) -> None:
        """Called at the beginning of `evaluate`, and of validation in `fit`."""

    def on_test_end(self, logs: Logs = None) -> None:
        """Called at the end of `evaluate`, and of validation in `fit`."""

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before a batch of `evaluate`."""

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after a batch of `evaluate`."""

    def on_predict_begin(self, logs: Logs = None) -> None:
        """Called at the beginning of `predict`."""

    def on_predict_end(self, logs: Logs = None) -> None:
        """Called at the end of `predict`."""

    def on_predict_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before a batch of `predict`."""

    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after a batch of `predict`."""


class CallbackList:
    """Several callbacks, called one after another.

    Parameters
    ----------
    callbacks : iterable of Callback
    model : Model
        The model that each of them is told.
    params : dict
        The settings of the run that each of them is told.

    Examples
    --------
    >>> seen = []
    >>> callbacks = CallbackList([LambdaCallback(on_epoch_begin=lambda epoch, logs: seen.append(epoch))], None, {})
    >>> callbacks("on_epoch_begin", 3, {})
    >>> seen
    [3]
    """

    def __init__(self, callbacks: Iterable[Callback], model: Any, params: dict[str, Any]) -> None:
        self.callbacks = list(callbacks)
        for callback in self.callbacks:
            callback.set_model(model)
            callback.set_params(params)
        self._defined: dict[str, list[Callable[..., None]]] = {}

    def __call__(self, hook: str, *args: Any) -> None:
        """Call a hook of every callback that defines it. Hooks that are given no logs get an empty dict."""
        defined = self._defined.get(hook)
        if defined is None:
            names = {hook, hook.replace("train_batch", "batch")}
            defined = self._defined[hook] = [
                getattr(callback, hook)
                for callback in self.callbacks
                if any(
                    getattr(type(callback), name) is not getattr(Callback, name) or name in vars(callback)
                    for name in names
                )
            ]
        if defined and not (args and isinstance(args[-1], dict)):
            args = (*args, {})
        for call in defined:
            call(*args)


def as_callbacks(callbacks: Any) -> list[Callback]:
    """Return callbacks as a list, from None, one or a sequence."""
    found = [] if callbacks is None else list(callbacks) if isinstance(callbacks, Sequence) else [callbacks]
    for each in found:
        if not isinstance(each, Callback):
            advice = " Make it an object of the class first." if isinstance(each, type) else ""
            raise OperandError(f"callbacks are objects of class Callback: received {each!r}.{advice}")
    return found


class History(Callback):
    """The loss and metrics of each epoch, which `fit` returns.

    Attributes
    ----------
    epoch : list of int
        The numbers of the epochs, from 0.
    history : dict of str to list of float
        A value for each epoch: ``loss``, the metrics, and ``val_`` of each where there is validation.

    Examples
    --------
    >>> model = nn.Sequential([nn.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> history = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=3, verbose=0)
    >>> history.epoch, len(history.history["loss"])
    ([0, 1, 2], 3)
    """

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[float]] = {}

    def on_train_begin(self, logs: Logs = None) -> None:
        self.epoch = []
        self.history = {}

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.4g}" for name, values in self.history.items())
        return f"<History of {len(self.epoch)} epochs{': ' if last else ''}{last}>"

    def plot(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Draw the curves of the loss and of each metric, those of validation beside those of training.

        Parameters
        ----------
        path : str or PathLike, optional
            A file to write, in the format of its suffix.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        StateError
            If there is no epoch to draw, or matplotlib is not installed.
        """
        if not self.epoch:
            raise StateError("there is nothing to plot: no epoch has been completed.")
        figure = learning_curves(self.history)
        if path is not None:
            save_figure(figure, path)
        return figure


class LambdaCallback(Callback):
    """A callback made of functions.

    Parameters
    ----------
    **hooks : callable
        By the names of the hooks of `Callback`, and with their arguments: ``LambdaCallback(on_epoch_end=lambda epoch,
        logs: ...)``.

    Raises
    ------
    ArgumentError, OperandError
        If there is no such hook, or one is no function.

    Examples
    --------
    >>> model = nn.Sequential([nn.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> ends = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, sorted(logs)))
    >>> history = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=2, verbose=0, callbacks=ends)
    0 ['loss']
    1 ['loss']
    """

    def __init__(self, **hooks: Callable[..., None]) -> None:
        for hook, function in hooks.items():
            if not hook.startswith("on_") or not hasattr(Callback, hook):
                raise ArgumentError(unknown("hook", hook, [name for name in vars(Callback) if name.startswith("on_")]))
            if not callable(function):
                raise OperandError(f"the hook {hook} is a function: received {function!r}.")
            setattr(self, hook, function)


class EarlyStopping(Callback):
    """Stop training when a value has not improved for some epochs.

    Epochs after which there was no validation (``validation_freq`` of `fit`) do not count where the value is one of
    validation.

    Parameters
    ----------
    monitor : str, default "val_loss"
        The name of the value.
    min_delta : float, default 0
        A smaller change is no improvement.
    patience : int, default 0
        How many epochs without improvement are borne.
    verbose : int, default 0
        1 to say when it stops.
    mode : {"auto", "min", "max"}
        Whether smaller or larger is better. Auto: larger for names with ``acc`` or ``auc``, smaller otherwise.
    baseline : float, optional
        A value that must be bettered from the beginning.
    restore_best_weights : bool, default False
        Whether to go back to the weights of the best epoch at the end.
    start_from_epoch : int, default 0
        Epochs before this are not looked at.

    Attributes
    ----------
    stopped_epoch : int
        The epoch after which training stopped; 0 where it did not.
    best_epoch : int

    Raises
    ------
    ArgumentError
        If an argument is none that it takes; if there is no value of that name: before the first step where the
        names of all values are known, and otherwise after an epoch.

    Examples
    --------
    >>> x = np.linspace(-1.0, 1.0, 20)[:, None]
    >>> model = nn.Sequential([nn.Dense(1, kernel_initializer="zeros")])
    >>> model.compile(optimizer=nn.optimizers.SGD(0.5), loss="mse")
    >>> stopping = EarlyStopping(monitor="loss", min_delta=1e-3, patience=2)
    >>> history = model.fit(x, 2.0 * x, epochs=500, verbose=0, callbacks=[stopping])
    >>> 2 < stopping.stopped_epoch == len(history.epoch) - 1 < 100
    True
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        checks.one_of("mode", mode, ("auto", "min", "max"))
        if not isinstance(monitor, str):
            raise ArgumentError(f'monitor is the name of a value, such as "val_loss": received {monitor!r}.')
        for name, number in {
            "patience": patience,
            "min_delta": min_delta,
            "start_from_epoch": start_from_epoch,
        }.items():
            if not isinstance(number, (int, float, np.number)) or not number >= 0:
                raise ArgumentError(
                    f"patience, min_delta and start_from_epoch are numbers that are not negative: received "
                    f"{name}={number!r}."
                )
        self.monitor, self.min_delta, self.patience, self.verbose = monitor, min_delta, patience, verbose
        self.baseline, self.restore_best_weights, self.start_from_epoch = (
            baseline,
            restore_best_weights,
            start_from_epoch,
        )
        larger = mode == "max" or (mode == "auto" and ("acc" in monitor or "auc" in monitor))
        self._sign = 1 if larger else -1
        self.stopped_epoch = 0

    def on_train_begin(self, logs: Logs = None) -> None:
        expected = getattr(self.model, "value_names", None)
        if expected is not None and self.monitor not in expected:
            self._refuse(expected)
        self.wait = 0
        self.stopped_epoch = 0
        self.best_epoch = 0
        self.best = -math.inf
        self._best_weights: Any = None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = logs or {}
        if self.monitor not in logs:
            validated = any(name.startswith("val_") for name in logs)
            if self.monitor.startswith("val_") and self.params.get("validation", False) and not validated:
                return
            self._refuse(list(logs))
        if epoch < self.start_from_epoch:
            return
        value = self._sign * logs[self.monitor]
        self.wait += 1
        if value - self.min_delta > self.best or self.best == -math.inf:
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self._best_weights = self.model.get_weights()
            if self.baseline is None or value - self.min_delta > self._sign * self.baseline:
                self.wait = 0
        if self.wait and self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _refuse(self, names: Sequence[str]) -> NoReturn:
        """Raise that the value to be watched is not among those of some names."""
        advice = meant(self.monitor, names)
        if self.monitor.startswith("val_") and not any(name.startswith("val_") for name in names):
            advice = " Values named val_... need validation_data or validation_split."
        raise ArgumentError(
            f"EarlyStopping watches {self.monitor!r}, and there is no such value. Those there are: "
            f"{', '.join(names)}.{advice}"
        )

    def on_train_end(self, logs: Logs = None) -> None:
        if self.stopped_epoch and self.verbose:
            print(
                f"Stopped after epoch {self.stopped_epoch + 1}: {self.monitor} was best in epoch {self.best_epoch + 1}."
            )
        if self._best_weights is not None:
            self.model.set_weights(self._best_weights)
