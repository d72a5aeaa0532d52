"""Operations with wrong rules, a small tape, and lines of a test file as findings write them."""

import linecache

import numpy as np

from autograd import GradientTape, Variable
from autograd.registry.define import defvjp, operation


def made(name, fn, *rules):
    """Make a throw-away operation."""

    def forward(*args, **kwargs):
        return fn(*args, **kwargs)

    forward.__name__ = name
    result = operation(forward)
    defvjp(result, *rules)
    return result


def line_with(path, mark):
    """Return the first line of a file that contains a mark, as a finding writes it."""
    lines = linecache.getlines(path)
    return next(f"{path}:{number}: {line.strip()}" for number, line in enumerate(lines, 1) if mark in line)


def a_tape(**options):
    """Record a small program. Return the tape, its result and its variable."""
    x = Variable([0.5, 1.0, 2.0])
    with GradientTape(**options) as tape:
        y = np.exp(x)
        loss = np.sum(y * y)
    return tape, loss, x


sign = made("sign", np.sin, lambda g, _, x: -g * np.cos(x))
raises = made("raises", np.sin, lambda g, _, x: g.no_such_method())
spoils = made("spoils", lambda x: 2 * x, lambda g, _, _x: g * np.nan)
