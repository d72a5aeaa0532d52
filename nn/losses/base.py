"""The base class of losses, and functions as losses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

import numpy as np

import autograd.numpy as anp
from autograd import Tensor
from autograd.errors import OperandError
from nn import checks
from nn.config import Configured, Registry, snake_case
from nn.losses.targets import check_alignment, check_finite, check_same_shape, fit_weights, matched

LOSSES = Registry("a loss")
# The functions of this package, with the class that each is as a loss: a class enters by ``function=``.
FUNCTIONS: dict[Callable[..., Any], type[LossFunctionWrapper]] = {}


class Loss(Configured, registry=LOSSES):
    """A loss that is reduced to one number. Subclasses define ``call(y_true, y_pred)``, one number per sample.

    Parameters
    ----------
    name : str, optional
        Made from the class unless given.
    reduction : {"sum_over_batch_size", "sum", None}
        The mean over all samples (and all further axes of what `call` returns), the sum, or no reduction.
    dtype : dtype, optional
        To convert predictions to; they keep their dtype unless given.

    Raises
    ------
    ArgumentError
        If there is no such reduction.

    Examples
    --------
    >>> class Hinge(Loss):
    ...     def call(self, y_true, y_pred):
    ...         return np.mean(np.maximum(1 - y_true * y_pred, 0), axis=-1)
    >>> Hinge(reduction="sum")([[1.0], [-1.0]], autograd.Tensor([[0.5], [0.5]])).item()
    2.0
    """

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        self.name = name or snake_case(type(self).__name__)
        reduction = None if reduction == "none" else reduction
        self.reduction = checks.one_of("reduction", reduction, ("sum_over_batch_size", "sum", None))
        self.dtype = dtype

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """Return the loss of each sample. Defined by subclasses."""
        raise NotImplementedError(f"{type(self).__name__} defines no call(y_true, y_pred).")

    def check(self, y_true: Any, shape: tuple[int, ...]) -> None:
        """Raise if the targets of a whole training run do not fit predictions of a shape. Called before any step."""
        check_alignment(np.shape(y_true), shape, f"the loss {self.name!r}")

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """Return the reduced loss.

        Parameters
        ----------
        y_true, y_pred : array_like or Tensor
            A last axis of length 1 that only one of them has is given to the targets or taken from them, for `call`
            too.
        sample_weight : array_like, optional
            A factor for each sample, of the shape of the losses or of their first axes. The mean divides by the number
            of losses all the same.

        Returns
        -------
        Tensor, shape () unless the reduction is None

        Raises
        ------
        ShapeError
            If targets, predictions and weights do not fit together.
        """
        if self.dtype is not None and np.dtype(self.dtype) != getattr(y_pred, "dtype", None):
            y_pred = (y_pred if isinstance(y_pred, Tensor) else Tensor(y_pred)).astype(self.dtype)
        losses = self.call(matched(y_true, y_pred, f"the loss {self.name!r}"), y_pred)
        if sample_weight is not None:
            losses = losses * fit_weights(sample_weight, losses.shape).astype(losses.dtype)
        if self.reduction is None:
            return losses
        return anp.sum(losses) if self.reduction == "sum" else anp.mean(losses)


class LossFunctionWrapper(Loss, named=False):
    """A function of targets and predictions as a loss.

    Parameters
    ----------
    fn : callable
        ``fn(y_true, y_pred, **kwargs)`` returns one number per sample.
    reduction : {"sum_over_batch_size", "sum", None}
        See `Loss`.
    name : str, optional
        That of the function, unless given.
    dtype : dtype, optional
        See `Loss`.
    **kwargs
        Passed on to the function.

    Raises
    ------
    ArgumentError
        If there is no such reduction.
    OperandError
        When it is called, if the function returns no tensor.

    Examples
    --------
    >>> fourth_power = LossFunctionWrapper(lambda y_true, y_pred: np.mean((y_true - y_pred) ** 4, axis=-1))
    >>> fourth_power([[1.0]], autograd.Tensor([[3.0]])).item()
    16.0
    """

    def __init_subclass__(cls, function: Callable[..., Any] | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        if function is not None:
            FUNCTIONS[function] = cls

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", None), reduction, dtype)
        self.fn = fn
        self.options = kwargs

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        losses = self.fn(y_true, y_pred, **self.options)
        if not isinstance(losses, Tensor):
            raise OperandError(
                f"the loss {self.name!r} returned a {type(losses).__name__}. A loss is computed from y_pred with "
                f"NumPy's functions or those of autograd.numpy and returns a Tensor, or it has no derivative."
            )
        return losses

    def check(self, y_true: Any, shape: tuple[int, ...]) -> None:
        if self.fn in FUNCTIONS:
            check_targets(self.fn, self.options, y_true, shape)
        else:
            super().check(y_true, shape)

    @classmethod
    def check_targets(cls, options: Mapping[str, Any], targets: Any, shape: tuple[int, ...], name: str) -> None:
        """Raise if targets are not what the function takes together with predictions of a shape."""
        check_same_shape(targets.shape, shape, name)


def check_targets(fn: Callable[..., Any], options: Mapping[str, Any], y_true: Any, shape: tuple[int, ...]) -> None:
    """Raise if targets are not what one of `FUNCTIONS` takes together with predictions of a shape."""
    targets = np.asarray(y_true)
    check_finite(f"{fn.__name__}, for y_true,", targets)
    FUNCTIONS[fn].check_targets(options, targets, shape, fn.__name__)


def get(identifier: Any) -> Loss:
    """Return the loss that an identifier asks for.

    Parameters
    ----------
    identifier : str, dict, Loss or callable
        A name, a configuration, a `Loss` (returned as it is), a function of this module (as its class with the
        defaults), or another function of targets and predictions that returns one number per sample (as a loss that
        takes the mean).

    Returns
    -------
    Loss

    Raises
    ------
    ArgumentError
        If there is no loss of the name.
    OperandError
        If the identifier is of another kind.

    Examples
    --------
    >>> get("mse").name
    'mean_squared_error'
    """
    if isinstance(identifier, Loss):
        return identifier
    if isinstance(identifier, FunctionType) and identifier in FUNCTIONS:
        return FUNCTIONS[identifier]()  # type: ignore[call-arg]
    found = LOSSES.get(identifier)
    return found if isinstance(found, Loss) else LossFunctionWrapper(found)
