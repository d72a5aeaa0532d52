"""Flattening of nests, under the path that HIPS autograd has it."""

from autograd.transforms.flatten import flatten as flatten
from autograd.transforms.flatten import flatten_func as flatten_func
