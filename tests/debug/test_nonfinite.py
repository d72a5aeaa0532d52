"""`tape.find_nonfinite` and `anomaly_detection`: the first operation that makes a NaN or an infinity."""

import numpy as np
import pytest
from debugging import line_with, spoils

import autograd
from autograd import GradientTape, Tensor, Variable, check_gradients, checkpoint, grad, jacobian, stop_recording
from autograd import numpy as anp
from autograd.core.recorder import active_recorders
from autograd.debug.nonfinite import Statistics
from autograd.errors import AnomalyError, AutogradError


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
        line_with(__file__, "# where it begins"),
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
            line_with(__file__, "# infinite slope"),
            True,
        )
        assert [each.name for each in found.inputs] == ["cotangent of the output", "argument 0"]
        assert found.inputs[0].mean == 3.0
        assert found.output.inf == 1
        assert "backward: the derivative rule of numpy.sqrt made 1 infinity." in repr(found)
    assert tape.find_nonfinite(other) is None
    assert tape.find_nonfinite().line == line_with(__file__, "# infinite slope")  # the last operation has no part in it


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
        line_with(__file__, "# an end that nobody summed"),
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
    assert (found.operation, found.made, found.line) == (
        "numpy.subtract",
        True,
        line_with(__file__, "# infinity less infinity"),
    )


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
    empty = Statistics.of("x", np.zeros((0, 3)))
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
    assert caught.value.finding.line == line_with(__file__, "# the anomaly")
    assert isinstance(caught.value, FloatingPointError)
    assert isinstance(caught.value, AutogradError)
    assert not active_recorders()


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
    assert caught.value.finding.line == line_with(__file__, "# its rule is infinite")
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
