"""Passes: each takes a program and returns one that does the same with less."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.program.ir import Call, Program, Var, made_by, map_values, readers, replace
from autograd.program.passes.joined_updates import joined
from autograd.program.passes.lower import Constants, is_elementwise, is_reshape, is_static, lower, reduction_of
from autograd.program.passes.storage_order import with_long_rows
from autograd.program.trace import Guard

# A constant that would take more memory than this is computed at each run.
_LARGEST_CONSTANT = 1 << 20


def without_dead(program: Program) -> Program:
    """Leave out what nobody reads. Draws stay, so that a generator gives the numbers that it would have given; guards
    stay too, and with them what gives a shape that depends on values: the program is for the shape that it had."""
    wanted = set(program.results())
    calls = []
    for call in reversed(program.calls):
        if call.kind != "plain" or any(out in wanted for out in call.outs) or not is_static(call):
            wanted.update(call.operands())
            calls.append(call)
    return program.with_calls(calls[::-1])


def folded(program: Program) -> Program:
    """Compute what is the same in every run once, here."""
    calls = []
    replaced: dict[Var, Var] = {}
    for call in program.calls:
        call = _rewired(call, replaced)
        if (
            call.kind == "plain"
            and not call.several
            and call.outs[0].nbytes <= _LARGEST_CONSTANT
            and _is_constant(call)
        ):
            raw_args, raw_kwargs = _raw((call.args, call.kwargs))
            with np.errstate(**(call.errstate or {})):
                array = np.asarray(call.fn(*raw_args, **raw_kwargs))
            array.flags.writeable = False
            replaced[call.outs[0]] = Var(array.shape, array.dtype, array)
        else:
            calls.append(call)
    return program.with_calls(calls, replaced)


def _is_constant(call: Call) -> bool:
    operands = call.operands()
    return bool(operands) and all(value.constant is not None for value in operands)


def _raw(nest: Any) -> Any:
    return map_values(nest, lambda leaf: leaf.constant if leaf.__class__ is Var else leaf)


def _rewired(call: Call, replaced: dict[Var, Var]) -> Call:
    """Return a call that reads what stands for its operands."""
    if not replaced or not any(value in replaced for value in call.operands()):
        return call
    return call.like(args=replace(call.args, replaced), kwargs=replace(call.kwargs, replaced))


def without_repeats(program: Program) -> Program:
    """Compute what is computed twice once, and look once at what is looked at twice."""
    calls = []
    replaced: dict[Var, Var] = {}
    known: dict[Any, Call] = {}
    for call in program.calls:
        call = _rewired(call, replaced)
        if call.kind != "draw":
            fn = call.fn.ask if isinstance(call.fn, Guard) else call.fn
            key = (
                call.kind,
                fn,
                _key(call.args),
                _key(call.kwargs),
                None if call.errstate is None else tuple(call.errstate.items()),
            )
            try:
                before = known.setdefault(key, call)
            except TypeError:  # an argument that has no hash
                before = call
            if before is not call:
                replaced.update(zip(call.outs, before.outs, strict=True))
                continue
        calls.append(call)
    return program.with_calls(calls, replaced)


def _key(nest: Any) -> Any:
    """Return what tells arguments apart: values by themselves, numbers with their type and sign."""
    kind = nest.__class__
    if kind is Var:
        if nest.constant is not None and nest.size <= 1:
            return nest.shape, nest.dtype, nest.constant.tobytes()
        return nest
    if kind is slice:
        return (slice, _key((nest.start, nest.stop, nest.step)))
    if isinstance(nest, (tuple, list)):
        return (kind, *map(_key, nest))
    if isinstance(nest, dict):
        return tuple((name, _key(each)) for name, each in sorted(nest.items()))
    return (kind, repr(nest)) if isinstance(nest, (float, complex, np.generic)) else (kind, nest)


# --------------------------------------------------------------------------------------------------- algebra
def simplified(program: Program, exact: bool = False) -> Program:
    """Leave out what changes nothing, and compute with what an array is broadcast from.

    What floating-point numbers mean is kept: nothing here takes ``x + 0`` for ``x``, which differs in the sign of 0, or
    ``x * 0`` for 0. Sums of equal terms become products, which round otherwise, unless ``exact``."""
    constants = Constants()
    makers, counts = made_by(program), readers(program)
    calls: list[Call] = []
    replaced: dict[Var, Var] = {}
    for call in program.calls:
        call = _rewired(call, replaced)
        if call.kind != "plain" or call.several:
            calls.append(call)
            continue
        same = _operand_that_it_is(call, makers)
        if same is not None and same.shape == call.outs[0].shape:
            replaced[call.outs[0]] = same
            continue
        if same is not None:
            call = call.like(np.broadcast_to, (same, call.outs[0].shape), {})
        written = _narrowed(call, makers, exact)
        if written is None and not exact:
            written = _product_of_equal_terms(call, makers, constants) or _quotient(call, makers, counts)
        written = written or [call]
        if len(written) == 1:
            written = _with_signs_outside(written[0], makers, counts, constants)
        for each in written:
            makers.update(dict.fromkeys(each.outs, each))
            counts.update(dict.fromkeys(each.outs, counts.get(call.outs[0], 0)))
        calls.extend(written)
    return program.with_calls(calls, replaced)


def _operand_that_it_is(call: Call, makers: dict[Var, Call]) -> Var | None:
    """Return the operand that a call returns as it is, bit for bit, but for broadcasting, or None."""
    fn, args, out = call.fn, call.args, call.outs[0]
    found: Any = None
    if call.kwargs and is_elementwise(call):
        return None
    if fn in (np.multiply, np.true_divide, np.subtract) and out.dtype.kind == "c":
        return None  # 1 + 0j: its imaginary part takes part in products, where signs of 0 and infinite numbers show it
    if fn is np.multiply:
        found = args[0] if _is_all(args[1], 1) else args[1] if _is_all(args[0], 1) else None
    elif (fn is np.true_divide and _is_all(args[1], 1)) or (
        fn is np.subtract and _is_all(args[1], 0) and not np.signbit(args[1].constant).any()
    ):
        found = args[0]
    elif fn is np.negative or fn is np.conjugate:
        maker = makers.get(args[0])
        if maker is not None and maker.fn is fn:
            found = maker.args[0]
        elif fn is np.conjugate and args[0].__class__ is Var and args[0].dtype.kind == "f":
            found = args[0]
    elif fn is np.where:
        found = args[1] if args[1] is args[2] or _is_true(args[0]) else args[2] if _is_false(args[0]) else None
    elif fn is np.logical_and:
        found = next((arg for arg in args if _is_false(arg)), None)
    elif fn is np.logical_or:
        found = next((arg for arg in args if _is_true(arg)), None)
    elif fn is np.transpose:
        maker = makers.get(args[0])
        if (
            maker is not None
            and maker.fn is np.transpose
            and tuple(maker.args[1][i] for i in args[1]) == tuple(range(len(args[1])))
        ):
            found = maker.args[0]
    elif is_reshape(call):
        maker = makers.get(args[0])
        while maker is not None and is_reshape(maker) and maker.args[0].shape != out.shape:
            maker = makers.get(maker.args[0])
        found = maker.args[0] if maker is not None and is_reshape(maker) else None
    elif reduction_of(call) is not None and call.kwargs["axis"] == ():
        found = args[0]
    return found if found.__class__ is Var and found.dtype == out.dtype else None


def _with_signs_outside(
    call: Call, makers: dict[Var, Call], counts: dict[Var, int], constants: Constants
) -> list[Call]:
    """Write a product, a quotient, a sum or a difference of negated operands without negations, or with one at its end,
    where others join it.

    This changes no rounding, and not the sign of 0 either: ``-x - y`` stays, which is 0 where ``-(x + y)`` is -0, and
    so does the sum of ``-x``."""
    if call.kwargs or call.fn not in (np.multiply, np.true_divide, np.add, np.subtract):
        return [call]
    x, y = call.args
    minus_x, minus_y = _negated(x, makers), _negated(y, makers)
    args: Any = None
    if call.fn is np.multiply or call.fn is np.true_divide:
        if minus_x is not None and minus_y is not None:
            return [call.like(args=(minus_x, minus_y))]
        if minus_x is not None and _is_number(y):
            return [call.like(args=(minus_x, constants.of(-y.constant, y.dtype)))]
        if minus_y is not None and _is_number(x):
            return [call.like(args=(constants.of(-x.constant, x.dtype), minus_y))]
        if minus_x is not None and counts.get(x) == 1:
            args = minus_x, y
        elif minus_y is not None and counts.get(y) == 1:
            args = x, minus_y
    elif call.fn is np.add and minus_y is not None:
        return [call.like(np.subtract, (x, minus_y))]
    elif call.fn is np.add and minus_x is not None:
        return [call.like(np.subtract, (y, minus_x))]
    elif call.fn is np.subtract and minus_x is not None and minus_y is not None:
        return [call.like(args=(minus_y, minus_x))]
    elif call.fn is np.subtract and minus_y is not None:
        return [call.like(np.add, (x, minus_y))]
    return [call] if args is None else _negative_of(call, call.fn, args)


def _negative_of(call: Call, fn: Any, args: tuple[Any, ...]) -> list[Call]:
    value = Var(call.outs[0].shape, call.outs[0].dtype)
    return [call.like(fn, args, outs=(value,)), call.like(np.negative, (value,), {})]


def _negated(value: Any, makers: dict[Var, Call]) -> Any:
    """Return the value that an operand is the negative of, or None: of complex numbers, whose products are differences,
    signs of 0 would change.
    """
    maker = makers.get(value)
    return maker.args[0] if maker is not None and maker.fn is np.negative and maker.args[0].dtype.kind == "f" else None


def _is_number(value: Any) -> bool:
    return value.__class__ is Var and value.constant is not None and not value.shape and value.dtype.kind == "f"


def _is_true(arg: Any) -> bool:
    return arg is True or (
        arg.__class__ is Var and arg.constant is not None and arg.dtype.kind == "b" and bool(arg.constant.all())
    )


def _is_false(arg: Any) -> bool:
    return arg is False or (
        arg.__class__ is Var and arg.constant is not None and arg.dtype.kind == "b" and not arg.constant.any()
    )


def _is_all(arg: Any, number: int) -> bool:
    """Whether an operand is a constant of equal elements."""
    if arg.__class__ is not Var or arg.constant is None or arg.dtype.kind not in "fc" or not arg.size:
        return False
    flat = arg.constant[(0,) * arg.ndim] if arg.ndim else arg.constant
    return bool(flat == number) and (arg.size == 1 or bool((arg.constant == number).all()))


def _source(value: Any, makers: dict[Var, Call]) -> Any:
    """Return what an operand was broadcast from, with as many axes or fewer."""
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
    """Read what operands were broadcast from; where all of them were, compute that, and broadcast the result."""
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


def _quotient(call: Call, makers: dict[Var, Call], counts: dict[Var, int]) -> list[Call] | None:
    """Write the product with a reciprocal as a quotient."""
    if call.fn is not np.multiply or call.kwargs:
        return None
    for one, other in (call.args, call.args[::-1]):
        maker = makers.get(one)
        if maker is not None and maker.fn is np.true_divide and counts.get(one) == 1 and _is_all(maker.args[0], 1):
            return [call.like(np.true_divide, (other, maker.args[1]))]
    return None


def _product_of_equal_terms(call: Call, makers: dict[Var, Call], constants: Constants) -> list[Call] | None:
    """Write the sum of an array over axes along which it was broadcast as a product."""
    if call.fn != np.add.reduce or call.args[0].dtype.kind not in "fc":
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
    count = constants.of(length, out.dtype)
    narrow = Var(source.shape, out.dtype)
    product = call.like(np.multiply, (source, count), {}, (narrow,))
    kept = tuple([1 if i in axes else n for i, n in enumerate(x.shape)])
    if source.size == math.prod(kept):
        return [product, call.like(np.reshape, (narrow, out.shape), {})]
    wide = Var(kept, out.dtype)
    return [
        product,
        call.like(np.broadcast_to, (narrow, kept), {}, (wide,)),
        call.like(np.reshape, (wide, out.shape), {}),
    ]


# --------------------------------------------------------------------------------------------------- products
# Up to how many elements a sum is quicker as a product: of longer ones NumPy's is more accurate.
_SHORT = 4096


def with_dots(program: Program) -> Program:
    """Write products of matrices, and short sums, as `numpy.dot`, whose calls are quicker."""
    constants = Constants()
    makers = made_by(program)
    counts = readers(program)
    calls: list[Call] = []
    for call in program.calls:
        calls.extend(_as_dot(call, makers, counts, constants) or [call])
    return program.with_calls(calls)


def _as_dot(call: Call, makers: dict[Var, Call], counts: dict[Var, int], constants: Constants) -> list[Call] | None:
    if call.kind != "plain" or call.several or call.outs[0].dtype.char not in "fdFD":
        return None
    out = call.outs[0]
    if call.fn is np.einsum:
        return _as_matmul(call)
    if call.fn is np.matmul:
        x, y = call.args
        fits = not call.kwargs and all(
            each.__class__ is Var and 1 <= each.ndim <= 2 and each.dtype == out.dtype for each in call.args
        )
        return [call.like(np.dot)] if fits and x.size and y.size else None
    if call.fn != np.add.reduce:
        return None
    x, axis = call.args[0], call.kwargs["axis"]
    maker = makers.get(x)
    # A product of an infinite complex number with 1 has no number in its imaginary part.
    if x.__class__ is not Var or not 1 < x.size <= _SHORT or x.dtype != out.dtype or x.dtype.kind != "f":
        return None
    if maker is None or not is_elementwise(maker):
        return None
    if out.size == 1:
        factors = maker.args if maker.fn is np.multiply else maker.args * 2 if maker.fn is np.square else ()
        if len(factors) != 2 or counts[x] != 1 or not all(_is_like(each, x) for each in factors):
            factors = (constants.ones(x.size, x.dtype), x)
        calls, flat = [], []
        for each in dict.fromkeys(factors):
            flat.append(each if each.ndim == 1 else Var((x.size,), x.dtype))
            if each.ndim != 1:
                calls.append(call.like(np.reshape, (each, (x.size,)), {}, (flat[-1],)))
        return [*calls, *_shaped(call, call.like(np.dot, (flat[0], flat[-1]), {}), ())]
    if x.ndim == 2 and axis == 0:
        return _shaped(call, call.like(np.dot, (constants.ones(x.shape[0], x.dtype), x), {}), (x.shape[1],))
    return None


def _is_like(value: Any, other: Var) -> bool:
    return value.__class__ is Var and value.shape == other.shape and value.dtype == other.dtype


def _as_matmul(call: Call) -> list[Call] | None:
    """Write an `einsum` of two operands as `matmul`, which BLAS computes: it sums over one axis, and one axis of each
    operand remains.
    """
    if len(call.args) != 3 or not isinstance(call.args[0], str) or not call.kwargs.keys() <= {"optimize"}:
        return None
    inputs, arrow, output = call.args[0].replace(" ", "").partition("->")
    (x, _, y), operands, out = inputs.partition(","), call.args[1:], call.outs[0]
    if not arrow or not (x + y + output).isalpha() or any(len(set(each)) != len(each) for each in (x, y, output)):
        return None
    if any(each.__class__ is not Var or each.dtype != out.dtype for each in operands):
        return None
    summed = [letter for letter in x if letter in y and letter not in output]
    free_x, free_y = [[a for a in each if a not in other] for each, other in ((x, y), (y, x))]
    batches = [[a for a in each if a in x and a in y and a in output] for each in (x, y, output)]
    lengths = [len(x), len(y), len(output)] != [each.ndim for each in (*operands, out)]
    if (
        [len(summed), len(free_x), len(free_y)] != [1, 1, 1]
        or batches[0] != batches[1]
        or batches[0] != batches[2]
        or lengths
    ):
        return None
    if any(a not in output for a in (*free_x, *free_y)):
        return None
    i, j, k = free_x[0], summed[0], free_y[0]
    if operands[0].shape[x.index(j)] != operands[1].shape[y.index(j)]:  # `einsum` broadcasts an axis of length 1 there
        return None
    axes = [(x.index(i), x.index(j)), (y.index(j), y.index(k)), (output.index(i), output.index(k))]
    return [call.like(np.matmul, operands, {"axes": axes})]


def _shaped(call: Call, dot: Call, shape: tuple[int, ...]) -> list[Call]:
    """Return a product whose output has the shape of that of a sum, which may have kept its axes."""
    out = call.outs[0]
    if out.shape == shape:
        return [dot]
    value = Var(shape, out.dtype)
    return [dot.like(outs=(value,)), call.like(np.reshape, (value, out.shape), {})]


def optimized(program: Program, exact: bool = False) -> tuple[Program, dict[str, int]]:
    """Run all passes. Return the program, and how many calls there were after each."""
    counts = {"traced": len(program.calls)}
    for name, run in (
        ("lowered", lambda p: lower(p, exact)),
        ("dead code", without_dead),
        ("constants", folded),
        ("algebra", lambda p: simplified(p, exact)),
        ("constants again", folded),
        ("algebra again", lambda p: simplified(p, exact)),
        ("repeats", without_repeats),
        ("products", lambda p: p if exact else with_dots(p)),
        ("long rows", lambda p: p if exact else with_long_rows(p)),
        ("updates", joined),
        ("dead code again", without_dead),
    ):
        program = run(program)
        counts[name] = len(program.calls)
    return program, counts
