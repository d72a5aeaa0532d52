"""`tape.memory`: the arrays that a tape keeps alive, and the peak of a backward sweep."""

import numpy as np
from debugging import a_tape

from autograd import GradientTape, Variable


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


def test_memory_of_a_debug_tape_has_lines_and_a_persistent_one_keeps_its_records():
    tape, _, _ = a_tape(debug=True)
    assert all(a_tape.__code__.co_filename in row.line for row in tape.memory().rows)

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
