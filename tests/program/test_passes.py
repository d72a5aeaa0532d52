"""The passes of `autograd.compile`, each on a small program: what it leaves out, and that the rest does the same."""

import numpy as np
import pytest
from compiled import check, names, traced

import autograd
import autograd.numpy as anp
from autograd import Variable
from autograd.program import passes
from autograd.program.passes.joined_updates import joined
from autograd.program.trace import trace

X = np.array([[0.5, -1.5, 2.0], [1.0, 0.25, -3.0]])


def cleaned(run):
    return lambda program: passes.without_dead(run(program))


# --------------------------------------------------------------------------------------------- dead, constant, repeated
def test_what_nobody_reads_is_left_out():
    def f(x):
        anp.exp(x)
        return anp.sin(x)

    assert check(passes.without_dead, f, X) == ["sin"]


def test_complex_products_with_1_are_no_copies():
    z = np.array([-0.0 + 1j, 1 - 0.0j, np.inf + 1j])
    with np.errstate(invalid="ignore"):
        for f in (lambda z: np.conj(z) * 1.0, lambda z: z / 1.0, lambda z: np.ones(3)[:] * z):
            for exact in (False, True):
                program, expected = autograd.compile(f, exact=exact), f(z)
                program(z)
                found = program(z)
                for part in (np.real, np.imag):
                    np.testing.assert_array_equal(part(found), part(expected))
                    finite = np.isfinite(part(expected))
                    np.testing.assert_array_equal(np.signbit(part(found)[finite]), np.signbit(part(expected)[finite]))


INDICES = {
    "last axis": lambda x, i: x[np.arange(4), i],
    "first axis": lambda x, i: x[i, np.arange(4) % 3],
    "broadcast": lambda x, i: x[np.arange(4)[:, None], i],
    "column": lambda x, i: x[np.array([[-1], [2]]), i],
    "three axes": lambda x, i: x.reshape(2, 3, 4)[np.array([0, 1, -1, 0]), i % 3, np.array([3, -1, 0, 2])],
    "turned": lambda x, i: x.T[i, np.arange(4)],
    "along an axis": lambda x, i: anp.take_along_axis(x, i[:, None], axis=1),
}


@pytest.mark.parametrize("name", INDICES)
@pytest.mark.parametrize("dtype", [np.int64, np.int16, np.uint8, np.uint64])
def test_one_unknown_index_is_a_look_up_in_a_row(name, dtype):
    f, x = INDICES[name], np.random.default_rng(0).normal(size=(4, 6))
    program = autograd.compile(f)
    numbers = np.array([3, 0, 2, 1], dtype)
    for i in (
        numbers,
        numbers[::-1],
        *([] if np.dtype(dtype).kind == "u" or "three" in name else [numbers - 4, -1 - numbers]),
    ):
        expected = f(autograd.Tensor(x), autograd.Tensor(i)).numpy()
        for _ in range(2):
            np.testing.assert_array_equal(program(x, i), expected)
    executable, _ = program._executable((x, numbers), {})
    assert ("[(" in executable.module.text) == (dtype is np.uint64)
    if "three" not in name:
        for beyond in (6, -7) if np.dtype(dtype).kind == "i" else (6,):
            with pytest.raises(IndexError, match=f"index {beyond} is out of bounds for axis"):
                program(x, np.array([0, beyond, 0, 0], dtype))


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: (x * 2)[anp.argmax(x[:, 0])],
        lambda x: (x * 2)[anp.argmin(anp.sum(x, axis=1)), 1:],
        lambda x: (x * 2)[1:, anp.argmax(x[0])],
        lambda x: x[anp.argmax(x[:, 0])],
    ],
)
def test_a_row_that_argmax_picks_is_no_view_of_the_memory_of_the_program(f, exact):
    program, x = autograd.compile(f, exact=exact), np.arange(12.0).reshape(3, 4)
    program(x)
    given = x.copy()
    first = program(given)
    second = program(given * 5)
    given[:] = -1
    np.testing.assert_array_equal(first, f(autograd.Tensor(x)).numpy())
    np.testing.assert_array_equal(second, f(autograd.Tensor(x * 5)).numpy())


@pytest.mark.parametrize("axes", [(0, 1), (1, 2), (0, 2)])
def test_the_trace_of_many_matrices_is_exact(axes):
    x = np.random.default_rng(0).normal(size=(200, 20, 20))

    def f(x):
        return anp.trace(x, axis1=axes[0], axis2=axes[1])

    program = autograd.compile(f, exact=True)
    program(x)
    np.testing.assert_array_equal(program(x), f(autograd.Tensor(x)).numpy())


def test_an_index_that_is_known_to_be_wrong_is_refused_as_ever():
    program = autograd.compile(lambda x, i: x[np.array([0, 9]), i])
    with pytest.raises(IndexError, match="index 9 is out of bounds for axis 0 with size 4"):
        program(np.zeros((4, 6)), np.array([0, 1]))


def test_parts_of_arrays_that_nobody_holds_need_no_guard():
    kept = np.arange(4)
    for f, guards in (
        (lambda x: x[np.arange(4)[:, None], np.arange(2)], 0),
        (lambda x: x[kept[:, None], np.arange(2)], 1),
    ):
        assert [call.kind for call in traced(f, np.zeros((4, 6))).calls].count("guard") == guards


def test_draws_and_guards_are_never_left_out():
    rng = anp.random.default_rng(0)

    def f(x):
        rng.normal(size=3)
        if anp.sum(x) > 100:
            return x
        return anp.sin(x)

    program = passes.without_dead(traced(f, X))
    assert [call.kind for call in program.calls] == ["draw", "plain", "plain", "guard", "plain"]


def test_dead_code_under_errstate_keeps_its_errors():
    def f(x):
        try:
            with np.errstate(divide="raise"):
                1 / x
        except FloatingPointError:
            return x * 0
        return x * 2

    program = autograd.compile(f)
    for _ in range(2):
        np.testing.assert_array_equal(program(np.ones(2)), [2, 2])
    with pytest.warns(UserWarning, match="it goes on after an error of numpy.divide"):
        np.testing.assert_array_equal(program(np.zeros(2)), [0, 0])


def test_what_is_the_same_in_every_run_is_computed_once():
    ones = anp.array([1.0, 1.0, 1.0])

    def f(x):
        return x * (anp.zeros_like(x) + 2.0 * ones)

    assert check(passes.folded, f, X) == ["multiply"]


def test_a_large_constant_is_not_kept():
    def f(x):
        return anp.sum(anp.broadcast_to(anp.zeros_like(x)[:1, :1] + 1.0, (1000, 1000))) + x

    program = passes.folded(traced(f, X))
    assert (
        sum(value.nbytes for call in program.calls for value in call.operands() if value.constant is not None) < 1 << 20
    )


def test_what_is_computed_twice_is_computed_once():
    def f(x):
        return anp.sin(x) * anp.sin(x) + anp.sum(x, axis=0) * anp.sum(x, axis=0)

    assert check(cleaned(passes.without_repeats), f, X) == [
        "sin", "multiply", "add.reduce", "multiply", "add",
    ]  # fmt: skip


def test_numbers_that_differ_in_sign_or_type_are_no_repeats():
    def f(x):
        return anp.copysign(x, 0.0), anp.copysign(x, -0.0), x[0], x[0:1]

    assert names(passes.without_repeats(traced(f, X))) == ["copysign", "copysign", "getitem", "getitem"]


# --------------------------------------------------------------------------------------------------- algebra
@pytest.mark.parametrize(
    ("f", "left"),
    [
        (lambda x: x * 1, []),
        (lambda x: 1.0 * x, []),
        (lambda x: x / 1, []),
        (lambda x: x - 0.0, []),
        (lambda x: anp.negative(-x), []),
        (anp.conj, []),
        (lambda x: x.T.T, []),
        (lambda x: x.reshape(3, 2).reshape(2, 3), []),
        (lambda x: anp.where(True, x, 0.0), []),
        (lambda x: anp.where(x > 0, x, x), []),
        (lambda x: x + 0.0, ["add"]),  # gives 0.0 for -0.0
        (lambda x: x * 0.0, ["multiply"]),  # gives NaN for an infinity
        (lambda x: x - (-0.0), ["subtract"]),  # gives 0.0 for -0.0
        (lambda x: (-x) * (-anp.sin(x)), ["sin", "multiply"]),
        (lambda x: (-x) * 3.0, ["multiply"]),
        (lambda x: (-x) / (-anp.sin(x)), ["sin", "divide"]),
        (lambda x: x + (-anp.sin(x)), ["sin", "subtract"]),
        (lambda x: (-x) + anp.sin(x), ["sin", "subtract"]),
        (lambda x: x - (-anp.sin(x)), ["sin", "add"]),
        (lambda x: (-x) - (-anp.sin(x)), ["sin", "subtract"]),
        (lambda x: anp.sum(-x, axis=1), ["add.reduce", "negative"]),  # -sum(x) would be -0.0 where terms cancel
        (lambda x: (-x) * anp.sin(x) * (-anp.cos(x)), ["sin", "cos", "multiply", "multiply"]),
    ],
)
def test_algebra_keeps_every_bit(f, left):
    special = np.array([[0.0, -0.0, np.inf], [-np.inf, 1.5, -2.0]])
    cancelling = np.array([[1.0, -1.0, 0.0], [0.0, 0.0, 0.0]])
    for x in (X, special, cancelling):
        with np.errstate(all="ignore"):
            found = check(cleaned(lambda program: passes.simplified(program, exact=True)), f, x)
        assert sorted(found) == sorted(left)


def test_elementwise_calls_read_what_was_broadcast():
    def f(x, s):
        return anp.broadcast_to(s, (2, 3)) * x

    assert check(cleaned(passes.simplified), f, X, np.array([1.0, 2.0, 3.0])) == ["multiply"]


def test_what_is_broadcast_only_is_computed_small():
    def f(s):
        return -anp.exp(anp.broadcast_to(s, (100, 3)))

    program = cleaned(passes.simplified)(traced(f, np.array([1.0, 2.0, 3.0])))
    assert [call.outs[0].shape for call in program.calls] == [(3,), (3,), (100, 3)]


def test_the_cotangent_of_a_sum_is_no_array():
    program, _ = passes.optimized(
        trace(autograd.grad(lambda x: anp.sum(anp.sin(x) * 3.0)), (np.zeros((1000, 10)),), {})[1]
    )
    assert names(program) == ["cos", "multiply"]


@pytest.mark.parametrize("axis", [None, 0, (0, 2)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_sums_of_equal_terms_are_products(axis, keepdims):
    def f(s):
        return anp.sum(anp.broadcast_to(s, (4, 5, 6)), axis=axis, keepdims=keepdims)

    s = np.array(1.5) if axis is None else np.arange(5.0).reshape(5, 1)
    if axis == 0:
        s = np.arange(30.0).reshape(5, 6)
    assert "add.reduce" not in check(cleaned(passes.simplified), f, s, exact=False)
    assert "add.reduce" in check(cleaned(lambda program: passes.simplified(program, exact=True)), f, s)


SPECIAL = [-0.0, np.inf, np.nan, complex(np.inf, 0), complex(0, np.inf), complex(np.inf, 1), complex(-0.0, -0.0)]


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("number", SPECIAL)
@pytest.mark.parametrize("axis", [None, 0, ()])
@pytest.mark.parametrize("reduce", [np.sum, np.prod])
def test_reductions_of_special_numbers_are_those_of_numpy(reduce, number, axis, exact):
    s = np.array(number)
    program = autograd.compile(lambda s: reduce(anp.broadcast_to(s, (4, 3)), axis=axis), exact=exact)
    with np.errstate(all="ignore"):
        expected = reduce(np.broadcast_to(s, (4, 3)).copy(), axis=axis)
        program(s)
        found = program(s)
    for part in (np.real, np.imag):
        np.testing.assert_array_equal(part(found), part(expected))
        known = ~np.isnan(part(expected))
        np.testing.assert_array_equal(np.signbit(part(found))[known], np.signbit(part(expected))[known])


def test_a_product_with_a_reciprocal_is_a_quotient_unless_every_bit_counts():
    def f(x):
        return x * (1.0 / anp.exp(x))

    assert check(cleaned(passes.simplified), f, X, exact=False) == ["exp", "divide"]
    assert check(cleaned(lambda program: passes.simplified(program, exact=True)), f, X) == ["exp", "divide", "multiply"]


# --------------------------------------------------------------------------------------------------- products
@pytest.mark.parametrize(
    ("f", "left"),
    [
        (lambda x: x @ x.T, ["transpose", "dot"]),
        (lambda x: anp.sum(anp.sin(x) * x), ["sin", "reshape", "reshape", "dot"]),
        (lambda x: anp.sum(anp.sin(x) ** 2), ["sin", "reshape", "dot"]),
        (lambda x: anp.sum(anp.sin(x), axis=0), ["sin", "dot"]),
        (lambda x: anp.sum(anp.sin(x), axis=0, keepdims=True), ["sin", "dot", "reshape"]),
        (lambda x: anp.sum(anp.sin(x)), ["sin", "reshape", "dot"]),
        (lambda x: anp.einsum("ij,kj->ki", x, x), ["matmul"]),
        (lambda x: anp.einsum("ij,jk->ik", x, x.T), ["transpose", "matmul"]),
        (lambda x: anp.einsum("ij,ij->", x, x), ["einsum"]),
        (lambda x: anp.einsum("ij,k->ijk", x, x[0]), ["getitem", "einsum"]),
    ],
)
def test_products(f, left):
    assert check(cleaned(passes.with_dots), f, X, exact=False) == left


@pytest.mark.parametrize(
    "expression", ["kij,nkj->nki", "nki,kij->nkj", "abc,abd->bcd", "abc,adc->abd", "abcd,bade->acbe"]
)
def test_batches_of_products_by_einsum(expression):
    lengths = dict(zip("abcdeijkn", (3, 4, 5, 6, 7, 2, 3, 4, 5), strict=True))
    random = np.random.default_rng(0)
    x, y = (random.normal(size=[lengths[a] for a in each]) for each in expression.partition("->")[0].split(","))
    found = check(passes.with_dots, lambda x, y: anp.einsum(expression, x, y), x, y, exact=False)
    assert found == ["matmul" if expression != "abcd,bade->acbe" else "einsum"]


# --------------------------------------------------------------------------------------------------- variables
def variables():
    random = np.random.default_rng(1)
    return [Variable(random.normal(size=shape), name=f"w{i}") for i, shape in enumerate([(3, 4), (4,), (4, 2), (2,)])]


def test_variables_of_one_formula_are_updated_together():
    ws = variables()

    def f(rate):
        for w in ws:
            w.assign_sub(rate * anp.sin(w))
        return rate

    program = passes.without_dead(joined(traced(f, np.float64(0.1))))
    assert [name for name in names(program) if name not in ("reshape", "getitem", "concatenate")] == [
        "sin",
        "multiply",
        "subtract",
    ]


def test_variables_of_other_formulas_dtypes_or_readers_are_not():
    ws = [*variables(), Variable(np.ones(3, np.float32))]

    def f(x):
        ws[0].assign_sub(x * ws[0])
        ws[1].assign_add(x * ws[1])
        step = x * ws[2]
        ws[2].assign_sub(step)
        ws[4].assign_sub(np.float32(0.5) * ws[4])
        return anp.sum(step)

    before = traced(f, np.float64(0.1))
    assert names(joined(before)) == names(before)


@pytest.mark.parametrize("exact", [False, True])
def test_complex_numbers_times_1_are_computed(exact):
    x = np.array([complex(np.inf, 0), complex(-0.0, -1), complex(1, np.nan)])
    program = autograd.compile(lambda x: (x * np.ones(3), 1.0 * x, x / np.ones(3), x - 0.0, x - 0j), exact=exact)
    with np.errstate(invalid="ignore"):
        for _ in range(2):
            for found, expected in zip(
                program(x), (x * np.ones(3), 1.0 * x, x / np.ones(3), x - 0.0, x - 0j), strict=True
            ):
                np.testing.assert_array_equal(found, expected)
                np.testing.assert_array_equal(np.signbit(found.real), np.signbit(expected.real))


def test_short_sums_of_infinite_complex_numbers_are_no_products():
    x = np.array([[1 + 2j, complex(-np.inf, 3)], [1, 1]])
    program = autograd.compile(lambda x: anp.sum(x + x, axis=0))
    for _ in range(2):
        np.testing.assert_array_equal(program(x), np.sum(x + x, axis=0))


def test_an_einsum_that_only_turns_keeps_the_sign_of_0():
    x = np.array([[-0.0, 1.0, 2.0]])
    program = autograd.compile(
        lambda x: (np.einsum("ij->ji", x), np.einsum(x, [0, 1], [1, 0]) * 1.0, np.einsum("ii->i", x[:, :1]))
    )
    for _ in range(2):
        assert [np.signbit(each).ravel().tolist() for each in program(x)] == [
            [True, False, False],
            [True, False, False],
            [True],
        ]


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_the_mean_of_complex_numbers_is_that_of_numpy(dtype):
    program = autograd.compile(lambda x: (np.mean(x), np.mean(x, axis=0)), exact=True)
    for seed in range(30):
        x = np.random.default_rng(seed).normal(size=(7, 6)).view(np.complex128).astype(dtype)
        for found, expected in zip(program(x), (np.mean(x), np.mean(x, axis=0)), strict=True):
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("subscripts", "first", "second"),
    [("ij,jk->ik", (2, 3), (1, 4)), ("ij,ik->jk", (1, 3), (2, 4)), ("bij,bjk->bik", (1, 2, 3), (5, 3, 2))],
)
def test_an_einsum_broadcasts_axes_of_length_1(subscripts, first, second):
    x, y = np.arange(1.0, 1 + np.prod(first)).reshape(first), np.arange(1.0, 1 + np.prod(second)).reshape(second)
    program = autograd.compile(lambda x, y: np.einsum(subscripts, x, y) + 1)
    for _ in range(2):
        np.testing.assert_allclose(program(x, y), np.einsum(subscripts, x, y) + 1)
    assert program.traces == 1


@pytest.mark.parametrize("shape", [(3, 40), (4000,), (2, 3, 33), (5, 8), (300, 400), (200001,)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_number_beside_which_numpy_is_slow_stands_in_a_row(shape, dtype):
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    x.flat[:4] = np.nan, np.inf, -np.inf, 0

    def f(x):
        return [anp.maximum(x, 0) * 2, anp.minimum(0.5, x), anp.fmax(x, -np.inf), anp.clip(x, -1, 1)]

    program = autograd.compile(f, numba=False)
    assert ("np.full(" in program.source(x)) == (shape[-1] >= 32)
    for found, expected in zip(program(x), f(x), strict=True):
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, expected)
    assert "np.full(" not in autograd.compile(f, exact=True, numba=False).source(x)


def test_every_bit_of_a_product_of_what_ravel_copies():
    """NumPy's `ravel` makes a copy where `reshape` shows an array with strides, of which BLAS adds up products in
    another order.
    """
    x, w = np.random.default_rng(0).normal(size=(2, 200, 3))

    def f(x):
        return anp.dot(anp.ravel(x[:, :1]), anp.ravel(anp.sin(x[:, 1:2])))

    program = autograd.compile(f, exact=True)
    for each in (x, w, x):
        np.testing.assert_array_equal(program(each), f(autograd.Tensor(each)).numpy())
