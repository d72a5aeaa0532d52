"""Lowers traced calls to the few kinds that the other passes know.

Elementwise calls are those of ufuncs, `where`, `clip` and `astype`, with arrays in place of Python numbers. Reductions
are the ``reduce`` of a ufunc. Views are `reshape`, `transpose`, `broadcast_to` and basic indexing. Other calls stay."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.program.ir import Call, Program, Var, values_in
from autograd.registry import operations
from autograd.registry.define import defacts
from autograd.registry.entries import facts_of

Replaced = dict[Var, Var]


class Constants:
    """Constants without axes, one for each number and dtype."""

    def __init__(self) -> None:
        self._found: dict[tuple[Any, bytes], Var] = {}

    def of(self, number: Any, dtype: Any) -> Var:
        """Return the value of a number in a dtype."""
        array = np.array(number, dtype)
        key = array.dtype, array.tobytes()
        if key not in self._found:
            array.flags.writeable = False
            self._found[key] = Var((), array.dtype, array)
        return self._found[key]

    def ones(self, count: int, dtype: Any) -> Var:
        """Return the value of an array of ones."""
        key = dtype, b"ones" + str(count).encode()
        if key not in self._found:
            array = np.ones(count, dtype)
            array.flags.writeable = False
            self._found[key] = Var((count,), dtype, array)
        return self._found[key]

    def shared(self, value: Var) -> Var:
        """Return the shared value of a constant without axes; any other value as it is."""
        return value if value.constant is None or value.shape else self.of(value.constant, value.dtype)


def is_elementwise(call: Call) -> bool:
    """Whether each element of the output depends on the elements at its position alone, and the operands broadcast."""
    fn = call.fn
    if call.kind != "plain" or call.several:
        return False
    if fn.__class__ is np.ufunc:
        return fn.signature is None and fn.nout == 1 and (not call.kwargs or call.kwargs.keys() == {"dtype"})
    return fn in (np.where, np.clip, np.astype) and not call.kwargs


def reduction_of(call: Call) -> np.ufunc | None:
    """Return the ufunc whose ``reduce`` a call is, or None."""
    found = getattr(call.fn, "__self__", None)
    return found if found.__class__ is np.ufunc and call.fn == found.reduce else None


def is_view(call: Call) -> bool:
    """Whether the output is a view of the first operand, whatever its values are."""
    if call.kind != "plain":
        return False
    return (
        call.fn in (np.transpose, np.broadcast_to)
        or (call.fn is operations.getitem and not values_in(call.args[1], []) and operations.is_basic(call.args[1]))
        or is_reshape(call)
    )


def is_static(call: Call) -> bool:
    """Whether the shape and the dtype of an output follow from those of the operands, and not from values."""
    if call.fn is operations.getitem:
        return not any(value.dtype.kind == "b" for value in values_in(call.args[1], []))
    if call.fn is np.where and call.several:
        return False
    return reduction_of(call) is not None or bool(facts_of(call.fn).static)


def is_reshape(call: Call) -> bool:
    """Whether a call reshapes an array in C's order. Where that is no view, each run copies."""
    return call.fn is np.reshape and call.kind == "plain" and not call.kwargs


def lowered(program: Program, exact: bool = False) -> Program:
    """Rewrite a program in the kinds of calls of this module."""
    constants = Constants()
    replaced: Replaced = {}
    calls: list[Call] = []
    for call in program.calls:
        call = call.rewired(replaced)
        entry = facts_of(call.fn)
        if call.kind != "plain" or entry.lowering is None or (exact and not entry.lowers_exactly):
            written = [call]
        else:
            written = entry.lowering(call, constants)
        if written.__class__ is Var:  # the output is one of the operands
            replaced[call.outs[0]] = written
            continue
        for each in written:
            calls.extend(_in_one_dtype(_with_arrays(each, constants)))
    return program.with_calls(calls, replaced)


def _with_arrays(call: Call, constants: Constants) -> Call:
    """Replace Python numbers among the operands of a ufunc by arrays, with which the call is faster."""
    if not is_elementwise(call) or call.fn is np.astype:
        return call
    if all(arg.__class__ is Var for arg in call.args):
        return call.like(args=tuple(map(constants.shared, call.args)))
    out = call.outs[0]
    if call.fn.__class__ is np.ufunc:
        given = [
            arg.dtype if arg.__class__ is Var else type(arg) if isinstance(arg, (int, float, complex)) else None
            for arg in call.args
        ]
        if any(each is None for each in given):
            return call
        if bool in given:
            given = [np.dtype(bool) if each is bool else each for each in given]
        try:
            dtypes: Any = call.fn.resolve_dtypes((*given, None))
        except TypeError:
            return call
    else:
        if any(
            arg is not None and arg.__class__ is not Var and not isinstance(arg, (int, float, complex))
            for arg in call.args
        ):
            return call
        dtypes = [np.dtype(bool) if call.fn is np.where and i == 0 else out.dtype for i in range(len(call.args))]
    try:
        args = [
            arg if arg is None or arg.__class__ is Var else constants.of(arg, dtype)
            for arg, dtype in zip(call.args, dtypes, strict=False)
        ]
    except OverflowError:  # comparisons take integers that the dtype cannot hold
        return call
    return call.like(args=tuple(args))


def _in_one_dtype(call: Call) -> list[Call]:
    """Convert operands to the dtypes in which a ufunc computes.

    The ufunc would convert them itself, in a buffer that it makes at each call, five times slower."""
    if (
        call.fn.__class__ is not np.ufunc
        or not is_elementwise(call)
        or any(arg.__class__ is not Var for arg in call.args)
    ):
        return [call]
    given = [arg.dtype for arg in call.args]
    if not call.kwargs and given[0].kind in "fcb" and all(dtype == given[0] for dtype in given):
        return [call]
    dtype = call.kwargs.get("dtype")
    dtypes = call.fn.resolve_dtypes(
        (*given, None), signature=(*[None] * len(given), None if dtype is None else np.dtype(dtype))
    )
    if dtypes[-1] != call.outs[0].dtype:
        return [call]
    calls, args = [], []
    for arg, dtype in zip(call.args, dtypes, strict=False):
        if arg.dtype != dtype and arg.size > 1:
            converted = Var(arg.shape, dtype)
            calls.append(call.like(np.astype, (arg, dtype), {}, (converted,)))
            arg = converted
        args.append(arg)
    return [*calls, call.like(args=tuple(args))]


def _options(call: Call, **known: Any) -> dict[str, Any] | None:
    """Return the known keywords of a call, defaults included, or None if another one differs from its default."""
    options = dict(known)
    for key, value in call.kwargs.items():
        if key in known:
            options[key] = value
        elif not (
            value is None
            or value is np._NoValue
            or (key == "where" and value is True)
            or (key == "initial" and value is np._NoValue)
        ):
            return None
    return options


def _reduce(call: Call, constants: Constants) -> Any:
    ufunc = facts_of(call.fn).reduces
    options = _options(call, axis=None, keepdims=False)
    x, out = call.args[0], call.outs[0]
    if (
        ufunc is None
        or options is None
        or len(call.args) != 1
        or x.__class__ is not Var
        or x.dtype.kind not in "fcb"
        or x.dtype.itemsize == 2
    ):
        return [call]
    if x.dtype.kind == "b" and ufunc in (np.add, np.multiply) and out.dtype != np.intp:
        return [call]
    return [call.like(ufunc.reduce, (x,), _reduction(x, options), (out,))]


def _reduction(x: Var, options: dict[str, Any]) -> dict[str, Any]:
    axis = options["axis"]
    if axis is not None:
        axis = tuple(sorted(i % x.ndim for i in (axis if isinstance(axis, tuple) else (axis,)))) if x.ndim else ()
        axis = axis[0] if len(axis) == 1 else axis
    return {"axis": axis, "keepdims": bool(options["keepdims"]) if options["keepdims"] is not np._NoValue else False}


def _mean(call: Call, constants: Constants) -> Any:
    options = _options(call, axis=None, keepdims=False)
    x, out = call.args[0], call.outs[0]
    # Complex numbers: NumPy divides single ones in another way than those of an array.
    if options is None or x.__class__ is not Var or x.dtype.kind != "f" or x.dtype.itemsize == 2 or not x.size:
        return [call]
    total = Var(out.shape, out.dtype)
    count = constants.of(x.size // max(out.size, 1), out.dtype)
    return [
        call.like(np.add.reduce, (x,), _reduction(x, options), (total,)),
        call.like(np.true_divide, (total, count), {}, (out,)),
    ]


def _reshape(call: Call, constants: Constants) -> Any:
    x, out = call.args[0], call.outs[0]
    if call.kwargs.get("order", "C") != "C" or len(call.args) > 2:
        return [call]
    return x if x.shape == out.shape else [call.like(np.reshape, (x, out.shape), {})]


def _transposed(order: Callable[..., list[int]]) -> Callable[[Call, Constants], Any]:
    """Lower a function that permutes axes to a transpose. ``order`` returns the old axis of each new one."""

    def written(call: Call, constants: Constants) -> Any:
        x = call.args[0]
        axes = tuple(order(x.ndim, *call.args[1:], **call.kwargs))
        return x if axes == tuple(range(x.ndim)) else [call.like(np.transpose, (x, axes), {})]

    return written


def _axes_of_transpose(ndim: int, axes: Any = None) -> list[int]:
    return list(range(ndim))[::-1] if axes is None else [int(i) % ndim for i in axes]


def _axes_of_function(fn: Callable[..., Any]) -> Callable[..., list[int]]:
    """Find the permutation of a NumPy function by calling it on an array without elements."""

    def order(ndim: int, *args: Any, **kwargs: Any) -> list[int]:
        # Lengths tell the axes apart; the first length is 0, so that there is nothing in memory.
        return list(fn(np.empty(tuple(range(ndim))), *args, **kwargs).shape)

    return order


def _spread(call: Call, constants: Constants) -> Any:
    x, out = call.args[0], call.outs[0]
    return x if x.shape == out.shape else [call.like(np.broadcast_to, (x, out.shape), {})]


def _astype(call: Call, constants: Constants) -> Any:
    x, out = call.args[0], call.outs[0]
    return x if x.dtype == out.dtype else [call.like(np.astype, (x, out.dtype), {})]


def _clip(call: Call, constants: Constants) -> Any:
    x, low, high = call.args
    if low is None and high is None:
        return x
    return [call.like(np.clip, (x, low, high), {})]


def _dot(call: Call, constants: Constants) -> Any:
    x, y = call.args
    if x.__class__ is not Var or y.__class__ is not Var or not 1 <= x.ndim <= 2 or not 1 <= y.ndim <= 2 or call.kwargs:
        return [call]
    return [call.like(np.matmul)]


def _part(call: Call, constants: Constants) -> Any:
    """Lower `real` of a real array to the array itself."""
    x = call.args[0]
    if x.__class__ is Var and x.dtype.kind != "c" and call.fn is np.real:
        return x
    return [call]


def _copy(call: Call, constants: Constants) -> Any:
    return call.args[0]


def _by_position(*names: str) -> Callable[[Call, Constants], Any]:
    """Pass all arguments of an operation of this package by position."""

    def written(call: Call, constants: Constants) -> Any:
        rest = [call.kwargs[name] for name in names[len(call.args) :]]
        return [call.like(args=(*call.args, *rest), kwargs={})]

    return written


# The most elements of an array that is flattened for a look-up: copying a longer one, where it is not contiguous, costs
# more than the look-up gains.
_LONGEST_ROW = 1 << 16


def _getitem(call: Call, constants: Constants) -> Any:
    """Lower an index of one integer array for each axis, all but one of them known, to an index into the flat array.

    NumPy needs 3 kB for an index of several arrays, and more time than for all of this. Offsets along the unknown axis
    are looked up in a table, which counts negative indices from the end and refuses those out of bounds, as the index
    does."""
    (call,) = _by_position("x", "index")(call, constants)
    x, index = call.args
    out = call.outs[0]
    if (
        x.__class__ is not Var
        or not isinstance(index, tuple)
        or len(index) != x.ndim
        or x.size > _LONGEST_ROW
        or not out.size
    ):
        return [call]
    asked = [i for i, each in enumerate(index) if each.__class__ is Var and each.constant is None]
    if len(asked) != 1 or x.ndim < 2 or not all(_counts(each) for each in index):
        return [call]
    (axis,) = asked
    steps = [math.prod(x.shape[i + 1 :]) for i in range(x.ndim)]
    start = np.zeros((), np.intp)
    for i, (each, n) in enumerate(zip(index, x.shape, strict=True)):
        if i != axis:
            if each.constant.size and not -n <= each.constant.min() <= each.constant.max() < n:
                return [call]
            start = start + np.remainder(each.constant, n) * steps[i]
    table = _known(np.arange(x.shape[axis]) * steps[axis])
    along, places, row = Var(index[axis].shape, table.dtype), Var(out.shape, table.dtype), Var((x.size,), x.dtype)
    return [
        call.like(operations.getitem, (table, index[axis]), {}, (along,)),
        call.like(np.add, (along, _known(start)), {}, (places,)),
        call.like(np.reshape, (x, row.shape), {}, (row,)),
        call.like(operations.getitem, (row, places), {}, (out,)),
    ]


def _counts(index: Any) -> bool:
    """Whether an index is an integer array that NumPy converts to its index type without loss."""
    return index.__class__ is Var and index.dtype.kind in "iu" and np.can_cast(index.dtype, np.intp)


def _known(array: Any) -> Var:
    """Make a constant."""
    array.flags.writeable = False
    return Var(array.shape, array.dtype, array)


defacts(np.sum, np.prod, np.max, np.amax, np.min, np.amin, np.any, np.all, lowering=_reduce)
defacts(np.mean, lowering=_mean)
defacts(np.reshape, np.ravel, np.expand_dims, np.squeeze, lowering=_reshape)
defacts(np.transpose, lowering=_transposed(_axes_of_transpose))
defacts(np.swapaxes, lowering=_transposed(_axes_of_function(np.swapaxes)))
defacts(np.moveaxis, lowering=_transposed(_axes_of_function(np.moveaxis)))
defacts(np.broadcast_to, operations.spread, lowering=_spread)
defacts(operations.astype, np.astype, lowering=_astype)
defacts(operations.identity, np.copy, np.positive, lowering=_copy)
defacts(operations.clip, lowering=_clip)
defacts(operations.getitem, lowering=_getitem)
defacts(operations.setitem, lowering=_by_position("x", "index", "value"))
defacts(operations.scatter, lowering=_by_position("parts", "indices", "shape"))
defacts(np.dot, lowering=_dot)
defacts(np.real, lowering=_part)
# Lowering changes the order in memory of their results, or the rounding.
defacts(operations.spread, np.copy, np.positive, np.dot, np.ravel, lowers_exactly=False)
