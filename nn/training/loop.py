"""Loops over batches: fit, evaluate and predict, made of the steps of `nn.training.learner`."""

from __future__ import annotations

import signal
import threading
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from autograd import Tensor, stop_recording
from autograd.errors import ShapeError
from autograd.extend import Scope
from nn import checks, tree
from nn.callbacks import CallbackList, EarlyStopping, History, as_callbacks
from nn.config import checks_keywords
from nn.errors import ArgumentError
from nn.training.data import Batches, Passes, class_weights_of, count_of, samples, split, validation_epochs
from nn.training.learner import Learner
from nn.training.progress import Progress

Array = np.ndarray[Any, Any]


class Trainable(Learner, named=False):
    """The part of `Model` that handles data, batch by batch."""

    history: History | None = None
    stop_training = False
    # The names of the values that an epoch of the running `fit` will have, where they are known.
    value_names: list[str] | None = None
    __program_state__ = Learner.__program_state__ | {"history", "stop_training", "value_names"}

    def _input_dtypes(self, x: Any) -> Any:
        """Return the dtypes to which samples are converted, a nest where the samples are one; None for their own."""
        return self.dtype if self.casts_inputs else None

    def _takes_several(self) -> tuple[bool | None, bool | None]:
        """Return whether there are several inputs, and several outputs; None where that is not known."""
        return (False, False) if self.takes_one_input else (None, None)

    def _samples(self, x: Any, y: Any, sample_weight: Any = None, what: str = "") -> Any:
        return samples(x, y, sample_weight, what, self._takes_several())

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
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
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
        steps_per_epoch : int, optional
            The number of batches in an epoch, if not all: the next epoch goes on where this one ends.
        validation_steps : int, optional
            The number of batches to validate on, if not all.

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
        self._find_own_metrics()
        batch_size = checks.positive_integer("batch_size", 32 if batch_size is None else batch_size)
        checks.positive_integer("epochs", epochs)
        checks.natural_number("initial_epoch", initial_epoch)
        validates = validation_epochs(validation_freq)
        listening, progress = as_callbacks(callbacks), Progress(verbose)
        data = self._samples(x, y, sample_weight)
        validation = None if validation_data is None else self._samples(*_as_data(validation_data), "validation_data")
        if validation is None and validation_split:
            data, validation = split(data, validation_split)
        if class_weight is not None:
            data = class_weights_of(data, class_weight)
        if type(self).train_step is Trainable.train_step:
            self._dry_run(data)
            if validation is not None:
                self._dry_run(validation, "validation_data: ")
        batches = Batches(data, batch_size, self._input_dtypes(data[0]), shuffle)
        passes = Passes(batches, steps_per_epoch, "steps_per_epoch")
        self._step_of("train").expect(batches.sizes(epochs - initial_epoch))
        evaluated = None
        if validation is not None:
            size = batch_size if validation_batch_size is None else validation_batch_size
            size = checks.positive_integer("validation_batch_size", size)
            batches = Batches(validation, size, self._input_dtypes(validation[0]))
            evaluated = Passes(batches, validation_steps, "validation_steps")
            self._step_of("test").expect(batches.sizes(sum(map(validates, range(initial_epoch + 1, epochs + 1)))))
        if not self.trainable_weights and self.built:
            warnings.warn(f"model {self.name!r} has no weights that train: fit changes nothing.", stacklevel=3)
        history = self.history = History()
        params = {
            "epochs": epochs,
            "steps": len(passes),
            "verbose": verbose,
            "validation": evaluated is not None,
        }
        self.value_names = self._value_names(evaluated is not None, listening)
        listeners = CallbackList([*listening, *([progress] if verbose else []), history], self, params)
        self.stop_training = False
        listeners("on_train_begin")
        try:
            logs = self._epochs(range(initial_epoch, epochs), passes, evaluated, validates, listeners)
        finally:
            progress.close()
        listeners("on_train_end", logs)
        return history

    def _value_names(self, validated: bool, listening: Sequence[Any]) -> list[str] | None:
        """Return the names of the values that an epoch will have; None where a step or a callback may add others."""
        ours = all(getattr(type(self), name) is getattr(Trainable, name) for name in ("train_step", "test_step"))
        adds = any(type(each) not in (EarlyStopping, History, Progress) for each in listening)
        if not ours or not self._metrics_are_ours or adds:
            return None
        names = sorted(metric.name for metric in self.metrics)
        return [*names, *(f"val_{name}" for name in names if validated)]

    def _epochs(
        self,
        epochs: range,
        batches: Passes,
        validation: Passes | None,
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

    def _epoch(self, epoch: int, batches: Passes, listeners: CallbackList, check_interrupt: Any) -> dict[str, float]:
        self.reset_metrics()
        listeners("on_epoch_begin", epoch)
        logs: dict[str, float] = {}
        for step, batch in enumerate(batches):
            listeners("on_train_batch_begin", step)
            logs = _sorted(self.train_step(batch))
            listeners("on_train_batch_end", step, logs)
            check_interrupt()
            if self.stop_training:
                break
        return logs

    def _dry_run(self, data: tuple[Any, ...], what: str = "") -> None:
        """Call the model on the first sample, before any step: raise if the samples or any target do not fit it."""
        x, y, _ = data
        self._need_targets(y)
        with stop_recording():
            try:
                y_pred = self(self._first_of(x), training=False)
            except ShapeError as error:
                tried = (
                    f"{what}x of shape {_shape_text(x)} does not fit the model, which was tried with its first sample"
                )
                raise ShapeError(f"{tried}: {error}{self._swapped(x, y)}") from None
        self._resolve(y_pred)
        if not self._consumers():
            return
        count = count_of(data)
        outputs = zip(self._outputs.each, self._outputs.targets(y), tree.flatten(y_pred), strict=True)
        targets = {id(output): (target, prediction) for output, target, prediction in outputs}
        for output, consumer in self._consumers():
            target, prediction = targets[id(output)]
            if isinstance(prediction, Tensor) and prediction.ndim and target is not None:
                consumer.check(target, (count, *prediction.shape[1:]))

    def _first_of(self, x: Any) -> Any:
        dtypes = self._input_dtypes(x)
        if not tree.is_nested(x):
            return Tensor(x[:1], dtype=dtypes)
        kinds = tree.flatten(dtypes) if tree.is_nested(dtypes) else [dtypes] * len(tree.flatten(x))
        first = [Tensor(each[:1], dtype=kind) for each, kind in zip(tree.flatten(x), kinds, strict=True)]
        return tree.pack_sequence_as(x, first)

    def _swapped(self, x: Any, y: Any) -> str:
        """Return the advice that samples and targets are swapped, if the model takes the targets."""
        if y is None or tree.is_nested(x) or tree.is_nested(y):
            return ""
        if y.shape == x.shape or (not self.built and x.ndim >= y.ndim):
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
        data = self._samples(x, y, sample_weight)
        data = data if class_weight is None else class_weights_of(data, class_weight)
        (batch,) = Batches(data, count_of(data), self._input_dtypes(data[0]))
        self.reset_metrics()
        return self._returned(self.train_step(batch), return_dict)

    @checks_keywords
    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Return the loss (with metrics a list of loss and metrics, or a dict) of one batch."""
        self._need_compiled("test_on_batch")
        data = self._samples(x, y, sample_weight)
        (batch,) = Batches(data, count_of(data), self._input_dtypes(data[0]))
        self.reset_metrics()
        with stop_recording():
            return self._returned(self.test_step(batch), return_dict)

    def _returned(self, logs: Mapping[str, Any], return_dict: bool) -> Any:
        """Return values as a dict, or as a list in Keras's order: the losses, the metrics of a single output as they
        were given, and the others by name. One alone is returned by itself.
        """
        if return_dict:
            return _sorted(logs)
        each = self._outputs.each
        names = [self._loss_tracker.name, *(output.tracker.name for output in each if output.tracker is not None)]
        names += [metric.name for metric in self._all_metrics()] if len(each) == 1 else []
        first = [name for name in dict.fromkeys(names) if name in logs]
        values = [logs[name] for name in [*first, *sorted(logs.keys() - {*first})]]
        return values if len(values) > 1 else values[0]

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
        self._find_own_metrics()
        data = self._samples(x, y, sample_weight)
        if type(self).test_step is Trainable.test_step:
            self._dry_run(data)
        batch_size = checks.positive_integer("batch_size", 32 if batch_size is None else batch_size)
        batches = Batches(data, batch_size, self._input_dtypes(data[0]))
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
        return self._returned(values, return_dict)

    def _evaluate(
        self,
        batches: Passes | Batches,
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
                logs = _sorted(self.test_step(batch))
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
        data = self._samples(x, None)
        batch_size = checks.positive_integer("batch_size", 32 if batch_size is None else batch_size)
        batches = Batches(data, batch_size, self._input_dtypes(data[0]))
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
                        f"x of shape {_shape_text(batches.data[0])} does not fit the model, in batches of "
                        f"{batches.batch_size}: {error}"
                    ) from None
                listeners("on_predict_batch_end", step)
                if progress is not None:
                    progress.advance(step, None)
        listeners("on_predict_end")
        return _joined(parts)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch as an array."""
        data = self._samples(x, None)
        (batch,) = Batches(data, count_of(data), self._input_dtypes(data[0]))
        with stop_recording():
            return _joined([self.predict_step(batch[0])])


def _joined(parts: Sequence[Any]) -> Any:
    """Return the nest of arrays that the nests of the batches make, one after another."""
    if tree.is_nested(parts[0]):
        columns = zip(*map(tree.flatten, parts), strict=True)
        return tree.pack_sequence_as(parts[0], [_joined(column) for column in columns])
    return parts[0].numpy().copy() if len(parts) == 1 else np.concatenate([part.numpy() for part in parts])


def _as_data(validation_data: Any) -> tuple[Any, Any, Any]:
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
        raise ArgumentError(
            f"validation_data is (x, y) or (x, y, sample_weight): received {type(validation_data).__name__}."
        )
    x, y, sample_weight = (*validation_data, None)[:3]
    return x, y, sample_weight


def _sorted(logs: Mapping[str, Any]) -> dict[str, Any]:
    """Return values in the order of their names, as Keras does."""
    return {name: logs[name] for name in sorted(logs)}


def _shape_text(x: Any) -> str:
    return " and ".join(str(each.shape) for each in tree.flatten(x))


class interrupted_between_steps(Scope):
    """Hold every Ctrl-C back until the function that stands behind ``as`` is called, so that no step is left half done.

    Where signals cannot be handled (in another thread) or the program handles this one itself, nothing is changed."""

    __slots__ = ("_ours", "_received")

    def __init__(self) -> None:
        self._received = self._ours = False

    def _enter(self) -> Callable[[], None]:
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
