"""Gradients as optimizers take them: checked against their variables, and scaled down to a norm."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import Tensor, Variable
from autograd.errors import DtypeError, OperandError, ShapeError, UnwatchedError


def pairs_of(grads_and_vars: Any) -> list[Any]:
    """Return the pairs of gradients and variables as a list, or raise `OperandError`."""
    wanted = "apply_gradients takes pairs (gradient, Variable), as zip(gradients, weights) makes them"
    if isinstance(grads_and_vars, (Tensor, np.ndarray)) or not isinstance(grads_and_vars, Iterable):
        raise OperandError(f"{wanted}: received {_kind(grads_and_vars)}.")
    pairs = list(grads_and_vars)
    for position, pair in enumerate(pairs):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise OperandError(f"{wanted}: received {_kind(pair)} at position {position}.")
    return pairs


def _kind(thing: Any) -> str:
    """Describe a wrong argument."""
    if isinstance(thing, (Tensor, np.ndarray)):
        return f"a {type(thing).__name__} of shape {thing.shape}"
    return f"a {type(thing).__name__} of length {len(thing)}" if isinstance(thing, (tuple, list)) else f"{thing!r}"


def checked(gradient: Any, variable: Any) -> Any:
    """Return a gradient as an array or a tensor in the dtype of its variable, or raise what is wrong with the pair."""
    if not isinstance(variable, Variable):
        raise OperandError(
            f"apply_gradients takes pairs (gradient, Variable): received a {type(variable).__name__} in the place of "
            "the variable. Zip gradients first, then variables."
        )
    if variable.dtype.kind not in "fc":
        raise DtypeError(
            f"variable {variable.name!r} (shape {variable.shape}) has the integer or boolean dtype {variable.dtype}, "
            "which has no derivative: make it with dtype=float, or leave it out of the list."
        )
    if gradient is None:
        raise UnwatchedError(
            f"there is no gradient for variable {variable.name!r} (shape {variable.shape}, "
            f"trainable={variable.trainable}): the loss does not depend on it. Either it was not used while the tape "
            "recorded, or what was computed from it left the tape: by .numpy(), .item() or stop_recording, by an "
            "integer dtype, or by another value that was assigned to it from NumPy. Leave it out of the list if that "
            "is meant."
        )
    if not isinstance(gradient, Tensor):
        gradient = np.asarray(gradient)
    if gradient.shape != variable.shape:
        raise ShapeError(
            f"variable {variable.name!r} has shape {variable.shape}: received a gradient of shape {gradient.shape}."
        )
    if gradient.dtype.kind == "c" and variable.dtype.kind != "c":
        raise DtypeError(
            f"variable {variable.name!r} has the real dtype {variable.dtype}: received a gradient of dtype "
            f"{gradient.dtype}."
        )
    return gradient if gradient.dtype == variable.dtype else gradient.astype(variable.dtype)


def norm_of(gradients: list[Any]) -> Any:
    """Return the Euclidean norm of all elements, added up in float64, where no square of a float32 overflows."""
    return np.sqrt(sum(np.sum(np.square(np.abs(g), dtype=np.float64)) for g in gradients))


def scaled(gradient: Any, largest: float, norm: Any) -> Any:
    """Scale a gradient so that a norm becomes the largest allowed; leave it where the norm is no larger."""
    return gradient * (largest / np.maximum(norm, largest or 1.0)).astype(gradient.dtype)
