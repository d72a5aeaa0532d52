"""Time this checkout against another one, in turns: ``python -m benchmarks.against PATH``.

A ratio above 1 says that this checkout is slower. Each round gives both a turn, so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.peers import FRAMEWORKS, HAND, ROOT, Framework, Process, command, environment
from benchmarks.problems import WORKLOADS
from benchmarks.run import ratios, timed

OURS = {framework.key: framework for framework in FRAMEWORKS if not framework.peer and framework is not HAND}


def pair(framework: Framework, other: Path) -> tuple[Framework, Framework]:
    """Return a framework as it is here, and as another checkout has it."""
    return framework, framework._replace(key=f"{framework.key} there", path=(other,))


def workloads(
    names: Iterable[str], keys: Iterable[str], other: Path, rounds: int, seconds: float
) -> Iterable[tuple[str, list[float]]]:
    """Yield, for each workload in each of our frameworks, its name and the ratio of each round."""
    for key in keys:
        here, there = (Process(framework, 1) for framework in pair(OURS[key], other))
        try:
            both = set(here.ask("about").get("workloads", ())) & set(there.ask("about").get("workloads", ()))
            for name in names:
                if name in both and not any("error" in each.ask("prepare", workload=name) for each in (here, there)):
                    times = timed(name, [here, there], rounds, seconds)
                    yield f"{name}, {key}", ratios(*times.values())
        finally:
            here.close()
            there.close()


def operations(other: Path, rounds: int) -> Iterable[tuple[str, list[float]]]:
    """Yield, for each operation outside and on a tape, its name and the ratio of each round."""

    def turn(root: Path) -> dict[str, tuple[float, float]]:
        framework = Framework("", "", "", "autograd", path=(root,))
        run = command(framework, str(ROOT / "benchmarks" / "operations.py"), "--rounds", "15", "--json")
        done = subprocess.run(run, env=environment(framework, 1), capture_output=True, text=True, check=True)
        found: dict[str, tuple[float, float]] = json.loads(done.stdout)
        return found

    turns = [(turn(ROOT), turn(other)) for _ in range(rounds)]
    for name in turns[0][0]:
        for column, where in enumerate(("plain", "on a tape")):
            yield f"{name}, {where}", sorted(here[name][column] / there[name][column] for here, there in turns)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against", description=__doc__)
    parser.add_argument("other", type=Path, help="the root of another checkout, such as a `git worktree`")
    parser.add_argument(
        "workloads", nargs="*", metavar="WORKLOAD", help=f"of {', '.join([*WORKLOADS, 'operations'])} (default: all)"
    )
    parser.add_argument("--frameworks", type=lambda text: text.split(","), default=["tapegrad", "compiled", "nn"])
    parser.add_argument("--rounds", type=int, default=11, help="how many turns each has (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=0.3, help="how long a turn takes (default: %(default)s)")
    options = parser.parse_args(arguments)
    names = options.workloads or [*WORKLOADS, "operations"]
    for name in names:
        if name not in (*WORKLOADS, "operations"):
            parser.error(f"unknown workload {name!r}: choose from {', '.join([*WORKLOADS, 'operations'])}")
    if not (options.other / "autograd").is_dir():
        parser.error(f"{options.other} is no checkout of tapegrad: it has no folder autograd")
    print(f"{'time here over time there':<32}   median   quartiles")
    other, whole = options.other.resolve(), [name for name in names if name != "operations"]
    timings = [workloads(whole, options.frameworks, other, options.rounds, options.seconds)]
    if "operations" in names:
        timings.append(operations(other, options.rounds))
    for lines in timings:
        for name, found in lines:
            low, middle, high = statistics.quantiles(found, n=4, method="inclusive") if len(found) > 1 else found * 3
            print(f"{name:<32} {middle:8.3f}   {low:.3f} .. {high:.3f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
