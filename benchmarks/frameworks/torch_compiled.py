"""PyTorch: the functions of `torch_eager`, handed to ``torch.compile``. (Of its forms of Adam the fused one is quicker
than a compiled one.)
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

from benchmarks.frameworks import torch_eager
from benchmarks.problems import Case, Problem

REQUIRES = torch_eager.REQUIRES
DIFFERS = torch_eager.DIFFERS

chain = partial(torch_eager.chain, compiled=torch.compile)
tiny = partial(torch_eager.tiny, compiled=torch.compile)
mnist = partial(torch_eager.mnist, compiled=torch.compile)
elem = partial(torch_eager.elem, compiled=torch.compile)
gmm = partial(torch_eager.gmm, compiled=torch.compile)


def hvp(problem: Problem) -> Case:
    """In reverse over reverse by ``torch.func``, the quickest of the forms that compile."""
    loss, w, v = torch_eager.logistic(problem)
    product, products = torch.compile(lambda w, v: torch.func.vjp(torch.func.grad(loss), w)[1](v)[0]), [None]

    def step() -> Any:
        products[0] = product(w, v)
        return products[0]

    return Case(step, lambda: {"product": products[0]})
