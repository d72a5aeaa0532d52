"""The modules that programs may import: their paths stay, and pages import no others."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PUBLIC = [
    "autograd",
    "autograd.numpy",
    "autograd.numpy.fft",
    "autograd.numpy.linalg",
    "autograd.numpy.random",
    "autograd.scipy",
    "autograd.scipy.integrate",
    "autograd.scipy.linalg",
    "autograd.scipy.signal",
    "autograd.scipy.sparse",
    "autograd.scipy.special",
    "autograd.scipy.stats",
    "autograd.scipy.samples",
    "autograd.extend",
    "autograd.effects",
    "autograd.errors",
    "autograd.samples",
    "autograd.builtins",
    "autograd.tracer",
    "autograd.differential_operators",
    "autograd.util",
    "autograd.wrap_util",
    "autograd.numpy.numpy_boxes",
    "autograd.numpy.numpy_vjps",
    "autograd.test_util",
    "autograd.misc",
    "autograd.misc.flatten",
    "autograd.misc.optimizers",
    "autograd.misc.fixed_points",
    "autograd.core",
    "autograd.tensor",
    "autograd.variable",
    "nn",
    "nn.activations",
    "nn.callbacks",
    "nn.config",
    "nn.datasets",
    "nn.errors",
    "nn.initializers",
    "nn.layers",
    "nn.losses",
    "nn.metrics",
    "nn.models",
    "nn.ops",
    "nn.optimizers",
    "nn.plots",
    "nn.random",
    "nn.regularizers",
    "nn.layer",
    "nn.model",
    "nn.optimizer",
    "nn.layers.core",
]
# Named to say where something stands, and no promise.
EXPLAINED = {"autograd.registry.entries"}


@pytest.mark.parametrize("name", PUBLIC)
def test_public_modules_import(name):
    if name.startswith("autograd.scipy"):
        pytest.importorskip("scipy")
    importlib.import_module(name)


def test_modules_that_pages_import_are_public():
    found = set()
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = page.read_text(encoding="utf-8")
        found |= set(re.findall(r"^(?:>>> )?(?:import|from) ((?:autograd|nn)(?:\.\w+)*)", text, re.MULTILINE))
    assert len(found) > 5
    assert sorted(found - set(PUBLIC) - EXPLAINED) == []
