"""Differentiate a function in one direction by differences, and weigh its outputs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from autograd.check.complex_step import complex_step
from autograd.check.differences import Array, Derivative, central, neighbours, noise_of


class Probe:
    """The numerical derivatives of a problem in one direction.

    Parameters
    ----------
    point : autograd.check.compare.Point
    direction : array
    weights : array, optional

    Attributes
    ----------
    path : callable
        The outputs along the direction.
    derivative : Derivative
        That of each output.
    weights : array
        The weight of each output: given, or drawn.
    numerical, error, size : float
        The derivative of the weighed outputs, its error, and the size of what was added up.
    """

    def __init__(self, point: Any, direction: Array, weights: Array | None = None) -> None:
        self.point = point
        self.direction = direction
        self.path = point.path(direction)
        self.derivative = central(self.path, eps=point.eps, noise=point.noise, goal=point.rtol * 1e-3)
        self.weights = point.weights(self.derivative) if weights is None else weights
        self.numerical, self.error = projected(self.derivative, self.weights)
        self.size = norm(self.weights * np.nan_to_num(self.derivative.value))

    @cached_property
    def noise(self) -> list[Array]:
        """The noise of the outputs at three spacings, the widest first."""
        return [np.fmax(self.point.noise, noise_of(neighbours(self.path, spacing))) for spacing in (1e-4, 1e-5, 1e-6)]

    @cached_property
    def resolved(self) -> bool:
        """Whether the steps are small enough to resolve the function: they may all reach over a pole, mostly at zero.

        The outputs must approach those at the point as steps shrink. Where noise hides that, no element of the point
        may be smaller than the steps.
        """
        point = self.point
        far, near = (
            np.max([np.abs(self.path(side * h) - point.centre) for side in (1, -1)], axis=0) for h in (0.125, 1e-6)
        )
        hidden = 100 * (point.noise + point.eps * self.derivative.scale)
        over = np.any((point.point != 0) & (1e-5 * np.abs(self.direction) > np.abs(point.point)))
        return not np.any((near > 0.01 * far + hidden) | (over & (far > 0) & (far <= hidden)))

    @cached_property
    def with_other_steps(self) -> list[Derivative]:
        """The derivative by larger and by smaller steps."""
        eps, goal = self.point.eps, self.point.rtol * 1e-3
        return [
            central(self.path, eps=eps, noise=off, goal=goal, step=step, ratio=3.0, levels=levels)
            for step, levels, off in ((0.09, 8, np.max(self.noise, axis=0)), (1e-4, 5, self.noise[-1]))
        ]

    @cached_property
    def by_complex_step(self) -> Derivative | None:
        """The derivative by a complex step, or None unless the function is analytic and differences agree with it."""
        exact = complex_step(self.point.problem, self.point.wide, self.direction) if self.point.follows else None
        if exact is None:
            return None
        far = np.abs(exact.value - self.derivative.value) > 10 * (exact.error + self.derivative.error)
        return None if np.any(far) or not np.all(np.isfinite(self.derivative.error + exact.error)) else exact


def projected(derivative: Derivative, weights: Array) -> tuple[float, float]:
    """Return the weighed sum of a derivative, and its error, infinite if an element is missing.

    Errors of the outputs are added up as independent ones.
    """
    known = np.isfinite(derivative.error)
    value = float(np.sum(weights * np.where(known, derivative.value, 0.0)))
    return value, norm(weights * derivative.error) if np.all(known) else np.inf


def norm(vector: Array) -> float:
    """Return the Euclidean length of a vector."""
    return float(np.sqrt(np.sum(vector * vector)))


def bands(contributions: Array) -> Iterator[Array]:
    """Yield masks of elements with contributions of similar size, if sizes differ by orders of magnitude.

    A direction of small elements alone shows errors that large elements would hide.
    """
    sizes = np.where(np.isfinite(contributions), np.abs(contributions), 0.0)
    nonzero = sizes > 0
    if not np.any(nonzero):
        return
    if not np.all(nonzero):
        yield ~nonzero
    decades = np.full(sizes.shape, np.inf)
    decades[nonzero] = np.floor(np.log10(np.max(sizes) / sizes[nonzero]) / 3)
    for each in np.unique(decades[nonzero])[1:5]:
        yield decades == each
