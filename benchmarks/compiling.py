"""The cost of `autograd.compile` itself, in time and memory: ``python -m benchmarks.compiling``."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

import autograd
import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable
from benchmarks.problems import TIMED_RATE, WORKLOADS
from nn import activations, losses, optimizers

LENGTHS = (1_000, 3_000, 10_000, 30_000)


def chain(length: int) -> Callable[[Any], Any]:
    """Return a function that has a gradient of so many operations, forward and backward."""

    def f(x: Any) -> Any:
        for _ in range(length // 6):
            x = anp.sin(x) * 1.01 + 0.1
        return anp.sum(x)

    return autograd.grad(f)


def seconds_of_first_call(make: Callable[[], Callable[[], Any]], rounds: int) -> tuple[float, float]:
    """Return the time of the first call of a compiled function, and that of the function itself: medians."""
    times = []
    for _ in range(rounds):
        step = make()
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times), min(times)


def mnist_step() -> tuple[Callable[[], Any], Callable[[], autograd.Stats], list[Variable]]:
    """Return a call of the compiled RMSprop step of the benchmark of that name, what gives its numbers, and its
    weights.
    """
    problem = WORKLOADS["mnist"].make()
    weights = W1, b1, W2, b2 = [Variable(value, name=name) for name, value in problem.weights.items()]
    optimizer = optimizers.RMSprop(TIMED_RATE)
    x, y = Tensor(problem.data["x"]), Tensor(problem.data["y"])

    @partial(autograd.compile, numba=False)
    def train(x: Any, y: Any) -> Any:
        with GradientTape() as tape:
            h = activations.relu(x @ W1 + b1)
            loss = losses.sparse_categorical_crossentropy(y, h @ W2 + b2, from_logits=True).mean()
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss

    return lambda: train(x, y), lambda: train.stats(x, y), weights


def allocated(step: Callable[[], Any], calls: int = 20) -> tuple[int, int]:
    """Return the most bytes that were allocated at a time in later calls of a step beyond those held before, and what
    was held more after them.
    """
    for _ in range(5):
        step()
    tracemalloc.start()
    for _ in range(calls):  # until Python has all that it keeps for objects to come, which it did not count before
        step()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    for _ in range(calls):
        step()
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak - held, after - held


def first_call(f: Callable[..., Any], x: Any) -> Callable[[], Any]:
    """Return the first call of a function that was just compiled."""
    return partial(autograd.compile(f), x)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compiling", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is compiled (default: %(default)s)")
    options = parser.parse_args(arguments)

    x = np.linspace(-1.0, 1.0, 10)
    print(f"{'first call':<28} {'median':>10} {'best':>10}")
    for length in LENGTHS:
        middle, best = seconds_of_first_call(partial(first_call, chain(length), x), options.rounds)
        print(
            f"{f'{length:,} operations':<28} {middle * 1e3:>7.0f} ms {best * 1e3:>7.0f} ms   {best / length * 1e6:.0f} "
            f"us an operation"
        )
    middle, best = seconds_of_first_call(lambda: mnist_step()[0], options.rounds)
    print(f"{'mnist step':<28} {middle * 1e3:>7.0f} ms {best * 1e3:>7.0f} ms   goal 50 ms")

    step, stats, weights = mnist_step()
    step()
    peak, kept = allocated(step)
    print(
        f"\nmnist step, later calls: at most {peak:,} bytes allocated at a time, {kept:,} kept after 20 calls (goal "
        f"4,096)"
    )
    size, layer = sum(w.nbytes for w in weights), 128 * 512 * 4
    planned = stats().bytes_planned
    needed = f"weights, their state and gradients {3 * size / 1e6:.2f} MB, three layers {3 * layer / 1e6:.2f} MB"
    print(f"memory of the program: {planned / 1e6:.2f} MB; {needed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
