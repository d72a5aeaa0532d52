"""The right-hand side of a differential equation, and the adjoint equation by which its solution is differentiated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.core import nest
from autograd.core.tensor import Tensor
from autograd.errors import OperandError
from autograd.tape import GradientTape


def untracked(name: str, value: Any) -> Any:
    """Return the array of what a user's function computed from arrays.

    Parameters
    ----------
    name : str
        Of the solver that was given the function.
    value : array, Tensor or number

    Raises
    ------
    OperandError
        If a tracked value was used, which cannot be among the arguments then.
    """
    if not isinstance(value, Tensor):
        return value
    if value._is_followed():
        raise OperandError(
            f"the function that {name} was given uses a tracked tensor or variable that is not among its arguments, "
            "and the derivative with respect to it would be lost. Pass it in args=, or detach it with .numpy() if "
            "it is meant to be constant."
        )
    return value.numpy()


def is_operand(leaf: Any) -> bool:
    """Whether an argument can have a derivative."""
    return isinstance(leaf, (Tensor, np.ndarray, np.floating, float)) and np.result_type(leaf).kind == "f"


class Dynamics:
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


class Adjoint:
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


def adjoint_vjp(
    solve: Callable[..., Any], dynamics: Any, argnums: Any, g: Any, ans: Any, y0: Any, t: Any, *operands: Any
) -> list[Any]:
    """Solve the adjoint equation from the last time to the first. At each time the cotangent of the solution there
    joins the adjoint.

    A time moves the solution along its slope; the first time moves the whole solution the other way.

    Parameters
    ----------
    solve : callable
        ``solve(adjoint, state, times, *operands)`` returns the state at the second of two times.
    dynamics : callable
        ``dynamics(y, t, *operands)``.
    argnums : tuple of int
        The positions in ``(y0, t, *operands)`` whose cotangents are wanted.
    g, ans : array or Tensor of shape (m, n)
        The cotangent of the solution at all times, and the solution.
    """
    m, n = np.shape(ans)
    sizes = [np.size(each) for each in operands]
    if not m or not n:
        return [np.zeros(np.shape((y0, t, *operands)[i])) for i in argnums]
    adjoint, a, before, integrals = Adjoint(dynamics, n), g[m - 1], g[m - 1], np.zeros(sum(sizes))
    for i in range(m - 1, 0, -1):
        state = solve(adjoint, np.concatenate([ans[i], a, integrals]), np.stack([t[i], t[i - 1]]), *operands)
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
