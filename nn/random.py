"""The source of random numbers: initial weights, dropout, the order of samples.

There is one generator. Everything random that is not given a seed of its own draws from it.
"""

from __future__ import annotations

import functools
import random

import numpy as np

from nn.errors import ArgumentError


@functools.cache
def _shared() -> np.random.Generator:
    """Make the shared generator when it is first needed: NumPy loads its random numbers only then."""
    return np.random.default_rng()


def set_random_seed(seed: int) -> None:
    """Make everything random from here on repeat bit for bit.

    What ran before has no influence, nor does its seed. Python's `random` and NumPy's older `numpy.random` are seeded
    too, so that what a program shuffles by itself repeats as well.

    Parameters
    ----------
    seed : int
        From 0 to 2**32 - 1.

    Notes
    -----
    Sums in floating point depend on their order, and a BLAS library chooses that by the number of its threads: a run
    repeats exactly on the same machine with the same number of threads.
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**32:
        raise ArgumentError(f"a seed is an integer from 0 to 2**32 - 1: received {seed!r}.")
    random.seed(int(seed))
    np.random.seed(int(seed))
    _shared().bit_generator.state = np.random.default_rng(int(seed)).bit_generator.state


def generator(seed: int | np.random.Generator | None = None) -> np.random.Generator:
    """Return the shared generator, or one of its own for a seed."""
    if (
        seed is not None
        and not isinstance(seed, np.random.Generator)
        and (not isinstance(seed, (int, np.integer)) or seed < 0)
    ):
        raise ArgumentError(f"a seed is an integer that is not negative, or None: received {seed!r}.")
    return _shared() if seed is None else np.random.default_rng(seed)
