"""Gradients through factorisations of 64 matrices of 32 x 32, next to the textbook's formulas in NumPy: ``python -m
benchmarks.linalg``.
"""

from __future__ import annotations

import argparse
import functools
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

import autograd.numpy as anp
from autograd import GradientTape, Tensor

Arrays = list[np.ndarray[Any, Any]]
BATCH, SIZE = 64, 32
GOAL = 1.3  # how many times NumPy written by hand a gradient may take


class Workload(NamedTuple):
    """A factorisation, whose outputs are weighed and summed to a loss.

    Attributes
    ----------
    inputs : list of array
        The arrays to differentiate with respect to.
    weights : list of array
        One for each output.
    function : callable
        Returns the outputs, of tensors.
    by_hand : callable
        ``by_hand(inputs, weights)`` returns the loss and the gradients.
    """

    inputs: Arrays
    weights: Arrays
    function: Callable[..., Any]
    by_hand: Callable[[Arrays, Arrays], tuple[Any, Arrays]]


def _solve(inputs: Arrays, weights: Arrays) -> tuple[Any, Arrays]:
    (a, b), (g,) = inputs, weights
    x = np.linalg.solve(a, b)
    of_b = np.linalg.solve(a.mT, g)
    return np.sum(x * g), [-of_b @ x.mT, of_b]


def _cholesky(inputs: Arrays, weights: Arrays) -> tuple[Any, Arrays]:
    (a,), (g,) = inputs, weights
    lower = np.linalg.cholesky(a)
    half = np.tril(lower.mT @ g)
    half[..., np.arange(SIZE), np.arange(SIZE)] *= 0.5
    c = np.linalg.solve(lower.mT, np.linalg.solve(lower.mT, half).mT)
    return np.sum(lower * g), [0.5 * (c + c.mT)]


def _eigh(inputs: Arrays, weights: Arrays) -> tuple[Any, Arrays]:
    (a,), (gw, gv) = inputs, weights
    w, v = np.linalg.eigh(a)
    differences = w[:, None, :] - w[:, :, None] + np.eye(SIZE)
    inner = v.mT @ gv / differences
    inner[..., np.arange(SIZE), np.arange(SIZE)] = gw
    c = v @ inner @ v.mT
    return np.sum(w * gw) + np.sum(v * gv), [0.5 * (c + c.mT)]


def _svd(inputs: Arrays, weights: Arrays) -> tuple[Any, Arrays]:
    (a,), (gu, gs, gvh) = inputs, weights
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    x, y = u.mT @ gu, vh @ gvh.mT
    differences = s[:, None, :] ** 2 - s[:, :, None] ** 2 + np.eye(SIZE)
    inner = (x - x.mT) / differences * s[:, None, :] + s[:, :, None] * ((y - y.mT) / differences)
    inner[..., np.arange(SIZE), np.arange(SIZE)] += gs
    return np.sum(u * gu) + np.sum(s * gs) + np.sum(vh * gvh), [u @ inner @ vh]


def workloads() -> dict[str, Workload]:
    """Return the workloads by name; the same numbers each time."""
    random = np.random.default_rng(0)
    a, b, g = random.normal(size=(3, BATCH, SIZE, SIZE))
    vector = random.normal(size=(BATCH, SIZE))
    definite = a @ a.mT + SIZE * np.eye(SIZE)
    return {
        "solve": Workload([a + 12 * np.eye(SIZE), b], [g], anp.linalg.solve, _solve),
        "cholesky": Workload([definite], [g], anp.linalg.cholesky, _cholesky),
        "eigh": Workload([definite], [vector, g], anp.linalg.eigh, _eigh),
        "svd": Workload([a], [g, vector, b], lambda x: anp.linalg.svd(x, full_matrices=False), _svd),
    }


def taped(workload: Workload) -> Callable[[], tuple[Any, Arrays]]:
    """Return a step that computes the loss and the gradients by a tape; what it reads is made before."""
    inputs, weights = ([Tensor(each) for each in arrays] for arrays in (workload.inputs, workload.weights))

    def step() -> tuple[Any, Arrays]:
        with GradientTape() as tape:
            tape.watch(inputs)
            outputs = workload.function(*inputs)
            outputs = outputs if isinstance(outputs, tuple) else (outputs,)
            loss = sum(anp.sum(y * g) for y, g in zip(outputs, weights, strict=True))
        return loss, [each.numpy() for each in tape.gradient(loss, inputs)]

    return step


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code: 1 if a gradient is not that of the formula."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.linalg", description=__doc__)
    parser.add_argument("--rounds", type=int, default=21, help="how often each has its turn (default: %(default)s)")
    options = parser.parse_args(arguments)
    wrong = 0
    print(f"{'':<10} {'by hand':>10} {'tapegrad':>10}   x by hand   quartiles     goal {GOAL}")
    for name, workload in workloads().items():
        sides = [functools.partial(workload.by_hand, workload.inputs, workload.weights), taped(workload)]
        off = max(
            float(np.linalg.norm(x - y) / np.linalg.norm(x))
            for x, y in zip(*[side()[1] for side in sides], strict=True)
        )
        if off > 1e-8:
            print(f"{name:<10} left out: its gradient is off by {off:.1e} of its norm")
            wrong = 1
            continue
        times = [[_seconds(side) for side in sides] for _ in range(options.rounds)]
        ratios = sorted(tape / hand for hand, tape in times)
        low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
        hand, tape = (f"{statistics.median(column) * 1e3:.2f} ms" for column in zip(*times, strict=True))
        verdict = "met" if middle <= GOAL else "missed"
        print(f"{name:<10} {hand:>10} {tape:>10}   {middle:9.2f}   {low:.2f} .. {high:.2f}   {verdict}")
    return wrong


def _seconds(step: Callable[[], Any]) -> float:
    """Return the time of the best of five steps: the one that nobody interrupted."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        step()
        best = min(best, time.perf_counter() - start)
    return best


if __name__ == "__main__":
    sys.exit(main())
