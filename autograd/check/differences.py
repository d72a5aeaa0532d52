"""Differentiate by central and one-sided differences, extrapolated to a step of zero, with an estimate of the error.

The method is Ridders' (C. J. F. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", Advances in Engineering
Software 4 (2), 1982, 75-76): differences with smaller and smaller steps, Richardson extrapolation through all of them,
and of the whole table the entry that differs least from its neighbours. No step has to be chosen, and the result comes
with its error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.arrays.scopes import errstate
from autograd.core import nest
from autograd.core.convert import argument_like
from autograd.core.recorder import stop_recording
from autograd.core.tensor import Tensor
from autograd.errors import DtypeError, OperandError, ShapeError
from autograd.registry.entries import name_of

Array = np.ndarray[Any, Any]
Path = Callable[[float], Array]

RATIO = 4.0
LEVELS = 12
_NARROW = {np.dtype(np.float16): np.float64, np.dtype(np.float32): np.float64, np.dtype(np.complex64): np.complex128}


class Derivative(NamedTuple):
    """A numerical derivative of a vector along a path, element by element.

    Attributes
    ----------
    value, error : array of float64, shape (n,)
        The derivative, NaN where there is none, and how far it may be off: infinite where there is none.
    scale : array of float64, shape (n,)
        The largest magnitude that was met on the path.
    """

    value: Array
    error: Array
    scale: Array


def central(
    path: Path,
    *,
    eps: Any,
    noise: Any = 0.0,
    goal: float = 1e-9,
    step: float = 0.125,
    ratio: float = RATIO,
    levels: int = LEVELS,
) -> Derivative:
    """Differentiate a path at 0 by central differences.

    Parameters
    ----------
    path : callable
        From a float to an array of float64 of shape (n,), NaN where it is not defined.
    eps : float or array of shape (n,)
        The relative precision of its elements.
    noise : float or array of shape (n,)
        By how much they are off beyond that.
    goal : float
        The relative error at which no smaller step is tried.
    step, ratio : float
        The first step, and by how much each is smaller than the one before.
    levels : int
        How many steps at most.
    """

    def difference(h: float) -> tuple[Array, Array]:
        right, left = path(h), path(-h)
        return (right - left) / (2 * h), np.stack([right, left])

    return _extrapolated(difference, path(0.0), eps, noise, goal, step, ratio, levels, ratio * ratio)


def one_sided(path: Path, side: int, *, eps: Any, noise: Any = 0.0) -> Derivative:
    """Differentiate a path at 0 from one side: from above for ``side=1``, from below for ``side=-1``. See `central`."""
    centre = path(0.0)

    def difference(h: float) -> tuple[Array, Array]:
        beside = path(side * h)
        return side * (beside - centre) / h, np.stack([beside, centre])

    return _extrapolated(difference, centre, eps, noise, 1e-7, 0.125, RATIO, LEVELS, RATIO)


def _extrapolated(
    difference: Callable[[float], tuple[Array, Array]],
    centre: Array,
    eps: Any,
    noise: Any,
    goal: float,
    step: float,
    ratio: float,
    levels: int,
    power: float,
) -> Derivative:
    """Extrapolate differences whose error is a series in powers of the step: of ``h * h`` where ``power`` is the square
    of the ratio.
    """
    value, error = np.full(centre.shape, np.nan), np.full(centre.shape, np.inf)
    scale = np.where(np.isfinite(centre), np.abs(centre), 0.0)
    moved = np.zeros(centre.shape, bool)
    row: list[Array] = []
    with errstate(all="ignore"):
        for level in range(levels):
            h = step / ratio**level
            slope, met = difference(h)
            scale = np.maximum(scale, np.max(np.where(np.isfinite(met), np.abs(met), 0.0), axis=0))
            moved |= np.any(met != centre, axis=0)
            # No extrapolation is more precise than the rounding of the values, over the step; over the largest step
            # where no value has moved.
            rounding = (eps * scale + noise) / np.where(moved, h, step)
            new, factor = [slope], power
            for shorter in row:
                new.append((factor * new[-1] - shorter) / (factor - 1))
                spread = np.maximum(np.abs(new[-1] - new[-2]), np.abs(new[-1] - shorter)) + rounding
                # Steps over a pole or a kink may agree by chance on an inexact value: prefer a precise one elsewhere.
                unclear = (
                    (error > 0.1 * np.abs(value))
                    & (spread < 1e-3 * np.abs(new[-1]))
                    & (np.abs(new[-1] - value) > 10 * error)
                )
                better = (spread < error) | unclear
                value, error = np.where(better, new[-1], value), np.where(better, spread, error)
                factor *= power
            row = new
            if level >= 1 and np.all(error <= (goal * np.abs(value) if level > 1 else 0.0) + 4 * rounding):
                break
    return Derivative(value, error, scale)


def neighbours(path: Path, spacing: float, count: int = 13) -> Array:
    """Return the values of a path at 0 and beside it, at equal distances."""
    return np.stack([path((i - count // 2) * spacing) for i in range(count)])


def noise_of(values: Array) -> Array:
    """Estimate by how much neighbouring values are off at random, from their fourth differences, in which nothing
    smooth is left.

    J. J. Moré and S. M. Wild, "Estimating Computational Noise", SIAM J. Sci. Comput. 33 (3), 2011, equation (2.3).
    """
    differences = np.diff(values, 4, axis=0)
    # The coefficients 1, 4, 6, 4, 1 have a sum of squares of 70.
    noise: Array = np.sqrt(np.mean(differences * differences, axis=0) / 70)
    return noise


# -------------------------------------------------------------------------------------------- leaves as one real vector
def flat(leaves: Sequence[Any]) -> Array:
    """Join arrays into one vector of float64; a complex number counts as two real ones."""
    parts = [_reals(leaf) for leaf in leaves]
    return np.concatenate(parts) if parts else np.zeros(0)


def unflat(vector: Array, like: Sequence[Array]) -> list[Array]:
    """Cut a vector of float64 into arrays with the shapes and dtypes of others."""
    arrays, start = [], 0
    for each in like:
        parts = 2 if each.dtype.kind == "c" else 1
        piece = vector[start : start + parts * each.size]
        start += piece.size
        if parts == 2:
            piece = piece.view(np.complex128) if piece.flags.c_contiguous else piece.copy().view(np.complex128)
        arrays.append(piece.reshape(each.shape).astype(each.dtype))
    return arrays


def _reals(leaf: Any) -> Array:
    array = leaf.numpy() if isinstance(leaf, Tensor) else np.asarray(leaf)
    if array.dtype.kind == "c":
        return np.ascontiguousarray(array, np.complex128).reshape(-1).view(np.float64)
    return array.astype(np.float64).reshape(-1)


def widened(array: Array) -> Array:
    """Return an array in double precision, if it has less."""
    return array.astype(_NARROW.get(array.dtype, array.dtype))


# ---------------------------------------------------------------------------------------------------- the full gradient
def numerical_gradient(f: Callable[[Any], Any], x: Any, step: float | None = None) -> Any:
    """Return the gradient of a function by differences: for each element of ``x`` a derivative of its own, by Ridders'
    method.

    Parameters
    ----------
    f : callable
        Returns one number: a Python number, an array or a tensor of shape ``()``. It is called with what ``x`` is:
        arrays, tensors, numbers. Those with less than double precision are called in double precision.
    x : array, Tensor, float, complex, or a nest of these
        Where to differentiate. Floating-point or complex.
    step : float, optional
        The largest step. An eighth of the magnitude of ``x``, unless given. Smaller ones follow, as far as they help.

    Returns
    -------
    array, Tensor, float, complex, or nest
        Built like ``x``, with its shapes and dtypes. The plain derivative, as `autograd.grad` gives it: for real ``f``
        of complex ``z`` the ``c`` of ``df = Re(c dz)``, and ``f'(z)`` where ``f`` is holomorphic. A complex ``f`` of
        real ``x`` has a complex gradient.

    Raises
    ------
    OperandError
        If ``f`` returns something else than a number.
    DtypeError
        If an element of ``x`` is an integer or no number, or if ``f`` is complex and not holomorphic in a complex
        ``x``.
    ShapeError
        If ``f`` returns more than one number.

    Examples
    --------
    >>> round(numerical_gradient(lambda x: x**3, 2.0), 9)
    12.0
    """
    leaves = list(nest.leaves(x))
    arrays = [_differentiable(leaf) for leaf in leaves]
    gradients = []
    wide = [argument_like(leaf, widened(array)) for leaf, array in zip(leaves, arrays, strict=True)]
    with stop_recording():
        eps = _precision(_number(f(nest.rebuild(x, wide)), f))
        for position, (leaf, array) in enumerate(zip(leaves, arrays, strict=True)):

            def at(value: Array, position: int = position) -> complex:
                moved = [*wide[:position], argument_like(leaves[position], value), *wide[position + 1 :]]
                return complex(_number(f(nest.rebuild(x, moved)), f))

            gradients.append(argument_like(leaf, _partial(at, array, eps, step)))
    return nest.rebuild(x, gradients)


def _partial(at: Callable[[Array], complex], array: Array, eps: float, step: float | None) -> Array:
    """Differentiate with respect to each element of one array."""
    wide = widened(array)
    typical = float(np.sqrt(np.mean(np.abs(wide) ** 2))) if array.size else 0.0
    gradient = np.zeros(array.shape, np.complex128)
    for index in np.ndindex(array.shape):
        size = step * 8 if step else max(float(abs(wide[index])), typical) or 1.0
        slopes = [
            _slope(at, wide, index, size * unit, eps) / size for unit in ((1, 1j) if array.dtype.kind == "c" else (1,))
        ]
        gradient[index] = _joined(*slopes)
    complex_valued = array.dtype.kind == "c" or bool(np.any(gradient.imag))
    return (
        gradient.astype(np.result_type(array.dtype, np.complex64))
        if complex_valued
        else gradient.real.astype(array.dtype)
    )


def _slope(
    at: Callable[[Array], complex], array: Array, index: tuple[int, ...], direction: complex, eps: float
) -> complex:
    """Return the derivative along one axis, by the length of the direction."""

    def path(t: float) -> Array:
        moved = array.copy()
        moved[index] += t * (direction if array.dtype.kind == "c" else direction.real)
        value = at(moved)
        return np.array([value.real, value.imag])

    real, imag = central(path, eps=eps).value
    return complex(real, imag)


def _joined(along_real: complex, along_imag: complex | None = None) -> complex:
    """Combine the derivatives along the real and the imaginary axis."""
    if along_imag is None:
        return along_real
    if not (along_real.imag or along_imag.imag):
        return complex(along_real.real, -along_imag.real)
    if abs(along_imag - 1j * along_real) > 1e-5 * (abs(along_real) + abs(along_imag)):
        raise DtypeError(
            "a complex function of a complex argument has a derivative only where it is holomorphic; this one is not "
            f"(its derivative along the real axis is {along_real:.6g}, along the imaginary axis {along_imag:.6g}). "
            f"Take its .real, its .imag or abs()."
        )
    return along_real


def _differentiable(leaf: Any) -> Array:
    array = leaf.numpy() if isinstance(leaf, Tensor) else np.asarray(leaf)
    if array.dtype.kind not in "fc":
        raise DtypeError(
            f"cannot differentiate with respect to a {type(leaf).__name__} of dtype {array.dtype}: derivatives exist "
            "for floating-point and complex values only. Convert it first, x.astype(float), or write 3.0 in place of "
            "3."
        )
    return array


def _number(value: Any, f: Callable[..., Any]) -> Any:
    array = value.numpy() if isinstance(value, Tensor) else value
    name = name_of(f)
    if isinstance(array, (list, tuple, dict)) or np.shape(array) != ():
        got = type(value).__name__ if isinstance(array, (list, tuple, dict)) else f"shape {np.shape(array)}"
        raise ShapeError(f"a gradient needs a function that returns one number: {name} returned {got}. Sum it first.")
    if not np.issubdtype(np.asarray(array).dtype, np.number):
        raise OperandError(
            f"a gradient needs a function that returns one number: {name} returned {type(value).__name__}."
        )
    return np.asarray(array)[()]


def _precision(value: Any) -> float:
    dtype = np.asarray(value).dtype
    return float(np.finfo(dtype).eps) if dtype.kind in "fc" else float(np.finfo(float).eps)
