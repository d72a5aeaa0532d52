"""tapegrad: reverse-mode automatic differentiation on NumPy."""

from autograd import rules as rules
from autograd.check import GradientReport, check_gradients
from autograd.custom import checkpoint, custom_gradient, stop_gradient
from autograd.differences import numerical_gradient
from autograd.functional import elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.recording import stop_recording
from autograd.tape import GradientTape
from autograd.tensor import Tensor
from autograd.variable import Variable

__all__ = [
    "GradientReport",
    "GradientTape",
    "Tensor",
    "Variable",
    "check_gradients",
    "checkpoint",
    "custom_gradient",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "numerical_gradient",
    "stop_gradient",
    "stop_recording",
    "value_and_grad",
    "vjp",
]
