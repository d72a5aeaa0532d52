"""The former place of `nn.optimizers.Optimizer`."""

from nn.optimizers import Optimizer as Optimizer
