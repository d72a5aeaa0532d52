"""Tensor, and `apply`, the one door through which every operation goes.

A tensor is a value: an array that nobody changes, and an identity by which tapes know it. Writing ``x[i] = v`` gives the handle ``x``
another value with another identity, so nothing that was computed before can be affected.
"""

from __future__ import annotations

import functools
import itertools
import numbers
import operator
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from autograd.errors import DetachedError, DtypeError, OperandError, ShapeError
from autograd.operations import astype, getitem, identity, setitem
from autograd.recording import Carrier, Recorder, active_recorders
from autograd.registry import COMPOSITES, LISTS, RULES, Spec, canonical, name_of, out_among
from autograd.table import html_array

next_id = itertools.count(1).__next__
_ndarray = np.ndarray
# What passes through `apply` as it is. Everything else is looked at.
_PLAIN = frozenset({float, int, bool, complex, type(None), str, slice, type(Ellipsis), np.float64, np.float32})
_FLOAT32, _FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


# The plans of one operand that is tracked, and of two: _TWO[first is tracked][second is].
_ONE = ((0,), 1)
_TWO = ((None, ((1,), 2)), (((0,), 2), ((0, 1), 2)))


# A Python number costs a ufunc more than an array without axes does: each is made into one once.
@functools.lru_cache(maxsize=1024)
def _constant64(value: float) -> np.ndarray[Any, Any]:
    return _locked(np.array(value, _FLOAT64))


@functools.lru_cache(maxsize=1024)
def _constant32(value: float) -> np.ndarray[Any, Any]:
    return _locked(np.array(value, _FLOAT32))


def _locked(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    array.flags.writeable = False
    return array


# ----------------------------------------------------------------------------------------------------- the one door
def apply(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a function on the arrays inside its arguments, wrap the result, and record the operation where it is tracked.

    Parameters
    ----------
    fn : callable
        A NumPy function, or an operation of ours.
    *args
        Tensors, arrays, numbers, and lists or tuples of these. The operands that have a derivative stand here.
    **kwargs
        Everything that is no operand.

    Returns
    -------
    Tensor, or a tuple or list of Tensors
    """
    recorders = active_recorders()
    values = []
    ids = []
    foreign = False
    for arg in args:
        kind = arg.__class__
        if kind is Tensor:
            values.append(arg._value)
            ids.append(arg._id)
        elif kind in _PLAIN:
            values.append(arg)
            ids.append(0)
        elif isinstance(arg, Tensor):
            if recorders:
                arg._announce(recorders)
            values.append(arg._value)
            ids.append(arg._id)
        else:
            if kind is not _ndarray and (batched := batched_in(arg)) is not None:
                return batched.__array_function__(fn, (type(batched),), args, kwargs)
            if kind is list or kind is tuple:
                arg = operand(fn, arg)
            value, identity = _open(arg, recorders)
            values.append(value)
            ids.append(identity)
            foreign = True
    if kwargs:
        for each in kwargs.values():
            if each.__class__ not in _PLAIN and (batched := batched_in(each)) is not None:
                return batched.__array_function__(fn, (type(batched),), args, kwargs)
        kwargs = {key: _open_keyword(fn, key, value, recorders) for key, value in kwargs.items()}
    ans = fn(*values, **kwargs)
    output = tensor_of(ans, next_id()) if ans.__class__ is _ndarray and not foreign else _wrap(ans, values if foreign else ())
    if recorders:
        leaves = None if output.__class__ is Tensor else list(_leaves(output))
        for recorder in recorders:
            if recorder.carries:
                for leaf in (output,) if leaves is None else leaves:
                    leaf._id = Carrier(leaf._id)
                break
        for recorder in recorders:
            if leaves is None:
                recorder.note(fn, values, kwargs, ids, output._value, output._id)
            else:
                recorder.note(fn, values, kwargs, ids, [leaf._value for leaf in leaves], tuple([leaf._id for leaf in leaves]))
    return output


def batched_in(arg: Any) -> Any:
    """Return the value of a batch (see `autograd.batched`) that an argument is or holds, or None: it takes the call over."""
    if isinstance(arg, (list, tuple)):
        for each in arg:
            if each.__class__ is not Tensor and each.__class__ not in _PLAIN and (found := batched_in(each)) is not None:
                return found
        return None
    return arg if hasattr(arg, "hides_axis") else None


def unary(fn: np.ufunc) -> Callable[[Any], Tensor]:
    """Make the short way through `apply` for a ufunc of one operand."""

    def door(x: Any, /, **kwargs: Any) -> Tensor:
        if x.__class__ is not Tensor or kwargs:
            if x.__class__ is _ndarray and not kwargs and not x.dtype.hasobject:
                ans = fn(x)
                output = _new(Tensor)
                output._value = ans if ans.__class__ is _ndarray else np.asarray(ans)
                output._id = next_id()
                return output
            return call(fn, x, **kwargs)
        data = x._value
        ans = fn(data)
        if ans.__class__ is not _ndarray:
            ans = np.asarray(ans)
        output = _new(Tensor)
        output._value = ans
        source = x._id
        output._id = identity = next_id() if source.__class__ is int else Carrier(next_id())
        for recorder in active_recorders():
            if source in recorder.tracked:
                rules = RULES.get(fn)
                if rules is None or recorder.keep_values or ans.dtype is not data.dtype:
                    recorder.note(fn, [data], {}, [source], ans, identity)
                    continue
                uses_ans, (uses_x,), steps = rules.plans.get(_ONE) or rules.plan(*_ONE)
                recorder.tracked.add(identity)
                recorder.add((fn, (data if uses_x else None,), None, (source,), (0,), ans if uses_ans else None, identity, steps))
        return output

    return _named_after(fn, door)


def binary(fn: np.ufunc) -> tuple[Callable[[Any, Any], Tensor], Callable[[Any, Any], Tensor]]:
    """Make the short way through `apply` for a ufunc of two operands: as an operator and in its reflected form."""

    def door(x: Any, y: Any) -> Tensor:
        recorders = active_recorders()
        kind = y.__class__
        if not isinstance(x, Tensor):
            return apply(fn, x, y) if kind in _OPERANDS or _is_operand(y) else NotImplemented
        a, i = x._value, x._id
        if kind is float or kind is int:
            dtype = a.dtype
            # Not 0: it has a sign, which the cache of constants would not see.
            b = _constant64(y) if y and dtype is _FLOAT64 else _constant32(y) if y and dtype is _FLOAT32 else y
            j = 0
        elif isinstance(y, Tensor):
            b, j = y._value, y._id
            if recorders and kind is not Tensor:
                y._announce(recorders)
        else:
            return apply(fn, x, y) if kind in _OPERANDS or _is_operand(y) else NotImplemented
        if recorders and x.__class__ is not Tensor:
            x._announce(recorders)

        ans = fn(a, b)
        if ans.__class__ is not _ndarray:
            ans = np.asarray(ans)
        output = _new(Tensor)
        output._value = ans
        output._id = identity = next_id() if i.__class__ is int and j.__class__ is int else Carrier(next_id())
        for recorder in recorders:
            tracked = recorder.tracked
            key = _TWO[i in tracked][j in tracked]
            if key is None:
                continue
            rules = RULES.get(fn)
            if rules is None or recorder.keep_values or ans.dtype.kind not in "fc":
                recorder.note(fn, [a, b], {}, [i, j], ans, identity)
                continue
            uses_ans, (uses_a, uses_b), steps = rules.plans.get(key) or rules.plan(*key)
            if j == 0:
                args = (a if uses_a else None if ans.dtype is a.dtype else Spec(a.shape, a.dtype), b)
            else:
                args = (a if uses_a else Spec(a.shape, a.dtype), b if uses_b else Spec(b.shape, b.dtype))
            tracked.add(identity)
            recorder.add((fn, args, None, (i, j), key[0], ans if uses_ans else None, identity, steps))
        return output

    commutes = fn is np.add or fn is np.multiply

    def reflected(y: Any, x: Any) -> Tensor:
        if commutes and (x.__class__ is float or x.__class__ is int):
            return door(y, x)
        return apply(fn, x, y) if x.__class__ in _OPERANDS or _is_operand(x) else NotImplemented

    return door, reflected


def function(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Make the function of `autograd.numpy` that stands for one of NumPy's: it takes what that takes, and returns tensors.

    Where no tensor comes in, NumPy's own function computes, and what it returns becomes tensors.
    """
    if isinstance(fn, np.ufunc) and (fn.nin, fn.nout) == (1, 1):
        return unary(fn)
    if isinstance(fn, np.ufunc) and (fn.nin, fn.nout) == (2, 1):
        return _pair(fn)

    def door(*args: Any, **kwargs: Any) -> Any:
        raw = not kwargs or ("out" not in kwargs and _are_raw(kwargs.values()))
        for arg in args:
            kind = arg.__class__
            if kind is Tensor or not raw:
                raw = False
                break
            if kind is _ndarray:
                raw = not arg.dtype.hasobject
            elif kind not in _PLAIN:
                raw = (kind is tuple or kind is list) and _are_raw(arg)
        if not raw or (len(args) > 2 and out_among(fn, args) is not None):
            return call(fn, *args, **kwargs)
        ans = fn(*args, **kwargs)
        kind = ans.__class__
        if kind is not _ndarray:
            return tensor_of(np.asarray(ans), next_id()) if kind is np.float64 or kind is np.float32 else _wrap(ans, args)
        mine = ans.base is None
        for arg in args:
            mine = mine and ans is not arg
        return tensor_of(ans if mine else ans.copy(), next_id())

    return _named_after(fn, door)


def _pair(fn: np.ufunc) -> Callable[..., Any]:
    """Make the door of a ufunc of two operands."""
    both = binary(fn)[0]

    def door(x: Any, y: Any, /, *out: Any, **kwargs: Any) -> Any:
        if not kwargs and not out:
            kind, other = x.__class__, y.__class__
            if kind is Tensor:
                if other is Tensor or other is float:
                    return both(x, y)
            elif kind is _ndarray and other is _ndarray and not (x.dtype.hasobject or y.dtype.hasobject):
                ans = fn(x, y)
                return tensor_of(ans if ans.__class__ is _ndarray else np.asarray(ans), next_id())
        return call(fn, x, y, *out, **kwargs)

    return _named_after(fn, door)


def _are_raw(values: Iterable[Any]) -> bool:
    """Whether values are NumPy's arrays, numbers, and lists and tuples of these: no tensor among them, nothing that is refused."""
    for value in values:
        kind = value.__class__
        if kind is _ndarray:
            if value.dtype.hasobject:
                return False
        elif kind is tuple or kind is list:
            if not _are_raw(value):
                return False
        elif kind not in _PLAIN:
            return False
    return True


def _named_after(fn: Callable[..., Any], door: Callable[..., Any]) -> Callable[..., Any]:
    door.__name__ = door.__qualname__ = fn.__name__
    door.__doc__ = f"See `{name_of(fn)}`. Returns tensors."
    door.__wrapped__ = fn  # type: ignore[attr-defined]
    return door


def _open(arg: Any, recorders: tuple[Recorder, ...]) -> tuple[Any, Any]:
    """Return the raw value of one argument, and its identity: 0 for what is no tensor, a tuple for a list of tensors."""
    if isinstance(arg, Tensor):
        arg._announce(recorders)
        return arg._value, arg._id
    if type(arg) in _PLAIN:
        return arg, 0
    if type(arg) is _ndarray:
        if arg.dtype.hasobject:
            raise OperandError(
                f"an array of Python objects (dtype=object, shape {arg.shape}) cannot be an operand. "
                f"Give it a numeric dtype with .astype(float), or np.stack its tensors."
            )
        return arg, 0
    if isinstance(arg, (list, tuple)):
        opened = [_open(item, recorders) for item in arg]
        ids = tuple([identity for _, identity in opened])
        values = [value for value, _ in opened]
        return (tuple(values) if isinstance(arg, tuple) else values), (ids if any(ids) else 0)
    _refuse_kind(arg)
    if isinstance(arg, numbers.Number) and not isinstance(arg, (np.generic, float, int, complex)):
        raise OperandError(f"a {type(arg).__name__} cannot be an operand (received {arg!r}): convert it with float().")
    if hasattr(arg, "__array__") and not isinstance(arg, (np.generic, type)):
        return np.asarray(arg), 0
    return arg, 0


def operand(fn: Callable[..., Any], items: list[Any] | tuple[Any, ...]) -> Any:
    """Make an array of a list that stands in place of one; where a function takes a list of arrays, make arrays of the lists in it."""
    rules = RULES.get(fn)
    if rules is None or rules.lists is None:
        return items
    if not rules.lists:
        return stacked(items) if _holds_tensor(items) else np.asarray(items)
    return type(items)([stacked(each) if isinstance(each, (list, tuple)) and _holds_tensor(each) else each for each in items])


def _open_keyword(fn: Callable[..., Any], key: str, value: Any, recorders: tuple[Recorder, ...]) -> Any:
    kind = value.__class__
    if kind in _PLAIN or (kind is tuple and _are_raw(value)):
        return value
    raw, identity = _open(value, recorders)
    if identity and any(recorder.tracks(identity) for recorder in recorders):
        raise OperandError(
            f"{name_of(fn)} received a tracked tensor as the keyword argument {key!r}, through which it has no derivative. "
            f"Pass the operand by position, or detach it with .numpy() if it is meant to be constant."
        )
    return raw


def _wrap(ans: Any, operands: Sequence[Any] = ()) -> Any:
    """Wrap what a function returned: arrays and NumPy scalars as tensors, sequences item by item.

    An array that may be a view of one of the operands (which its owner can change) is copied.
    """
    if isinstance(ans, (np.generic, _ndarray)):
        array = np.asarray(ans)
        if operands and (array.base is not None or any(array is each for each in operands)):
            array = array.copy()
        return tensor_of(array, next_id())
    if isinstance(ans, tuple) and hasattr(ans, "_fields"):
        return type(ans)(*[_wrap(each, operands) for each in ans])
    if isinstance(ans, (tuple, list)):
        return type(ans)([_wrap(each, operands) for each in ans])
    return ans


def tensor_of(data: np.ndarray[Any, Any], identity: int) -> Tensor:
    """Make a tensor of an array that nobody will change, under a given identity."""
    tensor = _new(Tensor)
    tensor._value = data
    tensor._id = identity
    return tensor


def new_tensor(data: np.ndarray[Any, Any]) -> Tensor:
    """Make a tensor of an array that nobody will change, without a copy."""
    return tensor_of(data, next_id())


def _leaves(output: Any) -> Iterator[Tensor]:
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, (tuple, list)):
        for each in output:
            yield from _leaves(each)


def call(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a NumPy function as a user writes it, with arguments by position or by name, and come to `apply`."""
    out = kwargs.pop("out", None)
    if out is None and len(args) > 2:
        out = out_among(fn, args)
    if out is not None:
        _refuse_out(fn, out)
    composite = COMPOSITES.get(fn)
    if composite is not None:
        if (batched := batched_in(args)) is not None:
            return batched.__array_function__(fn, (type(batched),), args, kwargs)
        depth = LISTS[fn]
        if depth >= 0:
            args = tuple([_arrays_in(each, depth) for each in args])
            kwargs = {name: _arrays_in(each, depth) for name, each in kwargs.items()}
        return _wrap(composite(*args, **kwargs), args)
    rules = RULES.get(fn)
    if rules is not None and not isinstance(fn, np.ufunc) and (kwargs or len(args) > rules.operands):
        args, kwargs = canonical(fn, rules.operands, args, kwargs)
    return apply(fn, *args, **kwargs)


def _refuse_out(fn: Callable[..., Any], out: Any) -> None:
    raise OperandError(
        f"{name_of(fn)} cannot write its result into out= (received {_kinds(out)}): a tensor is a value that no operation "
        f"changes, and an array would lose the derivative. Bind the result to a name instead: `y = f(x)` or `y = y + x`."
    )


def _kinds(out: Any) -> str:
    items = out if isinstance(out, tuple) else (out,)
    return ", ".join(f"{type(item).__name__} of shape {np.shape(item)}" for item in items if item is not None)


def _is_operand(other: Any) -> bool:
    if isinstance(other, (Tensor, _ndarray, np.generic, numbers.Number, list, tuple)):
        return True
    return hasattr(other, "__array__") and not hasattr(other, "__array_ufunc__")


def _method(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Make a method of a NumPy function whose first argument is the array."""

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        return call(fn, self, *args, **kwargs)

    method.__doc__ = f"See `{name_of(fn)}`."
    return method


_POWERS: dict[Any, Callable[..., Any]] = {2: np.square, 0.5: np.sqrt, -1: np.reciprocal, 1: np.positive}


# ----------------------------------------------------------------------------------------------------- Tensor
class Tensor:
    """An n-dimensional array whose operations a `GradientTape` can record.

    It behaves as a NumPy array does: the same operators, methods, indexing, broadcasting and promotion of dtypes, and NumPy's
    own functions take it (``np.exp(t)``). It differs in one point: it is a value. ``x += 1`` makes a new tensor, and
    ``x[i] = v`` gives this handle a new value, which the tape records as an operation.

    Parameters
    ----------
    value : array_like
        Numbers, nested lists, an array, or a tensor. Copied.
    dtype : dtype, optional
        Boolean, integer, floating-point or complex.
    copy : bool, default True
        With False an array is taken as it is, and locked: it becomes read-only. A view of another array cannot be locked; and no view
        of this array may have been made before, which could still change it.

    Raises
    ------
    DtypeError
        If the value is not numeric.
    """

    __slots__ = ("__weakref__", "_id", "_value")
    _value: np.ndarray[Any, Any]
    _id: int

    def __init__(self, value: ArrayLike | Tensor, dtype: DTypeLike | None = None, *, copy: bool = True) -> None:
        if isinstance(value, Tensor) or (isinstance(value, (list, tuple)) and _holds_tensor(value)):
            source = value if isinstance(value, Tensor) else stacked(value)
            result = apply(identity, source) if dtype is None or source.dtype == dtype else source.astype(dtype)
            if not isinstance(result, Tensor):
                raise OperandError("inside vmap Tensor([...]) cannot hold values of a batch: join them with autograd.numpy.array([...]).")
            self._value, self._id = result._value, result._id
            return
        self._value = numeric(value, dtype, copy)
        self._id = next_id()

    @classmethod
    def alias(cls, tensor: Tensor) -> Self:
        """Return another handle on the same value, under the same identity. For subclasses that carry something along."""
        handle = cls.__new__(cls)
        handle._value, handle._id = tensor._value, tensor._id
        return handle

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

    @property
    def T(self) -> Tensor:
        return apply(np.transpose, self)

    @property
    def mT(self) -> Tensor:
        if self.ndim < 2:
            raise ShapeError(f"mT swaps the last two axes: at least 2 are needed, received shape {self.shape}.")
        return apply(np.swapaxes, self, axis1=-1, axis2=-2)

    @property
    def real(self) -> Tensor:
        return apply(np.real, self)

    @property
    def imag(self) -> Tensor:
        return apply(np.imag, self)

    def __len__(self) -> int:
        if not self._value.ndim:
            raise OperandError("len() of a tensor without axes: its shape is ().")
        return len(self._value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._shown()}, shape={self.shape}, dtype={self.dtype})"

    def _repr_html_(self) -> str:
        return html_array(f"{type(self).__name__}, shape {self.shape}, {self.dtype}", self._value)

    def _shown(self) -> str:
        return np.array2string(self._value, separator=", ", prefix=f"{type(self).__name__}(")

    def __str__(self) -> str:
        return str(self._value)

    def __format__(self, spec: str) -> str:
        return format(self._value, spec) if spec else str(self)

    # -- the way out
    def numpy(self) -> np.ndarray[Any, Any]:
        """Return the value as a read-only view. What is computed from it has no derivative."""
        self._value.flags.writeable = False
        return self._value.view()

    def item(self, *index: int) -> Any:
        """Return one element as a Python number. What is computed from it has no derivative."""
        return self._value.item(*index)

    def tolist(self) -> Any:
        """Return the value as nested lists of Python numbers, without a derivative."""
        return self._value.tolist()

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        self._refuse_to_detach("np.asarray", "t.numpy()")
        if dtype is not None and np.dtype(dtype) != self.dtype:
            if copy is False:
                raise ValueError(f"a copy is needed to turn {self.dtype} into {np.dtype(dtype)}, and copy=False forbids it.")
            return self._value.astype(dtype)
        return self._value.copy() if copy else self.numpy()

    def __float__(self) -> float:
        self._refuse_to_detach("float", "t.item()")
        return float(self._one())

    def __complex__(self) -> complex:
        self._refuse_to_detach("complex", "t.item()")
        return complex(self._one())

    def __int__(self) -> int:
        return int(self._one())

    def __bool__(self) -> bool:
        return bool(self._one())

    def __index__(self) -> int:
        return self._value.__index__()

    def __round__(self, ndigits: int | None = None) -> Any:
        return round(self._one()) if ndigits is None else apply(np.round, self, decimals=ndigits)

    def _one(self) -> Any:
        if self.size != 1:
            raise ShapeError(
                f"only a tensor of one element is one number: received shape {self.shape}. "
                f"Reduce it first (np.any, np.all, .sum(), .mean())."
            )
        return self._value.item()

    def _refuse_to_detach(self, asked: str, advice: str) -> None:
        recorders = active_recorders()
        if recorders and self._is_tracked(recorders):
            raise DetachedError(
                f"{asked}(t) of a tensor of shape {self.shape} that an active tape tracks would lose its derivative in silence. "
                f"Use a function of autograd.numpy in place of the one that asked for the array, "
                f"or {advice} to detach the value on purpose."
            )

    def _announce(self, recorders: tuple[Recorder, ...]) -> None:
        """Let recorders know that the value is read; what has state says so."""

    def _is_tracked(self, recorders: tuple[Recorder, ...]) -> bool:
        self._announce(recorders)
        return any(recorder.tracks(self._id) for recorder in recorders)

    # -- indexing
    def __getitem__(self, index: Any) -> Tensor:
        return apply(getitem, self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        recorders = active_recorders()
        raw_index, _ = _open(index, recorders)
        raw, identity = _open(value, recorders)
        if self.dtype.kind not in "fc" and any(recorder.tracks(identity) for recorder in recorders):
            raise DtypeError(
                f"a tracked value cannot be written into a tensor of dtype {self.dtype}: its derivative would be lost. "
                f"Convert the tensor with .astype(float) first."
            )
        if self.dtype.kind != "c" and (raw.dtype.kind == "c" if isinstance(raw, (_ndarray, np.generic)) else isinstance(raw, complex)):
            raise DtypeError(
                f"a complex value cannot be written into a tensor of dtype {self.dtype}: the imaginary part would be lost. "
                f"Write its real part, or convert the tensor with .astype(complex) first."
            )
        # Written in place where nobody else holds the old value: a loop over the items stays linear.
        sole = self._is_sole_owner() and not any(recorder.keep_values and not recorder.carries for recorder in recorders)
        old = self._value
        data = old if sole else old.copy()
        data.flags.writeable = True
        data[raw_index] = raw
        new = Carrier(next_id()) if any(recorder.carries for recorder in recorders) else next_id()
        for recorder in recorders:
            recorder.note(setitem, [old, raw_index, raw], {}, [self._id, 0, identity], data, new)
        self._value, self._id = data, new

    def _is_sole_owner(self, others: int = 0) -> bool:
        """Whether nothing holds the array but this handle, and so many others: no tape, no view, no other tensor."""
        return self._value.base is None and sys.getrefcount(self._value) <= _SOLE + others

    def __iter__(self) -> Iterator[Tensor]:
        if not self._value.ndim:
            raise OperandError("a tensor without axes cannot be iterated over: its shape is ().")
        return (self[i] for i in range(len(self._value)))

    def __contains__(self, item: Any) -> bool:
        return bool(np.any(self._value == _open(item, ())[0]))

    # -- operators
    __hash__ = object.__hash__
    __add__, __radd__ = binary(np.add)
    __sub__, __rsub__ = binary(np.subtract)
    __mul__, __rmul__ = binary(np.multiply)
    __truediv__, __rtruediv__ = binary(np.true_divide)
    __floordiv__, __rfloordiv__ = binary(np.floor_divide)
    __mod__, __rmod__ = binary(np.remainder)
    __matmul__, __rmatmul__ = binary(np.matmul)
    __and__, __rand__ = binary(np.bitwise_and)
    __or__, __ror__ = binary(np.bitwise_or)
    __xor__, __rxor__ = binary(np.bitwise_xor)
    __lshift__, __rlshift__ = binary(np.left_shift)
    __rshift__, __rrshift__ = binary(np.right_shift)
    _power, __rpow__ = binary(np.power)
    __eq__ = binary(np.equal)[0]  # type: ignore[assignment]
    __ne__ = binary(np.not_equal)[0]  # type: ignore[assignment]
    __lt__ = binary(np.less)[0]
    __le__ = binary(np.less_equal)[0]
    __gt__ = binary(np.greater)[0]
    __ge__ = binary(np.greater_equal)[0]

    def __pow__(self, other: Any) -> Tensor:
        if type(other) in (int, float):
            if self.dtype.kind not in "fc":
                return apply(operator.pow, self, other)
            if other in _POWERS:
                return apply(_POWERS[other], self)
        return self._power(other)

    def __divmod__(self, other: Any) -> tuple[Tensor, Tensor]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Tensor, Tensor]:
        return other // self, other % self

    __neg__ = unary(np.negative)
    __pos__ = unary(np.positive)
    __abs__ = unary(np.absolute)
    __invert__ = unary(np.invert)

    # -- NumPy's methods
    sum = _method(np.sum)
    prod = _method(np.prod)
    mean = _method(np.mean)
    var = _method(np.var)
    std = _method(np.std)
    max = _method(np.max)
    min = _method(np.min)
    any = _method(np.any)
    all = _method(np.all)
    argmax = _method(np.argmax)
    argmin = _method(np.argmin)
    argsort = _method(np.argsort)
    argpartition = _method(np.argpartition)
    cumsum = _method(np.cumsum)
    cumprod = _method(np.cumprod)
    clip = _method(np.clip)
    round = _method(np.round)
    conj = _method(np.conjugate)
    conjugate = _method(np.conjugate)
    dot = _method(np.dot)
    trace = _method(np.trace)
    diagonal = _method(np.diagonal)
    ravel = _method(np.ravel)
    flatten = _method(np.ravel)
    squeeze = _method(np.squeeze)
    swapaxes = _method(np.swapaxes)
    repeat = _method(np.repeat)
    take = _method(np.take)
    nonzero = _method(np.nonzero)
    searchsorted = _method(np.searchsorted)

    def reshape(self, *shape: Any, order: str = "C") -> Tensor:
        """See `numpy.reshape`. The shape may be given as several numbers."""
        return call(np.reshape, self, shape[0] if len(shape) == 1 else shape, order=order)

    def transpose(self, *axes: Any) -> Tensor:
        """See `numpy.transpose`. The axes may be given as several numbers."""
        return call(np.transpose, self, axes[0] if len(axes) == 1 else axes or None)

    def astype(self, dtype: DTypeLike) -> Tensor:
        """Return the value with another dtype. The derivative passes between floating-point and complex dtypes."""
        return apply(astype, self, dtype=np.dtype(dtype))

    def copy(self) -> Tensor:
        """Return a tensor of the same value, whose derivative passes to this one."""
        return apply(identity, self)

    def __copy__(self) -> Tensor:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        return Tensor, (self._value,)

    # -- the array API standard, and how other libraries take the value
    @property
    def device(self) -> str:
        return "cpu"

    def to_device(self, device: str, /, *, stream: None = None) -> Tensor:
        """Return the tensor itself, on the one device there is: "cpu"."""
        if device != "cpu" or stream is not None:
            raise ValueError(f"tensors live on the device 'cpu', without streams: received device={device!r}, stream={stream!r}.")
        return self

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """Return `autograd.numpy`, the namespace of the functions that take tensors by the Python array API standard."""
        namespace = sys.modules["autograd.numpy"]  # which stands above this module, and which the package imports
        if api_version is not None and api_version > namespace.__array_api_version__:
            raise ValueError(
                f"the namespace follows the array API standard of {namespace.__array_api_version__}: received api_version={api_version!r}."
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
        """Hand the value to another library: as a view where the protocol can say that it is read-only, and as a copy elsewhere."""
        self._refuse_to_detach("from_dlpack", "t.numpy()")
        locks = max_version is not None and max_version[0] >= 1
        if not locks and copy is False:
            raise BufferError("DLPack before version 1.0 cannot say that memory is read-only: leave copy=False out, which copies the value.")
        data = self.numpy() if locks and not copy else self._value.copy()
        return data.__dlpack__(stream=stream, max_version=max_version, dl_device=dl_device)

    # -- what changes an array in NumPy gives this handle another value, as ``x[...] = value`` does
    def sort(self, axis: int = -1, kind: Any = None, order: None = None, *, stable: bool | None = None) -> None:
        """Give this handle the sorted value. See `numpy.ndarray.sort`."""
        self[...] = call(np.sort, self, axis=axis, kind=kind, order=order, stable=stable)

    def partition(self, kth: Any, axis: int = -1, kind: str = "introselect") -> None:
        """Give this handle the partitioned value. See `numpy.ndarray.partition`."""
        self[...] = call(np.partition, self, kth, axis=axis, kind=kind)

    def fill(self, value: Any) -> None:
        """Give this handle a value of equal elements. See `numpy.ndarray.fill`."""
        self[...] = value

    def put(self, indices: Any, values: Any, mode: str = "raise") -> None:
        """Write values at places of the flattened value. See `numpy.ndarray.put`."""
        call(np.put, self, indices, values, mode=mode)

    choose = _method(np.choose)

    def compress(self, condition: Any, axis: int | None = None) -> Tensor:
        """See `numpy.compress`."""
        return call(np.compress, condition, self, axis=axis)

    def view(self, dtype: DTypeLike | None = None) -> Tensor:
        """Return the same value. Its bytes as another dtype have no derivative: ``x.numpy().view(dtype)`` reads them."""
        if dtype is None or np.dtype(dtype) == self.dtype:
            return self.copy()
        raise OperandError(
            f"a view of {self.dtype} as {np.dtype(dtype)} reads bytes, through which nothing is differentiable: "
            f"convert with .astype(...), or take x.numpy().view(...)."
        )

    def tobytes(self, order: Any = "C") -> bytes:
        """Return the bytes of the value. What is computed from them has no derivative."""
        return self._value.tobytes(order)

    # -- NumPy's protocols
    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if not all(_is_operand(each) for each in inputs):
            return NotImplemented
        if "out" in kwargs:
            _refuse_out(ufunc, kwargs["out"])
        if method == "__call__":
            return apply(ufunc, *inputs, **kwargs)
        return _ufunc_method(ufunc, method, *inputs, **kwargs)

    def __array_function__(self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        if not all(issubclass(t, (Tensor, _ndarray)) for t in types):
            return NotImplemented
        return call(func, *args, **kwargs)


_new = Tensor.__new__
_OPERANDS = frozenset({Tensor, _ndarray, float, int, bool, complex})
REDUCTIONS: dict[tuple[np.ufunc, str], Callable[..., Any]] = {
    (np.add, "reduce"): np.sum,
    (np.multiply, "reduce"): np.prod,
    (np.maximum, "reduce"): np.max,
    (np.minimum, "reduce"): np.min,
    (np.logical_and, "reduce"): np.all,
    (np.logical_or, "reduce"): np.any,
    (np.add, "accumulate"): np.cumsum,
    (np.multiply, "accumulate"): np.cumprod,
}


def _ufunc_method(ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """Run ``ufunc.reduce`` and its like by the function that NumPy has for it, which has a rule."""
    function = REDUCTIONS.get((ufunc, method))
    if function is not None:
        if method == "reduce" or method == "accumulate":
            kwargs = {"axis": 0} | kwargs
        return call(function, *inputs[:1], **kwargs, **dict(zip(["axis"], inputs[1:], strict=False)))
    if method == "outer" and len(inputs) == 2:
        x, y = (each if isinstance(each, Tensor) else Tensor(each) for each in inputs)
        return apply(ufunc, x.reshape(x.shape + (1,) * y.ndim), y, **kwargs)
    raise OperandError(
        f"{ufunc.__name__}.{method} does not take tensors. Those that do: "
        + ", ".join(f"{u.__name__}.{m}" for u, m in REDUCTIONS)
        + ", and outer of every ufunc."
    )


def _refuse_kind(value: Any) -> None:
    """Refuse the arrays whose meaning a plain array would lose."""
    if isinstance(value, np.ma.MaskedArray):
        raise OperandError(
            f"a masked array (shape {value.shape}) cannot be an operand or become a tensor: its mask would be lost. "
            f"Use np.where with the mask."
        )
    if isinstance(value, np.matrix):
        raise OperandError(
            f"a numpy.matrix (shape {value.shape}) cannot be an operand or become a tensor: its * and ** are products of matrices, and "
            f"those of a tensor work element by element. Pass np.asarray(matrix), and write products of matrices with @."
        )


def numeric(value: Any, dtype: DTypeLike | None, copy: bool) -> np.ndarray[Any, Any]:
    """Turn a value into an array of ours: numeric, and such that nobody else can change it."""
    _refuse_kind(value)
    if copy:
        array = np.array(value, dtype=dtype, subok=False, order="C")
    else:
        array = np.asarray(value, dtype=dtype, copy=False)
        if array.base is not None and not _is_frozen(array):
            raise OperandError(
                f"copy=False takes an array that owns its memory, and locks it; received a view of shape {array.shape}. "
                f"Another array could still change it: leave copy=False out."
            )
        array.flags.writeable = False
    if array.dtype.kind not in "biufc":
        raise DtypeError(
            f"a tensor holds booleans, integers, floating-point or complex numbers: received dtype {array.dtype} "
            f"from a {type(value).__name__}."
        )
    return array


def _is_frozen(array: np.ndarray[Any, Any]) -> bool:
    """Whether a view is read-only, and so is all that it is a view of."""
    owner: Any = array
    while isinstance(owner, _ndarray) and not owner.flags.writeable:
        owner = owner.base
    return owner is None


def _holds_tensor(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_tensor(item) for item in value)
    return isinstance(value, Tensor) or hasattr(value, "hides_axis")


def _arrays_in(value: Any, depth: int) -> Any:
    """Make tensors of the lists in which tensors stand; of those that are so deep in lists themselves."""
    if not isinstance(value, (list, tuple)) or not _holds_tensor(value):
        return value
    return type(value)([_arrays_in(each, depth - 1) for each in value]) if depth else stacked(value)


def stacked(value: Any) -> Tensor:
    """Make one tensor of nested lists in which tensors stand; differentiable."""
    if isinstance(value, (list, tuple)):
        return call(np.stack, [stacked(item) for item in value])
    return value if isinstance(value, Tensor) or hasattr(value, "hides_axis") else Tensor(value)


class _Probe:
    """Counts as `Tensor._is_sole_owner` does, to know what Python counts where one object holds an array."""

    __slots__ = ("_value",)

    def references(self) -> int:
        self._value = np.empty(0)
        return sys.getrefcount(self._value)


_SOLE = _Probe().references()
