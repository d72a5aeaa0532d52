"""Hessians, Jacobians and products with them, next to HIPS autograd and to NumPy by hand: ``python -m
benchmarks.jacobians``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

# In the process of HIPS autograd these are its own: it has our import name.
import autograd
import autograd.numpy as anp
from benchmarks import peers

Step = Callable[[], Any]
N = 100


class Workload(NamedTuple):
    """A computation that is timed.

    Attributes
    ----------
    ours : callable
        Takes no arguments, and returns an array.
    by_hand : callable or None
        The same in NumPy; None where HIPS autograd is the measure, with the same function.
    goal : float
        How many times the time of that ours may take.
    """

    ours: Step
    by_hand: Step | None
    goal: float


def _rosenbrock(x: Any) -> Any:
    return anp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def workloads() -> dict[str, Workload]:
    """Return the workloads by name; the same numbers each time. Those by hand are there where `autograd` is ours."""
    random = np.random.default_rng(0)
    x = random.normal(size=N)
    layers = [(random.normal(size=(N, N)) / 10, random.normal(size=N)) for _ in range(3)]

    def mlp(x: Any) -> Any:
        for w, b in layers:
            x = anp.tanh(anp.dot(x, w) + b)
        return x

    found = {
        "Hessian of Rosenbrock": Workload(lambda: autograd.hessian(_rosenbrock)(x), None, 1 / 4),
        "Jacobian of an MLP": Workload(lambda: autograd.jacobian(mlp)(x), None, 1 / 3),
    }
    if not hasattr(autograd, "vmap"):
        return found

    points, signs = random.normal(size=(2000, N)), random.choice([-1.0, 1.0], size=2000)
    w, v = random.normal(size=(2, N)) * 0.1
    inputs, labels = autograd.Tensor(points), autograd.Tensor(signs)  # values, of which a tape makes no copies

    def logistic(w: Any) -> Any:
        return anp.mean(anp.log1p(anp.exp(-labels * anp.dot(inputs, w))))

    def product_by_hand() -> Any:
        s = 1 / (1 + np.exp(points @ w * signs))
        return points.T @ (s * (1 - s) * (points @ v)) / len(points)

    def on_tape() -> Any:
        source = autograd.Tensor(w)
        with autograd.GradientTape() as tape:
            tape.watch(source)
            loss = logistic(source)
        return tape.hvp(loss, source, v).numpy()

    compiled = autograd.compile(lambda w, v: autograd.hvp(logistic, [w], [v]))

    return found | {
        "hvp of a logistic regression": Workload(lambda: autograd.hvp(logistic, [w], [v]), product_by_hand, 1.6),
        "the same compiled": Workload(lambda: compiled(w, v), product_by_hand, 1.6),
        "the same by tape.hvp": Workload(on_tape, product_by_hand, 1.6),
    }


def _milliseconds(step: Step, calls: int = 20) -> float:
    """Return the time of the best of some calls: the one that nobody interrupted."""
    best = float("inf")
    for _ in range(calls):
        start = time.perf_counter()
        step()
        best = min(best, time.perf_counter() - start)
    return best * 1e3


def measured() -> dict[str, dict[str, Any]]:
    """Return, for each workload, the times of both sides here, and numbers to compare results by."""
    result: dict[str, dict[str, Any]] = {}
    for name, workload in workloads().items():
        y = workload.ours()
        probe = np.cos(np.arange(N))
        result[name] = {
            "ours": _milliseconds(workload.ours),
            "numbers": np.dot(y, probe).tolist() if y.ndim > 1 else y.tolist(),
        }
        if workload.by_hand:
            result[name] |= {"other": _milliseconds(workload.by_hand), "expected": workload.by_hand().tolist()}
    return result


def _of_process(framework: peers.Framework) -> Any:
    command = peers.command(framework, "-m", "benchmarks.jacobians", "--worker")
    done = subprocess.run(command, env=peers.environment(framework, 1), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code: 1 if two results differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.jacobians", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each has its turn (default: %(default)s)")
    parser.add_argument(
        "--hips",
        type=Path,
        help="a folder in which HIPS autograd is installed (default: where `benchmarks install` puts it)",
    )
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.worker:
        print(json.dumps(measured()))
        return 0
    hips = peers.Framework("hips", "HIPS autograd", "", "autograd", path=(options.hips or peers.HIPS,))
    here = peers.Framework("tapegrad", "tapegrad", "", "autograd")
    there = (options.hips or peers.HIPS).exists()
    rounds = [(_of_process(here), _of_process(hips) if there else {}) for _ in range(options.rounds)]
    wrong = 0
    print(f"{'':<30} {'other':>10} {'tapegrad':>10}   ratio    goal")
    for name, workload in workloads().items():
        if not (workload.by_hand or there):
            print(f"{name:<30} HIPS autograd is not there: python -m benchmarks install")
            continue
        pairs = [(ours[name], ours[name] if workload.by_hand else theirs[name]) for ours, theirs in rounds]
        times = [(a["ours"], b["other" if workload.by_hand else "ours"]) for a, b in pairs]
        if not np.allclose(
            pairs[0][0]["numbers"], pairs[0][1]["expected" if workload.by_hand else "numbers"], rtol=1e-9
        ):
            print(f"{name:<30} left out: the results differ")
            wrong = 1
            continue
        ratio = statistics.median([a / b for a, b in times])
        ours, other = (statistics.median(column) for column in zip(*times, strict=True))
        verdict = "met" if ratio <= workload.goal else "missed"
        print(f"{name:<30} {other:>7.2f} ms {ours:>7.2f} ms   {ratio:5.2f}   {workload.goal:5.2f} {verdict}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
