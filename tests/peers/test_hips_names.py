"""Every name that has a rule in HIPS autograd 1.9.1 is here, and its derivative is checked by differences.

The list is what `autograd.core.primitive_vjps` and `primitive_jvps` hold there, by the modules in which the names stand
(without helpers of its rules), and the functions of lists, which it writes in Python.
"""

import importlib

import numpy as onp
import pytest

import autograd.numpy as np
from autograd import check_gradients, grad, hessian
from autograd.errors import NoDerivativeError
from autograd.registry.entries import RULES
from autograd.samples import SAMPLES

NAMES = {
    "numpy": (
        "abs absolute acos acosh add amax amin angle append arccos arccosh arcsin arcsinh arctan arctan2 arctanh "
        "array array_split asin asinh astype atan atan2 atanh atleast_1d atleast_2d atleast_3d broadcast_to clip "
        "column_stack concatenate conj conjugate cos cosh cross cumsum deg2rad degrees diag diagonal diff divide "
        "dot dsplit einsum exp exp2 expand_dims expm1 fabs fliplr flipud fmax fmin full gradient hsplit hstack "
        "hypot imag inner kron linspace log log10 log1p log2 logaddexp logaddexp2 make_diagonal matmul max "
        "maximum min minimum mod moveaxis multiply nan_to_num negative outer pad partition permute_dims pow power "
        "prod rad2deg radians ravel real real_if_close reciprocal remainder repeat reshape roll rollaxis rot90 "
        "row_stack select sin sinc sinh sort split sqrt square squeeze stack std subtract sum swapaxes tan tanh "
        "tensordot tile trace transpose tril triu true_divide vsplit vstack"
    ),
    "numpy.fft": "fft fft2 fftn fftshift ifft ifft2 ifftn ifftshift irfft irfft2 irfftn rfft rfft2 rfftn",
    "numpy.linalg": "cholesky det eig eigh inv pinv slogdet solve svd",
    "scipy.special": (
        "beta betainc betaln digamma erf erfc erfcinv erfinv expit gamma gammainc gammaincc gammaln gammasgn i0 "
        "i1 iv ive j0 j1 jn logit logsumexp multigammaln polygamma psi rgamma y0 y1 yn"
    ),
    "scipy.linalg": "solve_banded solve_sylvester solve_triangular sqrtm",
    "scipy.signal": "convolve",
    "scipy.integrate": "odeint",
    "scipy.stats.beta": "cdf logpdf pdf",
    "scipy.stats.chi2": "cdf logpdf pdf",
    "scipy.stats.dirichlet": "logpdf pdf",
    "scipy.stats.gamma": "cdf logpdf pdf",
    "scipy.stats.multivariate_normal": "entropy logpdf pdf",
    "scipy.stats.norm": "cdf logcdf logpdf logsf pdf sf",
    "scipy.stats.poisson": "cdf logpmf pmf",
    "scipy.stats.t": "cdf logcdf logpdf pdf",
}

# Functions with a derivative that have no entry, because Python code of ours makes them of others.
OF_OTHERS = {"astype", "sort", "array", "convolve", "odeint", "make_diagonal", "row_stack"}


def entries():
    for module, names in NAMES.items():
        for name in names.split():
            yield pytest.param(module, name, id=f"{module}.{name}")


@pytest.mark.parametrize(("module", "name"), list(entries()))
def test_it_is_here_with_a_derivative_that_is_sampled(module, name):
    """`tests/rules/test_rules.py` and `tests/scipy/test_rules.py` compare every sample with differences."""
    if module.startswith("scipy"):
        pytest.importorskip("scipy")
        from autograd.scipy.samples import SAMPLES as samples
    else:
        samples = SAMPLES
    fn = getattr(importlib.import_module(f"autograd.{module}"), name)
    raw = getattr(fn, "__wrapped__", fn)
    if name in OF_OTHERS:
        return
    assert RULES[raw].kind in ("rule", "composite", "constant")
    if RULES[raw].kind != "constant":
        assert raw in set(samples).union(*(getattr(each, "stands_for", ()) for each in samples))


X = onp.array([0.5, 1.5, -2.0])


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sort(x) ** 2,
        lambda x: np.array([x[0] * x[1], x[2], 1.0]),
        lambda x: np.astype(x, complex) * 1j,
        lambda x: np.make_diagonal(np.stack([x, x * x])),
        lambda x: np.row_stack([x, x * x]),
        lambda x: np.stack(x * i for i in range(3)),
        lambda x: np.concatenate(map(np.sin, [x, x])),
        lambda x: np.vstack(iter([x, x * x])),
        lambda x: np.hstack({"a": x, "b": x * x}.values()),
    ],
    ids=["sort", "array", "astype", "make_diagonal", "row_stack", "stack", "concatenate", "vstack", "hstack"],
)
def test_what_is_made_of_others(f):
    check_gradients(f, X, order=2).assert_ok()


def test_functions_of_scipy_that_are_made_of_others():
    pytest.importorskip("scipy")
    from autograd.scipy.integrate import odeint
    from autograd.scipy.signal import convolve

    check_gradients(lambda x, y: convolve(x, y), X, X[:2], order=2).assert_ok()

    def f(k):
        return odeint(lambda y, t, k: -k * y, X, onp.array([0.0, 1.0]), (k,), rtol=1e-10, atol=1e-12)[1, 1]

    onp.testing.assert_allclose(grad(f)(0.5), -X[1] * onp.exp(-0.5), rtol=1e-7)


# ---------------------------------------------------------------------------------------------------------------- casts
@pytest.mark.parametrize(
    "cast",
    [
        lambda x: x.astype(int),
        lambda x: np.astype(x, int),
        lambda x: np.array(x, dtype=int),
        lambda x: int(x),
        lambda x: np.trunc(x),
    ],
    ids=["method", "function", "array", "int", "trunc"],
)
def test_a_cast_to_integer_is_a_step(cast):
    assert grad(lambda x: x * cast(x))(np.array(2.5).numpy()[()]) == 2.0
    assert hessian(lambda x: x * x * cast(x))(2.5) == 4.0


# ------------------------------------------------------------------------------------------- SciPy's other functions
def test_solve_banded_is_solve():
    linalg = pytest.importorskip("autograd.scipy.linalg")
    a = onp.diag(onp.arange(5.0) + 4) + onp.diag(onp.ones(4), 1) + onp.diag(-onp.ones(4), -1) + onp.diag([2.0] * 3, -2)
    bands = onp.zeros((4, 5))
    for i, j in zip(*onp.nonzero(a), strict=True):
        bands[1 + i - j, j] = a[i, j]
    b = onp.arange(10.0).reshape(5, 2)
    onp.testing.assert_allclose(linalg.solve_banded((2, 1), bands, b), onp.linalg.solve(a, b))
    found, by_b = grad(lambda ab, b: np.sum(linalg.solve_banded((2, 1), ab, b) ** 2), (0, 1))(bands, b)
    full, expected_b = grad(lambda a, b: np.sum(np.linalg.solve(a, b) ** 2), (0, 1))(a, b)
    onp.testing.assert_allclose(by_b, expected_b)
    for i in range(5):
        for j in range(max(i - 2, 0), min(i + 2, 5)):
            assert found[1 + i - j, j] == pytest.approx(full[i, j])
    assert found[0, 0] == found[3, 4] == 0.0  # outside the matrix


def test_functions_without_a_derivative_pass_through():
    linalg = pytest.importorskip("autograd.scipy.linalg")
    assert linalg.svdvals(np.eye(2)).tolist() == [1.0, 1.0]
    assert linalg.LinAlgError is onp.linalg.LinAlgError
    with pytest.raises(NoDerivativeError, match=r"scipy.linalg.svdvals has no derivative.*shape \(2, 2\) is tracked"):
        grad(lambda a: np.sum(linalg.svdvals(a)))(onp.eye(2))
    with pytest.raises(AttributeError, match=r"neither autograd\.scipy\.linalg nor"):
        linalg.nothing  # noqa: B018


def test_the_logarithm_of_a_probability_of_t():
    """Against mpmath's incomplete beta function (40 digits), also where the probability is no number."""
    t = pytest.importorskip("autograd.scipy.stats.t")
    for x, df, value, slope in [
        (-1e8, 200.0, -3157.873759346942, 1.99999999999996e-06),
        (-30.0, 30.0, -54.122321328850695, 0.9687480937602043),
        (2.0, 3.0, -0.07220837598426774, 0.07256473678154611),
    ]:
        assert float(t.logcdf(x, df)) == pytest.approx(value, rel=1e-13)
        assert grad(t.logcdf)(x, df) == pytest.approx(slope, rel=1e-12)
        assert grad(t.logsf)(-x, df) == pytest.approx(-slope, rel=1e-12)
    with pytest.raises(NoDerivativeError):
        grad(t.logcdf, 1)(1.0, 3.0)


def test_a_normal_distribution_on_a_plane():
    """On the support the density is that of the coordinates there, but for a constant."""
    normal = pytest.importorskip("autograd.scipy.stats.multivariate_normal")
    to_plane = onp.array([[1.0, 0.0], [2.0, 1.0], [0.0, 1.0]])
    mean, cov, z = onp.array([0.1, 0.2, 0.3]), to_plane @ to_plane.T, onp.array([0.4, -0.7])

    def f(z):
        return normal.logpdf(mean + np.asarray(to_plane) @ z, mean, cov, allow_singular=True)

    onp.testing.assert_allclose(grad(f)(z), -z, rtol=1e-12)
    onp.testing.assert_allclose(hessian(f)(z), -onp.eye(2), atol=1e-12)
    beside = mean + onp.array([1.0, 0.0, 0.0])
    assert normal.logpdf(beside, mean, cov, allow_singular=True) == -onp.inf
    assert grad(lambda x: normal.logpdf(x, mean, cov, allow_singular=True))(beside).tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(NoDerivativeError, match="allow_singular=True has no derivative with respect to cov"):
        grad(lambda cov: normal.logpdf(mean, mean, cov, allow_singular=True))(cov)


# --------------------------------------------------------------------------------------------------------------- xarray
def test_labelled_arrays_of_tensors():
    xarray = pytest.importorskip("xarray", reason="pip install xarray")
    base = onp.array([0.5, 1.0, 1.5])
    labelled = xarray.DataArray(base)
    assert grad(lambda x: np.sum((labelled * x).data))(2.0) == 3.0
    assert grad(lambda x: np.sum((x * labelled).data))(2.0) == 3.0
    assert grad(lambda x: (labelled / x).sum().data)(2.0) == -0.75
    assert grad(lambda x: np.sum(((labelled * x) * (labelled * x)).data))(2.0) == 14.0
    found = grad(lambda x: np.sum(onp.sin(labelled * x).data))(2.0)
    assert found == pytest.approx(onp.sum(base * onp.cos(2 * base)))
    assert grad(lambda x: np.sum((labelled * x).data))(base).tolist() == base.tolist()
