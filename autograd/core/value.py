"""TensorBase: an immutable array and the identity by which tapes know it, with the ways from NumPy and back to it.

A `Tensor` without its operations.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd.arrays.exchange import Exchange, who_asked
from autograd.arrays.ownership import ALONE, references
from autograd.arrays.show import html_array
from autograd.arrays.views import Handle
from autograd.core.tracing import Tracer, active_tracer, listeners
from autograd.errors import DetachedError, OperandError, ShapeError

next_id = itertools.count(1).__next__


class TensorBase(Handle, Exchange):
    """The array inside a tensor, and the ways out of it: to NumPy, to Python, to a screen, to other libraries."""

    __slots__ = ()
    _value: np.ndarray[Any, Any]
    _id: int

    # -- what it is
    @property
    def shape(self) -> tuple[int, ...]:
        return self._value.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._value.dtype

    @property
    def ndim(self) -> int:
        return self._value.ndim

    @property
    def size(self) -> int:
        return self._value.size

    @property
    def itemsize(self) -> int:
        return self._value.itemsize

    @property
    def nbytes(self) -> int:
        return self._value.nbytes

    def __len__(self) -> int:
        if not self._value.ndim:
            raise OperandError("len() of a tensor without axes: its shape is ().")
        return len(self._value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._shown()}, shape={self.shape}, dtype={self.dtype})"

    def _repr_html_(self) -> str:
        return html_array(f"{type(self).__name__}, shape {self.shape}, {self.dtype}", self._read("print"))

    def _shown(self) -> str:
        return np.array2string(self._read("print"), separator=", ", prefix=f"{type(self).__name__}(")

    def __str__(self) -> str:
        return str(self._read("print"))

    def __format__(self, spec: str) -> str:
        return format(self._read("print"), spec) if spec else str(self)

    # -- to NumPy, and to numbers
    def numpy(self) -> np.ndarray[Any, Any]:
        """Return the value as a read-only view. Nothing that is computed from it has a derivative."""
        value = self._read("array")
        value.flags.writeable = False
        return value.view()

    def item(self, *index: int) -> Any:
        """Return one element as a Python number. Nothing that is computed from it has a derivative."""
        return self._read("item" if self._value.size == 1 else "array").item(*index)

    def tolist(self) -> Any:
        """Return the value as nested lists of Python numbers, without a derivative."""
        return self._read("array").tolist()

    def tobytes(self, order: Any = "C") -> bytes:
        """Return the bytes of the value. Nothing that is computed from them has a derivative."""
        return self._read("array").tobytes(order)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        self._refuse_to_detach("np.asarray", "t.numpy()")
        if dtype is not None and np.dtype(dtype) != self.dtype:
            if copy is False:
                raise ValueError(
                    f"a copy is needed to turn {self.dtype} into {np.dtype(dtype)}, and copy=False forbids it."
                )
            return self._read("array").astype(dtype)
        return self._read("array").copy() if copy else self.numpy()

    def __float__(self) -> float:
        self._refuse_to_detach("float", "t.item()")
        return float(self._one())

    def __complex__(self) -> complex:
        self._refuse_to_detach("complex", "t.item()")
        return complex(self._one())

    def __int__(self) -> int:
        return int(self._one("int"))

    def __bool__(self) -> bool:
        return bool(self._one("bool"))

    def __index__(self) -> int:
        return self._read("int").__index__()

    def _read(self, how: str) -> np.ndarray[Any, Any]:
        """Return the array for Python to look at. A program that is traced meanwhile holds where that shows the same
        (see `autograd.compile`).
        """
        if (tracer := active_tracer()) is not None:
            tracer.see_read(self, how)
        return self._value

    def _one(self, how: str = "item") -> Any:
        if self.size != 1:
            raise ShapeError(
                f"only a tensor of one element is one number: received shape {self.shape}. Reduce it first (np.any, "
                "np.all, .sum(), .mean())."
            )
        return self._read(how).item()

    # -- who else knows it
    def _refuse_to_detach(self, asked: str, advice: str) -> None:
        if self._is_tracked():
            raise DetachedError(
                f"{asked}(t) of a tensor of shape {self.shape} that an active tape tracks would lose its derivative in "
                f"silence. Use a function of autograd.numpy in place of the one that asked for the array, or {advice} "
                f"to detach the value on purpose.{who_asked()}"
            )

    def _announce(self, recorders: tuple[Any, ...], tracer: Tracer | None, identity: int) -> None:
        """Let listeners know that the value of an identity was read. A value with state overrides it."""

    def _is_tracked(self) -> bool:
        """Tell whether an active recorder tracks the value."""
        recorders = listeners()[0]
        if not recorders:
            return False
        self._announce(recorders, None, self._id)
        return any(recorder.tracks(self._id) for recorder in recorders)

    def _is_followed(self) -> bool:
        """Tell whether the value must stay a tensor: a recorder tracks it, or a tracer hears of it."""
        recorders, tracer, _ = listeners()
        self._announce(recorders, tracer, self._id)
        return tracer is not None or any(recorder.tracks(self._id) for recorder in recorders)

    def _is_sole_owner(self, others: int = 0) -> bool:
        """Tell whether only this handle, and so many others, hold the array: no tape, no view, no other tensor."""
        return self._value.base is None and references(self._value) <= ALONE + others
