"""The names of `scipy.integrate`, differentiable: ordinary differential equations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import integrate

from autograd.core import nest
from autograd.core.tensor import Tensor
from autograd.errors import DtypeError, OperandError, ShapeError
from autograd.registry.define import defjoint, operation
from autograd.rules.shape import array_of
from autograd.scipy.dynamics import Adjoint, Dynamics, adjoint_vjp, is_operand, untracked
from autograd.scipy.ivp import solve_ivp as solve_ivp
from autograd.transforms.batched import one_at_a_time
from autograd.transforms.unrepeatable import unrepeatable

# Why no program can repeat it.
_STEPS = "odeint takes as many steps as the values ask for"
_OPTIONS = ("rtol", "atol", "tcrit", "h0", "hmax", "hmin", "mxstep", "mxhnil", "mxordn", "mxords")


@one_at_a_time
def odeint(
    func: Callable[..., Any], y0: Any, t: Any, args: tuple[Any, ...] = (), tfirst: bool = False, **options: Any
) -> Tensor:
    """Solve ``dy/dt = func(y, t, *args)``, differentiably. See `scipy.integrate.odeint`, which solves it.

    Parameters
    ----------
    func : callable
        Returns the derivative, of the shape of ``y0``. It gets arrays or tensors, and must be written with functions of
        `autograd.numpy` or of NumPy that have derivatives. Everything that it is to be differentiated with respect to
        must stand in ``args``.
    y0 : array_like of shape (n,), or a number
        Where the solution begins.
    t : array_like of shape (m,)
        The times at which it is wanted, ascending or descending. ``y0`` is its value at the first.
    args : tuple
        Further arguments of ``func``: arrays, tensors, numbers, and nests of these in lists, tuples and dicts. Anything
        else is passed on.
    tfirst : bool, default False
        Whether ``func`` takes ``t`` before ``y``.
    **options
        ``rtol`` and ``atol`` (1.49e-8 each, unless given), ``tcrit``, ``h0``, ``hmax``, ``hmin``, ``mxstep``,
        ``mxhnil``, ``mxordn`` and ``mxords``, as SciPy's. The derivative is integrated with the same, except ``tcrit``:
        it is never integrated past the times ``t``.

    Returns
    -------
    Tensor of shape (m, n) and dtype float64

    Raises
    ------
    OperandError
        If ``func`` uses a tracked value that does not stand in ``args``, or an option is unknown.
    DtypeError
        If ``y0`` is complex.
    ShapeError
        If ``y0`` or ``t`` has more than one axis.

    Notes
    -----
    The derivative is that of the solution and not of the steps that were taken to it: the adjoint equation is solved
    backwards, as in R. T. Q. Chen et al., "Neural Ordinary Differential Equations" (2018), appendix C. It is as
    accurate as the tolerances say, and holds for every order. The solution is retraced backwards from each time to the
    one before; where that is unstable over a long time (a strongly damped motion), ask for more times in between.
    """
    unknown = [name for name in options if name not in _OPTIONS]
    if unknown:
        raise OperandError(
            f"odeint takes the options {', '.join(_OPTIONS)} here: received {unknown[0]!r}. Leave it out."
        )
    if any(np.ndim(options.get(name, 0)) for name in ("rtol", "atol")):
        raise ShapeError(
            "odeint takes one rtol and one atol here, as numbers, for they hold for the derivative too. Give their "
            "smallest."
        )
    y0, t = (Tensor(x) if isinstance(x, (list, tuple)) else array_of(x) for x in (y0, t))
    if np.ndim(y0) > 1 or np.ndim(t) != 1:
        raise ShapeError(
            f"odeint takes a vector y0 and a vector t: received shapes {np.shape(y0)} and {np.shape(t)}. Reshape y0 "
            f"with .reshape(-1)."
        )
    if np.iscomplexobj(y0):
        raise DtypeError(
            f"odeint solves for real numbers: received y0 of dtype {y0.dtype}. Solve for the real and the imaginary "
            f"part."
        )
    leaves = nest.leaves(args)
    operands = [leaf for leaf in leaves if is_operand(leaf)]
    dynamics = Dynamics(func, args, [is_operand(leaf) for leaf in leaves], tfirst)
    with unrepeatable(_STEPS):
        result = _odeint(np.reshape(y0, (-1,)), t, *operands, dynamics=dynamics, options=options)
    return result if isinstance(result, Tensor) else Tensor(result)


@operation
def _odeint(y0: Any, t: Any, *operands: Any, dynamics: Callable[..., Any], options: dict[str, Any]) -> Any:
    """Return the solution at all times: an array of shape (m, n)."""
    if not np.size(t) or not np.size(y0):
        return np.zeros((np.size(t), np.size(y0)))

    def slope(y: Any, at: float) -> Any:
        return untracked("odeint", dynamics(y, at, *operands))

    if isinstance(dynamics, Adjoint):
        # The solver steps past a time and interpolates: past the first one the right-hand side may not be defined.
        options = {**options, "tcrit": t[-1:]}
    return integrate.odeint(slope, y0, t, **options)


def _odeint_vjp(argnums: Any, g: Any, ans: Any, y0: Any, t: Any, *operands: Any, dynamics: Any, options: Any) -> Any:
    def solve(adjoint: Any, state: Any, times: Any, *operands: Any) -> Any:
        return _odeint(state, times, *operands, dynamics=adjoint, options=options)[1]

    with unrepeatable(_STEPS):
        return adjoint_vjp(solve, dynamics, argnums, g, ans, y0, t, *operands)


defjoint(_odeint, _odeint_vjp, static=True, fresh=True)


if not TYPE_CHECKING:  # a type checker takes this for a promise of every name

    def __getattr__(name: str) -> Any:
        if hasattr(integrate, name):
            raise AttributeError(
                f"autograd.scipy.integrate has no {name}: scipy.integrate.{name} computes it, without a derivative."
            )
        raise AttributeError(f"neither autograd.scipy.integrate nor scipy.integrate has a {name}.")
