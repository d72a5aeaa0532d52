"""The Python array API standard, version 2024.12: names, signatures, dtypes, devices, exchange; and libraries that use
it.
"""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from array_api import ARGUMENTS, NO_TENSORS, SPECIAL, TABLE, I, M, X

import autograd.numpy as anp
from autograd import GradientTape, Tensor, grad
from autograd.errors import DetachedError, OperandError

ROOT = Path(__file__).parents[2]


def find(name):
    """Return a function of the namespace or of one of its extensions, or None where the extension is not there."""
    part, _, plain = name.rpartition(".")
    holder = getattr(anp, part, None) if part else anp
    return getattr(holder, plain, None) if part else getattr(anp, plain)


def leaves(result):
    return [leaf for each in result for leaf in leaves(each)] if isinstance(result, (tuple, list)) else [result]


@pytest.mark.parametrize("name", TABLE)
def test_a_function_is_called_as_the_standard_writes_it(name):
    """By position where it says so, by name everywhere else; and each keyword at its default changes nothing."""
    fn = find(name)
    if fn is None:
        pytest.skip(f"{name} belongs to an extension that is not here")
    special = SPECIAL.get(name, {"x": M, "x1": M, "x2": M} if name.startswith("linalg.") else {})
    args, named, optional = [], {}, {}
    for p in TABLE[name].parameters.values():
        value = special.get(p.name, ARGUMENTS.get(p.name))
        if p.kind is p.VAR_POSITIONAL:
            args += [X, X]
        elif p.default is not p.empty:
            (optional if p.kind is not p.POSITIONAL_ONLY else {})[p.name] = p.default
        elif p.kind is p.POSITIONAL_ONLY or p.name in (
            "shape",
            "axis",
            "axes",
            "shift",
            "num",
            "dtype",
            "kind",
            "fill_value",
        ):
            args.append(value)
        else:
            named[p.name] = value
    result = leaves(fn(*args, **named))
    assert name in NO_TENSORS or all(type(leaf) is Tensor for leaf in result)
    for key, default in optional.items():
        again = leaves(fn(*args, **named, **{key: default}))
        if name not in NO_TENSORS and not name.startswith("empty"):
            for one, other in zip(result, again, strict=True):
                assert (one.shape, one.dtype) == (other.shape, other.dtype)
                np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_the_table_is_that_of_the_strict_implementation():
    strict = pytest.importorskip("array_api_strict")
    for name, signature in TABLE.items():
        part, _, plain = name.rpartition(".")
        theirs = inspect.signature(getattr(getattr(strict, part) if part else strict, plain))
        assert list(theirs.parameters) == list(signature.parameters), name
        kinds = [(p.kind, p.default is p.empty) for p in theirs.parameters.values()]
        assert kinds == [(p.kind, p.default is p.empty) for p in signature.parameters.values()], name
    functions = {
        name
        for name in strict.__all__
        if callable(getattr(strict, name)) and not isinstance(getattr(strict, name), type)
    }
    own = {name for name in functions if "flags" in name} | {
        "__array_namespace_info__",
        "broadcast_shapes",
        "isin",
    }  # the last two: 2025.12
    assert functions - own == {name for name in TABLE if "." not in name}


def test_constants_and_dtypes_have_the_names_of_the_standard():
    for name in ("e", "inf", "nan", "newaxis", "pi"):
        assert hasattr(anp, name)
    for name in (
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float32",
        "float64",
        "complex64",
        "complex128",
    ):
        made = anp.zeros(2, dtype=getattr(anp, name))
        assert made.dtype == getattr(anp, name)
        assert made.dtype.name == name


# -------------------------------------------------------------------------------------------- the namespace of a tensor
def test_a_tensor_knows_its_namespace():
    assert Tensor(1.0).__array_namespace__() is anp
    assert Tensor(1.0).__array_namespace__(api_version="2024.12") is anp
    assert Tensor(1.0).__array_namespace__(api_version="2021.12") is anp
    assert anp.__array_api_version__ == "2024.12"
    with pytest.raises(
        ValueError, match=r"follows the array API standard of 2024\.12: received api_version='2099\.01'"
    ):
        Tensor(1.0).__array_namespace__(api_version="2099.01")


def test_importing_the_package_is_enough():
    program = "import autograd; print(autograd.Tensor(1.0).__array_namespace__().__name__)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "autograd.numpy\n"


def test_what_the_namespace_says_of_itself():
    info = anp.__array_namespace_info__()
    assert info.capabilities()["boolean indexing"] is True
    assert info.capabilities()["data-dependent shapes"] is True
    assert info.default_device() == "cpu"
    assert list(info.devices()) == ["cpu"]
    assert info.default_dtypes()["real floating"] == anp.float64
    assert info.dtypes(kind="complex floating") == {"complex64": anp.complex64, "complex128": anp.complex128}


# ----------------------------------------------------------------------------------------------------- dtypes
def test_limits_are_python_numbers_and_take_arrays():
    for asked in (
        np.float32,
        "float32",
        np.dtype("float32"),
        Tensor(1.0, "float32"),
        np.ones(2, np.float32),
        np.complex64,
    ):
        limits = anp.finfo(asked)
        for field in ("eps", "max", "min", "smallest_normal"):
            assert type(getattr(limits, field)) is float
            assert getattr(limits, field) == getattr(np.finfo(np.float32), field)
        assert (limits.bits, limits.dtype) == (32, np.float32)
    assert (X.astype("float32") * anp.finfo(X.astype("float32")).eps).dtype == np.float32
    assert repr(anp.finfo(float)) == repr(np.finfo(float))
    with pytest.raises(AttributeError):
        anp.finfo(float).radix  # noqa: B018
    for asked in (np.int16, Tensor(1, "int16"), np.ones(2, np.int16)):
        limits = anp.iinfo(asked)
        assert (limits.bits, limits.max, limits.min, limits.dtype) == (16, 32767, -32768, np.int16)
        assert type(limits.max) is int


def test_promotion():
    single = X.astype("float32")
    assert anp.result_type(single, 1.0) == np.float32
    assert anp.result_type(single, 1j, anp.float64) == np.complex128
    assert anp.result_type(I, anp.int8) == np.int64
    assert anp.can_cast(single, anp.float64) is True
    assert anp.can_cast(X, anp.float32) is False
    with GradientTape() as tape:
        tape.watch(single)
        assert anp.result_type(single, 2) == np.float32
    for scalar in (True, 2, 2.0):
        assert (single + scalar).dtype == (scalar * single).dtype == np.float32
    assert (single * 2j).dtype == np.complex64
    assert (I + 1).dtype == I.dtype
    assert anp.isdtype(X.dtype, ("real floating", "integral")) is True


def test_dtypes_are_converted():
    assert anp.astype(X, anp.float32).dtype == np.float32
    assert anp.astype(X, anp.float64, copy=False) is X
    assert anp.astype(X, anp.float64) is not X
    assert grad(lambda x: anp.sum(anp.astype(x, anp.float32, copy=False) ** 2))(np.array([3.0])).tolist() == [6.0]


# --------------------------------------------------------------------------------------------------- devices and copies
def test_there_is_one_device():
    assert X.device == "cpu"
    assert X.to_device("cpu") is X
    with pytest.raises(ValueError, match="tensors live on the device 'cpu', without streams: received device='gpu'"):
        X.to_device("gpu")
    made = [
        anp.zeros(2, device="cpu"), anp.ones(2, device="cpu"), anp.empty(2, device="cpu"),
        anp.full(2, 1.0, device="cpu"),
        anp.arange(3.0, device="cpu"), anp.linspace(0.0, 1.0, 3, device="cpu"), anp.eye(2, device="cpu"),
        anp.asarray([1.0], device="cpu"),
        anp.zeros_like(X, device="cpu"), anp.ones_like(X, device="cpu"), anp.empty_like(X, device="cpu"),
        anp.full_like(X, 1.0, device="cpu"),
        anp.from_dlpack(np.ones(2), device="cpu"), anp.astype(X, anp.float32, device="cpu"),
    ]  # fmt: skip
    assert all(type(each) is Tensor for each in made)


@pytest.mark.parametrize(
    "name",
    [
        "zeros",
        "ones",
        "empty",
        "full",
        "eye",
        "asarray",
        "zeros_like",
        "ones_like",
        "empty_like",
        "full_like",
        "astype",
    ],
)
def test_another_device_is_refused(name):
    args = {"full": (2, 1.0), "full_like": (X, 1.0), "astype": (X, "float32")}.get(
        name, (X,) if "like" in name else (2,)
    )
    with pytest.raises(ValueError, match="gpu"):
        getattr(anp, name)(*args, device="gpu")


def test_copies_are_made_as_asked():
    array = np.ones(2)
    assert anp.asarray(X) is anp.asarray(X, copy=False) is X
    assert anp.asarray(X, copy=True) is not X
    copied = anp.asarray(array)
    array[0] = 5.0
    assert copied.tolist() == [1.0, 1.0]
    taken = anp.asarray(array, copy=False)
    assert np.shares_memory(taken.numpy(), array)
    assert not array.flags.writeable
    with pytest.raises(ValueError, match="a copy is needed to turn float64 into float32, and copy=False forbids it"):
        anp.asarray(X, dtype=anp.float32, copy=False)
    assert grad(lambda x: anp.sum(anp.asarray(x, copy=True) * x))(np.array([3.0])).tolist() == [6.0]


def test_what_is_laid_out_otherwise_is_the_same_value():
    for name in ("asanyarray", "ascontiguousarray", "asfortranarray", "asarray_chkfinite", "require"):
        assert getattr(anp, name)(X) is X
        for value in (2.0, [1.0, 2.0], np.asfortranarray(np.arange(6.0).reshape(2, 3))):
            np.testing.assert_array_equal(getattr(anp, name)(value).numpy(), getattr(np, name)(value), strict=True)
    with pytest.raises(ValueError, match=r"every element must be finite: received infinities or NaN, in shape \(1,\)"):
        anp.asarray_chkfinite([np.nan])
    with pytest.raises(OperandError, match="cannot be required to be writeable"):
        anp.require([1.0], requirements=["W"])


# ----------------------------------------------------------------------------------------------------- exchange
def test_tensors_go_out_by_dlpack_read_only():
    array = np.from_dlpack(X)
    assert array.tolist() == X.tolist()
    assert np.shares_memory(array, X.numpy())
    assert not array.flags.writeable
    assert X.__dlpack_device__() == np.ones(1).__dlpack_device__()
    with pytest.raises(BufferError, match=r"before version 1\.0 cannot say that memory is read-only"):
        X.__dlpack__(copy=False)


def test_an_old_consumer_gets_a_copy():
    class Old:
        def __dlpack__(self, stream=None):
            return X.__dlpack__()

        def __dlpack_device__(self):
            return X.__dlpack_device__()

    copied = np.from_dlpack(Old())
    assert copied.tolist() == X.tolist()
    assert not np.shares_memory(copied, X.numpy())


def test_a_tracked_tensor_does_not_go_out_in_silence():
    x = Tensor([1.0])
    with GradientTape() as tape:
        tape.watch(x)
        y = x * 2.0
        with pytest.raises(DetachedError, match="from_dlpack"):
            np.from_dlpack(y)
        assert anp.from_dlpack(y) is y
        copied = anp.from_dlpack(y, copy=True)
    assert tape.gradient(copied, x).tolist() == [2.0]


def test_what_comes_in_by_dlpack_cannot_be_changed_from_outside():
    array = np.ones(2)
    tensor = anp.from_dlpack(array)
    array[0] = 5.0
    assert tensor.tolist() == [1.0, 1.0]
    lent = anp.from_dlpack(array, copy=False)
    assert np.shares_memory(lent.numpy(), array)
    lent[0] = 7.0  # another value for the handle; the memory of the other library stays as it is
    assert (lent.tolist(), array.tolist()) == ([7.0, 1.0], [5.0, 1.0])


# ----------------------------------------------------------------------------------------------------- sorting and sets
def test_sorting_in_both_directions():
    values = np.array([[3.0, 1.0, 3.0, 2.0], [0.5, 0.5, -1.0, 4.0]])
    assert anp.sort(values, descending=True).tolist() == [[3.0, 3.0, 2.0, 1.0], [4.0, 0.5, 0.5, -1.0]]
    assert anp.argsort(values, descending=True).tolist() == [[0, 2, 3, 1], [3, 0, 1, 2]]
    assert anp.argsort(values, axis=0, descending=True).tolist() == [[0, 0, 0, 1], [1, 1, 1, 0]]
    assert anp.argsort(values).tolist() == np.argsort(values, stable=True).tolist()
    assert anp.sort(values, axis=None, descending=True).tolist() == sorted(values.ravel().tolist(), reverse=True)
    np.testing.assert_array_equal(
        values.ravel()[anp.argsort(values, axis=None, descending=True).numpy()], sorted(values.ravel())[::-1]
    )
    weights = np.array([1.0, 2.0, 4.0, 8.0])
    assert grad(lambda x: anp.sum(anp.sort(x, descending=True) * weights))(values[0]).tolist() == [1.0, 8.0, 2.0, 4.0]
    many = np.zeros(100)
    assert anp.argsort(many).tolist() == anp.argsort(many, descending=True).tolist() == list(range(100))


def test_unsigned_integers_sort_downwards():
    assert anp.argsort(np.array([0, 255, 3], np.uint8), descending=True).tolist() == [1, 2, 0]
    assert anp.sort(np.array([], np.float32), descending=True).dtype == np.float32


def test_sets_have_named_fields():
    found = anp.unique_all(Tensor([3.0, 1.0, 3.0]))
    assert found.values.tolist() == [1.0, 3.0]
    assert found.counts.tolist() == [1, 2]
    assert found.inverse_indices.tolist() == [1, 0, 1]
    assert found.indices.tolist() == [1, 0]


def test_distinct_values_are_sorted():
    values = np.array([1, 1, 0, 5, 0, -3])
    assert anp.unique_values(values).tolist() == [-3, 0, 1, 5]
    assert anp.unique_values(np.array([np.nan, 1.0, np.nan])).shape == (3,)


def test_counts_are_tensors():
    for options in ({}, {"axis": 0}, {"axis": (0, 1)}, {"axis": 1, "keepdims": True}):
        counted = anp.count_nonzero(M - 0.5, **options)
        np.testing.assert_array_equal(counted.numpy(), np.count_nonzero(M.numpy() - 0.5, **options))


# ---------------------------------------------------------------------------------------------------- methods of arrays
def test_methods_that_change_an_array_give_the_handle_another_value():
    source = Tensor([3.0, 1.0, 2.0])
    with GradientTape() as tape:
        tape.watch(source)
        x = source * 1.0
        before = x * 1.0
        assert x.sort() is None
        y = x * np.array([1.0, 10.0, 100.0])
    assert x.tolist() == [1.0, 2.0, 3.0]
    assert before.tolist() == source.tolist() == [3.0, 1.0, 2.0]
    assert tape.gradient(y, source).tolist() == [100.0, 1.0, 10.0]
    x.partition(1)
    x.fill(4.0)
    assert x.tolist() == [4.0, 4.0, 4.0]
    x.put([0], [1.0])
    assert x.tolist() == [1.0, 4.0, 4.0]


def test_filling_with_a_tracked_number_is_differentiable():
    def filled(v):
        x = Tensor([1.0, 2.0])
        x.fill(v * v)
        return anp.sum(x)

    assert grad(filled)(3.0) == 12.0


def test_other_methods():
    x = Tensor([3.0, 1.0, 2.0])
    assert x.compress([True, False, True]).tolist() == [3.0, 2.0]
    assert Tensor([1, 0]).choose([np.array([1, 2]), np.array([3, 4])]).tolist() == [3, 2]
    assert x.view() is not x
    assert x.view("float64").tolist() == x.tolist()
    assert x.tobytes() == x.numpy().tobytes()
    with pytest.raises(OperandError, match="a view of float64 as int64 reads bytes"):
        x.view(np.int64)


# ----------------------------------------------------------------------------------------------------- other libraries
def runs(program, **environment):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_scipy_takes_tensors_and_is_differentiable_where_it_uses_the_namespace():
    pytest.importorskip("scipy")
    program = """
import numpy as np, scipy.special, scipy.stats, scipy.integrate
from autograd import Tensor, grad
x = np.array([0.1, 0.5, 2.0])
softmax = np.exp(x) / np.exp(x).sum()
assert type(scipy.special.expit(Tensor(x))) is Tensor
assert type(scipy.special.logsumexp(Tensor(x))) is Tensor
np.testing.assert_allclose(grad(scipy.special.logsumexp)(x), softmax)
slope = softmax[0] * (np.array([1, 0, 0]) - softmax)
np.testing.assert_allclose(grad(lambda x: scipy.special.softmax(x)[0])(x), slope, rtol=1e-12)
np.testing.assert_allclose(grad(lambda x: scipy.stats.gmean(x))(x), scipy.stats.gmean(x) / 3 / x)
np.testing.assert_allclose(grad(lambda x: scipy.integrate.trapezoid(x))(x), [0.5, 1.0, 0.5])
"""
    runs(program, SCIPY_ARRAY_API="1")


def test_scikit_learn_takes_tensors():
    pytest.importorskip("sklearn")
    program = """
import numpy as np
from sklearn import config_context, metrics
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, Normalizer, StandardScaler
from autograd import Tensor
rng = np.random.default_rng(0)
x, y, p = rng.normal(size=(20, 3)), rng.integers(0, 2, 20), rng.random(20)
with config_context(array_api_dispatch=True):
    for kind in (StandardScaler, MinMaxScaler, MaxAbsScaler, Normalizer):
        scaled = kind().fit_transform(Tensor(x))
        assert type(scaled) is Tensor
        np.testing.assert_allclose(scaled.numpy(), kind().fit_transform(x))
    for name in ("log_loss", "roc_auc_score", "brier_score_loss", "mean_squared_error", "r2_score"):
        score = getattr(metrics, name)
        np.testing.assert_allclose(score(Tensor(y), Tensor(p)), score(y, p))
    np.testing.assert_allclose(metrics.pairwise.rbf_kernel(Tensor(x)).numpy(), metrics.pairwise.rbf_kernel(x))
"""
    runs(program, SCIPY_ARRAY_API="1")
