"""Data and weights that the programs in tests/nn/programs share: the same for every library."""

import importlib.util

import numpy as np


def program(path):
    """Return the module of a program. Its ``run(keras)`` takes `nn` or Keras and returns numbers."""
    spec = importlib.util.spec_from_file_location(f"program_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fill(model, seed=0):
    """Assign weights drawn by NumPy."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(scale=0.3, size=w.shape).astype("float32") for w in model.get_weights()])


def numbers(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def plain(nest):
    """Return arrays and numbers as lists and floats, which JSON can hold."""
    if isinstance(nest, dict):
        return {key: plain(each) for key, each in nest.items()}
    if isinstance(nest, (list, tuple)):
        return [plain(each) for each in nest]
    return nest if isinstance(nest, (str, int, bool)) else np.asarray(nest, "float64").tolist()
