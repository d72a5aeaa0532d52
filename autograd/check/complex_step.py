"""Differentiate an analytic function by a step along the imaginary axis: ``f'(x) v = Im f(x + i h v) / h``.

Nothing is subtracted, so nothing cancels, and the step can be so small that its square vanishes beside 1: only rounding
errors remain (W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real functions", SIAM
Review 40 (1), 1998, 110-112).
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from autograd.check.differences import Array, Derivative, flat, neighbours, noise_of
from autograd.check.problem import Problem
from autograd.core.recorder import Recorder
from autograd.registry.entries import facts_of

STEP = 2.0**-130  # dividing by it is exact
_EPS = float(np.finfo(float).eps)


def complex_step(problem: Problem, values: list[Array], direction: Array) -> Derivative | None:
    """Differentiate the outputs of a function in a direction.

    Parameters
    ----------
    problem : Problem
    values : list of array
        The point.
    direction : array, shape (n,)
        For all elements of the point together.

    Returns
    -------
    Derivative or None
        None if the function is not analytic as far as can be seen: it holds a conjugate, a magnitude or a part of a
        complex number, it refuses complex numbers, or they are what it was given. Nothing outside of the tape can
        be seen: compare with differences.
    """
    if not values or any(value.dtype != np.float64 for value in values):
        return None
    point = flat(values)
    ends = np.cumsum([value.size for value in values])[:-1]

    def beside(t: float) -> list[Array]:
        parts = np.split(point + t * direction + 1j * STEP * direction, ends)
        return [part.reshape(value.shape) for part, value in zip(parts, values, strict=True)]

    def slopes(t: float) -> Array:
        return np.concatenate([output.numpy().reshape(-1).imag / STEP for output in problem.outputs(beside(t))])

    watch = AnalyticityProbe()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            outputs, _ = problem.record(beside(0.0), watch)
            if not watch.analytic or any(output.dtype.kind != "c" for output in outputs):
                return None
            values_of = neighbours(slopes, 1e-6, 9)
    except Exception:  # whatever it is, the function does not take complex numbers
        return None
    value = values_of[len(values_of) // 2]
    noise = noise_of(values_of)
    # A derivative that stands still may have been rounded away.
    rounding = np.where(noise > 0, np.abs(value), np.maximum(watch.largest, np.abs(value)))
    return Derivative(value, 10 * (noise + _EPS * rounding), np.abs(value))


class AnalyticityProbe(Recorder):
    """Finds operations that are not analytic, and the size of the largest intermediate derivative."""

    def __init__(self) -> None:
        super().__init__(keep_values=True)
        self.analytic = True
        self.largest = 0.0
        self.add = self._look

    def _look(self, record: tuple[Any, ...]) -> None:
        for value in record[5] if isinstance(record[5], list) else [record[5]]:
            if not facts_of(record[0]).analytic or value.dtype.kind != "c":
                self.analytic = False
            sizes = np.abs(value.imag[np.isfinite(value)])
            self.largest = max(self.largest, float(np.max(sizes, initial=0.0)) / STEP)
