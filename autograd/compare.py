"""One function at one point: its derivatives by the rules against its derivatives by differences.

In a direction ``v``, differences give the derivative of every output on its own, ``J v``. A cotangent ``u`` is drawn that weighs each output by
the inverse of its derivative, so that a small output counts as much as a large one, and the rules give ``u J``. Then ``(u J) v`` and
``u (J v)`` are one number each, which must agree. Complex values count as two real ones, and all numbers are by ``Re(c dz)``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import nest
from autograd.differences import Array, Derivative, Path, central, flat, noise_of, one_sided, unflat, widened
from autograd.errors import NoDerivativeError
from autograd.forward import jvp
from autograd.operations import identity
from autograd.recording import Recorder, active_recorders, start, stop
from autograd.sweep import sweep
from autograd.tensor import Tensor, apply

# The relative difference that counts as wrong, by the precision of the outputs. Its size is set by the rounding errors of the rules: those of
# the differences are estimated.
_RTOL = {np.float16: 5e-2, np.float32: 1e-3}


class RuleFailed(Exception):
    """The sweep raised something: carries it, as its cause, out of the function in which it happened."""


class Problem:
    """A function and the point at which it is checked.

    Attributes
    ----------
    f : callable
    args : tuple
        Its arguments, nests of anything.
    spots : list of int
        Which leaves of the arguments can be differentiated with respect to.
    values : list of array
        Those leaves.
    """

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.f = f
        self.args = args
        self.leaves = list(nest.leaves(args))
        self.spots: list[int] = []
        self.values: list[Array] = []
        for spot, leaf in enumerate(self.leaves):
            if isinstance(leaf, (Tensor, np.ndarray, np.generic, float, complex)):
                array = leaf.numpy() if isinstance(leaf, Tensor) else np.asarray(leaf)
                if array.dtype.kind in "fc":
                    self.spots.append(spot)
                    self.values.append(array)

    def at(self, values: Sequence[Any]) -> Problem:
        """Return the same function at another point."""
        return Problem(self.f, self._filled(values))

    def outputs(self, values: Sequence[Any]) -> list[Tensor]:
        """Call the function, and return those outputs that can have a derivative."""
        result = self.f(*self._filled([value if isinstance(value, Tensor) else Tensor(value) for value in values]))
        found = [leaf if isinstance(leaf, Tensor) else Tensor(leaf) for leaf in nest.leaves(result) if leaf is not None]
        return [tensor for tensor in found if tensor.dtype.kind in "fc"]

    def _filled(self, values: Sequence[Any]) -> tuple[Any, ...]:
        leaves = list(self.leaves)
        for spot, value in zip(self.spots, values, strict=True):
            leaves[spot] = value
        filled: tuple[Any, ...] = nest.rebuild(self.args, leaves)
        return filled

    def record(self, values: Sequence[Any], recorder: Recorder) -> tuple[list[Tensor], Callable[[Sequence[Any]], list[Any]]]:
        """Call the function under a recorder. Return its outputs, and the function that carries cotangents back to the values."""
        sources = [apply(identity, value if isinstance(value, Tensor) else Tensor(value)) for value in values]
        recorder.tracked.update(source._id for source in sources)
        start(recorder)
        try:
            outputs = self.outputs(sources)
        finally:
            stop(recorder)

        def pull(cotangents: Sequence[Any]) -> list[Any]:
            on_tensors = bool(active_recorders())
            seeds: dict[int, Any] = {}
            for output, cotangent in zip(outputs, cotangents, strict=True):
                if output._id in recorder.tracked:
                    seed = np.asarray(cotangent, output.dtype)
                    seeds[output._id] = seeds[output._id] + seed if output._id in seeds else seed
            if on_tensors:
                seeds = {each: Tensor(seed) for each, seed in seeds.items()}
            ids = [source._id for source in sources]
            try:
                found = sweep(recorder.records, recorder.tracked, seeds, ids, consume=False)
            except RuleFailed:
                raise
            except Exception as error:  # whatever the sweep raises, a rule is to blame
                raise RuleFailed from error
            return [found.get(source._id, np.zeros(source.shape, source.dtype)) for source in sources]

        return outputs, pull

    def push(self, values: Sequence[Any], directions: Sequence[Any]) -> list[Any]:
        """Call the function, and carry directions forward: return the tangents of its outputs."""
        try:
            _, tangents = jvp(lambda *sources: self.outputs(sources), values, directions)
        except NoDerivativeError as error:
            raise RuleFailed from error
        return list(tangents)

    def gradient(self, cotangents: Sequence[Any]) -> Problem:
        """Return the map from the point to the gradient of the outputs, weighed by cotangents: what the next order differentiates."""

        def gradients(*args: Any) -> list[Any]:
            inner = Problem(self.f, args)
            _, pull = inner.record([inner.leaves[spot] for spot in inner.spots], Recorder())
            return pull(cotangents)

        return Problem(gradients, self.args)


class _Gauge(Recorder):
    """Keeps of all values that are computed only how large the largest is."""

    def __init__(self) -> None:
        super().__init__(keep_values=True)
        self.largest = 0.0
        self.add = self._measure

    def _measure(self, record: tuple[Any, ...]) -> None:
        for value in record[5] if isinstance(record[5], list) else [record[5]]:
            sizes = np.abs(value[np.isfinite(value)])
            self.largest = max(self.largest, float(np.max(sizes, initial=0.0)))


class Comparison(NamedTuple):
    """A derivative in one direction, by the rules and by differences.

    Attributes
    ----------
    verdict : {"right", "blind", "rough", "kink", "edge", "wrong"}
        "blind": they agree, but the differences could not have seen it if they did not. "rough": differences do not converge. "kink": the two
        one-sided derivatives differ, and the rules give something between. "edge": the function is not defined on both sides.
    direction : array, shape (n,)
    analytic, numerical, error, size : float
        The error is that of the numerical one; the size is what differences are measured by.
    contributions : array, shape (n,)
        How much each element of the direction adds to the analytic one.
    unit : float
        The weight of the output if there is one only, or else 0.
    """

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
        """Return the derivative by the rules, the one by differences, and its error: of the output itself if there is one only."""
        unit = self.unit or 1.0
        return self.analytic / unit, self.numerical / unit, self.error / abs(unit)


class Point:
    """A problem prepared for comparisons.

    Differences are taken in double precision wherever the function follows there. It follows if none of its outputs is narrower: then the rules
    are compared in double precision too, where what is wrong can be told from what was rounded.

    Parameters
    ----------
    problem : Problem
    rtol : float or None
        The relative difference that counts as wrong.
    rng : numpy.random.Generator
    below : Point, optional
        That of the order before.
    mode : {"reverse", "forward"}
        The mode of differentiation to compare.

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
        self, problem: Problem, rtol: float | None, rng: np.random.Generator, below: Point | None = None, mode: str = "reverse"
    ) -> None:
        self.problem = problem
        self.mode = mode
        self.rng = rng
        self.wide = [widened(value) for value in problem.values]
        try:
            outputs = problem.outputs(self.wide)
        except Exception:
            if all(a is b or a.dtype == b.dtype for a, b in zip(self.wide, problem.values, strict=True)):
                raise
            self.wide = list(problem.values)  # a function that refuses double precision
            outputs = problem.outputs(self.wide)
        self.outputs = [output.numpy() for output in outputs]
        precisions = [np.finfo(output.dtype).dtype for output in self.outputs]
        self.follows = all(precision.itemsize >= 8 for precision in precisions)
        # A gradient is no more precise than what it is the gradient of, whatever its dtype.
        narrowest: np.dtype[Any] = min([*precisions, below.precision if below else np.dtype(np.float64)], key=lambda precision: precision.itemsize)
        self.precision: np.dtype[Any] = narrowest
        self.rtol = _RTOL.get(narrowest.type, 1e-7) if rtol is None else rtol
        self.clear = max(5 * self.rtol, 1e-3)  # the relative error of a numerical derivative that says something
        self.point = flat(self.wide)
        self.centre = flat(self.outputs)
        self.eps = float(np.finfo(narrowest).eps)
        self.rough = 0.1 * self.clear  # that of one which does not even know the size of the function
        self.doubt = min(100 / self.rtol, 0.1 * self.eps ** (-2 / 3))  # how much more than a derivative its error takes from its weight
        self.typical = self._typical()
        self._slopes = np.zeros(self.centre.shape)
        self.sizes = np.abs(self.centre)  # of each output: its value, a derivative that was met, or what rules round by
        if below:
            # A gradient is the sum of larger numbers that cancel, if it is smaller than the function over its argument.
            self.sizes = np.maximum(self.sizes, _norm(flat(below.cotangent) * below.sizes) / self.typical)
        self.grain: float = max(self.eps, below.grain if below else 0.0)
        self.noise = np.maximum(self._noise(), self.grain * self.sizes if below else 0.0)
        if mode == "reverse":
            _, self._pull = problem.record(self.wide if self.follows else problem.values, Recorder())

    def _typical(self) -> Array:
        """Return for each element of the point the typical size of its leaf, or 1 where that is 0."""
        parts = [flat([value]) for value in self.wide]
        finite = [part[np.isfinite(part)] for part in parts]
        sizes = [float(np.sqrt(np.mean(part * part))) or 1.0 if part.size else 1.0 for part in finite]
        return np.repeat(sizes, [part.size for part in parts])

    def _noise(self) -> Array:
        """Estimate how noisy each output is beyond the precision of its dtype: it may have been rounded on the way.

        An output that happens to stand still is as noisy, relatively, as the least noisy of those that show it and are not small.
        """
        size = self.sizes
        direction = np.where(np.isfinite(self.point), self._signs(self.point.size) * self.typical, 0.0)
        path = self._path(direction)
        noise = noise_of(path, 1e-6, 9)
        cancelled = self._cancelled(path, noise)
        rounding = 10 * self.eps * cancelled
        self.sizes = np.maximum(size, cancelled)
        noisy = noise > 10 * self.eps * size  # NaN is not
        telling = noisy & (noise > 10 * self.eps * np.max(size, initial=0.0)) & (size > 0) & (cancelled == 0)
        if not np.any(telling):
            return np.fmax(np.where(noisy, noise, 0.0), rounding)
        relative = float(np.min(noise[telling] / size[telling]))
        self.grain = max(self.grain, relative)
        return np.fmax(np.where(noisy, noise, relative * size), rounding)

    def _cancelled(self, path: Path, noise: Array) -> Array:
        """Return for each output that is zero but for rounding the size of what cancelled there, and 0 for all others.

        It is no larger than the rounding of what was computed on the way, and it jumps or stands still: what is small, but not
        rounding, moves smoothly.
        """
        gauge = _Gauge()
        self.problem.record(self.wide, gauge)
        values = np.stack([path(step) for step in (-3e-6, -1e-6, 0.0, 2e-6)])
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
            For each leaf the difference, as a multiple of what rounding explains in a well-behaved function. 0 where that overflows.
        """
        cotangents = self.cotangent
        natural = _norm(flat(cotangents) * self.sizes)
        found = [self.problem.record(values, Recorder())[1](cotangents) for values in (self.wide, self.problem.values)]
        ratios = []
        for value, wide, narrow, where in zip(self.problem.values, *found, self.leaf_slices(), strict=True):
            exact, rounded = flat([wide]), flat([narrow])
            difference = _norm(exact - rounded)
            # What is 0 but for rounding has no size of its own: then that of the outputs over that of the leaf counts.
            size = _norm(exact) + natural / float(np.max(self.typical[where], initial=1.0))
            allowed = 30 * float(np.finfo(value.dtype).eps) ** 0.5 * size
            ratios.append(difference / allowed if allowed and np.isfinite(difference) else 0.0)
        return ratios

    def _signs(self, count: int) -> Array:
        """Draw numbers of either sign and about the size of 1, none of them near 0."""
        return self.rng.uniform(0.5, 1.5, count) * self.rng.choice([-1.0, 1.0], count)

    def _as_cotangents(self, weights: Array) -> list[Array]:
        return [np.conj(each) for each in unflat(weights, [widened(output) for output in self.outputs])]

    def _path(self, direction: Array) -> Path:
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
    def compare(self, where: slice, mask: Array | None = None) -> Comparison:
        """Compare in a random direction, in which the elements of ``where`` move (of these only those of a mask).

        The step is relative to the size of each element, or of its leaf, or absolute: nobody can know, so the first clear answer counts.
        """
        signs = np.zeros(self.point.shape)
        signs[where] = self._signs(signs[where].size)
        if mask is not None:
            signs[where] *= mask
        signs[~np.isfinite(self.point)] = 0.0
        magnitude = np.where(np.isfinite(self.point), np.abs(self.point), 0.0)
        found: list[Comparison] = []
        for lengths in (np.maximum(magnitude, self.typical), np.maximum(magnitude, 1.0), np.where(magnitude > 0, magnitude, self.typical)):
            comparison = self._compare(signs * lengths)
            if comparison.verdict in ("kink", "wrong") or (comparison.verdict == "right" and comparison.error <= self.rtol * comparison.size):
                return comparison
            found.append(comparison)
        return min(found, key=lambda c: (("right", "blind").index(c.verdict) if c.verdict in ("right", "blind") else 2, c.error / (c.size or 1.0)))

    def _compare(self, direction: Array) -> Comparison:
        result, path, weights, derivative = self._measured(direction)
        if self._agrees(result):
            nothing = not np.any(result.contributions) and not np.any(derivative.value)
            if nothing or result.error <= self.clear * result.size:
                return result
            if self._is_rounding(derivative):
                return result._replace(verdict="blind")
        noise = [np.fmax(self.noise, noise_of(path, spacing)) for spacing in (1e-4, 1e-5, 1e-6)]
        verdict = self._one_sided(path, weights, result, np.max(noise, axis=0))
        if verdict == "kink":
            # With nothing of opposite sign, shares of a tie that do not add up cannot hide behind each other.
            aligned, path, weights, _ = self._measured(np.abs(direction), np.abs(weights))
            if self._one_sided(path, weights, aligned, np.max(noise, axis=0)) == "wrong":
                return aligned._replace(verdict="wrong")
        return result._replace(verdict=verdict) if verdict else self._more_opinions(path, weights, result, noise)

    def _measured(self, direction: Array, weights: Array | None = None) -> tuple[Comparison, Path, Array, Derivative]:
        """Differentiate in a direction both ways; with given weights of the outputs, or with new ones."""
        path = self._path(direction)
        derivative = central(path, eps=self.eps, noise=self.noise, goal=self.rtol * 1e-3)
        if weights is None:
            weights = self._weights(derivative)
        if self.mode == "reverse":
            gradient = self._pull(self._as_cotangents(weights))
            contributions = flat([np.conj(np.asarray(each)) for each in gradient]) * direction
            contributions[direction == 0] = 0.0
            analytic = float(np.sum(contributions))
        else:  # which sees the elements together
            values = self.wide if self.follows else self.problem.values
            analytic = float(np.sum(weights * flat(self.problem.push(values, unflat(direction, values)))))
            contributions = np.where(direction == 0, 0.0, analytic / (np.count_nonzero(direction) or 1))
        numerical, error = _projected(derivative, weights)
        size = _norm(weights * np.nan_to_num(derivative.value))
        if np.isfinite(analytic):
            size = max(size, _norm(contributions))
        unit = float(weights[0]) if weights.size == 1 else 0.0
        return Comparison("right", direction, analytic, numerical, error, size, contributions, unit), path, weights, derivative

    def _agrees(self, c: Comparison) -> bool:
        finite = np.isfinite(c.analytic) and np.isfinite(c.error)
        return bool(finite and abs(c.analytic - c.numerical) <= self.rtol * c.size + 10 * c.error)

    def _is_rounding(self, derivative: Derivative) -> bool:
        """Whether rounding explains the error: that of the dtype, and that of single precision on the way. What is more is noise."""
        # The best step leaves an error of the order of the precision to the power of 2/3.
        explained = 10 * max(self.eps, min(self.grain, 1e-6)) ** (2 / 3)
        return not np.any(derivative.error > (self.rough + explained) * np.maximum(derivative.scale, self.sizes))

    def _more_opinions(self, path: Path, weights: Array, first: Comparison, noise: list[Array]) -> Comparison:
        """Look again with other steps, large and small, at what seems wrong. It is, if two opinions agree on another derivative, and none on this.

        Steps above the grain of a function that was rounded on the way see its trend, those below see a constant or nothing.
        """
        opinions, explained = [first], False
        for step, levels, off in ((0.09, 8, np.max(noise, axis=0)), (1e-4, 5, noise[-1])):
            derivative = central(path, eps=self.eps, noise=off, goal=self.rtol * 1e-3, step=step, ratio=3.0, levels=levels)
            numerical, error = _projected(derivative, weights)
            opinions.append(first._replace(numerical=numerical, error=error))
            explained |= self._agrees(opinions[-1]) and self._is_rounding(derivative)
        clear = sorted((each for each in opinions if each.error <= self.clear * first.size), key=lambda c: c.error)
        alike = [abs(one.numerical - other.numerical) <= 10 * (one.error + other.error) for one, other in itertools.combinations(clear, 2)]
        # Where they contradict each other, there is a kink or a step nearby, and each sees another side of it.
        for each in clear[:1] if any(alike) and all(alike) else clear:
            if self._agrees(each):
                return each._replace(verdict="right")
        if any(alike):
            return clear[0]._replace(verdict="wrong")
        if not np.isfinite(first.analytic):
            return first._replace(verdict="edge")
        return first._replace(verdict="blind" if explained else "rough")

    def _weights(self, derivative: Derivative) -> Array:
        """Draw a weight for each output, by which outputs with large and with small derivatives count alike.

        Noise counts little: an output with a derivative of zero is known only up to its error.
        """
        known = np.isfinite(derivative.error)
        clear = np.where(derivative.error <= self.clear * np.abs(derivative.value), np.abs(derivative.value), 0.0)
        self.sizes = np.max([self.sizes, derivative.scale, clear], axis=0)
        slopes = np.where(known, np.abs(derivative.value) + self.doubt * derivative.error, 0.0)
        self._slopes = np.maximum(self._slopes, slopes)
        largest = float(np.max(slopes, initial=0.0)) or float(np.max(derivative.scale, initial=0.0)) or 1.0
        slopes = np.where(slopes > 1e-30 * largest, slopes, largest)
        return np.where(known, self._signs(slopes.size) / slopes, 0.0)

    def _one_sided(self, path: Path, weights: Array, first: Comparison, noise: Array) -> str:
        """Say "kink" or "edge" if that is what there is, "wrong" if the rules give nothing between the derivatives from both sides, or nothing."""
        steps = (1e-4, 3e-5, 1e-5, 2e-6, 5e-7)
        jumps = np.stack([path(h) - path(-h) for h in steps])
        large = np.abs(jumps) > 1e-3 * np.abs(path(0.1) - path(-0.1)) + 100 * self.eps * np.abs(self.centre)
        if np.any(np.all(large & (np.abs(jumps - jumps[0]) <= 0.1 * np.abs(jumps[0])), axis=0)):
            return "kink"  # of an integral of this function: itself it jumps
        right, left = (one_sided(path, side, eps=self.eps, noise=noise) for side in (1, -1))
        known = [bool(np.all(np.isfinite(side.error))) for side in (right, left)]
        if not all(known):
            return "edge" if any(known) else ""
        gap = np.abs(right.value - left.value)
        if not np.any(gap > 1e-3 * (np.abs(right.value) + np.abs(left.value)) + 100 * (right.error + left.error)):
            return ""
        ends = np.stack([weights * right.value, weights * left.value])
        low, high = np.sum(np.min(ends, axis=0)), np.sum(np.max(ends, axis=0))
        slack = self.rtol * first.size + 10 * _norm(weights * (right.error + left.error))
        return "kink" if low - slack <= first.analytic <= high + slack else "wrong"


def _projected(derivative: Derivative, weights: Array) -> tuple[float, float]:
    """Return the projection of a derivative, and its error: infinite if one is missing. Errors of many outputs are as good as independent."""
    known = np.isfinite(derivative.error)
    value = float(np.sum(weights * np.where(known, derivative.value, 0.0)))
    return value, _norm(weights * derivative.error) if np.all(known) else np.inf


def _norm(vector: Array) -> float:
    return float(np.sqrt(np.sum(vector * vector)))


def bands(contributions: Array) -> Iterator[Array]:
    """Yield masks of the elements whose contributions are of like size, where they are of very different sizes.

    Small ones get a direction in which no large ones stand, so that they can be seen.
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
