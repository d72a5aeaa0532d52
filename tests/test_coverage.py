"""The whole of NumPy's listing: every name stands in `autograd.numpy` or has a reason not to, and no function is constant in silence."""

import importlib
import inspect
import io
import types

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor
from autograd.errors import AutogradError
from autograd.registry import CONSTANTS

NOT_HERE = {name: reason for reason, names in anp._NOT_HERE.items() for name in names.split()}

# In NumPy's listing on some releases or machines only. They are here where NumPy has them, without a line in the table.
SOMETIMES = {"in1d", "trapz", "row_stack", "float96", "float128", "complex192", "complex256"}

# Of the other listings: what is not here, and why.
NOT_IN = {
    "linalg": {},
    "fft": {},
    "random": {
        "BitGenerator MT19937 PCG64 PCG64DXSM Philox SFC64 SeedSequence": "makes bits: pass numpy.random's to default_rng",
        "get_bit_generator set_bit_generator get_state set_state RandomState": "the state of NumPy's old global generator",
        "bytes": "a tensor holds numbers",
    },
}


def test_every_name_of_numpy_is_here_or_has_a_reason():
    missing = [name for name in np.__all__ if name not in vars(anp) and name not in NOT_HERE and name not in SOMETIMES]
    assert [name for name in missing if not isinstance(getattr(np, name), types.ModuleType)] == []
    public = {name for name in dir(np) if not name.startswith("_")}
    assert public - set(np.__all__) - set(vars(anp)) - set(NOT_HERE) == set()


def test_what_has_a_reason_is_not_here():
    assert [name for name in NOT_HERE if name in vars(anp)] == []
    for name, reason in NOT_HERE.items():
        assert hasattr(np, name), f"{name} is not in NumPy either"
        with pytest.raises(AttributeError) as caught:
            getattr(anp, name)
        assert str(caught.value) == f"autograd.numpy has no {name}: {reason}. numpy.{name} is there."


def test_names_of_some_releases_are_there_where_numpy_has_them():
    for name in SOMETIMES:
        assert hasattr(anp, name) is hasattr(np, name)
    with pytest.raises(AttributeError, match=r"neither autograd\.numpy nor numpy has a tensorflow"):
        anp.tensorflow  # noqa: B018


@pytest.mark.parametrize("part", ["linalg", "fft", "random"])
def test_every_name_of_a_part_is_here_or_has_a_reason(part):
    try:
        ours = importlib.import_module(f"autograd.numpy.{part}")
    except ModuleNotFoundError:
        pytest.skip(f"autograd.numpy has no {part}")
    if not hasattr(ours, "svd" if part == "linalg" else "__name__"):
        pytest.skip(f"the table of {part} is not filled yet")
    excused = {name for names in NOT_IN[part] for name in names.split()}
    theirs = getattr(np, part)
    listed = set(theirs.__all__) | {name for name in dir(theirs) if not name.startswith("_")}
    missing = {name for name in listed - excused if not hasattr(ours, name) and not isinstance(getattr(theirs, name), types.ModuleType)}
    assert missing == set()


def test_the_listing_of_the_namespace_is_clean():
    namespace = {}
    exec("from autograd.numpy import *", namespace)
    del namespace["__builtins__"]
    assert "np" not in namespace
    assert {name for name in namespace if not hasattr(np, name)} == set()
    assert {"sum", "float32", "linalg", "sort", "pi", "asarray"} <= set(namespace)


# ----------------------------------------------------------------------------------------------------- nothing is constant in silence
# How to call a function with tracked floats: x has shape (4,), m is (3, 3) and positive definite, s one number.
CALLS = {
    "acosh": "x + 1.0", "allclose": "x, x", "append": "x, x", "apply_along_axis": "np.sum, 0, m", "apply_over_axes": "np.sum, m, [0]",
    "arange": "s", "arccosh": "x + 1.0", "argpartition": "x, 1", "array_equal": "x, x", "array_equiv": "x, x", "array_split": "x, 2",
    "astype": "x, 'float32'", "atleast_1d": "x", "atleast_2d": "x", "atleast_3d": "x", "bartlett": "s", "base_repr": "3", "binary_repr": "3",
    "bincount": "[0, 1, 1, 2], x", "bitwise_count": "[1]", "blackman": "s", "block": "[x, x]", "broadcast_arrays": "x, m[:, :1]",
    "broadcast_shapes": "(1, 2), (3, 1)", "broadcast_to": "x, (2, 4)", "can_cast": "x, 'float32'", "choose": "[0, 1, 0, 1], [x, x]",
    "clip": "x, 0.2, s", "column_stack": "[x, x]", "common_type": "x", "compress": "[True, False], x", "concat": "[x, x]", "concatenate": "[x, x]",
    "convolve": "x, x", "copyto": "x, x", "correlate": "x, x", "cross": "m, m", "delete": "x, 1", "diag_indices": "3", "diag_indices_from": "m",
    "diagflat": "x", "diagonal": "m", "digitize": "x, [0.2, 0.5]", "dot": "x, x", "dsplit": "m[:, :, None], 1", "dstack": "[x, x]",
    "einsum": "'i,i', x, x", "einsum_path": "'i,i', x, x", "empty": "3", "errstate": "", "expand_dims": "x, 0",
    "extract": "[True, False, True, True], x", "eye": "3", "fill_diagonal": "m, s", "fliplr": "m", "float_power": "x, x",
    "format_float_positional": "s", "format_float_scientific": "s", "from_dlpack": "x", "frombuffer": "b'12345678'",
    "fromfunction": "lambda i: i * x, (4,)", "fromiter": "[1.0], float", "fromregex": "io.StringIO('1.5'), '(.+)', [('v', float)]",
    "fromstring": "'1 2', sep=' '", "full": "3, s", "full_like": "[1.0, 2.0], x[:2]", "gcd": "x, x", "genfromtxt": "['1.0 2.0']",
    "geomspace": "s, 2.0, 4", "get_printoptions": "", "getbufsize": "", "geterr": "", "geterrcall": "", "hamming": "s", "hanning": "s",
    "histogram2d": "x, x", "histogramdd": "m", "hsplit": "x, 2", "hstack": "[x, x]", "identity": "3", "iinfo": "np.array(1)", "in1d": "x, x",
    "indices": "(2, 3)", "inner": "x, x", "insert": "x, 1, s", "interp": "x, [0.0, 1.0, 2.0], m[0]", "intersect1d": "x, x", "isclose": "x, x",
    "isdtype": "x.dtype, 'real floating'", "isin": "x, x", "issubdtype": "x.dtype, np.floating", "ix_": "x", "kaiser": "3, s", "kron": "x, x",
    "lexsort": "(x, x)", "linspace": "s, 2.0, 4", "loadtxt": "['1.0 2.0']", "logspace": "s, 2.0, 4", "mask_indices": "3, np.triu",
    "matmul": "m, x[:3]", "matrix_transpose": "m", "matvec": "m, m[0]", "may_share_memory": "x, x", "meshgrid": "x, x", "min_scalar_type": "s",
    "mintypecode": "['f']", "moveaxis": "m, 0, 1", "nanpercentile": "x, 30", "nanquantile": "x, 0.3", "ones": "3", "outer": "x, x",
    "packbits": "[1]", "pad": "x, 1", "partition": "x, 1", "percentile": "x, 30", "permute_dims": "m, (1, 0)",
    "piecewise": "x, [x > 0.5], [lambda v: v * v, s]", "place": "x, [True] * 4, [1.0]", "poly": "x", "polyadd": "x, x", "polyder": "x",
    "polydiv": "x, x[:2]", "polyfit": "x, x, 1", "polyint": "x", "polymul": "x, x", "polysub": "x, x", "polyval": "x, x", "printoptions": "",
    "promote_types": "'f4', 'f8'", "put": "x, [0], [1.0]", "put_along_axis": "x, np.array([0]), 1.0, 0", "putmask": "x, [True] * 4, [1.0]",
    "quantile": "x, 0.3", "ravel_multi_index": "([0], [1]), (2, 3)", "repeat": "x, 2", "require": "x", "reshape": "x, (2, 2)", "resize": "x, (3,)",
    "result_type": "x, 1.0", "roll": "x, 1", "rollaxis": "m, 1", "roots": "x", "rot90": "m", "row_stack": "[x, x]", "save": "file, x",
    "savetxt": "file, x", "savez": "file, x", "savez_compressed": "file, x", "searchsorted": "x, x", "select": "[x > 0.5], [x]",
    "set_printoptions": "", "setbufsize": "8192", "setdiff1d": "x, x", "seterr": "", "seterrcall": "None", "setxor1d": "x, [1.0]",
    "shares_memory": "x, x", "split": "x, 2", "squeeze": "x[None]", "stack": "[x, x]", "swapaxes": "m, 0, 1", "take": "x, [0]",
    "take_along_axis": "x, np.array([0]), 0", "tensordot": "x, x, 1", "tile": "x, 2", "trace": "m", "trapz": "x", "tri": "3", "tril": "m",
    "tril_indices": "3", "tril_indices_from": "m", "trim_zeros": "x", "triu": "m", "triu_indices": "3", "triu_indices_from": "m", "typename": "'f'",
    "union1d": "x, x", "unpackbits": "np.array([1], 'u1')", "unravel_index": "1, (2, 2)", "unstack": "m", "unwrap": "x", "vander": "x",
    "vdot": "x, x", "vecmat": "m[0], m", "vsplit": "m, 1", "vstack": "[x, x]", "where": "x > 0.5, x, s", "zeros": "3",
}  # fmt: skip
# Not called: these read a file, or are no functions of arrays.
NOT_CALLED = {"load", "fromfile"}


def functions():
    """Yield the name of each public function of NumPy that is here."""
    for name in sorted({*np.__all__, *SOMETIMES}):
        if hasattr(np, name) and hasattr(anp, name) and callable(getattr(np, name)) and not isinstance(getattr(np, name), type):
            yield name


def expression(name):
    """Write the call of a function: by the table, and else with as many tracked vectors as it needs."""
    if name in CALLS:
        return CALLS[name]
    fn = getattr(np, name)
    if isinstance(fn, np.ufunc):
        return ", ".join(["x"] * fn.nin)
    needed = [p for p in inspect.signature(fn).parameters.values() if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
    return ", ".join(["x"] * len(needed))


def leaves(result):
    return [leaf for each in result for leaf in leaves(each)] if isinstance(result, (tuple, list)) else [result]


def silently_constant(fn, results, tape):
    """List the results that hold floats, and of which the tape knows nothing."""
    if fn in CONSTANTS:
        return []
    found = []
    for leaf in leaves(results):
        if isinstance(leaf, Tensor):
            wrong = leaf.dtype.kind not in "biu" and not tape.tracks(leaf._id)
        else:
            wrong = isinstance(leaf, (float, complex, np.inexact)) or (isinstance(leaf, np.ndarray) and leaf.dtype.kind not in "biu")
        if wrong:
            found.append(leaf)
    return found


# What takes no tracked value in these calls makes constants, and may.
MAKERS = {
    "empty", "eye", "identity", "indices", "ones", "tri", "zeros", "frombuffer", "fromiter", "fromregex", "fromstring", "genfromtxt", "loadtxt",
    "broadcast_shapes", "geterrcall",
}  # fmt: skip


@pytest.mark.parametrize("through", ["autograd.numpy", "numpy"])
@pytest.mark.parametrize("name", [name for name in functions() if name not in NOT_CALLED])
@pytest.mark.filterwarnings("ignore")
def test_no_function_is_constant_in_silence(name, through):
    fn = getattr(np, name)
    called = getattr(anp, name) if through == "autograd.numpy" else fn
    x, m, s = Tensor([0.3, 0.6, 0.9, 0.45]), Tensor([[2.0, 0.5, 0.25], [0.5, 3.0, 0.75], [0.25, 0.75, 4.0]]), Tensor(0.7)
    before = [t.numpy().copy() for t in (x, m, s)]
    with GradientTape(persistent=True) as tape:
        tape.watch([x, m, s])
        scope = {"f": called, "x": x, "m": m, "s": s, "np": np, "io": io, "file": io.BytesIO()}
        try:
            results = eval(f"f({expression(name)})", scope)
        except AutogradError:
            results = None
        except (TypeError, AttributeError):
            if through == "numpy":  # NumPy's own refusal of what is no array of its kind: loud as well
                return
            if called is fn or name in ("gcd", "lcm", "bitwise_and") or "bit" in name or "shift" in name or name in ("invert", "ldexp"):
                return
            raise
    assert name in MAKERS or silently_constant(fn, results, tape) == []
    for tensor, value in zip((x, m, s), before, strict=True):
        np.testing.assert_array_equal(tensor.numpy(), value)


@pytest.mark.parametrize("name", ["copyto", "fill_diagonal", "place", "put", "putmask", "put_along_axis"])
def test_functions_that_write_refuse_tensors(name):
    m = Tensor(np.eye(3))
    call = {"copyto": (m, 1.0), "fill_diagonal": (m, 2.0), "place": (m, m > 0, [2.0]), "put": (m, [0], [2.0]), "putmask": (m, m > 0, [2.0])}
    with pytest.raises(AutogradError, match=f"{name} writes into its argument"):
        getattr(anp, name)(*call.get(name, (m, np.array([[0]]), 2.0, 0)))
    assert m.tolist() == np.eye(3).tolist()
