"""Derivatives of linear algebra: systems of equations, inverses, determinants, norms.

Cotangents are transposes without conjugation, so a formula that a paper writes for the conjugate gradient stands here
conjugated. All functions work on stacks of matrices, and broadcast where NumPy's do. Factorisations are in
`autograd.rules.decompose`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.errors import OperandError, ShapeError
from autograd.registry.define import defacts, defcomposite, defjoint, defjvp, defvjp, operation
from autograd.rules.batch import defbatch, defbatch_of_one, flattened, from_end, on_stacks, widened
from autograd.rules.elementwise import along
from autograd.rules.reduce import kept
from autograd.rules.shape import array_of, sum_to


def conjugated(x: Any) -> Any:
    """Return the conjugate; a real array as it is, without a copy."""
    return np.conjugate(x) if np.iscomplexobj(x) else x


def transposed(x: Any) -> Any:
    """Return the transposes of a stack of matrices."""
    return np.swapaxes(x, -1, -2)


def adjoint(x: Any) -> Any:
    """Return the conjugate transposes of a stack of matrices."""
    return conjugated(np.swapaxes(x, -1, -2))


def hermitian_part(x: Any) -> Any:
    """Return ``(x + x^H) / 2``."""
    return (x + adjoint(x)) * 0.5


def unit(n: int) -> Any:
    """Return where the diagonal of a matrix is, as a mask."""
    return np.eye(n, dtype=bool)


def spread_spectrum(weights: Any, u: Any, vh: Any) -> Any:
    """``conj(u) diag(weights) conj(vh)``: the cotangent of a matrix whose singular values have the given ones."""
    return (conjugated(u) * weights[..., None, :]) @ conjugated(vh)


# ----------------------------------------------------------------------------------------------- equations and inverses
def _solve(argnums: Any, g: Any, ans: Any, a: Any, _b: Any) -> list[Any]:
    """``a^-T g`` for the right-hand side, minus its product with the solution for the matrix."""
    if _b.ndim == 1:
        g, ans = g[..., None], ans[..., None]
    c = np.linalg.solve(transposed(a), g)
    of_b = c[..., 0] if _b.ndim == 1 else c
    return [sum_to(of_b, _b.shape) if argnum else sum_to(-c @ transposed(ans), a.shape) for argnum in argnums]


def _pinv(g: Any, ans: Any, a: Any, *, rcond: Any = None, hermitian: bool = False, rtol: Any = None) -> Any:
    """The derivative of a pseudoinverse where the rank is constant: a singular value that was cut off counts as 0.

    With ``P = pinv(A)``: ``dP = -P dA P + P P^H dA^H (1 - A P) + (1 - P A) dA^H P^H P`` (G. H. Golub and V. Pereyra,
    "The differentiation of pseudo-inverses and nonlinear least squares problems whose variables separate", SIAM Journal
    on Numerical Analysis 10 (2), 1973, 413-432, equation 4.12)."""
    p, gt = ans, transposed(g)
    left, right = gt @ p, p @ gt
    c = conjugated((gt - a @ right) @ p @ adjoint(p) + adjoint(p) @ p @ (gt - left @ a)) - transposed(
        p
    ) @ g @ transposed(p)
    return hermitian_part(c) if hermitian else c


defjoint(np.linalg.solve, _solve)
defvjp(np.linalg.inv, lambda g, ans, _a: -(transposed(ans) @ g @ transposed(ans)))
defjvp(np.linalg.inv, lambda t, ans, _a: -(ans @ t @ ans))
defvjp(np.linalg.pinv, _pinv)


# --------------------------------------------------------------------------------------------------- determinants
@operation
def cofactors(a: Any) -> Any:
    """Return the cofactors of square matrices, singular ones too: the derivative of their determinants.

    That is ``det(a) a^-T`` where ``a`` is well conditioned. Elsewhere, with ``a = U diag(s) Vh``, it is ``det(U)
    det(Vh) conj(U) diag(p) conj(Vh)``, where each ``p`` is the product of all singular values but one, which needs no
    division."""
    if not a.size:
        return np.zeros_like(a)
    if np.all(np.linalg.cond(a, 1) < np.finfo(a.dtype).eps ** -0.25):
        return np.linalg.det(a)[..., None, None] * transposed(np.linalg.inv(a))
    u, s, vh = np.linalg.svd(a)
    others = np.prod(np.where(unit(s.shape[-1]), 1, s[..., None, :]), axis=-1)
    return spread_spectrum((np.linalg.det(u) * np.linalg.det(vh))[..., None] * others, u, vh)


@operation
def second_cofactors(a: Any, g: Any) -> Any:
    """Return the change of the cofactors of ``a`` along ``g``: the second derivative of the determinant, exact for
    every rank.

    Where ``a = U b Vh`` with ``b = diag(s)``, and ``q[i, j]`` the product of all singular values but two, the cofactors
    of ``b`` change by ``sum(q[i, j] db[j, j])`` on the diagonal and by ``-q[i, j] db[j, i]`` off it."""
    u, s, vh = np.linalg.svd(a)
    one = unit(np.shape(s)[-1])
    q = np.where(one, 0, np.prod(np.where(one[:, None, :] | one[None, :, :], 1, s[..., None, None, :]), axis=-1))
    h = (np.linalg.det(u) * np.linalg.det(vh))[..., None, None] * (adjoint(u) @ g @ adjoint(vh))
    diagonal = np.matmul(q, np.diagonal(h, axis1=-2, axis2=-1)[..., None])
    return conjugated(u) @ np.where(one, diagonal, -q * transposed(h)) @ conjugated(vh)


def _third_cofactors(k: Any, _: Any, a: Any, g: Any) -> Any:
    """The third derivative of the determinant, along ``g`` and ``k``, exact for every rank.

    `second_cofactors` is a polynomial of ``a``. Its derivative along ``k`` is the mean of its values at ``a + t k``
    over ``t``, for enough ``t`` on a circle around 0 (Cauchy's integral formula, of which the trapezoidal rule is exact
    for polynomials)."""
    count = max(np.shape(a)[-1] - 2, 2)
    size, step = (np.linalg.norm(each, axis=(-2, -1), keepdims=True) for each in (a, k))
    radius = np.where(np.equal(size, 0), 1, size) / np.where(np.equal(step, 0), 1, step)
    c: Any = 0
    for i in range(count):
        t = radius * complex(math.cos(2 * math.pi * i / count), math.sin(2 * math.pi * i / count))
        c = c + second_cofactors(a + t * k, g) / (t * count)
    return c if np.iscomplexobj(a) else np.real(c)


def _slogdet(g: Any, ans: Any, a: Any) -> Any:
    """``g a^-T`` for the logarithm. The sign of a real determinant is constant, that of a complex one turns with it."""
    slope = g[1] + 1j * np.imag(g[0] * ans[0]) if np.iscomplexobj(a) else g[1]
    return slope[..., None, None] * transposed(np.linalg.inv(a))


defvjp(np.linalg.det, lambda g, _, a: g[..., None, None] * cofactors(a))
defvjp(cofactors, lambda g, _, a: second_cofactors(a, g))
defvjp(second_cofactors, _third_cofactors, lambda k, _, a, _g: second_cofactors(a, k))
defvjp(np.linalg.slogdet, _slogdet)


# --------------------------------------------------------------------------------------------------- norms
def _norm(g: Any, ans: Any, x: Any, *, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The norms of vectors and of matrices; 0 where a norm vanishes, and equal shares at a tie."""
    axes = tuple(range(x.ndim)) if axis is None else tuple(axis) if np.ndim(axis) else (axis,)
    g, norm = kept(g, x, axes), kept(ans, x, axes)
    if ord in (None, "fro", "f") or (ord == 2 and len(axes) == 1):
        return along(g, conjugated(x), norm)
    if len(axes) == 2 and ord in (2, -2, "nuc"):
        return _spectral_norm(g, x, ord, axes)
    if ord == 0:
        return np.zeros_like(x)
    size, direction = np.absolute(x), conjugated(np.sign(x))
    if len(axes) == 2:
        return _shared(g, np.sum(size, axis=axes[0 if abs(ord) == 1 else 1], keepdims=True), ord, axes) * direction
    if abs(ord) == np.inf:
        return _shared(g, size, ord, axes) * direction
    if ord == 1:
        return g * direction
    none = np.equal(norm, 0)
    zero = np.equal(size, 0) | none
    share = np.where(zero, 0, np.power(np.where(zero, 1, size) / np.where(none, 1, norm), ord - 1))
    return np.where(none, along(g, conjugated(x), norm), g * share * direction)


def _shared(g: Any, sizes: Any, ord: float, axes: tuple[int, ...]) -> Any:
    """Give what is largest (or, where ``ord`` is negative, smallest) the cotangent, in equal parts."""
    chosen = np.equal(
        sizes, (np.max if ord > 0 else np.min)(sizes, axis=axes, keepdims=True, initial=0 if ord > 0 else math.inf)
    )
    count = np.sum(chosen, axis=axes, keepdims=True)
    return np.where(chosen, g / np.maximum(count, 1).astype(g.dtype), 0)


def _spectral_norm(g: Any, x: Any, ord: Any, axes: tuple[int, ...]) -> Any:
    """The norms that are the largest, the smallest, or the sum of the singular values, of which those that are 0 get
    nothing.
    """
    u, s, vh = np.linalg.svd(np.moveaxis(x, axes, (-2, -1)), full_matrices=False)
    g = np.moveaxis(g, axes, (-2, -1))[..., 0] if np.ndim(g) else g
    weights = g if ord == "nuc" else _shared(g, s, ord, (-1,))
    return np.moveaxis(spread_spectrum(np.where(np.equal(s, 0), 0, weights), u, vh), (-2, -1), axes)


def _cond(g: Any, ans: Any, x: Any, *, p: Any = None) -> Any:
    """A quotient of singular values, or a norm times that of the inverse; NumPy 2.3 returns it as a complex number of a
    complex matrix.
    """
    g, ans, axes = np.real(g)[..., None, None], np.real(ans)[..., None, None], (-2, -1)
    if p in (None, 2, -2):
        largest, smallest = (2, -2) if p != -2 else (-2, 2)
        divisor = np.linalg.norm(x, smallest, axes, True)
        return _spectral_norm(g / divisor, x, largest, axes) - _spectral_norm(g * ans / divisor, x, smallest, axes)
    inverse = np.linalg.inv(x)
    of_x, of_inverse = np.linalg.norm(x, p, axes, True), np.linalg.norm(inverse, p, axes, True)
    c = transposed(inverse) @ _norm(g * of_x, of_inverse, inverse, ord=p, axis=axes) @ transposed(inverse)
    return _norm(g * of_inverse, of_x, x, ord=p, axis=axes) - c


defvjp(np.linalg.norm, _norm)
defvjp(np.linalg.cond, _cond)


# ----------------------------------------------------------------------------------------------- what is made of others
@defcomposite(np.linalg.lstsq)
def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """The solution by the pseudoinverse, the sums of squares of what it leaves, the rank, the singular values."""
    a, b = array_of(a), array_of(b)
    if a.ndim != 2 or b.ndim not in (1, 2):
        raise ShapeError(
            f"lstsq takes one matrix, and one or several right-hand sides: received shapes {a.shape} and {b.shape}."
        )
    m, n = a.shape
    s = np.linalg.svdvals(a)
    eps = float(np.finfo(s.dtype).eps)
    rcond = eps * max(m, n) if rcond is None else eps if rcond < 0 else rcond
    x = np.linalg.pinv(a, rcond) @ b
    rank = np.sum(s > rcond * np.max(s, initial=0), dtype=np.int32)
    rest = b - a @ x
    squares = np.sum(np.real(rest * conjugated(rest)), axis=0) if m > n == int(rank) else np.zeros(0, s.dtype)
    return x, np.reshape(squares, (-1,)), rank, s


@defcomposite(np.linalg.matrix_power)
def _matrix_power(a: Any, n: Any) -> Any:
    """Square, and multiply where the exponent has a bit."""
    a = array_of(a)
    if not isinstance(n, (int, np.integer)):
        raise OperandError(f"matrix_power takes an integer as the exponent: received {n!r}.")
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ShapeError(f"matrix_power takes square matrices: received shape {a.shape}.")
    if n == 0:
        return np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape)
    square, result = np.linalg.inv(a) if n < 0 else a, None
    for bit in reversed(f"{abs(n):b}"):
        if bit == "1":
            result = square if result is None else result @ square
        square = square @ square if n not in (1, -1) else square
    return result


@defcomposite(np.linalg.multi_dot, lists=1)
def _multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """Multiply in the order that takes the fewest multiplications (T. H. Cormen et al., "Introduction to Algorithms",
    section 15.2).
    """
    factors = [array_of(each) for each in arrays]
    if (
        len(factors) < 2
        or any(each.ndim != 2 for each in factors[1:-1])
        or any(each.ndim not in (1, 2) for each in factors)
    ):
        raise ShapeError(
            f"multi_dot takes two matrices or more, of which the first and the last may be vectors: received shapes "
            f"{[each.shape for each in factors]}."
        )
    rows = [1 if i == 0 and each.ndim == 1 else each.shape[0] for i, each in enumerate(factors)]
    sizes = [*rows, 1 if factors[-1].ndim == 1 else factors[-1].shape[1]]
    n = len(factors)
    best = {(i, i): (0, i) for i in range(n)}  # the cost of the product of factors i to j, and where it is split
    for i, j in [(i, i + length) for length in range(1, n) for i in range(n - length)]:
        best[i, j] = min(
            (best[i, k][0] + best[k + 1, j][0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)
        )

    def product(i: int, j: int) -> Any:
        k = best[i, j][1]
        return factors[i] if i == j else np.dot(product(i, k), product(k + 1, j))

    return product(0, n - 1)


@defcomposite(np.linalg.tensorsolve)
def _tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    a, b = array_of(a), array_of(b)
    if axes is not None:
        last = [axis % a.ndim for axis in axes]
        a = np.transpose(a, [i for i in range(a.ndim) if i not in last] + last)
    shape = a.shape[b.ndim :]
    if math.prod(shape) != b.size or math.prod(a.shape[: b.ndim]) != b.size:
        raise ShapeError(
            f"tensorsolve needs prod(a.shape[{b.ndim}:]) == prod(a.shape[:{b.ndim}]) == b.size: received {a.shape} and "
            f"{b.shape}."
        )
    return np.reshape(np.linalg.solve(np.reshape(a, (b.size, b.size)), np.ravel(b)), shape)


@defcomposite(np.linalg.tensorinv)
def _tensorinv(a: Any, ind: int = 2) -> Any:
    a = array_of(a)
    rows, columns = a.shape[:ind], a.shape[ind:]
    if ind <= 0 or math.prod(rows) != math.prod(columns):
        raise ShapeError(
            f"tensorinv needs ind > 0 and prod(a.shape[:ind]) == prod(a.shape[ind:]): received shape {a.shape} and "
            f"ind={ind}."
        )
    return np.reshape(np.linalg.inv(np.reshape(a, (math.prod(rows), math.prod(columns)))), (*columns, *rows))


@defcomposite(np.cross)
def _cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """Multiply vectors of 3 components, or of 2, whose third one is 0; of two vectors of 2 components there is the
    third one alone.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(array_of(a), axisa, -1), np.moveaxis(array_of(b), axisb, -1)
    if {a.shape[-1], b.shape[-1]} - {2, 3}:
        raise ShapeError(
            f"a cross product takes vectors of 2 or 3 components: received {a.shape[-1]} and {b.shape[-1]}."
        )
    (a0, a1, a2), (b0, b1, b2) = _components(a), _components(b)
    last = a0 * b1 - a1 * b0
    if a2 is None and b2 is None:
        return last
    first = -a2 * b1 if b2 is None else a1 * b2 if a2 is None else a1 * b2 - a2 * b1
    second = a2 * b0 if b2 is None else -a0 * b2 if a2 is None else a2 * b0 - a0 * b2
    return np.moveaxis(np.stack([first, second, last], axis=-1), -1, axisc)


def _components(vectors: Any) -> list[Any]:
    parts = [vectors[..., i] for i in range(vectors.shape[-1])]
    return parts if len(parts) == 3 else [*parts, None]


@defcomposite(np.linalg.cross)
def _cross_of_three(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    x1, x2 = array_of(x1), array_of(x2)
    if x1.shape[axis] != 3 or x2.shape[axis] != 3:
        raise ShapeError(f"linalg.cross takes vectors of 3 components: received {x1.shape[axis]} and {x2.shape[axis]}.")
    return _cross(x1, x2, axis=axis)


@defcomposite(np.linalg.outer)
def _outer(x1: Any, x2: Any, /) -> Any:
    x1, x2 = array_of(x1), array_of(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ShapeError(
            f"linalg.outer takes two vectors: received shapes {x1.shape} and {x2.shape}. Use np.multiply.outer."
        )
    return x1[:, None] * x2


@defcomposite(np.linalg.vector_norm)
def _vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """The norm of what the axes hold, as one vector."""
    x = array_of(x)
    axes = [i % x.ndim for i in (range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,))]
    others = [i for i in range(x.ndim) if i not in axes]
    rows = np.reshape(
        np.transpose(x, [*others, *axes]), (*[x.shape[i] for i in others], math.prod([x.shape[i] for i in axes]))
    )
    norm = np.linalg.norm(rows, ord, -1)
    return np.reshape(norm, tuple([1 if i in axes else n for i, n in enumerate(x.shape)])) if keepdims else norm


@defcomposite(np.linalg.matrix_norm)
def _matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    return np.linalg.norm(array_of(x), ord, (-2, -1), keepdims)


@defcomposite(np.linalg.matmul)
def _matmul(x1: Any, x2: Any, /) -> Any:
    return np.matmul(array_of(x1), array_of(x2))


@defcomposite(np.linalg.tensordot)
def _tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    return np.tensordot(array_of(x1), array_of(x2), axes)


@defcomposite(np.linalg.vecdot)
def _vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    product: Any = np.vecdot
    return product(array_of(x1), array_of(x2), axis=axis)


@defcomposite(np.linalg.matrix_transpose)
def _matrix_transpose(x: Any, /) -> Any:
    return np.matrix_transpose(array_of(x))


@defcomposite(np.linalg.diagonal)
def _diagonal(x: Any, /, *, offset: int = 0) -> Any:
    return np.diagonal(array_of(x), offset, -2, -1)


@defcomposite(np.linalg.trace)
def _trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    return np.trace(array_of(x), offset, -2, -1, dtype)


# --------------------------------------------------------------------------------------------------- batches
_fn: Any
for _fn in (np.linalg.inv, np.linalg.pinv, np.linalg.det, np.linalg.slogdet, np.linalg.cond):
    defacts(_fn, batch=on_stacks(_fn))


@defbatch_of_one(np.linalg.norm)
def _norm_batch(x: Any, ndim: int, *, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if axis is None and ord is None:
        return np.linalg.norm(flattened(x), axis=-1) if not keepdims else NotImplemented
    axis = tuple(range(ndim)) if axis is None else axis
    axis = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
    return np.linalg.norm(x, ord, from_end(axis, ndim), keepdims)


@defbatch(np.linalg.solve)
def _solve_batch(size: int, mapped: Any, a: Any, b: Any) -> Any:
    of_a, of_b = mapped
    widths = np.ndim(a) - of_a, np.ndim(b) - of_b
    if widths == (2, 1):
        return (
            np.linalg.solve(a, b[..., None])[..., 0]
            if of_a
            else np.swapaxes(np.linalg.solve(a, np.swapaxes(b, 0, 1)), 0, 1)
        )
    if widths[1] < 2:
        return NotImplemented
    ndim = max(widths)
    return np.linalg.solve(widened(a, ndim) if of_a else a, widened(b, ndim) if of_b else b)


for _fn in (np.linalg.solve, np.linalg.inv, np.linalg.pinv, np.linalg.det, np.linalg.slogdet, np.linalg.norm):
    defacts(_fn, static=True, fresh=True)
defacts(np.linalg.cond, cofactors, second_cofactors, static=True, fresh=True)
defacts(np.linalg.pinv, np.linalg.slogdet, analytic=False)
