"""Derivatives of functions, under the path that HIPS autograd has them."""

from autograd.compat import (
    deriv,
    egrad,
    grad_and_aux,
    grad_named,
    hessian_tensor_product,
    hessian_vector_product,
    holomorphic_grad,
    multigrad_dict,
    tensor_jacobian_product,
    vector_jacobian_product,
)
from autograd.transforms.checkpoint import checkpoint
from autograd.transforms.grad import grad, value_and_grad
from autograd.transforms.jacobian import elementwise_grad, hessian, jacobian
from autograd.transforms.makers import make_ggnvp, make_hvp, make_jvp, make_jvp_reversemode, make_vjp

__all__ = [
    "checkpoint",
    "deriv",
    "egrad",
    "elementwise_grad",
    "grad",
    "grad_and_aux",
    "grad_named",
    "hessian",
    "hessian_tensor_product",
    "hessian_vector_product",
    "holomorphic_grad",
    "jacobian",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_jvp_reversemode",
    "make_vjp",
    "multigrad_dict",
    "tensor_jacobian_product",
    "value_and_grad",
    "vector_jacobian_product",
]
