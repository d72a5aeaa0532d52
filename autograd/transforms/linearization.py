"""Linearize a function at a point: record it once, and multiply by its Jacobian from the left and from the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.core import nest
from autograd.core.backward import sweep
from autograd.core.convert import argument_like, decisive, raw, result_like
from autograd.core.recorder import Recorder, active_recorders, recording
from autograd.core.tensor import Tensor, apply, new_tensor
from autograd.core.tracing import listening
from autograd.errors import DtypeError, OperandError, ShapeError
from autograd.registry.entries import name_of
from autograd.registry.operations import identity
from autograd.transforms.batched import Batched, NeedsOneValue, all_exposed, all_hidden
from autograd.transforms.chunks import chunk_size_for
from autograd.transforms.levels import Level, active_levels
from autograd.transforms.tangent import tangents_of

Argnums = int | Sequence[int]


class Linearization:
    """A function that was run under a recorder of its own: its value, and products with its Jacobian.

    Parameters
    ----------
    f : callable
    argnums : int or sequence of int
        The positions of the arguments to differentiate with respect to.
    args, kwargs
        All arguments.
    has_aux : bool
        Whether ``f`` returns a pair of the value and anything else.
    keep_values : bool
        Whether the recorder keeps every value, which `push` needs.

    Attributes
    ----------
    f : callable
    value, aux : Any
        The value, or the nest of values, that ``f`` returned inside, and its second result (None without ``has_aux``).
    recorder : Recorder
        Holds the records of the call.
    picked : tuple
        The arguments to differentiate with respect to, as they were given.
    sources : list of Tensor
        The tensors that stood for the leaves of these inside the function.
    ids : list of int
        Their identities at the beginning of the call.
    levels : tuple of Level
        The mapped functions around the call. The tensors that the recorder tracks are those of whole batches: an
        element does not depend on the argument of another one, so the derivative of a whole batch is that of each.
    """

    __slots__ = ("_outputs", "aux", "f", "ids", "levels", "picked", "recorder", "sources", "value")

    def __init__(
        self,
        f: Callable[..., Any],
        argnums: Argnums,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        has_aux: bool,
        keep_values: bool = False,
    ) -> None:
        positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        self.f = f
        self.picked = picked = tuple([pick(args, position, f) for position in positions])
        self.recorder = recorder = Recorder(keep_values)
        self.levels = levels = active_levels()
        self.sources = sources = [
            source_of(all_exposed(leaf, levels) if levels else leaf) for leaf in nest.leaves(picked)
        ]
        self.ids = [source._id for source in sources]  # the function may write into its arguments, which renews them
        recorder.tracked.update(self.ids)
        watched = nest.rebuild(picked, [all_hidden(source, levels) for source in sources] if levels else sources)
        inner = list(args)
        for position, argument in zip(positions, watched, strict=True):
            inner[position] = argument
        with recording(recorder):
            result = f(*inner, **kwargs)
        self.value: Any
        self.aux: Any
        self.value, self.aux = result if has_aux else (result, None)
        self._outputs: list[Any] | None = None

    @property
    def outputs(self) -> list[Any]:
        """The leaves of the value, with the axes of all mapped functions in front."""
        if self._outputs is None:
            self._outputs = [whole_of(leaf, self.levels, self.f) for leaf in nest.leaves(self.value)]
        return self._outputs

    def result(self) -> Any:
        """Return the value as the arguments were given: arrays for arrays, tensors for tensors, numbers for numbers."""
        _ = self.outputs  # which refuses a value that is mapped where the function is not
        for leaf in nest.leaves(self.value):
            if not isinstance(leaf, (Tensor, Batched)) and np.asarray(leaf).dtype.kind not in "biufc":
                raise OperandError(
                    f"a derivative needs a function that returns numbers, or a nest of these: {name_of(self.f)} "
                    f"returned {type(leaf).__name__}."
                )
        given = decisive(self.picked)
        return nest.map_leaves(lambda leaf: result_of(given, leaf, ()), self.value)

    def chunk_size(self) -> int:
        """Return how many cotangents, or tangents, one product takes at once within the bound on memory."""
        return chunk_size_for(self.recorder.records, self.outputs)

    def pull(self, cotangents: Any) -> tuple[Any, ...]:
        """Multiply cotangents by the Jacobian from the left. See `vjp`."""
        outputs, tracked = self.outputs, self.recorder.tracked
        given = (
            nest.leaves(cotangents)
            if len(outputs) != 1 or isinstance(cotangents, (list, tuple, dict))
            else [cotangents]
        )
        if len(given) != len(outputs):
            raise ShapeError(
                f"{name_of(self.f)} returned {len(outputs)} arrays, each of which needs a cotangent or None: received "
                f"{len(given)}."
            )
        seeds: dict[int, Any] = {}
        for leaf, cotangent in zip(outputs, given, strict=True):
            if cotangent is not None and isinstance(leaf, Tensor) and leaf._id in tracked:
                seed = _cotangent(cotangent, leaf, self.levels)
                seeds[leaf._id] = seeds[leaf._id] + seed if leaf._id in seeds else seed
        return self.pull_seeds(seeds, consume=False)

    def pull_seeds(self, seeds: dict[int, Any], consume: bool) -> tuple[Any, ...]:
        """Carry cotangents of outputs, by their identities, back to the arguments."""
        ids = self.ids
        found = sweep(self.recorder.records, self.recorder.tracked, seeds, ids, consume)
        leaves, levels = nest.leaves(self.picked), self.levels
        if levels:
            whole = [
                found[i] if i in found else all_exposed(np.zeros(np.shape(leaf), np.result_type(leaf)), levels)
                for leaf, i in zip(leaves, ids, strict=True)
            ]
            gradients: tuple[Any, ...] = nest.rebuild(self.picked, [all_hidden(each, levels) for each in whole])
        else:
            gradients = nest.rebuild(
                self.picked, [argument_like(leaf, found.get(i)) for leaf, i in zip(leaves, ids, strict=True)]
            )
        return gradients

    def push(self, *tangents: Any) -> Any:
        """Multiply tangents by the Jacobian from the right. See `linearize`."""
        directions = directions_of("f_jvp", self.picked, self.sources, tangents, self.levels)
        known = dict(zip(self.ids, directions, strict=True))
        _push_through(self.recorder, known)
        given = decisive(self.picked)
        carried = [known.get(leaf._id) if isinstance(leaf, Tensor) else None for leaf in self.outputs]
        moved = [tangent_of(leaf, t, given, self.levels) for leaf, t in zip(self.outputs, carried, strict=True)]
        return nest.rebuild(self.value, moved)


def _push_through(recorder: Recorder, known: dict[int, Any]) -> None:
    """Add to tangents, by identity, those of all outputs of the records of a recorder that kept every value."""

    def known_of(identity: Any) -> Any:
        return [known_of(each) for each in identity] if identity.__class__ is tuple else known.get(identity)

    for fn, args, kwargs, ids, argnums, ans, output, _ in recorder.records:
        tangents = {i: known_of(ids[i]) for i in argnums}
        found = tangents_of(fn, args, kwargs or {}, ids, tangents, ans, output, active_recorders())
        if output.__class__ is tuple:
            known.update((identity, t) for identity, t in zip(output, found, strict=True) if t is not None)
        else:
            known[output] = found


def pick(args: Sequence[Any], position: int, f: Callable[..., Any]) -> Any:
    """Return the argument at a position, and refuse a position outside the positional arguments."""
    if not -len(args) <= position < len(args):
        raise OperandError(
            f"argnums={position}: {name_of(f)} received {len(args)} positional arguments. Arguments to differentiate "
            "with respect to are passed by position."
        )
    return args[position]


def source_of(leaf: Any) -> Tensor:
    """Make the tensor that stands for an argument inside the function: the same value with a new identity.

    The identity must be new, or a function that is differentiated inside another one would confuse its own argument
    with that of the outer one (Siskind and Pearlmutter's perturbation confusion)."""
    tensor: Tensor = apply(identity, leaf if isinstance(leaf, Tensor) else Tensor(leaf))
    if tensor.dtype.kind not in "fc":
        raise DtypeError(
            f"cannot differentiate with respect to an argument of dtype {tensor.dtype} and shape {tensor.shape}: "
            "derivatives exist for floating-point and complex values only. Convert it first, x.astype(float), or "
            "write 3.0 in place of 3."
        )
    return tensor


def whole_of(leaf: Any, levels: tuple[Level, ...], f: Callable[..., Any]) -> Any:
    """Return an output with the axes of all mapped functions in front.

    An output that is mapped where its function is not is refused.
    """
    whole = all_exposed(leaf, levels) if levels else leaf
    if isinstance(whole, Batched):
        raise NeedsOneValue(
            f"{name_of(f)} reads a value of a batch that is not among its arguments, where it runs for one element "
            f"at a time: pass that value in."
        )
    return whole


def _cotangent(given: Any, leaf: Tensor, levels: tuple[Level, ...]) -> Any:
    """Check a cotangent against its output. Return a tensor if a recorder is active, and otherwise an array."""
    shape = leaf.shape[len(levels) :]
    cotangent = given if isinstance(given, (Tensor, Batched)) else new_tensor(np.array(given))
    if cotangent.shape != shape:
        raise ShapeError(
            f"an output of shape {shape} needs a cotangent of that shape: received shape {cotangent.shape}."
        )
    if levels:
        cotangent = all_exposed(cotangent, levels)
    if cotangent.dtype != leaf.dtype:
        cotangent = (cotangent if leaf.dtype.kind == "c" else cotangent.real).astype(leaf.dtype)
    return cotangent if listening() else raw(cotangent)


def directions_of(
    name: str, primals: Any, sources: list[Tensor], tangents: Any, levels: tuple[Level, ...]
) -> list[Any]:
    """Check tangents against their primals, and cast them to the dtypes of these.

    They are returned as tensors if a recorder is active, and otherwise as views of the given arrays: nothing keeps them
    longer than the call takes.
    """
    given = nest.leaves(tangents)
    shapes = [source.shape[len(levels) :] for source in sources]
    if [np.shape(each) for each in given] != shapes:
        raise ShapeError(
            f"{name} needs a tangent of the shape of each primal: received primals of shapes {shapes} "
            f"and tangents of shapes {[np.shape(each) for each in given]}."
        )
    found = []
    for each, source in zip(given, sources, strict=True):
        each = all_exposed(each, levels)
        tangent = (
            each
            if isinstance(each, (Tensor, Batched))
            else new_tensor(np.array(each) if listening() else np.asarray(each).view())
        )
        if tangent.dtype != source.dtype:
            if tangent.dtype.kind not in "biuf":
                raise DtypeError(
                    f"{name} takes a real tangent for a primal of dtype {source.dtype}: received dtype {tangent.dtype}."
                )
            tangent = tangent.astype(source.dtype)
        found.append(tangent if listening() else raw(tangent))
    return found


def tangent_of(leaf: Any, t: Any, given: Any, levels: tuple[Level, ...]) -> Any:
    """Return the tangent of an output as the decisive argument was given, or as a number where the output is no tensor;
    zeros if it has none.
    """
    if isinstance(leaf, Tensor):
        if t is None:
            t = np.zeros(leaf.shape, leaf.dtype)
        return all_hidden(result_like(None, t), levels) if levels else result_like(given, t)
    if np.asarray(leaf).dtype.kind not in "biufc":
        raise OperandError(
            f"a derivative needs a function that returns numbers, or a nest of these: it returned "
            f"{type(leaf).__name__}."
        )
    return np.zeros_like(leaf) if hasattr(leaf, "shape") else type(leaf)(0)


def result_of(given: Any, whole: Any, levels: tuple[Level, ...]) -> Any:
    """Return a tensor as the decisive argument was given, and what is no tensor as it is; inside mapped functions, with
    the batch axes hidden.
    """
    if levels:
        return all_hidden(whole, levels)
    return result_like(given, whole) if isinstance(whole, Tensor) else whole


def single_or_tuple(argnums: Argnums, found: tuple[Any, ...]) -> Any:
    """Return a derivative for one argument by itself, and those for several as a tuple."""
    return found[0] if isinstance(argnums, int) else found
