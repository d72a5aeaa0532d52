"""A function at the point of a check: its outputs, and its derivatives by the rules in both modes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.check.differences import Array
from autograd.core import nest
from autograd.core.backward import sweep
from autograd.core.recorder import Recorder, recording
from autograd.core.tensor import Tensor, apply
from autograd.core.tracing import listening
from autograd.errors import NoDerivativeError
from autograd.registry.operations import identity
from autograd.transforms.forward import jvp


class RuleFailed(Exception):
    """Raised from an exception of the sweep, its cause, to tell it from exceptions of the checked function."""


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
        return self._called([value if isinstance(value, Tensor) else Tensor(value) for value in values])

    def outputs_of_arrays(self) -> list[Tensor] | None:
        """Call the function on copies of the plain arrays, or return None where it needs tensors.

        Arrays without axes are NumPy's numbers, which ``+=`` rebinds as it does a tensor without axes.
        """
        try:
            return self._called([value.copy()[()] for value in self.values])
        except Exception:  # a function may use methods of tensors, and raises whatever it likes without them
            return None

    def _called(self, values: Sequence[Any]) -> list[Tensor]:
        result = self.f(*self._filled(values))
        found = [leaf if isinstance(leaf, Tensor) else Tensor(leaf) for leaf in nest.leaves(result) if leaf is not None]
        return [tensor for tensor in found if tensor.dtype.kind in "fc"]

    def _filled(self, values: Sequence[Any]) -> tuple[Any, ...]:
        leaves = list(self.leaves)
        for spot, value in zip(self.spots, values, strict=True):
            leaves[spot] = value
        filled: tuple[Any, ...] = nest.rebuild(self.args, leaves)
        return filled

    def record(
        self, values: Sequence[Any], recorder: Recorder
    ) -> tuple[list[Tensor], Callable[[Sequence[Any]], list[Any]]]:
        """Call the function under a recorder. Return its outputs, and the function that carries cotangents back to the
        values.
        """
        sources = [apply(identity, value if isinstance(value, Tensor) else Tensor(value)) for value in values]
        ids = [source._id for source in sources]  # before the function can write into its arguments
        recorder.tracked.update(ids)
        with recording(recorder):
            outputs = self.outputs(sources)

        def pull(cotangents: Sequence[Any]) -> list[Any]:
            seeds: dict[int, Any] = {}
            for output, cotangent in zip(outputs, cotangents, strict=True):
                if output._id in recorder.tracked:
                    seed = np.asarray(cotangent, output.dtype)
                    seeds[output._id] = seeds[output._id] + seed if output._id in seeds else seed
            if listening():
                seeds = {each: Tensor(seed) for each, seed in seeds.items()}
            try:
                found = sweep(recorder.records, recorder.tracked, seeds, ids, consume=False)
            except RuleFailed:
                raise
            except Exception as error:  # whatever the sweep raises, a rule is to blame
                raise RuleFailed from error
            return [
                found.get(each, np.zeros(source.shape, source.dtype)) for each, source in zip(ids, sources, strict=True)
            ]

        return outputs, pull

    def push(self, values: Sequence[Any], directions: Sequence[Any]) -> list[Any]:
        """Call the function, and carry directions forward: return the tangents of its outputs."""
        try:
            _, tangents = jvp(lambda *sources: self.outputs(sources), values, directions)
        except NoDerivativeError as error:
            raise RuleFailed from error
        return list(tangents)

    def gradient(self, cotangents: Sequence[Any]) -> Problem:
        """Return the gradient of the outputs, weighed by cotangents, as the problem of the next order."""

        def gradients(*args: Any) -> list[Any]:
            leaves = nest.leaves(args)
            _, pull = self.record([leaves[spot] for spot in self.spots], Recorder())
            return pull(cotangents)

        return Problem(gradients, self.args)


class MagnitudeProbe(Recorder):
    """Records the largest magnitude of all computed values, and nothing else."""

    def __init__(self) -> None:
        super().__init__(keep_values=True)
        self.largest = 0.0
        self.add = self._measure

    def _measure(self, record: tuple[Any, ...]) -> None:
        for value in record[5] if isinstance(record[5], list) else [record[5]]:
            sizes = np.abs(value[np.isfinite(value)])
            self.largest = max(self.largest, float(np.max(sizes, initial=0.0)))
