"""Transforms of functions: from a function, its derivative.

Every transform gives back what it was given: arrays for arrays, tensors for tensors, numbers for numbers; and takes nests of these (lists,
tuples, dicts) as arguments. With respect to a complex argument a derivative is the plain one, as in JAX: for ``abs(z) ** 2`` it is
``2 * conj(z)``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from autograd import nest
from autograd.errors import DtypeError, OperandError, ShapeError
from autograd.operations import identity
from autograd.recording import Recorder, active_recorders, start, stop
from autograd.sweep import sweep
from autograd.tensor import Tensor, apply, new_tensor

Argnums = int | Sequence[int]


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
        The positions of the arguments to differentiate with respect to. Each is a floating-point or complex array, tensor or number, or a
        nest of these in lists, tuples and dicts.
    has_aux : bool, default False

    Returns
    -------
    callable
        Takes the arguments of ``f`` and returns ``(value, gradient)``; with ``has_aux`` ``((value, aux), gradient)``. The gradient is built like
        the argument and holds what the argument held: arrays for arrays, tensors for tensors, numbers for numbers.
        For several ``argnums`` it is a tuple.
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        run = _run(f, argnums, args, kwargs, has_aux)
        found = sweep(run.recorder.records, run.recorder.tracked, _seed(run.value, run.recorder, f), run.ids, consume=True)
        out = given_back(run.picked, run.value)
        return ((out, run.aux) if has_aux else out), unwrapped(argnums, _gradients(run, found))

    return wrapped


@takes_argnum
def grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
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


# --------------------------------------------------------------------------------------------------- products with the transposed Jacobian
def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Compute ``f``, and return a function that multiplies cotangents by its Jacobian from the left.

    Parameters
    ----------
    f : callable
        Returns an array, tensor or number of any shape, or a nest of these; with ``has_aux`` a pair of that and anything else.
    *primals
        Its arguments.
    has_aux : bool, default False

    Returns
    -------
    out : Any
        ``f(*primals)``.
    pullback : callable
        Takes a cotangent, built like ``out`` (None for one that is zero), and returns the tuple of the cotangents of the primals. It can be called
        again and again.
    aux : Any
        Only with ``has_aux``.

    Examples
    --------
    >>> out, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> out, pullback(1.0)
    (6.0, (3.0, 2.0))
    """
    out, pullback, aux = vjp_at(f, range(len(primals)), primals, {}, has_aux)
    return (out, pullback, aux) if has_aux else (out, pullback)


# --------------------------------------------------------------------------------------------------- what they are made of
class _Run(NamedTuple):
    """A function that was run under a recorder.

    Attributes
    ----------
    value, aux
        What it returned, tensors in it.
    recorder : Recorder
    picked : tuple
        The arguments to differentiate with respect to, as they were given.
    ids : list of int
        The identity of each leaf of these inside the function.
    """

    value: Any
    aux: Any
    recorder: Recorder
    picked: tuple[Any, ...]
    ids: list[int]


def _run(f: Callable[..., Any], argnums: Argnums, args: tuple[Any, ...], kwargs: dict[str, Any], has_aux: bool) -> _Run:
    positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    picked = tuple([pick(args, position, f) for position in positions])
    recorder = Recorder()
    watched = nest.map_leaves(source_of, picked)
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
    return _Run(value, aux, recorder, picked, ids)


def vjp_at(
    f: Callable[..., Any], argnums: Argnums, args: tuple[Any, ...], kwargs: dict[str, Any], has_aux: bool
) -> tuple[Any, Callable[[Any], tuple[Any, ...]], Any]:
    run = _run(f, argnums, args, kwargs, has_aux)
    name = getattr(f, "__name__", repr(f))
    outputs = nest.leaves(run.value)
    for leaf in outputs:
        if not isinstance(leaf, Tensor) and np.asarray(leaf).dtype.kind not in "biufc":
            raise OperandError(f"a derivative needs a function that returns numbers, or a nest of these: {name} returned {type(leaf).__name__}.")

    def pullback(cotangents: Any) -> tuple[Any, ...]:
        given = nest.leaves(cotangents) if len(outputs) != 1 or isinstance(cotangents, (list, tuple, dict)) else [cotangents]
        if len(given) != len(outputs):
            raise ShapeError(f"{name} returned {len(outputs)} arrays, each of which needs a cotangent or None: received {len(given)}.")
        seeds: dict[int, Any] = {}
        for leaf, cotangent in zip(outputs, given, strict=True):
            if cotangent is not None and isinstance(leaf, Tensor) and leaf._id in run.recorder.tracked:
                seed = _cotangent(cotangent, leaf)
                seeds[leaf._id] = seeds[leaf._id] + seed if leaf._id in seeds else seed
        return _gradients(run, sweep(run.recorder.records, run.recorder.tracked, seeds, run.ids, consume=False))

    return nest.map_leaves(lambda leaf: given_back(run.picked, leaf), run.value), pullback, run.aux


def _cotangent(given: Any, leaf: Tensor) -> Any:
    """Check a cotangent against the output that it belongs to; a tensor where a recorder is active, and otherwise an array."""
    cotangent = given if isinstance(given, Tensor) else new_tensor(np.array(given))
    if cotangent.shape != leaf.shape:
        raise ShapeError(f"an output of shape {leaf.shape} needs a cotangent of that shape: received shape {cotangent.shape}.")
    if cotangent.dtype != leaf.dtype:
        cotangent = (cotangent if leaf.dtype.kind == "c" else cotangent.real).astype(leaf.dtype)
    return cotangent if active_recorders() else cotangent._value


def unwrapped(argnums: Argnums, found: tuple[Any, ...]) -> Any:
    return found[0] if isinstance(argnums, int) else found


def _gradients(run: _Run, found: dict[int, Any]) -> tuple[Any, ...]:
    """Build the gradients like the arguments."""
    return nest.rebuild(run.picked, [like(leaf, found.get(i)) for leaf, i in zip(nest.leaves(run.picked), run.ids, strict=True)])


def given_back(picked: Any, value: Any) -> Any:
    """Return an output as the arguments were: a tensor for tensors, a number for numbers if it is one, an array otherwise."""
    if not isinstance(value, Tensor):
        return value
    given = next(iter(nest.leaves(picked)), None)
    if value.ndim and isinstance(given, (float, complex, np.generic)):
        given = np.empty(0)
    return like(given, value, keep_shape=False)


def pick(args: tuple[Any, ...], position: int, f: Callable[..., Any]) -> Any:
    if not -len(args) <= position < len(args):
        raise OperandError(
            f"argnums={position}: {getattr(f, '__name__', f)} received {len(args)} positional arguments. "
            f"Arguments to differentiate with respect to are passed by position."
        )
    return args[position]


def source_of(leaf: Any) -> Tensor:
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
    """Return the cotangent to begin with: 1 for one real number; none for a constant."""
    name = getattr(f, "__name__", repr(f))
    if not isinstance(value, Tensor):
        if np.asarray(value).dtype.kind not in "biufc" or np.size(value) != 1:
            raise ShapeError(f"a gradient needs a function that returns one number: {name} returned {type(value).__name__}.")
        return {}
    if value.size != 1:
        raise ShapeError(
            f"a gradient needs a function that returns one number: {name} returned shape {value.shape}. "
            f"Sum it, or take another derivative (jacobian, elementwise_grad; GradientTape.gradient sums by itself)."
        )
    if value.dtype.kind != "f":
        raise DtypeError(
            f"a gradient needs a function that returns a real floating-point number: {name} returned dtype {value.dtype}."
        )
    if value._id not in recorder.tracked:
        return {}
    one = new_tensor(np.ones(value.shape, value.dtype))
    return {value._id: one if active_recorders() else one._value}


def like(given: Any, result: Any, keep_shape: bool = True) -> Any:
    """Return a result as what was given: a tensor, an array or a number.

    A result that an active recorder tracks stays a tensor, or its derivative would be lost.
    """
    if result is None:
        result = np.zeros(np.shape(given), np.asarray(given._value if isinstance(given, Tensor) else given).dtype)
    recorders = active_recorders()
    if isinstance(given, Tensor) or (isinstance(result, Tensor) and recorders and result._is_tracked(recorders)):
        return result if isinstance(result, Tensor) else new_tensor(np.asarray(result))
    array = result._value if isinstance(result, Tensor) else result
    if isinstance(given, np.ndarray):
        return np.array(array) if keep_shape else array[()]
    return array.item() if isinstance(given, (float, complex)) and not isinstance(given, np.generic) else np.asarray(array)[()]
