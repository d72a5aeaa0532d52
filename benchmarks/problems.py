"""The workloads: what is computed, on which numbers. How, is for each framework to say.

Adding one takes an entry in `WORKLOADS` and a function of its name in each module of `benchmarks.frameworks` that can do it,
`by_hand` first of all, since every result is compared with that one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

Arrays = dict[str, np.ndarray[Any, Any]]


@dataclass(frozen=True)
class Problem:
    """The numbers of a workload.

    Attributes
    ----------
    data : dict of str to array
        What stays: inputs and targets. A framework may convert it before the clock runs, and must not change it.
    weights : dict of str to array
        What a training step changes, in the order of the layers. A framework takes copies.
    learning_rate : float
        Of a training step.
    length : int
        How often something is repeated.
    rho, epsilon : float
        Of RMSprop: ``v = rho v + (1 - rho) g^2; w = w - learning_rate g / sqrt(v + epsilon)``.
    epsilon_under_root : bool
        False for frameworks whose own optimizer divides by ``sqrt(v) + epsilon``, so that they are compared with what they compute.
    """

    data: Arrays
    weights: Arrays = field(default_factory=dict)
    learning_rate: float = 0.0
    length: int = 0
    rho: float = 0.9
    epsilon: float = 1e-7
    epsilon_under_root: bool = True


class Case(NamedTuple):
    """A workload as one framework does it.

    Attributes
    ----------
    step : callable
        What is timed. It returns when the work is done, also where a framework works in the background.
    result : callable
        After a step: the arrays to compare, by name.
    """

    step: Callable[[], Any]
    result: Callable[[], dict[str, Any]]


class Workload(NamedTuple):
    """What there is to know about a workload beside its numbers.

    Attributes
    ----------
    title : str
    make : callable
        Returns the problem, the same each time.
    goal : float
        How many times NumPy written by hand tapegrad may take.
    check_rate : float
        The learning rate while results are compared, large enough to change the weights. While the clock runs it is 1e-9: a network
        that has learnt its batch by heart has denormal gradients, on which processors are slow.
    check_steps : int
        After how many steps results are compared.
    tolerance : float
        How far a result may be off, as the norm of the difference over the norm of what is compared (for weights: of their change).
    """

    title: str
    make: Callable[[], Problem]
    goal: float
    check_rate: float
    check_steps: int
    tolerance: float


TIMED_RATE = 1e-9


def chain() -> Problem:
    """Return a vector of 10 numbers, and a chain of 300 elementary operations."""
    return Problem({"x": np.linspace(-1.0, 1.0, 10)}, length=100)


def tiny() -> Problem:
    """Return 16 samples of 8 numbers, and a network of 449 weights, in float64."""
    random = np.random.default_rng(1)
    data = {"x": random.normal(size=(16, 8)), "y": random.normal(size=(16, 1))}
    return Problem(data, _dense(random, [8, 16, 16, 1], np.float64))


def mnist() -> Problem:
    """Return noise in the form of 128 handwritten digits, and the network of 407,050 weights that reads them, in float32."""
    random = np.random.default_rng(2)
    data: Arrays = {"x": random.random((128, 784), dtype=np.float32), "y": random.integers(0, 10, 128)}
    return Problem(data, _dense(random, [784, 512, 10], np.float32))


def _dense(random: np.random.Generator, sizes: list[int], dtype: Any) -> Arrays:
    """Return kernels and biases ``W1, b1, W2, b2 ...`` of dense layers."""
    weights: Arrays = {}
    for i, (n, m) in enumerate(itertools.pairwise(sizes), start=1):
        limit = math.sqrt(6 / (n + m))
        weights[f"W{i}"] = random.uniform(-limit, limit, (n, m)).astype(dtype)
        weights[f"b{i}"] = np.zeros(m, dtype)
    return weights


WORKLOADS = {
    "chain": Workload("100 x sin(x) * 1.01 + 0.1 on 10 float64, gradient of the sum", chain, 3.5, 0.0, 1, 1e-12),
    "tiny": Workload("one SGD step of 8-16-16-1, tanh, mean squared error, 16 samples, float64", tiny, 3.0, 0.1, 3, 1e-10),
    "mnist": Workload("one RMSprop step of 784-512-10, relu, softmax, 128 samples, float32", mnist, 1.15, 1e-3, 3, 2e-3),
}


def difference(problem: Problem, expected: dict[str, Any], received: dict[str, Any]) -> tuple[float, str]:
    """Return how far a result is off at most, relative to its norm, and the name of the array that it is.

    Weights are compared by how they changed, since a step changes them little.
    """
    if expected.keys() != received.keys():
        raise ValueError(f"a result of {', '.join(expected)} is needed: received {', '.join(received)}.")
    worst = (-1.0, "")
    for name, want in expected.items():
        start = np.asarray(problem.weights.get(name, 0.0), np.float64)
        want, got = np.asarray(want, np.float64), np.asarray(received[name], np.float64)
        if got.shape != want.shape:
            raise ValueError(f"{name}: a result of shape {want.shape} is needed: received {got.shape}.")
        off = float(np.linalg.norm(got - want) / np.linalg.norm(want - start))
        worst = max(worst, (off if math.isfinite(off) else math.inf, name))
    return worst
