"""Odds and ends that programs for HIPS autograd import from here."""

from autograd.misc.flatten import flatten

__all__ = ["flatten"]
