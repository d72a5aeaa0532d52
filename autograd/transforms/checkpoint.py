"""Checkpoints: a call whose intermediate values are computed again when its derivative is taken."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.core import nest
from autograd.core.backward import sweep
from autograd.core.recorder import Recorder, active_recorders, recording, recording_on
from autograd.core.tensor import Tensor, tensor_of
from autograd.registry.entries import name_of
from autograd.transforms.completed import InputCollector, check_deterministic, record_call, snapshot
from autograd.transforms.forward import Forward
from autograd.transforms.levels import active_levels


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that keeps no intermediate values for its derivative: they are computed again when the
    derivative is taken.

    It trades time for memory: a chain of n layers, cut into pieces of the square root of n layers, needs memory for two
    square roots of n (T. Chen et al., "Training deep nets with sublinear memory cost", arXiv:1604.06174, 2016). Pieces
    may stand inside pieces.

    Parameters
    ----------
    f : callable
        Gives the same result whenever it is called with the same arguments. It may read tensors and variables that are
        not among them.

    Returns
    -------
    callable
        Takes and returns what ``f`` does. The derivative is the same, to any order. Inside `vmap` it is ``f`` itself.

    Raises
    ------
    TapeError
        When the gradient is taken, if ``f`` then gives another result: it drew random numbers, or a variable was
        assigned meanwhile.

    Examples
    --------
    >>> layer = checkpoint(lambda x: np.sin(np.exp(x)))
    >>> autograd.grad(layer)(0.0)
    0.5403023058681398
    """
    name = name_of(f)

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        outer = active_recorders()
        if (
            active_levels()
            or any(isinstance(recorder, InputCollector) for recorder in outer)
            or all(isinstance(recorder, Forward) for recorder in outer)
        ):
            return f(*args, **kwargs)
        args, kwargs = nest.map_leaves(snapshot, args), nest.map_leaves(snapshot, kwargs)
        collector = InputCollector(outer)
        with recording_on((collector,)):
            out = f(*args, **kwargs)
        results = [leaf for leaf in nest.leaves(out) if isinstance(leaf, Tensor)]
        operands = [tensor_of(value, identity) for identity, value in collector.found.items()]

        def pull(cotangents: list[Any], _: list[Any]) -> list[Any]:
            again = Recorder()
            again.tracked.update(collector.found)
            with recording(again):
                repeated = [leaf for leaf in nest.leaves(f(*args, **kwargs)) if isinstance(leaf, Tensor)]
            check_deterministic(f"checkpoint: {name}", results, repeated)
            seeds: dict[int, Any] = {}
            for leaf, c in zip(repeated, cotangents, strict=True):
                if leaf._id in again.tracked:
                    seeds[leaf._id] = seeds[leaf._id] + c if leaf._id in seeds else c
            found = sweep(again.records, again.tracked, seeds, collector.found, consume=True)
            return [found[i] if i in found else np.zeros_like(value) for i, value in collector.found.items()]

        tensors = iter(record_call(pull, [leaf._value for leaf in results], operands, results))
        return nest.map_leaves(lambda leaf: next(tensors) if isinstance(leaf, Tensor) else leaf, out)

    return wrapped
