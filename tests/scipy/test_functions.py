"""`autograd.scipy` at special points, against SciPy on structured input, and what it refuses."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
import scipy.signal
import scipy.special
import scipy.stats

import autograd.numpy as anp
import autograd.scipy
from autograd import GradientTape, Tensor, check_gradients, grad
from autograd.errors import NoDerivativeError, OperandError, ShapeError
from autograd.scipy import linalg, signal, special, stats

ROOT = Path(__file__).parents[2]
RNG = np.random.default_rng(0)
A = RNG.normal(size=(3, 3))
SPD = A @ A.T + np.eye(3)


def slope(fn, *args, at=0):
    return grad(lambda *x: anp.sum(fn(*x)), at)(*args)


# ----------------------------------------------------------------------------------------------------- the package
def test_without_scipy_it_says_what_to_install():
    program = "import sys; sys.modules['scipy'] = None; import autograd, nn; import autograd.scipy"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert (
        done.stderr.splitlines()[-1]
        == 'ImportError: autograd.scipy needs SciPy, which is not installed: pip install "tapegrad[scipy]"'
    )


def test_its_modules_come_when_they_are_asked_for():
    assert autograd.scipy.special is special
    with pytest.raises(
        AttributeError,
        match=r"autograd\.scipy has no optimize\. It has integrate, linalg, signal, sparse, special, stats",
    ):
        autograd.scipy.optimize  # noqa: B018


@pytest.mark.parametrize(("module", "name"), [(special, "mathieu_a"), (signal, "lfilter"), (stats, "cauchy")])
def test_a_name_that_is_missing_says_where_it_is(module, name):
    with pytest.raises(
        AttributeError, match=f"{module.__name__} has no {name}: scipy.* computes it, without a derivative"
    ):
        getattr(module, name)
    with pytest.raises(AttributeError, match="neither"):
        module.nothing  # noqa: B018


@pytest.mark.parametrize("module", [special, linalg, signal])
def test_a_name_stands_for_the_function_of_that_name(module):
    theirs = getattr(scipy, module.__name__.split(".")[-1])
    doors = {
        name: value
        for name, value in vars(module).items()
        if hasattr(value, "__wrapped__") and not name.startswith("_")
    }
    assert doors
    for name, door in doors.items():
        if name in ("operation", "solve_lyapunov"):
            continue
        assert getattr(door.__wrapped__, "__wrapped__", door.__wrapped__) in (
            getattr(theirs, name),
            getattr(getattr(theirs, name), "__wrapped__", 0),
        )


def test_ufuncs_of_scipy_itself_take_tensors():
    assert grad(lambda x: scipy.special.gammaln(x) ** 2)(3.0) == 2 * scipy.special.gammaln(3.0) * scipy.special.psi(3.0)
    assert type(special.erf([0.5, 1.0])) is Tensor


def test_what_has_no_rule_is_refused():
    with pytest.raises(NoDerivativeError, match=r"scipy\.special\.mathieu_a has no derivative rule"):
        grad(lambda q: scipy.special.mathieu_a(1, q))(0.5)
    for fn, args in ((special.jv, (0.5, 2.0)), (special.betainc, (0.5, 2.0, 0.3)), (special.zeta, (2.5,))):
        with pytest.raises(
            NoDerivativeError,
            match=r"scipy\.special\.\w+ has no derivative with respect to its argument 0, which is tracked",
        ):
            grad(fn)(*args)
    with pytest.raises(NoDerivativeError, match="has no derivative with respect to its argument 0"):
        grad(lambda a: stats.beta.cdf(0.3, a, 2.0))(2.0)


# ----------------------------------------------------------------------------------------------------- special points
INF = np.inf


@pytest.mark.parametrize(
    ("fn", "args", "at", "expected"),
    [
        (special.logsumexp, ([0.0, -INF, 0.0],), 0, [0.5, 0, 0.5]),
        (special.logsumexp, ([-INF, -INF],), 0, [0.5, 0.5]),
        (special.logsumexp, ([INF, 3.0, INF],), 0, [0.5, 0, 0.5]),
        (special.logsumexp, ([1e3, 1e3],), 0, [0.5, 0.5]),
        (special.log_softmax, ([0.0, -1e3],), 0, [-1, 1]),
        (special.xlogy, ([0.0, 0.0], [0.0, 2.0]), 1, [0, 0]),
        (special.xlogy, ([0.0, 0.0], [1.0, 2.0]), 0, [0, np.log(2)]),
        (special.xlog1py, ([0.0], [-1.0]), 1, [0]),
        (special.rel_entr, ([0.0], [0.0]), 0, [0]),
        (special.rel_entr, ([0.0, 0.0], [0.0, 2.0]), 1, [0, 0]),
        (special.kl_div, ([0.0], [0.0]), 0, [0]),
        (special.kl_div, ([0.0], [2.0]), 1, [1]),
        (special.erfinv, ([0.0, 1 - 1e-12],), 0, None),
        (special.expit, ([100.0, -100.0],), 0, [np.exp(-100), np.exp(-100)]),
        (special.log_ndtr, ([-1e6],), 0, [1e6]),
        (special.log_ndtr, ([40.0],), 0, [np.exp(-800) / np.sqrt(2 * np.pi)]),
        (special.erfcx, ([1e8],), 0, [-1e-16 / np.sqrt(np.pi)]),
        (special.dawsn, ([1e8, -1e8],), 0, [-0.5e-16, -0.5e-16]),
        (special.rgamma, ([0.0, -1.0, -2.0, -3.0],), 0, [1, -1, 2, -6]),
        (special.j1, ([0.0],), 0, [0.5]),
        (special.i1, ([0.0],), 0, [0.5]),
        (special.spence, ([1.0],), 0, [-1]),
        (special.ellipk, ([0.0],), 0, [np.pi / 8]),
        (special.ellipe, ([0.0],), 0, [-np.pi / 8]),
        (special.lambertw, ([0.0],), 0, None),
        (special.sinc, ([0.0],), 0, [0]),
        (special.pseudo_huber, ([0.0], [2.0]), 0, [0]),
    ],
)
def test_special_points(fn, args, at, expected):
    args = [np.array(x) for x in args]
    if fn is special.lambertw:
        fn, expected = (lambda z: anp.real(special.lambertw(z))), [1]
    if expected is None:
        expected = np.sqrt(np.pi) / 2 * np.exp(scipy.special.erfinv(args[0]) ** 2)
    np.testing.assert_allclose(slope(fn, *args, at=at), expected, rtol=1e-11, atol=1e-300)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, about the infinities
def test_infinite_slopes_stay_infinite():
    np.testing.assert_array_equal(slope(special.logit, np.array([0.0, 1.0])), [INF, INF])
    np.testing.assert_array_equal(slope(special.entr, np.array([0.0])), [INF])
    np.testing.assert_array_equal(slope(special.xlogy, np.array([0.0]), np.array([0.0])), [-INF])


def test_the_unused_half_of_a_pair_passes_nothing():
    assert slope(lambda x: special.sici(x)[0], np.zeros(1)).tolist() == [1.0]
    assert slope(lambda x: special.shichi(x)[0], np.zeros(1)).tolist() == [1.0]


def test_second_derivatives_where_a_series_takes_over():
    for fn, at, expected in (
        (special.spence, 1.0, 0.5),
        (special.ellipk, 0.0, np.pi * 9 / 64),
        (special.sinc, 0.0, -(np.pi**2) / 3),
    ):
        np.testing.assert_allclose(grad(grad(fn))(at), expected, rtol=1e-13)
    np.testing.assert_allclose(grad(grad(special.erfcx))(1e4), 2e-12 / np.sqrt(np.pi), rtol=1e-7)
    assert grad(grad(special.log_ndtr))(60.0) == 0.0


def test_logsumexp_of_weights_and_signs():
    a, b = np.array([1.0, 2.0, 0.5]), np.array([1.0, -3.0, 0.0])
    out, sign = special.logsumexp(a, b=b, return_sign=True)
    assert (out.item(), sign.item()) == tuple(scipy.special.logsumexp(a, b=b, return_sign=True))
    s = np.sum(b * np.exp(a))
    np.testing.assert_allclose(
        slope(lambda a, b: special.logsumexp(a, b=b, return_sign=True)[0], a, b), b * np.exp(a) / s
    )
    np.testing.assert_allclose(
        slope(lambda a, b: special.logsumexp(a, b=b, return_sign=True)[0], a, b, at=1), np.exp(a) / s
    )
    np.testing.assert_allclose(slope(special.logsumexp, [1.0, 2.0]), scipy.special.softmax([1.0, 2.0]))


def test_logsumexp_of_a_list_of_tensors():
    assert grad(lambda a: special.logsumexp([a, a, 2.0]))(2.0) == pytest.approx(2 / 3)


@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
def test_single_precision_beside_python_numbers(dtype):
    x = np.array([0.5, 1.5], dtype)
    real = [
        lambda t: special.beta(2.0, t),
        lambda t: special.gammainc(2.0, t),
        lambda t: special.xlogy(t, 3.0),
        lambda t: special.rel_entr(t, 2.0),
    ]
    for f in [
        lambda t: special.jv(1, t),
        lambda t: special.kve(1.5, t),
        special.erf,
        *(real if dtype is np.float32 else []),
    ]:
        assert slope(lambda t, f=f: anp.real(f(t)), x).dtype == dtype


def test_the_incomplete_gamma_function_by_its_order():
    """The quadrature gives the function itself as its zeroth moment; at order 1 its slope is elementary
    but for the exponential integral: integrate ``exp(-t) log(t)`` by parts."""
    a = np.geomspace(1e-3, 1e5, 25)[:, None]
    x = a * np.array([1e-3, 0.3, 0.9, 1.0, 1.1, 3.0, 100.0])
    np.testing.assert_allclose(special._gamma_moment(a, x, n=0), scipy.special.gammainc(a, x), rtol=1e-8, atol=2e-13)
    total = special._gamma_moment(a, np.full_like(a, np.inf), n=2)
    np.testing.assert_allclose(total, scipy.special.polygamma(1, a), rtol=1e-8)
    t = np.array([0.1, 1.0, 4.0])
    expected = (1 - np.exp(-t)) * np.euler_gamma + (-np.euler_gamma - np.exp(-t) * np.log(t) - scipy.special.exp1(t))
    np.testing.assert_allclose(slope(special.gammainc, np.ones(3), t), expected, rtol=1e-11)
    assert slope(special.gammainc, np.array([2.0]), np.array([0.0])).tolist() == [0.0]
    assert slope(special.gammaincc, np.float32([2.0]), np.float32([0.5])).dtype == np.float32


# ----------------------------------------------------------------------------------------------------- linear algebra
@pytest.mark.parametrize(
    ("name", "args", "kwargs"),
    [
        ("solve_triangular", (np.triu(SPD), A[0]), {"trans": "T"}),
        ("solve_triangular", (np.tril(SPD) + 1j * np.tril(A), A), {"trans": "C", "lower": True, "overwrite_b": True}),
        ("solve", (SPD, A), {"assume_a": "pos", "overwrite_a": True}),
        ("solve", (A, A[0]), {"transposed": True}),
        ("inv", (A,), {"overwrite_a": True}),
        ("det", (A + 1j * SPD,), {}),
        ("cholesky", (SPD,), {}),
        ("cholesky", (SPD + 1j * (A - A.T) / 4,), {"lower": True}),
        ("cholesky", (SPD + 1j * (A - A.T) / 4,), {}),
        ("cho_solve", ((np.triu(SPD), False), A[0]), {}),
        ("lu", (A,), {}),
        ("lu", (A,), {"permute_l": True}),
        ("expm", (A,), {}),
        ("logm", (SPD,), {}),
        ("sqrtm", (SPD,), {}),
        ("solve_sylvester", (SPD, SPD, A), {}),
        ("solve_continuous_lyapunov", (SPD + 1j * A, A), {}),
        ("norm", ([[3.0, 4.0]],), {"axis": 1}),
        ("toeplitz", ([1.0 + 1j, 2.0, 3.0],), {}),
        ("toeplitz", ([1, 2, 3], [1, 5, 6, 7]), {}),
        ("hankel", ([1.0, 2.0, 3.0],), {}),
        ("hankel", ([1.0, 2.0], [2.0, 4.0, 5.0]), {}),
        ("circulant", ([1.0, 2.0, 3.0],), {}),
        ("block_diag", ([[1, 2], [3, 4]], [5.0, 6.0], 7), {}),
        ("block_diag", ([], [1.0]), {}),
        ("block_diag", (), {}),
    ],
)
def test_values_are_those_of_scipy(name, args, kwargs):
    kept = [np.copy(a) if isinstance(a, np.ndarray) else a for a in args]
    found, expected = getattr(linalg, name)(*args, **kwargs), getattr(scipy.linalg, name)(*kept, **kwargs)
    found, expected = (x if isinstance(x, tuple) else (x,) for x in (found, expected))
    for f, e in zip(found, expected, strict=True):
        assert type(f) is Tensor
        assert (f.shape, f.dtype) == (np.shape(e), np.asarray(e).dtype)
        np.testing.assert_allclose(f.numpy(), e, rtol=1e-11, atol=1e-12)


def test_a_tensor_is_not_overwritten():
    a, b = Tensor(np.asfortranarray(SPD)), Tensor(A)
    for result in (
        linalg.inv(a, overwrite_a=True),
        linalg.solve(a, b, overwrite_a=True, overwrite_b=True),
        linalg.cholesky(a, overwrite_a=True),
    ):
        assert type(result) is Tensor
        np.testing.assert_array_equal(a.numpy(), SPD)
        np.testing.assert_array_equal(b.numpy(), A)


def test_the_gradient_of_a_function_of_a_symmetric_matrix_is_symmetric():
    log_det = grad(lambda a: 2 * anp.sum(anp.log(anp.diagonal(linalg.cholesky(a, lower=True)))))(SPD)
    np.testing.assert_allclose(log_det, np.linalg.inv(SPD), rtol=1e-12)
    x = np.linalg.solve(SPD, A[0])
    np.testing.assert_allclose(
        grad(lambda a: anp.sum(linalg.solve(a, A[0], assume_a="pos") * A[0]))(SPD), -np.outer(x, x)
    )


def test_the_determinant_of_a_singular_matrix_has_a_derivative():
    matrix = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.0, 1.0, 5.0]])
    found, expected = (grad(det)(matrix) for det in (linalg.det, np.linalg.det))
    np.testing.assert_allclose(found, expected, atol=1e-12)
    np.testing.assert_array_equal(grad(linalg.det)(np.zeros((2, 2))), np.zeros((2, 2)))
    assert check_gradients(linalg.det, matrix)


def test_the_derivative_of_expm_does_not_depend_on_the_size_of_the_cotangent():
    g = grad(lambda a: anp.sum(linalg.expm(a) * A))(SPD)
    for size in (1e-200, 1e12):
        np.testing.assert_allclose(grad(lambda a, s=size: anp.sum(linalg.expm(a) * A) * s)(SPD) / size, g, rtol=1e-12)
    np.testing.assert_allclose(g, scipy.linalg.expm_frechet(SPD.T, A, compute_expm=False), rtol=1e-12)
    assert not np.any(grad(lambda a: anp.sum(linalg.expm(a)) * 0.0)(SPD))


def test_functions_of_matrices_of_complex_results():
    a = -SPD
    np.testing.assert_allclose(
        grad(lambda x: anp.imag(anp.trace(linalg.sqrtm(x))))(a).sum(),
        -0.5 * np.linalg.inv(scipy.linalg.sqrtm(SPD)).sum(),
    )


@pytest.mark.parametrize(
    ("call_it", "error", "message"),
    [
        (
            lambda: grad(lambda a: anp.sum(linalg.lu(a)[2]))(A[:2]),
            NoDerivativeError,
            r"square matrices: received shape \(2, 3\)",
        ),
        (lambda: linalg.lu(A, p_indices=True), NoDerivativeError, "p_indices=True is not known here"),
        (
            lambda: grad(lambda a: anp.sum(linalg.solve(a, A, assume_a="tridiagonal")))(SPD),
            NoDerivativeError,
            "received 'tridiagonal'",
        ),
        (
            lambda: linalg.solve(SPD, A, assume_a="pos", transposed=True),
            OperandError,
            "transposed=True of a general matrix only",
        ),
        (lambda: linalg.toeplitz(A), ShapeError, r"toeplitz takes vectors here: received shape \(3, 3\)"),
        (lambda: linalg.block_diag(A[None]), ShapeError, r"received shapes \[\(1, 3, 3\)\]"),
        (lambda: signal.convolve([1.0], [2.0], mode="wrap"), OperandError, "received 'wrap'"),
        (
            lambda: stats.multivariate_normal.logpdf(A, np.ones(2), SPD),
            ShapeError,
            r"needs a covariance of shape \(2, 2\): received shape \(3, 3\)",
        ),
    ],
)
def test_refusals(call_it, error, message):
    with pytest.raises(error, match=message):
        call_it()


# ----------------------------------------------------------------------------------------------------- signal
def test_convolutions_of_empty_and_single_arrays():
    assert signal.convolve([], [1.0]).shape == (0,)
    assert slope(signal.convolve, np.zeros(0), np.ones(2), at=1).tolist() == [0.0, 0.0]
    assert signal.convolve(2.0, 3.0).item() == 6.0
    assert slope(signal.correlate, np.array([2.0, 1.0]), np.array([3.0, 1.0, 2.0])).tolist() == [6.0, 6.0]


def test_convolution_along_some_axes():
    rng = np.random.default_rng(0)
    x, k = rng.normal(size=(2, 6, 3)), rng.normal(size=(3, 4, 5))
    for mode in ("full", "same", "valid"):
        expected = [
            [sum(scipy.signal.convolve(x[i, :, c], k[c, :, j], mode) for c in range(3)) for j in range(5)]
            for i in range(2)
        ]  # the axes of x, those of k, the one along which it goes
        found = signal.convolve(x, k, mode, axes=([1], [-2]), dot_axes=([2], [0]))
        np.testing.assert_allclose(found.numpy(), expected, atol=1e-12)
        check_gradients(
            lambda x, k, m=mode: signal.convolve(x, k, m, axes=([1], [1]), dot_axes=([2], [0])), x, k
        ).assert_ok()
        other = signal.convolve(k, x, mode, axes=([1], [1]), dot_axes=([0], [2])).numpy()
        if mode != "same":
            np.testing.assert_allclose(np.moveaxis(other, 0, 1), expected, atol=1e-12)
    np.testing.assert_allclose(
        signal.convolve(x, x, dot_axes=([0], [0])).numpy(), sum(scipy.signal.convolve(each, each) for each in x)
    )
    assert signal.convolve(x.astype(np.float32), k.astype(np.float32), axes=([1], [1])).dtype == np.float32
    with pytest.raises(OperandError, match="a convolution takes its axes in pairs"):
        signal.convolve(x, k, axes=([0, 1], [1]))
    with pytest.raises(
        ShapeError, match=r"one is the longer along every axis: received the lengths \[\(2, 3\), \(6, 4\)\]"
    ):
        signal.convolve(x, k, mode="valid", axes=([0, 1], [0, 1]))


# ----------------------------------------------------------------------------------------------------- stats
EDGES = np.array([-INF, -1.0, 0.0, 0.5, 1.0, 3.0, INF, np.nan])
CASES = {
    "norm": [(), (0.5, 2.0)],
    "t": [(2.5,), (INF,), (1e9, 0.5, 2.0)],
    "gamma": [(1.0,), (0.5,), (2.5, 0.5, 2.0)],
    "chi2": [(2.0,), (1.0,), (3.5, 0.5, 2.0)],
    "beta": [(1.0, 1.0), (0.5, 2.0), (2.0, 0.5, 0.5, 2.0)],
    "poisson": [(2.5,), (0.0,), (2.5, 1)],
}


def methods_of(name):
    """Return the functions of a distribution that stand for SciPy's."""
    of_scipy = getattr(scipy.stats, name)
    doors = vars(getattr(stats, name)).items()
    return {
        method: door
        for method, door in doors
        if hasattr(door, "__wrapped__") and method[0] != "_" and hasattr(of_scipy, method)
    }


@pytest.mark.parametrize("name", CASES)
def test_values_at_the_edges_of_distributions_are_those_of_scipy(name):
    theirs = getattr(scipy.stats, name)
    for method, door in methods_of(name).items():
        for parameters in CASES[name]:
            x = np.array([0.0, 0.3, 1.0]) if method in ("ppf", "isf") else EDGES
            with np.errstate(all="ignore"):
                found, expected = door(x, *parameters), getattr(theirs, method)(x, *parameters)
            np.testing.assert_allclose(found.numpy(), expected, rtol=2e-9, atol=1e-300, err_msg=f"{method}{parameters}")
    shapes = CASES[name][0]
    for bad in [tuple(-np.array(shapes)), (*shapes, 0, 0.0), (*shapes, 0, -1.0)][: 1 if name == "poisson" else None][
        not shapes :
    ]:
        for method, door in methods_of(name).items():
            assert np.isnan(
                [door(x, *bad).item() for x in (0.3, 0.0, -1.0 if method not in ("ppf", "isf") else 0.5)]
            ).all(), (method, bad)


def test_outside_the_support_the_derivative_is_zero():
    for name, shapes in (("gamma", (2.0,)), ("chi2", (3.0,)), ("beta", (2.0, 3.0))):
        for method in ("pdf", "logpdf", "cdf"):
            door = methods_of(name)[method]
            assert slope(lambda x, d=door, s=shapes: d(x, *s), np.array([-1.0, -2.0])).tolist() == [0.0, 0.0]


def test_distributions_take_their_parameters_by_name_and_in_single_precision():
    np.testing.assert_allclose(
        stats.beta.pdf(0.3, b=2.0, a=3.0, scale=2).numpy(), scipy.stats.beta.pdf(0.3, b=2.0, a=3.0, scale=2)
    )
    np.testing.assert_allclose(
        stats.norm.ppf(q=[0.1, 0.5]).numpy(), scipy.stats.norm.ppf(q=[0.1, 0.5]), rtol=1e-13, atol=1e-16
    )
    x = np.array([0.2, 0.7], np.float32)
    for f in (
        stats.norm.logpdf,
        lambda t: stats.gamma.logpdf(t, 2.5),
        lambda t: stats.t.pdf(t, 4.0, 0, 2),
        lambda t: stats.beta.cdf(t, 2.0, 3.0),
    ):
        assert f(x).dtype == np.float32
        assert slope(f, x).dtype == np.float32
    with pytest.raises(TypeError, match="missing a required argument: 'a'"):
        stats.gamma.logpdf(1.0)


@pytest.mark.parametrize(
    ("x", "mean", "cov"),
    [
        (0.5, None, 1),
        (0.5, 1.0, 2.0),
        ([0.1, 0.2], None, 2.0),
        (A[0], A[1], SPD),
        (A, A[1], [1.0, 2.0, 3.0]),
        (A, [0.0, 1.0, 2.0], 0.5),
        (A[None], None, SPD),
        (A[:, :1], None, 1.5),
    ],
)
def test_the_multivariate_normal_is_that_of_scipy(x, mean, cov):
    for name in ("pdf", "logpdf"):
        found, expected = (getattr(module.multivariate_normal, name)(x, mean, cov) for module in (stats, scipy.stats))
        assert found.shape == np.shape(expected)
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-11)
    expected = scipy.stats.multivariate_normal.entropy(mean, cov)
    np.testing.assert_allclose(stats.multivariate_normal.entropy(mean, cov).numpy(), expected, rtol=1e-12)


def test_the_dirichlet_is_that_of_scipy():
    x, alpha = np.array([[0.2, 0.5], [0.3, 0.1], [0.5, 0.4]]), np.array([1.5, 2.0, 0.7])
    for each in (x, x[:2], x[:, 0], [0.2, 0.3, 0.5]):
        np.testing.assert_allclose(
            stats.dirichlet.logpdf(each, alpha).numpy(), scipy.stats.dirichlet.logpdf(each, alpha), rtol=1e-13
        )
    np.testing.assert_allclose(slope(stats.dirichlet.logpdf, x[:, 0], alpha), (alpha - 1) / x[:, 0])
    with pytest.raises(ValueError, match="must lie within the normal simplex"):
        stats.dirichlet.logpdf([0.9, 0.9, 0.9], alpha)


def test_a_fit_by_maximum_likelihood():
    """The gradient of a likelihood vanishes at the mean and the standard deviation of the sample."""
    x = RNG.normal(3, 2, size=50)
    with GradientTape() as tape:
        loc, scale = Tensor(np.mean(x)), Tensor(np.std(x))
        tape.watch([loc, scale])
        likelihood = anp.sum(stats.norm.logpdf(x, loc, scale))
    assert [abs(g.item()) < 1e-12 for g in tape.gradient(likelihood, [loc, scale])] == [True, True]
