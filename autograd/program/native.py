"""Compiles functions by numba, and caches the machine code on disk."""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from autograd.errors import OperandError

# Without the GIL; division by zero as in NumPy, and not an error.
_OPTIONS = {"nogil": True, "error_model": "numpy"}


def need_numba() -> None:
    """Refuse to go on without numba."""
    if importlib.util.find_spec("numba") is None:
        raise OperandError(
            "numba=True needs numba, which is not installed: pip install tapegrad[jit]. Without it, the program runs "
            "as NumPy calls."
        )


def has_numba() -> bool:
    """Whether numba is installed, loads, and compiles. One too old for NumPy is no error where nobody asked for it."""
    if importlib.util.find_spec("numba") is None:
        return False
    try:
        return not importlib.import_module("numba").config.DISABLE_JIT
    except Exception:  # ImportError, or anything else that incompatible libraries raise
        return False


def folder() -> str:
    """Return the folder of the cache."""
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache"), "tapegrad")


@functools.cache
def compiled_text(text: str) -> Callable[..., None]:
    """Return the function of a text as machine code: loaded from the cache, or else compiled at its first call."""
    import hashlib  # here, because it would slow the import of the package

    numba = importlib.import_module("numba")
    stem = hashlib.sha256(f"{numba.__version__}\n{text}".encode()).hexdigest()[:32]
    path = os.path.join(folder(), f"{stem}.py")
    # Code that numba loads from disk asks for its module by name.
    module = sys.modules[f"tapegrad_{stem}"] = ModuleType(f"tapegrad_{stem}")
    module.__file__ = path
    exec(compile(text, path, "exec"), vars(module))
    compiled = numba.njit(module.elements, **_OPTIONS)
    try:
        _write(path, text)
        compiled._cache = _cache_class()(module.elements)
    except (OSError, RuntimeError):  # numba raises RuntimeError where it cannot write: each process compiles anew
        pass
    return compiled


def _write(path: str, text: str) -> None:
    """Write a file atomically, so that no other process sees a part of it, unless it is there."""
    if os.path.isfile(path):
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    import tempfile  # here, because it would slow the import of the package

    os.makedirs(folder(), mode=0o700, exist_ok=True)
    number, part = tempfile.mkstemp(dir=folder())
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(part, path)


@functools.cache
def _cache_class() -> Any:
    """Return a variant of numba's cache that no state of the disk makes fail."""

    class Cache(importlib.import_module("numba.core.caching").FunctionCache):  # type: ignore[misc]
        def load_overload(self, sig: Any, target_context: Any) -> Any:
            try:
                found = super().load_overload(sig, target_context)
            except Exception:  # a truncated or overwritten file can raise anything
                with contextlib.suppress(Exception):
                    self.flush()
                return None
            # Two processes that write at the same time may leave one's code under the other's signature.
            return None if found is None or tuple(found.signature.args) != tuple(sig) else found

        def save_overload(self, sig: Any, data: Any) -> None:
            with contextlib.suppress(Exception):  # the disk is full
                super().save_overload(sig, data)

    return Cache
