"""Every rule in the registry against differences, to second order; and the conventions of the rules, one by one."""

import numpy as np
import pytest
from differences import (
    EXAMPLES,
    compare_precisions,
    compare_with_differences,
    names,
)
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd.numpy as anp
from autograd import GradientTape, Tensor, grad
from autograd.core.tensor import call
from autograd.errors import NoDerivativeError, OperandError, ShapeError
from autograd.registry.entries import RULES, module_of, name_of
from autograd.samples import SAMPLES
from autograd.transforms.completed import completed_call


def test_every_rule_has_a_sample():
    ours = {
        fn for fn, entry in RULES.items() if entry.kind in ("rule", "composite") and not fn.__name__.startswith("_")
    }
    ours = {fn for fn in ours if module_of(fn).split(".")[0] in ("numpy", "autograd") and "scipy" not in module_of(fn)}
    ours.discard(completed_call)  # its derivative comes with each call
    assert sorted(name_of(fn) for fn in ours - SAMPLES.keys()) == [], "write a sample for it in autograd/samples"
    assert sorted(name_of(fn) for fn in SAMPLES.keys() - ours) == [], "it has no rule"


CASES = [(fn, i) for fn, samples in SAMPLES.items() for i in range(len(samples))]
SINGLE = [(fn, i) for fn, i in CASES if "float32" in SAMPLES[fn][i].dtypes]


@pytest.mark.parametrize(("fn", "i"), CASES, ids=names(CASES))
@settings(max_examples=EXAMPLES)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_rule_agrees_with_differences(fn, i, seed):
    compare_with_differences(fn, SAMPLES[fn][i], seed)


@pytest.mark.parametrize(("fn", "i"), SINGLE, ids=names(SINGLE))
def test_single_precision_stays(fn, i):
    compare_precisions(fn, SAMPLES[fn][i], 2e-4)


# ---------------------------------------------------------------------------------------------- conventions, one by one
def near(found, expected):
    """Whether gradients are as expected, in shape and in dtype too."""
    found = found if isinstance(found, tuple) else (found,)
    expected = expected if isinstance(expected, tuple) else (expected,)
    for f, e in zip(found, expected, strict=True):
        e = np.asarray(e, np.result_type(f))
        assert np.shape(f) == e.shape
        np.testing.assert_allclose(f, e, rtol=1e-12, atol=1e-12)
    return True


def total(fn, *args, **kwargs):
    return lambda *x: anp.sum(call(fn, *x, *args, **kwargs))


@pytest.mark.parametrize("fn", [np.max, np.amax, np.min, np.amin])
def test_ties_in_a_reduction_share_equally(fn):
    x = np.array([[2.0, 2.0, 2.0], [1.0, 1.0, 3.0]]) * (1 if "max" in fn.__name__ else -1)
    assert near(grad(total(fn, axis=1))(x), [[1 / 3] * 3, [0, 0, 1]])
    assert near(grad(total(fn))(x), [[0, 0, 0], [0, 0, 1]])
    assert near(grad(total(fn, axis=(0, 1), keepdims=True))(x.astype(np.float32)), [[0, 0, 0], [0, 0, 1]])


def test_initial_takes_part_in_a_tie():
    assert near(grad(total(np.max, initial=2.0))(np.array([1.0, 2.0])), [0, 0.5])
    assert near(grad(total(np.max, initial=3.0))(np.array([1.0, 2.0])), [0, 0])
    assert near(grad(total(np.min, initial=3.0, where=np.array([True, False])))(np.array([1.0, 0.0])), [1, 0])


def test_a_nan_is_the_extremum():
    assert near(
        grad(lambda x: anp.max(x) * 0 + anp.sum(anp.max(anp.where(x > 5, np.nan, x))))(np.array([1.0, 2.0])), [0, 1]
    )
    with GradientTape() as tape:
        x = Tensor([1.0, np.nan, 2.0])
        tape.watch(x)
        y = anp.max(x)
    assert near(tape.gradient(y, x).numpy(), [0, 1, 0])


@pytest.mark.parametrize("fn", [np.maximum, np.minimum, np.fmax, np.fmin])
def test_ties_of_two_operands_share_equally(fn):
    assert near(grad(total(fn), (0, 1))(np.array([1.0, 2.0]), np.array([1.0, 2.0])), ([0.5, 0.5], [0.5, 0.5]))
    assert near(grad(total(fn, 1.0))(np.float32(1.0)), 0.5)


@pytest.mark.parametrize("fn", [np.fmax, np.fmin])
def test_a_nan_that_is_passed_over_gets_nothing(fn):
    assert near(grad(total(fn), (0, 1))(np.array([1.0, np.nan]), np.array([np.nan, 2.0])), ([1, 0], [0, 1]))


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([0.0, 2.0, 3.0], [6, 0, 0]),
        ([0.0, 2.0, 0.0], [0, 0, 0]),
        ([0.0], [1]),
        ([], []),
        ([2.0, 3.0, 4.0, 5.0, 6.0], None),
    ],
)
def test_prod_is_exact_with_any_number_of_zeros(x, expected):
    x = np.array(x)
    expected = expected if expected is not None else [np.prod(np.delete(x, i)) for i in range(len(x))]
    assert near(grad(np.prod)(x), expected)


def test_the_second_derivative_of_prod_at_zeros():
    """d2/dx_i dx_j is the product of the rest, and 0 on the diagonal."""
    for x in (np.array([0.0, 0.0, 5.0]), np.array([0.0, 2.0, 3.0, 4.0]), np.array([0.0, 0.0, 0.0])):
        n = len(x)
        expected = [[0.0 if i == j else np.prod(np.delete(x, [i, j])) for j in range(n)] for i in range(n)]
        for fn in (np.prod, lambda t: np.cumprod(t)[-1]):
            hessian = [grad(lambda t, i=i, fn=fn: grad(fn)(t)[i])(x) for i in range(n)]
            assert near(np.array(hessian), expected)


def test_a_long_product_neither_divides_nor_takes_quadratic_memory():
    x = np.ones(100_000)
    x[[7, 70_000]] = 0.0
    assert near(grad(lambda t: np.cumprod(t)[10])(x), np.eye(1, len(x), 7)[0])
    assert near(grad(np.prod)(x), np.zeros(len(x)))


def test_powers_at_zero():
    x, y = np.zeros(4), np.array([0.0, 1.0, 2.0, 3.0])
    assert near(grad(lambda t: anp.sum(t**y))(x), [0, 1, 0, 0])
    assert near(grad(lambda t: anp.sum(grad(lambda s: anp.sum(s**y))(t)))(x), [0, 0, 2, 0])
    assert near(grad(lambda t: anp.sum(x**t))(y), [0, 0, 0, 0])
    assert near(grad(lambda t: t**0)(0.0), 0.0)
    assert near(grad(lambda t: t**0.0)(np.float32(0.0)), 0.0)


def test_the_mixed_second_derivative_of_a_power_at_exponent_zero():
    """d/dy (y x ** (y - 1)) = 1 / x at y = 0."""
    assert near(grad(lambda y: grad(lambda x, y: x**y)(4.0, y))(0.0), 0.25)


def test_where_passes_no_nan_of_the_other_branch():
    x = np.array([-1.0, 4.0])
    for other in (np.nan, np.inf, np.array([np.nan, np.inf]), np.float64(-np.inf)):
        assert near(grad(lambda t, o=other: anp.sum(anp.where(x > 0, 2 * t, o)))(x), [0, 2])
        assert near(grad(lambda t, o, m=x < 0: anp.where(m, 2 * t, o)[0], (0, 1))(x, other * x), ([2, 0], [0, 0]))


def test_clip_at_its_bounds_and_where_they_cross():
    x = np.array([0.0, 0.5, 1.0, 2.0])
    for f in (
        lambda t: anp.clip(t, 0, 1),
        lambda t: t.clip(0.0, 1.0),
        lambda t: np.clip(t, a_min=0, a_max=1),
        lambda t: anp.clip(t, min=0, max=1),
    ):
        assert near(grad(lambda t, f=f: anp.sum(f(t)))(x), [1, 1, 1, 0])
    assert near(grad(lambda t: anp.sum(anp.clip(t, max=1)))(x), [1, 1, 1, 0])
    assert near(grad(lambda t: anp.sum(anp.clip(t, 0.5, None)))(x.astype(np.float32)), [0, 1, 1, 1])
    assert near(grad(lambda t: anp.sum(anp.clip(t)))(x), [1, 1, 1, 1])
    assert near(
        grad(lambda t, a, b: anp.sum(anp.clip(t, a, b)), (0, 1, 2))(np.array([0.0, 1.5, 3.0]), 2.0, 1.0),
        ([0, 0, 0], 0.0, 3.0),
    )
    with pytest.raises(OperandError, match="clip takes each bound once: a_min or min"):
        anp.clip(Tensor(x), 0, 1, min=0)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e30, -3.7])
def test_std_of_a_constant_has_derivative_zero(value):
    """Also where rounding makes the deviations of the mean a little more than 0."""
    x = np.full((7, 3), value)
    for kwargs in ({}, {"axis": 0}, {"axis": 1, "ddof": 1, "keepdims": True}):
        assert near(grad(total(np.std, **kwargs))(x), np.zeros((7, 3)))
        # The second derivative is infinite, or that of the variance: the rule cannot know.
        assert np.all(np.isnan(grad(lambda t, k=kwargs: anp.sum(grad(total(np.std, **k))(t)))(x)))
    assert near(grad(total(np.std, axis=0))(np.array([[1.0, 1.0], [3.0, 1.0]])), [[-0.5, 0], [0.5, 0]])


@pytest.mark.parametrize("fn", [np.absolute, np.fabs, np.sign, np.linalg.norm, np.hypot])
def test_derivatives_are_zero_where_a_magnitude_vanishes(fn):
    if fn is np.hypot:
        assert near(grad(total(fn), (0, 1))(np.zeros(2), np.zeros(2)), (np.zeros(2), np.zeros(2)))
    else:
        assert near(grad(total(fn))(np.zeros(2)), np.zeros(2))
    if fn not in (np.fabs, np.hypot):
        assert near(grad(lambda z: anp.sum(anp.real(call(fn, z))))(np.zeros(2, complex)), np.zeros(2, complex))


def test_heaviside_gives_its_second_operand_what_is_at_zero():
    assert near(grad(total(np.heaviside), (0, 1))(np.array([-1.0, 0.0, 2.0]), 0.5), ([0, 0, 0], 1.0))


def test_sinc_at_zero_to_fourth_order():
    """sinc(x) = 1 - (pi x)**2 / 6 + (pi x)**4 / 120 - ..."""
    d = np.sinc
    for expected in (1.0, 0.0, -(np.pi**2) / 3, 0.0, np.pi**4 / 5):
        assert near(d(0.0) if expected == 1.0 else float(d(0.0)), expected)
        d = grad(d)


@pytest.mark.parametrize("fn", [np.sum, np.mean, np.prod, np.cumsum, np.cumprod, np.var, np.std, np.sort])
@pytest.mark.parametrize(("shape", "axis"), [((0,), 0), ((0, 3), 0), ((3, 0), 0), ((2, 0, 3), -1)])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, about means of nothing
def test_empty_arrays_have_empty_gradients(fn, shape, axis):
    assert near(grad(total(fn, axis=axis))(np.zeros(shape)), np.zeros(shape))


@pytest.mark.parametrize("fn", [np.sum, np.mean, np.prod, np.max, np.min, np.var, np.std, np.linalg.norm])
def test_axis_tuples_are_the_axis_of_what_is_flattened(fn):
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    flattened = grad(lambda t: anp.sum(call(fn, t.transpose(1, 0, 2).reshape(3, 8), axis=1) ** 2))(x)
    for axis in ((0, 2), (-1, 0)) if fn is not np.linalg.norm else ((0, 2),):
        for keepdims in (False, True):
            assert near(grad(lambda t, a=axis, k=keepdims: anp.sum(call(fn, t, axis=a, keepdims=k) ** 2))(x), flattened)


def test_masks_reach_the_gradient():
    x, mask = np.array([1.0, 2.0, 4.0]), np.array([True, False, True])
    assert near(grad(lambda t: np.sum(t * t, where=mask))(x), [2, 0, 8])
    assert near(grad(lambda t: np.mean(t * t, where=mask))(x), [1, 0, 4])
    assert near(grad(lambda t: np.prod(t, where=mask))(x), [4, 0, 1])
    assert near(grad(lambda t: np.prod(t, initial=3.0))(x), [24, 12, 6])
    assert near(grad(lambda t: np.max(t, initial=0.0, where=~mask))(x), [0, 1, 0])


@pytest.mark.parametrize(
    ("fn", "args", "kwargs"),
    [
        (np.exp, (), {"dtype": np.float64}),
        (np.add, (1.0,), {"dtype": np.float32}),
        (np.einsum, ("i->i",), {"dtype": np.float64}),
        (np.pad, (1,), {"mode": "reflect", "reflect_type": "odd"}),
    ],
)
def test_a_keyword_that_a_rule_does_not_know_is_refused(fn, args, kwargs):
    x = Tensor([1.0, 2.0])
    with GradientTape() as tape:
        tape.watch(x)
        y = fn(*args, x, **kwargs) if fn is np.einsum else fn(x, *args, **kwargs)
    name, ruled = list(kwargs)[-1], "pad" if fn is np.pad else name_of(fn)
    with pytest.raises(
        NoDerivativeError, match=rf"the derivative rule of {ruled} does not know the keyword argument '{name}'"
    ):
        tape.gradient(y, x)


def test_values_of_keywords_that_a_rule_does_not_know_are_refused():
    x = np.ones((2, 3))
    with pytest.raises(NoDerivativeError, match=r"knows the orders .C. and .F.: received order='A'"):
        grad(total(np.reshape, (3, 2), order="A"))(x)
    with pytest.raises(
        NoDerivativeError,
        match=r"a function that writes the margins into an array\. Join the margins with np.concatenate",
    ):
        grad(total(np.pad, 1, mode=lambda *args: None))(x)


# ----------------------------------------------------------------------------------------------------- complex numbers
# `grad` of a real function L gives c with dL = Re(c dz), as JAX does: the formulas are worked out by hand.
Z = np.array([1.0 + 2.0j, -0.5 + 0.3j, 2.0 - 1.0j])
W = np.array([0.3 - 1.0j, 1.5 + 0.2j, -1.0 - 0.4j])


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda z: np.sum(np.real(z * W)), W),
        (lambda z: np.sum(np.imag(z * W)), -1j * W),
        (lambda z: np.sum(np.abs(z)), Z.conj() / abs(Z)),
        (lambda z: np.sum(np.abs(z) ** 2), 2 * Z.conj()),
        (lambda z: np.sum(np.real(np.conj(z) * W)), W.conj()),
        (lambda z: np.sum(np.angle(z)), -1j / Z),
        (lambda z: np.sum(np.angle(z, deg=True)), -1j / Z * 180 / np.pi),
        (lambda z: np.real(np.sum(np.exp(z) * W)), np.exp(Z) * W),
        (lambda z: np.real(np.vdot(z, W)), W.conj()),
        (lambda z: np.real(np.vdot(W, z)), W.conj()),
        (lambda z: np.real(np.vecdot(z, W)), W.conj()),
        (lambda z: np.real(np.dot(z, W)), W),
        (lambda z: np.real(np.einsum("i,i", z, W)), W),
        (lambda z: np.real(np.prod(z)), np.prod(Z) / Z),
        (lambda z: np.var(z), 2 * (Z - Z.mean()).conj() / 3),
        (lambda z: np.linalg.norm(z), Z.conj() / np.linalg.norm(Z)),
        (lambda z: np.sum(np.real(np.sqrt(z) * W)), W / (2 * np.sqrt(Z))),
        (lambda z: np.sum(np.real(z**3)), 3 * Z**2),
    ],
)
def test_complex_rules_give_the_plain_derivative(f, expected):
    c = grad(f)(Z)
    np.testing.assert_allclose(c, expected, rtol=1e-12)
    single = grad(f)(Z.astype(np.complex64))
    assert single.dtype == np.complex64
    np.testing.assert_allclose(single, expected, rtol=2e-5)


def test_a_real_operand_beside_a_complex_one_has_a_real_cotangent():
    c = grad(lambda x: anp.real(anp.sum(x * Z)))(np.array([1.0, 2.0, 3.0]))
    assert near(c, Z.real)
    c = grad(lambda x: anp.real(anp.sum(anp.matmul(x, Z[:, None]) * 1j)))(np.ones((2, 3), np.float32))
    assert c.dtype == np.float32
    np.testing.assert_allclose(c, [-Z.imag] * 2, rtol=1e-6)


# ----------------------------------------------------------------------------------------------------- forms and dtypes
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.complex64])
def test_python_numbers_do_not_widen(dtype):
    x = np.array([1.5, 0.5], dtype)
    for f in (
        lambda t: 2 * t + 1,
        lambda t: 3.0 / t - t / 3,
        lambda t: t**3 + 2.0**t + t**0.5,
        lambda t: np.logaddexp(t.real, 1) % 2,
    ):
        assert grad(lambda t, f=f: anp.sum(anp.real(f(t))))(x).dtype == dtype
        assert grad(lambda t, f=f: anp.sum(anp.real(grad(lambda s: anp.sum(anp.real(f(s))))(t))))(x).dtype == dtype


def test_zero_dimensional_operands():
    for x in (2.0, np.float32(2.0), np.array(2.0), Tensor(2.0)):
        g = grad(lambda t: np.sum(t) * np.prod(t) * np.max(t) * np.mean(t) + np.cumsum(t)[0] + np.dot(t, 3.0))(x)
        assert type(g) is type(x)
        assert np.shape(g) == ()
        assert float(g) == 4 * 2.0**3 + 1 + 3


def test_einsum_of_operands_and_lists_of_numbers():
    a, b = np.random.default_rng(0).normal(size=(2, 3, 4))
    expected = grad(lambda a, b: np.sum(np.einsum("ij,kj->ki", a, b) ** 2), (0, 1))(a, b)
    assert near(grad(lambda a, b: np.sum(np.einsum(a, [0, 1], b, [2, 1], [2, 0]) ** 2), (0, 1))(a, b), expected)
    found = grad(lambda a: np.sum(np.einsum(a, [..., 1], b, [..., 1])[1] ** 2))(a)
    assert near(found, [np.zeros(4), 2 * (a[1] @ b[1]) * b[1], np.zeros(4)])


def test_einsum_of_many_axes_and_a_chosen_path():
    a = np.random.default_rng(0).normal(size=(2,) * 6)
    f = "abcdef,fghijk,lk->abl"
    path = np.einsum_path(f, a, a, a[0, 0, 0, 0])[0]
    for optimize in (path, True, "optimal"):
        found = grad(lambda t, o=optimize: np.sum(np.einsum(f, t, a, a[0, 0, 0, 0], optimize=o)))(a)
        assert near(found, np.broadcast_to(np.einsum("fghijk,lk->f", a, a[0, 0, 0, 0]), a.shape))


@pytest.mark.parametrize("fn", [np.split, np.array_split])
def test_parts_of_a_split_that_are_not_used(fn):
    assert near(grad(lambda t: anp.sum(fn(t, 3)[1] ** 2))(np.arange(6.0)), [0, 0, 4, 6, 0, 0])


def test_an_unequal_split_is_refused():
    with pytest.raises(ValueError, match=r"axis 0 of length 5 does not split into 2 equal sections: np\.array_split"):
        np.split(Tensor(np.arange(5.0)), 2)
    assert [len(part) for part in np.array_split(Tensor(np.arange(5.0)), 2)] == [3, 2]


def test_repeated_indices_add_up():
    x = np.arange(4.0)
    assert near(grad(lambda t: anp.sum(np.take(t, [1, 1, -1, 3, 1])))(x), [0, 3, 0, 2])
    assert near(grad(lambda t: anp.sum(np.take_along_axis(t, np.array([2, 2, 0]), axis=0)))(x), [1, 0, 2, 0])
    assert near(grad(lambda t: anp.sum(np.repeat(t, [0, 2, 1, 3])))(x), [0, 2, 1, 3])


def test_equal_elements_keep_their_order_when_sorted():
    weights = np.array([1.0, 2.0, 4.0, 8.0])
    assert near(grad(lambda t: anp.sum(np.sort(t) * weights))(np.array([2.0, 1.0, 2.0, 1.0])), [4, 1, 8, 2])


@pytest.mark.parametrize(
    ("call_it", "message"),
    [
        (lambda t: anp.diag(t.reshape(1, 1, 4)), r"diag takes one axis, or two: received shape \(1, 1, 4\)"),
        (lambda t: anp.array_split(t, 0), "an array splits into 1 section or more: received 0"),
        (lambda t: anp.block([[t], t]), r"lists that are all nested to the same depth: received depths \[0, 1\]"),
        (lambda t: anp.take_along_axis(t, np.array([[0]]), 0), "as many axes as the array: received 2 and 1"),
        (lambda t: anp.select([t > 0], [t, t]), "as many choices as conditions: received 2 and 1"),
        (lambda t: np.cumulative_sum(t.reshape(2, 2)), r"cumulative_sum of shape \(2, 2\) needs an axis"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(call_it, message):
    with pytest.raises(ShapeError, match=message):
        call_it(Tensor(np.arange(4.0)))


def test_choices_that_there_are_not_are_refused():
    x = Tensor([1.0, 2.0])
    with pytest.raises(OperandError, match="choose takes numbers from 0 to 1, as there are 2 choices"):
        anp.choose(np.array([0, 2]), [x, x])
    with pytest.raises(OperandError, match='indexing="xy" and indexing="ij": received \'yx\''):
        anp.meshgrid(x, x, indexing="yx")
