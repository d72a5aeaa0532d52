"""The frameworks that are compared: where each lives, how it is started, how it is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "benchmarks" / ".peers"
PYTHON = PEERS / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
HIPS = PEERS / "hips"
PACKAGES = ["torch==2.13.0", "jax==0.10.2", "jaxlib==0.10.2", "tensorflow==2.21.0", "mygrad==2.5.0"]
HIPS_PACKAGE = "autograd==1.9.1"


class Framework(NamedTuple):
    """One row of the tables.

    Attributes
    ----------
    key : str
        By which the command line knows it.
    title : str
    module : str
        In `benchmarks.frameworks`.
    imports : str
        The module whose import is timed.
    peer : bool
        Whether it runs in the environment of the peers, rather than in this one.
    path : tuple of Path
        Folders that come before the repository's on its path.
    """

    key: str
    title: str
    module: str
    imports: str
    peer: bool = False
    path: tuple[Path, ...] = ()


HAND = Framework("numpy", "NumPy by hand", "by_hand", "numpy")
FRAMEWORKS = [
    HAND,
    Framework("tapegrad", "tapegrad", "tapegrad_eager", "autograd"),
    Framework("compiled", "tapegrad, compiled", "tapegrad_compiled", "autograd"),
    Framework("numba", "tapegrad, numba", "tapegrad_numba", "numba"),
    Framework("nn", "tapegrad, nn.Model", "tapegrad_model", "nn"),
    Framework("torch", "PyTorch, eager", "torch_eager", "torch", peer=True),
    Framework("torch-compile", "PyTorch, compile", "torch_compiled", "torch", peer=True),
    Framework("jax", "JAX, jit", "jax_jit", "jax", peer=True),
    Framework("tf", "TensorFlow, function", "tf_function", "tensorflow", peer=True),
    Framework("hips", "HIPS autograd", "hips_autograd", "autograd", peer=True, path=(HIPS,)),
    Framework("mygrad", "MyGrad", "mygrad_eager", "mygrad", peer=True),
]


def environment(framework: Framework, threads: int) -> dict[str, str]:
    """Return the environment variables of a framework's process: its path, and how many threads it may use.

    None that tunes a library is passed on, so that each takes the kernels that it has for the processor.
    """
    tuning = ("PYTHON", "OMP_", "MKL_", "OPENBLAS_", "BLIS_", "XLA_", "JAX_")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(tuning)}
    variables["PYTHONPATH"] = os.pathsep.join(map(str, (*framework.path, ROOT)))
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        variables[name] = str(threads)
    variables["JAX_PLATFORMS"] = "cpu"
    if threads == 1:
        variables["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    variables["NPROC"] = str(threads)
    return variables


def command(framework: Framework, *arguments: str) -> list[str]:
    """Return the command line that runs Python for a framework; ``-P`` keeps the current folder off its path."""
    return [str(PYTHON) if framework.peer else sys.executable, "-P", *arguments]


def missing(framework: Framework) -> str | None:
    """Return what to do to get a framework that is not there, or None."""
    if framework.peer and not PYTHON.exists():
        return "not installed: python -m benchmarks install"
    code = f"import {framework.imports}"
    found = subprocess.run(
        command(framework, "-c", code), env=environment(framework, 1), capture_output=True, text=True, check=False
    )
    if found.returncode == 0:
        return None
    why = found.stderr.strip().splitlines()[-1:] or ["no reason given"]
    return f"{why[0]}{' (to install it: python -m benchmarks install)' if framework.peer else ''}"


def install(options: Sequence[str] = ()) -> None:
    """Install the peers, with the NumPy that runs here, into ``benchmarks/.peers``. Options are handed on to pip.

    Raises
    ------
    subprocess.CalledProcessError
        If pip fails; it has said why.
    """
    if not PYTHON.exists():
        venv.create(PEERS / "venv", with_pip=True)
    pip = [str(PYTHON), "-m", "pip", "install", *options]
    subprocess.run([*pip, f"numpy=={metadata.version('numpy')}", *PACKAGES], check=True)
    subprocess.run([*pip, "--no-deps", "--upgrade", "--target", str(HIPS), HIPS_PACKAGE], check=True)


class Process:
    """A framework's process, which is asked one thing at a time and otherwise sleeps."""

    def __init__(self, framework: Framework, threads: int) -> None:
        self.framework = framework
        self.workloads: list[str] = []
        self._process = subprocess.Popen(
            command(framework, "-m", "benchmarks.worker", framework.module),
            env=environment(framework, threads),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        assert self._process.stdin
        assert self._process.stdout
        self._commands, self._answers = self._process.stdin, self._process.stdout

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Send a command and wait for its answer, which has the key ``error`` if something went wrong."""
        try:
            self._commands.write(json.dumps({"do": do, **arguments}) + "\n")
            self._commands.flush()
            line = self._answers.readline()
        except BrokenPipeError:
            line = ""
        return json.loads(line) if line else {"error": f"its process ended (exit code {self._process.wait()})"}

    def close(self) -> None:
        """Let the process end."""
        self._commands.close()
        self._answers.close()
        self._process.wait()
