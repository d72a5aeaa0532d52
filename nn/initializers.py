"""Initial values of weights, by Keras's names. An initializer is called with a shape and a dtype and returns an array.

Random ones draw in float64, so that a float32 network starts at the rounded weights of the float64 one. Without a seed
they draw from the shared generator (`nn.set_random_seed`); with one, they give the same values each time they are
called.

>>> GlorotUniform(seed=0)((784, 10)).shape
(784, 10)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from nn import checks
from nn.config import Configured, Registry
from nn.errors import ArgumentError
from nn.random import generator

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "get",
]

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]
# The standard deviation of a standard normal variable truncated at 2: sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)).
_TRUNCATED_STD = 0.87962566103423978


INITIALIZERS = Registry("an initializer")


class Initializer(Configured, registry=INITIALIZERS):
    """Base of initializers: subclasses define ``__call__(shape, dtype)``.

    Examples
    --------
    >>> class Halves(Initializer):
    ...     def __call__(self, shape, dtype="float32"):
    ...         return np.full(shape, 0.5, dtype)
    >>> nn.Dense(1, kernel_initializer=Halves())(np.ones((1, 4))).tolist()
    [[2.0]]
    """

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        """Return an array of initial values.

        Parameters
        ----------
        shape : tuple of int
        dtype : dtype, default "float32"

        Returns
        -------
        ndarray of the shape and dtype
        """
        raise NotImplementedError(f"{type(self).__name__} defines no __call__(shape, dtype).")


class Constant(Initializer):
    """The same value everywhere.

    Parameters
    ----------
    value : float, default 0.0

    Raises
    ------
    ArgumentError
        If it is no finite number.

    Examples
    --------
    >>> Constant(3.0)((2,)).tolist()
    [3.0, 3.0]
    """

    def __init__(self, value: float = 0.0) -> None:
        self.value = checks.number("value", value)

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        return np.full(shape, self.value, dtype)


class Zeros(Initializer):
    """Zeros.

    Examples
    --------
    >>> Zeros()((2,)).tolist()
    [0.0, 0.0]
    """

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        return np.zeros(shape, dtype)


class Ones(Initializer):
    """Ones.

    Examples
    --------
    >>> Ones()((2,)).tolist()
    [1.0, 1.0]
    """

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        return np.ones(shape, dtype)


class Identity(Initializer):
    """A multiple of the identity matrix.

    Parameters
    ----------
    gain : float, default 1.0
        The factor.

    Raises
    ------
    ArgumentError
        When it is called with a shape that is not of a matrix.

    Examples
    --------
    >>> Identity(2.0)((2, 3)).tolist()
    [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]]
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        if len(shape) != 2:
            raise ArgumentError(f"the identity initializer makes matrices: received shape {tuple(shape)}.")
        return (self.gain * np.eye(*shape)).astype(dtype)


class RandomNormal(Initializer, aliases=("normal",)):
    """A normal distribution.

    Parameters
    ----------
    mean : float, default 0.0
    stddev : float, default 0.05
    seed : int, optional
        Of a generator of its own, which draws the same each time; the shared one (`nn.set_random_seed`) unless given.

    Raises
    ------
    ArgumentError
        If a number is not finite, or the standard deviation negative.

    Examples
    --------
    >>> RandomNormal(stddev=1.0, seed=0)((2, 3)).shape
    (2, 3)
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean, self.stddev, self.seed = checks.number("mean", mean), checks.number("stddev", stddev, least=0), seed

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        return generator(self.seed).normal(self.mean, self.stddev, shape).astype(dtype)


class TruncatedNormal(Initializer):
    """A normal distribution; values more than two standard deviations from the mean are drawn again.

    Parameters
    ----------
    mean : float, default 0.0
    stddev : float, default 0.05
        Of the distribution before values are drawn again.
    seed : int, optional
        Of a generator of its own, which draws the same each time; the shared one (`nn.set_random_seed`) unless given.

    Raises
    ------
    ArgumentError
        If a number is not finite, or the standard deviation negative.

    Examples
    --------
    >>> values = TruncatedNormal(stddev=1.0, seed=0)((1000,))
    >>> bool(np.abs(values).max() <= 2)
    True
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean, self.stddev, self.seed = checks.number("mean", mean), checks.number("stddev", stddev, least=0), seed

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        return (self.mean + self.stddev * _truncated(generator(self.seed), shape)).astype(dtype)


class RandomUniform(Initializer, aliases=("uniform",)):
    """A uniform distribution.

    Parameters
    ----------
    minval, maxval : float, default -0.05 and 0.05
    seed : int, optional
        Of a generator of its own, which draws the same each time; the shared one (`nn.set_random_seed`) unless given.

    Raises
    ------
    ArgumentError
        If a bound is not finite, or the upper one less than the lower one.

    Examples
    --------
    >>> values = RandomUniform(0.0, 1.0, seed=0)((1000,))
    >>> bool(values.min() >= 0 and values.max() <= 1)
    True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        self.minval, self.maxval, self.seed = (
            checks.number("minval", minval),
            checks.number("maxval", maxval, least=minval),
            seed,
        )

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        return generator(self.seed).uniform(self.minval, self.maxval, shape).astype(dtype)


class Orthogonal(Initializer):
    """A random orthogonal matrix, uniform among all (Saxe et al., 2013): all axes but the last form the rows.

    Parameters
    ----------
    gain : float, default 1.0
        A factor.
    seed : int, optional
        Of a generator of its own, which draws the same each time; the shared one (`nn.set_random_seed`) unless given.

    Raises
    ------
    ArgumentError
        If the gain is no finite number; when it is called, if the shape has fewer than two axes.

    Examples
    --------
    >>> q = Orthogonal(seed=0)((4, 3), "float64")
    >>> bool(np.allclose(q.T @ q, np.eye(3)))
    True
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        self.gain, self.seed = checks.number("gain", gain), seed

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        if len(shape) < 2:
            raise ArgumentError(f"the orthogonal initializer needs at least two axes: received shape {tuple(shape)}.")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(generator(self.seed).normal(size=(max(rows, columns), min(rows, columns))))
        # QR leaves the signs of the columns to the library; with a positive diagonal of r the distribution is uniform.
        q = q * np.where(np.diag(r) < 0, -1, 1)
        return (self.gain * (q if rows >= columns else q.T)).reshape(shape).astype(dtype)


class VarianceScaling(Initializer):
    """Random weights whose variance is ``scale`` divided by the number of inputs, of outputs, or their mean.

    Parameters
    ----------
    scale : float, default 1.0
    mode : {"fan_in", "fan_out", "fan_avg"}
        The divisor: inputs, outputs, or their mean.
    distribution : {"truncated_normal", "untruncated_normal", "uniform"}
    seed : int, optional
        Of a generator of its own, which draws the same each time; the shared one (`nn.set_random_seed`) unless given.

    Raises
    ------
    ArgumentError
        If the scale is not positive, or there is no such mode or distribution.

    Examples
    --------
    >>> values = VarianceScaling(2.0, "fan_in", "untruncated_normal", seed=0)((1000, 100))
    >>> round(float(values.var() * 1000), 1)
    2.0
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: Literal["fan_in", "fan_out", "fan_avg"] = "fan_in",
        distribution: Literal["truncated_normal", "untruncated_normal", "uniform"] = "truncated_normal",
        seed: int | None = None,
    ) -> None:
        if not checks.number("scale", scale) > 0:
            raise ArgumentError(f"scale is positive: received {scale!r}.")
        self.scale = scale
        self.mode = checks.one_of("mode", mode, ("fan_in", "fan_out", "fan_avg"))
        self.distribution = checks.one_of(
            "distribution", distribution, ("truncated_normal", "untruncated_normal", "uniform")
        )
        self.seed = seed

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        fan_in, fan_out = _fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        std = math.sqrt(self.scale / max(1.0, fan))
        rng = generator(self.seed)
        if self.distribution == "uniform":
            limit = math.sqrt(3) * std
            return rng.uniform(-limit, limit, shape).astype(dtype)
        if self.distribution == "untruncated_normal":
            return rng.normal(0.0, std, shape).astype(dtype)
        return (std / _TRUNCATED_STD * _truncated(rng, shape)).astype(dtype)


class _Scaled(VarianceScaling):
    """Variance scaling under a name of its own. Only the seed is left to choose, as in `VarianceScaling`."""

    settings: tuple[float, Any, Any]

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(*self.settings, seed)


class GlorotUniform(_Scaled):
    """Uniform within ``sqrt(6 / (fan_in + fan_out))`` (Glorot and Bengio, 2010).

    Parameters
    ----------
    seed : int, optional
        Of a generator of its own, which draws the same each time; the shared one (`nn.set_random_seed`) unless given.

    Examples
    --------
    >>> round(float(GlorotUniform(seed=0)((400, 100)).std()), 2)
    0.06
    """

    settings = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Scaled):
    """Truncated normal of variance ``2 / (fan_in + fan_out)`` (Glorot and Bengio, 2010).

    Parameters
    ----------
    seed : int, optional
        Of a generator of its own, which draws the same each time; the shared one (`nn.set_random_seed`) unless given.

    Examples
    --------
    >>> round(float(GlorotNormal(seed=0)((400, 100)).std()), 2)
    0.06
    """

    settings = (1.0, "fan_avg", "truncated_normal")


class HeUniform(_Scaled):
    """Uniform within ``sqrt(6 / fan_in)`` (He et al., 2015).

    Parameters
    ----------
    seed : int, optional
        Of a generator of its own, which draws the same each time; the shared one (`nn.set_random_seed`) unless given.

    Examples
    --------
    >>> round(float(HeUniform(seed=0)((400, 100)).std()), 2)
    0.07
    """

    settings = (2.0, "fan_in", "uniform")


class HeNormal(_Scaled):
    """Truncated normal of variance ``2 / fan_in`` (He et al., 2015).

    Parameters
    ----------
    seed : int, optional
        Of a generator of its own, which draws the same each time; the shared one (`nn.set_random_seed`) unless given.

    Examples
    --------
    >>> round(float(HeNormal(seed=0)((400, 100)).std()), 2)
    0.07
    """

    settings = (2.0, "fan_in", "truncated_normal")


class LecunUniform(_Scaled):
    """Uniform within ``sqrt(3 / fan_in)`` (LeCun et al., 1998).

    Parameters
    ----------
    seed : int, optional
        Of a generator of its own, which draws the same each time; the shared one (`nn.set_random_seed`) unless given.

    Examples
    --------
    >>> round(float(LecunUniform(seed=0)((400, 100)).std()), 2)
    0.05
    """

    settings = (1.0, "fan_in", "uniform")


class LecunNormal(_Scaled):
    """Truncated normal of variance ``1 / fan_in`` (LeCun et al., 1998).

    Parameters
    ----------
    seed : int, optional
        Of a generator of its own, which draws the same each time; the shared one (`nn.set_random_seed`) unless given.

    Examples
    --------
    >>> round(float(LecunNormal(seed=0)((400, 100)).std()), 2)
    0.05
    """

    settings = (1.0, "fan_in", "truncated_normal")


def _fans(shape: Shape) -> tuple[int, int]:
    """Return the numbers of inputs and outputs that a weight connects.

    They are its last two axes, times the size of the receptive field, which are the axes before.
    """
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


def _truncated(rng: np.random.Generator, shape: Shape) -> Array:
    """Draw standard normal values, again and again where they are beyond 2."""
    values = np.asarray(rng.standard_normal(shape))
    while (outside := np.abs(values) > 2).any():
        values[outside] = rng.standard_normal(int(outside.sum()))
    return values


def get(identifier: Any) -> Callable[..., Any]:
    """Return the initializer that an identifier asks for.

    Parameters
    ----------
    identifier : str, dict, Initializer or callable
        A name, a configuration, or a callable of a shape and a dtype, returned as it is.

    Returns
    -------
    callable

    Raises
    ------
    ArgumentError
        If there is no initializer of the name.
    OperandError
        If the identifier is of another kind.

    Examples
    --------
    >>> get("he_normal")
    HeNormal(seed=None)
    """
    initializer: Callable[..., Any] = INITIALIZERS.get(identifier)
    return initializer
