"""Debug tapes: what they keep, and `tape.check`, which compares each recorded rule with differences."""

import gc
import linecache
import sys
import types
import weakref
from pathlib import Path

import numpy as np
import pytest
from debugging import a_tape, line_with, made, raises, sign

from autograd import GradientTape, Tensor
from autograd.arrays.source_lines import line_of
from autograd.errors import TapeError


def test_a_debug_tape_gives_the_same_gradients_again_and_again():
    tape, loss, x = a_tape(debug=True)
    plain, plain_loss, plain_x = a_tape()
    expected = plain.gradient(plain_loss, plain_x).numpy()
    for _ in range(2):
        np.testing.assert_array_equal(tape.gradient(loss, x).numpy(), expected)
    assert len(tape.lines) == len(tape.records) == 3
    assert {Path(file).name for file, _ in tape.lines} == {Path(a_tape.__code__.co_filename).name}
    tape.reset()
    assert tape.lines == []
    with tape:
        y = np.sin(x)
    assert len(tape.lines) == len(tape.records) == 1
    assert tape.gradient(y, x).shape == (3,)
    assert plain.lines is None


def test_a_debug_tape_keeps_what_was_written_over():
    x = Tensor([1.0, 2.0])
    with GradientTape(debug=True) as tape:
        tape.watch(x)
        y = x * 1.0
        y[0] = y[1] * y[1]
        y[1] = np.sin(y[0])
    assert tape.check().assert_ok()
    assert tape.find_nonfinite() is None
    np.testing.assert_allclose(tape.gradient(y, x).numpy(), [0.0, 4.0 + 4.0 * np.cos(4.0)])


@pytest.mark.parametrize("ask", ["check", "find_nonfinite", "profile"])
def test_a_plain_tape_refuses_with_advice(ask):
    tape, _, _ = a_tape(persistent=True)
    with pytest.raises(TapeError, match=rf"{ask} needs every value and every line.*GradientTape\(debug=True\)"):
        getattr(tape, ask)()
    with pytest.raises(TapeError, match=f"{ask}: this tape has recorded nothing"):
        getattr(GradientTape(debug=True), ask)()


def test_check_passes_right_rules_and_names_the_wrong_one():
    tape, loss, _ = a_tape(debug=True)
    report = tape.check(order=2)
    assert report.assert_ok() is report
    assert report.compared > 10
    assert 0 < report.largest < 1e-7

    x = Tensor([0.3, 0.7])
    with GradientTape(debug=True) as tape:
        tape.watch(x)
        y = np.exp(x) + 1
        z = sign(y) * x  # the culprit
        for _ in range(60):
            z = np.tanh(z)
    report = tape.check()
    (finding,) = report.findings
    assert not report
    assert (finding.kind, finding.operation, finding.line) == ("wrong", "sign", line_with(__file__, "# the culprit"))
    assert "The rule of sign is wrong" in str(report)
    assert loss.shape == ()


def test_a_cell_of_a_notebook_goes_by_its_number(monkeypatch):
    """IPython itself names cells so in its tracebacks. The notebooks of the documentation hold what it is with the real
    one.
    """
    cells = {"/tmp/ipykernel_1/2.py": ("Cell", "In[7]")}
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: types.SimpleNamespace(compile=types.SimpleNamespace(format_code_name=cells.get))
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(
        linecache.cache, "/tmp/ipykernel_1/2.py", (0, None, ["x = Variable(0.0)\n", "y = np.log(x)\n"], "")
    )
    assert line_of(("/tmp/ipykernel_1/2.py", 2)) == "In[7]:2: y = np.log(x)"
    assert line_of(("/tmp/other.py", 2)) == "/tmp/other.py:2: "
    ipython.get_ipython = lambda: None  # imported, and not running
    assert line_of(("/tmp/ipykernel_1/2.py", 2)) == "/tmp/ipykernel_1/2.py:2: y = np.log(x)"


def test_check_while_the_tape_records_adds_nothing_to_it():
    x = Tensor([0.3, 0.7])
    with GradientTape(debug=True) as tape:
        tape.watch(x)
        y = np.concatenate([x, np.stack([x[0], x.sum()])])
        before = len(tape.records)
        assert tape.check(order=2).ok
        assert len(tape.records) == before
    assert tape.gradient(y, x).numpy().tolist() == [3.0, 2.0]


def test_check_says_what_else_there_is():
    x = Tensor([0.0, 0.7])
    with GradientTape(debug=True) as tape, np.errstate(all="ignore"):
        tape.watch(x)
        np.clip(x, 0.0, 1.0)
        raises(x)
        np.log(x)  # not finite, and left out
    kinds = {finding.operation: finding.kind for finding in tape.check().findings}
    assert kinds == {"clip": "kink", "raises": "broken"}


@pytest.mark.parametrize(
    "call",
    [
        np.linalg.cholesky,
        lambda m: np.linalg.cholesky(m, upper=True),
        np.linalg.eigvalsh,
        lambda m: np.linalg.eigh(m, UPLO="U").eigenvalues,
    ],
    ids=["cholesky", "upper cholesky", "eigvalsh", "upper eigh"],
)
def test_check_knows_what_reads_one_triangle_of_a_symmetric_matrix(call):
    x = Tensor(np.random.default_rng(0).normal(size=(3, 3)))
    with GradientTape(debug=True) as tape:
        tape.watch(x)
        y = call(x @ x.T)
    assert tape.check(order=2).assert_ok()
    assert y.shape[0] == 3


def test_check_is_that_of_second_order_where_asked():
    x = Tensor([0.3, 0.7])
    calls_sign = made("calls_sign", lambda x: -np.cos(x), lambda g, _, x: g * sign(x))
    with GradientTape(debug=True) as tape:
        tape.watch(x)
        calls_sign(x)
    assert tape.check().ok
    assert tape.check(order=2).findings[0].operation == "sign"


def test_a_debug_tape_ends_with_its_last_user():
    """Nothing of it is a cycle, which would hold every value until the collector runs."""
    gc.disable()
    try:
        with GradientTape(debug=True) as tape:
            x = Tensor([1.0, 2.0])
            tape.watch(x)
            y = (x * x).sum()
        tape.gradient(y, x)
        dead = weakref.ref(tape)
        del tape
        assert dead() is None
    finally:
        gc.enable()
