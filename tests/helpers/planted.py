"""Operations whose rules are wrong, for tests of the checker, and what these tests share."""

import os
from pathlib import Path

import numpy as np
import pytest

from autograd.errors import GradientCheckError
from autograd.registry.define import defvjp, operation

SEEDS = 20 if os.environ.get("TAPEGRAD_THOROUGH") else 1


def drawn(spec, rng, dtype):
    """Draw the arguments that a specification describes."""
    arguments = []
    for each in spec.split():
        kind = next(letter for letter in each if letter in "npubc")
        factor, shape = each.split(kind)
        shape = tuple(map(int, shape))
        x = rng.normal(size=shape)
        if kind == "p":
            x = np.abs(x) + 0.2
        elif kind == "u":
            x = rng.uniform(-0.9, 0.9, shape)
        elif kind == "b":
            x = np.abs(x) + 1.3
        elif kind == "c":
            x = x + 1j * rng.normal(size=shape)
        x = x * float(factor.replace("-1", "-1.0") or 1)
        arguments.append(x.astype(np.result_type(dtype, np.complex64) if kind == "c" else dtype))
    return arguments


def rng_of(name, dtype, seed):
    return np.random.default_rng([seed, np.dtype(dtype).num, *name.encode()])


def made(name, fn, *rules, **options):
    """Make a throw-away operation."""

    def forward(*args, **kwargs):
        return fn(*args, **kwargs)

    forward.__name__ = name
    result = operation(forward)
    defvjp(result, *rules, **options)
    return result


def line_with(file, mark):
    """Return the first line of a file in which a text stands, as a report writes it."""
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    return next(f"{file}:{number}: {line.strip()}" for number, line in enumerate(lines, 1) if mark in line)


def the_finding(report, kind="wrong"):
    assert not report.ok
    for each in report.findings:
        assert each.kind == kind, report
        assert each.message in str(report)
    with pytest.raises(GradientCheckError) as caught:
        report.assert_ok()
    assert str(caught.value) == repr(report)
    return report.findings[0]


sign = made("sign", np.sin, lambda g, _, x: -g * np.cos(x))
transposed = made("transposed", lambda x, m: x @ m, lambda g, _, x, m: g @ m, lambda g, _, x, m: x.T @ g)
missing_sum = made("missing_sum", lambda x, y: x * y, lambda g, _, x, y: g * y, lambda g, _, x, y: (g * x)[:1])
a_little = made("a_little", np.exp, lambda g, ans, _: g * ans * (1 + 1e-5))
keyword = made("keyword", lambda x, scale=1.0: x * x * scale, lambda g, _, x, scale=1.0: g * 2 * x)
one_element = made("one_element", lambda x: x * 3, lambda g, _, _x: g * np.array([3.0, 3.0, 3.0003, 3.0]))
zero = made("zero", lambda x: x * x, lambda g, _, x: g * 0)
nothing = made("nothing", lambda x: x * x, lambda g, _, x: g * np.nan)
conjugated = made("conjugated", lambda z: z * z, lambda g, _, z: g * 2 * np.conj(z))
both_at_a_tie = made(
    "both_at_a_tie", np.maximum, lambda g, _, x, y: g * (x >= y), lambda g, _, x, y: g * (y >= x), elementwise=True
)  # fmt: skip
