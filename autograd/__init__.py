"""tapegrad: reverse-mode automatic differentiation on NumPy."""

from autograd import rules as rules
from autograd.functional import grad, value_and_grad
from autograd.recording import stop_recording
from autograd.tape import GradientTape
from autograd.tensor import Tensor
from autograd.variable import Variable

__all__ = ["GradientTape", "Tensor", "Variable", "grad", "stop_recording", "value_and_grad"]
