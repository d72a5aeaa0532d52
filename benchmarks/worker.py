"""The process of one framework: reads commands as lines of JSON, and answers each with a line.

It runs in the interpreter of its framework, so it needs NumPy and the standard library, and nothing else of this
project."""

from __future__ import annotations

import importlib
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from typing import Any

from benchmarks.frameworks import by_hand
from benchmarks.problems import TIMED_RATE, WORKLOADS, Case, difference

# Shorter than the turns that an operating system gives to processes, so that the median is of batches that nobody
# interrupted.
BATCH_SECONDS = 0.002
WARM_UP_SECONDS = 0.2


class Worker:
    """The commands of a framework's process. Every method takes and returns what JSON can say."""

    def __init__(self, module: str) -> None:
        self._module = importlib.import_module(f"benchmarks.frameworks.{module}")
        self._cases: dict[str, Case] = {}

    def about(self) -> dict[str, Any]:
        """Return the versions of the framework, and the workloads that it takes part in."""
        versions = {name: metadata.version(name) for name in self._module.REQUIRES}
        return {
            "versions": {"Python": platform.python_version(), **versions},
            "workloads": [w for w in WORKLOADS if hasattr(self._module, w)],
        }

    def check(self, workload: str) -> dict[str, Any]:
        """Compare the result of some steps with that of NumPy written by hand. Return how far it is off, and where."""
        about = WORKLOADS[workload]
        differs = getattr(self._module, "DIFFERS", {}).get(workload, {})
        problem = replace(about.make(), learning_rate=about.check_rate, **differs)
        cases = [getattr(module, workload)(problem) for module in (by_hand, self._module)]
        for case in cases:
            for _ in range(about.check_steps):
                case.step()
        off, name = difference(problem, *[case.result() for case in cases])
        return {"off": off, "name": name, "tolerance": about.tolerance}

    def prepare(self, workload: str) -> dict[str, Any]:
        """Make the case that is timed, and run it until everything is compiled and warm."""
        case = getattr(self._module, workload)(replace(WORKLOADS[workload].make(), learning_rate=TIMED_RATE))
        end = time.perf_counter() + WARM_UP_SECONDS
        case.step()
        while time.perf_counter() < end:
            case.step()
        self._cases[workload] = case
        return {}

    def time(self, workload: str, seconds: float) -> dict[str, Any]:
        """Return the seconds of one step (the median over batches of steps), and how much processor time a
        second cost.
        """
        step = self._cases[workload].step
        count = max(1, int(BATCH_SECONDS / _seconds_of(step, 1)))
        batches = []
        wall, processor = time.perf_counter(), time.process_time()
        while time.perf_counter() - wall < seconds:
            batches.append(_seconds_of(step, count) / count)
        load = (time.process_time() - processor) / (time.perf_counter() - wall)
        return {"seconds": statistics.median(batches), "load": load}


def _seconds_of(step: Callable[[], Any], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        step()
    return time.perf_counter() - start


def main() -> None:
    """Serve until the input ends. The output of a framework goes to the standard error, so that it cannot break
    an answer.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    worker = None
    for line in sys.stdin:
        command = json.loads(line)
        try:
            if worker is None:
                worker = Worker(sys.argv[1])
            answer = getattr(worker, command.pop("do"))(**command)
        except Exception as error:  # whatever it is, the other frameworks go on
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
