"""The former place of `Tensor`, which pickles of earlier releases name."""

from autograd.core.tensor import Tensor as Tensor
