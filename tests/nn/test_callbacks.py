"""Callbacks, early stopping, the history and its curves, and the lines that training prints."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import nn
from nn import optimizers
from nn.callbacks import Callback, EarlyStopping, History, LambdaCallback
from nn.errors import ArgumentError, StateError

RNG = np.random.default_rng(4)
X = RNG.normal(size=(50, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]]) + 0.3
LABELS = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)


def regression(**compile_arguments):
    model = nn.Sequential([nn.Input((3,)), nn.Dense(1)])
    model.compile(**{"optimizer": optimizers.SGD(0.1), "loss": "mse", **compile_arguments})
    return model


# --------------------------------------------------------------------------------------------------- callbacks
class Diary(Callback):
    def __init__(self):
        self.entries = []

    def on_train_begin(self, logs=None):
        self.entries.append("train")
        assert self.params == {"epochs": 2, "steps": 2, "verbose": 0, "validation": True}
        assert self.model is not None

    def on_epoch_begin(self, epoch, logs=None):
        self.entries.append(f"epoch {epoch}")

    def on_train_batch_end(self, batch, logs=None):
        self.entries.append(f"batch {batch} {sorted(logs)}")

    def on_test_begin(self, logs=None):
        self.entries.append("test")

    def on_epoch_end(self, epoch, logs=None):
        self.entries.append(sorted(logs))

    def on_train_end(self, logs=None):
        self.entries.append(sorted(logs))


def test_callbacks_are_called_in_order():
    diary = Diary()
    regression(metrics=["mae"]).fit(X, Y, batch_size=25, epochs=2, validation_data=(X, Y), callbacks=diary, verbose=0)
    values = ["loss", "mae", "val_loss", "val_mae"]
    epoch = ["batch 0 ['loss', 'mae']", "batch 1 ['loss', 'mae']", "test", values]
    assert diary.entries == ["train", "epoch 0", *epoch, "epoch 1", *epoch, values]


def test_lambda_callback():
    seen = []
    regression().fit(
        X, Y, epochs=2, verbose=0, callbacks=[LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))]
    )
    assert seen == [0, 1]
    with pytest.raises(ArgumentError, match=r"there is no hook named 'on_epoch'. Those there are: on_train_begin"):
        LambdaCallback(on_epoch=print)


def stopped(values, **arguments):
    """Run early stopping on made-up values; return how many epochs ran, the callback and the weights of the model."""
    model = regression()
    given = iter(values)
    force = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(score=next(given)))
    mark = LambdaCallback(on_epoch_begin=lambda epoch, logs=None: model.set_weights([np.full((3, 1), epoch), [0]]))
    stop = EarlyStopping("score", **arguments)
    model.compile(optimizers.SGD(0.0), "mse")
    history = model.fit(X, Y, epochs=len(values), verbose=0, callbacks=[force, mark, stop])
    return len(history.epoch), stop, model.get_weights()[0][0, 0]


def test_early_stopping():
    assert stopped([3, 2, 2.5, 1, 1])[0] == 3
    assert stopped([3, 2, 2.5, 1, 1, 1, 1], patience=2)[0] == 6
    assert stopped([1, 2, 3, 3, 4], mode="max", min_delta=0.5)[0] == 4
    ran, stop, weight = stopped([3, 1, 2, 2, 2], patience=2, restore_best_weights=True)
    assert (ran, stop.stopped_epoch, stop.best_epoch, weight) == (4, 3, 1, 1)
    assert stopped([3, 2, 1], restore_best_weights=True)[2] == 2
    assert stopped([3, 2, 1, 1], baseline=0.5, patience=2)[0] == 2
    assert stopped([3, 4, 5, 2, 3], start_from_epoch=3)[0] == 5
    with pytest.raises(
        ArgumentError, match=r"EarlyStopping watches 'val_loss', and there is no such value. Those there are: loss"
    ):
        regression().fit(X, Y, verbose=0, callbacks=[EarlyStopping()])


def test_early_stopping_skips_epochs_without_validation():
    def run(values, **arguments):
        model = regression(optimizer=optimizers.SGD(0.0))
        given = iter(values)
        stop = EarlyStopping("val_loss", restore_best_weights=True, **arguments.pop("stop", {}))
        force = LambdaCallback(
            on_epoch_end=lambda epoch, logs: logs.update(val_loss=next(given)) if "val_loss" in logs else None
        )
        return model.fit(X, Y, epochs=10, validation_split=0.2, verbose=0, callbacks=[force, stop], **arguments), stop

    history, stop = run([3, 2, 2.5, 1, 1], validation_freq=2)
    assert (len(history.epoch), stop.stopped_epoch, stop.best_epoch) == (6, 5, 3)
    history, stop = run([3, 4, 2, 3, 3], validation_freq=2, stop={"patience": 2})
    assert (len(history.epoch), stop.best_epoch) == (10, 5)
    history, stop = run([3, 4], validation_freq=[3, 5])
    assert (len(history.epoch), stop.stopped_epoch, stop.best_epoch) == (5, 4, 2)
    with pytest.raises(
        ArgumentError,
        match=r"watches 'val_los', and there is no such value. .*: loss, val_loss\. Did you mean 'val_loss'\?$",
    ):
        regression().fit(
            X, Y, epochs=4, validation_split=0.2, validation_freq=2, verbose=0, callbacks=EarlyStopping("val_los")
        )


# --------------------------------------------------------------------------------------------------- history
def test_history_plots(tmp_path):
    pytest.importorskip("matplotlib")
    model = nn.Sequential([nn.Input((3,)), nn.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(X, LABELS, epochs=2, validation_split=0.2, verbose=0)
    figure = history.plot(tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes()[:4] == b"\x89PNG"
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["loss", "accuracy"]
    np.testing.assert_array_equal(figure.axes[1].lines[1].get_ydata(), history.history["val_accuracy"])
    assert model.history is history
    with pytest.raises(StateError, match=r"nothing to plot"):
        History().plot()


def test_history_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    history = regression().fit(X, Y, verbose=0)
    with pytest.raises(
        StateError, match=r"plotting needs matplotlib, which is not installed: pip install 'tapegrad\[plot\]'"
    ):
        history.plot()


# --------------------------------------------------------------------------------------------------- progress
def test_a_log_file_gets_one_line_an_epoch(capsys):
    regression().fit(X, Y, epochs=2, validation_data=(X, Y))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("Epoch 2/2: 2 batches in 0.")
    assert ", loss: " in lines[1]
    assert ", val_loss: " in lines[1]
    regression().evaluate(X, Y)
    assert capsys.readouterr().out.startswith("Evaluation: 2 batches in")
    model = regression()
    model.fit(X, Y, verbose=0)
    model.predict(X)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_a_terminal_gets_a_bar(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    regression().fit(X, Y, epochs=2)
    out = capsys.readouterr().out
    assert "Epoch 1/2: 100%" in out
    assert "2/2 [" in out
    assert "loss: " in out
