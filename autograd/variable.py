"""The former place of `Variable`, which pickles of earlier releases name."""

from autograd.core.variable import Variable as Variable
