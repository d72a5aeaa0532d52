"""Derivatives of convolution, interpolation, differences on a grid, and of the Bessel function of Kaiser's window."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.errors import OperandError, ShapeError
from autograd.registry.define import defacts, defcomposite, defjoint, deflinear, defvjp, operation
from autograd.registry.operations import astype, scatter
from autograd.rules.shape import along, array_of

_FLOAT64 = np.dtype(np.float64)


# --------------------------------------------------------------------------------------------------- convolution
def _convolve(g: Any, _x: Any, y: Any, mode: Any) -> Any:
    """Correlate with the other operand, after the cotangent of what the mode cut off, which is 0, is put back."""
    n, m = math.prod(np.shape(_x)), math.prod(np.shape(y))
    cut = {"f": 0, "s": (min(n, m) - 1) // 2, "v": min(n, m) - 1}["vsf"[mode] if isinstance(mode, int) else mode[0]]
    whole = g if len(g) == n + m - 1 else np.pad(g, (cut, n + m - 1 - cut - len(g)))
    return np.reshape(np.convolve(whole, np.ravel(y)[::-1], "valid"), np.shape(_x))


defvjp(
    np.convolve,
    lambda g, _, _a, v, *, mode="full": _convolve(g, _a, v, mode),
    lambda g, _, a, _v, *, mode="full": _convolve(g, _v, a, mode),
)
deflinear(np.convolve, each=True)
defacts(np.convolve, static=True, fresh=True)


@defcomposite(np.correlate)
def _correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    """Convolve with the conjugate in reverse. The shorter one is turned round; where that is ``a``, the result is
    turned back.
    """
    a, v = array_of(a), array_of(v)
    v = np.conjugate(v) if np.iscomplexobj(v) else v
    if np.size(v) > np.size(a):
        return np.convolve(v, a[::-1], mode)[::-1]
    return np.convolve(a, v[::-1], mode)


# --------------------------------------------------------------------------------------------------- interpolation
@operation
def interpolate(x: Any, xp: Any, fp: Any) -> Any:
    """Return the piecewise linear function through the points ``(xp, fp)``, of which there are two at least, constant
    outside.
    """
    return np.interp(x, xp, fp)


def _interpolate(argnums: tuple[int, ...], g: Any, _: Any, x: Any, xp: Any, fp: Any) -> list[Any]:
    """Share a cotangent out to the two knots of the piece that each x lies in, by how near they are.

    A knot belongs to the piece that begins there, as in NumPy, and the last knot to the last piece. Outside of the
    points the slope is 0; so it is on a jump at the last knot."""
    xp = xp.astype(np.finfo(g.dtype).dtype)
    j = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, len(xp) - 2)
    width = xp[j + 1] - xp[j]
    flat = np.less(x, xp[0]) | np.greater(x, xp[-1]) | np.equal(width, 0)
    width = np.where(flat, 1, width)
    t = np.where(flat, np.greater_equal(x, xp[-1]), (x - xp[j]) / width)
    slope = g * np.where(flat, 0, (fp[j + 1] - fp[j]) / width)
    slope = np.real(slope) if np.iscomplexobj(g) else slope

    def shared(c: Any) -> Any:
        return scatter([c * (1 - t), c * t], [j, j + 1], np.shape(xp))

    cotangents = (lambda: slope, lambda: -shared(slope), lambda: shared(g))
    return [cotangents[argnum]() for argnum in argnums]


defjoint(interpolate, _interpolate, static=True, fresh=True)


@defcomposite(np.interp)
def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """Bring periodic points into one period, interpolate, and fill in what lies outside."""
    x, xp, fp = array_of(x), array_of(xp), array_of(fp)
    if np.ndim(xp) != 1 or np.shape(xp) != np.shape(fp):
        raise ShapeError(
            f"interp takes as many points xp as values fp, on one axis: received shapes {np.shape(xp)} and "
            f"{np.shape(fp)}."
        )
    if not np.size(xp):
        raise ShapeError("interp takes one point at least: xp and fp are empty.")
    if period is not None:
        if np.equal(period, 0):
            raise OperandError("interp takes a period that is not 0.")
        period, left, right = np.absolute(period), None, None
        x, xp = (np.remainder(astype(each, dtype=_FLOAT64), period) for each in (x, xp))
        order = np.argsort(xp)
        xp, fp = xp[order], fp[order]
        xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
    elif np.size(xp) == 1:
        xp, fp = np.concatenate([xp, xp]), np.concatenate([fp, fp])
    y = interpolate(x, xp, fp)
    y = y if left is None else np.where(np.less(x, xp[0]), left, y)
    return y if right is None else np.where(np.greater(x, xp[-1]), right, y)


# --------------------------------------------------------------------------------------- differences and sums on a grid
defvjp(np.unwrap, lambda g, _, _p, *, discont=None, axis=-1, period=2 * math.pi: g, static=True, fresh=True)


@defcomposite(np.ediff1d)
def _ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    ary = np.ravel(ary)
    for name, end in (("to_begin", to_begin), ("to_end", to_end)):
        if end is not None and not np.can_cast(array_of(end).dtype, ary.dtype, "same_kind"):
            raise OperandError(
                f"ediff1d takes a {name} that fits the dtype {ary.dtype} of the array: received dtype "
                f"{array_of(end).dtype}."
            )
    parts = [
        None if to_begin is None else np.ravel(to_begin),
        ary[1:] - ary[:-1],
        None if to_end is None else np.ravel(to_end),
    ]
    return np.concatenate([part.astype(ary.dtype) for part in parts if part is not None])


@defcomposite(np.trapezoid)
def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y = array_of(y)
    if x is not None:
        dx = np.diff(x, axis=axis if np.ndim(x) != 1 else -1)
        dx = dx if np.ndim(x) != 1 else _on_axis(dx, axis, y.ndim)
    return np.sum(
        dx * (y[along(axis, y.ndim, slice(1, None))] + y[along(axis, y.ndim, slice(None, -1))]) / 2.0, axis=axis
    )


def _on_axis(x: Any, axis: int, ndim: int) -> Any:
    """Let an array of one axis run along one of several axes."""
    return np.reshape(x, (-1,) + (1,) * (ndim - 1 - axis % ndim))


@defcomposite(np.gradient)
def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    f = array_of(f)
    f = f if f.dtype.kind in "fc" else astype(f, dtype=_FLOAT64)
    axes = tuple(range(f.ndim)) if axis is None else normalize_axis_tuple(axis, f.ndim)
    spacings = varargs or (1.0,)
    if len(spacings) == 1 and np.ndim(spacings[0]) == 0:
        spacings = spacings * len(axes)
    if len(spacings) != len(axes):
        raise OperandError(
            f"gradient takes one spacing for all axes, or one for each of the {len(axes)}: received {len(spacings)}."
        )
    if edge_order not in (1, 2):
        raise OperandError(f"gradient takes edge_order=1 or edge_order=2: received {edge_order!r}.")
    found = tuple([_gradient_along(f, i, h, edge_order) for i, h in zip(axes, spacings, strict=True)])
    return found[0] if len(found) == 1 else found


def _gradient_along(f: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    """Weigh the slopes of the two pieces next to each point, the nearer neighbour the more; extrapolate to the ends, if
    asked to.
    """
    n = f.shape[axis]
    if n <= edge_order:
        raise ShapeError(
            f"gradient with edge_order={edge_order} needs {edge_order + 1} elements along an axis at least: received "
            f"shape {f.shape}."
        )
    weight: Any = 0.5
    if np.ndim(spacing):
        if np.shape(spacing) != (n,):
            raise ShapeError(
                f"gradient takes one coordinate for each of the {n} places along axis {axis}: received shape "
                f"{np.shape(spacing)}."
            )
        spacing = _on_axis(np.diff(np.multiply(spacing, 1.0)), axis, f.ndim)
        before, after = (
            spacing[along(-f.ndim + axis, spacing.ndim, part)] for part in (slice(None, -1), slice(1, None))
        )
        weight = before / (before + after)
    slopes = np.diff(f, axis=axis) / spacing
    before, after, first, last = (
        slopes[along(axis, f.ndim, part)] for part in (slice(None, -1), slice(1, None), slice(1), slice(-1, None))
    )
    bend = after - before
    inner = before + weight * bend
    if edge_order == 2:
        first = first - (weight * bend)[along(axis, f.ndim, slice(1))]
        last = last + ((1 - weight) * bend)[along(axis, f.ndim, slice(-1, None))]
    return np.concatenate([first, inner, last], axis=axis).astype(f.dtype)


# --------------------------------------------------------------------------------------------------- Kaiser's window
# The cosines of the angles, and 1 less the cosines.
_NODES = [(math.cos(a), 2 * math.sin(a / 2) ** 2) for a in ((k + 0.5) * math.pi / 120 for k in range(60))]


@operation
def bessel(x: Any, order: int) -> Any:
    """Return the derivative of some order of the modified Bessel function I0.

    I0 is the mean of ``cosh(c * x)`` over the cosines c of all angles; Gauss-Chebyshev quadrature with 120 nodes, of
    which those that differ in sign give the same, is exact to rounding for every x at which I0 is not infinite
    (Abramowitz and Stegun 9.6.16 and 25.4.38). No two terms cancel."""
    size = np.abs(x)
    odd = order % 2
    # cosh(c * x) and sinh(c * x), over the exponential of x, whose exponent is not rounded.
    damped = sum(
        c**order * np.exp(-less * size) * (-np.expm1(-2 * c * size) if odd else 1 + np.exp(-2 * c * size))
        for c, less in _NODES
    ) / (2 * len(_NODES))
    root = np.exp(0.5 * size)
    return (np.sign(x) if odd else 1) * damped * root * root


defvjp(np.i0, lambda g, _, x: g * bessel(x, order=1), elementwise=True, static=True, fresh=True)
defvjp(bessel, lambda g, _, x, *, order: g * bessel(x, order=order + 1), elementwise=True, static=True, fresh=True)


@defcomposite(np.kaiser)
def _kaiser(M: Any, beta: Any) -> Any:
    beta = astype(array_of(beta), dtype=_FLOAT64)
    middle = (float(M) - 1) / 2
    if middle == 0:
        return np.ones(1)
    places = (np.arange(0, M) - middle) / middle
    return np.i0(beta * np.sqrt(1 - places * places)) / np.i0(beta)
