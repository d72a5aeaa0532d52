"""Where to look at the derivative of each function of SciPy's: a table as that of `autograd.samples`."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg as scipy_linalg
from scipy import signal as scipy_signal
from scipy import sparse as scipy_sparse
from scipy import special
from scipy import stats as scipy_stats

from autograd.registry.define import defcomposite
from autograd.samples.draw import REAL, Sample, away, between, normal, positive, rows, sample, values
from autograd.scipy import integrate, ivp, linalg, signal, slopes, sparse, stats
from autograd.scipy import special as ours

COMPLEX = ("complex128",)
_SPARSE = sparse.constant(scipy_sparse.csr_array(np.array([[4, 1, 0], [0, 5, 2], [1, 0, 6]], np.float32)), "sample")
_HOLE = values([[0.0, -np.inf, 2.0], [1.0, 0.5, -np.inf]])


def _real(*args: Any, **kwargs: Any) -> Sample:
    return sample(*args, dtypes=REAL, **kwargs)


def _last(*args: Any) -> Sample:
    """A call that is differentiated with respect to its last argument alone: the orders before it have no
    derivative.
    """
    return _real(*args, argnums=[len(args) - 1])


SPECIAL: dict[Any, list[Sample]] = {
    # the gamma function and its kin
    **rows(
        [special.gamma, special.gammaln, special.psi],
        _real(positive()),
        _real(between(-0.8, -0.2)),
        _real(values([3.0, -2.5, 12.0])),
    ),
    special.loggamma: [_real(positive())],
    special.rgamma: [_real(positive()), _real(values([0.0, -1.0, -2.0, 0.5, 0.49, -3.3, 5.0]))],
    ours._polygamma: [
        _real(0, positive()),
        _real(2, positive()),
        _last(np.array([0, 1, 3]), positive(2, 1)),
        _real(1, values([-0.5, 30.0])),
    ],
    ours._multigammaln: [_real(between(2, 4), 1), _real(between(2, 4), 3)],
    ours._gamma_moment: [_real(positive(), positive(), n=1), _real(positive(3), values([3.0, 20.0, 0.1]), n=2)],
    **rows(
        [special.gammainc, special.gammaincc],
        _real(positive(), positive()),
        _real(2.5, positive()),
        _last(np.array([0.5, 1.0, 8.0]), positive(2, 1)),
    ),
    **rows(
        [special.gammaincinv, special.gammainccinv],
        _real(positive(), between(0.2, 0.8)),
        _real(2.5, between(0.2, 0.8)),
        _last(np.array([0.7, 3.0]), between(0.2, 0.8, 2)),
    ),
    **rows(
        [special.beta, special.betaln, special.poch],
        _real(positive(), positive()),
        _real(2.0, positive()),
        _real(positive(), 3),
    ),
    **rows(
        [special.betainc, special.betaincc, special.betaincinv, special.betainccinv],
        _real(2.0, 0.5, between(0.2, 0.8)),
        _last(np.array([0.7, 3.0]), 2.0, between(0.2, 0.8, 3, 1)),
    ),
    ours._factorial: [_real(positive())],
    **rows([special.binom, ours._comb], _real(between(5, 7), between(1, 4)), _real(between(4.5, 6, 3), 2)),
    ours._zeta: [_real(2.5, positive()), _last(np.array([1.5, 4.0]), positive(3, 1))],
    slopes.psi_step: [
        _real(positive(), positive()),
        _real(values([9.0, 30.0, 2.0]), values([2.0, -2.0, 40.0]), n=1),
        _real(positive(), 0.5, beyond=1),
        _real(values([30.0, 100.0]), 0.5, n=1, beyond=1),
    ],
    slopes.log1p_beyond: [_real(positive()), _real(values([0.0, 0.05, -0.05]))],
    # the error function and its kin
    **rows([slopes.erfcx_slope, slopes.dawsn_slope], _real(normal(), n=1), _real(values([0.0, 2.0, 8.0]), n=2)),
    slopes.ive_slope: [
        _real(0.0, values([0.7, 30.0, -25.0]), argnums=[1], n=1),
        _real(1.5, positive(), argnums=[1], n=2),
    ],
    slopes.kve_slope: [_real(0.0, values([0.7, 30.0]), argnums=[1], n=1), _real(1.5, positive(), argnums=[1], n=2)],
    **rows(
        [special.erf, special.erfc, special.erfi, special.erfcx, special.wofz],
        sample(between(-1.5, 1.5)),
        _real(values([0.0, 1.0, 2.0])),
    ),
    special.dawsn: [sample(between(-1.5, 1.5)), _real(values([0.0, -5.0, 8.0]))],
    special.erfinv: [_real(between(-0.8, 0.8)), _real(values([0.0]))],
    special.erfcinv: [_real(between(0.2, 1.8)), _real(values([1.0]))],
    special.ndtr: [_real(normal()), _real(values([0.0, -5.0]))],
    special.ndtri: [_real(between(0.1, 0.9))],
    **rows([special.log_ndtr, ours._hazard], _real(normal()), _real(values([0.0, -30.0, 5.0]))),
    # Bessel functions
    **rows([special.j0, special.j1, special.i0, special.i1], _real(normal()), _real(values([0.0, 12.0]))),
    **rows([special.i0e, special.i1e], _real(away(offset=0.3)), _real(values([20.0, -3.0]))),
    **rows(
        [special.y0, special.y1, special.k0, special.k1, special.k0e, special.k1e],
        _real(positive()),
        _real(values([0.3, 9.0])),
    ),
    **rows(
        [special.jv, special.yv, special.iv, special.kv, special.kve],
        _real(0, positive()),
        _real(2.5, positive()),
        _last(np.array([-1.5, 3.0]), positive(2)),
        sample(1.0, positive(), dtypes=COMPLEX),
    ),
    special.ive: [
        _real(0, positive()),
        _last(np.array([1.5, 3.0]), positive(2)),
        sample(1.5, positive(3), dtypes=COMPLEX),
    ],
    **rows([special.yn, special.kn], _real(0, positive()), _last(np.array([1, 3]), positive(2))),
    **rows([special.hankel1, special.hankel2], _real(1.5, positive()), sample(2, positive(3), dtypes=COMPLEX)),
    special.airy: [sample(between(-1.5, 1.5))],
    # logistic functions
    **rows([special.expit, special.log_expit], _real(normal()), _real(values([0.0, 40.0, -40.0]))),
    special.logit: [_real(between(0.2, 0.8))],
    special.logsumexp: [
        sample(normal(2, 3, 4), dtypes=REAL),
        sample(normal(3, 4), axis=-1),
        _real(normal(2, 3, 4), axis=(0, 2)),
        _real(normal(2, 3, 4), axis=1, keepdims=True),
        _real(values([[1.0, 1.0, -1.0]]), axis=1),
        _real(_HOLE, axis=1),
        _real(normal(3, 4), 1, positive(3, 4)),
        _real(normal(3, 4), 0, positive(4), True),
        _real(normal(3, 1), 0, positive(1, 4)),
        _real(between(-0.5, 0.5, 3, 4), -1, values([[1.0, -8.0, 0.2, 0.5]]), return_sign=True),
        sample(normal(3), None, normal(3), dtypes=COMPLEX),
    ],
    ours._logsumexp: [_real(normal(2, 3), positive(2, 3), axis=1, keepdims=False, return_sign=False)],
    **rows(
        [ours._softmax, ours._log_softmax],
        sample(normal(3, 4)),
        _real(normal(2, 3, 4), axis=(0, 1)),
        _real(normal(5), 0),
    ),
    # entropies and losses
    special.xlogy: [
        sample(positive(), positive()),
        _real(normal(), 2.0),
        _real(2.0, positive()),
        _real(values([0.0, 1.0]), values([2.0, 3.0]), argnums=[0]),
    ],
    special.xlog1py: [
        sample(positive(), positive()),
        _real(normal(), 2.0),
        _real(2, positive()),
        _real(values([0.0]), values([2.0]), argnums=[0]),
    ],
    special.entr: [_real(positive())],
    **rows(
        [special.rel_entr, special.kl_div],
        _real(positive(), positive()),
        _real(2.0, positive()),
        _real(positive(), 0.5),
    ),
    special.huber: [_real(values(1.1), away()), _real(1.1, away()), _real(positive(2), values([3.0, 9.0]))],
    special.pseudo_huber: [
        _real(positive(), normal()),
        _real(1.5, normal()),
        _real(values([0.5, 1e3]), values([0.0, 2.0])),
    ],
    # elementary functions
    **rows([special.expm1, special.log1p], sample(between(-0.8, 0.8))),
    **rows([special.exp2, special.exp10, special.cosm1], _real(normal())),
    special.cbrt: [_real(positive()), _real(between(-2, -1, 3))],
    # integrals
    special.exp1: [sample(positive())],
    special.expi: [sample(positive()), _real(between(-2, -1))],
    special.expn: [_real(0, positive()), _real(1, positive()), _last(np.array([2, 0, 5]), positive(2, 1))],
    **rows([special.sici, special.shichi], sample(positive())),
    special.fresnel: [sample(between(-1.5, 1.5))],
    special.spence: [sample(positive()), _real(values([1.0, 1.05, 0.95, 0.3]))],
    **rows([special.ellipk, special.ellipe], _real(between(-2, 0.8)), _real(values([0.0, 1e-9]))),
    special.hyp0f1: [sample(1.5, normal(), dtypes=REAL), _last(np.array([0.5, 2.0]), normal(3, 1))],
    special.hyp1f1: [_real(1.5, 0.5, normal())],
    special.hyp2f1: [
        _real(1.5, 0.5, 2.5, between(-0.8, 0.8)),
        _last(1.0, np.array([0.5, 2.0]), 3, between(-0.8, 0.8, 2)),
    ],
    ours._lambertw: [
        sample(positive()),
        sample(positive(3), 1),
        _real(between(-0.3, -0.1), k=-1),
        _real(values([0.0, 1.0])),
    ],
}


def _on(matrix: Any, fn: Any, *stands_for: Any) -> Any:
    """Make a function of any ``x`` out of one of a structured matrix, by a function that makes such a matrix of ``x``.

    Every function that it runs, and that is sampled in no other way, is named here.
    """

    def on_matrix(x: Any, *args: Any, **kwargs: Any) -> Any:
        return fn(matrix(x), *args, **kwargs)

    on_matrix.__name__ = f"{fn.__name__}_of_{matrix.__name__}"
    on_matrix.stands_for = {fn, getattr(fn, "__wrapped__", fn), *stands_for}  # type: ignore[attr-defined]
    return defcomposite(on_matrix)(on_matrix)


def _dominant_bands(x: Any) -> Any:
    """Return bands whose second one, the diagonal, is large enough for a regular matrix."""
    return x + 8.0 * np.reshape(np.arange(np.shape(x)[0]) == 1, (-1, 1))


def _solve_banded(ab: Any, b: Any, l_and_u: Any) -> Any:
    return linalg.solve_banded(l_and_u, ab, b)


def hermitian(x: Any) -> Any:
    """``x x^H + 1``: positive definite."""
    return np.matmul(x, np.conjugate(np.swapaxes(x, -1, -2))) + np.eye(np.shape(x)[-1])


def symmetric(x: Any) -> Any:
    return x + np.swapaxes(x, -1, -2) + 8 * np.eye(np.shape(x)[-1])


def regular(x: Any) -> Any:
    """Far from singular; in both triangles."""
    return x + 6 * np.eye(np.shape(x)[-1])


def _cho_solve(c: Any, b: Any, lower: bool = False) -> Any:
    return linalg.cho_solve((c, lower), b)


def _cho_factor(a: Any, lower: bool = False) -> Any:
    return linalg.cho_factor(a, lower)[0]


_square = normal(3, 3)

LINALG: dict[Any, list[Sample]] = {
    _on(regular, linalg.solve_triangular, linalg._solve_triangular): [
        sample(_square, normal(3)),
        sample(_square, normal(3, 2), "T", True),
        sample(_square, normal(3, 1), trans="C", lower=True, unit_diagonal=True),
        sample(_square, normal(3), trans=2, overwrite_b=True),
    ],
    _on(regular, linalg.solve, linalg._solve): [
        sample(_square, normal(3)),
        sample(_square, normal(3, 2)),
        sample(_square, normal(3), transposed=True),
    ],
    _on(hermitian, linalg.solve): [
        sample(_square, normal(3), assume_a="pos"),
        sample(_square, normal(3, 2), assume_a="her", lower=True),
    ],
    _on(symmetric, linalg.solve): [sample(_square, normal(3, 2), assume_a="sym")],
    _on(_dominant_bands, _solve_banded, linalg._solve_banded, scipy_linalg.solve_banded): [
        sample(normal(4, 5), normal(5), (2, 1)),
        sample(normal(2, 4), normal(4, 2), (0, 1)),
    ],
    _on(regular, linalg.inv, linalg._inv): [sample(_square), sample(normal(1, 1))],
    _on(regular, linalg.det, linalg._det): [sample(_square), sample(normal(1, 1))],
    _on(regular, linalg.lu, linalg._lu): [sample(_square), sample(normal(4, 4), True)],
    _on(hermitian, linalg.cholesky, linalg._cholesky): [sample(_square), sample(_square, True), sample(normal(1, 1))],
    _on(hermitian, _cho_factor, scipy_linalg.cho_factor): [sample(_square), sample(_square, True)],
    _on(regular, _cho_solve, scipy_linalg.cho_solve): [sample(_square, normal(3)), sample(_square, normal(3, 2), True)],
    linalg._expm: [sample(_square), sample(normal(2, 2)), sample(normal(1, 1))],
    _on(hermitian, linalg.logm): [sample(_square), sample(normal(2, 2))],
    _on(hermitian, linalg.sqrtm): [sample(_square), sample(normal(2, 2))],
    _on(regular, linalg.solve_sylvester): [sample(_square, between(1.0, 3.0, 2, 2), normal(3, 2))],
    _on(regular, linalg.solve_continuous_lyapunov): [sample(_square, _square)],
    scipy_linalg.norm: [sample(normal(5)), sample(normal(2, 3)), sample(normal(2, 3), axis=-1, keepdims=True)],
    scipy_linalg.toeplitz: [sample(normal(3)), sample(normal(3), normal(4))],
    scipy_linalg.hankel: [sample(normal(3)), sample(normal(3), normal(4))],
    scipy_linalg.circulant: [sample(normal(4))],
    scipy_linalg.block_diag: [sample(normal(2, 3), normal(1, 2), normal(2)), sample(normal(2, 2))],
}

SIGNAL: dict[Any, list[Sample]] = {
    signal._convolve: [sample(normal(4), normal(3), mode="same", axes=(0,), method="direct")],
    scipy_signal.convolve: [
        *[sample(normal(5), normal(3), mode) for mode in ("full", "same", "valid")],
        *[sample(normal(3), normal(4), mode=mode, method="direct") for mode in ("full", "same", "valid")],
        sample(normal(3, 4), normal(2, 3), mode="same", method="fft"),
    ],
    scipy_signal.fftconvolve: [
        *[sample(normal(3, 4), normal(2, 3), mode) for mode in ("full", "same", "valid")],
        *[sample(normal(2, 5), normal(1, 3), mode, axes=-1) for mode in ("full", "same", "valid")],
        sample(normal(1, 3), normal(2, 4), "same", axes=[1]),
        sample(normal(3, 2, 4), normal(3, 3, 2), axes=(2, 1)),
    ],
    signal._correlate_along: [
        sample(normal(5), normal(3), axes=((0,), (0,)), dots=((), ())),
        sample(normal(2, 3, 5, 4), normal(3, 2, 2, 3), axes=((2, 3), (2, 3)), dots=((1,), (0,))),
        sample(normal(4, 3, 2), normal(2, 3, 2), axes=((0,), (2,)), dots=((1, 2), (1, 0))),
    ],
    scipy_signal.correlate: [
        *[sample(normal(5), normal(3), mode) for mode in ("full", "same", "valid")],
        sample(normal(3, 4), normal(2, 3), method="fft"),
    ],
}

_DOUBLE = ("float64",)  # SciPy's own distributions compute in double precision


def _double(*args: Any, **kwargs: Any) -> Sample:
    return sample(*args, dtypes=_DOUBLE, **kwargs)


def _moved(*arguments: Any) -> list[Sample]:
    """Calls of a method of a distribution: the variable and the shape parameters as they are, then with a location and
    a scale.
    """
    return [
        _double(*arguments),
        _double(*arguments, between(-0.2, 0.2), between(1.0, 2.0)),
        _double(*arguments, scale=2.0),
        _double(*arguments, 0.1),
    ]


def _methods(dist: Any, names: str) -> list[Any]:
    return [getattr(dist, name) for name in names.split()]


def _swapped(fn: Any) -> Any:
    """Make a function of the covariance first."""

    def of_covariance(cov: Any, *args: Any) -> Any:
        return fn(*args, cov=cov)

    of_covariance.__name__ = fn.__name__
    return of_covariance


STATS: dict[Any, list[Sample]] = {
    **{method: _moved(normal()) for method in _methods(scipy_stats.norm, "pdf logpdf cdf logcdf sf logsf")},
    **{method: _moved(between(0.1, 0.9)) for method in _methods(scipy_stats.norm, "ppf isf")},
    **{method: _moved(normal(), positive()) for method in _methods(scipy_stats.t, "pdf logpdf")},
    **{method: _moved(normal(), 2.5) for method in _methods(scipy_stats.t, "cdf sf logcdf logsf")},
    stats.t._log_cdf: [_double(normal(), 3.0), _double(values([-1e4, -1e8]), 200.0)],
    stats.multivariate_normal._singular_logpdf: [_double(normal(3, 2), np.diag([2.0, 0.5]), argnums=(0,))],
    stats.t._cdf: [_double(normal(), 3.0)],
    stats.t._log_constant: [_double(positive()), _double(values([0.3, 50.0]))],
    stats.t._log_kernel: [_double(normal(), positive())],
    **{method: _moved(positive(), positive()) for method in _methods(scipy_stats.gamma, "pdf logpdf")},
    **{method: _moved(positive(), positive()) for method in _methods(scipy_stats.gamma, "cdf sf")},
    **{method: _moved(positive(), positive()) for method in _methods(scipy_stats.chi2, "pdf logpdf")},
    **{method: _moved(positive(), positive()) for method in _methods(scipy_stats.chi2, "cdf sf")},
    **{
        method: _moved(between(0.3, 0.6), positive(), positive())[:3]
        for method in _methods(scipy_stats.beta, "pdf logpdf")
    },
    **{method: _moved(between(0.3, 0.6), 2.5, 0.7)[:3] for method in _methods(scipy_stats.beta, "cdf sf")},
    **{
        method: [_double(np.array([0, 3, 7]), positive(2, 1)), _double(2, positive()), _double(2.0, positive(), 1)]
        for method in _methods(scipy_stats.poisson, "pmf logpmf cdf sf")
    },
    **{
        method: [_double(between(0.1, 0.3, 2), positive(3)), _double(between(0.1, 0.2, 3, 2), positive(4))]
        for method in _methods(scipy_stats.dirichlet, "pdf logpdf")
    },
    stats.dirichlet._density: [_double(between(0.1, 0.3, 2), positive(3))],
    _on(hermitian, _swapped(stats.multivariate_normal.logpdf), *_methods(scipy_stats.multivariate_normal, "logpdf")): [
        _double(_square, normal(3), normal(3)),
        _double(_square, normal(2, 4, 3), normal(3)),
        _double(normal(1, 1), normal(4), normal(1)),
    ],
    _on(hermitian, _swapped(stats.multivariate_normal.pdf), *_methods(scipy_stats.multivariate_normal, "pdf")): [
        _double(_square, normal(5, 3), normal(3))
    ],
    _on(
        hermitian, _swapped(stats.multivariate_normal.entropy), *_methods(scipy_stats.multivariate_normal, "entropy")
    ): [_double(_square)],
}


def _pendulum(y: Any, t: Any, k: Any) -> Any:
    """A damped and driven pendulum; linear in nothing."""
    return np.stack([y[1], -k[0] * np.sin(y[0]) - k[1] * y[1] + np.cos(t)])


def _decay(t: Any, y: Any, k: Any) -> Any:
    return -k * y


def _alarm(t: Any, y: Any, k: Any) -> Any:
    return t - 0.5 - 0.1 * y[0] * k[0]


_problem = ivp._Problem(_decay, (np.ones(2),), [True], "DOP853", False, {"rtol": 1e-12, "atol": 1e-13}, events=[_alarm])

INTEGRATE: dict[Any, list[Sample]] = {
    integrate._odeint: [
        _double(
            normal(2), values([0.0, 0.3, 1.0]), positive(2), dynamics=_pendulum, options={"rtol": 1e-12, "atol": 1e-13}
        ),
    ],
    ivp._ivp: [_double(normal(2), values([0.0, 0.3, 1.0]), positive(2), dynamics=_problem.dynamics, problem=_problem)],
    ivp._moments: [_double(between(-1.0, 1.0, 2), values([0.0, 2.0]), between(0.5, 1.0, 2), problem=_problem, which=0)],
}

SPARSE: dict[Any, list[Sample]] = {
    fn: [sample(normal(3), _SPARSE), sample(normal(3, 2), _SPARSE)] for fn in (sparse._product, sparse._solution)
}

SAMPLES: dict[Any, list[Sample]] = {**SPECIAL, **LINALG, **SIGNAL, **STATS, **INTEGRATE, **SPARSE}
