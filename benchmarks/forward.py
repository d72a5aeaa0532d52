"""The cost of a derivative in a direction, next to NumPy by hand: ``python -m benchmarks.forward``."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

import autograd
import autograd.numpy as anp

GOAL = 3.0


class Case(NamedTuple):
    """A computation that is timed.

    Attributes
    ----------
    function : callable
        Takes a namespace, NumPy's or ours, and arrays.
    derivative : callable
        Takes these arrays and a tangent for each; returns the value and its tangent in NumPy.
    primals, tangents : tuple of ndarray
    calls : int
        How many of them a turn has.
    """

    function: Callable[..., Any]
    derivative: Callable[..., tuple[Any, Any]]
    primals: tuple[Any, ...]
    tangents: tuple[Any, ...]
    calls: int

    def plain(self) -> Any:
        return self.function(np, *self.primals)

    def by_hand(self) -> tuple[Any, Any]:
        return self.derivative(*self.primals, *self.tangents)

    def ours(self) -> tuple[Any, Any]:
        value, tangent = autograd.jvp(lambda *args: self.function(anp, *args), self.primals, self.tangents)
        return value, tangent

    def compiled(self) -> Callable[[], tuple[Any, Any]]:
        """Return `ours` as a program."""
        program = autograd.compile(
            lambda primals, tangents: autograd.jvp(lambda *args: self.function(anp, *args), primals, tangents)
        )
        return lambda: program(self.primals, self.tangents)


def _chain(xp: Any, x: Any) -> Any:
    for _ in range(5):
        x = xp.tanh(x) * 1.5 + xp.exp(-x * x)
    return x


def _chain_by_hand(x: Any, t: Any) -> tuple[Any, Any]:
    for _ in range(5):
        a, b = np.tanh(x), np.exp(-x * x)
        x, t = a * 1.5 + b, t * ((1 - a * a) * 1.5 - 2 * x * b)
    return x, t


def _scan(xp: Any, h: Any, w: Any) -> Any:
    for _ in range(20):
        h = xp.tanh(xp.dot(h, w))
    return h


def _scan_by_hand(h: Any, w: Any, th: Any, tw: Any) -> tuple[Any, Any]:
    for _ in range(20):
        before, h = h, np.tanh(np.dot(h, w))
        th = (np.dot(th, w) + np.dot(before, tw)) * (1 - h * h)
    return h, th


def _network(xp: Any, x: Any, *weights: Any) -> Any:
    for w, b in zip(weights[::2], weights[1::2], strict=True):
        x = xp.maximum(xp.dot(x, w) + b, 0.0)
    return xp.mean(x)


def _network_by_hand(x: Any, *rest: Any) -> tuple[Any, Any]:
    weights, (t, *turned) = rest[: len(rest) // 2], rest[len(rest) // 2 :]
    for w, b, tw, tb in zip(weights[::2], weights[1::2], turned[::2], turned[1::2], strict=True):
        z = np.dot(x, w) + b
        t = (np.dot(t, w) + np.dot(x, tw) + tb) * (z > 0)
        x = np.maximum(z, 0.0)
    return np.mean(x), np.mean(t)


def _larger(xp: Any, x: Any, y: Any) -> Any:
    return xp.maximum(x, y)


def _larger_by_hand(x: Any, y: Any, tx: Any, ty: Any) -> tuple[Any, Any]:
    return np.maximum(x, y), np.where(x > y, tx, ty)


def _softmax(xp: Any, x: Any) -> Any:
    e = xp.exp(x - xp.max(x, axis=1, keepdims=True))
    return e / xp.sum(e, axis=1, keepdims=True)


def _softmax_by_hand(x: Any, t: Any) -> tuple[Any, Any]:
    y = _softmax(np, x)
    return y, y * (t - np.sum(t * y, axis=1, keepdims=True))


def _written(xp: Any, x: Any) -> Any:
    y = xp.zeros(x.shape)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] + x[i]
    return y


def _written_by_hand(x: Any, t: Any) -> tuple[Any, Any]:
    return _written(np, x), _written(np, t)


def cases() -> dict[str, Case]:
    """Return what is timed by name; the same numbers each time."""
    random = np.random.default_rng(0)

    def case(function: Any, derivative: Any, *shapes: tuple[int, ...], calls: int, scale: float = 1.0) -> Case:
        arrays = [random.normal(size=shape) * scale for shape in (*shapes, *shapes)]
        return Case(function, derivative, tuple(arrays[: len(shapes)]), tuple(arrays[len(shapes) :]), calls)

    layers = [(256, 256), (256,)] * 3
    return {
        "chain of 10": case(_chain, _chain_by_hand, (10,), calls=50),
        "chain of 1,000": case(_chain, _chain_by_hand, (1000,), calls=20),
        "chain of 100,000": case(_chain, _chain_by_hand, (100_000,), calls=1),
        "scan, 8 by 32": case(_scan, _scan_by_hand, (8, 32), (32, 32), calls=10, scale=0.3),
        "scan, 64 by 128": case(_scan, _scan_by_hand, (64, 128), (128, 128), calls=1, scale=0.1),
        "network, 128 by 256": case(_network, _network_by_hand, (128, 256), *layers, calls=2, scale=0.1),
        "maximum of 1,000": case(_larger, _larger_by_hand, (1000,), (1000,), calls=200),
        "maximum of 100,000": case(_larger, _larger_by_hand, (100_000,), (100_000,), calls=10),
        "softmax, 128 by 100": case(_softmax, _softmax_by_hand, (128, 100), calls=10),
        "3,000 items written": case(_written, _written_by_hand, (3000,), calls=1),
    }


def _timed(step: Callable[[], Any], calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        step()
    return (time.process_time() - start) / calls * 1e6


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code: 1 if a derivative is not that by hand."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forward", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(map(repr, cases()))} (default: all)")
    parser.add_argument("--rounds", type=int, default=51, help="how often each has its turn (default: %(default)s)")
    options = parser.parse_args(arguments)
    wrong = 0
    columns = f"{'NumPy':>10} {'by hand':>10} {'jvp':>10} {'compiled':>10}   {'by hand':>8} {'jvp':>6} {'compiled':>9}"
    print(f"{'':<20} {columns}  times NumPy (goal {GOAL:g})")
    for name, case in cases().items():
        if options.cases and name not in options.cases:
            continue
        compiled = case.compiled()
        if not all(
            np.allclose(a, b)
            for step in (case.ours, compiled, compiled)
            for a, b in zip(step(), case.by_hand(), strict=True)
        ):
            print(f"{name:<20} left out: its derivative is not that by hand")
            wrong = 1
            continue
        steps = (case.plain, case.by_hand, case.ours, compiled)
        rounds = [[_timed(step, case.calls) for step in steps] for _ in range(options.rounds)]
        numpy, *others = (statistics.median(column) for column in zip(*rounds, strict=True))
        times = " ".join(f"{seconds:7.1f} us" for seconds in (numpy, *others))
        floor, jvp, program = (seconds / numpy for seconds in others)
        verdict = "" if program <= GOAL else f"  over {GOAL:g}"
        print(f"{name:<20} {times}   {floor:8.1f} {jvp:6.1f} {program:9.1f}{verdict}", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
