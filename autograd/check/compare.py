"""Compare the derivatives of a function at a point by the rules with those by differences.

In a direction ``v``, differences give ``J v``, the derivative of each output. A random cotangent ``u`` weighs each
output by the inverse of its derivative, so that small outputs count as much as large ones, and the rules give ``u J``.
The numbers ``(u J) v`` and ``u (J v)`` must agree. A complex value counts as two real ones, by ``Re(c dz)``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.check.differences import (
    Array,
    Derivative,
    Path,
    flat,
    neighbours,
    noise_of,
    one_sided,
    unflat,
    widened,
)
from autograd.check.probe import Probe, norm, projected
from autograd.check.problem import MagnitudeProbe, Problem
from autograd.core.recorder import Recorder

# The relative difference that counts as wrong, by the precision of the outputs. Its size is set by the rounding errors
# of the rules: those of the differences are estimated.
_RTOL = {np.float16: 5e-2, np.float32: 1e-3}


class Comparison(NamedTuple):
    """A derivative in one direction, by the rules and by differences.

    Attributes
    ----------
    mode : {"reverse", "forward"}
        The mode of differentiation that was compared.
    verdict : {"right", "insensitive", "noisy", "kink", "boundary", "wrong"}
        "insensitive": they agree, but the differences are too inexact to show a disagreement. "noisy": the differences
        do not converge. "kink": the two one-sided derivatives differ, and the rules give a value between them.
        "boundary": the function is not defined on both sides.
    direction : array, shape (n,)
    analytic, numerical, error, size : float
        The error is that of the numerical one; the size is what differences are measured by.
    contributions : array, shape (n,)
        How much each element of the direction adds to the analytic one.
    unit : float
        The weight of the output if there is one only, or else 0.
    """

    mode: str
    verdict: str
    direction: Array
    analytic: float
    numerical: float
    error: float
    size: float
    contributions: Array
    unit: float

    @property
    def relative(self) -> float:
        difference = abs(self.analytic - self.numerical)
        return difference / self.size if self.size else difference

    def in_units(self) -> tuple[float, float, float]:
        """Return the derivative by the rules, the one by differences, and its error: of the output itself if there is
        one only.
        """
        unit = self.unit or 1.0
        return self.analytic / unit, self.numerical / unit, self.error / abs(unit)


class Point:
    """A problem prepared for comparisons.

    Differences are taken in double precision wherever the function follows there. It follows if none of its outputs is
    narrower: then the rules are compared in double precision too, where what is wrong can be told from what was
    rounded.

    Parameters
    ----------
    problem : Problem
    rtol : float or None
        The relative difference that counts as wrong.
    rng : numpy.random.Generator
    below : Point, optional
        That of the order before.
    modes : sequence of {"reverse", "forward"}
        The modes of differentiation to compare.

    Attributes
    ----------
    follows : bool
    precision : dtype
        That of the least precise output.
    grain : float
        The relative precision that was found: worse than that if the function rounds on the way.
    cotangent : list of array
        Random weights of the outputs, by which all those count alike that a comparison has seen; for the next order.
    """

    def __init__(
        self,
        problem: Problem,
        rtol: float | None,
        rng: np.random.Generator,
        below: Point | None = None,
        modes: Sequence[str] = ("reverse",),
    ) -> None:
        self.problem = problem
        self.modes = modes
        self.rng = rng
        self.wide = [widened(value) for value in problem.values]
        try:
            outputs = problem.outputs(self.wide)
        except Exception:  # it may refuse double precision by any error; the other run raises all others
            if all(a is b or a.dtype == b.dtype for a, b in zip(self.wide, problem.values, strict=True)):
                raise
            self.wide = list(problem.values)
            outputs = problem.outputs(self.wide)
        self.outputs = [output.numpy() for output in outputs]
        precisions = [np.finfo(output.dtype).dtype for output in self.outputs]
        self.follows = all(precision.itemsize >= 8 for precision in precisions)
        # A gradient is no more precise than what it is the gradient of, whatever its dtype.
        narrowest: np.dtype[Any] = min(
            [*precisions, below.precision if below else np.dtype(np.float64)], key=lambda precision: precision.itemsize
        )
        self.precision: np.dtype[Any] = narrowest
        self.rtol = _RTOL.get(narrowest.type, 1e-7) if rtol is None else rtol
        self.clear = max(5 * self.rtol, 1e-3)  # the relative error of a numerical derivative that says something
        self.point = flat(self.wide)
        self.centre = flat(self.outputs)
        self.eps = float(np.finfo(narrowest).eps)
        self.rough = 0.1 * self.clear  # the same where even the size of the function is not known
        # how much more the error of a derivative reduces its weight than the derivative itself
        self.doubt = min(100 / self.rtol, 0.1 * self.eps ** (-2 / 3))
        self.typical = self._typical()
        self._slopes = np.zeros(self.centre.shape)
        self.sizes = np.abs(self.centre)  # of each output: its value, a derivative that was met, or what rules round by
        if below:
            # A gradient is the sum of larger numbers that cancel, if it is smaller than the function over its argument.
            self.sizes = np.maximum(self.sizes, norm(flat(below.cotangent) * below.sizes) / self.typical)
        self.grain: float = max(self.eps, below.grain if below else 0.0)
        self.noise = np.maximum(self._noise(), self.grain * self.sizes if below else 0.0)
        self.inner = self.wide if self.follows else problem.values  # where the rules run
        if "reverse" in modes:
            _, self._pull = problem.record(self.inner, Recorder())

    def _typical(self) -> Array:
        """Return for each element of the point the typical size of its leaf, or 1 where that is 0."""
        parts = [flat([value]) for value in self.wide]
        finite = [part[np.isfinite(part)] for part in parts]
        sizes = [float(np.sqrt(np.mean(part * part))) or 1.0 if part.size else 1.0 for part in finite]
        return np.repeat(sizes, [part.size for part in parts])

    def _noise(self) -> Array:
        """Estimate the noise of each output beyond the precision of its dtype, from rounding inside the function.

        An output that stands still gets the relative noise of the least noisy output that shows any and is not small.
        """
        size = self.sizes
        magnitude = np.abs(self.point)
        # Stay closer than the distance to a pole, where a smooth function would look noisy.
        length = np.where(magnitude > 0, np.minimum(magnitude, self.typical), self.typical)
        direction = np.where(np.isfinite(self.point), self._signs(self.point.size) * length, 0.0)
        path = self.path(direction)
        values = neighbours(path, 1e-6, 9)
        noise = noise_of(values)
        cancelled = self._cancelled(values, noise)
        rounding = 10 * self.eps * cancelled
        self.sizes = np.maximum(size, cancelled)
        noisy = noise > 10 * self.eps * size  # NaN is not
        telling = noisy & (noise > 10 * self.eps * np.max(size, initial=0.0)) & (size > 0) & (cancelled == 0)
        if not np.any(telling):
            return np.fmax(np.where(noisy, noise, 0.0), rounding)
        relative = float(np.min(noise[telling] / size[telling]))
        self.grain = max(self.grain, relative)
        return np.fmax(np.where(noisy, noise, relative * size), rounding)

    def _cancelled(self, values: Array, noise: Array) -> Array:
        """Return the size of the terms that cancelled in each output that is zero up to rounding, and 0 for the others.

        Such an output is no larger than the rounding of the intermediate values, and it jumps or stands still. A small
        output that is not rounding moves smoothly.
        """
        gauge = MagnitudeProbe()
        self.problem.record(self.wide, gauge)
        size = np.max(np.abs(values), axis=0)
        tiny = size <= min(1e3 * self.eps, self.eps ** (2 / 3)) * gauge.largest
        return np.where(tiny & ((noise > 0.02 * size) | (np.ptp(values, axis=0) == 0)), gauge.largest, 0.0)

    @property
    def cotangent(self) -> list[Array]:
        largest = float(np.max(self._slopes, initial=0.0)) or 1.0
        weights = self._signs(self.centre.size) / np.where(self._slopes > 1e-30 * largest, self._slopes / largest, 1.0)
        return self._as_cotangents(weights / np.max(np.abs(weights), initial=1.0))

    def leaf_slices(self) -> list[slice]:
        """Return where each leaf stands in the point."""
        sizes = [flat([value]).size for value in self.wide]
        return [slice(int(end) - size, int(end)) for end, size in zip(np.cumsum(sizes), sizes, strict=True)]

    def narrowing(self) -> list[float]:
        """Compare the gradient in the precision of the arguments with that in double precision.

        Returns
        -------
        list of float
            For each leaf the difference, as a multiple of what rounding explains in a well-behaved function. 0 where
            that overflows.
        """
        cotangents = self.cotangent
        natural = norm(flat(cotangents) * self.sizes)
        found = [self.problem.record(values, Recorder())[1](cotangents) for values in (self.wide, self.problem.values)]
        ratios = []
        for value, wide, narrow, where in zip(self.problem.values, *found, self.leaf_slices(), strict=True):
            exact, rounded = flat([wide]), flat([narrow])
            difference = norm(exact - rounded)
            # If the gradient is zero up to rounding, use |outputs| / |leaf| as its scale.
            size = norm(exact) + natural / float(np.max(self.typical[where], initial=1.0))
            allowed = 30 * float(np.finfo(value.dtype).eps) ** 0.5 * size
            ratios.append(difference / allowed if allowed and np.isfinite(difference) else 0.0)
        return ratios

    def _signs(self, count: int) -> Array:
        """Draw numbers of both signs with magnitudes from 0.5 to 1.5."""
        return self.rng.uniform(0.5, 1.5, count) * self.rng.choice([-1.0, 1.0], count)

    def _as_cotangents(self, weights: Array) -> list[Array]:
        return [np.conj(each) for each in unflat(weights, [widened(output) for output in self.outputs])]

    def path(self, direction: Array) -> Path:
        """Return the outputs along a direction, as one vector; NaN where the function refuses."""

        def path(t: float) -> Array:
            if t == 0.0:
                return self.centre
            try:
                moved = flat(self.problem.outputs(unflat(self.point + t * direction, self.wide)))
            except (ArithmeticError, ValueError):
                return np.full(self.centre.shape, np.nan)
            return moved if moved.shape == self.centre.shape else np.full(self.centre.shape, np.nan)

        return path

    # -- comparing
    def compare(self, where: slice, mask: Array | None = None) -> Iterator[Comparison]:
        """Compare in a random direction, in which the elements of ``where`` move (of these only those of a mask): once
        in each mode.

        The right step may be relative to each element, or to its leaf, or absolute. The first clear answer counts.
        """
        signs = np.zeros(self.point.shape)
        signs[where] = self._signs(signs[where].size)
        if mask is not None:
            signs[where] *= mask
        signs[~np.isfinite(self.point)] = 0.0
        magnitude = np.where(np.isfinite(self.point), np.abs(self.point), 0.0)
        lengths = (
            np.maximum(magnitude, self.typical),
            np.maximum(magnitude, 1.0),
            np.where(magnitude > 0, magnitude, self.typical),
        )
        probes: list[Probe] = []
        for mode in self.modes:
            yield self._first_clear(mode, signs, lengths, probes)

    def _first_clear(self, mode: str, signs: Array, lengths: Sequence[Array], probes: list[Probe]) -> Comparison:
        """Compare with each length in turn. Both modes share the differences along it."""
        found: list[Comparison] = []
        for number, length in enumerate(lengths):
            if number == len(probes):
                probes.append(Probe(self, signs * length))
            comparison = self._compared(probes[number], mode)
            if comparison.verdict in ("kink", "wrong") or (
                comparison.verdict == "right" and comparison.error <= self.rtol * comparison.size
            ):
                return comparison
            found.append(comparison)
        return min(
            found,
            key=lambda c: (
                ("right", "insensitive").index(c.verdict) if c.verdict in ("right", "insensitive") else 2,
                c.error / (c.size or 1.0),
            ),
        )

    def _compared(self, probe: Probe, mode: str) -> Comparison:
        result = self._by_rules(probe, mode)
        derivative = probe.derivative
        if self._agrees(result):
            nothing = not np.any(result.contributions) and not np.any(derivative.value)
            if nothing or result.error <= self.rtol * result.size:
                return result
            sharper = self._sharper(probe, result)
            if sharper is not None:
                return sharper
            if result.error <= self.clear * result.size:
                return result
            if self._is_rounding(derivative):
                return result._replace(verdict="insensitive")
        noise = np.max(probe.noise, axis=0)
        verdict = self._one_sided(probe, result, noise)
        if verdict == "kink":
            # With equal signs, wrong shares of a tie cannot cancel each other.
            aligned = Probe(self, np.abs(probe.direction), np.abs(probe.weights))
            result_there = self._by_rules(aligned, mode)
            if self._one_sided(aligned, result_there, noise) == "wrong":
                return result_there._replace(verdict="wrong")
        if verdict:
            return result._replace(verdict=verdict)
        opinion = self._more_opinions(probe, result)
        return opinion if opinion.verdict in ("right", "wrong") else self._sharper(probe, result) or opinion

    def _by_rules(self, probe: Probe, mode: str) -> Comparison:
        """Compute the derivative by the rules, and pair it with the one by differences."""
        direction, weights = probe.direction, probe.weights
        if mode == "reverse":
            gradient = self._pull(self._as_cotangents(weights))
            contributions = flat([np.conj(np.asarray(each)) for each in gradient]) * direction
            contributions[direction == 0] = 0.0
            analytic = float(np.sum(contributions))
        else:  # which sees the elements together
            analytic = float(np.sum(weights * flat(self.problem.push(self.inner, unflat(direction, self.inner)))))
            contributions = np.where(direction == 0, 0.0, analytic / (np.count_nonzero(direction) or 1))
        size = probe.size
        if np.isfinite(analytic):
            size = max(size, norm(contributions))
        unit = float(weights[0]) if weights.size == 1 else 0.0
        return Comparison(mode, "right", direction, analytic, probe.numerical, probe.error, size, contributions, unit)

    def _sharper(self, probe: Probe, result: Comparison) -> Comparison | None:
        """Compare with the derivative by a complex step, if there is one that agrees with the differences and is more
        precise.
        """
        if probe.by_complex_step is None:
            return None
        numerical, error = projected(probe.by_complex_step, probe.weights)
        size = max(norm(probe.weights * probe.by_complex_step.value), norm(result.contributions))
        sharper = result._replace(numerical=numerical, error=error, size=size)
        if not error <= min(result.error, self.clear * sharper.size) or not np.isfinite(result.analytic):
            return None
        if self._agrees(sharper):
            return sharper
        rounding = self._rounding_of_rules(probe, result.mode)
        return None if self._agrees(sharper._replace(error=error + rounding)) else sharper._replace(verdict="wrong")

    def _rounding_of_rules(self, probe: Probe, mode: str) -> float:
        """Estimate the rounding error of the derivative by the rules, which are less precise than a complex step.

        It is the noise at points nearby, and no less than the rounding of the outputs, which rules may use (``1 -
        ans**2`` where the answer is almost 1).
        """

        def analytic(t: float) -> Array:
            problem = self.problem.at(unflat(self.point + t * probe.direction, self.inner))
            if mode == "forward":
                return np.array(
                    [np.sum(probe.weights * flat(problem.push(problem.values, unflat(probe.direction, self.inner))))]
                )
            _, pull = problem.record(problem.values, Recorder())
            return np.array(
                [np.sum(flat([np.conj(each) for each in pull(self._as_cotangents(probe.weights))]) * probe.direction)]
            )

        noise = float(noise_of(neighbours(analytic, 1e-3, 9))[0])
        return max(
            noise, 10 * self.eps * norm(probe.weights * self.sizes) * max(1.0, float(np.max(np.abs(probe.direction))))
        )

    def _agrees(self, c: Comparison) -> bool:
        finite = np.isfinite(c.analytic) and np.isfinite(c.error)
        return bool(finite and abs(c.analytic - c.numerical) <= self.rtol * c.size + 10 * c.error)

    def _is_rounding(self, derivative: Derivative) -> bool:
        """Whether rounding, of the dtype or of single precision inside the function, explains the error."""
        # The best step leaves an error of the order of the precision to the power of 2/3.
        # Cancelled terms are off by ten times the precision, which a step of 1/32 turns into 320 times.
        explained = max(10 * max(self.eps, min(self.grain, 1e-6)) ** (2 / 3), 400 * self.eps)
        return not np.any(derivative.error > (self.rough + explained) * np.maximum(derivative.scale, self.sizes))

    def _more_opinions(self, probe: Probe, first: Comparison) -> Comparison:
        """Repeat a comparison that disagrees with larger and smaller steps.

        The rules are wrong if two estimates agree on another derivative and none agrees with the rules. Steps above the
        grain of a function that rounds inside see its trend; smaller steps see a constant.
        """
        opinions, explained = [first], False
        for derivative in probe.with_other_steps:
            numerical, error = projected(derivative, probe.weights)
            opinions.append(first._replace(numerical=numerical, error=error))
            explained |= self._agrees(opinions[-1]) and self._is_rounding(derivative)
        clear = sorted((each for each in opinions if each.error <= self.clear * first.size), key=lambda c: c.error)
        alike = [
            abs(one.numerical - other.numerical) <= 10 * (one.error + other.error)
            for one, other in itertools.combinations(clear, 2)
        ]
        # Estimates that contradict each other stand on two sides of a kink or a jump nearby.
        for each in clear[:1] if any(alike) and all(alike) else clear:
            if self._agrees(each):
                return each._replace(verdict="right")
        if any(alike) and probe.resolved:
            return clear[0]._replace(verdict="wrong")
        if not np.isfinite(first.analytic):
            return first._replace(verdict="boundary")
        return first._replace(verdict="insensitive" if explained else "noisy")

    def weights(self, derivative: Derivative) -> Array:
        """Draw a weight for each output, so that outputs with large and with small derivatives count alike.

        Noisy outputs count little: a derivative of zero is known only up to its error.
        """
        known = np.isfinite(derivative.error)
        clear = np.where(derivative.error <= self.clear * np.abs(derivative.value), np.abs(derivative.value), 0.0)
        self.sizes = np.max([self.sizes, derivative.scale, clear], axis=0)
        slopes = np.where(known, np.abs(derivative.value) + self.doubt * derivative.error, 0.0)
        self._slopes = np.maximum(self._slopes, slopes)
        largest = float(np.max(slopes, initial=0.0)) or float(np.max(derivative.scale, initial=0.0)) or 1.0
        slopes = np.where(slopes > 1e-30 * largest, slopes, largest)
        return np.where(known, self._signs(slopes.size) / slopes, 0.0)

    def _one_sided(self, probe: Probe, first: Comparison, noise: Array) -> str:
        """Compare with the one-sided derivatives: return "kink", "boundary" or "wrong", or "" where both sides agree.

        The rules are wrong at a kink if their value does not lie between the one-sided derivatives.
        """
        path, weights = probe.path, probe.weights
        steps = (1e-4, 3e-5, 1e-5, 2e-6, 5e-7)
        jumps = np.stack([path(h) - path(-h) for h in steps])
        large = np.abs(jumps) > 1e-3 * np.abs(path(0.1) - path(-0.1)) + 100 * self.eps * np.abs(self.centre)
        if np.any(np.all(large & (np.abs(jumps - jumps[0]) <= 0.1 * np.abs(jumps[0])), axis=0)):
            return "kink"  # of an integral of this function: itself it jumps
        right, left = (one_sided(path, side, eps=self.eps, noise=noise) for side in (1, -1))
        known = [bool(np.all(np.isfinite(side.error))) for side in (right, left)]
        if not all(known):
            return "boundary" if any(known) else ""
        gap = np.abs(right.value - left.value)
        if not np.any(gap > 1e-3 * (np.abs(right.value) + np.abs(left.value)) + 100 * (right.error + left.error)):
            return ""
        ends = np.stack([weights * right.value, weights * left.value])
        low, high = np.sum(np.min(ends, axis=0)), np.sum(np.max(ends, axis=0))
        slack = self.rtol * first.size + 10 * norm(weights * (right.error + left.error))
        return "kink" if low - slack <= first.analytic <= high + slack else "wrong"
