"""Ask the world for values, and act on it, in a way that a compiled program can repeat.

Without `autograd.compile` these do at once what they are given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.core.recorder import stop_recording
from autograd.core.tensor import Tensor, new_tensor
from autograd.core.tracing import active_tracer, listeners, report_error, untraced


def tracing() -> bool:
    """Say whether a program is being written of what runs (see `autograd.compile`).

    For a function that has two ways to do the same: one that is quicker on arrays, and one made of operations on
    tensors, which a program needs.

    Returns
    -------
    bool

    Examples
    --------
    >>> tracing(), float(autograd.compile(lambda x: x * tracing())(np.ones(())))
    (False, 1.0)
    """
    return active_tracer() is not None


def recording_is_stopped() -> bool:
    """Say whether a block of `autograd.stop_recording` is open. For one who notes calls, to run them later.

    Returns
    -------
    bool

    Examples
    --------
    >>> with autograd.stop_recording():
    ...     recording_is_stopped()
    True
    """
    scope = listeners()[2]
    while scope is not None:
        if isinstance(scope, stop_recording):
            return True
        scope = scope._before[2]
    return False


def ask(fn: Callable[[], Any]) -> Tensor:
    """Return as a tensor what a function returns, without a derivative. A compiled program calls the function again
    at each run.

    Parameters
    ----------
    fn : callable
        Takes no arguments, and returns an array or a number, each time of the same shape and dtype: a random draw, a
        learning rate that follows a schedule, the reading of a sensor.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> rate = ask(lambda: np.float32(0.1))
    >>> rate.dtype
    dtype('float32')
    """

    def array() -> np.ndarray[Any, Any]:
        found = np.asarray(fn())
        return found if found.base is None else found.copy()

    tracer = active_tracer()
    try:
        with untraced():
            tensor = new_tensor(array() if tracer is None else np.asarray(tracer.drawn(array)))
    except Exception as error:
        report_error(fn, error)
        raise
    if tracer is not None:
        tracer.draw(array, tensor._value)
    return tensor


def at_end(fn: Callable[[], Any]) -> None:
    """Call a function. A compiled program calls it again at the end of each run.

    Parameters
    ----------
    fn : callable
        Takes no arguments: counts a step, tells somebody.

    Examples
    --------
    >>> calls = autograd.Variable(0.0)
    >>> @autograd.compile
    ... def counted(x):
    ...     at_end(lambda: calls.assign_add(1.0))
    ...     return 2.0 * x
    >>> [counted(np.float64(i)).item() for i in range(3)], calls.item()
    ([0.0, 2.0, 4.0], 3.0)
    """
    tracer = active_tracer()
    if tracer is None or not tracer.dry:
        with untraced():
            fn()
    if tracer is not None:
        tracer.after.append(fn)
