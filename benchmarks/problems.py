"""The workloads: what is computed, on which numbers. How, is for each framework to say.

Adding one takes an entry in `WORKLOADS` and a function of its name in each module of `benchmarks.frameworks` that can
do it, `by_hand` first of all, since every result is compared with that one."""

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
        Inputs and targets, which stay. A framework may convert it before the clock runs, and must not change it.
    weights : dict of str to array
        The arrays that a training step changes, in the order of the layers. A framework takes copies.
    learning_rate : float
        Of a training step.
    length : int
        How often something is repeated.
    rho, epsilon : float
        Of RMSprop: ``v = rho v + (1 - rho) g^2; w = w - learning_rate g / sqrt(v + epsilon)``. Adam adds epsilon to the
        root.
    epsilon_under_root : bool
        False for frameworks whose own optimizer divides by ``sqrt(v) + epsilon``, so that they are compared with what
        they compute.
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
        The function that is timed. It returns when the work is done, also where a framework works in the background.
    result : callable
        After a step: the arrays to compare, by name.
    """

    step: Callable[[], Any]
    result: Callable[[], dict[str, Any]]


class Goal(NamedTuple):
    """How long a framework may take.

    Attributes
    ----------
    framework : str
        The key of the framework, as in `benchmarks.peers`.
    ratio : float
        How many times the time of the quickest rival it may take.
    rivals : tuple of str
        Keys of frameworks.
    threads : int
        How many each may use.
    """

    framework: str
    ratio: float
    rivals: tuple[str, ...] = ("numpy",)
    threads: int = 1


class Workload(NamedTuple):
    """The description of a workload beside its numbers.

    Attributes
    ----------
    title : str
    make : callable
        Returns the problem, the same each time.
    goals : tuple of Goal
    check_rate : float
        The learning rate while results are compared, large enough to change the weights. While the clock runs it is
        1e-9: a network that has learnt its batch by heart has denormal gradients, on which processors are slow.
    check_steps : int
        After how many steps results are compared.
    tolerance : float
        How far a result may be off, as the norm of the difference over the norm of what is compared (for weights: of
        their change).
    """

    title: str
    make: Callable[[], Problem]
    goals: tuple[Goal, ...]
    check_rate: float
    check_steps: int
    tolerance: float


TIMED_RATE = 1e-9
# Of Adam (Kingma and Ba, 2014), and of the Wishart prior in the mixture of Gaussians.
BETA_1, BETA_2 = 0.9, 0.999
GAMMA, M = 1.0, 0


def chain() -> Problem:
    """Return a vector of 10 numbers, and a chain of 300 elementary operations."""
    return Problem({"x": np.linspace(-1.0, 1.0, 10)}, length=100)


def tiny() -> Problem:
    """Return 16 samples of 8 numbers, and a network of 449 weights, in float64."""
    random = np.random.default_rng(1)
    data = {"x": random.normal(size=(16, 8)), "y": random.normal(size=(16, 1))}
    return Problem(data, _dense(random, [8, 16, 16, 1], np.float64))


def mnist() -> Problem:
    """Return noise in the form of 128 handwritten digits, and the network of 407,050 weights that reads them, in
    float32.
    """
    random = np.random.default_rng(2)
    data: Arrays = {"x": random.random((128, 784), dtype=np.float32), "y": random.integers(0, 10, 128)}
    return Problem(data, _dense(random, [784, 512, 10], np.float32))


def elem() -> Problem:
    """Return a million numbers, for a sum of elementary functions of each."""
    return Problem({"x": np.random.default_rng(3).normal(size=1_000_000)})


def hvp() -> Problem:
    """Return 2000 points of 100 numbers with labels -1 and 1, and where the Hessian is wanted, and in which
    direction.
    """
    random = np.random.default_rng(4)
    signs = random.choice([-1.0, 1.0], size=2000)
    return Problem(
        {
            "x": random.normal(size=(2000, 100)),
            "y": signs,
            "w": random.normal(size=100) * 0.1,
            "v": random.normal(size=100),
        }
    )


def adam() -> Problem:
    """Return a million weights and their gradient, in float32.

    The gradient keeps away from zero, near which it matters whether epsilon is added before or after the bias is
    corrected."""
    random = np.random.default_rng(5)
    gradient = random.uniform(0.5, 1.5, 1_000_000) * random.choice([-1.0, 1.0], 1_000_000)
    return Problem(
        {"g": gradient.astype(np.float32)}, {"w": random.normal(size=1_000_000).astype(np.float32) * 0.05}, epsilon=1e-8
    )


def gmm(d: int = 10, k: int = 25, n: int = 1000) -> Problem:
    """Return points, and the parameters of a mixture of Gaussians, as GradBench draws them.

    The inverse covariance of each is ``(L + diag(exp(q)))' (L + diag(exp(q)))``: a row of the factors holds ``q``, and
    the columns of the strictly lower triangle ``L``. The index says where in the row, with a zero at its end, each
    element of ``L`` stands."""
    random = np.random.default_rng(6)
    index = np.full((d, d), d + d * (d - 1) // 2)
    columns, rows = np.triu_indices(d, 1)
    index[rows, columns] = d + np.arange(len(rows))
    data = {
        "alphas": random.normal(size=k),
        "means": random.uniform(size=(k, d)),
        "factors": random.normal(size=(k, d + len(rows))),
    }
    return Problem({**data, "x": random.normal(size=(n, d)), "index": index})


def _dense(random: np.random.Generator, sizes: list[int], dtype: Any) -> Arrays:
    """Return kernels and biases ``W1, b1, W2, b2 ...`` of dense layers."""
    weights: Arrays = {}
    for i, (n, m) in enumerate(itertools.pairwise(sizes), start=1):
        limit = math.sqrt(6 / (n + m))
        weights[f"W{i}"] = random.uniform(-limit, limit, (n, m)).astype(dtype)
        weights[f"b{i}"] = np.zeros(m, dtype)
    return weights


COMPILERS = ("jax", "torch-compile", "tf")
WORKLOADS = {
    "chain": Workload(
        "100 x sin(x) * 1.01 + 0.1 on 10 float64, gradient of the sum",
        chain,
        (Goal("tapegrad", 3.5), Goal("compiled", 0.75), Goal("numba", 1.0, ("jax",))),
        0.0,
        1,
        1e-12,
    ),
    "tiny": Workload(
        "one SGD step of 8-16-16-1, tanh, mean squared error, 16 samples, float64",
        tiny,
        (Goal("tapegrad", 3.0), Goal("compiled", 0.8), Goal("compiled", 0.6, ("jax",))),
        0.1,
        3,
        1e-10,
    ),
    "mnist": Workload(
        "one RMSprop step of 784-512-10, relu, softmax, 128 samples, float32",
        mnist,
        (Goal("tapegrad", 1.15), Goal("compiled", 1.0), Goal("compiled", 0.95, COMPILERS)),
        1e-3,
        3,
        2e-3,
    ),
    "elem": Workload(
        "gradient of sum(tanh(x) exp(-x^2) + log1p(x^2)), 10^6 float64",
        elem,
        (Goal("compiled", 0.6), Goal("compiled", 0.35, threads=2), Goal("numba", 1.0, ("jax",))),
        0.0,
        1,
        1e-12,
    ),
    "hvp": Workload(
        "Hessian-vector product of a logistic regression, 2000 x 100 float64",
        hvp,
        (Goal("compiled", 0.9), Goal("compiled", 0.7, ("jax",))),
        0.0,
        1,
        1e-12,
    ),
    "adam": Workload(
        "one Adam step of 10^6 float32", adam, (Goal("compiled", 0.4), Goal("compiled", 1.2, ("torch",))), 1e-2, 3, 1e-5
    ),
    "gmm": Workload(
        "gradient of the log-likelihood of 25 Gaussians in 10 dimensions, 1000 points, float64 (GradBench)",
        gmm,
        (Goal("compiled", 1.0, ("jax",)), Goal("compiled", 0.5, ("torch",))),
        0.0,
        1,
        1e-10,
    ),
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
