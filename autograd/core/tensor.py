"""Tensor, and `apply`, the one function through which every operation goes.

A tensor is a value: an array that nobody changes, and an identity by which tapes know it. Writing ``x[i] = v`` gives
the handle ``x`` another value with another identity, so nothing that was computed before can be affected."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from autograd.arrays.intake import constant32, constant64, numeric
from autograd.arrays.methods import ArrayMethods
from autograd.arrays.ownership import PASSED, references
from autograd.arrays.parameters import canonical, out_among, refuse_out
from autograd.arrays.views import VIEWING, Handle, Views, add_at, fitting, is_swap, takes_out, write_out
from autograd.core.arguments import (
    PLAIN,
    holds_array,
    holds_tensor,
    interceptor_in,
    is_operand,
    is_tensor,
    refuse_loss,
    unwrap,
    unwrap_keyword,
)
from autograd.core.recorder import TangentId
from autograd.core.tracing import excluded, listeners, listening, report_error
from autograd.core.value import TensorBase, next_id
from autograd.errors import OperandError
from autograd.registry.entries import RULES, Spec, facts_of
from autograd.registry.operations import getitem, identity, setitem
from autograd.registry.paths import write_at

_ndarray = np.ndarray
_FLOAT32, _FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)

# The plans of one operand that is tracked, and of two: _TWO[first is tracked][second is].
_ONE = ((0,), 1)
_TWO = ((None, ((1,), 2)), (((0,), 2), ((0, 1), 2)))


# ----------------------------------------------------------------------------------------------------- apply
# Every operation comes this way: a function less to read would be a call more for each.
def apply(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: C901
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

    Raises
    ------
    OperandError
        If an argument is no operand, or the function returns Python objects of a tracked value.

    Examples
    --------
    >>> apply(np.multiply, Tensor([1.0, 2.0]), 3.0)
    Tensor([3., 6.], shape=(2,), dtype=float64)
    """
    recorders, tracer, _ = listeners()
    values = []
    ids = []
    foreign = False
    for arg in args:
        kind = arg.__class__
        if kind is Tensor:
            values.append(arg._value)
            ids.append(arg._id)
        elif kind in PLAIN:
            values.append(arg)
            ids.append(0)
        elif isinstance(arg, Tensor):
            values.append(arg._value)
            ids.append(arg._id)
            arg._announce(recorders, tracer, ids[-1])
        else:
            if kind is not _ndarray and (interceptor := interceptor_in(arg)) is not None:
                return interceptor.intercept(fn, args, kwargs)
            if kind is list or kind is tuple:
                arg = as_operand(fn, arg)
            value, identity = unwrap(arg)
            values.append(value)
            ids.append(identity)
            # The index of a tensor shares no memory with the elements that are read there.
            foreign = foreign or (holds_array(value) and (fn is not getitem or not isinstance(args[0], Tensor)))
    if kwargs:
        if (interceptor := interceptor_in(list(kwargs.values()))) is not None:
            return interceptor.intercept(fn, args, kwargs)
        kwargs = {key: unwrap_keyword(fn, key, value) for key, value in kwargs.items()}
    try:
        ans = fn(*values, **kwargs)
    except Exception as error:
        report_error(fn, error, values, kwargs)
        raise
    output = (
        tensor_of(ans, next_id())
        if ans.__class__ is _ndarray and not foreign
        else wrap_output(ans, values if foreign else ())
    )
    if output.__class__ is not Tensor:
        if recorders or tracer is not None:
            _note_outputs(fn, values, kwargs, ids, list(_leaves(output)))
        return output
    for recorder in recorders:
        output._id = recorder.identity(output._id)
    if tracer is not None:
        tracer.note(fn, values, kwargs, ids, output._value, output._id)
    for recorder in recorders:
        recorder.note(fn, values, kwargs, ids, output._value, output._id)
    if fn in VIEWING:
        output._show(fn, args, kwargs, values)
    return output


def _note_outputs(
    fn: Callable[..., Any], values: list[Any], kwargs: dict[str, Any], ids: list[Any], outputs: list[Tensor]
) -> None:
    """Let the listeners know of an operation that returned several tensors, or none."""
    recorders, tracer, _ = listeners()
    for recorder in recorders:
        for output in outputs:
            output._id = recorder.identity(output._id)
    arrays, identities = [output._value for output in outputs], tuple([output._id for output in outputs])
    for listener in recorders if tracer is None else (tracer, *recorders):
        listener.note(fn, values, kwargs, ids, arrays, identities)


def unary(fn: np.ufunc) -> Callable[[Any], Tensor]:
    """Make the short way through `apply` for a ufunc of one operand."""

    def wrapper(x: Any, /, **kwargs: Any) -> Tensor:
        if x.__class__ is not Tensor or kwargs:
            if x.__class__ is _ndarray and not kwargs and not x.dtype.hasobject and not listening():
                ans = fn(x)
                output = _new(Tensor)
                output._value = ans if ans.__class__ is _ndarray else np.asarray(ans)
                output._id = next_id()
                return output
            return call(fn, x, **kwargs)
        data = x._value
        try:
            ans = fn(data)
        except Exception as error:
            report_error(fn, error, [data])
            raise
        if ans.__class__ is not _ndarray:
            ans = np.asarray(ans)
        output = _new(Tensor)
        output._value = ans
        source = x._id
        output._id = identity = next_id() if source.__class__ is int else TangentId(next_id())
        recorders, tracer, _ = listeners()
        if tracer is not None:
            tracer.note(fn, [data], {}, [source], ans, identity)
        for recorder in recorders:
            if source in recorder.heard:
                rules = RULES.get(fn)
                if rules is None or recorder.needs_note or ans.dtype is not data.dtype:
                    recorder.note(fn, [data], {}, [source], ans, identity)
                    continue
                if rules.kind == "constant":
                    continue
                uses_ans, (uses_x,), steps = rules.plans.get(_ONE) or rules.plan(*_ONE)
                recorder.heard.add(identity)
                recorder.add(
                    (fn, (data if uses_x else None,), None, (source,), (0,), ans if uses_ans else None, identity, steps)
                )
        return output

    return wrapper


# The way of every operator: a call to a helper for each kind of operand would cost a tenth of an operation.
def binary(fn: np.ufunc) -> tuple[Callable[[Any, Any], Tensor], Callable[[Any, Any], Tensor]]:  # noqa: C901
    """Make the short way through `apply` for a ufunc of two operands: as an operator and in its reflected form."""

    def wrapper(x: Any, y: Any) -> Tensor:
        kind = y.__class__
        if not isinstance(x, Tensor):
            return apply(fn, x, y) if kind in _OPERANDS or is_operand(y) else NotImplemented
        recorders, tracer, _ = listeners()
        a, i = x._value, x._id
        if kind is float or kind is int:
            dtype = a.dtype
            # Not 0: it has a sign, which the cache of constants would not see.
            b = constant64(y) if y and dtype is _FLOAT64 else constant32(y) if y and dtype is _FLOAT32 else y
            j = 0
        elif isinstance(y, Tensor):
            b, j = y._value, y._id
            if kind is not Tensor:
                y._announce(recorders, tracer, j)
        else:
            return apply(fn, x, y) if kind in _OPERANDS or is_operand(y) else NotImplemented
        if x.__class__ is not Tensor:
            x._announce(recorders, tracer, i)

        try:
            ans = fn(a, b)
        except Exception as error:
            report_error(fn, error, [a, b])
            raise
        if ans.__class__ is not _ndarray:
            ans = np.asarray(ans)
        output = _new(Tensor)
        output._value = ans
        output._id = identity = next_id() if i.__class__ is int and j.__class__ is int else TangentId(next_id())
        if tracer is not None:
            tracer.note(fn, [a, b], {}, [i, j], ans, identity)
        for recorder in recorders:
            tracked = recorder.heard
            key = _TWO[i in tracked][j in tracked]
            if key is None:
                continue
            rules = RULES.get(fn)
            if rules is None or recorder.needs_note or ans.dtype.kind not in "fc":
                recorder.note(fn, [a, b], {}, [i, j], ans, identity)
                continue
            if rules.kind == "constant":
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
            return wrapper(y, x)
        return apply(fn, x, y) if x.__class__ in _OPERANDS or is_operand(x) else NotImplemented

    return wrapper, reflected


def in_place(fn: np.ufunc) -> Callable[[Any, Any], Any]:
    """Make an augmented operator: in place on an array of one or more axes. A tensor without axes is rebound."""

    def operator(self: Any, other: Any) -> Any:
        if not self.ndim and self.__class__ is Tensor:
            return NotImplemented
        return self._become(apply(fn, self, other), fn)

    return operator


def as_operand(fn: Callable[..., Any], items: list[Any] | tuple[Any, ...]) -> Any:
    """Make an array of a list that stands in place of one; where a function takes a list of arrays, make arrays of the
    lists in it.
    """
    entry = RULES.get(fn)
    if entry is None or entry.lists < 0:
        return items
    if not entry.lists:
        return stack_nested(items) if holds_tensor(items) else np.asarray(items)
    return type(items)(
        [stack_nested(each) if isinstance(each, (list, tuple)) and holds_tensor(each) else each for each in items]
    )


def wrap_output(ans: Any, operands: Sequence[Any] = ()) -> Any:
    """Wrap what a function returned: arrays and NumPy scalars as tensors, sequences item by item.

    An array that may be a view of one of the operands (which its owner can change) is copied.
    """
    if isinstance(ans, (np.generic, _ndarray)):
        array = np.asarray(ans)
        if operands and (array.base is not None or any(array is each for each in operands)):
            array = array.copy()
        return tensor_of(array, next_id())
    if isinstance(ans, tuple) and hasattr(ans, "_fields"):
        return type(ans)(*[wrap_output(each, operands) for each in ans])
    if isinstance(ans, (tuple, list)):
        return type(ans)([wrap_output(each, operands) for each in ans])
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
        if not takes_out(out) or out_among(fn, args) is not None:
            refuse_out(fn, out)
        where = kwargs.pop("where", True) if isinstance(fn, np.ufunc) else True
        return write_out(fn, call(fn, *args, **kwargs), out, where)
    entry = RULES.get(fn)
    if entry is not None and entry.body is not None:
        if (interceptor := interceptor_in(args)) is not None:
            return interceptor.intercept(fn, args, kwargs)
        depth = entry.lists
        if depth >= 0:
            args = tuple([_arrays_in(each, depth) for each in args])
            kwargs = {name: _arrays_in(each, depth) for name, each in kwargs.items()}
        return wrap_output(entry.body(*args, **kwargs), args)
    if (
        entry is not None
        and entry.kind == "rule"
        and not isinstance(fn, np.ufunc)
        and (kwargs or len(args) > entry.operands)
    ):
        args, kwargs = canonical(fn, entry.operands, args, kwargs)
    return apply(fn, *args, **kwargs)


_POWERS: dict[Any, Callable[..., Any]] = {2: np.square, 0.5: np.sqrt, -1: np.reciprocal, 1: np.positive}


# ----------------------------------------------------------------------------------------------------- Tensor
class Tensor(TensorBase, Views, ArrayMethods["Tensor"]):
    """An n-dimensional array whose operations a `GradientTape` can record.

    It behaves as a NumPy array does: the same operators, methods, indexing, broadcasting and promotion of dtypes, and
    NumPy's own functions take it (``np.exp(t)``). A write changes what it changes in NumPy: ``x[i] = v`` and ``x += v``
    write this tensor, and those that it is a view of. A tape records the write as an operation. Records, and arrays
    that were handed out, never change.

    Parameters
    ----------
    value : array_like
        Numbers, nested lists, an array, or a tensor. Copied.
    dtype : dtype, optional
        Boolean, integer, floating-point or complex.
    copy : bool, default True
        With False an array is taken as it is, and locked: it becomes read-only. A view of another array cannot be
        locked; and no view of this array may have been made before, which could still change it.

    Raises
    ------
    DtypeError
        If the value is not numeric.
    OperandError
        If ``copy=False`` is asked for a view, or the value is a masked array or a `numpy.matrix`.

    Examples
    --------
    >>> x = Tensor([1.0, 2.0])
    >>> x * x + 1
    Tensor([2., 5.], shape=(2,), dtype=float64)
    >>> y = x.copy()
    >>> y[0] = 10.0
    >>> x.tolist(), y.tolist()
    ([1.0, 2.0], [10.0, 2.0])
    """

    __slots__ = ()
    _call = staticmethod(call)
    _apply = staticmethod(apply)

    def __init__(self, value: ArrayLike | Tensor, dtype: DTypeLike | None = None, *, copy: bool = True) -> None:
        if isinstance(value, Tensor) or (isinstance(value, (list, tuple)) and holds_tensor(value)):
            source = value if isinstance(value, Tensor) else stack_nested(value)
            result = apply(identity, source) if dtype is None or source.dtype == dtype else source.astype(dtype)
            if not isinstance(result, Tensor):
                raise OperandError(
                    "inside vmap Tensor([...]) cannot hold values of a batch: join them with "
                    "autograd.numpy.array([...])."
                )
            self._value, self._id = result._value, result._id
            return
        self._value = numeric(value, dtype, copy)
        self._id = next_id()

    @classmethod
    def alias(cls, tensor: Tensor) -> Self:
        """Return another handle on the same value, under the same identity. For subclasses that carry something
        along.
        """
        handle = cls.__new__(cls)
        handle._value, handle._id = tensor._value, tensor._id
        return handle

    # -- indexing
    def __getitem__(self, index: Any) -> Tensor:
        recorders, tracer, _ = listeners()
        kind = index.__class__
        basic = kind in _BASIC or (kind is tuple and _BASIC.issuperset(map(type, index)))
        if not basic or tracer is not None or self.__class__ is not Tensor:
            return apply(getitem, self, index)
        # The short way of `apply`, for an index that takes a view.
        data, source = self._value, self._id
        part = data[index]
        output = _new(Tensor)
        output._value = part = part if part.__class__ is _ndarray else np.asarray(part)
        output._id = identity = next_id() if source.__class__ is int else TangentId(next_id())
        for recorder in recorders:
            if source in recorder.heard:
                recorder.note(getitem, [data, index], {}, [source, 0], part, identity)
        if part.ndim:
            output._attach(self, index)
        return output

    def __setitem__(self, index: Any, value: Any) -> None:
        if type(value) is Stale and references(value) <= PASSED and is_swap(1):
            value = value._as_it_was()
        elif isinstance(value, Tensor) and value._shows(self, index):
            return  # the end of `x[i] += v`, which has written the view already
        self._write(index, value)

    def _write(self, index: Any, value: Any) -> None:
        """Do ``self[index] = value``, where the index can be a `Path`."""
        if hasattr(self, "_link"):
            self._write_through(index, value)
            return
        plain = value.__class__ in _OPERANDS and (index.__class__ in _BASIC or index.__class__ is tuple)
        if not plain and (interceptor := interceptor_in((index, value))) is not None:
            interceptor.write_into(self, index, value)
            return
        recorders, tracer, scope = listeners()
        raw_index, _ = unwrap(index)
        raw, identity = unwrap(value)
        refuse_loss(self.dtype, raw, identity)
        # Written in place where nobody else holds the old value: a loop over the items stays linear.
        sole = self._is_sole_owner() and tracer is None and not any(r.keep_values for r in recorders)
        old = self._value
        data = old if sole else old.copy(order="K")
        data.flags.writeable = True
        try:
            write_at(data, raw_index, raw)
        except Exception as error:
            report_error(setitem, error, [data, raw_index, raw])
            raise
        new = next_id()
        for recorder in recorders:
            new = recorder.identity(new)
        for listener in recorders if tracer is None else (tracer, *recorders):
            listener.note(setitem, [old, raw_index, raw], {}, [self._id, 0, identity], data, new)
        for recorder in () if scope is None else excluded():  # to those the value is a constant
            new = recorder.identity(new)
            recorder.note(setitem, [old, raw_index, raw], {}, [self._id, 0, 0], data, new)
        self._rebind(data, new)

    def _become(self, result: Tensor, fn: np.ufunc) -> Tensor:
        """Take over the result of an augmented operator: in place, as in NumPy."""
        result = fitting(result, self, fn)
        if hasattr(self, "_link") or not isinstance(result, Tensor) or result._value.strides != self._value.strides:
            self._write(..., result)
        else:
            self._rebind(result._value, result._id)
        return self

    def _alone(self) -> Tensor:
        """Return a tensor of the same value and identity that is no view."""
        return tensor_of(self._value, self._id)

    def copy(self, order: Any = "C") -> Tensor:
        """Return a tensor of the same value, whose derivative passes to this one. See `numpy.ndarray.copy`."""
        if order in ("C", "K", "A") and self._value.flags.c_contiguous:
            return apply(identity, self)
        return apply(np.copy, self, order=order)

    def __iter__(self) -> Iterator[Tensor]:
        if not self._value.ndim:
            raise OperandError("a tensor without axes cannot be iterated over: its shape is ().")
        return (self[i] for i in range(len(self._value)))

    def __contains__(self, item: Any) -> bool:
        return bool(np.any(self._read("array") == unwrap(item)[0]))

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

    __iadd__ = in_place(np.add)
    __isub__ = in_place(np.subtract)
    __imul__ = in_place(np.multiply)
    __itruediv__ = in_place(np.true_divide)
    __ifloordiv__ = in_place(np.floor_divide)
    __imod__ = in_place(np.remainder)
    __ipow__ = in_place(np.power)
    __imatmul__ = in_place(np.matmul)
    __iand__ = in_place(np.bitwise_and)
    __ior__ = in_place(np.bitwise_or)
    __ixor__ = in_place(np.bitwise_xor)
    __ilshift__ = in_place(np.left_shift)
    __irshift__ = in_place(np.right_shift)
    __neg__ = unary(np.negative)
    __pos__ = unary(np.positive)
    __abs__ = unary(np.absolute)
    __invert__ = unary(np.invert)

    def __round__(self, ndigits: int | None = None) -> Any:
        return round(self._one()) if ndigits is None else apply(np.round, self, decimals=ndigits)

    def __copy__(self) -> Tensor:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        return Tensor, (self._read("array"),)

    # -- NumPy's protocols
    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if not all(is_operand(each) for each in inputs):
            return NotImplemented
        if method == "at":
            return add_at(ufunc, *inputs)
        if (out := kwargs.pop("out", None)) is not None:
            if not takes_out(out):
                refuse_out(ufunc, out)
            where = kwargs.pop("where", True) if method == "__call__" else True
            return write_out(ufunc, getattr(ufunc, method)(*inputs, **kwargs), out, where)
        if method == "__call__":
            return apply(ufunc, *inputs, **kwargs)
        return _ufunc_method(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        if not all(issubclass(t, (Tensor, _ndarray)) for t in types):
            return NotImplemented
        return call(func, *args, **kwargs)


# Where every tensor keeps its value and its identity: a stale one has properties of these names before them.
_VALUE, _ID = vars(Handle)["_value"], vars(Handle)["_id"]


class Stale(Tensor):
    """A view whose base was written: it takes its value again when somebody reads it, and is a `Tensor` again."""

    __slots__ = ()
    __class__ = property(lambda self: Tensor)

    def _renewed_value(self) -> Any:
        self._renew()
        return self._value

    def _renewed_id(self) -> Any:
        self._renew()
        return self._id

    _value = property(_renewed_value, _VALUE.__set__)
    _id = property(_renewed_id, _ID.__set__)

    def _as_it_was(self) -> Tensor:
        """Return the value that it had before its base was written."""
        return tensor_of(_VALUE.__get__(self), _ID.__get__(self))


Tensor._stale = Stale
_new = Tensor.__new__
_OPERANDS = frozenset({Tensor, _ndarray, float, int, bool, complex})
_BASIC = frozenset({int, slice, type(Ellipsis), type(None)})  # the parts of an index that takes a view


def _ufunc_method(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run ``ufunc.reduce`` and its like by the function that NumPy has for it, which has a rule."""
    function = facts_of(ufunc).methods.get(method)
    if function is not None:
        return call(function, *inputs, **({"axis": 0} | kwargs))
    if method == "outer" and len(inputs) == 2:
        x, y = (each if isinstance(each, Tensor) else Tensor(each) for each in inputs)
        return apply(ufunc, x.reshape(x.shape + (1,) * y.ndim), y, **kwargs)
    raise OperandError(
        f"{ufunc.__name__}.{method} does not take tensors. Those that do: "
        + ", ".join(f"{fn.__name__}.{m}" for fn, entry in RULES.items() for m in entry.methods)
        + ", and outer of every ufunc."
    )


def _arrays_in(value: Any, depth: int) -> Any:
    """Make tensors of the lists in which tensors stand; of those that are so deep in lists themselves."""
    if not isinstance(value, (list, tuple)) or not holds_tensor(value):
        return value
    return type(value)([_arrays_in(each, depth - 1) for each in value]) if depth else stack_nested(value)


def stack_nested(value: Any) -> Tensor:
    """Make one tensor of nested lists in which tensors stand; differentiable."""
    if isinstance(value, (list, tuple)):
        return call(np.stack, [stack_nested(item) for item in value])
    return value if is_tensor(value) else Tensor(value)
