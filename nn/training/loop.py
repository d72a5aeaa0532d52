"""Loops over batches: fit, evaluate and predict, made of the steps of `nn.training.learner`."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from autograd import Tensor, stop_recording
from autograd.errors import ShapeError
from autograd.extend import Scope
from nn import checks
from nn.callbacks import CallbackList, History, as_callbacks
from nn.config import checks_keywords
from nn.errors import ArgumentError
from nn.training.data import Batches, class_weights_of, samples, split, validation_epochs
from nn.training.learner import Learner
from nn.training.progress import Progress

Array = np.ndarray[Any, Any]


class Trainable(Learner, named=False):
    """The part of `Model` that handles data, batch by batch."""

    history: History | None = None
    stop_training = False
    __program_state__ = Learner.__program_state__ | {"history", "stop_training"}

    @property
    def _input_dtype(self) -> Any:
        return self.dtype if self.casts_inputs else None

    # ------------------------------------------------------------------------------------------- fit
    @checks_keywords
    def fit(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        validation_batch_size: int | None = None,
        validation_freq: int | Collection[int] = 1,
    ) -> History:
        """Train the model.

        Parameters
        ----------
        x, y : array_like or Tensor
            Samples and targets along the first axis. Samples of any dtype are converted batch by batch.
        batch_size : int, default 32
        epochs : int, default 1
            The number of the last epoch.
        verbose : {"auto", 0, 1, 2}
            0 is silent; 1 and auto show a bar in a terminal or a notebook and one line an epoch elsewhere; 2 is one
            line an epoch.
        callbacks : sequence of Callback, optional
        validation_split : float, default 0.0
            The share of samples, the last ones before shuffling, that is not trained on but evaluated after each epoch.
        validation_data : tuple, optional
            ``(x, y)`` or ``(x, y, sample_weight)`` to evaluate instead.
        shuffle : bool, default True
            Whether the samples come in another order in each epoch.
        class_weight : dict of int to float, optional
            A factor of the loss for each class. Those that are not named have 1.
        sample_weight : array_like, optional
            A factor of the loss for each sample.
        initial_epoch : int, default 0
            The number of epochs that were run before.
        validation_batch_size : int, optional
            That of training, unless given.
        validation_freq : int or collection of int, default 1
            How many epochs go by from one validation to the next, or the epochs, counted from 1, that validation
            follows.

        Returns
        -------
        History
            Also ``model.history``.

        Raises
        ------
        StateError
            If the model is not compiled.
        ArgumentError, ShapeError, OperandError
            If an argument does not fit. No weight has been changed then.

        Notes
        -----
        Each value is the mean over all samples of an epoch, however they fall into batches. Those of training are
        gathered while the weights change; those of validation are of the weights at the end of the epoch.

        An interruption by Ctrl-C takes effect between two steps: the weights and the state of the optimizer belong
        together, ``model.history`` holds the epochs that were completed, and training can go on. KeyboardInterrupt is
        raised on."""
        self._need_compiled("fit")
        batch_size = checks.positive_integer("batch_size", 32 if batch_size is None else batch_size)
        validation_batch_size = checks.positive_integer(
            "validation_batch_size", batch_size if validation_batch_size is None else validation_batch_size
        )
        checks.positive_integer("epochs", epochs)
        checks.natural_number("initial_epoch", initial_epoch)
        validates = validation_epochs(validation_freq)
        listening = as_callbacks(callbacks)
        data = samples(x, y, sample_weight)
        validation = None if validation_data is None else samples(*_as_data(validation_data), "validation_data")
        if validation is None and validation_split:
            data, validation = split(data, validation_split)
        if class_weight is not None:
            data = class_weights_of(data, class_weight)
        progress = Progress(verbose)
        if type(self).train_step is Trainable.train_step:
            self._dry_run(data)
            if validation is not None:
                self._dry_run(validation, "validation_data: ")

        batches = Batches(data, batch_size, self._input_dtype, shuffle)
        self._step_of("train").expect(batches.sizes(epochs - initial_epoch))
        validation_batches = None
        if validation is not None:
            validation_batches = Batches(validation, validation_batch_size, self._input_dtype)
            self._step_of("test").expect(
                validation_batches.sizes(sum(validates(epoch + 1) for epoch in range(initial_epoch, epochs)))
            )
        history = self.history = History()
        params = {
            "epochs": epochs,
            "steps": len(batches),
            "verbose": verbose,
            "validation": validation_batches is not None,
        }
        listeners = CallbackList([history, *listening, *([progress] if verbose else [])], self, params)
        self.stop_training = False
        listeners("on_train_begin")
        try:
            logs = self._epochs(range(initial_epoch, epochs), batches, validation_batches, validates, listeners)
        finally:
            progress.close()
        listeners("on_train_end", logs)
        return history

    def _epochs(
        self,
        epochs: range,
        batches: Batches,
        validation: Batches | None,
        validates: Callable[[int], bool],
        listeners: CallbackList,
    ) -> dict[str, float]:
        """Run epochs, each with its validation, until a callback stops. Return the values of the last one."""
        logs: dict[str, float] = {}
        with interrupted_between_steps() as check_interrupt:
            for epoch in epochs:
                logs = self._epoch(epoch, batches, listeners, check_interrupt)
                if validation is not None and validates(epoch + 1):
                    values = self._evaluate(validation, listeners, between=check_interrupt)
                    logs |= {f"val_{name}": value for name, value in values.items()}
                listeners("on_epoch_end", epoch, logs)
                check_interrupt()
                if self.stop_training:
                    break
        return logs

    def _epoch(self, epoch: int, batches: Batches, listeners: CallbackList, check_interrupt: Any) -> dict[str, float]:
        self.reset_metrics()
        listeners("on_epoch_begin", epoch)
        logs: dict[str, float] = {}
        for step, batch in enumerate(batches):
            listeners("on_train_batch_begin", step)
            logs = dict(self.train_step(batch))
            listeners("on_train_batch_end", step, logs)
            check_interrupt()
        return logs

    def _dry_run(self, data: tuple[Any, ...], what: str = "") -> None:
        """Call the model on the first sample, before any step: raise if the samples or any target do not fit it."""
        x, y, _ = data
        self._need_targets(y)
        with stop_recording():
            try:
                y_pred = self(self._first_of(x), training=False)
            except ShapeError as error:
                tried = f"{what}x of shape {x.shape} does not fit the model, which was tried with its first sample"
                raise ShapeError(f"{tried}: {error}{self._swapped(x, y)}") from None
        if isinstance(y_pred, Tensor) and y_pred.ndim:
            for consumer in self._consumers():
                consumer.check(y, (len(x), *y_pred.shape[1:]))

    def _first_of(self, x: Array) -> Tensor:
        return Tensor(x[:1], dtype=self._input_dtype)

    def _swapped(self, x: Array, y: Array | None) -> str:
        """Return the advice that samples and targets are swapped, if the model takes the targets."""
        if y is None or y.shape == x.shape or (not self.built and x.ndim >= y.ndim):
            return ""
        try:
            if self.built:
                self(self._first_of(y), training=False)
        except ShapeError:
            return ""
        return f" y has shape {y.shape}: do x and y stand in each other's place?"

    @checks_keywords
    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Take one training step, and return the loss (with metrics a list of loss and metrics, or a dict) of this
        batch.
        """
        self._need_compiled("train_on_batch")
        data = samples(x, y, sample_weight)
        data = data if class_weight is None else class_weights_of(data, class_weight)
        self.reset_metrics()
        (batch,) = Batches(data, len(data[0]), self._input_dtype)
        return _returned(dict(self.train_step(batch)), return_dict)

    @checks_keywords
    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Return the loss (with metrics a list of loss and metrics, or a dict) of one batch."""
        self._need_compiled("test_on_batch")
        data = samples(x, y, sample_weight)
        return _returned(
            self._evaluate(Batches(data, len(data[0]), self._input_dtype), CallbackList([], self, {})), return_dict
        )

    # ------------------------------------------------------------------------------------------- evaluate and predict
    @checks_keywords
    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Return the loss and the metrics over all samples.

        Parameters
        ----------
        x, y : array_like or Tensor
        batch_size : int, default 32
            Has no influence on the values, but by rounding.
        verbose : {"auto", 0, 1, 2}
        sample_weight : array_like, optional
        callbacks : sequence of Callback, optional
        return_dict : bool, default False

        Returns
        -------
        float, list of float or dict
            The loss; where there are metrics, a list of the loss and these; with ``return_dict`` a dict by their names.
        """
        self._need_compiled("evaluate")
        data = samples(x, y, sample_weight)
        if type(self).test_step is Trainable.test_step:
            self._dry_run(data)
        batches = Batches(
            data, checks.positive_integer("batch_size", 32 if batch_size is None else batch_size), self._input_dtype
        )
        self._step_of("test").expect(batches.sizes())
        progress = Progress(verbose)
        listeners = CallbackList(as_callbacks(callbacks), self, {"steps": len(batches), "verbose": verbose})
        if verbose:
            progress.begin("Evaluation", len(batches))
        try:
            values = self._evaluate(batches, listeners, progress if verbose else None)
            if verbose:
                progress.end(values)
        finally:
            progress.close()
        return _returned(values, return_dict)

    def _evaluate(
        self,
        batches: Batches,
        listeners: CallbackList,
        progress: Progress | None = None,
        between: Callable[[], None] = lambda: None,
    ) -> dict[str, float]:
        self.reset_metrics()
        listeners("on_test_begin")
        logs: dict[str, float] = {}
        with stop_recording():
            for step, batch in enumerate(batches):
                listeners("on_test_batch_begin", step)
                logs = dict(self.test_step(batch))
                listeners("on_test_batch_end", step, logs)
                if progress is not None:
                    progress.advance(step, logs)
                between()
        listeners("on_test_end", logs)
        return logs

    @checks_keywords
    def predict(self, x: Any, batch_size: int | None = None, verbose: int | str = 0, callbacks: Any = None) -> Any:
        """Return the outputs for all samples as one array.

        Parameters
        ----------
        x : array_like or Tensor
            Samples along the first axis.
        batch_size : int, default 32
        verbose : {0, "auto", 1, 2}
        callbacks : sequence of Callback, optional

        Returns
        -------
        array, or tuple of arrays where the model has several outputs
        """
        data = samples(x, None, None)
        batches = Batches(
            data, checks.positive_integer("batch_size", 32 if batch_size is None else batch_size), self._input_dtype
        )
        self._step_of("predict").expect(batches.sizes())
        listeners = CallbackList(as_callbacks(callbacks), self, {"steps": len(batches), "verbose": verbose})
        progress = Progress(verbose) if verbose else None
        try:
            if progress is not None:
                progress.begin("Prediction", len(batches))
            outputs = self._predicted(batches, listeners, progress)
            if progress is not None:
                progress.end(None)
        finally:
            if progress is not None:
                progress.close()
        return outputs

    def _predicted(self, batches: Batches, listeners: CallbackList, progress: Progress | None) -> Any:
        listeners("on_predict_begin")
        parts = []
        with stop_recording():
            for step, batch in enumerate(batches):
                listeners("on_predict_batch_begin", step)
                try:
                    parts.append(self.predict_step(batch[0]))
                except ShapeError as error:
                    raise ShapeError(
                        f"x of shape {batches.data[0].shape} does not fit the model, in batches of "
                        f"{batches.batch_size}: {error}"
                    ) from None
                listeners("on_predict_batch_end", step)
                if progress is not None:
                    progress.advance(step, None)
        listeners("on_predict_end")
        return _joined(parts)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch as an array."""
        with stop_recording():
            return _joined([self.predict_step(Tensor(x) if not isinstance(x, Tensor) else x)])


def _joined(parts: Sequence[Any]) -> Any:
    if isinstance(parts[0], (tuple, list)):
        return tuple(_joined(column) for column in zip(*parts, strict=True))
    return parts[0].numpy().copy() if len(parts) == 1 else np.concatenate([part.numpy() for part in parts])


def _as_data(validation_data: Any) -> tuple[Any, Any, Any]:
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
        raise ArgumentError(
            f"validation_data is (x, y) or (x, y, sample_weight): received {type(validation_data).__name__}."
        )
    x, y, sample_weight = (*validation_data, None)[:3]
    return x, y, sample_weight


def _returned(values: dict[str, float], return_dict: bool) -> Any:
    if return_dict:
        return values
    return list(values.values()) if len(values) > 1 else next(iter(values.values()))


class interrupted_between_steps(Scope):
    """Hold every Ctrl-C back until the function that stands behind ``as`` is called, so that no step is left half done.

    Where signals cannot be handled (in another thread) or the program handles this one itself, nothing is changed."""

    __slots__ = ("_ours", "_received")

    def _enter(self) -> Callable[[], None]:
        self._received = False
        self._ours = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self._ours:
            signal.signal(signal.SIGINT, self._hold)
        return self._check

    def _leave(self) -> None:
        if self._ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._ours = False

    def _hold(self, number: int, frame: Any) -> None:
        self._received = True

    def _check(self) -> None:
        if self._received:
            raise KeyboardInterrupt
