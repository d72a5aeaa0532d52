"""Products of matrices, and short sums as products: `numpy.dot` costs less to call than what it replaces."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.program.ir import Call, Program, Var, made_by, readers
from autograd.program.passes.lower import Constants, is_elementwise

# The most elements of a sum that becomes a product. NumPy's pairwise sum of a longer array is more accurate.
_LONGEST_SUM = 4096


def with_dots(program: Program) -> Program:
    """Write products of matrices, and short sums, as `numpy.dot`."""
    constants = Constants()
    makers = made_by(program)
    counts = readers(program)
    calls: list[Call] = []
    for call in program.calls:
        calls.extend(_as_dot(call, makers, counts, constants) or [call])
    return program.with_calls(calls)


def _as_dot(call: Call, makers: dict[Var, Call], counts: dict[Var, int], constants: Constants) -> list[Call] | None:
    """Return the calls that replace a call, or None if it stays."""
    if call.kind != "plain" or call.several or call.outs[0].dtype.char not in "fdFD":
        return None
    if call.fn is np.einsum:
        return _as_matmul(call)
    if call.fn is np.matmul:
        return [call.like(np.dot)] if _is_matrix_product(call) else None
    if not _is_short_sum(call, makers):
        return None
    x = call.args[0]
    if call.outs[0].size == 1:
        return _whole_sum(call, makers[x], counts, constants)
    if x.ndim == 2 and call.kwargs["axis"] == 0:
        return _shaped(call, call.like(np.dot, (constants.ones(x.shape[0], x.dtype), x), {}), (x.shape[1],))
    return None


def _is_matrix_product(call: Call) -> bool:
    """Whether a `matmul` multiplies vectors or matrices with elements, all of one dtype."""
    dtype = call.outs[0].dtype
    return not call.kwargs and all(
        each.__class__ is Var and 1 <= each.ndim <= 2 and each.dtype == dtype and each.size for each in call.args
    )


def _is_short_sum(call: Call, makers: dict[Var, Call]) -> bool:
    """Whether a call adds up a short real array that an elementwise call makes.

    Complex arrays are left alone: the product of a complex infinity with 1 has NaN in its imaginary part."""
    if call.fn != np.add.reduce:
        return False
    x = call.args[0]
    if x.__class__ is not Var or not 1 < x.size <= _LONGEST_SUM or x.dtype != call.outs[0].dtype or x.dtype.kind != "f":
        return False
    return x in makers and is_elementwise(makers[x])


def _whole_sum(call: Call, maker: Call, counts: dict[Var, int], constants: Constants) -> list[Call]:
    """Write the sum of all elements as the product of two vectors: of its factors, or of it with ones."""
    x = call.args[0]
    factors = maker.args if maker.fn is np.multiply else maker.args * 2 if maker.fn is np.square else ()
    if len(factors) != 2 or counts[x] != 1 or not all(_is_like(each, x) for each in factors):
        factors = (constants.ones(x.size, x.dtype), x)
    calls, flat = [], []
    for each in dict.fromkeys(factors):
        flat.append(each if each.ndim == 1 else Var((x.size,), x.dtype))
        if each.ndim != 1:
            calls.append(call.like(np.reshape, (each, (x.size,)), {}, (flat[-1],)))
    return [*calls, *_shaped(call, call.like(np.dot, (flat[0], flat[-1]), {}), ())]


def _is_like(value: Any, other: Var) -> bool:
    return value.__class__ is Var and value.shape == other.shape and value.dtype == other.dtype


def _as_matmul(call: Call) -> list[Call] | None:
    """Write an `einsum` of two operands as `matmul`, which BLAS computes, if it sums over one axis and one axis of each
    operand remains. Further axes stand in all three arrays, in one order: a batch.
    """
    letters = _letters(call)
    if letters is None:
        return None
    x, y, output = letters
    operands, out = call.args[1:], call.outs[0]
    if any(each.__class__ is not Var or each.dtype != out.dtype for each in operands):
        return None
    if [len(x), len(y), len(output)] != [each.ndim for each in (*operands, out)]:
        return None
    summed = [a for a in x if a in y and a not in output]
    rows, columns = [a for a in x if a not in y], [a for a in y if a not in x]
    if [len(summed), len(rows), len(columns)] != [1, 1, 1] or any(a not in output for a in (*rows, *columns)):
        return None
    batch_x, batch_y, batch_output = [[a for a in each if a in x and a in y and a in output] for each in letters]
    if not batch_x == batch_y == batch_output:
        return None
    i, j, k = rows[0], summed[0], columns[0]
    if operands[0].shape[x.index(j)] != operands[1].shape[y.index(j)]:  # `einsum` broadcasts an axis of length 1 there
        return None
    axes = [(x.index(i), x.index(j)), (y.index(j), y.index(k)), (output.index(i), output.index(k))]
    return [call.like(np.matmul, operands, {"axes": axes})]


def _letters(call: Call) -> tuple[str, str, str] | None:
    """Return the letters of both operands and the output of an `einsum` in its explicit form, each letter once an
    array, or None.
    """
    if len(call.args) != 3 or not isinstance(call.args[0], str) or not call.kwargs.keys() <= {"optimize"}:
        return None
    inputs, arrow, output = call.args[0].replace(" ", "").partition("->")
    x, _, y = inputs.partition(",")
    if not arrow or not (x + y + output).isalpha() or any(len(set(each)) != len(each) for each in (x, y, output)):
        return None
    return x, y, output


def _shaped(call: Call, dot: Call, shape: tuple[int, ...]) -> list[Call]:
    """Give a product, which has a shape, the shape of the sum that it replaces, which may have kept its axes."""
    out = call.outs[0]
    if out.shape == shape:
        return [dot]
    value = Var(shape, out.dtype)
    return [dot.like(outs=(value,)), call.like(np.reshape, (value, out.shape), {})]
