"""Functions with a derivative of their own: written by the user, stopped, or reversed."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.core import nest
from autograd.core.convert import raw
from autograd.core.recorder import active_recorders, recording_on
from autograd.core.tensor import Tensor, apply
from autograd.errors import OperandError, RuleError
from autograd.registry.define import defvjp, operation
from autograd.registry.entries import name_of
from autograd.registry.operations import identity
from autograd.transforms.batched import one_at_a_time
from autograd.transforms.completed import InputCollector, record_call
from autograd.transforms.forward import allow_missing_rules


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
    name = name_of(f)

    @functools.wraps(f)
    @one_at_a_time
    def wrapped(*args: Any) -> Any:
        result = _call_closed("custom_gradient", f, args, args)
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

        outputs = [np.asarray(raw(each)) for each in nest.leaves(out)]
        return record_call(pull, outputs, list(args), out)

    return wrapped


def _call_closed(asked: str, f: Callable[..., Any], args: Sequence[Any], operands: Sequence[Any]) -> Any:
    """Call a function whose derivative is given for some operands. Refuse it if it reads any other tracked value."""
    outer = active_recorders()
    if not outer:
        return f(*args)
    collector = InputCollector(outer)
    with allow_missing_rules(), recording_on((*outer, collector)):
        result = f(*args)
    if collector.found.keys() - {operand._id for operand in operands if isinstance(operand, Tensor)}:
        raise OperandError(
            f"{asked}: {name_of(f)} reads a tracked tensor or variable that is not among its differentiable arguments, "
            "and the derivative with respect to it would be lost. Pass it as an argument, or stop_gradient(it) if it "
            "is meant to be constant."
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
        self.name = name_of(f)
        self.nondiff_argnums = tuple(nondiff_argnums)
        self.fwd: Callable[..., Any] | None = None
        self.bwd: Callable[..., Any] | None = None

    def defvjp(self, fwd: Callable[..., Any], bwd: Callable[..., Any]) -> None:
        """Set the functions that compute the derivative.

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
        result = _call_closed("custom_vjp", self.fwd, args, operands)
        if not (isinstance(result, tuple) and len(result) == 2):
            raise OperandError(f"custom_vjp: fwd of {self.name} is to return (value, residuals); received {result!r}.")
        out, residuals = result
        nondiff = [args[i] for i in self.nondiff_argnums]

        def pull(cotangents: list[Any], _: list[Any]) -> list[Any]:
            found = self.bwd(*nondiff, residuals, nest.rebuild(out, cotangents))  # type: ignore[misc]
            return self._checked(found, picked)

        outputs = [np.asarray(raw(each)) for each in nest.leaves(out)]
        return record_call(pull, outputs, operands, out)

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
        return nest.map_leaves(_constant, x)


def _constant(leaf: Any) -> Any:
    """Return a leaf as a constant. One that notes its calls, to run them later, has to note this one as it is."""
    return leaf.intercept(stop_gradient, (leaf,), {}) if getattr(leaf, "notes_calls", False) else identity(leaf)


@operation
def _reversal(x: Any, scale: float) -> Any:
    return x


defvjp(_reversal, lambda g, _, _x, scale: -scale * g, elementwise=True, static=True, fresh=False)


def gradient_reversal(x: Any, scale: float = 1.0) -> Any:
    """Return a value, or each of a nest, whose derivative is ``-scale`` in place of 1.

    The layers before it are trained against the loss of the layers behind it (Y. Ganin et al., "Domain-adversarial
    training of neural networks", 2016).

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
