"""Odds and ends that programs for HIPS autograd import from here."""

# From the module of that name: an import of the module binds the name of the package to it, if it comes later.
from autograd.misc.flatten import flatten

__all__ = ["flatten"]
