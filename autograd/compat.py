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
from autograd.registry.define import operation as primitive
from autograd.transforms.forward import jvp
from autograd.transforms.grad import at_positions, grad
from autograd.transforms.jacobian import elementwise_grad
from autograd.transforms.linearization import Argnums
from autograd.transforms.makers import (
    hessian_tensor_product,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_vjp,
    tensor_jacobian_product,
)

egrad = elementwise_grad


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
    "primitive",
    "tensor_jacobian_product",
    "vector_jacobian_product",
]
