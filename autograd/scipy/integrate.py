"""The names of `scipy.integrate`, differentiable: ordinary differential equations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import integrate

from autograd.core import nest
from autograd.core.tensor import Tensor
from autograd.errors import DtypeError, OperandError, ShapeError
from autograd.registry.define import defjoint, operation
from autograd.rules.shape import array_of
from autograd.tape import GradientTape
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
    operands = [leaf for leaf in leaves if _is_operand(leaf)]
    dynamics = _Dynamics(func, args, [_is_operand(leaf) for leaf in leaves], tfirst)
    with unrepeatable(_STEPS):
        result = _odeint(np.reshape(y0, (-1,)), t, *operands, dynamics=dynamics, options=options)
    return result if isinstance(result, Tensor) else Tensor(result)


def _is_operand(leaf: Any) -> bool:
    """Whether an argument can have a derivative."""
    return isinstance(leaf, (Tensor, np.ndarray, np.floating, float)) and np.result_type(leaf).kind == "f"


class _Dynamics:
    """The right hand side of a differential equation, as a function of ``y``, ``t`` and those arguments that can have a
    derivative.
    """

    def __init__(
        self, func: Callable[..., Any], args: tuple[Any, ...], differentiable: Sequence[bool], tfirst: bool
    ) -> None:
        self.func = func
        self.differentiable = tuple(differentiable)
        self.args = nest.rebuild(
            args, [None if d else leaf for d, leaf in zip(differentiable, nest.leaves(args), strict=True)]
        )
        self.tfirst = tfirst

    def __call__(self, y: Any, t: Any, *operands: Any) -> Any:
        given = iter(operands)
        leaves = [
            next(given) if d else leaf for d, leaf in zip(self.differentiable, nest.leaves(self.args), strict=True)
        ]
        args = nest.rebuild(self.args, leaves)
        slope = self.func(t, y, *args) if self.tfirst else self.func(y, t, *args)
        return Tensor(slope) if isinstance(slope, (list, tuple)) else slope


@operation
def _odeint(y0: Any, t: Any, *operands: Any, dynamics: Callable[..., Any], options: dict[str, Any]) -> Any:
    """Return the solution at all times: an array of shape (m, n)."""
    if not np.size(t) or not np.size(y0):
        return np.zeros((np.size(t), np.size(y0)))

    def slope(y: Any, at: float) -> Any:
        value = dynamics(y, at, *operands)
        if not isinstance(value, Tensor):
            return value
        if value._is_followed():
            raise OperandError(
                "the function that odeint was given uses a tracked tensor or variable that is not among its arguments, "
                "and the derivative with respect to it would be lost. Pass it in args=, or detach it with .numpy() if "
                "it is meant to be constant."
            )
        return value.numpy()

    if isinstance(dynamics, _Adjoint):
        # The solver steps past a time and interpolates: past the first one the right-hand side may not be defined.
        options = {**options, "tcrit": t[-1:]}
    return integrate.odeint(slope, y0, t, **options)


class _Adjoint:
    """The dynamics of the state, the adjoint ``a`` of the state, and the integrals that are the cotangents of the
    arguments.

    ``dy/dt = f``, ``da/dt = -a df/dy`` and ``dc/dt = -a df/dargs`` (Chen et al., equations 46 to 51), all in one
    vector."""

    def __init__(self, dynamics: Callable[..., Any], n: int) -> None:
        self.dynamics = dynamics
        self.n = n

    def __call__(self, state: Any, t: Any, *operands: Any) -> Any:
        y, a = Tensor(state[: self.n]), Tensor(state[self.n : 2 * self.n])
        watched = [Tensor(each) for each in operands]
        with GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([y, *watched])
            slope = np.reshape(Tensor(self.dynamics(y, t, *watched), np.float64), (self.n,))
        cotangents = tape.gradient(slope, [y, *watched], a, unconnected_gradients="zero")
        return np.concatenate([slope, *[-np.reshape(c, (-1,)) for c in cotangents]])


def _odeint_vjp(argnums: Any, g: Any, ans: Any, y0: Any, t: Any, *operands: Any, dynamics: Any, options: Any) -> Any:
    with unrepeatable(_STEPS):
        return _cotangents(argnums, g, ans, y0, t, operands, dynamics, options)


def _cotangents(
    argnums: Any, g: Any, ans: Any, y0: Any, t: Any, operands: tuple[Any, ...], dynamics: Any, options: Any
) -> list[Any]:
    """Solve the adjoint equation from the last time to the first. At each time the cotangent of the solution there
    joins the adjoint.

    A time moves the solution along its slope; the first time moves the whole solution the other way.
    """
    m, n = np.shape(ans)
    sizes = [np.size(each) for each in operands]
    if not m or not n:
        return [np.zeros(np.shape((y0, t, *operands)[i])) for i in argnums]
    adjoint, a, integrals = _Adjoint(dynamics, n), g[m - 1], np.zeros(sum(sizes))
    for i in range(m - 1, 0, -1):
        state = np.concatenate([ans[i], a, integrals])
        state = _odeint(state, np.stack([t[i], t[i - 1]]), *operands, dynamics=adjoint, options=options)[1]
        before, integrals = state[n : 2 * n], state[2 * n :]
        a = before + g[i - 1]

    cotangents = []
    for argnum in argnums:
        if argnum == 0:
            cotangents.append(a)
        elif argnum == 1:
            along = [np.sum(g[i] * _plain(dynamics(ans[i], t[i], *operands), g)) for i in range(1, m)]
            first = -np.sum(before * _plain(dynamics(ans[0], t[0], *operands), g)) if m > 1 else np.sum(a) * 0
            cotangents.append(np.stack([first, *along]))
        else:
            start = sum(sizes[: argnum - 2])
            cotangents.append(np.reshape(integrals[start : start + sizes[argnum - 2]], np.shape(operands[argnum - 2])))
    return cotangents


def _plain(slope: Any, g: Any) -> Any:
    """Return an array in a sweep over arrays, and a tensor in one that is recorded."""
    slope = np.reshape(Tensor(slope), (-1,))
    return slope if isinstance(g, Tensor) else slope.numpy()


defjoint(_odeint, _odeint_vjp, static=True, fresh=True)


if not TYPE_CHECKING:  # a type checker takes this for a promise of every name

    def __getattr__(name: str) -> Any:
        if hasattr(integrate, name):
            raise AttributeError(
                f"autograd.scipy.integrate has no {name}: scipy.integrate.{name} computes it, without a derivative."
            )
        raise AttributeError(f"neither autograd.scipy.integrate nor scipy.integrate has a {name}.")
