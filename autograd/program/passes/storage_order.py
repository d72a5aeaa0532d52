"""Storage order: arrays of short rows are stored with their longest axis innermost, since NumPy is fast along long rows
and pays for the start of each short one.

An array of 1000 points, 25 clusters and 10 coordinates has rows of 10. This pass stores it as 25 x 10 x 1000, with the
calls that make and read it, wherever that saves more than the transposes that it takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.program.ir import Call, Program, Var, replace
from autograd.program.passes.lower import is_elementwise, is_reshape, reduction_of

# Rows up to this length are short. The longest axis is put in their place if it is so many times longer, in arrays of
# so many elements.
_SHORT_ROW, _LONGER, _LEAST = 32, 8, 8192
# The cost of transposing an element, in units of computing one in a short row.
_COST = 2

Order = tuple[int, ...]


def with_long_rows(program: Program) -> Program:
    """Store arrays of short rows with their longest axis innermost. Sums are then added up in another order."""
    chosen = _chosen(program)
    if not chosen:
        return program
    permuter = Permuter(chosen)
    for call in program.calls:
        permuter.write(call)
    replaced = {value: permuter.result(value) for value in program.results() if value in chosen}
    return program.with_calls(permuter.calls, replaced)


def order_of(value: Var) -> Order | None:
    """Return the axes of an array with the longest one last, or None if its rows are long enough as they are."""
    shape = value.shape
    if value.ndim < 2 or value.size < _LEAST or value.order is not None or value.constant is not None:
        return None
    longest = max(range(value.ndim), key=lambda i: shape[i])
    if longest == value.ndim - 1 or shape[-1] > _SHORT_ROW or shape[longest] < _LONGER * shape[-1]:
        return None
    return (*[i for i in range(value.ndim) if i != longest], longest)


# ------------------------------------------------------------------------------------------------- choosing
def _chosen(program: Program) -> dict[Var, Order]:
    """Return the order of each value that is stored in another one.

    Values that calls connect form a group, which is stored so as a whole or not at all."""
    orders = {}
    for call in program.calls:
        if _can_be_permuted(call) and (order := order_of(call.outs[0])) is not None:
            orders[call.outs[0]] = order
    groups = {value: value for value in orders}

    def group(value: Var) -> Var:
        while groups[value] is not value:
            value = groups[value]
        return value

    gains: dict[Var, float] = {}

    def count(value: Var, gain: float) -> None:
        gains[value] = gains.get(value, 0.0) + gain

    for call in program.calls:
        linked = [value for value in (*call.outs, *call.operands()) if value in orders]
        if not linked:
            continue
        if _can_be_permuted(call):
            for value in linked[1:]:
                groups[group(value)] = group(linked[0])
            count(linked[0], _gain(call))
            if call.outs[0] in orders:
                count(linked[0], -_COST * sum(value.size for value in _large(call) if value not in orders))
        else:
            for value in linked:
                count(value, -_COST * value.size)
    for value in program.results():
        if value in orders:
            count(value, -_COST * value.size)
    totals: dict[Var, float] = {}
    for value, gain in gains.items():
        totals[group(value)] = totals.get(group(value), 0.0) + gain
    return {value: order for value, order in orders.items() if totals.get(group(value), 0.0) > 0}


def _can_be_permuted(call: Call) -> bool:
    """Whether a call can be made on arrays with permuted axes."""
    if call.kind != "plain" or call.several or any(value.order is not None for value in (*call.outs, *call.operands())):
        return False
    if is_elementwise(call):
        return True
    if call.args[:1] == () or call.args[0].__class__ is not Var:
        return False
    if call.fn is np.dot or call.fn is np.matmul:
        ndims = [arg.ndim if arg.__class__ is Var else 0 for arg in call.args]
        return ndims == [2, 2] and not call.kwargs if call.fn is np.dot else _has_one_batch(call, ndims)
    return (
        reduction_of(call) is not None
        or call.fn is np.broadcast_to
        or (is_reshape(call) and _lengths(call.args[0]) == _lengths(call.outs[0]))
    )


def _has_one_batch(call: Call, ndims: list[int]) -> bool:
    """Whether a call of `matmul` names the axes of the matrices, as this compiler does, and has one batch axis at most.

    The order of several batch axes would have to agree."""
    axes = call.kwargs.get("axes")
    if (
        call.kwargs.keys() != {"axes"}
        or not isinstance(axes, list)
        or call.outs[0].ndim != 3
        or not all(ndim in (2, 3) for ndim in ndims)
    ):
        return False
    return len(axes) == 3 and all(isinstance(pair, tuple) and len(pair) == 2 and min(pair) >= 0 for pair in axes)


def _lengths(value: Var) -> list[int]:
    return [n for n in value.shape if n != 1]


def _large(call: Call) -> list[Var]:
    """Return the operands of a call whose permutation counts: large ones, and no constants, which are permuted once."""
    if call.fn is np.dot or call.fn is np.matmul:  # BLAS takes matrices either way
        return []
    return [value for value in call.operands() if value.constant is None and value.size * 2 > call.outs[0].size]


def _gain(call: Call) -> float:
    """Return how many elements a call computes in short rows."""
    out = call.outs[0]
    if reduction_of(call) is not None:
        x, axis = call.args[0], call.kwargs["axis"]
        last = x.ndim - 1
        return (
            float(x.size)
            if order_of(x) is not None and (axis == last or (isinstance(axis, tuple) and last in axis))
            else 0.0
        )
    if call.fn is np.matmul or call.fn is np.dot:
        return float(
            sum(value.size for value in (out, *call.args) if call.fn is np.matmul and order_of(value) is not None)
        )
    if not is_elementwise(call):
        return 0.0
    row, before = 1, None
    for i in range(1, out.ndim + 1):  # NumPy takes axes as one along which the same operands are broadcast
        broadcast = [value.ndim < i or value.shape[-i] == 1 for value in call.operands() if value.size > 1]
        if before is not None and broadcast != before:
            break
        row, before = row * out.shape[-i], broadcast
    return float(out.size) if row <= _SHORT_ROW else 0.0


# ------------------------------------------------------------------------------------------------- writing
class Permuter:
    """Writes calls on arrays with permuted axes.

    Attributes
    ----------
    calls : list of Call
        The calls written so far.
    """

    def __init__(self, orders: dict[Var, Order]) -> None:
        self.calls: list[Call] = []
        self._orders = orders
        self._permuted: dict[tuple[Var, Order], Var] = {}
        self._back: dict[Var, Var] = {}
        self._call: Call | None = None

    def write(self, call: Call) -> None:
        """Write a call, with its arrays as they are stored."""
        self._call = call
        out = call.outs[0] if call.outs else None
        order = self._orders.get(out) if out is not None else None
        if order is None and not any(value in self._orders for value in call.operands()):
            self.calls.append(call)
        elif order is not None or (_can_be_permuted(call) and not is_elementwise(call)):
            self._write_permuted(call, order or tuple(range(call.outs[0].ndim)))
        else:
            back = {value: self.as_it_was(value) for value in call.operands() if value in self._orders}
            self.calls.append(call.like(args=replace(call.args, back), kwargs=replace(call.kwargs, back)))

    def as_it_was(self, value: Var) -> Var:
        """Return a value with its axes in the original order."""
        if value not in self._orders:
            return value
        if value not in self._back:
            order = self._orders[value]
            self._back[value] = self._add(
                np.transpose, (self._permuted[value, order], _inverse(order)), Var(value.shape, value.dtype)
            )
        return self._back[value]

    def result(self, value: Var) -> Var:
        """Return a result of the program: a copy in C's order, as it would be without this pass."""
        return self._add(np.astype, (self.as_it_was(value), value.dtype), Var(value.shape, value.dtype))

    def _add(self, fn: Any, args: tuple[Any, ...], out: Var, kwargs: dict[str, Any] | None = None) -> Var:
        assert self._call is not None
        self.calls.append(Call(fn, args, kwargs or {}, (out,), False, self._call.line, self._call.errstate))
        return out

    def _write_permuted(self, call: Call, order: Order) -> None:
        """Write a call whose output has its axes in a given order."""
        out = call.outs[0]
        permuted = Var(tuple([out.shape[i] for i in order]), out.dtype) if out in self._orders else out
        self._permuted[out, order] = permuted
        if reduction_of(call) is not None:
            self._write_reduction(call, order, permuted)
        elif call.fn is np.matmul:
            self._write_product(call, order, permuted)
        elif call.fn is np.dot:
            x, y = map(self.as_it_was, call.args)
            if order == (1, 0):
                x, y = (self._add(np.transpose, (each, (1, 0)), Var(each.shape[::-1], each.dtype)) for each in (y, x))
            self._add(np.dot, (x, y), permuted)
        elif is_reshape(call):
            x = call.args[0]
            if _sequence(x, self._order(x)) == _sequence(out, order):
                self._add(np.reshape, (self._permuted.get((x, self._order(x)), x), permuted.shape), permuted)
            else:
                self._add(
                    np.transpose,
                    (self._add(np.reshape, (self.as_it_was(x), out.shape), Var(out.shape, out.dtype)), order),
                    permuted,
                )
        else:
            args = [self._operand(arg, order) if arg.__class__ is Var else arg for arg in call.args]
            if call.fn is np.broadcast_to:
                args[1] = permuted.shape
            self._add(call.fn, tuple(args), permuted, call.kwargs)

    def _order(self, value: Var) -> Order:
        return self._orders.get(value) or tuple(range(value.ndim))

    def _operand(self, value: Var, order: Order) -> Var:
        """Return an operand as it broadcasts to an output with its axes in a given order."""
        if value.size == 1 and value.ndim <= len(order):
            return value
        if (value, order) in self._permuted:
            return self._permuted[value, order]
        wide = (1,) * (len(order) - value.ndim) + value.shape
        shape = tuple([wide[i] for i in order])
        if value.constant is not None:
            array = np.ascontiguousarray(value.constant.reshape(wide).transpose(order))
            array.flags.writeable = False
            result = Var(shape, value.dtype, array)
        else:
            result, x = Var(shape, value.dtype), self.as_it_was(value)
            if [i for i in order if wide[i] != 1] == [i for i in range(len(wide)) if wide[i] != 1]:
                self._add(np.reshape, (x, shape), result)
            else:
                if wide != x.shape:
                    x = self._add(np.reshape, (x, wide), Var(wide, value.dtype))
                self._add(np.transpose, (x, order), result)
        self._permuted[value, order] = result
        return result

    def _write_reduction(self, call: Call, order: Order, out: Var) -> None:
        x, axis, keeps = call.args[0], call.kwargs["axis"], call.kwargs["keepdims"]
        given = self._order(x)
        axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        where: Any = None if axis is None else tuple(sorted(given.index(i) for i in axes))
        where = where[0] if where is not None and len(where) == 1 else where
        kept = [i for i in given if keeps or i not in axes]  # the axes of the result, by their numbers in the operand
        numbers = [i for i in range(x.ndim) if keeps or i not in axes]
        found = tuple([numbers.index(i) for i in kept])  # and by their numbers in the output
        x = self._permuted.get((x, given), x)
        kwargs = {"axis": where, "keepdims": keeps}
        if found == order:
            self._add(call.fn, (x,), out, kwargs)
            return
        shape = tuple([call.outs[0].shape[i] for i in found])
        result = self._add(call.fn, (x,), Var(shape, out.dtype), kwargs)
        back = tuple([found.index(i) for i in order])
        if _sequence(call.outs[0], found) == _sequence(call.outs[0], order):
            self._add(np.reshape, (result, out.shape), out)
        elif call.outs[0] in self._orders:
            self._add(np.transpose, (result, back), out)
        else:  # an output that is not permuted stays in C's order
            self._add(np.astype, (self._add(np.transpose, (result, back), Var(out.shape, out.dtype)), out.dtype), out)

    def _write_product(self, call: Call, order: Order, out: Var) -> None:
        orders = [*map(self._order, call.args), order]
        values = [*[self._permuted.get((x, each), x) for x, each in zip(call.args, orders, strict=False)], out]
        axes = [tuple([each.index(i) for i in pair]) for pair, each in zip(call.kwargs["axes"], orders, strict=True)]
        (x, y, _), ((i, j), (k, m), (p, q)) = values, axes
        if (p, q) == (out.ndim - 1, out.ndim - 2):  # the product of the transposed matrices, in reverse
            (x, y), axes = (y, x), [(m, k), (j, i), (q, p)]
        default = all(pair == (value.ndim - 2, value.ndim - 1) for pair, value in zip(axes, (x, y, out), strict=True))
        self._add(np.matmul, (x, y), out, {} if default else {"axes": axes})


def _inverse(order: Order) -> Order:
    return tuple([order.index(i) for i in range(len(order))])


def _sequence(value: Var, order: Order) -> list[int]:
    """Return the order of the axes that are longer than 1, numbered without the others."""
    numbers = [i for i in range(value.ndim) if value.shape[i] != 1]
    return [numbers.index(i) for i in order if i in numbers]
