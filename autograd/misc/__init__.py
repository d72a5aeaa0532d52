"""Odds and ends that programs for HIPS autograd import from here."""

from autograd.transforms.flatten import flatten

__all__ = ["flatten"]
