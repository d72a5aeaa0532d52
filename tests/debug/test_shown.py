"""How tensors, tapes and reports show themselves in a notebook."""

import numpy as np
import pytest

from autograd import GradientTape, Tensor, Variable, check_gradients
from autograd.arrays.show import in_bytes, in_seconds
from autograd.registry.define import defvjp, operation


@operation
def wrong_sine(x):
    return np.sin(x)


defvjp(wrong_sine, lambda g, _, x: -g * np.cos(x))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (3.0, ["Tensor, shape (), float64", ">3.<"]),
        ([1.5, 2.0], ["shape (2,)", ">1.5<", ">2<"]),
        (np.ones((2, 3)), ["shape (2, 3)", ">1<"]),
        (np.arange(100.0), [">0<", ">4<", ">...<", ">95<", ">99<"]),
        (np.ones((30, 40)), ["shape (30, 40)", ">...<"]),
        (np.ones((2, 2, 2)), ["shape (2, 2, 2)", "[[[1., 1.]"]),
        (np.zeros((0, 3)), ["shape (0, 3)"]),
        ([True, False], ["bool", ">1<"]),
        ([1 + 2j], ["complex128", ">1+2j<"]),
    ],
)
def test_a_tensor_shows_itself(value, says):
    shown = Tensor(value)._repr_html_()
    for each in says:
        assert each in shown
    assert shown.count("<tr>") == shown.count("</tr>") <= 11
    assert shown.startswith("<div>")
    assert shown.endswith("</div>")


def test_a_tracked_tensor_and_a_variable_show_themselves():
    v = Variable([1.0], name="<w>")
    with GradientTape() as tape:
        tape.watch(v)
        assert ">1<" in v._repr_html_()
        assert "Variable '&lt;w&gt;', shape (1,), float64" in v._repr_html_()


def test_tapes_and_reports_show_themselves():
    x = Variable([0.5, 1.0, 2.0])
    with GradientTape() as tape:
        y = np.exp(x)
        np.sum(y * y)
    shown = tape._repr_html_()
    assert "&lt;GradientTape: 3 operations, 4 values tracked, stopped&gt;" in shown
    assert ">24 B<" in shown
    good = check_gradients(np.sin, 1.0)._repr_html_()
    assert "&lt;GradientReport of sin: ok; " in good
    assert "<table>" not in good
    bad = check_gradients(lambda x: wrong_sine(x) < 0 or wrong_sine(x), 1.0)._repr_html_()
    assert ">wrong<" in bad
    assert ">wrong_sine<" in bad
    assert "wrong_sine(x) &lt; 0" in bad
    x = Variable([0.0])
    with GradientTape(debug=True) as tape:
        np.sqrt(x)
    assert "<th" in tape.find_nonfinite()._repr_html_()


@pytest.mark.parametrize(
    ("count", "says"),
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (400_000, "400 kB"), (2.5e9, "2.5 GB"), (4e12, "4000 GB")],
)
def test_bytes_in_words(count, says):
    assert in_bytes(count) == says


@pytest.mark.parametrize(
    ("duration", "says"), [(2.5e-7, "0.25 us"), (1.25e-5, "12.5 us"), (0.25, "250 ms"), (12.0, "12 s")]
)
def test_durations_in_words(duration, says):
    assert in_seconds(duration) == says
