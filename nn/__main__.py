"""The command line: ``tapegrad``, or ``python -m nn``."""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd import GradientReport, check_gradients, samples
from autograd.files import replacing
from nn import datasets, layers, optimizers, plots
from nn.errors import StateError
from nn.models import Sequential
from nn.ops import samples as nn_samples
from nn.random import set_random_seed

_INTERRUPTED = 130  # the exit code of a process that Ctrl-C ended
_OPTIMIZERS = {
    "adagrad": optimizers.Adagrad,
    "adam": optimizers.Adam,
    "rmsprop": optimizers.RMSprop,
    "sgd": optimizers.SGD,
}


class _Dataset(NamedTuple):
    """A dataset to train on, with defaults that suit it."""

    load: Callable[[], datasets.Split]
    black: int
    hidden: tuple[int, ...]
    epochs: int
    batch_size: int


_DATASETS = {
    "digits": _Dataset(datasets.load_digits, 16, hidden=(128,), epochs=20, batch_size=16),
    "mnist": _Dataset(datasets.load_mnist, 255, hidden=(512,), epochs=5, batch_size=128),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after the command; those of this process if not given.

    Returns
    -------
    int
        The exit code: 0, 1 where the command failed, 130 where it was interrupted. Wrong arguments end in
        ``SystemExit(2)``.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except OSError as error:  # a dataset that cannot be had among others
        return _failed(str(error))
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m nn" if Path(sys.argv[0]) == Path(__file__) else "tapegrad",
        description="Train a network on handwritten digits, or check every derivative rule of the engine.",
    )
    commands = parser.add_subparsers(title="commands", metavar="command", required=True)

    _add_train(commands)
    _add_check(commands)
    return parser


def _add_train(commands: Any) -> None:
    """Describe the command train."""
    train = commands.add_parser(
        "train",
        help="train a classifier of handwritten digits, and draw what it learnt",
        description="Train a network of dense layers on handwritten digits. Shows the model, the progress and the "
        "accuracy on the test "
        "images, and writes learning curves and a sheet of test digits as PNG. Ctrl-C ends the training early, and "
        "keeps what was learnt.",
    )
    train.set_defaults(run=_train, refuse=train.error)
    train.add_argument(
        "--dataset",
        choices=sorted(_DATASETS),
        default="digits",
        help="what to learn: digits (8 x 8, ships with the package; the default) "
        "or mnist (28 x 28, downloaded once, 12 MB)",
    )
    train.add_argument(
        "--epochs", type=_positive(int), metavar="N", help="passes over the training images (default: 20; mnist: 5)"
    )
    train.add_argument(
        "--batch-size", type=_positive(int), metavar="N", help="images in a step (default: 16; mnist: 128)"
    )
    train.add_argument(
        "--optimizer",
        choices=sorted(_OPTIMIZERS),
        default="rmsprop",
        help="how a gradient becomes a step (default: rmsprop)",
    )
    train.add_argument(
        "--learning-rate", type=_positive(float), metavar="RATE", help="size of a step (default: the optimizer's own)"
    )
    train.add_argument(
        "--hidden",
        type=_sizes,
        metavar="N[,N...]",
        help="units of each hidden layer, as in 512,256 (default: 128; mnist: 512)",
    )
    train.add_argument(
        "--seed", type=_seed, default=0, metavar="N", help="the same seed repeats a run bit for bit (default: 0)"
    )
    train.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for the pictures (default: runs/DATASET-DATE-TIME)"
    )


def _add_check(commands: Any) -> None:
    """Describe the command check."""
    check = commands.add_parser(
        "check",
        help="check the derivative of every operation",
        description="Compare the derivative rule of every operation, those of networks included, with numerical "
        "derivatives, in each precision "
        "in both modes of differentiation, and for the derivatives of its derivatives too. SciPy's functions are among "
        "them if SciPy is "
        "installed. Prints a table; the exit code is 1 if a rule is wrong.",
    )
    check.set_defaults(run=_check, refuse=check.error)
    check.add_argument(
        "names", nargs="*", metavar="NAME", help="operations whose name holds this, as in sum or linalg (default: all)"
    )
    check.add_argument("--list", action="store_true", help="print the names of the operations, and check nothing")
    check.add_argument(
        "--order", type=_positive(int), default=2, metavar="N", help="highest order of derivatives (default: 2)"
    )
    check.add_argument(
        "--seed", type=_seed, default=0, metavar="N", help="draws other arguments and directions (default: 0)"
    )


def _positive(kind: type[int] | type[float]) -> Callable[[str], Any]:
    """Make a reader of positive, finite numbers of the given kind."""

    def read(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            value = kind(0)
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(
                f"must be a positive {'whole ' if kind is int else ''}number, received {text!r}"
            )
        return value

    return read


def _sizes(text: str) -> tuple[int, ...]:
    """Read the units of the hidden layers."""
    try:
        return tuple(_positive(int)(part) for part in text.split(","))
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"must be positive whole numbers with commas between them, as in 512,256; received {text!r}"
        ) from None


def _seed(text: str) -> int:
    """Read a seed."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) < 2**32):
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 to {2**32 - 1}, received {text!r}")
    return int(text)


def _train(options: argparse.Namespace) -> int:
    """Train a classifier, test it, draw it. An interrupt ends the training alone; the test and pictures follow."""
    dataset = _DATASETS[options.dataset]
    if options.out:
        _make_folder(
            options.out, options
        )  # that it is of no use should show at once, and not after a download or the training
    (x_train, y_train), (x_test, y_test) = dataset.load()
    out = options.out or Path("runs") / time.strftime(f"{options.dataset}-%Y%m%d-%H%M%S")
    _make_folder(out, options)
    height, width = x_train.shape[1:]
    print(
        f"{options.dataset}: {len(x_train):,} training images and {len(x_test):,} test images of {height} x {width} "
        f"pixels\n"
    )

    set_random_seed(options.seed)
    sizes = (height * width, *(options.hidden or dataset.hidden), 10)
    model = _network(sizes)
    optimizer = _OPTIMIZERS[options.optimizer]
    rate = {} if options.learning_rate is None else {"learning_rate": options.learning_rate}
    model.compile(optimizer(**rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.summary()
    print()

    inputs, test_inputs = (x.reshape(len(x), -1).astype(np.float32) / dataset.black for x in (x_train, x_test))
    epochs, batch_size = options.epochs or dataset.epochs, options.batch_size or dataset.batch_size
    code = 0
    try:
        model.fit(inputs, y_train, batch_size=batch_size, epochs=epochs, validation_data=(test_inputs, y_test))
    except KeyboardInterrupt:
        done = 0 if model.history is None else len(model.history.epoch)
        print(f"\nInterrupted after {done} of {epochs} epochs. The weights learnt so far are kept.")
        code = _INTERRUPTED
    predicted = model.predict(test_inputs).argmax(axis=1)
    correct = int(np.count_nonzero(predicted == y_test))
    print(f"\nTest accuracy: {correct / len(y_test):.4f} ({correct:,} of {len(y_test):,} images read correctly)")

    with replacing(out / "weights.npz") as file:
        np.savez(file, *model.get_weights())
    written = ["weights.npz"]
    title = f"{options.dataset}, {'-'.join(map(str, sizes))}, {options.optimizer}"
    try:
        sheet = plots.digit_sheet(x_test, y_test, predicted, f"Test digits of {title}")
        plots.save_figure(sheet, out / "digits.png")
        written.insert(0, "digits.png")
        if model.history is not None and model.history.epoch:
            curves = plots.learning_curves(model.history.history, title)
            plots.save_figure(curves, out / "learning_curves.png")
            written.insert(0, "learning_curves.png")
    except StateError as error:
        print(error)
    print(f"Written to {out}: {', '.join(written)}")
    return code


def _make_folder(folder: Path, options: argparse.Namespace) -> None:
    """Make a folder and try to write into it; where that fails, the argument ``--out`` is wrong."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except FileExistsError:
        options.refuse(f"argument --out: {folder} is a file. Name a folder.")
    except OSError as error:
        options.refuse(f"argument --out: nothing can be written to {folder} ({error.strerror}). Choose another folder.")


def _network(sizes: Sequence[int]) -> Sequential:
    """Make dense layers between the given numbers of units, the last of which are the probabilities of classes."""
    inputs, *hidden, classes = sizes
    dense = [layers.Dense(units, activation="relu") for units in hidden]
    return Sequential([layers.Input((inputs,)), *dense, layers.Dense(classes, activation="softmax")])


def _check(options: argparse.Namespace) -> int:
    """Check every rule in the tables of samples, and print a line for each operation."""
    table = {_name(fn): (fn, found) for fn, found in _samples().items()}
    unknown = [part for part in options.names if not any(part in name for name in table)]
    if unknown:
        options.refuse(
            f"no operation has a name that holds {' or '.join(map(repr, unknown))}. To list the names there are, use "
            f"check --list."
        )
    table = {
        name: row
        for name, row in sorted(table.items())
        if not options.names or any(part in name for part in options.names)
    }
    if options.list:
        print(*table, sep="\n")
        return 0
    width = max(map(len, [*table, "operation"]))
    print(f"{'operation':<{width}}  calls  derivatives  largest difference  verdict")
    begun, wrong, calls = time.perf_counter(), [], 0
    for name, (fn, found) in table.items():
        reports = list(_reports(fn, found, options))
        verdict = _verdict(reports)
        calls += len(reports)
        compared, largest = sum(report.compared for report in reports), max(report.largest for report in reports)
        print(f"{name:<{width}}  {len(reports):5}  {compared:11}  {largest:18.1e}  {verdict}", flush=True)
        if verdict == "WRONG":
            wrong.append(name)
            print(
                *(f"    {line}" for report in reports if _is_wrong(report) for line in repr(report).splitlines()),
                sep="\n",
            )
    seconds = time.perf_counter() - begun
    print(f"\n{len(table)} operations, {calls:,} calls, derivatives to order {options.order}, {seconds:.1f} s.")
    print(f"WRONG: {', '.join(wrong)}." if wrong else "All agree with numerical derivatives.")
    return 1 if wrong else 0


def _samples() -> dict[Any, list[samples.Sample]]:
    """Return all tables of samples; that of SciPy's functions if SciPy is installed."""
    table = {**samples.SAMPLES, **nn_samples.SAMPLES}
    if importlib.util.find_spec("scipy"):
        from autograd.scipy.samples import (
            SAMPLES,
        )  # here, because SciPy is optional, and takes longer to import than all the rest

        table |= SAMPLES
    return table


def _reports(
    fn: Callable[..., Any], found: Sequence[samples.Sample], options: argparse.Namespace
) -> Iterator[GradientReport]:
    """Check one drawn call of each kind in each precision."""
    for sample in found:
        for dtype in sample.dtypes:
            f, xs = sample.problem(fn, np.random.default_rng(options.seed), dtype)
            if xs:
                # Narrow arguments are compared in double precision where the function follows, and that was done above.
                # So it is enough to check here that the function keeps the precision, and agrees in it.
                narrow = np.finfo(dtype).bits < 64 and np.result_type(dtype, np.float64).name in sample.dtypes
                yield check_gradients(f, *xs, order=options.order, seed=options.seed, directions=1 if narrow else 4)


def _is_wrong(report: GradientReport) -> bool:
    """Whether a rule was found wrong, rather than a point where numerical derivatives are of no use."""
    return any(finding.kind in ("wrong", "broken") for finding in report.findings)


def _verdict(reports: Sequence[GradientReport]) -> str:
    """Sum up the checks of one operation."""
    if any(map(_is_wrong, reports)) or not any(report.ok for report in reports):
        return "WRONG"
    unclear = sum(not report.ok for report in reports)
    return f"ok ({unclear} too rough for differences)" if unclear else "ok"


def _name(fn: Callable[..., Any]) -> str:
    """Return the name of an operation with that of its package: numpy.add, nn.ops.relu. (A ufunc does not say where it
    comes from.)
    """
    home = getattr(fn, "__module__", None) or ("numpy" if getattr(np, fn.__name__, None) is fn else "scipy.special")
    owner = getattr(getattr(fn, "__self__", None), "name", "")  # a distribution
    return ".".join([*(part for part in [*home.split("."), owner] if part and not part.startswith("_")), fn.__name__])


def _failed(message: str) -> int:
    """Say on standard error why the command ends here."""
    print(f"tapegrad: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
