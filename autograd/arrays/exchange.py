"""How other libraries take the value of a tensor: the array API standard, and DLPack; and who asked for it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Self

import numpy as np


class Exchange:
    """The part of a tensor that hands its value to other libraries."""

    __slots__ = ()
    _value: np.ndarray[Any, Any]
    _read: Callable[[str], np.ndarray[Any, Any]]
    _refuse_to_detach: Callable[[str, str], None]
    numpy: Callable[[], np.ndarray[Any, Any]]

    @property
    def device(self) -> str:
        return "cpu"

    def to_device(self, device: str, /, *, stream: None = None) -> Self:
        """Return the tensor itself, on the one device there is: "cpu"."""
        if device != "cpu" or stream is not None:
            raise ValueError(
                f"tensors live on the device 'cpu', without streams: received device={device!r}, stream={stream!r}."
            )
        return self

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """Return `autograd.numpy`, the namespace of the functions that take tensors by the Python array API
        standard.
        """
        namespace = sys.modules["autograd.numpy"]  # which stands above this module, and which the package imports
        if api_version is not None and api_version > namespace.__array_api_version__:
            raise ValueError(
                f"the namespace follows the array API standard of {namespace.__array_api_version__}: received "
                f"api_version={api_version!r}."
            )
        return namespace

    def __dlpack_device__(self) -> tuple[Any, int]:
        return self._value.__dlpack_device__()

    def __dlpack__(
        self,
        *,
        stream: None = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[Any, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        """Hand the value to another library: as a view where the protocol can say that it is read-only, and as a copy
        elsewhere.
        """
        self._refuse_to_detach("from_dlpack", "t.numpy()")
        locks = max_version is not None and max_version[0] >= 1
        if not locks and copy is False:
            raise BufferError(
                "DLPack before version 1.0 cannot say that memory is read-only: leave copy=False out, which copies the "
                "value."
            )
        data = self.numpy() if locks and not copy else self._read("array").copy()
        return data.__dlpack__(stream=stream, max_version=max_version, dl_device=dl_device)


_ADVICE = {
    "pandas": "Give the values of a Series or a DataFrame to the operation: series.to_numpy().",
    "scipy.sparse": "autograd.scipy.sparse has matmul and spsolve for a constant sparse matrix.",
    "scipy.optimize": "Minimize a function of arrays: autograd.scipy_objective makes one, with its gradient.",
    "scipy": "autograd.scipy has functions with derivatives under the names of SciPy.",
}


def who_asked() -> str:
    """Return a sentence about the installed library that asked for the array of a tensor, with what to write instead;
    nothing where that was the code of the user.
    """
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] in ("autograd", "numpy"):
        frame = frame.f_back
    module = frame.f_globals.get("__name__", "")
    advice = next((text for name, text in _ADVICE.items() if f"{module}.".startswith(f"{name}.")), "")
    if not advice and "site-packages" not in frame.f_code.co_filename:
        return ""
    return f" It was {module} ({frame.f_code.co_name}) that asked. {advice}".rstrip()
