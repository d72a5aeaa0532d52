"""tapegrad: reverse-mode automatic differentiation on NumPy."""

from autograd import rules as rules
from autograd.check import GradientReport, check_gradients
from autograd.differences import numerical_gradient
from autograd.functional import grad, value_and_grad
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
    "grad",
    "numerical_gradient",
    "stop_recording",
    "value_and_grad",
]
