"""Where to look at each derivative: one table, with calls of every function that has a rule.

A check draws arguments from it and compares derivatives with differences. A sample says how to draw arguments at which the derivative
exists: away from kinks, but right on the points that are special and smooth (a zero in a product, ``x ** 2`` at 0).

Examples
--------
>>> import numpy as np
>>> args, kwargs = SAMPLES[np.log][0].make(np.random.default_rng(0), "float32")
>>> args[0].dtype
dtype('float32')

A package with operations of its own makes a table like this one::

    SAMPLES = {softmax: [sample(normal(3, 4)), sample(normal(5), axis=0)], relu: [sample(away(), dtypes=REAL)]}
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd.operations import astype, clip, getitem, identity, scatter, setitem, spread
from autograd.tensor import call as call  # for functions that NumPy does not hand over by itself, such as numpy.full

Array = np.ndarray[Any, Any]
Generator = np.random.Generator

REAL = ("float32", "float64")
ALL = ("float32", "float64", "complex128")

SHAPES: tuple[tuple[int, ...], ...] = ((), (1,), (3,), (0,), (2, 3), (3, 1, 2), (2, 0, 3))


class Draw:
    """An argument that is drawn: an array of a given shape, or of one that broadcasts to the shape of the call.

    Parameters
    ----------
    numbers : callable
        ``numbers(rng, shape)`` returns an array of float64. A complex call asks for real and imaginary parts.
    shape : tuple of int, optional
    real : bool, default False
        Whether it stays real in a complex call.
    """

    __slots__ = ("numbers", "real", "shape")

    def __init__(self, numbers: Callable[[Generator, tuple[int, ...]], Any], shape: tuple[int, ...] | None, real: bool = False) -> None:
        self.numbers = numbers
        self.shape = shape
        self.real = real

    def make(self, rng: Generator, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Array:
        """Draw an array of a dtype, or of the real dtype of its precision."""
        shape = shape if self.shape is None else self.shape
        if dtype.kind == "c" and not self.real:
            return np.asarray(self.numbers(rng, shape) + 1j * self.numbers(rng, shape), dtype)
        return np.asarray(self.numbers(rng, shape), np.finfo(dtype).dtype)

    def __repr__(self) -> str:
        return "x" if self.shape is None else f"x{list(self.shape)}"


class Sample:
    """One kind of call of a function.

    Attributes
    ----------
    args, kwargs
        The arguments as they are written, with a `Draw` for each array that is drawn.
    dtypes : tuple of str
        The dtypes in which the derivative exists.
    argnums : tuple of int or None
        The positions of the arguments to differentiate with respect to; None for all that hold floating-point or complex arrays.
    """

    __slots__ = ("argnums", "args", "dtypes", "kwargs")

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any], dtypes: Sequence[str], argnums: Sequence[int] | None) -> None:
        self.args = args
        self.kwargs = kwargs
        self.dtypes = tuple(dtypes)
        self.argnums = None if argnums is None else tuple(argnums)

    def make(self, rng: Generator, dtype: DTypeLike = "float64") -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Draw the arguments of one call.

        Parameters
        ----------
        rng : numpy.random.Generator
        dtype : dtype
            One of `dtypes`.

        Returns
        -------
        args : tuple
            Arrays, numbers, and lists of these.
        kwargs : dict
        """
        dtype = np.dtype(dtype)
        shape = SHAPES[rng.integers(len(SHAPES))]

        def drawn(arg: Any) -> Any:
            if isinstance(arg, Draw):
                return arg.make(rng, dtype, _narrowed(rng, shape))
            return [drawn(each) for each in arg] if isinstance(arg, list) else arg

        return tuple([drawn(arg) for arg in self.args]), dict(self.kwargs)

    def sources(self, args: tuple[Any, ...]) -> list[tuple[int, ...]]:
        """Return where the arrays stand to differentiate with respect to: (i,) for an argument, (i, j) for an item of a list."""
        places: list[tuple[int, ...]] = []
        for i, arg in enumerate(args):
            if self.argnums is None or i in self.argnums:
                items = [((i, j), each) for j, each in enumerate(arg)] if isinstance(arg, list) else [((i,), arg)]
                places += [place for place, each in items if isinstance(each, np.ndarray) and each.dtype.kind in "fc"]
        return places

    def problem(self, fn: Callable[..., Any], rng: Generator, dtype: DTypeLike = "float64") -> tuple[Callable[..., Any], list[Array]]:
        """Draw one call of a function, and return it as a function of the arrays to differentiate with respect to.

        Parameters
        ----------
        fn : callable
            The function whose sample this is.
        rng : numpy.random.Generator
        dtype : dtype
            One of `dtypes`.

        Returns
        -------
        f : callable
            Takes as many arrays or tensors as stand in `xs`.
        xs : list of array
            Where it was drawn: ``check_gradients(f, *xs)`` checks it there.
        """
        args, kwargs = self.make(rng, dtype)
        places = self.sources(args)

        def f(*xs: Any) -> Any:
            filled: list[Any] = [list(arg) if isinstance(arg, list) else arg for arg in args]
            for place, x in zip(places, xs, strict=True):
                holder = filled if len(place) == 1 else filled[place[0]]
                holder[place[-1]] = x
            return call(fn, *filled, **kwargs)

        f.__name__ = f"{fn.__name__}{self!r}"
        return f, [args[place[0]] if len(place) == 1 else args[place[0]][place[1]] for place in places]

    def __repr__(self) -> str:
        return f"({', '.join([*map(repr, self.args), *[f'{name}={value!r}' for name, value in self.kwargs.items()]])})"


def _narrowed(rng: Generator, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape itself, or with some axes of length 1, or without some of the first axes."""
    narrowed = tuple([1 if rng.random() < 0.2 else n for n in shape])
    return narrowed[rng.integers(len(shape) + 1) :] if rng.random() < 0.2 else narrowed


def sample(*args: Any, dtypes: Sequence[str] = ALL, argnums: Sequence[int] | None = None, **kwargs: Any) -> Sample:
    """Describe one kind of call: its arguments, with a `Draw` for each array that is drawn. See `Sample`."""
    return Sample(args, kwargs, dtypes, argnums)


# --------------------------------------------------------------------------------------------------- what can be drawn
def normal(*shape: int) -> Draw:
    """Numbers of both signs."""
    return Draw(lambda rng, s: rng.normal(size=s), shape or None)


def between(low: float, high: float, *shape: int, real: bool = False) -> Draw:
    """Numbers between two bounds."""
    return Draw(lambda rng, s: rng.uniform(low, high, size=s), shape or None, real)


def positive(*shape: int) -> Draw:
    """Numbers from 0.5 to 2.5."""
    return between(0.5, 2.5, *shape)


def away(*shape: int, offset: float = 0.2) -> Draw:
    """Numbers of both signs, none of them near another one, nor near a multiple of 1/2; another offset keeps two arrays apart."""

    def numbers(rng: Generator, s: tuple[int, ...]) -> Any:
        size = int(np.prod(s, dtype=int))
        return np.reshape((rng.permutation(size + 8)[:size] - size // 2 - 4) * 0.5 + offset + rng.uniform(0, 0.05, size), s)

    return Draw(numbers, shape or None)


def values(numbers: Any) -> Draw:
    """The same numbers every time: a special point."""
    array = np.asarray(numbers, np.float64)
    return Draw(lambda rng, s: array, array.shape)


# --------------------------------------------------------------------------------------------------- the table
_AXES: tuple[dict[str, Any], ...] = ({}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"axis": (0, -1)}, {"axis": (), "keepdims": True})
_MASK = np.array([[True, False, True, True], [False, True, True, False], [True, True, False, True]])
_INDEX = np.array([[2, 0, 0, 2], [1, 1, 0, 2]])
_ZEROS = values([[0.0, 2.0, 3.0, -1.0], [0.0, 0.0, 3.0, 2.0], [1.0, -2.0, 3.0, 0.5]])
_MATRICES = [(normal(3, 4), normal(4, 2)), (normal(4), normal(4)), (normal(4), normal(4, 2)), (normal(3, 4), normal(4))]
_BATCHES = [
    (normal(2, 3, 4), normal(4, 2)),
    (normal(3, 4), normal(2, 4, 2)),
    (normal(5, 1, 3, 4), normal(2, 4, 2)),
    (normal(4), normal(2, 4, 3)),
    (normal(2, 3, 4), normal(4)),
    (normal(2, 3, 0), normal(0, 4)),
]


def _reduced(draw: Callable[..., Draw], *more: Sample, dtypes: Sequence[str] = ALL) -> list[Sample]:
    """The forms that every reduction has. (No axis has length 2: the standard deviation of two numbers has no curvature to check.)"""
    forms = [sample(draw(3, 4, 5), dtypes=dtypes, **axes) for axes in _AXES]
    return [*forms, sample(draw(3), 0, dtypes=dtypes), sample(draw(3, 1), (1, -2), dtypes=dtypes), *more]


def _each(*draws: tuple[Draw, ...], dtypes: Sequence[str] = ALL, **kwargs: Any) -> list[Sample]:
    return [sample(*each, dtypes=dtypes, **kwargs) for each in draws]


def _rows(fns: Sequence[Any], *samples: Sample) -> dict[Any, list[Sample]]:
    """Give several functions the same samples."""
    return {fn: list(samples) for fn in fns}


SAMPLES: dict[Callable[..., Any], list[Sample]] = {
    # operations of ours
    **_rows([identity], sample(normal())),
    astype: [
        sample(normal(2, 3), dtype=np.dtype("float64"), dtypes=REAL),
        sample(normal(2, 3), dtype=np.dtype("complex128")),
    ],
    clip: [
        sample(away(), -0.5, 1.0, dtypes=REAL),
        sample(away(2, 3), None, away(3, offset=0.4), dtypes=REAL),
        sample(away(4), away(1, offset=0.4), None, dtypes=REAL),
        sample(values([0.5, 1.5, 2.5]), values([1.0]), values([[1.2], [2.0]]), dtypes=REAL),
        sample(values([0.0, 3.0]), values(2.0), values(1.0), dtypes=REAL),
    ],
    getitem: [
        sample(normal(3, 4), index)
        for index in (1, slice(None, None, -2), (Ellipsis, None, 2), _INDEX, (_INDEX, slice(1, 3)), (slice(None), _INDEX), _MASK)
    ],
    setitem: [
        sample(normal(3, 4), 1, normal(4)),
        sample(normal(3, 4), (slice(None), slice(1, 3)), normal(3, 1)),
        sample(normal(3, 4), _MASK, normal(8)),
        sample(normal(3, 4), ([0, 2], [1, 1]), values(2.0)),
        sample(normal(3, 4), (slice(0, 1), None), normal(1, 1, 1, 4)),
    ],
    scatter: [sample([normal(2, 4, 4), normal(4)], [_INDEX, 1], (3, 4))],
    # arithmetic
    **_rows([np.positive, np.negative, np.square, np.conjugate], sample(normal())),
    **_rows([np.add, np.subtract, np.multiply], sample(normal(), normal()), sample(normal(), 2.0), sample(3, normal())),
    np.true_divide: [sample(normal(), positive()), sample(normal(), 2), sample(2.0, positive())],
    np.reciprocal: [sample(positive())],
    **_rows([np.remainder, np.divmod], sample(away(), 0.5, dtypes=REAL), sample(values([7.3, -7.3]), values([2.0, -2.5]), dtypes=REAL)),
    np.fmod: [sample(values([7.3, -7.3, 0.4]), values([2.0, -2.5, 2.0]), dtypes=REAL)],
    np.modf: [sample(away(), dtypes=REAL)],
    np.frexp: [sample(between(0.55, 0.9), dtypes=REAL), sample(between(-3.9, -2.1, 3), dtypes=REAL)],
    np.ldexp: [sample(normal(3), np.array([1, -2, 3], np.int32), dtypes=REAL)],
    np.heaviside: [sample(away(), positive(), dtypes=REAL), sample(values([0.0, 1.2]), normal(2), dtypes=REAL, argnums=[1])],
    # powers and roots
    **_rows(
        [np.power, np.float_power],
        sample(positive(), normal()),
        sample(positive(), -1.5),
        sample(2.0, normal()),
        sample(values([0.0, 0.0, 0.0, 0.0, -2.0, -2.0]), np.array([0, 1, 2, 3, 0, 3]), dtypes=REAL),
        sample(values(0.0), values([1.0, 2.5]), argnums=[1]),
        sample(values([2.0, -3.0]), values(0.0), argnums=[0]),
    ),
    np.sqrt: [sample(positive())],
    np.cbrt: [sample(positive(), dtypes=REAL), sample(between(-2, -1, 3), dtypes=REAL)],
    np.hypot: [sample(positive(), normal(), dtypes=REAL), sample(values([0.0, 1.0]), values([2.0, 0.0]), dtypes=REAL)],
    # exponentials and logarithms
    **_rows([np.exp, np.exp2, np.expm1, np.sin, np.cos, np.sinh, np.cosh], sample(normal())),
    **_rows([np.log, np.log2, np.log10, np.log1p], sample(positive())),
    **_rows(
        [np.logaddexp, np.logaddexp2],
        sample(normal(), normal(), dtypes=REAL),
        sample(values([0.0, 30.0, -50.0]), values([0.0, -30.0, -50.0]), dtypes=REAL),
    ),
    # trigonometric and hyperbolic functions
    **_rows([np.tan, np.tanh, np.arcsin, np.arccos, np.arctan, np.arctanh, np.arcsinh], sample(between(-0.8, 0.8))),
    np.arccosh: [sample(between(1.5, 3))],
    np.arctan2: [
        sample(normal(), positive(), dtypes=REAL),
        sample(values([0.0, 2.0, -2.0]), values([3.0, 0.0, 0.0]), dtypes=REAL),
    ],
    **_rows([np.deg2rad, np.radians, np.rad2deg, np.degrees], sample(normal(), dtypes=REAL)),
    np.sinc: [sample(normal(), dtypes=REAL), sample(values([0.0, 0.2, -0.3, 1.0]), dtypes=REAL)],
    # choices
    **_rows(
        [np.maximum, np.minimum, np.fmax, np.fmin],
        sample(away(), away(offset=0.4), dtypes=REAL),
        sample(away(3), 0.0, dtypes=REAL),
        sample(0, away(2, 3), dtypes=REAL),
    ),
    np.where: [sample(_MASK, normal(3, 4), normal(4)), sample(_MASK, normal(3, 1), 0.0), sample(True, normal(2), normal(3, 1))],
    np.clip: [sample(away(2, 3), -0.5, 1.0, dtypes=REAL), sample(away(2, 3), dtypes=REAL, min=0), sample(away(3), min=0, max=1, dtypes=REAL)],
    np.copysign: [sample(away(), away(), dtypes=REAL, argnums=[0])],
    np.nan_to_num: [sample(normal()), sample(values([np.inf, np.nan, 2.0]), nan=1.0, posinf=3.0, dtypes=REAL)],
    # magnitude and complex parts
    np.absolute: [sample(away())],
    np.fabs: [sample(away(), dtypes=REAL)],
    np.sign: [sample(away())],
    **_rows([np.real, np.imag], sample(normal())),
    np.angle: [sample(positive()), sample(positive(2), deg=True)],
    # reductions
    np.sum: _reduced(
        normal,
        sample(normal(3, 4), axis=1, where=_MASK),
        sample(normal(3, 4), initial=2.0, where=np.array([True, False, True, False])),
        sample(normal(3), dtype=np.float64, dtypes=REAL),
    ),
    np.mean: _reduced(normal, sample(normal(3, 4), axis=0, where=_MASK), sample(normal(3, 4), where=_MASK, keepdims=True)),
    **_rows([np.var, np.std], *_reduced(normal)[:4], sample(normal(3, 4), axis=0, ddof=1), sample(normal(3, 4), correction=0.5, keepdims=True)),
    **_rows(
        [np.max, np.min, np.amax, np.amin],
        *_reduced(away, dtypes=REAL),
        sample(away(3, 4), axis=1, where=_MASK, initial=0.0, dtypes=REAL),
    ),
    np.ptp: [*_reduced(away, dtypes=REAL)[:3]],
    np.prod: _reduced(
        normal,
        *[sample(_ZEROS, axis=axis) for axis in (None, 0, 1, -1)],
        sample(_ZEROS, axis=1, where=_MASK, initial=2.0),
        sample(normal(3, 0)),
    ),
    np.cumsum: [sample(normal(3, 4), axis=1), sample(normal(3, 4)), sample(normal(2, 3), -2), sample(values(2.0)), sample(normal(0))],
    np.cumprod: [*[sample(_ZEROS, axis=axis) for axis in (None, 0, -1)], sample(normal(5)), sample(values(2.0)), sample(normal(0, 2), axis=0)],
    np.linalg.norm: [sample(normal(5)), sample(normal(2, 3)), sample(normal(2, 3), axis=-1), sample(normal(2, 3, 4), axis=(0, 2), keepdims=True)],
    # shapes
    np.copy: [sample(normal())],
    np.meshgrid: [sample(normal(3), normal(4)), sample(normal(2), values(1.0), normal(3), indexing="ij"), sample(normal(3), normal(2), sparse=True)],
    np.reshape: [sample(normal(3, 4), (2, -1)), sample(normal(3, 4), (4, 3), order="F"), sample(values(1.0), (1, 1))],
    np.ravel: [sample(normal(3, 4)), sample(normal(3, 4), order="F")],
    np.expand_dims: [sample(normal(3, 4), 1), sample(normal(3), (0, -1))],
    np.squeeze: [sample(normal(3, 1, 4, 1)), sample(normal(3, 1, 1), axis=-1)],
    np.transpose: [sample(normal(3, 4)), sample(normal(2, 3, 4), (1, -1, 0))],
    np.matrix_transpose: [sample(normal(2, 3, 4))],
    np.swapaxes: [sample(normal(2, 3, 4), 0, -1)],
    np.moveaxis: [sample(normal(2, 3, 4), 0, -1), sample(normal(2, 3, 4), (0, 1), (-1, 0))],
    np.rollaxis: [sample(normal(2, 3, 4), 2), sample(normal(2, 3, 4), 0, 3), sample(normal(2, 3, 4), -2, -2)],
    np.flip: [sample(normal(3, 4)), sample(normal(3, 4), 1), sample(normal(2, 3, 4), (0, -1))],
    **_rows([np.fliplr, np.flipud], sample(normal(3, 4))),
    np.roll: [sample(normal(3, 4), 2), sample(normal(3, 4), -1, axis=1), sample(normal(3, 4), (1, 2), axis=(0, 1))],
    np.rot90: [sample(normal(3, 4)), sample(normal(2, 3, 4), 3, (1, 2))],
    **_rows([np.atleast_1d, np.atleast_2d, np.atleast_3d], sample(values(2.0)), sample(normal(3)), sample(normal(3, 4), normal(2))),
    spread: [sample(normal(3, 1), shape=(2, 3, 4)), sample(values(2.0), shape=(5000,)), sample(normal(1), shape=(0,))],
    np.broadcast_to: [sample(normal(3, 1), (2, 3, 4)), sample(values(2.0), (3,)), sample(normal(1), (0,))],
    np.broadcast_arrays: [sample(normal(3, 1), normal(4), 2.0)],
    np.repeat: [
        sample(normal(3, 4), 2),
        sample(normal(3, 4), 3, axis=-1),
        sample(normal(3, 4), [2, 0, 1], axis=0),
        sample(values(2.0), 3),
        sample(normal(2), 0),
    ],
    np.tile: [sample(normal(3, 4), 2), sample(normal(3), (2, 3)), sample(normal(2, 3), (2, 1, 2)), sample(values(2.0), 3)],
    np.pad: [
        sample(normal(3, 4), 1),
        sample(normal(3, 4), ((1, 0), (2, 3)), constant_values=2.0),
        *[sample(normal(3, 4), ((1, 4), (2, 3)), mode=mode) for mode in ("edge", "reflect", "symmetric", "wrap")],
    ],
    np.diagonal: [sample(normal(3, 4)), sample(normal(3, 4), -1), sample(normal(2, 3, 4), 1, 0, 2)],
    np.trace: [sample(normal(3, 3)), sample(normal(3, 4), 1), sample(normal(2, 3, 4), axis1=1, axis2=2)],
    **_rows([np.diag, np.diagflat], sample(normal(3)), sample(normal(2), -1)),
    **_rows([np.triu, np.tril], sample(normal(3, 4)), sample(normal(2, 3, 3), 1), sample(normal(3), -1)),
    # joining and splitting
    np.concatenate: [
        sample([normal(2, 3), normal(1, 3)]),
        sample([normal(2, 3), normal(2, 1), np.arange(4).reshape(2, 2)], axis=-1),
        sample([normal(2, 3), normal(4), values(3.0)], axis=None),
        sample(normal(2, 3, 4)),
    ],
    np.stack: [sample([normal(2, 3), normal(2, 3)], 1), sample([normal(3), normal(3)], axis=-1), sample(normal(2, 3), axis=1)],
    **_rows([np.vstack, np.column_stack], sample([normal(3), normal(3)]), sample([normal(3, 2), normal(3, 2)])),
    np.hstack: [sample([normal(3), normal(2)]), sample([normal(3, 1), normal(3, 2)])],
    np.dstack: [sample([normal(3), normal(3)]), sample([normal(3, 2), normal(3, 2)])],
    np.append: [sample(normal(2, 3), normal(2)), sample(normal(2, 3), normal(1, 3), axis=0)],
    np.block: [sample([normal(2, 3), normal(2, 1)])],
    **_rows([np.split, np.array_split], sample(normal(4, 6), 2), sample(normal(4, 6), [1, 3], axis=1)),
    **_rows([np.hsplit, np.vsplit], sample(normal(4, 6), 2)),
    np.dsplit: [sample(normal(2, 3, 4), [1, 3])],
    # selecting and ordering
    np.take: [
        sample(normal(3, 4), _INDEX),
        sample(normal(3, 4), [2, -1], axis=1),
        sample(normal(3, 4), 1, axis=0),
        *[sample(normal(3, 4), [5, -7, 0], axis=axis, mode=mode) for mode in ("wrap", "clip") for axis in (0, None)],
    ],
    np.take_along_axis: [sample(normal(3, 4), _INDEX, axis=0), sample(normal(3, 4), np.array([[1, -1, 1]]).T, axis=1)],
    np.compress: [sample([True, False, True], normal(3, 4), axis=0), sample([False, True], normal(3, 4), argnums=[1])],
    np.extract: [sample(_MASK, normal(3, 4), argnums=[1])],
    np.choose: [
        sample(np.array([[0, 1, 2, 0]]), [normal(3, 4), normal(4), normal(1)]),
        sample(np.array([4, -1]), [normal(2), normal(2)], mode="wrap"),
    ],
    np.select: [sample([_MASK, ~_MASK[::-1]], [normal(3, 4), normal(4)], 0.5), sample([_MASK[0]], [normal(4)], normal(1))],
    np.sort: [sample(away(3, 4), dtypes=REAL), sample(away(3, 4), axis=0, dtypes=REAL), sample(away(3, 4), None, dtypes=REAL)],
    np.partition: [sample(away(3, 4), 2, dtypes=REAL), sample(away(3, 4), 1, axis=0, dtypes=REAL), sample(away(3, 4), 5, axis=None, dtypes=REAL)],
    np.diff: [sample(normal(3, 4)), sample(normal(4, 3), 2, axis=0), sample(normal(3, 4), prepend=0.0, append=np.ones((3, 2)))],
    # products
    np.matmul: _each(*_MATRICES, *_BATCHES),
    np.dot: [
        *_each(*_MATRICES, (normal(2, 3, 4), normal(5, 4, 2)), (normal(2, 3, 4), normal(4)), (normal(4), normal(2, 4, 3))),
        *_each((values(2.0), normal(3)), (values(2.0), values(3.0))),
        sample(normal(2, 3), 2.0),
    ],
    np.inner: _each((normal(4), normal(4)), (normal(3, 4), normal(2, 5, 4)), (normal(3), values(2.0)), (values(2.0), normal(2, 3))),
    np.vecdot: [*_each((normal(4), normal(4)), (normal(3, 1, 4), normal(2, 4))), sample(normal(4, 3), normal(4, 1), axis=0)],
    np.vdot: _each((normal(4), normal(4)), (normal(2, 3), normal(2, 3))),
    np.outer: _each((normal(3), normal(4)), (normal(2, 2), normal(3)), (values(2.0), normal(3))),
    np.kron: _each((normal(2, 3), normal(2, 2)), (normal(3), normal(2)), (normal(2, 1, 2), normal(3))),
    np.tensordot: [
        sample(normal(2, 3, 4), normal(3, 4, 5)),
        sample(normal(2, 3), normal(4), 0),
        sample(normal(2, 3, 4), normal(4, 5, 2), axes=([0, 2], [2, 0])),
        sample(normal(2, 3, 4), normal(5, 3), axes=(1, -1)),
    ],
    np.einsum: [
        sample("ij,jk->ik", normal(3, 4), normal(4, 2)),
        sample("ij, jk", normal(3, 4), normal(4, 2)),
        sample("ba", normal(3, 4)),
        sample("ii", normal(3, 3)),
        sample("ii->i", normal(3, 3)),
        sample("iij,ji->j", normal(3, 3, 2), normal(2, 3)),
        sample("...ij,...jk->...ik", normal(2, 1, 3, 4), normal(5, 4, 2)),
        sample("i...,i...", normal(3, 2), normal(3, 4, 1)),
        sample("ij,kj->i", normal(3, 4), normal(2, 4)),
        sample("ij,ij->ij", normal(3, 1), normal(1, 4)),
        sample("ij,ij->i", normal(3, 1), normal(3, 4)),
        sample("ij->j", normal(3, 4)),
        sample(",ij->ji", values(2.0), normal(2, 3)),
        sample("i,ij,jk,k->", normal(2), normal(2, 3), normal(3, 4), normal(4), optimize=True),
        sample("i,i,i->i", normal(3), normal(3), normal(3)),
        sample("aBi,iB->Ba", normal(2, 3, 4), normal(4, 3)),
        sample("ij,j->i", normal(0, 3), normal(3)),
    ],
    # new arrays
    np.full: [sample((2, 3), normal(3)), sample(4, values(2.0))],
    np.full_like: [sample(np.zeros((2, 3)), normal(3), dtypes=REAL, argnums=[1])],
    np.linspace: [sample(normal(), normal(), 5), sample(normal(2), normal(3, 1), num=4, endpoint=False, axis=-1), sample(0.0, normal(2), 1)],
}

# What not every supported release of NumPy has.
for _name, _samples in {
    "cumulative_sum": [sample(normal(3, 4), axis=1), sample(normal(3), include_initial=True)],
    "cumulative_prod": [sample(normal(3, 4), axis=-2, include_initial=True)],
    "astype": [sample(normal(2, 3), np.complex128)],
    "unstack": [sample(normal(3, 4)), sample(normal(3, 4), axis=-1)],
    "matvec": [sample(normal(3, 4), normal(4)), sample(normal(2, 1, 3, 4), normal(5, 4))],
    "vecmat": [sample(normal(3), normal(3, 4)), sample(normal(2, 1, 3), normal(5, 3, 4))],
}.items():
    if hasattr(np, _name):
        SAMPLES[getattr(np, _name)] = _samples
