"""A function that reads a file, or asks where it runs, is not compiled: the answer may be another one at each call."""

import os

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd.errors import CompileWarning

READERS = {
    "load": (np.load, np.save, "values.npy"),
    "loadtxt": (np.loadtxt, np.savetxt, "values.txt"),
    "genfromtxt": (np.genfromtxt, np.savetxt, "values.txt"),
    "fromfile": (np.fromfile, lambda path, array: array.tofile(path), "values.bin"),
}


@pytest.mark.parametrize("name", READERS)
def test_the_text_of_a_file_is_read_at_each_call(name, tmp_path):
    read, write, file = READERS[name]
    path = tmp_path / file
    compiled = autograd.compile(lambda x: x * anp.sum(read(path)))
    write(path, np.ones(2))
    with pytest.warns(CompileWarning, match=f"reads a file by numpy.{name}"):
        np.testing.assert_array_equal(compiled(np.ones(2)), [2.0, 2.0])
    write(path, np.full(2, 5.0))
    np.testing.assert_array_equal(compiled(np.ones(2)), [10.0, 10.0])


def test_a_loader_by_its_attribute(tmp_path):
    path = tmp_path / "values.npy"
    compiled = autograd.compile(lambda x: x * np.load(path))
    np.save(path, 1.0)
    with pytest.warns(CompileWarning, match="reads a file"):
        compiled(np.ones(()))
    np.save(path, 5.0)
    assert compiled(np.ones(())) == 5.0


def test_the_working_directory_is_asked_for_at_each_call(tmp_path, monkeypatch):
    compiled = autograd.compile(lambda x: x * len(os.getcwd()))
    monkeypatch.chdir(tmp_path)
    with pytest.warns(CompileWarning, match="getcwd"):
        assert compiled(np.ones(())) == len(os.getcwd())
    monkeypatch.chdir("/")
    assert compiled(np.ones(())) == 1.0
