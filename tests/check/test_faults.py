"""The checker checked: planted faults are found and named with their line, and it says what it cannot check."""

import copy

import numpy as np
import pytest
from planted import (
    SEEDS,
    a_little,
    both_at_a_tie,
    conjugated,
    drawn,
    keyword,
    line_with,
    made,
    missing_sum,
    nothing,
    one_element,
    rng_of,
    sign,
    the_finding,
    transposed,
    zero,
)

from autograd import check_gradients
from autograd.errors import NoDerivativeError, RuleError
from autograd.registry import entries as registry
from autograd.registry.define import defconstant, defvjp, operation

# ---------------------------------------------------------------------------------------------------- planted faults


FAULTS = {
    "sign": (lambda x: np.exp(sign(x)) * x, "n4", sign, "argument 0 (x)"),
    "transposed": (lambda x, m: transposed(x, m) ** 2, "n33 n33", transposed, "argument 0 (x)"),
    "missing sum": (lambda x, y: missing_sum(x, y) ** 2, "n34 n14", missing_sum, "argument 1 (y)"),
    "a little": (lambda x: np.sum(a_little(x) * np.sin(x)), "n4", a_little, "argument 0 (x)"),
    "a little of a little": (lambda x: 1e-20 * a_little(x), "n4", a_little, "argument 0 (x)"),
    "tiny beside a constant": (lambda x: 1e8 + a_little(1e-8 * x), "n4", a_little, "argument 0 (x)"),
    "tiny beside large": (lambda x, y: np.sum(1e8 * x) + np.sum(1e-8 * sign(y)), "n4 n4", sign, "argument 1 (y)"),
    "tiny element": (
        lambda x: np.sum(sign(x) * np.array([0, 0, 1e-6, 0]) + np.array([1e3, 1, 0, 1]) * x),
        "n4",
        sign,
        "argument 0 (x)",
    ),
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
        x = x + a_little(x * 2)  # the culprit
        for _ in range(20):
            x = np.sin(x) @ w
        return x.sum()

    rng = np.random.default_rng(0)
    finding = the_finding(check_gradients(program, rng.normal(size=(3, 4)), rng.normal(size=(4, 4)), order=1))
    assert finding.operation == "a_little"
    assert finding.line == line_with(__file__, "x = x + a_little(")


def test_the_line_is_that_of_the_program_however_the_operation_was_called():
    def program(x):
        x = x + 1
        return np.exp(np.sum(helped(x)))

    def helped(x):
        return -x * x % 1.3  # where it is called

    entry = copy.copy(registry.RULES[np.remainder])
    defvjp(np.remainder, lambda g, _, _x, _y: g * 2, None)
    try:
        finding = the_finding(check_gradients(program, np.array([0.3, 0.7])))
    finally:
        registry.RULES[np.remainder] = entry
    assert (finding.operation, finding.line) == ("numpy.remainder", line_with(__file__, "# where it is called"))
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
    assert (finding.order, finding.operation, finding.line) == (
        2,
        "detached",
        line_with(__file__, "# a constant slope"),
    )
    assert "The derivative of order 2 of detached is wrong" in finding.message

    finding = the_finding(check_gradients(lambda x: np.exp(calls_slope(x)), x))
    assert (finding.order, finding.operation) == (2, "slope")
    assert "calls_slope(x)" in finding.line
    assert "Its rule calls slope." in finding.message
    assert "The rule of slope is wrong. In the direction" in finding.message
    assert line_with(__file__, "# where the rule is") in finding.message


def test_a_third_order():
    frozen = operation(lambda x: -np.sin(x))
    defconstant(frozen)
    inner = made("inner", np.cos, lambda g, _, x: g * frozen(x))
    outer = made("outer", np.sin, lambda g, _, x: g * inner(x))
    assert check_gradients(outer, 0.7).ok
    finding = the_finding(check_gradients(outer, 0.7, order=3))
    assert (finding.order, finding.operation) == (3, "inner")
    assert check_gradients(lambda x: x**5, 0.7, order=4).ok


# -------------------------------------------------------------------------------------- rules that break their contract
@pytest.mark.parametrize(
    ("rule", "error", "says"),
    [
        (
            lambda g, _, x: g * np.cos(x.astype(np.float64)),
            RuleError,
            "dtype float64. The operand has shape (3,) and dtype float32",
        ),
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
    assert (finding.operation, finding.line) == ("broken", line_with(__file__, "# broken here"))
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


# ----------------------------------------------------------------------------------------------- what cannot be checked
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
