"""Models: layers that can be trained, in a row or in any other arrangement."""

from nn.config import export
from nn.models.model import Model
from nn.models.sequential import Sequential

__all__ = ["Model", "Sequential"]

export(__name__, globals(), __all__)
