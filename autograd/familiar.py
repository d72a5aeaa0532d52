"""Names under which users of HIPS autograd know what has another name here.

Its programs run as they are: ``import autograd.numpy as np``, ``from autograd import grad, jacobian, make_vjp``. Its positions are called
``argnum``, which every transform takes in place of ``argnums``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import nest
from autograd.forward import jvp
from autograd.functional import Argnums, grad, vjp
from autograd.jacobians import elementwise_grad, jacobian

egrad = elementwise_grad


def at_positions(f: Callable[..., Any], argnum: Argnums, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Callable[..., Any], list[Any]]:
    """Return ``f`` as a function of the arguments at some positions, and these arguments."""
    positions = [argnum] if isinstance(argnum, int) else list(argnum)

    def of_these(*picked: Any) -> Any:
        filled = list(args)
        for position, value in zip(positions, picked, strict=True):
            filled[position] = value
        return f(*filled, **kwargs)

    of_these.__name__ = getattr(f, "__name__", repr(f))
    return of_these, [args[position] for position in positions]


def make_vjp(fun: Callable[..., Any], argnum: Argnums = 0) -> Callable[..., Any]:
    """``make_vjp(f)(x)`` returns ``(pullback, f(x))``. See `vjp`."""

    def at(*args: Any, **kwargs: Any) -> tuple[Callable[[Any], Any], Any]:
        of_these, picked = at_positions(fun, argnum, args, kwargs)
        out, pullback = vjp(of_these, *picked)
        return (lambda g: pullback(g)[0] if isinstance(argnum, int) else pullback(g)), out

    return at


def make_jvp(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """``make_jvp(f)(x)(v)`` returns ``(f(x), derivative in the direction v)``. See `jvp`."""

    def at(*args: Any, **kwargs: Any) -> Callable[[Any], tuple[Any, Any]]:
        of_these, picked = at_positions(fun, argnum, args, kwargs)
        return lambda v: jvp(of_these, picked, [v])

    return at


def make_hvp(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """``make_hvp(f)(x)`` returns ``(product with the Hessian, gradient)``, for many products at one point. See `hvp`."""
    return make_vjp(grad(fun, argnum), argnum)


def make_ggnvp(
    f: Callable[..., Any], g: Callable[..., Any] = lambda x: 0.5 * np.sum(x**2, axis=-1), f_argnum: int = 0
) -> Callable[..., Any]:
    """``make_ggnvp(f, g)(x)(v)`` multiplies by the Gauss-Newton matrix of ``g(f(x))``: the Hessian of ``g`` between Jacobians of ``f``."""

    def at(*args: Any, **kwargs: Any) -> Callable[[Any], Any]:
        of_these, picked = at_positions(f, f_argnum, args, kwargs)
        out, pullback = vjp(of_these, *picked)
        _, hessian_of_g = vjp(grad(g), out)
        return lambda v: pullback(hessian_of_g(jvp(of_these, picked, [v])[1])[0])[0]

    return at


def hessian_tensor_product(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """``hessian_tensor_product(f)(x, v)`` multiplies the Hessian by ``v``. See `hvp`."""

    def product(*args: Any, **kwargs: Any) -> Any:
        of_these, picked = at_positions(grad(fun, argnum), argnum, args[:-1], kwargs)
        return jvp(of_these, picked, args[-1:])[1]

    return product


def tensor_jacobian_product(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """``tensor_jacobian_product(f)(x, v)`` multiplies ``v`` by the Jacobian over all axes of ``v``."""

    def product(*args: Any, **kwargs: Any) -> Any:
        weighed = at_positions(lambda *picked, **named: np.tensordot(args[-1], fun(*picked, **named), np.ndim(args[-1])), argnum, args[:-1], kwargs)
        return jacobian(weighed[0])(*weighed[1])

    return product


hessian_vector_product = hessian_tensor_product
vector_jacobian_product = tensor_jacobian_product


def deriv(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """Return a function that computes the derivative of ``fun`` with respect to a number."""

    def at(*args: Any, **kwargs: Any) -> Any:
        of_these, picked = at_positions(fun, argnum, args, kwargs)
        return jvp(of_these, picked, nest.map_leaves(lambda x: np.ones_like(x) if hasattr(x, "shape") else 1.0, picked))[1]

    return at


def holomorphic_grad(fun: Callable[..., Any], argnum: Argnums = 0) -> Callable[..., Any]:
    """Return a function that computes the derivative of a holomorphic function, which returns one complex number."""
    return grad(lambda *args, **kwargs: np.real(fun(*args, **kwargs)), argnum)


def grad_and_aux(fun: Callable[..., Any], argnum: Argnums = 0) -> Callable[..., Any]:
    """Return a function that computes ``(gradient, aux)`` of a function that returns ``(value, aux)``."""
    return grad(fun, argnum, has_aux=True)


def grad_named(fun: Callable[..., Any], argname: str) -> Callable[..., Any]:
    """Return a function that computes the gradient with respect to the argument of a name."""
    return grad(fun, list(inspect.signature(fun).parameters).index(argname))


def multigrad_dict(fun: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that computes the gradient with respect to every argument, as a dict from its name."""
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
