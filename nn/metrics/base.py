"""The base classes of metrics: a value gathered over batches, a mean, the mean of a function.

Each sample counts the same, however the batches are cut. Nothing here is recorded on a tape. State lies in variables,
so that a compiled step can update it (`autograd.compile`): while one is traced the functions compute with tensors, and
otherwise with arrays, which is quicker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd import Tensor, Variable, stop_recording
from autograd.errors import OperandError
from autograd.extend import tracing
from nn import initializers
from nn.checks import check_kind
from nn.config import Configured, Registry, snake_case
from nn.losses import base as losses
from nn.losses.targets import check_alignment, check_same_shape, fit_weights, matched

Array = np.ndarray[Any, Any]
METRICS = Registry("a metric")
# The functions of this package, with the class that each is as a metric: a class enters by ``function=``.
FUNCTIONS: dict[Callable[..., Any], type[MeanMetricWrapper]] = {}


def as_operand(x: Any) -> Any:
    """Return an operand of a metric as an array, and as a tensor while a program is traced."""
    check_kind("what a metric takes", x)
    if isinstance(x, Tensor):
        return x if tracing() else x.numpy()
    return np.asarray(x)


def as_operands(y_true: Any, y_pred: Any, name: str) -> tuple[Any, Any]:
    """Return targets and predictions in one shape."""
    target, prediction = as_operand(y_true), as_operand(y_pred)
    check_same_shape(target.shape, prediction.shape, name)
    return target.reshape(prediction.shape), prediction


class Result(float):
    """The value of a metric: a number that can be read as a tensor's."""

    __slots__ = ()

    def numpy(self) -> np.ndarray[Any, Any]:
        """Return the number as an array."""
        return np.asarray(float(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return float, (float(self),)


class Metric(Configured, registry=METRICS):
    """Base of metrics: subclasses define `update_state`, `result` and `reset_state`.

    Parameters
    ----------
    name : str, optional
        Made from the class unless given.
    dtype : dtype, optional
        Kept as an attribute.

    Examples
    --------
    >>> class Largest(Metric):
    ...     def __init__(self, name="largest"):
    ...         super().__init__(name)
    ...         self.reset_state()
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         self.value = max(self.value, float(np.max(y_pred)))
    ...     def result(self):
    ...         return self.value
    ...     def reset_state(self):
    ...         self.value = 0.0
    >>> Largest()([1, 0], [0.5, 2.0])
    2.0
    """

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        self.name = name or snake_case(type(self).__name__)
        self.dtype = dtype

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add one batch. Defined by subclasses."""
        raise NotImplementedError(f"{type(self).__name__} defines no update_state.")

    def result(self) -> float:
        """Return the value over everything that was added since the last reset. Defined by subclasses."""
        raise NotImplementedError(f"{type(self).__name__} defines no result.")

    def reset_state(self) -> None:
        """Forget everything that was added: the variables become 0, unless a subclass does something else."""
        variables = self.variables
        if not variables:
            raise NotImplementedError(f"{type(self).__name__} defines no reset_state.")
        for variable in variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))

    def check(self, y_true: Array, shape: tuple[int, ...]) -> None:
        """Raise if the targets of a whole training run do not fit predictions of a shape. Called before any step."""
        check_alignment(y_true.shape, shape, f"the metric {self.name!r}")

    @property
    def variables(self) -> list[Variable]:
        """The variables that hold the state: those among the attributes, and those of metrics among them."""
        found: list[Variable] = []
        for value in vars(self).values():
            found += [value] if isinstance(value, Variable) else value.variables if isinstance(value, Metric) else []
        return found

    def reset_states(self) -> None:
        """The same as `reset_state`."""
        self.reset_state()

    def add_variable(
        self, shape: Any, initializer: Any = "zeros", dtype: Any = None, name: str | None = None
    ) -> Variable:
        """Make a variable of the state.

        Parameters
        ----------
        shape : tuple of int
        initializer : str or callable, default "zeros"
        dtype : dtype, default float32
        name : str, optional

        Returns
        -------
        Variable
        """
        dtype = np.dtype(dtype or np.float32)
        value = initializers.get(initializer)(tuple(shape), dtype)
        return Variable(value, trainable=False, dtype=dtype, name=name or "variable")

    add_weight = add_variable

    @property
    def compiles(self) -> bool:
        """Whether a compiled step can update the metric: its state are variables, its functions of this package."""
        return False

    def __call__(self, *args: Any, **kwargs: Any) -> float:
        """Add one batch, and return the value so far.

        Parameters
        ----------
        *args, **kwargs
            Those of `update_state`.

        Returns
        -------
        float
        """
        self.update_state(*args, **kwargs)
        return self.result()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}: {self.result():.6g}>"


class Mean(Metric):
    """The weighted mean of values; 0.0 of none.

    Parameters
    ----------
    name : str, optional
        ``"mean"`` unless given.

    Raises
    ------
    OperandError
        When values are added that are no real numbers.

    Examples
    --------
    >>> mean = Mean()
    >>> mean.update_state([1.0, 2.0])
    >>> mean.update_state(6.0, sample_weight=2.0)
    >>> mean.result()
    3.75
    """

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self.total = Variable(0.0, trainable=False, name=f"{self.name}/total")
        self.count = Variable(0.0, trainable=False, name=f"{self.name}/count")

    def reset_state(self) -> None:
        self.total.assign(0.0)
        self.count.assign(0.0)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Add values of any shape, with weights of the same shape or of its first axes.

        Parameters
        ----------
        values : array_like or Tensor
        sample_weight : array_like, optional

        Raises
        ------
        OperandError, ShapeError
            If something is no array of real numbers, or the weights do not fit.
        """
        array = as_operand(values)
        if array.dtype.kind not in "biuf":
            raise OperandError(f"the metric {self.name!r} is a mean of real numbers: received {values!r}.")
        if sample_weight is None:
            self.total.assign_add(np.sum(array.astype(np.float64)))
            self.count.assign_add(array.size)
            return
        weights = np.broadcast_to(fit_weights(as_operand(sample_weight), array.shape), array.shape)
        self.total.assign_add(np.sum((array * weights).astype(np.float64)))
        self.count.assign_add(np.sum(weights.astype(np.float64)))

    def result(self) -> float:
        count: float = self.count.item()
        return Result(self.total.item() / count if count else 0.0)

    @property
    def compiles(self) -> bool:
        return type(self) is Mean


class MeanMetricWrapper(Mean, named=False):
    """The mean of a function of targets and predictions.

    Parameters
    ----------
    fn : callable
        ``fn(y_true, y_pred, **kwargs)`` returns one number per sample.
    name : str, optional
        That of the function, unless given.
    **kwargs
        Passed on to the function.

    Examples
    --------
    >>> bias = MeanMetricWrapper(lambda y_true, y_pred: y_pred - y_true, name="bias")
    >>> bias(np.array([1.0, 2.0]), np.array([2.0, 2.5]))
    0.75
    """

    def __init_subclass__(cls, function: Callable[..., Any] | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        if function is not None:
            FUNCTIONS[function] = cls

    def __init__(self, fn: Callable[..., Any], name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name or getattr(fn, "__name__", None))
        self.fn = fn
        self.options = kwargs

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Add one batch.

        Parameters
        ----------
        y_true, y_pred : array_like or Tensor
            A last axis of length 1 that only one of them has is given to the targets or taken from them.
        sample_weight : array_like, optional

        Raises
        ------
        OperandError, ShapeError
            If the function returns no real numbers, or something does not fit.
        """
        with stop_recording():
            y_true = matched(y_true, y_pred, f"the metric {self.name!r}")
            super().update_state(self.fn(y_true, y_pred, **self.options), sample_weight)

    def check(self, y_true: Array, shape: tuple[int, ...]) -> None:
        if self.fn in FUNCTIONS:
            FUNCTIONS[self.fn].check_targets(self.options, y_true, shape, self.fn.__name__)
        elif self.fn in losses.FUNCTIONS:
            losses.check_targets(self.fn, self.options, y_true, shape)
        else:
            super().check(y_true, shape)

    @classmethod
    def check_targets(cls, options: Mapping[str, Any], targets: Any, shape: tuple[int, ...], name: str) -> None:
        """Raise if targets are not what the function takes together with predictions of a shape."""
        check_same_shape(targets.shape, shape, name)

    @property
    def compiles(self) -> bool:
        ours = type(self).update_state is MeanMetricWrapper.update_state
        return ours and (self.fn in FUNCTIONS or self.fn in losses.FUNCTIONS)
