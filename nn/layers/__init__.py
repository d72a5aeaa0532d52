"""Layers, by Keras's names, in one file for each family.

>>> Dense(3, kernel_initializer="ones")(np.ones((2, 4))).shape
(2, 3)
"""

from nn.config import export
from nn.layers.base import Layer
from nn.layers.core import Activation, Dense, Dropout, Flatten
from nn.layers.input import Input, InputLayer

__all__ = ["Activation", "Dense", "Dropout", "Flatten", "Input", "InputLayer", "Layer"]

export(__name__, globals(), __all__)
