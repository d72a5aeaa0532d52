"""One call of each function of NumPy's listing, as source: the test of coverage and docs/make_functions.py run them."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

# x is a vector of four numbers between 0 and 1, m a positive definite matrix of three rows, s one number, and file a
# binary file. A function that is not listed is called with vectors, one of linear algebra with matrices.
CALLS: dict[str, str] = {
    "acosh": "x + 1.0", "allclose": "x, x", "append": "x, x", "apply_along_axis": "np.sum, 0, m",
    "apply_over_axes": "np.sum, m, [0]", "arange": "s", "arccosh": "x + 1.0", "argpartition": "x, 1",
    "array_equal": "x, x", "array_equiv": "x, x", "array_split": "x, 2", "astype": "x, 'float32'", "atleast_1d": "x",
    "atleast_2d": "x", "atleast_3d": "x", "bartlett": "s", "base_repr": "3", "binary_repr": "3",
    "bincount": "[0, 1, 1, 2], x", "bitwise_and": "[4, 2], [6, 1]", "bitwise_count": "[1]",
    "bitwise_invert": "[4, 2]", "bitwise_left_shift": "[4, 2], [6, 1]", "bitwise_not": "[4, 2]",
    "bitwise_or": "[4, 2], [6, 1]", "bitwise_right_shift": "[4, 2], [6, 1]", "bitwise_xor": "[4, 2], [6, 1]",
    "blackman": "s", "block": "[x, x]", "broadcast_arrays": "x, m[:, :1]", "broadcast_shapes": "(1, 2), (3, 1)",
    "broadcast_to": "x, (2, 4)", "can_cast": "x, 'float32'", "choose": "[0, 1, 0, 1], [x, x]", "clip": "x, 0.2, s",
    "column_stack": "[x, x]", "common_type": "x", "compress": "[True, False], x", "concat": "[x, x]",
    "concatenate": "[x, x]", "convolve": "x, x", "copyto": "x, x", "correlate": "x, x", "cross": "m, m",
    "delete": "x, 1", "diag_indices": "3", "diag_indices_from": "m", "diagflat": "x", "diagonal": "m",
    "digitize": "x, [0.2, 0.5]", "dot": "x, x", "dsplit": "m[:, :, None], 1", "dstack": "[x, x]",
    "einsum": "'i,i', x, x", "einsum_path": "'i,i', x, x", "empty": "3", "errstate": "", "expand_dims": "x, 0",
    "extract": "[True, False, True, True], x", "eye": "3", "fft.fftfreq": "4", "fft.rfftfreq": "4",
    "fill_diagonal": "m, s", "fliplr": "m", "float_power": "x, x", "format_float_positional": "s",
    "format_float_scientific": "s", "from_dlpack": "x", "frombuffer": "b'12345678'",
    "fromfunction": "lambda i: i * x, (4,)", "fromiter": "[1.0], float",
    "fromregex": "io.StringIO('1.5'), '(.+)', [('v', float)]", "fromstring": "'1 2', sep=' '", "full": "3, s",
    "full_like": "[1.0, 2.0], x[:2]", "gcd": "[4, 2], [6, 1]", "genfromtxt": "['1.0 2.0']", "geomspace": "s, 2.0, 4",
    "get_printoptions": "", "getbufsize": "", "geterr": "", "geterrcall": "", "hamming": "s", "hanning": "s",
    "histogram2d": "x, x", "histogramdd": "m", "hsplit": "x, 2", "hstack": "[x, x]", "identity": "3",
    "iinfo": "np.array(1)", "in1d": "x, x", "indices": "(2, 3)", "inner": "x, x", "insert": "x, 1, s",
    "interp": "x, [0.0, 1.0, 2.0], m[0]", "intersect1d": "x, x", "invert": "[4, 2]", "isclose": "x, x",
    "isdtype": "x.dtype, 'real floating'", "isfortran": "np.eye(2)", "isin": "x, x",
    "issubdtype": "x.dtype, np.floating", "ix_": "x", "kaiser": "3, s", "kron": "x, x", "lcm": "[4, 2], [6, 1]",
    "ldexp": "x, [1, 2, 3, 4]", "left_shift": "[4, 2], [6, 1]", "lexsort": "(x, x)", "linalg.matrix_power": "m, 2",
    "linalg.multi_dot": "[m, m]", "linalg.solve": "m, m", "linalg.tensorinv": "m[:, :, None], ind=1",
    "linalg.tensorsolve": "m, m[0]", "linspace": "s, 2.0, 4", "loadtxt": "['1.0 2.0']", "logspace": "s, 2.0, 4",
    "mask_indices": "3, np.triu", "matmul": "m, x[:3]", "matrix_transpose": "m", "matvec": "m, m[0]",
    "may_share_memory": "x, x", "meshgrid": "x, x", "min_scalar_type": "s", "mintypecode": "['f']",
    "moveaxis": "m, 0, 1", "nanpercentile": "x, 30", "nanquantile": "x, 0.3", "ones": "3", "outer": "x, x",
    "packbits": "[1]", "pad": "x, 1", "partition": "x, 1", "percentile": "x, 30", "permute_dims": "m, (1, 0)",
    "piecewise": "x, [x > 0.5], [lambda v: v * v, s]", "place": "x, [True] * 4, [1.0]", "poly": "x",
    "polyadd": "x, x", "polyder": "x", "polydiv": "x, x[:2]", "polyfit": "x, x, 1", "polyint": "x", "polymul": "x, x",
    "polysub": "x, x", "polyval": "x, x", "printoptions": "", "promote_types": "'f4', 'f8'", "put": "x, [0], [1.0]",
    "put_along_axis": "x, np.array([0]), 1.0, 0", "putmask": "x, [True] * 4, [1.0]", "quantile": "x, 0.3",
    "ravel_multi_index": "([0], [1]), (2, 3)", "repeat": "x, 2", "require": "x", "reshape": "x, (2, 2)",
    "resize": "x, (3,)", "result_type": "x, 1.0", "right_shift": "[4, 2], [6, 1]", "roll": "x, 1", "rollaxis": "m, 1",
    "roots": "x", "rot90": "m", "row_stack": "[x, x]", "save": "file, x", "savetxt": "file, x", "savez": "file, x",
    "savez_compressed": "file, x", "searchsorted": "x, x", "select": "[x > 0.5], [x]", "set_printoptions": "",
    "setbufsize": "8192", "setdiff1d": "x, x", "seterr": "", "seterrcall": "None", "setxor1d": "x, [1.0]",
    "shares_memory": "x, x", "split": "x, 2", "squeeze": "x[None]", "stack": "[x, x]", "swapaxes": "m, 0, 1",
    "take": "x, [0]", "take_along_axis": "x, np.array([0]), 0", "tensordot": "x, x, 1", "tile": "x, 2", "trace": "m",
    "trapz": "x", "tri": "3", "tril": "m", "tril_indices": "3", "tril_indices_from": "m", "trim_zeros": "x",
    "triu": "m", "triu_indices": "3", "triu_indices_from": "m", "typename": "'f'", "union1d": "x, x",
    "unpackbits": "np.array([1], 'u1')", "unravel_index": "1, (2, 2)", "unstack": "m", "unwrap": "x", "vander": "x",
    "vdot": "x, x", "vecmat": "m[0], m", "vsplit": "m, 1", "vstack": "[x, x]", "where": "x > 0.5, x, s", "zeros": "3",
}  # fmt: skip

X = [0.3, 0.6, 0.9, 0.45]
M = [[2.0, 0.5, 0.25], [0.5, 3.0, 0.75], [0.25, 0.75, 4.0]]
S = 0.7

# Functions whose call takes no floating-point array: they make constants.
MAKERS = {
    "broadcast_shapes", "empty", "eye", "fft.fftfreq", "fft.rfftfreq", "frombuffer", "fromiter", "fromregex",
    "fromstring", "genfromtxt", "geterrcall", "identity", "indices", "loadtxt", "ones", "tri", "zeros",
}  # fmt: skip


def call_of(name: str) -> str:
    """Return the arguments of a call of one of NumPy's functions, as source.

    Examples
    --------
    >>> call_of("hypot"), call_of("clip")
    ('x, x', 'x, 0.2, s')
    """
    if name in CALLS:
        return CALLS[name]
    part, _, plain = name.rpartition(".")
    fn: Any = getattr(getattr(np, part) if part else np, plain)
    usual = "m" if part == "linalg" else "x"
    if isinstance(fn, np.ufunc):
        return ", ".join([usual] * fn.nin)
    try:
        parameters = inspect.signature(fn).parameters.values()
    except ValueError:  # written in C, on a release that does not describe these
        return usual
    return ", ".join([usual] * len([p for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD]))
