"""Compiled functions follow what changes outside: the comparison with the function itself."""

import numpy as np

from autograd import compile

X = np.array([1.0, 2.0])


def follows(f, *changes, traces=True):
    """Assert that a compiled function gives what the function gives, after each change."""
    program = compile(f)
    np.testing.assert_array_equal(program(X), f(X))
    for change in changes:
        change()
        count = program.traces
        for _ in range(2):
            np.testing.assert_array_equal(program(X), f(X))
        assert program.traces - count == int(traces)
