"""Differentiate solutions of equations by the implicit function theorem, not through the steps of the solver.

Where ``r(p, x) = 0`` defines ``x`` as a function of ``p``, its differential is ``dx = -(dr/dx)^-1 (dr/dp) dp``.
In reverse mode this takes one system of linear equations, ``(dr/dx)^T u = g``, whose solution ``u`` is carried on to
``p`` by the rules of ``r`` (B. Christianson, "Reverse accumulation and attractive fixed points", Optimization Methods
and Software 3, 1994; M. Blondel et al., "Efficient and modular implicit differentiation", 2022). ``u`` is the solution
of an equation itself, so the same function gives the derivatives of every order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.core import nest
from autograd.core.backward import sweep
from autograd.core.convert import argument_like, raw
from autograd.core.recorder import Recorder, active_recorders, recording, recording_on
from autograd.core.tensor import Tensor, apply, new_tensor, tensor_of
from autograd.core.tracing import listening
from autograd.errors import ConvergenceError, DtypeError, ShapeError
from autograd.registry.operations import identity
from autograd.transforms.batched import one_at_a_time
from autograd.transforms.completed import InputCollector, check_deterministic, record_call, snapshot
from autograd.transforms.forward import jvp
from autograd.transforms.grad import value_and_grad, vjp
from autograd.transforms.krylov import gmres
from autograd.transforms.unrepeatable import unrepeatable

Function = Callable[[Any], Any]
_FEW = 50  # up to this size products with the Jacobian are quicker with a matrix
_SHRINK, _ENOUGH = 0.5, 1e-4  # factor that shortens a step; part of the predicted descent that it must keep


# --------------------------------------------------------------------------------------------- three kinds of equations
@one_at_a_time
def fixed_point(
    f: Callable[[Any, Any], Any],
    params: Any,
    x0: Any,
    tol: float | None = None,
    max_steps: int = 10_000,
    distance: Callable[[Any, Any], Any] | None = None,
) -> Any:
    """Find ``x = f(params, x)`` by repeating ``x = f(params, x)`` from ``x0``, differentiable with respect to the
    parameters.

    Parameters
    ----------
    f : callable
        Takes the parameters and ``x``, and returns another ``x``, built alike. Captured values have their
        derivatives too.
    params : nest of arrays, tensors and numbers
    x0 : nest of arrays, tensors and numbers
        Where to begin. The solution is built like it, with its dtypes; it has no derivative with respect to ``x0``.
    tol : float, optional
        How near two values in a row must be: the largest difference of an element, over 1 and the largest element.
        1.8e-12 in float64 and 6.4e-6 in float32, unless given.
    max_steps : int, default 10000
    distance : callable, optional
        ``distance(x, before)`` in place of that difference.

    Returns
    -------
    nest like ``x0``, of tensors while a tape records

    Raises
    ------
    ConvergenceError
        If ``max_steps`` are not enough, or a value is not finite; when the gradient is taken, if ``1 - df/dx`` is
        singular.
    ShapeError, DtypeError
        If ``f`` does not return what ``x`` is built like, or ``x0`` holds no floating-point numbers.

    Examples
    --------
    >>> autograd.grad(lambda a: fixed_point(lambda a, x: 0.5 * (x + a / x), a, 1.0))(4.0)
    0.25
    """
    unknown, params = _Unknown(x0, "fixed_point"), nest.map_leaves(snapshot, params)

    def step(x: Any) -> Any:
        return unknown.pack(f(params, unknown.unpack(x)))

    def find(x: Any) -> Any:
        moved = enough = np.inf
        for _ in range(max_steps):
            before, x = x, _value(step, x)
            _check_finite("fixed_point", x)
            if distance is not None:
                moved, enough = float(distance(unknown.unpack(x), unknown.unpack(before))), unknown.tolerance(tol)
            else:
                moved, enough = _largest(x - before), unknown.tolerance(tol) * (1 + _largest(x))
            if moved <= enough:
                return x
        raise ConvergenceError(
            f"fixed_point: after {max_steps} steps the value still moves by {moved:.3g}, and {enough:.3g} is allowed. "
            "Begin nearer, allow more max_steps or a larger tol, or ask for root(lambda p, x: f(p, x) - x, ...), "
            "which also finds points that repel."
        )

    return unknown.built(solution(lambda x: step(x) - x, lambda: find(unknown.start), "fixed_point"))


@one_at_a_time
def root(f: Callable[[Any, Any], Any], params: Any, x0: Any, tol: float | None = None, max_steps: int = 100) -> Any:
    """Find ``x`` with ``f(params, x) = 0`` by Newton's method with a line search, differentiable with respect to the
    parameters.

    Parameters
    ----------
    f : callable
        Takes the parameters and ``x``, and returns as many numbers as ``x`` has, in any nest. Captured
        values have their derivatives too.
    params, x0, tol, max_steps
        As in `fixed_point`; ``tol`` is for the last step of Newton's method.

    Returns
    -------
    nest like ``x0``, of tensors while a tape records

    Raises
    ------
    ConvergenceError
        If ``max_steps`` are not enough, no step in the direction of Newton's method leads nearer, or the Jacobian is
        singular; when the gradient is taken, if it is singular at the solution.
    ShapeError, DtypeError
        If ``f`` returns more or fewer numbers than ``x`` has, or ``x0`` holds no floating-point numbers.

    Examples
    --------
    >>> autograd.grad(lambda a: root(lambda a, x: x**3 - a, a, 1.0))(8.0)
    0.08333333333333333
    """
    unknown, params = _Unknown(x0, "root"), nest.map_leaves(snapshot, params)

    def residual(x: Any) -> Any:
        return unknown.equations(f(params, unknown.unpack(x)))

    return unknown.built(
        solution(residual, lambda: _newton(residual, unknown.start, unknown.tolerance(tol), max_steps), "root")
    )


@one_at_a_time
def argmin(f: Callable[[Any, Any], Any], params: Any, x0: Any, tol: float | None = None, max_steps: int = 200) -> Any:
    """Find a minimum of ``f(params, x)`` over ``x``, differentiable with respect to the parameters.

    Parameters
    ----------
    f : callable
        Takes the parameters and ``x``, and returns one real number. Captured values have their derivatives too.
    params, x0, tol, max_steps
        As in `fixed_point`; ``tol`` is for the last step.

    Returns
    -------
    nest like ``x0``, of tensors while a tape records

    Raises
    ------
    ConvergenceError
        If ``max_steps`` are not enough, or ``f`` is not finite or has no minimum in the direction of descent; when the
        gradient is taken, if the Hessian is singular at the minimum.
    ShapeError, DtypeError
        If ``f`` does not return one real number, or ``x0`` holds no floating-point numbers.

    Notes
    -----
    Newton's method with conjugate gradients and a line search (J. Nocedal and S. J. Wright, "Numerical optimization",
    2nd ed., algorithm 7.1). The minimum is a local one. Its derivative is that of the stationary point.

    Examples
    --------
    >>> autograd.grad(lambda a: argmin(lambda a, x: (x - a) ** 2 + x**2, a, 0.0))(3.0)
    0.5
    """
    unknown, params = _Unknown(x0, "argmin"), nest.map_leaves(snapshot, params)
    both = value_and_grad(lambda x: f(params, unknown.unpack(x)))
    return unknown.built(
        solution(
            lambda x: both(x)[1], lambda: _minimize(both, unknown.start, unknown.tolerance(tol), max_steps), "argmin"
        )
    )


# --------------------------------------------------------------------------------------------------- the theorem
def solution(residual: Function, find: Callable[[], Any], name: str) -> Tensor:
    """Return a vector at which a function vanishes, differentiable with respect to every tracked value that the
    function reads.

    Parameters
    ----------
    residual : callable
        Takes a real vector, and returns one of its length.
    find : callable
        Returns the vector, as an array.
    name : str
        For messages.

    Returns
    -------
    Tensor
    """
    outer = active_recorders()
    with recording_on(()), unrepeatable(f"{name} takes as many steps as the values ask for"):
        value = find()
    if not outer:
        return new_tensor(value)
    collector = InputCollector(outer)
    with recording_on((collector,)):
        vanishing = residual(new_tensor(value))
    if not collector.found:
        return new_tensor(value)

    def pull(cotangents: list[Any], outputs: list[Any]) -> list[Any]:
        of_x, of_found = Recorder(), Recorder()
        x: Tensor = apply(identity, outputs[0] if isinstance(outputs[0], Tensor) else new_tensor(outputs[0]))
        of_x.tracked.add(x._id)
        of_found.tracked.update(collector.found)
        with recording(of_x), recording(of_found):
            again = residual(x)
        check_deterministic(name, [vanishing], [again])

        def transposed(u: Any) -> Any:
            u = u if listening() or not isinstance(u, Tensor) else u._value
            found = (
                sweep(of_x.records, of_x.tracked, {again._id: u}, [x._id], consume=False)
                if again._id in of_x.tracked
                else {}
            )
            return found.get(x._id, u * 0)

        g = cotangents[0]
        u = solution(lambda u: transposed(u) - g, lambda: _solved(transposed, raw(g), name), name)
        seeds = {again._id: -u if listening() else -u._value}
        found = sweep(of_found.records, of_found.tracked, seeds, collector.found, consume=True)
        return [found[i] if i in found else np.zeros_like(each) for i, each in collector.found.items()]

    operands = [tensor_of(each, i) for i, each in collector.found.items()]
    result: Tensor = record_call(pull, [value], operands, [None])[0]
    return result


def _solved(product: Function, b: Any, name: str) -> Any:
    """Solve the linear equations for the derivative of a solution."""
    x, left = gmres(product, b)
    if left > np.finfo(b.dtype).eps ** 0.5:
        raise ConvergenceError(
            f"{name}: the equations are singular at the solution, so it has no derivative there (a part of {left:.3g} "
            f"of the cotangent, of {b.size} numbers, is left over). Solutions that are not isolated, double roots and "
            "flat minima have none."
        )
    return x


class _Unknown:
    """The unknown of an equation, any nest, as one vector of real numbers.

    A complex array is stored as its real part followed by its imaginary part.
    """

    def __init__(self, x0: Any, name: str) -> None:
        self.x0 = x0
        self.name = name
        values = [np.asarray(raw(leaf)) for leaf in nest.leaves(x0)]
        for value in values:
            if value.dtype.kind not in "fc":
                raise DtypeError(
                    f"{name}: x0 must hold floating-point or complex numbers, received an array of dtype {value.dtype} "
                    f"and shape {value.shape}. Convert it with .astype(float), or write 1.0 in place of 1."
                )
        self.shapes = [value.shape for value in values]
        self.dtypes = [value.dtype for value in values]
        self.start = np.asarray(_vector(values), np.result_type(np.float32, *[value.real.dtype for value in values]))

    def tolerance(self, tol: float | None) -> float:
        return float(np.finfo(self.start.dtype).eps ** 0.75) if tol is None else tol

    def equations(self, values: Any) -> Any:
        """Return the values of the equations as a vector, and refuse another number of them than the unknown has."""
        vector = _vector(nest.leaves(values))
        if np.shape(vector) != self.start.shape:
            raise ShapeError(
                f"{self.name}: x has {self.start.size} numbers in arrays of shapes {self.shapes}, and f returned "
                f"{np.size(vector)}, in arrays of shapes {[np.shape(leaf) for leaf in nest.leaves(values)]}. It must "
                "return as many."
            )
        return vector if vector.dtype == self.start.dtype else vector.astype(self.start.dtype)

    def pack(self, x: Any) -> Any:
        """Return a value of the unknown as a vector."""
        leaves = nest.leaves(x)
        if [np.shape(leaf) for leaf in leaves] != self.shapes:
            raise ShapeError(
                f"{self.name}: f must return what x is built like, arrays of shapes {self.shapes}; it returned "
                f"{[np.shape(leaf) for leaf in leaves]}."
            )
        kinds = zip(leaves, self.dtypes, strict=True)
        return self.equations(
            [leaf * (1 + 0j) if dtype.kind == "c" and not np.iscomplexobj(leaf) else leaf for leaf, dtype in kinds]
        )

    def unpack(self, vector: Any) -> Any:
        """Return a vector as a nest built like the unknown."""
        parts = []
        begin = 0
        for shape, dtype in zip(self.shapes, self.dtypes, strict=True):
            size = int(np.prod(shape))
            part = vector[begin : begin + size]
            begin += size
            if dtype.kind == "c":
                part = part + 1j * vector[begin : begin + size]
                begin += size
            part = np.reshape(part, shape)
            parts.append(part if part.dtype == dtype else part.astype(dtype))
        return nest.rebuild(self.x0, parts)

    def built(self, vector: Tensor) -> Any:
        """Return a solution: built like ``x0``, of tensors while a tape records."""
        x = self.unpack(vector)
        if listening():
            return x
        return nest.rebuild(
            self.x0,
            [argument_like(given, leaf) for given, leaf in zip(nest.leaves(self.x0), nest.leaves(x), strict=True)],
        )


def _vector(leaves: list[Any]) -> Any:
    rows: list[Any] = []
    for leaf in leaves:
        row = np.reshape(leaf, (-1,))
        rows.extend([np.real(row), np.imag(row)] if row.dtype.kind == "c" else [row])
    return np.concatenate(rows) if len(rows) != 1 else rows[0]


# --------------------------------------------------------------------------------------------------- how they are found
def _value(f: Function, x: Any) -> Any:
    """Return ``f(x)`` for an array, as an array."""
    return raw(f(Tensor(x)))


def _largest(x: Any) -> float:
    return float(np.max(np.abs(x), initial=0.0))


def _check_finite(name: str, x: Any) -> None:
    if not np.isfinite(x).all():
        raise ConvergenceError(
            f"{name}: came to a value that is not finite. Begin nearer to the solution, or bound what f computes."
        )


def _product(f: Function, x: Any) -> Function:
    """Return the product with the Jacobian of a function of vectors: by a matrix if it is small, else by `jvp`."""
    if x.size > _FEW:
        return lambda v: np.asarray(jvp(f, (x,), (v,))[1])
    _, pullback = vjp(f, x)
    matrix = np.array([pullback(row)[0] for row in np.eye(x.size, dtype=x.dtype)]).reshape(x.size, x.size)
    return lambda v: matrix @ v


def _newton(residual: Function, x: Any, tol: float, max_steps: int) -> Any:
    """Find a root by Newton's method; each step is shortened until the residual decreases."""
    r, near = _value(residual, x), np.inf
    for _ in range(max_steps):
        _check_finite("root", r)
        if not r.any():
            return x
        direction, left = gmres(_product(residual, x), -r)
        if not left < 0.9:
            raise ConvergenceError(
                f"root: the Jacobian is singular at x = {x}, on the way to a solution. Begin elsewhere."
            )
        near = _largest(direction) / (1 + _largest(x))
        if near <= tol:
            return x + direction
        t = 1.0
        after = _value(residual, x + direction)
        while not np.linalg.norm(after) <= (1 - _ENOUGH * t) * np.linalg.norm(r):
            t *= _SHRINK
            if t < 1e-12:
                if near <= tol**0.5:  # as near as rounding errors allow
                    return x
                raise ConvergenceError(
                    "root: no step in the direction of Newton's method makes the residual smaller, whose largest "
                    f"element is {_largest(r):.3g}. There may be no root; begin elsewhere."
                )
            after = _value(residual, x + t * direction)
        x, r = x + t * direction, after
    raise ConvergenceError(
        f"root: after {max_steps} steps the largest element of the residual is {_largest(r):.3g}, and the last step "
        f"was {near:.3g} over 1 and the largest element of x, where {tol:.3g} is allowed. Begin nearer, or allow more "
        "max_steps or a larger tol."
    )


def _minimize(both: Function, x: Any, tol: float, max_steps: int) -> Any:
    """Find a minimum by Newton's method; each step is shortened until it keeps a part of the predicted descent.

    Rounding errors of the value are allowed for.
    """
    value, slope = both(x)
    eps, near = float(np.finfo(x.dtype).eps), np.inf
    for _ in range(max_steps):
        if not (np.isfinite(value) and np.isfinite(slope).all()):
            raise ConvergenceError(
                "argmin: came to a value that is not finite. Begin nearer to the minimum, or bound what f computes."
            )
        direction, newton = _descent(_product(lambda x: both(x)[1], x), slope)
        near = _largest(direction) / (1 + _largest(x))
        if newton and near <= tol:
            return x + direction
        t, along = 1.0, float(slope @ direction)
        after, slope_after = both(x + direction)
        while not after <= value + _ENOUGH * t * along + 10 * eps * abs(value):
            t *= _SHRINK
            if t < 1e-12:
                raise ConvergenceError(
                    f"argmin: no step downhill makes f smaller than {value:.6g}, where its slope has an element of "
                    f"{_largest(slope):.3g}. f may have a kink there."
                )
            after, slope_after = both(x + t * direction)
        x, value, slope = x + t * direction, after, slope_after
    raise ConvergenceError(
        f"argmin: after {max_steps} steps the largest element of the slope is {_largest(slope):.3g}, and the last step "
        f"was {near:.3g} over 1 and the largest element of x, where {tol:.3g} is allowed. Begin nearer, or allow more "
        "max_steps or a larger tol; f may have no minimum."
    )


def _descent(hessian: Function, slope: Any) -> tuple[Any, bool]:
    """Solve ``hessian(d) = -slope`` by conjugate gradients. Return the direction and whether it is Newton's.

    Along a direction of negative curvature the search stops with a direction of descent that is not Newton's.
    """
    size = float(np.linalg.norm(slope))
    d, r = np.zeros_like(slope), -slope
    p, rr = r, float(r @ r)
    # The tolerance shrinks towards the minimum (Nocedal and Wright, equation 7.3).
    enough = min(0.1, size) * size
    for _ in range(2 * slope.size):
        if rr == 0:
            break
        h = hessian(p)
        curvature = float(p @ h)
        if not curvature > 0:
            return (d, False) if d.any() else (-slope, False)
        a = rr / curvature
        d, r = d + a * p, r - a * h
        rr, before = float(r @ r), rr
        if rr**0.5 <= enough:
            break
        p = r + rr / before * p
    return d, True
