"""Calls of discrete Fourier transforms."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.samples.draw import ALL, REAL, Sample, normal, sample


def _one_axis(dtypes: tuple[str, ...] = ALL) -> list[Sample]:
    """Odd and even lengths; lengths given that cut and pad; every scale."""
    return [
        *[sample(normal(n), dtypes=dtypes) for n in (4, 5)],
        *[
            sample(normal(2, 5, 3), n, axis=1, norm=norm, dtypes=dtypes)
            for n, norm in ((3, "ortho"), (4, "forward"), (8, "backward"), (9, "ortho"))
        ],
        sample(normal(5, 0), 4, 0, dtypes=dtypes),
    ]


def _axes(dtypes: tuple[str, ...] = ALL) -> list[Sample]:
    return [
        sample(normal(3, 4), dtypes=dtypes),
        sample(normal(2, 3, 5), axes=(-1, 0), norm="ortho", dtypes=dtypes),
        sample(normal(3, 4), (5, 3), (0, 1), norm="forward", dtypes=dtypes),
        sample(normal(3, 4), s=(4, 3, 6), axes=(1, 0, 1), dtypes=dtypes),
    ]


SAMPLES: dict[Any, list[Sample]] = {
    **{fn: [*_one_axis(), sample(normal(1))] for fn in (np.fft.fft, np.fft.ifft)},
    **{fn: [*_one_axis(REAL), sample(normal(1), dtypes=REAL)] for fn in (np.fft.rfft, np.fft.ihfft)},
    **{fn: [*_one_axis(), sample(normal(1), 1), sample(normal(2), 1)] for fn in (np.fft.irfft, np.fft.hfft)},
    **{fn: _axes() for fn in (np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn, np.fft.irfft2, np.fft.irfftn)},
    **{fn: _axes(REAL) for fn in (np.fft.rfft2, np.fft.rfftn)},
    **{
        fn: [sample(normal(3, 4)), sample(normal(5, 2), axes=0), sample(normal(2, 3, 5), (0, -1))]
        for fn in (np.fft.fftshift, np.fft.ifftshift)
    },
}
