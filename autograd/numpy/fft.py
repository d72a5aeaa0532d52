"""The names of `numpy.fft`, differentiable."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd.core.tensor import Tensor
from autograd.errors import DtypeError
from autograd.numpy.creation import asarray
from autograd.numpy.wrapping import wrap

fft = wrap(np.fft.fft)
ifft = wrap(np.fft.ifft)
fft2 = wrap(np.fft.fft2)
ifft2 = wrap(np.fft.ifft2)
fftn = wrap(np.fft.fftn)
ifftn = wrap(np.fft.ifftn)
rfft = wrap(np.fft.rfft)
irfft = wrap(np.fft.irfft)
rfft2 = wrap(np.fft.rfft2)
irfft2 = wrap(np.fft.irfft2)
rfftn = wrap(np.fft.rfftn)
irfftn = wrap(np.fft.irfftn)
hfft = wrap(np.fft.hfft)
ihfft = wrap(np.fft.ihfft)
fftshift = wrap(np.fft.fftshift)
ifftshift = wrap(np.fft.ifftshift)


def fftfreq(n: int, d: float | Tensor = 1.0, device: str | None = None, *, dtype: DTypeLike | None = None) -> Tensor:
    """Return the frequencies of `fft`, in cycles per unit of the sample spacing ``d``; differentiable in ``d``.
    See `numpy.fft.fftfreq`.

    Parameters
    ----------
    n : int
        The length of the transform.
    d : float, default 1.0
        The distance of two samples.
    device : {None, "cpu"}
    dtype : dtype, default float64
        A real floating-point one.

    Raises
    ------
    DtypeError
        If the dtype is another one.
    """
    return _frequencies(np.fft.fftfreq(n, d, device), dtype)  # type: ignore[arg-type]


def rfftfreq(n: int, d: float | Tensor = 1.0, device: str | None = None, *, dtype: DTypeLike | None = None) -> Tensor:
    """Return the frequencies of `rfft`, which are those of `fftfreq` that are not negative, and the highest one;
    differentiable in ``d``. See `numpy.fft.rfftfreq`.
    """
    return _frequencies(np.fft.rfftfreq(n, d, device), dtype)  # type: ignore[arg-type]


def _frequencies(found: Any, dtype: DTypeLike | None) -> Tensor:
    if dtype is not None and np.dtype(dtype).kind != "f":
        raise DtypeError(
            f"frequencies are real floating-point numbers: received dtype={np.dtype(dtype)}. Take float64 or float32."
        )
    return asarray(found, dtype)
