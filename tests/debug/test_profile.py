"""`tape.profile`: time and new memory of each operation."""

import re

import numpy as np
import pytest
from debugging import line_with

from autograd import GradientTape, Variable


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
    assert (rows["numpy.tanh"].calls, rows["numpy.tanh"].line) == (5, line_with(__file__, "# five times"))
    assert (rows["numpy.tanh"].forward_bytes, rows["numpy.tanh"].backward_bytes) == (400_000, 400_000)
    assert (rows["numpy.transpose"].forward_bytes, rows["numpy.transpose"].backward_bytes) == (0, 0)
    assert all(row.forward > 0 and row.backward > 0 for row in profile.rows)
    assert profile.forward == pytest.approx(sum(row.forward for row in profile.rows))
    times = [row.forward + row.backward for row in profile.rows]
    assert times == sorted(times, reverse=True)
    text = repr(profile)
    assert text.startswith("<Profile of 7 operations: ")
    assert re.search(r"5 +400 kB +400 kB +numpy.tanh +.*test_profile.py:\d+: y = np.tanh\(y\)", text)
    assert "<td" in profile._repr_html_()
    assert tape.gradient(loss, x).shape == (100, 100)


def test_a_profile_of_many_operations_is_cut():
    x = Variable(1.0)
    source = "\n".join(f"x = x + {i}.0" for i in range(40))
    with GradientTape(debug=True) as tape:
        exec(compile(source, "<many>", "exec"), {"x": x})
    assert len(tape.profile().rows) == 40
    assert repr(tape.profile()).endswith("... and 10 more in .rows")
