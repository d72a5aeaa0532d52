"""Forward differentiation: by the dot-product identity over all samples, its memory, its refusals, and how tangents
follow values.
"""

import tracemalloc

import numpy as np
import pytest

import autograd.numpy as anp
import nn.ops.samples
from autograd import (
    GradientTape,
    Tensor,
    Variable,
    checkpoint,
    custom_gradient,
    grad,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    linearize,
    vjp,
)
from autograd.core import nest
from autograd.errors import DtypeError, NoDerivativeError, RuleError, ShapeError
from autograd.extend import defjvp, defvjp, operation
from autograd.registry.entries import RULES, name_of
from autograd.samples import SAMPLES

TABLE = {**SAMPLES, **nn.ops.samples.SAMPLES}
try:
    import autograd.scipy.samples
except ImportError:
    pass
else:
    TABLE |= autograd.scipy.samples.SAMPLES


def random_like(rng, array):
    array = np.asarray(array)
    u = rng.normal(size=array.shape)
    return np.asarray(u + 1j * rng.normal(size=array.shape) if array.dtype.kind == "c" else u, array.dtype)


def pairing(us, ys):
    """Re(sum of u * y), without conjugates."""
    return sum(float(np.sum(np.real(np.asarray(u) * np.asarray(y)))) for u, y in zip(us, ys, strict=True))


CASES = [(fn, i) for fn, samples in TABLE.items() for i in range(len(samples))]


@pytest.mark.parametrize(
    "push",
    [jvp, lambda f, xs, vs: (lambda out, f_jvp: (out, f_jvp(*vs)))(*linearize(f, *xs))],
    ids=["jvp", "linearize"],
)
@pytest.mark.parametrize(("fn", "i"), CASES, ids=[f"{name_of(fn)}-{i}" for fn, i in CASES])
def test_the_tangent_is_the_transpose_of_the_cotangent(fn, i, push):
    """<u, J v> = <J^T u, v>, and a tangent has the shape and the dtype of its output."""
    for dtype in TABLE[fn][i].dtypes:
        f, xs = TABLE[fn][i].problem(fn, np.random.default_rng(3), dtype)
        rng = np.random.default_rng(5)
        vs = [random_like(rng, x) for x in xs]
        out, tangents = push(f, xs, vs)
        _, pullback = vjp(f, *xs)
        ys, ts = nest.leaves(out), nest.leaves(tangents)
        assert [(np.shape(t), np.result_type(t)) for t in ts] == [(np.shape(y), np.result_type(y)) for y in ys]
        us = [random_like(rng, y) if np.result_type(y).kind in "fc" else None for y in ys]
        cotangents = pullback(nest.rebuild(out, us)) if isinstance(out, (tuple, list)) else pullback(us[0])
        found = pairing(*zip(*[(u, t) for u, t in zip(us, ts, strict=True) if u is not None], strict=True))
        scale = 1 + sum(float(np.sum(np.abs(np.asarray(c) * v))) for c, v in zip(cotangents, vs, strict=True))
        assert abs(found - pairing(cotangents, vs)) <= (1e-4 if dtype == "float32" else 1e-10) * scale


@pytest.mark.parametrize(("fn", "i"), CASES, ids=[f"{name_of(fn)}-{i}" for fn, i in CASES])
def test_both_orders_of_second_derivatives_agree(fn, i):
    """The tangent of the gradient of <u, f>, paired with w, is the gradient of the tangent of <u, f>, paired with w."""
    sample = TABLE[fn][i]
    f, xs = sample.problem(fn, np.random.default_rng(3), sample.dtypes[-1])
    rng = np.random.default_rng(5)
    vs, ws = [random_like(rng, x) for x in xs], [random_like(rng, x) for x in xs]
    us = [random_like(rng, y) if np.result_type(y).kind in "fc" else None for y in nest.leaves(f(*xs))]

    def weighed(*xs):
        return sum(anp.sum(anp.real(u * y)) for u, y in zip(us, nest.leaves(f(*xs)), strict=True) if u is not None)

    everything = range(len(xs))
    forward_over_reverse = jvp(grad(weighed, everything), xs, vs)[1]
    reverse_over_forward = grad(lambda *xs: jvp(weighed, xs, vs)[1], everything)(*xs)
    forward_over_forward = jvp(lambda *xs: jvp(weighed, xs, vs)[1], xs, ws)[1]
    scale = 1 + sum(float(np.sum(np.abs(each * w))) for each, w in zip(forward_over_reverse, ws, strict=True))
    for a, b in zip(forward_over_reverse, reverse_over_forward, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-9 * scale)
    assert abs(forward_over_forward - pairing(forward_over_reverse, ws)) <= 1e-9 * scale


# ----------------------------------------------------------------------------------------------------- memory
@pytest.mark.parametrize(
    "step",
    [
        lambda x: np.sin(x) * 1.01 + 0.1,
        lambda x: x.copy(),
        lambda x: anp.reshape(anp.concatenate([x[1:], x[:1]]), x.shape),
        lambda x: anp.linalg.norm(x) * x / 3.0,
    ],
    ids=["elementwise", "copies", "moved", "transposed"],
)
def test_memory_does_not_grow(step):
    def peak(steps):
        def f(x):
            for _ in range(steps):
                x = step(x)
            return x

        tracemalloc.start()
        jvp(f, [np.ones(4)], [np.ones(4)])
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(10)
    assert peak(1000) < 1.2 * peak(50) + 5000


def test_memory_of_a_hundred_thousand_operations_and_of_writes():
    def f(x):
        for i in range(35_000):
            x[i % 4] = x[i % 4] * 0.5
        return x

    tracemalloc.start()
    jvp(f, [np.ones(4)], [np.ones(4)])
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used < 100_000


# ----------------------------------------------------------------------------------------------- tangents follow values
def test_a_tangent_is_written_in_place_where_nothing_else_holds_it():
    """A write into a large array allocates no second one, and changes no tangent that somebody else has."""
    n = 100_000
    extra = []

    def written(x):
        y = x * 2.0
        y[0] = x[1]
        tracemalloc.start()
        try:
            for i in range(1, 20):
                before = tracemalloc.get_traced_memory()[0]
                tracemalloc.reset_peak()
                y[i] = x[0] * x[i]
                y[-1] = 3.0
                extra.append(tracemalloc.get_traced_memory()[1] - before)
        finally:
            tracemalloc.stop()
        return y

    x, v = np.linspace(1.0, 2.0, n), np.linspace(-1.0, 1.0, n)
    found = jvp(written, [x], [v])[1]
    expected = 2 * v
    expected[0] = v[1]
    expected[1:20] = v[0] * x[1:20] + x[0] * v[1:20]
    expected[-1] = 0.0
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert max(extra) < 8 * n / 10


@pytest.mark.parametrize(
    "share",
    [
        lambda y: y + 1.0,
        lambda y: y[1:3],
        lambda y: y.copy(),
        lambda y: anp.reshape(y, (2, 2)) + 0.0,
        lambda y: anp.where(True, y, 0.0) - 1.0,
    ],
    ids=["sum", "view", "copy", "sum of a view", "selection"],
)
def test_a_tangent_that_somebody_else_holds_is_not_written_into(share):
    def written(x):
        y = x * 2.0
        y[0] = 0.0
        before = share(y)
        y[1] = x[0] * x[0]
        after = share(y)
        y[2:4] = [x[0], 5.0]
        return before, after, y

    def by_numpy(x):
        y = np.array([0.0, 2 * x[1], 2 * x[2], 2 * x[3]])
        before = share(y)
        y[1] = x[0] ** 2
        after = share(y)
        y[2:4] = [x[0], 5.0]
        return before, after, y

    x, v, h = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, -1.0, 0.5, 2.0]), 1e-6
    for found, up, down in zip(jvp(written, [x], [v])[1], by_numpy(x + h * v), by_numpy(x - h * v), strict=True):
        np.testing.assert_allclose(found, (up - down) / (2 * h), atol=1e-8)
    within = jvp(lambda x: jvp(written, [x], [v])[0], [x], [v])[1]
    for found, expected in zip(within, jvp(written, [x], [v])[1], strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_direction_that_was_given_is_neither_changed_nor_given_back():
    def overwritten(x):
        x[0] = 0.0
        return x

    x, v = np.ones(3), np.ones(3)
    for f in (lambda x: x, lambda x: x + 1.0, lambda x: x[:2], lambda x: np.reshape(x, (3, 1)), overwritten):
        for t in (jvp(f, [x], [v])[1], linearize(f, x)[1](v), jvp(f, [Tensor(x)], [v])[1].numpy()):
            assert not np.shares_memory(t, v)
        np.testing.assert_array_equal(v, np.ones(3))


def test_handles_that_are_bound_anew():
    def f(x):
        y = x * 1.0
        before = y * 2
        alias = Tensor.alias(y)
        y[0] = x[1] * x[2]
        y[1:] = 7.0
        return before, alias * 1.0, y

    x, v = np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0, 100.0])
    _, (before, alias, y) = jvp(f, [x], [v])
    np.testing.assert_array_equal(before, 2 * v)
    np.testing.assert_array_equal(alias, v)
    np.testing.assert_array_equal(y, [10 * 3 + 2 * 100, 0, 0])


def test_variables_are_constants_and_keep_what_was_read():
    w = Variable(3.0)

    def f(x):
        y = w * x
        w.assign(5.0)
        return y + w * x

    assert jvp(f, [2.0], [1.0]) == (16.0, 8.0)
    assert jvp(lambda w: w * w, [Variable(2.0)], [1.0])[1].item() == 4.0


def test_nests_numbers_and_integers():
    out, t = jvp(
        lambda d: {"a": d["x"] * 2, "b": [anp.argmax(d["y"]), 3]},
        [{"x": 1.0, "y": np.array([1.0, 2.0])}],
        [{"x": 1.0, "y": np.ones(2)}],
    )
    assert out == {"a": 2.0, "b": [1, 3]}
    assert t == {"a": 2.0, "b": [0, 0]}
    assert type(t["a"]) is float
    out, t, aux = jvp(lambda x: (x * x, "text"), [Tensor([1.0])], [np.array([2])], has_aux=True)
    assert isinstance(t, Tensor)
    assert (t.item(), aux) == (4.0, "text")
    assert jvp(lambda x: 5.0, [1.0], [1.0]) == (5.0, 0.0)


def test_what_a_selection_drops_adds_no_nan():
    x, v = np.array([0.0, 1.0, 4.0]), np.ones(3)
    with np.errstate(all="ignore"):
        for f in (
            lambda x: anp.where(x > 0, anp.log(x) * anp.sqrt(x), 0.0),
            lambda x: anp.maximum(anp.log(x), -1.0),
            lambda x: anp.log(x)[x > 0],
            lambda x: anp.max(anp.log(x)),
            lambda x: anp.sum(anp.log(x), where=x > 0),
            lambda x: anp.nan_to_num(anp.log(x)),
            lambda x: nn.activations.relu(anp.log(x)),
        ):
            assert np.all(np.isfinite(jvp(f, [x], [v])[1]))
            assert np.all(np.isfinite(jvp(lambda x, f=f: jvp(f, [x], [v])[1], [x], [v])[1]))
        assert np.isinf(jvp(lambda x: anp.where(x >= 0, anp.sqrt(x), 0.0), [x], [v])[1][0])


# ------------------------------------------------------------------------------- what is refused, what is given by hand
def test_an_operation_without_a_rule_is_refused_at_once():
    after = []

    def f(x):
        y = unruled(x)
        after.append(y)
        return y

    @operation
    def unruled(x, factor=1.0):
        return x * factor

    with pytest.raises(
        NoDerivativeError, match="unruled has no derivative rule, and the derivative through a call of it is needed"
    ):
        jvp(f, [np.eye(2)], [np.eye(2)])
    assert after == []
    defvjp(unruled, lambda g, _, _x: g)
    with pytest.raises(NoDerivativeError, match="does not know the keyword argument 'factor'"):
        jvp(lambda x: unruled(x, factor=2.0), [np.ones(2)], [np.ones(2)])


def test_a_derivative_by_hand_may_pass_operations_without_a_rule():
    @operation
    def unruled(x):
        return np.exp(x)

    @custom_gradient
    def f(x):
        y = unruled(x)
        return y, lambda g: g * anp.exp(x)

    assert jvp(f, [0.5], [2.0])[1] == pytest.approx(2 * np.exp(0.5))
    assert hvp(f, [0.5], [2.0]) == pytest.approx(2 * np.exp(0.5))
    assert jvp(checkpoint(lambda x: anp.sin(x) * x), [0.5], [1.0])[1] == pytest.approx(np.sin(0.5) + 0.5 * np.cos(0.5))


def test_tangents_that_do_not_fit_are_refused():
    with pytest.raises(
        ShapeError, match=r"jvp needs a tangent of the shape of each primal: received primals of shapes \[\(2,\)\]"
    ):
        jvp(np.sin, [np.ones(2)], [1.0])
    with pytest.raises(
        DtypeError, match="jvp takes a real tangent for a primal of dtype float64: received dtype complex128"
    ):
        jvp(np.sin, [1.0], [1j])
    with pytest.raises(DtypeError, match="cannot differentiate with respect to an argument of dtype int64"):
        jvp(np.sin, [1], [1])


def test_a_tangent_rule_is_used_and_checked():
    @operation
    def twice(x):
        return 2 * x

    defvjp(twice, lambda g, _, _x: 2 * g)
    assert jvp(twice, [3.0], [1.0])[1] == 2.0
    defjvp(twice, lambda t, _, _x: 5 * t)
    assert jvp(twice, [3.0], [1.0])[1] == 5.0
    defjvp(twice, "same")
    assert jvp(twice, [3.0], [1.0])[1] == 2.0
    assert RULES[twice].vjps[0] is not None
    defjvp(twice, lambda t, _, _x: np.stack([t, t]))
    with pytest.raises(
        RuleError, match=r"the tangent of twice has shape \(2,\) and dtype float64. The output has shape \(\)"
    ):
        jvp(twice, [3.0], [1.0])


# ----------------------------------------------------------------------------------------------------- columns
def test_columns_are_rows():
    x, y = np.random.default_rng(0).normal(size=(2, 2, 3))
    z = x[0] + 1j * y[0]
    for f, args, argnums in (
        (lambda x: {"a": anp.sin(x) @ x.T, "b": [anp.sum(x**2)]}, (x,), 0),
        (lambda x, y: x * y + anp.exp(y), (2.0, 3.0), (0, 1)),
        (lambda x, y: x * y + anp.exp(y), (2.0, y), (0, 1)),
        (lambda z: z**2, (z,), 0),
        (lambda z: anp.abs(z) ** 2, (z,), 0),
        (lambda x: x * (1 + 1j), (x,), 0),
        (lambda x: x * 2, (np.zeros((0, 2)),), 0),
    ):
        found, expected = jacfwd(f, argnums)(*args), jacobian(f, argnums)(*args)
        for a, b in zip(nest.leaves(found), nest.leaves(expected), strict=True):
            assert type(a) is type(b)
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
    assert jacfwd(lambda x: (x * x, "aux"), has_aux=True)(3.0) == (6.0, "aux")
    with pytest.raises(DtypeError, match="is not"):
        jacfwd(np.conjugate)(z)


def columns_and_rows(fn, sample, dtype):
    """Return the Jacobian of a sample by forward and by reverse mode, as leaves; None in place of one that is
    refused.
    """
    f, xs = sample.problem(fn, np.random.default_rng(0), dtype)
    found = []
    for transform in (jacfwd, jacrev):
        try:
            with np.errstate(all="ignore"):
                found.append(nest.leaves(transform(f, range(len(xs)))(*xs)))
        except DtypeError:  # it is not holomorphic
            found.append(None)
    return found


@pytest.mark.parametrize("fn", SAMPLES, ids=name_of)
def test_columns_of_every_function_are_its_rows(fn):
    for sample in SAMPLES[fn]:
        for dtype in {"float64", "complex128"}.intersection(sample.dtypes):
            found, expected = columns_and_rows(fn, sample, dtype)
            assert (found is None) == (expected is None)
            for columns, rows in zip(found or [], expected or [], strict=True):
                assert np.result_type(columns) == np.result_type(rows)
                np.testing.assert_allclose(columns, rows, rtol=1e-8, atol=1e-9)


def test_columns_are_computed_at_once():
    calls = []

    @operation
    def sine(x):
        return np.sin(x)

    defjvp(sine, lambda t, _, x: calls.append(1) or t * np.cos(x))
    x = np.linspace(0.0, 1.0, 20)
    np.testing.assert_allclose(
        jacfwd(lambda x: anp.where(x > 0.5, sine(x), x))(x), np.diag(np.where(x > 0.5, np.cos(x), 1.0))
    )
    assert len(calls) == 1
    with pytest.raises(NoDerivativeError):
        jacrev(sine)(x)


def test_a_tape_follows_tangents():
    x = Tensor([1.0, 2.0])
    with GradientTape() as tape:
        tape.watch(x)
        _, t = jvp(lambda x: anp.sum(x**3), [x], [np.ones(2)])
    np.testing.assert_array_equal(tape.gradient(t, x).numpy(), [6.0, 12.0])
