"""Derivatives of products of matrices and tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.registry import defcomposite, defjoint, defvjp


def _T(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _sum_batch(c: Any, shape: tuple[int, ...]) -> Any:
    """Sum the cotangent of a matrix over the batch axes along which the matrix was broadcast."""
    extra = np.ndim(c) - len(shape)
    axes = (*range(extra), *(i + extra for i, n in enumerate(shape[:-2]) if n == 1 and np.shape(c)[i + extra] != 1))
    return np.reshape(np.sum(c, axis=axes), shape) if axes else c


def _matmul_x(g: Any, _: Any, _x: Any, y: Any) -> Any:
    if _x.ndim == 2 and np.ndim(y) == 2:
        return g @ y.T
    if np.ndim(y) == 1:
        g, y = np.expand_dims(g, -1), np.expand_dims(y, -1)
    if _x.ndim == 1:
        return np.reshape(_sum_batch(np.expand_dims(g, -2) @ _T(y), (1, *_x.shape)), _x.shape)
    return _sum_batch(g @ _T(y), _x.shape)


def _matmul_y(g: Any, _: Any, x: Any, _y: Any) -> Any:
    if np.ndim(x) == 2 and _y.ndim == 2:
        return x.T @ g
    if np.ndim(x) == 1:
        g, x = np.expand_dims(g, -1 if _y.ndim == 1 else -2), np.expand_dims(x, 0)
    if _y.ndim == 1:
        g = g if np.ndim(g) == np.ndim(x) else np.expand_dims(g, -1)
        return np.reshape(_sum_batch(_T(x) @ g, (*_y.shape, 1)), _y.shape)
    return _sum_batch(_T(x) @ g, _y.shape)


defvjp(np.matmul, _matmul_x, _matmul_y)


@defcomposite(np.dot)
def _dot(a: Any, b: Any, out: None = None) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    if np.ndim(b) <= 2:
        return np.matmul(a, b)
    return np.tensordot(a, b, axes=(-1, -2))


@defcomposite(np.inner)
def _inner(a: Any, b: Any) -> Any:
    return np.multiply(a, b) if np.ndim(a) == 0 or np.ndim(b) == 0 else np.tensordot(a, b, axes=(-1, -1))


@defcomposite(np.outer)
def _outer(a: Any, b: Any, out: None = None) -> Any:
    return np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1))


@defcomposite(np.vdot)
def _vdot(a: Any, b: Any) -> Any:
    return np.matmul(np.conjugate(np.ravel(a)), np.ravel(b))


@defcomposite(np.tensordot)
def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Move the contracted axes together, and multiply as matrices."""
    if isinstance(axes, (int, np.integer)):
        left, right = tuple(range(np.ndim(a) - axes, np.ndim(a))), tuple(range(axes))
    else:
        left, right = (tuple(each) if isinstance(each, (list, tuple)) else (each,) for each in axes)
    left = tuple([i % np.ndim(a) for i in left])
    right = tuple([i % np.ndim(b) for i in right])
    free_a = tuple([i for i in range(np.ndim(a)) if i not in left])
    free_b = tuple([i for i in range(np.ndim(b)) if i not in right])
    shape_a, shape_b = np.shape(a), np.shape(b)
    if [shape_a[i] for i in left] != [shape_b[i] for i in right]:
        raise ValueError(f"tensordot: axes {left} of shape {shape_a} and axes {right} of shape {shape_b} have different lengths.")
    outer_a, outer_b = tuple([shape_a[i] for i in free_a]), tuple([shape_b[i] for i in free_b])
    n = int(np.prod([shape_a[i] for i in left], dtype=int))
    matrix_a = np.reshape(np.transpose(a, free_a + left), (int(np.prod(outer_a, dtype=int)), n))
    matrix_b = np.reshape(np.transpose(b, right + free_b), (n, int(np.prod(outer_b, dtype=int))))
    return np.reshape(np.matmul(matrix_a, matrix_b), outer_a + outer_b)


# --------------------------------------------------------------------------------------------------- einsum
def _einsum(argnums: tuple[int, ...], g: Any, _: Any, *operands: Any, optimize: Any = False) -> list[Any]:
    """Each operand's cotangent is an einsum of the output's with the other operands.

    A letter that stands twice in an operand takes a diagonal: its second place gets a letter of its own, and a unit matrix joins the two.
    A letter that stands nowhere else was summed alone: a vector of ones spreads the cotangent along it. A length of 1 that was broadcast
    is summed.
    """
    inputs, output, arrays = _parsed(operands)
    sizes: dict[str, int] = {}
    for letters, array in zip(inputs, arrays, strict=True):
        for letter, n in zip(letters, np.shape(array), strict=True):
            sizes[letter] = max(sizes.get(letter, 1), n) if n else 0
    return [_einsum_of_one(argnum - 1, g, inputs, output, arrays, sizes, optimize) for argnum in argnums]


def _einsum_of_one(k: int, g: Any, inputs: list[str], output: str, arrays: list[Any], sizes: dict[str, int], optimize: Any) -> Any:
    shape = np.shape(arrays[k])
    spare = iter([c for c in _LETTERS if c not in sizes])
    terms = [output] + [letters for i, letters in enumerate(inputs) if i != k]
    factors = [g] + [array for i, array in enumerate(arrays) if i != k]
    target: list[str] = []
    for letter, n in zip(inputs[k], shape, strict=True):
        if n == 1 and sizes[letter] != 1:
            continue
        if letter in target:
            twin = next(spare)
            terms.append(letter + twin)
            factors.append(np.eye(n, dtype=g.dtype))
            target.append(twin)
            continue
        if not any(letter in term for term in terms):
            terms.append(letter)
            factors.append(np.ones(n, dtype=g.dtype))
        target.append(letter)
    return np.reshape(np.einsum(",".join(terms) + "->" + "".join(target), *factors, optimize=optimize), shape)


_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _parsed(operands: tuple[Any, ...]) -> tuple[list[str], str, list[Any]]:
    """Read subscripts and operands; the ellipsis becomes letters, the output is written out."""
    subscripts, arrays = operands[0].replace(" ", ""), list(operands[1:])
    left, arrow, output = subscripts.partition("->")
    inputs = left.split(",")
    spare = [c for c in _LETTERS if c not in subscripts]
    width = max([np.ndim(a) - len(t.replace("...", "")) for t, a in zip(inputs, arrays, strict=True) if "..." in t], default=0)
    dots = "".join(spare[:width])
    inputs = [
        t.replace("...", dots[width - (np.ndim(a) - len(t.replace("...", ""))) :]) if "..." in t else t
        for t, a in zip(inputs, arrays, strict=True)
    ]
    if arrow:
        return inputs, output.replace("...", dots), arrays
    joined = "".join(inputs)
    return inputs, dots + "".join(sorted({c for c in joined if joined.count(c) == 1 and c not in dots})), arrays


defjoint(np.einsum, _einsum)
