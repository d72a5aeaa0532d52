"""Initial values of weights, by Keras's names. An initializer is called with a shape and a dtype and returns an array.

Random ones draw in float64, so that a float32 network starts at the rounded weights of the float64 one. Without a seed
they draw from the shared generator (`nn.set_random_seed`); with one, they give the same values each time they are
called."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from nn import config as naming
from nn.config import Configured
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
# The standard deviation of a standard normal variable that is drawn again beyond 2: sqrt(1 - 4 phi(2) / (2 Phi(2) -
# 1)).
_TRUNCATED_STD = 0.87962566103423978


def _number(name: str, value: Any, least: float = -math.inf) -> Any:
    """Check an argument of an initializer."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not least <= value < math.inf:
        bound = "" if least == -math.inf else f" of at least {least}"
        raise ArgumentError(f"{name} is a finite number{bound}: received {value!r}.")
    return value


class Initializer(Configured):
    """Base of initializers: subclasses define ``__call__(shape, dtype)``."""

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        """Return an array of initial values."""
        raise NotImplementedError(f"{type(self).__name__} defines no __call__(shape, dtype).")


class Constant(Initializer):
    """The same value everywhere.

    Parameters
    ----------
    value : float, default 0.0
    """

    def __init__(self, value: float = 0.0) -> None:
        self.value = _number("value", value)

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        return np.full(shape, self.value, dtype)


class Zeros(Initializer):
    """Zeros."""

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        return np.zeros(shape, dtype)


class Ones(Initializer):
    """Ones."""

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        return np.ones(shape, dtype)


class Identity(Initializer):
    """A multiple of the identity matrix.

    Parameters
    ----------
    gain : float, default 1.0
        The factor.
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        if len(shape) != 2:
            raise ArgumentError(f"the identity initializer makes matrices: received shape {tuple(shape)}.")
        return (self.gain * np.eye(*shape)).astype(dtype)


class RandomNormal(Initializer):
    """A normal distribution.

    Parameters
    ----------
    mean : float, default 0.0
    stddev : float, default 0.05
    seed : int, optional
        Of a generator of its own, which draws the same each time; the shared one (`nn.set_random_seed`) unless given.

    Examples
    --------
    >>> RandomNormal(stddev=1.0, seed=0)((2, 3)).shape
    (2, 3)
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean, self.stddev, self.seed = _number("mean", mean), _number("stddev", stddev, least=0), seed

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        return generator(self.seed).normal(self.mean, self.stddev, shape).astype(dtype)


class TruncatedNormal(Initializer):
    """A normal distribution; values more than two standard deviations from the mean are drawn again.

    Parameters
    ----------
    mean : float, default 0.0
    stddev : float, default 0.05
        Of the distribution before.
    seed : int, optional
        Of a generator of its own, which draws the same each time; the shared one (`nn.set_random_seed`) unless given.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean, self.stddev, self.seed = _number("mean", mean), _number("stddev", stddev, least=0), seed

    def __call__(self, shape: Shape, dtype: Any = "float32") -> Array:
        return (self.mean + self.stddev * _truncated(generator(self.seed), shape)).astype(dtype)


class RandomUniform(Initializer):
    """A uniform distribution.

    Parameters
    ----------
    minval, maxval : float, default -0.05 and 0.05
    seed : int, optional
        Of a generator of its own, which draws the same each time; the shared one (`nn.set_random_seed`) unless given.
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        self.minval, self.maxval, self.seed = _number("minval", minval), _number("maxval", maxval, least=minval), seed

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
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        self.gain, self.seed = _number("gain", gain), seed

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
    distribution : {"truncated_normal", "untruncated_normal", "uniform"}
    seed : int, optional
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: Literal["fan_in", "fan_out", "fan_avg"] = "fan_in",
        distribution: Literal["truncated_normal", "untruncated_normal", "uniform"] = "truncated_normal",
        seed: int | None = None,
    ) -> None:
        if not _number("scale", scale) > 0:
            raise ArgumentError(f"scale is positive: received {scale!r}.")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ArgumentError(f'mode is "fan_in", "fan_out" or "fan_avg": received {mode!r}.')
        if distribution not in ("truncated_normal", "untruncated_normal", "uniform"):
            raise ArgumentError(
                f'distribution is "truncated_normal", "untruncated_normal" or "uniform": received {distribution!r}.'
            )
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution, seed

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
    """Variance scaling under a name of its own, with only the seed left to choose, as in `VarianceScaling`."""

    settings: tuple[float, Any, Any]

    @naming.checks_keywords
    def __init__(self, seed: int | None = None) -> None:
        super().__init__(*self.settings, seed)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed}


class GlorotUniform(_Scaled):
    """Uniform within ``sqrt(6 / (fan_in + fan_out))`` (Glorot and Bengio, 2010)."""

    settings = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Scaled):
    """Truncated normal of variance ``2 / (fan_in + fan_out)`` (Glorot and Bengio, 2010)."""

    settings = (1.0, "fan_avg", "truncated_normal")


class HeUniform(_Scaled):
    """Uniform within ``sqrt(6 / fan_in)`` (He et al., 2015)."""

    settings = (2.0, "fan_in", "uniform")


class HeNormal(_Scaled):
    """Truncated normal of variance ``2 / fan_in`` (He et al., 2015)."""

    settings = (2.0, "fan_in", "truncated_normal")


class LecunUniform(_Scaled):
    """Uniform within ``sqrt(3 / fan_in)`` (LeCun et al., 1998)."""

    settings = (1.0, "fan_in", "uniform")


class LecunNormal(_Scaled):
    """Truncated normal of variance ``1 / fan_in`` (LeCun et al., 1998)."""

    settings = (1.0, "fan_in", "truncated_normal")


def _fans(shape: Shape) -> tuple[int, int]:
    """Return how many inputs and outputs a weight connects: the last two axes, times the size of a receptive field
    before them.
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


INITIALIZERS: dict[str, type[Initializer]] = {
    "zeros": Zeros,
    "ones": Ones,
    "constant": Constant,
    "identity": Identity,
    "random_normal": RandomNormal,
    "random_uniform": RandomUniform,
    "truncated_normal": TruncatedNormal,
    "orthogonal": Orthogonal,
    "variance_scaling": VarianceScaling,
    "glorot_uniform": GlorotUniform,
    "glorot_normal": GlorotNormal,
    "he_uniform": HeUniform,
    "he_normal": HeNormal,
    "lecun_uniform": LecunUniform,
    "lecun_normal": LecunNormal,
}


def get(identifier: Any) -> Callable[..., Any]:
    """Return the initializer of a name; an initializer, or another callable of a shape and a dtype, as it is."""
    initializer: Callable[..., Any] = naming.find("an initializer", INITIALIZERS, identifier)
    return initializer
