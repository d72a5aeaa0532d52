"""The former place of the models, which are in `nn.models`."""

from nn.models import Model as Model
from nn.models import Sequential as Sequential
