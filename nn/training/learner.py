"""One batch: `compile`, and the steps of training, evaluation and prediction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
from autograd import GradientTape, Tensor
from nn import checks, optimizers, tree
from nn.config import checks_keywords
from nn.errors import ArgumentError, StateError
from nn.layers.base import Layer
from nn.losses import Loss
from nn.metrics import Mean, Metric
from nn.optimizers import Optimizer
from nn.training.outputs import Output, Outputs
from nn.training.step import Step


class Learner(Layer, named=False):
    """The part of `Model` that handles one batch: a layer with an optimizer, a loss and metrics."""

    optimizer: Optimizer | None = None
    loss: Any = None
    jit: Any = True
    run_eagerly = False
    steps_per_execution = 1
    _loss_tracker: Mean
    _outputs: Outputs
    _own_metrics: tuple[Metric, ...] = ()
    _steps: dict[str, Step]
    # A compiled step depends on the metrics compiled into it, and on no others; nor on the hooks around the steps.
    __program_state__ = Layer.__program_state__ | {
        "_loss_tracker",
        "_own_metrics",
        "_steps",
        "compute_metrics",
        "predict_step",
        "test_step",
        "train_step",
    }

    # ------------------------------------------------------------------------------------------- compile
    @checks_keywords
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
        jit: Any = True,
    ) -> None:
        """Set how the model is trained.

        Losses and metrics are given for all outputs as one, or for each as a list or as a dict by its name: the key in
        a dict of outputs, or the name of the layer that returns it.

        Parameters
        ----------
        optimizer : str or Optimizer, default "rmsprop"
        loss : str, Loss or callable, or list or dict of these
            See `nn.losses`.
        loss_weights : float, or list or dict of float, optional
            The factors of the losses in their sum.
        metrics : sequence of str, Metric or callable, or list or dict of these, optional
            See `nn.metrics`. ``"accuracy"`` chooses the one that fits the loss and the shapes.
        weighted_metrics : as metrics, optional
            Metrics that take the weights of the samples into account.
        run_eagerly : bool, default False
            Whether the steps run as they are: the same as ``jit=False``.
        steps_per_execution : int, default 1
            Taken as Keras takes it. One step is run at a time, whatever it is.
        jit_compile : bool or "auto", default "auto"
            False is the same as ``jit=False``.
        auto_scale_loss : bool, default True
            Taken as Keras takes it.
        jit : bool, "numba" or "check", default True
            Whether the steps of training, evaluation and prediction are compiled (`autograd.compile`). A step is
            compiled when enough steps of the same shapes pay for it: at the second one if `fit` knows of 32, and
            otherwise at the 32nd. The results are those of the eager step up to rounding. A step that cannot be
            compiled runs eagerly, after one warning, and so does a step that a subclass defines. Where numba is
            installed (``pip install tapegrad[jit]``), the updates of many weights become machine code; "numba" makes
            machine code of more, which takes seconds at first. "check" runs each step a second time as it is, and
            raises `autograd.errors.CompileCheckError` where its program differs.

        Raises
        ------
        ArgumentError, OperandError
            If an argument has a value that is not allowed, or names an output that there is not.

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
        if not isinstance(jit, bool) and jit not in ("numba", "check"):
            raise ArgumentError(f'jit is True, False, "numba" or "check": received {jit!r}.')
        checks.one_of("jit_compile", jit_compile, ("auto", True, False))
        checks.positive_integer("steps_per_execution", steps_per_execution)
        if run_eagerly or jit_compile is False:
            jit = False
        if jit == "numba":
            autograd.compile(self._train, numba=True)  # raises where numba is not installed
        optimizer = optimizers.get(optimizer)
        outputs = Outputs(loss, loss_weights, metrics, weighted_metrics)
        described = self._described_outputs()
        if described is not None:
            outputs.resolve(*described)
        elif not any(map(tree.is_nested, (loss, loss_weights))) and not isinstance(metrics, dict):
            outputs.resolve(0, None)  # as long as nothing else is known there is one output
        self.optimizer, self.loss = optimizer, outputs.given["loss"]
        self.run_eagerly, self.steps_per_execution = bool(run_eagerly), steps_per_execution
        self._loss_tracker = Mean("loss")
        self._outputs = outputs
        self._find_own_metrics()
        self.jit = jit
        self._steps = {}

    def _described_outputs(self) -> tuple[Any, list[str]] | None:
        """Return the symbolic outputs and their names, where a graph describes the model."""
        return None

    def _resolve(self, y_pred: Any) -> None:
        """Bring losses and metrics to the outputs that the model has returned."""
        if len(self._outputs.each) == 1 and not tree.is_nested(y_pred):
            return
        described = self._described_outputs()
        self._outputs.resolve(y_pred, None if described is None else described[1])

    def _find_own_metrics(self) -> None:
        """Find the metrics among the attributes of the model and of its layers."""
        self._own_metrics = tuple(
            value
            for layer in self.sublayers()
            for name, value in vars(layer).items()
            if isinstance(value, Metric) and name != "_loss_tracker"
        )

    @property
    def compiled(self) -> bool:
        return self.optimizer is not None

    @property
    def metrics(self) -> list[Metric]:
        """The mean of the loss, the means of the losses of several outputs, the metrics that `compile` was given, and
        those among the attributes of the model and of its layers.
        """
        self._find_own_metrics()
        return self._all_metrics()

    def _all_metrics(self) -> list[Metric]:
        given = [self._loss_tracker, *self._outputs.metrics] if self.compiled else []
        return [*given, *self._own_metrics]

    @property
    def metrics_names(self) -> list[str]:
        return [metric.name for metric in self.metrics]

    def reset_metrics(self) -> None:
        """Reset the loss and the metrics."""
        for metric in self._all_metrics():
            metric.reset_state()

    def _need_compiled(self, asked: str) -> None:
        if not self.compiled:
            raise StateError(
                f"model {self.name!r} is not compiled: call model.compile(optimizer, loss, metrics) before {asked}."
            )

    def _consumers(self) -> list[tuple[Output, Loss | Metric]]:
        """Return the losses and the metrics, which consume the targets, each with its output; not those that a
        subclass replaces.
        """
        found: list[tuple[Output, Loss | Metric]] = []
        for output in self._outputs.each:
            if output.loss is not None and type(self).compute_loss is Learner.compute_loss:
                found.append((output, output.loss))
            if self._metrics_are_ours:
                found += [(output, metric) for metric in (*output.metrics, *output.weighted)]
        return found

    def _need_targets(self, y: Any) -> None:
        if y is None:
            for _, consumer in self._consumers():
                kind = "loss" if isinstance(consumer, Loss) else "metric"
                raise ArgumentError(f"the {kind} {consumer.name!r} compares predictions with targets: pass y.")

    # ------------------------------------------------------------------------------------------ steps, to be overridden
    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Return the loss of a batch: that of `compile`, and the penalties of the layers."""
        self._need_targets(y)
        penalties = self.losses
        if self.loss is None and not penalties:
            raise StateError(
                f"model {self.name!r} has nothing to minimise: pass loss= to compile, call add_loss in a layer, or "
                f"override compute_loss."
            )
        total = None
        if self.loss is not None:
            self._resolve(y_pred)
            total = self._outputs.loss(y, y_pred, sample_weight)
        for penalty in penalties:
            total = penalty if total is None else total + penalty
        return total

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, float]:
        """Update the metrics with a batch, and return their values so far."""
        self._resolve(y_pred)
        for inside in (True, False):
            self._outputs.update(y, y_pred, sample_weight, inside)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, float]:
        """Return the loss and the metrics so far, by name."""
        found: dict[str, float] = {}
        for metric in self._all_metrics():
            value = metric.result()
            found |= value if isinstance(value, dict) else {metric.name: value}
        return found

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
        gradients = tape.gradient(loss, weights) if weights else []
        results = self._gathered(loss, x, y, y_pred, sample_weight)
        if weights:
            self.optimizer.apply_gradients(zip(gradients, weights, strict=True))  # type: ignore[union-attr]
        return results

    def _test(self, x: Any, y: Any = None, sample_weight: Any = None) -> Any:
        y_pred = self(x, training=False)
        loss = self.compute_loss(x, y, y_pred, sample_weight, training=False)
        return self._gathered(loss, x, y, y_pred, sample_weight)

    def _predict(self, x: Any) -> Any:
        return self(x, training=False)

    def _gathered(self, loss: Any, x: Any, y: Any, y_pred: Any, sample_weight: Any) -> Any:
        """Update the mean loss and the metrics that compile. Return the predictions if other metrics need them."""
        self._resolve(y_pred)
        self._loss_tracker.update_state(loss, Tensor(len(tree.flatten(x)[0])))
        if not self._metrics_are_ours:
            return y_pred
        self._outputs.update(y, y_pred, sample_weight, inside=True)
        return y_pred if self._outputs.has_outside else None

    def _results(self, data: tuple[Any, ...], y_pred: Any) -> dict[str, float]:
        """Update the metrics that do not compile, and return the values so far."""
        x, y, sample_weight = (*data, None, None)[:3]
        if not self._metrics_are_ours:
            return self.compute_metrics(x, y, y_pred, sample_weight)
        self._outputs.update(y, y_pred, sample_weight, inside=False)
        return self.get_metrics_result()

    @property
    def _metrics_are_ours(self) -> bool:
        """Whether `compute_metrics` is that of this class."""
        return type(self).compute_metrics is Learner.compute_metrics
