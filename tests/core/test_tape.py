"""GradientTape: what it watches, what it returns, and what it refuses."""

from collections import namedtuple

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable, stop_recording
from autograd.errors import (
    DetachedError,
    DtypeError,
    NoDerivativeError,
    OperandError,
    RuleError,
    ShapeError,
    TapeError,
    UnwatchedError,
)
from autograd.registry.define import defvjp, operation


def values(nest):
    return None if nest is None else nest.numpy()


# ------------------------------------------------------------------------------------------------ sources and targets
def test_variables_are_watched_when_they_are_read():
    w, b, unread = Variable([[1.0, 2.0]], name="w"), Variable([3.0]), Variable(1.0)
    with GradientTape() as tape:
        y = Tensor([[2.0], [5.0]]) @ w + b
    assert tape.watched_variables() == (w, b)
    dw, db, dunread = tape.gradient(y, [w, b, unread])
    np.testing.assert_array_equal(dw.numpy(), [[7.0, 7.0]])
    np.testing.assert_array_equal(db.numpy(), [4.0])
    assert dunread is None


def test_nests_of_targets_and_sources():
    Pair = namedtuple("Pair", "first second")
    x, y, z = Tensor(2.0), Tensor([1.0, 3.0]), Tensor(5.0)
    with GradientTape() as tape:
        tape.watch({"a": [x, y], "b": (z,)})
        targets = {"p": x * y, "q": [z * z]}
    result = tape.gradient(targets, {"one": Pair(x, [y]), "two": z})
    assert isinstance(result["one"], Pair)
    assert result["one"].first.item() == 4.0
    np.testing.assert_array_equal(result["one"].second[0].numpy(), [2.0, 2.0])
    assert result["two"].item() == 10.0


def test_a_target_of_any_shape_is_summed():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    with GradientTape() as tape:
        tape.watch(x)
        y = x * x
    np.testing.assert_array_equal(tape.gradient(y, x).numpy(), 2 * x.numpy())


def test_output_gradients_weigh_the_target():
    x = Tensor([1.0, 2.0, 3.0])
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = x * 1.0
    np.testing.assert_array_equal(tape.gradient(y, x, output_gradients=[1.0, 0.0, -1.0]).numpy(), [2.0, 0.0, -6.0])
    np.testing.assert_array_equal(
        tape.gradient([y, z], x, output_gradients=[np.ones(3), None]).numpy(), [3.0, 5.0, 7.0]
    )
    with pytest.raises(
        ShapeError, match=r"a target of shape \(3,\) needs an output gradient of that shape: received \(2,\)"
    ):
        tape.gradient(y, x, output_gradients=np.ones(2))
    with pytest.raises(ShapeError, match="2 targets need as many output_gradients: received 1"):
        tape.gradient([y, y], x, output_gradients=[np.ones(3)])


def test_a_target_that_was_computed_after_the_block_is_an_error():
    """Alone it would have no gradient, and among others its part would be missing in silence."""
    x = Variable(3.0)
    with GradientTape(persistent=True) as tape:
        y = x * x
    late = x * 2.0
    for target in (late, [y, late], {"a": late}):
        with pytest.raises(
            TapeError, match=r"a target of shape \(\) was computed after the tape's block.*compute it inside the block"
        ):
            tape.gradient(target, x)
    with tape:
        again = x * 5.0
    assert tape.gradient([y, again], x).item() == 11.0
    with GradientTape() as tape:
        tape.watch(x)
        assert tape.gradient(x * x, x).item() == 6.0


def test_a_tape_that_never_recorded_is_an_error():
    x = Tensor(3.0)
    tape = GradientTape()
    tape.watch(x)
    with pytest.raises(TapeError, match="this tape has recorded nothing: compute the target inside its block"):
        tape.gradient(x * x, x)


def test_a_target_may_be_a_source_and_a_source_an_intermediate_value():
    x = Tensor(3.0)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = y * y
    assert tape.gradient(x, x).item() == 1.0
    assert tape.gradient(z, y).item() == 18.0
    assert [g.item() for g in tape.gradient(z, [y, x, z])] == [18.0, 108.0, 1.0]
    assert tape.gradient([z, z], x).item() == 216.0


def test_unconnected_sources():
    x, y = Tensor([1.0, 2.0]), Tensor(3.0)
    with GradientTape(persistent=True) as tape:
        tape.watch([x, y])
        z = y * 2.0
    assert tape.gradient(z, x) is None
    zero = tape.gradient(z, x, unconnected_gradients="zero")
    np.testing.assert_array_equal(zero.numpy(), [0.0, 0.0])
    with pytest.raises(OperandError, match='unconnected_gradients is "none" or "zero": received \'None\''):
        tape.gradient(z, x, unconnected_gradients="None")


def test_what_cannot_be_a_source_or_a_target():
    x, n, unwatched = Tensor(3.0), Tensor(3), Tensor(1.0)
    fixed = Variable(1.0, trainable=False, name="fixed")
    with GradientTape() as tape:
        tape.watch(x)
        y = x * n * unwatched * fixed
        with pytest.raises(
            DtypeError, match=r"cannot watch a tensor of dtype int64 and shape \(\): derivatives exist for floating"
        ):
            tape.watch(n)
        with pytest.raises(OperandError, match="cannot watch a float: a Tensor or a Variable is needed"):
            tape.watch([x, 3.0])
    refused = [
        (y, n, DtypeError, "cannot differentiate with respect to a tensor of dtype int64"),
        (y, 3.0, OperandError, "cannot differentiate with respect to a float"),
        (
            y,
            unwatched,
            UnwatchedError,
            r"the tape never watched a tensor of shape \(\), so its gradient is not known: call tape.watch",
        ),
        (y, fixed, UnwatchedError, r"the tape never watched variable 'fixed' \(trainable=False\)"),
        (y.item(), x, OperandError, "cannot differentiate a float"),
        (y > 0, x, DtypeError, "cannot differentiate a tensor of dtype bool"),
    ]
    for target, source, error, text in refused:
        with pytest.raises(error, match=text):
            tape.gradient(target, source)
    assert tape.gradient(y, x).item() == 3.0, "refused calls must leave the tape as it was"


def test_watching_twice_counts_once():
    v = Variable(3.0)
    with GradientTape() as tape:
        tape.watch(v)
        tape.watch(v)
        y = v * v
    assert tape.gradient(y, v).item() == 6.0


def test_variables_that_are_not_to_be_watched():
    v, fixed = Variable(2.0), Variable(3.0, trainable=False)
    with GradientTape(watch_accessed_variables=False) as tape:
        y = v * fixed
    assert tape.watched_variables() == ()
    with pytest.raises(UnwatchedError):
        tape.gradient(y, v)
    with GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(fixed)
        y = v * fixed
    assert tape.gradient(y, fixed).item() == 2.0


def test_a_variable_read_before_and_after_an_assignment_counts_both():
    v = Variable(2.0)
    with GradientTape() as tape:
        y = v * v
        v.assign(10.0)
        y = y + v * v * v
    assert tape.gradient(y, v).item() == 4.0 + 300.0


# ------------------------------------------------------------------------------------------------ the life of a tape
def test_a_tape_gives_one_gradient_unless_it_is_persistent():
    x = Tensor(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = x * x
    tape.gradient(y, x)
    with pytest.raises(
        TapeError, match=r"gives one gradient, and this one was used already.*GradientTape\(persistent=True\)"
    ):
        tape.gradient(y, x)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = y * y
    assert [tape.gradient(t, x).item() for t in (y, z, y)] == [6.0, 108.0, 6.0]


def test_a_used_tape_begins_anew_when_it_is_entered_again():
    x = Tensor(3.0)
    tape = GradientTape()
    for _ in range(2):
        with tape:
            tape.watch(x)
            y = x * x
        assert tape.gradient(y, x).item() == 6.0


def test_a_tape_cannot_be_entered_twice_at_once():
    with GradientTape() as tape, pytest.raises(TapeError, match="this tape is recording already"), tape:
        pass


def test_gradient_inside_the_block():
    x = Tensor(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = x * x
        assert tape.gradient(y, x).item() == 6.0
        x * x  # recorded by nobody
    assert tape.records == []
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        dy = tape.gradient(x**3, x)
    assert tape.gradient(dy, x).item() == 18.0


def test_stop_recording_and_reset():
    x = Tensor(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = x * x
        with tape.stop_recording():
            hidden = y * x
        with stop_recording():
            hidden = hidden * x
        z = y * hidden
    assert tape.gradient(z, x).item() == 6.0 * 81.0
    with pytest.raises(TapeError, match="stop_recording is for a tape that is recording"), tape.stop_recording():
        pass
    with GradientTape() as tape:
        tape.watch(x)
        y = x * x
        tape.reset()
        tape.watch(x)
        z = x * 5.0
    assert tape.gradient(z, x).item() == 5.0


def test_an_exception_leaves_no_tape_behind():
    x, tape = Tensor(1.0), GradientTape()

    def fail():
        with tape:
            tape.watch(x)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    x * x
    assert tape.records == []


def test_repr_says_the_state():
    x = Tensor(1.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = x * x * x
        assert repr(tape) == "<GradientTape: 2 operations, 3 values tracked, recording>"
    assert repr(tape) == "<GradientTape: 2 operations, 3 values tracked, stopped>"
    tape.gradient(y, x)
    assert "used up" in repr(tape)


# ------------------------------------------------------------------------------------------------ higher orders
def test_nested_tapes_give_higher_derivatives():
    x = Tensor(0.7)
    with GradientTape() as t4:
        t4.watch(x)
        with GradientTape() as t3:
            t3.watch(x)
            with GradientTape() as t2:
                t2.watch(x)
                with GradientTape() as t1:
                    t1.watch(x)
                    y = anp.sin(x) * x
                d1 = t1.gradient(y, x)
            d2 = t2.gradient(d1, x)
        d3 = t3.gradient(d2, x)
    d4 = t4.gradient(d3, x)
    sin, cos = np.sin(0.7), np.cos(0.7)
    expected = [sin + 0.7 * cos, 2 * cos - 0.7 * sin, -3 * sin - 0.7 * cos, -4 * cos + 0.7 * sin]
    np.testing.assert_allclose([d.item() for d in (d1, d2, d3, d4)], expected, rtol=1e-14)


def test_mixed_partial_derivatives_over_variables():
    a, b = Variable(2.0), Variable([1.0, 3.0])
    with GradientTape() as outer:
        with GradientTape() as inner:
            y = anp.sum(a**3 * b * b)
        da = inner.gradient(y, a)  # 3 a^2 sum(b^2)
    dda, ddab = outer.gradient(da, [a, b])
    assert dda.item() == 6 * 2.0 * 10.0
    np.testing.assert_allclose(ddab.numpy(), 3 * 4.0 * 2 * np.array([1.0, 3.0]))


def test_second_order_through_indexing_joining_and_reducing():
    x0 = np.array([1.0, 2.0, 3.0])
    x = Tensor(x0)
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            y = x[0] * x[1] ** 2 + anp.sum(anp.concatenate([x[1:], x[:1]]) * x) ** 2
        g = inner.gradient(y, x)
        s = anp.sum(g * Tensor([1.0, -2.0, 0.5]))
    hv = outer.gradient(s, x).numpy()

    def gradient(v):
        a, b, c = v
        p = b * a + c * b + a * c
        return np.array([b**2 + 2 * p * (b + c), 2 * a * b + 2 * p * (a + c), 2 * p * (a + b)])

    direction, h = np.array([1.0, -2.0, 0.5]), 1e-6
    np.testing.assert_allclose(hv, (gradient(x0 + h * direction) - gradient(x0 - h * direction)) / (2 * h), rtol=1e-8)


# ------------------------------------------------------------------------------------------------ nothing in silence
def test_a_missing_rule_is_refused_when_it_is_needed_and_only_then():
    halve = operation(lambda x: x / 2)
    x = Tensor([1.0, 2.0])
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = anp.sum(x * x)
        seen = halve(x)
        z = y * anp.sum(seen)
    np.testing.assert_array_equal(tape.gradient(y, x).numpy(), [2.0, 4.0])
    with pytest.raises(
        NoDerivativeError, match=r"has no derivative rule, and the derivative through a call of it is needed\. Write it"
    ):
        tape.gradient(z, x)


def test_operands_in_nested_lists_keep_their_derivative():
    total = operation(lambda table: sum(x for row in table for x in row))
    defvjp(total, lambda g, _, _table: [[g for _ in row] for row in _table])
    x, y = Tensor(2.0), Tensor(5.0)
    with GradientTape() as tape:
        tape.watch([x, y])
        z = Tensor(0.0) + total([[x, 1.0, y], [x]])
    assert [g.item() for g in tape.gradient(z, [x, y])] == [2.0, 1.0]


def test_a_keyword_that_the_rule_does_not_know_is_refused():
    x = Tensor([1.0, 2.0])
    with GradientTape() as tape:
        tape.watch(x)
        y = np.add(x, 1.0, dtype=np.float64)
    with pytest.raises(
        NoDerivativeError, match=r"the derivative rule of numpy\.add does not know the keyword argument 'dtype'"
    ):
        tape.gradient(y, x)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (
            lambda g, _, _x: g[:1],
            r"returned a cotangent of shape \(1,\) and dtype float32\. The operand has shape \(3,\) and dtype float32",
        ),
        (lambda g, _, _x: g.astype(float), r"returned a cotangent of shape \(3,\) and dtype float64"),
        (lambda g, _, _x: 1.0, "returned 1.0. A rule returns an array"),
        (lambda g, _, _x: None, "returned None. A rule returns an array"),
    ],
)
def test_a_rule_that_breaks_its_contract_is_named(rule, text):
    broken = operation(lambda x: x * 1)
    defvjp(broken, rule)
    x = Tensor([1.0, 2.0, 3.0], dtype=np.float32)
    with GradientTape() as tape:
        tape.watch(x)
        y = broken(x)
    with pytest.raises(RuleError, match=f"the derivative rule of <lambda> for its argument 0 {text}"):
        tape.gradient(y, x)


def test_detaching_is_refused_where_a_tape_would_lose_it():
    x, v = Tensor([1.0, 2.0]), Variable(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        for detach in (np.asarray, np.array, lambda t: np.array([t, t])):
            with pytest.raises(
                DetachedError, match=r"np.asarray\(t\) of a tensor of shape \(2,\) that an active tape tracks"
            ):
                detach(x)
        with pytest.raises(DetachedError, match=r"float\(t\) of a tensor of shape \(\) that an active tape tracks"):
            float(v)
        assert x.numpy()[0] == 1.0
        assert v.item() == 3.0
        assert float(Tensor(1.0)) == 1.0
        assert f"{v:.1f}" == "3.0"
        assert bool(v > 2.0)
    assert float(v) == 3.0
    assert np.asarray(x)[1] == 2.0


def test_float32_stays_float32():
    x = Tensor(np.linspace(0.1, 0.9, 5, dtype=np.float32))
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            y = anp.sum((2 * anp.tanh(x) / 3 + 1.5) ** 2.5 - 0.1)
        g = inner.gradient(y, x)
    assert y.dtype == g.dtype == outer.gradient(g, x).dtype == np.float32


def test_mixed_dtypes_give_each_operand_its_own():
    x, y = Tensor([1.0, 2.0], dtype=np.float32), Tensor([3.0, 4.0])
    with GradientTape() as tape:
        tape.watch([x, y])
        z = x * y
    dx, dy = tape.gradient(z, [x, y])
    assert (dx.dtype, dy.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(dx.numpy(), [3.0, 4.0])


def test_complex_gradients_point_uphill():
    z = Tensor(3.0 + 4.0j)
    with GradientTape() as tape:
        tape.watch(z)
        y = abs(z) ** 2
    np.testing.assert_allclose(tape.gradient(y, z).item(), 6.0 + 8.0j, rtol=1e-15)
    x = Tensor(2.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = anp.real((x * (1.0 + 2.0j)) ** 2)  # -3 x^2
    assert tape.gradient(y, x).item() == -12.0
