"""The losses and metrics of each output of a model: given as one, as a list or as a dict by the names of outputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.errors import OperandError, ShapeError
from nn import losses as losses_module
from nn import metrics as metrics_module
from nn import tree
from nn.errors import ArgumentError
from nn.losses import Loss
from nn.losses.targets import matched
from nn.metrics import Mean, Metric


class Output:
    """One output: its loss, the factor of that, and its metrics."""

    # A compiled step depends on the metrics that it updates, and on no others.
    __program_state__ = frozenset({"metrics", "outside", "tracker", "weighted"})

    def __init__(self, key: Any, name: str | None, loss: Loss | None, weight: float | None) -> None:
        self.key = key  # in a dict of outputs, or the position
        self.name = name
        self.loss = loss
        self.weight = weight
        self.tracker: Mean | None = None
        self.metrics: list[Metric] = []
        self.weighted: list[Metric] = []
        self.inside: list[tuple[Metric, bool]] = []  # those that a compiled step updates; whether they take weights
        self.outside: list[tuple[Metric, bool]] = []

    def sort(self) -> None:
        """Note which metrics a compiled step can update."""
        pairs = [(metric, False) for metric in self.metrics] + [(metric, True) for metric in self.weighted]
        self.inside = [pair for pair in pairs if pair[0].compiles]
        self.outside = [pair for pair in pairs if not pair[0].compiles]
        self.needs_targets = bool(pairs) or self.loss is not None


class Outputs:
    """The losses and metrics that `compile` was given, brought to the outputs of a model.

    Parameters
    ----------
    loss, loss_weights, metrics, weighted_metrics
        As `compile` takes them.

    Attributes
    ----------
    each : list of Output
        Empty before `resolve`.
    """

    __program_state__ = frozenset({"_structure", "given"})

    def __init__(self, loss: Any, loss_weights: Any, metrics: Any, weighted_metrics: Any) -> None:
        self.given = {"loss": _mapped(_as_loss, loss), "loss_weights": _mapped(_as_weight, loss_weights)}
        self.given |= {"metrics": _as_list(metrics), "weighted_metrics": _as_list(weighted_metrics)}
        self.each: list[Output] = []
        self._structure: Any = None

    def resolve(self, outputs: Any, names: Sequence[str] | None) -> None:
        """Bring losses and metrics to outputs of a nest, whose names are known for a functional model."""
        if self.each and tree.same_structure(self._structure, outputs):
            return
        keys, known = _keys(outputs, names)
        several = len(keys) > 1
        by_output = {what: self._by_output(what, value, keys, known, outputs) for what, value in self.given.items()}
        self.each = []
        for position, (key, name) in enumerate(zip(keys, known, strict=True)):
            loss = by_output["loss"][position]
            label = name or (loss.name if loss is not None else None)
            output = Output(key, label, loss, by_output["loss_weights"][position])
            prefix = f"{label}_" if several and label else ""
            for what, found in (("metrics", output.metrics), ("weighted_metrics", output.weighted)):
                found += _metrics_of(by_output[what][position], loss, prefix)
            output.sort()
            self.each.append(output)
        with_loss = [output for output in self.each if output.loss is not None]
        for output in with_loss if len(with_loss) > 1 else ():
            output.tracker = Mean(f"{output.name}_loss")
        self._structure = tree.map_structure(lambda _: None, outputs)
        self._check_names()

    def _check_names(self) -> None:
        names = ["loss", *(metric.name for metric in self.metrics)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ArgumentError(
                f"metrics need different names, and {twice[0]!r} stands there more than once: pass name= to one of "
                f"them."
            )

    @property
    def metrics(self) -> list[Metric]:
        """The means of the losses where there are several, the metrics, and those that are weighted."""
        trackers: list[Metric] = [output.tracker for output in self.each if output.tracker is not None]
        plain = [metric for output in self.each for metric in output.metrics]
        return [*trackers, *plain, *(metric for output in self.each for metric in output.weighted)]

    def _by_output(self, what: str, value: Any, keys: list[Any], names: list[Any], outputs: Any) -> list[Any]:
        """Return what each output is given, None where nothing."""
        several = len(keys) > 1
        if value is None:
            return [None] * len(keys)
        if isinstance(value, dict):
            named = dict(zip(names, range(len(keys)), strict=True)) | dict(zip(keys, range(len(keys)), strict=True))
            unknown = [key for key in value if key not in named]
            if unknown:
                there = ", ".join(repr(name if name else key) for name, key in zip(names, keys, strict=True))
                raise ArgumentError(
                    f"{what} names the output {unknown[0]!r}, and there is none: the outputs are {there}."
                )
            found: list[Any] = [None] * len(keys)
            for key, each in value.items():
                found[named[key]] = each
            return found
        if not several:
            is_list = isinstance(value, (list, tuple))
            return [value[0] if is_list and what.startswith("loss") and len(value) == 1 else value]
        if isinstance(value, (list, tuple)):
            flat = tree.flatten(value) if what.startswith("loss") and len(value) != len(keys) else list(value)
            if len(flat) != len(keys):
                raise ArgumentError(
                    f"{what} has {len(value)} entries for {len(keys)} outputs: give one for each (None for none), or "
                    f"a dict by their names {', '.join(repr(n or k) for n, k in zip(names, keys, strict=True))}."
                )
            return flat
        return [value] * len(keys)

    # ------------------------------------------------------------------------------------------- a batch
    def targets(self, y: Any, what: str = "y") -> list[Any]:
        """Return targets or weights as a list, one for each output; None where there are none."""
        if len(self.each) == 1 and not tree.is_nested(y):
            return [y]
        if isinstance(y, dict):
            found = []
            for output in self.each:
                key = output.key if output.key in y else output.name
                if key not in y and what == "y" and output.needs_targets:
                    raise OperandError(
                        f"{what} is a dict without {key!r}, which the loss or metrics of that output need: received "
                        f"{', '.join(map(repr, y))}."
                    )
                found.append(y.get(key))
            return found
        if isinstance(y, (list, tuple)):
            flat = tree.flatten(y)
            wanted = [output for output in self.each if output.loss is not None]
            if len(flat) == len(wanted) < len(self.each):
                given = iter(flat)
                return [next(given) if output.loss is not None else None for output in self.each]
            if len(flat) != len(self.each):
                raise ShapeError(
                    f"the model has {len(self.each)} outputs"
                    f"{_named(self.each)}: received {what} with {len(flat)} arrays."
                )
            return flat
        if what == "sample_weight" or y is None:
            return [y] * len(self.each)
        raise OperandError(
            f"the model has {len(self.each)} outputs{_named(self.each)}: pass y as a list or dict of as many arrays, "
            f"received a {type(y).__name__} of shape {np.shape(y)}."
        )

    def triples(self, y: Any, y_pred: Any, sample_weight: Any) -> Iterator[tuple[Output, Any, Any, Any]]:
        """Yield each output with its targets, predictions and weights."""
        yield from zip(
            self.each,
            self.targets(y),
            tree.flatten(y_pred),
            self.targets(sample_weight, "sample_weight"),
            strict=True,
        )

    def loss(self, y: Any, y_pred: Any, sample_weight: Any) -> Any:
        """Return the weighted sum of the losses of all outputs, and update the means of each; None without losses."""
        total = None
        for output, target, prediction, weight in self.triples(y, y_pred, sample_weight):
            if output.loss is None:
                continue
            value = output.loss(target, prediction, weight)
            if output.tracker is not None:
                output.tracker.update_state(value, Tensor(len(prediction)))
            if output.weight is not None:
                value = value * output.weight
            total = value if total is None else total + value
        return total

    def update(self, y: Any, y_pred: Any, sample_weight: Any, inside: bool) -> None:
        """Update the metrics that a compiled step can update, or the others."""
        if not any(output.inside if inside else output.outside for output in self.each):
            return
        for output, target, prediction, weight in self.triples(y, y_pred, sample_weight):
            chosen = output.inside if inside else output.outside
            target = matched(target, prediction, "a metric") if chosen else None
            for metric, weighted in chosen:
                if weighted:
                    metric.update_state(target, prediction, sample_weight=weight)
                else:
                    metric.update_state(target, prediction)

    @property
    def has_outside(self) -> bool:
        """Whether there are metrics that a compiled step cannot update."""
        return any(output.outside for output in self.each)


def _named(each: Sequence[Output]) -> str:
    names = [output.name or output.key for output in each]
    return f", {', '.join(map(repr, names))}" if all(isinstance(name, str) for name in names) else ""


def _keys(outputs: Any, names: Sequence[str] | None) -> tuple[list[Any], list[Any]]:
    """Return the keys of the outputs of a nest, and their names where there are some."""
    count = len(tree.flatten(outputs))
    if isinstance(outputs, dict) and len(outputs) == count:
        keys = tree.keys_of(outputs)
        return keys, keys
    return list(range(count)), [None] * count if names is None or len(names) != count else list(names)


def _mapped(function: Any, value: Any) -> Any:
    """Map the entries of a list or dict, or one value."""
    return None if value is None else tree.map_structure(function, value)


def _as_loss(identifier: Any) -> Loss | None:
    loss = None if identifier is None else losses_module.get(identifier)
    if loss is not None and loss.reduction is None:
        raise ArgumentError(
            f"training needs a loss that is one number: {loss.name!r} has reduction=None. Choose a reduction."
        )
    return loss


def _as_weight(value: Any) -> float | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float, np.number))):
        raise ArgumentError(f"loss_weights are numbers, one for each loss: received {value!r}.")
    return None if value is None else float(value)


def _as_list(metrics: Any) -> Any:
    """Return metrics as a list or dict; a single one in a list."""
    if isinstance(metrics, (str, Metric)) or callable(metrics):
        return [metrics]
    if metrics is not None and not isinstance(metrics, (list, tuple, dict)):
        raise OperandError(
            f"metrics is a list of names, metrics or functions, or a dict of these by output: received {metrics!r}."
        )
    return metrics


def _metrics_of(given: Any, loss: Loss | None, prefix: str) -> list[Metric]:
    """Return the metrics of one output, with its name before theirs where there are several outputs."""
    found = []
    for each in tree.flatten([] if given is None else given):
        if each is None:
            continue
        metric = metrics_module.get(each, loss)
        if prefix and not metric.name.startswith(prefix):
            metric.name = f"{prefix}{metric.name}"
        found.append(metric)
    return found
