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
    """Seed everything that is random from here on, so that a run repeats bit for bit.

    The seed and the draws before have no influence. Python's `random` and NumPy's older `numpy.random` are seeded too,
    so that a program's own shuffling repeats as well.

    Parameters
    ----------
    seed : int
        From 0 to 2**32 - 1.

    Raises
    ------
    ArgumentError
        If the seed is no such integer.

    Notes
    -----
    Sums in floating point depend on their order, and a BLAS library chooses that by the number of its threads: a run
    repeats exactly on the same machine with the same number of threads.

    Examples
    --------
    >>> set_random_seed(0)
    >>> first = nn.initializers.GlorotUniform()((2, 3))
    >>> set_random_seed(0)
    >>> bool((np.asarray(nn.initializers.GlorotUniform()((2, 3))) == np.asarray(first)).all())
    True
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**32:
        raise ArgumentError(f"a seed is an integer from 0 to 2**32 - 1: received {seed!r}.")
    random.seed(int(seed))
    np.random.seed(int(seed))
    _shared().bit_generator.state = np.random.default_rng(int(seed)).bit_generator.state


def generator(seed: int | np.random.Generator | None = None) -> np.random.Generator:
    """Return the shared generator, or another one for a seed.

    Parameters
    ----------
    seed : int or numpy.random.Generator, optional
        Unless given, the shared generator is returned. A generator is returned as it is.

    Returns
    -------
    numpy.random.Generator

    Raises
    ------
    ArgumentError
        If the seed is negative, or no integer.

    Examples
    --------
    >>> generator() is generator()
    True
    >>> float(generator(0).random()) == float(generator(0).random())
    True
    """
    if (
        seed is not None
        and not isinstance(seed, np.random.Generator)
        and (not isinstance(seed, (int, np.integer)) or seed < 0)
    ):
        raise ArgumentError(f"a seed is an integer that is not negative, or None: received {seed!r}.")
    return _shared() if seed is None else np.random.default_rng(seed)
