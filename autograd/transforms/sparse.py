"""Sparse Jacobians: find the elements that can be nonzero, and compute them in few sweeps.

Rows that have no column in common can be computed together, because each column then gets its value from one row only.
So the rows are coloured, such that two rows of one colour share no column, and each colour takes one sweep (A. R.
Curtis, M. J. D. Powell and J. K. Reid, "On the estimation of sparse Jacobian matrices", IMA Journal of Applied
Mathematics 13, 1974; T. F. Coleman and J. J. Moré, "Estimation of sparse Jacobian matrices and graph coloring
problems", SIAM Journal on Numerical Analysis 20, 1983). The same holds for columns, in forward mode."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd.arrays.scopes import errstate
from autograd.core.tensor import Tensor
from autograd.errors import DtypeError, OperandError, ShapeError
from autograd.transforms.flatten import flatten
from autograd.transforms.forward import jvp
from autograd.transforms.grad import grad, vjp

Pullback = Callable[[Any], tuple[Any]]
_MANY = 64  # a column that is in each of this many groups of rows, or more, is taken to be dense


def sparse_jacobian(f: Callable[[Any], Any], x: Any, sparsity: Any = None, check: bool = True) -> Any:
    """Compute a Jacobian of which most elements are zero, with as many sweeps as it takes colours: for a band, its
    width.

    Parameters
    ----------
    f : callable
        Takes ``x``, and returns real numbers in an array, or in a nest.
    x : array, tensor, or nest of these, of floating-point numbers
    sparsity : optional
        Which elements may be other than zero: a matrix (of NumPy or SciPy) that is other than zero there, or their
        indices ``(rows, columns)``. It is found by `jacobian_sparsity`, unless given; that is worth keeping if the
        function is differentiated again.
    check : bool, default True
        Whether one sweep more looks for an element outside the sparsity that was given.

    Returns
    -------
    scipy.sparse.csr_array of shape (m, n)
        For ``m`` numbers in the output and ``n`` in ``x``, counted as they lie in their arrays. Without SciPy
        ``(values, (rows, columns), (m, n))``.

    Raises
    ------
    ShapeError
        If the sparsity has another shape than the Jacobian.
    OperandError
        If an element outside of it is not zero.
    DtypeError
        If ``f`` or ``x`` is complex.

    Examples
    --------
    >>> sparse_jacobian(lambda x: x[1:] * x[:-1], np.array([1.0, 2.0, 3.0])).toarray()
    array([[2., 1., 0.],
           [0., 3., 2.]])
    """
    flat, start = _flat(f, x)
    out, pullback = vjp(flat, start)
    m, n = _checked(out), start.size
    given = sparsity is not None
    rows, columns = _pairs(sparsity, (m, n)) if given else _detected(pullback, out, start)
    of_rows, of_columns = _colours(rows, columns, m, n), _colours(columns, rows, n, m)
    if np.max(of_rows, initial=-1) <= np.max(of_columns, initial=-1):
        sweeps = [np.asarray(pullback(seed)[0]) for seed in _seeds(of_rows, out.dtype)]
        values = _picked(sweeps, of_rows[rows], columns, start.dtype)
    else:
        sweeps = [np.asarray(jvp(flat, (start,), (seed,))[1]) for seed in _seeds(of_columns, start.dtype)]
        values = _picked(sweeps, of_columns[columns], rows, out.dtype)
    if given and check:
        _check_outside(pullback, values, rows, columns, out, n)
    return _matrix(values, rows, columns, (m, n))


def sparse_hessian(f: Callable[[Any], Any], x: Any, sparsity: Any = None, check: bool = True) -> Any:
    """Compute a Hessian of which most elements are zero: the Jacobian of the gradient.

    Parameters
    ----------
    f : callable
        Takes ``x``, and returns one real number.
    x, sparsity, check
        As in `sparse_jacobian`; the sparsity is that of the Hessian.

    Returns
    -------
    scipy.sparse.csr_array of shape (n, n)
        As `sparse_jacobian` returns it.

    Examples
    --------
    >>> sparse_hessian(lambda x: np.sum(x[1:] * x[:-1] ** 2), np.array([1.0, 2.0, 3.0])).toarray()
    array([[4., 2., 0.],
           [2., 6., 4.],
           [0., 4., 0.]])
    """
    return sparse_jacobian(grad(f), x, sparsity, check)


def jacobian_sparsity(f: Callable[[Any], Any], x: Any) -> Any:
    """Find which elements of a Jacobian can be other than zero.

    Parameters
    ----------
    f, x
        As in `sparse_jacobian`.

    Returns
    -------
    scipy.sparse.csr_array of shape (m, n) and dtype bool
        True wherever the derivative at ``x`` is other than zero, and possibly elsewhere. Without SciPy ``(values,
        (rows, columns), (m, n))``. A function with branches can have another pattern at another point.

    Raises
    ------
    DtypeError
        If ``x`` or the output is not of real floating-point numbers.

    Notes
    -----
    Cotangents of NaN are carried back. Rules are linear in their cotangent, and NaN survives every product (with zero,
    too) and every sum: what a row depends on becomes NaN. Groups of rows are halved until they are single rows. Those
    that shared no column before they were halved go together, so that a band takes a few sweeps for each halving: some
    6 times the logarithm of its length to the base of 2. Only a derivative that another program computes, which loses
    NaN (`odeint`), cannot be traced so: give its sparsity.

    Examples
    --------
    >>> jacobian_sparsity(lambda x: x[1:] * x[:-1], np.zeros(3)).toarray()
    array([[ True,  True, False],
           [False,  True,  True]])
    """
    flat, start = _flat(f, x)
    out, pullback = vjp(flat, start)
    m = _checked(out)
    rows, columns = _detected(pullback, out, start)
    return _matrix(np.ones(rows.size, bool), rows, columns, (m, start.size))


# ---------------------------------------------------------------------------------------------- vectors in, vectors out
def _flat(f: Callable[[Any], Any], x: Any) -> tuple[Callable[[Any], Any], Any]:
    """Return the function as a function from a vector to a vector, and the vector."""
    vector, unflatten = flatten(x)
    start = vector.numpy() if isinstance(vector, Tensor) else vector
    if start.dtype.kind != "f":
        raise DtypeError(
            f"a sparse Jacobian is one of real floating-point numbers: received x of dtype {start.dtype}. Convert it "
            f"first."
        )
    return (lambda v: flatten(f(unflatten(v)))[0]), start


def _checked(out: Any) -> int:
    if np.result_type(out).kind != "f":
        raise DtypeError(
            f"a sparse Jacobian is one of real functions: f returned dtype {np.result_type(out)}. Take its real and "
            f"imaginary part."
        )
    return int(np.size(out))


def _matrix(values: Any, rows: Any, columns: Any, shape: tuple[int, int]) -> Any:
    try:
        from scipy import sparse
    except ImportError:
        return values, (rows, columns), shape
    return sparse.csr_array((values, (rows, columns)), shape=shape)


def _pairs(sparsity: Any, shape: tuple[int, int]) -> tuple[Any, Any]:
    """Return the indices of the rows and columns of a sparsity, sorted and without repeats."""
    rows: Any
    columns: Any
    if isinstance(sparsity, tuple) and len(sparsity) == 2:
        rows, columns = (np.asarray(each, np.intp).reshape(-1) for each in sparsity)
        received = (int(np.max(rows, initial=-1)) + 1, int(np.max(columns, initial=-1)) + 1)
        fits = (
            rows.size == columns.size
            and received <= shape
            and received[1] <= shape[1]
            and min(rows.min(initial=0), columns.min(initial=0)) >= 0
        )
    else:
        if isinstance(sparsity, tuple):
            _, (rows, columns), received = sparsity
        elif hasattr(sparsity, "tocoo"):
            found = sparsity.tocoo()
            rows, columns, received = found.row, found.col, found.shape
        else:
            received = np.shape(sparsity)
            rows, columns = np.nonzero(sparsity) if len(received) == 2 else (np.zeros(0), np.zeros(0))
        fits = tuple(received) == shape
    if not fits:
        raise ShapeError(
            f"the Jacobian has the shape {shape}, and so must its sparsity: received shape {tuple(received)}. A pair "
            "of indices is (rows, columns), as many of each, none of them negative."
        )
    codes = np.unique(np.asarray(rows, np.intp) * shape[1] + np.asarray(columns, np.intp))
    return codes // max(shape[1], 1), codes % max(shape[1], 1)


# --------------------------------------------------------------------------------------------------- colours
def _colours(rows: Any, columns: Any, m: int, n: int) -> Any:
    """Colour ``m`` rows so that rows with a common column differ: greedily, in order or the longest first.

    The order that takes fewer colours is used.
    """
    order = np.argsort(rows, kind="stable")
    ends = np.searchsorted(rows[order], np.arange(m + 1)).tolist()
    of_row = columns[order].tolist()
    lists = [of_row[begin:end] for begin, end in itertools.pairwise(ends)]
    longest = np.argsort([-len(each) for each in lists], kind="stable").tolist()
    return min(
        (_greedy(lists, each, n) for each in (range(m), longest)), key=lambda colours: np.max(colours, initial=-1)
    )


def _greedy(lists: list[list[int]], order: Iterable[int], n: int) -> Any:
    """Give each list of columns the lowest colour that none of its columns has yet.

    The colours that a column has are the bits of a number.
    """
    taken = [0] * n
    colours = np.zeros(len(lists), np.intp)
    for row in order:
        mask = 0
        for column in lists[row]:
            mask |= taken[column]
        bit = ~mask & (mask + 1)
        colours[row] = bit.bit_length() - 1
        for column in lists[row]:
            taken[column] |= bit
    return colours


def _seeds(colours: Any, dtype: Any) -> Iterable[Any]:
    return ((colours == c).astype(dtype) for c in range(np.max(colours, initial=-1) + 1))


def _picked(sweeps: list[Any], colours: Any, positions: Any, dtype: Any) -> Any:
    return np.stack(sweeps)[colours, positions] if sweeps else np.zeros(0, dtype)


def _check_outside(pullback: Pullback, values: Any, rows: Any, columns: Any, out: Any, n: int) -> None:
    """Compare the product of random weights with the Jacobian, from one sweep, to their product with the elements."""
    weights = np.random.default_rng(0).uniform(0.5, 1.5, out.size).astype(out.dtype)
    whole = np.asarray(pullback(weights)[0])
    parts, sizes = (np.bincount(columns, weights[rows] * each, minlength=n) for each in (values, np.abs(values)))
    wrong = ~(
        np.abs(whole - parts) <= np.finfo(whole.dtype).eps ** 0.5 * (sizes + np.sum(sizes) / max(n, 1))
    ) & np.isfinite(whole)
    if wrong.any():
        column = int(np.argmax(wrong))
        raise OperandError(
            f"the sparsity leaves out an element of the Jacobian that is not zero: in column {column}, and "
            f"{np.count_nonzero(wrong)} columns in all. Leave sparsity out, or take that of jacobian_sparsity(f, x)."
        )


# -------------------------------------------------------------------------------------------------- where the zeros are
def _reached(pullback: Pullback, cotangent: Any, n: int) -> Any:
    """Return which columns a cotangent of NaN reaches: all of them if it meets a factorisation, which refuses NaN."""
    try:
        return np.isnan(pullback(cotangent)[0])
    except np.linalg.LinAlgError:
        return np.ones(n, bool)


def _detected(pullback: Pullback, out: Any, start: Any) -> tuple[Any, Any]:
    """Return the indices of the elements that can be nonzero, sorted by rows. See `jacobian_sparsity`."""
    m, n = int(np.size(out)), start.size
    size = max(2, 1 << max(m - 1, 0).bit_length())  # rows in a group
    groups, columns, full = np.zeros(n, np.intp), np.arange(n), np.zeros(n, bool)
    while size > 1:
        size //= 2
        count = -(-m // size)
        groups, columns = np.concatenate([2 * groups, 2 * groups + 1]), np.concatenate([columns, columns])
        groups, columns = groups[groups < count], columns[groups < count]
        colours = _colours(groups, columns, count, n)
        of_rows = colours[np.arange(m) // size]
        with errstate(all="ignore"):
            reached = [
                _reached(pullback, np.where(seed > 0, np.nan, 0.0).astype(out.dtype), n)
                for seed in _seeds(of_rows, float)
            ]
        kept = _picked(reached, colours[groups], columns, bool)
        groups, columns = groups[kept], columns[kept]
        if count >= _MANY:
            full |= np.bincount(columns, minlength=n) == count
            groups, columns = groups[~full[columns]], columns[~full[columns]]
    dense = (np.arange(m)[:, None] * n + np.flatnonzero(full)).reshape(-1)
    codes = np.sort(np.concatenate([groups * n + columns, dense]))
    return codes // max(n, 1), codes % max(n, 1)
