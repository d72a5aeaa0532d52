"""Models: layers that can be trained, in a row or in any other arrangement.

>>> Sequential([nn.Dense(8, "relu"), nn.Dense(1)]).predict(np.ones((5, 3))).shape
(5, 1)
"""

from nn.config import export
from nn.models.cloning import clone_model
from nn.models.model import Model
from nn.models.sequential import Sequential

__all__ = ["Model", "Sequential", "clone_model"]

export(__name__, globals(), __all__)
