"""Variable: the one thing with state."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from autograd.arrays.exclusive import exclusive, lending
from autograd.arrays.intake import numeric
from autograd.arrays.show import html_array
from autograd.arrays.views import fitting
from autograd.core.arguments import refuse_loss, unwrap
from autograd.core.convert import raw
from autograd.core.recorder import Recorder
from autograd.core.tensor import Tensor, apply
from autograd.core.tracing import Tracer, active_tracer
from autograd.core.value import next_id
from autograd.errors import DtypeError, ShapeError
from autograd.registry.operations import setitem
from autograd.registry.paths import write_at

_SHORT = 1024  # elements, up to which a value is sooner made anew than written in place


class Variable(Tensor):
    """A tensor with state: a value that can be replaced, such as a weight that is trained.

    A tape watches every trainable variable that is read while it records. A tape that has read a value keeps that
    value: assigning a new one changes no gradient of what was computed before.

    Parameters
    ----------
    initial_value : array_like
        Copied.
    trainable : bool, default True
        Whether tapes watch it without being told.
    dtype : dtype, optional
    name : str, optional
        Shown in summaries and error messages.

    Attributes
    ----------
    trainable : bool
    name : str

    Raises
    ------
    DtypeError
        If the value is not numeric.
    OperandError
        If the value is a masked array or a `numpy.matrix`, or a variable is told to be read-only by item: see `assign`.

    Examples
    --------
    >>> w = Variable([1.0, 2.0], name="w")
    >>> with autograd.GradientTape() as tape:
    ...     loss = np.sum(w * w)
    >>> w.assign_sub(0.5 * tape.gradient(loss, w))
    Variable([0., 0.], shape=(2,), dtype=float64, name='w')
    """

    __slots__ = ("_lock", "name", "trainable")

    def __init__(
        self,
        initial_value: ArrayLike | Tensor,
        trainable: bool = True,
        dtype: DTypeLike | None = None,
        name: str | None = None,
    ) -> None:
        self._value = numeric(raw(initial_value), dtype, True)
        self._id = next_id()
        self.trainable = trainable
        self.name = name or "variable"
        if (tracer := active_tracer()) is not None:
            tracer.see_new(self)

    def assign(self, value: ArrayLike | Tensor) -> Variable:
        """Replace the value. The new value has no derivative with respect to what it was computed from.

        Parameters
        ----------
        value : array_like
            Of the same shape, and of a dtype that loses nothing in this variable's.

        Returns
        -------
        Variable
            Itself.

        Raises
        ------
        ShapeError, DtypeError
            If the value does not fit. The variable keeps its value.
        """
        array = self._fitting(value, "assign")
        tracer = active_tracer()
        if tracer is not None:
            tracer.see_variable(self)
            if isinstance(value, Variable):
                tracer.see_variable(value)
        if self._value.size <= _SHORT and not hasattr(self, "_lock"):
            self._rebind(np.array(array, self.dtype), next_id())
        else:
            with exclusive([self]):
                self._own()[...] = array
        if tracer is not None:
            tracer.see_assign(self, array, isinstance(value, Tensor))
        return self

    def assign_add(self, delta: ArrayLike | Tensor) -> Variable:
        """Add to the value, and return the variable itself. See `assign`."""
        self._update(np.add, delta, self._fitting(delta, "assign_add"))
        return self

    def assign_sub(self, delta: ArrayLike | Tensor) -> Variable:
        """Subtract from the value, and return the variable itself. See `assign`."""
        self._update(np.subtract, delta, self._fitting(delta, "assign_sub"))
        return self

    def _update(self, fn: np.ufunc, given: Any, delta: np.ndarray[Any, Any]) -> None:
        """Combine the value with another one: in place where it is long; a short one is sooner made anew than asked who
        holds it.
        """
        if active_tracer() is not None:
            self.assign(apply(fn, self, given).astype(self.dtype))
        elif self._value.size <= _SHORT and delta.dtype == self._value.dtype and not hasattr(self, "_lock"):
            self._rebind(np.asarray(fn(self._value, delta)), next_id())
        else:
            with exclusive([self]):
                buffer = self._own()
                fn(buffer, delta, out=buffer)

    def writing(self) -> AbstractContextManager[np.ndarray[Any, Any]]:
        """Lend out the buffer of the value, to be changed in place while the block lasts.

        Where a tape, a view or another tensor still holds the value, the buffer is a copy, so that they keep it. After
        the block it cannot be written any more.

        Raises
        ------
        OperandError
            At the end of the block, if an operation on a tape read the variable in it, or if somebody kept the buffer
            or a view of it.

        Examples
        --------
        >>> w = Variable([1.0, 2.0])
        >>> with w.writing() as buffer:
        ...     buffer *= 0.5
        """
        if (tracer := active_tracer()) is not None:
            tracer.refuse(f"variable {self.name!r} lends out its buffer by writing()")
        return lending(self)

    def _own(self) -> np.ndarray[Any, Any]:
        """Return a buffer of the value that nobody else holds, under a new identity."""
        if self._is_sole_owner():
            self._value.flags.writeable = True
            self._rebind(self._value, next_id())
        else:
            self._rebind(self._value.copy(order="K"), next_id())
        return self._value

    def _fitting(self, value: Any, asked: str) -> np.ndarray[Any, Any]:
        """Check that a value can be stored here, and return it as an array."""
        if (
            isinstance(value, Tensor)
            and value._value.dtype is self._value.dtype
            and value._value.shape == self._value.shape
        ):
            return value._value
        weak = not isinstance(value, (Tensor, np.ndarray, np.generic))
        array = np.asarray(raw(value))
        if array.shape != self.shape:
            raise ShapeError(
                f"{asked}: variable {self.name!r} has shape {self.shape}, received shape {array.shape}. "
                f"A variable keeps its shape: reshape or broadcast the value first."
            )
        if not np.can_cast(array.dtype, self.dtype, "same_kind" if weak else "safe"):
            raise DtypeError(
                f"{asked}: variable {self.name!r} has dtype {self.dtype}, received dtype {array.dtype}, which does not "
                f"fit without loss. Convert it first: value.astype({self.dtype.name!r})."
            )
        return array

    def _announce(self, recorders: tuple[Recorder, ...], tracer: Tracer | None, identity: int) -> None:
        if tracer is not None:
            tracer.see_variable(self)
        for recorder in recorders:
            if identity not in recorder.heard:
                recorder.see_variable(self, identity)

    def _write(self, index: Any, value: Any) -> None:
        """Assign a part of the value. As with `assign`, the new value has no derivative."""
        if active_tracer() is not None:
            self.assign(apply(setitem, self, index, value))
            return
        raw_index, raw = unwrap(index)[0], unwrap(value)[0]
        refuse_loss(self.dtype, raw, 0)
        with exclusive([self]):
            write_at(self._own(), raw_index, raw)

    def _become(self, result: Tensor, fn: np.ufunc) -> Variable:
        """Assign the result of an augmented operator."""
        return self.assign(fitting(result, self, fn))

    def __deepcopy__(self, memo: dict[int, Any]) -> Variable:
        return Variable(self._value, self.trainable, name=self.name)

    def __copy__(self) -> Variable:
        return self.__deepcopy__({})

    def __reduce__(self) -> tuple[Any, ...]:
        return Variable, (self._value, self.trainable, None, self.name)

    def __repr__(self) -> str:
        return f"Variable({self._shown()}, shape={self.shape}, dtype={self.dtype}, name={self.name!r})"

    def _repr_html_(self) -> str:
        return html_array(f"Variable {self.name!r}, shape {self.shape}, {self.dtype}", self._value)
