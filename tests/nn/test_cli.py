"""The command line: what it prints, what it writes, and how it ends."""

import errno
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd import extend, samples
from nn.__main__ import main
from nn.plots import digit_sheet, learning_curves

ROOT = Path(__file__).parents[2]
PNG = b"\x89PNG\r\n\x1a\n"
QUICK = ["train", "--epochs", "2", "--hidden", "8"]


@pytest.mark.parametrize("command", [[], ["train"], ["check"]], ids=["tapegrad", "train", "check"])
def test_help(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"usage: {' '.join(['tapegrad', *command])} [-h]")
    assert max(map(len, printed.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: command"),
        (["fly"], "invalid choice: 'fly'"),
        (["train", "--dataset", "letters"], "argument --dataset: invalid choice: 'letters'"),
        (["train", "--epochs", "0"], "argument --epochs: must be a positive whole number, received '0'"),
        (["train", "--epochs", "2.5"], "argument --epochs: must be a positive whole number, received '2.5'"),
        (["train", "--batch-size", "-1"], "argument --batch-size: must be a positive whole number, received '-1'"),
        (["train", "--optimizer", "lbfgs"], "argument --optimizer: invalid choice: 'lbfgs'"),
        (["train", "--learning-rate", "fast"], "argument --learning-rate: must be a positive number, received 'fast'"),
        (["train", "--learning-rate", "nan"], "argument --learning-rate: must be a positive number, received 'nan'"),
        (["train", "--learning-rate", "inf"], "argument --learning-rate: must be a positive number, received 'inf'"),
        (
            ["train", "--hidden", "8,,8"],
            "must be positive whole numbers with commas between them, as in 512,256; received '8,,8'",
        ),
        (
            ["train", "--hidden", "8,0"],
            "must be positive whole numbers with commas between them, as in 512,256; received '8,0'",
        ),
        (["train", "--seed", "-1"], "argument --seed: must be a whole number from 0 to 4294967295, received '-1'"),
        (
            ["train", "--seed", "4294967296"],
            "argument --seed: must be a whole number from 0 to 4294967295, received '4294967296'",
        ),
        (["check", "--order", "0"], "argument --order: must be a positive whole number, received '0'"),
    ],
)
def test_wrong_arguments(arguments, message, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("usage: tapegrad")
    assert message in " ".join(printed.err.split())


def test_wrong_arguments_as_a_process():
    done = subprocess.run(
        [sys.executable, "-m", "nn", "train", "--epochs", "x"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.startswith("usage: python -m nn train [-h]")
    assert "Traceback" not in done.stderr


def test_train_as_a_newcomer_does(tmp_path):
    """The default command, in a folder of its own: at least 0.96 on held-out digits, in under 20 seconds."""
    begun = time.perf_counter()
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from nn.__main__ import main; sys.exit(main(['train']))"
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert time.perf_counter() - begun < 20
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("digits: 1,442 training images and 355 test images of 8 x 8 pixels\n\nModel: ")
    assert "Total params: 9,610 " in done.stdout
    assert re.search(r"Epoch 20/20: .*val_accuracy: 0\.\d+", done.stdout)
    accuracy, correct = re.search(
        r"Test accuracy: (0\.\d{4}) \((\d+) of 355 images read correctly\)", done.stdout
    ).groups()
    assert float(accuracy) >= 0.96
    assert round(int(correct) / 355, 4) == float(accuracy)
    (folder,) = (tmp_path / "runs").iterdir()
    assert re.fullmatch(r"digits-\d{8}-\d{6}", folder.name)
    written = re.search(r"Written to (.*): (.*)", done.stdout)
    assert Path(written[1]) == Path("runs") / folder.name
    assert sorted(written[2].split(", ")) == sorted(path.name for path in folder.iterdir())
    assert sorted(path.name for path in folder.iterdir()) == ["digits.png", "learning_curves.png", "weights.npz"]
    for name in ("digits.png", "learning_curves.png"):
        assert (folder / name).read_bytes().startswith(PNG)


def test_options_of_train(tmp_path, capsys):
    options = [
        "--optimizer",
        "sgd",
        "--learning-rate",
        "0.1",
        "--hidden",
        "7,5",
        "--batch-size",
        "100",
        "--epochs",
        "1",
    ]
    assert main(["train", *options, "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "Epoch 1/1: 15 batches" in printed
    with np.load(tmp_path / "weights.npz") as weights:
        assert [weight.shape for weight in weights.values()] == [(64, 7), (7,), (7, 5), (5,), (5, 10), (10,)]


def test_the_weights_are_those_that_were_tested(tmp_path, capsys):
    assert main([*QUICK, "--out", str(tmp_path)]) == 0
    correct = int(re.search(r"\((\d+) of 355", capsys.readouterr().out)[1])
    with np.load(tmp_path / "weights.npz") as weights:
        W1, b1, W2, b2 = weights.values()
    _, (x, y) = nn.datasets.load_digits()
    logits = np.maximum(x.reshape(-1, 64).astype(np.float32) / 16 @ W1 + b1, 0) @ W2 + b2
    assert np.count_nonzero(logits.argmax(1) == y) == correct


def test_a_seed_repeats_a_run(tmp_path):
    def weights(seed):
        assert main([*QUICK, "--seed", seed, "--out", str(tmp_path)]) == 0
        with np.load(tmp_path / "weights.npz") as found:
            return [weight.copy() for weight in found.values()]

    first, again, other = weights("1"), weights("1"), weights("2")
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_without_matplotlib(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main([*QUICK, "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "plotting needs matplotlib, which is not installed: pip install 'tapegrad[plot]'." in printed
    assert "Test accuracy: " in printed
    assert [path.name for path in tmp_path.iterdir()] == ["weights.npz"]


def test_a_dataset_that_is_not_there(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TAPEGRAD_DATA", str(tmp_path))
    assert main(["train", "--dataset", "mnist"]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith(f"tapegrad: {tmp_path / 'train-images-idx3-ubyte.gz'} is missing. ")
    assert printed.out == ""


@pytest.mark.parametrize("dataset", ["digits", "mnist"])
@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("file", r"argument --out: .*file is a file\. Name a folder\."),
        ("file/run", r"argument --out: nothing can be written to .*run \(Not a directory\)\. Choose another folder\."),
        (
            "locked",
            r"argument --out: nothing can be written to .*locked \(Permission denied\)\. Choose another folder\.",
        ),
    ],
)
def test_a_folder_that_is_of_no_use_is_a_wrong_argument(dataset, folder, message, tmp_path, capsys, monkeypatch):
    def temporary_file(dir):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(dir))

    monkeypatch.setenv("TAPEGRAD_DATA", str(tmp_path))  # where no mnist is: the folder is tried before the data
    monkeypatch.setattr("tempfile.TemporaryFile", temporary_file)
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as ended:
        main([*QUICK, "--dataset", dataset, "--out", str(tmp_path / folder)])
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("usage: tapegrad train [-h]")
    assert re.search(message, " ".join(printed.err.split()))


def test_a_folder_that_is_written_to_holds_nothing_else(tmp_path):
    assert main([*QUICK, "--out", str(tmp_path / "a" / "b")]) == 0
    assert sorted(path.name for path in (tmp_path / "a" / "b").iterdir()) == [
        "digits.png",
        "learning_curves.png",
        "weights.npz",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent in another way on Windows")
def test_ctrl_c_keeps_what_was_learnt(tmp_path):
    command = [sys.executable, "-u", "-m", "nn", "train", "--epochs", "1000000", "--out", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if re.match(r"Epoch +5/", line):
                break
        process.send_signal(signal.SIGINT)
        printed, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == ""
    done = int(
        re.search(r"Interrupted after (\d+) of 1000000 epochs\. The weights learnt so far are kept\.", printed)[1]
    )
    assert done >= 5
    assert float(re.search(r"Test accuracy: (\S+)", printed)[1]) > 0.8
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits.png", "learning_curves.png", "weights.npz"]


def test_ctrl_c_before_anything_was_learnt(tmp_path, capsys, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(nn.Sequential, "fit", interrupt)
    assert main([*QUICK, "--out", str(tmp_path)]) == 130
    assert "Interrupted after 0 of 2 epochs." in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits.png", "weights.npz"]
    monkeypatch.setattr(nn.Sequential, "predict", interrupt)
    assert main([*QUICK, "--out", str(tmp_path)]) == 130
    assert capsys.readouterr().err == "\nInterrupted.\n"


# --------------------------------------------------------------------------------------------------- check
def test_check_some(capsys):
    assert main(["check", "arctan", "softplus", "--order", "1"]) == 0
    head, *rows, empty, summary, verdict = capsys.readouterr().out.splitlines()
    assert head.split("  ")[0] == "operation"
    assert [row.split()[0] for row in rows] == ["nn.ops.softplus", "numpy.arctan", "numpy.arctan2", "numpy.arctanh"]
    assert all(row.endswith("  ok") for row in rows)
    assert empty == ""
    assert re.fullmatch(r"4 operations, \d+ calls, derivatives to order 1, \d+\.\d s\.", summary)
    assert verdict == "All agree with numerical derivatives."


def test_check_goes_without_scipy(capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert main(["check", "--list"]) == 0
    assert "scipy" not in capsys.readouterr().out


def test_check_finds_what_is_wrong_in_single_precision_or_forwards_alone(capsys, monkeypatch):
    @extend.operation
    def wrong_if_narrow(x):
        return x * x

    @extend.operation
    def wrong_forwards(x):
        return x * x

    extend.defvjp(wrong_if_narrow, lambda g, _, x: g * x * (2 if np.asarray(x).dtype == np.float64 else 3))
    extend.defvjp(wrong_forwards, lambda g, _, x: g * x * 2)
    extend.defjvp(wrong_forwards, lambda t, _, x: t * x * 3)
    for wrong in (wrong_if_narrow, wrong_forwards):
        monkeypatch.setitem(samples.SAMPLES, wrong, [samples.sample(samples.positive(3), dtypes=samples.REAL)])
        assert main(["check", wrong.__name__]) == 1
        assert "WRONG" in capsys.readouterr().out


def test_check_finds_a_wrong_rule(capsys, monkeypatch):
    @extend.operation
    def wrong_cube(x):
        return x**3

    extend.defvjp(wrong_cube, lambda g, _, x: g * 3.001 * x**2)
    monkeypatch.setitem(samples.SAMPLES, wrong_cube, [samples.sample(samples.positive(3), dtypes=["float64"])])
    assert main(["check", "wrong_cube"]) == 1
    printed = capsys.readouterr().out
    assert re.search(r"wrong_cube .* WRONG\n    <GradientReport of wrong_cube\(x\[3\]\): WRONG; ", printed)
    assert printed.endswith(".wrong_cube.\n")


@pytest.mark.parametrize(
    ("names", "unknown"), [(["flux", "capacitor"], "'flux' or 'capacitor'"), (["sum", "bar"], "'bar'")]
)
def test_check_of_nothing_is_a_wrong_argument(names, unknown, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["check", *names])
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("usage: tapegrad check [-h] [--list]")
    assert printed.err.endswith(
        f"tapegrad check: error: no operation has a name that holds {unknown}. To list the names there are, use check "
        f"--list.\n"
    )


def test_check_lists_the_operations(capsys):
    assert main(["check", "--list"]) == 0
    names = capsys.readouterr().out.splitlines()
    assert names == sorted(names)
    assert {"numpy.add", "nn.ops.relu", "scipy.special.gammaln", "scipy.linalg.expm"} <= set(names)
    assert not any("numpy.gammaln" in name for name in names)
    assert main(["check", "--list", "softplus"]) == 0
    assert capsys.readouterr().out == "nn.ops.softplus\n"


# --------------------------------------------------------------------------------------------------- pictures
def test_the_sheet_shows_misread_digits_first_and_marks_them():
    labels = np.arange(100) % 10
    predicted = labels.copy()
    predicted[[3, 41]] = [8, 7]
    figure = digit_sheet(np.ones((100, 4, 4)), labels, predicted, "Digits", count=12)
    captions = [axes.get_xlabel() for axes in figure.axes]
    assert captions == ["read 8, is 3", "read 7, is 1", *(f"read {d}, is {d}" for d in (0, 1, 2, 4, 5, 6, 7, 8, 9, 0))]
    assert [axes.xaxis.label.get_weight() for axes in figure.axes[:3]] == ["bold", "bold", "normal"]
    assert figure.get_suptitle() == "Digits: 98 of 100 read correctly (98.0%)"
    wrong = digit_sheet(np.ones((100, 4, 4)), labels, (labels + 1) % 10, count=20)
    assert len(wrong.axes) == 20
    half = digit_sheet(np.ones((100, 4, 4)), labels, np.where(np.arange(100) < 50, labels, 10), count=20)
    assert sum(axes.get_xlabel().startswith("read 10") for axes in half.axes) == 10
    assert digit_sheet(np.ones((0, 4, 4)), labels[:0], predicted[:0]).get_suptitle() == "0 of 0 read correctly (0.0%)"


def test_learning_curves_put_held_out_beside_training():
    figure = learning_curves(
        {"loss": [3.0, 2.0, 1.0], "mean_squared_error": [1.0, 1.0, 1.0], "val_loss": [2.5, 1.5]}, "A run"
    )
    assert figure._repr_png_().startswith(b"\x89PNG\r\n")  # in a notebook, also where nobody has imported pyplot
    loss, other = figure.axes
    assert (loss.get_title(loc="left"), other.get_title(loc="left")) == ("loss", "mean squared error")
    np.testing.assert_array_equal(loss.lines[0].get_xydata(), [[1, 3], [2, 2], [3, 1]])
    np.testing.assert_array_equal(loss.lines[1].get_xydata(), [[2, 2.5], [3, 1.5]])
    assert [text.get_text() for text in loss.get_legend().get_texts()] == ["training", "held out"]
    assert (len(other.lines), other.get_legend()) == (1, None)
