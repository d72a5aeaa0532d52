"""tapegrad: reverse-mode automatic differentiation on NumPy."""

from autograd import numpy as numpy
from autograd import rules as rules
from autograd.anomalies import anomaly_detection
from autograd.check import check_gradients
from autograd.custom import checkpoint, custom_gradient, custom_vjp, gradient_reversal, stop_gradient
from autograd.differences import numerical_gradient
from autograd.familiar import (
    deriv,
    grad_and_aux,
    grad_named,
    hessian_tensor_product,
    hessian_vector_product,
    holomorphic_grad,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_vjp,
    multigrad_dict,
    tensor_jacobian_product,
    vector_jacobian_product,
)
from autograd.forward import hvp, jvp, linearize
from autograd.functional import grad, value_and_grad, vjp
from autograd.graph import graph
from autograd.implicit import argmin, fixed_point, root
from autograd.jacobians import divergence, elementwise_grad, hessian, jacfwd, jacobian, jacrev, laplacian
from autograd.objective import ScipyObjective, scipy_objective
from autograd.picture import Graph
from autograd.program import Compiled, Stats, compile, get_threads, set_threads
from autograd.recording import name_scope, stop_recording
from autograd.report import GradientReport
from autograd.sparse import jacobian_sparsity, sparse_hessian, sparse_jacobian
from autograd.tape import GradientTape
from autograd.tensor import Tensor
from autograd.variable import Variable
from autograd.vmap import vmap

__all__ = [
    "Compiled",
    "GradientReport",
    "GradientTape",
    "Graph",
    "ScipyObjective",
    "Stats",
    "Tensor",
    "Variable",
    "anomaly_detection",
    "argmin",
    "check_gradients",
    "checkpoint",
    "compile",
    "custom_gradient",
    "custom_vjp",
    "deriv",
    "divergence",
    "elementwise_grad",
    "fixed_point",
    "get_threads",
    "grad",
    "grad_and_aux",
    "grad_named",
    "gradient_reversal",
    "graph",
    "hessian",
    "hessian_tensor_product",
    "hessian_vector_product",
    "holomorphic_grad",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacobian_sparsity",
    "jacrev",
    "jvp",
    "laplacian",
    "linearize",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_vjp",
    "multigrad_dict",
    "name_scope",
    "numerical_gradient",
    "root",
    "scipy_objective",
    "set_threads",
    "sparse_hessian",
    "sparse_jacobian",
    "stop_gradient",
    "stop_recording",
    "tensor_jacobian_product",
    "value_and_grad",
    "vector_jacobian_product",
    "vjp",
    "vmap",
]
