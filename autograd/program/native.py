"""Compiles functions by numba, and caches the machine code on disk."""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import os
import stat
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from autograd.errors import OperandError
from autograd.files import write_file

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
    given = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification ignores a relative path: it would be another folder wherever the program starts.
    base = given if os.path.isabs(given) else os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "tapegrad")


def is_safe(path: str) -> bool:
    """Whether a file or a folder belongs to the user, and nobody else can write there: what is loaded from it runs."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    if not hasattr(os, "geteuid"):  # Windows keeps a user's folders from others
        return True
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


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
        _write(path, text.encode())
        cache = _cache_class()(module.elements)
        if is_safe(folder()) and is_safe(cache.cache_path):
            compiled._cache = cache
    except (OSError, RuntimeError):  # numba raises RuntimeError where it cannot write: each process compiles anew
        pass
    return compiled


def _write(path: str, content: bytes) -> None:
    """Write a file, unless it is there."""
    if os.path.isfile(path):
        with open(path, "rb") as file:
            if file.read(len(content) + 1) == content:
                return
    os.makedirs(folder(), mode=0o700, exist_ok=True)
    write_file(path, content)


@functools.cache
def _cache_class() -> Any:
    """Return a variant of numba's cache that no state of the disk makes fail."""

    class Cache(importlib.import_module("numba.core.caching").FunctionCache):  # type: ignore[misc]
        def load_overload(self, sig: Any, target_context: Any) -> Any:
            try:
                stem = os.path.splitext(os.path.basename(self._py_func.__code__.co_filename))[0]
                with os.scandir(self.cache_path) as entries:
                    if not all(is_safe(each.path) for each in entries if each.name.startswith(stem)):
                        self.disable()  # to save reads the index, too
                        return None
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
