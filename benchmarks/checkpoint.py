"""A chain of 10,000 layers ``tanh`` on 10,000 numbers, plain and in pieces that are computed again: ``python -m
benchmarks.checkpoint``.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd.numpy as anp
from autograd import checkpoint, grad

GOAL_MEMORY, GOAL_TIME = 1 / 15, 1.6


def plain(layers: int) -> Callable[[Any], Any]:
    """Return the chain."""

    def chain(x: Any) -> Any:
        for _ in range(layers):
            x = anp.tanh(x)
        return x

    return chain


def in_pieces(layers: int) -> Callable[[Any], Any]:
    """Return the chain, cut into pieces of the square root of its length."""
    pieces = round(layers**0.5)
    lengths = [len(part) for part in np.array_split(np.arange(layers), pieces)]

    def chain(x: Any) -> Any:
        for length in lengths:
            x = checkpoint(plain(length))(x)
        return x

    return chain


def peak(f: Callable[[Any], Any], x: Any) -> int:
    """Return the most bytes that are held at once while the gradient of the sum of ``f`` is taken."""
    tracemalloc.start()
    try:
        grad(lambda x: anp.sum(f(x)))(x)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def times(functions: Sequence[Callable[[Any], Any]], x: Any, rounds: int) -> list[list[float]]:
    """Return the seconds that the gradient of each takes, in turns."""
    found: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for f, seconds in zip(functions, found, strict=True):
            begin = time.perf_counter()
            grad(lambda x, f=f: anp.sum(f(x)))(x)  # type: ignore[misc]
            seconds.append(time.perf_counter() - begin)
    return found


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=10_000)
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args(argv)
    chains = [plain(options.layers), in_pieces(options.layers)]
    x = np.linspace(-1.0, 1.0, options.size)
    memory = [peak(f, x) for f in chains]
    seconds = times(chains, x, options.rounds)
    ratio = statistics.median(b / a for a, b in zip(*seconds, strict=True))
    for name, held, taken in zip(("plain", "in pieces"), memory, seconds, strict=True):
        print(f"{name:10} {held / 1e6:8.1f} MB  {min(taken):7.3f} s")
    print(
        f"memory: 1/{memory[0] / memory[1]:.0f} (goal 1/{1 / GOAL_MEMORY:.0f})   time: {ratio:.2f} (goal {GOAL_TIME})"
    )
    return 0 if memory[1] < GOAL_MEMORY * memory[0] and ratio <= GOAL_TIME else 1


if __name__ == "__main__":
    sys.exit(main())
