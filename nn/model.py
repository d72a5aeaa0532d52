"""The former place of the models, which are in `nn.models`."""

from nn.models.model import Model as Model
from nn.models.model import Sequential as Sequential
