"""The checker checked: right functions pass, at every seed, in every mode and dtype."""

import numpy as np
import pytest
from planted import SEEDS, a_little, conjugated, drawn, made, rng_of, sign, the_finding

from autograd import GradientTape, check_gradients, grad, gradient_reversal
from autograd.check.complex_step import complex_step
from autograd.check.differences import widened
from autograd.check.problem import Problem
from autograd.registry.define import defvjp, operation
from autograd.samples import SAMPLES
from nn.ops.samples import SAMPLES as NETWORK_SAMPLES

# ---------------------------------------------------------------------------------------------------- right functions
# Name: the function, and how its arguments are drawn. n: normal numbers, p: positive ones, u: in (-0.9, 0.9), b: over
# 1, c: complex, and the shape; a factor in front scales them.
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


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("name", [*RIGHT, *COMPLEX])
def test_right_functions_pass(name, dtype):
    f, spec = (RIGHT | COMPLEX)[name]
    for seed in range(max(3, SEEDS)):
        report = check_gradients(f, *drawn(spec, rng_of(name, dtype, seed), dtype), seed=seed)
        assert report.ok, report
        assert not report.findings, report


# Their derivative is 0 at the point, so that a tenth more of it is 0 too.
FLAT = {"constant", "zero times", "dead", "stationary", "empty", "quartic at zero"}


@pytest.mark.parametrize("name", [*RIGHT, *COMPLEX])
def test_right_functions_with_a_tenth_more_derivative_fail(name):
    f, spec = (RIGHT | COMPLEX)[name]
    wrong = lambda *args: gradient_reversal(f(*args), -1.1)  # noqa: E731
    report = check_gradients(wrong, *drawn(spec, rng_of(name, np.float64, 0), np.float64), seed=0)
    assert report.ok == (name in FLAT), report


def test_there_are_many_right_functions():
    assert len(RIGHT.keys() | COMPLEX.keys()) == len(RIGHT) + len(COMPLEX) >= 90


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
    [0.0012, [0.00018905, -0.00052275, -0.00041306, -0.00244147],
     [-1.64139729e-02, -5.20326417e-05, -6.23463741e-03, 1.48631523e-03],
     [-0.70373524, -1.26542147, -0.62327446, 0.04132598], [-0.22196951, -0.05184603, -2.27678282, 0.92514659]],
)  # fmt: skip
@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.log(x * x) - 2 * np.log(np.abs(x)),
        lambda x: np.log(x * x * x * x) - 4 * np.log(np.abs(x)),
        lambda x: 1 / (x * x) - (1 / x) ** 2,
    ],
    ids=["log of a square", "log of a power", "reciprocals"],
)
def test_what_cancels_beside_a_pole_is_no_fault(f, x):
    """Steps that are right for the large elements reach over the pole at zero for the small ones, of whose slope they
    see nothing.
    """
    for seed in range(20):
        report = check_gradients(f, np.array(x), seed=seed)
        assert not report.findings, report


def test_a_fault_beside_a_pole():
    inverse = made("inverse", lambda x: 1 / x, lambda g, ans, _: g * ans * ans)
    for seed in range(5):
        finding = the_finding(
            check_gradients(lambda x: inverse(x) + 1 / x, np.array([1.5e-7, 0.7, -1.2, 1e-3]), seed=seed)
        )
        assert finding.operation == "inverse"
        finding = the_finding(
            check_gradients(lambda x: np.log(a_little(np.log(x * x))), np.array([1.5e-4, 0.7, -1.2, 1e-3]), seed=seed)
        )
        assert finding.operation == "a_little"


# ---------------------------------------------------------------------------------------------------- the complex step
def stepped(f, *args):
    problem = Problem(f, args)
    return complex_step(
        problem, [widened(value) for value in problem.values], np.ones(sum(value.size for value in problem.values))
    )


def test_a_complex_step_is_exact_but_for_rounding():
    x = np.array([0.3, 1e-9, 2.0, 30.0])
    cases = [
        (np.sin, np.cos(x)),
        (np.exp, np.exp(x)),
        (lambda x: 1e8 + x**3, 3 * x * x),
        (lambda x: 1 / x, -1 / x**2),
        (np.log1p, 1 / (1 + x)),
    ]
    for f, slope in cases:
        found = stepped(f, x)
        np.testing.assert_allclose(found.value, slope, rtol=4e-15)
        assert np.all(np.abs(found.value - slope) <= 10 * found.error)
        assert np.all((found.error <= 1e-12 * np.abs(slope))[x > 0.1])
    second = Problem(np.sin, (x,)).gradient([np.ones(4)])
    np.testing.assert_allclose(complex_step(second, [x], np.ones(4)).value, -np.sin(x), rtol=4e-15)
    np.testing.assert_allclose(
        stepped(lambda m: np.linalg.inv(m), np.diag([2.0, 4.0])).value, [-0.25, -0.125, -0.125, -0.0625]
    )


@pytest.mark.parametrize(
    "f",
    [np.abs, lambda x: x * np.conj(x), lambda x: np.real(x) * x, np.sign, np.var, np.linalg.norm,
    lambda x: np.linalg.svd(x[:, None] * x)[1],
     lambda x: np.ones(3), lambda x: np.hypot(x, 1.0), lambda x: x * x.astype(np.float64),
      lambda x: x * float(x.numpy()[0]), np.arctan2],
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
    np.sin, np.tanh, np.arctan, np.arcsinh, lambda x: np.exp(-x * x), lambda x: np.sqrt(1 + x * x),
    lambda x: 1 / (1 + np.exp(-x)),
    lambda x: x**3 / 3, lambda x: np.log1p(x * x), lambda x: np.logaddexp(x, 0.5), np.cumsum, lambda x: x[::-1] * x,
    lambda x: x - x.mean(),
    lambda x: np.exp(x) / np.sum(np.exp(x)), lambda x: np.outer(x, x).sum(axis=0),
    lambda x: np.concatenate([x[2:], x[:2] ** 2]),
    lambda x: np.linalg.solve(np.eye(x.size) * 4 + np.outer(x, np.cos(x)) / x.size, x),
    lambda x: x @ (np.arange(16).reshape(4, 4) / 10 - 0.7),
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
