"""Optimizers, by Keras's names, with its formulas, defaults and arguments.

>>> w = autograd.Variable([1.0, 2.0])
>>> SGD(0.5).apply_gradients([(np.array([1.0, -1.0]), w)])
>>> w.tolist()
[0.5, 2.5]
"""

from nn.config import export
from nn.optimizers.adaptive import Adagrad, Adam, RMSprop
from nn.optimizers.base import BLOCK, Optimizer, get
from nn.optimizers.sgd import SGD

__all__ = ["BLOCK", "SGD", "Adagrad", "Adam", "Optimizer", "RMSprop", "get"]

export(__name__, globals(), __all__)
