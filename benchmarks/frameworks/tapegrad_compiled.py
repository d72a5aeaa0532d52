"""tapegrad: the functions of `tapegrad_eager`, handed to ``autograd.compile``."""

from __future__ import annotations

import os
from functools import partial

import autograd
from benchmarks.frameworks import tapegrad_eager

REQUIRES = tapegrad_eager.REQUIRES

autograd.set_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
# NumPy alone: machine code has a column of its own.
compiled = partial(autograd.compile, numba=False)

chain = partial(tapegrad_eager.chain, compiled=compiled)
tiny = partial(tapegrad_eager.tiny, compiled=compiled)
mnist = partial(tapegrad_eager.mnist, compiled=compiled)
elem = partial(tapegrad_eager.elem, compiled=compiled)
hvp = partial(tapegrad_eager.hvp, compiled=compiled)
adam = partial(tapegrad_eager.adam, compiled=compiled)
gmm = partial(tapegrad_eager.gmm, compiled=compiled)
