"""tapegrad: reverse-mode automatic differentiation on NumPy."""

from autograd import builtins as builtins
from autograd import differential_operators as differential_operators
from autograd import extend as extend
from autograd import numpy as numpy
from autograd import rules as rules
from autograd import tracer as tracer
from autograd.check.differences import numerical_gradient
from autograd.check.gradients import check_gradients
from autograd.check.report import GradientReport
from autograd.compat import (
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
    primitive,
    tensor_jacobian_product,
    vector_jacobian_product,
)
from autograd.core.recorder import name_scope, stop_recording
from autograd.core.tensor import Tensor
from autograd.core.variable import Variable
from autograd.debug.graph import graph
from autograd.debug.nonfinite import anomaly_detection
from autograd.debug.picture import Graph
from autograd.program import Compiled, Stats, compile, get_threads, set_threads
from autograd.tape import GradientTape
from autograd.transforms.checkpoint import checkpoint
from autograd.transforms.custom import custom_gradient, custom_vjp, gradient_reversal, stop_gradient
from autograd.transforms.forward import hvp, jvp, linearize
from autograd.transforms.grad import grad, value_and_grad, vjp
from autograd.transforms.implicit import argmin, fixed_point, root
from autograd.transforms.jacobian import divergence, elementwise_grad, hessian, jacfwd, jacobian, jacrev, laplacian
from autograd.transforms.objective import ScipyObjective, scipy_objective
from autograd.transforms.sparse import jacobian_sparsity, sparse_hessian, sparse_jacobian
from autograd.transforms.vmap import vmap

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
    "primitive",
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

# Show, pickle and trace public classes under this name, whatever module defines them.
for _name in __all__:
    if isinstance(globals()[_name], type):
        globals()[_name].__module__ = "autograd"
del _name
