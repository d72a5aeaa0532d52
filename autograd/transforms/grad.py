"""Reverse mode as transforms of functions: `value_and_grad`, `grad` and `vjp`.

Every transform returns the kind of values that it was given: arrays for arrays, tensors for tensors, numbers for
numbers. It takes nests of these (lists, tuples, dicts) as arguments. With respect to a complex argument the derivative
is the plain one, as in JAX: for ``abs(z) ** 2`` it is ``2 * conj(z)``.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from autograd.core.convert import decisive
from autograd.core.tensor import Tensor, new_tensor
from autograd.core.tracing import listening
from autograd.errors import DtypeError, OperandError, ShapeError
from autograd.registry.entries import name_of
from autograd.transforms.batched import Batched
from autograd.transforms.linearization import Argnums, Linearization, pick, result_of, single_or_tuple, whole_of

Transform = TypeVar("Transform", bound=Callable[..., Any])


def takes_argnum(transform: Transform) -> Transform:
    """Let a transform take its positions as ``argnum`` too, as HIPS autograd calls them."""

    @functools.wraps(transform)
    def wrapped(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if "argnum" in kwargs:
            if "argnums" in kwargs or args:
                raise OperandError(f"{transform.__name__} takes its positions once: argnums or argnum.")
            kwargs["argnums"] = kwargs.pop("argnum")
        return transform(f, *args, **kwargs)

    return wrapped  # type: ignore[return-value]


# --------------------------------------------------------------------------------------------------- gradients
@takes_argnum
def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return a function that computes ``f`` and its gradient.

    Parameters
    ----------
    f : callable
        Returns one real number (an array or tensor of one element); with ``has_aux`` a pair of that and anything else.
    argnums : int or sequence of int, default 0
        The positions of the arguments to differentiate with respect to. Each is a floating-point or complex array,
        tensor or number, or a nest of these in lists, tuples and dicts.
    has_aux : bool, default False

    Returns
    -------
    callable
        Takes the arguments of ``f`` and returns ``(value, gradient)``; with ``has_aux`` ``((value, aux), gradient)``.
        The gradient is built like the argument and holds what the argument held: arrays for arrays, tensors for
        tensors, numbers for numbers. For several ``argnums`` it is a tuple.

    Raises
    ------
    ShapeError
        When it is called, if ``f`` returns something else than one number.
    DtypeError
        When it is called, if that number is not a real floating-point one, or an argument to differentiate with respect
        to has an integer or boolean dtype.
    OperandError
        When it is called, if there is no argument at one of the positions.

    Examples
    --------
    >>> value_and_grad(lambda x: np.sum(x**2))(np.array([1.0, 3.0]))
    (np.float64(10.0), array([2., 6.]))
    >>> value_and_grad(lambda w, x: w["a"] * x + w["b"], argnums=(0, 1))({"a": 2.0, "b": 1.0}, 3.0)
    (7.0, ({'a': 3.0, 'b': 1.0}, 2.0))
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        run = Linearization(f, argnums, args, kwargs, has_aux)
        gradients = run.pull_seeds(_seed(run), consume=True)
        out = result_of(decisive(run.picked), run.value, ())
        return ((out, run.aux) if has_aux else out), single_or_tuple(argnums, gradients)

    return wrapped


@takes_argnum
def grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return a function that computes the gradient of ``f``.

    Parameters
    ----------
    f, argnums, has_aux
        As in `value_and_grad`.

    Returns
    -------
    callable
        Takes the arguments of ``f`` and returns the gradient, as in `value_and_grad`; with ``has_aux`` ``(gradient,
        aux)``.

    Raises
    ------
    ShapeError, DtypeError, OperandError
        When it is called, as in `value_and_grad`.

    Examples
    --------
    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        run = Linearization(f, argnums, args, kwargs, has_aux)
        gradient = single_or_tuple(argnums, run.pull_seeds(_seed(run), consume=True))
        return (gradient, run.aux) if has_aux else gradient

    return wrapped


# -------------------------------------------------------------------------------- products with the transposed Jacobian
def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Compute ``f``, and return a function that multiplies cotangents by its Jacobian from the left.

    Parameters
    ----------
    f : callable
        Returns an array, tensor or number of any shape, or a nest of these; with ``has_aux`` a pair of that and
        anything else.
    *primals
        Its arguments.
    has_aux : bool, default False

    Returns
    -------
    out : Any
        ``f(*primals)``.
    pullback : callable
        Takes a cotangent, built like ``out`` (None for one that is zero), and returns the tuple of the cotangents of
        the primals. It can be called again and again.
    aux : Any
        Only with ``has_aux``.

    Raises
    ------
    DtypeError
        If a primal has an integer or boolean dtype.
    OperandError
        If the function returns something else than numbers.
    ShapeError
        When the pullback is called, if a cotangent does not fit its output.

    Examples
    --------
    >>> out, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> out, pullback(1.0)
    (6.0, (3.0, 2.0))
    """
    run = Linearization(f, range(len(primals)), primals, {}, has_aux)
    out = run.result()
    return (out, run.pull, run.aux) if has_aux else (out, run.pull)


def _seed(run: Linearization) -> dict[int, Any]:
    """Return the cotangent to begin with: 1 for one real number; none for a constant."""
    value = whole_of(run.value, run.levels, run.f) if isinstance(run.value, Batched) else run.value
    shape = run.value.shape if isinstance(run.value, (Tensor, Batched)) else np.shape(run.value)
    if not isinstance(value, Tensor):
        if np.asarray(value).dtype.kind not in "biufc" or math.prod(shape) != 1:
            raise ShapeError(
                f"a gradient needs a function that returns one number: {name_of(run.f)} returned "
                f"{type(value).__name__}."
            )
        return {}
    if math.prod(shape) != 1:
        raise ShapeError(
            f"a gradient needs a function that returns one number: {name_of(run.f)} returned shape {shape}. "
            f"Sum it, or take another derivative (jacobian, elementwise_grad; GradientTape.gradient sums by itself)."
        )
    if value.dtype.kind != "f":
        raise DtypeError(
            f"a gradient needs a function that returns a real floating-point number: {name_of(run.f)} returned dtype "
            f"{value.dtype}."
        )
    if value._id not in run.recorder.tracked:
        return {}
    one = new_tensor(np.ones(value.shape, value.dtype))
    return {value._id: one if listening() else one._value}


def at_positions(
    f: Callable[..., Any], argnums: Argnums, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Return ``f`` as a function of the arguments at some positions, and these arguments."""
    positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    picked = tuple([pick(args, position, f) for position in positions])

    def of_these(*values: Any) -> Any:
        filled = list(args)
        for position, value in zip(positions, values, strict=True):
            filled[position] = value
        return f(*filled, **kwargs)

    of_these.__name__ = getattr(f, "__name__", repr(f))
    return of_these, picked
