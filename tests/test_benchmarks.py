"""The workloads compute what NumPy written by hand computes, which computes the derivative; the command line works. Nothing is timed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks import forward, peers, run
from benchmarks.__main__ import main
from benchmarks.frameworks import by_hand, tapegrad_eager, tapegrad_model
from benchmarks.problems import WORKLOADS, Problem, difference


def _result(module: Any, workload: str, problem: Problem, steps: int) -> dict[str, Any]:
    case = getattr(module, workload)(problem)
    for _ in range(steps):
        case.step()
    return {name: np.array(value) for name, value in case.result().items()}


@pytest.mark.parametrize(
    ("module", "workload"),
    [(module, workload) for module in (tapegrad_eager, tapegrad_model) for workload in WORKLOADS if hasattr(module, workload)],
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
    assert "unknown workload 'nothing': choose from chain, tiny, mnist, import" in capsys.readouterr().err


def test_a_peer_that_is_not_there_is_left_out_with_advice(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(peers, "PYTHON", tmp_path / "python")
    lines: list[str] = []
    frameworks = [peers.Framework("torch", "PyTorch, eager", "torch_eager", "torch", peer=True)]
    assert list(run.started(frameworks, 1, lines.append)) == []
    assert lines == ["  PyTorch, eager       left out: not installed: python -m benchmarks install"]


def test_the_program_prints_a_table_and_writes_only_what_it_is_told_to(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    out = tmp_path / "table.txt"
    assert main(["chain", "--frameworks", "numpy", "--rounds", "1", "--seconds", "0.01", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "NumPy by hand" in printed
    assert "1.00 .. 1.00" in printed
    assert out.read_text() == printed
