"""Jacobians and Hessians as arrays, computed by rows (reverse mode) or by columns (forward mode)."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.core import nest
from autograd.core.convert import result_like
from autograd.core.tensor import Tensor
from autograd.errors import DtypeError, OperandError, ShapeError
from autograd.transforms.batched import Batched
from autograd.transforms.chunks import mapped, unit_stacks
from autograd.transforms.grad import grad, takes_argnum
from autograd.transforms.linearization import Argnums, Linearization, single_or_tuple


@takes_argnum
def jacobian(
    f: Callable[..., Any],
    argnums: Argnums = 0,
    has_aux: bool = False,
    mode: str | None = None,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """Return a function that computes the Jacobian of ``f``: the derivative of each element of the output with respect
    to each of the input.

    Parameters
    ----------
    f : callable
        Returns an array, tensor or number of any shape, or a nest of these; with ``has_aux`` a pair of that and
        anything else.
    argnums : int or sequence of int, default 0
        As in `value_and_grad`.
    has_aux : bool, default False
    mode : {"reverse", "forward"}, optional
        Whether to compute rows, by reverse mode, or columns, by forward mode. By default whichever are fewer.
    chunk_size : int, optional
        How many rows (or columns) are computed at once. By default as many as keep the largest intermediate value under
        64 MB.

    Returns
    -------
    callable
        Takes the arguments of ``f``, and returns the Jacobian: for an output of shape ``s`` and an argument of shape
        ``t`` an array of shape ``s + t``. It is built like the output, with a nest like the argument in place of each
        leaf. With ``has_aux`` ``(jacobian, aux)``.

    Raises
    ------
    DtypeError
        If a complex function of a complex argument is not holomorphic: it has no Jacobian of complex numbers.
    OperandError
        If the mode is none of these.

    Examples
    --------
    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    if mode not in (None, "reverse", "forward"):
        raise OperandError(f'jacobian knows mode="reverse" and mode="forward": received mode={mode!r}.')
    _check_chunk(chunk_size)

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        run = Linearization(f, argnums, args, kwargs, has_aux, keep_values=mode != "reverse")
        out = run.result()
        outputs = nest.leaves(out)
        if mode == "forward" or (mode is None and _are_fewer_columns(nest.leaves(run.picked), outputs)):
            parts = _by_columns(run, outputs, chunk_size)
        else:
            parts = [_by_rows(run, out, k, chunk_size) for k in range(len(outputs))]
        result = nest.rebuild(out, [single_or_tuple(argnums, tuple(nest.rebuild(run.picked, part))) for part in parts])
        return (result, run.aux) if has_aux else result

    return wrapped


@takes_argnum
def jacrev(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return a function that computes the Jacobian of ``f`` by its rows, in reverse mode.

    Parameters
    ----------
    f, argnums, has_aux
        As in `jacobian`.

    Returns
    -------
    callable
        Takes the arguments of ``f``, and returns what `jacobian` does.

    Raises
    ------
    DtypeError
        As in `jacobian`.
    OperandError
        When it is called, if there is no argument at one of the positions.

    Examples
    --------
    >>> jacrev(lambda x: x[0] * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [2., 1.]])
    """
    return jacobian(f, argnums, has_aux, mode="reverse")


@takes_argnum
def jacfwd(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return a function that computes the Jacobian of ``f`` by its columns, by forward differentiation.

    It costs one derivative for each element of the arguments, where `jacobian` in its reverse mode costs one for each
    element of the output.

    Parameters
    ----------
    f : callable
        As in `jacobian`.
    argnums : int or sequence of int, default 0
        As in `value_and_grad`.
    has_aux : bool, default False

    Returns
    -------
    callable
        Takes the arguments of ``f``, and returns what `jacobian` does.

    Raises
    ------
    DtypeError
        If a complex function of a complex argument is not holomorphic: it has no Jacobian of complex numbers.
    OperandError
        When it is called, if there is no argument at one of the positions.

    Examples
    --------
    >>> jacfwd(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    return jacobian(f, argnums, has_aux, mode="forward")


@takes_argnum
def hessian(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return a function that computes the Hessian of ``f``, which returns one real number: the Jacobian of its
    gradient.

    Parameters
    ----------
    f, argnums, has_aux
        As in `value_and_grad`.

    Returns
    -------
    callable
        Takes the arguments of ``f``, and returns the Hessian: for an argument of shape ``s`` an array of shape ``s +
        s``. A nest has one built like it, with a nest like it in place of each leaf. With ``has_aux`` ``(hessian,
        aux)``.

    Raises
    ------
    ShapeError, DtypeError, OperandError
        When it is called, as in `value_and_grad`.

    Examples
    --------
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    return jacobian(grad(f, argnums, has_aux), argnums, has_aux, mode="reverse")


@takes_argnum
def divergence(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return a function that computes the divergence of a vector field: the sum of the derivatives of each component by
    its own variable.

    Parameters
    ----------
    f : callable
        Returns an array, or a nest, of the build and the shapes of the argument that is differentiated with respect to.
    argnums : int or sequence of int, default 0
        As in `value_and_grad`; for several the field is the tuple of the components for each.

    Returns
    -------
    callable
        Takes the arguments of ``f``, and returns a number.

    Raises
    ------
    OperandError
        When it is called, if the function returns something else than numbers.
    ShapeError
        When it is called, if the shapes of the field are not those of the argument.

    Examples
    --------
    >>> divergence(lambda x: x**2)(np.array([1.0, 2.0]))
    np.float64(6.0)
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        run = Linearization(f, argnums, args, kwargs, has_aux=False)
        out = run.result()
        inputs, outputs = nest.leaves(run.picked), nest.leaves(out)
        if [np.shape(x) for x in inputs] != [np.shape(y) for y in outputs]:
            raise ShapeError(
                "a field has a divergence where its components are those of its argument: received an argument of "
                f"shapes {[np.shape(x) for x in inputs]} and a value of shapes {[np.shape(y) for y in outputs]}."
            )
        total: Any = 0.0
        for k, y in enumerate(outputs):
            size = math.prod(np.shape(y))
            rows = _pulled_rows(run, out, outputs, k, None, 1)
            for start, row in rows:
                count = np.shape(row[k])[0]
                own = np.arange(count)
                total = total + np.sum(np.reshape(row[k], (count, size))[own, own + start])
        return result_like(inputs[0], total)

    return wrapped


@takes_argnum
def laplacian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return a function that computes the Laplacian of ``f``, which returns one real number: the sum of its unmixed
    second derivatives.

    Parameters
    ----------
    f, argnums
        As in `value_and_grad`.

    Returns
    -------
    callable
        Takes the arguments of ``f``, and returns a number.

    Raises
    ------
    ShapeError, DtypeError
        When it is called, as in `value_and_grad`.

    Examples
    --------
    >>> laplacian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    np.float64(4.0)
    """
    return divergence(grad(f, argnums), argnums)


@takes_argnum
def elementwise_grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return a function that computes the gradient of the sum of all elements of ``f``.

    Where each element of the output depends on the element of the input in the same place, and on no other, that is its
    derivative.

    Parameters
    ----------
    f : callable
        Returns an array, tensor or number of any shape, or a nest of these.
    argnums : int or sequence of int, default 0
        As in `value_and_grad`.

    Returns
    -------
    callable
        Takes the arguments of ``f``, and returns the gradient, as in `value_and_grad`.

    Raises
    ------
    OperandError
        When it is called, if the function returns something else than numbers.

    Examples
    --------
    >>> elementwise_grad(lambda x: x**3)(np.array([1.0, 2.0]))
    array([ 3., 12.])
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        run = Linearization(f, argnums, args, kwargs, has_aux=False)
        return single_or_tuple(argnums, run.pull(nest.map_leaves(np.ones_like, run.result())))

    return wrapped


# --------------------------------------------------------------------------------------------------- many at once
def _check_chunk(chunk_size: int | None) -> None:
    if chunk_size is not None and chunk_size < 1:
        raise OperandError(f"chunk_size is how many rows are computed at once, 1 or more: received {chunk_size}.")


def _are_fewer_columns(inputs: Sequence[Any], outputs: Sequence[Any]) -> bool:
    """Whether there are fewer columns than rows. Complex functions are computed by rows."""
    if any(np.result_type(leaf).kind == "c" for leaf in (*inputs, *outputs)):
        return False
    columns, rows = (sum(math.prod(np.shape(leaf)) for leaf in leaves) for leaves in (inputs, outputs))
    return columns < rows


def _pulled_rows(
    run: Linearization, out: Any, outputs: list[Any], k: int, chunk_size: int | None, factor: complex
) -> Iterator[tuple[int, list[Any]]]:
    """Yield chunks of rows of one leaf of the output with respect to each leaf of the input, each with the number of
    its first row.
    """

    def pulled(cotangent: Any) -> list[Any]:
        return nest.leaves(run.pull(nest.rebuild(out, [cotangent if i == k else None for i in range(len(outputs))])))

    chunk = chunk_size or run.chunk_size()
    for start, stack in unit_stacks(
        np.shape(outputs[k]), np.result_type(outputs[k], 0.0 if factor == 1 else factor), chunk
    ):
        yield start, mapped(pulled, stack if factor == 1 else factor * stack)


def _by_rows(run: Linearization, out: Any, k: int, chunk_size: int | None) -> list[Any]:
    """Return the Jacobian of one leaf of the output with respect to each leaf of the input."""
    outputs, given = nest.leaves(out), nest.leaves(run.picked)
    shape, dtype = np.shape(outputs[k]), np.result_type(outputs[k])
    if dtype.kind not in "fc":
        return [result_like(x, np.zeros(shape + np.shape(x), np.result_type(x))) for x in given]
    if dtype.kind == "c":
        _check_holomorphic(
            lambda u: run.pull(nest.rebuild(out, [u if i == k else None for i in range(len(outputs))])), shape, dtype
        )
    parts = [rows for _, rows in _pulled_rows(run, out, outputs, k, chunk_size, 1)]
    if dtype.kind == "c":  # the cotangent of a real argument is real: a complex row takes two
        rotated = [rows for _, rows in _pulled_rows(run, out, outputs, k, chunk_size, -1j)]
        parts = [list(map(_complex_row, *pair)) for pair in zip(parts, rotated, strict=True)]
    return [_joined([rows[j] for rows in parts], shape, x, dtype) for j, x in enumerate(given)]


def _complex_row(real: Any, rotated: Any) -> Any:
    return real if np.iscomplexobj(real) else real + 1j * rotated


def _joined(rows: list[Any], shape: tuple[int, ...], x: Any, dtype: Any) -> Any:
    if not rows:
        return result_like(x, np.zeros(shape + np.shape(x), _dtype(x, dtype)))
    whole = rows[0] if len(rows) == 1 else np.concatenate(rows)
    return result_like(x, np.reshape(whole, shape + np.shape(x)))


def _dtype(x: Any, y: Any) -> Any:
    """Return the dtype of the derivative of an output by an input: that of the input, complex where the output is."""
    return np.result_type(x, np.complex64) if np.result_type(y).kind == "c" else np.result_type(x)


def _is_inexact(value: Any) -> bool:
    return np.result_type(value).kind in "fc"


def _by_columns(run: Linearization, outputs: list[Any], chunk_size: int | None) -> list[list[Any]]:
    """Return the Jacobian of each leaf of the output with respect to each leaf of the input, by forward mode."""
    given = nest.leaves(run.picked)
    zeros = [np.zeros(np.shape(x), np.result_type(x)) for x in given]

    def pushed(j: int, tangent: Any) -> list[Any]:
        """Return the tangents of the floating-point and complex outputs for a tangent of one leaf of the input."""
        inner = nest.rebuild(run.picked, [tangent if i == j else zero for i, zero in enumerate(zeros)])
        return [t for t, y in zip(nest.leaves(run.push(*inner)), outputs, strict=True) if _is_inexact(y)]

    chunk = chunk_size or run.chunk_size()
    inexact = [_is_inexact(y) for y in outputs]
    columns: list[list[Any]] = [[] for _ in outputs]
    for j, x in enumerate(given):
        shape, dtype = np.shape(x), np.result_type(x)
        along = functools.partial(pushed, j)
        parts = [mapped(along, stack) for _, stack in unit_stacks(shape, dtype, chunk)]
        if dtype.kind == "c":
            rotated = [mapped(along, 1j * stack) for _, stack in unit_stacks(shape, dtype, chunk)]
            parts = [
                [_of_complex(*pair) for pair in zip(*both, strict=True)] for both in zip(parts, rotated, strict=True)
            ]
        for k, y in enumerate(outputs):
            if not (inexact[k] and parts):
                columns[k].append(result_like(x, np.zeros(np.shape(y) + shape, _dtype(x, y))))
                continue
            i = sum(inexact[:k])
            whole = parts[0][i] if len(parts) == 1 else np.concatenate([part[i] for part in parts])
            if whole.dtype != _dtype(x, y):
                whole = whole.astype(_dtype(x, y))
            columns[k].append(result_like(x, np.reshape(np.moveaxis(whole, 0, -1), np.shape(y) + shape)))
    return columns


def _of_complex(along: Any, rotated: Any) -> Any:
    """Combine the derivatives along the real and the imaginary axis to columns for a complex number."""
    if not np.iscomplexobj(along):
        return along - 1j * rotated
    _refuse_unless_holomorphic(1j * along, rotated)
    return along


def _check_holomorphic(pulled: Callable[[Any], tuple[Any, ...]], shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Refuse a function that is not holomorphic: its product with ``1j * u`` is not ``1j`` times that with ``u``."""
    rng = np.random.default_rng(0)
    u = np.asarray(rng.normal(size=shape) + 1j * rng.normal(size=shape), dtype)
    for c, rotated in zip(nest.leaves(pulled(u)), nest.leaves(pulled(1j * u)), strict=True):
        if np.iscomplexobj(c):
            _refuse_unless_holomorphic(1j * c, rotated)


def _refuse_unless_holomorphic(expected: Any, rotated: Any) -> None:
    c, rotated = _read(expected), _read(rotated)
    if not np.allclose(c, rotated, rtol=1e-3, atol=1e-6 * (1 + np.max(np.abs(c), initial=0.0)), equal_nan=True):
        raise DtypeError(
            "a complex function of a complex argument has a Jacobian where it is holomorphic, and this one is not (it "
            "takes a conjugate, a magnitude, or a real part). Take the Jacobians of its real and of its imaginary part."
        )


def _read(value: Any) -> Any:
    """Return an array for Python to look at; of a batch that of all its elements. A tracer hears of it."""
    while isinstance(value, Batched):
        value = value.full
    return value.numpy() if isinstance(value, Tensor) else np.asarray(value)
