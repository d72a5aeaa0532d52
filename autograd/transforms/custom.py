"""Functions whose derivative is taken in another way than through their operations: given by hand, recomputed, or
stopped.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.core import nest
from autograd.core.backward import sweep
from autograd.core.operations import identity
from autograd.core.recorder import Recorder, active_recorders, recording_on, start, stop
from autograd.core.registry import defjoint, defvjp, operation
from autograd.core.tensor import Tensor, apply, tensor_of
from autograd.core.value import next_id
from autograd.core.variable import Variable
from autograd.errors import OperandError, RuleError, TapeError
from autograd.transforms.batched import active_levels, as_now, one_at_a_time

# From the cotangents of the outputs and the outputs themselves to the cotangents of the operands.
Pull = Callable[[list[Any], list[Any]], list[Any]]


class _Done:
    """A call that was made already: its outputs, and the function of their cotangents, and of themselves, that returns
    those of the operands.
    """

    __slots__ = ("outputs", "pullback")

    def __init__(self, outputs: list[Any], pullback: Pull) -> None:
        self.outputs = outputs
        self.pullback = pullback


@operation
def _done(call: _Done, *operands: Any) -> Any:
    """Stand on the tape for a call that was made already."""
    return call.outputs


def _pulled(argnums: tuple[int, ...], g: Any, ans: Any, call: Any, *_operands: Any) -> list[Any]:
    cotangents = call.pullback(g, ans)
    return [cotangents[i - 1] for i in argnums]


defjoint(_done, _pulled)


def recorded(pull: Pull, outputs: list[Any], operands: list[Any], out: Any) -> Any:
    """Put a call that was made already on the active tapes, and return its outputs built like ``out``."""
    return nest.rebuild(out, apply(_done, _Done(outputs, as_now(pull)), *operands))


# -------------------------------------------------------------------------------------------------- derivatives by hand
def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function a gradient of your own, as in TensorFlow.

    Parameters
    ----------
    f : callable
        Takes arrays, tensors and numbers, and returns ``(value, pullback)``. The value is an array or tensor, or a
        tuple of these. ``pullback(*cotangents)`` takes the cotangent of each, and returns the cotangent of the
        argument, or a tuple with that of each argument (None for one that has none). It is written with tensors or
        arrays; for a second derivative, with what can be differentiated.

    Returns
    -------
    callable
        Takes the same arguments and returns the value.

    Raises
    ------
    OperandError
        If ``f`` does not return a pair, or reads a tracked value that is not among its arguments, whose derivative
        would be lost.
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
    @one_at_a_time
    def wrapped(*args: Any) -> Any:
        result = _closed("custom_gradient", f, args, args)
        if not (isinstance(result, tuple) and len(result) == 2 and callable(result[1])):
            raise OperandError(
                f"custom_gradient: {name} is to return (value, pullback), where the pullback is a function; received "
                f"{result!r}."
            )
        out, pullback = result

        def pull(cotangents: list[Any], _: list[Any]) -> list[Any]:
            found = pullback(*cotangents)
            found = list(found) if isinstance(found, (tuple, list)) else [found]
            if len(found) != len(args):
                raise RuleError(
                    f"the pullback of {name} returned {len(found)} cotangents for {len(args)} arguments: return one "
                    f"for each."
                )
            return [
                np.zeros(np.shape(arg), np.result_type(arg)) if c is None else c
                for c, arg in zip(found, args, strict=True)
            ]

        outputs = [each._value if isinstance(each, Tensor) else np.asarray(each) for each in nest.leaves(out)]
        return recorded(pull, outputs, list(args), out)

    return wrapped


@contextmanager
def _leniently() -> Iterator[None]:
    """Let forward differentiation pass operations that have no rule, whose derivative is given by hand."""
    strict = [recorder for recorder in active_recorders() if recorder.carries and not recorder.lenient]
    for recorder in strict:
        recorder.lenient = True
    try:
        yield
    finally:
        for recorder in strict:
            recorder.lenient = False


def _closed(asked: str, f: Callable[..., Any], args: Sequence[Any], operands: Sequence[Any]) -> Any:
    """Call a function whose derivative is given for some operands, and refuse it if it reads other tracked values."""
    outer = active_recorders()
    if not outer:
        return f(*args)
    gathering = Gathering(outer)
    with _leniently(), recording_on((*outer, gathering)):
        result = f(*args)
    if gathering.found.keys() - {operand._id for operand in operands if isinstance(operand, Tensor)}:
        raise OperandError(
            f"{asked}: {getattr(f, '__name__', repr(f))} reads a tracked tensor or variable that is not among its "
            f"differentiable arguments, and the "
            f"derivative with respect to it would be lost. Pass it as an argument, or stop_gradient(it) if it is meant "
            f"to be constant."
        )
    return result


class custom_vjp:
    """Give a function a derivative of your own in two parts, as in JAX: one that keeps residuals, one that uses them.

    Parameters
    ----------
    f : callable
        Takes arrays, tensors, numbers and nests of these, and returns a nest.
    nondiff_argnums : sequence of int
        The positions of arguments that have no derivative, such as functions and flags. ``bwd`` gets them first.

    Raises
    ------
    OperandError
        If ``f`` is called on a tape before `defvjp`; if ``fwd`` does not return a pair; if ``fwd`` reads a tracked
        value that is not among its differentiable arguments, whose derivative would be lost.
    RuleError
        When the gradient is taken, if ``bwd`` does not return as many cotangents as there are differentiable arguments,
        each built like its own.

    Notes
    -----
    For a second derivative, ``fwd`` and ``bwd`` are differentiated in their turn.

    Examples
    --------
    >>> @custom_vjp
    ... def clipped(low, high, x):
    ...     return x
    >>> clipped.defvjp(lambda low, high, x: (x, (low, high)), lambda bounds, g: (None, None, np.clip(g, *bounds)))
    >>> autograd.grad(lambda x: 5.0 * clipped(-1.0, 1.0, x))(2.0)
    1.0
    """

    def __init__(self, f: Callable[..., Any], nondiff_argnums: Sequence[int] = ()) -> None:
        functools.update_wrapper(self, f)
        self.f = f
        self.name = getattr(f, "__name__", repr(f))
        self.nondiff_argnums = tuple(nondiff_argnums)
        self.fwd: Callable[..., Any] | None = None
        self.bwd: Callable[..., Any] | None = None

    def defvjp(self, fwd: Callable[..., Any], bwd: Callable[..., Any]) -> None:
        """Say how the derivative is computed.

        Parameters
        ----------
        fwd : callable
            Takes the arguments of the function, and returns ``(value, residuals)``. The residuals are anything that
            ``bwd`` needs.
        bwd : callable
            ``bwd(*nondiff, residuals, cotangent)``, with a cotangent built like the value, returns a tuple: the
            cotangent of each differentiable argument, built like it; None in place of one that is zero.
        """
        self.fwd, self.bwd = fwd, bwd

    @one_at_a_time
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not active_recorders():
            return self.f(*args, **kwargs)
        if self.fwd is None:
            raise OperandError(
                f"custom_vjp: {self.name} has no derivative yet. Give it one with {self.name}.defvjp(fwd, bwd)."
            )
        bound = inspect.signature(self.f).bind(*args, **kwargs)
        bound.apply_defaults()
        if bound.kwargs:
            raise OperandError(
                f"custom_vjp: {self.name} takes arguments that have a position, received {', '.join(bound.kwargs)} by "
                f"name alone."
            )
        args = bound.args
        fixed = {i % len(args) for i in self.nondiff_argnums}
        picked = [arg for i, arg in enumerate(args) if i not in fixed]
        operands = [leaf for leaf in nest.leaves(picked) if isinstance(leaf, Tensor)]
        result = _closed("custom_vjp", self.fwd, args, operands)
        if not (isinstance(result, tuple) and len(result) == 2):
            raise OperandError(f"custom_vjp: fwd of {self.name} is to return (value, residuals); received {result!r}.")
        out, residuals = result
        nondiff = [args[i] for i in self.nondiff_argnums]

        def pull(cotangents: list[Any], _: list[Any]) -> list[Any]:
            found = self.bwd(*nondiff, residuals, nest.rebuild(out, cotangents))  # type: ignore[misc]
            return self._checked(found, picked)

        outputs = [each._value if isinstance(each, Tensor) else np.asarray(each) for each in nest.leaves(out)]
        return recorded(pull, outputs, operands, out)

    def _checked(self, found: Any, picked: list[Any]) -> list[Any]:
        """Return the cotangent of each tensor among the arguments."""
        if not isinstance(found, (tuple, list)) or len(found) != len(picked):
            count = f"{len(found)} cotangents" if isinstance(found, (tuple, list)) else type(found).__name__
            raise RuleError(
                f"bwd of {self.name} returned {count} for {len(picked)} arguments: return a tuple with one for each."
            )
        cotangents = []
        for c, arg in zip(found, picked, strict=True):
            leaves = nest.leaves(arg)
            parts = [None] * len(leaves) if c is None else nest.leaves(c)
            if len(parts) != len(leaves):
                raise RuleError(
                    f"bwd of {self.name} returned a cotangent of {len(parts)} arrays for an argument of {len(leaves)}: "
                    f"build it alike."
                )
            for part, leaf in zip(parts, leaves, strict=True):
                if isinstance(leaf, Tensor):
                    cotangents.append(
                        np.zeros(leaf.shape, leaf.dtype)
                        if part is None
                        else part
                        if isinstance(part, Tensor)
                        else np.asarray(part)
                    )
        return cotangents


def stop_gradient(x: Any) -> Any:
    """Return a value, or each value of a nest, as a constant: what is computed from it has no derivative through it.

    Parameters
    ----------
    x : array, tensor, number, or a nest of these

    Returns
    -------
    nest like ``x``

    Examples
    --------
    >>> autograd.grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    with recording_on(()):
        return nest.map_leaves(identity, x)


@operation
def _reversal(x: Any, scale: float) -> Any:
    return x


defvjp(_reversal, lambda g, _, _x, scale: -scale * g)


def gradient_reversal(x: Any, scale: float = 1.0) -> Any:
    """Return a value, or each of a nest, whose derivative is ``-scale`` in place of 1.

    What stands before it is trained against what stands behind it (Y. Ganin et al., "Domain-adversarial training of
    neural networks", 2016).

    Parameters
    ----------
    x : array, tensor, number, or a nest of these
    scale : float, default 1.0

    Returns
    -------
    nest like ``x``, of tensors

    Examples
    --------
    >>> autograd.grad(lambda x: gradient_reversal(x) ** 2)(3.0)
    -6.0
    """
    return nest.map_leaves(lambda leaf: apply(_reversal, leaf, float(scale)), x)


# ----------------------------------------------------------------------------------------- derivatives by running again
def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that keeps no intermediate values for its derivative: they are computed again when the
    derivative is taken.

    It trades time for memory: a chain of n layers, cut into pieces of the square root of n layers, needs memory for two
    square roots of n (T. Chen et al., "Training deep nets with sublinear memory cost", arXiv:1604.06174, 2016). Pieces
    may stand inside pieces.

    Parameters
    ----------
    f : callable
        Gives the same result whenever it is called with the same arguments. It may read tensors and variables that are
        not among them.

    Returns
    -------
    callable
        Takes and returns what ``f`` does. The derivative is the same, to any order. Inside `vmap` it is ``f`` itself.

    Raises
    ------
    TapeError
        When the gradient is taken, if ``f`` then gives another result: it drew random numbers, or a variable was
        assigned meanwhile.

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
        if (
            active_levels()
            or any(isinstance(recorder, Gathering) for recorder in outer)
            or all(recorder.carries for recorder in outer)
        ):
            return f(*args, **kwargs)
        args, kwargs = nest.map_leaves(held, args), nest.map_leaves(held, kwargs)
        gathering = Gathering(outer)
        with recording_on((gathering,)):
            out = f(*args, **kwargs)
        results = [leaf for leaf in nest.leaves(out) if isinstance(leaf, Tensor)]
        operands = [tensor_of(value, identity) for identity, value in gathering.found.items()]

        def pull(cotangents: list[Any], _: list[Any]) -> list[Any]:
            again = Recorder()
            again.tracked.update(gathering.found)
            start(again)
            try:
                repeated = [leaf for leaf in nest.leaves(f(*args, **kwargs)) if isinstance(leaf, Tensor)]
            finally:
                stop(again)
            check_same(f"checkpoint: {name}", results, repeated)
            seeds: dict[int, Any] = {}
            for leaf, c in zip(repeated, cotangents, strict=True):
                if leaf._id in again.tracked:
                    seeds[leaf._id] = seeds[leaf._id] + c if leaf._id in seeds else c
            found = sweep(again.records, again.tracked, seeds, gathering.found, consume=True)
            return [found[i] if i in found else np.zeros_like(value) for i, value in gathering.found.items()]

        tensors = iter(recorded(pull, [leaf._value for leaf in results], operands, results))
        return nest.map_leaves(lambda leaf: next(tensors) if isinstance(leaf, Tensor) else leaf, out)

    return wrapped


class Gathering(Recorder):
    """Follows a call, and gathers the values from outside that it reads and that some tape tracks.

    Attributes
    ----------
    found : dict of int to array
        The value of each, by its identity.
    """

    def __init__(self, outer: tuple[Recorder, ...]) -> None:
        super().__init__(keep_values=True)
        self.outer = outer
        self.found: dict[int, Any] = {}
        self.tracked = _Outside(outer)

    def see_variable(self, variable: Any) -> None:
        for recorder in self.outer:
            recorder.see_variable(variable)

    def note(self, fn: Any, values: list[Any], kwargs: Any, ids: list[Any], ans: Any, output: Any) -> None:
        self._gather(values, ids)

    def _gather(self, values: Any, ids: Any) -> None:
        for value, identity_of_value in zip(values, ids, strict=True):
            if identity_of_value.__class__ is tuple:
                self._gather(value, identity_of_value)
            elif identity_of_value in self.tracked:
                self.found[identity_of_value] = value


class _Outside(set[int]):
    """The identities of what existed already and is tracked by one of several recorders; looked up, where a copy would
    cost the whole tape.
    """

    def __init__(self, outer: tuple[Recorder, ...]) -> None:
        super().__init__()
        self.sets = [recorder.tracked for recorder in outer]
        self.last = next_id()

    def __contains__(self, identity_of_value: object) -> bool:
        return identity_of_value < self.last and any(identity_of_value in each for each in self.sets)  # type: ignore[operator]


def held(leaf: Any) -> Any:
    """Return an argument as it is now, whatever its owner does with it before it is needed again."""
    if isinstance(leaf, Tensor) and not isinstance(leaf, Variable):
        return Tensor.alias(leaf)
    return leaf.copy() if type(leaf) is np.ndarray else leaf


def check_same(name: str, results: list[Tensor], repeated: list[Tensor]) -> None:
    """Refuse a function that gave another result when it was run again."""
    for before, after in zip(results, repeated, strict=True):
        if before.shape != after.shape or not np.allclose(
            before._value, after._value, rtol=1e-3, atol=1e-6, equal_nan=True
        ):
            raise TapeError(
                f"{name} gave another result when it was run again for the derivative. It must give the same every "
                f"time: draw random "
                f"numbers outside and pass them in, and assign variables after the gradient was taken."
            )
