"""Where to look at each derivative: one table, with calls of every function that has a rule.

A check draws arguments from it and compares derivatives with differences. A sample says how to draw arguments at which
the derivative exists: away from kinks, but right on the points that are special and smooth (a zero in a product, ``x **
2`` at 0).

Examples
--------
>>> import numpy as np
>>> args, kwargs = SAMPLES[np.log][0].make(np.random.default_rng(0), "float32")
>>> args[0].dtype
dtype('float32')

A package with operations of its own makes a table like this one::

    SAMPLES = {softmax: [sample(normal(3, 4)), sample(normal(5), axis=0)], relu: [sample(away(), dtypes=REAL)]}
"""

from __future__ import annotations

from typing import Any

from autograd.samples import (
    constant,
    contract,
    decompose,
    elementwise,
    fft,
    functional,
    index,
    join,
    linalg,
    polynomial,
    reduce,
    sets,
    shape,
    signal,
    statistics,
)
from autograd.samples.draw import ALL, REAL, Draw, Sample, away, between, normal, positive, sample, values

_FAMILIES = (
    elementwise,
    reduce,
    shape,
    join,
    index,
    contract,
    linalg,
    decompose,
    polynomial,
    constant,
    fft,
    signal,
    statistics,
    sets,
    functional,
)
SAMPLES: dict[Any, list[Sample]] = {}
for _table in _FAMILIES:
    SAMPLES |= _table.SAMPLES

__all__ = ["ALL", "REAL", "SAMPLES", "Draw", "Sample", "away", "between", "normal", "positive", "sample", "values"]
