"""Machine code, by `compile(f, numba=True)` and for long loops unasked, gives what NumPy gives."""

import importlib.util
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Variable
from autograd.errors import OperandError
from autograd.program import set_threads
from autograd.registry.entries import RULES

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
    return compiled._executable(args, {})[0].module.text.count("elements0(")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "fn", [fn for fn, entry in RULES.items() if entry.scalar and isinstance(fn, np.ufunc)], ids=lambda fn: fn.__name__
)
def test_every_function_is_that_of_numpy(fn, dtype):
    with np.errstate(all="ignore"):
        x, y = (each.ravel().astype(dtype) for each in np.meshgrid(ODD, ODD[::-1]))
        x, y = (x[:60], y[:60]) if RULES[fn].transcendental else (x, y)

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
    if not RULES[fn].transcendental:
        np.testing.assert_array_equal(found, expected)
    if not RULES[fn].transcendental and not RULES[fn].extremum:
        np.testing.assert_array_equal(np.signbit(found[found == 0]), np.signbit(expected[expected == 0]))


def test_shapes_broadcast():
    rng = np.random.default_rng(0)

    def f(x, row, column, one, scalar, mask):
        return (
            np.where(mask, np.tanh(x * row - column) * one + scalar, x) / 3.0,
            (row + 1.0) * row,
            (scalar * 2.0 + 1.0) * scalar,
        )

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
    text = compiled._executable((x,), {})[0].module.text
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
    text = compiled._executable((x,), {})[0].module.text
    assert "elements" in text
    assert "tanh(" in text  # NumPy's is quicker
    np.testing.assert_allclose(total, f(x)[0], rtol=1e-12)
    np.testing.assert_allclose(y, f(x)[1], rtol=1e-14)
    np.testing.assert_allclose(
        gradient, np.exp(-(x**2)) * (1 - np.tanh(x) ** 2 - 2 * x * np.tanh(x)) + 2.0, rtol=1e-9, atol=1e-14
    )


@pytest.mark.parametrize("numba", [None, True])
@pytest.mark.parametrize("size", [12, 200_000])
def test_exact_is_exact(size, numba):
    def f(x, y):
        z = x * y + x / 3.0
        return (z - y) * z + np.sqrt(np.abs(x)) * 0.1, np.exp(z) * 2.0

    x, y = np.random.default_rng(3).normal(size=(2, size))
    compiled = autograd.compile(f, exact=True, numba=numba)
    for _ in range(3):
        for found, expected in zip(compiled(x, y), f(x, y), strict=True):
            np.testing.assert_array_equal(found, expected)
    text = compiled._executable((x, y), {})[0].module.text
    assert "exp(" in text
    assert ("elements0(" in text) == (numba is True or size > 12)


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
compiled = autograd.compile(lambda x: (np.sin(x) * 2.0 + x) / 3.0, numba=True)
x = np.linspace(0, 1, 5)
compiled(x)
np.testing.assert_allclose(compiled(x), (np.sin(x) * 2.0 + x) / 3.0, rtol=1e-15)
[fn] = [each for name, each in compiled._executable((x,), {})[0].module.names.items() if name.startswith("elements")]
print(sum(fn.stats.cache_hits.values()), sum(fn.stats.cache_misses.values()))
"""


def started(program, home):
    """Begin to run a program that keeps its machine code in a folder."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(home), "HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program],
        cwd=Path(__file__).parents[2],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def done(program, home):
    """Run a program, and return what it prints."""
    return answer(started(program, home))


def answer(process):
    out, _ = process.communicate()
    assert process.returncode == 0
    return out.split()


def test_machine_code_is_kept_on_disk(tmp_path):
    assert done(PROGRAM, tmp_path) == ["0", "1"]
    assert len(list((tmp_path / "tapegrad").glob("*.py"))) == 1
    for file in (tmp_path / "tapegrad" / "__pycache__").iterdir():
        file.write_bytes(file.read_bytes()[:-20])
    assert [done(PROGRAM, tmp_path), done(PROGRAM, tmp_path)] == [
        ["0", "1"],
        ["1", "0"],
    ]  # what was cut off is compiled again


def test_where_nothing_can_be_kept(tmp_path):
    (tmp_path / "file").write_text("no folder")
    assert done(PROGRAM, tmp_path / "file") == ["0", "1"]
    (tmp_path / "home" / "tapegrad").mkdir(parents=True)
    (tmp_path / "home" / "tapegrad" / "__pycache__").write_text("no folder")
    (tmp_path / "home" / "numba").write_text("no folder")
    assert done(PROGRAM, tmp_path / "home") == ["0", "1"]


LAYOUTS = """
import numpy as np, autograd
compiled = autograd.compile(lambda x: (x * 2.0 + x) / 3.0 - x * x, numba=True)
for x in (np.arange(12.0), np.arange(24.0)[::2])[::{}]:
    for _ in range(2):
        np.testing.assert_array_equal(compiled(x), (x * 2.0 + x) / 3.0 - x * x)
"""


def test_processes_that_compile_at_the_same_time(tmp_path):
    processes = [started(LAYOUTS.format(1), tmp_path) for _ in range(2)]
    for process in processes:
        answer(process)
    # They may leave the code of one layout under the name of another: it is not used.
    first, second = sorted((tmp_path / "tapegrad" / "__pycache__").glob("*.nbc"))
    given = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(given)
    done(LAYOUTS.format(-1), tmp_path)


# ------------------------------------------------------------------------------------------------------- unasked
def formula(x):
    y = x
    for i in range(1, 12):
        y = y * x + 1.0 / i
    return y


LONG = np.linspace(-1.0, 1.0, 100_000)


def test_long_loops_become_machine_code_unasked():
    compiled = autograd.compile(formula)
    for _ in range(3):
        np.testing.assert_array_equal(compiled(LONG), formula(LONG))
    assert runs(compiled, LONG) == 1
    assert "elements" not in compiled.source(LONG)
    assert runs(autograd.compile(formula, numba=False), LONG) == 0
    assert runs(compiled, LONG[:1000]) == 0
    assert runs(autograd.compile(lambda x: x * x + x), LONG) == 0  # nothing that would make up for the time to compile


UNASKED = """
import sys, numpy as np, autograd
compiled = autograd.compile(lambda x: np.exp(x * x + x) * x)
for _ in range(2):
    compiled(np.ones(100_000)), compiled(np.ones(10))
print("numba" in sys.modules)
"""


def test_numba_is_loaded_where_it_is_worth_it(tmp_path):
    assert done(UNASKED, tmp_path) == ["False"]


def broken(*args):
    raise ImportError("numba needs another NumPy")


@pytest.mark.parametrize("patch", ["find_spec", "import_module", "DISABLE_JIT"])
def test_where_numba_does_not_work_nothing_is_said(monkeypatch, patch):
    if patch == "DISABLE_JIT":
        monkeypatch.setattr(importlib.import_module("numba").config, patch, 1)
    else:
        monkeypatch.setattr(
            f"importlib{'.util' if patch == 'find_spec' else ''}.{patch}",
            (lambda name: None) if patch == "find_spec" else broken,
        )
    compiled = autograd.compile(formula)
    compiled(LONG)
    np.testing.assert_array_equal(compiled(LONG), formula(LONG))
    assert runs(compiled, LONG) == 0


@pytest.mark.parametrize("shape", [(300, 30, 20), (600, 300), (400, 400)])
@pytest.mark.parametrize("numba", [None, True])
def test_loops_over_blocks_of_arrays_with_axes(shape, numba):
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(2, *shape))
    row, column, first = rng.normal(size=shape[-1]), rng.normal(size=(*shape[:-1], 1)), rng.normal(size=(1, *shape[1:]))
    mask = rng.normal(size=shape) > 0

    def f(x, y, row, column, first, mask):
        z = (x - row) * column + y * first
        each = np.sum(z * z, axis=-1, keepdims=True)
        w = np.where(mask, z, y) * each - row * 0.5
        return w * z, np.sum(np.exp(-w * w) * z + first, axis=0), z[..., 0]

    compiled = autograd.compile(f, numba=numba)
    given = x, y, row, column, first, mask
    for _ in range(2):
        for found, expected in zip(compiled(*given), f(*given), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)
    assert "in_blocks" in compiled._executable(given, {})[0].module.text
    assert runs(compiled, *given) == 1


# ------------------------------------------------------------------------------------------------ floating-point errors
def inverses(x, y):
    return (x + 1.0) / y - formula(x), (y + 1.0) * x


@pytest.mark.parametrize("numba", [None, True])
def test_who_asks_for_more_than_a_warning_is_told(numba):
    compiled = autograd.compile(inverses, numba=numba)
    hole = LONG.copy()
    hole[70_000] = 0.0
    told = []
    for _ in range(2):
        for found, expected in zip(compiled(LONG, LONG), inverses(LONG, LONG), strict=True):
            np.testing.assert_array_equal(found, expected)
    assert runs(compiled, LONG, LONG)
    compiled(LONG, hole)  # machine code says nothing
    for kind in ("divide", "all"):
        with np.errstate(**{kind: "raise"}), pytest.raises(FloatingPointError, match="divide by zero") as caught:
            compiled(LONG, hole)
        assert "test_machine_code.py:" in caught.value.__notes__[0]
    with np.errstate(divide="call", call=lambda kind, flag: told.append(kind)):
        compiled(LONG, hole)
    assert told == ["divide by zero"]
    with np.errstate(over="raise", invalid="print"):
        for found, expected in zip(compiled(LONG, LONG), inverses(LONG, LONG), strict=True):
            np.testing.assert_array_equal(found, expected)
    with np.errstate(all="ignore"):
        assert np.isinf(compiled(LONG, hole)[0]).sum() == 1


@pytest.mark.parametrize("numba", [None, True])
def test_variables_are_the_same_for_whoever_computes(numba):
    w = Variable(LONG)

    @partial(autograd.compile, exact=True, numba=numba)
    def step(x):
        w.assign(0.9 * w + 0.01 * formula(w) * x)
        return formula(w)

    expected = LONG
    for i in range(9):
        with np.errstate(over="raise" if i % 4 > 1 else "warn"):
            found = step(np.float64(0.5))
        expected = 0.9 * expected + 0.01 * formula(expected) * 0.5
        np.testing.assert_array_equal(w.numpy(), expected)
        np.testing.assert_array_equal(found, formula(expected))


def test_without_numba(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *args: None if name == "numba" else found(name, *args)
    )
    with pytest.raises(
        OperandError, match=r"numba=True needs numba, which is not installed: pip install tapegrad\[jit\]"
    ):
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
