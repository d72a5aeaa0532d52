"""The workloads compute what NumPy written by hand computes, which computes the derivative; the command line works.
Nothing is timed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks import against, forward, peers, run
from benchmarks.__main__ import main
from benchmarks.frameworks import by_hand, tapegrad_compiled, tapegrad_eager, tapegrad_model
from benchmarks.problems import BETA_1, BETA_2, GAMMA, WORKLOADS, M, Problem, difference, gmm

MODULES = [tapegrad_eager, tapegrad_model, tapegrad_compiled]


def _result(module: Any, workload: str, problem: Problem, steps: int) -> dict[str, Any]:
    case = getattr(module, workload)(problem)
    for _ in range(steps):
        case.step()
    return {name: np.array(value) for name, value in case.result().items()}


@pytest.mark.parametrize(
    ("module", "workload"),
    [(module, workload) for module in MODULES for workload in WORKLOADS if hasattr(module, workload)],
    ids=lambda each: each if isinstance(each, str) else each.__name__.rpartition(".")[2],
)
def test_tapegrad_computes_what_is_written_by_hand(module: Any, workload: str) -> None:
    about = WORKLOADS[workload]
    problem = replace(about.make(), learning_rate=about.check_rate)
    off, name = difference(
        problem,
        _result(by_hand, workload, problem, about.check_steps),
        _result(module, workload, problem, about.check_steps),
    )
    assert off <= about.tolerance, name


def _loss_of(workload: str, problem: Problem, weights: dict[str, np.ndarray[Any, Any]]) -> float:
    """Return the loss of other weights, in float64: the first step computes it before it changes them."""
    data = {name: value.astype(float) if value.dtype.kind == "f" else value for name, value in problem.data.items()}
    x, y = data["x"], data["y"]
    h = x @ weights["W1"] + weights["b1"]
    if workload == "tiny":
        h = np.tanh(np.tanh(h) @ weights["W2"] + weights["b2"])
        return float(np.mean((h @ weights["W3"] + weights["b3"] - y) ** 2))
    z = np.maximum(h, 0) @ weights["W2"] + weights["b2"]
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]))


@pytest.mark.parametrize("workload", ["tiny", "mnist"])
def test_what_is_written_by_hand_steps_along_the_gradient(workload: str) -> None:
    problem = replace(WORKLOADS[workload].make(), learning_rate=1e-3, epsilon=1e-3)
    stepped = _result(by_hand, workload, problem, 1)
    weights = {name: value.astype(float) for name, value in problem.weights.items()}
    assert stepped["loss"] == pytest.approx(_loss_of(workload, problem, weights), rel=1e-5)
    for name in problem.weights:
        change = (stepped[name].astype(float) - weights[name]) / -problem.learning_rate
        if workload == "mnist":  # change = g / sqrt(0.1 g^2 + epsilon), solved for g
            change = change * np.sqrt(problem.epsilon / (1 - (1 - problem.rho) * change**2))
        direction = np.random.default_rng(0).normal(size=change.shape)
        up, down = ({**weights, name: weights[name] + side * 1e-6 * direction} for side in (1, -1))
        slope = (_loss_of(workload, problem, up) - _loss_of(workload, problem, down)) / 2e-6
        assert np.vdot(change, direction) == pytest.approx(slope, rel=1e-2), name


def test_chain_by_hand_is_the_derivative() -> None:
    problem = replace(WORKLOADS["chain"].make(), length=3)
    z: Any = problem.data["x"] + 1e-30j
    for _ in range(3):
        z = np.sin(z) * 1.01 + 0.1
    np.testing.assert_allclose(_result(by_hand, "chain", problem, 1)["gradient"], z.imag / 1e-30, rtol=1e-12)


def test_elem_by_hand_is_the_derivative() -> None:
    z: Any = WORKLOADS["elem"].make().data["x"][:1000] + 1e-30j
    y = np.tanh(z) * np.exp(-(z**2)) + np.log1p(z**2)
    found = _result(by_hand, "elem", Problem({"x": z.real.copy()}), 1)["gradient"]
    np.testing.assert_allclose(found, y.imag / 1e-30, rtol=1e-12, atol=1e-13)


def test_hvp_by_hand_is_the_derivative_of_the_slope() -> None:
    problem = WORKLOADS["hvp"].make()
    x, y, w, v = problem.data.values()
    u = np.random.default_rng(0).normal(size=100)

    def slope(w: Any) -> float:  # of the loss, in the direction u
        return float(np.mean(np.log1p(np.exp(-y * (x @ (w + 1e-30j * u))))).imag / 1e-30)

    expected = (slope(w + 1e-5 * v) - slope(w - 1e-5 * v)) / 2e-5
    assert np.vdot(_result(by_hand, "hvp", problem, 1)["product"], u) == pytest.approx(expected, rel=1e-7)


def test_adam_by_hand_is_the_algorithm_of_its_paper() -> None:
    problem = replace(WORKLOADS["adam"].make(), learning_rate=1e-2)
    w, g = problem.weights["w"].astype(float), problem.data["g"].astype(float)
    m = v = np.zeros_like(w)
    for t in (1, 2, 3):
        m, v = BETA_1 * m + (1 - BETA_1) * g, BETA_2 * v + (1 - BETA_2) * g**2
        w = w - problem.learning_rate * (m / (1 - BETA_1**t)) / (np.sqrt(v / (1 - BETA_2**t)) + problem.epsilon)
    off, _ = difference(problem, {"w": w}, _result(by_hand, "adam", problem, 3))
    assert 0 < off < 1e-5


def _likelihood(alphas: Any, means: Any, factors: Any, x: Any) -> Any:
    """Return the logarithm of what ADBench defines, Gaussian by Gaussian, but for a constant; of complex numbers as
    well.
    """
    d, terms, prior = x.shape[1], [], 0.0
    for alpha, mean, row in zip(alphas, means, factors, strict=True):
        q, rest = row[:d], iter(row[d:])
        root = np.diag(np.exp(q))
        for j in range(d):
            for i in range(j + 1, d):
                root[i, j] = next(rest)
        terms.append(alpha + q.sum() - 0.5 * (((x - mean) @ root.T) ** 2).sum(axis=1))
        prior = prior + 0.5 * GAMMA**2 * (root**2).sum() - M * q.sum()
    return np.log(np.exp(terms).sum(axis=0)).sum() - len(x) * np.log(np.exp(alphas).sum()) + prior


def test_gmm_by_hand_is_the_derivative() -> None:
    problem = gmm(d=3, k=4, n=7)
    *parameters, x, _ = problem.data.values()
    random = np.random.default_rng(0)
    for i, gradient in enumerate(_result(by_hand, "gmm", problem, 1).values()):
        direction = random.normal(size=gradient.shape)
        moved = [value + 1e-30j * direction if i == j else value + 0j for j, value in enumerate(parameters)]
        assert np.vdot(gradient, direction) == pytest.approx(_likelihood(*moved, x).imag / 1e-30, rel=1e-10)


def test_goals_are_compared_with_the_quickest_rival_that_took_part() -> None:
    seconds = {"numpy": 4.0, "tapegrad": 4.2, "compiled": 3.0, "jax": 2.0, "tf": 3.5}
    times = {key: run.Times([each, 2 * each], [1.0, 1.0]) for key, each in seconds.items()}
    lines = {line.strip().partition("  ")[0]: line for line in run._table("mnist", times, 1)}
    assert lines["tapegrad, compiled"].endswith("  1 x NumPy by hand: met with 0.75; 0.95 x JAX, jit: missed with 1.50")
    assert lines["tapegrad"].endswith("  1.15 x NumPy by hand: met with 1.05")
    assert lines["JAX, jit"].endswith("  0.50 .. 0.50")
    elem = {key: times[key] for key in ("numpy", "compiled")}
    for threads, goal in (1, " 0.6 x"), (2, " 0.35 x"):
        (line,) = (line for line in run._table("elem", elem, threads) if "compiled" in line)
        assert line.endswith(f"{goal} NumPy by hand: missed with 0.75")


def test_goals_are_of_frameworks_that_there_are() -> None:
    keys = {framework.key for framework in peers.FRAMEWORKS}
    for workload in WORKLOADS.values():
        for goal in workload.goals:
            assert {goal.framework, *goal.rivals} <= keys


@pytest.mark.parametrize("case", forward.cases().values(), ids=forward.cases().keys())
def test_directions_by_hand(case: forward.Case) -> None:
    for ours, expected in zip(case.ours(), case.by_hand(), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-8, atol=1e-12)


def test_a_result_that_differs_is_seen() -> None:
    problem = WORKLOADS["tiny"].make()
    right = {name: value + 1e-3 for name, value in problem.weights.items()}
    wrong = {**right, "b2": right["b2"] + 1e-5}
    assert difference(problem, right, right)[0] == 0.0
    assert difference(problem, right, wrong) == (pytest.approx(1e-2), "b2")
    assert difference(problem, right, {**right, "W1": right["W1"] * np.nan}) == (np.inf, "W1")
    with pytest.raises(ValueError, match=r"W1: a result of shape \(8, 16\) is needed: received \(16, 8\)"):
        difference(problem, right, {**right, "W1": right["W1"].T})
    with pytest.raises(ValueError, match=r"a result of W1, b1, W2, b2, W3, b3 is needed: received W1"):
        difference(problem, right, {"W1": right["W1"]})


def test_an_unknown_workload_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["nothing"])
    assert exit_.value.code == 2
    assert (
        "unknown workload 'nothing': choose from chain, tiny, mnist, elem, hvp, adam, gmm, import"
        in capsys.readouterr().err
    )


def test_a_peer_that_is_not_there_is_left_out_with_advice(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(peers, "PYTHON", tmp_path / "python")
    lines: list[str] = []
    frameworks = [peers.Framework("torch", "PyTorch, eager", "torch_eager", "torch", peer=True)]
    assert list(run.started(frameworks, 1, lines.append)) == []
    assert lines == ["  PyTorch, eager       left out: not installed: python -m benchmarks install"]


def test_the_program_prints_a_table_and_writes_only_what_it_is_told_to(
    capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    out = tmp_path / "table.txt"
    assert main(["chain", "--frameworks", "numpy", "--rounds", "1", "--seconds", "0.01", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "NumPy by hand" in printed
    assert "1.00 .. 1.00" in printed
    assert out.read_text() == printed


def test_against_compares_with_another_checkout(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    turns = ["--frameworks", "tapegrad", "--rounds", "2", "--seconds", "0.01"]
    assert against.main([str(peers.ROOT), "tiny", *turns]) == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.startswith("time here over time there")
    assert line.startswith("tiny, tapegrad ")
    assert 0.05 < float(line.split()[2]) < 20
    with pytest.raises(SystemExit):
        against.main([str(tmp_path)])
    assert "is no checkout of tapegrad" in capsys.readouterr().err
    here, there = against.pair(against.OURS["tapegrad"], tmp_path)
    assert peers.environment(there, 1)["PYTHONPATH"].startswith(str(tmp_path))
    assert not peers.environment(here, 1)["PYTHONPATH"].startswith(str(tmp_path))
