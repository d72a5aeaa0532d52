"""The cost of a call beyond NumPy's own, on ten numbers: ``python -m benchmarks.operations``.

Outside a tape, a function of `autograd.numpy` on arrays against NumPy's. On a tape, the call and its derivative (the
record and the sweep over it) against NumPy's call and the derivative written by hand."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

import autograd.numpy as anp
from autograd import GradientTape, Tensor

# The sweep of whichever checkout is imported: `benchmarks.against` runs this file on others too.
sweep = GradientTape.gradient.__globals__["sweep"]
CALLS = 100
GOAL_RAW, GOAL_TAPE = 3.0, 4.0


class Case(NamedTuple):
    """One call.

    Attributes
    ----------
    function : callable
        Of `autograd.numpy`.
    by_hand : callable
        NumPy's.
    args : tuple
        Arrays of floating-point numbers are differentiated with respect to.
    derivative : callable
        ``derivative(g, y, *args)`` returns the cotangent of each of these.
    """

    function: Callable[..., Any]
    by_hand: Callable[..., Any]
    args: tuple[Any, ...]
    derivative: Callable[..., tuple[Any, ...]]


def _spread(g: Any, x: Any) -> Any:
    result = np.empty_like(x)
    result[...] = g
    return result


def _of_rows(x: Any) -> Any:
    return np.expand_dims(x, -1)


def _one_hot(g: Any, x: Any, index: Any) -> Any:
    result = np.zeros_like(x)
    np.add.at(result, index, g)
    return result


def cases() -> dict[str, Case]:
    """Return the calls by name."""
    random = np.random.default_rng(0)
    x, z = random.uniform(0.5, 1.5, size=(2, 10))
    square, row = random.uniform(0.5, 1.5, size=(10, 10)), np.array([1, 2, 2])

    def of(name: str, args: tuple[Any, ...], derivative: Callable[..., tuple[Any, ...]], **kwargs: Any) -> Case:
        ours, theirs = getattr(anp, name), getattr(np, name)
        if kwargs:
            return Case(lambda *a: ours(*a, **kwargs), lambda *a: theirs(*a, **kwargs), args, derivative)
        return Case(ours, theirs, args, derivative)

    return {
        "exp": of("exp", (x,), lambda g, y, x: (g * y,)),
        "log": of("log", (x,), lambda g, y, x: (g / x,)),
        "sin": of("sin", (x,), lambda g, y, x: (g * np.cos(x),)),
        "tanh": of("tanh", (x,), lambda g, y, x: (g * (1 - y * y),)),
        "sqrt": of("sqrt", (x,), lambda g, y, x: (g * 0.5 / y,)),
        "square": of("square", (x,), lambda g, y, x: (g * (x + x),)),
        "absolute": of("absolute", (x,), lambda g, y, x: (g * np.sign(x),)),
        "add": of("add", (x, z), lambda g, y, x, z: (g, g)),
        "multiply": of("multiply", (x, z), lambda g, y, x, z: (g * z, g * x)),
        "divide": of("divide", (x, z), lambda g, y, x, z: (g / z, -g * y / z)),
        "power": of("power", (x, z), lambda g, y, x, z: (g * z * np.power(x, z - 1), g * y * np.log(x))),
        "maximum": of("maximum", (x, z), lambda g, y, x, z: (g * (x > z), g * (z > x))),
        "where": of("where", (x > 1, x, z), lambda g, y, c, x, z: (np.where(c, g, 0), np.where(c, 0, g))),
        "sum": of("sum", (x,), lambda g, y, x: (_spread(g, x),)),
        "sum of rows": of("sum", (square,), lambda g, y, x: (_spread(_of_rows(g), x),), axis=1),
        "mean": of("mean", (x,), lambda g, y, x: (_spread(g / 10, x),)),
        "max": of("max", (x,), lambda g, y, x: (g * (x == y),)),
        "var": of("var", (x,), lambda g, y, x: (g * 0.2 * (x - x.mean()),)),
        "cumsum": of("cumsum", (x,), lambda g, y, x: (np.cumsum(g[::-1])[::-1],)),
        "dot": of("dot", (x, z), lambda g, y, x, z: (g * z, g * x)),
        "matmul": of("matmul", (square, x), lambda g, y, a, x: (np.outer(g, x), a.T @ g)),
        "outer": of("outer", (x, z), lambda g, y, x, z: (g @ z, x @ g)),
        "reshape": of("reshape", (x, (2, 5)), lambda g, y, x, shape: (np.reshape(g, x.shape),)),
        "concatenate": of("concatenate", ([x, z],), lambda g, y, pair: (g[:10], g[10:])),
        "take": of("take", (x, row), lambda g, y, x, i: (_one_hot(g, x, i),)),
        "sort": of("sort", (x,), lambda g, y, x: (_one_hot(g, x, np.argsort(x)),)),
    }


def _tensors(arg: Any) -> Any:
    if isinstance(arg, list):
        return [_tensors(each) for each in arg]
    return Tensor(arg) if isinstance(arg, np.ndarray) and arg.dtype.kind == "f" else arg


def _leaves(args: Sequence[Any]) -> list[Tensor]:
    return [each for arg in args for each in (arg if isinstance(arg, list) else [arg]) if isinstance(each, Tensor)]


def on_tape(case: Case, g: Any) -> tuple[float, list[Any]]:
    """Return the seconds of as many calls and their derivatives, each of its own operands, and the cotangents of one
    call.
    """
    calls = [[_tensors(arg) for arg in case.args] for _ in range(CALLS)]
    tape, function = GradientTape(), case.function
    leaves = [_leaves(args) for args in calls]
    start = time.process_time()
    with tape:
        tape.tracked.update([leaf._id for each in leaves for leaf in each])
        outputs = [function(*args) for args in calls]
    found = sweep(
        tape.records,
        tape.tracked,
        {y._id: g for y in outputs},
        [leaf._id for each in leaves for leaf in each],
        consume=True,
    )
    return time.process_time() - start, [found[leaf._id] for leaf in leaves[0]]


def by_hand(case: Case, g: Any) -> tuple[float, list[Any]]:
    """Return the same, of NumPy's function and the derivative."""
    function, derivative, args = case.by_hand, case.derivative, case.args
    calls = range(CALLS)
    start = time.process_time()
    outputs = [function(*args) for _ in calls]
    for y in outputs:
        cotangents = derivative(g, y, *args)
    return time.process_time() - start, list(cotangents)


def plain(function: Callable[..., Any], args: tuple[Any, ...]) -> float:
    """Return the seconds of as many calls."""
    start = time.process_time()
    for _ in range(CALLS):
        function(*args)
    return time.process_time() - start


def cotangent(y: Any) -> Any:
    """Return the cotangent to begin with, of the shape of an output."""
    return np.asarray(np.random.default_rng(1).normal(size=np.shape(y)) if np.ndim(y) else 0.7)


def timed(case: Case, rounds: int) -> tuple[float, float]:
    """Return the microseconds of one call, outside a tape, and on a tape with its derivative."""
    g = cotangent(case.by_hand(*case.args))
    both = [(plain(case.function, case.args), on_tape(case, g)[0]) for _ in range(rounds)]
    outside, tape = (statistics.median(column) / CALLS * 1e6 for column in zip(*both, strict=True))
    return outside, tape


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code: 1 if a derivative is not that by hand."""
    description = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.operations", description=description)
    parser.add_argument("--rounds", type=int, default=101, help="how often each has its turn (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the microseconds of ours alone, as JSON")
    options = parser.parse_args(arguments)
    if options.json:
        print(json.dumps({name: timed(case, options.rounds) for name, case in cases().items()}))
        return 0
    wrong = 0
    goals = f"(goals {GOAL_RAW:g} and {GOAL_TAPE:g})"
    print(
        f"{'':<12} {'NumPy':>9} {'more':>9} {'x NumPy':>8}   {'by hand':>9} {'on a tape':>10} {'x by hand':>9}   "
        f"{goals}"
    )
    for name, case in cases().items():
        y = case.by_hand(*case.args)
        g = cotangent(y)
        for ours, expected in zip(on_tape(case, g)[1], by_hand(case, g)[1], strict=True):
            if not np.allclose(ours.dense() if hasattr(ours, "dense") else ours, expected):
                print(f"{name:<12} left out: its derivative is not that by hand")
                wrong = 1
        rounds = [
            (plain(case.by_hand, case.args), plain(case.function, case.args), by_hand(case, g)[0], on_tape(case, g)[0])
            for _ in range(options.rounds)
        ]
        numpy, ours, hand, tape = (statistics.median(column) / CALLS * 1e6 for column in zip(*rounds, strict=True))
        marks = "".join(
            "" if ratio <= goal else f"  over {goal:g}"
            for ratio, goal in ((ours / numpy, GOAL_RAW), (tape / hand, GOAL_TAPE))
        )
        print(
            f"{name:<12} {numpy:6.2f} us {ours - numpy:6.2f} us {ours / numpy:8.1f}   {hand:6.2f} us {tape:7.2f} us "
            f"{tape / hand:9.1f}{marks}"
        )
    return wrong


if __name__ == "__main__":
    sys.exit(main())
