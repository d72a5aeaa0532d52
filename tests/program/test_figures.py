"""The figures that `compile` gives of a program, and the lines to which its errors point."""

import gc
import linecache
import traceback

import numpy as np
import pytest

import autograd
import autograd.scipy
from autograd.program import set_threads
from benchmarks.compiling import allocated, mnist_step


def gradient(x):
    def loss(x):
        y = np.tanh(x) * np.exp(-(x**2))
        return np.sum(y + np.log1p(x**2))

    return autograd.grad(loss)(x)


# ------------------------------------------------------------------------------------------- figures
def test_stats_counts_every_buffer_once():
    x = np.random.default_rng(5).normal(size=(200, 300))
    compiled = autograd.compile(gradient)
    stats = compiled.stats(x)
    executable, _ = compiled._executable((x,), {})
    names = executable.workspace().names
    made = {
        id(a.base if a.base is not None else a): (a.base if a.base is not None else a)
        for a in _arrays(names, executable.module.names)
    }
    large = sum(array.nbytes for array in made.values() if array.size > 1)
    constants = sum(array.nbytes for array in made.values() if array.size == 1)
    # Memory that begins at a line of the cache takes up to 64 bytes more.
    assert large - 64 * len(made) <= stats.bytes_planned <= large + constants
    assert stats.bytes_eager >= 10 * x.nbytes
    counts = list(stats.operations.values())
    assert counts[0] == max(counts)
    assert counts[-1] < counts[0]


def _arrays(names, given):
    for name, thing in names.items():
        for each in thing if isinstance(thing, list) else [thing]:
            if isinstance(each, np.ndarray) and name not in given:
                yield each


def test_stats_of_statements():
    def f(x, m):
        y = np.linalg.inv(m)
        with np.errstate(divide="ignore"):
            z = np.log(x)
        return y, z

    stats = autograd.compile(f).stats(np.zeros(3), np.eye(200))
    assert [each.text for each in stats.statements][-1].startswith("log(")
    slowest = max(stats.statements)
    assert "inv(" in slowest.text
    assert slowest.line.endswith("y = np.linalg.inv(m)")
    assert stats.seconds == sum(each.seconds for each in stats.statements)
    lines = str(stats).splitlines()
    assert lines[0].startswith("operations: 2 traced")
    assert lines[1].startswith("memory: ")
    assert lines[2].endswith(f"in {len(stats.statements)} statements")
    assert "inv(" in lines[4]
    assert len({line.index("test_figures.py") for line in lines if "test_figures.py" in line}) == 1
    assert max(map(len, lines)) < 150
    page = stats._repr_html_()
    assert page.startswith("<div>")
    assert page.count("<tr>") == len(stats.statements) + 1
    assert "x[0] &lt; 1" in autograd.compile(lambda x: bool(x[0] < 1)).stats(np.zeros(3))._repr_html_()


@pytest.mark.parametrize("threads", [1, 2])
def test_stats_look_into_loops(threads):
    x = np.random.default_rng(6).normal(size=400_000)
    compiled = autograd.compile(gradient)
    set_threads(threads)
    try:
        stats = compiled.stats(x)
    finally:
        set_threads(1)
    named = {each.text.partition("(")[0]: each.seconds for each in stats.statements}
    assert {"tanh", "exp", "in_blocks"} <= named.keys()
    assert named["in_blocks"] < named["tanh"]  # what is left for the loop itself
    np.testing.assert_allclose(compiled(x), gradient(x), rtol=1e-10)


# ------------------------------------------------------------------------------------------- errors
def failing(x):
    y = x * 2
    z = np.log(y - 5)
    return z + 1


def note_of(f, *args):
    with np.errstate(all="raise"), pytest.raises(FloatingPointError) as caught:
        f(*args)
    return caught


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("size", [4, 200_000])
def test_errors_point_at_the_line_of_the_user(size, threads):
    set_threads(threads)
    try:
        compiled = autograd.compile(failing)
        good, bad = np.full(size, 5.0), np.ones(size)
        compiled(good)
        caught = note_of(compiled, bad)
        line = failing.__code__.co_firstlineno + 2
        assert caught.value.__notes__ == [f"in a compiled function, at {__file__}:{line}: z = np.log(y - 5)"]
        shown = "".join(traceback.format_exception(caught.value))
        assert "\n    log(" in shown  # the statement of the program
        np.testing.assert_array_equal(compiled(good), np.log(5.0) + np.ones(size))  # it goes on
    finally:
        set_threads(1)


def test_the_text_of_a_program_is_forgotten_with_it():
    compiled = autograd.compile(failing)
    compiled(np.full(3, 5.0))
    filename = compiled._executable((np.full(3, 5.0),), {})[0].filename
    assert "def failing(x):\n" in linecache.getlines(filename)
    linecache.checkcache()
    assert linecache.getlines(filename)
    del compiled
    gc.collect()
    assert filename not in linecache.cache


# ------------------------------------------------------------------------------------------- memory of later calls
def test_a_training_step_allocates_next_to_nothing():
    step, _, _ = mnist_step()
    most, kept = allocated(step)
    assert most <= 4096
    assert kept < 1024
