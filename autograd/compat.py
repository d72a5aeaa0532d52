"""Names under which users of HIPS autograd know what has another name here.

Its programs run as they are: ``import autograd.numpy as np``, ``from autograd import grad, jacobian, make_vjp``. Its
positions are called ``argnum``, which every transform takes in place of ``argnums``: an int, and where it is said a
sequence of these. Each transform takes a function, and returns one that takes the arguments of that."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.core import nest
from autograd.transforms.forward import jvp
from autograd.transforms.grad import at_positions, grad, vjp
from autograd.transforms.jacobian import elementwise_grad, jacobian
from autograd.transforms.linearization import Argnums

egrad = elementwise_grad


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


hessian_vector_product = hessian_tensor_product
vector_jacobian_product = tensor_jacobian_product


def deriv(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """Return a function that computes the derivative of ``fun`` with respect to a number, for an output of any shape.

    Parameters
    ----------
    fun : callable
        Returns an array, tensor or number.
    argnum : int, default 0
        The position of the number to differentiate with respect to.

    Returns
    -------
    callable
        Takes the arguments of ``fun``, and returns the derivative, of the shape of the output.

    Examples
    --------
    >>> deriv(lambda t: np.array([1.0, 2.0]) * t**2)(3.0)
    array([ 6., 12.])
    """

    def at(*args: Any, **kwargs: Any) -> Any:
        of_these, picked = at_positions(fun, argnum, args, kwargs)
        return jvp(
            of_these, picked, nest.map_leaves(lambda x: np.ones_like(x) if hasattr(x, "shape") else 1.0, picked)
        )[1]

    return at


def holomorphic_grad(fun: Callable[..., Any], argnum: Argnums = 0) -> Callable[..., Any]:
    """Return a function that computes the derivative of a holomorphic function.

    Parameters
    ----------
    fun : callable
        Returns one complex number.
    argnum : int or sequence of int, default 0
        The positions of the arguments to differentiate with respect to.

    Returns
    -------
    callable
        Takes the arguments of ``fun``, and returns the derivative.

    Examples
    --------
    >>> holomorphic_grad(lambda z: z**2)(1.0 + 2.0j)
    (2+4j)
    """
    return grad(lambda *args, **kwargs: np.real(fun(*args, **kwargs)), argnum)


def grad_and_aux(fun: Callable[..., Any], argnum: Argnums = 0) -> Callable[..., Any]:
    """Return a function that computes the gradient of a function that returns something beside its value.

    Parameters
    ----------
    fun : callable
        Returns ``(value, aux)``: one real number, and anything else.
    argnum : int or sequence of int, default 0
        The positions of the arguments to differentiate with respect to.

    Returns
    -------
    callable
        Takes the arguments of ``fun``, and returns ``(gradient, aux)``.

    Examples
    --------
    >>> grad_and_aux(lambda x: (x**2, "aux"))(3.0)
    (6.0, 'aux')
    """
    return grad(fun, argnum, has_aux=True)


def grad_named(fun: Callable[..., Any], argname: str) -> Callable[..., Any]:
    """Return a function that computes the gradient with respect to the argument of a given name.

    Parameters
    ----------
    fun : callable
        Returns one real number.
    argname : str
        The name of the argument.

    Returns
    -------
    callable
        Takes the arguments of ``fun``, and returns the gradient.

    Examples
    --------
    >>> grad_named(lambda x, scale: scale * x**2, "scale")(3.0, 1.0)
    9.0
    """
    return grad(fun, list(inspect.signature(fun).parameters).index(argname))


def multigrad_dict(fun: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that computes the gradient with respect to every argument.

    Parameters
    ----------
    fun : callable
        Returns one real number.

    Returns
    -------
    callable
        Takes the arguments of ``fun``, and returns a dict from the name of each to its gradient.

    Examples
    --------
    >>> multigrad_dict(lambda x, scale: scale * x**2)(3.0, scale=2.0)
    {'x': 12.0, 'scale': 9.0}
    """
    signature = inspect.signature(fun)

    def gradients(*args: Any, **kwargs: Any) -> dict[str, Any]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()

        def of_dict(arguments: dict[str, Any]) -> Any:
            again = inspect.BoundArguments(signature, arguments)
            return fun(*again.args, **again.kwargs)

        return dict(grad(of_dict)(dict(bound.arguments)))

    return gradients


__all__ = [
    "deriv",
    "egrad",
    "grad_and_aux",
    "grad_named",
    "hessian_tensor_product",
    "hessian_vector_product",
    "holomorphic_grad",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_vjp",
    "multigrad_dict",
    "tensor_jacobian_product",
    "vector_jacobian_product",
]
