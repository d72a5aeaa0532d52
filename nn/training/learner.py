"""One batch: `compile`, and the steps of training, evaluation and prediction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
from autograd import GradientTape, Tensor
from autograd.errors import OperandError
from nn import losses as losses_module
from nn import metrics as metrics_module
from nn import optimizers
from nn.config import checks_keywords
from nn.errors import ArgumentError, StateError
from nn.layers.base import Layer
from nn.losses import Loss
from nn.losses.targets import matched
from nn.metrics import Mean, Metric
from nn.optimizers import Optimizer
from nn.training.step import Step


class Learner(Layer, named=False):
    """The part of `Model` that handles one batch: a layer with an optimizer, a loss and metrics."""

    optimizer: Optimizer | None = None
    loss: Loss | None = None
    jit: Any = True
    _loss_tracker: Mean
    _metrics: list[Metric]
    _metrics_inside: list[Metric]
    _steps: dict[str, Step]
    # A compiled step depends on the metrics compiled into it, and on no others; nor on the hooks around the steps.
    __program_state__ = Layer.__program_state__ | {
        "_loss_tracker",
        "_metrics",
        "_steps",
        "compute_metrics",
        "predict_step",
        "test_step",
        "train_step",
    }

    # ------------------------------------------------------------------------------------------- compile
    @checks_keywords
    def compile(self, optimizer: Any = "rmsprop", loss: Any = None, metrics: Any = None, jit: Any = True) -> None:
        """Set how the model is trained.

        Parameters
        ----------
        optimizer : str or Optimizer, default "rmsprop"
        loss : str, Loss or callable
            See `nn.losses`.
        metrics : sequence of str, Metric or callable, optional
            See `nn.metrics`. ``"accuracy"`` chooses the one that fits the loss and the shapes.
        jit : bool or "numba", default True
            Whether the steps of training, evaluation and prediction are compiled (`autograd.compile`). A step is
            compiled when enough steps of the same shapes pay for it: at the second one if `fit` knows of 32, and
            otherwise at the 32nd. The results are those of the eager step up to rounding. A step that cannot be
            compiled runs eagerly, after one warning, and so does a step that a subclass defines. Where numba is
            installed (``pip install tapegrad[jit]``), the updates of many weights become machine code; "numba" makes
            machine code of more, which takes seconds at first.

        Notes
        -----
        A compiled step repeats the operations of layers, losses and penalties on tensors. It depends on the attributes
        of layers, loss, metrics and optimizer, and on everything that your own functions read: closure variables,
        globals, attributes. When one of these is assigned another value, the step is compiled again; a model that
        assigns at each step runs eagerly. Other effects of your own ``call`` are not repeated: it prints when the step
        is traced, and not at each step. Arrays
        that functions of yours find outside are read anew at each step. Random numbers are
        drawn at each step if they come from `autograd.numpy.random`; a step that draws others runs eagerly.
        """
        if not isinstance(jit, bool) and jit != "numba":
            raise ArgumentError(f'jit is True, False or "numba": received {jit!r}.')
        if jit == "numba":
            autograd.compile(self._train, numba=True)  # raises where numba is not installed
        optimizer = optimizers.get(optimizer)
        loss = None if loss is None else losses_module.get(loss)
        if loss is not None and loss.reduction is None:
            raise ArgumentError(
                f"training needs a loss that is one number: {loss.name!r} has reduction=None. Choose a reduction."
            )
        if isinstance(metrics, (str, Metric)) or callable(metrics):
            metrics = [metrics]
        if metrics is not None and not isinstance(metrics, (list, tuple)):
            raise OperandError(f"metrics is a list of names, metrics or functions: received {metrics!r}.")
        found = [metrics_module.get(each, loss) for each in metrics or []]
        names = ["loss", *(metric.name for metric in found)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ArgumentError(
                f"metrics need different names, and {twice[0]!r} stands there more than once: pass name= to one of "
                f"them."
            )
        self.optimizer, self.loss = optimizer, loss
        self._loss_tracker = Mean("loss")
        self._metrics = found
        self._metrics_inside = [metric for metric in found if metric.compiles]
        self.jit = jit
        self._steps = {}

    @property
    def compiled(self) -> bool:
        return self.optimizer is not None

    @property
    def metrics(self) -> list[Metric]:
        """The mean of the loss, and the metrics that `compile` was given."""
        return [self._loss_tracker, *self._metrics] if self.compiled else []

    @property
    def metrics_names(self) -> list[str]:
        return [metric.name for metric in self.metrics]

    def reset_metrics(self) -> None:
        """Reset the loss and the metrics."""
        for metric in self.metrics:
            metric.reset_state()

    def _need_compiled(self, asked: str) -> None:
        if not self.compiled:
            raise StateError(
                f"model {self.name!r} is not compiled: call model.compile(optimizer, loss, metrics) before {asked}."
            )

    def _consumers(self) -> list[Loss | Metric]:
        """Return the loss and the metrics, which consume the targets, except those that a subclass replaces."""
        loss = [self.loss] if self.loss is not None and type(self).compute_loss is Learner.compute_loss else []
        return [*loss, *(self._metrics if self._metrics_are_ours else [])]

    def _need_targets(self, y: Any) -> None:
        if y is None:
            for consumer in self._consumers():
                kind = "loss" if isinstance(consumer, Loss) else "metric"
                raise ArgumentError(f"the {kind} {consumer.name!r} compares predictions with targets: pass y.")

    # ------------------------------------------------------------------------------------------ steps, to be overridden
    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Return the loss of a batch: that of `compile`, and the penalties of the layers."""
        self._need_targets(y)
        if self.loss is None and not self.losses:
            raise StateError(
                f"model {self.name!r} has nothing to minimise: pass loss= to compile, call add_loss in a layer, or "
                f"override compute_loss."
            )
        total = None if self.loss is None else self.loss(y, y_pred, sample_weight)
        for penalty in self.losses:
            total = penalty if total is None else total + penalty
        return total

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, float]:
        """Update the metrics with a batch, and return their values so far."""
        self._update_metrics(self._metrics, y, y_pred)
        return self.get_metrics_result()

    def _update_metrics(self, chosen: list[Metric], y: Any, y_pred: Any) -> None:
        if chosen:
            y = matched(y, y_pred, "a metric")
        for metric in chosen:
            metric.update_state(y, y_pred)

    def get_metrics_result(self) -> dict[str, float]:
        """Return the loss and the metrics so far, by name."""
        return {metric.name: metric.result() for metric in self.metrics}

    def train_step(self, data: tuple[Any, ...]) -> dict[str, float]:
        """Train on one batch.

        Parameters
        ----------
        data : tuple
            ``(x, y)`` or ``(x, y, sample_weight)``.

        Returns
        -------
        dict of str to float
            The loss and the metrics over the epoch so far, which are shown and kept.
        """
        return self._results(data, self._step("train", self._train, data))

    def test_step(self, data: tuple[Any, ...]) -> dict[str, float]:
        """Evaluate one batch. See `train_step`."""
        return self._results(data, self._step("test", self._test, data))

    def predict_step(self, x: Tensor) -> Any:
        """Return the outputs for one batch."""
        return self._step("predict", self._predict, (x,))

    # ---------------------------------------------------------------------- the part of the steps that is compiled
    def _step(self, kind: str, function: Callable[..., Any], data: tuple[Any, ...]) -> Any:
        """Run a step, compiled if the model is built and ``jit`` is not False."""
        if not self.jit or not self.built:
            return function(*data)
        return self._step_of(kind)(self, function, *data)

    def _step_of(self, kind: str) -> Step:
        steps: dict[str, Step] = vars(self).setdefault("_steps", {})
        return steps.setdefault(kind, Step())

    def _train(self, x: Any, y: Any = None, sample_weight: Any = None) -> Any:
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight, training=True)
        weights = self.trainable_weights
        gradients = tape.gradient(loss, weights)
        results = self._gathered(loss, x, y, y_pred)
        self.optimizer.apply_gradients(zip(gradients, weights, strict=True))  # type: ignore[union-attr]
        return results

    def _test(self, x: Any, y: Any = None, sample_weight: Any = None) -> Any:
        y_pred = self(x, training=False)
        return self._gathered(self.compute_loss(x, y, y_pred, sample_weight, training=False), x, y, y_pred)

    def _predict(self, x: Any) -> Any:
        return self(x, training=False)

    def _gathered(self, loss: Any, x: Any, y: Any, y_pred: Any) -> Any:
        """Update the mean loss and the metrics that compile. Return the predictions if other metrics need them."""
        self._loss_tracker.update_state(loss, Tensor(len(x)))
        inside = self._metrics_inside if self._metrics_are_ours else []
        self._update_metrics(inside, y, y_pred)
        return y_pred if len(inside) < len(self._metrics) or not self._metrics_are_ours else None

    def _results(self, data: tuple[Any, ...], y_pred: Any) -> dict[str, float]:
        """Update the metrics that do not compile, and return the values so far."""
        x, y, sample_weight = (*data, None, None)[:3]
        if not self._metrics_are_ours:
            return self.compute_metrics(x, y, y_pred, sample_weight)
        self._update_metrics([metric for metric in self._metrics if metric not in self._metrics_inside], y, y_pred)
        return self.get_metrics_result()

    @property
    def _metrics_are_ours(self) -> bool:
        """Whether `compute_metrics` is that of this class."""
        return type(self).compute_metrics is Learner.compute_metrics
