"""`compile(f, numba=True)`: machine code gives what NumPy gives."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Variable
from autograd.errors import OperandError
from autograd.program import machine, set_threads

pytest.importorskip("numba")

ODD = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.5, 3.0, 1e-300, -1e300, 700.0, np.inf, -np.inf, np.nan]


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory):
    """Keep machine code of these tests for themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield Path(os.environ["XDG_CACHE_HOME"])


def runs(compiled, *args):
    """Return how many statements of a program are machine code."""
    return compiled._runner(args, {})[0].module.text.count("elements0(")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("fn", [fn for fn in (*machine._ARITHMETIC, *machine._SLOW) if isinstance(fn, np.ufunc)], ids=lambda fn: fn.__name__)
def test_every_function_is_that_of_numpy(fn, dtype):
    with np.errstate(all="ignore"):
        x, y = (each.ravel().astype(dtype) for each in np.meshgrid(ODD, ODD[::-1]))
        x, y = (x[:60], y[:60]) if fn in machine._SLOW else (x, y)

        def f(x, y):
            given = (x > 0.0,) if fn is np.logical_not else (x, y)[: fn.nin]
            found = fn(*given)
            return np.where(found, x, y) if found.dtype == bool else np.where(x == x, found, -found)

        compiled = autograd.compile(f, numba=True)
        found, expected = compiled(x, y), f(x, y)
        found = compiled(x, y)
    assert runs(compiled, x, y) == 1
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    np.testing.assert_allclose(found, expected, rtol=4 * np.finfo(dtype).eps, atol=0, equal_nan=True)
    if fn in machine._ARITHMETIC:
        np.testing.assert_array_equal(found, expected)
    if fn in machine._ARITHMETIC and fn not in machine._EITHER_ZERO:
        np.testing.assert_array_equal(np.signbit(found[found == 0]), np.signbit(expected[expected == 0]))


def test_shapes_broadcast():
    rng = np.random.default_rng(0)

    def f(x, row, column, one, scalar, mask):
        return np.where(mask, np.tanh(x * row - column) * one + scalar, x) / 3.0, (row + 1.0) * row, (scalar * 2.0 + 1.0) * scalar

    for m, n in ((4, 5), (1, 5), (4, 1), (1, 1), (0, 3)):
        args = [rng.normal(size=shape) for shape in ((m, n), n, (m, 1), 1, ())] + [rng.normal(size=(m, n)) > 0]
        compiled = autograd.compile(f, numba=True)
        for shift in (0.0, 0.1, 0.2):
            given = [np.asarray(each + shift if each.dtype == float else each) for each in args]
            for found, expected in zip(compiled(*given), f(*given), strict=True):
                np.testing.assert_allclose(found, expected, rtol=1e-14)
                assert np.shape(found) == np.shape(expected)
        if m:
            assert runs(compiled, *args)


def test_arrays_in_any_order():
    x = np.random.default_rng(1).normal(size=(6, 8))
    compiled = autograd.compile(lambda x: (x * 2.0 + 1.0) * x, numba=True)
    for each in (x, np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2], x[::-1, ::-1], x):
        np.testing.assert_array_equal(compiled(each), (each * 2.0 + 1.0) * each)


def chain(x):
    for _ in range(30):
        x = np.sin(x) * 1.01 + 0.1
    return x


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_chain_and_its_gradient(dtype):
    x = np.linspace(-1, 2, 10).astype(dtype)
    compiled = autograd.compile(lambda x: (chain(x), autograd.grad(lambda x: np.sum(chain(x)))(x)), numba=True)
    compiled(x)
    y, slope, value = x.astype(np.float64), np.ones(10), None
    for _ in range(30):
        slope, y = slope * 1.01 * np.cos(y), np.sin(y) * 1.01 + 0.1
    value, gradient = compiled(x)
    assert value.dtype == gradient.dtype == dtype
    np.testing.assert_allclose(value, y, rtol=40 * np.finfo(dtype).eps)
    np.testing.assert_allclose(gradient, slope, rtol=200 * np.finfo(dtype).eps)
    text = compiled._runner((x,), {})[0].module.text
    assert "    sin(" not in text


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("size", [40_000, 100_003])
def test_arithmetic_of_long_arrays(size, threads):
    def f(x):
        y = np.tanh(x) * np.exp(-(x**2))
        return np.sum(y + x * 2.0), y

    x = np.random.default_rng(2).normal(size=size)
    compiled = autograd.compile(lambda x: (f(x), autograd.grad(lambda x: f(x)[0])(x)), numba=True)
    set_threads(threads)
    try:
        compiled(x)
        (total, y), gradient = compiled(x)
    finally:
        set_threads(1)
    text = compiled._runner((x,), {})[0].module.text
    assert "elements" in text
    assert "tanh(" in text  # NumPy's is quicker
    np.testing.assert_allclose(total, f(x)[0], rtol=1e-12)
    np.testing.assert_allclose(y, f(x)[1], rtol=1e-14)
    np.testing.assert_allclose(gradient, np.exp(-(x**2)) * (1 - np.tanh(x) ** 2 - 2 * x * np.tanh(x)) + 2.0, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("size", [12, 100_000])
def test_exact_is_exact(size):
    def f(x, y):
        z = x * y + x / 3.0
        return (z - y) * z + np.sqrt(np.abs(x)) * 0.1, np.exp(z) * 2.0

    x, y = np.random.default_rng(3).normal(size=(2, size))
    compiled = autograd.compile(f, exact=True, numba=True)
    for found, expected in zip(compiled(x, y), f(x, y), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert "exp(" in compiled._runner((x, y), {})[0].module.text


@pytest.mark.parametrize("size", [8, 100_000])
@pytest.mark.parametrize(
    "step",
    [
        lambda w: w[::-1] + 2.0 * w,
        lambda w: (w.reshape(4, -1) * 1.5 + w.reshape(-1, 4).T).reshape(-1),
        lambda w: w * 0.9 - 0.1 * w * w,
    ],
    ids=["reversed", "transposed", "in place"],
)
def test_variables_are_not_overwritten_before_they_are_read(step, size):
    expected = np.random.default_rng(4).normal(size=size)
    w = Variable(expected)

    def f(x):
        w.assign(step(w) * x)

    compiled = autograd.compile(f, numba=True)
    for _ in range(4):
        compiled(np.float64(0.5))
        expected = step(expected) * 0.5
        np.testing.assert_array_equal(w.numpy(), expected)


@pytest.mark.parametrize("exponent", [3, 2.5, np.float64(2.5), np.float32(3), [2.0], True], ids=repr)
def test_operands_that_are_no_arrays(exponent):
    x = np.array([0.5, 1.5, 2.5])
    compiled = autograd.compile(lambda x: (np.power(x, exponent) + 1.0) * np.multiply(exponent, x), numba=True)
    for _ in range(2):
        np.testing.assert_allclose(compiled(x), (np.power(x, exponent) + 1.0) * np.multiply(exponent, x), rtol=1e-15)


def test_numbers_that_numpy_returns():
    def f(x):
        s = np.linalg.det(x)
        return (s * 2.0 + 1.0) * s

    compiled = autograd.compile(f, numba=True)
    x = np.array([[2.0, 1.0], [0.5, 3.0]])
    for _ in range(2):
        assert float(compiled(x)) == pytest.approx(f(x), rel=1e-14)


def test_what_is_shown_and_written_needs_numpy_alone():
    text = autograd.compile(chain, numba=True).source(np.ones(3))
    assert "sin(" in text
    assert "elements" not in text


PROGRAM = """
import numpy as np, autograd
from autograd.program import machine
compiled = autograd.compile(lambda x: (np.sin(x) * 2.0 + x) / 3.0, numba=True)
x = np.linspace(0, 1, 5)
compiled(x)
np.testing.assert_allclose(compiled(x), (np.sin(x) * 2.0 + x) / 3.0, rtol=1e-15)
[fn] = [each for name, each in compiled._runner((x,), {})[0].module.names.items() if name.startswith("elements")]
print(sum(fn.stats.cache_hits.values()), sum(fn.stats.cache_misses.values()))
"""


def test_machine_code_is_kept_on_disk(tmp_path):
    def done(home):
        environment = {**os.environ, "XDG_CACHE_HOME": str(home)}
        root = Path(__file__).parents[1]
        return subprocess.run([sys.executable, "-c", PROGRAM], cwd=root, env=environment, capture_output=True, text=True, check=True).stdout.split()

    assert [done(tmp_path), done(tmp_path)] == [["0", "1"], ["1", "0"]]
    assert len(list((tmp_path / "tapegrad").glob("*.py"))) == 1
    (tmp_path / "file").write_text("no folder")
    assert done(tmp_path / "file") == ["0", "1"]  # where nothing can be kept it is compiled each time


def test_without_numba(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *args: None if name == "numba" else found(name, *args))
    with pytest.raises(OperandError, match=r"numba=True needs numba, which is not installed: pip install tapegrad\[jit\]"):
        autograd.compile(chain, numba=True)
    assert autograd.compile(chain)(np.ones(3)).shape == (3,)


def test_what_is_not_fit_stays_with_numpy():
    def f(x, n):
        with np.errstate(invalid="raise"):
            y = x * 2.0 + 1.0
        return y, n * 2 + 1, x.astype(complex) * 2 + 1, anp.clip(x, 0.0, 1.0)

    compiled = autograd.compile(f, numba=True)
    x, n = np.linspace(-1, 2, 4), np.arange(4)
    assert runs(compiled, x, n) == 0
    for found, expected in zip(compiled(x, n), (x * 2 + 1, n * 2 + 1, x * 2 + 1 + 0j, np.clip(x, 0, 1)), strict=True):
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype
