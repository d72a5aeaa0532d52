"""The checker checked: right functions pass, planted faults are found and named with their line, and it says what it cannot check."""

import os
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from autograd import GradientTape, Tensor, Variable, check_gradients, grad, numerical_gradient, registry
from autograd.complex_step import complex_step
from autograd.differences import widened
from autograd.errors import AutogradError, DtypeError, GradientCheckError, NoDerivativeError, OperandError, RuleError, ShapeError
from autograd.problem import Problem
from autograd.registry import defconstant, defvjp, operation
from autograd.samples import SAMPLES
from nn.samples import SAMPLES as NETWORK_SAMPLES

SEEDS = 20 if os.environ.get("TAPEGRAD_THOROUGH") else 1

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
    for seed in range(max(3, SEEDS)):
        report = check_gradients(f, *drawn(spec, rng_of(name, dtype, seed), dtype), seed=seed)
        assert report.ok, report
        assert not report.findings, report


def test_there_are_many_right_functions():
    assert len(RIGHT) + len(COMPLEX) >= 90


# Zero, or a constant, but for rounding, to the first or to the second order. n: real, c: complex.
VANISHING = {
    "imaginary diagonal": (lambda z: z @ np.conj(z.T), "c34"),
    "imaginary diagonal alone": (lambda z: np.imag(np.diagonal(z @ np.conj(z.T))), "c34"),
    "skew part": (lambda z: (lambda h: h @ h - np.conj((h @ h).T))(z @ np.conj(z.T)), "c33"),
    "imaginary determinant": (lambda z: np.linalg.det(z @ np.conj(z.T)), "c33"),
    "a cosine and its sine": (lambda x: np.sin(x) ** 2 + np.cos(x) ** 2, "n4"),
    "a cosine and its sine less one": (lambda x: np.sin(x) ** 2 + np.cos(x) ** 2 - 1, "n4"),
    "difference": (lambda x: x * 3 - x * 2 - x, "n4"),
    "there and back": (lambda x: np.log(np.exp(x)) - x, "n4"),
    "second derivative": (lambda x: (x + 1) ** 2 - x**2 - 1, "n4"),
    "sum of a softmax": (lambda x: np.sum(np.exp(x) / np.sum(np.exp(x))), "n4"),
    "orthogonal": (lambda x: (lambda q: q.T @ q)(np.linalg.qr(x)[0]), "n43"),
    "inverse": (lambda x: np.linalg.inv(x) @ x, "n33"),
    "inverse less one": (lambda x: np.linalg.inv(x) @ x - np.eye(3), "n33"),
    "centred": (lambda x: np.sum(x - np.mean(x)), "n5"),
    "standardised": (lambda x: np.mean((x - np.mean(x, axis=0)) / np.std(x, axis=0), axis=0), "n53"),
    "traces": (lambda a, b: np.trace(a @ b) - np.trace(b @ a), "n33 n33"),
    "transformed": (lambda x: np.fft.ifft(np.fft.fft(x)), "n5"),
    "imaginary part of that": (lambda x: np.imag(np.fft.ifft(np.fft.fft(x))), "n5"),
    "decomposed": (lambda x: (lambda w, v: v @ np.diag(w) @ v.T - (x + x.T))(*np.linalg.eigh(x + x.T)), "n33"),
}


@pytest.mark.parametrize("name", VANISHING)
def test_what_is_zero_but_for_rounding_is_no_fault(name):
    f, spec = VANISHING[name]
    for seed in range(max(2, SEEDS)):
        for dtype in (np.float64, np.float32):
            report = check_gradients(f, *drawn(spec, rng_of(name, dtype, seed), dtype), seed=seed)
            assert not report.findings, report


@pytest.mark.parametrize(
    "x",
    [0.0012, [0.00018905, -0.00052275, -0.00041306, -0.00244147], [-1.64139729e-02, -5.20326417e-05, -6.23463741e-03, 1.48631523e-03],
     [-0.70373524, -1.26542147, -0.62327446, 0.04132598], [-0.22196951, -0.05184603, -2.27678282, 0.92514659]],
)  # fmt: skip
@pytest.mark.parametrize(
    "f",
    [lambda x: np.log(x * x) - 2 * np.log(np.abs(x)), lambda x: np.log(x * x * x * x) - 4 * np.log(np.abs(x)), lambda x: 1 / (x * x) - (1 / x) ** 2],
    ids=["log of a square", "log of a power", "reciprocals"],
)
def test_what_cancels_beside_a_pole_is_no_fault(f, x):
    """Steps that are right for the large elements reach over the pole at zero for the small ones, of whose slope they see nothing."""
    for seed in range(20):
        report = check_gradients(f, np.array(x), seed=seed)
        assert not report.findings, report


def test_a_fault_beside_a_pole():
    inverse = made("inverse", lambda x: 1 / x, lambda g, ans, _: g * ans * ans)
    for seed in range(5):
        finding = the_finding(check_gradients(lambda x: inverse(x) + 1 / x, np.array([1.5e-7, 0.7, -1.2, 1e-3]), seed=seed))
        assert finding.operation == "inverse"
        finding = the_finding(check_gradients(lambda x: np.log(a_little(np.log(x * x))), np.array([1.5e-4, 0.7, -1.2, 1e-3]), seed=seed))
        assert finding.operation == "a_little"


# ---------------------------------------------------------------------------------------------------- the complex step
def stepped(f, *args):
    problem = Problem(f, args)
    return complex_step(problem, [widened(value) for value in problem.values], np.ones(sum(value.size for value in problem.values)))


def test_a_complex_step_is_exact_but_for_rounding():
    x = np.array([0.3, 1e-9, 2.0, 30.0])
    cases = [(np.sin, np.cos(x)), (np.exp, np.exp(x)), (lambda x: 1e8 + x**3, 3 * x * x), (lambda x: 1 / x, -1 / x**2), (np.log1p, 1 / (1 + x))]
    for f, slope in cases:
        found = stepped(f, x)
        np.testing.assert_allclose(found.value, slope, rtol=4e-15)
        assert np.all(np.abs(found.value - slope) <= 10 * found.error)
        assert np.all((found.error <= 1e-12 * np.abs(slope))[x > 0.1])
    second = Problem(np.sin, (x,)).gradient([np.ones(4)])
    np.testing.assert_allclose(complex_step(second, [x], np.ones(4)).value, -np.sin(x), rtol=4e-15)
    np.testing.assert_allclose(stepped(lambda m: np.linalg.inv(m), np.diag([2.0, 4.0])).value, [-0.25, -0.125, -0.125, -0.0625])


@pytest.mark.parametrize(
    "f",
    [np.abs, lambda x: x * np.conj(x), lambda x: np.real(x) * x, np.sign, np.var, np.linalg.norm, lambda x: np.linalg.svd(x[:, None] * x)[1],
     lambda x: np.ones(3), lambda x: np.hypot(x, 1.0), lambda x: x * x.astype(np.float64), lambda x: x * float(x.numpy()[0]), np.arctan2],
    ids=["abs", "conj", "real", "sign", "var", "norm", "svd", "constant", "refuses", "astype", "float", "arguments"],
)  # fmt: skip
def test_where_there_is_no_complex_step(f):
    assert stepped(f, np.array([0.3, -1.0, 2.0])) is None
    assert stepped(np.exp, np.array([0.3 + 1j])) is None
    assert stepped(np.exp, np.array([0.3, 1.0])) is not None


def test_a_complex_step_sees_what_differences_cannot():
    x = np.array([0.3, 0.7, -1.2])
    nearly = made("nearly", np.exp, lambda g, ans, _: g * ans * (1 + 1e-12))
    assert check_gradients(lambda x: np.exp(np.sin(x)), x, rtol=1e-13).ok
    finding = the_finding(check_gradients(lambda x: nearly(np.sin(x)), x, rtol=1e-13))
    assert finding.operation == "nearly"


def test_where_a_complex_step_misleads_differences_decide():
    hidden = operation(lambda x: x * x.real)  # a tape cannot look inside
    defvjp(hidden, lambda g, _, x: 2 * g * x.real)
    x = np.array([0.3, 0.7, -1.2])
    for rtol in (None, 1e-12, 1e-15):
        report = check_gradients(hidden, x, rtol=rtol)
        assert not any(finding.kind == "wrong" for finding in report.findings), report


def test_rounding_of_a_rule_is_no_fault_beside_a_complex_step():
    for x in (np.array([18.0, 17.0, 19.5]), np.array([15.0, 0.3]), np.array([-30.0])):
        assert check_gradients(np.tanh, x, rtol=1e-10).ok


def test_both_modes_share_their_differences():
    calls = []

    def program(x):
        calls.append(x)
        return np.sin(x) * x

    counts = []
    for modes in (("reverse",), ("forward",), ("reverse", "forward")):
        calls.clear()
        assert check_gradients(program, np.array([0.3, 0.7]), modes=modes)
        counts.append(len(calls))
    assert counts[2] < 0.75 * (counts[0] + counts[1])


def test_a_fault_beside_what_is_zero_but_for_rounding():
    z = np.random.default_rng(0).normal(size=(3, 4, 2)).view(np.complex128)[..., 0]
    finding = the_finding(check_gradients(lambda z: conjugated(z) @ np.conj(z.T), z))
    assert finding.operation == "conjugated"
    finding = the_finding(check_gradients(lambda x: [x - x * 1.0, 1e-12 * sign(x)], np.array([0.3, 0.7])))
    assert finding.operation == "sign"
    finding = the_finding(check_gradients(lambda x: [1e8 * np.sin(x) ** 2, a_little(x) * 1e-8], np.array([0.3, 0.7])))
    assert finding.operation == "a_little"


SMOOTH = [
    np.sin, np.tanh, np.arctan, np.arcsinh, lambda x: np.exp(-x * x), lambda x: np.sqrt(1 + x * x), lambda x: 1 / (1 + np.exp(-x)),
    lambda x: x**3 / 3, lambda x: np.log1p(x * x), lambda x: np.logaddexp(x, 0.5), np.cumsum, lambda x: x[::-1] * x, lambda x: x - x.mean(),
    lambda x: np.exp(x) / np.sum(np.exp(x)), lambda x: np.outer(x, x).sum(axis=0), lambda x: np.concatenate([x[2:], x[:2] ** 2]),
    lambda x: np.linalg.solve(np.eye(x.size) * 4 + np.outer(x, np.cos(x)) / x.size, x), lambda x: x @ (np.arange(16).reshape(4, 4) / 10 - 0.7),
    lambda x: np.where(np.arange(4) % 2 == 0, np.sin(x), x), lambda x: x / (1 + np.linalg.norm(x)),
]  # fmt: skip


def composed(seed):
    """Draw a composition of two to five smooth functions of four numbers."""
    rng = np.random.default_rng([300, seed])
    chosen = [SMOOTH[i] for i in rng.integers(len(SMOOTH), size=rng.integers(2, 6))]

    def f(x):
        y = x
        for each in chosen:
            y = each(y)
        return y + 0.1 * x

    return f


@pytest.mark.parametrize("number", range(60))
def test_compositions_pass(number):
    for seed in range(SEEDS):
        report = check_gradients(composed(number), np.random.default_rng(seed).normal(size=4), seed=seed)
        assert not report.findings, report


SAMPLED = [(fn, row) for fn, rows in (SAMPLES | NETWORK_SAMPLES).items() for row in rows]


def test_sampled_functions_pass():
    """Calls of everything that has a rule: some of them, or all with 20 seeds."""
    assert len(SAMPLED) > 500
    for seed in range(SEEDS):
        for number, (fn, row) in enumerate(SAMPLED if SEEDS > 1 else SAMPLED[:: len(SAMPLED) // 120]):
            dtype = row.dtypes[(number + seed) % len(row.dtypes)]
            f, xs = row.problem(fn, np.random.default_rng([seed, number]), dtype)
            if xs:
                with np.errstate(all="ignore"):
                    report = check_gradients(f, *xs, seed=seed)
                assert not report.findings, report


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
    for seed in range(max(4, SEEDS)):
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


def test_a_rule_that_is_wrong_at_second_order_only():
    frozen = operation(lambda x: np.cos(x))
    defconstant(frozen)
    detached = made("detached", np.sin, lambda g, _, x: g * frozen(x))
    slope = made("slope", lambda x: x * x, lambda g, _, x: g * x)
    calls_slope = made("calls_slope", lambda x: x**3, lambda g, _, x: g * 3 * slope(x))  # where the rule is
    x = np.array([0.3, 0.7])

    def program(x):
        return np.exp(detached(x))  # a constant slope

    assert check_gradients(program, x, order=1).ok
    finding = the_finding(check_gradients(program, x))
    assert (finding.order, finding.operation, finding.line) == (2, "detached", line_with("# a constant slope"))
    assert "The derivative of order 2 of detached is wrong" in finding.message

    finding = the_finding(check_gradients(lambda x: np.exp(calls_slope(x)), x))
    assert (finding.order, finding.operation) == (2, "slope")
    assert "calls_slope(x)" in finding.line
    assert "Its rule calls slope." in finding.message
    assert "The rule of slope is wrong. In the direction" in finding.message
    assert line_with("# where the rule is") in finding.message


def test_a_third_order():
    frozen = operation(lambda x: -np.sin(x))
    defconstant(frozen)
    inner = made("inner", np.cos, lambda g, _, x: g * frozen(x))
    outer = made("outer", np.sin, lambda g, _, x: g * inner(x))
    assert check_gradients(outer, 0.7).ok
    finding = the_finding(check_gradients(outer, 0.7, order=3))
    assert (finding.order, finding.operation) == (3, "inner")
    assert check_gradients(lambda x: x**5, 0.7, order=4).ok


# ---------------------------------------------------------------------------------------------------- rules that break their contract
@pytest.mark.parametrize(
    ("rule", "error", "says"),
    [
        (lambda g, _, x: g * np.cos(x.astype(np.float64)), RuleError, "dtype float64. The operand has shape (3,) and dtype float32"),
        (lambda g, _, x: (g * np.cos(x))[:1], RuleError, "returned a cotangent of shape (1,)"),
        (lambda g, _, x: None, RuleError, "returned None"),
        (lambda g, _, x: x.no_such_method(), AttributeError, "no_such_method"),
        (None, NoDerivativeError, "no derivative with respect to its argument 0"),
    ],
    ids=["dtype", "shape", "None", "raises", "no rule"],
)
def test_a_rule_that_breaks_its_contract_is_a_finding(rule, error, says):
    broken = made("broken", np.sin, rule)

    def program(x):
        y = np.exp(x)
        return broken(y) * 2  # broken here

    finding = the_finding(check_gradients(program, np.array([0.1, 0.2, 0.3], np.float32)), "broken")
    assert (finding.operation, finding.line) == ("broken", line_with("# broken here"))
    assert error.__name__ in finding.message
    assert says in finding.message


def test_a_missing_rule_at_second_order():
    unknown = operation(lambda x: np.cos(x))
    half_known = made("half_known", np.sin, lambda g, _, x: g * unknown(x))
    assert check_gradients(half_known, 0.3, order=1).ok
    finding = the_finding(check_gradients(half_known, 0.3), "broken")
    assert finding.order == 2
    assert "there is no derivative. NoDerivativeError: <lambda> has no derivative rule" in finding.message
    assert finding.operation == "half_known"


def test_an_error_of_the_function_itself_is_not_a_finding():
    def program(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        check_gradients(program, 1.0)


# ---------------------------------------------------------------------------------------------------- what cannot be checked
def test_a_value_that_left_the_tape():
    finding = the_finding(check_gradients(lambda x: x * x.numpy(), np.array([1.0, 2.0])))
    assert finding.operation is None
    assert "Every operation on the tape agrees on its own" in finding.message
    assert "look for .numpy(), .item(), int()" in finding.message
    the_finding(check_gradients(lambda x: np.sin(x.numpy()), np.array([1.0, 2.0])))


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: np.where(x > 0, x, 0), 0.0),
        (lambda x: np.where(x > 0, x, 0) - np.where(-x > 0, 0, x * 0), np.array([0.0, 1.0])),
        (lambda x: np.sum(np.where(x > 0, x, 0) * np.array([1.0, -1.0])), np.zeros(2)),
        (lambda x: x if x.item() > 0 else -x, 0.0),
        (lambda x: np.abs(x), np.array([0.0, 1.0])),
        (lambda x: np.maximum(x, 0.0), np.array([0.0, -1.0, 1.0])),
        (lambda x: np.max(x), np.array([1.0, 1.0, 0.0])),
        (lambda x: np.sqrt(np.sum(x * x) + 0.0) * 0 + np.max(np.abs(x)), np.array([1.0, -1.0])),
    ],
    ids=["where", "some elements", "hidden", "branch", "abs", "maximum", "tie", "norm"],
)
def test_a_kink_is_not_called_wrong(f, x, order):
    report = check_gradients(f, x, order=order)
    assert report.ok, report
    for finding in report.findings:
        assert finding.kind == "kink"
        assert "there is a kink: the derivatives from both sides differ" in finding.message


def test_a_kink_is_said():
    report = check_gradients(lambda x: np.maximum(x, 0.0) * np.where(x > 0, 1.0, 0.0), 0.0, order=1)
    (finding,) = report.findings
    assert finding.kind == "kink"
    assert report.assert_ok() is report


def test_a_kink_nearby_does_not_disturb():
    for distance in (1e-1, 1e-2, 1e-3, 1e-4):
        for side in (1, -1):
            report = check_gradients(lambda x: np.abs(x - 1.0) + x * x, 1.0 + side * distance)
            assert report.ok, report
            assert not report.findings, report


def test_a_wrong_gradient_beside_a_kink_is_wrong():
    finding = the_finding(check_gradients(lambda x: np.abs(x) + sign(x + 1), np.zeros(3)))
    assert finding.operation == "sign"


def test_noise_and_chance():
    rng = np.random.default_rng(0)
    finding = the_finding(check_gradients(lambda x: x * rng.normal(), 1.0), "noise")
    assert "it does not return the same for the same arguments" in finding.message
    assert "Make their generator inside of it, from a seed." in finding.message
    assert check_gradients(lambda x: x * np.random.default_rng(0).normal(size=3), np.ones(3)).ok
    finding = the_finding(check_gradients(lambda x: x + 0.01 * np.sin(1e13 * x.numpy()), 1.0), "noise")
    assert "too rough or too noisy" in finding.message


@pytest.mark.parametrize(("f", "x"), [(np.sqrt, 0.0), (np.cbrt, 0.0), (np.arccos, 1.0)], ids=["sqrt", "cbrt", "arccos"])
def test_where_there_is_no_finite_derivative(f, x):
    finding = the_finding(check_gradients(f, x, order=1), "not finite")
    assert "no finite derivative, or the function ends there" in finding.message


def test_what_is_not_finite():
    finding = the_finding(check_gradients(np.log, np.array([1.0, 0.0])), "not finite")
    assert finding.message == "order 1: 1 of the 2 elements that it returns are not finite: check it elsewhere."
    assert check_gradients(lambda x: np.where(np.isfinite(x), x * 2, 0.0), np.array([1.0, np.inf])).ok


# ---------------------------------------------------------------------------------------------------- the report
def test_the_text_of_a_report():
    scaled = made("scaled", lambda x: 3 * x, lambda g, _, _x: g * 6)

    def area(x):
        return scaled(x)  # the line

    report = check_gradients(area, 2.0, seed=3)
    text = repr(report)
    assert str(report) == text
    lines = text.splitlines()
    assert lines[0].startswith("<GradientReport of area: WRONG; 1 directional derivatives to order 2, largest relative difference")
    assert lines[1].startswith("order 1, argument 0 (x): the gradient is WRONG. In the direction [")
    finding = report.findings[0]
    direction = finding.direction.item()
    assert finding.analytic == pytest.approx(6 * direction)
    assert finding.numerical == pytest.approx(3 * direction)
    assert 0 < finding.error < 1e-9
    assert f"is {finding.analytic:.12g} by the rules and {finding.numerical:.12g} by differences (+- {finding.error:.1g})" in lines[1]
    assert "a relative difference of 0.5." in lines[1]
    assert lines[2].startswith("  The rule of scaled is wrong. In the direction [")
    assert lines[3] == f"  Called at {line_with('# the line')}"
    assert not report
    assert issubclass(GradientCheckError, AutogradError)
    assert issubclass(GradientCheckError, AssertionError)

    good = check_gradients(lambda x: x**3, 2.0)
    assert good
    assert repr(good).startswith("<GradientReport of <lambda>: ok; 16 directional derivatives to order 2, largest relative difference of those")
    assert good.compared == 16
    assert good.largest < 1e-10


def test_arguments_are_named_by_position_name_and_path():
    Pair = namedtuple("Pair", "first second")

    def program(x, parameters, n, *rest):
        product = x * parameters["w"][1].first + parameters["b"] * rest[0]
        return np.exp(product) + sign(parameters["w"][1].second) * n

    parameters = {"b": 0.5, "w": [np.zeros(2, int), Pair(np.ones(3), Tensor([0.1, 0.2, 0.3]))]}
    report = check_gradients(program, 1.0, parameters, 3, 2.0)
    finding = the_finding(report)
    assert finding.argument == "argument 1 (parameters)['w'][1].second"
    assert finding.direction.shape == (3,)
    replaced = made("replaced", lambda x: x, lambda g, _, _x: 2 * g)
    assert the_finding(check_gradients(lambda *xs: xs[0] + replaced(xs[1]), 1.0, 2.0)).argument == "argument 1"
    assert the_finding(check_gradients(lambda x, _: replaced(x[0]), [1.0, None], "text")).argument == "argument 0 (x)[0]"


def test_every_argument_that_is_wrong_is_named():
    report = check_gradients(lambda x, y, z: sign(x) + sign(y) + z, np.ones(2), np.ones(2), np.ones(2))
    assert [finding.argument for finding in report.findings] == ["argument 0 (x)", "argument 1 (y)"]


def test_tensors_variables_and_numbers_are_arguments():
    w = Variable([1.0, 2.0])
    assert check_gradients(lambda x, w, c: x * w * c, Tensor([0.3, 0.4]), w, 2.0).ok
    assert check_gradients(lambda x: x * w, np.float32(0.3)).ok
    assert w.numpy().tolist() == [1.0, 2.0]


def test_a_check_leaves_nothing_on_tapes_that_are_recording():
    x = Tensor([1.0, 2.0])
    with GradientTape() as tape:
        tape.watch(x)
        assert check_gradients(lambda y: y * y * x.numpy(), x).ok
    assert not tape.records


def test_a_check_repeats_with_its_seed():
    def directions(seed):
        return the_finding(check_gradients(sign, np.ones(3), seed=seed)).direction.tolist()

    assert directions(1) == directions(1) == directions(np.random.default_rng(1))
    assert directions(1) != directions(2)


def test_rtol_is_what_counts_as_wrong():
    x = np.array([0.5, 0.7])
    assert not check_gradients(a_little, x, order=1)
    assert check_gradients(a_little, x, order=1, rtol=1e-4)


def test_precision_that_the_function_keeps():
    def single(x):
        return np.exp(x.astype(np.float32))

    much = made("much", np.exp, lambda g, ans, _: g * ans * g.dtype.type(1.01))
    assert check_gradients(single, np.array([0.5, 0.7])).ok
    the_finding(check_gradients(lambda x: much(x.astype(np.float32)), np.array([0.5, 0.7])))
    # Wrong only in single precision, where the check in double precision does not look.
    narrow = made("narrow", np.exp, lambda g, ans, _: g * ans * (2 if g.dtype == np.float32 else 1))
    assert check_gradients(narrow, np.array([0.5, 0.7])).ok
    finding = the_finding(check_gradients(lambda x: narrow(2 * x), np.array([0.5, 0.7], np.float32)))
    assert finding.operation == "narrow"
    assert "the gradient in its own precision is WRONG" in finding.message


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: check_gradients(np.sin), "(received no argument)"),
        (lambda: check_gradients(np.sin, 3, [1, 2]), "no argument holds a floating-point or complex number (received int, list)"),
        (lambda: check_gradients(np.sin, 1.0, order=0), "order and directions are 1 or more: received order=0, directions=4."),
        (lambda: check_gradients(np.sin, 1.0, directions=0), "directions=0"),
        (lambda: check_gradients(np.sin, 1.0, modes=("backward",)), "modes is a sequence of the modes to check, which are ('reverse', 'forward')"),
        (lambda: check_gradients(np.sin, 1.0, modes="reverse"), "Received 'reverse'"),
        (lambda: check_gradients(lambda x: x > 0, 1.0), "<lambda> returned nothing that has a derivative"),
    ],
)
def test_refusals(call, says):
    with pytest.raises(OperandError) as caught:
        call()
    assert says in str(caught.value)


# ---------------------------------------------------------------------------------------------------- the numerical gradient
def test_numerical_gradients_are_those_of_closed_forms():
    x = np.array([[0.3, -1.2, 2.0], [1e-3, 5.0, -0.5]])
    np.testing.assert_allclose(numerical_gradient(lambda x: np.sum(np.sin(x)), x), np.cos(x), rtol=1e-10)
    np.testing.assert_allclose(numerical_gradient(lambda x: np.sum(np.exp(x)) * 1e-20, x), np.exp(x) * 1e-20, rtol=1e-9)
    np.testing.assert_allclose(numerical_gradient(lambda x: np.log(x).sum(), 1e8 * np.abs(x)), 1e-8 / np.abs(x), rtol=1e-9)
    np.testing.assert_allclose(numerical_gradient(lambda x: np.sum(x**3), np.zeros(3)), np.zeros(3), atol=1e-10)
    assert numerical_gradient(lambda x: np.sum(x), np.zeros((0, 3))).shape == (0, 3)
    assert numerical_gradient(lambda x: x.sum() * 0 + 3, np.ones(2)).tolist() == [0.0, 0.0]


def test_numerical_gradients_come_as_the_argument_did():
    def f(p):
        return np.sum(p["a"] * p["b"][0]) + p["b"][1] ** 2

    given = {"a": np.array([1.0, 2.0], np.float32), "b": (Tensor([3.0, 4.0]), 5.0)}
    found = numerical_gradient(f, given)
    assert isinstance(found["a"], np.ndarray)
    assert found["a"].dtype == np.float32
    np.testing.assert_allclose(found["a"], [3.0, 4.0], rtol=1e-6)
    assert isinstance(found["b"][0], Tensor)
    np.testing.assert_allclose(found["b"][0].numpy(), [1.0, 2.0], rtol=1e-9)
    assert isinstance(found["b"][1], float)
    assert found["b"][1] == pytest.approx(10.0)


def test_numerical_gradients_of_complex_numbers_are_those_of_grad():
    z = np.array([1.0 + 2.0j, -0.5 + 0.3j])
    for f in (lambda z: np.sum(np.abs(z) ** 2), lambda z: np.sum(z.real**2 * z.imag), lambda z: np.sum(np.exp(z)).real):
        np.testing.assert_allclose(numerical_gradient(f, z), grad(f)(z), rtol=1e-9)
    assert numerical_gradient(np.exp, 1.0 + 2.0j) == pytest.approx(np.exp(1.0 + 2.0j), rel=1e-10)
    assert numerical_gradient(lambda x: np.exp(1j * x), 2.0) == pytest.approx(1j * np.exp(2.0j), rel=1e-10)
    with pytest.raises(DtypeError, match="has a derivative only where it is holomorphic"):
        numerical_gradient(lambda z: z * np.conj(z) * z, 1.0 + 2.0j)


def test_the_step_of_a_numerical_gradient():
    seen = []

    def f(x):
        seen.append(x)
        return x * x

    assert numerical_gradient(f, 3.0, step=1e-3) == pytest.approx(6.0, rel=1e-9)
    assert max(abs(x - 3.0) for x in seen) == pytest.approx(1e-3)


def test_refusals_of_numerical_gradients():
    with pytest.raises(DtypeError, match=r"a int of dtype int64: derivatives exist .* write 3.0 in place of 3"):
        numerical_gradient(lambda x: x * x, 3)
    with pytest.raises(ShapeError, match=r"a gradient needs a function that returns one number: <lambda> returned shape \(2,\). Sum it first."):
        numerical_gradient(lambda x: x * x, np.ones(2))
    with pytest.raises(ShapeError, match="returned list"):
        numerical_gradient(lambda x: [x], 1.0)
    with pytest.raises(OperandError, match="returned str"):
        numerical_gradient(lambda x: "text", 1.0)
