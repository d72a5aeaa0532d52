"""The parts of samples: arrays that are drawn, calls that hold them, and the forms that many functions share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd.core.tensor import call

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

    def __init__(
        self, numbers: Callable[[Generator, tuple[int, ...]], Any], shape: tuple[int, ...] | None, real: bool = False
    ) -> None:
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
        The positions of the arguments to differentiate with respect to; None for all that hold floating-point or
        complex arrays.
    through : callable or None
        A function that is applied to each array that is differentiated, before the call. A
        derivative by matrices that must be symmetric is checked by matrices that need not be.
    """

    __slots__ = ("argnums", "args", "dtypes", "kwargs", "through")

    def __init__(
        self,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        dtypes: Sequence[str],
        argnums: Sequence[int] | None,
        through: Callable[[Any], Any] | None,
    ) -> None:
        self.args = args
        self.kwargs = kwargs
        self.dtypes = tuple(dtypes)
        self.argnums = None if argnums is None else tuple(argnums)
        self.through = through

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
        """Return where the arrays stand to differentiate with respect to: (i,) for an argument, (i, j) for an item of a
        list.
        """
        places: list[tuple[int, ...]] = []
        for i, arg in enumerate(args):
            if self.argnums is None or i in self.argnums:
                items = [((i, j), each) for j, each in enumerate(arg)] if isinstance(arg, list) else [((i,), arg)]
                places += [place for place, each in items if isinstance(each, np.ndarray) and each.dtype.kind in "fc"]
        return places

    def filled(self, args: tuple[Any, ...], places: Sequence[tuple[int, ...]], xs: Sequence[Any]) -> list[Any]:
        """Return the arguments of a call with other arrays or tensors in some places."""
        filled: list[Any] = [list(arg) if isinstance(arg, list) else arg for arg in args]
        for place, x in zip(places, xs, strict=True):
            holder = filled if len(place) == 1 else filled[place[0]]
            holder[place[-1]] = x if self.through is None else self.through(x)
        return filled

    def problem(
        self, fn: Callable[..., Any], rng: Generator, dtype: DTypeLike = "float64"
    ) -> tuple[Callable[..., Any], list[Array]]:
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
            return call(fn, *self.filled(args, places, xs), **kwargs)

        f.__name__ = f"{fn.__name__}{self!r}"
        return f, [args[place[0]] if len(place) == 1 else args[place[0]][place[1]] for place in places]

    def __repr__(self) -> str:
        return f"({', '.join([*map(repr, self.args), *[f'{name}={value!r}' for name, value in self.kwargs.items()]])})"


def _narrowed(rng: Generator, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape itself, or with some axes of length 1, or without some of the first axes."""
    narrowed = tuple([1 if rng.random() < 0.2 else n for n in shape])
    return narrowed[rng.integers(len(shape) + 1) :] if rng.random() < 0.2 else narrowed


def sample(
    *args: Any,
    dtypes: Sequence[str] = ALL,
    argnums: Sequence[int] | None = None,
    through: Callable[[Any], Any] | None = None,
    **kwargs: Any,
) -> Sample:
    """Describe one kind of call: its arguments, with a `Draw` for each array that is drawn. See `Sample`."""
    return Sample(args, kwargs, dtypes, argnums, through)


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
    """Numbers of both signs, none of them near another one, nor near a multiple of 1/2; another offset keeps two arrays
    apart.
    """

    def numbers(rng: Generator, s: tuple[int, ...]) -> Any:
        size = int(np.prod(s, dtype=int))
        return np.reshape(
            (rng.permutation(size + 8)[:size] - size // 2 - 4) * 0.5 + offset + rng.uniform(0, 0.05, size), s
        )

    return Draw(numbers, shape or None)


def values(numbers: Any) -> Draw:
    """The same numbers every time: a special point."""
    array = np.asarray(numbers, np.float64)
    return Draw(lambda rng, s: array, array.shape)


# ------------------------------------------------------------------------------------------------- shared by the tables
AXES: tuple[dict[str, Any], ...] = (
    {},
    {"axis": 0},
    {"axis": -1, "keepdims": True},
    {"axis": (0, -1)},
    {"axis": (), "keepdims": True},
)
MASK = np.array([[True, False, True, True], [False, True, True, False], [True, True, False, True]])
INDEX = np.array([[2, 0, 0, 2], [1, 1, 0, 2]])
ZEROS = values([[0.0, 2.0, 3.0, -1.0], [0.0, 0.0, 3.0, 2.0], [1.0, -2.0, 3.0, 0.5]])


def reduced(draw: Callable[..., Draw], *more: Sample, dtypes: Sequence[str] = ALL) -> list[Sample]:
    """The forms that every reduction has. (No axis has length 2: the standard deviation of two numbers has no curvature
    to check.)
    """
    forms = [sample(draw(3, 4, 5), dtypes=dtypes, **axes) for axes in AXES]
    return [*forms, sample(draw(3), 0, dtypes=dtypes), sample(draw(3, 1), (1, -2), dtypes=dtypes), *more]


def each_of(*draws: tuple[Draw, ...], dtypes: Sequence[str] = ALL, **kwargs: Any) -> list[Sample]:
    return [sample(*each, dtypes=dtypes, **kwargs) for each in draws]


def rows(fns: Sequence[Any], *samples: Sample) -> dict[Any, list[Sample]]:
    """Give several functions the same samples."""
    return {fn: list(samples) for fn in fns}
