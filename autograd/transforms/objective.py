"""Adapt a function of a nest to the optimizers of SciPy, which take vectors of float64 only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.core import nest
from autograd.core.tensor import Tensor
from autograd.errors import DtypeError, ShapeError
from autograd.transforms.flatten import flatten
from autograd.transforms.forward import hvp
from autograd.transforms.grad import value_and_grad
from autograd.transforms.jacobian import hessian


class ScipyObjective:
    """A function of any nest as what `scipy.optimize.minimize` takes. Made by `scipy_objective`.

    Attributes
    ----------
    x0 : array of shape (n,)
        The parameters to begin with.
    jac : bool
        True: ``fun`` returns the gradient together with the value.

    Raises
    ------
    DtypeError
        If a parameter is complex, or no number.

    Examples
    --------
    >>> objective = scipy_objective(lambda p: p["a"] ** 2 + np.sum(p["b"]), {"a": 3.0, "b": np.zeros(2)})
    >>> objective.fun(objective.x0)
    (9.0, array([6., 1., 1.]))
    """

    jac = True

    def __init__(self, f: Callable[..., Any], x0: Any, args: tuple[Any, ...]) -> None:
        self._given = x0
        self._dtypes = [np.result_type(leaf) for leaf in nest.leaves(x0)]
        for dtype in self._dtypes:
            if dtype.kind not in "fiub":
                raise DtypeError(
                    f"the optimizers of SciPy take real numbers: received x0 with dtype {dtype}. Optimize its real and "
                    f"imaginary part."
                )
        self._unflatten = flatten(x0)[1]
        self.x0 = self.flatten(x0)

        def of_vector(x: Any) -> Any:
            return f(self.unflatten(x), *args)

        of_vector.__name__ = getattr(f, "__name__", repr(f))
        self._of_vector = of_vector
        self._both = value_and_grad(of_vector)
        self._hessian = hessian(of_vector)

    def __repr__(self) -> str:
        return f"<ScipyObjective of {self._of_vector.__name__}: {self.x0.size} parameters>"

    def keys(self) -> tuple[str, ...]:
        """Return the names that ``minimize(**objective)`` takes from here."""
        return ("fun", "x0", "jac")

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def fun(self, x: Any) -> tuple[float, Any]:
        """Return the value and the gradient at a vector."""
        value, gradient = self._both(_float64(x))
        return float(value), gradient

    def hess(self, x: Any) -> Any:
        """Return the Hessian at a vector, a matrix of shape (n, n)."""
        return self._hessian(_float64(x))

    def hessp(self, x: Any, p: Any) -> Any:
        """Return the product of the Hessian at a vector with another."""
        return hvp(self._of_vector, (_float64(x),), (_float64(p),))

    def flatten(self, value: Any) -> Any:
        """Return a nest built like the parameters as a vector: bounds, another point to begin with."""
        if [np.shape(leaf) for leaf in nest.leaves(value)] != [np.shape(leaf) for leaf in nest.leaves(self._given)]:
            raise ShapeError(
                f"the parameters are arrays of shapes {[np.shape(leaf) for leaf in nest.leaves(self._given)]}: "
                f"received {[np.shape(leaf) for leaf in nest.leaves(value)]}."
            )
        vector = flatten(value)[0]
        return np.array(vector.numpy() if isinstance(vector, Tensor) else vector, np.float64)

    def unflatten(self, x: Any) -> Any:
        """Return a vector as a nest built like the parameters, with their dtypes: ``unflatten(result.x)``.
        Differentiable.
        """
        parts = self._unflatten(x)
        pairs = zip(nest.leaves(parts), self._dtypes, strict=True)
        return nest.rebuild(
            self._given,
            [part.astype(dtype) if dtype.kind == "f" and part.dtype != dtype else part for part, dtype in pairs],
        )


def scipy_objective(f: Callable[..., Any], x0: Any, *args: Any) -> ScipyObjective:
    """Prepare a function for `scipy.optimize.minimize`.

    Parameters
    ----------
    f : callable
        Takes parameters, and ``args``, and returns one real number.
    x0 : nest of arrays, tensors and numbers
        The parameters to begin with.
    *args
        Further arguments of the function.

    Returns
    -------
    ScipyObjective
        ``minimize(**objective)`` gets the function, its gradient and ``x0``. Where a method uses the Hessian, add
        ``hess=objective.hess``, a matrix, or ``hessp=objective.hessp``, products with it.
        ``objective.unflatten(result.x)`` are the parameters that were found.

    Raises
    ------
    DtypeError
        If the parameters are complex.

    Examples
    --------
    >>> from scipy.optimize import minimize
    >>> def distance(p):
    ...     return (p["a"] - 1.0) ** 2 + np.sum((p["b"] - p["a"]) ** 2)
    >>> objective = scipy_objective(distance, {"a": 0.0, "b": np.zeros(2)})
    >>> result = minimize(**objective, method="trust-exact", hess=objective.hess)
    >>> np.round(objective.unflatten(result.x)["b"], 6)
    array([1., 1.])
    """
    return ScipyObjective(f, x0, args)


def _float64(x: Any) -> Any:
    return np.asarray(x, np.float64)
