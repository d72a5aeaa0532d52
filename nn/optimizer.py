"""The former place of `nn.optimizers.Optimizer`."""

from nn.optimizers.base import Optimizer as Optimizer
