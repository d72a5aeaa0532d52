"""Whose code and classes: the user's, which are read, or those of a library, whose objects are watched as a whole."""

from __future__ import annotations

import functools
import os
import sys
from types import ModuleType
from typing import Any

_PYTHON = os.path.dirname(os.__file__)
# The packages of this distribution.
OURS = tuple(
    os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), name, "") for name in ("autograd", "nn")
)
# Functions whose results are not told by what is reached: a function that names one runs as it is.
UNTOLD = frozenset(
    (
        *("builtins.eval", "builtins.exec", "builtins.globals", "builtins.locals", "builtins.__import__"),
        *("builtins.input", "importlib.import_module", "sys._getframe", "inspect.currentframe", "inspect.stack"),
        *("time.time", "time.time_ns", "time.perf_counter", "time.monotonic", "posix.urandom", "nt.urandom"),
        *("uuid.uuid1", "uuid.uuid4", "secrets.token_bytes", "secrets.randbelow", "secrets.choice", "gc.get_objects"),
        *("numpy.get_printoptions", "numpy.geterr"),
        *("posix.getcwd", "posix.getcwdb", "nt.getcwd", "nt.getcwdb", "posix.listdir", "nt.listdir"),
    )
)
# Functions that read a file, whose text may change between two calls.
READS_FILES = frozenset([f"numpy.{name}" for name in ("load", "loadtxt", "genfromtxt", "fromfile")])
# Functions and classes that run code in another thread or process, where nothing is traced.
APART = frozenset(
    (
        *("threading.Thread", "threading.Timer", "_thread.start_new_thread", "asyncio.threads.to_thread"),
        *("concurrent.futures.thread.ThreadPoolExecutor", "concurrent.futures.process.ProcessPoolExecutor"),
        *("multiprocessing.context.Process", "multiprocessing.context.Pool", "multiprocessing.pool.Pool"),
        *("multiprocessing.context.ThreadPool", "multiprocessing.pool.ThreadPool", "multiprocessing.dummy.Pool"),
    )
)
# Functions that read every attribute of what they are given.
READS_ALL = frozenset(
    (
        *("builtins.vars", "builtins.dir", "dataclasses.asdict", "dataclasses.astuple", "dataclasses.replace"),
        *("copy.copy", "copy.deepcopy", "pickle.dumps", "_pickle.dumps", "inspect.getmembers", "json.dumps"),
        *("inspect.getmembers_static", "pprint.pformat", "dataclasses.fields"),
    )
)
DECIMAL = frozenset(("decimal.getcontext", "decimal.localcontext", "decimal.Decimal"))
# Library objects that are told apart by what they are, and those whose state is no part of what a function computes.
UNCHANGING = (
    *("builtins", "numpy.dtype", "numpy.ufunc", "pathlib", "pathlib._local", "datetime", "re", "uuid", "fractions"),
    *("_thread", "_io", "enum", "inspect", "zoneinfo", "typing", "abc", "numpy._globals", "_weakref"),
)
# Library objects that hold the user's attributes and read none themselves.
BAGS = frozenset(("types.SimpleNamespace", "argparse.Namespace", "_thread._local", "optparse.Values", "logging.Logger"))
# Library classes that add no state to those below them.
STATELESS = frozenset(
    ("abc", "typing", "enum", "collections.abc", "builtins", "types", "numbers", "contextlib", "dataclasses")
)


class Owners:
    """Tells the user's code from that of libraries.

    Parameters
    ----------
    f : callable
        Its package is the user's wherever it is installed.
    """

    def __init__(self, f: Any) -> None:
        self._package = _package_of(f)

    def kinds(self, kind: type) -> list[type]:
        """Return the classes of the user's among a class and those above it: none where its own is a library's."""
        return [] if self.is_of_library(kind) else [each for each in kind.__mro__ if not self.is_of_library(each)]

    def is_library(self, path: str, module: str | None) -> bool:
        """Whether code belongs to Python, to this distribution, or to a package that is installed and is not that of
        the function.
        """
        return _is_library(path, str(module).partition(".")[0] == self._package)

    def is_library_module(self, module: ModuleType) -> bool:
        """Whether a module is a library's. One without a file was made by hand, or is the one that is run."""
        name, path = module.__name__, getattr(module, "__file__", None)
        if path is None and getattr(module, "__path__", None):
            path = next(iter(module.__path__), None)
        if path is None:
            return name.partition(".")[0] in sys.stdlib_module_names and name != "__main__"
        return self.is_library(path, name)

    def is_of_library(self, kind: type) -> bool:
        if kind.__module__ in sys.builtin_module_names or kind.__module__ in ("builtins", "types"):
            return True
        return self.is_library(self.file_of(kind), kind.__module__)

    def file_of(self, kind: type) -> str:
        return getattr(sys.modules.get(kind.__module__), "__file__", None) or ""


@functools.lru_cache(4096)
def _is_library(path: str, of_package: bool) -> bool:
    if path.startswith(OURS):
        return True
    installed = path.startswith((_PYTHON, "<frozen ")) or "site-packages" in path or "dist-packages" in path
    return installed and not of_package


def _package_of(f: Any) -> str:
    """Return the name of the package of a function, which is the user's wherever it is installed."""
    while isinstance(f, functools.partial):
        f = f.func
    return str(getattr(f, "__module__", "") or type(f).__module__).partition(".")[0]


def full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
