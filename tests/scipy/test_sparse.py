"""Products and equations with a constant sparse matrix, against the same with the dense matrix."""

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse
import scipy.sparse.linalg
import scipy.stats

import autograd
import autograd.numpy as anp
from autograd import Tensor, check_gradients, grad, hessian, jvp, vmap
from autograd.errors import DetachedError, OperandError, ShapeError
from autograd.scipy import sparse

RNG = np.random.default_rng(0)
DENSE = np.where(RNG.random((4, 4)) < 0.6, RNG.normal(size=(4, 4)), 0) + 4 * np.eye(4)
VECTOR, COLUMNS = RNG.normal(size=4), RNG.normal(size=(4, 3))
PAIRS = {
    "product": (sparse.matmul, lambda a, x: a @ x),
    "from the right": (lambda a, x: sparse.matmul(x.T, a), lambda a, x: x.T @ a),
    "solution": (sparse.spsolve, np.linalg.solve),
}


@pytest.mark.parametrize("form", [scipy.sparse.csr_matrix, scipy.sparse.csc_array, scipy.sparse.coo_array])
@pytest.mark.parametrize("x", [VECTOR, COLUMNS], ids=["vector", "columns"])
@pytest.mark.parametrize("name", PAIRS)
def test_products_and_solutions(name, x, form):
    (ours, dense), a = PAIRS[name], form(DENSE)

    def f(x):
        return anp.sum(ours(a, x) ** 3)

    def expected(x):
        return anp.sum(dense(DENSE, x) ** 3)

    np.testing.assert_allclose(ours(a, x), dense(DENSE, x))
    np.testing.assert_allclose(grad(f)(x), grad(expected)(x))
    np.testing.assert_allclose(hessian(f)(x), hessian(expected)(x), atol=1e-10)
    np.testing.assert_allclose(jvp(f, [x], [x + 1])[1], jvp(expected, [x], [x + 1])[1])
    batch = np.stack([x, 2 * x])
    np.testing.assert_allclose(vmap(grad(f))(batch), vmap(grad(expected))(batch))
    compiled = autograd.compile(grad(f))
    for factor in (1.0, 2.0, 3.0):
        np.testing.assert_allclose(compiled(factor * x), grad(expected)(factor * x))
    assert check_gradients(f, x, order=2).ok


@pytest.mark.parametrize("dtype", [np.float32, np.complex64, np.complex128])
@pytest.mark.parametrize("fn", [sparse.matmul, sparse.spsolve])
def test_dtypes(fn, dtype):
    x = (VECTOR + (0 if dtype is np.float32 else 1j * COLUMNS[:, 0])).astype(dtype)
    a = scipy.sparse.csr_array(DENSE.astype(np.finfo(dtype).dtype))
    dense = (lambda a, x: a @ x) if fn is sparse.matmul else np.linalg.solve
    found = grad(lambda x: anp.sum(anp.real(fn(a, x) * x)))(x)
    assert found.dtype == dtype
    tolerance = 1e-4 if np.finfo(dtype).bits == 32 else 1e-12
    np.testing.assert_allclose(found, grad(lambda x: anp.sum(anp.real(dense(a.toarray(), x) * x)))(x), rtol=tolerance)


def test_a_matrix_that_changes_between_calls_of_a_compiled_function():
    a = scipy.sparse.csr_array(DENSE)
    compiled = autograd.compile(grad(lambda x: anp.sum(sparse.matmul(a, x) ** 2)))
    for factor in (1.0, 2.0, 4.0):
        np.testing.assert_allclose(compiled(VECTOR), 2 * factor**2 * DENSE.T @ DENSE @ VECTOR)
        a.data[:] *= 2.0


def test_what_does_not_fit_is_refused():
    a = scipy.sparse.csr_array(DENSE)
    with pytest.raises(OperandError, match="one sparse matrix of SciPy and one tensor or array: received a ndarray"):
        sparse.matmul(DENSE, VECTOR)
    with pytest.raises(OperandError, match="spsolve takes one sparse matrix"):
        sparse.spsolve(DENSE, VECTOR)
    with pytest.raises(ShapeError, match=r"a vector or a matrix here: received shape \(1, 4, 3\)"):
        sparse.matmul(a, COLUMNS[None])


@pytest.mark.parametrize(
    ("call", "who"),
    [
        (lambda a, t: a @ t, r"It was scipy\.sparse\._base \(\w+\) that asked\. autograd\.scipy\.sparse has matmul"),
        (lambda a, t: t @ a, r"It was scipy\.sparse\._base \(\w+\) that asked\. autograd\.scipy\.sparse has matmul"),
        (
            lambda a, t: scipy.sparse.linalg.spsolve(a, t),
            r"linsolve \(spsolve\) that asked\. .* has matmul and spsolve",
        ),
        (lambda a, t: scipy.stats.norm.pdf(t), r"It was scipy\.stats\.\w+ \(pdf\) that asked\. autograd\.scipy has"),
        (
            lambda a, t: scipy.optimize.minimize(lambda z: np.sum(z * z), t),
            r"\(minimize\) that asked\. Minimize a function of arrays: autograd\.scipy_objective makes one",
        ),
    ],
)
def test_a_function_of_scipy_that_asks_for_the_array_of_a_tensor_is_named(call, who):
    with pytest.raises(DetachedError, match=who):
        grad(lambda t: anp.sum(call(scipy.sparse.csr_matrix(DENSE), t)))(VECTOR)


def test_code_of_the_user_is_not_named():
    with pytest.raises(DetachedError) as caught:
        grad(lambda t: anp.sum(np.asarray(t)))(VECTOR)
    assert str(caught.value).endswith("t.numpy() to detach the value on purpose.")


def test_pandas_is_named():
    """By a module of that name: pandas itself is not installed for the tests."""
    module = {"__name__": "pandas.core.series"}
    exec("import numpy\ndef multiply(t):\n    return numpy.asarray(t)", module)
    with pytest.raises(
        DetachedError, match=r"It was pandas\.core\.series \(multiply\) that asked\. .* series\.to_numpy"
    ):
        grad(lambda t: anp.sum(module["multiply"](t)))(VECTOR)


class InPieces:
    """An array as dask's, zarr's and h5py's are: it computes or reads its elements only when it is asked for them."""

    shape, dtype, chunks, loaded = (4,), np.dtype(float), (2,), 0

    def __array__(self, dtype=None, copy=None):
        InPieces.loaded += 1
        return np.zeros(4)

    def __getitem__(self, index):
        return np.zeros(4)[index]


class OfGraph(InPieces):
    chunks = None

    def __dask_graph__(self):
        return {}


@pytest.mark.parametrize("kind", [InPieces, OfGraph])
@pytest.mark.parametrize(
    "use",
    [
        lambda d: Tensor(d),
        lambda d: anp.exp(d),
        lambda d: anp.sum(d),
        lambda d: anp.add(Tensor(1.0), d),
        lambda d: Tensor(1.0) * d,
        lambda d: anp.asarray(d),
        lambda d: anp.stack([d, Tensor(np.zeros(4))]),
        lambda d: anp.where(np.True_, d, Tensor(np.zeros(4))),
        lambda d: autograd.Variable(d),
        lambda d: Tensor([[d, d]]),
    ],
)
def test_an_array_that_is_not_in_memory_is_not_loaded(use, kind):
    InPieces.loaded = 0
    with pytest.raises(
        OperandError, match=r"\(shape \(4,\)\) cannot be an operand .* x\[:100\], and load it on purpose"
    ):
        use(kind())
    assert InPieces.loaded == 0
    assert Tensor(kind()[:2]).shape == (2,)
