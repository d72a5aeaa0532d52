"""The tables of derivative rules. Importing this package fills the registry."""

from autograd.rules import constant, contract, elementwise, index, join, reduce, shape

__all__ = ["constant", "contract", "elementwise", "index", "join", "reduce", "shape"]
