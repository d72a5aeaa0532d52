"""Scopes that are left in another order than they were entered, in generators and tasks, take off their own entry."""

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import GradientTape, Tensor, grad, jvp, stop_recording
from autograd.extend import untraced
from tests.helpers.interrupts import left_behind


def test_a_block_without_recording_that_outlives_its_tape_restores_nothing():
    def paused():
        with stop_recording():
            yield

    x = Tensor([1.0, 2.0])
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        pause = paused()
        next(pause)
    pause.close()
    assert left_behind() == set()
    y = x * x
    with pytest.raises(autograd.errors.TapeError):
        tape.gradient(y, x)


def test_a_tape_that_ends_inside_a_block_without_recording_leaves_the_others():
    x = Tensor([1.0, 2.0])
    with GradientTape() as outer:
        outer.watch(x)
        with contextlib.ExitStack() as first, contextlib.ExitStack() as second:
            inner = first.enter_context(GradientTape())
            second.enter_context(stop_recording())
            first.close()  # the inner tape, before the block inside it
            hidden = x * 3.0
            second.close()
            y = x * x + 0.0 * hidden
    assert outer.gradient(y, x).tolist() == [2.0, 4.0]
    assert len(inner.records) == 0
    assert left_behind() == set()


def test_a_task_that_outlives_its_tape_records_nothing_on_it():
    x = Tensor([1.0, 2.0])

    async def main():
        async def later(ended):
            with stop_recording():
                await ended.wait()
            return x * x

        ended = asyncio.Event()
        with GradientTape(persistent=True) as tape:
            tape.watch(x)
            task = asyncio.create_task(later(ended))
            await asyncio.sleep(0)
            y = x * 3.0
        ended.set()
        late = await task
        return tape, y, late

    tape, y, late = asyncio.run(main())
    assert len(tape.records) == 1
    assert tape.gradient(y, x).tolist() == [3.0, 3.0]
    with pytest.raises(autograd.errors.TapeError):
        tape.gradient(late, x)


def test_threads_record_where_they_are_given_the_context():
    x = Tensor([1.0, 2.0])
    with GradientTape() as tape, ThreadPoolExecutor(2) as pool:
        tape.watch(x)
        contexts = [copy_context() for _ in range(3)]
        parts = list(pool.map(lambda context, k: context.run(lambda: x * x * k), contexts, [1.0, 2.0, 3.0]))
        total = parts[0] + parts[1] + parts[2]
    assert tape.gradient(total, x).tolist() == [12.0, 24.0]


def test_looking_at_the_methods_of_a_scope_does_not_end_it():
    x = Tensor(3.0)
    with GradientTape() as tape:
        assert callable(tape.__exit__)
        assert hasattr(tape, "__enter__")
        tape.watch(x)
        y = x * x
    assert tape.gradient(y, x).item() == 6.0
    tape = GradientTape().__enter__()
    tape.watch(x)
    y = x * x
    tape.__exit__(None, None, None)
    assert tape.gradient(y, x).item() == 6.0
    assert left_behind() == set()


@pytest.mark.parametrize("scope", [stop_recording, untraced, autograd.anomaly_detection])
def test_a_scope_decorates_a_function_as_well(scope):
    @scope()
    def factorial(n):
        return n * factorial(n - 1) if n else 1

    assert factorial(4) == 24
    assert left_behind() == set()


def test_what_is_written_while_nothing_is_recorded_is_a_constant():
    def f(x):
        y = x * x
        row = y[1:]
        with stop_recording():
            y[0] = 7.0
            row[1] = x[0] * 5.0
        return y * 2.0

    x = np.array([1.0, 2.0, 3.0])
    assert f(Tensor(x)).tolist() == [14.0, 8.0, 10.0]
    assert autograd.jacobian(f)(x).tolist() == [[0, 0, 0], [0, 8, 0], [0, 0, 0]]
    assert jvp(f, (x,), (np.ones(3),))[1].tolist() == [0.0, 8.0, 0.0]
    assert grad(lambda x: anp.sum(grad(lambda z: anp.sum(f(z) ** 2))(x)))(x).tolist() == [0.0, 24 * 2.0**2 * 2, 0.0]


def test_an_array_of_numpy_that_cannot_hold_a_derivative_says_what_can():
    def f(x):
        b = np.zeros(2)
        b[0] = x[0]
        return anp.sum(b)

    x = np.ones(2)
    for differentiate in (
        grad(f),
        autograd.jacobian(f),
        lambda x: jvp(f, (x,), (x,)),
        lambda x: autograd.vmap(f)(x[None]),
        lambda x: autograd.compile(grad(f))(x),
    ):
        with pytest.raises(ValueError, match="setting an array element") as caught:
            differentiate(x)
        assert "autograd.numpy.zeros" in "".join(caught.value.__notes__)


def test_a_scope_that_is_open_is_not_entered_again_and_stays_open():
    x = Tensor([1.0, 2.0])
    paused = stop_recording()
    with GradientTape() as tape:
        tape.watch(x)
        with pytest.raises(autograd.errors.TapeError, match="recording already"), tape:
            pass
        with paused:
            with pytest.raises(autograd.errors.TapeError, match="open already"), paused:
                pass
            hidden = x * 5.0
        with paused:  # one block after another
            hidden = hidden * 5.0
        y = x * x + 0.0 * hidden
    assert tape.gradient(y, x).tolist() == [2.0, 4.0]
    assert left_behind() == set()


def test_the_note_on_arrays_of_numpy_is_added_once():
    def f(x):
        b = np.zeros(2)
        b[0] = x[0]
        return anp.sum(b)

    with pytest.raises(ValueError, match="setting an array element") as caught:
        autograd.hessian(f)(np.ones(2))
    assert len(caught.value.__notes__) == 1
