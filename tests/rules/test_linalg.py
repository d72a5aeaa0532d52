"""Linear algebra: values, what no difference sees (phases, bases), singular and degenerate matrices, dtypes,
refusals.
"""

import warnings

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor, check_gradients, grad
from autograd.core.tensor import call
from autograd.errors import DtypeError, NoDerivativeError, OperandError, ShapeError
from autograd.rules.linalg import cofactors
from autograd.samples import decompose, linalg
from benchmarks import linalg as benchmark

TABLE = {**linalg.SAMPLES, **decompose.SAMPLES}
CASES = [(fn, i) for fn, samples in TABLE.items() for i in range(len(samples))]
DTYPES = [
    (fn, i, d)
    for fn, i in CASES
    for d in ("float32", "float64", "complex64", "complex128")
    if np.result_type(d, float) in TABLE[fn][i].dtypes
]
RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _same_numbers():
    """Each test draws the same numbers, alone or among others."""
    RNG.bit_generator.state = np.random.default_rng(0).bit_generator.state


def normal(*shape, dtype=float):
    x = RNG.normal(size=shape)
    return x + 1j * RNG.normal(size=shape) if dtype is complex else x


def leaves(result):
    return [leaf for each in result for leaf in leaves(each)] if isinstance(result, (tuple, list)) else [result]


def mh(x):
    return np.conj(np.swapaxes(x, -1, -2))


def hermitian(x):
    return (x + mh(x)) * 0.5


def near(found, expected, tolerance=1e-10):
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
    return True


def weighed(ys):
    """One real number of several outputs, some of whose parts are 0 but for rounding errors (the diagonal of ``x x^H``
    is real).
    """
    rng = np.random.default_rng(1)
    return sum(anp.sum(anp.real(y * (rng.normal(size=y.shape) + 1j * rng.normal(size=y.shape)))) for y in ys)


# ----------------------------------------------------------------------------------------------------- names and values
def test_every_name_of_numpy_linalg_is_there():
    for name in np.linalg.__all__:
        ours, theirs = getattr(anp.linalg, name), getattr(np.linalg, name)
        assert ours is theirs if name == "LinAlgError" else ours.__wrapped__ is theirs
    assert anp.cross.__wrapped__ is np.cross


@pytest.mark.parametrize(("fn", "i", "dtype"), DTYPES, ids=[f"{fn.__name__}-{i}-{dtype}" for fn, i, dtype in DTYPES])
def test_values_and_dtypes_are_those_of_numpy(fn, i, dtype):
    """On arrays, on tensors and on a tape; and cotangents have the dtype of their operand."""
    sample = TABLE[fn][i]
    args, kwargs = sample.make(np.random.default_rng(3), np.result_type(dtype, float))
    places = sample.sources(args)
    xs = [(args[p[0]] if len(p) == 1 else args[p[0]][p[1]]).astype(dtype) for p in places]
    expected = leaves(fn(*sample.filled(args, places, xs), **kwargs))
    on_arrays = leaves(call(fn, *sample.filled(args, places, xs), **kwargs))
    tensors = [Tensor(x) for x in xs]
    with GradientTape() as tape:
        tape.watch(tensors)
        on_tape = leaves(call(fn, *sample.filled(args, places, tensors), **kwargs))
    for value, array, tensor in zip(expected, on_arrays, on_tape, strict=True):
        for each in (array, tensor):
            assert (each.shape, each.dtype) == (np.shape(value), value.dtype)
            np.testing.assert_allclose(each, value, rtol=1e-5, atol=1e-5)
    gradients = tape.gradient([y for y in on_tape if y.dtype.kind in "fc"], tensors)
    assert [g.dtype for g in gradients] == [x.dtype for x in xs]


def test_lists_in_place_of_arrays():
    assert near(anp.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [1.0, 1.0]).numpy(), [0.5, 0.25])
    assert near(grad(lambda t: anp.linalg.det([[t, 2.0], [3.0, t]]))(5.0), 10.0)
    assert near(anp.linalg.matrix_power([[1, 1], [0, 1]], 5).numpy(), [[1, 5], [0, 1]])
    assert anp.linalg.matrix_power([[1, 1], [0, 1]], 5).dtype == int
    assert near(anp.cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]).numpy(), [0, 0, 1])
    assert near(anp.linalg.norm([3.0, 4.0]).numpy(), 5)


def test_results_with_names_keep_them():
    result = anp.linalg.svd(np.eye(3))
    assert near(result.S.numpy(), np.ones(3))
    assert near(anp.linalg.slogdet(np.eye(3)).logabsdet.numpy(), 0)
    assert anp.linalg.qr(np.eye(3)).Q.shape == (3, 3)
    assert anp.linalg.eigh(np.eye(3)).eigenvalues.dtype == float


def test_functions_of_numpy_take_tensors():
    a = normal(3, 3)
    with GradientTape() as tape:
        x = Tensor(a)
        tape.watch(x)
        y = np.linalg.det(x) + np.linalg.inv(x).sum() + np.linalg.multi_dot([x, x, x]).sum()
    assert tape.gradient(y, x).shape == (3, 3)


def test_the_rank_is_a_number_without_a_derivative():
    assert int(anp.linalg.matrix_rank(np.ones((3, 3)))) == 1
    with pytest.raises(DtypeError):
        grad(lambda a: anp.linalg.matrix_rank(a))(np.eye(3))


@pytest.mark.parametrize("n", range(-3, 8))
def test_powers_of_matrices(n):
    a = normal(2, 3, 3)
    assert near(anp.linalg.matrix_power(a, n).numpy(), np.linalg.matrix_power(a, n), 1e-8)


def test_a_power_is_the_derivative_of_a_product():
    a, u = normal(3, 3), normal(3, 3)
    assert near(
        grad(lambda t: anp.sum(np.linalg.matrix_power(t, 5) * u))(a), grad(lambda t: anp.sum(t @ t @ t @ t @ t * u))(a)
    )
    assert near(grad(lambda t: anp.sum(np.linalg.matrix_power(t, 0) * t))(a), np.eye(3))


@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) >= "2.5.0", reason="NumPy takes vectors of two components no longer"
)
@pytest.mark.parametrize(
    ("a", "b"), [((2,), (2,)), ((3,), (2,)), ((2,), (3,)), ((4, 2), (2,)), ((4, 2), (4, 3)), ((4, 3), (1, 2))]
)
def test_cross_products_of_vectors_of_two_components(a, b):
    """NumPy takes them with a warning that it will not always."""
    x, y = normal(*a), normal(*b)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        expected = np.cross(x, y)
    assert near(anp.cross(Tensor(x), y).numpy(), expected)
    assert check_gradients(lambda s, t: anp.cross(s, t), x, y).ok


# ------------------------------------------------------------------------------------ equations, inverses, determinants
def test_a_right_hand_side_is_a_vector_only_where_it_has_one_axis():
    a, b = np.eye(2) * np.array([[[2.0]], [[4.0]]]), np.ones((2, 2))
    assert anp.linalg.solve(a, b).shape == (2, 2, 2)
    assert near(grad(lambda t: anp.sum(np.linalg.solve(a, t)))(b), np.full((2, 2), 0.75))
    assert near(grad(lambda t: anp.sum(np.linalg.solve(a, t)))(b[0]), [0.75, 0.75])


def test_what_is_singular_raises_in_the_derivative_too():
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    for f in (np.linalg.inv, lambda a: np.linalg.slogdet(a)[1], lambda a: np.linalg.cond(a, 1)):
        with np.errstate(all="ignore"), pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
            grad(lambda a, f=f: anp.sum(call(f, a)) if f is np.linalg.inv else f(a))(singular)


def by_minors(a):
    n = len(a)
    rest = [[np.delete(np.delete(a, i, 0), j, 1) for j in range(n)] for i in range(n)]
    return np.array([[(-1) ** (i + j) * np.linalg.det(rest[i][j]) for j in range(n)] for i in range(n)])


@pytest.mark.parametrize("rank", range(5))
@pytest.mark.parametrize("dtype", [float, complex])
def test_the_determinant_is_exact_at_any_rank(rank, dtype):
    """The first derivative is the matrix of cofactors; the second, along a direction, what differences of those by
    minors give.
    """
    a = normal(4, rank, dtype=dtype) @ normal(rank, 4, dtype=dtype)
    u, d, h = normal(4, 4, dtype=dtype), normal(4, 4, dtype=dtype), 2.0**-10
    assert near(grad(lambda t: anp.real(np.linalg.det(t)))(a), by_minors(a))
    assert near(cofactors(np.stack([a, np.eye(4)]))[0], by_minors(a))
    second = grad(lambda t: anp.sum(anp.real(grad(lambda s: anp.real(np.linalg.det(s)))(t) * u)))(a)
    slope = (
        8 * (by_minors(a + h * d) - by_minors(a - h * d)) - (by_minors(a + 2 * h * d) - by_minors(a - 2 * h * d))
    ) / (12 * h)
    assert near(np.sum(second * d).real, np.sum(slope * u).real, 1e-8)


def test_the_second_derivative_of_the_determinant_of_equal_singular_values():
    """d2 det = tr(x) tr(y) - tr(x y) at the identity."""
    x = normal(3, 3)
    second = grad(lambda t: anp.sum(grad(np.linalg.det)(t) * x))(np.eye(3))
    assert near(second, np.trace(x) * np.eye(3) - x.T)


def test_the_determinant_of_nothing():
    assert grad(lambda t: anp.sum(np.linalg.det(t)))(np.zeros((2, 0, 0))).shape == (2, 0, 0)


def test_the_sign_of_a_complex_determinant_turns():
    a = normal(3, 3, dtype=complex)
    assert near(
        grad(lambda t: anp.real(np.linalg.slogdet(t)[0] * np.exp(np.linalg.slogdet(t)[1]) * (2 - 1j)))(a),
        by_minors(a) * (2 - 1j),
    )


@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (4, 4)])
def test_the_pseudoinverse_where_the_rank_stays(shape):
    """Of products of two factors, whose rank no change of a factor changes."""
    left, right = normal(shape[0], 2), normal(2, shape[1])
    assert check_gradients(lambda x, y: anp.linalg.pinv(x @ y, rcond=1e-8), left, right).ok
    b = normal(shape[0])
    assert check_gradients(lambda x, y: anp.linalg.lstsq(x @ y, b)[0], left, right).ok


def test_least_squares_that_leave_something():
    a, b = normal(5, 2), normal(5, 3)
    x, squares, rank, s = np.linalg.lstsq(a, b)
    ours = anp.linalg.lstsq(a, b)
    assert [each.dtype for each in ours] == [x.dtype, squares.dtype, np.asarray(rank).dtype, s.dtype]
    assert near(grad(lambda t: anp.sum(np.linalg.lstsq(a, t)[1]))(b), 2 * (b - a @ x))
    assert anp.linalg.lstsq(np.ones((3, 2)), b[:3])[1].shape == (0,)
    assert int(anp.linalg.lstsq(np.ones((3, 2)), b[:3])[2]) == 1
    with pytest.raises(ShapeError, match=r"lstsq takes one matrix, .* received shapes \(2, 3, 3\) and \(3,\)"):
        anp.linalg.lstsq(Tensor(np.ones((2, 3, 3))), np.ones(3))


# --------------------------------------------------------------------------------------------------- Hermitian matrices
@pytest.mark.parametrize("dtype", [float, complex])
def test_gradients_of_hermitian_matrices_are_hermitian(dtype):
    """They are those of a function of ``(a + a^H) / 2``, though NumPy reads one triangle."""
    a = normal(4, 4, dtype=dtype)
    a, u = a @ mh(a) + np.eye(4), normal(4, 4, dtype=dtype)
    log_det = {
        "cholesky": lambda t: 2 * anp.sum(anp.log(anp.real(np.diagonal(np.linalg.cholesky(t))))),
        "upper": lambda t: 2 * anp.sum(anp.log(anp.real(np.diagonal(call(np.linalg.cholesky, t, upper=True))))),
        "eigh": lambda t: anp.sum(anp.log(np.linalg.eigh(t)[0])),
        "eigvalsh": lambda t: anp.sum(anp.log(np.linalg.eigvalsh(t, "U"))),
        "svd": lambda t: anp.sum(anp.log(call(np.linalg.svd, t, compute_uv=False, hermitian=True))),
    }
    for f in log_det.values():
        assert near(grad(f)(a), np.linalg.inv(a).T)
    plain = grad(lambda t: anp.sum(anp.real(np.linalg.pinv(t) * u)))(a)
    assert near(grad(lambda t: anp.sum(anp.real(call(np.linalg.pinv, t, hermitian=True) * u)))(a), hermitian(plain))
    values, vectors = np.linalg.eigh(a)
    assert near(values, anp.linalg.eigh(np.tril(a)).eigenvalues.numpy())
    assert near(np.abs(vectors), np.abs(anp.linalg.eigh(np.tril(a)).eigenvectors.numpy()))


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("uplo", ["L", "U"])
def test_functions_of_hermitian_matrices(dtype, uplo):
    """A function of the eigenvalues, put together again with the eigenvectors, does not see their phases."""

    def f(x):
        w, v = np.linalg.eigh(hermitian(x) + np.diag([0.0, 2.0, 5.0]), uplo)
        return weighed([v * np.exp(w * 0.3)[..., None, :] @ mh(v)])

    assert check_gradients(f, normal(2, 3, 3, dtype=dtype) * 0.3).ok


def test_equal_eigenvalues_have_a_derivative():
    u = normal(4, 4)
    q = np.linalg.qr(u)[0]
    for a in (np.eye(4), np.zeros((4, 4)), q @ np.diag([1.0, 1.0, 2.0, 2.0]) @ q.T):
        assert near(grad(lambda t: anp.sum(np.linalg.eigh(t)[0]))(a), np.eye(4))
        assert near(grad(lambda t: anp.sum(anp.real(np.linalg.eigvals(t))))(a), np.eye(4))
        assert np.isnan(grad(lambda t: anp.sum(np.linalg.eigh(t)[1] * u))(a)).all()  # which depends on their choice

    def projection(t):
        v = np.linalg.eigh(t)[1][:, :2]
        return anp.sum(v @ v.T * u)

    # The projection onto the first two turns towards the last two alone, at the rate 1 / (2 - 1).
    p = q[:, :2] @ q[:, :2].T
    rest = np.eye(4) - p
    assert near(grad(projection)(q @ np.diag([1.0, 1.0, 2.0, 2.0]) @ q.T), -hermitian(p @ (u + u.T) @ rest))


# ----------------------------------------------------------------------------------------------------- QR
@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 2)])
def test_the_factors_of_qr_multiply_to_the_matrix(dtype, shape):
    u = normal(*shape, dtype=dtype)
    assert near(grad(lambda t: anp.sum(anp.real(np.matmul(*np.linalg.qr(t)) * u)))(normal(*shape, dtype=dtype)), u)


def test_modes_of_qr_without_a_derivative_are_refused():
    with pytest.raises(
        NoDerivativeError,
        match=r'mode="complete"\) of matrices with more rows than columns \(received shape \(4, 2\)\)',
    ):
        grad(lambda t: anp.sum(np.linalg.qr(t, "complete")[0]))(normal(4, 2))
    with pytest.raises(NoDerivativeError, match=r'in the modes "reduced", "complete" and "r": received mode=.raw.'):
        grad(lambda t: anp.sum(np.linalg.qr(t, "raw")[0]))(normal(4, 2))
    assert anp.linalg.qr(normal(4, 2), "complete").Q.shape == (4, 4)


# -------------------------------------------------------------------------------------- eigenvalues and singular values
@pytest.mark.parametrize("dtype", [float, complex])
def test_eigenvectors_and_eigenvalues_multiply_to_the_matrix(dtype):
    a, u = normal(2, 4, 4, dtype=dtype), normal(2, 4, 4, dtype=dtype)

    def product(t):
        w, v = np.linalg.eig(t)
        return np.linalg.solve(np.swapaxes(v, -1, -2), np.swapaxes(v * w[..., None, :], -1, -2)).swapaxes(-1, -2)

    assert near(grad(lambda t: anp.sum(anp.real(product(t) * u)))(a), u)
    assert check_gradients(lambda t: anp.real(np.linalg.eigvals(t) ** 3).sum(), a).ok


def test_eigenvectors_keep_their_length_and_their_real_component():
    a = np.array([[0.0, -2.0], [1.0, 0.5]])
    assert near(grad(lambda t: anp.sum(anp.abs(np.linalg.eig(t)[1]) ** 2))(a), np.zeros((2, 2)))
    assert check_gradients(lambda t: np.linalg.eig(t)[1], a).ok


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 2)])
def test_singular_vectors_in_functions_that_no_phase_changes(dtype, full, shape):
    """The matrix itself, a function of its singular values, and the projections on the vectors that belong to none."""
    a, k = normal(*shape, dtype=dtype), min(shape[-2:])

    def f(t):
        u, s, vh = np.linalg.svd(t, full_matrices=full)
        rest = (u[..., k:] @ mh(u[..., k:]), mh(vh[..., k:, :]) @ vh[..., k:, :])
        u, vh = u[..., :k], vh[..., :k, :]
        return (u * s[..., None, :] @ vh, u * np.exp(s)[..., None, :] @ mh(u), mh(vh) @ (vh * s[..., None]), *rest)

    assert check_gradients(lambda t: weighed(f(t)), a).ok
    w = normal(*shape, dtype=dtype)
    assert near(grad(lambda t: anp.sum(anp.real(f(t)[0] * w)))(a), w)


@pytest.mark.parametrize("dtype", [float, complex])
def test_equal_singular_values_have_a_derivative(dtype):
    """Of an orthogonal matrix all are equal, and ``u vh`` is still smooth: its derivative is the skew part."""
    q, w = np.linalg.qr(normal(3, 3, dtype=dtype))[0], normal(3, 3, dtype=dtype)

    def polar(t):
        u, _, vh = np.linalg.svd(t)
        return anp.sum(anp.real(u @ vh * w))

    conj = np.conj(w)
    assert near(grad(polar)(q), np.conj(conj - q @ mh(conj) @ q) / 2)
    assert near(grad(lambda t: anp.sum(np.linalg.svdvals(t)))(q), np.conj(q))
    for a in (np.zeros((3, 2)), np.ones((2, 3)), np.eye(3)):
        assert np.isfinite(grad(lambda t: anp.sum(np.linalg.svd(t, full_matrices=False)[1]))(a)).all()


def test_a_hermitian_svd_of_an_indefinite_matrix():
    a, w = np.diag([3.0, -2.0, 1.0]) + hermitian(normal(3, 3)) * 0.1, normal(3, 3)

    def product(t, **kwargs):
        u, s, vh = call(np.linalg.svd, t, **kwargs)
        return anp.sum(u * s @ vh * w)

    assert near(grad(lambda t: product(t, hermitian=True))(a), hermitian(w))
    assert near(grad(product)(a), w)


# ----------------------------------------------------------------------------------------------------- norms
@pytest.mark.parametrize("ord", [None, 2, 1, np.inf, -np.inf, 0, 3, 0.5, -1, -2])
@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_norms_of_a_vector_at_zero(ord, dtype):
    assert near(grad(lambda t: anp.linalg.norm(t, ord))(np.zeros(3, dtype)), np.zeros(3))
    second = grad(lambda t: anp.sum(anp.real(grad(lambda s: anp.linalg.norm(s, ord))(t))))(np.zeros(3, dtype))
    if ord in (1, np.inf, -np.inf, 0):
        assert near(second, np.zeros(3))
    else:  # infinite, or that of a power of the norm: the rule cannot know
        assert np.all(np.isnan(second))


@pytest.mark.parametrize("ord", [None, "fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf])
@pytest.mark.parametrize("shape", [(2, 3), (3, 3)])
def test_norms_of_a_matrix_at_zero(ord, shape):
    assert near(grad(lambda t: anp.linalg.norm(t, ord))(np.zeros(shape)), np.zeros(shape))


def test_ties_in_a_norm_share_equally():
    assert near(grad(lambda t: anp.linalg.norm(t, np.inf))(np.array([1.0, -2.0, 2.0])), [0, -0.5, 0.5])
    assert near(grad(lambda t: anp.linalg.norm(t, -np.inf))(np.array([-1.0, 1.0, 3.0])), [-0.5, 0.5, 0])
    assert near(grad(lambda t: anp.linalg.norm(t, 1))(np.array([[1.0, 2.0], [3.0, -2.0]])), [[0.5, 0.5], [0.5, -0.5]])
    assert near(grad(lambda t: anp.linalg.norm(t, 2))(np.eye(2)), np.eye(2) / 2)
    assert near(grad(lambda t: anp.linalg.cond(t))(np.eye(2)), np.zeros((2, 2)))


def test_elements_that_are_zero_in_a_norm():
    assert near(grad(lambda t: anp.linalg.norm(t, 1))(np.array([0.0, -2.0])), [0, -1])
    assert near(grad(lambda t: anp.linalg.norm(t, 3))(np.array([0.0, 2.0])), [0, 1])
    assert near(grad(lambda t: anp.linalg.norm(t, 0.5))(np.array([0.0, 2.0])), [0, 1])
    assert near(grad(lambda t: anp.linalg.norm(t, "nuc"))(np.diag([2.0, 0.0])), np.diag([1.0, 0.0]))


def test_the_condition_number_is_a_quotient():
    a = np.diag([4.0, 2.0, 1.0])
    assert near(grad(np.linalg.cond)(a), np.diag([1.0, 0.0, -4.0]))
    assert near(grad(lambda t: anp.linalg.cond(t, -2))(a), np.diag([-1 / 16, 0.0, 1 / 4]))


# ----------------------------------------------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("call_it", "error", "message"),
    [
        (lambda t: anp.linalg.matrix_power(t, 2.5), OperandError, "takes an integer as the exponent: received 2.5"),
        (lambda t: anp.linalg.matrix_power(t[:1], 2), ShapeError, r"takes square matrices: received shape \(1, 3\)"),
        (lambda t: anp.linalg.multi_dot([t]), ShapeError, r"two matrices or more, .* received shapes \[\(3, 3\)\]"),
        (lambda t: anp.linalg.multi_dot([t, t[0], t]), ShapeError, "two matrices or more"),
        (
            lambda t: anp.linalg.tensorsolve(t, t[0, :2]),
            ShapeError,
            r"tensorsolve needs .* received \(3, 3\) and \(2,\)",
        ),
        (lambda t: anp.linalg.tensorinv(t, 0), ShapeError, "tensorinv needs ind > 0 .* and ind=0"),
        (lambda t: anp.cross(t[:, :1], t), ShapeError, "vectors of 2 or 3 components: received 1 and 3"),
        (lambda t: anp.linalg.cross(t[:, :2], t), ShapeError, "vectors of 3 components: received 2 and 3"),
        (lambda t: anp.linalg.outer(t, t), ShapeError, r"takes two vectors: received shapes \(3, 3\) and \(3, 3\)"),
        (lambda t: anp.linalg.solve(t, t[:2]), ValueError, "mismatch"),
    ],
)
def test_what_does_not_fit_is_refused(call_it, error, message):
    with pytest.raises(error, match=message):
        call_it(Tensor(np.eye(3)))


def test_the_benchmark_compares_with_what_is_right(capsys):
    """Its formulas, written by hand, give what a tape gives; nothing is timed here but once."""
    assert benchmark.main(["--rounds", "1"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == [
        "solve",
        "cholesky",
        "eigh",
        "svd",
    ]
