"""tapegrad: the functions of `tapegrad_eager`, handed to ``autograd.compile``."""

from __future__ import annotations

import os
from functools import partial

import autograd
from benchmarks.frameworks import tapegrad_eager

REQUIRES = tapegrad_eager.REQUIRES

autograd.set_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))

chain = partial(tapegrad_eager.chain, compiled=autograd.compile)
tiny = partial(tapegrad_eager.tiny, compiled=autograd.compile)
mnist = partial(tapegrad_eager.mnist, compiled=autograd.compile)
elem = partial(tapegrad_eager.elem, compiled=autograd.compile)
hvp = partial(tapegrad_eager.hvp, compiled=autograd.compile)
adam = partial(tapegrad_eager.adam, compiled=autograd.compile)
gmm = partial(tapegrad_eager.gmm, compiled=autograd.compile)
