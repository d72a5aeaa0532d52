"""Views: tensors that show a part of another one, their base, and write through to it.

A record never changes, so a write gives the base another value under another identity. A view has a link: its base, and
the way from there (an index or a `Path`). Where the base is written, the views that show its old value become stale. A
stale view takes its value again when it is read, by an operation that tapes record. A write into a view writes the
base. So a program that writes through slices, rows, transposes or reshaped arrays means what it means in NumPy.
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
from autograd.registry.paths import composed, frozen, is_static, path_of

# The parts of complex numbers: views that can be written, though they are no elements.
_PARTS = (np.real, np.imag)
# Views that NumPy does not let be written.
LOCKED = (np.diagonal, np.broadcast_to)

# The functions that can return a view of an operand.
VIEWING = frozenset(
    (getitem, np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.matrix_transpose, np.reshape, np.ravel,
     np.squeeze, np.expand_dims, np.flip, np.flipud, np.fliplr, np.rot90, np.einsum, *_PARTS, *LOCKED)
)  # fmt: skip

_DEEPEST = 16  # views of views, after which a view goes back to the first base at once

# Where a view comes from, as a plain tuple, because every indexing makes one: its base; the index; or the call of
# another function (itself, arguments, keywords, the position of the base); how deep it stands in views; whether it is
# locked.
Link = tuple[Any, Any, Any, int, bool]


def viewed(fn: Callable[..., Any], args: Sequence[Any]) -> int:
    """Return the position of the operand of which a function in `VIEWING` takes a view."""
    return 1 if fn is np.einsum and isinstance(args[0], str) else 0


class Handle:
    """The places in a handle on a value. A tensor and a value of a batch have the same, so that a write can make the
    one of the other: an array and an identity, or all values of a batch and its level.

    ``_link`` is there where a tensor is a view, and ``_views`` where it has views.
    """

    __slots__ = ("__weakref__", "_id", "_link", "_value", "_views")


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
        position = viewed(fn, args)
        if position >= len(args) or not isinstance(args[position], Views):
            return
        base, shown, data = args[position], self._value, operands[position]
        owner = shown.base
        if not shown.ndim or (owner is not data and shown is not data and (owner is None or owner is not data.base)):
            return
        if fn is getitem:
            self._attach(base, args[1])
            return
        if len(args) > 1 or kwargs:
            args, kwargs = frozen(args), {name: frozen(value) for name, value in kwargs.items()}
        self._attach(base, None, (fn, args, kwargs, position), fn in LOCKED)

    def _attach(self: Any, base: Any, index: Any, step: Any = None, locked: bool = False) -> None:
        """Become a view of a base."""
        link, depth = getattr(base, "_link", None), 1
        if link is not None:
            depth, locked = link[3] + 1, locked or link[4]
            if depth > _DEEPEST and is_static(way := _way(index, step)):
                base, index = base._from_the_first(way)
                step, depth = None, getattr(base, "_link", (0, 0, 0, 0))[3] + 1
        self._link = (base, index, step, depth, locked)
        self._follow(base)

    def _from_the_first(self: Any, way: Any) -> tuple[Any, Any]:
        """Return the first base of this view, and what stands there for a static way from this view."""
        base = self
        while (link := getattr(base, "_link", None)) is not None:
            outer = _way(link[1], link[2])
            if not is_static(outer) or _is_part(link):
                break
            base, way = link[0], composed(link[0].shape, outer, way)
        return base, way

    def _shows(self, base: Any, index: Any) -> bool:
        """Whether this is the view that an index took of a base."""
        link = getattr(self, "_link", None)
        return link is not None and link[0] is base and link[1] is index and link[2] is None

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
        self._value, self._id = value, identity
        if hasattr(self, "_views"):
            self._outdate()

    def _outdate(self: Any) -> None:
        """Make the views of this tensor stale, and the views of these."""
        views = self._views
        del self._views
        for each in views[1:]:
            if (view := each()) is not None:
                set_class(view, view._stale)
                _wait(each)
                if hasattr(view, "_views"):
                    view._outdate()

    def _renew(self: Any) -> None:
        """Take the value of a stale view again.

        The class is changed last, so that another thread reads no old value meanwhile, and back where the base was
        written meanwhile.
        """
        base, index, step, *_ = self._link
        seen = getattr(base, "_id", None)  # values of a batch have none
        part = self._apply(getitem, base, index) if step is None else self._apply(step[0], *step[1], **step[2])
        if not isinstance(part, Views):  # values of a batch were written into the base
            part._replace(self)
            return
        self._value, self._id = part._value, part._id
        self._follow(base)
        set_class(self, self.__class__)
        if base._id != seen:
            set_class(self, self._stale)
            _wait(weakref.ref(self))

    def _write_through(self: Any, index: Any, value: Any) -> None:
        """Write into the base of this view."""
        base, at, step, _, locked = self._link
        if locked:
            refuse_locked(self.shape)
        way = _way(at, step)
        if is_static(index) and is_static(way) and not _is_part(self._link):
            both = composed(base.shape, way, index)
            self._forget()
            base._write(both, value)
            return
        part = self._alone()
        self._forget()
        part._write(index, value)
        if _is_part(self._link):
            way, part = ..., part + base.imag * 1j if step[0] is np.real else base.real + part * 1j
        base._write(way, part)

    def _forget(self: Any) -> None:
        """Drop the value of a view: its base is to be the sole owner of its array."""
        set_class(self, self._stale)
        self._value = None
        _wait(weakref.ref(self))


def _way(index: Any, step: Any) -> Any:
    """Return the way from the base of a view: the index, or the path that stands for a call."""
    return index if step is None else path_of(*step)


def _is_part(link: Link) -> bool:
    """Whether a view is a part of complex numbers."""
    return link[2] is not None and link[2][0] in _PARTS and link[0].dtype.kind == "c"


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
    while waiting:
        view = waiting.pop()()
        if isinstance(view, Views) and type(view) is view._stale:
            view._renew()


set_class = object.__dict__["__class__"].__set__


def refuse_locked(shape: tuple[int, ...]) -> NoReturn:
    """Refuse to write into a view that NumPy does not let be written either."""
    raise ReadOnlyError(
        f"assignment destination is read-only: numpy.diagonal and numpy.broadcast_to return views that cannot be "
        f"written (here one of shape {shape}). Write into the tensor itself, or into a copy."
    )


# A slice has an instruction of its own since Python 3.12.
_STORES = {dis.opmap[name] for name in ("STORE_SUBSCR", "STORE_SLICE") if name in dis.opmap}


def is_swap(depth: int) -> bool:
    """Whether an item is stored by a library that swaps the items of a sequence.

    ``x[i], x[j] = x[j], x[i]`` means in a program what it means in NumPy, where both rows become the same one. The
    functions that shuffle a sequence mean its items. They store without a statement of Python's, or are Python's own,
    and hold the item alone.
    """
    frame = sys._getframe(depth + 1)
    return frame.f_code.co_code[frame.f_lasti] not in _STORES or frame.f_globals.get("__name__") == "random"


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
    return all(each is None or isinstance(each, Handle) for each in (out if isinstance(out, tuple) else (out,)))


def add_at(ufunc: np.ufunc, x: Any, index: Any, *values: Any) -> None:
    """Do ``ufunc.at(x, index, value)`` for a sum or a difference: an element counts as often as its index occurs."""
    if ufunc not in (np.add, np.subtract) or not isinstance(x, Handle):
        raise OperandError(
            f"{ufunc.__name__}.at does not take tensors. np.add.at and np.subtract.at write into a tensor. For another "
            f"ufunc write x[index] = {ufunc.__name__}(x[index], value), where an index that repeats counts once."
        )
    tensor: Any = x
    part = np.broadcast_to(values[0], tensor[index].shape)
    tensor[...] = fitting(ufunc(tensor, scatter([part], [index], tensor.shape)), tensor, ufunc)
