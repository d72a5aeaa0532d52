"""How rules and facts are declared, and what a second declaration keeps."""

import numpy as np
import pytest

import autograd
from autograd.registry.define import defacts, defjoint, defjvp, deflinear, defvjp, operation
from autograd.registry.entries import RULES, facts_of


def made(fn):
    return operation(lambda *args: fn(*args))


def test_rules_for_cotangents_keep_tangent_rules():
    f = made(lambda x: x * x)
    defjvp(f, lambda t, _, x: 7 * t * x)
    defvjp(f, lambda g, _, x: 2 * g * x)
    assert autograd.jvp(f, [3.0], [1.0])[1] == 21.0
    assert autograd.grad(f)(3.0) == 6.0
    defvjp(f, lambda g, _, x: 5 * g * x)
    assert autograd.jvp(f, [3.0], [1.0])[1] == 21.0
    assert autograd.grad(f)(3.0) == 15.0


@pytest.mark.parametrize("shift", [0, 2])
def test_the_tangent_of_a_linear_operation_with_a_joint_rule(shift):
    """The function of the tangents where all arguments have one; a parameter of the call is no operand."""
    f = operation(lambda x, y, shift: np.roll(x, shift) + 2 * y)
    defjoint(f, lambda argnums, g, _, _x, _y, shift: [(np.roll(g, -shift), 2 * g)[argnum] for argnum in argnums])
    deflinear(f)
    x, y = np.array([1.0, 2.0, 4.0]), np.array([10.0, 20.0, 30.0])
    u, v = np.array([1.0, 0.0, -1.0]), np.array([0.5, 1.0, 2.0])
    np.testing.assert_array_equal(autograd.jvp(lambda x: f(x, y, shift), [x], [u])[1], np.roll(u, shift))
    np.testing.assert_array_equal(autograd.jvp(lambda y: f(x, y, shift), [y], [v])[1], 2 * v)
    found = autograd.jvp(lambda x, y: f(x, y, shift), [x, y], [u, v])[1]
    np.testing.assert_array_equal(found, np.roll(u, shift) + 2 * v)


def test_the_tangent_of_a_linear_operation_of_all_its_arguments():
    f = operation(lambda x, y: 2 * x + 3 * y)
    defjoint(f, lambda argnums, g, _, _x, _y: [(2 * g, 3 * g)[argnum] for argnum in argnums])
    deflinear(f)
    assert autograd.jvp(lambda x: f(x, 20.0), [0.0], [1.0])[1] == 2.0
    assert autograd.jvp(f, [0.0, 20.0], [1.0, 1.0])[1] == 5.0


def test_forms_of_hips_autograd():
    f = made(lambda x, y: x * y)
    defvjp(f, lambda ans, x, y: lambda g: g * x, argnums=[1])
    assert autograd.grad(f, 1)(2.0, 3.0) == 2.0
    with pytest.raises(autograd.errors.NoDerivativeError, match="no derivative with respect to its argument 0"):
        autograd.grad(f)(2.0, 3.0)
    defjvp(f, "same", argnums=[1])
    assert autograd.jvp(lambda y: f(2.0, y), [3.0], [1.0])[1] == 2.0


def test_a_fact_that_there_is_not_is_refused():
    with pytest.raises(TypeError, match="an entry of the registry has no fact 'elementwize'"):
        defvjp(made(np.sin), lambda g, _, x: g * np.cos(x), elementwize=True)


def test_facts_of_a_function_that_has_no_entry_are_not_kept():
    def f(x):
        return x

    assert facts_of(f).fresh is None
    assert not facts_of(f).elementwise
    assert f not in RULES
    defacts(f, fresh=True)
    assert RULES.pop(f).fresh


def test_a_reversed_gradient_is_reversed_forwards():
    def f(x):
        return autograd.gradient_reversal(x, 3.0)

    assert autograd.grad(lambda x: f(x) ** 2)(2.0) == -12.0
    assert autograd.jvp(lambda x: f(x) ** 2, [2.0], [1.0])[1] == -12.0
    np.testing.assert_array_equal(autograd.vmap(f)(np.ones(2)), np.ones(2))


@pytest.mark.filterwarnings("ignore:compiled function .* changes 'count'")  # as it does in its operation, at each call
@pytest.mark.parametrize(("opaque", "runs"), [(None, [1, 2, 3]), (True, [1, 2, 3]), (False, [2, 2, 2])])
def test_the_body_of_an_operation_in_a_compiled_program(opaque, runs):
    """It runs once a call, the call that traces included, or it is written into the program."""
    count = []

    @operation(opaque=opaque)
    def f(x):
        count.append(1)
        return x * x

    defvjp(f, lambda g, _, x: 2 * g * x)
    compiled = autograd.compile(lambda x: f(x) + 1.0)
    found = []
    for i in range(3):
        np.testing.assert_array_equal(compiled(np.array([1.0, i])), [2.0, i * i + 1.0])
        found.append(len(count))
    assert found == runs
    assert compiled.refused == ""
