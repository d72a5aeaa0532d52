"""The class of tracked arrays, under the name that HIPS autograd has for it."""

from autograd.core.tensor import Tensor as ArrayBox

__all__ = ["ArrayBox"]
