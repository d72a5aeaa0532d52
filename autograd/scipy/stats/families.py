"""How the distributions of `autograd.scipy.stats` are made of their standard forms."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.core.tensor import Tensor
from autograd.numpy.wrapping import wrap_composite
from autograd.registry.define import defcomposite
from autograd.rules.shape import array_of

LOG_2PI = math.log(2 * math.pi)


def array(x: Any) -> Any:
    """Make a tensor of a list, in which tensors may stand; leave numbers, arrays and tensors as they are."""
    return Tensor(x) if isinstance(x, (list, tuple)) else x


def positive(p: Any, or_zero: bool = False) -> Any:
    """Return a parameter with NaN where it is not positive, as SciPy answers for such parameters."""
    compare = np.greater_equal if or_zero else np.greater
    if isinstance(p, (int, float)):
        return p if compare(p, 0) else math.nan
    return np.where(compare(p, 0), p, math.nan)


_SCALED: dict[str, Callable[[Any, Any], Any]] = {
    "pdf": lambda value, scale: value / scale,
    "logpdf": lambda value, scale: value - np.log(scale),
}


def methods(dist: Any, *shapes: str, discrete: bool = False) -> Callable[..., Callable[..., Any]]:
    """Return what defines the methods of a distribution by those of its standard form, with location 0 and scale 1.

    Parameters
    ----------
    dist : scipy.stats distribution
    *shapes : str
        The names of its shape parameters.
    discrete : bool, default False
        Whether it has no scale.

    Returns
    -------
    callable
        Takes the name of a method, and a function of the standardised variable and of the shape parameters.
    """

    def method(name: str, of_standard: Callable[..., Any]) -> Callable[..., Any]:
        of_scipy = getattr(dist, name)
        defcomposite(of_scipy)(_moved(name, of_standard, shapes, discrete))
        return wrap_composite(of_scipy)

    return method


def _moved(name: str, of_standard: Callable[..., Any], shapes: Sequence[str], discrete: bool) -> Callable[..., Any]:
    """Give a method of a standard distribution its location and its scale."""
    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    variable = "k" if discrete else "q" if name in ("ppf", "isf") else "x"
    places = [inspect.Parameter("loc", either, default=0)]
    if not discrete:
        places.append(inspect.Parameter("scale", either, default=1))
    signature = inspect.Signature([*[inspect.Parameter(each, either) for each in (variable, *shapes)], *places])

    def moved(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        x, *parameters = map(array, bound.arguments.values())
        shape_parameters = parameters[: len(shapes)]
        if discrete:
            y: Any = np.subtract(x, parameters[-1])
            value = of_standard(y, *shape_parameters)
        elif variable == "q":
            y = array_of(x)
            value = of_standard(y, *shape_parameters) * positive(parameters[-1]) + parameters[-2]
        else:
            scale = positive(parameters[-1])
            y = np.subtract(x, parameters[-2]) / scale
            value = of_standard(y, *shape_parameters)
            value = _SCALED[name](value, scale) if name in _SCALED else value
        return value.astype(_precision(y, *parameters))

    return moved


def _precision(*operands: Any) -> Any:
    """Return the dtype of a result: a function of Python numbers alone would make it double precision."""
    dtype = np.result_type(*operands)
    return dtype if dtype.kind == "f" else np.dtype(float)


def density(log_density: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: np.exp(log_density(*args))
