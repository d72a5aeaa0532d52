"""Layers, one file for each family."""

from nn.layers.base import Layer
from nn.layers.core import Activation, Dense, Dropout, Flatten, Input

__all__ = ["Activation", "Dense", "Dropout", "Flatten", "Input", "Layer"]
