"""The names of `scipy.signal`, differentiable: convolution and correlation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import signal

from autograd.errors import OperandError
from autograd.registry import defcomposite, deflinear, defvjp, operation
from autograd.rules.shape import array_of, sum_to
from autograd.scipy.door import function
from autograd.tensor import Tensor

Axes = tuple[int, ...]


@operation
def _convolve(x: Any, kernel: Any, mode: str, axes: Axes, method: str) -> Any:
    """Convolve along some axes: by SciPy's choice of a method, by one of its two, or by its function for some axes alone."""
    if not np.size(x) or not np.size(kernel):
        return np.zeros(0, np.result_type(x, kernel))
    if method == "axes":
        return signal.fftconvolve(x, kernel, mode=mode, axes=axes)
    return signal.convolve(x, kernel, mode=mode, method=method)


def _transposed(g: Any, other: Any, shape: tuple[int, ...], mode: str, axes: Axes, method: str) -> Any:
    """Convolve the cotangent with the other operand flipped.

    Each mode is a cut out of the full convolution. So put the cotangent back where it was cut out; what the operand of length n and the
    other one of length m made, of length n + m - 1, and the other one flipped, overlap wholly at n places.
    """
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
)
deflinear(_convolve, each=True)


def _operands(in1: Any, in2: Any, mode: str) -> tuple[Any, Any]:
    if mode not in ("full", "same", "valid"):
        raise OperandError(f'a convolution knows mode="full", "same" and "valid": received {mode!r}.')
    return tuple(Tensor(x) if isinstance(x, (list, tuple)) else array_of(x) for x in (in1, in2))  # type: ignore[return-value]


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


convolve = function(signal.convolve)
fftconvolve = function(signal.fftconvolve)
correlate = function(signal.correlate)


if not TYPE_CHECKING:  # a type checker takes this for a promise of every name

    def __getattr__(name: str) -> Any:
        if hasattr(signal, name):
            raise AttributeError(f"autograd.scipy.signal has no {name}: scipy.signal.{name} computes it, without a derivative.")
        raise AttributeError(f"neither autograd.scipy.signal nor scipy.signal has a {name}.")
