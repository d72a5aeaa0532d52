"""Functions whose derivative is taken in another way than through their operations: given by hand, recomputed, or stopped."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import nest
from autograd.errors import OperandError, RuleError, TapeError
from autograd.operations import identity
from autograd.recording import Recorder, active_recorders, recording_on, start, stop
from autograd.registry import defjoint, operation
from autograd.sweep import sweep
from autograd.tensor import Tensor, apply, tensor_of

Pullback = Callable[[list[Any]], list[Any]]


class _Done:
    """A call that was made already: its outputs, and how cotangents of these go back to the operands."""

    __slots__ = ("outputs", "pullback")

    def __init__(self, outputs: list[Any], pullback: Pullback) -> None:
        self.outputs = outputs
        self.pullback = pullback


@operation
def _done(call: _Done, *operands: Any) -> Any:
    """Stand on the tape for a call that was made already."""
    return call.outputs


def _pulled(argnums: tuple[int, ...], g: Any, _: Any, call: Any, *_operands: Any) -> list[Any]:
    cotangents = call.pullback(g)
    return [cotangents[i - 1] for i in argnums]


defjoint(_done, _pulled)


def _recorded(call: _Done, operands: list[Any], out: Any) -> Any:
    """Put a call on the active tapes, and return its outputs built as they were."""
    return nest.rebuild(out, apply(_done, call, *operands))


# --------------------------------------------------------------------------------------------------- derivatives by hand
def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function a gradient of your own, as in TensorFlow.

    Parameters
    ----------
    f : callable
        Takes arrays, tensors and numbers, and returns ``(value, pullback)``. The value is an array or tensor, or a tuple of these.
        ``pullback(*cotangents)`` takes the cotangent of each, and returns the cotangent of the argument, or a tuple with that of each argument
        (None for one that has none). It is written with tensors or arrays; for a second derivative, with what can be differentiated.

    Returns
    -------
    callable
        Takes the same arguments and returns the value.

    Raises
    ------
    RuleError
        When the gradient is taken, if the pullback does not return as many cotangents as there are arguments.

    Examples
    --------
    >>> @custom_gradient
    ... def log1pexp(x):
    ...     e = np.exp(x)
    ...     return np.log1p(e), lambda g: g * (1 - 1 / (1 + e))
    >>> autograd.grad(log1pexp)(100.0)
    1.0
    """
    name = getattr(f, "__name__", repr(f))

    @functools.wraps(f)
    def wrapped(*args: Any) -> Any:
        result = f(*args)
        if not (isinstance(result, tuple) and len(result) == 2 and callable(result[1])):
            raise OperandError(f"custom_gradient: {name} is to return (value, pullback), where the pullback is a function; received {result!r}.")
        out, pullback = result

        def pull(cotangents: list[Any]) -> list[Any]:
            found = pullback(*cotangents)
            found = list(found) if isinstance(found, (tuple, list)) else [found]
            if len(found) != len(args):
                raise RuleError(f"the pullback of {name} returned {len(found)} cotangents for {len(args)} arguments: return one for each.")
            return [np.zeros(np.shape(arg), np.result_type(arg)) if c is None else c for c, arg in zip(found, args, strict=True)]

        outputs = [each._value if isinstance(each, Tensor) else np.asarray(each) for each in nest.leaves(out)]
        return _recorded(_Done(outputs, pull), list(args), out)

    return wrapped


def stop_gradient(x: Any) -> Any:
    """Return a value, or each value of a nest, as a constant: what is computed from it has no derivative through it.

    Examples
    --------
    >>> autograd.grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    with recording_on(()):
        return nest.map_leaves(lambda leaf: apply(identity, leaf) if isinstance(leaf, Tensor) else leaf, x)


# --------------------------------------------------------------------------------------------------- derivatives by running again
def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that keeps no intermediate values for its derivative: they are computed again when the derivative is taken.

    It trades time for memory: a chain of n layers, cut into pieces of the square root of n layers, needs memory for two square roots of n
    (T. Chen et al., "Training deep nets with sublinear memory cost", arXiv:1604.06174, 2016). Pieces may stand inside pieces.

    Parameters
    ----------
    f : callable
        Gives the same result whenever it is called with the same arguments. It may read tensors and variables that are not among them.

    Returns
    -------
    callable
        Takes and returns what ``f`` does. The derivative is the same, to any order.

    Raises
    ------
    TapeError
        When the gradient is taken, if ``f`` then gives another result: it drew random numbers, or a variable was assigned meanwhile.

    Examples
    --------
    >>> layer = checkpoint(lambda x: np.sin(np.exp(x)))
    >>> autograd.grad(layer)(0.0)
    0.5403023058681398
    """
    name = getattr(f, "__name__", repr(f))

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        outer = active_recorders()
        if not outer or any(isinstance(recorder, _Gathering) for recorder in outer):
            return f(*args, **kwargs)
        args, kwargs = nest.map_leaves(_held, args), nest.map_leaves(_held, kwargs)
        gathering = _Gathering(outer)
        with recording_on((gathering,)):
            out = f(*args, **kwargs)
        results = [leaf for leaf in nest.leaves(out) if isinstance(leaf, Tensor)]
        operands = [tensor_of(value, identity) for identity, value in gathering.found.items()]

        def pull(cotangents: list[Any]) -> list[Any]:
            again = Recorder()
            again.tracked.update(gathering.found)
            start(again)
            try:
                repeated = [leaf for leaf in nest.leaves(f(*args, **kwargs)) if isinstance(leaf, Tensor)]
            finally:
                stop(again)
            _check_same(name, results, repeated)
            seeds: dict[int, Any] = {}
            for leaf, c in zip(repeated, cotangents, strict=True):
                if leaf._id in again.tracked:
                    seeds[leaf._id] = seeds[leaf._id] + c if leaf._id in seeds else c
            found = sweep(again.records, again.tracked, seeds, gathering.found, consume=True)
            return [found[i] if i in found else np.zeros_like(value) for i, value in gathering.found.items()]

        recorded = iter(apply(_done, _Done([leaf._value for leaf in results], pull), *operands))
        return nest.map_leaves(lambda leaf: next(recorded) if isinstance(leaf, Tensor) else leaf, out)

    return wrapped


class _Gathering(Recorder):
    """Follows a call, and gathers the values from outside that it reads and that some tape tracks."""

    def __init__(self, outer: tuple[Recorder, ...]) -> None:
        super().__init__(keep_values=True)
        self.outer = outer
        self.found: dict[int, Any] = {}
        self.tracked = set().union(*(recorder.tracked for recorder in outer))

    def see_variable(self, variable: Any) -> None:
        for recorder in self.outer:
            recorder.see_variable(variable)
            if variable._id in recorder.tracked:
                self.tracked.add(variable._id)

    def note(self, fn: Any, values: list[Any], kwargs: Any, ids: list[Any], ans: Any, output: Any) -> None:
        self._gather(values, ids)

    def _gather(self, values: Any, ids: Any) -> None:
        for value, identity_of_value in zip(values, ids, strict=True):
            if identity_of_value.__class__ is tuple:
                self._gather(value, identity_of_value)
            elif identity_of_value in self.tracked:
                self.found[identity_of_value] = value


def _held(leaf: Any) -> Any:
    """Return an argument as it is now, whatever its owner does with it before it is needed again."""
    if type(leaf) is Tensor:
        return Tensor.alias(leaf)
    return leaf.copy() if type(leaf) is np.ndarray else leaf


def _check_same(name: str, results: list[Tensor], repeated: list[Tensor]) -> None:
    for before, after in zip(results, repeated, strict=True):
        if before.shape != after.shape or not np.allclose(before._value, after._value, rtol=1e-3, atol=1e-6, equal_nan=True):
            raise TapeError(
                f"checkpoint: {name} gave another result when it was run again for the derivative. It must give the same every time: draw random "
                f"numbers outside and pass them in, and assign variables after the gradient was taken."
            )
