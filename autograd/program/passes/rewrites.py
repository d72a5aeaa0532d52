"""Algebra: calls that change nothing go, negations meet, and elementwise calls read what an operand was broadcast from.

The rules hold for all floating-point numbers: there is no rule ``x + 0 -> x``, which would change the sign of 0, and no
rule ``x * 0 -> 0``, which is wrong for infinities and NaN. Sums of equal terms and products with a reciprocal, which
round otherwise, are rewritten unless ``exact``."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.program.ir import Call, Program, Var, made_by, readers
from autograd.program.passes.lower import Constants, is_elementwise, is_reshape, reduction_of


# --------------------------------------------------------------------------------------------------- patterns
class Operand:
    """An operand in a pattern. Wherever it stands in a pattern, it is the same value.

    Parameters
    ----------
    holds : callable or None
        Whether it may be a certain argument. None: any.
    """

    def __init__(self, holds: Callable[[Any], bool] | None = None) -> None:
        self.holds = holds


class Once:
    """A call in a pattern whose output has no other reader, so that it goes."""

    def __init__(self, *pattern: Any) -> None:
        self.pattern = pattern


def _is_real(arg: Any) -> bool:
    return arg.__class__ is Var and arg.dtype.kind == "f"


def _is_number(arg: Any) -> bool:
    return _is_real(arg) and arg.constant is not None and not arg.shape


def _is_all(arg: Any, number: int) -> bool:
    """Whether an operand is a constant of elements that are all equal to a number."""
    if arg.__class__ is not Var or arg.constant is None or arg.dtype.kind not in "fc" or not arg.size:
        return False
    flat = arg.constant[(0,) * arg.ndim] if arg.ndim else arg.constant
    return bool(flat == number) and (arg.size == 1 or bool((arg.constant == number).all()))


def _is_plus_zero(arg: Any) -> bool:
    return _is_all(arg, 0) and not np.signbit(arg.constant).any()


def _is_truth(arg: Any, truth: bool) -> bool:
    """Whether an operand is a constant that is true everywhere, or false everywhere."""
    if arg is truth:
        return True
    if arg.__class__ is not Var or arg.constant is None or arg.dtype.kind != "b":
        return False
    return bool(arg.constant.all()) if truth else not arg.constant.any()


def _by_function(table: dict[Any, Any]) -> dict[Any, list[tuple[tuple[Any, ...], Any]]]:
    """Return the rows of a table, as operands and right side, by the function of the call."""
    rows: dict[Any, list[tuple[tuple[Any, ...], Any]]] = {}
    for (fn, *operands), template in table.items():
        rows.setdefault(fn, []).append((tuple(operands), template))
    return rows


X, Y, ANY = Operand(), Operand(), Operand()
R, S = Operand(_is_real), Operand(_is_real)
NUMBER = Operand(_is_number)
ONE, ZERO = Operand(lambda arg: _is_all(arg, 1)), Operand(_is_plus_zero)
TRUE, FALSE = Operand(lambda arg: _is_truth(arg, True)), Operand(lambda arg: _is_truth(arg, False))

# The operand that a call returns bit for bit, but for broadcasting. The first row that matches decides; it holds where
# the dtype stays. Real operands only in products: 1 is 1 + 0j there, whose imaginary part takes part in a complex
# product, where signs of 0 and infinities show it.
SAME = {
    (np.multiply, R, ONE): R,
    (np.multiply, ONE, R): R,
    (np.true_divide, R, ONE): R,
    (np.subtract, R, ZERO): R,
    (np.negative, (np.negative, X)): X,
    (np.conjugate, (np.conjugate, X)): X,
    (np.conjugate, R): R,
    (np.where, ANY, X, X): X,
    (np.where, TRUE, X, ANY): X,
    (np.where, FALSE, ANY, X): X,
    (np.logical_and, FALSE, ANY): FALSE,
    (np.logical_and, ANY, FALSE): FALSE,
    (np.logical_or, TRUE, ANY): TRUE,
    (np.logical_or, ANY, TRUE): TRUE,
}

# Negations that meet others, or move to the end of a product, where others join them. No rounding changes, and no sign
# of 0: ``-x - y`` stays, which is 0 where ``-(x + y)`` is -0, and so does the sum of ``-x``. Real operands only: of
# complex numbers, whose products are differences, signs of 0 would change.
NEGATIONS = {
    (np.multiply, (np.negative, R), (np.negative, S)): (np.multiply, R, S),
    (np.multiply, (np.negative, R), NUMBER): (np.multiply, R, (np.negative, NUMBER)),
    (np.multiply, NUMBER, (np.negative, R)): (np.multiply, (np.negative, NUMBER), R),
    (np.multiply, Once(np.negative, R), X): (np.negative, (np.multiply, R, X)),
    (np.multiply, X, Once(np.negative, R)): (np.negative, (np.multiply, X, R)),
    (np.true_divide, (np.negative, R), (np.negative, S)): (np.true_divide, R, S),
    (np.true_divide, (np.negative, R), NUMBER): (np.true_divide, R, (np.negative, NUMBER)),
    (np.true_divide, NUMBER, (np.negative, R)): (np.true_divide, (np.negative, NUMBER), R),
    (np.true_divide, Once(np.negative, R), X): (np.negative, (np.true_divide, R, X)),
    (np.true_divide, X, Once(np.negative, R)): (np.negative, (np.true_divide, X, R)),
    (np.add, X, (np.negative, R)): (np.subtract, X, R),
    (np.add, (np.negative, R), X): (np.subtract, X, R),
    (np.subtract, (np.negative, R), (np.negative, S)): (np.subtract, S, R),
    (np.subtract, X, (np.negative, R)): (np.add, X, R),
}

# Another rounding: not where every bit counts.
ROUNDED_OTHERWISE = {
    (np.multiply, Once(np.true_divide, ONE, Y), X): (np.true_divide, X, Y),
    (np.multiply, X, Once(np.true_divide, ONE, Y)): (np.true_divide, X, Y),
}


class _Algebra:
    """The tables of this module, applied to the calls of a program in order.

    Attributes
    ----------
    makers : dict of Var to Call
        The call that makes each value.
    counts : dict of Var to int
        How often each value is read.
    """

    def __init__(self, program: Program) -> None:
        self.makers, self.counts = made_by(program), readers(program)
        self.constants = Constants()
        self.same = _by_function(SAME)
        self.negations = _by_function(NEGATIONS)
        self.rounded_otherwise = _by_function(ROUNDED_OTHERWISE)

    def note(self, call: Call, replaced: Call) -> None:
        """Take note of a call that stands in the place of another."""
        self.makers.update(dict.fromkeys(call.outs, call))
        self.counts.update(dict.fromkeys(call.outs, self.counts.get(replaced.outs[0], 0)))

    def operand_it_is(self, call: Call) -> Var | None:
        """Return the operand that a call returns as it is, but for broadcasting, or None."""
        found, bound = self._matched(call, self.same)
        same = found if found is None else bound[found]
        same = _undone_transpose(call, self.makers) or _undone_reshape(call, self.makers) if same is None else same
        if same is None and _is_trivial_reduction(call):
            same = call.args[0]
        return same if same.__class__ is Var and same.dtype == call.outs[0].dtype else None

    def rewritten(self, call: Call, table: dict[Any, Any]) -> list[Call] | None:
        """Return the calls that a table has for a call, or None."""
        template, bound = self._matched(call, table)
        if template is None:
            return None
        fn, *operands = template
        calls: list[Call] = []
        args = tuple([self._operand(each, bound, call, calls) for each in operands])
        return [*calls, call.like(fn, args, {})]

    def _operand(self, template: Any, bound: dict[Operand, Any], call: Call, calls: list[Call]) -> Any:
        """Return an operand of a rewritten call. The calls that make it, of the shape of the output, are added."""
        if template.__class__ is Operand:
            return bound[template]
        fn, *operands = template
        args = tuple([bound[each] for each in operands])
        if operands == [NUMBER]:
            return self.constants.of(fn(args[0].constant), args[0].dtype)
        value = Var(call.outs[0].shape, call.outs[0].dtype)
        calls.append(call.like(fn, args, {}, (value,)))
        return value

    def _matched(self, call: Call, table: dict[Any, Any]) -> tuple[Any, dict[Operand, Any]]:
        """Return the right side of the first row of a table that matches a call, and its operands; or None."""
        raises = call.errstate is not None and "raise" in call.errstate.values()  # another call fails elsewhere
        for operands, template in () if call.kwargs or raises else table.get(call.fn, ()):
            bound: dict[Operand, Any] = {}
            if self._match(operands, call.args, bound):
                return template, bound
        return None, {}

    def _match(self, operands: Any, args: tuple[Any, ...], bound: dict[Operand, Any]) -> bool:
        """Whether arguments fit the operands of a pattern, whose values are put down."""
        if len(args) != len(operands):
            return False
        for wanted, arg in zip(operands, args, strict=True):
            if wanted.__class__ is Operand:
                if (wanted.holds is not None and not wanted.holds(arg)) or bound.setdefault(wanted, arg) is not arg:
                    return False
                continue
            maker = self.makers.get(arg) if arg.__class__ is Var else None
            pattern = wanted.pattern if wanted.__class__ is Once else wanted
            if maker is None or maker.fn is not pattern[0] or maker.kwargs:
                return False
            if pattern is not wanted and self.counts.get(arg) != 1:
                return False
            if not self._match(pattern[1:], maker.args, bound):
                return False
        return True


def simplified(program: Program, exact: bool = False) -> Program:
    """Rewrite calls by the tables of this module, and compute with what an array is broadcast from."""
    algebra = _Algebra(program)
    calls: list[Call] = []
    replaced: dict[Var, Var] = {}
    for call in program.calls:
        call = call.rewired(replaced)
        if call.kind != "plain" or call.several:
            calls.append(call)
            continue
        same = algebra.operand_it_is(call)
        if same is not None and same.shape == call.outs[0].shape:
            replaced[call.outs[0]] = same
            continue
        if same is not None:
            call = call.like(np.broadcast_to, (same, call.outs[0].shape), {})
        written = _narrowed(call, algebra.makers, exact)
        if written is None and not exact:
            written = _product_of_equal_terms(call, algebra.makers, algebra.constants)
            written = written or algebra.rewritten(call, algebra.rounded_otherwise)
        written = written or [call]
        if len(written) == 1:
            written = algebra.rewritten(written[0], algebra.negations) or written
        for each in written:
            algebra.note(each, call)
        calls.extend(written)
    return program.with_calls(calls, replaced)


def _is_trivial_reduction(call: Call) -> bool:
    """Whether a call reduces over no axis and changes nothing.

    The sum of -0 alone is 0, since a sum starts with 0. A product starts with 1, and a complex infinity times 1 has NaN
    in one of its parts."""
    ufunc = reduction_of(call)
    if ufunc is None or call.kwargs["axis"] != ():
        return False
    kind = call.outs[0].dtype.kind
    return kind not in "fc" or (ufunc is not np.add and (kind == "f" or ufunc is not np.multiply))


# --------------------------------------------------------------------------------------------------- views of views
def _undone_transpose(call: Call, makers: dict[Var, Call]) -> Var | None:
    """Return the array that a transpose of a transpose restores."""
    maker = makers.get(call.args[0]) if call.fn is np.transpose else None
    if maker is None or maker.fn is not np.transpose:
        return None
    (x, first), second = maker.args, call.args[1]
    return x if all(first[axis] == i for i, axis in enumerate(second)) else None


def _undone_reshape(call: Call, makers: dict[Var, Call]) -> Var | None:
    """Return the array whose shape a reshape of reshapes restores."""
    shape = call.outs[0].shape
    while is_reshape(call):
        maker = makers.get(call.args[0])
        if maker is None or not is_reshape(maker):
            return None
        if maker.args[0].shape == shape:
            return maker.args[0]
        call = maker
    return None


# --------------------------------------------------------------------------------------------------- broadcasting
def _source(value: Any, makers: dict[Var, Call]) -> Any:
    """Return the array that an operand was broadcast from, with as many axes or fewer."""
    while value.__class__ is Var:
        maker = makers.get(value)
        if maker is None or maker.fn is not np.broadcast_to:
            if value.constant is not None and value.ndim and value.size > 1:
                return _narrow_constant(value)
            return value
        value = maker.args[0]
    return value


def _narrow_constant(value: Var) -> Var:
    """Return a constant of equal elements as one without axes."""
    array: Any = value.constant
    first = array[(0,) * array.ndim]
    equal = array.strides == (0,) * array.ndim
    if not equal and array.dtype.kind == "f":
        equal = bool((array == first).all() and (np.signbit(array) == np.signbit(first)).all())
    return Var((), value.dtype, np.asarray(first)) if equal else value


def _narrowed(call: Call, makers: dict[Var, Call], exact: bool) -> list[Call] | None:
    """Read what operands were broadcast from. If all of them were, compute with that, and broadcast the result."""
    if not is_elementwise(call):
        return None
    sources = tuple([_source(arg, makers) for arg in call.args])
    if all(source is arg for source, arg in zip(sources, call.args, strict=True)):
        return None
    out = call.outs[0]
    shape = np.broadcast_shapes(*[each.shape for each in sources if each.__class__ is Var])
    if shape == out.shape:
        return [call.like(args=sources)]
    if exact:  # a sum adds up what is broadcast in another order
        return None
    narrow = Var(shape, out.dtype)
    return [call.like(args=sources, outs=(narrow,)), call.like(np.broadcast_to, (narrow, out.shape), {})]


def _product_of_equal_terms(call: Call, makers: dict[Var, Call], constants: Constants) -> list[Call] | None:
    """Write the sum of an array over axes along which it was broadcast as a product.

    Real arrays only: a complex infinity times a real number has NaN in one of its parts. The sum of -0 is 0, which the
    product becomes by adding 0."""
    if call.fn != np.add.reduce or call.args[0].dtype.kind != "f":
        return None
    x, out = call.args[0], call.outs[0]
    source = _source(x, makers)
    if source is x:
        return None
    axis = call.kwargs["axis"]
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    lengths = (1,) * (x.ndim - source.ndim) + source.shape
    if any(lengths[i] != 1 for i in axes):
        return None
    length = math.prod(x.shape[i] for i in axes)
    if not length:  # of which a product with 0 is not the sum, where there is no number
        return None
    product, narrow = Var(source.shape, out.dtype), Var(source.shape, out.dtype)
    calls = [
        call.like(np.multiply, (source, constants.of(length, out.dtype)), {}, (product,)),
        call.like(np.add, (product, constants.of(0, out.dtype)), {}, (narrow,)),
    ]
    kept = tuple([1 if i in axes else n for i, n in enumerate(x.shape)])
    if source.size == math.prod(kept):
        return [*calls, call.like(np.reshape, (narrow, out.shape), {})]
    wide = Var(kept, out.dtype)
    return [
        *calls,
        call.like(np.broadcast_to, (narrow, kept), {}, (wide,)),
        call.like(np.reshape, (wide, out.shape), {}),
    ]
