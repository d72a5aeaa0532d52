"""Passes that remove calls: dead code, constants, and repeats."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.program.failing import may_fail
from autograd.program.ir import Call, Guard, Program, Var, map_values
from autograd.program.passes.lower import is_static

# A constant of more bytes than this is computed at each run.
_LARGEST_CONSTANT = 1 << 20


def without_dead(program: Program) -> Program:
    """Remove calls whose outputs nobody reads.

    Draws stay, so that a generator gives the numbers that it would have given. Guards stay, and so do calls whose
    output has a shape that depends on values: the program holds for the shape of the trace only. Calls that may fail
    stay, and those under an `errstate` of the function that raises: their errors are part of what the function does."""
    wanted = set(program.results())
    calls = []
    for call in reversed(program.calls):
        raises = call.errstate is not None and "raise" in call.errstate.values()
        needed = call.kind != "plain" or any(out in wanted for out in call.outs)
        if needed or raises or not is_static(call) or may_fail(call.fn, call.args, call.kwargs):
            wanted.update(call.operands())
            calls.append(call)
    return program.with_calls(calls[::-1])


def folded(program: Program) -> Program:
    """Evaluate calls on constants."""
    calls = []
    replaced: dict[Var, Var] = {}
    for call in program.calls:
        call = call.rewired(replaced)
        if (
            call.kind == "plain"
            and not call.several
            and call.outs[0].nbytes <= _LARGEST_CONSTANT
            and _is_constant(call)
        ):
            args, kwargs = _evaluated((call.args, call.kwargs))
            with np.errstate(**(call.errstate or {})):
                array = np.asarray(call.fn(*args, **kwargs))
            array.flags.writeable = False
            replaced[call.outs[0]] = Var(array.shape, array.dtype, array)
        else:
            calls.append(call)
    return program.with_calls(calls, replaced)


def _is_constant(call: Call) -> bool:
    operands = call.operands()
    return bool(operands) and all(value.constant is not None for value in operands)


def _evaluated(nest: Any) -> Any:
    return map_values(nest, lambda leaf: leaf.constant if leaf.__class__ is Var else leaf)


def without_repeats(program: Program) -> Program:
    """Make equal calls once. Equal guards are one guard."""
    calls = []
    replaced: dict[Var, Var] = {}
    known: dict[Any, Call] = {}
    for call in program.calls:
        call = call.rewired(replaced)
        if call.kind != "draw":
            try:
                before = known.setdefault(_key_of_call(call), call)
            except TypeError:  # an argument that has no hash
                before = call
            if before is not call:
                replaced.update(zip(call.outs, before.outs, strict=True))
                continue
        calls.append(call)
    return program.with_calls(calls, replaced)


def _key_of_call(call: Call) -> Any:
    fn = call.fn.ask if isinstance(call.fn, Guard) else call.fn
    errstate = None if call.errstate is None else tuple(call.errstate.items())
    return call.kind, fn, _key(call.args), _key(call.kwargs), errstate


def _key(nest: Any) -> Any:
    """Return a key that tells arguments apart: values by identity, numbers with their type and sign."""
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
