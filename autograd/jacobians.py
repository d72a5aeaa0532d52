"""Jacobians and Hessians as arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import nest
from autograd.errors import DtypeError
from autograd.functional import Argnums, grad, takes_argnum, unwrapped, vjp_at
from autograd.tensor import Tensor


@takes_argnum
def jacobian(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return a function that computes the Jacobian of ``f``: the derivative of each element of the output with respect to each of the input.

    Parameters
    ----------
    f : callable
        Returns an array, tensor or number of any shape, or a nest of these; with ``has_aux`` a pair of that and anything else.
    argnums : int or sequence of int, default 0
        As in `value_and_grad`.
    has_aux : bool, default False

    Returns
    -------
    callable
        Takes the arguments of ``f``, and returns the Jacobian: for an output of shape ``s`` and an argument of shape ``t`` an array of
        shape ``s + t``. It is built like the output, with a nest like the argument in place of each leaf. With ``has_aux`` ``(jacobian, aux)``.

    Raises
    ------
    DtypeError
        If a complex function of a complex argument is not holomorphic: it has no Jacobian of complex numbers.

    Examples
    --------
    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        out, pullback, aux = vjp_at(f, positions, args, kwargs, has_aux)
        outputs = nest.leaves(out)
        rows = [unwrapped(argnums, _rows(pullback, out, outputs, k)) for k in range(len(outputs))]
        result = nest.rebuild(out, rows)
        return (result, aux) if has_aux else result

    return wrapped


@takes_argnum
def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return a function that computes the Hessian of ``f``, which returns one real number: the Jacobian of its gradient. See `jacobian`.

    Examples
    --------
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    return jacobian(grad(f, argnums), argnums)


@takes_argnum
def elementwise_grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return a function that computes the gradient of the sum of all elements of ``f``.

    Where each element of the output depends on the element of the input in the same place, and on no other, that is its derivative.

    Examples
    --------
    >>> elementwise_grad(lambda x: x**3)(np.array([1.0, 2.0]))
    array([ 3., 12.])
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        out, pullback, _ = vjp_at(f, positions, args, kwargs, has_aux=False)
        return unwrapped(argnums, pullback(nest.map_leaves(np.ones_like, out)))

    return wrapped


def _rows(pullback: Callable[[Any], tuple[Any, ...]], out: Any, outputs: list[Any], k: int) -> tuple[Any, ...]:
    """Return the rows of the Jacobian that belong to one leaf of the output, by one sweep for each of its elements."""
    shape, dtype = np.shape(outputs[k]), np.result_type(outputs[k])

    def pulled(cotangent: Any) -> tuple[Any, ...]:
        return pullback(nest.rebuild(out, [cotangent if i == k else None for i in range(len(outputs))]))

    if dtype.kind == "c":
        _check_holomorphic(pulled, shape, dtype)
    rows = []
    for index in np.ndindex(shape):
        unit = np.zeros(shape, dtype)
        unit[index] = 1
        row = pulled(unit)
        if dtype.kind == "c":  # with respect to a real argument a cotangent is real: it takes two for a complex row
            turned = nest.leaves(pulled(-1j * unit))
            row = nest.rebuild(row, map(_complex_row, nest.leaves(row), turned))
        rows.append(row)
    if not rows:
        return nest.map_leaves(lambda leaf: np.zeros(shape + np.shape(leaf), np.result_type(leaf, dtype)), pulled(np.zeros(shape, dtype)))
    columns = [_stack_rows(each, shape) for each in zip(*map(nest.leaves, rows), strict=True)]
    return tuple(nest.rebuild(rows[0], columns))


def _complex_row(real: Any, turned: Any) -> Any:
    return real if np.iscomplexobj(real) else real + 1j * turned


def _stack_rows(rows: Sequence[Any], shape: tuple[int, ...]) -> Any:
    stacked = np.reshape(np.stack(rows), shape + np.shape(rows[0]))
    return stacked.item() if isinstance(rows[0], (float, complex)) and not isinstance(rows[0], np.generic) and not shape else stacked


def _check_holomorphic(pulled: Callable[[Any], tuple[Any, ...]], shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Refuse a function whose derivative depends on the direction: its products with ``u`` and ``1j * u`` differ by more than the factor."""
    rng = np.random.default_rng(0)
    u = np.asarray(rng.normal(size=shape) + 1j * rng.normal(size=shape), dtype)
    for c, turned in zip(nest.leaves(pulled(u)), nest.leaves(pulled(1j * u)), strict=True):
        c, turned = (each.numpy() if isinstance(each, Tensor) else np.asarray(each) for each in (c, turned))
        if c.dtype.kind == "c" and not np.allclose(1j * c, turned, rtol=1e-3, atol=1e-6 * (1 + np.max(np.abs(c), initial=0.0)), equal_nan=True):
            raise DtypeError(
                "a complex function of a complex argument has a Jacobian where it is holomorphic, and this one is not (it takes a conjugate, "
                "a magnitude, or a real part). Take the Jacobians of its real and of its imaginary part."
            )
