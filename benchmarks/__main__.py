"""The command line: ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from autograd.files import write_file
from benchmarks.peers import FRAMEWORKS, HIPS_PACKAGE, PACKAGES, install
from benchmarks.problems import WORKLOADS
from benchmarks.run import imports, run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["install"]:
        print(f"Installing {', '.join([*PACKAGES, HIPS_PACKAGE])} into benchmarks/.peers")
        install(given[1:])
        return 0
    keys = [framework.key for framework in FRAMEWORKS]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Time tapegrad and its peers, as ratios to NumPy written by hand. Nothing is written unless --out "
        "asks for it.",
        epilog="python -m benchmarks install [PIP OPTION ...] gets the peers, into benchmarks/.peers (3.5 GB).",
    )
    parser.add_argument(
        "workloads", nargs="*", metavar="WORKLOAD", help=f"of {', '.join([*WORKLOADS, 'import'])} (default: all)"
    )
    parser.add_argument(
        "--frameworks", type=lambda text: text.split(","), default=keys, help=f"of {','.join(keys)} (default: all)"
    )
    parser.add_argument("--rounds", type=int, default=11, help="how often each has its turn (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=0.3, help="how long a turn takes (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="how many each may use (default: %(default)s)")
    parser.add_argument(
        "--out",
        type=Path,
        help="write what is printed to this file; with the suffix .json every time that was measured",
    )
    options = parser.parse_args(given)
    workloads = options.workloads or [*WORKLOADS, "import"]
    for kind, names, known in (
        ("workload", workloads, [*WORKLOADS, "import"]),
        ("framework", options.frameworks, keys),
    ):
        for name in names:
            if name not in known:
                parser.error(f"unknown {kind} {name!r}: choose from {', '.join(known)}")

    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        print(line, flush=True)

    timed = [workload for workload in workloads if workload != "import"]
    measured = run(timed, options.frameworks, options.rounds, options.seconds, options.threads, say) if timed else {}
    if "import" in workloads:
        measured["import"] = imports(options.frameworks, options.rounds, say)
    if options.out:
        text = json.dumps(measured, indent=1) if options.out.suffix == ".json" else "\n".join(lines)
        write_file(options.out, f"{text}\n".encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
