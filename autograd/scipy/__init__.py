"""SciPy's functions, differentiable: `special`, `linalg`, `sparse`, `signal`, `stats`, `integrate`; an optional extra.

Every function takes what SciPy's takes, and tensors besides, and returns tensors. SciPy's own ufuncs
(``scipy.special.gammaln``) take tensors too, and have derivatives as soon as `autograd.scipy.special` is imported."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

try:
    import scipy as scipy
except ImportError as error:
    raise ImportError('autograd.scipy needs SciPy, which is not installed: pip install "tapegrad[scipy]"') from error

_MODULES = ("integrate", "linalg", "signal", "sparse", "special", "stats")

if not TYPE_CHECKING:  # a type checker takes this for a promise of every name

    def __getattr__(name: str) -> Any:
        """Import a module when it is first asked for, as SciPy itself does: each brings much of SciPy along."""
        if name in _MODULES:
            return importlib.import_module(f"{__name__}.{name}")
        raise AttributeError(f"autograd.scipy has no {name}. It has {', '.join(_MODULES)}.")
