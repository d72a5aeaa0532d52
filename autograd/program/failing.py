"""Which calls may fail for other values of arrays of the same shapes and dtypes. Such a call stays in a program, also
where nobody reads its output: its error would be missed. An error of any other call depends on shapes and dtypes alone,
so that a program holds for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.program.ir import Var
from autograd.registry.entries import module_of
from autograd.registry.operations import getitem, scatter, setitem

# Functions of NumPy that refuse some values, and those that refuse some integers: indices, counts, places.
_REFUSE_VALUES = frozenset(
    (
        *("quantile", "percentile", "nanquantile", "nanpercentile", "histogram", "histogram2d", "histogramdd"),
        *("histogram_bin_edges", "digitize", "polyfit", "polydiv", "roots", "poly", "nanargmax", "nanargmin"),
        *("geomspace", "average", "apply_along_axis", "apply_over_axes", "piecewise", "bincount", "arange"),
    )
)
_REFUSE_INTEGERS = frozenset(
    (
        *("take", "take_along_axis", "put", "put_along_axis", "choose", "repeat", "insert", "delete"),
        *("unravel_index", "ravel_multi_index", "split", "array_split", "linspace", "logspace", "tile", "resize"),
        *("pad", "full", "eye", "tri", "broadcast_to", "spread", "reshape", "sparse_softmax_cross_entropy"),
    )
)
# Those of `numpy.linalg` that do not factor or invert.
_PRODUCTS = frozenset(
    (
        *("cross", "det", "diagonal", "matmul", "matrix_norm", "matrix_transpose", "multi_dot", "norm", "outer"),
        *("slogdet", "tensordot", "trace", "vecdot", "vector_norm"),
    )
)
# Modules whose functions take all numbers.
_TAKE_ALL = (
    *("numpy.fft", "scipy.special", "scipy.stats", "nn.ops", "autograd.registry.operations"),
    *("autograd.rules.shape", "autograd.rules.elementwise", "autograd.rules.linalg", "autograd.rules.signal"),
    "autograd.rules.statistics",
    *("autograd.scipy.slopes", "autograd.scipy.special", "autograd.scipy.stats"),
)


def may_fail(fn: Callable[..., Any], args: tuple[Any, ...] | list[Any], kwargs: dict[str, Any]) -> bool:
    """Tell whether a call may fail for other values of its arrays.

    Parameters
    ----------
    fn : callable
        The function of a call.
    args, kwargs
        Values of a program that are no constants, or arrays, and whatever else the function takes.
    """
    if fn is getitem:
        return _hold_integers(args[1])
    if fn is setitem:
        return _hold_integers(args[1]) or (_hold(args[1]) and np.ndim(args[2]) > 0)
    if fn is scatter:
        return _hold_integers(args[1])
    of_ufunc = fn if fn.__class__ is np.ufunc else getattr(fn, "__self__", None)
    if of_ufunc.__class__ is np.ufunc:
        is_power = of_ufunc is np.power and all(_is_integer(each) for each in args)
        return is_power or not module_of(of_ufunc)  # of `numpy.frompyfunc`
    module, name = module_of(fn), getattr(fn, "__name__", "")
    if name in _REFUSE_INTEGERS:
        return _hold_integers([*args[1:], *kwargs.values()])
    if name in _REFUSE_VALUES:
        return True
    if module == "numpy.linalg":
        return name not in _PRODUCTS
    return module != "numpy" and not module.startswith(_TAKE_ALL)


def _is_integer(arg: Any) -> bool:
    return isinstance(arg, int) or (isinstance(arg, (Var, np.ndarray, np.generic)) and arg.dtype.kind in "iu")


def _hold(nest: Any, kinds: str = "biufc") -> bool:
    """Whether a nest holds a value that is no constant, of some kinds of dtypes."""
    if isinstance(nest, Var):
        return nest.constant is None and nest.dtype.kind in kinds
    if isinstance(nest, np.ndarray):
        return nest.dtype.kind in kinds
    if isinstance(nest, slice):
        return _hold((nest.start, nest.stop, nest.step), kinds)
    return isinstance(nest, (tuple, list)) and any(_hold(each, kinds) for each in nest)


def _hold_integers(nest: Any) -> bool:
    return _hold(nest, "iu")
