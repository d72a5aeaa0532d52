"""NumPy's makers of functions (`vectorize`, `fromfunction` ...) for tensors: differentiable in whatever the function
computes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd.core.tensor import Tensor, call
from autograd.errors import OperandError, ShapeError
from autograd.numpy.creation import asarray


class vectorize:
    """Make a function of numbers, or of small arrays, into one of arrays, which calls it for each element. See
    `numpy.vectorize`.

    Without ``otypes`` the result has the dtype that holds all that the function returned. (NumPy takes that of the
    first call, and cuts the others.)

    Parameters
    ----------
    pyfunc : callable
        It gets tensors without axes, or with those that the signature names. Left out, the object is a decorator.
    otypes : str or list of dtype, optional
        The dtype of each output.
    doc : str, optional
    excluded : set of int and str, optional
        The positions and names of arguments that are passed on as they are.
    cache : bool
        Of no effect: no call is made twice.
    signature : str, optional
        The axes that belong to each call, as in ``"(m,n),(n)->(m)"``.

    Examples
    --------
    >>> clipped = vectorize(lambda x, low: x if x > low else low)
    >>> clipped([1.0, 2.0, 3.0], 1.5).tolist()
    [1.5, 2.0, 3.0]
    """

    def __init__(
        self,
        pyfunc: Callable[..., Any] | None = None,
        otypes: str | Iterable[DTypeLike] | None = None,
        doc: str | None = None,
        excluded: Iterable[int | str] | None = None,
        cache: bool = False,
        signature: str | None = None,
    ) -> None:
        self.pyfunc = pyfunc
        self.otypes = None if otypes is None else [np.dtype(each) for each in otypes]
        self.excluded = frozenset(excluded or ())
        self.signature = signature
        self._cores = None if signature is None else _parsed(signature)
        self.__doc__ = doc or getattr(pyfunc, "__doc__", None)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.pyfunc is None:
            if len(args) != 1 or kwargs or not callable(args[0]):
                raise OperandError(
                    "vectorize was made without a function: use it as a decorator of one, or give it pyfunc=."
                )
            self.pyfunc = args[0]
            self.__doc__ = self.__doc__ or self.pyfunc.__doc__
            return self
        places: list[int | str] = [i for i in range(len(args)) if i not in self.excluded]
        places += [name for name in kwargs if name not in self.excluded]
        arrays = [asarray(args[place] if isinstance(place, int) else kwargs[place]) for place in places]
        inputs, outputs = self._cores or ([()] * len(arrays), None)
        if len(inputs) != len(arrays):
            raise OperandError(
                f"vectorize with the signature {self.signature!r} takes {len(inputs)} arrays: received {len(arrays)}."
            )
        batch, arrays = _aligned(arrays, inputs)
        results = []
        for index in np.ndindex(batch):
            values: dict[int | str, Any] = {place: array[index] for place, array in zip(places, arrays, strict=True)}
            given = [values.get(i, arg) for i, arg in enumerate(args)]
            results.append(self.pyfunc(*given, **{name: values.get(name, value) for name, value in kwargs.items()}))
        if not results:
            return self._empty(batch, outputs)
        several = isinstance(results[0], tuple)
        count = len(results[0]) if several else 1
        if outputs is not None and len(outputs) != count:
            raise OperandError(
                f"vectorize with the signature {self.signature!r} needs {len(outputs)} outputs: the function returned "
                f"{count}."
            )
        joined = [
            self._joined(k, [each[k] if several else each for each in results], batch, outputs) for k in range(count)
        ]
        return tuple(joined) if several else joined[0]

    def _joined(self, k: int, results: list[Any], batch: tuple[int, ...], outputs: Any) -> Tensor:
        parts = [asarray(each) for each in results]
        shape = parts[0].shape
        ndim = len(outputs[k]) if outputs is not None else 0
        if len(shape) != ndim or any(part.shape != shape for part in parts):
            shapes = sorted({part.shape for part in parts})
            raise ShapeError(
                f"vectorize takes a function that returns {ndim} axes in every call (signature={self.signature!r}): "
                f"received shapes {shapes}."
            )
        stacked = call(np.stack, parts).reshape(batch + shape)
        return stacked if self.otypes is None else stacked.astype(self.otypes[k])

    def _empty(self, batch: tuple[int, ...], outputs: Any) -> Any:
        if self.otypes is None or any(outputs or ()):
            raise OperandError(
                f"vectorize cannot know what its function returns for arrays of shape {batch}, without elements: pass "
                f"otypes=."
            )
        empty = [Tensor(np.empty(batch, dtype)) for dtype in self.otypes]
        return tuple(empty) if len(empty) > 1 else empty[0]


def _parsed(signature: str) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Return the names of the axes of each input and of each output."""
    arguments = r"\((?:\w+(?:,\w+)*)?\)"
    text = signature.replace(" ", "")
    if not re.fullmatch(rf"{arguments}(?:,{arguments})*->{arguments}(?:,{arguments})*", text):
        raise OperandError(
            f'a signature names the axes of inputs and outputs, as in "(m,n),(n)->(m)": received {signature!r}.'
        )
    inputs, outputs = [
        [tuple(name for name in group[1:-1].split(",") if name) for group in re.findall(arguments, side)]
        for side in text.split("->")
    ]
    return inputs, outputs


def _aligned(arrays: list[Tensor], cores: list[tuple[str, ...]]) -> tuple[tuple[int, ...], list[Tensor]]:
    """Broadcast the axes of arrays that do not belong to the calls, and compare those that do."""
    sizes: dict[str, int] = {}
    for array, core in zip(arrays, cores, strict=True):
        if array.ndim < len(core):
            raise ShapeError(f"an array with the axes ({', '.join(core)}) is needed: received shape {array.shape}.")
        for name, n in zip(core, array.shape[array.ndim - len(core) :], strict=True):
            if sizes.setdefault(name, n) != n:
                raise ShapeError(f"the axis {name} has one length in all arrays: received {sizes[name]} and {n}.")
    batch = np.broadcast_shapes(
        *[array.shape[: array.ndim - len(core)] for array, core in zip(arrays, cores, strict=True)]
    )
    wide = [
        call(np.broadcast_to, array, batch + array.shape[array.ndim - len(core) :])
        for array, core in zip(arrays, cores, strict=True)
    ]
    return batch, wide


def fromfunction(
    function: Callable[..., Any], shape: tuple[int, ...], *, dtype: DTypeLike = float, **kwargs: Any
) -> Any:
    """Call a function with the coordinates of all elements of a shape, as tensors. See `numpy.fromfunction`."""
    return function(*[Tensor(each) for each in np.indices(shape, dtype=dtype)], **kwargs)
