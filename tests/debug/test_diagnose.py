"""What a tape tells about itself: its rules, its NaN, its time and its memory; and anomalies as they happen."""

import linecache
import re
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import autograd
from autograd import GradientTape, Tensor, Variable, check_gradients, checkpoint, grad, jacobian, stop_recording
from autograd import numpy as anp
from autograd.core.recorder import line_of
from autograd.core.registry import defvjp, operation
from autograd.errors import AnomalyError, AutogradError, TapeError


def made(name, fn, *rules):
    """Make a throw-away operation."""

    def forward(*args, **kwargs):
        return fn(*args, **kwargs)

    forward.__name__ = name
    result = operation(forward)
    defvjp(result, *rules)
    return result


def line_with(mark):
    """Return the first line of this file in which a text stands, as a finding writes it."""
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return next(f"{__file__}:{number}: {line.strip()}" for number, line in enumerate(lines, 1) if mark in line)


def a_tape(**options):
    x = Variable([0.5, 1.0, 2.0])
    with GradientTape(**options) as tape:
        y = np.exp(x)
        loss = np.sum(y * y)
    return tape, loss, x


sign = made("sign", np.sin, lambda g, _, x: -g * np.cos(x))
raises = made("raises", np.sin, lambda g, _, x: g.no_such_method())
spoils = made("spoils", lambda x: 2 * x, lambda g, _, _x: g * np.nan)


# ---------------------------------------------------------------------------------------------------- debug tapes
def test_a_debug_tape_gives_the_same_gradients_again_and_again():
    tape, loss, x = a_tape(debug=True)
    plain, plain_loss, plain_x = a_tape()
    expected = plain.gradient(plain_loss, plain_x).numpy()
    for _ in range(2):
        np.testing.assert_array_equal(tape.gradient(loss, x).numpy(), expected)
    assert len(tape.lines) == len(tape.records) == 3
    assert {Path(file).name for file, _ in tape.lines} == {"test_diagnose.py"}
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


# ---------------------------------------------------------------------------------------------------- check
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
    assert (finding.kind, finding.operation, finding.line) == ("wrong", "sign", line_with("# the culprit"))
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


# --------------------------------------------------------------------------------------------------- what is not finite
def test_the_first_that_is_not_finite_forward():
    x = Variable([4.0, 0.0, -1.0])
    with GradientTape(debug=True) as tape, np.errstate(all="ignore"):
        y = np.sin(x) + 1
        z = np.log(x * 2.0)  # where it begins
        np.sum(y + z * 3)
    found = tape.find_nonfinite()
    assert (found.phase, found.operation, found.line, found.made) == (
        "forward",
        "numpy.log",
        line_with("# where it begins"),
        True,
    )
    (given,) = found.inputs
    assert (given.shape, given.min, given.max, given.mean, given.zero, given.nan, given.inf) == (
        (3,),
        -2.0,
        8.0,
        2.0,
        1,
        0,
        0,
    )
    assert (found.output.nan, found.output.inf, found.output.max) == (1, 1, np.log(8.0))
    assert "forward: numpy.log made 1 NaN and 1 infinity.\n  Called at " in repr(found)
    assert "argument 0: shape (3,), float64, min -2, max 8, mean 2; 0 NaN, 0 infinite, 1 zero" in str(found)


def test_the_first_that_is_not_finite_backward():
    x = Variable([4.0, 0.0])
    with GradientTape(debug=True) as tape:
        y = np.sqrt(x)  # infinite slope
        loss = np.sum(y * 3.0)
        other = np.sum(np.sin(x))
    for target in (loss, [loss, other]):
        found = tape.find_nonfinite(target)
        assert (found.phase, found.operation, found.line, found.made) == (
            "backward",
            "numpy.sqrt",
            line_with("# infinite slope"),
            True,
        )
        assert [each.name for each in found.inputs] == ["cotangent of the output", "argument 0"]
        assert found.inputs[0].mean == 3.0
        assert found.output.inf == 1
        assert "backward: the derivative rule of numpy.sqrt made 1 infinity." in repr(found)
    assert tape.find_nonfinite(other) is None
    assert tape.find_nonfinite().line == line_with("# infinite slope")  # the last operation has no part in it


def test_without_a_target_every_end_is_one():
    """An overflow behind one of several outputs of one operation, none of which is the last; a value on the way is no
    end.
    """
    x = Variable([1.0, 2.0, 0.0, 4.0])
    with GradientTape(debug=True) as tape:
        first, second = np.split(x, 2)
        np.sum(first * 1.0)
        np.sqrt(second)  # an end that nobody summed
        np.sum(np.cos(first))
    found = tape.find_nonfinite()
    assert (found.phase, found.operation, found.line) == (
        "backward",
        "numpy.sqrt",
        line_with("# an end that nobody summed"),
    )
    with GradientTape(debug=True) as tape:
        np.where([True, True, False, True], np.sqrt(x), 0.0)  # taken by what drops it
        np.sum(x)
    assert tape.find_nonfinite() is None
    with GradientTape(debug=True) as tape:
        y = np.sin(x)
        int(np.argmax(y))
    assert tape.find_nonfinite() is None


def test_a_nan_from_outside_is_told_from_one_that_was_made():
    x = Tensor([1.0, np.nan])
    with GradientTape(debug=True) as tape:
        tape.watch(x)
        y = x * 2.0
        y = np.sin(y)
    found = tape.find_nonfinite()
    assert (found.operation, found.made) == ("numpy.multiply", False)
    assert "numpy.multiply received from outside, and returned, 1 NaN." in repr(found)

    scores = Tensor([1.0, 2.0])
    with GradientTape(debug=True) as tape, np.errstate(all="ignore"):
        tape.watch(scores)
        masked = np.where([False, False], scores, -np.inf)
        masked - np.max(masked)  # infinity less infinity
    found = tape.find_nonfinite()
    assert (found.operation, found.made, found.line) == ("numpy.subtract", True, line_with("# infinity less infinity"))


def test_what_a_selection_drops_is_no_anomaly_backward():
    x = Variable([0.0, 1.0])
    with GradientTape(debug=True) as tape:
        y = np.sum(np.where(x.numpy() > 0, np.sqrt(x), 0.0))
    assert tape.find_nonfinite(y) is None
    with autograd.anomaly_detection():
        with GradientTape() as tape:
            y = np.sum(np.where(x.numpy() > 0, np.sqrt(x), 0.0))
        assert tape.gradient(y, x).numpy().tolist() == [0.0, 0.5]


def test_statistics_of_complex_and_of_empty_values():
    z = Tensor([3.0 + 4.0j, 0.0])
    with GradientTape(debug=True) as tape, np.errstate(all="ignore"):
        tape.watch(z)
        1.0 / z
    found = tape.find_nonfinite()
    assert (found.inputs[-1].min, found.inputs[-1].max, found.inputs[-1].dtype) == (0.0, 5.0, np.complex128)
    empty = autograd.anomalies.Statistics.of("x", np.zeros((0, 3)))
    assert (empty.shape, empty.nan, empty.zero) == ((0, 3), 0, 0)
    assert np.isnan(empty.mean)


# ---------------------------------------------------------------------------------------------------- anomalies
def test_an_anomaly_is_raised_there_and_then():
    after = []

    def program():
        x = Tensor([1.0, 0.0])
        with GradientTape() as tape:
            tape.watch(x)
            np.log(x)  # the anomaly
            after.append(1)

    with (
        autograd.anomaly_detection(),
        pytest.raises(AnomalyError, match=r"forward: numpy\.log made 1 infinity") as caught,
    ):
        program()
    assert not after
    assert caught.value.finding.line == line_with("# the anomaly")
    assert isinstance(caught.value, FloatingPointError)
    assert isinstance(caught.value, AutogradError)
    assert not autograd.recording.active_recorders()


@pytest.mark.parametrize(
    "call",
    [
        lambda: Tensor([1.0]) / 0.0,
        lambda: 1.0 / Tensor([0.0]),
        lambda: anp.log(Tensor(0.0)),
        lambda: np.log(Tensor([[0.0]])),
        lambda: Tensor([1e300]) ** 2,
        lambda: np.exp(Variable(1e4)),
        lambda: np.linalg.inv(Tensor([[1e-320]])),
        lambda: grad(lambda x: np.log(x - 1))(1.0),
        lambda: jacobian(lambda x: 1 / x)(np.zeros(2)),
        lambda: np.exp(Tensor([1.0], dtype=np.float32) * 100),
    ],
)
def test_anomalies_with_and_without_a_tape(call):
    with autograd.anomaly_detection(), pytest.raises(AnomalyError, match=r"made 1 infinity|made 2 infinities"):
        call()


def test_an_anomaly_in_a_sweep_names_the_line_of_the_operation():
    def program(x):
        y = np.sqrt(x * 1.0)  # its rule is infinite
        return np.sum(y)

    with (
        autograd.anomaly_detection(),
        pytest.raises(AnomalyError, match=r"backward: the derivative rule of numpy\.sqrt") as caught,
    ):
        grad(program)(np.zeros(2))
    assert caught.value.finding.line == line_with("# its rule is infinite")
    assert caught.value.finding.inputs[0].name == "cotangent of the output"
    with autograd.anomaly_detection(), pytest.raises(AnomalyError, match=r"rule of spoils made 2 NaN"):
        grad(lambda x: np.sum(spoils(x)))(np.ones(2))
    with autograd.anomaly_detection(), pytest.raises(AnomalyError, match="rule of spoils"):
        grad(lambda x: np.sum(x * grad(lambda y: np.sum(spoils(y) ** 2))(x)))(np.ones(2))

    x = Variable([0.0])
    with GradientTape() as tape:
        y = np.sqrt(x)
    with (
        autograd.anomaly_detection(),
        pytest.raises(AnomalyError, match=r"called outside of the block, so its line is not known\."),
    ):
        tape.gradient(y, x)


def test_detection_changes_nothing_else():
    x = np.array([0.5, 1.5])

    def program(x):
        y = x * 2.0
        y[0] = y[1]
        return np.sum(np.exp(y) * checkpoint(np.sin)(y)) + stop_recording_of(y)

    def stop_recording_of(y):
        with stop_recording():
            return np.sum(y)

    plain = grad(program)(x), grad(lambda x: np.sum(grad(program)(x) ** 2))(x), jacobian(np.sin)(x)
    with autograd.anomaly_detection():
        watched = grad(program)(x), grad(lambda x: np.sum(grad(program)(x) ** 2))(x), jacobian(np.sin)(x)
        assert float(np.sum(Tensor(x))) == 2.0
        assert np.asarray(Tensor(x) * 2).tolist() == [1.0, 3.0]
        assert np.round(Tensor(x), decimals=0).tolist() == [0.0, 2.0]
        assert check_gradients(np.sin, x).ok
        variable = Variable(x, trainable=False)
        with GradientTape() as tape:
            y = variable * Tensor(x)
        assert not tape.records
        assert y.tolist() == (x * x).tolist()
        with GradientTape() as tape:
            tape.watch(variable)
            y = variable * variable
        assert isinstance(tape.gradient(y, variable), Tensor)
        assert not tape.records
    for a, b in zip(plain, watched, strict=True):
        assert type(a) is type(b) is np.ndarray
        np.testing.assert_array_equal(a, b)


def test_what_was_not_finite_before_is_no_anomaly():
    with autograd.anomaly_detection():
        x = Tensor([1.0, np.inf])
        np.exp(-x)
        np.maximum(x, 2.0) * 3.0
        with pytest.raises(AnomalyError, match=r"numpy\.subtract made 1 NaN"):
            x - x


# ---------------------------------------------------------------------------------------------------- time and memory
def test_a_profile_has_a_row_for_each_operation_and_line():
    x = Variable(np.ones((100, 100)))
    with GradientTape(debug=True) as tape:
        y = x
        for _ in range(5):
            y = np.tanh(y)  # five times
        loss = np.sum(y.T)
    profile = tape.profile(loss)
    rows = {row.operation: row for row in profile.rows}
    assert set(rows) == {"numpy.tanh", "numpy.transpose", "numpy.sum"}
    assert (rows["numpy.tanh"].calls, rows["numpy.tanh"].line) == (5, line_with("# five times"))
    assert (rows["numpy.tanh"].forward_bytes, rows["numpy.tanh"].backward_bytes) == (400_000, 400_000)
    assert (rows["numpy.transpose"].forward_bytes, rows["numpy.transpose"].backward_bytes) == (0, 0)
    assert all(row.forward > 0 and row.backward > 0 for row in profile.rows)
    assert profile.forward == pytest.approx(sum(row.forward for row in profile.rows))
    times = [row.forward + row.backward for row in profile.rows]
    assert times == sorted(times, reverse=True)
    text = repr(profile)
    assert text.startswith("<Profile of 7 operations: ")
    assert re.search(r"5 +400 kB +400 kB +numpy.tanh +.*test_diagnose.py:\d+: y = np.tanh\(y\)", text)
    assert "<td" in profile._repr_html_()
    assert tape.gradient(loss, x).shape == (100, 100)


def test_a_profile_of_many_operations_is_cut():
    x = Variable(1.0)
    source = "\n".join(f"x = x + {i}.0" for i in range(40))
    with GradientTape(debug=True) as tape:
        exec(compile(source, "<many>", "exec"), {"x": x})
    assert len(tape.profile().rows) == 40
    assert repr(tape.profile()).endswith("... and 10 more in .rows")


def test_memory_counts_what_is_held_once():
    x = Variable(np.ones(1000))
    with GradientTape() as tape:
        y = np.exp(x)  # keeps its output
        z = y * y  # the same array
        loss = np.sum(z)
    memory = tape.memory(loss)
    assert memory.held == 8000
    (row,) = memory.rows
    assert row[:1] + row[2:] == ("numpy.exp", 1, 8000)
    # At the multiplication: the array of exp, the cotangent that comes in, and the one that goes out.
    assert memory.peak == 24_000
    assert repr(memory).startswith("<Memory of a tape: 8 kB held, 24 kB at the peak of a backward sweep>\n")
    assert "numpy.exp" in memory._repr_html_()
    tape.gradient(loss, x)
    assert (tape.memory().held, tape.memory().peak) == (0, 0)


def test_memory_of_a_debug_tape_has_lines_and_of_a_persistent_one_is_not_given_back():
    tape, _, _ = a_tape(debug=True)
    assert all(__file__ in row.line for row in tape.memory().rows)

    def peak(persistent):
        x = Variable(np.ones(1000))
        with GradientTape(persistent=persistent) as tape:
            y = x
            for _ in range(3):
                y = np.exp(y)
        return tape.memory(y).peak

    assert (peak(False), peak(True)) == (40_000, 40_000)


def test_memory_of_lists_and_several_outputs():
    x = Variable(np.ones((4, 4)))
    with GradientTape() as tape:
        a, b = np.split(x, 2)
        y = np.concatenate([a, b * b, a])
        values, vectors = np.linalg.eigh(y[:4])
    assert tape.memory().held > 0
    assert tape.memory(values).peak >= tape.memory().held
    assert vectors.shape == (4, 4)
