"""Functions without a derivative to ask for: those that return integers, truth values or no arrays, and those that make
arrays of nothing.

The entries say what the compiler and vmap need to know of them.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd.registry.define import defacts
from autograd.rules.batch import along_axis, of_reduction

# --------------------------------------------------------------------------------------------------- element by element
_UFUNCS = (
    *(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal),
    *(np.logical_and, np.logical_or, np.logical_xor, np.logical_not),
    *(np.isfinite, np.isinf, np.isnan, np.signbit, np.gcd, np.lcm),
    *(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.left_shift, np.right_shift, np.bitwise_count),
)
defacts(*_UFUNCS, kind="discrete")
defacts(np.equal, scalar="{} == {}")
defacts(np.not_equal, scalar="{} != {}")
defacts(np.less, scalar="{} < {}")
defacts(np.less_equal, scalar="{} <= {}")
defacts(np.greater, scalar="{} > {}")
defacts(np.greater_equal, scalar="{} >= {}")
defacts(np.logical_not, scalar="not {}")
defacts(np.iscomplex, np.isreal, np.isneginf, np.isposinf, kind="discrete", elementwise=True, static=True, fresh=True)
# A power of integers, which numpy.power refuses where the exponent is negative, and Python gives as floating-point.
defacts(np.isclose, operator.pow, kind="discrete", elementwise=True, static=True, fresh=True, operands=2)

# ---------------------------------------------------------------------------------------------- of several elements
_fn: Any
for _fn in (np.any, np.all, np.count_nonzero):
    defacts(_fn, kind="discrete", batch=of_reduction(_fn), static=True, fresh=True)
for _fn in (np.argmax, np.argmin):
    defacts(_fn, kind="discrete", batch=along_axis(_fn, None), static=True, fresh=True)
defacts(np.argsort, kind="discrete", batch=along_axis(np.argsort, -1), static=True, fresh=True)
defacts(np.argpartition, np.lexsort, np.nanargmax, np.nanargmin, kind="discrete", static=True, fresh=True)
defacts(np.searchsorted, np.digitize, np.isin, np.linalg.matrix_rank, kind="discrete", static=True, fresh=True)
defacts(np.allclose, np.array_equal, np.array_equiv, kind="discrete", static=True, fresh=True)
defacts(np.packbits, np.unpackbits, np.unravel_index, np.ravel_multi_index, kind="discrete", static=True, fresh=True)
defacts(np.nonzero, np.flatnonzero, np.argwhere, kind="discrete", static=False, fresh=True)

# --------------------------------------------------------------------------------------------------- no arrays
defacts(np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.common_type, kind="discrete", reads="shapes")
defacts(np.iscomplexobj, np.isrealobj, np.isscalar, np.iterable, np.einsum_path, kind="discrete", reads="shapes")
defacts(np.diag_indices_from, np.tril_indices_from, np.triu_indices_from, kind="discrete", reads="shapes")
defacts(np.shares_memory, np.may_share_memory, np.isfortran, kind="discrete", reads="memory")
for _fn in (np.min_scalar_type, np.array2string, np.array_repr, np.array_str, np.printoptions):
    defacts(_fn, kind="discrete", static=True, fresh=True)
defacts(np.save, np.savetxt, np.savez, np.savez_compressed, kind="discrete", static=True, fresh=True)

# --------------------------------------------------------------------------------------------------- makers of arrays
_MAKERS = (
    *(np.zeros, np.ones, np.empty, np.eye, np.identity, np.tri, np.indices, np.diag_indices, np.mask_indices),
    *(np.tril_indices, np.triu_indices, np.bartlett, np.blackman, np.hamming, np.hanning),
    *(np.fromfile, np.fromiter, np.fromregex, np.fromstring, np.genfromtxt, np.load, np.loadtxt),
)
defacts(*_MAKERS, kind="maker", static=False, fresh=True)
defacts(np.frombuffer, kind="maker", static=False, fresh=False)
