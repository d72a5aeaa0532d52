"""Batched: a value that is an array for each element of a batch, and looks like one of them.

The batch is the first axis of the array inside, hidden from who computes with it. Every function of NumPy and of ours
comes by its protocols, and runs once on the whole batch where `autograd.rules.batch` says how; elsewhere it runs once
for each element, with the same result.

Inside is an array, a tensor (then tapes record what is done to the whole batch), or a batched value of a mapped
function around this one."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from autograd.arrays.methods import ArrayMethods
from autograd.arrays.parameters import canonical
from autograd.arrays.views import (
    LOCKED,
    VIEWING,
    Handle,
    add_at,
    fitting,
    refuse_locked,
    set_class,
    settle,
    takes_out,
    viewed,
    write_out,
)
from autograd.core.arguments import Interceptor
from autograd.core.convert import raw
from autograd.core.tensor import as_operand
from autograd.errors import OperandError, ShapeError
from autograd.registry.entries import Entry, facts_of, name_of
from autograd.registry.operations import getitem, setitem
from autograd.registry.paths import frozen, is_static, path_of, read_at
from autograd.rules.batch import elementwise
from autograd.transforms.levels import Level, active_levels, inside

Function = TypeVar("Function", bound=Callable[..., Any])


class NeedsOneValue(OperandError):
    """One value was asked for, and there is one for each element of a batch."""


def _in_place(fn: np.ufunc) -> Callable[[Any, Any], Any]:
    """Make an augmented operator, as those of a `Tensor`: in place on an array of one or more axes."""

    def operator(self: Any, other: Any) -> Any:
        result = dispatch(fn, (self, other), {})
        return self._become(fitting(result, self, fn)) if self.ndim else result

    return operator


def raw_of(value: Any) -> Any:
    """Return the array inside a value; of a batch that of all its elements."""
    while isinstance(value, Batched):
        value = value.full
    return raw(value)


_FULL, _LEVEL, _LINK = (vars(Handle)[name] for name in ("_value", "_id", "_link"))


class Batched(NDArrayOperatorsMixin, ArrayMethods[Any], Handle, Interceptor):
    """A value for each element of a batch. See the module.

    Attributes
    ----------
    full : array, Tensor or Batched
        All of them: the first axis is the batch.
    level : Level
        Of what function.
    """

    __slots__ = ()
    __array_priority__ = 1000.0
    _full = _FULL
    level = _LEVEL

    def __init__(self, full: Any, level: Level) -> None:
        self._full = full
        self._link: tuple[Batched, Any, Any, bool] | None = None
        self.level = level

    @property
    def full(self) -> Any:
        """All values. A view takes them from its base, which may have been written since."""
        if self._link is not None:
            base, way, seen, locked = self._link
            if base.full is not seen:
                if way is None:
                    self._refuse_view()
                self._full = dispatch(getitem, (base, way), {}).full
                self._link = base, way, base.full, locked
        return self._full

    @staticmethod
    def _call(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return dispatch(fn, args, kwargs)

    _apply = _call

    # -- what each looks like
    @property
    def shape(self) -> tuple[int, ...]:
        return self.full.shape[1:]

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.full.dtype

    @property
    def ndim(self) -> int:
        return self.full.ndim - 1

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def __repr__(self) -> str:
        return f"Batched(shape={self.shape}, dtype={self.dtype}, for each of {self.level.size})"

    def __len__(self) -> int:
        if not self.ndim:
            raise OperandError("len() of a batched value without axes: its shape is ().")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    # -- one value is asked for
    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise NeedsOneValue(
            f"inside vmap a value of shape {self.shape} stands for {self.level.size} values, and one was asked for (by "
            "if, float, int, np.asarray, to index an array or to be written into one). Choose with np.where in place "
            "of `if`, join values with np.stack, write into what autograd.numpy.zeros makes, or loop over the batch."
        )

    __bool__ = __float__ = __int__ = __complex__ = __index__ = __array__ = item = tolist = numpy = _refuse
    _value = property(_refuse)  # for code that takes it for a tensor

    @property
    def _id(self) -> int:
        raise AttributeError("a batched value has no identity of its own.")

    # -- indexing
    def __getitem__(self, index: Any) -> Any:
        return dispatch(getitem, (self, index), {})

    def __setitem__(self, index: Any, value: Any) -> None:
        self._become(dispatch(setitem, (self, index, value), {}))

    def _become(self, changed: Any) -> Any:
        """Take over a value in place. A view writes its base with it."""
        if self._link is None:
            self._full, self.level = changed.full, changed.level
        else:
            base, way, _, locked = self._link
            if way is None:
                self._refuse_view()
            if locked:
                refuse_locked(self.shape)
            base[way] = changed
        return self

    def write_into(self, tensor: Any, index: Any, value: Any) -> None:
        """Make a tensor batched, and write values of a batch into it."""
        level = innermost((index, value)) or self.level
        if tensor._id < level.number:
            raise OperandError(
                f"inside vmap the values of a batch cannot be written into a tensor of shape {tensor.shape} that was "
                "made before the mapped function was called: it is one for all elements. Make it inside the function, "
                "or write into a copy."
            )
        whole = Batched(exposed(tensor._alone(), level), level)
        whole[index] = value
        whole._replace(tensor)

    def _replace(self, tensor: Any) -> None:
        """Make the handle of a tensor one of this value."""
        if hasattr(tensor, "_views"):
            tensor._outdate()
        set_class(tensor, Batched)
        for place in (_FULL, _LEVEL, _LINK):
            place.__set__(tensor, place.__get__(self))
        settle()  # its views become values of the batch, too

    def _write(self, index: Any, value: Any) -> None:
        self[index] = value

    def _refuse_view(self) -> NoReturn:
        raise OperandError(
            f"inside vmap a view of shape {self._full.shape[1:]} cannot be written, nor read once its base is written: "
            "it shows a part of complex numbers, or a reshaped array, which is a view or a copy depending on how each "
            "array lies in memory. Write into the array itself by an index, or work on a copy of the view."
        )

    def _show(self, fn: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Batched:
        """Become a view of the first operand of a function, if the value of each element is a view of its operand."""
        position = viewed(fn, args)
        base = args[position] if len(args) > position else None
        if not isinstance(base, Batched) or base.level is not self.level or not self.ndim or not self.level.size:
            return self
        way = (
            args[1]
            if fn is getitem
            else path_of(fn, frozen(tuple(args)), {name: frozen(value) for name, value in kwargs.items()}, position)
        )
        if fn in (np.real, np.imag) and base.dtype.kind == "c":
            self._link = base, None, base.full, False
        elif is_static(way):
            ones = raw_of(base.full)[0], np.empty(base.shape)
            shares = {np.may_share_memory(read_at(one, way), one) for one in ones}
            if True in shares:
                locked = fn in LOCKED or (base._link is not None and base._link[3])
                self._link = base, way if len(shares) == 1 else None, base.full, locked
        return self

    # -- operators: those of the mixin; what works in place gives the name another value
    __hash__ = object.__hash__

    def __pow__(self, other: Any) -> Any:
        return dispatch(operator.pow if type(other) in (int, float) else np.power, (self, other), {})

    __iadd__ = _in_place(np.add)
    __isub__ = _in_place(np.subtract)
    __imul__ = _in_place(np.multiply)
    __itruediv__ = _in_place(np.true_divide)
    __imatmul__ = _in_place(np.matmul)
    __ifloordiv__ = _in_place(np.floor_divide)
    __imod__ = _in_place(np.remainder)
    __iand__ = _in_place(np.bitwise_and)
    __ior__ = _in_place(np.bitwise_or)
    __ixor__ = _in_place(np.bitwise_xor)
    __ilshift__ = _in_place(np.left_shift)
    __irshift__ = _in_place(np.right_shift)
    __ipow__ = _in_place(np.power)

    # -- NumPy's protocols
    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "at":
            return add_at(ufunc, *inputs)
        if method == "__call__":
            return dispatch(ufunc, inputs, kwargs)
        if method == "outer" and len(inputs) == 2:
            return ufunc(np.reshape(inputs[0], np.shape(inputs[0]) + (1,) * np.ndim(inputs[1])), inputs[1], **kwargs)
        function = facts_of(ufunc).methods.get(method)
        if function is None:
            raise OperandError(f"{ufunc.__name__}.{method} does not take the values of a batch.")
        return dispatch(function, inputs, {"axis": 0} | kwargs)

    def __array_function__(self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        return dispatch(func, args, kwargs)

    def intercept(self, fn: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
        return dispatch(fn, args, kwargs)


# -------------------------------------------------------------------------------------- functions of batched values
def dispatch(fn: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """Call a function on the whole batch of the innermost level among its arguments."""
    level = innermost((args, kwargs))
    if level is None:
        return fn(*args, **kwargs)
    entry = facts_of(fn)
    if entry.reads == "shapes":
        return fn(*_map(args, lambda x: _stand_in(x, level)), **_map(kwargs, lambda x: _stand_in(x, level)))
    if kwargs.get("out") is not None:
        return _written_out(fn, args, dict(kwargs))
    if entry.body is not None:
        try:
            return entry.body(*args, **kwargs)
        except NeedsOneValue:  # it looks at values
            if entry.kind != "writer":
                return one_by_one(fn, args, kwargs, level)
            if not takes_out(args[0]):
                raise
            args[0][...] = one_by_one(_changed_by(fn), args, kwargs, level)
            return None
    if entry.elementwise or entry.batch is not None:
        result = _at_once(fn, entry, args, kwargs, level)
        if result is not NotImplemented:
            result = _map(result, lambda full: Batched(full, level))
            return result._show(fn, args, kwargs) if fn in VIEWING and result.__class__ is Batched else result
    return one_by_one(fn, args, kwargs, level)


def _written_out(fn: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """Call a function on values of a batch, and write its results into ``out``."""
    out = kwargs.pop("out")
    if not takes_out(out):
        raise OperandError(
            f"{name_of(fn)} cannot write the values of a batch into out= (an array that is one for all elements): make "
            "it with autograd.numpy.empty(shape), or bind the result to a name."
        )
    where = kwargs.pop("where", True) if isinstance(fn, np.ufunc) else True
    return write_out(fn, fn(*args, **kwargs), out, where)


def _changed_by(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that gives a copy of its first argument, changed by one that writes into it."""

    def changed(x: Any, *args: Any, **kwargs: Any) -> Any:
        copy = np.copy(x)
        fn(copy, *args, **kwargs)
        return copy

    return changed


def _at_once(fn: Callable[..., Any], entry: Entry, args: Any, kwargs: dict[str, Any], level: Level) -> Any:
    """Call a function on whole batches by its rule, and return the whole result."""
    if not isinstance(fn, np.ufunc):
        args, kwargs = canonical(fn, entry.operands, tuple(args), dict(kwargs))
    if innermost(kwargs) is level:
        return NotImplemented
    args = [as_operand(fn, x) if isinstance(x, (list, tuple)) else x for x in args]
    if entry.batch is None:
        mapped = [_is_of(x, level) for x in args]
        return elementwise(fn, mapped, [x.full if flag else x for x, flag in zip(args, mapped, strict=True)], kwargs)
    mapped = [_flags(x, level) for x in args]
    return entry.batch(level.size, mapped, *_map(args, lambda x: x.full if _is_of(x, level) else x), **kwargs)


def one_by_one(fn: Callable[..., Any], args: Any, kwargs: dict[str, Any], level: Level) -> Any:
    """Call a function once for each element of the batch, and stack the results."""
    if not level.size:
        raise ShapeError(
            f"vmap over an axis of length 0: {name_of(fn)} works on one element at a time, and there is none."
        )

    def of(i: int) -> Any:
        return lambda x: getitem(x.full, (i, ...)) if _is_of(x, level) else x

    with inside(tuple([each for each in active_levels() if each is not level])):
        results = [fn(*_map(args, of(i)), **_map(kwargs, of(i))) for i in range(level.size)]
    return stacked(results, level)


def one_at_a_time(f: Function) -> Function:
    """Let a function that works on one element at a time take the values of a batch: it is called for each."""

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        level = innermost((args, kwargs))
        return f(*args, **kwargs) if level is None else one_by_one(wrapped, args, kwargs, level)

    return wrapped  # type: ignore[return-value]


def stacked(results: list[Any], level: Level) -> Any:
    """Make one batched result of the results for all elements."""
    first = results[0]
    if isinstance(first, (list, tuple)):
        return _like(first, [stacked(list(each), level) for each in zip(*results, strict=True)])
    if isinstance(first, dict):
        return {key: stacked([each[key] for each in results], level) for key in first}
    if isinstance(first, (bool, int, float, complex)) or hasattr(first, "dtype"):
        if len({np.shape(each) for each in results}) > 1:
            raise ShapeError(
                "vmap needs results of one shape for all elements: received the shapes "
                f"{sorted({np.shape(r) for r in results})}."
            )
        return Batched(np.stack(results), level)
    return first


# ------------------------------------------------------------------------------------------- into a level and out of it
def exposed(value: Any, level: Level) -> Any:
    """Return a value with the axis of a level in front; broadcast where the value is the same all along it."""
    if isinstance(value, Batched):
        if value.level is level:
            return value.full
        if value.level.number > level.number:
            return Batched(np.moveaxis(exposed(value.full, level), 0, 1), value.level)
    return np.broadcast_to(value, (level.size, *np.shape(value)))


def hidden(value: Any, level: Level) -> Any:
    """Hide the first axis again: the inverse of `exposed`."""
    if isinstance(value, Batched) and value.level.number > level.number:
        return Batched(hidden(np.moveaxis(value.full, 1, 0), level), value.level)
    return Batched(value, level)


def all_exposed(value: Any, levels: tuple[Level, ...]) -> Any:
    """Return a value with the axes of all levels in front."""
    for level in reversed(levels):
        value = exposed(value, level)
    return value


def all_hidden(value: Any, levels: tuple[Level, ...]) -> Any:
    """Hide the axes of all levels again."""
    for level in levels:
        value = hidden(value, level)
    return value


# --------------------------------------------------------------------------------------------------- arguments
def _is_of(x: Any, level: Level) -> bool:
    return x.__class__ is Batched and x.level is level


def innermost(value: Any, found: Level | None = None) -> Level | None:
    """Return the innermost level among the values of a nest of arguments."""
    if value.__class__ is Batched:
        return value.level if found is None or value.level.number > found.number else found
    if isinstance(value, (list, tuple, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            found = innermost(each, found)
    return found


def _flags(x: Any, level: Level) -> Any:
    """Say which values of an argument have the axis of a level; a list of flags for a list."""
    if isinstance(x, (list, tuple)):
        return [_flags(each, level) for each in x]
    return _is_of(x, level)


def _map(x: Any, change: Callable[[Any], Any]) -> Any:
    """Change every value of an argument."""
    if isinstance(x, dict):
        return {key: _map(value, change) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return _like(x, [_map(each, change) for each in x])
    return change(x)


def _like(given: Any, items: list[Any]) -> Any:
    return type(given)(*items) if hasattr(given, "_fields") else type(given)(items)


def _stand_in(x: Any, level: Level) -> Any:
    """Return an array of the same shape and dtype, for who asks for no more."""
    return np.broadcast_to(np.zeros((), x.dtype), x.shape) if x.__class__ is Batched else x
