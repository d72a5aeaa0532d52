"""Products with a constant sparse matrix of SciPy, and systems of equations with one, differentiable in the vector.

SciPy's own operators ask for the array of a tensor, which a tape refuses: write ``matmul(a, x)`` for ``a @ x``, and
``matmul(x, a)`` for ``x @ a``."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from autograd.core.tensor import Tensor, apply
from autograd.errors import OperandError, ShapeError
from autograd.registry.define import defacts, defjvp, defvjp, operation
from autograd.rules.shape import array_of


class _Matrix:
    """A sparse matrix and, once that was asked for, its transpose and its factors."""

    __slots__ = ("_factors", "_transpose", "given")

    def __init__(self, given: Any, transpose: _Matrix | None = None) -> None:
        self.given = given
        self._transpose = transpose
        self._factors: Any = None

    @property
    def transpose(self) -> _Matrix:
        """The transpose, whose transpose is this matrix."""
        if self._transpose is None:
            self._transpose = _Matrix(self.given.T.tocsr(), self)
        return self._transpose

    def solve(self, b: Any) -> Any:
        """Solve a system of equations, in double precision; the factors serve every right-hand side."""
        dtype = np.result_type(self.given.dtype, np.float64)
        if self._factors is None:
            self._factors = linalg.splu(self.given.astype(dtype).tocsc())
        if np.iscomplexobj(b) and dtype.kind != "c":
            return self.solve(b.real.copy()) + self.solve(b.imag.copy()) * np.complex64(1j)
        return self._factors.solve(b.astype(dtype)).astype(np.result_type(b, self.given.dtype), copy=False)


@operation
def _product(x: Any, matrix: _Matrix) -> Any:
    return np.asarray(matrix.given @ x)


@operation
def _solution(b: Any, matrix: _Matrix) -> Any:
    return matrix.solve(b)


defvjp(_product, lambda g, _, _x, matrix: _product(g, matrix.transpose), static=True, fresh=True)
defvjp(_solution, lambda g, _, _b, matrix: _solution(g, matrix.transpose), static=True, fresh=True)
defjvp(_product, lambda t, _, _x, matrix: _product(t, matrix))
defjvp(_solution, lambda t, _, _b, matrix: _solution(t, matrix))


def _of_columns(fn: Any) -> Any:
    """Make the batch rule of a function of the columns of a matrix: the batch becomes further columns."""

    def rule(size: int, mapped: Any, x: Any, matrix: _Matrix) -> Any:
        if mapped[0] is not True:
            return NotImplemented
        columns = np.moveaxis(x, 0, -1)
        result = fn(np.reshape(columns, (np.shape(columns)[0], -1)), matrix)
        return np.moveaxis(np.reshape(result, (-1, *np.shape(columns)[1:])), -1, 0)

    return rule


for _fn in (_product, _solution):
    defacts(_fn, batch=_of_columns(_fn))


def constant(a: Any, name: str) -> _Matrix:
    """Return a copy of a sparse matrix, which nobody changes."""
    if not sparse.issparse(a) or a.ndim != 2:
        raise OperandError(f"{name} takes one sparse matrix of SciPy: received a {type(a).__name__}. Use @ of tensors.")
    return _Matrix(a.copy().tocsr())


def matmul(x1: Any, x2: Any) -> Tensor:
    """Multiply a constant sparse matrix with a vector or a matrix, from the left or from the right.

    Parameters
    ----------
    x1, x2 : sparse array, sparse matrix, Tensor or array_like
        One of them is sparse, and constant. The other one has one or two axes.

    Returns
    -------
    Tensor

    Raises
    ------
    OperandError
        If not exactly one of them is sparse.
    ShapeError
        If the other one has no axis, or more than two.

    Examples
    --------
    >>> import scipy
    >>> a = scipy.sparse.csr_array([[2.0, 0.0], [0.0, 3.0]])
    >>> autograd.grad(lambda x: (autograd.scipy.sparse.matmul(a, x) ** 2).sum())(np.array([1.0, 1.0]))
    array([ 8., 18.])
    """
    if sparse.issparse(x1) == sparse.issparse(x2):
        raise OperandError(
            f"matmul takes one sparse matrix of SciPy and one tensor or array: received a {type(x1).__name__} and a "
            f"{type(x2).__name__}."
        )
    if sparse.issparse(x1):
        return apply(_product, _dense(x2), constant(x1, "matmul"))
    return apply(_product, _dense(x1).T, constant(x2, "matmul").transpose).T


def spsolve(a: Any, b: Any) -> Tensor:
    """Solve ``a x = b`` with a constant sparse matrix, by its factors. See `scipy.sparse.linalg.spsolve`.

    Parameters
    ----------
    a : sparse array or sparse matrix
        Square, and constant.
    b : Tensor or array_like
        One right-hand side, or several as the columns of a matrix.

    Returns
    -------
    Tensor

    Raises
    ------
    OperandError
        If the matrix is not sparse.
    ShapeError
        If the right-hand side has no axis, or more than two.

    Examples
    --------
    >>> import scipy
    >>> a = scipy.sparse.csc_array([[2.0, 0.0], [0.0, 4.0]])
    >>> autograd.grad(lambda b: autograd.scipy.sparse.spsolve(a, b).sum())(np.array([1.0, 1.0]))
    array([0.5 , 0.25])
    """
    return apply(_solution, _dense(b), constant(a, "spsolve"))


def _dense(x: Any) -> Any:
    x = array_of(x)
    if np.ndim(x) not in (1, 2):
        raise ShapeError(f"a sparse matrix multiplies a vector or a matrix here: received shape {np.shape(x)}.")
    return x if x.dtype.kind in "fc" else x * 1.0
