"""Tapes belong to one thread and one task, and survive generators and exceptions."""

import asyncio
import contextlib
import threading

import numpy as np

import autograd.numpy as anp
from autograd import GradientTape, Tensor, Variable, grad


def test_a_tape_records_its_own_thread_only():
    v, x = Variable(2.0), Tensor(3.0)
    results = {}

    def other(k):
        y = v * x  # recorded by nobody
        with GradientTape() as inner:
            z = v**k
        results[k] = (inner.gradient(z, v).item(), len(inner.records), y.item())

    with GradientTape() as tape:
        threads = [threading.Thread(target=other, args=(float(k),)) for k in range(2, 8)]
        for thread in threads:
            thread.start()
        y = v * v
        for thread in threads:
            thread.join()
    assert len(tape.records) == 1
    assert tape.gradient(y, v).item() == 4.0
    assert {k: r[0] for k, r in results.items()} == {float(k): k * 2.0 ** (k - 1) for k in range(2, 8)}


def test_many_threads_at_once():
    v = Variable(np.arange(1.0, 5.0))
    failures = []

    def work(k):
        for _ in range(50):
            with GradientTape() as tape:
                y = anp.sum(anp.sin(v * k) * v)
            expected = k * np.cos(k * v.numpy()) * v.numpy() + np.sin(k * v.numpy())
            if not np.allclose(tape.gradient(y, v).numpy(), expected, rtol=1e-12):
                failures.append(k)

    threads = [threading.Thread(target=work, args=(float(k),)) for k in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_tasks_have_tapes_of_their_own():
    v = Variable(3.0)

    async def task(power, turns):
        with GradientTape() as tape:
            y = v * 1.0
            for _ in range(power - 1):
                await asyncio.sleep(0)
                y = y * v
        await asyncio.sleep(0)
        return len(tape.records), tape.gradient(y, v).item(), turns

    async def both():
        return await asyncio.gather(task(2, 0), task(3, 1), task(5, 2))

    results = asyncio.run(both())
    assert [r[0] for r in results] == [2, 3, 5]
    assert [r[1] for r in results] == [6.0, 27.0, 5 * 81.0]


def test_a_generator_can_leave_its_tape_open_and_close_it_later():
    x = Tensor(2.0)

    def stream():
        with GradientTape() as tape:
            tape.watch(x)
            yield tape
            yield x * x

    first, second = stream(), stream()
    tape_one, tape_two = next(first), next(second)
    next(first)
    y = next(second)
    first.close()
    z = y * x
    second.close()
    x * x  # after both were closed
    assert (len(tape_one.records), len(tape_two.records)) == (2, 3)
    assert tape_two.gradient(z, x).item() == 12.0


def test_an_exception_in_a_nest_of_tapes_leaves_none_active():
    def fail():
        with GradientTape() as outer, GradientTape() as inner:
            tapes.extend([outer, inner])
            raise KeyError

    for _ in range(3):
        tapes = []
        with contextlib.suppress(KeyError):
            fail()
        v = Variable(1.0)
        v * v
        assert all(tape.records == [] for tape in tapes)
    assert grad(lambda x: x * x)(3.0) == 6.0


def test_an_exception_inside_a_differentiated_function():
    def f(x):
        if x > 2.0:
            raise ValueError("too large")
        return x * x

    for value in (3.0, 1.0, 5.0, 2.0):
        try:
            assert grad(f)(value) == 2 * value
        except ValueError:
            assert value > 2.0
