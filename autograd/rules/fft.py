"""Derivatives of discrete Fourier transforms.

A transform is a product with a symmetric matrix, of which the scale belongs to the matrix: its transpose is the
transform itself. A length ``n`` pads or cuts the operand before, and so its transpose cuts or pads after.

Transforms of real numbers leave out the half of the spectrum that is the conjugate of the other half. So each of the
numbers that stand for two of them, all but the first one and for an even length the last one, counts twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from autograd.errors import ShapeError
from autograd.registry.define import defacts, defcomposite, deflinear, defvjp
from autograd.rules.batch import along_axes, along_axis
from autograd.rules.shape import along, array_of

Norm = Literal["backward", "ortho", "forward"] | None


# --------------------------------------------------------------------------------------------------- along one axis
def _resized(x: Any, n: int, axis: int) -> Any:
    """Cut an axis to a length, or pad it with zeros."""
    length = np.shape(x)[axis]
    if length >= n:
        return x if length == n else x[along(axis, x.ndim, slice(n))]
    return np.pad(x, [(0, n - length if i == axis % x.ndim else 0) for i in range(x.ndim)])


def _twice(x: Any, n: int, axis: int, factor: float) -> Any:
    """Multiply what stands for two numbers of the spectrum, of a transform of length ``n``, by a factor."""
    places = np.arange(np.shape(x)[axis])
    factors = np.where((places == 0) | (2 * places == n), 1, factor).astype(np.finfo(x.dtype).dtype)
    return x * np.reshape(factors, (-1,) + (1,) * (x.ndim - 1 - axis % x.ndim))


def _rfft(g: Any, _: Any, _a: Any, *, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    n = n or _a.shape[axis]
    return _resized(np.fft.hfft(_twice(g, n, axis, 0.5), n, axis, norm), _a.shape[axis], axis)


def _irfft(g: Any, _: Any, _a: Any, *, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    c = _resized(_twice(np.fft.ihfft(g, None, axis, norm), g.shape[axis], axis, 2), _a.shape[axis], axis)
    return c if _a.dtype.kind == "c" else np.real(c).astype(_a.dtype)


defvjp(
    np.fft.fft,
    lambda g, _, _a, *, n=None, axis=-1, norm=None: _resized(np.fft.fft(g, None, axis, norm), _a.shape[axis], axis),
)
defvjp(
    np.fft.ifft,
    lambda g, _, _a, *, n=None, axis=-1, norm=None: _resized(np.fft.ifft(g, None, axis, norm), _a.shape[axis], axis),
)
defvjp(np.fft.rfft, _rfft)
defvjp(np.fft.irfft, _irfft)
defvjp(np.fft.fftshift, lambda g, _, _x, *, axes=None: np.fft.ifftshift(g, axes))
defvjp(np.fft.ifftshift, lambda g, _, _x, *, axes=None: np.fft.fftshift(g, axes))
deflinear(np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.fftshift, np.fft.ifftshift)

_OPPOSITE: dict[Any, Norm] = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


@defcomposite(np.fft.hfft)
def _hfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    return np.fft.irfft(np.conjugate(a), n, axis, _OPPOSITE.get(norm, norm))


@defcomposite(np.fft.ihfft)
def _ihfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    return np.conjugate(np.fft.rfft(a, n, axis, _OPPOSITE.get(norm, norm)))


# --------------------------------------------------------------------------------------------------- along several axes
# One after the other, as NumPy does: nothing is slower for it, and an axis may come twice.
def _lengths(a: Any, s: Any, axes: Any, to_real: bool) -> list[tuple[int | None, int]]:
    """Return the length and the axis of each transform, all read off the shape of the operand before the first one."""
    if axes is None:
        axes = range(-np.ndim(a) if s is None else -len(s), 0)
    if s is None:
        lengths = [a.shape[axis] for axis in axes]
        if to_real and lengths:
            lengths[-1] = 2 * (lengths[-1] - 1)
        return list(zip(lengths, axes, strict=True))
    if len(s) != len(axes):
        raise ShapeError(
            f"a Fourier transform takes one length for each axis: received {len(s)}, s={s}, and {len(axes)}, "
            f"axes={axes}."
        )
    return [(a.shape[axis] if n == -1 else n, axis) for n, axis in zip(s, axes, strict=True)]


def _several(
    transform: Callable[..., Any],
    of_last: Callable[..., Any],
    default_axes: tuple[int, ...] | None,
    to_real: bool = False,
) -> Callable[..., Any]:
    """Make the transform along several axes of one along each axis, and another one along the last, which comes first
    or (`to_real`) last.
    """

    def along_axes(a: Any, s: Any = None, axes: Any = default_axes, norm: Norm = None) -> Any:
        a = array_of(a)
        lengths = _lengths(a, s, axes, to_real)
        if not lengths and of_last is not transform:
            raise ShapeError(
                f"a Fourier transform of or to real numbers needs an axis at least: received shape {a.shape} and "
                f"axes={axes}."
            )
        steps = [(transform, *each) for each in lengths[:-1]] + [(of_last, *each) for each in lengths[-1:]]
        for each, n, axis in steps if to_real else reversed(steps):
            a = each(a, n, axis, norm)
        return a

    return along_axes


defcomposite(np.fft.fftn)(_several(np.fft.fft, np.fft.fft, None))
defcomposite(np.fft.fft2)(_several(np.fft.fft, np.fft.fft, (-2, -1)))
defcomposite(np.fft.ifftn)(_several(np.fft.ifft, np.fft.ifft, None))
defcomposite(np.fft.ifft2)(_several(np.fft.ifft, np.fft.ifft, (-2, -1)))
defcomposite(np.fft.rfftn)(_several(np.fft.fft, np.fft.rfft, None))
defcomposite(np.fft.rfft2)(_several(np.fft.fft, np.fft.rfft, (-2, -1)))
defcomposite(np.fft.irfftn)(_several(np.fft.ifft, np.fft.irfft, None, to_real=True))
defcomposite(np.fft.irfft2)(_several(np.fft.ifft, np.fft.irfft, (-2, -1), to_real=True))


# --------------------------------------------------------------------------------------------------- batches
_fn: Any
for _fn in (np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft):
    defacts(_fn, batch=along_axis(_fn, -1), static=True, fresh=True)
for _fn in (np.fft.fftshift, np.fft.ifftshift):
    defacts(_fn, batch=along_axes(_fn, "axes"), static=True, fresh=True)
