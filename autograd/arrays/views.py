"""Views: tensors that show a part of another one, their base, and write through to it.

A record never changes, so a write gives the base another value under another identity. A view has a link: its base, and
the way from there (an index or a `Path`). Where the base is written, the views that show its old value become stale. A
stale view takes its value again when it is read, by an operation that tapes record. A write into a view writes the
base.
So a program that writes through slices, rows, transposes or reshaped arrays means what it means in NumPy.
"""

from __future__ import annotations

import dis
import sys
import weakref
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, NoReturn

import numpy as np

from autograd.errors import DtypeError, OperandError, ReadOnlyError, ShapeError
from autograd.registry.operations import getitem, scatter
from autograd.registry.paths import composed, is_static, path_of

# The parts of complex numbers: views that can be written, though they are no elements.
_PARTS = (np.real, np.imag)
# Views that NumPy does not let be written.
LOCKED = (np.diagonal, np.broadcast_to)

# The functions that can return a view of an operand, and the position of that operand.
VIEWING: dict[Any, int] = dict.fromkeys(
    (getitem, np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.matrix_transpose, np.reshape, np.ravel,
     np.squeeze, np.expand_dims, np.flip, np.flipud, np.fliplr, np.rot90, *_PARTS, *LOCKED),
    0,
) | {np.einsum: 1}  # fmt: skip


# Where a view comes from: its base; the way from there (an index, a `Path`, numpy.real or numpy.imag); whether it is
# locked. A plain tuple, because every indexing makes one.
Link = tuple[Any, Any, bool]


class Views:
    """The part of a `Tensor` that concerns views and writes. A tensor has ``_link`` if it is a view, and ``_views``,
    weak references to the views that show its present value, if there are any.
    """

    __slots__ = ()
    _apply: Callable[..., Any]
    _stale: type
    _link: Link
    _views: list[Any]

    def _show(self: Any, fn: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], operands: Any) -> None:
        """Make this output of a function a view of its operand, if it shares memory with it."""
        position = VIEWING[fn]
        if position >= len(args) or not isinstance(args[position], Views):
            return
        base, shown, data = args[position], self._value, operands[position]
        owner = shown.base
        if not shown.ndim or (owner is not data and shown is not data and (owner is None or owner is not data.base)):
            return
        link = getattr(base, "_link", None)
        if link is None and fn is getitem:
            self._link = (base, args[1], False)
            self._follow(base)
            return
        root, way = _way(base, link, fn, args, kwargs, position)
        self._link = (root, way, fn in LOCKED or (link is not None and link[2]))
        self._follow(root)

    def _follow(self: Any, base: Any) -> None:
        """Become stale when the base is written."""
        try:
            views = base._views
        except AttributeError:
            base._views = [16, weakref.ref(self)]
            return
        if len(views) > views[0]:  # those that are gone go, once in a while
            views[1:] = [each for each in views[1:] if each() is not None]
            views[0] = 2 * len(views) + 16
        views.append(weakref.ref(self))

    def _rebind(self: Any, value: Any, identity: Any) -> None:
        """Give this handle another value under another identity."""
        if hasattr(self, "_views"):
            self._outdate()
        self._value, self._id = value, identity

    def _outdate(self: Any) -> None:
        """Make the views of this tensor stale, and the views of these."""
        views = self._views[1:]
        del self._views
        for each in views:
            if (view := each()) is not None:
                set_class(view, view._stale)
                _wait(each)
                if hasattr(view, "_views"):
                    view._outdate()

    def _renew(self: Any) -> None:
        """Take the value of a stale view again."""
        base, way, _ = self._link
        part = self._apply(way, base) if way in _PARTS else self._apply(getitem, base, way)
        set_class(self, self.__class__)
        self._value, self._id = part._value, part._id
        self._follow(base)

    def _write_through(self: Any, index: Any, value: Any) -> None:
        """Write into the base of this view."""
        base, way, locked = self._link
        if locked:
            refuse_locked(self.shape)
        both = composed(base.shape, way, index) if is_static(index) and is_static(way) else None
        if both is not None:
            self._forget()
            base._write(both, value)
            return
        part = self._alone()
        self._forget()
        part._write(index, value)
        if way is np.real:
            part = part + base.imag * 1j
        elif way is np.imag:
            part = base.real + part * 1j
        base._write(... if way in _PARTS else way, part)

    def _forget(self: Any) -> None:
        """Drop the value of a view: its base is to be the sole owner of its array."""
        self._value = None
        set_class(self, self._stale)
        _wait(weakref.ref(self))


# The views that are stale in this thread or task, by weak references.
_stale_views: ContextVar[list[Any] | None] = ContextVar("autograd_stale_views", default=None)
_MANY = 256  # stale views, after which those that are gone are dropped from the list


def _wait(view: Any) -> None:
    """Take note that a view is stale."""
    waiting = _stale_views.get()
    if waiting is None:
        _stale_views.set([view])
        return
    if len(waiting) % _MANY == 0:
        waiting[:] = [each for each in waiting if each() is not None]
    waiting.append(view)


def settle() -> None:
    """Renew all stale views. Called before other recorders become active: those that recorded the write record this."""
    waiting = _stale_views.get()
    if waiting:
        _stale_views.set(None)
        for each in waiting:
            if (view := each()) is not None:
                view._id  # noqa: B018 - a stale view takes its value when it is read


set_class = object.__dict__["__class__"].__set__


def refuse_locked(shape: tuple[int, ...]) -> NoReturn:
    """Refuse to write into a view that NumPy does not let be written either."""
    raise ReadOnlyError(
        f"assignment destination is read-only: numpy.diagonal and numpy.broadcast_to return views that cannot be "
        f"written (here one of shape {shape}). Write into the tensor itself, or into a copy."
    )


def _way(
    base: Any, link: Link | None, fn: Callable[..., Any], args: Any, kwargs: dict[str, Any], position: int
) -> tuple[Any, Any]:
    """Return the base of a view, and the way from it: from the base of the operand, where that is a view itself."""
    if fn in _PARTS and base._value.dtype.kind == "c":
        return base, fn
    way = args[1] if fn is getitem else path_of(fn, args, kwargs, position)
    if link is None or not is_static(link[1]) or not is_static(way):
        return base, way
    both = composed(link[0].shape, link[1], way)
    return (base, way) if both is None else (link[0], both)


_STORE = dis.opmap["STORE_SUBSCR"]


def is_swap(depth: int) -> bool:
    """Whether an item is stored by a library that swaps the items of a sequence.

    ``x[i], x[j] = x[j], x[i]`` means in a program what it means in NumPy, where both rows become the same one. The
    functions that shuffle a sequence mean its items. They store without a statement of Python's, or are Python's own.
    """
    frame = sys._getframe(depth + 1)
    return frame.f_code.co_code[frame.f_lasti] != _STORE or frame.f_globals.get("__name__") == "random"


# ----------------------------------------------------------------------------------------- results written into tensors
def fitting(result: Any, target: Any, fn: Callable[..., Any]) -> Any:
    """Return the result of an operation in the dtype of the tensor that it is written into, or refuse it as NumPy does.

    Raises
    ------
    ShapeError, DtypeError
        If it has another shape, or a dtype of another kind.
    """
    if result.shape != target.shape:
        raise ShapeError(
            f"{fn.__name__} cannot be written in place: the result has shape {result.shape}, and the tensor that it is "
            f"written into has shape {target.shape}. Bind it to a name instead: x = x + y in place of x += y."
        )
    if result.dtype == target.dtype:
        return result
    if not np.can_cast(result.dtype, target.dtype, "same_kind"):
        raise DtypeError(
            f"{fn.__name__} cannot be written in place: the result has dtype {result.dtype}, and the tensor that it is "
            f"written into has dtype {target.dtype}. Convert the tensor first: x = x.astype({result.dtype.name!r})."
        )
    return result.astype(target.dtype)


def write_out(fn: Callable[..., Any], result: Any, out: Any, where: Any = True) -> Any:
    """Write the results of a function into the tensors that were given as ``out``, and return these."""
    outs = out if isinstance(out, tuple) else (out,)
    results = result if isinstance(result, tuple) else (result,)
    written = []
    for each, target in zip(results, outs, strict=True):
        if target is not None:
            if isinstance(fn, np.ufunc) and np.broadcast_shapes(each.shape, target.shape) == target.shape:
                each = np.broadcast_to(each, target.shape)
            each = fitting(each, target, fn)
            target[...] = each if where is True else np.where(where, each, target)
        written.append(each if target is None else target)
    return tuple(written) if isinstance(result, tuple) else written[0]


def takes_out(out: Any) -> bool:
    """Whether results can be written into what was given as ``out``: tensors, or None in place of one."""
    return all(each is None or isinstance(each, Views) for each in (out if isinstance(out, tuple) else (out,)))


def add_at(ufunc: np.ufunc, x: Any, index: Any, *values: Any) -> None:
    """Do ``ufunc.at(x, index, value)`` for a sum or a difference: an element counts as often as its index occurs."""
    if ufunc not in (np.add, np.subtract) or not isinstance(x, Views):
        raise OperandError(
            f"{ufunc.__name__}.at does not take tensors. np.add.at and np.subtract.at write into a tensor. For another "
            f"ufunc write x[index] = {ufunc.__name__}(x[index], value), where an index that repeats counts once."
        )
    tensor: Any = x
    part = np.broadcast_to(values[0], tensor[index].shape)
    tensor[...] = fitting(ufunc(tensor, scatter([part], [index], tensor.shape)), tensor, ufunc)
