"""The names of `scipy.linalg`, differentiable.

The formulas are those of M. Giles, "An extended collection of matrix derivative results for forward and reverse mode
algorithmic differentiation", Oxford University Computing Laboratory report NA-08/01 (2008), without conjugates: ``g``
pairs with ``dx`` as ``sum(g * dx)``. The flags ``overwrite_a`` and ``overwrite_b`` are taken and have no effect: a
tensor is a value."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import linalg

from autograd.core.tensor import Tensor
from autograd.errors import NoDerivativeError, OperandError, ShapeError
from autograd.numpy.wrapping import wrap_composite, wrap_constant
from autograd.registry.define import defcomposite, defvjp, operation
from autograd.rules.linalg import cofactors as _cofactors
from autograd.rules.shape import Axis, array_of, sum_to

_TRANS = {"N": 0, "T": 1, "C": 2}
_HERMITIAN = ("her", "hermitian", "pos", "positive definite")


def _array(x: Any) -> Any:
    """Make a tensor of a list, in which tensors may stand."""
    return Tensor(x) if isinstance(x, (list, tuple)) else array_of(x)


def _t(x: Any) -> Any:
    """Transpose the matrices on the last two axes."""
    return np.swapaxes(x, -1, -2)


def _h(x: Any) -> Any:
    """Transpose and conjugate."""
    return np.conjugate(_t(x))


def _outer(x: Any, y: Any) -> Any:
    """``x @ y.T``; vectors count as matrices of one column."""
    if np.ndim(x) == 1:
        return x[:, None] * y[None, :]
    return np.matmul(x, _t(y))


# ------------------------------------------------------------------------------------------------- systems of equations
@operation
def _solve_triangular(a: Any, b: Any, trans: int, lower: bool, unit_diagonal: bool) -> Any:
    return linalg.solve_triangular(a, b, trans=trans, lower=lower, unit_diagonal=unit_diagonal)


def _solve_triangular_b(g: Any, a: Any, trans: int, lower: bool, unit_diagonal: bool) -> Any:
    """Solve with the transposed matrix; the transpose of a conjugate transpose is a conjugate."""
    if trans == 2:
        return np.conjugate(_solve_triangular(a, np.conjugate(g), trans=0, lower=lower, unit_diagonal=unit_diagonal))
    return _solve_triangular(a, g, trans=1 - trans, lower=lower, unit_diagonal=unit_diagonal)


def _solve_triangular_a(g: Any, ans: Any, a: Any, trans: int, lower: bool, unit_diagonal: bool) -> Any:
    """``-(A^-T g) x^T``, or what it becomes with a transposed matrix, in the triangle that is read."""
    c = _solve_triangular_b(g, a, trans, lower, unit_diagonal)
    full = -_outer(c, ans) if trans == 0 else -_outer(ans, c) if trans == 1 else -np.conjugate(_outer(ans, c))
    off = -1 if unit_diagonal else 0
    return sum_to(np.tril(full, off) if lower else np.triu(full, -off), np.shape(a))


defvjp(
    _solve_triangular,
    lambda g, ans, a, _b, *, trans, lower, unit_diagonal: _solve_triangular_a(g, ans, a, trans, lower, unit_diagonal),
    lambda g, _, a, _b, *, trans, lower, unit_diagonal: sum_to(
        _solve_triangular_b(g, a, trans, lower, unit_diagonal), _b.shape
    ),
    static=True,
    fresh=True,
)


@defcomposite(linalg.solve_triangular)
def _solve_triangular_of(
    a: Any,
    b: Any,
    trans: Any = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    trans = _TRANS.get(trans, trans)
    return _solve_triangular(_array(a), _array(b), trans=trans, lower=bool(lower), unit_diagonal=bool(unit_diagonal))


@operation
def _solve(a: Any, b: Any, assume_a: Any, lower: bool) -> Any:
    return linalg.solve(a, b, assume_a=assume_a, lower=lower)


def _solve_b(g: Any, a: Any, assume_a: Any, lower: bool) -> Any:
    """Solve with the transposed matrix: that of a symmetric one is itself, that of a Hermitian one its conjugate."""
    if assume_a in (None, "gen", "general"):
        return _solve(_t(a), g, assume_a=assume_a, lower=lower)
    if assume_a in ("sym", "symmetric"):
        return _solve(a, g, assume_a=assume_a, lower=lower)
    if assume_a in _HERMITIAN:
        return np.conjugate(_solve(a, np.conjugate(g), assume_a=assume_a, lower=lower))
    raise NoDerivativeError(
        f'scipy.linalg.solve has a derivative with assume_a="gen", "sym", "her" and "pos": received {assume_a!r}. '
        f"Leave assume_a out, or use solve_triangular."
    )


def _solve_a(g: Any, ans: Any, a: Any, assume_a: Any, lower: bool) -> Any:
    """``-(A^-T g) x^T``. Of a symmetric matrix one triangle is read, and the cotangent is symmetric: see `cholesky`."""
    full = sum_to(-_outer(_solve_b(g, a, assume_a, lower), ans), np.shape(a))
    if assume_a in ("sym", "symmetric"):
        return (full + _t(full)) * 0.5
    return (full + _h(full)) * 0.5 if assume_a in _HERMITIAN else full


defvjp(
    _solve,
    lambda g, ans, a, _b, *, assume_a, lower: _solve_a(g, ans, a, assume_a, lower),
    lambda g, _, a, _b, *, assume_a, lower: sum_to(_solve_b(g, a, assume_a, lower), _b.shape),
    static=True,
    fresh=True,
)


@defcomposite(linalg.solve)
def _solve_of(
    a: Any,
    b: Any,
    lower: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    assume_a: Any = None,
    transposed: bool = False,
) -> Any:
    a = _array(a)
    if transposed and assume_a not in (None, "gen", "general"):
        raise OperandError(
            f"solve takes transposed=True of a general matrix only: received assume_a={assume_a!r}. Transpose the "
            f"matrix with .T."
        )
    return _solve(_t(a) if transposed else a, _array(b), assume_a=assume_a, lower=lower)


@operation
def _solve_banded(ab: Any, b: Any, l_and_u: tuple[int, int]) -> Any:
    return linalg.solve_banded(l_and_u, ab, b)


def _transposed_bands(ab: Any, l_and_u: tuple[int, int]) -> Any:
    """Return the bands of the transposed matrix: in reverse order, each moved to its own columns."""
    lower, upper = l_and_u
    n = np.shape(ab)[1]
    rows = []
    for row in range(lower + upper, -1, -1):
        offset = upper - row  # of the old band: column minus row
        zeros = np.zeros(min(abs(offset), n), ab.dtype)
        band = ab[row]
        rows.append(np.concatenate([band[offset:], zeros] if offset >= 0 else [zeros, band[:offset]])[:n])
    return np.stack(rows)


def _solve_banded_b(g: Any, ab: Any, l_and_u: tuple[int, int]) -> Any:
    return _solve_banded(_transposed_bands(ab, l_and_u), g, l_and_u=l_and_u[::-1])


def _solve_banded_ab(g: Any, ans: Any, ab: Any, l_and_u: tuple[int, int]) -> Any:
    """``-(A^-T g) x^T`` along the bands: element ``(i, j)`` of the matrix stands in row ``u + i - j``, column ``j``."""
    lower, upper = l_and_u
    c = _solve_banded_b(g, ab, l_and_u)
    c, x = (np.reshape(each, (np.shape(each)[0], -1)) for each in (c, ans))
    n = np.shape(x)[0]
    i = np.arange(lower + upper + 1)[:, None] - upper + np.arange(n)
    inside = (i >= 0) & (i < n)
    return np.where(inside, -np.sum(c[np.clip(i, 0, n - 1)] * x, axis=-1), 0)


defvjp(
    _solve_banded,
    lambda g, ans, ab, _b, *, l_and_u: _solve_banded_ab(g, ans, ab, l_and_u),
    lambda g, _, ab, _b, *, l_and_u: _solve_banded_b(g, ab, l_and_u),
    static=True,
    fresh=True,
)


@defcomposite(linalg.solve_banded)
def _solve_banded_of(
    l_and_u: Any,
    ab: Any,
    b: Any,
    overwrite_ab: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    lower, upper = (operator.index(each) for each in l_and_u)
    ab, b = _array(ab), _array(b)
    if np.ndim(ab) != 2 or np.ndim(b) not in (1, 2) or np.shape(ab)[0] != lower + upper + 1:
        raise ShapeError(
            f"solve_banded takes bands of shape ({lower + upper + 1}, n) for l_and_u={(lower, upper)}, and a vector or "
            f"a matrix: received shapes {np.shape(ab)} and {np.shape(b)}."
        )
    return _solve_banded(ab, b, l_and_u=(lower, upper))


@operation
def _inv(a: Any) -> Any:
    return linalg.inv(a)


@operation
def _det(a: Any) -> Any:
    return linalg.det(a)


defvjp(_inv, lambda g, ans, _a: -np.matmul(_t(ans), np.matmul(g, _t(ans))), static=True, fresh=True)
defvjp(_det, lambda g, _, a: np.reshape(g, (*np.shape(a)[:-2], 1, 1)) * _cofactors(a), static=True, fresh=True)


@defcomposite(linalg.inv)
def _inv_of(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    return _inv(_array(a))


@defcomposite(linalg.det)
def _det_of(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    return _det(_array(a))


# --------------------------------------------------------------------------------------------------- factorisations
@operation
def _cholesky(a: Any) -> Any:
    return linalg.cholesky(a, lower=True)


def _half(x: Any) -> Any:
    """The lower triangle with half the diagonal."""
    return np.tril(x) - np.eye(np.shape(x)[-1], dtype=x.dtype) * x * 0.5


def _cholesky_vjp(g: Any, ans: Any, _a: Any) -> Any:
    """``L^-H half(L^H G) L^-1``, and of that the Hermitian part (I. Murray, "Differentiation of the Cholesky
    decomposition", 2016, eq. 10).
    """
    inside = _h(_half(np.matmul(_h(ans), np.conjugate(g))))
    left = _solve_triangular(ans, inside, trans=2, lower=True, unit_diagonal=False)
    full = _solve_triangular(ans, _h(left), trans=2, lower=True, unit_diagonal=False)
    return np.conjugate(full + _h(full)) * 0.5


defvjp(_cholesky, _cholesky_vjp, static=True, fresh=True)


@defcomposite(linalg.cholesky)
def _cholesky_of(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """One triangle is read. The cotangent is Hermitian: that of a matrix which only ever changes as a Hermitian one."""
    a = _array(a)
    return _cholesky(a) if lower else _h(_cholesky(_h(a)))


@defcomposite(linalg.cho_factor)
def _cho_factor(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The triangle that holds nothing of the factor is 0 here."""
    return _cholesky_of(a, lower), lower


@defcomposite(linalg.cho_solve, lists=-1)
def _cho_solve(c_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True) -> Any:
    c, lower = c_and_lower
    y = _solve_triangular_of(c, b, trans=0 if lower else 2, lower=lower)
    return _solve_triangular_of(c, y, trans=2 if lower else 0, lower=lower)


@operation
def _lu(a: Any) -> Any:
    return linalg.lu(a)


def _lu_vjp(g: Any, ans: Any, _a: Any) -> Any:
    """``P L^-T (tril(L^T gL, -1) + triu(gU U^T)) U^-T`` for square matrices; rows change places at isolated points
    only.
    """
    if _a.shape[-1] != _a.shape[-2]:
        raise NoDerivativeError(f"scipy.linalg.lu has a derivative for square matrices: received shape {_a.shape}.")
    p, lower, upper = ans
    inside = np.tril(np.matmul(_t(lower), g[1]), -1) + np.triu(np.matmul(g[2], _t(upper)))
    right = _t(_solve_triangular(upper, _t(inside), trans=0, lower=False, unit_diagonal=False))
    return np.matmul(p, _solve_triangular(lower, right, trans=1, lower=True, unit_diagonal=True))


defvjp(_lu, _lu_vjp, static=True, fresh=True)


@defcomposite(linalg.lu)
def _lu_of(
    a: Any, permute_l: bool = False, overwrite_a: bool = False, check_finite: bool = True, p_indices: bool = False
) -> Any:
    if p_indices:
        raise NoDerivativeError(
            "lu with p_indices=True is not known here: leave it out, and take P as the matrix that it is."
        )
    p, lower, upper = _lu(_array(a))
    return (np.matmul(p, lower), upper) if permute_l else (p, lower, upper)


# ------------------------------------------------------------------------------------------------ functions of matrices
_expm, _logm, _sqrtm = operation(linalg.expm), operation(linalg.logm), operation(linalg.sqrtm)
_solve_sylvester = operation(linalg.solve_sylvester)


def _adjoint(fn: Any, g: Any, a: Any) -> Any:
    """The adjoint of the Frechet derivative of a function of matrices: the upper right block of ``f([[A^T, G], [0,
    A^T]])``.

    N. J. Higham, "Functions of Matrices" (2008), equation (3.16). It is linear in G, which is scaled to the size of a
    number near 1 by a power of two, so that it does not decide on how the block matrix is scaled."""
    n = np.shape(a)[-1]
    largest = np.max(np.absolute(g), axis=(-2, -1), keepdims=True, initial=0)
    scale = np.exp2(np.ceil(np.log2(np.where(np.equal(largest, 0), 1, largest))))
    upper = np.concatenate([_t(a), (g / scale).astype(np.result_type(a, g))], axis=-1)
    lower = np.concatenate([np.zeros_like(a), _t(a)], axis=-1)
    return fn(np.concatenate([upper, lower], axis=-2))[..., :n, n:] * scale


def _square_root_vjp(g: Any, ans: Any, _a: Any) -> Any:
    """``dX = dS S + S dS``: solve ``S^T C + C S^T = G``."""
    return _solve_sylvester(_t(ans), _t(ans), g)


defvjp(_expm, lambda g, _, a: _adjoint(_expm, g, a), static=True, fresh=True)
defvjp(_logm, lambda g, _, a: _adjoint(_logm, g, a), static=False, fresh=True)
defvjp(_sqrtm, _square_root_vjp, static=False, fresh=True)
defvjp(
    _solve_sylvester,
    lambda g, ans, a, b, _q: -np.matmul(_solve_sylvester(_t(a), _t(b), g), _t(ans)),
    lambda g, ans, a, b, _q: -np.matmul(_t(ans), _solve_sylvester(_t(a), _t(b), g)),
    lambda g, _, a, b, _q: _solve_sylvester(_t(a), _t(b), g),
    static=True,
    fresh=True,
)


@defcomposite(linalg.solve_continuous_lyapunov)
def _solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    a = _array(a)
    return _solve_sylvester(a, _h(a), _array(q))


# ---------------------------------------------------------------------------------------------- norms, special matrices
@defcomposite(linalg.norm)
def _norm(a: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False, check_finite: bool = True) -> Any:
    return np.linalg.norm(_array(a), ord=ord, axis=axis, keepdims=keepdims)


def _line(x: Any, name: str) -> Any:
    x = _array(x)
    if np.ndim(x) > 1:
        raise ShapeError(f"{name} takes vectors here: received shape {np.shape(x)}. Make one matrix of each.")
    return np.reshape(x, (-1,))


@defcomposite(linalg.toeplitz)
def _toeplitz(c: Any, r: Any = None) -> Any:
    c = _line(c, "toeplitz")
    r = np.conjugate(c) if r is None else _line(r, "toeplitz")
    m, n = np.shape(c)[0], np.shape(r)[0]
    return np.concatenate([c[::-1], r[1:]])[m - 1 - np.arange(m)[:, None] + np.arange(n)]


@defcomposite(linalg.hankel)
def _hankel(c: Any, r: Any = None) -> Any:
    c = _line(c, "hankel")
    r = np.zeros_like(c) if r is None else _line(r, "hankel")
    return np.concatenate([c, r[1:]])[np.arange(np.shape(c)[0])[:, None] + np.arange(np.shape(r)[0])]


@defcomposite(linalg.circulant)
def _circulant(c: Any) -> Any:
    c = _line(c, "circulant")
    n = np.shape(c)[0]
    return c[(np.arange(n)[:, None] - np.arange(n)) % n]


@defcomposite(linalg.block_diag)
def _block_diag(*arrs: Any) -> Any:
    blocks = [np.atleast_2d(_array(each)) for each in arrs] or [np.zeros((1, 0))]
    if any(np.ndim(each) > 2 for each in blocks):
        raise ShapeError(f"block_diag takes matrices here: received shapes {[np.shape(each) for each in blocks]}.")
    widths = [np.shape(each)[1] for each in blocks]
    rows = []
    for i, block in enumerate(blocks):
        before, after = (np.zeros((np.shape(block)[0], sum(w)), block.dtype) for w in (widths[:i], widths[i + 1 :]))
        rows.append(np.concatenate([before, block, after], axis=1))
    return np.concatenate(rows, axis=0)


solve_triangular = wrap_composite(linalg.solve_triangular)
solve = wrap_composite(linalg.solve)
solve_banded = wrap_composite(linalg.solve_banded)
inv = wrap_composite(linalg.inv)
det = wrap_composite(linalg.det)
cholesky = wrap_composite(linalg.cholesky)
cho_factor = wrap_composite(linalg.cho_factor)
cho_solve = wrap_composite(linalg.cho_solve)
lu = wrap_composite(linalg.lu)
expm = wrap_composite(_expm)
logm = wrap_composite(_logm)
sqrtm = wrap_composite(_sqrtm)
solve_sylvester = wrap_composite(_solve_sylvester)
solve_continuous_lyapunov = solve_lyapunov = wrap_composite(linalg.solve_continuous_lyapunov)
norm = wrap_composite(linalg.norm)
toeplitz = wrap_composite(linalg.toeplitz)
hankel = wrap_composite(linalg.hankel)
circulant = wrap_composite(linalg.circulant)
block_diag = wrap_composite(linalg.block_diag)


if not TYPE_CHECKING:  # a type checker takes this for a promise of every name

    def __getattr__(name: str) -> Any:
        """Pass a function through that has no derivative: of tensors that nothing tracks it takes the arrays."""
        if callable(found := getattr(linalg, name, None)):
            return found if isinstance(found, type) else wrap_constant(found, f"scipy.linalg.{name}")
        raise AttributeError(f"neither autograd.scipy.linalg nor scipy.linalg has a {name}.")
