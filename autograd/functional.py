"""Transforms of functions: from a function, its derivative."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import nest
from autograd.errors import DtypeError, OperandError, ShapeError
from autograd.operations import identity
from autograd.recording import Recorder, active_recorders, start, stop
from autograd.sweep import sweep
from autograd.tensor import Tensor, apply, new_tensor


def value_and_grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return a function that computes ``f`` and its gradient.

    Parameters
    ----------
    f : callable
        Returns one real number (an array or tensor of shape ``()``); with ``has_aux`` a pair of that and anything else.
    argnums : int or sequence of int, default 0
        The positions of the arguments to differentiate with respect to. Each is a floating-point or complex array, tensor or number, or a
        nest of these in lists, tuples and dicts.
    has_aux : bool, default False

    Returns
    -------
    callable
        Takes the arguments of ``f`` and returns ``(value, gradient)``; with ``has_aux`` ``((value, aux), gradient)``. The gradient is built like
        the argument and holds what the argument held: arrays for arrays, tensors for tensors, numbers for numbers.
        For several ``argnums`` it is a tuple.

    Notes
    -----
    With respect to a complex argument it is the plain derivative, as in JAX: for ``abs(z) ** 2`` it is ``2 * conj(z)``.
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        picked = [_pick(args, position, f) for position in positions]
        recorder = Recorder()
        watched = nest.map_leaves(_source, picked)
        ids = [leaf._id for leaf in nest.leaves(watched)]
        recorder.tracked.update(ids)
        inner = list(args)
        for position, argument in zip(positions, watched, strict=True):
            inner[position] = argument

        start(recorder)
        try:
            result = f(*inner, **kwargs)
        finally:
            stop(recorder)
        value, aux = result if has_aux else (result, None)
        seeds = _seed(value, recorder, f)
        found = sweep(recorder.records, recorder.tracked, seeds, ids, consume=True)

        gradients = [_like(leaf, found.get(i)) for leaf, i in zip(nest.leaves(picked), ids, strict=True)]
        gradient = nest.rebuild(picked, gradients)
        given = next(iter(nest.leaves(picked)), None)
        out = _like(given, value, keep_shape=False) if isinstance(value, Tensor) else value
        return ((out, aux) if has_aux else out), (gradient[0] if isinstance(argnums, int) else tuple(gradient))

    return wrapped


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return a function that computes the gradient of ``f``. See `value_and_grad`.

    Examples
    --------
    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    """
    both = value_and_grad(f, argnums, has_aux)

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return wrapped


def _pick(args: tuple[Any, ...], position: int, f: Callable[..., Any]) -> Any:
    if not -len(args) <= position < len(args):
        raise OperandError(
            f"argnums={position}: {getattr(f, '__name__', f)} received {len(args)} positional arguments. "
            f"Arguments to differentiate with respect to are passed by position."
        )
    return args[position]


def _source(leaf: Any) -> Tensor:
    """Make the tensor that stands for an argument inside the function: the same value, another identity.

    The identity must be new, or a function that is differentiated inside another one would confuse its own argument with that of
    the outer one (Siskind and Pearlmutter's perturbation confusion).
    """
    tensor: Tensor = apply(identity, leaf if isinstance(leaf, Tensor) else Tensor(leaf))
    if tensor.dtype.kind not in "fc":
        raise DtypeError(
            f"cannot differentiate with respect to an argument of dtype {tensor.dtype} and shape {tensor.shape}: derivatives exist for "
            f"floating-point and complex values only. Convert it first, x.astype(float), or write 3.0 in place of 3."
        )
    return tensor


def _seed(value: Any, recorder: Recorder, f: Callable[..., Any]) -> dict[int, Any]:
    """Return the cotangent to begin with: 1 for a real number; none for a constant."""
    name = getattr(f, "__name__", repr(f))
    if not isinstance(value, Tensor):
        if np.asarray(value).dtype.kind not in "biufc" or np.shape(value) != ():
            raise ShapeError(f"a gradient needs a function that returns one number: {name} returned {type(value).__name__}.")
        return {}
    if value.shape != ():
        raise ShapeError(
            f"a gradient needs a function that returns one number: {name} returned shape {value.shape}. "
            f"Sum it, or take another derivative (GradientTape.gradient sums by itself)."
        )
    if value.dtype.kind != "f":
        raise DtypeError(
            f"a gradient needs a function that returns a real floating-point number: {name} returned dtype {value.dtype}."
        )
    if value._id not in recorder.tracked:
        return {}
    one = new_tensor(np.ones((), value.dtype))
    return {value._id: one if active_recorders() else one._data}


def _like(given: Any, result: Any, keep_shape: bool = True) -> Any:
    """Return a result as what was given: a tensor, an array or a number.

    A result that an active recorder tracks stays a tensor, or its derivative would be lost.
    """
    if result is None:
        result = np.zeros(np.shape(given), np.asarray(given._data if isinstance(given, Tensor) else given).dtype)
    recorders = active_recorders()
    if isinstance(given, Tensor) or (isinstance(result, Tensor) and recorders and result._is_tracked(recorders)):
        return result if isinstance(result, Tensor) else new_tensor(np.asarray(result))
    array = result._data if isinstance(result, Tensor) else result
    if isinstance(given, np.ndarray):
        return np.array(array) if keep_shape else array[()]
    return array.item() if isinstance(given, (float, complex)) and not isinstance(given, np.generic) else np.asarray(array)[()]
