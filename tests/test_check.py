"""The checker checked: right functions pass, planted faults are found and named with their line, and it says what it cannot check."""

from pathlib import Path

import numpy as np
import pytest

from autograd import GradientTape, check_gradients, grad, registry
from autograd.errors import GradientCheckError
from autograd.registry import defvjp, operation

# ---------------------------------------------------------------------------------------------------- right functions
# Name: the function, and how its arguments are drawn. n: normal numbers, p: positive ones, u: in (-0.9, 0.9), b: over 1, c: complex, and
# the shape; a factor in front scales them.
RIGHT = {
    "arithmetic": (lambda x, y: x * y - x / y + 3 * x - 1, "n34 p4"),
    "reciprocal": (lambda x: 1 / x, "p5"),
    "negative": (lambda x: -x, "n3"),
    "remainder": (lambda x: (10 * x) % 3.7, "p5"),
    "floor and ceil": (lambda x: np.floor(x) * x + np.ceil(x), "p5"),
    "power": (lambda x, y: x**y, "p34 n34"),
    "integer powers": (lambda x: x**2 + x**3 + x**-1 + x**0, "p4"),
    "negative base": (lambda x: (-x) ** 3, "p4"),
    "square and cube roots": (lambda x: np.sqrt(x) + np.cbrt(x), "p4"),
    "hypot": (np.hypot, "n3 n3"),
    "exp family": (lambda x: np.exp(x) + np.exp2(x) + np.expm1(x), "n4"),
    "log family": (lambda x: np.log(x) + np.log2(x) + np.log10(x) + np.log1p(x), "p4"),
    "logaddexp": (lambda x, y: np.logaddexp(x, y) + np.logaddexp2(x, y), "n4 n4"),
    "sin and cos": (lambda x: np.sin(x) * np.cos(x), "n4"),
    "tan": (np.tan, "u4"),
    "inverse trigonometric": (lambda x: np.arcsin(x) + np.arccos(x) * np.arctan(x), "u4"),
    "arctan2": (np.arctan2, "n4 p4"),
    "hyperbolic": (lambda x: np.sinh(x) + np.cosh(x) * np.tanh(x), "n4"),
    "inverse hyperbolic": (lambda x: np.arcsinh(x) + np.arctanh(x), "u4"),
    "arccosh": (np.arccosh, "b4"),
    "degrees": (lambda x: np.deg2rad(x) * np.rad2deg(x), "n3"),
    "maximum and minimum": (lambda x, y: np.maximum(x, y) * np.minimum(x, 0.1), "n44 n4"),
    "where": (lambda x: np.where(x > 0, x * x, np.exp(x)), "n6"),
    "where with a bad branch": (lambda x: np.where(x > 0, x, np.log(-x)), "p4"),
    "clip": (lambda x: np.clip(x, -0.5, 0.5), "n6"),
    "abs": (lambda x: abs(x) + np.sign(x), "n5"),
    "copysign": (lambda x: np.copysign(x, -1.0), "n4"),
    "astype": (lambda x: x.astype(x.dtype) * 2, "n3"),
    "sums": (lambda x: x.sum() + x.sum(axis=0) * x.sum(axis=1, keepdims=True), "n34"),
    "means": (lambda x: x.mean(axis=(0, 2)) ** 2, "n234"),
    "variance": (lambda x: x.var(axis=0) + x.std(), "n43"),
    "product": (lambda x: x.prod(axis=0), "p43"),
    "extremes": (lambda x: x.max(axis=0) * x.min(), "n43"),
    "cumulative sum": (lambda x: np.cumsum(x, axis=1) ** 2, "n34"),
    "logsumexp": (lambda x: np.log(np.sum(np.exp(x - x.max()), axis=-1)) + x.max(), "n35"),
    "softmax": (lambda x: np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True), "n35"),
    "norm by hand": (lambda x: np.sqrt(np.sum(x * x)), "n5"),
    "reshape and transpose": (lambda x: (x.reshape(4, 3).T @ x.T) ** 2, "n34"),
    "expand and squeeze": (lambda x: np.squeeze(np.expand_dims(x, 0), 0) * x, "n3"),
    "broadcasting": (lambda x, y: np.broadcast_to(x, (3, 4)) * y, "n4 n31"),
    "repeat and tile": (lambda x: np.repeat(x, 2) * np.tile(x, 2), "n4"),
    "concatenate": (lambda x, y: np.concatenate([x, y * y, x]), "n3 n2"),
    "stack": (lambda x, y: np.stack([x, y * y, x], axis=1) ** 2, "n3 n3"),
    "several outputs": (lambda x, y: {"a": [x * y, x], "b": (np.sin(y), 3)}, "n3 n3"),
    "split": (lambda x: [part * part for part in np.split(x, 3)], "n6"),
    "slices": (lambda x: x[1:, ::2] * x[0, ::2], "n34"),
    "repeated indices": (lambda x: x[[0, 2, 2, 0]] ** 2, "n3"),
    "mask": (lambda x: x[np.array([True, False, True])] ** 3, "n3"),
    "assignment": (lambda x, y: assigned(x, y), "n4 n2"),
    "take_along_axis": (lambda x: np.take_along_axis(x, np.argsort(x.numpy(), axis=1), axis=1) ** 2, "n34"),
    "matmul": (lambda x, y: x @ y, "n34 n42"),
    "matmul of stacks": (lambda x, y: x @ y, "n234 n42"),
    "matmul of vectors": (lambda x, y: x @ y, "n4 n4"),
    "dot and outer": (lambda x, y: np.outer(x, y) * np.dot(x, y), "n3 n3"),
    "tensordot": (lambda x, y: np.tensordot(x, y, axes=[[0], [1]]), "n23 n42"),
    "einsum": (lambda x, y: np.einsum("ij,kj->ik", x, y), "n23 n43"),
    "network": (lambda x, w, b, v: np.tanh(x @ w + b) @ v, "n53 n34 n4 n4"),
    "loop": (lambda x: looped(x), "u4"),
    "branches": (lambda x: x * x if x.sum() > 0 else np.exp(x), "n4"),
    "gradient inside": (lambda x: grad(lambda y: (y**3).sum())(x) * x, "n3"),
    "tape inside": (lambda x: taped(x), "n3"),
    "unused argument": (lambda x, y: x * 2, "n3 n2"),
    "constant output": (lambda x: [x, np.ones(3), np.zeros_like(x)], "n3"),
    "constant": (lambda x: np.ones(3), "n3"),
    "zero times": (lambda x: 0 * x, "n3"),
    "dead": (lambda x: np.maximum(x, 0), "-1p4"),
    "tiny": (lambda x: 1e-8 * np.sin(x), "n4"),
    "very tiny": (lambda x: 1e-30 * np.sin(x) ** 2, "n4"),
    "tiny arguments": (lambda x: np.sin(1e8 * x), "1e-8n4"),
    "tiny logarithm": (np.log, "1e-8p4"),
    "huge": (lambda x: 1e8 * np.exp(x), "n4"),
    "huge arguments": (lambda x: np.log(x) + 1e-8 * x, "1e8p4"),
    "badly scaled": (lambda x: np.exp(x) * np.array([1e-8, 1.0, 1e8]), "n3"),
    "badly scaled sum": (lambda x: np.sum(np.sin(x) * np.array([1e-8, 1.0, 1e8])), "n3"),
    "badly scaled arguments": (lambda x, y: np.log(x) * np.log(y), "1e-8p3 1e8p3"),
    "large constant": (lambda x: 1e8 + 1e-8 * x, "n3"),
    "stationary": (np.cos, "0n3"),
    "cancellation": (lambda x: (x + 1e4) ** 2 - x**2 - 1e8, "n3"),
    "empty": (lambda x: x * 2 + x.sum(), "n03"),
    "quartic at zero": (lambda x: x**4, "0n3"),
    "Rosenbrock": (lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2), "n5"),
    "rounded on the way": (lambda x: np.sin(x.astype(np.float32)).astype(np.float64), "n4"),
    "rounded result": (lambda x: np.sin(x).astype(np.float32), "n4"),
    "saturated": (lambda x: np.tanh(8 * x.astype(np.float32)), "p4"),
    "half precision": (lambda x: np.tanh(x.astype(np.float16)), "n4"),
}
COMPLEX = {
    "holomorphic": (lambda z: np.exp(z) * z**3 / (1 + z), "c4"),
    "elementary": (lambda z: np.sin(z) + np.tanh(z) + np.sqrt(z + 5), "c4"),
    "magnitude": (lambda z: np.abs(z) ** 2, "c4"),
    "parts": (lambda z: z.real**2 * z.imag + 1j * z.conj(), "c4"),
    "angle": (lambda z: np.angle(z), "c4"),
    "real and complex": (lambda x, z: x * z + x, "n3 c3"),
    "complex from real": (lambda x: np.exp(1j * x), "n3"),
    "complex matmul": (lambda a, b: a @ b, "c23 c32"),
    "complex sum": (lambda z: np.sum(z * z.conj()).real, "c3"),
}


def assigned(x, y):
    x = x.copy()
    x[1:3] = y * y
    x[0] = x[2] * x[3]
    return x * x


def looped(x):
    total = x
    for step in range(5):
        total = np.tanh(total) + step * x
    return total


def taped(x):
    with GradientTape() as tape:
        tape.watch(x)
        y = np.exp(x) * x
    return tape.gradient(y, x) * x


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


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("name", [*RIGHT, *COMPLEX])
def test_right_functions_pass(name, dtype):
    f, spec = (RIGHT | COMPLEX)[name]
    for seed in range(3):
        report = check_gradients(f, *drawn(spec, rng_of(name, dtype, seed), dtype), seed=seed)
        assert report.ok, report
        assert not report.findings, report


def test_there_are_many_right_functions():
    assert len(RIGHT) + len(COMPLEX) >= 90


# ---------------------------------------------------------------------------------------------------- planted faults
def made(name, fn, *rules, **options):
    """Make a throw-away operation."""

    def forward(*args, **kwargs):
        return fn(*args, **kwargs)

    forward.__name__ = name
    result = operation(forward)
    defvjp(result, *rules, **options)
    return result


def line_with(mark):
    """Return the first line of this file in which a text stands, as a report writes it."""
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return next(f"{__file__}:{number}: {line.strip()}" for number, line in enumerate(lines, 1) if mark in line)


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

FAULTS = {
    "sign": (lambda x: np.exp(sign(x)) * x, "n4", sign, "argument 0 (x)"),
    "transposed": (lambda x, m: transposed(x, m) ** 2, "n33 n33", transposed, "argument 0 (x)"),
    "missing sum": (lambda x, y: missing_sum(x, y) ** 2, "n34 n14", missing_sum, "argument 1 (y)"),
    "a little": (lambda x: np.sum(a_little(x) * np.sin(x)), "n4", a_little, "argument 0 (x)"),
    "a little of a little": (lambda x: 1e-20 * a_little(x), "n4", a_little, "argument 0 (x)"),
    "tiny beside a constant": (lambda x: 1e8 + a_little(1e-8 * x), "n4", a_little, "argument 0 (x)"),
    "tiny beside large": (lambda x, y: np.sum(1e8 * x) + np.sum(1e-8 * sign(y)), "n4 n4", sign, "argument 1 (y)"),
    "tiny element": (lambda x: np.sum(sign(x) * np.array([0, 0, 1e-6, 0]) + np.array([1e3, 1, 0, 1]) * x), "n4", sign, "argument 0 (x)"),
    "tiny output": (lambda x: [1e8 * np.sin(x), 1e-8 * sign(x)], "n4", sign, "argument 0 (x)"),
    "ignored keyword": (lambda x: keyword(x, scale=2.5) + x, "n4", keyword, "argument 0 (x)"),
    "one element": (lambda x: np.sum(one_element(x) ** 2), "n4", one_element, "argument 0 (x)"),
    "zero": (lambda x: zero(x) + 0 * x, "n4", zero, "argument 0 (x)"),
    "not a number": (lambda x: nothing(x), "n4", nothing, "argument 0 (x)"),
    "conjugated": (lambda z: np.abs(conjugated(z)) ** 2, "c4", conjugated, "argument 0 (z)"),
    "at ties": (lambda x: both_at_a_tie(x, x * 1.0), "n4", both_at_a_tie, "argument 0 (x)"),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_found_and_named(name, dtype):
    if name == "one element" and dtype == np.float32:
        pytest.skip("its constant is of double precision")
    f, spec, culprit, argument = FAULTS[name]
    for seed in range(4):
        finding = the_finding(check_gradients(f, *drawn(spec, rng_of(name, dtype, seed), dtype), seed=seed))
        assert finding.operation == culprit.__name__
        assert finding.argument == argument
        assert finding.order == 1
        assert finding.line.startswith(f"{__file__}:")
        assert f"{culprit.__name__}(" in finding.line
        assert f"The rule of {culprit.__name__} is wrong" in finding.message


def test_a_fault_in_the_middle_of_a_long_computation():
    def program(x, w):
        for step in range(20):
            x = np.tanh(x @ w) + step / 10
        x = np.exp(x - x.max())
        x = x / x.sum(axis=1, keepdims=True)
        x = x + a_little(
            x * 2
        )  # the culprit
        for _ in range(20):
            x = np.sin(x) @ w
        return x.sum()

    rng = np.random.default_rng(0)
    finding = the_finding(check_gradients(program, rng.normal(size=(3, 4)), rng.normal(size=(4, 4)), order=1))
    assert finding.operation == "a_little"
    assert finding.line == line_with("x = x + a_little(")


def test_the_line_is_that_of_the_program_however_the_operation_was_called():
    def program(x):
        x = x + 1
        return np.exp(np.sum(helped(x)))

    def helped(x):
        return -x * x % 1.3  # where it is called

    rules = registry.RULES[np.remainder]
    defvjp(np.remainder, lambda g, _, _x, _y: g * 2, None)
    try:
        finding = the_finding(check_gradients(program, np.array([0.3, 0.7])))
    finally:
        registry.RULES[np.remainder] = rules
    assert (finding.operation, finding.line) == ("numpy.remainder", line_with("# where it is called"))
    assert check_gradients(program, np.array([0.3, 0.7])).ok
