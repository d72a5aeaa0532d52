"""Long tapes: time and memory grow with what was computed, and nothing is held that no rule needs."""

import gc
import time
import tracemalloc

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import GradientTape, Tensor
from autograd.rules.index import Scattered


def test_a_chain_of_a_million_operations_is_linear():
    def seconds(n):
        x = Tensor(0.5)
        begin = time.perf_counter()
        with GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in range(n):
                y = y * 1.000001
        g = tape.gradient(y, x)
        return g.item(), time.perf_counter() - begin

    gc.collect()
    _, short = seconds(100_000)
    value, long = seconds(1_000_000)
    np.testing.assert_allclose(value, 1.000001**1_000_000, rtol=1e-9)
    assert long < 40 * short, "ten times the length must not take forty times the time"


@pytest.fixture
def traced():
    tracemalloc.start()
    yield
    tracemalloc.stop()


def test_values_that_no_rule_needs_are_given_back(traced):
    x = Tensor(np.ones(100_000))
    with GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in range(10):
            y = -(y + 1.0) - x
        held = tracemalloc.get_traced_memory()[0]
        assert held < 3 * x.nbytes, "sums need none of their operands"
        for _ in range(10):
            y = anp.tanh(y)
        held = tracemalloc.get_traced_memory()[0]
        assert held < 13 * x.nbytes, "a tanh needs its output only"
    tracemalloc.reset_peak()
    g = tape.gradient(y, x)
    peak = tracemalloc.get_traced_memory()[1]
    assert peak < held + 5 * x.nbytes, "the sweep frees as it goes"
    del y
    assert tracemalloc.get_traced_memory()[0] < 4 * x.nbytes
    assert g.shape == x.shape


def test_indexing_in_a_loop_makes_no_full_array_each_time(traced):
    n = 2_000
    x = Tensor(np.ones(n))
    with GradientTape() as tape:
        tape.watch(x)
        y = Tensor(0.0)
        for i in range(n):
            y = y + x[i] * float(i)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    g = tape.gradient(y, x)
    peak = tracemalloc.get_traced_memory()[1] - held
    np.testing.assert_array_equal(g.numpy(), np.arange(n))
    assert peak < 500 * n, "a full cotangent for each read would be 16,000 bytes times n"


def test_writing_by_index_in_a_loop_is_differentiable():
    w = Tensor(2.0)
    x = Tensor(np.zeros(4))
    with GradientTape() as tape:
        tape.watch(w)
        for i in range(4):
            x[i] = w ** float(i)
        x[1:3] = x[1:3] * x[0]
        y = anp.sum(x)
    assert tape.gradient(y, w).item() == 1.0 + 4.0 + 12.0


def test_reads_in_a_loop_make_one_array_of_them_all(monkeypatch):
    """Each read has a cotangent of the size of what it read: 10,000 reads of a vector of 10,000 are linear, and not
    quadratic.
    """
    made = []
    dense = Scattered.dense
    monkeypatch.setattr(Scattered, "dense", lambda self: made.append(len(self.parts)) or dense(self))
    n = 10_000
    x = Tensor(np.linspace(0.0, 1.0, n))
    with GradientTape() as tape:
        tape.watch(x)
        total = Tensor(0.0)
        for i in range(n):
            total = total + x[i] * float(i)
    np.testing.assert_array_equal(tape.gradient(total, x).numpy(), np.arange(n, dtype=float))
    assert made == [n]
