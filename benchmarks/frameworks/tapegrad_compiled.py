"""tapegrad: the functions of `tapegrad_eager`, handed to ``autograd.compile``, and the optimizers written out on variables."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import autograd
import autograd.numpy as np
from autograd import Variable
from benchmarks.frameworks import tapegrad_eager
from benchmarks.problems import BETA_1, BETA_2, Problem

REQUIRES = tapegrad_eager.REQUIRES

autograd.set_threads(int(os.environ["OMP_NUM_THREADS"]))


def _rmsprop(problem: Problem, weights: list[Variable]) -> Callable[[Any], None]:
    squares = [Variable(np.zeros_like(w), trainable=False) for w in weights]

    def update(gradients: Any) -> None:
        for g, w, v in zip(gradients, weights, squares, strict=True):
            v.assign(problem.rho * v + (1 - problem.rho) * g * g)
            w.assign_sub(problem.learning_rate * g / np.sqrt(v + problem.epsilon))

    return update


def _adam(problem: Problem, weights: list[Variable]) -> Callable[[Any], None]:
    """Make the update in the form before section 2.1 of the paper."""
    steps = Variable(0.0, trainable=False)
    moments = [[Variable(np.zeros_like(w), trainable=False) for _ in range(2)] for w in weights]

    def update(gradients: Any) -> None:
        steps.assign_add(1.0)
        rate = problem.learning_rate * np.sqrt(1 - BETA_2**steps) / (1 - BETA_1**steps)
        for g, w, (m, v) in zip(gradients, weights, moments, strict=True):
            m.assign(BETA_1 * m + (1 - BETA_1) * g)
            v.assign(BETA_2 * v + (1 - BETA_2) * (g * g))
            w.assign_sub(rate.astype(w.dtype) * m / (np.sqrt(v) + problem.epsilon))

    return update


chain = partial(tapegrad_eager.chain, compiled=autograd.compile)
tiny = partial(tapegrad_eager.tiny, compiled=autograd.compile)
mnist = partial(tapegrad_eager.mnist, compiled=autograd.compile, make_update=_rmsprop)
elem = partial(tapegrad_eager.elem, compiled=autograd.compile)
hvp = partial(tapegrad_eager.hvp, compiled=autograd.compile)
adam = partial(tapegrad_eager.adam, compiled=autograd.compile, make_update=_adam)
gmm = partial(tapegrad_eager.gmm, compiled=autograd.compile)
