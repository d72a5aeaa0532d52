"""The names of `numpy.linalg`, differentiable."""

import numpy as np

from autograd.tensor import function

norm = function(np.linalg.norm)
