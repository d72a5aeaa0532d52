"""Sparse Jacobians: where the zeros are, how many sweeps they save, and objectives for the optimizers of SciPy."""

import sys

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse

import autograd.numpy as anp
from autograd import (
    GradientTape,
    Tensor,
    custom_vjp,
    fixed_point,
    grad,
    hessian,
    jacobian,
    jacobian_sparsity,
    scipy_objective,
    sparse_hessian,
    sparse_jacobian,
)
from autograd.errors import DetachedError, DtypeError, OperandError, ShapeError
from autograd.registry.entries import name_of
from autograd.samples import SAMPLES
from autograd.transforms.flatten import flatten

RNG = np.random.default_rng(0)


class Counted:
    """The same value, and how many sweeps have passed here."""

    def __init__(self):
        self.sweeps = 0
        self.here = custom_vjp(lambda x: x)
        self.here.defvjp(lambda x: (x, None), self.backward)

    def backward(self, _, g):
        self.sweeps += 1
        return (g,)


def band(x):
    ends = anp.concatenate([[0.0, 0.0], x, [0.0, 0.0]])
    return anp.sin(x) * ends[4:] + ends[:-4] * ends[1:-3] - x**2 + ends[3:-1]


def diagonals(n, width):
    return scipy.sparse.diags_array(
        [np.ones(n - abs(k)) for k in range(-(width // 2), width // 2 + 1)],
        offsets=range(-(width // 2), width // 2 + 1),
    )


# ------------------------------------------------------------------------------------------------- the number of sweeps
def test_a_band_takes_as_many_sweeps_as_its_width():
    n, count = 10_000, Counted()
    x = RNG.normal(size=n)
    pattern = diagonals(n, 5)
    found = sparse_jacobian(lambda x: band(count.here(x)), x, pattern, check=False)
    assert count.sweeps == 5
    assert found.shape == (n, n)
    assert found.nnz == pattern.nnz
    v, h = RNG.normal(size=n), 1e-6
    np.testing.assert_allclose(found @ v, (band(x + h * v) - band(x - h * v)).numpy() / (2 * h), rtol=1e-6, atol=1e-6)
    count.sweeps = 0
    checked = sparse_jacobian(lambda x: band(count.here(x)), x, pattern)
    assert count.sweeps == 6
    assert (checked != found).nnz == 0


def test_the_pattern_of_a_band_is_found_in_sweeps_of_its_logarithm():
    n, count = 10_000, Counted()
    x = RNG.normal(size=n)
    found = jacobian_sparsity(lambda x: band(count.here(x)), x)
    assert count.sweeps <= 6 * 14
    expected = diagonals(n, 5) != 0
    expected.setdiag(True)
    assert (found != expected).nnz == 0
    assert (sparse_jacobian(band, x) != sparse_jacobian(band, x, found)).nnz == 0


def test_columns_take_the_place_of_rows_where_that_is_better():
    n, count = 500, Counted()
    x = RNG.normal(size=n)
    f = lambda x: x**3 + x[0]  # noqa: E731 - every row has the first column
    pattern = np.eye(n)
    pattern[:, 0] = 1
    found = sparse_jacobian(lambda x: f(count.here(x)), x, pattern, check=False)
    assert count.sweeps <= 4  # forward mode transposes a transpose, or needs no sweep
    np.testing.assert_allclose(found.toarray(), jacobian(f)(x))
    found = sparse_jacobian(f, x)
    assert found.nnz == 2 * n - 1
    np.testing.assert_allclose(found.toarray(), jacobian(f)(x))


# ------------------------------------------------------------------------------------------ the same as a full Jacobian
def five_point(u):
    padded = anp.pad(u, 1)
    return 4 * u - padded[2:, 1:-1] - padded[:-2, 1:-1] - padded[1:-1, 2:] - padded[1:-1, :-2] + anp.exp(u)


CASES = {
    "band": (band, RNG.normal(size=23)),
    "one row": (anp.sum, RNG.normal(size=5)),
    "one number": (lambda x: x * 2.0, 3.0),
    "no rows": (lambda x: x[:0], RNG.normal(size=5)),
    "no columns": (lambda x: x, np.zeros(0)),
    "constant": (lambda x: np.ones(3), RNG.normal(size=5)),
    "grid": (five_point, RNG.normal(size=(5, 6))),
    "dense": (lambda x: anp.sin(x @ np.arange(12.0).reshape(3, 4)), RNG.normal(size=3)),
    "blocks": (lambda x: anp.linalg.solve(x, np.ones((4, 2, 1))), RNG.normal(size=(4, 2, 2))),
    "scattered": (lambda x: x[np.array([5, 3, 3, 0, 9])] * x[np.array([1, 1, 2, 3, 4])], RNG.normal(size=10)),
    "selected": (lambda x: anp.where(x > 0, x * x[::-1], 0.0), RNG.normal(size=9)),
    "zero derivative": (lambda x: x[1:] ** 2 * x[:-1], np.zeros(6)),
    "nest": (
        lambda p: {"a": p["a"] * p["b"][0], "b": [anp.cumsum(p["b"][0])]},
        {"a": RNG.normal(size=(2, 3)), "b": [RNG.normal(size=3)]},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_agrees_with_the_full_jacobian(case):
    f, x = CASES[case]
    vector, unflatten = flatten(x)
    full = jacobian(lambda v: flatten(f(unflatten(v)))[0])(vector)
    found = sparse_jacobian(f, x)
    assert found.shape == full.shape
    assert found.dtype == full.dtype
    np.testing.assert_allclose(found.toarray(), full, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(sparse_jacobian(f, x, full != 0).toarray(), full, rtol=1e-12, atol=1e-12)


def test_zero_by_chance_is_in_the_pattern():
    pattern = jacobian_sparsity(lambda x: x[1:] ** 2 * x[:-1], np.zeros(3)).toarray()
    np.testing.assert_array_equal(pattern, [[True, True, False], [False, True, True]])


def test_random_patterns():
    for density in (0.005, 0.05, 0.5):
        matrix = scipy.sparse.random_array((150, 200), density=density, rng=RNG)
        rows, columns = matrix.coords
        weights = matrix.data

        def f(x, rows=rows, columns=columns, weights=weights):
            return anp.bincount(rows, weights * anp.sin(x[columns]), minlength=150)

        x = RNG.normal(size=200)
        np.testing.assert_allclose(sparse_jacobian(f, x).toarray(), matrix.toarray() * np.cos(x), rtol=1e-12)


def real_vector(outputs):
    """Join the outputs of a call into one vector of real numbers."""
    rows = [
        anp.reshape(y, (-1,))
        for y in (outputs if isinstance(outputs, (tuple, list)) else [outputs])
        if y.dtype.kind in "fc"
    ]
    return anp.concatenate(
        [part for row in rows for part in ((row.real, row.imag) if row.dtype.kind == "c" else (row,))] or [np.zeros(0)]
    )


@pytest.mark.parametrize("fn", SAMPLES, ids=name_of)
def test_the_pattern_of_every_rule_holds_all_that_is_not_zero(fn):
    for sample in SAMPLES[fn]:
        if "float64" not in sample.dtypes:
            continue
        f, arrays = sample.problem(fn, np.random.default_rng(1), "float64")
        vector, unflatten = flatten(arrays)
        if not 0 < vector.size <= 40 or vector.dtype != np.float64:
            continue

        def of_vector(v, f=f, unflatten=unflatten):
            return real_vector(f(*unflatten(v)))

        full = jacobian(of_vector)(vector)
        pattern = jacobian_sparsity(of_vector, vector).toarray()
        assert not np.any((full != 0) & ~pattern), sample


def test_solutions_of_equations_can_be_traced():
    def f(p):
        return fixed_point(lambda p, x: 0.5 * anp.tanh(x) + p, p, np.zeros(6)) ** 2

    x = RNG.normal(size=6)
    np.testing.assert_allclose(sparse_jacobian(f, x).toarray(), jacobian(f)(x), rtol=1e-9, atol=1e-12)


# -------------------------------------------------------------------------------------------- Hessians, forms, refusals
def chain_energy(x):
    return anp.sum(anp.cos(x[1:] - x[:-1])) + anp.sum(x**4)


def test_hessians():
    x = RNG.normal(size=40)
    found = sparse_hessian(chain_energy, x)
    assert found.nnz == 3 * 40 - 2
    np.testing.assert_allclose(found.toarray(), hessian(chain_energy)(x), rtol=1e-12, atol=1e-12)
    v, h = RNG.normal(size=40), 1e-5
    along = (grad(chain_energy)(x + h * v) - grad(chain_energy)(x - h * v)) / (2 * h)
    np.testing.assert_allclose(found @ v, along, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(sparse_hessian(chain_energy, x, diagonals(40, 3)).toarray(), found.toarray())
    np.testing.assert_allclose(sparse_hessian(chain_energy, x, found).toarray(), found.toarray())


def test_all_forms_of_a_sparsity():
    x = RNG.normal(size=7)
    full = jacobian(band)(x)
    rows, columns = np.nonzero(full)
    for form in (
        full != 0,
        full,
        (full != 0).tolist(),
        scipy.sparse.csr_array(full),
        (rows, columns),
        (full[rows, columns], (rows, columns), (7, 7)),
        (np.r_[rows, rows], np.r_[columns, columns]),
    ):
        np.testing.assert_allclose(sparse_jacobian(band, x, form).toarray(), full)


def test_without_scipy(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    values, (rows, columns), shape = sparse_jacobian(lambda x: x[1:] * x[:-1], np.array([1.0, 2.0, 3.0]))
    assert values.tolist() == [2.0, 1.0, 3.0, 2.0]
    assert (rows.tolist(), columns.tolist(), shape) == ([0, 0, 1, 1], [0, 1, 1, 2], (2, 3))


def test_float32_and_tensors():
    x = RNG.normal(size=9).astype(np.float32)
    found = sparse_jacobian(band, Tensor(x))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.toarray(), jacobian(band)(x))


def test_a_wrong_sparsity_is_refused():
    x = RNG.normal(size=8)
    full = jacobian(band)(x) != 0
    full[3, 4] = False
    with pytest.raises(
        OperandError, match=r"the sparsity leaves out an element of the Jacobian that is not zero: in column 4"
    ):
        sparse_jacobian(band, x, full)
    with pytest.raises(
        ShapeError, match=r"the Jacobian has the shape \(8, 8\), and so must its sparsity: received shape \(8, 7\)"
    ):
        sparse_jacobian(band, x, full[:, :7])
    for wrong in (([0, 1], [0]), ([-1], [0]), ([8], [0]), ([0], [8]), np.ones(8)):
        with pytest.raises(ShapeError, match=r"the Jacobian has the shape \(8, 8\)"):
            sparse_jacobian(band, x, wrong)


def test_what_has_no_sparse_jacobian():
    with pytest.raises(
        DtypeError, match="a sparse Jacobian is one of real floating-point numbers: received x of dtype int64"
    ):
        sparse_jacobian(band, np.arange(3))
    with pytest.raises(DtypeError, match="a sparse Jacobian is one of real functions: f returned dtype complex128"):
        sparse_jacobian(lambda x: x * 1j, np.ones(3))
    with GradientTape() as tape:
        x = Tensor(np.ones(3))
        tape.watch(x)
        with pytest.raises(DetachedError):
            sparse_jacobian(lambda v: v * x, np.ones(3))


# ---------------------------------------------------------------------------------------------- the optimizers of SciPy
def rosenbrock(x):
    return anp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@pytest.mark.parametrize(
    ("method", "second"),
    [
        ("BFGS", None),
        ("L-BFGS-B", None),
        ("Newton-CG", "hess"),
        ("Newton-CG", "hessp"),
        ("trust-ncg", "hessp"),
        ("trust-exact", "hess"),
    ],
)
def test_rosenbrock(method, second):
    objective = scipy_objective(rosenbrock, np.zeros(10))
    more = {second: getattr(objective, second)} if second else {}
    result = scipy.optimize.minimize(**objective, **more, method=method, tol=1e-10, options={"maxiter": 2000})
    np.testing.assert_allclose(objective.unflatten(result.x), np.ones(10), rtol=1e-4)
    at = RNG.normal(size=10)
    np.testing.assert_allclose(objective.fun(at)[1], scipy.optimize.rosen_der(at))
    np.testing.assert_allclose(objective.hess(at), scipy.optimize.rosen_hess(at))
    np.testing.assert_allclose(objective.hessp(at, at), scipy.optimize.rosen_hess_prod(at, at))


def test_logistic_regression():
    x = RNG.normal(size=(200, 3))
    y = (x @ [1.0, -2.0, 0.5] + 0.3 + RNG.normal(size=200) > 0) * 1.0

    def loss(p, x, y):
        logits = x @ p["weights"] + p["bias"]
        return anp.mean(anp.logaddexp(0.0, logits) - y * logits) + 0.01 * anp.sum(p["weights"] ** 2)

    objective = scipy_objective(loss, {"weights": np.zeros(3), "bias": 0.0}, x, y)
    assert repr(objective) == "<ScipyObjective of loss: 4 parameters>"
    first = scipy.optimize.minimize(**objective, method="L-BFGS-B", tol=1e-12)
    second = scipy.optimize.minimize(**objective, hessp=objective.hessp, method="trust-ncg", tol=1e-10)
    found = objective.unflatten(second.x)
    assert found["weights"].shape == (3,)
    np.testing.assert_allclose(first.x, second.x, atol=1e-4)
    p = 1 / (1 + np.exp(-(x @ found["weights"] + found["bias"])))
    np.testing.assert_allclose(x.T @ (p - y) / 200 + 0.02 * found["weights"], np.zeros(3), atol=1e-8)
    low, high = (
        objective.flatten({"weights": np.zeros(3), "bias": -9.0}),
        objective.flatten({"weights": np.ones(3), "bias": 9.0}),
    )
    bounds = list(zip(low, high, strict=True))
    bounded = objective.unflatten(scipy.optimize.minimize(**objective, bounds=bounds).x)
    assert bounded["weights"][1] == 0.0


def test_objectives_keep_dtypes_and_refuse_what_scipy_cannot():
    seen = []
    objective = scipy_objective(
        lambda p: seen.append((p[0].dtype, p[1].dtype)) or anp.sum(p[0] ** 2) + p[1] ** 2, [np.ones(2, np.float32), 3]
    )
    value, gradient = objective.fun(objective.x0)
    assert (value, gradient.tolist(), gradient.dtype) == (11.0, [2.0, 2.0, 6.0], np.float64)
    assert seen == [(np.float32, np.float64)]
    with pytest.raises(
        DtypeError, match="the optimizers of SciPy take real numbers: received x0 with dtype complex128"
    ):
        scipy_objective(rosenbrock, np.ones(2) * 1j)
    with pytest.raises(
        ShapeError, match=r"the parameters are arrays of shapes \[\(2,\), \(\)\]: received \[\(3,\), \(\)\]"
    ):
        objective.flatten([np.ones(3), 1.0])
