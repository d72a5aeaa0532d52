"""Runs loops over blocks, on one or several threads."""

from __future__ import annotations

import contextvars
import functools
import importlib
import importlib.util
import itertools
import os
from collections.abc import Callable, Sequence
from typing import Any

from autograd.errors import OperandError
from autograd.program.codegen.lifetimes import aligned


class _Workers:
    """The threads that share loops with the caller, started when they are first needed."""

    def __init__(self) -> None:
        self.count = 1
        self.pool: Any = None

    def started(self) -> Any:
        if self.pool is None:
            from concurrent.futures import ThreadPoolExecutor  # here, because it would slow the import of the package

            self.pool = ThreadPoolExecutor(self.count - 1, thread_name_prefix="autograd")
        return self.pool


_WORKERS = _Workers()
# The least blocks for each thread: with fewer, waiting for each other costs more than a second thread gains.
_LEAST_BLOCKS = 6


def set_threads(count: int | None = None) -> None:
    """Set how many threads compiled programs and the matrix products of NumPy use.

    Parameters
    ----------
    count : int, optional
        Of both: a program does either loops over blocks or a matrix product at a time, so that they do not compete. All
        cores, unless given.

    Raises
    ------
    OperandError
        If the number is not a positive integer.

    Notes
    -----
    Until it is called, loops run on one thread, and matrix products on as many as NumPy's BLAS library chooses. That is
    told by threadpoolctl where it is installed (``pip install tapegrad[threads]``), and otherwise when NumPy is loaded:
    set ``OMP_NUM_THREADS`` before.

    Examples
    --------
    >>> set_threads(1)
    """
    count = os.cpu_count() or 1 if count is None else count
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise OperandError(f"the number of threads is a positive integer: received {count!r}.")
    if importlib.util.find_spec("threadpoolctl") is not None:
        importlib.import_module("threadpoolctl").threadpool_limits(count, user_api="blas")
    if count != _WORKERS.count:
        if _WORKERS.pool is not None:
            _WORKERS.pool.shutdown()
        _WORKERS.count, _WORKERS.pool = count, None


def get_threads() -> int:
    """Return how many threads the loops of compiled programs use.

    Returns
    -------
    int

    Examples
    --------
    >>> get_threads()
    1
    """
    return _WORKERS.count


def in_blocks(body: Callable[..., None], length: int, rows: int, scratch: Sequence[Any], args: tuple[Any, ...]) -> None:
    """Run a loop over blocks.

    Parameters
    ----------
    body : callable
        ``body(k, start, stop, *scratch, *args)`` computes the block with the number ``k``.
    length, rows : int
        The length of the first axis, and of a block.
    scratch : sequence of array
        The arrays that a block computes in, with at least ``rows`` along the first axis.
    args : tuple
    """
    blocks = -(-length // rows)
    helpers = min(_WORKERS.count, blocks // _LEAST_BLOCKS) - 1
    if helpers < 1:
        in_blocks_alone(body, length, rows, scratch, args)
        return
    bounds = [blocks * i // (helpers + 1) for i in range(helpers + 2)]
    pool = _WORKERS.started()
    # Each thread has its own scratch arrays, and treats floating-point errors as the caller does.
    running = []
    for first, last in itertools.pairwise(bounds[1:]):
        work = functools.partial(
            _some_blocks, body, length, rows, [aligned(each.shape, each.dtype) for each in scratch], args, first, last
        )
        running.append(pool.submit(contextvars.copy_context().run, work))
    try:
        _some_blocks(body, length, rows, scratch, args, *bounds[:2])
    finally:
        for each in running:
            each.result()


def in_blocks_alone(
    body: Callable[..., None], length: int, rows: int, scratch: Sequence[Any], args: tuple[Any, ...]
) -> None:
    """Run a loop over blocks on this thread."""
    _some_blocks(body, length, rows, scratch, args, 0, -(-length // rows))


def _some_blocks(
    body: Callable[..., None],
    length: int,
    rows: int,
    scratch: Sequence[Any],
    args: tuple[Any, ...],
    first: int,
    last: int,
) -> None:
    for k in range(first, last):
        start = k * rows
        stop = start + rows
        if stop > length:
            stop = length
            scratch = [each[: stop - start] for each in scratch]
        body(k, start, stop, *scratch, *args)
