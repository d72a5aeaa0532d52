"""`solve_ivp`, differentiable in where it begins, the ends of time, the times of evaluation, arguments and events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import integrate

from autograd.core import nest
from autograd.core.tensor import Tensor, apply
from autograd.errors import ConvergenceError, DtypeError, OperandError, ShapeError
from autograd.registry.define import defjoint, operation
from autograd.rules.shape import array_of
from autograd.scipy.dynamics import Adjoint, Dynamics, adjoint_vjp, is_operand, untracked
from autograd.tape import GradientTape
from autograd.transforms.batched import innermost, one_by_one
from autograd.transforms.unrepeatable import unrepeatable

# SciPy's class of results has no public name.
_Result = type(integrate.solve_ivp(lambda t, y: y, (0, 1), [0.0]))
# Why no program can repeat it.
_STEPS = "solve_ivp takes as many steps as the values ask for"
# Options that the adjoint equation takes over: it has another size, and other ends of time.
_FOR_ADJOINT = ("rtol", "atol", "max_step", "min_step")


def solve_ivp(
    fun: Callable[..., Any],
    t_span: Sequence[Any],
    y0: Any,
    method: Any = "RK45",
    t_eval: Any = None,
    dense_output: bool = False,
    events: Any = None,
    vectorized: bool = False,
    args: tuple[Any, ...] | None = None,
    **options: Any,
) -> Any:
    """Solve ``dy/dt = fun(t, y, *args)``, differentiably. See `scipy.integrate.solve_ivp`, which solves it.

    Parameters
    ----------
    fun : callable
        Returns the derivative, of the shape of ``y0``. It gets arrays or tensors, and must be written with functions of
        `autograd.numpy` or of NumPy that have derivatives. Everything that it is to be differentiated with respect to
        must stand in ``args``.
    t_span : (number, number)
        The first and the last time.
    y0 : array_like of shape (n,)
        Where the solution begins.
    method : str or OdeSolver, default "RK45"
        As SciPy's. The derivative is integrated by the same method.
    t_eval : array_like of shape (m,), optional
        The times at which the solution is wanted. Without them they are the steps of the solver, whose inner ones have
        no derivative.
    dense_output : bool, default False
        Whether ``sol`` is a function of the time.
    events : callable, or list of callable, optional
        ``event(t, y, *args)`` is zero at an event, as SciPy's, with its attributes ``terminal`` and ``direction``.
    vectorized : bool, default False
        As SciPy's.
    args : tuple, optional
        Further arguments of ``fun``, the events and ``jac``: arrays, tensors, numbers, nests of these. Anything else
        is passed on.
    **options
        As SciPy's. Of these ``rtol``, ``atol``, ``max_step`` and ``min_step`` hold for the derivative too.

    Returns
    -------
    scipy.integrate.OdeResult
        As SciPy's. ``t``, ``y``, ``sol``, ``t_events`` and ``y_events`` are tensors, and have derivatives.

    Raises
    ------
    OperandError
        If a function uses a tracked value that does not stand in ``args``, or a time outside ``t_span`` is asked for.
    ConvergenceError
        If the solver fails and a derivative is wanted.
    DtypeError
        If a derivative is wanted and ``y0`` is complex.
    ShapeError
        If a derivative is wanted and ``atol`` or ``rtol`` is no single number.

    Notes
    -----
    The derivative is that of the solution and not of the steps that were taken to it: the adjoint equation is solved
    backwards, as in `odeint`, in both modes and for every order, as accurately as the tolerances say. (SciPy's defaults
    are 1e-3 and 1e-6.) The time of an event moves as the implicit function theorem says; one at which the event's
    function only touches zero has no derivative (an infinity or NaN).
    """
    asked = {"t_eval": t_eval, "events": events, "dense_output": dense_output}
    found = _solved(fun, (t_span[0], t_span[1]), y0, method, vectorized, args or (), options, asked)
    return _Result(**found)


def _solved(
    fun: Any, t_span: Any, y0: Any, method: Any, vectorized: bool, args: Any, options: Any, asked: dict[str, Any]
) -> dict[str, Any]:
    level = innermost((t_span, y0, args, asked["t_eval"]))
    if level is not None:
        if asked["dense_output"]:
            raise OperandError("solve_ivp inside vmap has no dense_output: give the times in t_eval.")
        return one_by_one(_solved, (fun, t_span, y0, method, vectorized, args, options, asked), {}, level)
    ends = [array_of(t) for t in t_span]
    y0 = Tensor(y0) if isinstance(y0, (list, tuple)) else array_of(y0)
    times = None if asked["t_eval"] is None else array_of(asked["t_eval"])
    leaves = nest.leaves(args)
    differentiable = [is_operand(leaf) for leaf in leaves]
    problem = _Problem(fun, args, differentiable, method, vectorized, options, asked["events"])
    operands = [leaf for leaf, d in zip(leaves, differentiable, strict=True) if d]
    plain = [_array(each) for each in (*ends, y0, *operands)]
    grid = None if times is None else _array(times)
    first, last, start = plain[:3]
    result = problem.solve(first, last, start, plain[3:], t_eval=grid, dense_output=asked["dense_output"])
    tracked = [each for each in (*ends, y0, *operands, times) if isinstance(each, Tensor) and each._is_followed()]
    if tracked:
        problem.check(result, plain[2])
        _differentiate(result, problem, ends, y0, operands, times)
    else:
        solution = _Solution(problem, plain[:2], plain[2], plain[3:])
        result["sol"] = result["sol"] and solution.dense(result["sol"])
        for name in ("t", "y", "t_events", "y_events"):
            result[name] = _tensors(result[name])
    return dict(result)


def _untraced(dynamics: Any, y: Any, t: Any, operands: Any) -> Any:
    """Return the array that a user's function gives, unheard by a tracer."""
    with unrepeatable(_STEPS):
        return untracked("solve_ivp", dynamics(y, t, *operands))


def _array(x: Any) -> Any:
    return x.numpy() if isinstance(x, Tensor) else np.asarray(x)


def _tensors(x: Any) -> Any:
    return [Tensor(each) for each in x] if isinstance(x, list) else x if x is None else Tensor(x)


def _differentiate(result: dict[str, Any], problem: _Problem, ends: Any, y0: Any, operands: Any, times: Any) -> None:
    """Put tensors with derivatives in place of the arrays that the solver returned."""
    solution, steps = _Solution(problem, ends, y0, operands), result["t"]
    if result["t_events"] is not None:
        moments = [solution.moments(i) if len(t) else Tensor(t) for i, t in enumerate(result["t_events"])]
        if result["status"] == 1:
            ending = [m[-1] for m, (event, _) in zip(moments, problem.events, strict=True) if _ends(event, m)]
            solution.last = max(ending, key=lambda t: abs(_array(t) - _array(solution.first)))
        result["y_events"] = [
            solution.at(t) if np.size(t) else Tensor(y) for t, y in zip(moments, result["y_events"], strict=True)
        ]
        result["t_events"] = moments
    if times is not None:
        result["t"] = times[: len(steps)] * 1.0
    elif len(steps) > 1:
        result["t"] = np.concatenate([np.reshape(solution.first, (1,)), steps[1:-1], np.reshape(solution.last, (1,))])
    result["y"] = np.swapaxes(solution.at(result["t"]), 0, 1)
    result["sol"] = result["sol"] and solution.dense(None)


def _ends(event: Any, moments: Any) -> bool:
    return bool(getattr(event, "terminal", False)) and np.size(moments) > 0


class _Solution:
    """The solution as a differentiable function of the time, between the ends."""

    def __init__(self, problem: _Problem, ends: Any, y0: Any, operands: Any) -> None:
        self.problem, self.operands = problem, operands
        self.first, self.last = (end * 1.0 for end in ends)
        self.y0 = y0 if y0.dtype.kind == "f" else y0 * 1.0

    def at(self, t: Any) -> Any:
        """Return the solution at times in the order in which they are passed: an array of shape (m, n)."""
        whole = np.concatenate([np.reshape(self.first, (1,)), t, np.reshape(self.last, (1,))])
        return apply(_ivp, self.y0, whole, *self.operands, dynamics=self.problem.dynamics, problem=self.problem)[1:-1]

    def moments(self, which: int) -> Any:
        """Return the times of the events of one kind."""
        ends = np.stack([self.first, self.last])
        return apply(_moments, self.y0, ends, *self.operands, problem=self.problem, which=which)

    def dense(self, of_solver: Any) -> Callable[[Any], Any]:
        """Return the solution as a function of times in any order: of one a vector, of several a column for each.

        Parameters
        ----------
        of_solver : callable or None
            The solver's own, which serves times without a derivative where nothing else has one.
        """

        def sol(t: Any) -> Any:
            t = array_of(t) * 1.0
            if of_solver is not None and not (isinstance(t, Tensor) and t._is_followed()):
                return Tensor(of_solver(_array(t)))
            plain, first, last = np.ravel(_array(t)), float(_array(self.first)), float(_array(self.last))
            if np.any((plain < min(first, last)) | (plain > max(first, last))):
                raise OperandError(
                    f"sol takes times from {first} to {last}, where the equation was solved: received {plain.min()} to "
                    f"{plain.max()}. Solve it for a longer t_span."
                )
            order = np.argsort(plain if first <= last else -plain, kind="stable")
            y = self.at(np.reshape(t, (-1,))[order])[np.argsort(order)]
            return y[0] if np.ndim(t) == 0 else np.swapaxes(y, 0, 1)

        return sol


class _Problem:
    """A differential equation with its events, as SciPy takes it: functions of arrays.

    Parameters
    ----------
    differentiable : list of bool
        Which leaves of ``args`` are operands.
    """

    def __init__(
        self, fun: Any, args: Any, differentiable: Any, method: Any, vectorized: bool, options: Any, events: Any
    ) -> None:
        self.dynamics = Dynamics(fun, args, differentiable, tfirst=True)
        self.method, self.vectorized, self.options = method, vectorized, dict(options)
        self.single = callable(events)
        given = () if events is None else (events,) if self.single else tuple(events)
        self.events = [(event, Dynamics(event, args, differentiable, tfirst=True)) for event in given]
        jac = self.options.get("jac")
        self.jac = Dynamics(jac, args, differentiable, tfirst=True) if callable(jac) else None

    def solve(self, first: Any, last: Any, y0: Any, operands: Any, **asked: Any) -> Any:
        """Return SciPy's result for given arrays."""

        def of_arrays(dynamics: Any) -> Callable[[Any, Any], Any]:
            return lambda t, y: _untraced(dynamics, y, t, operands)

        events = []
        for event, dynamics in self.events:
            wrapped = of_arrays(dynamics)
            for name in ("terminal", "direction"):
                if hasattr(event, name):
                    setattr(wrapped, name, getattr(event, name))
            events.append(wrapped)
        options = self.options if self.jac is None else {**self.options, "jac": of_arrays(self.jac)}
        return integrate.solve_ivp(
            of_arrays(self.dynamics),
            (float(first), float(last)),
            y0,
            method=self.method,
            vectorized=self.vectorized,
            events=events or None,
            **asked,
            **options,
        )

    def check(self, result: Any, y0: Any) -> None:
        """Refuse what has no derivative."""
        if not result["success"]:
            raise ConvergenceError(
                f"solve_ivp failed, so that its result has no derivative: {result['message']} Loosen rtol and atol, or "
                f"take a method for stiff equations."
            )
        if np.iscomplexobj(y0):
            raise DtypeError(
                f"solve_ivp has derivatives for real numbers: received y0 of dtype {y0.dtype}. Solve for the real and "
                f"the imaginary part."
            )
        if any(np.ndim(self.options.get(name, 0)) for name in ("rtol", "atol")):
            raise ShapeError(
                "solve_ivp takes one rtol and one atol where a derivative is wanted, as numbers, for they hold for the "
                "derivative too. Give their smallest."
            )


@operation
def _ivp(y0: Any, t: Any, *operands: Any, dynamics: Any, problem: _Problem) -> Any:
    """Return the solution at all times, from the first to the last: an array of shape (m, n)."""
    m, n = np.size(t), np.size(y0)
    if t[0] == t[-1]:
        return np.broadcast_to(y0, (m, n)).copy()
    if isinstance(dynamics, Adjoint):
        options = {name: problem.options[name] for name in _FOR_ADJOINT if name in problem.options}
        result = integrate.solve_ivp(
            lambda t, y: _untraced(dynamics, y, t, operands),
            (t[0], t[-1]),
            y0,
            method=problem.method,
            dense_output=m > 2,
            **options,
        )
    else:
        without = _Problem.__new__(_Problem)
        without.__dict__ = {**problem.__dict__, "events": []}
        result = without.solve(t[0], t[-1], y0, operands, dense_output=m > 2)
    if not result.success:
        raise ConvergenceError(f"solve_ivp failed: {result.message} Loosen rtol and atol, or take another method.")
    y = np.empty((m, n))
    if m > 2:
        y[1:-1] = result.sol(t[1:-1]).T
    y[t == t[0]], y[t == t[-1]] = y0, result.y[:, -1]
    return y


def _ivp_vjp(argnums: Any, g: Any, ans: Any, y0: Any, t: Any, *operands: Any, dynamics: Any, problem: Any) -> Any:
    def solve(adjoint: Any, state: Any, times: Any, *operands: Any) -> Any:
        return _ivp(state, times, *operands, dynamics=adjoint, problem=problem)[1]

    return adjoint_vjp(solve, dynamics, argnums, g, ans, y0, t, *operands)


defjoint(_ivp, _ivp_vjp, static=True, fresh=True)


@operation
def _moments(y0: Any, ends: Any, *operands: Any, problem: _Problem, which: int) -> Any:
    """Return the times of the events of one kind."""
    return np.array(problem.solve(ends[0], ends[1], y0, operands).t_events[which])


def _moments_vjp(argnums: Any, g: Any, ans: Any, y0: Any, ends: Any, *operands: Any, problem: Any, which: Any) -> Any:
    """The time ``t`` of an event solves ``e(t, y(t, p), p) = 0``: it moves by ``-(de/dp) / (de/dt)``, where ``y`` moves
    along. It does not depend on the last time.
    """
    event = problem.events[which][1]
    given = [Tensor(each) for each in (y0, ends[0], *operands)]
    totals: list[Any] = [0.0] * len(given)
    for k in range(np.size(ans)):
        moment = Tensor(ans[k])
        with GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([moment, *given])
            start, first, *rest = given
            y = _ivp(start, np.stack([first, moment]), *rest, dynamics=problem.dynamics, problem=problem)[1]
            value = np.reshape(event(y, moment, *rest), ())
        slope, *others = tape.gradient(value, [moment, *given], unconnected_gradients="zero")
        totals = [total - (g[k] / slope) * each for total, each in zip(totals, others, strict=True)]
    if not isinstance(g, Tensor):
        totals = [total.numpy() for total in totals]
    totals[1] = np.stack([totals[1], totals[1] * 0.0])
    return [totals[i] for i in argnums]


defjoint(_moments, _moments_vjp, fresh=True, static=False)
