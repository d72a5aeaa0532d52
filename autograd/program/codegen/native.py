"""Machine code by numba, kept on disk from one process to the next."""

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

# Without the lock of Python; divided by zero as NumPy does, and not with an error.
_OPTIONS = {"nogil": True, "error_model": "numpy"}


def need_numba() -> None:
    """See that numba is there."""
    if importlib.util.find_spec("numba") is None:
        raise OperandError(
            "numba=True needs numba, which is not installed: pip install tapegrad[jit]. Without it, the program runs "
            "as NumPy calls."
        )


def has_numba() -> bool:
    """Whether numba is there, can be loaded, and compiles. It may be too old for NumPy, which is no error where nobody
    asked for it.
    """
    if importlib.util.find_spec("numba") is None:
        return False
    try:
        return not importlib.import_module("numba").config.DISABLE_JIT
    except Exception:  # ImportError, and whatever else comes of libraries that do not go together
        return False


def folder() -> str:
    """Return where machine code is kept from one process to the next."""
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache"), "tapegrad")


@functools.cache
def compiled_text(text: str) -> Callable[..., None]:
    """Return the function of a text as machine code: from the disk where it was compiled before, and otherwise when it
    is first called.
    """
    import hashlib  # here, because it would slow the import of the package

    numba = importlib.import_module("numba")
    stem = hashlib.sha256(f"{numba.__version__}\n{text}".encode()).hexdigest()[:32]
    path = os.path.join(folder(), f"{stem}.py")
    # What numba finds on disk asks for the module that it comes from.
    module = sys.modules[f"tapegrad_{stem}"] = ModuleType(f"tapegrad_{stem}")
    module.__file__ = path
    exec(compile(text, path, "exec"), vars(module))
    compiled = numba.njit(module.elements, **_OPTIONS)
    try:
        _write(path, text)
        compiled._cache = _cache_class()(module.elements)
    except (
        OSError,
        RuntimeError,
    ):  # nothing can be written, which numba calls a RuntimeError: it is compiled in each process
        pass
    return compiled


def _write(path: str, text: str) -> None:
    """Write a file at once, so that no other process sees a part of it, unless it is there."""
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
    """Return what numba keeps machine code with, made so that nothing on the disk can stop a program."""

    class Cache(importlib.import_module("numba.core.caching").FunctionCache):  # type: ignore[misc]
        def load_overload(self, sig: Any, target_context: Any) -> Any:
            try:
                found = super().load_overload(sig, target_context)
            except Exception:  # of a file that was cut off or written over, anything
                with contextlib.suppress(Exception):
                    self.flush()
                return None
            # Two processes that write at the same time may leave one's code under the other's signature.
            return None if found is None or tuple(found.signature.args) != tuple(sig) else found

        def save_overload(self, sig: Any, data: Any) -> None:
            with contextlib.suppress(Exception):  # the disk is full
                super().save_overload(sig, data)

    return Cache
