"""The tables of derivative rules. Importing this package fills the registry."""

from autograd.rules import (
    constant,
    contract,
    einsum,
    elementwise,
    fft,
    functional,
    index,
    join,
    linalg,
    reduce,
    sets,
    shape,
    signal,
    statistics,
    write,
)

__all__ = ["constant", "contract", "einsum", "elementwise", "fft", "functional", "index", "join", "linalg", "reduce"]
__all__ += ["sets", "shape", "signal", "statistics", "write"]
