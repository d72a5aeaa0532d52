"""GradientTape: records what happens inside its ``with`` block, and differentiates it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from autograd.arrays.show import html_table, in_bytes
from autograd.check.report import GradientReport
from autograd.core import nest
from autograd.core.recorder import Recorder, recording
from autograd.core.tape import Tape, as_gradient, or_zeros, pulled
from autograd.core.tensor import Tensor, new_tensor
from autograd.core.tracing import listening
from autograd.debug.graph import graph
from autograd.debug.memory import Memory, measure_memory
from autograd.debug.nonfinite import NonFinite, find_nonfinite
from autograd.debug.picture import Graph
from autograd.debug.profile import Profile, measure_time
from autograd.debug.records import check_rules
from autograd.errors import DtypeError, ShapeError
from autograd.transforms.chunks import rows_of


class GradientTape(Tape):
    """Record operations for automatic differentiation.

    Parameters
    ----------
    persistent : bool, default False
        Whether `gradient` may be called more than once. A tape that is not persistent gives its memory back on the way.
    watch_accessed_variables : bool, default True
        Whether to watch every trainable `Variable` that is read while the tape records.
    debug : bool, default False
        Whether to keep every value, and the line of the program that called each operation: what `check`,
        `find_nonfinite` and `profile` need. Such a tape is persistent.

    Examples
    --------
    >>> x = Tensor(3.0)
    >>> with GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> tape.gradient(y, x)
    Tensor(6., shape=(), dtype=float64)

    Notes
    -----
    Tapes nest to any depth. The gradient that an inner tape computes is recorded by the outer ones, so a second tape
    gives second derivatives.

    For a real target and a complex source the gradient is the direction of steepest ascent, as in TensorFlow:
    ``z - lr * g`` descends. It is the conjugate of what `autograd.grad` returns.
    """

    def _repr_html_(self) -> str:
        found = self.memory()
        rows = [
            ("operations", str(len(self.records))),
            ("values tracked", str(len(self.tracked))),
            ("held", in_bytes(found.held)),
        ]
        return html_table(repr(self), (), rows)

    def jacobian(self, target: Any, sources: Any, unconnected_gradients: Literal["none", "zero"] = "none") -> Any:
        """Differentiate each element of the target with respect to the sources.

        Parameters
        ----------
        target : Tensor
            Of any shape.
        sources : Tensor, Variable or nest of these
        unconnected_gradients : {"none", "zero"}
            As in `gradient`.

        Returns
        -------
        Tensor, or nest like the sources
            For each source a tensor of the shape ``target.shape + source.shape``: what `gradient` gives for each
            element of the target.

        Notes
        -----
        All rows are computed at once, or as many as keep their cotangents of the largest value under 64 MB.

        Examples
        --------
        >>> x = Tensor([1.0, 2.0])
        >>> with GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> tape.jacobian(y, x).tolist()
        [[2.0, 0.0], [0.0, 4.0]]
        """
        found = rows_of(
            self, target, sources, unconnected_gradients, target.shape if isinstance(target, Tensor) else (), ()
        )
        leaves = nest.leaves(sources)
        shaped = [
            g if g is None else np.reshape(g, target.shape + leaf.shape) for g, leaf in zip(found, leaves, strict=True)
        ]
        return nest.rebuild(sources, or_zeros(shaped, leaves, target.shape, unconnected_gradients))

    def batch_jacobian(self, target: Any, source: Any, unconnected_gradients: Literal["none", "zero"] = "none") -> Any:
        """Differentiate each element of a batch with respect to the same element of a batch of sources.

        Parameters
        ----------
        target : Tensor
            Its first axis is the batch: ``target[i]`` depends on ``source[i]`` alone.
        source : Tensor or Variable
            Its first axis is the batch.
        unconnected_gradients : {"none", "zero"}
            As in `gradient`.

        Returns
        -------
        Tensor
            Of the shape ``(batch, *target.shape[1:], *source.shape[1:])``.

        Raises
        ------
        ShapeError
            If the first axes have different lengths.
        """
        shapes = np.shape(target), np.shape(source)
        if not shapes[0] or not shapes[1] or shapes[0][0] != shapes[1][0]:
            raise ShapeError(
                f"batch_jacobian needs a target and a source with first axes of one length: received shapes "
                f"{shapes[0]} and {shapes[1]}."
            )
        (batch, *t), s = shapes[0], shapes[1][1:]
        (found,) = rows_of(self, target, [source], unconnected_gradients, tuple(t), (batch,))
        shaped = None if found is None else np.reshape(np.moveaxis(found, 0, 1), (batch, *t, *s))
        if shaped is None and unconnected_gradients == "zero":
            return new_tensor(np.zeros((batch, *t, *s), source.dtype))
        return shaped

    def hvp(
        self, target: Any, sources: Any, vectors: Any, unconnected_gradients: Literal["none", "zero"] = "none"
    ) -> Any:
        """Multiply the Hessian of the sum of the target with respect to the sources by vectors, without forming it.

        Parameters
        ----------
        target : Tensor or nest of Tensors
            Real ones, which are added up.
        sources : Tensor, Variable or nest of these
            Real ones.
        vectors : array_like or nest like the sources
            One for each source, of its shape.
        unconnected_gradients : {"none", "zero"}
            The result where the Hessian is zero because the gradient does not depend on a source: None or zeros.

        Returns
        -------
        Tensor, or nest like the sources

        Examples
        --------
        >>> x = Tensor([1.0, 2.0])
        >>> with GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x**3
        >>> tape.hvp(y, x, [1.0, 10.0]).tolist()
        [6.0, 120.0]
        """
        self._check_usable(unconnected_gradients)
        seeds = self._seeds(target, None)
        leaves = nest.leaves(sources)
        ids = [self._identities(source) for source in leaves]
        given = nest.leaves(vectors) if isinstance(sources, (list, tuple, dict)) else [vectors]
        along = [
            each if isinstance(each, Tensor) else Tensor(each, dtype=leaf.dtype)
            for each, leaf in zip(given, leaves, strict=False)
        ]
        if len(given) != len(leaves) or any(v.shape != leaf.shape for v, leaf in zip(along, leaves, strict=True)):
            raise ShapeError(
                "hvp needs a vector of the shape of each source: received sources of shapes "
                f"{[leaf.shape for leaf in leaves]} and vectors of shapes {[np.shape(each) for each in given]}."
            )
        if any(each.dtype.kind == "c" for each in (*nest.leaves(target), *leaves)):
            raise DtypeError(
                "hvp takes a real target and real sources: give the real and the imaginary part as two sources."
            )
        self._use_up()
        # The sweep is recorded behind what the tape recorded: a program from the sources to their gradients.
        whole = Recorder()
        whole.records.extend(self.records)
        whole.tracked.update(self.tracked)
        with recording(whole):
            gradients = pulled(self, dict(seeds), ids, consume=not self.persistent)
            terms = [np.sum(g * v) for g, v in zip(gradients, along, strict=True) if g is not None]
            total: Any = sum(terms[1:], terms[0]) if terms else None
        products: list[Any] = [None] * len(leaves)
        if isinstance(total, Tensor) and total._id in whole.tracked:
            one = new_tensor(np.ones((), total.dtype))
            found = pulled(whole, {total._id: one if listening() else one._value}, ids, consume=True)
            products = [None if g is None else as_gradient(g) for g in found]
        return nest.rebuild(sources, or_zeros(products, leaves, (), unconnected_gradients))

    # -- what it can tell about itself
    def check(self, order: int = 1, rtol: float | None = None, seed: int | np.random.Generator = 0) -> GradientReport:
        """Compare the rule of every recorded operation, each on its own and at the values that it had, with numerical
        derivatives.

        Operations on NaN and infinities are left out. Of an operation that runs in a loop the first 50 calls are
        checked.

        Parameters
        ----------
        order, rtol, seed
            As in `autograd.check_gradients`, the order 1 unless given.

        Returns
        -------
        GradientReport
            With a finding for each operation whose rule is wrong, and the line of the program that called it.

        Raises
        ------
        TapeError
            If the tape was not made with ``debug=True``, or has recorded nothing.
        """
        return check_rules(self, order, rtol, seed)

    def find_nonfinite(self, target: Any = None) -> NonFinite | None:
        """Find the first operation that made a NaN or an infinity: forward, and if there is none, backward.

        Parameters
        ----------
        target : Tensor or nest of Tensors, optional
            Where the backward sweep begins: at every value that no operation has taken, unless given.

        Returns
        -------
        NonFinite or None
            The operation, the line of the program that called it, and the statistics of what went in and came out. None
            if all is finite.

        Raises
        ------
        TapeError
            If the tape was not made with ``debug=True``, or has recorded nothing.
        """
        return find_nonfinite(self, self._arrays_to_begin_with(target))

    def profile(self, target: Any = None, repeats: int = 3) -> Profile:
        """Measure each operation and its rules, by running them again on the values that they had.

        Parameters
        ----------
        target : Tensor or nest of Tensors, optional
            Where the backward sweep begins: at the last operation, unless given.
        repeats : int, default 3
            How often to run each. The quickest run counts.

        Returns
        -------
        Profile
            Seconds and bytes, forward and backward, for each operation at each line of the program.

        Raises
        ------
        TapeError
            If the tape was not made with ``debug=True``, or has recorded nothing.
        """
        return measure_time(self, self._arrays_to_begin_with(target), repeats)

    def memory(self, target: Any = None) -> Memory:
        """Say what the tape keeps alive, for which operation, and what a backward sweep needs at its peak.

        Parameters
        ----------
        target : Tensor or nest of Tensors, optional
            Where the backward sweep begins: at the last operation, unless given.

        Returns
        -------
        Memory
            Bytes for each operation; with the line of the program if the tape was made with ``debug=True``.
        """
        return measure_memory(self, self._arrays_to_begin_with(target), self.persistent)

    def _arrays_to_begin_with(self, target: Any) -> dict[int, Any] | None:
        return (
            None if target is None else {identity: seed._value for identity, seed in self._seeds(target, None).items()}
        )

    def graph(self, target: Any = None, **options: Any) -> Graph:
        """Draw what the tape recorded, and the gradients of a target. See `autograd.graph`."""
        return graph(self, target, **options)
