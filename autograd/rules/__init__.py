"""The tables of derivative rules. Importing this package fills the registry."""

from autograd.rules import constant, contract, decompose, einsum, elementwise, fft, index, join, linalg, polynomial, reduce, shape, signal, write

__all__ = [
    "constant", "contract", "decompose", "einsum", "elementwise", "fft", "index", "join",
    "linalg", "polynomial", "reduce", "shape", "signal", "write",
]
