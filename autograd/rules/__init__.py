"""The tables of derivative rules. Importing this package fills the registry."""

from autograd.rules import callables as functional
from autograd.rules import (
    constant,
    contract,
    decompose,
    discrete,
    einsum,
    elementwise,
    fft,
    index,
    join,
    linalg,
    polynomial,
    reduce,
    sets,
    shape,
    signal,
    statistics,
    write,
)

__all__ = [
    "constant",
    "contract",
    "decompose",
    "discrete",
    "einsum",
    "elementwise",
    "fft",
    "functional",
    "index",
    "join",
    "linalg",
    "polynomial",
    "reduce",
    "sets",
    "shape",
    "signal",
    "statistics",
    "write",
]
