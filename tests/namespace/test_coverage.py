"""The whole of NumPy's listing: every name stands in `autograd.numpy` or has a reason not to, and no function is
constant in silence.
"""

import importlib
import io
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from calls import MAKERS, M, S, X, call_of

import autograd.numpy as anp
from autograd import GradientTape, Tensor
from autograd.errors import AutogradError
from autograd.registry.entries import facts_of

ROOT = Path(__file__).parents[2]

NOT_HERE = {name: reason for reason, names in anp._NOT_HERE.items() for name in names.split()}

# In NumPy's listing on some releases or machines only. They are here where NumPy has them, without a line in the table.
SOMETIMES = {"in1d", "trapz", "row_stack", "float96", "float128", "complex192", "complex256"}


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
def test_every_name_of_a_part_is_here(part):
    try:
        ours = importlib.import_module(f"autograd.numpy.{part}")
    except ModuleNotFoundError:
        pytest.skip(f"autograd.numpy has no {part}")
    if not hasattr(ours, "svd" if part == "linalg" else "__name__"):
        pytest.skip(f"the table of {part} is not filled yet")
    theirs = getattr(np, part)
    listed = set(theirs.__all__) | {name for name in dir(theirs) if not name.startswith("_")}
    missing = {
        name
        for name in listed - {"test"}
        if not hasattr(ours, name) and not isinstance(getattr(theirs, name), types.ModuleType)
    }
    assert missing == set()


def test_the_listing_of_the_namespace_is_clean():
    namespace = {}
    exec("from autograd.numpy import *", namespace)
    del namespace["__builtins__"]
    assert "np" not in namespace
    assert {name for name in namespace if not hasattr(np, name)} == set()
    assert {"sum", "float32", "linalg", "sort", "pi", "asarray"} <= set(namespace)


# --------------------------------------------------------------------------------------- nothing is constant in silence
WRITERS = {
    "copyto",
    "fill_diagonal",
    "place",
    "put",
    "put_along_axis",
    "putmask",
}  # these give the handle another value
NOT_CALLED = {"load", "fromfile"}  # these read a file


def functions():
    """Yield the name of each public function of NumPy that is here."""
    for name in sorted({*np.__all__, *SOMETIMES}):
        if (
            hasattr(np, name)
            and hasattr(anp, name)
            and callable(getattr(np, name))
            and not isinstance(getattr(np, name), type)
        ):
            yield name


def leaves(result):
    return [leaf for each in result for leaf in leaves(each)] if isinstance(result, (tuple, list)) else [result]


def silently_constant(fn, results, tape):
    """List the results that hold floats, and of which the tape knows nothing."""
    if facts_of(fn).kind == "constant":
        return []
    found = []
    for leaf in leaves(results):
        if isinstance(leaf, Tensor):
            wrong = leaf.dtype.kind not in "biu" and leaf._id not in tape.tracked
        else:
            wrong = isinstance(leaf, (float, complex, np.inexact)) or (
                isinstance(leaf, np.ndarray) and leaf.dtype.kind not in "biu"
            )
        if wrong:
            found.append(leaf)
    return found


@pytest.mark.parametrize("through", ["autograd.numpy", "numpy"])
@pytest.mark.parametrize("name", [name for name in functions() if name not in NOT_CALLED])
@pytest.mark.filterwarnings("ignore")
def test_no_function_is_constant_in_silence(name, through):
    fn = getattr(np, name)
    called = getattr(anp, name) if through == "autograd.numpy" else fn
    x, m, s = Tensor(X), Tensor(M), Tensor(S)
    before = [t.numpy().copy() for t in (x, m, s)]
    with GradientTape(persistent=True) as tape:
        tape.watch([x, m, s])
        scope = {"f": called, "x": x, "m": m, "s": s, "np": np, "io": io, "file": io.BytesIO()}
        try:
            results = eval(f"f({call_of(name)})", scope)
        except AutogradError:
            results = None
    assert name in MAKERS or silently_constant(fn, results, tape) == []
    for tensor, value in zip((x, m, s) if name not in WRITERS else (), before, strict=False):
        np.testing.assert_array_equal(tensor.numpy(), value)


def test_this_test_can_fail():
    x = Tensor(X)
    with GradientTape() as tape:
        tape.watch(x)
        assert silently_constant(np.exp, np.exp(x), tape) == []
        assert silently_constant(np.argmax, np.argmax(x), tape) == []
        for silent in (
            np.exp(x.numpy()),
            Tensor(x.numpy()),
            [np.exp(x), np.exp(x.numpy())],
            x.numpy().astype(object),
            x.item(0),
        ):
            assert len(silently_constant(np.exp, silent, tape)) == 1


def test_the_page_of_functions_is_up_to_date():
    page = (ROOT / "docs" / "functions.md").read_text(encoding="utf-8")
    if f"of NumPy {np.__version__.rpartition('.')[0]}." not in page:
        pytest.skip("the page was written with another release of NumPy")
    program = "import runpy; print(runpy.run_path('docs/make_functions.py')['page'](), end='')"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert done.stdout == page, "write it anew: python docs/make_functions.py"
