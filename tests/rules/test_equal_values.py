"""Equal eigenvalues and singular values: the right derivative, or NaN, and never another finite number.

The derivative of a function of a symmetric matrix is that of Y. L. Daleckii and S. G. Krein ("Integration and
differentiation of functions of Hermitian operators", 1965): divided differences of the function, its slope where
eigenvalues are equal. Those of powers of matrices are written as products.
"""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import grad, hessian, jvp, vmap
from autograd.scipy import linalg as scipy_linalg

RNG = np.random.default_rng(5)
Q = np.linalg.qr(RNG.normal(size=(4, 4)))[0]
ROTATION = np.linalg.qr(RNG.normal(size=(4, 4)) + 1j * RNG.normal(size=(4, 4)))[0]
WEIGHTS = RNG.normal(size=(4, 4))
TURNED = {
    "apart": Q @ np.diag([1.0, 1.5, 2.0, 4.0]) @ Q.T,
    "pairs": Q @ np.diag([1.0, 1.0, 2.0, 2.0]) @ Q.T,
    "low rank": Q @ np.diag([0.0, 0.0, 1.0, 2.0]) @ Q.T,
    "identity": np.eye(4),
    "zero": np.zeros((4, 4)),
    "complex pairs": ROTATION @ np.diag([1.0, 1.0, 2.0, 3.0]) @ np.conj(ROTATION.T),
}
MATRICES = {name: (a + np.conj(a.T)) / 2 for name, a in TURNED.items()}
FUNCTIONS = {
    "exp": (anp.exp, np.exp, np.exp),
    "square": (lambda w: w * w, lambda w: w * w, lambda w: 2 * w),
    "itself": (lambda w: w, lambda w: w, lambda w: 1.0),
    "log": (lambda w: anp.log(w + 0.0), np.log, lambda w: 1 / w),
    "constant": (lambda w: anp.ones_like(w), lambda w: 1.0, lambda w: 0.0),
}
ELEMENT = np.zeros((4, 4))
ELEMENT[0, 1] = 1.0


def by_divided_differences(f, slope, a, weights):
    """The gradient of ``sum(weights * f(a))`` among Hermitian matrices."""
    w, v = np.linalg.eigh(a)
    quotients = np.array(
        [[slope(x) if abs(x - y) < 1e-9 else (f(x) - f(y)) / (x - y) for y in w] for x in w], dtype=float
    )
    c = np.conj(v) @ (v.T @ weights.T @ np.conj(v) * quotients) @ v.T
    return (c + np.conj(c.T)) / 2


def of_matrix(f, weights, uplo="L"):
    def total(a):
        w, v = np.linalg.eigh(a, uplo)
        return anp.real(anp.sum(weights * ((v * f(w)) @ anp.conj(v.T))))

    return total


def is_right_or_nan(found, expected, **tolerance):
    """Whether a result is right. NaN where it is not known, in the whole matrix or in no element."""
    found = np.asarray(found)
    if np.all(np.isnan(found)):
        return False
    np.testing.assert_allclose(found, expected, **({"rtol": 1e-9, "atol": 1e-9} | tolerance))
    return True


@pytest.mark.parametrize("weights", [WEIGHTS, WEIGHTS + WEIGHTS.T, ELEMENT], ids=["any", "symmetric", "element"])
@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("of", FUNCTIONS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_function_of_a_matrix_by_its_eigenvectors(of, name, weights):
    """Right where the eigenvalues differ, and where only the span of the vectors counts; NaN elsewhere, in each way."""
    a, (f, plain, slope) = MATRICES[name], FUNCTIONS[of]
    if of == "log" and name in ("low rank", "zero"):
        return
    expected, total = by_divided_differences(plain, slope, a, weights), of_matrix(f, weights)
    compiled = autograd.compile(grad(total))
    compiled(a + np.diag([0.0, 3.0, 5.0, 9.0]))
    found = [grad(total)(a), grad(of_matrix(f, weights, "U"))(a), vmap(grad(total))(np.stack([a, a]))[1], compiled(a)]
    known = [is_right_or_nan(each, expected) for each in found]
    assert known == [name == "apart" or of == "constant"] * 4
    t = WEIGHTS + WEIGHTS.T
    slope_along = jvp(total, [a], [t.astype(a.dtype)])[1]
    assert is_right_or_nan(slope_along, np.sum(expected * t).real) == (name == "apart")


def test_a_function_of_a_matrix_in_single_precision():
    a = MATRICES["pairs"].astype(np.float32)
    assert np.all(np.isnan(grad(of_matrix(anp.exp, WEIGHTS.astype(np.float32)))(a)))

    def onto(a):
        v = np.linalg.eigh(a)[1][:, :2]
        return anp.sum(v @ v.T * WEIGHTS.astype(np.float32))

    projection = grad(onto)(a)
    expected = by_divided_differences(lambda x: float(x < 1.5), lambda x: 0.0, MATRICES["pairs"], WEIGHTS)
    np.testing.assert_allclose(projection, expected, rtol=1e-4, atol=1e-4)


def test_vectors_that_nothing_depends_on_do_not_count():
    """The largest two eigenvalues, with their vectors, of a matrix of rank 2."""
    a = MATRICES["low rank"]

    def best(a):
        w, v = np.linalg.eigh(a)
        return anp.sum((v[:, 2:] * w[2:] ** 2) @ v[:, 2:].T * WEIGHTS)

    expected = by_divided_differences(lambda x: x * x * (x > 0.5), lambda x: 2 * x * (x > 0.5), a, WEIGHTS)
    np.testing.assert_allclose(grad(best)(a), expected, atol=1e-12)
    np.testing.assert_allclose(jvp(best, [a], [WEIGHTS + WEIGHTS.T])[1], 2 * np.sum(expected * WEIGHTS), atol=1e-12)
    np.testing.assert_allclose(vmap(grad(best))(np.stack([a, a])), [expected, expected], atol=1e-12)
    np.testing.assert_allclose(autograd.compile(grad(best))(a), expected, atol=1e-12)


@pytest.mark.parametrize("name", ["pairs", "identity", "complex pairs"])
def test_what_depends_on_the_choice_of_vectors_has_no_derivative(name):
    a, u = MATRICES[name], WEIGHTS
    assert np.all(np.isnan(grad(lambda a: anp.sum(anp.real(np.linalg.eigh(a)[1] * u)))(a)))
    assert np.all(np.isnan(grad(lambda a: anp.sum(anp.real(np.linalg.svd(a)[0] * u)))(a)))
    assert np.all(np.isnan(grad(lambda a: anp.sum(anp.real(np.linalg.eig(a)[1] * u)))(a)))
    phase = np.diag([1.0, 2.0, 3.0, 4.0]).astype(complex)
    assert np.all(np.isnan(grad(lambda a: anp.sum(anp.imag(np.linalg.eigh(a)[1] * u)))(phase)))


@pytest.mark.parametrize("values", [np.linalg.eigvalsh, lambda a: np.linalg.eigh(a)[0], lambda a: np.linalg.eigvals(a)])
@pytest.mark.parametrize("name", ["apart", "pairs", "identity"])
def test_symmetric_functions_of_eigenvalues(values, name):
    """``tr(a) ** 2 / 2`` and ``tr(a ** 3)``, by products of matrices."""
    a = MATRICES[name]
    np.testing.assert_allclose(grad(lambda a: anp.real(anp.sum(values(a) ** 3)))(a), 3 * a @ a, atol=1e-12)
    np.testing.assert_allclose(hessian(lambda a: anp.real(anp.sum(values(a))))(a), np.zeros((4,) * 4), atol=1e-12)
    found = hessian(lambda a: anp.real(anp.sum(values(a) ** 3)))(a).reshape(16, 16)
    if name == "apart":
        t, s = WEIGHTS + WEIGHTS.T, Q + Q.T
        np.testing.assert_allclose(t.ravel() @ found @ s.ravel(), 3 * np.trace(t @ s @ a + t @ a @ s), rtol=1e-9)
    else:
        assert np.all(np.isnan(found))
    assert np.all(np.isnan(found)) == (name != "apart")


@pytest.mark.parametrize("a", [np.eye(3), np.diag([2.0, 2.0, 1.0]), np.zeros((3, 3)), np.ones((3, 2)), np.ones((2, 3))])
def test_a_matrix_put_together_from_its_singular_values(a):
    """``U S Vh`` is the matrix: its gradient is that of the sum, where it is known."""
    weights = WEIGHTS[: a.shape[0], : a.shape[1]]
    for full in (True, False):

        def total(a, full=full):
            u, s, vh = np.linalg.svd(a, full_matrices=full)
            k = s.shape[0]
            return anp.sum((u[:, :k] * s) @ vh[:k] * weights)

        is_right_or_nan(grad(total)(a), weights)
        is_right_or_nan(vmap(grad(total))(np.stack([a, a]))[0], weights)
        is_right_or_nan(jvp(total, [a], [np.ones_like(a)])[1], np.sum(weights))


def test_a_square_matrix_of_one_vanishing_singular_value():
    a = Q[:3, :3] - np.outer(Q[:3, :3] @ [1.0, 0, 0], [1.0, 0, 0])

    def total(a):
        u, s, vh = np.linalg.svd(a)
        return anp.sum((u * s) @ vh * WEIGHTS[:3, :3])

    np.testing.assert_allclose(grad(total)(a), WEIGHTS[:3, :3], atol=1e-12)


def test_the_best_approximation_of_low_rank():
    """Of rank 2 where the third and the fourth singular value are equal: by differences."""
    a = Q @ np.diag([4.0, 3.0, 1.0, 1.0]) @ ROTATION.real
    u, _, vh = np.linalg.svd(a)
    a = (u * [4.0, 3.0, 1.0, 1.0]) @ vh

    def approximation(a):
        u, s, vh = np.linalg.svd(a)
        return anp.sum((u[:, :2] * s[:2]) @ vh[:2] * WEIGHTS)

    found = grad(approximation)(a)
    for t in (WEIGHTS.T, Q):
        h = 1e-6
        slope = (approximation(a + h * t).item() - approximation(a - h * t).item()) / (2 * h)
        np.testing.assert_allclose(np.sum(found * t), slope, rtol=1e-6)


def test_second_derivatives_of_functions_of_singular_values():
    """The Hessian of the nuclear norm is the derivative of ``U Vh``; of ``sum(s ** 2)``, twice the identity."""
    a = Q[:3, :3] + np.eye(3)
    np.testing.assert_allclose(
        hessian(lambda a: anp.sum(np.linalg.svd(a, compute_uv=False) ** 2))(a).reshape(9, 9), 2 * np.eye(9), atol=1e-12
    )
    assert np.all(np.isnan(hessian(lambda a: anp.sum(np.linalg.svdvals(a) ** 2))(np.eye(3))))
    for values in (np.linalg.svdvals, lambda a: anp.linalg.norm(a, "nuc")):
        found = hessian(lambda a, values=values: anp.sum(values(a)))(np.eye(2)).reshape(4, 4)
        # The derivative of U Vh at the identity is the skew part.
        np.testing.assert_allclose(found, np.array([[0, 0, 0, 0], [0, 1, -1, 0], [0, -1, 1, 0], [0, 0, 0, 0]]) / 2)


def test_vectors_of_an_eigenvalue_that_is_defective():
    for a in (np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([[1.0, 1.0], [0.0, 1.0]])):
        assert np.all(np.isnan(grad(lambda a: anp.sum(anp.real(np.linalg.eigvals(a)) ** 2))(a)))
        assert np.all(np.isnan(grad(lambda a: anp.sum(anp.real(np.linalg.eig(a)[1]) ** 2))(a)))


def test_dependent_columns_have_no_derivative_in_qr():
    a = Q[:, :3] @ np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    for part in (0, 1):
        assert np.all(np.isnan(grad(lambda a, part=part: anp.sum(np.linalg.qr(a)[part]))(a)))


@pytest.mark.parametrize(
    ("fn", "slope"), [(scipy_linalg.expm, np.e), (scipy_linalg.logm, 1.0), (scipy_linalg.sqrtm, 0.5)]
)
def test_functions_of_matrices_at_equal_eigenvalues(fn, slope):
    """At the identity the derivative of any function of matrices is its slope at 1."""
    np.testing.assert_allclose(
        grad(lambda a: anp.sum(anp.real(fn(a)) * WEIGHTS))(np.eye(4)), slope * WEIGHTS, rtol=1e-12
    )
