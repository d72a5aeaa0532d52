"""The names of `scipy.signal`, differentiable: convolution and correlation."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import signal

from autograd.core.tensor import Tensor, call
from autograd.errors import OperandError, ShapeError
from autograd.numpy.wrapping import wrap_composite
from autograd.registry.define import defcomposite, deflinear, defvjp, operation
from autograd.rules.shape import array_of, sum_to

Axes = tuple[int, ...]
Pair = tuple[Axes, Axes]


@operation
def _convolve(x: Any, kernel: Any, mode: str, axes: Axes, method: str) -> Any:
    """Convolve along some axes: by SciPy's choice of a method, by one of its two, or by its function for some axes
    alone.
    """
    if not np.size(x) or not np.size(kernel):
        return np.zeros(0, np.result_type(x, kernel))
    if method == "axes":
        return signal.fftconvolve(x, kernel, mode=mode, axes=axes)
    return signal.convolve(x, kernel, mode=mode, method=method)


def _transposed(g: Any, other: Any, shape: tuple[int, ...], mode: str, axes: Axes, method: str) -> Any:
    """Convolve the cotangent with the other operand flipped.

    Each mode is a cut out of the full convolution. So put the cotangent back where it was cut out; what the operand of
    length n and the other one of length m made, of length n + m - 1, and the other one flipped, overlap wholly at n
    places."""
    if not np.size(g) or not np.size(other):
        return np.zeros(shape, g.dtype)
    widths = [(0, 0)] * len(shape)
    for axis, (n, m, kept) in enumerate(zip(shape, np.shape(other), np.shape(g), strict=True)):
        full = n + m - 1 if axis in axes else max(n, m)
        before = min(n, m) - 1 if mode == "valid" and axis in axes else (full - kept) // 2
        widths[axis] = (before, full - kept - before)
    return sum_to(_convolve(np.pad(g, widths), np.flip(other, axes), mode="valid", axes=axes, method=method), shape)


defvjp(
    _convolve,
    lambda g, _, _x, kernel, *, mode, axes, method: _transposed(g, kernel, _x.shape, mode, axes, method),
    lambda g, _, x, _kernel, *, mode, axes, method: _transposed(g, x, _kernel.shape, mode, axes, method),
    static=True,
    fresh=True,
)
deflinear(_convolve, each=True)


def _operands(in1: Any, in2: Any, mode: str) -> tuple[Any, Any]:
    if mode not in ("full", "same", "valid"):
        raise OperandError(f'a convolution knows mode="full", "same" and "valid": received {mode!r}.')
    first, second = (Tensor(x) if isinstance(x, (list, tuple)) else array_of(x) for x in (in1, in2))
    return first, second


@defcomposite(signal.convolve)
def _convolve_of(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    x, kernel = _operands(in1, in2, mode)
    if not np.ndim(x) and not np.ndim(kernel):
        return x * kernel
    return _convolve(x, kernel, mode=mode, axes=tuple(range(np.ndim(x))), method=method)


@defcomposite(signal.fftconvolve)
def _fftconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Any:
    x, kernel = _operands(in1, in2, mode)
    ndim = np.ndim(x)
    if not ndim and not np.ndim(kernel):
        return x * kernel
    chosen = range(ndim) if axes is None else (axes,) if isinstance(axes, (int, np.integer)) else axes
    return _convolve(x, kernel, mode=mode, axes=tuple([int(i) % ndim for i in chosen]), method="axes")


@defcomposite(signal.correlate)
def _correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """Convolve with the second operand flipped and conjugated."""
    x, kernel = _operands(in1, in2, mode)
    return _convolve_of(x, np.conjugate(np.flip(kernel)) if np.ndim(kernel) else np.conjugate(kernel), mode, method)


def convolve(
    in1: Any, in2: Any, mode: str = "full", method: str = "auto", *, axes: Any = None, dot_axes: Any = ((), ())
) -> Any:
    """Convolve along all axes, or along some: see `scipy.signal.convolve`. Returns tensors.

    Parameters
    ----------
    in1, in2 : array_like
    mode : {"full", "same", "valid"}
        "same" gives the lengths of ``in1``.
    method : {"auto", "direct", "fft"}
        For a convolution along all axes.
    axes : pair of sequence of int, optional
        The axes of each operand to convolve along, in pairs, as in HIPS autograd. The axes of the result are those of
        ``in1`` that do not stand here, those of ``in2``, and then these.
    dot_axes : pair of sequence of int
        The axes of each operand to sum over, in pairs, as channels are.

    Examples
    --------
    >>> images, filters = np.ones((10, 3, 8, 8)), np.ones((3, 4, 5, 5))
    >>> convolve(images, filters, axes=([2, 3], [2, 3]), dot_axes=([1], [0]), mode="valid").shape
    (10, 4, 4, 4)
    """
    if axes is None and not any(map(len, dot_axes)):
        return call(signal.convolve, in1, in2, mode, method)
    x, kernel = _operands(in1, in2, mode)
    shapes = np.shape(x), np.shape(kernel)
    if axes is None:
        axes = [[i for i in range(len(shape)) if i not in dots] for shape, dots in zip(shapes, dot_axes, strict=True)]
    along, summed = (
        [tuple([int(i) % len(shape) for i in each]) for each, shape in zip(pair, shapes, strict=True)]
        for pair in (axes, dot_axes)
    )
    if len(along[0]) != len(along[1]) or len(summed[0]) != len(summed[1]):
        raise OperandError(f"a convolution takes its axes in pairs: received axes={axes} and dot_axes={dot_axes}.")
    result = _convolve_along(x, kernel, mode, (along[0], along[1]), (summed[0], summed[1]))
    return result if isinstance(result, Tensor) else Tensor(result)


def _convolve_along(x: Any, kernel: Any, mode: str, axes: Pair, dots: Pair) -> Any:
    """Pad as the mode says, and multiply each window by the other operand flipped."""
    lengths = [(np.shape(x)[i], np.shape(kernel)[j]) for i, j in zip(*axes, strict=True)]
    if mode == "valid" and any(n < m for n, m in lengths):
        if any(n > m for n, m in lengths):
            raise ShapeError(
                f"of two operands of a valid convolution one is the longer along every axis: received the lengths "
                f"{lengths}."
            )
        swapped = _convolve_along(kernel, x, mode, (axes[1], axes[0]), (dots[1], dots[0]))
        of_kernel, of_x = len(_free(kernel, axes[1], dots[1])), len(_free(x, axes[0], dots[0]))
        return np.moveaxis(swapped, range(of_kernel), range(of_x, of_x + of_kernel))
    widths = [(0, 0)] * np.ndim(x)
    for i, (_, m) in zip(axes[0], lengths, strict=True):
        widths[i] = {"full": (m - 1, m - 1), "same": (m // 2, (m - 1) // 2), "valid": (0, 0)}[mode]
    return _correlate_along(np.pad(x, widths), np.flip(kernel, axes[1]), axes=axes, dots=dots)


def _free(x: Any, axes: Axes, dots: Axes) -> list[int]:
    """List the axes that are neither moved along nor summed over."""
    return [i for i in range(len(np.shape(x))) if i not in axes and i not in dots]


@operation
def _correlate_along(x: Any, kernel: Any, axes: Pair, dots: Pair) -> Any:
    """Multiply each window of the first operand by the second, and sum. The result has the free axes of both, and then
    the places of the windows.
    """
    windows = np.lib.stride_tricks.sliding_window_view(x, [np.shape(kernel)[i] for i in axes[1]], axis=axes[0])
    letters = string.ascii_letters
    of_windows, of_kernel = list(letters[: windows.ndim]), list(letters[windows.ndim : windows.ndim + np.ndim(kernel)])
    for j, i in enumerate(axes[1]):
        of_kernel[i] = of_windows[np.ndim(x) + j]
    for i, j in zip(*dots, strict=True):
        of_kernel[j] = of_windows[i]
    out = [of_windows[i] for i in _free(x, axes[0], dots[0])] + [of_kernel[i] for i in _free(kernel, axes[1], dots[1])]
    formula = [*of_windows, ",", *of_kernel, "->", *out, *[of_windows[i] for i in axes[0]]]
    return np.einsum("".join(formula), windows, kernel, optimize=True)


def _places(x: Any, kernel: Any, axes: Pair, dots: Pair) -> tuple[list[int], list[int], Axes, Axes, Axes]:
    """Return the free axes of both operands, and where in the result they stand, and the places of the windows."""
    free_x, free_kernel = _free(x, axes[0], dots[0]), _free(kernel, axes[1], dots[1])
    n, m = len(free_x), len(free_x) + len(free_kernel)
    return free_x, free_kernel, tuple(range(n)), tuple(range(n, m)), tuple(range(m, m + len(axes[0])))


def _correlate_along_x(g: Any, _: Any, _x: Any, kernel: Any, *, axes: Pair, dots: Pair) -> Any:
    """Correlate the padded cotangent with the flipped second operand; what was summed over is free, and what was free
    is summed over.
    """
    free_x, free_kernel, _, of_kernel, moved = _places(_x, kernel, axes, dots)
    widths = [(0, 0)] * g.ndim
    for i, j in zip(moved, axes[1], strict=True):
        widths[i] = (np.shape(kernel)[j] - 1,) * 2
    found = _correlate_along(
        np.pad(g, widths), np.flip(kernel, axes[1]), axes=(moved, axes[1]), dots=(of_kernel, tuple(free_kernel))
    )
    summed = [i for _, i in sorted(zip(dots[1], dots[0], strict=True))]
    return np.moveaxis(found, range(g.ndim - len(of_kernel) + len(summed)), [*free_x, *summed, *axes[0]])


def _correlate_along_kernel(g: Any, _: Any, x: Any, _kernel: Any, *, axes: Pair, dots: Pair) -> Any:
    """Correlate the first operand with the cotangent."""
    free_x, free_kernel, of_x, _, moved = _places(x, _kernel, axes, dots)
    found = _correlate_along(x, g, axes=(axes[0], moved), dots=(tuple(free_x), of_x))
    summed = [i for _, i in sorted(zip(*dots, strict=True))]
    return np.moveaxis(found, range(g.ndim - len(of_x) + len(summed)), [*summed, *free_kernel, *axes[1]])


defvjp(_correlate_along, _correlate_along_x, _correlate_along_kernel, static=True, fresh=True)
fftconvolve = wrap_composite(signal.fftconvolve)
correlate = wrap_composite(signal.correlate)


if not TYPE_CHECKING:  # a type checker takes this for a promise of every name

    def __getattr__(name: str) -> Any:
        if hasattr(signal, name):
            raise AttributeError(
                f"autograd.scipy.signal has no {name}: scipy.signal.{name} computes it, without a derivative."
            )
        raise AttributeError(f"neither autograd.scipy.signal nor scipy.signal has a {name}.")
