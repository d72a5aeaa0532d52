"""Runs the rounds and makes the tables."""

from __future__ import annotations

import datetime
import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from benchmarks.peers import FRAMEWORKS, HAND, Framework, Process, command, environment, missing
from benchmarks.problems import WORKLOADS, Goal

Say = Callable[[str], None]
# Milliseconds that an import may add to that of NumPy.
IMPORT_GOALS = {"tapegrad": 30.0, "nn": 60.0}
TITLES = {framework.key: framework.title for framework in FRAMEWORKS}


class Times(NamedTuple):
    """The times of one workload in one framework: seconds of a step in each round, and processor seconds per second."""

    seconds: list[float]
    loads: list[float]


def run(workloads: list[str], keys: list[str], rounds: int, seconds: float, threads: int, say: Say) -> dict[str, Any]:
    """Time workloads, and say the tables line by line.

    Parameters
    ----------
    workloads : list of str
    keys : list of str
        Of the frameworks. NumPy by hand always takes part.
    rounds : int
        How often each framework has its turn.
    seconds : float
        How long a turn takes.
    threads : int
        How many each framework may use.
    say : callable
        Takes one line.

    Returns
    -------
    dict
        Everything that was measured, as JSON can say it.
    """
    say(_headline(rounds, seconds, threads))
    processes = []
    measured: dict[str, Any] = {}
    try:
        processes = list(started([f for f in FRAMEWORKS if f.key in keys or f is HAND], threads, say))
        for workload in workloads:
            say(f"\n{workload}: {WORKLOADS[workload].title}")
            times = timed(workload, _agreeing(workload, processes, say), rounds, seconds)
            measured[workload] = {key: each._asdict() for key, each in times.items()}
            for line in _table(workload, times, threads):
                say(line)
    finally:
        for process in processes:
            process.close()
    return measured


def imports(keys: list[str], rounds: int, say: Say) -> dict[str, list[float]]:
    """Time what importing each framework adds to importing NumPy, each time in a new process; milliseconds."""
    packages: dict[Any, Framework] = {}  # what several frameworks import is timed once
    for framework in FRAMEWORKS:
        if framework.key in keys and framework is not HAND:
            packages.setdefault((framework.imports, framework.path), framework)
    frameworks = [f for f in packages.values() if missing(f) is None]
    found: dict[str, list[float]] = {f.key: [] for f in frameworks}
    for _ in range(rounds):
        for framework in frameworks:
            code = (
                "import numpy, time; t = time.perf_counter(); "
                f"import {framework.imports}; print(time.perf_counter() - t)"
            )
            output = subprocess.run(
                command(framework, "-c", code),
                env=environment(framework, 1),
                capture_output=True,
                text=True,
                check=True,
            )
            found[framework.key].append(float(output.stdout) * 1e3)
    say(f"\nimport, over `import numpy`{'':<4}      median          best")
    for framework in frameworks:
        times, goal = found[framework.key], IMPORT_GOALS.get(framework.key)
        verdict = f"   goal {goal:.0f} ms: {'met' if statistics.median(times) <= goal else 'missed'}" if goal else ""
        say(f"  {framework.title:<28} {statistics.median(times):8.1f} ms   {min(times):8.1f} ms{verdict}")
    return found


def started(frameworks: Iterable[Framework], threads: int, say: Say) -> Iterable[Process]:
    """Start the processes. One that does not come up is left out, with a line that says why."""
    for framework in frameworks:
        lacking = missing(framework)
        if lacking:
            say(f"  {framework.title:<20} left out: {lacking}")
            continue
        process = Process(framework, threads)
        about = process.ask("about")
        if "error" in about:
            say(f"  {framework.title:<20} left out: {about['error']}")
            process.close()
            continue
        say(f"  {framework.title:<20} {', '.join(f'{name} {version}' for name, version in about['versions'].items())}")
        process.workloads = about["workloads"]
        yield process


def _agreeing(workload: str, processes: list[Process], say: Say) -> list[Process]:
    """Return the processes whose result is that of NumPy by hand, ready to be timed."""
    ready = []
    for process in processes:
        if workload not in process.workloads:
            continue
        checked = process.ask("check", workload=workload)
        if "error" not in checked and checked["off"] > checked["tolerance"]:
            checked["error"] = f"computes something else: {checked['name']} is off by {checked['off']:.1e} of its norm"
        prepared = checked if "error" in checked else process.ask("prepare", workload=workload)
        if "error" in prepared:
            say(f"  {process.framework.title:<20} left out: {prepared['error']}")
        else:
            ready.append(process)
    return ready


def timed(workload: str, processes: list[Process], rounds: int, seconds: float) -> dict[str, Times]:
    """Give each process its turn in each round, in another order each time."""
    times = {process.framework.key: Times([], []) for process in processes}
    for turn in range(rounds):
        start = turn % len(processes)
        for process in processes[start:] + processes[:start]:
            answer = process.ask("time", workload=workload, seconds=seconds)
            times[process.framework.key].seconds.append(answer["seconds"])
            times[process.framework.key].loads.append(answer["load"])
    return times


def _table(workload: str, times: dict[str, Times], threads: int) -> Iterable[str]:
    """Yield the lines of a table: the median time, the median of the ratios within each round, their quartiles, and
    what the goals are.
    """
    yield f"  {'':<20} {'time':>10}   {'x by hand':>9}   {'quartiles':<14} goals"
    for framework in FRAMEWORKS:
        if framework.key not in times:
            continue
        found = ratios(times[framework.key], times[HAND.key])
        low, middle, high = statistics.quantiles(found, n=4, method="inclusive") if len(found) > 1 else found * 3
        seconds = statistics.median(times[framework.key].seconds)
        line = (
            f"  {framework.title:<20} {_microseconds(seconds):>10}   {middle:9.2f}   {f'{low:.2f} .. {high:.2f}':<14}"
        )
        goals = [
            goal for goal in WORKLOADS[workload].goals if goal.framework == framework.key and goal.threads == threads
        ]
        cores = statistics.median(times[framework.key].loads)
        if cores > 1.1 * threads:
            line += f" (it used {cores:.1f} cores)"
        yield " ".join([line, "; ".join(filter(None, (_verdict(goal, times) for goal in goals)))]).rstrip()
    hand = times[HAND.key]
    spread = max(hand.seconds) / min(hand.seconds)
    yield (
        f"  noise: NumPy by hand took {spread:.2f} times its best in its worst round, "
        f"and had {min(hand.loads):.0%} of a core there or more"
    )


def ratios(mine: Times, other: Times) -> list[float]:
    """Return the ratios within each round, sorted."""
    return sorted(a / b for a, b in zip(mine.seconds, other.seconds, strict=True))


def _verdict(goal: Goal, times: dict[str, Times]) -> str:
    """Say whether a goal is met; nothing where none of the rivals took part."""
    present = {key: statistics.median(times[key].seconds) for key in goal.rivals if key in times}
    if not present:
        return ""
    rival = min(present, key=present.__getitem__)
    ratio = statistics.median(ratios(times[goal.framework], times[rival]))
    return f"{goal.ratio:g} x {TITLES[rival]}: {'met' if ratio <= goal.ratio else 'missed'} with {ratio:.2f}"


def _microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:.{1 if seconds < 1e-4 else 0}f} us"


def _headline(rounds: int, seconds: float, threads: int) -> str:
    machine = f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    return (
        f"{datetime.date.today()}, {machine}, {threads} thread{'s' if threads > 1 else ''} for each: "
        "those of BLAS, of loops over blocks and of a compiler's own pool\n"
        f"{rounds} rounds of {seconds:g} s, frameworks in turn, each in its own process; garbage collection on"
    )


def _processor() -> str:
    with suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"
