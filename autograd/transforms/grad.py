"""Transforms of functions: from a function, its derivative.

Every transform gives back what it was given: arrays for arrays, tensors for tensors, numbers for numbers; and takes
nests of these (lists, tuples, dicts) as arguments. With respect to a complex argument a derivative is the plain one, as
in JAX: for ``abs(z) ** 2`` it is ``2 * conj(z)``."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from autograd.core import nest
from autograd.core.backward import sweep
from autograd.core.operations import identity
from autograd.core.recorder import Recorder, active_recorders, start, stop
from autograd.core.tensor import Tensor, apply, new_tensor
from autograd.errors import DtypeError, OperandError, ShapeError
from autograd.transforms.batched import Batched, Level, NeedsOneValue, active_levels, all_exposed, all_hidden
from autograd.transforms.chunks import chunk_size_for

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
        run = _run(f, argnums, args, kwargs, has_aux)
        found = sweep(run.recorder.records, run.recorder.tracked, _seed(run, f), run.ids, consume=True)
        out = given_back(run.picked, run.value)
        return ((out, run.aux) if has_aux else out), unwrapped(argnums, _gradients(run, found))

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
    both = value_and_grad(f, argnums, has_aux)

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

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
    out, pullback, aux = vjp_at(f, range(len(primals)), primals, {}, has_aux)
    return (out, pullback, aux) if has_aux else (out, pullback)


# ------------------------------------------------------------------------------------------------ what they are made of
class _Run(NamedTuple):
    """A function that was run under a recorder.

    Attributes
    ----------
    value, aux : Any
        What it returned: the value, or a nest of values, and what stood beside it (None without ``has_aux``).
    recorder : Recorder
        Holds the records of the call.
    picked : tuple
        The arguments to differentiate with respect to, as they were given.
    ids : list of int
        The identity of each leaf of these inside the function.
    levels : tuple of Level
        The mapped functions that it ran in. The tensors that the recorder tracks are those of whole batches: an element
        does not depend on the argument of another one, so the derivative of a whole batch is that of each.
    """

    value: Any
    aux: Any
    recorder: Recorder
    picked: tuple[Any, ...]
    ids: list[int]
    levels: tuple[Level, ...]


def _run(f: Callable[..., Any], argnums: Argnums, args: tuple[Any, ...], kwargs: dict[str, Any], has_aux: bool) -> _Run:
    """Call a function under a recorder of its own, with tensors in place of the arguments at some positions."""
    positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    picked = tuple([pick(args, position, f) for position in positions])
    recorder = Recorder()
    levels = active_levels()
    sources = [source_of(all_exposed(leaf, levels) if levels else leaf) for leaf in nest.leaves(picked)]
    ids = [leaf._id for leaf in sources]
    recorder.tracked.update(ids)
    watched = nest.rebuild(picked, [all_hidden(leaf, levels) for leaf in sources] if levels else sources)
    inner = list(args)
    for position, argument in zip(positions, watched, strict=True):
        inner[position] = argument

    start(recorder)
    try:
        result = f(*inner, **kwargs)
    finally:
        stop(recorder)
    value, aux = result if has_aux else (result, None)
    return _Run(value, aux, recorder, picked, ids, levels)


def vjp_at(
    f: Callable[..., Any], argnums: Argnums, args: tuple[Any, ...], kwargs: dict[str, Any], has_aux: bool
) -> tuple[Any, Pullback, Any]:
    """Return the value of a function, the product with its transposed Jacobian there, and what stands beside the value.
    See `vjp`.
    """
    run = _run(f, argnums, args, kwargs, has_aux)
    name = getattr(f, "__name__", repr(f))
    outputs = nest.leaves(run.value)
    for leaf in outputs:
        if not isinstance(leaf, (Tensor, Batched)) and np.asarray(leaf).dtype.kind not in "biufc":
            raise OperandError(
                f"a derivative needs a function that returns numbers, or a nest of these: {name} returned "
                f"{type(leaf).__name__}."
            )

    return nest.map_leaves(lambda leaf: given_back(run.picked, leaf), run.value), Pullback(run, name), run.aux


class Pullback:
    """Multiplies cotangents by the Jacobian of a function at one place, from the left. See `vjp`."""

    __slots__ = ("_name", "_outputs", "_run")

    def __init__(self, run: _Run, name: str) -> None:
        self._run = run
        self._name = name
        self._outputs = [whole_of(leaf, run.levels, name) for leaf in nest.leaves(run.value)]

    def __call__(self, cotangents: Any) -> tuple[Any, ...]:
        run, outputs = self._run, self._outputs
        given = (
            nest.leaves(cotangents)
            if len(outputs) != 1 or isinstance(cotangents, (list, tuple, dict))
            else [cotangents]
        )
        if len(given) != len(outputs):
            raise ShapeError(
                f"{self._name} returned {len(outputs)} arrays, each of which needs a cotangent or None: received "
                f"{len(given)}."
            )
        seeds: dict[int, Any] = {}
        for leaf, cotangent in zip(outputs, given, strict=True):
            if cotangent is not None and isinstance(leaf, Tensor) and leaf._id in run.recorder.tracked:
                seed = _cotangent(cotangent, leaf, run.levels)
                seeds[leaf._id] = seeds[leaf._id] + seed if leaf._id in seeds else seed
        return _gradients(run, sweep(run.recorder.records, run.recorder.tracked, seeds, run.ids, consume=False))

    def chunk_size_for(self) -> int:
        """Return how many cotangents one call takes at once, in a mapped function, within the bound on memory."""
        return chunk_size_for(self._run.recorder.records, self._outputs)


def whole_of(leaf: Any, levels: tuple[Level, ...], name: str) -> Any:
    """Return an output with the axes of all mapped functions in front, and refuse one that is mapped where its function
    is not.
    """
    whole = all_exposed(leaf, levels) if levels else leaf
    if isinstance(whole, Batched):
        raise NeedsOneValue(
            f"{name} reads a value of a batch that is not among its arguments, where it runs for one element at a "
            f"time: pass that value in."
        )
    return whole


def _cotangent(given: Any, leaf: Tensor, levels: tuple[Level, ...]) -> Any:
    """Check a cotangent against the output that it belongs to; a tensor where a recorder is active, and otherwise an
    array.
    """
    shape = leaf.shape[len(levels) :]
    cotangent = given if isinstance(given, (Tensor, Batched)) else new_tensor(np.array(given))
    if cotangent.shape != shape:
        raise ShapeError(
            f"an output of shape {shape} needs a cotangent of that shape: received shape {cotangent.shape}."
        )
    if levels:
        cotangent = all_exposed(cotangent, levels)
    if cotangent.dtype != leaf.dtype:
        cotangent = (cotangent if leaf.dtype.kind == "c" else cotangent.real).astype(leaf.dtype)
    return cotangent._value if isinstance(cotangent, Tensor) and not active_recorders() else cotangent


def unwrapped(argnums: Argnums, found: tuple[Any, ...]) -> Any:
    """Return a derivative for one argument by itself, and those for several as a tuple."""
    return found[0] if isinstance(argnums, int) else found


def _gradients(run: _Run, found: dict[int, Any]) -> tuple[Any, ...]:
    """Build the gradients like the arguments."""
    if run.levels:
        whole = [
            found[i] if i in found else all_exposed(np.zeros(np.shape(leaf), np.result_type(leaf)), run.levels)
            for leaf, i in zip(nest.leaves(run.picked), run.ids, strict=True)
        ]
        return nest.rebuild(run.picked, [all_hidden(each, run.levels) for each in whole])
    return nest.rebuild(
        run.picked, [like(leaf, found.get(i)) for leaf, i in zip(nest.leaves(run.picked), run.ids, strict=True)]
    )


def given_back(picked: Any, value: Any) -> Any:
    """Return an output as the arguments were: a tensor for tensors, a number for numbers if it is one, an array
    otherwise.
    """
    if not isinstance(value, Tensor):
        return value
    given = next(iter(nest.leaves(picked)), None)
    if value.ndim and isinstance(given, (float, complex, np.generic)):
        given = np.empty(0)
    return like(given, value, keep_shape=False)


def pick(args: tuple[Any, ...], position: int, f: Callable[..., Any]) -> Any:
    """Return the argument at a position, and refuse a position that a call has none for."""
    if not -len(args) <= position < len(args):
        raise OperandError(
            f"argnums={position}: {getattr(f, '__name__', f)} received {len(args)} positional arguments. "
            f"Arguments to differentiate with respect to are passed by position."
        )
    return args[position]


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


def source_of(leaf: Any) -> Tensor:
    """Make the tensor that stands for an argument inside the function: the same value, another identity.

    The identity must be new, or a function that is differentiated inside another one would confuse its own argument
    with that of the outer one (Siskind and Pearlmutter's perturbation confusion)."""
    tensor: Tensor = apply(identity, leaf if isinstance(leaf, Tensor) else Tensor(leaf))
    if tensor.dtype.kind not in "fc":
        raise DtypeError(
            f"cannot differentiate with respect to an argument of dtype {tensor.dtype} and shape {tensor.shape}: "
            f"derivatives exist for "
            f"floating-point and complex values only. Convert it first, x.astype(float), or write 3.0 in place of 3."
        )
    return tensor


def _seed(run: _Run, f: Callable[..., Any]) -> dict[int, Any]:
    """Return the cotangent to begin with: 1 for one real number; none for a constant."""
    name = getattr(f, "__name__", repr(f))
    value = whole_of(run.value, run.levels, name) if isinstance(run.value, Batched) else run.value
    shape = run.value.shape if isinstance(run.value, (Tensor, Batched)) else np.shape(run.value)
    if not isinstance(value, Tensor):
        if np.asarray(value).dtype.kind not in "biufc" or math.prod(shape) != 1:
            raise ShapeError(
                f"a gradient needs a function that returns one number: {name} returned {type(value).__name__}."
            )
        return {}
    if math.prod(shape) != 1:
        raise ShapeError(
            f"a gradient needs a function that returns one number: {name} returned shape {shape}. "
            f"Sum it, or take another derivative (jacobian, elementwise_grad; GradientTape.gradient sums by itself)."
        )
    if value.dtype.kind != "f":
        raise DtypeError(
            f"a gradient needs a function that returns a real floating-point number: {name} returned dtype "
            f"{value.dtype}."
        )
    if value._id not in run.recorder.tracked:
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
    if isinstance(result, Batched):
        return result
    if isinstance(given, Tensor) or (isinstance(result, Tensor) and recorders and result._is_tracked(recorders)):
        return result if isinstance(result, Tensor) else new_tensor(np.asarray(result))
    array = result._value if isinstance(result, Tensor) else result
    if isinstance(given, np.ndarray):
        return np.array(array) if keep_shape else array[()]
    return (
        array.item()
        if isinstance(given, (float, complex)) and not isinstance(given, np.generic)
        else np.asarray(array)[()]
    )
