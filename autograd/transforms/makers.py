"""Products of derivatives as HIPS autograd makes them: a function of the point first, then one of the direction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.core import nest
from autograd.transforms.forward import jvp
from autograd.transforms.grad import at_positions, grad, vjp
from autograd.transforms.jacobian import jacobian
from autograd.transforms.linearization import Argnums


def make_vjp(fun: Callable[..., Any], argnum: Argnums = 0) -> Callable[..., Any]:
    """Return a function that computes the pullback of ``fun`` and its value. See `vjp`.

    Parameters
    ----------
    fun : callable
        As in `vjp`.
    argnum : int or sequence of int, default 0
        The positions of the arguments to differentiate with respect to.

    Returns
    -------
    callable
        Takes the arguments of ``fun``, and returns ``(pullback, value)``. For a sequence of positions the pullback
        returns a tuple.

    Examples
    --------
    >>> pullback, out = make_vjp(lambda x: x**2)(np.array([1.0, 2.0]))
    >>> pullback(np.array([1.0, 10.0]))
    array([ 2., 40.])
    """

    def at(*args: Any, **kwargs: Any) -> tuple[Callable[[Any], Any], Any]:
        of_these, picked = at_positions(fun, argnum, args, kwargs)
        out, pullback = vjp(of_these, *picked)
        return (lambda g: pullback(g)[0] if isinstance(argnum, int) else pullback(g)), out

    return at


def make_jvp(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """Return a function that computes the derivative of ``fun`` in a direction. See `jvp`.

    Parameters
    ----------
    fun : callable
        As in `jvp`.
    argnum : int, default 0
        The position of the argument to differentiate with respect to.

    Returns
    -------
    callable
        Takes the arguments of ``fun``, and returns a function of a tangent ``v``, which returns the value and the
        derivative in the direction ``v``.

    Examples
    --------
    >>> make_jvp(lambda x: x**2)(3.0)(1.0)
    (9.0, 6.0)
    """

    def at(*args: Any, **kwargs: Any) -> Callable[[Any], tuple[Any, Any]]:
        of_these, picked = at_positions(fun, argnum, args, kwargs)
        return lambda v: jvp(of_these, picked, [v])

    return at


def make_unary_vjp(fun: Callable[[Any], Any], x: Any) -> tuple[Callable[[Any], Any], Any]:
    """Return the pullback of a function of one argument, and its value, as ``make_vjp`` of HIPS autograd's core does.

    Parameters
    ----------
    fun : callable
        Takes an array, number or nest of these.
    x : Any
        Where to take the derivative.

    Returns
    -------
    tuple
        The pullback and the value.

    Examples
    --------
    >>> pullback, out = make_unary_vjp(lambda x: x**2, 3.0)
    >>> pullback(1.0), out
    (6.0, np.float64(9.0))
    """
    pullback, out = make_vjp(fun)(x)
    return pullback, _with_dtype(out)


def make_unary_jvp(fun: Callable[[Any], Any], x: Any) -> Callable[[Any], tuple[Any, Any]]:
    """Return a function of a direction, of which it computes the derivative of a function of one argument, as
    ``make_jvp`` of HIPS autograd's core does.

    Parameters
    ----------
    fun : callable
        Takes an array, number or nest of these.
    x : Any
        Where to take the derivative.

    Returns
    -------
    callable
        Returns the value and the derivative.

    Examples
    --------
    >>> make_unary_jvp(lambda x: x**2, 3.0)(1.0)
    (np.float64(9.0), np.float64(6.0))
    """
    product = make_jvp(fun)(x)

    def along(v: Any) -> tuple[Any, Any]:
        out, tangent = product(v)
        return _with_dtype(out), _with_dtype(tangent)

    return along


def _with_dtype(out: Any) -> Any:
    """Return NumPy's numbers for Python's, which have no size and no dtype."""
    return nest.map_leaves(lambda x: np.float64(x) if type(x) is float else x, out)


def make_jvp_reversemode(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """Return a function that computes the derivative of ``fun`` in a direction, without its value. It runs forward, for
    less than two passes in reverse.

    Parameters
    ----------
    fun : callable
        As in `jvp`.
    argnum : int, default 0
        The position of the argument to differentiate with respect to.

    Returns
    -------
    callable
        Takes the arguments of ``fun``, and returns a function of a tangent.

    Examples
    --------
    >>> make_jvp_reversemode(lambda x: x**2)(3.0)(1.0)
    6.0
    """

    def at(*args: Any, **kwargs: Any) -> Callable[[Any], Any]:
        product = make_jvp(fun, argnum)(*args, **kwargs)
        return lambda v: product(v)[1]

    return at


def make_hvp(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """Return a function that computes products with the Hessian, for many of them at one point. See `hvp`.

    Parameters
    ----------
    fun : callable
        Returns one real number.
    argnum : int, default 0
        The position of the argument to differentiate with respect to.

    Returns
    -------
    callable
        Takes the arguments of ``fun``, and returns ``(product, gradient)``, where ``product(v)`` multiplies by the
        Hessian.

    Examples
    --------
    >>> product, gradient = make_hvp(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    >>> product(np.array([1.0, 0.0])), gradient
    (array([6., 0.]), array([ 3., 12.]))
    """
    return make_vjp(grad(fun, argnum), argnum)


def make_ggnvp(
    f: Callable[..., Any], g: Callable[..., Any] = lambda x: 0.5 * np.sum(x**2, axis=-1), f_argnum: int = 0
) -> Callable[..., Any]:
    """Return a function that computes products with the Gauss-Newton matrix of ``g(f(x))``: the Hessian of ``g``
    between Jacobians of ``f``.

    Parameters
    ----------
    f : callable
        Returns an array.
    g : callable, optional
        Takes that array, and returns one real number: half the sum of squares, unless given.
    f_argnum : int, default 0
        The position of the argument of ``f`` to differentiate with respect to.

    Returns
    -------
    callable
        Takes the arguments of ``f``, and returns a function of ``v`` that multiplies it by the matrix.

    Examples
    --------
    >>> make_ggnvp(lambda x: 3.0 * x)(np.array([1.0, 2.0]))(np.array([1.0, 0.0]))
    array([9., 0.])
    """

    def at(*args: Any, **kwargs: Any) -> Callable[[Any], Any]:
        of_these, picked = at_positions(f, f_argnum, args, kwargs)
        out, pullback = vjp(of_these, *picked)
        _, hessian_of_g = vjp(grad(g), out)
        return lambda v: pullback(hessian_of_g(jvp(of_these, picked, [v])[1])[0])[0]

    return at


def hessian_tensor_product(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """Return a function that multiplies the Hessian of ``fun`` by an array of the shape of its argument. See `hvp`.

    Parameters
    ----------
    fun : callable
        Returns one real number.
    argnum : int, default 0
        The position of the argument to differentiate with respect to.

    Returns
    -------
    callable
        Takes the arguments of ``fun`` and then the array ``v``, and returns the product, of the shape of ``v``.

    Examples
    --------
    >>> hessian_tensor_product(lambda x: np.sum(x**3))(np.array([1.0, 2.0]), np.array([0.0, 1.0]))
    array([ 0., 12.])
    """

    def product(*args: Any, **kwargs: Any) -> Any:
        of_these, picked = at_positions(grad(fun, argnum), argnum, args[:-1], kwargs)
        return jvp(of_these, picked, args[-1:])[1]

    return product


def tensor_jacobian_product(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """Return a function that multiplies an array by the Jacobian of ``fun``, over all axes of that array, which are the
    first axes of the output.

    Parameters
    ----------
    fun : callable
        Returns an array.
    argnum : int, default 0
        The position of the argument to differentiate with respect to.

    Returns
    -------
    callable
        Takes the arguments of ``fun`` and then the array ``v``, and returns the product.

    Raises
    ------
    OperandError
        As in `jacobian`.

    Examples
    --------
    >>> tensor_jacobian_product(lambda x: x**2)(np.array([1.0, 2.0]), np.array([1.0, 10.0]))
    array([ 2., 40.])
    """

    def product(*args: Any, **kwargs: Any) -> Any:
        weighed = at_positions(
            lambda *picked, **named: np.tensordot(args[-1], fun(*picked, **named), np.ndim(args[-1])),
            argnum,
            args[:-1],
            kwargs,
        )
        return jacobian(weighed[0])(*weighed[1])

    return product
