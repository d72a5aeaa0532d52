"""The reports of the checker, and the numerical gradient by itself."""

from collections import namedtuple

import numpy as np
import pytest
from planted import a_little, line_with, made, sign, the_finding

from autograd import GradientTape, Tensor, Variable, check_gradients, grad, numerical_gradient
from autograd.errors import AutogradError, DtypeError, GradientCheckError, OperandError, ShapeError


# ---------------------------------------------------------------------------------------------------- the report
def test_the_text_of_a_report():
    scaled = made("scaled", lambda x: 3 * x, lambda g, _, _x: g * 6)

    def area(x):
        return scaled(x)  # the line

    report = check_gradients(area, 2.0, seed=3)
    text = repr(report)
    assert str(report) == text
    lines = text.splitlines()
    assert lines[0].startswith(
        "<GradientReport of area: WRONG; 1 directional derivatives to order 2, largest relative difference"
    )
    assert lines[1].startswith("order 1, argument 0 (x): the gradient is WRONG. In the direction [")
    finding = report.findings[0]
    direction = finding.direction.item()
    assert finding.analytic == pytest.approx(6 * direction)
    assert finding.numerical == pytest.approx(3 * direction)
    assert 0 < finding.error < 1e-9
    assert (
        f"is {finding.analytic:.12g} by the rules and {finding.numerical:.12g} by differences (+- {finding.error:.1g})"
        in lines[1]
    )
    assert "a relative difference of 0.5." in lines[1]
    assert lines[2].startswith("  The rule of scaled is wrong. In the direction [")
    assert lines[3] == f"  Called at {line_with(__file__, '# the line')}"
    assert not report
    assert issubclass(GradientCheckError, AutogradError)
    assert issubclass(GradientCheckError, AssertionError)

    good = check_gradients(lambda x: x**3, 2.0)
    assert good
    assert repr(good).startswith(
        "<GradientReport of <lambda>: ok; 16 directional derivatives to order 2, largest relative difference of those"
    )
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
    assert (
        the_finding(check_gradients(lambda x, _: replaced(x[0]), [1.0, None], "text")).argument == "argument 0 (x)[0]"
    )


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
        (
            lambda: check_gradients(np.sin, 3, [1, 2]),
            "no argument holds a floating-point or complex number (received int, list)",
        ),
        (
            lambda: check_gradients(np.sin, 1.0, order=0),
            "order and directions are 1 or more: received order=0, directions=4.",
        ),
        (lambda: check_gradients(np.sin, 1.0, directions=0), "directions=0"),
        (
            lambda: check_gradients(np.sin, 1.0, modes=("backward",)),
            "modes is a sequence of the modes to check, which are ('reverse', 'forward')",
        ),
        (lambda: check_gradients(np.sin, 1.0, modes="reverse"), "Received 'reverse'"),
        (lambda: check_gradients(lambda x: x > 0, 1.0), "<lambda> returned nothing that has a derivative"),
    ],
)
def test_refusals(call, says):
    with pytest.raises(OperandError) as caught:
        call()
    assert says in str(caught.value)


# ----------------------------------------------------------------------------------------------- the numerical gradient
def test_numerical_gradients_are_those_of_closed_forms():
    x = np.array([[0.3, -1.2, 2.0], [1e-3, 5.0, -0.5]])
    np.testing.assert_allclose(numerical_gradient(lambda x: np.sum(np.sin(x)), x), np.cos(x), rtol=1e-10)
    np.testing.assert_allclose(numerical_gradient(lambda x: np.sum(np.exp(x)) * 1e-20, x), np.exp(x) * 1e-20, rtol=1e-9)
    np.testing.assert_allclose(
        numerical_gradient(lambda x: np.log(x).sum(), 1e8 * np.abs(x)), 1e-8 / np.abs(x), rtol=1e-9
    )
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
    with pytest.raises(
        ShapeError,
        match=r"a gradient needs a function that returns one number: <lambda> returned shape \(2,\). Sum it first.",
    ):
        numerical_gradient(lambda x: x * x, np.ones(2))
    with pytest.raises(ShapeError, match="returned list"):
        numerical_gradient(lambda x: [x], 1.0)
    with pytest.raises(OperandError, match="returned str"):
        numerical_gradient(lambda x: "text", 1.0)
